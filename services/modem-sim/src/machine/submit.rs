//! Sending: `+CMGS`, `+CMGW`, `+CMSS`, `+CMMS`, `+CSCA` (TS 27.005, 3.3 and 3.5).

use std::time::{Duration, Instant};

use tpdu::Submit;

use super::answer::{Done, Failure, Reply};
use super::command::{Command, Op};
use super::general::among;
use super::line::{Entry, Mode};
use super::memory::{Stat, Stored};
use super::{Machine, Output, PROMPT, Timer};
use crate::fault::Fault;

/// Octets of the longest SMS-SUBMIT.
const LONGEST: usize = 176;
/// How long `+CMMS` keeps the radio link open.
const LINK_HELD: Duration = Duration::from_secs(4);
/// Room for something to come in between ([`Fault::MoDuringSubmit`]).
const INTERRUPTED: Duration = Duration::from_millis(40);
/// How long an answer waits for the report that is to come before it.
const REPORT_PATIENCE: Duration = Duration::from_secs(2);
const REPORT_WANTED: u8 = 0x20;

/// A message on its way to the network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submission {
    /// TP-MR that the modem gave it.
    pub reference: u8,
    /// The SMS-SUBMIT, without the service centre's address.
    pub tpdu: Vec<u8>,
    /// The network forgets the report.
    pub no_report: bool,
    /// The report is sent at once.
    pub report_first: bool,
    /// The report is sent twice.
    pub duplicate_report: bool,
    /// When `+CMGS` or `+CMSS` came.
    pub began: Instant,
}

/// A submit in work.
#[derive(Debug)]
pub(super) struct Pending {
    port: usize,
    began: Instant,
    tpdu: Vec<u8>,
    /// Index in the second memory, of a stored message.
    stored: Option<usize>,
    fault: Option<Fault>,
    reference: u8,
    /// It is answered when this report was given.
    waits_for_report: bool,
}

impl Pending {
    /// It is answered now that this report was given.
    pub(super) fn is_answered_by(&self, reference: u8) -> bool {
        self.waits_for_report && self.reference == reference
    }
}

impl Machine {
    pub(super) fn send_message(
        &mut self,
        now: Instant,
        port: usize,
        command: &Command,
    ) -> Result<Done, Failure> {
        let Op::Set(_) = command.op else { return test_only(command) };
        self.need_sim_for_messages()?;
        let first = command.values().swap_remove(0);
        let entry = if self.settings.text_mode {
            Entry::SendText { to: first }
        } else {
            Entry::Send { length: length_of(&first)? }
        };
        if self.board.take(&Fault::NoPrompt) {
            return Ok(Done::Silent);
        }
        self.ask(now, port, entry);
        Ok(Done::Silent)
    }

    pub(super) fn write_message(
        &mut self,
        now: Instant,
        port: usize,
        command: &Command,
    ) -> Result<Done, Failure> {
        let values = command.values();
        if command.op == Op::Test {
            return Ok(Done::Ok);
        }
        self.need_sim_for_messages()?;
        let first = values.first().cloned().unwrap_or_default();
        let entry = if self.settings.text_mode {
            Entry::WriteText { to: first }
        } else {
            let stat = match values.get(1).map(String::as_str) {
                Some("0") => Stat::Unread,
                Some("1") => Stat::Read,
                Some("3") => Stat::Sent,
                _ => Stat::Unsent,
            };
            Entry::Write { length: length_of(&first)?, stat }
        };
        self.ask(now, port, entry);
        Ok(Done::Silent)
    }

    fn ask(&mut self, now: Instant, port: usize, entry: Entry) {
        let sends = matches!(entry, Entry::Send { .. } | Entry::SendText { .. });
        self.submit_began = now;
        self.lines[port].next_entry = Some(entry);
        if sends && self.board.has(&Fault::MoDuringSubmit) {
            self.lines[port].mode = Mode::Busy;
            self.outputs.push_back(Output::Interrupt);
            self.after(now, INTERRUPTED, Timer::Prompt(port));
        } else {
            self.prompt(now, port);
        }
    }

    pub(super) fn prompt(&mut self, now: Instant, port: usize) {
        let delay = self.answer_delay(port);
        self.say(now, port, delay, PROMPT);
        let line = &mut self.lines[port];
        if let Some(entry) = line.next_entry.take() {
            line.mode = Mode::Entry(entry);
        }
    }

