//! Broadcasts: written down, read in pieces, handed out in pieces.

use std::time::Duration;

use contracts::mt::{Body, Encoding, Gate, MtChange, MtRequest, SendOptions, WhenUncertain};
use contracts::{BroadcastId, GroupId, MtState, PhoneNumber, Priority, Timestamp, UserId};
use store::{
    Audience, Broadcast, BroadcastChange, BroadcastError, BroadcastOrder, BroadcastPiece,
    BroadcastPlan, BroadcastState, BroadcastTrouble, Candidate, ContactChange, ContactFilter,
    Cutoffs, LeftOut, Looked, MOST_AUDIENCE, MOST_BROADCASTS, NewBroadcast, NewContact, NewOptOuts,
    OptOutSource, Pace, PacePeriod, PersonalField, PersonalText, Personalia, Reach, Reading, Role,
    ScheduleBounds, ScheduledMessage, Store, StoreError, User,
};

use crate::contacts::{new_contact, new_group, page};
use crate::sample::{at, everything, mt, new_user, sent, store_all};

const DAY: Duration = Duration::from_hours(24);
const WITHIN: ScheduleBounds = ScheduleBounds { expire_after: DAY, of_account: None };
const ZONE: &str = "Asia/Jakarta";

/// A draft for one number.
pub(crate) fn new_broadcast(owner: UserId, name: &str) -> NewBroadcast {
    NewBroadcast {
        owner,
        name: name.to_owned(),
        message: ScheduledMessage {
            text: "Hai {name} {number}".to_owned(),
            encoding: Encoding::Auto,
            priority: Priority::Bulk,
            sim: None,
            pool: None,
            options: SendOptions { class: Some(1), ..SendOptions::default() },
            when_uncertain: WhenUncertain::Resend,
        },
        groups: Vec::new(),
        numbers: vec!["+62811".to_owned()],
        plan: BroadcastPlan { starts: None, zone: ZONE.to_owned(), pace: None, quiet: None },
    }
}

async fn user(store: &Store, name: &str) -> User {
    store.create_user(everything(), &new_user(name, Role::User), at(0)).await.unwrap()
}

async fn read(store: &Store, id: BroadcastId) -> Broadcast {
    store.broadcast(everything(), id).await.unwrap().unwrap()
}

/// Makes a group with contacts of these numbers, which are called like them.
async fn group(store: &Store, owner: UserId, name: &str, numbers: &[&str]) -> GroupId {
    let new = new_group(Some(owner), name);
    let group = store.create_group(everything(), &new, at(1)).await.unwrap();
    let contacts: Vec<NewContact> = numbers
        .iter()
        .map(|number| NewContact {
            groups: vec![group.id],
            ..new_contact(Some(owner), &format!("Si {number}"), number)
        })
        .collect();
    store.create_contacts(everything(), &contacts, at(1)).await.unwrap();
    group.id
}

/// Starts a broadcast, and returns it.
async fn start(store: &Store, id: BroadcastId) -> Broadcast {
    let order = BroadcastOrder::Start(None);
    store.order_broadcast(everything(), id, order, at(10)).await.unwrap().unwrap()
}

/// What persistence finds out of somebody: all live by the clocks of Jakarta, but numbers of Germany.
fn look(candidate: Candidate) -> Looked {
    let number = PhoneNumber::parse(&candidate.written).ok();
    let is_german = candidate.written.starts_with("+49");
    let zone = if is_german { "Europe/Berlin" } else { ZONE }.to_owned();
    Looked { candidate, number, zone }
}

/// Reads the whole audience, so many at a time, and returns the broadcast then.
async fn read_all(store: &Store, id: BroadcastId, some: u32) -> Broadcast {
    loop {
        let now = read(store, id).await;
        if now.reading.is_none() {
            return now;
        }
        let (candidates, next) = store.broadcast_candidates(&now, some).await.unwrap();
        let looked: Vec<Looked> = candidates.into_iter().map(look).collect();
        let added = store.add_broadcast_recipients(&now, &looked, next.as_ref(), at(11)).await;
        assert!(added.unwrap());
    }
}

