//! Persistence against a real nats-server and real databases.

#![expect(clippy::disallowed_methods, reason = "a test has its time from the system")]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "what tests share may panic as tests may"
)]

mod alerts;
mod batch_ends;
mod broadcasts;
mod clock;
mod crashes;
mod credit;
mod held;
mod history;
mod lanes;
mod outages;
mod proxy;
mod schedules;
mod tallies;

use std::time::Duration;

use bus::{Bus, NatsConfig};
use contracts::mt::{MtChange, MtEvent, MtRequest, PrioritisedRequest, SentPart, Through};
use contracts::subject::Target;
use contracts::{
    MessageId, ModemId, MtState, OrgId, PhoneNumber, PoolId, Priority, SimId, Timestamp, UserId,
};
use platform::config::{Config, Sources};
use platform::{Clock, Shutdown};
use store::{MessageDetail, MessageFilter, Page, Reach, Store, StoredEvent, StoredEventBody};
use testkit::{NatsServer, TempDatabase, wait_for, wait_for_within};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// A broker and a database, and the test's own connections to them.
struct World {
    nats: NatsServer,
    bus: Bus,
    store: Store,
    database: TempDatabase,
}

impl World {
    async fn sqlite() -> Self {
        Self::with(TempDatabase::sqlite()).await
    }

    async fn postgres() -> Self {
        Self::with(TempDatabase::postgres().await).await
    }

    async fn with(database: TempDatabase) -> Self {
        let nats = NatsServer::start().await;
        let bus = connect(&nats).await;
        let store = Store::open(database.url()).await.expect("the database opens");
        store.migrate().await.expect("the database migrates");
        Self { nats, bus, store, database }
    }

    /// Runs a copy of the service on its own connections.
    async fn run(&self) -> Running {
        self.run_on(self.database.url()).await
    }

    /// Runs a copy of the service on a way of its own to the database.
    async fn run_on(&self, url: &str) -> Running {
        self.run_by(Clock::system(), url).await
    }

    /// Runs a copy of the service whose clock is ahead of the test's.
    async fn run_ahead(&self, by: Duration) -> Running {
        let clock = Clock::following(Timestamp::now().plus(by));
        self.run_by(clock, self.database.url()).await
    }

    async fn run_by(&self, clock: Clock, url: &str) -> Running {
        let config = Config::load(&Sources::default()).expect("the defaults are right");
        self.run_with(config, clock, url).await
    }

    async fn run_with(&self, config: Config, clock: Clock, url: &str) -> Running {
        let store = Store::open(url).await.expect("the database opens");
        self.run_over(config, clock, store).await
    }

    /// Runs a copy of the service that gives up each call to the database after this time.
    async fn run_impatient(&self, patience: Duration, url: &str) -> Running {
        let store = Store::open(url).await.expect("the database opens").with_patience(patience);
        let config = Config::load(&Sources::default()).expect("the defaults are right");
        self.run_over(config, Clock::system(), store).await
    }

    async fn run_over(&self, config: Config, clock: Clock, store: Store) -> Running {
        let bus = connect(&self.nats).await;
        let deps = persistence::Deps { bus: bus.clone(), store, clock, disk: None };
        let shutdown = Shutdown::new();
        let stop = shutdown.clone();
        let task = tokio::spawn(async move { persistence::run(&config, deps, shutdown).await });
        Running { task, stop, bus }
    }

    /// Runs a copy of the service that can be crashed: all of it, its connections too.
    fn run_to_crash(&self) -> tokio::runtime::Runtime {
        let mut runtime = tokio::runtime::Builder::new_multi_thread();
        let runtime = runtime.worker_threads(1).enable_all().build().expect("a runtime");
        let config = settings(&self.nats);
        let url = self.database.url().to_owned();
        let clock = Clock::system();
        runtime.spawn(async move {
            let store = Store::open(&url).await.expect("the database opens");
            let bus = Bus::connect(&config, "crashing", &CancellationToken::new()).await;
            let deps = persistence::Deps { bus: bus.expect("connected"), store, clock, disk: None };
            let config = Config::load(&Sources::default()).expect("the defaults are right");
            persistence::run(&config, deps, Shutdown::new()).await.expect("it runs");
        });
        runtime
    }

