//! Kannel's admin pages, on a port of their own.

use std::time::{Duration, Instant};

use axum::routing::post;
use axum::{Json, Router};
use modem_sim::Make;
use serde_json::{Value, json};
use testkit::wait_for_within;
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use crate::gateway::PATIENCE;
use crate::rig::Rig;

/// A page, by its command and its query: the type of the answer and its text. The status is 200 always.
async fn page(port: u16, path: &str) -> (String, String) {
    let answer = reqwest::get(format!("http://127.0.0.1:{port}/{path}")).await.unwrap();
    assert_eq!(answer.status(), 200);
    let kind = answer.headers()["content-type"].to_str().unwrap().to_owned();
    (kind, answer.text().await.unwrap())
}

/// A program that takes what it is told: its URL, and what it was told.
async fn program() -> (String, mpsc::UnboundedReceiver<Value>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let (tell, told) = mpsc::unbounded_channel();
    let take = async move |Json(body): Json<Value>| {
        let _ = tell.send(body);
    };
    let app = Router::new().route("/hook", post(take));
    tokio::spawn(async move { axum::serve(listener, app).await });
    (url, told)
}

async fn next(told: &mut mpsc::UnboundedReceiver<Value>) -> Value {
    tokio::time::timeout(PATIENCE, told.recv()).await.expect("a call").unwrap()
}

