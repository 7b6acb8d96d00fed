//! `/mcp`: the gateway for AI agents, by the Model Context Protocol (streamable HTTP, without sessions).
//!
//! Each [tool](tools) is a call of the [API](super::api) and is answered as the call is, so an agent may do what its key
//! may, within the same limits, and what the API learns it can be given by an entry of a table. Nothing is kept between two
//! requests: any copy of the portal answers any of them.
//!
//! What costs money is shown before it is done: `send_message` sends nothing until it is told that the people it concerns
//! agreed.

mod agent;
mod asked;
mod tools;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};

use super::api;
use crate::app::{App, LARGEST_BODY};
use agent::Agent;

/// `/mcp`.
pub(crate) fn routes(app: &App) -> Router<App> {
    let config = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(false)
        .with_json_response(true)
        // A key opens the door, and no browser has one by itself: pages of other origins are refused all the same.
        .disable_allowed_hosts()
        .enforce_origin_validation()
        .with_max_request_body_bytes(LARGEST_BODY)
        // Requests under way are finished, as everywhere.
        .with_cancellation_token(app.shutdown.hard.child_token());
    let agent = Agent::new(app);
    let sessions = Arc::new(NeverSessionManager::default());
    let service = StreamableHttpService::new(move || Ok(agent.clone()), sessions, config);
    Router::new()
        .route_service("/mcp", service)
        .route_layer(from_fn_with_state(app.clone(), authorize))
}

/// Lets in who has a key; the calls that tools make are made with its authority.
async fn authorize(State(app): State<App>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    match api::authority(&parts, &app).await {
        Ok(authority) => {
            parts.extensions.insert(authority);
            next.run(Request::from_parts(parts, body)).await
        }
        Err(problem) => problem.into_response(),
    }
}
