//! The queries of contacts.

use std::collections::{BTreeSet, HashMap};

use contracts::{ContactId, GroupId, Timestamp};
use serde_json::json;
use sqlx::QueryBuilder;

use super::accounts::rows::name_key;
use super::groups;
use super::reach::{Rows, push_in_reach};
use super::removed::{forget_contacts, set_aside};
use super::search::push_has;
use super::{Database, Db, Tx};
use crate::column::{parsed, storable, time};
use crate::contacts::{MOST_CONTACTS, MOST_GROUPS_OF_CONTACT};
use crate::error::failed;
use crate::search::key_of;
use crate::statement::{LIST, ROWS, pieces};
use crate::{
    ChangeContactError, Contact, ContactChange, ContactFilter, CreateContactsError, NamePage,
    NamePlace, NewContact, Reach, Restorable, StoreError,
};

const READING: &str = "reading contacts";
const MAKING: &str = "making contacts";
const CHANGING: &str = "changing a contact";
/// Who reads a contact.
const LENT: Rows = Rows::Lent("c.org", "c.owner");
/// Who changes one.
const OWNED: Rows = Rows::Owned("org", "owner");

/// A row of `contacts`.
#[derive(sqlx::FromRow)]
struct ContactRow {
    id: String,
    org: String,
    owner: String,
    name: String,
    number: String,
    email: Option<String>,
    note: Option<String>,
    tags: String,
    created_at: i64,
    updated_at: i64,
}

impl TryFrom<ContactRow> for Contact {
    type Error = StoreError;

    fn try_from(row: ContactRow) -> Result<Self, StoreError> {
        let owner = Some(row.owner).filter(|owner| !owner.is_empty());
        Ok(Self {
            id: parsed("contacts.id", &row.id)?,
            org: parsed("contacts.org", &row.org)?,
            owner: owner.map(|owner| parsed("contacts.owner", &owner)).transpose()?,
            name: row.name,
            number: parsed("contacts.number", &row.number)?,
            email: row.email,
            note: row.note,
            tags: row.tags.split_whitespace().map(str::to_owned).collect(),
            groups: Vec::new(),
            created_at: time(row.created_at),
            updated_at: time(row.updated_at),
        })
    }
}

impl Database {
    pub(crate) async fn create_contacts(
        &self,
        reach: Reach,
        new: &[NewContact],
        at: Timestamp,
    ) -> Result<Vec<bool>, CreateContactsError> {
        for contact in new {
            reach.must_own_or_lend(contact.owner, MAKING)?;
        }
        let mut tx = self.begin(MAKING).await?;
        // From here on another one who makes contacts waits, so they are counted rightly.
        super::accounts::rows::lock_org(&mut tx, reach.org, at).await?;
        let owners: BTreeSet<_> = new.iter().filter_map(|contact| contact.owner).collect();
        for owner in owners {
            super::services::must_be_known(&mut tx, reach.org, owner).await?;
        }
        let wanted: BTreeSet<GroupId> = new.iter().flat_map(|one| one.groups.clone()).collect();
        if let Some(absent) = groups::absent(&mut tx, reach, &wanted).await? {
            return Err(CreateContactsError::NoSuchGroup(absent));
        }
        let mut made = BTreeSet::new();
        for some in pieces(new, ROWS) {
            let ids = some.iter().map(|contact| contact.id.to_string());
            forget_contacts(&mut tx, reach, ids).await?;
            let mut sql = rows(reach, some, at);
            sql.push(" ON CONFLICT (id) DO NOTHING RETURNING id");
            let ids = sql.build_query_scalar::<String>().fetch_all(&mut *tx).await;
            made.extend(ids.map_err(failed(MAKING))?);
        }
        let sql = "SELECT count(*) FROM contacts WHERE org = $1";
        let count = sqlx::query_scalar::<_, i64>(sql).bind(reach.org.to_string());
        let count = count.fetch_one(&mut *tx).await.map_err(failed(MAKING))?;
        if !made.is_empty() && count > i64::from(MOST_CONTACTS) {
            return Err(CreateContactsError::TooMany);
        }
        let mut members = Vec::new();
        let mut states = Vec::with_capacity(new.len());
        for contact in new {
            let id = contact.id.to_string();
            // Of two with one id the first is the one that was made.
            let is_made = made.remove(&id);
            if is_made {
                let groups = contact.groups.iter().collect::<BTreeSet<_>>();
                members.extend(groups.into_iter().map(|group| (*group, contact.id)));
            }
            states.push(is_made);
        }
        groups::add_members(&mut tx, &members, MAKING).await?;
        let made = states.iter().filter(|is_made| **is_made).count();
        if made == 0 {
            // Nothing was written, so nothing is told either.
            return Ok(states);
        }
        if let [one] = new {
            tx.about(&one.id, &one.name);
        } else {
            tx.changed(&json!({}), &json!({ "made": made }));
        }
        tx.commit().await.map_err(failed(MAKING))?;
        Ok(states)
    }

