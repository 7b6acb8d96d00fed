//! Reports: what is counted, by the API and on the page, for whoever may see the messages.

use std::time::Duration;

use api::{Report, ReportRow};
use contracts::mt::{MtChange, MtEvent, MtRequest, SendError, SentPart, Through};
use contracts::{MessageId, ModemId, PhoneNumber, Priority, SimId, Timestamp, UserId};
use store::{StoredEvent, StoredEventBody, StoredRequest};
use testkit::wait_for;

use crate::browser::{Browser, newcomer};
use crate::gateway::{Gateway, refused, told};

/// What becomes of a message.
enum End {
    Delivered,
    Sent,
    Failed,
}

/// A message of an account, as persistence writes it, three seconds until the network has it.
async fn message(gateway: &Gateway, owner: UserId, modem: &str, priority: Priority, end: End) {
    let (id, now) = (MessageId::new(), Timestamp::now());
    let to = PhoneNumber::parse("+628123456789").expect("a number");
    let request =
        MtRequest { id: Some(id), owner, created_at: Some(now), ..MtRequest::text(to, "Halo") };
    let stored = StoredRequest::new(request.clone(), priority, now, 1);
    gateway.store.project_requests(&[stored]).await.expect("a row");
    let through = Through { modem: ModemId::derived(modem), sim: SimId::derived(modem) };
    let at = now.plus(Duration::from_secs(3));
    let sent = MtChange::Sent { through, parts: vec![SentPart { part: 1, reference: 7, at }] };
    let delivered = MtChange::Delivered { discharged_at: at };
    let error = SendError { code: "cms-38".to_owned(), text: "No network.".to_owned() };
    let changes = match end {
        End::Delivered => vec![sent, delivered],
        End::Sent => vec![sent],
        End::Failed => vec![MtChange::Failed { error, through: Some(through), tries: 3 }],
    };
    let events: Vec<StoredEvent> = (1..)
        .zip(changes)
        .map(|(sequence, change)| {
            let event = MtEvent::of(id, &request, at.plus(Duration::from_secs(1)), change);
            StoredEvent { sequence, body: StoredEventBody::Mt(event) }
        })
        .collect();
    gateway.store.project_events(&events).await.expect("rows");
}

/// A modem with a name, once the portal knows it.
async fn modem(gateway: &Gateway, key: &str, name: &str) {
    let state = gateway.modem(name, "+62811000001").await;
    gateway.receive(&state, "+62813000001", "Hai").await;
    wait_for("the modem", || async {
        let modems = gateway.modems(key).await;
        modems.iter().any(|modem| modem.state.name == name).then_some(())
    })
    .await;
}

async fn report(gateway: &Gateway, key: &str, query: &str) -> Report {
    told(gateway.get(key, &format!("/reports?{query}"))).await
}

fn of<'a>(report: &'a Report, key: &str) -> &'a ReportRow {
    let row = report.rows.iter().find(|row| row.key == key || row.name.as_deref() == Some(key));
    row.unwrap_or_else(|| panic!("no {key} in {report:?}"))
}

