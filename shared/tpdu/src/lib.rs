//! SMS TPDU codec: 3GPP TS 23.040 and 23.038. Pure: no I/O, no clock, no async.
//!
//! Three levels, from the octets up:
//! * the TPDUs, field by field: [`Submit`], [`Deliver`], [`StatusReport`], [`DeliverReport`], [`SubmitReport`], and
//!   [`Pdu`], which puts the service centre's address before one as modems do;
//! * what they say: [`Body`], [`join`], [`gsm7`], [`ucs2`], [`Udh`];
//! * whole messages: [`text::plan`] splits and counts a text, [`compose`] makes all its TPDUs.
//!
//! ```
//! use tpdu::{Address, Content, Deliver, MessageSpec, Pdu, compose, join};
//!
//! // A text to be sent, in as many parts as it takes, as `AT+CMGS` wants them.
//! let to = Address::number("+628123456789")?;
//! for tpdu in compose(&MessageSpec::text(to, "Pesanan Anda siap 🕊".repeat(5)))? {
//!     let (length, hex) = Pdu { smsc: None, tpdu }.to_hex()?;
//!     println!("AT+CMGS={length} then {hex}");
//! }
//!
//! // One that came (`+CMT`).
//! let hex = "059126181642040C9126189519497500006020619041628212502B284C6EA7DDA0B03C0D5297D9E535";
//! let Pdu { tpdu, .. } = Pdu::<Deliver>::from_hex(hex)?;
//! assert_eq!(tpdu.origin.to_string(), "+628159919457");
//! assert_eq!(join(&[tpdu.body()]), Content::Text("PV admin ari jelek".to_owned()));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
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
mod mms;
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
pub use coding::{Alphabet, Class, DataCoding, Indication, Waiting, WaitingKind};
pub use compose::{ComposeError, MessageBody, MessageSpec, Outline, compose};
pub use deliver::Deliver;
pub use error::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Unit};
pub use gsm7::{Language, NotInAlphabet, Shifts};
pub use mms::{Expiry, MmsNotification};
pub use octets::{MOST_OCTETS, from_hex, to_hex};
pub use parameters::Parameters;
pub use pdu::{Pdu, Tpdu};
pub use report::{DeliverReport, SubmitReport};
pub use scts::{Civil, Scts};
pub use status::{Outcome, Status};
pub use status_report::StatusReport;
pub use submit::Submit;
pub use udh::{Concat, Element, Ports, Udh};
pub use user_data::{Body, Content, MOST_SEPTETS, UserData, join, text_of_data};
pub use validity::Validity;
