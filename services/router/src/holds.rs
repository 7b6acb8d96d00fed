//! Which messages were told to be held of late, and how.
//!
//! The broker delivers a request again whose acknowledgement was lost, and nobody knows what was made of it the first time: the
//! message may wait in the queue in this round, or was told to be held and comes in its next. What is in the queue is no second time
//! stored there; so a request that is delivered again goes on, and is not told to be held anew. But when it was told to be held, that
//! alone is told again, or the message would go out in both rounds. The router follows the events for that, and reads the last of
//! them when it starts.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use async_nats::jetstream;
use bus::Bus;
use contracts::mt::{MtChange, MtEvent};
use contracts::{MessageId, MtState, Subject};

use crate::recent::{RecallError, last_told};

/// At most so many are remembered, the latest; about 10 MB.
const AT_MOST: usize = 50_000;

/// See the module. Clones are the same.
#[derive(Debug, Clone, Default)]
pub(crate) struct Holds(Arc<Mutex<Known>>);

#[derive(Debug, Default)]
struct Known {
    held: HashMap<(MessageId, u32), MtChange>,
    order: VecDeque<(MessageId, u32)>,
}

impl Holds {
    /// Notes an event, if it says that a message is held.
    pub(crate) fn hear(&self, event: &MtEvent) {
        if !matches!(event.change, MtChange::Held { .. }) {
            return;
        }
        let round = (event.message, event.round);
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.held.insert(round, event.change.clone()).is_none() {
            known.order.push_back(round);
        }
        while known.order.len() > AT_MOST {
            let oldest = known.order.pop_front();
            oldest.map(|oldest| known.held.remove(&oldest));
        }
    }

    /// How a message was told to be held in this round.
    pub(crate) fn of(&self, message: MessageId, round: u32) -> Option<MtChange> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.held.get(&(message, round)).cloned()
    }

    /// Reads which messages were told to be held in the last minutes.
    pub(crate) async fn recall(&self, bus: &Bus) -> Result<(), RecallError> {
        let context = jetstream::new(bus.client().clone());
        for subject in [Subject::MtEvent(MtState::Held), Subject::OtpEvent(MtState::Held)] {
            for event in last_told(&context, &subject).await? {
                self.hear(&event);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use contracts::mt::{Gate, MtRequest};
    use contracts::{PhoneNumber, Timestamp};

    use super::*;

    fn event(n: usize, round: u32, change: MtChange) -> MtEvent {
        let to = PhoneNumber::parse("888").unwrap();
        let request = MtRequest { round, ..MtRequest::text(to, "hi") };
        MtEvent::of(MessageId::derived(&n.to_string()), &request, Timestamp::from_micros(0), change)
    }

    fn held() -> MtChange {
        let until = Timestamp::from_micros(1);
        MtChange::Held { gate: Gate::Credit, until, tries: 0, round: 1 }
    }

    #[test]
    fn what_was_told_to_be_held_is_known_by_its_round() {
        let holds = Holds::default();
        let id = MessageId::derived("1");
        holds.hear(&event(1, 0, MtChange::Expired {}));
        assert_eq!(holds.of(id, 0), None);
        holds.hear(&event(1, 0, held()));
        assert_eq!(holds.of(id, 0), Some(held()));
        assert_eq!(holds.of(id, 1), None);
    }

    #[test]
    fn no_more_holds_are_remembered_than_the_bound() {
        let holds = Holds::default();
        for n in 0..=AT_MOST {
            holds.hear(&event(n, 0, held()));
        }
        assert_eq!(holds.of(MessageId::derived("0"), 0), None);
        assert!(holds.of(MessageId::derived("1"), 0).is_some());
        assert_eq!(holds.0.lock().unwrap().held.len(), AT_MOST);
    }
}
