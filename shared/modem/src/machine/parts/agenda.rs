//! What is to be done when the line is free, and when something is due.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::task::{Poll, Upkeep, Wanted};

/// The time between two looks at signal and operator, which also keep the line alive.
const POLL: Duration = Duration::from_secs(30);
/// How much later these looks come on a modem that is never idle.
const POLL_BUSY: Duration = Duration::from_secs(90);
/// The time between two looks at the registration while there is none.
const SEARCH: Duration = Duration::from_secs(5);
/// How long a modem may be without network before it is told to search, and before it is told again.
const SEARCH_ANEW: (Duration, Duration) = (Duration::from_mins(3), Duration::from_mins(10));
/// The same for turning its radio off and on.
const RADIO_ANEW: (Duration, Duration) = (Duration::from_mins(15), Duration::from_mins(30));
/// The time between two looks at the announcing while an acknowledgement is withheld, and how long they go on: a modem
/// waits for 12 to 20 s (24.011, TR2M).
const ANNOUNCING: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(24));
/// The most reads and deletes between two submissions.
const TURNS: u8 = 4;
/// How many rounds of polls make one in which the ICCID and the announcing are looked at.
const ICCID_EVERY: u32 = 10;

/// What is to be done, and when.
#[derive(Debug)]
pub(crate) struct Agenda {
    wanted: Option<Wanted>,
    polls: VecDeque<Poll>,
    upkeep: VecDeque<Upkeep>,
    poll_at: Instant,
    search_at: Instant,
    /// The next look at the announcing, and the end of the looks, while an acknowledgement is withheld.
    announcing: Option<(Instant, Instant)>,
    searching_since: Option<Instant>,
    search_anew_at: Option<Instant>,
    radio_anew_at: Option<Instant>,
    rounds: u32,
    turns: u8,
}

/// A round of polls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Round {
    /// Signal, operator, registration and lock are looked at.
    Usual,
    /// What hardly ever changes is looked at as well.
    Thorough,
}

impl Agenda {
    /// Nothing is to be done.
    pub(crate) fn new(now: Instant) -> Self {
        Self {
            wanted: None,
            polls: VecDeque::new(),
            upkeep: VecDeque::new(),
            poll_at: now,
            search_at: now,
            announcing: None,
            searching_since: None,
            search_anew_at: None,
            radio_anew_at: None,
            rounds: 0,
            turns: 0,
        }
    }

    /// The modem is set up: its operator and signal are looked at.
    pub(crate) fn begin(&mut self, now: Instant) {
        self.poll_at = now + POLL;
        self.search_at = now + SEARCH;
        self.polls.extend([Poll::OperatorFormat, Poll::Operator, Poll::Signal]);
    }

    /// When a modem at work has something to do; `searching` says that it has no network.
    pub(crate) fn due(&self, searching: bool) -> Option<Instant> {
        let search_at = searching.then_some(self.search_at);
        let announcing = self.announcing.map(|(next, _)| next);
        [Some(self.poll_at), search_at, announcing].into_iter().flatten().min()
    }

    /// Drops the polls and what keeps the set-up right: the set-up begins anew.
    pub(crate) fn clear(&mut self) {
        self.polls.clear();
        self.upkeep.clear();
    }

    // Wishes.

    /// Notes a wish; the stronger one wins.
    pub(crate) fn want(&mut self, wanted: Wanted) {
        self.wanted = self.wanted.max(Some(wanted));
    }

    pub(crate) fn wants_nothing(&self) -> bool {
        self.wanted.is_none()
    }

    pub(crate) fn take_wanted(&mut self) -> Option<Wanted> {
        self.wanted.take()
    }

    /// The wish is fulfilled.
    pub(crate) fn forget_wanted(&mut self) {
        self.wanted = None;
    }

    // Upkeep.

    /// Has something done that keeps the set-up right, once.
    pub(crate) fn keep_up(&mut self, upkeep: Upkeep) {
        if !self.upkeep.contains(&upkeep) {
            self.upkeep.push_back(upkeep);
        }
    }

    pub(crate) fn next_upkeep(&mut self) -> Option<Upkeep> {
        self.upkeep.pop_front()
    }

    /// The modem waits for an acknowledgement that may not come: when it has given up, it is told to announce again.
    pub(crate) fn watch_announcing(&mut self, now: Instant) {
        self.announcing = Some((now + ANNOUNCING.0, now + ANNOUNCING.1));
    }

    /// The modem waits for no acknowledgement.
    pub(crate) fn announcing_is_sure(&mut self) {
        self.announcing = None;
    }

    /// Whether a look at the announcing is due now. If so, the next one is due later.
    pub(crate) fn take_look_at_announcing(&mut self, now: Instant) -> bool {
        let Some((_, end)) = self.announcing.filter(|(next, _)| *next <= now) else { return false };
        self.announcing = self.announcing.filter(|(next, _)| *next < end);
        if let Some((next, _)) = &mut self.announcing {
            *next = now + ANNOUNCING.0;
        }
        true
    }

