//! The simulation from outside: ports, faults while it runs, the network, the control port.

mod client;
mod control;
mod messages;
mod ports;
