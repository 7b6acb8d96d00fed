//! What stands on reports, in the reader's language.

use std::time::Duration;

use contracts::Priority;
use tpdu::Status;

use super::chart::Bar;
use crate::acts::report::{By, Rows};
use crate::doors::pages::parts::problem_words;
use crate::words::{Language, Words};

/// Something that went wrong, how often, and what to do about it.
pub(super) struct ErrorRow {
    pub(super) bar: Bar,
    /// The name of what went wrong, as it stands with each message.
    pub(super) code: String,
    /// What to do; empty: it is not known.
    pub(super) advice: String,
    /// In the network's own words, which are English; empty: it is not from the network.
    pub(super) network: &'static str,
}

/// What went wrong most often.
pub(super) fn errors(w: Words, rows: &Rows, most_rows: usize) -> Vec<ErrorRow> {
    let most = rows.rows.iter().map(|row| row.tally.went_wrong()).max().unwrap_or(0);
    let shown = rows.rows.iter().take(most_rows).map(|row| {
        let code = row.key.clone();
        let known = problem_words(w, &code);
        let status = code.strip_prefix("report-").and_then(|status| status.parse().ok());
        let network = status.map_or("", |status| Status(status).words());
        let (name, advice) = known.unwrap_or_else(|| {
            let of_network = !network.is_empty();
            let name = if of_network { w.reports_network_gave_up() } else { w.reports_other() };
            (name, String::new())
        });
        let bar = Bar::of(w, name, row.tally.went_wrong(), most, "bad").without_share();
        ErrorRow { bar, code, advice, network }
    });
    shown.collect()
}

/// A number with its thousands apart.
pub(super) fn count(w: Words, number: u64) -> String {
    let apart = match w.language() {
        Language::English => ',',
        Language::Indonesian => '.',
    };
    let digits = number.to_string();
    let mut shown = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            shown.push(apart);
        }
        shown.push(digit);
    }
    shown
}

/// How many some of all are, in percent; empty: there are none at all.
pub(super) fn share(some: u64, all: u64) -> String {
    if all == 0 {
        return String::new();
    }
    match some.saturating_mul(100) / all {
        0 if some > 0 => "< 1 %".to_owned(),
        percent => format!("{percent} %"),
    }
}

/// A time to two digits or so: how it was counted says no more.
pub(super) fn time_words(w: Words, time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0..10 => {
            let tenths = time.as_millis() / 100;
            let comma = match w.language() {
                Language::English => '.',
                Language::Indonesian => ',',
            };
            w.reports_seconds(format!("{}{comma}{}", tenths / 10, tenths % 10))
        }
        10..120 => w.reports_seconds(seconds.to_string()),
        120..7_200 => w.reports_minutes((seconds / 60).to_string()),
        _ => w.reports_hours((seconds / 3_600).to_string()),
    }
}

/// What an id, or that there is none, is called.
pub(super) fn key_words(w: Words, key: &str) -> String {
    if key.is_empty() { w.reports_none() } else { key.to_owned() }
}

/// What a priority is called.
pub(super) fn priority(w: Words, priority: Priority) -> String {
    match priority {
        Priority::Otp => w.reports_otp(),
        Priority::Normal => w.reports_normal(),
        Priority::Bulk => w.reports_bulk(),
    }
}

/// By what the rows of a file are counted apart.
pub(super) fn by(w: Words, by: By) -> String {
    match by {
        By::Day => w.reports_by_day(),
        By::Month => w.reports_by_month(),
        By::Hour => w.reports_by_hour(),
        By::User => w.reports_users(),
        By::Sim => w.reports_sims(),
        By::Priority => w.reports_by_priority(),
        By::Error => w.reports_by_error(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_in_both_languages() {
        let (english, indonesian) = (Words::of(Language::English), Words::of(Language::Indonesian));
        for (number, text) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1,000"),
            (1_234_567, "1,234,567"),
            (100_000, "100,000"),
        ] {
            assert_eq!(count(english, number), text);
            assert_eq!(count(indonesian, number), text.replace(',', "."));
        }
        assert_eq!(
            (share(1, 1_000), share(1, 3), share(0, 3)),
            ("< 1 %".into(), "33 %".into(), "0 %".into())
        );
        assert_eq!(share(0, 0), "");
    }

    #[test]
    fn times_are_short() {
        let w = Words::of(Language::English);
        let told = |millis| time_words(w, Duration::from_millis(millis));
        assert_eq!(told(0), "0.0 s");
        assert_eq!(told(1_250), "1.2 s");
        assert_eq!(told(42_900), "42 s");
        assert_eq!(told(150_000), "2 min");
        assert_eq!(told(7_200_000), "2 h");
        let indonesian = time_words(Words::of(Language::Indonesian), Duration::from_millis(1_250));
        assert!(indonesian.starts_with("1,2"), "{indonesian}");
    }
}
