//! Messages to be sent.

use std::collections::HashSet;
use std::time::Duration;

use bus::{Bucket, Event, Stream};
use contracts::config_kv::{Access, Account, Sim};
use contracts::limits::{Closed, Limit};
use contracts::modem::{ModemState, ModemStatus};
use contracts::mt::{Gate, Keeper, MtChange, MtEvent, MtRequest, SendError};
use contracts::subject::Target;
use contracts::{MtState, OrgId, Priority, SimId, Timestamp, UserId};
use platform::config::Router;
use testkit::wait_for;

use crate::gateway::{Gateway, config, modem, pool, to};

#[tokio::test]
async fn a_request_is_admitted_waits_for_a_modem_and_is_released() {
    let mut gateway = Gateway::start().await;
    let id = gateway.request(Priority::Normal, MtRequest::text(to(), "Halo")).await;
    let admitted = gateway.change(id, MtState::Admitted).await;
    assert_eq!(admitted, MtChange::admitted(1, pool()));
    assert_eq!(gateway.dispatched().await.len(), 0, "no modem is online");
    gateway.modem("a", ModemStatus::Searching).await;
    gateway.modem("a", ModemStatus::Ready).await;
    gateway.change(id, MtState::Released).await;
    let item = gateway.take(&pool(), Priority::Normal).await;
    assert_eq!((item.value.id, item.value.parts), (id, 1));
    gateway.send(item).await;
    // Nothing of it is left anywhere.
    wait_for("the queues to be empty", || async {
        let waiting = gateway.bus.subject_counts(Stream::Wait).await.ok()?;
        let requests = gateway.bus.subject_counts(Stream::Dispatch).await.ok()?;
        (waiting.is_empty() && requests.is_empty()).then_some(())
    })
    .await;
    gateway.stop_router().await;
}

