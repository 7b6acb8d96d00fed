//! Parts of pages. Each is its own template, and the same one makes the part of a whole page and the part
//! that an event carries.

mod actions;
mod message;
mod modem;
mod problem;
mod timeline;
mod writing;

use std::fmt;

use askama::Template;
use askama::filters::HtmlSafe;
use contracts::Timestamp;

use crate::words::Words;
pub(crate) use actions::Actions;
pub(crate) use message::{Pill, RowReceived, RowSent, Trouble, body_words};
pub(crate) use modem::{ModemCard, ModemChip, Online};
pub(crate) use timeline::{Line, WaitsLine};
pub(crate) use writing::{
    AnswerForm, Compose, Counter, Letters, SendFrom, empty_count, letters, replaced,
};

/// A point in time, for `live.js` to show in the reader's own zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct When(pub(crate) Timestamp);

impl fmt::Display for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<time datetime=\"{}\">{}</time>", self.0, in_zone(self.0))
    }
}

impl HtmlSafe for When {}

/// In the time zone of this machine: what a reader without JavaScript sees.
pub(crate) fn in_zone(at: Timestamp) -> String {
    let local = at.to_jiff().to_zoned_datetime(jiff::tz::TimeZone::system());
    local.strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// How a state or status looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    Wait,
    Way,
    Good,
    Bad,
    Odd,
}

impl fmt::Display for Tone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Wait => "wait",
            Self::Way => "way",
            Self::Good => "good",
            Self::Bad => "bad",
            Self::Odd => "odd",
        })
    }
}

impl HtmlSafe for Tone {}

/// Links to the newest and to older ones.
#[derive(Debug, Template)]
#[template(path = "pager.html")]
pub(crate) struct Pager {
    pub(crate) w: Words,
    pub(crate) path: &'static str,
    pub(crate) first: bool,
    pub(crate) next: Option<store::Cursor>,
}

macro_rules! embeddable {
    ($($part:ty),*) => {
        $(
            /// Escaped by its own template.
            impl HtmlSafe for $part {}
        )*
    };
}
embeddable!(
    Pill,
    Trouble,
    RowSent,
    RowReceived,
    AnswerForm,
    Compose,
    Counter,
    Line,
    WaitsLine,
    ModemCard,
    ModemChip,
    Online,
    Pager
);
