//! Keyword services and their calls.

use std::time::Duration;

use contracts::{CallbackId, ContactId, GroupId, Holder, OrgId, UserId};
use store::{
    AfterCall, AfterReply, Board, CallAttempt, CallbackState, Cap, ChangeServiceError,
    ContactFilter, CreateServiceError, Cutoffs, GatewayChange, InboxOf, Joining, LOOP_REST,
    MOST_SERVICES, NamePage, NewContact, NewGroup, NewService, NewServiceCall, Question, Quiz,
    Reach, ReplyCaps, Role, Scenario, ScenarioLine, Service, ServiceAction, ServiceCall,
    ServiceChange, ServiceDeed, ServiceRule, StoppedLoop, Store, StoreError, Survey, ToGroup, Vote,
};

use crate::sample::{at, everything, new_user, org, received};

const LEASE: Duration = Duration::from_mins(1);

pub(crate) fn new_service(owner: UserId, name: &str, keywords: &[&str]) -> NewService {
    NewService {
        owner,
        name: name.to_owned(),
        keywords: keywords.iter().map(|keyword| (*keyword).to_owned()).collect(),
        rule: ServiceRule::default(),
        action: ServiceAction::GetUrl("https://shop.example/?t=%a".to_owned()),
        reply_with_body: true,
        max_messages: 3,
        omit_empty: false,
    }
}

async fn service(store: &Store, name: &str, keywords: &[&str], seconds: i64) -> Service {
    let new = new_service(UserId::internal(), name, keywords);
    store.create_service(everything(), &new, at(seconds)).await.unwrap()
}

async fn call(store: &Store, service: &Service, from: &str, seconds: i64) -> Option<CallbackId> {
    let message = received(from, "INFO", seconds);
    let new = NewServiceCall { service: service.id, message, next_at: at(seconds) };
    store.create_service_call(&new, at(seconds)).await.unwrap()
}

async fn take(store: &Store, seconds: i64) -> Vec<ServiceCall> {
    store.take_service_calls(at(seconds), LEASE, 10).await.unwrap()
}

fn reply(text: &str, since: i64, most: u32, next: i64) -> AfterCall {
    let sender = Cap { most, since: at(since) };
    let caps = ReplyCaps { sender, machine: Cap { most: 99, since: at(since) }, account: None };
    AfterCall::Reply { text: text.to_owned(), caps, next_at: at(next) }
}

fn tried(error: Option<&str>) -> CallAttempt {
    let http_status = Some(error.map_or(200, |_| 500));
    CallAttempt { http_status, error: error.map(str::to_owned) }
}

fn question(text: &str, answers: &[&str]) -> Question {
    let answers = answers.iter().map(|answer| (*answer).to_owned()).collect();
    Question { text: text.to_owned(), answers }
}

