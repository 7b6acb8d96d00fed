//! One request to an endpoint, signed as Standard Webhooks says.

use contracts::Timestamp;
use standardwebhooks::{
    HEADER_WEBHOOK_ID, HEADER_WEBHOOK_SIGNATURE, HEADER_WEBHOOK_TIMESTAMP, Webhook as Signer,
    WebhookError,
};
use store::{Webhook, WebhookDelivery};

/// The headers of a request that is made at `now`: two signatures while the secret before is good too.
pub(crate) fn headers(
    webhook: &Webhook,
    delivery: &WebhookDelivery,
    now: Timestamp,
) -> Result<[(&'static str, String); 3], WebhookError> {
    let id = delivery.id.to_string();
    let seconds = now.as_micros().div_euclid(1_000_000);
    let old = webhook.old_secret.as_ref().filter(|(_, until)| *until > now);
    let secrets = [Some(&webhook.secret), old.map(|(secret, _)| secret)];
    let mut signatures = Vec::with_capacity(2);
    for secret in secrets.into_iter().flatten() {
        let signer = Signer::new(secret.reveal())?;
        signatures.push(signer.sign(&id, seconds, delivery.payload.as_bytes())?);
    }
    Ok([
        (HEADER_WEBHOOK_ID, id),
        (HEADER_WEBHOOK_TIMESTAMP, seconds.to_string()),
        (HEADER_WEBHOOK_SIGNATURE, signatures.join(" ")),
    ])
}
