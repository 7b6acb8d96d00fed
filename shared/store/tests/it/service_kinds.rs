//! Keyword services that ask, keep and hand on.

use contracts::{Address, CallbackId, MessageId, PhoneNumber, SimId, UserId};
use store::{
    AfterCall, Answering, Board, Cap, ChangeServiceError, CreateServiceError, Entry, Keeping,
    MOST_CODES, MOST_OF_BOARD, MOST_PINS, MOST_PINS_OF_SERVICE, NewAsking, NewEntry, NewService,
    NewServiceCall, ReplyCaps, Service, ServiceAction, ServiceChange, ServiceDeed, Store, Vote,
};

use crate::sample::{at, everything, mo, org, received};
use crate::services::new_service;

const DONE: AfterCall = AfterCall::Done(None);

fn board(address: &str, shown: u16) -> ServiceAction {
    let address = Some(address.to_owned());
    ServiceAction::Board(Board { address, shown, reply: String::new() })
}

async fn service(store: &Store, name: &str, action: ServiceAction) -> Service {
    let new = NewService { action, ..new_service(UserId::internal(), name, &[name]) };
    store.create_service(everything(), &new, at(0)).await.unwrap()
}

async fn call(store: &Store, service: &Service, from: &str, seconds: i64) -> CallbackId {
    let message = received(from, &service.name, seconds);
    let new = NewServiceCall { service: service.id, message, next_at: at(seconds) };
    store.create_service_call(&new, at(seconds)).await.unwrap().unwrap()
}

fn entry(service: &Service, from: &str, body: &str, keeping: Keeping, seconds: i64) -> NewEntry {
    NewEntry {
        service: service.id,
        sender: Address::from_text(from),
        question: 0,
        body: body.to_owned(),
        is_right: Some(body == "right"),
        keeping,
        at: at(seconds),
    }
}

/// What the last call of a service came to.
async fn why(store: &Store, service: &Service) -> Option<String> {
    let log = store.service_calls(everything(), service.id, 1).await.unwrap();
    log.into_iter().next().and_then(|call| call.last_error)
}

async fn entries(store: &Store, service: &Service) -> Vec<Entry> {
    store.service_entries(everything(), service.id, None, 1_000).await.unwrap()
}

pub(crate) async fn the_first_answer_of_a_phone_counts(store: Store) {
    let quiz = service(&store, "kuis", ServiceAction::Reply("x".to_owned())).await;
    let keep = async |from: &str, body: &str, keeping: Keeping, seconds: i64| {
        let id = call(&store, &quiz, from, seconds).await;
        let deed = ServiceDeed::Keep(entry(&quiz, from, body, keeping, seconds));
        store.settle_deed(id, &deed, &DONE, at(seconds)).await.unwrap();
        // Taken again by a copy that was slow.
        assert!(!store.settle_deed(id, &deed, &DONE, at(seconds)).await.unwrap());
    };
    keep("+628123456789", "wrong", Keeping::First, 1).await;
    assert_eq!(why(&store, &quiz).await, None);
    // The same phone, however its number is written; and another one whose last digits are the same.
    keep("08123456789", "right", Keeping::First, 2).await;
    assert!(why(&store, &quiz).await.unwrap().contains("answered this question before"));
    keep("+498123456789", "right", Keeping::First, 3).await;
    assert_eq!(why(&store, &quiz).await, None);
    let bodies = async || {
        let all = entries(&store, &quiz).await;
        all.into_iter().map(|one| one.body).collect::<Vec<_>>()
    };
    assert_eq!(bodies().await, ["right", "wrong"]);
    keep("08123456789", "right\0", Keeping::All, 4).await;
    assert_eq!(bodies().await, ["right\u{fffd}", "right", "wrong"]);
    let count = store.count_service_entries(everything(), quiz.id).await.unwrap().remove(0);
    assert_eq!((count.question, count.all, count.right), (0, 3, 1));
    // In pages.
    let first = store.service_entries(everything(), quiz.id, None, 1).await.unwrap().remove(0);
    let behind = Some(first.place());
    let rest = store.service_entries(everything(), quiz.id, behind, 9).await.unwrap();
    assert_eq!(rest.len(), 2);
    assert!(store.clear_service(everything(), quiz.id).await.unwrap());
    assert_eq!(bodies().await, Vec::<String>::new());
    store.remove_service(everything(), quiz.id).await.unwrap();
    assert!(!store.clear_service(everything(), quiz.id).await.unwrap());
}

