//! That messages were written to the database: told live by persistence and kept by nobody.

use serde::{Deserialize, Serialize};

use crate::{MessageId, Subject};

/// Messages of which something was just written to the database, so that whoever waits for one need not look again and
/// again. It may be lost; who waits looks by itself too, now and then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Written {
    /// The messages, some maybe more than once.
    pub messages: Vec<MessageId>,
}

impl Written {
    /// The subject it is told on, which no stream keeps.
    pub const SUBJECT: Subject = Subject::Written;
}