/// Hands out so many recipients of Jakarta.
async fn hand_out(store: &Store, broadcast: &Broadcast, count: u32) -> Option<usize> {
    let text: PersonalText = broadcast.message.text.parse().unwrap();
    let pieces = [BroadcastPiece { zone: ZONE.to_owned(), count }];
    let next = at(20);
    let handing = store.hand_out_broadcast(broadcast, &text, &pieces, (3, next), at(15), WITHIN);
    handing.await.unwrap().map(|sent| sent.messages.len())
}

pub(crate) async fn a_broadcast_is_made_changed_and_removed(store: Store) {
    let (ani, budi) = (user(&store, "ani").await, user(&store, "budi").await);
    let toko = group(&store, ani.id, "Toko", &["+62812", "+62813"]).await;
    let theirs = group(&store, budi.id, "Toko", &["+62899"]).await;
    let new = NewBroadcast { groups: vec![toko], ..new_broadcast(ani.id, "Libur") };
    let made = store.create_broadcast(ani.reach(), &new, at(1)).await.unwrap();
    assert_eq!(read(&store, made.id).await, made);
    assert_eq!((made.state, made.numbers, made.next_at), (BroadcastState::Draft, 1, None));
    assert_eq!((made.message.clone(), made.plan.clone()), (new.message.clone(), new.plan.clone()));
    assert!(!format!("{made:?}").contains("Hai"));
    let expected = store.broadcast_audience(ani.reach(), made.id).await.unwrap().unwrap();
    let first = expected.first.unwrap();
    assert_eq!(expected.count, 3);
    assert!(["+62812", "+62813"].contains(&first.number.as_str()), "of the group");
    assert_eq!(first.name, format!("Si {}", first.number));
    for (field, has) in [
        (PersonalField::Name, true),
        (PersonalField::Number, true),
        (PersonalField::Email, false),
        (PersonalField::Note, false),
    ] {
        assert_eq!(store.broadcast_has(ani.reach(), made.id, field).await.unwrap(), has, "{field}");
    }
    let (all, _) = store.contacts(everything(), &ContactFilter::default(), &page(1)).await.unwrap();
    let known = [("Kota \"A\"".to_owned(), "Kelas:".to_owned())].into_iter().collect();
    let change = ContactChange { fields: Some(known), ..ContactChange::default() };
    store.change_contact(everything(), all[0].id, &change, at(1)).await.unwrap();
    for (name, has) in [("Kota \"A\"", true), ("Kota", false), ("A", false), ("Kelas", false)] {
        let found = store.broadcast_has_own(ani.reach(), made.id, name).await.unwrap();
        assert_eq!(found, has, "{name}");
    }

    let again = NewBroadcast { name: "LIBUR".to_owned(), ..new.clone() };
    let refused = store.create_broadcast(ani.reach(), &again, at(2)).await;
    assert!(matches!(refused, Err(BroadcastError::NameTaken(name)) if name == "LIBUR"));
    let refused = store.create_broadcast(budi.reach(), &new, at(2)).await;
    assert!(matches!(refused, Err(BroadcastError::Store(StoreError::OutOfReach { .. }))));
    let other = NewBroadcast { groups: vec![theirs], ..new_broadcast(ani.id, "x") };
    let refused = store.create_broadcast(everything(), &other, at(2)).await;
    assert!(matches!(refused, Err(BroadcastError::NoSuchGroup(id)) if id == theirs));
    let second = new_broadcast(ani.id, "Arisan 50%");
    let other = store.create_broadcast(ani.reach(), &second, at(2));
    let other = other.await.unwrap();
    let names = async |reach: Reach, search: Option<&str>| -> Vec<String> {
        let (found, _) = store.broadcasts(reach, search, &page(9)).await.unwrap();
        found.into_iter().map(|one| one.name).collect()
    };
    assert_eq!(names(ani.reach(), None).await, ["Arisan 50%", "Libur"]);
    assert_eq!(names(ani.reach(), Some("0%")).await, ["Arisan 50%"]);
    assert!(names(budi.reach(), None).await.is_empty());
    let (first, next) = store.broadcasts(ani.reach(), None, &page(1)).await.unwrap();
    assert_eq!((first[0].id, next), (other.id, Some(other.place())));

    let plan = BroadcastPlan {
        starts: Some("2026-12-01T08:00:00".to_owned()),
        zone: "Europe/Berlin".to_owned(),
        pace: Some(Pace { messages: 60, per: PacePeriod::Minute }),
        quiet: "21:00-08:00".parse().ok(),
    };
    let change = BroadcastChange {
        name: Some("Libur panjang".to_owned()),
        message: Some(ScheduledMessage { text: "Hai".to_owned(), ..new.message.clone() }),
        groups: Some(Vec::new()),
        numbers: Some(vec!["0815".to_owned(), "x\0".to_owned()]),
        plan: Some(plan.clone()),
        drafts_only: true,
    };
    let changed = store.change_broadcast(ani.reach(), made.id, &change, at(3)).await.unwrap();
    let changed = changed.unwrap();
    assert_eq!((changed.name.as_str(), &changed.plan), ("Libur panjang", &plan));
    assert_eq!((changed.numbers, changed.groups.len(), changed.updated_at), (2, 0, at(3)));
    assert!(changed.version > made.version);
    let expected = store.broadcast_audience(ani.reach(), made.id).await.unwrap().unwrap();
    let known = Personalia { number: "0815".to_owned(), ..Personalia::default() };
    assert_eq!((expected.count, expected.first), (2, Some(known)));
    let taken =
        BroadcastChange { name: Some("arisan 50%".to_owned()), ..BroadcastChange::default() };
    let refused = store.change_broadcast(ani.reach(), made.id, &taken, at(4)).await;
    assert!(matches!(refused, Err(BroadcastError::NameTaken(_))));
    assert_eq!(read(&store, made.id).await, changed, "nothing of it was changed");
    assert!(store.note_broadcast_test(ani.reach(), made.id).await.unwrap());
    assert_eq!(read(&store, made.id).await.tests, 1);
    assert!(store.remove_broadcast(ani.reach(), made.id).await.unwrap());
    assert!(!store.remove_broadcast(ani.reach(), made.id).await.unwrap());
}