    async fn request(&self, request: &MtRequest) {
        let priority = Priority::Normal;
        self.bus.publish(&PrioritisedRequest { priority, request }).await.expect("published");
    }

    async fn tell(&self, request: &MtRequest, change: MtChange) {
        let event = MtEvent::of(request.id.unwrap(), request, Timestamp::now(), change);
        self.bus.publish(&event).await.expect("published");
    }

    /// Writes that a message was cancelled as the service does, and tells nobody.
    async fn finish(&self, request: &MtRequest) {
        let (id, change) = (request.id.unwrap(), MtChange::Cancelled { by: None });
        let event = MtEvent::of(id, request, Timestamp::now(), change);
        let stored = StoredEvent { sequence: 1_000, body: StoredEventBody::Mt(event) };
        assert!(self.store.project_events(&[stored]).await.unwrap().finished);
    }

    /// The message once it is in that state.
    async fn in_state(&self, request: &MtRequest, state: MtState) -> MessageDetail {
        let id = request.id.unwrap();
        let reach = Reach::everything(OrgId::default_org());
        // After a crash the broker delivers again only after a while, and a database that is silent is asked again later.
        wait_for_within(Duration::from_mins(2), &format!("{id} to be {state}"), || async {
            let found = self.store.message_detail(reach, id).await.unwrap();
            found.filter(|found| found.message.state == state)
        })
        .await
    }

    /// How many messages are in the history.
    async fn rows(&self) -> usize {
        let reach = Reach::everything(OrgId::default_org());
        let (mut rows, mut before) = (0, None);
        loop {
            let page = Page { before, limit: 1_000 };
            let page = self.store.messages(reach, &MessageFilter::default(), page).await.unwrap();
            rows += page.messages.len();
            match page.next {
                Some(next) => before = Some(next),
                None => return rows,
            }
        }
    }

    /// How many messages a stream ever took.
    async fn taken(&self, stream: &str) -> u64 {
        let context = async_nats::jetstream::new(self.bus.client().clone());
        context.get_stream(stream).await.unwrap().cached_info().state.last_sequence
    }

    /// Waits until a request and an event are delivered, and neither is acknowledged.
    async fn stand_still(&self) {
        let context = async_nats::jetstream::new(self.bus.client().clone());
        let waits = async |durable: &bus::Durable| {
            let stream = context.get_stream(durable.stream().as_str()).await.unwrap();
            stream.consumer_info(durable.name()).await.unwrap().num_ack_pending == 1
        };
        wait_for("both to be delivered and not acknowledged", || async {
            let both = waits(&bus::Durable::PersistenceRequests).await
                && waits(&bus::Durable::PersistenceEvents).await;
            both.then_some(())
        })
        .await;
    }

    /// How many deliveries of one of its consumers are not acknowledged yet.
    async fn unwritten(&self, durable: &bus::Durable) -> u64 {
        let context = async_nats::jetstream::new(self.bus.client().clone());
        let stream = context.get_stream(durable.stream().as_str()).await.unwrap();
        let info = stream.consumer_info(durable.name()).await.unwrap();
        info.num_pending + u64::try_from(info.num_ack_pending).unwrap()
    }

    /// Waits until every delivery of one of its consumers is acknowledged.
    async fn settled(&self, durable: &bus::Durable) {
        let context = async_nats::jetstream::new(self.bus.client().clone());
        wait_for_within(Duration::from_mins(2), "everything to be acknowledged", || async {
            let stream = context.get_stream(durable.stream().as_str()).await.ok()?;
            let info = stream.consumer_info(durable.name()).await.ok()?;
            (info.num_pending == 0 && info.num_ack_pending == 0).then_some(())
        })
        .await;
    }
}

/// A copy of the service.
struct Running {
    task: JoinHandle<Result<(), persistence::RunError>>,
    stop: Shutdown,
    bus: Bus,
}

impl Running {
    /// Stops it in peace.
    async fn stop(self) {
        self.stop.request();
        let ended = tokio::time::timeout(Duration::from_secs(30), self.task).await;
        ended.expect("it stops").expect("it does not panic").expect("it ends well");
        // As the program does: what was asked for ahead is given back before this returns.
        self.bus.drain().await;
    }
}

