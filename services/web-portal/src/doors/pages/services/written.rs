//! What the form of a keyword service has in it.

use contracts::{PhoneNumber, SimId, bounds};
use keyword::{expression, times};
use store::{Service, ServiceAction, ServiceRule};

use super::super::failure::Failure;
use super::super::form::Form;
use super::does;
use super::kinds::Kinds;
use crate::acts::group;
use crate::acts::service::{
    Changes, Conditions, Deed, FORWARDED_PARTS, LONGEST_NAME, LONGEST_OPTION, LONGEST_REPLY,
    MOST_ALIASES, MOST_FORWARDS, MOST_OPTIONS, Wanted,
};
use crate::acts::trial::LONGEST_SENDER;
use crate::acts::webhook::OfSim;
use crate::words::Words;

/// What the form of a service has in it.
#[derive(Debug, Clone)]
pub(super) struct Written {
    pub(super) name: String,
    pub(super) keyword: String,
    pub(super) aliases: String,
    pub(super) pattern: String,
    pub(super) place: String,
    pub(super) sim: String,
    pub(super) from: String,
    pub(super) when: String,
    pub(super) action: String,
    pub(super) argument: String,
    pub(super) numbers: String,
    pub(super) group: String,
    pub(super) options: String,
    pub(super) kinds: Kinds,
    pub(super) reply_with_body: bool,
    pub(super) omit_empty: bool,
    pub(super) parts: String,
}

/// What a service may do.
pub(super) struct Choice {
    pub(super) name: &'static str,
    pub(super) words: String,
    pub(super) chosen: bool,
}

/// The names of what a service may do, which are those of the API.
const ACTIONS: [&str; 15] = [
    "get-url",
    "post-url",
    "post-xml",
    "reply",
    "forward",
    "subscribe",
    "unsubscribe",
    "vote",
    "quiz",
    "survey",
    "scenario",
    "board",
    "inbox",
    "to-group",
    "exec",
];
/// The most characters of a number as people write it.
const WRITTEN_NUMBER: usize = 64;

/// Numbers, as they stand in the form.
pub(super) fn numbers(numbers: &[PhoneNumber]) -> String {
    numbers.iter().map(PhoneNumber::as_str).collect::<Vec<_>>().join(", ")
}

impl Written {
    /// An empty form.
    pub(super) fn new() -> Self {
        Self {
            name: String::new(),
            keyword: String::new(),
            aliases: String::new(),
            pattern: String::new(),
            place: ServiceRule::PLACE.to_string(),
            sim: String::new(),
            from: String::new(),
            when: String::new(),
            action: ACTIONS[0].to_owned(),
            argument: String::new(),
            numbers: String::new(),
            group: String::new(),
            options: String::new(),
            kinds: Kinds::new(),
            reply_with_body: false,
            omit_empty: false,
            parts: String::new(),
        }
    }

    /// A service as it is.
    pub(super) fn of(service: &Service) -> Self {
        let (keyword, aliases) = service.keywords.split_first().map_or_else(
            || (String::new(), String::new()),
            |(keyword, aliases)| (keyword.clone(), aliases.join(" ")),
        );
        Self {
            name: service.name.clone(),
            keyword,
            aliases,
            pattern: service.rule.pattern.clone().unwrap_or_default(),
            place: service.rule.place.to_string(),
            sim: service.rule.sim.map(|sim| sim.to_string()).unwrap_or_default(),
            from: service.rule.sender.clone().unwrap_or_default(),
            when: service.rule.times.clone().unwrap_or_default(),
            action: service.action.as_str().to_owned(),
            argument: service.action.argument().to_owned(),
            numbers: match &service.action {
                ServiceAction::Forward { to, .. } => numbers(to),
                _ => String::new(),
            },
            options: match &service.action {
                ServiceAction::Vote { options, .. } => options.join(" "),
                _ => String::new(),
            },
            group: match &service.action {
                ServiceAction::ToGroup(to_group) => to_group.group.to_string(),
                action => action.group().map(|group| group.to_string()).unwrap_or_default(),
            },
            kinds: Kinds::of(&service.action),
            reply_with_body: service.reply_with_body,
            omit_empty: service.omit_empty,
            parts: service.max_messages.to_string(),
        }
    }

