//! What one SIM has sent, counted ahead. Pure: no I/O, and the time is an argument.
//!
//! Parts are stored as sent before they are given to the modem, a block of them at a time. A run that ends without a
//! word leaves the rest of its block counted: so a limit is never exceeded, and at most a block of it is lost.

use contracts::limits::{Closed, Limit, Limits, Recipient, Usage, Windows};
use contracts::{Priority, Timestamp};
use jiff::tz::TimeZone;

/// A moment, and the clock on the wall where the SIM is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment<'a> {
    pub(super) now: Timestamp,
    pub(super) zone: &'a TimeZone,
}

/// What a message is to its limits.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked {
    pub(super) parts: u8,
    pub(super) priority: Priority,
    pub(super) recipient: Recipient,
}

/// Whether a message may be begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Beginning {
    /// It may.
    May,
    /// It may not, and nothing may that is no more urgent, until it may.
    NotNow,
    /// It may not, for this recipient would be one too many. Others may.
    NotThis(Closed),
}

/// A part that was counted, as far as is needed to take it back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Given {
    windows: Windows,
    price: u32,
    /// The recipient, if the part made it known.
    recipient: Option<Recipient>,
}

/// What people are to be told of a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum News {
    /// Nine tenths of it are used.
    Low(Limit, u32),
    /// It is reached.
    Reached(Limit, u32, Timestamp),
    /// It does not keep the SIM from sending any more.
    Over(Limit),
}

/// What is to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Due {
    pub(super) usage: Usage,
    /// The parts that are counted ahead in it.
    ahead: u32,
    /// What each of them was counted to cost.
    price: u32,
}

/// The account of one SIM.
#[derive(Debug, Clone, Default)]
pub(super) struct Account {
    /// What was sent.
    usage: Usage,
    /// What is stored, in which `ahead` parts more are counted.
    stored: Usage,
    ahead: u32,
    /// What each of those parts was counted to cost.
    price: u32,
    /// The parts of the largest message that did not fit. Until it does nothing else is begun, or small messages would
    /// take the place of a large one for ever; but one-time passwords are, for somebody waits for each of them.
    wanting: u8,
    /// The parts of the largest one-time password that did not fit.
    password: u8,
    /// Limits that were reached in a window that is over.
    over: Vec<Limit>,
}

impl Account {
    /// Goes on with what is stored: all of it counts as sent.
    pub(super) fn of(stored: Usage) -> Self {
        Self { usage: stored.clone(), stored, ..Self::default() }
    }

    fn advance(&mut self, at: Moment<'_>) {
        self.over.extend(self.usage.advance(at.now, at.zone));
    }

    /// Returns why nothing may be begun, if nothing may.
    pub(super) fn closed(&mut self, limits: &Limits, at: Moment<'_>) -> Option<Closed> {
        self.advance(at);
        let closed = |parts: u8| limits.closed(&self.usage, parts.into(), at.now, at.zone);
        let is_full = |closed: &Option<Closed>| {
            closed.as_ref().is_some_and(|closed| closed.limit != Limit::Quiet)
        };
        let (passwords, all) = (closed(self.password), closed(self.password.max(self.wanting)));
        if !is_full(&passwords) {
            self.password = 0;
        }
        if !is_full(&all) {
            self.wanting = 0;
        }
        all.map(|closed| Closed { passwords: !is_full(&passwords), ..closed })
    }

    /// Returns whether a message may be begun.
    pub(super) fn may_begin(&mut self, limits: &Limits, asked: Asked, at: Moment<'_>) -> Beginning {
        let Asked { parts, priority, recipient } = asked;
        let closed = self.closed(limits, at);
        if closed.is_some_and(|closed| !closed.lets_through(priority)) {
            return Beginning::NotNow;
        }
        if let Some(refused) = limits.refuses(&self.usage, recipient, at.now) {
            return Beginning::NotThis(refused);
        }
        let closed = limits.closed(&self.usage, parts.into(), at.now, at.zone);
        let Some(Closed { limit, .. }) = closed else { return Beginning::May };
        match (limit, priority) {
            (Limit::Quiet, Priority::Otp) => return Beginning::May,
            (Limit::Quiet, _) => {}
            (_, Priority::Otp) => self.password = parts,
            (_, _) => self.wanting = parts,
        }
        Beginning::NotNow
    }

