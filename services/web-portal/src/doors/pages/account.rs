//! One's own account: keys for programs, and the password.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse as _, Response};
use contracts::{KeyId, Timestamp};
use store::{ChangeUserError, Role, Scope};

use super::failure::Failure;
use super::form::Form;
use super::frame::{Frame, html};
use super::log_in::unfit_words;
use super::notice::Notice;
use super::parts::{Sentence, within};
use super::visit::{self, Visit};
use crate::acts::{account, key};
use crate::app::App;
use crate::password;
use crate::words::Words;

#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage {
    w: Words,
    frame: Frame,
    name: String,
    admin: bool,
    base: String,
    created: Option<String>,
    keys: Vec<KeyRow>,
    password_error: Option<String>,
}

/// A key in the list.
struct KeyRow {
    id: KeyId,
    label: String,
    prefix: String,
    used: Sentence,
}

/// `GET /account`.
pub(super) async fn show(State(app): State<App>, visit: Visit) -> Result<Html<String>, Failure> {
    page(&app, &visit, None, None).await
}

async fn page(
    app: &App,
    visit: &Visit,
    created: Option<String>,
    password_error: Option<String>,
) -> Result<Html<String>, Failure> {
    let user = visit.user()?;
    let w = visit.words;
    let keys = app.store.keys(Scope::user(user.org, user.id)).await?;
    let keys = keys.into_iter().filter(|key| key.owner == user.id && key.revoked_at.is_none());
    let keys = keys.map(|key| KeyRow {
        id: key.id,
        label: key.name,
        prefix: key.prefix,
        used: match key.last_used_at {
            Some(at) => Sentence(w.keys_used(within(at))),
            None => Sentence(w.keys_never_used()),
        },
    });
    let frame = Frame { path: "/account".to_owned(), ..Frame::of(app, visit) };
    html(&AccountPage {
        w,
        frame,
        name: user.name.clone(),
        admin: user.role == Role::Admin,
        base: app.settings.base_url.clone(),
        created,
        keys: keys.collect(),
        password_error,
    })
}

/// `POST /account/keys`: the page with the new key, this once.
pub(super) async fn make_key(State(app): State<App>, form: Form) -> Result<Response, Failure> {
    let user = form.visit.user()?;
    let (key, _) = key::make(&app, user, form.field("label"), None).await?;
    Ok(page(&app, &form.visit, Some(key), None).await?.into_response())
}

/// `POST /account/keys/{id}/revoke`.
pub(super) async fn revoke_key(
    State(app): State<App>,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, Failure> {
    let user = form.visit.user()?;
    let id: KeyId = id.parse().map_err(|_| Failure::NotFound)?;
    let scope = Scope::user(user.org, user.id);
    if !app.store.revoke_key(scope, id, Timestamp::now()).await? {
        return Err(Failure::NotFound);
    }
    tracing::info!(key = %id, by = %user.name, "an API key was revoked");
    let notice = Notice::done(form.visit.words.keys_revoked());
    Ok(form.visit.lead_to("/account", notice))
}

/// `POST /account/password`: ends all sessions of the account, and begins a new one here.
pub(super) async fn change_password(
    State(app): State<App>,
    form: Form,
) -> Result<Response, Failure> {
    let visit = &form.visit;
    let user = visit.user()?;
    let w = visit.words;
    let again = async |words: String| {
        let page = page(&app, visit, None, Some(words)).await?;
        Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
    };
    if let Err(wait) = app.throttle.try_now(&user.name, visit.address) {
        return again(w.login_throttled(wait.as_secs() + 1)).await;
    }
    let kept = app.store.password_hash(user.id).await?;
    if !password::verify(form.field("old").to_owned(), kept).await {
        return again(w.password_wrong()).await;
    }
    app.throttle.right(&user.name, visit.address);
    let hash = match account::hash(form.field("new").to_owned()).await {
        Ok(hash) => hash,
        Err(unfit) => return again(unfit_words(w, unfit)).await,
    };
    match app.store.set_password(user.org, user.id, Some(&hash), Timestamp::now()).await {
        Ok(()) => {}
        Err(ChangeUserError::Store(error)) => return Err(error.into()),
        Err(ChangeUserError::NoSuchUser | ChangeUserError::LastAdmin) => {
            return Err(Failure::Forbidden);
        }
    }
    tracing::info!(user = %user.name, "a password was changed");
    let jar = visit::log_in(&app, visit, user).await?;
    let page = visit.lead_to("/account", Notice::done(w.password_changed()));
    Ok((jar, page).into_response())
}
