//! Setting a modem up, one question at a time; each step is tolerant and its result recorded.
//!
//! `ATZ` and `AT&F` are not used: they cost seconds on some modems and undo what was set. No step waits for
//! silence: a modem that answers at once is ready after about thirty commands.

use std::time::{Duration, Instant};

use at::reply::{self, AnnounceOffer, RegistrationLine, SimLock, StorageUse};
use at::{ErrorClass, Final};

use super::Modem;
use super::active::Active;
use super::announce::announce_candidates;
use super::needs::announces_all;
use super::network::DOMAINS;
use super::phase::Phase;
use super::pin::Blocker;
use super::receive::nothing_is_withheld;
use super::task::{Need, Step, Task};

const POWER: Duration = Duration::from_secs(15);
/// How long a SIM may be busy after the start before it counts as ill.
const BUSY_LIMIT: Duration = Duration::from_secs(30);
const BUSY_PAUSE: Duration = Duration::from_millis(500);

/// What the boot in progress has found out, and a few things that outlive it.
#[derive(Debug)]
pub(super) struct BootFacts {
    /// The modem answers in numbers.
    pub(super) numeric: bool,
    /// PDU mode was confirmed, and nothing has happened since then that may have ended it.
    pub(super) pdu_mode: bool,
    /// The need that the step before served.
    pub(super) serving: Option<Need>,
    /// What was refused last to a step of a need.
    pub(super) refusal: Option<String>,
    /// The modem offers acknowledgements.
    pub(super) offers_acknowledging: bool,
    /// The modem has said which message service is in force.
    pub(super) service_known: bool,
    /// The modem has said where it stores messages, or that it has no room for any.
    pub(super) storage_known: bool,
    /// The modem does not say that it cannot announce messages and give reports.
    pub(super) offers_to_announce: bool,
    /// Acknowledgements are wanted (`+CSMS: 1`).
    pub(super) acknowledges: bool,
    /// How messages are announced, as read back.
    pub(super) announcing: Option<Vec<u8>>,
    /// What to try for that, best first.
    pub(super) announce_candidates: Vec<Vec<u8>>,
    pub(super) storage_candidates: Vec<Vec<String>>,
    pub(super) said: String,
    /// The IMEI, when `ATI` has it.
    pub(super) imei_in_info: Option<String>,
    pub(super) iccid: Option<String>,
    /// The command that read it.
    pub(super) iccid_command: Option<String>,
    pub(super) imsi: Option<String>,
    pub(super) pin_tries: Option<u8>,
    pub(super) busy_since: Option<Instant>,
    pub(super) pin_entered: bool,
    pub(super) sms_ready: bool,
    /// Whose the messages are that come in.
    pub(super) sim_read: bool,
    /// The modem cannot be kept from repeating what is written to it.
    pub(super) echo_stays: bool,
}

impl BootFacts {
    pub(super) fn new() -> Self {
        Self {
            numeric: false,
            pdu_mode: false,
            serving: None,
            refusal: None,
            offers_acknowledging: false,
            service_known: false,
            storage_known: false,
            offers_to_announce: false,
            acknowledges: false,
            announcing: None,
            announce_candidates: Vec::new(),
            storage_candidates: Vec::new(),
            said: String::new(),
            imei_in_info: None,
            iccid: None,
            iccid_command: None,
            imsi: None,
            pin_tries: None,
            busy_since: None,
            pin_entered: false,
            sms_ready: false,
            sim_read: false,
            echo_stays: false,
        }
    }

    /// Another SIM may be in it.
    pub(super) fn forget_sim(&mut self) {
        self.iccid = None;
        self.imsi = None;
        self.pin_tries = None;
        self.pin_entered = false;
        self.busy_since = None;
        self.serving = None;
        self.sim_read = false;
    }
}

impl Modem {
    /// From the beginning: find the modem, then set it up.
    pub(super) fn begin_boot(&mut self) {
        self.boot = BootFacts::new();
        self.outbox.forget_refusals();
        self.agenda.forget_wanted();
        self.blocker = None;
        self.network.forget();
        self.begin_sync();
    }

