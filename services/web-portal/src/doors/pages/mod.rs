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
use axum::middleware;
use axum::routing::{get, post};

use crate::app::App;

use failure::Failure;

/// All pages, and the files they need.
pub(crate) fn routes(app: &App) -> Router<App> {
    let pages = Router::new()
        .route("/", get(home::show))
        .route("/setup", get(log_in::show_setup).post(log_in::set_up))
        .route("/login", get(log_in::show_login).post(log_in::log_in))
        .route("/logout", post(log_in::log_out))
        .route("/language", post(language::choose))
        .route("/send", post(send::send))
        .route("/send/count", post(send::count))
        .route("/outbox", get(lists::outbox))
        .route("/inbox", get(lists::inbox))
        .route("/messages/{id}", get(message::show))
        .route("/messages/{id}/cancel", post(message::cancel))
        .route("/messages/{id}/again", post(message::again))
        .route("/modems", get(modems::show))
        .route("/modems/{id}/{call}", post(modems::call))
        .route("/sims/{id}", get(sim::show).post(sim::change))
        .route("/account", get(account::show))
        .route("/account/keys", post(account::make_key))
        .route("/account/keys/{id}/revoke", post(account::revoke_key))
        .route("/account/password", post(account::change_password))
        .route("/users", get(users::show).post(users::add))
        .route("/events", get(events::stream))
        .fallback(nothing_here)
        .method_not_allowed_fallback(nothing_here)
        .layer(middleware::from_fn_with_state(app.clone(), around::around));
    pages.route("/static/{hash}/{name}", get(assets::serve))
}

async fn nothing_here() -> Failure {
    Failure::NotFound
}
