//! Received messages.

use axum::Json as Answered;
use axum::extract::State;
use contracts::{Address, MessageId, SimId, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};
use store::{Cursor, InboxFilter, Received};

use super::body::{Asked, Id};
use super::pages;
use crate::app::App;
use crate::caller::Caller;
use crate::problem::{Answer, Problem};
use crate::reading::Reading;

/// What may be asked of the list.
#[derive(Debug, Deserialize)]
pub(super) struct Listing {
    sim: Option<SimId>,
    from: Option<String>,
    since: Option<Timestamp>,
    limit: Option<u32>,
    before: Option<Cursor>,
}

/// `GET /inbox`.
pub(super) async fn list(
    State(app): State<App>,
    caller: Caller,
    Asked(listing): Asked<Listing>,
) -> Answer<Answered<Value>> {
    let filter = InboxFilter {
        sim: listing.sim,
        from: listing.from.as_deref().map(Address::from_text),
        since: listing.since,
    };
    let page = pages::page(listing.limit, listing.before);
    let page = app.store.inbox(caller.scope, &filter, page).await?;
    let messages: Vec<Value> = page.messages.iter().map(summary).collect();
    Ok(Answered(json!({ "messages": messages, "next": page.next })))
}

/// `GET /inbox/{id}`.
pub(super) async fn one(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<MessageId>,
) -> Answer<Answered<Value>> {
    let received = app.store.received(caller.scope, id).await?;
    let received = received.ok_or_else(|| Problem::not_found("received message of this id"))?;
    let mut value = summary(&received);
    value["pdus"] = json!(received.pdus);
    Ok(Answered(value))
}

fn summary(received: &Received) -> Value {
    let mut value = json!({
        "id": received.id,
        "number": received.number,
        "from": received.from,
        "to": received.to,
        "text": received.text,
        "data": received.data,
        "class": received.class,
        "ports": received.ports,
        "parts": received.parts,
        "missing": received.missing,
        "sim": received.sim,
        "modem": received.modem,
        "smsc_at": received.smsc_at,
        "received_at": received.received_at,
    });
    for (name, field) in Reading::of(received).fields(received.received_at) {
        value[name] = field;
    }
    value
}
