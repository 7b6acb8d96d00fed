//! A real nats-server, a network in memory, and runs of drivers that can be killed.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bus::{Bus, Durable, Event, NatsConfig};
use contracts::mt::{Dispatched, MtChange, MtEvent, MtItem, MtRequest};
use contracts::subject::Target;
use contracts::{Filter, MessageId, MtState, PoolId, Priority, Timestamp};
use dispatch::{Carrier as _, Dispatch, Inbound, RetryPolicy, Sender, SpoolLimits, Surroundings};
use platform::Clock;
use testkit::{NatsServer, wait_for};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::network::{Bind, Network};

/// Who all messages are for.
pub(crate) const TO: &str = "+628123456789";

/// Everything but the runs.
pub(crate) struct Rig {
    pub(crate) server: NatsServer,
    pub(crate) bus: Bus,
    pub(crate) network: Network,
    pub(crate) dir: tempfile::TempDir,
    events: Arc<Mutex<Vec<Event>>>,
    /// What was told live.
    live: Arc<Mutex<Vec<MtEvent>>>,
}

impl Rig {
    pub(crate) async fn new() -> Self {
        // What happened, where a test fails: RUST_LOG=dispatch=debug.
        let logs = tracing_subscriber::fmt()
            .with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
            .with_test_writer();
        let _ = logs.try_init();
        let server = NatsServer::start().await;
        let bus = connect(&server, &server.url()).await;
        let events: Arc<Mutex<Vec<Event>>> = Arc::default();
        let (reading, seen) = (bus.clone(), events.clone());
        tokio::spawn(async move {
            let mut deliveries =
                reading.consume::<Event>(&Durable::PersistenceEvents).await.unwrap();
            loop {
                let delivery = deliveries.next().await;
                seen.lock().unwrap().push(delivery.value.clone());
                let _ = delivery.ack().await;
            }
        });
        let mut passing = bus.subscribe::<MtEvent>(&Filter::MtLive).await.unwrap();
        let live: Arc<Mutex<Vec<MtEvent>>> = Arc::default();
        let heard = live.clone();
        tokio::spawn(async move {
            while let Some(event) = passing.next().await {
                heard.lock().unwrap().push(event.value);
            }
        });
        let dir = tempfile::tempdir().unwrap();
        Self { server, bus, network: Network::new(), dir, events, live }
    }

