//! The SIM: presence, PIN and PUK, identity, what is paid (TS 27.007, 5.6, 8.3; TS 31.102).

use std::time::Instant;

use super::answer::{Done, Failure, Reply};
use super::command::{Command, Op};
use super::{Machine, Power};
use crate::config::ModemConfig;
use crate::fault::Fault;
use crate::identity::Identity;

/// The PIN of a SIM that was given none and is locked by a fault.
pub const DEFAULT_PIN: &str = "1234";
/// The PUK of every simulated SIM.
pub const PUK: &str = "12345678";

const PIN_TRIES: u8 = 3;
const PUK_TRIES: u8 = 10;

#[derive(Debug)]
pub(super) struct SimCard {
    pin: Option<String>,
    locked: bool,
    pin_tries: u8,
    puk_tries: u8,
    pub(super) smsc: String,
    pub(super) balance: u32,
}

impl SimCard {
    pub(super) fn new(config: &ModemConfig) -> Self {
        Self {
            pin: config.pin.clone(),
            locked: config.pin.is_some(),
            pin_tries: PIN_TRIES,
            puk_tries: PUK_TRIES,
            smsc: config.smsc.clone(),
            balance: config.balance,
        }
    }

    pub(super) fn power_on(&mut self) {
        self.locked = self.pin.is_some();
    }

    pub(super) fn lock(&mut self) {
        self.pin.get_or_insert_with(|| DEFAULT_PIN.to_owned());
        self.locked = true;
    }

    pub(super) fn block(&mut self) {
        self.lock();
        self.pin_tries = 0;
    }

    /// As if it had never been locked by a fault.
    pub(super) fn restore(&mut self, config: &ModemConfig) {
        self.pin.clone_from(&config.pin);
        self.unlock();
    }

    fn unlock(&mut self) {
        self.locked = false;
        self.pin_tries = PIN_TRIES;
    }
}

impl Machine {
    /// Another SIM, empty and with no PIN, in place of the one that is in; the modem stays who it is.
    pub fn swap_sim(&mut self, now: Instant, sim: &Identity) {
        let had = self.sim_words().is_some();
        if had {
            self.set_fault(now, Fault::NoSim.into());
        }
        self.config.identity = Identity { imei: self.config.identity.imei.clone(), ..sim.clone() };
        self.config.pin = None;
        self.sim = SimCard::new(&self.config);
        self.memories[0].remove(|_| true);
        if had {
            self.clear_faults(now, Some("no-sim"));
        }
    }

