//! Why a message waits: the same on its page, in the lists, and in both calls of the API.

use contracts::limits::{Closed, Limit};
use contracts::modem::{ModemState, ModemStatus};
use contracts::mt::{Gate, MtChange, MtEvent};
use contracts::subject::Target;
use contracts::{MessageId, OrgId, Timestamp};
use serde_json::{Value, json};
use testkit::wait_for;

use crate::browser::Browser;
use crate::gateway::Gateway;

async fn told(gateway: &Gateway, id: MessageId, change: MtChange) {
    let reach = store::Reach::everything(OrgId::default_org());
    let find = || async { gateway.store.message_detail(reach, id).await.ok().flatten() };
    let request = wait_for("the row", find).await.request;
    let state = change.state();
    let event = MtEvent::of(id, &request, Timestamp::now(), change);
    gateway.bus.publish(&event).await.expect("an event");
    wait_for("the state", || async { (find().await?.message.state == state).then_some(()) }).await;
}

async fn send(gateway: &Gateway, key: &str, body: Value) -> MessageId {
    gateway.sends(key, &body).await[0]
}

/// What each door says of a message that waits.
async fn said(
    gateway: &Gateway,
    key: &str,
    browser: &mut Browser<'_>,
    id: MessageId,
) -> Option<api::Waiting> {
    let waiting = gateway.message(key, id).await.message.waiting;
    let row = gateway.messages(key).await.into_iter().find(|row| row.id == id);
    assert_eq!(row.expect("it is listed").waiting, waiting, "list and message");
    for path in ["/", "/sent", &format!("/messages/{id}")] {
        browser.open(path).await;
    }
    waiting
}

#[tokio::test]
async fn a_message_for_a_sim_that_is_offline_says_so_everywhere() {
    let gateway = Gateway::start().await;
    let key = gateway.user("budi", false).await;
    gateway.modem("modem1", "+62811000001").await;
    let away = gateway.modem("modem2", "+62811000002").await;
    let sim = away.sim.clone().expect("a SIM").id;
    let away = ModemState { status: ModemStatus::Offline, ..away };
    let modems = gateway.bus.kv(bus::Bucket::Modems).await.expect("the bucket");
    modems.put(&away.id.to_string(), &away).await.expect("a state");
    wait_for("the modem to be known as offline", || async {
        let modems = gateway.modems(&key).await;
        let is_offline = |modem: &api::Modem| modem.state.status == ModemStatus::Offline;
        (modems.len() == 2 && modems.iter().any(is_offline)).then_some(())
    })
    .await;
    let mut browser = Browser::new(&gateway, "en");
    browser.open("/login").await;
    browser.send("/login", &[("name", "budi"), ("password", "correct horse")]).await;

    let id =
        send(&gateway, &key, json!({ "to": "+62812345678", "text": "Halo", "sim": sim })).await;
    told(&gateway, id, MtChange::admitted(1, Target::Sim(sim))).await;
    let waiting = said(&gateway, &key, &mut browser, id).await.expect("it waits");
    assert_eq!(waiting.code, "sim-offline");
    let reason = "The SIM it must go out through is in modem2, which is not online. It is sent as soon as it is.";
    assert_eq!(waiting.reason, reason);
    assert!(waiting.until.is_none() && waiting.expires_at.is_some(), "{waiting:?}");
    for path in ["/", "/sent", &format!("/messages/{id}")] {
        browser.open(path).await.shows("is in modem2, which is not online.");
    }
    browser.shows("it expires.");

    let any = send(&gateway, &key, json!({ "to": "+62812345678", "text": "Halo" })).await;
    let target = Target::Pool(contracts::PoolId::default_pool());
    told(&gateway, any, MtChange::admitted(1, target)).await;
    assert_eq!(said(&gateway, &key, &mut browser, any).await.expect("it waits").code, "turn");

    // What a rule decided counts, and not what the request names.
    let routed = send(&gateway, &key, json!({ "to": "+62812345678", "text": "Halo" })).await;
    let vip = Target::Pool("vip".parse().expect("a pool"));
    told(&gateway, routed, MtChange::admitted(1, vip).by_rule(Some("vip".to_owned()))).await;
    let waiting = said(&gateway, &key, &mut browser, routed).await.expect("it waits");
    assert!(waiting.reason.starts_with("No modem of the pool 'vip' is online."), "{waiting:?}");

    let until = Timestamp::now().plus(std::time::Duration::from_hours(3));
    let held = MtChange::Held { gate: Gate::Schedule, until, tries: 0, round: 1 };
    told(&gateway, any, held).await;
    let waiting = said(&gateway, &key, &mut browser, any).await.expect("it waits");
    assert_eq!((&*waiting.code, waiting.until), ("scheduled", Some(until)));
    browser.open("/sent").await.shows("It is scheduled for later. It waits until");

    told(&gateway, any, MtChange::Cancelled { by: None }).await;
    assert_eq!(said(&gateway, &key, &mut browser, any).await, None);
}

#[tokio::test]
async fn a_message_for_a_sim_that_has_sent_enough_says_when_it_opens() {
    let gateway = Gateway::start().await;
    let key = gateway.user("budi", false).await;
    let state = gateway.modem("modem1", "+62811000001").await;
    let sim = state.sim.clone().expect("a SIM").id;
    let until = Timestamp::now().plus(std::time::Duration::from_hours(1));
    let closed = Closed { limit: Limit::Hour, most: Some(100), until, passwords: false };
    let state = ModemState { closed: Some(closed), ..state };
    let modems = gateway.bus.kv(bus::Bucket::Modems).await.expect("the bucket");
    modems.put(&state.id.to_string(), &state).await.expect("a state");
    wait_for("the SIM to be known as closed", || async {
        let modems = gateway.modems(&key).await;
        modems.first().is_some_and(|modem| modem.state.closed.is_some()).then_some(())
    })
    .await;
    let mut browser = Browser::new(&gateway, "en");
    browser.open("/login").await;
    browser.send("/login", &[("name", "budi"), ("password", "correct horse")]).await;

    let id =
        send(&gateway, &key, json!({ "to": "+62812345678", "text": "Halo", "sim": sim })).await;
    told(&gateway, id, MtChange::admitted(1, Target::Sim(sim))).await;
    let waiting = said(&gateway, &key, &mut browser, id).await.expect("it waits");
    assert_eq!((&*waiting.code, waiting.until), ("sim-limit", Some(until)));
    let why = "sends nothing until ";
    assert!(waiting.reason.contains(why), "{waiting:?}");
    assert!(
        waiting.reason.ends_with("the limit of 100 messages an hour is reached."),
        "{waiting:?}"
    );
    for path in ["/sent", &format!("/messages/{id}")] {
        browser.open(path).await.shows("because of the limit of 100 messages an hour");
    }
    browser.open("/modems").await.shows("Its SIM sends nothing until");

    let any = send(&gateway, &key, json!({ "to": "+62812345678", "text": "Halo" })).await;
    let target = Target::Pool(contracts::PoolId::default_pool());
    told(&gateway, any, MtChange::admitted(1, target.clone())).await;
    assert_eq!(said(&gateway, &key, &mut browser, any).await.expect("it waits").code, "pool-limit");
    gateway.modem("modem2", "+62811000002").await;
    wait_for("the other SIM to be known", || async {
        let waiting = gateway.message(&key, any).await.message.waiting;
        (waiting?.code == "turn").then_some(())
    })
    .await;
}
