//! Requests and answers of `/api/v1` as types.
//!
//! Why a crate of its own: the portal serves these types, the command line and the tests read them, and the OpenAPI
//! document is made from them ([`openapi::document`]), so what one of them adds all of them have. A request refuses
//! fields that it does not know; an answer's reader ignores them, so that a newer gateway may say more.
//!
//! How large each field may be is said in one place, the portal's table of fields, which checks a request before it
//! becomes one of these types.

mod account;
mod account_limits;
mod alert;
mod audit;
mod batch;
mod broadcast;
mod bulk;
mod configuration;
mod contact_import;
mod conversation;
mod credit;
mod dead;
mod event;
mod gateway;
mod history;
mod inbox;
mod message;
mod modem;
pub mod openapi;
mod opt_out;
mod page;
mod people;
mod phone_book;
mod preview;
mod problem;
mod report;
mod route;
mod schedule;
mod service;
mod sim;
mod team;
mod webhook;

pub use account::{
    AccountChanges, Key, KeyRequest, KeyRequests, Keys, Me, NewKey, NewRole, NewUser, SetupLink,
    User, Users,
};
pub use account_limits::{LimitedUser, LimitedUsers, UserLimits, UserUsed};
pub use alert::{Alerts, ListAlerts, Queued};
pub use audit::{
    AuditActor, AuditBreak, AuditEntry, AuditLog, AuditSubject, AuditVerdict, ListAudit,
    VerifyAudit,
};
pub use batch::{Batch, BatchAcceptance, BatchOrder};
pub use broadcast::{
    Broadcast, BroadcastAudience, BroadcastChanges, BroadcastQuiet, BroadcastRecipient,
    BroadcastRecipients, Broadcasts, ListBroadcastRecipients, NewBroadcast, TestBroadcast,
};
pub use bulk::{
    Bulk, BulkPlan, BulkRow, BulkRows, Bulks, ListBulkRows, PlanBulk, SendBulk, UploadBulk,
};
pub use configuration::{
    CheckConfiguration, CheckedConfiguration, Configuration, ConfigurationChange,
    ConfigurationFault, ConfigurationLeftOut, ImportedConfiguration, NewConfiguration,
    ShowConfiguration,
};
pub use contact_import::{
    ConfirmContactImport, ContactImport, ContactImportPlan, ContactImportRow, ContactImportRows,
    ContactImports, Doubles, LeftContact, ListContactImportRows, ListDoubles, MergeContacts,
    PlanContactImport, SameContacts, UploadContacts,
};
pub use conversation::{
    Conversation, ConversationAssignee, ConversationChanges, ConversationLine, ConversationLines,
    ConversationNote, ConversationRead, ConversationState, Conversations, ListConversations,
    MissedCall, NewConversationNote, ReadConversation, ShowConversation,
};
pub use credit::{
    AddCredit, Credit, Credits, Ledger, LedgerLine, ListLedger, NewPrices, PrefixPrice, Prices,
    PricesVersion, PricesVersions,
};
pub use dead::{DeadLetter, DeadLetters, ListDead};
pub use event::{
    BatchEvent, Events, FollowEvents, Happened, HappenedTo, LoopEvent, ModemHappening, NextEvents,
    ReceivedEvent, SentEvent, WebhookGone,
};
pub use gateway::{GatewayState, GatewayStatus};
pub use history::{HistoryMade, HistoryRefused, HistorySent, NewHistory, PastReceived, PastSent};
pub use inbox::{Inbox, ListInbox, Mms, ReceivedMessage, WaitingIndication};
pub use message::{
    Acceptance, Account, Callback, CallbackAttempt, Cancellation, DryReceipt, DryRun, Encoding,
    Languages, ListMessages, Message, MessageDetail, Messages, NewMessage, Receipt,
    RecipientWithText, Recipients, SentPart, StatusReport, TimelineLine, Waiting, WatchMessage,
};
pub use modem::{Modem, ModemChanges, ModemSettings, Modems};
pub use opt_out::{ListOptOuts, NewOptOuts, OptOut, OptOutHistory, OptOuts, OptedOut};
pub use page::Nothing;
pub use people::{Invitation, Invitations, NewInvitation, PasswordLink, Session, Sessions, SignIn};
pub use phone_book::{
    BroughtContact, Contact, ContactChanges, ContactMade, ContactOptOut, Contacts, ContactsMade,
    Group, GroupChanges, GroupRule, Groups, ListByName, ListContacts, NewContact, NewContacts,
    NewGroup, NewTemplate, Template, TemplateChanges, Templates,
};
pub use preview::{AlphabetUse, Preview, Replacement, Tables};
pub use problem::Problem;
pub use report::{Report, ReportCounts, ReportRow, ReportTimes, ShowReport};
pub use route::{
    NewRoutes, PassedRule, PoolMember, RestoreRoutes, RouteFinding, RouteHours, RoutePool,
    RouteRule, RouteTarget, RouteWeight, Routes, RoutesVersion, RoutesVersions, TestRoutes,
    TestedRoutes,
};
pub use schedule::{NewSchedule, Schedule, ScheduleChanges, ScheduleRun, Schedules};
pub use service::{
    HideEntry, KeptCount, ListEntries, NewService, Service, ServiceCall, ServiceChanges,
    ServiceConflict, ServiceEntries, ServiceEntry, Services, TestServices, TestedServices,
    VoteCount,
};
pub use sim::{Sim, SimChanges, SimLimits, SimUsed, Sims, Who};
pub use team::{NewTeam, RemoveTeam, Team, TeamChanges, Teams};
pub use webhook::{
    ListDeliveries, NewWebhook, ReplayDeliveries, Replayed, Webhook, WebhookAttempt,
    WebhookChanges, WebhookDeliveries, WebhookDelivery, WebhookFormat, WebhookReply, Webhooks,
};
