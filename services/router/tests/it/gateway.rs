//! A broker, a router on it, and what stands around them: senders, modems, a reader of events.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use bus::{Bucket, Bus, Deliveries, Durable, Event, NatsConfig, Wait};
use contracts::config_kv::LimitedAccount;
use contracts::modem::{ModemState, ModemStatus, SimState};
use contracts::mt::{MtChange, MtEvent, MtItem, MtRequest, PrioritisedRequest, SentPart, Through};
use contracts::subject::Target;
use contracts::{
    MessageId, ModemId, MtState, OrgId, PhoneNumber, PoolId, Priority, SimId, Timestamp, UserId,
};
use numbering::Plan;
use platform::config::{Period, Rate, Router};
use platform::{Clock, Shutdown};
use testkit::{NatsProxy, NatsServer};
use tokio::task::JoinHandle;

pub(crate) struct Gateway {
    pub(crate) nats: NatsServer,
    pub(crate) bus: Bus,
    events: Deliveries<Event>,
    apart: VecDeque<Event>,
    router: Option<(JoinHandle<()>, Shutdown)>,
    numbers: Plan,
    recipient: Option<Rate>,
    /// How long a SIM is away before what waits for it takes another way, for routers that are started from now on.
    pub(crate) grace: Duration,
}

pub(crate) fn config() -> Router {
    Router {
        max_parts: 10,
        expire_after: Period(Duration::from_hours(1)),
        depth: 2,
        parts_timeout: Period(Duration::from_mins(30)),
        doubles: Period(Duration::ZERO),
        stop_words: vec!["STOP".to_owned()],
        start_words: vec!["START".to_owned()],
    }
}

pub(crate) fn pool() -> Target {
    Target::Pool(PoolId::default_pool())
}

pub(crate) fn to() -> PhoneNumber {
    PhoneNumber::parse("+628123456789").unwrap()
}

impl Gateway {
    pub(crate) async fn start() -> Self {
        Self::start_with(config()).await
    }

    pub(crate) async fn start_with(config: Router) -> Self {
        Self::start_by(config, Plan::default(), None).await
    }

    /// Starts a gateway that has a home country and sends to it alone.
    pub(crate) async fn start_at_home(country: &str) -> Self {
        let home = Some(country.parse().unwrap());
        Self::start_by(config(), Plan { home, short_codes: true, ..Plan::default() }, None).await
    }

    /// Starts a gateway that sends so many messages to one number.
    pub(crate) async fn start_for_recipients(recipient: &str) -> Self {
        Self::start_by(config(), Plan::default(), Some(recipient.parse().unwrap())).await
    }

    /// Starts a gateway in which an account has these limits, in JSON, before its router starts.
    pub(crate) async fn start_limited(config: Router, account: UserId, limits: &str) -> Self {
        let mut gateway = Self::start_with(config.clone()).await;
        gateway.limit(account, limits).await;
        gateway.stop_router().await;
        gateway.start_router(config).await;
        gateway
    }

    /// Sets the limits of an account, in JSON.
    pub(crate) async fn limit(&self, account: UserId, limits: &str) {
        let kv = self.bus.kv::<LimitedAccount>(Bucket::Config).await.unwrap();
        let limits = serde_json::from_str(limits).unwrap();
        let setting = LimitedAccount { org: OrgId::default_org(), limits };
        kv.put(&LimitedAccount::key(account), &setting).await.unwrap();
    }

    async fn start_by(config: Router, numbers: Plan, recipient: Option<Rate>) -> Self {
        let nats = NatsServer::start().await;
        let bus = connect(&nats).await;
        let events = bus.consume(&Durable::PersistenceEvents).await.unwrap();
        let (apart, router, grace) = (VecDeque::new(), None, router::GRACE);
        let mut gateway = Self { nats, bus, events, apart, router, numbers, recipient, grace };
        gateway.start_router(config).await;
        gateway
    }

    /// Starts a router with a connection of its own.
    pub(crate) async fn start_router(&mut self, config: Router) {
        self.start_router_by(Clock::system(), config).await;
    }

