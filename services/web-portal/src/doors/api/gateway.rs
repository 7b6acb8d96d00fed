//! The gateway as a whole: what is done to it, until it is undone.

use api::{GatewayState, GatewayStatus};
use axum::Json;
use axum::extract::State;
use contracts::config_kv::Gateway;

use super::caller::Caller;
use super::problem::Answer;
use crate::acts::gateway;
use crate::app::App;

/// `GET /gateway`.
pub(super) async fn show(
    State(app): State<App>,
    Caller(authority): Caller,
) -> Answer<Json<GatewayState>> {
    Ok(shown(gateway::now(&app, &authority).await?))
}

/// `POST /gateway/suspend`.
pub(super) async fn suspend(
    State(app): State<App>,
    Caller(authority): Caller,
) -> Answer<Json<GatewayState>> {
    Ok(shown(gateway::suspend(&app, &authority).await?.now))
}

/// `POST /gateway/isolate`.
pub(super) async fn isolate(
    State(app): State<App>,
    Caller(authority): Caller,
) -> Answer<Json<GatewayState>> {
    Ok(shown(gateway::isolate(&app, &authority).await?.now))
}

/// `POST /gateway/resume`.
pub(super) async fn resume(
    State(app): State<App>,
    Caller(authority): Caller,
) -> Answer<Json<GatewayState>> {
    Ok(shown(gateway::resume(&app, &authority).await?.now))
}

fn shown(now: Gateway) -> Json<GatewayState> {
    let status = match (now.suspended.is_some(), now.isolated) {
        (true, _) => GatewayStatus::Suspended,
        (false, true) => GatewayStatus::Isolated,
        (false, false) => GatewayStatus::Running,
    };
    let suspended = now.suspended.unwrap_or_default();
    Json(GatewayState { status, isolated: now.isolated, suspended })
}
