//! What happens, followed by programs.

use std::time::Duration;

use api::{Events, Happened, HappenedTo};
use contracts::mt::{MtChange, MtEvent, SendError};
use contracts::{MessageId, OrgId, SimId, Timestamp, WebhookEvent};
use reqwest::{RequestBuilder, Response};
use serde_json::{Value, json};
use testkit::PATIENCE;

use crate::gateway::{Gateway, answer, refused, told};

/// One event of a stream.
#[derive(Debug, PartialEq, Eq)]
struct Event {
    id: String,
    name: String,
    data: String,
}

/// A stream that is read.
struct Reader {
    response: Response,
    read: String,
}

impl Reader {
    async fn open(request: RequestBuilder) -> Self {
        // It has no end, where other requests have one.
        let response = request.timeout(Duration::from_secs(300)).send().await.expect("a stream");
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self { response, read: String::new() }
    }

    /// The next event with data; none: the stream ended.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some((event, rest)) = self.read.split_once("\n\n") {
                let field = |name: &str| {
                    let line = event.lines().find_map(|line| line.strip_prefix(name));
                    line.unwrap_or_default().trim().to_owned()
                };
                let event = Event { id: field("id:"), name: field("event:"), data: field("data:") };
                self.read = rest.into();
                if !event.data.is_empty() {
                    return Some(event);
                }
                continue;
            }
            let chunk = tokio::time::timeout(PATIENCE, self.response.chunk()).await;
            let chunk = chunk.expect("an event in time").ok().flatten()?;
            self.read.push_str(&String::from_utf8_lossy(&chunk));
        }
    }

    /// The next one, as what happened.
    async fn happened(&mut self) -> (String, Happened) {
        let event = self.next().await.expect("the stream goes on");
        let happened: Happened = serde_json::from_str(&event.data).expect(&event.data);
        assert_eq!(event.name, happened.kind.as_str());
        (event.id, happened)
    }
}

/// The message that it happened to.
fn message(happened: &Happened) -> MessageId {
    match &happened.data {
        HappenedTo::Sent(sent) => sent.id,
        HappenedTo::Received(received) => received.id,
        _ => panic!("it happened to no message"),
    }
}

/// Tells of a message as router and driver do.
async fn tell(gateway: &Gateway, id: MessageId, change: MtChange) {
    let reach = store::Reach::everything(OrgId::default_org());
    let stored = testkit::wait_for("the row", || async {
        gateway.store.message_detail(reach, id).await.expect("a database")
    })
    .await;
    let event = MtEvent::of(id, &stored.request, Timestamp::now(), change);
    gateway.bus.publish(&event).await.expect("published");
}

fn rejected() -> MtChange {
    MtChange::Rejected { error: SendError { code: "test".into(), text: "No.".into() } }
}

async fn sent(gateway: &Gateway, key: &str) -> MessageId {
    gateway.sends(key, &json!({ "to": "+62812345678", "text": "Halo" })).await[0]
}

#[tokio::test]
async fn who_was_away_misses_nothing_by_whichever_copy() {
    let gateway = Gateway::start().await;
    let other = gateway.copy().await;
    let key = gateway.user("budi", false).await;
    let mut reader = Reader::open(gateway.get(&key, "/events")).await;
    let begin = reader.next().await.expect("a beginning");
    assert_eq!((begin.name.as_str(), begin.data.as_str()), ("begin", "begin"));
    let mut ids = Vec::new();
    for _ in 0..12 {
        ids.push(sent(&gateway, &key).await);
    }
    for id in &ids[..3] {
        tell(&gateway, *id, rejected()).await;
    }
    let (mut place, first) = reader.happened().await;
    assert_eq!((first.kind, message(&first)), (WebhookEvent::SmsFailed, ids[0]));
    // The connection is lost, and things happen meanwhile.
    drop(reader);
    for id in &ids[3..9] {
        tell(&gateway, *id, rejected()).await;
    }
    let mut seen = vec![ids[0]];
    for url in [&other, &gateway.url, &other, &gateway.url] {
        let request = gateway.http.get(format!("{url}/api/v1/events")).bearer_auth(&key);
        let mut reader = Reader::open(request.header("last-event-id", &place)).await;
        let begin = reader.next().await.expect("a beginning");
        assert_eq!((&begin.name, &begin.id), (&"begin".to_owned(), &place));
        for _ in 0..2 {
            let (id, happened) = reader.happened().await;
            seen.push(message(&happened));
            place = id;
        }
    }
    assert_eq!(seen, ids[..9], "each once, in its order");
    // What comes live comes after what was missed.
    let mut reader = Reader::open(gateway.get(&key, &format!("/events?after={place}"))).await;
    reader.next().await.expect("a beginning");
    for id in &ids[9..] {
        tell(&gateway, *id, rejected()).await;
        assert_eq!(message(&reader.happened().await.1), *id);
    }
    // And from before all of it, everything comes once more.
    let mut reader = Reader::open(gateway.get(&key, &format!("/events?after={}", begin.id))).await;
    reader.next().await.expect("a beginning");
    for id in &ids {
        assert_eq!(message(&reader.happened().await.1), *id);
    }
}

