//! Keyword services: who is called, and what is sent back.

use std::time::Duration;

use contracts::config_kv::Access;
use contracts::mo::{MoReceived, Wish};
use contracts::modem::ModemState;
use contracts::mt::MtRequest;
use contracts::{Address, CallbackId, Holder, MessageId, ModemId, OrgId, SimId, Timestamp, UserId};
use store::{
    AfterCall, CallbackState, Cap, ContactFilter, ConversationChange, GatewayChange, LoggedCall,
    NamePage, NewGroup, NewService, NewServiceCall, NewUser, Reach, Reader, ReplyCaps, Role,
    Service, ServiceAction, ServiceRule, SimChange, StoredEvent, StoredEventBody, StoredRequest,
    User,
};
use testkit::wait_for;

use crate::endpoint::{Answering, Asked};
use crate::gateway::{Gateway, config};
use crate::replies::{Replies, text};

pub(crate) const SENDER: &str = "+628123456789";

pub(crate) fn everything() -> Reach {
    Reach::everything(OrgId::default_org())
}

pub(crate) fn sim() -> SimId {
    SimId::derived("s")
}

pub(crate) fn message(from: &str, text: &str) -> MoReceived {
    MoReceived {
        id: MessageId::new(),
        org: OrgId::default_org(),
        owner: None,
        modem: ModemId::derived("m"),
        sim: sim(),
        to: Some("+62811000001".parse().unwrap()),
        from: Address::from_text(from),
        text: Some(text.to_owned()),
        data: None,
        class: None,
        ports: None,
        parts: 1,
        missing: Vec::new(),
        pdus: Vec::new(),
        smsc_at: Some("2026-11-30T14:04:57Z".parse().unwrap()),
        received_at: Timestamp::now(),
        wish: None,
    }
}

pub(crate) fn new(owner: UserId, keyword: &str, action: ServiceAction) -> NewService {
    NewService {
        owner,
        name: format!("{keyword} of {owner}"),
        keywords: vec![keyword.to_owned()],
        rule: ServiceRule::default(),
        action,
        reply_with_body: true,
        max_messages: 1,
        omit_empty: false,
    }
}

async fn add(gateway: &Gateway, keyword: &str, url: String) -> Service {
    let new = new(UserId::internal(), keyword, ServiceAction::GetUrl(url));
    gateway.store.create_service(everything(), &new, Timestamp::now()).await.unwrap()
}

pub(crate) async fn receive(gateway: &Gateway, message: &MoReceived) {
    gateway.bus.publish(message).await.unwrap();
}

/// The last call of a service once it is over.
pub(crate) async fn over(gateway: &Gateway, service: &Service) -> LoggedCall {
    wait_for("the call to be over", || async {
        let calls = gateway.store.service_calls(everything(), service.id, 1).await.ok()?;
        calls.into_iter().find(|call| call.state != CallbackState::Pending)
    })
    .await
}

#[tokio::test]
async fn a_url_is_called_and_its_answer_goes_back_to_the_sender() {
    let gateway = Gateway::start().await;
    let mut replies = Replies::of(&gateway).await;
    let mut program = Answering::start(&[("text/plain", "Buka jam 9.\n")]).await;
    let service = add(&gateway, "info", program.url("/?k=%k&r=%r&p=%p&P=%P&t=%t&d=%d&n=%n")).await;
    let mo = message(SENDER, "INFO  jadwal a&b");
    receive(&gateway, &mo).await;
    // Told again, as after a lost acknowledgement: by another id of the broker, so that it comes through.
    let fuller = MoReceived { missing: vec![2], ..mo.clone() };
    receive(&gateway, &fuller).await;
    let asked = program.asked().await;
    let name = format!("info+of+{}", UserId::internal());
    assert_eq!(
        asked.target,
        format!(
            "/?k=INFO&r=jadwal+a%26b&p=%2B628123456789&P=%2B62811000001&t=2026-11-30+14:04:57&d=-1&n={name}"
        )
    );
    let sent = replies.next().await;
    assert_eq!((text(&sent), sent.to.as_str()), ("Buka jam 9.", SENDER));
    assert_eq!((sent.sim, sent.owner), (Some(sim()), UserId::internal()));
    let call = over(&gateway, &service).await;
    assert_eq!((call.state, call.message, call.attempts), (CallbackState::Done, mo.id, 1));
    assert_eq!(sent.id, Some(MessageId::of_reply(call.id)));
    // A later message is answered after all of this one: so nothing more was called or sent for it.
    receive(&gateway, &message(SENDER, "info lagi")).await;
    assert_eq!(program.asked().await.target.split('&').nth(1), Some("r=lagi"));
    assert_ne!(replies.next().await.id, sent.id);
}

