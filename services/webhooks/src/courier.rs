//! Makes the callbacks and the calls of services: new ones as they come, others when the database says they are due.
//!
//! Everything at hand is also a row that is due again after its lease, so a courier that is killed loses
//! nothing, and several couriers share the work. (A URL can then be called twice: like all of its
//! kind, a call is made at least once.) Nothing polls: the loop sleeps until the earliest row is due.
//!
//! A slow host has at most [`A_HOST`] fetches at a time and its own queue, so it slows nobody else.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use contracts::{CallbackId, MessageId, Timestamp};
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt as _, StreamExt as _};
use platform::Clock;
use store::{CallbackAttempt, CallbackForm, NextStep, Store, StoreError};
use tokio::sync::{Notify, mpsc};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::fetch::Fetcher;
use crate::parcel::{Errand, Held, Parcel, Taken, hold, next_at, take};
use crate::schedule::Schedule;
use crate::service::Caller;

/// How long a row is put off at least when somebody has it at hand.
const LEASE: Duration = Duration::from_mins(1);
/// Fetches of one host at a time.
const A_HOST: usize = 4;
/// Callbacks of one host at hand; more are left in the database, where they come up again.
const QUEUE_OF_A_HOST: usize = 5_000;
/// Callbacks at hand in all.
const AT_HAND: usize = 50_000;
/// The rest between two times of taking rows, when there are more.
const BETWEEN: Duration = Duration::from_millis(100);
/// The longest sleep while something is pending: the wall clock, by which rows are due, may be set meanwhile.
const LONGEST_SLEEP: Duration = Duration::from_mins(1);
/// The rest when the database does not answer.
const AFTER_FAILURE: Duration = Duration::from_secs(1);

/// How long a row is put off when somebody has it at hand: longer than a fetch may take.
pub(crate) fn lease(timeout: Duration) -> Duration {
    LEASE.max(timeout * 2)
}

/// What ran beside the loop.
enum Done {
    /// A fetch of this host is over and recorded; when the next try is.
    Fetched(String, CallbackId, Option<Timestamp>),
    /// Rows that were due.
    Taken(Taken),
    /// When the next row is due.
    Next(Result<Option<Timestamp>, StoreError>),
}

/// The callbacks of one host.
#[derive(Default)]
struct Host {
    under_way: usize,
    queue: VecDeque<Parcel>,
}

/// What the courier works with.
#[derive(Clone)]
pub(crate) struct Means {
    pub(crate) store: Store,
    pub(crate) clock: Clock,
    pub(crate) fetcher: Fetcher,
    pub(crate) schedule: Schedule,
    pub(crate) caller: Caller,
    pub(crate) lease: Duration,
    /// Fetches at one time.
    pub(crate) concurrency: usize,
}

/// See the module. One task owns it.
pub(crate) struct Courier {
    means: Means,
    /// Rows may be due that were not before.
    wake: Arc<Notify>,
    hosts: HashMap<String, Host>,
    /// Hosts that have something and may fetch, in turn.
    order: VecDeque<String>,
    at_hand: HashSet<CallbackId>,
    under_way: usize,
    beside: FuturesUnordered<BoxFuture<'static, Done>>,
    /// When to look for due rows; none: the look is under way, or nothing is pending.
    look_at: Option<Instant>,
    looking: bool,
}

impl Courier {
    pub(crate) fn new(means: Means, wake: Arc<Notify>) -> Self {
        Self {
            means,
            wake,
            hosts: HashMap::new(),
            order: VecDeque::new(),
            at_hand: HashSet::new(),
            under_way: 0,
            beside: FuturesUnordered::new(),
            look_at: Some(Instant::now()),
            looking: false,
        }
    }

