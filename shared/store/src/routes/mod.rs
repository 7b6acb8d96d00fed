//! Which way messages go: the rules and pools of an organisation, with the versions that they had.
//!
//! What is in force is a setting, which routers follow; `route_versions` keeps it with those before it, so that a change can
//! be taken back.

use contracts::routes::Routes;
use contracts::{Timestamp, UserId};

use crate::engine::on_engine;
use crate::{Reach, Store, StoreError};

/// How many versions are kept, the one in force among them.
pub const KEPT_ROUTES: u32 = 50;

/// A version that the rules had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoutesVersion {
    /// Its number, which grows by one with each change.
    pub version: i64,
    /// When the rules became so.
    pub at: Timestamp,
    /// Who made them so.
    pub account: UserId,
    /// How many rules there were.
    pub rules: u32,
}

/// The rules could not be changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeRoutesError {
    /// Somebody changed them meanwhile: they have this version.
    #[error("the rules were changed meanwhile: they have version {0} now")]
    Changed(i64),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Store {
    /// Returns the rules of the organisation with their version, which is 0 when they were never changed, for whoever reaches
    /// everything in it.
    pub async fn routes(&self, reach: Reach) -> Result<(Routes, i64), StoreError> {
        on_engine!(self, db => db.routes(reach))
    }

    /// Puts rules in the place of those of a version, for whoever reaches everything in the organisation, and returns their
    /// version. Of the versions before, the last [`KEPT_ROUTES`] are kept.
    pub async fn change_routes(
        &self,
        reach: Reach,
        routes: &Routes,
        version: i64,
        account: UserId,
        at: Timestamp,
    ) -> Result<i64, ChangeRoutesError> {
        self.waking(on_engine!(self, db => db.change_routes(reach, routes, version, account, at)))
    }

    /// Returns the versions that are kept, newest first, for whoever reaches everything in the organisation.
    pub async fn routes_versions(&self, reach: Reach) -> Result<Vec<RoutesVersion>, StoreError> {
        on_engine!(self, db => db.routes_versions(reach))
    }

    /// Returns the rules as they were in a version, if that is kept, for whoever reaches everything in the organisation.
    pub async fn routes_of(
        &self,
        reach: Reach,
        version: i64,
    ) -> Result<Option<Routes>, StoreError> {
        on_engine!(self, db => db.routes_of(reach, version))
    }
}
