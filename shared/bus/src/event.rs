//! Any event of `SMS_EVENT`, told apart by its subject.

use contracts::Subject;
use contracts::alert::Alert;
use contracts::batch::BatchFinished;
use contracts::credit::Charged;
use contracts::dlr::Dlr;
use contracts::mo::{MoPart, MoReceived};
use contracts::modem::ModemEvent;
use contracts::mt::MtEvent;

use crate::Payload;

/// An event of any kind: what a reader of all of `SMS_EVENT` gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Something happened to a message that is being sent.
    Mt(MtEvent),
    /// A part of a message was received.
    MoPart(MoPart),
    /// A whole message was received.
    MoReceived(MoReceived),
    /// A delivery report.
    Dlr(Dlr),
    /// Something happened to a modem.
    Modem(ModemEvent),
    /// Every message of a batch was sent, or ended.
    Batch(BatchFinished),
    /// Something is wrong with the gateway, or is over.
    Alert(Alert),
    /// Messages were paid for.
    Charged(Charged),
    /// An event of a later version: acknowledge and pass over.
    Unknown,
}

impl Payload for Event {
    fn decode(subject: &str, payload: &[u8]) -> Result<Self, String> {
        match subject.parse() {
            Ok(Subject::MtEvent(_) | Subject::OtpEvent(_) | Subject::MtLive(_)) => {
                Payload::decode(subject, payload).map(Self::Mt)
            }
            Ok(Subject::MoPart) => Payload::decode(subject, payload).map(Self::MoPart),
            Ok(Subject::MoReceived) => Payload::decode(subject, payload).map(Self::MoReceived),
            Ok(Subject::Dlr) => Payload::decode(subject, payload).map(Self::Dlr),
            Ok(Subject::Modem(_)) => Payload::decode(subject, payload).map(Self::Modem),
            Ok(Subject::BatchFinished) => Payload::decode(subject, payload).map(Self::Batch),
            Ok(Subject::Charged) => Payload::decode(subject, payload).map(Self::Charged),
            Ok(Subject::AlertOpened | Subject::AlertClosed) => {
                Payload::decode(subject, payload).map(Self::Alert)
            }
            Ok(
                Subject::MtRequest(_)
                | Subject::MtBatch(_)
                | Subject::MtWait(..)
                | Subject::MtDispatch(..)
                | Subject::Written
                | Subject::Scheduled
                | Subject::Talked,
            )
            | Err(_) => Ok(Self::Unknown),
        }
    }
}
