//! A team and its people by the command line: what leaves by its SIM and what does not, its conversations, contacts from files, the
//! requests of a key, and the lines of a modem.

use modem_sim::Make;
use serde_json::{Value, json};
use testkit::wait_for_within;

use crate::gateway::{PATIENCE, run};
use crate::rig::Rig;

const CUSTOMER: &str = "+6285711112222";
const TEXT: &str = "Pesanan siap diambil";

/// What would become of a message of an account that names the SIM.
async fn would(rig: &Rig, account: &str, sim: &str) -> Value {
    let named = format!("sim:{sim}");
    let test =
        ["route", "test", "--to", CUSTOMER, "--account", account, "--through", named.as_str()];
    rig.gateway.cli(&test).await
}

/// Sends by a key, and returns the status and the answer.
async fn send(rig: &Rig, key: &str, body: &Value) -> (u16, Value) {
    let http = reqwest::Client::new();
    let url = format!("{}/api/v1/messages", rig.gateway.url);
    let answer = http.post(url).bearer_auth(key).json(body).send().await.unwrap();
    let status = answer.status().as_u16();
    (status, serde_json::from_str(&answer.text().await.unwrap()).unwrap())
}

/// What a command that fails says.
async fn refused(rig: &Rig, arguments: &[&str]) -> String {
    let output = run(rig.gateway.data(), arguments, None).await;
    assert!(!output.status.success(), "{arguments:?}");
    String::from_utf8(output.stderr).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_team_works_by_the_command_line() {
    let rig = Rig::start(&[Make::Wavecom, Make::Huawei]).await;
    let gateway = &rig.gateway;
    let budi = gateway.new_key("budi").await;
    wait_for_within(PATIENCE, "the SIM to be known", || async {
        let sims = gateway.cli(&["sims"]).await;
        let mut sims = sims["sims"].as_array().unwrap().iter();
        sims.any(|sim| sim["modem_name"] == "modem1").then_some(())
    })
    .await;
    let made = gateway.cli(&["team", "add", "Sales", "--users", "budi", "--sims", "modem1"]).await;
    let sim = made["sims"][0].as_str().unwrap().to_owned();
    let listed = gateway.cli(&["team", "list"]).await;
    assert_eq!(listed["teams"], json!([made]));

    // Settings reach the parts of the gateway a moment after they are made.
    let why = wait_for_within(PATIENCE, "the gateway to know of the team", || async {
        let tried = would(&rig, "tester", &sim).await;
        tried.get("refused").cloned()
    })
    .await;
    assert_eq!(why["code"], "sim-of-team", "{why}");
    assert_eq!(why["text"], "Refused: the SIM belongs to the team Sales.");
    let named = json!({ "to": CUSTOMER, "text": TEXT, "sim": sim });
    let (status, said) = gateway.post("/messages", &named).await;
    assert_eq!((status, &said["code"]), (403, &json!("sim-not-yours")), "{said}");
    let (status, said) = send(&rig, &budi, &named).await;
    assert_eq!(status, 202, "{said}");
    let sent = rig.network().sent_at_least(1).await;
    assert_eq!((sent[0].modem, sent[0].text()), (1, TEXT.to_owned()));
    // What names no SIM goes out through one that belongs to no team.
    gateway.send(CUSTOMER, "Dari orang lain").await;
    let sent = rig.network().sent_at_least(2).await;
    assert_eq!((sent[1].modem, sent.len()), (2, 2));

    conversations(&rig).await;
    contacts(&rig).await;

    // A key shows what it asked for and why that was refused, and nothing of what it said.
    let keys = gateway.cli(&["key", "list"]).await;
    let mut keys = keys["keys"].as_array().unwrap().iter();
    let prefix = keys.find_map(|key| {
        let prefix = key["prefix"].as_str()?;
        gateway.key().starts_with(prefix).then_some(prefix)
    });
    let asked = gateway.cli(&["key", "requests", prefix.unwrap()]).await;
    let requests = asked["requests"].as_array().unwrap();
    let refusal = requests.iter().find(|one| one["status"] == 403).expect("it was refused");
    let is = (&refusal["method"], &refusal["path"], &refusal["refusal"]);
    assert_eq!(is, (&json!("POST"), &json!("/api/v1/messages"), &json!("sim-not-yours")));
    assert!(!asked.to_string().contains(TEXT), "{asked}");

    // The last lines of the modem, without texts and with numbers cut short.
    let lines = gateway.cli(&["lines", "modem1"]).await;
    let all = lines["lines"].as_array().unwrap();
    let is_said = |written: bool| all.iter().any(|line| line["written"] == written);
    assert!(is_said(true) && is_said(false), "{lines}");
    assert!(!lines.to_string().contains(TEXT), "{lines}");

    // A team that has SIMs goes only when somebody says what becomes of them.
    let said = refused(&rig, &["team", "remove", "sales"]).await;
    assert!(said.contains("SIM"), "{said}");
    gateway.cli(&["team", "remove", "Sales", "--free-sims"]).await;
    assert_eq!(gateway.cli(&["team", "list"]).await["teams"], json!([]));
}

/// A conversation is assigned, noted in, archived and blocked.
async fn conversations(rig: &Rig) {
    let gateway = &rig.gateway;
    rig.network().send_text(1, CUSTOMER, "Sudah siap?").unwrap();
    gateway.inbox(1).await;
    let list = async |show: &str| {
        let listed = gateway.cli(&["conversation", "list", "--show", show]).await;
        listed["conversations"].as_array().unwrap().len()
    };
    assert_eq!(list("unassigned").await, 1);
    let state = gateway.cli(&["conversation", "assign", CUSTOMER, "--to", "budi"]).await;
    assert_eq!(state["assigned_to"]["name"], "budi", "{state}");
    assert_eq!((list("unassigned").await, list("open").await), (0, 1));
    let said = refused(rig, &["conversation", "assign", CUSTOMER, "--to", "tidak-ada"]).await;
    assert!(said.contains("'tidak-ada'"), "{said}");
    gateway.cli(&["conversation", "note", CUSTOMER, "--text", "Pelanggan lama"]).await;
    let talk = gateway.cli(&["conversation", "show", CUSTOMER]).await;
    assert_eq!(talk["lines"][0]["note"]["text"], "Pelanggan lama", "{talk}");
    let output = run(gateway.data(), &["conversation", "show", CUSTOMER], None).await;
    let said = String::from_utf8(output.stdout).unwrap();
    for words in ["assigned to budi", "note of", "Pelanggan lama", "received", "Sudah siap?"] {
        assert!(said.contains(words), "no '{words}' in {said}");
    }
    gateway.cli(&["conversation", "archive", CUSTOMER]).await;
    assert_eq!((list("archived").await, list("open").await), (1, 0));
    gateway.cli(&["conversation", "unarchive", CUSTOMER]).await;
    gateway.cli(&["conversation", "block", CUSTOMER]).await;
    assert_eq!(list("blocked").await, 1);
    let state = gateway.cli(&["conversation", "unblock", CUSTOMER]).await;
    assert_eq!((&state["blocked"], &state["archived"]), (&json!(false), &json!(false)));
    let state = gateway.cli(&["conversation", "assign", CUSTOMER, "--to", "nobody"]).await;
    assert_eq!(state["assigned_to"], Value::Null, "{state}");
}

/// A file becomes contacts when that is confirmed, and none when it is taken back.
async fn contacts(rig: &Rig) {
    let gateway = &rig.gateway;
    let file = gateway.data().join("pelanggan.csv");
    std::fs::write(&file, "Nama,No. HP\nSiti,+62855000001\nBudi,+62855000002\nCici,6.28E+11\n")
        .unwrap();
    let file = file.to_str().unwrap();
    let count = async || {
        let listed = gateway.cli(&["contact", "list"]).await;
        listed["contacts"].as_array().unwrap().len()
    };
    let looked = gateway.cli(&["contact", "import", file, "--shared"]).await;
    assert_eq!(
        (&looked["plan"]["made"], looked["roles"].to_string()),
        (&json!(2), r#"["name","number"]"#.to_owned())
    );
    assert_eq!(count().await, 0, "it was only looked at");
    let done = gateway.cli(&["contact", "import", file, "--shared", "--confirm"]).await;
    assert_eq!((&done["made"], &done["skipped"]), (&json!(2), &json!(1)), "{done}");
    assert_eq!(count().await, 2);
    let id = done["id"].as_str().unwrap();
    let undone = gateway.cli(&["contact", "undo", id]).await;
    assert_eq!((&undone["undone"], count().await), (&json!(2), 0), "{undone}");
}