pub(crate) async fn a_service_is_made_shown_and_removed(store: Store) {
    let ani = store.create_user(everything(), &new_user("ani", Role::User), at(0)).await.unwrap();
    let budi = store.create_user(everything(), &new_user("budi", Role::User), at(0)).await.unwrap();
    let new = new_service(ani.id, "Info Toko", &["info", "jam"]);
    let made = store.create_service(ani.reach(), &new, at(1)).await.unwrap();
    assert_eq!(store.services(ani.reach()).await.unwrap(), std::slice::from_ref(&made));
    assert_eq!(store.service(everything(), made.id).await.unwrap(), Some(made.clone()));
    assert_eq!((made.owner, made.keywords.len(), made.max_messages), (ani.id, 2, 3));

    // A name is one service's in the organisation, a keyword in the account.
    let same_name = new_service(budi.id, "INFO toko", &["x"]);
    let taken = store.create_service(budi.reach(), &same_name, at(2)).await;
    assert!(matches!(taken, Err(CreateServiceError::NameTaken(_))));
    let same_keyword = new_service(ani.id, "other", &["b", "jam"]);
    let taken = store.create_service(ani.reach(), &same_keyword, at(2)).await;
    assert!(matches!(taken, Err(CreateServiceError::KeywordTaken(word)) if word == "jam"));
    let free = new_service(budi.id, "budi", &["info"]);
    store.create_service(budi.reach(), &free, at(2)).await.unwrap();
    let stranger = new_service(UserId::new(), "stranger", &["x"]);
    let refused = store.create_service(everything(), &stranger, at(2)).await;
    let of_store =
        |error| matches!(error, CreateServiceError::Store(StoreError::OutOfReach { .. }));
    assert!(refused.is_err_and(of_store));
    for n in 1..MOST_SERVICES {
        let name = format!("budi{n}");
        let new = new_service(budi.id, &name, &[&name]);
        store.create_service(budi.reach(), &new, at(3)).await.unwrap();
    }
    let more = new_service(budi.id, "more", &["more"]);
    let more = store.create_service(budi.reach(), &more, at(4)).await;
    assert!(matches!(more, Err(CreateServiceError::TooMany)));

    assert!(store.remove_service(ani.reach(), made.id).await.unwrap());
    assert!(!store.remove_service(ani.reach(), made.id).await.unwrap());
    // Name and keywords are free again.
    store.create_service(ani.reach(), &new, at(5)).await.unwrap();
    for action in [
        ServiceAction::PostUrl("https://a.example/".to_owned()),
        ServiceAction::PostXml("https://a.example/".to_owned()),
        ServiceAction::Reply("Buka jam 9.\0".to_owned()),
        ServiceAction::Exec("/bin/echo {rest}".to_owned()),
        ServiceAction::Forward {
            to: vec!["+628123456789".parse().unwrap(), "08123".parse().unwrap()],
            text: "{text}".to_owned(),
        },
        ServiceAction::Subscribe { group: GroupId::derived("g"), reply: String::new() },
        ServiceAction::Unsubscribe { group: GroupId::derived("g"), reply: "Ya.".to_owned() },
        ServiceAction::Vote {
            options: vec!["ya".to_owned(), "tidak".to_owned()],
            reply: String::new(),
        },
        ServiceAction::Quiz(Quiz {
            questions: vec![question("Ibu kota?", &["Jakarta"])],
            once: true,
            wrong: "Salah".to_owned(),
            reply: "Benar".to_owned(),
        }),
        ServiceAction::Survey(Survey {
            questions: vec![question("Nama?", &[]), question("Puas?", &["ya", "tidak"])],
            leave: "exit".to_owned(),
            minutes: 60,
            otherwise: String::new(),
            reply: "Terima kasih".to_owned(),
        }),
        ServiceAction::Scenario(Scenario {
            lines: vec![ScenarioLine { words: vec!["buka".to_owned()], reply: "9".to_owned() }],
            reply: "?".to_owned(),
        }),
        ServiceAction::Board(Board { address: None, shown: 5, reply: "Ya".to_owned() }),
        ServiceAction::Inbox(InboxOf {
            users: vec![ani.id],
            unknown: "Siapa?".to_owned(),
            reply: String::new(),
        }),
        ServiceAction::ToGroup(ToGroup {
            group: GroupId::derived("g"),
            pin: Some("hash".to_owned()),
            senders: vec!["+628123456789".parse().unwrap()],
        }),
    ] {
        let name = action.as_str();
        let new = NewService { action: action.clone(), ..new_service(ani.id, name, &[name]) };
        let id = store.create_service(ani.reach(), &new, at(6)).await.unwrap().id;
        let read = store.service(ani.reach(), id).await.unwrap().unwrap();
        let text = format!("{:?}", read.action);
        assert_eq!(text, name);
        assert_eq!(read.action.url(), action.url());
        let is_same = read.action == action || matches!(action, ServiceAction::Reply(_));
        assert!(is_same, "{name}");
    }
}