#[tokio::test]
async fn what_happened_together_is_told_apart_and_gone_on_with_in_the_middle() {
    let gateway = Gateway::start().await;
    let key = gateway.user("budi", false).await;
    let mut reader = Reader::open(gateway.get(&key, "/events")).await;
    let begin = reader.next().await.expect("a beginning").id;
    let ids = [sent(&gateway, &key).await, sent(&gateway, &key).await];
    let target = contracts::subject::Target::Pool(contracts::PoolId::default_pool());
    let others =
        vec![contracts::mt::AlsoAdmitted { message: ids[1], round: 0, parts: 1, rule: None }];
    let admitted = match MtChange::admitted(1, target) {
        MtChange::Admitted { parts, target, rule, .. } => {
            MtChange::Admitted { parts, target, others, rule }
        }
        other => panic!("{other:?}"),
    };
    // Both rows are there before it is told.
    gateway.message(&key, ids[1]).await;
    tell(&gateway, ids[0], admitted).await;
    let (middle, first) = reader.happened().await;
    let (end, second) = reader.happened().await;
    assert_eq!((first.kind, second.kind), (WebhookEvent::SmsAccepted, WebhookEvent::SmsAccepted));
    assert_eq!([message(&first), message(&second)], ids);
    tell(&gateway, ids[0], rejected()).await;
    for (after, kinds) in [
        (&begin, &["sms.accepted", "sms.accepted", "sms.failed"][..]),
        (&middle, &["sms.accepted", "sms.failed"]),
        (&end, &["sms.failed"]),
    ] {
        let mut reader = Reader::open(gateway.get(&key, &format!("/events?after={after}"))).await;
        assert_eq!(reader.next().await.expect("a beginning").name, "begin");
        for kind in kinds {
            assert_eq!(reader.happened().await.1.kind.as_str(), *kind, "after {after}");
        }
    }
}

#[tokio::test]
async fn nobody_is_told_what_others_see() {
    let gateway = Gateway::start().await;
    let root = gateway.user("root", true).await;
    let budi = gateway.user("budi", false).await;
    let modem = gateway.modem("modem1", "+62811000001").await;
    let mut roots = Reader::open(gateway.get(&root, "/events")).await;
    let mut budis = Reader::open(gateway.get(&budi, "/events")).await;
    let only = "/events?types=sms.received";
    let mut received = Reader::open(gateway.get(&root, only)).await;
    for reader in [&mut roots, &mut budis, &mut received] {
        reader.next().await.expect("a beginning");
    }
    let of_root = sent(&gateway, &root).await;
    tell(&gateway, of_root, rejected()).await;
    let code = gateway.receive(&modem, "BANK", "Code 1").await;
    let of_budi = sent(&gateway, &budi).await;
    tell(&gateway, of_budi, rejected()).await;
    // An administrator is told all of it, and others what is theirs.
    for id in [of_root, code, of_budi] {
        assert_eq!(message(&roots.happened().await.1), id);
    }
    assert_eq!(message(&budis.happened().await.1), of_budi);
    let (_, first) = received.happened().await;
    assert_eq!((first.kind, message(&first)), (WebhookEvent::SmsReceived, code));
    let HappenedTo::Received(data) = &first.data else { panic!("a received message") };
    assert_eq!(data.text.as_deref(), Some("Code 1"));
    assert_eq!(data.to.as_ref().map(ToString::to_string).as_deref(), Some("+62811000001"));

    // A key reads what its scopes say.
    let new = json!({ "scopes": ["inbox:read"] });
    let (_, made) = answer(gateway.post(&root, "/keys", &new)).await;
    let narrow = made["key"].as_str().expect("a key").to_owned();
    let asked = refused(gateway.get(&narrow, "/events?types=sms.sent")).await;
    assert_eq!(asked, (403, "scope-missing".to_owned()));
    let mut reader = Reader::open(gateway.get(&narrow, "/events")).await;
    reader.next().await.expect("a beginning");
    tell(&gateway, of_root, MtChange::Cancelled { by: None }).await;
    let again = gateway.receive(&modem, "BANK", "Code 2").await;
    assert_eq!(message(&reader.happened().await.1), again);
    let (_, made) =
        answer(gateway.post(&root, "/keys", &json!({ "scopes": ["keys:manage"] }))).await;
    let none = made["key"].as_str().expect("a key").to_owned();
    assert_eq!(refused(gateway.get(&none, "/events")).await.1, "scope-missing");
}

