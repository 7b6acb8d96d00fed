//! Requests: a row each, the state accepted.
//!
//! A batch is as many rows as it has recipients.

use std::time::Duration;

use bus::{Delivery, Requested};
use contracts::{MessageId, Subject, Timestamp};
use store::{Projected, Store, StoreError, StoredRequest};

use crate::batch::{Item, Lane};

impl Item for Requested {
    type Row = StoredRequest;

    const DOING: &'static str = "writing requests";
    const NAME: &'static str = "store request";
    // The router reads the same requests and keeps those nobody can read.
    const KEEPS_DEAD_LETTERS: bool = false;

    fn check(delivery: &Delivery<Self>) -> Result<Lane, String> {
        match delivery.subject.parse() {
            Ok(subject @ (Subject::MtRequest(_) | Subject::MtBatch(_))) => Ok(Lane::of(&subject)),
            Ok(_) => Err(format!("{} is no subject of requests", delivery.subject)),
            Err(error) => Err(error.to_string()),
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::One(_) => 1,
            Self::Many(batch) => batch.len(),
        }
    }

    fn rows(
        delivery: &Delivery<Self>,
        expire_after: Duration,
    ) -> Box<dyn Iterator<Item = StoredRequest> + Send + '_> {
        let Ok(Subject::MtRequest(priority) | Subject::MtBatch(priority)) =
            delivery.subject.parse()
        else {
            return Box::new(std::iter::empty());
        };
        let (stored_at, sequence) = (delivery.stored_at, delivery.sequence);
        let row = move |request| {
            StoredRequest::new(request, priority, stored_at, sequence).expiring_after(expire_after)
        };
        match &delivery.value {
            Self::One(request) => Box::new(std::iter::once(row((**request).clone()))),
            Self::Many(batch) => Box::new(batch.requests().map(row)),
        }
    }

    fn message(row: &StoredRequest) -> Option<MessageId> {
        Some(row.id())
    }

    async fn write(
        store: &Store,
        rows: &[StoredRequest],
        _: Timestamp,
    ) -> Result<Projected, StoreError> {
        store.project_requests(rows).await
    }
}
