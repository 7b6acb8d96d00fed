//! What endpoints answer, sent back to the senders of messages.

use std::time::Duration;

use bus::{Deliveries, Durable, Requested};
use contracts::config_kv::Access;
use contracts::mo::MoReceived;
use contracts::mt::{Body, MtRequest};
use contracts::{MessageId, SimId, Timestamp, UserId, WebhookEvent};
use platform::config::Webhooks;
use store::{
    ConversationChange, LoggedDelivery, LoggedReply, NewTeam, NewUser, NewWebhook, Reach, Reader,
    Replay, Role, SimChange, StoredEvent, StoredEventBody, Webhook, WebhookForm,
};
use testkit::wait_for;

use crate::endpoint::{Answering, Asked};
use crate::endpoints::{everything, message, new};
use crate::gateway::{Gateway, config};

const SENDER: &str = "+628123456789";

/// What is asked to be sent.
pub(crate) struct Replies(Deliveries<Requested>);

impl Replies {
    pub(crate) async fn of(gateway: &Gateway) -> Self {
        Self(gateway.bus.consume(&Durable::PersistenceRequests).await.unwrap())
    }

    pub(crate) async fn next(&mut self) -> MtRequest {
        let next = tokio::time::timeout(testkit::PATIENCE, self.0.next());
        let delivery = next.await.expect("a reply");
        let value = delivery.value.clone();
        delivery.ack().await.unwrap();
        match value {
            Requested::One(request) => *request,
            Requested::Many(_) => panic!("a batch"),
        }
    }
}

pub(crate) fn text(request: &MtRequest) -> &str {
    match &request.body {
        Body::Text { text, .. } => text,
        Body::Data { .. } => panic!("octets"),
    }
}

async fn add(gateway: &Gateway, owner: UserId, url: String, form: WebhookForm) -> Webhook {
    let new =
        NewWebhook { form, reply_with_body: true, ..new(owner, url, &[WebhookEvent::SmsReceived]) };
    gateway.store.create_webhook(everything(), &new, Timestamp::now()).await.unwrap()
}

async fn receive(gateway: &Gateway, message: &MoReceived) {
    gateway.bus.publish(message).await.unwrap();
}

/// The newest entry of a log, once it has replies.
async fn replied(gateway: &Gateway, webhook: &Webhook) -> Vec<LoggedReply> {
    wait_for("the replies", || async {
        let log = gateway.store.webhook_log(everything(), webhook.id, None, 1).await.ok()?;
        let LoggedDelivery { replies, .. } = log.into_iter().next()?;
        (!replies.is_empty()).then_some(replies)
    })
    .await
}

#[tokio::test]
async fn an_answer_goes_back_to_the_sender_once() {
    let gateway = Gateway::start().await;
    let mut replies = Replies::of(&gateway).await;
    let answers = [("text/plain", "Buka jam 9.\n"), ("text/plain", "Lagi"), ("text/plain", " ")];
    let mut program = Answering::start(&answers).await;
    let webhook = add(&gateway, UserId::internal(), program.url("/"), WebhookForm::Standard).await;
    let mo = message("jam?");
    receive(&gateway, &mo).await;
    program.asked().await;
    let sent = replies.next().await;
    assert_eq!((text(&sent), sent.to.as_str()), ("Buka jam 9.", SENDER));
    assert_eq!((sent.sim, sent.owner), (Some(mo.sim), UserId::internal()));
    let [reply] = &*replied(&gateway, &webhook).await else { panic!("one reply") };
    assert_eq!(sent.id, Some(MessageId::of_reply(reply.id)));
    assert_eq!((reply.replied_at.is_some(), &reply.last_error), (true, &None));
    // The message is told again when its missing parts came, and once more by hand: neither is answered again.
    receive(&gateway, &MoReceived { missing: vec![2], ..mo.clone() }).await;
    program.asked().await;
    let log = gateway.store.webhook_log(everything(), webhook.id, None, 9).await.unwrap();
    let first = Replay::One(log.last().expect("the first").delivery.id);
    gateway.store.replay_webhook(everything(), webhook.id, first, Timestamp::now()).await.unwrap();
    program.asked().await;
    // Whatever was answered to these would stand before the answer to the next message.
    let mut other = Answering::start(&[("text/plain", "Tutup")]).await;
    add(&gateway, UserId::internal(), other.url("/"), WebhookForm::Standard).await;
    receive(&gateway, &message("lain")).await;
    other.asked().await;
    assert_eq!(text(&replies.next().await), "Tutup");
}