#[tokio::test]
async fn programs_read_counts_of_the_messages_that_they_may_read() {
    let gateway = Gateway::start().await;
    let root = gateway.user("root", true).await;
    let ani = gateway.user("ani", false).await;
    let budi = gateway.user("budi", false).await;
    let nothing = report(&gateway, &root, "by=user").await;
    assert_eq!((nothing.total.accepted, nothing.rows.len()), (0, 0));
    modem(&gateway, &root, "=1+1").await;
    let (of_ani, of_budi) = (gateway.id_of("ani").await, gateway.id_of("budi").await);
    message(&gateway, of_ani, "=1+1", Priority::Otp, End::Delivered).await;
    message(&gateway, of_ani, "=1+1", Priority::Normal, End::Failed).await;
    message(&gateway, of_budi, "other", Priority::Bulk, End::Sent).await;

    let all = report(&gateway, &root, "by=user").await;
    let total = &all.total;
    assert_eq!((total.accepted, total.sent, total.delivered, total.failed), (3, 2, 1, 1));
    assert_eq!((total.parts, total.received, total.waiting), (2, 1, 0));
    let times = total.time_to_send.expect("times");
    assert_eq!((times.messages, times.mean_ms), (2, 3_000));
    assert!((2_000..=4_000).contains(&times.median_ms), "{times:?}");
    assert_eq!(total.time_to_deliver.expect("times").messages, 1);
    assert_eq!(of(&all, "ani").counts.accepted, 2);
    assert_eq!(of(&all, "budi").counts.sent, 1);
    // Received for nobody.
    assert_eq!(of(&all, "").counts.received, 1);
    let errors = report(&gateway, &root, "by=error").await;
    assert_eq!(errors.rows.len(), 1);
    assert_eq!(of(&errors, "cms-38").counts.failed, 1);
    let by_priority = report(&gateway, &root, "by=priority").await;
    assert_eq!(of(&by_priority, "otp").counts.delivered, 1);
    assert_eq!(report(&gateway, &root, "priority=bulk").await.total.accepted, 1);
    let sim = SimId::derived("=1+1");
    let by_sim = report(&gateway, &root, &format!("by=sim&sim={sim}")).await;
    assert_eq!((by_sim.rows.len(), by_sim.total.accepted), (1, 2));
    assert_eq!(by_sim.rows[0].name.as_deref(), Some("=1+1 · +62811000001 · TELKOMSEL"));

    // Days and hours are all there, and add up.
    let by_day = report(&gateway, &root, "by=day&zone=Asia/Jakarta").await;
    assert!((7..=8).contains(&by_day.rows.len()), "{by_day:?}");
    assert_eq!(by_day.rows.iter().map(|row| row.counts.accepted).sum::<u64>(), 3);
    let by_hour = report(&gateway, &root, "by=hour&zone=Asia/Kathmandu").await;
    assert_eq!(by_hour.rows.len(), 24);
    assert_eq!(by_hour.rows.iter().map(|row| row.counts.accepted).sum::<u64>(), 3);
    let by_month = report(&gateway, &root, "by=month&zone=Asia/Jakarta").await;
    assert!((1..=2).contains(&by_month.rows.len()), "{by_month:?}");
    assert_eq!(by_month.rows.iter().map(|row| row.counts.accepted).sum::<u64>(), 3);
    let year = "since=2025-02-10T00:00:00Z&until=2026-01-20T00:00:00Z&by=month&zone=Asia/Kathmandu";
    let year = report(&gateway, &root, year).await;
    let months: Vec<&str> = year.rows.iter().map(|row| row.key.as_str()).collect();
    assert_eq!((months[0], months[11], months.len()), ("2025-02", "2026-01", 12));
    let before = "since=2020-01-01T00:00:00Z&until=2020-02-01T00:00:00Z&by=day";
    let before = report(&gateway, &root, before).await;
    assert_eq!((before.total.accepted, before.rows.len()), (0, 31));

    // A user sees their own, whatever they ask for.
    let own = report(&gateway, &ani, "by=user").await;
    assert_eq!((own.total.accepted, own.total.received, own.rows.len()), (2, 0, 1));
    let asked = gateway.get(&budi, "/reports?user=ani");
    assert_eq!(refused(asked).await, (404, "no-such-user".to_owned()));
    for query in [format!("user={of_ani}"), format!("sim={sim}"), "by=error".to_owned()] {
        let seen = report(&gateway, &budi, &query).await;
        let of_others: u64 = seen.rows.iter().map(|row| row.counts.accepted).sum();
        assert!(seen.total.accepted <= 1 && of_others == 0, "{query}: {seen:?}");
    }
    assert_eq!(report(&gateway, &budi, &format!("user={of_ani}")).await.total.accepted, 0);
    assert_eq!(report(&gateway, &root, "user=ani").await.total.accepted, 2);

    // No cell is a formula.
    let csv = gateway.get(&root, "/reports?by=sim").header("accept", "text/csv").send().await;
    let csv = csv.expect("an answer");
    assert_eq!(csv.headers()["content-type"], "text/csv; charset=utf-8");
    let csv = csv.text().await.expect("a body");
    assert!(csv.starts_with("\"sim\",\"name\",\"accepted\""), "{csv}");
    assert!(csv.contains("\"'=1+1 · +62811000001 · TELKOMSEL\",\"2\""), "{csv}");
}

