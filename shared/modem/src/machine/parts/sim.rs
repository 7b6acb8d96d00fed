//! What is known of the SIM, and why the modem cannot work with it.

use std::time::{Duration, Instant};

use crate::event::SimIdentity;

/// How long a SIM may be busy after the start before it counts as ill.
const BUSY_LIMIT: Duration = Duration::from_secs(30);

/// Why the modem cannot work before a person has done something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Blocker {
    NoSim,
    SimFailure,
    SimBusy,
    PinNeeded,
    PinRefused,
    LastTry,
    Puk,
    Locked,
    FlightMode,
}

/// What is known of the SIM.
#[derive(Debug, Default)]
pub(crate) struct Sim {
    /// What the caller was told of the SIM. It outlives a set-up, after which another SIM may be in the modem.
    identity: Option<SimIdentity>,
    iccid: Option<String>,
    /// The command that read the ICCID.
    iccid_command: Option<String>,
    imsi: Option<String>,
    pin_tries: Option<u8>,
    pin_entered: bool,
    busy_since: Option<Instant>,
    /// The modem has said that it can be asked for messages.
    sms_ready: bool,
    /// It is known whose the messages are that come in.
    is_read: bool,
    blocker: Option<Blocker>,
}

impl Sim {
    /// The modem is set up anew: all is read again, and the identity is kept to be compared.
    pub(crate) fn begin_set_up(&mut self) {
        *self = Self { identity: self.identity.take(), ..Self::default() };
    }

    /// Another SIM may be in the modem.
    pub(crate) fn forget(&mut self) {
        self.iccid = None;
        self.imsi = None;
        self.pin_tries = None;
        self.pin_entered = false;
        self.busy_since = None;
        self.is_read = false;
    }

    // What the SIM says.

    pub(crate) fn iccid(&self) -> Option<&str> {
        self.iccid.as_deref()
    }

    /// The command that read the ICCID.
    pub(crate) fn iccid_command(&self) -> Option<&str> {
        self.iccid_command.as_deref()
    }

    /// A command has read the ICCID, or not.
    pub(crate) fn set_iccid(&mut self, iccid: Option<String>, command: &str) {
        if iccid.is_some() {
            self.iccid_command = Some(command.to_owned());
        }
        self.iccid = iccid;
    }

    pub(crate) fn set_imsi(&mut self, imsi: Option<String>) {
        self.imsi = imsi;
    }

    /// Whether it can be told one SIM from another.
    pub(crate) fn is_identified(&self) -> bool {
        self.iccid.is_some() || self.imsi.is_some()
    }

    /// Whether it is known whose the messages are that come in.
    pub(crate) fn is_read(&self) -> bool {
        self.is_read
    }

    pub(crate) fn note_read(&mut self) {
        self.is_read = true;
    }

    // The PIN.

    /// How often a PIN may still be entered.
    pub(crate) fn pin_tries(&self) -> Option<u8> {
        self.pin_tries
    }

    pub(crate) fn set_pin_tries(&mut self, tries: Option<u8>) {
        self.pin_tries = tries;
    }

    /// Whether the SIM has taken a PIN and may not say so yet.
    pub(crate) fn is_pin_entered(&self) -> bool {
        self.pin_entered
    }

    pub(crate) fn set_pin_entered(&mut self, entered: bool) {
        self.pin_entered = entered;
    }

    // Why the SIM cannot be used yet.

    /// The SIM is busy. Returns whether that has gone on for too long.
    pub(crate) fn note_busy(&mut self, now: Instant) -> bool {
        let since = *self.busy_since.get_or_insert(now);
        now >= since + BUSY_LIMIT
    }

    pub(crate) fn note_not_busy(&mut self) {
        self.busy_since = None;
    }

    /// Whether the modem has said that it can be asked for messages.
    pub(crate) fn is_sms_ready(&self) -> bool {
        self.sms_ready
    }

    pub(crate) fn note_sms_ready(&mut self) {
        self.sms_ready = true;
    }

    /// What a person must do something about.
    pub(crate) fn blocker(&self) -> Option<Blocker> {
        self.blocker
    }

    pub(crate) fn is_blocked(&self) -> bool {
        self.blocker.is_some()
    }

    pub(crate) fn set_blocker(&mut self, blocker: Option<Blocker>) {
        self.blocker = blocker;
    }

    // What the caller is told.

    /// What the caller was told of the SIM.
    pub(crate) fn identity(&self) -> Option<&SimIdentity> {
        self.identity.as_ref()
    }

    /// Changes what the caller is told. `true` when that is another identity than before.
    pub(crate) fn change(&mut self, change: impl FnOnce(&mut SimIdentity)) -> bool {
        let mut identity = self.identity.clone().unwrap_or_default();
        change(&mut identity);
        let changed = self.identity.as_ref() != Some(&identity);
        self.identity = Some(identity);
        changed
    }

    /// Whether the SIM that was read is the one of which the caller was told, as far as can be seen.
    pub(crate) fn is_the_same(&self) -> bool {
        self.identity.as_ref().is_none_or(|before| match (&before.iccid, &self.iccid) {
            (Some(old), Some(new)) => old == new,
            _ => before.imsi.is_none() || self.imsi.is_none() || before.imsi == self.imsi,
        })
    }

    /// Makes what was read what the caller is told, with the number that a person said and the service centre's
    /// number. `true` when that is another identity than before.
    pub(crate) fn identify(&mut self, number: Option<String>, centre: Option<String>) -> bool {
        let same = self.is_the_same();
        let known_number =
            self.identity.as_ref().filter(|_| same).and_then(|before| before.number.clone());
        let identity = SimIdentity {
            iccid: self.iccid.clone(),
            imsi: self.imsi.clone(),
            number: number.or(known_number),
            smsc: centre.filter(|_| same || self.is_read),
        };
        let changed = self.identity.as_ref() != Some(&identity);
        self.identity = Some(identity);
        changed
    }
}
