//! Power: off, on, and what a modem forgets and says then.

use std::time::Instant;

use super::line::Line;
use super::settings::Settings;
use super::{Machine, Output, Power, Timer, ussd};
use crate::fault::Fault;

impl Machine {
    /// Takes the power away: nothing is heard or said any more, and what was in work is lost.
    pub fn power_off(&mut self) {
        self.power = Power::Off;
        self.timers.clear();
        self.outputs.retain(|output| !matches!(output, Output::Transmit { .. }));
        self.forget();
    }

    /// Gives it power: it boots.
    pub fn power_on(&mut self, now: Instant) {
        self.forget();
        self.timers.clear();
        self.sim.power_on();
        let first = self.profile.boot.first().map_or(0, |line| line.percent);
        let boot = self.config.timing.boot;
        self.power = Power::Booting { hears_at: now + boot * first / 100 };
        for (at, line) in self.profile.boot.iter().enumerate() {
            self.after(now, boot * line.percent / 100, Timer::Boot(at));
        }
        self.after(now, boot, Timer::Booted);
        self.refresh(now);
        self.handle_timeout(now);
    }

    /// Power off and on.
    pub fn reboot(&mut self, now: Instant) {
        self.power_off();
        self.power_on(now);
    }

    pub(super) fn forget(&mut self) {
        let echo = self.starts_with_echo();
        for line in &mut self.lines {
            *line = Line { echo, ..Line::new(line.role) };
        }
        self.settings = self.stored_settings();
        self.pending = None;
        if let Some(lost) = self.unacknowledged.take() {
            self.outputs.push_back(Output::Returned(lost.incoming));
        }
        self.link_until = None;
        self.session = ussd::Session::default();
        self.ringing = None;
        self.radio.lose();
    }

    pub(super) fn brown_out(&mut self) {
        self.settings = self.stored_settings();
        let echo = self.starts_with_echo();
        for line in &mut self.lines {
            line.echo = echo;
        }
    }

    /// What a restart goes back to: the factory's settings, unless others were stored (`AT&W`).
    pub(super) fn stored_settings(&self) -> Settings {
        let text_mode = self.board.has(&Fault::TextOnly) || self.board.has(&Fault::TextStored);
        Settings { text_mode, ..Settings::factory(self.profile) }
    }

    fn starts_with_echo(&self) -> bool {
        !self.board.has(&Fault::TextStored)
    }
}