#[tokio::test]
async fn texts_and_xml_are_posted_and_a_fixed_text_is_sent_without_a_call() {
    let gateway = Gateway::start().await;
    let mut replies = Replies::of(&gateway).await;
    let mut program = Answering::start(&[("text/plain", "")]).await;
    for (keyword, action) in [
        ("post", ServiceAction::PostUrl(program.url("/post?k=%k"))),
        ("xml", ServiceAction::PostXml(program.url("/xml"))),
        ("jam", ServiceAction::Reply("Buka jam 9.".to_owned())),
    ] {
        let new = new(UserId::internal(), keyword, action);
        gateway.store.create_service(everything(), &new, Timestamp::now()).await.unwrap();
    }
    receive(&gateway, &message(SENDER, "Post halo")).await;
    let Asked { target, headers, body } = program.asked().await;
    assert_eq!((target.as_str(), body.as_str()), ("/post?k=Post", "Post halo"));
    assert_eq!(
        (headers["x-kannel-from"].as_str(), headers["x-kannel-to"].as_str()),
        (SENDER, "+62811000001")
    );
    assert_eq!(text(&replies.next().await), "<Empty reply from service provider>");
    receive(&gateway, &message(SENDER, "xml halo")).await;
    let asked = program.asked().await;
    assert!(asked.body.contains("<ud>xml+halo</ud>"), "{asked:?}");
    replies.next().await;
    receive(&gateway, &message(SENDER, "JAM")).await;
    assert_eq!(text(&replies.next().await), "Buka jam 9.");
    assert!(!program.was_asked());
}

pub(crate) async fn user(gateway: &Gateway, name: &str) -> User {
    let new =
        NewUser { name: name.to_owned(), password_hash: None, role: Role::User, language: None };
    gateway.store.create_user(everything(), &new, Timestamp::now()).await.unwrap()
}

#[tokio::test]
async fn a_service_takes_what_its_account_may_read_and_default_the_rest() {
    let gateway = Gateway::start().await;
    let (ani, budi) = (user(&gateway, "ani").await, user(&gateway, "budi").await);
    let readers = SimChange { readers: Some(Access::only([budi.id])), ..SimChange::default() };
    gateway.store.change_sim(everything(), sim(), &readers, Timestamp::now()).await.unwrap();
    let mut program = Answering::start(&[("text/html", "<p>")]).await;
    for (owner, keyword) in [(&ani, "info"), (&budi, "info"), (&budi, "default")] {
        let action = ServiceAction::GetUrl(program.url(&format!("/{}/{keyword}", owner.name)));
        let new = new(owner.id, keyword, action);
        gateway.store.create_service(owner.reach(), &new, Timestamp::now()).await.unwrap();
    }
    for (mo, target) in [
        (message(SENDER, "info"), "/budi/info"),
        (message(SENDER, "informasi"), "/budi/default"),
        (message(SENDER, ""), "/budi/default"),
        (MoReceived { owner: Some(ani.id), ..message(SENDER, "info") }, "/ani/info"),
    ] {
        receive(&gateway, &mo).await;
        assert_eq!(program.asked().await.target, target);
    }
    let services = gateway.store.services(budi.reach()).await.unwrap();
    let call = over(&gateway, &services[0]).await;
    assert_eq!(
        call.last_error.as_deref(),
        Some("it answered with text/html, and only text/plain is sent back")
    );
}