    /// Returns why nothing goes to anybody new, if nothing does.
    pub(super) fn closed_to_new(&mut self, limits: &Limits, at: Moment<'_>) -> Option<Closed> {
        self.advance(at);
        limits.closed_to_new(&self.usage, at.now)
    }

    /// Returns a limit of which nine tenths are used: of several the one with the longest time.
    pub(super) fn low(&mut self, limits: &Limits, at: Moment<'_>) -> Option<Limit> {
        self.advance(at);
        let is_low = |limit: &Limit| {
            let used = u64::from(self.usage.used(*limit, at.now));
            let most = limits.most(*limit).map(u64::from);
            limit.is_told() && most.is_some_and(|most| used * 10 >= most * 9)
        };
        Limit::WINDOWS.into_iter().rev().find(is_low)
    }

    /// Returns whether a recipient would be one too many.
    pub(super) fn refuses(
        &mut self,
        limits: &Limits,
        recipient: Recipient,
        at: Moment<'_>,
    ) -> bool {
        self.advance(at);
        limits.refuses(&self.usage, recipient, at.now).is_some()
    }

    /// Returns whether at most one part more may be sent.
    pub(super) fn is_last(&mut self, limits: &Limits, at: Moment<'_>) -> bool {
        self.advance(at);
        limits.room(&self.usage, at.now).is_some_and(|room| room <= 1)
    }

    /// Returns what has to be stored before a part to a recipient may be given to the modem, with what is counted ahead
    /// then; `None` when the part is counted already. `parts` are still to go of the message.
    pub(super) fn due(
        &mut self,
        limits: &Limits,
        parts: u8,
        recipient: Recipient,
        at: Moment<'_>,
    ) -> Option<Due> {
        self.advance(at);
        let counts_recipients = limits.most(Limit::Recipients).is_some();
        let is_new = counts_recipients && !self.stored.knows(recipient);
        let is_priced = self.price == limits.price();
        if self.ahead > 0 && is_priced && !is_new && self.stored.is_of_windows_of(&self.usage) {
            return None;
        }
        let room = limits.room(&self.usage, at.now).unwrap_or(u32::MAX);
        let ahead = limits.block().min(room).max(parts.max(1).into());
        let (mut usage, price) = (self.usage.clone(), limits.price());
        usage.count(ahead, price);
        if counts_recipients {
            usage.count_recipient(recipient);
        }
        Some(Due { usage, ahead, price })
    }

    /// Notes that what was due is stored.
    pub(super) fn is_stored(&mut self, due: Due) {
        (self.stored, self.ahead, self.price) = (due.usage, due.ahead, due.price);
    }

    /// Counts a part that is given to the modem. Returns what is needed to take it back.
    pub(super) fn give(&mut self, limits: &Limits, recipient: Recipient) -> Given {
        self.ahead = self.ahead.saturating_sub(1);
        let price = limits.price();
        self.usage.count(1, price);
        let counts_recipients = limits.most(Limit::Recipients).is_some();
        let is_new = counts_recipients && self.usage.count_recipient(recipient);
        Given { windows: self.usage.windows(), price, recipient: is_new.then_some(recipient) }
    }

    /// Takes a part back that certainly did not go out.
    pub(super) fn take_back(&mut self, given: &Given) {
        self.usage.take_back(&given.windows, given.price);
        if let Some(recipient) = given.recipient {
            self.usage.take_recipient_back(recipient);
        }
        let windows = self.usage.windows();
        if self.stored.windows() == windows && given.windows == windows {
            self.ahead += 1;
        }
    }

    /// Returns what was sent and no more, if what is stored says something else.
    pub(super) fn exact(&self) -> Option<&Usage> {
        (self.stored != self.usage).then_some(&self.usage)
    }

    /// Returns when it is to be looked at though nothing is sent.
    pub(super) fn changes_at(&self, limits: &Limits, at: Moment<'_>) -> Option<Timestamp> {
        limits.changes_at(&self.usage, at.now, at.zone)
    }

