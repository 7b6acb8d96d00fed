//! One stored request for many recipients.

use serde::{Deserialize, Serialize};

use crate::mt::{Body, DlrCallback, MtRequest};
use crate::{
    BatchId, Message, MessageId, MtState, OrgId, PhoneNumber, Priority, Subject, Timestamp,
    TraceId, UserId,
};

/// The most recipients of one [`MtBatch`].
pub const MOST_RECIPIENTS: usize = 10_000;

/// About how many bytes of JSON one [`MtBatch`] has at most when Merpati makes it: a thousand recipients of one text. Readers
/// fetch hundreds ahead, so it is far below what a broker takes.
pub const LARGEST: usize = 128 * 1024;

/// Requests that differ in little, as any service publishes them to `sms.v1.mt.batch.<priority>`.
///
/// Each recipient is a message with an id, a state and an end of its own. Whether the messages are a batch that can be
/// paused and cancelled as one is said by [`MtRequest::batch`]; without it, they only travel together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MtBatch {
    /// The request for the first recipient, whole. Its id must be set.
    pub first: MtRequest,
    /// The other recipients. In everything that a recipient does not have of its own, the request is like the first.
    #[serde(default)]
    pub others: Vec<MtRecipient>,
}

/// What a request of a batch has of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MtRecipient {
    /// The id of the message.
    pub id: MessageId,
    /// The number of the message, for clients that need an integer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<i64>,
    /// The recipient.
    pub to: PhoneNumber,
    /// What is to be sent; absent: what the first recipient gets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Body>,
    /// Where to tell what happened; absent: as for the first recipient.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dlr: Option<DlrCallback>,
    /// When the request was accepted; absent: when the first was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
    /// The trace within which the request was accepted; absent: that of the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<TraceId>,
}

impl MtBatch {
    /// Puts requests together, in their order: each batch takes the next ones as long as they are alike and the batch is
    /// not full. Every request must have an id.
    pub fn gather(requests: impl IntoIterator<Item = MtRequest>) -> Vec<Self> {
        let mut batches: Vec<(Self, usize)> = Vec::new();
        for request in requests {
            if let Some((batch, size)) = batches.last_mut()
                && batch.len() < MOST_RECIPIENTS
                && let Some(other) = MtRecipient::of(&batch.first, &request)
                && *size + other.size() <= LARGEST
            {
                *size += other.size();
                batch.others.push(other);
            } else {
                let size = size_of_own(Some(&request.body), request.dlr.as_ref());
                batches.push((Self { first: request, others: Vec::new() }, size));
            }
        }
        batches.into_iter().map(|(batch, _)| batch).collect()
    }

    /// How many recipients there are.
    #[expect(clippy::len_without_is_empty, reason = "a batch has a recipient")]
    pub fn len(&self) -> usize {
        1 + self.others.len()
    }

    /// The requests, each whole, in their order.
    pub fn requests(&self) -> impl Iterator<Item = MtRequest> + '_ {
        let others = self.others.iter().map(|other| other.request(&self.first));
        std::iter::once(self.first.clone()).chain(others)
    }
}

impl MtRecipient {
    /// What a request has of its own beside `first`. None: it has no id, or is not like the first in everything else.
    pub fn of(first: &MtRequest, request: &MtRequest) -> Option<Self> {
        let own = Self {
            id: request.id?,
            number: request.number,
            to: request.to.clone(),
            body: (request.body != first.body).then(|| request.body.clone()),
            dlr: request.dlr.clone().filter(|dlr| first.dlr.as_ref() != Some(dlr)),
            created_at: request.created_at.filter(|at| first.created_at != Some(*at)),
            trace: request.trace.filter(|trace| first.trace != Some(*trace)),
        };
        (own.request(first) == *request).then_some(own)
    }

    /// The whole request, which is like `first` in all that is not the recipient's own.
    pub fn request(&self, first: &MtRequest) -> MtRequest {
        let like = first.clone();
        MtRequest {
            id: Some(self.id),
            number: self.number,
            to: self.to.clone(),
            body: self.body.clone().unwrap_or(like.body),
            dlr: self.dlr.clone().or(like.dlr),
            created_at: self.created_at.or(like.created_at),
            trace: self.trace.or(like.trace),
            ..like
        }
    }

    /// About how many bytes of JSON it takes, and rather more than less.
    pub fn size(&self) -> usize {
        let trace = if self.trace.is_some() { 44 } else { 0 };
        size_of_own(self.body.as_ref(), self.dlr.as_ref()) + trace
    }
}

