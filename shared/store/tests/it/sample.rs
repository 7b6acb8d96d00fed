//! Samples to store.

use contracts::dlr::{Dlr, DlrOutcome};
use contracts::mo::MoReceived;
use contracts::mt::{Gate, Keeper, MtChange, MtEvent, MtRequest, SendError, SentPart, Through};
use contracts::subject::Target;
use contracts::{
    Address, EventId, MessageId, ModemId, OrgId, PhoneNumber, PoolId, Priority, SimId, Timestamp,
    UserId,
};
use store::{NewUser, Reach, Role, Store, StoredEvent, StoredEventBody, StoredRequest};

/// Returns a time that is `seconds` after a fixed moment.
pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_micros(1_790_000_000_000_000 + seconds * 1_000_000 + 7)
}

pub(crate) fn org() -> OrgId {
    OrgId::default_org()
}

/// Returns the reach of an administrator.
pub(crate) fn everything() -> Reach {
    Reach::everything(org())
}

pub(crate) fn through() -> Through {
    Through { modem: ModemId::derived("m"), sim: SimId::derived("s") }
}

/// Returns a request that was accepted at `at(seconds)`.
pub(crate) fn request(owner: UserId, text: &str, seconds: i64) -> MtRequest {
    let to = PhoneNumber::parse("+628123456789").unwrap();
    MtRequest {
        id: Some(MessageId::new()),
        owner,
        created_at: Some(at(seconds)),
        ..MtRequest::text(to, text)
    }
}

pub(crate) fn stored(request: &MtRequest) -> StoredRequest {
    StoredRequest::new(request.clone(), Priority::Normal, at(0), 1)
}

pub(crate) fn mt(request: &MtRequest, sequence: u64, change: MtChange) -> StoredEvent {
    let seconds = i64::try_from(sequence).unwrap();
    let event = MtEvent::of(request.id.unwrap(), request, at(seconds), change);
    StoredEvent { sequence, body: StoredEventBody::Mt(event) }
}

pub(crate) fn admitted(parts: u8) -> MtChange {
    MtChange::admitted(parts, Target::Pool(PoolId::default_pool()))
}

pub(crate) fn sending(part: u8, parts: u8, tries: u32) -> MtChange {
    MtChange::Sending { through: through(), part, parts, tries }
}

pub(crate) fn sent(references: &[u8]) -> MtChange {
    let part = |(n, reference): (usize, &u8)| SentPart {
        part: u8::try_from(n + 1).unwrap(),
        reference: *reference,
        at: at(50),
    };
    MtChange::Sent { through: through(), parts: references.iter().enumerate().map(part).collect() }
}

pub(crate) fn held(until: Timestamp, round: u32) -> MtChange {
    MtChange::Held { gate: Gate::BackOff, until, tries: 2, round }
}

pub(crate) fn deferred(tries: u32) -> MtChange {
    MtChange::Deferred {
        error: error("cms-38"),
        until: at(900),
        tries,
        kept_by: Keeper::Broker,
        through: Some(through()),
    }
}

pub(crate) fn error(code: &str) -> SendError {
    SendError { code: code.to_owned(), text: format!("What {code} means.") }
}

pub(crate) fn report(
    message: Option<MessageId>,
    sequence: u64,
    part: u8,
    parts: u8,
    outcome: DlrOutcome,
) -> StoredEvent {
    let seconds = i64::try_from(sequence).unwrap();
    let dlr = Dlr {
        id: EventId::new(),
        org: org(),
        owner: None,
        modem: through().modem,
        sim: through().sim,
        message,
        part: message.map(|_| part),
        parts: message.map(|_| parts),
        reference: 7,
        to: None,
        status: if outcome == DlrOutcome::Delivered { 0 } else { 0x41 },
        outcome,
        text: "in words".to_owned(),
        discharged_at: at(seconds - 1),
        pdu: "00".to_owned(),
        received_at: at(seconds),
    };
    StoredEvent { sequence, body: StoredEventBody::Dlr(dlr) }
}

pub(crate) fn received(from: &str, text: &str, seconds: i64) -> MoReceived {
    MoReceived {
        id: MessageId::derived(&format!("{from}{text}{seconds}")),
        org: org(),
        owner: None,
        modem: through().modem,
        sim: through().sim,
        to: None,
        from: Address::from_text(from),
        text: Some(text.to_owned()),
        data: None,
        class: None,
        ports: None,
        parts: 1,
        missing: Vec::new(),
        pdus: vec!["059126181642040C91".to_owned()],
        smsc_at: Some(at(seconds - 2)),
        received_at: at(seconds),
        wish: None,
    }
}

pub(crate) fn mo(message: MoReceived, sequence: u64) -> StoredEvent {
    StoredEvent { sequence, body: StoredEventBody::Received(message) }
}

/// Returns an account to be made, with a password and a language.
pub(crate) fn new_user(name: &str, role: Role) -> NewUser {
    NewUser {
        name: name.to_owned(),
        password_hash: Some(format!("hash of {name}")),
        role,
        language: Some("id".to_owned()),
    }
}

/// Writes requests as the projection does.
pub(crate) async fn store_all(store: &Store, requests: &[&MtRequest]) {
    let requests: Vec<_> = requests.iter().map(|request| stored(request)).collect();
    store.project_requests(&requests).await.unwrap();
}
