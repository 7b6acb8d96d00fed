//! Which endpoint is told of something.

use contracts::{OrgId, SimId, WebhookEvent};
use store::{Listener, Reach, SimError, Store, StoreError, WebhookFilter};

use crate::happening::{About, Happening};

/// Whether an endpoint wants to be told and may be.
pub(crate) async fn is_told(
    store: &Store,
    listener: &Listener,
    happening: &Happening,
) -> Result<bool, StoreError> {
    if !wants(listener, happening) {
        return Ok(false);
    }
    let reach = listener.reach;
    match &happening.about {
        About::Sent(event) => Ok(reach.sees(event.org, event.owner)),
        About::Received(message) => store.may_read(reach, message).await,
        About::Modem(event) => {
            // Modems are seen by everybody in the organisation of their SIMs; what comes to a SIM is not.
            let is_received =
                matches!(happening.event, WebhookEvent::CallMissed | WebhookEvent::UssdReceived);
            match event.sim {
                Some(sim) if is_received => reads(store, reach, reach.org, sim).await,
                Some(sim) => Ok(sim_of(store, reach, sim).await?.is_some()),
                None => Ok(!is_received && reach.org == OrgId::default_org()),
            }
        }
    }
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
        Err(SimError::Elsewhere | SimError::NoSuchUser(_)) => Ok(None),
    }
}

/// Whether an endpoint wants to be told.
pub(crate) fn wants(listener: &Listener, happening: &Happening) -> bool {
    let webhook = &listener.webhook;
    if !webhook.events.contains(&happening.event) {
        return false;
    }
    match &happening.about {
        // What is received goes through the filter.
        About::Received(message) => {
            let from = message.from.to_string();
            lets_through(&webhook.filter, Some(message.sim), Some(&from), message.text.as_deref())
        }
        About::Modem(event)
            if matches!(happening.event, WebhookEvent::CallMissed | WebhookEvent::UssdReceived) =>
        {
            let from = event.from.as_ref().map(ToString::to_string);
            let text = (happening.event == WebhookEvent::UssdReceived).then_some(&*event.text);
            lets_through(&webhook.filter, event.sim, from.as_deref(), text)
        }
        About::Sent(_) | About::Modem(_) => true,
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
