//! Whether a document can be imported, and what that would change: all of it is looked at before anything is changed.

use std::collections::{BTreeMap, HashSet};

use contracts::GroupId;
use store::StoreError;

use super::compare::{Change, Sign, compare};
use super::flaws::{Flaw, Flaws, Place};
use super::kind::Kind;
use super::refusal::NotTaken;
use super::section::{Entry, Fields, Section, read};
use super::there::There;
use super::{opt_outs, pools, rules, teams};
use crate::acts::not_read::NotRead;
use crate::app::App;
use crate::authority::Authority;

/// What checks need to know.
pub(super) struct Check<'a> {
    pub(super) app: &'a App,
    pub(super) authority: &'a Authority,
    pub(super) there: &'a There,
}

/// What an import would do.
pub(crate) struct Plan {
    /// The version of the settings that it was made for.
    pub(crate) version: String,
    /// What would be changed, in that order.
    pub(crate) changes: Vec<Change>,
    /// What is wrong with the document. Then nothing is imported.
    pub(crate) flaws: Vec<Flaw>,
    /// What is to be thought about.
    pub(crate) warnings: Vec<Flaw>,
    /// The lists of the file, as they would be kept.
    pub(super) wanted: BTreeMap<Kind, Section>,
    /// What there was.
    pub(super) there: There,
}

impl Plan {
    /// Looks at a document.
    pub(super) async fn of(
        app: &App,
        authority: &Authority,
        document: &Fields,
        prune: bool,
    ) -> Result<Self, NotRead> {
        let mut flaws = Flaws::default();
        let said = read(document, &mut flaws);
        let has_opt_outs = said.contains_key(&Kind::OptOuts);
        let mut there = There::of(app, authority, has_opt_outs).await?;
        there.planned = planned(&said, &there);
        let mut warnings = Flaws::default();
        let mut wanted = BTreeMap::new();
        let look = Check { app, authority, there: &there };
        for (kind, section) in said {
            let Some(present) = there.section(kind) else {
                let denied = there.left_out.iter().find(|(left, _)| *left == kind);
                let text = denied.map_or_else(String::new, |(_, denied)| format!("{denied}."));
                flaws.add(Place::Named(kind.to_string()), capital(&text), SCOPES.to_owned());
                continue;
            };
            if let Some(text) = opt_outs::too_many(&there).filter(|_| kind == Kind::OptOuts) {
                let remedy = "Leave them out of the file.".to_owned();
                flaws.add(Place::Named(kind.to_string()), capital(&format!("{text}.")), remedy);
                continue;
            }
            let kept = look.entries(kind, &section, present, &mut flaws).await?;
            let kept = match kind {
                Kind::Pools => {
                    pools::checked(&look, kept, prune, (&mut flaws, &mut warnings)).await?
                }
                Kind::Rules => {
                    rules::checked(&look, kept, prune, (&mut flaws, &mut warnings)).await?
                }
                _ => kept,
            };
            too_many(kind, present, &kept, (prune, &mut flaws));
            wanted.insert(kind, kept);
        }
        let mut changes: Vec<Change> = Vec::new();
        for (kind, section) in &wanted {
            let present = there.section(*kind).cloned().unwrap_or_default();
            changes.extend(compare(*kind, &present, section, prune && kind.is_pruned()));
        }
        for change in changes.iter().filter(|change| change.sign == Sign::Remove) {
            if let Err(denied) = change.kind.may_remove(&look, &change.key) {
                let place = Place::Named(format!("{} '{}'", change.kind, change.name));
                let text = capital(&format!("{denied}."));
                flaws.add(place, format!("It is not in the file. {text}"), SCOPES.to_owned());
            } else if change.kind == Kind::Teams && teams::keeps(&look, &change.key).await? {
                let place = Place::Named(format!("{} '{}'", change.kind, change.name));
                let text = "It is not in the file, and it has contacts, groups or templates.";
                let remedy = "Remove these first, or leave the team in the file.";
                flaws.add(place, text.to_owned(), remedy.to_owned());
            }
        }
        // Of a document that cannot be imported it cannot be said what would be changed.
        let changes = if flaws.is_empty() { in_order(changes) } else { Vec::new() };
        let (flaws, warnings) = (flaws.into_all(), warnings.into_all());
        Ok(Self { version: there.version(), changes, flaws, warnings, wanted, there })
    }
}

/// What to do where a key may not do something.
const SCOPES: &str = "Use an administrator's key that has this scope, does not expire and works from here, or leave this out.";

/// The groups that a document would make.
fn planned(said: &BTreeMap<Kind, Section>, there: &There) -> Vec<(GroupId, String)> {
    let (Some(wanted), Some(present)) = (said.get(&Kind::Groups), there.section(Kind::Groups))
    else {
        return Vec::new();
    };
    let new = wanted.entries().filter(|entry| present.find(&entry.key).is_none());
    new.map(|entry| (GroupId::derived(&format!("planned:{}", entry.key)), entry.name.clone()))
        .collect()
}

