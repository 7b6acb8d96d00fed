//! What comes out of a modem, and what goes in.

use std::fmt;
use std::time::{Duration, Instant};

use at::ErrorClass;
use at::ussd::Session;

use crate::config::RefusedPin;

/// What [`crate::Modem::poll_output`] asks the caller to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// Write these bytes to the port, all of them, before anything else.
    Transmit(Vec<u8>),
    /// Take note of what happened.
    Event(Event),
    /// Close the port, wait, open it and call [`crate::Modem::handle_opened`]. No
    /// [`crate::Modem::handle_closed`] is needed.
    Reopen(Reopen),
    /// Do nothing more before this time, unless bytes come or something is asked. At this time, call
    /// [`crate::Modem::handle_timeout`].
    Timeout(Instant),
}

/// How to open the port anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reopen {
    /// How much force to use.
    pub force: Force,
    /// How long to wait between closing and opening.
    pub after: Duration,
    /// The modem has never answered on this port since it was opened first: another speed may help.
    pub never_answered: bool,
}

/// How much force to use on a modem that does not answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Force {
    /// Close and open.
    Plain,
    /// Hold DTR low for a second as well.
    DropDtr,
    /// Cut its power, or unbind it from USB, where that is possible.
    PowerCycle,
}

/// One TPDU to be sent.
#[derive(Clone, PartialEq, Eq)]
pub struct Submission {
    /// The caller's name for the submission, which comes back in the outcome.
    pub id: u64,
    /// The SMS-SUBMIT without the service centre's address; the SIM's own is used.
    pub pdu: Vec<u8>,
    /// Another submission follows at once, so that the radio link is kept open (`+CMMS`).
    pub more: bool,
}

impl fmt::Debug for Submission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Submission({}, {} octets, more {})", self.id, self.pdu.len(), self.more)
    }
}

/// What became of a submission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The network has the message.
    Accepted {
        /// The reference (TP-MR), which comes back in the status report; `None` where the modem said `OK` and no
        /// reference.
        reference: Option<u8>,
    },
    /// The modem or the network refused the message, which is not out, unless the class is
    /// [`ErrorClass::MaybeSent`] or [`ErrorClass::AlreadySent`].
    Rejected(SendFailure),
    /// The message was never given to the network: sending it again is safe.
    NotSent(NotSent),
    /// The message may be out: the modem had the PDU and never said what became of it.
    Uncertain(Uncertain),
}

/// A refusal in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SendFailure {
    /// A stable name: `cms-38`, `cme-14`, `modem-error` for a bare `ERROR`.
    pub code: String,
    /// The number of a `+CMS ERROR`.
    pub cms: Option<u16>,
    /// What happened, in an English sentence: `Network out of order (+CMS ERROR: 38): …`.
    pub text: String,
    /// What to do, in an English sentence.
    pub advice: String,
    /// What the refusal asks for.
    pub class: ErrorClass,
}

/// Why a submission did not start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotSent {
    /// The modem did not ask for the PDU.
    #[error("the modem did not ask for the message")]
    NoPrompt,
    /// The port was lost before the PDU was written.
    #[error("the port was lost before the message was written")]
    PortLost,
    /// The modem restarted before the PDU was written.
    #[error("the modem restarted before the message was written")]
    Rebooted,
    /// The modem stopped being able to send before the message's turn came.
    #[error("the modem became unable to send before the message was written")]
    NotReady,
    /// The message could not be put into the modem's memory.
    #[error("the message could not be put into the modem's memory")]
    NotStored,
}

/// Why it is unknown whether a submission is out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Uncertain {
    /// No answer came in time.
    #[error("the modem had the message and did not answer in time")]
    NoAnswer,
    /// The port was lost.
    #[error("the port was lost after the message was given to the modem")]
    PortLost,
    /// The modem restarted.
    #[error("the modem restarted after the message was given to it")]
    Rebooted,
}

/// The name of a message that was handed out and waits for [`crate::Modem::stored`] or [`crate::Modem::refused`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Receipt(pub(crate) u64);

/// What a received PDU is, by its message type indicator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReceivedKind {
    /// SMS-DELIVER.
    Deliver,
    /// SMS-STATUS-REPORT.
    StatusReport,
    /// The PDU is neither, or cannot be read, and is kept raw.
    Unknown,
}

/// A received PDU.
#[derive(Clone, PartialEq, Eq)]
pub struct Received {
    /// The name by which [`crate::Modem::stored`] or [`crate::Modem::refused`] answers the message.
    pub receipt: Receipt,
    /// The PDU with the service centre's address before it, which is `00` where the modem left it out.
    pub pdu: Vec<u8>,
    /// What the PDU is.
    pub kind: ReceivedKind,
    /// The message lies on the SIM or in the modem and will be handed out again after a restart. Else the network keeps
    /// the message until it is acknowledged, or nobody does, where the modem has no acknowledgements.
    pub kept: bool,
}

impl fmt::Debug for Received {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Received({:?}, {:?}, {} octets)", self.receipt, self.kind, self.pdu.len())
    }
}

/// A message for sending that lies in the modem's memory, where a crash between `+CMGW` and the deletion left it, or
/// the SIM's life in a phone.
#[derive(Clone, PartialEq, Eq)]
pub struct FoundSubmission {
    /// The name by which [`crate::Modem::stored`] deletes the message, or [`crate::Modem::refused`] leaves it.
    pub receipt: Receipt,
    /// The SMS-SUBMIT with the service centre's address before it.
    pub pdu: Vec<u8>,
    /// The message went out, for it is marked `STO SENT`. `false` proves nothing.
    pub sent: bool,
}