pub(crate) async fn a_service_is_changed(store: Store) {
    let ani = store.create_user(everything(), &new_user("ani", Role::User), at(0)).await.unwrap();
    let new = new_service(ani.id, "Info Toko", &["info", "jam"]);
    let made = store.create_service(ani.reach(), &new, at(1)).await.unwrap();
    let other = new_service(ani.id, "other", &["harga"]);
    store.create_service(ani.reach(), &other, at(2)).await.unwrap();
    assert_eq!(store.service_named(ani.reach(), "info TOKO").await.unwrap(), Some(made.clone()));
    assert_eq!(store.service_named(ani.reach(), "info").await.unwrap(), None);
    let waits = call(&store, &made, "+628123456789", 3).await.unwrap();

    let nothing = ServiceChange::default();
    let same = store.change_service(ani.reach(), made.id, &nothing, at(4)).await.unwrap();
    assert_eq!(same, Some(made.clone()));
    let change = ServiceChange {
        name: Some("INFO toko".to_owned()),
        keywords: Some(vec!["jam".to_owned(), "buka".to_owned()]),
        rule: Some(ServiceRule { sender: Some("+62".to_owned()), ..ServiceRule::default() }),
        action: Some(ServiceAction::Reply("Buka jam 9.".to_owned())),
        reply_with_body: Some(false),
        max_messages: Some(1),
        omit_empty: Some(true),
    };
    let changed = store.change_service(ani.reach(), made.id, &change, at(5)).await.unwrap();
    let changed = changed.unwrap();
    assert_eq!(store.service(ani.reach(), made.id).await.unwrap(), Some(changed.clone()));
    assert_eq!(
        (changed.name.as_str(), changed.keywords.join(" ")),
        ("INFO toko", "jam buka".into())
    );
    assert_eq!((changed.max_messages, changed.omit_empty, changed.created_at), (1, true, at(1)));
    let taken_by = async |word: &str| store.services_for(org(), word).await.unwrap().len();
    assert_eq!((taken_by("info").await, taken_by("buka").await), (0, 1));
    // What waits is called as the service is now.
    let taken = take(&store, 6).await.remove(0);
    assert_eq!((taken.id, taken.service), (waits, changed.clone()));

    // Nothing of a change that is refused is made.
    let name = ServiceChange { name: Some("OTHER".to_owned()), ..change.clone() };
    let refused = store.change_service(ani.reach(), made.id, &name, at(7)).await;
    assert!(matches!(refused, Err(ChangeServiceError::NameTaken(name)) if name == "OTHER"));
    let keywords = Some(vec!["new".to_owned(), "harga".to_owned()]);
    let keyword = ServiceChange { name: Some("free".to_owned()), keywords, ..change };
    let refused = store.change_service(ani.reach(), made.id, &keyword, at(7)).await;
    assert!(matches!(refused, Err(ChangeServiceError::KeywordTaken(word)) if word == "harga"));
    assert_eq!(store.service(ani.reach(), made.id).await.unwrap(), Some(changed));
    assert_eq!((taken_by("new").await, taken_by("jam").await), (0, 1));
    store.remove_service(ani.reach(), made.id).await.unwrap();
    let gone = store.change_service(ani.reach(), made.id, &nothing, at(8)).await.unwrap();
    assert_eq!(gone, None);
}

pub(crate) async fn the_first_that_fits_takes_a_message(store: Store) {
    let ani = store.create_user(everything(), &new_user("ani", Role::User), at(0)).await.unwrap();
    service(&store, "rest", &["default"], 1).await;
    service(&store, "old", &["info", "jam"], 2).await;
    let new = new_service(ani.id, "ani", &["info"]);
    store.create_service(ani.reach(), &new, at(3)).await.unwrap();
    let names = async |word: &str| {
        let taken_by = store.services_for(org(), word).await.unwrap();
        taken_by.into_iter().map(|one| (one.service.name, one.reach)).collect::<Vec<_>>()
    };
    let of = |name: &str, reach: Reach| (name.to_owned(), reach);
    let (all, own) = (everything(), ani.reach());
    assert_eq!(names("info").await, [of("old", all), of("ani", own), of("rest", all)]);
    assert_eq!(names("jam").await, [of("old", all), of("rest", all)]);
    assert_eq!(names("nix\0").await, [of("rest", all)]);
    for (name, place, seconds) in [("late", 200, 4), ("second", 7, 6), ("first", 7, 5)] {
        let rule = ServiceRule { pattern: Some("x".to_owned()), place, ..ServiceRule::default() };
        let new = NewService { rule, ..new_service(UserId::internal(), name, &[]) };
        let made = store.create_service(everything(), &new, at(seconds)).await.unwrap();
        assert_eq!(store.service(everything(), made.id).await.unwrap(), Some(made));
    }
    let patterns = ["first", "second", "late"].map(|name| of(name, all));
    let with_patterns = |words: &[(String, Reach)]| {
        let mut asked = words.to_vec();
        asked.extend(patterns.clone());
        asked.push(of("rest", all));
        asked
    };
    assert_eq!(names("info").await, with_patterns(&[of("old", all), of("ani", own)]));
    assert_eq!(names("nix").await, with_patterns(&[]));
    for service in store.services(everything()).await.unwrap() {
        if service.rule.pattern.is_some() {
            store.remove_service(everything(), service.id).await.unwrap();
        }
    }
    assert_eq!(store.services_for(OrgId::derived("abroad"), "info").await.unwrap(), []);
    store.set_user_enabled(everything(), ani.id, false, at(4)).await.unwrap();
    assert_eq!(names("info").await, [of("old", all), of("rest", all)]);
}

