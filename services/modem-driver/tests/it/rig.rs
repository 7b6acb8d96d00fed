//! A real nats-server, simulated modems, and drivers that can be stopped, killed and started again.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bus::{Bus, Durable, Event, NatsConfig, Subscription};
use contracts::modem::ModemState;
use contracts::mt::{Dispatched, MtChange, MtEvent, MtItem, MtRequest};
use contracts::subject::Target;
use contracts::{Filter, MessageId, MtState, PoolId, Priority};
use modem_driver::usb::Roots;
use modem_driver::{Deps, Settings};
use modem_sim::{Simulation, SimulationConfig, Timing};
use platform::config::{Modems, SendMode};
use platform::{Clock, Shutdown};
use testkit::{NatsServer, wait_for};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Where messages go that are for nobody of the simulation.
pub(crate) const TO: &str = "+628123456789";

/// Everything but the drivers.
pub(crate) struct Rig {
    pub(crate) server: NatsServer,
    pub(crate) bus: Bus,
    pub(crate) sim: Simulation,
    pub(crate) dir: tempfile::TempDir,
    pub(crate) events: Events,
}

/// All events so far, in order, each that tells several apart: a report with the end of its message is a report.
#[derive(Clone, Default)]
pub(crate) struct Events {
    stored: Arc<Mutex<Vec<Event>>>,
    /// What was told live.
    live: Arc<Mutex<Vec<MtEvent>>>,
}

impl Rig {
    /// Returns a rig with so many modems that answer at once.
    pub(crate) async fn new(modems: usize) -> Self {
        Self::with(SimulationConfig::new(modems)).await
    }

    /// Returns a rig with so many modems, each submit of which takes this long.
    pub(crate) async fn slow(modems: usize, submit: Duration) -> Self {
        let timing = Timing { submit, ..Timing::INSTANT };
        Self::with(SimulationConfig::new(modems).timing(timing)).await
    }

    pub(crate) async fn with(simulation: SimulationConfig) -> Self {
        Self::on(NatsServer::start().await, simulation).await
    }

    pub(crate) async fn on(server: NatsServer, mut simulation: SimulationConfig) -> Self {
        // What happened, where a test fails: RUST_LOG=dispatch=debug,modem_driver=debug.
        let logs = tracing_subscriber::fmt()
            .with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
            .with_test_writer();
        let _ = logs.try_init();
        let dir = tempfile::tempdir().unwrap();
        if !simulation.tcp {
            simulation.dir = Some(dir.path().join("dev"));
        }
        let sim = Simulation::start(simulation, CancellationToken::new()).await.unwrap();
        let config = NatsConfig::new(server.url(), server.user(), server.password());
        let bus = Bus::connect(&config, "test", &CancellationToken::new()).await.unwrap();
        let events = Events::default();
        tokio::spawn(collect(bus.clone(), events.clone()));
        let passing = bus.subscribe::<MtEvent>(&Filter::MtLive).await.unwrap();
        tokio::spawn(listen(passing, events.clone()));
        Self { server, bus, sim, dir, events }
    }

    /// Settings with the ports of these modems.
    pub(crate) fn settings(&self, places: &[usize]) -> Settings {
        let ports = places
            .iter()
            .map(|place| self.sim.modem(*place).address().unwrap().to_string().parse().unwrap())
            .collect();
        let modems = Modems {
            ports,
            discover: false,
            ignore: vec![],
            baud: 0,
            pin: None,
            smsc: None,
            send: SendMode::Direct,
            hang_up: false,
            retry: ["50ms", "100ms", "200ms"].map(|wait| wait.parse().unwrap()).to_vec(),
            tries: 5,
            doubtful_tries: 3,
            models: None,
            host: None,
            port: vec![],
            balance: vec![],
        };
        Settings::new(modems)
    }

    /// Starts a driver for the modems at these places.
    pub(crate) async fn driver(&self, places: &[usize]) -> Running {
        self.driver_with(self.settings(places)).await
    }

    pub(crate) async fn driver_with(&self, settings: Settings) -> Running {
        self.driver_by(&self.server.url(), settings).await
    }

