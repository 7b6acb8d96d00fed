//! The messages that this run of the driver is working on.

use std::collections::HashSet;
use std::time::Duration;

use contracts::MessageId;
use tokio::sync::watch;

/// How long a late answer or a report waits for the end of the message that it is about.
const SETTLED_WITHIN: Duration = Duration::from_mins(1);

/// The messages that this driver is working on or settling. The sweep leaves them alone.
#[derive(Debug, Clone, Default)]
pub(crate) struct InHand(watch::Sender<HashSet<MessageId>>);

/// Keeps a message in hand until it is dropped.
#[derive(Debug)]
pub(crate) struct Holding {
    all: InHand,
    message: MessageId,
}

impl InHand {
    /// Takes a message in hand; returns `None` when it already is.
    pub(crate) fn take(&self, message: MessageId) -> Option<Holding> {
        let new = self.0.send_if_modified(|messages| messages.insert(message));
        new.then(|| Holding { all: self.clone(), message })
    }

    /// Returns whether a message is in hand.
    pub(crate) fn has(&self, message: MessageId) -> bool {
        self.0.borrow().contains(&message)
    }

    /// Returns when a message is not in hand any more, or has been for so long that what is known of it cannot wait.
    pub(crate) async fn settled(&self, message: MessageId) {
        let mut messages = self.0.subscribe();
        let free = messages.wait_for(|messages| !messages.contains(&message));
        // The sender lives as long as we do.
        let _ = tokio::time::timeout(SETTLED_WITHIN, free).await;
    }
}

impl Drop for Holding {
    fn drop(&mut self) {
        self.all.0.send_if_modified(|messages| messages.remove(&self.message));
    }
}
