//! Gives messages the words by which they are found, and their place in conversations, that were written without: by a version before, or because many were
//! written at once; and counts those that are not counted, which a version before wrote or which were brought as history. While more of them come, those who write have the database to themselves.

use std::sync::Arc;
use std::time::Duration;

use store::Store;
use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;

/// How often it is looked without being told: a copy of the version before may still be writing.
const EACH: Duration = Duration::from_hours(1);
/// It begins when nothing was written without words for so long.
const LULL: Duration = Duration::from_secs(1);
/// It begins however many are being written, after so long.
const PATIENCE: Duration = Duration::from_secs(10);
/// Messages in one transaction: a hundredth of a second or two, so that no writer waits long for it.
const STEP: u32 = 200;

/// Until the soft shutdown. `wordless` is told when messages were written without words.
pub(crate) async fn run(store: Store, wordless: Arc<Notify>, soft: CancellationToken) {
    let give = async {
        loop {
            let mut given = 0;
            let rest = loop {
                let begun = Instant::now();
                let step = async {
                    let words = store.give_words(STEP).await?;
                    let places = store.give_conversations(STEP).await?;
                    Ok::<_, store::StoreError>(words + places + store.give_tallies(STEP).await?)
                };
                match step.await {
                    Ok(0) => break EACH,
                    Ok(some) => given += some,
                    Err(error) => {
                        tracing::warn!(
                            "what cannot be found yet, or is not counted, is put off: {error}"
                        );
                        break EACH;
                    }
                }
                // Half of the time the database is for others, and all of it while more come.
                tokio::time::sleep(begun.elapsed()).await;
                lull(&wordless, Instant::now()).await;
            };
            if given > 0 {
                tracing::debug!(given, "words, places in conversations and counts were given");
            }
            if timeout_at(Instant::now() + rest, wordless.notified()).await.is_ok() {
                lull(&wordless, Instant::now() + LULL).await;
            }
        }
    };
    soft.run_until_cancelled(give).await;
}

/// Waits until nothing was written without words before `end`, which each such writing puts off, within bounds.
async fn lull(wordless: &Notify, mut end: Instant) {
    let at_most = Instant::now() + PATIENCE;
    while timeout_at(end.min(at_most), wordless.notified()).await.is_ok() {
        end = Instant::now() + LULL;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn waited(writes: u32) -> Duration {
        let (wordless, begun) = (Notify::new(), Instant::now());
        let write = async {
            for _ in 0..writes {
                tokio::time::sleep(LULL / 2).await;
                wordless.notify_one();
            }
            std::future::pending::<()>().await;
        };
        tokio::select! {
            () = lull(&wordless, begun + LULL) => begun.elapsed(),
            () = write => unreachable!("it never ends"),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn it_waits_while_more_come_but_not_for_ever() {
        assert_eq!(waited(0).await, LULL);
        assert_eq!(waited(4).await, LULL * 3);
        assert_eq!(waited(1_000).await, PATIENCE);
    }
}
