//! The queries of who may use a SIM, and how much it may send.

use std::collections::{BTreeMap, BTreeSet};

use contracts::config_kv::{Access, Sim, SimTeam};
use contracts::{OrgId, PoolId, SimId, TeamId, Timestamp, UserId};
use sqlx::QueryBuilder;

use super::reach::{Rows, push_in_reach};
use super::{Database, Db, Tx};
use crate::column::{json, parsed, parsed_if, to_json};
use crate::error::failed;
use crate::{Reach, SimChange, SimError, StoreError};

const READING: &str = "reading what is set for a SIM";
const WRITING: &str = "changing what is set for a SIM";

/// A row of `sims` with one of its members, or with none.
type SimRow = (
    String,
    String,
    bool,
    bool,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<bool>,
    Option<bool>,
    Option<String>,
    Option<String>,
);

impl Database {
    pub(crate) async fn sims(&self, reach: Reach) -> Result<Vec<(SimId, Sim)>, StoreError> {
        let mut sql = select(reach);
        push_in_reach(&mut sql, &Rows::Shared("s.org"), reach);
        sql.push(" ORDER BY s.id");
        let rows = sql.build_query_as::<SimRow>().fetch_all(&self.read).await;
        Ok(gathered(rows.map_err(failed(READING))?)?.into_iter().collect())
    }

    pub(crate) async fn sim(&self, reach: Reach, id: SimId) -> Result<Sim, SimError> {
        let mut sql = select(reach);
        // A SIM of another organisation is found too: it is not one for which nothing was set.
        sql.push("s.id = ").push_bind(id.to_string());
        let rows = sql.build_query_as::<SimRow>().fetch_all(&self.read).await;
        let mut found = gathered(rows.map_err(failed(READING))?)?;
        let sim = found.remove(&id).unwrap_or_else(|| Sim::unset(OrgId::default_org()));
        if sim.org == reach.org { Ok(sim) } else { Err(SimError::Elsewhere) }
    }

    pub(crate) async fn change_sim(
        &self,
        reach: Reach,
        id: SimId,
        change: &SimChange,
        at: Timestamp,
    ) -> Result<Sim, SimError> {
        reach.must_be_everything(WRITING)?;
        let org = reach.org;
        let mut tx = self.begin(WRITING).await?;
        super::accounts::rows::lock_org(&mut tx, org, at).await?;
        if !keep_row(&mut tx, org, id, at).await? {
            return Err(SimError::Elsewhere);
        }
        let mut sql = select(reach);
        sql.push("s.id = ").push_bind(id.to_string());
        let rows = sql.build_query_as::<SimRow>().fetch_all(&mut *tx).await;
        let before = gathered(rows.map_err(failed(WRITING))?)?.remove(&id);
        let before = before.unwrap_or_else(|| Sim::unset(org));
        let was = before.clone();
        if let Some(team) = &before.team {
            let differs =
                |wanted: Option<&Access>, is: &Access| wanted.is_some_and(|wanted| wanted != is);
            if differs(change.senders.as_ref(), &before.senders)
                || differs(change.readers.as_ref(), &before.readers)
            {
                return Err(SimError::OfTeam(team.name.clone()));
            }
        }
        let now = Sim {
            senders: change.senders.clone().unwrap_or(before.senders),
            readers: change.readers.clone().unwrap_or(before.readers),
            limits: change.limits.clone().unwrap_or(before.limits),
            pool: change.pool.clone().unwrap_or(before.pool),
            team: before.team,
            ..Sim::unset(org)
        };
        write(&mut tx, id, &now).await?;
        super::settings::write(&mut tx, org, &format!("sim.{id}"), &now, at).await?;
        tx.about(&id, "");
        tx.changed(&was, &now);
        tx.commit().await.map_err(failed(WRITING))?;
        Ok(now)
    }
}

/// Sees to it that there is a row of a SIM of the organisation, which is locked from then on, so that two changes of one SIM take
/// turns. Returns false when the SIM belongs to another organisation.
async fn keep_row(tx: &mut Tx, org: OrgId, id: SimId, at: Timestamp) -> Result<bool, StoreError> {
    let unset = Sim::unset(OrgId::default_org());
    if org != unset.org {
        // A SIM that nobody has given to this organisation does not belong to it.
        let sql = "SELECT count(*) FROM sims WHERE id = $1 AND org = $2";
        let own = sqlx::query_scalar::<_, i64>(sql).bind(id.to_string()).bind(org.to_string());
        if own.fetch_one(&mut **tx).await.map_err(failed(WRITING))? == 0 {
            return Ok(false);
        }
    }
    let sql = "INSERT INTO sims (id, org, everybody_sends, everybody_reads, changed_at) \
               VALUES ($1, $2, $3, $4, $5) ON CONFLICT (id) DO UPDATE SET \
               changed_at = excluded.changed_at WHERE sims.org = excluded.org";
    let upsert = sqlx::query(sql)
        .bind(id.to_string())
        .bind(org.to_string())
        .bind(unset.senders.everybody)
        .bind(unset.readers.everybody)
        .bind(at.as_micros());
    let done = upsert.execute(&mut **tx).await.map_err(failed(WRITING))?;
    Ok(done.rows_affected() > 0)
}

