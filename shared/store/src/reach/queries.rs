//! The condition of a reach in SQL.

use sqlx::QueryBuilder;

use super::Db;
use crate::{Owner, Reach};

/// Adds the condition that a row belongs to the organisation of the reach and, for a user, to that user:
/// [`Reach::sees`] in SQL. `table` is the prefix of the columns, either empty or the name of a table with a dot.
pub(super) fn push_owned(sql: &mut QueryBuilder<Db>, table: &'static str, reach: Reach) {
    sql.push(table).push("org = ").push_bind(reach.org.to_string());
    if let Owner::Only(user) = reach.owner {
        sql.push(" AND ").push(table).push("owner = ").push_bind(user.to_string());
    }
}
