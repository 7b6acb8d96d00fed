//! The beginning of a run.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use bus::{Bucket, Bus, KvError};
use contracts::EventId;
use platform::Clock;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::dispatch::Dispatch;
use crate::journal::bucket::Journal;
use crate::journal::in_hand::InHand;
use crate::journal::reclaim::{Reclaim, Reclaims};
use crate::lease::boot_id;
use crate::receive::backlog;
use crate::settle::sweep;
use crate::spool::Spool;
use crate::spool::file::SpoolLimits;

/// What a run needs of its surroundings.
#[derive(Debug, Clone)]
pub struct Surroundings {
    /// The broker.
    pub bus: Bus,
    /// The name of this host, as other hosts are told who has a lease.
    pub host: String,
    /// Where the spool is kept; `None` for nowhere.
    pub state: Option<PathBuf>,
    /// How much the spool takes.
    pub spool: SpoolLimits,
    /// The time of day.
    pub clock: Clock,
}

impl Dispatch {
    /// Begins a run that knows nothing of messages yet, but what the spool has. Nothing is sent before the
    /// [`Upkeep`] runs.
    ///
    /// # Errors
    /// When the broker's buckets cannot be opened.
    pub async fn open(surroundings: Surroundings) -> Result<(Arc<Self>, Upkeep), KvError> {
        let Surroundings { bus, host, state, spool, clock } = surroundings;
        let (reclaims, asked) = Reclaims::new();
        let dispatch = Arc::new(Self {
            id: format!("drv_{}", EventId::new().uuid().simple()),
            host,
            boot: boot_id(),
            clock,
            journal: Journal::open(&bus).await?,
            leases: bus.kv(Bucket::Leases).await?,
            reports: bus.kv(Bucket::Reports).await?,
            reclaims,
            in_hand: InHand::default(),
            spool: Spool::open(state.as_deref(), spool, clock),
            outstanding: Mutex::default(),
            submissions: 0.into(),
            bus,
        });
        Ok((dispatch.clone(), Upkeep { dispatch, asked }))
    }
}

/// What goes on beside all carriers: the sweep through the journal, and publishing from the spool.
pub struct Upkeep {
    dispatch: Arc<Dispatch>,
    asked: mpsc::UnboundedReceiver<Reclaim>,
}

impl Upkeep {
    /// Starts the upkeep, which ends when `tasks` is dropped.
    pub fn start(self, tasks: &mut JoinSet<()>) {
        tasks.spawn(sweep::run(self.dispatch.clone(), self.asked));
        tasks.spawn(backlog::run(self.dispatch));
    }
}
