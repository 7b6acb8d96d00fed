//! Contacts from files, looked through and taken back, two that are one, and a group by a rule that is written to.

use std::fs;

use fantoccini::Locator;
use serde_json::{Value, json};

use crate::browser::{Browser, Screen};
use crate::gateway::Gateway;

/// Uploads a file, which a browser is given the path of as if it were typed.
async fn upload(browser: &Browser, gateway: &Gateway, file: &std::path::Path) {
    browser.open(&format!("{}/contact-imports", gateway.url)).await;
    browser.fits().await;
    browser.fill("#file", &file.to_string_lossy()).await;
    browser.click("form[action='/contact-imports'] button.primary").await;
    browser.until("document.querySelector('#plan') !== null").await;
    browser.fits().await;
}

/// Looks at what would become of the rows: how many are new, changed, as they are, and left out.
async fn look(browser: &Browser, counts: [&str; 4]) {
    browser.click("#plan form > button").await;
    browser.until("document.querySelector('#review') !== null").await;
    browser.fits().await;
    let facts =
        "return [...document.querySelectorAll('#review .facts dd')].map((one) => one.textContent)";
    assert_eq!(browser.script(facts).await, json!(counts));
}

/// The names of the contacts there are.
async fn names(browser: &Browser, gateway: &Gateway) -> Value {
    browser.open(&format!("{}/contacts", gateway.url)).await;
    browser.fits().await;
    let names = "return [...document.querySelectorAll('.keys a[href^=\"/contacts/\"]')].map((one) => one.textContent)";
    browser.script(names).await
}

#[tokio::test(flavor = "multi_thread")]
async fn contacts_are_imported_merged_and_written_to() {
    let folder = tempfile::tempdir().unwrap();
    let gateway = Gateway::start(&folder.path().join("data"), &["--sim", "1"]).await;
    gateway.modems_ready(1).await;
    let browser = Browser::start("en", Screen::Phone).await;
    browser.open(&gateway.setup_link.clone().expect("there is no administrator yet")).await;
    browser.fill("#name", "Putri").await;
    browser.fill("#password", "empat ekor merpati").await;
    browser.click("button.primary").await;
    browser.until("document.querySelector('#compose') !== null").await;

    // Somebody says what the columns of a CSV file are, looks at what becomes of it, imports it, and takes it back.
    let file = folder.path().join("pelanggan.csv");
    let rows = "siapa;hubungi;Kota\nAni;+62855000001;Garut\nBudi;+62855000002;\nCici;6.28E+11;\n";
    fs::write(&file, rows).unwrap();
    upload(&browser, &gateway, &file).await;
    for (column, role) in [(1, "name"), (2, "number")] {
        let path = format!("(//select[@name='role'])[{column}]/option[@value='{role}']");
        browser.client.find(Locator::XPath(&path)).await.unwrap().click().await.unwrap();
    }
    look(&browser, ["2", "0", "0", "1"]).await;
    browser.click("#review form button.primary").await;
    browser.until("document.querySelector('#result') !== null").await;
    browser.fits().await;
    let import = browser.client.current_url().await.unwrap();
    assert_eq!(names(&browser, &gateway).await, json!(["Ani", "Budi"]));
    browser.open(import.as_str()).await;
    browser.click("form[action$='/undo'] button").await;
    browser
        .until("document.querySelector('#result') !== null && document.querySelector('form[action$=\"/undo\"]') === null")
        .await;
    assert_eq!(names(&browser, &gateway).await, json!([]));

    // A group by a rule, of whoever fits it later.
    browser.open(&format!("{}/groups", gateway.url)).await;
    browser.fill("#name", "Pemasok").await;
    browser.click("form[action='/groups'] details summary").await;
    browser.fill("#fields", "Organization: Toko Kue").await;
    browser.fits().await;
    browser.click("form[action='/groups'] button.primary").await;
    browser.until("document.querySelector('.keys a[href^=\"/groups/\"]') !== null").await;

    // The address book of a telephone, which has somebody twice.
    let file = folder.path().join("kontak.vcf");
    let card = |name: &str, number: &str, of: &str| {
        format!("BEGIN:VCARD\r\nVERSION:3.0\r\nFN:{name}\r\nTEL:{number}\r\n{of}END:VCARD\r\n")
    };
    let of = "ORG:Toko Kue\r\n";
    let cards = [
        card("Siti", "+62855000003", of),
        card("Siti", "+62855000004", of),
        card("Dewi", "+62855000005", ""),
    ];
    fs::write(&file, cards.concat()).unwrap();
    upload(&browser, &gateway, &file).await;
    look(&browser, ["3", "0", "0", "0"]).await;
    browser.click("#review form button.primary").await;
    browser.until("document.querySelector('#result') !== null").await;
    browser.open(&format!("{}/contact-doubles?by=name", gateway.url)).await;
    browser.fits().await;
    browser.click("form[action='/contact-doubles'] button").await;
    browser
        .until("document.querySelector('.notice.said') !== null && document.querySelector('form[action=\"/contact-doubles\"]') === null")
        .await;
    assert_eq!(names(&browser, &gateway).await, json!(["Dewi", "Siti"]));

    // The group is offered while its name is written, and has whoever fits, once.
    browser.open(&gateway.url).await;
    browser.fill("#to", "#Pem").await;
    browser.find("#people button").await;
    browser.click("#people button").await;
    browser.fill("#text", "Halo {name}").await;
    browser.click("#compose button.primary").await;
    browser.until("document.querySelector('.look') !== null").await;
    browser.fits().await;
    let looked = browser.text(".look").await;
    assert!(looked.contains("Halo Siti") && !looked.contains("Dewi"), "{looked}");
    browser.click(".look button.primary").await;
    browser.until("document.querySelectorAll('#latest .row.out').length === 1").await;
    browser.fits().await;
}
