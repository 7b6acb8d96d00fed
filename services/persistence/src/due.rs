//! Held messages: requested again when due, those of schedules and broadcasts too. And the end of every message that waits: told to be expired.
//!
//! Whoever has a message in hand sees to its end: the router before it releases it, the modem-driver before it writes
//! it, and persistence for what it holds. But a message may wait where nobody looks, for a router that is stopped, a
//! SIM that is away, a modem that never comes back. So persistence tells the end of all that are not with a modem,
//! [`GRACE`] later, when all events of that time are read: whoever had it in hand has told by then. Released after
//! its end it never is.
//!
//! That a message is with a modem is stored with what came of it, or when the modem is slow; until then the journal alone
//! says so. So the journal is asked before a message is told to be over, and when nothing is heard for long of a message
//! that modems were to take ([`crate::journal`]).
//!
//! What is with a modem is told by its driver, which keeps what it knows and tells that when the broker is back, if need be
//! an hour later. Of a driver that never comes back nothing is heard, so after [`UNHEARD`] persistence tells the
//! message to be uncertain, and no more: it may be out, so nothing is sent again by that, and whatever its driver or a
//! delivery report says later goes before it.
//!
//! A request is published first and noted as published after. Between the two it may be published again:
//! after a crash, or when no answer came from the broker. The broker takes two with one id for one only
//! within two minutes, so before anything is published it is waited until our own consumers have read what
//! the streams held: our own request comes back by them and settles its hold.

use std::sync::Arc;
use std::time::Duration;

use bus::{Bus, Durable, PublishError};
use contracts::mt::{MtChange, MtEvent, SendError};
use contracts::{Timestamp, mt::PrioritisedRequest};
use numbering::Plan;
use platform::Clock;
use store::{DueMessage, ScheduleBounds, Silent, Store, StoreError, Unheard};
use tokio::sync::Notify;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::alarm::Alarm;
use crate::journal::{About, Journal, NewlyGiven};
use crate::outage::{Outage, Stopped};
use crate::{broadcasts, schedules};

/// Messages that are dealt with together.
const AT_ONCE: u32 = 200;

/// The longest sleep: the wall clock may be set, and another copy that stored a hold may have died.
const LONGEST_SLEEP: Duration = Duration::from_mins(1);

/// A clock that was set back by more than this was wrong before, and so is what was noted by it.
const SET_BACK: Duration = Duration::from_hours(1);

/// How long after its end a message is told to be expired that persistence does not hold.
const GRACE: Duration = Duration::from_secs(5);

/// How long nothing is heard of a message that is with a modem before that is told. A part takes a modem two minutes at
/// most, and each part is told when it begins; another driver that takes the message over says so within a minute.
const UNHEARD: Duration = Duration::from_mins(15);

/// How long persistence listens before it says that it heard nothing: a driver that was cut off with it tells first.
const LISTENS: Duration = Duration::from_secs(15);

/// Requests held messages again, and tells which messages are over.
pub(crate) struct Due {
    pub(crate) bus: Bus,
    pub(crate) store: Store,
    pub(crate) clock: Clock,
    /// Told when a message is due, or over.
    pub(crate) alarm: Arc<Alarm>,
    /// As the router has it.
    pub(crate) within: ScheduleBounds,
    /// How the numbers of an audience are read.
    pub(crate) plan: Plan,
    /// Told when messages were written without the words by which they are found.
    pub(crate) wordless: Arc<Notify>,
}

/// How the messages were looked at of which nothing is heard.
struct Looks<'a> {
    journal: &'a mut Journal,
    /// Since when there is word from broker and database.
    since: Instant,
    /// When the journal was asked last about those that modems were to take.
    last: Option<Instant>,
}

