//! A modem on a phone: it is asked for its signal and its balance, through a menu too, and is tried by a message.

use crate::browser::{Browser, Screen};
use crate::gateway::Gateway;

#[tokio::test(flavor = "multi_thread")]
async fn a_modem_is_asked_and_tried_on_a_phone() {
    let folder = tempfile::tempdir().unwrap();
    let gateway = Gateway::start(&folder.path().join("data"), &["--sim", "2"]).await;
    let modems = testkit::wait_for("the numbers of both SIMs", || async {
        let modems = gateway.modems_ready(2).await;
        let all = modems.iter().all(|modem| modem["sim"]["number"].is_string());
        all.then_some(modems)
    })
    .await;
    let page = format!("{}/modems/{}", gateway.url, modems[0]["id"].as_str().unwrap());
    let other = modems[1]["sim"]["number"].as_str().unwrap();
    let browser = Browser::start("id", Screen::Phone).await;
    browser.open(&gateway.setup_link.clone().expect("there is no administrator yet")).await;
    browser.fill("#name", "Putri").await;
    browser.fill("#password", "empat ekor merpati").await;
    browser.click("button.primary").await;
    browser.until("document.querySelector('#compose') !== null").await;

    browser.open(&format!("{}/modems", gateway.url)).await;
    browser.until("document.querySelectorAll('.modem.good').length === 2").await;
    browser.fits().await;
    browser.open(&page).await;
    browser.fits().await;
    browser.click("#at summary").await;
    browser.fill("#at-command", "AT+CSQ").await;
    browser.click("#at button").await;
    browser.until("document.querySelector('#at pre').textContent.includes('OK')").await;
    browser.fits().await;

    browser.open(&page).await;
    browser.click("#ussd summary").await;
    browser.fill("#ussd-code", "*123#").await;
    browser.click("#ussd button").await;
    // The network answers with a menu, and what is chosen is asked for in the same place.
    browser
        .until("document.querySelector('#ussd').open && location.search === '?ussd=answer'")
        .await;
    browser.fits().await;
    browser.fill("#ussd-code", "1").await;
    browser.click("#ussd button").await;
    browser.until("document.querySelector('.notice').textContent.includes('Sisa pulsa Rp')").await;

    browser.open(&page).await;
    browser.fill("#test-to", other).await;
    browser.click("#test button").await;
    browser.until("document.querySelector('[data-state=delivered]') !== null").await;
    browser.fits().await;
}
