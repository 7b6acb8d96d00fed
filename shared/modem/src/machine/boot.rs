//! Setting a modem up, one question at a time. Each step bears a refusal, and its result is recorded.
//!
//! `ATZ` and `AT&F` are not used: they cost seconds on some modems and undo what was set. No step waits for
//! silence: a modem that answers at once is ready after about thirty commands.

use std::time::Duration;

use at::reply::{self, AnnounceOffer, RegistrationLine, StorageUse};
use at::{ErrorClass, Final, command};

use super::Modem;
use super::parts::active::Active;
use super::parts::network::DOMAINS;
use super::parts::phase::Phase;
use super::parts::refusal::nothing_is_withheld;
use super::parts::setup::SetUp;
use super::parts::sim::Blocker;
use super::parts::task::{Step, Task};

/// Turning the radio on or off may take this long.
const POWER: Duration = Duration::from_secs(15);
/// How soon a step that waits is looked at again when a command by hand is in flight.
const SOON: Duration = Duration::from_millis(100);
/// How soon a SIM that is busy is asked again.
const BUSY_PAUSE: Duration = Duration::from_millis(500);

impl Modem {
    /// Sets the modem up from the beginning: finds it first, then goes through the steps.
    pub(super) fn begin_boot(&mut self) {
        self.device.begin_set_up();
        self.sim.begin_set_up();
        self.setup = SetUp::default();
        self.memories.begin_set_up();
        self.needs.begin_set_up();
        self.outbox.forget_refusals();
        self.agenda.forget_wanted();
        self.network.forget();
        self.look_for_modem();
    }

    /// Goes on with the step that was waited for, or, where that is the first one, with the whole set-up.
    fn resume(&mut self, step: Step) {
        if step == Step::Echo {
            self.begin_boot();
        } else {
            self.phase = Phase::Boot(step);
        }
    }

    /// Goes on with the step that is waited for: now, or as soon as the command by hand that is in flight has ended.
    pub(super) fn hurry(&mut self) {
        let Phase::Wait { step, .. } = self.phase else { return };
        if self.link.is_free() {
            self.resume(step);
        } else {
            self.phase = Phase::Wait { until: self.now + SOON, step };
        }
    }

    /// Writes the command of a step, or passes over it.
    pub(super) fn run_boot(&mut self, step: Step) {
        let mut step = step;
        // Each pass either starts a command, waits, or goes to a later step.
        for _ in 0..64 {
            self.phase = Phase::Boot(step);
            if !self.go_on_to(step) {
                return;
            }
            match self.boot_command(step).filter(|(text, _)| !self.link.is_muted(text)) {
                Some((text, patience)) => {
                    self.start(text, Task::Boot(step), patience);
                    return;
                }
                None if step == Step::Done => {
                    self.boot_done();
                    self.proceed();
                    return;
                }
                None => step = self.after(step),
            }
            if !matches!(self.phase, Phase::Boot(_)) {
                return;
            }
        }
    }

    /// Takes the answer to a step's command.
    pub(super) fn boot_answered(&mut self, step: Step, active: &Active, result: &Final) {
        let busy = result.class() == Some(ErrorClass::Busy);
        if busy && step.needs_sim() && self.wait_for_sim(step) {
            return;
        }
        if !busy && !matches!(step, Step::Lock | Step::EnterPin) {
            self.sim.note_not_busy();
        }
        let ok = result.is_ok();
        if step.need().is_some() && !ok {
            self.needs.note_refusal(active.command(), result);
        }
        let next = match step {
            Step::Power => self.power_known(active),
            Step::Info | Step::Manufacturer | Step::Model | Step::Revision | Step::Serial(_) => {
                self.device.keep(step, active.lines());
                self.after(step)
            }
            Step::EarlyIccid(_) | Step::Iccid(_) | Step::PinTries | Step::Imsi => {
                self.sim_answered(step, active)
            }
            Step::Lock => match self.lock_known(active, result) {
                Some(next) => next,
                None => return,
            },
            Step::EnterPin => match self.pin_answered(result) {
                Some(next) => next,
                None => return,
            },
            Step::PduMode | Step::PduModeCheck | Step::PduModeOffer => {
                self.pdu_mode_answered(step, active, ok)
            }
            Step::ServiceOffer | Step::Service(_) | Step::ServiceCheck => {
                self.service_answered(step, active, ok)
            }
            Step::Withheld => {
                if !nothing_is_withheld(result) {
                    self.agenda.watch_announcing(self.now);
                }
                self.after(step)
            }
            Step::StorageOffer | Step::Select(_) | Step::SelectCheck => {
                self.storage_answered(step, active, ok)
            }
            Step::AnnounceOffer | Step::Announce(_) | Step::AnnounceCheck(_) => {
                self.announcing_answered(step, active, ok)
            }
            Step::Watch(..) | Step::Registered(_) => self.registration_answered(step, active, ok),
            Step::Centre | Step::CentreCheck => self.centre_known(step, active, ok),
            Step::CentreSet => Step::CentreCheck,
            Step::Echo
            | Step::Verbose
            | Step::Errors
            | Step::PowerSet
            | Step::Init(_)
            | Step::InitSim(_)
            | Step::Callers
            | Step::Ussd
            | Step::Done => self.after(step),
        };
        if matches!(self.phase, Phase::Boot(_)) {
            self.phase = Phase::Boot(next);
        }
    }