    /// The modem is without network. After minutes it is told to search, and then its radio is turned off and on,
    /// unless a person must do something first.
    pub(crate) fn without_network(&mut self, now: Instant, is_blocked: bool) {
        let since = *self.searching_since.get_or_insert(now);
        let due = |at: Option<Instant>, first: Duration| now >= at.unwrap_or(since + first);
        if is_blocked {
            return;
        }
        if due(self.radio_anew_at, RADIO_ANEW.0) {
            self.radio_anew_at = Some(now + RADIO_ANEW.1);
            self.upkeep.extend([Upkeep::RadioOff, Upkeep::RadioOn]);
        } else if due(self.search_anew_at, SEARCH_ANEW.0) {
            self.search_anew_at = Some(now + SEARCH_ANEW.1);
            self.keep_up(Upkeep::SearchAnew);
        }
    }

    /// The modem has a network.
    pub(crate) fn has_network(&mut self) {
        self.searching_since = None;
        self.search_anew_at = None;
        self.radio_anew_at = None;
    }

    // Polls.

    /// Has something looked at, once.
    pub(crate) fn poll(&mut self, poll: Poll) {
        if !self.polls.contains(&poll) {
            self.polls.push_back(poll);
        }
    }

    /// Has something looked at before everything else.
    pub(crate) fn poll_first(&mut self, poll: Poll) {
        self.polls.push_front(poll);
    }

    /// Has something looked at after everything else, even if it is looked at before that.
    pub(crate) fn poll_last(&mut self, poll: Poll) {
        self.polls.push_back(poll);
    }

    pub(crate) fn next_poll(&mut self) -> Option<Poll> {
        self.polls.pop_front()
    }

    /// Whether a modem without network is to be asked for its registration now. If so, the next time is later.
    pub(crate) fn take_search(&mut self, now: Instant) -> bool {
        let due = now >= self.search_at;
        if due {
            self.search_at = now + SEARCH;
        }
        due
    }

    /// The round of polls that is due now, if one is. The next one is due later.
    pub(crate) fn take_round(&mut self, now: Instant) -> Option<Round> {
        if now < self.poll_at {
            return None;
        }
        self.poll_at = now + POLL;
        self.rounds = self.rounds.wrapping_add(1);
        let thorough = self.rounds.is_multiple_of(ICCID_EVERY);
        Some(if thorough { Round::Thorough } else { Round::Usual })
    }

    /// Whether a round of polls is so late that it goes before messages.
    pub(crate) fn is_round_overdue(&self, now: Instant) -> bool {
        now >= self.poll_at + POLL_BUSY
    }

    // Turns between reading and sending.

    /// Whether messages may be read or deleted before the next one is sent.
    pub(crate) fn may_read(&self) -> bool {
        self.turns < TURNS
    }

    /// A message was read or deleted.
    pub(crate) fn note_read(&mut self) {
        self.turns += 1;
    }

    /// It was the turn of the messages to be sent.
    pub(crate) fn note_sent(&mut self) {
        self.turns = 0;
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "time is an argument here, and any time will do")]
mod tests {
    use super::*;

    #[test]
    fn the_stronger_wish_wins() {
        let mut agenda = Agenda::new(Instant::now());
        agenda.want(Wanted::Reset);
        agenda.want(Wanted::LookAtSim);
        assert_eq!(agenda.take_wanted(), Some(Wanted::Reset));
        assert!(agenda.wants_nothing());
    }

    #[test]
    fn every_tenth_round_is_thorough() {
        let mut now = Instant::now();
        let mut agenda = Agenda::new(now);
        agenda.begin(now);
        assert_eq!(agenda.take_round(now), None);
        let rounds: Vec<_> = (0..ICCID_EVERY)
            .map(|_| {
                now += POLL;
                agenda.take_round(now)
            })
            .collect();
        let thorough = rounds.iter().filter(|round| **round == Some(Round::Thorough)).count();
        assert_eq!((rounds.last(), thorough), (Some(&Some(Round::Thorough)), 1));
    }

    #[test]
    fn a_modem_without_network_searches_and_then_turns_its_radio_off_and_on() {
        let now = Instant::now();
        let mut agenda = Agenda::new(now);
        agenda.without_network(now, false);
        assert_eq!(agenda.next_upkeep(), None);
        agenda.without_network(now + SEARCH_ANEW.0, false);
        assert_eq!(agenda.next_upkeep(), Some(Upkeep::SearchAnew));
        // A person must do something first.
        agenda.without_network(now + RADIO_ANEW.0, true);
        assert_eq!(agenda.next_upkeep(), None);
        agenda.without_network(now + RADIO_ANEW.0, false);
        assert_eq!(agenda.next_upkeep(), Some(Upkeep::RadioOff));
        assert_eq!(agenda.next_upkeep(), Some(Upkeep::RadioOn));
    }
}
