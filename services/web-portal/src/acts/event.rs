//! Following what happens: everything that one may see, in its order, from a place on.
//!
//! The places are those of the stream `SMS_EVENT`, which keeps seven days: whoever was away goes on where they were, by
//! whichever copy of the portal. Rejected: what the portal's pages follow, which is gone when a page is; and a table of
//! events, which the stream is.

use std::collections::{BTreeSet, VecDeque};
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use bus::{Event, ItemError, Reader, Stored, Stream};
use contracts::alert::Alert;
use contracts::batch::BatchFinished;
use contracts::mo::MoReceived;
use contracts::modem::ModemEvent;
use contracts::mt::MtEvent;
use contracts::{OrgId, PhoneNumber, SimId, Timestamp, WebhookEvent};
use store::{Message, StoreError};

use crate::acts::history;
use crate::acts::webhook::power_of;
use crate::app::App;
use crate::authority::{Authority, Denied};
use crate::streams;

/// How often the row of a message is looked for, which is written a moment after what happened to it.
const TRIES: usize = 5;

/// A place in what happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    /// Which stream: when it was made.
    stream: i64,
    /// The place of the message in it.
    sequence: u64,
    /// How much of that message was told; none: all.
    told: Option<usize>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x}-{}", self.stream, self.sequence)?;
        self.told.map_or(Ok(()), |told| write!(f, ".{told}"))
    }
}

impl FromStr for Place {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (stream, rest) = text.split_once('-').ok_or(())?;
        let (sequence, told) = rest.split_once('.').map_or((rest, None), |(s, t)| (s, Some(t)));
        Ok(Self {
            stream: i64::from_str_radix(stream, 16).map_err(|_| ())?,
            sequence: sequence.parse().map_err(|_| ())?,
            told: told.map(str::parse).transpose().map_err(|_| ())?,
        })
    }
}

/// Something that happened.
#[derive(Debug, Clone)]
pub(crate) struct Followed {
    /// What it is called.
    pub(crate) kind: WebhookEvent,
    /// When.
    pub(crate) at: Timestamp,
    /// To what.
    pub(crate) about: About,
}

/// To what something happened.
#[derive(Debug, Clone)]
pub(crate) enum About {
    /// A message was received by a SIM of this number.
    Received(Box<MoReceived>, Option<PhoneNumber>),
    /// Something to a message that is being sent, through a SIM of this number.
    Sent(Box<MtEvent>, Box<Message>, Option<PhoneNumber>),
    /// Something to a modem, in which is a SIM of this number.
    Modem(ModemEvent, Option<PhoneNumber>),
    /// All messages of a batch came to an end.
    Batch(BatchFinished),
    /// Something is wrong with the gateway, or is over.
    Alert(Alert),
}

/// What is told next.
#[derive(Debug)]
pub(crate) enum Told {
    /// This happened; the place after it.
    Happened(Place, Box<Followed>),
    /// Nothing that is to be seen; the place up to which that holds.
    Nothing(Place),
}

/// Why what happens is not followed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotFollowed {
    /// Not with this authority.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// As many follow as may.
    #[error(
        "an account may follow what happens {} times at once, and the gateway be followed {} times",
        streams::OF_AN_ACCOUNT,
        streams::OF_ALL
    )]
    TooMany,
    /// The broker.
    #[error("the broker cannot be reached")]
    Broker(#[source] ItemError),
}

/// Who follows, and what they want to know.
struct Follower {
    app: App,
    authority: Authority,
    kinds: BTreeSet<WebhookEvent>,
}

/// What somebody follows.
pub(crate) struct Following {
    follower: Follower,
    reader: Reader,
    stream: i64,
    /// The place up to which all was told.
    place: Place,
    /// Of the message at this place, so many were told before.
    skip: Option<(u64, usize)>,
    /// Read, and not told yet.
    next: VecDeque<(Place, Followed)>,
    /// Some of what happened after the place is gone.
    pub(crate) gap: bool,
    _counted: streams::Place,
}

