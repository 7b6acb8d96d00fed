//! Voice calls, as far as a gateway meets them: it rings, and it can be hung up (TS 27.007, 6 and 7.6).

use std::time::{Duration, Instant};

use super::answer::{Done, Failure, Reply};
use super::command::{Command, Op};
use super::general::among;
use super::{Machine, Timer};

const BETWEEN_RINGS: Duration = Duration::from_secs(3);

#[derive(Debug)]
pub(super) struct Ringing {
    from: String,
    left: u32,
}

impl Machine {
    /// A call comes in and rings so many times; `from` empty hides the number.
    pub fn ring(&mut self, now: Instant, from: &str, times: u32) {
        if self.is_attached() && self.ringing.is_none() {
            self.ringing = Some(Ringing { from: from.to_owned(), left: times });
            self.ring_again(now);
        }
    }

    pub(super) fn ring_again(&mut self, now: Instant) {
        let Some(ringing) = &mut self.ringing else { return };
        if ringing.left == 0 {
            self.ringing = None;
            self.announce(now, "NO CARRIER");
            return;
        }
        ringing.left -= 1;
        let kind = if ringing.from.starts_with('+') { 145 } else { 129 };
        let caller = format!("+CLIP: \"{}\",{kind},\"\",,\"\",0", ringing.from);
        self.announce(now, if self.settings.crc { "+CRING: VOICE" } else { "RING" });
        if self.settings.clip {
            self.announce(now, &caller);
        }
        self.after(now, BETWEEN_RINGS, Timer::Ring);
    }

    pub(super) fn pick_up(&mut self) -> Result<Done, Failure> {
        if self.ringing.is_none() {
            return Err(Failure::NoCarrier);
        }
        self.stop(&Timer::Ring);
        Ok(Done::Ok)
    }

    pub(super) fn hang_up(&mut self) -> Done {
        self.ringing = None;
        self.stop(&Timer::Ring);
        Done::Ok
    }

    pub(super) fn clip(&mut self, command: &Command, reply: &mut Reply) -> Result<Done, Failure> {
        match &command.op {
            Op::Test => reply.line("+CLIP: (0,1)"),
            Op::Read => reply.line(format!("+CLIP: {},1", u8::from(self.settings.clip))),
            Op::Run => {}
            Op::Set(value) => self.settings.clip = among(value, &[0, 1])? == 1,
        }
        Ok(Done::Ok)
    }

    pub(super) fn crc(&mut self, command: &Command, reply: &mut Reply) -> Result<Done, Failure> {
        match &command.op {
            Op::Test => reply.line("+CRC: (0,1)"),
            Op::Read => reply.line(format!("+CRC: {}", u8::from(self.settings.crc))),
            Op::Run => self.settings.crc = false,
            Op::Set(value) => self.settings.crc = among(value, &[0, 1])? == 1,
        }
        Ok(Done::Ok)
    }
}
