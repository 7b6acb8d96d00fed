use jiff::Span;
use proptest::prelude::*;

use super::*;

/// Zones whose clocks change: by an hour, by half of one, at midnight, in the south, and not at all.
const ZONES: [&str; 8] = [
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "America/Santiago",
    "Africa/Cairo",
    "Asia/Jakarta",
    "Pacific/Auckland",
    "UTC",
];

fn plan(begins: &str, zone: &str, repetition: &str) -> Plan {
    let repetition = Some(repetition).filter(|text| !text.is_empty());
    Plan::parse(begins, zone, repetition).unwrap()
}

fn moment(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// The first times of a plan, as `12-01 08:00` of its zone.
fn shown(plan: &Plan, after: &str, count: usize) -> Vec<String> {
    let times = plan.times_after(moment(after)).take(count);
    times
        .map(|at| at.to_zoned_datetime(plan.zone.clone()).strftime("%m-%d %H:%M").to_string())
        .collect()
}

#[test]
fn times_are_those_of_the_rule() {
    let new_year = "2026-01-01T00:00:00Z";
    for (begins, rule, times) in [
        ("2026-12-01 08:00", "", &["12-01 08:00"][..]),
        ("2026-12-01 08:00", "FREQ=DAILY;COUNT=3", &["12-01 08:00", "12-02 08:00", "12-03 08:00"]),
        (
            "2026-12-01 08:00",
            "FREQ=DAILY;INTERVAL=10",
            &["12-01 08:00", "12-11 08:00", "12-21 08:00"],
        ),
        // It begins on a Tuesday.
        ("2026-12-01 08:00", "FREQ=WEEKLY", &["12-01 08:00", "12-08 08:00"]),
        ("2026-12-01 08:00", "FREQ=WEEKLY;BYDAY=MO", &["12-07 08:00", "12-14 08:00"]),
        (
            "2026-12-01 08:00",
            "freq=weekly;byday=su,we,MO",
            &["12-02 08:00", "12-06 08:00", "12-07 08:00"],
        ),
        (
            "2026-12-01 08:00",
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TU",
            &["12-01 08:00", "12-14 08:00", "12-15 08:00"],
        ),
        ("2026-01-31 08:00", "FREQ=MONTHLY", &["01-31 08:00", "03-31 08:00", "05-31 08:00"]),
        (
            "2026-01-15 08:00",
            "FREQ=MONTHLY;BYMONTHDAY=-1,1",
            &["01-31 08:00", "02-01 08:00", "02-28 08:00"],
        ),
        (
            "2026-01-15 08:00",
            "FREQ=MONTHLY;BYMONTHDAY=31,-1",
            &["01-31 08:00", "02-28 08:00", "03-31 08:00"],
        ),
        ("2028-02-29 08:00", "FREQ=MONTHLY;INTERVAL=12", &["02-29 08:00", "02-29 08:00"]),
        ("2026-12-01 08:00", "FREQ=DAILY;UNTIL=20261202", &["12-01 08:00", "12-02 08:00"]),
        ("2026-12-01 08:00", "FREQ=DAILY;UNTIL=20261202T005959Z", &["12-01 08:00"]),
        ("2026-12-01 08:00", "FREQ=DAILY;UNTIL=20261202T010000Z", &["12-01 08:00", "12-02 08:00"]),
        ("2026-12-01 08:00", "FREQ=DAILY;UNTIL=20261130", &[]),
        ("2026-02-01 08:00", "FREQ=MONTHLY;INTERVAL=12;BYMONTHDAY=30", &[]),
    ] {
        let plan = plan(begins, "Asia/Jakarta", rule);
        let ends = rule.is_empty() || rule.contains("COUNT") || rule.contains("UNTIL");
        let count = if ends { 9 } else { times.len().max(1) };
        let found = shown(&plan, new_year, count);
        assert_eq!(found, times, "{begins} {rule}");
    }
}

#[test]
fn what_ends_ends_and_what_does_not_goes_on() {
    let three = plan("2026-12-01 08:00", "Asia/Jakarta", "FREQ=DAILY;COUNT=3");
    assert_eq!(shown(&three, "2026-12-01T01:00:00Z", 9), ["12-02 08:00", "12-03 08:00"]);
    assert_eq!(three.after(moment("2026-12-03T01:00:00Z")), None);
    let once = plan("2026-12-01T08:00:30", "Asia/Jakarta", "");
    let at = moment("2026-12-01T01:00:30Z");
    assert_eq!(once.after(at - Span::new().seconds(1)), Some(at));
    assert_eq!(once.after(at), None);
    // A century later, without a walk through all of it.
    let daily = plan("2026-12-01 08:00", "Asia/Jakarta", "FREQ=DAILY;INTERVAL=7");
    let later = daily.after(moment("2126-01-01T00:00:00Z")).unwrap();
    assert!(later < moment("2126-01-08T00:00:00Z"));
    assert_eq!(later.to_zoned_datetime(daily.zone.clone()).weekday(), daily.begins.weekday());
}

#[test]
fn clocks_that_change_leave_nothing_out_and_double_nothing() {
    // Over the night of 28 March 2027, 02:00 is followed by 03:00.
    let daily = plan("2027-03-27 02:30", "Europe/Berlin", "FREQ=DAILY");
    let days = shown(&daily, "2027-03-01T00:00:00Z", 3);
    assert_eq!(days, ["03-27 02:30", "03-28 03:00", "03-29 02:30"]);
    // On 25 October 2026, 02:30 comes twice.
    let daily = plan("2026-10-24 02:30", "Europe/Berlin", "FREQ=DAILY");
    let times: Vec<_> = daily.times_after(moment("2026-10-01T00:00:00Z")).take(3).collect();
    let expected = ["2026-10-24T00:30:00Z", "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"];
    assert_eq!(times, expected.map(moment));
    // The first of the two has gone by, and the second one is no time of the plan.
    let between = daily.after(moment("2026-10-25T00:45:00Z"));
    assert_eq!(between, Some(moment("2026-10-26T01:30:00Z")));
    // Clocks that go forward at midnight: the day begins at one.
    let midnight = plan("2026-04-23 00:00", "Africa/Cairo", "FREQ=DAILY");
    let days = shown(&midnight, "2026-04-22T12:00:00Z", 3);
    assert_eq!(days, ["04-23 00:00", "04-24 01:00", "04-25 00:00"]);
}

#[test]
fn a_day_that_a_zone_leaves_out_comes_to_one_time_with_the_next() {
    // Samoa had no 30 December 2011.
    let daily = plan("2011-12-29 00:00", "Pacific/Apia", "FREQ=DAILY");
    let days = shown(&daily, "2011-12-28T00:00:00Z", 4);
    assert_eq!(days, ["12-29 00:00", "12-31 00:00", "01-01 00:00", "01-02 00:00"]);
}

#[test]
fn what_cannot_be_read_is_named() {
    for (rule, words) in [
        ("", "does not say FREQ"),
        ("INTERVAL=2", "does not say FREQ"),
        ("FREQ=HOURLY", "FREQ=HOURLY is not understood: FREQ is DAILY, WEEKLY or MONTHLY"),
        ("FREQ=DAILY;", "'' is no part"),
        ("FREQ=DAILY;BYHOUR=8", "'BYHOUR=8' is no part"),
        ("RRULE:FREQ=DAILY", "'RRULE:FREQ=DAILY' is no part"),
        ("FREQ=DAILY;WKST=SU", "'WKST=SU' is no part"),
        ("FREQ=DAILY;FREQ=WEEKLY", "FREQ stands twice"),
        ("FREQ=DAILY;INTERVAL=0", "INTERVAL=0"),
        ("FREQ=DAILY;INTERVAL=367", "INTERVAL=367"),
        ("FREQ=DAILY;INTERVAL=+2", "INTERVAL=+2"),
        ("FREQ=DAILY;COUNT=1001", "COUNT=1001"),
        ("FREQ=DAILY;COUNT=", "COUNT="),
        ("FREQ=DAILY;BYDAY=MO", "BYDAY goes with FREQ=WEEKLY only"),
        ("FREQ=WEEKLY;BYDAY=1MO", "BYDAY=1MO"),
        ("FREQ=WEEKLY;BYDAY=", "BYDAY="),
        ("FREQ=WEEKLY;BYMONTHDAY=1", "BYMONTHDAY goes with FREQ=MONTHLY only"),
        ("FREQ=MONTHLY;BYMONTHDAY=32", "BYMONTHDAY=32"),
        ("FREQ=MONTHLY;BYMONTHDAY=-2", "BYMONTHDAY=-2"),
        ("FREQ=DAILY;UNTIL=20270230", "UNTIL=20270230"),
        ("FREQ=DAILY;UNTIL=2027-01-01", "UNTIL=2027-01-01"),
        ("FREQ=DAILY;UNTIL=20270101T080000", "UNTIL=20270101T080000"),
        ("FREQ=DAILY;UNTIL=20270101X080000Z", "UNTIL=20270101X080000Z"),
        ("FREQ=DAILY;UNTIL=20270101;COUNT=2", "do not go together"),
    ] {
        let error = Repetition::parse(rule).unwrap_err().to_string();
        assert!(error.contains(words), "{rule}: {error}");
    }
    assert_eq!(Repetition::parse(&"x".repeat(201)), Err(RepetitionError::TooLong));
    for (begins, zone, words) in [
        ("2026-12-01", "UTC", "no local date and time"),
        ("2026-12-01 08:00Z", "UTC", "no local date and time"),
        ("2026-13-01 08:00", "UTC", "no local date and time"),
        ("2026-12-01 25:00", "UTC", "no local date and time"),
        ("1999-12-01 08:00", "UTC", "the year 1999"),
        ("2026-12-01 08:00", "Jakarta", "'Jakarta' is no time zone"),
        ("2026-12-01 08:00", "", "'' is no time zone"),
        ("2026-12-01 08:00", "../etc/passwd", "no time zone"),
        ("2026-12-01 08:00", "Etc/Unknown", "no time zone"),
    ] {
        let error = Plan::parse(begins, zone, None).unwrap_err().to_string();
        assert!(error.contains(words), "{begins} {zone}: {error}");
    }
}

#[test]
fn a_repetition_is_said_in_words() {
    for (rule, english, indonesian) in [
        ("FREQ=DAILY", "every day", "setiap hari"),
        ("FREQ=DAILY;INTERVAL=2;COUNT=10", "every 2 days, 10 times", "setiap 2 hari, 10 kali"),
        ("FREQ=WEEKLY", "every week on Tuesday", "setiap minggu pada hari Selasa"),
        (
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR,MO,WE",
            "every 2 weeks on Monday, Wednesday and Friday",
            "setiap 2 minggu pada hari Senin, Rabu dan Jumat",
        ),
        (
            "FREQ=MONTHLY;BYMONTHDAY=-1,15;UNTIL=20271231",
            "every month on day 15 and the last day, until 2027-12-31",
            "setiap bulan pada tanggal 15 dan hari terakhir, sampai 2027-12-31",
        ),
    ] {
        let plan = plan("2026-12-01 08:00", "Asia/Jakarta", rule);
        assert_eq!(plan.words(Language::English).as_deref(), Some(english));
        assert_eq!(plan.words(Language::Indonesian).as_deref(), Some(indonesian));
    }
    assert_eq!(plan("2026-12-01 08:00", "UTC", "").words(Language::English), None);
}

/// Any rule, as it is written.
fn rules() -> impl Strategy<Value = String> {
    let days = proptest::sample::subsequence(vec!["MO", "TU", "WE", "TH", "FR", "SA", "SU"], 0..=7);
    let month_days =
        proptest::collection::vec(prop_oneof![(1_i8..=31).boxed(), Just(-1_i8).boxed()], 0..4);
    let end = prop_oneof![
        Just(String::new()),
        (1_u32..40).prop_map(|count| format!(";COUNT={count}")),
        (1_u32..=28).prop_map(|day| format!(";UNTIL=202711{day:02}")),
    ];
    (0..3_usize, 1_u32..5, days, month_days, end).prop_map(|(each, interval, days, month, end)| {
        let name = ["DAILY", "WEEKLY", "MONTHLY"][each];
        let month: Vec<String> = month.iter().map(ToString::to_string).collect();
        let by = match each {
            1 if !days.is_empty() => format!(";BYDAY={}", days.join(",")),
            2 if !month.is_empty() => format!(";BYMONTHDAY={}", month.join(",")),
            _ => String::new(),
        };
        format!("FREQ={name};INTERVAL={interval}{by}{end}")
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn times_grow_and_are_of_days_of_their_own(
        zone in 0..ZONES.len(), rule in rules(), day in 0_i64..700, hour in 0..24, minute in 0..60,
    ) {
        let date = Date::constant(2026, 1, 1).checked_add(Span::new().days(day)).unwrap();
        let plan = plan(&format!("{date} {hour:02}:{minute:02}"), ZONES[zone], &rule);
        let begin = moment("2025-12-01T00:00:00Z");
        let times: Vec<Timestamp> = plan.times_after(begin).take(60).collect();
        let days: Vec<Date> = times.iter().map(|at| plan.zone.to_datetime(*at).date()).collect();
        prop_assert!(times.windows(2).all(|two| two[0] < two[1]), "{:?}", times);
        prop_assert!(days.windows(2).all(|two| two[0] < two[1]), "{:?}", days);
        prop_assert!(days.iter().all(|day| *day >= date));
        // From anywhere between two of them, the next one is the same.
        for two in times.windows(2) {
            prop_assert_eq!(plan.after(two[0]), Some(two[1]));
            prop_assert_eq!(plan.after(two[1] - Span::new().microseconds(1)), Some(two[1]));
        }
        // A clock on the wall shows the wanted time, unless it goes forward over it: then a later one.
        for at in &times {
            let local = plan.zone.to_datetime(*at).time();
            prop_assert!(local >= plan.begins.time(), "{}", local);
        }
    }

    #[test]
    fn what_is_written_is_read_back(rule in rules()) {
        let read = Repetition::parse(&rule).unwrap();
        prop_assert_eq!(Repetition::parse(&read.to_string()), Ok(read));
    }

    #[test]
    fn whatever_is_written_is_read_or_refused(
        rule in "(FREQ|COUNT|UNTIL|BYDAY|[a-zé0-9=;,\\-]){0,8}", begins in "\\PC{0,22}", zone in "\\PC{0,70}",
    ) {
        let _ = Repetition::parse(&rule);
        let _ = Plan::parse(&begins, &zone, Some(&rule));
    }
}
