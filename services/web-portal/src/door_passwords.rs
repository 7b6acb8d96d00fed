//! Passwords that open one door in place of an API key: what clients of the gateways before have, and go on with.
//!
//! A person chose them, so they are kept as argon2id, which takes a while to look at; and a client sends its password with
//! each message. One that was right is therefore remembered, hashed with a secret of this process, as long as the database
//! has the same hash. Tries are counted as those to log in are, and looked at one after the other: the requests that come
//! while the first one of a client is looked at are no tries of their own.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use store::{Door, SecretHash, Store, StoreError};

use crate::old_password;
use crate::password;
use crate::secret::random_secret;
use crate::throttle::Throttle;

/// Passwords that are remembered at most. All are forgotten when there are more.
const AT_MOST: usize = 10_000;

/// See the module.
pub(crate) struct DoorPasswords {
    salt: String,
    /// What was right, and for which hash of the database.
    right: Mutex<HashMap<SecretHash, String>>,
    turn: tokio::sync::Mutex<()>,
}

impl std::fmt::Debug for DoorPasswords {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DoorPasswords")
    }
}

/// Why a password was not looked at to its end.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unchecked {
    /// Too many tries; how long until the next.
    #[error("there were too many tries")]
    TooOften(Duration),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Default for DoorPasswords {
    fn default() -> Self {
        Self { salt: random_secret(), right: Mutex::default(), turn: tokio::sync::Mutex::default() }
    }
}

impl DoorPasswords {
    /// Returns the hash of the key that this password stands for at a door. None: it stands for none.
    pub(crate) async fn check(
        &self,
        store: &Store,
        throttle: &Throttle,
        (door, name, password): (Door, &str, &str),
        address: Option<IpAddr>,
    ) -> Result<Option<SecretHash>, Unchecked> {
        if password.len() > password::MOST * 4 {
            return Ok(None);
        }
        // Who has none is told at once. That says which accounts have one; to hash for others would cost every request
        // with a mistyped key as much as a log-in.
        let Some(kept) = store.door_password(door, name).await? else { return Ok(None) };
        // As accounts compare it.
        let name = name.to_lowercase();
        let remembered = SecretHash::of(&format!("{}\0{door:?}\0{name}\0{password}", self.salt));
        let is_right = |hash: &str| {
            let right = self.right.lock().unwrap_or_else(PoisonError::into_inner);
            right.get(&remembered).is_some_and(|known| known == hash)
        };
        if is_right(&kept.hash) {
            return Ok(Some(kept.key));
        }
        let _turn = self.turn.lock().await;
        // Another request may have had it looked at meanwhile.
        if is_right(&kept.hash) {
            return Ok(Some(kept.key));
        }
        // Tries here are counted apart from those at the log-in page.
        let counted = format!("{door:?} {name}");
        throttle.try_now(&counted, address).map_err(Unchecked::TooOften)?;
        let is_it = match door {
            Door::PlaySmsPassword => old_password::verify(password.to_owned(), &kept.hash).await,
            Door::Kannel | Door::PlaySms => {
                password::verify(password.to_owned(), Some(kept.hash.clone())).await
            }
        };
        if !is_it {
            tracing::info!(?address, "a password at a door was refused");
            return Ok(None);
        }
        throttle.right(&counted, address);
        let mut right = self.right.lock().unwrap_or_else(PoisonError::into_inner);
        if right.len() >= AT_MOST {
            right.clear();
        }
        right.insert(remembered, kept.hash);
        Ok(Some(kept.key))
    }
}
