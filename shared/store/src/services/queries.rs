//! The queries of keyword services.

use contracts::{OrgId, ServiceId, Timestamp, UserId};
use serde_json::{Value, json};
use sqlx::QueryBuilder;

use super::accounts::rows::{lock_org, name_key};
use super::reach::{Rows, push_in_reach};
use super::{Database, Db, Tx};
use crate::column::{json, parsed, parsed_if, small, small_if, storable, time, unreadable};
use crate::error::failed;
use crate::services::MOST_SERVICES;
use crate::{
    Board, CallbackState, ChangeServiceError, CreateServiceError, InboxOf, LoggedCall, NewService,
    Quiz, Reach, Scenario, Service, ServiceAction, ServiceChange, ServiceRule, StoreError, Survey,
};

const READING: &str = "reading services";
const MAKING: &str = "making a service";
const CHANGING: &str = "changing a service";
const TARGET: &str = "services.target";
const OWNED: Rows = Rows::Owned("s.org", "s.owner");

/// A row of `services`.
#[derive(sqlx::FromRow)]
pub(super) struct ServiceRow {
    service_id: String,
    org: String,
    owner: String,
    name: String,
    keywords: String,
    pattern: Option<String>,
    place: i64,
    rule_sim: Option<String>,
    rule_sender: Option<String>,
    times: Option<String>,
    action: String,
    argument: String,
    target: Option<String>,
    reply_with_body: bool,
    max_messages: i64,
    omit_empty: bool,
    made_at: i64,
}

/// The columns of [`ServiceRow`], of the table under the name `s`.
macro_rules! service_columns {
    () => {
        "s.id AS service_id, s.org, s.owner, s.name, s.keywords, s.pattern, s.place, \
         s.sim AS rule_sim, s.sender AS rule_sender, s.times, s.action, s.argument, s.target, \
         s.reply_with_body, s.max_messages, s.omit_empty, s.created_at AS made_at"
    };
}
pub(super) use service_columns;

/// A service as the audit log shows it: without the URL, the text or the command, and without numbers.
fn shown(service: &Service) -> Value {
    let rule = &service.rule;
    let is_public = match &service.action {
        ServiceAction::Board(board) => Some(board.address.is_some()),
        _ => None,
    };
    let to_group = match &service.action {
        ServiceAction::ToGroup(to_group) => Some(to_group),
        _ => None,
    };
    json!({
        "owner": service.owner,
        "name": service.name,
        "keywords": service.keywords,
        "pattern": rule.pattern,
        "place": rule.place,
        "sim": rule.sim,
        "only_from_some": rule.sender.is_some(),
        "times": rule.times,
        "action": service.action.as_str(),
        "public": is_public,
        "has_pin": to_group.map(|to_group| to_group.pin.is_some()),
        "senders": to_group.map(|to_group| to_group.senders.len()),
        "reply_with_body": service.reply_with_body,
        "max_messages": service.max_messages,
        "omit_empty": service.omit_empty,
    })
}

impl TryFrom<ServiceRow> for Service {
    type Error = StoreError;

    fn try_from(row: ServiceRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: parsed("services.id", &row.service_id)?,
            org: parsed("services.org", &row.org)?,
            owner: parsed("services.owner", &row.owner)?,
            name: row.name,
            keywords: row.keywords.split_whitespace().map(str::to_owned).collect(),
            rule: ServiceRule {
                pattern: row.pattern,
                place: small("services.place", row.place)?,
                sim: parsed_if("services.sim", row.rule_sim.as_deref())?,
                sender: row.rule_sender,
                times: row.times,
            },
            action: action(&row.action, row.argument, &row.target.unwrap_or_default())?,
            reply_with_body: row.reply_with_body,
            max_messages: small("services.max_messages", row.max_messages)?,
            omit_empty: row.omit_empty,
            created_at: time(row.made_at),
        })
    }
}