    pub(crate) async fn contacts(
        &self,
        reach: Reach,
        filter: &ContactFilter,
        page: &NamePage,
    ) -> Result<(Vec<Contact>, Option<NamePlace>), StoreError> {
        let mut sql = select(reach);
        if let Some(text) = filter.search.as_deref().filter(|text| !text.trim().is_empty()) {
            push_has(&mut sql, "c", text);
        }
        if let Some(group) = filter.group {
            sql.push(
                " AND EXISTS (SELECT 1 FROM contact_group_members m JOIN contact_groups g \
                 ON g.id = m.contact_group WHERE m.contact = c.id AND m.contact_group = ",
            );
            sql.push_bind(group.to_string()).push(" AND ");
            push_in_reach(&mut sql, &groups::LENT, reach);
            sql.push(")");
        }
        let found = self
            .page_by_name::<ContactRow, Contact>(sql, "c", Contact::place, page, READING)
            .await?;
        let (mut contacts, next) = found;
        self.fill_in_groups(reach, &mut contacts).await?;
        Ok((contacts, next))
    }

    pub(crate) async fn contact(
        &self,
        reach: Reach,
        id: ContactId,
    ) -> Result<Option<Contact>, StoreError> {
        let mut sql = select(reach);
        sql.push(" AND c.id = ").push_bind(id.to_string());
        let row = sql.build_query_as::<ContactRow>().fetch_optional(&self.read).await;
        let Some(row) = row.map_err(failed(READING))? else { return Ok(None) };
        let mut contacts = [Contact::try_from(row)?];
        self.fill_in_groups(reach, &mut contacts).await?;
        let [contact] = contacts;
        Ok(Some(contact))
    }

    /// Fills in which groups in reach contacts are in.
    async fn fill_in_groups(
        &self,
        reach: Reach,
        contacts: &mut [Contact],
    ) -> Result<(), StoreError> {
        let ids: Vec<String> = contacts.iter().map(|contact| contact.id.to_string()).collect();
        let mut of_each: HashMap<String, Vec<GroupId>> = HashMap::new();
        for some in pieces(&ids, LIST) {
            let mut sql = QueryBuilder::<Db>::new(
                "SELECT m.contact, m.contact_group FROM contact_group_members m \
                 JOIN contact_groups g ON g.id = m.contact_group WHERE ",
            );
            push_in_reach(&mut sql, &groups::LENT, reach);
            sql.push(" AND m.contact IN (");
            let mut list = sql.separated(", ");
            for id in some {
                list.push_bind(id.clone());
            }
            sql.push(") ORDER BY g.name_key, g.id");
            let rows = sql.build_query_as::<(String, String)>().fetch_all(&self.read).await;
            for (contact, group) in rows.map_err(failed(READING))? {
                let group = parsed("contact_group_members.contact_group", &group)?;
                of_each.entry(contact).or_default().push(group);
            }
        }
        for contact in contacts {
            contact.groups = of_each.remove(&contact.id.to_string()).unwrap_or_default();
        }
        Ok(())
    }

    pub(crate) async fn change_contact(
        &self,
        reach: Reach,
        id: ContactId,
        change: &ContactChange,
        at: Timestamp,
    ) -> Result<Contact, ChangeContactError> {
        let mut tx = self.begin(CHANGING).await?;
        // Two changes of the groups of one contact take turns, so that they are counted rightly.
        super::accounts::rows::lock_org(&mut tx, reach.org, at).await?;
        let mut sql = QueryBuilder::<Db>::new("UPDATE contacts SET updated_at = ");
        sql.push_bind(at.as_micros());
        if let Some(name) = &change.name {
            sql.push(", name = ").push_bind(storable(name));
            sql.push(", name_key = ").push_bind(name_key(name));
        }
        if let Some(number) = &change.number {
            sql.push(", number = ").push_bind(number.to_string());
            sql.push(", phone = ").push_bind(number.phone().to_owned());
        }
        for (column, text) in [(", email = ", &change.email), (", note = ", &change.note)] {
            if let Some(text) = text {
                let text = Some(storable(text)).filter(|text| !text.is_empty());
                sql.push(column).push_bind(text);
            }
        }
        if let Some(tags) = &change.tags {
            sql.push(", tags = ").push_bind(storable(&tags.join(" ")));
        }
        sql.push(" WHERE id = ").push_bind(id.to_string()).push(" AND ");
        push_in_reach(&mut sql, &OWNED, reach);
        sql.push(" RETURNING name, number, email, tags");
        let row = sql.build_query_as::<Searched>().fetch_optional(&mut *tx).await;
        let row = row.map_err(failed(CHANGING))?.ok_or(ChangeContactError::NoSuchContact)?;
        let sql = "UPDATE contacts SET search_key = $2 WHERE id = $1";
        let update = sqlx::query(sql).bind(id.to_string()).bind(search_key(&row));
        update.execute(&mut *tx).await.map_err(failed(CHANGING))?;
        if let Some(wanted) = &change.groups {
            let wanted: BTreeSet<GroupId> = wanted.iter().copied().collect();
            replace_groups(&mut tx, reach, id, &wanted).await?;
        }
        tx.about(&id, &row.0);
        tx.commit().await.map_err(failed(CHANGING))?;
        self.contact(reach, id).await?.ok_or(ChangeContactError::NoSuchContact)
    }