    /// A step's command was not answered in time: the line is brought in step, then the step is taken once more. The
    /// second time the command counts as refused. The lock and the PIN, without which the rest makes no sense, are
    /// asked for again and again.
    pub(super) fn boot_ran_out(&mut self, step: Step, active: &Active) {
        if matches!(step, Step::Lock | Step::EnterPin) {
            self.phase = Phase::Boot(Step::Lock);
            self.resync();
            return;
        }
        self.link.note_missed(active.command());
        if self.link.is_muted(active.command()) {
            self.boot_answered(step, active, &Final::Error);
        }
        self.resync();
    }

    /// Takes the answer to `AT+CFUN?`: 1 is full, 0 off, 4 flight mode.
    fn power_known(&mut self, active: &Active) -> Step {
        let level: Option<u8> =
            active.value().and_then(|v| v.split(',').next()).and_then(|v| v.trim().parse().ok());
        let wanted = if self.config.flight_mode { 4 } else { 1 };
        let is_off = matches!(level, Some(0 | 4));
        if level.is_some() && is_off != self.config.flight_mode {
            self.health.expect_start(self.now);
            self.phase = Phase::Boot(Step::PowerSet);
            self.start(format!("AT+CFUN={wanted}"), Task::Boot(Step::PowerSet), POWER);
            return Step::PowerSet;
        }
        Step::Info
    }

    /// Takes the step again in half a second, because the SIM is busy. `false` when the SIM has been busy for half a
    /// minute.
    pub(super) fn wait_for_sim(&mut self, step: Step) -> bool {
        if self.sim.note_busy(self.now) {
            return false;
        }
        self.phase = Phase::Wait { until: self.now + BUSY_PAUSE, step };
        true
    }

    /// What the SIM says it is, and how often a PIN may still be entered.
    fn sim_answered(&mut self, step: Step, active: &Active) -> Step {
        let lines = active.lines();
        match step {
            Step::PinTries => {
                self.sim.set_pin_tries(lines.iter().find_map(|line| reply::pin_tries(line)));
            }
            Step::Imsi => {
                self.sim.set_imsi(lines.iter().find_map(|line| reply::long_number(line)));
            }
            _ => {
                let iccid = lines.iter().find_map(|line| reply::iccid(line));
                self.sim.set_iccid(iccid, active.command());
            }
        }
        self.after(step)
    }

    /// Whether PDU mode is in force. Where `AT+CMGF?` is refused, the answer to `AT+CMGF=0` counts.
    fn pdu_mode_answered(&mut self, step: Step, active: &Active, ok: bool) -> Step {
        let value = active.value().filter(|_| ok);
        match step {
            Step::PduMode => {
                self.setup.set_pdu_mode(ok);
                return Step::PduModeCheck;
            }
            Step::PduModeCheck => {
                let mode = value.map(reply::numbers).unwrap_or_default();
                if let Some(mode) = mode.first() {
                    if self.setup.is_in_pdu_mode() && *mode != 0 {
                        self.needs.note_no_effect("AT+CMGF=0");
                    }
                    self.setup.set_pdu_mode(*mode == 0);
                }
                if !self.setup.is_in_pdu_mode() {
                    return Step::PduModeOffer;
                }
            }
            _ => {
                let offer = value.map(reply::Choices::parse);
                if offer.is_some_and(|offer| offer.has(1) && !offer.has(0)) {
                    self.needs.has_text_mode_only();
                }
            }
        }
        self.after(step)
    }

    /// Which message service is offered, and in force.
    fn service_answered(&mut self, step: Step, active: &Active, ok: bool) -> Step {
        match step {
            Step::ServiceOffer => {
                let offer = active.value().filter(|_| ok).map(reply::Choices::parse);
                let has_acknowledged = offer.as_ref().is_some_and(|offer| offer.has(1));
                if offer.is_some_and(|offer| !offer.is_empty()) && !has_acknowledged {
                    return Step::Service(0);
                }
                self.setup.set_offers_acknowledging(has_acknowledged);
                return Step::Service(1);
            }
            Step::Service(1) if !ok => return Step::Service(0),
            Step::Service(_) if !ok => return Step::ServiceCheck,
            Step::Service(value) => self.setup.set_service(Some(value)),
            _ => {
                let value = active.value().filter(|_| ok).map(reply::numbers).unwrap_or_default();
                self.setup.set_service(value.first().copied());
            }
        }
        self.after(step)
    }