    /// Starts a driver that comes to the broker on this way.
    pub(crate) async fn driver_by(&self, url: &str, settings: Settings) -> Running {
        let config = NatsConfig::new(url.to_owned(), self.server.user(), self.server.password());
        let bus = Bus::connect(&config, "modem-driver", &CancellationToken::new()).await.unwrap();
        let roots = Roots { dev: self.path("dev"), sys: self.path("sys") };
        let deps = Deps { bus, roots, host: "testhost".to_owned(), clock: Clock::system() };
        let shutdown = Shutdown::new();
        let task = tokio::spawn(modem_driver::run(settings, deps, shutdown.clone()));
        Running { shutdown, task }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Dispatches a text to the default pool.
    pub(crate) async fn dispatch(&self, text: &str) -> MessageId {
        self.dispatch_with(Priority::Normal, text, |_| {}).await
    }

    pub(crate) async fn dispatch_with(
        &self,
        priority: Priority,
        text: &str,
        change: impl FnOnce(&mut MtItem),
    ) -> MessageId {
        let id = MessageId::new();
        let mut request = MtRequest::text(TO.parse().unwrap(), text);
        request.id = Some(id);
        let target = Target::Pool(PoolId::default_pool());
        let mut item =
            MtItem { id, priority, target, parts: 1, request, rule: None, others: Vec::new() };
        change(&mut item);
        self.bus.publish(&Dispatched(&item)).await.unwrap();
        id
    }

    /// Returns the states of all modems.
    pub(crate) async fn states(&self) -> Vec<ModemState> {
        let modems = self.bus.kv::<ModemState>(bus::Bucket::Modems).await.unwrap();
        modems.entries().await.unwrap().into_iter().map(|(_, entry)| entry.value).collect()
    }

    /// Waits until so many modems are online.
    pub(crate) async fn online(&self, count: usize) -> Vec<ModemState> {
        wait_for("the modems to be online", || async {
            let states = self.states().await;
            let online = states.iter().filter(|state| state.status.is_online()).count();
            (online == count).then_some(states)
        })
        .await
    }

    /// Waits until nothing is left to be sent.
    pub(crate) async fn queue_is_empty(&self) {
        wait_for("an empty queue", || async {
            let counts = self.bus.subject_counts(bus::Stream::Dispatch).await.unwrap();
            counts.values().all(|count| *count == 0).then_some(())
        })
        .await;
    }

    /// Returns how often the network took a text.
    pub(crate) fn times_sent(&self, text: &str) -> usize {
        self.sim.network().sent().iter().filter(|sent| sent.text() == text).count()
    }
}

async fn collect(bus: Bus, events: Events) {
    let mut deliveries = bus.consume::<Event>(&Durable::PersistenceEvents).await.unwrap();
    loop {
        let delivery = deliveries.next().await;
        {
            let mut stored = events.stored.lock().unwrap();
            match delivery.value.clone() {
                Event::Mt(MtEvent { report: Some(report), .. }) => stored.push(Event::Dlr(*report)),
                Event::Mt(event) => stored.extend(event.told_apart().map(Event::Mt)),
                other => stored.push(other),
            }
        }
        let _ = delivery.ack().await;
    }
}

async fn listen(mut passing: Subscription<MtEvent>, events: Events) {
    while let Some(event) = passing.next().await {
        events.live.lock().unwrap().push(event.value);
    }
}

impl Events {
    pub(crate) fn all(&self) -> Vec<Event> {
        self.stored.lock().unwrap().clone()
    }

    /// Returns what happened to one message and is stored, in order.
    pub(crate) fn of(&self, message: MessageId) -> Vec<MtChange> {
        let change = |event| match event {
            Event::Mt(event) if event.message == message => Some(event.change),
            _ => None,
        };
        self.all().into_iter().filter_map(change).collect()
    }

    /// Returns the states of one message, in order.
    pub(crate) fn states_of(&self, message: MessageId) -> Vec<MtState> {
        self.of(message).iter().map(MtChange::state).collect()
    }

    /// Waits for a message to come to a state, and returns how: live, or as it is stored.
    pub(crate) async fn until(&self, message: MessageId, state: MtState) -> MtChange {
        let what = format!("{message} to be {state}");
        let of_state = || async {
            let live = self.live.lock().unwrap().clone().into_iter();
            let live = live.filter(|event| event.message == message).map(|event| event.change);
            live.chain(self.of(message)).find(|change| change.state() == state)
        };
        wait_for(&what, of_state).await
    }

    /// Waits for an event that fits.
    pub(crate) async fn find<T>(&self, what: &str, fits: impl Fn(&Event) -> Option<T>) -> T {
        wait_for(what, || async { self.all().iter().find_map(&fits) }).await
    }
}

/// A driver that runs.
pub(crate) struct Running {
    pub(crate) shutdown: Shutdown,
    task: JoinHandle<Result<(), modem_driver::RunError>>,
}

impl Running {
    /// Ends the driver as if its process were killed: nothing is finished or said.
    pub(crate) async fn kill(self) {
        self.task.abort();
        let _ = self.task.await;
    }

    /// Stops the driver softly, and waits for its end.
    pub(crate) async fn stop(self) {
        self.shutdown.request();
        tokio::time::timeout(testkit::PATIENCE, self.task).await.unwrap().unwrap().unwrap();
    }
}