pub(crate) async fn a_board_shows_its_last_texts_to_everybody(store: Store) {
    let warga = service(&store, "warga", board("warga-1", 2)).await;
    let taken = NewService {
        action: board("warga-1", 5),
        ..new_service(UserId::internal(), "other", &["other"])
    };
    let taken = store.create_service(everything(), &taken, at(0)).await;
    assert!(
        matches!(taken, Err(CreateServiceError::AddressTaken(address)) if address == "warga-1")
    );
    let other = service(&store, "lain", board("lain", 5)).await;
    let change = ServiceChange { action: Some(board("warga-1", 5)), ..ServiceChange::default() };
    let taken = store.change_service(everything(), other.id, &change, at(1)).await;
    assert!(matches!(taken, Err(ChangeServiceError::AddressTaken(_))));

    let most = i64::from(MOST_OF_BOARD);
    for seconds in 1..=most + 1 {
        let id = call(&store, &warga, "+628123456789", seconds).await;
        let body = seconds.to_string();
        let deed = entry(&warga, "+628123456789", &body, Keeping::Last, seconds);
        store.settle_deed(id, &ServiceDeed::Keep(deed), &DONE, at(seconds)).await.unwrap();
    }
    let kept = entries(&store, &warga).await;
    assert_eq!((kept.len(), kept.last().unwrap().body.as_str()), (MOST_OF_BOARD as usize, "2"));
    let shown = async || {
        let board = store.public_board("warga-1").await.unwrap().unwrap();
        board.entries.into_iter().map(|one| one.body).collect::<Vec<_>>()
    };
    assert_eq!(shown().await, [(most + 1).to_string(), most.to_string()]);
    let newest = kept[0].id;
    assert!(store.hide_service_entry(everything(), warga.id, newest, true).await.unwrap());
    assert!(!store.hide_service_entry(everything(), other.id, newest, true).await.unwrap());
    assert_eq!(shown().await, [most.to_string(), (most - 1).to_string()]);
    // Without an address nobody sees it, and the address is free again.
    let hidden = Board { address: None, shown: 2, reply: String::new() };
    let hidden = ServiceAction::Board(hidden);
    let hide = ServiceChange { action: Some(hidden), ..ServiceChange::default() };
    store.change_service(everything(), warga.id, &hide, at(900)).await.unwrap();
    assert_eq!(store.public_board("warga-1").await.unwrap(), None);
    store.change_service(everything(), other.id, &change, at(901)).await.unwrap();
    assert!(shown().await.is_empty());
    assert_eq!(store.public_board("nowhere\0").await.unwrap(), None);
}

fn phone(number: &str) -> PhoneNumber {
    number.parse().unwrap()
}

fn asking(service: &Service, from: &str, code: Option<&str>, until: i64) -> NewAsking {
    NewAsking {
        service: service.id,
        sim: SimId::derived("s"),
        sender: phone(from),
        code: code.map(str::to_owned),
        body: code.map(|_| "Rapat".to_owned()),
        expires_at: at(until),
    }
}

/// Which question of which service a phone is asked.
async fn asked(store: &Store, from: &str, seconds: i64) -> Option<(String, u32)> {
    let sim = SimId::derived("s");
    let asking = store.asking(org(), sim, &phone(from), at(seconds)).await.unwrap();
    asking.map(|(taken_by, asking)| (taken_by.service.name, asking.question))
}