    /// Returns what people were not told yet. What was told is remembered with the count, so that another run of the
    /// driver does not tell it again.
    pub(super) fn news(&mut self, limits: &Limits, at: Moment<'_>) -> Vec<News> {
        self.advance(at);
        let mut news: Vec<News> = self.over.drain(..).map(News::Over).collect();
        let full = limits.full(&self.usage, self.wanting.into(), at.now);
        let full: Vec<Closed> = full.chain(limits.closed_to_new(&self.usage, at.now)).collect();
        for limit in Limit::WINDOWS.into_iter().filter(|limit| limit.is_told()) {
            let is_full = full.iter().find(|closed| closed.limit == limit);
            let Some(counted) = self.usage.of_mut(limit) else { continue };
            let Some(most) = limits.most(limit) else {
                if std::mem::take(&mut counted.full) {
                    news.push(News::Over(limit));
                }
                continue;
            };
            let is_low = u64::from(counted.used) * 10 >= u64::from(most) * 9;
            if is_low && !counted.low {
                counted.low = true;
                news.push(News::Low(limit, most));
            }
            match (is_full, counted.full) {
                (Some(closed), false) => {
                    counted.full = true;
                    news.push(News::Reached(limit, most, closed.until));
                }
                (None, true) => {
                    counted.full = false;
                    news.push(News::Over(limit));
                }
                _ => {}
            }
        }
        news
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;

    fn limits(per_minute: u32, per_hour: u32, per_day: u32) -> Limits {
        Limits {
            per_minute: NonZeroU32::new(per_minute),
            per_hour: NonZeroU32::new(per_hour),
            per_day: NonZeroU32::new(per_day),
            ..Limits::default()
        }
    }

    fn moment(now: Timestamp) -> Moment<'static> {
        static UTC: TimeZone = TimeZone::UTC;
        Moment { now, zone: &UTC }
    }

    fn noon() -> Timestamp {
        "2026-12-01T12:00:00Z".parse().unwrap()
    }

    fn recipient(number: u64) -> Recipient {
        Recipient::of_hash(number)
    }

    fn may_begin(
        account: &mut Account,
        limits: &Limits,
        parts: u8,
        priority: Priority,
        now: Timestamp,
    ) -> bool {
        let asked = Asked { parts, priority, recipient: recipient(0) };
        account.may_begin(limits, asked, moment(now)) == Beginning::May
    }

    /// Sends a message as the driver does, if it may be begun. Returns whether it went out.
    fn send(account: &mut Account, limits: &Limits, parts: u8, now: Timestamp) -> bool {
        let asked = Asked { parts, priority: Priority::Normal, recipient: recipient(0) };
        send_to(account, limits, asked, now) == Beginning::May
    }

    fn send_to(account: &mut Account, limits: &Limits, asked: Asked, now: Timestamp) -> Beginning {
        let (at, Asked { parts, recipient, .. }) = (moment(now), asked);
        let beginning = account.may_begin(limits, asked, at);
        if beginning == Beginning::May {
            for part in 0..parts {
                if let Some(due) = account.due(limits, parts - part, recipient, at) {
                    account.is_stored(due);
                }
                account.give(limits, recipient);
            }
        }
        beginning
    }

    #[test]
    fn a_large_message_is_not_overtaken_for_ever() {
        let limits = limits(0, 5, 0);
        let mut account = Account::default();
        for _ in 0..3 {
            assert!(send(&mut account, &limits, 1, noon()));
        }
        assert!(!send(&mut account, &limits, 3, noon()), "two are left");
        assert!(!send(&mut account, &limits, 1, noon()), "the place of the large one");
        let closed = account.closed(&limits, moment(noon())).unwrap();
        assert_eq!((closed.limit, closed.most, closed.passwords), (Limit::Hour, Some(5), true));
        let mut may_begin =
            |parts, priority| may_begin(&mut account, &limits, parts, priority, noon());
        assert!(may_begin(2, Priority::Otp), "somebody waits for it");
        assert!(!may_begin(3, Priority::Otp));
        assert!(!may_begin(1, Priority::Otp), "the place of the large one");
        let closed = account.closed(&limits, moment(noon())).unwrap();
        assert!(!closed.passwords);
        let next = noon().plus(Duration::from_hours(1));
        assert_eq!(account.closed(&limits, moment(next)), None);
        assert!(send(&mut account, &limits, 3, next));
        assert!(!send(&mut account, &limits, 6, next));
        let next = next.plus(Duration::from_hours(1));
        assert!(send(&mut account, &limits, 6, next), "more parts than the limit has");
        assert!(!send(&mut account, &limits, 1, next));
    }

