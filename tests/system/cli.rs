//! The command line, with JSON and for people.

use modem_sim::Make;
use serde_json::json;

use crate::gateway::{Gateway, run};
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
        let all = modems.iter().all(|modem| {
            modem["status"] == "ready" && fields.iter().all(|field| !modem[field].is_null())
        });
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
async fn messages_are_listed_cancelled_and_sent_again() {
    let folder = tempfile::tempdir().unwrap();
    let gateway = Gateway::start(&folder.path().join("data"), &["--no-discovery"]).await;
    let cli = async |arguments: &[&str]| gateway.cli(arguments).await;
    let people = async |arguments: &[&str]| {
        let output = run(gateway.data(), arguments, None).await;
        let said = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.success(), said(output.stdout) + &said(output.stderr))
    };
    let sent =
        cli(&["send", "--to", "+6281234567890", "--text", "nanti", "--priority", "bulk"]).await;
    let id = sent["messages"][0]["id"].as_str().unwrap().to_owned();
    let listed = async || {
        let list =
            cli(&["messages", "--to", "+6281234567890", "--state", "accepted,admitted"]).await;
        (list["messages"][0]["waiting"]["code"] == "no-modem").then_some(())
    };
    testkit::wait_for("it to be listed with its reason", listed).await;
    let (_, list) = people(&["messages"]).await;
    assert!(list.starts_with("ACCEPTED") && list.contains(&id), "{list}");
    assert!(list.contains("No modem is online. It is sent as soon as one is."), "{list}");
    assert!(!list.contains('T') || !list.contains("Z  "), "times are local: {list}");

    assert_eq!(cli(&["cancel", &id]).await["messages"][0]["state"], "cancelled");
    let cancelled = async || (cli(&["messages", &id]).await["state"] == "cancelled").then_some(());
    testkit::wait_for("it to be cancelled", cancelled).await;
    let again = cli(&["send-again", &id]).await;
    assert_eq!(again["again_of"], json!(id));
    let repetition = again["messages"][0]["id"].as_str().unwrap();
    let repeated = async || {
        let (fine, facts) = people(&["messages", &id]).await;
        assert!(fine && facts.contains("WHAT HAPPENED") && facts.contains("Cancelled."), "{facts}");
        facts.contains(repetition).then_some(())
    };
    testkit::wait_for("the repetition to be named", repeated).await;
    let (fine, said) = people(&["cancel", "msg_1"]).await;
    assert!(!fine && said.contains("msg_1"), "{said}");

    let (fine, said) =
        people(&["send", "--to", "+62812345678", "--text", "x", "--priority", "high"]).await;
    assert!(
        !fine && said.contains("otp") && said.contains("normal") && said.contains("bulk"),
        "{said}"
    );
    let (fine, said) = people(&["send", "--to", "+62812345678", "--text", "   "]).await;
    assert!(!fine && said.contains("only blanks"), "{said}");
    let (fine, said) = people(&["send", "--to", "+62812", "--text", "x"]).await;
    assert!(!fine && said.contains("only 5 digits"), "{said}");
    let (fine, said) = people(&["send", "--to", "12", "--text", "x"]).await;
    assert!(fine && said.contains("12 is a short code"), "{said}");
}

