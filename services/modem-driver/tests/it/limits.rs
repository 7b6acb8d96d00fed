//! Limits of SIMs: what goes out is counted, over restarts, and what is too much moves to another SIM or waits.

use std::num::NonZeroU32;

use bus::{Bucket, Event, Kv};
use contracts::journal::{self, PartEntry, PartStage};
use contracts::limits::{Limit, Limits, Usage, WarmUp};
use contracts::modem::{ModemEventKind, ModemState};
use contracts::mt::{Keeper, MtChange, MtItem};
use contracts::subject::Target;
use contracts::{MessageId, MtState, OrgId, Priority, SimId, Timestamp, config_kv};
use modem_sim::{Fault, FaultRule};
use testkit::wait_for;

use crate::rig::Rig;

/// Limits by the clock of a zone in which it is noon now, so that no day ends while a test runs.
fn at_noon() -> Limits {
    let hour = Timestamp::now().as_micros() / 3_600_000_000 % 24;
    // The names of these zones have the sign of how far they are west.
    let zone = match hour - 12 {
        0 => "UTC".to_owned(),
        west @ 1.. => format!("Etc/GMT+{west}"),
        east => format!("Etc/GMT{east}"),
    };
    Limits { zone: Some(zone), ..Limits::default() }
}

fn per_day(most: u32) -> Limits {
    Limits { per_day: NonZeroU32::new(most), ..at_noon() }
}

async fn usage(rig: &Rig) -> Kv<Usage> {
    rig.bus.kv(Bucket::Usage).await.unwrap()
}

/// What is stored of a SIM's day.
async fn stored(rig: &Rig, sim: SimId) -> u32 {
    let entry = usage(rig).await.get(&sim.to_string()).await.unwrap();
    entry.map_or(0, |entry| entry.value.used(Limit::Day, Timestamp::now()))
}

async fn limit(rig: &Rig, sim: SimId, limits: Limits) {
    let settings = config_kv::Sim { limits, ..config_kv::Sim::unset(OrgId::default_org()) };
    let config = rig.bus.kv(Bucket::Config).await.unwrap();
    config.put(&format!("sim.{sim}"), &settings).await.unwrap();
}

/// A rig whose first SIM has limits of which every driver knows that is started from now on.
async fn limited(modems: usize, limits: Limits) -> (Rig, SimId) {
    let rig = Rig::new(modems).await;
    let driver = rig.driver(&[1]).await;
    let sim = rig.online(1).await[0].sim.clone().unwrap().id;
    driver.stop().await;
    limit(&rig, sim, limits).await;
    (rig, sim)
}

async fn closed(rig: &Rig) -> ModemState {
    wait_for("the SIM to be closed", || async {
        rig.states().await.into_iter().find(|state| state.closed.is_some())
    })
    .await
}

async fn sent(rig: &Rig, ids: &[MessageId]) {
    for id in ids {
        rig.events.until(*id, MtState::Sent).await;
    }
}

async fn dispatch(rig: &Rig, count: usize) -> Vec<MessageId> {
    let mut ids = Vec::new();
    for n in 0..count {
        ids.push(rig.dispatch(&format!("one of many, {n}")).await);
    }
    ids
}

fn by(rig: &Rig, modem: usize) -> usize {
    rig.sim.network().sent().iter().filter(|sent| sent.modem == modem).count()
}

#[tokio::test]
async fn what_is_too_much_for_a_sim_moves_to_another_one_of_the_pool() {
    let (rig, sim) = limited(2, per_day(3)).await;
    let _one = rig.driver(&[1]).await;
    rig.online(1).await;
    let ids = dispatch(&rig, 5).await;
    let state = closed(&rig).await;
    let why = state.closed.unwrap();
    assert_eq!((why.limit, why.most, why.passwords), (Limit::Day, Some(3), false));
    assert!(state.status.is_online() && why.until > Timestamp::now());
    assert_eq!(by(&rig, 1), 3);
    // Also what was fetched ahead is given back at once.
    let _two = rig.driver(&[2]).await;
    sent(&rig, &ids).await;
    assert_eq!((by(&rig, 1), by(&rig, 2)), (3, 2));
    assert_eq!(stored(&rig, sim).await, 3);
}

