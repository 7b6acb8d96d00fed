//! Times of schedules: sent when they come, and once.

use std::time::Duration;

use contracts::mt::{Encoding, MtRequest, SendOptions, WhenUncertain};
use contracts::scheduled::Scheduled;
use contracts::{MtState, OrgId, PhoneNumber, Priority, ScheduleId, Timestamp, UserId};
use store::{
    NewSchedule, Reach, Schedule, ScheduleBounds, ScheduleRun, ScheduleTrouble, ScheduledMessage,
    Store, Timing,
};
use testkit::wait_for;

use crate::World;
use crate::held::next_request;

const DAILY: Option<&str> = Some("FREQ=DAILY");

fn everything() -> Reach {
    Reach::everything(OrgId::default_org())
}

/// Makes a schedule that is sent next at `next`, to so many numbers.
async fn schedule(
    store: &Store,
    name: &str,
    count: usize,
    repetition: Option<&str>,
    next: Option<Timestamp>,
) -> Schedule {
    let number = |n| PhoneNumber::parse(&format!("+62812{n:07}")).unwrap();
    // What is repeated is repeated each day at an hour that is not near.
    let hour = (Timestamp::now().as_micros() / 3_600_000_000 + 6) % 24;
    let new = NewSchedule {
        owner: UserId::internal(),
        name: name.to_owned(),
        message: ScheduledMessage {
            text: format!("Halo {name}"),
            encoding: Encoding::Auto,
            priority: Priority::Normal,
            sim: None,
            pool: None,
            options: SendOptions::default(),
            when_uncertain: WhenUncertain::default(),
        },
        numbers: (0..count).map(number).collect(),
        groups: Vec::new(),
        timing: Timing {
            starts: format!("2026-01-01T{hour:02}:00:00"),
            zone: "UTC".to_owned(),
            repetition: repetition.map(str::to_owned),
        },
        paused: next.is_none(),
        next_at: next,
    };
    store.create_schedule(everything(), &new, Timestamp::now()).await.unwrap()
}

/// What came of the last time of a schedule, once something did.
async fn came_of(store: &Store, id: ScheduleId) -> (ScheduleRun, Option<Timestamp>) {
    wait_for("a time of the schedule to go by", || async {
        let found = store.schedule(everything(), id).await.unwrap().unwrap();
        Some((found.last?, found.next_at))
    })
    .await
}

pub(crate) async fn a_schedule_is_sent_when_its_time_comes(world: World) {
    let service = world.run().await;
    // Something else wakes it first, so that it sleeps, for up to a minute, when the schedule is made.
    let other = crate::request("Hai");
    world.request(&other).await;
    world.in_state(&other, MtState::Accepted).await;
    assert_eq!(next_request(&world).await, other);
    let time = Timestamp::now().plus(Duration::from_millis(700));
    let made = schedule(&world.store, "Salam", 1, DAILY, Some(time)).await;
    world.bus.hint(&Scheduled::SUBJECT, &Scheduled { at: time }).await;
    let request = next_request(&world).await;
    assert!(Timestamp::now() >= time);
    let to = PhoneNumber::parse("+628120000000").unwrap();
    let expected = MtRequest {
        id: Some(made.id.message(time, &to)),
        created_at: request.created_at,
        batch: Some(made.id.batch(time)),
        batch_size: Some(1),
        round: 1,
        ..MtRequest::text(to, "Halo Salam")
    };
    assert_eq!(request, expected);
    let detail = world.in_state(&request, MtState::Held).await;
    assert!(detail.message.created_at >= time);
    let (run, next) = came_of(&world.store, made.id).await;
    assert_eq!((run.at, run.messages, run.batch), (time, 1, request.batch));
    assert!(next.unwrap() > time && next.unwrap() <= time.plus(Duration::from_hours(24)));
    service.stop().await;
    assert_eq!(world.taken("SMS_REQUEST").await, 2);
}

