//! Rules and pools: which way messages go, and what stands on their timelines.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use bus::{Bucket, Event, Stream};
use contracts::batch::{MtBatch, PrioritisedBatch, ways_key};
use contracts::config_kv::{Access, Sim};
use contracts::modem::{ModemState, ModemStatus};
use contracts::mt::{Gate, MtChange, MtRequest};
use contracts::routes::{Pool, Routes, Strategy};
use contracts::subject::Target;
use contracts::{
    MessageId, ModemId, MtState, OrgId, PhoneNumber, PoolId, Priority, SimId, Subject, Timestamp,
    UserId,
};

use crate::doubles::all_decided_of;
use crate::gateway::{Gateway, config, modem, pool, to};

const NORMAL: Priority = Priority::Normal;

fn named(name: &str) -> Target {
    Target::Pool(name.parse().unwrap())
}

fn sim(name: &str) -> SimId {
    SimId::derived(name)
}

/// Rules in JSON, and the strategy of the default pool.
async fn set(gateway: &Gateway, rules: &str, strategy: Strategy) {
    let org = OrgId::default_org();
    let pools = vec![Pool { name: PoolId::default_pool(), strategy, weights: Vec::new() }];
    let rules = serde_json::from_str(rules).unwrap();
    let kv = gateway.bus.kv::<Routes>(Bucket::Config).await.unwrap();
    kv.put(&format!("routes.{org}"), &Routes { org, rules, pools }).await.unwrap();
}

/// A modem of this name, with a SIM of the same name, for this pool.
async fn put(gateway: &Gateway, name: &str, of: &str, status: ModemStatus) {
    let state = ModemState { pools: vec![of.parse().unwrap()], ..modem(name, status) };
    let kv = gateway.bus.kv::<ModemState>(Bucket::Modems).await.unwrap();
    kv.put(&state.id.to_string(), &state).await.unwrap();
}

/// A gateway whose router knows what was set before it was started.
async fn gateway_with(prepare: impl AsyncFnOnce(&Gateway)) -> Gateway {
    let mut gateway = Gateway::start().await;
    gateway.stop_router().await;
    prepare(&gateway).await;
    gateway.start_router(config()).await;
    gateway
}

/// A gateway with one SIM, by a strategy that chooses one for each message. What waits for a SIM that is away takes another way soon.
async fn gateway_of_little_patience() -> Gateway {
    let mut gateway = Gateway::start().await;
    gateway.stop_router().await;
    set(&gateway, "[]", Strategy::RoundRobin).await;
    put(&gateway, "a", "default", ModemStatus::Ready).await;
    gateway.grace = Duration::from_secs(2);
    gateway.start_router(config()).await;
    gateway
}