/// After how long the broker delivers again what a crashed copy had. Persistence says each three seconds that it is at work; where
/// a test stands still for longer, what comes a second time changes nothing.
const REDELIVERY: Duration = Duration::from_secs(5);

fn settings(nats: &NatsServer) -> NatsConfig {
    NatsConfig::new(nats.url(), nats.user(), nats.password()).redelivering_within(REDELIVERY)
}

async fn connect(nats: &NatsServer) -> Bus {
    let config = settings(nats);
    Bus::connect(&config, "test", &CancellationToken::new()).await.expect("connected")
}

fn request(text: &str) -> MtRequest {
    MtRequest {
        id: Some(MessageId::new()),
        owner: UserId::derived("ani"),
        created_at: Some(Timestamp::now()),
        ..MtRequest::text(PhoneNumber::parse("+628123456789").unwrap(), text)
    }
}

fn through() -> Through {
    Through { modem: ModemId::derived("m"), sim: SimId::derived("s") }
}

fn admitted() -> MtChange {
    MtChange::admitted(1, Target::Pool(PoolId::default_pool()))
}

fn sending() -> MtChange {
    MtChange::Sending { through: through(), part: 1, parts: 1, tries: 1 }
}

fn sent() -> MtChange {
    let part = SentPart { part: 1, reference: 7, at: Timestamp::now() };
    MtChange::Sent { through: through(), parts: vec![part] }
}

/// Runs each story on each engine.
macro_rules! on_both {
    ($($module:ident: $($story:ident),* ;)*) => {
        mod on_sqlite {
            $($(#[tokio::test]
            async fn $story() {
                crate::$module::$story(crate::World::sqlite().await).await;
            })*)*
        }
        mod on_postgres {
            $($(#[tokio::test]
            async fn $story() {
                crate::$module::$story(crate::World::postgres().await).await;
            })*)*
        }
    };
}

on_both! {
    alerts: a_modem_that_is_gone_is_told_once_and_when_it_is_back, what_was_written_and_not_told_is_told_by_the_next_one,
        a_message_that_waits_for_long_is_told;
    batch_ends: the_end_of_a_batch_is_told_once;
    broadcasts: each_recipient_is_sent_to_once_whatever_is_killed, a_pace_is_kept_over_restarts,
        an_order_that_batches_were_not_told_is_told,
        who_has_quiet_hours_waits_until_they_end, what_is_paused_or_cancelled_is_handed_out_no_more,
        a_broadcast_starts_at_its_time_or_waits_for_somebody, what_a_disabled_account_sends_waits_for_somebody;
    clock: what_is_due_or_over_is_told_by_the_clock_of_the_service;
    credit: a_block_is_given_once_and_comes_back, a_block_is_closed_when_all_is_read_that_was_told,
        what_waits_for_credit_is_requested_again_when_there_is_some;
    history: a_message_gets_its_history, one_event_tells_what_happened_together, the_outcome_is_told_when_the_last_report_is_in,
        a_received_message_is_in_the_inbox, many_at_once_can_be_searched_for_soon, what_nobody_can_read_stops_nothing;
    held: a_held_message_is_requested_again_when_due, a_hold_outlives_the_service,
        what_was_requested_before_a_crash_is_not_requested_again,
        a_held_message_expires_at_its_end, what_waits_where_nobody_looks_expires_at_its_end,
        what_nothing_is_heard_of_is_uncertain, nothing_is_heard_of_many_at_once,
        what_only_the_journal_knows_to_be_with_a_modem_ends_as_promised,
        what_is_with_a_modem_at_its_end_does_not_expire,
        a_settled_message_is_never_requested;
    schedules: a_clock_that_jumped_silences_nothing, a_schedule_is_sent_when_its_time_comes, what_is_missed_is_sent_or_goes_by, of_two_copies_one_sends;
    tallies: what_is_written_is_counted_once_whatever_dies, history_of_before_is_counted;
    lanes: a_one_time_password_is_behind_no_backlog;
    crashes: nothing_is_lost_or_doubled_by_crashes, nothing_is_lost_by_a_killed_broker,
        many_rows_of_one_delivery_are_written_by_several_transactions;
}