pub(crate) async fn orders_of_a_broadcast_go_one_way(store: Store) {
    use BroadcastOrder::{Cancel, Pause, Resume, Start};
    use BroadcastState::{Cancelled, Draft, Paused, Running, Scheduled};
    let ani = user(&store, "ani").await;
    let new = new_broadcast(ani.id, "Libur");
    let id = store.create_broadcast(ani.reach(), &new, at(1)).await.unwrap().id;
    let order = async |order: BroadcastOrder, seconds: i64| {
        store.order_broadcast(ani.reach(), id, order, at(seconds)).await.map(|found| {
            let found = found.unwrap();
            (found.state, found.next_at)
        })
    };
    let refused = order(Resume, 2).await;
    assert!(matches!(refused, Err(BroadcastError::In(Draft))), "{refused:?}");
    let later = Start(Some(at(500)));
    assert_eq!(order(later, 3).await.unwrap(), (Scheduled, Some(at(500))));
    assert_eq!(order(Start(None), 4).await.unwrap(), (Scheduled, Some(at(500))), "once");
    assert_eq!(store.next_broadcast().await.unwrap(), Some(at(500)));
    assert_eq!(store.due_broadcasts(at(499), 9).await.unwrap(), []);
    let careful = BroadcastChange {
        groups: Some(Vec::new()),
        drafts_only: true,
        ..BroadcastChange::default()
    };
    let refused = store.change_broadcast(ani.reach(), id, &careful, at(5)).await;
    assert!(matches!(refused, Err(BroadcastError::In(Scheduled))), "{refused:?}");
    // Its time is another one then, so it is to be started again.
    let change = BroadcastChange { plan: Some(new.plan.clone()), ..BroadcastChange::default() };
    store.change_broadcast(ani.reach(), id, &change, at(5)).await.unwrap();
    assert_eq!(read(&store, id).await.state, Draft);
    assert_eq!(order(later, 6).await.unwrap().0, Scheduled);
    assert_eq!(order(Pause, 7).await.unwrap(), (Draft, None));
    assert_eq!(order(later, 8).await.unwrap().0, Scheduled);
    let due = store.due_broadcasts(at(500), 9).await.unwrap();
    assert!(store.begin_broadcast(&due[0], at(501)).await.unwrap());
    assert!(!store.begin_broadcast(&due[0], at(501)).await.unwrap(), "another was first");
    let now = read(&store, id).await;
    assert_eq!((now.state, now.started_at, now.next_at), (Running, Some(at(501)), Some(at(501))));
    assert_eq!(now.reading, Some(Reading::default()));
    let refused = store.change_broadcast(ani.reach(), id, &change, at(502)).await;
    assert!(matches!(refused, Err(BroadcastError::In(Running))));
    let refused = store.remove_broadcast(ani.reach(), id).await;
    assert!(matches!(refused, Err(BroadcastError::In(Running))));
    for _ in 0..2 {
        assert_eq!(order(Pause, 503).await.unwrap(), (Paused, None));
    }
    assert!(!store.wait_broadcast(&now, Some(at(900))).await.unwrap(), "it was paused meanwhile");
    // The batches may not have been told, until that is noted of the last order.
    let untold = async |until: i64| store.untold_broadcasts(at(until), 9).await.unwrap();
    assert_eq!(untold(502).await, []);
    assert_eq!(untold(503).await, [read(&store, id).await]);
    store.broadcast_told(id, at(502)).await.unwrap();
    store.untold_broadcast_told(&now, at(504)).await.unwrap();
    assert_eq!(untold(503).await, [], "it was changed meanwhile, and they are told again");
    assert_eq!(untold(504).await.len(), 1);
    store.untold_broadcast_told(&read(&store, id).await, at(504)).await.unwrap();
    assert_eq!(untold(999).await, []);
    for _ in 0..2 {
        assert_eq!(order(Resume, 504).await.unwrap(), (Running, Some(at(504))));
    }
    let now = read(&store, id).await;
    assert!(store.stop_broadcast(&now, BroadcastTrouble::Missed).await.unwrap());
    let stopped = read(&store, id).await;
    assert_eq!((stopped.state, stopped.trouble), (Paused, Some(BroadcastTrouble::Missed)));
    for _ in 0..2 {
        assert_eq!(order(Cancel, 505).await.unwrap(), (Cancelled, None));
    }
    let refused = order(Resume, 506).await;
    assert!(matches!(refused, Err(BroadcastError::In(Cancelled))));
    assert_eq!(store.next_broadcast().await.unwrap(), None);
    let none = store.order_broadcast(ani.reach(), BroadcastId::new(), Cancel, at(507)).await;
    assert_eq!(none.unwrap(), None);
    assert!(store.remove_broadcast(ani.reach(), id).await.unwrap());
}