    /// Runs until `soft` is cancelled, then finishes the fetches under way.
    pub(crate) async fn run(mut self, mut new: mpsc::Receiver<Parcel>, soft: CancellationToken) {
        let mut batch = Vec::new();
        loop {
            self.start();
            let look_at = self.look_at;
            tokio::select! {
                () = soft.cancelled() => break,
                count = new.recv_many(&mut batch, 256) => {
                    if count == 0 {
                        break;
                    }
                    for parcel in batch.drain(..) {
                        // Its row is due after the lease, should this be the only one there is.
                        self.look_before(Instant::now() + self.means.lease);
                        self.put(parcel);
                    }
                }
                Some(done) = self.beside.next() => self.done(done),
                () = self.wake.notified() => self.look(),
                () = bus::sleep_until(look_at) => self.look(),
            }
        }
        self.hosts.clear();
        while self.beside.next().await.is_some() {}
    }

    fn done(&mut self, done: Done) {
        match done {
            Done::Fetched(name, id, next) => {
                self.under_way -= 1;
                self.at_hand.remove(&id);
                if let Some(host) = self.hosts.get_mut(&name) {
                    host.under_way -= 1;
                    if !host.queue.is_empty() {
                        self.order.push_back(name);
                    } else if host.under_way == 0 {
                        self.hosts.remove(&name);
                    }
                }
                if let Some(next) = next {
                    self.look_when_due(next, self.means.clock.now());
                }
            }
            Done::Taken(rows) => {
                self.looking = false;
                for parcel in rows.parcels {
                    self.put(parcel);
                }
                match rows.error {
                    Some(error) => self.rest(&error),
                    None if rows.more => self.look_before(Instant::now() + BETWEEN),
                    None => self.ask(),
                }
            }
            Done::Next(Ok(next)) => {
                self.looking = false;
                if let Some(next) = next {
                    self.look_when_due(next, self.means.clock.now());
                }
            }
            Done::Next(Err(error)) => {
                self.looking = false;
                self.rest(&error);
            }
        }
    }

    /// Looks again after a while.
    fn rest(&mut self, error: &StoreError) {
        tracing::warn!("callbacks that are due cannot be read: {error}; trying again");
        self.look_before(Instant::now() + AFTER_FAILURE);
    }

    /// Looks for due rows when one is due at `next`, and before that if the clock may have been set.
    fn look_when_due(&mut self, next: Timestamp, now: Timestamp) {
        self.look_before(Instant::now() + sleep_for(next, now));
    }

    /// Looks for due rows at that time, if not before.
    fn look_before(&mut self, at: Instant) {
        self.look_at = Some(self.look_at.map_or(at, |before| before.min(at)));
    }

    /// Takes due rows.
    fn look(&mut self) {
        self.look_at = None;
        if self.looking {
            self.look_before(Instant::now() + BETWEEN);
            return;
        }
        self.looking = true;
        let Means { store, lease, clock, .. } = &self.means;
        let (store, lease, now) = (store.clone(), *lease, clock.now());
        self.beside.push(async move { Done::Taken(take(&store, now, lease).await) }.boxed());
    }

    /// Asks when the next row is due.
    fn ask(&mut self) {
        self.looking = true;
        let store = self.means.store.clone();
        self.beside.push(async move { Done::Next(next_at(&store).await) }.boxed());
    }

    /// Puts a callback into its host's queue, unless it is at hand already or there is no room.
    fn put(&mut self, parcel: Parcel) {
        let name = parcel.host();
        let queued = self.hosts.get(&name).map_or(0, |host| host.queue.len());
        let full = queued >= QUEUE_OF_A_HOST || self.at_hand.len() >= AT_HAND;
        if full || !self.at_hand.insert(parcel.id) {
            return;
        }
        let host = self.hosts.entry(name.clone()).or_default();
        host.queue.push_back(parcel);
        if host.queue.len() == 1 && host.under_way < A_HOST {
            self.order.push_back(name);
        }
    }

