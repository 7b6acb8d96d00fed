//! What the calls of contacts, groups and templates take.

use store::MOST_GROUPS_OF_CONTACT;

use super::{Call, Field, Kind, NAME, PAGE, get, may, must, patch, post};
use crate::acts::name::LONGEST_SEARCHED;
use crate::acts::{contact, group, template};

/// The query of a list that is sorted by name.
pub(super) const BY_NAME: &[Field] = &[
    may("q", Kind::Text(LONGEST_SEARCHED)),
    may("limit", Kind::Number(1, PAGE as i64)),
    may("after", Kind::NameCursor),
];

const TAGS: Field = may("tags", Kind::Texts(contact::MOST_TAGS, contact::LONGEST_TAG));
const OF_GROUPS: Field = may("groups", Kind::Ids(MOST_GROUPS_OF_CONTACT, "grp_"));

/// One of many contacts.
const BROUGHT: &[Field] = &[
    may("source", Kind::Text(contact::LONGEST_SOURCE)),
    must("name", Kind::Text(contact::LONGEST_NAME)),
    must("number", Kind::Phone),
    may("email", Kind::Email(contact::LONGEST_EMAIL)),
    may("note", Kind::Text(contact::LONGEST_NOTE)),
    TAGS,
    OF_GROUPS,
];

/// The calls of contacts.
pub(super) const CONTACTS: [Call; 4] = [
    get(
        "/contacts",
        &[
            may("q", Kind::Text(LONGEST_SEARCHED)),
            may("group", Kind::Id("grp_")),
            may("limit", Kind::Number(1, PAGE as i64)),
            may("after", Kind::NameCursor),
        ],
    ),
    post(
        "/contacts",
        &[
            must("name", Kind::Text(contact::LONGEST_NAME)),
            must("number", Kind::Phone),
            may("email", Kind::Email(contact::LONGEST_EMAIL)),
            may("note", Kind::Text(contact::LONGEST_NOTE)),
            TAGS,
            OF_GROUPS,
            may("shared", Kind::Flag),
            may("user", Kind::Text(NAME)),
        ],
    ),
    post(
        "/contacts/bulk",
        &[
            must("contacts", Kind::Objects(contact::AT_ONCE, BROUGHT)),
            may("shared", Kind::Flag),
            may("user", Kind::Text(NAME)),
        ],
    ),
    patch(
        "/contacts/{id}",
        &[
            may("name", Kind::Text(contact::LONGEST_NAME)),
            may("number", Kind::Phone),
            may("email", Kind::Email(contact::LONGEST_EMAIL)),
            may("note", Kind::Text(contact::LONGEST_NOTE)),
            TAGS,
            OF_GROUPS,
        ],
    ),
];

/// The calls of groups.
pub(super) const GROUPS: [Call; 3] = [
    get("/groups", BY_NAME),
    post(
        "/groups",
        &[
            must("name", Kind::Text(group::LONGEST_NAME)),
            may("code", Kind::Text(group::LONGEST_CODE)),
            may("shared", Kind::Flag),
            may("user", Kind::Text(NAME)),
        ],
    ),
    patch(
        "/groups/{id}",
        &[
            may("name", Kind::Text(group::LONGEST_NAME)),
            may("code", Kind::Text(group::LONGEST_CODE)),
            may("add", Kind::Ids(group::AT_ONCE, "con_")),
            may("remove", Kind::Ids(group::AT_ONCE, "con_")),
        ],
    ),
];

/// The calls of templates.
pub(super) const TEMPLATES: [Call; 3] = [
    get("/templates", BY_NAME),
    post(
        "/templates",
        &[
            must("name", Kind::Text(template::LONGEST_NAME)),
            must("text", Kind::Text(template::LONGEST_TEXT)),
            may("shared", Kind::Flag),
            may("user", Kind::Text(NAME)),
        ],
    ),
    patch(
        "/templates/{id}",
        &[
            may("name", Kind::Text(template::LONGEST_NAME)),
            may("text", Kind::Text(template::LONGEST_TEXT)),
        ],
    ),
];