async fn admitted(gateway: &mut Gateway, id: MessageId) -> (Target, Option<String>) {
    match gateway.change(id, MtState::Admitted).await {
        MtChange::Admitted { target, rule, .. } => (target, rule),
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn a_rule_sends_messages_its_way_and_stands_on_the_timeline() {
    let rules = r#"[
        {"name":"codes","when":{"priorities":["otp"]},"targets":[{"pool":"fast"},{"pool":"default"}]},
        {"name":"abroad","when":{"prefixes":["+1"]},"refuse":"Not abroad."}
    ]"#;
    let mut gateway = gateway_with(async |gateway: &Gateway| {
        set(gateway, rules, Strategy::AsFree).await;
        put(gateway, "f", "fast", ModemStatus::Ready).await;
    })
    .await;
    let by_rule = Some("codes".to_owned());
    let otp = gateway.request(Priority::Otp, MtRequest::text(to(), "123456")).await;
    assert_eq!(admitted(&mut gateway, otp).await, (named("fast"), by_rule.clone()));
    let item = gateway.take(&named("fast"), Priority::Otp).await;
    assert_eq!((item.value.id, &item.value.rule), (otp, &by_rule));
    gateway.send(item).await;
    let usual = gateway.request(NORMAL, MtRequest::text(to(), "Halo")).await;
    assert_eq!(admitted(&mut gateway, usual).await, (pool(), None));
    // Who names a pool keeps it; what a rule refuses is refused in any case.
    let own = MtRequest { pool: Some("own".parse().unwrap()), ..MtRequest::text(to(), "Halo") };
    let own = gateway.request(Priority::Otp, own).await;
    assert_eq!(admitted(&mut gateway, own).await, (named("own"), None));
    for pool in [None, Some("own".parse().unwrap())] {
        let abroad = PhoneNumber::parse("+15551234567").unwrap();
        let abroad = MtRequest { pool, ..MtRequest::text(abroad, "Halo") };
        let abroad = gateway.request(NORMAL, abroad).await;
        let refused = gateway.change(abroad, MtState::Rejected).await;
        let MtChange::Rejected { error } = refused else { panic!() };
        assert_eq!(error.code, "rule-refused");
        assert_eq!(error.text, "The rule 'abroad' refuses it: Not abroad.");
    }
    // The first that is online: when it is away, the next one takes over at once.
    put(&gateway, "d", "default", ModemStatus::Ready).await;
    put(&gateway, "f", "fast", ModemStatus::Offline).await;
    loop {
        let otp = gateway.request(Priority::Otp, MtRequest::text(to(), "654321")).await;
        let (target, rule) = admitted(&mut gateway, otp).await;
        assert_eq!(rule, by_rule);
        if target == pool() {
            break;
        }
    }
    // Changed rules count without a restart.
    set(&gateway, "[]", Strategy::AsFree).await;
    loop {
        let otp = gateway.request(Priority::Otp, MtRequest::text(to(), "111111")).await;
        if admitted(&mut gateway, otp).await == (pool(), None) {
            break;
        }
    }
}

/// A batch of so many messages.
fn messages(count: usize) -> MtBatch {
    let requests = (0..count).map(|n| {
        let to = PhoneNumber::parse(&format!("+62812{n:07}")).unwrap();
        let mut request = MtRequest::text(to, "Halo");
        (request.id, request.created_at) = (Some(MessageId::new()), Some(Timestamp::now()));
        request
    });
    let mut batches = MtBatch::gather(requests);
    assert_eq!(batches.len(), 1);
    batches.remove(0)
}

/// Stores a batch of so many messages as one request.
async fn batch(gateway: &Gateway, count: usize) -> Vec<MessageId> {
    let batch = messages(count);
    gateway.bus.publish(&PrioritisedBatch { priority: NORMAL, batch: &batch }).await.unwrap();
    batch.requests().filter_map(|request| request.id).collect()
}

#[tokio::test]
async fn a_batch_that_takes_three_ways_is_three_items_and_each_message_goes_out_once() {
    let gateway = gateway_with(async |gateway: &Gateway| {
        set(gateway, "[]", Strategy::Sticky).await;
        for name in ["a", "b", "c"] {
            put(gateway, name, "default", ModemStatus::Ready).await;
        }
    })
    .await;
    let ids = batch(&gateway, 300).await;
    testkit::wait_for("it to wait", || async {
        (gateway.taken(Stream::Wait).await == 3).then_some(())
    })
    .await;
    let mut ways: HashMap<SimId, HashSet<MessageId>> = HashMap::new();
    let mut sent = 0;
    while sent < ids.len() {
        for name in ["a", "b", "c"] {
            let durable = bus::Durable::dispatch(&Target::Sim(sim(name)), NORMAL);
            let wait = bus::Wait::UpTo(Duration::from_millis(200));
            let Ok(items) = gateway.bus.fetch(&durable, 8, wait).await else { continue };
            for item in items {
                assert!(ways.entry(sim(name)).or_default().insert(gateway.send(item).await));
                sent += 1;
            }
        }
    }
    let all: HashSet<MessageId> = ways.values().flatten().copied().collect();
    assert_eq!(all, ids.iter().copied().collect(), "each by one of them");
    assert!(ways.len() == 3 && ways.values().all(|of| of.len() > 50), "each has a share");
    testkit::wait_for("nothing to be left", || async {
        let waiting = gateway.bus.subject_counts(Stream::Wait).await.unwrap();
        (waiting.is_empty() && gateway.dispatched().await.is_empty()).then_some(())
    })
    .await;
}

/// A request comes again whose acknowledgement was lost, with its router or with the broker, when other SIMs are online. Its messages wait
/// where they did, and not in another queue beside.
#[tokio::test]
async fn a_batch_that_comes_again_takes_the_ways_that_it_took() {
    let mut gateway = gateway_with(async |gateway: &Gateway| {
        set(gateway, "[]", Strategy::RoundRobin).await;
        put(gateway, "a", "default", ModemStatus::Ready).await;
        put(gateway, "b", "default", ModemStatus::Ready).await;
    })
    .await;
    let batch = messages(40);
    gateway.bus.publish(&PrioritisedBatch { priority: NORMAL, batch: &batch }).await.unwrap();
    testkit::wait_for("it to wait", || async {
        (gateway.taken(Stream::Wait).await == 2).then_some(())
    })
    .await;
    let key = ways_key(batch.requests().filter_map(|request| request.id), 0);
    let noted = gateway.bus.kv::<serde_json::Value>(Bucket::Handled).await.unwrap();
    assert!(noted.get(&key).await.unwrap().is_some(), "before anything waits");
    gateway.stop_router().await;
    for name in ["a", "b"] {
        put(&gateway, name, "default", ModemStatus::Offline).await;
    }
    put(&gateway, "c", "default", ModemStatus::Ready).await;
    // Without an id, as the broker does not know its own.
    let js = async_nats::jetstream::new(gateway.bus.client().clone());
    let again = serde_json::to_vec(&batch).unwrap();
    let subject = Subject::MtBatch(NORMAL).to_string();
    js.publish(subject, again.into()).await.unwrap().await.unwrap();
    gateway.start_router(config()).await;
    all_decided_of(&gateway, &bus::Durable::RouterBatches(NORMAL)).await;
    assert_eq!(gateway.taken(Stream::Wait).await, 2, "the same two items");
}

#[tokio::test]
async fn sims_take_turns_and_when_all_are_away_the_pool_waits() {
    let mut gateway = gateway_with(async |gateway: &Gateway| {
        set(gateway, "[]", Strategy::RoundRobin).await;
        put(gateway, "a", "default", ModemStatus::Ready).await;
        put(gateway, "b", "default", ModemStatus::Ready).await;
    })
    .await;
    let mut ways = Vec::new();
    for _ in 0..4 {
        let id = gateway.request(NORMAL, MtRequest::text(to(), "Halo")).await;
        ways.push(admitted(&mut gateway, id).await.0);
    }
    assert!(ways[0] == ways[2] && ways[1] == ways[3] && ways[0] != ways[1], "{ways:?}");
    for name in ["a", "b"] {
        put(&gateway, name, "default", ModemStatus::Offline).await;
    }
    loop {
        let id = gateway.request(NORMAL, MtRequest::text(to(), "Halo")).await;
        if admitted(&mut gateway, id).await.0 == pool() {
            break;
        }
    }
}

/// What waits for a SIM that a rule chose goes another way when its account may use the SIM no longer.
#[tokio::test]
async fn what_waits_for_a_sim_that_is_walled_off_is_sent_another_way() {
    let own = sim("a");
    let rules = format!(r#"[{{"name":"one","targets":[{{"sim":"{own}"}}]}}]"#);
    let mut gateway = gateway_with(async |gateway: &Gateway| {
        set(gateway, &rules, Strategy::AsFree).await;
    })
    .await;
    let budi = UserId::derived("budi");
    let request = MtRequest { owner: budi, ..MtRequest::text(to(), "Halo") };
    let id = gateway.request(NORMAL, request.clone()).await;
    assert_eq!(admitted(&mut gateway, id).await, (Target::Sim(own), Some("one".to_owned())));
    let kv = gateway.bus.kv::<Sim>(Bucket::Config).await.unwrap();
    let senders = Access::only([UserId::derived("ani")]);
    let walled = Sim { senders, ..Sim::unset(OrgId::default_org()) };
    kv.put(&format!("sim.{own}"), &walled).await.unwrap();
    let held = gateway.change(id, MtState::Held).await;
    let MtChange::Held { gate, round, .. } = held else { panic!("{held}") };
    assert_eq!((gate, round), (Gate::Route, 1));
    // As persistence requests it again.
    let again = MtRequest { id: Some(id), round, ..request };
    gateway.request(NORMAL, again).await;
    let (target, rule) = gateway
        .event(|event| match event {
            Event::Mt(event) if event.message == id && event.round == round => {
                match &event.change {
                    MtChange::Admitted { target, rule, .. } => Some((target.clone(), rule.clone())),
                    _ => None,
                }
            }
            _ => None,
        })
        .await;
    assert_eq!((target, rule), (pool(), None));
    testkit::wait_for("one to wait", || async {
        let waiting = gateway.bus.subject_counts(Stream::Wait).await.ok()?;
        (waiting.values().sum::<u64>() == 1).then_some(())
    })
    .await;
}

/// A SIM that a strategy chose goes away for good: what waits for it is shared out again. What names it waits.
#[tokio::test]
async fn what_waits_for_a_chosen_sim_that_stays_away_takes_another_way() {
    let mut gateway = gateway_of_little_patience().await;
    let mut ids = HashSet::new();
    for _ in 0..3 {
        ids.insert(gateway.request(NORMAL, MtRequest::text(to(), "Halo")).await);
    }
    let named = MtRequest { sim: Some(sim("a")), ..MtRequest::text(to(), "Halo") };
    let named = gateway.request(NORMAL, named).await;
    // A modem has room for two; the others wait for their turn.
    gateway.change(named, MtState::Admitted).await;
    put(&gateway, "a", "default", ModemStatus::Offline).await;
    // It is looked twice, and a state is believed for longer than that.
    put(&gateway, "b", "default", ModemStatus::Ready).await;
    let look = gateway.event(|event| match event {
        Event::Mt(event) => match event.change {
            MtChange::Held { gate: Gate::Route, .. } => Some(event.message),
            _ => None,
        },
        _ => None,
    });
    let strayed = look.await;
    assert!(ids.contains(&strayed), "not the one that names the SIM");
}

/// What was given to the queue of the SIM before it went away takes another way too, unless a driver has begun it.
#[tokio::test]
async fn what_is_in_the_queue_of_a_sim_that_stays_away_leaves_it() {
    let mut gateway = gateway_of_little_patience().await;
    let begun = gateway.request(NORMAL, MtRequest::text(to(), "Halo")).await;
    let waiting = gateway.request(NORMAL, MtRequest::text(to(), "Halo")).await;
    let queue = Subject::MtDispatch(Target::Sim(sim("a")), NORMAL).to_string();
    testkit::wait_for("both to be in the queue", || async {
        (gateway.dispatched().await.get(&queue) == Some(&2)).then_some(())
    })
    .await;
    // As a driver that wrote it and was killed then.
    let attempts = gateway.bus.kv::<serde_json::Value>(Bucket::Attempts).await.unwrap();
    let entry = serde_json::json!({
        "stage": "writing", "modem": ModemId::derived("a"), "sim": sim("a"), "driver": "d",
        "lease": 1, "tries": 1, "round": 0, "sequence": 1, "ack": "x", "parts": 1,
        "at": Timestamp::now(),
    });
    attempts.create(&contracts::journal::key(begun, 1), &entry).await.unwrap();
    put(&gateway, "a", "default", ModemStatus::Offline).await;
    put(&gateway, "b", "default", ModemStatus::Ready).await;
    let held = gateway.change(waiting, MtState::Held).await;
    let MtChange::Held { gate, tries, round, .. } = held else { panic!("{held}") };
    assert_eq!((gate, tries, round), (Gate::Route, 0, 1));
    testkit::wait_for("the item to be gone", || async {
        (gateway.dispatched().await.get(&queue) == Some(&1)).then_some(())
    })
    .await;
    let left = gateway.take(&Target::Sim(sim("a")), NORMAL).await;
    assert_eq!(left.value.id, begun, "what a driver has begun stays");
    // Its end is in the journal: whoever meets the item does not send it in this round.
    let key = contracts::journal::key(waiting, 1);
    let entry = attempts.get(&key).await.unwrap().unwrap().value;
    assert_eq!(entry["stage"], "handed_over");
    assert_eq!(entry["round"], 0);
}

/// A SIM that is away for a moment keeps what a strategy chose it for, though another one is there.
#[tokio::test]
async fn what_waits_for_a_chosen_sim_waits_for_it_a_moment() {
    let mut gateway = gateway_with(async |gateway: &Gateway| {
        set(gateway, "[]", Strategy::RoundRobin).await;
        put(gateway, "a", "default", ModemStatus::Ready).await;
    })
    .await;
    // A modem has room for two; the third waits for its turn.
    let mut ids = Vec::new();
    for _ in 0..3 {
        let id = gateway.request(NORMAL, MtRequest::text(to(), "Halo")).await;
        assert_eq!(admitted(&mut gateway, id).await.0, Target::Sim(sim("a")));
        ids.push(id);
    }
    // Heard in this order: whoever knows that one is there knows that the other is away.
    put(&gateway, "a", "default", ModemStatus::Offline).await;
    put(&gateway, "b", "default", ModemStatus::Ready).await;
    loop {
        let id = gateway.request(NORMAL, MtRequest::text(to(), "Halo")).await;
        match admitted(&mut gateway, id).await.0 {
            Target::Sim(chosen) if chosen == sim("b") => break,
            Target::Sim(_) => ids.push(id),
            Target::Pool(_) => {}
        }
    }
    put(&gateway, "a", "default", ModemStatus::Ready).await;
    for _ in 0..ids.len() {
        let item = gateway.take(&Target::Sim(sim("a")), NORMAL).await;
        let sent = gateway.send(item).await;
        ids.retain(|id| *id != sent);
    }
    assert_eq!(ids, [], "all of them went out through the SIM that was chosen first");
}