pub(crate) async fn a_message_is_one_call_and_a_call_one_reply(store: Store) {
    let info = service(&store, "info", &["info"], 0).await;
    assert_eq!(store.next_service_call_at().await.unwrap(), None);
    let id = call(&store, &info, "+628123456789", 5).await.unwrap();
    assert_eq!(call(&store, &info, "+628123456789", 5).await, None, "told twice");
    assert_eq!(store.next_service_call_at().await.unwrap(), Some(at(5)));
    assert_eq!(take(&store, 4).await, []);
    let taken = take(&store, 5).await.remove(0);
    assert_eq!((taken.id, &taken.service, taken.attempts), (id, &info, 0));
    assert_eq!((&taken.message.text, &taken.reply), (&Some("INFO".to_owned()), &None));
    assert_eq!(take(&store, 5).await, [], "it is taken");
    assert!(!store.keep_service_call(id, at(5), at(90)).await.unwrap(), "that was before");
    assert!(store.keep_service_call(id, at(65), at(90)).await.unwrap());

    let failed = tried(Some("no\0"));
    let after = AfterCall::Retry(at(100));
    assert!(!store.settle_service_call(id, Some(&failed), &after, at(70)).await.unwrap());
    let log = store.service_calls(everything(), info.id, 10).await.unwrap().remove(0);
    assert_eq!((log.state, log.attempts, log.http_status), (CallbackState::Pending, 1, Some(500)));
    assert_eq!((log.last_error.as_deref(), log.next_at), (Some("no\u{fffd}"), Some(at(100))));

    // The answer is kept before the reply goes out, and only once: another copy that has one too sends nothing.
    let good = tried(None);
    let (first, second) = (reply("Buka\0", 0, 9, 160), reply("Tutup", 0, 9, 161));
    assert!(store.settle_service_call(id, Some(&good), &first, at(100)).await.unwrap());
    assert!(!store.settle_service_call(id, Some(&good), &second, at(101)).await.unwrap());
    // Nor does what its own try came to end the call, or put it off.
    for late in [AfterCall::Done(None), AfterCall::GiveUp, AfterCall::Retry(at(900))] {
        assert!(!store.settle_service_call(id, Some(&failed), &late, at(102)).await.unwrap());
        // Nor does another copy that made no try, because the account was disabled meanwhile or the text is a fixed one.
        assert!(!store.settle_service_call(id, None, &late, at(102)).await.unwrap());
    }
    assert_eq!(take(&store, 159).await, []);
    let taken = take(&store, 160).await.remove(0);
    assert_eq!((taken.reply.as_deref(), taken.attempts), (Some("Buka\u{fffd}"), 2));
    store.settle_service_reply(id, &AfterReply::Retry(at(170)), at(160)).await.unwrap();
    assert_eq!(store.next_service_call_at().await.unwrap(), Some(at(170)));
    store.settle_service_reply(id, &AfterReply::Over(None), at(161)).await.unwrap();
    let log = store.service_calls(everything(), info.id, 10).await.unwrap().remove(0);
    assert_eq!((log.state, log.attempts, log.next_at), (CallbackState::Done, 2, None));
    assert_eq!((log.replied_at, log.last_error, log.http_status), (Some(at(100)), None, Some(200)));
    // What is over stays so.
    assert!(!store.settle_service_call(id, None, &AfterCall::GiveUp, at(162)).await.unwrap());
    assert!(!store.settle_service_call(id, None, &second, at(162)).await.unwrap());
    let log = store.service_calls(everything(), info.id, 10).await.unwrap().remove(0);
    assert_eq!(log.state, CallbackState::Done);
    assert_eq!(store.next_service_call_at().await.unwrap(), None);

    let given_up = call(&store, &info, "+628123456780", 200).await.unwrap();
    store.settle_service_call(given_up, Some(&failed), &AfterCall::GiveUp, at(201)).await.unwrap();
    let log = store.service_calls(everything(), info.id, 10).await.unwrap().remove(0);
    assert_eq!((log.id, log.state), (given_up, CallbackState::Failed));

    let waiting = call(&store, &info, "+628123456781", 202).await.unwrap();
    let cutoffs = Cutoffs { callbacks: Some(at(250)), ..Cutoffs::default() };
    assert_eq!(store.remove_old(&cutoffs, 10).await.unwrap().callbacks, 2);
    let log = store.service_calls(everything(), info.id, 10).await.unwrap();
    assert_eq!((log.len(), log[0].id), (1, waiting));
    assert!(store.remove_service(everything(), info.id).await.unwrap());
    assert_eq!(take(&store, 300).await, []);
    assert_eq!(call(&store, &info, "+628123456782", 301).await, None, "the service is gone");
}

