//! The control service of a modem: NATS micro service, subjects `modem.<id>.<call>`, JSON both ways.

use serde::{Deserialize, Serialize};

use crate::{ModemId, PhoneNumber, Timestamp};

crate::named! {
    /// What can be asked of a modem.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Call {
        /// Its [`crate::modem::ModemState`], fresh.
        Info = "info",
        /// A USSD code: [`UssdRequest`] → [`UssdReply`].
        Ussd = "ussd",
        /// An AT command: [`AtRequest`] → [`AtReply`].
        At = "at",
        /// Set it up anew: empty → empty.
        Restart = "restart",
        /// Switch the modem itself off and on (`AT+CFUN=1,1`): empty → empty.
        Reset = "reset",
        /// The radio off or on: [`FlightRequest`] → empty.
        Flight = "flight",
        /// The number of the SIM: [`NumberRequest`] → empty.
        Number = "number",
        /// The number of the service centre: [`NumberRequest`] → empty.
        Smsc = "smsc",
        /// The SIM's PIN: [`PinRequest`] → empty.
        Pin = "pin",
        /// The last lines of the serial line, without what is private: empty → [`LinesReply`].
        Lines = "lines",
        /// A trace of the serial line for some seconds: [`TraceRequest`] → [`TraceReply`].
        Trace = "trace",
    }
}

impl Call {
    /// The subject for one modem.
    pub fn subject(self, modem: ModemId) -> String {
        format!("modem.{modem}.{}", self.as_str())
    }
}

/// Dial a USSD code, or answer the open session.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct UssdRequest {
    /// `*888#`, or the answer.
    pub code: String,
}

/// What the network answered.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct UssdReply {
    /// The text.
    pub text: String,
    /// The network waits for an answer.
    pub answer_wanted: bool,
}

/// An AT command, without line end.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AtRequest {
    /// The command.
    pub command: String,
}

/// The modem's answer, line by line, the final result last.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AtReply {
    /// The lines.
    pub lines: Vec<String>,
}

/// Flight mode: the radio is off until it is turned on, also over a restart of modem or driver.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlightRequest {
    /// Flight mode on: the radio off.
    pub on: bool,
}

/// A number that belongs to the SIM in the modem. It is kept on the driver's host.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NumberRequest {
    /// The number; none: what was said before is taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<PhoneNumber>,
}

/// The PIN of the SIM in the modem. It is kept sealed on the driver's host and tried once.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Serialize, Deserialize)]
pub struct PinRequest {
    /// 4 to 8 digits.
    pub pin: String,
}

/// What the SIM did with the PIN. A PIN that it refused is an error of the call, with code [`PIN_REFUSED`].
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PinReply {
    /// The SIM is open: it took the PIN, or asked for none. If not, the PIN is kept for when the SIM asks.
    pub entered: bool,
}

/// The error code of a PIN that the SIM refused, or that may not be tried.
pub const PIN_REFUSED: usize = 409;

/// The error code of an AT command that is not allowed by hand.
pub const COMMAND_NOT_ALLOWED: usize = 422;

/// The last lines of the serial line, oldest first. PINs, texts and PDUs are not in them, nor whole numbers.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinesReply {
    /// The lines, a hundred at most.
    pub lines: Vec<SerialLine>,
}

/// A line that went over a modem's serial line.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SerialLine {
    /// When.
    pub at: Timestamp,
    /// The driver wrote it; if not, the modem did.
    pub written: bool,
    /// What it said, in ASCII: other octets are escaped.
    pub text: String,
}

/// Trace the serial line.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TraceRequest {
    /// For how long, at most 60.
    pub seconds: u8,
}

/// The trace: a transcript that tests can replay.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TraceReply {
    /// One line for each read or write.
    pub transcript: String,
}
