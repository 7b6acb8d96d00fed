//! API keys.

use contracts::Timestamp;
use store::{ApiKey, NewKey, StoreError, User};

use crate::app::App;
use crate::secret::KeySecret;

/// The most characters of what a key is called.
pub(crate) const LONGEST_LABEL: usize = 64;

/// Makes a key for `owner`, and logs that.
pub(crate) async fn make(
    app: &App,
    owner: &User,
    label: &str,
    expires_at: Option<Timestamp>,
) -> Result<(String, ApiKey), StoreError> {
    let key = KeySecret::new();
    let new = NewKey {
        org: owner.org,
        owner: owner.id,
        name: label.trim().to_owned(),
        prefix: key.prefix().to_owned(),
        secret: key.hash(),
        scopes: "all:any".to_owned(),
        expires_at,
    };
    let kept = app.store.create_key(&new, Timestamp::now()).await?;
    tracing::info!(user = %owner.name, key = key.prefix(), "an API key was made");
    Ok((key.reveal().to_owned(), kept))
}
