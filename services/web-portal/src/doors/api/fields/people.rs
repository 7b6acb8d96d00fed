//! What the calls of how people come in take.

use store::Role;

use super::{Call, Kind, may, must, post, put};
use crate::acts::invitation::LONGEST_LABEL;

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

/// The calls of how people come in.
pub(super) const PEOPLE: [Call; 2] = [
    post(
        "/invitations",
        &[must("role", Kind::OneOf(&OF_PEOPLE)), may("label", Kind::Text(LONGEST_LABEL))],
    ),
    // None of them is a list, too.
    put("/sign-in", &[must("totp", Kind::Texts(OF_PEOPLE.len(), LONGEST_ROLE))]),
];