fn action(name: &str, argument: String, target: &str) -> Result<ServiceAction, StoreError> {
    let group = || parsed(TARGET, target);
    Ok(match name {
        "get-url" => ServiceAction::GetUrl(argument),
        "post-url" => ServiceAction::PostUrl(argument),
        "post-xml" => ServiceAction::PostXml(argument),
        "reply" => ServiceAction::Reply(argument),
        "exec" => ServiceAction::Exec(argument),
        "forward" => {
            let numbers = target.split_whitespace().map(|number| parsed(TARGET, number));
            ServiceAction::Forward { to: numbers.collect::<Result<_, _>>()?, text: argument }
        }
        "subscribe" => ServiceAction::Subscribe { group: group()?, reply: argument },
        "unsubscribe" => ServiceAction::Unsubscribe { group: group()?, reply: argument },
        "vote" => {
            let options = target.split_whitespace().map(str::to_owned);
            ServiceAction::Vote { options: options.collect(), reply: argument }
        }
        "quiz" => ServiceAction::Quiz(Quiz { reply: argument, ..json(TARGET, target)? }),
        "survey" => ServiceAction::Survey(Survey { reply: argument, ..json(TARGET, target)? }),
        "scenario" => {
            ServiceAction::Scenario(Scenario { reply: argument, ..json(TARGET, target)? })
        }
        "board" => ServiceAction::Board(Board { reply: argument, ..json(TARGET, target)? }),
        "inbox" => ServiceAction::Inbox(InboxOf { reply: argument, ..json(TARGET, target)? }),
        "to-group" => ServiceAction::ToGroup(json(TARGET, target)?),
        other => return Err(unreadable("services.action", other)),
    })
}

/// A row of `service_calls`, as the log has it.
#[derive(sqlx::FromRow)]
struct LoggedRow {
    id: String,
    message: String,
    state: String,
    attempts: i64,
    http_status: Option<i64>,
    last_error: Option<String>,
    replied_at: Option<i64>,
    next_at: Option<i64>,
    created_at: i64,
}

impl TryFrom<LoggedRow> for LoggedCall {
    type Error = StoreError;

    fn try_from(row: LoggedRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: parsed("service_calls.id", &row.id)?,
            message: parsed("service_calls.message", &row.message)?,
            state: match row.state.as_str() {
                "pending" => CallbackState::Pending,
                "done" => CallbackState::Done,
                "failed" => CallbackState::Failed,
                other => return Err(unreadable("service_calls.state", other)),
            },
            attempts: small("service_calls.attempts", row.attempts)?,
            http_status: small_if("service_calls.http_status", row.http_status)?,
            last_error: row.last_error,
            replied_at: row.replied_at.map(time),
            next_at: row.next_at.map(time),
            created_at: time(row.created_at),
        })
    }
}

