//! Conversations.

use api::{
    ConversationAssignee, ConversationChanges, ConversationLine, ConversationLines,
    ConversationNote, ConversationRead, ConversationState, Conversations, ListConversations,
    MissedCall, NewConversationNote, ReadConversation, ShowConversation,
};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use store::{
    Colleague, Conversation, ConversationFilter, Heading, Line, MOST_MUTES, MOST_THREAD_NOTES,
    Shelf,
};

use super::body::{CheckedJson, CheckedQuery, PathId};
use super::caller::Caller;
use super::problem::{Answer, Code, Problem, sentence};
use super::{inbox, messages, paging};
use crate::acts::conversation::{self, Changes, NotChanged};
use crate::acts::waiting::Reasons;
use crate::app::App;

/// `GET /conversations`.
pub(super) async fn list(
    State(app): State<App>,
    Caller(authority): Caller,
    CheckedQuery(listing): CheckedQuery<ListConversations>,
) -> Answer<Json<Conversations>> {
    let page = paging::page(listing.limit, listing.before.as_deref())?;
    let search = listing.q.as_deref().filter(|text| !text.trim().is_empty());
    let usual = if search.is_some() { Shelf::Any } else { Shelf::Open };
    let shelf = listing.show.as_deref().and_then(|shelf| shelf.parse().ok()).unwrap_or(usual);
    let page =
        conversation::list(&app, &authority, ConversationFilter { search, shelf }, page).await?;
    let reasons = Reasons::now(&app).await;
    let shown = page.conversations.iter().map(|one| shown(one, &reasons));
    Ok(Json(Conversations {
        conversations: shown.collect(),
        next: page.next.map(|next| next.to_string()),
    }))
}

/// `GET /conversations/{number}`.
pub(super) async fn one(
    State(app): State<App>,
    Caller(authority): Caller,
    PathId(with): PathId<String>,
    CheckedQuery(listing): CheckedQuery<ShowConversation>,
) -> Answer<Json<ConversationLines>> {
    let page = paging::page(listing.limit, listing.before.as_deref())?;
    let talk = conversation::one(&app, &authority, &with, page).await?;
    let reasons = Reasons::now(&app).await;
    Ok(Json(ConversationLines {
        with: talk.with,
        name: talk.heading.name,
        contact: talk.heading.contact,
        unread: talk.heading.unread,
        assigned_to: talk.heading.assigned.map(assignee),
        archived: talk.heading.archived,
        muted: talk.heading.muted,
        blocked: talk.heading.blocked,
        lines: talk.page.lines.iter().map(|line| said(line, &reasons)).collect(),
        next: talk.page.next.map(|next| next.to_string()),
    }))
}

/// `POST /conversations/{number}/read`.
pub(super) async fn read(
    State(app): State<App>,
    Caller(authority): Caller,
    PathId(with): PathId<String>,
    CheckedJson(mark): CheckedJson<ReadConversation>,
) -> Answer<Json<ConversationRead>> {
    let until = mark.until.unwrap_or_else(|| app.clock.now());
    let unread = conversation::read(&app, &authority, &with, until).await?;
    Ok(Json(ConversationRead { unread }))
}

/// `PATCH /conversations/{number}`.
pub(super) async fn change(
    State(app): State<App>,
    Caller(authority): Caller,
    PathId(with): PathId<String>,
    CheckedJson(changes): CheckedJson<ConversationChanges>,
) -> Answer<Json<ConversationState>> {
    let ConversationChanges { assigned_to, archived, muted, blocked } = changes;
    let changes = Changes { assigned_to, archived, muted, blocked };
    if changes == Changes::default() {
        return Err(Problem::malformed(
            "Say what is to be changed: 'assigned_to', 'archived', 'muted' or 'blocked'.",
        ));
    }
    let (with, heading) = conversation::change(&app, &authority, &with, &changes).await?;
    let Heading { unread, assigned, archived, muted, blocked, .. } = heading;
    let assigned_to = assigned.map(assignee);
    Ok(Json(ConversationState { with, unread, assigned_to, archived, muted, blocked }))
}

/// `POST /conversations/{number}/notes`.
pub(super) async fn note(
    State(app): State<App>,
    Caller(authority): Caller,
    PathId(with): PathId<String>,
    CheckedJson(new): CheckedJson<NewConversationNote>,
) -> Answer<impl IntoResponse> {
    let note = conversation::note(&app, &authority, &with, &new.text).await?;
    let reasons = Reasons::now(&app).await;
    Ok((StatusCode::CREATED, Json(said(&Line::Note(note), &reasons))))
}

fn assignee(Colleague { id, name }: Colleague) -> ConversationAssignee {
    ConversationAssignee { id, name }
}

fn shown(one: &Conversation, reasons: &Reasons) -> api::Conversation {
    api::Conversation {
        with: one.with.clone(),
        name: one.heading.name.clone(),
        contact: one.heading.contact,
        unread: one.heading.unread,
        assigned_to: one.heading.assigned.clone().map(assignee),
        archived: one.heading.archived,
        muted: one.heading.muted,
        blocked: one.heading.blocked,
        last: said(&one.last, reasons),
    }
}

fn said(line: &Line, reasons: &Reasons) -> ConversationLine {
    let kind = match line {
        Line::Sent(_) => "sent",
        Line::Received(_) => "received",
        Line::Missed(_) => "missed_call",
        Line::Note(_) => "note",
    };
    let (at, kind) = (line.cursor().at, kind.to_owned());
    let empty =
        ConversationLine { kind, at, sent: None, received: None, missed_call: None, note: None };
    match line {
        Line::Sent(message) => {
            ConversationLine { sent: Some(messages::summary(message, reasons)), ..empty }
        }
        Line::Received(message) => {
            ConversationLine { received: Some(inbox::summary(message)), ..empty }
        }
        Line::Missed(call) => {
            let call = MissedCall { from: call.from.clone(), sim: call.sim };
            ConversationLine { missed_call: Some(call), ..empty }
        }
        Line::Note(note) => {
            let (author, author_name) = (note.by.id, note.by.name.clone());
            let note =
                ConversationNote { id: note.id, author, author_name, text: note.text.clone() };
            ConversationLine { note: Some(note), ..empty }
        }
    }
}

impl From<NotChanged> for Problem {
    fn from(refused: NotChanged) -> Self {
        let detail = sentence(&refused.to_string());
        match refused {
            NotChanged::Denied(denied) => denied.into(),
            NotChanged::NotThere => Self::not_found("conversation with this number"),
            NotChanged::NotTheirs(_) => {
                Self::new(Code::NoSuchUser, detail).with("field", "assigned_to")
            }
            NotChanged::Note => Self::malformed(detail).with("field", "text"),
            NotChanged::TooManyNotes => {
                Self::new(Code::TooManyNotes, detail).with("limit", MOST_THREAD_NOTES)
            }
            NotChanged::TooManyMutes => {
                Self::new(Code::TooManyMutes, detail).with("limit", MOST_MUTES)
            }
            NotChanged::Store(error) => error.into(),
        }
    }
}
