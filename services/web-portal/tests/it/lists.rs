//! The lists of sent and of received messages: what they are narrowed to, and the batch whose messages one has.

use contracts::mt::{MtChange, MtEvent, SendError, Through};
use contracts::{MessageId, OrgId, Timestamp};
use serde_json::json;
use testkit::wait_for;

use crate::browser::Browser;
use crate::gateway::{Gateway, refused, told};

/// Logs somebody in.
async fn browser_of<'a>(gateway: &'a Gateway, name: &str) -> Browser<'a> {
    let mut browser = Browser::new(gateway, "en");
    browser.open("/login").await;
    browser.send("/login", &[("name", name), ("password", "correct horse")]).await;
    browser
}

/// Tells of a message as router and driver do.
async fn tell(gateway: &Gateway, id: MessageId, change: MtChange) {
    let reach = store::Reach::everything(OrgId::default_org());
    let stored = wait_for("the row", || async {
        gateway.store.message_detail(reach, id).await.expect("a database")
    })
    .await;
    let event = MtEvent::of(id, &stored.request, Timestamp::now(), change);
    gateway.bus.publish(&event).await.expect("published");
}

#[tokio::test]
async fn sent_messages_are_narrowed_on_the_page_and_in_the_file() {
    let gateway = Gateway::start().await;
    let root = gateway.user("root", true).await;
    let budi = gateway.user("budi", false).await;
    let modem = gateway.modem("modem1", "+62811000001").await;
    let sim = modem.sim.as_ref().expect("a SIM").id;
    let text = |to: &str, text: &str| json!({ "to": to, "text": text });
    let first = gateway.sends(&root, &text("+62811111111", "Satu")).await[0];
    let second = gateway.sends(&root, &text("+62811111112", "Dua")).await[0];
    let third = gateway.sends(&budi, &text("+62811111111", "Tiga")).await[0];
    let error = SendError { code: "test".into(), text: "No.".into() };
    tell(&gateway, first, MtChange::Rejected { error }).await;
    let through = Through { modem: modem.id, sim };
    tell(&gateway, second, MtChange::Sending { through, part: 1, parts: 1, tries: 1 }).await;
    wait_for("what was told, and the last row", || async {
        gateway.message(&budi, third).await;
        let messages = gateway.messages(&root).await;
        let is_known = |text: &str, state: &str| {
            messages
                .iter()
                .any(|one| one.text.as_deref() == Some(text) && one.state.as_str() == state)
        };
        (is_known("Satu", "rejected") && is_known("Dua", "sending")).then_some(())
    })
    .await;

    // By the API, too.
    let of_budi: api::Messages =
        told(gateway.get(&root, "/messages?user=budi&state=accepted")).await;
    assert_eq!(of_budi.messages.iter().map(|one| one.id).collect::<Vec<_>>(), [third]);
    for path in ["/messages?user=tono", "/inbox?user=tono"] {
        let (_, code) = refused(gateway.get(&root, path)).await;
        assert_eq!(code, "no-such-user", "{path}");
    }
    let mut browser = browser_of(&gateway, "root").await;
    browser.open("/sent").await.shows("Narrow the list");
    browser.shows("data-list=\"outgoing\"");
    let budi_id = gateway.id_of("budi").await;
    for (query, found) in [
        ("state=rejected", vec!["Satu"]),
        ("state=rejected%2Ccancelled%2Cexpired%2Cfailed%2Cundelivered", vec!["Satu"]),
        ("number=%2B62811111111", vec!["Satu", "Tiga"]),
        ("number=%2B62811111111&state=accepted", vec!["Tiga"]),
        ("user=budi", vec!["Tiga"]),
        (&*format!("user={budi_id}"), vec!["Tiga"]),
        (&*format!("sim={sim}"), vec!["Dua"]),
        ("from=2000-01-01", vec!["Satu", "Dua", "Tiga"]),
        ("from=2999-01-01", vec![]),
        ("to=2000-01-01", vec![]),
        ("q=satu&user=budi", vec![]),
    ] {
        for path in ["/sent", "/sent.csv"] {
            browser.open(&format!("{path}?{query}")).await;
            assert_eq!(browser.status, 200, "{path}?{query}");
            for text in ["Satu", "Dua", "Tiga"] {
                assert_eq!(browser.page.contains(text), found.contains(&text), "{path}?{query}");
            }
            browser.hides("data-list=\"outgoing\"");
        }
    }
    // What was chosen stays in the form, and the file is that of the list.
    browser.open(&format!("/sent?sim={sim}&number=%2B62811111112")).await.shows("Dua");
    browser.shows(&format!("<option value=\"{sim}\" selected>modem1"));
    browser.shows("value=\"+62811111112\"");
    browser.shows(&format!("href=\"/sent.csv?number=%2B62811111112&#38;sim={sim}\""));
    // What is wrong is said, and shows nothing.
    for (query, says) in [
        ("user=tono", "There is no user of that name whose messages you may see."),
        ("number=abc", "This is no phone number."),
        ("from=2026-02-30", "This is not a date."),
        ("from=2026-02-02&to=2026-02-01", "The first day is after the last one."),
    ] {
        browser.open(&format!("/sent?{query}")).await.shows(says);
        browser.hides("Satu");
    }
    let long = format!("user={}", "x".repeat(201));
    for query in ["state=eaten", "sim=x", "batch=x", &long] {
        assert_eq!(browser.open(&format!("/sent?{query}")).await.status, 400, "{query}");
    }
    // Nobody is shown what another one sent.
    let mut browser = browser_of(&gateway, "budi").await;
    browser.open("/sent").await.shows("Tiga");
    browser.hides("name=\"user\"");
    let root_id = gateway.id_of("root").await;
    for user in ["root", &root_id.to_string()] {
        browser.open(&format!("/sent?user={user}")).await;
        browser.hides("Satu");
        browser.hides("Tiga");
    }
}

