//! What can be said about broadcasts.

use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand};
use contracts::{PoolId, Priority};

use super::one_of;

#[derive(Debug, Subcommand)]
pub(crate) enum Broadcast {
    /// Write a broadcast down as a draft. Nothing is sent before it is started.
    Add(Box<AddBroadcast>),
    /// Show the broadcasts there are.
    List,
    /// Show a broadcast and how far it is.
    Show {
        /// Its name or its id.
        broadcast: String,
    },
    /// Send the text of a broadcast to one number, as its first recipient gets it.
    Test {
        /// Its name or its id.
        broadcast: String,
        /// The number.
        #[arg(long, value_name = "NUMBER")]
        to: String,
    },
    /// Start a draft: at its time, or now.
    Start {
        /// Its name or its id.
        broadcast: String,
    },
    /// Hand out and release nothing more of a broadcast until it is resumed.
    Pause {
        /// Its name or its id.
        broadcast: String,
    },
    /// Let a paused broadcast go on.
    Resume {
        /// Its name or its id.
        broadcast: String,
    },
    /// End a broadcast: what no modem has yet is not sent.
    Cancel {
        /// Its name or its id.
        broadcast: String,
    },
    /// Remove a broadcast that is not under way. What it sent stays.
    Remove {
        /// Its name or its id.
        broadcast: String,
    },
}

#[derive(Debug, Args)]
#[command(group(ArgGroup::new("audience").required(true).multiple(true).args(["to", "numbers", "groups"])))]
#[command(group(ArgGroup::new("content").required(true).args(["text", "template"])))]
pub(crate) struct AddBroadcast {
    /// What it is called.
    pub(crate) name: String,
    /// A recipient's number; may be given more than once.
    #[arg(long, value_name = "NUMBER")]
    pub(crate) to: Vec<String>,
    /// A file of numbers, one on each line.
    #[arg(long, value_name = "FILE")]
    pub(crate) numbers: Option<PathBuf>,
    /// A group whose contacts it is sent to, as they are when it starts: its name, its code or its id; may be given more than once.
    #[arg(long = "group", value_name = "GROUP")]
    pub(crate) groups: Vec<String>,
    /// The text. {name}, {number}, {email}, {note} and custom fields such as {field:City} are filled in from each contact; {{ is a brace.
    #[arg(long)]
    pub(crate) text: Option<String>,
    /// A template whose text is sent: its name or its id.
    #[arg(long)]
    pub(crate) template: Option<String>,
    /// The local date and time at which it starts once it is started, such as "2027-01-04 08:00". At once when absent.
    #[arg(long, value_name = "DATE TIME")]
    pub(crate) at: Option<String>,
    /// The zone of that time, and of recipients of whose country no one zone is known. That of this machine when absent.
    #[arg(long, value_name = "ZONE")]
    pub(crate) zone: Option<String>,
    /// How fast it is handed out, such as 60/minute or 500/hour. As fast as modems take it when absent.
    #[arg(long, value_name = "PACE")]
    pub(crate) pace: Option<String>,
    /// Local hours of each recipient in which nothing is handed out, such as 21:00-08:00.
    #[arg(long, value_name = "HOURS")]
    pub(crate) quiet: Option<String>,
    /// How urgent. Bulk when absent.
    #[arg(long, value_parser = one_of(Priority::ALL.map(|each| (each.as_str(), each))))]
    pub(crate) priority: Option<Priority>,
    /// The SIM it must go out through: its id or the beginning of it, its number or ICCID, or the name of the modem it is in.
    #[arg(long)]
    pub(crate) sim: Option<String>,
    /// The pool it must go out through.
    #[arg(long)]
    pub(crate) pool: Option<PoolId>,
    /// The account whose messages it sends.
    #[arg(long)]
    pub(crate) user: Option<String>,
}