#[tokio::test]
async fn an_answer_is_not_sent_back_unless_that_is_switched_on() {
    let gateway = Gateway::start().await;
    let mut replies = Replies::of(&gateway).await;
    let mut silent = Answering::start(&[("text/plain", "no")]).await;
    let new = new(UserId::internal(), silent.url("/"), &[WebhookEvent::SmsReceived]);
    gateway.store.create_webhook(everything(), &new, Timestamp::now()).await.unwrap();
    receive(&gateway, &message("satu")).await;
    silent.asked().await;
    let program = Answering::start(&[("text/plain", "yes")]).await;
    add(&gateway, UserId::internal(), program.url("/"), WebhookForm::Standard).await;
    receive(&gateway, &message("dua")).await;
    assert_eq!(text(&replies.next().await), "yes");
}

/// The rules of keyword services.
#[tokio::test]
async fn who_is_no_person_or_had_enough_or_may_not_be_answered_is_not() {
    let config = Webhooks { replies: "1/1h".parse().unwrap(), ..config() };
    let gateway = Gateway::start_with(config).await;
    let mut replies = Replies::of(&gateway).await;
    let program = Answering::start(&[("text/plain", "Buka")]).await;
    let webhook = add(&gateway, UserId::internal(), program.url("/"), WebhookForm::Standard).await;
    let why = async |mo: MoReceived| {
        receive(&gateway, &mo).await;
        let reply = wait_for("the refusal", || async {
            let log = gateway.store.webhook_log(everything(), webhook.id, None, 1).await.ok()?;
            let newest = log.into_iter().next()?;
            let is_this = newest.delivery.payload.contains(&mo.id.to_string());
            newest.replies.into_iter().next().filter(|_| is_this)
        });
        reply.await.last_error.unwrap_or_default()
    };
    let from = |from: &str, text: &str| MoReceived {
        from: contracts::Address::from_text(from),
        ..message(text)
    };
    assert!(why(from("BANK", "1")).await.contains("a name"));
    assert!(why(from("888", "2")).await.contains("short code"));
    let old = Timestamp::now().minus(Duration::from_hours(25));
    assert!(why(MoReceived { received_at: old, ..message("3") }).await.contains("a day"));
    // Whoever is blocked has a conversation.
    let spam = from("+628120000666", "spam");
    let body = StoredEventBody::Received(spam.clone());
    gateway.store.project_events(&[StoredEvent { sequence: 1, body }]).await.unwrap();
    let reader = Reader { account: UserId::internal(), sent: true, names: true };
    let change = ConversationChange { blocked: Some(true), ..ConversationChange::default() };
    let (with, now) = (&spam.from, Timestamp::now());
    let blocked = gateway.store.change_conversation(everything(), reader, with, change, now).await;
    assert!(blocked.unwrap());
    assert!(why(spam).await.contains("blocked"));
    assert_eq!(why(message("4")).await, "");
    assert_eq!(replies.next().await.to.as_str(), SENDER);
    assert!(why(message("5")).await.contains("as many replies"));
    // The account of an endpoint that may read a SIM and not send through it.
    let new =
        NewUser { name: "ani".to_owned(), password_hash: None, role: Role::User, language: None };
    let ani = gateway.store.create_user(everything(), &new, Timestamp::now()).await.unwrap();
    let new = NewUser { name: "budi".to_owned(), ..new };
    let budi = gateway.store.create_user(everything(), &new, Timestamp::now()).await.unwrap();
    let sim = SimId::derived("s");
    let change = SimChange {
        readers: Some(Access::only([ani.id])),
        senders: Some(Access::only([budi.id])),
        ..SimChange::default()
    };
    gateway.store.change_sim(everything(), sim, &change, Timestamp::now()).await.unwrap();
    let program = Answering::start(&[("text/plain", "Buka")]).await;
    let of_ani = add(&gateway, ani.id, program.url("/"), WebhookForm::Standard).await;
    receive(&gateway, &from("+62812999", "6")).await;
    let [reply] = &*replied(&gateway, &of_ani).await else { panic!("one reply") };
    let said = reply.last_error.clone().unwrap_or_default();
    assert!(said.contains("may not send through the SIM"), "{said}");
    // That of an administrator reads the SIM of a team, whose wall it does not pass.
    let rina =
        NewUser { name: "rina".to_owned(), password_hash: None, role: Role::Admin, language: None };
    let rina = gateway.store.create_user(everything(), &rina, Timestamp::now()).await.unwrap();
    let team = NewTeam {
        name: "Sales".to_owned(),
        users: [budi.id].into(),
        sims: [sim].into(),
        ..NewTeam::default()
    };
    gateway.store.create_team(everything(), &team, Timestamp::now()).await.unwrap();
    let program = Answering::start(&[("text/plain", "Tutup")]).await;
    let of_rina = add(&gateway, rina.id, program.url("/"), WebhookForm::Standard).await;
    receive(&gateway, &from("+62812998", "7")).await;
    let [reply] = &*replied(&gateway, &of_rina).await else { panic!("one reply") };
    let said = reply.last_error.clone().unwrap_or_default();
    assert!(said.contains("may not send through the SIM"), "{said}");
}

