//! The state of the modem, in words.

use at::reply::Registration;

use super::Modem;
use super::parts::notices::Summary;
use super::parts::phase::Phase;
use super::parts::words::{Words, blocked, words};
use crate::event::NotSent;
use crate::snapshot::{Problem, Snapshot, Status};

impl Modem {
    /// Whether a submission could begin, when its turn comes.
    pub(super) fn is_able_to_send(&self) -> bool {
        self.phase == Phase::Run
            && !self.sim.is_blocked()
            && !self.desk.has_session()
            && self.network.registration().is_registered()
            && !self.network.lacks_centre()
    }

    /// Whether the modem works, and what is wrong.
    pub(super) fn status(&self) -> (Status, Option<Words>) {
        match &self.phase {
            Phase::Closed => (
                Status::Closed,
                Some(words(
                    "port-closed",
                    "The modem's port is closed.",
                    "Check that the modem is plugged in and has power; it is opened again by itself.",
                )),
            ),
            Phase::Handshake(handshake)
                if handshake.is_first()
                    && (!self.health.is_given_up() || self.needs.are_unmet()) =>
            {
                self.status_of_set_up()
            }
            Phase::Gone | Phase::Handshake(_) => (Status::Recovering, Some(self.silent())),
            Phase::Resetting { .. } => (Status::Recovering, None),
            Phase::Boot(_) | Phase::Wait { .. } => match self.sim.blocker() {
                Some(blocker) => (Status::Blocked, Some(blocked(blocker))),
                None => self.status_of_set_up(),
            },
            Phase::Run => self.status_at_work(),
        }
    }

    fn status_of_set_up(&self) -> (Status, Option<Words>) {
        match self.needs.status(self.now) {
            Some((status, words)) => (status, Some(words)),
            None => (Status::Starting, None),
        }
    }

    fn silent(&self) -> Words {
        if !self.health.has_answered() && self.link.dropped() + self.notices.counters().garbage > 8
        {
            return words(
                "garbage",
                "The port answers, but not as a modem does.",
                "Check that this is the modem's command port and that its speed is right.",
            );
        }
        words(
            "no-answer",
            "The modem does not answer.",
            "Check its power and cable and that this is its command port; it is tried again by itself.",
        )
    }

    fn status_at_work(&self) -> (Status, Option<Words>) {
        if let Some(blocker) = self.sim.blocker() {
            return (Status::Blocked, Some(blocked(blocker)));
        }
        if self.network.lacks_centre() {
            let problem = words(
                "no-smsc",
                "The SIM has no SMSC number.",
                "Set the operator's service centre number (SMSC): on the modems page, or with `merpati smsc`.",
            );
            return (Status::Blocked, Some(problem));
        }
        let registration = self.network.registration();
        let problem = match registration {
            Registration::Home | Registration::Roaming => {
                return (Status::Ready, self.problem_at_work());
            }
            Registration::Denied => words(
                "registration-denied",
                "Not registered: the network refuses this SIM.",
                "Check that the SIM is activated and paid for, and that roaming is allowed if it is needed.",
            ),
            Registration::Emergency => words(
                "emergency-only",
                "Not registered: only emergency calls are possible.",
                "Check that the SIM is activated and paid for.",
            ),
            Registration::Searching => words(
                "not-registered",
                "Not registered: searching for a network.",
                "Wait a minute; if it stays, check the antenna and the place.",
            ),
            Registration::Idle | Registration::Unknown => words(
                "not-registered",
                "Not registered: no network.",
                "Check the antenna, the place, and that the SIM is activated.",
            ),
        };
        (Status::Searching, Some(problem))
    }

    /// What is wrong with a modem that sends and receives all the same.
    fn problem_at_work(&self) -> Option<Words> {
        if self.memories.used().is_some_and(at::reply::StorageUse::is_full) {
            return Some(words(
                "storage-full",
                "The memory for messages is full.",
                "Wait: messages are read and deleted by themselves; if it stays, delete old ones in a phone.",
            ));
        }
        (!self.setup.gives_reports()).then(|| {
            words(
                "no-reports",
                "The modem gives no delivery reports.",
                "Messages go out and come in, but whether they were delivered is not known. Newer firmware or another \
                 modem may give reports.",
            )
        })
    }

    /// Tells the state when it has changed since it was told last.
    pub(super) fn tell_status(&mut self) {
        if self.outbox.has_next() && !self.is_able_to_send() {
            self.give_back_next(NotSent::NotReady);
        }
        let (status, problem) = self.status();
        let summary = Summary {
            status,
            problem: problem.map(|problem| problem.code),
            registration: self.network.registration(),
            operator: self.network.operator().map(str::to_owned),
            technology: self.network.technology(),
            signal: self.network.signal().map(|dbm| dbm / 4),
        };
        self.notices.tell(self.now, summary);
    }

    pub(super) fn make_snapshot(&self) -> Snapshot {
        let (status, problem) = self.status();
        let problem = problem.map(|words| Problem {
            code: words.code,
            text: words.text,
            advice: words.advice.to_owned(),
            since: self.notices.problem_since().unwrap_or(self.now),
        });
        let text = match (status, &problem) {
            (Status::Ready, _) => self.ready_words(),
            (_, Some(problem)) => problem.text.clone(),
            (Status::Starting, None) => "The modem is being set up.".to_owned(),
            (Status::Recovering, None) => "The modem is restarting.".to_owned(),
            (Status::Searching, None) => "Not registered: searching for a network.".to_owned(),
            (Status::Blocked, None) => "The modem needs attention.".to_owned(),
            (Status::Closed, None) => "The modem's port is closed.".to_owned(),
        };
        Snapshot {
            status,
            text,
            sending: self.outbox.is_sending(),
            problem,
            identity: self.device.identity().clone(),
            sim: self.sim.identity().cloned(),
            registration: self.network.registration(),
            operator: self.network.operator().map(str::to_owned),
            technology: self.network.technology(),
            signal_dbm: self.network.signal(),
            storage: self.memories.used(),
            unanswered: self.inbox.unanswered(),
            announcing: self.setup.announcing().map(|values| {
                let list: Vec<_> = values.iter().map(u8::to_string).collect();
                format!("+CNMI: {}", list.join(","))
            }),
            counters: self.notices.counters(),
        }
    }

    fn ready_words(&self) -> String {
        let network = self.network.operator().unwrap_or("the network");
        let abroad =
            if self.network.registration() == Registration::Roaming { ", roaming" } else { "" };
        if self.outbox.is_sending() {
            return format!("Sending through {network}{abroad}.");
        }
        format!("Ready on {network}{abroad}.")
    }
}
