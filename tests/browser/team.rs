//! A team of three: an administrator who makes it, a manager who leads it at a desktop, and a user who answers on a phone.

use fantoccini::Locator;
use serde_json::{Value, json};

use crate::browser::{Browser, Screen};
use crate::gateway::Gateway;

const PASSWORD: &str = "empat ekor merpati";
/// Whom the administrator writes to, which is nobody else's business.
const PRIVATE: &str = "+62855000001";

/// Fills in the form by which an account is made, and is on the first page then.
async fn come_in(browser: &Browser, link: &str, name: &str) {
    browser.open(link).await;
    browser.fill("#name", name).await;
    browser.fill("#password", PASSWORD).await;
    browser.click("button.primary").await;
    browser.until("document.querySelector('#compose') !== null").await;
}

/// Makes an invitation and returns its link.
async fn invite(browser: &Browser, gateway: &Gateway, role: &str) -> String {
    browser.open(&format!("{}/users", gateway.url)).await;
    browser.fits().await;
    browser.fill("#label", role).await;
    browser.click(&format!("#invited-role option[value='{role}']")).await;
    browser.click("form[action='/users/invitations'] button.primary").await;
    browser.text("#invitation-link").await
}

/// Clicks what is found so.
async fn choose(browser: &Browser, path: &str) {
    let found = browser.client.find(Locator::XPath(path)).await;
    found.unwrap_or_else(|error| panic!("{path}: {error}")).click().await.unwrap();
}

