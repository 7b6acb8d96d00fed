//! What happens, kept for a while for those who watch.
//!
//! A page is made from the database, and its event connection begins a moment later; persistence writes
//! what happened a moment after it happened. So the last happenings are kept with their number and time,
//! and a watcher begins some seconds before its page was made. What comes twice is put in place twice,
//! which changes nothing.
//!
//! Nothing is kept while nobody watches and no page was made lately. Whoever begins to watch then is told [`LAG`] later to
//! look once more: what had happened just before, and was not in the database yet, is in no news.

use std::collections::VecDeque;
use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use contracts::{Address, UserId};
use tokio::sync::watch;
use tokio::time::Instant;

use super::{Happening, Heard, News, Watching, Writers};
use crate::demand::Demand;

/// News that are kept.
const KEPT: usize = 2_000;
/// Bytes of unread news that are kept.
const KEPT_BYTES: usize = 8 * 1024 * 1024;
/// How long the database may take to have what has happened.
pub(super) const LAG: Duration = Duration::from_secs(10);

/// A place in what one process of the portal tells: `epoch.number`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Position {
    pub(super) epoch: u32,
    pub(super) number: u64,
}

impl Position {
    /// No place: nothing can be gone on with from here.
    pub(crate) const NOWHERE: Self = Self { epoch: 0, number: 0 };
    /// The place of a page before which something may have happened that nobody heard and the database did not have.
    const YOUNG: u64 = 0;
    /// The place before all news.
    const FIRST: u64 = 1;

    /// The place before.
    pub(super) const fn before(self) -> Self {
        Self { epoch: self.epoch, number: self.number.saturating_sub(1) }
    }
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
pub(crate) struct Hub(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    kept: Mutex<Kept>,
    /// Counts up with each news.
    news: watch::Sender<u64>,
    demand: Demand,
    writers: Writers,
}

#[derive(Debug)]
struct Kept {
    /// Another one each time that listening begins. Not zero.
    epoch: u32,
    since: Instant,
    last: u64,
    news: VecDeque<Arc<News>>,
    bytes: usize,
}

/// What came after a place.
#[derive(Debug)]
pub(super) struct Since {
    /// Oldest first.
    pub(super) news: Vec<Arc<News>>,
    /// There was more, which is not kept any more.
    pub(super) missed: bool,
    /// Where they end.
    pub(super) end: Position,
}

impl Hub {
    /// A hub to which nothing was told.
    pub(crate) fn new() -> Self {
        let kept = Kept {
            epoch: epoch(),
            since: Instant::now(),
            last: Position::FIRST,
            news: VecDeque::new(),
            bytes: 0,
        };
        Self(Arc::new(Shared {
            kept: Mutex::new(kept),
            news: watch::Sender::new(0),
            demand: Demand::new(),
            writers: Writers::default(),
        }))
    }

    /// Tells everybody who watches.
    pub(crate) fn announce(&self, what: Happening) {
        self.put(|position| News::told(position, what));
    }

    /// Whether it was not told lately that an account writes to a number. It counts as told then.
    pub(crate) fn writes_anew(&self, by: UserId, with: &Address) -> bool {
        self.0.writers.is_news(by, with)
    }

    /// Tells everybody who watches of what passed by on the broker.
    pub(super) fn hear(&self, heard: Heard) {
        self.put(|position| News::heard(position, heard));
    }

    fn put(&self, news: impl FnOnce(Position) -> News) {
        let mut kept = self.lock();
        // Who begins to watch later looks at everything as it is then.
        if !self.0.demand.is_heard() {
            return;
        }
        kept.last += 1;
        let news = news(Position { epoch: kept.epoch, number: kept.last });
        kept.bytes += news.len();
        kept.news.push_back(Arc::new(news));
        while kept.news.len() > KEPT || kept.bytes > KEPT_BYTES {
            let Some(oldest) = kept.news.pop_front() else { break };
            kept.bytes -= oldest.len();
        }
        drop(kept);
        self.0.news.send_modify(|count| *count = count.wrapping_add(1));
    }

