//! Reading from durable consumers: for ever, or what is there now.

use std::marker::PhantomData;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::pull::{Came, Pull};
use crate::{Bus, Cause, Delivery, Durable, Payload, TopologyError, topology};

/// How long a pull stays open at the server: longer ones of a stopped client swallow messages.
const EXPIRES: Duration = Duration::from_secs(10);

/// How often the server says that a pull is still open.
const HEARTBEAT: Duration = Duration::from_secs(3);

/// After this long without a sign the pull is taken to be lost.
const SILENCE: Duration = Duration::from_secs(8);

/// How many bytes of messages may be asked for ahead of their use, or two of the largest that the broker takes: hundreds of
/// small messages are, but not hundreds of batches.
const BYTES_AHEAD: usize = 16 * 1024 * 1024;

/// How long [`Bus::fetch`] waits for messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    /// Not at all: what is there.
    None,
    /// Until one comes, at most this long (ten seconds are the most).
    UpTo(Duration),
}

/// Why nothing can be read.
#[derive(Debug, thiserror::Error)]
pub enum ConsumeError {
    /// The consumer is not right.
    #[error(transparent)]
    Topology(#[from] TopologyError),
    /// The broker did not answer the pull.
    #[error("cannot read from {durable}: {source}")]
    Pull {
        /// The consumer.
        durable: String,
        /// Why.
        #[source]
        source: Cause,
    },
    /// There is no connection.
    #[error("no connection to the broker")]
    NotConnected,
}

impl Bus {
    /// Sees that the consumer is there: for those that are made on first use.
    ///
    /// # Errors
    /// When it cannot be made.
    pub async fn ensure(&self, durable: &Durable) -> Result<(), TopologyError> {
        if self.inner.ensured.read().await.contains(durable) {
            return Ok(());
        }
        topology::ensure_durable(&self.inner.context, durable, &self.inner.settings).await?;
        self.inner.ensured.write().await.insert(durable.clone());
        Ok(())
    }

    /// Reads for ever. It goes on by itself when the broker comes back; what does not parse is kept as a
    /// dead letter and passed over.
    ///
    /// # Errors
    /// When the consumer cannot be made.
    pub async fn consume<T: Payload>(
        &self,
        durable: &Durable,
    ) -> Result<Deliveries<T>, ConsumeError> {
        self.ensure(durable).await?;
        let failed = |source: Cause| ConsumeError::Pull { durable: durable.name(), source };
        Ok(Deliveries {
            connected: self.inner.connected.clone(),
            pull: Pull::new(self, durable).await.map_err(failed)?,
            bus: self.clone(),
            durable: durable.clone(),
            due: 0,
            heard: Instant::now(),
            wait: Duration::ZERO,
            pace: None,
            value: PhantomData,
        })
    }

    /// Reads at most `max` messages now. Safe to drop while it waits: what was on its way is given back.
    ///
    /// With [`Wait::UpTo`] it returns as soon as there is one, with those that are there besides.
    ///
    /// # Errors
    /// When the consumer cannot be made, or the broker does not answer.
    pub async fn fetch<T: Payload>(
        &self,
        durable: &Durable,
        max: usize,
        wait: Wait,
    ) -> Result<Vec<Delivery<T>>, ConsumeError> {
        if !self.is_connected() {
            return Err(ConsumeError::NotConnected);
        }
        self.ensure(durable).await?;
        let failed = |source: Cause| ConsumeError::Pull { durable: durable.name(), source };
        let mut pull = Pull::new(self, durable).await.map_err(failed)?;
        let mut all = Vec::new();
        if let Wait::UpTo(time) = wait {
            let expires = time.clamp(Duration::from_millis(1), EXPIRES);
            pull.request(1, Some(expires), None).await.map_err(failed)?;
            let limit = Instant::now() + expires + Duration::from_secs(2);
            self.receive(durable, &mut pull, 1, limit, &mut all).await?;
            if all.is_empty() {
                return Ok(all);
            }
        }
        let more = max.saturating_sub(all.len());
        if more > 0 {
            pull.request(more, None, None).await.map_err(failed)?;
            let limit = Instant::now() + Duration::from_secs(5);
            self.receive(durable, &mut pull, more, limit, &mut all).await?;
        }
        Ok(all)
    }

