//! What stands in the form that says what is sent of a file.

use contracts::{PoolId, Priority, SimId};

use crate::acts::bulk::{Column, Known, Wanted};
use crate::app::App;
use crate::doors::pages::failure::Failure;
use crate::doors::pages::form::Form;
use crate::doors::pages::parts::zone;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Written {
    /// The place of the column with the numbers, from 0.
    pub(super) number: String,
    pub(super) names: bool,
    pub(super) text: String,
    pub(super) alike: bool,
    pub(super) mend: bool,
    pub(super) is_normal: bool,
    pub(super) sim: String,
    pub(super) pool: String,
    pub(super) date: String,
    pub(super) time: String,
    pub(super) zone: String,
}

/// Words that names of columns with numbers have in them.
const NUMBER: [&str; 8] = ["nomor", "number", "phone", "telp", "telepon", "hp", "mobile", "msisdn"];

impl Written {
    /// What was said, or what is likely.
    pub(super) fn of(app: &App, known: &Known) -> Self {
        let here = zone(app.clock.now());
        let Some(plan) = &known.plan else {
            let likely = |name: &String| {
                let small = name.to_lowercase();
                NUMBER.iter().any(|word| small.contains(word))
            };
            let number = known.names.iter().position(likely).unwrap_or_default();
            return Self {
                number: number.to_string(),
                names: known.has_names,
                zone: here,
                ..Self::default()
            };
        };
        let at = plan.at.clone().unwrap_or_default();
        let (date, time) = at.split_once(' ').unwrap_or((&at, ""));
        Self {
            number: plan.number.to_string(),
            names: plan.names,
            text: plan.text.clone(),
            alike: plan.alike,
            mend: plan.mend,
            is_normal: plan.priority == Priority::Normal,
            sim: plan.sim.map(|sim| sim.to_string()).unwrap_or_default(),
            pool: plan.pool.as_ref().map(ToString::to_string).unwrap_or_default(),
            date: date.to_owned(),
            time: time.to_owned(),
            zone: plan.zone.clone().unwrap_or(here),
        }
    }

    /// What a form wrote.
    pub(super) fn from(form: &Form) -> Self {
        let text = |name: &str| form.field(name).trim().to_owned();
        Self {
            number: text("column"),
            names: form.field("names") == "1",
            text: form.field("text").to_owned(),
            alike: form.field("alike") == "1",
            mend: form.field("mend") == "1",
            is_normal: form.field("priority") == "normal",
            sim: text("sim"),
            pool: text("pool"),
            date: text("date"),
            time: text("time"),
            zone: text("zone"),
        }
    }

    /// Something was chosen that is folded away at first.
    pub(super) fn is_open(&self) -> bool {
        self.is_normal || [&self.sim, &self.pool, &self.date].iter().any(|text| !text.is_empty())
    }

    /// What is wanted by it.
    pub(super) fn wanted(&self) -> Result<Wanted, Failure> {
        let at = format!("{} {}", self.date, self.time);
        let number = self.number.parse::<usize>().map_err(|_| Failure::Malformed)?;
        Ok(Wanted {
            number: Column::At(number),
            names: Some(self.names),
            text: self.text.clone(),
            alike: self.alike,
            mend: self.mend,
            priority: if self.is_normal { Priority::Normal } else { Priority::Bulk },
            sim: some(&self.sim)
                .map(str::parse::<SimId>)
                .transpose()
                .map_err(|_| Failure::Malformed)?,
            pool: some(&self.pool)
                .map(str::parse::<PoolId>)
                .transpose()
                .map_err(|_| Failure::Malformed)?,
            at: some(at.trim()).map(str::to_owned),
            zone: some(&self.zone).map(str::to_owned),
        })
    }
}

fn some(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}
