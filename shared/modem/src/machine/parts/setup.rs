//! What the set-up has come to: how the modem talks, PDU mode, the message service, and how messages are announced.

use at::reply::AnnounceOffer;

use super::announce::{announce_candidates, announces_all};
use crate::models::Profile;

/// What the set-up in progress, or the last one, has come to.
#[derive(Debug, Default)]
pub(crate) struct SetUp {
    /// The modem answers in numbers (`ATV0`).
    answers_in_numbers: bool,
    /// The modem cannot be kept from repeating what is written to it.
    echo_stays: bool,
    /// PDU mode was confirmed, and nothing has happened since then that may have ended it.
    pdu_mode: bool,
    service: Service,
    announcing: Announcing,
}

/// The message service (`+CSMS`).
#[derive(Debug, Default)]
struct Service {
    /// The modem offers acknowledgements.
    offers_acknowledging: bool,
    /// The modem has said which message service is in force.
    is_known: bool,
    /// Acknowledgements are wanted (`+CSMS: 1`).
    acknowledges: bool,
}

/// How messages are announced (`+CNMI`).
#[derive(Debug, Default)]
struct Announcing {
    /// The modem does not say that it cannot announce messages and give reports.
    offers_all: bool,
    /// What is to be tried, best first.
    candidates: Vec<Vec<u8>>,
    /// What is in force, as read back.
    in_force: Option<Vec<u8>>,
}

impl SetUp {
    // How the modem talks.

    pub(crate) fn answers_in_numbers(&self) -> bool {
        self.answers_in_numbers
    }

    pub(crate) fn note_number(&mut self) {
        self.answers_in_numbers = true;
    }

    /// Whether the modem repeats what is written to it although it was told not to.
    pub(crate) fn echo_stays(&self) -> bool {
        self.echo_stays
    }

    pub(crate) fn note_echo_stays(&mut self) {
        self.echo_stays = true;
    }

    // PDU mode.

    /// Whether PDU mode was confirmed, and nothing has happened since then that may have ended it.
    pub(crate) fn is_in_pdu_mode(&self) -> bool {
        self.pdu_mode
    }

    pub(crate) fn set_pdu_mode(&mut self, is_in_force: bool) {
        self.pdu_mode = is_in_force;
    }

    /// Where the echo cannot be turned off, it tells of no restart: the mode is not relied on for another message.
    pub(crate) fn doubt_pdu_mode_where_echo_stays(&mut self) {
        self.pdu_mode &= !self.echo_stays;
    }

    // The message service.

    /// The modem has said whether it offers acknowledgements.
    pub(crate) fn set_offers_acknowledging(&mut self, offers: bool) {
        self.service.offers_acknowledging = offers;
    }

    pub(crate) fn offers_acknowledging(&self) -> bool {
        self.service.offers_acknowledging
    }

    /// Notes the message service in force; `None`: the modem does not say.
    pub(crate) fn set_service(&mut self, service: Option<u8>) {
        self.service.acknowledges = service == Some(1);
        self.service.is_known = service.is_some();
    }

    pub(crate) fn is_service_known(&self) -> bool {
        self.service.is_known
    }

    /// Whether messages that come directly are to be acknowledged.
    pub(crate) fn acknowledges(&self) -> bool {
        self.service.acknowledges
    }

    // Announcing.

    /// The modem has said how it can announce messages, or nothing; `stores` says that it has a memory for them.
    pub(crate) fn set_announce_offer(
        &mut self,
        profile: &Profile,
        offer: Option<&AnnounceOffer>,
        stores: bool,
    ) {
        let candidates = announce_candidates(profile, offer, stores);
        // What is known of the model goes before what the modem says.
        let best = candidates.first().filter(|_| !profile.announce.is_empty());
        self.announcing.offers_all = best.is_none_or(|values| announces_all(values))
            && offer.is_none_or(AnnounceOffer::has_announcing_and_reports);
        self.announcing.candidates = candidates;
    }

    /// The values that are tried at this place, if there are so many.
    pub(crate) fn announce_candidate(&self, at: usize) -> Option<&[u8]> {
        self.announcing.candidates.get(at).map(Vec::as_slice)
    }

    /// Whether the candidate at this place announces less than the modem offers.
    pub(crate) fn announces_less(&self, at: usize) -> bool {
        let candidate = self.announce_candidate(at);
        self.announcing.offers_all && candidate.is_some_and(|values| !announces_all(values))
    }

    /// Whether messages are announced and reports given, as far as the modem offers that.
    pub(crate) fn announces_all_that_is_offered(&self) -> bool {
        !self.announcing.offers_all || self.announcing().is_some_and(announces_all)
    }

    pub(crate) fn set_announcing(&mut self, values: Vec<u8>) {
        self.announcing.in_force = Some(values);
    }

    /// How messages are announced, as read back.
    pub(crate) fn announcing(&self) -> Option<&[u8]> {
        self.announcing.in_force.as_deref()
    }

    /// Whether messages that are stored are announced.
    pub(crate) fn announces_messages(&self) -> bool {
        self.is_announced(1)
    }

    /// Whether delivery reports are given.
    pub(crate) fn gives_reports(&self) -> bool {
        self.is_announced(3)
    }

    /// Whether what stands at this place of `+CNMI` is on, and the first one, without which none is.
    fn is_announced(&self, at: usize) -> bool {
        let values = self.announcing().unwrap_or_default();
        [0, at].into_iter().all(|at| values.get(at).is_some_and(|value| *value > 0))
    }
}
