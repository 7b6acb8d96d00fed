//! One modem as a sans-io state machine: bytes and time in, bytes, submissions and a deadline out.
//!
//! The pump is that of the other cores of this project: call a `handle_…` or an order, then
//! [`Machine::poll_output`] until it gives nothing, then wait for bytes or [`Machine::next_timeout`].
//! No I/O, no clock, no async: a modem is tried in virtual time.
//!
//! Lines of different origin keep the order in which they were said. An unsolicited line goes out
//! at once in every state, also between a command and its answer and at the `>` prompt, as real
//! modems do it and as drivers must expect.

mod answer;
mod board;
mod call;
mod command;
mod general;
mod line;
mod memory;
mod power;
mod radio;
mod receive;
mod settings;
mod sim;
mod speech;
mod storage;
mod submit;
mod text_mode;
mod typing;
mod ussd;

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use self::answer::Reply;
use self::board::Board;
use self::line::Line;
use self::memory::Memory;
use self::radio::Radio;
use self::receive::Unacknowledged;
use self::settings::Settings;
use self::sim::SimCard;
use self::submit::Pending;
use crate::config::{Interfaces, ModemConfig};
use crate::fault::{Fault, FaultRule, Stage};
use crate::make::{Profile, Role};

pub use self::receive::{Incoming, IncomingKind};
pub use self::sim::{DEFAULT_PIN, PUK};
pub use self::submit::Submission;

/// What a machine wants done.
#[derive(Debug, PartialEq, Eq)]
pub enum Output {
    /// Bytes for a port.
    Transmit {
        /// Index of the port.
        port: usize,
        /// The bytes.
        bytes: Vec<u8>,
    },
    /// The network gets a message.
    Submit(Submission),
    /// The modem can take what waits for it at the network.
    Available,
    /// The network gets back what the modem was given and nobody acknowledged.
    Returned(Incoming),
    /// The network sends the same once more ([`Fault::DuplicateMo`]).
    Again(Incoming),
    /// The network sends some message here now ([`Fault::MoDuringSubmit`]).
    Interrupt,
    /// The modem falls off its port.
    Unplug,
}

/// How a modem is, for lists.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Status {
    /// Powered and booted.
    pub running: bool,
    /// As `+CPIN?` has it; `NONE` without SIM.
    pub sim: String,
    /// `<stat>` of `+CREG?`.
    pub registration: u8,
    /// As `+CSQ` has it.
    pub signal: u8,
    /// Messages stored on the SIM.
    pub stored: usize,
    /// Slots of the SIM.
    pub slots: usize,
    /// Rupiah on the SIM.
    pub balance: u32,
    /// Messages the network took.
    pub accepted: u64,
    /// Submits that ended in an error.
    pub refused: u64,
    /// Messages and reports received.
    pub received: u64,
    /// `+CNMI` as it is.
    pub announcing: [u8; 5],
    /// How often nobody acknowledged in time, so that it stopped to announce.
    pub gave_up: u64,
    /// Faults set.
    pub faults: Vec<String>,
}

/// What asks for a PDU or text (TS 27.005, 3.5.1).
const PROMPT: &str = "\r\n> ";

/// What a machine waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Timer {
    /// A line of the boot, by its place in the profile.
    Boot(usize),
    /// The boot is over.
    Booted,
    /// The network is found.
    Camp,
    /// The prompt comes after all.
    Prompt(usize),
    /// A submit is through.
    Submit,
    /// The answer to a submit whose report was to come first.
    AnswerAnyway,
    /// The network no longer waits for `+CNMA`.
    Acknowledge,
    /// What the network says to a USSD code.
    Ussd,
    /// A USSD session nobody answered.
    UssdEnd,
    /// The next `RING`.
    Ring,
    /// The next line of chatter.
    Noise,
    /// A command that took its time ends with `OK`.
    Okay(usize),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Power {
    Off,
    /// Deaf until the first time, the SIM busy until booted.
    Booting {
        hears_at: Instant,
    },
    On,
}

#[derive(Debug, Default)]
struct Counters {
    accepted: u64,
    refused: u64,
    received: u64,
    gave_up: u64,
}

