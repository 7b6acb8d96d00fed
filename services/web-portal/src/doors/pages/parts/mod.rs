//! Parts of pages. Each is its own template, and the same one makes the part of a whole page and the part
//! that an event carries.

mod actions;
mod callbacks;
mod limit_bar;
mod look;
mod message;
mod modem;
mod modem_row;
mod problem;
mod progress;
mod refusal;
mod signal;
mod talk;
mod time;
mod timeline;
mod waiting;
mod writing;

use std::fmt;

use askama::Template;
use askama::filters::HtmlSafe;

use crate::words::Words;
pub(crate) use actions::Actions;
pub(crate) use callbacks::{Callbacks, without_secrets};
pub(crate) use limit_bar::LimitBar;
pub(crate) use look::{Look, LookRow, People, Person, Sheet};
pub(crate) use message::{
    Pill, RowReceived, RowSent, Trouble, body_words, heard_words, state_words,
};
pub(crate) use modem::{ModemCard, ModemChip, Online, limit_words, status_words};
pub(crate) use modem_row::ModemRow;
pub(crate) use problem::problem_words;
pub(crate) use progress::Progress;
use signal::Signal;
pub(crate) use talk::{
    Bubble, MarksLine, TALK_COUNT, TalkForm, WriterLine, lists_of_line, lists_of_page, marks,
    talk_path, writers_of_line, writers_of_page,
};
pub(crate) use time::{Sentence, When, days, in_zone, within, zone, zone_here, zone_named};
pub(crate) use timeline::{Line, via};
pub(crate) use waiting::{WaitsLine, closed_words};
pub(crate) use writing::{
    AnswerForm, Compose, Counter, Done, Fold, Letters, NoSender, SendFrom, TemplateAtHand, alikes,
    empty_count, forced, letters, replaced,
};

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
    pub(crate) path: String,
    /// What stands between the path and a further field.
    pub(crate) glue: &'static str,
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
    Actions,
    Callbacks,
    SendFrom,
    Pill,
    Trouble,
    RowSent,
    RowReceived,
    AnswerForm,
    Bubble,
    MarksLine,
    TalkForm,
    Compose,
    Counter,
    Line,
    WaitsLine,
    ModemCard,
    ModemChip,
    ModemRow,
    Signal,
    Online,
    Pager,
    Progress
);
