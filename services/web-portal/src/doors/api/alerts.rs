//! What is wrong with the gateway.

use api::{Alerts, ListAlerts, Queued};
use axum::Json;
use axum::extract::State;
use store::COUNTED;

use super::body::CheckedQuery;
use super::caller::Caller;
use super::problem::Answer;
use crate::acts::alert::{self, Status};
use crate::app::App;

/// The most alerts of an answer.
pub(super) const MOST: u32 = 500;

/// `GET /alerts`.
pub(super) async fn list(
    State(app): State<App>,
    Caller(authority): Caller,
    CheckedQuery(listing): CheckedQuery<ListAlerts>,
) -> Answer<Json<Alerts>> {
    let limit = listing.limit.unwrap_or(50).clamp(1, MOST);
    let closed = listing.all.unwrap_or(false);
    let Status { alerts, queue } = alert::status(&app, &authority, closed, limit).await?;
    let queue = queue.into_iter().map(|queued| Queued {
        state: queued.state,
        count: queued.count.min(COUNTED),
        more: queued.count > COUNTED,
        oldest: queued.oldest,
    });
    Ok(Json(Alerts { alerts, queue: queue.collect() }))
}
