//! What the release loop hears from the parts of the router that read.

use contracts::modem::ModemState;
use contracts::mt::MtEvent;
use contracts::{ModemId, Timestamp};

use crate::lane::LaneKey;

/// What the loop hears from outside.
#[derive(Debug)]
pub(crate) enum Heard {
    /// An item was stored in `SMS_WAIT` whose time is over then.
    Waiting(LaneKey, Option<Timestamp>),
    /// Something happened to a message.
    Event(MtEvent),
    /// A modem's state was written.
    Modem(Box<ModemState>),
    /// A modem's state was deleted.
    ModemGone(ModemId),
    /// What an account may do, or who may use a SIM, was written.
    Settings,
    /// The connection to the broker is there, maybe again.
    Connected,
}