    /// What was filled in.
    pub(super) fn from(form: &Form) -> Result<Self, Failure> {
        let field = |name: &'static str, most: usize| {
            let text = form.field(name).trim();
            let fits = text.chars().count() <= most;
            fits.then(|| text.to_owned()).ok_or(Failure::TooLarge { field: name, most })
        };
        Ok(Self {
            name: field("name", LONGEST_NAME)?,
            keyword: field("keyword", bounds::KEYWORD)?,
            aliases: field("aliases", MOST_ALIASES * (bounds::KEYWORD + 1))?,
            pattern: field("match", expression::LONGEST)?,
            place: field("place", 5)?,
            sim: field("sim", 36)?,
            from: field("sender", LONGEST_SENDER)?,
            when: field("when", times::LONGEST)?,
            action: field("action", bounds::KEYWORD)?,
            argument: field("argument", LONGEST_REPLY.max(bounds::URL))?,
            numbers: field("numbers", MOST_FORWARDS * (WRITTEN_NUMBER + 2))?,
            group: field("group", group::LONGEST_NAME)?,
            options: field("options", MOST_OPTIONS * (LONGEST_OPTION + 1))?,
            kinds: Kinds::from(form)?,
            reply_with_body: form.field("with_body") == "yes",
            omit_empty: form.field("omit_empty") == "yes",
            parts: field("parts", 3)?,
        })
    }

    /// What a service may do.
    pub(super) fn choices(&self, w: Words) -> [Choice; 15] {
        ACTIONS.map(|name| Choice { name, words: does(w, name), chosen: self.action == name })
    }

    fn deed(&self) -> Result<Deed, Failure> {
        let argument = self.argument.clone();
        let join =
            |joins| Deed::Join { group: self.group.clone(), joins, reply: Some(argument.clone()) };
        Ok(match self.action.as_str() {
            "get-url" => Deed::Does(ServiceAction::GetUrl(argument)),
            "post-url" => Deed::Does(ServiceAction::PostUrl(argument)),
            "post-xml" => Deed::Does(ServiceAction::PostXml(argument)),
            "reply" => Deed::Does(ServiceAction::Reply(argument)),
            "exec" => Deed::Does(ServiceAction::Exec(argument)),
            "forward" => {
                let to = self.numbers.split([',', ';', '\n']).map(str::trim);
                let to = to.filter(|number| !number.is_empty()).map(str::to_owned).collect();
                Deed::Forward { to, text: Some(argument).filter(|text| !text.is_empty()) }
            }
            "subscribe" => join(true),
            "unsubscribe" => join(false),
            "vote" => {
                let options = self.options.split([' ', ',']).filter(|word| !word.is_empty());
                let options = options.map(str::to_owned).collect();
                Deed::Vote { options, reply: Some(argument) }
            }
            action => {
                let kind = self.kinds.kind(action, &self.group, argument);
                Deed::Kind(kind?.ok_or(Failure::Malformed)?)
            }
        })
    }

    fn max_messages(&self) -> Result<u8, Failure> {
        if self.parts.trim().is_empty() {
            let sends_on = ["forward", "to-group"].contains(&self.action.as_str());
            return Ok(if sends_on { FORWARDED_PARTS } else { 1 });
        }
        let parts = self.parts.parse().ok().filter(|parts| *parts <= bounds::REPLY_PARTS);
        parts.ok_or(Failure::Malformed)
    }

    /// Whether a condition of the rarer kinds is written.
    pub(super) fn has_conditions(&self) -> bool {
        [&self.pattern, &self.sim, &self.from, &self.when].iter().any(|said| !said.is_empty())
    }

    /// The place; none: nothing is written.
    fn place(&self) -> Result<Option<u16>, Failure> {
        if self.place.is_empty() {
            return Ok(None);
        }
        self.place.parse().map(Some).map_err(|_| Failure::Malformed)
    }

    /// The SIM; none: any.
    fn sim(&self) -> Result<Option<SimId>, Failure> {
        if self.sim.is_empty() {
            return Ok(None);
        }
        self.sim.parse().map(Some).map_err(|_| Failure::Malformed)
    }

    fn aliases(&self) -> Vec<String> {
        self.aliases.split([' ', ',']).filter(|word| !word.is_empty()).map(str::to_owned).collect()
    }

    pub(super) fn wanted(&self) -> Result<Wanted, Failure> {
        Ok(Wanted {
            name: self.name.clone(),
            keywords: std::iter::once(self.keyword.clone()).chain(self.aliases()).collect(),
            conditions: Conditions {
                pattern: self.pattern.clone(),
                place: self.place()?,
                sim: self.sim()?,
                from: self.from.clone(),
                when: self.when.clone(),
            },
            deeds: vec![self.deed()?],
            reply_with_body: self.reply_with_body,
            max_messages: self.max_messages()?,
            omit_empty: self.omit_empty,
        })
    }

    pub(super) fn changes(&self) -> Result<Changes, Failure> {
        Ok(Changes {
            name: Some(self.name.clone()),
            keyword: Some(self.keyword.clone()),
            aliases: Some(self.aliases()),
            pattern: Some(self.pattern.clone()),
            place: self.place()?,
            sim: Some(self.sim()?.map_or(OfSim::Any, OfSim::Only)),
            from: Some(self.from.clone()),
            when: Some(self.when.clone()),
            deeds: vec![self.deed()?],
            reply_with_body: Some(self.reply_with_body),
            max_messages: Some(self.max_messages()?),
            omit_empty: Some(self.omit_empty),
        })
    }
}
