//! Listening to the broker only while somebody wants to know.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

/// How long one who wanted to know may take to come back.
pub(crate) const LINGER: Duration = Duration::from_secs(60);
/// How long one waits for the broker to know that the portal listens.
const PATIENCE: Duration = Duration::from_secs(2);

/// How many want to know, and whether somebody listens for them.
#[derive(Debug)]
pub(crate) struct Demand {
    state: Mutex<State>,
    /// Counts up whenever somebody begins or ceases to want to know.
    changes: watch::Sender<u64>,
    listens: watch::Sender<bool>,
}

#[derive(Debug, Default)]
struct State {
    users: usize,
    /// Until when somebody is expected.
    until: Option<Instant>,
}

impl State {
    fn is_idle(&self, now: Instant) -> bool {
        self.users == 0 && self.until.is_none_or(|until| until <= now)
    }
}

impl Demand {
    /// Nobody wants to know, and nobody listens.
    pub(crate) fn new() -> Self {
        Self {
            state: Mutex::default(),
            changes: watch::Sender::new(0),
            listens: watch::Sender::new(false),
        }
    }

    /// Somebody wants to know from now on, until [`Demand::leave`].
    pub(crate) fn join(&self) {
        self.change(|state| state.users += 1);
    }

    /// Somebody who joined does not want to know any more.
    pub(crate) fn leave(&self) {
        self.change(|state| {
            state.users = state.users.saturating_sub(1);
            state.until = Some(Instant::now() + LINGER);
        });
    }

    /// Somebody will want to know soon.
    pub(crate) fn expect(&self) {
        self.change(|state| state.until = Some(Instant::now() + LINGER));
    }

    /// How many have joined.
    pub(crate) fn users(&self) -> usize {
        self.lock().users
    }

    /// Whether somebody listens.
    pub(crate) fn is_heard(&self) -> bool {
        *self.listens.borrow()
    }

    /// Waits until somebody listens; `false` when that takes too long, for the broker is away.
    pub(crate) async fn heard(&self) -> bool {
        let mut listens = self.listens.subscribe();
        let heard = listens.wait_for(|listens| *listens);
        tokio::time::timeout(PATIENCE, heard).await.is_ok()
    }

    /// Somebody listens from now on, until [`Demand::unwanted`] returns.
    pub(crate) fn listens(&self) {
        self.listens.send_replace(true);
    }

    /// Returns when somebody wants to know.
    pub(crate) async fn wanted(&self) {
        let mut changes = self.changes.subscribe();
        while self.lock().is_idle(Instant::now()) {
            // The sender is here.
            let _ = changes.changed().await;
        }
    }

    /// Returns when nobody wants to know any more. From then on nobody listens.
    pub(crate) async fn unwanted(&self) {
        let mut changes = self.changes.subscribe();
        loop {
            changes.borrow_and_update();
            let until = {
                let state = self.lock();
                if state.is_idle(Instant::now()) {
                    // Under the lock: who wants to know from now on finds that nobody listens.
                    self.listens.send_replace(false);
                    return;
                }
                state.until.filter(|_| state.users == 0)
            };
            let over = async {
                match until {
                    Some(until) => tokio::time::sleep_until(until).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = over => {}
                _ = changes.changed() => {}
            }
        }
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.lock());
        self.changes.send_modify(|count| *count = count.wrapping_add(1));
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
