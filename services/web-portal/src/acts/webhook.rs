//! Endpoints for events.

mod address;

use std::time::Duration;

use contracts::bounds;
use contracts::{Address, DeliveryId, SimId, Timestamp, UserId, WebhookEvent, WebhookId};
use data_encoding::BASE64;
use serde_json::{Value, json};
use store::{
    AuditAction, CreateWebhookError, DeliveryState, LogPlace, LoggedDelivery, NewWebhook, Replay,
    StoreError, Webhook, WebhookChange, WebhookFilter, WebhookForm, WebhookSecret,
};
use tokio::time::Instant;

use crate::acts::belonging::changed_by;
use crate::acts::not_read::NotRead;
use crate::app::App;
use crate::authority::{Authority, Denied};
use crate::power::Power;
pub(crate) use address::MAIL;
use address::{checked_url, must_stay, must_suit};

/// The most characters of a sender or a keyword that a filter names.
pub(crate) const LONGEST_FILTER: usize = 64;
/// How long the secret before signs too after a rotation.
pub(crate) const BOTH_SIGN: Duration = Duration::from_hours(24);
/// How long the end of a test is waited for: longer than a request to an endpoint may take.
const PATIENCE: Duration = Duration::from_secs(40);
/// How long it is between two looks at a test: the first, and the longest.
const LOOKS: (Duration, Duration) = (Duration::from_millis(20), Duration::from_millis(500));
/// The event of a test, as endpoints know it.
pub(crate) const TEST: &str = "webhook.test";

/// Why an endpoint was not made or changed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotDone {
    /// Not with this authority.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The URL is none that can be called.
    #[error("the URL cannot be used: {0}")]
    Url(&'static str),
    /// What it wants to be told goes by no mail.
    #[error(
        "by mail goes what is received, and what is wrong with the gateway: sms.received, ussd.received, call.missed, \
         alert.opened and alert.closed"
    )]
    NotByMail,
    /// Mails would go to an address that is nobody's own here.
    #[error("only an administrator has mails sent to an address: {0}")]
    OthersMail(Denied),
    /// What is told by mail would be called, or the other way round.
    #[error(
        "an endpoint that is told by mail stays one, and so does one that is called: make another"
    )]
    AnotherKind,
    /// It would be told nothing.
    #[error("an endpoint without events would be told nothing")]
    NoEvents,
    /// Nothing that it is told has an answer that could be sent back.
    #[error(
        "what a program answers to sms.received is sent back, and this endpoint is not told of it, or is a mail address"
    )]
    NoAnswers,
    /// The form has no words for the event.
    #[error("an endpoint in Twilio's form is not told of {0}: Twilio knows messages alone")]
    NotInForm(WebhookEvent),
    /// Too much waits for it already.
    #[error("as many events wait for the endpoint as may; send them again when it has taken some")]
    Full,
    /// The account has as many as it may have.
    #[error("the account has {} endpoints, which is the most there may be", store::MOST_WEBHOOKS)]
    TooMany,
    /// It is disabled, so it cannot be tested.
    #[error("the endpoint is disabled; enable it first")]
    IsDisabled,
    /// A test of it has not come to its end.
    #[error("a test of the endpoint waits for its answer already")]
    TestWaits,
    /// The database.
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for NotDone {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::TestWaits => Self::TestWaits,
            StoreError::LaneFull => Self::Full,
            error => Self::Store(error),
        }
    }
}

/// What is wanted of an endpoint.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wanted {
    /// Where events are sent.
    pub(crate) url: String,
    /// Which events.
    pub(crate) events: Vec<WebhookEvent>,
    /// Of what is received, only what comes to this SIM.
    pub(crate) sim: Option<SimId>,
    /// Of what is received, only what comes from this sender, as it is written.
    pub(crate) sender: String,
    /// Of what is received, only texts that begin so.
    pub(crate) keyword: String,
    /// Whether the PDUs are sent too.
    pub(crate) raw_pdu: bool,
    /// In which form it is told.
    pub(crate) form: WebhookForm,
    /// Whether what it answers to a received message is sent back.
    pub(crate) reply_with_body: bool,
    /// Of how many parts a reply is at most; none: of one.
    pub(crate) max_messages: Option<u8>,
}

