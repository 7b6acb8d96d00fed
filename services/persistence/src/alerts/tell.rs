//! Telling of alerts: an event, and an SMS of those that begin together.
//!
//! What is to be told is read from the rows and noted when it was told. Whoever is killed between leaves it to be told again, under
//! the same ids: readers of events know them, and a message that is requested twice is one.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use bus::PublishError;
use contracts::alert::{Alert, AlertKind};
use contracts::mt::{MtRequest, PrioritisedRequest};
use contracts::{EventId, MessageId, OrgId, Priority, SimId, UserId};
use store::{MOST_OPEN_ALERTS, Reach, StoreError, UntoldAlert};

use super::facts::Modem;
use super::{WatchError, Watcher};

/// The most characters of an SMS: two parts.
const LONGEST_SMS: usize = 300;
/// How long an SMS about an alert is worth sending.
const WORTH: Duration = Duration::from_hours(1);

impl Watcher {
    /// Tells of all that was not told. What was told and could not be noted as told is in `unnoted`, and is not told again: as long
    /// as the database cannot be written, no SMS follows another.
    pub(super) async fn tell(
        &self,
        modems: &[Modem],
        open: &[Alert],
        unnoted: &mut Vec<UntoldAlert>,
    ) -> Result<(), WatchError> {
        if !unnoted.is_empty() {
            self.store.alerts_told(unnoted).await?;
            unnoted.clear();
        }
        loop {
            let untold = self.store.untold_alerts(MOST_OPEN_ALERTS).await?;
            if untold.is_empty() {
                return Ok(());
            }
            let events: Vec<Alert> = untold.iter().flat_map(events).collect();
            self.bus.publish_all(&events).await?;
            let sim = self.working_sim(modems, open).await?;
            for (together, alerts) in together(&untold) {
                self.send(together, &text(&alerts), sim).await?;
            }
            for event in &events {
                let (id, kind, words) = (event.id, event.kind, &event.text);
                if event.closed_at.is_some() {
                    tracing::info!(alert.id = %id, %kind, "over: {words}");
                } else {
                    tracing::warn!(alert.id = %id, %kind, "{words} {}", event.advice);
                }
            }
            // What is to be told is bounded by how many alerts are read.
            *unnoted = untold;
            self.store.alerts_told(unnoted).await?;
            unnoted.clear();
        }
    }

    /// How many times in a day the numbers are sent an SMS.
    pub(super) fn sms_a_day(&self) -> u32 {
        let numbers = u32::try_from(self.config.sms_to.len()).unwrap_or(u32::MAX);
        self.config.sms_per_day.checked_div(numbers).unwrap_or(0)
    }

    async fn send(
        &self,
        together: EventId,
        text: &str,
        sim: Option<SimId>,
    ) -> Result<(), PublishError> {
        let now = self.clock.now();
        for to in &self.config.sms_to {
            let request = MtRequest {
                id: Some(MessageId::of_alerts(together, to)),
                created_at: Some(now),
                not_after: Some(now.plus(WORTH)),
                sim,
                ..MtRequest::text(to.clone(), text)
            };
            let priority = Priority::Normal;
            self.bus.publish(&PrioritisedRequest { priority, request: &request }).await?;
        }
        Ok(())
    }

    /// The SIM by which an SMS goes out: of those of which nothing is wrong and that are nobody's own, the one with the least to do.
    /// None: any of the default pool, when one is back.
    async fn working_sim(
        &self,
        modems: &[Modem],
        open: &[Alert],
    ) -> Result<Option<SimId>, StoreError> {
        let owner = UserId::internal();
        let internal = Reach::own(OrgId::default_org(), owner);
        for sim in candidates(modems, open) {
            if self.store.may_send_through(internal, owner, sim).await? {
                return Ok(Some(sim));
            }
        }
        Ok(None)
    }
}

/// The SIMs of modems of which nothing is wrong, those with the least to do first.
fn candidates(modems: &[Modem], open: &[Alert]) -> Vec<SimId> {
    use AlertKind::{BalanceLow, ModemOffline, ModemSick};
    let is_wrong = |subject: &str| {
        open.iter().any(|alert| {
            matches!(alert.kind, ModemOffline | ModemSick | BalanceLow) && alert.subject == subject
        })
    };
    let mut candidates: Vec<(u32, &str, SimId)> = modems
        .iter()
        .filter(|modem| modem.is_online() && !is_wrong(&modem.state.id.to_string()))
        // A SIM that has reached a limit would send it too late.
        .filter(|modem| modem.state.closed.is_none())
        .filter_map(|modem| {
            let sim = modem.state.sim.as_ref()?.id;
            (!is_wrong(&sim.to_string())).then_some((modem.state.queue, &*modem.state.name, sim))
        })
        .collect();
    candidates.sort();
    candidates.into_iter().map(|(_, _, sim)| sim).collect()
}

