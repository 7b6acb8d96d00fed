//! Keyword services: what a SIM receives calls a program, and what the program answers goes back.

use std::net::SocketAddr;

use axum::Router;
use axum::extract::{RawQuery, State};
use axum::routing::get;
use modem_sim::Make;
use serde_json::{Value, json};
use testkit::wait_for_within;
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use crate::gateway::PATIENCE;
use crate::rig::Rig;

const SENDER: &str = "+6285711112222";
const ANSWER: &str = "Buka jam 9, tutup jam 5.";

/// A program with a URL, which the gateway calls and which answers with a text.
struct Program {
    address: SocketAddr,
    called: mpsc::UnboundedReceiver<String>,
}

async fn answer(
    State(tell): State<mpsc::UnboundedSender<String>>,
    RawQuery(query): RawQuery,
) -> &'static str {
    let _ = tell.send(query.unwrap_or_default());
    ANSWER
}

impl Program {
    async fn start(address: SocketAddr) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (tell, called) = mpsc::unbounded_channel();
        let app = Router::new().route("/sms", get(answer)).with_state(tell);
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { address, called }
    }

    async fn called(&mut self) -> String {
        tokio::time::timeout(PATIENCE, self.called.recv()).await.expect("a call").unwrap()
    }
}

const ALLOWED: (&str, &str) = ("MERPATI__WEBHOOKS__ALLOW", "127.0.0.1");

/// Adds a service that answers by the command line.
async fn add(rig: &Rig, keyword: &str, address: SocketAddr, codes: &str) -> Value {
    let url = format!("http://{address}/sms?{codes}");
    let said = ["service", "add", keyword, "--keyword", keyword, "--get-url", &url];
    rig.gateway.cli(&[&said[..], &["--reply-with-body", "--max-messages", "2"]].concat()).await
}

/// The last call of a service once it is over and its reply has gone out.
async fn answered(rig: &Rig, name: &str) -> Value {
    let call = wait_for_within(PATIENCE, "a call that is over", || async {
        let shown = rig.gateway.cli(&["service", "show", name]).await;
        let call = shown["calls"][0].clone();
        (call["state"] == "done").then_some(call)
    })
    .await;
    let reply = call["reply"].as_str().expect("a reply");
    // It is the local administrator's, whose service it is.
    wait_for_within(PATIENCE, "the reply to go out", || async {
        let messages = rig.gateway.cli(&["messages"]).await;
        let messages = messages["messages"].as_array()?;
        let message = messages.iter().find(|message| message["id"] == reply)?;
        ["sent", "delivered"].contains(&message["state"].as_str()?).then_some(())
    })
    .await;
    call
}

