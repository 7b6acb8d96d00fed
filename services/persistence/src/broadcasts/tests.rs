use contracts::mt::{Encoding, SendOptions, WhenUncertain};
use contracts::{BroadcastId, OrgId, Priority, UserId};
use proptest::prelude::*;
use store::{Audience, BroadcastPlan, PacePeriod, ScheduledMessage};

use super::*;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn broadcast(quiet: Option<&str>, pace: Option<Pace>) -> Broadcast {
    let begun = at("2026-12-01T00:00:00Z");
    Broadcast {
        id: BroadcastId::derived("1"),
        org: OrgId::default_org(),
        owner: UserId::internal(),
        name: "a".to_owned(),
        message: ScheduledMessage {
            text: "a".to_owned(),
            encoding: Encoding::Auto,
            priority: Priority::Bulk,
            sim: None,
            pool: None,
            options: SendOptions::default(),
            when_uncertain: WhenUncertain::default(),
        },
        groups: Vec::new(),
        numbers: 0,
        plan: BroadcastPlan {
            starts: None,
            zone: "Asia/Jakarta".to_owned(),
            pace,
            quiet: quiet.map(|quiet| quiet.parse().unwrap()),
        },
        state: BroadcastState::Running,
        trouble: None,
        version: 1,
        next_at: Some(begun),
        reading: None,
        candidates: 0,
        audience: Audience::default(),
        handed: 0,
        in_hand: 0,
        tests: 0,
        created_at: begun,
        updated_at: begun,
        started_at: Some(begun),
        finished_at: None,
    }
}

fn shares(zones: &[&str]) -> Vec<ZoneShare> {
    zones.iter().map(|zone| ZoneShare { zone: (*zone).to_owned(), remaining: 3 }).collect()
}

#[test]
fn a_pace_is_kept_in_pieces() {
    let tempo = |messages, per| Tempo::of(Some(Pace { messages, per }));
    let seconds = Duration::from_secs;
    for (messages, per, count, each) in [
        (60, PacePeriod::Minute, 5, seconds(5)),
        (1, PacePeriod::Minute, 1, seconds(60)),
        (10, PacePeriod::Hour, 1, seconds(360)),
        (7_200, PacePeriod::Hour, 10, seconds(5)),
        (100_000, PacePeriod::Minute, 2_000, Duration::from_millis(1_200)),
    ] {
        assert_eq!(tempo(messages, per), Tempo { count, each }, "{messages} a {per}");
    }
    let tempo = tempo(60, PacePeriod::Minute);
    let due = at("2026-12-01T00:00:00Z");
    assert_eq!(tempo.next(Some(due), due.plus(seconds(1))), due.plus(seconds(5)), "on time");
    let late = due.plus(seconds(600));
    assert_eq!(tempo.next(Some(due), late), late, "one piece is made up for, and no more");
}

proptest! {
    #[test]
    fn no_pace_is_exceeded(messages in 1_u32..=100_000, hour in any::<bool>()) {
        let per = if hour { PacePeriod::Hour } else { PacePeriod::Minute };
        let Tempo { count, each } = Tempo::of(Some(Pace { messages, per }));
        prop_assert!((1..=LARGEST_PIECE).contains(&count));
        let wanted = f64::from(messages) / f64::from(per.seconds());
        let kept = f64::from(count) / each.as_secs_f64();
        prop_assert!((kept / wanted - 1.0).abs() < 0.01, "{kept} for {wanted}");
    }
}

#[test]
fn so_much_is_in_hand_as_modems_take() {
    let tempo = Tempo::of(None);
    let mut all = broadcast(None, None);
    assert_eq!(room(&all, tempo, 0), LEAST_IN_HAND, "at first");
    all.in_hand = 50;
    assert_eq!(room(&all, tempo, 50), 0, "nothing was taken");
    assert_eq!(room(&all, tempo, 45), 5);
    assert_eq!(room(&all, tempo, 0), 100, "all was taken");
    all.in_hand = 400;
    assert_eq!(room(&all, tempo, 200), 200, "half was");
    let pace = Some(Pace { messages: 6_000, per: PacePeriod::Minute });
    let paced = broadcast(None, pace);
    assert_eq!(room(&paced, Tempo::of(pace), 0), 1_000, "two pieces");
}