#[tokio::test]
async fn what_cannot_be_sent_is_refused_in_words_or_kept_as_a_dead_letter() {
    let mut gateway = Gateway::start().await;
    let long = gateway.request(Priority::Normal, MtRequest::text(to(), "a".repeat(10_000))).await;
    let refused = gateway.change(long, MtState::Rejected).await;
    assert_eq!(
        refused.to_string(),
        "Refused: The message takes 66 parts; at most 10 are allowed. Shorten it, or let the operator raise router.max_parts."
    );

    let kv = gateway.bus.kv::<Account>(Bucket::Config).await.unwrap();
    let account = UserId::derived("disabled");
    let setting = Account { org: OrgId::default_org(), enabled: false, admin: false };
    kv.put(&format!("account.{account}"), &setting).await.unwrap();
    // The setting may be heard a moment after a request: ask until it counts.
    let mut request = MtRequest::text(to(), "no");
    request.owner = account;
    loop {
        let id = gateway.request(Priority::Normal, request.clone()).await;
        let change = gateway
            .event(|event| match event {
                Event::Mt(event) if event.message == id => Some(event.change.clone()),
                _ => None,
            })
            .await;
        if let MtChange::Rejected { error } = change {
            assert_eq!(error.code, "account-disabled");
            break;
        }
    }

    // A SIM that is for others.
    let kv = gateway.bus.kv::<Sim>(Bucket::Config).await.unwrap();
    let sim = SimId::derived("theirs");
    let senders = Access::only([UserId::derived("ani")]);
    let setting = Sim { senders, ..Sim::unset(OrgId::default_org()) };
    kv.put(&format!("sim.{sim}"), &setting).await.unwrap();
    request.owner = UserId::derived("budi");
    request.sim = Some(sim);
    loop {
        let id = gateway.request(Priority::Normal, request.clone()).await;
        let change = gateway
            .event(|event| match event {
                Event::Mt(event) if event.message == id => Some(event.change.clone()),
                _ => None,
            })
            .await;
        if let MtChange::Rejected { error } = change {
            assert_eq!(error.code, "sim-not-allowed");
            break;
        }
    }

    let js = async_nats::jetstream::new(gateway.bus.client().clone());
    js.publish("sms.v1.mt.request.normal", r#"{"to":"bob","text":"hi"}"#.into())
        .await
        .unwrap()
        .await
        .unwrap();
    let dead = wait_for("the dead letter", || async {
        let counts = gateway.bus.subject_counts(Stream::Dead).await.ok()?;
        let sequence = counts.values().sum::<u64>();
        gateway.bus.item(Stream::Dead, sequence.max(1)).await.ok()?
    })
    .await;
    assert_eq!(dead.subject, "sms.v1.dead.mt.request.normal");
    assert!(dead.reason.unwrap().contains("'b' cannot be in a phone number"));
}

#[tokio::test]
async fn what_is_early_is_held_and_what_is_deferred_too() {
    let mut gateway = Gateway::start().await;
    let mut request = MtRequest::text(to(), "later");
    let until = Timestamp::now().plus(Duration::from_mins(10));
    request.not_before = Some(until);
    let id = gateway.request(Priority::Bulk, request.clone()).await;
    assert_eq!(
        gateway.change(id, MtState::Held).await,
        MtChange::Held { gate: Gate::Schedule, until, tries: 0, round: 1 }
    );
    let error = SendError { code: "cms-38".to_owned(), text: "Network out of order.".to_owned() };
    let deferred =
        MtChange::Deferred { error, until, tries: 3, kept_by: Keeper::Router, through: None };
    request.round = 1;
    let event = MtEvent::of(id, &request, Timestamp::now(), deferred);
    gateway.bus.publish(&event).await.unwrap();
    assert_eq!(
        gateway.change(id, MtState::Held).await,
        MtChange::Held { gate: Gate::BackOff, until, tries: 3, round: 2 }
    );
}

#[tokio::test]
async fn a_backlog_waits_outside_dispatch_and_accounts_take_turns() {
    let mut gateway = Gateway::start().await;
    let (many, few) = (UserId::derived("many"), UserId::derived("few"));
    let mut wanted: HashSet<_> =
        gateway.request_many(many, Priority::Normal, 40).await.into_iter().collect();
    let last = gateway.request_many(few, Priority::Normal, 5).await;
    wanted.extend(&last);
    gateway.change(last[4], MtState::Admitted).await;
    gateway.modem("a", ModemStatus::Ready).await;

    let subject = "sms.v1.mt.dispatch.pool.default.normal";
    let mut order = Vec::new();
    while order.len() < 45 {
        let item = gateway.take(&pool(), Priority::Normal).await;
        let stored = gateway.dispatched().await.get(subject).copied().unwrap_or(0);
        assert!(stored <= 2, "{stored} are in dispatch for one modem");
        order.push(item.value.request.owner);
        assert!(wanted.remove(&gateway.send(item).await), "sent twice");
    }
    assert!(wanted.is_empty());
    let place = order.iter().rposition(|owner| *owner == few).unwrap();
    assert!(place < 20, "five messages of one account waited for {place} others");

    // In dispatch it does not stand behind what is there of other priorities.
    gateway.request_many(many, Priority::Bulk, 10).await;
    let otp = gateway.request_many(few, Priority::Otp, 1).await;
    assert_eq!(gateway.take(&pool(), Priority::Otp).await.value.id, otp[0]);
}

/// What has the lane of one-time passwords is heard as well as the rest.
#[tokio::test]
async fn a_one_time_password_has_the_place_of_the_one_that_was_sent_before() {
    let gateway = Gateway::start_with(Router { depth: 1, ..config() }).await;
    gateway.modem("a", ModemStatus::Ready).await;
    for _ in 0..10 {
        gateway.request_many(UserId::derived("a"), Priority::Otp, 1).await;
        let item = gateway.take(&pool(), Priority::Otp).await;
        gateway.send(item).await;
    }
    // The first comes before the router has counted. If the router did not hear what was sent, all of the others would
    // wait for a count.
    let waited = gateway.taken(Stream::Wait).await;
    assert!(waited < 5, "{waited} of ten waited");
}

#[tokio::test]
async fn a_sim_that_is_away_does_not_hold_up_its_account() {
    let mut gateway = Gateway::start().await;
    gateway.modem("a", ModemStatus::Ready).await;
    let away = SimId::derived("away");
    for _ in 0..40 {
        let mut request = MtRequest::text(to(), "through that SIM only");
        request.sim = Some(away);
        gateway.request(Priority::Normal, request).await;
    }
    let id = gateway.request(Priority::Normal, MtRequest::text(to(), "through any")).await;
    let item = gateway.take(&pool(), Priority::Normal).await;
    assert_eq!(item.value.id, id);
    gateway.send(item).await;
    gateway.change(id, MtState::Released).await;

    gateway.modem("away", ModemStatus::Ready).await;
    let target = Target::Sim(away);
    for _ in 0..16 {
        let item = gateway.take(&target, Priority::Normal).await;
        gateway.send(item).await;
    }
}

#[tokio::test]
async fn what_was_taken_back_goes_no_further_also_when_no_router_heard_it() {
    let mut gateway = Gateway::start().await;
    let waiting = gateway.request(Priority::Normal, MtRequest::text(to(), "waits")).await;
    gateway.change(waiting, MtState::Admitted).await;
    gateway.stop_router().await;
    let accepted = gateway.request(Priority::Normal, MtRequest::text(to(), "not admitted")).await;
    for id in [waiting, accepted] {
        let request = MtRequest::text(to(), "");
        let cancelled = MtChange::Cancelled { by: None };
        let event = MtEvent::of(id, &request, Timestamp::now(), cancelled);
        gateway.bus.publish(&event).await.unwrap();
    }
    gateway.start_router(crate::gateway::config()).await;
    gateway.modem("a", ModemStatus::Ready).await;
    let other = gateway.request(Priority::Normal, MtRequest::text(to(), "goes")).await;
    let item = gateway.take(&pool(), Priority::Normal).await;
    assert_eq!(item.value.id, other, "it is the only one that is dispatched");
    gateway.send(item).await;
    wait_for("the queues to be empty", || async {
        let waiting = gateway.bus.subject_counts(Stream::Wait).await.ok()?;
        let dispatched = gateway.bus.subject_counts(Stream::Dispatch).await.ok()?;
        (waiting.is_empty() && dispatched.is_empty()).then_some(())
    })
    .await;
    let mut told = Vec::new();
    gateway
        .event(|event| match event {
            Event::Mt(event) if event.message == other => {
                (event.change.state() == MtState::Sent).then_some(())
            }
            Event::Mt(event) => {
                told.push((event.message, event.change.state()));
                None
            }
            _ => None,
        })
        .await;
    assert_eq!(told, [(waiting, MtState::Cancelled), (accepted, MtState::Cancelled)]);
}

#[tokio::test]
async fn what_waits_for_a_modem_that_is_away_is_not_asked_for_and_expires_at_its_end() {
    let mut gateway = Gateway::start().await;
    gateway.modem("a", ModemStatus::Ready).await;
    let away = Target::Sim(SimId::derived("away"));
    let owner = UserId::derived("a");
    let end = Timestamp::now().plus(Duration::from_secs(4));
    let mut ids = Vec::new();
    for n in 0..20 {
        let mut request = MtRequest::text(to(), "through that SIM only");
        request.owner = owner;
        request.sim = Some(SimId::derived("away"));
        // The last one waits on.
        request.not_after = (n < 19).then_some(end);
        ids.push(gateway.request(Priority::Normal, request).await);
    }
    gateway.change(ids[19], MtState::Admitted).await;
    // Others go on meanwhile.
    for _ in 0..3 {
        gateway.request(Priority::Normal, MtRequest::text(to(), "through any")).await;
        let item = gateway.take(&pool(), Priority::Normal).await;
        gateway.send(item).await;
    }
    let js = async_nats::jetstream::new(gateway.bus.client().clone());
    let wait = js.get_stream(Stream::Wait.as_str()).await.unwrap();
    let durable = bus::Durable::Wait(owner, Priority::Normal, away);
    if Timestamp::now() < end {
        // Made on first use: nobody has asked for these.
        assert!(wait.consumer_info(durable.name()).await.is_err());
    }
    let mut expired = HashSet::new();
    while expired.len() < 19 {
        let (id, at) = gateway
            .event(|event| match event {
                Event::Mt(event) if event.change == MtChange::Expired {} => {
                    Some((event.message, event.at))
                }
                _ => None,
            })
            .await;
        assert!(at >= end && ids.contains(&id) && id != ids[19]);
        expired.insert(id);
    }
    wait_for("the expired to be taken out", || async {
        let left = gateway.bus.subject_counts(Stream::Wait).await.ok()?;
        (left.values().sum::<u64>() == 1).then_some(())
    })
    .await;
    gateway.modem("away", ModemStatus::Ready).await;
    gateway.change(ids[19], MtState::Released).await;
}

#[tokio::test]
async fn what_waits_for_a_sim_that_has_sent_enough_waits_where_it_can_still_move() {
    let mut gateway = Gateway::start().await;
    let modems = gateway.bus.kv::<ModemState>(Bucket::Modems).await.unwrap();
    let put = async |name: &str, closed: Option<(Limit, bool)>| {
        let closed = closed.map(|(limit, passwords)| {
            let until = Timestamp::now().plus(Duration::from_hours(1));
            Closed { limit, most: Some(100), until, passwords }
        });
        let state = ModemState { closed, ..modem(name, ModemStatus::Ready) };
        modems.put(&state.id.to_string(), &state).await.unwrap();
    };
    let own = Target::Sim(SimId::derived("a"));
    let mut named = MtRequest::text(to(), "through this SIM");
    named.sim = Some(SimId::derived("a"));
    put("a", Some((Limit::Hour, false))).await;
    let any = gateway.request(Priority::Normal, MtRequest::text(to(), "through any SIM")).await;
    let named = gateway.request(Priority::Normal, named).await;
    for id in [any, named] {
        gateway.change(id, MtState::Admitted).await;
    }
    // A SIM that is open takes what is for any.
    put("b", None).await;
    let item = gateway.take(&pool(), Priority::Normal).await;
    assert_eq!(item.value.id, any);
    gateway.send(item).await;
    // Only one-time passwords go out at night.
    put("b", Some((Limit::Quiet, true))).await;
    let otp = gateway.request(Priority::Otp, MtRequest::text(to(), "your code")).await;
    let item = gateway.take(&pool(), Priority::Otp).await;
    assert_eq!(item.value.id, otp);
    gateway.send(item).await;
    assert!(gateway.dispatched().await.is_empty(), "what names a SIM waits for it");
    put("a", None).await;
    let item = gateway.take(&own, Priority::Normal).await;
    assert_eq!(item.value.id, named);
}