/// A simulated modem.
#[derive(Debug)]
pub struct Machine {
    config: ModemConfig,
    profile: &'static Profile,
    power: Power,
    lines: Vec<Line>,
    settings: Settings,
    board: Board,
    /// Faults that last so long, whether the modem has power or not.
    fault_ends: Vec<(Instant, FaultRule)>,
    sim: SimCard,
    radio: Radio,
    memories: Vec<Memory>,
    pending: Option<Pending>,
    /// When it was told last to send.
    submit_began: Instant,
    unacknowledged: Option<Unacknowledged>,
    /// Something was turned away for want of a slot.
    full_told: bool,
    link_until: Option<Instant>,
    reference: u8,
    session: ussd::Session,
    ringing: Option<call::Ringing>,
    noise_at: usize,
    garbage: u32,
    counters: Counters,
    timers: Vec<(Instant, Timer)>,
    outputs: VecDeque<Output>,
}

impl std::fmt::Debug for Profile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.model)
    }
}

impl Machine {
    /// A modem that has been on for long, or boots now when it is configured so.
    pub fn new(config: ModemConfig, now: Instant) -> Self {
        let profile = config.make.profile();
        let roles = match config.interfaces {
            Interfaces::All => profile.interfaces,
            Interfaces::CommandPort => &[Role::Command],
        };
        let mut machine = Self {
            profile,
            power: Power::On,
            lines: roles.iter().copied().map(Line::new).collect(),
            settings: Settings::factory(profile),
            board: Board::default(),
            fault_ends: Vec::new(),
            sim: SimCard::new(&config),
            radio: Radio::new(config.signal),
            memories: Memory::all(profile, config.slots),
            pending: None,
            submit_began: now,
            unacknowledged: None,
            full_told: false,
            link_until: None,
            reference: 0,
            session: ussd::Session::default(),
            ringing: None,
            noise_at: 0,
            garbage: 0x2545_F491,
            counters: Counters::default(),
            timers: Vec::new(),
            outputs: VecDeque::new(),
            config,
        };
        let register = std::mem::take(&mut machine.config.timing.register);
        machine.refresh(now);
        machine.config.timing.register = register;
        if machine.config.cold_start {
            machine.power_on(now);
        } else {
            machine.start_noise(now);
        }
        for rule in machine.config.faults.clone() {
            machine.set_fault(now, rule);
        }
        machine
    }

    /// Roles of its ports.
    pub fn ports(&self) -> Vec<Role> {
        self.lines.iter().map(|line| line.role).collect()
    }

    /// Who it is and how it was set up.
    pub fn config(&self) -> &ModemConfig {
        &self.config
    }

    /// How it is.
    pub fn status(&self) -> Status {
        let memory = &self.memories[0];
        Status {
            running: self.power == Power::On,
            sim: self.sim_words().unwrap_or("NONE").to_owned(),
            registration: self.registration(),
            signal: self.radio.signal,
            stored: memory.used(),
            slots: memory.capacity(),
            balance: self.sim.balance,
            accepted: self.counters.accepted,
            refused: self.counters.refused,
            received: self.counters.received,
            announcing: self.settings.cnmi,
            gave_up: self.counters.gave_up,
            faults: self.board.rules().map(ToString::to_string).collect(),
        }
    }

    /// Bytes came to a port.
    pub fn handle_bytes(&mut self, now: Instant, port: usize, bytes: &[u8]) {
        let hears = match self.power {
            Power::Off => false,
            Power::Booting { hears_at } => hears_at <= now,
            Power::On => true,
        };
        let Some(line) = self.lines.get_mut(port) else { return };
        if hears && line.role.takes_commands() {
            line.input.extend(bytes);
            self.read_input(now, port);
        }
    }