/// About how many bytes of JSON a recipient takes with these, escaped as JSON does.
fn size_of_own(body: Option<&Body>, dlr: Option<&DlrCallback>) -> usize {
    let escaped = |text: &str| {
        let more = text.bytes().map(|byte| match byte {
            0..0x20 => 5,
            b'"' | b'\\' => 1,
            _ => 0,
        });
        text.len() + more.sum::<usize>()
    };
    let body = body.map_or(0, |body| match body {
        Body::Text { text, .. } => 50 + escaped(text),
        Body::Data { data } => 50 + data.len(),
    });
    130 + body + dlr.map_or(0, |dlr| 40 + escaped(&dlr.url))
}

/// The key of what was said of a batch, in the bucket `batches`.
pub fn order_key(batch: BatchId) -> String {
    format!("order.{batch}")
}

/// The key of how far the router has come with an item that waits for many recipients, in the bucket `batches`, and in the bucket
/// `handled` when it is over: the item is
/// named by all of its messages, in their order, and their round. When the request of a batch comes again, its messages may be put together
/// otherwise: two items may begin with the same message, and what is done of one says nothing of the other.
pub fn place_key(messages: impl IntoIterator<Item = MessageId>, round: u32) -> String {
    format!("place.{}.{round}", name_of(messages))
}

/// The key under which the release before this one kept what is under [`place_key`] now, in the bucket `batches`: an item was named by the
/// first of its messages.
pub fn place_key_before(first: MessageId, round: u32) -> String {
    format!("place.{first}.{round}")
}

/// The key of which ways the messages of a stored request took, in the bucket `handled`: the request is named as an item is in
/// [`place_key`].
pub fn ways_key(messages: impl IntoIterator<Item = MessageId>, round: u32) -> String {
    format!("ways.{}.{round}", name_of(messages))
}

fn name_of(messages: impl IntoIterator<Item = MessageId>) -> MessageId {
    let all: String = messages.into_iter().map(|id| id.to_string()).collect();
    MessageId::derived(&all)
}

/// How far the router has come with an item that waits for many recipients.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Place {
    /// The messages before this one, counted from 0, need nothing more.
    pub next: usize,
    /// Nor do these beyond it: from each first one up to the one before each second.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub done: Vec<(usize, usize)>,
}

/// What was said of a batch: the value of [`order_key`] in the bucket `batches`. A missing entry stands for
/// [`Order::Running`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchOrder {
    /// The organisation of the batch.
    pub org: OrgId,
    /// The account whose messages the batch is.
    pub owner: UserId,
    /// What the router does with messages of the batch that are not released.
    pub order: Order,
    /// Who said so; none: the gateway's own command line.
    #[serde(default)]
    pub by: Option<UserId>,
    /// When.
    pub at: Timestamp,
}

/// What the router does with messages of a batch that are not released.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Order {
    /// They are released as modems have room.
    #[default]
    Running,
    /// They end as cancelled. A cancelled batch stays so.
    Cancelled,
    /// They wait. Also for an order of a later version.
    #[serde(other)]
    Paused,
}

/// Every message of a batch was sent, or ended without being sent. It is told once a batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchFinished {
    /// The batch.
    pub batch: BatchId,
    /// The organisation of the batch.
    pub org: OrgId,
    /// The account whose messages the batch is.
    pub owner: UserId,
    /// When the last of the messages came to that.
    pub at: Timestamp,
    /// How many messages the batch has.
    pub messages: u64,
    /// How many messages were in each state when this was told; delivery reports may come later.
    pub states: Vec<StateCount>,
}

/// How many messages are in a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct StateCount {
    /// The state.
    pub state: MtState,
    /// How many messages.
    pub count: u64,
}

impl Message for BatchFinished {
    fn subject(&self) -> Subject {
        Subject::BatchFinished
    }

    fn msg_id(&self) -> String {
        format!("{}:finished", self.batch)
    }
}

/// A batch with its priority: what is published.
#[derive(Debug, Clone)]
pub struct PrioritisedBatch<'a> {
    /// The subject's last token.
    pub priority: Priority,
    /// The batch.
    pub batch: &'a MtBatch,
}

impl Serialize for PrioritisedBatch<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.batch.serialize(serializer)
    }
}

