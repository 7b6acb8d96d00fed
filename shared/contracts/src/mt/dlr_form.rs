//! The forms in which other gateways than Kannel tell a program what happened, for clients that were written for them.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{MessageId, PhoneNumber};

/// How the URL of [`DlrCallback`](super::DlrCallback) is told, where that is not Kannel's way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "as", rename_all = "snake_case")]
pub enum DlrForm {
    /// A form is posted, as Twilio's status callbacks are.
    Twilio(TwilioForm),
    /// Jasmin's fields are told, until the answer is `ACK/Jasmin`.
    Jasmin(JasminForm),
    /// A form of a later version.
    #[serde(other)]
    Other,
}

/// What a status callback says beyond what happened.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TwilioForm {
    /// The id of the account, as the client has it.
    pub account: String,
    /// Who was asked to be the sender.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The signature of the form for each status. They are made when the message is accepted, for the key that signs is not kept.
    #[serde(default)]
    pub signatures: Vec<StatusSignature>,
}

/// The signature of the form that tells one status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusSignature {
    /// The status.
    pub status: String,
    /// The value of `X-Twilio-Signature`.
    pub signature: String,
}

/// Leaves out what may be a number.
impl fmt::Debug for TwilioForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TwilioForm({})", self.account)
    }
}

/// The statuses that are told, each with Twilio's number for why.
pub const TWILIO_STATUSES: [(&str, Option<&str>); 4] = [
    ("sent", None),
    ("delivered", None),
    ("undelivered", Some("30003")),
    ("failed", Some("30008")),
];

impl TwilioForm {
    /// The signature of the form for a status.
    pub fn signature(&self, status: &str) -> Option<&str> {
        let of_status = self.signatures.iter().find(|one| one.status == status);
        of_status.map(|one| one.signature.as_str())
    }

    /// The fields of the form for a status, sorted by their names, as they are signed and posted.
    pub fn fields(
        &self,
        message: MessageId,
        to: &PhoneNumber,
        status: &str,
    ) -> Vec<(&'static str, String)> {
        let sid = format!("SM{}", message.uuid().simple());
        let error = TWILIO_STATUSES.iter().find(|(name, _)| *name == status).and_then(|one| one.1);
        let mut fields = vec![
            ("AccountSid", self.account.clone()),
            ("ApiVersion", "2010-04-01".to_owned()),
            ("MessageSid", sid.clone()),
            ("MessageStatus", status.to_owned()),
            ("SmsSid", sid),
            ("SmsStatus", status.to_owned()),
            ("To", to.to_string()),
        ];
        fields.extend(error.map(|error| ("ErrorCode", error.to_owned())));
        fields.extend(self.from.clone().map(|from| ("From", from)));
        fields.sort();
        fields
    }
}

/// What a program that was written for Jasmin wants to be told, and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JasminForm {
    /// 1: that the service centre took it; 2: whether it arrived; 3: both; 0: neither.
    pub level: u8,
    /// By POST, as a form; otherwise by GET.
    pub post: bool,
    /// What is called for each message of a batch, beside that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch: Option<JasminBatch>,
}

/// URLs that are called for each message of a batch.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JasminBatch {
    /// For one that the network took.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub callback: Option<String>,
    /// For one that was not sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub errback: Option<String>,
}

/// Leaves out the URLs, which may hold a password.
impl fmt::Debug for JasminBatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JasminBatch")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_sorted_and_says_why() {
        let form = TwilioForm {
            account: "AC1".to_owned(),
            from: Some("+1500".to_owned()),
            signatures: Vec::new(),
        };
        let to = PhoneNumber::parse("+62812345678").unwrap();
        let fields = form.fields(MessageId::derived("x"), &to, "failed");
        let names: Vec<&str> = fields.iter().map(|(name, _)| *name).collect();
        let expected =
            "AccountSid ApiVersion ErrorCode From MessageSid MessageStatus SmsSid SmsStatus To";
        assert_eq!(names.join(" "), expected);
        assert_eq!(fields[2].1, "30008");
        assert!(
            form.fields(MessageId::derived("x"), &to, "sent")
                .iter()
                .all(|(name, _)| *name != "ErrorCode")
        );
    }

    #[test]
    fn a_form_of_a_later_version_is_known_as_such() {
        let read: DlrForm = serde_json::from_str(r#"{"as":"pigeon","wings":2}"#).unwrap();
        assert_eq!(read, DlrForm::Other);
    }
}
