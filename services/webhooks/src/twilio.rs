//! What an endpoint is told that was written for Twilio: a form for each received message, and for each status of one that is
//! sent.

use contracts::{MessageId, WebhookEvent};
use data_encoding::BASE64;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::Value;
use sha1::Sha1;
use store::{Webhook, WebhookDelivery};
use url::form_urlencoded::Serializer;

/// The header of the signature.
const SIGNATURE: &str = "X-Twilio-Signature";
/// The version of Twilio's interface.
const VERSION: &str = "2010-04-01";

/// The headers and the body of a request, a form.
pub(crate) fn request(
    webhook: &Webhook,
    delivery: &WebhookDelivery,
) -> ([(&'static str, String); 1], String) {
    let told = serde_json::from_str(&delivery.payload).unwrap_or(Value::Null);
    let fields = fields(webhook, delivery.event, &told);
    let signature = signature(webhook.secret.reveal(), &webhook.url, &fields);
    let mut body = Serializer::new(String::new());
    body.extend_pairs(fields);
    ([(SIGNATURE, signature)], body.finish())
}

/// Of the URL and the fields, which are sorted by their names.
fn signature(key: &str, url: &str, fields: &[(&'static str, String)]) -> String {
    let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(key.as_bytes()) else {
        // Keys of every length are taken.
        return String::new();
    };
    mac.update(url.as_bytes());
    for (name, value) in fields {
        mac.update(name.as_bytes());
        mac.update(value.as_bytes());
    }
    BASE64.encode(&mac.finalize().into_bytes())
}

fn fields(
    webhook: &Webhook,
    event: Option<WebhookEvent>,
    told: &Value,
) -> Vec<(&'static str, String)> {
    let data = &told["data"];
    let text = |name: &str| data[name].as_str().unwrap_or_default().to_owned();
    let id = data["id"].as_str().and_then(|id| id.parse::<MessageId>().ok());
    let sid = id.map(|id| format!("SM{}", id.uuid().simple())).unwrap_or_default();
    let mut fields = vec![
        ("AccountSid", format!("AC{}", webhook.owner.uuid().simple())),
        ("ApiVersion", VERSION.to_owned()),
        ("From", text("from")),
        ("MessageSid", sid.clone()),
        ("SmsSid", sid.clone()),
        ("To", text("to")),
    ];
    if let Some((status, error)) = event.and_then(status) {
        fields.push(("MessageStatus", status.to_owned()));
        fields.push(("SmsStatus", status.to_owned()));
        fields.extend(error.map(|error| ("ErrorCode", error.to_owned())));
    } else {
        // A message was received, or a test is made.
        let body = data["text"].as_str().or(data["data"].as_str()).unwrap_or_default();
        fields.push(("Body", body.to_owned()));
        fields.push(("NumMedia", "0".to_owned()));
        fields.push(("NumSegments", data["parts"].as_u64().unwrap_or(1).to_string()));
        fields.push(("SmsMessageSid", sid));
        fields.push(("SmsStatus", "received".to_owned()));
    }
    fields.sort();
    fields
}

/// Twilio's word for what happened to a message that is sent, and its number for why.
const fn status(event: WebhookEvent) -> Option<(&'static str, Option<&'static str>)> {
    Some(match event {
        WebhookEvent::SmsSent => ("sent", None),
        WebhookEvent::SmsDelivered => ("delivered", None),
        WebhookEvent::SmsUndelivered => ("undelivered", Some("30003")),
        WebhookEvent::SmsExpired => ("undelivered", Some("30036")),
        WebhookEvent::SmsFailed => ("failed", Some("30008")),
        WebhookEvent::SmsCancelled => ("canceled", None),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of Twilio's documentation.
    #[test]
    fn a_signature_is_twilios() {
        let url = "https://mycompany.com/myapp.php?foo=1&bar=2";
        let fields = [
            ("CallSid", "CA1234567890ABCDE"),
            ("Caller", "+12349013030"),
            ("Digits", "1234"),
            ("From", "+12349013030"),
            ("To", "+18005551212"),
        ];
        let fields = fields.map(|(name, value)| (name, value.to_owned()));
        assert_eq!(signature("12345", url, &fields), "0/KCTR6DLpKmkAf8muzZqo1nDgQ=");
    }
}