pub(crate) async fn a_sender_is_sent_so_many_replies_and_no_more(store: Store) {
    let (info, other) =
        (service(&store, "info", &["info"], 0).await, service(&store, "jam", &["jam"], 0).await);
    let answer = async |service: &Service, from: &str, seconds: i64, since: i64| {
        let id = call(&store, service, from, seconds).await.unwrap();
        let after = reply("Buka", since, 2, seconds + 60);
        store.settle_service_call(id, None, &after, at(seconds)).await.unwrap()
    };
    assert!(answer(&info, "+628123456789", 10, 0).await);
    assert!(answer(&other, "+628123456789", 11, 1).await, "all services are counted together");
    assert!(!answer(&info, "+628123456789", 12, 2).await);
    assert!(answer(&info, "+628123456780", 12, 2).await, "another sender");
    assert!(answer(&info, "+628123456789", 20, 10).await, "the first is no longer counted");
    assert!(!answer(&info, "+628123456789", 21, 10).await);
    let refused = store.service_calls(everything(), info.id, 1).await.unwrap().remove(0);
    assert_eq!((refused.state, refused.replied_at), (CallbackState::Done, None));
    assert!(refused.last_error.unwrap().contains("as many replies"));
}

pub(crate) async fn a_sender_is_put_into_a_group_once_and_taken_out(store: Store) {
    let ani = store.create_user(everything(), &new_user("ani", Role::User), at(0)).await.unwrap();
    let group =
        NewGroup { owner: Holder::User(ani.id), name: "warga".to_owned(), code: None, rule: None };
    let group = store.create_group(ani.reach(), &group, at(0)).await.unwrap().id;
    let new = new_service(ani.id, "ikut", &["ikut"]);
    let ikut = store.create_service(ani.reach(), &new, at(1)).await.unwrap();
    let known = NewContact {
        id: ContactId::new(),
        owner: Holder::User(ani.id),
        name: "Siti".to_owned(),
        number: "08123456789".parse().unwrap(),
        email: None,
        note: None,
        tags: Vec::new(),
        fields: std::collections::BTreeMap::new(),
        groups: Vec::new(),
    };
    store.create_contacts(ani.reach(), std::slice::from_ref(&known), at(1)).await.unwrap();
    let members = async || {
        let filter = ContactFilter { group: Some(group), ..ContactFilter::default() };
        let page = NamePage { after: None, limit: 9 };
        let (members, _) = store.contacts(ani.reach(), &filter, &page).await.unwrap();
        members.into_iter().map(|one| (one.name, one.number.to_string())).collect::<Vec<_>>()
    };
    let joining = |from: &str, joins: bool| Joining {
        reach: ani.reach(),
        group,
        number: from.parse().unwrap(),
        joins,
    };
    let settle = async |from: &str, joins: bool, after: &AfterCall, seconds: i64| {
        let id = call(&store, &ikut, from, seconds).await.unwrap();
        let deed = ServiceDeed::Join(joining(from, joins));
        (id, store.settle_deed(id, &deed, after, at(seconds)).await.unwrap())
    };
    let done = AfterCall::Done(None);
    // A contact of this phone, however its number is written, is the one that is put in.
    settle("+628123456789", true, &done, 10).await;
    let siti = ("Siti".to_owned(), "08123456789".to_owned());
    assert_eq!(members().await, std::slice::from_ref(&siti));
    // Who is none becomes one, and a reply may follow.
    let (id, replies) = settle("+628123456780", true, &reply("Ya.", 0, 9, 80), 11).await;
    assert!(replies);
    let new = ("+628123456780".to_owned(), "+628123456780".to_owned());
    assert_eq!(members().await, [new.clone(), siti.clone()]);
    settle("+628123456780", true, &done, 12).await;
    assert_eq!(members().await, [new, siti.clone()], "already there");
    settle("+628123456780", false, &done, 13).await;
    assert_eq!(members().await, std::slice::from_ref(&siti));
    // The first call again, by a copy that was slow: it is over, and nothing is done once more.
    let again = ServiceDeed::Join(joining("+628123456780", true));
    assert!(!store.settle_deed(id, &again, &done, at(14)).await.unwrap());
    assert_eq!(members().await, [siti]);

    assert!(store.remove_group(ani.reach(), group, at(20)).await.unwrap());
    let (_, replies) = settle("+628123456781", true, &reply("Ya.", 0, 9, 90), 15).await;
    assert!(!replies);
    let log = store.service_calls(ani.reach(), ikut.id, 1).await.unwrap().remove(0);
    assert_eq!((log.state, log.replied_at), (CallbackState::Done, None));
    assert!(log.last_error.unwrap().starts_with("the group is gone"));
}