    #[test]
    fn what_is_stored_is_ahead_and_exact_at_the_end() {
        let limits = limits(0, 500, 0);
        let mut account = Account::default();
        let at = moment(noon());
        let mut stores = 0;
        for _ in 0..12 {
            if let Some(due) = account.due(&limits, 1, recipient(0), at) {
                account.is_stored(due);
                stores += 1;
            }
            account.give(&limits, recipient(0));
        }
        assert_eq!(stores, 3, "blocks of five");
        assert_eq!(account.stored.used(Limit::Hour, noon()), 15);
        assert_eq!(account.exact().unwrap().used(Limit::Hour, noon()), 12);
        account = Account::of(account.exact().unwrap().clone());
        assert_eq!(account.exact(), None);
        assert!(
            account.due(&limits, 1, recipient(0), at).is_some(),
            "nothing is counted ahead any more"
        );
    }

    #[test]
    fn a_part_that_did_not_go_out_is_no_part() {
        let limits = limits(0, 2, 0);
        let mut account = Account::default();
        for _ in 0..5 {
            assert!(may_begin(&mut account, &limits, 1, Priority::Normal, noon()));
            if let Some(due) = account.due(&limits, 1, recipient(0), moment(noon())) {
                account.is_stored(due);
            }
            let counted = account.give(&limits, recipient(0));
            account.take_back(&counted);
        }
        assert_eq!(account.usage.used(Limit::Hour, noon()), 0);
        assert_eq!(account.ahead, 1);
    }

    #[test]
    fn each_limit_is_told_once_a_window() {
        let limits = limits(1, 10, 0);
        let mut account = Account::default();
        let mut now = noon();
        let mut told = Vec::new();
        for _ in 0..11 {
            send(&mut account, &limits, 1, now);
            told.extend(account.news(&limits, moment(now)));
            // A run that goes on with what is stored does not tell it again.
            account = Account::of(account.usage.clone());
            now = now.plus(Duration::from_mins(1));
        }
        let end = noon().plus(Duration::from_hours(1));
        assert_eq!(told, [News::Low(Limit::Hour, 10), News::Reached(Limit::Hour, 10, end)]);
        assert_eq!(account.news(&limits, moment(end)), [News::Over(Limit::Hour)]);
        assert_eq!(account.news(&limits, moment(end)), []);
    }

    #[test]
    fn a_limit_that_is_removed_is_over() {
        let few = limits(0, 1, 0);
        let mut account = Account::default();
        assert!(send(&mut account, &few, 1, noon()));
        let end = noon().plus(Duration::from_hours(1));
        let told = account.news(&few, moment(noon()));
        assert_eq!(told, [News::Low(Limit::Hour, 1), News::Reached(Limit::Hour, 1, end)]);
        let at = moment(noon());
        assert_eq!(account.news(&limits(0, 2, 0), at), [News::Over(Limit::Hour)]);
        assert_eq!(account.news(&few, at), [News::Reached(Limit::Hour, 1, end)]);
        assert_eq!(account.news(&limits(0, 0, 9), at), [News::Over(Limit::Hour)]);
    }

