//! Counting before sending.

use api::{AlphabetUse, NewMessage, Preview, Replacement, Tables};
use axum::Json;
use axum::extract::State;
use tpdu::{Language, Shifts};

use super::body::CheckedJson;
use super::caller::Caller;

use super::problem::Answer;
use super::written;
use crate::acts::count::Count;
use crate::acts::price;
use crate::app::App;

/// `POST /messages/preview`: the body of `POST /messages`, of which `to` may be missing. Nothing is sent.
pub(super) async fn preview(
    State(app): State<App>,
    Caller(authority): Caller,
    CheckedJson(message): CheckedJson<NewMessage>,
) -> Answer<Json<Preview>> {
    let draft = written::draft(message, app.settings.languages)?;
    let plan = &app.settings.numbering;
    let to = if draft.to.is_empty() { Vec::new() } else { draft.recipients(plan)? };
    let cost = price::estimate(&app, &authority, &draft, &to).await?;
    let cost = cost.filter(|_| !to.is_empty());
    let count = draft.count(usize::MAX)?;
    Ok(Json(Preview {
        characters: count.characters,
        units: count.units,
        parts: count.parts,
        units_per_part: count.per_part,
        units_left: count.left,
        limit: app.settings.max_parts,
        too_long: count.parts > app.settings.max_parts,
        not_gsm7: count.forced.iter().collect(),
        recipients: to.len(),
        cost,
        alphabet: alphabet(&count),
    }))
}

/// How a message goes out, for its sender: in which alphabet, with which tables, and what was replaced.
pub(super) fn alphabet(count: &Count) -> AlphabetUse {
    let Shifts { locking, single } = count.tables;
    let tag = |language: Option<Language>| language.map(|language| language.tag().to_owned());
    let is_plain = locking.is_none() && single.is_none();
    AlphabetUse {
        encoding: count.encoding.to_owned(),
        tables: (!is_plain).then(|| Tables { locking: tag(locking), single: tag(single) }),
        replaced: count
            .replaced
            .iter()
            .map(|one| Replacement { from: one.from, to: one.to.to_owned(), times: one.times })
            .collect(),
    }
}
