//! The documentation of the API, on a phone.

use crate::browser::{Browser, Screen};
use crate::gateway::Gateway;

#[tokio::test(flavor = "multi_thread")]
async fn the_api_is_read_about_on_a_phone() {
    let folder = tempfile::tempdir().unwrap();
    let gateway = Gateway::start(&folder.path().join("data"), &["--no-discovery"]).await;
    let browser = Browser::start("id", Screen::Phone).await;
    browser.open(&format!("{}/api/docs", gateway.url)).await;
    let title = browser.text("h1").await;
    assert_eq!(title, "API");
    browser
        .script("document.querySelectorAll('details').forEach(one => { one.open = true })")
        .await;
    browser.fits().await;
    let body = browser.text("#sendMessages").await;
    assert!(body.contains("/api/v1/messages") && body.contains("messages:send"), "{body}");
    browser.click("#sendMessages a[href='#type-NewMessage']").await;
    browser.until("location.hash === '#type-NewMessage'").await;
    let fields = browser.text("#type-NewMessage").await;
    assert!(fields.contains("not_before") && fields.contains("Recipients"), "{fields}");
}
