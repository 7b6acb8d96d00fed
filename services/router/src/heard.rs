//! What the release loop hears from the parts of the router that read.

use bus::Receipt;
use contracts::batch::BatchOrder;
use contracts::limits::{AccountCounter, Usage};
use contracts::modem::ModemState;
use contracts::mt::{MtEvent, MtItem};
use contracts::{BatchId, ModemId};
use tracing::Span;

/// What was admitted of a stored request, which is acknowledged when all of it was released or waits in `SMS_WAIT`.
#[derive(Debug)]
pub(crate) struct Admitted {
    /// The items: one at least, and of one lane unless rules part them.
    pub(crate) items: Vec<MtItem>,
    /// Whether its request was delivered before, and nobody knows what was made of it then.
    pub(crate) again: bool,
    /// The acknowledgement of its request.
    pub(crate) receipt: Receipt,
    /// A span that follows the request.
    pub(crate) span: Span,
}

/// What the loop hears from outside.
#[derive(Debug)]
pub(crate) enum Heard {
    /// Something was admitted: it may be released at once, or has to wait.
    Admitted(Box<Admitted>),
    /// An order was given to a batch of this account, or taken back.
    Order(BatchId, BatchOrder),
    /// Something happened to a message.
    Event(MtEvent),
    /// A modem's state was written.
    Modem(Box<ModemState>),
    /// A modem's state was deleted.
    ModemGone(ModemId),
    /// What an account may do, or who may use a SIM, was written.
    Settings,
    /// What an account with limits has sent was counted, by this router or another.
    Usage(AccountCounter, Box<Usage>),
    /// The connection to the broker is there, maybe again.
    Connected,
}
