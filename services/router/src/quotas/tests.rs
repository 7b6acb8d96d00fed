use std::num::NonZeroU32;

use proptest::prelude::*;

use super::*;

fn limits(per_minute: u32, per_hour: u32, otp_per_hour: u32) -> AccountLimits {
    AccountLimits {
        per_minute: NonZeroU32::new(per_minute),
        per_hour: NonZeroU32::new(per_hour),
        otp_per_hour: NonZeroU32::new(otp_per_hour),
        zone: Some("UTC".to_owned()),
        ..AccountLimits::default()
    }
}

fn account() -> UserId {
    UserId::derived("budi")
}

fn quota(limits: &AccountLimits, priority: Priority) -> Arc<Quota> {
    Arc::new(Quota::of(account(), limits, priority).unwrap())
}

fn at(time: &str) -> Timestamp {
    format!("2026-12-01T{time}Z").parse().unwrap()
}

fn message(n: u32) -> MessageId {
    MessageId::derived(&n.to_string())
}

/// The bucket, without a broker.
#[derive(Default)]
struct Stored(HashMap<AccountCounter, Usage>);

impl Stored {
    fn answer(&mut self, quotas: &mut Quotas, now: Timestamp) {
        for Ask { quota, parts, unused, at } in quotas.asks() {
            let before = self.0.get(&quota.counter).cloned().unwrap_or_default();
            let (after, allotment) = decide(&quota, before, parts, unused.as_ref(), at);
            if let Some(after) = after {
                self.0.insert(quota.counter, after);
            }
            quotas.allotted(&quota, allotment, now);
        }
    }

    fn used(&self, quota: &Quota, limit: Limit, now: Timestamp) -> u32 {
        self.0.get(&quota.counter).map_or(0, |usage| usage.used(limit, now))
    }
}

/// Sends a message as the release does, if it may go.
fn send(
    quotas: &mut Quotas,
    stored: &mut Stored,
    quota: &Arc<Quota>,
    parts: u8,
    n: u32,
    now: Timestamp,
) -> bool {
    if quotas.standing(quota, parts, now) == Standing::Asking {
        stored.answer(quotas, now);
    }
    let goes = quotas.standing(quota, parts, now) == Standing::Open;
    if goes {
        quotas.take(quota, message(n), parts);
        quotas.settled(message(n), true);
    }
    goes
}

#[test]
fn nothing_is_counted_without_limits() {
    let none = AccountLimits { weight: NonZeroU32::new(3), ..AccountLimits::default() };
    for priority in Priority::ALL {
        assert!(Quota::of(account(), &none, priority).is_none());
    }
    let only_passwords = limits(0, 0, 3);
    assert!(Quota::of(account(), &only_passwords, Priority::Bulk).is_none());
    assert!(quota(&only_passwords, Priority::Otp).counter.passwords);
}

#[test]
fn a_limit_that_is_reached_says_when_it_opens() {
    let (mut quotas, mut stored) = (Quotas::default(), Stored::default());
    let quota = quota(&limits(0, 3, 0), Priority::Normal);
    let now = at("10:59:50");
    for n in 0..3 {
        assert!(send(&mut quotas, &mut stored, &quota, 1, n, now), "{n}");
    }
    assert!(!send(&mut quotas, &mut stored, &quota, 1, 3, now));
    assert_eq!(quotas.opens_at(&quota, now), Some(at("11:00:00")));
    let Standing::Closed(closed) = quotas.standing(&quota, 1, now) else { panic!("it is closed") };
    assert_eq!((closed.limit, closed.most), (Limit::Hour, Some(3)));
    assert_eq!(quotas.opens_at(&quota, at("11:00:00")), None);
    assert!(send(&mut quotas, &mut stored, &quota, 1, 4, at("11:00:00")));
    assert!(quotas.asks().is_empty());
}

#[test]
fn passwords_are_not_kept_by_what_else_an_account_sends() {
    let (mut quotas, mut stored) = (Quotas::default(), Stored::default());
    let limits = limits(0, 1, 2);
    let (all, passwords) = (quota(&limits, Priority::Bulk), quota(&limits, Priority::Otp));
    let now = at("10:00:00");
    assert!(send(&mut quotas, &mut stored, &all, 1, 0, now));
    assert!(!send(&mut quotas, &mut stored, &all, 1, 1, now));
    assert!(send(&mut quotas, &mut stored, &passwords, 1, 2, now));
    assert!(send(&mut quotas, &mut stored, &passwords, 1, 3, now));
    assert!(!send(&mut quotas, &mut stored, &passwords, 1, 4, now));
}

