//! What `SMS_REQUEST` has, told apart by its subject.

use contracts::Subject;
use contracts::batch::MtBatch;
use contracts::mt::MtRequest;

use crate::Payload;

/// One request or many: what a reader of all of `SMS_REQUEST` gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Requested {
    /// A request.
    One(Box<MtRequest>),
    /// Requests that travel together.
    Many(Box<MtBatch>),
}

impl Payload for Requested {
    fn decode(subject: &str, payload: &[u8]) -> Result<Self, String> {
        match subject.parse() {
            Ok(Subject::MtBatch(_)) => {
                Payload::decode(subject, payload).map(|batch| Self::Many(Box::new(batch)))
            }
            _ => Payload::decode(subject, payload).map(|request| Self::One(Box::new(request))),
        }
    }
}
