//! The states of a message to be sent.

crate::named! {
    /// Where a message is on its way.
    #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    pub enum MtState in json {
        /// Kept by the broker.
        Accepted = "accepted",
        /// Checked, and in the queue of its account.
        Admitted = "admitted",
        /// Waiting outside the broker for a time.
        Held = "held",
        /// Waiting for a modem.
        Released = "released",
        /// A try failed; another follows.
        Deferred = "deferred",
        /// With a modem.
        Sending = "sending",
        /// Nobody knows whether it went out.
        Uncertain = "uncertain",
        /// Refused before it was tried.
        Rejected = "rejected",
        /// Taken back.
        Cancelled = "cancelled",
        /// Its time was over before it could be sent.
        Expired = "expired",
        /// Given up.
        Failed = "failed",
        /// The network took all its parts.
        Sent = "sent",
        /// The network gave up, or the recipient refused.
        Undelivered = "undelivered",
        /// The message is on the recipient's phone.
        Delivered = "delivered",
    } else {
        /// A state of a later version.
        Unknown = "unknown"
    }
}

impl MtState {
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
