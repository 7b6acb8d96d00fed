//! From the broker to the hub, while somebody watches.
//!
//! Plain subscriptions, not durable ones: what is lost while nobody listens is in the database, and a
//! page that is loaded anew shows it.

use std::time::Duration;

use bus::{Bus, Event, SubscribeError, Subscription};
use contracts::batch::MtBatch;
use contracts::mt::MtRequest;
use contracts::talk::Talked;
use contracts::{Filter, Subject};
use futures_util::FutureExt as _;
use tokio::sync::watch;

use super::{Heard, Hub};

/// Listens whenever somebody wants news.
pub(crate) async fn listen(bus: Bus, hub: Hub) {
    loop {
        hub.demand().wanted().await;
        tokio::select! {
            () = hear(&bus, &hub) => {}
            () = hub.demand().unwanted() => {}
        }
    }
}

/// Tells the hub what passes by.
async fn hear(bus: &Bus, hub: &Hub) {
    let mut connection = bus.connection();
    let mut ears = loop {
        connected(&mut connection).await;
        match Ears::open(bus).await {
            Ok(ears) => break ears,
            Err(error) => tracing::warn!(%error, "open pages are not told what happens"),
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    };
    hub.begin();
    loop {
        tokio::select! {
            heard = ears.next() => match heard {
                Some(heard) => hub.hear(heard),
                // The connection was closed for good: the program ends.
                None => return std::future::pending().await,
            },
            _ = connection.changed() => {
                connected(&mut connection).await;
                // What happened meanwhile was not heard.
                hub.begin();
            }
        }
    }
}

async fn connected(connection: &mut watch::Receiver<bool>) {
    if connection.wait_for(|connected| *connected).await.is_err() {
        std::future::pending::<()>().await;
    }
}

const RECEIVED: Filter = Filter::Only(Subject::MoReceived);
const TALKED: Filter = Filter::Only(Talked::SUBJECT);

/// What is listened to.
struct Ears {
    /// Apart from the rest, so that it is behind nothing.
    otp: Subscription<Event>,
    requests: Subscription<MtRequest>,
    batches: Subscription<MtBatch>,
    sent: Subscription<Event>,
    /// What no stream keeps.
    passing: Subscription<Event>,
    received: Subscription<Event>,
    talked: Subscription<Talked>,
    /// An event that comes after all that has passed before it.
    next: Option<Heard>,
}

impl Ears {
    /// Returns when the broker knows of it, so that nothing that is published later is missed.
    async fn open(bus: &Bus) -> Result<Self, SubscribeError> {
        let (otp, requests, batches, passing, sent, received, talked) = tokio::try_join!(
            bus.subscribe(&Filter::OtpEvents),
            bus.subscribe(&Filter::MtRequests),
            bus.subscribe(&Filter::MtBatches),
            bus.subscribe(&Filter::MtLive),
            bus.subscribe(&Filter::MtEvents),
            bus.subscribe(&RECEIVED),
            bus.subscribe(&TALKED),
        )?;
        Ok(Self { otp, requests, batches, passing, sent, received, talked, next: None })
    }

    async fn next(&mut self) -> Option<Heard> {
        if self.next.is_none() {
            self.next = self.any().await;
        }
        // A message is told to be with a modem before it is told to be sent.
        match self.passing.next_unread().now_or_never() {
            Some(Some(before)) => Some(Heard::Event(before)),
            _ => self.next.take(),
        }
    }

    async fn any(&mut self) -> Option<Heard> {
        let Self { otp, requests, batches, passing, sent, received, talked, .. } = self;
        let others = async {
            tokio::select! {
                request = requests.next_unread() => request.map(Heard::Request),
                batch = batches.next_unread() => batch.map(Heard::Batch),
                event = passing.next_unread() => event.map(Heard::Event),
                event = sent.next_unread() => event.map(Heard::Event),
                event = received.next_unread() => event.map(Heard::Event),
                talked = talked.next_unread() => talked.map(Heard::Talked),
            }
        };
        tokio::select! {
            biased;
            event = otp.next_unread() => event.map(Heard::Event),
            heard = others => heard,
        }
    }
}
