//! What may be done about a message that was accepted.

use askama::Template;
use contracts::{MessageId, MtState};

use crate::acts::repetition::may_be_repeated;
use crate::words::Words;

/// The buttons under a message.
#[derive(Debug, Template)]
#[template(path = "actions.html")]
pub(crate) struct Actions {
    w: Words,
    id: MessageId,
    rank: u8,
    csrf: String,
    cancel: bool,
    again: bool,
}

impl Actions {
    pub(crate) fn of(w: Words, id: MessageId, state: MtState, csrf: &str) -> Self {
        // One that a modem has may come back from it.
        let cancel = !state.is_settled() && state != MtState::Uncertain;
        let (rank, csrf) = (state.phase(), csrf.to_owned());
        Self { w, id, rank, csrf, cancel, again: may_be_repeated(state) }
    }
}