pub(crate) async fn who_is_left_out_of_an_audience_is_named(store: Store) {
    let ani = user(&store, "ani").await;
    let numbers = vec!["+62816".to_owned(), "+62811".to_owned(), "+62817".to_owned()];
    let out = NewOptOuts {
        numbers: Vec::new(),
        out: true,
        source: OptOutSource::Account,
        account: ani.id,
    };
    let numbers_out = ["+62816", "0812555555555"].map(|number| PhoneNumber::parse(number).unwrap());
    let out = NewOptOuts { numbers: numbers_out.to_vec(), ..out };
    store.change_opt_outs(everything(), &out, at(1)).await.unwrap();
    let one = group(&store, ani.id, "one", &["+62811", "+62813", "+62812"]).await;
    let two = group(&store, ani.id, "two", &["+62812555555555"]).await;
    let empty = group(&store, ani.id, "empty", &[]).await;
    let written = [numbers, vec!["nobody".to_owned(), "0811111111111".to_owned()]].concat();
    let written = [written, vec!["+62811111111111".to_owned()]].concat();
    let new = NewBroadcast {
        groups: vec![one, empty, two],
        numbers: written,
        ..new_broadcast(ani.id, "Libur")
    };
    for some in [1, 2, 100] {
        let new = NewBroadcast { name: format!("by {some}"), ..new.clone() };
        let id = store.create_broadcast(ani.reach(), &new, at(2)).await.unwrap().id;
        start(&store, id).await;
        let all = read_all(&store, id, some).await;
        let expected = Audience { recipients: 5, duplicates: 2, opted_out: 2, unusable: 1 };
        assert_eq!((all.audience, all.candidates), (expected, 10), "by {some}");
        let listed = store.broadcast_recipients(ani.reach(), id, None, false, 99).await.unwrap();
        assert_eq!(listed.len(), 10);
        assert!(!format!("{listed:?}").contains("628"));
        let left_out = store.broadcast_recipients(ani.reach(), id, Some(3), true, 99).await;
        let left_out: Vec<_> =
            left_out.unwrap().into_iter().map(|one| (one.number, one.left_out.unwrap())).collect();
        let expected = [
            ("+62816", LeftOut::OptedOut),
            ("+62811", LeftOut::Duplicate),
            ("nobody", LeftOut::Unusable),
            ("+62811111111111", LeftOut::Duplicate),
        ];
        assert_eq!(left_out, expected.map(|(number, why)| (number.to_owned(), why)));
        let progress = store.broadcast_progress(ani.reach(), id).await.unwrap();
        assert_eq!((progress.batches, progress.waiting[0].remaining), (vec![id.batch(0)], 5));
    }
    let nobody = NewBroadcast { groups: vec![empty], numbers: Vec::new(), ..new.clone() };
    let id = store.create_broadcast(ani.reach(), &nobody, at(2)).await.unwrap().id;
    start(&store, id).await;
    let over = read_all(&store, id, 9).await;
    assert_eq!(
        (over.state, over.trouble),
        (BroadcastState::Finished, Some(BroadcastTrouble::Nobody))
    );
    assert_eq!(over.next_at, None);
    // More than there may be, as of a group that has grown since.
    let many = NewBroadcast { name: "many".to_owned(), ..new };
    let id = store.create_broadcast(ani.reach(), &many, at(2)).await.unwrap().id;
    let begun = start(&store, id).await;
    let full = Broadcast { candidates: MOST_AUDIENCE, ..begun };
    let (candidates, next) = store.broadcast_candidates(&full, 1).await.unwrap();
    let looked: Vec<Looked> = candidates.into_iter().map(look).collect();
    let added = store.add_broadcast_recipients(&full, &looked, next.as_ref(), at(12)).await;
    assert!(added.unwrap());
    let over = read(&store, id).await;
    assert_eq!(
        (over.state, over.trouble),
        (BroadcastState::Cancelled, Some(BroadcastTrouble::TooMany))
    );
}