pub(crate) async fn a_phone_is_asked_by_one_service_at_a_time(store: Store) {
    let survey = service(&store, "survei", ServiceAction::Reply("x".to_owned())).await;
    let from = "+628123456789";
    assert_eq!(asked(&store, from, 1).await, None);
    let begin = call(&store, &survey, from, 1).await;
    let ask = ServiceDeed::Ask(asking(&survey, from, None, 60));
    store.settle_deed(begin, &ask, &DONE, at(1)).await.unwrap();
    assert_eq!(asked(&store, "08123456789", 2).await, Some(("survei".to_owned(), 0)));
    assert_eq!(asked(&store, "+498123456789", 2).await, None, "another phone");
    assert_eq!(asked(&store, from, 61).await, None, "it waited for long enough");
    assert!(store.is_asking(begin).await.unwrap());
    let elsewhere = SimId::derived("t");
    assert_eq!(store.asking(org(), elsewhere, &phone(from), at(2)).await.unwrap(), None);

    let answer = |body: &str, question: u32, is_last: bool, seconds: i64| {
        let entry = entry(&survey, from, body, Keeping::All, seconds);
        ServiceDeed::Answer(Answering {
            asking: begin,
            entry: NewEntry { question, is_right: None, ..entry },
            is_last,
            expires_at: at(seconds + 60),
        })
    };
    let first = call(&store, &survey, from, 3).await;
    let second = call(&store, &survey, from, 4).await;
    store.settle_deed(first, &answer("Ani", 0, false, 3), &DONE, at(3)).await.unwrap();
    assert_eq!(asked(&store, from, 4).await, Some(("survei".to_owned(), 1)));
    // Another answer to the same question, of a copy that read before: nothing is done, and the call is due again.
    let late = answer("Budi", 0, false, 4);
    assert!(!store.settle_deed(second, &late, &DONE, at(4)).await.unwrap());
    assert_eq!(entries(&store, &survey).await.len(), 1);
    let pending = store.service_calls(everything(), survey.id, 1).await.unwrap().remove(0);
    assert_eq!((pending.id, pending.next_at), (second, Some(at(4))));
    store.settle_deed(second, &answer("Ya", 1, true, 5), &DONE, at(5)).await.unwrap();
    assert_eq!(asked(&store, from, 6).await, None, "it was the last question");
    let kept = entries(&store, &survey).await;
    assert_eq!((kept[0].asking, kept[0].question, kept[0].is_right), (Some(begin), 1, None));

    // Who is asked something new is asked nothing else.
    let group = service(&store, "grup", ServiceAction::Reply("x".to_owned())).await;
    let again = call(&store, &survey, from, 10).await;
    let ask = ServiceDeed::Ask(asking(&survey, from, None, 600));
    store.settle_deed(again, &ask, &DONE, at(10)).await.unwrap();
    let of_code = call(&store, &group, from, 11).await;
    let ask = ServiceDeed::Ask(asking(&group, from, Some("123456"), 600));
    store.settle_deed(of_code, &ask, &DONE, at(11)).await.unwrap();
    assert_eq!(asked(&store, from, 12).await, Some(("grup".to_owned(), 0)));
    for n in 0..MOST_CODES {
        assert!(asked(&store, from, 12).await.is_some());
        let wrong = call(&store, &group, from, 12 + i64::from(n)).await;
        let deed = ServiceDeed::WrongCode(of_code);
        store.settle_deed(wrong, &deed, &DONE, at(12)).await.unwrap();
    }
    assert_eq!(asked(&store, from, 20).await, None, "too many codes were wrong");
    let late = call(&store, &group, from, 21).await;
    store.settle_deed(late, &ServiceDeed::End(of_code), &DONE, at(21)).await.unwrap();
    assert_eq!(why(&store, &group).await.as_deref(), Some("what the sender was asked is over"));

    // Who is not sent a question, because there were enough replies, is not asked it.
    let refused = call(&store, &survey, from, 30).await;
    let none = Cap { most: 0, since: at(0) };
    let caps = ReplyCaps { sender: none, machine: Cap { most: 9, since: at(0) }, account: None };
    let reply = AfterCall::Reply { text: "Nama?".to_owned(), caps, next_at: at(90) };
    let ask = ServiceDeed::Ask(asking(&survey, from, None, 600));
    assert!(!store.settle_deed(refused, &ask, &reply, at(30)).await.unwrap());
    assert_eq!(asked(&store, from, 31).await, None);
    store.remove_service(everything(), group.id).await.unwrap();
    assert!(!store.is_asking(of_code).await.unwrap());
}

pub(crate) async fn a_machine_that_is_asked_for_codes_is_asked_no_more(store: Store) {
    let to = vec![phone("+628111222333")];
    let action = ServiceAction::Forward { to, text: "{text}".to_owned() };
    let group = service(&store, "grup", action).await;
    let machine = "+628999888777";
    let ask = async |seconds: i64| {
        let id = call(&store, &group, machine, seconds).await;
        let cap = Cap { most: 3, since: at(0) };
        let caps =
            ReplyCaps { sender: Cap { most: 99, since: at(0) }, machine: cap, account: None };
        let reply = AfterCall::Reply { text: "Kode?".to_owned(), caps, next_at: at(900) };
        let ask = ServiceDeed::Ask(asking(&group, machine, Some("123456"), 600));
        store.settle_deed(id, &ask, &reply, at(seconds)).await.unwrap()
    };
    for n in 0..3 {
        assert!(ask(10 + n).await, "{n}");
    }
    assert!(!ask(20).await);
    assert_eq!(store.untold_loops(9).await.unwrap().len(), 1);
}

