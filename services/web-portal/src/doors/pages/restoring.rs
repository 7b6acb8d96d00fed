//! Bringing back what a form removed a moment ago: the page after it offers that.

use axum::response::Response;
use store::{Restorable, RestoreError};

use super::failure::Failure;
use super::notice::Notice;
use super::visit::Visit;
use crate::acts::restoring::{self, NotRestored};
use crate::app::App;

/// Brings it back, and leads to its page; where that cannot be, to the list, which says why.
pub(super) async fn restored(
    app: &App,
    visit: &Visit,
    what: Restorable,
) -> Result<Response, Failure> {
    let w = visit.words;
    let (list, done) = match what {
        Restorable::Contact(_) => ("/contacts", w.undo_contact()),
        Restorable::Group(_) => ("/groups", w.undo_group()),
        Restorable::Template(_) => ("/templates", w.undo_template()),
    };
    let why = match restoring::restore(app, visit.authority()?, what).await {
        Ok(()) => {
            return Ok(visit.lead_to(&format!("{list}/{}", what.id()), Notice::done(done)));
        }
        Err(NotRestored::Denied(denied)) => return Err(denied.into()),
        Err(NotRestored::Restore(RestoreError::Store(error))) => return Err(error.into()),
        Err(NotRestored::Restore(RestoreError::Gone)) => w.undo_gone(),
        Err(NotRestored::Restore(RestoreError::NameTaken(name))) => w.undo_taken(name),
        Err(NotRestored::Restore(RestoreError::TooMany(most))) => w.undo_full(most),
    };
    Ok(visit.lead_to(list, Notice::failed(why)))
}
