//! Counts what goes out through the SIM in one modem, keeps the count in the bucket `usage`, and says what its limits
//! leave.
//!
//! The count is stored before a part is given to the modem, by compare-and-set: two drivers that both take a SIM for
//! theirs never count beside each other. A SIM without limits is not counted, and nothing is stored for it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bus::{Entry, KvError};
use contracts::limits::{Closed, Limit, Limits, NEW_RECIPIENT, Recipient, Usage};
use contracts::modem::{ModemEvent, ModemEventKind};
use contracts::mt::SendError;
use contracts::{EventId, ModemId, PhoneNumber, SimId};
use dispatch::{Candidate, LeaseState, MayBegin};
use ring::hmac;
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

use crate::driver::Driver;
use crate::host::identity::sim_of;
use crate::limits::account::{Account, Asked, Beginning, Due, Given, Moment, News};
use crate::port::handle::Handle;

/// Limits go by the wall clock, which may be set: it is looked at this often.
const CLOCK_IS_SEEN: Duration = Duration::from_secs(10);
/// When the count is read again that could not be read.
const READ_AGAIN: Duration = Duration::from_secs(1);
/// How often a count is stored anew that another driver changed meanwhile.
const TRIES: usize = 4;

/// What counts for one modem.
pub(crate) struct Meter {
    driver: Arc<Driver>,
    modem: ModemId,
    pump: Handle,
    lease: watch::Receiver<LeaseState>,
    open: Mutex<Option<Open>>,
    /// Held while the count is read or stored, which takes turns.
    storing: tokio::sync::Mutex<()>,
    counted: Notify,
    changes: watch::Sender<u64>,
}

/// The account of the SIM in the modem.
struct Open {
    sim: SimId,
    account: Account,
    /// What is stored has this revision; none: nothing is stored.
    revision: Option<u64>,
    /// It is not known what is stored.
    in_doubt: bool,
}

/// Whether a SIM sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Standing {
    /// As much as comes, for now.
    Sends,
    /// Not for now.
    Closed(Closed),
    /// What it has sent was not read yet.
    Unread,
}

/// Why a part may not be given to the modem.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotCounted {
    /// Another driver has sent through the SIM meanwhile.
    #[error("The SIM's limit was reached meanwhile by what another host sent through it.")]
    Full,
    /// The broker.
    #[error("What the SIM sends could not be counted for its limits: {0}")]
    Broker(String),
}

impl Meter {
    pub(crate) fn new(
        driver: Arc<Driver>,
        modem: ModemId,
        pump: Handle,
        lease: watch::Receiver<LeaseState>,
    ) -> Self {
        Self {
            driver,
            modem,
            pump,
            lease,
            open: Mutex::new(None),
            storing: tokio::sync::Mutex::new(()),
            counted: Notify::new(),
            changes: watch::Sender::new(0),
        }
    }

    /// Returns a number that changes whenever [`Meter::standing`], [`Meter::closed_to_new`] or [`Meter::low`] may say something else.
    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// Returns whether the SIM in the modem sends.
    pub(crate) fn standing(&self) -> Standing {
        let closed = self.with(|open, limits, at| open.account.closed(limits, at));
        match closed {
            None | Some(Ok(None)) => Standing::Sends,
            Some(Ok(Some(closed))) => Standing::Closed(closed),
            Some(Err(Unread)) => Standing::Unread,
        }
    }

    /// Returns why the SIM sends nothing for now, where that is known.
    pub(crate) fn closed(&self) -> Option<Closed> {
        match self.standing() {
            Standing::Closed(closed) => Some(closed),
            Standing::Sends | Standing::Unread => None,
        }
    }

    /// Returns whether a message may be begun. If nothing may, [`Meter::standing`] says so until it may.
    pub(crate) fn may_begin(&self, candidate: Candidate<'_>) -> MayBegin {
        let Candidate { parts, priority, to } = candidate;
        let beginning = self.with(|open, limits, at| {
            let recipient = print(open.sim, to);
            open.account.may_begin(limits, Asked { parts, priority, recipient }, at)
        });
        match beginning {
            None | Some(Ok(Beginning::May)) => MayBegin::Yes,
            Some(Ok(Beginning::NotThis(closed))) => {
                self.counted.notify_one();
                MayBegin::NotThis { error: one_too_many(&closed), until: closed.until }
            }
            Some(Ok(Beginning::NotNow) | Err(Unread)) => {
                self.counted.notify_one();
                MayBegin::NotNow
            }
        }
    }

