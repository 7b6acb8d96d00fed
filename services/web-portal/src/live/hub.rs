//! What happens, told to all who watch, and kept for a while for those who come late.
//!
//! A page is made from the database, and its event connection begins a moment later; persistence writes
//! what happened a moment after it happened. So the last happenings are kept with their number and time,
//! and a watcher begins some seconds before its page was made. What comes twice is put in place twice,
//! which changes nothing.

use std::collections::VecDeque;
use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use contracts::mo::MoReceived;
use contracts::modem::ModemState;
use contracts::mt::{MtEvent, MtRequest};
use contracts::{MessageId, ModemId};
use tokio::sync::broadcast;
use tokio::time::Instant;

/// Happenings that are kept.
const KEPT: usize = 2_000;
/// How long the database may take to have what has happened.
const LAG: Duration = Duration::from_secs(10);

/// Something a page may show.
#[derive(Debug, Clone)]
pub(crate) enum Happening {
    /// A message was asked for.
    Requested(Box<MtRequest>),
    /// Something happened to one.
    Mt(Box<MtEvent>),
    /// One was received.
    Received(Box<MoReceived>),
    /// A modem is now like this.
    Modem(Box<ModemState>),
    /// A modem is not known any more.
    ModemGone(ModemId),
    /// A modem went online or away, so messages may wait for another reason.
    ModemsOnline,
}

impl Happening {
    /// The message it is about.
    pub(crate) fn message(&self) -> Option<MessageId> {
        match self {
            Self::Requested(request) => request.id,
            Self::Mt(event) => Some(event.message),
            _ => None,
        }
    }
}

/// One happening, with its place.
#[derive(Debug, Clone)]
pub(crate) struct News {
    /// Its place.
    pub(crate) position: Position,
    /// What happened.
    pub(crate) what: Arc<Happening>,
    at: Instant,
}

/// A place in what one process of the portal tells: `epoch.number`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Position {
    epoch: u32,
    number: u64,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}.{}", self.epoch, self.number)
    }
}

impl FromStr for Position {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (epoch, number) = text.split_once('.').ok_or(())?;
        let epoch = u32::from_str_radix(epoch, 16).map_err(|_| ())?;
        Ok(Self { epoch, number: number.parse().map_err(|_| ())? })
    }
}

/// Where happenings are told; clones are the same hub.
#[derive(Debug, Clone)]
pub(crate) struct Hub {
    epoch: u32,
    kept: Arc<Mutex<Kept>>,
    news: broadcast::Sender<News>,
}

#[derive(Debug, Default)]
struct Kept {
    last: u64,
    news: VecDeque<News>,
}

/// What a watcher missed, and what comes.
#[derive(Debug)]
pub(crate) struct Watching {
    /// What happened since the asked place.
    pub(crate) missed: Vec<News>,
    /// The place cannot be gone on from: what was missed is not known any more.
    pub(crate) stale: bool,
    /// What comes.
    pub(crate) coming: broadcast::Receiver<News>,
}

impl Hub {
    /// A hub to which nothing was told.
    pub(crate) fn new() -> Self {
        Self { epoch: rand::random(), kept: Arc::default(), news: broadcast::channel(1_024).0 }
    }

    /// Tells everybody.
    pub(crate) fn announce(&self, what: Happening) {
        let mut kept = self.lock();
        kept.last += 1;
        let position = Position { epoch: self.epoch, number: kept.last };
        let news = News { position, what: Arc::new(what), at: Instant::now() };
        if kept.news.len() == KEPT {
            kept.news.pop_front();
        }
        kept.news.push_back(news.clone());
        // Under the lock, so that the order is one. Nobody watching is no error.
        let _ = self.news.send(news);
    }

    /// The place from which a page that is made now has to go on.
    pub(crate) fn position(&self) -> Position {
        let kept = self.lock();
        let now = Instant::now();
        let recent = kept.news.iter().find(|news| now.saturating_duration_since(news.at) < LAG);
        let number = recent.map_or(kept.last, |news| news.position.number - 1);
        Position { epoch: self.epoch, number }
    }

    /// Goes on from a place; none: from now.
    pub(crate) fn watch(&self, from: Option<Position>) -> Watching {
        let kept = self.lock();
        let coming = self.news.subscribe();
        let Some(from) = from else {
            return Watching { missed: Vec::new(), stale: false, coming };
        };
        let first = kept.news.front().map_or(kept.last + 1, |news| news.position.number);
        let stale = from.epoch != self.epoch || from.number + 1 < first || from.number > kept.last;
        let missed = if stale {
            Vec::new()
        } else {
            kept.news.iter().filter(|news| news.position.number > from.number).cloned().collect()
        };
        Watching { missed, stale, coming }
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_comes_late_hears_what_was_missed() {
        let hub = Hub::new();
        let before = hub.position();
        let modem = ModemId::new();
        hub.announce(Happening::ModemGone(modem));
        let watching = hub.watch(Some(before));
        assert!(!watching.stale);
        assert_eq!(watching.missed.len(), 1);
        let page = hub.position();
        assert_eq!(hub.watch(Some(page)).missed.len(), 1, "the database may lag behind");
    }

    #[test]
    fn another_process_s_place_is_stale() {
        let (one, other) = (Hub::new(), Hub { epoch: 1, ..Hub::new() });
        let place = other.position();
        assert!(one.watch(Some(place)).stale);
        assert!(!one.watch(None).stale);
        assert_eq!(place.to_string().parse(), Ok(place));
    }
}
