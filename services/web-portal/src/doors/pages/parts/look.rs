//! What would be sent, before it is.

use std::fmt;

use askama::Template;
use askama::filters::HtmlSafe;

use super::{Compose, Sentence};
use crate::doors::pages::hostile::Hostile;
use crate::words::Words;

/// A sheet in the place of the form that shows what the form would send, and sends it.
#[derive(Debug, Template)]
#[template(path = "look.html")]
pub(crate) struct Look {
    pub(crate) w: Words,
    pub(crate) csrf: String,
    /// As in the form, so that it is sent once.
    pub(crate) attempt: String,
    /// What tells whether the same would be sent when it is sent.
    pub(crate) seen: String,
    /// The fields of the form.
    pub(crate) kept: Vec<(&'static str, String)>,
    /// It is shown again, for it is not what was shown before.
    pub(crate) has_changed: bool,
    /// What names were taken for.
    pub(crate) understood: Vec<Hostile>,
    /// What all messages have in common.
    pub(crate) facts: Vec<(String, Sentence)>,
    /// Which characters make it Unicode.
    pub(crate) forced: Option<String>,
    /// What some of them could be replaced by, and what the button says that does it.
    pub(crate) alike: Option<(String, String)>,
    /// What should be thought about.
    pub(crate) warnings: Vec<String>,
    /// The text; none: each recipient has another one.
    pub(crate) text: Option<Hostile>,
    pub(crate) rows: Vec<LookRow>,
    /// That there are more recipients.
    pub(crate) more: Option<String>,
    /// What the button says.
    pub(crate) send: String,
}

/// A recipient.
#[derive(Debug)]
pub(crate) struct LookRow {
    pub(crate) number: String,
    pub(crate) name: Hostile,
    pub(crate) parts: String,
    /// The text of this recipient, where each has another one.
    pub(crate) text: Option<Hostile>,
    /// Which way the message would go, or why it would be refused.
    pub(crate) way: Hostile,
    pub(crate) is_refused: bool,
}

/// What stands first on the first page: the form, or what it would send.
#[derive(Debug)]
pub(crate) enum Sheet {
    Write(Box<Compose>),
    Look(Box<Look>),
}

impl fmt::Display for Sheet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Write(compose) => compose.fmt(f),
            Self::Look(look) => look.fmt(f),
        }
    }
}

/// Escaped by the templates of the two.
impl HtmlSafe for Sheet {}

impl From<Compose> for Sheet {
    fn from(compose: Compose) -> Self {
        Self::Write(Box::new(compose))
    }
}

impl From<Look> for Sheet {
    fn from(look: Look) -> Self {
        Self::Look(Box::new(look))
    }
}

/// Somebody that is offered while a name is written.
#[derive(Debug)]
pub(crate) struct Person {
    pub(crate) entry: String,
    pub(crate) name: Hostile,
    pub(crate) about: String,
}

/// Those that are offered while a name is written.
#[derive(Debug, Template)]
#[template(path = "people.html")]
pub(crate) struct People {
    pub(crate) w: Words,
    pub(crate) people: Vec<Person>,
}
