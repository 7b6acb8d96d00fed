//! The condition of a scope in SQL.

use sqlx::QueryBuilder;

use super::Db;
use crate::{Scope, Viewer};

/// Adds the condition that a row belongs to the organisation of the scope and, for a user, to that user:
/// [`Scope::sees`] in SQL. `table` is the prefix of the columns, either empty or the name of a table with a dot.
pub(super) fn push_owned(sql: &mut QueryBuilder<Db>, table: &'static str, scope: Scope) {
    sql.push(table).push("org = ").push_bind(scope.org.to_string());
    if let Viewer::User(user) = scope.viewer {
        sql.push(" AND ").push(table).push("owner = ").push_bind(user.to_string());
    }
}
