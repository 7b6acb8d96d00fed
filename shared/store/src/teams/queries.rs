//! The queries of teams.

use std::collections::{BTreeMap, BTreeSet};

use contracts::config_kv::{self, SimTeam};
use contracts::{OrgId, SimId, TeamId, Timestamp, UserId};
use sqlx::QueryBuilder;

use super::accounts::rows::{lock_org, name_key};
use super::reach::{Rows, push_in_reach};
use super::{Database, Db, Tx};
use crate::column::{parsed, storable, time};
use crate::error::failed;
use crate::removed::TABLES;
use crate::teams::{MOST_SIMS_OF_TEAM, MOST_TEAMS, MOST_TEAMS_OF_USER, MOST_USERS_OF_TEAM};
use crate::{NewTeam, Reach, SimError, StoreError, Team, TeamChange, TeamError};

const READING: &str = "reading teams";
const WRITING: &str = "changing a team";

/// The connection of an engine.
type Connection = <Db as sqlx::Database>::Connection;

/// A row of `teams`.
#[derive(sqlx::FromRow)]
struct TeamRow {
    id: String,
    org: String,
    name: String,
    own_sims_only: bool,
    created_at: i64,
}

impl TryFrom<TeamRow> for Team {
    type Error = StoreError;

    fn try_from(row: TeamRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: parsed("teams.id", &row.id)?,
            org: parsed("teams.org", &row.org)?,
            name: row.name,
            own_sims_only: row.own_sims_only,
            users: BTreeSet::new(),
            sims: BTreeSet::new(),
            created_at: time(row.created_at),
        })
    }
}

impl Database {
    pub(crate) async fn teams(&self, reach: Reach) -> Result<Vec<Team>, StoreError> {
        self.teams_of(reach, None).await
    }

    pub(crate) async fn team(&self, reach: Reach, id: TeamId) -> Result<Option<Team>, StoreError> {
        Ok(self.teams_of(reach, Some(id)).await?.pop())
    }

