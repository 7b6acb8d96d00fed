//! The command line, with JSON and for people.

use modem_sim::Make;
use serde_json::json;

use crate::gateway::run;
use crate::rig::Rig;

#[tokio::test(flavor = "multi_thread")]
async fn send_wait_inbox_and_modems() {
    let rig = Rig::start(&[Make::Wavecom, Make::Quectel]).await;
    let to = rig.number(2);
    let sent = rig.gateway.cli(&["send", "--to", &to, "--text", "dari terminal", "--wait"]).await;
    let message = &sent["messages"][0];
    assert!(["sent", "delivered"].contains(&message["state"].as_str().unwrap()), "{sent}");
    rig.gateway.inbox(1).await;
    let inbox = rig.gateway.cli(&["inbox"]).await;
    assert_eq!(inbox["messages"][0]["text"], "dari terminal");
    // A modem is ready before it has been asked for its operator and signal.
    testkit::wait_for("all that people want to know of both modems", || async {
        let modems = rig.gateway.cli(&["modems"]).await;
        let modems = modems["modems"].as_array().unwrap();
        assert_eq!(modems.len(), 2);
        let fields = ["name", "status", "model", "imei", "operator", "signal_dbm"];
        let all = modems.iter().all(|modem| fields.iter().all(|field| !modem[field].is_null()));
        all.then_some(())
    })
    .await;

    let output = run(rig.gateway.data(), &["modems"], None).await;
    let table = String::from_utf8(output.stdout).unwrap();
    assert!(
        table.starts_with("NAME") && table.contains("modem1") && table.contains("ready"),
        "{table}"
    );

    let imei = rig.modem(1).identity().imei.unwrap();
    assert!(table.contains(&imei) && table.lines().all(|line| line.len() <= 100), "{table}");
    let output = run(rig.gateway.data(), &["modems", "modem1"], None).await;
    let facts = String::from_utf8(output.stdout).unwrap();
    assert!(facts.contains(&rig.modem(1).identity().iccid) && facts.contains("SMSC"), "{facts}");

    let at = rig.gateway.cli(&["at", "modem1", "AT+CSQ"]).await;
    assert!(at["lines"][0].as_str().unwrap().starts_with("+CSQ:"), "{at}");
    let ussd = rig.gateway.cli(&["ussd", "modem1", "*888#"]).await;
    assert!(ussd["text"].as_str().unwrap().contains("25"), "the balance: {ussd}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_of_a_modem_is_done_and_the_doctor_says_what_to_type() {
    let rig = Rig::start(&[Make::Wavecom]).await;
    let modem = |what: &'static str, fits: fn(&serde_json::Value) -> bool| {
        let gateway = &rig.gateway;
        testkit::wait_for(what, move || async move {
            let modem = gateway.cli(&["modems", "modem1"]).await;
            fits(&modem).then_some(modem)
        })
    };
    rig.gateway.cli(&["number", "modem1", "+62811000111"]).await;
    modem("its number", |modem| modem["sim"]["number"] == "+62811000111").await;
    rig.gateway.cli(&["smsc", "modem1", "+62816124"]).await;
    modem("its service centre", |modem| modem["sim"]["smsc"] == "+62816124").await;
    rig.gateway.cli(&["flight", "modem1", "on"]).await;
    modem("flight mode", |modem| modem["problem"]["code"] == "flight-mode").await;
    let output = run(rig.gateway.data(), &["doctor"], None).await;
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(!output.status.success() && said.contains("merpati flight modem1 off"), "{said}");
    rig.gateway.cli(&["flight", "modem1", "off"]).await;
    rig.gateway.modems_ready(1).await;
    rig.gateway.cli(&["restart", "modem1", "--hard"]).await;
    let id = rig.gateway.send("+6281234567890", "sesudahnya").await;
    rig.gateway.until(&id, &["sent", "delivered"]).await;
    let output = run(rig.gateway.data(), &["smsc", "modem1"], None).await;
    assert!(!output.status.success(), "a forgotten number takes nothing back");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_gateway_the_words_say_so() {
    let folder = tempfile::tempdir().unwrap();
    for arguments in [&["modems"][..], &["inbox"], &["send", "--to", "+62812345678", "--text", "x"]]
    {
        let output = run(folder.path(), arguments, None).await;
        assert!(!output.status.success());
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains("no gateway runs") && said.contains("merpati up"), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_setting_is_refused_with_its_name() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("merpati.toml"), "[http]\nlissten = \"127.0.0.1:1\"\n")
        .unwrap();
    let output = run(folder.path(), &["up"], None).await;
    assert!(!output.status.success());
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("lissten") && said.contains("listen"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn pdus_are_decoded_without_a_gateway() {
    let folder = tempfile::tempdir().unwrap();
    let pdu = "059126181642040C9126189519497500006020619041628212502B284C6EA7DDA0B03C0D5297D9E535";
    let output = run(folder.path(), &["pdu", "decode", "--json", pdu], None).await;
    let fields: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(fields["text"], "PV admin ari jelek");
    assert_eq!(fields["type"], "deliver");
    assert_eq!(fields["class"], json!(null));
    let output = run(folder.path(), &["pdu", "decode", "zz"], None).await;
    assert!(!output.status.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_port_is_named_and_the_gateway_runs() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let gateway =
        crate::gateway::Gateway::start(&data, &["--no-discovery", "--modem", "/dev/ttyNOT0"]).await;
    let modems = gateway.modems_known(1).await;
    let text = modems[0].to_string();
    assert!(text.contains("/dev/ttyNOT0") && text.contains("offline"), "{text}");
    assert!(!modems[0]["problem"]["advice"].as_str().unwrap().is_empty(), "{text}");
}