/// A change of an endpoint. What is none stays as it is.
#[derive(Debug, Clone, Default)]
pub(crate) struct Change {
    /// Where events are sent.
    pub(crate) url: Option<String>,
    /// Which events.
    pub(crate) events: Option<Vec<WebhookEvent>>,
    /// The SIM, or that any will do.
    pub(crate) sim: Option<OfSim>,
    /// The sender; empty: no filter.
    pub(crate) sender: Option<String>,
    /// The keyword; empty: no filter.
    pub(crate) keyword: Option<String>,
    /// Whether the PDUs are sent too.
    pub(crate) raw_pdu: Option<bool>,
    /// Whether what it answers to a received message is sent back.
    pub(crate) reply_with_body: Option<bool>,
    /// Of how many parts a reply is at most.
    pub(crate) max_messages: Option<u8>,
    /// Whether it is told anything.
    pub(crate) enabled: Option<bool>,
}

/// To which SIM something has to come.
#[derive(Debug, Clone, Copy)]
pub(crate) enum OfSim {
    /// To any.
    Any,
    /// To this one.
    Only(SimId),
}

/// What an endpoint was told, newest first.
#[derive(Debug)]
pub(crate) struct Log {
    /// Those of this page.
    pub(crate) deliveries: Vec<LoggedDelivery>,
    /// Where the next page begins; none: this is the last.
    pub(crate) next: Option<LogPlace>,
}

/// Those in reach, newest first.
pub(crate) async fn list(app: &App, authority: &Authority) -> Result<Vec<Webhook>, NotRead> {
    authority.must(Power::WebhooksRead)?;
    Ok(app.store.webhooks(authority.reach).await?)
}

/// One in reach.
pub(crate) async fn one(
    app: &App,
    authority: &Authority,
    id: WebhookId,
) -> Result<Option<Webhook>, NotRead> {
    authority.must(Power::WebhooksRead)?;
    Ok(app.store.webhook(authority.reach, id).await?)
}

/// Makes one for the caller's own account.
pub(crate) async fn make(
    app: &App,
    authority: &Authority,
    wanted: Wanted,
) -> Result<Webhook, NotDone> {
    authority.must_for_good(Power::WebhooksWrite)?;
    make_for(app, authority, authority.owner(), wanted).await
}

/// Makes one for an account: the caller's own, or, with the power over accounts, another's.
pub(crate) async fn make_for(
    app: &App,
    authority: &Authority,
    owner: UserId,
    wanted: Wanted,
) -> Result<Webhook, NotDone> {
    // What it is told goes on when the key does not.
    authority.must_for_good(Power::WebhooksWrite)?;
    let new = checked_new(app, authority, owner, wanted)?;
    let entry = authority.entry(app, AuditAction::WebhookCreated).about(&"", &place(&new.url));
    let store = app.store.audited(entry.with(&json!({ "events": new.events })));
    let made = store.create_webhook(authority.reach, &new, app.clock.now()).await;
    let made = made.map_err(|error| match error {
        CreateWebhookError::TooMany => NotDone::TooMany,
        CreateWebhookError::Store(error) => error.into(),
    })?;
    tracing::info!(webhook.id = %made.id, by = authority.name(), "a webhook was made");
    Ok(made)
}

/// An endpoint of an account as it would be made, when it may be, with a new secret.
pub(crate) fn checked_new(
    app: &App,
    authority: &Authority,
    owner: UserId,
    wanted: Wanted,
) -> Result<NewWebhook, NotDone> {
    authority.must_for_good(Power::WebhooksWrite)?;
    if owner != authority.owner() {
        authority.must_for_good(Power::UsersManage)?;
    }
    let events = checked_events(authority, wanted.events, wanted.form)?;
    if wanted.reply_with_body {
        // Its answers are sent by the account.
        authority.must(Power::MessagesSend)?;
        must_be_answered(&wanted.url, &events)?;
    }
    let filter = WebhookFilter {
        sim: wanted.sim,
        sender: sender(&wanted.sender),
        keyword: keyword(&wanted.keyword),
    };
    Ok(NewWebhook {
        owner,
        url: checked_url(app, authority, &wanted.url, (&events, wanted.form))?,
        events,
        filter,
        raw_pdu: wanted.raw_pdu,
        form: wanted.form,
        reply_with_body: wanted.reply_with_body,
        max_messages: wanted.max_messages.unwrap_or(1).min(bounds::REPLY_PARTS),
        secret: new_secret(),
    })
}

