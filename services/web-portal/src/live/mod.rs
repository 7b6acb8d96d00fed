//! Live pages: what happens on the broker, as parts of pages, over one event connection a browser.
//!
//! * [`Hub`] keeps what happened lately, unread, and gives each page the place from which its event connection goes on.
//! * [`listen`] fills the hub from the broker, only while somebody watches or a page was made lately: otherwise every
//!   message that passes would cost the portal its reading, for nobody.
//! * [`Watching`] is one event connection's way through what happens, at a pace that a browser can follow.

mod happening;
mod hub;
mod listen;
mod pace;
mod reached;
mod watching;
mod writers;

pub(crate) use happening::Happening;
use happening::{Heard, News};
pub(crate) use hub::{Hub, Position};
pub(crate) use listen::listen;
pub(crate) use reached::Reached;
pub(crate) use watching::{Seen, Told, Watching};
use writers::Writers;
