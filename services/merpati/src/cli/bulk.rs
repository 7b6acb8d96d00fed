//! What can be said about a file of which each row becomes a message.

use std::path::PathBuf;

use clap::Args;
use contracts::{PoolId, Priority, SimId};

use super::one_of;

#[derive(Debug, Args)]
pub(crate) struct Bulk {
    /// A CSV file or an XLSX workbook.
    pub(crate) file: PathBuf,
    /// The column with the numbers: its name, or its letter where the first row does not name the columns.
    #[arg(long, value_name = "COLUMN")]
    pub(crate) number: String,
    /// The text; {COLUMN} is filled in from each row, and {{ is a brace.
    #[arg(long)]
    pub(crate) text: String,
    /// Send it. Without this it is only shown what would be sent.
    #[arg(long)]
    pub(crate) send: bool,
    /// Similar characters take the place of those that make a message longer.
    #[arg(long)]
    pub(crate) alike: bool,
    /// Put a zero before numbers that begin with neither zero nor plus, where numbers.home_country is not set.
    #[arg(long)]
    pub(crate) mend: bool,
    /// How urgent; bulk when absent.
    #[arg(long, value_parser = one_of(Priority::ALL.map(|each| (each.as_str(), each))))]
    pub(crate) priority: Option<Priority>,
    /// The SIM it must go out through.
    #[arg(long, value_name = "SIM", conflicts_with = "pool")]
    pub(crate) sim: Option<SimId>,
    /// The pool of modems it must go out through.
    #[arg(long, value_name = "POOL")]
    pub(crate) pool: Option<PoolId>,
    /// The local date and time at which it is sent, such as "2027-01-04 08:00"; at once when absent.
    #[arg(long, value_name = "DATE TIME", requires = "zone")]
    pub(crate) at: Option<String>,
    /// The zone of that time, such as Asia/Jakarta.
    #[arg(long, value_name = "ZONE")]
    pub(crate) zone: Option<String>,
}
