//! `/api/v1`, for programs and the command line. JSON both ways; errors are problem+json with a stable `code`.
//!
//! | call | what |
//! |---|---|
//! | `POST /messages` | send: `{"to": [..] or "..", "text": ".."}` and options → 202 |
//! | `GET /messages?state=&to=&since=&q=&limit=&before=` | those sent, newest first |
//! | `GET /messages/{id}?after=VERSION` | one, with its timeline; `after` waits for the next version |
//! | `DELETE /messages/{id}` | cancel: 200 when it will not be sent, 409 when it is too late |
//! | `POST /messages/{id}/again` | send one again that did not reach its recipient: a new message → 202 |
//! | `POST /messages/preview` | count: encoding, parts, what is left |
//! | `POST /batches` | send to as many as 10,000, each with a text of its own if wanted → 202 |
//! | `GET /batches/{id}` | how many of its messages are in each state |
//! | `POST /batches/{id}/{pause,resume,cancel}` | acts at once on what no modem has yet |
//! | `GET POST /bulk`, `GET PATCH DELETE /bulk/{id}` | CSV files and workbooks of which each row becomes a message |
//! | `GET /bulk/{id}/rows`, `POST /bulk/{id}/send` | what becomes of each row; sends them |
//! | `GET /inbox?sim=&from=&since=&q=&limit=&before=` | those received, newest first |
//! | `GET /inbox/{id}` | one received |
//! | `GET /conversations?q=&show=&limit=&before=` | those with the newest messages first |
//! | `GET /conversations/{number}`, `POST /conversations/{number}/read` | what was said with one phone; notes that it was read |
//! | `PATCH /conversations/{number}`, `POST /conversations/{number}/notes` | what colleagues keep of it |
//! | `GET /modems`, `GET /modems/{id}` | the modems as they are now |
//! | `POST /modems/{id}/{info,ussd,at,restart,reset,flight,number,smsc,pin,lines,trace}` | ask one (administrators) |
//! | `PATCH DELETE /modems/{id}` | name, disable, forget one (administrators) |
//! | `GET /sims`, `GET /sims/{id}` | SIMs, and whether one may send through them and read them |
//! | `PATCH /sims/{id}` | who may, and how much it may send (administrators) |
//! | `GET POST /users`, `POST /users/{id}/{enable,disable,password,role}` | accounts (administrators) |
//! | `GET /limits`, `GET PUT /users/{id}/limits` | how much accounts may send (administrators) |
//! | `GET /users/{id}`, `GET DELETE /users/{id}/sessions`, `DELETE /sessions/{id}` | an account, and where it is logged in (administrators) |
//! | `POST /users/{id}/password-link`, `DELETE /users/{id}/totp` | for who lost a password or a phone (administrators) |
//! | `GET POST /invitations`, `DELETE /invitations/{id}` | links by which people make their accounts (administrators) |
//! | `GET PUT /sign-in` | which roles need a phone to log in (administrators) |
//! | `GET POST /teams`, `GET PATCH DELETE /teams/{id}` | users with SIMs of their own (administrators) |
//! | `GET POST /keys`, `DELETE /keys/{id}`, `GET /keys/{id}/requests` | API keys: one's own, or anybody's for administrators |
//! | `GET POST /webhooks`, `GET PATCH DELETE /webhooks/{id}` | endpoints for events: one's own, or all for administrators |
//! | `POST /webhooks/{id}/{rotate,test}` | another secret; a test, and what the endpoint answered |
//! | `GET /webhooks/{id}/deliveries`, `POST /webhooks/{id}/deliveries/replay` | what it was told; tell it again |
//! | `GET POST /services`, `GET PATCH DELETE /services/{id}` | keyword services: one's own, or all for administrators |
//! | `GET POST /optouts`, `GET DELETE /optouts/{number}` | numbers whose holders asked to be sent nothing more |
//! | `GET PUT /routes`, `GET /routes/versions`, `GET /routes/versions/{version}`, `POST /routes/restore` | rules that say which way messages go, and their versions (administrators) |
//! | `POST /routes/test` | which way a message would go, and why (administrators) |
//! | `GET PUT /configuration`, `POST /configuration/check` | what people set, as one document (administrators) |
//! | `GET /credits`, `GET POST DELETE /credits/{id}`, `GET /credits/{id}/ledger` | what accounts may spend: one's own, or all for administrators |
//! | `GET PUT /prices`, `GET /prices/versions`, `GET /prices/versions/{version}` | what messages cost (administrators change it) |
//! | `GET DELETE /services/{id}/entries`, `PATCH /services/{id}/entries/{entry}` | what services keep: answers, and texts of boards |
//! | `POST /services/test` | which would take a message, and what would happen |
//! | `GET POST /contacts`, `POST /contacts/bulk`, `GET PATCH DELETE /contacts/{id}` | names and their numbers |
//! | `GET /contacts/doubles`, `POST /contacts/merge` | contacts that are there twice; makes them one |
//! | `GET POST /contact-imports`, `GET PATCH DELETE /contact-imports/{id}` | files of contacts |
//! | `GET /contact-imports/{id}/rows`, `POST /contact-imports/{id}/confirm`, `…/undo` | what becomes of each row; makes them contacts; takes that back |
//! | `GET POST /groups`, `GET PATCH DELETE /groups/{id}` | groups of contacts |
//! | `GET POST /templates`, `GET PATCH DELETE /templates/{id}` | texts that are kept |
//! | `GET POST /schedules`, `GET PATCH DELETE /schedules/{id}` | what is sent at a time, once or again and again |
//! | `POST /schedules/{id}/{pause,resume,run}` | lets its times go by, or go on; sends for it now |
//! | `GET /audit?actor=&action=&subject=&since=&until=`, `GET /audit/verify` | what was done, by whom and from where (administrators) |
//! | `GET POST /broadcasts`, `GET PATCH DELETE /broadcasts/{id}` | one text to many, handed out at a pace |
//! | `POST /broadcasts/{id}/{start,pause,resume,cancel,test}` | starts a draft; pauses, goes on, ends; sends the text to one number |
//! | `GET /broadcasts/{id}/recipients` | who it is for, and what became of each |
//! | `GET /reports?since=&until=&by=&user=&sim=&priority=&zone=` | how many messages came to which end, and how long they took |
//! | `POST /history` | messages of the gateway before this one (administrators) |
//! | `GET /events?types=&after=`, `GET /events/next` | what happens, as a stream and in answers that wait |
//! | `GET /gateway`, `POST /gateway/{suspend,isolate,resume}` | what is done to all of it, until it is undone (administrators) |
//! | `GET /alerts?all=&limit=` | what is wrong with the gateway, and where its messages are (administrators) |
//! | `POST /setup-link` | a new one-time link (administrators) |
//! | `GET /dead` | what was given up (administrators) |
//! | `GET /me` | whose key this is |
//! | `GET /openapi.json` | all of this as an OpenAPI document, for everybody |

