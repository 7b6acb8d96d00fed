//! How long pages and lists take with a full database, and how large they are: `cargo bench -p merpati --bench pages`.
//!
//! The database of a gateway is filled with a million messages in SQLite, as the benchmark of lists does
//! (`shared/store/benches/lists/data.rs`), and given what persistence gives to messages that come without: words, places in
//! conversations and counts. Then the gateway is started, in a process of its own, gets five thousand contacts, and hears of two hundred
//! modems from this process. An administrator who is logged in opens each page, and a program with a key of hers reads each list, one
//! after another over one connection. Printed is one table:
//! * median and worst: milliseconds from the request to the last byte of the answer, of twenty;
//! * kB: of the answer, which is not compressed;
//! * the last column names what is beyond the aims: 50 ms and 100 kB.
//!
//! Nothing is asserted but that each is answered 200; what a page may weigh with the longest texts is a test
//! (`services/web-portal/tests/it/weight.rs`). `BENCH=quick` takes a tenth of the messages and five requests.
#![expect(clippy::disallowed_methods, reason = "how long things take is measured")]
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "it prints figures, and beside them how far it is"
)]
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark that cannot run stops")]
#![expect(clippy::cast_precision_loss, reason = "figures for people")]

#[expect(dead_code, reason = "the benchmark of lists uses more of it")]
#[path = "../../shared/store/benches/lists/data.rs"]
mod data;
#[expect(dead_code, reason = "the system tests use more of it")]
#[path = "../system/gateway.rs"]
mod gateway;
#[expect(dead_code, reason = "the benchmark of lists measures with it")]
#[path = "../../shared/store/benches/lists/writing.rs"]
mod writing;

use std::path::Path;
use std::time::{Duration, Instant};

use bus::{Bucket, Bus, NatsConfig};
use contracts::modem::ModemState;
use contracts::{ModemId, SimId, Timestamp};
use data::Data;
use gateway::{Gateway, PATIENCE, run};
use reqwest::Response;
use serde_json::{Value, json};
use store::Store;

/// What a page may take and weigh.
const MOST_TIME: Duration = Duration::from_millis(50);
const MOST_BYTES: usize = 100_000;
/// Who looks.
const NAME: &str = "putri";
const PASSWORD: &str = "empat ekor merpati";
const MODEMS: usize = 200;
const CONTACTS: usize = 5_000;
/// Contacts in a request.
const AT_ONCE: usize = 500;
/// How many messages are given words and places in one transaction, as persistence does it.
const STEP: u32 = 200;
/// How often a modem is heard of.
const HEARTBEAT: Duration = Duration::from_secs(10);

const SETTINGS: [(&str, &str); 3] = [
    ("MERPATI__TELEMETRY__LOG", "warn"),
    ("MERPATI__LIMITS__KEY_REQUESTS", ""),
    ("MERPATI__LIMITS__USER_REQUESTS", ""),
];

#[tokio::main]
async fn main() {
    let quick = std::env::var("BENCH").is_ok_and(|how| how == "quick");
    let (messages, rounds) = if quick { (100_000, 5) } else { (1_000_000, 20) };
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    std::fs::create_dir_all(&data).unwrap();
    fill(&data, messages).await;
    let gateway = Gateway::start_with(&data, &["--no-discovery"], &SETTINGS).await;
    let visitor = Visitor::of(&gateway).await;
    visitor.bring_contacts().await;
    let bus = broker(&gateway).await;
    let heard = tokio::spawn(async move {
        loop {
            tell(&bus).await;
            tokio::time::sleep(HEARTBEAT).await;
        }
    });
    gateway.modems_ready(MODEMS).await;
    let profile = if cfg!(debug_assertions) { ", a debug build" } else { "" };
    println!(
        "{}: {messages} messages in SQLite, {MODEMS} modems, {CONTACTS} contacts{profile}\n",
        Timestamp::now().to_string().split('T').next().unwrap(),
    );
    println!("| page or list | median ms | worst ms | kB | beyond |\n|---|---|---|---|---|");
    for path in pages(messages) {
        visitor.measure(&path, rounds).await;
    }
    for path in lists(messages) {
        visitor.measure(&format!("/api/v1{path}"), rounds).await;
    }
    heard.abort();
}

