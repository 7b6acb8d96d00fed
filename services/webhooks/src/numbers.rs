//! The numbers of SIMs, from the live states of the modems: for `%P`.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use bus::{Change, Watch};
use contracts::modem::ModemState;
use contracts::{PhoneNumber, SimId};
use tokio_util::sync::CancellationToken;

/// Clones are the same.
#[derive(Debug, Clone, Default)]
pub(crate) struct Numbers(Arc<RwLock<HashMap<SimId, PhoneNumber>>>);

impl Numbers {
    /// The number of a SIM, where known.
    pub(crate) fn of(&self, sim: SimId) -> Option<PhoneNumber> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(&sim).cloned()
    }

    /// Follows the modems' states until `soft` is cancelled. A number stays known when its modem is gone.
    pub(crate) async fn follow(self, mut states: Watch<ModemState>, soft: CancellationToken) {
        let follow = async {
            loop {
                if let Change::Put { value: ModemState { sim: Some(sim), .. }, .. } =
                    states.next().await
                    && let Some(number) = sim.number
                {
                    self.0.write().unwrap_or_else(PoisonError::into_inner).insert(sim.id, number);
                }
            }
        };
        soft.run_until_cancelled(follow).await;
    }
}
