//! What endpoints are told, in which order, and how often.

use std::time::Duration;

use contracts::config_kv::Access;
use contracts::mo::MoReceived;
use contracts::modem::{ModemEvent, ModemEventKind};
use contracts::mt::{MtChange, SendError};
use contracts::{
    Address, DeliveryId, EventId, MessageId, ModemId, OrgId, SimId, Timestamp, UserId, WebhookEvent,
};
use platform::Clock;
use platform::config::{Period, Webhooks};
use serde_json::json;
use store::{
    DeliveryState, GatewayChange, LoggedDelivery, NewUser, NewWebhook, Reach, Role, SimChange,
    Store, User, Webhook, WebhookFilter, WebhookForm, WebhookSecret,
};
use testkit::{TempDatabase, wait_for};

use crate::endpoint::{Endpoint, Told};
use crate::gateway::{Customer, Gateway, config, delivered, request};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

pub(crate) fn everything() -> Reach {
    Reach::everything(OrgId::default_org())
}

pub(crate) fn new(owner: UserId, url: String, events: &[WebhookEvent]) -> NewWebhook {
    NewWebhook {
        owner,
        url,
        events: events.to_vec(),
        filter: WebhookFilter::default(),
        raw_pdu: false,
        form: WebhookForm::Standard,
        reply_with_body: false,
        max_messages: 1,
        secret: WebhookSecret::new(SECRET.to_owned()),
    }
}

pub(crate) async fn add(gateway: &Gateway, url: String, events: &[WebhookEvent]) -> Webhook {
    let new = new(UserId::internal(), url, events);
    gateway.store.create_webhook(everything(), &new, Timestamp::now()).await.unwrap()
}

pub(crate) fn message(text: &str) -> MoReceived {
    MoReceived {
        id: MessageId::derived(text),
        org: OrgId::default_org(),
        owner: None,
        modem: ModemId::derived("m"),
        sim: SimId::derived("s"),
        to: Some("+62811000001".parse().unwrap()),
        from: Address::from_text("+628123456789"),
        text: Some(text.to_owned()),
        data: None,
        class: None,
        ports: None,
        parts: 1,
        missing: Vec::new(),
        pdus: vec!["0011".to_owned()],
        smsc_at: None,
        received_at: Timestamp::now(),
        wish: None,
    }
}

pub(crate) async fn receive(gateway: &Gateway, text: &str) {
    gateway.bus.publish(&message(text)).await.unwrap();
}

pub(crate) async fn until(
    store: &Store,
    webhook: &Webhook,
    what: &str,
    is: impl Fn(&Webhook) -> bool,
) -> Webhook {
    wait_for(what, || async {
        let webhook = store.webhook(everything(), webhook.id).await.ok()??;
        is(&webhook).then_some(webhook)
    })
    .await
}

/// The log once nothing waits.
async fn log(gateway: &Gateway, webhook: &Webhook) -> Vec<LoggedDelivery> {
    until(&gateway.store, webhook, "nothing to wait", |now| now.pending == 0).await;
    gateway.store.webhook_log(everything(), webhook.id, None, 100).await.unwrap()
}

#[tokio::test]
async fn a_received_message_is_told_once_and_signed() {
    let gateway = Gateway::start().await;
    let mut endpoint = Endpoint::start(&["204 No Content"]).await;
    let webhook = add(&gateway, endpoint.url(), &[WebhookEvent::SmsReceived]).await;
    receive(&gateway, "Halo 🕊").await;
    let told = endpoint.told().await;
    let body = told.json();
    assert_eq!(body["type"], "sms.received");
    assert_eq!(body["data"]["text"], "Halo 🕊");
    assert_eq!(body["data"]["to"], "+62811000001");
    assert_eq!(body["data"]["from"], "+628123456789");
    assert!(told.is_signed_with(SECRET), "{told:?}");
    assert!(!told.is_signed_with("whsec_AAAA"));
    assert_eq!(told.headers["content-type"], "application/json");

    // While the secret before is good too, both sign.
    let next = "whsec_bmV3IHNlY3JldCB0aGF0IGlzIGxvbmcgZW5vdWdo";
    let secret = WebhookSecret::new(next.to_owned());
    let (now, hour) = (Timestamp::now(), Duration::from_hours(1));
    let rotate =
        gateway.store.rotate_webhook(everything(), webhook.id, &secret, now.plus(hour), now);
    rotate.await.unwrap().unwrap();
    receive(&gateway, "Lagi").await;
    let told = endpoint.told().await;
    assert_eq!(told.text(), "Lagi");
    assert!(told.is_signed_with(next) && told.is_signed_with(SECRET));
    let log = log(&gateway, &webhook).await;
    assert_eq!(log.len(), 2);
    let attempt = &log[0].attempts[0];
    assert_eq!((attempt.http_status, attempt.error.as_deref()), (Some(204), None));
    assert_eq!(log[0].delivery.id.to_string(), told.id());
    assert!(!endpoint.was_told());
}

