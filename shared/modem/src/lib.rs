//! One GSM modem as a sans-io state machine: no I/O, no clock, no async.
//!
//! The caller owns the port and the clock. It hands in bytes and times; the machine hands out bytes to
//! write, events, and the time at which it wants to be called again. So a modem is tested in virtual
//! time, byte by byte, in any split.
//!
//! # The run loop
//!
//! After **every** call that changes something (`handle_*`, [`Modem::submit`], [`Modem::stored`], …),
//! drain [`Modem::poll_output`] until it gives [`Output::Timeout`].
//!
//! ```no_run
//! # use std::io::{Read, Write};
//! # use std::time::Instant;
//! # use modem::{Modem, ModemConfig, Output, Event};
//! # fn wait_for_input(_: &mut dyn Read, _: &mut [u8], _: Instant) -> std::io::Result<Option<usize>> { Ok(None) }
//! # trait Port: Read + Write {}
//! # fn run(mut port: Box<dyn Port>, open: impl Fn() -> Box<dyn Port>) -> std::io::Result<()> {
//! let mut modem = Modem::new(ModemConfig::default(), Instant::now());
//! let mut buffer = [0; 4096];
//! loop {
//!     let deadline = loop {
//!         match modem.poll_output() {
//!             // A failed write is a lost port.
//!             Output::Transmit(bytes) => port.write_all(&bytes)?,
//!             Output::Event(Event::Received(received)) => {
//!                 // Keep it first, then say so: only then is it acknowledged or deleted.
//!                 modem.stored(Instant::now(), received.receipt);
//!             }
//!             Output::Event(_event) => { /* publish it */ }
//!             Output::Reopen(reopen) => {
//!                 std::thread::sleep(reopen.after);
//!                 port = open();
//!                 modem.handle_opened(Instant::now());
//!             }
//!             Output::Timeout(at) => break at,
//!         }
//!     };
//!     // While `modem.can_submit()`, also wait for messages and call `modem.submit(now, …)`.
//!     match wait_for_input(&mut *port, &mut buffer, deadline)? {
//!         Some(0) => modem.handle_closed(Instant::now()),
//!         Some(read) => modem.handle_bytes(Instant::now(), &buffer[..read]),
//!         None => modem.handle_timeout(Instant::now()),
//!     }
//! }
//! # }
//! ```
//!
//! # Promises
//!
//! * Each [`Modem::submit`] ends in exactly one [`Event::Submitted`], whatever the modem does.
//! * [`Outcome::NotSent`] is only said when the network never got the PDU: it was not written, or not told to be sent
//!   from the store, or was refused and not yet tried again.
//! * [`Outcome::Accepted`] is said when the line `+CMGS: <reference>` is whole, before its `OK`, so that a
//!   status report that comes between the two is not before its message.
//! * A received message is acknowledged or deleted only after [`Modem::stored`].
//! * A PIN is entered once: [`PinEvent::Trying`] comes out before the bytes that enter it.
//! * No state lasts longer than its time limit; when the modem does not answer, [`Output::Reopen`] comes again and
//!   again, at least once a minute or so, without end.

mod config;
mod event;
mod machine;
mod models;
mod snapshot;

pub use at::ErrorClass;
pub use at::reply::{Registration, StorageUse};
pub use at::ussd::Session;
pub use config::{ModemConfig, RefusedPin, SendMode, SimSettings};
pub use event::{
    Event, Force, FoundSubmission, Identity, NotSent, Outcome, Output, PinEvent, Receipt, Received,
    ReceivedKind, Reopen, RequestError, SendFailure, SimIdentity, Submission, Uncertain, UssdText,
};
pub use machine::Modem;
pub use models::{Models, ModelsError, Profile, UsbModel, UssdCoding};
pub use snapshot::{Counters, Problem, Snapshot, Status};
