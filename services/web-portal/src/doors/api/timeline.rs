//! What happened to a message, in English sentences.

use api::{Account, TimelineLine};
use contracts::MtState;
use contracts::mt::MtChange;
use store::MessageDetail;

use crate::acts::history::{self, Names};
use crate::app::App;

/// All lines, oldest first. `names` are those of the accounts in it.
pub(super) fn lines(app: &App, detail: &MessageDetail, names: &Names) -> Vec<TimelineLine> {
    let accepted = TimelineLine {
        at: detail.message.created_at,
        state: MtState::Accepted,
        text: "Accepted: the gateway has it, and keeps it.".to_owned(),
        by: None,
    };
    let others = detail.timeline.iter().map(|entry| {
        let by = match &entry.change {
            MtChange::Cancelled { by: Some(by) } => {
                Some(Account { id: *by, name: names.get(by).map(ToString::to_string) })
            }
            _ => None,
        };
        let text = match by.as_ref().and_then(|by| by.name.as_ref()) {
            Some(name) => format!("Cancelled by {name}."),
            None => match history::team_of_way(app, &entry.change) {
                Some(team) => format!("{} The SIM belongs to the team {team}.", entry.change),
                None => entry.change.to_string(),
            },
        };
        TimelineLine { at: entry.at, state: entry.change.state(), text, by }
    });
    std::iter::once(accepted).chain(others).collect()
}