/// The clock is a year ahead for a while.
pub(crate) async fn a_clock_that_jumped_silences_nothing(world: World) {
    let tomorrow = Timestamp::now().plus(Duration::from_hours(24));
    let daily = schedule(&world.store, "daily", 1, DAILY, Some(tomorrow)).await;
    let ahead = world.run_ahead(Duration::from_hours(24 * 365)).await;
    let (run, next) = came_of(&world.store, daily.id).await;
    assert_eq!((run.at, run.trouble), (tomorrow, Some(ScheduleTrouble::Missed)));
    assert!(next.unwrap() > tomorrow.plus(Duration::from_hours(24 * 300)));
    ahead.stop().await;
    let service = world.run().await;
    let next = wait_for("the next time to be put right", || async {
        let found = world.store.schedule(everything(), daily.id).await.unwrap().unwrap();
        found.next_at.filter(|next| *next < tomorrow.plus(Duration::from_hours(24)))
    })
    .await;
    assert!(next > Timestamp::now());
    service.stop().await;
}

/// Nobody was there when the times came: what is a little late is sent, once, and what is old is not.
pub(crate) async fn what_is_missed_is_sent_or_goes_by(world: World) {
    let now = Timestamp::now();
    let (late, old) = (now.minus(Duration::from_mins(10)), now.minus(Duration::from_hours(2)));
    let a_little = schedule(&world.store, "a little", 3, None, Some(late)).await;
    let missed = schedule(&world.store, "missed", 3, DAILY, Some(old)).await;
    let paused = schedule(&world.store, "paused", 3, DAILY, None).await;
    // The copy before was killed when it had made the messages of this one, and before it requested them.
    let half = schedule(&world.store, "half", 2, None, Some(late)).await;
    let within = ScheduleBounds { expire_after: Duration::from_hours(24), of_account: None };
    let sent = world.store.send_scheduled(&half, None, now, within).await;
    assert_eq!(sent.unwrap().unwrap().messages.len(), 2);
    let service = world.run().await;
    let mut texts = Vec::new();
    for _ in 0..5 {
        let request = next_request(&world).await;
        texts.push(format!("{:?} {}", request.batch, request.to));
    }
    texts.sort_unstable();
    texts.dedup();
    assert_eq!(texts.len(), 5, "each once");
    let (run, next) = came_of(&world.store, a_little.id).await;
    assert_eq!((run.at, run.messages, run.trouble, next), (late, 3, None, None));
    let (run, next) = came_of(&world.store, missed.id).await;
    assert_eq!((run.at, run.messages, run.trouble), (old, 0, Some(ScheduleTrouble::Missed)));
    assert!(next.unwrap() > old);
    service.stop().await;
    // Another copy finds nothing left to do, but for what comes then.
    let again = world.run().await;
    let last = schedule(&world.store, "last", 1, None, Some(Timestamp::now())).await;
    world.bus.hint(&Scheduled::SUBJECT, &Scheduled { at: Timestamp::now() }).await;
    assert_eq!(next_request(&world).await.batch, Some(last.id.batch(last.next_at.unwrap())));
    let paused = world.store.schedule(everything(), paused.id).await.unwrap().unwrap();
    assert_eq!((paused.last, paused.next_at), (None, None));
    again.stop().await;
    assert_eq!(world.taken("SMS_REQUEST").await, 6);
}

/// Two copies of the service see the same schedules due at the same moment.
pub(crate) async fn of_two_copies_one_sends(world: World) {
    let (one, other) = (world.run().await, world.run().await);
    let time = Timestamp::now().plus(Duration::from_millis(300));
    for n in 0..5 {
        schedule(&world.store, &format!("{n}"), 20, None, Some(time)).await;
    }
    world.bus.hint(&Scheduled::SUBJECT, &Scheduled { at: time }).await;
    wait_for("all to be requested", || async {
        let is_sent = world.rows().await == 100 && world.store.next_due().await.unwrap().is_none();
        (is_sent && world.store.next_schedule().await.unwrap().is_none()).then_some(())
    })
    .await;
    one.stop().await;
    other.stop().await;
    // What both published is known by its id.
    assert_eq!(world.taken("SMS_REQUEST").await, 100);
}
