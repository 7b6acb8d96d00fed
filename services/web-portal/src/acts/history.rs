//! A message that may have been accepted a moment ago: persistence writes its row a moment later.

use std::time::Duration;

use contracts::{MessageId, Timestamp};
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
