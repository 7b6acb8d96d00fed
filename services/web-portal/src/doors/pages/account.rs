//! One's own account: keys for programs, and the password.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse as _, Response};
use contracts::KeyId;
use store::{ChangeUserError, Role};

use super::failure::Failure;
use super::form::Form;
use super::frame::{Frame, html};
use super::log_in::unfit_words;
use super::notice::Notice;
use super::parts::{Sentence, within};
use super::visit::{self, Visit};
use crate::acts::account::{self, PasswordKept};
use crate::acts::key::{self, NotMade, Wanted, Whose};
use crate::app::App;
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
    let keys = key::list(app, visit.authority()?, Whose::Own).await?;
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
    let authority = form.visit.authority()?;
    let wanted = Wanted { label: form.field("label").to_owned(), ..Wanted::default() };
    let made = key::make(&app, authority, wanted).await;
    let made = made.map_err(|refused| match refused {
        NotMade::Store(error) => error.into(),
        NotMade::Denied(_)
        | NotMade::Nobody
        | NotMade::NoSuchUser(_)
        | NotMade::NoSuchScope(_)
        | NotMade::NoScopes
        | NotMade::Outlives(_) => Failure::Forbidden,
    })?;
    Ok(page(&app, &form.visit, Some(made.secret), None).await?.into_response())
}

/// `POST /account/keys/{id}/revoke`.
pub(super) async fn revoke_key(
    State(app): State<App>,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, Failure> {
    let authority = form.visit.authority()?;
    let id: KeyId = id.parse().map_err(|_| Failure::NotFound)?;
    if !key::revoke(&app, authority, Whose::Own, id).await? {
        return Err(Failure::NotFound);
    }
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
    let (old, new) = (form.field("old"), form.field("new"));
    match account::change_own_password(&app, user, visit.address, old, new).await {
        Ok(()) => {}
        Err(PasswordKept::TooOften(wait)) => {
            return again(w.login_throttled(wait.as_secs() + 1)).await;
        }
        Err(PasswordKept::Wrong) => return again(w.password_wrong()).await,
        Err(PasswordKept::Unfit(unfit)) => return again(unfit_words(w, unfit)).await,
        Err(PasswordKept::Store(error) | PasswordKept::Change(ChangeUserError::Store(error))) => {
            return Err(error.into());
        }
        Err(PasswordKept::Change(ChangeUserError::NoSuchUser | ChangeUserError::LastAdmin)) => {
            return Err(Failure::Forbidden);
        }
    }
    let jar = visit::log_in(&app, visit, user).await?;
    let page = visit.lead_to("/account", Notice::done(w.password_changed()));
    Ok((jar, page).into_response())
}
