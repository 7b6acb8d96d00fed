//! Lists by what is searched for.

use contracts::config_kv::Access;
use contracts::mt::{Body, MtRequest};
use contracts::{OrgId, PhoneNumber, UserId};
use store::{
    Cutoffs, InboxFilter, LONGEST_SEARCH, MessageFilter, Page, Reach, Role, Search, SimChange,
    Store,
};

use crate::rows;
use crate::sample::{
    at, everything, mo, mt, new_user, org, received, request, sent, store_all, stored,
};

fn search(text: &str) -> Option<Search> {
    Search::parse(text).unwrap()
}

/// The texts of those sent that are found, newest first.
async fn of_sent(store: &Store, reach: Reach, text: &str) -> Vec<String> {
    let filter = MessageFilter { search: search(text), ..MessageFilter::default() };
    let found = store.messages(reach, &filter, Page::default()).await.unwrap().messages;
    let texts = found.into_iter().map(|message| match message.body {
        Body::Text { text, .. } => text,
        Body::Data { data } => data,
    });
    texts.collect()
}

async fn of_inbox(store: &Store, reach: Reach, text: &str) -> Vec<String> {
    let filter = InboxFilter { search: search(text), ..InboxFilter::default() };
    let found = store.inbox(reach, &filter, Page::default()).await.unwrap().messages;
    found.into_iter().filter_map(|message| message.text).collect()
}

fn to(request: MtRequest, number: &str) -> MtRequest {
    MtRequest { to: PhoneNumber::parse(number).unwrap(), ..request }
}

pub(crate) async fn words_and_parts_of_numbers_are_found(store: Store) {
    let owner = UserId::new();
    let data = Body::Data { data: "00FF".to_owned() };
    let requests = [
        to(request(owner, "Rapat JAM 9, di aula.", 1), "+628123456789"),
        to(request(owner, "Kode Anda 123456", 2), "+628129998877"),
        to(request(owner, "Жук пришёл. İstanbul'da", 3), "0857111222"),
        to(MtRequest { body: data, ..request(owner, "", 4) }, "888"),
    ];
    store_all(&store, &requests.iter().collect::<Vec<_>>()).await;
    let all = everything();
    let (meeting, code) = ("Rapat JAM 9, di aula.", "Kode Anda 123456");
    let beetle = "Жук пришёл. İstanbul'da";
    for (text, expected) in [
        ("jam", vec![meeting]),
        ("aula RAPAT", vec![meeting]),
        ("rapat kode", vec![]),
        ("rap", vec![]),
        ("9", vec![meeting]),
        ("жук", vec![beetle]),
        ("istanbul", vec![beetle]),
        ("123456", vec![code, meeting]),
        ("812", vec![code, meeting]),
        ("62812999", vec![code]),
        ("0812-3456-789", vec![meeting]),
        ("99887", vec![code]),
        // Each three of it stand in a number, and all of it does not.
        ("11111", vec![]),
        ("888", vec!["00FF"]),
        ("857 пришёл", vec![beetle]),
        // What stands for digits of a number in the index is nothing that is typed.
        ("n812", vec![]),
        ("n88", vec![]),
        ("\u{e000}812", vec![code, meeting]),
        ("12", vec![]),
    ] {
        assert_eq!(of_sent(&store, all, text).await, expected, "{text}");
    }
    let events = [
        mo(received("+628123456789", "Saya datang jam 9", 5), 5),
        mo(received("BANK-BCA", "Saldo 50.000", 6), 6),
    ];
    store.project_events(&events).await.unwrap();
    for (text, expected) in [
        ("jam", vec!["Saya datang jam 9"]),
        ("bca", vec!["Saldo 50.000"]),
        ("bank saldo", vec!["Saldo 50.000"]),
        ("34567", vec!["Saya datang jam 9"]),
        ("000", vec!["Saldo 50.000"]),
    ] {
        assert_eq!(of_inbox(&store, all, text).await, expected, "{text}");
    }
}

