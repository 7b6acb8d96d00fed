//! Schedules, and what becomes of their times.

use std::time::Duration;

use contracts::mt::{Body, Encoding, Gate, MtChange, MtRequest, SendOptions, WhenUncertain};
use contracts::{GroupId, MtState, PhoneNumber, Priority, ScheduleId, Timestamp, UserId};
use store::{
    Going, MOST_SCHEDULES, NewContact, NewSchedule, Reach, Role, Schedule, ScheduleBounds,
    ScheduleChange, ScheduleError, ScheduleRun, ScheduleTrouble, ScheduledMessage, Store,
    StoreError, Timing, User,
};

use crate::contacts::{new_contact, new_group, page};
use crate::sample::{at, everything, new_user, store_all};

const DAY: Duration = Duration::from_hours(24);
const WITHIN: ScheduleBounds = ScheduleBounds { expire_after: DAY, of_account: None };

pub(crate) fn number(text: &str) -> PhoneNumber {
    PhoneNumber::parse(text).unwrap()
}

/// A schedule that is sent next at `at(100)`, and to one number.
pub(crate) fn new_schedule(owner: UserId, name: &str) -> NewSchedule {
    NewSchedule {
        owner,
        name: name.to_owned(),
        message: ScheduledMessage {
            text: "Halo".to_owned(),
            encoding: Encoding::Auto,
            priority: Priority::Bulk,
            sim: None,
            pool: None,
            options: SendOptions { class: Some(1), ..SendOptions::default() },
            when_uncertain: WhenUncertain::Resend,
        },
        numbers: vec![number("+62811")],
        groups: Vec::new(),
        timing: Timing {
            starts: "2026-12-01T08:00:00".to_owned(),
            zone: "Asia/Jakarta".to_owned(),
            repetition: Some("FREQ=DAILY".to_owned()),
        },
        paused: false,
        next_at: Some(at(100)),
    }
}

async fn user(store: &Store, name: &str) -> User {
    store.create_user(everything(), &new_user(name, Role::User), at(0)).await.unwrap()
}

async fn read(store: &Store, id: ScheduleId) -> Schedule {
    store.schedule(everything(), id).await.unwrap().unwrap()
}

/// Makes a group with contacts of these numbers.
async fn group(store: &Store, owner: Option<UserId>, name: &str, numbers: &[&str]) -> GroupId {
    let group = store.create_group(everything(), &new_group(owner, name), at(1)).await.unwrap();
    let contacts: Vec<NewContact> = numbers
        .iter()
        .map(|number| NewContact {
            groups: vec![group.id],
            ..new_contact(owner, &format!("{name} {number}"), number)
        })
        .collect();
    store.create_contacts(everything(), &contacts, at(1)).await.unwrap();
    group.id
}

