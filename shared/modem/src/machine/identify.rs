//! What the modem is, what is known of its model, and what the SIM is.

use super::Modem;
use super::parts::task::Poll;
use crate::config::SimSettings;
use crate::event::{Event, SimIdentity};

impl Modem {
    /// All that the modem says of itself is known: what is known of its model is used from now on.
    pub(super) fn identified(&mut self) {
        self.device.identify(&self.config.models);
        self.needs.belong_to(self.device.said());
        let profile = self.device.profile();
        self.link.adapt(profile);
        self.desk.set_coding(profile.ussd.into());
        let firmware = self.device.identity().firmware();
        let seen = firmware.and_then(|name| self.config.marks_sent.get(&name));
        let marks = if profile.marks_sent { Some(true) } else { seen.copied() };
        self.outbox.set_marks_sent(marks);
        self.event(Event::Identity(self.device.identity().clone()));
    }

    /// What a person said of the SIM that is in.
    fn said_of_sim(&self) -> Option<&SimSettings> {
        self.config.sims.get(self.sim.iccid()?)
    }

    /// The SIM's own number, as a person said it.
    pub(super) fn said_number(&self) -> Option<&str> {
        let own = self.said_of_sim().and_then(|sim| sim.number.as_deref());
        own.or(self.config.number.as_deref())
    }

    /// The service centre's number, as a person said it.
    pub(super) fn said_centre(&self) -> Option<&str> {
        let own = self.said_of_sim().and_then(|sim| sim.smsc.as_deref());
        own.or(self.config.smsc.as_deref())
    }

    /// A person said the SIM's number, or took back what was said before: then the SIM is asked.
    pub(super) fn number_said(&mut self, before: Option<&str>) {
        let said = self.said_number().map(str::to_owned);
        if self.sim.identity().is_none() || said.as_deref() == before {
            return;
        }
        if said.is_none() {
            self.agenda.poll(Poll::OwnNumber);
        }
        self.change_sim(|sim| sim.number = said);
    }

    /// The SIM is read, so that it is known whose the messages are that come in: those that came before are handed
    /// out now.
    pub(super) fn sim_is_read(&mut self) {
        let known = self.sim.identity().and_then(|sim| sim.smsc.clone());
        self.sim_known(known);
        self.sim.note_read();
        self.hand_out_early();
    }

    /// Tells what the SIM is, and that it is another one than before where it is.
    pub(super) fn sim_known(&mut self, centre: Option<String>) {
        let same_sim = self.sim.is_the_same();
        let number = self.said_number().map(str::to_owned);
        if self.sim.identify(number, centre) {
            self.tell_sim();
        }
        if !same_sim {
            self.errands.forget_slots();
            self.inbox.forget_handed();
            self.outbox.forget_late();
            self.event(Event::SimChanged);
        }
    }

    /// Changes what is known of the SIM, and tells it.
    pub(super) fn change_sim(&mut self, change: impl FnOnce(&mut SimIdentity)) {
        if self.sim.change(change) {
            self.tell_sim();
        }
    }

    fn tell_sim(&mut self) {
        if let Some(identity) = self.sim.identity() {
            self.notices.event(Event::Sim(identity.clone()));
        }
    }
}
