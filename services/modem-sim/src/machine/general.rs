//! Which command is answered where, and the general ones (TS 27.007, 5 and 8; V.250).

use std::time::Instant;

use super::answer::{Done, Failure, Reply};
use super::command::{Command, Op};
use super::line::Mode;
use super::settings::Settings;
use super::{Machine, Timer};

/// Commands that are taken and do nothing here.
const IGNORED: [&str; 22] = [
    "&C", "&D", "&K", "&W", "&S", "&V", "\\Q", "\\V", "X", "S", "L", "M", "Q", "+IFC", "+ICF",
    "+CLIR", "+COLP", "+CSSN", "+CMOD", "+CVHU", "+CTZU", "+CTZR",
];

/// A modem without a battery has no idea of the time.
const CLOCK: &str = "+CCLK: \"04/01/01,00:00:00+00\"";

impl Machine {
    /// Answers one command.
    pub(super) fn command(
        &mut self,
        now: Instant,
        port: usize,
        command: &Command,
        reply: &mut Reply,
    ) -> Result<Done, Failure> {
        match command.name.as_str() {
            "E" | "V" | "Q" | "Z" | "&F" => self.line_setting(now, port, command),
            "I" => Ok(self.identification(reply)),
            "+CGMI" | "+GMI" => Self::text(command, reply, self.profile.manufacturer),
            "+CGMM" | "+GMM" => Self::text(command, reply, self.profile.model),
            "+CGMR" | "+GMR" => Self::text(command, reply, self.profile.revision),
            "+CGSN" | "+GSN" => match self.config.identity.imei.clone() {
                Some(imei) => Self::text(command, reply, &imei),
                None => Err(Failure::Cme(4)),
            },
            "+GCAP" => Self::text(command, reply, "+GCAP: +CGSM,+DS,+ES"),
            "+IPR" => Ok(Self::number(command, reply, "+IPR: (9600,115200)", "+IPR: 115200")),
            "+CMEE" => self.cmee(command, reply),
            "+CSCS" => self.charset(command, reply),
            "+CPAS" => Ok(self.activity(command, reply)),
            "+CCLK" => Ok(Self::number(command, reply, "", CLOCK)),
            "+CFUN" => self.functionality(now, port, command, reply),
            "+CLCK" => self.locks(command, reply),
            "+CPIN" => self.cpin(now, port, command, reply),
            "+CIMI" => self.imsi(command, reply),
            "+CNUM" => self.own_number(command, reply),
            "+CREG" => self.registration_command(command, reply, 0),
            "+CGREG" if self.profile.gprs => self.registration_command(command, reply, 1),
            "+CEREG" if self.profile.lte => self.registration_command(command, reply, 2),
            "+COPS" => self.operator(command, reply),
            "+CSQ" => Ok(self.signal(command, reply)),
            "+CESQ" if self.profile.lte => Ok(self.extended_signal(command, reply)),
            "+CGATT" => Ok(Self::number(command, reply, "+CGATT: (0,1)", "+CGATT: 1")),
            "+CMGF" => self.message_format(command, reply),
            "+CSDH" => self.text_headers(command, reply),
            "+CSMP" => self.text_parameters(command, reply),
            "+CSMS" => self.message_service(command, reply),
            "+CPMS" => self.preferred_memory(command, reply),
            "+CNMI" => self.indications(now, command, reply),
            "+CSCA" => self.service_centre(command, reply),
            "+CMMS" => self.more_messages(command, reply),
            "AT" | "+CSCB" | "+CSAS" | "+CRES" => Ok(Done::Ok),
            "+CMGS" => self.send_message(now, port, command),
            "+CMGW" => self.write_message(now, port, command),
            "+CMSS" => self.send_stored(now, port, command),
            "+CMGR" => self.read_message(command, reply),
            "+CMGL" => self.list_messages(command, reply),
            "+CMGD" => self.delete_message(command, reply),
            "+CNMA" => self.acknowledge(now, port, command, reply),
            "+CUSD" => self.ussd(now, command, reply),
            "+CLIP" => self.clip(command, reply),
            "+CRC" => self.crc(command, reply),
            "A" => self.pick_up(),
            "H" | "+CHUP" => Ok(self.hang_up()),
            "D" => Err(Failure::NoCarrier),
            name => self.other(name, command, reply),
        }
    }

    fn other(&mut self, name: &str, command: &Command, reply: &mut Reply) -> Result<Done, Failure> {
        let profile = self.profile;
        if let Some((_, before, quoted)) = profile.iccid.iter().find(|(known, ..)| *known == name) {
            return self.iccid(command, reply, before, *quoted);
        }
        if let Some((_, answer)) = profile.tries.filter(|(known, _)| *known == name) {
            return self.tries_left(command, reply, answer);
        }
        if name == profile.noise_switch
            && let Op::Set(value) = &command.op
        {
            self.settings.noisy = !value.ends_with('0');
            return Ok(Done::Ok);
        }
        if let Some((_, lines)) = profile.extras.iter().find(|(known, _)| *known == name) {
            if command.op == Op::Read || command.op == Op::Run {
                lines.iter().for_each(|line| reply.line(*line));
            }
            return Ok(Done::Ok);
        }
        if IGNORED.contains(&name) { Ok(Done::Ok) } else { Err(Failure::Unknown) }
    }