    /// A time given by [`Machine::next_timeout`] has come.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.end_faults(now);
        while let Some(at) = self.due_timer(now) {
            let (_, timer) = self.timers.remove(at);
            self.fire(now, &timer);
        }
        for port in 0..self.lines.len() {
            while let Some(bytes) = self.lines[port].due(now) {
                self.transmit(port, bytes);
            }
        }
    }

    /// When [`Machine::handle_timeout`] is wanted.
    pub fn next_timeout(&self) -> Option<Instant> {
        let timers = self.timers.iter().map(|(due, _)| *due);
        let lines = self.lines.iter().filter_map(|line| line.outbox.front().map(|(due, _)| *due));
        let faults = self.fault_ends.iter().map(|(due, _)| *due);
        timers.chain(lines).chain(faults).min()
    }

    /// The next thing to do.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// Sets a fault.
    pub fn set_fault(&mut self, now: Instant, rule: FaultRule) {
        let had = self.sim_words().is_some();
        tracing::debug!(number = %self.config.identity.imsi, %rule, "fault set");
        match rule.fault {
            Fault::SimFull => self.fill_sim(),
            Fault::EmptySmsc => self.sim.smsc.clear(),
            Fault::BrownOut => self.brown_out(),
            Fault::PinLocked => self.sim.lock(),
            Fault::PukLocked => self.sim.block(),
            Fault::TextOnly => self.settings.text_mode = true,
            Fault::TextStored => {
                self.settings.text_mode = true;
                self.lines.iter_mut().for_each(|line| line.echo = false);
            }
            _ => {}
        }
        if let Some(time) = rule.lasts {
            self.fault_ends.push((now + time, rule.clone()));
        }
        if rule.fault.stage() != Stage::AtOnce {
            self.board.set(rule);
        }
        if had && self.sim_words().is_none() && self.power == Power::On {
            self.announce(now, self.profile.sim_out);
        }
        self.refresh(now);
    }

    /// Takes away a fault of this name, or all.
    pub fn clear_faults(&mut self, now: Instant, name: Option<&str>) {
        let had = self.sim_words().is_some();
        let cleared = self.board.clear(name);
        self.faults_cleared(now, had, &cleared);
    }

    fn end_faults(&mut self, now: Instant) {
        let over: Vec<_> = self.fault_ends.extract_if(.., |(due, _)| *due <= now).collect();
        for (_, rule) in over {
            let had = self.sim_words().is_some();
            if let Some(rule) = self.board.expire(&rule) {
                self.faults_cleared(now, had, &[rule]);
            }
        }
    }

    fn faults_cleared(&mut self, now: Instant, had: bool, cleared: &[FaultRule]) {
        for rule in cleared {
            if matches!(rule.fault, Fault::PinLocked | Fault::PukLocked) {
                self.sim.restore(&self.config);
            }
        }
        if !had && self.sim_is_open() {
            self.sim_opened(now);
        }
        self.refresh(now);
    }

    /// Another signal, as `+CSQ` has it.
    pub fn set_signal(&mut self, signal: u8) {
        self.radio.signal = signal;
    }

    fn after(&mut self, now: Instant, delay: Duration, timer: Timer) {
        self.timers.push((now + delay, timer));
    }

    fn stop(&mut self, timer: &Timer) {
        self.timers.retain(|(_, other)| other != timer);
    }

    /// Place of the earliest timer that is due; of two at one time the one set first.
    fn due_timer(&self, now: Instant) -> Option<usize> {
        let due = self.timers.iter().enumerate().filter(|(_, (due, _))| *due <= now);
        due.min_by_key(|(_, (due, _))| *due).map(|(at, _)| at)
    }

    fn fire(&mut self, now: Instant, timer: &Timer) {
        match *timer {
            Timer::Boot(at) => {
                let line = &self.profile.boot[at];
                if !line.needs_sim || self.sim_is_open() {
                    self.announce(now, line.text);
                }
            }
            Timer::Booted => {
                self.power = Power::On;
                self.start_noise(now);
                self.refresh(now);
            }
            Timer::Camp => self.camp(now),
            Timer::Prompt(port) => self.prompt(now, port),
            Timer::Submit => self.finish_submit(now),
            Timer::AnswerAnyway => self.answer_submit(now),
            Timer::Acknowledge => self.unacknowledged_too_long(now),
            Timer::Ussd => self.ussd_answer(now),
            Timer::UssdEnd => self.ussd_end(now),
            Timer::Ring => self.ring_again(now),
            Timer::Noise => self.noise(now),
            Timer::Okay(port) => self.finish(now, port, &Reply::default(), Ok(())),
        }
    }
}
