//! Subscriptions of playSMS: a group of contacts for the members of each, which services put senders into and take them out of.

use api::{BroughtContact, ContactsMade, Group, NewContacts, NewGroup};
use contracts::GroupId;

use super::super::dump::Place;
use super::super::report::{Line, State};
use super::{Importer, LABEL};

/// The most members that are brought at once.
const AT_ONCE: usize = 500;

/// A subscription.
pub(super) struct Subscription {
    pub(super) place: Place,
    /// Its id in playSMS, and that of its user.
    pub(super) id: i64,
    pub(super) uid: i64,
    pub(super) keyword: String,
    /// Of each member, the id in playSMS and the number.
    pub(super) members: Vec<(i64, String)>,
}

impl Subscription {
    /// What its group is called.
    fn name(&self) -> String {
        format!("subscribe {}", self.keyword).chars().take(100).collect()
    }

    /// What became of its group.
    pub(super) fn line(&self, state: State) -> Line {
        Line { place: self.place.to_string(), what: "group", name: self.name(), state }
    }
}

impl Importer {
    /// Makes the group of a subscription, and brings its members. Returns the group that there is then.
    pub(super) async fn subscription(
        &self,
        subscription: &Subscription,
        known: &[Group],
    ) -> (State, Option<GroupId>) {
        let Some((user, owner)) = self.owners.get(&subscription.uid) else {
            return (State::Failed { error: "its user was not imported".to_owned() }, None);
        };
        let name = subscription.name();
        let is_it = |group: &&Group| {
            owner.is_some()
                && group.owner == *owner
                && group.name.to_lowercase() == name.to_lowercase()
        };
        let before = known.iter().find(is_it).map(|group| group.id);
        if self.dry_run {
            let state = if before.is_some() { State::There } else { State::New };
            return (state, before);
        }
        let group = if let Some(group) = before {
            group
        } else {
            let new = NewGroup { name, user: Some(user.clone()), ..NewGroup::default() };
            match self.client.post::<Group>("/groups", &new).await {
                Ok(made) => made.id,
                Err(error) => return (State::failed(&error), None),
            }
        };
        for some in subscription.members.chunks(AT_ONCE) {
            let contacts = some.iter().map(|(id, number)| BroughtContact {
                source: Some(format!("{LABEL}/member/{id}")),
                name: number.clone(),
                number: number.clone(),
                email: None,
                note: None,
                tags: Vec::new(),
                fields: std::collections::BTreeMap::new(),
                groups: vec![group],
            });
            let new = NewContacts {
                contacts: contacts.collect(),
                user: Some(user.clone()),
                ..NewContacts::default()
            };
            if let Err(error) = self.client.post::<ContactsMade>("/contacts/bulk", &new).await {
                return (State::failed(&error), Some(group));
            }
        }
        (if before.is_some() { State::There } else { State::Made }, Some(group))
    }
}
