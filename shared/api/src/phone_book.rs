//! Contacts, groups of contacts and templates.

use std::collections::BTreeMap;

use contracts::{ContactId, GroupId, PhoneNumber, TeamId, TemplateId, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// The query of `GET /contacts`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, IntoParams)]
pub struct ListContacts {
    /// Only those whose name, number, e-mail address or tags have this in them, letter case aside.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub q: Option<String>,
    /// Only those in this group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<GroupId>,
    /// Only those that are marked with this word, letter case aside.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    /// At most so many; 50 when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// Those after `next` of the page before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

/// The query of `GET /groups` and `GET /templates`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, IntoParams)]
pub struct ListByName {
    /// Only those that have this in them, letter case aside.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub q: Option<String>,
    /// At most so many; 50 when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// Those after `next` of the page before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

/// The answer to `GET /contacts`, sorted by name.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct Contacts {
    /// Those of this page.
    pub contacts: Vec<Contact>,
    /// `after` of the next page; none: this is the last.
    pub next: Option<String>,
}

/// A name and its number.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Contact {
    /// Its id.
    pub id: ContactId,
    /// Whose it is; none: it is a team's, or all of the organisation share it.
    pub owner: Option<UserId>,
    /// The team whose it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<TeamId>,
    /// Its name.
    pub name: String,
    /// Its number.
    pub number: PhoneNumber,
    /// Its e-mail address.
    pub email: Option<String>,
    /// What is written of it.
    pub note: Option<String>,
    /// Words that it is marked with.
    pub tags: Vec<String>,
    /// What else is known of it, by name.
    #[serde(default)]
    pub fields: BTreeMap<String, String>,
    /// The groups that it is in.
    pub groups: Vec<GroupId>,
    /// That its number is sent nothing, with how and when it came to that; in the answers about one contact and in lists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opted_out: Option<ContactOptOut>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// How it came that the number of a contact is sent nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ContactOptOut {
    /// `message`, as the holder of the number asked for it; `account`, as somebody said so here; or `import`.
    pub source: String,
    /// When.
    pub at: Timestamp,
}

/// The body of `POST /contacts`.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewContact {
    /// Its name.
    pub name: String,
    /// Its number.
    pub number: String,
    /// Its e-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// What is to be written of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Words that it is marked with, each without spaces.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// What else is to be known of it, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, String>,
    /// The groups that it is in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<GroupId>,
    /// All of the organisation share it (administrators).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub shared: bool,
    /// The name of the account whose it is; the caller's own when absent. Another's: for administrators.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The name or the id of the team whose it is: one that the caller is of, and for administrators any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<String>,
}

/// The body of `PATCH /contacts/{id}`. What is absent stays as it is.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContactChanges {
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// Its e-mail address; empty: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// What is written of it; empty: nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Words that it is marked with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<String>>,
    /// All that else is known of it, by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fields: Option<BTreeMap<String, String>>,
    /// The groups that it is in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub groups: Option<Vec<GroupId>>,
}

/// The body of `POST /contacts/bulk`: many contacts of one account.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewContacts {
    /// At most 500.
    pub contacts: Vec<BroughtContact>,
    /// All of the organisation share them (administrators).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub shared: bool,
    /// The name of the account whose they are; the caller's own when absent. Another's: for administrators.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The name or the id of the team whose they are: one that the caller is of, and for administrators any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<String>,
}

/// One of many contacts.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BroughtContact {
    /// By what it is known where it comes from: one that is brought again is not made again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Its name.
    pub name: String,
    /// Its number.
    pub number: String,
    /// Its e-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// What is to be written of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Words that it is marked with, each without spaces.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// What else is to be known of it, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, String>,
    /// The groups that it is in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<GroupId>,
}

/// The answer to `POST /contacts/bulk`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct ContactsMade {
    /// What became of each, in the order of the request.
    pub contacts: Vec<ContactMade>,
}

/// What became of one of many contacts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ContactMade {
    /// `made`; `there`, as it was made from this source before; or `refused`.
    pub state: String,
    /// Its id, when it is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<ContactId>,
    /// Why it was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// The answer to `GET /groups`, sorted by name.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct Groups {
    /// Those of this page.
    pub groups: Vec<Group>,
    /// `after` of the next page; none: this is the last.
    pub next: Option<String>,
}

/// A group of contacts. `GET /contacts?group=` lists those in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Group {
    /// Its id.
    pub id: GroupId,
    /// Whose it is; none: it is a team's, or all of the organisation share it.
    pub owner: Option<UserId>,
    /// The team whose it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<TeamId>,
    /// Its name.
    pub name: String,
    /// A short word that stands for it, as playSMS has one.
    pub code: Option<String>,
    /// Which contacts of its owner are in it; none: those that somebody put into it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<GroupRule>,
    /// How many contacts are in it.
    pub members: u64,
    /// When it was made.
    pub created_at: Timestamp,
}

/// Which contacts are in a group: those of which all of this is so, or any. Letter case is left aside.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GroupRule {
    /// `all`: each of the conditions below has to hold; `any`: one of them. There are at most 10; of none nobody is in the group.
    pub of: String,
    /// The contact is marked with these words, each a condition.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// The contact is not marked with these words, each a condition.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub no_tags: Vec<String>,
    /// The fields of the contact have these texts, each a condition.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, String>,
}

/// The body of `POST /groups`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewGroup {
    /// Its name.
    pub name: String,
    /// A short word that stands for it, without spaces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Which contacts of its owner are in it; when absent, those that are put into it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<GroupRule>,
    /// All of the organisation share it (administrators).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub shared: bool,
    /// The name of the account whose it is; the caller's own when absent. Another's: for administrators.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The name or the id of the team whose it is: one that the caller is of, and for administrators any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<String>,
}

/// The body of `PATCH /groups/{id}`. What is absent stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GroupChanges {
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// A short word that stands for it; empty: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Which contacts are in it, of a group that has a rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<GroupRule>,
    /// Contacts that are put into it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub add: Vec<ContactId>,
    /// Contacts that are taken out of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remove: Vec<ContactId>,
}

/// The answer to `GET /templates`, sorted by name.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct Templates {
    /// Those of this page.
    pub templates: Vec<Template>,
    /// `after` of the next page; none: this is the last.
    pub next: Option<String>,
}

/// A text that is kept to be sent again and again.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Template {
    /// Its id.
    pub id: TemplateId,
    /// Whose it is; none: it is a team's, or all of the organisation share it.
    pub owner: Option<UserId>,
    /// The team whose it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<TeamId>,
    /// Its name.
    pub name: String,
    /// Its text.
    pub text: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// The body of `POST /templates`.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTemplate {
    /// Its name.
    pub name: String,
    /// Its text.
    pub text: String,
    /// All of the organisation share it (administrators).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub shared: bool,
    /// The name of the account whose it is; the caller's own when absent. Another's: for administrators.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The name or the id of the team whose it is: one that the caller is of, and for administrators any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<String>,
}

/// The body of `PATCH /templates/{id}`. What is absent stays as it is.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TemplateChanges {
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}
