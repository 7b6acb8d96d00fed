//! Setting a modem up, one question at a time; each step is tolerant and its result recorded.
//!
//! `ATZ` and `AT&F` are not used: they cost seconds on some modems and undo what was set. No step waits for
//! silence: a modem that answers at once is ready after about thirty commands.

use std::time::{Duration, Instant};

use at::reply::{self, AnnounceOffer, RegistrationLine, SimLock, StorageUse};
use at::{ErrorClass, Final, command};

use super::Modem;
use super::network::DOMAINS;
use super::phase::Phase;
use super::pin::Blocker;
use super::talk::{Active, Task};
use crate::event::{Event, SimIdentity};
use crate::models::Profile;

/// Most commands.
pub(super) const SHORT: Duration = Duration::from_secs(5);
const POWER: Duration = Duration::from_secs(15);
const PIN: Duration = Duration::from_secs(20);
/// How long a SIM may be busy after the start before it counts as ill.
const BUSY_LIMIT: Duration = Duration::from_secs(30);
const BUSY_PAUSE: Duration = Duration::from_millis(500);

/// Commands that read the ICCID, in the order in which they are tried.
const ICCID: [&str; 6] = ["AT+CCID", "AT^ICCID?", "AT+QCCID", "AT+ICCID", "AT+CICCID", "AT#CCID"];

/// One question of the boot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Echo,
    Verbose,
    Errors,
    Power,
    PowerSet,
    Info,
    Manufacturer,
    Model,
    Revision,
    Serial,
    Init(usize),
    Lock,
    EarlyIccid(usize),
    PinTries,
    EnterPin,
    InitSim(usize),
    Imsi,
    Iccid(usize),
    PduMode,
    ServiceOffer,
    Service(u8),
    StorageOffer,
    Select(usize),
    AnnounceOffer,
    Announce(usize),
    AnnounceCheck(usize),
    Watch(usize, u8),
    Registered(usize),
    Centre,
    CentreSet,
    CentreCheck,
    Callers,
    Done,
}

impl Step {
    /// The answer is bare text without a name.
    pub(super) fn answers_freely(self) -> bool {
        matches!(
            self,
            Self::Info
                | Self::Manufacturer
                | Self::Model
                | Self::Revision
                | Self::Serial
                | Self::Imsi
                | Self::Iccid(_)
                | Self::EarlyIccid(_)
                | Self::PinTries
                | Self::Lock
        )
    }

    /// Needs the SIM: a busy SIM is waited for.
    fn needs_sim(self) -> bool {
        matches!(
            self,
            Self::Imsi
                | Self::PduMode
                | Self::ServiceOffer
                | Self::Service(_)
                | Self::StorageOffer
                | Self::Select(_)
                | Self::AnnounceOffer
                | Self::Announce(_)
                | Self::Centre
                | Self::CentreSet
        )
    }
}

/// What the boot in progress has found out, and a few things that outlive it.
#[derive(Debug)]
pub(super) struct BootFacts {
    /// When the port was opened.
    pub(super) opened_at: Instant,
    /// When something was done after which a modem says `SMS Ready`.
    pub(super) start_expected_at: Instant,
    /// The modem answers in numbers.
    pub(super) numeric: bool,
    /// Acknowledgements are wanted (`+CSMS: 1`).
    pub(super) acknowledges: bool,
    /// How messages are announced, as read back.
    pub(super) announcing: Option<Vec<u8>>,
    /// What to try for that, best first.
    announce_candidates: Vec<Vec<u8>>,
    storage_candidates: Vec<Vec<String>>,
    said: String,
    pub(super) iccid: Option<String>,
    /// The command that read it.
    pub(super) iccid_command: Option<String>,
    imsi: Option<String>,
    pub(super) pin_tries: Option<u8>,
    busy_since: Option<Instant>,
    pub(super) pin_entered: bool,
    pub(super) sms_ready: bool,
    /// The modem cannot be kept from repeating what is written to it.
    pub(super) echo_stays: bool,
    /// `+CMMS`: tried, and whether the modem has it.
    pub(super) keeps_link: Option<bool>,
}

