//! Decides whether a message may go, when, and through which pool or SIM; reassembles multipart MO.
//!
//! It works on NATS alone, also where it asks persistence for credit of an account ([`contracts::credit`]): settings are a projection it watches in the bucket `config`, the modems' state
//! is the bucket `modems`. Everything it does can be done twice without harm, so it may be killed at any
//! time, and several copies may run.
//!
//! ```text
//! mt.request ─► admission ─► mt.wait ─► release ─► mt.dispatch
//!                   │                      ▲
//!                   ▼                      │ events, modems
//!              rejected, held      mt.deferred ─► hold ─► held
//! mo.part ─► reassembly ─► mo.received
//! ```

pub mod admission;
mod cancelled;
mod credit;
mod doubles;
mod errand;
mod gates;
mod hand;
mod heard;
mod hold;
mod holds;
mod intake;
mod lane;
mod lane_table;
mod opted_out;
mod orders;
mod pools;
mod progress;
mod quotas;
mod reassembly;
mod recent;
mod recipient;
mod recipients;
mod release;
mod room;
mod run;
mod same_ways;
mod settings;
#[cfg(test)]
mod simulation;
mod strangers;
mod told;
mod turns;
mod ways;
mod whole;

pub use cancelled::CancelledError;
pub use run::{Deps, GRACE, RunError, run};
