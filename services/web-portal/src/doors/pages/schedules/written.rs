//! What stands in the form of a schedule.

use contracts::GroupId;
use contracts::mt::{Body, Encoding, SendOptions};
use store::Schedule;

use super::Begun;
use crate::acts::draft::Draft;
use crate::acts::schedule::{self, Changes, Wanted};
use crate::app::App;
use crate::doors::pages::failure::Failure;
use crate::doors::pages::form::Form;
use crate::doors::pages::parts::zone;
use crate::words::Words;

/// The value of a choice of repetitions by which another one is written.
const OTHER: &str = "other";

/// The repetitions that are offered.
const OFFERED: [&str; 6] = [
    "",
    "FREQ=DAILY",
    "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
    "FREQ=WEEKLY",
    "FREQ=MONTHLY",
    "FREQ=MONTHLY;BYMONTHDAY=-1",
];

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Written {
    pub(super) name: String,
    /// The numbers, one on each line.
    pub(super) to: String,
    pub(super) groups: Vec<GroupId>,
    pub(super) text: String,
    pub(super) date: String,
    pub(super) time: String,
    pub(super) zone: String,
    /// The choice: one of those that are offered, or another one.
    repeat: String,
    /// The repetition that is written where it is another one.
    pub(super) rule: String,
}

/// A repetition that is offered.
pub(super) struct Offer {
    pub(super) rule: &'static str,
    pub(super) words: String,
    pub(super) chosen: bool,
}

impl Written {
    /// An empty form, in the zone of the page's times.
    pub(super) fn empty(app: &App) -> Self {
        Self { zone: zone(app.clock.now()), ..Self::default() }
    }

    /// What was begun elsewhere.
    pub(super) fn begun(begun: Begun) -> Self {
        let Begun { to, groups, text, date, time, zone } = begun;
        Self { to, groups, text, date, time, zone, ..Self::default() }
    }

    /// A schedule as it is.
    pub(super) fn of(schedule: &Schedule) -> Self {
        let numbers: Vec<String> = schedule.numbers.iter().map(ToString::to_string).collect();
        let local = schedule::local(&schedule.timing);
        let (date, time) = local.split_once(' ').unwrap_or((&local, ""));
        let repetition = schedule.timing.repetition.clone().unwrap_or_default();
        let is_offered = OFFERED.contains(&repetition.as_str());
        let (repeat, rule) =
            if is_offered { (repetition, String::new()) } else { (OTHER.to_owned(), repetition) };
        Self {
            name: schedule.name.clone(),
            to: numbers.join("\n"),
            groups: schedule.groups.clone(),
            text: schedule.message.text.clone(),
            date: date.to_owned(),
            time: time.to_owned(),
            zone: schedule.timing.zone.clone(),
            repeat,
            rule,
        }
    }

    /// What a form wrote.
    pub(super) fn from(form: &Form) -> Result<Self, Failure> {
        let groups = form.fields("group").map(str::parse::<GroupId>).collect::<Result<Vec<_>, _>>();
        let text = |name: &str| form.field(name).trim().to_owned();
        Ok(Self {
            name: text("name"),
            to: form.field("to").to_owned(),
            groups: groups.map_err(|_| Failure::Malformed)?,
            text: form.field("text").to_owned(),
            date: text("date"),
            time: text("time"),
            zone: text("zone"),
            repeat: text("repeat"),
            rule: text("rule"),
        })
    }

    /// The repetitions that are offered, before the other one.
    pub(super) fn offers(&self, w: Words) -> Vec<Offer> {
        let words = [
            w.schedules_repeat_none(),
            w.schedules_repeat_daily(),
            w.schedules_repeat_workdays(),
            w.schedules_repeat_weekly(),
            w.schedules_repeat_monthly(),
            w.schedules_repeat_last_day(),
        ];
        let offers = OFFERED.into_iter().zip(words);
        offers.map(|(rule, words)| Offer { rule, words, chosen: self.repeat == rule }).collect()
    }

    /// Whether the repetition is none of those that are offered.
    pub(super) fn is_other(&self) -> bool {
        self.repeat == OTHER
    }

    /// As it was wished.
    pub(super) fn wanted(&self, app: &App) -> Wanted {
        let body = Body::Text { text: self.text.clone(), encoding: Encoding::Auto };
        let options = SendOptions { languages: app.settings.languages, ..SendOptions::default() };
        Wanted {
            name: self.name.clone(),
            draft: Draft { to: self.numbers(), options, ..Draft::of(body) },
            groups: self.groups.clone(),
            at: self.at(),
            zone: self.zone.clone(),
            repeat: Some(self.repetition()),
            paused: false,
        }
    }

    /// As it is to be from now on.
    pub(super) fn changes(&self) -> Changes {
        Changes {
            name: Some(self.name.clone()),
            to: Some(self.numbers()),
            groups: Some(self.groups.clone()),
            text: Some(self.text.clone()),
            priority: None,
            at: Some(self.at()),
            zone: Some(self.zone.clone()),
            repeat: Some(self.repetition()),
            paused: None,
        }
    }

    fn numbers(&self) -> Vec<String> {
        let numbers = self.to.split(['\n', ',', ';']).map(str::trim);
        numbers.filter(|number| !number.is_empty()).map(str::to_owned).collect()
    }

    fn at(&self) -> String {
        format!("{} {}", self.date, self.time)
    }

    fn repetition(&self) -> String {
        if self.is_other() { self.rule.clone() } else { self.repeat.clone() }
    }
}
