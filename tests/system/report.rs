//! What was sent is counted, and told by the command line, after a kill too.

use modem_sim::Make;
use serde_json::json;
use testkit::wait_for_within;

use crate::gateway::{PATIENCE, run};
use crate::rig::Rig;

#[tokio::test(flavor = "multi_thread")]
async fn what_was_sent_is_counted_once() {
    let mut rig = Rig::start(&[Make::Wavecom]).await;
    for text in ["Halo", "Hai"] {
        rig.gateway.cli(&["send", "--to", "+6285711112222", "--text", text]).await;
    }
    rig.network().sent_at_least(2).await;
    let counted = wait_for_within(PATIENCE, "both to be counted as sent", || async {
        let told = rig.gateway.cli(&["report", "--by", "sim", "--zone", "Asia/Jakarta"]).await;
        (told["total"]["sent"] == json!(2)).then_some(told)
    })
    .await;
    assert_eq!((&counted["total"]["accepted"], &counted["total"]["parts"]), (&json!(2), &json!(2)));
    assert_eq!(counted["total"]["time_to_send"]["messages"], json!(2), "{counted}");
    let rows = counted["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 1, "{counted}");
    assert!(rows[0]["name"].as_str().unwrap().contains("modem1"), "{counted}");

    rig.gateway.kill(true).await;
    rig.gateway.restart().await;
    let output = run(rig.gateway.data(), &["report"], None).await;
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(
        said.contains("ACCEPTED") && said.lines().any(|line| line.starts_with("all")),
        "{said}"
    );
    let output = run(rig.gateway.data(), &["report", "--by", "error", "--csv"], None).await;
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.starts_with("\"error\",\"name\",\"accepted\""), "{said}");
    let after = rig.gateway.cli(&["report", "--by", "day"]).await;
    assert_eq!(after["total"]["accepted"], json!(2), "{after}");
    let output = run(rig.gateway.data(), &["report", "--zone", "Nowhere"], None).await;
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && said.contains("no time zone"), "{said}");
}
