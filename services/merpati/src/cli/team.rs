//! What can be said about teams.

use clap::{Args, Subcommand};

use super::Switch;

#[derive(Debug, Subcommand)]
pub(crate) enum Team {
    /// Show the teams.
    List,
    /// Show a team with its users and SIMs.
    Show {
        /// Its name or id.
        team: String,
    },
    /// Make a team.
    Add(AddTeam),
    /// Change a team. What is not said stays as it is.
    Change(ChangeTeam),
    /// Remove a team that has no contacts, groups and templates. Its users stay, and what they sent.
    Remove {
        /// Its name or id.
        team: String,
        /// Let its SIMs belong to no team, so that everybody sends through them. Without this, a team that has SIMs is not removed.
        #[arg(long)]
        free_sims: bool,
    },
}

#[derive(Debug, Args)]
pub(crate) struct AddTeam {
    /// What it is called.
    pub(crate) name: String,
    /// Its users, by name; may be given more than once, or with commas.
    #[arg(long = "users", value_name = "NAME", value_delimiter = ',')]
    pub(crate) users: Vec<String>,
    /// Its SIMs: an id or the beginning of one, a number or ICCID, or the name of the modem it is in. Only messages of its users go
    /// out through them.
    #[arg(long = "sims", value_name = "SIM", value_delimiter = ',')]
    pub(crate) sims: Vec<String>,
    /// Let its users send through SIMs of their teams only.
    #[arg(long)]
    pub(crate) own_sims_only: bool,
}

#[derive(Debug, Args)]
#[command(group(clap::ArgGroup::new("what").required(true).multiple(true).args(["name", "users", "sims", "own_sims_only"])))]
pub(crate) struct ChangeTeam {
    /// Its name or id.
    pub(crate) team: String,
    /// What it is called from then on.
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// All of its users from then on, by name, with commas; or nobody.
    #[arg(long, value_name = "NAMES")]
    pub(crate) users: Option<String>,
    /// All of its SIMs from then on, with commas; or none. Through a SIM that is taken out everybody sends, and only administrators
    /// read what it receives.
    #[arg(long, value_name = "SIMS")]
    pub(crate) sims: Option<String>,
    /// Whether its users send through SIMs of their teams only.
    #[arg(long, value_name = "on|off")]
    pub(crate) own_sims_only: Option<Switch>,
}
