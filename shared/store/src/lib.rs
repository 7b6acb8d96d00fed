//! Schema, migrations and queries of Merpati, for SQLite and PostgreSQL.
//!
//! [`Store`] is one handle for both engines: [`Store::open`] chooses by URL. Each aggregate (messages, keys, settings …)
//! has a folder: `mod.rs` holds its types and its methods of [`Store`], `queries.rs` (or `queries/`) its rows and its SQL.
//! The queries are written once and compiled twice, inside `engine::sqlite` and `engine::postgres`, each of which has
//! its own small module `dialect`; the SQL text is the same for both. A new aggregate is a folder, a line here and a line
//! in `engine/database.rs`. Rejected: `sqlx::Any` (no booleans on SQLite, panics by set-up), an ORM (hides the SQL), and
//! writing all of it twice. Every query is run by one contract suite on both engines, which replaces compile-time
//! checked queries: those want one engine a crate.
//!
//! A [`Reach`] says what a person or program may see, and no message and no received message is read without one. The
//! projection, which writes rows from requests and events, is for the service `persistence` alone.
//!
//! Times are `BIGINT` microseconds, because SQLite has no type for times and texts of varying length sort wrongly. Ids
//! are kept in their prefixed text form, which is readable in any database shell.

mod accounts;
mod callbacks;
mod column;
mod deadlines;
mod engine;
mod error;
mod inbox;
mod keys;
mod messages;
mod modems;
mod numbers;
mod paging;
mod projection;
mod reach;
mod retention;
mod schema;
mod secret;
mod send_attempts;
mod sessions;
mod settings;
mod setup;
mod sims;
mod store;

pub use accounts::{ChangeUserError, CreateUserError, NewUser, ParseRoleError, Role, User};
pub use callbacks::{
    Callback, CallbackAttempt, CallbackState, NewCallback, NextStep, NumberedAttempt,
};
pub use deadlines::{DueMessage, Unheard};
pub use error::{OpenError, StoreError};
pub use inbox::{InboxFilter, InboxPage, Received};
pub use keys::{ApiKey, KeyCheck, NewKey};
pub use messages::{
    Message, MessageDetail, MessageFilter, MessagePage, Part, PartReport, TimelineEntry,
};
pub use modems::{ModemChange, ModemError};
pub use paging::{Cursor, Page, ParseCursorError};
pub use projection::{Projected, StoredEvent, StoredEventBody, StoredRequest};
pub use reach::{Owner, Reach};
pub use retention::{Cutoffs, Removed};
pub use schema::{MigrateError, Migrated, Schema, SchemaError};
pub use secret::SecretHash;
pub use send_attempts::{ATTEMPT_IS_KNOWN_FOR, NewSendAttempt, SendAttempt};
pub use sessions::{NewSession, Session};
pub use settings::Setting;
pub use setup::{SETUP_LINK_LASTS, SetupError};
pub use sims::{SimChange, SimError};
pub use store::Store;