#[tokio::test]
async fn received_messages_are_narrowed_on_the_page_and_in_the_file() {
    let gateway = Gateway::start().await;
    gateway.user("root", true).await;
    let (one, two) = (
        gateway.modem("modem1", "+62811000001").await,
        gateway.modem("modem2", "+62811000002").await,
    );
    gateway.receive(&one, "+62822222222", "Pagi").await;
    gateway.receive(&two, "BANK", "Sore").await;
    let sim = two.sim.as_ref().expect("a SIM").id;
    let mut browser = browser_of(&gateway, "root").await;
    browser.open("/received").await.shows("data-list=\"incoming\"");
    // They have no state.
    browser.hides("name=\"state\"");
    for (query, found) in [
        ("number=%2B62822222222", vec!["Pagi"]),
        ("number=BANK", vec!["Sore"]),
        (&*format!("sim={sim}"), vec!["Sore"]),
        ("user=root", vec![]),
        ("from=2000-01-01&to=2999-01-01", vec!["Pagi", "Sore"]),
        ("to=2000-01-01", vec![]),
    ] {
        for path in ["/received", "/received.csv"] {
            browser.open(&format!("{path}?{query}")).await;
            assert_eq!(browser.status, 200, "{path}?{query}");
            for text in ["Pagi", "Sore"] {
                assert_eq!(browser.page.contains(text), found.contains(&text), "{path}?{query}");
            }
        }
    }
    browser.open("/received?to=2026-02-30").await.shows("This is not a date.");
    browser.hides("Pagi");
    for query in ["user=tono", "to=2026-02-30"] {
        assert_eq!(browser.open(&format!("/received.csv?{query}")).await.status, 400, "{query}");
    }
}

#[tokio::test]
async fn a_batch_is_looked_at_and_given_orders_above_its_messages() {
    let gateway = Gateway::start().await;
    let key = gateway.user("root", true).await;
    gateway.user("budi", false).await;
    let mut browser = browser_of(&gateway, "root").await;
    let to = "+62811111111, +62811111112, +62811111113";
    browser.send("/send", &[("to", to), ("text", "Halo")]).await;
    assert!(browser.at.starts_with("/sent?batch="), "{}", browser.at);
    let list = browser.at.clone();
    let id = list.trim_start_matches("/sent?batch=").to_owned();
    wait_for("the rows of all", || async {
        (gateway.messages(&key).await.len() == 3).then_some(())
    })
    .await;
    browser.open(&list).await.shows("0 of 3 were sent or came to an end");
    browser.shows("data-renew");
    browser.shows(&format!("href=\"/sent?batch={id}&#38;state=accepted\">3</a>"));
    browser.open(&format!("{list}&state=sent")).await.shows("Nothing like this was found.");
    assert_eq!(browser.page.matches("<article").count(), 0);
    browser.shows("0 of 3 were sent or came to an end");
    // The form narrows the list of the batch.
    browser.shows(&format!("<input type=\"hidden\" name=\"batch\" value=\"{id}\">"));

    browser.send(&format!("/batches/{id}/pause"), &[]).await.shows("Paused.");
    assert_eq!(browser.at, list);
    browser.shows("Go on");
    browser.send(&format!("/batches/{id}/resume"), &[]).await.shows("It goes on.");
    browser.send(&format!("/batches/{id}/cancel"), &[]).await.shows("Cancelled.");
    browser.hides(&format!("/batches/{id}/pause"));
    let resume = format!("/batches/{id}/resume");
    browser.send(&resume, &[]).await.shows("This sending was cancelled and cannot go on.");
    for path in [format!("/batches/{id}/eat"), "/batches/x/pause".to_owned()] {
        assert_eq!(browser.send(&path, &[]).await.status, 404, "{path}");
    }
    // It is nobody else's.
    let mut other = browser_of(&gateway, "budi").await;
    other.send(&resume, &[]).await.shows("The gateway could not do that for all messages.");
    other.hides("were sent or came to an end");
}
