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

/// A note is no message, and whoever answers what a colleague has answered meanwhile is told so first.
#[tokio::test(flavor = "multi_thread")]
async fn two_colleagues_do_not_answer_twice() {
    let folder = tempfile::tempdir().unwrap();
    let gateway = Gateway::start(&folder.path().join("data"), &["--sim", "1"]).await;
    let ani = Browser::start("id", Screen::Desktop).await;
    ani.open(&gateway.setup_link.clone().expect("there is no administrator yet")).await;
    ani.fill("#name", "Ani").await;
    ani.fill("#password", "empat ekor merpati").await;
    ani.click("button.primary").await;
    ani.until("document.querySelector('#compose') !== null").await;
    let number = "+6281234567890";
    gateway.send_with(json!({ "to": [number], "text": "Halo, ada yang bisa dibantu?" })).await;
    let talk = format!("{}/conversations/{number}", gateway.url);
    ani.open(&talk).await;
    ani.until("document.querySelector('.bubble.out') !== null").await;

    // A note stands in the conversation, and is no message.
    ani.click(".team summary").await;
    ani.fill("#note", "Pelanggan <b>lama</b>").await;
    ani.click("form[action$='/note'] button").await;
    ani.until(
        "document.querySelector('.bubble.note .text')?.textContent === 'Pelanggan <b>lama</b>'",
    )
    .await;
    // What another sent since is said before one's own goes out, and the text stays.
    ani.fill("#talk-text", "Selamat pagi.").await;
    let id = gateway.send_with(json!({ "to": [number], "text": "Sudah kami kirim." })).await;
    // Its row is there, whatever became of it.
    let states = ["accepted", "admitted", "released", "sending", "sent", "delivered", "failed"];
    gateway.until(&id, &states).await;
    ani.until("document.querySelectorAll('.bubble.out').length === 2").await;
    ani.click("#talk-form button.primary").await;
    ani.until("document.querySelector('#talk-form .wrong') !== null").await;
    assert_eq!(ani.text("#talk-form button.primary").await, "Tetap kirim");
    ani.until("document.querySelector('#talk-text').value === 'Selamat pagi.'").await;
    ani.fits().await;
    ani.click("#talk-form button.primary").await;
    ani.until("document.querySelectorAll('.bubble.out').length === 3").await;
    ani.until("document.querySelector('#talk-text').value === ''").await;
}
