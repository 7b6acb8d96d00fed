//! What one simulated modem is set up with.

use std::time::Duration;

use crate::fault::FaultRule;
use crate::identity::{self, Identity};
use crate::make::Make;

/// How long things take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timing {
    /// From the end of a PDU to its answer, the radio link being open.
    pub submit: Duration,
    /// Opening the radio link: on top of `submit`, unless `+CMMS` kept it open.
    pub link: Duration,
    /// Before each answer.
    pub answer: Duration,
    /// From power to the last line of the boot.
    pub boot: Duration,
    /// From radio and SIM ready to registered.
    pub register: Duration,
    /// From `+CUSD` to what the network says.
    pub ussd: Duration,
    /// How long the network waits for `+CNMA` (TS 24.011 gives 12 to 20 s).
    pub acknowledge: Duration,
    /// Between two lines of chatter of makes that chatter; none: quiet.
    pub noise: Option<Duration>,
}

impl Timing {
    /// Everything at once, for tests.
    pub const INSTANT: Self = Self {
        submit: Duration::ZERO,
        link: Duration::ZERO,
        answer: Duration::ZERO,
        boot: Duration::ZERO,
        register: Duration::ZERO,
        ussd: Duration::ZERO,
        acknowledge: Duration::from_secs(15),
        noise: None,
    };

    /// As a modem in the field: about 1.5 seconds a message.
    pub const REALISTIC: Self = Self {
        submit: Duration::from_millis(1200),
        link: Duration::from_millis(400),
        answer: Duration::from_millis(5),
        boot: Duration::from_secs(3),
        register: Duration::from_millis(800),
        ussd: Duration::from_millis(1500),
        acknowledge: Duration::from_secs(15),
        noise: Some(Duration::from_secs(20)),
    };
}

/// Which ports of a modem are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interfaces {
    /// The command port alone.
    CommandPort,
    /// All that a stick of this make has.
    All,
}

/// One simulated modem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModemConfig {
    /// Its make.
    pub make: Make,
    /// Who it and its SIM are.
    pub identity: Identity,
    /// How long things take.
    pub timing: Timing,
    /// Which ports are shown.
    pub interfaces: Interfaces,
    /// It boots when the simulation starts, instead of having been on for long.
    pub cold_start: bool,
    /// The PIN the SIM asks for at each power on.
    pub pin: Option<String>,
    /// Number of the service centre on the SIM; empty: none.
    pub smsc: String,
    /// The ICCID can be read; else drivers know the SIM by its IMSI.
    pub tells_iccid: bool,
    /// The SIM's own number can be read by `+CNUM`.
    pub tells_number: bool,
    /// `STO UNSENT` becomes `STO SENT` when a stored message was sent.
    pub marks_sent: bool,
    /// Signal as `+CSQ` has it: 0 to 31, 99 unknown.
    pub signal: u8,
    /// Slots of the SIM; none: as the make has it.
    pub slots: Option<usize>,
    /// Rupiah on the SIM.
    pub balance: u32,
    /// Rupiah a message costs. A SIM that cannot pay gets `+CMS ERROR: 38`.
    pub price: u32,
    /// Faults from the start.
    pub faults: Vec<FaultRule>,
}

impl ModemConfig {
    /// Modem `place` (1 is the first) of a make, with everything as usual and no waiting.
    pub fn new(make: Make, place: usize) -> Self {
        Self {
            make,
            identity: Identity::of(place),
            timing: Timing::INSTANT,
            interfaces: Interfaces::CommandPort,
            cold_start: false,
            pin: None,
            smsc: identity::SMSC.to_owned(),
            tells_iccid: true,
            tells_number: true,
            marks_sent: true,
            signal: u8::try_from(14 + place % 12).unwrap_or(14),
            slots: None,
            balance: 25_000,
            price: 0,
            faults: Vec::new(),
        }
    }
}
