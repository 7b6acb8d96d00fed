//! One account, for administrators: its role, its password, its phone, its sessions and its keys.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use contracts::{KeyId, SessionId, TeamId, UserId};
use store::{ChangeUserError, LinkError, Role, User};

use super::account::{KeyRow, SessionRow};
use super::failure::Failure;
use super::form::Form;
use super::frame::{Frame, html};
use super::hostile::Hostile;
use super::notice::Notice;
use super::parts::{Sentence, within};
use super::users::{RoleChoice, choices, role_words};
use super::visit::{self, Visit};
use crate::acts::account::{self, AccountError};
use crate::acts::act_as::{self, NotActing};
use crate::acts::key::{self, Whose};
use crate::acts::password_link::{self, NoPasswordLink};
use crate::acts::{open_session, second_factor, team};
use crate::app::App;
use crate::words::Words;

#[derive(Template)]
#[template(path = "user.html")]
struct UserPage {
    w: Words,
    frame: Frame,
    path: String,
    name: Hostile,
    role: String,
    enabled: bool,
    /// It is a person's, who logs in.
    person: bool,
    second_factor: bool,
    /// One can act as it.
    may_act: bool,
    seen: Sentence,
    roles: Vec<RoleChoice>,
    /// The teams that it is of.
    teams: Vec<(TeamId, Hostile)>,
    sessions: Vec<SessionRow>,
    keys: Vec<KeyRow>,
    /// The link for a new password, this once.
    link: Option<String>,
    error: Option<String>,
}

/// `GET /users/{id}`.
pub(super) async fn show(
    State(app): State<App>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let user = found(&app, &visit, &id).await?;
    page(&app, &visit, &user, (None, None)).await
}

/// The account that an address names.
async fn found(app: &App, visit: &Visit, id: &str) -> Result<User, Failure> {
    let id: UserId = id.parse().map_err(|_| Failure::NotFound)?;
    account::one(app, visit.authority()?, id).await?.ok_or(Failure::NotFound)
}

async fn page(
    app: &App,
    visit: &Visit,
    user: &User,
    (link, error): (Option<String>, Option<String>),
) -> Result<Response, Failure> {
    let authority = visit.authority()?;
    let w = visit.words;
    let sessions = open_session::list(app, authority, user.id).await?.ok_or(Failure::NotFound)?;
    let keys = key::list(app, authority, Whose::All).await?;
    let keys = keys.into_iter().filter(|key| key.owner == user.id && key.revoked_at.is_none());
    let teams = team::list(app, authority).await?.into_iter();
    let teams = teams.filter(|team| team.users.contains(&user.id));
    let path = format!("/users/{}", user.id);
    let status = if error.is_some() { StatusCode::CONFLICT } else { StatusCode::OK };
    let page = html(&UserPage {
        w,
        frame: Frame { path: path.clone(), ..Frame::of(app, visit).await },
        path,
        name: Hostile(user.name.clone()),
        role: role_words(w, user.role),
        enabled: user.enabled,
        person: user.role != Role::Service,
        second_factor: user.second_factor,
        may_act: user.enabled && !matches!(user.role, Role::Admin | Role::Service),
        seen: Sentence(match user.seen_at {
            Some(at) => w.users_seen(within(at)),
            None => w.users_never_seen(within(user.created_at)),
        }),
        roles: choices(w, &Role::ALL, &[user.role]),
        teams: teams.map(|team| (team.id, Hostile(team.name))).collect(),
        sessions: sessions.into_iter().map(|open| SessionRow::of(w, open, None)).collect(),
        keys: keys.map(|key| KeyRow::of(w, key)).collect(),
        link,
        error,
    })?;
    Ok((status, page).into_response())
}

/// `POST /users/{id}/{call}`.
pub(super) async fn call(
    State(app): State<App>,
    Path((id, call)): Path<(String, String)>,
    form: Form,
) -> Result<Response, Failure> {
    let visit = &form.visit;
    let authority = visit.authority()?;
    let w = visit.words;
    let user = found(&app, visit, &id).await?;
    let done = match call.as_str() {
        "role" => {
            let role: Role = form.field("role").parse().map_err(|_| Failure::Malformed)?;
            account::set_role(&app, authority, user.id, role).await
        }
        "disable" => account::set_enabled(&app, authority, user.id, false).await,
        "enable" => account::set_enabled(&app, authority, user.id, true).await,
        "totp-off" => second_factor::remove(&app, authority, user.id).await,
        "sessions" => open_session::end_all(&app, authority, user.id).await.map(drop),
        "session" => {
            let session: SessionId =
                form.field("session").parse().map_err(|_| Failure::Malformed)?;
            if !open_session::end(&app, authority, session).await? {
                return Err(Failure::NotFound);
            }
            Ok(())
        }
        "key" => {
            let key: KeyId = form.field("key").parse().map_err(|_| Failure::Malformed)?;
            if !key::revoke(&app, authority, Whose::All, key).await? {
                return Err(Failure::NotFound);
            }
            Ok(())
        }
        "act" => {
            return match act_as::begin(&app, authority, user.id).await {
                Ok(secret) => {
                    let jar = visit::act_as(visit, secret);
                    Ok((jar, Redirect::to("/")).into_response())
                }
                Err(NotActing::Denied(denied)) => Err(denied.into()),
                Err(NotActing::NotThis) => Err(Failure::NotFound),
                Err(NotActing::Store(error)) => Err(error.into()),
            };
        }
        "password-link" => {
            return match password_link::make(&app, authority, user.id).await {
                Ok((link, _)) => page(&app, visit, &user, (Some(link), None)).await,
                Err(NoPasswordLink::Denied(denied)) => Err(denied.into()),
                Err(NoPasswordLink::Link(LinkError::Store(error))) => Err(error.into()),
                // A program has no password.
                Err(NoPasswordLink::Link(_)) => Err(Failure::NotFound),
            };
        }
        _ => return Err(Failure::NotFound),
    };
    match done {
        Ok(()) => Ok(visit.lead_to(&format!("/users/{}", user.id), Notice::done(w.users_done()))),
        Err(AccountError::Denied(denied)) => Err(denied.into()),
        Err(AccountError::Change(ChangeUserError::LastAdmin)) => {
            page(&app, visit, &user, (None, Some(w.users_last_admin()))).await
        }
        Err(AccountError::Change(ChangeUserError::NoSuchUser)) => Err(Failure::NotFound),
        Err(AccountError::Change(ChangeUserError::Store(error))) => Err(error.into()),
        Err(AccountError::Unfit(_) | AccountError::Make(_)) => Err(Failure::Internal),
    }
}
