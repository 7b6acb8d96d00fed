//! API keys.

use api::{Key, KeyRequest, KeyRequests, Keys};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use contracts::KeyId;
use store::{ApiKey, Door};

use super::body::{CheckedJson, PathId};
use super::caller::Caller;
use super::problem::{Answer, Code, Problem, sentence};
use crate::acts::key::{self, DoorSecret, Made, NotMade, Wanted, Whose};
use crate::app::App;
use crate::requests::Answered;

/// `GET /keys`: one's own; all of the organisation for administrators.
pub(super) async fn list(State(app): State<App>, Caller(authority): Caller) -> Answer<Json<Keys>> {
    let keys = key::list(&app, &authority, Whose::All).await?;
    Ok(Json(Keys { keys: keys.iter().map(shown).collect() }))
}

/// `POST /keys`: the only time the key is shown.
pub(super) async fn add(
    State(app): State<App>,
    Caller(authority): Caller,
    CheckedJson(new): CheckedJson<api::NewKey>,
) -> Answer<impl IntoResponse> {
    let api::NewKey { user, label, scopes, allow, expires_at, .. } = new;
    let passwords = [
        (Door::Kannel, new.kannel_password.map(DoorSecret::Password)),
        (Door::PlaySms, new.playsms_token.map(DoorSecret::Password)),
        (Door::PlaySmsPassword, new.playsms_password_hash.map(DoorSecret::OldHash)),
    ];
    let given = passwords.into_iter().filter_map(|(door, secret)| Some((door, secret?)));
    let door_passwords = given.collect();
    let wanted = Wanted { user, label, scopes, allowed: allow, expires_at, door_passwords };
    let Made { secret, key, user } = key::make(&app, &authority, wanted).await?;
    let made = Key { key: Some(secret), user: Some(user), ..shown(&key) };
    Ok((StatusCode::CREATED, Json(made)))
}

/// `DELETE /keys/{id}`.
pub(super) async fn revoke(
    State(app): State<App>,
    Caller(authority): Caller,
    PathId(id): PathId<KeyId>,
) -> Answer<StatusCode> {
    if key::revoke(&app, &authority, Whose::All, id).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Problem::not_found("key of this id that could be revoked"))
    }
}

/// `GET /keys/{id}/requests`.
pub(super) async fn requests(
    State(app): State<App>,
    Caller(authority): Caller,
    PathId(id): PathId<KeyId>,
) -> Answer<Json<KeyRequests>> {
    let found = key::one(&app, &authority, Whose::All, id).await?;
    let (_, answered) = found.ok_or_else(|| Problem::not_found("key of this id"))?;
    let request = |one: Answered| KeyRequest {
        at: one.at,
        method: one.method.to_owned(),
        path: one.path,
        status: one.status,
        refusal: one.refusal.map(str::to_owned),
    };
    Ok(Json(KeyRequests { requests: answered.into_iter().map(request).collect() }))
}

fn shown(key: &ApiKey) -> Key {
    Key {
        id: key.id,
        owner: key.owner,
        label: key.name.clone(),
        prefix: key.prefix.clone(),
        scopes: key.scopes.clone(),
        allow: key.allowed.split_whitespace().map(str::to_owned).collect(),
        created_at: key.created_at,
        expires_at: key.expires_at,
        last_used_at: key.last_used_at,
        revoked_at: key.revoked_at,
        key: None,
        user: None,
    }
}

impl From<NotMade> for Problem {
    fn from(refused: NotMade) -> Self {
        match refused {
            NotMade::Denied(denied) => denied.into(),
            NotMade::Nobody => Self::malformed("Say in 'user' whose key it is."),
            NotMade::NoSuchScope(_) | NotMade::NoScopes => {
                Self::malformed(sentence(&refused.to_string())).with("field", "scopes")
            }
            NotMade::NoNetwork(_) | NotMade::TooManyNetworks => {
                Self::malformed(sentence(&refused.to_string())).with("field", "allow")
            }
            NotMade::NoSuchUser(name) => Self::new(
                Code::NoSuchUser,
                format!("There is no user named '{name}'. 'merpati user add' makes one."),
            ),
            NotMade::Outlives(own) => Self::new(
                Code::KeyWouldOutlive,
                format!(
                    "This key is good until {own}, so the keys that it makes are good no longer."
                ),
            )
            .with("field", "expires_at"),
            NotMade::OldHash => Self::malformed(sentence(&refused.to_string()))
                .with("field", "playsms_password_hash"),
            NotMade::Password(door) => {
                let field = match door {
                    Door::Kannel => "kannel_password",
                    Door::PlaySms | Door::PlaySmsPassword => "playsms_token",
                };
                Self::malformed(sentence(&refused.to_string())).with("field", field)
            }
            NotMade::HasPassword(_) => {
                Self::new(Code::PasswordInUse, sentence(&refused.to_string()))
            }
            NotMade::Hashing => Self::unavailable(
                Code::NoMemory,
                "There is not memory enough to keep the password; try again.",
            ),
            NotMade::Store(error) => error.into(),
        }
    }
}
