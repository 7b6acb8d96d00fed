//! Where a modem's messages come from, bound as late as can be.
//!
//! A one-time password is asked for anew at each completion, and never held by a busy modem: another
//! may send it. Of the lower priorities one message is fetched ahead while the last answer is due, so
//! the next command follows within a millisecond. Only an idle modem leaves pulls open at the
//! broker; one that is still open when the modem becomes busy is let run out, and what it brings is
//! given back, for a pull that is dropped could swallow a message until its ack time is over.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use bus::{Bus, ConsumeError, Delivery, Durable, Wait};
use contracts::Priority;
use contracts::mt::MtItem;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt as _, StreamExt as _};
use tokio::time::{Instant, Interval, MissedTickBehavior};

use crate::send::job::Job;
use crate::send::wanted::Wanted;

/// How long an idle modem's pull stays open at the broker.
const OPEN: Duration = Duration::from_secs(8);
/// How often the broker hears that a message held ahead is still held: a third of the ack time.
pub(crate) const PROGRESS: Duration = Duration::from_secs(10);
/// How long no pull is opened after an error.
const PAUSE: Duration = Duration::from_millis(500);

type Pulled = (Durable, Result<Vec<Delivery<MtItem>>, ConsumeError>);

/// The pulls of one modem and what they brought.
pub(crate) struct Work {
    bus: Bus,
    pulls: FuturesUnordered<BoxFuture<'static, Pulled>>,
    /// The pulls that are under way, and whether each returns at once.
    open: HashMap<Durable, bool>,
    held: Vec<Job>,
    /// Where to look for the next message while the modem is busy.
    ahead: VecDeque<Durable>,
    progress: Interval,
    paused_until: Instant,
    flowing: bool,
}

impl std::fmt::Debug for Work {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Work({} pulls, {} held)", self.pulls.len(), self.held.len())
    }
}

impl Work {
    pub(crate) fn new(bus: Bus) -> Self {
        let mut progress = tokio::time::interval(PROGRESS);
        progress.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self {
            bus,
            pulls: FuturesUnordered::new(),
            open: HashMap::new(),
            held: Vec::new(),
            ahead: VecDeque::new(),
            progress,
            paused_until: Instant::now(),
            flowing: false,
        }
    }

    /// Returns the most urgent message there is of those that are wanted, and waits for one.
    ///
    /// The future may be dropped and this be called again.
    pub(crate) async fn take(&mut self, wanted: &Wanted) -> Job {
        self.ahead.clear();
        self.keep_only(wanted).await;
        self.flowing = true;
        for priority in wanted.priorities() {
            for target in &wanted.targets {
                self.keep_only(wanted).await;
                if let Some(job) = self.best(priority) {
                    return job;
                }
                self.ask(Durable::dispatch(target, priority), Wait::None);
                // A password's queues are asked together: nothing is gained by order.
                if priority != Priority::Otp {
                    self.answered().await;
                }
            }
            self.answered().await;
            self.keep_only(wanted).await;
            if let Some(job) = self.best(priority) {
                return job;
            }
        }
        self.flowing = false;
        loop {
            tokio::time::sleep_until(self.paused_until).await;
            for target in &wanted.targets {
                for priority in wanted.priorities() {
                    self.ask(Durable::dispatch(target, priority), Wait::UpTo(OPEN));
                }
            }
            self.step().await;
            while self.step().now_or_never().is_some() {}
            // A pull may have been opened when the SIM was still in another pool, or took messages that are less urgent.
            self.keep_only(wanted).await;
            if let Some(job) = self.best(Priority::Bulk) {
                return job;
            }
        }
    }

    /// Returns the message that was fetched ahead, to be begun while [`Work::password`] looks for a more urgent one.
    pub(crate) fn take_ahead(&mut self, wanted: &Wanted) -> Option<Job> {
        if !self.held.iter().all(|job| wanted.takes(&job.delivery.value)) {
            return None;
        }
        let job = self.best(Priority::Bulk)?;
        self.ahead.clear();
        self.flowing = true;
        Some(job)
    }

    /// Returns a password that waits at the broker, if there is one.
    pub(crate) async fn password(&mut self, wanted: &Wanted) -> Option<Job> {
        for target in &wanted.targets {
            self.ask(Durable::dispatch(target, Priority::Otp), Wait::None);
        }
        self.answered().await;
        self.best(Priority::Otp)
    }

