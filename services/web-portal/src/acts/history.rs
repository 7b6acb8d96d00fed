//! The history of messages: one that may have been accepted a moment ago, whose row persistence writes a moment later,
//! and the names of the accounts that did something to it.

use std::collections::HashMap;
use std::time::Duration;

use contracts::mt::MtChange;
use contracts::{MessageId, Timestamp, UserId};
use store::{MessageDetail, Scope, StoreError};

use crate::app::App;

/// How long the row of a new message is waited for.
pub(crate) const ROW_COMES_WITHIN: Duration = Duration::from_secs(2);

/// The message, if it is in scope; a new one is waited for.
pub(crate) async fn message(
    app: &App,
    scope: Scope,
    id: MessageId,
) -> Result<Option<MessageDetail>, StoreError> {
    let look = async {
        loop {
            let found = app.store.message_detail(scope, id).await?;
            if found.is_some() || !may_be_new(id) {
                return Ok(found);
            }
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
    };
    tokio::time::timeout(ROW_COMES_WITHIN, look).await.unwrap_or(Ok(None))
}

/// An id of ours says when it was made; one that comes from elsewhere does not.
pub(crate) fn may_be_new(id: MessageId) -> bool {
    match id.uuid().get_timestamp() {
        Some(made) => {
            let (seconds, _) = made.to_unix();
            let now = u64::try_from(Timestamp::now().as_micros() / 1_000_000).unwrap_or_default();
            now.abs_diff(seconds) < 60
        }
        None => true,
    }
}

/// Names by account. One that is no more has none.
pub(crate) type Names = HashMap<UserId, String>;

/// The names of those who are in a message's timeline.
pub(crate) async fn names(app: &App, detail: &MessageDetail) -> Result<Names, StoreError> {
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
