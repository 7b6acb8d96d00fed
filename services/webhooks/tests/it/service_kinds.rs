//! Keyword services that ask, keep and hand on.

use std::time::Duration;

use bus::{Deliveries, Durable, Event};
use contracts::config_kv::Access;
use contracts::mo::{MoReceived, Wish};
use contracts::{CallbackId, GroupId, Holder, MessageId, Timestamp, UserId};
use keyword::to_group;
use store::{
    Board, CallbackState, Entry, InboxOf, LoggedCall, NewContact, NewGroup, NewService,
    NewServiceCall, Question, Quiz, Scenario, ScenarioLine, Service, ServiceAction, SimChange,
    StoredEvent, StoredEventBody, Survey, ToGroup,
};
use testkit::wait_for;

use crate::gateway::{Gateway, config};
use crate::replies::{Replies, text};
use crate::services::{SENDER, everything, message, new, over, receive, sim, user};

/// The least that another phone is.
const OTHER: &str = "+628111222333";

async fn add(gateway: &Gateway, keyword: &str, action: ServiceAction) -> Service {
    let new = new(UserId::internal(), keyword, action);
    gateway.store.create_service(everything(), &new, Timestamp::now()).await.unwrap()
}

fn question(text: &str, answers: &[&str]) -> Question {
    let answers = answers.iter().map(|answer| (*answer).to_owned()).collect();
    Question { text: text.to_owned(), answers }
}

fn quiz() -> ServiceAction {
    ServiceAction::Quiz(Quiz {
        questions: vec![question("Ibu kota?", &["Jakarta"])],
        once: true,
        wrong: "Salah: {rest}".to_owned(),
        reply: "Benar!".to_owned(),
    })
}

fn survey() -> ServiceAction {
    ServiceAction::Survey(Survey {
        questions: vec![question("Nama?", &[]), question("Puas?", &["ya", "tidak"])],
        leave: "keluar".to_owned(),
        minutes: 60,
        otherwise: "Balas ya atau tidak.".to_owned(),
        reply: "Terima kasih.".to_owned(),
    })
}

async fn entries(gateway: &Gateway, service: &Service) -> Vec<Entry> {
    gateway.store.service_entries(everything(), service.id, None, 100).await.unwrap()
}

/// What became of the call for a message.
async fn came_of(gateway: &Gateway, service: &Service, message: MessageId) -> LoggedCall {
    wait_for("the call to be over", || async {
        let calls = gateway.store.service_calls(everything(), service.id, 50).await.ok()?;
        let over =
            |call: &LoggedCall| call.message == message && call.state != CallbackState::Pending;
        calls.into_iter().find(over)
    })
    .await
}

#[tokio::test]
async fn a_quiz_says_what_is_right_and_counts_the_first_answer() {
    let gateway = Gateway::start().await;
    let mut replies = Replies::of(&gateway).await;
    let service = add(&gateway, "kuis", quiz()).await;
    receive(&gateway, &message(SENDER, "KUIS bandung")).await;
    assert_eq!(text(&replies.next().await), "Salah: bandung");
    let again = message("08123456789", "kuis jakarta");
    receive(&gateway, &again).await;
    let why = came_of(&gateway, &service, again.id).await.last_error.unwrap();
    assert!(why.contains("answered this question before"), "{why}");
    receive(&gateway, &message(OTHER, "kuis  JAKARTA ")).await;
    assert_eq!(text(&replies.next().await), "Benar!");
    let bare = message(OTHER, "kuis");
    receive(&gateway, &bare).await;
    let why = came_of(&gateway, &service, bare.id).await.last_error.unwrap();
    assert!(why.contains("nothing follows the keyword"), "{why}");
    let kept = entries(&gateway, &service).await;
    let kept: Vec<_> = kept.iter().map(|one| (one.body.as_str(), one.is_right)).collect();
    assert_eq!(kept, [("JAKARTA", Some(true)), ("bandung", Some(false))]);
}

