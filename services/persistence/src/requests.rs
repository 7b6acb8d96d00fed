//! Requests: a row each, the state accepted.

use std::time::Duration;

use bus::Delivery;
use contracts::Subject;
use contracts::mt::MtRequest;
use store::{Projected, Store, StoreError, StoredRequest};

use crate::batch::Item;

impl Item for MtRequest {
    type Row = StoredRequest;

    const DOING: &'static str = "writing requests";
    const NAME: &'static str = "store request";
    // The router reads the same requests and keeps those nobody can read.
    const KEEPS_DEAD_LETTERS: bool = false;

    fn row(
        delivery: &Delivery<Self>,
        expire_after: Duration,
    ) -> Result<Option<StoredRequest>, String> {
        let priority = match delivery.subject.parse() {
            Ok(Subject::MtRequest(priority)) => priority,
            Ok(_) => return Err(format!("{} is no subject of requests", delivery.subject)),
            Err(error) => return Err(error.to_string()),
        };
        let request = delivery.value.clone();
        let row = StoredRequest::new(request, priority, delivery.stored_at, delivery.sequence);
        Ok(Some(row.expiring_after(expire_after)))
    }

    async fn write(store: &Store, rows: &[StoredRequest]) -> Result<Projected, StoreError> {
        store.project_requests(rows).await
    }
}