    pub(crate) async fn team_has_book(&self, reach: Reach, id: TeamId) -> Result<bool, StoreError> {
        reach.must_be_everything(READING)?;
        let mut connection = self.read.acquire().await.map_err(failed(READING))?;
        for table in TABLES {
            if has_any(&mut connection, table, (reach.org, id)).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn teams_of(&self, reach: Reach, id: Option<TeamId>) -> Result<Vec<Team>, StoreError> {
        let mut connection = self.read.acquire().await.map_err(failed(READING))?;
        read(&mut connection, reach, id).await
    }

    pub(crate) async fn create_team(
        &self,
        reach: Reach,
        new: &NewTeam,
        at: Timestamp,
    ) -> Result<Team, TeamError> {
        reach.must_be_everything(WRITING)?;
        let org = reach.org;
        let mut tx = self.begin(WRITING).await?;
        // From here on whoever else changes a team or a SIM waits.
        if !lock_org(&mut tx, org, at).await? {
            return Err(StoreError::OutOfReach { doing: WRITING }.into());
        }
        let sql = "SELECT count(*) FROM teams WHERE org = $1";
        let count = sqlx::query_scalar::<_, i64>(sql).bind(org.to_string());
        let count = count.fetch_one(&mut *tx).await.map_err(failed(WRITING))?;
        if count >= i64::from(MOST_TEAMS) {
            return Err(TeamError::TooMany);
        }
        let team = Team {
            id: TeamId::new(),
            org,
            name: storable(&new.name),
            own_sims_only: new.own_sims_only,
            users: new.users.clone(),
            sims: new.sims.clone(),
            created_at: at,
        };
        let sql = "INSERT INTO teams (id, org, name, name_key, own_sims_only, created_at) \
                   VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (org, name_key) DO NOTHING";
        let insert = sqlx::query(sql)
            .bind(team.id.to_string())
            .bind(org.to_string())
            .bind(team.name.clone())
            .bind(name_key(&team.name))
            .bind(team.own_sims_only)
            .bind(at.as_micros());
        if insert.execute(&mut *tx).await.map_err(failed(WRITING))?.rows_affected() == 0 {
            return Err(TeamError::NameTaken(team.name));
        }
        write_members(&mut tx, &team).await?;
        write_wall(&mut tx, &team, (&BTreeSet::new(), new.takes_sims), at).await?;
        tx.about(&team.id, &team.name);
        tx.changed(&serde_json::json!({}), &shown(&team));
        tx.commit().await.map_err(failed(WRITING))?;
        Ok(team)
    }

    pub(crate) async fn change_team(
        &self,
        reach: Reach,
        id: TeamId,
        change: &TeamChange,
        at: Timestamp,
    ) -> Result<Team, TeamError> {
        reach.must_be_everything(WRITING)?;
        let mut tx = self.begin(WRITING).await?;
        if !lock_org(&mut tx, reach.org, at).await? {
            return Err(TeamError::NoSuchTeam);
        }
        // Nobody else changes it meanwhile, so it is as it is read here.
        let was = read(&mut tx, reach, Some(id)).await?.pop().ok_or(TeamError::NoSuchTeam)?;
        if change.version.as_ref().is_some_and(|seen| *seen != was.version()) {
            return Err(TeamError::Meanwhile);
        }
        let now = Team {
            name: change.name.as_deref().map_or_else(|| was.name.clone(), storable),
            own_sims_only: change.own_sims_only.unwrap_or(was.own_sims_only),
            users: change.users.clone().unwrap_or_else(|| was.users.clone()),
            sims: change.sims.clone().unwrap_or_else(|| was.sims.clone()),
            ..was.clone()
        };
        let sql = "UPDATE teams SET name = $2, name_key = $3, own_sims_only = $4 WHERE id = $1 AND \
                   NOT EXISTS (SELECT 1 FROM teams o WHERE o.id <> $1 AND o.org = $5 AND o.name_key = $3)";
        let update = sqlx::query(sql)
            .bind(id.to_string())
            .bind(now.name.clone())
            .bind(name_key(&now.name))
            .bind(now.own_sims_only)
            .bind(reach.org.to_string());
        if update.execute(&mut *tx).await.map_err(failed(WRITING))?.rows_affected() == 0 {
            return Err(TeamError::NameTaken(now.name));
        }
        if now.users != was.users {
            write_members(&mut tx, &now).await?;
        }
        write_wall(&mut tx, &now, (&was.sims, change.takes_sims), at).await?;
        tx.about(&id, &now.name);
        tx.changed(&shown(&was), &shown(&now));
        tx.commit().await.map_err(failed(WRITING))?;
        Ok(now)
    }

    pub(crate) async fn remove_team(
        &self,
        reach: Reach,
        id: TeamId,
        frees_sims: bool,
        at: Timestamp,
    ) -> Result<(), TeamError> {
        reach.must_be_everything(WRITING)?;
        let mut tx = self.begin(WRITING).await?;
        if !lock_org(&mut tx, reach.org, at).await? {
            return Err(TeamError::NoSuchTeam);
        }
        let was = read(&mut tx, reach, Some(id)).await?.pop().ok_or(TeamError::NoSuchTeam)?;
        let mut kept = false;
        for table in TABLES {
            kept |= has_any(&mut tx, table, (reach.org, id)).await?;
            // What was removed a moment ago comes back to nobody.
            let mut sql = QueryBuilder::<Db>::new("DELETE FROM ");
            sql.push(table).push(" WHERE removed_at > 0 AND removed_from = ");
            sql.push_bind(reach.org.to_string()).push(" AND owner = ").push_bind(id.to_string());
            sql.build().execute(&mut *tx).await.map_err(failed(WRITING))?;
        }
        if kept {
            // Nothing was written: the transaction is rolled back.
            return Err(TeamError::HasBook);
        }
        if !frees_sims && !was.sims.is_empty() {
            return Err(TeamError::HasSims(was.sims.len()));
        }
        let none = Team {
            own_sims_only: false,
            users: BTreeSet::new(),
            sims: BTreeSet::new(),
            ..was.clone()
        };
        write_wall(&mut tx, &none, (&was.sims, false), at).await?;
        let delete = sqlx::query("DELETE FROM teams WHERE id = $1").bind(id.to_string());
        delete.execute(&mut *tx).await.map_err(failed(WRITING))?;
        tx.about(&id, &was.name);
        tx.changed(&shown(&was), &serde_json::json!({}));
        tx.commit().await.map_err(failed(WRITING))?;
        Ok(())
    }
}

/// Whether a team has anything in one of the [`TABLES`].
async fn has_any(
    connection: &mut Connection,
    table: &str,
    (org, id): (OrgId, TeamId),
) -> Result<bool, StoreError> {
    let mut sql = QueryBuilder::<Db>::new("SELECT count(*) FROM (SELECT id FROM ");
    sql.push(table).push(" WHERE org = ").push_bind(org.to_string());
    sql.push(" AND owner = ").push_bind(id.to_string()).push(" LIMIT 1) AS one");
    let found = sql.build_query_scalar::<i64>().fetch_one(&mut *connection).await;
    Ok(found.map_err(failed(READING))? > 0)
}

/// Reads all teams in reach, or one of them, each with its users and SIMs.
async fn read(
    connection: &mut Connection,
    reach: Reach,
    id: Option<TeamId>,
) -> Result<Vec<Team>, StoreError> {
    let mut sql = QueryBuilder::<Db>::new(
        "SELECT t.id, t.org, t.name, t.own_sims_only, t.created_at FROM teams t WHERE ",
    );
    push_those(&mut sql, reach, id);
    sql.push(" ORDER BY t.name_key, t.id");
    let rows = sql.build_query_as::<TeamRow>().fetch_all(&mut *connection).await;
    let rows = rows.map_err(failed(READING))?.into_iter();
    let mut teams = rows.map(Team::try_from).collect::<Result<Vec<_>, _>>()?;
    let mut users: BTreeMap<TeamId, BTreeSet<UserId>> = BTreeMap::new();
    let mut sims: BTreeMap<TeamId, BTreeSet<SimId>> = BTreeMap::new();
    let mut sql = QueryBuilder::<Db>::new(
        "SELECT m.team, m.account FROM teams t JOIN team_members m ON m.team = t.id WHERE ",
    );
    push_those(&mut sql, reach, id);
    let rows = sql.build_query_as::<(String, String)>().fetch_all(&mut *connection).await;
    for (team, account) in rows.map_err(failed(READING))? {
        let team = parsed("team_members.team", &team)?;
        users.entry(team).or_default().insert(parsed("team_members.account", &account)?);
    }
    let mut sql = QueryBuilder::<Db>::new(
        "SELECT s.team, s.id FROM teams t JOIN sims s ON s.team = t.id WHERE ",
    );
    push_those(&mut sql, reach, id);
    let rows = sql.build_query_as::<(String, String)>().fetch_all(&mut *connection).await;
    for (team, sim) in rows.map_err(failed(READING))? {
        let team = parsed("sims.team", &team)?;
        sims.entry(team).or_default().insert(parsed("sims.id", &sim)?);
    }
    for team in &mut teams {
        team.users = users.remove(&team.id).unwrap_or_default();
        team.sims = sims.remove(&team.id).unwrap_or_default();
    }
    Ok(teams)
}

/// Adds which teams are meant, under the name `t`.
fn push_those(sql: &mut QueryBuilder<Db>, reach: Reach, id: Option<TeamId>) {
    push_in_reach(sql, &Rows::Shared("t.org"), reach);
    if let Some(id) = id {
        sql.push(" AND t.id = ").push_bind(id.to_string());
    }
    if let Some(account) = reach.account() {
        sql.push(" AND EXISTS (SELECT 1 FROM team_members o WHERE o.team = t.id AND o.account = ");
        sql.push_bind(account.to_string()).push(")");
    }
}

/// Writes which users a team has.
async fn write_members(tx: &mut Tx, team: &Team) -> Result<(), TeamError> {
    if team.users.len() > MOST_USERS_OF_TEAM {
        return Err(TeamError::TooManyUsers);
    }
    let delete = sqlx::query("DELETE FROM team_members WHERE team = $1").bind(team.id.to_string());
    delete.execute(&mut **tx).await.map_err(failed(WRITING))?;
    for user in &team.users {
        let sql = "SELECT count(*) FROM team_members WHERE account = $1";
        let count = sqlx::query_scalar::<_, i64>(sql).bind(user.to_string());
        let count = count.fetch_one(&mut **tx).await.map_err(failed(WRITING))?;
        if count >= i64::from(MOST_TEAMS_OF_USER) {
            return Err(TeamError::TooManyTeams(*user));
        }
        let sql = "INSERT INTO team_members (team, account) \
                   SELECT $1, u.id FROM users u WHERE u.id = $2 AND u.org = $3";
        let insert = sqlx::query(sql).bind(team.id.to_string()).bind(user.to_string());
        let insert = insert.bind(team.org.to_string()).execute(&mut **tx).await;
        if insert.map_err(failed(WRITING))?.rows_affected() == 0 {
            return Err(TeamError::NoSuchUser(*user));
        }
    }
    Ok(())
}

/// Writes who may use the SIMs of a team, and those that it had before and has no more, with the settings that say so. If it takes
/// SIMs of other teams, these have them no more.
async fn write_wall(
    tx: &mut Tx,
    team: &Team,
    (before, takes): (&BTreeSet<SimId>, bool),
    at: Timestamp,
) -> Result<(), TeamError> {
    // Whoever hands SIMs over keeps those that another team is to take until that does, and has as many more at most.
    let most = if takes { 2 * MOST_SIMS_OF_TEAM } else { MOST_SIMS_OF_TEAM.max(before.len()) };
    if team.sims.len() > most {
        return Err(TeamError::TooManySims);
    }
    for sim in before.difference(&team.sims) {
        give(tx, team.org, (*sim, team.id, false), None, at).await?;
    }
    let mut losing: BTreeSet<TeamId> = BTreeSet::new();
    let named = SimTeam { id: team.id, name: team.name.clone() };
    for sim in &team.sims {
        if takes {
            let sql = "SELECT team FROM sims WHERE id = $1 AND team IS NOT NULL AND team <> $2";
            let of = sqlx::query_scalar::<_, String>(sql).bind(sim.to_string());
            let of = of.bind(team.id.to_string()).fetch_optional(&mut **tx).await;
            if let Some(of) = of.map_err(failed(WRITING))? {
                losing.insert(parsed("sims.team", &of)?);
            }
        }
        give(tx, team.org, (*sim, team.id, takes), Some((&named, &team.users)), at).await?;
    }
    for id in losing {
        if let Some(loser) = read(tx, Reach::everything(team.org), Some(id)).await?.pop() {
            write_setting(tx, &loser, at).await?;
        }
    }
    write_setting(tx, team, at).await?;
    Ok(())
}

/// Writes what routers know of a team.
async fn write_setting(tx: &mut Tx, team: &Team, at: Timestamp) -> Result<(), StoreError> {
    let setting = config_kv::Team {
        org: team.org,
        name: team.name.clone(),
        own_sims_only: team.own_sims_only,
        users: team.users.clone(),
        sims: team.sims.clone(),
    };
    let key = config_kv::Team::key(team.id);
    super::settings::write(tx, team.org, &key, &setting, at).await
}

async fn give(
    tx: &mut Tx,
    org: OrgId,
    (sim, team, takes): (SimId, TeamId, bool),
    to: Option<(&SimTeam, &BTreeSet<UserId>)>,
    at: Timestamp,
) -> Result<(), TeamError> {
    match super::sims::give_to_team(tx, org, (sim, team, takes), to, at).await {
        Ok(true) => Ok(()),
        Ok(false) | Err(SimError::Elsewhere | SimError::OfTeam(_)) => {
            Err(TeamError::SimOfAnother(sim))
        }
        Err(SimError::NoSuchUser(user)) => Err(TeamError::NoSuchUser(user)),
        Err(SimError::Store(error)) => Err(error.into()),
    }
}

/// A team as the audit log shows it.
fn shown(team: &Team) -> serde_json::Value {
    let Team { name, own_sims_only, users, sims, .. } = team;
    serde_json::json!({ "name": name, "own_sims_only": own_sims_only, "users": users, "sims": sims })
}