pub(crate) async fn a_schedule_is_made_changed_and_removed(store: Store) {
    let (ani, budi) = (user(&store, "ani").await, user(&store, "budi").await);
    let new = new_schedule(ani.id, "Salam");
    let made = store.create_schedule(ani.reach(), &new, at(1)).await.unwrap();
    assert_eq!(read(&store, made.id).await, made);
    assert_eq!((made.next_at, made.last.clone(), made.created_at), (Some(at(100)), None, at(1)));
    assert_eq!(
        (made.message.clone(), made.timing.clone()),
        (new.message.clone(), new.timing.clone())
    );
    assert!(!format!("{made:?}").contains("Halo"));

    // Another one of that name, for another account alone.
    let again = NewSchedule { name: "SALAM".to_owned(), ..new.clone() };
    let refused = store.create_schedule(ani.reach(), &again, at(2)).await;
    assert!(matches!(refused, Err(ScheduleError::NameTaken(name)) if name == "SALAM"));
    let theirs = NewSchedule { owner: budi.id, ..new.clone() };
    store.create_schedule(budi.reach(), &theirs, at(2)).await.unwrap();
    let refused = store.create_schedule(budi.reach(), &new, at(2)).await;
    assert!(matches!(refused, Err(ScheduleError::Store(StoreError::OutOfReach { .. }))));
    let other = NewSchedule { name: "Pagi 100%".to_owned(), next_at: None, ..new.clone() };
    let other = store.create_schedule(ani.reach(), &other, at(2)).await.unwrap();

    let names = async |reach: Reach, search: Option<&str>| -> Vec<String> {
        let (found, next) = store.schedules(reach, search, &page(9)).await.unwrap();
        assert_eq!(next, None);
        found.into_iter().map(|one| one.name).collect()
    };
    assert_eq!(names(ani.reach(), None).await, ["Pagi 100%", "Salam"]);
    assert_eq!(names(everything(), Some("")).await.len(), 3);
    assert_eq!(names(ani.reach(), Some("0%")).await, ["Pagi 100%"]);
    let (first, next) = store.schedules(ani.reach(), None, &page(1)).await.unwrap();
    assert_eq!((first[0].id, next), (other.id, Some(other.place())));

    let change = ScheduleChange {
        name: Some("Malam".to_owned()),
        message: Some(ScheduledMessage { text: "Hai\0".to_owned(), ..new.message.clone() }),
        numbers: Some(vec![number("888"), number("+62812")]),
        groups: None,
        timing: Some(Timing { repetition: None, ..new.timing.clone() }),
        going: Some(Going { paused: true, next_at: None }),
    };
    let changed = store.change_schedule(ani.reach(), made.id, &change, at(3)).await.unwrap();
    let changed = changed.unwrap();
    assert_eq!((changed.name.as_str(), changed.message.text.as_str()), ("Malam", "Hai\0"));
    assert_eq!((changed.numbers.len(), changed.timing.repetition.clone()), (2, None));
    assert_eq!((changed.paused, changed.next_at, changed.updated_at), (true, None, at(3)));
    let taken = ScheduleChange { name: Some("pagi 100%".to_owned()), ..ScheduleChange::default() };
    let refused = store.change_schedule(ani.reach(), made.id, &taken, at(4)).await;
    assert!(matches!(refused, Err(ScheduleError::NameTaken(_))));
    assert_eq!(read(&store, made.id).await, changed, "nothing of it was changed");
    let nothing = ScheduleChange::default();
    let none = store.change_schedule(ani.reach(), ScheduleId::new(), &nothing, at(4)).await;
    assert_eq!(none.unwrap(), None);

    let run = ScheduleRun { at: at(5), batch: None, messages: 7, trouble: None };
    assert!(store.note_schedule_run(ani.reach(), made.id, &run).await.unwrap());
    assert_eq!(read(&store, made.id).await.last, Some(run));
    assert!(store.remove_schedule(ani.reach(), made.id).await.unwrap());
    assert!(!store.remove_schedule(ani.reach(), made.id).await.unwrap());
    assert_eq!(store.schedule(everything(), made.id).await.unwrap(), None);
}

pub(crate) async fn groups_of_a_schedule_are_those_of_its_owner(store: Store) {
    let (ani, budi) = (user(&store, "ani").await, user(&store, "budi").await);
    let own = group(&store, Some(ani.id), "Toko", &["+62811", "+62813", "+62812"]).await;
    let shared = group(&store, None, "Semua", &["+62813", "110"]).await;
    let theirs = group(&store, Some(budi.id), "Toko", &["+62899"]).await;
    let empty = group(&store, Some(ani.id), "Kosong", &[]).await;
    for absent in [theirs, GroupId::new()] {
        // An administrator makes it, and it sends for Ani all the same.
        let new = NewSchedule { groups: vec![own, absent], ..new_schedule(ani.id, "x") };
        let refused = store.create_schedule(everything(), &new, at(2)).await;
        assert!(matches!(refused, Err(ScheduleError::NoSuchGroup(id)) if id == absent));
    }
    let new = NewSchedule { groups: vec![own, shared, empty], ..new_schedule(ani.id, "x") };
    let made = store.create_schedule(ani.reach(), &new, at(2)).await.unwrap();
    let recipients = async || -> Vec<String> {
        let all = store.schedule_recipients(ani.reach(), made.id).await.unwrap().unwrap();
        // Each engine has its own order of signs.
        let mut all: Vec<String> = all.iter().map(ToString::to_string).collect();
        all.sort_unstable();
        all
    };
    assert_eq!(recipients().await, ["+62811", "+62812", "+62813", "110"], "each once");
    let change = ScheduleChange { groups: Some(vec![theirs]), ..ScheduleChange::default() };
    let refused = store.change_schedule(everything(), made.id, &change, at(3)).await;
    assert!(matches!(refused, Err(ScheduleError::NoSuchGroup(id)) if id == theirs));
    // Who is in a group is read when it is sent, and one that is gone has nobody.
    store.create_contacts(ani.reach(), &[one_more(ani.id, own)], at(4)).await.unwrap();
    store.remove_group(everything(), shared, at(20)).await.unwrap();
    assert_eq!(recipients().await, ["+62811", "+62812", "+62813", "+62814"]);
    let change = ScheduleChange { groups: Some(Vec::new()), ..ScheduleChange::default() };
    store.change_schedule(ani.reach(), made.id, &change, at(5)).await.unwrap().unwrap();
    assert_eq!(recipients().await, ["+62811"]);
    assert_eq!(store.schedule_recipients(budi.reach(), made.id).await.unwrap(), None);
}