#[tokio::test]
async fn a_survey_asks_one_question_after_another() {
    let gateway = Gateway::start().await;
    let mut replies = Replies::of(&gateway).await;
    let service = add(&gateway, "survei", survey()).await;
    // It has the keyword that an answer is.
    let other = add(&gateway, "ani", ServiceAction::Reply("never".to_owned())).await;
    for (said, back) in [
        ("SURVEI", "Nama?"),
        ("Ani", "Puas?"),
        ("mungkin", "Balas ya atau tidak."),
        ("YA", "Terima kasih."),
    ] {
        receive(&gateway, &message(SENDER, said)).await;
        assert_eq!(text(&replies.next().await), back, "{said}");
    }
    let kept = entries(&gateway, &service).await;
    let answers: Vec<_> = kept.iter().map(|one| (one.question, one.body.as_str())).collect();
    assert_eq!(answers, [(1, "ya"), (0, "Ani")]);
    assert!(kept[0].asking.is_some() && kept[0].asking == kept[1].asking);
    // It is over: the keyword counts again.
    receive(&gateway, &message(SENDER, "Ani")).await;
    assert_eq!(text(&replies.next().await), "never");
    over(&gateway, &other).await;
}

#[tokio::test]
async fn a_survey_is_left_by_its_word_and_a_stop_is_for_nobody() {
    let gateway = Gateway::start().await;
    let mut replies = Replies::of(&gateway).await;
    let service = add(&gateway, "survei", survey()).await;
    let rest = add(&gateway, "default", ServiceAction::Reply("?".to_owned())).await;
    receive(&gateway, &message(SENDER, "survei")).await;
    assert_eq!(text(&replies.next().await), "Nama?");
    // The stop words win always: the survey does not take it for an answer.
    let stop = MoReceived { wish: Some(Wish::Stop), ..message(SENDER, "stop") };
    receive(&gateway, &stop).await;
    let why = came_of(&gateway, &rest, stop.id).await.last_error.unwrap();
    assert!(why.contains("asks to be sent nothing more"), "{why}");
    let leave = message(SENDER, "Keluar");
    receive(&gateway, &leave).await;
    let why = came_of(&gateway, &service, leave.id).await.last_error.unwrap();
    assert!(why.contains("left the survey"), "{why}");
    receive(&gateway, &message(SENDER, "Ani")).await;
    assert_eq!(text(&replies.next().await), "?");
    assert_eq!(entries(&gateway, &service).await.len(), 0);
}

#[tokio::test]
async fn words_after_the_keyword_choose_the_answer() {
    let gateway = Gateway::start().await;
    let mut replies = Replies::of(&gateway).await;
    let line = |words: &str, reply: &str| ScenarioLine {
        words: words.split(' ').map(str::to_owned).collect(),
        reply: reply.to_owned(),
    };
    let scenario = Scenario {
        lines: vec![line("buka", "Senin, {from}"), line("buka minggu", "Tutup")],
        reply: "Tanya BUKA".to_owned(),
    };
    add(&gateway, "info", ServiceAction::Scenario(scenario)).await;
    for (said, back) in [
        ("info buka", format!("Senin, {SENDER}")),
        ("INFO Buka MINGGU", "Tutup".to_owned()),
        ("info apa", "Tanya BUKA".to_owned()),
    ] {
        receive(&gateway, &message(SENDER, said)).await;
        assert_eq!(text(&replies.next().await), back, "{said}");
    }
}

/// What is told as received, without what came first.
async fn told(events: &mut Deliveries<Event>, original: MessageId) -> MoReceived {
    loop {
        let next = tokio::time::timeout(testkit::PATIENCE, events.next());
        let delivery = next.await.expect("an event");
        let event = delivery.value.clone();
        delivery.ack().await.unwrap();
        if let Event::MoReceived(message) = event
            && message.id != original
        {
            return message;
        }
    }
}

