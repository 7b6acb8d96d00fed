//! How large the fields of a request may be, by whichever way it comes: the doors refuse what is larger before it is
//! accepted, and the router what other services publish. A request is copied to each recipient and kept for years.

use crate::mt::{DlrForm, JasminForm, MtRequest};

/// Bytes of a callback's URL.
pub const URL: usize = 2_048;
/// Bytes of what is told in another gateway's form.
pub const DLR_FORM: usize = 1_024;
/// Hex digits of a user data header: 140 octets, all that a TPDU has.
pub const UDH: usize = 280;
/// Characters of the tag of a request.
pub const TAG: usize = 64;
/// Characters of the sender that a request asks for.
pub const SENDER: usize = 20;
/// Characters of a keyword: whoever looks for one compares no longer word.
pub const KEYWORD: usize = 64;
/// Parts of one text that is sent back to the sender of a message.
pub const REPLY_PARTS: u8 = 20;
/// Minutes a network tries to deliver, at most: 63 weeks (3GPP TS 23.040, 9.2.3.12.1). A longer time is sent as this.
pub const VALIDITY_MINUTES: u32 = 63 * 7 * 24 * 60;

/// A field of a request is too large.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{field} has {found} {unit}, and at most {most} are allowed")]
pub struct OutOfBounds {
    /// The field, as in the JSON of a request: `dlr.url`.
    pub field: &'static str,
    /// How many it has.
    pub found: usize,
    /// How many it may have.
    pub most: usize,
    /// Of what: `bytes`, `characters`, `hex digits`.
    pub unit: &'static str,
}

impl MtRequest {
    /// Refuses a request with a field that is too large. Text and data are bounded by the parts a message may have.
    ///
    /// # Errors
    /// The first field that is too large.
    pub fn check_bounds(&self) -> Result<(), OutOfBounds> {
        let form = match &self.dlr_form {
            Some(DlrForm::Twilio(form)) => {
                let from = form.from.as_ref().map_or(0, String::len);
                let signatures =
                    form.signatures.iter().map(|one| one.status.len() + one.signature.len());
                Some(form.account.len() + from + signatures.sum::<usize>())
            }
            Some(DlrForm::Jasmin(_) | DlrForm::Other) | None => None,
        };
        let of_batch = match &self.dlr_form {
            Some(DlrForm::Jasmin(JasminForm { batch: Some(batch), .. })) => Some(batch),
            _ => None,
        };
        let length = |url: Option<&String>| url.map(String::len);
        let callback = length(of_batch.and_then(|batch| batch.callback.as_ref()));
        let errback = length(of_batch.and_then(|batch| batch.errback.as_ref()));
        let characters = |text: Option<&String>| text.map(|text| text.chars().count());
        let fields = [
            ("tag", characters(self.tag.as_ref()), TAG, "characters"),
            ("sender", characters(self.sender.as_ref()), SENDER, "characters"),
            ("dlr_form", form, DLR_FORM, "bytes"),
            ("dlr_form.callback", callback, URL, "bytes"),
            ("dlr_form.errback", errback, URL, "bytes"),
            ("dlr.url", self.dlr.as_ref().map(|dlr| dlr.url.len()), URL, "bytes"),
            ("udh", self.udh.as_ref().map(String::len), UDH, "hex digits"),
        ];
        for (field, found, most, unit) in fields {
            if let Some(found) = found.filter(|found| *found > most) {
                return Err(OutOfBounds { field, found, most, unit });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PhoneNumber;
    use crate::mt::{DlrCallback, JasminBatch, TwilioForm};

    #[test]
    fn each_field_has_a_bound() {
        let mut request = MtRequest::text(PhoneNumber::parse("888").unwrap(), "hi");
        let form = |length: usize| {
            let (account, signatures) = ("a".repeat(length), Vec::new());
            Some(DlrForm::Twilio(TwilioForm { account, from: None, signatures }))
        };
        request.dlr_form = form(DLR_FORM);
        assert_eq!(request.check_bounds(), Ok(()));
        request.dlr_form = form(DLR_FORM + 1);
        assert_eq!(request.check_bounds().unwrap_err().field, "dlr_form");
        let (callback, errback) = (None, Some("u".repeat(URL + 1)));
        let batch = Some(JasminBatch { callback, errback });
        request.dlr_form = Some(DlrForm::Jasmin(JasminForm { level: 0, post: false, batch }));
        assert_eq!(request.check_bounds().unwrap_err().field, "dlr_form.errback");
        request.dlr_form = None;
        let url = |length: usize| Some(DlrCallback { url: "u".repeat(length), mask: 1 });
        (request.dlr, request.udh) = (url(URL), Some("0".repeat(UDH)));
        assert_eq!(request.check_bounds(), Ok(()));
        request.dlr = url(URL + 1);
        assert_eq!(
            request.check_bounds().unwrap_err().to_string(),
            "dlr.url has 2049 bytes, and at most 2048 are allowed"
        );
        (request.dlr, request.udh) = (None, Some("0".repeat(UDH + 1)));
        assert_eq!(request.check_bounds().unwrap_err().field, "udh");
        request.udh = None;
        (request.tag, request.sender) = (Some("é".repeat(TAG)), Some("é".repeat(SENDER)));
        assert_eq!(request.check_bounds(), Ok(()));
        request.sender = Some("é".repeat(SENDER + 1));
        assert_eq!(request.check_bounds().unwrap_err().field, "sender");
        request.tag = Some("é".repeat(TAG + 1));
        assert_eq!(
            request.check_bounds().unwrap_err().to_string(),
            "tag has 65 characters, and at most 64 are allowed"
        );
    }
}
