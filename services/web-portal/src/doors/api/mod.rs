//! `/api/v1`, for programs and the command line. JSON both ways; errors are problem+json with a stable `code`.
//!
//! | call | what |
//! |---|---|
//! | `POST /messages` | send: `{"to": [..] or "..", "text": ".."}` and options → 202 |
//! | `GET /messages?state=&to=&since=&limit=&before=` | those sent, newest first |
//! | `GET /messages/{id}?after=VERSION` | one, with its timeline; `after` waits for the next version |
//! | `DELETE /messages/{id}` | cancel: 200 when it will not be sent, 409 when it is too late |
//! | `POST /messages/{id}/again` | send one again that did not reach its recipient: a new message → 202 |
//! | `POST /messages/preview` | count: encoding, parts, what is left |
//! | `GET /inbox?sim=&from=&since=&limit=&before=` | those received, newest first |
//! | `GET /inbox/{id}` | one received |
//! | `GET /modems`, `GET /modems/{id}` | the modems as they are now |
//! | `POST /modems/{id}/{info,ussd,at,restart,reset,flight,number,smsc,pin,trace}` | ask one (administrators) |
//! | `PATCH DELETE /modems/{id}` | name, disable, forget one (administrators) |
//! | `GET /sims`, `GET /sims/{id}` | SIMs, and whether one may send through them and read them |
//! | `PATCH /sims/{id}` | who may (administrators) |
//! | `GET POST /users`, `POST /users/{id}/{enable,disable,password,role}` | accounts (administrators) |
//! | `GET POST /keys`, `DELETE /keys/{id}` | API keys: one's own, or anybody's for administrators |
//! | `POST /setup-link` | a new one-time link (administrators) |
//! | `GET /dead` | what was given up (administrators) |
//! | `GET /me` | whose key this is |

mod accounts;
mod body;
mod caller;
mod dead;
mod ending;
pub mod fields;
mod inbox;
mod keys;
mod messages;
mod modems;
mod paging;
mod preview;
mod problem;
mod sims;
mod timeline;
mod waiting;
mod written;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::{delete, get, post};

use crate::app::App;
pub(crate) use caller::Listener;
pub(crate) use problem::Problem;

/// All calls, to be nested under `/api/v1`.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/messages", post(messages::send).get(messages::list))
        .route("/messages/preview", post(preview::preview))
        .route("/messages/{id}", get(messages::one).delete(ending::cancel))
        .route("/messages/{id}/again", post(ending::again))
        .route("/inbox", get(inbox::list))
        .route("/inbox/{id}", get(inbox::one))
        .route("/modems", get(modems::list))
        .route("/modems/{id}", get(modems::one).patch(modems::change).delete(modems::forget))
        .route("/modems/{id}/{call}", post(modems::call))
        .route("/sims", get(sims::list))
        .route("/sims/{id}", get(sims::one).patch(sims::change))
        .route("/users", get(accounts::list).post(accounts::add))
        .route("/users/{id}/role", post(accounts::set_role))
        .route("/users/{id}/{change}", post(accounts::change))
        .route("/keys", get(keys::list).post(keys::add))
        .route("/keys/{id}", delete(keys::revoke))
        .route("/setup-link", post(accounts::setup_link))
        .route("/dead", get(dead::list))
        .route("/me", get(accounts::me))
        .fallback(no_such_call)
        .method_not_allowed_fallback(no_such_method)
        .layer(axum::middleware::from_fn(fields::check_query))
}

async fn no_such_call() -> Problem {
    let detail = "There is no such call under /api/v1.";
    Problem::new(StatusCode::NOT_FOUND, "no-such-call", "Not found", detail)
}

async fn no_such_method() -> Problem {
    let detail = "This call is made with another method.";
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "no-such-method", "Another method", detail)
}
