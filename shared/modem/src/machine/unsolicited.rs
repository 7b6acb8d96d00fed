//! What the modem says unasked, in any state.

use at::reply::SimLock;
use at::{SimPresence, Urc};

use super::Modem;
use super::parts::phase::Phase;
use super::parts::task::Poll;
use crate::event::NotSent;

impl Modem {
    pub(super) fn unsolicited(&mut self, urc: Urc, line: &str) {
        match urc {
            Urc::Stored { memory, index } | Urc::ReportStored { memory, index } => {
                self.errands.slot_named(&self.memories, memory, index);
            }
            // A report in text mode stands in one line, which nobody can read here.
            Urc::Report { length: None } => {
                self.doubt_pdu_mode();
                self.garbage("a status report in text mode");
            }
            Urc::Message { length } | Urc::Report { length } => self.pdu_follows(length),
            Urc::Broadcast => self.broadcast_follows(),
            Urc::Registration { domain, line } => self.network.said(domain, line),
            Urc::Ussd(value) if at::ussd::is_complete(&value) => self.ussd_said(&value),
            Urc::Ussd(value) => self.ussd_follows(&value),
            Urc::Ring => self.rings(None),
            Urc::Caller(from) => self.rings(from),
            Urc::Started => self.started(),
            Urc::PowerDown => self.powers_down(),
            Urc::SmsReady => self.sms_is_ready(),
            Urc::SimLock(lock) => self.lock_said(lock),
            Urc::Sim(SimPresence::Removed) => self.sim_moved(),
            Urc::Sim(SimPresence::Inserted) => {
                if self.waits_for_sim() {
                    self.look_at_sim_again();
                } else if self.phase == Phase::Run {
                    self.agenda.poll_first(Poll::Iccid);
                }
            }
            Urc::StorageFull => self.errands.look(&self.memories, false),
            Urc::Signal(dbm) => self.network.set_signal(Some(dbm)),
            Urc::Technology(technology) => self.network.set_technology(technology),
            Urc::Ignored => {
                if line.starts_with("+CMGL") || line.starts_with("+CMGR") {
                    self.garbage("a stored message that nobody asked for");
                }
            }
        }
    }

    /// `SMS Ready` came. On a port that has been at work for a while this means that the modem restarted.
    fn sms_is_ready(&mut self) {
        self.sim.note_sms_ready();
        match self.phase {
            Phase::Wait { .. } => self.hurry(),
            Phase::Run if !self.health.may_be_starting(self.now) => self.started(),
            // The memories can be read only from now on.
            Phase::Run => self.errands.look(&self.memories, true),
            _ => {}
        }
    }

    /// The modem turns itself off, and may come back.
    fn powers_down(&mut self) {
        if self.phase.is_open() {
            self.notices.rebooted();
            self.abort(NotSent::Rebooted);
            self.health.expect_start(self.now);
            self.begin_boot();
        }
    }

    /// `+CPIN` came by itself.
    fn lock_said(&mut self, lock: SimLock) {
        match lock {
            SimLock::Ready if self.waits_for_sim() => self.hurry(),
            SimLock::Pin | SimLock::Puk | SimLock::Absent | SimLock::NotReady | SimLock::Phone => {
                if self.phase == Phase::Run {
                    self.sim_moved();
                }
            }
            SimLock::Ready | SimLock::Second | SimLock::Unknown => {}
        }
    }
}