/// Why due messages were not dealt with this time.
#[derive(Debug, thiserror::Error)]
enum DueError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Publish(#[from] PublishError),
    #[error("the broker does not say how far its consumers are: {0}")]
    Lookup(#[from] bus::ItemError),
    #[error(transparent)]
    Orders(#[from] broadcasts::TellError),
    #[error("the journal does not say which messages are with a modem: {0}")]
    Journal(#[from] bus::KvError),
}

impl Due {
    /// Until the soft shutdown.
    pub(crate) async fn run(self, soft: CancellationToken) {
        let mut outage = Outage::new("requesting held messages again");
        let mut journal = Journal::default();
        loop {
            match self.caught_up_then_work(&mut journal, &soft, &mut outage).await {
                Err(error) => {
                    if outage.pause(&error, &soft).await.is_err() {
                        return;
                    }
                }
                Ok(Stopped) => return,
            }
        }
    }

    async fn caught_up_then_work(
        &self,
        journal: &mut Journal,
        soft: &CancellationToken,
        outage: &mut Outage,
    ) -> Result<Stopped, DueError> {
        for durable in [Durable::PersistenceRequests, Durable::PersistenceOtpRequests] {
            // What the stream holds now was read and written.
            tokio::select! {
                () = soft.cancelled() => return Ok(Stopped),
                caught_up = self.bus.caught_up(&durable) => caught_up?,
            }
        }
        tokio::select! {
            () = soft.cancelled() => return Ok(Stopped),
            caught_up = self.bus.history_caught_up() => caught_up?,
        }
        schedules::put_right(self, self.clock.now()).await?;
        let mut looks = Looks { journal, since: Instant::now(), last: None };
        let mut looked = (self.clock.now(), Instant::now());
        loop {
            let (before, since) = looked;
            looked = (self.clock.now(), Instant::now());
            if looked.0.plus(SET_BACK) < before.plus(since.elapsed()) {
                tracing::warn!("the clock was set back by more than an hour");
                schedules::put_right(self, looked.0).await?;
            }
            // Registered before looking, so that a hold stored meanwhile wakes.
            let woken = self.alarm.looking();
            let sleep = tokio::select! {
                // Broken off anywhere it is done again, by whoever runs next.
                () = soft.cancelled() => return Ok(Stopped),
                sleep = self.work(&mut looks) => sleep?,
            };
            outage.over();
            self.alarm.set(sleep);
            tokio::select! {
                () = soft.cancelled() => return Ok(Stopped),
                () = woken => {}
                () = tokio::time::sleep(sleep) => {}
            }
        }
    }

    /// Tells which batches came to an end. Told and not noted as told, as after a crash, it is told again under the same id.
    async fn tell_finished(&self, now: Timestamp) -> Result<(), DueError> {
        loop {
            let finished = self.store.finished_batches(AT_ONCE).await?;
            if finished.is_empty() {
                return Ok(());
            }
            self.bus.publish_all(&finished).await?;
            let ids: Vec<_> = finished.iter().map(|one| one.batch).collect();
            self.store.batches_of_broadcasts_ended(&ids, now).await?;
            self.store.batches_told(&ids).await?;
        }
    }

    /// Deals with all that is due and says how long there is nothing more to do.
    async fn work(&self, looks: &mut Looks<'_>) -> Result<Duration, DueError> {
        self.tell_finished(self.clock.now()).await?;
        broadcasts::tell_untold(self, self.clock.now()).await?;
        loop {
            let now = self.clock.now();
            let limit = AT_ONCE;
            let due = self.store.due(now, limit).await?;
            if !due.is_empty() {
                self.publish(&due, now).await?;
                self.store.settle_due(&due).await?;
                continue;
            }
            // After what is due, so that the messages of many schedules do not wait for the last of them.
            if schedules::send_due(self, now).await? {
                continue;
            }
            if broadcasts::advance_due(self, now).await? {
                continue;
            }
            if self.expire(looks.journal, now, limit).await? {
                continue;
            }
            let listens = LISTENS.saturating_sub(looks.since.elapsed());
            if listens.is_zero() {
                if looks.last.is_none_or(|last| last.elapsed() >= LONGEST_SLEEP) {
                    self.ask_of_silent(looks.journal, now, limit).await?;
                    looks.last = Some(Instant::now());
                }
                self.doubt(now, limit).await?;
            }
            let next = self.store.next_due().await?.into_iter();
            let next = next.chain(self.store.next_schedule().await?);
            let next = next.chain(self.store.next_broadcast().await?);
            let next = next.chain(self.store.next_end().await?.map(|end| end.plus(GRACE)));
            let unheard = self.store.next_unheard().await?;
            let next = next.chain(unheard.map(|heard| heard.plus(UNHEARD).max(now.plus(listens))));
            // Due and yet not among the due: a row that cannot be read. The log says which.
            let sleep = next.map(|at| at.since(now)).filter(|wait| !wait.is_zero());
            // What is silent is asked about the first time.
            let sleep = sleep.chain((!listens.is_zero()).then_some(listens)).min();
            return Ok(sleep.unwrap_or(LONGEST_SLEEP).min(LONGEST_SLEEP));
        }
    }

    /// Tells which messages are over; whether there were any.
    async fn expire(
        &self,
        journal: &mut Journal,
        now: Timestamp,
        limit: u32,
    ) -> Result<bool, DueError> {
        let end = now.minus(GRACE);
        if self.store.over(end, limit).await?.is_empty() {
            return Ok(false);
        }
        // What became of them since may not be in the database yet.
        self.bus.history_caught_up().await?;
        let mut over = self.store.over(end, limit).await?;
        let about = over.iter().map(|one| About {
            message: one.id,
            org: one.request.org,
            owner: one.request.owner,
            round: one.request.round,
        });
        let with_modem = journal.given(&self.bus, about.collect()).await?;
        self.tell_given(journal, &with_modem).await?;
        over.retain(|one| with_modem.iter().all(|new| new.about.message != one.id));
        self.tell_expired(&over.iter().collect::<Vec<_>>(), now).await?;
        self.store.settle_over(&over).await?;
        Ok(!over.is_empty() || !with_modem.is_empty())
    }

    /// Asks the journal about the messages that modems were to take and of which nothing is heard, and tells which of them
    /// a modem has.
    async fn ask_of_silent(
        &self,
        journal: &mut Journal,
        now: Timestamp,
        limit: u32,
    ) -> Result<(), DueError> {
        let since = now.minus(UNHEARD);
        if self.store.silent(since, None, 1).await?.is_empty() {
            return Ok(());
        }
        // What was said of them since may not be in the database yet.
        self.bus.history_caught_up().await?;
        let mut last = None;
        loop {
            let silent = self.store.silent(since, last.as_ref(), limit).await?;
            let about = silent.iter().map(|one| {
                let Silent { message, org, owner, round, .. } = *one;
                About { message, org, owner, round }
            });
            let with_modem = journal.given(&self.bus, about.collect()).await?;
            self.tell_given(journal, &with_modem).await?;
            last = silent.into_iter().last();
            if last.is_none() {
                return Ok(());
            }
        }
    }

    /// Tells that messages are with a modem, in place of their drivers, and waits until the database has it.
    async fn tell_given(
        &self,
        journal: &mut Journal,
        given: &[NewlyGiven],
    ) -> Result<(), DueError> {
        if given.is_empty() {
            return Ok(());
        }
        let events: Vec<MtEvent> = given.iter().map(NewlyGiven::event).collect();
        self.bus.publish_all(&events).await?;
        for new in given {
            tracing::info!(message.id = %new.about.message, "the journal says that a modem has a message of which nothing was heard");
        }
        self.bus.history_caught_up().await?;
        // Not before: what could not be told is to be told the next time, and does not end as if no modem had it.
        journal.told(given);
        Ok(())
    }

    /// Tells of which messages nothing is heard.
    async fn doubt(&self, now: Timestamp, limit: u32) -> Result<(), DueError> {
        let since = now.minus(UNHEARD);
        if self.store.unheard(since, limit).await?.is_empty() {
            return Ok(());
        }
        // What was said of them since may not be in the database yet.
        self.bus.history_caught_up().await?;
        let mut last = None;
        loop {
            let unheard = self.store.unheard(since, limit).await?;
            let first = unheard.first().map(|one| one.message);
            // What stays though it was told is told again in a minute, and holds up nothing else until then.
            if first.is_none() || first == last {
                return Ok(());
            }
            last = first;
            self.tell_uncertain(unheard, now).await?;
            // Ours too, so that they are not told again.
            self.bus.history_caught_up().await?;
        }
    }

    async fn tell_uncertain(&self, unheard: Vec<Unheard>, now: Timestamp) -> Result<(), DueError> {
        let uncertain = unheard.iter().map(|one| {
            let Unheard { message, org, owner, round, through, part } = *one;
            let error = SendError {
                code: "unheard".to_owned(),
                text: format!(
                    "Nothing was heard of it for {} minutes while it was with a modem. It may have gone out.",
                    UNHEARD.as_secs() / 60
                ),
            };
            let change = MtChange::Uncertain { error, through, part };
            let (given, report) = (Vec::new(), None);
            MtEvent { message, org, owner, at: now, round, otp: false, change, given, report }
        });
        self.bus.publish_all(&uncertain.collect::<Vec<_>>()).await?;
        for one in unheard {
            tracing::warn!(message.id = %one.message, modem.id = %one.through.modem, "nothing is heard of a message that is with a modem; it is uncertain");
        }
        Ok(())
    }

    async fn tell_expired(&self, over: &[&DueMessage], now: Timestamp) -> Result<(), DueError> {
        let expired: Vec<_> = over
            .iter()
            .map(|held| {
                MtEvent::of(held.id, &held.request, now, MtChange::Expired {})
                    .of_priority(held.priority)
            })
            .collect();
        self.bus.publish_all(&expired).await?;
        for held in over {
            tracing::info!(message.id = %held.id, "a waiting message is expired: its time is over");
        }
        Ok(())
    }

    async fn publish(&self, due: &[DueMessage], now: Timestamp) -> Result<(), DueError> {
        let (over, again): (Vec<_>, Vec<_>) = due.iter().partition(|held| held.is_over(now));
        self.tell_expired(&over, now).await?;
        let requests: Vec<_> = again
            .iter()
            .map(|held| PrioritisedRequest { priority: held.priority, request: &held.request })
            .collect();
        self.bus.publish_all(&requests).await?;
        for held in again {
            tracing::info!(
                message.id = %held.id,
                round = held.request.round,
                "a held message is due and is requested again"
            );
        }
        Ok(())
    }
}