async fn text(port: u16, path: &str) -> String {
    page(port, path).await.1
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_watches_and_steers_kannel_goes_on() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let address = format!("127.0.0.1:{port}");
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("access.log");
    let environment = [
        ("MERPATI__KANNEL__ACCESS_LOG", log.to_str().unwrap()),
        ("MERPATI__KANNEL__ADMIN", address.as_str()),
        ("MERPATI__KANNEL__ADMIN_PASSWORD", "bar"),
        ("MERPATI__KANNEL__STATUS_PASSWORD", "foo"),
        ("MERPATI__WEBHOOKS__ALLOW", "127.0.0.1"),
    ];
    let mut rig = Rig::start_with(&[Make::Wavecom, Make::Huawei], &environment).await;
    rig.network().send_text(1, "+6285711112222", "Halo").unwrap();
    rig.gateway.inbox(1).await;
    let sent = rig.gateway.send("+6285711113333", "Halo").await;
    rig.gateway.until(&sent, &["delivered"]).await;

    // What happens is counted two seconds later.
    wait_for_within(PATIENCE, "what came and went to be counted", || async {
        let status = text(port, "status.txt?password=foo").await;
        let is = status.contains("Status: running, uptime 0d 0h ")
            && status.contains("SMS: received 1 (0 queued), sent 1 (0 queued), store size 0")
            && status.contains("DLR: received 1, sent 0")
            && status.matches(" (online ").count() == 2
            && status.contains("[modem2]");
        is.then_some(())
    })
    .await;
    // The same is in the access log.
    let (own, other) = (rig.number(1), "+6285711112222");
    let received =
        format!("[from:{other}] [to:{own}] [flags:-1:0:-1:-1:-1] [msg:4:Halo] [udh:0:]\n");
    let lines = std::fs::read_to_string(&log).unwrap();
    assert!(lines.contains(" Receive SMS [SMSC:sim_") && lines.contains(&received), "{lines}");
    assert!(
        lines.contains("] [to:+6285711113333] [flags:-1:0:-1:-1:-1] [msg:4:Halo] [udh:0:]\n"),
        "{lines}"
    );
    assert!(
        lines.contains(" Sent SMS [SMSC:sim_") && lines.contains(" Receive DLR [SMSC:sim_"),
        "{lines}"
    );
    assert!(lines.contains("[SVC:tester]"), "{lines}");

    let (kind, xml) = page(port, "cgi-bin/status.xml?password=bar").await;
    assert_eq!(kind, "text/plain");
    assert!(xml.contains("<smscs><count>2</count>"), "{xml}");
    let (kind, html) = page(port, "status.html?password=bar").await;
    assert!(kind == "text/html" && html.contains("<title>Kannel</title>"), "{html}");

    // The other password only reads, and guessing takes its time.
    assert_eq!(text(port, "suspend?password=foo").await, "Denied");
    let begun = Instant::now();
    let (one, other) = tokio::join!(text(port, "status"), text(port, "status?password=baz"));
    assert_eq!((one.as_str(), other.as_str()), ("Denied", "Denied"));
    assert!(begun.elapsed() >= Duration::from_secs(2), "{:?}", begun.elapsed());

    // What is sent meanwhile waits, and is in the store.
    assert_eq!(text(port, "suspend?password=bar").await, "Kannel suspended");
    assert_eq!(text(port, "suspend?password=bar").await, "Already suspended");
    // One that was started meanwhile is stopped with the others.
    let started = text(port, "start-smsc?password=bar&smsc=modem1").await;
    assert_eq!(started, "SMSC `modem1' re-started");
    assert_eq!(text(port, "suspend?password=bar").await, "Kannel suspended");
    assert_eq!(text(port, "suspend?password=bar").await, "Already suspended");
    let waiting =
        rig.gateway.send_with(json!({ "to": "+6285711114444", "text": "nanti & Ж" })).await;
    let store = wait_for_within(PATIENCE, "the message in the store", || async {
        let store = text(port, "store-status.txt?password=foo").await;
        store.contains(&waiting).then_some(store)
    })
    .await;
    let head =
        "[SMS ID] [Type] [Time] [Sender] [Receiver] [SMSC ID] [BOX ID] [Flags] [UDH] [Message]\n";
    assert!(store.starts_with(head), "{store}");
    assert!(
        store.contains("] [] [+6285711114444] [] [] [-1:2:-1:-1:-1] [] [%00n%00a%00n"),
        "{store}"
    );
    assert!(text(port, "status?password=foo").await.contains("Status: suspended, "));
    wait_for_within(PATIENCE, "both modems to be stopped", || async {
        (text(port, "status?password=foo").await.matches(" (dead, ").count() == 2).then_some(())
    })
    .await;
    // It is so after a restart, too.
    rig.gateway.kill(true).await;
    rig.gateway.restart().await;
    assert_eq!(text(port, "suspend?password=bar").await, "Already suspended");
    wait_for_within(PATIENCE, "both modems to be known again", || async {
        (text(port, "status?password=foo").await.matches(" (dead, ").count() == 2).then_some(())
    })
    .await;
    assert_eq!(text(port, "resume?password=bar").await, "Running resumed");
    assert_eq!(text(port, "resume?password=bar").await, "Already running");
    rig.gateway.until(&waiting, &["sent", "delivered"]).await;

    for (path, said) in [
        ("stop-smsc?password=bar&smsc=modem1", "SMSC `modem1' shut down"),
        ("start-smsc?password=bar&smsc=modem1", "SMSC `modem1' re-started"),
        ("start-smsc?password=bar&smsc=nope", "Could not re-start smsc-id `nope'"),
        ("stop-smsc?password=bar&smsc=nope", "Could not shut down smsc-id `nope'"),
        ("stop-smsc?password=bar", "SMSC id not given"),
        ("reload-lists?password=bar", "There are no black or white lists here"),
        ("log-level?password=bar", "log-level not given"),
        ("log-level?password=bar&level=9", "log-level is 0 (debug)"),
        ("log-level?password=bar&level=1", "log-level set to 1"),
        ("shutdown?password=bar", "Merpati is stopped and started"),
        ("nonsense?password=bar", "Unknown command `/nonsense'.\nPossible commands are:\nstatus\n"),
    ] {
        let answer = text(port, path).await;
        assert!(answer.starts_with(said), "{path}: {answer}");
    }

    // What comes is kept and told to nobody, messages go out, and so it stays when the gateway is restarted.
    let (url, mut told) = program().await;
    let events = ["--event", "sms.received", "--event", "sms.sent"];
    rig.gateway.cli(&[&["webhook", "add", &url][..], &events].concat()).await;
    assert_eq!(text(port, "isolate?password=bar").await, "Kannel isolated from message providers");
    assert_eq!(text(port, "isolate?password=bar").await, "Already isolated");
    assert!(text(port, "status?password=foo").await.contains("Status: isolated, "));
    rig.network().send_text(1, "+6285711112222", "Masih masuk").unwrap();
    rig.gateway.inbox(2).await;
    rig.gateway.kill(true).await;
    rig.gateway.restart().await;
    let state = rig.gateway.cli(&["gateway", "status"]).await;
    assert_eq!((&state["status"], &state["isolated"]), (&json!("isolated"), &json!(true)));
    let sent = rig.gateway.send("+6285711115555", "baru").await;
    rig.gateway.until(&sent, &["sent", "delivered"]).await;
    assert_eq!(next(&mut told).await["type"], "sms.sent");
    assert_eq!(text(port, "resume?password=bar").await, "Running resumed");
    let told = next(&mut told).await;
    assert_eq!(
        (&told["type"], &told["data"]["text"]),
        (&json!("sms.received"), &json!("Masih masuk"))
    );

    // What is logged changes at once.
    assert_eq!(text(port, "log-level?password=bar&level=3").await, "log-level set to 3");
}
