//! Batches: how far one is, above the list of its messages, and what can be said of it there.

use axum::extract::{Path, State};
use axum::response::Response;
use contracts::BatchId;
use contracts::batch::Order;

use super::failure::Failure;
use super::form::Form;
use super::notice::Notice;
use super::parts::Progress;
use super::visit::Visit;
use crate::acts::batch::{self, BatchError};
use crate::app::App;
use crate::power::Power;

/// How far a batch is. None: nothing is known of it, for its messages are older than what is kept of messages, or the broker is
/// away for a moment.
pub(super) async fn progress(
    app: &App,
    visit: &Visit,
    id: BatchId,
) -> Result<Option<Progress>, Failure> {
    let authority = visit.authority()?;
    let batch = match batch::progress(app, authority, id).await {
        Ok(batch) => batch,
        Err(BatchError::Denied(denied)) => return Err(denied.into()),
        Err(BatchError::Store(error)) => return Err(error.into()),
        Err(
            BatchError::NoSuchBatch
            | BatchError::Cancelled
            | BatchError::Broker(_)
            | BatchError::Untold(_),
        ) => return Ok(None),
    };
    let may_order = authority.may(Power::MessagesCancel);
    let path = format!("/batches/{id}");
    let mut progress = Progress::new(visit.words, &visit.csrf, path, may_order);
    progress.add(&batch);
    Ok(Some(progress.listed_at(&list(id))))
}

/// The list of the messages of a batch.
pub(super) fn list(id: BatchId) -> String {
    format!("/sent?batch={id}")
}

/// `POST /batches/{id}/{call}`.
pub(super) async fn call(
    State(app): State<App>,
    Path((id, call)): Path<(String, String)>,
    form: Form,
) -> Result<Response, Failure> {
    let id: BatchId = id.parse().map_err(|_| Failure::NotFound)?;
    let order = order_named(&call).ok_or(Failure::NotFound)?;
    let is_cancelled = form.visit.words.batch_is_cancelled();
    let notice = ordered(&app, &form.visit, &[id], (order, is_cancelled)).await?;
    Ok(form.visit.lead_to(&list(id), notice))
}

/// The order of a word that a form is sent to.
pub(super) fn order_named(word: &str) -> Option<Order> {
    match word {
        "pause" => Some(Order::Paused),
        "resume" => Some(Order::Running),
        "cancel" => Some(Order::Cancelled),
        _ => None,
    }
}

/// Gives an order to batches, and says what came of it. The words are those for a batch that was cancelled, which say how the rest is
/// sent.
pub(super) async fn ordered(
    app: &App,
    visit: &Visit,
    batches: &[BatchId],
    (order, is_cancelled): (Order, String),
) -> Result<Notice, Failure> {
    let (w, authority) = (visit.words, visit.authority()?);
    let mut notice = Notice::done(match order {
        Order::Paused => w.bulk_paused(),
        Order::Running => w.bulk_resumed(),
        Order::Cancelled => w.bulk_cancelled(),
    });
    for id in batches {
        match batch::order(app, authority, *id, order).await {
            Ok(_) => {}
            Err(BatchError::Denied(denied)) => return Err(denied.into()),
            Err(BatchError::Store(error)) => return Err(error.into()),
            Err(BatchError::Cancelled) => notice = Notice::failed(is_cancelled.clone()),
            Err(BatchError::NoSuchBatch | BatchError::Broker(_) | BatchError::Untold(_)) => {
                notice = Notice::failed(w.bulk_order_failed());
            }
        }
    }
    Ok(notice)
}