    /// Starts a run that has the binds of these names.
    pub(crate) async fn run(&self, names: &[&'static str]) -> Run {
        self.run_by(Clock::system(), names).await
    }

    /// Starts a run that goes by this clock.
    pub(crate) async fn run_by(&self, clock: Clock, names: &[&'static str]) -> Run {
        self.run_on(&self.server.url(), clock, Duration::from_millis(50), names).await
    }

    /// Starts a run that comes to the broker on this way, and tries again after `wait`.
    pub(crate) async fn run_on(
        &self,
        url: &str,
        clock: Clock,
        wait: Duration,
        names: &[&'static str],
    ) -> Run {
        let surroundings = Surroundings {
            bus: connect(&self.server, url).await,
            host: "testhost".to_owned(),
            state: Some(self.state()),
            spool: SpoolLimits::default(),
            clock,
        };
        let (dispatch, upkeep) = Dispatch::open(surroundings).await.unwrap();
        let (mut inbound, mut tasks) = (HashMap::new(), JoinSet::new());
        upkeep.start(&mut tasks);
        let retry = RetryPolicy { waits: vec![wait], ..RetryPolicy::default() };
        for name in names {
            let carrier = Bind::new(name, self.network.clone());
            let modem = carrier.modem();
            let stop = CancellationToken::new();
            // As a port that is locked: a killed run is followed at once.
            let port = Some((*name).to_owned());
            let (lease, keeping) = dispatch.lease(modem, port, stop.clone());
            tasks.spawn(keeping);
            let outstanding = dispatch.serves(modem);
            inbound.insert(*name, Inbound::new(dispatch.clone(), outstanding.clone()));
            let (dispatch, retry) = (dispatch.clone(), retry.clone());
            let sender = Sender::new(dispatch, carrier, lease, outstanding, retry, stop);
            tasks.spawn(sender.run());
        }
        Run { inbound, tasks }
    }

    pub(crate) fn state(&self) -> PathBuf {
        self.dir.path().to_owned()
    }

    /// Dispatches a text to the default pool.
    pub(crate) async fn dispatch(&self, text: &str) -> MessageId {
        self.dispatch_until(text, None).await
    }

    /// Dispatches a text whose time is over at `not_after`.
    pub(crate) async fn dispatch_until(
        &self,
        text: &str,
        not_after: Option<Timestamp>,
    ) -> MessageId {
        let id = MessageId::new();
        let mut request = MtRequest::text(TO.parse().unwrap(), text);
        request.id = Some(id);
        request.not_after = not_after;
        let target = Target::Pool(PoolId::default_pool());
        let item = MtItem {
            id,
            priority: Priority::Normal,
            target,
            parts: 1,
            request,
            rule: None,
            others: Vec::new(),
        };
        self.bus.publish(&Dispatched(&item)).await.unwrap();
        id
    }

    /// Waits until the network has taken so many parts.
    pub(crate) async fn taken(&self, count: usize) {
        let taken = || async { (self.network.taken().len() >= count).then_some(()) };
        wait_for("the network to take the parts", taken).await;
    }

    /// Waits for a message to come to a state, and returns how.
    pub(crate) async fn until(&self, message: MessageId, state: MtState) -> MtChange {
        let what = format!("{message} to be {state}");
        self.find(&what, |event| match event {
            Event::Mt(event) if event.message == message && event.change.state() == state => {
                Some(event.change.clone())
            }
            _ => None,
        })
        .await
    }

    /// Returns the states of a message that were stored so far, in order; an event that tells several has one.
    pub(crate) fn states_of(&self, message: MessageId) -> Vec<MtState> {
        self.events_of(message).iter().map(|event| event.change.state()).collect()
    }

    /// Returns the events of a message that were stored so far, in order.
    pub(crate) fn events_of(&self, message: MessageId) -> Vec<MtEvent> {
        let of_it = |event: &Event| match event {
            Event::Mt(event) if event.message == message => Some(event.clone()),
            _ => None,
        };
        self.events.lock().unwrap().iter().filter_map(of_it).collect()
    }

    /// Returns what was told live of a message so far, in order.
    pub(crate) fn live_of(&self, message: MessageId) -> Vec<MtEvent> {
        let live = self.live.lock().unwrap();
        live.iter().filter(|event| event.message == message).cloned().collect()
    }

    /// Returns what the reports that were told on their own are about.
    pub(crate) fn dlrs(&self) -> Vec<(Option<MessageId>, Option<u8>)> {
        let about = |event: &Event| match event {
            Event::Dlr(dlr) => Some((dlr.message, dlr.part)),
            _ => None,
        };
        self.events.lock().unwrap().iter().filter_map(about).collect()
    }

    /// Waits for an event that fits.
    async fn find<T>(&self, what: &str, fits: impl Fn(&Event) -> Option<T>) -> T {
        wait_for(what, || async { self.events.lock().unwrap().iter().find_map(&fits) }).await
    }

    /// Waits until nothing is left to be sent.
    pub(crate) async fn queue_is_empty(&self) {
        wait_for("an empty queue", || async {
            let counts = self.bus.subject_counts(bus::Stream::Dispatch).await.unwrap();
            counts.values().all(|count| *count == 0).then_some(())
        })
        .await;
    }
}

async fn connect(server: &NatsServer, url: &str) -> Bus {
    let config = NatsConfig::new(url.to_owned(), server.user(), server.password());
    Bus::connect(&config, "test", &CancellationToken::new()).await.unwrap()
}

/// A run of a driver.
pub(crate) struct Run {
    inbound: HashMap<&'static str, Inbound>,
    tasks: JoinSet<()>,
}

impl Run {
    /// Returns what takes in what comes from the bind of this name.
    pub(crate) fn inbound(&self, name: &str) -> &Inbound {
        &self.inbound[name]
    }

    /// Ends the run as if the process were killed: nothing is finished or said.
    pub(crate) async fn kill(mut self) {
        self.tasks.shutdown().await;
    }
}
