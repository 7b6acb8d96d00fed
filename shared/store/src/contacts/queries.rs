//! The queries of contacts.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use contracts::{ContactId, GroupId, Holder, PhoneNumber, Timestamp};
use serde_json::json;
use sqlx::QueryBuilder;

use super::accounts::rows::name_key;
use super::following::follow;
use super::groups;
use super::reach::{Rows, must_hold, push_in_reach};
use super::removed::{forget_contacts, set_aside};
use super::search::push_has;
use super::{Database, Db, Tx, dialect};
use crate::column::{json as read_json, parsed, storable, time, to_json};
use crate::contacts::{MOST_CONTACTS, MOST_GROUPS_OF_CONTACT};
use crate::error::failed;
use crate::search::{key_of, word_pattern_of};
use crate::statement::{LIST, ROWS, pieces};
use crate::{
    ChangeContactError, Contact, ContactChange, ContactFilter, CreateContactsError, DoublesBy,
    NamePage, NamePlace, NewContact, Reach, Restorable, StoreError,
};

const READING: &str = "reading contacts";
const MAKING: &str = "making contacts";
const CHANGING: &str = "changing a contact";
/// Contacts of one phone that are looked at.
const OF_A_PHONE: i64 = 4;
/// Contacts of one number or name that are shown, more or less.
const OF_A_SET: i64 = 50;
/// Who reads a contact.
const LENT: Rows = Rows::Lent("c.org", "c.owner");
/// Who changes one.
const OWNED: Rows = Rows::Kept("org", "owner");

/// The columns of a contact, under the name `c`.
macro_rules! columns {
    () => {
        "c.id, c.org, c.owner, c.name, c.number, c.email, c.note, c.tags, c.fields, c.created_at, \
         c.updated_at"
    };
}

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
    fields: Option<String>,
    created_at: i64,
    updated_at: i64,
}

impl TryFrom<ContactRow> for Contact {
    type Error = StoreError;