impl Database {
    pub(crate) async fn create_service(
        &self,
        reach: Reach,
        new: &NewService,
        at: Timestamp,
    ) -> Result<Service, CreateServiceError> {
        reach.must_own(new.owner, MAKING)?;
        let mut tx = self.begin(MAKING).await?;
        // From here on another service of the organisation waits, so they are counted rightly.
        lock_org(&mut tx, reach.org, at).await?;
        must_be_known(&mut tx, reach.org, new.owner).await?;
        let sql = "SELECT count(*) FROM services WHERE org = $1 AND owner = $2";
        let count = sqlx::query_scalar::<_, i64>(sql).bind(reach.org.to_string());
        let count = count.bind(new.owner.to_string()).fetch_one(&mut *tx).await;
        if count.map_err(failed(MAKING))? >= i64::from(MOST_SERVICES) {
            return Err(CreateServiceError::TooMany);
        }
        let service = Service {
            id: ServiceId::new(),
            org: reach.org,
            owner: new.owner,
            name: storable(&new.name),
            keywords: new.keywords.iter().map(|keyword| storable(keyword)).collect(),
            rule: storable_rule(&new.rule),
            action: new.action.clone(),
            reply_with_body: new.reply_with_body,
            max_messages: new.max_messages,
            omit_empty: new.omit_empty,
            created_at: at,
        };
        let sql = "INSERT INTO services (id, org, owner, name, name_key, keywords, action, argument, \
                   reply_with_body, max_messages, omit_empty, created_at, pattern, place, sim, sender, \
                   times, target) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, \
                   $15, $16, $17, $18) ON CONFLICT (org, name_key) DO NOTHING";
        let insert = sqlx::query(sql)
            .bind(service.id.to_string())
            .bind(service.org.to_string())
            .bind(service.owner.to_string())
            .bind(service.name.clone())
            .bind(name_key(&service.name))
            .bind(service.keywords.join(" "))
            .bind(service.action.as_str())
            .bind(storable(service.action.argument()))
            .bind(service.reply_with_body)
            .bind(i64::from(service.max_messages))
            .bind(service.omit_empty)
            .bind(at.as_micros())
            .bind(service.rule.pattern.clone())
            .bind(i64::from(service.rule.place))
            .bind(service.rule.sim.map(|sim| sim.to_string()))
            .bind(service.rule.sender.clone())
            .bind(service.rule.times.clone())
            .bind(service.action.target()?.as_deref().map(storable));
        if insert.execute(&mut *tx).await.map_err(failed(MAKING))?.rows_affected() == 0 {
            return Err(CreateServiceError::NameTaken(service.name));
        }
        if let Some(taken) = add_keywords(&mut tx, &service, MAKING).await? {
            return Err(CreateServiceError::KeywordTaken(taken));
        }
        tx.about(&service.id, &service.name);
        tx.changed(&json!({}), &shown(&service));
        if let Some(taken) = add_address(&mut tx, &service, MAKING).await? {
            return Err(CreateServiceError::AddressTaken(taken));
        }
        tx.commit().await.map_err(failed(MAKING))?;
        Ok(service)
    }

    pub(crate) async fn services(&self, reach: Reach) -> Result<Vec<Service>, StoreError> {
        let mut sql = select();
        push_in_reach(&mut sql, &OWNED, reach);
        sql.push(" ORDER BY s.created_at, s.id");
        let rows = sql.build_query_as::<ServiceRow>().fetch_all(&self.read).await;
        rows.map_err(failed(READING))?.into_iter().map(Service::try_from).collect()
    }

    pub(crate) async fn service(
        &self,
        reach: Reach,
        id: ServiceId,
    ) -> Result<Option<Service>, StoreError> {
        let mut sql = select();
        push_one(&mut sql, reach, id);
        let row = sql.build_query_as::<ServiceRow>().fetch_optional(&self.read).await;
        row.map_err(failed(READING))?.map(Service::try_from).transpose()
    }

    pub(crate) async fn service_named(
        &self,
        reach: Reach,
        name: &str,
    ) -> Result<Option<Service>, StoreError> {
        let mut sql = select();
        sql.push("s.name_key = ").push_bind(name_key(&storable(name))).push(" AND ");
        push_in_reach(&mut sql, &OWNED, reach);
        let row = sql.build_query_as::<ServiceRow>().fetch_optional(&self.read).await;
        row.map_err(failed(READING))?.map(Service::try_from).transpose()
    }

