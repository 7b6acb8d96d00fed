//! Accounts that pay for what they send: routers with persistence and a database.

use std::time::Duration;

use bus::{Bucket, Bus, Durable, Event, Stream, Wait};
use contracts::batch::{MtBatch, PrioritisedBatch};
use contracts::credit::{Charge, Charged, Limited, Prices};
use contracts::modem::ModemStatus;
use contracts::mt::{Gate, MtChange, MtEvent, MtRequest};
use contracts::scheduled::Scheduled;
use contracts::{
    Amount, BlockId, EventId, MessageId, MtState, OrgId, Priority, Subject, Timestamp, UserId,
};
use numbering::Plan;
use platform::config::{Config, Sources};
use platform::{Clock, Shutdown};
use store::{LedgerKind, NewCredit, NewUser, Reach, Role, Store};
use testkit::{TempDatabase, wait_for, wait_for_within};
use tokio::task::JoinHandle;

use crate::gateway::{Gateway, config, pool, settings, to};

const NORMAL: Priority = Priority::Normal;

fn org() -> OrgId {
    OrgId::default_org()
}

fn reach() -> Reach {
    Reach::everything(org())
}

fn amount(text: &str) -> Amount {
    text.parse().unwrap()
}

/// A copy of persistence.
struct Persistence {
    task: JoinHandle<()>,
    stop: Shutdown,
}

impl Persistence {
    async fn start(gateway: &Gateway, database: &TempDatabase, ahead: Duration) -> Self {
        let bus = Bus::connect(&settings(&gateway.nats), "persistence", &Shutdown::new().soft)
            .await
            .unwrap();
        let store = Store::open(database.url()).await.unwrap();
        let clock = Clock::following(Timestamp::now().plus(ahead));
        let config = Config::load(&Sources::default()).unwrap();
        let stop = Shutdown::new();
        let deps = persistence::Deps { bus: bus.clone(), store, clock, disk: None };
        let shutdown = stop.clone();
        let task = tokio::spawn(async move {
            persistence::run(&config, deps, shutdown).await.unwrap();
            bus.drain().await;
        });
        Self { task, stop }
    }

    async fn stop(self) {
        self.stop.request();
        tokio::time::timeout(testkit::PATIENCE, self.task).await.unwrap().unwrap();
    }
}

/// A gateway whose persistence is real, and an account that pays 350 for a part.
struct World {
    gateway: Gateway,
    database: TempDatabase,
    store: Store,
    account: UserId,
}

impl World {
    async fn start(credit: &str) -> Self {
        let mut gateway = Gateway::start().await;
        gateway.stop_router().await;
        let database = TempDatabase::sqlite();
        let store = Store::open(database.url()).await.unwrap();
        store.migrate().await.unwrap();
        let new = NewUser {
            name: "ani".to_owned(),
            password_hash: None,
            role: Role::User,
            language: None,
        };
        let account = store.create_user(reach(), &new, Timestamp::now()).await.unwrap().id;
        let mut prices = Prices::unset(org());
        prices.set("+62".parse().unwrap(), amount("350"));
        let kv = gateway.bus.kv::<Prices>(Bucket::Config).await.unwrap();
        kv.put(&format!("prices.{}", org()), &prices).await.unwrap();
        let kv = gateway.bus.kv::<Limited>(Bucket::Config).await.unwrap();
        let limited = Limited { org: org(), limited: true };
        kv.put(&format!("credit.{account}"), &limited).await.unwrap();
        let world = Self { gateway, database, store, account };
        world.add(credit).await;
        world
    }

    async fn add(&self, credit: &str) {
        let new = NewCredit {
            id: EventId::new(),
            account: self.account,
            amount: amount(credit),
            note: None,
            by: UserId::internal(),
        };
        let now = Timestamp::now();
        self.store.change_credit(reach(), &new, now).await.unwrap();
        // As the portal does.
        self.gateway.bus.hint(&Scheduled::SUBJECT, &Scheduled { at: now }).await;
    }

    async fn persistence(&self, ahead: Duration) -> Persistence {
        Persistence::start(&self.gateway, &self.database, ahead).await
    }

    async fn send(&self, count: usize) -> Vec<MessageId> {
        self.gateway.request_many(self.account, NORMAL, count).await
    }

    /// What the account has in all, and what of it is in blocks.
    async fn left(&self) -> (Amount, Amount) {
        let credit = self.store.credit(reach(), self.account).await.unwrap().unwrap();
        assert!(credit.balance >= Amount::default() && credit.in_blocks >= Amount::default());
        (credit.left(), credit.in_blocks)
    }

    /// How many messages were charged and not refunded, by the ledger.
    async fn charged(&self) -> usize {
        let entries = self.store.credit_ledger(reach(), self.account, None, 500).await.unwrap();
        let of = |kind| entries.iter().filter(|entry| entry.kind == kind).count();
        of(LedgerKind::Charge) - of(LedgerKind::Refund)
    }

    async fn state(&self, id: MessageId) -> Option<(MtState, Option<Gate>, Option<Amount>)> {
        let found = self.store.message_detail(reach(), id).await.unwrap()?;
        Some((found.message.state, found.message.gate, found.message.cost))
    }

