//! Publishes from the spool what waited for the broker.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use bus::Backoff;

use crate::dispatch::Dispatch;
use crate::receive::inbound::{Inbound, NotPublished, Waits};

/// How long publishing from the spool waits: not for answers, so that a report whose message may still be answered
/// gives way to what came after it.
const FROM_SPOOL: Waits =
    Waits { answer: Duration::ZERO, unmatched: false, broker: Duration::from_secs(10) };
/// When such a report is looked at again, if nothing else happens.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// Publishes what waits in the spool, in order, whenever something does. Only reports whose message may still be
/// answered let what came after them go first.
pub(crate) async fn run(dispatch: Arc<Dispatch>) {
    let mut standing = dispatch.spool.state();
    let mut connection = dispatch.bus.connection();
    let mut pauses = Backoff::of_millis(250, 10_000);
    let mut count = 0_u64;
    let mut due = HashSet::new();
    loop {
        // The connection's state lives as long as the bus.
        let _ = connection.wait_for(|connected| *connected).await;
        match publish_first(&dispatch, &mut due).await {
            Ok(Step::Published) => {
                pauses.reset();
                count += 1;
                due.clear();
            }
            Ok(Step::AnswerDue) => {}
            Ok(Step::Nothing) => {
                if due.is_empty() && std::mem::take(&mut count) > 0 {
                    tracing::info!("nothing waits in the spool any more");
                }
                pauses.reset();
                // The spool lives as long as the driver.
                let changed = standing.changed();
                if due.is_empty() {
                    let _ = changed.await;
                } else {
                    let _ = tokio::time::timeout(LOOK_AGAIN, changed).await;
                    due.clear();
                }
            }
            Err(why) => {
                tracing::warn!("the records in the spool stay there: {why}");
                pauses.wait().await;
            }
        }
    }
}

/// What became of the foremost record of the spool.
enum Step {
    Published,
    /// The record waits for an answer, and the one after it is next.
    AnswerDue,
    /// There is no record beside those that wait for an answer.
    Nothing,
}

/// Publishes the oldest record that does not wait for an answer, as those at `due` do.
async fn publish_first(dispatch: &Arc<Dispatch>, due: &mut HashSet<u64>) -> Result<Step, String> {
    let first = dispatch.spool.first_beside(due.clone()).await;
    let Some(first) = first.map_err(|error| error.to_string())? else { return Ok(Step::Nothing) };
    let outstanding = dispatch.outstanding_of(first.record.modem());
    let inbound = Inbound::new(dispatch.clone(), outstanding);
    let matched = match inbound.publish(&first.record, FROM_SPOOL).await {
        Err(NotPublished::AnswerDue) => {
            due.insert(first.at());
            return Ok(Step::AnswerDue);
        }
        other => other.map_err(|error| error.to_string())?,
    };
    if let Some(matched) = &matched {
        inbound.make_certain(matched).await;
    }
    dispatch.spool.published(&first).await.map_err(|error| error.to_string())?;
    if let Some(matched) = &matched {
        inbound.settle(matched);
    }
    Ok(Step::Published)
}
