//! Broadcasts: each recipient once, by the pace, and not in quiet hours.

use std::collections::BTreeSet;
use std::time::Duration;

use bus::{Bucket, Durable, Wait};
use contracts::batch::{BatchOrder, Order, order_key};
use contracts::mt::{Encoding, MtRequest, SendOptions, WhenUncertain};
use contracts::scheduled::Scheduled;
use contracts::{BroadcastId, OrgId, Priority, Timestamp, UserId};
use store::{
    Broadcast, BroadcastOrder, BroadcastPlan, BroadcastState, BroadcastTrouble, NewBroadcast,
    NewUser, Pace, PacePeriod, Reach, Role, ScheduledMessage,
};
use testkit::wait_for_within;

use crate::{World, sent};

/// A copy that is killed has deliveries that come again after a while.
const PATIENCE: Duration = Duration::from_mins(2);

fn everything() -> Reach {
    Reach::everything(OrgId::default_org())
}

fn new_broadcast(numbers: Vec<String>) -> NewBroadcast {
    NewBroadcast {
        owner: UserId::internal(),
        name: "Libur".to_owned(),
        message: ScheduledMessage {
            text: "Hai {number}".to_owned(),
            encoding: Encoding::Auto,
            priority: Priority::Normal,
            sim: None,
            pool: None,
            options: SendOptions::default(),
            when_uncertain: WhenUncertain::default(),
        },
        groups: Vec::new(),
        numbers,
        plan: BroadcastPlan { starts: None, zone: "UTC".to_owned(), pace: None, quiet: None },
    }
}

fn numbers(count: usize) -> Vec<String> {
    (0..count).map(|n| format!("+62812{n:07}")).collect()
}

/// Makes and starts a broadcast.
async fn started(world: &World, new: &NewBroadcast) -> BroadcastId {
    let now = Timestamp::now();
    let made = world.store.create_broadcast(everything(), new, now).await.unwrap();
    order(world, made.id, BroadcastOrder::Start(None)).await;
    made.id
}

async fn order(world: &World, id: BroadcastId, order: BroadcastOrder) {
    let now = Timestamp::now();
    let given = world.store.order_broadcast(everything(), id, order, now).await.unwrap().unwrap();
    if let Some(at) = given.next_at {
        world.bus.hint(&Scheduled::SUBJECT, &Scheduled { at }).await;
    }
}

/// The broadcast once it is so.
async fn once(
    world: &World,
    id: BroadcastId,
    what: &str,
    is_so: impl Fn(&Broadcast) -> bool,
) -> Broadcast {
    wait_for_within(PATIENCE, what, || async {
        let found = world.store.broadcast(everything(), id).await.unwrap().unwrap();
        Some(found).filter(&is_so)
    })
    .await
}

async fn next_request(world: &World) -> MtRequest {
    let durable = Durable::RouterRequests(Priority::Normal);
    let deliveries = wait_for_within(PATIENCE, "a request", || async {
        let wait = Wait::UpTo(Duration::from_secs(5));
        world.bus.fetch::<MtRequest>(&durable, 1, wait).await.ok().filter(|all| !all.is_empty())
    });
    let delivery = deliveries.await.remove(0);
    let request = delivery.value.clone();
    delivery.double_ack().await.unwrap();
    request
}

/// The service is killed again and again while an audience is read and handed out.
pub(crate) async fn each_recipient_is_sent_to_once_whatever_is_killed(world: World) {
    let written = [numbers(120), numbers(5), vec!["nobody".to_owned()]].concat();
    let id = started(&world, &new_broadcast(written)).await;
    let mut to = BTreeSet::new();
    for _ in 0..2 {
        let crashing = world.run_to_crash();
        for _ in 0..5 {
            let request = next_request(&world).await;
            world.tell(&request, sent()).await;
            assert!(to.insert(request.to.to_string()), "each once");
        }
        crashing.shutdown_background();
    }
    let service = world.run().await;
    while to.len() < 120 {
        let request = next_request(&world).await;
        assert_eq!(request.batch, Some(id.batch(0)));
        assert_eq!(request.batch_size, Some(120));
        world.tell(&request, sent()).await;
        assert!(to.insert(request.to.to_string()), "each once");
    }
    let over = once(&world, id, "its end", |one| one.state == BroadcastState::Finished).await;
    assert_eq!((over.audience.recipients, over.handed, over.trouble), (120, 120, None));
    assert_eq!((over.audience.duplicates, over.audience.unusable), (5, 1));
    service.stop().await;
    assert_eq!(world.rows().await, 120);
    assert_eq!(world.taken("SMS_REQUEST").await, 120);
}

