//! The SIM's lock. A PIN is entered once; the last try and the PUK are left to a person.

use std::time::Duration;

use at::Final;
use at::reply::{self, SimLock};

use super::Modem;
use super::parts::active::Active;
use super::parts::phase::Phase;
use super::parts::sim::Blocker;
use super::parts::task::{Step, Wanted};
use crate::config::RefusedPin;
use crate::event::{Event, PinEvent};

/// How often a SIM that needs a person, or that is not there, is looked at.
const SLOW: Duration = Duration::from_secs(10);

impl Modem {
    /// Takes the answer to `AT+CPIN?`. Returns the next step; `None`: this one comes again later.
    pub(super) fn lock_known(&mut self, active: &Active, result: &Final) -> Option<Step> {
        if let Some(lock) = Self::lock_of(active) {
            return self.lock_is(lock);
        }
        match result.code() {
            Some(10 | 310) => self.blocked(Blocker::NoSim),
            Some(11 | 311) => self.lock_is(SimLock::Pin),
            Some(12 | 316) => self.lock_is(SimLock::Puk),
            Some(13 | 313 | 262 | 772 | 23 | 320) => self.blocked(Blocker::SimFailure),
            Some(15 | 315 | 5..=7 | 40..=48 | 312) => self.blocked(Blocker::Locked),
            Some(3 | 14 | 302 | 314 | 514 | 515 | 517 | 532) => self.lock_is(SimLock::NotReady),
            // The modem does not know the question, or says nothing of use: what follows will tell.
            _ => Some(self.lock_open()),
        }
    }

    /// The lock is open (`+CPIN: READY`).
    fn lock_open(&mut self) -> Step {
        self.sim.note_not_busy();
        self.sim.set_blocker(None);
        Step::InitSim(0)
    }

    /// What the answer to `AT+CPIN?` says of the lock, when it says anything.
    pub(super) fn lock_of(active: &Active) -> Option<SimLock> {
        active.lines().iter().find_map(|line| reply::value(line, "+CPIN")).map(SimLock::parse)
    }

    fn lock_is(&mut self, lock: SimLock) -> Option<Step> {
        match lock {
            SimLock::Ready | SimLock::Second | SimLock::Unknown => {
                self.pin_was_right();
                Some(self.lock_open())
            }
            SimLock::Pin => self.pin_asked(),
            SimLock::Puk => self.blocked(Blocker::Puk),
            SimLock::Phone => self.blocked(Blocker::Locked),
            SimLock::Absent => self.blocked(Blocker::NoSim),
            SimLock::NotReady => {
                if self.wait_for_sim(Step::Lock) {
                    return None;
                }
                self.blocked(Blocker::SimBusy)
            }
        }
    }

    /// A person must do something: until then the lock is looked at now and then.
    fn blocked(&mut self, blocker: Blocker) -> Option<Step> {
        if matches!(blocker, Blocker::NoSim | Blocker::SimFailure) {
            self.sim.forget();
            self.needs.serve(None);
        }
        self.sim.set_blocker(Some(blocker));
        self.phase = Phase::Wait { until: self.now + SLOW, step: Step::Lock };
        None
    }

    fn pin_asked(&mut self) -> Option<Step> {
        if self.sim.is_pin_entered() {
            // The SIM took the PIN a moment ago and does not say so yet.
            if self.wait_for_sim(Step::Lock) {
                return None;
            }
            return self.blocked(Blocker::PinRefused);
        }
        if self.config.pin.is_none() {
            return self.blocked(Blocker::PinNeeded);
        }
        // The ICCID and the tries left are asked for first: both decide whether the PIN may be entered.
        Some(Step::EarlyIccid(0))
    }

    /// Whether the PIN may be entered. When not, the machine is blocked.
    fn may_enter_pin(&mut self) -> bool {
        let Some(pin) = self.current_pin() else {
            self.blocked(Blocker::PinNeeded);
            return false;
        };
        if self.is_refused(&pin) {
            self.blocked(Blocker::PinRefused);
            return false;
        }
        if self.sim.pin_tries().is_some_and(|tries| tries <= 1) {
            self.blocked(Blocker::LastTry);
            return false;
        }
        true
    }

