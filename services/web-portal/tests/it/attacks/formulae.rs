//! Cells of lists that a spreadsheet would take for formulae.

use serde_json::json;
use testkit::wait_for;
use web_portal::declared_pages;

use super::{Things, filled, logged_in, noun};
use crate::browser::Browser;
use crate::gateway::{Gateway, answer};

/// What a spreadsheet would do something by: at the beginning of a cell, and behind what separates cells elsewhere.
const FORMULA: &str = "=HYPERLINK(1);@SUM(A1)";

/// Whether no cell of a list, read with commas or with semicolons between them, begins as a formula does.
#[track_caller]
fn is_safe(list: &str, shown: &str) {
    let is_formula = |cell: &str| cell.starts_with(['=', '+', '-', '@']);
    for line in list.lines() {
        for cell in line.strip_prefix('"').unwrap_or(line).split("\",\"") {
            assert!(!is_formula(cell.trim_start()), "{cell} of {shown} in:\n{list}");
        }
        // Such a spreadsheet does not know whose the quotes are.
        for cell in line.split(';') {
            let cell = cell.trim_start_matches(['"', ' ', '\t']);
            assert!(!is_formula(cell), "{cell} of {shown} in:\n{list}");
        }
    }
}

/// Every list of the pages, so that one that is added is looked at, too.
#[tokio::test]
async fn no_cell_of_any_list_is_a_formula() {
    let gateway = Gateway::start().await;
    let key = gateway.user("root", true).await;
    let modem = gateway.modem("modem1", "+62811000001").await;
    let things = Things::make(&gateway, &key, FORMULA, FORMULA).await;
    let new = json!({ "name": "=board", "keyword": "papan", "board": "papan-1" });
    let (status, board) = answer(gateway.post(&key, "/services", &new)).await;
    assert_eq!(status, 201, "{board}");
    let board = board["id"].as_str().expect("an id").to_owned();
    gateway.receive(&modem, "=BANK", FORMULA).await;
    wait_for("the message", || async {
        let messages = gateway.messages(&key).await;
        messages.iter().any(|one| one.text.as_deref() == Some(FORMULA)).then_some(())
    })
    .await;
    // A row of a file that is left out, for its number is none.
    let mut browser = logged_in(&gateway, "root").await;
    browser.open("/bulk").await;
    let token = browser.csrf.clone();
    let file = format!("nomor,nama\n\"{FORMULA}\",x\n+62812345678,\"{FORMULA}\"\n");
    browser.upload("/bulk", &token, "a.csv", file.as_bytes()).await;
    let bulk = browser.at.rsplit('/').next().unwrap_or_default().to_owned();
    let plan = [("column", "0"), ("names", "1"), ("text", "{nama}")];
    browser.send(&format!("/bulk/{bulk}/plan"), &plan).await;
    // Nor does it become a contact.
    browser.upload("/contact-imports", &token, "a.csv", file.as_bytes()).await;
    let import = browser.at.rsplit('/').next().unwrap_or_default().to_owned();
    let plan = [("names", "1"), ("role", "number"), ("role", "name")];
    browser.send(&format!("/contact-imports/{import}/plan"), &plan).await;
    let mut seen = 0;
    for page in declared_pages()
        .iter()
        .filter(|page| page.path.rsplit_once('.').is_some_and(|(_, end)| end == "csv"))
    {
        // It is ours from its first to its last character.
        if page.path == "/bulk/example.csv" {
            continue;
        }
        let id = match noun(page.path) {
            "bulk" => bulk.as_str(),
            "contact-imports" => import.as_str(),
            "services" => board.as_str(),
            noun => things.id(noun).unwrap_or_default(),
        };
        let list = list(&mut browser, &filled(page.path, id, "")).await;
        is_safe(&list, page.path);
        seen += list.matches("'=HYPERLINK").count();
    }
    assert!(seen > 3, "{seen} cells have it");
}

async fn list(browser: &mut Browser<'_>, path: &str) -> String {
    browser.open(path).await;
    assert_eq!(browser.status, 200, "{path}");
    browser.page.clone()
}
