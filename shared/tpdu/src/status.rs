//! TP-ST, what became of a message (TS 23.040, 9.2.3.15).

/// TP-ST.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Status(pub u8);

/// What TP-ST means for the sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// The transaction is complete: on the phone, forwarded, or replaced by a newer message.
    Delivered,
    /// Not yet; the service centre goes on trying, and another report follows.
    Buffered,
    /// It is given up.
    Undelivered,
}

impl Status {
    /// On the recipient's phone.
    pub const RECEIVED: Self = Self(0x00);
    /// The validity period is over.
    pub const EXPIRED: Self = Self(0x46);

    /// What it means. A reserved value reads as "service rejected", given up, as the standard asks; a value of the
    /// service centre's own means what its range does.
    pub const fn outcome(self) -> Outcome {
        match self.0 {
            0x00..=0x02 | 0x10..=0x1F => Outcome::Delivered,
            0x20..=0x25 | 0x30..=0x3F => Outcome::Buffered,
            0x03..=0x0F | 0x26..=0x2F | 0x40..=0xFF => Outcome::Undelivered,
        }
    }

    /// What it says, in words.
    pub const fn words(self) -> &'static str {
        match self.0 {
            0x00 => "received by the recipient's phone",
            0x01 => "forwarded, but the service centre cannot confirm that it was received",
            0x02 => "replaced by a newer message",
            0x10..=0x1F => "complete, for a reason of the service centre's own",
            0x20 => "congestion, still trying",
            0x21 => "the recipient's phone is busy, still trying",
            0x22 => "no answer from the recipient's phone, still trying",
            0x23 => "service rejected, still trying",
            0x24 => "the quality of service is not available, still trying",
            0x25 => "error in the recipient's phone, still trying",
            0x30..=0x3F => "still trying, for a reason of the service centre's own",
            0x40 => "remote procedure error",
            0x41 => "the recipient's phone cannot take such a message",
            0x42 => "the recipient's phone rejected it",
            0x43 => "the recipient cannot be reached",
            0x44 => "the quality of service is not available",
            0x45 => "the networks do not work together",
            0x46 => "the validity period is over",
            0x47 => "deleted by the sender",
            0x48 => "deleted by the service centre",
            0x49 => "the service centre has no such message",
            0x50..=0x5F => "given up, for a reason of the service centre's own",
            0x60 => "congestion, given up",
            0x61 => "the recipient's phone is busy, given up",
            0x62 => "no answer from the recipient's phone, given up",
            0x63 => "service rejected, given up",
            0x64 => "the quality of service is not available, given up",
            0x65 => "error in the recipient's phone, given up",
            0x70..=0x7F => "given up after tries, for a reason of the service centre's own",
            0x03..=0x0F | 0x26..=0x2F | 0x4A..=0x4F | 0x66..=0x6F | 0x80..=0xFF => {
                "service rejected, given up; the service centre sent a status that the standard reserves"
            }
        }
    }
}
