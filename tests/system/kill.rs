//! `kill -9` in the middle: nothing accepted is lost, nothing is sent twice in silence.

use std::collections::HashMap;

use modem_sim::{Fault, Make};
use serde_json::json;

use crate::rig::Rig;

async fn kill_in_the_middle(broker_too: bool) {
    let mut rig = Rig::start(&[Make::Wavecom, Make::Huawei]).await;
    // Slow enough that some are sent, some are at the modems and some wait when the power goes.
    for place in [1, 2] {
        rig.modem(place).fault(Fault::SubmitTime(std::time::Duration::from_millis(100)));
    }
    let to: Vec<String> = (0..30).map(|n| format!("+62877{n:07}")).collect();
    let (status, answer) = rig.gateway.post("/messages", &json!({ "to": to, "text": "hi" })).await;
    assert_eq!(status, 202, "{answer}");
    rig.network().sent_at_least(6).await;
    rig.gateway.kill(broker_too).await;
    rig.gateway.restart().await;

    let mut uncertain = 0;
    for message in answer["messages"].as_array().unwrap() {
        let id = message["id"].as_str().unwrap();
        let message = rig.gateway.until(id, &["sent", "delivered", "uncertain"]).await;
        uncertain += usize::from(message["state"] == "uncertain");
    }
    let mut times: HashMap<String, usize> = HashMap::new();
    for sent in rig.network().sent() {
        *times.entry(sent.to()).or_default() += 1;
    }
    assert!(times.values().all(|times| *times == 1), "twice: {times:?}");
    assert!(times.len() + uncertain >= 30, "{} sent, {uncertain} uncertain", times.len());
    // At most what was at the two modems can be uncertain.
    assert!(uncertain <= 2, "{uncertain} uncertain");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_gateway() {
    kill_in_the_middle(false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_gateway_and_its_broker() {
    kill_in_the_middle(true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_cancelled_is_not_sent_and_what_was_too_late_is_whatever_is_killed() {
    let mut rig = Rig::start(&[Make::Wavecom, Make::Huawei]).await;
    for place in [1, 2] {
        rig.modem(place).fault(Fault::SubmitTime(std::time::Duration::from_millis(200)));
    }
    let later = contracts::Timestamp::now().plus(std::time::Duration::from_hours(1));
    let scheduled = json!({ "to": "+628990000000", "text": "later", "not_before": later });
    let scheduled = rig.gateway.send_with(scheduled).await;
    rig.gateway.until(&scheduled, &["held"]).await;
    let to: Vec<String> = (0..20).map(|n| format!("+62879{n:07}")).collect();
    let (status, answer) = rig.gateway.post("/messages", &json!({ "to": to, "text": "hi" })).await;
    assert_eq!(status, 202, "{answer}");
    rig.network().sent_at_least(2).await;
    let mut cancelled = vec![(scheduled.clone(), "+628990000000".to_owned())];
    let mut late = Vec::new();
    assert_eq!(rig.gateway.delete(&format!("/messages/{scheduled}")).await.0, 200);
    for message in answer["messages"].as_array().unwrap() {
        let [id, to] = ["id", "to"].map(|field| message[field].as_str().unwrap().to_owned());
        match rig.gateway.delete(&format!("/messages/{id}")).await {
            (200, _) => cancelled.push((id, to)),
            (409, _) => late.push((id, to)),
            other => panic!("{other:?}"),
        }
    }
    assert!(cancelled.len() > 1 && late.len() >= 2, "{} {}", cancelled.len(), late.len());
    rig.gateway.kill(true).await;
    rig.gateway.restart().await;
    for (id, _) in &late {
        rig.gateway.until(id, &["sent", "delivered", "uncertain"]).await;
    }
    for (id, _) in &cancelled {
        rig.gateway.until(id, &["cancelled"]).await;
    }
    // Whatever was to go out has gone out before this one.
    let last = rig.gateway.send("+628980000000", "last").await;
    rig.gateway.until(&last, &["sent", "delivered"]).await;
    let reached: Vec<String> = rig.network().sent().iter().map(modem_sim::Sent::to).collect();
    for (id, to) in &cancelled {
        assert!(!reached.contains(to), "{id} was cancelled and sent");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_in_peace_leaves_no_process_and_nothing_uncertain() {
    let mut rig = Rig::start(&[Make::Quectel]).await;
    let to: Vec<String> = (0..10).map(|n| format!("+62878{n:07}")).collect();
    let (_, answer) = rig.gateway.post("/messages", &json!({ "to": to, "text": "hi" })).await;
    rig.gateway.stop().await;
    let pid = std::fs::read_to_string(rig.gateway.data().join("nats/nats-server.pid"));
    let alive =
        pid.is_ok_and(|pid| std::path::Path::new(&format!("/proc/{}", pid.trim())).exists());
    assert!(!alive, "the broker stopped too");
    rig.gateway.restart().await;
    for message in answer["messages"].as_array().unwrap() {
        rig.gateway.until(message["id"].as_str().unwrap(), &["sent", "delivered"]).await;
    }
    assert_eq!(rig.network().sent_count(), 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_gateways_cannot_have_one_folder() {
    let rig = Rig::start(&[]).await;
    let output = crate::gateway::run(
        rig.gateway.data(),
        &["up", "--no-discovery", "--http", "127.0.0.1:0"],
        None,
    )
    .await;
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("another") || said.contains("already"), "{said}");
}
