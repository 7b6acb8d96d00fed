//! Writes message history: requests and events in, rows out, in batches, idempotent.
//!
//! It reads `SMS_REQUEST` and `SMS_EVENT` each by a durable consumer. A batch is what is there, and what comes within the
//! 20 ms after the last transaction. It becomes one transaction of at most [`ROWS`], or several where one delivery has more
//! rows, and is acknowledged after the commit. So a crash at any point repeats a batch, which changes nothing. While the database is away nothing is acknowledged: the broker
//! keeps what comes.
//!
//! It gives routers credit of accounts in blocks, and gives back to the accounts what is left of them (the module `credit`).
//!
//! It also requests held messages again when they are due, sends for schedules, hands out broadcasts, expires them when their time is over, tells the
//! outcome of a message when the last of its delivery reports is in, tells operators what is wrong with the gateway (the module `alerts`), and
//! deletes what is too old. Several copies may run on one database.
//!
//! Rejected: a cursor of our own in the database instead of acknowledgements (exact, but then a stream may
//! never be set up anew), and a broker timer for held messages (long delayed NAKs, which 2.9 keeps badly).

mod alarm;
mod alerts;
mod batch;
mod broadcasts;
mod credit;
mod due;
mod events;
mod indexing;
mod journal;
mod outage;
mod requests;
mod retention;
mod run;
mod schedules;

pub use batch::ROWS;
pub use credit::{GRACE, LASTS};
pub use run::{Deps, RunError, run};
pub use schedules::LATE;
