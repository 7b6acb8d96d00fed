//! Asking for a look through the journal on behalf of a modem that is about to pull.

use contracts::ModemId;
use tokio::sync::{mpsc, oneshot};

/// The wish of a modem that is about to pull: that what the modem had is reclaimed first.
pub(crate) struct Reclaim {
    pub(crate) modem: ModemId,
    /// Hears when the journal was looked through.
    pub(crate) done: oneshot::Sender<()>,
}

/// Where modems ask for a look through the journal.
pub(crate) struct Reclaims(mpsc::UnboundedSender<Reclaim>);

impl Reclaims {
    /// Returns the asking end, and the end for [`crate::settle::sweep`].
    pub(crate) fn new() -> (Self, mpsc::UnboundedReceiver<Reclaim>) {
        let (asking, asked) = mpsc::unbounded_channel();
        (Self(asking), asked)
    }

    /// Returns when the journal was looked through for `modem`: `false` when nobody looks any more.
    pub(crate) async fn of(&self, modem: ModemId) -> bool {
        let (done, is_done) = oneshot::channel();
        self.0.send(Reclaim { modem, done }).is_ok() && is_done.await.is_ok()
    }
}
