//! Where the machine is.

use std::time::Instant;

use super::Modem;
use super::recover::Sync;
use super::task::{Step, Wanted};
use crate::event::NotSent;

/// Where the machine is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Phase {
    /// The port is closed.
    Closed,
    /// Waiting for the caller to open the port anew.
    Gone,
    /// `AT` until it answers.
    Sync(Sync),
    /// Setting up.
    Boot(Step),
    /// Set up as far as it goes; this step is tried again later.
    Wait { until: Instant, step: Step },
    /// The modem was told to restart.
    Resetting { until: Instant },
    /// Set up.
    Run,
}

impl Phase {
    pub(super) fn is_open(&self) -> bool {
        !matches!(self, Self::Closed | Self::Gone)
    }

    pub(super) fn due(&self) -> Option<Instant> {
        match self {
            Self::Sync(sync) => sync.due(),
            Self::Wait { until, .. } | Self::Resetting { until } => Some(*until),
            _ => None,
        }
    }
}

impl Modem {
    /// The stronger wish wins.
    pub(super) fn want(&mut self, wanted: Wanted) {
        let setting_up = matches!(self.phase, Phase::Boot(_) | Phase::Sync(_));
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

    /// What was waited for: a step, or, where it is the first, the whole set-up.
    pub(super) fn resume(&mut self, step: Step) {
        if step == Step::Echo {
            self.begin_boot();
        } else {
            self.phase = Phase::Boot(step);
        }
    }

    pub(super) fn phase_ran_out(&mut self) {
        match self.phase.clone() {
            Phase::Sync(sync) => self.sync_ran_out(sync),
            Phase::Wait { step, .. } if self.link.is_free() => self.resume(step),
            // A request by hand is in flight: a moment later.
            Phase::Wait { step, .. } => {
                self.phase = Phase::Wait { until: self.now + super::idle::SOON, step };
            }
            Phase::Resetting { .. } => {
                self.health.expect_start(self.now);
                self.begin_boot();
            }
            Phase::Closed | Phase::Gone | Phase::Boot(_) | Phase::Run => {}
        }
    }
}
