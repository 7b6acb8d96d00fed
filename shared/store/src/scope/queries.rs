//! The condition of a scope in SQL.

use sqlx::QueryBuilder;

use super::Db;
use crate::{Scope, Viewer};

/// Adds the condition that a row is of the scope's organisation and, for a user, the user's own: [`Scope::sees`] in SQL.
/// `table` is what the columns are written with, empty or a name with its dot.
pub(super) fn push_owned(sql: &mut QueryBuilder<Db>, table: &'static str, scope: Scope) {
    sql.push(table).push("org = ").push_bind(scope.org.to_string());
    if let Viewer::User(user) = scope.viewer {
        sql.push(" AND ").push(table).push("owner = ").push_bind(user.to_string());
    }
}
