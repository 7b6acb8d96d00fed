//! What commands are for: the plain types that the parts of the machine share.
//!
//! Nothing here knows the machine or any part of it.

use at::Domain;

use crate::event::Receipt;

/// A place in a memory that holds one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Slot {
    pub(crate) memory: String,
    pub(crate) index: u32,
}

/// What a command in flight is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Task {
    /// `AT`, to bring the line in step.
    Handshake,
    /// A step of the set-up.
    Boot(Step),
    /// `+CMMS`: the radio link is to be kept open between two messages.
    KeepLink,
    /// `+CMGS`: a message is given to the network.
    Submit,
    /// `+CMGW`: a message is put into the memory.
    Store,
    /// `+CMSS`: a message is sent from the memory.
    SendStored,
    /// A message for sending is deleted from the memory.
    DeleteSent,
    /// A message that has just gone out from the memory is read, to see as what it is marked there.
    LookAtSent { index: u32 },
    /// A message of unknown outcome is read, to see whether it is marked as sent.
    CheckSent,
    /// `+CNMA`: a message that came directly is acknowledged, or refused.
    Acknowledge { receipt: Receipt, positive: bool },
    /// Something is done that keeps the set-up right.
    Upkeep(Upkeep),
    /// `+CMGR`: a slot is read.
    Read {
        slot: Slot,
        /// The memory that the modem named, when the slot is read in another.
        named: Option<String>,
    },
    /// `+CMGL`: a memory is listed.
    List { memory: String },
    /// `+CMGD`: a message that the caller has stored is deleted from its slot.
    Delete { receipt: Receipt },
    /// `+CPMS`: reading and deleting go to another memory from now on.
    Enter { memory: String },
    /// Something is looked at.
    Poll(Poll),
    /// `+CUSD=1`: a USSD code is dialled, or the open session answered.
    Ussd { id: u64, packed: bool },
    /// `+CUSD=2`: the USSD session is ended.
    EndUssd,
    /// A command that a person gave.
    ByHand { id: u64 },
    /// `ATH`: a call is hung up.
    HangUp,
}

/// Something that is looked at now and then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Poll {
    Signal,
    ExtendedSignal,
    Registered(Domain),
    OperatorFormat,
    Operator,
    Lock,
    OwnNumber,
    Iccid,
    Announcing,
}

/// Something that keeps the set-up right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Upkeep {
    PduMode,
    Announce,
    AnnounceCheck,
    /// Announcing as the modem offers it, which it has refused before.
    AnnounceAll,
    Centre,
    CentreSet,
    CentreCheck,
    SendAgain,
    SearchAnew,
    RadioOff,
    RadioOn,
    EndUssd,
}

/// What a person, or the machine itself, wants done when the command in flight has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Wanted {
    /// The SIM is looked at again.
    LookAtSim,
    /// The modem is set up anew.
    SetUp,
    /// The modem is restarted.
    Reset,
}

/// One step of the set-up: a command and its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    Echo,
    Verbose,
    Errors,
    Power,
    PowerSet,
    Info,
    Manufacturer,
    Model,
    Revision,
    Serial(usize),
    Init(usize),
    Lock,
    EarlyIccid(usize),
    PinTries,
    EnterPin,
    InitSim(usize),
    Imsi,
    Iccid(usize),
    PduMode,
    PduModeCheck,
    PduModeOffer,
    ServiceOffer,
    Service(u8),
    ServiceCheck,
    Withheld,
    StorageOffer,
    Select(usize),
    SelectCheck,
    AnnounceOffer,
    Announce(usize),
    AnnounceCheck(usize),
    Watch(usize, u8),
    Registered(usize),
    Centre,
    CentreSet,
    CentreCheck,
    Callers,
    Ussd,
    Done,
}

impl Step {
    /// Whether the answer is bare text without a name.
    pub(crate) fn answers_freely(self) -> bool {
        matches!(
            self,
            Self::Info
                | Self::Manufacturer
                | Self::Model
                | Self::Revision
                | Self::Serial(_)
                | Self::Imsi
                | Self::Iccid(_)
                | Self::EarlyIccid(_)
                | Self::PinTries
                | Self::Lock
        )
    }

    /// The need that the step serves. When a step is refused, others that serve the same need are tried in its place;
    /// when all are refused, the need is unmet. `None`: a refusal costs no message and no report, or, for the lock and
    /// the PIN, the answer itself says why the modem is not ready.
    pub(crate) fn need(self) -> Option<Need> {
        match self {
            Self::PduMode | Self::PduModeCheck | Self::PduModeOffer => Some(Need::PduMode),
            Self::Imsi | Self::Iccid(_) => Some(Need::Sim),
            Self::Service(_) | Self::ServiceCheck => Some(Need::Service),
            Self::Select(_) | Self::SelectCheck => Some(Need::Storage),
            Self::Announce(_) | Self::AnnounceCheck(_) => Some(Need::Announcing),
            Self::Registered(_) => Some(Need::Registration),
            // These are comfort, or may be lacking in an odd modem: where they matter, a later step shows it.
            Self::Echo
            | Self::Verbose
            | Self::Errors
            | Self::Power
            | Self::PowerSet
            | Self::Info
            | Self::Manufacturer
            | Self::Model
            | Self::Revision
            | Self::Serial(_)
            | Self::Init(_)
            | Self::InitSim(_)
            | Self::Callers
            | Self::Ussd
            | Self::Done
            // These lead to the PIN; the lock decides.
            | Self::Lock
            | Self::EarlyIccid(_)
            | Self::PinTries
            | Self::EnterPin
            // Offers only show the way: without one the usual values are tried.
            | Self::ServiceOffer
            | Self::StorageOffer
            | Self::AnnounceOffer
            // Where this is refused, the announcing is looked at when the modem has given up waiting.
            | Self::Withheld
            // Each domain is asked all the same.
            | Self::Watch(..)
            // A number that cannot be read is no reason not to send: the SIM's own is used. An empty one is told.
            | Self::Centre
            | Self::CentreSet
            | Self::CentreCheck => None,
        }
    }

    /// Whether the step needs the SIM, so that a busy SIM is waited for.
    pub(crate) fn needs_sim(self) -> bool {
        matches!(
            self,
            Self::Imsi
                | Self::PduMode
                | Self::PduModeCheck
                | Self::PduModeOffer
                | Self::ServiceOffer
                | Self::Service(_)
                | Self::ServiceCheck
                | Self::StorageOffer
                | Self::Select(_)
                | Self::SelectCheck
                | Self::AnnounceOffer
                | Self::Announce(_)
                | Self::Centre
                | Self::CentreSet
        )
    }
}

/// What the set-up must come to before the modem is called ready.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Need {
    /// PDU mode, without which nothing is sent.
    PduMode,
    /// The ICCID or the IMSI, for what comes in belongs to a SIM.
    Sim,
    /// The message service, for a modem that offers the acknowledged one (`+CSMS: 1`). Without that service, messages
    /// that come directly are not acknowledged.
    Service,
    /// A memory for received messages. Without one the modem is believed to have chosen it itself.
    Storage,
    /// Messages announced and reports given (`+CNMI`). Without announcing, memories are looked into, and there are no
    /// reports.
    Announcing,
    /// One answer about the registration. Without an answer the modem is believed to be registered.
    Registration,
}

impl Need {
    pub(crate) fn is_indispensable(self) -> bool {
        self == Self::PduMode
    }
}
