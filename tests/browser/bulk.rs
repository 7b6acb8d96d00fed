//! A file of which each row becomes a message: uploaded, looked through and sent on a phone and on a desktop.

use std::fs;

use serde_json::json;

use crate::browser::{Browser, Screen};
use crate::gateway::Gateway;

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_uploaded_looked_through_and_sent() {
    let folder = tempfile::tempdir().unwrap();
    let gateway = Gateway::start(&folder.path().join("data"), &["--sim", "2"]).await;
    let modems = testkit::wait_for("the numbers of both SIMs", || async {
        let modems = gateway.modems_ready(2).await;
        let all = modems.iter().all(|modem| modem["sim"]["number"].is_string());
        all.then_some(modems)
    })
    .await;
    let number = modems[0]["sim"]["number"].as_str().unwrap();
    let file = folder.path().join("tagihan.csv");
    let rows = format!("nomor;nama\n{number};Siti\n{number};Budi\n6.28E+11;Cici\n");
    fs::write(&file, rows).unwrap();
    let browser = Browser::start("id", Screen::Phone).await;
    browser.open(&gateway.setup_link.clone().expect("there is no administrator yet")).await;
    browser.fill("#name", "Putri").await;
    browser.fill("#password", "empat ekor merpati").await;
    browser.click("button.primary").await;
    browser.until("document.querySelector('#compose') !== null").await;

    browser.open(&format!("{}/bulk", gateway.url)).await;
    browser.fits().await;
    // A browser is given the path of a file as if it were typed.
    browser.fill("#file", &file.to_string_lossy()).await;
    browser.click("form[action='/bulk'] button.primary").await;
    browser.until("document.querySelector('#plan') !== null").await;
    browser.fits().await;
    browser.fill("#text", "Halo {nama}, tagihan Anda sudah terbit.").await;
    browser.click("#plan form > button").await;
    let sample = json!("Halo Siti, tagihan Anda sudah terbit.");
    browser
        .until(&format!("document.querySelector('#review .sample')?.textContent === {sample}"))
        .await;
    browser.fits().await;
    browser.click("#review form button.primary").await;
    browser.until("document.querySelector('#progress') !== null").await;
    browser.fits().await;
    // The page is not loaded again: what happens to the message comes to it.
    browser.until("document.querySelector('#progress progress').value === 1").await;
    browser.click("#progress a[href^='/sent?batch=']").await;
    browser.until("document.querySelectorAll('#rows article').length === 1").await;
    browser.fits().await;
}
