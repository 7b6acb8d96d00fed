//! What can be said about webhooks.

use clap::Subcommand;
use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use contracts::{DeliveryId, SimId, Timestamp, WebhookEvent, WebhookId, bounds};

#[derive(Debug, Subcommand)]
pub(crate) enum Webhook {
    /// Tell a URL of events, or send mails to an address (mailto:NAME@HOST), and print its id and the secret that signs what it is told, this once.
    Add {
        /// The URL, or mailto: and an address.
        url: String,
        /// An event; may be given more than once.
        #[arg(long = "event", required = true, value_name = "EVENT", value_parser = events())]
        events: Vec<WebhookEvent>,
        /// Of what is received, only what comes to this SIM: its id.
        #[arg(long, value_name = "SIM")]
        sim: Option<SimId>,
        /// Of what is received, only what comes from this sender.
        #[arg(long = "from", value_name = "SENDER")]
        sender: Option<String>,
        /// Of what is received, only texts that begin so.
        #[arg(long, value_name = "WORD")]
        keyword: Option<String>,
        /// Send the PDUs of received messages too.
        #[arg(long)]
        raw_pdu: bool,
        /// In which form it is told: of Standard Webhooks, or of Twilio.
        #[arg(long, default_value = "standard", value_name = "FORMAT", value_parser = ["standard", "twilio"])]
        format: String,
        /// Send what it answers to a received message back to the sender.
        #[arg(long)]
        reply_with_body: bool,
        /// Of how many parts a reply is at most; the rest is cut off. 0: nothing is sent back.
        #[arg(long, default_value_t = 1, value_name = "NUMBER", value_parser = clap::value_parser!(u8).range(0..=i64::from(bounds::REPLY_PARTS)))]
        max_messages: u8,
    },
    /// Show the webhooks there are, without their secrets.
    List,
    /// Send a test, and show what the webhook answers.
    Test {
        /// The id of the webhook.
        id: WebhookId,
    },
    /// Show what a webhook was told, newest first, and what it answered.
    Log {
        /// The id of the webhook.
        id: WebhookId,
        /// How many.
        #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=500))]
        limit: u16,
    },
    /// Tell a webhook again: one event, or those of a time that were given up.
    Replay {
        /// The id of the webhook.
        id: WebhookId,
        /// The id of the event, as the log shows it.
        #[arg(required_unless_present = "since")]
        delivery: Option<DeliveryId>,
        /// The events that came from then on, such as 2026-11-24T06:00:00+07:00.
        #[arg(long, value_name = "TIME", conflicts_with = "delivery")]
        since: Option<Timestamp>,
        /// The events that came before then.
        #[arg(long, value_name = "TIME", requires = "since")]
        until: Option<Timestamp>,
        /// Also those that the webhook took.
        #[arg(long, requires = "since")]
        all: bool,
    },
    /// Give a webhook another secret, and print it this once. For a day, the one before signs too.
    Rotate {
        /// The id of the webhook.
        id: WebhookId,
    },
    /// Tell a webhook nothing until it is enabled again. What waits for it is kept.
    Disable {
        /// The id of the webhook.
        id: WebhookId,
    },
    /// Tell a webhook of events again, beginning with what waits.
    Enable {
        /// The id of the webhook.
        id: WebhookId,
    },
    /// Remove a webhook, what waits for it, and its log.
    Remove {
        /// The id of the webhook.
        id: WebhookId,
    },
}

/// The events that a webhook can be told.
fn events() -> impl clap::builder::TypedValueParser<Value = WebhookEvent> {
    PossibleValuesParser::new(WebhookEvent::ALL.map(WebhookEvent::as_str))
        .try_map(|said| said.parse::<WebhookEvent>())
}