mod account_limits;
mod accounts;
mod alerts;
mod audit;
mod batches;
mod body;
mod broadcasts;
mod bulk;
mod caller;
mod calls;
mod configuration;
mod contact_imports;
mod contacts;
mod conversations;
mod credits;
mod csv;
mod dead;
mod document;
mod ending;
pub(crate) mod events;
pub mod fields;
mod gateway;
mod groups;
mod history;
mod inbox;
mod keys;
mod limits;
mod messages;
mod modems;
mod opt_outs;
mod paging;
mod people;
mod preview;
mod problem;
mod reports;
mod routes;
mod schedules;
mod services;
mod sims;
mod teams;
mod templates;
mod timeline;
mod waiting;
mod webhooks;
mod written;

use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use crate::app::App;
use crate::authority::{Declared, Need};
use crate::power::Power;
pub(crate) use caller::{Listener, authority};
use calls::Calls;
use problem::Code;
pub(crate) use problem::Problem;

/// All calls, to be nested under `/api/v1`.
pub(crate) fn routes() -> Router<App> {
    calls()
        .router
        .fallback(no_such_call)
        .method_not_allowed_fallback(no_such_method)
        .layer(axum::middleware::from_fn(limits::tell))
        .layer(axum::middleware::from_fn(in_time))
}

/// How long a request may take to come to its end and to be answered. An answer that goes on has begun by then.
const SLOWEST: Duration = Duration::from_secs(85);

async fn in_time(request: Request, next: Next) -> Response {
    let answered = tokio::time::timeout(SLOWEST, next.run(request)).await;
    answered.unwrap_or_else(|_| {
        let detail = "The request did not come to its end in time, or there was no answer to it in time. It may have \
                      been done all the same: look before you ask again.";
        Problem::new(Code::TooSlow, detail).into_response()
    })
}

/// All calls, with what each needs of its caller.
pub fn declared() -> Vec<Declared> {
    calls().declared
}

