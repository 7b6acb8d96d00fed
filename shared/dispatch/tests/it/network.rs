//! A network in memory, and binds by which messages reach it.

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use contracts::mt::SendError;
use contracts::{MessageId, ModemId, PoolId, SimId};
use dispatch::{Again, Carrier, Outcome, Submission};

/// A part as the network took it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Taken {
    pub(crate) message: MessageId,
    pub(crate) part: u8,
    /// The SIM that the part went out through.
    pub(crate) sim: SimId,
}

/// What the network does with what it is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mood {
    /// The network takes parts and answers.
    Answers,
    /// The network takes parts and does not answer.
    IsSilent,
    /// The network refuses one part, for which another try can help, and answers from then on.
    RefusesOnce,
}

/// A network in memory. Clones are the same network.
#[derive(Debug, Clone)]
pub(crate) struct Network(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    taken: Mutex<Vec<Taken>>,
    mood: Mutex<Mood>,
    references: AtomicU8,
}

impl Network {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Inner {
            taken: Mutex::default(),
            mood: Mutex::new(Mood::Answers),
            references: AtomicU8::new(1),
        }))
    }

    pub(crate) fn is_now(&self, mood: Mood) {
        *self.0.mood.lock().unwrap() = mood;
    }

    /// Returns what the network took, in order.
    pub(crate) fn taken(&self) -> Vec<Taken> {
        self.0.taken.lock().unwrap().clone()
    }

    /// Returns how often the network took a part of this message.
    pub(crate) fn times(&self, message: MessageId) -> usize {
        self.taken().iter().filter(|taken| taken.message == message).count()
    }

    async fn give(&self, taken: Taken) -> Outcome {
        let mood = *self.0.mood.lock().unwrap();
        if mood == Mood::RefusesOnce {
            self.is_now(Mood::Answers);
            let error = SendError { code: "busy".to_owned(), text: "Try later.".to_owned() };
            return Outcome::Refused { error, again: Again::Yes };
        }
        self.0.taken.lock().unwrap().push(taken);
        if mood == Mood::IsSilent {
            std::future::pending::<()>().await;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
        Outcome::Sent { reference: Some(self.0.references.fetch_add(1, Ordering::Relaxed)) }
    }
}

/// A way to the network: what a bind to a service centre would be.
#[derive(Debug)]
pub(crate) struct Bind {
    name: &'static str,
    network: Network,
}

impl Bind {
    pub(crate) fn new(name: &'static str, network: Network) -> Self {
        Self { name, network }
    }
}

impl Carrier for Bind {
    fn modem(&self) -> ModemId {
        ModemId::derived(self.name)
    }

    fn sim(&self) -> SimId {
        SimId::derived(self.name)
    }

    fn pool(&self) -> Option<PoolId> {
        Some(PoolId::default_pool())
    }

    fn is_ready(&self) -> bool {
        true
    }

    async fn changed(&mut self) {
        std::future::pending::<()>().await;
    }

    async fn submit(&self, submission: Submission<'_>) -> Outcome {
        let Submission { message, part, .. } = submission;
        self.network.give(Taken { message, part, sim: self.sim() }).await
    }
}
