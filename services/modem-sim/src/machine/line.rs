//! One port of a modem: what was typed, what is being answered, and when the answer goes out.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::memory::Stat;
use crate::make::Role;

/// What a port does with the next byte.
#[derive(Debug)]
pub(super) enum Mode {
    /// It is part of a command line.
    Command,
    /// It is part of a PDU or text, until Ctrl-Z or ESC.
    Entry(Entry),
    /// It waits until the command in work is answered.
    Busy,
}

/// Why a PDU or text is being typed.
#[derive(Debug, Clone)]
pub(super) enum Entry {
    /// `+CMGS=<length>`.
    Send { length: usize },
    /// `+CMGW=<length>[,<stat>]`.
    Write { length: usize, stat: Stat },
    /// `+CMGS="number"` in text mode.
    SendText { to: String },
    /// `+CMGW="number"` in text mode.
    WriteText { to: String },
    /// `+CNMA=<n>,<length>`: an acknowledgement with a TPDU.
    Acknowledge { good: bool },
}

impl Entry {
    pub(super) fn is_text(&self) -> bool {
        matches!(self, Self::SendText { .. } | Self::WriteText { .. })
    }
}

/// A port.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) role: Role,
    pub(super) echo: bool,
    pub(super) verbose: bool,
    pub(super) quiet: bool,
    pub(super) mode: Mode,
    /// What is to be typed once the prompt is there.
    pub(super) next_entry: Option<Entry>,
    /// Bytes not looked at yet.
    pub(super) input: VecDeque<u8>,
    /// The command line or PDU so far.
    pub(super) typed: Vec<u8>,
    /// The command line before, for `A/`.
    pub(super) last: String,
    /// Output that waits for its time.
    pub(super) outbox: VecDeque<(Instant, Vec<u8>)>,
}

impl Line {
    pub(super) fn new(role: Role) -> Self {
        Self {
            role,
            echo: true,
            verbose: true,
            quiet: false,
            mode: Mode::Command,
            next_entry: None,
            input: VecDeque::new(),
            typed: Vec::new(),
            last: String::new(),
            outbox: VecDeque::new(),
        }
    }

    /// Queues bytes for `delay` from now, never before what is queued already.
    pub(super) fn queue(&mut self, now: Instant, delay: Duration, bytes: Vec<u8>) {
        let due = (now + delay).max(self.outbox.back().map_or(now, |(due, _)| *due));
        self.outbox.push_back((due, bytes));
    }

    /// The next bytes whose time has come.
    pub(super) fn due(&mut self, now: Instant) -> Option<Vec<u8>> {
        if self.outbox.front().is_some_and(|(due, _)| *due <= now) {
            self.outbox.pop_front().map(|(_, bytes)| bytes)
        } else {
            None
        }
    }
}