/// Roles, invitations, links and phones, by the command line.
async fn people_come_in(said: &impl AsyncFn(&[&str], Option<&str>) -> (bool, String)) {
    let password = Some("another long passphrase\n");
    let add = ["user", "add", "oki", "--role", "operator", "--password-stdin"];
    let (fine, words) = said(&add, password).await;
    assert!(fine && words.contains("oki is now an operator and can log in."), "{words}");
    assert!(!said(&["user", "add", "x", "--role", "user", "--admin"], password).await.0);
    let (fine, words) = said(&["user", "change", "oki", "--role", "read-only"], None).await;
    assert!(fine && words.contains("oki is read-only now, and changes nothing."), "{words}");
    let (fine, words) = said(&["user", "list"], None).await;
    assert!(fine && words.contains("read-only") && words.contains("LAST SEEN"), "{words}");
    let invite = ["user", "invite", "--role", "manager", "--for", "Siti"];
    let (fine, words) = said(&invite, None).await;
    assert!(fine && words.contains("/invitation?token="), "{words}");
    let (_, words) = said(&["user", "invitations"], None).await;
    assert!(words.contains("Siti") && !words.contains("token="), "{words}");
    let id = words.split_whitespace().find(|word| word.starts_with("lnk_")).expect("an id");
    assert!(said(&["user", "uninvite", id], None).await.0);
    assert!(!said(&["user", "uninvite", id], None).await.0);
    let (fine, words) = said(&["user", "password-link", "oki"], None).await;
    assert!(fine && words.contains("/password?token="), "{words}");
    for command in ["sessions", "log-out", "totp-off"] {
        assert!(said(&["user", command, "oki"], None).await.0, "{command}");
        assert!(!said(&["user", command, "nobody"], None).await.0, "{command}");
    }
    let (fine, words) = said(&["user", "totp-roles", "operator,admin"], None).await;
    assert!(fine && words.contains("admin, operator"), "{words}");
    assert!(!said(&["user", "totp-roles", "king"], None).await.0);
    assert!(said(&["user", "totp-roles", "none"], None).await.0);
    let (_, words) = said(&["user", "totp-roles"], None).await;
    assert!(words.contains("No role"), "{words}");
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_and_keys_are_looked_after() {
    let folder = tempfile::tempdir().unwrap();
    let gateway = Gateway::start(&folder.path().join("data"), &["--no-discovery"]).await;
    let said = async |arguments: &[&str], input: Option<&str>| {
        let output = run(gateway.data(), arguments, input).await;
        let said = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.success(), said(output.stdout) + &said(output.stderr))
    };
    let password = Some("another long passphrase\n");
    let add = ["user", "add", "ani", "--admin", "--password-stdin"];
    assert!(said(&add, password).await.0);
    let (fine, words) = said(&["setup-link"], None).await;
    assert!(!fine && words.contains("merpati user password ani --password-stdin"), "{words}");
    let (fine, words) = said(&["user", "password", "ani", "--password-stdin"], password).await;
    assert!(fine, "{words}");
    let (fine, words) = said(&["user", "password", "nobody", "--password-stdin"], password).await;
    assert!(!fine && words.contains("no user named 'nobody'"), "{words}");

    // The rules are those of the API: the last administrator stays.
    let (fine, words) = said(&["user", "role", "ani", "user"], None).await;
    assert!(!fine && words.contains("last administrator"), "{words}");
    let (fine, words) = said(&["user", "role", "tester", "admin"], None).await;
    assert!(fine && words.contains("tester is an administrator now"), "{words}");
    assert_eq!(gateway.get("/users").await.0, 200);
    let (fine, words) = said(&["user", "role", "tester", "service"], None).await;
    assert!(fine && words.contains("works by its keys only"), "{words}");
    assert_eq!(gateway.get("/users").await.0, 403);
    assert!(!said(&["user", "role", "tester", "king"], None).await.0);
    assert!(!said(&["user", "role", "nobody", "user"], None).await.0);
    people_come_in(&said).await;

    let keys = gateway.cli(&["key", "list"]).await;
    let key = &keys["keys"][0];
    let (_, table) = said(&["key", "list"], None).await;
    assert!(table.contains("tester") && table.contains(key["prefix"].as_str().unwrap()), "{table}");
    assert_eq!(gateway.get("/me").await.0, 200);
    assert!(said(&["user", "disable", "tester"], None).await.0);
    assert_eq!(gateway.get("/me").await.0, 401);
    assert!(said(&["user", "enable", "tester"], None).await.0);
    assert_eq!(gateway.get("/me").await.0, 200);
    assert!(said(&["key", "revoke", key["prefix"].as_str().unwrap()], None).await.0);
    assert_eq!(gateway.get("/me").await.0, 401);
    let (fine, words) = said(&["key", "revoke", "mp_nothing"], None).await;
    assert!(!fine && words.contains("there is no key 'mp_nothing'"), "{words}");

    let bound = ["key", "add", "tester", "--allow", "10.0.0.0/8", "--allow", "::1"];
    let bound = [&bound[..], &["--expires", "2030-01-01T00:00:00Z", "--label", "bound"]].concat();
    let made = gateway.cli(&bound).await;
    assert_eq!(made["allow"], json!(["10.0.0.0/8", "::1"]), "{made}");
    assert_eq!(made["expires_at"], "2030-01-01T00:00:00Z");
    gateway.cli(&["key", "revoke", made["id"].as_str().unwrap()]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_alone_is_one_of_this_machine() {
    let folder = tempfile::tempdir().unwrap();
    let output = run(folder.path(), &["up", "--http", "everywhere"], None).await;
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && said.contains("0.0.0.0:8081"), "{said}");
    assert_eq!(platform::config::listen_address("8081"), Ok(([127, 0, 0, 1], 8081).into()));
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
    let gateway = Gateway::start(&data, &["--no-discovery", "--modem", "/dev/ttyNOT0"]).await;
    let modems = gateway.modems_known(1).await;
    let text = modems[0].to_string();
    assert!(text.contains("/dev/ttyNOT0") && text.contains("offline"), "{text}");
    assert!(!modems[0]["problem"]["advice"].as_str().unwrap().is_empty(), "{text}");
}