    pub(crate) async fn remove_contact(
        &self,
        reach: Reach,
        id: ContactId,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let doing = "removing a contact";
        let mut tx = self.begin(doing).await?;
        let what = Restorable::Contact(id);
        let Some(name) = set_aside(&mut tx, reach, what, at).await? else { return Ok(false) };
        tx.about(&id, &name);
        tx.commit().await.map_err(failed(doing))?;
        Ok(true)
    }
}

/// What a contact is searched in: name, number, e-mail address and tags.
type Searched = (String, String, Option<String>, String);

fn search_key((name, number, email, tags): &Searched) -> String {
    key_of([name.as_str(), number, email.as_deref().unwrap_or_default(), tags])
}

/// Puts a contact into these groups, and takes it out of the others that may be changed.
async fn replace_groups(
    tx: &mut Tx,
    reach: Reach,
    id: ContactId,
    wanted: &BTreeSet<GroupId>,
) -> Result<(), ChangeContactError> {
    let mut sql =
        QueryBuilder::<Db>::new("SELECT contact_group FROM contact_group_members WHERE contact = ");
    sql.push_bind(id.to_string());
    let present = sql.build_query_scalar::<String>().fetch_all(&mut **tx).await;
    let present = present.map_err(failed(CHANGING))?;
    let present = present.iter().map(|id| parsed("contact_group_members.contact_group", id));
    let present = present.collect::<Result<BTreeSet<GroupId>, _>>()?;
    let new: BTreeSet<GroupId> = wanted.difference(&present).copied().collect();
    if let Some(absent) = groups::absent(tx, reach, &new).await? {
        return Err(ChangeContactError::NoSuchGroup(absent));
    }
    let mut sql = QueryBuilder::<Db>::new("DELETE FROM contact_group_members WHERE contact = ");
    sql.push_bind(id.to_string());
    for kept in wanted {
        sql.push(" AND contact_group <> ").push_bind(kept.to_string());
    }
    sql.push(" AND contact_group IN (SELECT id FROM contact_groups WHERE ");
    push_in_reach(&mut sql, &OWNED, reach);
    sql.push(")");
    sql.build().execute(&mut **tx).await.map_err(failed(CHANGING))?;
    let members: Vec<(GroupId, ContactId)> = new.iter().map(|group| (*group, id)).collect();
    groups::add_members(tx, &members, CHANGING).await?;
    // Among them may be groups of others, which stay whatever is wanted here.
    let sql = "SELECT count(*) FROM contact_group_members WHERE contact = $1";
    let count = sqlx::query_scalar::<_, i64>(sql).bind(id.to_string()).fetch_one(&mut **tx).await;
    let is_full = usize::try_from(count.map_err(failed(CHANGING))?)
        .is_ok_and(|count| count > MOST_GROUPS_OF_CONTACT);
    if is_full && !new.is_empty() { Err(ChangeContactError::TooManyGroups) } else { Ok(()) }
}

/// Begins a statement that inserts these contacts.
pub(super) fn rows(reach: Reach, new: &[NewContact], at: Timestamp) -> QueryBuilder<Db> {
    let mut sql = QueryBuilder::<Db>::new(
        "INSERT INTO contacts (id, org, owner, name, name_key, number, phone, email, note, tags, \
         created_at, updated_at, search_key) ",
    );
    sql.push_values(new, |mut row, contact| {
        let tags = contact.tags.join(" ");
        let searched =
            (contact.name.clone(), contact.number.to_string(), contact.email.clone(), tags.clone());
        row.push_bind(contact.id.to_string())
            .push_bind(reach.org.to_string())
            .push_bind(contact.owner.map(|owner| owner.to_string()).unwrap_or_default())
            .push_bind(storable(&contact.name))
            .push_bind(name_key(&contact.name))
            .push_bind(contact.number.to_string())
            .push_bind(contact.number.phone().to_owned())
            .push_bind(contact.email.as_deref().map(storable))
            .push_bind(contact.note.as_deref().map(storable))
            .push_bind(storable(&tags))
            .push_bind(at.as_micros())
            .push_bind(at.as_micros())
            .push_bind(search_key(&searched));
    });
    sql
}

/// Selects the contacts in reach. More conditions may follow.
fn select(reach: Reach) -> QueryBuilder<Db> {
    let mut sql = QueryBuilder::new(
        "SELECT c.id, c.org, c.owner, c.name, c.number, c.email, c.note, c.tags, c.created_at, \
         c.updated_at FROM contacts c WHERE ",
    );
    push_in_reach(&mut sql, &LENT, reach);
    sql
}