#[tokio::test]
async fn what_is_no_time_is_refused_by_its_field() {
    let gateway = Gateway::start().await;
    let root = gateway.user("root", true).await;
    for (query, field) in [
        ("since=2026-01-02T00:00:00Z&until=2026-01-01T00:00:00Z", "since"),
        ("since=2024-01-01T00:00:00Z&until=2026-01-01T00:00:00Z", "since"),
        ("zone=Nowhere", "zone"),
        ("user=nobody", "user"),
        ("by=moon", "by"),
        ("priority=high", "priority"),
        ("sim=modem1", "sim"),
    ] {
        let answer = gateway.get(&root, &format!("/reports?{query}"));
        let (status, problem) = crate::gateway::answer(answer).await;
        assert!(status.is_client_error(), "{query}: {status}");
        let said = problem.to_string();
        assert!(said.contains(field), "{query}: {said}");
    }
    // The longest there may be.
    let most = "since=2025-01-01T00:00:00Z&until=2026-02-05T00:00:00Z&by=day&zone=Europe/Berlin";
    assert_eq!(report(&gateway, &root, most).await.rows.len(), 401);
    // A key without the scope reads none.
    let narrow = crate::socket::call(
        &gateway,
        "POST",
        "/api/v1/keys",
        &serde_json::json!({ "user": "root", "scopes": ["messages:read"] }),
    )
    .await;
    let narrow = narrow.1["key"].as_str().expect("a key").to_owned();
    assert_eq!(refused(gateway.get(&narrow, "/reports")).await.0, 403);
}

#[tokio::test]
async fn the_page_shows_what_became_of_messages_in_words_and_in_drawings() {
    let gateway = Gateway::start().await;
    let mut browser = newcomer(&gateway, "en").await;
    browser.open("/").await.shows("href=\"/reports\"");
    browser.open("/reports").await.shows("No message was accepted or received in this time.");
    browser.hides("<svg class=\"chart\"");
    let budi = gateway.user("budi", false).await;
    let root = gateway.user("root", true).await;
    modem(&gateway, &root, "<b>x</b>").await;
    let (of_budi, of_root) = (gateway.id_of("budi").await, gateway.id_of("root").await);
    message(&gateway, of_budi, "<b>x</b>", Priority::Normal, End::Delivered).await;
    message(&gateway, of_root, "<b>x</b>", Priority::Normal, End::Failed).await;
    message(&gateway, of_root, "other", Priority::Bulk, End::Sent).await;

    for period in ["", "?period=today", "?period=30d", "?period=12m", "?period=own"] {
        browser.open(&format!("/reports{period}")).await.shows("What became of the messages");
        assert_eq!(browser.status, 200, "{period}");
        browser.shows("role=\"img\" aria-labelledby=\"chart-title chart-words\"");
        browser.shows("<desc id=\"chart-words\">Columns from ");
        browser.shows("The same as a table");
        browser.shows("<rect class=\"fill-good\"");
        browser.shows("The network is out of order for this SIM.");
        browser.shows("A usual cause is an empty balance");
        browser.shows("<code>cms-38</code>");
        browser.shows("By user");
        browser.shows("1 sent, 1 delivered, 1 went wrong");
        browser.shows("95th percentile");
        // Nothing that the policy of the pages forbids, and no markup of others.
        browser.hides(" style=");
        browser.hides("<b>x</b>");
        assert!(browser.page.len() < 100_000, "{period}: {}", browser.page.len());
    }
    browser.open("/reports?period=own&user=budi").await.shows("value=\"budi\"");
    browser.hides("cms-38");
    browser.open("/reports.csv?by=user").await.shows("\"budi\",\"1\"");
    for (query, words) in [
        ("period=own&from=2020-01-01&to=2026-01-01", "400 days at most"),
        ("period=own&from=2026-02-01&to=2026-01-01", "The last day is before the first one."),
        ("user=nobody", "There is no user of that name"),
        ("zone=Nowhere", "That is no time zone that is known here"),
    ] {
        browser.open(&format!("/reports?{query}")).await.shows(words);
        assert_eq!(browser.status, 200, "{query}");
        assert_eq!(browser.open(&format!("/reports.csv?{query}")).await.status, 400, "{query}");
    }
    for query in ["period=own&from=2026-02-30", "sim=x", "priority=high"] {
        assert_eq!(browser.open(&format!("/reports?{query}")).await.status, 400, "{query}");
    }
    assert_eq!(browser.open("/reports.csv?by=moon").await.status, 400);

    // Another one sees their own, in their language.
    let mut other = Browser::new(&gateway, "id");
    other.open("/login").await;
    other.send("/login", &[("name", "budi"), ("password", "correct horse")]).await;
    other.open("/reports").await.shows("Nasib pesan");
    other.shows("1 terkirim, 1 sampai, 0 bermasalah");
    other.hides("Per pengguna");
    other.hides("cms-38");
    other.open("/reports.csv?by=error").await.hides("cms-38");
    assert_eq!(report(&gateway, &budi, "").await.total.accepted, 1);
}