pub(crate) async fn few_pins_are_tried(store: Store) {
    let group = service(&store, "bc", ServiceAction::Reply("x".to_owned())).await;
    let try_pin = async |from: &str, seconds: i64| {
        let id = call(&store, &group, from, seconds).await;
        let may = store.try_pin(id, group.id, &phone(from), at(seconds)).await.unwrap();
        (id, may)
    };
    let (right, may) = try_pin("+628123456789", 1).await;
    assert!(may);
    // The same try again, by a copy that goes on with the call.
    assert!(store.try_pin(right, group.id, &phone("+628123456789"), at(1)).await.unwrap());
    store.right_pin(right).await.unwrap();
    for n in 0..i64::from(MOST_PINS) {
        assert!(try_pin("+628123456789", 2 + n).await.1);
    }
    assert!(!try_pin("08123456789", 9).await.1, "the same phone");
    for n in MOST_PINS..MOST_PINS_OF_SERVICE {
        let from = format!("+6281111111{n:02}");
        assert!(try_pin(&from, 10 + i64::from(n)).await.1, "{from}");
    }
    assert!(!try_pin("+628999999999", 60).await.1, "nobody's are looked at any more");
    assert!(try_pin("+628999999999", 3_700).await.1, "an hour later");
    store.remove_service(everything(), group.id).await.unwrap();
    let gone = store.try_pin(CallbackId::new(), group.id, &phone("+628999999999"), at(3_701)).await;
    assert!(!gone.unwrap());
}

pub(crate) async fn a_pin_is_struck_and_a_copy_is_taken_by_nobody(store: Store) {
    let group = service(&store, "bc", ServiceAction::Reply("x".to_owned())).await;
    let message = received("+628123456789", "BC 481516 Rapat", 5);
    let (id, struck) = (message.id, "BC **** Rapat");
    assert!(!store.strike_received(org(), id, struck).await.unwrap(), "it has no row yet");
    store.project_events(&[mo(message.clone(), 1)]).await.unwrap();
    assert!(store.strike_received(org(), id, struck).await.unwrap());
    let kept = store.received(everything(), id).await.unwrap().unwrap();
    assert_eq!((kept.text.as_deref(), kept.pdus.len()), (Some(struck), 0));

    // Nor does a part that comes late bring it back.
    let text = Some("BC 2342 Rap".to_owned());
    let short = contracts::mo::MoReceived {
        id: MessageId::derived("short"),
        text,
        parts: 2,
        missing: vec![2],
        ..message.clone()
    };
    store.project_events(&[mo(short.clone(), 2)]).await.unwrap();
    assert!(store.strike_received(org(), short.id, "BC **** Rap").await.unwrap());
    let text = Some("BC 2342 Rapat".to_owned());
    let whole = contracts::mo::MoReceived { text, missing: Vec::new(), ..short };
    store.project_events(&[mo(whole.clone(), 3)]).await.unwrap();
    let kept = store.received(everything(), whole.id).await.unwrap().unwrap();
    assert_eq!((kept.text.as_deref(), kept.pdus.len()), (Some("BC **** Rap"), 0));

    let copy = MessageId::of_copy(id, UserId::derived("ani"));
    store.take_copies(group.id, &message, &[copy], at(6)).await.unwrap();
    store.take_copies(group.id, &message, &[copy], at(6)).await.unwrap();
    let told = contracts::mo::MoReceived { id: copy, ..message };
    let new = NewServiceCall { service: group.id, message: told, next_at: at(7) };
    assert_eq!(store.create_service_call(&new, at(7)).await.unwrap(), None);
    assert_eq!(store.next_service_call_at().await.unwrap(), None);
}

pub(crate) async fn a_vote_is_of_a_phone_however_its_number_is_written(store: Store) {
    let poll = service(&store, "pilih", ServiceAction::Reply("x".to_owned())).await;
    for (from, option, seconds) in
        [("+628123456789", "ya", 1), ("08123456789", "tidak", 2), ("+498123456789", "ya", 3)]
    {
        let id = call(&store, &poll, from, seconds).await;
        let (sender, option) = (phone(from), option.to_owned());
        let vote = Vote { service: poll.id, sender, option, at: at(seconds) };
        store.settle_deed(id, &ServiceDeed::Vote(vote), &DONE, at(99)).await.unwrap();
    }
    let votes = store.service_votes(everything(), poll.id).await.unwrap();
    assert_eq!(votes, [("tidak".to_owned(), 1), ("ya".to_owned(), 1)]);
}
