//! The event connection: what happens in the visitor's reach, as parts of pages.

use std::collections::{HashMap, HashSet, VecDeque};
use std::convert::Infallible;
use std::time::Duration;

use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use contracts::mo::MoReceived;
use contracts::mt::MtEvent;
use contracts::talk::{Talked, TalkedKind, TalkedNote};
use contracts::{Address, PhoneNumber, SimId, UserId};
use futures_util::future::{BoxFuture, FutureExt as _};
use futures_util::stream::{self, Stream};
use jiff::tz::TimeZone;
use serde::Deserialize;
use store::{Colleague, Note, Received};
use tokio_util::sync::CancellationToken;

use super::failure::Failure;
use super::home;
use super::modems;
use super::parts::{
    Actions, Bubble, Line, MarksLine, ModemChip, ModemRow, NoSender, Online, Pill, RowReceived,
    RowSent, Trouble, WaitsLine, WriterLine, in_zone, lists_of_line, via, writers_of_line,
    zone_here,
};
use super::patch::Patch;
use super::visit::Visit;
use crate::access::Access;
use crate::acts::waiting::Reasons;
use crate::acts::{conversation, history};
use crate::app::App;
use crate::authority::Authority;
use crate::causes::in_full;
use crate::live::{Happening, Position, Reached, Seen, Told, Watching};
use crate::power::Power;
use crate::words::Words;

/// After this long the browser connects anew.
const LONGEST: Duration = Duration::from_hours(1);
/// How soon a browser that lost us tries again at the earliest; at the latest it takes twice as long.
const RETRY: Duration = Duration::from_secs(2);

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
        zone: zone_here(),
        reached: Reached::default(),
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

/// How soon a browser that lost us tries again: each at a time of its own.
fn retry_after() -> Duration {
    RETRY.mul_f64(1.0 + rand::random::<f64>())
}

/// Where a stream is.
struct Going {
    watcher: Watcher,
    watching: Watching,
    /// What is to be sent next.
    next: VecDeque<Event>,
    /// Whoever watches may not any more.
    ended: BoxFuture<'static, ()>,
    soft: CancellationToken,
    until: tokio::time::Instant,
}

