//! Simulated GSM modems on pseudo-terminals or TCP, with faults on demand and a small network between them.
//!
//! * [`Simulation`] is what programs and tests start; [`Modem`] and [`Network`] are its handles.
//! * [`machine::Machine`] is one modem without I/O and clock.
//! * [`run()`] is the command `merpati sim`.
//!
//! `README.md` in the crate's folder lists options, faults and control commands.

pub mod config;
mod control;
mod delivery;
pub mod fault;
pub mod identity;
pub mod machine;
pub mod make;
mod modem;
mod network;
mod pty;
mod run;
mod sent;
mod simulation;
mod task;
mod tcp;

pub use config::{Interfaces, ModemConfig, Timing};
pub use delivery::InjectError;
pub use fault::{AimedFault, Fault, FaultRule, ParseFaultError};
pub use identity::Identity;
pub use make::{Make, Role};
pub use modem::{Modem, PlugError, Port, PortAddress};
pub use network::{Network, NetworkConfig};
pub use run::{SimArgs, run};
pub use sent::Sent;
pub use simulation::{Simulation, SimulationConfig, StartError};