    /// Puts a message back that gives way to a more urgent one, so that it is the next again.
    pub(crate) fn put_back(&mut self, job: Job) {
        self.held.push(job);
    }

    /// Begins to look for the message after the one at hand.
    pub(crate) fn look_ahead(&mut self, wanted: &Wanted) {
        self.ahead = wanted
            .priorities()
            .filter(|priority| *priority != Priority::Otp)
            .flat_map(|priority| {
                wanted.targets.iter().map(move |target| Durable::dispatch(target, priority))
            })
            .collect();
        self.ask_ahead();
    }

    /// Serves the pulls of a busy modem; returns after each thing that happened.
    ///
    /// The future may be dropped and this be called again.
    pub(crate) async fn serve(&mut self) {
        self.step().await;
        self.trim().await;
        self.ask_ahead();
    }

    /// Returns how many messages are held ahead.
    pub(crate) fn held(&self) -> usize {
        self.held.len()
    }

    /// Returns whether the last message was there without waiting, so that more are likely to follow.
    pub(crate) fn is_flowing(&self) -> bool {
        self.flowing
    }

    /// Forgets all pulls: the broker was lost, and with it what was asked of it.
    pub(crate) fn forget_pulls(&mut self) {
        self.pulls.clear();
        self.open.clear();
        self.paused_until = Instant::now();
    }

    /// Gives back what is held.
    pub(crate) async fn give_back(&mut self) {
        self.ahead.clear();
        while let Some(job) = self.held.pop() {
            job.give_back(None).await;
        }
    }

    /// Waits for one thing to happen: a pull ends, or it is time for a sign of progress.
    async fn step(&mut self) {
        tokio::select! {
            Some((durable, result)) = self.pulls.next(), if !self.pulls.is_empty() => {
                self.open.remove(&durable);
                match result {
                    Ok(deliveries) => self.held.extend(deliveries.into_iter().map(Job::new)),
                    Err(error) => {
                        tracing::debug!("the broker was asked for messages in vain: {error}");
                        self.paused_until = Instant::now() + PAUSE;
                    }
                }
            }
            _ = self.progress.tick() => {
                for job in &self.held {
                    if let Err(error) = job.delivery.progress().await {
                        tracing::debug!("the broker was not told that a message is still worked on: {error}");
                    }
                }
            }
        }
    }

    /// Waits for the pulls that return at once.
    async fn answered(&mut self) {
        while self.open.values().any(|at_once| *at_once) {
            self.step().await;
        }
    }

    fn ask(&mut self, durable: Durable, wait: Wait) {
        if self.open.contains_key(&durable) || Instant::now() < self.paused_until {
            return;
        }
        self.open.insert(durable.clone(), wait == Wait::None);
        let bus = self.bus.clone();
        self.pulls.push(Box::pin(async move {
            let result = bus.fetch(&durable, 1, wait).await;
            (durable, result)
        }));
    }

    /// Asks one queue after the other. A queue with an open pull needs no asking.
    fn ask_ahead(&mut self) {
        while self.held.is_empty()
            && !self.open.values().any(|at_once| *at_once)
            && let Some(durable) = self.ahead.pop_front()
        {
            self.ask(durable, Wait::None);
        }
    }

    /// Returns the most urgent message that is held, if it is at least this urgent.
    fn best(&mut self, least: Priority) -> Option<Job> {
        let priority = |job: &Job| job.delivery.value.priority;
        let index = (0..self.held.len()).min_by_key(|index| priority(&self.held[*index]))?;
        (priority(&self.held[index]) <= least).then(|| self.held.remove(index))
    }

    /// Gives back what a busy modem may not hold: passwords, and all other messages but one.
    async fn trim(&mut self) {
        while let Some(index) = self.surplus() {
            self.held.remove(index).give_back(None).await;
        }
    }

    fn surplus(&self) -> Option<usize> {
        let priority = |index: &usize| self.held[*index].delivery.value.priority;
        if let Some(otp) = (0..self.held.len()).find(|i| priority(i) == Priority::Otp) {
            return Some(otp);
        }
        (self.held.len() > 1).then(|| (0..self.held.len()).rev().max_by_key(priority)).flatten()
    }

    async fn keep_only(&mut self, wanted: &Wanted) {
        let strange = |job: &Job| !wanted.takes(&job.delivery.value);
        while let Some(index) = self.held.iter().position(strange) {
            self.held.remove(index).give_back(None).await;
        }
    }
}