#[test]
fn a_block_is_stored_once_for_many_messages() {
    let (mut quotas, mut stored) = (Quotas::default(), Stored::default());
    let quota = quota(&limits(0, 1_000, 0), Priority::Normal);
    let now = at("10:00:00");
    let mut asked = 0;
    for n in 0..100 {
        if quotas.standing(&quota, 1, now) == Standing::Asking {
            asked += 1;
        }
        assert!(send(&mut quotas, &mut stored, &quota, 1, n, now), "{n}");
    }
    assert_eq!(asked, 10, "blocks of ten");
    // What is left of it in the next minute is given back.
    assert!(send(&mut quotas, &mut stored, &quota, 1, 100, now));
    let next = at("10:01:00");
    assert!(send(&mut quotas, &mut stored, &quota, 1, 101, next));
    assert_eq!(stored.used(&quota, Limit::Hour, next), 111);
    assert_eq!(quotas.leftovers(Some(Instant::now())), [], "it was just used");
    let left = quotas.leftovers(Some(Instant::now() + IDLE));
    assert_eq!(left.len(), 1);
    let mut usage = stored.0.remove(&quota.counter).unwrap();
    assert!(give_back(&mut usage, &left[0].1));
    assert_eq!(usage.used(Limit::Hour, next), 102);
}

#[test]
fn what_was_not_released_is_not_counted() {
    let (mut quotas, mut stored) = (Quotas::default(), Stored::default());
    let quota = quota(&limits(0, 1, 0), Priority::Normal);
    let now = at("10:00:00");
    assert_eq!(quotas.standing(&quota, 1, now), Standing::Asking);
    assert_eq!(quotas.standing(&quota, 1, now), Standing::Asking, "it is asked once");
    assert_eq!(quotas.asks.len(), 1);
    stored.answer(&mut quotas, now);
    quotas.take(&quota, message(1), 1);
    quotas.settled(message(1), false);
    assert_eq!(quotas.standing(&quota, 1, now), Standing::Open);
    quotas.take(&quota, message(1), 1);
    quotas.settled(message(1), true);
    quotas.settled(message(1), false);
    assert_ne!(quotas.standing(&quota, 1, now), Standing::Open);
}

#[test]
fn a_broker_that_does_not_answer_is_not_asked_all_the_time() {
    let mut quotas = Quotas::default();
    let quota = quota(&limits(0, 1, 0), Priority::Normal);
    let now = at("10:00:00");
    assert_eq!(quotas.standing(&quota, 1, now), Standing::Asking);
    quotas.asks();
    quotas.allotted(&quota, Allotment::Failed, now);
    assert_eq!(quotas.standing(&quota, 1, now), Standing::Unknown);
    assert!(quotas.again_at().is_some() && quotas.asks().is_empty());
}

#[test]
fn a_changed_limit_counts_at_once() {
    let (mut quotas, mut stored) = (Quotas::default(), Stored::default());
    let (few, more) =
        (quota(&limits(0, 1, 0), Priority::Normal), quota(&limits(0, 2, 0), Priority::Normal));
    let now = at("10:00:00");
    assert!(send(&mut quotas, &mut stored, &few, 1, 0, now));
    assert!(!send(&mut quotas, &mut stored, &few, 1, 1, now));
    quotas.settings_changed(|_| true);
    assert!(send(&mut quotas, &mut stored, &more, 1, 1, now));
    quotas.settings_changed(|_| false);
    assert!(quotas.counters.is_empty());
}

#[test]
fn what_another_router_gives_back_opens_a_limit() {
    let (mut quotas, mut stored) = (Quotas::default(), Stored::default());
    let quota = quota(&limits(0, 3, 0), Priority::Normal);
    let now = at("10:00:00");
    assert!(send(&mut quotas, &mut stored, &quota, 2, 0, now));
    assert!(!send(&mut quotas, &mut stored, &quota, 2, 1, now));
    let mut usage = stored.0[&quota.counter].clone();
    assert!(!quotas.heard(quota.counter, usage.clone(), now), "one is left, and two are wanted");
    usage.per_hour.used = 1;
    assert!(quotas.heard(quota.counter, usage.clone(), now));
    assert_eq!(quotas.opens_at(&quota, now), None);
    assert!(!quotas.heard(quota.counter, usage, now), "it was open");
}

