//! What an endpoint is told that was registered by SMSGate's interface: its events, made of the same bodies that others are told.

use contracts::Timestamp;
use data_encoding::{BASE64, HEXLOWER, HEXUPPER_PERMISSIVE};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Map, Value, json};
use sha2::Sha256;
use store::{Webhook, WebhookDelivery};

/// The headers and the body of a request that is made at `now`.
pub(crate) fn request(
    webhook: &Webhook,
    delivery: &WebhookDelivery,
    now: Timestamp,
) -> ([(&'static str, String); 2], String) {
    let told = serde_json::from_str(&delivery.payload).unwrap_or(Value::Null);
    let body = body(webhook, &delivery.id.to_string(), &told);
    let seconds = now.as_micros().div_euclid(1_000_000).to_string();
    let signature = signature(webhook.secret.reveal(), &body, &seconds);
    ([("X-Signature", signature), ("X-Timestamp", seconds)], body)
}

/// Of the body and the time after it.
fn signature(key: &str, body: &str, seconds: &str) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key.as_bytes()) else {
        // Keys of every length are taken.
        return String::new();
    };
    mac.update(body.as_bytes());
    mac.update(seconds.as_bytes());
    HEXLOWER.encode(&mac.finalize().into_bytes())
}

fn body(webhook: &Webhook, id: &str, told: &Value) -> String {
    let data = &told["data"];
    let at = &told["timestamp"];
    let kind = told["type"].as_str().unwrap_or_default();
    let (event, payload) = match kind {
        "sms.received" => received(data),
        "sms.sent" => ("sms:sent", sent(data, "sentAt", at)),
        "sms.delivered" => ("sms:delivered", sent(data, "deliveredAt", at)),
        "sms.cancelled" => ("sms:cancelled", sent(data, "cancelledAt", at)),
        "sms.failed" | "sms.undelivered" | "sms.expired" => ("sms:failed", failed(data, kind, at)),
        // A test.
        _ => ("system:ping", Map::new()),
    };
    let body = json!({
        "id": id,
        "webhookId": webhook.id.to_string(),
        "deviceId": data["modem"].as_str().unwrap_or_default(),
        "event": event,
        "payload": payload,
    });
    body.to_string()
}

fn received(data: &Value) -> (&'static str, Map<String, Value>) {
    let mut payload = fields([
        ("messageId", uuid(&data["id"])),
        ("sender", data["from"].clone()),
        ("phoneNumber", data["from"].clone()),
        ("recipient", data["to"].clone()),
        ("simNumber", json!(1)),
        ("receivedAt", data["received_at"].clone()),
    ]);
    let Some(hex) = data["data"].as_str() else {
        payload.insert("message".to_owned(), data["text"].clone());
        return ("sms:received", payload);
    };
    let octets = HEXUPPER_PERMISSIVE.decode(hex.as_bytes()).unwrap_or_default();
    payload.insert("data".to_owned(), json!(BASE64.encode(&octets)));
    ("sms:data-received", payload)
}

/// What happened to a message to one recipient; the id is that of the whole message.
fn sent(data: &Value, when: &str, at: &Value) -> Map<String, Value> {
    let id = if data["batch"].is_null() { &data["id"] } else { &data["batch"] };
    let mut payload = fields([
        ("messageId", uuid(id)),
        ("sender", data["from"].clone()),
        ("recipient", data["to"].clone()),
        ("phoneNumber", data["to"].clone()),
        ("simNumber", json!(1)),
        ("partsCount", data["parts"].clone()),
    ]);
    payload.insert(when.to_owned(), at.clone());
    payload
}

fn failed(data: &Value, kind: &str, at: &Value) -> Map<String, Value> {
    let mut payload = sent(data, "failedAt", at);
    let reason = data["error"]["text"].as_str().unwrap_or(match kind {
        "sms.undelivered" => "The network gave the message up.",
        "sms.expired" => "It became too late to send the message.",
        _ => "The message was refused.",
    });
    payload.insert("reason".to_owned(), json!(reason));
    payload
}

fn fields<const N: usize>(fields: [(&str, Value); N]) -> Map<String, Value> {
    fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// An id of ours as the UUID that is inside.
fn uuid(id: &Value) -> Value {
    let digits = id.as_str().and_then(|id| id.split_once('_')).map_or("", |(_, digits)| digits);
    match digits.len() {
        32 if digits.is_ascii() => json!(format!(
            "{}-{}-{}-{}-{}",
            &digits[..8],
            &digits[8..12],
            &digits[12..16],
            &digits[16..20],
            &digits[20..]
        )),
        _ => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_of_body_and_time() {
        // As `printf '{}1700000000' | openssl dgst -sha256 -hmac key` says.
        let expected = "93800482ca289ca2ab5ad69bbb6a631e6a997ad0fb659f5edfb80f566fc07457";
        assert_eq!(signature("key", "{}", "1700000000"), expected);
    }

    #[test]
    fn an_id_becomes_a_uuid() {
        let id = json!("msg_01a22cdc8de177aea3feb7273a44f513");
        assert_eq!(uuid(&id), json!("01a22cdc-8de1-77ae-a3fe-b7273a44f513"));
        assert_eq!(uuid(&json!("x")), Value::Null);
    }
}
