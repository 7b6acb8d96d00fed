//! Whose messages and contacts become that belonged to nobody elsewhere.

use api::{User, Users};
use contracts::UserId;

use crate::client::{Client, ClientError};

/// See the module.
pub(super) struct Whose(Option<User>);

impl Whose {
    /// The account of a name; when nobody is named, messages are administrators' and contacts everybody's.
    pub(super) async fn of(
        client: &Client,
        name: Option<&str>,
        dry_run: bool,
    ) -> anyhow::Result<Self> {
        let Some(name) = name else { return Ok(Self(None)) };
        let users = match client.get::<Users>("/users").await {
            Err(ClientError::NotRunning(_)) if dry_run => return Ok(Self(None)),
            users => users?.into_read().users,
        };
        let named = users.into_iter().find(|user| user.name.to_lowercase() == name.to_lowercase());
        anyhow::ensure!(
            named.is_some(),
            "there is no user named '{name}'; merpati user list shows all"
        );
        Ok(Self(named))
    }

    /// The id of the account.
    pub(super) fn id(&self) -> Option<UserId> {
        self.0.as_ref().map(|user| user.id)
    }

    /// The name of the account.
    pub(super) fn name(&self) -> Option<String> {
        self.0.as_ref().map(|user| user.name.clone())
    }
}
