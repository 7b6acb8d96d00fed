//! From deliveries to rows: one batch, one transaction, then the acknowledgements.

use std::sync::Arc;
use std::time::Duration;

use bus::{Bus, Deliveries, Delivery, Payload};
use contracts::written::Written;
use contracts::{MessageId, Subject, Timestamp};
use platform::Clock;
use store::{Projected, Store, StoreError};
use tokio::sync::Notify;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::alarm::Alarm;
use crate::outage::{Outage, Stopped};

/// Rows of one transaction at most. On SQLite all other writers wait for it, so it is short: a few hundredths of a second.
pub const ROWS: usize = 1_000;

/// How often a reader asks for what has come. What comes one by one shares a transaction then; what comes after a pause
/// waits for nothing.
const PACE: Duration = Duration::from_millis(20);

/// While a batch waits for the database, the broker is told this often that it is in work: a third of the
/// time after which it would deliver it again, if it is one of one-time passwords.
const PROGRESS_EACH: Duration = Duration::from_secs(3);

/// What a reader writes of what it reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lane {
    /// One-time passwords: as they come, for people wait for them.
    Otp,
    /// All but what the other lane has, which its consumer, that reads all of the stream, gets too.
    Others,
}

impl Lane {
    pub(crate) fn of(subject: &Subject) -> Self {
        if subject.has_otp_lane() { Self::Otp } else { Self::Others }
    }
}

/// What comes by one of the durable consumers.
pub(crate) trait Item: Payload + Sync + 'static {
    /// What leaves rows.
    type Row: Send + Sync;

    /// What is being done, for people: `writing events`.
    const DOING: &'static str;

    /// The name of its span and of its label in the metrics.
    const NAME: &'static str;

    /// The lane of a delivery, or why it cannot be written.
    fn check(delivery: &Delivery<Self>) -> Result<Lane, String>;

    /// About how many rows a delivery leaves.
    fn len(&self) -> usize;

    /// What a delivery leaves, one after the other. A request without an end of its own is over `expire_after` it was
    /// accepted.
    fn rows(
        delivery: &Delivery<Self>,
        expire_after: Duration,
    ) -> Box<dyn Iterator<Item = Self::Row> + Send + '_>;

    /// The message that a row is about.
    fn message(row: &Self::Row) -> Option<MessageId>;

    /// Whether this reader keeps dead letters, or another one of the same stream does.
    const KEEPS_DEAD_LETTERS: bool;

    /// Writes rows at `now`, in one transaction.
    fn write(
        store: &Store,
        rows: &[Self::Row],
        now: Timestamp,
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
    /// Told when messages were written without the words by which they are found.
    pub(crate) wordless: Arc<Notify>,
    /// As the router has it.
    pub(crate) expire_after: Duration,
}

impl Writer {
    /// Until nothing comes any more after the soft shutdown.
    pub(crate) async fn run<T: Item>(
        self,
        lane: Lane,
        deliveries: Deliveries<T>,
        soft: CancellationToken,
    ) {
        let mut deliveries = match lane {
            Lane::Otp => deliveries,
            Lane::Others => deliveries.paced(PACE),
        };
        loop {
            let mut rows = 0;
            let has_room = |delivery: &Delivery<T>| {
                // What leaves no row is bounded, too.
                rows += delivery.value.len().max(1);
                rows < ROWS
            };
            let batch = tokio::select! {
                biased;
                batch = deliveries.batch(has_room) => batch,
                () = bus::quiet_after(&soft) => return,
            };
            if self.write_all(lane, batch, &soft).await.is_err() {
                return;
            }
        }
    }

