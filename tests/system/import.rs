//! A gateway takes over what Kannel was configured for.

use std::fs;

use modem_sim::Make;
use serde_json::{Value, json};

use reqwest::Method;

use crate::gateway::{Gateway, run};
use crate::rig::Rig;

/// As people post it: an include within a group, a quote that is not closed, comments behind values.
const CONF: &str = r#"# Kannel
group = core
admin-port = 13000
admin-deny-ip = "*.*.*.*

group = smsc
smsc = at
smsc-id = modem1
include = "more/modems.conf"
device = /dev/ttyUSB9
speed = 115200 # comment
pin = 1234

group = sendsms-user
username = toko
password = bar
forced-smsc = modem1
user-deny-ip = "*.*.*.*"
user-allow-ip = "127.0.0.1;10.0.0.*"

group = sms-service
keyword = info
aliases = "jam"
catch-all = true
text = "Buka jam 9."

group = sms-service
keyword = default
max-messages = 0
get-url = "http://127.0.0.1:9/?q=%q&a=%a"

group = sms-service
keyword = bad
exec = /bin/true
"#;

/// Asks the gateway over its socket, where everything may be done.
pub(crate) async fn as_administrator(
    gateway: &Gateway,
    method: Method,
    path: &str,
    body: &Value,
) -> Value {
    let socket = gateway.data().join("merpati.sock");
    let client = reqwest::Client::builder().unix_socket(socket.as_path()).no_proxy();
    let request = client.build().unwrap().request(method, format!("http://localhost/api/v1{path}"));
    let answer = request.json(body).send().await.unwrap();
    assert!(answer.status().is_success(), "{path}: {}", answer.status());
    serde_json::from_str(&answer.text().await.unwrap()).unwrap_or_default()
}

fn states(report: &Value) -> Vec<(String, String)> {
    let lines = report["lines"].as_array().unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    lines.iter().map(|line| (text(&line["name"]), text(&line["state"]))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn kannel_conf_is_imported_once() {
    let rig = Rig::start(&[Make::Wavecom]).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("kannel.conf");
    fs::create_dir(folder.path().join("more")).unwrap();
    fs::write(folder.path().join("more/modems.conf"), "group = modems\nid = huawei\n").unwrap();
    fs::write(&file, CONF).unwrap();
    let import = async |more: &[&str]| {
        let said = ["import", "kannel", file.to_str().unwrap()];
        rig.gateway.cli(&[&said[..], more].concat()).await
    };
    let all = |state: &str| {
        let names = ["toko", "info", "default", "/dev/ttyUSB9"];
        names.map(|name| (name.to_owned(), state.to_owned())).to_vec()
    };
    // An import that was ended between an account and its key left this: it is gone on with.
    as_administrator(&rig.gateway, Method::POST, "/users", &json!({ "name": "toko" })).await;
    let report = import(&["--dry-run"]).await;
    assert_eq!(states(&report), all("new"));
    let remarks = report["remarks"].to_string();
    for said in [
        "kannel.conf:4",
        "'admin-deny-ip': the quote is not closed",
        "core: 'admin-port' is not carried over",
        "smsc: 'smsc-id' is not carried over",
        "more/modems.conf:1",
        "'speed': the comment behind the value is taken off",
        "sendsms-user: 'forced-smsc' is not carried over",
        "sms-service: 'exec' is not carried over",
        "it has no get-url, post-url, post-xml or text",
    ] {
        assert!(remarks.contains(said), "{said} in {remarks}");
    }
    assert!(!report.to_string().contains("1234"), "a PIN is shown");
    let none = json!({ "services": [] });
    assert_eq!(rig.gateway.cli(&["service", "list"]).await, none, "nothing was made");

    assert_eq!(states(&import(&[]).await), all("made"));
    // The modem is in the file, and known when that is read.
    let settings = fs::read_to_string(rig.gateway.data().join("merpati.toml")).unwrap();
    assert!(
        settings.contains("path = \"/dev/ttyUSB9\"\nbaud = 115200\npin = \"1234\""),
        "{settings}"
    );
    assert_eq!(states(&import(&[]).await), all("there"));
    assert_eq!(fs::read_to_string(rig.gateway.data().join("merpati.toml")).unwrap(), settings);

    // Kannel's client goes on with its password, and so do those who send keywords.
    let url = format!("{}/cgi-bin/sendsms", rig.gateway.url);
    let query =
        [("username", "toko"), ("password", "bar"), ("to", "+6285711112222"), ("text", "Halo")];
    let sent = reqwest::Client::new().get(url).query(&query).send().await.unwrap();
    assert_eq!(sent.text().await.unwrap(), "0: Accepted for delivery");
    rig.network().send_text(1, "+6285711113333", "JAM berapa").unwrap();
    let sent = rig.network().sent_at_least(2).await;
    let texts: Vec<_> = sent.iter().map(|sent| (sent.to(), sent.text())).collect();
    let sent = |to: &str, text: &str| (to.to_owned(), text.to_owned());
    assert!(texts.contains(&sent("+6285711112222", "Halo")), "{texts:?}");
    assert!(texts.contains(&sent("+6285711113333", "Buka jam 9.")), "{texts:?}");

    // From nowhere but where Kannel let it in from.
    let keys = rig.gateway.cli(&["key", "list"]).await;
    let of_import = |key: &&Value| key["label"] == "kannel.conf";
    let key = keys["keys"].as_array().unwrap().iter().find(of_import).unwrap();
    assert_eq!(key["allow"], json!(["127.0.0.1", "10.0.0.0/24"]));

    // A key that was revoked stays so, an account that was there is given no password, and a service that does something
    // else is not taken for the one that is wanted.
    rig.gateway.cli(&["key", "revoke", key["id"].as_str().unwrap()]).await;
    let boss = ["user", "add", "boss", "--admin", "--password-stdin"];
    let added = run(rig.gateway.data(), &boss, Some("merpati terbang tinggi\n")).await;
    assert!(added.status.success(), "{added:?}");
    let other = CONF.replace("Buka jam 9.", "Tutup.")
        + "\ngroup = sendsms-user\nusername = Boss\npassword = bar\n";
    fs::write(&file, other).unwrap();
    let said = ["--json", "import", "kannel", file.to_str().unwrap()];
    for more in [&["--dry-run"][..], &[]] {
        let output = run(rig.gateway.data(), &[&said[..], more].concat(), None).await;
        assert!(!output.status.success());
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        let state = |name: &str, state: &str| (name.to_owned(), state.to_owned());
        assert_eq!(
            states(&report),
            [
                state("toko", "there"),
                state("Boss", "failed"),
                state("info", "failed"),
                state("default", "there"),
                state("/dev/ttyUSB9", "there"),
            ]
        );
    }
    let keys = rig.gateway.cli(&["key", "list"]).await;
    let works = |key: &&Value| key["revoked_at"].is_null();
    let working = keys["keys"].as_array().unwrap().iter().filter(of_import).filter(works).count();
    assert_eq!(working, 0, "{keys}");
}