/// Changes one in reach; none: there is none.
pub(crate) async fn change(
    app: &App,
    authority: &Authority,
    id: WebhookId,
    change: Change,
) -> Result<Option<Webhook>, NotDone> {
    authority.must_for_good(Power::WebhooksWrite)?;
    let Some(present) = app.store.webhook(changed_by(authority), id).await? else {
        return Ok(None);
    };
    let changed = checked_change(app, authority, &present, change)?;
    let now = app.clock.now();
    let entry = authority.entry(app, AuditAction::WebhookChanged).about(&id, &place(&present.url));
    let (before, after) = shown(&present, &changed);
    let store = app.store.audited(entry.changed(&before, &after));
    let changed = store.change_webhook(changed_by(authority), id, &changed, now).await?;
    tracing::info!(webhook.id = %id, by = authority.name(), "a webhook was changed");
    Ok(changed)
}

/// What a change of an endpoint would keep, when it may be made.
pub(crate) fn checked_change(
    app: &App,
    authority: &Authority,
    present: &Webhook,
    change: Change,
) -> Result<WebhookChange, NotDone> {
    authority.must_for_good(Power::WebhooksWrite)?;
    // Whoever says where events go may see all of them.
    let events = change.events.unwrap_or_else(|| present.events.clone());
    let events = checked_events(authority, events, present.form)?;
    if change.reply_with_body.unwrap_or(present.reply_with_body) {
        // Its answers are sent by the account, and whoever says where events go says who answers.
        authority.must(Power::MessagesSend)?;
        must_be_answered(change.url.as_deref().unwrap_or(&present.url), &events)?;
    }
    let check = |url: &str| {
        must_stay(&present.url, url)?;
        // Who has one already changes the rest of it.
        if url.trim() == present.url {
            return Ok(present.url.clone());
        }
        checked_url(app, authority, url, (&events, present.form))
    };
    let url = change.url.as_deref().map(check).transpose()?;
    must_suit(&present.url, &events)?;
    if url.is_some() {
        // What waits and what is sent again goes there too, whichever events it was told of before.
        for event in WebhookEvent::ALL {
            authority.must(power_of(event))?;
        }
    }
    let mut filter = present.filter.clone();
    if let Some(sim) = change.sim {
        filter.sim = match sim {
            OfSim::Any => None,
            OfSim::Only(sim) => Some(sim),
        };
    }
    if let Some(wanted) = change.sender {
        filter.sender = sender(&wanted);
    }
    if let Some(wanted) = change.keyword {
        filter.keyword = keyword(&wanted);
    }
    Ok(WebhookChange {
        url,
        events: (events != present.events).then_some(events),
        filter: (filter != present.filter).then_some(filter),
        raw_pdu: change.raw_pdu,
        reply_with_body: change.reply_with_body,
        max_messages: change.max_messages.map(|parts| parts.min(bounds::REPLY_PARTS)),
        enabled: change.enabled,
    })
}

/// Gives one in reach another secret; none: there is none.
pub(crate) async fn rotate(
    app: &App,
    authority: &Authority,
    id: WebhookId,
) -> Result<Option<Webhook>, NotDone> {
    authority.must_for_good(Power::WebhooksWrite)?;
    let now = app.clock.now();
    let (secret, until) = (new_secret(), now.plus(BOTH_SIGN));
    let entry = authority.entry(app, AuditAction::WebhookRotated).about(&id, "");
    let store = app.store.audited(entry);
    let rotated = store.rotate_webhook(changed_by(authority), id, &secret, until, now).await?;
    tracing::info!(webhook.id = %id, by = authority.name(), "a webhook has another secret");
    Ok(rotated)
}

/// Removes one in reach with its log; false: there is none.
pub(crate) async fn remove(
    app: &App,
    authority: &Authority,
    id: WebhookId,
) -> Result<bool, NotRead> {
    authority.must(Power::WebhooksWrite)?;
    let entry = authority.entry(app, AuditAction::WebhookRemoved).about(&id, "");
    let store = app.store.audited(entry);
    let removed = store.remove_webhook(changed_by(authority), id, app.clock.now()).await?;
    if removed {
        tracing::info!(webhook.id = %id, by = authority.name(), "a webhook was removed");
    }
    Ok(removed)
}

