//! The condition of a reach in SQL.

use sqlx::QueryBuilder;

use super::Db;
use crate::{Owner, Reach};

/// Whose the rows of a table are.
pub(super) enum Rows {
    /// Sent messages and what belongs to them: the account's that sends, in the columns `org` and `owner` of the
    /// table with this prefix, which is empty or ends in a dot.
    Sent(&'static str),
    /// Received messages, in the table `inbox`: an account's, or its who may read what comes to the SIM.
    Received,
    /// Anything else that is an account's: the columns of the organisation and of the account.
    Owned(&'static str, &'static str),
    /// What is an account's, or is lent to all of the organisation when the column of the account is empty: the columns of the
    /// organisation and of the account. Who changes it has to own it, which [`Self::Owned`] says.
    Lent(&'static str, &'static str),
    /// What is shared by all of an organisation: the column of the organisation.
    Shared(&'static str),
}

/// Adds the condition that a row is in reach. This is [`Reach::sees`] in SQL, and for received messages
/// [`Reach::reads`]: no other query says what is whose.
pub(super) fn push_in_reach(sql: &mut QueryBuilder<Db>, rows: &Rows, reach: Reach) {
    let org = match rows {
        Rows::Sent("") | Rows::Received => "org",
        Rows::Sent(table) => {
            sql.push(table);
            "org"
        }
        Rows::Owned(org, _) | Rows::Lent(org, _) | Rows::Shared(org) => org,
    };
    sql.push(org).push(" = ").push_bind(reach.org.to_string());
    let Some(account) = reach.account() else { return };
    let account = account.to_string();
    match rows {
        Rows::Sent(_) if matches!(reach.owner, Owner::Program(_)) => {}
        Rows::Sent(table) => {
            sql.push(" AND ").push(table).push("owner = ").push_bind(account);
        }
        Rows::Owned(_, owner) => {
            sql.push(" AND ").push(owner).push(" = ").push_bind(account);
        }
        Rows::Lent(_, owner) => {
            sql.push(" AND ").push(owner).push(" IN ('', ").push_bind(account).push(")");
        }
        Rows::Received => {
            sql.push(" AND (owner = ").push_bind(account.clone());
            sql.push(
                " OR owner IS NULL AND (EXISTS (SELECT 1 FROM sims s WHERE s.id = inbox.sim \
                 AND s.org = inbox.org AND s.everybody_reads = ",
            );
            sql.push_bind(true).push(
                ") OR EXISTS (SELECT 1 FROM sim_members m JOIN sims s ON s.id = m.sim \
                 WHERE s.id = inbox.sim AND s.org = inbox.org AND m.reads = ",
            );
            sql.push_bind(true).push(" AND m.account = ").push_bind(account).push(")))");
        }
        Rows::Shared(_) => {}
    }
}
