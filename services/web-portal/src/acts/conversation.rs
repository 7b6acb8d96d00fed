//! Conversations: what was sent to one phone, what came from it, what of that somebody has read, and what a team keeps of it.
//!
//! Who may answer assigns and archives a conversation, and writes notes into it. To block a number has to do with whatever all of
//! the organisation receive and with its keyword services, so it is for whoever may change what they share. A mute is one's own.

use contracts::talk::{Talked, TalkedKind, TalkedNote};
use contracts::{Address, Timestamp, UserId};
use store::{
    AnsweredBy, Assignment, AuditAction, Colleague, ConversationChange, ConversationFilter,
    ConversationPage, Cursor, Heading, LONGEST_COUNTERPART, LONGEST_THREAD_NOTE, LinePage,
    MOST_MUTES, MOST_THREAD_NOTES, MuteError, Note, Page, PersonalText, Personalia, Reader,
    StoreError, WriteNoteError,
};

use crate::acts::belonging::must_share;
use crate::acts::contact;
use crate::acts::not_read::NotRead;
use crate::app::App;
use crate::authority::{Authority, Denied};
use crate::power::Power;

/// Why a conversation was not changed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotChanged {
    /// Not with this authority.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// Nothing of it is in reach.
    #[error("there is no conversation with this number, or none that you may read")]
    NotThere,
    /// Nobody of this name may answer it.
    #[error("'{0}' is none of those who may read and answer this conversation")]
    NotTheirs(String),
    /// The note is empty or too long.
    #[error("a note is a text of 1 to {LONGEST_THREAD_NOTE} characters")]
    Note,
    /// The conversation has as many notes as it may have.
    #[error(
        "this conversation has {MOST_THREAD_NOTES} notes already, which is the most there may be"
    )]
    TooManyNotes,
    /// The account mutes as many as it may.
    #[error("you mute {MOST_MUTES} conversations already, which is the most there may be")]
    TooManyMutes,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<WriteNoteError> for NotChanged {
    fn from(error: WriteNoteError) -> Self {
        match error {
            WriteNoteError::TooMany => Self::TooManyNotes,
            WriteNoteError::Store(error) => Self::Store(error),
        }
    }
}

impl From<MuteError> for NotChanged {
    fn from(error: MuteError) -> Self {
        match error {
            MuteError::TooMany => Self::TooManyMutes,
            MuteError::Store(error) => Self::Store(error),
        }
    }
}

/// What is to be changed of a conversation. What is none stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Changes {
    /// The name or the id of the account that it is assigned to; empty: nobody.
    pub(crate) assigned_to: Option<String>,
    /// Whether it is archived.
    pub(crate) archived: Option<bool>,
    /// Whether whoever asks is told nothing of it.
    pub(crate) muted: Option<bool>,
    /// Whether the number is blocked.
    pub(crate) blocked: Option<bool>,
}

/// A page of one conversation, and what stands over it.
pub(crate) struct Talk {
    /// With whom.
    pub(crate) with: Address,
    /// Whose number it is, and how much is unread.
    pub(crate) heading: Heading,
    /// The page.
    pub(crate) page: LinePage,
}

