//! What can be said about schedules.

use clap::{ArgGroup, Args, Subcommand};
use contracts::Priority;

use super::one_of;

#[derive(Debug, Subcommand)]
pub(crate) enum Schedule {
    /// Send a text at a time, once or again and again.
    Add(AddSchedule),
    /// Show the schedules there are.
    List,
    /// Show a schedule, its next times, and what came of the last one.
    Show {
        /// Its name or its id.
        schedule: String,
    },
    /// Let the times of a schedule go by until it is resumed.
    Pause {
        /// Its name or its id.
        schedule: String,
    },
    /// Let a paused schedule go on, from its next time on.
    Resume {
        /// Its name or its id.
        schedule: String,
    },
    /// Send for a schedule now, beside its times.
    Run {
        /// Its name or its id.
        schedule: String,
    },
    /// Remove a schedule. What it sent stays.
    Remove {
        /// Its name or its id.
        schedule: String,
    },
}

#[derive(Debug, Args)]
#[command(group(ArgGroup::new("recipients").required(true).multiple(true).args(["to", "groups"])))]
pub(crate) struct AddSchedule {
    /// What it is called.
    pub(crate) name: String,
    /// A recipient's number; may be given more than once.
    #[arg(long, value_name = "NUMBER")]
    pub(crate) to: Vec<String>,
    /// A group whose contacts it is sent to, as they are then: its name, its code or its id; may be given more than once.
    #[arg(long = "group", value_name = "GROUP")]
    pub(crate) groups: Vec<String>,
    /// The text.
    #[arg(long)]
    pub(crate) text: String,
    /// The local date and time, such as "2027-01-04 08:00".
    #[arg(long, value_name = "DATE TIME")]
    pub(crate) at: String,
    /// The zone of that time, such as Asia/Jakarta. That of this machine when absent.
    #[arg(long, value_name = "ZONE")]
    pub(crate) zone: Option<String>,
    /// How it is repeated, such as "FREQ=WEEKLY;BYDAY=MO". Once when absent.
    #[arg(long, value_name = "RULE")]
    pub(crate) repeat: Option<String>,
    /// How urgent.
    #[arg(long, value_parser = one_of(Priority::ALL.map(|each| (each.as_str(), each))))]
    pub(crate) priority: Option<Priority>,
    /// The account whose messages it sends.
    #[arg(long)]
    pub(crate) user: Option<String>,
}