pub(crate) async fn whatever_is_typed_is_only_looked_for(store: Store) {
    let owner = UserId::new();
    let odd = request(owner, "50% \"diskon\" _hari_ ini; NEAR OR AND NOT found", 1);
    store_all(&store, &[&odd]).await;
    store.project_events(&[mo(received("+62811", "100% OR lunas", 2), 2)]).await.unwrap();
    let long = "jam ".repeat(LONGEST_SEARCH / 4);
    for (text, found) in [
        ("\"diskon\"", 1),
        ("diskon OR apa", 0),
        ("NEAR(diskon hari)", 1),
        ("diskon AND NOT hari", 1),
        ("found : diskon", 1),
        ("dis*", 0),
        ("^diskon", 1),
        ("%", 0),
        ("_", 0),
        ("'; DROP TABLE messages; --", 0),
        ("diskon' | 'x", 0),
        ("diskon & !hari", 1),
        ("diskon:*", 1),
        ("\\", 0),
        ("a\0b", 0),
        ("(((((", 0),
        ("𝟙² ½ 𐍈", 0),
        (long.as_str(), 0),
    ] {
        assert_eq!(of_sent(&store, everything(), text).await.len(), found, "{text}");
        let _ = of_inbox(&store, everything(), text).await;
    }
    assert!(Search::parse(&"x".repeat(10_240)).is_err());
    assert_eq!(of_inbox(&store, everything(), "lunas").await.len(), 1);
}

pub(crate) async fn what_is_found_is_in_reach(store: Store) {
    let user = async |name: &str, role| {
        store.create_user(everything(), &new_user(name, role), at(0)).await.unwrap()
    };
    let (ani, budi) = (user("ani", Role::User).await, user("budi", Role::User).await);
    let shop = user("shop", Role::Service).await;
    let requests = [request(ani.id, "jam milik Ani", 1), request(budi.id, "jam milik Budi", 2)];
    store_all(&store, &[&requests[0], &requests[1]]).await;
    let mut own = received("+62811", "jam untuk Ani", 3);
    own.owner = Some(ani.id);
    let code = received("BANK", "jam untuk semua", 4);
    store.project_events(&[mo(own, 1), mo(code.clone(), 2)]).await.unwrap();
    assert_eq!(of_sent(&store, ani.reach(), "jam").await, ["jam milik Ani"]);
    assert_eq!(of_sent(&store, shop.reach(), "jam").await.len(), 2);
    assert_eq!(of_sent(&store, everything(), "jam").await.len(), 2);
    assert_eq!(of_sent(&store, Reach::everything(OrgId::derived("abroad")), "jam").await, [""; 0]);
    assert_eq!(of_inbox(&store, ani.reach(), "jam").await, ["jam untuk Ani"]);
    assert_eq!(of_inbox(&store, budi.reach(), "jam").await, [""; 0]);
    let open = SimChange { readers: Some(Access::only([budi.id])), ..SimChange::default() };
    store.change_sim(everything(), code.sim, &open, at(5)).await.unwrap();
    assert_eq!(of_inbox(&store, budi.reach(), "jam").await, ["jam untuk semua"]);
    assert_eq!(of_inbox(&store, everything(), "jam").await.len(), 2);
}

/// Few are looked up, and many are met on the way: both go on page by page, and neither repeats or skips one.
pub(crate) async fn a_search_goes_on_in_pages(store: Store) {
    let owner = UserId::new();
    let requests: Vec<_> = (0..2_200)
        .map(|n| {
            let text = if n % 400 == 7 { "sering jarang" } else { "sering" };
            // Some were accepted at one moment.
            request(owner, text, i64::from(n / 3))
        })
        .collect();
    store_all(&store, &requests.iter().collect::<Vec<_>>()).await;
    while store.give_words(1_000).await.unwrap() > 0 {}
    for (text, count, limit) in [("jarang", 6, 2), ("sering", 2_200, 500)] {
        let filter = MessageFilter { search: search(text), ..MessageFilter::default() };
        let (mut seen, mut page) = (Vec::new(), Page { before: None, limit });
        loop {
            let found = store.messages(everything(), &filter, page).await.unwrap();
            seen.extend(found.messages.iter().map(|message| (message.created_at, message.id)));
            match found.next {
                Some(next) => page.before = Some(next),
                None => break,
            }
        }
        assert_eq!(seen.len(), count, "{text}");
        assert!(seen.is_sorted_by(|a, b| a > b), "{text}");
    }
    let other = Reach::own(org(), UserId::new());
    assert_eq!(of_sent(&store, other, "sering").await, [""; 0]);
    assert_eq!(of_sent(&store, Reach::own(org(), owner), "sering jarang").await.len(), 6);
}

