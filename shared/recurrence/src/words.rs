//! Repetitions in the words of people. They stand here and not with the texts of the pages, for the command line says them too.

use jiff::civil::{Date, Weekday};

use crate::repetition::{Each, End, Repetition};

/// A language in which a repetition is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// English.
    English,
    /// Bahasa Indonesia.
    Indonesian,
}

impl Repetition {
    /// Says how something is repeated that begins on this day: `every 2 weeks on Monday and Friday, 10 times`.
    pub fn words(&self, begins: Date, language: Language) -> String {
        let every = language.every(&self.each, self.interval);
        let on = match &self.each {
            Each::Day => String::new(),
            Each::Week(days) => {
                let own = [begins.weekday()];
                let days: &[Weekday] = if days.is_empty() { &own } else { days };
                let days = days.iter().map(|day| language.weekday(*day).to_owned());
                language.on_weekdays(&language.listed(&days.collect::<Vec<_>>()))
            }
            Each::Month(days) => {
                let own = [begins.day()];
                let days: &[i8] = if days.is_empty() { &own } else { days };
                let days = days.iter().map(|day| language.day_of_month(*day));
                language.on_days(&language.listed(&days.collect::<Vec<_>>()))
            }
        };
        let end = self.end.map(|end| language.until(end)).unwrap_or_default();
        format!("{every}{on}{end}")
    }
}

impl Language {
    fn every(self, each: &Each, interval: u32) -> String {
        let (one, many) = match (self, each) {
            (Self::English, Each::Day) => ("day", "days"),
            (Self::English, Each::Week(_)) => ("week", "weeks"),
            (Self::English, Each::Month(_)) => ("month", "months"),
            (Self::Indonesian, Each::Day) => ("hari", "hari"),
            (Self::Indonesian, Each::Week(_)) => ("minggu", "minggu"),
            (Self::Indonesian, Each::Month(_)) => ("bulan", "bulan"),
        };
        let every = match self {
            Self::English => "every",
            Self::Indonesian => "setiap",
        };
        if interval == 1 { format!("{every} {one}") } else { format!("{every} {interval} {many}") }
    }

    const fn weekday(self, day: Weekday) -> &'static str {
        match (self, day) {
            (Self::English, Weekday::Monday) => "Monday",
            (Self::English, Weekday::Tuesday) => "Tuesday",
            (Self::English, Weekday::Wednesday) => "Wednesday",
            (Self::English, Weekday::Thursday) => "Thursday",
            (Self::English, Weekday::Friday) => "Friday",
            (Self::English, Weekday::Saturday) => "Saturday",
            (Self::English, Weekday::Sunday) => "Sunday",
            (Self::Indonesian, Weekday::Monday) => "Senin",
            (Self::Indonesian, Weekday::Tuesday) => "Selasa",
            (Self::Indonesian, Weekday::Wednesday) => "Rabu",
            (Self::Indonesian, Weekday::Thursday) => "Kamis",
            (Self::Indonesian, Weekday::Friday) => "Jumat",
            (Self::Indonesian, Weekday::Saturday) => "Sabtu",
            (Self::Indonesian, Weekday::Sunday) => "Minggu",
        }
    }

    fn day_of_month(self, day: i8) -> String {
        match (self, day) {
            (Self::English, -1) => "the last day".to_owned(),
            (Self::Indonesian, -1) => "hari terakhir".to_owned(),
            (Self::English, day) => format!("day {day}"),
            (Self::Indonesian, day) => format!("tanggal {day}"),
        }
    }

    fn on_weekdays(self, days: &str) -> String {
        match self {
            Self::English => format!(" on {days}"),
            Self::Indonesian => format!(" pada hari {days}"),
        }
    }

    fn on_days(self, days: &str) -> String {
        match self {
            Self::English => format!(" on {days}"),
            Self::Indonesian => format!(" pada {days}"),
        }
    }

    fn until(self, end: End) -> String {
        match (self, end) {
            (Self::English, End::Day(day)) => format!(", until {day}"),
            (Self::Indonesian, End::Day(day)) => format!(", sampai {day}"),
            (Self::English, End::Moment(moment)) => format!(", until {moment}"),
            (Self::Indonesian, End::Moment(moment)) => format!(", sampai {moment}"),
            (Self::English, End::Count(1)) => ", once".to_owned(),
            (Self::English, End::Count(count)) => format!(", {count} times"),
            (Self::Indonesian, End::Count(count)) => format!(", {count} kali"),
        }
    }

    /// As in `Monday, Wednesday and Friday`.
    fn listed(self, names: &[String]) -> String {
        let and = match self {
            Self::English => "and",
            Self::Indonesian => "dan",
        };
        match names {
            [] => String::new(),
            [name] => name.clone(),
            [names @ .., last] => format!("{} {and} {last}", names.join(", ")),
        }
    }
}