    pub(crate) async fn change_service(
        &self,
        reach: Reach,
        id: ServiceId,
        change: &ServiceChange,
        at: Timestamp,
    ) -> Result<Option<Service>, ChangeServiceError> {
        let mut tx = self.begin(CHANGING).await?;
        // From here on whatever makes or changes another service of the organisation waits.
        lock_org(&mut tx, reach.org, at).await?;
        let mut sql = select();
        push_one(&mut sql, reach, id);
        let row = sql.build_query_as::<ServiceRow>().fetch_optional(&mut *tx).await;
        let Some(row) = row.map_err(failed(CHANGING))? else { return Ok(None) };
        let mut service = Service::try_from(row)?;
        let was = service.clone();
        apply(&mut service, change);
        let sql = "SELECT count(*) FROM services WHERE org = $1 AND name_key = $2 AND id <> $3";
        let named = sqlx::query_scalar::<_, i64>(sql)
            .bind(service.org.to_string())
            .bind(name_key(&service.name))
            .bind(service.id.to_string());
        if named.fetch_one(&mut *tx).await.map_err(failed(CHANGING))? > 0 {
            return Err(ChangeServiceError::NameTaken(service.name));
        }
        let sql = "UPDATE services SET name = $2, name_key = $3, keywords = $4, action = $5, \
                   argument = $6, reply_with_body = $7, max_messages = $8, omit_empty = $9, \
                   pattern = $10, place = $11, sim = $12, sender = $13, times = $14, \
                   target = $15 WHERE id = $1";
        let update = sqlx::query(sql)
            .bind(service.id.to_string())
            .bind(service.name.clone())
            .bind(name_key(&service.name))
            .bind(service.keywords.join(" "))
            .bind(service.action.as_str())
            .bind(storable(service.action.argument()))
            .bind(service.reply_with_body)
            .bind(i64::from(service.max_messages))
            .bind(service.omit_empty)
            .bind(service.rule.pattern.clone())
            .bind(i64::from(service.rule.place))
            .bind(service.rule.sim.map(|sim| sim.to_string()))
            .bind(service.rule.sender.clone())
            .bind(service.rule.times.clone())
            .bind(service.action.target()?.as_deref().map(storable));
        update.execute(&mut *tx).await.map_err(failed(CHANGING))?;
        if change.keywords.is_some() {
            let sql = "DELETE FROM service_keywords WHERE service = $1";
            let delete = sqlx::query(sql).bind(service.id.to_string()).execute(&mut *tx).await;
            delete.map_err(failed(CHANGING))?;
            if let Some(taken) = add_keywords(&mut tx, &service, CHANGING).await? {
                return Err(ChangeServiceError::KeywordTaken(taken));
            }
        }
        tx.about(&service.id, &service.name);
        tx.changed(&shown(&was), &shown(&service));
        if was.action != service.action {
            // What it is now is not told: it may hold a password, or numbers.
            tx.changed(&json!({}), &json!({ "action_changed": true }));
        }
        if change.action.is_some() {
            let sql = "DELETE FROM service_boards WHERE service = $1";
            let delete = sqlx::query(sql).bind(service.id.to_string()).execute(&mut *tx).await;
            delete.map_err(failed(CHANGING))?;
            if let Some(taken) = add_address(&mut tx, &service, CHANGING).await? {
                return Err(ChangeServiceError::AddressTaken(taken));
            }
        }
        tx.commit().await.map_err(failed(CHANGING))?;
        Ok(Some(service))
    }

    pub(crate) async fn remove_service(
        &self,
        reach: Reach,
        id: ServiceId,
    ) -> Result<bool, StoreError> {
        let doing = "removing a service";
        let mut tx = self.begin(doing).await?;
        let mut sql = QueryBuilder::<Db>::new(
            "DELETE FROM services WHERE id IN (SELECT s.id FROM services s WHERE ",
        );
        push_one(&mut sql, reach, id);
        sql.push(") RETURNING name");
        let name = sql.build_query_scalar::<String>().fetch_optional(&mut *tx).await;
        let Some(name) = name.map_err(failed(doing))? else { return Ok(false) };
        tx.about(&id, &name);
        tx.commit().await.map_err(failed(doing))?;
        Ok(true)
    }

    pub(crate) async fn service_calls(
        &self,
        reach: Reach,
        id: ServiceId,
        limit: u32,
    ) -> Result<Vec<LoggedCall>, StoreError> {
        let mut sql = QueryBuilder::<Db>::new(
            "SELECT c.id, c.message, c.state, c.attempts, c.http_status, c.last_error, \
             c.replied_at, c.next_at, c.created_at FROM service_calls c \
             JOIN services s ON s.id = c.service WHERE ",
        );
        push_one(&mut sql, reach, id);
        sql.push(" ORDER BY c.created_at DESC, c.id DESC LIMIT ").push_bind(i64::from(limit));
        let rows = sql.build_query_as::<LoggedRow>().fetch_all(&self.read).await;
        let rows = rows.map_err(failed("reading the calls of a service"))?;
        rows.into_iter().map(LoggedCall::try_from).collect()
    }
}