    /// Starts what may be started, host by host.
    fn start(&mut self) {
        while self.under_way < self.means.concurrency {
            let Some(name) = self.order.pop_front() else { break };
            let Some(host) = self.hosts.get_mut(&name) else { continue };
            if host.under_way >= A_HOST {
                continue;
            }
            let Some(parcel) = host.queue.pop_front() else { continue };
            host.under_way += 1;
            self.under_way += 1;
            if !host.queue.is_empty() && host.under_way < A_HOST {
                self.order.push_back(name.clone());
            }
            let means = self.means.clone();
            let fetch = async move {
                let id = parcel.id;
                let next = match hold(&means.store, means.clock, &parcel, means.lease).await {
                    Held::Own => match parcel.errand {
                        Errand::Report { message, url, form } => {
                            let attempts = parcel.attempts;
                            deliver(&means, Reported { id, message, url, form, attempts }).await
                        }
                        Errand::Service(call) => means.caller.deliver(*call).await,
                        Errand::Reply(reply) => means.caller.replier.send(&reply).await,
                    },
                    Held::Postponed(until) => Some(until),
                    Held::Elsewhere => None,
                };
                Done::Fetched(name, id, next)
            };
            self.beside.push(fetch.boxed());
        }
    }
}

/// A program that is told what became of its message.
struct Reported {
    id: CallbackId,
    message: MessageId,
    url: String,
    form: CallbackForm,
    attempts: u32,
}

/// One try and its record; when the next one is.
async fn deliver(means: &Means, report: Reported) -> Option<Timestamp> {
    let Means { store, clock, fetcher, schedule, lease, .. } = means;
    let (at, begun) = (clock.now(), Instant::now());
    let fetched = fetcher.report(&report.url, &report.form).await;
    let now = clock.now();
    let attempts = report.attempts + 1;
    let (id, message) = (report.id, report.message);
    let mut attempt =
        CallbackAttempt { at, duration: begun.elapsed(), http_status: None, error: None };
    let next = match fetched {
        Ok(status) => {
            attempt.http_status = Some(status);
            tracing::debug!(message.id = %message, callback.id = %id, "a callback was delivered");
            NextStep::Done
        }
        Err(error) => {
            attempt.http_status = error.status();
            let next = if error.is_final() { None } else { schedule.next(attempts, now) };
            let next = next.map_or(NextStep::GiveUp, NextStep::Retry);
            let what = match next {
                NextStep::Retry(at) => format!("it is tried again at {at}"),
                _ => "it is given up".to_owned(),
            };
            tracing::info!(
                message.id = %message,
                callback.id = %id,
                attempts,
                "a callback failed: {error}; {what}"
            );
            attempt.error = Some(error.to_string());
            next
        }
    };
    let result = match next {
        NextStep::Done => "done",
        NextStep::Retry(_) => "retry",
        NextStep::GiveUp => "given_up",
    };
    metrics::counter!("merpati_callback_attempts_total", "result" => result).increment(1);
    metrics::histogram!("merpati_callback_seconds").record(attempt.duration);
    // Not recorded, it is due again after the lease and made once more.
    if let Err(error) = store.record_callback_attempt(id, &attempt, next).await {
        tracing::warn!(callback.id = %id, "the attempt at a callback could not be recorded: {error}");
        return Some(now.plus(*lease));
    }
    match next {
        NextStep::Retry(at) => Some(at),
        NextStep::Done | NextStep::GiveUp => None,
    }
}

/// How long to sleep when the next row is due at `next`.
fn sleep_for(next: Timestamp, now: Timestamp) -> Duration {
    next.since(now).min(LONGEST_SLEEP)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_wrong_for_a_while_costs_a_minute_at_most() {
        let now = Timestamp::from_micros(7_200_000_000);
        let after = |wait| now.plus(wait);
        assert_eq!(sleep_for(after(Duration::from_secs(3)), now), Duration::from_secs(3));
        assert_eq!(sleep_for(now.minus(LEASE), now), Duration::ZERO);
        // Set back by an hour: what was due in three seconds is due in an hour, unless it is set right meanwhile.
        assert_eq!(sleep_for(after(Duration::from_hours(1)), now), LONGEST_SLEEP);
    }
}
