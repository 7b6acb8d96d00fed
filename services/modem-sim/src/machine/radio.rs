//! Registration, operator and signal (TS 27.007, 7.2, 7.3, 8.5, 10.1.20).

use std::time::Instant;

use super::answer::{Done, Failure, Reply};
use super::command::{Command, Op};
use super::general::among;
use super::{Machine, Output, Power, Timer};
use crate::fault::Fault;
use crate::identity::{OPERATOR, OPERATOR_CODE};

const AREA: &str = "0101";
const NAMES: [&str; 3] = ["+CREG", "+CGREG", "+CEREG"];

#[derive(Debug)]
pub(super) struct Radio {
    camped: bool,
    searching: bool,
    /// What was told last.
    told: u8,
    pub(super) signal: u8,
}

impl Radio {
    pub(super) fn new(signal: u8) -> Self {
        Self { camped: false, searching: false, told: 0, signal }
    }

    pub(super) fn lose(&mut self) {
        (self.camped, self.searching, self.told) = (false, false, 0);
    }
}

impl Machine {
    /// `<stat>` of the registration commands.
    pub(super) fn registration(&self) -> u8 {
        if self.radio.camped {
            1
        } else if self.settings.cfun != 1 || !self.sim_is_open() || self.power != Power::On {
            0
        } else if self.board.has(&Fault::Denied) {
            3
        } else {
            2
        }
    }

    /// The network can reach it.
    pub(super) fn is_attached(&self) -> bool {
        self.radio.camped
    }

    /// Finds or loses the network after anything that may matter to it has changed.
    pub(super) fn refresh(&mut self, now: Instant) {
        let wanted = self.power == Power::On
            && self.settings.cfun == 1
            && self.sim_is_open()
            && !self.board.has(&Fault::NotRegistered)
            && !self.board.has(&Fault::Denied);
        if wanted && !self.radio.camped && !self.radio.searching {
            let register = self.config.timing.register;
            if register.is_zero() {
                self.camp(now);
            } else {
                self.radio.searching = true;
                self.after(now, register, Timer::Camp);
            }
        } else if !wanted && (self.radio.camped || self.radio.searching) {
            self.radio.camped = false;
            self.radio.searching = false;
            self.stop(&Timer::Camp);
        }
        self.tell_registration(now);
    }

    pub(super) fn camp(&mut self, now: Instant) {
        self.radio.camped = true;
        self.radio.searching = false;
        self.tell_registration(now);
        self.outputs.push_back(Output::Available);
    }

    fn tell_registration(&mut self, now: Instant) {
        let stat = self.registration();
        if stat == self.radio.told {
            return;
        }
        self.radio.told = stat;
        if self.power != Power::On {
            return;
        }
        for (at, name) in NAMES.iter().enumerate() {
            let line = match self.settings.registration[at] {
                0 => continue,
                1 => format!("{name}: {stat}"),
                _ => format!("{name}: {stat}{}", self.place(stat, at)),
            };
            self.announce(now, &line);
        }
    }

    fn place(&self, stat: u8, at: usize) -> String {
        if stat != 1 {
            return String::new();
        }
        let technology = if self.profile.lte { ",7" } else { "" };
        let cell = if at == 2 { "\"001A2B03\"" } else { "\"2B03\"" };
        format!(",\"{AREA}\",{cell}{technology}")
    }

    pub(super) fn registration_command(
        &mut self,
        command: &Command,
        reply: &mut Reply,
        at: usize,
    ) -> Result<Done, Failure> {
        let name = NAMES[at];
        let n = self.settings.registration[at];
        match &command.op {
            Op::Test => reply.line(format!("{name}: (0-2)")),
            Op::Read => {
                let stat = self.registration();
                let place = if n == 2 { self.place(stat, at) } else { String::new() };
                reply.line(format!("{name}: {n},{stat}{place}"));
            }
            Op::Run => self.settings.registration[at] = 0,
            Op::Set(value) => self.settings.registration[at] = among(value, &[0, 1, 2])?,
        }
        Ok(Done::Ok)
    }

    pub(super) fn operator(
        &mut self,
        command: &Command,
        reply: &mut Reply,
    ) -> Result<Done, Failure> {
        let technology = if self.profile.lte { ",7" } else { "" };
        match &command.op {
            Op::Test => {
                self.need_sim()?;
                reply.line(format!(
                    "+COPS: (2,\"{OPERATOR}\",\"Merpati\",\"{OPERATOR_CODE}\"),,(0,1,3,4),(0,1,2)"
                ));
            }
            Op::Read if self.is_attached() => {
                let format = self.settings.operator_format;
                let name = match format {
                    0 => OPERATOR,
                    1 => "Merpati",
                    _ => OPERATOR_CODE,
                };
                reply.line(format!("+COPS: 0,{format},\"{name}\"{technology}"));
            }
            Op::Read => reply.line("+COPS: 0"),
            Op::Run => {}
            Op::Set(_) => {
                let values = command.values();
                let mode = among(&values[0], &[0, 1, 2, 3, 4])?;
                if let (3, Some(format)) = (mode, values.get(1)) {
                    self.settings.operator_format = among(format, &[0, 1, 2])?;
                }
            }
        }
        Ok(Done::Ok)
    }

    pub(super) fn signal(&self, command: &Command, reply: &mut Reply) -> Done {
        match command.op {
            Op::Test => reply.line("+CSQ: (0-31,99),(0-7,99)"),
            _ => reply.line(format!("+CSQ: {}{}99", self.heard(), self.profile.comma)),
        }
        Done::Ok
    }

    pub(super) fn extended_signal(&self, command: &Command, reply: &mut Reply) -> Done {
        match (&command.op, self.heard()) {
            (Op::Test, _) => {
                reply.line("+CESQ: (0-63,99),(0-7,99),(0-96,255),(0-49,255),(0-34,255),(0-97,255)");
            }
            (_, 99) => reply.line("+CESQ: 99,99,255,255,255,255"),
            // 2 dB a step of +CSQ from -113 dBm; RSRP 1 dB a step from -140 dBm, 20 dB below.
            (_, signal) => reply.line(format!("+CESQ: 99,99,255,255,22,{}", 7 + 2 * signal)),
        }
        Done::Ok
    }

    fn heard(&self) -> u8 {
        if self.settings.cfun == 1 && !self.board.has(&Fault::NotRegistered) {
            self.radio.signal
        } else {
            99
        }
    }
}
