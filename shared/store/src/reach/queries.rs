//! The condition of a reach in SQL.

use std::collections::BTreeSet;

use contracts::{Holder, SimId, UserId};
use sqlx::QueryBuilder;

use super::services::must_be_known;
use super::{Database, Db, Tx, dialect};
use crate::column::parsed;
use crate::error::failed;
use crate::{Owner, Reach, StoreError};

/// Whose the rows of a table are.
pub(super) enum Rows {
    /// Sent messages and what belongs to them: the account's that sends, in the columns `org` and `owner` of the
    /// table with this prefix, which is empty or ends in a dot.
    Sent(&'static str),
    /// Received messages, in the table `inbox`: an account's, or its who may read what comes to the SIM.
    Received,
    /// Counts of received messages, in the table `tally_received`: the same as [`Self::Received`] says of each of them.
    CountsOfReceived,
    /// Anything else that is an account's: the columns of the organisation and of the account.
    Owned(&'static str, &'static str),
    /// What is an account's, or of a team that the account is of, or is lent to all of the organisation when the column of the account
    /// is empty ([`Holder`]): the columns of the organisation and of whose it is. This is who reads it.
    Lent(&'static str, &'static str),
    /// The same rows for whoever changes them: an account's own, those of its teams, and what is lent for those alone who look after
    /// that.
    Kept(&'static str, &'static str),
    /// What is shared by all of an organisation: the column of the organisation.
    Shared(&'static str),
}

/// Adds the condition that a row is in reach. This is [`Reach::sees`] in SQL, and for received messages
/// [`Reach::reads`]: no other query says what is whose.
pub(super) fn push_in_reach(sql: &mut QueryBuilder<Db>, rows: &Rows, reach: Reach) {
    let org = match rows {
        Rows::Sent("") | Rows::Received | Rows::CountsOfReceived => "org",
        Rows::Sent(table) => {
            sql.push(table);
            "org"
        }
        Rows::Owned(org, _) | Rows::Lent(org, _) | Rows::Kept(org, _) | Rows::Shared(org) => org,
    };
    sql.push(org).push(" = ").push_bind(reach.org.to_string());
    let Some(account) = reach.account() else { return };
    let account = account.to_string();
    match rows {
        Rows::Sent(_) if matches!(reach.owner, Owner::Program(_)) => {}
        Rows::Sent(table) if reach.leads().is_some() => {
            sql.push(" AND ").push(table).push("owner");
            push_of_teams(sql, &account);
        }
        Rows::Sent(table) => {
            sql.push(" AND ").push(table).push("owner = ").push_bind(account);
        }
        Rows::Owned(_, owner) => {
            sql.push(" AND ").push(owner).push(" = ").push_bind(account);
        }
        Rows::Lent(_, owner) => push_held(sql, owner, &account, true),
        Rows::Kept(_, owner) => push_held(sql, owner, &account, reach.shares()),
        Rows::Received => push_may_read(sql, "inbox", "owner IS NULL", (reach, &account)),
        Rows::CountsOfReceived => {
            push_may_read(sql, "tally_received", "owner = ''", (reach, &account));
        }
        Rows::Shared(_) => {}
    }
}

/// Adds that something is an account's, or of a team that it is of, or, where that counts, everybody's. The few that it may be are found
/// first, so that an index is walked as for a list that is written out.
fn push_held(sql: &mut QueryBuilder<Db>, owner: &str, account: &str, shared: bool) {
    let (begin, end) = dialect::AMONG;
    sql.push(" AND ").push(owner).push(begin);
    sql.push("SELECT CAST(").push_bind(account.to_owned());
    sql.push(" AS TEXT) UNION ALL SELECT tk.team FROM team_members tk WHERE tk.account = ");
    sql.push_bind(account.to_owned());
    if shared {
        sql.push(" UNION ALL SELECT ''");
    }
    sql.push(end);
}

/// Refuses to make or change something that is to be this one's, unless that is in reach: an account's own, what is of one of its teams,
/// or, for whoever looks after that, what all share. This is [`Rows::Kept`] for what is not there yet.
pub(super) async fn must_hold(
    tx: &mut Tx,
    reach: Reach,
    holder: Holder,
    doing: &'static str,
) -> Result<(), StoreError> {
    match holder {
        Holder::Everybody => reach.must_be_shared(doing),
        Holder::User(owner) => {
            reach.must_own(owner, doing)?;
            must_be_known(tx, reach.org, owner).await
        }
        Holder::Team(team) => {
            let mut sql = QueryBuilder::<Db>::new("SELECT count(*) FROM teams t WHERE t.id = ");
            sql.push_bind(team.to_string());
            sql.push(" AND t.org = ").push_bind(reach.org.to_string());
            if let Some(account) = reach.account() {
                sql.push(" AND EXISTS (SELECT 1 FROM team_members m WHERE m.team = t.id AND m.account = ");
                sql.push_bind(account.to_string()).push(")");
            }
            let found = sql.build_query_scalar::<i64>().fetch_one(&mut **tx).await;
            match found.map_err(failed(doing))? {
                0 => Err(StoreError::OutOfReach { doing }),
                _ => Ok(()),
            }
        }
    }
}

/// Adds that an account is this one, or of a team that this one is of.
fn push_of_teams(sql: &mut QueryBuilder<Db>, account: &str) {
    sql.push(" IN (SELECT CAST(").push_bind(account.to_owned()).push(" AS TEXT) UNION ");
    sql.push(OF_TEAMS).push_bind(account.to_owned()).push(")");
}

/// Whoever is of a team with the account that follows.
const OF_TEAMS: &str = "SELECT tc.account FROM team_members tm \
     JOIN team_members tc ON tc.team = tm.team WHERE tm.account = ";

/// Adds that a received message is an account's, or of somebody whom a manager leads, or is nobody's and the account may read what
/// comes to the SIM.
fn push_may_read(
    sql: &mut QueryBuilder<Db>,
    table: &'static str,
    is_nobody_s: &'static str,
    (reach, account): (Reach, &str),
) {
    let of_sim = |sql: &mut QueryBuilder<Db>| {
        sql.push("s.id = ").push(table).push(".sim AND s.org = ").push(table).push(".org");
    };
    sql.push(" AND (owner");
    if reach.leads().is_some() {
        push_of_teams(sql, account);
    } else {
        sql.push(" = ").push_bind(account.to_owned());
    }
    sql.push(" OR ").push(is_nobody_s);
    sql.push(" AND (EXISTS (SELECT 1 FROM sims s WHERE ");
    of_sim(sql);
    sql.push(" AND s.everybody_reads = ")
        .push_bind(true)
        .push(") OR EXISTS (SELECT 1 FROM sim_members m JOIN sims s ON s.id = m.sim WHERE ");
    of_sim(sql);
    sql.push(" AND m.reads = ").push_bind(true);
    sql.push(" AND m.account = ").push_bind(account.to_owned()).push(")))");
}

/// The scope of what anybody of an organisation sends.
const SENT: &str = "sent";
/// The scope of what anybody of an organisation receives.
const RECEIVED: &str = "received";

/// Returns the scopes of conversations that a sent message belongs to. Each reach has one of them.
pub(super) fn scope_of_sent(owner: UserId) -> [String; 2] {
    [SENT.to_owned(), format!("{SENT} {owner}")]
}

/// Returns the scopes of conversations that a received message belongs to. Each reach that reads the message has one of them.
pub(super) fn scope_of_received(owner: Option<UserId>, sim: SimId) -> [String; 2] {
    let own = owner.map_or_else(|| sim.to_string(), |owner| owner.to_string());
    [RECEIVED.to_owned(), own]
}

/// The most accounts whose messages are each read in the order of an index.
const MOST_APART: usize = 64;

impl Database {
    /// Returns the accounts whose messages a manager reaches, sorted: the manager's own, and those of who is of a team with them. Of
    /// another reach it is the account whose own is reached; none: anybody's is.
    pub(super) async fn accounts_in_reach(&self, reach: Reach) -> Result<Vec<UserId>, StoreError> {
        let Some(manager) = reach.leads() else { return Ok(reach.account().into_iter().collect()) };
        let mut sql = QueryBuilder::<Db>::new(OF_TEAMS);
        sql.push_bind(manager.to_string());
        let found = sql.build_query_scalar::<String>().fetch_all(&self.read).await;
        let found = found.map_err(failed("reading who is of a team"))?;
        let found = found.iter().map(|account| parsed("team_members.account", account));
        let mut accounts = found.collect::<Result<BTreeSet<UserId>, _>>()?;
        accounts.insert(manager);
        Ok(accounts.into_iter().collect())
    }

    /// Takes a reach of sent messages apart into several that have no message in common, and all of them together: each of one
    /// account, so that a list is read in the order of an index. One that is of very many accounts stays whole.
    pub(super) async fn apart(&self, reach: Reach) -> Result<Vec<Reach>, StoreError> {
        if reach.leads().is_none() {
            return Ok(vec![reach]);
        }
        let accounts = self.accounts_in_reach(reach).await?;
        if accounts.len() > MOST_APART {
            return Ok(vec![reach]);
        }
        Ok(accounts.into_iter().map(|account| Reach::own(reach.org, account)).collect())
    }

    /// Returns the scopes of conversations in reach, without those of sent messages unless these are wanted. This is
    /// [`push_in_reach`] for what is noted of messages by scope.
    pub(super) async fn scopes(&self, reach: Reach, sent: bool) -> Result<Vec<String>, StoreError> {
        let accounts = self.accounts_in_reach(reach).await?;
        let mut scopes = match reach.owner {
            Owner::Anybody | Owner::Program(_) => vec![SENT.to_owned()],
            Owner::Operator(_) | Owner::Manager(_) | Owner::Only(_) => {
                accounts.iter().map(|account| format!("{SENT} {account}")).collect()
            }
        };
        if !sent {
            scopes.clear();
        }
        match reach.account() {
            None => scopes.push(RECEIVED.to_owned()),
            Some(account) => {
                scopes.extend(accounts.iter().map(ToString::to_string));
                scopes.extend(self.readable_sims(reach.org, account).await?);
            }
        }
        Ok(scopes)
    }
}