pub(crate) async fn a_piece_becomes_messages_once(store: Store) {
    let ani = user(&store, "ani").await;
    let toko = group(&store, ani.id, "Toko", &["+62811000001", "+62811000002"]).await;
    let new = NewBroadcast {
        groups: vec![toko],
        numbers: vec!["+62811000003".to_owned(), "+4915111111111".to_owned()],
        ..new_broadcast(ani.id, "Libur")
    };
    let id = store.create_broadcast(ani.reach(), &new, at(1)).await.unwrap().id;
    start(&store, id).await;
    let ready = read_all(&store, id, 3).await;
    assert_eq!(ready.remaining(), 4);
    let shares = store.broadcast_shares(&ready).await.unwrap();
    let shares: Vec<_> = shares.iter().map(|one| (one.zone.as_str(), one.remaining)).collect();
    assert_eq!(shares, [(ZONE, 3), ("Europe/Berlin", 1)]);
    assert_eq!(hand_out(&store, &ready, 2).await, Some(2));
    assert_eq!(hand_out(&store, &ready, 2).await, None, "another copy was first");
    let now = read(&store, id).await;
    assert_eq!((now.handed, now.in_hand, now.next_at), (2, 5, Some(at(20))));
    assert_eq!(store.broadcast_in_hand(&now).await.unwrap(), 2);

    let due = store.due(at(15), 9).await.unwrap();
    assert_eq!(due.len(), 2);
    for one in &due {
        let to = one.request.to.clone();
        let place = (0..4).find(|place| id.message(*place) == one.id).unwrap();
        let expected = MtRequest {
            id: Some(id.message(place)),
            owner: ani.id,
            created_at: Some(at(15)),
            options: SendOptions { class: Some(1), ..SendOptions::default() },
            when_uncertain: WhenUncertain::Resend,
            batch: Some(id.batch(0)),
            batch_size: Some(4),
            round: 1,
            ..MtRequest::text(to.clone(), format!("Hai Si {to} {to}"))
        };
        assert_eq!((one.request.clone(), one.priority), (expected, Priority::Bulk));
    }
    let message = store.message(ani.reach(), due[0].id).await.unwrap().unwrap();
    assert_eq!((message.state, message.gate), (MtState::Held, Some(Gate::Schedule)));
    store_all(&store, &[&due[0].request, &due[1].request]).await;
    assert_eq!(store.due(at(999), 9).await.unwrap(), []);

    // A pause stops the piece that was about to be made.
    store.order_broadcast(ani.reach(), id, BroadcastOrder::Pause, at(16)).await.unwrap();
    assert_eq!(hand_out(&store, &now, 9).await, None);
    store.order_broadcast(ani.reach(), id, BroadcastOrder::Resume, at(17)).await.unwrap();
    let now = read(&store, id).await;
    assert_eq!(hand_out(&store, &now, 9).await, Some(1), "the other zone is not asked for");
    let now = read(&store, id).await;
    assert_eq!(now.remaining(), 1);
    let text: PersonalText = now.message.text.parse().unwrap();
    let berlin = [BroadcastPiece { zone: "Europe/Berlin".to_owned(), count: 9 }];
    let limited = ScheduleBounds { of_account: Some((3, DAY)), ..WITHIN };
    let handing = store.hand_out_broadcast(&now, &text, &berlin, (0, at(20)), at(18), limited);
    let waits = handing.await.unwrap().unwrap();
    assert_eq!(waits.trouble, Some(BroadcastTrouble::OverLimit));
    let now = read(&store, id).await;
    assert_eq!((now.remaining(), now.trouble), (1, Some(BroadcastTrouble::OverLimit)));
    assert_eq!(now.next_at, Some(at(78)));
    let handing = store.hand_out_broadcast(&now, &text, &berlin, (0, at(20)), at(18), WITHIN);
    assert_eq!(handing.await.unwrap().unwrap().messages.len(), 1);
    let now = read(&store, id).await;
    assert_eq!((now.remaining(), now.trouble), (0, None));
    let (messages, mut before) = (store.due(at(18), 9).await.unwrap().len(), Vec::new());
    assert_eq!(messages, 2);

    // Its end is that of its batch.
    assert!(!store.end_broadcast(&now, at(19)).await.unwrap());
    assert_eq!(read(&store, id).await.next_at, None);
    for one in store.broadcast_recipients(ani.reach(), id, None, false, 9).await.unwrap() {
        before.push(one.message.unwrap());
    }
    before.sort_unstable();
    before.dedup();
    assert_eq!(before.len(), 4, "each has its own");
    let mut ends = Vec::new();
    for message in before {
        let message = store.message(ani.reach(), message).await.unwrap().unwrap();
        let Body::Text { text, .. } = &message.body else { panic!("a text") };
        let request = MtRequest {
            id: Some(message.id),
            owner: ani.id,
            ..MtRequest::text(message.to.clone(), text)
        };
        ends.push(request);
    }
    for (sequence, request) in (50..).zip(&ends) {
        store.project_events(&[mt(request, sequence, sent(&[1]))]).await.unwrap();
    }
    assert_eq!(store.broadcast_in_hand(&now).await.unwrap(), 0);
    let finished = store.finished_batches(9).await.unwrap();
    assert_eq!((finished[0].batch, finished[0].messages), (id.batch(0), 4));
    store.batches_of_broadcasts_ended(&[finished[0].batch], at(60)).await.unwrap();
    let due = store.due_broadcasts(at(60), 9).await.unwrap();
    assert!(store.end_broadcast(&due[0], at(61)).await.unwrap());
    let over = read(&store, id).await;
    assert_eq!((over.state, over.finished_at), (BroadcastState::Finished, Some(at(61))));
    let progress = store.broadcast_progress(ani.reach(), id).await.unwrap();
    assert_eq!((progress.states, progress.waiting), (vec![(MtState::Sent, 4)], Vec::new()));
    forgotten(&store, id).await;
}