    /// How many of these messages wait for credit, once all of them are decided on.
    async fn held(&self, ids: &[MessageId]) -> usize {
        wait_for_within(Duration::from_mins(2), "all to be decided on", || async {
            let mut held = 0;
            for id in ids {
                match self.state(*id).await? {
                    (MtState::Held, Some(Gate::Credit), _) => held += 1,
                    (MtState::Accepted | MtState::Held, ..) => return None,
                    (_, _, Some(_)) => {}
                    // Its charge is not read yet.
                    _ => return None,
                }
            }
            Some(held)
        })
        .await
    }
}

#[tokio::test]
async fn messages_are_paid_and_wait_when_the_credit_is_out() {
    let mut world = World::start("1000").await;
    let persistence = world.persistence(Duration::ZERO).await;
    world.gateway.modem("a", ModemStatus::Ready).await;
    world.gateway.start_router(config()).await;
    let ids = world.send(3).await;
    assert_eq!(world.held(&ids).await, 1);
    assert_eq!(world.left().await.0, amount("300"));
    // Somebody else's messages cost them nothing.
    let free = world.gateway.request(NORMAL, MtRequest::text(to(), "free")).await;
    wait_for("it to be admitted", || async {
        let (state, gate, cost) = world.state(free).await?;
        (state != MtState::Accepted && gate.is_none() && cost.is_none()).then_some(())
    })
    .await;
    // Credit wakes what waits.
    world.add("50").await;
    wait_for_within(Duration::from_mins(2), "the third to be paid", || async {
        (world.charged().await == 3).then_some(())
    })
    .await;
    assert_eq!(world.left().await.0, Amount::default());
    assert_eq!(world.charged().await, 3);
    persistence.stop().await;
}

#[tokio::test]
async fn a_message_that_is_cancelled_is_refunded_once() {
    let mut world = World::start("700").await;
    let persistence = world.persistence(Duration::ZERO).await;
    world.gateway.start_router(config()).await;
    let id = world.send(1).await[0];
    assert_eq!(world.held(&[id]).await, 0);
    assert_eq!(world.left().await.0, amount("350"));
    let request = MtRequest { owner: world.account, ..MtRequest::text(to(), "") };
    let cancelled = MtChange::Cancelled { by: None };
    for _ in 0..2 {
        let event = MtEvent::of(id, &request, Timestamp::now(), cancelled.clone());
        world.gateway.bus.publish(&event).await.unwrap();
    }
    wait_for("it to be refunded", || async {
        (world.left().await.0 == amount("700")).then_some(())
    })
    .await;
    assert_eq!(world.state(id).await, Some((MtState::Cancelled, None, Some(Amount::default()))));
    persistence.stop().await;
    assert_eq!((world.left().await.0, world.charged().await), (amount("700"), 0));
}

#[tokio::test]
async fn a_batch_is_paid_message_by_message() {
    let mut world = World::start("3500").await;
    let persistence = world.persistence(Duration::ZERO).await;
    world.gateway.start_router(config()).await;
    let requests = (0..25).map(|n| MtRequest {
        id: Some(MessageId::new()),
        owner: world.account,
        created_at: Some(Timestamp::now()),
        ..MtRequest::text(format!("+62812{n:07}").parse().unwrap(), "Halo")
    });
    let batches = MtBatch::gather(requests.collect::<Vec<_>>());
    let ids: Vec<MessageId> =
        batches.iter().flat_map(MtBatch::requests).filter_map(|one| one.id).collect();
    for batch in &batches {
        world.gateway.bus.publish(&PrioritisedBatch { priority: NORMAL, batch }).await.unwrap();
    }
    wait_for("ten to be paid", || async { (world.charged().await == 10).then_some(()) }).await;
    wait_for("the others to wait", || async {
        let mut held = 0;
        for id in &ids {
            let state = world.state(*id).await?;
            held += usize::from(matches!(state, (MtState::Held, Some(Gate::Credit), None)));
        }
        (held == 15).then_some(())
    })
    .await;
    assert_eq!(world.left().await.0, Amount::default());
    persistence.stop().await;
}

/// A router that can be killed: all of it, its connection too.
fn router_to_kill(gateway: &Gateway) -> tokio::runtime::Runtime {
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = runtime.worker_threads(1).enable_all().build().unwrap();
    let settings = settings(&gateway.nats);
    runtime.spawn(async move {
        let bus = Bus::connect(&settings, "killed", &Shutdown::new().soft).await.unwrap();
        let (clock, numbers, grace) = (Clock::system(), Plan::default(), router::GRACE);
        let deps = router::Deps { bus, clock, numbers, recipient: None, grace };
        Box::pin(router::run(&config(), deps, Shutdown::new())).await.unwrap();
    });
    runtime
}

