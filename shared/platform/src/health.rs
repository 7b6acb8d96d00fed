//! Whether the gateway works: named checks, asked when somebody wants to know.
//!
//! Plain data, no HTTP: the portal serves it as `/healthz` (the process lives) and `/readyz` (it can
//! do its work), the CLI prints it.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::Serialize;

/// A check that takes longer has failed.
const LIMIT: Duration = Duration::from_secs(3);

type Answer = Pin<Box<dyn Future<Output = Result<(), String>> + Send>>;
type Check = Arc<dyn Fn() -> Answer + Send + Sync>;

/// The checks. Clones share them.
#[derive(Clone, Default)]
pub struct Health(Arc<Mutex<Vec<(&'static str, Check)>>>);

impl fmt::Debug for Health {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.checks().iter().map(|(name, _)| name)).finish()
    }
}

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The check.
    pub name: &'static str,
    /// All is well.
    pub ok: bool,
    /// What is not, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

/// What all checks found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// All is well: `/readyz` answers 200.
    pub ready: bool,
    /// Check by check, in the order they were added.
    pub checks: Vec<Finding>,
}

impl Health {
    /// No checks yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a check. It answers `Err` with words for people; one of the same name takes its place.
    pub fn add<F, Fut>(&self, name: &'static str, check: F)
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), String>> + Send + 'static,
    {
        let check: Check = Arc::new(move || Box::pin(check()));
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|(other, _)| *other != name);
        all.push((name, check));
    }

    /// Asks all checks, at once.
    pub async fn report(&self) -> Report {
        let asked: Vec<_> = self
            .checks()
            .into_iter()
            .map(|(name, check)| {
                let answer = tokio::spawn(tokio::time::timeout(LIMIT, check()));
                (name, answer)
            })
            .collect();
        let mut checks = Vec::with_capacity(asked.len());
        for (name, answer) in asked {
            let problem = match answer.await {
                Ok(Ok(Ok(()))) => None,
                Ok(Ok(Err(words))) => Some(words),
                Ok(Err(_)) => Some(format!("no answer within {} s", LIMIT.as_secs())),
                Err(_) => Some("the check itself failed".to_owned()),
            };
            checks.push(Finding { name, ok: problem.is_none(), problem });
        }
        Report { ready: checks.iter().all(|finding| finding.ok), checks }
    }

    fn checks(&self) -> Vec<(&'static str, Check)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn one_bad_check_is_enough() {
        let health = Health::new();
        assert!(health.report().await.ready);
        health.add("nats", || async { Ok(()) });
        health.add("database", || async { Err("the disk is full".to_owned()) });
        health.add("slow", || async {
            std::future::pending::<()>().await;
            Ok(())
        });
        let report = health.report().await;
        assert!(!report.ready);
        assert_eq!(report.checks[0], Finding { name: "nats", ok: true, problem: None });
        assert_eq!(report.checks[1].problem.as_deref(), Some("the disk is full"));
        assert_eq!(report.checks[2].problem.as_deref(), Some("no answer within 3 s"));
        health.add("database", || async { Ok(()) });
        assert_eq!(health.report().await.checks.len(), 3);
    }
}
