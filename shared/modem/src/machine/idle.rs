//! What a modem that is set up does next. The most urgent comes first:
//!
//! 1. acknowledgements, for which the network waits some fifteen seconds;
//! 2. what keeps the set-up right;
//! 3. what a person asked for;
//! 4. messages to be sent, and between two of them a few reads and deletes, so that neither starves;
//! 5. signal, operator and registration, only when idle, or every two minutes on a modem that is never idle.

use std::time::{Duration, Instant};

use at::Final;
use at::reply::{self, RegistrationLine};

use super::Modem;
use super::parts::active::Active;
use super::parts::agenda::Round;
use super::parts::link::SHORT;
use super::parts::network::DOMAINS;
use super::parts::phase::Phase;
use super::parts::task::{Need, Poll, Step, Task, Upkeep, Wanted};

/// The time between two looks into the memories when messages are announced.
const LOOK: Duration = Duration::from_mins(1);
/// The same when they are not.
const LOOK_UNANNOUNCED: Duration = Duration::from_secs(5);
/// Reading the operator may take this long.
const OPERATOR: Duration = Duration::from_secs(15);
/// Searching for a network may take this long.
const SEARCHING: Duration = Duration::from_mins(2);
/// Turning the radio on or off may take this long.
const RADIO: Duration = Duration::from_secs(15);

impl Modem {
    /// The modem is set up: what is to be known of it is looked at.
    pub(super) fn begin_idle(&mut self) {
        self.agenda.begin(self.now);
        self.look_everywhere();
        if self.said_number().is_none() {
            self.agenda.poll_last(Poll::OwnNumber);
        }
    }

    /// Starts the next command; only called when none is in flight.
    pub(super) fn run_idle(&mut self) {
        if !self.outbox.is_sending() && self.fulfil() {
            self.proceed();
            return;
        }
        if self.phase != Phase::Run {
            let _ = self.acknowledge() || self.begin_request();
            return;
        }
        self.look_at_announcing_when_due();
        if self.acknowledge() || self.begin_upkeep() || self.begin_hang_up() || self.begin_request()
        {
            return;
        }
        let interval = if self.setup.announces_messages() { LOOK } else { LOOK_UNANNOUNCED };
        self.errands.look_when_due(&self.memories, self.now, interval);
        self.look_again_when_done();
        self.errands.note_looked_through(&self.memories);
        if self.agenda.may_read() && self.storage_work() {
            self.agenda.note_read();
            return;
        }
        if self.agenda.is_round_overdue(self.now) && self.begin_poll() {
            return;
        }
        let sends = self.begin_submission();
        self.agenda.note_sent();
        if sends || self.check_sent() || self.storage_work() {
            return;
        }
        self.begin_poll();
    }

    /// When a modem without anything to do has something to do again.
    pub(super) fn idle_due(&self) -> Option<Instant> {
        if self.phase != Phase::Run || !self.link.is_free() {
            return None;
        }
        let searching = !self.network.registration().is_registered();
        [self.agenda.due(searching), self.errands.due(&self.memories)].into_iter().flatten().min()
    }

    fn look_at_announcing_when_due(&mut self) {
        let due = self.agenda.take_look_at_announcing(self.now);
        if due && self.setup.announcing().is_some() {
            self.agenda.keep_up(Upkeep::AnnounceCheck);
        }
    }

    /// The answer to `AT+CNMI?` at work.
    fn announcing_looked_at(&mut self, value: Option<&str>) {
        let now: Vec<u8> = value.map(reply::numbers).unwrap_or_default();
        let set = self.setup.announcing().unwrap_or_default();
        if now.len() < 4 || set.len() < 4 || now[..4] == set[..4] {
            return;
        }
        if now[0] == set[0] && now[2] == set[2] {
            // A message was not acknowledged in time (27.005, 3.4.4).
            self.agenda.keep_up(Upkeep::Announce);
        } else {
            // The modem has lost its settings.
            self.want(Wanted::SetUp);
        }
    }