    /// The place from which a page that is made now has to go on. What happens from now on is heard when this returns, but
    /// when the broker is away: the page is then told to look again.
    pub(crate) async fn position(&self) -> Position {
        self.0.demand.expect();
        if !self.0.demand.heard().await {
            return Position::NOWHERE;
        }
        let kept = self.lock();
        let now = Instant::now();
        let is_recent = |at: Instant| now.saturating_duration_since(at) < LAG;
        let number = if is_recent(kept.since) {
            Position::YOUNG
        } else {
            let first = kept.news.partition_point(|news| !is_recent(news.at));
            kept.news.get(first).map_or(kept.last, |news| news.position.number - 1)
        };
        Position { epoch: kept.epoch, number }
    }

    /// Goes on from a place; none: from now.
    pub(crate) fn watch(&self, from: Option<Position>) -> Watching {
        self.0.demand.join();
        let kept = self.lock();
        let here = Position { epoch: kept.epoch, number: kept.last };
        let is_young = from.is_some_and(|from| from.number == Position::YOUNG);
        let look_at = is_young.then(|| kept.since + LAG);
        drop(kept);
        Watching::new(self.clone(), from.unwrap_or(here), look_at)
    }

    /// Who watches, and whether what happens is heard.
    pub(super) fn demand(&self) -> &Demand {
        &self.0.demand
    }

    /// What came after a place.
    pub(super) fn since(&self, place: Position) -> Since {
        let kept = self.lock();
        let end = Position { epoch: kept.epoch, number: kept.last };
        let first = kept.news.front().map_or(kept.last + 1, |news| news.position.number);
        let is_other = place.epoch != kept.epoch || place.number > kept.last;
        let from = if is_other { Position::FIRST } else { place.number.max(Position::FIRST) };
        let begin = kept.news.partition_point(|news| news.position.number <= from);
        let news = kept.news.range(begin..).cloned().collect();
        let missed = is_other || from + 1 < first;
        Since { news, missed, end }
    }

    /// Tells when there are news.
    pub(super) fn news(&self) -> watch::Receiver<u64> {
        self.0.news.subscribe()
    }