/// An account sends no more replies than it may send messages.
#[tokio::test]
async fn replies_count_for_the_account_that_sends_them() {
    let mut gateway = Gateway::start().await;
    gateway.stop_service().await;
    gateway.of_account = "1/1h".parse().ok();
    gateway.start_service(config());
    let mut replies = Replies::of(&gateway).await;
    let new =
        NewUser { name: "ani".to_owned(), password_hash: None, role: Role::User, language: None };
    let ani = gateway.store.create_user(everything(), &new, Timestamp::now()).await.unwrap();
    let program = Answering::start(&[("text/plain", "Buka")]).await;
    let webhook = add(&gateway, ani.id, program.url("/"), WebhookForm::Standard).await;
    let from = |from: &str| MoReceived {
        owner: Some(ani.id),
        from: contracts::Address::from_text(from),
        ..message(from)
    };
    receive(&gateway, &from("+628111111111")).await;
    assert_eq!(replies.next().await.owner, ani.id);
    receive(&gateway, &from("+628222222222")).await;
    let why = wait_for("the refusal", || async {
        let log = gateway.store.webhook_log(everything(), webhook.id, None, 1).await.ok()?;
        log.into_iter().next()?.replies.into_iter().next()?.last_error
    });
    assert!(why.await.contains("as an account may send"));
}

/// A copy was killed when the endpoint had answered and the reply was kept: the next one sends it and asks nobody.
#[tokio::test]
async fn a_reply_that_is_kept_is_sent_by_whoever_goes_on() {
    let mut gateway = Gateway::start().await;
    gateway.stop_service().await;
    let mut replies = Replies::of(&gateway).await;
    let mut program = Answering::start(&[("text/plain", "never")]).await;
    let webhook = add(&gateway, UserId::internal(), program.url("/"), WebhookForm::Standard).await;
    let past = Timestamp::now().minus(Duration::from_hours(1));
    let (store, lease) = (&gateway.store, Duration::from_mins(1));
    let delivery = store::NewDelivery {
        id: contracts::DeliveryId::derived("1"),
        webhook: webhook.id,
        event: WebhookEvent::SmsReceived,
        owner: None,
        sim: Some(SimId::derived("s")),
        payload: "{}".to_owned(),
    };
    store.create_deliveries(&[delivery], past).await.unwrap();
    assert_eq!(store.take_lanes(past, lease, 1, 1).await.unwrap(), [webhook.id]);
    let held = past.plus(lease);
    let (_, waiting) = store.lane(webhook.id, held, 1).await.unwrap().unwrap();
    let id = contracts::CallbackId::of_answer(webhook.id, MessageId::derived("1"), 0);
    let cap = store::Cap { most: 9, since: past };
    let answered = store::Answered {
        message: MessageId::derived("1"),
        sender: contracts::Address::from_text(SENDER),
        sim: SimId::derived("s"),
        replies: vec![(id, Ok(store::ReplyText("Buka".to_owned())))],
        caps: store::ReplyCaps { sender: cap, machine: cap, account: None },
        next_at: past,
    };
    let tried = store::WebhookAttempt {
        at: past,
        duration: Duration::from_millis(1),
        http_status: Some(200),
        error: None,
        answer: None,
    };
    let kept = store.settle_answered(&waiting[0], held, &tried, &answered).await.unwrap();
    assert_eq!(kept.1.len(), 1);
    gateway.start_service(config());
    let first = gateway.take_service();
    gateway.start_service(config());
    let sent = replies.next().await;
    assert_eq!((sent.id, text(&sent)), (Some(MessageId::of_reply(id)), "Buka"));
    wait_for("the end of the reply", || async {
        let next = gateway.store.next_webhook_reply_at().await.ok()?;
        next.is_none().then_some(())
    })
    .await;
    assert!(!program.was_asked());
    gateway.stop_service().await;
    gateway.give_service(first);
    gateway.stop_service().await;
}