    #[test]
    fn a_new_recipient_is_stored_before_anything_goes_to_it() {
        let limits = Limits { recipients_per_month: NonZeroU32::new(2), ..limits(0, 1_000, 0) };
        let mut account = Account::default();
        let to = |number| Asked { parts: 1, priority: Priority::Otp, recipient: recipient(number) };
        for number in [1, 1, 2] {
            assert_eq!(send_to(&mut account, &limits, to(number), noon()), Beginning::May);
            // A kill at any moment forgets nobody.
            assert!(account.stored.knows(recipient(number)));
            account = Account::of(account.stored.clone());
        }
        let Beginning::NotThis(closed) = send_to(&mut account, &limits, to(3), noon()) else {
            panic!("one too many");
        };
        assert_eq!((closed.limit, closed.most), (Limit::Recipients, Some(2)));
        assert_eq!(account.closed(&limits, moment(noon())), None, "it sends to the others");
        assert_eq!(send_to(&mut account, &limits, to(1), noon()), Beginning::May);
        assert_eq!(account.low(&limits, moment(noon())), Some(Limit::Recipients));
        let news = account.news(&limits, moment(noon()));
        let reached = News::Reached(Limit::Recipients, 2, closed.until);
        assert_eq!(news, [News::Low(Limit::Recipients, 2), reached]);
        assert_eq!(send_to(&mut account, &limits, to(3), closed.until), Beginning::May);
    }

    #[test]
    fn whom_nothing_went_to_is_no_recipient() {
        let limits = Limits { recipients_per_month: NonZeroU32::new(1), ..limits(0, 0, 0) };
        let (mut account, at) = (Account::default(), moment(noon()));
        for number in 0..5 {
            let asked = Asked { parts: 1, priority: Priority::Bulk, recipient: recipient(number) };
            assert_eq!(account.may_begin(&limits, asked, at), Beginning::May);
            if let Some(due) = account.due(&limits, 1, recipient(number), at) {
                account.is_stored(due);
            }
            let given = account.give(&limits, recipient(number));
            account.take_back(&given);
        }
        assert_eq!(account.exact().unwrap().recipients, []);
    }

    #[derive(Debug, Clone)]
    enum Step {
        Message(u8),
        Fails,
        Later(u64),
        Crash,
        Stop,
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            8 => (1u8..4).prop_map(Step::Message),
            1 => Just(Step::Fails),
            4 => (0u64..90_000).prop_map(Step::Later),
            1 => (3_000_000u64..50_000_000).prop_map(Step::Later),
            1 => Just(Step::Crash),
            1 => Just(Step::Stop),
        ]
    }

    proptest! {
        /// Over any traffic with any restarts, no minute, hour or day has more parts than its limit, unless one message
        /// alone has.
        #[test]
        fn no_window_is_exceeded(
            numbers in (3u32..20, 3u32..60, 3u32..400),
            steps in prop::collection::vec(step(), 1..300),
        ) {
            let limits = limits(numbers.0, numbers.1, numbers.2);
            let mut account = Account::default();
            let mut now = noon();
            let mut sent: Vec<Timestamp> = Vec::new();
            for step in steps {
                match step {
                    Step::Message(parts) => {
                        if send(&mut account, &limits, parts, now) {
                            sent.extend((0..parts).map(|_| now));
                        }
                    }
                    Step::Fails => {
                        if may_begin(&mut account, &limits, 1, Priority::Bulk, now) {
                            if let Some(due) = account.due(&limits, 1, recipient(0), moment(now)) {
                                account.is_stored(due);
                            }
                            let counted = account.give(&limits, recipient(0));
                            account.take_back(&counted);
                        }
                    }
                    Step::Later(millis) => now = now.plus(Duration::from_millis(millis)),
                    Step::Crash => account = Account::of(account.stored.clone()),
                    Step::Stop => {
                        let exact = account.exact().cloned();
                        account = Account::of(exact.unwrap_or(account.stored));
                    }
                }
            }
            for (limit, micros) in [
                (Limit::Minute, 60_000_000),
                (Limit::Hour, 3_600_000_000),
                (Limit::Day, 86_400_000_000_i64),
            ] {
                let mut windows = std::collections::BTreeMap::new();
                for at in &sent {
                    *windows.entry(at.as_micros() / micros).or_insert(0u32) += 1;
                }
                let most = limits.most(limit).unwrap();
                let largest = windows.values().max().copied().unwrap_or(0);
                prop_assert!(largest <= most, "{limit}: {largest} of {most}");
            }
        }
    }
}