    /// Ctrl-Z was typed.
    pub(super) fn entered(&mut self, now: Instant, port: usize) {
        let line = &mut self.lines[port];
        let typed = std::mem::take(&mut line.typed);
        let Mode::Entry(entry) = std::mem::replace(&mut line.mode, Mode::Command) else { return };
        let typed = String::from_utf8_lossy(&typed).into_owned();
        let result = match entry {
            Entry::Send { length } => parse(&typed, length)
                .and_then(|(pdu, at)| self.submit(now, port, &pdu[..at], pdu[at..].to_vec(), None)),
            Entry::SendText { to } => self
                .submit_of_text(&to, &typed)
                .and_then(|tpdu| self.submit(now, port, &[0], tpdu, None)),
            Entry::Write { length, stat } => {
                parse(&typed, length).and_then(|(pdu, at)| self.write(now, port, stat, pdu, at))
            }
            Entry::WriteText { to } => self.submit_of_text(&to, &typed).and_then(|tpdu| {
                let pdu = [&[0], tpdu.as_slice()].concat();
                self.write(now, port, Stat::Unsent, pdu, 1)
            }),
            Entry::Acknowledge { good } => {
                let result = self.acknowledged(good);
                if result.is_ok() {
                    self.finish(now, port, &Reply::default(), Ok(()));
                }
                result
            }
        };
        if let Err(failure) = result {
            self.finish(now, port, &Reply::default(), Err(failure));
        }
    }

    fn write(
        &mut self,
        now: Instant,
        port: usize,
        stat: Stat,
        pdu: Vec<u8>,
        at: usize,
    ) -> Result<(), Failure> {
        if matches!(stat, Stat::Unsent | Stat::Sent) {
            Submit::decode(&pdu[at..]).map_err(|_| Failure::Cms(304))?;
        }
        let stored = Stored { stat, length: pdu.len() - at, pdu };
        let index = self.memory(1).put(stored).map_err(|_| Failure::Cms(322))?;
        let mut reply = Reply::default();
        reply.line(format!("+CMGW: {index}"));
        self.finish(now, port, &reply, Ok(()));
        Ok(())
    }

    pub(super) fn send_stored(
        &mut self,
        now: Instant,
        port: usize,
        command: &Command,
    ) -> Result<Done, Failure> {
        let Op::Set(_) = command.op else { return test_only(command) };
        self.need_sim_for_messages()?;
        let index = command.values()[0].parse().map_err(|_| Failure::Cms(321))?;
        let stored = match self.memory(1).slot(index) {
            Ok(Some(stored)) => stored.clone(),
            _ => return Err(Failure::Cms(321)),
        };
        let at = stored.pdu.len() - stored.length;
        self.submit_began = now;
        self.submit(now, port, &stored.pdu[..at], stored.pdu[at..].to_vec(), Some(index))?;
        Ok(Done::Silent)
    }

    /// Begins to send; `smsc` is the service centre's address as typed, `[0]` the SIM's own.
    fn submit(
        &mut self,
        now: Instant,
        port: usize,
        smsc: &[u8],
        tpdu: Vec<u8>,
        stored: Option<usize>,
    ) -> Result<(), Failure> {
        Submit::decode(&tpdu).map_err(|_| Failure::Cms(304))?;
        if self.pending.is_some() {
            return Err(Failure::Cms(500));
        }
        if !self.is_attached() {
            return Err(Failure::Cms(331));
        }
        if smsc == [0] && self.sim.smsc.is_empty() {
            return Err(Failure::Cms(330));
        }
        let linked = self.link_until.is_some_and(|until| until >= now);
        let link = if linked { Duration::ZERO } else { self.config.timing.link };
        let mut time = self.board.submit_time().unwrap_or(self.config.timing.submit + link);
        if self.board.take(&Fault::MoDuringSubmit) {
            self.outputs.push_back(Output::Interrupt);
            time = time.max(INTERRUPTED);
        }
        let fault = self.board.take_of_submit();
        self.pending = Some(Pending {
            port,
            began: self.submit_began,
            tpdu,
            stored,
            fault,
            reference: 0,
            waits_for_report: false,
        });
        self.lines[port].mode = Mode::Busy;
        if time.is_zero() {
            self.finish_submit(now);
        } else {
            self.after(now, time, Timer::Submit);
        }
        Ok(())
    }

    /// The submit time is over.
    pub(super) fn finish_submit(&mut self, now: Instant) {
        let Some(pending) = &mut self.pending else { return };
        let port = pending.port;
        let fault = pending.fault.take();
        let refusal = match fault {
            Some(Fault::Cms(code)) => Some(Failure::Cms(code)),
            Some(Fault::Cme(code)) => Some(Failure::Cme(code)),
            Some(Fault::Error) => Some(Failure::Error),
            _ if !self.is_attached() => Some(Failure::Cms(332)),
            _ if self.sim.balance < self.config.price => Some(Failure::Cms(38)),
            _ => None,
        };
        if let Some(failure) = refusal {
            self.pending = None;
            self.counters.refused += 1;
            self.finish(now, port, &Reply::default(), Err(failure));
            return;
        }
        match fault {
            Some(Fault::LostSilent) => self.fall_silent(now),
            Some(Fault::RebootBefore) => self.reboot(now),
            Some(Fault::UnplugBefore) => self.fall_off(),
            Some(Fault::AcceptedSilent) => {
                self.accept();
                self.fall_silent(now);
            }
            Some(Fault::RebootAfter) => {
                self.accept();
                self.reboot(now);
            }
            Some(Fault::UnplugAfter) => {
                self.accept();
                self.fall_off();
            }
            Some(Fault::MissingOk) => {
                self.accept();
                let reply = self.reference_line();
                self.information(now, port, &reply);
                self.fall_silent(now);
            }
            _ => {
                if self.accept() {
                    self.after(now, REPORT_PATIENCE, Timer::AnswerAnyway);
                } else {
                    self.answer_submit(now);
                }
                if self.settings.cmms > 0 {
                    self.link_until = Some(now + LINK_HELD);
                }
            }
        }
    }

