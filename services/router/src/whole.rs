//! From received PDUs to a message: what one says, and what the parts of one say together. Pure.

use std::collections::BTreeMap;
use std::time::Duration;

use contracts::mo::{MoPart, MoReceived};
use contracts::{Address, EventId, MessageId, SimId, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use tpdu::{Concat, Content, Deliver, Received};

/// Parts whose service centre had them further apart than this are of two messages: a sender's references come round again.
/// Parts without its time are told apart by when they arrived.
const APART: Duration = Duration::from_hours(1);
/// So many parts of messages that had the same reference before are remembered.
const BEFORE: usize = 64;

/// The sender of what cannot be read.
const UNREADABLE: &str = "unknown";

/// What one PDU is.
pub(crate) enum Kind {
    /// A message by itself.
    Single(Box<Deliver>),
    /// A part: the key of its message, and which part it is.
    Part(String, Concat),
    /// Not an SMS-DELIVER.
    Unreadable,
}

/// Looks at a PDU.
pub(crate) fn kind(part: &MoPart) -> Kind {
    let Some(deliver) = decode(&part.pdu) else { return Kind::Unreadable };
    match deliver.concat().filter(|concat| concat.total > 1) {
        None => Kind::Single(Box::new(deliver)),
        Some(concat) => {
            let width = if concat.wide { 16 } else { 8 };
            // Hashed, so that no key shows a number.
            let key = EventId::derived(&format!(
                "{}:{}:{:02x}:{width}:{}:{}",
                part.sim,
                deliver.origin,
                deliver.origin.kind().octet(),
                concat.reference,
                concat.total
            ));
            Kind::Part(key.to_string(), concat)
        }
    }
}

fn decode(pdu: &str) -> Option<Deliver> {
    let octets = tpdu::from_hex(pdu).ok()?;
    match tpdu::decode_received(&octets, None).ok()?.tpdu {
        Received::Deliver(deliver) => Some(deliver),
        Received::StatusReport(_) => None,
    }
}

/// The parts of one message that came so far: a value of the bucket `mo_parts`.
///
/// The value stays in the bucket when the message is whole, so that a part that is read a second time is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Gathered {
    /// The message's id.
    id: MessageId,
    /// Parts in all.
    total: u8,
    /// The parts by their number.
    parts: BTreeMap<u8, MoPart>,
    /// Whether the message was shown with parts missing; a part that still comes is shown at once.
    #[serde(default)]
    shown: bool,
    /// Parts of messages that had this reference before: they may be delivered again by the broker.
    #[serde(default)]
    before: Vec<EventId>,
}

/// What a part does to what was gathered.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// The part is new: this is what is gathered now.
    Added(Gathered),
    /// The part was gathered before.
    Known,
    /// The part belongs to another message with the same reference, of which this is all that is gathered.
    Another(Gathered),
}

impl Gathered {
    /// With its first part.
    pub(crate) fn new(part: MoPart, concat: Concat) -> Self {
        Self {
            id: MessageId::derived(&part.id.to_string()),
            total: concat.total,
            parts: BTreeMap::from([(concat.sequence, part)]),
            shown: false,
            before: Vec::new(),
        }
    }

    /// Another message with the same reference, of which this is the first part.
    fn followed_by(&self, part: MoPart, concat: Concat) -> Self {
        let mut next = Self::new(part, concat);
        let parts = self.parts.values().map(|part| part.id);
        next.before = parts.chain(self.before.iter().copied()).take(BEFORE).collect();
        next
    }

    /// With one more part.
    pub(crate) fn with(&self, part: MoPart, concat: Concat) -> Step {
        if self.before.contains(&part.id) {
            return Step::Known;
        }
        match self.parts.get(&concat.sequence) {
            Some(known) if known.id == part.id => Step::Known,
            // The network sends a part again when it missed our answer, mostly with the time it had.
            Some(known)
                if says_the_same(known, &part)
                    && (same_time(known, &part) || !self.is_whole())
                    && self.is_of_its_time(&part) =>
            {
                Step::Known
            }
            Some(_) => Step::Another(self.followed_by(part, concat)),
            None if !self.is_of_its_time(&part) => Step::Another(self.followed_by(part, concat)),
            None => {
                let mut more = self.clone();
                more.parts.insert(concat.sequence, part);
                Step::Added(more)
            }
        }
    }

    /// Whether a part is of the time of those that are there.
    fn is_of_its_time(&self, part: &MoPart) -> bool {
        self.parts.values().any(|known| {
            let (a, b) = match (sent_at(known), sent_at(part)) {
                (Some(a), Some(b)) => (a, b),
                _ => (known.received_at, part.received_at),
            };
            a.max(b).since(a.min(b)) <= APART
        })
    }

