//! Gives messages that a version before wrote the words by which they are found.

use std::time::Duration;

use store::Store;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// How often it is looked: a copy of the version before may still be writing.
const EACH: Duration = Duration::from_hours(1);
/// Messages in one transaction: a hundredth of a second or two, so that no writer waits long for it.
const STEP: u32 = 200;

/// Until the soft shutdown. Rests as long as each step took: half of the time the database is for others.
pub(crate) async fn run(store: Store, soft: CancellationToken) {
    loop {
        let mut given = 0;
        let rest = loop {
            let begun = Instant::now();
            match store.give_words(STEP).await {
                Ok(0) => break EACH,
                Ok(some) => given += some,
                Err(error) => {
                    tracing::warn!("messages of before are put off for an hour: {error}");
                    break EACH;
                }
            }
            if soft.run_until_cancelled(tokio::time::sleep(begun.elapsed())).await.is_none() {
                return;
            }
        };
        if given > 0 {
            tracing::info!(messages = given, "messages of before can be searched for now");
        }
        if soft.run_until_cancelled(tokio::time::sleep(rest)).await.is_none() {
            return;
        }
    }
}
