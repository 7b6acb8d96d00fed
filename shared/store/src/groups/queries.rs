//! The queries of groups of contacts.

use std::collections::{BTreeMap, BTreeSet};

use contracts::{ContactId, ContactImportId, GroupId, OrgId, PhoneNumber, Timestamp, UserId};
use sqlx::QueryBuilder;

use super::accounts::rows::{lock_org, name_key, rename};
use super::contact_imports::note_group;
use super::following::{follow, follow_rule};
use super::reach::{Rows, must_hold, push_in_reach};
use super::removed::set_aside;
use super::search::push_has;
use super::{Database, Db, Tx};
use crate::column::{json, parsed, storable, time, to_json};
use crate::contacts::{MOST_CONTACTS, MOST_GROUPS_OF_CONTACT};
use crate::error::failed;
use crate::groups::rule::{GroupCondition, GroupRule};
use crate::groups::{MOST_GROUP_RULES, MOST_GROUPS};
use crate::search::key_of;
use crate::statement::{LIST, ROWS, pieces};
use crate::{
    ChangeGroupError, CreateGroupError, Group, GroupChange, Joining, NamePage, NamePlace,
    NewContact, NewGroup, Reach, Restorable, StoreError,
};

const READING: &str = "reading groups";
const MAKING: &str = "making a group";
const CHANGING: &str = "changing a group";
const JOINING: &str = "putting a sender into a group, or taking it out";
/// The most contacts of one phone that are looked at.
const SAME: i64 = 100;
/// Who reads a group, under the name `g`.
pub(super) const LENT: Rows = Rows::Lent("g.org", "g.owner");
/// Who changes one.
const OWNED: Rows = Rows::Kept("org", "owner");

/// A row of `contact_groups`.
#[derive(sqlx::FromRow)]
struct GroupRow {
    id: String,
    org: String,
    owner: String,
    name: String,
    code: Option<String>,
    rule: Option<String>,
    members: i64,
    created_at: i64,
}

impl TryFrom<GroupRow> for Group {
    type Error = StoreError;

    fn try_from(row: GroupRow) -> Result<Self, StoreError> {
        let rule = row.rule.as_deref();
        Ok(Self {
            id: parsed("contact_groups.id", &row.id)?,
            org: parsed("contact_groups.org", &row.org)?,
            owner: parsed("contact_groups.owner", &row.owner)?,
            name: row.name,
            code: row.code,
            rule: rule.map(|rule| json("contact_groups.rule", rule)).transpose()?,
            members: row.members.unsigned_abs(),
            created_at: time(row.created_at),
        })
    }
}

