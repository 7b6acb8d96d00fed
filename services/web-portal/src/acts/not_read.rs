//! Why something was not read.

use store::StoreError;

use crate::authority::Denied;

/// See the module.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotRead {
    /// Not with this authority.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}