    /// Writes a batch and acknowledges it; on stopping the unwritten rest goes back to the broker.
    ///
    /// A delivery of more rows than a transaction may have is written by several and acknowledged after the last: what comes
    /// again after a crash in between changes nothing.
    async fn write_all<T: Item>(
        &self,
        lane: Lane,
        batch: Vec<Delivery<T>>,
        soft: &CancellationToken,
    ) -> Result<(), Stopped> {
        let mut deliveries = Vec::with_capacity(batch.len());
        for delivery in batch {
            match T::check(&delivery) {
                Ok(of) if of == lane => deliveries.push(delivery),
                Ok(_) => settle(delivery.ack().await),
                Err(reason) => give_up(delivery, &reason).await,
            }
        }
        match self.write_each(&deliveries, ROWS, soft).await? {
            Ok(()) => acknowledge(deliveries).await,
            Err(error) => {
                // One of them cannot be written, ever; the others must not suffer for it.
                tracing::warn!(
                    items = deliveries.len(),
                    "a batch was refused and is written row by row: {error}"
                );
                for delivery in deliveries {
                    let one = [delivery];
                    let refused = self.write_each(&one, 1, soft).await?.err();
                    let [delivery] = one;
                    match refused {
                        None => settle(delivery.ack().await),
                        Some(error) => refuse(delivery, &error).await,
                    }
                }
            }
        }
        Ok(())
    }

    /// Writes all rows of these deliveries, `at_once` in a transaction. Err inside: the database refuses a row of them for
    /// ever. Those that could be written are all the same.
    async fn write_each<T: Item>(
        &self,
        deliveries: &[Delivery<T>],
        at_once: usize,
        soft: &CancellationToken,
    ) -> Result<Result<(), StoreError>, Stopped> {
        // Each in its own trace, as long as the transactions take.
        let spans: Vec<_> = deliveries.iter().map(|delivery| delivery.span(T::NAME)).collect();
        let mut rows = deliveries.iter().flat_map(|one| T::rows(one, self.expire_after));
        let mut progress = Instant::now();
        let mut refused = None;
        loop {
            let some: Vec<_> = rows.by_ref().take(at_once).collect();
            if some.is_empty() {
                break;
            }
            if let Err(error) = self.write_some(deliveries, &some, &mut progress, soft).await? {
                refused = Some(error);
            }
        }
        drop(spans);
        Ok(refused.map_or(Ok(()), Err))
    }

    /// Writes rows as one transaction, waiting for the database as long as it takes, and publishes what
    /// follows from them. Err inside: the database refuses them for ever.
    async fn write_some<T: Item>(
        &self,
        deliveries: &[Delivery<T>],
        rows: &[T::Row],
        progress: &mut Instant,
        soft: &CancellationToken,
    ) -> Result<Result<(), StoreError>, Stopped> {
        let begun = Instant::now();
        let mut outage = Outage::new(T::DOING);
        let projected = loop {
            match T::write(&self.store, rows, self.clock.now()).await {
                Ok(projected) => break projected,
                Err(error) if !error.is_temporary() => return Ok(Err(error)),
                Err(error) => outage.pause(&error, soft).await?,
            }
            keep(deliveries, progress).await;
        };
        outage.over();
        let messages = rows.iter().filter_map(T::message).collect();
        self.bus.hint(&Written::SUBJECT, &Written { messages }).await;
        if projected.finished {
            self.alarm.no_later(self.clock.now(), self.clock.now());
        }
        if !projected.credited.is_empty() {
            let now = self.clock.now();
            match self.store.wake_for_credit(&projected.credited, now).await {
                Ok(true) => self.alarm.no_later(now, now),
                Ok(false) => {}
                // They go on at the time that they have.
                Err(error) => {
                    tracing::warn!("messages that wait for credit go on later: {error}");
                }
            }
        }
        if projected.wordless {
            self.wordless.notify_one();
        }
        if let Some(due) = projected.due {
            self.alarm.no_later(due, self.clock.now());
        }
        let mut outage = Outage::new("telling the outcome of messages");
        while let Err(error) = self.bus.publish_all(&projected.outcomes).await {
            outage.pause(&error, soft).await?;
            keep(deliveries, progress).await;
        }
        outage.over();
        keep(deliveries, progress).await;
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

async fn refuse<T: Item>(delivery: Delivery<T>, error: &StoreError) {
    let reason = format!("persistence: {error}");
    tracing::error!(
        subject = delivery.subject,
        sequence = delivery.sequence,
        "the database refuses it, so it leaves no row: {error}"
    );
    settle(delivery.dead(&reason).await);
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
