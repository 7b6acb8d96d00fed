//! What happens, as a stream and in answers that wait.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::time::Duration;

use api::{Events, FollowEvents, Happened, HappenedTo, NextEvents, SentEvent};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName};
use axum::response::sse::{self, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use contracts::WebhookEvent;
use futures_util::future::BoxFuture;
use futures_util::stream::{self, Stream};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::body::CheckedQuery;
use super::caller::{Caller, while_good};
use super::problem::{Answer, Code, Problem, sentence};
use crate::access::Access;
use crate::acts::event::{self, About, Followed, Following, NotFollowed, Place, Told};
use crate::app::App;
use crate::causes::in_full;

/// After this long the reader connects anew.
const LONGEST: Duration = Duration::from_hours(1);
/// How often a reader who sees nothing is told how far that goes.
const SILENCE: Duration = Duration::from_secs(15);
/// How long an answer waits for something to happen.
const LONG_POLL: Duration = Duration::from_secs(20);
/// How long it waits for what happens at the same time as the first.
const TOGETHER: Duration = Duration::from_millis(50);
/// How many an answer has when nobody says, and at most.
const USUAL: u32 = 50;
/// The most.
pub(crate) const MOST: u32 = 100;

/// `GET /events`.
pub(super) async fn stream(
    State(app): State<App>,
    Caller(authority): Caller,
    CheckedQuery(query): CheckedQuery<FollowEvents>,
    headers: HeaderMap,
) -> Answer<Response> {
    let last = headers.get("last-event-id").map(|last| last.to_str().unwrap_or_default());
    let after = last.or(query.after.as_deref()).filter(|after| !after.is_empty());
    let after = after.map(place).transpose()?;
    let following = event::follow(&app, &authority, kinds(query.types.as_deref())?, after).await?;
    let going = Going {
        ended: Access::of(&authority).ended(&app),
        soft: app.shutdown.soft.clone(),
        until: Instant::now() + LONGEST,
        begun: false,
        following,
    };
    let sse = Sse::new(events(going)).keep_alive(KeepAlive::new().interval(SILENCE));
    // A proxy that gathers answers would hold the news back.
    let unbuffered = [(HeaderName::from_static("x-accel-buffering"), "no")];
    Ok((unbuffered, sse).into_response())
}

/// `GET /events/next`.
pub(super) async fn next(
    State(app): State<App>,
    Caller(authority): Caller,
    CheckedQuery(query): CheckedQuery<NextEvents>,
) -> Answer<Json<Events>> {
    let after = query.after.as_deref().filter(|after| !after.is_empty());
    let after = after.map(place).transpose()?;
    let kinds = kinds(query.types.as_deref())?;
    let mut following = event::follow(&app, &authority, kinds, after).await?;
    let limit = usize::try_from(query.limit.unwrap_or(USUAL).clamp(1, MOST)).unwrap_or(1);
    let gathered = async {
        let (mut events, end) = (Vec::new(), Instant::now() + LONG_POLL);
        // What is lost is said at once.
        while events.len() < limit && !(following.gap && events.is_empty()) {
            let left = end.saturating_duration_since(Instant::now());
            let patience = if events.is_empty() { left } else { TOGETHER };
            let told = tokio::select! {
                told = following.next(patience) => told?,
                () = app.shutdown.requested() => break,
            };
            match told {
                Told::Happened(_, followed) => events.push(shown(&followed)),
                Told::Nothing(_) => break,
            }
        }
        Ok(events)
    };
    let events = Box::pin(while_good(&authority, &app, gathered)).await?;
    Ok(Json(Events { events, next: following.place().to_string(), gap: following.gap }))
}

fn place(text: &str) -> Answer<Place> {
    text.parse().map_err(|()| {
        let detail = "This is the id of no event: use the `id` of the last one that came.";
        Problem::malformed(detail).with("field", "after")
    })
}

/// The kinds that a query names; none: it names none.
fn kinds(written: Option<&str>) -> Answer<BTreeSet<WebhookEvent>> {
    let words = written.into_iter().flat_map(|list| list.split(',')).map(str::trim);
    let read = |word: &str| {
        word.parse().map_err(|_| {
            let names = WebhookEvent::ALL.map(WebhookEvent::as_str).join(", ");
            Problem::malformed(format!("types: there is no such event. There are {names}."))
                .with("field", "types")
        })
    };
    words.filter(|word| !word.is_empty()).map(read).collect()
}

/// Where a stream is.
struct Going {
    following: Following,
    /// Whoever follows may not any more.
    ended: BoxFuture<'static, ()>,
    soft: CancellationToken,
    until: Instant,
    begun: bool,
}

fn events(going: Going) -> impl Stream<Item = Result<sse::Event, Infallible>> {
    stream::unfold(going, |mut going| async move {
        if !going.begun {
            going.begun = true;
            // From here it goes on, also when nothing comes before the connection is lost.
            let name = if going.following.gap { "gap" } else { "begin" };
            let id = going.following.place().to_string();
            return Some((Ok(sse::Event::default().event(name).id(id).data(name)), going));
        }
        let told = tokio::select! {
            biased;
            () = &mut going.ended => return None,
            () = going.soft.cancelled() => return None,
            () = tokio::time::sleep_until(going.until) => return None,
            told = going.following.next(SILENCE) => told,
        };
        let event = match told {
            Ok(Told::Happened(place, followed)) => {
                let event = sse::Event::default().id(place.to_string());
                event.event(followed.kind.as_str()).json_data(shown(&followed))
            }
            // Nobody is told anything, and whoever connects anew need not be read all of it again.
            Ok(Told::Nothing(place)) => Ok(sse::Event::default().id(place.to_string())),
            Err(error) => {
                tracing::warn!(error = %in_full(&error), "an event stream ends: the database does not answer");
                return None;
            }
        };
        match event {
            Ok(event) => Some((Ok(event), going)),
            Err(error) => {
                tracing::error!(%error, "an event could not be written");
                None
            }
        }
    })
}

fn shown(followed: &Followed) -> Happened {
    let (kind, timestamp) = (followed.kind, followed.at);
    match &followed.about {
        About::Received(message, number) => Happened::received(message, number.clone(), false),
        About::Modem(event, number) => Happened::at_modem(kind, event, number.clone()),
        About::Batch(finished) => Happened::finished(finished),
        About::Alert(alert) => Happened::alert(alert),
        About::Sent(event, message, number) => {
            let through = event.change.through();
            let data = SentEvent {
                id: message.id,
                number: message.number,
                owner: message.owner,
                batch: message.batch,
                to: message.to.clone(),
                from: number.clone(),
                state: event.change.state(),
                parts: message.parts,
                sim: through.map(|through| through.sim).or(message.sim),
                modem: through.map(|through| through.modem).or(message.modem),
                error: event.change.error().cloned(),
                created_at: message.created_at,
            };
            Happened { kind, timestamp, data: HappenedTo::Sent(Box::new(data)) }
        }
    }
}

impl From<NotFollowed> for Problem {
    fn from(refused: NotFollowed) -> Self {
        let words = sentence(&refused.to_string());
        match refused {
            NotFollowed::Denied(denied) => denied.into(),
            NotFollowed::TooMany => Self::new(Code::TooManyStreams, words),
            NotFollowed::Broker(error) => {
                tracing::warn!(error = %in_full(&error), "what happens cannot be followed");
                let detail = format!("{words} Try again in a moment.");
                Self::unavailable(Code::BrokerUnavailable, detail)
            }
        }
    }
}
