//! Accounts, and the one-time link that makes the first one.

use api::{AccountChanges, Me, NewRole, Nothing, SetupLink, User, Users};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use contracts::UserId;
use store::{ChangeUserError, CreateUserError, Role, SetupError};

use super::body::{CheckedJson, PathId};
use super::caller::Caller;
use super::problem::{Answer, Code, Problem};
use crate::acts::account::{self, AccountError, NewAccount, Unfit};
use crate::acts::setup::{self, NoLink};
use crate::app::App;
use crate::password;
use crate::power::Power;

/// `GET /me`.
pub(super) async fn me(Caller(authority): Caller) -> Json<Me> {
    let user = authority.user().map(shown);
    Json(Me { user, admin: authority.may(Power::UsersManage), org: authority.org })
}

/// `GET /users`.
pub(super) async fn list(State(app): State<App>, Caller(authority): Caller) -> Answer<Json<Users>> {
    Ok(Json(Users { users: account::list(&app, &authority).await?.iter().map(shown).collect() }))
}

/// `POST /users`.
pub(super) async fn add(
    State(app): State<App>,
    Caller(authority): Caller,
    CheckedJson(new): CheckedJson<api::NewUser>,
) -> Answer<impl IntoResponse> {
    let role = match (&new.role, new.admin, new.service) {
        (Some(role), false, false) => {
            role.parse::<Role>().map_err(|error| Problem::malformed(format!("role: {error}.")))?
        }
        (Some(_), ..) => {
            let detail = "Say either 'role', or 'admin' or 'service'.";
            return Err(Problem::malformed(detail).with("field", "role"));
        }
        (None, true, _) => Role::Admin,
        (None, false, true) => Role::Service,
        (None, false, false) => Role::User,
    };
    let api::NewUser { name, password, language, .. } = new;
    let user =
        account::make(&app, &authority, NewAccount { name, password, role, language }).await?;
    Ok((StatusCode::CREATED, Json(shown(&user))))
}

/// `POST /users/{id}/enable`.
pub(super) async fn enable(
    State(app): State<App>,
    Caller(authority): Caller,
    PathId(id): PathId<UserId>,
    _: CheckedJson<Nothing>,
) -> Answer<StatusCode> {
    account::set_enabled(&app, &authority, id, true).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /users/{id}/disable`.
pub(super) async fn disable(
    State(app): State<App>,
    Caller(authority): Caller,
    PathId(id): PathId<UserId>,
    _: CheckedJson<Nothing>,
) -> Answer<StatusCode> {
    account::set_enabled(&app, &authority, id, false).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /users/{id}/password`.
pub(super) async fn set_password(
    State(app): State<App>,
    Caller(authority): Caller,
    PathId(id): PathId<UserId>,
    CheckedJson(changes): CheckedJson<AccountChanges>,
) -> Answer<StatusCode> {
    account::set_password(&app, &authority, id, changes.password).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /users/{id}/role`: ends the account's sessions, and what is open by its keys is looked at anew.
pub(super) async fn set_role(
    State(app): State<App>,
    Caller(authority): Caller,
    PathId(id): PathId<UserId>,
    CheckedJson(new): CheckedJson<NewRole>,
) -> Answer<StatusCode> {
    let role: Role =
        new.role.parse().map_err(|error| Problem::malformed(format!("role: {error}.")))?;
    account::set_role(&app, &authority, id, role).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /setup-link`.
pub(super) async fn setup_link(
    State(app): State<App>,
    Caller(authority): Caller,
    _: CheckedJson<Nothing>,
) -> Answer<Json<SetupLink>> {
    let (url, expires_at) = setup::new_link(&app, &authority).await?;
    Ok(Json(SetupLink { url, expires_at }))
}

pub(super) fn shown(user: &store::User) -> User {
    User {
        id: user.id,
        name: user.name.clone(),
        role: user.role.as_str().to_owned(),
        admin: user.role == Role::Admin,
        enabled: user.enabled,
        has_password: user.has_password,
        totp: user.second_factor,
        seen_at: user.seen_at,
        language: user.language.clone(),
        created_at: user.created_at,
    }
}

impl From<AccountError> for Problem {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::Denied(denied) => denied.into(),
            AccountError::Unfit(unfit) => unfit.into(),
            AccountError::Make(error) => error.into(),
            AccountError::Change(error) => error.into(),
        }
    }
}

impl From<NoLink> for Problem {
    fn from(error: NoLink) -> Self {
        match error {
            NoLink::Denied(denied) => denied.into(),
            NoLink::Setup(error) => error.into(),
        }
    }
}

impl From<Unfit> for Problem {
    fn from(unfit: Unfit) -> Self {
        match unfit {
            Unfit::Name => Self::new(
                Code::InvalidName,
                "A name has 1 to 64 visible characters and no spaces at either end.",
            ),
            Unfit::Password(password::Unfit::Short) => Self::new(
                Code::PasswordTooShort,
                format!("A password has at least {} characters.", password::LEAST),
            ),
            Unfit::Password(password::Unfit::Long) => Self::new(
                Code::PasswordTooLong,
                format!("A password has at most {} characters.", password::MOST),
            ),
            Unfit::Hashing => Self::unavailable(
                Code::NoMemory,
                "The password could not be hashed: the machine has no memory left.",
            ),
        }
    }
}

impl From<CreateUserError> for Problem {
    fn from(error: CreateUserError) -> Self {
        match error {
            CreateUserError::NameTaken(name) => {
                Self::new(Code::NameTaken, format!("There is already a user named '{name}'."))
            }
            CreateUserError::NoSuchOrg(_) => Self::not_found("such organisation"),
            CreateUserError::Store(error) => error.into(),
        }
    }
}

impl From<ChangeUserError> for Problem {
    fn from(error: ChangeUserError) -> Self {
        match error {
            ChangeUserError::NoSuchUser => Self::not_found("user of this id"),
            ChangeUserError::LastAdmin => Self::new(
                Code::LastAdmin,
                "This is the last administrator who can log in; nobody could administer the gateway any more.",
            ),
            ChangeUserError::Store(error) => error.into(),
        }
    }
}

impl From<SetupError> for Problem {
    fn from(error: SetupError) -> Self {
        match error {
            SetupError::AdminExists => Self::new(
                Code::AdminExists,
                "There is an administrator already, so there is no set-up link. Log in instead.",
            ),
            SetupError::Unknown | SetupError::Spent => {
                Self::new(Code::LinkVoid, "The link was used, or a newer one took its place.")
            }
            SetupError::Expired => Self::new(
                Code::LinkVoid,
                "The link was made more than a day ago. 'merpati setup-link' prints a new one.",
            ),
            SetupError::User(error) => error.into(),
            SetupError::Store(error) => error.into(),
        }
    }
}