pub(crate) async fn a_sender_has_one_vote_and_the_later_one_counts(store: Store) {
    let poll = service(&store, "pilih", &["pilih"], 0).await;
    let other = service(&store, "lain", &["lain"], 0).await;
    // The message of `at` comes to its call at `seconds`.
    let vote = async |service: &Service, from: &str, option: &str, at_: i64, seconds: i64| {
        let id = call(&store, service, from, seconds).await.unwrap();
        let deed = ServiceDeed::Vote(Vote {
            service: service.id,
            sender: from.parse().unwrap(),
            option: option.to_owned(),
            at: at(at_),
        });
        store.settle_deed(id, &deed, &AfterCall::Done(None), at(seconds)).await.unwrap();
        (id, deed)
    };
    let votes = async || store.service_votes(everything(), poll.id).await.unwrap();
    assert_eq!(votes().await, []);
    vote(&poll, "+628111111111", "ya", 10, 10).await;
    vote(&poll, "+628222222222", "ya", 11, 11).await;
    vote(&other, "+628333333333", "ya", 12, 12).await;
    assert_eq!(votes().await, [("ya".to_owned(), 2)]);
    let (id, deed) = vote(&poll, "+628111111111", "tidak", 20, 20).await;
    let both = [("tidak".to_owned(), 1), ("ya".to_owned(), 1)];
    assert_eq!(votes().await, both);
    // An earlier message whose call comes late, and a call that is over.
    vote(&poll, "+628111111111", "ya", 15, 30).await;
    store.settle_deed(id, &deed, &AfterCall::Done(None), at(31)).await.unwrap();
    assert_eq!(votes().await, both);
    assert!(store.remove_service(everything(), poll.id).await.unwrap());
    assert_eq!(votes().await, []);
}