#[tokio::test]
async fn a_message_is_put_into_the_inbox_of_who_is_named() {
    let gateway = Gateway::start().await;
    let mut events = gateway.bus.consume(&Durable::PersistenceEvents).await.unwrap();
    let mut replies = Replies::of(&gateway).await;
    let (ani, budi) = (user(&gateway, "ani").await, user(&gateway, "budi").await);
    let inbox = |users: Vec<UserId>, unknown: &str| {
        let (unknown, reply) = (unknown.to_owned(), "Sampai.".to_owned());
        ServiceAction::Inbox(InboxOf { users, unknown, reply })
    };
    let named = add(&gateway, "pv", inbox(Vec::new(), "Siapa?")).await;
    let both = add(&gateway, "rapat", inbox(vec![ani.id, budi.id], "")).await;
    let to_ani = message(SENDER, "PV Ani: halo");
    receive(&gateway, &to_ani).await;
    let copy = told(&mut events, to_ani.id).await;
    assert_eq!((copy.owner, &copy.text), (Some(ani.id), &to_ani.text));
    assert_eq!((copy.id, &copy.from), (MessageId::of_copy(to_ani.id, ani.id), &to_ani.from));
    assert_eq!(text(&replies.next().await), "Sampai.");
    let nobody = message(SENDER, "pv siapa halo");
    receive(&gateway, &nobody).await;
    assert_eq!(text(&replies.next().await), "Siapa?");
    assert_eq!(came_of(&gateway, &named, nobody.id).await.state, CallbackState::Done);
    // Who has the message already needs no copy.
    let of_ani = MoReceived { owner: Some(ani.id), ..message(SENDER, "rapat jam 9") };
    receive(&gateway, &of_ani).await;
    assert_eq!(told(&mut events, of_ani.id).await.id, nobody.id);
    assert_eq!(told(&mut events, of_ani.id).await.owner, Some(budi.id));
    came_of(&gateway, &both, of_ani.id).await;
    // The copies were told and set nothing off: their calls were over before.
    let calls = gateway.store.service_calls(everything(), named.id, 50).await.unwrap();
    let of_copy = calls.iter().find(|call| call.message == copy.id).unwrap();
    assert_eq!((of_copy.state, of_copy.replied_at), (CallbackState::Done, None));
}

async fn group(gateway: &Gateway, numbers: &[&str]) -> GroupId {
    let group =
        NewGroup { owner: Holder::Everybody, name: "warga".to_owned(), code: None, rule: None };
    let group =
        gateway.store.create_group(everything(), &group, Timestamp::now()).await.unwrap().id;
    let contacts: Vec<NewContact> = numbers
        .iter()
        .map(|number| NewContact {
            id: contracts::ContactId::new(),
            owner: Holder::Everybody,
            name: (*number).to_owned(),
            number: number.parse().unwrap(),
            email: None,
            note: None,
            tags: Vec::new(),
            fields: std::collections::BTreeMap::new(),
            groups: vec![group],
        })
        .collect();
    gateway.store.create_contacts(everything(), &contacts, Timestamp::now()).await.unwrap();
    group
}

#[tokio::test]
async fn a_forged_sender_sends_nothing_to_a_group() {
    let gateway = Gateway::start().await;
    let mut replies = Replies::of(&gateway).await;
    let group = group(&gateway, &["+628777000001", "+628777000002"]).await;
    let senders = vec![SENDER.parse().unwrap()];
    let action = ServiceAction::ToGroup(ToGroup { group, pin: None, senders });
    let service = add(&gateway, "#warga", action).await;
    let stranger = message(OTHER, "#warga halo");
    receive(&gateway, &stranger).await;
    let why = came_of(&gateway, &service, stranger.id).await.last_error.unwrap();
    assert!(why.contains("none of those who may send"), "{why}");

    receive(&gateway, &message(SENDER, "#WARGA Rapat  jam 9")).await;
    let asked = replies.next().await;
    assert_eq!(asked.to.as_str(), SENDER, "the code goes to the phone, whoever wrote");
    let code = text(&asked).split("reply ").nth(1).unwrap()[..6].to_owned();
    let wrong = if code == "000000" { "000001" } else { "000000" };
    let wrong = message(SENDER, wrong);
    receive(&gateway, &wrong).await;
    let why = came_of(&gateway, &service, wrong.id).await.last_error.unwrap();
    assert!(why.contains("not the one that was sent"), "{why}");
    let right = message(SENDER, &format!(" {code} "));
    receive(&gateway, &right).await;
    let mut to = Vec::new();
    for _ in 0..2 {
        let sent = replies.next().await;
        assert_eq!(text(&sent), "Rapat  jam 9");
        to.push(sent.to.to_string());
    }
    to.sort();
    assert_eq!(to, ["+628777000001", "+628777000002"]);
    // A code is good once: now it is a text as any other, which no service takes.
    came_of(&gateway, &service, right.id).await;
    receive(&gateway, &message(SENDER, &code)).await;
    receive(&gateway, &message(SENDER, "#warga")).await;
    let why = wait_for("the refusal", || async {
        let calls = gateway.store.service_calls(everything(), service.id, 1).await.ok()?;
        calls.into_iter().next()?.last_error
    })
    .await;
    assert!(why.contains("nothing follows the keyword"), "{why}");
}

