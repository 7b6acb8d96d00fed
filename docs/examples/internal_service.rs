//! Another service sends an SMS by publishing to the broker: no HTTP, no library of ours, one JSON document.
//!
//! ```console
//! $ merpati nats credentials shop
//! $ MERPATI_NATS_URL=… MERPATI_NATS_USER=shop MERPATI_NATS_PASSWORD=… \
//!       cargo run --example internal-service -- +6281234567890 "Your order is ready."
//! ```
//!
//! The answer comes when the message is kept: from then on it survives any restart.
#![expect(clippy::print_stdout, reason = "it is a command-line program")]

use std::error::Error;

use async_nats::jetstream;
use async_nats::{ConnectOptions, HeaderMap};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(to), Some(text)) = (arguments.next(), arguments.next()) else {
        return Err("usage: internal-service NUMBER TEXT".into());
    };
    let url = std::env::var("MERPATI_NATS_URL")?;
    let user = std::env::var("MERPATI_NATS_USER")?;
    let password = std::env::var("MERPATI_NATS_PASSWORD")?;
    let client = ConnectOptions::with_user_and_password(user, password).connect(url).await?;
    let jetstream = jetstream::new(client);

    // Our own id, so that we can ask for the message later, and so that publishing it twice sends it once.
    let id = contracts::MessageId::new();
    let request = serde_json::json!({ "id": id, "to": to, "text": text });
    let mut headers = HeaderMap::new();
    headers.insert("Nats-Msg-Id", format!("{id}:request:0"));
    let kept = jetstream
        .publish_with_headers(
            // The last word is the priority: otp, normal or bulk.
            "sms.v1.mt.request.normal",
            headers,
            serde_json::to_vec(&request)?.into(),
        )
        .await?
        .await?;
    println!("{}", serde_json::json!({ "id": id, "sequence": kept.sequence }));
    Ok(())
}
