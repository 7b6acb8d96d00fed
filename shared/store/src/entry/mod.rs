//! How somebody comes in. Nobody is known yet, so no call here takes a [`Reach`](crate::Reach): what comes of it is one.

mod credentials;
pub(crate) mod factors;
mod links;
pub(crate) mod sessions;
pub(crate) mod setup;

pub use credentials::{DoorPassword, KeyCheck};