    /// Takes what comes until the pull is over. An error counts only when nothing came.
    async fn receive<T: Payload>(
        &self,
        durable: &Durable,
        pull: &mut Pull,
        mut due: usize,
        limit: Instant,
        all: &mut Vec<Delivery<T>>,
    ) -> Result<(), ConsumeError> {
        while due > 0 {
            let trouble = match tokio::time::timeout_at(limit, pull.next()).await {
                Ok(Came::Message(message)) => {
                    due -= 1;
                    all.extend(self.decode(durable, message).await);
                    continue;
                }
                Ok(Came::Heartbeat) => continue,
                Ok(Came::Over) => return Ok(()),
                Ok(Came::Failed(why)) => why,
                Err(_) => {
                    self.doubt();
                    "no answer".to_owned()
                }
            };
            self.forget(durable).await;
            if !all.is_empty() {
                return Ok(());
            }
            return Err(ConsumeError::Pull { durable: durable.name(), source: trouble.into() });
        }
        Ok(())
    }

    /// The consumer may be gone: the next use looks for it again.
    pub(crate) async fn forget(&self, durable: &Durable) {
        self.inner.ensured.write().await.remove(durable);
    }

    /// None when it was a dead letter.
    async fn decode<T: Payload>(
        &self,
        durable: &Durable,
        message: async_nats::Message,
    ) -> Option<Delivery<T>> {
        let delivery = Delivery::of(self, durable.stream(), message)?;
        let reason = match T::decode(&delivery.subject, &delivery.payload) {
            Ok(value) => return Some(delivery.with_value(value)),
            Err(reason) => reason,
        };
        let settled = if durable.keeps_dead_letters() {
            delivery.dead(&reason).await
        } else {
            tracing::debug!(subject = delivery.subject, "passing over a message: {reason}");
            delivery.receipt.term().await
        };
        if let Err(error) = settled {
            tracing::warn!("a message that does not parse stays in the queue for now: {error}");
        }
        None
    }
}

/// How long nothing must have come before a reader that is to stop leaves.
const QUIET: Duration = Duration::from_millis(200);

/// Returns when `soft` is cancelled and a moment has passed since the call: the last arm of a reader's `select!`.
///
/// So a reader that stops reads on as long as something comes. What the broker had handed out to it when it
/// left would come again at once, unless the broker stops too: then only after the consumer's `ack_wait`.
pub async fn quiet_after(soft: &CancellationToken) {
    soft.cancelled().await;
    tokio::time::sleep(QUIET).await;
}

/// Deliveries without end: see [`Bus::consume`]. Dropped, it gives back what it had asked for ahead.
pub struct Deliveries<T> {
    bus: Bus,
    durable: Durable,
    connected: watch::Receiver<bool>,
    pull: Pull,
    /// How many the open pull may still bring; 0: there is none.
    due: usize,
    heard: Instant,
    wait: Duration,
    pace: Option<Pace>,
    value: PhantomData<fn() -> T>,
}

/// How a paced reader asks: for one message while nothing comes, and from then on for what has gathered, once a `period`.
#[derive(Debug, Clone, Copy)]
struct Pace {
    period: Duration,
    /// When it may ask again.
    next: Instant,
    /// The last pull brought something.
    flows: bool,
    /// The open pull is for what has gathered: the broker answers it at once, to its end.
    gathers: bool,
}

impl<T> std::fmt::Debug for Deliveries<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Deliveries({:?})", self.durable)
    }
}

impl<T: Payload> Deliveries<T> {
    /// The next one. Safe to drop while it waits: nothing is lost. After the bus was drained it waits
    /// for ever.
    pub async fn next(&mut self) -> Delivery<T> {
        loop {
            let message = self.receive().await;
            if let Some(delivery) = self.bus.decode(&self.durable, message).await {
                return delivery;
            }
        }
    }

    /// Asks for messages once a `period` only, as long as some come. What comes after a pause waits for nothing; what comes
    /// one by one afterwards is handed out by the broker and read here together, which costs both of them much less.
    #[must_use]
    pub fn paced(self, period: Duration) -> Self {
        Self {
            pace: Some(Pace { period, next: Instant::now(), flows: false, gathers: false }),
            ..self
        }
    }

    /// The next one and what comes with it, for readers that work in batches: what has come already or, of a paced reader,
    /// all that its pull brings. `has_room` is asked after each whether another one is taken. Dropped while it waits, what
    /// it already had is given back.
    pub async fn batch(
        &mut self,
        mut has_room: impl FnMut(&Delivery<T>) -> bool,
    ) -> Vec<Delivery<T>> {
        let mut all = Vec::new();
        let mut next = Some(self.next().await);
        while let Some(delivery) = next {
            let room = has_room(&delivery);
            all.push(delivery);
            next = if room { self.with_it().await } else { None };
        }
        all
    }

