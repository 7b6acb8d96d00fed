//! The public face of Merpati on NATS: subjects, messages and events, version 1.
//!
//! Everything here is plain data in JSON. The version stands in the subject (`sms.v1.…`): fields are
//! added, never changed or removed; readers ignore fields they do not know and map enum values they
//! do not know to a catch-all. The golden files in `golden/` decode for ever.
//!
//! Message text travels only in requests, waiting and dispatched items and received messages; all
//! other events carry ids. (A USSD text that came unasked is in its modem event; it is kept nowhere else.)

pub mod alert;
pub mod amount;
pub mod batch;
pub mod bounds;
pub mod cancellation;
pub mod composition;
pub mod config_kv;
pub mod control;
pub mod credit;
pub mod dlr;
pub mod holder;
pub mod ids;
pub mod journal;
pub mod language;
pub mod limits;
pub mod mo;
pub mod modem;
pub mod mt;
pub mod names;
pub mod phone;
pub mod priority;
pub mod routes;
pub mod scheduled;
#[cfg(feature = "openapi")]
mod schema;
pub mod state;
pub mod subject;
pub mod talk;
pub mod time;
pub mod trace;
pub mod webhook;
pub mod wishes;
pub mod written;

pub use amount::Amount;
pub use holder::Holder;
pub use ids::{
    AlertId, BatchId, BlockId, BroadcastId, BulkId, CallbackId, ContactId, ContactImportId,
    DeliveryId, EventId, GroupId, KeyId, LinkId, MessageId, ModemId, NoteId, OrgId, ScheduleId,
    ServiceId, SessionId, SimId, TeamId, TemplateId, UserId, WebhookId,
};
pub use language::Languages;
pub use names::UnknownName;
pub use phone::{Address, PhoneNumber};
pub use priority::Priority;
pub use state::MtState;
pub use subject::{Filter, PoolId, Subject};
pub use time::Timestamp;
pub use trace::TraceId;
pub use webhook::WebhookEvent;

/// A typed message of the broker: it knows where it goes and what makes it a duplicate.
pub trait Message: serde::Serialize + Send + Sync {
    /// The subject it is published to.
    fn subject(&self) -> Subject;

    /// The `Nats-Msg-Id`: two publishes of one thing that happened have the same one.
    fn msg_id(&self) -> String;
}