    /// The network takes it. True: the answer waits for the report.
    fn accept(&mut self) -> bool {
        let same = self.board.has(&Fault::SameReference);
        self.reference = if same { 0 } else { self.reference.wrapping_add(1) };
        self.counters.accepted += 1;
        self.sim.balance -= self.config.price;
        let Some(pending) = &mut self.pending else { return false };
        pending.reference = self.reference;
        let (mut tpdu, began) = (std::mem::take(&mut pending.tpdu), pending.began);
        let stored = pending.stored;
        let asked = tpdu.first().is_some_and(|first| first & REPORT_WANTED != 0);
        if let Some(reference) = tpdu.get_mut(1) {
            *reference = self.reference;
        }
        let no_report = asked && self.board.take(&Fault::NoReport);
        let report_first = asked && !no_report && self.board.take(&Fault::ReportFirst);
        let duplicate_report = asked && !no_report && self.board.take(&Fault::DuplicateReport);
        pending.waits_for_report = report_first;
        if self.config.marks_sent
            && let Some(index) = stored
            && let Ok(Some(stored)) = self.memory(1).slot(index)
        {
            stored.stat = Stat::Sent;
        }
        self.outputs.push_back(Output::Submit(Submission {
            reference: self.reference,
            tpdu,
            no_report,
            report_first,
            duplicate_report,
            began,
        }));
        report_first
    }

    /// Answers the submit that the network took.
    pub(super) fn answer_submit(&mut self, now: Instant) {
        self.stop(&Timer::AnswerAnyway);
        let reply = self.reference_line();
        if let Some(pending) = self.pending.take() {
            self.finish(now, pending.port, &reply, Ok(()));
        }
    }

    fn reference_line(&self) -> Reply {
        let mut reply = Reply::default();
        if let Some(pending) = &self.pending {
            let name = if pending.stored.is_some() { "+CMSS" } else { "+CMGS" };
            reply.line(format!("{name}: {}", pending.reference));
        }
        reply
    }

    /// The submit is never answered, but commands are heard again.
    fn fall_silent(&mut self, now: Instant) {
        if let Some(pending) = self.pending.take() {
            self.lines[pending.port].mode = Mode::Command;
            self.read_input(now, pending.port);
        }
    }

    fn fall_off(&mut self) {
        self.power_off();
        self.outputs.push_back(Output::Unplug);
    }

    pub(super) fn more_messages(
        &mut self,
        command: &Command,
        reply: &mut Reply,
    ) -> Result<Done, Failure> {
        match &command.op {
            Op::Test => reply.line("+CMMS: (0-2)"),
            Op::Read => reply.line(format!("+CMMS: {}", self.settings.cmms)),
            Op::Run => return Err(Failure::Cms(304)),
            Op::Set(value) => self.settings.cmms = among(value, &[0, 1, 2])?,
        }
        Ok(Done::Ok)
    }

    pub(super) fn service_centre(
        &mut self,
        command: &Command,
        reply: &mut Reply,
    ) -> Result<Done, Failure> {
        if command.op == Op::Test {
            return Ok(Done::Ok);
        }
        self.need_sim_for_messages()?;
        if let Op::Set(_) = &command.op {
            let values = command.values();
            let mut number = self.typed_text(&values[0]);
            if values.get(1).is_some_and(|kind| kind == "145") && !number.starts_with('+') {
                number.insert(0, '+');
            }
            self.sim.smsc = number;
        } else {
            let number = &self.sim.smsc;
            let kind = if number.starts_with('+') { 145 } else { 129 };
            reply.line(format!("+CSCA: \"{}\",{kind}", self.to_charset(number)));
        }
        Ok(Done::Ok)
    }
}

fn test_only(command: &Command) -> Result<Done, Failure> {
    if command.op == Op::Test { Ok(Done::Ok) } else { Err(Failure::Cms(304)) }
}

fn length_of(value: &str) -> Result<usize, Failure> {
    value.parse().ok().filter(|length| (1..=LONGEST).contains(length)).ok_or(Failure::Cms(304))
}

/// The octets of a PDU, and how many of them are the service centre's address.
fn parse(typed: &str, length: usize) -> Result<(Vec<u8>, usize), Failure> {
    let digits: String = typed.chars().filter(|c| !c.is_whitespace() && *c != '\0').collect();
    let pdu = tpdu::from_hex(&digits).map_err(|_| Failure::Cms(304))?;
    let at = 1 + usize::from(*pdu.first().ok_or(Failure::Cms(304))?);
    if pdu.len() < at || pdu.len() - at != length {
        return Err(Failure::Cms(304));
    }
    Ok((pdu, at))
}