/// A page of those in reach that a filter leaves, those with the newest messages first. What is sent is in them as far as it may
/// be read.
pub(crate) async fn list(
    app: &App,
    authority: &Authority,
    filter: ConversationFilter<'_>,
    page: Page,
) -> Result<ConversationPage, NotRead> {
    authority.must(Power::InboxRead)?;
    Ok(app.store.conversations(authority.reach, reader(authority), filter, page).await?)
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

/// Assigns, archives, mutes or blocks the one with a number or a name, or takes that back. Returns with whom it is, and what
/// stands over it then.
pub(crate) async fn change(
    app: &App,
    authority: &Authority,
    with: &str,
    changes: &Changes,
) -> Result<(Address, Heading), NotChanged> {
    authority.must(Power::InboxRead)?;
    if changes.assigned_to.is_some() || changes.archived.is_some() {
        authority.must(Power::MessagesSend)?;
    }
    if changes.blocked.is_some() {
        must_share(authority)?;
    }
    let (reach, reader, with) = (authority.reach, reader(authority), app.settings.address(with));
    let assigned = match changes.assigned_to.as_deref() {
        None => None,
        Some("") => Some(Assignment::Nobody),
        Some(to) => Some(Assignment::To(assignee(app, authority, &with, to).await?)),
    };
    let now = app.clock.now();
    let change =
        ConversationChange { assigned, archived: changes.archived, blocked: changes.blocked };
    // First what may be refused because there are too many, so that nothing is done then.
    if let Some(muted) = changes.muted {
        let since = muted.then_some(now);
        if !app.store.mute_conversation(reach, reader, &with, since).await? {
            return Err(NotChanged::NotThere);
        }
    }
    if change != ConversationChange::default() {
        let store = app.store.audited(authority.entry(app, AuditAction::ConversationChanged));
        if !store.change_conversation(reach, reader, &with, change, now).await? {
            if let Some(to) = changes.assigned_to.as_deref().filter(|to| !to.is_empty()) {
                // Who was disabled just now is named.
                assignee(app, authority, &with, to).await?;
            }
            return Err(NotChanged::NotThere);
        }
        tell(app, authority, &with, TalkedKind::Refiled, None).await;
    }
    let heading = app.store.conversation_heading(reach, reader, &with).await?;
    Ok((with, heading))
}

/// Those to whom the one with a number or a name may be assigned.
pub(crate) async fn assignees(
    app: &App,
    authority: &Authority,
    with: &Address,
) -> Result<Vec<Colleague>, NotRead> {
    authority.must(Power::InboxRead)?;
    Ok(app.store.conversation_assignees(authority.reach, reader(authority), with).await?)
}

/// The account of this name or id, if the conversation may be assigned to it.
async fn assignee(
    app: &App,
    authority: &Authority,
    with: &Address,
    to: &str,
) -> Result<UserId, NotChanged> {
    let reader = reader(authority);
    if !app.store.conversation_is_there(authority.reach, reader, with).await? {
        return Err(NotChanged::NotThere);
    }
    let all = app.store.conversation_assignees(authority.reach, reader, with).await?;
    let (id, name) = (to.parse::<UserId>().ok(), to.to_lowercase());
    let found = all.iter().find(|one| Some(one.id) == id || one.name.to_lowercase() == name);
    found.map(|one| one.id).ok_or_else(|| NotChanged::NotTheirs(to.to_owned()))
}

/// Writes a note into the one with a number or a name, and tells whoever has it open.
pub(crate) async fn note(
    app: &App,
    authority: &Authority,
    with: &str,
    text: &str,
) -> Result<Note, NotChanged> {
    authority.must(Power::InboxRead)?;
    authority.must(Power::MessagesSend)?;
    let text = text.trim();
    if text.is_empty() || text.chars().count() > LONGEST_THREAD_NOTE {
        return Err(NotChanged::Note);
    }
    let (reach, reader, with) = (authority.reach, reader(authority), app.settings.address(with));
    let by = Colleague { id: authority.owner(), name: authority.name().to_owned() };
    let now = app.clock.now();
    let note = app.store.note_in_conversation(reach, reader, &with, (&by, text), now).await?;
    let note = note.ok_or(NotChanged::NotThere)?;
    let told = TalkedNote { id: note.id, text: note.text.clone() };
    tell(app, authority, &with, TalkedKind::Noted, Some(told)).await;
    Ok(note)
}

/// Tells whoever has the one with a number or a name open that somebody writes an answer.
pub(crate) async fn write(app: &App, authority: &Authority, with: &str) -> Result<(), NotChanged> {
    authority.must(Power::InboxRead)?;
    authority.must(Power::MessagesSend)?;
    if with.chars().count() > LONGEST_COUNTERPART {
        return Err(NotChanged::NotThere);
    }
    let with = app.settings.address(with);
    // Before the database is asked, so that whoever asks often is no burden to it.
    if !app.hub.writes_anew(authority.owner(), &with) {
        return Ok(());
    }
    if app.store.conversation_is_there(authority.reach, reader(authority), &with).await? {
        tell(app, authority, &with, TalkedKind::Writing, None).await;
    }
    Ok(())
}

/// Tells pages that are open, of whichever copy of the portal.
async fn tell(
    app: &App,
    authority: &Authority,
    with: &Address,
    kind: TalkedKind,
    note: Option<TalkedNote>,
) {
    let talked = Talked {
        org: authority.org,
        with: with.clone(),
        kind,
        by: authority.owner(),
        name: authority.name().to_owned(),
        note,
        at: app.clock.now(),
    };
    app.bus.hint(&Talked::SUBJECT, &talked).await;
}

/// Whether something of the one with a number or a name is in reach.
pub(crate) async fn is_there(
    app: &App,
    authority: &Authority,
    with: &Address,
) -> Result<bool, NotRead> {
    authority.must(Power::InboxRead)?;
    Ok(app.store.conversation_is_there(authority.reach, reader(authority), with).await?)
}

/// What stands over the one with a number or a name.
pub(crate) async fn heading(
    app: &App,
    authority: &Authority,
    with: &Address,
) -> Result<Heading, NotRead> {
    authority.must(Power::InboxRead)?;
    Ok(app.store.conversation_heading(authority.reach, reader(authority), with).await?)
}

/// Who else wrote to the number of a conversation since a place of it, if somebody did.
pub(crate) async fn answered_since(
    app: &App,
    authority: &Authority,
    with: &str,
    since: Cursor,
) -> Result<Option<AnsweredBy>, NotRead> {
    if authority.must(Power::InboxRead).is_err() {
        return Ok(None);
    }
    let with = app.settings.address(with);
    Ok(app.store.answered_since(authority.reach, reader(authority), &with, since).await?)
}

/// What fields of a text are filled in with for whoever a conversation is with.
pub(crate) async fn personalia(
    app: &App,
    authority: &Authority,
    with: &Address,
    heading: &Heading,
) -> Result<Personalia, NotRead> {
    authority.must(Power::InboxRead)?;
    let known = match heading.contact {
        Some(id) => contact::one(app, authority, id).await?,
        None => None,
    };
    let number = with.to_string();
    Ok(match known {
        Some(known) => Personalia {
            name: known.name,
            number,
            email: known.email.unwrap_or_default(),
            note: known.note.unwrap_or_default(),
            fields: known.fields,
        },
        None => Personalia { number, ..Personalia::default() },
    })
}

/// A template with its fields filled in. One whose braces are no fields is a text as it stands.
pub(crate) fn filled(text: &str, of: &Personalia) -> String {
    text.parse::<PersonalText>().map_or_else(|_| text.to_owned(), |text| text.fill(of))
}

/// Who reads, and what of it.
fn reader(authority: &Authority) -> Reader {
    Reader {
        account: authority.owner(),
        sent: authority.may(Power::MessagesRead),
        names: authority.may(Power::ContactsRead),
    }
}
