//! The history of messages: one that may have been accepted a moment ago, whose row persistence writes a moment later,
//! and the names of the accounts that did something to it.

use std::collections::HashMap;
use std::time::Duration;

use contracts::mt::MtChange;
use contracts::subject::Target;
use contracts::{CallbackId, MessageId, Timestamp, UserId};
use store::{
    Callback, Message, MessageDetail, MessageFilter, MessagePage, NumberedAttempt, Page, Reach,
    StoreError,
};
use tokio::time::Instant;
use uuid::Uuid;

use crate::acts::not_read::NotRead;
use crate::app::App;
use crate::authority::Authority;
use crate::power::Power;

/// How long the next version of a message is waited for.
const LONG_POLL: Duration = Duration::from_secs(20);
/// How long the row of a new message is waited for.
const ROW_COMES_WITHIN: Duration = Duration::from_secs(2);

/// How often a message of a number is looked for that may be new: a number does not say when it was given.
const LOOK: Duration = Duration::from_millis(100);

/// The messages in reach, newest first.
pub(crate) async fn list(
    app: &App,
    authority: &Authority,
    filter: &MessageFilter,
    page: Page,
) -> Result<MessagePage, NotRead> {
    authority.must(Power::MessagesRead)?;
    Ok(app.store.messages(authority.reach, filter, page).await?)
}

/// One message in reach; a new one is waited for.
pub(crate) async fn one(
    app: &App,
    authority: &Authority,
    id: MessageId,
) -> Result<Option<MessageDetail>, NotRead> {
    authority.must(Power::MessagesRead)?;
    Ok(find(app, authority.reach, id).await?)
}

/// The message in reach that has this number; a new one is waited for.
pub(crate) async fn numbered(
    app: &App,
    authority: &Authority,
    number: i64,
) -> Result<Option<Message>, NotRead> {
    authority.must(Power::MessagesRead)?;
    let begun = Instant::now();
    let filter = MessageFilter { numbers: Some(number..=number), ..MessageFilter::default() };
    let page = Page { before: None, limit: 1 };
    loop {
        let found = app.store.messages(authority.reach, &filter, page).await?.messages.pop();
        let is_over = begun.elapsed() >= ROW_COMES_WITHIN || app.shutdown.is_requested();
        if found.is_some() || is_over {
            return Ok(found);
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// The message, if it is in reach; a new one is waited for. For acts that asked for another power.
pub(super) async fn find(
    app: &App,
    reach: Reach,
    id: MessageId,
) -> Result<Option<MessageDetail>, StoreError> {
    look(app, reach, id, None).await
}

/// Whether a row may be about to be written. An id of ours says when it was made; one that comes from elsewhere does not.
pub(super) fn may_be_new(id: Uuid, now: Timestamp) -> bool {
    match id.get_timestamp() {
        Some(made) => {
            let (seconds, _) = made.to_unix();
            let now = u64::try_from(now.as_micros() / 1_000_000).unwrap_or_default();
            now.abs_diff(seconds) < 60
        }
        None => true,
    }
}

/// Names by account. One that is no more has none.
pub(crate) type Names = HashMap<UserId, String>;

/// The names of those who are in a message's timeline.
pub(crate) async fn names(
    app: &App,
    authority: &Authority,
    detail: &MessageDetail,
) -> Result<Names, NotRead> {
    authority.must(Power::MessagesRead)?;
    let mut names = Names::new();
    for entry in &detail.timeline {
        if let Some(by) = who(&entry.change)
            && let Some(name) = app.store.user_name(authority.reach, by).await?
        {
            names.insert(by, name);
        }
    }
    Ok(names)
}

/// The calls of a message's URL, oldest first. None when the message has no URL.
pub(crate) async fn callbacks(
    app: &App,
    authority: &Authority,
    detail: &MessageDetail,
) -> Result<Option<Vec<Callback>>, NotRead> {
    authority.must(Power::MessagesRead)?;
    if detail.request.dlr.is_none() {
        return Ok(None);
    }
    Ok(Some(app.store.callbacks(authority.reach, detail.message.id).await?))
}

/// The attempts of one of these calls, oldest first.
pub(crate) async fn attempts(
    app: &App,
    authority: &Authority,
    callback: CallbackId,
) -> Result<Vec<NumberedAttempt>, NotRead> {
    authority.must(Power::MessagesRead)?;
    Ok(app.store.callback_attempts(authority.reach, callback).await?)
}

/// Who did it, if an account did.
pub(crate) const fn who(change: &MtChange) -> Option<UserId> {
    match change {
        MtChange::Cancelled { by } => *by,
        _ => None,
    }
}

/// The team, by its name, that the SIM belongs to which a message was admitted for.
pub(crate) fn team_of_way(app: &App, change: &MtChange) -> Option<String> {
    match change {
        MtChange::Admitted { target: Target::Sim(sim), rule: None, .. } => {
            app.directory.sim(*sim).team.map(|team| team.name)
        }
        _ => None,
    }
}

/// A number that grows with each thing that happens to the message.
pub(crate) fn version(detail: &MessageDetail) -> u64 {
    detail.timeline.iter().map(|entry| entry.sequence).max().unwrap_or(0)
}

/// The message, if it is in reach; one that was just accepted is waited for. With the version that is `known`, the next
/// version is waited for, [`LONG_POLL`] at most.
pub(crate) async fn next(
    app: &App,
    authority: &Authority,
    id: MessageId,
    known: Option<u64>,
) -> Result<Option<MessageDetail>, NotRead> {
    authority.must(Power::MessagesRead)?;
    Ok(look(app, authority.reach, id, known).await?)
}

/// See [`next`].
async fn look(
    app: &App,
    reach: Reach,
    id: MessageId,
    known: Option<u64>,
) -> Result<Option<MessageDetail>, StoreError> {
    let begun = Instant::now();
    let row_within =
        if may_be_new(id.uuid(), app.clock.now()) { ROW_COMES_WITHIN } else { Duration::ZERO };
    let mut row = None;
    loop {
        let detail = app.store.message_detail(reach, id).await?;
        let patience = if detail.is_some() { LONG_POLL } else { row_within };
        let left = patience.saturating_sub(begun.elapsed());
        let is_news =
            detail.as_ref().is_some_and(|detail| known.is_none_or(|known| version(detail) > known));
        if is_news || left.is_zero() || app.shutdown.is_requested() {
            return Ok(detail);
        }
        match &mut row {
            // What was written since it was looked, and before anybody listened, is seen when it is looked again.
            None => row = Some(app.rows.of(id, &app.bus).await),
            Some(row) => {
                tokio::select! {
                    () = app.shutdown.requested() => {}
                    // Either way the row is read again.
                    _ = tokio::time::timeout(left, row.changed()) => {}
                }
            }
        }
    }
}