/// Ten an hour: one each six minutes, by the clock of the service.
pub(crate) async fn a_pace_is_kept_over_restarts(world: World) {
    let mut new = new_broadcast(numbers(3));
    new.plan.pace = Some(Pace { messages: 10, per: PacePeriod::Hour });
    let id = started(&world, &new).await;
    for (minutes, taken) in [(0, 1), (7, 2), (14, 3)] {
        let ahead = Duration::from_mins(minutes);
        let service = world.run_ahead(ahead).await;
        next_request(&world).await;
        let now = Timestamp::now().plus(ahead);
        let rests = once(&world, id, "a rest", |one| one.next_at > Some(now)).await;
        assert_eq!(rests.handed, taken);
        service.stop().await;
        assert_eq!(world.taken("SMS_REQUEST").await, u64::from(taken));
    }
}

/// The portal notes a pause, and is killed before the batches are told.
pub(crate) async fn an_order_that_batches_were_not_told_is_told(world: World) {
    let id = started(&world, &new_broadcast(numbers(3))).await;
    let service = world.run().await;
    once(&world, id, "its messages", |one| one.handed == 3).await;
    service.stop().await;
    order(&world, id, BroadcastOrder::Pause).await;
    let service = world.run_ahead(Duration::from_mins(1)).await;
    wait_for_within(PATIENCE, "the batch to be paused", || async {
        let orders = world.bus.kv::<BatchOrder>(Bucket::Batches).await.ok()?;
        let told = orders.get(&order_key(id.batch(0))).await.ok()??;
        (told.value.order == Order::Paused).then_some(())
    })
    .await;
    service.stop().await;
    // Once, unless the service was stopped between the two.
    let service = world.run_ahead(Duration::from_mins(1)).await;
    wait_for_within(PATIENCE, "that to be noted", || async {
        let left = world.store.untold_broadcasts(Timestamp::now(), 9).await.ok()?;
        left.is_empty().then_some(())
    })
    .await;
    service.stop().await;
}

/// It is night by the clocks of the broadcast, and morning in Japan.
pub(crate) async fn who_has_quiet_hours_waits_until_they_end(world: World) {
    let hour = Timestamp::now().as_micros() / 3_600_000_000 % 24;
    let quiet = format!("{:02}:00-{:02}:00", (hour + 23) % 24, (hour + 3) % 24);
    let mut new = new_broadcast(vec!["0812345678".to_owned(), "+819012345678".to_owned()]);
    new.plan.quiet = Some(quiet.parse().unwrap());
    let id = started(&world, &new).await;
    let service = world.run().await;
    assert_eq!(next_request(&world).await.to.as_str(), "+819012345678");
    let far = Timestamp::now().plus(Duration::from_mins(10));
    let waits = once(&world, id, "the night", |one| one.next_at > Some(far)).await;
    assert_eq!((waits.state, waits.remaining()), (BroadcastState::Running, 1));
    let progress = world.store.broadcast_progress(everything(), id).await.unwrap();
    assert_eq!(progress.waiting.len(), 1);
    assert_eq!((progress.waiting[0].zone.as_str(), progress.waiting[0].remaining), ("UTC", 1));
    service.stop().await;
    assert_eq!(world.taken("SMS_REQUEST").await, 1);
    let service = world.run_ahead(Duration::from_hours(4)).await;
    assert_eq!(next_request(&world).await.to.as_str(), "0812345678");
    service.stop().await;
}

