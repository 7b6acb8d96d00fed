//! Counting before sending.

use axum::Json as Answered;
use axum::extract::State;
use serde_json::{Value, json};

use super::body::Json;
use super::messages::Written;
use crate::app::App;
use crate::caller::Caller;
use crate::problem::Answer;

/// `POST /messages/preview`: the body of `POST /messages`, of which `to` may be missing. Nothing is sent.
pub(super) async fn preview(
    State(app): State<App>,
    _caller: Caller,
    Json(written): Json<Written>,
) -> Answer<Answered<Value>> {
    let draft = written.draft()?;
    let recipients = if draft.to.is_empty() { 0 } else { draft.recipients()?.len() };
    let count = draft.count(usize::MAX)?;
    let replaced: Vec<Value> =
        count.replaced.iter().map(|(from, to)| json!({ "from": from, "to": to })).collect();
    Ok(Answered(json!({
        "encoding": count.encoding,
        "characters": count.characters,
        "units": count.units,
        "parts": count.parts,
        "units_per_part": count.per_part,
        "units_left": count.left,
        "limit": app.settings.max_parts,
        "too_long": count.parts > app.settings.max_parts,
        "not_gsm7": count.forced.iter().collect::<String>(),
        "replaced": replaced,
        "recipients": recipients,
    })))
}
