//! What can be done to the gateway as a whole.

use clap::Subcommand;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Subcommand)]
pub(crate) enum Gateway {
    /// Show what is done to it.
    Status,
    /// Stop all modems: nothing is sent, and what is received is kept.
    Suspend,
    /// Tell no endpoint and no keyword service what is received; it is kept. Messages go out.
    Isolate,
    /// Start the modems again that were stopped together, and tell what was received meanwhile, in its order.
    Resume,
}
