//! The loop that sends for one modem: whether it may, for whom, and one message after the other.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use contracts::subject::Target;
use contracts::{ModemId, SimId, config_kv};
use tokio::sync::{oneshot, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

use crate::driver::Driver;
use crate::host::identity::sim_of;
use crate::journal::lease::{LeaseState, Moment};
use crate::port::handle::Handle;
use crate::receive::reports::Reports;
use crate::receive::waiting::UncertainParts;
use crate::report::tally::Tally;
use crate::send::work::Work;

/// How long sending waits for what spool and memory say of earlier messages before it begins all the same.
const NOTED_WITHIN: Duration = Duration::from_secs(30);

/// What sends for one modem.
pub(crate) struct Sender {
    pub(crate) driver: Arc<Driver>,
    pub(crate) modem: ModemId,
    pub(crate) pump: Handle,
    pub(crate) lease: watch::Receiver<LeaseState>,
    pub(crate) reports: Arc<Reports>,
    pub(crate) tally: Arc<Tally>,
    pub(crate) uncertain: UncertainParts,
    /// The soft stop: the message at hand is finished, and no other begun.
    pub(crate) stop: CancellationToken,
    pub(crate) state: SenderState,
}

/// What a [`Sender`] remembers between messages.
pub(crate) struct SenderState {
    connection: watch::Receiver<bool>,
    sims: watch::Receiver<HashMap<SimId, config_kv::Sim>>,
    enabled: watch::Receiver<HashMap<ModemId, bool>>,
    recovered: bool,
    /// The settlements that are being carried out.
    pub(crate) settling: JoinSet<()>,
    /// Ends when the journal has the end of the last message.
    pub(crate) journaled: Option<oneshot::Receiver<()>>,
}

impl SenderState {
    pub(crate) fn new(driver: &Driver) -> Self {
        Self {
            connection: driver.dispatch.bus.connection(),
            sims: driver.sims.clone(),
            enabled: driver.enabled.clone(),
            recovered: false,
            settling: JoinSet::new(),
            journaled: None,
        }
    }
}

impl Sender {
    /// Sends until `stop`, then finishes what it has in hand.
    pub(crate) async fn run(mut self) {
        let mut work = Work::new(self.driver.dispatch.bus.clone());
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
                self.tally.hands(false, 0);
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
            let targets = self.targets();
            self.tally.hands(false, work.held());
            // Boxed, as an idle modem needs none of it.
            let begun = if let Some(ahead) = work.take_ahead(&targets) {
                Box::pin(self.next(ahead, &mut work, &targets)).await
            } else {
                let job = tokio::select! {
                    biased;
                    () = stop.cancelled() => break,
                    job = work.take(&targets) => job,
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
                Box::pin(self.send(begun, &mut work, &targets)).instrument(span).await;
            }
        }
        work.give_back().await;
        self.tally.hands(false, 0);
        while self.state.settling.join_next().await.is_some() {}
    }

    fn may_send(&self) -> bool {
        *self.pump.ready.borrow()
            && self.driver.is_enabled(self.modem)
            && self.term().is_some()
            && self.tally.may_send().0
            && self.driver.dispatch.bus.is_connected()
    }

    /// Waits until [`Sender::may_send`] or [`Sender::targets`] may say something else.
    async fn something_changed(&mut self) {
        let rested = self.tally.may_send().1;
        let sim = self.sim();
        let mut view = self.pump.view.clone();
        tokio::select! {
            _ = self.pump.ready.changed() => {}
            _ = self.lease.changed() => {}
            () = changed(&self.state.connection) => {}
            _ = self.state.sims.changed() => {}
            _ = self.state.enabled.changed() => {}
            _ = view.wait_for(|view| sim_of(view, self.modem) != sim) => {}
            () = sleep_until(rested) => {}
        }
    }

    /// Has the journal looked through for this modem before anything is pulled. What the modem answered to an earlier
    /// run, and what lies in the modem's memory, is noted first.
    async fn recover(&self) -> bool {
        let mut spool = self.driver.dispatch.spool.state();
        let mut found = self.pump.found.subscribe();
        let noted = async {
            // Both live as long as the driver and the pump.
            let _ = spool.wait_for(|tally| tally.of(self.modem).is_none()).await;
            let _ = found.wait_for(|found| *found == 0).await;
        };
        if tokio::time::timeout(NOTED_WITHIN, noted).await.is_err() {
            tracing::warn!(modem.id = %self.modem, "what its spool and its memory say is not noted yet; sending goes on all the same");
        }
        self.driver.dispatch.reclaims.of(self.modem).await
    }

    pub(crate) fn sim(&self) -> SimId {
        sim_of(&self.pump.view.borrow(), self.modem)
    }

    fn targets(&self) -> Vec<Target> {
        let sim = self.sim();
        let pool = self.driver.pool_of(sim).map(Target::Pool);
        std::iter::once(Target::Sim(sim)).chain(pool).collect()
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

async fn sleep_until(end: Option<Instant>) {
    match end {
        Some(end) if end > Instant::now() => tokio::time::sleep_until(end).await,
        _ => std::future::pending().await,
    }
}