/// Everything that people look at.
fn pages(messages: i64) -> Vec<String> {
    let mut pages: Vec<String> = [
        "/",
        "/conversations",
        // A hundredth of all messages are to this number.
        "/conversations/+628121000000",
        "/sent",
        "/sent?q=diantar",
        "/received",
        "/bulk",
        "/contacts",
        "/groups",
        "/templates",
        "/schedules",
        "/broadcasts",
        "/services",
        "/webhooks",
        "/modems",
        "/modems/add",
        "/routes",
        "/reports",
        "/status",
        "/audit",
        "/account",
        "/keys",
        "/users",
        "/credits",
        "/optouts",
        "/api/docs",
    ]
    .map(str::to_owned)
    .into();
    pages.push(format!("/messages/{}", Data::message(messages / 2)));
    pages.push(format!("/modems/{}", modem(0)));
    pages.push(format!("/sims/{}", SimId::derived("0")));
    pages
}

/// Everything that programs read.
fn lists(messages: i64) -> Vec<String> {
    let mut lists: Vec<String> = [
        "/messages",
        "/messages?state=failed",
        "/messages?to=%2B628121000000",
        "/inbox",
        "/conversations",
        "/conversations/+628121000000",
        "/modems",
        "/sims",
        "/users",
        "/keys",
        "/webhooks",
        "/services",
        "/contacts",
        "/groups",
        "/templates",
        "/schedules",
        "/broadcasts",
        "/optouts",
        "/routes",
        "/credits",
        "/prices",
        "/alerts",
        "/reports?by=day",
        "/reports?by=user",
        "/reports?by=sim",
    ]
    .map(str::to_owned)
    .into();
    lists.push(format!("/messages/{}", Data::message(messages / 2)));
    lists
}

/// Makes the database before the gateway is there.
async fn fill(folder: &Path, messages: i64) {
    let url = format!("sqlite://{}", folder.join("merpati.db").display());
    let store = Store::open(&url).await.expect("the database opens");
    store.migrate().await.expect("the database migrates");
    Data { messages }.fill(&url).await;
    let begun = Instant::now();
    loop {
        let words = store.give_words(STEP).await.unwrap();
        let places = store.give_conversations(STEP).await.unwrap();
        let counts = store.give_tallies(STEP).await.unwrap();
        if words + places + counts == 0 {
            break;
        }
    }
    store.close().await;
    eprintln!("words, places and counts were given in {} s", begun.elapsed().as_secs());
}

/// The gateway's own broker, in which this process is a driver.
async fn broker(gateway: &Gateway) -> Bus {
    let settings = std::fs::read(gateway.data().join("nats/settings.json")).unwrap();
    let settings: Value = serde_json::from_slice(&settings).unwrap();
    let text = |name: &str| settings[name].as_str().unwrap().to_owned();
    let url = format!("nats://127.0.0.1:{}", settings["port"]);
    let config = NatsConfig::new(url, &text("user"), &text("password"));
    Bus::connect(&config, "driver", &platform::Shutdown::new().soft).await.unwrap()
}

fn modem(number: usize) -> ModemId {
    ModemId::derived(&number.to_string())
}

/// Says of each modem how it is: one in ten waits for a PIN.
async fn tell(bus: &Bus) {
    let states = bus.kv::<ModemState>(Bucket::Modems).await.unwrap();
    let now = Timestamp::now();
    for number in 0..MODEMS {
        let is_blocked = number % 10 == 7;
        let mut state = json!({
            "id": modem(number), "name": format!("modem{number:03}"), "port": format!("/dev/ttyUSB{number}"),
            "host": "bench", "status": if is_blocked { "blocked" } else { "ready" }, "text": "",
            "manufacturer": "Quectel", "model": "EC25", "firmware": "EC25EFAR06A08M4G",
            "imei": format!("35900100{number:07}"), "operator": "TELKOMSEL", "technology": "LTE",
            "signal_dbm": -71, "pools": ["default"], "queue": 1, "sent_today": 120, "failed_today": 2,
            "sim": { "id": SimId::derived(&number.to_string()), "number": format!("+62811{number:07}") },
            "since": now, "seen_at": now,
        });
        if is_blocked {
            state["problem"] = json!({
                "code": "pin-needed", "text": "The SIM asks for its PIN.", "advice": "Enter it.", "at": now,
            });
        }
        let state: ModemState = serde_json::from_value(state).unwrap();
        states.put(&state.id.to_string(), &state).await.unwrap();
    }
}

