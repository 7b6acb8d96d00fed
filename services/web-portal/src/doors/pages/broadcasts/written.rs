//! What stands in the form of a broadcast.

use contracts::mt::{Body, Encoding, SendOptions};
use contracts::{GroupId, Priority, SimId, TemplateId};
use store::Broadcast;

use crate::acts::broadcast::{self, Changes, Wanted, WantedTiming};
use crate::acts::draft::Draft;
use crate::app::App;
use crate::doors::pages::failure::Failure;
use crate::doors::pages::form::Form;
use crate::doors::pages::parts::{SendFrom, zone};

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Written {
    pub(super) name: String,
    /// The numbers, one on each line.
    pub(super) audience: String,
    /// How many numbers there are, which stay when none are written.
    pub(super) kept: u32,
    /// All numbers are taken away.
    pub(super) no_numbers: bool,
    pub(super) groups: Vec<GroupId>,
    pub(super) text: String,
    pub(super) template: Option<TemplateId>,
    pub(super) sim: Option<SimId>,
    pub(super) date: String,
    pub(super) time: String,
    pub(super) zone: String,
    /// So many messages in a minute, or in an hour.
    pub(super) pace: String,
    pub(super) per: String,
    pub(super) quiet_from: String,
    pub(super) quiet_to: String,
}

impl Written {
    /// An empty form, in the zone of the page's times.
    pub(super) fn empty(app: &App) -> Self {
        Self { zone: zone(app.clock.now()), ..Self::default() }
    }

    /// A broadcast as it is.
    pub(super) fn of(broadcast: &Broadcast) -> Self {
        let WantedTiming { at, zone, pace, quiet } = broadcast::timing(broadcast);
        let both = |text: &str, between: &str| {
            let (one, other) = text.split_once(between).unwrap_or((text, ""));
            (one.to_owned(), other.to_owned())
        };
        let (date, time) = both(&at, " ");
        let (pace, per) = both(&pace, "/");
        let (quiet_from, quiet_to) = both(&quiet, "-");
        Self {
            name: broadcast.name.clone(),
            audience: String::new(),
            kept: broadcast.numbers,
            no_numbers: false,
            groups: broadcast.groups.clone(),
            text: broadcast.message.text.clone(),
            template: None,
            sim: broadcast.message.sim,
            date,
            time,
            zone,
            pace,
            per,
            quiet_from,
            quiet_to,
        }
    }

    /// What a form wrote.
    pub(super) fn from(form: &Form) -> Result<Self, Failure> {
        let groups = form.fields("group").map(str::parse::<GroupId>).collect::<Result<Vec<_>, _>>();
        let text = |name: &str| form.field(name).trim().to_owned();
        let if_any = |name: &str| Some(form.field(name)).filter(|id| !id.is_empty());
        let template = if_any("template").map(str::parse::<TemplateId>).transpose();
        let sim = if_any("sim").map(str::parse::<SimId>).transpose();
        Ok(Self {
            name: text("name"),
            audience: form.field("audience").to_owned(),
            kept: 0,
            no_numbers: form.field("no-numbers") == "1",
            groups: groups.map_err(|_| Failure::Malformed)?,
            text: form.field("text").to_owned(),
            template: template.map_err(|_| Failure::Malformed)?,
            sim: sim.map_err(|_| Failure::Malformed)?,
            date: text("date"),
            time: text("time"),
            zone: text("zone"),
            pace: text("pace"),
            per: text("per"),
            quiet_from: text("quiet-from"),
            quiet_to: text("quiet-to"),
        })
    }

    /// Whether the pace counts by hours.
    pub(super) fn is_hourly(&self) -> bool {
        self.per == "hour"
    }

    /// The SIM, where it is none of those that are offered.
    pub(super) fn unlisted_sim(&self, offered: &[SendFrom]) -> Option<SimId> {
        self.sim.filter(|sim| offered.iter().all(|one| one.sim != *sim))
    }

    /// As it was wished.
    pub(super) fn wanted(&self, app: &App) -> Wanted {
        let body = Body::Text { text: self.text.clone(), encoding: Encoding::Auto };
        let options = SendOptions { languages: app.settings.languages, ..SendOptions::default() };
        let (to, sim, priority) = (self.numbers(), self.sim, Priority::Bulk);
        Wanted {
            name: self.name.clone(),
            draft: Draft { to, priority, sim, options, ..Draft::of(body) },
            template: self.template.filter(|_| self.text.is_empty()),
            groups: self.groups.clone(),
            timing: self.timing(),
        }
    }

    /// As it is to be from now on.
    pub(super) fn changes(&self) -> Changes {
        let numbers = self.numbers();
        let WantedTiming { at, zone, pace, quiet } = self.timing();
        Changes {
            name: Some(self.name.clone()),
            to: Some(numbers).filter(|numbers| !numbers.is_empty() || self.no_numbers),
            groups: Some(self.groups.clone()),
            text: Some(self.text.clone()),
            priority: None,
            sim: Some(self.sim.map(|sim| sim.to_string()).unwrap_or_default()),
            pool: None,
            at: Some(at),
            zone: Some(zone),
            pace: Some(pace),
            quiet: Some(quiet),
        }
    }

    fn numbers(&self) -> Vec<String> {
        let numbers = self.audience.split(['\n', ',', ';', '\t']).map(str::trim);
        numbers.filter(|number| !number.is_empty()).map(str::to_owned).collect()
    }

    fn timing(&self) -> WantedTiming {
        let both = |one: &str, between: &str, other: &str| {
            let is_empty = one.is_empty() && other.is_empty();
            if is_empty { String::new() } else { format!("{one}{between}{other}") }
        };
        let per = if self.pace.is_empty() { "" } else { self.per.as_str() };
        WantedTiming {
            at: both(&self.date, " ", &self.time),
            zone: self.zone.clone(),
            pace: both(&self.pace, "/", per),
            quiet: both(&self.quiet_from, "-", &self.quiet_to),
        }
    }
}