    /// Writes the command of a step, or passes over it.
    pub(super) fn run_boot(&mut self, step: Step) {
        let mut step = step;
        // Each pass either starts a command, waits, or goes to a later step.
        for _ in 0..64 {
            self.phase = Phase::Boot(step);
            if !self.may_go_on_to(step) {
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

    /// A step's command was answered.
    pub(super) fn boot_answered(&mut self, step: Step, active: &Active, result: &Final) {
        let busy = result.class() == Some(ErrorClass::Busy);
        if busy && step.needs_sim() && self.wait_for_sim(step) {
            return;
        }
        if !busy && !matches!(step, Step::Lock | Step::EnterPin) {
            self.boot.busy_since = None;
        }
        let ok = result.is_ok();
        if step.need().is_some() && !ok {
            self.note_refusal(active, Some(result));
        }
        let next = match step {
            Step::Power => self.power_known(active),
            Step::Info | Step::Manufacturer | Step::Model | Step::Revision | Step::Serial(_) => {
                self.keep_identity(step, active.lines());
                self.after(step)
            }
            Step::EarlyIccid(_) | Step::Iccid(_) => {
                self.boot.iccid = active.lines().iter().find_map(|line| reply::iccid(line));
                if self.boot.iccid.is_some() {
                    self.boot.iccid_command = Some(active.command().to_owned());
                }
                self.after(step)
            }
            Step::PinTries => {
                self.boot.pin_tries = active.lines().iter().find_map(|line| reply::pin_tries(line));
                self.after(step)
            }
            Step::Imsi => {
                self.boot.imsi = active.lines().iter().find_map(|line| reply::long_number(line));
                self.after(step)
            }
            Step::Lock => match self.lock_known(active, result) {
                Some(next) => next,
                None => return,
            },
            Step::EnterPin => match self.pin_answered(result) {
                Some(next) => next,
                None => return,
            },
            Step::PduMode => {
                self.boot.pdu_mode = ok;
                Step::PduModeCheck
            }
            Step::PduModeCheck => self.pdu_mode_checked(active, ok),
            Step::PduModeOffer => {
                let offer = active.value().filter(|_| ok).map(reply::Choices::parse);
                if offer.is_some_and(|offer| offer.has(1) && !offer.has(0)) {
                    self.needs.has_text_mode_only();
                }
                self.after(step)
            }
            Step::ServiceOffer => match active.value().map(reply::Choices::parse) {
                Some(choices) if ok && !choices.is_empty() && !choices.has(1) => Step::Service(0),
                choices => {
                    self.boot.offers_acknowledging = ok && choices.is_some_and(|c| c.has(1));
                    Step::Service(1)
                }
            },
            Step::Service(1) if !ok => Step::Service(0),
            Step::Service(0) if !ok => Step::ServiceCheck,
            Step::Service(value) => {
                self.boot.acknowledges = value == 1;
                self.boot.service_known = true;
                self.after(step)
            }
            Step::ServiceCheck => {
                let value = active.value().filter(|_| ok).map(reply::numbers).unwrap_or_default();
                self.boot.acknowledges = value.first() == Some(&1);
                self.boot.service_known = !value.is_empty();
                self.after(step)
            }
            Step::Withheld => {
                if !nothing_is_withheld(result) {
                    self.agenda.watch_announcing(self.now);
                }
                self.after(step)
            }
            Step::StorageOffer => {
                let offer = active.value().filter(|_| ok).map(reply::storage_offer);
                self.memories.set_offer(offer.unwrap_or_default());
                self.boot.storage_candidates = self.memories.candidates(&self.profile);
                self.after(step)
            }
            Step::Select(at) => self.storage_selected(at, active, ok),
            Step::SelectCheck => {
                let selection = active.value().filter(|_| ok).and_then(reply::storage_selection);
                if let Some((memories, used)) = selection {
                    self.memories.select(&memories, Some(used));
                    self.boot.storage_known = true;
                } else {
                    self.memories.select_unnamed();
                }
                self.after(step)
            }
            Step::AnnounceOffer => {
                let offer = active.value().filter(|_| ok).and_then(AnnounceOffer::parse);
                let stores = self.memories.keeps_messages();
                let candidates = announce_candidates(&self.profile, offer.as_ref(), stores);
                // What is known of the model goes before what the modem says.
                let best = candidates.first().filter(|_| !self.profile.announce.is_empty());
                self.boot.offers_to_announce = best.is_none_or(|values| announces_all(values))
                    && offer.is_none_or(|offer| offer.has_announcing_and_reports());
                self.boot.announce_candidates = candidates;
                self.after(step)
            }
            Step::Announce(at) if ok => Step::AnnounceCheck(at),
            Step::Announce(at) if at + 1 < self.boot.announce_candidates.len() => {
                Step::Announce(at + 1)
            }
            Step::AnnounceCheck(at) => self.announcing_known(at, active, ok),
            Step::Watch(at, 2) if !ok => Step::Watch(at, 1),
            Step::Watch(at, _) => {
                if let Some(domain) = DOMAINS.get(at) {
                    // Even where unsolicited lines are refused, the question may be answered.
                    self.network.may_have(*domain);
                }
                self.after(step)
            }
            Step::Registered(at) => {
                let line = active.value().and_then(RegistrationLine::parse).filter(|_| ok);
                if let Some(domain) = DOMAINS.get(at) {
                    self.network.answered(*domain, line);
                }
                self.after(step)
            }
            Step::Centre | Step::CentreCheck => self.centre_known(step, active, ok),
            Step::CentreSet => Step::CentreCheck,
            _ => self.after(step),
        };
        if matches!(self.phase, Phase::Boot(_)) {
            self.phase = Phase::Boot(next);
        }
    }

    /// A step's command was not answered in time: the line is brought in step, then it is asked once more. At the
    /// second time it counts as refused. What the rest makes no sense without is asked again and again.
    pub(super) fn boot_ran_out(&mut self, step: Step, active: &Active) {
        if matches!(step, Step::Lock | Step::EnterPin) {
            self.resync_to(&Phase::Boot(Step::Lock));
            return;
        }
        self.link.note_missed(active.command());
        if self.link.is_muted(active.command()) {
            self.boot_answered(step, active, &Final::Error);
        }
        let phase = self.phase.clone();
        self.resync_to(&phase);
    }

    /// `+CFUN`: 1 is full, 0 off, 4 flight mode.
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

    /// The SIM is busy: the step again in half a second, for half a minute. `false` when that is over.
    pub(super) fn wait_for_sim(&mut self, step: Step) -> bool {
        let since = *self.boot.busy_since.get_or_insert(self.now);
        if self.now >= since + BUSY_LIMIT {
            return false;
        }
        self.phase = Phase::Wait { until: self.now + BUSY_PAUSE, step };
        true
    }

    /// The answer to `AT+CMGF?`. What `AT+CMGF=0` was answered counts where this is refused.
    fn pdu_mode_checked(&mut self, active: &Active, ok: bool) -> Step {
        let mode = active.value().filter(|_| ok).map(reply::numbers).unwrap_or_default();
        if let Some(mode) = mode.first() {
            if self.boot.pdu_mode && *mode != 0 {
                self.boot.refusal = Some("AT+CMGF=0 has no effect".to_owned());
            }
            self.boot.pdu_mode = *mode == 0;
        }
        if self.boot.pdu_mode { self.after(Step::PduModeCheck) } else { Step::PduModeOffer }
    }

    fn storage_selected(&mut self, at: usize, active: &Active, ok: bool) -> Step {
        let used = active.value().and_then(StorageUse::parse);
        // Some SIMs have no room for messages at all.
        let usable = ok && used.is_none_or(|used| used.total > 0);
        if ok && !usable {
            self.memories.note_no_room();
        }
        if usable && let Some(memories) = self.boot.storage_candidates.get(at) {
            self.memories.select(memories, used);
            self.boot.storage_known = true;
            return Step::AnnounceOffer;
        }
        if at + 1 < self.boot.storage_candidates.len() {
            return Step::Select(at + 1);
        }
        if !self.memories.has_no_room() {
            return Step::SelectCheck;
        }
        self.memories.select_unnamed();
        self.boot.storage_known = true;
        Step::AnnounceOffer
    }

    fn centre_known(&mut self, step: Step, active: &Active, ok: bool) -> Step {
        self.network.centre_read(active.value().filter(|_| ok));
        let said = self.said_centre();
        let differs = said.is_some() && said != self.network.centre();
        if step == Step::Centre && differs { Step::CentreSet } else { Step::Callers }
    }

    fn boot_done(&mut self) {
        self.blocker = self.config.flight_mode.then_some(Blocker::FlightMode);
        let centre = self.network.centre().map(str::to_owned);
        self.sim_known(centre);
        self.phase = Phase::Run;
        self.health.set_up();
        self.needs.met();
        // Where the echo cannot be turned off, it tells of no restart: the mode is told before each PDU.
        self.boot.pdu_mode &= !self.boot.echo_stays;
        self.begin_idle();
    }

    /// The lock is open: `+CPIN: READY`.
    pub(super) fn lock_open(&mut self) -> Step {
        self.boot.busy_since = None;
        self.blocker = None;
        Step::InitSim(0)
    }

    pub(super) fn lock_of(active: &Active) -> Option<SimLock> {
        active.lines().iter().find_map(|line| reply::value(line, "+CPIN")).map(SimLock::parse)
    }
}
