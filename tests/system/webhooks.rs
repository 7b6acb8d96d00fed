//! What a SIM receives calls a program.

use std::collections::HashSet;
use std::net::SocketAddr;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use modem_sim::Make;
use serde_json::{Value, json};
use standardwebhooks::Webhook;
use testkit::wait_for_within;
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use crate::gateway::{Gateway, PATIENCE};
use crate::rig::Rig;

type Told = (HeaderMap, Bytes);

/// A program with a URL, which the gateway calls.
pub(crate) struct Program {
    address: SocketAddr,
    told: mpsc::UnboundedReceiver<Told>,
}

async fn take(
    State(tell): State<mpsc::UnboundedSender<Told>>,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    let _ = tell.send((headers, body));
    StatusCode::NO_CONTENT
}

impl Program {
    /// An address of its own, at which nobody listens yet.
    async fn address() -> SocketAddr {
        TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap()
    }

    pub(crate) async fn start(address: SocketAddr) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (tell, told) = mpsc::unbounded_channel();
        let app = Router::new().route("/hook", post(take)).with_state(tell);
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { address, told }
    }

    pub(crate) fn url(&self) -> String {
        url(self.address)
    }

    /// The next request: its id and its body, when the signature is right.
    pub(crate) async fn told(&mut self, secret: &str) -> (String, Value) {
        let (headers, body) =
            tokio::time::timeout(PATIENCE, self.told.recv()).await.expect("a call").unwrap();
        Webhook::new(secret).unwrap().verify(&body, &headers).expect("a genuine request");
        let id = headers["webhook-id"].to_str().unwrap().to_owned();
        (id, serde_json::from_slice(&body).unwrap())
    }
}

fn url(address: SocketAddr) -> String {
    format!("http://{address}/hook")
}

pub(crate) const ALLOWED: [(&str, &str); 1] = [("MERPATI__WEBHOOKS__ALLOW", "127.0.0.1")];

/// Adds a webhook by the command line. Its id and its secret.
pub(crate) async fn add(rig: &Rig, url: &str, events: &[&str]) -> (String, String) {
    add_to(&rig.gateway, url, events).await
}