/// What went out to the sender, and through which modem.
fn sent_to(rig: &Rig, to: &str) -> Vec<(usize, String)> {
    let sent = rig.network().sent().into_iter().filter(|sent| sent.to() == to);
    sent.map(|sent| (sent.modem, sent.text())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_calls_a_program_whose_answer_goes_back_once() {
    let rig = Rig::start_with(&[Make::Wavecom, Make::Huawei], &[ALLOWED]).await;
    let mut program = Program::start("127.0.0.1:0".parse().unwrap()).await;
    let codes = "k=%k&s=%s&r=%r&a=%a&p=%p&P=%P&q=%q&Q=%Q&c=%c&C=%C&m=%m&d=%d&n=%n&F=%F&B=%B";
    let made = add(&rig, "INFO", program.address, codes).await;
    assert_eq!((&made["keyword"], &made["reply_with_body"]), (&json!("info"), &json!(true)));
    add(&rig, "default", program.address, "rest=%b&C=%C").await;

    rig.network().send_text(2, SENDER, "Info jadwal a&b").unwrap();
    let number = rig.number(2).replace('+', "%2B");
    let sender = SENDER.replace('+', "%2B");
    assert_eq!(
        program.called().await,
        format!(
            "k=Info&s=jadwal&r=a%26b&a=Info+jadwal+a%26b&p={sender}&P={number}&q={sender}&Q={number}\
             &c=0&C=UTF-8&m=-1&d=-1&n=INFO&F=&B="
        )
    );
    let call = answered(&rig, "info").await;
    assert_eq!((&call["attempts"], &call["http_status"]), (&json!(1), &json!(200)));
    assert_eq!(sent_to(&rig, SENDER), [(2, ANSWER.to_owned())], "through the SIM that it came to");
    // It is in the inbox like any other.
    assert_eq!(rig.gateway.inbox(1).await[0]["id"], call["message"]);

    // What would happen is said in the words of what happens, and the service is another after it is changed.
    let test = ["service", "test", "--from", SENDER, "--text", "info jadwal a&b"];
    let tested = rig.gateway.cli(&test).await;
    assert_eq!(tested["service"]["name"], "INFO", "{tested}");
    assert!(tested["url"].as_str().unwrap().contains("&a=info+jadwal+a%26b&"), "{tested}");
    let change = ["service", "change", "info", "--keyword", "tanya", "--max-messages", "1"];
    let changed = rig.gateway.cli(&change).await;
    assert_eq!((&changed["keyword"], &changed["get_url"]), (&json!("tanya"), &made["get_url"]));
    assert_eq!(rig.gateway.cli(&test).await["service"]["name"], "default");
    let back = ["service", "change", "INFO", "--keyword", "info", "--max-messages", "2"];
    rig.gateway.cli(&back).await;

    // What no other takes; in UCS-2, and with the octets of UTF-16.
    rig.network().send_text(1, SENDER, "informasi Ж").unwrap();
    let rest = program.called().await;
    assert!(
        rest.starts_with("rest=%00i%00n%00f%00o%00r") && rest.ends_with("%04%16&C=UTF-16BE"),
        "{rest}"
    );
    answered(&rig, "default").await;
    assert_eq!(sent_to(&rig, SENDER).len(), 2);

    // Our own SIMs and names are called for and never answered.
    for from in [rig.number(1), "BANK".to_owned()] {
        rig.network().send_text(2, &from, "INFO").unwrap();
        program.called().await;
        wait_for_within(PATIENCE, "a call without a reply", || async {
            let shown = rig.gateway.cli(&["service", "show", "INFO"]).await;
            let call = &shown["calls"][0];
            (call["state"] == "done" && call["reply"].is_null()).then_some(())
        })
        .await;
        assert_eq!(sent_to(&rig, &from), []);
    }
    rig.gateway.cli(&["service", "remove", "info"]).await;
    rig.gateway.cli(&["service", "remove", "DEFAULT"]).await;
    assert_eq!(rig.gateway.cli(&["service", "list"]).await, json!({ "services": [] }));
    assert!(program.called.try_recv().is_err());
}

/// The program is away, and then the gateway is killed with what it was to tell.
#[tokio::test(flavor = "multi_thread")]
async fn a_sender_is_answered_once_when_the_gateway_was_killed_between() {
    // However long the kill takes, the next try is soon.
    let retry = ["1s"; 300].join(",");
    let environment = [ALLOWED, ("MERPATI__WEBHOOKS__RETRY", retry.as_str())];
    let mut rig = Rig::start_with(&[Make::Wavecom], &environment).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    add(&rig, "info", address, "a=%a").await;
    rig.network().send_text(1, SENDER, "info").unwrap();
    wait_for_within(PATIENCE, "a try that failed", || async {
        let shown = rig.gateway.cli(&["service", "show", "info"]).await;
        (shown["calls"][0]["attempts"].as_u64() > Some(0)).then_some(())
    })
    .await;
    rig.gateway.kill(true).await;
    let mut program = Program::start(address).await;
    rig.gateway.restart().await;
    assert_eq!(program.called().await, "a=info");
    answered(&rig, "info").await;
    // And once more, with a reply that is out.
    rig.gateway.kill(true).await;
    rig.gateway.restart().await;
    rig.gateway.modems_ready(1).await;
    rig.network().send_text(1, "+6285711113333", "info lagi").unwrap();
    assert_eq!(program.called().await, "a=info+lagi");
    answered(&rig, "info").await;
    assert_eq!(sent_to(&rig, SENDER), [(1, ANSWER.to_owned())]);
    assert_eq!(sent_to(&rig, "+6285711113333").len(), 1);
}