#[test]
fn what_is_held_comes_back_as_the_limit_lets_it() {
    let mut quotas = Quotas::default();
    let quota = quota(&limits(0, 2, 0), Priority::Normal);
    let closed = |until| Closed { limit: Limit::Hour, most: Some(2), until, passwords: false };
    let eleven = closed(at("11:00:00"));
    let mut until = |closed: &Closed, parts| quotas.held_until(&quota, closed, parts);
    for expected in ["11:00:00", "11:00:00", "12:00:00", "12:00:00", "13:00:00"] {
        assert_eq!(until(&eleven, 1), at(expected));
    }
    assert_eq!(until(&eleven, 5), at("14:00:00"), "more parts than the limit has");
    let later = closed(at("20:00:00"));
    assert_eq!(until(&later, 1), at("20:00:00"), "all of those came again meanwhile");
}

#[test]
fn a_clock_that_is_set_back_keeps_nobody_closed() {
    let (mut quotas, mut stored) = (Quotas::default(), Stored::default());
    let quota = quota(&limits(0, 1, 0), Priority::Normal);
    let now = at("10:00:00");
    assert!(send(&mut quotas, &mut stored, &quota, 1, 0, now));
    assert!(!send(&mut quotas, &mut stored, &quota, 1, 1, now));
    assert_eq!(quotas.opens_at(&quota, at("08:00:00")), None);
    // What is counted is counted, but nobody waits until eleven.
    assert!(!send(&mut quotas, &mut stored, &quota, 1, 1, at("08:00:00")));
    assert_eq!(quotas.opens_at(&quota, at("08:00:00")), Some(at("09:00:00")));
}

#[derive(Debug, Clone)]
enum Step {
    Message { router: usize, parts: u8 },
    Later(u64),
    Killed(usize),
    Left(usize),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        12 => (0usize..3, 1u8..4).prop_map(|(router, parts)| Step::Message { router, parts }),
        4 => (0u64..40_000).prop_map(Step::Later),
        1 => (600_000u64..4_000_000).prop_map(Step::Later),
        1 => (0usize..3).prop_map(Step::Killed),
        1 => (0usize..3).prop_map(Step::Left),
    ]
}

proptest! {
    /// Three routers that are killed and stopped at any moment exceed no limit together, unless one message alone does.
    #[test]
    fn routers_share_a_limit(
        (per_minute, per_hour) in (3u32..30, 3u32..400),
        steps in prop::collection::vec(step(), 1..300),
    ) {
        let limits = limits(per_minute, per_hour.max(per_minute), 0);
        let quota = quota(&limits, Priority::Normal);
        let mut stored = Stored::default();
        let mut routers = [Quotas::default(), Quotas::default(), Quotas::default()];
        let mut now = at("10:00:00");
        let mut sent: Vec<(Timestamp, u8)> = Vec::new();
        for (n, step) in (0..).zip(steps) {
            match step {
                Step::Message { router, parts } => {
                    if send(&mut routers[router], &mut stored, &quota, parts, n, now) {
                        sent.push((now, parts));
                    }
                }
                Step::Later(millis) => now = now.plus(Duration::from_millis(millis)),
                Step::Killed(router) => routers[router] = Quotas::default(),
                Step::Left(router) => {
                    for (counter, block) in routers[router].leftovers(None) {
                        if let Some(usage) = stored.0.get_mut(&counter) {
                            give_back(usage, &block);
                        }
                    }
                }
            }
        }
        for (seconds, most) in [(60, per_minute), (3600, per_hour.max(per_minute))] {
            let mut windows: HashMap<i64, (u32, u32)> = HashMap::new();
            for (at, parts) in &sent {
                let window = windows.entry(at.as_micros() / (seconds * 1_000_000)).or_default();
                *window = (window.0 + u32::from(*parts), window.1 + 1);
            }
            for (parts, messages) in windows.values() {
                prop_assert!(*parts <= most || *messages == 1, "{parts} of {most} in {seconds} s");
            }
        }
    }
}
