//! A page that stays open while a modem goes away: it is told, also when nobody says so and the modem is only not heard of.

use bus::{Bucket, Bus, NatsConfig};
use contracts::modem::{ModemState, STATE_IS_STALE_AFTER};
use contracts::{ModemId, SimId, Timestamp};
use serde_json::{Value, json};
use std::time::Duration;

use crate::browser::{Browser, Screen};
use crate::gateway::Gateway;

/// The gateway's own broker, in which this test is the driver of two modems.
async fn broker(gateway: &Gateway) -> Bus {
    let settings = std::fs::read(gateway.data().join("nats/settings.json")).unwrap();
    let settings: Value = serde_json::from_slice(&settings).unwrap();
    let text = |name: &str| settings[name].as_str().unwrap().to_owned();
    let url = format!("nats://127.0.0.1:{}", settings["port"]);
    let config = NatsConfig::new(url, &text("user"), &text("password"));
    Bus::connect(&config, "driver", &platform::Shutdown::new().soft).await.unwrap()
}

/// Writes that a modem is ready, as of then.
async fn ready(bus: &Bus, name: &str, number: &str, seen_at: Timestamp) {
    let state: ModemState = serde_json::from_value(json!({
        "id": ModemId::derived(name), "name": name, "port": "/dev/x", "host": "elsewhere", "status": "ready",
        "text": "", "manufacturer": "", "model": "", "firmware": "", "roaming": false,
        "sim": { "id": SimId::derived(name), "number": number }, "pools": ["default"],
        "queue": 0, "sent_today": 0, "failed_today": 0, "since": seen_at, "seen_at": seen_at,
    }))
    .unwrap();
    let kv = bus.kv::<ModemState>(Bucket::Modems).await.unwrap();
    kv.put(&state.id.to_string(), &state).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_modem_that_is_not_heard_of_any_more_is_shown_offline_on_open_pages() {
    let folder = tempfile::tempdir().unwrap();
    let gateway = Gateway::start(&folder.path().join("data"), &[]).await;
    let bus = broker(&gateway).await;
    let browser = Browser::start("en", Screen::Desktop).await;
    browser.open(gateway.setup_link.as_deref().unwrap()).await;
    browser.fill("#name", "Putri").await;
    browser.fill("#password", "empat ekor merpati").await;
    browser.click("button.primary").await;
    browser.until("document.querySelector('#compose') !== null").await;

    // Both come while the page is open; one of them is written again and again, the other only once.
    let now = Timestamp::now();
    let driver = bus.clone();
    let again = tokio::spawn(async move {
        let mut every = tokio::time::interval(Duration::from_secs(5));
        loop {
            every.tick().await;
            ready(&driver, "gsm1", "+62811000001", Timestamp::now()).await;
        }
    });
    ready(&bus, "gsm2", "+62811000002", now).await;
    browser.until("document.querySelectorAll('#sim option').length === 3").await;
    browser.until("document.querySelectorAll('.chip.good').length === 2").await;
    let choice = browser.find(&format!("#from-{}", ModemId::derived("gsm2"))).await;
    choice.click().await.unwrap();
    browser.script("window.stayed = true").await;

    // On another page somebody has the tools open.
    let home = browser.client.window().await.unwrap();
    let wall = browser.client.new_window(true).await.unwrap().handle;
    browser.client.switch_to_window(wall.clone()).await.unwrap();
    browser.open(&format!("{}/modems", gateway.url)).await;
    browser.click(&format!("#modem-{} h2 a", ModemId::derived("gsm2"))).await;
    browser.click("#settings summary").await;
    browser.find("#settings[open]").await;
    browser.fits().await;

    // And a message waits for that SIM: first for its turn.
    let body = json!({ "to": "+62812000000", "text": "later", "sim": SimId::derived("gsm2") });
    let id = gateway.send_with(body).await;
    let message = browser.client.new_window(true).await.unwrap().handle;
    browser.client.switch_to_window(message.clone()).await.unwrap();
    gateway.until(&id, &["released"]).await;
    browser.open(&format!("{}/messages/{id}", gateway.url)).await;
    browser.until("document.querySelector('.waits').textContent.includes('turn')").await;
    assert!(Timestamp::now().since(now) < STATE_IS_STALE_AFTER, "the machine is too slow");

    browser.until("document.querySelector('.waits').textContent.includes('gsm2')").await;
    let told = Timestamp::now().since(now);
    assert!(told + Duration::from_secs(1) >= STATE_IS_STALE_AFTER, "{told:?}");
    browser.client.switch_to_window(wall).await.unwrap();
    browser.until("document.querySelector('.modem.bad .pill').textContent === 'Offline'").await;
    assert!(browser.text(".modem.bad .problem").await.contains("is not heard of any more"));
    browser.find("#settings[open]").await;
    browser.client.switch_to_window(home).await.unwrap();
    browser.until("document.querySelectorAll('.chip.bad').length === 1").await;
    assert_eq!(browser.text("#online").await, "One modem is online");
    let chosen = browser
        .script("return document.querySelector('#sim').selectedOptions[0].textContent")
        .await;
    assert_eq!(chosen, "gsm2 · +62811000002 · Offline", "it is still chosen, and marked");
    assert_eq!(browser.script("return window.stayed").await, true, "the page was left");
    again.abort();
}
