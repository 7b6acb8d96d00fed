//! Texts that are sent on to a group of contacts.

use std::fmt;
use std::time::Duration;

use contracts::{GroupId, PhoneNumber};
use serde::{Deserialize, Serialize};

/// The most contacts of a group that a text is sent on to.
pub const MOST_OF_GROUP: usize = 500;
/// The most senders who may send to a group.
pub const MOST_CONFIRMED: usize = 20;
/// For how long a code waits to be sent back.
pub const CODE_LASTS: Duration = Duration::from_secs(10 * 60);

/// Who may send to which group. A sender's number proves nothing: so either the text begins with a PIN, or a code that is sent to
/// the sender has to come back.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToGroup {
    /// The group.
    pub group: GroupId,
    /// The PIN that stands before the text, as an argon2id hash. None: a code is sent to the sender.
    #[serde(default)]
    pub pin: Option<String>,
    /// Who may send; empty, where there is a PIN: whoever knows it.
    #[serde(default)]
    pub senders: Vec<PhoneNumber>,
}

/// Leaves out the PIN and the senders.
impl fmt::Debug for ToGroup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let how = if self.pin.is_some() { "by a PIN" } else { "by a code" };
        write!(f, "ToGroup({}, {how})", self.group)
    }
}

impl ToGroup {
    /// Returns whether somebody may send, as far as a number says who somebody is.
    pub fn is_for(&self, sender: &PhoneNumber) -> bool {
        let is_one = |one: &PhoneNumber| one.is_same_phone(sender);
        (self.senders.is_empty() && self.pin.is_some()) || self.senders.iter().any(is_one)
    }
}