/// An administrator at a browser, and her program.
struct Visitor {
    http: reqwest::Client,
    url: String,
    cookie: String,
    key: String,
}

impl Visitor {
    /// Makes her account, and logs her in.
    async fn of(gateway: &Gateway) -> Self {
        let add = ["user", "add", NAME, "--admin", "--password-stdin"];
        let added = run(gateway.data(), &add, Some(&format!("{PASSWORD}\n"))).await;
        assert!(added.status.success(), "{}", String::from_utf8_lossy(&added.stderr));
        let key = gateway.cli(&["key", "add", NAME]).await;
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(PATIENCE)
            .build()
            .unwrap();
        let log_in = format!("{}/login", gateway.url);
        let form = http.get(&log_in).send().await.unwrap();
        let cookie = cookies(&form);
        let form = form.text().await.unwrap();
        let csrf = form.split_once("name=\"csrf\" value=\"").unwrap().1.split('"').next().unwrap();
        let fields = [("csrf", csrf), ("name", NAME), ("password", PASSWORD)];
        let inside = http.post(&log_in).header("cookie", cookie).form(&fields).send().await;
        let inside = inside.unwrap();
        assert_eq!(inside.status(), 303);
        Self {
            http,
            url: gateway.url.clone(),
            cookie: cookies(&inside),
            key: key["key"].as_str().unwrap().to_owned(),
        }
    }

    async fn bring_contacts(&self) {
        for from in (0..CONTACTS).step_by(AT_ONCE) {
            let contact = |number: usize| json!({ "name": format!("Pelanggan {number:04}"), "number": format!("+62812{:07}", 1_000_000 + number) });
            let contacts: Vec<Value> = (from..from + AT_ONCE).map(contact).collect();
            let url = format!("{}/api/v1/contacts/bulk", self.url);
            let body = json!({ "contacts": contacts, "shared": true });
            let answer = self.http.post(url).bearer_auth(&self.key).json(&body).send().await;
            assert_eq!(answer.unwrap().status(), 200);
        }
    }

    /// Asks for it again and again, and prints its row.
    async fn measure(&self, path: &str, rounds: usize) {
        let (mut times, mut bytes) = (Vec::with_capacity(rounds), 0);
        for _ in 0..rounds {
            let request = self.http.get(format!("{}{path}", self.url));
            let request = if path.starts_with("/api/v1/") {
                request.bearer_auth(&self.key)
            } else {
                request.header("cookie", &self.cookie)
            };
            let begun = Instant::now();
            let answer = request.send().await.unwrap();
            let status = answer.status();
            let body = answer.bytes().await.unwrap();
            times.push(begun.elapsed());
            assert_eq!(status, 200, "{path}: {}", String::from_utf8_lossy(&body));
            bytes = body.len();
        }
        times.sort();
        let (median, worst) = (times[rounds / 2], times[rounds - 1]);
        let slow = if median > MOST_TIME { "slow " } else { "" };
        let large = if bytes > MOST_BYTES { "large" } else { "" };
        println!(
            "| `{path}` | {:.1} | {:.1} | {:.1} | {slow}{large} |",
            median.as_secs_f64() * 1e3,
            worst.as_secs_f64() * 1e3,
            bytes as f64 / 1e3,
        );
    }
}

/// The cookies that an answer sets.
fn cookies(answer: &Response) -> String {
    let set = answer.headers().get_all("set-cookie").iter();
    let pairs = set.filter_map(|cookie| cookie.to_str().ok()?.split(';').next());
    pairs.filter(|pair| !pair.ends_with('=')).collect::<Vec<_>>().join("; ")
}
