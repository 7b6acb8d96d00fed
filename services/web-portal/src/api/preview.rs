//! Counting before sending.

use axum::Json as Answered;
use axum::extract::State;
use serde_json::{Value, json};
use tpdu::{Language, Shifts};

use super::body::Json;
use super::messages::Written;
use crate::app::App;
use crate::caller::Caller;
use crate::counting::Count;
use crate::problem::Answer;

/// `POST /messages/preview`: the body of `POST /messages`, of which `to` may be missing. Nothing is sent.
pub(super) async fn preview(
    State(app): State<App>,
    _caller: Caller,
    Json(written): Json<Written>,
) -> Answer<Answered<Value>> {
    let draft = written.draft(app.settings.languages)?;
    let recipients = if draft.to.is_empty() { 0 } else { draft.recipients()?.len() };
    let count = draft.count(usize::MAX)?;
    let mut value = json!({
        "characters": count.characters,
        "units": count.units,
        "parts": count.parts,
        "units_per_part": count.per_part,
        "units_left": count.left,
        "limit": app.settings.max_parts,
        "too_long": count.parts > app.settings.max_parts,
        "not_gsm7": count.forced.iter().collect::<String>(),
        "recipients": recipients,
    });
    tell(&mut value, &count);
    Ok(Answered(value))
}

/// Adds how a message goes out, for its sender: in which alphabet, with which tables, and what was replaced.
pub(super) fn tell(value: &mut Value, count: &Count) {
    let Shifts { locking, single } = count.tables;
    value["encoding"] = json!(count.encoding);
    value["tables"] = match (locking, single) {
        (None, None) => Value::Null,
        _ => json!({ "locking": locking.map(Language::tag), "single": single.map(Language::tag) }),
    };
    let replaced = count.replaced.iter();
    value["replaced"] = replaced
        .map(
            |replaced| json!({ "from": replaced.from, "to": replaced.to, "times": replaced.times }),
        )
        .collect();
}
