//! Which events a `dlr-url` is told, and with which of Kannel's values.
//!
//! | value | when |
//! |---|---|
//! | 1 | every part is on the recipient's phone |
//! | 2 | the network gave up, or the message could not be sent or expired |
//! | 4 | the service centre keeps it and goes on trying |
//! | 8 | the service centre took it |
//! | 16 | the service centre, or this gateway, refused it |
//!
//! A message that ends badly is told once. If the mask does not have the value that fits best but has the
//! other one of 2 and 16, that one is used: a program that asked for failures hears of each.

use bus::Event;
use contracts::dlr::{Dlr, DlrOutcome};
use contracts::mt::{MtChange, MtEvent};
use contracts::{MessageId, MtState, OrgId, SimId, Timestamp};

/// What is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Told {
    /// The message.
    pub(crate) message: MessageId,
    /// Its organisation.
    pub(crate) org: OrgId,
    /// Values that say it, the best first.
    values: &'static [u8],
    /// The state of the message; none: a report on its own.
    pub(crate) state: Option<MtState>,
    /// What the other side said, as Kannel writes it.
    pub(crate) reply: String,
    /// What happened, in words.
    pub(crate) words: String,
    /// When.
    pub(crate) at: Timestamp,
    /// The SIM, when the event says it.
    pub(crate) sim: Option<SimId>,
    /// The first part's reference, when the event says it.
    pub(crate) reference: Option<u8>,
}

impl Told {
    /// What an event tells; nothing for most.
    pub(crate) fn of(event: &Event) -> Option<Self> {
        match event {
            Event::Mt(event) => Self::of_change(event),
            Event::Dlr(dlr) => Self::of_report(dlr),
            _ => None,
        }
    }

    /// The value to tell a program that asked for `mask`.
    pub(crate) fn value(&self, mask: u8) -> Option<u8> {
        self.values.iter().copied().find(|value| mask & value != 0)
    }

    fn of_change(event: &MtEvent) -> Option<Self> {
        let values: &[u8] = match &event.change {
            MtChange::Sent { .. } => &[8],
            MtChange::Delivered { .. } => &[1],
            MtChange::Undelivered { .. } | MtChange::Expired {} => &[2],
            MtChange::Rejected { .. } => &[16, 2],
            MtChange::Failed { error, .. } if is_of_network(&error.code) => &[16, 2],
            MtChange::Failed { .. } => &[2, 16],
            _ => return None,
        };
        let reply = event.change.error().map_or_else(
            || {
                if matches!(event.change, MtChange::Expired {}) { "NACK/expired" } else { "ACK/" }
                    .to_owned()
            },
            |error| format!("NACK/{}/{}", error.code.trim_start_matches("cms-"), error.text),
        );
        let report = event.report.as_deref();
        let reference = match &event.change {
            MtChange::Sent { parts, .. } => {
                parts.iter().min_by_key(|p| p.part).map(|p| p.reference)
            }
            _ => report.map(|report| report.reference),
        };
        let through = event.change.through().map(|through| through.sim);
        Some(Self {
            message: event.message,
            org: event.org,
            values,
            state: Some(event.change.state()),
            reply,
            words: event.change.to_string(),
            at: event.at,
            sim: through.or(report.map(|report| report.sim)),
            reference,
        })
    }

    /// Reports on their own say only that it is buffered; the whole is told by the message's own events.
    fn of_report(dlr: &Dlr) -> Option<Self> {
        let message = dlr.message.filter(|_| dlr.outcome == DlrOutcome::Buffered)?;
        Some(Self {
            message,
            org: dlr.org,
            values: &[4],
            state: None,
            reply: format!("ACK/{}", dlr.text),
            words: dlr.text.clone(),
            at: dlr.received_at,
            sim: Some(dlr.sim),
            reference: Some(dlr.reference),
        })
    }
}

/// The service centre or the network said no, not our own equipment.
fn is_of_network(code: &str) -> bool {
    code.starts_with("cms-")
}

#[cfg(test)]
mod tests {
    use contracts::mt::{MtRequest, SendError, SentPart, Through};
    use contracts::{EventId, ModemId, PhoneNumber, UserId};

    use super::*;

