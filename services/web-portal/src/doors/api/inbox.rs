//! Received messages.

use api::{Inbox, ListInbox, Mms, ReceivedMessage, WaitingIndication};
use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};
use contracts::{MessageId, Timestamp};
use store::{InboxFilter, Received};
use tpdu::Expiry;

use super::body::{CheckedQuery, PathId};
use super::caller::Caller;

use super::problem::{Answer, Problem};
use super::{csv, paging};
use crate::acts::reading::Reading;
use crate::acts::{export, inbox};
use crate::app::App;

/// `GET /inbox`: a page, or all of it as CSV.
pub(super) async fn list(
    State(app): State<App>,
    Caller(authority): Caller,
    headers: HeaderMap,
    CheckedQuery(listing): CheckedQuery<ListInbox>,
) -> Answer<Response> {
    let filter = InboxFilter {
        sim: listing.sim,
        from: listing.from.as_deref().map(|from| app.settings.address(from)),
        owner: paging::account(&app, &authority, listing.user.as_deref()).await?,
        since: listing.since,
        until: listing.until,
        search: paging::search(listing.q.as_deref())?,
        ..InboxFilter::default()
    };
    let page = paging::page(listing.limit, listing.before.as_deref())?;
    if csv::is_wanted(&headers) {
        return Ok(csv::answer(export::received(&app, &authority, filter).await?));
    }
    let page = inbox::list(&app, &authority, &filter, page).await?;
    let messages = page.messages.iter().map(summary).collect();
    let next = page.next.map(|next| next.to_string());
    Ok(Json(Inbox { messages, next }).into_response())
}

/// `GET /inbox/{id}`.
pub(super) async fn one(
    State(app): State<App>,
    Caller(authority): Caller,
    PathId(id): PathId<MessageId>,
) -> Answer<Json<ReceivedMessage>> {
    let received = inbox::one(&app, &authority, id).await?;
    let received = received.ok_or_else(|| Problem::not_found("received message of this id"))?;
    Ok(Json(ReceivedMessage { pdus: Some(received.pdus.clone()), ..summary(&received) }))
}

/// As a list shows it.
pub(super) fn summary(received: &Received) -> ReceivedMessage {
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
        waiting: indications(&reading),
        mms: notification(&reading, received.received_at),
        data_text: reading.data_text,
        imported_from: received.imported_from.clone(),
        pdus: None,
    }
}

/// What waits, for programs.
fn indications(reading: &Reading) -> Vec<WaitingIndication> {
    let told = reading.waiting.iter().map(|indication| WaitingIndication {
        kind: indication.waiting.kind.name().to_owned(),
        active: indication.waiting.active,
        count: indication.count,
    });
    told.collect()
}

/// The multimedia message, for programs.
fn notification(reading: &Reading, received_at: Timestamp) -> Option<Mms> {
    reading.mms.as_ref().map(|mms| Mms {
        from: mms.from.clone(),
        subject: mms.subject.clone(),
        size: mms.size,
        location: mms.location.clone(),
        expires_at: mms.expiry.and_then(|expiry| expires_at(expiry, received_at)),
    })
}

/// None when the time is beyond all calendars: the notification is anybody's.
fn expires_at(expiry: Expiry, received_at: Timestamp) -> Option<Timestamp> {
    let micros = |seconds: u64| i64::try_from(seconds).ok()?.checked_mul(1_000_000);
    let at = match expiry {
        Expiry::At(seconds) => micros(seconds)?,
        Expiry::After(seconds) => received_at.as_micros().checked_add(micros(seconds)?)?,
    };
    // The last moment of the year 9999.
    (at < 253_402_300_800_000_000).then(|| Timestamp::from_micros(at))
}