fn one_more(owner: UserId, group: GroupId) -> NewContact {
    NewContact { groups: vec![group], ..new_contact(Some(owner), "Satu lagi", "+62814") }
}

pub(crate) async fn bounds_of_schedules_hold(store: Store) {
    let ani = user(&store, "ani").await;
    for n in 0..MOST_SCHEDULES {
        let new = new_schedule(ani.id, &format!("schedule {n}"));
        store.create_schedule(ani.reach(), &new, at(1)).await.unwrap();
    }
    let refused = store.create_schedule(ani.reach(), &new_schedule(ani.id, "more"), at(1)).await;
    assert!(matches!(refused, Err(ScheduleError::TooMany)));
    let internal = new_schedule(UserId::internal(), "more");
    store.create_schedule(everything(), &internal, at(1)).await.unwrap();
    // However many are due, a look takes so many.
    assert_eq!(store.due_schedules(at(100), 3).await.unwrap().len(), 3);
}

pub(crate) async fn a_time_becomes_messages_once(store: Store) {
    let ani = user(&store, "ani").await;
    let toko = group(&store, Some(ani.id), "Toko", &["+62812", "+62811"]).await;
    let new = NewSchedule { groups: vec![toko], ..new_schedule(ani.id, "Salam") };
    let made = store.create_schedule(ani.reach(), &new, at(1)).await.unwrap();
    let over = NewSchedule { next_at: None, ..new_schedule(ani.id, "over") };
    store.create_schedule(ani.reach(), &over, at(1)).await.unwrap();
    assert_eq!(store.next_schedule().await.unwrap(), Some(at(100)));
    assert_eq!(store.due_schedules(at(99), 9).await.unwrap(), []);
    let due = store.due_schedules(at(100), 9).await.unwrap();
    assert_eq!(due, std::slice::from_ref(&made));

    let next = Some(at(100).plus(DAY));
    let sent = store.send_scheduled(&made, next, at(101), WITHIN).await.unwrap().unwrap();
    let batch = made.id.batch(at(100));
    let run = ScheduleRun { at: at(100), batch: Some(batch), messages: 2, trouble: None };
    assert_eq!((&sent.run, sent.messages.len()), (&run, 2));
    let now = read(&store, made.id).await;
    assert_eq!((now.next_at, now.last, now.updated_at), (next, Some(run), made.updated_at));
    // Whoever read it before comes too late.
    assert_eq!(store.send_scheduled(&made, next, at(102), WITHIN).await.unwrap(), None);
    assert!(!store.pass_scheduled(&made, next, ScheduleTrouble::Missed).await.unwrap());

    // They are held, due at once, and requested as any message is that was held.
    let due = store.due(at(101), 9).await.unwrap();
    let mut to: Vec<_> = due.iter().map(|one| one.request.to.to_string()).collect();
    to.sort_unstable();
    assert_eq!(to, ["+62811", "+62812"]);
    let one = &due[0];
    let expected = MtRequest {
        id: Some(made.id.message(at(100), &one.request.to)),
        owner: ani.id,
        created_at: Some(at(101)),
        options: SendOptions { class: Some(1), ..SendOptions::default() },
        when_uncertain: WhenUncertain::Resend,
        batch: Some(batch),
        batch_size: Some(2),
        round: 1,
        ..MtRequest::text(one.request.to.clone(), "Halo")
    };
    assert_eq!((one.request.clone(), one.priority), (expected, Priority::Bulk));
    assert_eq!(one.ends_at, Some(at(101).plus(DAY)));
    let detail = store.message_detail(ani.reach(), one.id).await.unwrap().unwrap();
    assert_eq!((detail.message.state, detail.message.gate), (MtState::Held, Some(Gate::Schedule)));
    assert_eq!(detail.message.held_until, Some(at(100)));
    assert!(matches!(&detail.message.body, Body::Text { text, .. } if text == "Halo"));
    assert!(detail.message.number > 0);
    let held = MtChange::Held { gate: Gate::Schedule, until: at(100), tries: 0, round: 1 };
    let line = &detail.timeline[0];
    assert_eq!((&line.change, line.at, detail.timeline.len()), (&held, at(101), 1));
    // The request that comes back settles them, and the batch ends as others do.
    store_all(&store, &[&due[0].request, &due[1].request]).await;
    assert_eq!(store.due(at(999), 9).await.unwrap(), []);
    for (sequence, one) in (50..).zip(&due) {
        let event = crate::sample::mt(&one.request, sequence, crate::sample::sent(&[1]));
        store.project_events(&[event]).await.unwrap();
    }
    let finished = store.finished_batches(9).await.unwrap();
    assert_eq!((finished[0].batch, finished[0].messages), (batch, 2));

    // The same time again, because somebody set it so: the same messages, which are there.
    let back = ScheduleChange {
        going: Some(Going { paused: false, next_at: Some(at(100)) }),
        ..ScheduleChange::default()
    };
    let again = store.change_schedule(ani.reach(), made.id, &back, at(103)).await.unwrap().unwrap();
    let sent = store.send_scheduled(&again, None, at(104), WITHIN).await.unwrap().unwrap();
    assert_eq!(sent.messages, []);
    assert_eq!(store.due(at(999), 9).await.unwrap(), []);
    assert_eq!(store.next_schedule().await.unwrap(), None);
}

