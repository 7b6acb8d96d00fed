//! What was done by the command line is told by it, and is whole after a kill.

use modem_sim::Make;
use serde_json::json;

use crate::gateway::run;
use crate::rig::Rig;

#[tokio::test(flavor = "multi_thread")]
async fn what_was_done_is_told_and_whole() {
    let mut rig = Rig::start(&[Make::Wavecom]).await;
    let gateway = &rig.gateway;
    for limit in ["100", "50"] {
        gateway.cli(&["limit", "set", "--sim", "modem1", "--per-hour", limit]).await;
    }
    gateway.cli(&["at", "modem1", "AT+CSQ"]).await;
    let told = gateway.cli(&["audit", "--user", "local", "--limit", "2"]).await;
    let (at, limits) = (&told["entries"][0], &told["entries"][1]);
    assert_eq!(
        (&at["action"], &at["after"]),
        (&json!("modem.at"), &json!({ "command": "AT+CSQ" }))
    );
    assert_eq!((&at["door"], &at["actor"]["kind"]), (&json!("socket"), &json!("local")));
    assert_eq!(limits["before"], json!({ "limits.per_hour": 100 }), "{limits}");
    assert_eq!(limits["after"], json!({ "limits.per_hour": 50 }), "{limits}");
    let before = gateway.cli(&["audit", "verify"]).await;
    assert_eq!(before["whole"], true, "{before}");

    // For people, and what cannot be meant is said.
    let output = run(gateway.data(), &["audit", "--action", "sim.limits.changed"], None).await;
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("limits.per_hour 100 → 50"), "{said}");
    let output = run(gateway.data(), &["audit", "--action", "moon.reached"], None).await;
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && said.contains("sim.limits.changed"), "{said}");

    rig.gateway.kill(true).await;
    rig.gateway.restart().await;
    let after = rig.gateway.cli(&["audit", "verify"]).await;
    assert_eq!(after["whole"], true, "{after}");
    assert!(after["through"].as_i64() >= before["through"].as_i64(), "{before} {after}");
}