#[tokio::test]
async fn a_new_sim_sends_less_than_usual() {
    let limits = per_day(9);
    let today = Timestamp::now().to_jiff().to_zoned_datetime(limits.time_zone()).date();
    let warm_up = WarmUp { from: today, first_day: NonZeroU32::new(2).unwrap() };
    let (rig, _) = limited(1, Limits { warm_up: Some(warm_up), ..limits }).await;
    let _driver = rig.driver(&[1]).await;
    dispatch(&rig, 3).await;
    let why = closed(&rig).await.closed.unwrap();
    assert_eq!((why.limit, why.most, by(&rig, 1)), (Limit::Day, Some(2), 2));
}

#[tokio::test]
async fn a_restart_and_a_kill_go_on_counting() {
    let (rig, sim) = limited(1, per_day(3)).await;
    let one = rig.driver(&[1]).await;
    sent(&rig, &dispatch(&rig, 1).await).await;
    one.stop().await;
    assert_eq!(stored(&rig, sim).await, 1);
    let two = rig.driver(&[1]).await;
    sent(&rig, &dispatch(&rig, 1).await).await;
    two.kill().await;
    let _three = rig.driver(&[1]).await;
    let ids = dispatch(&rig, 2).await;
    closed(&rig).await;
    assert_eq!(by(&rig, 1), 3);
    // More is allowed at once.
    limit(&rig, sim, per_day(4)).await;
    sent(&rig, &ids).await;
    limit(&rig, sim, Limits::default()).await;
    sent(&rig, &dispatch(&rig, 3).await).await;
    assert_eq!(stored(&rig, sim).await, 4, "what has no limits is not counted");
}

#[tokio::test]
async fn what_is_counted_ahead_is_given_back_at_the_end_and_lost_by_a_kill() {
    let (rig, sim) = limited(1, per_day(500)).await;
    let one = rig.driver(&[1]).await;
    sent(&rig, &dispatch(&rig, 1).await).await;
    assert_eq!(stored(&rig, sim).await, 5, "a hundredth of the limit");
    one.stop().await;
    assert_eq!(stored(&rig, sim).await, 1);
    let two = rig.driver(&[1]).await;
    sent(&rig, &dispatch(&rig, 1).await).await;
    two.kill().await;
    let three = rig.driver(&[1]).await;
    sent(&rig, &dispatch(&rig, 1).await).await;
    three.stop().await;
    assert_eq!(stored(&rig, sim).await, 7, "six, of which two went out, and one");
}

#[tokio::test]
async fn a_message_is_not_begun_unless_all_its_parts_fit() {
    let (rig, sim) = limited(2, per_day(4)).await;
    let _one = rig.driver(&[1]).await;
    sent(&rig, &dispatch(&rig, 2).await).await;
    let long = "three parts ".repeat(30);
    let id = rig.dispatch(&long).await;
    let why = closed(&rig).await.closed.unwrap();
    assert!(why.passwords, "what is left is for passwords: {why:?}");
    let otp =
        rig.dispatch_with(Priority::Otp, "your code", |item| item.target = Target::Sim(sim)).await;
    sent(&rig, &[otp]).await;
    assert_eq!(rig.events.states_of(id), []);
    let _two = rig.driver(&[2]).await;
    sent(&rig, &[id]).await;
    assert_eq!((by(&rig, 1), by(&rig, 2)), (3, 3));
}

#[tokio::test]
async fn what_the_network_refuses_is_not_counted() {
    let (rig, sim) = limited(1, per_day(2)).await;
    let _driver = rig.driver(&[1]).await;
    rig.online(1).await;
    rig.sim.modem(1).fault(FaultRule::times(Fault::Cms(38), 3));
    let ids = dispatch(&rig, 2).await;
    sent(&rig, &ids).await;
    assert_eq!(stored(&rig, sim).await, 2);
}