    fn try_from(row: ContactRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: parsed("contacts.id", &row.id)?,
            org: parsed("contacts.org", &row.org)?,
            owner: parsed("contacts.owner", &row.owner)?,
            name: row.name,
            number: parsed("contacts.number", &row.number)?,
            email: row.email,
            note: row.note,
            tags: row.tags.split_whitespace().map(str::to_owned).collect(),
            fields: fields_of(row.fields.as_deref())?,
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
        let mut tx = self.begin(MAKING).await?;
        // From here on another one who makes contacts waits, so they are counted rightly.
        super::accounts::rows::lock_org(&mut tx, reach.org, at).await?;
        let owners: BTreeSet<Holder> = new.iter().map(|contact| contact.owner).collect();
        for owner in owners {
            must_hold(&mut tx, reach, owner, MAKING).await?;
        }
        let wanted: BTreeSet<GroupId> = new.iter().flat_map(|one| one.groups.clone()).collect();
        if let Some(absent) = groups::absent(&mut tx, reach, &wanted).await? {
            return Err(CreateContactsError::NoSuchGroup(absent));
        }
        let mut made = BTreeSet::new();
        for some in pieces(new, ROWS) {
            let ids = some.iter().map(|contact| contact.id.to_string());
            forget_contacts(&mut tx, reach, ids).await?;
            let mut sql = rows(reach, some, at)?;
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
        let ids = new.iter().zip(&states).filter(|(_, is_made)| **is_made);
        let ids: Vec<ContactId> = ids.map(|(contact, _)| contact.id).collect();
        follow(&mut tx, reach.org, &ids).await?;
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
        if let Some(tag) = &filter.tag {
            // No tag has a space in it, so none is found within another.
            sql.push(" AND c.tag_key LIKE ").push_bind(word_pattern_of(tag)).push(" ESCAPE '\\'");
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

    pub(crate) async fn contacts_of_phones(
        &self,
        reach: Reach,
        owner: Holder,
        numbers: &[PhoneNumber],
    ) -> Result<Vec<Contact>, StoreError> {
        // Of the contacts of a phone those come first that have one of the numbers, then those whose number has no country, so that
        // many of other countries hide none that is meant.
        let mut sql =
            QueryBuilder::<Db>::new(concat!("SELECT ", columns!(), " FROM (SELECT c.*, "));
        sql.push("row_number() OVER (PARTITION BY c.phone ORDER BY CASE WHEN c.number IN (");
        let mut list = sql.separated(", ");
        for place in 0..numbers.len().next_power_of_two() {
            list.push_bind(numbers.get(place).map(ToString::to_string).unwrap_or_default());
        }
        sql.push(
            ") THEN 0 WHEN c.number LIKE '+%' THEN 2 ELSE 1 END, c.created_at, c.id) AS place",
        );
        sql.push(" FROM contacts c").push(dialect::along("contacts_phone")).push(" WHERE ");
        push_in_reach(&mut sql, &LENT, reach);
        sql.push(" AND c.owner = ").push_bind(owner.to_string());
        sql.push(" AND c.phone IN (");
        // Of few sizes, so that there are few statements; and an empty list would be none.
        let mut list = sql.separated(", ");
        for place in 0..numbers.len().next_power_of_two() {
            let number = numbers.get(place);
            list.push_bind(number.map(|number| number.phone().to_owned()).unwrap_or_default());
        }
        sql.push(")) c WHERE c.place <= ").push_bind(OF_A_PHONE);
        sql.push(" ORDER BY c.created_at, c.id");
        let rows = sql.build_query_as::<ContactRow>().fetch_all(&self.read).await;
        let rows = rows.map_err(failed(READING))?.into_iter();
        let mut contacts = rows.map(Contact::try_from).collect::<Result<Vec<_>, _>>()?;
        self.fill_in_groups(reach, &mut contacts).await?;
        Ok(contacts)
    }

    pub(crate) async fn doubles(
        &self,
        reach: Reach,
        owner: Holder,
        by: DoublesBy,
        after: Option<&str>,
        limit: u32,
    ) -> Result<(Vec<Vec<Contact>>, Option<String>), StoreError> {
        // Along an index that has the owner and then this.
        let key = match by {
            DoublesBy::Number => "c.phone",
            DoublesBy::Name => "c.name_key",
        };
        let owner = owner.to_string();
        let mut sql = QueryBuilder::<Db>::new("SELECT ");
        sql.push(key).push(" FROM contacts c WHERE ");
        push_in_reach(&mut sql, &LENT, reach);
        sql.push(" AND c.owner = ").push_bind(owner.clone()).push(" AND ").push(key).push(" > ");
        sql.push_bind(after.map(storable).unwrap_or_default());
        sql.push(" GROUP BY ").push(key).push(" HAVING count(*) > 1 ORDER BY ").push(key);
        sql.push(" LIMIT ").push_bind(i64::from(limit));
        let keys = sql.build_query_scalar::<String>().fetch_all(&self.read).await;
        let keys = keys.map_err(failed(READING))?;
        let is_full = keys.len() >= usize::try_from(limit).unwrap_or(usize::MAX);
        let mut next = keys.last().cloned().filter(|_| is_full);
        let mut sql = QueryBuilder::<Db>::new(SELECTED);
        sql.push(" WHERE ");
        push_in_reach(&mut sql, &LENT, reach);
        sql.push(" AND c.owner = ").push_bind(owner).push(" AND ").push(key).push(" IN (");
        // Of few sizes, so that there are few statements; and an empty list would be none.
        let mut list = sql.separated(", ");
        for place in 0..keys.len().next_power_of_two() {
            list.push_bind(keys.get(place).cloned().unwrap_or_default());
        }
        sql.push(") ORDER BY ").push(key).push(", c.created_at, c.id LIMIT ");
        let most = i64::from(limit).saturating_mul(OF_A_SET);
        sql.push_bind(most);
        let rows = sql.build_query_as::<ContactRow>().fetch_all(&self.read).await;
        let rows = rows.map_err(failed(READING))?.into_iter();
        let mut contacts = rows.map(Contact::try_from).collect::<Result<Vec<_>, _>>()?;
        let its_key = |contact: &Contact| match by {
            DoublesBy::Number => contact.number.phone().to_owned(),
            DoublesBy::Name => name_key(&contact.name),
        };
        let is_cut = contacts.len() >= usize::try_from(most).unwrap_or(usize::MAX);
        if let Some(last) = contacts.last().map(its_key).filter(|_| is_cut) {
            // There may be more of the last one, with which the next page begins, unless it is the only one.
            match contacts.iter().rposition(|contact| its_key(contact) != last) {
                Some(place) => {
                    next = contacts.get(place).map(its_key);
                    contacts.truncate(place + 1);
                }
                None if keys.last() != Some(&last) => next = Some(last),
                None => {}
            }
        }
        self.fill_in_groups(reach, &mut contacts).await?;
        let mut sets: Vec<Vec<Contact>> = Vec::new();
        // The key of the sets from the place `first` on.
        let (mut present, mut first) = (String::new(), 0);
        for contact in contacts {
            let its = its_key(&contact);
            if its != present {
                (present, first) = (its, sets.len());
            }
            // The digits that are looked up by may be those of phones in two countries.
            let is_of = |set: &&mut Vec<Contact>| {
                by == DoublesBy::Name
                    || set.iter().any(|known| known.number.is_same_phone(&contact.number))
            };
            match sets[first..].iter_mut().find(is_of) {
                Some(set) => set.push(contact),
                None => sets.push(vec![contact]),
            }
        }
        sets.retain(|set| set.len() > 1);
        Ok((sets, next))
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
        let name = write_change(&mut tx, reach, id, change, at).await?;
        follow(&mut tx, reach.org, &[id]).await?;
        tx.about(&id, &name);
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

/// Writes a change of a contact that may be changed. Returns the name of the contact. The organisation is locked.
pub(super) async fn write_change(
    tx: &mut Tx,
    reach: Reach,
    id: ContactId,
    change: &ContactChange,
    at: Timestamp,
) -> Result<String, ChangeContactError> {
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
        sql.push(", tag_key = ").push_bind(tag_key(tags));
    }
    if let Some(fields) = &change.fields {
        sql.push(", fields = ").push_bind(fields_json(fields)?);
    }
    sql.push(" WHERE id = ").push_bind(id.to_string()).push(" AND ");
    push_in_reach(&mut sql, &OWNED, reach);
    sql.push(" RETURNING name, number, email, tags");
    let row = sql.build_query_as::<Searched>().fetch_optional(&mut **tx).await;
    let row = row.map_err(failed(CHANGING))?.ok_or(ChangeContactError::NoSuchContact)?;
    let sql = "UPDATE contacts SET search_key = $2 WHERE id = $1";
    let update = sqlx::query(sql).bind(id.to_string()).bind(search_key(&row));
    update.execute(&mut **tx).await.map_err(failed(CHANGING))?;
    if let Some(wanted) = &change.groups {
        let wanted: BTreeSet<GroupId> = wanted.iter().copied().collect();
        replace_groups(tx, reach, id, &wanted).await?;
    }
    Ok(row.0)
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
    sql.push(" AND contact_group IN (SELECT id FROM contact_groups WHERE rule IS NULL AND ");
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

/// The tags of a contact as they are looked for.
fn tag_key(tags: &[String]) -> String {
    if tags.is_empty() { String::new() } else { format!(" {} ", key_of([tags.join(" ").as_str()])) }
}

/// What else is known of a contact.
pub(super) fn fields_of(kept: Option<&str>) -> Result<BTreeMap<String, String>, StoreError> {
    let fields = kept.map(|kept| read_json("contacts.fields", kept)).transpose()?;
    Ok(fields.unwrap_or_default())
}

/// What else is known of a contact, as it is kept.
fn fields_json(fields: &BTreeMap<String, String>) -> Result<String, StoreError> {
    let storable = fields.iter().map(|(name, text)| (storable(name), storable(text)));
    to_json("fields of a contact", &storable.collect::<BTreeMap<_, _>>())
}

/// Begins a statement that inserts these contacts.
pub(super) fn rows(
    reach: Reach,
    new: &[NewContact],
    at: Timestamp,
) -> Result<QueryBuilder<Db>, StoreError> {
    let mut sql = QueryBuilder::<Db>::new(
        "INSERT INTO contacts (id, org, owner, name, name_key, number, phone, email, note, tags, \
         tag_key, fields, created_at, updated_at, search_key) ",
    );
    let fields = new.iter().map(|contact| fields_json(&contact.fields));
    let fields = fields.collect::<Result<Vec<_>, _>>()?;
    sql.push_values(new.iter().zip(fields), |mut row, (contact, fields)| {
        let tags = contact.tags.join(" ");
        let searched =
            (contact.name.clone(), contact.number.to_string(), contact.email.clone(), tags.clone());
        row.push_bind(contact.id.to_string())
            .push_bind(reach.org.to_string())
            .push_bind(contact.owner.to_string())
            .push_bind(storable(&contact.name))
            .push_bind(name_key(&contact.name))
            .push_bind(contact.number.to_string())
            .push_bind(contact.number.phone().to_owned())
            .push_bind(contact.email.as_deref().map(storable))
            .push_bind(contact.note.as_deref().map(storable))
            .push_bind(storable(&tags))
            .push_bind(tag_key(&contact.tags))
            .push_bind(fields)
            .push_bind(at.as_micros())
            .push_bind(at.as_micros())
            .push_bind(search_key(&searched));
    });
    Ok(sql)
}

/// Selects contacts, under the name `c`.
const SELECTED: &str = concat!("SELECT ", columns!(), " FROM contacts c");

/// Selects the contacts in reach. More conditions may follow.
fn select(reach: Reach) -> QueryBuilder<Db> {
    let mut sql = QueryBuilder::new(SELECTED);
    sql.push(" WHERE ");
    push_in_reach(&mut sql, &LENT, reach);
    sql
}