/// The same, at any gateway.
pub(crate) async fn add_to(gateway: &Gateway, url: &str, events: &[&str]) -> (String, String) {
    let mut arguments = vec!["webhook", "add", url];
    for event in events {
        arguments.extend(["--event", event]);
    }
    let made = gateway.cli(&arguments).await;
    ["id", "secret"].map(|field| made[field].as_str().unwrap().to_owned()).into()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_incoming_message_calls_a_program_once_and_signed() {
    let rig = Rig::start_with(&[Make::Wavecom, Make::Huawei], &ALLOWED).await;
    let mut program = Program::start("127.0.0.1:0".parse().unwrap()).await;
    let events = ["sms.received", "sms.sent", "sms.delivered"];
    let (id, secret) = add(&rig, &program.url(), &events).await;

    rig.network().send_text(1, "+6285711112222", "INFO jadwal").unwrap();
    let (_, told) = program.told(&secret).await;
    assert_eq!(told["type"], "sms.received");
    let data = &told["data"];
    assert_eq!((&data["from"], &data["text"]), (&json!("+6285711112222"), &json!("INFO jadwal")));
    assert_eq!(data["to"], rig.number(1), "the number of the SIM");

    let long = "panjang ".repeat(50);
    rig.network().send_text(1, "BANK", &long).unwrap();
    let (_, told) = program.told(&secret).await;
    assert_eq!((&told["data"]["text"], &told["data"]["parts"]), (&json!(long), &json!(3)));
    let received = rig.gateway.inbox(2).await.remove(0);
    assert_eq!(told["data"]["id"], received["id"]);

    // A message of ours goes out and arrives; the network does not say in which order it answers.
    let sent = rig.gateway.send("+6285711113333", "Halo").await;
    let mut kinds = HashSet::new();
    for _ in 0..2 {
        let (_, told) = program.told(&secret).await;
        assert_eq!(told["data"]["id"], json!(sent));
        kinds.insert(told["type"].as_str().unwrap().to_owned());
    }
    assert_eq!(kinds, HashSet::from(["sms.sent".to_owned(), "sms.delivered".to_owned()]));

    let tested = rig.gateway.cli(&["webhook", "test", &id]).await;
    assert_eq!((&tested["state"], &tested["event"]), (&json!("done"), &json!("webhook.test")));
    assert_eq!(tested["attempts"][0]["http_status"], 204);
    let (test, _) = program.told(&secret).await;
    assert_eq!(tested["id"], json!(test));

    let log = rig.gateway.cli(&["webhook", "log", &id]).await;
    let log = log["deliveries"].as_array().unwrap();
    assert_eq!(log.len(), 5);
    let once =
        |one: &Value| one["state"] == "done" && one["attempts"].as_array().unwrap().len() == 1;
    assert!(log.iter().all(once), "{log:?}");
    // One is told again by hand, with the same id.
    let again = log[4]["id"].as_str().unwrap();
    rig.gateway.cli(&["webhook", "replay", &id, again]).await;
    assert_eq!(program.told(&secret).await.0, again);
    rig.gateway.cli(&["webhook", "remove", &id]).await;
    let left = rig.gateway.cli(&["webhook", "list"]).await;
    assert_eq!(left, json!({ "webhooks": [] }));
    assert!(program.told.try_recv().is_err());
}

/// The program is away, and then the gateway is killed with all that it was to be told.
#[tokio::test(flavor = "multi_thread")]
async fn a_program_is_told_once_when_the_gateway_was_killed_between() {
    // However long the kill takes, the next try is soon, and the endpoint is not given up.
    let schedule = ["1s"; 300].join(",");
    let environment = [ALLOWED[0], ("MERPATI__WEBHOOKS__SCHEDULE", schedule.as_str())];
    let mut rig = Rig::start_with(&[Make::Wavecom], &environment).await;
    let address = Program::address().await;
    let (id, secret) = add(&rig, &url(address), &["sms.received"]).await;
    for n in 0..10 {
        rig.network().send_text(1, "+6285711112222", &format!("nomor {n}")).unwrap();
    }
    rig.gateway.inbox(10).await;
    rig.gateway.kill(true).await;
    let mut program = Program::start(address).await;
    rig.gateway.restart().await;
    let mut ids = HashSet::new();
    let mut texts = Vec::new();
    for _ in 0..10 {
        let (id, told) = program.told(&secret).await;
        assert!(ids.insert(id), "told twice");
        texts.push(told["data"]["text"].as_str().unwrap().to_owned());
    }
    texts.sort();
    let expected: Vec<_> = (0..10).map(|n| format!("nomor {n}")).collect();
    assert_eq!(texts, expected);
    wait_for_within(PATIENCE, "nothing to wait", || async {
        let all = rig.gateway.cli(&["webhook", "list"]).await;
        let [webhook] = &**all["webhooks"].as_array().unwrap() else { panic!("{all}") };
        (webhook["id"] == id && webhook["pending"] == 0).then_some(())
    })
    .await;
    assert!(program.told.try_recv().is_err());
}

/// What it answers goes back by the SIM that the message came to; and its batch comes to its end.
#[tokio::test(flavor = "multi_thread")]
async fn a_program_answers_the_sender_and_is_told_the_end_of_its_batch() {
    let rig = Rig::start_with(&[Make::Wavecom, Make::Huawei], &ALLOWED).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (tell, mut told) = mpsc::unbounded_channel();
    let answer = async move |body: Bytes| {
        let told: Value = serde_json::from_slice(&body).unwrap();
        let is_received = told["type"] == "sms.received";
        let _ = tell.send(told);
        if is_received { "Buka jam 9." } else { "not this" }
    };
    let app = Router::new().route("/hook", post(answer));
    tokio::spawn(async move { axum::serve(listener, app).await });
    let url = url(address);
    let said = ["webhook", "add", &url, "--event", "sms.received", "--event", "batch.finished"];
    let made = rig.gateway.cli(&[&said[..], &["--reply-with-body"]].concat()).await;
    assert_eq!((&made["reply_with_body"], &made["format"]), (&json!(true), &json!("standard")));

    rig.network().send_text(2, "+6285711112222", "jam?").unwrap();
    let next = async |told: &mut mpsc::UnboundedReceiver<Value>| {
        tokio::time::timeout(PATIENCE, told.recv()).await.expect("a call").unwrap()
    };
    assert_eq!(next(&mut told).await["data"]["text"], "jam?");
    let sent = wait_for_within(PATIENCE, "the answer to go out", || async {
        let sent = rig.network().sent();
        let sent = sent.into_iter().find(|sent| sent.to() == "+6285711112222")?;
        Some((sent.modem, sent.text()))
    })
    .await;
    assert_eq!(sent, (2, "Buka jam 9.".to_owned()), "through the SIM that it came to");

    let batch = json!({ "to": ["+6285711113333", "+6285711114444"], "text": "Halo" });
    let (status, accepted) = rig.gateway.post("/batches", &batch).await;
    assert_eq!(status, 202, "{accepted}");
    let finished = next(&mut told).await;
    assert_eq!(finished["type"], "batch.finished");
    assert_eq!(finished["data"]["batch"], accepted["id"]);
    assert_eq!(finished["data"]["messages"], 2);
}