fn calls() -> Calls {
    use Need::{Nothing, Somebody};
    use Power::{
        AuditRead, BroadcastsRead, BroadcastsWrite, ContactsRead, ContactsWrite, CreditsManage,
        CreditsRead, GatewayOperate, HistoryImport, InboxRead, KeysManage, MessagesCancel,
        MessagesRead, MessagesSend, ModemsOperate, ModemsRead, OptOutsManage, OptOutsRead,
        ReportsRead, RoutesManage, RoutesRead, SchedulesRead, SchedulesWrite, ServicesRead,
        ServicesWrite, SimsManage, TemplatesRead, TemplatesWrite, UsersManage, WebhooksRead,
        WebhooksWrite,
    };
    Calls::default()
        .post("/messages", MessagesSend.into(), messages::send)
        .get("/messages", MessagesRead.into(), messages::list)
        .post("/messages/preview", MessagesSend.into(), preview::preview)
        .get("/messages/{id}", MessagesRead.into(), messages::one)
        .delete("/messages/{id}", MessagesCancel.into(), ending::cancel)
        .post("/messages/{id}/again", MessagesSend.into(), ending::again)
        .post("/batches", MessagesSend.into(), batches::send)
        .get("/batches/{id}", MessagesRead.into(), batches::one)
        .post("/batches/{id}/pause", MessagesCancel.into(), batches::pause)
        .post("/batches/{id}/resume", MessagesCancel.into(), batches::resume)
        .post("/batches/{id}/cancel", MessagesCancel.into(), batches::cancel)
        .post("/bulk", MessagesSend.into(), bulk::upload)
        .get("/bulk", MessagesSend.into(), bulk::list)
        .get("/bulk/{id}", MessagesSend.into(), bulk::one)
        .patch("/bulk/{id}", MessagesSend.into(), bulk::plan)
        .delete("/bulk/{id}", MessagesSend.into(), bulk::remove)
        .get("/bulk/{id}/rows", MessagesSend.into(), bulk::rows)
        .post("/bulk/{id}/send", MessagesSend.into(), bulk::send)
        .get("/inbox", InboxRead.into(), inbox::list)
        .get("/inbox/{id}", InboxRead.into(), inbox::one)
        .get("/conversations", InboxRead.into(), conversations::list)
        .get("/conversations/{number}", InboxRead.into(), conversations::one)
        .patch("/conversations/{number}", InboxRead.into(), conversations::change)
        .post("/conversations/{number}/read", InboxRead.into(), conversations::read)
        .post("/conversations/{number}/notes", MessagesSend.into(), conversations::note)
        .get("/modems", ModemsRead.into(), modems::list)
        .get("/modems/{id}", ModemsRead.into(), modems::one)
        .patch("/modems/{id}", ModemsOperate.into(), modems::change)
        .delete("/modems/{id}", ModemsOperate.into(), modems::forget)
        .post("/modems/{id}/{call}", ModemsOperate.into(), modems::call)
        .get("/sims", ModemsRead.into(), sims::list)
        .get("/sims/{id}", ModemsRead.into(), sims::one)
        .patch("/sims/{id}", SimsManage.into(), sims::change)
        .get("/users", UsersManage.into(), accounts::list)
        .post("/users", UsersManage.into(), accounts::add)
        .post("/users/{id}/role", UsersManage.into(), accounts::set_role)
        .post("/users/{id}/enable", UsersManage.into(), accounts::enable)
        .post("/users/{id}/disable", UsersManage.into(), accounts::disable)
        .post("/users/{id}/password", UsersManage.into(), accounts::set_password)
        .get("/limits", UsersManage.into(), account_limits::list)
        .get("/users/{id}/limits", UsersManage.into(), account_limits::one)
        .put("/users/{id}/limits", UsersManage.into(), account_limits::set)
        .get("/users/{id}", UsersManage.into(), people::user)
        .get("/users/{id}/sessions", UsersManage.into(), people::sessions)
        .delete("/users/{id}/sessions", UsersManage.into(), people::end_sessions)
        .delete("/sessions/{id}", UsersManage.into(), people::end_session)
        .post("/users/{id}/password-link", UsersManage.into(), people::password_link)
        .delete("/users/{id}/totp", UsersManage.into(), people::remove_totp)
        .get("/invitations", UsersManage.into(), people::invitations)
        .post("/invitations", UsersManage.into(), people::invite)
        .delete("/invitations/{id}", UsersManage.into(), people::revoke_invitation)
        .get("/sign-in", UsersManage.into(), people::sign_in)
        .put("/sign-in", UsersManage.into(), people::set_sign_in)
        .get("/teams", UsersManage.into(), teams::list)
        .post("/teams", UsersManage.into(), teams::add)
        .get("/teams/{id}", UsersManage.into(), teams::one)
        .patch("/teams/{id}", UsersManage.into(), teams::change)
        .delete("/teams/{id}", UsersManage.into(), teams::remove)
        .get("/keys", KeysManage.into(), keys::list)
        .post("/keys", KeysManage.into(), keys::add)
        .delete("/keys/{id}", KeysManage.into(), keys::revoke)
        .get("/keys/{id}/requests", KeysManage.into(), keys::requests)
        .get("/webhooks", WebhooksRead.into(), webhooks::list)
        .post("/webhooks", WebhooksWrite.into(), webhooks::add)
        .get("/webhooks/{id}", WebhooksRead.into(), webhooks::one)
        .patch("/webhooks/{id}", WebhooksWrite.into(), webhooks::change)
        .delete("/webhooks/{id}", WebhooksWrite.into(), webhooks::remove)
        .post("/webhooks/{id}/rotate", WebhooksWrite.into(), webhooks::rotate)
        .post("/webhooks/{id}/test", WebhooksWrite.into(), webhooks::test)
        .get("/webhooks/{id}/deliveries", WebhooksRead.into(), webhooks::log)
        .post("/webhooks/{id}/deliveries/replay", WebhooksWrite.into(), webhooks::replay)
        .get("/services", ServicesRead.into(), services::list)
        .post("/services", ServicesWrite.into(), services::add)
        .get("/services/{id}", ServicesRead.into(), services::one)
        .patch("/services/{id}", ServicesWrite.into(), services::change)
        .post("/services/test", ServicesRead.into(), services::test)
        .delete("/services/{id}", ServicesWrite.into(), services::remove)
        .get("/services/{id}/entries", InboxRead.into(), services::entries)
        .patch("/services/{id}/entries/{entry}", ServicesWrite.into(), services::hide)
        .delete("/services/{id}/entries", ServicesWrite.into(), services::clear)
        .get("/contacts", ContactsRead.into(), contacts::list)
        .post("/contacts", ContactsWrite.into(), contacts::add)
        .post("/contacts/bulk", ContactsWrite.into(), contacts::add_many)
        .get("/contacts/doubles", ContactsWrite.into(), contact_imports::doubles)
        .post("/contacts/merge", ContactsWrite.into(), contact_imports::merge)
        .post("/contact-imports", ContactsWrite.into(), contact_imports::upload)
        .get("/contact-imports", ContactsWrite.into(), contact_imports::list)
        .get("/contact-imports/{id}", ContactsWrite.into(), contact_imports::one)
        .patch("/contact-imports/{id}", ContactsWrite.into(), contact_imports::plan)
        .delete("/contact-imports/{id}", ContactsWrite.into(), contact_imports::remove)
        .get("/contact-imports/{id}/rows", ContactsWrite.into(), contact_imports::rows)
        .post("/contact-imports/{id}/confirm", ContactsWrite.into(), contact_imports::confirm)
        .post("/contact-imports/{id}/undo", ContactsWrite.into(), contact_imports::undo)
        .get("/contacts/{id}", ContactsRead.into(), contacts::one)
        .patch("/contacts/{id}", ContactsWrite.into(), contacts::change)
        .delete("/contacts/{id}", ContactsWrite.into(), contacts::remove)
        .get("/groups", ContactsRead.into(), groups::list)
        .post("/groups", ContactsWrite.into(), groups::add)
        .get("/groups/{id}", ContactsRead.into(), groups::one)
        .patch("/groups/{id}", ContactsWrite.into(), groups::change)
        .delete("/groups/{id}", ContactsWrite.into(), groups::remove)
        .get("/templates", TemplatesRead.into(), templates::list)
        .post("/templates", TemplatesWrite.into(), templates::add)
        .get("/templates/{id}", TemplatesRead.into(), templates::one)
        .patch("/templates/{id}", TemplatesWrite.into(), templates::change)
        .delete("/templates/{id}", TemplatesWrite.into(), templates::remove)
        .get("/schedules", SchedulesRead.into(), schedules::list)
        .post("/schedules", SchedulesWrite.into(), schedules::add)
        .get("/schedules/{id}", SchedulesRead.into(), schedules::one)
        .patch("/schedules/{id}", SchedulesWrite.into(), schedules::change)
        .delete("/schedules/{id}", SchedulesWrite.into(), schedules::remove)
        .post("/schedules/{id}/pause", SchedulesWrite.into(), schedules::pause)
        .post("/schedules/{id}/resume", SchedulesWrite.into(), schedules::resume)
        .post("/schedules/{id}/run", SchedulesWrite.into(), schedules::run)
        .get("/broadcasts", BroadcastsRead.into(), broadcasts::list)
        .post("/broadcasts", BroadcastsWrite.into(), broadcasts::add)
        .get("/broadcasts/{id}", BroadcastsRead.into(), broadcasts::one)
        .patch("/broadcasts/{id}", BroadcastsWrite.into(), broadcasts::change)
        .delete("/broadcasts/{id}", BroadcastsWrite.into(), broadcasts::remove)
        .post("/broadcasts/{id}/start", BroadcastsWrite.into(), broadcasts::start)
        .post("/broadcasts/{id}/pause", BroadcastsWrite.into(), broadcasts::pause)
        .post("/broadcasts/{id}/resume", BroadcastsWrite.into(), broadcasts::resume)
        .post("/broadcasts/{id}/cancel", BroadcastsWrite.into(), broadcasts::cancel)
        .post("/broadcasts/{id}/test", BroadcastsWrite.into(), broadcasts::test)
        .get("/broadcasts/{id}/recipients", BroadcastsRead.into(), broadcasts::recipients)
        .get("/optouts", OptOutsRead.into(), opt_outs::list)
        .post("/optouts", OptOutsManage.into(), opt_outs::add)
        .get("/optouts/{number}", OptOutsRead.into(), opt_outs::one)
        .delete("/optouts/{number}", OptOutsManage.into(), opt_outs::remove)
        .get("/routes", RoutesRead.into(), routes::show)
        .put("/routes", RoutesManage.into(), routes::set)
        .post("/routes/test", RoutesRead.into(), routes::test)
        .get("/routes/versions", RoutesRead.into(), routes::versions)
        .get("/routes/versions/{version}", RoutesRead.into(), routes::of_version)
        .post("/routes/restore", RoutesManage.into(), routes::restore)
        .get("/audit", AuditRead.into(), audit::list)
        .get("/audit/verify", AuditRead.into(), audit::verify)
        .get("/reports", ReportsRead.into(), reports::show)
        .get("/configuration", RoutesRead.into(), configuration::show)
        .put("/configuration", RoutesManage.into(), configuration::import)
        .post("/configuration/check", RoutesManage.into(), configuration::check)
        .get("/credits", CreditsRead.into(), credits::list)
        .get("/credits/{id}", CreditsRead.into(), credits::one)
        .post("/credits/{id}", CreditsManage.into(), credits::add)
        .delete("/credits/{id}", CreditsManage.into(), credits::remove)
        .get("/credits/{id}/ledger", CreditsRead.into(), credits::ledger)
        .get("/prices", CreditsRead.into(), credits::prices)
        .put("/prices", CreditsManage.into(), credits::set_prices)
        .get("/prices/versions", CreditsManage.into(), credits::versions)
        .get("/prices/versions/{version}", CreditsManage.into(), credits::of_version)
        .post("/history", HistoryImport.into(), history::add)
        .get("/events", Somebody, events::stream)
        .get("/events/next", Somebody, events::next)
        .get("/gateway", ModemsOperate.into(), gateway::show)
        .post("/gateway/suspend", ModemsOperate.into(), gateway::suspend)
        .post("/gateway/isolate", ModemsOperate.into(), gateway::isolate)
        .post("/gateway/resume", ModemsOperate.into(), gateway::resume)
        .get("/alerts", GatewayOperate.into(), alerts::list)
        .post("/setup-link", GatewayOperate.into(), accounts::setup_link)
        .get("/dead", GatewayOperate.into(), dead::list)
        .get("/me", Somebody, accounts::me)
        .get("/openapi.json", Nothing, document::show)
}

/// There is no such call, here or beside `/api/v1`.
pub(crate) async fn no_such_call() -> Problem {
    let detail = "There is no such call. /api/docs lists those that there are.";
    Problem::new(Code::NoSuchCall, detail)
}

async fn no_such_method() -> Problem {
    let detail = "This call is made with another method.";
    Problem::new(Code::NoSuchMethod, detail)
}