    /// Puts on the agenda what is to be looked at now.
    fn fill_polls(&mut self) {
        let registered = self.network.registration().is_registered();
        if !registered && self.agenda.take_search(self.now) {
            for domain in DOMAINS {
                self.agenda.poll(Poll::Registered(domain));
            }
            self.agenda.without_network(self.now, self.sim.is_blocked());
        }
        if registered {
            self.agenda.has_network();
        }
        let Some(round) = self.agenda.take_round(self.now) else { return };
        for poll in [Poll::Lock, Poll::Signal, Poll::Operator] {
            self.agenda.poll(poll);
        }
        for domain in DOMAINS {
            self.agenda.poll(Poll::Registered(domain));
        }
        if round == Round::Thorough {
            self.agenda.poll(Poll::Iccid);
            self.agenda.poll(Poll::Announcing);
            if self.needs.lacks(Need::Announcing) {
                self.agenda.keep_up(Upkeep::AnnounceAll);
            }
        }
        if self.network.lacks_centre() {
            self.agenda.keep_up(Upkeep::Centre);
        }
    }

    fn begin_poll(&mut self) -> bool {
        self.fill_polls();
        if self.begin_upkeep() {
            return true;
        }
        while let Some(poll) = self.agenda.next_poll() {
            let Some((text, patience)) = self.poll_command(poll) else { continue };
            if !self.link.is_muted(&text) {
                self.start(text, Task::Poll(poll), patience);
                return true;
            }
        }
        false
    }

    fn poll_command(&self, poll: Poll) -> Option<(String, Duration)> {
        let text = match poll {
            Poll::Signal => "AT+CSQ".to_owned(),
            Poll::ExtendedSignal => "AT+CESQ".to_owned(),
            Poll::Registered(domain) if self.network.has(domain) => format!("AT{}?", domain.name()),
            Poll::Registered(_) => return None,
            Poll::OperatorFormat => "AT+COPS=3,0".to_owned(),
            Poll::Operator => "AT+COPS?".to_owned(),
            Poll::Lock => "AT+CPIN?".to_owned(),
            Poll::OwnNumber if self.said_number().is_some() => return None,
            Poll::OwnNumber => "AT+CNUM".to_owned(),
            Poll::Iccid => self.sim.iccid_command()?.to_owned(),
            Poll::Announcing if self.setup.announcing().is_none() => return None,
            Poll::Announcing => "AT+CNMI?".to_owned(),
        };
        let patience = if poll == Poll::Operator { OPERATOR } else { SHORT };
        Some((text, patience))
    }

    pub(super) fn polled(&mut self, poll: Poll, active: &Active, result: &Final) {
        let value = active.value().filter(|_| result.is_ok());
        match poll {
            Poll::Signal => {
                self.network.set_signal(value.and_then(reply::signal));
                if self.network.signal().is_none() {
                    self.agenda.poll(Poll::ExtendedSignal);
                }
            }
            Poll::ExtendedSignal => {
                self.network.set_signal(value.and_then(reply::extended_signal));
            }
            Poll::Registered(domain) => {
                // A refusal at work says nothing of the network.
                if let Some(line) = value.and_then(RegistrationLine::parse) {
                    self.network.answered(domain, Some(line));
                }
            }
            Poll::OperatorFormat => {}
            Poll::Operator => self.network.operator_read(value),
            Poll::Lock => self.lock_polled(active, result),
            Poll::OwnNumber => {
                let number = active
                    .lines()
                    .iter()
                    .filter_map(|line| reply::value(line, "+CNUM"))
                    .find_map(reply::own_number);
                if let Some(number) = number {
                    self.change_sim(|sim| sim.number = Some(number));
                }
            }
            Poll::Announcing => self.announcing_looked_at(value),
            Poll::Iccid => {
                let iccid = active.lines().iter().find_map(|line| reply::iccid(line));
                if iccid.is_some() && iccid.as_deref() != self.sim.iccid() {
                    self.want(Wanted::SetUp);
                }
            }
        }
    }