/// Follows what happens after a place, or from now on. With no `kinds`, all that may be seen.
pub(crate) async fn follow(
    app: &App,
    authority: &Authority,
    kinds: BTreeSet<WebhookEvent>,
    after: Option<Place>,
) -> Result<Following, NotFollowed> {
    for kind in &kinds {
        authority.must(power_of(*kind))?;
    }
    let kinds = if kinds.is_empty() { visible(authority)? } else { kinds };
    let counted = app.streams.take(authority.owner()).ok_or(NotFollowed::TooMany)?;
    let extent = app.bus.extent(Stream::Event).await.map_err(NotFollowed::Broker)?;
    let stream = extent.made_at.as_micros();
    let now = Place { stream, sequence: extent.last, told: None };
    let is_known = |place: &Place| place.stream == stream && place.sequence <= extent.last;
    let place = after.filter(is_known).unwrap_or(now);
    // A message of which a part was told is read again.
    let whole = place.sequence - u64::from(place.told.is_some()).min(place.sequence);
    let gap = after.is_some_and(|after| !is_known(&after)) || whole + 1 < extent.first;
    Ok(Following {
        follower: Follower { app: app.clone(), authority: authority.clone(), kinds },
        reader: app.bus.read_after(Stream::Event, whole),
        stream,
        place,
        skip: place.told.map(|told| (place.sequence, told)),
        next: VecDeque::new(),
        gap,
        _counted: counted,
    })
}

/// All kinds that an authority may see; the first that it lacks, when there are none.
fn visible(authority: &Authority) -> Result<BTreeSet<WebhookEvent>, Denied> {
    // What endpoints alone are told of is no event of the stream.
    let is_told = |kind: &WebhookEvent| {
        !matches!(kind, WebhookEvent::WebhookDisabled | WebhookEvent::LoopStopped)
    };
    let told = WebhookEvent::ALL.into_iter().filter(is_told);
    let seen: BTreeSet<_> = told.filter(|kind| authority.may(power_of(*kind))).collect();
    if seen.is_empty() {
        authority.must(power_of(WebhookEvent::SmsReceived))?;
    }
    Ok(seen)
}

impl Following {
    /// The place up to which all was told.
    pub(crate) const fn place(&self) -> Place {
        self.place
    }

    /// What is told next, after `patience` at the latest. What was read and not told is told the next time when this is
    /// dropped.
    pub(crate) async fn next(&mut self, patience: Duration) -> Result<Told, StoreError> {
        let end = tokio::time::Instant::now() + patience;
        loop {
            if let Some((place, followed)) = self.next.pop_front() {
                self.place = place;
                return Ok(Told::Happened(place, Box::new(followed)));
            }
            let Ok(stored) = tokio::time::timeout_at(end, self.reader.next()).await else {
                return Ok(Told::Nothing(self.place));
            };
            let all = self.follower.read(&stored).await?;
            self.next = self.numbered(stored.sequence, all);
            if self.next.is_empty() {
                let (stream, sequence) = (self.stream, stored.sequence);
                self.place = Place { stream, sequence, told: None };
            }
        }
    }

    /// What one message of the stream tells, each with the place after it, without what was told before.
    fn numbered(&mut self, sequence: u64, all: Vec<Followed>) -> VecDeque<(Place, Followed)> {
        let (stream, count) = (self.stream, all.len());
        let place = |told: usize| {
            let told = (told < count).then_some(told);
            Place { stream, sequence, told }
        };
        let before = self.skip.take().filter(|(at, _)| *at == sequence).map_or(0, |(_, told)| told);
        let numbered = (1..).zip(all).skip(before);
        numbered.map(|(told, followed)| (place(told), followed)).collect()
    }
}

impl Follower {
    /// What one message of the stream tells whoever follows.
    async fn read(&self, stored: &Stored) -> Result<Vec<Followed>, StoreError> {
        let event = match stored.decode::<Event>() {
            Ok(event) => event,
            Err(reason) => {
                tracing::debug!(subject = %stored.subject, "an event is passed over: {reason}");
                return Ok(Vec::new());
            }
        };
        let mut all = Vec::new();
        match event {
            Event::Mt(event) => {
                for event in event.told_apart() {
                    all.extend(self.of_sent(event).await?);
                }
            }
            Event::MoReceived(message) => all.extend(self.of_received(message).await),
            Event::Modem(event) => all.extend(self.of_modem(event).await),
            Event::Batch(finished) => all.extend(self.of_batch(finished)),
            Event::Alert(alert) => all.extend(self.of_alert(alert)),
            Event::MoPart(_) | Event::Dlr(_) | Event::Charged(_) | Event::Unknown => {}
        }
        Ok(all)
    }

