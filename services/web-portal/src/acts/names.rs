//! The names of the accounts that did something to a message.

use std::collections::HashMap;

use contracts::UserId;
use contracts::mt::MtChange;
use store::{MessageDetail, StoreError};

use crate::app::App;

/// Names by account. One that is no more has none.
pub(crate) type Names = HashMap<UserId, String>;

/// The names of those who are in a message's timeline.
pub(crate) async fn of(app: &App, detail: &MessageDetail) -> Result<Names, StoreError> {
    let mut names = Names::new();
    for entry in &detail.timeline {
        if let Some(by) = who(&entry.change)
            && let Some(user) = app.store.user(detail.message.org, by).await?
        {
            names.insert(by, user.name);
        }
    }
    Ok(names)
}

/// Who did it, if an account did.
pub(crate) const fn who(change: &MtChange) -> Option<UserId> {
    match change {
        MtChange::Cancelled { by } => *by,
        _ => None,
    }
}
