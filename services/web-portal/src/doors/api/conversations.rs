//! Conversations.

use api::{
    ConversationLine, ConversationLines, ConversationRead, Conversations, ListConversations,
    MissedCall, ReadConversation, ShowConversation,
};
use axum::Json;
use axum::extract::State;
use store::{Conversation, Line};

use super::body::{CheckedJson, CheckedQuery, PathId};
use super::caller::Caller;
use super::problem::Answer;
use super::{inbox, messages, paging};
use crate::acts::conversation;
use crate::acts::waiting::Reasons;
use crate::app::App;

/// `GET /conversations`.
pub(super) async fn list(
    State(app): State<App>,
    Caller(authority): Caller,
    CheckedQuery(listing): CheckedQuery<ListConversations>,
) -> Answer<Json<Conversations>> {
    let page = paging::page(listing.limit, listing.before.as_deref())?;
    let page = conversation::list(&app, &authority, listing.q.as_deref(), page).await?;
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

fn shown(one: &Conversation, reasons: &Reasons) -> api::Conversation {
    api::Conversation {
        with: one.with.clone(),
        name: one.heading.name.clone(),
        contact: one.heading.contact,
        unread: one.heading.unread,
        last: said(&one.last, reasons),
    }
}

fn said(line: &Line, reasons: &Reasons) -> ConversationLine {
    let kind = match line {
        Line::Sent(_) => "sent",
        Line::Received(_) => "received",
        Line::Missed(_) => "missed_call",
    };
    let (at, kind) = (line.cursor().at, kind.to_owned());
    let empty = ConversationLine { kind, at, sent: None, received: None, missed_call: None };
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
    }
}
