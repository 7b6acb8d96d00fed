//! Bringing back what was removed a moment ago.

use store::{AuditAction, Restorable, RestoreError};

use super::belonging::changed_by;
use crate::app::App;
use crate::authority::{Authority, Denied};
use crate::power::Power;

/// Something was not brought back.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotRestored {
    /// Not with this authority.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// It could not be, or the database.
    #[error(transparent)]
    Restore(#[from] RestoreError),
}

/// Brings back what was removed, as whoever could have removed it.
pub(crate) async fn restore(
    app: &App,
    authority: &Authority,
    what: Restorable,
) -> Result<(), NotRestored> {
    let (power, action) = match what {
        Restorable::Contact(_) => (Power::ContactsWrite, AuditAction::ContactRestored),
        Restorable::Group(_) => (Power::ContactsWrite, AuditAction::GroupRestored),
        Restorable::Template(_) => (Power::TemplatesWrite, AuditAction::TemplateRestored),
    };
    authority.must(power)?;
    let store = app.store.audited(authority.entry(app, action));
    Ok(store.restore(changed_by(authority), what, app.clock.now()).await?)
}