/// As when a SIM was in another host's modem meanwhile.
#[tokio::test]
async fn what_another_host_counted_counts() {
    let (rig, sim) = limited(2, per_day(5)).await;
    let _one = rig.driver(&[1]).await;
    sent(&rig, &dispatch(&rig, 1).await).await;
    let (usage, key) = (usage(&rig).await, sim.to_string());
    let count = async |parts| {
        let entry = usage.get(&key).await.unwrap().unwrap();
        let mut value = entry.value;
        value.count(parts, 0);
        usage.update(&key, &value, entry.revision).await.unwrap();
    };
    count(1).await;
    sent(&rig, &dispatch(&rig, 1).await).await;
    assert_eq!(stored(&rig, sim).await, 3);
    count(2).await;
    let id = rig.dispatch("one too many").await;
    closed(&rig).await;
    let _two = rig.driver(&[2]).await;
    sent(&rig, &[id]).await;
    assert_eq!((by(&rig, 1), by(&rig, 2)), (2, 1));
}

fn recipients(most: u32) -> Limits {
    Limits { recipients_per_month: NonZeroU32::new(most), ..at_noon() }
}

async fn dispatch_to(rig: &Rig, to: &str, target: Option<Target>) -> MessageId {
    rig.dispatch_with(Priority::Normal, "for one of many", |item| {
        item.request.to = to.parse().unwrap();
        if let Some(target) = target {
            item.target = target;
        }
    })
    .await
}

#[tokio::test]
async fn who_is_one_too_many_goes_through_another_sim_and_who_was_counted_passes() {
    let (rig, sim) = limited(2, recipients(2)).await;
    let one = rig.driver(&[1]).await;
    rig.online(1).await;
    for to in ["+6281200000001", "+6281200000002", "+6281200000001"] {
        sent(&rig, &[dispatch_to(&rig, to, None).await]).await;
    }
    let state = wait_for("the SIM to be closed to new recipients", || async {
        rig.states().await.into_iter().find(|state| state.closed_to_new.is_some())
    })
    .await;
    assert!(state.closed.is_none() && state.status.is_online());
    // A restart forgets nobody.
    one.stop().await;
    let _one = rig.driver(&[1]).await;
    sent(&rig, &[dispatch_to(&rig, "+6281200000002", None).await]).await;
    let _two = rig.driver(&[2]).await;
    rig.online(2).await;
    let mut new = Vec::new();
    for n in 3..7 {
        new.push(dispatch_to(&rig, &format!("+628120000000{n}"), None).await);
    }
    sent(&rig, &new).await;
    assert_eq!((by(&rig, 1), by(&rig, 2)), (4, 4));
    let entry = usage(&rig).await.get(&sim.to_string()).await.unwrap().unwrap();
    assert_eq!(entry.value.recipients.len(), 2);
}

#[tokio::test]
async fn what_must_go_through_a_full_sim_is_left_to_the_router_with_the_reason() {
    let (rig, sim) = limited(1, recipients(1)).await;
    let _driver = rig.driver(&[1]).await;
    rig.online(1).await;
    sent(&rig, &[dispatch_to(&rig, "+6281200000001", None).await]).await;
    let id = dispatch_to(&rig, "+6281200000002", Some(Target::Sim(sim))).await;
    let MtChange::Deferred { error, until, tries, kept_by, .. } =
        rig.events.until(id, MtState::Deferred).await
    else {
        panic!("it is deferred")
    };
    assert_eq!((error.code.as_str(), tries, kept_by), ("new-recipient", 0, Keeper::Router));
    assert!(error.text.contains("1 different recipients a month"), "{error}");
    assert!(until > Timestamp::now());
    // The journal has the end of the round: what comes again of it is not sent by anybody.
    let attempts = rig.bus.kv::<PartEntry>(Bucket::Attempts).await.unwrap();
    let entry = attempts.get(&journal::key(id, 1)).await.unwrap().unwrap();
    assert_eq!((entry.value.stage, entry.value.tries), (PartStage::HandedOver, 0));
    // The next round goes out once the limit is raised.
    limit(&rig, sim, recipients(2)).await;
    let again = |item: &mut MtItem| {
        item.id = id;
        item.request.id = Some(id);
        item.request.to = "+6281200000002".parse().unwrap();
        item.request.round = 1;
        item.target = Target::Sim(sim);
    };
    rig.dispatch_with(Priority::Normal, "for one of many", again).await;
    sent(&rig, &[id]).await;
}