    /// Another message that came with the last one.
    async fn with_it(&mut self) -> Option<Delivery<T>> {
        loop {
            let message = if self.due > 0 && self.pace.is_some_and(|pace| pace.gathers) {
                self.pulled().await
            } else if let Some(Came::Message(message)) = self.pull.ready() {
                self.due = self.due.saturating_sub(1);
                Some(message)
            } else {
                None
            };
            if let Some(delivery) = self.bus.decode(&self.durable, message?).await {
                return Some(delivery);
            }
        }
    }

    /// Takes each delivery with `take`, `at_once` of them at a time, until none comes any more after `soft`; then
    /// finishes those under way.
    pub async fn for_each_concurrent<F: Future<Output = ()>>(
        mut self,
        at_once: usize,
        soft: &CancellationToken,
        mut take: impl FnMut(Delivery<T>) -> F,
    ) {
        let mut under_way = FuturesUnordered::new();
        loop {
            tokio::select! {
                biased;
                Some(()) = under_way.next() => {}
                delivery = self.next(), if under_way.len() < at_once => {
                    under_way.push(take(delivery));
                }
                () = quiet_after(soft) => break,
            }
        }
        while under_way.next().await.is_some() {}
    }

    async fn receive(&mut self) -> async_nats::Message {
        loop {
            if self.bus.inner.draining.load(Ordering::Relaxed) {
                return std::future::pending().await;
            }
            // What came for an earlier pull counts, too.
            if self.due == 0
                && let Some(came) = self.pull.ready()
            {
                if let Came::Message(message) = came {
                    return message;
                }
                continue;
            }
            if self.due == 0 {
                self.ask().await;
                continue;
            }
            if let Some(message) = self.pulled().await {
                return message;
            }
        }
    }

    /// The next message of the open pull; none when the pull is over or lost, or a sign of life came.
    async fn pulled(&mut self) -> Option<async_nats::Message> {
        tokio::select! {
            biased;
            came = self.pull.next() => {
                self.heard = Instant::now();
                match came {
                    Came::Message(message) => {
                        self.due -= 1;
                        self.wait = Duration::ZERO;
                        if let Some(pace) = &mut self.pace {
                            pace.flows = true;
                            if self.due == 0 && pace.gathers {
                                // More is there than a pull takes.
                                pace.next = self.heard;
                            }
                        }
                        return Some(message);
                    }
                    Came::Heartbeat => {}
                    Came::Over => self.due = 0,
                    Came::Failed(why) => self.lost(&why).await,
                }
            }
            // The broker forgets open pulls when it dies.
            changed = self.connected.changed() => {
                if changed.is_err() {
                    return std::future::pending().await;
                }
                self.bus.forget(&self.durable).await;
                self.due = 0;
            }
            () = tokio::time::sleep_until(self.heard + SILENCE) => {
                self.bus.doubt();
                self.lost("the broker is silent").await;
            }
        }
        None
    }

    /// Looks for the consumer anew before the next pull, a little later each time.
    async fn lost(&mut self, why: &str) {
        tracing::debug!(durable = self.durable.name(), "the pull is lost: {why}");
        self.bus.forget(&self.durable).await;
        self.due = 0;
        self.wait = (self.wait * 2).clamp(Duration::from_millis(50), Duration::from_secs(5));
    }

    /// Opens a pull when there is a connection, and when it is time to.
    async fn ask(&mut self) {
        tokio::time::sleep(self.wait).await;
        if let Some(pace) = self.pace {
            tokio::time::sleep_until(pace.next).await;
        }
        if self.connected.wait_for(|connected| *connected).await.is_err() {
            return std::future::pending().await;
        }
        if let Err(error) = self.bus.ensure(&self.durable).await {
            if self.wait.is_zero() {
                tracing::warn!(durable = self.durable.name(), "{error}; trying again");
            }
            self.lost("the consumer is not there").await;
            return;
        }
        let gathers = self.pace.is_some_and(|pace| pace.flows);
        let batch = if self.pace.is_some() && !gathers { 1 } else { self.durable.prefetch() };
        let expires = (!gathers).then_some(EXPIRES);
        let largest = self.bus.inner.client.server_info().max_payload;
        let bytes = BYTES_AHEAD.max(largest.saturating_mul(2));
        match self.pull.request(batch, expires, Some((HEARTBEAT, bytes))).await {
            Ok(()) => {
                self.due = batch;
                self.heard = Instant::now();
                if let Some(pace) = &mut self.pace {
                    let next = self.heard + pace.period;
                    *pace = Pace { next, flows: false, gathers, ..*pace };
                }
            }
            Err(error) => self.lost(&error.to_string()).await,
        }
    }
}
