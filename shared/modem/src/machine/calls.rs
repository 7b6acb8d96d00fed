//! Incoming calls: nobody answers them, and each is told once.

use std::time::{Duration, Instant};

use super::Modem;
use super::link::SHORT;
use super::task::Task;
use crate::event::Event;

/// A phone rings each five seconds.
const SILENT_FOR: Duration = Duration::from_secs(8);

/// A call that rings.
#[derive(Debug, Clone)]
pub(super) struct Call {
    from: Option<String>,
    last_ring: Instant,
    hang_up: bool,
}

impl Call {
    pub(super) fn due(&self) -> Instant {
        self.last_ring + SILENT_FOR
    }
}

impl Modem {
    /// `RING`, and with `+CLIP` who it is.
    pub(super) fn rings(&mut self, from: Option<String>) {
        let known = from.is_some();
        let (now, hangs_up) = (self.now, self.config.hang_up);
        match &mut self.call {
            Some(call) => {
                // The number comes after the first ring; at the second one nothing more comes.
                call.hang_up |= hangs_up;
                call.last_ring = now;
                call.from = from.or(call.from.take());
            }
            None => {
                self.call = Some(Call { from, last_ring: now, hang_up: hangs_up && known });
            }
        }
    }

    /// It rings no more.
    pub(super) fn call_ended(&mut self) {
        if let Some(call) = self.call.take() {
            self.event(Event::MissedCall { from: call.from });
        }
    }

    pub(super) fn begin_hang_up(&mut self) -> bool {
        let Some(call) = self.call.as_mut().filter(|call| call.hang_up) else { return false };
        call.hang_up = false;
        self.start("ATH", Task::HangUp, SHORT);
        true
    }
}