impl Database {
    pub(crate) async fn create_group(
        &self,
        reach: Reach,
        import: Option<(Reach, ContactImportId)>,
        new: &NewGroup,
        at: Timestamp,
    ) -> Result<Group, CreateGroupError> {
        let mut tx = self.begin(MAKING).await?;
        // From here on another one who makes a group waits, so they are counted rightly.
        lock_org(&mut tx, reach.org, at).await?;
        must_hold(&mut tx, reach, new.owner, MAKING).await?;
        let owner = new.owner.to_string();
        let sql = "SELECT count(*) FROM contact_groups WHERE org = $1 AND owner = $2";
        let count = sqlx::query_scalar::<_, i64>(sql).bind(reach.org.to_string());
        let count = count.bind(owner.clone()).fetch_one(&mut *tx).await;
        if count.map_err(failed(MAKING))? >= i64::from(MOST_GROUPS) {
            return Err(CreateGroupError::TooMany);
        }
        if new.rule.is_some() {
            let sql = "SELECT count(*) FROM contact_groups WHERE org = $1 AND owner = $2 \
                       AND rule IS NOT NULL";
            let count = sqlx::query_scalar::<_, i64>(sql).bind(reach.org.to_string());
            let count = count.bind(owner.clone()).fetch_one(&mut *tx).await;
            if count.map_err(failed(MAKING))? >= i64::from(MOST_GROUP_RULES) {
                return Err(CreateGroupError::TooManyRules);
            }
        }
        let group = Group {
            id: GroupId::new(),
            org: reach.org,
            owner: new.owner,
            name: storable(&new.name),
            code: new.code.as_deref().map(storable),
            rule: new.rule.clone(),
            members: 0,
            created_at: at,
        };
        let rule = group.rule.as_ref().map(rule_json).transpose()?;
        let sql = "INSERT INTO contact_groups (id, org, owner, name, name_key, code, created_at, \
                   search_key, rule) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (org, owner, name_key) DO NOTHING";
        let insert = sqlx::query(sql)
            .bind(group.id.to_string())
            .bind(group.org.to_string())
            .bind(owner.clone())
            .bind(group.name.clone())
            .bind(name_key(&group.name))
            .bind(group.code.clone())
            .bind(at.as_micros())
            .bind(search_key(&group.name, group.code.as_deref()))
            .bind(rule);
        if insert.execute(&mut *tx).await.map_err(failed(MAKING))?.rows_affected() == 0 {
            return Err(CreateGroupError::NameTaken(group.name));
        }
        if let Some(rule) = &group.rule {
            follow_rule(&mut tx, reach.org, (group.id, &owner), rule).await?;
        }
        if let Some(import) = import {
            note_group(&mut tx, import, group.id, at).await?;
        }
        tx.about(&group.id, &group.name);
        tx.commit().await.map_err(failed(MAKING))?;
        if group.rule.is_none() {
            return Ok(group);
        }
        Ok(self.group(reach, group.id).await?.unwrap_or(group))
    }

    pub(crate) async fn groups(
        &self,
        reach: Reach,
        search: Option<&str>,
        page: &NamePage,
    ) -> Result<(Vec<Group>, Option<NamePlace>), StoreError> {
        let mut sql = select(reach);
        if let Some(text) = search.filter(|text| !text.trim().is_empty()) {
            push_has(&mut sql, "g", text);
        }
        self.page_by_name::<GroupRow, Group>(sql, "g", Group::place, page, READING).await
    }

    pub(crate) async fn group(
        &self,
        reach: Reach,
        id: GroupId,
    ) -> Result<Option<Group>, StoreError> {
        let mut sql = select(reach);
        sql.push(" AND g.id = ").push_bind(id.to_string());
        let row = sql.build_query_as::<GroupRow>().fetch_optional(&self.read).await;
        row.map_err(failed(READING))?.map(Group::try_from).transpose()
    }

