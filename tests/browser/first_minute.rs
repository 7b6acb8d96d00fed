//! The first minute of somebody new: the link, two modems, a message, its answer.

use fantoccini::Locator;
use serde_json::json;

use crate::browser::{Browser, Screen};
use crate::gateway::Gateway;
use crate::witness::Witness;

/// What the pages say in one language.
struct Words {
    tag: &'static str,
    welcome: &'static str,
    modems: &'static str,
    characters: &'static str,
    states: [&'static str; 3],
    delivered: &'static str,
    void: &'static str,
}

const ENGLISH: Words = Words {
    tag: "en",
    welcome: "Welcome to Merpati",
    modems: "2 modems are online",
    characters: "characters",
    states: ["Accepted", "Sent", "Delivered"],
    delivered: "Delivered to the recipient's phone.",
    void: "This link does not work any more",
};

const INDONESIAN: Words = Words {
    tag: "id",
    welcome: "Selamat datang di Merpati",
    modems: "2 modem aktif",
    characters: "karakter",
    states: ["Diterima", "Terkirim", "Sampai"],
    delivered: "Sampai di telepon penerima.",
    void: "Tautan ini tidak berlaku lagi",
};

#[tokio::test(flavor = "multi_thread")]
async fn english() {
    first_minute(ENGLISH, Screen::Desktop).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn indonesian() {
    first_minute(INDONESIAN, Screen::Desktop).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn indonesian_on_a_phone() {
    first_minute(INDONESIAN, Screen::Phone).await;
}

/// Writes every state that a message's mark shows, from now on, into `seen`; `stayed` is gone when the page is left.
const WATCH_STATES: &str = "
    window.stayed = true;
    window.seen = [];
    new MutationObserver((changes) => {
      for (const { addedNodes } of changes) for (const node of addedNodes) {
        if (node.nodeType !== Node.ELEMENT_NODE) continue;
        const marks = node.matches('[data-state]') ? [node] : node.querySelectorAll('[data-state]');
        for (const mark of marks) if (seen.at(-1) !== mark.textContent) seen.push(mark.textContent);
      }
    }).observe(document.documentElement, { subtree: true, childList: true });";

async fn first_minute(words: Words, screen: Screen) {
    let folder = tempfile::tempdir().unwrap();
    let gateway = Gateway::start(&folder.path().join("data"), &["--sim", "2"]).await;
    gateway.modems_ready(2).await;
    let witness = Witness::before(&gateway.url).await;
    let browser = Browser::start(words.tag, screen).await;
    let link = gateway.setup_link.clone().expect("there is no administrator yet");
    let link = link.replace(&gateway.url, &witness.url);

    // The link asks for a name and a password. On the machine itself, http is no danger and none is told of.
    browser.open(&link).await;
    assert_eq!(browser.text("h1").await, words.welcome);
    let warned = browser.script("return document.querySelector('.not-private') !== null").await;
    assert_eq!(warned, false);
    browser.fits().await;
    browser.fill("#name", "Putri").await;
    browser.fill("#password", "empat ekor merpati").await;
    browser.click("button.primary").await;

    // The first page has both modems, online, with their numbers.
    browser.until("document.querySelectorAll('.chip.good a').length === 2").await;
    assert_eq!(browser.text("#online").await, words.modems);
    browser.fits().await;
    let numbers = browser
        .script("return [...document.querySelectorAll('.chip a')].map((a) => a.textContent).sort()")
        .await;
    let [first, second] = [&numbers[0], &numbers[1]].map(|number| number.as_str().unwrap());

    // From one modem to the other, watched on a page that stays.
    let sender = format!("//select[@id='sim']/option[contains(., '{first}')]");
    let sender = browser.client.find(Locator::XPath(&sender)).await.unwrap();
    sender.click().await.unwrap();
    browser.fill("#to", second).await;
    browser.fill("#text", "Halo, merpati!").await;
    let counted =
        format!("document.querySelector('#count span').textContent === '14 {}'", words.characters);
    browser.until(&counted).await;
    browser.script(WATCH_STATES).await;
    witness.asked();
    browser.click("#compose button.primary").await;
    let [accepted, sent, delivered] = words.states;
    browser.until(&format!("seen.includes('{delivered}')")).await;
    browser.until("document.querySelector('.row.in .text').textContent === 'Halo, merpati!'").await;
    assert_eq!(browser.script("return window.stayed").await, true, "the page was left");
    assert_eq!(witness.asked(), ["POST /send"], "the states come over the one event connection");
    assert_in_order(&browser.script("return seen").await, &[accepted, sent, delivered]);
    browser.fits().await;

    // It is in the inbox of the other modem, and is answered from there.
    browser.click("nav.pages a[href='/received']").await;
    browser.until("location.pathname === '/received' && document.readyState === 'complete'").await;
    let row = browser.text(".row.in").await;
    assert!(row.contains(first) && row.contains("Halo, merpati!"), "{row}");
    browser.click(".row.in summary").await;
    browser.fits().await;
    browser.fill(".row.in textarea", "Halo juga!").await;
    browser.script("window.stayed = true").await;
    browser.click(".row.in form button.primary").await;
    // It stands beneath what it answers, and the form is put away.
    browser.find(".row.in .answers .row.out").await;
    assert!(browser.text(".row.in .answers .row.out").await.contains("Halo juga!"));
    assert_eq!(
        browser.script("return document.querySelector('.row.in details').open").await,
        false
    );
    assert_eq!(browser.script("return window.stayed").await, true, "the page was left");

    // The answer goes through the SIM that was written to, and arrives.
    browser.click("nav.pages a[href='/sent']").await;
    browser.until("location.pathname === '/sent'").await;
    let arrived = format!(
        "document.querySelector('.row.out').textContent.includes('Halo juga!')
         && document.querySelector('.row.out .pill').textContent === '{delivered}'"
    );
    browser.until(&arrived).await;
    let row = browser.text(".row.out").await;
    assert!(row.contains(first), "{row}");
    let answered = gateway.cli(&["inbox"]).await;
    assert!(
        answered.to_string().contains("Halo juga!") && answered.to_string().contains(second),
        "{answered}"
    );

    // What happened to it, and all the other pages.
    browser.click(".row.out .row-link").await;
    browser
        .until(&format!(
            "document.querySelector('.timeline').textContent.includes({})",
            json!(words.delivered)
        ))
        .await;
    browser.fits().await;
    for path in ["/conversations", "/sent", "/received", "/modems", "/account", "/keys", "/users"] {
        browser.open(&format!("{}{path}", witness.url)).await;
        browser.find("nav.pages").await;
        browser.fits().await;
    }

    // The link worked once. Somebody else who finds it gets nothing.
    browser.client.delete_all_cookies().await.unwrap();
    browser.open(&link).await;
    assert_eq!(browser.text("h1").await, words.void);
    assert!(browser.client.find(Locator::Css("#password")).await.is_err());
    browser.fits().await;
}

fn assert_in_order(seen: &serde_json::Value, expected: &[&str]) {
    let mut rest = seen.as_array().unwrap().iter();
    for state in expected {
        assert!(rest.any(|seen| seen == state), "{expected:?} in this order: {seen}");
    }
}
