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
//! Every call that reads or writes for somebody takes a [`Reach`], which says on whose behalf it acts. One condition in
//! SQL is made from it (`reach/queries.rs`), and [`Reach::sees`] and [`Reach::reads`] say the same of what is shown
//! live, with whom [`Reach::leads`] names beside. Two folders have the calls that take none: `entry`, by which somebody comes in, and `system`, which has what
//! the services do of themselves.
//!
//! Times are `BIGINT` microseconds, because SQLite has no type for times and texts of varying length sort wrongly. Ids
//! are kept in their prefixed text form, which is readable in any database shell.

mod account_limits;
mod accounts;
mod alerts;
mod audit;
mod broadcasts;
mod bulks;
mod callbacks;
mod column;
mod contact_imports;
mod contacts;
mod conversations;
mod credits;
mod engine;
mod entries;
mod entry;
mod error;
mod factors;
mod gateway;
mod groups;
mod history;
mod inbox;
mod keys;
mod links;
mod messages;
mod modem_events;
mod modems;
mod open_sessions;
mod opt_outs;
mod paging;
mod queue;
mod reach;
mod removed;
mod routes;
mod schedules;
mod schema;
mod search;
mod secret;
mod send_attempts;
mod services;
mod sims;
mod statement;
mod store;
mod system;
mod tallies;
mod teams;
mod templates;
mod traffic;
mod votes;
mod webhooks;

