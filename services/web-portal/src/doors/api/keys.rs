//! API keys.

use api::{Key, Keys};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use contracts::{KeyId, Timestamp};
use store::{ApiKey, User};

use super::body::{CheckedJson, PathId};
use super::caller::Caller;
use super::problem::{Answer, Problem};
use crate::acts::key;
use crate::app::App;
use crate::authority::Authority;
use crate::power::Power;

/// `GET /keys`: one's own; all of the organisation for administrators.
pub(super) async fn list(State(app): State<App>, Caller(authority): Caller) -> Answer<Json<Keys>> {
    Ok(Json(Keys {
        keys: app.store.keys(authority.reach_of_keys()).await?.iter().map(shown).collect(),
    }))
}

/// `POST /keys`: the only time the key is shown.
pub(super) async fn add(
    State(app): State<App>,
    Caller(authority): Caller,
    CheckedJson(new): CheckedJson<api::NewKey>,
) -> Answer<impl IntoResponse> {
    let owner = owner(&app, &authority, new.user.as_deref()).await?;
    let expires_at = lasting(&authority, new.expires_at)?;
    let (key, kept) = key::make(&app, &owner, &new.label, expires_at).await?;
    let made = Key { key: Some(key), user: Some(owner.name), ..shown(&kept) };
    Ok((StatusCode::CREATED, Json(made)))
}

/// Until when a key that this authority makes may be good: no longer than what it came by.
fn lasting(authority: &Authority, wanted: Option<Timestamp>) -> Answer<Option<Timestamp>> {
    let Some(own) = authority.ends_at() else { return Ok(wanted) };
    match wanted {
        Some(wanted) if wanted > own => Err(Problem::new(
            StatusCode::FORBIDDEN,
            "key-would-outlive",
            "Longer than the key itself",
            format!("This key is good until {own}, so the keys that it makes are good no longer."),
        )
        .with("field", "expires_at")),
        wanted => Ok(wanted.or(Some(own))),
    }
}

async fn owner(app: &App, authority: &Authority, name: Option<&str>) -> Answer<User> {
    let own = authority.user().cloned();
    let Some(name) = name else {
        return own.ok_or_else(|| Problem::malformed("Say in 'user' whose key it is."));
    };
    if let Some(own) = own.filter(|own| own.name.to_lowercase() == name.to_lowercase()) {
        return Ok(own);
    }
    authority.must(Power::UsersManage)?;
    let user = app.store.user_named(name).await?.filter(|user| user.org == authority.org);
    user.ok_or_else(|| {
        let detail = format!("There is no user named '{name}'. 'merpati user add' makes one.");
        Problem::new(StatusCode::NOT_FOUND, "no-such-user", "There is no such user", detail)
    })
}

/// `DELETE /keys/{id}`.
pub(super) async fn revoke(
    State(app): State<App>,
    Caller(authority): Caller,
    PathId(id): PathId<KeyId>,
) -> Answer<StatusCode> {
    if app.store.revoke_key(authority.reach_of_keys(), id, Timestamp::now()).await? {
        tracing::info!(key = %id, "an API key was revoked");
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Problem::not_found("key of this id that could be revoked"))
    }
}

fn shown(key: &ApiKey) -> Key {
    Key {
        id: key.id,
        owner: key.owner,
        label: key.name.clone(),
        prefix: key.prefix.clone(),
        scopes: key.scopes.clone(),
        created_at: key.created_at,
        expires_at: key.expires_at,
        last_used_at: key.last_used_at,
        revoked_at: key.revoked_at,
        key: None,
        user: None,
    }
}
