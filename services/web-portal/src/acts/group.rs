//! Groups of contacts.

use contracts::{ContactId, GroupId};
use serde_json::{Value, json};
use store::{
    AuditAction, ChangeGroupError, CreateGroupError, Group, GroupChange, GroupCondition, GroupRule,
    MOST_CONDITIONS, NamePage, NamePlace, NewGroup,
};

use super::belonging::{Belonging, NotTheirs, changed_by};
use super::contact::{LONGEST_FIELD, LONGEST_FIELD_NAME, LONGEST_TAG};
use super::name::is_name;
use super::not_read::NotRead;
use crate::app::App;
use crate::authority::{Authority, Denied};
use crate::power::Power;

/// The most characters of a group's name.
pub(crate) const LONGEST_NAME: usize = 100;
/// The most characters of the word that stands for it.
pub(crate) const LONGEST_CODE: usize = 20;
/// The most contacts that one request puts in or takes out.
pub(crate) const AT_ONCE: usize = 500;

/// Why a group was not made or changed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotDone {
    /// Whose it is to be.
    #[error(transparent)]
    NotTheirs(#[from] NotTheirs),
    /// The name cannot be one.
    #[error("a name is 1 to {LONGEST_NAME} visible characters without spaces at its ends")]
    Name,
    /// The word that stands for it cannot be one.
    #[error("a code is one word of at most {LONGEST_CODE} characters")]
    Code,
    /// The rule cannot be one.
    #[error(
        "a rule has at most {MOST_CONDITIONS} conditions: a tag, no tag, or a field, each once, with its name and its text"
    )]
    Rule,
    /// There are too many contacts in one request.
    #[error("one request puts in or takes out at most {AT_ONCE} contacts")]
    TooManyAtOnce,
    /// It could not be made.
    #[error(transparent)]
    Make(#[from] CreateGroupError),
    /// It could not be changed.
    #[error(transparent)]
    Change(#[from] ChangeGroupError),
}

impl From<Denied> for NotDone {
    fn from(denied: Denied) -> Self {
        Self::NotTheirs(denied.into())
    }
}

/// A page of those in reach, by name.
pub(crate) async fn list(
    app: &App,
    authority: &Authority,
    search: Option<&str>,
    page: &NamePage,
) -> Result<(Vec<Group>, Option<NamePlace>), NotRead> {
    authority.must(Power::ContactsRead)?;
    Ok(app.store.groups(authority.reach, search, page).await?)
}

/// One in reach.
pub(crate) async fn one(
    app: &App,
    authority: &Authority,
    id: GroupId,
) -> Result<Option<Group>, NotRead> {
    authority.must(Power::ContactsRead)?;
    Ok(app.store.group(authority.reach, id).await?)
}

/// Makes one.
pub(crate) async fn make(
    app: &App,
    authority: &Authority,
    belonging: Belonging,
    (name, code): (&str, Option<&str>),
    rule: Option<GroupRule>,
) -> Result<Group, NotDone> {
    authority.must(Power::ContactsWrite)?;
    let (name, code) = (checked_name(name)?, code.map(checked_code).transpose()?);
    let rule = rule.map(checked_rule).transpose()?;
    let owner = belonging.holder(app, authority).await?;
    let new = NewGroup { owner, name, code: code.filter(|code| !code.is_empty()), rule };
    let store = app.store.audited(authority.entry(app, AuditAction::GroupCreated));
    Ok(store.create_group(changed_by(authority), &new, app.clock.now()).await?)
}

/// What is to be changed of one; what is none stays.
#[derive(Debug, Clone, Default)]
pub(crate) struct Change {
    /// Its name.
    pub(crate) name: Option<String>,
    /// The word that stands for it; empty: none.
    pub(crate) code: Option<String>,
    /// Which contacts are in it, of a group by rule.
    pub(crate) rule: Option<GroupRule>,
    /// Contacts that are put into it.
    pub(crate) add: Vec<ContactId>,
    /// Contacts that are taken out of it.
    pub(crate) remove: Vec<ContactId>,
}

/// Changes one that is one's own, or, as an administrator, anybody's and what all share.
pub(crate) async fn change(
    app: &App,
    authority: &Authority,
    id: GroupId,
    change: Change,
) -> Result<Group, NotDone> {
    authority.must(Power::ContactsWrite)?;
    let Change { name, code, rule, add, remove } = change;
    if add.len() > AT_ONCE || remove.len() > AT_ONCE {
        return Err(NotDone::TooManyAtOnce);
    }
    let change = GroupChange {
        name: name.map(|name| checked_name(&name)).transpose()?,
        code: code.map(|code| checked_code(&code)).transpose()?,
        rule: rule.map(checked_rule).transpose()?,
        add,
        remove,
    };
    let entry = authority.entry(app, AuditAction::GroupChanged).with(&shown(&change));
    let store = app.store.audited(entry);
    Ok(store.change_group(changed_by(authority), id, &change, app.clock.now()).await?)
}

/// Removes one that could be changed; its contacts stay. False: there is none.
pub(crate) async fn remove(app: &App, authority: &Authority, id: GroupId) -> Result<bool, NotRead> {
    authority.must(Power::ContactsWrite)?;
    let store = app.store.audited(authority.entry(app, AuditAction::GroupRemoved));
    Ok(store.remove_group(changed_by(authority), id, app.clock.now()).await?)
}

/// A change as the audit log shows it.
fn shown(change: &GroupChange) -> Value {
    let some = |all: &[ContactId]| Some(all.len()).filter(|count| *count > 0);
    json!({
        "name": change.name,
        "code": change.code,
        "rule": change.rule,
        "put_in": some(&change.add),
        "taken_out": some(&change.remove),
    })
}

/// A name, when it can be one.
pub(crate) fn checked_name(written: &str) -> Result<String, NotDone> {
    if is_name(written, LONGEST_NAME) { Ok(written.to_owned()) } else { Err(NotDone::Name) }
}

/// A rule, when it can be one.
pub(crate) fn checked_rule(mut rule: GroupRule) -> Result<GroupRule, NotDone> {
    let is_tag = |tag: &str| {
        (1..=LONGEST_TAG).contains(&tag.chars().count())
            && !tag.chars().any(|c| c.is_whitespace() || c.is_control())
    };
    for condition in &mut rule.conditions {
        let fits = match condition {
            GroupCondition::Tag(tag) | GroupCondition::NoTag(tag) => {
                *tag = tag.trim().to_owned();
                is_tag(tag)
            }
            GroupCondition::Field { name, value } => {
                (*name, *value) = (name.trim().to_owned(), value.trim().to_owned());
                is_name(name, LONGEST_FIELD_NAME) && is_name(value, LONGEST_FIELD)
            }
        };
        if !fits {
            return Err(NotDone::Rule);
        }
    }
    let mut names: Vec<String> = Vec::new();
    for condition in &rule.conditions {
        if let GroupCondition::Field { name, .. } = condition {
            names.push(name.to_lowercase());
        }
    }
    let all = names.len();
    names.sort_unstable();
    names.dedup();
    let fits = rule.conditions.len() <= MOST_CONDITIONS && names.len() == all;
    if fits { Ok(rule) } else { Err(NotDone::Rule) }
}

/// A word that stands for a group, when it can be one. Empty: none.
pub(crate) fn checked_code(written: &str) -> Result<String, NotDone> {
    let written = written.trim();
    let is_word = written.chars().count() <= LONGEST_CODE
        && !written.chars().any(|c| c.is_whitespace() || c.is_control());
    if is_word { Ok(written.to_owned()) } else { Err(NotDone::Code) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_bounded() {
        let rule = |conditions: Vec<GroupCondition>| GroupRule { all: true, conditions };
        let tag = |text: String| GroupCondition::Tag(text);
        let field = |name: String, value: String| GroupCondition::Field { name, value };
        let longest = field("n".repeat(LONGEST_FIELD_NAME), "v".repeat(LONGEST_FIELD));
        let mut all = vec![tag("t".repeat(LONGEST_TAG)), tag(" vip ".to_owned()), longest];
        all.resize(MOST_CONDITIONS, tag("vip".to_owned()));
        let read = checked_rule(rule(all.clone())).unwrap();
        assert_eq!(read.conditions[1], tag("vip".to_owned()));
        all.push(tag("vip".to_owned()));
        for wrong in [
            all,
            vec![field("n".to_owned(), "v".to_owned()), field("N".to_owned(), "w".to_owned())],
            vec![tag("t".repeat(LONGEST_TAG + 1))],
            vec![tag("two words".to_owned())],
            vec![tag(String::new())],
            vec![field(String::new(), "v".to_owned())],
            vec![field("n".to_owned(), String::new())],
            vec![field("n".repeat(LONGEST_FIELD_NAME + 1), "v".to_owned())],
            vec![field("n".to_owned(), "v".repeat(LONGEST_FIELD + 1))],
        ] {
            assert!(matches!(checked_rule(rule(wrong)), Err(NotDone::Rule)));
        }
    }
}
