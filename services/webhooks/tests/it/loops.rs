//! Two machines that answer each other are stopped within a handful of messages, and somebody is told.

use contracts::{Address, MessageId, Timestamp, UserId, WebhookEvent};
use serde_json::json;
use store::{NewService, NewWebhook, ServiceAction, ServiceRule, StoppedLoop, WebhookForm};
use testkit::wait_for;

use crate::endpoint::{Answering, Endpoint};
use crate::endpoints::{add, everything, message, new};
use crate::gateway::{Gateway, config};
use crate::replies::{Replies, text};

const MACHINE: &str = "+628999888777";
/// How many messages of a sender are answered in the configuration of these tests.
const REPLIES: u32 = 5;

/// What a machine sends that answers whatever it gets.
async fn says(gateway: &Gateway, from: &str, said: &str) {
    let mut mo = message(said);
    (mo.id, mo.from) = (MessageId::new(), Address::from_text(from));
    gateway.bus.publish(&mo).await.unwrap();
}

async fn add_service(gateway: &Gateway, reply: &str) -> store::Service {
    let new = NewService {
        owner: UserId::internal(),
        name: "rest".to_owned(),
        keywords: vec!["default".to_owned()],
        rule: ServiceRule::default(),
        action: ServiceAction::Reply(reply.to_owned()),
        reply_with_body: false,
        max_messages: 1,
        omit_empty: false,
    };
    gateway.store.create_service(everything(), &new, Timestamp::now()).await.unwrap()
}

#[tokio::test]
async fn two_machines_that_answer_each_other_are_stopped_and_somebody_is_told() {
    let gateway = Gateway::start().await;
    let mut endpoint = Endpoint::start(&["200 OK"]).await;
    add(&gateway, endpoint.url(), &[WebhookEvent::LoopStopped]).await;
    let mut replies = Replies::of(&gateway).await;
    // The texts differ each time, so nothing that looks for the same text again would see it.
    let service = add_service(&gateway, "Terima kasih: {text}").await;
    says(&gateway, MACHINE, "0").await;
    for n in 0..REPLIES {
        let reply = replies.next().await;
        assert_eq!((reply.to.as_str(), text(&reply)), (MACHINE, &*format!("Terima kasih: {n}")));
        says(&gateway, MACHINE, &(n + 1).to_string()).await;
    }
    let told = endpoint.told().await.json();
    assert_eq!((&told["type"], &told["data"]["from"]), (&json!("loop.stopped"), &json!(MACHINE)));
    let (replies_before, owner) = (&told["data"]["replies"], &told["data"]["owner"]);
    assert_eq!((replies_before, owner), (&json!(REPLIES), &json!(UserId::internal())));
    let calls = gateway.store.service_calls(everything(), service.id, 1).await.unwrap();
    let why = calls[0].last_error.as_deref().unwrap();
    assert!(why.contains("as a machine does"), "{why}");
    // It rests, whatever it says; others are answered, and nobody is told again.
    says(&gateway, MACHINE, "lagi").await;
    says(&gateway, "+628111222333", "halo").await;
    let reply = replies.next().await;
    assert_eq!((reply.to.as_str(), text(&reply)), ("+628111222333", "Terima kasih: halo"));
    wait_for("the refusal of the last one", || async {
        let calls = gateway.store.service_calls(everything(), service.id, 9).await.ok()?;
        let refused = calls.iter().filter(|call| call.replied_at.is_none()).count();
        let are_over = calls.iter().all(|call| call.next_at.is_none());
        (calls.len() == 8 && refused == 2 && are_over).then_some(())
    })
    .await;
    assert!(!endpoint.was_told());
    assert_eq!(gateway.store.untold_loops(9).await.unwrap(), Vec::<StoppedLoop>::new());
}

/// Services and endpoints are counted together, and several texts for one message are one reply.
#[tokio::test]
async fn an_endpoint_that_answers_a_machine_is_stopped_too() {
    let gateway = Gateway::start().await;
    let mut told = Endpoint::start(&["200 OK"]).await;
    add(&gateway, told.url(), &[WebhookEvent::LoopStopped]).await;
    let mut replies = Replies::of(&gateway).await;
    let mut program = Answering::start(&[("text/plain", "Baik.")]).await;
    let answering = NewWebhook {
        form: WebhookForm::Standard,
        reply_with_body: true,
        ..new(UserId::internal(), program.url("/"), &[WebhookEvent::SmsReceived])
    };
    gateway.store.create_webhook(everything(), &answering, Timestamp::now()).await.unwrap();
    for n in 0..REPLIES {
        says(&gateway, MACHINE, &n.to_string()).await;
        assert_eq!(replies.next().await.to.as_str(), MACHINE);
        program.asked().await;
    }
    says(&gateway, MACHINE, "lagi").await;
    program.asked().await;
    assert_eq!(told.told().await.json()["type"], "loop.stopped");
}

/// Where people chat with a program that answers at once, more may be right.
#[tokio::test]
async fn how_many_are_answered_is_set() {
    let mut settings = config();
    settings.machine = "2/1h".parse().unwrap();
    let gateway = Gateway::start_with(settings).await;
    let mut told = Endpoint::start(&["200 OK"]).await;
    add(&gateway, told.url(), &[WebhookEvent::LoopStopped]).await;
    add_service(&gateway, "Baik").await;
    for n in 0..3 {
        says(&gateway, MACHINE, &n.to_string()).await;
    }
    assert_eq!(told.told().await.json()["data"]["replies"], 2);
}
