//! playSMS's answers. The status is 200 whatever happened, numbers are strings where playSMS has strings, and
//! `error_string` is null when nothing is wrong.

use axum::body::Body;
use axum::http::{Response, StatusCode, header};
use axum::response::IntoResponse as _;
use contracts::Timestamp;

use super::value::Value;
use crate::acts::acceptance::Unaccepted;
use crate::acts::draft::{Part, Unsendable};
use crate::acts::not_read::NotRead;
use crate::authority::{Denied, Unchecked};
use crate::doors::refused::Refused;
use crate::form::Unreadable;

/// How an answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Format {
    /// What is sent to who does not say.
    #[default]
    Json,
    /// `format=xml`.
    Xml,
    /// `format=serialize`: PHP's own.
    Serialize,
}

impl Format {
    /// The format of this name, in whatever case; any other name is JSON's, as in playSMS.
    pub(super) fn named(name: &str) -> Self {
        match name.to_ascii_lowercase().as_str() {
            "xml" => Self::Xml,
            "serialize" => Self::Serialize,
            _ => Self::Json,
        }
    }
}

/// What is answered to a request that was done: the fields before `error_string`.
pub(super) type Done = Vec<(&'static str, Value)>;

/// The answer to a request that did something and has more to say.
pub(super) fn ok(more: impl IntoIterator<Item = (&'static str, Value)>) -> Done {
    let mut fields = vec![("status", Value::text("OK")), ("error", Value::text("0"))];
    fields.extend(more);
    fields
}

/// The answer that is a list.
pub(super) fn data(items: Vec<Value>) -> Result<Done, Refusal> {
    if items.is_empty() {
        return Err(Refusal::of(Fault::Nothing));
    }
    Ok(vec![("data", Value::List(items))])
}

/// The answer that is a list and says that it was done.
pub(super) fn data_of(items: Vec<Value>) -> Result<Done, Refusal> {
    if items.is_empty() {
        return Err(Refusal::of(Fault::Nothing));
    }
    Ok(ok([("data", Value::List(items))]))
}

/// What is wrong, by playSMS's numbers and in its words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[repr(u16)]
pub(super) enum Fault {
    #[error("authentication failed")]
    Unauthorized = 100,
    #[error("type of action is invalid or unknown")]
    Unknown = 101,
    #[error("one or more field empty")]
    Missing = 102,
    #[error("send message failed")]
    Unsent = 200,
    #[error("destination number or message is empty")]
    NothingToSend = 201,
    #[error("no delivery status available")]
    NoStatus = 400,
    #[error("no data returned or result is empty")]
    Nothing = 501,
    #[error("admin level authentication failed")]
    NoAdmin = 600,
    #[error("inject message failed")]
    NotInjected = 601,
    #[error("sender id or message is empty")]
    NothingToInject = 602,
    #[error("account addition failed due to missing data")]
    AccountLacks = 603,
    #[error("fail to add account")]
    NotAdded = 604,
    #[error("fail to remove account")]
    NotRemoved = 606,
    #[error("fail to set parent")]
    NoParent = 608,
    #[error("fail to get parent")]
    ParentUnknown = 610,
    #[error("account ban failed due to unknown username")]
    NobodyToBan = 611,
    #[error("fail to ban account")]
    NotBanned = 612,
    #[error("account unban failed due to unknown username")]
    NobodyToUnban = 613,
    #[error("fail to unban account")]
    NotUnbanned = 614,
    #[error("fail to edit account preferences")]
    NoPreferences = 616,
    #[error("fail to edit account configuration")]
    NoConfiguration = 618,
    #[error("fail to view credit")]
    NoCredit = 620,
    #[error("fail to add credit")]
    CreditNotAdded = 622,
    #[error("fail to deduct credit")]
    CreditNotDeducted = 624,
    #[error("fail to set login key")]
    NoLoginKey = 626,
}

/// Why a request was not done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    fault: Fault,
    /// What playSMS does not say: which field, and what to do.
    detail: Option<String>,
}

impl Refusal {
    /// In playSMS's words alone.
    pub(super) const fn of(fault: Fault) -> Self {
        Self { fault, detail: None }
    }

    /// With more words after playSMS's.
    pub(super) fn with(fault: Fault, detail: impl Into<String>) -> Self {
        Self { fault, detail: Some(detail.into()) }
    }

    /// What is wrong, for the log, where numbers and texts do not belong.
    pub(super) const fn fault(&self) -> Fault {
        self.fault
    }

    fn fields(self) -> Done {
        let number = (self.fault as u16).to_string();
        let words = match self.detail {
            Some(detail) => format!("{}: {detail}", self.fault),
            None => self.fault.to_string(),
        };
        vec![
            ("status", Value::text("ERR")),
            ("error", Value::text(number)),
            ("error_string", Value::text(words)),
        ]
    }
}

/// The whole answer.
pub(super) fn response(
    done: Result<Done, Refusal>,
    format: Format,
    now: Timestamp,
) -> Response<Body> {
    let mut fields = match done {
        Ok(mut fields) => {
            fields.push(("error_string", Value::Null));
            fields
        }
        Err(refusal) => refusal.fields(),
    };
    fields.push(("timestamp", Value::Int(now.as_micros().div_euclid(1_000_000))));
    let answer = Value::Map(fields);
    let (kind, body) = match format {
        Format::Json => ("application/json", answer.json()),
        Format::Xml => ("text/xml", answer.xml()),
        Format::Serialize => ("text/plain", answer.serialized()),
    };
    let headers = [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-store")];
    (StatusCode::OK, headers, body).into_response()
}

impl Refusal {
    /// As [`Refused`], by the number of what was asked for.
    fn of_request(refused: Refused, fault: Fault) -> Self {
        match refused {
            Refused::Unknown => Self::of(Fault::Unauthorized),
            Refused::Denied(words) => Self::with(Fault::Unauthorized, words),
            Refused::Unsendable(Unsendable::NoRecipient | Unsendable::Empty) => {
                Self::of(Fault::NothingToSend)
            }
            Refused::Unsendable(unsendable) => {
                let field = match unsendable.part() {
                    Part::Recipients => "to",
                    Part::Text | Part::Callback | Part::End => "msg",
                };
                Self::with(Fault::Unsent, format!("{field}: {unsendable}"))
            }
            other => Self::with(fault, other.to_string()),
        }
    }

    /// Something inside does not answer: the log has it, and who asks may ask again.
    pub(super) fn later(fault: Fault, error: &(dyn std::error::Error + 'static)) -> Self {
        Self::of_request(Refused::later(error), fault)
    }
}

impl From<Unreadable> for Refusal {
    fn from(unreadable: Unreadable) -> Self {
        Self::of_request(unreadable.into(), Fault::Unsent)
    }
}

impl From<Denied> for Refusal {
    fn from(denied: Denied) -> Self {
        Self::of_request(denied.into(), Fault::Unauthorized)
    }
}

impl From<Unchecked> for Refusal {
    fn from(unchecked: Unchecked) -> Self {
        Self::of_request(unchecked.into(), Fault::Unsent)
    }
}

impl From<NotRead> for Refusal {
    fn from(not_read: NotRead) -> Self {
        Self::of_request(not_read.into(), Fault::Nothing)
    }
}

impl From<Unsendable> for Refusal {
    fn from(unsendable: Unsendable) -> Self {
        Self::of_request(unsendable.into(), Fault::Unsent)
    }
}

impl From<Unaccepted> for Refusal {
    fn from(unaccepted: Unaccepted) -> Self {
        Self::of_request(unaccepted.into(), Fault::Unsent)
    }
}
