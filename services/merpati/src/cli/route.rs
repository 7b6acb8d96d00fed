//! What can be said about rules and pools.

use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand};
use contracts::routes::{Day, Strategy};
use contracts::{KeyId, PoolId, Priority, Timestamp};

use super::one_of;

#[derive(Debug, Subcommand)]
pub(crate) enum Route {
    /// Show the rules, in the order in which they are asked.
    List,
    /// Make a rule. It takes messages that fulfil all of its conditions; without any, all.
    Add(AddRoute),
    /// Remove a rule.
    Remove {
        /// Its name.
        rule: String,
    },
    /// Move a rule to another place.
    Move {
        /// Its name.
        rule: String,
        /// Its place from then on: 1 is asked first.
        place: usize,
    },
    /// Say which rule a message would take, through which pool or SIM, and why. Nothing is sent.
    Test(TestRoute),
    /// Print all rules and pools as JSON, for `merpati route import`.
    Export {
        /// Those of this version, which `merpati route history` lists.
        #[arg(long, value_name = "VERSION")]
        of: Option<i64>,
    },
    /// Put the rules and pools of a file in place of those that there are.
    Import {
        /// A file as `merpati route export` writes it; - is the standard input.
        file: PathBuf,
    },
    /// Show the versions that are kept, newest first.
    History,
    /// Take the last change back, or make the rules like those of an earlier version.
    Undo {
        /// That version, which `merpati route history` lists.
        #[arg(long, value_name = "VERSION")]
        to: Option<i64>,
    },
}

#[derive(Debug, Args)]
#[command(group(ArgGroup::new("way").required(true).args(["through", "refuse"])))]
pub(crate) struct AddRoute {
    /// What it is called.
    pub(crate) name: String,
    /// Take numbers that begin so; may be given more than once. With +, only international numbers do.
    #[arg(long = "prefix", value_name = "DIGITS", value_delimiter = ',')]
    pub(crate) prefixes: Vec<String>,
    /// Take what this account sends; may be given more than once.
    #[arg(long = "account", value_name = "NAME", value_delimiter = ',')]
    pub(crate) accounts: Vec<String>,
    /// Take messages of this priority; may be given more than once.
    #[arg(long = "priority", value_delimiter = ',', value_parser = one_of(Priority::ALL.map(|each| (each.as_str(), each))))]
    pub(crate) priorities: Vec<Priority>,
    /// Take texts whose first word is this one; may be given more than once.
    #[arg(long = "keyword", value_name = "WORD", value_delimiter = ',')]
    pub(crate) keywords: Vec<String>,
    /// Take what is sent by this key; may be given more than once.
    #[arg(long = "key", value_name = "ID", value_delimiter = ',')]
    pub(crate) keys: Vec<KeyId>,
    /// Take what has this tag; may be given more than once.
    #[arg(long = "tag", value_name = "TAG", value_delimiter = ',')]
    pub(crate) tags: Vec<String>,
    /// Take what asks for this sender; may be given more than once.
    #[arg(long = "sender", value_name = "SENDER", value_delimiter = ',')]
    pub(crate) senders: Vec<String>,
    /// Only from this time of day on, such as 08:00.
    #[arg(long, value_name = "TIME", requires = "zone")]
    pub(crate) from: Option<String>,
    /// Only before this time of day, such as 17:30. Before --from, it is of the next day.
    #[arg(long, value_name = "TIME", requires = "zone")]
    pub(crate) until: Option<String>,
    /// Only on these days, such as mon,tue.
    #[arg(long, value_name = "DAY", value_delimiter = ',', requires = "zone", value_parser = one_of(Day::ALL.map(|each| (each.as_str(), each))))]
    pub(crate) days: Vec<Day>,
    /// The time zone of the hours and days, such as Asia/Jakarta.
    #[arg(long, value_name = "ZONE")]
    pub(crate) zone: Option<String>,
    /// Send them through this pool or SIM: pool:NAME, sim:ID, or a name alone for a pool. The first that has a modem online
    /// takes the message; may be given more than once.
    #[arg(long, value_name = "WAY", value_delimiter = ',')]
    pub(crate) through: Vec<String>,
    /// Refuse them, for this reason.
    #[arg(long, value_name = "REASON")]
    pub(crate) refuse: Option<String>,
    /// Its place among the rules: 1 is asked first. The last when it is not said.
    #[arg(long, value_name = "PLACE")]
    pub(crate) at: Option<usize>,
    /// Make it, and do not ask it yet.
    #[arg(long)]
    pub(crate) disabled: bool,
}

#[derive(Debug, Args)]
pub(crate) struct TestRoute {
    /// The recipient's number.
    #[arg(long, value_name = "NUMBER")]
    pub(crate) to: String,
    /// The text.
    #[arg(long)]
    pub(crate) text: Option<String>,
    /// Who sends; whoever asks when it is not said.
    #[arg(long, value_name = "NAME")]
    pub(crate) account: Option<String>,
    /// How urgent.
    #[arg(long, value_parser = one_of(Priority::ALL.map(|each| (each.as_str(), each))))]
    pub(crate) priority: Option<Priority>,
    /// The key by which it is sent.
    #[arg(long, value_name = "ID")]
    pub(crate) key: Option<KeyId>,
    /// Its tag.
    #[arg(long)]
    pub(crate) tag: Option<String>,
    /// The sender that it asks for.
    #[arg(long)]
    pub(crate) sender: Option<String>,
    /// The pool or SIM that the message names: pool:NAME, sim:ID, or a name alone for a pool.
    #[arg(long, value_name = "WAY")]
    pub(crate) through: Option<String>,
    /// When, such as 2026-12-01T08:00:00+07:00; now when it is not said.
    #[arg(long, value_name = "TIME")]
    pub(crate) at: Option<Timestamp>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum PoolCommand {
    /// Show the pools, their SIMs, and how these share the work.
    List,
    /// Say how the SIMs of a pool share the work.
    Set {
        /// The pool.
        pool: PoolId,
        /// as-free: the modem that is ready takes the next message. round-robin: each SIM in turn. weighted: by weights.
        /// least-used: the SIM that sent least today. sticky: one SIM for each recipient.
        #[arg(long, value_parser = strategies())]
        strategy: Strategy,
        /// The weight of a SIM, as SIM=WEIGHT; may be given more than once. Those that are not named have the weight 1.
        #[arg(long = "weight", value_name = "SIM=WEIGHT")]
        weights: Vec<String>,
    },
}

/// The words for strategies: their names, with dashes.
fn strategies() -> impl clap::builder::TypedValueParser<Value = Strategy> {
    one_of([
        ("as-free", Strategy::AsFree),
        ("round-robin", Strategy::RoundRobin),
        ("weighted", Strategy::Weighted),
        ("least-used", Strategy::LeastUsed),
        ("sticky", Strategy::Sticky),
    ])
}