#[tokio::test]
async fn what_becomes_of_a_message_is_told_in_order() {
    let gateway = Gateway::start().await;
    let mut endpoint = Endpoint::start(&["200 OK"]).await;
    add(&gateway, endpoint.url(), &WebhookEvent::ALL).await;
    let message = gateway.message("Halo", "https://elsewhere.example/", 0).await;
    let target = contracts::subject::Target::Pool(contracts::PoolId::default_pool());
    let through = contracts::mt::Through { modem: ModemId::derived("m"), sim: SimId::derived("s") };
    let (parts, at) = (vec![], Timestamp::now());
    for change in [
        MtChange::Released { parts: Some(1), target: Some(target), rule: None },
        MtChange::Sending { through, part: 1, parts: 1, tries: 1 },
        MtChange::Sent { through, parts },
        delivered(),
    ] {
        gateway.happens(&message, change).await;
    }
    let event = ModemEvent {
        id: EventId::new(),
        kind: ModemEventKind::Offline,
        modem: ModemId::derived("m"),
        sim: Some(SimId::derived("s")),
        text: "Gone.".to_owned(),
        from: None,
        at,
    };
    gateway.bus.publish(&event).await.unwrap();
    let failing = gateway.message("Halo", "https://elsewhere.example/", 0).await;
    let error = SendError { code: "cms-38".to_owned(), text: "No network.".to_owned() };
    gateway.happens(&failing, MtChange::Failed { error, through: None, tries: 3 }).await;
    let mut told = Vec::new();
    for _ in 0..5 {
        told.push(endpoint.told().await.json());
    }
    let kinds: Vec<_> = told.iter().map(|body| body["type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["sms.accepted", "sms.sent", "sms.delivered", "modem.offline", "sms.failed"]);
    assert_eq!(told[2]["data"]["id"], message.id.unwrap().to_string());
    assert_eq!(told[2]["data"]["to"], "+628123456789");
    assert_eq!(told[2]["data"].get("text"), None, "texts are not repeated");
    assert_eq!(told[4]["data"]["error"]["code"], "cms-38");
}

#[tokio::test]
async fn an_event_that_waits_for_the_row_of_its_message_is_not_overtaken_by_the_next() {
    let gateway = Gateway::start().await;
    let mut endpoint = Endpoint::start(&["200 OK"]).await;
    add(&gateway, endpoint.url(), &WebhookEvent::ALL).await;
    let mut late = request("Halo", "https://elsewhere.example/", 0);
    late.created_at = Some(Timestamp::now());
    let through = contracts::mt::Through { modem: ModemId::derived("m"), sim: SimId::derived("s") };
    gateway.happens(&late, MtChange::Sent { through, parts: vec![] }).await;
    // Whatever comes behind it and is about something else has been told: so it was looked at.
    receive(&gateway, "marker").await;
    assert_eq!(endpoint.told().await.json()["type"], "sms.received");
    gateway.store_request(&late).await;
    gateway.happens(&late, delivered()).await;
    let mut kinds = Vec::new();
    for _ in 0..2 {
        kinds.push(endpoint.told().await.json()["type"].as_str().unwrap().to_owned());
    }
    assert_eq!(kinds, ["sms.sent", "sms.delivered"]);
}

fn account(name: &str, role: Role) -> NewUser {
    NewUser { name: name.to_owned(), password_hash: None, role, language: None }
}

async fn user(gateway: &Gateway, name: &str, role: Role) -> User {
    let new = account(name, role);
    gateway.store.create_user(everything(), &new, Timestamp::now()).await.unwrap()
}

/// An endpoint is told what its owner may see, and nothing else.
#[tokio::test]
async fn an_endpoint_is_told_what_its_owner_may_see() {
    let gateway = Gateway::start().await;
    let ani = user(&gateway, "ani", Role::User).await;
    let budi = user(&gateway, "budi", Role::User).await;
    let shop = user(&gateway, "shop", Role::Service).await;
    let mut endpoints = Vec::new();
    for user in [&ani, &budi, &shop] {
        let endpoint = Endpoint::start(&["200 OK"]).await;
        let new = new(user.id, endpoint.url(), &WebhookEvent::ALL);
        let made =
            gateway.store.create_webhook(user.reach(), &new, Timestamp::now()).await.unwrap();
        endpoints.push((endpoint, made));
    }
    // Ani reads what comes to the SIM.
    let change = SimChange { readers: Some(Access::only([ani.id])), ..SimChange::default() };
    let sim = SimId::derived("s");
    gateway.store.change_sim(everything(), sim, &change, Timestamp::now()).await.unwrap();
    receive(&gateway, "for readers").await;
    let own = MoReceived { owner: Some(budi.id), ..message("for Budi") };
    gateway.bus.publish(&own).await.unwrap();
    let call = ModemEvent {
        id: EventId::new(),
        kind: ModemEventKind::MissedCall,
        modem: ModemId::derived("m"),
        sim: Some(sim),
        text: "Missed.".to_owned(),
        from: Some("+628123456789".parse().unwrap()),
        at: Timestamp::now(),
    };
    gateway.bus.publish(&call).await.unwrap();
    // A program sees what anybody sends.
    let mut sent = crate::gateway::request("Halo", "https://elsewhere.example/", 0);
    sent.owner = budi.id;
    gateway.store_request(&sent).await;
    gateway.happens(&sent, delivered()).await;
    let online = ModemEvent { id: EventId::new(), kind: ModemEventKind::Online, ..call };
    gateway.bus.publish(&online).await.unwrap();

    let expected: [&[&str]; 3] = [
        &["sms.received", "call.missed", "modem.online"],
        &["sms.received", "sms.delivered", "modem.online"],
        &["sms.delivered", "modem.online"],
    ];
    for ((endpoint, webhook), expected) in endpoints.iter_mut().zip(expected) {
        let mut told = Vec::new();
        for _ in expected {
            told.push(endpoint.told().await.json()["type"].as_str().unwrap().to_owned());
        }
        assert_eq!(told, expected);
        assert_eq!(log(&gateway, webhook).await.len(), expected.len());
    }
}

#[tokio::test]
async fn a_filter_narrows_what_is_received() {
    let gateway = Gateway::start().await;
    let mut endpoint = Endpoint::start(&["200 OK"]).await;
    let filter = WebhookFilter { keyword: Some("info".to_owned()), ..WebhookFilter::default() };
    let new = NewWebhook {
        filter,
        raw_pdu: true,
        ..new(UserId::internal(), endpoint.url(), &[WebhookEvent::SmsReceived])
    };
    gateway.store.create_webhook(everything(), &new, Timestamp::now()).await.unwrap();
    receive(&gateway, "Halo").await;
    receive(&gateway, "INFO jadwal").await;
    let told = endpoint.told().await;
    assert_eq!(told.text(), "INFO jadwal");
    assert_eq!(told.json()["data"]["pdus"][0], "0011");
    assert!(!endpoint.was_told());
}

/// A day passes by the clock that the service is given, and nobody waits.
#[tokio::test]
async fn an_endpoint_that_is_down_for_a_day_is_told_everything_once_and_in_order() {
    let hours = Duration::from_hours;
    let schedule: Vec<_> = [
        Duration::from_secs(5),
        Duration::from_mins(5),
        Duration::from_mins(30),
        hours(2),
        hours(5),
        hours(10),
        hours(14),
        hours(20),
        hours(24),
    ]
    .map(Period)
    .to_vec();
    let config = Webhooks { schedule, ..config() };
    let mut gateway = Gateway::start_with(config.clone()).await;
    gateway.stop_service().await;
    let address = Customer::nobody().await;
    let webhook =
        add(&gateway, format!("http://{address}/hook"), &[WebhookEvent::SmsReceived]).await;
    let begin = Timestamp::now();
    let mut came = 0;
    // Each time is beyond the next try, whatever the jitter, and brings another failure.
    for (failures, after) in (1..).zip([0, 1, 10, 90, 400, 1_200]) {
        let now = begin.plus(Duration::from_mins(after));
        gateway.start_service_by(config.clone(), Clock::following(now));
        for _ in 0..3 {
            came += 1;
            receive(&gateway, &format!("message {came}")).await;
        }
        let failed = |now: &Webhook| now.failures == failures && now.pending == came;
        let shown = until(&gateway.store, &webhook, "another failure", failed).await;
        assert_eq!(shown.disabled, None);
        gateway.stop_service().await;
    }
    let mut endpoint = Endpoint::start_at(address, &["200 OK"]).await;
    let next_day = Clock::following(begin.plus(hours(44)));
    gateway.start_service_by(config, next_day);
    let mut told: Vec<Told> = Vec::new();
    for _ in 0..came {
        told.push(endpoint.told().await);
    }
    let texts: Vec<_> = told.iter().map(Told::text).collect();
    let expected: Vec<_> = (1..=came).map(|n| format!("message {n}")).collect();
    assert_eq!(texts, expected);
    let log = log(&gateway, &webhook).await;
    assert!(log.iter().all(|one| one.delivery.state == DeliveryState::Done));
    // One event probed all day, and none of the others was tried.
    let tries: Vec<_> = log.iter().map(|one| one.attempts.len()).collect();
    assert_eq!(tries.iter().sum::<usize>(), tries.len() + 6, "{tries:?}");
    assert!(!endpoint.was_told());
}

#[tokio::test]
async fn an_endpoint_that_is_gone_is_disabled_and_its_owner_is_told() {
    let gateway = Gateway::start().await;
    let gone = Endpoint::start(&["410 Gone"]).await;
    let mut other = Endpoint::start(&["200 OK"]).await;
    let webhook = add(&gateway, gone.url(), &[WebhookEvent::SmsReceived]).await;
    add(&gateway, other.url(), &[WebhookEvent::WebhookDisabled]).await;
    receive(&gateway, "Halo").await;
    let told = other.told().await.json();
    assert_eq!(told["type"], "webhook.disabled");
    assert_eq!(told["data"]["webhook"], webhook.id.to_string());
    let disabled = |now: &Webhook| now.disabled.is_some();
    let shown = until(&gateway.store, &webhook, "it to be disabled", disabled).await;
    assert_eq!(shown.disabled.unwrap().reason.as_deref(), Some("It answered 410 Gone."));
    assert_eq!(shown.pending, 1, "what waits is kept");
}

#[tokio::test]
async fn an_endpoint_that_fails_to_the_end_is_disabled_and_goes_on_when_it_is_enabled() {
    let gateway = Gateway::start().await;
    let answers = ["500 Oops", "302 Found", "503 Busy", "500 Oops", "200 OK"];
    let mut endpoint = Endpoint::start(&answers).await;
    let webhook = add(&gateway, endpoint.url(), &[WebhookEvent::SmsReceived]).await;
    receive(&gateway, "one").await;
    let disabled = |now: &Webhook| now.disabled.is_some();
    let shown = until(&gateway.store, &webhook, "it to be disabled", disabled).await;
    assert_eq!(shown.failures, 4);
    let enable = store::WebhookChange { enabled: Some(true), ..store::WebhookChange::default() };
    let now = Timestamp::now();
    gateway.store.change_webhook(everything(), webhook.id, &enable, now).await.unwrap();
    receive(&gateway, "two").await;
    let mut texts = Vec::new();
    for _ in 0..6 {
        texts.push(endpoint.told().await.text());
    }
    assert_eq!(texts, ["one", "one", "one", "one", "one", "two"]);
    let log = log(&gateway, &webhook).await;
    let tries = &log.iter().find(|one| one.attempts.len() == 5).expect("the first one").attempts;
    assert_eq!(
        tries[1].error.as_deref(),
        Some("it answered 302: redirects are not followed, so put the final URL")
    );
    assert_eq!(tries[0].answer.as_deref(), Some("hello"));
}

#[tokio::test]
async fn an_event_that_is_refused_lets_the_others_go() {
    let gateway = Gateway::start().await;
    let mut endpoint = Endpoint::start(&["422 No", "422 No", "422 No", "200 OK"]).await;
    let webhook = add(&gateway, endpoint.url(), &[WebhookEvent::SmsReceived]).await;
    receive(&gateway, "odd").await;
    receive(&gateway, "good").await;
    let mut texts = Vec::new();
    for _ in 0..4 {
        texts.push(endpoint.told().await.text());
    }
    assert_eq!(texts, ["odd", "odd", "odd", "good"]);
    let log = log(&gateway, &webhook).await;
    let failed: Vec<_> =
        log.iter().filter(|one| one.delivery.state == DeliveryState::Failed).collect();
    assert_eq!(failed.len(), 1);
    // Sent again by hand, it has the same id.
    let again = store::Replay::One(failed[0].delivery.id);
    gateway.store.replay_webhook(everything(), webhook.id, again, Timestamp::now()).await.unwrap();
    assert_eq!(endpoint.told().await.id(), failed[0].delivery.id.to_string());
}

#[tokio::test]
async fn an_endpoint_that_refuses_everything_is_disabled_at_the_end() {
    let gateway = Gateway::start().await;
    let refuses = Endpoint::start(&["400 Bad Request"]).await;
    let mut other = Endpoint::start(&["200 OK"]).await;
    let webhook = add(&gateway, refuses.url(), &[WebhookEvent::SmsReceived]).await;
    add(&gateway, other.url(), &[WebhookEvent::WebhookDisabled]).await;
    receive(&gateway, "one").await;
    receive(&gateway, "two").await;
    assert_eq!(other.told().await.json()["data"]["webhook"], webhook.id.to_string());
    let disabled = |now: &Webhook| now.disabled.is_some();
    let shown = until(&gateway.store, &webhook, "it to be disabled", disabled).await;
    assert_eq!((shown.failures, shown.pending), (4, 1), "one was given up, and the next one waits");
}

#[tokio::test]
async fn an_event_is_not_given_up_at_its_first_refusal() {
    let gateway = Gateway::start().await;
    let mut endpoint =
        Endpoint::start(&["500 Oops", "500 Oops", "400 Bad Request", "200 OK"]).await;
    let webhook = add(&gateway, endpoint.url(), &[WebhookEvent::SmsReceived]).await;
    receive(&gateway, "one").await;
    for _ in 0..4 {
        assert_eq!(endpoint.told().await.text(), "one");
    }
    let log = log(&gateway, &webhook).await;
    assert_eq!((log[0].delivery.state, log[0].attempts.len()), (DeliveryState::Done, 4));
}

#[tokio::test]
async fn a_test_goes_before_what_waits_and_wakes_an_endpoint() {
    let config = Webhooks { schedule: vec![Period(Duration::from_hours(9)); 3], ..config() };
    let gateway = Gateway::start_with(config).await;
    let mut endpoint = Endpoint::start(&["500 Oops", "200 OK"]).await;
    let webhook = add(&gateway, endpoint.url(), &[WebhookEvent::SmsReceived]).await;
    receive(&gateway, "waits").await;
    endpoint.told().await;
    until(&gateway.store, &webhook, "a failure", |now| now.failures == 1).await;
    let (test, now) = (DeliveryId::new(), Timestamp::now());
    let body = r#"{"type":"webhook.test"}"#;
    gateway.store.test_webhook(everything(), webhook.id, test, body, now).await.unwrap();
    let told = endpoint.told().await;
    assert_eq!((told.id(), &*told.body), (&*test.to_string(), body));
    assert_eq!(endpoint.told().await.text(), "waits");
}

/// Two copies of the service on one broker and one database.
async fn two_copies(database: TempDatabase) {
    let mut gateway = Gateway::start_on(config(), Some(database)).await;
    let mut endpoints = Vec::new();
    for _ in 0..3 {
        let endpoint = Endpoint::start(&["200 OK"]).await;
        let webhook = add(&gateway, endpoint.url(), &[WebhookEvent::SmsReceived]).await;
        endpoints.push((endpoint, webhook));
    }
    let first = gateway.take_service();
    gateway.start_service(config());
    for n in 0..50 {
        receive(&gateway, &format!("{n}")).await;
    }
    for (endpoint, webhook) in &mut endpoints {
        let mut ids = std::collections::HashSet::new();
        for _ in 0..50 {
            ids.insert(endpoint.told().await.id().to_owned());
        }
        assert_eq!(ids.len(), 50);
        let log = log(&gateway, webhook).await;
        assert!(log.iter().all(|one| one.attempts.len() == 1), "each was sent once");
        assert!(!endpoint.was_told());
    }
    gateway.stop_service().await;
    gateway.give_service(first);
    gateway.stop_service().await;
}

#[tokio::test]
async fn two_copies_send_nothing_twice_on_sqlite() {
    two_copies(TempDatabase::sqlite()).await;
}

#[tokio::test]
async fn two_copies_send_nothing_twice_on_postgres() {
    two_copies(TempDatabase::postgres().await).await;
}

#[tokio::test]
async fn a_silent_endpoint_slows_nobody_else() {
    let gateway = Gateway::start().await;
    let mut silent = Endpoint::start(&[Endpoint::SILENT]).await;
    let mut quick = Endpoint::start(&["200 OK"]).await;
    add(&gateway, silent.url(), &[WebhookEvent::SmsReceived]).await;
    add(&gateway, quick.url(), &[WebhookEvent::SmsReceived]).await;
    for n in 0..10 {
        receive(&gateway, &format!("{n}")).await;
        assert_eq!(quick.told().await.text(), format!("{n}"));
    }
    silent.told().await;
    assert!(!silent.was_told(), "one at a time is enough for one endpoint");
}

#[tokio::test]
async fn an_endpoint_in_our_own_network_is_not_knocked_at() {
    let strict = Webhooks { allow: Vec::new(), ..config() };
    let gateway = Gateway::start_with(strict).await;
    let mut endpoint = Endpoint::start(&["200 OK"]).await;
    let webhook = add(&gateway, endpoint.url(), &[WebhookEvent::SmsReceived]).await;
    receive(&gateway, "Halo").await;
    let failed = |now: &Webhook| now.failures > 0;
    until(&gateway.store, &webhook, "a failure", failed).await;
    let log = gateway.store.webhook_log(everything(), webhook.id, None, 10).await.unwrap();
    let error = log[0].attempts[0].error.as_deref().unwrap();
    assert!(error.contains("this machine itself"), "{error}");
    assert!(!endpoint.was_told());
}

/// An endpoint that was registered by SMSGate's interface is told the same events in its form.
#[tokio::test]
async fn an_endpoint_may_be_told_in_smsgates_form() {
    let gateway = Gateway::start().await;
    let mut endpoint = Endpoint::start(&["500 Oops", "200 OK"]).await;
    let new = NewWebhook {
        form: WebhookForm::Smsgate,
        ..new(UserId::internal(), endpoint.url(), &[WebhookEvent::SmsReceived])
    };
    let webhook = gateway.store.create_webhook(everything(), &new, Timestamp::now()).await.unwrap();
    receive(&gateway, "Halo").await;
    let first = endpoint.told().await;
    let told = endpoint.told().await;
    assert_eq!(first.body, told.body, "a try again tells the same");
    let body = told.json();
    assert_eq!((&body["event"], &body["webhookId"]), (&json!("sms:received"), &json!(webhook.id)));
    assert_eq!(body["payload"]["message"], "Halo");
    let id = MessageId::derived("Halo").uuid().to_string();
    assert_eq!(body["payload"]["messageId"], json!(id));
    assert_eq!(told.headers["x-signature"].len(), 64);
    let seconds: i64 = told.headers["x-timestamp"].parse().unwrap();
    assert!((Timestamp::now().as_micros() / 1_000_000).abs_diff(seconds) < 60, "{seconds}");
}

#[tokio::test]
async fn what_is_received_while_isolated_is_told_in_order_afterwards() {
    let mut gateway = Gateway::start().await;
    let mut endpoint = Endpoint::start(&["200 OK"]).await;
    let events = [WebhookEvent::SmsReceived, WebhookEvent::SmsDelivered];
    add(&gateway, endpoint.url(), &events).await;
    let change = async |gateway: &Gateway, change| {
        let store = &gateway.store;
        store.change_gateway(everything(), &change, Timestamp::now()).await.unwrap();
    };
    change(&gateway, GatewayChange::Isolate).await;
    receive(&gateway, "satu").await;
    receive(&gateway, "dua").await;
    // Messages go out, and what is told of them is told: so what came before it was passed over.
    let message = gateway.message("Halo", "https://elsewhere.example/", 0).await;
    gateway.happens(&message, delivered()).await;
    assert_eq!(endpoint.told().await.json()["type"], "sms.delivered");
    gateway.stop_service().await;
    gateway.start_service(config());
    receive(&gateway, "tiga").await;
    let message = gateway.message("Halo", "https://elsewhere.example/", 0).await;
    gateway.happens(&message, delivered()).await;
    assert_eq!(endpoint.told().await.json()["type"], "sms.delivered");
    change(&gateway, GatewayChange::Resume).await;
    receive(&gateway, "empat").await;
    for text in ["satu", "dua", "tiga", "empat"] {
        assert_eq!(endpoint.told().await.text(), text);
    }
    assert!(!endpoint.was_told());
}
