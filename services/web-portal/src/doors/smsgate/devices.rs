//! Devices, which are modems, and how the gateway is.

use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use contracts::Timestamp;
use serde::Serialize;
use serde_json::json;

use super::authorize;
use super::reply;
use crate::acts::modem;
use crate::app::App;
use crate::doors::refused::Refused;

/// How long the database may take to answer.
const DATABASE_ANSWERS_WITHIN: Duration = Duration::from_secs(3);

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Device {
    id: String,
    name: String,
    created_at: Timestamp,
    updated_at: Timestamp,
    last_seen: Timestamp,
}

/// `GET /devices`.
pub(crate) async fn devices(State(app): State<App>, headers: HeaderMap) -> Response {
    let done = async {
        let authority = authorize(&app, &headers).await?;
        let modems = modem::list(&app, &authority).await.map_err(Refused::from)?;
        let devices: Vec<Device> = modems
            .into_iter()
            .map(|modem| Device {
                id: modem.id.to_string(),
                name: modem.name.clone(),
                created_at: modem.since,
                updated_at: modem.since,
                last_seen: modem.seen_at,
            })
            .collect();
        Ok(reply::json(StatusCode::OK, &devices))
    };
    reply::answered(done.await)
}

/// `GET /health`, and `/live`, `/ready` and `/startup` below it: whether broker and database answer.
pub(crate) async fn health(State(app): State<App>) -> Response {
    let database = tokio::time::timeout(DATABASE_ANSWERS_WITHIN, app.store.healthy());
    let (broker, database) = tokio::join!(app.bus.healthy(), database);
    let word = |is_well: bool| if is_well { "pass" } else { "fail" };
    let (broker, database) = (broker.is_ok(), matches!(database, Ok(Ok(()))));
    let all = broker && database;
    let body = json!({
        "status": word(all),
        "version": env!("CARGO_PKG_VERSION"),
        "checks": {
            "broker:connection": { "status": word(broker) },
            "db:ping": { "status": word(database) },
        },
    });
    let status = if all { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    reply::json(status, &body)
}
