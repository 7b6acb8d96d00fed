//! Which messages were told to be held of late, and how.
//!
//! That a message is held is told by an event, and what it came with is settled after that: its request is acknowledged, its item
//! of `SMS_WAIT` is acknowledged, or, of an item with many messages, its place is noted. These are two writes, for the broker has none
//! that spans streams, and a kill between them brings the message back in the round that was held while persistence requests the next
//! one. So the event is the one that counts: it is told first, and whoever has a message of this round at hand looks here.
//!
//! * **A request** that is delivered again goes on, for it may wait in the queue already, where it is stored no second time. When it was
//!   told to be held, that alone is told again ([`crate::intake`]).
//! * **An item of `SMS_WAIT`**, or a message of one, that was told to take another way leaves the queue, whatever would be decided
//!   on it now: its SIM may be back, and it would go out on both ways ([`crate::release::verdict`]).
//!
//! A router may be killed at each step of a message that takes another way:
//!
//! 1. *Before the event is stored*: nothing happened. The item comes again, and it is decided anew; the same event has the same
//!    `Nats-Msg-Id`, if it was stored and nobody heard.
//! 2. *After it, before the place is noted or the item is acknowledged*: the item comes again to this router or another. One that ran
//!    has heard the event; one that starts reads it before it releases anything, as does one that lost its connection. The event is told
//!    again (persistence keeps it once, and requests no round twice), and the message is done.
//! 3. *After the place is noted*: the message is not looked at again.
//! 4. *After the item is acknowledged*: only a broker that is killed brings it back, to 2.
//!
//! An item waits for days and may not be fetched meanwhile, as while its SIM is away, whatever is killed and started in this time. So at
//! its start the router reads all that was told to be held since the oldest item of the queue was stored, before it releases anything; when
//! it lost its connection, what was told since it read last. A request is delivered again while it stands in `SMS_REQUEST`, so before any is
//! decided on, the router reads what was told since the oldest of them was stored, and this is little where nothing is wrong. Where so much
//! was told that reading it would keep everything waiting, the latest of it is read, and the log says so ([`LOOKED_THROUGH`]). (Rejected: to
//! note the place before the event is told, for a kill between the two loses the message; and to note an intent before it, which costs a
//! write for each message that takes another way and needs one for each message that waits alone.)

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use async_nats::datetime::DateTime;
use async_nats::jetstream;
use bus::{Bus, Stream};
use contracts::mt::{Gate, MtChange, MtEvent};
use contracts::{MessageId, MtState, Subject};

use crate::told::{Reach, RecallError, last_told};

/// At most so many are remembered that took another way, and as many others: the latest, about 10 MB each.
const AT_MOST: usize = 50_000;
/// Of the events of a kind so many are looked through at least, if there are as many, and no more than twice as many: some seconds. What
/// took another way is few among what limits hold, so this is more than is remembered.
const LOOKED_THROUGH: u64 = 250_000;
/// What tells that a message is held.
const TOLD_OF_HELD: [Subject; 2] =
    [Subject::MtEvent(MtState::Held), Subject::OtpEvent(MtState::Held)];

/// See the module. Clones are the same.
#[derive(Debug, Clone, Default)]
pub(crate) struct Holds(Arc<Mutex<Both>>);

#[derive(Debug, Default)]
struct Both {
    /// What left the queue to take another way. Apart, for what is held by a limit may be so much more.
    rerouted: Known,
    /// What was held when it was requested, or after a try.
    others: Known,
    /// To which time the events of each kind were read that may be about what waits.
    read_to: [Option<DateTime>; 2],
}

#[derive(Debug, Default)]
struct Known {
    held: HashMap<(MessageId, u32), MtChange>,
    order: VecDeque<(MessageId, u32)>,
}

