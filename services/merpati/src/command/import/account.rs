//! Accounts that an import makes, each with a key that carries what its programs had.

use api::{Key, Keys, NewKey, NewUser, User, Users};
use contracts::UserId;

use super::report::State;
use crate::client::{Client, ClientError};

/// The accounts and keys that the gateway has.
pub(super) struct Accounts {
    users: Vec<User>,
    keys: Vec<Key>,
}

impl Accounts {
    /// None: no gateway runs, and nothing is to be made.
    pub(super) async fn of(client: &Client, dry_run: bool) -> anyhow::Result<Option<Self>> {
        let users = match client.get::<Users>("/users").await {
            Err(ClientError::NotRunning(_)) if dry_run => return Ok(None),
            users => users?.into_read().users,
        };
        let keys = client.get::<Keys>("/keys").await?.into_read().keys;
        Ok(Some(Self { users, keys }))
    }

    /// The account of a name.
    pub(super) fn named(&self, name: &str) -> Option<&User> {
        self.users.iter().find(|known| known.name.to_lowercase() == name.to_lowercase())
    }

    /// Makes an account with its key, once. `another` is said when an account of this name is somebody else's.
    ///
    /// An import that was ended between the two left an account that nobody can come in by: it has no password, and never had a
    /// key. It is given its key now. Whatever else is called so may be anybody's, an administrator's too.
    pub(super) async fn bring(
        &self,
        client: &Client,
        new: &NewUser,
        key: &NewKey,
        (another, dry_run): (&str, bool),
    ) -> (State, Option<UserId>) {
        let made = match self.named(&new.name) {
            None if dry_run => return (State::New, None),
            None => match client.post::<User>("/users", new).await {
                Ok(made) => made.id,
                Err(error) => return (State::failed(&error), None),
            },
            Some(known) => {
                let mut keys = self.keys.iter().filter(|key| key.owner == known.id);
                // A key that was revoked is not given again by another run.
                if keys.clone().any(|one| one.label == key.label) {
                    return (State::There, Some(known.id));
                }
                let is_left = keys.next().is_none() && !known.has_password && known.enabled;
                if !is_left || known.admin != new.admin {
                    return (State::Failed { error: another.to_owned() }, None);
                }
                if dry_run {
                    return (State::New, Some(known.id));
                }
                known.id
            }
        };
        match client.post::<Key>("/keys", key).await {
            Ok(_) => (State::Made, Some(made)),
            Err(error) => (State::failed(&error), Some(made)),
        }
    }
}