    pub(crate) async fn change_group(
        &self,
        reach: Reach,
        id: GroupId,
        change: &GroupChange,
        at: Timestamp,
    ) -> Result<Group, ChangeGroupError> {
        let mut tx = self.begin(CHANGING).await?;
        // Two changes of the groups of one contact take turns, so that they are counted rightly.
        lock_org(&mut tx, reach.org, at).await?;
        // The code is set to itself when it stays, so that the row is looked for whatever is to be changed.
        let mut sql = QueryBuilder::<Db>::new("UPDATE contact_groups SET code = ");
        match &change.code {
            Some(code) => sql.push_bind(Some(storable(code)).filter(|code| !code.is_empty())),
            None => sql.push("code"),
        };
        sql.push(" WHERE id = ").push_bind(id.to_string()).push(" AND ");
        push_in_reach(&mut sql, &OWNED, reach);
        if sql.build().execute(&mut *tx).await.map_err(failed(CHANGING))?.rows_affected() == 0 {
            return Err(ChangeGroupError::NoSuchGroup);
        }
        if let Some(name) = &change.name
            && !rename(&mut tx, "contact_groups", &id.to_string(), name, CHANGING).await?
        {
            return Err(ChangeGroupError::NameTaken(name.to_owned()));
        }
        let sql = "SELECT name, code, owner, rule FROM contact_groups WHERE id = $1";
        let row = sqlx::query_as::<_, (String, Option<String>, String, Option<String>)>(sql);
        let row = row.bind(id.to_string());
        let (name, code, owner, rule) = row.fetch_one(&mut *tx).await.map_err(failed(CHANGING))?;
        let sql = "UPDATE contact_groups SET search_key = $2 WHERE id = $1";
        let update = sqlx::query(sql).bind(id.to_string());
        let update = update.bind(search_key(&name, code.as_deref()));
        update.execute(&mut *tx).await.map_err(failed(CHANGING))?;
        let by_hand = !change.add.is_empty() || !change.remove.is_empty();
        if by_hand && rule.is_some() || change.rule.is_some() && rule.is_none() {
            return Err(ChangeGroupError::OtherKind);
        }
        if let Some(rule) = &change.rule {
            let sql = "UPDATE contact_groups SET rule = $2 WHERE id = $1";
            let update = sqlx::query(sql).bind(id.to_string()).bind(rule_json(rule)?);
            update.execute(&mut *tx).await.map_err(failed(CHANGING))?;
            follow_rule(&mut tx, reach.org, (id, &owner), rule).await?;
        }
        for some in pieces(&change.remove, LIST) {
            let mut sql =
                QueryBuilder::<Db>::new("DELETE FROM contact_group_members WHERE contact_group = ");
            sql.push_bind(id.to_string()).push(" AND contact IN (");
            push_list(&mut sql, some);
            sql.push(")");
            sql.build().execute(&mut *tx).await.map_err(failed(CHANGING))?;
        }
        let add: BTreeSet<ContactId> = change.add.iter().copied().collect();
        let add: Vec<ContactId> = add.into_iter().collect();
        add_checked(&mut tx, reach, id, &add).await?;
        tx.about(&id, &name);
        tx.commit().await.map_err(failed(CHANGING))?;
        self.group(reach, id).await?.ok_or(ChangeGroupError::NoSuchGroup)
    }

    pub(crate) async fn remove_group(
        &self,
        reach: Reach,
        id: GroupId,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let doing = "removing a group";
        let mut tx = self.begin(doing).await?;
        let what = Restorable::Group(id);
        let Some(name) = set_aside(&mut tx, reach, what, at).await? else { return Ok(false) };
        tx.about(&id, &name);
        tx.commit().await.map_err(failed(doing))?;
        Ok(true)
    }
}

/// A rule as it is kept.
fn rule_json(rule: &GroupRule) -> Result<String, StoreError> {
    let text = |text: &String| storable(text);
    let conditions = rule.conditions.iter().map(|condition| match condition {
        GroupCondition::Tag(tag) => GroupCondition::Tag(text(tag)),
        GroupCondition::NoTag(tag) => GroupCondition::NoTag(text(tag)),
        GroupCondition::Field { name, value } => {
            GroupCondition::Field { name: text(name), value: text(value) }
        }
    });
    let storable = GroupRule { all: rule.all, conditions: conditions.collect() };
    to_json("the rule of a group", &storable)
}

/// What a group is searched in.
fn search_key(name: &str, code: Option<&str>) -> String {
    key_of([name, code.unwrap_or_default()])
}

/// Puts contacts in reach into a group.
async fn add_checked(
    tx: &mut Tx,
    reach: Reach,
    group: GroupId,
    contacts: &[ContactId],
) -> Result<(), ChangeGroupError> {
    let most = i64::try_from(MOST_GROUPS_OF_CONTACT).unwrap_or(i64::MAX);
    for some in pieces(contacts, LIST) {
        // How many other groups each of them is in.
        let mut sql = QueryBuilder::<Db>::new(
            "SELECT c.id, (SELECT count(*) FROM contact_group_members m WHERE m.contact = c.id \
             AND m.contact_group <> ",
        );
        sql.push_bind(group.to_string()).push(") FROM contacts c WHERE c.id IN (");
        push_list(&mut sql, some);
        sql.push(") AND ");
        push_in_reach(&mut sql, &Rows::Lent("c.org", "c.owner"), reach);
        let known = sql.build_query_as::<(String, i64)>().fetch_all(&mut **tx).await;
        let known: std::collections::HashMap<String, i64> =
            known.map_err(failed(CHANGING))?.into_iter().collect();
        for contact in some {
            match known.get(&contact.to_string()) {
                None => return Err(ChangeGroupError::NoSuchContact(*contact)),
                Some(others) if *others >= most => {
                    return Err(ChangeGroupError::TooManyGroups(*contact));
                }
                Some(_) => {}
            }
        }
    }
    let members: Vec<(GroupId, ContactId)> = contacts.iter().map(|one| (group, *one)).collect();
    Ok(add_members(tx, &members, CHANGING).await?)
}