#[test]
fn who_has_quiet_hours_waits_for_their_own_morning() {
    let all = broadcast(Some("21:00-08:00"), None);
    let zones = ["Asia/Jakarta", "Europe/Berlin"];
    // It is 20:59 in Jakarta and 14:59 in Berlin, and then one minute later.
    let both = hours(&all, shares(&zones), at("2026-12-01T13:59:59Z"));
    assert_eq!(both, Some(Hours::Open(shares(&zones))));
    let one = hours(&all, shares(&zones), at("2026-12-01T14:00:00Z"));
    assert_eq!(one, Some(Hours::Open(shares(&zones[1..]))));
    // 21:30 in Berlin, half past three in Jakarta, where it is eight first.
    let nobody = hours(&all, shares(&zones), at("2026-12-01T20:30:00Z"));
    assert_eq!(nobody, Some(Hours::Quiet(at("2026-12-01T21:00:00Z"))), "it is looked again");
    let soon = hours(&all, shares(&zones), at("2026-12-02T00:45:00Z"));
    assert_eq!(soon, Some(Hours::Quiet(at("2026-12-02T01:00:00Z"))));
    let open = hours(&all, shares(&zones), at("2026-12-02T01:00:00Z"));
    assert_eq!(open, Some(Hours::Open(shares(&zones[..1]))));
    // A zone that is not known here is the broadcast's.
    let unknown = hours(&all, shares(&["Moon/Tycho"]), at("2026-12-02T00:45:00Z"));
    assert_eq!(unknown, Some(Hours::Quiet(at("2026-12-02T01:00:00Z"))));
}

/// Clocks in Berlin go back at 3:00 on 25 October 2026, so 2:30 comes twice, and forward at 2:00 on 28 March 2027, over 2:30.
#[test]
fn nobody_is_forgotten_where_clocks_are_changed() {
    for begun in ["2026-10-25T00:10:00Z", "2026-10-25T01:10:00Z", "2027-03-28T00:30:00Z"] {
        let mut all = broadcast(Some("01:00-02:30"), None);
        all.plan.zone = "Europe/Berlin".to_owned();
        let mut now = at(begun);
        let end = now.plus(Duration::from_hours(1));
        while now < end {
            match hours(&all, shares(&["Europe/Berlin"]), now) {
                Some(Hours::Quiet(until)) => {
                    assert!(until > now, "{begun}");
                    now = until;
                }
                other => {
                    assert!(matches!(other, Some(Hours::Open(_))), "{begun}");
                    break;
                }
            }
        }
        assert!(now > at(begun) && now < end, "{begun}");
    }
}

#[test]
fn a_piece_takes_of_the_largest_zone_first() {
    let open = shares(&["a", "b", "c"]);
    let piece = |zone: &str, count| BroadcastPiece { zone: zone.to_owned(), count };
    assert_eq!(pieces(open.clone(), 5), [piece("a", 3), piece("b", 2)]);
    assert_eq!(pieces(open, 0), []);
}

#[test]
fn a_number_says_by_which_clocks_somebody_lives() {
    let plan = Plan::default();
    let zone = |broadcast: &Broadcast, written: &str| {
        let candidate = Candidate { written: written.to_owned(), contact: None };
        let looked = look(&plan, broadcast, candidate);
        (looked.number.is_some(), looked.zone)
    };
    let quiet = broadcast(Some("21:00-08:00"), None);
    let own = "Asia/Jakarta".to_owned();
    assert_eq!(zone(&quiet, "+4915112345678"), (true, "Europe/Berlin".to_owned()));
    assert_eq!(zone(&quiet, "+12025550123"), (true, own.clone()), "several zones");
    assert_eq!(zone(&quiet, "0812345678"), (true, own.clone()));
    assert_eq!(zone(&quiet, "nobody"), (false, own.clone()));
    assert_eq!(zone(&quiet, "+6281"), (false, own.clone()), "it was cut off");
    assert_eq!(zone(&broadcast(None, None), "+4915112345678"), (true, own));
}
