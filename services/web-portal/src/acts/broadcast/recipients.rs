//! The audience of a broadcast, and what became of each: in pages and as CSV.

use contracts::BroadcastId;
use futures_util::future::ready;
use futures_util::stream::{self, StreamExt as _};
use store::BroadcastRecipient;

use crate::acts::export::{Csv, in_turn};
use crate::acts::not_read::NotRead;
use crate::app::App;
use crate::authority::Authority;
use crate::csv::row;
use crate::power::Power;

/// Recipients that are read at once.
const AT_ONCE: u32 = 500;

const COLUMNS: [&str; 5] = ["place", "number", "left_out", "message", "state"];

/// At most `limit` of the audience of one in reach, in the order in which it was read, from the one after the place `after`, and whether
/// there are more; only those who are left out, if that is asked for. None: there is no such broadcast.
pub(crate) async fn list(
    app: &App,
    authority: &Authority,
    id: BroadcastId,
    after: Option<u32>,
    left_out: bool,
    limit: u32,
) -> Result<Option<(Vec<BroadcastRecipient>, bool)>, NotRead> {
    authority.must(Power::BroadcastsRead)?;
    if app.store.broadcast(authority.reach, id).await?.is_none() {
        return Ok(None);
    }
    let reach = authority.reach;
    let found = app.store.broadcast_recipients(reach, id, after, left_out, limit + 1).await?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = found.len() > limit;
    Ok(Some((found.into_iter().take(limit).collect(), more)))
}

/// What is left to be written.
struct Going {
    app: App,
    authority: Authority,
    id: BroadcastId,
    after: Option<u32>,
}

/// All of the audience of one in reach as CSV. None: there is no such broadcast.
pub(crate) async fn csv(
    app: &App,
    authority: &Authority,
    id: BroadcastId,
) -> Result<Option<Csv>, NotRead> {
    authority.must(Power::BroadcastsRead)?;
    let first = in_turn(list(app, authority, id, None, false, AT_ONCE)).await?;
    let Some((first, more)) = first else { return Ok(None) };
    let after = first.last().map(|last| last.place).filter(|_| more);
    let rows: String = first.iter().map(written).collect();
    let going = Going { app: app.clone(), authority: authority.clone(), id, after };
    let rest = stream::unfold(going, |mut going| async move {
        let after = Some(going.after.take()?);
        let page = list(&going.app, &going.authority, going.id, after, false, AT_ONCE);
        match in_turn(page).await {
            Ok(found) => {
                // It may have been removed meanwhile.
                let (found, more) = found.unwrap_or_default();
                going.after = found.last().map(|last| last.place).filter(|_| more);
                Some((Ok(found.iter().map(written).collect()), going))
            }
            Err(error) => Some((Err(error), going)),
        }
    });
    Ok(Some(stream::once(ready(Ok(row(&COLUMNS) + &rows))).chain(rest).boxed()))
}

fn written(one: &BroadcastRecipient) -> String {
    row(&[
        one.place.to_string(),
        one.number.clone(),
        one.left_out.map(|why| why.to_string()).unwrap_or_default(),
        one.message.map(|message| message.to_string()).unwrap_or_default(),
        one.state.map(|state| state.to_string()).unwrap_or_default(),
    ])
}
