//! What imports write to contacts, and how that is taken back.

use std::collections::{BTreeMap, BTreeSet};

use contracts::{
    ContactId, ContactImportId, GroupId, Holder, OrgId, PhoneNumber, Timestamp, UserId,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::QueryBuilder;

use super::super::accounts::rows::lock_org;
use super::super::following::follow;
use super::super::reach::{Rows, must_hold, push_in_reach};
use super::super::services::must_be_known;
use super::super::{Database, Db, Tx, contacts, groups};
use super::{OWNED, count, insert, must_have_room};
use crate::column::{json as read_json, parsed, storable, to_json};
use crate::contacts::{MOST_CONTACTS, MOST_GROUPS_OF_CONTACT};
use crate::error::failed;
use crate::statement::{ROWS, pieces};
use crate::{
    ChangeContactError, ContactChange, ContactImport, ContactImportCounts, ContactImportError,
    ContactImportKind, ContactImportStep, ImportedChange, LeftWhy, NewContact, Reach, StoreError,
};

const WRITING: &str = "making rows of a file to contacts";
const MERGING: &str = "merging contacts";
const UNDOING: &str = "taking an import of contacts back";

/// A row of `contacts`: owner, name, number, e-mail address, note, tags, fields, and when it was changed.
type ContactLine =
    (String, String, String, Option<String>, Option<String>, String, Option<String>, i64);
/// A row of `contact_import_changes`: the contact, how it was, when it was written, and its groups then.
type ChangeLine = (String, Option<String>, Option<i64>, Option<String>);

/// A contact as it is kept, to be as it was again. Fields are added, never changed: another release may have written it.
#[derive(Clone, Serialize, Deserialize)]
struct Known {
    name: String,
    number: PhoneNumber,
    email: Option<String>,
    note: Option<String>,
    tags: Vec<String>,
    #[serde(default)]
    fields: BTreeMap<String, String>,
    groups: Vec<GroupId>,
}

/// A contact as it is.
struct Present {
    owner: String,
    known: Known,
    updated_at: i64,
}

/// An import as far as writing needs it.
struct Importing {
    owner: Holder,
    applied: Option<i64>,
    is_undone: bool,
    counts: ContactImportCounts,
    new_groups: Vec<GroupId>,
}

/// Reads an import, of which nobody else writes meanwhile: the organisation is locked.
async fn importing(
    tx: &mut Tx,
    reach: Reach,
    id: ContactImportId,
    doing: &'static str,
) -> Result<Option<Importing>, StoreError> {
    let mut sql = QueryBuilder::<Db>::new(
        "SELECT owner, applied, undo_at, counts, new_groups FROM contact_imports WHERE id = ",
    );
    sql.push_bind(id.to_string()).push(" AND ");
    push_in_reach(&mut sql, &OWNED, reach);
    let row = sql.build_query_as::<(String, Option<i64>, Option<i64>, String, String)>();
    let row = row.fetch_optional(&mut **tx).await.map_err(failed(doing))?;
    let Some((owner, applied, undo_at, counts, new_groups)) = row else { return Ok(None) };
    Ok(Some(Importing {
        owner: parsed("contact_imports.owner", &owner)?,
        applied,
        is_undone: undo_at.is_some(),
        counts: read_json("contact_imports.counts", &counts)?,
        new_groups: read_json("contact_imports.new_groups", &new_groups)?,
    }))
}

/// Reads a contact of an organisation with the groups that somebody put it into.
async fn present(
    tx: &mut Tx,
    org: OrgId,
    id: ContactId,
    doing: &'static str,
) -> Result<Option<Present>, StoreError> {
    let sql = "SELECT owner, name, number, email, note, tags, fields, updated_at FROM contacts \
               WHERE id = $1 AND org = $2";
    let row = sqlx::query_as::<_, ContactLine>(sql).bind(id.to_string()).bind(org.to_string());
    let row = row.fetch_optional(&mut **tx).await.map_err(failed(doing))?;
    let Some((owner, name, number, email, note, tags, fields, updated_at)) = row else {
        return Ok(None);
    };
    let known = Known {
        name,
        number: parsed("contacts.number", &number)?,
        email,
        note,
        tags: tags.split_whitespace().map(str::to_owned).collect(),
        fields: contacts::fields_of(fields.as_deref())?,
        groups: groups_of(tx, id, doing).await?,
    };
    Ok(Some(Present { owner, known, updated_at }))
}

/// The groups that somebody put a contact into, in one order.
async fn groups_of(
    tx: &mut Tx,
    id: ContactId,
    doing: &'static str,
) -> Result<Vec<GroupId>, StoreError> {
    let sql = "SELECT m.contact_group FROM contact_group_members m \
               JOIN contact_groups g ON g.id = m.contact_group \
               WHERE m.contact = $1 AND g.rule IS NULL ORDER BY m.contact_group";
    let found = sqlx::query_scalar::<_, String>(sql).bind(id.to_string());
    let found = found.fetch_all(&mut **tx).await.map_err(failed(doing))?;
    found.iter().map(|id| parsed("contact_group_members.contact_group", id)).collect()
}

/// What was done to a contact.
struct Noted<'a> {
    contact: ContactId,
    name: &'a str,
    /// How the contact was before; none: it was made.
    known: Option<&'a Known>,
    /// When it was written and its groups then; none: it was removed.
    written: Option<(Timestamp, Vec<GroupId>)>,
}