    /// Returns why the SIM sends to nobody whom it did not send to in this month, if it does not.
    pub(crate) fn closed_to_new(&self) -> Option<Closed> {
        self.with(|open, limits, at| open.account.closed_to_new(limits, at))?.ok()?
    }

    /// Returns a limit of which nine tenths are used, if there is one.
    pub(crate) fn low(&self) -> Option<Limit> {
        self.with(|open, limits, at| open.account.low(limits, at))?.ok()?
    }

    /// Returns whether no part may follow the next one.
    pub(crate) fn is_last(&self) -> bool {
        let is_last = self.with(|open, limits, at| open.account.is_last(limits, at));
        matches!(is_last, Some(Ok(true)))
    }

    /// Returns when [`Meter::standing`] may say something else by itself; `None`: never.
    pub(crate) fn wait(&self) -> Option<Duration> {
        let wait = self.with(|open, limits, at| {
            let changes_at = open.account.changes_at(limits, at);
            changes_at.map_or(CLOCK_IS_SEEN, |then| then.since(at.now).min(CLOCK_IS_SEEN))
        });
        wait.map(|wait| wait.unwrap_or(READ_AGAIN))
    }

    /// Counts a part that is about to be given to the modem, the first of so many that are still to go of its message.
    /// Returns what is needed to take it back.
    pub(crate) async fn count(
        &self,
        to: &PhoneNumber,
        parts: u8,
        is_first: bool,
    ) -> Result<Option<Given>, NotCounted> {
        for _ in 0..TRIES {
            let next = self.with(|open, limits, at| {
                let recipient = print(open.sim, to);
                match open.account.due(limits, parts, recipient, at) {
                    _ if open.in_doubt => Next::Read(open.sim),
                    Some(due) => Next::Store(open.sim, due),
                    None => Next::Counted(open.account.give(limits, recipient)),
                }
            });
            match next {
                None => return Ok(None),
                Some(Ok(Next::Counted(counted))) => {
                    self.counted.notify_one();
                    return Ok(Some(counted));
                }
                Some(Ok(Next::Store(sim, due))) => self.store(sim, due).await?,
                Some(Ok(Next::Read(sim))) => {
                    self.read(sim).await.map_err(|error| NotCounted::Broker(error.to_string()))?;
                    // A message that is begun is not left half sent.
                    let is_full = self.closed().is_some_and(|closed| closed.limit != Limit::Quiet);
                    if is_first && (is_full || self.refuses(to)) {
                        return Err(NotCounted::Full);
                    }
                }
                Some(Err(Unread)) => {
                    return Err(NotCounted::Broker("the count was not read yet".to_owned()));
                }
            }
        }
        Err(NotCounted::Broker("another driver counts for the SIM too".to_owned()))
    }

    /// Takes a part back that certainly did not go out.
    pub(crate) fn take_back(&self, given: &Given) {
        self.with(|open, _, _| open.account.take_back(given));
        self.counted.notify_one();
    }

