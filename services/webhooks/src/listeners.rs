//! Which endpoint is told of something.

use contracts::{OrgId, SimId, UserId, WebhookEvent};
use keyword::is_beheaded;
use store::{Listener, Reach, SimError, Store, StoreError, WebhookDelivery, WebhookFilter};

use crate::announcement::{About, Announcement};

/// Whether an endpoint wants to be told and may be.
pub(crate) async fn is_told(
    store: &Store,
    listener: &Listener,
    announcement: &Announcement,
) -> Result<bool, StoreError> {
    if !wants(listener, announcement) {
        return Ok(false);
    }
    let reach = listener.reach;
    match &announcement.about {
        About::Sent(event) => Ok(reach.sees(event.org, event.owner)),
        About::Batch(finished) => Ok(reach.sees(finished.org, finished.owner)),
        // What is wrong with the gateway is for those who operate it.
        About::Alert(alert) => Ok(alert.org == reach.org && reach.operates()),
        About::Received(message) => store.may_read(reach, message).await,
        About::Modem(event) => {
            // Modems are seen by everybody in the organisation of their SIMs; what comes to a SIM is not.
            let is_received =
                matches!(announcement.event, WebhookEvent::CallMissed | WebhookEvent::UssdReceived);
            match event.sim {
                Some(sim) if is_received => reads(store, reach, reach.org, sim).await,
                Some(sim) => Ok(sim_of(store, reach, sim).await?.is_some()),
                None => Ok(!is_received && reach.org == OrgId::default_org()),
            }
        }
    }
}

/// Whether what waits for an endpoint may still be seen by its owner, whose reach is this now. What is not known of it, as in
/// rows of before, hides nothing.
pub(crate) async fn may_still_be_told(
    store: &Store,
    reach: Reach,
    delivery: &WebhookDelivery,
) -> Result<bool, StoreError> {
    use WebhookEvent as E;
    let Some(event) = delivery.event else { return Ok(true) };
    match (event, delivery.owner, delivery.sim) {
        (E::SmsReceived, Some(owner), _) => Ok(owns(reach, owner)),
        (E::SmsReceived | E::CallMissed | E::UssdReceived, None, Some(sim)) => {
            reads(store, reach, reach.org, sim).await
        }
        (
            E::ModemOnline
            | E::ModemOffline
            | E::ModemDegraded
            | E::BalanceLow
            | E::SimQuotaLow
            | E::SimBlocked
            | E::SimUnblocked,
            _,
            Some(sim),
        ) => Ok(sim_of(store, reach, sim).await?.is_some()),
        (E::AlertOpened | E::AlertClosed, ..) => Ok(reach.operates()),
        (E::WebhookDisabled, ..) | (_, None, _) => Ok(true),
        (_, Some(owner), _) => Ok(reach.sees(reach.org, owner)),
    }
}

/// Whether what was received for an account is seen in this reach.
fn owns(reach: Reach, owner: UserId) -> bool {
    let unset = contracts::config_kv::Sim::unset(reach.org);
    reach.reads(reach.org, Some(owner), &unset)
}

/// Whether what comes to a SIM and is nobody's is seen in this reach.
async fn reads(store: &Store, reach: Reach, org: OrgId, sim: SimId) -> Result<bool, StoreError> {
    let settings = sim_of(store, reach, sim).await?;
    Ok(settings.is_some_and(|settings| reach.reads(org, None, &settings)))
}

async fn sim_of(
    store: &Store,
    reach: Reach,
    sim: SimId,
) -> Result<Option<contracts::config_kv::Sim>, StoreError> {
    match store.sim(reach, sim).await {
        Ok(settings) => Ok(Some(settings)),
        Err(SimError::Store(error)) => Err(error),
        Err(SimError::Elsewhere | SimError::NoSuchUser(_) | SimError::OfTeam(_)) => Ok(None),
    }
}

/// Whether an endpoint wants to be told.
pub(crate) fn wants(listener: &Listener, announcement: &Announcement) -> bool {
    let webhook = &listener.webhook;
    if !webhook.events.contains(&announcement.event) {
        return false;
    }
    match &announcement.about {
        // What is received goes through the filter.
        About::Received(message) => {
            let from = message.from.to_string();
            // How a text begins is not known while its first part is missing.
            let text = message.text.as_deref().filter(|_| !is_beheaded(message));
            lets_through(&webhook.filter, Some(message.sim), Some(&from), text)
        }
        About::Modem(event)
            if matches!(
                announcement.event,
                WebhookEvent::CallMissed | WebhookEvent::UssdReceived
            ) =>
        {
            let from = event.from.as_ref().map(ToString::to_string);
            let text = (announcement.event == WebhookEvent::UssdReceived).then_some(&*event.text);
            lets_through(&webhook.filter, event.sim, from.as_deref(), text)
        }
        About::Sent(_) | About::Modem(_) | About::Batch(_) | About::Alert(_) => true,
    }
}

fn lets_through(
    filter: &WebhookFilter,
    sim: Option<SimId>,
    from: Option<&str>,
    text: Option<&str>,
) -> bool {
    filter.sim.is_none_or(|wanted| sim == Some(wanted))
        && filter
            .sender
            .as_deref()
            .is_none_or(|wanted| from.is_some_and(|from| from.eq_ignore_ascii_case(wanted)))
        && filter
            .keyword
            .as_deref()
            .is_none_or(|wanted| text.is_some_and(|text| begins(text, wanted)))
}

/// Whether a text begins with these characters, letter case aside and whatever blanks stand before them.
fn begins(text: &str, wanted: &str) -> bool {
    let mut text = text.trim_start().chars().flat_map(char::to_lowercase);
    wanted.trim().chars().flat_map(char::to_lowercase).all(|wanted| text.next() == Some(wanted))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_keyword_is_how_a_text_begins() {
        for (text, wanted, is) in [
            ("INFO jadwal", "info", true),
            ("  Info", "INFO", true),
            ("informasi", "info", true),
            ("in", "info", false),
            ("tolong info", "info", false),
            ("ÇOK", "çok", true),
            ("", "info", false),
        ] {
            assert_eq!(begins(text, wanted), is, "{text} {wanted}");
        }
    }

    #[test]
    fn every_part_of_a_filter_has_to_fit() {
        let (sim, other) = (SimId::derived("1"), SimId::derived("2"));
        let filter = WebhookFilter {
            sim: Some(sim),
            sender: Some("Bank".to_owned()),
            keyword: Some("otp".to_owned()),
        };
        let through = |sim, from, text| lets_through(&filter, sim, from, text);
        assert!(through(Some(sim), Some("BANK"), Some("OTP 1")));
        assert!(!through(Some(other), Some("BANK"), Some("OTP 1")));
        assert!(!through(Some(sim), Some("SHOP"), Some("OTP 1")));
        assert!(!through(Some(sim), Some("BANK"), Some("Your OTP")));
        assert!(!through(Some(sim), Some("BANK"), None));
        assert!(lets_through(&WebhookFilter::default(), None, None, None));
    }
}
