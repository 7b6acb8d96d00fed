//! What the form of a keyword service has in it.

use contracts::bounds;
use store::{Service, ServiceAction};

use super::super::failure::Failure;
use super::super::form::Form;
use super::{argument, does};
use crate::acts::service::{Changes, LONGEST_NAME, LONGEST_REPLY, MOST_ALIASES, Wanted};
use crate::words::Words;

/// What the form of a service has in it.
#[derive(Debug, Clone)]
pub(super) struct Written {
    pub(super) name: String,
    pub(super) keyword: String,
    pub(super) aliases: String,
    pub(super) action: String,
    pub(super) argument: String,
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
const ACTIONS: [&str; 4] = ["get-url", "post-url", "post-xml", "reply"];

impl Written {
    /// An empty form.
    pub(super) fn new() -> Self {
        Self {
            name: String::new(),
            keyword: String::new(),
            aliases: String::new(),
            action: ACTIONS[0].to_owned(),
            argument: String::new(),
            reply_with_body: false,
            omit_empty: false,
            parts: "1".to_owned(),
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
            action: service.action.as_str().to_owned(),
            argument: argument(&service.action).to_owned(),
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
            action: field("action", bounds::KEYWORD)?,
            argument: field("argument", LONGEST_REPLY.max(bounds::URL))?,
            reply_with_body: form.field("with_body") == "yes",
            omit_empty: form.field("omit_empty") == "yes",
            parts: field("parts", 3)?,
        })
    }

    /// What a service may do.
    pub(super) fn choices(&self, w: Words) -> [Choice; 4] {
        ACTIONS.map(|name| Choice { name, words: does(w, name), chosen: self.action == name })
    }

    fn action(&self) -> Result<ServiceAction, Failure> {
        let argument = self.argument.clone();
        Ok(match self.action.as_str() {
            "get-url" => ServiceAction::GetUrl(argument),
            "post-url" => ServiceAction::PostUrl(argument),
            "post-xml" => ServiceAction::PostXml(argument),
            "reply" => ServiceAction::Reply(argument),
            _ => return Err(Failure::Malformed),
        })
    }

    fn max_messages(&self) -> Result<u8, Failure> {
        let parts = self.parts.parse().ok().filter(|parts| *parts <= bounds::REPLY_PARTS);
        parts.ok_or(Failure::Malformed)
    }

    fn aliases(&self) -> Vec<String> {
        self.aliases.split([' ', ',']).filter(|word| !word.is_empty()).map(str::to_owned).collect()
    }

    pub(super) fn wanted(&self) -> Result<Wanted, Failure> {
        Ok(Wanted {
            name: self.name.clone(),
            keywords: std::iter::once(self.keyword.clone()).chain(self.aliases()).collect(),
            actions: vec![self.action()?],
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
            actions: vec![self.action()?],
            reply_with_body: Some(self.reply_with_body),
            max_messages: Some(self.max_messages()?),
            omit_empty: Some(self.omit_empty),
        })
    }
}