    /// What happens from now on is heard, and what happened before is not known: whoever watches has missed something.
    pub(super) fn begin(&self) {
        let mut kept = self.lock();
        kept.epoch = epoch();
        kept.since = Instant::now();
        kept.last = Position::FIRST;
        kept.news.clear();
        kept.bytes = 0;
        self.0.demand.listens();
        drop(kept);
        self.0.news.send_modify(|count| *count = count.wrapping_add(1));
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.0.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn epoch() -> u32 {
    rand::random::<u32>() | 1
}

#[cfg(test)]
mod tests {
    use contracts::ModemId;

    use super::*;
    use crate::demand::LINGER;
    use crate::live::Told;

    /// A hub that listens, and has for a while.
    async fn listening() -> Hub {
        let hub = Hub::new();
        hub.begin();
        tokio::time::advance(LAG).await;
        hub
    }

    fn gone() -> Happening {
        Happening::ModemGone(ModemId::new())
    }

    #[tokio::test(start_paused = true)]
    async fn who_comes_late_hears_what_was_missed() {
        let hub = listening().await;
        let before = hub.position().await;
        assert!(!hub.watch(Some(before)).is_stale());
        hub.announce(gone());
        let since = hub.since(before);
        assert_eq!((since.news.len(), since.missed), (1, false));
        let page = hub.position().await;
        assert_eq!(hub.since(page).news.len(), 1, "the database may lag behind");
        tokio::time::advance(LAG).await;
        let page = hub.position().await;
        assert_eq!(hub.since(page).news.len(), 0);
        hub.announce(gone());
        assert_eq!(hub.since(hub.position().await).news.len(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn another_process_s_place_is_stale() {
        let (one, other) = (listening().await, listening().await);
        let place = other.position().await;
        other.announce(gone());
        assert!(one.watch(Some(place)).is_stale());
        assert!(!one.watch(None).is_stale());
        assert_eq!(place.to_string().parse(), Ok(place));
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_kept_is_bounded_and_who_missed_something_is_told_to_look() {
        let hub = listening().await;
        let place = hub.position().await;
        let mut watching = hub.watch(Some(place));
        for _ in 0..KEPT {
            hub.announce(gone());
        }
        assert!(!hub.since(place).missed);
        hub.announce(gone());
        let since = hub.since(place);
        assert_eq!((since.news.len(), since.missed), (KEPT, true));
        assert!(watching.is_stale());
        assert!(!watching.is_stale(), "it goes on from what is known");
    }

    #[tokio::test(start_paused = true)]
    async fn a_page_from_before_news_were_heard_looks_once_more() {
        let hub = Hub::new();
        hub.begin();
        let mut watching = hub.watch(Some(hub.position().await));
        assert!(!watching.is_stale());
        let begun = Instant::now();
        assert!(matches!(watching.next(|_| true).await, Told::Look));
        assert_eq!(begun.elapsed(), LAG);
        let later = hub.position().await;
        let mut later = hub.watch(Some(later));
        let next = tokio::time::timeout(LAG * 2, later.next(|_| true)).await;
        assert!(next.is_err(), "a page that is made later has nothing to look at");
    }

    #[tokio::test(start_paused = true)]
    async fn it_listens_while_somebody_watches_or_a_page_was_made_lately() {
        let hub = Hub::new();
        let wanted = hub.demand().wanted();
        tokio::pin!(wanted);
        assert!(tokio::time::timeout(LINGER, &mut wanted).await.is_err(), "nobody was here");
        assert_eq!(hub.position().await, Position::NOWHERE, "nobody listens yet");
        wanted.await;
        hub.begin();
        let page = hub.position().await;
        assert_ne!(page, Position::NOWHERE);
        tokio::time::advance(LINGER / 2).await;
        let watching = hub.watch(Some(page));
        let begun = Instant::now();
        let unwanted = hub.demand().unwanted();
        tokio::pin!(unwanted);
        assert!(tokio::time::timeout(LINGER * 10, &mut unwanted).await.is_err(), "one watches");
        drop(watching);
        unwanted.await;
        assert_eq!(begun.elapsed(), LINGER * 11, "it may come back");
        hub.announce(gone());
        hub.begin();
        assert!(hub.watch(Some(page)).is_stale(), "something may have happened meanwhile");
    }

    #[tokio::test(start_paused = true)]
    async fn of_a_burst_the_newest_is_told_and_the_page_looks_once_more() {
        let hub = listening().await;
        let mut watching = hub.watch(None);
        let begun = Instant::now();
        for _ in 0..1_000 {
            hub.announce(gone());
        }
        let Told::News(seen, place) = watching.next(|_| true).await else { panic!("news") };
        assert_eq!((seen.len(), place.number), (50, 1_001));
        assert!(matches!(watching.next(|_| true).await, Told::Look));
        assert!(begun.elapsed() >= Duration::from_secs(1));
        // Others hear all that there is for them, however much there is for the first.
        let mine = ModemId::new();
        let mut other = hub.watch(None);
        hub.announce(Happening::ModemGone(mine));
        for _ in 0..1_000 {
            hub.announce(gone());
        }
        let sees = |what: &Happening| matches!(what, Happening::ModemGone(id) if *id == mine);
        let Told::News(seen, _) = other.next(sees).await else { panic!("news") };
        assert_eq!(seen.len(), 1);
        let next = tokio::time::timeout(LAG * 2, other.next(sees)).await;
        assert!(next.is_err(), "and have missed nothing");
    }
}
