//! What a person, or the machine itself, wants done when the command in flight has ended.

use super::Modem;
use super::parts::phase::Phase;
use super::parts::task::{Step, Wanted};
use crate::event::NotSent;

impl Modem {
    /// Notes a wish; the stronger one wins.
    pub(super) fn want(&mut self, wanted: Wanted) {
        let setting_up = matches!(self.phase, Phase::Boot(_) | Phase::Handshake(_));
        if setting_up && wanted == Wanted::LookAtSim {
            return;
        }
        self.agenda.want(wanted);
        // Nothing new begins while the wish is open.
        if !self.outbox.is_sending() {
            self.give_back_next(NotSent::NotReady);
        }
    }

    /// Fulfils a wish; only called when no command is in flight.
    pub(super) fn fulfil(&mut self) -> bool {
        let Some(wanted) = self.agenda.take_wanted() else { return false };
        self.abort(NotSent::NotReady);
        match wanted {
            Wanted::LookAtSim => {
                self.sim.forget();
                self.needs.serve(None);
                self.phase = Phase::Boot(Step::Lock);
            }
            Wanted::SetUp => self.begin_boot(),
            Wanted::Reset => self.reset_modem(),
        }
        true
    }
}
