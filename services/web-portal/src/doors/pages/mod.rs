//! Pages for people: plain forms and links, which work without JavaScript, and parts of them by events.

mod account;
mod account_limits;
mod api_docs;
mod around;
pub(crate) mod assets;
mod audit;
mod batches;
mod boards;
mod broadcasts;
mod browser;
mod bulk;
mod contact_doubles;
mod contact_imports;
mod contacts;
mod conversations;
mod credits;
mod events;
mod failure;
mod form;
mod frame;
mod groups;
mod home;
mod hostile;
mod key;
mod language;
mod links;
mod lists;
mod log_in;
mod log_in_code;
mod message;
mod modems;
mod navigation;
mod notice;
pub(crate) mod opt_outs;
mod parts;
mod patch;
mod pieces;
mod reports;
mod restoring;
mod routes;
mod schedules;
mod search;
mod send;
mod services;
mod sim;
mod sim_limits;
mod status;
mod teams;
mod templates;
mod totp;
mod user;
mod users;
mod visit;
mod webhooks;
mod whose;

use axum::Router;
use axum::extract::Extension;
use axum::middleware;
use axum::routing::{MethodRouter, get, post};

use crate::app::App;
use crate::authority::{Declared, Need};
use crate::power::Power;

use failure::Failure;

/// All pages, and the files they need.
pub(crate) fn routes(app: &App) -> Router<App> {
    let pages = pages().into_iter().fold(Router::new(), |router, (_, path, need, page)| {
        router.route(path, page.route_layer(Extension(need)))
    });
    pages
        .fallback(nothing_here)
        .method_not_allowed_fallback(nothing_here)
        .layer(middleware::from_fn_with_state(app.clone(), around::around))
        .route("/static/{hash}/{name}", get(assets::serve))
        .route("/manifest.webmanifest", get(assets::manifest))
}

/// All pages and forms, each with the power that it needs of who visits.
pub fn declared() -> Vec<Declared> {
    let needs = pages().into_iter();
    needs.map(|(method, path, need, _)| need.declared(method, path)).collect()
}

/// A page or a form: its method, its path, what it needs of who visits, and what shows or does it.
type Page = (&'static str, &'static str, Need, MethodRouter<App>);

