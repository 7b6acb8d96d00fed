//! A conversation on a phone: what comes is seen as it comes, and is answered there.

use serde_json::json;

use crate::browser::{Browser, Screen};
use crate::gateway::Gateway;

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_is_read_and_answered_on_a_phone() {
    let folder = tempfile::tempdir().unwrap();
    let gateway = Gateway::start(&folder.path().join("data"), &["--sim", "2"]).await;
    let modems = testkit::wait_for("the numbers of both SIMs", || async {
        let modems = gateway.modems_ready(2).await;
        let all = modems.iter().all(|modem| modem["sim"]["number"].is_string());
        all.then_some(modems)
    })
    .await;
    let sims: Vec<(&str, &str)> = modems
        .iter()
        .map(|modem| {
            let sim = &modem["sim"];
            (sim["id"].as_str().unwrap(), sim["number"].as_str().unwrap())
        })
        .collect();
    let [(theirs, their_number), (_, our_number)] = sims[..] else { panic!("{sims:?}") };
    let browser = Browser::start("id", Screen::Phone).await;
    browser.open(&gateway.setup_link.clone().expect("there is no administrator yet")).await;
    browser.fill("#name", "Putri").await;
    browser.fill("#password", "empat ekor merpati").await;
    browser.click("button.primary").await;
    browser.until("document.querySelector('#compose') !== null").await;

    // The list fills by itself.
    browser.open(&format!("{}/conversations", gateway.url)).await;
    browser.fits().await;
    let ask = |text: &str| json!({ "to": [our_number], "text": text, "sim": theirs });
    gateway.send_with(ask("Buka jam berapa?")).await;
    let row = format!("#talks .row-link[href='/conversations/{their_number}']");
    browser.until(&format!("document.querySelector({}) !== null", json!(row))).await;
    browser.until("document.querySelector('#talks .badge')?.textContent === '1 baru'").await;
    browser.fits().await;
    browser.click(&row).await;
    browser
        .until("document.querySelector('.bubble.in .text').textContent === 'Buka jam berapa?'")
        .await;
    browser.fits().await;

    // The answer stands in the conversation at once, on a page that stays, and its state follows.
    browser.script("window.stayed = true").await;
    browser.fill("#talk-text", "Jam delapan.").await;
    browser.click("#talk-form button.primary").await;
    browser
        .until("document.querySelector('.bubble.out .text').textContent === 'Jam delapan.'")
        .await;
    browser.until("document.querySelector('.bubble.out [data-state=delivered]') !== null").await;
    assert_eq!(browser.text("#talk-text").await, "");
    // What comes meanwhile comes to the foot of it.
    gateway.send_with(ask("Terima kasih <b>")).await;
    browser
        .until("document.querySelector('.bubbles').firstElementChild.querySelector('.text').textContent === 'Terima kasih <b>'")
        .await;
    assert_eq!(browser.script("return document.querySelectorAll('.bubble').length").await, 3);
    assert_eq!(browser.script("return window.stayed").await, true, "the page was left");
    browser.fits().await;

    // All of it is read.
    browser.open(&format!("{}/conversations", gateway.url)).await;
    browser.find(&row).await;
    browser
        .until(&format!(
            "document.querySelector({})?.closest('.row').querySelector('.badge') === null",
            json!(row)
        ))
        .await;
}
