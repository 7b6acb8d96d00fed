//! What happened to a message, and why it waits, in English sentences.

use contracts::mt::MtChange;
use contracts::{MtState, Timestamp};
use serde_json::{Value, json};
use store::MessageDetail;

use crate::app::App;
use crate::names::Names;

/// Why a message waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Waits {
    /// In a sentence.
    pub(crate) reason: String,
    /// Until when, where it is known.
    pub(crate) until: Option<Timestamp>,
    /// It waits for a modem to come online.
    pub(crate) no_modem: bool,
}

/// A number that grows with each thing that happens to the message.
pub(super) fn version(detail: &MessageDetail) -> u64 {
    detail.timeline.iter().map(|entry| entry.sequence).max().unwrap_or(0)
}

/// All lines, oldest first. `names` are those of the accounts in it.
pub(super) fn lines(detail: &MessageDetail, names: &Names) -> Vec<Value> {
    let accepted = json!({
        "at": detail.message.created_at,
        "state": MtState::Accepted,
        "text": "Accepted: the gateway has it, and keeps it.",
    });
    std::iter::once(accepted)
        .chain(detail.timeline.iter().map(|entry| {
            let mut line = json!({
                "at": entry.at,
                "state": entry.change.state(),
                "text": entry.change.to_string(),
            });
            if let MtChange::Cancelled { by: Some(by) } = &entry.change {
                line["by"] = json!({ "id": by, "name": names.get(by) });
                if let Some(name) = names.get(by) {
                    line["text"] = json!(format!("Cancelled by {name}."));
                }
            }
            line
        }))
        .collect()
}

/// Why it waits, if it does.
pub(crate) async fn waits(app: &App, detail: &MessageDetail) -> Option<Waits> {
    let message = &detail.message;
    match message.state {
        MtState::Held | MtState::Deferred => {
            let last =
                detail.timeline.iter().rev().map(|entry| &entry.change).find(|change| {
                    matches!(change, MtChange::Held { .. } | MtChange::Deferred { .. })
                });
            let reason = last.map_or_else(|| "It waits.".to_owned(), ToString::to_string);
            Some(Waits { reason, until: message.held_until, no_modem: false })
        }
        MtState::Accepted | MtState::Admitted | MtState::Released => {
            let sim = detail.request.sim;
            if app.fleet.is_online(sim).await {
                return None;
            }
            let reason = if sim.is_some() {
                "The modem with the SIM it must go out through is not online. It is sent as soon as it is."
            } else {
                "No modem is online. It is sent as soon as one is."
            };
            Some(Waits { reason: reason.to_owned(), until: None, no_modem: true })
        }
        _ => None,
    }
}