/// What is not handed out waits for nobody, and is not sent.
pub(crate) async fn what_is_paused_or_cancelled_is_handed_out_no_more(world: World) {
    let service = world.run().await;
    let id = started(&world, &new_broadcast(numbers(80))).await;
    let some = once(&world, id, "the first piece", |one| one.handed > 0).await;
    order(&world, id, BroadcastOrder::Pause).await;
    for _ in 0..some.handed {
        let request = next_request(&world).await;
        world.tell(&request, sent()).await;
    }
    let paused = once(&world, id, "the pause", |one| one.state == BroadcastState::Paused).await;
    assert!(paused.handed < 80);
    assert_eq!((paused.handed, paused.next_at), (some.handed, None));
    order(&world, id, BroadcastOrder::Resume).await;
    let more = once(&world, id, "more", |one| one.handed > some.handed).await;
    order(&world, id, BroadcastOrder::Cancel).await;
    for _ in some.handed..more.handed {
        next_request(&world).await;
    }
    let over = once(&world, id, "the end", |one| one.state == BroadcastState::Cancelled).await;
    service.stop().await;
    assert_eq!(world.taken("SMS_REQUEST").await, u64::from(over.handed));
}

/// Nobody was there at the time of one, and another one has come.
pub(crate) async fn a_broadcast_starts_at_its_time_or_waits_for_somebody(world: World) {
    let now = Timestamp::now();
    let mut ids = Vec::new();
    for (name, at) in [
        ("missed", now.minus(Duration::from_hours(2))),
        ("late", now.minus(Duration::from_mins(10))),
        ("later", now.plus(Duration::from_hours(2))),
    ] {
        let new = NewBroadcast { name: name.to_owned(), ..new_broadcast(numbers(1)) };
        let made = world.store.create_broadcast(everything(), &new, now).await.unwrap();
        order(&world, made.id, BroadcastOrder::Start(Some(at))).await;
        ids.push(made.id);
    }
    let service = world.run().await;
    let missed = once(&world, ids[0], "it to be missed", |one| one.trouble.is_some()).await;
    let expected = (BroadcastState::Paused, Some(BroadcastTrouble::Missed));
    assert_eq!((missed.state, missed.trouble), expected);
    let request = next_request(&world).await;
    assert_eq!(request.batch, Some(ids[1].batch(0)));
    world.tell(&request, sent()).await;
    let late = once(&world, ids[1], "its end", |one| one.state == BroadcastState::Finished).await;
    assert!(late.started_at >= Some(now));
    let later = world.store.broadcast(everything(), ids[2]).await.unwrap().unwrap();
    assert_eq!((later.state, later.handed), (BroadcastState::Scheduled, 0));
    // Somebody lets the missed one go on.
    order(&world, ids[0], BroadcastOrder::Resume).await;
    assert_eq!(next_request(&world).await.batch, Some(ids[0].batch(0)));
    service.stop().await;
}

/// Its audience is kept for when the account is enabled again.
pub(crate) async fn what_a_disabled_account_sends_waits_for_somebody(world: World) {
    let now = Timestamp::now();
    let ani =
        NewUser { name: "ani".to_owned(), password_hash: None, role: Role::User, language: None };
    let ani = world.store.create_user(everything(), &ani, now).await.unwrap().id;
    let enable = async |enabled: bool| {
        world.store.set_user_enabled(everything(), ani, enabled, Timestamp::now()).await.unwrap();
    };
    let new = NewBroadcast { owner: ani, ..new_broadcast(numbers(2)) };
    let id = started(&world, &new).await;
    enable(false).await;
    let service = world.run().await;
    let stopped = once(&world, id, "the pause", |one| one.trouble.is_some()).await;
    let expected = (BroadcastState::Paused, Some(BroadcastTrouble::Disabled), 0);
    assert_eq!((stopped.state, stopped.trouble, stopped.handed), expected);
    enable(true).await;
    order(&world, id, BroadcastOrder::Resume).await;
    for _ in 0..2 {
        let request = next_request(&world).await;
        assert_eq!(request.batch, Some(id.batch(0)));
    }
    service.stop().await;
    assert_eq!(world.taken("SMS_REQUEST").await, 2);
}