pub(crate) async fn a_time_goes_by_and_says_why(store: Store) {
    let ani = user(&store, "ani").await;
    let empty = group(&store, Some(ani.id), "Kosong", &[]).await;
    let new =
        NewSchedule { numbers: Vec::new(), groups: vec![empty], ..new_schedule(ani.id, "nobody") };
    let nobody = store.create_schedule(ani.reach(), &new, at(1)).await.unwrap();
    let sent = store.send_scheduled(&nobody, None, at(101), WITHIN).await.unwrap().unwrap();
    let gone_by =
        |trouble| ScheduleRun { at: at(100), batch: None, messages: 0, trouble: Some(trouble) };
    assert_eq!(sent.run, gone_by(ScheduleTrouble::Nobody));
    assert_eq!(read(&store, nobody.id).await.last, Some(gone_by(ScheduleTrouble::Nobody)));

    let numbers: Vec<String> = (0..10_000).map(|n| format!("+62855{n:06}")).collect();
    let numbers: Vec<&str> = numbers.iter().map(String::as_str).collect();
    let all = group(&store, Some(ani.id), "Semua", &numbers).await;
    let new = NewSchedule { groups: vec![all], ..new_schedule(ani.id, "too many") };
    let many = store.create_schedule(ani.reach(), &new, at(1)).await.unwrap();
    let sent = store.send_scheduled(&many, None, at(101), WITHIN).await.unwrap().unwrap();
    assert_eq!(sent.run, gone_by(ScheduleTrouble::TooMany));
    assert_eq!(store.due(at(999), 9).await.unwrap(), [], "nothing of it is sent");
    let new = NewSchedule { numbers: Vec::new(), ..new };
    let twice = ["0855999999", "+62855999999"].map(|number| number.parse().unwrap());
    let twice = NewSchedule { numbers: twice.to_vec(), groups: Vec::new(), ..new.clone() };
    let twice = NewSchedule { name: "one phone".to_owned(), ..twice };
    let twice = store.create_schedule(ani.reach(), &twice, at(1)).await.unwrap();
    let sent = store.send_scheduled(&twice, None, at(101), WITHIN).await.unwrap().unwrap();
    assert_eq!(sent.run.messages, 1, "two writings of one number");
    let limited = NewSchedule { name: "over the limit".to_owned(), ..new.clone() };
    let limited = store.create_schedule(ani.reach(), &limited, at(1)).await.unwrap();
    let within = ScheduleBounds { of_account: Some((9_999, DAY)), ..WITHIN };
    let sent = store.send_scheduled(&limited, None, at(101), within).await.unwrap().unwrap();
    assert_eq!(sent.run, gone_by(ScheduleTrouble::OverLimit));
    let new = NewSchedule { name: "as many as may be".to_owned(), ..new };
    let most = store.create_schedule(ani.reach(), &new, at(1)).await.unwrap();
    let sent = store.send_scheduled(&most, None, at(101), WITHIN).await.unwrap().unwrap();
    assert_eq!((sent.run.messages, sent.messages.len()), (10_000, 10_000));

    let missed = store.create_schedule(ani.reach(), &new_schedule(ani.id, "late"), at(1)).await;
    let missed = missed.unwrap();
    let next: Option<Timestamp> = Some(at(100).plus(DAY));
    assert!(store.pass_scheduled(&missed, next, ScheduleTrouble::Missed).await.unwrap());
    let now = read(&store, missed.id).await;
    assert_eq!((now.next_at, now.last), (next, Some(gone_by(ScheduleTrouble::Missed))));
}
