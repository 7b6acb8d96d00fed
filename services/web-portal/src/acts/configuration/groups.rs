//! Groups of contacts that the organisation shares, with their rules. Who was put into them by hand is not in the document.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use store::{ChangeGroupError, Group, GroupCondition, GroupRule};

use super::check::Check;
use super::compare::{Change, Sign};
use super::kind::Kind;
use super::refusal::NotTaken;
use super::section::{Entry, Section, written};
use super::there::There;
use crate::acts::belonging::Belonging;
use crate::acts::group::{self, checked_code, checked_name, checked_rule};
use crate::app::App;
use crate::authority::Authority;
use crate::power::Power;

/// A group.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct GroupFields {
    name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    /// Which contacts are in it; none: those that somebody put into it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rule: Option<RuleFields>,
}

/// A rule, with the fields of the API.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleFields {
    of: Of,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tags: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    no_tags: Vec<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    fields: BTreeMap<String, String>,
}

contracts::named! {
    /// How many conditions of a rule have to hold.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    enum Of in json {
        /// Each of them.
        All = "all",
        /// One of them.
        Any = "any",
    }
}

impl RuleFields {
    fn of(rule: &GroupRule) -> Self {
        let of = if rule.all { Of::All } else { Of::Any };
        let mut said = Self { of, tags: Vec::new(), no_tags: Vec::new(), fields: BTreeMap::new() };
        for condition in &rule.conditions {
            match condition {
                GroupCondition::Tag(tag) => said.tags.push(tag.clone()),
                GroupCondition::NoTag(tag) => said.no_tags.push(tag.clone()),
                GroupCondition::Field { name, value } => {
                    drop(said.fields.insert(name.clone(), value.clone()));
                }
            }
        }
        said
    }

    fn rule(self) -> GroupRule {
        let Self { of, tags, no_tags, fields } = self;
        let tags = tags.into_iter().map(GroupCondition::Tag);
        let no_tags = no_tags.into_iter().map(GroupCondition::NoTag);
        let fields = fields.into_iter();
        let fields = fields.map(|(name, value)| GroupCondition::Field { name, value });
        GroupRule { all: of == Of::All, conditions: tags.chain(no_tags).chain(fields).collect() }
    }
}

fn shared(there: &There) -> impl Iterator<Item = &Group> {
    there.groups.iter().filter(|group| group.owner.is_everybody())
}

/// Those that all share.
pub(super) fn section(there: &There) -> Section {
    Section::sorted(shared(there).map(|group| {
        let rule = group.rule.as_ref().map(RuleFields::of);
        let fields = GroupFields { name: group.name.clone(), code: group.code.clone(), rule };
        Entry::there(Kind::Groups, written(&fields))
    }))
}

/// What a file wants of a group, when it can be.
pub(super) fn checked(look: &Check<'_>, entry: Entry) -> Result<Entry, NotTaken> {
    look.authority.must(Power::ContactsWrite)?;
    look.authority.must(Power::UsersManage)?;
    let said: GroupFields = entry.read()?;
    let code = said.code.as_deref().map(checked_code).transpose()?;
    let present = shared(look.there).find(|group| group.name.to_lowercase() == entry.key);
    if present.is_some_and(|group| group.rule.is_some() != said.rule.is_some()) {
        return Err(group::NotDone::from(ChangeGroupError::OtherKind).into());
    }
    let rule = said.rule.map(|rule| checked_rule(rule.rule())).transpose()?;
    let fields = GroupFields {
        name: checked_name(&said.name)?,
        code: code.filter(|code| !code.is_empty()),
        rule: rule.as_ref().map(RuleFields::of),
    };
    Ok(entry.kept(written(&fields)))
}

/// Keeps what a file wants.
pub(super) async fn apply(
    app: &App,
    authority: &Authority,
    there: &There,
    change: &Change,
) -> Result<(), NotTaken> {
    let present = shared(there).find(|group| group.name.to_lowercase() == change.key);
    let said = change.wanted.as_ref().map(Entry::read::<GroupFields>).transpose()?;
    match (change.sign, present, said) {
        (Sign::Add, None, Some(said)) => {
            let belonging = Belonging { shared: true, ..Belonging::default() };
            let named = (said.name.as_str(), said.code.as_deref());
            group::make(app, authority, belonging, named, said.rule.map(RuleFields::rule)).await?;
        }
        (Sign::Change, Some(present), Some(said)) => {
            let wanted = group::Change {
                name: Some(said.name),
                code: Some(said.code.unwrap_or_default()),
                rule: said.rule.map(RuleFields::rule),
                ..group::Change::default()
            };
            group::change(app, authority, present.id, wanted).await?;
        }
        (Sign::Remove, Some(present), _) => {
            group::remove(app, authority, present.id).await?;
        }
        _ => return Err(NotTaken::gone("group")),
    }
    Ok(())
}
