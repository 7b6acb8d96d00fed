//! Choosing the language.

use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};

use super::failure::Failure;
use super::form::Form;
use super::log_in::local;
use super::visit;
use crate::app::App;
use crate::words::Language;

/// `POST /language`: kept in a cookie, and with the account of who is logged in.
pub(super) async fn choose(State(app): State<App>, form: Form) -> Result<Response, Failure> {
    let language = Language::by_tag(form.field("language")).ok_or(Failure::Malformed)?;
    if let Ok(user) = form.visit.person()
        && let Err(error) =
            app.store.set_language(user.reach(), user.id, Some(language.tag())).await
    {
        // The cookie keeps it for this browser all the same.
        tracing::warn!(%error, "the language of an account could not be kept");
    }
    let jar = visit::keep_language(&form.visit, language);
    Ok((jar, Redirect::to(local(form.field("back")))).into_response())
}
