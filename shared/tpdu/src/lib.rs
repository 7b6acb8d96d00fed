//! SMS TPDU codec: 3GPP TS 23.040 and 23.038. Pure: no I/O, no clock, no async.
//!
//! Three levels, from the octets up:
//! * the TPDUs, field by field: [`Submit`], [`Deliver`], [`StatusReport`], [`DeliverReport`], [`SubmitReport`], and
//!   [`Pdu`], which puts the service centre's address before one as modems do;
//! * what they say: [`Body`], [`join`], [`gsm7`], [`ucs2`], [`Udh`];
//! * whole messages: [`text::plan`] splits and counts a text, [`compose`] makes all its TPDUs.
//!
//! Reading is lenient where real networks are sloppy and never panics; what was read can be written again. Errors
//! name the field and its offset. A type with unreadable content (a time that is none, a reserved coding) keeps the
//! octets, so nothing received is lost.
//!
//! Not here: SMS-COMMAND, which no modem sends for us, and TS 23.042 compression, which nobody uses (such a
//! message is data).

mod address;
mod any;
mod coding;
mod compose;
mod deliver;
mod error;
pub mod gsm7;
mod octets;
mod parameters;
mod pdu;
pub mod protocol;
mod report;
mod scts;
mod septets;
mod status;
mod status_report;
mod submit;
pub mod text;
pub mod ucs2;
mod udh;
mod user_data;
mod validity;

pub use address::{Address, AddressError, TypeOfAddress, TypeOfNumber};
pub use any::{AnyPdu, AnyTpdu, Received, decode_any, decode_received};
pub use coding::{Alphabet, Class, DataCoding, Waiting, WaitingKind};
pub use compose::{ComposeError, MessageBody, MessageSpec, compose};
pub use deliver::Deliver;
pub use error::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Unit};
pub use gsm7::{Language, NotInAlphabet, Shifts};
pub use octets::{from_hex, to_hex};
pub use parameters::Parameters;
pub use pdu::{Pdu, Tpdu};
pub use report::{DeliverReport, SubmitReport};
pub use scts::{Civil, Scts};
pub use status::{Outcome, Status};
pub use status_report::StatusReport;
pub use submit::Submit;
pub use udh::{Concat, Element, Ports, Udh};
pub use user_data::{Body, Content, MOST_OCTETS, MOST_SEPTETS, UserData, join};
pub use validity::Validity;
