//! The rows of endpoints, of events on their way to them, and of tries.

use std::time::Duration;

use contracts::WebhookEvent;

use crate::column::{parsed, parsed_if, small, small_if, time, unreadable};
use crate::{
    CallbackState, DeliveryState, Disabled, LoggedReply, StoreError, Webhook, WebhookAttempt,
    WebhookDelivery, WebhookFilter, WebhookForm, WebhookSecret,
};

/// A row of `webhooks`.
#[derive(sqlx::FromRow)]
pub(crate) struct WebhookRow {
    id: String,
    org: String,
    owner: String,
    url: String,
    events: String,
    sim: Option<String>,
    sender: Option<String>,
    keyword: Option<String>,
    raw_pdu: bool,
    form: Option<String>,
    reply_with_body: bool,
    max_messages: i64,
    secret: String,
    old_secret: Option<String>,
    old_secret_until: Option<i64>,
    disabled_at: Option<i64>,
    disabled_reason: Option<String>,
    next_at: Option<i64>,
    failures: i64,
    pending: i64,
    dropped: i64,
    created_at: i64,
}

/// The columns of [`WebhookRow`], of the table under the name `w`.
macro_rules! webhook_columns {
    () => {
        "w.id, w.org, w.owner, w.url, w.events, w.sim, w.sender, w.keyword, w.raw_pdu, w.form, \
         w.reply_with_body, w.max_messages, w.secret, \
         w.old_secret, w.old_secret_until, w.disabled_at, w.disabled_reason, w.next_at, \
         w.failures, w.pending, w.dropped, w.created_at"
    };
}
pub(crate) use webhook_columns;

impl TryFrom<WebhookRow> for Webhook {
    type Error = StoreError;

    fn try_from(row: WebhookRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: parsed("webhooks.id", &row.id)?,
            org: parsed("webhooks.org", &row.org)?,
            owner: parsed("webhooks.owner", &row.owner)?,
            url: row.url,
            // An event of a later version is one that this version does not tell.
            events: row.events.split_whitespace().filter_map(|word| word.parse().ok()).collect(),
            filter: WebhookFilter {
                sim: parsed_if("webhooks.sim", row.sim.as_deref())?,
                sender: row.sender,
                keyword: row.keyword,
            },
            raw_pdu: row.raw_pdu,
            form: WebhookForm::of(row.form.as_deref())?,
            reply_with_body: row.reply_with_body,
            max_messages: small("webhooks.max_messages", row.max_messages)?,
            secret: WebhookSecret::new(row.secret),
            old_secret: row
                .old_secret
                .zip(row.old_secret_until)
                .map(|(secret, until)| (WebhookSecret::new(secret), time(until))),
            disabled: row
                .disabled_at
                .map(|at| Disabled { at: time(at), reason: row.disabled_reason }),
            next_at: row.next_at.map(time),
            failures: small("webhooks.failures", row.failures)?,
            pending: small("webhooks.pending", row.pending)?,
            dropped: small("webhooks.dropped", row.dropped)?,
            created_at: time(row.created_at),
        })
    }
}

/// Returns events as the database keeps them.
pub(crate) fn event_words(events: &[WebhookEvent]) -> String {
    events.iter().map(|event| event.as_str()).collect::<Vec<_>>().join(" ")
}

/// The event of a test in the database.
pub(crate) const TEST: &str = "test";

/// A row of `webhook_deliveries`.
#[derive(sqlx::FromRow)]
pub(crate) struct DeliveryRow {
    id: String,
    webhook: String,
    event: String,
    payload: String,
    owner: Option<String>,
    sim: Option<String>,
    state: String,
    tries: i64,
    created_at: i64,
}

/// The columns of [`DeliveryRow`].
macro_rules! delivery_columns {
    () => {
        "id, webhook, event, payload, owner, sim, state, tries, created_at"
    };
}
pub(crate) use delivery_columns;

impl TryFrom<DeliveryRow> for WebhookDelivery {
    type Error = StoreError;

    fn try_from(row: DeliveryRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: parsed("webhook_deliveries.id", &row.id)?,
            webhook: parsed("webhook_deliveries.webhook", &row.webhook)?,
            event: (row.event != TEST)
                .then(|| parsed("webhook_deliveries.event", &row.event))
                .transpose()?,
            payload: row.payload,
            owner: parsed_if("webhook_deliveries.owner", row.owner.as_deref())?,
            sim: parsed_if("webhook_deliveries.sim", row.sim.as_deref())?,
            state: match row.state.as_str() {
                "pending" => DeliveryState::Pending,
                "done" => DeliveryState::Done,
                "failed" => DeliveryState::Failed,
                other => return Err(unreadable("webhook_deliveries.state", other)),
            },
            tries: small("webhook_deliveries.tries", row.tries)?,
            created_at: time(row.created_at),
        })
    }
}

/// A row of `webhook_attempts`.
#[derive(sqlx::FromRow)]
pub(crate) struct AttemptRow {
    pub(crate) delivery: String,
    at: i64,
    duration_ms: i64,
    http_status: Option<i64>,
    error: Option<String>,
    answer: Option<String>,
}

impl TryFrom<AttemptRow> for WebhookAttempt {
    type Error = StoreError;

    fn try_from(row: AttemptRow) -> Result<Self, StoreError> {
        let millis = small("webhook_attempts.duration_ms", row.duration_ms)?;
        Ok(Self {
            at: time(row.at),
            duration: Duration::from_millis(millis),
            http_status: small_if("webhook_attempts.http_status", row.http_status)?,
            error: row.error,
            answer: row.answer,
        })
    }
}

/// A row of `webhook_replies`, as the log has it.
#[derive(sqlx::FromRow)]
pub(crate) struct ReplyRow {
    pub(crate) delivery: String,
    id: String,
    state: String,
    last_error: Option<String>,
    replied_at: Option<i64>,
}

impl TryFrom<ReplyRow> for LoggedReply {
    type Error = StoreError;

    fn try_from(row: ReplyRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: parsed("webhook_replies.id", &row.id)?,
            state: match row.state.as_str() {
                "pending" => CallbackState::Pending,
                "done" => CallbackState::Done,
                "failed" => CallbackState::Failed,
                other => return Err(unreadable("webhook_replies.state", other)),
            },
            last_error: row.last_error,
            replied_at: row.replied_at.map(time),
        })
    }
}
