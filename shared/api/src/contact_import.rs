//! Contacts from files, and contacts that are merged.

use std::collections::BTreeMap;

use contracts::{ContactId, ContactImportId, TeamId, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::Contact;

/// The query of `POST /contact-imports`, whose body is the file itself.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, IntoParams)]
pub struct UploadContacts {
    /// What the file is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `true`: all of the organisation share the contacts (administrators and managers).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shared: Option<bool>,
    /// The name of the account whose contacts they become; the caller's own when absent. Another's: for administrators.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The name or the id of the team whose contacts they become: one that the caller is of, and for administrators any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<String>,
}

/// The answer to `GET /contact-imports`, newest first.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ContactImports {
    /// One's own imports.
    pub imports: Vec<ContactImport>,
}

/// A file of contacts, or contacts that were merged, and how far it is.
// Without `Debug`, as all that holds names of people: it is not for logs.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ContactImport {
    /// The id.
    pub id: ContactImportId,
    /// `file` or `merge`.
    pub kind: String,
    /// What the file is called; of a merge the name of the contact.
    pub name: String,
    /// Whose contacts they are; none: they are a team's, or all of the organisation share them.
    pub owner: Option<UserId>,
    /// The team whose contacts they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<TeamId>,
    /// The names of the columns.
    pub columns: Vec<String>,
    /// What each column is, as it was said or as it seems: `name`, `number`, `email`, `note`, `tags`, `groups`, `field:` with the name
    /// of a field, or empty where it is left out.
    pub roles: Vec<String>,
    /// The first row names the columns.
    pub has_names: bool,
    /// How many rows the file has, the first among them.
    pub rows: u32,
    /// What would become of the rows; none: it was not said yet what the columns are.
    pub plan: Option<ContactImportPlan>,
    /// How often it was said what the columns are. `POST /contact-imports/{id}/confirm` repeats it.
    pub revision: u32,
    /// It was confirmed.
    pub confirmed: bool,
    /// How many contacts were made.
    pub made: u32,
    /// How many contacts were changed.
    pub changed: u32,
    /// How many contacts had all of their rows already.
    pub same: u32,
    /// How many rows became none.
    pub skipped: u32,
    /// How many contacts were removed, being merged into another one.
    pub removed: u32,
    /// To how many contacts what was done was taken back.
    pub undone: u32,
    /// How many contacts were left as they are, being changed since or at the same time.
    pub left: u32,
    /// The first of the contacts that were left when it was taken back; in the answer about one import.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_contacts: Vec<LeftContact>,
    /// When all of its rows were made to contacts.
    pub applied_at: Option<Timestamp>,
    /// When it was taken back.
    pub undone_at: Option<Timestamp>,
    /// When it was uploaded.
    pub created_at: Timestamp,
}

/// What would become of the rows of a file.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ContactImportPlan {
    /// Contacts that are there stay as they are.
    pub keep: bool,
    /// How many rows become a new contact.
    pub made: u32,
    /// How many rows change a contact.
    pub changed: u32,
    /// Of how many rows a contact has all already.
    pub same: u32,
    /// How many rows become none, by the reason: `no-number`, `not-a-number`, `rounded` (a spreadsheet wrote it as `6.28E+11`), `twice`,
    /// `there`, `name`, `email`, `note`, `tags`, `groups`, `fields`.
    pub skipped: BTreeMap<String, u32>,
    /// The names of groups that are made.
    pub new_groups: Vec<String>,
}

/// A contact that was left as it is when an import was taken back.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LeftContact {
    /// The contact.
    pub contact: ContactId,
    /// What the import called it.
    pub name: String,
    /// `changed`, `removed`, `there`, as it was removed by the import and is there again, or `full`, as it was removed by the import and
    /// there is no room for it.
    pub why: String,
}

/// The body of `PATCH /contact-imports/{id}`. What is absent is as it seems.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanContactImport {
    /// What each column is, in their order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub roles: Option<Vec<String>>,
    /// The first row names the columns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub has_names: Option<bool>,
    /// Contacts that are there stay as they are.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub keep: bool,
}

/// The query of `GET /contact-imports/{id}/rows`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, IntoParams)]
pub struct ListContactImportRows {
    /// From this row on, the first being 0; 0 when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<u32>,
    /// `all`, or `skipped`: only those that become no contact.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub show: Option<String>,
    /// At most so many; 50 when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

/// The answer to `GET /contact-imports/{id}/rows`, in the order of the file.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ContactImportRows {
    /// Those of this page.
    pub rows: Vec<ContactImportRow>,
    /// `from` of the next page; none: this is the last.
    pub next: Option<u32>,
}

/// A row, and what would become of it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ContactImportRow {
    /// The place of the row in the file, the first being 0.
    pub row: u32,
    /// The line of the file at which it begins, the first being 1.
    pub line: u64,
    /// What stands in the columns of the name.
    pub name: String,
    /// What stands in the column of the number.
    pub number: String,
    /// `new`, `changed`, `same` or `skipped`.
    pub becomes: String,
    /// Why the row becomes no contact.
    pub skipped: Option<String>,
}

/// The body of `POST /contact-imports/{id}/confirm`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfirmContactImport {
    /// The `revision` that was looked at.
    pub revision: u32,
}

/// The query of `GET /contacts/doubles`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, IntoParams)]
pub struct ListDoubles {
    /// `number`, as when absent, or `name`: what contacts have in common.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// `true`: of the contacts that all of the organisation share (administrators and managers).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shared: Option<bool>,
    /// The name of the account whose contacts they are; the caller's own when absent. Another's: for administrators.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The name or the id of the team whose contacts they are: one that the caller is of, and for administrators any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<String>,
    /// Those after `next` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

/// The answer to `GET /contacts/doubles`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Doubles {
    /// Sets of contacts that have the same number or name.
    pub sets: Vec<SameContacts>,
    /// `after` of the next page; none: this is the last.
    pub next: Option<String>,
}

/// Contacts that may be one.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SameContacts {
    /// The contacts, oldest first.
    pub contacts: Vec<Contact>,
}

/// The body of `POST /contacts/merge`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MergeContacts {
    /// The contact that stays, with the tags, fields and groups of all.
    pub keep: ContactId,
    /// Those that are merged into it, which are removed.
    pub merge: Vec<ContactId>,
}
