//! Messages of the gateway before this one: kept, with nothing done about them.

use contracts::{Address, MessageId, ModemId, MtState, PhoneNumber, SimId, Timestamp, UserId};
use serde_json::json;
use store::{AuditAction, PastReceived, PastSent, StoreError};

use crate::app::App;
use crate::authority::{Authority, Denied};
use crate::power::Power;

/// The most messages of each kind that one request brings.
pub(crate) const AT_ONCE: usize = 500;
/// The most characters of the other gateway's name, and of what a message is known by there.
pub(crate) const LONGEST_FROM: usize = 32;
pub(crate) const LONGEST_SOURCE: usize = 100;
/// The most characters of a text: as many as the longest SMS has.
pub(crate) const LONGEST_TEXT: usize = 255 * 153;
/// The most characters of a sender or a recipient, as they are written.
pub(crate) const LONGEST_NUMBER: usize = 64;

/// How a message may have ended elsewhere.
pub(crate) const ENDS: [&str; 6] = [
    MtState::Sent.as_str(),
    MtState::Delivered.as_str(),
    MtState::Undelivered.as_str(),
    MtState::Failed.as_str(),
    MtState::Expired.as_str(),
    MtState::Cancelled.as_str(),
];

/// Why messages were not kept.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotKept {
    /// Not with this authority.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The gateway has no name.
    #[error("the name of the other gateway is 1 to {LONGEST_FROM} characters")]
    From,
    /// There are too many in one request.
    #[error("one request brings at most {AT_ONCE} messages of each kind")]
    TooManyAtOnce,
    /// An account is not there.
    #[error("one of the owners is not there")]
    NoSuchOwner,
    /// The database.
    #[error(transparent)]
    Store(StoreError),
}

/// A message that was sent, as it is written.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    /// By what it is known there.
    pub(crate) source: String,
    /// Its number there.
    pub(crate) number: Option<i64>,
    /// Whose it is.
    pub(crate) owner: Option<UserId>,
    /// The recipient.
    pub(crate) to: String,
    /// The text.
    pub(crate) text: String,
    /// How it ended.
    pub(crate) state: String,
    /// When it was accepted, and when it ended.
    pub(crate) at: Timestamp,
    pub(crate) ended_at: Option<Timestamp>,
}

/// A message that was received, as it is written.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    /// By what it is known there.
    pub(crate) source: String,
    /// Its number there.
    pub(crate) number: Option<i64>,
    /// Whose it is.
    pub(crate) owner: Option<UserId>,
    /// The sender.
    pub(crate) from: String,
    /// The number that it came to.
    pub(crate) to: Option<String>,
    /// The text.
    pub(crate) text: String,
    /// When it came.
    pub(crate) at: Timestamp,
}

/// What became of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Kept {
    /// How many were made.
    pub(crate) made: u64,
    /// How many were there already.
    pub(crate) there: u64,
    /// Those that cannot be messages, each with why.
    pub(crate) refused: Vec<(String, String)>,
    /// Those that were to be sent and are there now: by what each is known there, its id, and whether it is new.
    pub(crate) sent: Vec<(String, MessageId, bool)>,
}

/// Keeps messages of another gateway. One that cannot be a message keeps no other from being kept.
pub(crate) async fn keep(
    app: &App,
    authority: &Authority,
    from: &str,
    (sent, received): (Vec<Sent>, Vec<Received>),
) -> Result<Kept, NotKept> {
    authority.must_for_good(Power::HistoryImport)?;
    if !(1..=LONGEST_FROM).contains(&from.trim().chars().count()) {
        return Err(NotKept::From);
    }
    if sent.len() > AT_ONCE || received.len() > AT_ONCE {
        return Err(NotKept::TooManyAtOnce);
    }
    let mut refused = Vec::new();
    let id =
        |source: &str| MessageId::derived(&format!("imported:{}:{from}:{source}", authority.org));
    let mut good_sent = Vec::with_capacity(sent.len());
    let mut sources = Vec::with_capacity(sent.len());
    for one in sent {
        match past_sent(&one, id(&one.source)) {
            Ok(past) => {
                sources.push((one.source, past.id));
                good_sent.push(past);
            }
            Err(why) => refused.push((one.source, why)),
        }
    }
    let mut good_received = Vec::with_capacity(received.len());
    for one in received {
        match past_received(&one, id(&one.source), from) {
            Ok(past) => good_received.push(past),
            Err(why) => refused.push((one.source, why)),
        }
    }
    let found = good_sent.len() + good_received.len();
    let (reach, now) = (authority.reach, app.clock.now());
    let ids: Vec<MessageId> = sources.iter().map(|(_, id)| *id).collect();
    let before = app.store.message_states(reach, &ids).await.map_err(NotKept::Store)?;
    let entry = authority.entry(app, AuditAction::HistoryImported).about(&from.trim(), "");
    let store = app.store.audited(entry.with(&json!({ "found": found })));
    let made = store.import_history(reach, from.trim(), &good_sent, &good_received, now).await;
    let made = made.map_err(|error| match error {
        StoreError::OutOfReach { .. } => NotKept::NoSuchOwner,
        error => NotKept::Store(error),
    })?;
    tracing::info!(made, from, by = authority.name(), "messages of another gateway were brought");
    let there = u64::try_from(found).unwrap_or(u64::MAX).saturating_sub(made);
    let sent = sources.into_iter().map(|(source, id)| (source, id, !before.contains_key(&id)));
    Ok(Kept { made, there, refused, sent: sent.collect() })
}

fn past_sent(one: &Sent, id: MessageId) -> Result<PastSent, String> {
    let to = PhoneNumber::parse(&one.to).map_err(|error| format!("to: {error}"))?;
    if !ENDS.contains(&one.state.as_str()) {
        return Err("state: it is none that a message ends in".to_owned());
    }
    Ok(PastSent {
        id,
        number: one.number.filter(|number| *number > 0),
        owner: one.owner.unwrap_or_else(UserId::internal),
        to,
        text: bounded(&one.text)?,
        state: MtState::from_name(&one.state),
        created_at: one.at,
        updated_at: one.ended_at.unwrap_or(one.at),
    })
}

fn past_received(one: &Received, id: MessageId, from: &str) -> Result<PastReceived, String> {
    if one.from.trim().is_empty() {
        return Err("from: there is no sender".to_owned());
    }
    let to = one.to.as_deref().and_then(|to| PhoneNumber::parse(to).ok());
    let place = format!("imported:{from}:{}", one.to.as_deref().unwrap_or_default());
    Ok(PastReceived {
        id,
        number: one.number.filter(|number| *number > 0),
        owner: one.owner,
        from: Address::from_text(one.from.trim()),
        to,
        text: bounded(&one.text)?,
        sim: SimId::derived(&place),
        modem: ModemId::derived(&place),
        received_at: one.at,
    })
}

fn bounded(text: &str) -> Result<String, String> {
    let found = text.chars().count();
    if found > LONGEST_TEXT {
        return Err(format!(
            "text: it has {found} characters, and an SMS has at most {LONGEST_TEXT}"
        ));
    }
    Ok(text.to_owned())
}
