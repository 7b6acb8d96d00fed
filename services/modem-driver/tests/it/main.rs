//! The driver on a real nats-server and simulated modems.

mod crash;
mod plugging;
mod receiving;
mod rig;
mod sending;
mod sharing;