#[tokio::test]
async fn nobody_is_answered_who_is_no_person_and_nobody_too_often() {
    let mut config = config();
    config.replies = "2/1h".parse().unwrap();
    let mut gateway = Gateway::start_with(config.clone()).await;
    gateway.stop_service().await;
    let mut replies = Replies::of(&gateway).await;
    let own = "+62822000002";
    let mut state: ModemState =
        serde_json::from_str(include_str!("../../../../shared/contracts/golden/modem_state.json"))
            .unwrap();
    state.sim.as_mut().expect("a SIM").number = Some(own.parse().unwrap());
    let states = gateway.bus.kv::<ModemState>(bus::Bucket::Modems).await.unwrap();
    states.put(&state.id.to_string(), &state).await.unwrap();
    gateway.start_service(config);
    let mut program = Answering::start(&[("text/plain", "Buka")]).await;
    let service = add(&gateway, "info", program.url("/")).await;
    for (from, why) in [("BANK", "a name"), ("888", "a short code"), (own, "own SIMs")] {
        receive(&gateway, &message(from, "info")).await;
        program.asked().await;
        wait_for("the refusal", || async {
            let calls = gateway.store.service_calls(everything(), service.id, 1).await.ok()?;
            let said = calls.first()?.last_error.as_deref()?;
            said.contains(why).then_some(())
        })
        .await;
    }
    for _ in 0..4 {
        receive(&gateway, &message(SENDER, "info")).await;
        program.asked().await;
    }
    let to_sender = async |replies: &mut Replies| loop {
        let reply = replies.next().await;
        if reply.to.as_str() == SENDER {
            return;
        }
    };
    to_sender(&mut replies).await;
    to_sender(&mut replies).await;
    wait_for("two refusals", || async {
        let calls = gateway.store.service_calls(everything(), service.id, 4).await.ok()?;
        let enough = |call: &&LoggedCall| {
            call.last_error.as_ref().is_some_and(|why| why.contains("as many replies"))
        };
        (calls.iter().filter(enough).count() == 2).then_some(())
    })
    .await;
}

/// A copy was killed when the URL had answered: the next one sends the reply and calls nobody.
#[tokio::test]
async fn what_was_answered_is_sent_back_once_by_whoever_goes_on() {
    let mut gateway = Gateway::start().await;
    gateway.stop_service().await;
    let mut replies = Replies::of(&gateway).await;
    let mut program = Answering::start(&[("text/plain", "never")]).await;
    let service = add(&gateway, "info", program.url("/")).await;
    let past = Timestamp::now().minus(Duration::from_hours(1));
    let answered = async |text: &str| {
        let message = message(SENDER, text);
        let new = NewServiceCall { service: service.id, message, next_at: past };
        let id = gateway.store.create_service_call(&new, past).await.unwrap().unwrap();
        let caps = ReplyCaps {
            sender: Cap { most: 9, since: past },
            machine: Cap { most: 9, since: past },
            account: None,
        };
        let after = AfterCall::Reply { text: "Buka".to_owned(), caps, next_at: past };
        assert!(gateway.store.settle_service_call(id, None, &after, past).await.unwrap());
        id
    };
    // One whose reply the broker had too, before the copy was killed.
    let known = answered("info 1").await;
    let mut request = MtRequest::text(SENDER.parse().unwrap(), "Buka");
    request.id = Some(MessageId::of_reply(known));
    let stored = StoredRequest::new(request, contracts::Priority::Normal, Timestamp::now(), 1);
    gateway.store.project_requests(&[stored]).await.unwrap();
    let unknown = answered("info 2").await;
    gateway.start_service(config());
    let first = gateway.take_service();
    gateway.start_service(config());
    let reply = replies.next().await;
    assert_eq!((reply.id, text(&reply)), (Some(MessageId::of_reply(unknown)), "Buka"));
    wait_for("both to be over", || async {
        let calls = gateway.store.service_calls(everything(), service.id, 9).await.ok()?;
        calls.iter().all(|call| call.state == CallbackState::Done).then_some(())
    })
    .await;
    assert!(!program.was_asked());
    let second = gateway.take_service();
    gateway.give_service(first);
    gateway.stop_service().await;
    gateway.give_service(second);
    gateway.stop_service().await;
}