    fn told(change: MtChange) -> Option<Told> {
        let request = MtRequest::text(PhoneNumber::parse("+628123456789").unwrap(), "hi");
        let at = Timestamp::from_micros(0);
        let event = MtEvent::of(MessageId::derived("1"), &request, at, change);
        Told::of(&Event::Mt(event))
    }

    fn error(code: &str) -> SendError {
        SendError { code: code.to_owned(), text: "Network out of order.".to_owned() }
    }

    fn through() -> Through {
        Through { modem: ModemId::derived("m"), sim: SimId::derived("s") }
    }

    #[test]
    fn every_end_has_its_value() {
        let at = Timestamp::from_micros(0);
        let sent = told(MtChange::Sent {
            through: through(),
            parts: vec![
                SentPart { part: 2, reference: 8, at },
                SentPart { part: 1, reference: 7, at },
            ],
        })
        .unwrap();
        assert_eq!((sent.value(31), sent.value(3)), (Some(8), None));
        assert_eq!((sent.reply.as_str(), sent.reference), ("ACK/", Some(7)));
        assert_eq!(sent.sim, Some(SimId::derived("s")));

        let delivered = told(MtChange::Delivered { discharged_at: at }).unwrap();
        assert_eq!((delivered.value(27), delivered.value(2)), (Some(1), None));

        let undelivered = told(MtChange::Undelivered { error: error("dlr-45") }).unwrap();
        assert_eq!((undelivered.value(31), undelivered.value(16)), (Some(2), None));
        assert_eq!(told(MtChange::Expired {}).unwrap().value(31), Some(2));
        // What a report of a message of one part says is told with it.
        let report = report(DlrOutcome::Delivered, Some(MessageId::derived("1")));
        let end = Dlr { owner: Some(UserId::internal()), ..report }.end(0).unwrap();
        let told = Told::of(&Event::Mt(end)).unwrap();
        assert_eq!((told.value(31), told.reply.as_str()), (Some(1), "ACK/"));
        assert_eq!((told.sim, told.reference), (Some(SimId::derived("s")), Some(9)));
    }

    #[test]
    fn a_failure_is_heard_whichever_of_the_two_was_asked_for() {
        let failed = |code: &str| {
            told(MtChange::Failed { error: error(code), through: None, tries: 3 }).unwrap()
        };
        assert_eq!(failed("cms-38").reply, "NACK/38/Network out of order.");
        assert_eq!((failed("cms-38").value(31), failed("cms-38").value(3)), (Some(16), Some(2)));
        assert_eq!(
            (failed("port-lost").value(31), failed("port-lost").value(16)),
            (Some(2), Some(16))
        );
        let rejected = told(MtChange::Rejected { error: error("text-too-long") }).unwrap();
        assert_eq!((rejected.value(31), rejected.value(1)), (Some(16), None));
    }

    #[test]
    fn the_way_is_not_told() {
        assert_eq!(told(MtChange::RELEASED), None);
        assert_eq!(
            told(MtChange::Sending { through: through(), part: 1, parts: 1, tries: 1 }),
            None
        );
        assert_eq!(told(MtChange::Cancelled { by: None }), None);
    }

    fn report(outcome: DlrOutcome, message: Option<MessageId>) -> Dlr {
        Dlr {
            id: EventId::derived("1"),
            org: OrgId::default_org(),
            owner: None,
            modem: ModemId::derived("m"),
            sim: SimId::derived("s"),
            message,
            part: Some(1),
            parts: Some(1),
            reference: 9,
            to: None,
            status: 0x20,
            outcome,
            text: "Congestion".to_owned(),
            discharged_at: Timestamp::from_micros(0),
            pdu: String::new(),
            received_at: Timestamp::from_micros(0),
        }
    }

    #[test]
    fn of_reports_only_buffered_is_told() {
        let told = |outcome, message| Told::of(&Event::Dlr(report(outcome, message)));
        let message = MessageId::derived("1");
        let buffered = told(DlrOutcome::Buffered, Some(message)).unwrap();
        assert_eq!((buffered.value(31), buffered.value(1)), (Some(4), None));
        assert_eq!(buffered.reference, Some(9));
        assert_eq!(told(DlrOutcome::Buffered, None), None);
        assert_eq!(told(DlrOutcome::Delivered, Some(message)), None);
        assert_eq!(Told::of(&Event::Unknown), None);
    }
}