    /// Starts a router that takes the time of day from `clock`.
    pub(crate) async fn start_router_by(&mut self, clock: Clock, config: Router) {
        let shutdown = Shutdown::new();
        let bus = connect(&self.nats).await;
        let (numbers, recipient, grace) = (self.numbers.clone(), self.recipient, self.grace);
        let deps = router::Deps { bus, clock, numbers, recipient, grace };
        self.router = Some((run_router(config, deps, shutdown.clone()), shutdown));
    }

    /// Starts another copy of the router, whose connection goes through a proxy.
    pub(crate) async fn second_router(&self, proxy: &NatsProxy) -> Second {
        let config = NatsConfig::new(proxy.url(), self.nats.user(), self.nats.password());
        let config = config.redelivering_within(REDELIVERY);
        let bus = Bus::connect(&config, "second", &Shutdown::new().soft).await.unwrap();
        let shutdown = Shutdown::new();
        let (clock, numbers) = (Clock::system(), self.numbers.clone());
        let (recipient, grace) = (self.recipient, self.grace);
        let deps = router::Deps { bus, clock, numbers, recipient, grace };
        let task = run_router(crate::gateway::config(), deps, shutdown.clone());
        Second { task, shutdown }
    }

    /// Lets the broker forget the ids of what it stored in a stream, as it does when their time is over.
    pub(crate) async fn forget_ids(&self, stream: bus::Stream) {
        let js = async_nats::jetstream::new(self.bus.client().clone());
        let info = js.get_stream(stream.as_str()).await.unwrap().cached_info().clone();
        let short = async_nats::jetstream::stream::Config {
            duplicate_window: Duration::from_millis(100),
            ..info.config
        };
        js.update_stream(short).await.unwrap();
    }

    /// How many messages a stream ever took.
    pub(crate) async fn taken(&self, stream: bus::Stream) -> u64 {
        let js = async_nats::jetstream::new(self.bus.client().clone());
        js.get_stream(stream.as_str()).await.unwrap().cached_info().state.last_sequence
    }

    /// Stops the router in peace.
    pub(crate) async fn stop_router(&mut self) {
        let (task, shutdown) = self.router.take().unwrap();
        shutdown.request();
        tokio::time::timeout(testkit::PATIENCE, task).await.unwrap().unwrap();
    }

    /// Ends the router at once, in the middle of whatever it does.
    pub(crate) async fn kill_router(&mut self) {
        let (task, shutdown) = self.router.take().unwrap();
        shutdown.hard.cancel();
        task.abort();
        let _ = task.await;
    }

    pub(crate) async fn request(&self, priority: Priority, mut request: MtRequest) -> MessageId {
        let id = *request.id.get_or_insert_with(MessageId::new);
        self.bus.publish(&PrioritisedRequest { priority, request: &request }).await.unwrap();
        id
    }

    /// Requests of one account, in order.
    pub(crate) async fn request_many(
        &self,
        account: UserId,
        priority: Priority,
        count: usize,
    ) -> Vec<MessageId> {
        let mut ids = Vec::new();
        for n in 0..count {
            let mut request = MtRequest::text(to(), format!("message {n}"));
            request.owner = account;
            ids.push(self.request(priority, request).await);
        }
        ids
    }

    pub(crate) async fn modem(&self, name: &str, status: ModemStatus) {
        let state = modem(name, status);
        let kv = self.bus.kv::<ModemState>(Bucket::Modems).await.unwrap();
        kv.put(&state.id.to_string(), &state).await.unwrap();
    }

    /// The next event that `wanted` makes something of.
    pub(crate) async fn event<T>(&mut self, mut wanted: impl FnMut(&Event) -> Option<T>) -> T {
        let look = async {
            loop {
                // An event that tells two things counts as both, as in the history.
                while let Some(event) = self.apart.pop_front() {
                    if let Some(found) = wanted(&event) {
                        return found;
                    }
                }
                let (event, receipt) = self.events.next().await.into_parts();
                match event {
                    Event::Mt(event) => self.apart.extend(event.told_apart().map(Event::Mt)),
                    event => self.apart.push_back(event),
                }
                receipt.ack().await.unwrap();
            }
        };
        tokio::time::timeout(testkit::PATIENCE, look).await.expect("an event")
    }

