//! An account sends as much as it may, whatever it sends by, and says when it goes on.

use modem_sim::Make;
use serde_json::json;

use crate::gateway::run;
use crate::rig::Rig;

#[tokio::test(flavor = "multi_thread")]
async fn what_an_account_sends_beyond_its_limit_is_held_and_says_until_when() {
    let rig = Rig::start(&[Make::Wavecom]).await;
    let gateway = &rig.gateway;
    let set = ["limit", "set", "--user", "tester", "--per-month", "2", "--zone", "UTC"];
    let set = gateway.cli(&set).await;
    assert_eq!(set["limits"], json!({ "per_month": 2, "zone": "UTC" }), "{set}");
    let weight = ["limit", "set", "--user", "tester", "--weight", "3"];
    let limits = json!({ "per_month": 2, "zone": "UTC", "weight": 3 });
    assert_eq!(gateway.cli(&weight).await["limits"], limits, "what is not named stays");
    for (wrong, remedy) in [
        (vec!["--user", "tester", "--weight", "101"], "from 1 to 100"),
        (vec!["--user", "tester", "--per-hour", "3"], "--per-hour would never be reached"),
        (vec!["--user", "tester", "--quiet", "22:00-06:00"], "--sim SIM"),
        (vec!["--user", "nobody", "--per-hour", "3"], "no user named 'nobody'"),
        (vec!["--sim", "modem1", "--weight", "3"], "--user NAME"),
        (vec!["--sim", "modem1", "--user", "tester", "--weight", "3"], "cannot be used with"),
    ] {
        let output = run(gateway.data(), &[&["limit", "set"][..], &wrong[..]].concat(), None).await;
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && said.contains(remedy), "{wrong:?}: {said}");
    }
    // The routers may hear of the limit a moment after a message.
    let mut held = None;
    for n in 0..10 {
        let id = gateway.send("+6281234567890", &format!("pesan {n}")).await;
        let message = gateway.until(&id, &["sent", "delivered", "held"]).await;
        if message["state"] == "held" {
            held = Some(id);
            break;
        }
    }
    let held = held.expect("the limit is reached");
    let message = gateway.cli(&["why", &held]).await;
    assert_eq!(message["waiting"]["code"], "account-limit", "{message}");
    assert!(message["waiting"]["until"].is_string(), "{message}");
    let shown = gateway.cli(&["limit", "show", "--user", "tester"]).await;
    assert_eq!(shown["used"]["per_month"], 2, "{shown}");
    for (arguments, words) in [
        (vec!["limit", "list"], "at most 2 a month, with 3 turns in a round (UTC)"),
        (vec!["limit", "show", "--user", "tester"], "2 of 2"),
        (vec!["why", &held], "its account has sent what its limits allow"),
    ] {
        let output = run(gateway.data(), &arguments, None).await;
        let said = String::from_utf8(output.stdout).unwrap();
        let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains(words), "{said}");
    }
    // What is sent by the command line itself is of another account.
    let send = ["send", "--to", "+6281234567890", "--text", "setempat", "--wait"];
    let sent = gateway.cli(&send).await;
    let state = sent["messages"][0]["state"].as_str().unwrap();
    assert!(["sent", "delivered"].contains(&state), "{sent}");
    assert_eq!(gateway.cli(&["limit", "remove", "--user", "tester"]).await["limits"], json!({}));
    let mut is_sent = false;
    for n in 0..10 {
        let id = gateway.send("+6281234567890", &format!("bebas {n}")).await;
        let message = gateway.until(&id, &["sent", "delivered", "held"]).await;
        is_sent = message["state"] != "held";
        if is_sent {
            break;
        }
    }
    assert!(is_sent, "without a limit it goes out");
}