/// Waits until the gateway has a message to this number in this state, or in any.
async fn sent(gateway: &Gateway, to: &str, state: Option<&str>) {
    testkit::wait_for(&format!("a message to {to}"), || async {
        let mut asked = vec!["messages", "--to", to];
        asked.extend(state.iter().flat_map(|state| ["--state", *state]));
        let found = gateway.cli(&asked).await;
        found["messages"].as_array().is_some_and(|all| !all.is_empty()).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_team_answers_its_customers_and_not_twice() {
    let folder = tempfile::tempdir().unwrap();
    let gateway = Gateway::start(&folder.path().join("data"), &["--sim", "2"]).await;
    let modems = testkit::wait_for("the numbers of both SIMs", || async {
        let modems = gateway.modems_ready(2).await;
        let all = modems.iter().all(|modem| modem["sim"]["number"].is_string());
        all.then_some(modems)
    })
    .await;
    let of = |modem: &Value, field: &str| modem["sim"][field].as_str().unwrap().to_owned();
    let (theirs, customer) = (of(&modems[0], "id"), of(&modems[0], "number"));
    let (ours, our_number) = (of(&modems[1], "id"), of(&modems[1], "number"));

    // The administrator invites both, and makes a team of them with a SIM.
    let desktop = Browser::start("id", Screen::Desktop).await;
    let link = gateway.setup_link.clone().expect("there is no administrator yet");
    come_in(&desktop, &link, "putri").await;
    let of_manager = invite(&desktop, &gateway, "manager").await;
    let of_user = invite(&desktop, &gateway, "user").await;
    let phone = Browser::start("id", Screen::Phone).await;
    come_in(&phone, &of_manager, "ani").await;
    phone.client.delete_all_cookies().await.unwrap();
    come_in(&phone, &of_user, "budi").await;
    desktop.open(&format!("{}/teams", gateway.url)).await;
    desktop.fill("#name", "Penjualan").await;
    desktop.click("form[action='/teams'] button.primary").await;
    desktop.until("document.querySelector('input[name=user]') !== null").await;
    for name in ["ani", "budi"] {
        choose(&desktop, &format!("//label[.//bdi[text()='{name}']]/input[@name='user']")).await;
    }
    desktop.click(&format!("input[name=sim][value='{ours}']")).await;
    desktop.click("form[action$='/change'] button.primary").await;
    // The mark stands in what the gateway wrote, and not only where it was clicked.
    desktop.until("document.querySelectorAll('input[name=user][checked]').length === 2").await;
    let taken = "return document.querySelectorAll('main input[checked]').length";
    assert_eq!(desktop.script(taken).await, 3, "two users and a SIM");
    desktop.fits().await;
    // A text for everybody, and a message of the administrator's own.
    desktop.open(&format!("{}/templates", gateway.url)).await;
    desktop.fill("#name", "Jam buka").await;
    desktop.fill("#text", "Kami buka jam delapan.").await;
    desktop.click("select[name=shared] option[value=yes]").await;
    desktop.click("form[action='/templates'] button.primary").await;
    desktop.until("document.querySelector('.notice.said') !== null").await;
    desktop.open(&format!("{}/conversations/{PRIVATE}", gateway.url)).await;
    desktop.fill("#talk-text", "Rahasia direksi").await;
    desktop.click("#talk-form button.primary").await;
    desktop.until("document.querySelector('.bubble.out') !== null").await;
    sent(&gateway, PRIVATE, None).await;

    // A customer writes to the SIM of the team. The user has it open on the phone.
    gateway
        .send_with(json!({ "to": [our_number], "text": "Buka jam berapa?", "sim": theirs }))
        .await;
    gateway.inbox(1).await;
    let talk = format!("{}/conversations/{customer}", gateway.url);
    phone.open(&talk).await;
    assert_eq!(phone.text(".bubble.in .text").await, "Buka jam berapa?");
    phone.fits().await;

    // The manager comes in at the desktop, assigns it to the user and leaves a note, which the phone shows as it is written.
    desktop.client.delete_all_cookies().await.unwrap();
    desktop.open(&format!("{}/login", gateway.url)).await;
    desktop.fill("#name", "ani").await;
    desktop.fill("#password", PASSWORD).await;
    desktop.click("button.primary").await;
    desktop.until("document.querySelector('#compose') !== null").await;
    desktop.open(&talk).await;
    desktop.click(".team summary").await;
    choose(&desktop, "//select[@id='assign']/option[normalize-space()='budi']").await;
    desktop.click(".team form[action$='/mark'] .beside button").await;
    desktop.until("document.querySelector('.notice.said').textContent.includes('budi')").await;
    phone.until("document.querySelector('.marks').textContent.includes('budi')").await;
    desktop.click(".team summary").await;
    desktop.fill("#note", "Pelanggan lama").await;
    desktop.click("form[action$='/note'] button").await;
    desktop.until("!document.querySelector('.notice.said').textContent.includes('budi')").await;
    desktop.find(".bubble.note").await;
    phone
        .until("document.querySelector('.bubble.note .text')?.textContent === 'Pelanggan lama'")
        .await;
    desktop.fits().await;
    desktop.fill("#talk-text", "Jam delapan, Bu.").await;

    // The user answers with the text that is kept for that, through the SIM that was written to.
    phone.click(".talk-foot details.more summary").await;
    phone.click(".canned a").await;
    phone.until("document.querySelector('#talk-text').value === 'Kami buka jam delapan.'").await;
    phone.click("#talk-form button.primary").await;
    phone.until("document.querySelector('.bubble.out [data-state=delivered]') !== null").await;
    phone.fits().await;
    sent(&gateway, &customer, Some("delivered")).await;
    let answer = gateway.inbox(2).await.remove(0);
    assert_eq!(
        (&answer["from"], &answer["text"]),
        (&json!(our_number), &json!("Kami buka jam delapan."))
    );

    // The manager, who was writing, is told so before a second answer goes out.
    desktop.until("document.querySelectorAll('.bubble.out').length === 1").await;
    desktop.click("#talk-form button.primary").await;
    desktop
        .until("document.querySelector('#talk-form .wrong')?.textContent.includes('budi')")
        .await;
    assert_eq!(desktop.script("return document.querySelectorAll('.bubble.out').length").await, 1);
    desktop.click("#talk-form button.primary").await;
    desktop.until("document.querySelectorAll('.bubble.out').length === 2").await;

    // A manager sees what the team sends, and nothing of the administrator's.
    desktop.open(&format!("{}/sent", gateway.url)).await;
    let listed = desktop.text("main").await;
    assert!(listed.contains("Kami buka jam delapan.") && !listed.contains("Rahasia"), "{listed}");
    desktop.open(&format!("{}/conversations", gateway.url)).await;
    let rows =
        desktop.script("return [...document.querySelectorAll('#talks .row-link')].length").await;
    assert_eq!(rows, 1);

    // What was removed by mistake is back with a click.
    phone.open(&format!("{}/contacts", gateway.url)).await;
    phone.fill("#name", "Bu Siti").await;
    phone.fill("#number", &customer).await;
    phone.click("form[action='/contacts'] button.primary").await;
    phone.until("document.querySelector('.keys a[href^=\"/contacts/\"]') !== null").await;
    phone.click(".keys a[href^='/contacts/']").await;
    phone.until("document.querySelector('form[action$=\"/remove\"]') !== null").await;
    phone.click("form[action$='/remove'] button").await;
    phone.until("document.querySelector('form.undo') !== null").await;
    phone.fits().await;
    phone.click("form.undo button").await;
    phone.until("document.querySelector('form[action$=\"/remove\"]') !== null").await;
    assert_eq!(phone.text("h1").await, "Bu Siti");
}