pub(crate) async fn what_waits_for_credit_is_in_hand_and_a_cancel_ends_the_batch(store: Store) {
    let ani = user(&store, "ani").await;
    let numbers = (0..3).map(|n| format!("+6281100000{n}")).collect();
    let new = NewBroadcast { numbers, ..new_broadcast(ani.id, "Libur") };
    let id = store.create_broadcast(ani.reach(), &new, at(1)).await.unwrap().id;
    start(&store, id).await;
    let ready = read_all(&store, id, 9).await;
    assert_eq!(hand_out(&store, &ready, 2).await, Some(2));
    let due = store.due(at(15), 9).await.unwrap();
    let requests: Vec<&MtRequest> = due.iter().map(|one| &one.request).collect();
    store_all(&store, &requests).await;
    for (sequence, request) in (20..).zip(&requests) {
        let out = MtChange::Held { gate: Gate::Credit, until: at(3_600), tries: 0, round: 2 };
        store.project_events(&[mt(request, sequence, out)]).await.unwrap();
    }
    let now = read(&store, id).await;
    assert_eq!(store.broadcast_in_hand(&now).await.unwrap(), 2);
    // The third is never made, and the batch ends with the two.
    store.order_broadcast(ani.reach(), id, BroadcastOrder::Cancel, at(30)).await.unwrap();
    assert_eq!(store.finished_batches(9).await.unwrap(), []);
    for (sequence, request) in (40..).zip(&requests) {
        let cancelled = mt(request, sequence, MtChange::Cancelled { by: None });
        store.project_events(&[cancelled]).await.unwrap();
    }
    let finished = store.finished_batches(9).await.unwrap();
    assert_eq!((finished[0].batch, finished[0].messages), (id.batch(0), 2));
}

