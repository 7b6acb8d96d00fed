//! What can be asked of reports.

use clap::{Args, ValueEnum};
use contracts::{Priority, Timestamp};

#[derive(Debug, Args)]
pub(crate) struct Report {
    /// By what messages are counted apart.
    #[arg(long, value_name = "WHAT", default_value = "day")]
    pub(crate) by: ReportBy,
    /// Messages that were accepted or received at this time or later, to the hour, such as 2026-12-01T00:00:00+07:00 [default: in the seven
    /// days before --until].
    #[arg(long, value_name = "TIME")]
    pub(crate) since: Option<Timestamp>,
    /// Messages of before this time, at most 400 days after --since [default: now].
    #[arg(long, value_name = "TIME")]
    pub(crate) until: Option<Timestamp>,
    /// Only those of this user: a name or an id.
    #[arg(long, value_name = "NAME")]
    pub(crate) user: Option<String>,
    /// Only those through this SIM: its id.
    #[arg(long, value_name = "SIM")]
    pub(crate) sim: Option<String>,
    /// Only those of this priority.
    #[arg(long, value_parser = super::one_of(Priority::ALL.map(|each| (each.as_str(), each))))]
    pub(crate) priority: Option<Priority>,
    /// The zone whose days and hours are meant, such as Asia/Jakarta [default: that of this machine].
    #[arg(long, value_name = "ZONE")]
    pub(crate) zone: Option<String>,
    /// Print the rows as CSV.
    #[arg(long)]
    pub(crate) csv: bool,
}

/// By what messages are counted apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportBy {
    /// Day by day.
    Day,
    /// Month by month.
    Month,
    /// By the hour of the day.
    Hour,
    /// By the user who sent them.
    User,
    /// By the SIM that they went through.
    Sim,
    /// By their priority.
    Priority,
    /// By what went wrong.
    Error,
}

impl ReportBy {
    /// The word of it.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Month => "month",
            Self::Hour => "hour",
            Self::User => "user",
            Self::Sim => "sim",
            Self::Priority => "priority",
            Self::Error => "error",
        }
    }
}