pub(super) fn select() -> QueryBuilder<Db> {
    QueryBuilder::new(concat!("SELECT ", service_columns!(), " FROM services s WHERE "))
}

pub(super) fn push_one(sql: &mut QueryBuilder<Db>, reach: Reach, id: ServiceId) {
    sql.push("s.id = ").push_bind(id.to_string()).push(" AND ");
    push_in_reach(sql, &OWNED, reach);
}

/// Makes the change to a service that was read.
fn apply(service: &mut Service, change: &ServiceChange) {
    if let Some(name) = &change.name {
        service.name = storable(name);
    }
    if let Some(keywords) = &change.keywords {
        service.keywords = keywords.iter().map(|keyword| storable(keyword)).collect();
    }
    if let Some(rule) = &change.rule {
        service.rule = storable_rule(rule);
    }
    if let Some(action) = &change.action {
        service.action = action.clone();
    }
    service.reply_with_body = change.reply_with_body.unwrap_or(service.reply_with_body);
    service.max_messages = change.max_messages.unwrap_or(service.max_messages);
    service.omit_empty = change.omit_empty.unwrap_or(service.omit_empty);
}

/// Returns a rule as the database can hold it.
fn storable_rule(rule: &ServiceRule) -> ServiceRule {
    let text = |text: &Option<String>| text.as_deref().map(storable);
    let (place, sim) = (rule.place, rule.sim);
    let (pattern, sender, times) = (text(&rule.pattern), text(&rule.sender), text(&rule.times));
    ServiceRule { pattern, place, sim, sender, times }
}

/// Notes the keywords of a service. Returns the first that another service of the account has.
async fn add_keywords(
    tx: &mut Tx,
    service: &Service,
    doing: &'static str,
) -> Result<Option<String>, StoreError> {
    for keyword in &service.keywords {
        let sql = "INSERT INTO service_keywords (org, keyword, owner, service) \
                   VALUES ($1, $2, $3, $4) ON CONFLICT (org, keyword, owner) DO NOTHING";
        let insert = sqlx::query(sql)
            .bind(service.org.to_string())
            .bind(keyword.clone())
            .bind(service.owner.to_string())
            .bind(service.id.to_string());
        if insert.execute(&mut **tx).await.map_err(failed(doing))?.rows_affected() == 0 {
            return Ok(Some(keyword.clone()));
        }
    }
    Ok(None)
}

/// Notes the public address of a board. Returns it when another board has it.
async fn add_address(
    tx: &mut Tx,
    service: &Service,
    doing: &'static str,
) -> Result<Option<String>, StoreError> {
    let Some(address) = service.action.address().map(storable) else { return Ok(None) };
    let sql = "INSERT INTO service_boards (address, service) VALUES ($1, $2) \
               ON CONFLICT (address) DO NOTHING";
    let insert = sqlx::query(sql).bind(address.clone()).bind(service.id.to_string());
    let done = insert.execute(&mut **tx).await.map_err(failed(doing))?;
    Ok((done.rows_affected() == 0).then_some(address))
}

/// Refuses an account that the organisation does not have.
pub(super) async fn must_be_known(
    tx: &mut Tx,
    org: OrgId,
    owner: UserId,
) -> Result<(), StoreError> {
    if owner == UserId::internal() {
        return Ok(());
    }
    let sql = "SELECT count(*) FROM users WHERE id = $1 AND org = $2";
    let known = sqlx::query_scalar::<_, i64>(sql).bind(owner.to_string()).bind(org.to_string());
    match known.fetch_one(&mut **tx).await.map_err(failed(MAKING))? {
        0 => Err(StoreError::OutOfReach { doing: MAKING }),
        _ => Ok(()),
    }
}
