//! What the loop hears from outside.

use contracts::mt::{Keeper, MtChange, MtEvent};
use futures_util::FutureExt as _;
use tokio::time::Instant;

use super::Release;
use crate::errand::consumers;
use crate::heard::Heard;
use crate::recent::Recent;
use crate::room::Room;

impl Release {
    pub(super) fn hear(&mut self, heard: Heard) {
        match heard {
            Heard::Admitted(admitted) => self.admit(*admitted),
            Heard::Order(batch, order) => self.obey(batch, &order),
            Heard::Modem(state) => {
                self.strangers.modem(&state);
                let now = Instant::now();
                // Each writes its state all the time; what it says is counted each second in any case.
                if self.pools.put(*state, self.clock.now(), now.into_std()) {
                    self.online_at = now;
                }
            }
            Heard::ModemGone(modem) => {
                self.pools.remove(modem);
                self.online_at = Instant::now();
            }
            Heard::Settings => {
                self.online_at = Instant::now();
                let settings = &self.settings;
                self.quotas.settings_changed(|counter| settings.counts(counter));
                self.lanes.touch_all();
                self.refuse_at_hand();
            }
            // A broker that was killed may have brought acknowledged items back, and what another copy of the router
            // released meanwhile was not heard.
            Heard::Connected => {
                self.in_doubt = true;
                self.beside.push(consumers(self.bus.clone()).boxed());
                if !self.counting {
                    self.count();
                }
            }
            Heard::Event(event) => self.happened(&event),
            Heard::Usage(counter, usage) => self.usage_changed(counter, *usage),
        }
    }

    pub(super) fn happened(&mut self, event: &MtEvent) {
        note(event, &mut self.room, &mut self.recent, Instant::now());
    }
}

/// Notes what became of a message: whether it was released, and whether it still takes a place.
pub(crate) fn note(event: &MtEvent, room: &mut Room, recent: &mut Recent, now: Instant) {
    match event.change {
        MtChange::Released { .. }
        | MtChange::Sending { .. }
        | MtChange::Deferred { .. }
        | MtChange::Uncertain { .. }
        | MtChange::Sent { .. }
        | MtChange::Failed { .. } => {
            recent.insert(event.message, event.round, now);
        }
        _ => {}
    }
    match event.change {
        MtChange::Deferred { kept_by: Keeper::Broker, until, .. } => {
            room.deferred(event.message, until);
        }
        MtChange::Sending { .. } => room.sending(event.message),
        MtChange::Admitted { .. } | MtChange::Released { .. } | MtChange::Unknown => {}
        _ => {
            room.ended(event.message);
        }
    }
}
