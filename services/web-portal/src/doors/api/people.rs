//! How people come in: their sessions, invitations, links for a new password, and which roles need a phone.

use api::{
    Invitation, Invitations, NewInvitation, Nothing, PasswordLink, Session, Sessions, SignIn,
};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use contracts::{LinkId, SessionId, UserId};
use store::{LinkError, OpenSession, Role};

use super::accounts::shown;
use super::body::{CheckedJson, PathId};
use super::caller::Caller;
use super::problem::{Answer, Code, Problem, sentence};
use crate::acts::invitation::{self, NotInvited};
use crate::acts::password_link::{self, NoPasswordLink};
use crate::acts::{account, open_session, second_factor};
use crate::app::App;

/// `GET /users/{id}`.
pub(super) async fn user(
    State(app): State<App>,
    Caller(authority): Caller,
    PathId(id): PathId<UserId>,
) -> Answer<Json<api::User>> {
    let user = account::one(&app, &authority, id).await?;
    Ok(Json(shown(&user.ok_or_else(no_such_user)?)))
}

fn no_such_user() -> Problem {
    Problem::not_found("user of this id")
}

/// `GET /users/{id}/sessions`.
pub(super) async fn sessions(
    State(app): State<App>,
    Caller(authority): Caller,
    PathId(id): PathId<UserId>,
) -> Answer<Json<Sessions>> {
    let open = open_session::list(&app, &authority, id).await?.ok_or_else(no_such_user)?;
    Ok(Json(Sessions { sessions: open.into_iter().map(session).collect() }))
}

fn session(open: OpenSession) -> Session {
    Session {
        id: open.id,
        browser: open.browser,
        address: open.address,
        created_at: open.created_at,
        seen_at: open.seen_at,
        expires_at: open.expires_at,
    }
}

/// `DELETE /users/{id}/sessions`.
pub(super) async fn end_sessions(
    State(app): State<App>,
    Caller(authority): Caller,
    PathId(id): PathId<UserId>,
) -> Answer<StatusCode> {
    open_session::end_all(&app, &authority, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `DELETE /sessions/{id}`.
pub(super) async fn end_session(
    State(app): State<App>,
    Caller(authority): Caller,
    PathId(id): PathId<SessionId>,
) -> Answer<StatusCode> {
    if open_session::end(&app, &authority, id).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Problem::not_found("session of this id that is open"))
    }
}

/// `POST /users/{id}/password-link`.
pub(super) async fn password_link(
    State(app): State<App>,
    Caller(authority): Caller,
    PathId(id): PathId<UserId>,
    _: CheckedJson<Nothing>,
) -> Answer<Json<PasswordLink>> {
    let (url, expires_at) = password_link::make(&app, &authority, id).await?;
    Ok(Json(PasswordLink { url, expires_at }))
}

/// `DELETE /users/{id}/totp`.
pub(super) async fn remove_totp(
    State(app): State<App>,
    Caller(authority): Caller,
    PathId(id): PathId<UserId>,
) -> Answer<StatusCode> {
    second_factor::remove(&app, &authority, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /invitations`.
pub(super) async fn invitations(
    State(app): State<App>,
    Caller(authority): Caller,
) -> Answer<Json<Invitations>> {
    let open = invitation::list(&app, &authority).await?;
    Ok(Json(Invitations { invitations: open.into_iter().map(|one| told(one, None)).collect() }))
}

/// `POST /invitations`: the only time the link is shown.
pub(super) async fn invite(
    State(app): State<App>,
    Caller(authority): Caller,
    CheckedJson(new): CheckedJson<NewInvitation>,
) -> Answer<impl IntoResponse> {
    let role = role(&new.role)?;
    let (made, url) = invitation::make(&app, &authority, role, &new.label).await?;
    Ok((StatusCode::CREATED, Json(told(made, Some(url)))))
}

/// `DELETE /invitations/{id}`.
pub(super) async fn revoke_invitation(
    State(app): State<App>,
    Caller(authority): Caller,
    PathId(id): PathId<LinkId>,
) -> Answer<StatusCode> {
    if invitation::revoke(&app, &authority, id).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Problem::not_found("invitation of this id that is open"))
    }
}

fn told(one: store::Invitation, url: Option<String>) -> Invitation {
    Invitation {
        id: one.id,
        role: one.role.as_str().to_owned(),
        label: one.label,
        created_at: one.created_at,
        expires_at: one.expires_at,
        url,
    }
}

/// `GET /sign-in`.
pub(super) async fn sign_in(
    State(app): State<App>,
    Caller(authority): Caller,
) -> Answer<Json<SignIn>> {
    let roles = second_factor::required(&app, &authority).await?;
    Ok(Json(SignIn { totp: roles.iter().map(|role| role.as_str().to_owned()).collect() }))
}

/// `PUT /sign-in`.
pub(super) async fn set_sign_in(
    State(app): State<App>,
    Caller(authority): Caller,
    CheckedJson(new): CheckedJson<SignIn>,
) -> Answer<Json<SignIn>> {
    let roles = new.totp.iter().map(|word| role(word)).collect::<Answer<Vec<Role>>>()?;
    second_factor::require(&app, &authority, &roles).await?;
    let roles = second_factor::required(&app, &authority).await?;
    Ok(Json(SignIn { totp: roles.iter().map(|role| role.as_str().to_owned()).collect() }))
}

/// A role by its word.
fn role(word: &str) -> Answer<Role> {
    word.parse::<Role>().map_err(|error| Problem::malformed(format!("role: {error}.")))
}

impl From<NotInvited> for Problem {
    fn from(refused: NotInvited) -> Self {
        match refused {
            NotInvited::Denied(denied) => denied.into(),
            NotInvited::Program => {
                Self::malformed(sentence(&refused.to_string())).with("field", "role")
            }
            NotInvited::Label => {
                Self::malformed(sentence(&refused.to_string())).with("field", "label")
            }
            NotInvited::Link(error) => error.into(),
        }
    }
}

impl From<NoPasswordLink> for Problem {
    fn from(refused: NoPasswordLink) -> Self {
        match refused {
            NoPasswordLink::Denied(denied) => denied.into(),
            NoPasswordLink::Link(error) => error.into(),
        }
    }
}

impl From<LinkError> for Problem {
    fn from(error: LinkError) -> Self {
        match error {
            LinkError::TooMany => Self::new(Code::TooManyInvitations, sentence(&error.to_string())),
            LinkError::User(error) => error.into(),
            LinkError::Change(error) => error.into(),
            LinkError::Store(error) => error.into(),
            // No call uses a link.
            LinkError::Unknown | LinkError::Spent | LinkError::Expired => {
                Self::new(Code::LinkVoid, sentence(&error.to_string()))
            }
        }
    }
}