/// Returns the first of these groups that is not there, or that an account may not read.
pub(super) async fn unreadable(
    tx: &mut Tx,
    org: OrgId,
    owner: UserId,
    wanted: &[GroupId],
) -> Result<Option<GroupId>, StoreError> {
    for group in wanted {
        let mut sql = QueryBuilder::<Db>::new("SELECT g.id FROM contact_groups g WHERE g.id = ");
        sql.push_bind(group.to_string()).push(" AND ");
        push_in_reach(&mut sql, &LENT, Reach::own(org, owner));
        let found = sql.build_query_scalar::<String>().fetch_optional(&mut **tx).await;
        if found.map_err(failed(READING))?.is_none() {
            return Ok(Some(*group));
        }
    }
    Ok(None)
}

/// Puts contacts into groups. Whether they may be put there was asked before.
pub(super) async fn add_members(
    tx: &mut Tx,
    members: &[(GroupId, ContactId)],
    doing: &'static str,
) -> Result<(), StoreError> {
    for some in pieces(members, ROWS) {
        let mut sql =
            QueryBuilder::<Db>::new("INSERT INTO contact_group_members (contact_group, contact) ");
        sql.push_values(some, |mut row, (group, contact)| {
            row.push_bind(group.to_string()).push_bind(contact.to_string());
        });
        sql.push(" ON CONFLICT (contact_group, contact) DO NOTHING");
        sql.build().execute(&mut **tx).await.map_err(failed(doing))?;
    }
    Ok(())
}

/// Puts a phone into a group, as a contact of whoever the group belongs to, or takes it out. Returns why that is not done, if it
/// is not.
pub(super) async fn join(
    tx: &mut Tx,
    joining: &Joining,
    at: Timestamp,
) -> Result<Option<&'static str>, StoreError> {
    let Joining { reach, group, number, joins } = joining;
    // From here on another one who makes contacts waits, so they are counted rightly.
    lock_org(tx, reach.org, at).await?;
    if !joins {
        super::removed::leave(tx, joining, at).await?;
    }
    let mut sql = QueryBuilder::<Db>::new("SELECT owner FROM contact_groups WHERE id = ");
    sql.push_bind(group.to_string()).push(" AND rule IS NULL AND ");
    push_in_reach(&mut sql, &OWNED, *reach);
    let owner = sql.build_query_scalar::<String>().fetch_optional(&mut **tx).await;
    let Some(owner) = owner.map_err(failed(JOINING))? else {
        return Ok(Some("the group is gone, or the account may not change it any more"));
    };
    let same = contacts_of(tx, *reach, &owner, number).await?;
    if !joins {
        for contact in same {
            let sql = "DELETE FROM contact_group_members WHERE contact_group = $1 AND contact = $2";
            let delete = sqlx::query(sql).bind(group.to_string()).bind(contact.to_string());
            delete.execute(&mut **tx).await.map_err(failed(JOINING))?;
        }
        return Ok(None);
    }
    let contact = match same.first() {
        Some(known) => *known,
        None => match add_contact(tx, *reach, &owner, number, at).await? {
            Some(made) => made,
            None => return Ok(Some("there are as many contacts as an organisation has")),
        },
    };
    let sql =
        "SELECT count(*) FROM contact_group_members WHERE contact = $1 AND contact_group <> $2";
    let others = sqlx::query_scalar::<_, i64>(sql).bind(contact.to_string());
    let others = others.bind(group.to_string()).fetch_one(&mut **tx).await;
    if others.map_err(failed(JOINING))? >= i64::try_from(MOST_GROUPS_OF_CONTACT).unwrap_or(i64::MAX)
    {
        return Ok(Some("the contact is in as many groups as a contact is in"));
    }
    add_members(tx, &[(*group, contact)], JOINING).await?;
    Ok(None)
}