/// What is told of an alert: that it began, that it is over, or both.
fn events(untold: &UntoldAlert) -> Vec<Alert> {
    let alert = &untold.alert;
    let opening = untold.opening.then(|| Alert { closed_at: None, ..alert.clone() });
    let closing = alert.closed_at.map(|_| alert.clone());
    opening.into_iter().chain(closing).collect()
}

/// The alerts that begin, by what makes them one SMS. What is over already is not worth one.
fn together(untold: &[UntoldAlert]) -> BTreeMap<EventId, Vec<&Alert>> {
    let mut together: BTreeMap<EventId, Vec<&Alert>> = BTreeMap::new();
    for one in untold.iter().filter(|one| one.opening && one.alert.closed_at.is_none()) {
        if let Some(id) = one.together {
            together.entry(id).or_default().push(&one.alert);
        }
    }
    together
}

/// The text of an SMS that tells of alerts: as many of them as fit, and how many more there are.
fn text(alerts: &[&Alert]) -> String {
    let mut text = "Merpati:".to_owned();
    let mut told = 0;
    for alert in alerts {
        let fits = text.chars().count() + 1 + alert.text.chars().count() <= LONGEST_SMS;
        if told > 0 && !fits {
            break;
        }
        text.push(' ');
        let room = LONGEST_SMS.saturating_sub(text.chars().count());
        text.extend(alert.text.chars().take(room));
        told += 1;
    }
    let more = alerts.len() - told;
    if more > 0 {
        let _ = write!(text, " And {more} more: merpati alerts");
    }
    text
}

#[cfg(test)]
mod tests {
    use contracts::{AlertId, Timestamp};

    use super::*;
    use crate::alerts::facts::tests::modem;

    fn alert(kind: AlertKind, subject: &str, text: &str) -> Alert {
        Alert {
            id: AlertId::derived(subject),
            org: OrgId::default_org(),
            kind,
            subject: subject.to_owned(),
            name: subject.to_owned(),
            text: text.to_owned(),
            advice: "Mend it.".to_owned(),
            opened_at: Timestamp::from_micros(1),
            closed_at: None,
        }
    }

    #[test]
    fn an_sms_has_what_fits_and_says_how_many_more_there_are() {
        let all: Vec<Alert> = (0..9)
            .map(|n| alert(AlertKind::ModemOffline, &n.to_string(), &"x".repeat(100)))
            .collect();
        let some = |count: usize| text(&all.iter().take(count).collect::<Vec<_>>());
        assert_eq!(some(1), format!("Merpati: {}", "x".repeat(100)));
        assert!(!some(2).contains("more"));
        assert!(some(9).ends_with(" And 7 more: merpati alerts"), "{}", some(9));
        let long = alert(AlertKind::ModemOffline, "long", &"y".repeat(1_000));
        assert_eq!(text(&[&long]).chars().count(), LONGEST_SMS);
    }

    #[test]
    fn what_began_and_what_is_over_is_told_once_each() {
        let open = alert(AlertKind::DiskLow, "disk", "Full.");
        let closed = Alert { closed_at: Some(Timestamp::from_micros(2)), ..open.clone() };
        let of = |alert: &Alert, opening| {
            events(&UntoldAlert { alert: alert.clone(), opening, together: None })
        };
        assert_eq!(of(&open, true), std::slice::from_ref(&open));
        assert_eq!(of(&closed, false), std::slice::from_ref(&closed));
        assert_eq!(of(&closed, true), [open.clone(), closed.clone()]);
        let id = EventId::derived("1");
        let untold = |alert: &Alert, opening| UntoldAlert {
            alert: alert.clone(),
            opening,
            together: Some(id),
        };
        let all = [untold(&open, true), untold(&closed, true), untold(&open, false)];
        assert_eq!(together(&all), BTreeMap::from([(id, vec![&open])]));
    }

    #[test]
    fn an_sms_goes_by_a_sim_of_which_nothing_is_wrong() {
        use contracts::modem::ModemStatus::{Offline, Ready, Sending};
        let mut modems =
            [modem("a", Ready), modem("b", Sending), modem("c", Offline), modem("d", Ready)];
        modems[0].state.queue = 3;
        let sim = |name: &str| SimId::derived(name);
        assert_eq!(candidates(&modems, &[]), [sim("b"), sim("d"), sim("a")]);
        let subject = modems[1].state.id.to_string();
        let sick = alert(AlertKind::ModemSick, &subject, "Sick.");
        let low = alert(AlertKind::BalanceLow, &sim("d").to_string(), "Low.");
        assert_eq!(candidates(&modems, &[sick, low]), [sim("a")]);
        modems[0].is_stale = true;
        modems[0].state.queue = 0;
        assert_eq!(candidates(&modems, &[]), [sim("b"), sim("d")]);
    }
}