impl Known {
    fn note(&mut self, round: (MessageId, u32), change: &MtChange) {
        if self.held.insert(round, change.clone()).is_none() {
            self.order.push_back(round);
        }
        while self.order.len() > AT_MOST {
            let oldest = self.order.pop_front();
            oldest.map(|oldest| self.held.remove(&oldest));
        }
    }
}

impl Holds {
    /// Notes an event, if it says that a message is held.
    pub(crate) fn hear(&self, event: &MtEvent) {
        let MtChange::Held { gate, .. } = &event.change else { return };
        let mut both = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = if *gate == Gate::Route { &mut both.rerouted } else { &mut both.others };
        known.note((event.message, event.round), &event.change);
    }

    /// How a message was told to be held in this round.
    pub(crate) fn of(&self, message: MessageId, round: u32) -> Option<MtChange> {
        let both = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let round = (message, round);
        both.rerouted.held.get(&round).or_else(|| both.others.held.get(&round)).cloned()
    }

    /// Reads which messages were told to be held in the last minutes, and while the requests have been there that are not acknowledged.
    pub(crate) async fn recall_requests(&self, bus: &Bus) -> Result<(), RecallError> {
        let context = jetstream::new(bus.client().clone());
        let reach = Reach::Standing(Stream::Request);
        for subject in &TOLD_OF_HELD {
            let hear = |event: MtEvent| self.hear(&event);
            last_told(&context, subject, reach, None, LOOKED_THROUGH, hear).await?;
        }
        Ok(())
    }

    /// Reads which messages were told to be held in the last minutes, and while what waits in the queue has been there, but for what was
    /// read before.
    pub(crate) async fn recall(&self, bus: &Bus) -> Result<(), RecallError> {
        let context = jetstream::new(bus.client().clone());
        let reach = Reach::Standing(Stream::Wait);
        for (index, subject) in TOLD_OF_HELD.iter().enumerate() {
            let hear = |event: MtEvent| self.hear(&event);
            let before = self.read_to(index);
            let read_to = last_told(&context, subject, reach, before, LOOKED_THROUGH, hear).await?;
            let mut both = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            both.read_to[index] = read_to;
        }
        Ok(())
    }

    fn read_to(&self, index: usize) -> Option<DateTime> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).read_to[index]
    }
}

#[cfg(test)]
mod tests {
    use contracts::mt::MtRequest;
    use contracts::{PhoneNumber, Timestamp};

    use super::*;

    fn event(n: usize, round: u32, change: MtChange) -> MtEvent {
        let to = PhoneNumber::parse("888").unwrap();
        let request = MtRequest { round, ..MtRequest::text(to, "hi") };
        MtEvent::of(MessageId::derived(&n.to_string()), &request, Timestamp::from_micros(0), change)
    }

    fn held_by(gate: Gate) -> MtChange {
        MtChange::Held { gate, until: Timestamp::from_micros(1), tries: 0, round: 1 }
    }

    fn held() -> MtChange {
        held_by(Gate::Credit)
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
        // What took another way is not forgotten for what limits hold.
        let rerouted = MessageId::derived(&usize::MAX.to_string());
        holds.hear(&event(usize::MAX, 0, held_by(Gate::Route)));
        for n in 0..=AT_MOST {
            holds.hear(&event(n, 0, held()));
        }
        assert_eq!(holds.of(MessageId::derived("0"), 0), None);
        assert!(holds.of(MessageId::derived("1"), 0).is_some());
        assert_eq!(holds.0.lock().unwrap().others.held.len(), AT_MOST);
        for n in 1..AT_MOST {
            holds.hear(&event(n, 0, held_by(Gate::Route)));
        }
        assert_eq!(holds.of(rerouted, 0), Some(held_by(Gate::Route)));
        holds.hear(&event(AT_MOST, 0, held_by(Gate::Route)));
        assert_eq!(holds.of(rerouted, 0), None);
        assert_eq!(holds.0.lock().unwrap().rerouted.held.len(), AT_MOST);
    }
}