/// Writes down what was done to contacts.
async fn note(tx: &mut Tx, import: ContactImportId, all: &[Noted<'_>]) -> Result<(), StoreError> {
    for some in pieces(all, ROWS) {
        let mut texts = Vec::with_capacity(some.len());
        for one in some {
            let known = one.known.map(|known| to_json("a contact", known)).transpose()?;
            let groups = one.written.as_ref();
            let groups = groups.map(|(_, all)| to_json("groups of a contact", all)).transpose()?;
            texts.push((known, groups));
        }
        let mut sql = QueryBuilder::<Db>::new(
            "INSERT INTO contact_import_changes (import, contact, name, known, written_at, \
             written_groups) ",
        );
        sql.push_values(some.iter().zip(texts), |mut row, (one, (known, groups))| {
            row.push_bind(import.to_string())
                .push_bind(one.contact.to_string())
                .push_bind(storable(one.name))
                .push_bind(known)
                .push_bind(one.written.as_ref().map(|(at, _)| at.as_micros()))
                .push_bind(groups);
        });
        // Two rows may be of one contact, whose number is written without its country: how it was before the first of them stays.
        sql.push(
            " ON CONFLICT (import, contact) DO UPDATE SET name = excluded.name, \
             written_at = excluded.written_at, written_groups = excluded.written_groups",
        );
        sql.build().execute(&mut **tx).await.map_err(failed(WRITING))?;
    }
    Ok(())
}

/// Those of some groups that are there and may be changed.
async fn usable(
    tx: &mut Tx,
    writes: Reach,
    mut wanted: BTreeSet<GroupId>,
) -> Result<BTreeSet<GroupId>, StoreError> {
    while let Some(absent) = groups::absent(tx, writes, &wanted).await? {
        wanted.remove(&absent);
    }
    Ok(wanted)
}

/// Makes contacts that are not there. Returns how many were made.
async fn make(
    tx: &mut Tx,
    writes: Reach,
    import: ContactImportId,
    new: &[NewContact],
    at: Timestamp,
) -> Result<u32, ContactImportError> {
    let mut made: BTreeSet<String> = BTreeSet::new();
    for some in pieces(new, ROWS) {
        let mut sql = contacts::rows(writes, some, at)?;
        sql.push(" ON CONFLICT (id) DO NOTHING RETURNING id");
        let ids = sql.build_query_scalar::<String>().fetch_all(&mut **tx).await;
        made.extend(ids.map_err(failed(WRITING))?);
    }
    let all = contacts_there(tx, writes.org, WRITING).await?;
    if !made.is_empty() && all > i64::from(MOST_CONTACTS) {
        return Err(ContactImportError::TooManyContacts);
    }
    let mut members = Vec::new();
    let mut noted = Vec::with_capacity(made.len());
    for contact in new.iter().filter(|contact| made.contains(&contact.id.to_string())) {
        let groups = in_order(&contact.groups);
        members.extend(groups.iter().map(|group| (*group, contact.id)));
        let (contact, name) = (contact.id, contact.name.as_str());
        noted.push(Noted { contact, name, known: None, written: Some((at, groups)) });
    }
    groups::add_members(tx, &members, WRITING).await?;
    note(tx, import, &noted).await?;
    Ok(u32::try_from(noted.len()).unwrap_or(u32::MAX))
}

/// How many contacts an organisation has.
async fn contacts_there(tx: &mut Tx, org: OrgId, doing: &'static str) -> Result<i64, StoreError> {
    let sql = "SELECT count(*) FROM contacts WHERE org = $1";
    let all = sqlx::query_scalar::<_, i64>(sql).bind(org.to_string());
    all.fetch_one(&mut **tx).await.map_err(failed(doing))
}

/// Groups as [`groups_of`] has them: in the order of their texts.
fn in_order(groups: &[GroupId]) -> Vec<GroupId> {
    let mut groups = groups.to_vec();
    groups.sort_by_key(ToString::to_string);
    groups.dedup();
    groups
}

/// Changes a contact that is as it was looked at, and puts it into groups as far as there is room. Returns whether it was changed.
async fn change(
    tx: &mut Tx,
    (writes, owner): (Reach, Holder),
    import: ContactImportId,
    one: &ImportedChange,
    at: Timestamp,
) -> Result<bool, ContactImportError> {
    let owner = owner.to_string();
    let found = present(tx, writes.org, one.contact, WRITING).await?;
    let Some(before) = found.filter(|one| one.owner == owner) else { return Ok(false) };
    if before.updated_at != one.seen.as_micros() {
        return Ok(false);
    }
    let change = ContactChange { groups: None, ..one.change.clone() };
    let name = match contacts::write_change(tx, writes, one.contact, &change, at).await {
        Ok(name) => name,
        Err(ChangeContactError::Store(error)) => return Err(error.into()),
        // It may not be changed.
        Err(_) => return Ok(false),
    };
    let sql = "SELECT count(*) FROM contact_group_members WHERE contact = $1";
    let all = sqlx::query_scalar::<_, i64>(sql).bind(one.contact.to_string());
    let all = all.fetch_one(&mut **tx).await.map_err(failed(WRITING))?;
    let room = MOST_GROUPS_OF_CONTACT.saturating_sub(usize::try_from(all).unwrap_or(usize::MAX));
    let add: BTreeSet<GroupId> = one.add.iter().copied().collect();
    let new = add.into_iter().filter(|group| !before.known.groups.contains(group)).take(room);
    let members: Vec<(GroupId, ContactId)> = new.map(|group| (group, one.contact)).collect();
    groups::add_members(tx, &members, WRITING).await?;
    let now = groups_of(tx, one.contact, WRITING).await?;
    let known = Some(&before.known);
    let noted = Noted { contact: one.contact, name: &name, known, written: Some((at, now)) };
    note(tx, import, &[noted]).await?;
    Ok(true)
}

impl Database {
    pub(crate) async fn write_contact_import(
        &self,
        reach: Reach,
        writes: Reach,
        id: ContactImportId,
        step: &ContactImportStep,
        at: Timestamp,
    ) -> Result<Option<ContactImport>, ContactImportError> {
        let mut tx = self.begin(WRITING).await?;
        // From here on another one who makes contacts waits, so they are counted rightly.
        lock_org(&mut tx, reach.org, at).await?;
        let Some(import) = importing(&mut tx, reach, id, WRITING).await? else { return Ok(None) };
        if import.applied != Some(i64::from(step.place)) || import.is_undone {
            drop(tx);
            return Ok(self.contact_import(reach, id).await?);
        }
        must_hold(&mut tx, writes, import.owner, WRITING).await?;
        let wanted = step.make.iter().flat_map(|one| one.groups.clone());
        let wanted = wanted.chain(step.change.iter().flat_map(|one| one.add.clone())).collect();
        let usable = usable(&mut tx, writes, wanted).await?;
        let kept = |groups: &[GroupId]| -> Vec<GroupId> {
            groups.iter().copied().filter(|group| usable.contains(group)).collect()
        };
        let new: Vec<NewContact> = step
            .make
            .iter()
            .map(|one| NewContact { owner: import.owner, groups: kept(&one.groups), ..one.clone() })
            .collect();
        let mut counts = import.counts;
        counts.made += make(&mut tx, writes, id, &new, at).await?;
        let mut written: Vec<ContactId> = new.iter().map(|one| one.id).collect();
        for one in &step.change {
            let one = ImportedChange { add: kept(&one.add), ..one.clone() };
            if change(&mut tx, (writes, import.owner), id, &one, at).await? {
                counts.changed += 1;
                written.push(one.contact);
            } else {
                counts.left += 1;
            }
        }
        follow(&mut tx, reach.org, &written).await?;
        counts.same += step.same;
        counts.skipped += step.skipped;
        let sql = "UPDATE contact_imports SET applied = $2, counts = $3, updated_at = $4, \
                   applied_at = $5 WHERE id = $1";
        let update = sqlx::query(sql)
            .bind(id.to_string())
            .bind(i64::from(step.next))
            .bind(to_json("what became of rows", &counts)?)
            .bind(at.as_micros())
            .bind(step.is_last.then_some(at.as_micros()));
        update.execute(&mut *tx).await.map_err(failed(WRITING))?;
        tx.commit().await.map_err(failed(WRITING))?;
        Ok(self.contact_import(reach, id).await?)
    }

    pub(crate) async fn merge_contacts(
        &self,
        reach: Reach,
        account: UserId,
        kept: &ImportedChange,
        others: &[(ContactId, Timestamp)],
        at: Timestamp,
    ) -> Result<ContactImport, ContactImportError> {
        let mut tx = self.begin(MERGING).await?;
        lock_org(&mut tx, reach.org, at).await?;
        must_be_known(&mut tx, reach.org, account).await?;
        must_have_room(&mut tx, reach, account).await?;
        let absent = || ContactImportError::NoSuchContact(kept.contact);
        let before = present(&mut tx, reach.org, kept.contact, MERGING).await?;
        let before = before.ok_or_else(absent)?;
        let owner: Holder = parsed("contacts.owner", &before.owner)?;
        let may = must_hold(&mut tx, reach, owner, MERGING).await;
        may.map_err(|error| match error {
            StoreError::OutOfReach { .. } => absent(),
            error => error.into(),
        })?;
        if before.updated_at != kept.seen.as_micros() {
            return Err(absent());
        }
        let mut removed = Vec::with_capacity(others.len());
        for (other, seen) in others {
            let found = present(&mut tx, reach.org, *other, MERGING).await?;
            let found = found.filter(|one| {
                let is_as_seen = one.updated_at == seen.as_micros();
                is_as_seen && one.owner == before.owner && *other != kept.contact
            });
            let found = found.ok_or(ContactImportError::NoSuchContact(*other))?;
            removed.push((*other, found.known));
        }
        let all = removed.iter().flat_map(|(_, known)| known.groups.clone());
        let all: BTreeSet<GroupId> = all.chain(before.known.groups.iter().copied()).collect();
        if all.len() > MOST_GROUPS_OF_CONTACT {
            return Err(ContactImportError::TooManyGroups);
        }
        let change = ContactChange { groups: None, ..kept.change.clone() };
        let name = match contacts::write_change(&mut tx, reach, kept.contact, &change, at).await {
            Ok(name) => name,
            Err(ChangeContactError::Store(error)) => return Err(error.into()),
            Err(_) => return Err(absent()),
        };
        let members: Vec<(GroupId, ContactId)> =
            all.iter().map(|group| (*group, kept.contact)).collect();
        groups::add_members(&mut tx, &members, MERGING).await?;
        let merged = count(removed.len());
        let import = ContactImport {
            id: ContactImportId::new(),
            org: reach.org,
            account,
            owner,
            kind: ContactImportKind::Merge,
            name: name.clone(),
            columns: 0,
            rows: 0,
            header: Vec::new(),
            plan: None,
            revision: 0,
            applied: Some(0),
            counts: ContactImportCounts {
                changed: 1,
                removed: u32::try_from(merged).unwrap_or(u32::MAX),
                ..ContactImportCounts::default()
            },
            new_groups: Vec::new(),
            applied_at: Some(at),
            undo_at: None,
            undone_at: None,
            created_at: at,
            updated_at: at,
        };
        insert(&mut tx, &import).await?;
        let now = groups_of(&mut tx, kept.contact, MERGING).await?;
        let known = Some(&before.known);
        let mut noted =
            vec![Noted { contact: kept.contact, name: &name, known, written: Some((at, now)) }];
        noted.extend(removed.iter().map(|(other, known)| Noted {
            contact: *other,
            name: &known.name,
            known: Some(known),
            written: None,
        }));
        note(&mut tx, import.id, &noted).await?;
        for (other, _) in &removed {
            let sql = "DELETE FROM contacts WHERE id = $1";
            let delete = sqlx::query(sql).bind(other.to_string()).execute(&mut *tx).await;
            delete.map_err(failed(MERGING))?;
        }
        follow(&mut tx, reach.org, &[kept.contact]).await?;
        tx.about(&kept.contact, &name);
        tx.changed(&json!({}), &json!({ "merged": merged }));
        tx.commit().await.map_err(failed(MERGING))?;
        Ok(import)
    }

    pub(crate) async fn undo_contact_import(
        &self,
        reach: Reach,
        writes: Reach,
        id: ContactImportId,
        limit: u32,
        at: Timestamp,
    ) -> Result<Option<ContactImport>, StoreError> {
        let mut tx = self.begin(UNDOING).await?;
        lock_org(&mut tx, reach.org, at).await?;
        let Some(import) = importing(&mut tx, reach, id, UNDOING).await? else { return Ok(None) };
        if !import.is_undone {
            return Ok(None);
        }
        must_hold(&mut tx, writes, import.owner, UNDOING).await?;
        let sql = "SELECT contact, known, written_at, written_groups FROM contact_import_changes \
                   WHERE import = $1 AND left_why IS NULL ORDER BY contact LIMIT $2";
        let all = sqlx::query_as::<_, ChangeLine>(sql).bind(id.to_string()).bind(i64::from(limit));
        let all = all.fetch_all(&mut *tx).await.map_err(failed(UNDOING))?;
        let mut counts = import.counts;
        if all.is_empty() {
            remove_groups(&mut tx, writes, &import.new_groups).await?;
            let sql = "UPDATE contact_imports SET undone_at = coalesce(undone_at, $2), updated_at = $2 \
                       WHERE id = $1";
            let update = sqlx::query(sql).bind(id.to_string()).bind(at.as_micros());
            update.execute(&mut *tx).await.map_err(failed(UNDOING))?;
        }
        // What a merge removed is made again as far as there is room.
        let mut room = if all.iter().any(|(_, _, written_at, _)| written_at.is_none()) {
            i64::from(MOST_CONTACTS) - contacts_there(&mut tx, reach.org, UNDOING).await?
        } else {
            0
        };
        let mut again = Vec::new();
        for (contact, known, written_at, written_groups) in all {
            let contact: ContactId = parsed("contact_import_changes.contact", &contact)?;
            let known = known.as_deref();
            let known = known
                .map(|known| read_json::<Known>("contact_import_changes.known", known))
                .transpose()?;
            let groups = written_groups.as_deref();
            let groups = groups
                .map(|all| read_json::<Vec<GroupId>>("contact_import_changes.written_groups", all))
                .transpose()?;
            let written = written_at.zip(groups);
            let whose = (writes, import.owner);
            match take_back(&mut tx, whose, contact, (known, written), &mut room, at).await? {
                None => {
                    counts.undone += 1;
                    again.push(contact);
                    let sql =
                        "DELETE FROM contact_import_changes WHERE import = $1 AND contact = $2";
                    let delete = sqlx::query(sql).bind(id.to_string()).bind(contact.to_string());
                    delete.execute(&mut *tx).await.map_err(failed(UNDOING))?;
                }
                Some(why) => {
                    counts.left += 1;
                    let sql = "UPDATE contact_import_changes SET left_why = $3 \
                               WHERE import = $1 AND contact = $2";
                    let update = sqlx::query(sql).bind(id.to_string()).bind(contact.to_string());
                    let update = update.bind(why.as_str()).execute(&mut *tx).await;
                    update.map_err(failed(UNDOING))?;
                }
            }
        }
        follow(&mut tx, reach.org, &again).await?;
        let sql = "UPDATE contact_imports SET counts = $2, updated_at = $3 WHERE id = $1";
        let update = sqlx::query(sql)
            .bind(id.to_string())
            .bind(to_json("what became of rows", &counts)?)
            .bind(at.as_micros());
        update.execute(&mut *tx).await.map_err(failed(UNDOING))?;
        tx.commit().await.map_err(failed(UNDOING))?;
        self.contact_import(reach, id).await
    }
}

/// Takes back what was done to a contact. Returns why it was left, if it was.
async fn take_back(
    tx: &mut Tx,
    (writes, owner): (Reach, Holder),
    id: ContactId,
    (known, written): (Option<Known>, Option<(i64, Vec<GroupId>)>),
    room: &mut i64,
    at: Timestamp,
) -> Result<Option<LeftWhy>, StoreError> {
    let now = present(tx, writes.org, id, UNDOING).await?;
    let (now, written_at, groups) = match (now, written) {
        (Some(now), Some((written_at, groups))) => (now, written_at, groups),
        // It was removed by the import.
        (None, None) => {
            let Some(known) = known else { return Ok(None) };
            if *room <= 0 {
                return Ok(Some(LeftWhy::Full));
            }
            *room -= 1;
            return restore(tx, (writes, owner), id, known, at).await;
        }
        (Some(_), None) => return Ok(Some(LeftWhy::There)),
        // It was made, and is gone: there is nothing to be done.
        (None, Some(_)) => return Ok(known.map(|_| LeftWhy::Removed)),
    };
    let owner = owner.to_string();
    let is_as_written = now.updated_at == written_at
        && now.owner == owner
        && in_order(&now.known.groups) == in_order(&groups);
    if !is_as_written {
        return Ok(Some(LeftWhy::Changed));
    }
    let Some(known) = known else {
        let sql = "DELETE FROM contacts WHERE id = $1";
        let delete = sqlx::query(sql).bind(id.to_string()).execute(&mut **tx).await;
        delete.map_err(failed(UNDOING))?;
        return Ok(None);
    };
    let change = ContactChange {
        name: Some(known.name),
        number: Some(known.number),
        email: Some(known.email.unwrap_or_default()),
        note: Some(known.note.unwrap_or_default()),
        tags: Some(known.tags),
        fields: Some(known.fields),
        groups: None,
    };
    match contacts::write_change(tx, writes, id, &change, at).await {
        Ok(_) => {}
        Err(ChangeContactError::Store(error)) => return Err(error),
        Err(_) => return Ok(Some(LeftWhy::Changed)),
    }
    for group in groups.iter().filter(|group| !known.groups.contains(group)) {
        let sql = "DELETE FROM contact_group_members WHERE contact_group = $1 AND contact = $2";
        let delete = sqlx::query(sql).bind(group.to_string()).bind(id.to_string());
        delete.execute(&mut **tx).await.map_err(failed(UNDOING))?;
    }
    Ok(None)
}

/// Makes a contact again that a merge removed, in those of its groups that are still there.
async fn restore(
    tx: &mut Tx,
    (writes, owner): (Reach, Holder),
    id: ContactId,
    known: Known,
    at: Timestamp,
) -> Result<Option<LeftWhy>, StoreError> {
    let everything = Reach::everything(writes.org);
    let groups = usable(tx, everything, known.groups.into_iter().collect()).await?;
    let new = NewContact {
        id,
        owner,
        name: known.name,
        number: known.number,
        email: known.email,
        note: known.note,
        tags: known.tags,
        fields: known.fields,
        groups: groups.into_iter().collect(),
    };
    let mut sql = contacts::rows(writes, std::slice::from_ref(&new), at)?;
    sql.build().execute(&mut **tx).await.map_err(failed(UNDOING))?;
    let members: Vec<(GroupId, ContactId)> = new.groups.iter().map(|group| (*group, id)).collect();
    groups::add_members(tx, &members, UNDOING).await?;
    Ok(None)
}

/// Removes groups that were made for an import, as far as nobody is in them.
async fn remove_groups(tx: &mut Tx, writes: Reach, made: &[GroupId]) -> Result<(), StoreError> {
    for group in made {
        let mut sql = QueryBuilder::<Db>::new("DELETE FROM contact_groups WHERE id = ");
        sql.push_bind(group.to_string());
        sql.push(
            " AND NOT EXISTS (SELECT 1 FROM contact_group_members m \
             WHERE m.contact_group = contact_groups.id) AND rule IS NULL AND ",
        );
        push_in_reach(&mut sql, &Rows::Kept("org", "owner"), writes);
        sql.build().execute(&mut **tx).await.map_err(failed(UNDOING))?;
    }
    Ok(())
}