    fn line_setting(
        &mut self,
        now: Instant,
        port: usize,
        command: &Command,
    ) -> Result<Done, Failure> {
        let on = match &command.op {
            Op::Run => command.name == "V",
            Op::Set(digit) if digit == "0" || digit == "1" => digit == "1",
            _ => return Err(Failure::Error),
        };
        let stuck = self.echo_is_stuck();
        let line = &mut self.lines[port];
        match command.name.as_str() {
            "E" => line.echo = on || stuck,
            "V" => line.verbose = on,
            "Q" => line.quiet = on,
            _ => {
                (line.echo, line.verbose, line.quiet) = (true, true, false);
                let cfun = self.settings.cfun;
                self.settings = Settings { cfun, ..self.stored_settings() };
                self.refresh(now);
            }
        }
        Ok(Done::Ok)
    }

    fn identification(&self, reply: &mut Reply) -> Done {
        let imei = self.config.identity.imei.as_deref().unwrap_or_default();
        self.profile.ati.iter().for_each(|line| reply.line(line.replace("{imei}", imei)));
        Done::Ok
    }

    /// A command whose run gives a text.
    pub(super) fn text(command: &Command, reply: &mut Reply, text: &str) -> Result<Done, Failure> {
        match command.op {
            Op::Test => Ok(Done::Ok),
            Op::Run | Op::Read => {
                reply.line(text);
                Ok(Done::Ok)
            }
            Op::Set(_) => Err(Failure::Cme(50)),
        }
    }

    /// A command with fixed answers to test and read, which takes what is set.
    pub(super) fn number(command: &Command, reply: &mut Reply, test: &str, read: &str) -> Done {
        match command.op {
            Op::Test if !test.is_empty() => reply.line(test),
            Op::Read => reply.line(read),
            _ => {}
        }
        Done::Ok
    }

    fn cmee(&mut self, command: &Command, reply: &mut Reply) -> Result<Done, Failure> {
        match &command.op {
            Op::Test => reply.line("+CMEE: (0,1,2)"),
            Op::Read => reply.line(format!("+CMEE: {}", self.settings.cmee)),
            Op::Run => self.settings.cmee = 0,
            Op::Set(value) => self.settings.cmee = among(value, &[0, 1, 2])?,
        }
        Ok(Done::Ok)
    }

    fn charset(&mut self, command: &Command, reply: &mut Reply) -> Result<Done, Failure> {
        match &command.op {
            Op::Test => reply.line("+CSCS: (\"GSM\",\"IRA\",\"UCS2\",\"HEX\")"),
            Op::Read => reply.line(format!("+CSCS: \"{}\"", self.settings.charset)),
            Op::Run => "GSM".clone_into(&mut self.settings.charset),
            Op::Set(_) => {
                let name = command.values().swap_remove(0).to_ascii_uppercase();
                if !["GSM", "IRA", "UCS2", "HEX"].contains(&name.as_str()) {
                    return Err(Failure::Cme(50));
                }
                self.settings.charset = name;
            }
        }
        Ok(Done::Ok)
    }

    fn activity(&self, command: &Command, reply: &mut Reply) -> Done {
        let state = if self.ringing.is_some() { 3 } else { 0 };
        match command.op {
            Op::Test => reply.line("+CPAS: (0,2,3,4)"),
            _ => reply.line(format!("+CPAS: {state}")),
        }
        Done::Ok
    }

    fn functionality(
        &mut self,
        now: Instant,
        port: usize,
        command: &Command,
        reply: &mut Reply,
    ) -> Result<Done, Failure> {
        match &command.op {
            Op::Test => reply.line("+CFUN: (0,1,4),(0,1)"),
            Op::Read => reply.line(format!("+CFUN: {}", self.settings.cfun)),
            Op::Run => return Err(Failure::Cme(50)),
            Op::Set(_) => {
                let values = command.values();
                let level = among(&values[0], &[0, 1, 4])?;
                if values.get(1).is_some_and(|reset| reset == "1") {
                    self.finish(now, port, &Reply::default(), Ok(()));
                    self.restart(now);
                    return Ok(Done::Silent);
                }
                self.settings.cfun = level;
                self.refresh(now);
                let wait = self.config.timing.register / 4;
                if !wait.is_zero() {
                    self.lines[port].mode = Mode::Busy;
                    self.after(now, wait, Timer::Okay(port));
                    return Ok(Done::Silent);
                }
            }
        }
        Ok(Done::Ok)
    }

    /// A reboot that lets out first what was said before it.
    fn restart(&mut self, now: Instant) {
        let said: Vec<_> = self.outputs.drain(..).collect();
        self.reboot(now);
        for output in said.into_iter().rev() {
            self.outputs.push_front(output);
        }
    }
}

/// A digit that is one of those allowed.
pub(super) fn among(value: &str, allowed: &[u8]) -> Result<u8, Failure> {
    value.trim().parse().ok().filter(|n| allowed.contains(n)).ok_or(Failure::Cme(50))
}
