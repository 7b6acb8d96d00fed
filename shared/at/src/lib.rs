//! AT commands as bytes and words: 3GPP TS 27.005 (SMS) and 27.007 (everything else). Pure.
//!
//! * [`Framer`] turns bytes, split anywhere, into lines and the `>` prompt.
//! * [`Final`] is the end of an answer: `OK`, `ERROR`, `+CMS ERROR: n`, ….
//! * [`CmsError`] and [`CmeError`] say a code's name, what it means, what to do, and its
//!   [`ErrorClass`], which is all that a retry policy needs.
//! * [`command`] builds commands; [`reply`] reads the information lines of answers.
//! * [`Urc`] is a line that nobody asked for.
//! * [`ussd`] reads and writes the texts of `+CUSD`.
//!
//! Nothing here knows what was asked before: that is the crate `modem`. Kannel matches `OK` and
//! `ERROR` anywhere in a line and so is one answer behind when a modem says more than it expects;
//! here a final result is a whole line, and an information line is claimed by the name before its colon.

mod cme;
mod cms;
mod coded_error;
pub mod command;
mod error_class;
mod fields;
mod framer;
pub mod reply;
mod result;
mod urc;
pub mod ussd;

pub use cme::CmeError;
pub use cms::CmsError;
pub use coded_error::{CodedError, Family};
pub use error_class::{Described, ErrorClass};
pub use fields::{Field, fields};
pub use framer::{Framer, Item};
pub use result::Final;
pub use urc::{Domain, SimPresence, Urc};
