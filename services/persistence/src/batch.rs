//! From deliveries to rows: one batch, one transaction, then the acknowledgements.

use std::sync::Arc;
use std::time::Duration;

use bus::{Bus, Deliveries, Delivery, Payload};
use platform::Clock;
use store::{Projected, Store, StoreError};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::alarm::Alarm;
use crate::outage::{Outage, Stopped};

/// How many requests or events become one transaction at most.
pub const BATCH: usize = 200;

/// While a batch waits for the database, the broker is told this often that it is in work: a third of the
/// time after which it would deliver it again.
const PROGRESS_EACH: Duration = Duration::from_secs(10);

/// What comes by one of the durable consumers.
pub(crate) trait Item: Payload + 'static {
    /// What leaves rows.
    type Row: Send + Sync;

    /// What is being done, for people: `writing events`.
    const DOING: &'static str;

    /// The name of its span and of its label in the metrics.
    const NAME: &'static str;

    /// What of a delivery leaves rows, if anything. A request without an end of its own is over `expire_after` it was
    /// accepted.
    fn rows(delivery: &Delivery<Self>, expire_after: Duration) -> Result<Vec<Self::Row>, String>;

    /// Whether this reader keeps dead letters, or another one of the same stream does.
    const KEEPS_DEAD_LETTERS: bool;

    /// Writes rows, in one transaction.
    fn write(
        store: &Store,
        rows: &[Self::Row],
    ) -> impl Future<Output = Result<Projected, StoreError>> + Send;
}

/// Writes what is delivered.
#[derive(Clone)]
pub(crate) struct Writer {
    pub(crate) bus: Bus,
    pub(crate) store: Store,
    pub(crate) clock: Clock,
    /// Told when a message is due, or over.
    pub(crate) alarm: Arc<Alarm>,
    /// As the router has it.
    pub(crate) expire_after: Duration,
}

impl Writer {
    /// Until nothing comes any more after the soft shutdown.
    pub(crate) async fn run<T: Item>(self, mut deliveries: Deliveries<T>, soft: CancellationToken) {
        loop {
            let batch = tokio::select! {
                biased;
                // What is there: a batch never waits to be filled.
                batch = deliveries.batch(BATCH, Duration::ZERO) => batch,
                () = bus::quiet_after(&soft) => return,
            };
            if self.write_all(batch, &soft).await.is_err() {
                return;
            }
        }
    }

    /// Writes a batch and acknowledges it; on stopping the unwritten rest goes back to the broker.
    async fn write_all<T: Item>(
        &self,
        batch: Vec<Delivery<T>>,
        soft: &CancellationToken,
    ) -> Result<(), Stopped> {
        let mut with_rows = Vec::with_capacity(batch.len());
        let mut rows = Vec::with_capacity(batch.len());
        for delivery in batch {
            match T::rows(&delivery, self.expire_after) {
                Ok(of_it) if of_it.is_empty() => settle(delivery.ack().await),
                Ok(of_it) => {
                    with_rows.push((delivery, of_it.len()));
                    rows.extend(of_it);
                }
                Err(reason) => give_up(delivery, &reason).await,
            }
        }
        if rows.is_empty() {
            return Ok(());
        }
        let (deliveries, counts): (Vec<_>, Vec<_>) = with_rows.into_iter().unzip();
        match self.write_some(&deliveries, &rows, soft).await? {
            Ok(()) => acknowledge(deliveries).await,
            Err(error) if rows.len() == 1 => refuse(deliveries, &error).await,
            Err(error) => {
                // One of them cannot be written, ever; the others must not suffer for it.
                tracing::warn!(
                    items = rows.len(),
                    "a batch was refused and is written one by one: {error}"
                );
                let mut rest = rows.as_slice();
                for (delivery, count) in deliveries.into_iter().zip(counts) {
                    let (of_it, others) = rest.split_at(count.min(rest.len()));
                    rest = others;
                    self.write_each(delivery, of_it, soft).await?;
                }
            }
        }
        Ok(())
    }

    /// Writes the rows of one delivery one by one. When the database refuses any of them, the delivery is a dead letter.
    async fn write_each<T: Item>(
        &self,
        delivery: Delivery<T>,
        rows: &[T::Row],
        soft: &CancellationToken,
    ) -> Result<(), Stopped> {
        let one = vec![delivery];
        let mut refused = None;
        for row in rows {
            if let Err(error) = self.write_some(&one, std::slice::from_ref(row), soft).await? {
                refused = Some(error);
            }
        }
        match refused {
            None => acknowledge(one).await,
            Some(error) => refuse(one, &error).await,
        }
        Ok(())
    }

    /// Writes rows as one transaction, waiting for the database as long as it takes, and publishes what
    /// follows from them. Err inside: the database refuses them for ever.
    async fn write_some<T: Item>(
        &self,
        deliveries: &[Delivery<T>],
        rows: &[T::Row],
        soft: &CancellationToken,
    ) -> Result<Result<(), StoreError>, Stopped> {
        // Each in its own trace, as long as the transaction takes.
        let spans: Vec<_> = deliveries.iter().map(|delivery| delivery.span(T::NAME)).collect();
        let begun = Instant::now();
        let mut progress = Instant::now();
        let mut outage = Outage::new(T::DOING);
        let projected = loop {
            match T::write(&self.store, rows).await {
                Ok(projected) => break projected,
                Err(error) if !error.is_temporary() => return Ok(Err(error)),
                Err(error) => outage.pause(&error, soft).await?,
            }
            keep(deliveries, &mut progress).await;
        };
        outage.over();
        if let Some(due) = projected.due {
            self.alarm.no_later(due, self.clock.now());
        }
        let mut outage = Outage::new("telling the outcome of messages");
        while let Err(error) = self.bus.publish_all(&projected.outcomes).await {
            outage.pause(&error, soft).await?;
            keep(deliveries, &mut progress).await;
        }
        outage.over();
        drop(spans);
        metrics::counter!("merpati_persistence_rows_total", "kind" => T::NAME)
            .increment(rows.len().try_into().unwrap_or_default());
        metrics::histogram!("merpati_persistence_batch_seconds", "kind" => T::NAME)
            .record(begun.elapsed());
        Ok(Ok(()))
    }
}

/// Tells the broker that these are still in work, when it is time to.
async fn keep<T>(deliveries: &[Delivery<T>], progress: &mut Instant) {
    if progress.elapsed() < PROGRESS_EACH {
        return;
    }
    *progress = Instant::now();
    for delivery in deliveries {
        settle(delivery.progress().await);
    }
}

async fn acknowledge<T>(deliveries: Vec<Delivery<T>>) {
    for delivery in deliveries {
        settle(delivery.ack().await);
    }
}

async fn refuse<T: Item>(deliveries: Vec<Delivery<T>>, error: &StoreError) {
    for delivery in deliveries {
        let reason = format!("persistence: {error}");
        tracing::error!(
            subject = delivery.subject,
            sequence = delivery.sequence,
            "the database refuses it, so it leaves no row: {error}"
        );
        settle(delivery.dead(&reason).await);
    }
}

async fn give_up<T: Item>(delivery: Delivery<T>, reason: &str) {
    if T::KEEPS_DEAD_LETTERS {
        settle(delivery.dead(reason).await);
    } else {
        tracing::debug!(
            subject = delivery.subject,
            "a request that cannot be read is left to the router: {reason}"
        );
        settle(delivery.ack().await);
    }
}

/// What the broker did not hear it delivers again, and that changes nothing.
fn settle(result: Result<(), bus::AckError>) {
    if let Err(error) = result {
        tracing::debug!("an acknowledgement was lost: {error}");
    }
}