impl fmt::Debug for FoundSubmission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FoundSubmission({:?}, sent {})", self.receipt, self.sent)
    }
}

/// What became of a PIN that was used. The driver keeps this event where it survives a restart, before it writes the
/// bytes that come after the event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PinEvent {
    /// The PIN is being entered: to be kept among the refused ones until told otherwise.
    Trying(RefusedPin),
    /// The SIM took the PIN: the same ICCID and PIN are to be dropped from the refused ones.
    Accepted(RefusedPin),
    /// The SIM was too busy to look at the PIN, which is to be dropped from the refused ones.
    NotTried(RefusedPin),
    /// The SIM refused the PIN, which is to be kept among the refused ones for good.
    Refused(RefusedPin),
}

/// What the modem is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Identity {
    /// The answer to `AT+CGMI`.
    pub manufacturer: String,
    /// The answer to `AT+CGMM`.
    pub model: String,
    /// The answer to `AT+CGMR`.
    pub revision: String,
    /// The IMEI, from `AT+CGSN` or its like.
    pub imei: Option<String>,
    /// The entry of the model list that is used; `None` is the adaptive default.
    pub profile: Option<String>,
}

impl Identity {
    /// Manufacturer, model and revision as one name; `None` when the modem does not tell them.
    pub fn firmware(&self) -> Option<String> {
        let parts = [&self.manufacturer, &self.model, &self.revision];
        parts.iter().all(|part| !part.is_empty()).then(|| parts.map(|part| part.trim()).join("/"))
    }
}

/// What the SIM is.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct SimIdentity {
    /// The SIM's serial number.
    pub iccid: Option<String>,
    /// The subscriber's identity.
    pub imsi: Option<String>,
    /// The SIM's own number, configured or from `AT+CNUM`.
    pub number: Option<String>,
    /// The service centre's number.
    pub smsc: Option<String>,
}

impl fmt::Debug for SimIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SimIdentity")
            .field("iccid", &self.iccid)
            .field("smsc", &self.smsc)
            .finish_non_exhaustive()
    }
}

/// The answer to a USSD request, or what the network sent unasked.
#[derive(Clone, PartialEq, Eq)]
pub struct UssdText {
    /// What becomes of the session.
    pub session: Session,
    /// The text, when there is one.
    pub text: Option<String>,
}

impl fmt::Debug for UssdText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UssdText").field("session", &self.session).finish_non_exhaustive()
    }
}

/// A request that could not be done, in words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// The modem refused it.
    #[error("the modem refused: {0}")]
    Refused(String),
    /// No answer came in time.
    #[error("no answer came in time")]
    NoAnswer,
    /// The modem cannot be asked just now.
    #[error("the modem is not ready: {0}")]
    NotReady(String),
    /// The command is not allowed by hand.
    #[error("this command is not allowed here: {0}")]
    NotAllowed(&'static str),
}

/// Something happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The modem can send and receive. This comes again after each interruption.
    Ready,
    /// The state has changed: [`crate::Modem::snapshot`] tells it.
    StatusChanged,
    /// The modem has said what it is.
    Identity(Identity),
    /// The SIM has said what it is. This comes again when more of the SIM becomes known.
    Sim(SimIdentity),
    /// Another SIM is in the modem than before. [`Event::Sim`] has come before this.
    SimChanged,
    /// A PIN was used.
    Pin(PinEvent),
    /// A submission ended. Exactly one of these comes for each [`crate::Modem::submit`].
    Submitted {
        /// The id of the submission.
        id: u64,
        /// What became of it.
        outcome: Outcome,
    },
    /// A submission that had ended as uncertain is certain now: a late answer came, or the modem's memory shows what
    /// became of the message. At most one of these comes for each submission.
    Settled {
        /// The id of the submission.
        id: u64,
        /// What became of it: accepted or rejected.
        outcome: Outcome,
    },
    /// It was seen whether this firmware marks a stored message that went out as sent (`STO SENT`). Later runs are to
    /// be told by [`crate::ModemConfig::marks_sent`].
    MarksSent {
        /// The name that [`Identity::firmware`] gives.
        firmware: String,
        /// Whether the firmware does so.
        marks: bool,
    },
    /// A message came.
    Received(Received),
    /// A message for sending was found in the modem's memory.
    Found(FoundSubmission),
    /// A USSD request was answered, or failed.
    Ussd {
        /// The id of the request.
        id: u64,
        /// The answer, or why there is none.
        result: Result<UssdText, RequestError>,
    },
    /// The network sent a USSD text unasked.
    UssdPush(UssdText),
    /// A command of [`crate::Modem::at`] was answered; the final result is the last line.
    AtReply {
        /// The id of the request.
        id: u64,
        /// The lines of the answer, or why there are none.
        result: Result<Vec<String>, RequestError>,
    },
    /// Somebody called.
    MissedCall {
        /// The number of the caller, when told.
        from: Option<String>,
    },
    /// The modem restarted by itself, and is being set up anew.
    Rebooted,
    /// The modem did not answer a command in time, and is being brought back.
    Stalled {
        /// The command, without what it sets.
        command: String,
    },
    /// Bytes or lines came that fit nothing. The words are for the log at debug level.
    Garbage(String),
}
