//! What can be said about the settings of a gateway as one document.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Debug, Args)]
pub(crate) struct Config {
    #[command(subcommand)]
    pub(crate) what: Option<ConfigCommand>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Write what people set in the gateway into a file for git: teams, SIMs, pools, rules, groups, templates, services,
    /// schedules and webhooks. It has no secrets, and is the same when it is written twice.
    Export {
        /// The file; the standard output when it is not said.
        file: Option<PathBuf>,
        /// The numbers that are sent nothing, too.
        #[arg(long)]
        optouts: bool,
    },
    /// Say what an import of a file would change, in a line each. The exit status is 0 when nothing would be, 1 when
    /// something would, and 2 when it cannot be said.
    Diff {
        /// A file as `merpati config export` writes it; - is the standard input.
        file: PathBuf,
        /// As with `merpati config import --prune`.
        #[arg(long)]
        prune: bool,
    },
    /// Make what is set in the gateway like a file. All of the file is checked first; what is not in it stays.
    Import {
        /// A file as `merpati config export` writes it; - is the standard input.
        file: PathBuf,
        /// Say what would be changed, and change nothing.
        #[arg(long)]
        dry_run: bool,
        /// Remove what is not in the file, of the kinds that the file has. Opt-outs stay: `merpati optout remove` takes one back.
        #[arg(long)]
        prune: bool,
        /// Keep no copy of what there was in DIR/backups.
        #[arg(long)]
        no_backup: bool,
    },
}