#[tokio::test]
async fn a_pin_lets_a_text_go_and_is_struck_first() {
    let gateway = Gateway::start().await;
    let mut replies = Replies::of(&gateway).await;
    let group = group(&gateway, &["+628777000001", SENDER]).await;
    let pin = to_group::hash("481516", [7; 16]);
    let action = ServiceAction::ToGroup(ToGroup { group, pin, senders: Vec::new() });
    let service = add(&gateway, "bc", action).await;
    let said = message(SENDER, "BC 481516 Rapat jam 9");
    receive(&gateway, &said).await;
    // Nothing happens before the row is there from which the PIN is struck.
    wait_for("the call to wait", || async {
        let calls = gateway.store.service_calls(everything(), service.id, 1).await.ok()?;
        let call = calls.into_iter().next()?;
        (call.state == CallbackState::Pending).then_some(())
    })
    .await;
    let store = async |message: &MoReceived, sequence: u64| {
        let body = StoredEventBody::Received(message.clone());
        gateway.store.project_events(&[StoredEvent { sequence, body }]).await.unwrap();
    };
    store(&said, 1).await;
    // It goes to the contacts, and not back to who sent it.
    let sent = replies.next().await;
    assert_eq!((text(&sent), sent.to.as_str()), ("Rapat jam 9", "+628777000001"));
    came_of(&gateway, &service, said.id).await;
    let kept = gateway.store.received(everything(), said.id).await.unwrap().unwrap();
    assert_eq!(kept.text.as_deref(), Some("BC **** Rapat jam 9"));
    for n in 0..4_u64 {
        let wrong = message(SENDER, "bc 000000 Halo");
        store(&wrong, 2 + n).await;
        receive(&gateway, &wrong).await;
        let why = came_of(&gateway, &service, wrong.id).await.last_error.unwrap();
        let words = if n < 3 { "the PIN is wrong" } else { "too many PINs were wrong" };
        assert!(why.contains(words), "{n}: {why}");
    }
    // The right one is not looked at either.
    let late = message(SENDER, "bc 481516 Halo");
    store(&late, 9).await;
    receive(&gateway, &late).await;
    let why = came_of(&gateway, &service, late.id).await.last_error.unwrap();
    assert!(why.contains("too many PINs were wrong"), "{why}");
}

/// Two copies go on with what a third one left when it was killed.
#[tokio::test]
async fn what_a_killed_copy_left_is_done_once() {
    let mut gateway = Gateway::start().await;
    gateway.stop_service().await;
    let mut events = gateway.bus.consume(&Durable::PersistenceEvents).await.unwrap();
    let mut replies = Replies::of(&gateway).await;
    let ani = user(&gateway, "ani").await;
    let group = group(&gateway, &["+628777000001"]).await;
    let past = Timestamp::now().minus(Duration::from_mins(1));
    let board = Board { address: None, shown: 9, reply: String::new() };
    let inbox = InboxOf { users: vec![ani.id], unknown: String::new(), reply: String::new() };
    let pin = to_group::hash("481516", [7; 16]);
    let to_group = ToGroup { group, pin, senders: Vec::new() };
    let mut left = Vec::new();
    for (n, (keyword, said, action)) in [
        ("kuis", "kuis jakarta", quiz()),
        ("survei", "survei", survey()),
        ("papan", "papan banjir", ServiceAction::Board(board)),
        ("rapat", "rapat jam 9", ServiceAction::Inbox(inbox)),
        ("bc", "bc 481516 Halo", ServiceAction::ToGroup(to_group)),
    ]
    .into_iter()
    .enumerate()
    {
        let service = add(&gateway, keyword, action).await;
        let message = message(&format!("+62811122233{n}"), said);
        let body = StoredEventBody::Received(message.clone());
        let sequence = u64::try_from(n).unwrap() + 1;
        gateway.store.project_events(&[StoredEvent { sequence, body }]).await.unwrap();
        let new = NewServiceCall { service: service.id, message: message.clone(), next_at: past };
        gateway.store.create_service_call(&new, past).await.unwrap().unwrap();
        left.push((service, message.id));
    }
    gateway.start_service(config());
    let first = gateway.take_service();
    gateway.start_service(config());
    let mut said = Vec::new();
    for _ in 0..3 {
        said.push(text(&replies.next().await).to_owned());
    }
    said.sort();
    assert_eq!(said, ["Benar!", "Halo", "Nama?"]);
    assert_eq!(told(&mut events, MessageId::new()).await.owner, Some(ani.id));
    for (service, message) in &left {
        came_of(&gateway, service, *message).await;
    }
    for (service, kept) in [(&left[0].0, 1), (&left[1].0, 0), (&left[2].0, 1), (&left[4].0, 0)] {
        assert_eq!(entries(&gateway, service).await.len(), kept, "{}", service.name);
    }
    let second = gateway.take_service();
    gateway.give_service(first);
    gateway.stop_service().await;
    gateway.give_service(second);
    gateway.stop_service().await;
}