    /// As `+CPIN?` has it; none: no SIM.
    pub(super) fn sim_words(&self) -> Option<&'static str> {
        if self.board.has(&Fault::NoSim) {
            None
        } else if !self.sim.locked {
            Some("READY")
        } else if self.sim.pin_tries == 0 {
            Some("SIM PUK")
        } else {
            Some("SIM PIN")
        }
    }

    pub(super) fn sim_is_open(&self) -> bool {
        self.sim_words() == Some("READY")
    }

    /// The SIM is there, unlocked and no longer starting.
    pub(super) fn need_sim(&self) -> Result<(), Failure> {
        match self.sim_words() {
            None => Err(Failure::Cme(10)),
            Some("SIM PIN") => Err(Failure::Cme(11)),
            Some("SIM PUK") => Err(Failure::Cme(12)),
            _ if self.power != Power::On => Err(Failure::Cme(14)),
            _ => Ok(()),
        }
    }

    /// The same for commands about messages.
    pub(super) fn need_sim_for_messages(&self) -> Result<(), Failure> {
        self.need_sim().map_err(|failure| match failure {
            Failure::Cme(10) => Failure::Cms(310),
            Failure::Cme(11) => Failure::Cms(311),
            Failure::Cme(12) => Failure::Cms(316),
            _ => Failure::Cms(314),
        })
    }

    pub(super) fn cpin(
        &mut self,
        now: Instant,
        port: usize,
        command: &Command,
        reply: &mut Reply,
    ) -> Result<Done, Failure> {
        match &command.op {
            Op::Test => Ok(Done::Ok),
            Op::Read => {
                let words = self.sim_words().ok_or(Failure::Cme(10))?;
                if self.power != Power::On && words == "READY" {
                    return Err(Failure::Cme(14));
                }
                reply.line(format!("+CPIN: {words}"));
                Ok(Done::Ok)
            }
            Op::Run => Err(Failure::Cme(50)),
            Op::Set(_) => {
                let values = command.values();
                match (self.sim_words(), values.as_slice()) {
                    (None, _) => Err(Failure::Cme(10)),
                    (Some("SIM PIN"), [pin]) => self.enter_pin(pin),
                    (Some("SIM PUK"), [puk, pin]) => self.enter_puk(puk, pin),
                    (Some("SIM PUK"), _) => Err(Failure::Cme(12)),
                    _ => Err(Failure::Cme(3)),
                }?;
                self.board.clear(Some("pin-locked"));
                self.board.clear(Some("puk-locked"));
                self.finish(now, port, &Reply::default(), Ok(()));
                self.sim_opened(now);
                Ok(Done::Silent)
            }
        }
    }

    /// The SIM can be used now.
    pub(super) fn sim_opened(&mut self, now: Instant) {
        if self.power == Power::On {
            for line in self.profile.unlocked {
                self.announce(now, line);
            }
        }
        self.refresh(now);
    }

    fn enter_pin(&mut self, pin: &str) -> Result<(), Failure> {
        if self.sim.pin.as_deref() == Some(pin) {
            self.sim.unlock();
            Ok(())
        } else {
            self.sim.pin_tries = self.sim.pin_tries.saturating_sub(1);
            Err(Failure::Cme(16))
        }
    }

    fn enter_puk(&mut self, puk: &str, pin: &str) -> Result<(), Failure> {
        if puk == PUK && self.sim.puk_tries > 0 {
            self.sim.pin = Some(pin.to_owned());
            self.sim.puk_tries = PUK_TRIES;
            self.sim.unlock();
            Ok(())
        } else {
            self.sim.puk_tries = self.sim.puk_tries.saturating_sub(1);
            Err(Failure::Cme(16))
        }
    }

    pub(super) fn tries_left(
        &self,
        command: &Command,
        reply: &mut Reply,
        answer: &str,
    ) -> Result<Done, Failure> {
        if command.op != Op::Test {
            let words = self.sim_words().ok_or(Failure::Cme(10))?;
            reply.line(
                answer
                    .replace("{state}", words)
                    .replace("{pin}", &self.sim.pin_tries.to_string())
                    .replace("{puk}", &self.sim.puk_tries.to_string()),
            );
        }
        Ok(Done::Ok)
    }

    pub(super) fn locks(&self, command: &Command, reply: &mut Reply) -> Result<Done, Failure> {
        match &command.op {
            Op::Test => reply.line("+CLCK: (\"SC\")"),
            Op::Set(_) if command.values().get(1).is_some_and(|mode| mode == "2") => {
                reply.line(format!("+CLCK: {}", u8::from(self.sim.pin.is_some())));
            }
            _ => return Err(Failure::Cme(3)),
        }
        Ok(Done::Ok)
    }

    pub(super) fn imsi(&self, command: &Command, reply: &mut Reply) -> Result<Done, Failure> {
        if command.op != Op::Test {
            self.need_sim()?;
        }
        Self::text(command, reply, &self.config.identity.imsi)
    }

    pub(super) fn iccid(
        &self,
        command: &Command,
        reply: &mut Reply,
        before: &str,
        quoted: bool,
    ) -> Result<Done, Failure> {
        if command.op == Op::Test {
            return Ok(Done::Ok);
        }
        if !self.config.tells_iccid {
            return Err(Failure::Unknown);
        }
        // The ICCID can be read before the PIN was entered.
        self.sim_words().ok_or(Failure::Cme(10))?;
        let quote = if quoted { "\"" } else { "" };
        Self::text(command, reply, &format!("{before}{quote}{}{quote}", self.config.identity.iccid))
    }

    pub(super) fn own_number(&self, command: &Command, reply: &mut Reply) -> Result<Done, Failure> {
        if command.op != Op::Test {
            self.need_sim()?;
            if self.config.tells_number {
                reply.line(format!("+CNUM: \"\",\"{}\",145", self.config.identity.number));
            }
        }
        Ok(Done::Ok)
    }
}
