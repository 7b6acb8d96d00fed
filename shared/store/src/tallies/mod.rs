//! Tallies: how many messages are in which state, and how long they took, hour by hour.
//!
//! A message is counted in the hour, and in the day of UTC, in which it was accepted, whatever becomes of it later, so that of the messages of a time the counts of their
//! states add up. Each is counted once, in the state that it is in, by the projection that writes it: these counts are what grouping all messages would
//! say, and they stay when messages are deleted.

use std::time::Duration;

use contracts::{MtState, Priority, SimId, Timestamp, UserId};

use crate::engine::on_engine;
use crate::{Reach, Store, StoreError};

/// How many bins times are counted in: the last one has all times from 2^16 seconds on.
pub const TIME_BINS: usize = 18;

/// What is counted of an hour.
pub(crate) const HOUR_GRAIN: &str = "hour";
/// What is counted of a day of UTC.
pub(crate) const DAY_GRAIN: &str = "day";

/// Microseconds of an hour.
pub(crate) const HOUR: i64 = 3_600_000_000;

/// Which messages are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TallyFilter {
    /// Those of the hours that begin at this time or later.
    pub since: Timestamp,
    /// Those of the hours that begin before this time.
    pub until: Timestamp,
    /// Only those of this account: that it sent, or that were received for it.
    pub account: Option<UserId>,
    /// Only those through this SIM.
    pub sim: Option<SimId>,
    /// Only those of this priority. A received message has none and is left out.
    pub priority: Option<Priority>,
}

/// By what messages are counted apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TallyBy {
    /// By nothing: all of them together.
    All,
    /// By the day of a clock that is so many minutes ahead of UTC.
    Day(i32),
    /// By the hour of the day of a clock that is so many minutes ahead of UTC.
    Hour(i32),
    /// By the account.
    Account,
    /// By the SIM.
    Sim,
    /// By the priority. What was received is left out.
    Priority,
    /// By what went wrong. What was received is left out, and so are times.
    Error,
}

/// What the messages of a tally have in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TallyKey {
    /// Nothing.
    All,
    /// The day, in days since 1970-01-01.
    Day(i64),
    /// The hour of the day, 0 to 23.
    Hour(u8),
    /// The account; none: they were received for nobody.
    Account(Option<UserId>),
    /// The SIM; none: they went through none, or have not yet.
    Sim(Option<SimId>),
    /// The priority.
    Priority(Priority),
    /// The code of what went wrong; empty: nothing did.
    Error(String),
}

/// How many messages are in which state. Each is in one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Those that wait or are on their way.
    pub waiting: u64,
    /// Those that the network took and of which nothing is reported.
    pub sent: u64,
    /// Those that are on their recipients' phones.
    pub delivered: u64,
    /// Those that the network took and gave up.
    pub undelivered: u64,
    /// Those that no modem could send.
    pub failed: u64,
    /// Those that were refused.
    pub rejected: u64,
    /// Those that were too late to be sent.
    pub expired: u64,
    /// Those that were taken back.
    pub cancelled: u64,
    /// The parts of those that the network took.
    pub parts: u64,
    /// Messages received.
    pub received: u64,
    /// How long messages took from when they were accepted, or were to be sent, until the network had them.
    pub to_send: Times,
    /// How long messages took from there until the report of their delivery came.
    pub to_deliver: Times,
}

impl Tally {
    /// All messages that were accepted.
    pub const fn accepted(&self) -> u64 {
        self.waiting + self.went_out() + self.failed + self.rejected + self.expired + self.cancelled
    }

    /// Those that the network took.
    pub const fn went_out(&self) -> u64 {
        self.sent + self.delivered + self.undelivered
    }

    /// Those that came to an end that nobody wanted.
    pub const fn went_wrong(&self) -> u64 {
        self.undelivered + self.failed + self.rejected + self.expired
    }

    /// Adds what was counted of other messages.
    pub fn add(&mut self, other: &Self) {
        self.waiting += other.waiting;
        self.sent += other.sent;
        self.delivered += other.delivered;
        self.undelivered += other.undelivered;
        self.failed += other.failed;
        self.rejected += other.rejected;
        self.expired += other.expired;
        self.cancelled += other.cancelled;
        self.parts += other.parts;
        self.received += other.received;
        self.to_send.add(&other.to_send);
        self.to_deliver.add(&other.to_deliver);
    }

    /// Adds messages in one state.
    pub(crate) fn count(&mut self, state: MtState, messages: u64) {
        let counted = match state {
            MtState::Sent => &mut self.sent,
            MtState::Delivered => &mut self.delivered,
            MtState::Undelivered => &mut self.undelivered,
            MtState::Failed => &mut self.failed,
            MtState::Rejected => &mut self.rejected,
            MtState::Expired => &mut self.expired,
            MtState::Cancelled => &mut self.cancelled,
            _ => &mut self.waiting,
        };
        *counted += messages;
    }
}

/// How long something took, of many messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Times {
    /// Of how many messages it is known.
    pub messages: u64,
    /// All of their times together, in milliseconds.
    pub millis: u64,
    /// How many took less than a second, less than 2, less than 4, and so on: each in the first bin that it fits in.
    pub bins: [u64; TIME_BINS],
}

impl Times {
    /// Adds a bin of other messages.
    pub(crate) fn count(&mut self, bin: usize, messages: u64, millis: u64) {
        self.messages += messages;
        self.millis += millis;
        self.bins[bin.min(TIME_BINS - 1)] += messages;
    }

    /// Adds the times of other messages.
    pub fn add(&mut self, other: &Self) {
        self.messages += other.messages;
        self.millis += other.millis;
        for (bin, more) in self.bins.iter_mut().zip(other.bins) {
            *bin += more;
        }
    }

