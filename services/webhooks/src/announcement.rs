//! Which events of the broker endpoints are told of, and by which names.

use bus::Event;
use contracts::alert::Alert;
use contracts::batch::BatchFinished;
use contracts::mo::MoReceived;
use contracts::modem::ModemEvent;
use contracts::mt::MtEvent;
use contracts::{DeliveryId, Message as _, SimId, UserId, WebhookEvent, WebhookId};

/// Something that endpoints may be told of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Announcement {
    /// What endpoints know it as.
    pub(crate) event: WebhookEvent,
    /// What makes it a repetition: two events with one key tell of one thing that happened.
    key: String,
    /// What it is about.
    pub(crate) about: About,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum About {
    /// Something to a message that is being sent.
    Sent(MtEvent),
    /// A message was received.
    Received(Box<MoReceived>),
    /// Something to a modem.
    Modem(ModemEvent),
    /// All messages of a batch came to an end.
    Batch(BatchFinished),
    /// Something is wrong with the gateway, or is over.
    Alert(Alert),
}

impl Announcement {
    /// What an event of the broker tells, in order; nothing for most.
    pub(crate) fn of(event: &Event) -> Vec<Self> {
        match event {
            Event::Mt(event) => event.clone().told_apart().filter_map(Self::of_sent).collect(),
            Event::MoReceived(message) => vec![Self {
                event: WebhookEvent::SmsReceived,
                key: message.msg_id(),
                about: About::Received(Box::new(message.clone())),
            }],
            Event::Modem(event) => Self::of_modem(event).into_iter().collect(),
            Event::Batch(finished) => vec![Self {
                event: WebhookEvent::BatchFinished,
                key: finished.msg_id(),
                about: About::Batch(finished.clone()),
            }],
            Event::Alert(alert) => vec![Self {
                event: WebhookEvent::of_alert(alert),
                key: alert.msg_id(),
                about: About::Alert(alert.clone()),
            }],
            Event::MoPart(_) | Event::Dlr(_) | Event::Charged(_) | Event::Unknown => Vec::new(),
        }
    }

    fn of_sent(event: MtEvent) -> Option<Self> {
        let name = WebhookEvent::of_change(&event.change)?;
        // A message that was held is admitted again in its next round, and was accepted once.
        let key = if name == WebhookEvent::SmsAccepted {
            format!("{}:accepted", event.message)
        } else {
            event.msg_id()
        };
        Some(Self { event: name, key, about: About::Sent(event) })
    }

    fn of_modem(event: &ModemEvent) -> Option<Self> {
        let name = WebhookEvent::of_modem(event.kind)?;
        Some(Self { event: name, key: event.msg_id(), about: About::Modem(event.clone()) })
    }

    /// Whose the thing is that it tells, if it is somebody's.
    pub(crate) fn owner(&self) -> Option<UserId> {
        match &self.about {
            About::Sent(event) => Some(event.owner),
            About::Received(message) => message.owner,
            About::Batch(finished) => Some(finished.owner),
            About::Modem(_) | About::Alert(_) => None,
        }
    }

    /// The SIM that it happened to, where known.
    pub(crate) fn sim(&self) -> Option<SimId> {
        match &self.about {
            About::Sent(event) => event.change.through().map(|through| through.sim),
            About::Received(message) => Some(message.sim),
            About::Modem(event) => event.sim,
            About::Batch(_) | About::Alert(_) => None,
        }
    }

    /// The id of its delivery to an endpoint, the same whenever it is told.
    pub(crate) fn delivery(&self, webhook: WebhookId) -> DeliveryId {
        DeliveryId::derived(&format!("{webhook}:{}", self.key))
    }
}

#[cfg(test)]
mod tests {
    use contracts::mt::{MtChange, MtRequest, SendError};
    use contracts::subject::Target;
    use contracts::{MessageId, PhoneNumber, PoolId, Timestamp};

    use super::*;

    fn of(change: MtChange, round: u32) -> Vec<Announcement> {
        let mut request = MtRequest::text(PhoneNumber::parse("888").unwrap(), "hi");
        request.round = round;
        let at = Timestamp::from_micros(0);
        let event = MtEvent::of(MessageId::derived("1"), &request, at, change);
        Announcement::of(&Event::Mt(event))
    }

    #[test]
    fn a_message_is_accepted_once_however_that_is_told() {
        let target = Target::Pool(PoolId::default_pool());
        let first = of(MtChange::admitted(1, target.clone()), 0);
        let again = of(MtChange::admitted(1, target.clone()), 1);
        let released = MtChange::Released { parts: Some(1), target: Some(target), rule: None };
        let by_release = of(released, 0);
        let webhook = WebhookId::derived("1");
        for told in [&first, &again, &by_release] {
            let [told] = &**told else { panic!("{told:?}") };
            assert_eq!(told.event, WebhookEvent::SmsAccepted);
            assert_eq!(told.delivery(webhook), first[0].delivery(webhook));
            assert_ne!(told.delivery(webhook), told.delivery(WebhookId::derived("2")));
        }
        assert_eq!(of(MtChange::RELEASED, 0), []);
    }

    #[test]
    fn an_alert_begins_and_is_over() {
        let opened = Alert {
            id: contracts::AlertId::derived("1"),
            org: contracts::OrgId::default_org(),
            kind: contracts::alert::AlertKind::DiskLow,
            subject: "disk".to_owned(),
            name: "disk".to_owned(),
            text: "Full.".to_owned(),
            advice: "Make room.".to_owned(),
            opened_at: Timestamp::from_micros(0),
            closed_at: None,
        };
        let closed = Alert { closed_at: Some(Timestamp::from_micros(1)), ..opened.clone() };
        let of = |alert: &Alert| Announcement::of(&Event::Alert(alert.clone())).remove(0);
        let (opened, closed) = (of(&opened), of(&closed));
        assert_eq!(opened.event, WebhookEvent::AlertOpened);
        assert_eq!(closed.event, WebhookEvent::AlertClosed);
        let webhook = WebhookId::derived("1");
        assert_ne!(opened.delivery(webhook), closed.delivery(webhook));
        assert_eq!((opened.owner(), opened.sim()), (None, None));
    }

    #[test]
    fn a_refusal_is_a_failure() {
        let error = SendError { code: "blocked".to_owned(), text: "No.".to_owned() };
        let told = of(MtChange::Rejected { error }, 0);
        assert_eq!(told[0].event, WebhookEvent::SmsFailed);
    }
}
