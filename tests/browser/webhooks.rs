//! A webhook on the pages: made, tested, and told again by hand, on a phone.

use axum::Router;
use axum::http::StatusCode;
use axum::routing::post;
use tokio::net::TcpListener;

use crate::browser::{Browser, Screen};
use crate::gateway::Gateway;

/// Clicks what may lie under the navigation at the foot of the screen.
async fn press(browser: &Browser, css: &str) {
    browser.find(css).await;
    let script = format!("document.querySelector(\"{css}\").scrollIntoView({{ block: 'center' }})");
    browser.script(&script).await;
    browser.click(css).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_is_made_tested_and_told_again_on_a_phone() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let app = Router::new().route("/hook", post(async || StatusCode::ACCEPTED));
    tokio::spawn(async move { axum::serve(listener, app).await });

    let folder = tempfile::tempdir().unwrap();
    let allowed = [("MERPATI__WEBHOOKS__ALLOW", "127.0.0.1")];
    let gateway =
        Gateway::start_with(&folder.path().join("data"), &["--no-discovery"], &allowed).await;
    let browser = Browser::start("id", Screen::Phone).await;
    browser.open(&gateway.setup_link.clone().expect("there is no administrator yet")).await;
    browser.fill("#name", "Putri").await;
    browser.fill("#password", "empat ekor merpati").await;
    browser.click("button.primary").await;
    browser.click("nav.pages summary").await;
    press(&browser, "nav.pages a[href='/webhooks']").await;
    browser.until("document.querySelector('#url') !== null").await;
    browser.fits().await;
    browser.fill("#url", &url).await;
    press(&browser, "form[action='/webhooks'] button.primary").await;
    let secret = browser.text("#secret").await;
    assert!(secret.starts_with("whsec_"), "{secret}");
    browser.fits().await;
    press(&browser, "form[action$='/test'] button").await;
    browser.until("document.querySelector('.notice')?.textContent.includes('202')").await;
    assert_eq!(
        browser.script("return document.querySelector('#secret')").await,
        serde_json::Value::Null
    );
    let log = browser.text(".callbacks").await;
    assert!(log.contains("webhook.test") && log.contains("HTTP 202"), "{log}");
    browser.fits().await;
    press(&browser, "form[action$='/replay'] button").await;
    browser.until("document.querySelector('.notice')?.textContent.includes('Dikirim lagi')").await;
}
