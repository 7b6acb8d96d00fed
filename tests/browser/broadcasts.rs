//! A broadcast on a phone: written, tested, started, and seen to its end.

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
async fn a_broadcast_is_written_tested_and_started_on_a_phone() {
    let folder = tempfile::tempdir().unwrap();
    let gateway = Gateway::start(&folder.path().join("data"), &["--sim", "1"]).await;
    gateway.modems_ready(1).await;
    let browser = Browser::start("id", Screen::Phone).await;
    browser.open(&gateway.setup_link.clone().expect("there is no administrator yet")).await;
    browser.fill("#name", "Putri").await;
    browser.fill("#password", "empat ekor merpati").await;
    browser.click("button.primary").await;
    browser.until("document.querySelector('#compose') !== null").await;

    browser.open(&format!("{}/broadcasts", gateway.url)).await;
    browser.fits().await;
    browser.fill("#name", "Libur").await;
    browser.fill("#text", "Hai {number}, besok libur").await;
    browser
        .fill("#audience", "+6285711110001 +6285711110001x, +6285711110001, +6285711110002")
        .await;
    press(&browser, "form[action='/broadcasts'] button.primary").await;
    browser.until("location.pathname.startsWith('/broadcasts/brd_')").await;
    browser.fits().await;
    browser.fill("#number", "+6285711110009").await;
    press(&browser, "form[action$='/test'] button").await;
    browser.until("document.querySelector('.notice')?.textContent.includes('Uji coba')").await;
    press(&browser, "form[action$='/start'] button").await;
    browser.until("document.querySelector('.notice')?.textContent.includes('dimulai')").await;
    // The page follows by itself while messages go out.
    browser
        .until("document.querySelector('#progress').textContent.includes('2 dari 2 penerima')")
        .await;
    browser.fits().await;
    let own = browser.script("return location.href").await;
    let own = own.as_str().expect("an address").to_owned();
    testkit::wait_for("the broadcast to be finished", || async {
        browser.open(&own).await;
        (browser.text("#progress h2").await == "Selesai").then_some(())
    })
    .await;
    let left_out = browser.text("main").await;
    assert!(left_out.contains("Tidak bisa dipakai"), "{left_out}");
    browser.fits().await;
}
