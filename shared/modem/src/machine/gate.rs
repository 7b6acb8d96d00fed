//! Whether the set-up goes on to the next step, or is put off.

use std::time::Duration;

use super::Modem;
use super::parts::phase::Phase;
use super::parts::task::{Need, Step, Upkeep};

/// The time within which no modem restarts.
const LEFT_ALONE: Duration = Duration::from_secs(2);

impl Modem {
    /// Goes on to this step. `false`: the modem is put off, because what the steps before were for is not in force, or
    /// because this step settles for less than the modem offers.
    pub(super) fn go_on_to(&mut self, step: Step) -> bool {
        let need = step.need();
        let left = self.needs.left_for(need);
        if left.is_some_and(|before| !self.is_met(before) && self.put_off(before)) {
            return false;
        }
        self.needs.serve(need);
        if left == Some(Need::Sim) {
            self.sim_is_read();
        }
        !need.is_some_and(|need| self.settles_for_less(step) && self.put_off(need))
    }

    fn is_met(&self, need: Need) -> bool {
        match need {
            Need::PduMode => self.setup.is_in_pdu_mode(),
            Need::Sim => self.sim.is_identified(),
            Need::Service => self.setup.is_service_known(),
            Need::Storage => self.memories.are_known(),
            Need::Announcing => self.setup.announces_all_that_is_offered(),
            Need::Registration => self.network.is_told(),
        }
    }

    /// Whether a step is taken only because a better one was refused.
    fn settles_for_less(&self, step: Step) -> bool {
        match step {
            Step::Service(0) => self.setup.offers_acknowledging(),
            Step::Announce(at) => self.setup.announces_less(at),
            _ => false,
        }
    }

    /// Puts the modem off for a need that is not met, after which the whole set-up comes again. `false` when the modem
    /// goes without.
    fn put_off(&mut self, need: Need) -> bool {
        // With the radio off, much is refused, and nothing is sent.
        if self.config.flight_mode {
            return false;
        }
        let Some(pause) = self.needs.put_off(self.now, need) else { return false };
        // What was not answered before may be answered then.
        self.link.forget_missed();
        self.phase = Phase::Wait { until: self.now + pause, step: Step::Echo };
        true
    }

    /// Whether PDU mode is certain. A modem that was left alone for a while may have restarted without a word.
    pub(super) fn is_in_pdu_mode(&self) -> bool {
        self.setup.is_in_pdu_mode() && self.now < self.link.last_result_at() + LEFT_ALONE
    }

    /// Something happened after which the modem may be in text mode: it is told again before anything else.
    pub(super) fn doubt_pdu_mode(&mut self) {
        self.setup.set_pdu_mode(false);
        self.agenda.keep_up(Upkeep::PduMode);
    }
}
