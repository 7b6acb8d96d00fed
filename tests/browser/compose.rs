//! From the form to the phone: a name is offered while it is written, what would be sent is looked at, and then it is sent; and the pages
//! that a phone has behind “More”.

use serde_json::json;

use crate::browser::{Browser, Screen};
use crate::gateway::Gateway;

/// Clicks what may lie under the navigation at the foot of the screen.
async fn press(browser: &Browser, css: &str) {
    browser.find(css).await;
    let script =
        format!("document.querySelector({}).scrollIntoView({{ block: 'center' }})", json!(css));
    browser.script(&script).await;
    browser.click(css).await;
}

async fn first_page(gateway: &Gateway, screen: Screen) -> Browser {
    let browser = Browser::start("en", screen).await;
    browser.open(&gateway.setup_link.clone().expect("there is no administrator yet")).await;
    browser.fill("#name", "Putri").await;
    browser.fill("#password", "empat ekor merpati").await;
    browser.click("button.primary").await;
    browser.until("document.querySelector('#compose') !== null").await;
    browser
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_is_written_looked_at_and_sent_to() {
    let folder = tempfile::tempdir().unwrap();
    let gateway = Gateway::start(&folder.path().join("data"), &["--sim", "2"]).await;
    gateway.modems_ready(2).await;
    let browser = first_page(&gateway, Screen::Phone).await;
    browser.open(&format!("{}/contacts", gateway.url)).await;
    browser.fill("#name", "Siti Aminah").await;
    browser.fill("#number", "+62855000001").await;
    press(&browser, "form[action='/contacts'] button.primary").await;
    browser.until("document.querySelector('.keys a[href^=\"/contacts/\"]') !== null").await;

    browser.open(&gateway.url).await;
    browser.fits().await;
    browser.fill("#to", "sit").await;
    press(&browser, "#people button").await;
    assert_eq!(browser.script("return document.querySelector('#to').value").await, "Siti Aminah, ");
    browser.fill("#to", "+62855000002").await;
    browser.fill("#text", "Halo {name}").await;
    browser.script("window.stayed = true").await;
    press(&browser, "#compose button.primary").await;
    // What would be sent takes the place of the form, and a reader is led to it.
    browser.until("document.querySelector('.look') !== null").await;
    browser.fits().await;
    assert_eq!(browser.script("return document.activeElement.localName").await, "h1");
    let looked = browser.text(".look").await;
    for words in ["Siti Aminah, +62855000001", "Halo Siti Aminah", "2 messages, 2 parts in all"] {
        assert!(looked.contains(words), "no '{words}' in {looked}");
    }
    press(&browser, ".look button.primary").await;
    browser.until("document.querySelector('.compose .done a') !== null").await;
    browser.until("document.querySelectorAll('#latest .row.out').length === 2").await;
    assert_eq!(browser.script("return window.stayed").await, true, "the page was left");
    press(&browser, ".compose .done a").await;
    browser.until("location.pathname === '/sent' && location.search.startsWith('?batch=')").await;
    browser.fits().await;
    // The state stands beside the recipient, on the first line.
    let apart = "const row = document.querySelector('.row.out');
         const [who, state] = ['strong', '.pill'].map((part) => row.querySelector(part).getBoundingClientRect());
         return state.top < who.bottom && who.top < state.bottom";
    browser.until("document.querySelector('.row.out .pill') !== null").await;
    assert_eq!(browser.script(apart).await, true);
}

/// What makes a message expensive is named while it is written, and replaced where it is looked at; programs are copied by a button.
#[tokio::test(flavor = "multi_thread")]
async fn look_alikes_are_offered_and_taken() {
    let folder = tempfile::tempdir().unwrap();
    let gateway = Gateway::start(&folder.path().join("data"), &["--sim", "1"]).await;
    gateway.modems_ready(1).await;
    let browser = first_page(&gateway, Screen::Phone).await;
    browser.fill("#to", "+62855000002").await;
    browser.fill("#text", "“Halo” – apa kabar?").await;
    browser
        .until("document.querySelector('#count button[formaction=\"/send/alike\"]') !== null")
        .await;
    browser.fits().await;
    press(&browser, "button[formaction='/send/look']").await;
    browser.until("document.querySelector('.look button[name=replace]') !== null").await;
    browser.fits().await;
    press(&browser, ".look button[name=replace]").await;
    let replaced = json!("\"Halo\" - apa kabar?");
    browser
        .until(&format!("document.querySelector('.look .text').textContent === {replaced}"))
        .await;
    browser.until("document.querySelector('.look button[name=replace]') === null").await;

    // The examples are for this server, and a button copies them.
    browser.open(&format!("{}/keys", gateway.url)).await;
    browser.fits().await;
    press(&browser, "button[data-copy=example-1]").await;
    browser
        .until("document.querySelector('button[data-copy=example-1]').textContent === 'Copied'")
        .await;
    // It can be pressed again.
    browser
        .until("document.querySelector('button[data-copy=example-1]').textContent === 'Copy'")
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn more_opens_the_rest_of_the_pages_on_a_phone() {
    let folder = tempfile::tempdir().unwrap();
    let gateway = Gateway::start(&folder.path().join("data"), &["--no-discovery"]).await;
    let browser = first_page(&gateway, Screen::Phone).await;
    let shown = "return [...document.querySelectorAll('.pages a')].filter((link) => link.checkVisibility({ contentVisibilityAuto: true })).length";
    assert_eq!(browser.script(shown).await, 4);
    browser.click(".pages summary").await;
    assert!(browser.script(shown).await.as_u64() > Some(12));
    browser.fits().await;
    // Whatever is touched is large enough to be touched.
    let small = "return [...document.querySelectorAll('.pages a, .pages summary, .pages button')]
        .map((one) => [one.textContent.trim(), one.getBoundingClientRect().height]).filter(([, height]) => height < 44)";
    assert_eq!(browser.script(small).await, json!([]));
    press(&browser, ".pages a[href='/schedules']").await;
    browser.until("location.pathname === '/schedules' && document.readyState === 'complete'").await;
    browser.find(".pages summary.here").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desktop_shows_all_pages_and_has_keys() {
    let folder = tempfile::tempdir().unwrap();
    let gateway = Gateway::start(&folder.path().join("data"), &["--no-discovery"]).await;
    let browser = first_page(&gateway, Screen::Desktop).await;
    let link = "document.querySelector('.pages a[href=\"/schedules\"]').checkVisibility()";
    assert_eq!(browser.script(&format!("return {link}")).await, true);
    browser.fits().await;
    let key = |key: &str| {
        format!(
            "document.body.dispatchEvent(new KeyboardEvent('keydown', {{ key: {}, bubbles: true }}))",
            json!(key)
        )
    };
    browser.script("document.activeElement.blur()").await;
    browser.script(&key("?")).await;
    browser.until("document.querySelector('#shortcuts').open").await;
    browser.click("#shortcuts button").await;
    browser.until("!document.querySelector('#shortcuts').open").await;
    browser.script(&key("n")).await;
    browser.until("document.activeElement.id === 'to'").await;
    browser.script("document.activeElement.blur()").await;
    browser.script(&key("g")).await;
    browser.script(&key("s")).await;
    browser.until("location.pathname === '/sent' && document.readyState === 'complete'").await;
    browser.script(&key("/")).await;
    browser.until("document.activeElement.id === 'q'").await;
}
