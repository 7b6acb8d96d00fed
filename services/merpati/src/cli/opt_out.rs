//! What can be said about who is sent nothing.

use std::path::PathBuf;

use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(crate) enum OptOut {
    /// Show the numbers that are sent nothing.
    List,
    /// Show what was said of a number.
    Show {
        /// The number.
        number: String,
    },
    /// Say that numbers are to be sent nothing more, by whatever account and program.
    Add {
        /// The numbers.
        #[arg(required = true)]
        numbers: Vec<String>,
    },
    /// Say that numbers are sent messages again.
    Remove {
        /// The numbers.
        #[arg(required = true)]
        numbers: Vec<String>,
    },
    /// Read numbers that are to be sent nothing from a file: the first column of each line.
    Import {
        /// A text file, CSV or a plain list; - is the standard input.
        file: PathBuf,
        /// Only show what would be done.
        #[arg(long)]
        dry_run: bool,
    },
}