    async fn of_sent(&self, event: MtEvent) -> Result<Option<Followed>, StoreError> {
        let Some(kind) = self.wanted(WebhookEvent::of_change(&event.change)) else {
            return Ok(None);
        };
        // Those who were held are admitted again, and were accepted once.
        let is_again = kind == WebhookEvent::SmsAccepted && event.round > 0;
        let reach = self.authority.reach;
        if is_again || !self.app.directory.sees(reach, event.org, event.owner) {
            return Ok(None);
        }
        let mut row = None;
        for _ in 0..TRIES {
            row = history::find(&self.app, self.authority.reach, event.message).await?;
            if row.is_some() {
                break;
            }
        }
        let Some(row) = row else {
            tracing::warn!(message.id = %event.message, "an event is not told: its message is not in the database");
            return Ok(None);
        };
        let sim = event.change.through().map(|through| through.sim).or(row.message.sim);
        let number = self.number(sim).await;
        let about = About::Sent(Box::new(event.clone()), Box::new(row.message), number);
        Ok(Some(Followed { kind, at: event.at, about }))
    }

    async fn of_received(&self, message: MoReceived) -> Option<Followed> {
        let kind = self.wanted(Some(WebhookEvent::SmsReceived))?;
        let (reach, directory) = (self.authority.reach, &self.app.directory);
        if !directory.reads(reach, message.org, message.owner, message.sim) {
            return None;
        }
        let number = self.number(Some(message.sim)).await;
        let at = message.received_at;
        Some(Followed { kind, at, about: About::Received(Box::new(message), number) })
    }

    /// Modems are seen by everybody in the organisation of their SIMs; what comes to a SIM is not.
    async fn of_modem(&self, event: ModemEvent) -> Option<Followed> {
        let kind = self.wanted(WebhookEvent::of_modem(event.kind))?;
        let (reach, org) = (self.authority.reach, self.authority.org);
        let is_received = matches!(kind, WebhookEvent::CallMissed | WebhookEvent::UssdReceived);
        let sim = event.sim.map(|sim| self.app.directory.sim(sim));
        let is_seen = match &sim {
            Some(sim) if is_received => reach.reads(org, None, sim),
            Some(sim) => sim.org == org,
            None => !is_received && org == OrgId::default_org(),
        };
        if !is_seen {
            return None;
        }
        let number = self.number(event.sim).await;
        Some(Followed { kind, at: event.at, about: About::Modem(event, number) })
    }

    fn of_batch(&self, finished: BatchFinished) -> Option<Followed> {
        let kind = self.wanted(Some(WebhookEvent::BatchFinished))?;
        let reach = self.authority.reach;
        let is_seen = self.app.directory.sees(reach, finished.org, finished.owner);
        is_seen.then_some(Followed { kind, at: finished.at, about: About::Batch(finished) })
    }

    /// What is wrong with the gateway is for those who operate it, as its power says.
    fn of_alert(&self, alert: Alert) -> Option<Followed> {
        let kind = self.wanted(Some(WebhookEvent::of_alert(&alert)))?;
        let at = alert.closed_at.unwrap_or(alert.opened_at);
        let is_seen = alert.org == self.authority.org;
        is_seen.then_some(Followed { kind, at, about: About::Alert(alert) })
    }

    fn wanted(&self, kind: Option<WebhookEvent>) -> Option<WebhookEvent> {
        kind.filter(|kind| self.kinds.contains(kind))
    }

    async fn number(&self, sim: Option<SimId>) -> Option<PhoneNumber> {
        self.app.fleet.numbers(self.authority.org).await.remove(&sim?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_back() {
        for told in [None, Some(3)] {
            let place = Place { stream: 1_790_000_000_000_000, sequence: 17, told };
            assert_eq!(place.to_string().parse(), Ok(place));
        }
        for bad in ["", "1", "x-1", "1-x", "1-1.x", "1-", "-"] {
            assert_eq!(bad.parse::<Place>(), Err(()), "{bad}");
        }
    }
}
