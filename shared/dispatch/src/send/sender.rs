//! The loop that sends through one carrier: whether it may, for whom, and one message after the other.

use std::sync::Arc;
use std::time::Duration;

use contracts::subject::Target;
use tokio::sync::{oneshot, watch};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

use crate::carrier::{Carrier, Progress};
use crate::dispatch::Dispatch;
use crate::lease::{LeaseState, Moment};
use crate::outstanding::Outstanding;
use crate::retry::RetryPolicy;
use crate::send::wanted::Wanted;
use crate::send::work::Work;

/// How long sending waits for what spool and memory say of earlier messages before it begins all the same.
const NOTED_WITHIN: Duration = Duration::from_secs(30);

/// What sends through one carrier.
pub struct Sender<C> {
    pub(crate) dispatch: Arc<Dispatch>,
    pub(crate) carrier: C,
    pub(crate) lease: watch::Receiver<LeaseState>,
    pub(crate) outstanding: Outstanding,
    pub(crate) retry: RetryPolicy,
    /// The soft stop: the message at hand is finished, and no other begun.
    pub(crate) stop: CancellationToken,
    pub(crate) state: SenderState,
}

/// What a [`Sender`] remembers between messages.
pub(crate) struct SenderState {
    connection: watch::Receiver<bool>,
    recovered: bool,
    /// The settlements that are being carried out.
    pub(crate) settling: JoinSet<()>,
    /// Ends when the journal has the end of the last message.
    pub(crate) journaled: Option<oneshot::Receiver<()>>,
}

impl<C: Carrier> Sender<C> {
    /// Returns what sends through `carrier` under `lease` until `stop`. Reports and late answers of what it sends are
    /// matched by `outstanding`.
    pub fn new(
        dispatch: Arc<Dispatch>,
        carrier: C,
        lease: watch::Receiver<LeaseState>,
        outstanding: Outstanding,
        retry: RetryPolicy,
        stop: CancellationToken,
    ) -> Self {
        let state = SenderState {
            connection: dispatch.bus.connection(),
            recovered: false,
            settling: JoinSet::new(),
            journaled: None,
        };
        Self { dispatch, carrier, lease, outstanding, retry, stop, state }
    }

    /// Sends until `stop`, then finishes what it has in hand.
    pub async fn run(mut self) {
        let mut work = Work::new(self.dispatch.bus.clone());
        while !self.stop.is_cancelled() {
            while self.state.settling.try_join_next().is_some() {}
            if self.state.connection.has_changed().unwrap_or(false) {
                self.state.connection.borrow_and_update();
                self.state.recovered = false;
                work.forget_pulls();
            }
            let stop = self.stop.clone();
            if !self.may_send() {
                work.give_back().await;
                self.carrier.note(Progress::Load { sending: false, held: 0 });
                tokio::select! {
                    () = stop.cancelled() => {}
                    () = self.something_changed() => {}
                    () = work.serve() => {}
                }
                continue;
            }
            if !self.state.recovered {
                tokio::select! {
                    () = stop.cancelled() => {}
                    recovered = self.recover() => self.state.recovered = recovered,
                }
                continue;
            }
            let wanted = self.wanted();
            self.carrier.note(Progress::Load { sending: false, held: work.held() });
            // Boxed, as an idle modem needs none of it.
            let begun = if let Some(ahead) = work.take_ahead(&wanted) {
                Box::pin(self.next(ahead, &mut work, &wanted)).await
            } else {
                let job = tokio::select! {
                    biased;
                    () = stop.cancelled() => break,
                    job = work.take(&wanted) => job,
                    () = self.something_changed() => continue,
                };
                Box::pin(self.begin(job)).await
            };
            if let Some(begun) = begun {
                if stop.is_cancelled() {
                    work.put_back(self.undo(begun).await);
                    break;
                }
                let job =
                    begun.as_ref().map_or_else(|unbegun| &unbegun.job, |attempt| &attempt.job);
                let span = job.delivery.span("send");
                Box::pin(self.send(begun, &mut work, &wanted)).instrument(span).await;
            }
        }
        work.give_back().await;
        self.carrier.note(Progress::Load { sending: false, held: 0 });
        while self.state.settling.join_next().await.is_some() {}
    }

    fn may_send(&self) -> bool {
        self.carrier.is_ready() && self.term().is_some() && self.dispatch.bus.is_connected()
    }

    /// Waits until [`Sender::may_send`] or [`Sender::wanted`] may say something else.
    async fn something_changed(&mut self) {
        tokio::select! {
            () = self.carrier.changed() => {}
            _ = self.lease.changed() => {}
            () = changed(&self.state.connection) => {}
        }
    }

    /// Has the journal looked through for this carrier before anything is pulled. What the carrier answered to an
    /// earlier run, and what else it knows of that, is noted first.
    async fn recover(&self) -> bool {
        let modem = self.carrier.modem();
        let mut spool = self.dispatch.spool.state();
        let noted = async {
            // The spool lives as long as the driver.
            let _ = spool.wait_for(|tally| tally.of(modem).is_none()).await;
            self.carrier.caught_up().await;
        };
        if tokio::time::timeout(NOTED_WITHIN, noted).await.is_err() {
            tracing::warn!(modem.id = %modem, "what spool and memory say of earlier messages is not noted yet; the modem sends all the same");
        }
        self.dispatch.reclaims.of(modem).await
    }

    fn wanted(&self) -> Wanted {
        let pool = self.carrier.pool().map(Target::Pool);
        let targets = std::iter::once(Target::Sim(self.carrier.sim())).chain(pool).collect();
        Wanted { targets, least: self.carrier.least_urgent() }
    }

    /// Returns the revision of the lease under which may be written now.
    pub(crate) fn term(&self) -> Option<u64> {
        self.lease.borrow().term_at(Moment::now())
    }
}

/// Waits for a change, which whoever looks next still sees as one.
async fn changed(state: &watch::Receiver<bool>) {
    if state.clone().changed().await.is_err() {
        std::future::pending::<()>().await;
    }
}
