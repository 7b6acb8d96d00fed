//! What is wrong with the gateway, on the page and by the API.

use contracts::alert::{Alert, AlertKind};
use contracts::{AlertId, OrgId, Timestamp, WebhookEvent};
use serde_json::json;
use store::{NewAlert, Reach};

use crate::browser::{Browser, newcomer};
use crate::gateway::{Gateway, answer, refused, told};

fn offline(name: &str) -> NewAlert {
    NewAlert {
        kind: AlertKind::ModemOffline,
        subject: format!("mdm_{name}"),
        name: name.to_owned(),
        text: format!("Modem {name} is offline. <b>It is gone."),
        advice: "See whether it is plugged in.".to_owned(),
    }
}

#[tokio::test]
async fn the_page_shows_what_is_wrong_and_where_messages_are() {
    let gateway = Gateway::start().await;
    let mut browser = newcomer(&gateway, "en").await;
    let budi = gateway.user("budi", false).await;
    browser.open("/").await.shows("href=\"/status\"");
    browser.open("/status").await.shows("Nothing is wrong.");
    let (org, everything) = (OrgId::default_org(), Reach::everything(OrgId::default_org()));
    let now = Timestamp::now();
    gateway.store.open_alerts(org, &[offline("attic")], 0, now).await.expect("a database");
    gateway.sends(&budi, &json!({ "to": "+62812345678", "text": "Halo" })).await;
    gateway.accepted(&budi).await;
    browser.open("/status").await.shows("Modem attic is offline");
    browser.shows("See whether it is plugged in and has power");
    browser.shows("href=\"/modems\"");
    browser.hides("<b>It is gone");
    browser.shows("Where the messages are");
    browser.shows("The oldest was accepted at");
    browser.hides("What was wrong");
    let mut indonesian = Browser::new(&gateway, "id");
    indonesian.open("/login").await;
    indonesian.send("/login", &[("name", "budi"), ("password", "correct horse")]).await;
    indonesian.open("/").await.hides("href=\"/status\"");
    indonesian.open("/status").await;
    assert_eq!(indonesian.status, 403);

    let open = gateway.store.alerts(everything, false, 9).await.expect("a database");
    gateway.store.close_alerts(&[open[0].id], Timestamp::now()).await.expect("a database");
    browser.open("/status").await.shows("Nothing is wrong.");
    browser.shows("What was wrong");
    browser.shows("Modem attic is offline");
}

#[tokio::test]
async fn programs_of_operators_read_what_is_wrong() {
    let gateway = Gateway::start().await;
    let root = gateway.user("root", true).await;
    let budi = gateway.user("budi", false).await;
    let org = OrgId::default_org();
    let now = Timestamp::now();
    let new = [offline("a"), offline("b")];
    gateway.store.open_alerts(org, &new, 0, now).await.expect("a database");
    let alerts: api::Alerts = told(gateway.get(&root, "/alerts")).await;
    assert_eq!(alerts.alerts.len(), 2);
    assert_eq!(alerts.queue.iter().map(|queued| queued.count).sum::<u64>(), 0);
    let first = alerts.alerts[0].id;
    gateway.store.close_alerts(&[first], Timestamp::now()).await.expect("a database");
    let open: api::Alerts = told(gateway.get(&root, "/alerts?all=false")).await;
    assert!(open.alerts.len() == 1 && open.alerts[0].closed_at.is_none());
    let all: api::Alerts = told(gateway.get(&root, "/alerts?all=true")).await;
    assert_eq!(all.alerts.len(), 2);
    let one: api::Alerts = told(gateway.get(&root, "/alerts?all=true&limit=1")).await;
    assert_eq!(one.alerts.len(), 1);
    for bad in ["/alerts?all=yes", "/alerts?limit=0", "/alerts?limit=501", "/alerts?closed=1"] {
        assert_eq!(refused(gateway.get(&root, bad)).await.0, 400, "{bad}");
    }
    assert_eq!(refused(gateway.get(&budi, "/alerts")).await.0, 403);
}

#[tokio::test]
async fn an_endpoint_is_told_of_alerts_for_who_operates_the_gateway() {
    let gateway = Gateway::start().await;
    let root = gateway.user("root", true).await;
    let budi = gateway.user("budi", false).await;
    let wanted = json!({ "url": "https://ops.example/", "events": ["alert.opened"] });
    let (status, made) = answer(gateway.post(&root, "/webhooks", &wanted)).await;
    assert_eq!(status, 201, "{made}");
    assert_eq!(answer(gateway.post(&budi, "/webhooks", &wanted)).await.0, 403);
    assert_eq!(refused(gateway.get(&budi, "/events/next?types=alert.opened")).await.0, 403);

    let alert = Alert {
        id: AlertId::derived("1"),
        org: OrgId::default_org(),
        kind: AlertKind::DiskLow,
        subject: "disk".to_owned(),
        name: "disk".to_owned(),
        text: "Full.".to_owned(),
        advice: "Make room.".to_owned(),
        opened_at: Timestamp::now(),
        closed_at: None,
    };
    let path = "/events/next?types=alert.opened,alert.closed";
    let asked = tokio::spawn(answer(gateway.get(&root, path)));
    // Whoever follows from some moment on hears of it, so it is told until then.
    testkit::wait_for("the follower to be answered", || async {
        let again = Alert { id: AlertId::new(), ..alert.clone() };
        gateway.bus.publish(&again).await.expect("published");
        asked.is_finished().then_some(())
    })
    .await;
    let (status, events) = asked.await.expect("it ends");
    assert_eq!(status, 200, "{events}");
    let begin: api::Events = serde_json::from_value(events).expect("events");
    let happened = begin.events.first().expect("an event");
    assert_eq!(happened.kind, WebhookEvent::AlertOpened);
    let api::HappenedTo::Alert(told) = &happened.data else { panic!("an alert") };
    assert_eq!((told.kind, &*told.text), (AlertKind::DiskLow, "Full."));
}
