//! Whose an API key is.

use contracts::Timestamp;
use store::{KeyCheck, SecretHash, StoreError, User};

use crate::app::App;
use crate::limits::TooMuch;
use crate::secret::KeySecret;

/// Why a key was not looked at to its end.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unchecked {
    /// Its key or its account asks for more than it may.
    #[error(transparent)]
    TooMuch(#[from] TooMuch),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A key that is good, and whose it is.
#[derive(Debug, Clone)]
pub(crate) struct Holder {
    /// Whose it is.
    pub(crate) user: User,
    /// The key.
    pub(crate) key: store::ApiKey,
    /// Its hash.
    pub(crate) secret: SecretHash,
}

/// Whose key this is; none: nobody's. Each time counts as a request of the key and of its user.
pub(crate) async fn by_key(app: &App, text: &str) -> Result<Option<Holder>, Unchecked> {
    let Some(key) = KeySecret::parse(text) else { return Ok(None) };
    let secret: SecretHash = key.hash();
    match app.store.check_key(secret, Timestamp::now()).await? {
        KeyCheck::Valid { user, key } => {
            app.limits.request(user.id, key.id)?;
            Ok(Some(Holder { user: *user, key: *key, secret }))
        }
        KeyCheck::Unknown => Ok(None),
        refused => {
            tracing::info!(key = key.prefix(), reason = ?refused, "a key that is no longer good");
            Ok(None)
        }
    }
}