/// One that is over goes with its audience, in steps.
async fn forgotten(store: &Store, id: BroadcastId) {
    let cutoffs = |before: Timestamp| Cutoffs { messages: Some(before), ..Cutoffs::default() };
    assert_eq!(store.remove_old(&cutoffs(at(61)), 3).await.unwrap().broadcasts, 0);
    let mut steps = Vec::new();
    loop {
        let removed = store.remove_old(&cutoffs(at(62)), 3).await.unwrap().broadcasts;
        if removed == 0 {
            break;
        }
        steps.push(removed);
    }
    assert_eq!(steps, [3, 1, 2, 1], "its recipients, its numbers, itself");
    assert_eq!(store.broadcast(everything(), id).await.unwrap(), None);
}

pub(crate) async fn bounds_of_broadcasts_hold(store: Store) {
    let ani = user(&store, "ani").await;
    for n in 0..MOST_BROADCASTS {
        let new = new_broadcast(ani.id, &format!("broadcast {n}"));
        store.create_broadcast(ani.reach(), &new, at(1)).await.unwrap();
    }
    let refused = store.create_broadcast(ani.reach(), &new_broadcast(ani.id, "more"), at(1)).await;
    assert!(matches!(refused, Err(BroadcastError::TooMany)));
    // Ten thousand are a batch, and the one more is another.
    let numbers = (0..10_001).map(|n| format!("+62855{n:06}")).collect();
    let new = NewBroadcast { numbers, ..new_broadcast(UserId::internal(), "large") };
    let id = store.create_broadcast(everything(), &new, at(1)).await.unwrap().id;
    start(&store, id).await;
    let ready = read_all(&store, id, 1_000).await;
    assert_eq!(ready.audience.recipients, 10_001);
    let progress = store.broadcast_progress(everything(), id).await.unwrap();
    assert_eq!(progress.batches, [id.batch(0), id.batch(1)]);
    assert_eq!(hand_out(&store, &ready, 10_001).await, Some(10_001));
    let size = async |batch| -> u64 {
        let states = store.batch(everything(), batch).await.unwrap();
        states.iter().map(|(_, count)| count).sum()
    };
    assert_eq!((size(id.batch(0)).await, size(id.batch(1)).await), (10_000, 1));
}
