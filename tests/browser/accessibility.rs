//! Every page, in both languages, in both themes, on a phone and on a desktop, checked for accessibility.
//!
//! The checks are our own (`accessibility.js`), and those of axe-core where `tests/axe-core` has fetched it: without a network the test
//! says so and goes on. Of what axe-core finds, what is serious or critical is not accepted.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use web_portal::declared_pages;

use crate::browser::{Browser, Screen};
use crate::gateway::Gateway;

/// Returns what is wrong with the page that is shown.
const OWN: &str = include_str!("accessibility.js");

/// Shows the page in the dark: a browser follows the system, so the style sheet is told that it is dark.
const DARK: &str = "
    for (const sheet of document.styleSheets) for (const rule of sheet.cssRules) {
      if (rule.media?.mediaText.includes('prefers-color-scheme: dark')) rule.media.mediaText = 'all';
    }
    document.documentElement.style.colorScheme = 'dark';";

/// Opens what is folded, for what is in it is a part of the page, but for the many of a long list that are like the first; the pages
/// behind “More” lie over others.
const UNFOLD: &str = "for (const one of [...document.querySelectorAll('main details')].slice(0, 12)) one.open = true;";

/// Runs axe-core with these options, and returns what is serious or critical.
const AXE: &str = "
    const done = arguments[arguments.length - 1];
    axe.run(document, { resultTypes: ['violations'], ...arguments[0] }).then(
      ({ violations }) => done(violations
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .flatMap(({ id, nodes }) => nodes.map(({ html }) => `axe ${id}: ${html.slice(0, 140)}`))),
      (error) => done([`axe: ${error}`]));";

/// The pages of which there has to be one with something in it: the rest of a page's path is found on the page that lists them.
const LISTED: [&str; 18] = [
    "/broadcasts/{id}",
    "/bulk/{id}",
    "/contact-imports/{id}",
    "/contacts/{id}",
    "/conversations/{number}",
    "/groups/{id}",
    "/keys/{id}",
    "/messages/{id}",
    "/modems/{id}",
    "/modems/{id}/lines",
    "/received/{id}",
    "/schedules/{id}",
    "/services/{id}",
    "/sims/{id}",
    "/teams/{id}",
    "/templates/{id}",
    "/users/{id}",
    "/webhooks/{id}",
];

/// The source of axe-core, where it was fetched.
fn axe_core() -> Option<String> {
    let target = std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target"), PathBuf::from);
    let file = target.join("axe-core-python-0.1.0/axe_core_python/axe.min.js");
    std::fs::read_to_string(file).ok()
}

/// Makes one of what pages show.
async fn fill(gateway: &Gateway, number: &str) {
    for (path, body) in [
        ("/contacts", json!({ "name": "Siti", "number": number, "tags": ["vip"] })),
        ("/groups", json!({ "name": "Toko", "code": "TOKO" })),
        ("/templates", json!({ "name": "Salam", "text": "Halo {name}" })),
        (
            "/schedules",
            json!({
                "name": "Pagi", "to": [number], "text": "Halo", "at": "2130-01-01 08:00",
                "zone": "Asia/Jakarta",
            }),
        ),
        (
            "/broadcasts",
            json!({ "name": "Kabar", "to": [number], "text": "Halo", "zone": "Asia/Jakarta" }),
        ),
        ("/services", json!({ "name": "info", "keyword": "info", "reply": "Halo" })),
        ("/webhooks", json!({ "url": "http://127.0.0.1:9/hook", "events": ["sms.received"] })),
    ] {
        let (status, made) = gateway.post(path, &body).await;
        assert_eq!(status, 201, "{path}: {made}");
    }
    let id = gateway.send(number, "Halo, merpati!").await;
    gateway.until(&id, &["delivered"]).await;
    // One that is longer than lists show has a page of its own.
    let id = gateway.send(number, &"Halo, merpati! ".repeat(60)).await;
    gateway.until(&id, &["delivered"]).await;
    gateway.inbox(2).await;
    // Files are listed for whoever uploaded them: one of one row of each kind. Teams are made by administrators.
    let key = gateway.cli(&["key", "add", "Putri"]).await;
    for (path, body) in [
        ("/bulk", json!(number)),
        ("/contact-imports", json!(number)),
        ("/teams", json!({ "name": "Penjualan" })),
    ] {
        let made = reqwest::Client::new().post(format!("{}/api/v1{path}", gateway.url));
        let made = made.bearer_auth(key["key"].as_str().unwrap()).json(&body);
        assert_eq!(made.send().await.unwrap().status(), 201, "{path}");
    }
}

