//! What the modem is, what is known of its model, and what the SIM is.

use at::reply;

use super::Modem;
use super::steps::ICCID;
use super::task::{Poll, Step};
use crate::config::SimSettings;
use crate::event::{Event, SimIdentity};

impl Modem {
    pub(super) fn keep_identity(&mut self, step: Step, lines: &[String]) {
        let text = lines
            .iter()
            .map(|line| match reply::name(line) {
                Some(name) => line[name.len() + 1..].trim().trim_matches('"').to_owned(),
                // Motorola's telephones put quotes around each.
                None => line.trim_matches('"').to_owned(),
            })
            .collect::<Vec<_>>();
        let joined = text.join(" ");
        match step {
            Step::Manufacturer => self.identity.manufacturer = joined,
            Step::Model => self.identity.model = joined,
            Step::Revision => self.identity.revision = joined,
            Step::Serial(_) => {
                self.identity.imei = lines.iter().find_map(|line| reply::imei(line));
                return;
            }
            Step::Info => {
                let own = lines.iter().filter(|line| line.to_ascii_uppercase().contains("IMEI"));
                self.boot.imei_in_info = own.clone().find_map(|line| reply::imei(line));
            }
            _ => {}
        }
        self.boot.said.push_str(&text.join("\n"));
        self.boot.said.push('\n');
    }

    /// All that the modem says of itself is known: choose the profile.
    pub(super) fn identified(&mut self) {
        if self.identity.imei.is_none() {
            self.identity.imei = self.boot.imei_in_info.take();
        }
        let profile = self.config.models.find(&self.boot.said);
        self.identity.profile = profile.map(|profile| profile.name.clone());
        if self.needs_of != self.boot.said {
            self.needs_of.clone_from(&self.boot.said);
            self.needs.forget_lacking();
        }
        self.profile = profile.cloned().unwrap_or_default();
        self.link.adapt(&self.profile);
        self.desk.set_coding(self.profile.ussd.into());
        let seen = self.identity.firmware().and_then(|name| self.config.marks_sent.get(&name));
        let marks = if self.profile.marks_sent { Some(true) } else { seen.copied() };
        self.outbox.set_marks_sent(marks);
        self.event(Event::Identity(self.identity.clone()));
    }

    pub(super) fn iccid_commands(&self) -> Vec<String> {
        let own = self.profile.iccid.iter().cloned();
        let known = ICCID.iter().map(|text| (*text).to_owned());
        own.chain(known.filter(|text| self.profile.iccid.as_ref() != Some(text))).collect()
    }

    fn said_of_sim(&self) -> Option<&SimSettings> {
        self.config.sims.get(self.boot.iccid.as_ref()?)
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

    /// A person said the number, or took back what was said: then the SIM is asked.
    pub(super) fn number_said(&mut self, before: Option<&str>) {
        let said = self.said_number().map(str::to_owned);
        if self.sim.is_none() || said.as_deref() == before {
            return;
        }
        if said.is_none() {
            self.agenda.poll(Poll::OwnNumber);
        }
        self.change_sim(|sim| sim.number = said);
    }

    /// Whose messages come in is known, as far as the SIM tells: what came before is handed out now.
    pub(super) fn sim_is_read(&mut self) {
        let known = self.sim.as_ref().and_then(|sim| sim.smsc.clone());
        self.sim_known(known);
        self.boot.sim_read = true;
        self.hand_out_early();
    }

    /// Tells what the SIM is, and whether it is another one than before.
    pub(super) fn sim_known(&mut self, centre: Option<String>) {
        let before = self.sim.take();
        let same_sim =
            before.as_ref().is_none_or(|before| match (&before.iccid, &self.boot.iccid) {
                (Some(old), Some(new)) => old == new,
                _ => {
                    before.imsi.is_none()
                        || self.boot.imsi.is_none()
                        || before.imsi == self.boot.imsi
                }
            });
        let known_number = before.as_ref().filter(|_| same_sim).and_then(|sim| sim.number.clone());
        let sim = SimIdentity {
            iccid: self.boot.iccid.clone(),
            imsi: self.boot.imsi.clone(),
            number: self.said_number().map(str::to_owned).or(known_number),
            smsc: centre.filter(|_| same_sim || self.boot.sim_read),
        };
        if before.as_ref() != Some(&sim) {
            self.event(Event::Sim(sim.clone()));
        }
        self.sim = Some(sim);
        if !same_sim {
            self.memories.forget_slots();
            self.inbox.forget_handed();
            self.outbox.forget_late();
            self.event(Event::SimChanged);
        }
    }
}