#[tokio::test]
async fn what_a_blocked_number_sends_is_taken_by_no_service() {
    let gateway = Gateway::start().await;
    let mut replies = Replies::of(&gateway).await;
    let new = new(UserId::internal(), "default", ServiceAction::Reply("Halo".to_owned()));
    let service = gateway.store.create_service(everything(), &new, Timestamp::now()).await.unwrap();
    let before = message(SENDER, "spam");
    let event = StoredEvent { sequence: 1, body: StoredEventBody::Received(before) };
    gateway.store.project_events(&[event]).await.unwrap();
    let block = async |blocked| {
        let with = Address::from_text(SENDER);
        let reader = Reader { account: UserId::internal(), sent: true, names: true };
        let change = ConversationChange { blocked: Some(blocked), ..ConversationChange::default() };
        let now = Timestamp::now();
        gateway.store.change_conversation(everything(), reader, &with, change, now).await.unwrap()
    };
    assert!(block(true).await);
    receive(&gateway, &message(SENDER, "more spam")).await;
    receive(&gateway, &message("+628123456780", "jam?")).await;
    assert_eq!(replies.next().await.to.as_str(), "+628123456780");
    assert!(block(false).await);
    receive(&gateway, &message(SENDER, "sorry")).await;
    assert_eq!(replies.next().await.to.as_str(), SENDER);
    let calls = gateway.store.service_calls(everything(), service.id, 9).await.unwrap();
    assert_eq!(calls.len(), 2);
}

#[tokio::test]
async fn a_url_that_fails_is_tried_again_and_nobody_is_told_of_it() {
    let gateway = Gateway::start().await;
    let mut replies = Replies::of(&gateway).await;
    let mut program = Answering::start(&[("500", "oops"), ("text/plain", "Buka")]).await;
    let service = add(&gateway, "info", program.url("/")).await;
    receive(&gateway, &message(SENDER, "info")).await;
    program.asked().await;
    program.asked().await;
    assert_eq!(text(&replies.next().await), "Buka");
    let call = over(&gateway, &service).await;
    assert_eq!((call.attempts, call.http_status, call.last_error), (2, Some(200), None));
}

/// Half an answer is none.
#[tokio::test]
async fn an_answer_that_breaks_off_is_asked_for_again() {
    let gateway = Gateway::start().await;
    let mut replies = Replies::of(&gateway).await;
    let answers = [(Answering::BREAKS_OFF, "Saldo Anda Rp1"), ("text/plain", "Saldo Anda Rp10")];
    let program = Answering::start(&answers).await;
    let service = add(&gateway, "saldo", program.url("/")).await;
    receive(&gateway, &message(SENDER, "saldo")).await;
    assert_eq!(text(&replies.next().await), "Saldo Anda Rp10");
    assert_eq!(over(&gateway, &service).await.attempts, 2);
}

#[tokio::test]
async fn a_fixed_text_is_cut_to_what_the_router_takes_and_of_no_parts_nothing_is_sent() {
    let gateway = Gateway::start().await;
    let mut replies = Replies::of(&gateway).await;
    let add = async |keyword: &str, text: &str, max_messages: u8| {
        let action = ServiceAction::Reply(text.to_owned());
        let new = NewService { max_messages, ..new(UserId::internal(), keyword, action) };
        gateway.store.create_service(everything(), &new, Timestamp::now()).await.unwrap()
    };
    let none = add("diam", "Buka jam 9.", 0).await;
    add("panjang", &"x".repeat(2_000), 20).await;
    receive(&gateway, &message(SENDER, "diam")).await;
    let call = over(&gateway, &none).await;
    assert_eq!((call.state, call.replied_at), (CallbackState::Done, None));
    receive(&gateway, &message(SENDER, "panjang")).await;
    // The first that is sent at all.
    assert_eq!(text(&replies.next().await).len(), 10 * 153);
}

