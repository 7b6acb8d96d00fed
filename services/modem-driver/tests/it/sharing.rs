//! Several modems and drivers, priorities, and goodbye.

use std::time::Duration;

use contracts::control::{AtReply, AtRequest, Call};
use contracts::modem::ModemState;
use contracts::subject::Target;
use contracts::{MtState, OrgId, Priority, Timestamp, UserId, config_kv};
use testkit::wait_for;

use crate::rig::Rig;

#[tokio::test]
async fn two_drivers_share_a_pool() {
    let rig = Rig::slow(2, Duration::from_millis(30)).await;
    let one = rig.driver(&[1]).await;
    let two = rig.driver(&[2]).await;
    rig.online(2).await;
    let mut ids = Vec::new();
    for n in 0..20 {
        ids.push(rig.dispatch(&format!("shared {n}")).await);
    }
    for (n, id) in ids.into_iter().enumerate() {
        rig.events.until(id, MtState::Sent).await;
        assert_eq!(rig.times_sent(&format!("shared {n}")), 1);
    }
    let by = |modem: usize| rig.sim.network().sent().iter().filter(|s| s.modem == modem).count();
    assert!(by(1) >= 5 && by(2) >= 5, "{} and {}", by(1), by(2));
    one.stop().await;
    two.stop().await;
}

#[tokio::test]
async fn one_port_is_driven_by_one_driver() {
    let rig = Rig::new(1).await;
    let one = rig.driver(&[1]).await;
    rig.online(1).await;
    let two = rig.driver(&[1]).await;
    let id = rig.dispatch("once").await;
    rig.events.until(id, MtState::Sent).await;
    // The other one takes over when the first is gone.
    one.kill().await;
    let id = rig.dispatch("by the other").await;
    rig.events.until(id, MtState::Sent).await;
    two.stop().await;
}

#[tokio::test]
async fn a_password_overtakes_what_is_waiting() {
    let rig = Rig::slow(1, Duration::from_millis(150)).await;
    let _driver = rig.driver(&[1]).await;
    rig.online(1).await;
    let mut bulk = Vec::new();
    for n in 0..10 {
        bulk.push(rig.dispatch_with(Priority::Bulk, &format!("bulk {n}"), |_| {}).await);
    }
    rig.events.until(bulk[1], MtState::Sending).await;
    let otp = rig.dispatch_with(Priority::Otp, "your code", |_| {}).await;
    rig.events.until(otp, MtState::Sent).await;
    let texts: Vec<String> = rig.sim.network().sent().iter().map(modem_sim::Sent::text).collect();
    let place = texts.iter().position(|text| text == "your code").unwrap();
    assert!(place <= 3, "{texts:?}");
    for id in bulk {
        rig.events.until(id, MtState::Sent).await;
    }
}

#[tokio::test]
async fn a_message_for_a_sim_goes_through_it() {
    let rig = Rig::new(2).await;
    let _driver = rig.driver(&[1, 2]).await;
    let states = rig.online(2).await;
    for state in states {
        let sim = state.sim.unwrap();
        let id = rig
            .dispatch_with(Priority::Normal, &format!("through {}", sim.id), |item| {
                item.target = Target::Sim(sim.id);
            })
            .await;
        rig.events.until(id, MtState::Sent).await;
        let sent = rig.sim.network().sent().pop().unwrap();
        assert_eq!(sim.iccid, Some(rig.sim.modem(sent.modem).identity().iccid));
    }
}

#[tokio::test]
async fn a_goodbye_finishes_the_message_at_hand_and_gives_back_the_next() {
    let rig = Rig::slow(1, Duration::from_millis(600)).await;
    let driver = rig.driver(&[1]).await;
    rig.online(1).await;
    let first = rig.dispatch("first").await;
    let second = rig.dispatch("second").await;
    rig.events.until(first, MtState::Sending).await;
    driver.stop().await;
    assert_eq!(rig.times_sent("first"), 1);
    assert_eq!(rig.times_sent("second"), 0);
    rig.events.until(first, MtState::Sent).await;
    // The message comes at once, not when an ack time is over.
    let began = std::time::Instant::now();
    let _driver = rig.driver(&[1]).await;
    rig.events.until(second, MtState::Sent).await;
    assert!(began.elapsed() < Duration::from_secs(8), "{:?}", began.elapsed());
    assert_eq!(rig.events.states_of(second), [MtState::Sending, MtState::Sent]);
}