#[tokio::test]
async fn two_routers_drain_one_balance_to_zero_and_no_further() {
    let mut world = World::start("14000").await;
    let persistence = world.persistence(Duration::ZERO).await;
    let routers = [router_to_kill(&world.gateway), router_to_kill(&world.gateway)];
    let ids = world.send(60).await;
    let held = world.held(&ids).await;
    assert!(held >= 20, "40 are paid for, and {held} wait");
    // Both are killed with what they hold.
    for router in routers {
        router.shutdown_background();
    }
    persistence.stop().await;
    // When the time of their blocks is over, nothing of that is lost.
    let ahead = world.persistence(Duration::from_mins(10)).await;
    let left = wait_for("the blocks to be closed", || async {
        let (left, in_blocks) = world.left().await;
        (in_blocks == Amount::default()).then_some(left)
    })
    .await;
    let paid = world.charged().await;
    assert!(paid <= 40, "{paid}");
    let spent = amount("350").ten_thousandths() * i64::try_from(paid).unwrap();
    assert_eq!(left.ten_thousandths(), amount("14000").ten_thousandths() - spent);
    // What waited for it goes on.
    world.gateway.start_router(config()).await;
    wait_for_within(Duration::from_mins(2), "all of it to be spent", || async {
        (world.left().await.0 == Amount::default()).then_some(())
    })
    .await;
    assert_eq!(world.charged().await, 40);
    ahead.stop().await;
}

#[tokio::test]
async fn while_persistence_is_away_messages_wait_and_say_so() {
    let mut world = World::start("700").await;
    world.gateway.start_router(config()).await;
    let id = world.send(1).await[0];
    wait_for("that to be told", || async {
        (world.gateway.taken(Stream::Event).await == 1).then_some(())
    })
    .await;
    // It is back, and its clock is where the message is due.
    let persistence = world.persistence(Duration::from_mins(1)).await;
    wait_for_within(Duration::from_mins(2), "it to be paid", || async {
        let (_, _, cost) = world.state(id).await?;
        (cost == Some(amount("350"))).then_some(())
    })
    .await;
    assert_eq!(world.left().await.0, amount("350"));
    let detail = world.store.message_detail(reach(), id).await.unwrap().unwrap();
    let held = &detail.timeline[0].change;
    assert!(matches!(held, MtChange::Held { gate: Gate::CreditUnknown, round: 1, .. }), "{held}");
    persistence.stop().await;
}

/// Its first delivery may have put it into the queue: it is not told to be held beside that.
#[tokio::test]
async fn a_request_that_is_delivered_again_waits_for_credit_where_it_is() {
    let mut world = World::start("100").await;
    let persistence = world.persistence(Duration::ZERO).await;
    let lost = world.send(1).await[0];
    let wait = Wait::UpTo(Duration::from_secs(8));
    let durable = Durable::RouterRequests(NORMAL);
    let found = wait_for("it to be delivered", || async {
        world.gateway.bus.fetch::<MtRequest>(&durable, 1, wait).await.ok()?.pop()
    });
    found.await.nak(None).await.unwrap();
    world.gateway.start_router(config()).await;
    let other = world.send(1).await[0];
    assert_eq!(world.held(&[other]).await, 1);
    assert_eq!(world.state(lost).await, Some((MtState::Accepted, None, None)));
    world.add("1000").await;
    assert_eq!(world.held(&[lost]).await, 0);
    let detail = world.store.message_detail(reach(), lost).await.unwrap().unwrap();
    let was_held = detail.timeline.iter().any(|line| line.change.state() == MtState::Held);
    assert!(!was_held, "{:?}", detail.timeline);
    persistence.stop().await;
}

#[tokio::test]
async fn what_was_paid_is_known_before_the_message_goes_on() {
    let mut world = World::start("700").await;
    let persistence = world.persistence(Duration::ZERO).await;
    world.gateway.modem("a", ModemStatus::Ready).await;
    world.gateway.start_router(config()).await;
    let id = world.send(1).await[0];
    let item = world.gateway.take(&pool(), NORMAL).await;
    assert_eq!(item.value.id, id);
    let js = async_nats::jetstream::new(world.gateway.bus.client().clone());
    let stream = js.get_stream(Stream::Event.as_str()).await.unwrap();
    let told = stream.get_last_raw_message_by_subject(&Subject::Charged.to_string()).await;
    let told: Charged = serde_json::from_slice(&told.unwrap().payload).unwrap();
    assert_eq!(told.charges, [Charge { message: id, cost: amount("350") }]);
    assert_eq!(world.held(&[id]).await, 0);
    assert_eq!(world.state(id).await.unwrap().2, Some(amount("350")));
    persistence.stop().await;
}

/// The event is of a kind that readers of this version know.
#[tokio::test]
async fn a_charge_is_an_event() {
    let mut world = World::start("700").await;
    let account = world.account;
    let charged = Charged {
        block: BlockId::new(),
        org: org(),
        account,
        at: Timestamp::now(),
        charges: Vec::new(),
    };
    world.gateway.bus.publish(&charged).await.unwrap();
    let read = world
        .gateway
        .event(|event| match event {
            Event::Charged(charged) => Some(charged.clone()),
            _ => None,
        })
        .await;
    assert_eq!(read, charged);
}
