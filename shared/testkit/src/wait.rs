//! Waiting for something to happen, with an end.

use std::future::Future;
use std::time::Duration;

/// How long a test waits for something that will happen: long enough for two busy cores.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// Asks `probe` again and again until it has a value, at most [`PATIENCE`] long.
///
/// `what` says what is waited for; it stands in the panic when it does not come.
pub async fn wait_for<T, F, Fut>(what: &str, probe: F) -> T
where
    F: FnMut() -> Fut,
    Fut: Future<Output = Option<T>>,
{
    wait_for_within(PATIENCE, what, probe).await
}

/// Like [`wait_for`], with its own patience.
///
/// # Panics
/// When `patience` is over.
pub async fn wait_for_within<T, F, Fut>(patience: Duration, what: &str, mut probe: F) -> T
where
    F: FnMut() -> Fut,
    Fut: Future<Output = Option<T>>,
{
    let look = async {
        loop {
            if let Some(value) = probe().await {
                return value;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let found = tokio::time::timeout(patience, look).await.ok();
    found.unwrap_or_else(|| panic!("waited {patience:?} in vain for {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn it_returns_what_came() {
        let mut asked = 0;
        let value = wait_for("the third question", || {
            asked += 1;
            let answer = (asked == 3).then_some(asked);
            async move { answer }
        })
        .await;
        assert_eq!(value, 3);
    }

    #[tokio::test]
    #[should_panic(expected = "in vain for the impossible")]
    async fn it_says_what_did_not_come() {
        wait_for_within(Duration::from_millis(30), "the impossible", || async { None::<()> }).await;
    }
}
