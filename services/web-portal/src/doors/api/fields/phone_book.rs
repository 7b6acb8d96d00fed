//! What the calls of contacts, groups and templates take.

use store::{MOST_CONDITIONS, MOST_GROUPS_OF_CONTACT, MOST_MERGED};

use super::{Call, Field, Kind, NAME, PAGE, get, may, must, patch, post};
use crate::acts::contact_import::{self, plan};
use crate::acts::name::LONGEST_SEARCHED;
use crate::acts::{contact, contact_merge, group, team, template};

/// The query of a list that is sorted by name.
pub(super) const BY_NAME: &[Field] = &[
    may("q", Kind::Text(LONGEST_SEARCHED)),
    may("limit", Kind::Number(1, PAGE as i64)),
    may("after", Kind::NameCursor),
];

const TAGS: Field = may("tags", Kind::Texts(contact::MOST_TAGS, contact::LONGEST_TAG));
const FIELDS: Field = may(
    "fields",
    Kind::Named(contact::MOST_FIELDS, contact::LONGEST_FIELD_NAME, contact::LONGEST_FIELD),
);
/// The name or the id of a team.
const TEAM: Field = may("team", Kind::Text(team::LONGEST_NAME));
const OF_GROUPS: Field = may("groups", Kind::Ids(MOST_GROUPS_OF_CONTACT, "grp_"));

/// One of many contacts.
const BROUGHT: &[Field] = &[
    may("source", Kind::Text(contact::LONGEST_SOURCE)),
    must("name", Kind::Text(contact::LONGEST_NAME)),
    must("number", Kind::Phone),
    may("email", Kind::Email(contact::LONGEST_EMAIL)),
    may("note", Kind::Text(contact::LONGEST_NOTE)),
    TAGS,
    FIELDS,
    OF_GROUPS,
];

/// The calls of contacts.
pub(super) const CONTACTS: [Call; 6] = [
    get(
        "/contacts",
        &[
            may("q", Kind::Text(LONGEST_SEARCHED)),
            may("group", Kind::Id("grp_")),
            may("tag", Kind::Text(contact::LONGEST_TAG)),
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
            FIELDS,
            OF_GROUPS,
            may("shared", Kind::Flag),
            may("user", Kind::Text(NAME)),
            TEAM,
        ],
    ),
    post(
        "/contacts/bulk",
        &[
            must("contacts", Kind::Objects(contact::AT_ONCE, BROUGHT)),
            may("shared", Kind::Flag),
            may("user", Kind::Text(NAME)),
            TEAM,
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
            FIELDS,
            OF_GROUPS,
        ],
    ),
    get(
        "/contacts/doubles",
        &[
            may("by", Kind::OneOf(&["number", "name"])),
            may("shared", Kind::OneOf(&["true", "false"])),
            may("user", Kind::Text(NAME)),
            TEAM,
            may("after", Kind::Text(contact_merge::LONGEST_PLACE)),
        ],
    ),
    post(
        "/contacts/merge",
        &[must("keep", Kind::Id("con_")), must("merge", Kind::Ids(MOST_MERGED, "con_"))],
    ),
];

/// The place of a row: the first may name the columns.
const ROW: Kind = Kind::Number(0, 50_000);
const _: () = assert!(sheet::MOST_ROWS == 50_000, "as above");

/// What `POST /contact-imports` takes beside the file.
const UPLOAD: &[Field] = &[
    may("name", Kind::Text(contact_import::LONGEST_NAME)),
    may("shared", Kind::OneOf(&["true", "false"])),
    may("user", Kind::Text(NAME)),
    TEAM,
];

/// The calls of files of contacts.
pub(super) const IMPORTS: [Call; 4] = [
    Call { method: "POST", path: "/contact-imports", query: UPLOAD, body: &[] },
    patch(
        "/contact-imports/{id}",
        &[
            may("roles", Kind::Texts(sheet::MOST_COLUMNS, plan::LONGEST_ROLE)),
            may("has_names", Kind::Flag),
            may("keep", Kind::Flag),
        ],
    ),
    get(
        "/contact-imports/{id}/rows",
        &[
            may("from", ROW),
            may("show", Kind::OneOf(&["all", "skipped"])),
            may("limit", Kind::Number(1, PAGE as i64)),
        ],
    ),
    post("/contact-imports/{id}/confirm", &[must("revision", Kind::Number(1, u32::MAX as i64))]),
];

/// Words that contacts in a group are marked with, or are not.
const OF_RULE: Kind = Kind::Texts(MOST_CONDITIONS, contact::LONGEST_TAG);
/// Which contacts are in a group.
const RULE: &[Field] = &[
    must("of", Kind::OneOf(&["all", "any"])),
    may("tags", OF_RULE),
    may("no_tags", OF_RULE),
    may(
        "fields",
        Kind::Named(MOST_CONDITIONS, contact::LONGEST_FIELD_NAME, contact::LONGEST_FIELD),
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
            may("rule", Kind::Object(RULE)),
            may("shared", Kind::Flag),
            may("user", Kind::Text(NAME)),
            TEAM,
        ],
    ),
    patch(
        "/groups/{id}",
        &[
            may("name", Kind::Text(group::LONGEST_NAME)),
            may("code", Kind::Text(group::LONGEST_CODE)),
            may("rule", Kind::Object(RULE)),
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
            TEAM,
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
