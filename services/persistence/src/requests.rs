//! Requests: a row each, the state accepted.
//!
//! A batch is as many rows as it has recipients.

use std::time::Duration;

use bus::{Delivery, Requested};
use contracts::Subject;
use store::{Projected, Store, StoreError, StoredRequest};

use crate::batch::Item;

impl Item for Requested {
    type Row = StoredRequest;

    const DOING: &'static str = "writing requests";
    const NAME: &'static str = "store request";
    // The router reads the same requests and keeps those nobody can read.
    const KEEPS_DEAD_LETTERS: bool = false;

    fn rows(
        delivery: &Delivery<Self>,
        expire_after: Duration,
    ) -> Result<Vec<StoredRequest>, String> {
        let priority = match delivery.subject.parse() {
            Ok(Subject::MtRequest(priority) | Subject::MtBatch(priority)) => priority,
            Ok(_) => return Err(format!("{} is no subject of requests", delivery.subject)),
            Err(error) => return Err(error.to_string()),
        };
        let (stored_at, sequence) = (delivery.stored_at, delivery.sequence);
        let row = |request| {
            StoredRequest::new(request, priority, stored_at, sequence).expiring_after(expire_after)
        };
        Ok(match &delivery.value {
            Self::One(request) => vec![row((**request).clone())],
            Self::Many(batch) => batch.requests().map(row).collect(),
        })
    }

    async fn write(store: &Store, rows: &[StoredRequest]) -> Result<Projected, StoreError> {
        store.project_requests(rows).await
    }
}
