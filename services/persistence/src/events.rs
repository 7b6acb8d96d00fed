//! Events: timeline, state, parts, reports, received messages, modem events.

use std::time::Duration;

use bus::{Delivery, Event};
use store::{Projected, Store, StoreError, StoredEvent, StoredEventBody};

use crate::batch::Item;

impl Item for Event {
    type Row = StoredEvent;

    const DOING: &'static str = "writing events";
    const NAME: &'static str = "store event";
    const KEEPS_DEAD_LETTERS: bool = true;

    fn rows(delivery: &Delivery<Self>, _: Duration) -> Result<Vec<StoredEvent>, String> {
        let body = match &delivery.value {
            Self::Mt(event) => {
                let sequence = delivery.sequence;
                let stored = |event| StoredEvent { sequence, body: StoredEventBody::Mt(event) };
                return Ok(event.clone().told_apart().map(stored).collect());
            }
            Self::MoReceived(message) => StoredEventBody::Received(message.clone()),
            Self::Dlr(dlr) => StoredEventBody::Dlr(dlr.clone()),
            Self::Modem(event) => StoredEventBody::Modem(event.clone()),
            // A part leaves a row as part of its whole message; an event of a later version leaves none.
            Self::MoPart(_) | Self::Unknown => return Ok(Vec::new()),
        };
        Ok(vec![StoredEvent { sequence: delivery.sequence, body }])
    }

    async fn write(store: &Store, rows: &[StoredEvent]) -> Result<Projected, StoreError> {
        store.project_events(rows).await
    }
}