/// Hours may be between the message and the next try.
#[tokio::test]
async fn an_account_that_may_no_longer_read_a_message_is_not_told_of_it() {
    let mut gateway = Gateway::start().await;
    gateway.stop_service().await;
    let mut program = Answering::start(&[("text/plain", "never")]).await;
    let (ani, budi) = (user(&gateway, "ani").await, user(&gateway, "budi").await);
    let past = Timestamp::now().minus(Duration::from_hours(1));
    let mut services = Vec::new();
    for owner in [&ani, &budi] {
        let new = new(owner.id, "info", ServiceAction::GetUrl(program.url("/")));
        let service = gateway.store.create_service(owner.reach(), &new, past).await.unwrap();
        let call =
            NewServiceCall { service: service.id, message: message(SENDER, "info"), next_at: past };
        gateway.store.create_service_call(&call, past).await.unwrap().unwrap();
        services.push(service);
    }
    gateway.store.set_user_enabled(everything(), ani.id, false, Timestamp::now()).await.unwrap();
    let readers = SimChange { readers: Some(Access::only([])), ..SimChange::default() };
    gateway.store.change_sim(everything(), sim(), &readers, Timestamp::now()).await.unwrap();
    gateway.start_service(config());
    for (service, why) in services.iter().zip(["is disabled", "may not read the message"]) {
        let call = over(&gateway, service).await;
        assert!(call.last_error.as_ref().is_some_and(|said| said.contains(why)), "{call:?}");
    }
    assert!(!program.was_asked());
}

#[tokio::test]
async fn no_service_is_called_while_isolated_and_each_message_is_one_call_afterwards() {
    let gateway = Gateway::start().await;
    let mut program = Answering::start(&[("text/plain", "")]).await;
    let service = add(&gateway, "info", program.url("/?r=%r")).await;
    let change = async |change| {
        gateway.store.change_gateway(everything(), &change, Timestamp::now()).await.unwrap();
    };
    change(GatewayChange::Isolate).await;
    let first = message(SENDER, "info satu");
    receive(&gateway, &first).await;
    let calls = wait_for("the call to be kept", || async {
        let calls = gateway.store.service_calls(everything(), service.id, 9).await.ok()?;
        (!calls.is_empty()).then_some(calls)
    })
    .await;
    assert_eq!((calls[0].message, calls[0].attempts), (first.id, 0));
    change(GatewayChange::Resume).await;
    assert_eq!(program.asked().await.target, "/?r=satu");
    receive(&gateway, &message(SENDER, "info dua")).await;
    assert_eq!(program.asked().await.target, "/?r=dua");
    assert!(!program.was_asked());
}

/// An expression takes what no keyword takes, `default` what neither does, and what else a service asks of a message counts
/// for each of them.
#[tokio::test]
async fn expressions_are_asked_after_keywords_in_their_order_and_before_default() {
    let gateway = Gateway::start().await;
    let mut replies = Replies::of(&gateway).await;
    let add = async |name: &str, keywords: &[&str], rule: ServiceRule| {
        let action = ServiceAction::Reply(format!("{name}: {{rest}}"));
        let keywords = keywords.iter().map(|word| (*word).to_owned()).collect();
        let new = NewService {
            name: name.to_owned(),
            keywords,
            rule,
            ..new(UserId::internal(), name, action)
        };
        gateway.store.create_service(everything(), &new, Timestamp::now()).await.unwrap();
    };
    let of = |pattern: &str, place: u16| ServiceRule {
        pattern: Some(pattern.to_owned()),
        place,
        ..ServiceRule::default()
    };
    add("default", &["default"], ServiceRule::default()).await;
    add("second", &[], of("[0-9]+", 20)).await;
    add("first", &[], of("^pesan [0-9]+", 10)).await;
    add("elsewhere", &[], ServiceRule { sim: Some(SimId::derived("other")), ..of(".*", 1) }).await;
    add(
        "info",
        &["info"],
        ServiceRule { sender: Some("+628".to_owned()), ..ServiceRule::default() },
    )
    .await;
    for (from, said, answer) in [
        (SENDER, "INFO 12", "info: 12"),
        (SENDER, "Pesan 3 porsi", "first: 3 porsi"),
        (SENDER, "kirim 3", "second: 3"),
        (SENDER, "halo apa kabar", "default: apa kabar"),
        // Who sends it is none of those for whom the keyword is.
        ("+447700900123", "info 12", "second: 12"),
    ] {
        receive(&gateway, &message(from, said)).await;
        let reply = replies.next().await;
        assert_eq!((text(&reply), reply.to.as_str()), (answer, from), "{said}");
    }
}

