//! The event connection: what happens in the visitor's reach, as parts of pages.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use contracts::mo::MoReceived;
use contracts::mt::MtEvent;
use futures_util::future::{BoxFuture, FutureExt as _};
use futures_util::stream::{self, Stream};
use serde::Deserialize;
use store::Received;
use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::CancellationToken;

use super::failure::Failure;
use super::home;
use super::parts::{
    Actions, Line, ModemCard, ModemChip, NoSender, Online, Pill, RowReceived, RowSent, Trouble,
    WaitsLine,
};
use super::patch::Patch;
use super::visit::Visit;
use crate::access::Access;
use crate::acts::history;
use crate::acts::waiting::Reasons;
use crate::app::App;
use crate::authority::Authority;
use crate::live::{Happening, News, Position, Watching};
use crate::power::Power;
use crate::words::Words;

/// After this long the browser connects anew.
const LONGEST: Duration = Duration::from_hours(1);

/// From where to go on.
#[derive(Debug, Default, Deserialize)]
pub(super) struct From {
    after: Option<String>,
}

/// `GET /events`.
pub(super) async fn stream(
    State(app): State<App>,
    visit: Visit,
    Query(from): Query<From>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let Some(authority) = &visit.authority else {
        // No content: the browser does not try again.
        return Ok(StatusCode::NO_CONTENT.into_response());
    };
    let last = headers.get("last-event-id").and_then(|value| value.to_str().ok());
    let place = last.or(from.after.as_deref()).and_then(|text| text.parse::<Position>().ok());
    let watcher = Watcher {
        w: visit.words,
        tools: authority.may(Power::ModemsOperate).then(|| visit.csrf.clone()),
        authority: authority.clone(),
        csrf: visit.csrf.clone(),
        app: app.clone(),
    };
    let watching = app.hub.watch(place);
    let events =
        events(watcher, watching, Access::of(authority).ended(&app), app.shutdown.soft.clone());
    let sse = Sse::new(events).keep_alive(KeepAlive::new().interval(Duration::from_secs(15)));
    // A proxy that gathers answers would hold the news back.
    let unbuffered = [(HeaderName::from_static("x-accel-buffering"), "no")];
    Ok((unbuffered, sse).into_response())
}

/// Where a stream is.
struct Going {
    watcher: Watcher,
    watching: Watching,
    /// Whoever watches may not any more.
    ended: BoxFuture<'static, ()>,
    soft: CancellationToken,
    until: tokio::time::Instant,
    begun: bool,
}

fn events(
    watcher: Watcher,
    watching: Watching,
    ended: BoxFuture<'static, ()>,
    soft: CancellationToken,
) -> impl Stream<Item = Result<Event, Infallible>> {
    let until = tokio::time::Instant::now() + LONGEST;
    let going = Going { watcher, watching, ended, soft, until, begun: false };
    stream::unfold(going, |mut going| async move {
        if !going.begun {
            going.begun = true;
            going.watching.missed.reverse();
            let begin = if going.watching.stale { "stale" } else { "begin" };
            // A browser that lost us tries again soon.
            let event = signal(begin).retry(Duration::from_secs(2));
            return Some((Ok(event), going));
        }
        loop {
            // Also before what was missed, of which there may be much.
            if (&mut going.ended).now_or_never().is_some() {
                return None;
            }
            let news = if let Some(news) = going.watching.missed.pop() {
                news
            } else {
                tokio::select! {
                    biased;
                    () = &mut going.ended => return None,
                    () = going.soft.cancelled() => return None,
                    () = tokio::time::sleep_until(going.until) => return None,
                    news = going.watching.coming.recv() => match news {
                        Ok(news) => news,
                        Err(RecvError::Lagged(_)) => {
                            return Some((Ok(signal("stale")), going));
                        }
                        Err(RecvError::Closed) => return None,
                    },
                }
            };
            if let Some(event) = going.watcher.event(&news).await {
                return Some((Ok(event), going));
            }
        }
    })
}

/// An event that is only a name. Browsers drop what has no data.
fn signal(name: &str) -> Event {
    Event::default().event(name).data(name)
}

/// Who watches.
struct Watcher {
    app: App,
    w: Words,
    authority: Authority,
    /// For forms in parts of pages.
    csrf: String,
    /// The same, where modems' tools may be used.
    tools: Option<String>,
}

impl Watcher {
    /// The event for this watcher; none: it is nothing they see.
    async fn event(&self, news: &News) -> Option<Event> {
        if matches!(*news.what, Happening::ModemsOnline) {
            // A page that shows why a message waits asks once more.
            return Some(signal("waits"));
        }
        let patches = match self.patches(&news.what).await {
            Ok(patches) => patches,
            Err(error) => {
                tracing::error!(%error, "a part of a page could not be rendered");
                return None;
            }
        };
        if patches.is_empty() {
            return None;
        }
        let event = Event::default().event("patches").id(news.position.to_string());
        event.json_data(&patches).ok()
    }