    /// Takes the answer of a SIM that was asked whether it is still there.
    fn lock_polled(&mut self, active: &Active, result: &Final) {
        let lock = Self::lock_of(active);
        let open = match lock {
            Some(lock) => {
                use at::reply::SimLock::{NotReady, Ready, Second, Unknown};
                matches!(lock, Ready | Second | Unknown | NotReady)
            }
            None => result.class() != Some(at::ErrorClass::Ill),
        };
        if !open {
            self.want(Wanted::LookAtSim);
        }
    }

    fn begin_upkeep(&mut self) -> bool {
        while let Some(upkeep) = self.agenda.next_upkeep() {
            let (text, patience) = match upkeep {
                Upkeep::PduMode => ("AT+CMGF=0".to_owned(), SHORT),
                Upkeep::Announce => match self.setup.announcing() {
                    Some(values) => (at::command::announce(values), SHORT),
                    None => continue,
                },
                Upkeep::AnnounceCheck => ("AT+CNMI?".to_owned(), SHORT),
                Upkeep::AnnounceAll => match self.setup.announce_candidate(0) {
                    Some(values) => (at::command::announce(values), SHORT),
                    None => continue,
                },
                Upkeep::Centre | Upkeep::CentreCheck => ("AT+CSCA?".to_owned(), SHORT),
                Upkeep::CentreSet => match self.said_centre() {
                    Some(number) => (at::command::set_service_centre(number), SHORT),
                    None => continue,
                },
                Upkeep::SendAgain => {
                    self.send_again();
                    if !self.link.is_free() {
                        return true;
                    }
                    continue;
                }
                Upkeep::EndUssd => ("AT+CUSD=2".to_owned(), SHORT),
                Upkeep::SearchAnew => ("AT+COPS=0".to_owned(), SEARCHING),
                Upkeep::RadioOff => ("AT+CFUN=0".to_owned(), RADIO),
                Upkeep::RadioOn => {
                    self.health.expect_start(self.now);
                    ("AT+CFUN=1".to_owned(), RADIO)
                }
            };
            self.start(text, Task::Upkeep(upkeep), patience);
            return true;
        }
        false
    }

    pub(super) fn upkeep_answered(&mut self, upkeep: Upkeep, active: &Active, result: &Final) {
        match upkeep {
            Upkeep::Centre | Upkeep::CentreCheck => {
                self.network.centre_read(active.value().filter(|_| result.is_ok()));
                let read = self.network.centre().map(str::to_owned);
                let said = self.said_centre();
                let differs = said.is_some() && said != read.as_deref();
                if upkeep == Upkeep::Centre && differs {
                    self.agenda.keep_up(Upkeep::CentreSet);
                }
                self.change_sim(|sim| sim.smsc = read);
            }
            Upkeep::CentreSet => self.agenda.keep_up(Upkeep::CentreCheck),
            Upkeep::PduMode => {
                self.setup.set_pdu_mode(result.is_ok());
                if !result.is_ok() {
                    self.want(Wanted::SetUp);
                }
            }
            // Nothing that was set is certain any more.
            Upkeep::Announce if !result.is_ok() => self.want(Wanted::SetUp),
            // Messages may have been stored unannounced meanwhile.
            Upkeep::Announce => self.errands.look_soon(),
            Upkeep::AnnounceCheck => {
                self.announcing_looked_at(active.value().filter(|_| result.is_ok()));
            }
            Upkeep::AnnounceAll if result.is_ok() => {
                self.needs.forget_lacking();
                self.want(Wanted::SetUp);
            }
            // With the radio off, what was set may have been lost.
            Upkeep::RadioOn => self.want(Wanted::SetUp),
            Upkeep::AnnounceAll
            | Upkeep::SendAgain
            | Upkeep::SearchAnew
            | Upkeep::EndUssd
            | Upkeep::RadioOff => {}
        }
    }

    /// Whether the machine waits for the SIM.
    pub(super) fn waits_for_sim(&self) -> bool {
        matches!(self.phase, Phase::Wait { step: Step::Lock, .. })
    }
}