#[tokio::test]
async fn a_text_is_sent_on_once_to_each_and_to_no_sim_of_ours() {
    let mut gateway = Gateway::start().await;
    gateway.stop_service().await;
    let mut replies = Replies::of(&gateway).await;
    let own = "+62822000002";
    let mut state: ModemState =
        serde_json::from_str(include_str!("../../../../shared/contracts/golden/modem_state.json"))
            .unwrap();
    state.sim.as_mut().expect("a SIM").number = Some(own.parse().unwrap());
    let states = gateway.bus.kv::<ModemState>(bus::Bucket::Modems).await.unwrap();
    states.put(&state.id.to_string(), &state).await.unwrap();
    gateway.start_service(config());
    let action = ServiceAction::Forward {
        to: ["+628111", "0822000002", SENDER, "+628222"].map(|to| to.parse().unwrap()).to_vec(),
        text: "Dari {from}: {text}".to_owned(),
    };
    let new = NewService { max_messages: 4, ..new(UserId::internal(), "default", action) };
    let service = gateway.store.create_service(everything(), &new, Timestamp::now()).await.unwrap();
    // Whoever sends it: a name too, which nothing could be sent back to.
    for (from, told) in
        [("BANK", vec!["+628111", SENDER, "+628222"]), (SENDER, vec!["+628111", "+628222"])]
    {
        let mo = message(from, "banjir di pasar");
        receive(&gateway, &mo).await;
        let call = wait_for("the call to be over", || async {
            let calls = gateway.store.service_calls(everything(), service.id, 1).await.ok()?;
            let is_it =
                |call: &LoggedCall| call.message == mo.id && call.state == CallbackState::Done;
            calls.into_iter().find(is_it)
        })
        .await;
        assert_eq!(call.last_error, None);
        for to in told {
            let sent = replies.next().await;
            assert_eq!((sent.to.as_str(), sent.sim), (to, Some(sim())));
            assert_eq!(text(&sent), format!("Dari {from}: banjir di pasar"));
            let id = CallbackId::of_forward(call.id, &sent.to);
            assert_eq!(sent.id, Some(MessageId::of_reply(id)));
        }
    }
    // What is made for an application goes nowhere.
    receive(&gateway, &MoReceived { ports: Some((2_948, 9_200)), ..message(SENDER, "x") }).await;
    wait_for("the refusal", || async {
        let calls = gateway.store.service_calls(everything(), service.id, 1).await.ok()?;
        let why = calls.first()?.last_error.as_deref()?;
        why.contains("for an application").then_some(())
    })
    .await;
}

/// Who writes without an end has no more sent on than would be sent back.
#[tokio::test]
async fn what_is_sent_on_is_counted_by_its_sender() {
    let mut settings = config();
    settings.replies = "1/1h".parse().unwrap();
    let gateway = Gateway::start_with(settings).await;
    let to = vec!["+628111".parse().unwrap()];
    let action = ServiceAction::Forward { to, text: "{text}".to_owned() };
    let new = new(UserId::internal(), "default", action);
    let service = gateway.store.create_service(everything(), &new, Timestamp::now()).await.unwrap();
    let mut replies = Replies::of(&gateway).await;
    receive(&gateway, &message("BANK", "1")).await;
    assert_eq!(text(&replies.next().await), "1");
    receive(&gateway, &message("BANK", "2")).await;
    wait_for("the refusal", || async {
        let calls = gateway.store.service_calls(everything(), service.id, 1).await.ok()?;
        calls.first()?.last_error.as_deref()?.contains("as many replies").then_some(())
    })
    .await;
    receive(&gateway, &message("SHOP", "3")).await;
    assert_eq!(text(&replies.next().await), "3");
}