#[tokio::test]
async fn a_program_of_twilio_is_told_and_answers_as_it_does_there() {
    let gateway = Gateway::start().await;
    let mut replies = Replies::of(&gateway).await;
    let twiml = "<?xml version=\"1.0\"?><Response><Message>Buka &amp; sepi</Message>\
                 <Say>no</Say><Message><Body>Jam 9</Body></Message></Response>";
    let mut program = Answering::start(&[("text/xml", twiml), ("text/xml", "<Oops>")]).await;
    let webhook =
        add(&gateway, UserId::internal(), program.url("/?a=1"), WebhookForm::Twilio).await;
    let mo = MoReceived { parts: 2, ..message("Halo & apa") };
    receive(&gateway, &mo).await;
    let Asked { target, headers, body } = program.asked().await;
    assert_eq!(target, "/?a=1");
    assert_eq!(headers["content-type"], "application/x-www-form-urlencoded");
    let fields: Vec<(String, String)> =
        url::form_urlencoded::parse(body.as_bytes()).into_owned().collect();
    let sid = format!("SM{}", mo.id.uuid().simple());
    let account = format!("AC{}", UserId::internal().uuid().simple());
    let expected = [
        ("AccountSid", account.as_str()),
        ("ApiVersion", "2010-04-01"),
        ("Body", "Halo & apa"),
        ("From", SENDER),
        ("MessageSid", &sid),
        ("NumMedia", "0"),
        ("NumSegments", "2"),
        ("SmsMessageSid", &sid),
        ("SmsSid", &sid),
        ("SmsStatus", "received"),
        ("To", "+62811000001"),
    ];
    let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(fields, expected);
    // HMAC-SHA1 has 20 octets.
    assert_eq!(headers["x-twilio-signature"].len(), 28);
    let (one, two) = (replies.next().await, replies.next().await);
    let mut texts = [text(&one), text(&two)];
    texts.sort_unstable();
    assert_eq!(texts, ["Buka & sepi", "Jam 9"]);
    assert_eq!(replied(&gateway, &webhook).await.len(), 2);
    receive(&gateway, &message("rusak")).await;
    let why = wait_for("the refusal", || async {
        let log = gateway.store.webhook_log(everything(), webhook.id, None, 1).await.ok()?;
        log.into_iter().next()?.replies.into_iter().next()?.last_error
    });
    assert!(why.await.contains("no TwiML"));
}

/// What an account may not see any more when its endpoint is told at last is not told.
#[tokio::test]
async fn what_waits_is_not_told_when_the_account_may_not_see_it_any_more() {
    let mut gateway = Gateway::start().await;
    let new =
        NewUser { name: "ani".to_owned(), password_hash: None, role: Role::Admin, language: None };
    let ani = gateway.store.create_user(everything(), &new, Timestamp::now()).await.unwrap();
    let boss = NewUser { name: "boss".to_owned(), ..new };
    gateway.store.create_user(everything(), &boss, Timestamp::now()).await.unwrap();
    let address = crate::gateway::Customer::nobody().await;
    let hook = self::new(ani.id, format!("http://{address}/hook"), &[WebhookEvent::SmsReceived]);
    let webhook = gateway.store.create_webhook(ani.reach(), &hook, Timestamp::now()).await.unwrap();
    let of = |owner: UserId, text: &str| MoReceived { owner: Some(owner), ..message(text) };
    receive(&gateway, &of(UserId::derived("budi"), "rahasia")).await;
    receive(&gateway, &of(ani.id, "sendiri")).await;
    let waiting = |now: &Webhook| now.pending == 2 && now.failures > 0;
    crate::endpoints::until(&gateway.store, &webhook, "both to wait", waiting).await;
    gateway.stop_service().await;
    gateway.store.set_role(everything(), ani.id, Role::User, Timestamp::now()).await.unwrap();
    let mut endpoint = crate::endpoint::Endpoint::start_at(address, &["200 OK"]).await;
    gateway.start_service(config());
    assert_eq!(endpoint.told().await.text(), "sendiri");
    crate::endpoints::until(&gateway.store, &webhook, "nothing to wait", |now| now.pending == 0)
        .await;
    let log = gateway.store.webhook_log(Reach::everything(webhook.org), webhook.id, None, 9).await;
    assert_eq!(log.unwrap().len(), 1);
}