pub(crate) async fn a_machine_that_answers_is_sent_nothing_for_a_while(store: Store) {
    let info = service(&store, "info", &["info"], 0).await;
    let to = vec!["+628111222333".parse().unwrap()];
    let action = ServiceAction::Forward { to, text: "{text}".to_owned() };
    let new = NewService { action, ..new_service(UserId::internal(), "on", &["on"]) };
    let on = store.create_service(everything(), &new, at(0)).await.unwrap();
    let answer = async |service: &Service, from: &str, seconds: i64| {
        let id = call(&store, service, from, seconds).await.unwrap();
        let machine = Cap { most: 5, since: at(seconds - 120) };
        let caps = ReplyCaps { sender: Cap { most: 99, since: at(0) }, machine, account: None };
        let after = AfterCall::Reply { text: "Baik".to_owned(), caps, next_at: at(seconds + 60) };
        store.settle_service_call(id, None, &after, at(seconds)).await.unwrap()
    };
    let machine = "+628999888777";
    // Who takes the time of a person is none, however long that goes on.
    for n in 0..8 {
        assert!(answer(&info, "+628123456789", 100 + n * 40).await);
    }
    // What is sent on to others is answered by nobody here.
    for n in 0..8 {
        assert!(answer(&on, machine, 500 + n).await);
    }
    for n in 0..5 {
        assert!(answer(&info, machine, 1_000 + n * 20).await);
    }
    assert_eq!(store.untold_loops(9).await.unwrap(), []);
    assert!(!answer(&info, machine, 1_100).await);
    let stopped = store.untold_loops(9).await.unwrap();
    let expected = StoppedLoop {
        org: org(),
        owner: UserId::internal(),
        sender: contracts::Address::from_text(machine),
        replies: 5,
        stopped_at: at(1_100),
        until: at(1_100).plus(LOOP_REST),
    };
    assert_eq!(stopped, [expected]);
    store.loop_told(&stopped[0]).await.unwrap();
    assert_eq!(store.untold_loops(9).await.unwrap(), []);
    // It rests for the whole time, and is told once.
    let rest = i64::try_from(LOOP_REST.as_secs()).unwrap();
    assert!(!answer(&info, machine, 1_100 + rest - 1).await);
    assert_eq!(store.untold_loops(9).await.unwrap(), []);
    assert!(answer(&on, machine, 1_101).await, "it is sent nothing; others are");
    assert!(answer(&info, "+628123456789", 1_101).await);
    assert!(answer(&info, machine, 1_100 + rest).await);
}

/// One that nobody can read is no reason to leave the others.
#[tokio::test]
async fn a_call_that_cannot_be_read_keeps_no_other_from_being_made() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("merpati.db");
    let store = Store::open(&path.display().to_string()).await.unwrap();
    store.migrate().await.unwrap();
    let info = service(&store, "info", &["info"], 0).await;
    let broken = call(&store, &info, "+628123456780", 1).await.unwrap();
    let good = call(&store, &info, "+628123456789", 2).await.unwrap();
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&path);
    let pool = sqlx::SqlitePool::connect_with(options).await.unwrap();
    let update = sqlx::query("UPDATE service_calls SET message_json = '{' WHERE id = $1");
    update.bind(broken.to_string()).execute(&pool).await.unwrap();
    pool.close().await;
    let taken: Vec<_> = take(&store, 3).await.into_iter().map(|call| call.id).collect();
    assert_eq!(taken, [good]);
    assert_eq!(store.next_service_call_at().await.unwrap(), Some(at(63)), "it waits as others do");
}

/// What services are to be called for waits while the gateway is isolated, however long.
pub(crate) async fn calls_wait_until_the_gateway_resumes(store: Store) {
    let info = service(&store, "info", &["info"], 0).await;
    let before = call(&store, &info, "+628123456780", 1).await.unwrap();
    store.change_gateway(everything(), &GatewayChange::Isolate, at(2)).await.unwrap();
    for (seconds, from) in [(3, "+628123456781"), (4, "+628123456782")] {
        assert_eq!(call(&store, &info, from, seconds).await, None, "nobody calls it yet");
        assert_eq!(call(&store, &info, from, seconds).await, None, "and it is kept once");
    }
    let taken = take(&store, 5).await;
    assert_eq!(taken.iter().map(|call| call.id).collect::<Vec<_>>(), [before]);
    store.settle_service_call(before, None, &AfterCall::Done(None), at(6)).await.unwrap();
    assert_eq!(store.next_service_call_at().await.unwrap(), None);
    let cutoffs = Cutoffs { callbacks: Some(at(1_000)), ..Cutoffs::default() };
    assert_eq!(store.remove_old(&cutoffs, 10).await.unwrap().callbacks, 1);
    store.change_gateway(everything(), &GatewayChange::Resume, at(100)).await.unwrap();
    let senders = take(&store, 100).await.into_iter().map(|call| call.message.from.to_string());
    assert_eq!(senders.collect::<Vec<_>>(), ["+628123456781", "+628123456782"]);
}