/// A copy was killed when the code had come and the text was kept: the next one sends the text to the group, and no code.
#[tokio::test]
async fn a_text_for_a_group_is_sent_by_whoever_goes_on() {
    let mut gateway = Gateway::start().await;
    gateway.stop_service().await;
    let mut replies = Replies::of(&gateway).await;
    let group = group(&gateway, &["+628777000001"]).await;
    let senders = vec![SENDER.parse().unwrap()];
    let action = ServiceAction::ToGroup(ToGroup { group, pin: None, senders });
    let service = add(&gateway, "#warga", action).await;
    let past = Timestamp::now().minus(Duration::from_mins(1));
    let left = async |said: &str, reply: &str, deed: Option<store::ServiceDeed>| -> CallbackId {
        let message = message(SENDER, said);
        let new = NewServiceCall { service: service.id, message, next_at: past };
        let id = gateway.store.create_service_call(&new, past).await.unwrap().unwrap();
        let cap = store::Cap { most: 9, since: past };
        let caps = store::ReplyCaps { sender: cap, machine: cap, account: None };
        let after = store::AfterCall::Reply { text: reply.to_owned(), caps, next_at: past };
        let settled = match deed {
            Some(deed) => gateway.store.settle_deed(id, &deed, &after, past).await,
            None => gateway.store.settle_service_call(id, None, &after, past).await,
        };
        assert!(settled.unwrap());
        id
    };
    let asks = store::NewAsking {
        service: service.id,
        sim: sim(),
        sender: SENDER.parse().unwrap(),
        code: Some("123456".to_owned()),
        body: Some("Rapat".to_owned()),
        expires_at: Timestamp::now().plus(Duration::from_mins(5)),
    };
    let asked = left("#warga Rapat", "Balas 123456", Some(store::ServiceDeed::Ask(asks))).await;
    left("123456", "Rapat", Some(store::ServiceDeed::End(asked))).await;
    gateway.start_service(config());
    let mut sent = Vec::new();
    for _ in 0..2 {
        let next = replies.next().await;
        sent.push((next.to.to_string(), text(&next).to_owned()));
    }
    sent.sort();
    let of = |to: &str, text: &str| (to.to_owned(), text.to_owned());
    assert_eq!(sent, [of(SENDER, "Balas 123456"), of("+628777000001", "Rapat")]);
}

#[tokio::test]
async fn what_no_service_takes_stays_in_the_inbox_of_its_sim() {
    let gateway = Gateway::start().await;
    let mut replies = Replies::of(&gateway).await;
    let info = NewService {
        max_messages: 1,
        ..new(UserId::internal(), "info", ServiceAction::Reply("Ya".to_owned()))
    };
    let info = gateway.store.create_service(everything(), &info, Timestamp::now()).await.unwrap();
    let ani = user(&gateway, "ani").await;
    // They read what comes to a SIM, and belongs to nobody, who may read what it receives.
    let readers = SimChange { readers: Some(Access::only([ani.id])), ..SimChange::default() };
    gateway.store.change_sim(everything(), sim(), &readers, Timestamp::now()).await.unwrap();
    let said = message(SENDER, "halo");
    let body = StoredEventBody::Received(said.clone());
    gateway.store.project_events(&[StoredEvent { sequence: 1, body }]).await.unwrap();
    receive(&gateway, &said).await;
    receive(&gateway, &message(SENDER, "info")).await;
    assert_eq!(text(&replies.next().await), "Ya", "the first that is answered");
    let calls = gateway.store.service_calls(everything(), info.id, 9).await.unwrap();
    assert_eq!(calls.len(), 1);
    let budi = user(&gateway, "budi").await;
    for (reach, reads) in [(everything(), true), (ani.reach(), true), (budi.reach(), false)] {
        let read = gateway.store.received(reach, said.id).await.unwrap();
        assert_eq!(read.is_some(), reads, "{reach:?}");
    }
}