pub(crate) async fn what_is_deleted_is_found_no_more(store: Store) {
    let owner = UserId::new();
    let old = request(owner, "lama", 1);
    store_all(&store, &[&old]).await;
    let partial = contracts::mo::MoReceived {
        parts: 2,
        missing: vec![2],
        ..received("+62811", "separuh", 2)
    };
    let whole = contracts::mo::MoReceived {
        text: Some("separuh utuh".to_owned()),
        missing: Vec::new(),
        ..partial.clone()
    };
    let events = [mt(&old, 1, sent(&[1])), mo(partial, 2)];
    store.project_events(&events).await.unwrap();
    assert_eq!(of_inbox(&store, everything(), "utuh").await, [""; 0]);
    store.project_events(&[mo(whole, 3)]).await.unwrap();
    assert_eq!(of_inbox(&store, everything(), "utuh separuh").await, ["separuh utuh"]);
    assert_eq!(of_sent(&store, everything(), "lama").await, ["lama"]);
    let cutoffs = Cutoffs { messages: Some(at(1_000)), ..Cutoffs::default() };
    store.remove_old(&cutoffs, 10).await.unwrap();
    assert_eq!(of_sent(&store, everything(), "lama").await, [""; 0]);
    assert_eq!(of_inbox(&store, everything(), "utuh").await, [""; 0]);
    assert_eq!(store.give_words(10).await.unwrap(), 0);
}

/// Of many requests that are written at once none has its words yet, whether its row is new or an event made it.
#[tokio::test]
async fn many_at_once_are_found_once_they_have_their_words() {
    for fresh in [crate::sqlite().await, crate::postgres().await] {
        let store = &fresh.store;
        let owner = UserId::new();
        let requests: Vec<_> =
            (1..=129).map(|n| request(owner, if n == 7 { "tujuh" } else { "lain" }, n)).collect();
        let all: Vec<_> = requests.iter().map(stored).collect();
        store.project_events(&[mt(&requests[6], 1, sent(&[1]))]).await.unwrap();
        assert!(store.project_requests(&all).await.unwrap().wordless);
        assert_eq!(of_sent(store, everything(), "tujuh").await, [""; 0]);
        assert_eq!(store.give_words(200).await.unwrap(), 129);
        assert_eq!(store.give_words(200).await.unwrap(), 0);
        assert_eq!(of_sent(store, everything(), "tujuh").await, ["tujuh"]);
        let few = stored(&request(owner, "sedikit", 1));
        assert!(!store.project_requests(&[few]).await.unwrap().wordless);
        assert_eq!(of_sent(store, everything(), "sedikit").await, ["sedikit"]);
        fresh.store.close().await;
    }
}

/// What a version before wrote has no words until it is given some.
#[tokio::test]
async fn messages_of_before_are_found_once_they_have_their_words() {
    for fresh in [crate::sqlite().await, crate::postgres().await] {
        let store = &fresh.store;
        let requests =
            [request(UserId::new(), "dahulu kala", 1), request(UserId::new(), "lain", 2)];
        store_all(store, &[&requests[0], &requests[1]]).await;
        store.project_events(&[mo(received("+62811", "dahulu", 3), 3)]).await.unwrap();
        rows::change(&fresh.database, "UPDATE messages SET words = NULL").await;
        rows::change(&fresh.database, "UPDATE inbox SET words = NULL").await;
        assert_eq!(of_sent(store, everything(), "dahulu").await, [""; 0]);
        let given = [store.give_words(1).await.unwrap(), store.give_words(5).await.unwrap()];
        assert_eq!((given, store.give_words(5).await.unwrap()), ([2, 1], 0));
        assert_eq!(of_sent(store, everything(), "dahulu 8123456").await, ["dahulu kala"]);
        assert_eq!(of_inbox(store, everything(), "dahulu").await, ["dahulu"]);
        fresh.store.close().await;
    }
}
