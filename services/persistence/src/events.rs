//! Events: timeline, state, parts, reports, received messages, modem events.

use std::time::Duration;

use bus::{Delivery, Event};
use contracts::mt::{MtChange, MtEvent};
use contracts::{MessageId, Timestamp};
use store::{Projected, Store, StoreError, StoredEvent, StoredEventBody};

use crate::batch::{Item, Lane};

impl Item for Event {
    type Row = StoredEvent;

    const DOING: &'static str = "writing events";
    const NAME: &'static str = "store event";
    const KEEPS_DEAD_LETTERS: bool = true;

    fn check(delivery: &Delivery<Self>) -> Result<Lane, String> {
        // One of a later version leaves no row.
        Ok(delivery.subject.parse().map_or(Lane::Others, |subject| Lane::of(&subject)))
    }

    fn len(&self) -> usize {
        match self {
            Self::Mt(MtEvent { change: MtChange::Admitted { others, .. }, .. }) => 1 + others.len(),
            Self::Charged(charged) => charged.charges.len(),
            _ => 1,
        }
    }

    fn rows(
        delivery: &Delivery<Self>,
        _: Duration,
    ) -> Box<dyn Iterator<Item = StoredEvent> + Send + '_> {
        let sequence = delivery.sequence;
        let stored = move |body| StoredEvent { sequence, body };
        let one = |body| -> Box<dyn Iterator<Item = StoredEvent> + Send> {
            Box::new(std::iter::once(stored(body)))
        };
        match &delivery.value {
            Self::Mt(event) => {
                // The end before the report that says so: it follows from the report no more.
                let report = event.report.as_deref().cloned().map(StoredEventBody::Dlr);
                let events = event.clone().told_apart().map(StoredEventBody::Mt);
                Box::new(events.chain(report).map(stored))
            }
            Self::MoReceived(message) => one(StoredEventBody::Received(message.clone())),
            Self::Dlr(dlr) => one(StoredEventBody::Dlr(dlr.clone())),
            Self::Modem(event) => one(StoredEventBody::Modem(event.clone())),
            Self::Charged(charged) => one(StoredEventBody::Charged(charged.clone())),
            // A part leaves a row as part of its whole message; an event of a later version leaves none.
            // Persistence tells ends of batches and alerts of what it wrote.
            Self::MoPart(_) | Self::Batch(_) | Self::Alert(_) | Self::Unknown => {
                Box::new(std::iter::empty())
            }
        }
    }

    fn message(row: &StoredEvent) -> Option<MessageId> {
        match &row.body {
            StoredEventBody::Mt(event) => Some(event.message),
            StoredEventBody::Received(received) => Some(received.id),
            StoredEventBody::Dlr(dlr) => dlr.message,
            StoredEventBody::Modem(_) | StoredEventBody::Charged(_) => None,
        }
    }

    async fn write(
        store: &Store,
        rows: &[StoredEvent],
        now: Timestamp,
    ) -> Result<Projected, StoreError> {
        store.project_events_at(rows, now).await
    }
}
