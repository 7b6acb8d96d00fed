//! What the modem says by itself, and how anything it says gets out.

use std::time::{Duration, Instant};

use super::{Machine, Output, Power, Timer};
use crate::fault::Fault;
use crate::make::Role;

impl Machine {
    /// An unsolicited line, on the ports that give them.
    pub(super) fn announce(&mut self, now: Instant, line: &str) {
        let signal = self.radio.signal.to_string();
        let text = format!("\r\n{}\r\n", line.replace("{csq}", &signal));
        for port in 0..self.lines.len() {
            if self.lines[port].role == Role::Command {
                self.say(now, port, Duration::ZERO, &text);
            }
        }
    }

    /// Says something on a port after a delay, byte by byte when that fault is set.
    pub(super) fn say(&mut self, now: Instant, port: usize, delay: Duration, text: &str) {
        self.say_bytes(now, port, delay, text.as_bytes());
    }

    /// As [`Machine::say`], for what need not be text.
    pub(super) fn say_bytes(&mut self, now: Instant, port: usize, delay: Duration, bytes: &[u8]) {
        if self.power == Power::Off || bytes.is_empty() {
            return;
        }
        if self.board.has(&Fault::ByteByByte) {
            for byte in bytes {
                let line = &mut self.lines[port];
                let last = line.outbox.back().map_or(now, |(due, _)| *due).max(now + delay);
                line.outbox.push_back((last + Duration::from_millis(1), vec![*byte]));
            }
        } else if delay.is_zero() && self.lines[port].outbox.is_empty() {
            self.transmit(port, bytes.to_vec());
        } else {
            self.lines[port].queue(now, delay, bytes.to_vec());
        }
    }

    pub(super) fn transmit(&mut self, port: usize, bytes: Vec<u8>) {
        let apart = self.board.has(&Fault::ByteByByte);
        match self.outputs.back_mut() {
            Some(Output::Transmit { port: same, bytes: before }) if *same == port && !apart => {
                before.extend(bytes);
            }
            _ => self.outputs.push_back(Output::Transmit { port, bytes }),
        }
    }

    pub(super) fn start_noise(&mut self, now: Instant) {
        if let Some(every) = self.config.timing.noise {
            let positions = self.lines.iter().any(|line| line.role == Role::Position);
            if !self.profile.noise.is_empty() || positions {
                self.stop(&Timer::Noise);
                self.after(now, every, Timer::Noise);
            }
        }
    }

    pub(super) fn noise(&mut self, now: Instant) {
        if self.settings.noisy && !self.profile.noise.is_empty() {
            self.noise_at = (self.noise_at + 1) % self.profile.noise.len();
            self.announce(now, self.profile.noise[self.noise_at]);
        }
        for port in 0..self.lines.len() {
            if self.lines[port].role == Role::Position {
                self.say(now, port, Duration::ZERO, "$GPRMC,,V,,,,,,,,,,N*53\r\n");
            }
        }
        self.start_noise(now);
    }
}
