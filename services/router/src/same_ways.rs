//! Which ways the messages of a stored request took, so that they take the same ones when the request comes again.
//!
//! What is admitted of a request for many recipients is stored as an item for each way, and the request is acknowledged after that. A
//! router that is killed between the two, or a broker that is killed and has lost the acknowledgement, brings the request back. The broker
//! knows an item again by the messages in it. But a strategy would part them otherwise, for other SIMs are online by then and whose turn it
//! is was forgotten, and each message would wait in the queues of two SIMs, of which one may open hours later.
//!
//! So the ways are noted in the bucket `handled`, by create, before anything is stored: whoever finds them noted goes by them. An item that
//! was over by then has its place there ([`crate::hand`]). Killed before the note, nothing was stored; killed after it, the same items are
//! stored once more, and known. The notes go by their age, and the oldest when there are a million. (Rejected: to look for what waits, which
//! is a walk through the queue of an account.)
//!
//! Nothing is noted of a request that is delivered for the first time and about which nobody was asked: there is no rule, no strategy and no
//! team ([`crate::ways::is_own_way`]), and it says itself which way all of its messages go, now and when it comes again. That is most of
//! what comes, and its way would be noted for each before it is admitted. Killed after its item was stored, it is delivered again, goes the
//! same way, and the ways are noted then. One gap is left, and is taken for narrower than the note is dear: that the first rule of an
//! organisation is set in the seconds, or while no router runs, between such a kill and the next delivery. Its messages wait in two queues
//! then, as after any request that comes again they would without notes, and go out twice only if these open further apart than what was
//! released is remembered ([`crate::recent`]).

use std::collections::HashMap;

use bus::{Bucket, Bus, KvError};
use contracts::MessageId;
use contracts::batch::ways_key;
use contracts::mt::MtItem;
use contracts::subject::Target;
use serde::{Deserialize, Serialize};

/// What is noted of a stored request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Noted {
    ways: Vec<Way>,
    /// Of so many messages after another the place of their way in `ways`; none: they were not admitted.
    runs: Vec<(Option<usize>, usize)>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
struct Way {
    target: Target,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rule: Option<String>,
}

/// Notes which ways the items take that were admitted of a stored request with these messages, of which there are several. When that was
/// noted before, they take the ways that stand there.
pub(crate) async fn keep(
    bus: &Bus,
    messages: &[MessageId],
    round: u32,
    items: &mut [MtItem],
) -> Result<(), KvError> {
    let key = ways_key(messages.iter().copied(), round);
    let bucket = bus.kv::<Noted>(Bucket::Handled).await?;
    match bucket.create(&key, &Noted::of(messages, items)).await {
        Ok(_) => Ok(()),
        // Somebody noted them before, or the answer alone was lost. Nothing may be stored while nothing is noted.
        Err(error @ (KvError::Conflict { .. } | KvError::Unknown { .. })) => {
            let there = bucket.get(&key).await?.ok_or(error)?;
            there.value.apply(messages, items);
            Ok(())
        }
        Err(error) => Err(error),
    }
}

impl Noted {
    fn of(messages: &[MessageId], items: &[MtItem]) -> Self {
        let (mut ways, mut places) = (Vec::new(), HashMap::new());
        let mut way_of = HashMap::new();
        for item in items {
            let way = Way { target: item.target.clone(), rule: item.rule.clone() };
            let place = *places.entry(way.clone()).or_insert_with(|| {
                ways.push(way);
                ways.len() - 1
            });
            way_of.insert(item.id, place);
        }
        let mut runs: Vec<(Option<usize>, usize)> = Vec::new();
        for message in messages {
            let way = way_of.get(message).copied();
            match runs.last_mut() {
                Some((same, count)) if *same == way => *count += 1,
                _ => runs.push((way, 1)),
            }
        }
        Self { ways, runs }
    }

    /// Has items go the ways that are noted. One of which nothing is noted goes its own.
    fn apply(&self, messages: &[MessageId], items: &mut [MtItem]) {
        let ways = self.runs.iter().flat_map(|(way, count)| std::iter::repeat_n(*way, *count));
        let ways: HashMap<MessageId, usize> =
            messages.iter().zip(ways).filter_map(|(message, way)| Some((*message, way?))).collect();
        for item in items {
            if let Some(way) = ways.get(&item.id).and_then(|way| self.ways.get(*way)) {
                (item.target, item.rule) = (way.target.clone(), way.rule.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use contracts::mt::MtRequest;
    use contracts::{PhoneNumber, Priority, SimId};

    use super::*;

    fn message(n: usize) -> MessageId {
        MessageId::derived(&n.to_string())
    }

    fn item(n: usize, sim: &str) -> MtItem {
        MtItem {
            id: message(n),
            priority: Priority::Normal,
            target: Target::Sim(SimId::derived(sim)),
            parts: 1,
            request: MtRequest::text(PhoneNumber::parse("888").unwrap(), "hi"),
            rule: (sim == "b").then(|| "vip".to_owned()),
            others: Vec::new(),
        }
    }

    #[test]
    fn messages_take_the_ways_that_they_took_before() {
        let messages: Vec<MessageId> = (0..6).map(message).collect();
        // The third was not admitted.
        let before: Vec<MtItem> =
            [(0, "a"), (1, "a"), (3, "b"), (4, "a"), (5, "b")].map(|(n, sim)| item(n, sim)).into();
        let noted = Noted::of(&messages, &before);
        let (a, b) = (Some(0), Some(1));
        assert_eq!(noted.runs, [(a, 2), (None, 1), (b, 1), (a, 1), (b, 1)]);
        let mut again: Vec<MtItem> = (0..6).map(|n| item(n, "c")).collect();
        noted.apply(&messages, &mut again);
        let third = again.remove(2);
        assert_eq!(again, before);
        assert_eq!(third, item(2, "c"), "it goes the way that is open now");
    }

    #[test]
    fn many_that_take_one_way_are_noted_in_few_words() {
        let messages: Vec<MessageId> = (0..10_000).map(message).collect();
        let items: Vec<MtItem> = (0..10_000).map(|n| item(n, "a")).collect();
        let noted = serde_json::to_string(&Noted::of(&messages, &items)).unwrap();
        assert!(noted.len() < 200, "{noted}");
    }

    #[test]
    fn a_note_that_cannot_be_is_no_harm() {
        let noted = Noted { ways: Vec::new(), runs: vec![(Some(7), 1), (None, 0), (Some(1), 9)] };
        let mut items = vec![item(0, "a"), item(1, "b")];
        noted.apply(&[message(0), message(1)], &mut items);
        assert_eq!(items, [item(0, "a"), item(1, "b")]);
    }
}
