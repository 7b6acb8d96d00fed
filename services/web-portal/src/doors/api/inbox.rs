//! Received messages.

use api::{Inbox, ListInbox, ReceivedMessage};
use axum::Json;
use axum::extract::State;
use contracts::{Address, MessageId};
use store::{InboxFilter, Received};

use super::body::{CheckedQuery, PathId};
use super::paging;
use crate::acts::reading::Reading;
use crate::app::App;
use crate::caller::Caller;
use crate::problem::{Answer, Problem};

/// `GET /inbox`.
pub(super) async fn list(
    State(app): State<App>,
    caller: Caller,
    CheckedQuery(listing): CheckedQuery<ListInbox>,
) -> Answer<Json<Inbox>> {
    let filter = InboxFilter {
        sim: listing.sim,
        from: listing.from.as_deref().map(Address::from_text),
        since: listing.since,
    };
    let page = paging::page(listing.limit, listing.before.as_deref())?;
    let page = app.store.inbox(caller.scope, &filter, page).await?;
    let messages = page.messages.iter().map(summary).collect();
    Ok(Json(Inbox { messages, next: page.next.map(|next| next.to_string()) }))
}

/// `GET /inbox/{id}`.
pub(super) async fn one(
    State(app): State<App>,
    caller: Caller,
    PathId(id): PathId<MessageId>,
) -> Answer<Json<ReceivedMessage>> {
    let received = app.store.received(caller.scope, id).await?;
    let received = received.ok_or_else(|| Problem::not_found("received message of this id"))?;
    Ok(Json(ReceivedMessage { pdus: Some(received.pdus.clone()), ..summary(&received) }))
}

fn summary(received: &Received) -> ReceivedMessage {
    let reading = Reading::of(received);
    ReceivedMessage {
        id: received.id,
        number: received.number,
        from: received.from.clone(),
        to: received.to.clone(),
        text: received.text.clone(),
        data: received.data.clone(),
        class: received.class,
        ports: received.ports,
        parts: received.parts,
        missing: received.missing.clone(),
        sim: received.sim,
        modem: received.modem,
        smsc_at: received.smsc_at,
        received_at: received.received_at,
        cut: reading.cut,
        waiting: reading.indications(),
        mms: reading.notification(received.received_at),
        data_text: reading.data_text,
        pdus: None,
    }
}
