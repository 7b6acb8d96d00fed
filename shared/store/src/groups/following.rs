//! Who is in groups by rule, written down whenever a contact or a rule changes.

use contracts::{ContactId, GroupId, OrgId};
use sqlx::QueryBuilder;

use super::contacts::fields_of;
use super::groups::add_members;
use super::{Db, Tx};
use crate::StoreError;
use crate::column::{json, parsed};
use crate::error::failed;
use crate::groups::rule::GroupRule;
use crate::statement::{LIST, pieces};

const FOLLOWING: &str = "finding who is in a group by rule";
/// Contacts that are read at a time.
const AT_ONCE: i64 = 512;

/// A contact as far as a rule looks at it: id, owner, tags and fields.
type Looked = (String, String, String, Option<String>);

/// A group by rule.
struct Ruled {
    group: GroupId,
    owner: String,
    rule: GroupRule,
}

/// Writes down in which groups by rule some contacts of an organisation are now. The organisation is locked.
pub(super) async fn follow(
    tx: &mut Tx,
    org: OrgId,
    contacts: &[ContactId],
) -> Result<(), StoreError> {
    if contacts.is_empty() {
        return Ok(());
    }
    let sql = "SELECT id, owner, rule FROM contact_groups WHERE org = $1 AND rule IS NOT NULL";
    let rows = sqlx::query_as::<_, (String, String, String)>(sql).bind(org.to_string());
    let rows = rows.fetch_all(&mut **tx).await.map_err(failed(FOLLOWING))?;
    let mut rules = Vec::with_capacity(rows.len());
    for (id, owner, rule) in rows {
        let group = parsed("contact_groups.id", &id)?;
        rules.push(Ruled { group, owner, rule: json("contact_groups.rule", &rule)? });
    }
    if rules.is_empty() {
        return Ok(());
    }
    for some in pieces(contacts, LIST) {
        let mut sql =
            QueryBuilder::<Db>::new("DELETE FROM contact_group_members WHERE contact IN (");
        push_list(&mut sql, some);
        sql.push(") AND contact_group IN (SELECT id FROM contact_groups WHERE org = ");
        sql.push_bind(org.to_string()).push(" AND rule IS NOT NULL)");
        sql.build().execute(&mut **tx).await.map_err(failed(FOLLOWING))?;
        let mut sql =
            QueryBuilder::<Db>::new("SELECT id, owner, tags, fields FROM contacts WHERE id IN (");
        push_list(&mut sql, some);
        // One that was removed, or that is another organisation's, is in none of its groups.
        sql.push(") AND org = ").push_bind(org.to_string());
        let found = sql.build_query_as::<Looked>().fetch_all(&mut **tx).await;
        let found = found.map_err(failed(FOLLOWING))?;
        let members = members(&rules, &found)?;
        add_members(tx, &members, FOLLOWING).await?;
    }
    Ok(())
}

/// Writes down who is in a group by rule, of all contacts of its owner. The organisation is locked.
pub(super) async fn follow_rule(
    tx: &mut Tx,
    org: OrgId,
    (group, owner): (GroupId, &str),
    rule: &GroupRule,
) -> Result<(), StoreError> {
    let sql = "DELETE FROM contact_group_members WHERE contact_group = $1";
    let delete = sqlx::query(sql).bind(group.to_string()).execute(&mut **tx).await;
    delete.map_err(failed(FOLLOWING))?;
    let rules = [Ruled { group, owner: owner.to_owned(), rule: rule.clone() }];
    // Along the index of names.
    let mut after = (String::new(), String::new());
    loop {
        let sql = "SELECT id, owner, tags, fields, name_key FROM contacts WHERE org = $1 \
                   AND owner = $2 AND (name_key, id) > ($3, $4) ORDER BY name_key, id LIMIT $5";
        let rows = sqlx::query_as::<_, (String, String, String, Option<String>, String)>(sql)
            .bind(org.to_string())
            .bind(owner.to_owned())
            .bind(after.0.clone())
            .bind(after.1.clone())
            .bind(AT_ONCE);
        let rows = rows.fetch_all(&mut **tx).await.map_err(failed(FOLLOWING))?;
        let Some((last, .., name_key)) = rows.last() else { return Ok(()) };
        after = (name_key.clone(), last.clone());
        let found: Vec<Looked> = rows
            .into_iter()
            .map(|(id, owner, tags, fields, _)| (id, owner, tags, fields))
            .collect();
        let members = members(&rules, &found)?;
        add_members(tx, &members, FOLLOWING).await?;
    }
}

/// Which contacts are in which groups.
fn members(rules: &[Ruled], contacts: &[Looked]) -> Result<Vec<(GroupId, ContactId)>, StoreError> {
    let mut members = Vec::new();
    for (id, owner, tags, fields) in contacts {
        let id: ContactId = parsed("contacts.id", id)?;
        let tags: Vec<String> = tags.split_whitespace().map(str::to_owned).collect();
        let fields = fields_of(fields.as_deref())?;
        let of_owner = rules.iter().filter(|ruled| ruled.owner == *owner);
        let holding = of_owner.filter(|ruled| ruled.rule.holds(&tags, &fields));
        members.extend(holding.map(|ruled| (ruled.group, id)));
    }
    Ok(members)
}

fn push_list(sql: &mut QueryBuilder<Db>, ids: &[ContactId]) {
    let mut list = sql.separated(", ");
    for id in ids {
        list.push_bind(id.to_string());
    }
}
