//! At what pace one event connection is told of what happens, and when its page is to look at everything once more.
//!
//! A browser can show some messages a second, and its lists show fifty. So the first news is told at once and what follows
//! comes together, [`TURN`] later; of what is too much, the newest is told, and the page is told to look once more. Each
//! page looks at a time of its own, or a burst of messages would make all of them look at once: twice a burst, soon and
//! when the database must have all of it, and each [`REST`] as long as it lasts.

use std::time::Duration;

use tokio::time::Instant;

use super::hub::LAG;

/// How long news are gathered.
pub(super) const TURN: Duration = Duration::from_millis(200);
/// How soon a page that missed something looks once more.
const SOON: Duration = Duration::from_secs(1);
/// How far apart the looks of two pages are, so that the portal makes at most so many of them.
const APART: Duration = Duration::from_millis(25);
/// Within which all pages look.
const WIDEST: Duration = Duration::from_secs(30);
/// How far apart the looks of one page are.
const REST: Duration = Duration::from_secs(10);

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Pace {
    next_turn: Option<Instant>,
    /// When the page is to look so that people see soon what they missed.
    soon: Option<Instant>,
    /// When it is to look because the database must have all that was missed.
    late: Option<Instant>,
    looked: Option<Instant>,
}

impl Pace {
    /// That of a page that is to look at this time in any case.
    pub(super) fn new(look_at: Option<Instant>) -> Self {
        Self { late: look_at, ..Self::default() }
    }

    /// When news may be told again; none: now.
    pub(super) fn pause(&self, now: Instant) -> Option<Instant> {
        self.next_turn.filter(|turn| *turn > now)
    }

    /// News are told.
    pub(super) fn told(&mut self, now: Instant) {
        self.next_turn = Some(now + TURN);
    }

    /// Something is missed. `part` is where this page is among the `watchers`, from 0 to 1.
    pub(super) fn missed(&mut self, now: Instant, watchers: usize, part: f64) {
        let watchers = u32::try_from(watchers).unwrap_or(u32::MAX);
        let after = APART.saturating_mul(watchers).min(WIDEST).mul_f64(part.clamp(0.0, 1.0));
        let rested = self.looked.map_or(now, |looked| looked + REST).max(now);
        self.soon.get_or_insert(rested.max(now + SOON) + after);
        self.late = Some(now + LAG + after);
    }

    /// When the page is to look next.
    pub(super) fn look_at(&self) -> Option<Instant> {
        self.soon.into_iter().chain(self.late).min()
    }

    /// Whether the page is to look now; it is taken to do so.
    pub(super) fn looks(&mut self, now: Instant) -> bool {
        if self.look_at().is_none_or(|at| at > now) {
            return false;
        }
        self.soon = None;
        self.late = self.late.filter(|late| *late > now);
        self.looked = Some(now);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn looks(pace: &mut Pace, from: Instant, seconds: u64) -> Vec<u64> {
        let each = (0..=seconds * 10).map(|tenth| Duration::from_millis(tenth * 100));
        each.filter(|after| pace.looks(from + *after)).map(|after| after.as_secs()).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn who_missed_something_looks_soon_and_when_the_database_must_have_it() {
        let now = Instant::now();
        let mut pace = Pace::default();
        assert_eq!(pace.look_at(), None);
        pace.missed(now, 1, 0.0);
        assert_eq!(looks(&mut pace, now, 60), [1, 10]);
    }

    #[tokio::test(start_paused = true)]
    async fn who_misses_something_all_the_time_looks_each_ten_seconds() {
        let now = Instant::now();
        let mut pace = Pace::default();
        let mut looked = Vec::new();
        for turn in 0..300 {
            let at = now + TURN * turn;
            pace.missed(at, 1, 0.0);
            if pace.looks(at) {
                looked.push((at - now).as_secs());
            }
        }
        assert_eq!(looked, [1, 11, 21, 31, 41, 51]);
    }

    #[tokio::test(start_paused = true)]
    async fn many_pages_do_not_look_at_once() {
        let now = Instant::now();
        let mut seconds = [0_u32; 60];
        for page in 0..400_u32 {
            let mut pace = Pace::default();
            pace.missed(now, 400, f64::from(page) / 400.0);
            let first = looks(&mut pace, now, 59)[0];
            seconds[usize::try_from(first).unwrap()] += 1;
        }
        assert_eq!(seconds.iter().sum::<u32>(), 400);
        assert!(seconds.iter().all(|pages| *pages <= 44), "{seconds:?}");
        // However many there are, none waits much longer than half a minute.
        let mut pace = Pace::default();
        pace.missed(now, usize::MAX, 1.0);
        assert_eq!(looks(&mut pace, now, 60)[0], 31);
    }

    #[tokio::test(start_paused = true)]
    async fn what_follows_the_first_news_waits() {
        let now = Instant::now();
        let mut pace = Pace::new(Some(now + LAG));
        assert_eq!(pace.pause(now), None);
        pace.told(now);
        assert_eq!(pace.pause(now), Some(now + TURN));
        assert_eq!(pace.pause(now + TURN), None);
        assert_eq!(looks(&mut pace, now, 30), [10]);
    }
}
