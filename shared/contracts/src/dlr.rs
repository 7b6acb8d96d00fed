//! Delivery reports (DLR): SMS-STATUS-REPORT, matched to the message or not.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::mt::{MtChange, MtEvent, SendError};
use crate::{
    EventId, Message, MessageId, ModemId, OrgId, PhoneNumber, SimId, Subject, Timestamp, UserId,
};

/// What TP-ST means (3GPP TS 23.040, 9.2.3.15).
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DlrOutcome {
    /// On the recipient's phone.
    Delivered,
    /// The network has given up.
    Undelivered,
    /// The service centre is still trying; also what a later version means that this one does not know.
    #[serde(other)]
    Buffered,
}

/// One report: `sms.v1.event.dlr`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dlr {
    /// Derived from the SIM and the PDU, so a report told twice is one.
    pub id: EventId,
    /// The organisation.
    #[serde(default = "OrgId::default_org")]
    pub org: OrgId,
    /// The account of the message, when matched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<UserId>,
    /// The modem it came through.
    pub modem: ModemId,
    /// The SIM it came to.
    pub sim: SimId,
    /// The message it is about, when known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<MessageId>,
    /// The part it is about, when known; 1 is the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<u8>,
    /// Of how many parts the message is, when known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parts: Option<u8>,
    /// TP-MR.
    pub reference: u8,
    /// The recipient as the report has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<PhoneNumber>,
    /// TP-ST.
    pub status: u8,
    /// What TP-ST means.
    pub outcome: DlrOutcome,
    /// TP-ST in words.
    pub text: String,
    /// TP-DT.
    pub discharged_at: Timestamp,
    /// The PDU in hex.
    pub pdu: String,
    /// When it came.
    pub received_at: Timestamp,
}

impl Dlr {
    /// Returns what the report says of its part; `None` while the service centre is still trying.
    fn change(&self) -> Option<MtChange> {
        Some(match self.outcome {
            DlrOutcome::Delivered => MtChange::Delivered { discharged_at: self.discharged_at },
            DlrOutcome::Undelivered => MtChange::Undelivered {
                error: SendError {
                    code: format!("report-{}", self.status),
                    text: self.text.clone(),
                },
            },
            DlrOutcome::Buffered => return None,
        })
    }

    /// Returns the end of the message where the report tells that, with the report in it: of a message of one part that
    /// is in `round`. Any other report is an event of its own.
    pub fn end(&self, round: u32) -> Option<MtEvent> {
        let change = self.change().filter(|_| (self.part, self.parts) == (Some(1), Some(1)))?;
        Some(MtEvent {
            message: self.message?,
            org: self.org,
            owner: self.owner?,
            at: self.received_at,
            round,
            otp: false,
            change,
            given: Vec::new(),
            report: Some(Box::new(self.clone())),
        })
    }
}

impl fmt::Debug for Dlr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Dlr({:?}, part {:?}, status {:#04x})", self.message, self.part, self.status)
    }
}

impl Message for Dlr {
    fn subject(&self) -> Subject {
        Subject::Dlr
    }

    fn msg_id(&self) -> String {
        self.id.to_string()
    }
}
