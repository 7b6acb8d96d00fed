//! Waiting for what persistence writes, without looking again and again.
//!
//! Persistence tells live which messages it wrote, and the portal listens to that while somebody waits. Who waits looks
//! at the database before and after each time that it is told, and by itself ever more seldom: what is told live may be
//! lost, and a persistence of an earlier release tells nothing.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bus::Bus;
use contracts::MessageId;
use contracts::written::Written;
use tokio::sync::watch;

use crate::demand::Demand;

/// How soon one looks again though nothing was told; then twice as late each time.
const FIRST_LOOK: Duration = Duration::from_millis(250);

/// Who waits for which message; clones are the same.
#[derive(Debug, Clone)]
pub(crate) struct Rows(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    waited_for: Mutex<HashMap<MessageId, WaitedFor>>,
    demand: Demand,
}

#[derive(Debug)]
struct WaitedFor {
    by: usize,
    written: watch::Sender<u64>,
}

/// Waits for one message; ends when it is dropped.
#[derive(Debug)]
pub(crate) struct Row {
    rows: Rows,
    message: MessageId,
    written: watch::Receiver<u64>,
    next_look: Duration,
}

impl Rows {
    /// Nobody waits.
    pub(crate) fn new() -> Self {
        Self(Arc::new(Shared { waited_for: Mutex::default(), demand: Demand::new() }))
    }

    /// Begins to wait for a message. What is written from now on is told.
    pub(crate) async fn of(&self, message: MessageId, bus: &Bus) -> Row {
        let written = {
            let mut waited_for = self.lock();
            let one = waited_for
                .entry(message)
                .or_insert_with(|| WaitedFor { by: 0, written: watch::Sender::new(0) });
            one.by += 1;
            one.written.subscribe()
        };
        self.0.demand.join();
        let row = Row { rows: self.clone(), message, written, next_look: FIRST_LOOK };
        // Nobody listens while the broker is away; then it is looked by time.
        if bus.is_connected() {
            let _ = self.0.demand.heard().await;
        }
        row
    }

    /// Listens whenever somebody waits.
    pub(crate) async fn listen(self, bus: Bus) {
        loop {
            self.0.demand.wanted().await;
            tokio::select! {
                () = self.hear(&bus) => {}
                () = self.0.demand.unwanted() => {}
            }
        }
    }

    async fn hear(&self, bus: &Bus) {
        let mut connection = bus.connection();
        let mut written = loop {
            // It ends with the program.
            if connection.wait_for(|connected| *connected).await.is_err() {
                return std::future::pending::<()>().await;
            }
            match bus.subscribe::<Written>(&Written::SUBJECT.into()).await {
                Ok(written) => break written,
                Err(error) => tracing::warn!(%error, "what persistence writes is not heard"),
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        };
        self.0.demand.listens();
        while let Some(hint) = written.next().await {
            let waited_for = self.lock();
            for one in hint.value.messages.iter().filter_map(|id| waited_for.get(id)) {
                one.written.send_modify(|times| *times = times.wrapping_add(1));
            }
        }
        // The connection was closed for good: the program ends.
        std::future::pending::<()>().await;
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<MessageId, WaitedFor>> {
        self.0.waited_for.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Row {
    /// Returns when it is time to look again: something was written since this was called last, or it is long that it was
    /// looked.
    pub(crate) async fn changed(&mut self) {
        match tokio::time::timeout(self.next_look, self.written.changed()).await {
            Ok(_) => self.next_look = FIRST_LOOK,
            Err(_) => self.next_look = self.next_look.saturating_mul(2),
        }
    }
}

impl Drop for Row {
    fn drop(&mut self) {
        let mut waited_for = self.rows.lock();
        if let Some(one) = waited_for.get_mut(&self.message) {
            one.by -= 1;
            if one.by == 0 {
                waited_for.remove(&self.message);
            }
        }
        drop(waited_for);
        self.rows.0.demand.leave();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// However much is written, who waits looks again once for what is written of their own message.
    #[tokio::test]
    async fn one_looks_again_for_what_is_written_of_one_s_own_message() {
        let server = testkit::NatsServer::start().await;
        let settings = bus::NatsConfig::new(server.url(), server.user(), server.password());
        let stop = tokio_util::sync::CancellationToken::new();
        let bus = Bus::connect(&settings, "test", &stop).await.unwrap();
        let rows = Rows::new();
        tokio::spawn(rows.clone().listen(bus.clone()));
        let mine = MessageId::new();
        let mut row = rows.of(mine, &bus).await;
        assert!(rows.0.demand.is_heard());
        row.next_look = Duration::from_hours(1);
        for times in [1, 10, 100] {
            for _ in 0..times {
                let messages = (0..100).map(|_| MessageId::new()).collect();
                bus.hint(&Written::SUBJECT, &Written { messages }).await;
            }
            bus.hint(&Written::SUBJECT, &Written { messages: vec![mine] }).await;
            let changed = tokio::time::timeout(testkit::PATIENCE, row.changed());
            changed.await.expect("it is told");
            assert!(!row.written.has_changed().unwrap(), "once");
            row.next_look = Duration::from_hours(1);
        }
        drop(row);
        assert!(rows.lock().is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn what_nobody_tells_is_looked_at_ever_more_seldom() {
        let told = watch::Sender::new(0);
        let (rows, message) = (Rows::new(), MessageId::new());
        let written = told.subscribe();
        let mut row = Row { rows, message, written, next_look: FIRST_LOOK };
        let begun = tokio::time::Instant::now();
        let mut looks = 0;
        while begun.elapsed() < Duration::from_secs(20) {
            row.changed().await;
            looks += 1;
        }
        assert_eq!(looks, 7);
    }
}
