//! What the caller is told: events, how often things happened, and the state when it has changed.

use std::collections::VecDeque;
use std::time::Instant;

use at::reply::Registration;

use crate::event::{Event, Outcome, Received};
use crate::snapshot::{Counters, Status};

/// The part of the state of which each change is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Summary {
    pub(crate) status: Status,
    /// The code of what is wrong.
    pub(crate) problem: Option<&'static str>,
    pub(crate) registration: Registration,
    pub(crate) operator: Option<String>,
    pub(crate) technology: Option<&'static str>,
    /// The signal in steps of 4 dB, so that not each flicker is told.
    pub(crate) signal: Option<i16>,
}

/// What the caller is told.
#[derive(Debug, Default)]
pub(crate) struct Notices {
    events: VecDeque<Event>,
    counters: Counters,
    /// The state that was told last.
    last_summary: Option<Summary>,
    /// What is wrong, and since when.
    problem_since: Option<(&'static str, Instant)>,
}

impl Notices {
    pub(crate) fn event(&mut self, event: Event) {
        self.events.push_back(event);
    }

    /// The oldest event that the caller has not had.
    pub(crate) fn next_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    pub(crate) fn counters(&self) -> Counters {
        self.counters
    }

    /// Bytes or a line came that fit nothing.
    pub(crate) fn garbage(&mut self, what: String) {
        self.counters.garbage += 1;
        self.event(Event::Garbage(what));
    }

    /// A command was not answered in time.
    pub(crate) fn stalled(&mut self, command: String) {
        self.counters.timeouts += 1;
        self.event(Event::Stalled { command });
    }

    /// The modem restarted by itself.
    pub(crate) fn rebooted(&mut self) {
        self.counters.reboots += 1;
        self.event(Event::Rebooted);
    }

    /// A message or report was handed out.
    pub(crate) fn received(&mut self, received: Received) {
        self.counters.received += 1;
        self.event(Event::Received(received));
    }

    /// A submission has ended.
    pub(crate) fn submitted(&mut self, id: u64, outcome: Outcome) {
        let counter = match &outcome {
            Outcome::Accepted { .. } => &mut self.counters.accepted,
            Outcome::Rejected(_) => &mut self.counters.rejected,
            Outcome::NotSent(_) => &mut self.counters.not_sent,
            Outcome::Uncertain(_) => &mut self.counters.uncertain,
        };
        *counter += 1;
        self.event(Event::Submitted { id, outcome });
    }

    /// Tells the state when it has changed since it was told last.
    pub(crate) fn tell(&mut self, now: Instant, summary: Summary) {
        if self.problem_since.map(|(code, _)| code) != summary.problem {
            self.problem_since = summary.problem.map(|code| (code, now));
        }
        if self.last_summary.as_ref() == Some(&summary) {
            return;
        }
        let status = summary.status;
        let last = self.last_summary.replace(summary);
        self.event(Event::StatusChanged);
        if status == Status::Ready && last.is_none_or(|last| last.status != Status::Ready) {
            self.event(Event::Ready);
        }
    }

    /// When the present problem began.
    pub(crate) fn problem_since(&self) -> Option<Instant> {
        self.problem_since.map(|(_, since)| since)
    }
}
