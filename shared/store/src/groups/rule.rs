//! The rules of groups: which contacts are in a group, said once for those that come later, too.
//!
//! A rule is a few conditions of which all or any hold, and nothing is nested: whoever reads it on a page sees who is meant. Small
//! letters are made here, for engines differ in what they hold them to be.
//!
//! A group by rule has its members written down as any other, in the transaction that changes a contact or the rule. So whatever
//! reads the members of a group, such as a schedule, reads those of a rule as they are at that time. Rejected: a condition in SQL
//! wherever members are read, which would be many places, each with a statement of its own for each rule.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The most conditions of a rule.
pub const MOST_CONDITIONS: usize = 10;

/// Which contacts are in a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupRule {
    /// All of the conditions have to hold; else any of them.
    pub all: bool,
    /// The conditions.
    pub conditions: Vec<GroupCondition>,
}

/// A condition of a rule. Letter case is left aside in all of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GroupCondition {
    /// The contact is marked with this word.
    Tag(String),
    /// The contact is not marked with this word.
    NoTag(String),
    /// A field of the contact has this text.
    Field {
        /// The name of the field.
        name: String,
        /// The text.
        value: String,
    },
}

impl GroupRule {
    /// Returns whether a contact with these tags and fields is in the group. Of no conditions none holds.
    pub fn holds(&self, tags: &[String], fields: &BTreeMap<String, String>) -> bool {
        let mut each = self.conditions.iter().map(|condition| condition.holds(tags, fields));
        if self.conditions.is_empty() {
            return false;
        }
        if self.all { each.all(|holds| holds) } else { each.any(|holds| holds) }
    }
}

impl GroupCondition {
    fn holds(&self, tags: &[String], fields: &BTreeMap<String, String>) -> bool {
        let has = |wanted: &str| {
            let wanted = wanted.to_lowercase();
            tags.iter().any(|tag| tag.to_lowercase() == wanted)
        };
        match self {
            Self::Tag(tag) => has(tag),
            Self::NoTag(tag) => !has(tag),
            Self::Field { name, value } => {
                let (name, value) = (name.to_lowercase(), value.trim().to_lowercase());
                fields.iter().any(|(known, text)| {
                    known.to_lowercase() == name && text.trim().to_lowercase() == value
                })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_or_any_of_the_conditions_hold() {
        let tags = ["VIP".to_owned(), "Ёж".to_owned()];
        let fields = BTreeMap::from([("Kota".to_owned(), "Bandung ".to_owned())]);
        let tag = |tag: &str| GroupCondition::Tag(tag.to_owned());
        let no_tag = |tag: &str| GroupCondition::NoTag(tag.to_owned());
        let field = |value: &str| GroupCondition::Field {
            name: "KOTA".to_owned(),
            value: value.to_owned(),
        };
        for (conditions, all, any) in [
            (vec![], false, false),
            (vec![tag("vip"), tag("ёж")], true, true),
            (vec![tag("vip"), tag("baru")], false, true),
            (vec![no_tag("vip"), field("bandung")], false, true),
            (vec![no_tag("baru"), field("BANDUNG")], true, true),
            (vec![field("Jakarta"), tag("vi")], false, false),
        ] {
            for (is_all, holds) in [(true, all), (false, any)] {
                let rule = GroupRule { all: is_all, conditions: conditions.clone() };
                assert_eq!(rule.holds(&tags, &fields), holds, "{rule:?}");
            }
        }
    }
}
