//! Conversations: what was sent to one phone, what came from it, and what of that somebody has read.

use contracts::{Address, Timestamp};
use store::{ConversationPage, Heading, LinePage, Page, Reader};

use crate::acts::not_read::NotRead;
use crate::app::App;
use crate::authority::Authority;
use crate::power::Power;

/// A page of one conversation, and what stands over it.
pub(crate) struct Talk {
    /// With whom.
    pub(crate) with: Address,
    /// Whose number it is, and how much is unread.
    pub(crate) heading: Heading,
    /// The page.
    pub(crate) page: LinePage,
}

/// A page of those in reach, those with the newest messages first. What is sent is in them as far as it may be read.
pub(crate) async fn list(
    app: &App,
    authority: &Authority,
    search: Option<&str>,
    page: Page,
) -> Result<ConversationPage, NotRead> {
    authority.must(Power::InboxRead)?;
    Ok(app.store.conversations(authority.reach, reader(authority), search, page).await?)
}

/// A page of the one with a number, as people write it, or with a name.
pub(crate) async fn one(
    app: &App,
    authority: &Authority,
    with: &str,
    page: Page,
) -> Result<Talk, NotRead> {
    authority.must(Power::InboxRead)?;
    let (reach, reader, with) = (authority.reach, reader(authority), app.settings.address(with));
    let page = app.store.conversation(reach, reader, &with, page).await?;
    let heading = app.store.conversation_heading(reach, reader, &with).await?;
    Ok(Talk { with, heading, page })
}

/// Notes that whoever asks has read the one with a number or a name up to a time. Returns how much of it is unread still.
pub(crate) async fn read(
    app: &App,
    authority: &Authority,
    with: &str,
    until: Timestamp,
) -> Result<u32, NotRead> {
    authority.must(Power::InboxRead)?;
    let (reach, reader, with) = (authority.reach, reader(authority), app.settings.address(with));
    if authority.acting().is_some() {
        // It is not the person who reads.
        return Ok(app.store.conversation_heading(reach, reader, &with).await?.unread);
    }
    // What is still to come is not read.
    let until = until.min(app.clock.now());
    // Nothing is noted of a number with whom nobody spoke.
    let newest = Page { before: None, limit: 1 };
    if app.store.conversation(reach, reader, &with, newest).await?.lines.is_empty() {
        return Ok(0);
    }
    app.store.read_conversation(reach, reader.account, &with, until).await?;
    Ok(app.store.conversation_heading(reach, reader, &with).await?.unread)
}

/// Who reads, and what of it.
fn reader(authority: &Authority) -> Reader {
    Reader {
        account: authority.owner(),
        sent: authority.may(Power::MessagesRead),
        names: authority.may(Power::ContactsRead),
    }
}