    /// The next event of a message that leads to `state`.
    pub(crate) async fn change(&mut self, id: MessageId, state: MtState) -> MtChange {
        self.event(|event| match event {
            Event::Mt(event) if event.message == id && event.change.state() == state => {
                Some(event.change.clone())
            }
            _ => None,
        })
        .await
    }

    /// Waits until the router releases something that no limit is about, as it does when it knows what was released before it
    /// started. Until then what it would hold waits in the queue. A modem of the default pool has to be there, with room.
    pub(crate) async fn releases(&mut self) {
        let id = self.request(Priority::Normal, MtRequest::text(to(), "the first")).await;
        self.change(id, MtState::Released).await;
    }

    /// How many items are in `SMS_DISPATCH`.
    pub(crate) async fn dispatched(&self) -> HashMap<String, u64> {
        self.bus.subject_counts(bus::Stream::Dispatch).await.unwrap()
    }

    /// Takes the next item as a modem would, and waits for it: longer than the ack time, for what the broker wrote to a
    /// pull in the moment of its end comes again only then.
    pub(crate) async fn take(&self, target: &Target, priority: Priority) -> bus::Delivery<MtItem> {
        let durable = Durable::dispatch(target, priority);
        let patience = Duration::from_mins(1);
        testkit::wait_for_within(patience, "an item to be dispatched", || async {
            let wait = Wait::UpTo(Duration::from_secs(8));
            self.bus.fetch(&durable, 1, wait).await.ok()?.pop()
        })
        .await
    }

    /// Sends it as a modem would: tells, then acknowledges.
    pub(crate) async fn send(&self, delivery: bus::Delivery<MtItem>) -> MessageId {
        let (item, receipt) = delivery.into_parts();
        let through = Through { modem: ModemId::derived("a"), sim: SimId::derived("a") };
        let at = Timestamp::now();
        let sent = MtChange::Sent { through, parts: vec![SentPart { part: 1, reference: 1, at }] };
        let sent = MtEvent::of(item.id, &item.request, at, sent).of_priority(item.priority);
        self.bus.publish(&sent).await.unwrap();
        receipt.double_ack().await.unwrap();
        item.id
    }
}

/// A copy of the router beside the first one.
pub(crate) struct Second {
    task: JoinHandle<()>,
    shutdown: Shutdown,
}

impl Second {
    /// Ends it at once.
    pub(crate) async fn kill(self) {
        self.shutdown.hard.cancel();
        self.task.abort();
        let _ = self.task.await;
    }
}

fn run_router(config: Router, deps: router::Deps, shutdown: Shutdown) -> JoinHandle<()> {
    tokio::spawn(async move {
        let bus = deps.bus.clone();
        Box::pin(router::run(&config, deps, shutdown)).await.unwrap();
        bus.drain().await;
    })
}

/// After how long the broker delivers again what a killed router had, whatever its priority: as it does with one-time passwords.
const REDELIVERY: Duration = Duration::from_secs(10);

/// How the broker is reached.
pub(crate) fn settings(nats: &NatsServer) -> NatsConfig {
    NatsConfig::new(nats.url(), nats.user(), nats.password()).redelivering_within(REDELIVERY)
}

async fn connect(nats: &NatsServer) -> Bus {
    let config = settings(nats);
    Bus::connect(&config, "test", &Shutdown::new().soft).await.unwrap()
}

pub(crate) fn modem(name: &str, status: ModemStatus) -> ModemState {
    let now = Timestamp::now();
    ModemState {
        id: ModemId::derived(name),
        name: name.to_owned(),
        port: format!("/dev/{name}"),
        host: "test".to_owned(),
        status,
        text: String::new(),
        manufacturer: String::new(),
        model: String::new(),
        firmware: String::new(),
        imei: None,
        sim: Some(SimState {
            id: SimId::derived(name),
            iccid: None,
            imsi: None,
            number: None,
            smsc: None,
        }),
        operator: None,
        technology: None,
        roaming: false,
        signal_dbm: None,
        pools: vec![PoolId::default_pool()],
        problem: None,
        queue: 0,
        sent_today: 0,
        failed_today: 0,
        balance: None,
        spool: None,
        closed: None,
        closed_to_new: None,
        low: None,
        since: now,
        seen_at: now,
    }
}