    /// The SIM it came to.
    pub(crate) fn sim(&self) -> Option<SimId> {
        self.parts.values().next().map(|part| part.sim)
    }

    /// Nothing is missing.
    pub(crate) fn is_whole(&self) -> bool {
        self.parts.len() == usize::from(self.total)
    }

    /// Whether the message is to be shown: it is whole, or it was shown before with fewer parts.
    pub(crate) fn is_to_be_shown(&self) -> bool {
        self.is_whole() || self.shown
    }

    /// Marks the message as shown.
    #[must_use]
    pub(crate) fn shown(mut self) -> Self {
        self.shown = true;
        self
    }

    /// When it is shown even if parts are missing; none when it is shown already.
    pub(crate) fn due(&self, patience: Duration) -> Option<Timestamp> {
        let last = self.parts.values().map(|part| part.received_at).max()?;
        (!self.is_to_be_shown()).then(|| last.plus(patience))
    }

    /// The message, with what there is of it.
    pub(crate) fn message(&self, owner: Option<UserId>) -> Option<MoReceived> {
        let decoded: Vec<Deliver> =
            self.parts.values().filter_map(|part| decode(&part.pdu)).collect();
        let bodies: Vec<_> = decoded.iter().map(Deliver::body).collect();
        let last = self.parts.values().max_by_key(|part| part.received_at)?;
        let mut message = of_deliver(last, decoded.first()?, owner);
        message.id = self.id;
        (message.text, message.data) = content(tpdu::join(&bodies));
        message.parts = self.total;
        message.missing = (1..=self.total).filter(|n| !self.parts.contains_key(n)).collect();
        message.pdus = self.parts.values().map(|part| part.pdu.clone()).collect();
        Some(message)
    }
}

/// A message of one PDU; of one that cannot be read there is only the PDU.
pub(crate) fn single(
    part: &MoPart,
    deliver: Option<&Deliver>,
    owner: Option<UserId>,
) -> MoReceived {
    match deliver {
        Some(deliver) => of_deliver(part, deliver, owner),
        None => MoReceived {
            id: MessageId::derived(&part.id.to_string()),
            org: part.org,
            owner,
            modem: part.modem,
            sim: part.sim,
            to: part.to.clone(),
            from: Address::Name(UNREADABLE.to_owned()),
            text: None,
            data: None,
            class: None,
            ports: None,
            parts: 1,
            missing: Vec::new(),
            pdus: vec![part.pdu.clone()],
            smsc_at: None,
            received_at: part.received_at,
            wish: None,
        },
    }
}

fn of_deliver(part: &MoPart, deliver: &Deliver, owner: Option<UserId>) -> MoReceived {
    let (text, data) = content(deliver.body().content());
    let from = deliver.origin.to_string();
    let smsc_at = time_of(deliver);
    MoReceived {
        id: MessageId::derived(&part.id.to_string()),
        org: part.org,
        owner,
        modem: part.modem,
        sim: part.sim,
        to: part.to.clone(),
        from: if deliver.origin.is_name() {
            Address::Name(from)
        } else {
            Address::from_text(&from)
        },
        text,
        data,
        class: deliver.coding.class().map(tpdu::Class::number),
        ports: deliver.udh.ports().map(|ports| (ports.destination, ports.source)),
        parts: 1,
        missing: Vec::new(),
        pdus: vec![part.pdu.clone()],
        smsc_at,
        received_at: part.received_at,
        wish: None,
    }
}

fn content(content: Content) -> (Option<String>, Option<String>) {
    match content {
        Content::Text(text) => (Some(text), None),
        Content::Data(data) => (None, Some(tpdu::to_hex(&data))),
    }
}

/// TP-SCTS, when it is a time.
fn time_of(deliver: &Deliver) -> Option<Timestamp> {
    let seconds = deliver.timestamp.to_timestamp()?;
    Some(Timestamp::from_micros(seconds.saturating_mul(1_000_000)))
}

fn sent_at(part: &MoPart) -> Option<Timestamp> {
    time_of(&decode(&part.pdu)?)
}

fn same_time(a: &MoPart, b: &MoPart) -> bool {
    sent_at(a) == sent_at(b)
}

fn says_the_same(a: &MoPart, b: &MoPart) -> bool {
    let read = |part: &MoPart| {
        decode(&part.pdu).map(|d| (d.origin, d.protocol_id, d.coding, d.udh, d.data))
    };
    read(a) == read(b)
}