/// Sends a test to one in reach, and waits for its end or for [`PATIENCE`]; none: there is none.
pub(crate) async fn test(
    app: &App,
    authority: &Authority,
    id: WebhookId,
) -> Result<Option<LoggedDelivery>, NotDone> {
    authority.must(Power::WebhooksWrite)?;
    let Some(webhook) = app.store.webhook(changed_by(authority), id).await? else {
        return Ok(None);
    };
    if webhook.disabled.is_some() {
        return Err(NotDone::IsDisabled);
    }
    let (test, now) = (DeliveryId::new(), app.clock.now());
    let body = serde_json::json!({
        "type": TEST,
        "timestamp": now,
        "data": { "webhook": id, "text": "This is a test." },
    });
    let entry = authority.entry(app, AuditAction::WebhookTested).about(&id, &place(&webhook.url));
    let store = app.store.audited(entry);
    if !store.test_webhook(changed_by(authority), id, test, &body.to_string(), now).await? {
        return Err(NotDone::IsDisabled);
    }
    let end = Instant::now() + PATIENCE;
    let (mut pause, longest) = LOOKS;
    loop {
        let shown = app.store.webhook_delivery(authority.reach, id, test).await?;
        let waits =
            shown.as_ref().is_some_and(|shown| shown.delivery.state == DeliveryState::Pending);
        if !waits || Instant::now() >= end {
            return Ok(shown);
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(longest);
    }
}

/// What one in reach was told, newest first; none: there is none.
pub(crate) async fn log(
    app: &App,
    authority: &Authority,
    id: WebhookId,
    before: Option<LogPlace>,
    limit: u32,
) -> Result<Option<Log>, NotRead> {
    authority.must(Power::WebhooksRead)?;
    if app.store.webhook(authority.reach, id).await?.is_none() {
        return Ok(None);
    }
    let rows = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut deliveries =
        app.store.webhook_log(authority.reach, id, before, limit.saturating_add(1)).await?;
    let more = deliveries.len() > rows;
    deliveries.truncate(rows);
    for logged in &mut deliveries {
        hide_unseen(authority, logged);
    }
    let next = deliveries.last().filter(|_| more);
    let next = next.map(|last| (last.delivery.created_at, last.delivery.id));
    Ok(Some(Log { deliveries, next }))
}

/// Takes what an event tells, and what the endpoint answered to that, out of a log that is shown to who may not see it.
fn hide_unseen(authority: &Authority, logged: &mut LoggedDelivery) {
    let is_seen = logged.delivery.event.is_none_or(|event| authority.may(power_of(event)));
    if !is_seen {
        logged.delivery.payload = String::new();
        logged.attempts.iter_mut().for_each(|attempt| attempt.answer = None);
    }
}

/// Sends events to one in reach again; none: there is none.
pub(crate) async fn replay(
    app: &App,
    authority: &Authority,
    id: WebhookId,
    which: Replay,
) -> Result<Option<u64>, NotDone> {
    authority.must(Power::WebhooksWrite)?;
    let entry = authority.entry(app, AuditAction::WebhookReplayed).about(&id, "");
    let store = app.store.audited(entry);
    Ok(store.replay_webhook(changed_by(authority), id, which, app.clock.now()).await?)
}

/// Where an endpoint is, without what may be secret of its URL: its scheme and its host.
fn place(url: &str) -> String {
    match url::Url::parse(url) {
        Ok(url) => match url.host_str() {
            Some(host) => format!("{}://{host}", url.scheme()),
            None => format!("{}:", url.scheme()),
        },
        Err(_) => String::new(),
    }
}

/// How an endpoint is before a change and after it, as the audit log shows it.
fn shown(present: &Webhook, change: &WebhookChange) -> (Value, Value) {
    let filter = |filter: &WebhookFilter| json!({ "sim": filter.sim, "keyword": filter.keyword, "only_from_one": filter.sender.is_some() });
    let enabled = present.disabled.is_none();
    let before = json!({
        "to": place(&present.url),
        "events": present.events,
        "filter": filter(&present.filter),
        "raw_pdu": present.raw_pdu,
        "reply_with_body": present.reply_with_body,
        "max_messages": present.max_messages,
        "enabled": enabled,
    });
    let after = json!({
        "to": change.url.as_deref().map_or_else(|| place(&present.url), place),
        "url_changed": change.url.as_ref().filter(|url| **url != present.url).map(|_| true),
        "events": change.events.as_ref().unwrap_or(&present.events),
        "filter": filter(change.filter.as_ref().unwrap_or(&present.filter)),
        "raw_pdu": change.raw_pdu.unwrap_or(present.raw_pdu),
        "reply_with_body": change.reply_with_body.unwrap_or(present.reply_with_body),
        "max_messages": change.max_messages.unwrap_or(present.max_messages),
        "enabled": change.enabled.unwrap_or(enabled),
    });
    (before, after)
}

/// A place of a log, as it is written.
pub(crate) fn written_place((at, id): LogPlace) -> String {
    format!("{}.{id}", at.as_micros())
}

/// Reads back what [`written_place`] writes.
pub(crate) fn read_place(text: &str) -> Option<LogPlace> {
    let (at, id) = text.split_once('.')?;
    Some((Timestamp::from_micros(at.parse().ok()?), id.parse().ok()?))
}

/// The power that is needed to see what an event tells.
pub(super) const fn power_of(event: WebhookEvent) -> Power {
    use WebhookEvent as E;
    match event {
        E::SmsReceived | E::CallMissed | E::UssdReceived | E::LoopStopped => Power::InboxRead,
        E::SmsAccepted
        | E::SmsSent
        | E::SmsDelivered
        | E::SmsUndelivered
        | E::SmsFailed
        | E::SmsExpired
        | E::SmsCancelled
        | E::SmsUncertain
        | E::BatchFinished => Power::MessagesRead,
        E::ModemOnline
        | E::ModemOffline
        | E::ModemDegraded
        | E::BalanceLow
        | E::SimQuotaLow
        | E::SimBlocked
        | E::SimUnblocked => Power::ModemsRead,
        E::AlertOpened | E::AlertClosed => Power::GatewayOperate,
        E::WebhookDisabled => Power::WebhooksWrite,
    }
}

/// The events, each once, when whoever wants them may see all of them.
fn checked_events(
    authority: &Authority,
    mut events: Vec<WebhookEvent>,
    form: WebhookForm,
) -> Result<Vec<WebhookEvent>, NotDone> {
    events.sort_unstable();
    events.dedup();
    if events.is_empty() {
        return Err(NotDone::NoEvents);
    }
    for event in &events {
        authority.must(power_of(*event))?;
        if form == WebhookForm::Twilio && !is_of_twilio(*event) {
            return Err(NotDone::NotInForm(*event));
        }
    }
    Ok(events)
}

/// Whether Twilio tells of such a thing.
const fn is_of_twilio(event: WebhookEvent) -> bool {
    use WebhookEvent as E;
    matches!(
        event,
        E::SmsReceived
            | E::SmsSent
            | E::SmsDelivered
            | E::SmsUndelivered
            | E::SmsFailed
            | E::SmsExpired
            | E::SmsCancelled
    )
}

/// Refuses to send back what is answered when nothing is.
fn must_be_answered(url: &str, events: &[WebhookEvent]) -> Result<(), NotDone> {
    let is_answered = events.contains(&WebhookEvent::SmsReceived) && !url.trim().starts_with(MAIL);
    if is_answered { Ok(()) } else { Err(NotDone::NoAnswers) }
}

/// A sender as received messages have it.
fn sender(written: &str) -> Option<String> {
    let written = written.trim();
    (!written.is_empty()).then(|| Address::from_text(written).to_string())
}

fn keyword(written: &str) -> Option<String> {
    let written = written.trim();
    (!written.is_empty()).then(|| written.to_owned())
}

/// A secret of 256 random bits, as Standard Webhooks writes it.
fn new_secret() -> WebhookSecret {
    let bytes: [u8; 32] = rand::random();
    WebhookSecret::new(format!("whsec_{}", BASE64.encode(&bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_back() {
        let place = (Timestamp::from_micros(1_790_000_000_000_000), DeliveryId::new());
        assert_eq!(read_place(&written_place(place)), Some(place));
        for bad in ["", "1", "1.msg_1", "x.whd_1"] {
            assert_eq!(read_place(bad), None, "{bad}");
        }
    }
}