impl BootFacts {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            opened_at: now,
            start_expected_at: now,
            numeric: false,
            acknowledges: false,
            announcing: None,
            announce_candidates: Vec::new(),
            storage_candidates: Vec::new(),
            said: String::new(),
            iccid: None,
            iccid_command: None,
            imsi: None,
            pin_tries: None,
            busy_since: None,
            pin_entered: false,
            sms_ready: false,
            echo_stays: false,
            keeps_link: None,
        }
    }

    /// Another SIM may be in it.
    pub(super) fn forget_sim(&mut self) {
        self.iccid = None;
        self.imsi = None;
        self.pin_tries = None;
        self.pin_entered = false;
        self.busy_since = None;
    }
}

impl Modem {
    /// From the beginning: find the modem, then set it up.
    pub(super) fn begin_boot(&mut self) {
        let opened_at = self.boot.opened_at;
        let start_expected_at = self.boot.start_expected_at;
        self.boot = BootFacts::new(self.now);
        self.boot.opened_at = opened_at;
        self.boot.start_expected_at = start_expected_at;
        self.wanted = None;
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
            match self.boot_command(step).filter(|(text, _)| !self.is_muted(text)) {
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

    /// The command of a step; `None` when it is not needed.
    fn boot_command(&mut self, step: Step) -> Option<(String, Duration)> {
        let short = |text: &str| Some((text.to_owned(), SHORT));
        match step {
            Step::Echo => short("ATE0"),
            Step::Verbose => self.boot.numeric.then(|| ("ATV1".to_owned(), SHORT)),
            Step::Errors => short("AT+CMEE=1"),
            Step::Power => short("AT+CFUN?"),
            Step::Info => short("ATI"),
            Step::Manufacturer => short("AT+CGMI"),
            Step::Model => short("AT+CGMM"),
            Step::Revision => short("AT+CGMR"),
            Step::Serial => short("AT+CGSN"),
            Step::Init(at) => Some((self.profile.init.get(at)?.clone(), SHORT)),
            Step::Lock => short("AT+CPIN?"),
            Step::EarlyIccid(at) | Step::Iccid(at) => {
                if self.boot.iccid.is_some() {
                    return None;
                }
                Some((self.iccid_commands().get(at)?.clone(), SHORT))
            }
            Step::PinTries => {
                let command = self.profile.pin_tries.clone();
                Some((command.unwrap_or_else(|| "AT+CPINR=\"SIM PIN\"".to_owned()), SHORT))
            }
            Step::EnterPin => self.pin_command().map(|text| (text, PIN)),
            Step::PowerSet | Step::Done => None,
            Step::InitSim(at) => Some((self.profile.init_sim.get(at)?.clone(), SHORT)),
            Step::Imsi => short("AT+CIMI"),
            Step::PduMode => short("AT+CMGF=0"),
            Step::ServiceOffer => short("AT+CSMS=?"),
            Step::Service(value) => Some((format!("AT+CSMS={value}"), SHORT)),
            Step::StorageOffer => short("AT+CPMS=?"),
            Step::Select(at) => {
                let memories = self.boot.storage_candidates.get(at)?;
                Some((command::select_storage(memories), SHORT))
            }
            Step::AnnounceOffer => short("AT+CNMI=?"),
            Step::Announce(at) => {
                Some((command::announce(self.boot.announce_candidates.get(at)?), SHORT))
            }
            Step::AnnounceCheck(_) => short("AT+CNMI?"),
            Step::Watch(at, value) => {
                Some((format!("AT{}={value}", DOMAINS.get(at)?.name()), SHORT))
            }
            Step::Registered(at) => {
                let domain = *DOMAINS.get(at)?;
                self.network.has(domain).then(|| (format!("AT{}?", domain.name()), SHORT))
            }
            Step::Centre | Step::CentreCheck => short("AT+CSCA?"),
            Step::CentreSet => {
                let number = self.config.smsc.clone()?;
                Some((command::set_service_centre(&number), SHORT))
            }
            Step::Callers => short("AT+CLIP=1"),
        }
    }

    /// Where to go when a step has no command, or its answer changes nothing.
    fn after(&mut self, step: Step) -> Step {
        match step {
            Step::Echo => Step::Verbose,
            Step::Verbose => Step::Errors,
            Step::Errors => Step::Power,
            Step::Power | Step::PowerSet => Step::Info,
            Step::Info => Step::Manufacturer,
            Step::Manufacturer => Step::Model,
            Step::Model => Step::Revision,
            Step::Revision => Step::Serial,
            Step::Serial => {
                self.identified();
                Step::Init(0)
            }
            Step::Init(at) if at + 1 < self.profile.init.len() => Step::Init(at + 1),
            Step::EarlyIccid(at) if self.boot.iccid.is_none() && at + 1 < ICCID.len() => {
                Step::EarlyIccid(at + 1)
            }
            Step::EarlyIccid(_) => Step::PinTries,
            Step::PinTries => Step::EnterPin,
            Step::Init(_) | Step::EnterPin => Step::Lock,
            Step::Lock => Step::InitSim(0),
            Step::InitSim(at) if at + 1 < self.profile.init_sim.len() => Step::InitSim(at + 1),
            Step::InitSim(_) => Step::Imsi,
            Step::Imsi => Step::Iccid(0),
            Step::Iccid(at) if self.boot.iccid.is_none() && at + 1 < ICCID.len() => {
                Step::Iccid(at + 1)
            }
            Step::Iccid(_) => Step::PduMode,
            Step::PduMode => Step::ServiceOffer,
            Step::ServiceOffer => Step::Service(1),
            Step::Service(_) => Step::StorageOffer,
            Step::StorageOffer => Step::Select(0),
            Step::Select(_) => Step::AnnounceOffer,
            Step::AnnounceOffer => Step::Announce(0),
            Step::Announce(_) | Step::AnnounceCheck(_) => Step::Watch(0, 2),
            Step::Watch(at, _) if at + 1 < DOMAINS.len() => Step::Watch(at + 1, 2),
            Step::Watch(..) => Step::Registered(0),
            Step::Registered(at) if at + 1 < DOMAINS.len() => Step::Registered(at + 1),
            Step::Registered(_) => Step::Centre,
            Step::Centre | Step::CentreSet | Step::CentreCheck => Step::Callers,
            Step::Callers | Step::Done => Step::Done,
        }
    }

    /// A step's command was answered.
    pub(super) fn boot_answered(&mut self, step: Step, active: &Active, result: &Final) {
        if step.needs_sim() && class(result) == Some(ErrorClass::Busy) && self.wait_for_sim(step) {
            return;
        }
        if !matches!(step, Step::Lock | Step::EnterPin) {
            self.boot.busy_since = None;
        }
        let ok = result.is_ok();
        let next = match step {
            Step::Power => self.power_known(active),
            Step::Info | Step::Manufacturer | Step::Model | Step::Revision | Step::Serial => {
                self.keep_identity(step, &active.lines);
                self.after(step)
            }
            Step::EarlyIccid(_) | Step::Iccid(_) => {
                self.boot.iccid = active.lines.iter().find_map(|line| reply::iccid(line));
                if self.boot.iccid.is_some() {
                    self.boot.iccid_command = Some(active.command.clone());
                }
                self.after(step)
            }
            Step::PinTries => {
                self.boot.pin_tries = active.lines.iter().find_map(|line| reply::pin_tries(line));
                self.after(step)
            }
            Step::Imsi => {
                self.boot.imsi = active.lines.iter().find_map(|line| reply::long_number(line));
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
            Step::ServiceOffer => match active.value().map(reply::Choices::parse) {
                Some(choices) if ok && !choices.is_empty() && !choices.has(1) => Step::Service(0),
                _ => Step::Service(1),
            },
            Step::Service(1) if !ok => Step::Service(0),
            Step::Service(value) => {
                self.boot.acknowledges = ok && value == 1;
                self.after(step)
            }
            Step::StorageOffer => {
                let offer = active.value().filter(|_| ok).map(reply::storage_offer);
                self.storage.offer = offer.unwrap_or_default();
                self.storage.has_no_room = false;
                self.boot.storage_candidates = self.storage.candidates(&self.profile);
                self.after(step)
            }
            Step::Select(at) => self.storage_selected(at, active, ok),
            Step::AnnounceOffer => {
                let offer = active.value().filter(|_| ok).and_then(AnnounceOffer::parse);
                let stores = self.storage.selected.is_some();
                self.boot.announce_candidates =
                    announce_candidates(&self.profile, offer.as_ref(), stores);
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
        self.mute(&active.command, 1);
        if self.is_muted(&active.command) {
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
            self.boot.start_expected_at = self.now;
            self.phase = Phase::Boot(Step::PowerSet);
            self.start(format!("AT+CFUN={wanted}"), Task::Boot(Step::PowerSet), POWER);
            return Step::PowerSet;
        }
        Step::Info
    }

    fn keep_identity(&mut self, step: Step, lines: &[String]) {
        let text = lines
            .iter()
            .map(|line| match reply::name(line) {
                Some(name) => line[name.len() + 1..].trim().trim_matches('"').to_owned(),
                None => line.clone(),
            })
            .collect::<Vec<_>>();
        let joined = text.join(" ");
        match step {
            Step::Manufacturer => self.identity.manufacturer = joined,
            Step::Model => self.identity.model = joined,
            Step::Revision => self.identity.revision = joined,
            Step::Serial => {
                self.identity.imei = lines.iter().find_map(|line| reply::long_number(line));
                return;
            }
            _ => {}
        }
        self.boot.said.push_str(&text.join("\n"));
        self.boot.said.push('\n');
    }

    /// All that the modem says of itself is known: choose the profile.
    fn identified(&mut self) {
        let profile = self.config.models.find(&self.boot.said);
        self.identity.profile = profile.map(|profile| profile.name.clone());
        self.profile = profile.cloned().unwrap_or_default();
        self.ussd_coding = self.profile.ussd.into();
        self.event(Event::Identity(self.identity.clone()));
    }

    fn iccid_commands(&self) -> Vec<String> {
        let own = self.profile.iccid.iter().cloned();
        let known = ICCID.iter().map(|text| (*text).to_owned());
        own.chain(known.filter(|text| self.profile.iccid.as_ref() != Some(text))).collect()
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

    fn storage_selected(&mut self, at: usize, active: &Active, ok: bool) -> Step {
        let used = active.value().and_then(StorageUse::parse);
        // Some SIMs have no room for messages at all.
        let usable = ok && used.is_none_or(|used| used.total > 0);
        self.storage.has_no_room |= ok && !usable;
        if usable && let Some(memories) = self.boot.storage_candidates.get(at) {
            self.storage.select(memories, used);
            return Step::AnnounceOffer;
        }
        if at + 1 < self.boot.storage_candidates.len() {
            return Step::Select(at + 1);
        }
        // Where the modem lets nothing be chosen, it has chosen itself.
        self.storage.selected = (!self.storage.has_no_room).then(String::new);
        Step::AnnounceOffer
    }

    fn announcing_known(&mut self, at: usize, active: &Active, ok: bool) -> Step {
        let asked = self.boot.announce_candidates.get(at).cloned().unwrap_or_default();
        let read = active.value().filter(|_| ok).map(reply::numbers);
        match read.filter(|values| values.len() >= 4) {
            // The modem said OK and does something else: the next one, while there is one.
            Some(values)
                if values.get(1..4) != asked.get(1..4)
                    && at + 1 < self.boot.announce_candidates.len() =>
            {
                return Step::Announce(at + 1);
            }
            Some(values) => self.boot.announcing = Some(values),
            None => self.boot.announcing = Some(asked),
        }
        self.after(Step::AnnounceCheck(at))
    }

    fn centre_known(&mut self, step: Step, active: &Active, ok: bool) -> Step {
        self.network.centre_read(active.value().filter(|_| ok));
        let configured = self.config.smsc.as_deref();
        let differs = configured.is_some() && configured != self.network.centre();
        if step == Step::Centre && differs { Step::CentreSet } else { Step::Callers }
    }

    fn boot_done(&mut self) {
        self.blocker = self.config.flight_mode.then_some(Blocker::FlightMode);
        self.sim_known();
        self.phase = Phase::Run;
        self.reopened = 0;
        self.begin_idle();
    }

    /// Tells what the SIM is, and whether it is another one than before.
    fn sim_known(&mut self) {
        let before = self.sim.take();
        let same_sim =
            before.as_ref().is_none_or(|before| match (&before.iccid, &self.boot.iccid) {
                (Some(old), Some(new)) => old == new,
                _ => {
                    before.imsi.is_none()
                        || self.boot.imsi.is_none()
                        || before.imsi == self.boot.imsi
                }
            });
        let known_number = before.as_ref().filter(|_| same_sim).and_then(|sim| sim.number.clone());
        let sim = SimIdentity {
            iccid: self.boot.iccid.clone(),
            imsi: self.boot.imsi.clone(),
            number: self.config.number.clone().or(known_number),
            smsc: self.network.centre().map(str::to_owned),
        };
        if before.as_ref() != Some(&sim) {
            self.event(Event::Sim(sim.clone()));
        }
        self.sim = Some(sim);
        if !same_sim {
            self.storage.forget_slots();
            self.handed.clear();
            self.event(Event::SimChanged);
        }
    }

    /// The lock is open: `+CPIN: READY`.
    pub(super) fn lock_open(&mut self) -> Step {
        self.boot.busy_since = None;
        self.blocker = None;
        Step::InitSim(0)
    }

    pub(super) fn lock_of(active: &Active) -> Option<SimLock> {
        active.lines.iter().find_map(|line| reply::value(line, "+CPIN")).map(SimLock::parse)
    }
}

/// The class of a refusal.
pub(super) fn class(result: &Final) -> Option<ErrorClass> {
    match result {
        Final::Cms(error) => Some(error.class()),
        Final::Cme(error) => Some(error.class()),
        _ => None,
    }
}

/// `AT+CNMI` values to try, best first (facts: stored messages announced, reports directly).
fn announce_candidates(
    profile: &Profile,
    offer: Option<&AnnounceOffer>,
    stores: bool,
) -> Vec<Vec<u8>> {
    let mut list: Vec<Vec<u8>> = profile
        .announce
        .iter()
        .map(|text| text.split(',').filter_map(|part| part.trim().parse().ok()).collect())
        .filter(|values: &Vec<u8>| values.len() >= 2)
        .collect();
    let messages: [u8; 3] = if stores { [1, 2, 0] } else { [2, 1, 0] };
    if let Some(offer) = offer {
        let zero_or_one = |at| u8::from(offer.has(at, 1) && !offer.has(at, 0));
        for message in messages.into_iter().filter(|value| offer.has(1, *value)) {
            for report in [1, 2, 0].into_iter().filter(|value| offer.has(3, *value)) {
                for mode in [2, 1, 3].into_iter().filter(|value| offer.has(0, *value)) {
                    let values = [mode, message, zero_or_one(2), report, zero_or_one(4)];
                    list.push(values[..offer.parameters().min(5)].to_vec());
                }
            }
        }
    }
    // Where the offer cannot be read, or is not kept to.
    for values in [
        [2, 1, 0, 1, 0],
        [2, 1, 0, 2, 0],
        [2, 1, 0, 0, 0],
        [1, 1, 0, 1, 0],
        [1, 1, 0, 0, 0],
        [3, 1, 0, 1, 0],
        [2, 2, 0, 1, 0],
        [1, 2, 0, 1, 0],
        [1, 2, 0, 0, 0],
    ] {
        list.push(values.to_vec());
    }
    let mut seen = std::collections::HashSet::new();
    list.retain(|values| seen.insert(values.clone()));
    list.truncate(14);
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    fn best(offer: &str) -> Vec<u8> {
        let offer = AnnounceOffer::parse(offer).unwrap();
        announce_candidates(&Profile::default(), Some(&offer), true).remove(0)
    }

    #[test]
    fn stored_messages_and_direct_reports_first() {
        assert_eq!(best("(0-2),(0-3),(0,2,3),(0-2),(0,1)"), [2, 1, 0, 1, 0]);
        // Cinterion MC75i offers bfr 1 only (facts/modems.md, B4).
        assert_eq!(best("(0-3),(0,1),(0,2,3),(0,2),(1)"), [2, 1, 0, 2, 1]);
        assert_eq!(best("(0,1),(0,1),(0),(0,1),(0,1)"), [1, 1, 0, 1, 0]);
        assert_eq!(best("(3),(1),(0),(1),(0)"), [3, 1, 0, 1, 0]);
        assert_eq!(best("(2),(2),(0),(1),(1)"), [2, 2, 0, 1, 1]);
        assert_eq!(best("(0-2),(0-3),(0),(0,1)"), [2, 1, 0, 1]);
    }

    #[test]
    fn no_memory_means_direct() {
        let offer = AnnounceOffer::parse("(0-2),(0-3),(0),(0,1),(0)").unwrap();
        let list = announce_candidates(&Profile::default(), Some(&offer), false);
        assert_eq!(list[0], [2, 2, 0, 1, 0]);
    }
}
