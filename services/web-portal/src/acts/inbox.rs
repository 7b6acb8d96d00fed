//! Received messages.

use contracts::MessageId;
use store::{InboxFilter, InboxPage, Page, Received};

use crate::acts::not_read::NotRead;
use crate::app::App;
use crate::authority::Authority;
use crate::power::Power;

/// Those in reach, newest first.
pub(crate) async fn list(
    app: &App,
    authority: &Authority,
    filter: &InboxFilter,
    page: Page,
) -> Result<InboxPage, NotRead> {
    authority.must(Power::InboxRead)?;
    Ok(app.store.inbox(authority.reach, filter, page).await?)
}

/// One in reach.
pub(crate) async fn one(
    app: &App,
    authority: &Authority,
    id: MessageId,
) -> Result<Option<Received>, NotRead> {
    authority.must(Power::InboxRead)?;
    Ok(app.store.received(authority.reach, id).await?)
}