/// The first link of a page to something below `list`.
async fn first_link(browser: &Browser, page: &str, list: &str) -> Option<String> {
    browser.open(page).await;
    let links = format!(
        "return [...document.querySelectorAll('main a[href^=\"{list}/\"]')]
            .map((link) => link.getAttribute('href').split(/[?#]/)[0])
            .find((path) => path.slice({}).indexOf('/') < 0 && !path.endsWith('/add')) ?? null",
        list.len() + 1
    );
    browser.script(&links).await.as_str().map(str::to_owned)
}

/// Where a page is, by the page that lists such; none: there is nothing of it.
async fn found(browser: &Browser, url: &str, pattern: &str) -> Option<String> {
    let (list, rest) = pattern.split_once("/{")?;
    let after = rest.split_once('}')?.1;
    let from = match list {
        "/messages" => "/sent".to_owned(),
        // The page of a modem leads to its SIM.
        "/sims" => first_link(browser, &format!("{url}/modems"), "/modems").await?,
        list => list.to_owned(),
    };
    let path = first_link(browser, &format!("{url}{from}"), list).await?;
    Some(format!("{path}{after}"))
}

/// The paths of all pages that a person sees.
async fn pages(browser: &Browser, url: &str) -> Vec<String> {
    let mut paths = Vec::new();
    for page in declared_pages().iter().filter(|page| page.method == "GET") {
        // Files and the event connection are no pages; what leads elsewhere, and what is for who has not come in, is none of these.
        let is_none = page.path.rsplit_once('.').is_some_and(|(_, end)| end == "csv")
            || ["/events", "/setup", "/login", "/login/code", "/invitation", "/password"]
                .contains(&page.path)
            || ["/outbox", "/inbox"].contains(&page.path);
        if is_none {
            continue;
        }
        if !page.path.contains('{') {
            paths.push(page.path.to_owned());
            continue;
        }
        match found(browser, url, page.path).await {
            Some(path) => paths.push(path),
            None => assert!(!LISTED.contains(&page.path), "nothing leads to {}", page.path),
        }
    }
    // What is not there is a page, too.
    paths.extend(["/nothing-is-here".to_owned(), "/search?q=a".to_owned()]);
    paths
}

/// What is wrong with the page that a browser shows.
async fn wrong(browser: &Browser, screen: Screen, axe: Option<&str>) -> Vec<String> {
    let mut wrong = Vec::new();
    let client = &browser.client;
    let own = || vec![json!(screen == Screen::Phone)];
    browser.script(UNFOLD).await;
    browser.fits().await;
    let mut all = vec![client.execute(OWN, own()).await.unwrap()];
    if let Some(axe) = axe {
        browser.script(axe).await;
        all.push(client.execute_async(AXE, vec![json!({})]).await.unwrap());
    }
    browser.script(DARK).await;
    all.push(client.execute(OWN, own()).await.unwrap());
    if axe.is_some() {
        let contrast = json!({ "runOnly": { "type": "rule", "values": ["color-contrast"] } });
        all.push(client.execute_async(AXE, vec![contrast]).await.unwrap());
    }
    for found in all {
        let found = found.as_array().cloned().unwrap_or_default();
        wrong.extend(found.iter().filter_map(Value::as_str).map(str::to_owned));
    }
    wrong.sort_unstable();
    wrong.dedup();
    wrong
}

/// Looks at all pages in one language on one screen.
async fn look(gateway: &Gateway, language: &str, screen: Screen, axe: Option<&str>) -> Vec<String> {
    let (url, browser) = (&gateway.url, Browser::start(language, screen).await);
    let mut all = Vec::new();
    let tell = |path: &str, wrong: Vec<String>| {
        let at = format!("{language}, {screen:?}, {path}: ");
        wrong.into_iter().map(move |one| format!("{at}{one}")).collect::<Vec<_>>()
    };
    browser.open(&format!("{url}/login")).await;
    all.extend(tell("/login", wrong(&browser, screen, axe).await));
    browser.fill("#name", "Putri").await;
    browser.fill("#password", "empat ekor merpati").await;
    browser.click("button.primary").await;
    browser.until("document.querySelector('#compose') !== null").await;
    for path in pages(&browser, url).await {
        browser.open(&format!("{url}{path}")).await;
        all.extend(tell(&path, wrong(&browser, screen, axe).await));
    }
    // The dialogs that lie over pages.
    for (dialog, opened) in [
        ("palette", "document.querySelector('[data-palette]').click()"),
        ("shortcuts", "document.getElementById('shortcuts').showModal()"),
    ] {
        browser.open(&format!("{url}/sent")).await;
        browser.script(opened).await;
        browser.until(&format!("document.getElementById('{dialog}').open")).await;
        all.extend(tell(dialog, wrong(&browser, screen, axe).await));
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_is_for_everybody() {
    let folder = tempfile::tempdir().unwrap();
    let allowed = [("MERPATI__WEBHOOKS__ALLOW", "127.0.0.1")];
    let data = folder.path().join("data");
    let gateway = Gateway::start_with(&data, &["--sim", "2"], &allowed).await;
    let modems = testkit::wait_for("the numbers of both SIMs", || async {
        let modems = gateway.modems_ready(2).await;
        let all = modems.iter().all(|modem| modem["sim"]["number"].is_string());
        all.then_some(modems)
    })
    .await;
    let axe = axe_core();
    if axe.is_none() {
        println!("NOT TRIED with axe-core: run tests/axe-core to fetch it");
    }
    let axe = axe.as_deref();

    // The page of who comes first, which is gone afterwards.
    let first = Browser::start("en", Screen::Phone).await;
    first.open(&gateway.setup_link.clone().expect("there is no administrator yet")).await;
    let mut all = wrong(&first, Screen::Phone, axe).await;
    first.fill("#name", "Putri").await;
    first.fill("#password", "empat ekor merpati").await;
    first.click("button.primary").await;
    first.until("document.querySelector('#compose') !== null").await;
    drop(first);
    fill(&gateway, modems[0]["sim"]["number"].as_str().unwrap()).await;

    let (phone, desktop) = tokio::join!(
        look(&gateway, "id", Screen::Phone, axe),
        look(&gateway, "en", Screen::Desktop, axe),
    );
    all.extend(phone);
    all.extend(desktop);
    assert!(all.is_empty(), "{} findings:\n{}", all.len(), all.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_found_by_keys() {
    let folder = tempfile::tempdir().unwrap();
    let gateway = Gateway::start(&folder.path().join("data"), &["--no-discovery"]).await;
    let new = json!({ "name": "Siti Aminah", "number": "+62855000001" });
    let (status, made) = gateway.post("/contacts", &new).await;
    assert_eq!(status, 201, "{made}");
    let browser = Browser::start("en", Screen::Desktop).await;
    browser.open(&gateway.setup_link.clone().expect("there is no administrator yet")).await;
    browser.fill("#name", "Putri").await;
    browser.fill("#password", "empat ekor merpati").await;
    browser.click("button.primary").await;
    browser.until("document.querySelector('#compose') !== null").await;

    // The pages are there before the server is asked.
    let open = "document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'k', ctrlKey: true, bubbles: true }))";
    browser.script(open).await;
    browser.until("document.querySelector('#palette').open").await;
    browser.until("document.activeElement.id === 'palette-q'").await;
    browser.fill("#palette-q", "sched").await;
    browser.until("document.querySelectorAll('#palette-list [role=option]').length === 1").await;
    let chosen = "const field = document.activeElement;
        const option = document.getElementById(field.getAttribute('aria-activedescendant'));
        return [option.dataset.href, option.getAttribute('aria-selected'), field.getAttribute('aria-expanded')]";
    assert_eq!(browser.script(chosen).await, json!(["/schedules", "true", "true"]));
    // Esc closes it, and what was written is gone when it opens again.
    browser.fill("#palette-q", "\u{e00c}").await;
    browser.until("!document.querySelector('#palette').open").await;
    browser.click("[data-palette]").await;
    browser.until("document.querySelector('#palette').open").await;
    assert_eq!(browser.script("return document.querySelector('#palette-q').value").await, "");
    // People are found by the server; the arrows go round.
    browser.fill("#palette-q", "aminah").await;
    browser
        .until("document.querySelector('#palette-list [role=option]')?.dataset.href.startsWith('/contacts/')")
        .await;
    browser.until("document.querySelector('#palette-said').textContent === 'One result.'").await;
    browser.fill("#palette-q", "\u{e015}").await;
    browser.fill("#palette-q", "\u{e007}").await;
    browser.until("location.pathname.startsWith('/contacts/')").await;
    assert_eq!(browser.text("h1").await, "Siti Aminah");
}