    /// Keeps the account of the SIM that is in the modem until `stop`, and tells what is to be told; then stores what was
    /// sent and no more.
    pub(crate) async fn run(self: Arc<Self>, stop: CancellationToken) {
        let mut view = self.pump.view.clone();
        let mut sims = self.driver.sims.clone();
        let mut lease = self.lease.clone();
        let mut before = (self.standing(), self.closed_to_new(), self.low());
        while !stop.is_cancelled() {
            let sim = self.sim();
            if let Err(error) = self.keep(sim).await {
                tracing::warn!(modem.id = %self.modem, sim.id = %sim, "what the SIM has sent is not known, and it sends nothing until it is: {error}");
            }
            let standing = (self.standing(), self.closed_to_new(), self.low());
            if before != standing {
                before = standing;
                self.changes.send_modify(|count| *count = count.wrapping_add(1));
            }
            stop.run_until_cancelled(self.tell_news(sim)).await;
            let wait = async {
                match self.wait() {
                    Some(wait) => tokio::time::sleep(wait).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = stop.cancelled() => {}
                changed = view.wait_for(|view| sim_of(view, self.modem) != sim) => {
                    if changed.is_err() {
                        break;
                    }
                }
                Ok(()) = sims.changed() => {}
                Ok(()) = lease.changed() => {}
                () = self.counted.notified() => {}
                () = wait => {}
            }
        }
        self.close().await;
    }

    /// Returns whether a recipient would be one too many.
    fn refuses(&self, to: &PhoneNumber) -> bool {
        let refuses =
            self.with(|open, limits, at| open.account.refuses(limits, print(open.sim, to), at));
        matches!(refuses, Some(Ok(true)))
    }

    fn sim(&self) -> SimId {
        sim_of(&self.pump.view.borrow(), self.modem)
    }

    /// Looks at the account of the SIM in the modem. Returns `None` when the SIM has no limits.
    fn with<T>(
        &self,
        look: impl FnOnce(&mut Open, &Limits, Moment<'_>) -> T,
    ) -> Option<Result<T, Unread>> {
        let sim = self.sim();
        let limits = self.driver.limits_of(sim)?;
        let (zone, now) = (limits.time_zone(), self.driver.clock.now());
        let limits = limits.on_the_day(now, &zone);
        let mut open = self.lock();
        let Some(open) = open.as_mut().filter(|open| open.sim == sim) else {
            return Some(Err(Unread));
        };
        Some(Ok(look(open, &limits, Moment { now, zone: &zone })))
    }

    fn lock(&self) -> MutexGuard<'_, Option<Open>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has the account of this SIM open, if the SIM has limits, and no other.
    async fn keep(&self, sim: SimId) -> Result<(), KvError> {
        let limits = self.driver.limits_of(sim);
        let is_limited = limits.is_some();
        let opened = self.lock().as_ref().map(|open| open.sim);
        if opened.is_some_and(|opened| opened != sim || !is_limited) {
            self.close().await;
        }
        if is_limited && opened != Some(sim) {
            self.read(sim).await?;
            if limits.is_some_and(|limits| limits.is_of_unknown_zone()) {
                tracing::warn!(sim.id = %sim, "this host does not know the time zone of the SIM's limits and goes by its own: install tzdata");
            }
        }
        Ok(())
    }

    /// Reads what a SIM has sent.
    async fn read(&self, sim: SimId) -> Result<(), KvError> {
        let _turn = self.storing.lock().await;
        let entry = self.driver.usage.get(&sim.to_string()).await?;
        let (account, revision) = match entry {
            Some(Entry { value, revision }) => (Account::of(value), Some(revision)),
            None => (Account::default(), None),
        };
        *self.lock() = Some(Open { sim, account, revision, in_doubt: false });
        Ok(())
    }

    /// Stores a count ahead of what is sent. Another driver's count is read at the next try.
    async fn store(&self, sim: SimId, due: Due) -> Result<(), NotCounted> {
        let _turn = self.storing.lock().await;
        let revision = match self.lock().as_ref().filter(|open| open.sim == sim) {
            Some(open) => open.revision,
            None => return Ok(()),
        };
        let written = self.write(sim, &due.usage, revision).await;
        let mut open = self.lock();
        let Some(open) = open.as_mut().filter(|open| open.sim == sim) else { return Ok(()) };
        match written {
            Ok(revision) => {
                open.revision = Some(revision);
                open.account.is_stored(due);
                Ok(())
            }
            Err(error) => {
                open.in_doubt = true;
                if error.is_conflict() {
                    Ok(())
                } else {
                    Err(NotCounted::Broker(error.to_string()))
                }
            }
        }
    }

    async fn write(
        &self,
        sim: SimId,
        usage: &Usage,
        revision: Option<u64>,
    ) -> Result<u64, KvError> {
        let key = sim.to_string();
        match revision {
            Some(revision) => self.driver.usage.update(&key, usage, revision).await,
            None => self.driver.usage.create(&key, usage).await,
        }
    }

    /// Stores what was sent and no more, and closes the account.
    async fn close(&self) {
        let _turn = self.storing.lock().await;
        let Some(Open { sim, account, revision, in_doubt }) = self.lock().take() else { return };
        let Some(usage) = account.exact().filter(|_| !in_doubt) else { return };
        // What another driver wrote meanwhile is later than this.
        if let Err(error) = self.write(sim, usage, revision).await {
            tracing::debug!(sim.id = %sim, "what is stored of a SIM stays ahead of what it sent: {error}");
        }
    }

    /// Tells what people were not told of the limits. Of another driver's modem that one tells.
    async fn tell_news(&self, sim: SimId) {
        if self.lease.borrow().term_at(dispatch::Moment::now()).is_none() {
            return;
        }
        let news = self.with(|open, limits, at| open.account.news(limits, at));
        for news in news.and_then(Result::ok).unwrap_or_default() {
            let (kind, text) = words(news);
            if let News::Reached(limit, ..) = news {
                metrics::counter!("merpati_sim_limits_reached_total", "limit" => limit.as_str())
                    .increment(1);
            }
            tracing::info!(modem.id = %self.modem, sim.id = %sim, "{text}");
            let (id, at) = (EventId::new(), self.driver.clock.now());
            let (modem, sim) = (self.modem, Some(sim));
            self.driver
                .dispatch
                .tell(&ModemEvent { id, kind, modem, sim, text, from: None, at })
                .await;
        }
    }
}

/// What a SIM has sent was not read yet.
#[derive(Debug)]
struct Unread;

/// What has to be done for a part to be counted.
enum Next {
    Counted(Given),
    Store(SimId, Due),
    Read(SimId),
}

/// A print of a recipient of a SIM. The key is no secret: whoever has it and a number may ask whether the number was sent
/// to, and nobody reads numbers off the count.
fn print(sim: SimId, to: &PhoneNumber) -> Recipient {
    let key = hmac::Key::new(hmac::HMAC_SHA256, sim.to_string().as_bytes());
    let tag = hmac::sign(&key, to.as_str().as_bytes());
    let hash = tag.as_ref().first_chunk::<8>().map_or(0, |bytes| u64::from_be_bytes(*bytes));
    Recipient::of_hash(hash)
}

/// Why a message to a new recipient is not sent through the SIM.
fn one_too_many(closed: &Closed) -> SendError {
    let text = format!(
        "The SIM sends to nobody new until {}: {closed}. Other SIMs may; or raise the limit.",
        closed.until
    );
    SendError { code: NEW_RECIPIENT.to_owned(), text }
}

fn words(news: News) -> (ModemEventKind, String) {
    let of = |limit, most| Closed {
        limit,
        most: Some(most),
        until: contracts::Timestamp::from_micros(0),
        passwords: false,
    };
    match news {
        News::Low(limit, most) => {
            let text = match limit {
                Limit::Recipients => {
                    format!(
                        "Nine tenths of the {most} different recipients that the SIM may have in this month are used."
                    )
                }
                Limit::SpendDay | Limit::SpendMonth => format!(
                    "Nine tenths of the {most} that the SIM may spend in this {} are spent.",
                    time(limit)
                ),
                _ => format!(
                    "Nine tenths of the {most} messages that the SIM may send in this {} are used.",
                    time(limit)
                ),
            };
            (ModemEventKind::QuotaLow, text)
        }
        News::Reached(limit, most, until) => {
            let what = if limit == Limit::Recipients { "to nobody new" } else { "nothing" };
            let text = format!("The SIM sends {what} until {until}: {}.", of(limit, most));
            (ModemEventKind::LimitReached, text)
        }
        News::Over(limit) => {
            let what = match limit {
                Limit::Recipients => "different recipients",
                Limit::SpendDay | Limit::SpendMonth => "spending",
                _ => "messages",
            };
            let text =
                format!("The SIM's limit of {what} in a {} is not reached any more.", time(limit));
            (ModemEventKind::LimitOver, text)
        }
    }
}

const fn time(limit: Limit) -> &'static str {
    match limit {
        Limit::Hour => "hour",
        Limit::Day | Limit::SpendDay => "day",
        Limit::Month | Limit::SpendMonth | Limit::Recipients => "month",
        Limit::Minute | Limit::Quiet | Limit::Unknown => "time",
    }
}