/// The pages, each with what it needs of who visits.
fn pages() -> Vec<Page> {
    use Need::{Nothing, Somebody};
    use Power::{
        AuditRead, BroadcastsRead, BroadcastsWrite, ContactsRead, ContactsWrite, CreditsManage,
        CreditsRead, GatewayOperate, InboxRead, KeysManage, MessagesCancel, MessagesRead,
        MessagesSend, ModemsOperate, ModemsRead, OptOutsManage, OptOutsRead, ReportsRead,
        RoutesManage, RoutesRead, SchedulesRead, SchedulesWrite, ServicesRead, ServicesWrite,
        SimsManage, TemplatesRead, TemplatesWrite, UsersManage, WebhooksRead, WebhooksWrite,
    };
    vec![
        ("GET", "/", Somebody, get(home::show)),
        ("GET", "/setup", Nothing, get(log_in::show_setup)),
        ("POST", "/setup", Nothing, post(log_in::set_up)),
        ("GET", "/login", Nothing, get(log_in::show_login)),
        ("POST", "/login", Nothing, post(log_in::log_in)),
        ("GET", "/login/code", Nothing, get(log_in_code::show)),
        ("POST", "/login/code", Nothing, post(log_in_code::give)),
        ("GET", "/invitation", Nothing, get(links::show_invitation)),
        ("POST", "/invitation", Nothing, post(links::take_invitation)),
        ("GET", "/password", Nothing, get(links::show_password)),
        ("POST", "/password", Nothing, post(links::take_password)),
        ("POST", "/logout", Nothing, post(log_in::log_out)),
        ("POST", "/language", Nothing, post(language::choose)),
        ("GET", "/search", Somebody, get(search::show)),
        ("POST", "/send", MessagesSend.into(), post(send::send)),
        ("POST", "/send/count", MessagesSend.into(), post(send::count)),
        ("GET", "/bulk", MessagesSend.into(), get(bulk::list)),
        ("POST", "/bulk", MessagesSend.into(), bulk::upload_route()),
        ("GET", "/bulk/example.csv", Somebody, get(bulk::example)),
        ("GET", "/bulk/{id}", MessagesSend.into(), get(bulk::show)),
        ("POST", "/bulk/{id}/{call}", MessagesSend.into(), post(bulk::call)),
        ("GET", "/bulk/{id}/skipped.csv", MessagesSend.into(), get(bulk::skipped_csv)),
        ("POST", "/send/look", MessagesSend.into(), post(send::look)),
        ("POST", "/send/people", ContactsRead.into(), post(send::people)),
        ("POST", "/send/template", TemplatesRead.into(), post(send::template)),
        ("POST", "/send/alike", MessagesSend.into(), post(send::alike)),
        ("POST", "/send/repeat", SchedulesWrite.into(), post(send::repeat)),
        ("GET", "/conversations", InboxRead.into(), get(conversations::list)),
        ("GET", "/conversations/{number}", InboxRead.into(), get(conversations::show)),
        ("POST", "/conversations/{number}/read", InboxRead.into(), post(conversations::read)),
        // A mute is for everybody; the rest asks for its powers itself.
        ("POST", "/conversations/{number}/mark", InboxRead.into(), post(conversations::mark)),
        ("POST", "/conversations/{number}/note", MessagesSend.into(), post(conversations::note)),
        (
            "POST",
            "/conversations/{number}/writing",
            MessagesSend.into(),
            post(conversations::writing),
        ),
        ("GET", "/sent", MessagesRead.into(), get(lists::sent)),
        ("POST", "/batches/{id}/{call}", MessagesCancel.into(), post(batches::call)),
        ("GET", "/sent.csv", MessagesRead.into(), get(lists::sent_csv)),
        ("GET", "/received", InboxRead.into(), get(lists::received)),
        ("GET", "/received.csv", InboxRead.into(), get(lists::received_csv)),
        ("GET", "/received/{id}", InboxRead.into(), get(lists::received_one)),
        // What they lead to asks who it is.
        ("GET", "/outbox", Nothing, get(lists::outbox)),
        ("GET", "/inbox", Nothing, get(lists::inbox)),
        ("GET", "/messages/{id}", MessagesRead.into(), get(message::show)),
        ("POST", "/messages/{id}/cancel", MessagesCancel.into(), post(message::cancel)),
        ("POST", "/messages/{id}/again", MessagesSend.into(), post(message::again)),
        ("GET", "/modems", ModemsRead.into(), get(modems::show)),
        ("GET", "/modems/add", ModemsOperate.into(), get(modems::show_add)),
        ("GET", "/modems/{id}", ModemsRead.into(), get(modems::show_one)),
        ("GET", "/modems/{id}/lines", ModemsOperate.into(), get(modems::show_lines)),
        ("POST", "/modems/{id}/{call}", ModemsOperate.into(), post(modems::call)),
        ("POST", "/gateway/{call}", ModemsOperate.into(), post(modems::gateway)),
        ("GET", "/status", GatewayOperate.into(), get(status::show)),
        ("GET", "/sims/{id}", SimsManage.into(), get(sim::show)),
        ("POST", "/sims/{id}", SimsManage.into(), post(sim::change)),
        ("POST", "/sims/{id}/limits", SimsManage.into(), post(sim_limits::change)),
        ("GET", "/account", Somebody, get(account::show)),
        ("GET", "/keys", KeysManage.into(), get(account::show_keys)),
        ("GET", "/keys/{id}", KeysManage.into(), get(key::show)),
        ("POST", "/account/keys", KeysManage.into(), post(account::make_key)),
        ("POST", "/account/keys/{id}/revoke", KeysManage.into(), post(account::revoke_key)),
        ("POST", "/account/password", Somebody, post(account::change_password)),
        ("POST", "/account/sessions", Somebody, post(account::end_sessions)),
        ("POST", "/account/zone", Somebody, post(account::set_zone)),
        ("GET", "/account/totp", Somebody, get(totp::show)),
        ("POST", "/account/totp/{call}", Somebody, post(totp::call)),
        ("GET", "/webhooks", WebhooksRead.into(), get(webhooks::list)),
        ("POST", "/webhooks", WebhooksWrite.into(), post(webhooks::add)),
        ("GET", "/webhooks/{id}", WebhooksRead.into(), get(webhooks::show)),
        ("POST", "/webhooks/{id}/{call}", WebhooksWrite.into(), post(webhooks::call)),
        ("GET", "/services", ServicesRead.into(), get(services::list)),
        ("POST", "/services", ServicesWrite.into(), post(services::add)),
        ("POST", "/services/test", ServicesRead.into(), post(services::test)),
        ("GET", "/services/{id}", ServicesRead.into(), get(services::show)),
        ("POST", "/services/{id}", ServicesWrite.into(), post(services::change)),
        ("POST", "/services/{id}/remove", ServicesWrite.into(), post(services::remove)),
        ("GET", "/services/{id}/entries.csv", InboxRead.into(), get(services::entries_csv)),
        ("POST", "/services/{id}/entries", ServicesWrite.into(), post(services::moderate)),
        ("POST", "/services/{id}/clear", ServicesWrite.into(), post(services::clear)),
        ("GET", "/boards/{id}", Nothing, get(boards::show)),
        ("GET", "/contacts", ContactsRead.into(), get(contacts::list)),
        ("GET", "/contacts.csv", ContactsRead.into(), get(contacts::list_csv)),
        ("POST", "/contacts", ContactsWrite.into(), post(contacts::add)),
        ("GET", "/contacts/{id}", ContactsRead.into(), get(contacts::show)),
        ("POST", "/contacts/{id}/{call}", ContactsWrite.into(), post(contacts::call)),
        ("GET", "/contact-imports", ContactsWrite.into(), get(contact_imports::list)),
        ("POST", "/contact-imports", ContactsWrite.into(), contact_imports::upload_route()),
        ("GET", "/contact-imports/{id}", ContactsWrite.into(), get(contact_imports::show)),
        ("POST", "/contact-imports/{id}/{call}", ContactsWrite.into(), post(contact_imports::call)),
        (
            "GET",
            "/contact-imports/{id}/skipped.csv",
            ContactsWrite.into(),
            get(contact_imports::skipped_csv),
        ),
        ("GET", "/contact-doubles", ContactsWrite.into(), get(contact_doubles::list)),
        ("POST", "/contact-doubles", ContactsWrite.into(), post(contact_doubles::merge)),
        ("GET", "/groups", ContactsRead.into(), get(groups::list)),
        ("POST", "/groups", ContactsWrite.into(), post(groups::add)),
        ("GET", "/groups/{id}", ContactsRead.into(), get(groups::show)),
        ("POST", "/groups/{id}/{call}", ContactsWrite.into(), post(groups::call)),
        ("GET", "/optouts", OptOutsRead.into(), get(opt_outs::list)),
        ("POST", "/optouts", OptOutsManage.into(), post(opt_outs::add)),
        ("POST", "/optouts/remove", OptOutsManage.into(), post(opt_outs::remove)),
        ("GET", "/routes", RoutesRead.into(), get(routes::list)),
        ("POST", "/routes", RoutesManage.into(), post(routes::add)),
        ("POST", "/routes/test", RoutesRead.into(), post(routes::test)),
        ("POST", "/routes/pools", RoutesManage.into(), post(routes::set_pool)),
        ("POST", "/routes/undo", RoutesManage.into(), post(routes::undo)),
        ("GET", "/routes/{id}", RoutesRead.into(), get(routes::show)),
        ("POST", "/routes/{id}/{call}", RoutesManage.into(), post(routes::call)),
        ("GET", "/credits", CreditsRead.into(), get(credits::list)),
        ("POST", "/credits", CreditsManage.into(), post(credits::add)),
        ("POST", "/credits/prices", CreditsManage.into(), post(credits::set_price)),
        ("POST", "/credits/prices/remove", CreditsManage.into(), post(credits::remove_price)),
        ("GET", "/credits/{id}", CreditsRead.into(), get(credits::show)),
        ("POST", "/credits/{id}/unlimited", CreditsManage.into(), post(credits::make_unlimited)),
        ("GET", "/templates", TemplatesRead.into(), get(templates::list)),
        ("POST", "/templates", TemplatesWrite.into(), post(templates::add)),
        ("GET", "/templates/{id}", TemplatesRead.into(), get(templates::show)),
        ("POST", "/templates/{id}/{call}", TemplatesWrite.into(), post(templates::call)),
        ("GET", "/schedules", SchedulesRead.into(), get(schedules::list)),
        ("POST", "/schedules", SchedulesWrite.into(), post(schedules::add)),
        ("GET", "/schedules/{id}", SchedulesRead.into(), get(schedules::show)),
        ("POST", "/schedules/{id}/{call}", SchedulesWrite.into(), post(schedules::call)),
        ("GET", "/broadcasts", BroadcastsRead.into(), get(broadcasts::list)),
        ("POST", "/broadcasts", BroadcastsWrite.into(), post(broadcasts::add)),
        ("GET", "/broadcasts/{id}", BroadcastsRead.into(), get(broadcasts::show)),
        (
            "GET",
            "/broadcasts/{id}/recipients.csv",
            BroadcastsRead.into(),
            get(broadcasts::recipients_csv),
        ),
        ("POST", "/broadcasts/{id}/{call}", BroadcastsWrite.into(), post(broadcasts::call)),
        ("GET", "/users", UsersManage.into(), get(users::show)),
        ("POST", "/users", UsersManage.into(), post(users::add)),
        ("GET", "/reports", ReportsRead.into(), get(reports::show)),
        ("GET", "/reports.csv", ReportsRead.into(), get(reports::csv)),
        ("POST", "/users/invitations", UsersManage.into(), post(users::invite)),
        (
            "POST",
            "/users/invitations/{id}/revoke",
            UsersManage.into(),
            post(users::revoke_invitation),
        ),
        ("POST", "/users/sign-in", UsersManage.into(), post(users::require)),
        ("GET", "/teams", UsersManage.into(), get(teams::list)),
        ("POST", "/teams", UsersManage.into(), post(teams::add)),
        ("GET", "/teams/{id}", UsersManage.into(), get(teams::show)),
        ("POST", "/teams/{id}/{call}", UsersManage.into(), post(teams::call)),
        ("GET", "/users/{id}", UsersManage.into(), get(user::show)),
        ("POST", "/users/{id}/{call}", UsersManage.into(), post(user::call)),
        ("GET", "/audit", AuditRead.into(), get(audit::list)),
        ("GET", "/audit.csv", AuditRead.into(), get(audit::csv)),
        ("GET", "/users/{id}/limits", UsersManage.into(), get(account_limits::show)),
        ("POST", "/users/{id}/limits", UsersManage.into(), post(account_limits::change)),
        ("GET", "/api/docs", Nothing, get(api_docs::show)),
        // Who has not come in is told so without a page.
        ("GET", "/events", Nothing, get(events::stream)),
    ]
}

async fn nothing_here() -> Failure {
    Failure::NotFound
}
