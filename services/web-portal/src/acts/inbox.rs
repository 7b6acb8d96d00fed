//! Received messages.

use contracts::MessageId;
use store::{InboxFilter, InboxPage, Page, Received, StoreError};

use crate::app::App;
use crate::authority::Authority;

/// Those in reach, newest first.
pub(crate) async fn list(
    app: &App,
    authority: &Authority,
    filter: &InboxFilter,
    page: Page,
) -> Result<InboxPage, StoreError> {
    app.store.inbox(authority.reach, filter, page).await
}

/// One in reach.
pub(crate) async fn one(
    app: &App,
    authority: &Authority,
    id: MessageId,
) -> Result<Option<Received>, StoreError> {
    app.store.received(authority.reach, id).await
}
