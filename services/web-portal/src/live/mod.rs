//! Live pages: what happens on the broker, as parts of pages, over one event connection a browser.

mod hub;
mod listen;

pub(crate) use hub::{Happening, Hub, News, Position, Watching};
pub(crate) use listen::listen;