#[tokio::test]
async fn a_place_that_is_not_known_any_more_is_said_to_be_none() {
    let gateway = Gateway::start().await;
    let key = gateway.user("budi", false).await;
    let mut reader = Reader::open(gateway.get(&key, "/events")).await;
    let here = reader.next().await.expect("a beginning").id;
    let (stream, _) = here.split_once('-').expect("a place");
    let ids = [sent(&gateway, &key).await, sent(&gateway, &key).await];
    for id in ids {
        tell(&gateway, id, rejected()).await;
    }
    let (first, _) = reader.happened().await;
    let (second, _) = reader.happened().await;
    // What came first is not kept any more.
    let sequence: u64 = first.split_once('-').expect("a place").1.parse().expect("a number");
    for gone in 1..=sequence {
        gateway.bus.delete_item(bus::Stream::Event, gone).await.expect("a broker");
    }
    for place in [format!("{stream}-0"), format!("{stream}-999999"), "1-1".to_owned()] {
        let mut reader = Reader::open(gateway.get(&key, &format!("/events?after={place}"))).await;
        let begin = reader.next().await.expect("a beginning");
        assert_eq!(begin.name, "gap", "{place}");
        let next: Events = told(gateway.get(&key, &format!("/events/next?after={place}"))).await;
        assert!(next.gap, "{place}");
    }
    // Of one whose next is kept, nothing is missing.
    let mut reader = Reader::open(gateway.get(&key, &format!("/events?after={first}"))).await;
    assert_eq!(reader.next().await.expect("a beginning").name, "begin");
    assert_eq!(reader.happened().await.0, second);
    for bad in ["x", "1", "1-1-1", "msg_1"] {
        let (status, problem) = answer(gateway.get(&key, &format!("/events?after={bad}"))).await;
        assert_eq!((status.as_u16(), &problem["field"]), (400, &json!("after")), "{bad}");
    }
    let long = "x".repeat(65);
    let types = "sms.received,".repeat(40);
    for (query, field) in [
        ("types=sms.received,sms.eaten".to_owned(), "types"),
        (format!("types={types}"), "types"),
        (format!("after={long}"), "after"),
        ("limit=101".to_owned(), "limit"),
        ("limit=0".to_owned(), "limit"),
    ] {
        let path = format!("/events/next?{query}");
        let (status, problem) = answer(gateway.get(&key, &path)).await;
        assert_eq!((status.as_u16(), &problem["field"]), (400, &json!(field)), "{query}");
    }
}

#[tokio::test]
async fn an_answer_waits_for_what_happens_next() {
    let gateway = Gateway::start().await;
    let key = gateway.user("budi", false).await;
    let id = sent(&gateway, &key).await;
    tell(&gateway, id, MtChange::Cancelled { by: None }).await;
    let start = {
        let mut reader = Reader::open(gateway.get(&key, "/events")).await;
        reader.next().await.expect("a beginning").id
    };
    let path = format!("/events/next?after={start}");
    let waiting = tokio::spawn(told::<Events>(gateway.get(&key, &path)));
    let another = sent(&gateway, &key).await;
    tell(&gateway, another, rejected()).await;
    let first = waiting.await.expect("an answer");
    assert_eq!((first.events.len(), first.gap), (1, false));
    assert_eq!(message(&first.events[0]), another);
    // What is known is answered at once, in pieces.
    for _ in 0..3 {
        let id = sent(&gateway, &key).await;
        tell(&gateway, id, rejected()).await;
    }
    let (mut place, mut count) = (first.next, 0);
    while count < 3 {
        let path = format!("/events/next?after={place}&limit=2");
        let next: Events = told(gateway.get(&key, &path)).await;
        assert!((1..=2).contains(&next.events.len()));
        count += next.events.len();
        place = next.next;
    }
    assert_eq!(count, 3);
}

