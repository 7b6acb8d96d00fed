//! Deleting what is too old.

use std::time::Duration;

use contracts::Timestamp;
use platform::Clock;
use platform::config::{Period, Retention};
use store::{Cutoffs, Removed, Store};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// How often it is looked.
const EACH: Duration = Duration::from_hours(1);

/// Rows of a kind in one transaction: a hundredth of a second or two, so that no writer waits long for it.
const STEP: u32 = 200;

/// Until the soft shutdown. Of what webhooks were told, no more than so much is kept, even where everything else is for ever.
pub(crate) async fn run(config: Retention, store: Store, clock: Clock, soft: CancellationToken) {
    loop {
        let cutoffs = cutoffs(&config, clock.now());
        match remove(&store, &cutoffs, &soft).await {
            Ok(removed) if removed.total() > 0 => tracing::info!(
                messages = removed.messages,
                received = removed.received,
                callbacks = removed.callbacks,
                "deleted what is older than the retention allows"
            ),
            Ok(_) => {}
            Err(error) => tracing::warn!("deleting what is old is put off for an hour: {error}"),
        }
        tokio::select! {
            () = soft.cancelled() => return,
            () = tokio::time::sleep(EACH) => {}
        }
    }
}

fn cutoffs(config: &Retention, now: Timestamp) -> Cutoffs {
    // No time at all means for ever.
    let before = |period: Period| {
        let keep = period.duration();
        (!keep.is_zero()).then(|| now.minus(keep))
    };
    Cutoffs {
        messages: before(config.messages),
        timeline: before(config.timeline),
        callbacks: before(config.callbacks),
        tallies: before(config.tallies),
    }
}

/// Deletes step by step until nothing is left to delete, and rests as long as each step took: half of the time the disk is
/// for others.
async fn remove(
    store: &Store,
    cutoffs: &Cutoffs,
    soft: &CancellationToken,
) -> Result<Removed, store::StoreError> {
    let mut all = Removed::default();
    while !soft.is_cancelled() {
        let begun = Instant::now();
        let step = store.remove_old(cutoffs, STEP).await?;
        let told = store.remove_old_deliveries(cutoffs.callbacks, STEP).await?;
        if step.total() + told == 0 {
            break;
        }
        tokio::select! {
            () = soft.cancelled() => {}
            () = tokio::time::sleep(begun.elapsed()) => {}
        }
        all.messages += step.messages;
        all.batches += step.batches;
        all.broadcasts += step.broadcasts;
        all.received += step.received;
        all.threads += step.threads;
        all.lines += step.lines;
        all.reports += step.reports;
        all.modem_events += step.modem_events;
        all.callbacks += step.callbacks + told;
        all.tallies += step.tallies;
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zero_keeps_for_ever() {
        let day = Duration::from_hours(24);
        let config = Retention {
            messages: Period(Duration::ZERO),
            timeline: Period(day),
            callbacks: Period(day * 30),
            tallies: Period(day * 1_100),
        };
        let now = Timestamp::from_micros(1_790_000_000_000_000);
        let expected = Cutoffs {
            messages: None,
            timeline: Some(now.minus(day)),
            callbacks: Some(now.minus(day * 30)),
            tallies: Some(now.minus(day * 1_100)),
        };
        assert_eq!(cutoffs(&config, now), expected);
    }
}