    /// About how long those took that were the quickest `percent` of a hundred: 50 is the median. It is right to the bin, which is a factor of two. None
    /// when there are none.
    pub fn of_the_quickest(&self, percent: u8) -> Option<Duration> {
        if self.messages == 0 {
            return None;
        }
        let wanted = (self.messages * u64::from(percent.min(100))).div_ceil(100).max(1);
        let mut before = 0;
        for (bin, count) in self.bins.iter().enumerate() {
            if before + count < wanted {
                before += count;
                continue;
            }
            // As if the times of a bin were spread over it evenly.
            let (from, to) = (lower(bin), lower(bin + 1));
            let millis = from + (to - from) * (wanted - before) / (*count).max(1);
            let is_last = bin == TIME_BINS - 1;
            return Some(Duration::from_millis(if is_last { from } else { millis }));
        }
        None
    }

    /// How long those took on the average. None when there are none.
    pub fn mean(&self) -> Option<Duration> {
        (self.messages > 0).then(|| Duration::from_millis(self.millis / self.messages))
    }
}

/// The shortest time of a bin, in milliseconds.
const fn lower(bin: usize) -> u64 {
    if bin == 0 { 0 } else { 1_000 << (bin - 1) }
}

/// The bin of a time.
pub(crate) fn bin_of(millis: u64) -> usize {
    let seconds = millis / 1_000;
    let bits = u64::BITS - seconds.leading_zeros();
    usize::try_from(bits).unwrap_or(TIME_BINS).min(TIME_BINS - 1)
}

/// The hour of a time, in hours since 1970.
pub(crate) const fn hour_of(micros: i64) -> i64 {
    micros.div_euclid(HOUR)
}

/// The most characters of a code that is counted as it is.
const LONGEST_CODE: usize = 32;

/// The code that an error is counted under. A modem can name any number and a program any code, and what is counted is kept, so codes that nobody can know
/// are counted as one.
pub(crate) fn class_of(code: &str) -> String {
    let is_number =
        |text: &str, most: u16| text.parse().is_ok_and(|n: u16| n <= most && n.to_string() == text);
    match code.split_once('-') {
        Some(("cms", number)) if !is_number(number, 999) => "cms-other".to_owned(),
        Some(("cme", number)) if !is_number(number, 999) => "cme-other".to_owned(),
        Some(("report", number)) if !is_number(number, 255) => "report-other".to_owned(),
        _ => {
            let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            let fits = !code.is_empty() && code.len() <= LONGEST_CODE;
            if fits && code.chars().all(is_plain) { code.to_owned() } else { "other".to_owned() }
        }
    }
}

impl Store {
    /// Counts the messages in reach that a filter leaves: those that were sent as they are seen in lists, and those that were received and may be read. Nothing
    /// that is counted is left out; what has no messages is. The order is none in particular.
    pub async fn tallies(
        &self,
        reach: Reach,
        filter: &TallyFilter,
        by: TallyBy,
    ) -> Result<Vec<(TallyKey, Tally)>, StoreError> {
        on_engine!(self, db => db.tallies(reach, filter, by))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_in_the_first_bin_that_it_fits_in() {
        for (millis, bin) in [
            (0, 0),
            (999, 0),
            (1_000, 1),
            (1_999, 1),
            (2_000, 2),
            (3_999, 2),
            (4_000, 3),
            (65_535_999, 16),
            (65_536_000, 17),
            (u64::MAX, 17),
        ] {
            assert_eq!(bin_of(millis), bin, "{millis}");
            assert!(lower(bin) <= millis, "{millis}");
        }
    }

    fn times(millis: &[u64]) -> Times {
        let mut times = Times::default();
        for one in millis {
            times.count(bin_of(*one), 1, *one);
        }
        times
    }

    #[test]
    fn shares_are_right_to_a_factor_of_two() {
        assert_eq!(Times::default().of_the_quickest(50), None);
        assert_eq!(Times::default().mean(), None);
        let all: Vec<u64> = (1..=100).map(|n| n * 300).collect();
        let times = times(&all);
        assert_eq!(times.mean(), Some(Duration::from_millis(15_150)));
        let mut last = Duration::ZERO;
        for percent in [1, 10, 50, 90, 95, 100] {
            let right = Duration::from_millis(u64::from(percent) * 300);
            let told = times.of_the_quickest(percent).unwrap();
            assert!(told >= last, "{percent}");
            let most = right.saturating_mul(2).max(Duration::from_secs(1));
            assert!(right / 2 <= told && told <= most, "{percent}: {told:?} is {right:?}");
            last = told;
        }
    }

    #[test]
    fn what_takes_a_day_is_in_the_last_bin() {
        let day = 86_400_000;
        let times = times(&[day, 2 * day]);
        assert_eq!(times.of_the_quickest(95), Some(Duration::from_secs(65_536)));
    }

    #[test]
    fn nobody_can_make_up_codes_without_end() {
        for known in
            ["cms-38", "cms-500", "cme-14", "report-65", "account-disabled", "no-answer", "cms"]
        {
            assert_eq!(class_of(known), known);
        }
        let mut classes = std::collections::BTreeSet::new();
        for number in 0..100_000 {
            for kind in ["cms", "cme", "report"] {
                classes.insert(class_of(&format!("{kind}-{number}")));
            }
        }
        assert_eq!(classes.len(), 1_001 + 1_001 + 257);
        assert_eq!(class_of("cms-0038"), "cms-other");
        for odd in ["", "Code", "a b", "=1+1", "código", &"x".repeat(33)] {
            assert_eq!(class_of(odd), "other", "{odd}");
        }
    }
}
