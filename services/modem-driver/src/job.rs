//! A message from the broker, made ready for a modem while it waits for its turn.

use std::time::Duration;

use bus::Delivery;
use contracts::mt::{Body, Encoding, MtItem, MtRequest, SendError};
use contracts::{MessageId, Timestamp};
use tpdu::{Address, Class, MessageBody, MessageSpec, Ports, Submit, Udh, Validity, text};

use crate::reports;

/// A message and its parts as TPDUs, or why it cannot be sent.
#[derive(Debug)]
pub(crate) struct Job {
    /// It, to be settled.
    pub(crate) delivery: Delivery<MtItem>,
    /// Its parts, at least one.
    pub(crate) parts: Result<Vec<Submit>, SendError>,
    /// By what its reports are matched.
    pub(crate) tail: String,
}

impl Job {
    /// Encodes it.
    pub(crate) fn new(delivery: Delivery<MtItem>) -> Self {
        let parts = compose(delivery.value.id, &delivery.value.request);
        let tail = reports::tail(&delivery.value.request.to);
        Self { delivery, parts, tail }
    }

    pub(crate) fn id(&self) -> MessageId {
        self.delivery.value.id
    }

    pub(crate) fn request(&self) -> &MtRequest {
        &self.delivery.value.request
    }

    /// Its time is over at `now`.
    pub(crate) fn is_late(&self, now: Timestamp) -> bool {
        self.request().not_after.is_some_and(|end| end < now)
    }
}

/// All parts of a message. The same message always gives the same parts, so a try can go on where
/// another one ended: the reference that holds them together comes from the message's id.
fn compose(id: MessageId, request: &MtRequest) -> Result<Vec<Submit>, SendError> {
    let spec = spec(id, request)?;
    tpdu::compose(&spec).map_err(|error| refusal("not-encodable", &error.to_string()))
}

fn spec(id: MessageId, request: &MtRequest) -> Result<MessageSpec, SendError> {
    let to = Address::number(request.to.as_str())
        .map_err(|error| refusal("recipient-invalid", &error.to_string()))?;
    let octets = |what: &str, hex: &str| {
        tpdu::from_hex(hex).map_err(|error| refusal("not-hex", &format!("{what}: {error}")))
    };
    let mut spec = match &request.body {
        Body::Text { text, encoding } => {
            let mut spec = MessageSpec::text(to, text.clone());
            if let MessageBody::Text { encoding: chosen, .. } = &mut spec.body {
                *chosen = match encoding {
                    Encoding::Auto => text::Encoding::Auto,
                    Encoding::Gsm7 => text::Encoding::Gsm7,
                    Encoding::Smart => text::Encoding::Smart,
                    Encoding::Ucs2 => text::Encoding::Ucs2,
                };
            }
            spec
        }
        Body::Data { data } => MessageSpec::data(to, octets("the data", data)?),
    };
    let options = &request.options;
    if let Some(class) = options.class {
        let known = Class::from_number(class)
            .ok_or_else(|| refusal("class-invalid", &format!("there is no message class {class}")));
        spec.class = Some(known?);
    }
    if let Some(udh) = &request.udh {
        spec.udh = Udh::decode(&octets("the user data header", udh)?)
            .map_err(|error| refusal("udh-invalid", &format!("the user data header: {error}")))?;
    }
    spec.report = !options.no_report;
    spec.validity = options
        .validity_minutes
        .map(|minutes| Validity::at_least(Duration::from_secs(u64::from(minutes) * 60)));
    spec.protocol_id = options.protocol_id.unwrap_or(0);
    spec.reply_path = options.reply_path;
    spec.ports = options.ports.map(|(destination, source)| Ports { destination, source });
    let [.., high, low] = *id.uuid().as_bytes();
    spec.reference = u16::from_be_bytes([high, low]);
    Ok(spec)
}

fn refusal(code: &str, why: &str) -> SendError {
    let mut why = why.to_owned();
    if let Some(first) = why.get(..1) {
        why = format!("{}{}", first.to_uppercase(), &why[1..]);
    }
    SendError { code: code.to_owned(), text: format!("{why}.") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(text: &str) -> MtRequest {
        MtRequest::text("+628123456789".parse().unwrap(), text)
    }

    #[test]
    fn the_same_message_gives_the_same_parts() {
        let id = MessageId::new();
        let long = request(&"merpati ".repeat(40));
        let parts = compose(id, &long).unwrap();
        assert_eq!(parts.len(), 3);
        assert_eq!(parts, compose(id, &long).unwrap());
        let concat = parts[1].concat().unwrap();
        assert_eq!((concat.total, concat.sequence), (3, 2));
    }

    #[test]
    fn options_reach_the_tpdu() {
        let mut flash = request("hi");
        flash.options.class = Some(0);
        flash.options.validity_minutes = Some(60);
        flash.options.no_report = true;
        flash.options.ports = Some((5000, 0));
        let parts = compose(MessageId::new(), &flash).unwrap();
        assert_eq!(parts[0].validity, Some(Validity::Relative(11)));
        assert!(!parts[0].report);
        assert_eq!(parts[0].udh.ports(), Some(Ports { destination: 5000, source: 0 }));
    }

    #[test]
    fn what_cannot_be_sent_is_said_in_words() {
        let mut bad = request("hi");
        bad.options.class = Some(9);
        let error = compose(MessageId::new(), &bad).unwrap_err();
        assert_eq!(error.code, "class-invalid");
        assert_eq!(error.text, "There is no message class 9.");
        let mut bad = request("hi");
        bad.udh = Some("zz".to_owned());
        assert_eq!(compose(MessageId::new(), &bad).unwrap_err().code, "not-hex");
    }
}