fn events(
    watcher: Watcher,
    mut watching: Watching,
    ended: BoxFuture<'static, ()>,
    soft: CancellationToken,
) -> impl Stream<Item = Result<Event, Infallible>> {
    let until = tokio::time::Instant::now() + LONGEST;
    let begin = if watching.is_stale() { "stale" } else { "begin" };
    let next = VecDeque::from([signal(begin).retry(retry_after())]);
    let going = Going { watcher, watching, next, ended, soft, until };
    stream::unfold(going, |mut going| async move {
        loop {
            if let Some(event) = going.next.pop_front() {
                return Some((Ok(event), going));
            }
            // Also while there is always something to tell.
            if (&mut going.ended).now_or_never().is_some() {
                return None;
            }
            let watcher = &going.watcher;
            let told = tokio::select! {
                biased;
                () = &mut going.ended => return None,
                () = going.soft.cancelled() => return None,
                () = tokio::time::sleep_until(going.until) => return None,
                told = going.watching.next(|what| watcher.sees(what)) => told,
            };
            match told {
                Told::Look => going.next.push_back(signal("stale")),
                Told::News(seen, place) => {
                    let events = in_zone(watcher.zone.clone(), watcher.events(&seen, place)).await;
                    going.next.extend(events);
                }
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
    /// By whose clocks times are written: the stream is read after the request was answered.
    zone: TimeZone,
    /// Which conversations were in reach a moment ago.
    reached: Reached,
}

/// What is needed for all that is told at one time, found once.
struct Known {
    reasons: Reasons,
    /// Names of accounts, as far as they were asked for.
    names: HashMap<UserId, Option<String>>,
    /// Numbers of SIMs, once they were asked for.
    numbers: Option<HashMap<SimId, PhoneNumber>>,
}

impl Watcher {
    /// Whether it is something this watcher may see.
    fn sees(&self, what: &Happening) -> bool {
        let (reach, directory) = (self.authority.reach, &self.app.directory);
        match what {
            Happening::Requested(request) => {
                self.may(Power::MessagesRead)
                    && request.id.is_some()
                    && directory.sees(reach, request.org, request.owner)
            }
            Happening::Mt(event) => {
                self.may(Power::MessagesRead) && directory.sees(reach, event.org, event.owner)
            }
            Happening::Received(mo) => {
                self.may(Power::InboxRead) && directory.reads(reach, mo.org, mo.owner, mo.sim)
            }
            Happening::Modem(modem) => {
                self.may(Power::ModemsRead) && directory.org_of(modem) == self.authority.org
            }
            Happening::ModemGone(_) | Happening::ModemsOnline => true,
            // Whether the conversation is in reach is for the database to say, once it is told.
            Happening::Talked(talked) => {
                let is_own = talked.by == self.authority.owner();
                self.may(Power::InboxRead)
                    && talked.org == self.authority.org
                    && !(is_own && talked.kind == TalkedKind::Writing)
            }
        }
    }

    /// The events that tell this, up to this place.
    async fn events(&self, seen: &[Seen], place: Position) -> Vec<Event> {
        let mut events = Vec::new();
        match self.patches(seen).await {
            Ok(patches) if patches.is_empty() => {}
            Ok(patches) => {
                let event = Event::default().event("patches").id(place.to_string());
                events.extend(event.json_data(&patches));
            }
            Err(error) => tracing::error!(%error, "a part of a page could not be rendered"),
        }
        if seen.iter().any(|what| matches!(**what, Happening::ModemsOnline)) {
            // A page that shows why a message waits asks once more.
            events.push(signal("waits"));
        }
        events
    }

    async fn patches(&self, seen: &[Seen]) -> askama::Result<Vec<Patch>> {
        let mut known =
            Known { reasons: Reasons::now(&self.app).await, names: HashMap::new(), numbers: None };
        // Of each modem only how it is now.
        let mut later = HashSet::new();
        let is_last: Vec<bool> = seen
            .iter()
            .rev()
            .map(|what| match &**what {
                Happening::Modem(modem) => later.insert(modem.id),
                Happening::ModemGone(id) => later.insert(*id),
                _ => true,
            })
            .collect();
        let mut patches = Vec::new();
        for (what, _) in seen.iter().zip(is_last.iter().rev()).filter(|(_, is_last)| **is_last) {
            patches.extend(self.of(what, &mut known).await?);
        }
        if !later.is_empty() {
            let at = self.app.clock.now();
            let count = self.app.fleet.count_online(self.authority.org, at);
            patches.push(Patch::swap("online", &Online::counted(self.w, count, at))?);
        }
        Ok(patches)
    }

    async fn of(&self, what: &Happening, known: &mut Known) -> askama::Result<Vec<Patch>> {
        let w = self.w;
        match what {
            Happening::Requested(request) => {
                let Some(id) = request.id else { return Ok(Vec::new()) };
                let row = RowSent::requested(w, id, request, &known.reasons);
                let bubble = Bubble::requested(w, id, request, &known.reasons);
                let talk = lists_of_line(&Address::Number(request.to.clone()));
                Ok(vec![
                    Patch::add("outgoing", format!("m-{id}"), &row)?,
                    Patch::add(&talk, format!("b-{id}"), &bubble)?,
                ])
            }
            Happening::Mt(event) => self.of_message(event, known).await,
            Happening::Received(mo) => {
                let (id, received) = (mo.id, as_row(mo));
                let row = RowReceived::of(w, &received, &self.csrf);
                let bubble = Bubble::received(w, &received);
                let talk = lists_of_line(&mo.from);
                Ok(vec![
                    Patch::swap_or_add("incoming", format!("m-{id}"), &row)?,
                    Patch::swap_or_add(&talk, format!("b-{id}"), &bubble)?,
                ])
            }
            Happening::Modem(modem) => {
                let card = modems::card(&self.app, w, modem, self.tools.as_deref());
                let row = ModemRow::of(w, modem);
                let chip = ModemChip::of(w, modem);
                let from = format!("from-{}", modem.id);
                let sender = match home::sender(&self.app, w, &self.authority, modem) {
                    Some(sender) => Patch::swap_or_add("senders", from, &sender)?,
                    None => Patch::swap_or_add("senders", from, &NoSender::of(modem))?,
                };
                Ok(vec![
                    sender,
                    Patch::swap_or_add("modems", format!("modem-{}", modem.id), &card)?,
                    Patch::swap_or_add("modem-rows", format!("r-{}", modem.id), &row)?,
                    Patch::swap_or_add("chips", format!("chip-{}", modem.id), &chip)?,
                ])
            }
            Happening::ModemGone(id) => Ok(vec![
                Patch::remove(format!("modem-{id}")),
                Patch::remove(format!("r-{id}")),
                Patch::remove(format!("chip-{id}")),
                Patch::remove(format!("from-{id}")),
            ]),
            Happening::ModemsOnline => Ok(Vec::new()),
            Happening::Talked(talked) => self.of_talk(talked).await,
        }
    }

    /// What somebody does with a conversation.
    async fn of_talk(&self, talked: &Talked) -> askama::Result<Vec<Patch>> {
        let (w, with) = (self.w, &talked.with);
        if !self.has(talked).await {
            return Ok(Vec::new());
        }
        match (talked.kind, &talked.note) {
            (TalkedKind::Writing, _) => {
                let line = WriterLine::of(w, talked);
                Ok(vec![Patch::swap_or_add(&writers_of_line(with), line.id(), &line)?])
            }
            (TalkedKind::Noted, Some(TalkedNote { id, text })) => {
                let by = Colleague { id: talked.by, name: talked.name.clone() };
                let note = Note { id: *id, by, text: text.clone(), at: talked.at };
                let id = format!("b-{}", note.place());
                Ok(vec![Patch::add(&lists_of_line(with), id, &Bubble::note(w, with, &note))?])
            }
            // The list of conversations is made anew after any news.
            (TalkedKind::Refiled, _) => {
                let heading = conversation::heading(&self.app, &self.authority, with).await;
                let Ok(heading) = heading else { return Ok(Vec::new()) };
                let marks = MarksLine::of(w, with, &heading);
                Ok(vec![Patch::swap(MarksLine::id(with), &marks)?])
            }
            (TalkedKind::Noted, None) | (TalkedKind::Unknown, _) => Ok(Vec::new()),
        }
    }

    /// Whether the conversation of which something is told is in reach. While the database does not say so, it is not.
    async fn has(&self, talked: &Talked) -> bool {
        let with = &talked.with;
        if talked.kind == TalkedKind::Writing
            && let Some(was) = self.reached.was(with)
        {
            return was;
        }
        match conversation::is_there(&self.app, &self.authority, with).await {
            Ok(is) => {
                self.reached.note(with, is);
                is
            }
            Err(error) => {
                tracing::warn!(error = %in_full(&error), "a page is not told of a conversation");
                false
            }
        }
    }

    /// Whether what a power is needed for is shown to the watcher.
    fn may(&self, power: Power) -> bool {
        self.authority.may(power)
    }

    /// The name of an account; none: it is no more, or out of reach.
    async fn name(&self, by: UserId, known: &mut Known) -> Option<String> {
        if let Some(name) = known.names.get(&by) {
            return name.clone();
        }
        let name = self.app.store.user_name(self.authority.reach, by).await.ok().flatten();
        known.names.insert(by, name.clone());
        name
    }

    /// The numbers of the SIMs of the organisation.
    async fn numbers<'a>(&self, known: &'a mut Known) -> &'a HashMap<SimId, PhoneNumber> {
        if known.numbers.is_none() {
            known.numbers = Some(self.app.fleet.numbers(self.authority.org).await);
        }
        known.numbers.get_or_insert_default()
    }

    async fn of_message(&self, event: &MtEvent, known: &mut Known) -> askama::Result<Vec<Patch>> {
        let (w, id, state) = (self.w, event.message, event.change.state());
        let modem = match event.change.through() {
            Some(through) => {
                let numbers = self.numbers(known).await;
                via(self.app.fleet.name(through.modem), numbers.get(&through.sim))
            }
            None => match history::who(&event.change) {
                Some(by) => self.name(by, known).await,
                None => history::team_of_way(&self.app, &event.change),
            },
        };
        let line = Line::of(w, id, event.at, &event.change, modem.as_deref());
        let waiting = known.reasons.of_change(&event.change);
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
        imported_from: None,
    }
}
