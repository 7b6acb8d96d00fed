//! The numbers of SIMs, from the live states of the modems: for `%P`, and so that no reply goes to one of them.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use bus::{Change, Watch};
use contracts::modem::ModemState;
use contracts::{PhoneNumber, SimId};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// Clones are the same.
#[derive(Debug, Clone, Default)]
pub(crate) struct Numbers {
    known: Arc<RwLock<HashMap<SimId, PhoneNumber>>>,
    /// Whether all that were known when the service started have been told.
    complete: watch::Sender<bool>,
}

impl Numbers {
    /// The number of a SIM, where known.
    pub(crate) fn of(&self, sim: SimId) -> Option<PhoneNumber> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).get(&sim).cloned()
    }

    /// Whether a number is that of one of our SIMs, once all are known that were known before.
    pub(crate) async fn is_ours(&self, number: &PhoneNumber) -> bool {
        // The sender is this object's own, so it is there.
        let _ = self.complete.subscribe().wait_for(|complete| *complete).await;
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.values().any(|own| own.is_same_phone(number))
    }

    /// Knows a number, and that there is no other.
    #[cfg(test)]
    pub(crate) fn know(&self, number: PhoneNumber) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.insert(SimId::derived(number.as_str()), number);
        self.complete.send_replace(true);
    }

    /// Follows the modems' states until `soft` is cancelled. A number stays known when its modem is gone.
    pub(crate) async fn follow(self, mut states: Watch<ModemState>, soft: CancellationToken) {
        let follow = async {
            loop {
                match states.next().await {
                    Change::Put { value: ModemState { sim: Some(sim), .. }, .. } => {
                        if let Some(number) = sim.number {
                            let mut known =
                                self.known.write().unwrap_or_else(PoisonError::into_inner);
                            known.insert(sim.id, number);
                        }
                    }
                    Change::Complete => {
                        self.complete.send_replace(true);
                    }
                    Change::Put { .. } | Change::Deleted { .. } => {}
                }
            }
        };
        soft.run_until_cancelled(follow).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_sim_of_ours_is_known_however_its_number_is_written() {
        let numbers = Numbers::default();
        numbers.know("+62811000001".parse().unwrap());
        for own in ["+62811000001", "0811000001"] {
            assert!(numbers.is_ours(&own.parse().unwrap()).await, "{own}");
        }
        assert!(!numbers.is_ours(&"+62811000002".parse().unwrap()).await);
    }
}
