//! A broadcast of the command line, through modems, over a kill of the gateway.

use std::collections::BTreeSet;

use modem_sim::Make;
use serde_json::{Value, json};
use testkit::wait_for_within;

use crate::gateway::{PATIENCE, run};
use crate::rig::Rig;

const TESTER: &str = "+6285711110000";
const RECIPIENTS: [&str; 4] =
    ["+6285711110001", "+6285711110002", "+6285711110003", "+6285711110004"];

/// The broadcast once it is in this state.
async fn in_state(rig: &Rig, state: &str) -> Value {
    wait_for_within(PATIENCE, &format!("the broadcast to be {state}"), || async {
        let shown = rig.gateway.cli(&["broadcast", "show", "libur"]).await;
        (shown["state"] == json!(state)).then_some(shown)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broadcast_reaches_each_recipient_once() {
    let mut rig = Rig::start(&[Make::Wavecom, Make::Huawei]).await;
    let mut add = vec!["broadcast", "add", "Libur", "--text", "Hai {number}", "--zone", "UTC"];
    for number in RECIPIENTS {
        add.extend(["--to", number]);
    }
    let made = rig.gateway.cli(&add).await;
    assert_eq!((&made["state"], &made["numbers"]), (&json!("draft"), &json!(4)), "{made}");
    rig.gateway.cli(&["broadcast", "test", "Libur", "--to", TESTER]).await;
    let tested = rig.network().sent_at_least(1).await;
    let text = format!("Hai {}", RECIPIENTS[0]);
    assert_eq!((tested[0].to().as_str(), tested[0].text()), (TESTER, text));

    rig.gateway.cli(&["broadcast", "start", "Libur"]).await;
    rig.gateway.kill(true).await;
    rig.gateway.restart().await;
    let over = in_state(&rig, "finished").await;
    assert_eq!(over["audience"]["recipients"], 4, "{over}");
    let sent = rig.network().sent_at_least(5).await;
    let to: BTreeSet<String> = sent.iter().skip(1).map(modem_sim::Sent::to).collect();
    assert_eq!(sent.len(), 5, "each once");
    assert_eq!(to, RECIPIENTS.map(str::to_owned).into_iter().collect());
    let listed = rig.gateway.cli(&["broadcast", "list"]).await;
    assert_eq!(listed["broadcasts"][0]["state"], "finished");
    rig.gateway.cli(&["broadcast", "remove", "Libur"]).await;
    let output = run(rig.gateway.data(), &["broadcast", "show", "Libur"], None).await;
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && error.contains("there is no broadcast 'Libur'"), "{error}");
    let wrong = [&add[..], &["--pace", "0/minute"]].concat();
    let output = run(rig.gateway.data(), &wrong, None).await;
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && error.contains("60/minute"), "{error}");
}