/// The contacts of an account or a team, or of those that all share, that are of one phone, oldest first.
async fn contacts_of(
    tx: &mut Tx,
    reach: Reach,
    owner: &str,
    number: &PhoneNumber,
) -> Result<Vec<ContactId>, StoreError> {
    let sql = "SELECT id, number FROM contacts WHERE org = $1 AND owner = $2 AND number LIKE $3 \
               ORDER BY created_at, id LIMIT $4";
    // Digits only, which mean nothing to LIKE.
    let rows = sqlx::query_as::<_, (String, String)>(sql)
        .bind(reach.org.to_string())
        .bind(owner.to_owned())
        .bind(format!("%{}", number.phone()))
        .bind(SAME);
    let rows = rows.fetch_all(&mut **tx).await.map_err(failed(JOINING))?;
    let same = rows.into_iter().filter(|(_, written)| {
        written.parse::<PhoneNumber>().is_ok_and(|written| written.is_same_phone(number))
    });
    same.map(|(id, _)| parsed("contacts.id", &id)).collect()
}

/// Makes a contact that is called like its number. Returns none when there are too many.
async fn add_contact(
    tx: &mut Tx,
    reach: Reach,
    owner: &str,
    number: &PhoneNumber,
    at: Timestamp,
) -> Result<Option<ContactId>, StoreError> {
    let sql = "SELECT count(*) FROM contacts WHERE org = $1";
    let count = sqlx::query_scalar::<_, i64>(sql).bind(reach.org.to_string());
    if count.fetch_one(&mut **tx).await.map_err(failed(JOINING))? >= i64::from(MOST_CONTACTS) {
        return Ok(None);
    }
    let new = NewContact {
        id: ContactId::new(),
        owner: parsed("contact_groups.owner", owner)?,
        name: number.to_string(),
        number: number.clone(),
        email: None,
        note: None,
        tags: Vec::new(),
        fields: BTreeMap::new(),
        groups: Vec::new(),
    };
    let id = new.id;
    let mut sql = super::contacts::rows(reach, &[new], at)?;
    sql.build().execute(&mut **tx).await.map_err(failed(JOINING))?;
    follow(tx, reach.org, &[id]).await?;
    Ok(Some(id))
}

/// Returns one of these groups that is not there or may not be changed, if there is one.
pub(super) async fn absent(
    tx: &mut Tx,
    reach: Reach,
    wanted: &BTreeSet<GroupId>,
) -> Result<Option<GroupId>, StoreError> {
    let ids: Vec<GroupId> = wanted.iter().copied().collect();
    let mut known = BTreeSet::new();
    for some in pieces(&ids, LIST) {
        let mut sql = QueryBuilder::<Db>::new("SELECT id FROM contact_groups WHERE id IN (");
        push_list(&mut sql, some);
        // Nobody is put by hand into a group by rule.
        sql.push(") AND rule IS NULL AND ");
        push_in_reach(&mut sql, &OWNED, reach);
        let ids = sql.build_query_scalar::<String>().fetch_all(&mut **tx).await;
        known.extend(ids.map_err(failed(READING))?);
    }
    Ok(ids.into_iter().find(|id| !known.contains(&id.to_string())))
}

fn push_list<T: std::fmt::Display>(sql: &mut QueryBuilder<Db>, ids: &[T]) {
    let mut list = sql.separated(", ");
    for id in ids {
        list.push_bind(id.to_string());
    }
}

/// Selects the groups in reach. More conditions may follow.
fn select(reach: Reach) -> QueryBuilder<Db> {
    let mut sql = QueryBuilder::new(
        "SELECT g.id, g.org, g.owner, g.name, g.code, g.rule, (SELECT count(*) FROM contact_group_members m \
         WHERE m.contact_group = g.id) AS members, g.created_at FROM contact_groups g WHERE ",
    );
    push_in_reach(&mut sql, &LENT, reach);
    sql
}
