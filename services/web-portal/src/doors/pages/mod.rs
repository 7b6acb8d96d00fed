//! Pages for people: plain forms and links, which work without JavaScript, and parts of them by events.

mod account;
mod around;
pub(crate) mod assets;
mod events;
mod failure;
mod form;
mod frame;
mod home;
mod hostile;
mod language;
mod lists;
mod log_in;
mod message;
mod modems;
mod notice;
pub(crate) mod parts;
mod patch;
mod send;
mod sim;
mod users;
mod visit;

use axum::Router;
use axum::extract::Extension;
use axum::middleware;
use axum::routing::{MethodRouter, get, post};

use crate::app::App;
use crate::authority::Need;
use crate::power::Power;

use failure::Failure;

/// All pages, and the files they need.
pub(crate) fn routes(app: &App) -> Router<App> {
    pages()
        .fallback(nothing_here)
        .method_not_allowed_fallback(nothing_here)
        .layer(middleware::from_fn_with_state(app.clone(), around::around))
        .route("/static/{hash}/{name}", get(assets::serve))
}

/// The pages, each with what it needs of who visits.
fn pages() -> Router<App> {
    use Need::{Nothing, Somebody};
    use Power::{
        InboxRead, KeysManage, MessagesCancel, MessagesRead, MessagesSend, ModemsOperate,
        ModemsRead, SimsManage, UsersManage,
    };
    let pages: [(&str, Need, MethodRouter<App>); 25] = [
        ("/", Somebody, get(home::show)),
        ("/setup", Nothing, get(log_in::show_setup)),
        ("/setup", Nothing, post(log_in::set_up)),
        ("/login", Nothing, get(log_in::show_login)),
        ("/login", Nothing, post(log_in::log_in)),
        ("/logout", Nothing, post(log_in::log_out)),
        ("/language", Nothing, post(language::choose)),
        ("/send", MessagesSend.into(), post(send::send)),
        ("/send/count", MessagesSend.into(), post(send::count)),
        ("/outbox", MessagesRead.into(), get(lists::outbox)),
        ("/inbox", InboxRead.into(), get(lists::inbox)),
        ("/messages/{id}", MessagesRead.into(), get(message::show)),
        ("/messages/{id}/cancel", MessagesCancel.into(), post(message::cancel)),
        ("/messages/{id}/again", MessagesSend.into(), post(message::again)),
        ("/modems", ModemsRead.into(), get(modems::show)),
        ("/modems/{id}/{call}", ModemsOperate.into(), post(modems::call)),
        ("/sims/{id}", SimsManage.into(), get(sim::show)),
        ("/sims/{id}", SimsManage.into(), post(sim::change)),
        ("/account", Somebody, get(account::show)),
        ("/account/keys", KeysManage.into(), post(account::make_key)),
        ("/account/keys/{id}/revoke", KeysManage.into(), post(account::revoke_key)),
        ("/account/password", Somebody, post(account::change_password)),
        ("/users", UsersManage.into(), get(users::show)),
        ("/users", UsersManage.into(), post(users::add)),
        // Who has not come in is told so without a page.
        ("/events", Nothing, get(events::stream)),
    ];
    pages.into_iter().fold(Router::new(), |router, (path, need, page)| {
        router.route(path, page.route_layer(Extension(need)))
    })
}

async fn nothing_here() -> Failure {
    Failure::NotFound
}