#[tokio::test]
async fn a_stream_ends_with_its_key_and_an_account_has_so_many() {
    let gateway = Gateway::start().await;
    let root = gateway.user("root", true).await;
    let key = gateway.user("budi", false).await;
    let mut streams = Vec::new();
    for _ in 0..16 {
        let mut reader = Reader::open(gateway.get(&key, "/events")).await;
        reader.next().await.expect("a beginning");
        streams.push(reader);
    }
    for path in ["/events", "/events/next"] {
        let told = refused(gateway.get(&key, path)).await;
        assert_eq!(told, (429, "too-many-streams".to_owned()), "{path}");
    }
    assert_eq!(Reader::open(gateway.get(&root, "/events")).await.response.status(), 200);
    let budi = gateway.id_of("budi").await;
    let disable = gateway.post(&root, &format!("/users/{budi}/disable"), &json!({}));
    assert_eq!(answer(disable).await.0, 204);
    for mut reader in streams {
        assert_eq!(reader.next().await, None);
    }
    let enable = gateway.post(&root, &format!("/users/{budi}/enable"), &json!({}));
    assert_eq!(answer(enable).await.0, 204);
    // Whoever left is not counted any more.
    let mut reader = Reader::open(gateway.get(&key, "/events")).await;
    assert_eq!(reader.next().await.expect("a beginning").name, "begin");
}

#[tokio::test]
async fn what_happens_to_a_modem_is_told() {
    let gateway = Gateway::start().await;
    let key = gateway.user("budi", false).await;
    let modem = gateway.modem("modem1", "+62811000001").await;
    let mut reader = Reader::open(gateway.get(&key, "/events?types=modem.degraded")).await;
    reader.next().await.expect("a beginning");
    let event = contracts::modem::ModemEvent {
        id: contracts::EventId::new(),
        kind: contracts::modem::ModemEventKind::Degraded,
        modem: modem.id,
        sim: Some(SimId::derived("modem1")),
        text: "It fails.".to_owned(),
        from: None,
        at: Timestamp::now(),
    };
    gateway.bus.publish(&event).await.expect("published");
    let (_, happened) = reader.happened().await;
    let data = serde_json::to_value(&happened.data).expect("JSON");
    let expected: Value = json!({
        "modem": modem.id, "sim": SimId::derived("modem1"), "to": "+62811000001", "text": "It fails.",
    });
    assert_eq!(data, expected);
}

/// The end of a batch is told to who may see its messages.
#[tokio::test]
async fn the_end_of_a_batch_is_told_to_its_owner() {
    let gateway = Gateway::start().await;
    let key = gateway.user("budi", false).await;
    let mut reader = Reader::open(gateway.get(&key, "/events?types=batch.finished")).await;
    reader.next().await.expect("a beginning");
    let owner = owner_of(&gateway, &key).await;
    let finished = |name: &str, owner| contracts::batch::BatchFinished {
        batch: contracts::BatchId::derived(name),
        org: OrgId::default_org(),
        owner,
        at: Timestamp::now(),
        messages: 2,
        states: vec![contracts::batch::StateCount { state: contracts::MtState::Sent, count: 2 }],
    };
    let other = finished("other", contracts::UserId::derived("other"));
    gateway.bus.publish(&other).await.expect("published");
    let own = finished("own", owner);
    gateway.bus.publish(&own).await.expect("published");
    let (_, happened) = reader.happened().await;
    assert_eq!(happened.kind, WebhookEvent::BatchFinished);
    let HappenedTo::Batch(told) = happened.data else { panic!("a batch") };
    assert_eq!((told.batch, told.messages, told.states["sent"]), (own.batch, 2, 2));
}

/// Whose the messages of a key are.
async fn owner_of(gateway: &Gateway, key: &str) -> contracts::UserId {
    let id = sent(gateway, key).await;
    let reach = store::Reach::everything(OrgId::default_org());
    let row = testkit::wait_for("the row", || async {
        gateway.store.message(reach, id).await.expect("a database")
    });
    row.await.owner
}