pub use account_limits::LOCAL;
pub use accounts::{ChangeUserError, CreateUserError, NewUser, ParseRoleError, Role, User};
pub use alerts::MOST_OPEN_ALERTS;
pub use audit::{
    ActedAs, AuditAction, AuditActor, AuditActorKind, AuditDoor, AuditEntry, AuditFault,
    AuditFilter, AuditPlace, AuditVerdict, NewAuditEntry,
};
pub use broadcasts::{
    Audience, BadPace, BadPersonalText, Broadcast, BroadcastChange, BroadcastError, BroadcastOrder,
    BroadcastPlan, BroadcastProgress, BroadcastRecipient, BroadcastState, BroadcastTrouble,
    ExpectedAudience, FASTEST_PACE, LONGEST_BROADCAST_NUMBER, LeftOut, MOST_AUDIENCE,
    MOST_BROADCASTS, MOST_GROUPS_OF_BROADCAST, MOST_NUMBERS_OF_BROADCAST, NewBroadcast, Pace,
    PacePeriod, PersonalField, PersonalText, Personalia, Reading, ZoneShare,
};
pub use bulks::{
    BULK_ROWS_KEPT_HOURS, BULKS_KEPT_DAYS, Bulk, BulkOutcomes, BulkPiece, BulkPlace, BulkRow,
    CreateBulkError, MOST_BULKS, NewBulk,
};
pub use callbacks::{
    Callback, CallbackAttempt, CallbackForm, CallbackState, NewCallback, NextStep, NumberedAttempt,
};
pub use contact_imports::{
    CONTACT_IMPORTS_KEPT_DAYS, ContactImport, ContactImportCounts, ContactImportError,
    ContactImportKind, ContactImportPiece, ContactImportStep, ImportedChange, LeftContact, LeftWhy,
    MOST_CONTACT_IMPORTS, MOST_MERGED, NewContactImport,
};
pub use contacts::{
    ChangeContactError, Contact, ContactChange, ContactFilter, CreateContactsError, DoublesBy,
    MOST_CONTACTS, MOST_GROUPS_OF_CONTACT, NewContact,
};
pub use conversations::{
    AnsweredBy, Assignment, Colleague, Conversation, ConversationChange, ConversationFilter,
    ConversationPage, Heading, LONGEST_COUNTERPART, LONGEST_THREAD_NOTE, Line, LinePage,
    MOST_ASSIGNEES, MOST_MUTES, MOST_THREAD_NOTES, MOST_UNREAD, MissedCall, MuteError, Note,
    Reader, Shelf, WriteNoteError,
};
pub use credits::{
    ChangeCreditError, ChangePricesError, Credit, KEPT_PRICES, LONGEST_NOTE, LedgerEntry,
    LedgerKind, MOST_CREDIT, NewCredit, PricesVersion,
};
pub use entries::{Entry, EntryCount, EntryPlace, Keeping, MOST_ENTRIES, MOST_OF_BOARD, NewEntry};
pub use entry::factors::NewLogIn;
pub use entry::sessions::{Acting, NewSession, Session};
pub use entry::setup::{SETUP_LINK_LASTS, SetupError};
pub use entry::{DoorPassword, KeyCheck};
pub use error::{OpenError, StoreError};
pub use factors::{MOST_RECOVERY_CODES, SecondFactor};
pub use gateway::GatewayChange;
pub use groups::rule::{GroupCondition, GroupRule, MOST_CONDITIONS};
pub use groups::{
    ChangeGroupError, CreateGroupError, Group, GroupChange, MOST_GROUP_RULES, MOST_GROUPS, NewGroup,
};
pub use history::{PastReceived, PastSent};
pub use inbox::{InboxFilter, InboxPage, Received};
pub use keys::{ApiKey, Door, NewKey};
pub use links::{
    INVITATION_LASTS, Invitation, LinkError, MOST_INVITATIONS, NewInvitation, PASSWORD_LINK_LASTS,
};
pub use messages::{
    Message, MessageDetail, MessageFilter, MessagePage, Part, PartReport, TimelineEntry,
};
pub use modems::{ModemChange, ModemError};
pub use open_sessions::OpenSession;
pub use opt_outs::{NewOptOuts, OptOutChange, OptOutSource};
pub use paging::{Cursor, NamePage, NamePlace, Page, ParseCursorError};
pub use queue::{COUNTED, Queued};
pub use reach::{Owner, Reach};
pub use removed::{MOST_REMOVED, REMOVED_KEPT, Restorable, RestoreError};
pub use routes::{ChangeRoutesError, KEPT_ROUTES, RoutesVersion};
pub use schedules::{
    Going, MOST_GROUPS_OF_SCHEDULE, MOST_SCHEDULES, NewSchedule, Schedule, ScheduleChange,
    ScheduleError, ScheduleRun, ScheduleTrouble, ScheduledMessage, Timing,
};
pub use schema::{MigrateError, Migrated, Schema, SchemaError};
pub use search::{LONGEST_SEARCH, Search, SearchTooLong};
pub use secret::SecretHash;
pub use send_attempts::{ATTEMPT_IS_KNOWN_FOR, NewSendAttempt, SendAttempt};
pub use services::{
    Board, CODE_LASTS, ChangeServiceError, CreateServiceError, InboxOf, LONGEST_ADDRESS,
    LoggedCall, MOST_ANSWERS, MOST_CONFIRMED, MOST_INBOXES, MOST_LINES, MOST_OF_GROUP,
    MOST_QUESTIONS, MOST_SERVICES, MOST_SHOWN, MOST_WORDS, NewService, Question, Quiz, Scenario,
    ScenarioLine, Service, ServiceAction, ServiceChange, ServiceRule, Survey, ToGroup,
};
pub use sims::{SimChange, SimError};
pub use store::Store;
pub use system::asking::{
    Answering, Asking, MOST_ASKINGS, MOST_CODES, MOST_PINS, MOST_PINS_OF_SERVICE, NewAsking,
};
pub use system::boards::PublicBoard;
pub use system::broadcasting::{BroadcastPiece, BroadcastSent, Candidate, Looked};
pub use system::calls::{
    AfterCall, CallAttempt, Joining, NewServiceCall, ServiceCall, ServiceDeed, TakenBy,
};
pub use system::crediting::WOKEN_AT_ONCE;
pub use system::deadlines::{DueMessage, Silent, Unheard};
pub use system::lanes::{AfterTry, KEPT, Listener, Listeners, NewDelivery};
pub use system::loops::{LOOP_REST, StoppedLoop};
pub use system::projection::{Projected, StoredEvent, StoredEventBody, StoredRequest};
pub use system::replies::{AfterReply, Answered, Cap, ReplyCaps, ReplyText, WebhookReply};
pub use system::retention::{Cutoffs, Removed};
pub use system::scheduling::{ScheduleBounds, ScheduleSent};
pub use system::settings::Setting;
pub use system::watching::{KEPT_ALERTS, LastEnds, NewAlert, OldestWaiting, Stuck, UntoldAlert};
pub use tallies::{TIME_BINS, Tally, TallyBy, TallyFilter, TallyKey, Times};
pub use teams::{
    MOST_SIMS_OF_TEAM, MOST_TEAMS, MOST_TEAMS_OF_USER, MOST_USERS_OF_TEAM, NewTeam, Team,
    TeamChange, TeamError,
};
pub use templates::{CreateTemplateError, MOST_TEMPLATES, NewTemplate, Template, TemplateChange};
pub use traffic::Traffic;
pub use votes::Vote;
pub use webhooks::{
    CreateWebhookError, DeliveryState, Disabled, LogPlace, LoggedDelivery, LoggedReply,
    MOST_PENDING, MOST_REPLAYED, MOST_WEBHOOKS, NewWebhook, Replay, Webhook, WebhookAttempt,
    WebhookChange, WebhookDelivery, WebhookFilter, WebhookForm, WebhookSecret,
};
