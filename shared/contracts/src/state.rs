//! The states of a message to be sent.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Where a message is on its way.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MtState {
    /// Kept by the broker.
    Accepted,
    /// Checked, and in the queue of its account.
    Admitted,
    /// Waiting outside the broker for a time.
    Held,
    /// Waiting for a modem.
    Released,
    /// A try failed; another follows.
    Deferred,
    /// With a modem.
    Sending,
    /// Nobody knows whether it went out.
    Uncertain,
    /// Refused before it was tried.
    Rejected,
    /// Taken back.
    Cancelled,
    /// Its time was over before it could be sent.
    Expired,
    /// Given up.
    Failed,
    /// The network took all its parts.
    Sent,
    /// The network gave up, or the recipient refused.
    Undelivered,
    /// The message is on the recipient's phone.
    Delivered,
    /// A state of a later version.
    #[serde(other)]
    Unknown,
}

impl MtState {
    /// All but [`MtState::Unknown`].
    pub const ALL: [Self; 14] = [
        Self::Accepted,
        Self::Admitted,
        Self::Held,
        Self::Released,
        Self::Deferred,
        Self::Sending,
        Self::Uncertain,
        Self::Rejected,
        Self::Cancelled,
        Self::Expired,
        Self::Failed,
        Self::Sent,
        Self::Undelivered,
        Self::Delivered,
    ];

    /// Its name: a subject token, a value in JSON and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Admitted => "admitted",
            Self::Held => "held",
            Self::Released => "released",
            Self::Deferred => "deferred",
            Self::Sending => "sending",
            Self::Uncertain => "uncertain",
            Self::Rejected => "rejected",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
            Self::Failed => "failed",
            Self::Sent => "sent",
            Self::Undelivered => "undelivered",
            Self::Delivered => "delivered",
            Self::Unknown => "unknown",
        }
    }

    /// The state of that name; [`MtState::Unknown`] when there is none.
    pub fn from_name(name: &str) -> Self {
        Self::ALL.into_iter().find(|s| s.as_str() == name).unwrap_or(Self::Unknown)
    }

    /// How far a message is: a state only gives way to one of a higher phase, or, while it waits
    /// (phase 1), to a later one of the same phase. Retries go round within phase 1.
    ///
    /// 0 accepted or unknown · 1 waiting or on its way · 2 ended unsent · 3 sent · 4 undelivered · 5 delivered.
    pub const fn phase(self) -> u8 {
        match self {
            Self::Unknown | Self::Accepted => 0,
            Self::Admitted
            | Self::Held
            | Self::Released
            | Self::Deferred
            | Self::Sending
            | Self::Uncertain => 1,
            Self::Rejected | Self::Cancelled | Self::Expired | Self::Failed => 2,
            Self::Sent => 3,
            Self::Undelivered => 4,
            Self::Delivered => 5,
        }
    }

    /// Nothing more is tried: it ended, or the network has it.
    pub const fn is_settled(self) -> bool {
        self.phase() >= 2
    }
}

impl fmt::Display for MtState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