#[tokio::test]
async fn a_sender_joins_a_group_and_leaves_it_and_is_told_so() {
    let gateway = Gateway::start().await;
    let mut replies = Replies::of(&gateway).await;
    let group =
        NewGroup { owner: Holder::Everybody, name: "warga".to_owned(), code: None, rule: None };
    let group =
        gateway.store.create_group(everything(), &group, Timestamp::now()).await.unwrap().id;
    let reply = "{keyword}: ya.".to_owned();
    for (keyword, action) in [
        ("ikut", ServiceAction::Subscribe { group, reply }),
        ("keluar", ServiceAction::Unsubscribe { group, reply: String::new() }),
    ] {
        let new = new(UserId::internal(), keyword, action);
        gateway.store.create_service(everything(), &new, Timestamp::now()).await.unwrap();
    }
    let members = async || {
        let filter = ContactFilter { group: Some(group), ..ContactFilter::default() };
        let page = NamePage { after: None, limit: 9 };
        let (members, _) = gateway.store.contacts(everything(), &filter, &page).await.unwrap();
        members.into_iter().map(|one| one.number.to_string()).collect::<Vec<_>>()
    };
    receive(&gateway, &message(SENDER, "Ikut")).await;
    // The reply comes after the row.
    assert_eq!(text(&replies.next().await), "Ikut: ya.");
    assert_eq!(members().await, [SENDER]);
    let services = gateway.store.services(everything()).await.unwrap();
    receive(&gateway, &message("BANK", "ikut")).await;
    wait_for("the refusal", || async {
        let calls = gateway.store.service_calls(everything(), services[0].id, 1).await.ok()?;
        calls.first()?.last_error.as_deref()?.contains("a name").then_some(())
    })
    .await;
    assert_eq!(members().await, [SENDER]);
    // Who asks to be sent nothing leaves too.
    let stop = MoReceived { wish: Some(Wish::Stop), ..message(SENDER, "keluar") };
    receive(&gateway, &stop).await;
    assert_eq!(over(&gateway, &services[1]).await.message, stop.id);
    assert_eq!(members().await, [""; 0]);
}

#[tokio::test]
async fn a_sender_votes_and_may_think_again() {
    let gateway = Gateway::start().await;
    let mut replies = Replies::of(&gateway).await;
    let action = ServiceAction::Vote {
        options: vec!["ya".to_owned(), "tidak".to_owned()],
        reply: "Suara Anda: {word1}".to_owned(),
    };
    let new = new(UserId::internal(), "pilih", action);
    let service = gateway.store.create_service(everything(), &new, Timestamp::now()).await.unwrap();
    let votes = async || gateway.store.service_votes(everything(), service.id).await.unwrap();
    for (from, said, counted) in [
        (SENDER, "Pilih YA", vec![("ya".to_owned(), 1)]),
        ("+628111222333", "pilih ya", vec![("ya".to_owned(), 2)]),
        (SENDER, "pilih tidak", vec![("tidak".to_owned(), 1), ("ya".to_owned(), 1)]),
    ] {
        receive(&gateway, &message(from, said)).await;
        let reply = replies.next().await;
        assert!(text(&reply).starts_with("Suara Anda: "), "{}", text(&reply));
        assert_eq!(votes().await, counted, "{said}");
    }
    let mo = message(SENDER, "pilih mungkin");
    receive(&gateway, &mo).await;
    wait_for("the refusal", || async {
        let calls = gateway.store.service_calls(everything(), service.id, 1).await.ok()?;
        let last = calls.into_iter().find(|call| call.message == mo.id)?;
        last.last_error?.contains("none of the options").then_some(())
    })
    .await;
    assert_eq!(votes().await.len(), 2);
}
