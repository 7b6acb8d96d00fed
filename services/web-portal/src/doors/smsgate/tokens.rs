//! Tokens, which are API keys that end.

use std::time::Duration;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::Response;
use contracts::{KeyId, Timestamp};
use serde::Serialize;
use serde_json::Value;

use super::authorize;
use super::reply::{self, Refusal};
use crate::acts::key::{self, NotMade, Wanted, Whose};
use crate::app::App;
use crate::authority::Authority;
use crate::doors::refused::Refused;
use crate::form::{self, Body, Object};

/// What a token is called among the keys of its account.
const LABEL: &str = "SMSGate";
/// How long a token is good when nobody says, and at most.
const USUAL: Duration = Duration::from_hours(24);
const LONGEST: Duration = Duration::from_hours(24 * 365);

/// SMSGate's scopes, and the scopes of keys that they are. Those that are none are of what is not here.
const SCOPES: [(&str, &[&str]); 14] = [
    ("all:any", &["all:any"]),
    ("messages:send", &["messages:send"]),
    ("messages:read", &["messages:read"]),
    ("messages:list", &["messages:read", "inbox:read"]),
    ("messages:cancel", &["messages:cancel"]),
    ("messages:export", &["inbox:read", "webhooks:write"]),
    ("devices:list", &["modems:read"]),
    ("webhooks:list", &["webhooks:read"]),
    ("webhooks:write", &["webhooks:write"]),
    ("webhooks:delete", &["webhooks:write"]),
    ("tokens:manage", &["keys:manage"]),
    ("tokens:refresh", &[]),
    ("settings:read", &["modems:read"]),
    ("logs:read", &["modems:read"]),
];

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Issued {
    id: String,
    token_type: &'static str,
    access_token: String,
    expires_at: Option<Timestamp>,
}

/// `POST /auth/token`.
pub(crate) async fn token(State(app): State<App>, headers: HeaderMap, body: Body) -> Response {
    let done = async {
        let authority = authorize(&app, &headers).await?;
        let object = Object::read(&form::whole(body)?)?;
        make(&app, &authority, &object).await
    };
    reply::answered(done.await)
}

/// `DELETE /auth/token/{id}`.
pub(crate) async fn revoke(
    State(app): State<App>,
    Path(id): Path<String>,
    method: Method,
    headers: HeaderMap,
) -> Response {
    let done = async {
        let authority = authorize(&app, &headers).await?;
        if method != Method::DELETE {
            return Err(Refusal::unserved());
        }
        let id = id.parse::<KeyId>().map_err(|_| Refusal::no_token())?;
        let revoked = key::revoke(&app, &authority, Whose::Own, id).await.map_err(Refused::from)?;
        if revoked { Ok(reply::nothing()) } else { Err(Refusal::no_token()) }
    };
    reply::answered(done.await)
}

async fn make(app: &App, authority: &Authority, object: &Object) -> Result<Response, Refusal> {
    let lasts = match object.get("ttl") {
        None | Some(Value::Null) => USUAL,
        Some(ttl) => ttl
            .as_u64()
            .map(Duration::from_secs)
            .filter(|ttl| !ttl.is_zero() && *ttl <= LONGEST)
            .ok_or_else(|| {
                Refusal::bad(format!("ttl: this is seconds, from 1 to {}", LONGEST.as_secs()))
            })?,
    };
    let wanted = Wanted {
        label: LABEL.to_owned(),
        scopes: Some(scopes(&object.texts("scopes")?)?),
        expires_at: Some(app.clock.now().plus(lasts)),
        ..Wanted::default()
    };
    let made = key::make(app, authority, wanted).await.map_err(refusal)?;
    let issued = Issued {
        id: made.key.id.to_string(),
        token_type: "Bearer",
        access_token: made.secret,
        expires_at: made.key.expires_at,
    };
    Ok(reply::json(StatusCode::CREATED, &issued))
}

/// The scopes of a key that these of SMSGate are.
fn scopes(asked: &[String]) -> Result<Vec<String>, Refusal> {
    let mut scopes: Vec<String> = Vec::new();
    for one in asked {
        let known = SCOPES.iter().find(|(name, _)| name == one);
        let (_, ours) = known.ok_or_else(|| {
            let names: Vec<&str> = SCOPES.iter().map(|(name, _)| *name).collect();
            Refusal::bad(format!("scopes: there are {}", names.join(", ")))
        })?;
        scopes.extend(ours.iter().map(|scope| (*scope).to_owned()));
    }
    scopes.sort_unstable();
    scopes.dedup();
    if scopes.is_empty() {
        return Err(Refusal::bad("scopes: a token without scopes could be used for nothing here"));
    }
    Ok(scopes)
}

fn refusal(error: NotMade) -> Refusal {
    match error {
        NotMade::Denied(denied) => Refused::from(denied).into(),
        NotMade::Store(error) => Refused::later(&error).into(),
        NotMade::Outlives(_) => Refusal::bad(format!("ttl: {error}")),
        other => Refusal::bad(other.to_string()),
    }
}
