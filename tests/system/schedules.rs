//! What is scheduled with the command line arrives when its time comes, also after the gateway was killed.

use contracts::Timestamp;
use modem_sim::Make;
use serde_json::{Value, json};
use testkit::wait_for_within;

use crate::gateway::{PATIENCE, run};
use crate::rig::Rig;

const CUSTOMER: &str = "+6285711112222";

/// So many seconds from now, to the second, as a clock on the wall shows it in UTC.
fn from_now(seconds: i64) -> (Timestamp, String) {
    let at =
        Timestamp::from_micros((Timestamp::now().as_micros() / 1_000_000 + seconds) * 1_000_000);
    (at, at.to_string().replace('T', " ").replace('Z', ""))
}

/// A schedule, once its last time was this one.
async fn sent(rig: &Rig, name: &str, at: Timestamp) -> Value {
    wait_for_within(PATIENCE, &format!("{name} to be sent"), || async {
        let shown = rig.gateway.cli(&["schedule", "show", name]).await;
        (shown["last"]["at"] == json!(at)).then_some(shown)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_scheduled_arrives_when_its_time_comes() {
    let mut rig = Rig::start(&[Make::Wavecom]).await;
    let (at, local) = from_now(4);
    let add = ["schedule", "add", "Salam", "--to", CUSTOMER, "--text", "Selamat pagi"];
    let when = ["--at", &local, "--zone", "UTC", "--repeat", "FREQ=DAILY;COUNT=2"];
    let made = rig.gateway.cli(&[&add[..], &when].concat()).await;
    assert_eq!(made["next"][0], json!(at), "{made}");
    let listed = rig.gateway.cli(&["schedule", "list"]).await;
    assert_eq!(listed["schedules"][0], made);

    let arrived = rig.network().sent_at_least(1).await;
    assert!(Timestamp::now() >= at);
    assert_eq!((arrived[0].to().as_str(), arrived[0].text().as_str()), (CUSTOMER, "Selamat pagi"));
    let shown = sent(&rig, "salam", at).await;
    assert_eq!((&shown["last"]["messages"], &shown["last"]["trouble"]), (&json!(1), &Value::Null));
    assert_eq!(shown["next"].as_array().map(Vec::len), Some(1), "{shown}");

    // A time comes while the gateway is off: a little late is not too late.
    let (at, local) = from_now(5);
    let add = ["schedule", "add", "Sore", "--to", CUSTOMER, "--text", "Selamat sore"];
    rig.gateway.cli(&[&add[..], &["--at", &local, "--zone", "UTC"]].concat()).await;
    rig.gateway.kill(true).await;
    wait_for_within(PATIENCE, "the time to come", || async {
        (Timestamp::now() > at).then_some(())
    })
    .await;
    rig.gateway.restart().await;
    let arrived = rig.network().sent_at_least(2).await;
    assert_eq!(arrived[1].text(), "Selamat sore");
    let shown = sent(&rig, "Sore", at).await;
    assert_eq!(shown["next"], json!([]));

    // By hand, beside its times.
    let add = ["schedule", "add", "Malam", "--to", CUSTOMER, "--text", "Selamat malam"];
    let when = ["--at", "2130-12-01 20:00", "--zone", "Asia/Jakarta"];
    rig.gateway.cli(&[&add[..], &when].concat()).await;
    let batch = rig.gateway.cli(&["schedule", "run", "Malam"]).await;
    assert_eq!(batch["total"], 1, "{batch}");
    rig.network().sent_at_least(3).await;
    let paused = rig.gateway.cli(&["schedule", "pause", "Salam"]).await;
    assert_eq!((&paused["paused"], &paused["next"]), (&json!(true), &json!([])));
    let resumed = rig.gateway.cli(&["schedule", "resume", "Salam"]).await;
    assert_eq!(resumed["next"].as_array().map(Vec::len), Some(1), "{resumed}");
    rig.gateway.cli(&["schedule", "remove", "Salam"]).await;
    let output = run(rig.gateway.data(), &["schedule", "show", "Salam"], None).await;
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && error.contains("there is no schedule 'Salam'"), "{error}");
    let past = ["schedule", "add", "x", "--to", "888", "--text", "x", "--at", "2020-01-01 08:00"];
    let output = run(rig.gateway.data(), &[&past[..], &["--zone", "UTC"]].concat(), None).await;
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.contains("It would never be sent"), "{error}");
    assert_eq!(rig.network().sent_count(), 3);
}
