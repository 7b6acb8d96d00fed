//! Another service that publishes to the broker with the credentials it was given.

use serde_json::{Value, json};
use tokio::process::Command;

use crate::gateway::Gateway;
use crate::send::numbers;

/// The example program that was built with these tests.
fn example() -> std::path::PathBuf {
    let tests = std::env::current_exe().unwrap();
    tests.parent().unwrap().parent().unwrap().join("examples/internal-service")
}

async fn connect(credentials: &Value) -> async_nats::Client {
    async_nats::ConnectOptions::with_user_and_password(
        credentials["user"].as_str().unwrap().to_owned(),
        credentials["password"].as_str().unwrap().to_owned(),
    )
    .connect(credentials["url"].as_str().unwrap())
    .await
    .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_example_of_the_documentation_sends() {
    let data = tempfile::tempdir().unwrap();
    let gateway = Gateway::start(data.path(), &["--sim", "2"]).await;
    let [_, to] = numbers(&gateway).await;
    let credentials = gateway.cli(&["nats", "credentials", "shop"]).await;
    assert_eq!(gateway.cli(&["nats", "credentials", "shop"]).await, credentials, "asked again");
    let output = Command::new(example())
        .env("MERPATI_NATS_URL", credentials["url"].as_str().unwrap())
        .env("MERPATI_NATS_USER", credentials["user"].as_str().unwrap())
        .env("MERPATI_NATS_PASSWORD", credentials["password"].as_str().unwrap())
        .args([to.as_str(), "Your order is ready."])
        .output()
        .await
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let sent: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(sent["id"].as_str().unwrap().starts_with("msg_"));
    assert_eq!(gateway.inbox(1).await[0]["text"], "Your order is ready.");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_can_do_nothing_else() {
    let data = tempfile::tempdir().unwrap();
    let gateway = Gateway::start(data.path(), &["--no-discovery"]).await;
    let credentials = gateway.cli(&["nats", "credentials", "shop"]).await;
    let jetstream = async_nats::jetstream::new(connect(&credentials).await);
    let event = jetstream.publish("sms.v1.event.mt.sent", "{}".into()).await.unwrap().await;
    assert!(event.is_err(), "an event is not for services to publish");
    assert!(jetstream.get_stream("SMS_REQUEST").await.is_err(), "nor is a stream to be read");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_malformed_request_is_kept_with_the_reason() {
    let data = tempfile::tempdir().unwrap();
    let gateway = Gateway::start(data.path(), &["--no-discovery"]).await;
    let credentials = gateway.cli(&["nats", "credentials", "shop"]).await;
    let jetstream = async_nats::jetstream::new(connect(&credentials).await);
    let request = json!({ "to": "nobody", "text": "x" }).to_string();
    let kept = jetstream.publish("sms.v1.mt.request.normal", request.into()).await.unwrap().await;
    kept.unwrap();
    let dead = gateway.dead(1).await;
    assert_eq!(dead[0]["subject"], "sms.v1.dead.mt.request.normal", "{dead:?}");
    assert!(dead[0]["reason"].as_str().unwrap().contains("phone number"), "{dead:?}");
}

/// The same in Python, with `nats-py` where it is installed.
#[tokio::test(flavor = "multi_thread")]
async fn the_example_in_python_sends() {
    let has = Command::new("python3").args(["-c", "import nats"]).output().await;
    if !has.is_ok_and(|output| output.status.success()) {
        eprintln!("SKIPPED: internal_service.py is not run, as there is no nats-py here");
        return;
    }
    let data = tempfile::tempdir().unwrap();
    let gateway = Gateway::start(data.path(), &["--sim", "2"]).await;
    let [_, to] = numbers(&gateway).await;
    let credentials = gateway.cli(&["nats", "credentials", "shop"]).await;
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/examples/internal_service.py");
    let output = Command::new("python3")
        .arg(file)
        .args([to.as_str(), "Your order is ready."])
        .env("MERPATI_NATS_URL", credentials["url"].as_str().unwrap())
        .env("MERPATI_NATS_USER", credentials["user"].as_str().unwrap())
        .env("MERPATI_NATS_PASSWORD", credentials["password"].as_str().unwrap())
        .output()
        .await
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let sent: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(sent["id"].as_str().unwrap().starts_with("msg_"));
    assert_eq!(gateway.inbox(1).await[0]["text"], "Your order is ready.");
}
