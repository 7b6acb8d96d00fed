//! The modems of this host: which there are, who they are, and the tasks that serve each.
//!
//! What begins and ends here is a line: one modem on one port, from plugging in to pulling out. A line starts
//! everything else, so this folder may use every other one. No other folder needs to know that there are lines;
//! [`crate::port`] alone looks at the descriptions of USB sticks and waits for device files here.

pub(crate) mod appearance;
pub mod discovery;
pub(crate) mod fleet;
pub(crate) mod identity;
mod line;
pub mod usb;