    fn is_refused(&self, pin: &RefusedPin) -> bool {
        let tries = self.sim.pin_tries();
        self.config.refused_pins.iter().any(|known| {
            known.pin == pin.pin
                && (known.iccid.is_none() || pin.iccid.is_none() || known.iccid == pin.iccid)
                // A SIM with all its tries has refused no PIN since the last right one.
                && (known.certain || tries.is_none_or(|tries| tries < 3))
        })
    }

    /// Whether the SIM refused the PIN that is set, so that it is not tried again.
    pub fn pin_is_refused(&self) -> bool {
        self.current_pin().is_some_and(|pin| self.is_refused(&pin))
    }

    /// The command that enters the PIN; `None` when the PIN may not be entered.
    pub(super) fn pin_command(&mut self) -> Option<String> {
        if !self.may_enter_pin() {
            return None;
        }
        let pin = self.current_pin()?;
        let text = at::command::enter_pin(&pin.pin);
        self.forget_pin(&pin);
        self.config.refused_pins.push(pin.clone());
        self.event(Event::Pin(PinEvent::Trying(pin)));
        self.health.expect_start(self.now);
        Some(text)
    }

    /// The PIN that is set, for the SIM that is in.
    fn current_pin(&self) -> Option<RefusedPin> {
        let pin = self.config.pin.clone()?;
        Some(RefusedPin { iccid: self.sim.iccid().map(str::to_owned), pin, certain: false })
    }

    /// Forgets that a PIN was entered with an unknown outcome. `false` when that was not known.
    fn forget_pin(&mut self, pin: &RefusedPin) -> bool {
        let before = self.config.refused_pins.len();
        self.config
            .refused_pins
            .retain(|known| known.certain || known.pin != pin.pin || known.iccid != pin.iccid);
        self.config.refused_pins.len() < before
    }

    /// Takes the answer to `AT+CPIN="…"`. Returns the next step; `None`: one comes later.
    pub(super) fn pin_answered(&mut self, result: &Final) -> Option<Step> {
        match (result, result.cme_code()) {
            (Final::Ok, _) => {
                self.sim.set_pin_entered(true);
                self.pin_was_right();
                let pause = Duration::from_millis(self.device.profile().sms_ready_ms);
                if !pause.is_zero() && !self.sim.is_sms_ready() {
                    let until = self.now + pause;
                    self.phase = Phase::Wait { until, step: Step::Lock };
                    return None;
                }
                Some(Step::Lock)
            }
            (_, Some(14 | 515)) => {
                if let Some(pin) = self.current_pin() {
                    self.forget_pin(&pin);
                    self.event(Event::Pin(PinEvent::NotTried(pin)));
                }
                if self.wait_for_sim(Step::Lock) {
                    return None;
                }
                self.blocked(Blocker::SimBusy)
            }
            (_, code) => {
                if let Some(pin) = self.current_pin() {
                    let pin = RefusedPin { certain: true, ..pin };
                    self.forget_pin(&pin);
                    self.config.refused_pins.push(pin.clone());
                    self.event(Event::Pin(PinEvent::Refused(pin)));
                }
                self.blocked(if code == Some(12) { Blocker::Puk } else { Blocker::PinRefused })
            }
        }
    }

    /// The SIM is open: a PIN of unknown outcome was the right one.
    fn pin_was_right(&mut self) {
        let Some(mut pin) = self.current_pin() else { return };
        // The ICCID may have become readable only now.
        let known = self.config.refused_pins.iter().find(|k| !k.certain && k.pin == pin.pin);
        if let Some(known) = known {
            pin.iccid.clone_from(&known.iccid);
        }
        if self.forget_pin(&pin) {
            self.event(Event::Pin(PinEvent::Accepted(pin)));
        }
    }

    /// A person set the PIN, which may be entered once more if its outcome is unknown.
    pub(super) fn pin_set(&mut self) {
        if let Some(pin) = self.config.pin.clone() {
            self.config.refused_pins.retain(|known| known.certain || known.pin != pin);
        }
        self.look_at_sim_again();
    }

    /// Looks at the SIM now, not when its turn comes.
    pub(super) fn look_at_sim_again(&mut self) {
        self.sim.set_pin_entered(false);
        self.hurry();
    }

    /// The SIM went, came, or asks for something, while the modem was at work.
    pub(super) fn sim_moved(&mut self) {
        match self.phase {
            Phase::Run => self.want(Wanted::LookAtSim),
            Phase::Wait { .. } => self.look_at_sim_again(),
            _ => {}
        }
    }
}