/// Gives a SIM to a team, whose users are those who send through it and who read it, or, without one, takes it out of its team:
/// then it is as one of which nobody has said who may use it. The caller has locked the organisation. Returns false when the SIM
/// belongs to another organisation, or to a team that is not `before` and is not to lose it.
pub(super) async fn give_to_team(
    tx: &mut Tx,
    org: OrgId,
    (id, before, takes): (SimId, TeamId, bool),
    team: Option<(&SimTeam, &BTreeSet<UserId>)>,
    at: Timestamp,
) -> Result<bool, SimError> {
    if !keep_row(tx, org, id, at).await? {
        return Ok(false);
    }
    let sql = "UPDATE sims SET team = $2 WHERE id = $1 AND (team IS NULL OR team = $3 OR $4)";
    let update = sqlx::query(sql).bind(id.to_string());
    let update = update.bind(team.map(|(team, _)| team.id.to_string()));
    let update = update.bind(before.to_string()).bind(takes);
    if update.execute(&mut **tx).await.map_err(failed(WRITING))?.rows_affected() == 0 {
        return Ok(false);
    }
    let mut sql = select(Reach::everything(org));
    sql.push("s.id = ").push_bind(id.to_string());
    let rows = sql.build_query_as::<SimRow>().fetch_all(&mut **tx).await;
    let is = gathered(rows.map_err(failed(WRITING))?)?.remove(&id);
    let unset = Sim::unset(org);
    let (senders, readers) = match team {
        Some((_, users)) => {
            let users = Access::only(users.iter().copied());
            (users.clone(), users)
        }
        None => (unset.senders.clone(), unset.readers.clone()),
    };
    let team = team.map(|(team, _)| team.clone());
    let now = Sim { senders, readers, team, ..is.unwrap_or(unset) };
    write(tx, id, &now).await?;
    super::settings::write(tx, org, &format!("sim.{id}"), &now, at).await?;
    Ok(true)
}

/// Selects SIMs, each with those of its members who are in reach. A condition follows.
fn select(reach: Reach) -> QueryBuilder<Db> {
    let mut sql = QueryBuilder::new(
        "SELECT s.id, s.org, s.everybody_sends, s.everybody_reads, s.limits, s.pool, m.account, m.sends, \
         m.reads, s.team, t.name \
         FROM sims s LEFT JOIN teams t ON t.id = s.team LEFT JOIN sim_members m ON m.sim = s.id AND ",
    );
    push_in_reach(&mut sql, &Rows::Owned("s.org", "m.account"), reach);
    sql.push(" WHERE ");
    sql
}

/// Writes who may use a SIM, which pool it is in, and how much it may send.
async fn write(tx: &mut Tx, id: SimId, sim: &Sim) -> Result<(), SimError> {
    let limits = match &sim.limits {
        limits if limits.is_unset() => None,
        limits => Some(to_json("the limits of a SIM", limits)?),
    };
    let sql = "UPDATE sims SET everybody_sends = $2, everybody_reads = $3, limits = $4, pool = $5 \
               WHERE id = $1";
    let update = sqlx::query(sql).bind(id.to_string());
    let update = update.bind(sim.senders.everybody).bind(sim.readers.everybody).bind(limits);
    let update = update.bind(sim.pool.as_str().to_owned());
    update.execute(&mut **tx).await.map_err(failed(WRITING))?;
    let delete = sqlx::query("DELETE FROM sim_members WHERE sim = $1").bind(id.to_string());
    delete.execute(&mut **tx).await.map_err(failed(WRITING))?;
    for user in sim.senders.users.union(&sim.readers.users) {
        let sql = "INSERT INTO sim_members (sim, account, sends, reads) \
                   SELECT $1, u.id, $4, $5 FROM users u WHERE u.id = $2 AND u.org = $3";
        let insert = sqlx::query(sql)
            .bind(id.to_string())
            .bind(user.to_string())
            .bind(sim.org.to_string())
            .bind(sim.senders.users.contains(user))
            .bind(sim.readers.users.contains(user));
        if insert.execute(&mut **tx).await.map_err(failed(WRITING))?.rows_affected() == 0 {
            return Err(SimError::NoSuchUser(*user));
        }
    }
    Ok(())
}

/// Gathers rows to SIMs, each with all its members.
fn gathered(rows: Vec<SimRow>) -> Result<BTreeMap<SimId, Sim>, StoreError> {
    let mut sims = BTreeMap::new();
    for (
        id,
        org,
        everybody_sends,
        everybody_reads,
        limits,
        pool,
        account,
        sends,
        reads,
        team,
        name,
    ) in rows
    {
        let id: SimId = parsed("sims.id", &id)?;
        let org = parsed("sims.org", &org)?;
        let limits = limits.map(|limits| json("sims.limits", &limits)).transpose()?;
        let pool = parsed_if("sims.pool", pool.as_deref())?.unwrap_or_else(PoolId::default_pool);
        let team = parsed_if("sims.team", team.as_deref())?;
        let team = team.map(|id| SimTeam { id, name: name.unwrap_or_default() });
        let sim = sims.entry(id).or_insert_with(|| Sim {
            limits: limits.unwrap_or_default(),
            pool,
            team,
            senders: Access { everybody: everybody_sends, ..Access::default() },
            readers: Access { everybody: everybody_reads, ..Access::default() },
            ..Sim::unset(org)
        });
        let Some(account) = account else { continue };
        let account: UserId = parsed("sim_members.account", &account)?;
        if sends == Some(true) {
            sim.senders.users.insert(account);
        }
        if reads == Some(true) {
            sim.readers.users.insert(account);
        }
    }
    Ok(sims)
}