/// First what is removed, the last kind first, for something new may take its name or its keyword; then the rest, kind by kind. What is
/// one act stays together.
fn in_order(changes: Vec<Change>) -> Vec<Change> {
    // A team gives its SIMs to others before it goes.
    let stays = |kind: Kind| kind.is_one_act() || kind == Kind::Teams;
    let is_first = |change: &Change| change.sign == Sign::Remove && !stays(change.kind);
    let (mut removed, rest): (Vec<Change>, Vec<Change>) = changes.into_iter().partition(is_first);
    // Of two endpoints with one URL the second goes first, or it would be taken for the first then.
    removed.reverse();
    removed.sort_by_key(|change| std::cmp::Reverse(change.kind));
    removed.extend(rest);
    removed
}

/// A text with a capital at its beginning, where that is no name of a field.
fn capital(text: &str) -> String {
    let field = text.split_once(": ").map_or("", |(field, _)| field);
    if !field.is_empty() && field.chars().all(|c| c.is_ascii_lowercase() || c == '_') {
        return text.to_owned();
    }
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    first + chars.as_str()
}

impl Check<'_> {
    /// The entries as they would be kept. What is as it was is not asked about again.
    async fn entries(
        &self,
        kind: Kind,
        said: &Section,
        present: &Section,
        flaws: &mut Flaws,
    ) -> Result<Section, StoreError> {
        let (mut kept, mut numbers) = (Vec::new(), HashSet::new());
        for entry in said.entries() {
            let before = present.find(&entry.key);
            if before.is_some_and(|before| before.fields == entry.said) {
                numbers.insert(entry.key.clone());
                kept.push(entry.clone());
                continue;
            }
            let place = entry.place(kind);
            match Box::pin(kind.checked(self, entry.clone())).await {
                // One number in two writings.
                Ok(entry) if kind == Kind::OptOuts && !numbers.insert(entry.key.clone()) => {}
                Ok(entry) => kept.push(entry),
                Err(NotTaken::Store(error)) => return Err(error),
                Err(NotTaken::Denied(denied)) => {
                    flaws.add(place, capital(&format!("{denied}.")), SCOPES.to_owned());
                }
                Err(NotTaken::Wrong(text)) => {
                    let remedy =
                        format!("Change this {} in the file, or leave it out.", kind.one());
                    flaws.add(place, capital(&format!("{}.", text.trim_end_matches('.'))), remedy);
                }
            }
        }
        Ok(Section::of(kept))
    }
}

/// Notes where an account would have more than it may, and where two services of one would have one keyword.
fn too_many(kind: Kind, present: &Section, wanted: &Section, (prune, flaws): (bool, &mut Flaws)) {
    let Some(most) = kind.most_of_account() else { return };
    let stays = |entry: &&Entry| (!prune || entry.is_over) && wanted.find(&entry.key).is_none();
    let all = wanted.entries().chain(present.entries().filter(stays));
    let (mut counts, mut keywords) = (BTreeMap::new(), BTreeMap::new());
    for entry in all {
        let owner = entry.fields.get("owner").map(|owner| owner.to_string().to_lowercase());
        *counts.entry(owner.clone()).or_insert(0_u32) += 1;
        for keyword in keywords_of(kind, &entry.fields) {
            if let Some(other) = keywords.insert((owner.clone(), keyword.clone()), &entry.name) {
                let text = format!(
                    "The services '{other}' and '{}' have the keyword '{keyword}'.",
                    entry.name
                );
                let remedy = "Give one of the two another, or leave it out.".to_owned();
                flaws.add(Place::Named(kind.to_string()), text, remedy);
            }
        }
    }
    for (owner, count) in counts {
        if count > most {
            let of = owner.unwrap_or_else(|| "nobody in particular".to_owned());
            let text = format!("There would be {count} of {of}, and {most} may be.");
            flaws.add(Place::Named(kind.to_string()), text, "Leave some out.".to_owned());
        }
    }
}

/// The keywords of a service, in small letters; `default` is one too.
fn keywords_of(kind: Kind, fields: &Fields) -> Vec<String> {
    if kind != Kind::Services {
        return Vec::new();
    }
    let text = |value: &serde_json::Value| value.as_str().map(str::to_lowercase);
    let aliases = fields.get("aliases").and_then(serde_json::Value::as_array);
    let keyword = fields.get("keyword").and_then(text);
    let all = keyword.into_iter().chain(aliases.into_iter().flatten().filter_map(text));
    all.filter(|keyword| !keyword.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_removed_goes_first_and_what_is_one_act_stays_together() {
        let change = |kind, sign| Change {
            kind,
            sign,
            name: String::new(),
            words: String::new(),
            key: String::new(),
            wanted: None,
        };
        let changes = vec![
            change(Kind::Rules, Sign::Add),
            change(Kind::Rules, Sign::Remove),
            change(Kind::Groups, Sign::Remove),
            change(Kind::Groups, Sign::Add),
            change(Kind::Services, Sign::Remove),
        ];
        let ordered: Vec<(Kind, Sign)> =
            in_order(changes).into_iter().map(|change| (change.kind, change.sign)).collect();
        let expected = [
            (Kind::Services, Sign::Remove),
            (Kind::Groups, Sign::Remove),
            (Kind::Rules, Sign::Add),
            (Kind::Rules, Sign::Remove),
            (Kind::Groups, Sign::Add),
        ];
        assert_eq!(ordered, expected);
    }
}
