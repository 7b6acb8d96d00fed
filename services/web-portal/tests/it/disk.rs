//! No room on the disk: every door refuses in its own words, and takes messages again by itself.

use serde_json::json;
use testkit::{SmallDisk, wait_for};

use crate::browser::newcomer;
use crate::gateway::{Gateway, answer};

#[tokio::test]
async fn every_door_refuses_before_the_disk_is_full() {
    let Some(disk) = SmallDisk::mount(40) else { return };
    let gateway = Gateway::start_in(disk.path(), &[]).await;
    let key = gateway.user("budi", false).await;
    let mut browser = newcomer(&gateway, "en").await;
    let body = json!({ "to": ["+62812345678"], "text": "x" });
    let (status, accepted) = answer(gateway.post(&key, "/messages", &body)).await;
    assert_eq!(status, 202, "{accepted}");
    // Half of so small a disk is kept.
    std::fs::write(disk.path().join("film"), vec![0; 25_000_000]).expect("room for a film");
    let problem = wait_for("messages to be refused", || async {
        let (status, problem) = answer(gateway.post(&key, "/messages", &body)).await;
        (status == 503).then_some(problem)
    })
    .await;
    assert_eq!(problem["code"], "disk-full", "{problem}");
    let detail = problem["detail"].as_str().expect("a sentence");
    assert!(detail.contains(&disk.path().display().to_string()), "{detail}");
    assert!(detail.ends_with("Nothing was accepted."), "{detail}");

    let kannel = gateway.url.clone() + "/cgi-bin/sendsms";
    let query = [("username", "budi"), ("password", &*key), ("to", "+62812345678"), ("text", "x")];
    let kannel = gateway.http.get(kannel).query(&query).send().await.expect("an answer");
    assert_eq!(kannel.status(), 503);
    let words = kannel.text().await.expect("words");
    assert_eq!(words, "The gateway's disk is full, nothing was accepted, try again later.");

    browser.open("/").await.shows("until you make room there");
    browser.shows(&disk.path().display().to_string());
    browser.send("/send", &[("to", "+62812345678"), ("text", "tetap ada")]).await;
    assert_eq!(browser.status, 422);
    browser.shows("disk is full, so nothing was sent");
    browser.shows("tetap ada");
    let ready = gateway.http.get(format!("{}/readyz", gateway.url)).send().await.expect("a page");
    assert_eq!(ready.status(), 503);
    let words = ready.text().await.expect("words");
    assert!(words.starts_with("new messages are refused: the disk of "), "{words}");

    std::fs::remove_file(disk.path().join("film")).expect("the film");
    wait_for("messages to be accepted", || async {
        let (status, _) = answer(gateway.post(&key, "/messages", &body)).await;
        (status == 202).then_some(())
    })
    .await;
    browser.open("/").await.hides("is full");
}
