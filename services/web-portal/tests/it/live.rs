//! The event connection.

use std::time::Duration;

use contracts::mt::{MtChange, MtEvent, Through};
use contracts::{MessageId, MtState, OrgId, SimId, Subject, Timestamp};
use reqwest::Response;
use serde_json::Value;
use testkit::PATIENCE;

use crate::browser::{Browser, newcomer};
use crate::gateway::Gateway;

/// The events of one connection.
pub(crate) struct Events {
    response: Response,
    read: String,
}

impl Events {
    pub(crate) async fn open(gateway: &Gateway, browser: &Browser<'_>, position: &str) -> Self {
        Self::at(gateway, &gateway.url, browser, position).await
    }

    /// Of the copy of the portal at `url`.
    pub(crate) async fn at(
        gateway: &Gateway,
        url: &str,
        browser: &Browser<'_>,
        position: &str,
    ) -> Self {
        let response = gateway
            .http
            .get(format!("{url}/events?after={position}"))
            .header("cookie", browser.cookie())
            .header("accept-language", "en")
            .send()
            .await
            .expect("a connection");
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self { response, read: String::new() }
    }

    /// The next event: its name and data; none: the server has ended the connection.
    pub(crate) async fn next(&mut self) -> Option<(String, String)> {
        loop {
            if let Some((event, rest)) = self.read.split_once("\n\n") {
                let field = |name: &str| {
                    let lines = event.lines().filter_map(|line| line.strip_prefix(name));
                    lines.map(str::trim_start).collect::<Vec<_>>().join("\n")
                };
                let found = (field("event:"), field("data:"));
                self.read = rest.into();
                if found.0.is_empty() {
                    continue;
                }
                return Some(found);
            }
            let chunk = tokio::time::timeout(PATIENCE, self.response.chunk()).await;
            let chunk = chunk.expect("an event in time").ok().flatten()?;
            self.read.push_str(&String::from_utf8_lossy(&chunk));
        }
    }

    /// The next patch whose id is `id`.
    pub(crate) async fn patch(&mut self, id: &str) -> Value {
        loop {
            let (event, data) = self.next().await.expect("the connection stays");
            if event != "patches" {
                continue;
            }
            let patches: Vec<Value> = serde_json::from_str(&data).expect("patches");
            if let Some(patch) = patches.into_iter().find(|patch| patch["id"] == id) {
                return patch;
            }
        }
    }
}