    async fn patches(&self, what: &Happening) -> askama::Result<Vec<Patch>> {
        let w = self.w;
        match what {
            Happening::Requested(request) => {
                let sees = self.may(Power::MessagesRead)
                    && self.authority.reach.sees(request.org, request.owner);
                let Some(id) = request.id.filter(|_| sees) else { return Ok(Vec::new()) };
                let reasons = Reasons::now(&self.app).await;
                let row = RowSent::requested(w, id, request, &reasons);
                Ok(vec![Patch::add("outgoing", format!("m-{id}"), &row)?])
            }
            Happening::Mt(event)
                if self.may(Power::MessagesRead)
                    && self.authority.reach.sees(event.org, event.owner) =>
            {
                self.of_message(event).await
            }
            Happening::Received(mo)
                if self.may(Power::InboxRead)
                    && self.authority.reach.reads(
                        mo.org,
                        mo.owner,
                        &self.app.directory.sim(mo.sim),
                    ) =>
            {
                let row = RowReceived::of(w, &as_row(mo), &self.csrf);
                Ok(vec![Patch::swap_or_add("incoming", format!("m-{}", mo.id), &row)?])
            }
            Happening::Modem(modem)
                if self.may(Power::ModemsRead)
                    && self.app.directory.org_of(modem) == self.authority.org =>
            {
                let card = ModemCard::of(w, modem, self.tools.as_deref());
                let chip = ModemChip::of(w, modem);
                let from = format!("from-{}", modem.id);
                let sender = match home::sender(&self.app, w, self.authority.reach, modem) {
                    Some(sender) => Patch::swap_or_add("senders", from, &sender)?,
                    None => Patch::swap_or_add("senders", from, &NoSender::of(modem))?,
                };
                Ok(vec![
                    sender,
                    Patch::swap_or_add("modems", format!("modem-{}", modem.id), &card)?,
                    Patch::swap_or_add("chips", format!("chip-{}", modem.id), &chip)?,
                    self.online().await?,
                ])
            }
            Happening::ModemGone(id) => Ok(vec![
                Patch::remove(format!("modem-{id}")),
                Patch::remove(format!("chip-{id}")),
                Patch::remove(format!("from-{id}")),
                self.online().await?,
            ]),
            Happening::Mt(_)
            | Happening::Received(_)
            | Happening::Modem(_)
            | Happening::ModemsOnline => Ok(Vec::new()),
        }
    }

    /// Whether what a power is needed for is shown to the watcher.
    fn may(&self, power: Power) -> bool {
        self.authority.may(power)
    }

    async fn online(&self) -> askama::Result<Patch> {
        let modems = self.app.fleet.of(self.authority.org).await;
        Patch::swap("online", &Online::of(self.w, &modems, self.app.clock.now()))
    }

    async fn of_message(&self, event: &MtEvent) -> askama::Result<Vec<Patch>> {
        let (w, id, state) = (self.w, event.message, event.change.state());
        let through = event.change.through().map(|through| through.modem);
        let modem = match through {
            Some(modem) => self.app.fleet.modem(modem).await.map(|modem| modem.name),
            None => match history::who(&event.change) {
                Some(by) => self.app.store.user_name(self.authority.reach, by).await.ok().flatten(),
                None => None,
            },
        };
        let line = Line::of(w, id, event.at, &event.change, modem.as_deref());
        let waiting = Reasons::now(&self.app).await.of_change(&event.change);
        let trouble = Trouble::of(w, id, state, event.change.error(), waiting.as_ref());
        Ok(vec![
            Patch::swap(format!("s-{id}"), &Pill::of(w, id, state))?,
            Patch::swap(format!("t-{id}"), &trouble)?,
            Patch::swap(format!("w-{id}"), &WaitsLine::of(w, id, state, waiting.as_ref()))?,
            Patch::swap(format!("x-{id}"), &Actions::of(w, id, state, &self.csrf))?,
            Patch::append(format!("timeline-{id}"), line.element(), &line)?,
        ])
    }
}

/// The row as persistence will write it; its number is not shown.
fn as_row(mo: &MoReceived) -> Received {
    Received {
        id: mo.id,
        number: 0,
        org: mo.org,
        owner: mo.owner,
        from: mo.from.clone(),
        to: mo.to.clone(),
        text: mo.text.clone(),
        data: mo.data.clone(),
        class: mo.class,
        ports: mo.ports,
        parts: mo.parts,
        missing: mo.missing.clone(),
        sim: mo.sim,
        modem: mo.modem,
        smsc_at: mo.smsc_at,
        received_at: mo.received_at,
        pdus: mo.pdus.clone(),
    }
}
