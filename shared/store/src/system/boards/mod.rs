//! What everybody may see of a board, without logging in.

use contracts::OrgId;

use crate::engine::on_engine;
use crate::{Entry, Store, StoreError};

/// A board that everybody may see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicBoard {
    /// The organisation.
    pub org: OrgId,
    /// What its service is called.
    pub name: String,
    /// The last texts that are not hidden, newest first.
    pub entries: Vec<Entry>,
}

impl Store {
    /// Returns the board that is shown under a public address.
    pub async fn public_board(&self, address: &str) -> Result<Option<PublicBoard>, StoreError> {
        on_engine!(self, db => db.public_board(address))
    }
}