pub(crate) fn position(browser: &Browser<'_>) -> String {
    let rest = browser.page.split("data-live=\"").nth(1).expect("a position");
    rest.split('"').next().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn states_are_told_as_they_come() {
    let gateway = Gateway::start().await;
    let mut browser = newcomer(&gateway, "en").await;
    browser.open("/").await;
    let before = position(&browser);
    browser.send("/send", &[("to", "+62812345678"), ("text", "Halo <b>")]).await;
    let id: MessageId = browser.at.trim_start_matches("/messages/").parse().expect("an id");
    // The connection begins after it happened: what was missed is told.
    let mut events = Events::open(&gateway, &browser, &before).await;
    let row = events.patch(&format!("m-{id}")).await;
    assert_eq!((&row["op"], &row["list"]), (&"add".into(), &"outgoing".into()));
    assert!(row["html"].as_str().is_some_and(|html| html.contains("Halo &#60;b&#62;")), "{row}");
    let reach = store::Reach::everything(OrgId::default_org());
    let stored = gateway.store.message_detail(reach, id).await.expect("a database").expect("a row");
    let modem = gateway.modem("modem1", "+62811000001").await;
    let card = events.patch(&format!("modem-{}", modem.id)).await;
    assert!(card["html"].as_str().is_some_and(|html| html.contains("TELKOMSEL")), "{card}");
    let through = Through { modem: modem.id, sim: SimId::derived("modem1") };
    // No stream keeps that a modem has it, and the page shows it all the same.
    let sending = MtChange::Sending { through, part: 1, parts: 1, tries: 1 };
    let event = MtEvent::of(id, &stored.request, Timestamp::now(), sending);
    gateway.bus.hint(&Subject::MtLive(MtState::Sending), &event).await;
    let pill = events.patch(&format!("s-{id}")).await;
    assert!(
        pill["html"].as_str().is_some_and(|html| html.contains("data-state=\"sending\"")),
        "{pill}"
    );
    for (change, state) in [
        (MtChange::Sent { through, parts: Vec::new() }, MtState::Sent),
        (MtChange::Delivered { discharged_at: Timestamp::now() }, MtState::Delivered),
    ] {
        // One of the lane of one-time passwords, and one of the common one.
        let otp = state == MtState::Sent;
        let event = MtEvent::of(id, &stored.request, Timestamp::now(), change);
        let event = MtEvent { otp, ..event };
        gateway.bus.publish(&event).await.expect("published");
        let pill = events.patch(&format!("s-{id}")).await;
        let html = pill["html"].as_str().expect("a part");
        assert!(html.contains(&format!("data-state=\"{state}\"")), "{html}");
        assert!(html.contains(&format!("data-rank=\"{}\"", state.phase())), "{html}");
    }
}

#[tokio::test]
async fn a_place_that_is_not_known_is_stale() {
    let gateway = Gateway::start().await;
    let browser = newcomer(&gateway, "en").await;
    let mut events = Events::open(&gateway, &browser, "00000001.7").await;
    // Browsers drop events without data.
    let stale = ("stale".to_owned(), "stale".to_owned());
    assert_eq!(events.next().await, Some(stale));
    let anonymous =
        gateway.http.get(format!("{}/events", gateway.url)).send().await.expect("an answer");
    assert_eq!(anonymous.status(), 204);
}

#[tokio::test]
async fn others_messages_are_not_told() {
    let gateway = Gateway::start().await;
    let mut admin = newcomer(&gateway, "en").await;
    admin.send("/users", &[("name", "budi"), ("password", "ayam goreng enak")]).await;
    let mut budi = Browser::new(&gateway, "en");
    budi.open("/login").await;
    budi.send("/login", &[("name", "budi"), ("password", "ayam goreng enak")]).await;
    let mut events = Events::open(&gateway, &budi, &position(&budi)).await;
    assert_eq!(events.next().await.expect("an event").0, "begin");
    admin.send("/send", &[("to", "+62812345678"), ("text", "secret")]).await;
    budi.send("/send", &[("to", "+62812345678"), ("text", "mine")]).await;
    let (_, data) = events.next().await.expect("an event");
    assert!(data.contains("mine") && !data.contains("secret"), "{data}");
}

#[tokio::test]
async fn it_ends_with_the_session_and_with_the_server() {
    let mut gateway = Gateway::start().await;
    let portal = std::mem::replace(&mut gateway.portal, tokio::spawn(async { Ok(()) }));
    let mut browser = newcomer(&gateway, "en").await;
    let mut events = Events::open(&gateway, &browser, &position(&browser)).await;
    assert_eq!(events.next().await.expect("an event").0, "begin");
    browser.send("/logout", &[]).await;
    assert!(events.next().await.is_none(), "the session is over");
    browser.send("/login", &[("name", "Ani"), ("password", "merpati putih")]).await;
    let mut events = Events::open(&gateway, &browser, &position(&browser)).await;
    assert_eq!(events.next().await.expect("an event").0, "begin");
    gateway.shutdown.request();
    let ended = tokio::time::timeout(Duration::from_secs(5), events.next()).await;
    assert!(ended.expect("in time").is_none(), "the server stops");
    let ended = tokio::time::timeout(Duration::from_secs(5), portal).await;
    ended.expect("in time").expect("no panic").expect("no error");
    gateway.shutdown.tasks.close();
    let tasks = gateway.shutdown.tasks.wait();
    tokio::time::timeout(Duration::from_secs(5), tasks).await.expect("no task goes on");
}

/// A copy of the portal that nobody looks at does not even receive what passes; one that is looked at hears everything,
/// from before its first page was handed out.
#[tokio::test]
async fn only_a_portal_that_is_watched_hears_what_happens() {
    let gateway = Gateway::start().await;
    let key = gateway.user("budi", false).await;
    let way = testkit::NatsProxy::to(gateway.nats.port()).await;
    let copy = gateway.copy_on(&way.url(), platform::Clock::system()).await;
    let heard = way.tally(testkit::Point::Delivery("sms.v1.".to_owned()));
    for number in 0..20 {
        let to = format!("+6281234567{number:02}");
        gateway.sends(&key, &serde_json::json!({ "to": to, "text": "Halo" })).await;
    }
    // The copy has talked to the broker after all that.
    let modem = gateway.modem("modem1", "+62811000001").await;
    let see = || async {
        let call = gateway.http.get(format!("{copy}/api/v1/modems")).bearer_auth(&key);
        let modems = crate::gateway::told::<api::Modems>(call).await.modems;
        modems.iter().any(|seen| seen.state.id == modem.id).then_some(())
    };
    testkit::wait_for("the copy to see the modem", see).await;
    assert_eq!(heard.count(), 0, "nobody watches");

    let mut browser = Browser::at(&gateway, &copy, "en");
    browser.open("/login").await;
    assert_eq!(heard.count(), 0, "nobody is logged in");
    browser.send("/login", &[("name", "budi"), ("password", "correct horse")]).await;
    // A page does not wait long for the broker to know who listens, if the machine is busy.
    for _ in 0..20 {
        if position(&browser).starts_with("00000000.") {
            browser.open("/").await;
        }
    }
    let before = position(&browser);
    let id =
        gateway.sends(&key, &serde_json::json!({ "to": "+62812345678", "text": "a" })).await[0];
    testkit::wait_for("the request to be heard", || async { (heard.count() > 0).then_some(()) })
        .await;
    let mut events = Events::at(&gateway, &copy, &browser, &before).await;
    assert_eq!(events.next().await.expect("an event").0, "begin");
    events.patch(&format!("m-{id}")).await;
}

/// However much happens, a browser is told of as much as a list shows, and that it is to look once more.
#[tokio::test]
async fn of_a_burst_a_browser_is_told_the_newest() {
    let gateway = Gateway::start().await;
    let browser = newcomer(&gateway, "en").await;
    let before = position(&browser);
    let mut first = Events::open(&gateway, &browser, &before).await;
    let owner = gateway.id_of("Ani").await;
    let told: Vec<MtEvent> = (0..1_000)
        .map(|_| MtEvent {
            message: MessageId::new(),
            org: OrgId::default_org(),
            owner,
            at: Timestamp::now(),
            round: 0,
            otp: false,
            change: MtChange::Cancelled { by: Some(owner) },
            given: Vec::new(),
            report: None,
        })
        .collect();
    gateway.bus.publish_all(&told).await.expect("published");
    let last = told.last().expect("one").message;
    first.patch(&format!("s-{last}")).await;

    let mut events = Events::open(&gateway, &browser, &before).await;
    assert_eq!(events.next().await.expect("an event").0, "begin");
    let (name, data) = events.next().await.expect("the newest");
    assert_eq!((&*name, data.matches("data-state=").count()), ("patches", 50));
    assert!(data.contains(&format!("s-{last}")));
    assert_eq!(events.next().await.expect("an event").0, "stale");
}