#[tokio::test]
async fn money_that_is_spent_closes_the_sim() {
    let limits =
        Limits { price: NonZeroU32::new(350), spend_per_day: NonZeroU32::new(1_000), ..at_noon() };
    let (rig, sim) = limited(1, limits).await;
    let _driver = rig.driver(&[1]).await;
    dispatch(&rig, 3).await;
    let why = closed(&rig).await.closed.unwrap();
    assert_eq!((why.limit, why.most, by(&rig, 1)), (Limit::SpendDay, Some(1_000), 2));
    let entry = usage(&rig).await.get(&sim.to_string()).await.unwrap().unwrap();
    assert_eq!(entry.value.used(Limit::SpendDay, Timestamp::now()), 700);
}

#[tokio::test]
async fn only_passwords_go_out_in_quiet_hours() {
    let quiet = Limits { quiet: Some("11:00-14:00".parse().unwrap()), ..at_noon() };
    let (rig, sim) = limited(1, quiet).await;
    let _driver = rig.driver(&[1]).await;
    let why = closed(&rig).await.closed.unwrap();
    assert_eq!((why.limit, why.passwords), (Limit::Quiet, true));
    let normal = rig.dispatch("good night").await;
    let otp = rig.dispatch_with(Priority::Otp, "your code", |_| {}).await;
    sent(&rig, &[otp]).await;
    assert_eq!(rig.events.states_of(normal), []);
    limit(&rig, sim, Limits::default()).await;
    sent(&rig, &[normal]).await;
    let entries = usage(&rig).await.entries().await.unwrap();
    assert!(entries.iter().all(|(_, entry)| entry.value.per_day.used <= 1), "{entries:?}");
}

#[tokio::test]
async fn people_are_told_once_that_a_limit_is_reached_and_that_it_is_over() {
    let (rig, sim) = limited(1, per_day(2)).await;
    let one = rig.driver(&[1]).await;
    sent(&rig, &dispatch(&rig, 2).await).await;
    let told = async |kind: ModemEventKind| {
        let event = |event: &Event| match event {
            Event::Modem(event) if event.kind == kind => Some(event.clone()),
            _ => None,
        };
        rig.events.find(kind.as_str(), event).await
    };
    let reached = told(ModemEventKind::LimitReached).await;
    assert_eq!(reached.sim, Some(sim));
    assert!(reached.text.ends_with("the limit of 2 messages a day is reached."), "{reached:?}");
    told(ModemEventKind::QuotaLow).await;
    one.stop().await;
    let _two = rig.driver(&[1]).await;
    closed(&rig).await;
    limit(&rig, sim, per_day(9)).await;
    told(ModemEventKind::LimitOver).await;
    sent(&rig, &dispatch(&rig, 1).await).await;
    let all = rig.events.all();
    let count = |kind| {
        all.iter()
            .filter(|event| matches!(event, Event::Modem(event) if event.kind == kind))
            .count()
    };
    assert_eq!(count(ModemEventKind::LimitReached), 1, "the restart does not tell it again");
    assert_eq!(count(ModemEventKind::QuotaLow), 1);
}

#[tokio::test]
async fn a_sim_without_limits_is_not_counted() {
    let rig = Rig::new(1).await;
    let driver = rig.driver(&[1]).await;
    sent(&rig, &dispatch(&rig, 2).await).await;
    driver.stop().await;
    assert_eq!(usage(&rig).await.entries().await.unwrap(), []);
}