impl Message for PrioritisedBatch<'_> {
    fn subject(&self) -> Subject {
        Subject::MtBatch(self.priority)
    }

    fn msg_id(&self) -> String {
        match self.batch.first.id {
            Some(id) => format!("{id}:batch:{}", self.batch.len()),
            None => format!("{}:batch", crate::EventId::new()),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn request(n: i64) -> MtRequest {
        let to = PhoneNumber::parse(&format!("+62812{n:07}")).unwrap();
        let mut request = MtRequest::text(to, "hello");
        (request.id, request.number) = (Some(MessageId::derived(&n.to_string())), Some(n));
        request.created_at = Some(Timestamp::from_micros(0));
        request
    }

    fn json(batch: &MtBatch) -> usize {
        serde_json::to_vec(batch).unwrap().len()
    }

    #[test]
    fn items_that_begin_alike_have_places_of_their_own() {
        let ids = |all: &[i64]| -> Vec<MessageId> {
            all.iter().map(|n| MessageId::derived(&n.to_string())).collect()
        };
        let key = place_key(ids(&[1, 2, 3]), 0);
        assert_eq!(key, place_key(ids(&[1, 2, 3]), 0));
        for other in [ids(&[1, 2]), ids(&[1, 3, 2]), ids(&[1, 4, 5])] {
            assert_ne!(key, place_key(other, 0));
        }
        assert_ne!(key, place_key(ids(&[1, 2, 3]), 1));
        // What the release before noted is known by the form in which it did.
        let first = MessageId::derived("1");
        assert_eq!(place_key_before(first, 2), format!("place.{first}.2"));
    }

    #[test]
    fn what_is_alike_is_one_batch() {
        let mut requests: Vec<MtRequest> = (0..4).map(request).collect();
        requests[2].body = Body::Data { data: "00".to_owned() };
        requests[3].udh = Some("00".to_owned());
        let batches = MtBatch::gather(requests.clone());
        assert_eq!(batches.iter().map(MtBatch::len).collect::<Vec<_>>(), [3, 1]);
        assert_eq!(batches.iter().flat_map(MtBatch::requests).collect::<Vec<_>>(), requests);
        assert_eq!((&batches[0].others[0].body, batches[0].others[0].created_at), (&None, None));
    }

    #[test]
    fn one_without_a_callback_does_not_get_the_callback_of_the_first() {
        let mut requests: Vec<MtRequest> = (0..2).map(request).collect();
        requests[0].dlr = Some(DlrCallback { url: "http://example.org".to_owned(), mask: 1 });
        assert_eq!(MtBatch::gather(requests).len(), 2);
    }

    #[test]
    fn requests_of_several_traces_are_one_batch_and_each_keeps_its_own() {
        let trace = |text: &str| text.repeat(16).parse::<TraceId>().ok();
        let mut requests: Vec<MtRequest> = (0..3).map(request).collect();
        (requests[0].trace, requests[1].trace) = (trace("0a"), trace("0b"));
        requests[2].trace = trace("0a");
        let batches = MtBatch::gather(requests.clone());
        assert_eq!(batches.len(), 1);
        assert_eq!(batches[0].others[1].trace, None, "it is that of the first");
        assert_eq!(batches[0].requests().collect::<Vec<_>>(), requests);
        // One that has none is not given that of another.
        requests[2].trace = None;
        assert_eq!(MtBatch::gather(requests).len(), 2);
    }

    #[test]
    fn a_batch_ends_at_ten_thousand() {
        let batches = MtBatch::gather((0..10_001).map(|n| {
            let mut request = request(n);
            request.number = None;
            request
        }));
        let sizes: Vec<usize> = batches.iter().map(MtBatch::len).collect();
        assert_eq!(sizes.iter().sum::<usize>(), 10_001);
        assert!(sizes.iter().all(|size| *size <= MOST_RECIPIENTS), "{sizes:?}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn a_batch_fits_the_broker_and_loses_nothing(
            texts in proptest::collection::vec(("(?s).{0,200}", 0_usize..40), 1..80),
        ) {
            let requests: Vec<MtRequest> = texts.into_iter().enumerate().map(|(n, (text, times))| {
                let mut request = request(n.try_into().unwrap());
                let encoding = crate::mt::Encoding::Auto;
                request.body = Body::Text { text: text.repeat(times), encoding };
                request
            }).collect();
            let batches = MtBatch::gather(requests.clone());
            for batch in &batches {
                prop_assert!(json(batch) <= LARGEST + 4_096, "{}", json(batch));
            }
            let read = batches.iter().flat_map(MtBatch::requests).collect::<Vec<_>>();
            prop_assert_eq!(read, requests);
        }
    }
}
