//! `merpati nats credentials`.

use platform::config::Config;
use serde_json::json;

use crate::embedded_nats::{Folder, lets_in};
use crate::output;

/// Prints what another service needs to publish send requests.
pub(crate) async fn credentials(as_json: bool, config: &Config, name: &str) -> anyhow::Result<()> {
    if let Some(url) = &config.nats.url {
        anyhow::bail!(
            "the broker is {url}, which is not merpati's own. Make a user there with the permissions: \
             publish sms.v1.mt.request.* and sms.v1.mt.batch.*, subscribe _INBOX.>"
        );
    }
    let folder = Folder::of(&config.data);
    let (settings, service) = folder.service(name, &config.nats)?;
    if !lets_in(&folder, &settings, &service).await {
        anyhow::bail!(
            "the credentials are kept, but the broker does not let '{name}' in yet. Run this again in a moment; if that does \
             not help, start the gateway again"
        );
    }
    let url = settings.url();
    if as_json {
        return output::json(&json!({
            "url": url,
            "user": service.name,
            "password": service.password,
            "subject": "sms.v1.mt.request.normal",
        }));
    }
    output::line(&format!("MERPATI_NATS_URL={url}"));
    output::line(&format!("MERPATI_NATS_USER={}", service.name));
    output::line(&format!("MERPATI_NATS_PASSWORD={}", service.password));
    output::note(
        "\nThe service may publish JSON such as {\"to\": \"+6281234567890\", \"text\": \"Hello\"} to\n\
         sms.v1.mt.request.normal (or .otp, .bulk), and nothing else. An example: docs/examples/internal_service.rs",
    );
    Ok(())
}
