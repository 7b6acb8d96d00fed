//! What goes on when the call that began it does not wait for it any longer, or is gone.
//!
//! A file of 50,000 rows may take longer than the portal, or a proxy before it, lets any call take. Then nothing would be wrong but that it
//! stopped in the middle, until somebody came back. So it is done by a task of its own, for which the call waits for a while; what a
//! kill leaves undone, the same call does when it is made again.

use std::collections::BTreeSet;
use std::future::Future;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use contracts::ContactImportId;

use super::{Known, NotDone, find};
use crate::app::App;
use crate::authority::Authority;

/// For how long a call waits.
const PATIENCE: Duration = Duration::from_secs(20);
/// How often a call looks whether another one's work is over.
const LOOK: Duration = Duration::from_millis(500);

/// Whether an import is being made or taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Way {
    /// Made.
    In,
    /// Taken back.
    Back,
}

type Key = (ContactImportId, Way);

/// What this copy of the portal is doing: each at most once, and there are as many imports as accounts may have.
static GOING: Mutex<BTreeSet<Key>> = Mutex::new(BTreeSet::new());

/// That something is being done; over when it is dropped.
struct Going(Key);

impl Going {
    /// None: it is being done already.
    fn begin(key: Key) -> Option<Self> {
        let mut going = GOING.lock().unwrap_or_else(PoisonError::into_inner);
        going.insert(key).then(|| Self(key))
    }
}

impl Drop for Going {
    fn drop(&mut self) {
        GOING.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.0);
    }
}

/// Whether this copy of the portal makes an import, or takes it back, at the moment.
pub(super) fn is(key: Key) -> bool {
    GOING.lock().unwrap_or_else(PoisonError::into_inner).contains(&key)
}

/// Does something that was begun, and returns when that is over, or after a while. Whoever calls again meanwhile waits for the same.
pub(super) async fn waited(
    app: &App,
    authority: &Authority,
    (id, way): Key,
    work: impl Future<Output = Result<Known, NotDone>> + Send + 'static,
) -> Result<Known, NotDone> {
    let Some(going) = Going::begin((id, way)) else {
        let over = over(app, authority, (id, way));
        return match tokio::time::timeout(PATIENCE, over).await {
            Ok(over) => over,
            Err(_) => find(app, authority, id).await,
        };
    };
    let task = tokio::spawn(async move {
        let _going = going;
        let done = work.await;
        if let Err(error) = &done {
            tracing::warn!(import = %id, "contacts of a file were left: {error}");
        }
        done
    });
    match tokio::time::timeout(PATIENCE, task).await {
        Ok(Ok(done)) => done,
        // It goes on, or the portal ends.
        Ok(Err(_)) | Err(_) => find(app, authority, id).await,
    }
}

/// Returns an import when this copy of the portal does nothing with it any longer.
async fn over(app: &App, authority: &Authority, key: Key) -> Result<Known, NotDone> {
    while is(key) {
        tokio::time::sleep(LOOK).await;
    }
    find(app, authority, key.0).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_thing_is_done_once_at_a_time() {
        let id = ContactImportId::new();
        let first = Going::begin((id, Way::In));
        assert!(first.is_some() && Going::begin((id, Way::In)).is_none());
        assert!(Going::begin((id, Way::Back)).is_some(), "it is taken back meanwhile");
        assert!(Going::begin((id, Way::In)).is_none(), "who was refused ended nothing");
        assert!(is((id, Way::In)) && !is((id, Way::Back)));
        drop(first);
        assert!(!is((id, Way::In)));
        assert!(Going::begin((id, Way::In)).is_some());
    }
}