#[tokio::test]
async fn a_modem_answers_questions() {
    let rig = Rig::new(1).await;
    let _driver = rig.driver(&[1]).await;
    let modem = rig.online(1).await[0].id;
    let ask = |call: Call, payload: Vec<u8>| {
        let client = rig.bus.client().clone();
        async move {
            wait_for("an answer", || {
                let asked = client.request(call.subject(modem), payload.clone().into());
                async move { asked.await.ok() }
            })
            .await
        }
    };
    let info = ask(Call::Info, vec![]).await;
    let state: ModemState = serde_json::from_slice(&info.payload).unwrap();
    assert_eq!((state.id, state.host.as_str()), (modem, "testhost"));
    let command = serde_json::to_vec(&AtRequest { command: "AT+CSQ".to_owned() }).unwrap();
    let reply: AtReply = serde_json::from_slice(&ask(Call::At, command).await.payload).unwrap();
    assert!(reply.lines[0].starts_with("+CSQ:"), "{:?}", reply.lines);
    assert_eq!(reply.lines.last().map(String::as_str), Some("OK"));
    let wrong = ask(Call::Pin, br#"{"pin":"12x4"}"#.to_vec()).await;
    let headers = wrong.headers.unwrap();
    assert_eq!(headers.get("Nats-Service-Error").unwrap().as_str(), "a PIN has 4 to 8 digits");
}

#[tokio::test]
async fn a_sick_modem_leaves_the_pool_and_the_others_go_on() {
    let rig = Rig::slow(2, Duration::from_millis(20)).await;
    rig.sim.modem(1).fault(modem_sim::Fault::Cms(42));
    let _driver = rig.driver(&[1, 2]).await;
    rig.online(2).await;
    let mut ids = Vec::new();
    for n in 0..30 {
        ids.push(rig.dispatch(&format!("healthy {n}")).await);
    }
    let degraded = wait_for("the sick modem to be out of the pool", || async {
        let states = rig.states().await;
        states.into_iter().find(|s| s.status == contracts::modem::ModemStatus::Degraded)
    })
    .await;
    assert_eq!(degraded.name, "modem1");
    assert_eq!(degraded.problem.unwrap().code, "cms-42");
    let after = rig.dispatch("by the other").await;
    rig.events.until(after, MtState::Sent).await;
    let sent = rig.sim.network().sent();
    assert!(sent.iter().all(|sent| sent.modem == 2));
    rig.events
        .find("the event", |event| match event {
            bus::Event::Modem(event)
                if event.kind == contracts::modem::ModemEventKind::Degraded =>
            {
                Some(())
            }
            _ => None,
        })
        .await;
}

/// Also right after a pause, while the pulls of the idle modem for its SIM's own queue are still open.
#[tokio::test]
async fn the_next_message_is_fetched_while_one_is_sent() {
    let rig = Rig::slow(1, Duration::from_secs(3)).await;
    let _driver = rig.driver(&[1]).await;
    let first = rig.dispatch("first").await;
    rig.events.until(first, MtState::Sent).await;
    // The modem has nothing to do now, and waits at all of its queues.
    for n in 0..3 {
        rig.dispatch(&format!("ahead {n}")).await;
    }
    rig.sim.network().sent_at_least(2).await;
    wait_for("the last to be fetched", || async {
        rig.states().await.iter().any(|s| s.sent_today == 2 && s.queue == 2).then_some(())
    })
    .await;
    assert_eq!(rig.sim.network().sent().len(), 2, "only when the one before was through");
}

/// Not a measurement, but a guard: a modem that answers at once is given the next message at once.
#[tokio::test]
async fn a_modem_is_not_idle_while_messages_wait() {
    let rig = Rig::new(1).await;
    let mut ids = Vec::new();
    for n in 0..100 {
        ids.push(rig.dispatch(&format!("quick {n}")).await);
    }
    let driver = rig.driver(&[1]).await;
    rig.sim.network().sent_at_least(1).await;
    let began = std::time::Instant::now();
    rig.sim.network().sent_at_least(100).await;
    let each = began.elapsed() / 99;
    println!("{each:?} a message, journal included");
    assert!(each < Duration::from_millis(50), "{each:?}");
    for id in ids {
        rig.events.until(id, MtState::Sent).await;
    }
    driver.stop().await;
}

/// A SIM that is not for everybody takes what names it, and nothing that only asks for any SIM; also while a pull of before
/// is still open.
#[tokio::test]
async fn a_sim_that_is_not_for_everybody_sends_what_names_it() {
    let rig = Rig::new(1).await;
    let _driver = rig.driver(&[1]).await;
    let state = rig.online(1).await.remove(0);
    let sim = state.sim.unwrap().id;
    let first = rig.dispatch("for any SIM").await;
    rig.events.until(first, MtState::Sent).await;
    // The modem is idle now, and asks the pool.
    let settings =
        |senders| config_kv::Sim { senders, ..config_kv::Sim::unset(OrgId::default_org()) };
    let config = rig.bus.kv(bus::Bucket::Config).await.unwrap();
    let key = format!("sim.{sim}");
    config.put(&key, &settings(config_kv::Access::only([UserId::derived("ani")]))).await.unwrap();
    wait_for("the SIM to be in no pool", || async {
        rig.states().await[0].pools.is_empty().then_some(())
    })
    .await;
    let any = rig.dispatch("for any SIM").await;
    let own = rig
        .dispatch_with(Priority::Normal, "for this SIM", |item| item.target = Target::Sim(sim))
        .await;
    rig.events.until(own, MtState::Sent).await;
    let again = rig
        .dispatch_with(Priority::Normal, "once more", |item| item.target = Target::Sim(sim))
        .await;
    rig.events.until(again, MtState::Sent).await;
    assert_eq!(rig.events.states_of(any), [], "it waits for a SIM that is for everybody");
    config.put(&key, &settings(config_kv::Access::everybody())).await.unwrap();
    rig.events.until(any, MtState::Sent).await;
}

#[tokio::test]
async fn a_disabled_modem_sends_nothing_until_it_is_enabled() {
    let rig = Rig::new(2).await;
    let config = rig.bus.kv(bus::Bucket::Config).await.unwrap();
    let set = |enabled| config_kv::Modem { org: OrgId::default_org(), name: None, enabled };
    let driver = rig.driver(&[1]).await;
    let modem = rig.online(1).await[0].id;
    driver.stop().await;
    // The modem was disabled while no driver was there: a driver that starts knows before it takes a message.
    config.put(&format!("modem.{modem}"), &set(false)).await.unwrap();
    let waits = rig.dispatch("waits").await;
    let _driver = rig.driver(&[1]).await;
    let state = wait_for("the modem to say that it is disabled", || async {
        let states = rig.states().await;
        states.into_iter().find(|state| state.status == contracts::modem::ModemStatus::Disabled)
    })
    .await;
    assert!(!state.is_online_at(Timestamp::now()));
    assert_eq!(state.text, contracts::modem::DISABLED);
    let _other = rig.driver(&[2]).await;
    rig.events.until(waits, MtState::Sent).await;
    assert_eq!(rig.sim.network().sent()[0].modem, 2);
    config.put(&format!("modem.{modem}"), &set(true)).await.unwrap();
    wait_for("the modem to be online", || async {
        rig.states().await.iter().all(|state| state.status.is_online()).then_some(())
    })
    .await;
}
