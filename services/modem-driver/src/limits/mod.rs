//! The limits of SIMs: what goes out through a SIM is counted here, and a SIM that has sent enough takes nothing.
//!
//! It is the driver that counts, for messages are bound late: which SIM of a pool a message takes is not known before a
//! modem takes it. What is decided is decided by [`contracts::limits`]; `account` counts ahead of what is sent, and `meter`
//! keeps that in the bucket `usage`, under the SIM's id, so that the count goes with the SIM to another modem or host.

mod account;
pub(crate) mod meter;
