//! What can be asked of the audit log.

use clap::{Args, Subcommand};
use contracts::Timestamp;

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Audit {
    #[command(subcommand)]
    pub(crate) command: Option<AuditCommand>,
    /// Only what this user did: a name or an id, or local (this command line), setup, service or stranger.
    #[arg(long, value_name = "NAME")]
    pub(crate) user: Option<String>,
    /// Only what was done of this, such as key.revoked.
    #[arg(long, value_name = "ACTION")]
    pub(crate) action: Option<String>,
    /// Only what was done to the thing of this id.
    #[arg(long, value_name = "ID")]
    pub(crate) subject: Option<String>,
    /// Only what was done at this time or later, such as 2026-12-01T08:00:00+07:00.
    #[arg(long, value_name = "TIME")]
    pub(crate) since: Option<Timestamp>,
    /// Only what was done before this time.
    #[arg(long, value_name = "TIME")]
    pub(crate) until: Option<Timestamp>,
    /// How many at most.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u16).range(1..=500))]
    pub(crate) limit: u16,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Subcommand)]
pub(crate) enum AuditCommand {
    /// Verify that no entry was changed, removed or put between others.
    Verify,
}
