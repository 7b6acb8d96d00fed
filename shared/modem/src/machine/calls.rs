//! Incoming calls: nobody answers them, and each is told once.

use super::Modem;
use super::parts::call::Call;
use super::parts::link::SHORT;
use super::parts::task::Task;
use crate::event::Event;

impl Modem {
    /// `RING`, and with `+CLIP` who it is.
    pub(super) fn rings(&mut self, from: Option<String>) {
        let hang_up = self.config.hang_up;
        match &mut self.call {
            Some(call) => call.ring(self.now, from, hang_up),
            None => self.call = Some(Call::new(self.now, from, hang_up)),
        }
    }

    /// The call rings no more.
    pub(super) fn call_ended(&mut self) {
        if let Some(call) = self.call.take() {
            self.event(Event::MissedCall { from: call.into_caller() });
        }
    }

    pub(super) fn begin_hang_up(&mut self) -> bool {
        let hangs_up = self.call.as_mut().is_some_and(Call::take_hang_up);
        if hangs_up {
            self.start("ATH", Task::HangUp, SHORT);
        }
        hangs_up
    }
}
