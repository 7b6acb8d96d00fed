//! The search for everything: a page, and the part of it that is shown over others.

use reqwest::header;
use serde_json::{Value, json};
use testkit::wait_for;

use crate::browser::{Browser, newcomer};
use crate::gateway::{Gateway, answer};

#[tokio::test]
async fn everything_is_found_by_name_number_and_id() {
    let gateway = Gateway::start().await;
    let mut ani = newcomer(&gateway, "en").await;
    let root = gateway.user("root", true).await;
    let modem = gateway.modem("Attic", "+62811000001").await;
    gateway.receive(&modem, "+62813000777", "Hai").await;
    ani.open("/contacts").await;
    ani.send("/contacts", &[("name", "Siti <b>"), ("number", "+628123456789"), ("shared", "yes")])
        .await;
    ani.send("/groups", &[("name", "Sitiawan")]).await;
    ani.send("/templates", &[("name", "Situs"), ("text", "Halo")]).await;
    let sent = json!({ "to": "+628123456789", "text": "Halo" });
    let (status, sent) = answer(gateway.post(&root, "/messages", &sent)).await;
    assert_eq!(status, 202, "{sent}");

    ani.open("/search?q=Sit").await.shows("Siti &#60;b&#62;");
    for name in ["Sitiawan", "Situs", "<h2>Contacts</h2>", "<h2>Groups</h2>", "<h2>Templates</h2>"]
    {
        ani.shows(name);
    }
    ani.open("/search?q=root").await.shows("<h2>Users</h2>");
    ani.open("/search?q=sched").await.shows("href=\"/schedules\"");
    ani.hides("<h2>Contacts</h2>");
    ani.open("/search?q=opt-o").await.shows("href=\"/optouts\"");
    wait_for("the modem and the conversation", || async {
        let mut ani = ani_again(&gateway, &ani.cookie());
        ani.open("/search?q=attic").await;
        let is_there = ani.page.contains("<h2>Modems</h2>");
        ani.open("/search?q=13000777").await;
        (is_there && ani.page.contains("<h2>Conversations</h2>")).then_some(())
    })
    .await;
    let id = sent["messages"][0]["id"].as_str().expect("an id");
    ani.open(&format!("/search?q={id}")).await.shows(&format!("href=\"/messages/{id}\""));
    let (_, inbox) = answer(gateway.get(&root, "/inbox")).await;
    let id = inbox["messages"][0]["id"].as_str().expect("an id");
    ani.open(&format!("/search?q={id}")).await.shows(&format!("href=\"/received/{id}\""));
    ani.open("/search?q=nobody+at+all").await.shows("Nothing like this was found.");
    // What is looked for is a text, whatever it says.
    ani.open("/search?q=%3Cscript%3E%25").await.shows("&#60;script&#62;%");
    ani.open(&format!("/search?q={}", "x".repeat(store::LONGEST_SEARCH + 1))).await;
    assert_eq!(ani.status, 400);

    // The part alone is what the page has.
    let asked = gateway.http.get(format!("{}/search?q=Sit", gateway.url));
    let asked = asked.header(header::COOKIE, ani.cookie());
    let asked = asked.header(header::ACCEPT, "application/vnd.merpati.patches+json");
    let (status, patches) = answer(asked).await;
    assert_eq!((status.as_u16(), &patches[0]["id"]), (200, &Value::from("found")));
    let html = patches[0]["html"].as_str().expect("a part");
    assert!(html.contains("Sitiawan") && !html.contains("<html"), "{html}");
}

/// The same visitor in another window.
fn ani_again<'a>(gateway: &'a Gateway, cookie: &str) -> Browser<'a> {
    Browser::new(gateway, "en").header("cookie", cookie)
}

#[tokio::test]
async fn nothing_is_found_that_may_not_be_seen() {
    let gateway = Gateway::start().await;
    gateway.user("root", true).await;
    let key = gateway.user("budi", false).await;
    let new = json!({ "name": "Rahasia", "number": "+628123456789" });
    assert_eq!(answer(gateway.post(&key, "/contacts", &new)).await.0, 201);
    gateway.user("citra", false).await;
    let mut citra = Browser::new(&gateway, "en");
    citra.open("/search?q=x").await;
    assert!(citra.at.starts_with("/login"), "{}", citra.at);
    citra.send("/login", &[("name", "citra"), ("password", "correct horse")]).await;
    citra.open("/search?q=rahasia").await.shows("Nothing like this was found.");
    citra.open("/search?q=budi").await.shows("Nothing like this was found.");
    citra.open("/search").await.hides("href=\"/users\"");
    citra.shows("href=\"/schedules\"");
}
