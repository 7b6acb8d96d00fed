//! The calls of teams.

use super::call::{Call, Calls};
use crate::{NewTeam, RemoveTeam, Team, TeamChanges, Teams};

/// Adds them.
pub(super) fn add(calls: &mut Calls) {
    calls.add(
        Call::get("listTeams", "/teams", "Lists the teams with their users and SIMs.")
            .needs("users:manage")
            .answers::<Teams>(200, "The teams."),
    );
    calls.add(
        Call::post("addTeam", "/teams", "Makes a team.")
            .needs("users:manage")
            .takes::<NewTeam>()
            .answers::<Team>(201, "The team."),
    );
    calls.add(
        Call::get("showTeam", "/teams/{id}", "Shows a team.")
            .needs("users:manage")
            .answers::<Team>(200, "The team."),
    );
    calls.add(
        Call::patch("changeTeam", "/teams/{id}", "Changes a team: its name, users and SIMs.")
            .needs("users:manage")
            .takes::<TeamChanges>()
            .answers::<Team>(200, "The team as it is now."),
    );
    calls.add(
        Call::delete("removeTeam", "/teams/{id}", "Removes a team.")
            .needs("users:manage")
            .asks::<RemoveTeam>()
            .done("It is removed."),
    );
}
