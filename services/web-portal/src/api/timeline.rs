//! What happened to a message, in English sentences.

use contracts::MtState;
use contracts::mt::MtChange;
use serde_json::{Value, json};
use store::MessageDetail;

use crate::names::Names;

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
