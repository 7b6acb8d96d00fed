//! Looks after the private broker: one that stands and stores nothing is started again.
//!
//! The clients tell when an answer that was due did not come; then each stream is asked. When some stay silent for
//! [`PATIENCE`], the broker is restarted as soon as its disk has space, for a broker whose disk is full would do the
//! same again. Nothing is asked while all is well.

use std::time::Duration;

use bus::{Backoff, Bus};
use platform::Disk;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// How long streams may be silent.
const PATIENCE: Duration = Duration::from_secs(6);
/// Between two questions.
const EACH: Duration = Duration::from_secs(1);
/// Between two restarts, at first and at most.
const PAUSES: Backoff = Backoff::of_millis(1_000, 60_000);
/// A broker that worked for so long is restarted without a pause the next time.
const WELL: Duration = Duration::from_mins(5);
/// The part of the reserve that must be free for a restart, and the most of it.
const NEEDED: (u64, u64) = (8, 32_000_000);

/// Asks for a restart; answered when the broker runs again.
pub(crate) type Restart = oneshot::Sender<()>;

/// Until `stop`.
pub(crate) async fn attend(
    bus: Bus,
    disk: Disk,
    keeper: mpsc::Sender<Restart>,
    stop: CancellationToken,
) {
    tokio::select! {
        () = stop.cancelled() => {}
        () = Attendant { bus, disk, keeper, pauses: PAUSES }.run() => {}
    }
}

struct Attendant {
    bus: Bus,
    disk: Disk,
    keeper: mpsc::Sender<Restart>,
    pauses: Backoff,
}

impl Attendant {
    async fn run(mut self) {
        let (mut doubts, mut connection) = (self.bus.doubts(), self.bus.connection());
        let mut restarted = Instant::now();
        loop {
            let heard = tokio::select! {
                heard = doubts.changed() => heard,
                heard = connection.changed() => heard,
            };
            if heard.is_err() {
                return;
            }
            let Some(mut words) = self.silent_for(PATIENCE).await else { continue };
            let needed = (self.disk.reserve() / NEEDED.0).min(NEEDED.1);
            if self.disk.space().free < needed {
                tracing::error!("{words}; it is started again when its disk has space");
                self.disk.freed(needed).await;
                let Some(still) = self.silent_for(Duration::ZERO).await else { continue };
                words = still;
            }
            if restarted.elapsed() > WELL {
                self.pauses.reset();
            }
            tracing::error!("{words}; it is ended and started again");
            metrics::counter!("merpati_broker_restarts_total").increment(1);
            let (done, restart) = oneshot::channel();
            if self.keeper.send(done).await.is_err() || restart.await.is_err() {
                return;
            }
            restarted = Instant::now();
            self.pauses.wait().await;
            // What was in doubt before is settled.
            doubts.mark_unchanged();
            connection.mark_unchanged();
            if self.bus.healthy().await.is_err() {
                doubts.mark_changed();
            }
        }
    }

    /// What is wrong when it is so for `patience`; none as soon as all streams store.
    async fn silent_for(&self, patience: Duration) -> Option<String> {
        let begun = Instant::now();
        loop {
            match self.bus.healthy().await {
                Err(unhealthy) if unhealthy.is_silent() => {
                    if begun.elapsed() >= patience {
                        return Some(unhealthy.to_string());
                    }
                }
                _ => return None,
            }
            tokio::time::sleep(EACH).await;
        }
    }
}