    /// Which memories are offered, and used.
    fn storage_answered(&mut self, step: Step, active: &Active, ok: bool) -> Step {
        let value = active.value().filter(|_| ok);
        match step {
            Step::Select(at) => return self.storage_selected(at, active, ok),
            Step::StorageOffer => {
                let offer = value.map(reply::storage_offer).unwrap_or_default();
                self.memories.set_offer(offer, self.device.profile());
            }
            _ => match value.and_then(reply::storage_selection) {
                Some((memories, used)) => self.memories.select(&memories, Some(used)),
                None => self.memories.select_unnamed(),
            },
        }
        self.after(step)
    }

    /// How messages can be announced, and are.
    fn announcing_answered(&mut self, step: Step, active: &Active, ok: bool) -> Step {
        match step {
            Step::AnnounceOffer => {
                let offer = active.value().filter(|_| ok).and_then(AnnounceOffer::parse);
                let stores = self.memories.keeps_messages();
                let profile = self.device.profile();
                self.setup.set_announce_offer(profile, offer.as_ref(), stores);
            }
            Step::Announce(at) if ok => return Step::AnnounceCheck(at),
            Step::Announce(at) if self.setup.announce_candidate(at + 1).is_some() => {
                return Step::Announce(at + 1);
            }
            Step::AnnounceCheck(at) => return self.announcing_known(at, active, ok),
            _ => {}
        }
        self.after(step)
    }

    /// Whether the modem tells its registration by itself, and when asked.
    fn registration_answered(&mut self, step: Step, active: &Active, ok: bool) -> Step {
        match step {
            Step::Watch(at, 2) if !ok => return Step::Watch(at, 1),
            Step::Watch(at, _) => {
                if let Some(domain) = DOMAINS.get(at) {
                    // Even where unsolicited lines are refused, the question may be answered.
                    self.network.may_have(*domain);
                }
            }
            Step::Registered(at) => {
                let line = active.value().and_then(RegistrationLine::parse).filter(|_| ok);
                if let Some(domain) = DOMAINS.get(at) {
                    self.network.answered(*domain, line);
                }
            }
            _ => {}
        }
        self.after(step)
    }

    /// Takes the answer to `AT+CNMI?`. A modem that said `OK` and does something else is told the next values, while
    /// there are any.
    fn announcing_known(&mut self, at: usize, active: &Active, ok: bool) -> Step {
        let asked = self.setup.announce_candidate(at).unwrap_or_default().to_vec();
        let read = active.value().filter(|_| ok).map(reply::numbers);
        let read = read.filter(|values| values.len() >= 4);
        let has_effect = read.as_ref().is_none_or(|values| values.get(1..4) == asked.get(1..4));
        if !has_effect && self.setup.announce_candidate(at + 1).is_some() {
            self.needs.note_no_effect(&command::announce(&asked));
            return Step::Announce(at + 1);
        }
        self.setup.set_announcing(read.unwrap_or(asked));
        self.after(Step::AnnounceCheck(at))
    }

    /// Takes the answer to `AT+CPMS=…`.
    fn storage_selected(&mut self, at: usize, active: &Active, ok: bool) -> Step {
        let used = active.value().and_then(StorageUse::parse);
        // Some SIMs have no room for messages at all.
        let usable = ok && used.is_none_or(|used| used.total > 0);
        if ok && !usable {
            self.memories.note_no_room();
        }
        if usable && self.memories.select_candidate(at, used) {
            return Step::AnnounceOffer;
        }
        if self.memories.candidate(at + 1).is_some() {
            return Step::Select(at + 1);
        }
        if !self.memories.has_no_room() {
            return Step::SelectCheck;
        }
        self.memories.select_unnamed();
        Step::AnnounceOffer
    }

    /// Takes the answer to `AT+CSCA?`.
    fn centre_known(&mut self, step: Step, active: &Active, ok: bool) -> Step {
        self.network.centre_read(active.value().filter(|_| ok));
        let said = self.said_centre();
        let differs = said.is_some() && said != self.network.centre();
        if step == Step::Centre && differs { Step::CentreSet } else { Step::Callers }
    }

    /// The last step is done.
    fn boot_done(&mut self) {
        self.sim.set_blocker(self.config.flight_mode.then_some(Blocker::FlightMode));
        let centre = self.network.centre().map(str::to_owned);
        self.sim_known(centre);
        self.phase = Phase::Run;
        self.health.set_up();
        self.needs.met();
        self.setup.doubt_pdu_mode_where_echo_stays();
        self.begin_idle();
    }
}
