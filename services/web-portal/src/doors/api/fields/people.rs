//! What the calls of how people come in, and of their teams, take.

use store::{MOST_SIMS_OF_TEAM, MOST_USERS_OF_TEAM, Role};

use super::{Call, Field, Kind, NAME, delete, may, must, patch, post, put};
use crate::acts::invitation::LONGEST_LABEL;
use crate::acts::team;

/// All roles.
pub(super) const ROLES: [&str; Role::ALL.len()] = {
    let mut words = [""; Role::ALL.len()];
    let mut n = 0;
    while n < words.len() {
        words[n] = Role::ALL[n].as_str();
        n += 1;
    }
    words
};

/// The roles of people, who log in.
const OF_PEOPLE: [&str; Role::OF_PEOPLE.len()] = {
    let mut words = [""; Role::OF_PEOPLE.len()];
    let mut n = 0;
    while n < words.len() {
        words[n] = Role::OF_PEOPLE[n].as_str();
        n += 1;
    }
    words
};

/// Characters of the longest role.
const LONGEST_ROLE: usize = 9;

const USERS_OF_TEAM: Field = may("users", Kind::Texts(MOST_USERS_OF_TEAM, NAME));
const SIMS_OF_TEAM: Field = may("sims", Kind::Ids(MOST_SIMS_OF_TEAM, "sim_"));

/// The calls of how people come in, and of their teams.
pub(super) const PEOPLE: [Call; 5] = [
    post(
        "/invitations",
        &[must("role", Kind::OneOf(&OF_PEOPLE)), may("label", Kind::Text(LONGEST_LABEL))],
    ),
    // None of them is a list, too.
    put("/sign-in", &[must("totp", Kind::Texts(OF_PEOPLE.len(), LONGEST_ROLE))]),
    post(
        "/teams",
        &[
            must("name", Kind::Text(team::LONGEST_NAME)),
            may("own_sims_only", Kind::Flag),
            USERS_OF_TEAM,
            SIMS_OF_TEAM,
        ],
    ),
    patch(
        "/teams/{id}",
        &[
            may("name", Kind::Text(team::LONGEST_NAME)),
            may("own_sims_only", Kind::Flag),
            USERS_OF_TEAM,
            SIMS_OF_TEAM,
        ],
    ),
    delete("/teams/{id}", &[may("free_sims", Kind::OneOf(&["true", "false"]))]),
];
