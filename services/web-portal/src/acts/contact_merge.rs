//! Contacts that are there twice: found, and made one.

use contracts::ContactId;
use store::{
    AuditAction, Contact, ContactChange, ContactImportError, DoublesBy, ImportedChange, MOST_MERGED,
};

use super::belonging::{Belonging, changed_by};
use super::contact::{LONGEST_NOTE, MOST_FIELDS, MOST_TAGS};
use super::contact_import::{Known, NotDone, known};
use crate::app::App;
use crate::authority::Authority;
use crate::power::Power;

/// Sets of contacts of a page.
pub(crate) const SETS: u32 = 50;
/// The most characters of the place at which a page begins.
pub(crate) const LONGEST_PLACE: usize = 200;

/// Sets of contacts of one account that have one phone or one name, from the one after a place, and the place at which the next page
/// begins.
pub(crate) async fn doubles(
    app: &App,
    authority: &Authority,
    belonging: Belonging,
    by: DoublesBy,
    after: Option<&str>,
) -> Result<(Vec<Vec<Contact>>, Option<String>), NotDone> {
    authority.must(Power::ContactsWrite)?;
    let owner = belonging.holder(app, authority).await?;
    Ok(app.store.doubles(changed_by(authority), owner, by, after, SETS).await?)
}

/// Makes contacts of one account one. The first stays, with the tags, fields and groups of all; what the others have otherwise goes to
/// its note.
pub(crate) async fn merge(
    app: &App,
    authority: &Authority,
    kept: ContactId,
    others: &[ContactId],
) -> Result<Known, NotDone> {
    authority.must(Power::ContactsWrite)?;
    let mut others = others.to_vec();
    others.sort_unstable();
    others.dedup();
    others.retain(|other| *other != kept);
    if !(1..MOST_MERGED).contains(&others.len()) {
        return Err(NotDone::TooFew);
    }
    let reach = changed_by(authority);
    let absent = |id: ContactId| ContactImportError::NoSuchContact(id);
    let first = app.store.contact(reach, kept).await?.ok_or_else(|| absent(kept))?;
    let mut all = Vec::with_capacity(others.len());
    for other in &others {
        all.push(app.store.contact(reach, *other).await?.ok_or_else(|| absent(*other))?);
    }
    let change = merged(&first, &all)?;
    let kept = ImportedChange { contact: kept, seen: first.updated_at, change, add: Vec::new() };
    let store = app.store.audited(authority.entry(app, AuditAction::ContactsMerged));
    let account = authority.owner();
    let others: Vec<_> = all.iter().map(|other| (other.id, other.updated_at)).collect();
    let now = app.clock.now();
    Ok(known(store.merge_contacts(reach, account, &kept, &others, now).await?))
}

/// What changes of a contact into which others are merged.
fn merged(kept: &Contact, others: &[Contact]) -> Result<ContactChange, NotDone> {
    let mut tags = kept.tags.clone();
    let mut fields = kept.fields.clone();
    let mut email = kept.email.clone();
    let mut notes: Vec<String> = kept.note.iter().cloned().collect();
    let mut said: Vec<String> = Vec::new();
    for other in others {
        for tag in &other.tags {
            if !tags.iter().any(|known| known.to_lowercase() == tag.to_lowercase()) {
                tags.push(tag.clone());
            }
        }
        for (name, text) in &other.fields {
            let small = name.to_lowercase();
            let there = fields.iter().find(|(known, _)| known.to_lowercase() == small);
            match there.map(|(_, known)| known == text) {
                Some(true) => {}
                Some(false) => said.push(format!("{name}: {text}")),
                None => drop(fields.insert(name.clone(), text.clone())),
            }
        }
        if other.name.to_lowercase() != kept.name.to_lowercase() {
            said.push(other.name.clone());
        }
        if other.number != kept.number {
            said.push(other.number.to_string());
        }
        match &other.email {
            Some(theirs) if email.is_none() => email = Some(theirs.clone()),
            Some(theirs) if email.as_ref() != Some(theirs) => said.push(theirs.clone()),
            _ => {}
        }
        notes.extend(
            other.note.iter().filter(|note| !kept.note.iter().any(|one| one == *note)).cloned(),
        );
    }
    let mut each: Vec<String> = Vec::new();
    for text in notes.into_iter().chain(said) {
        if !each.contains(&text) {
            each.push(text);
        }
    }
    let note = each.join("; ");
    let is_too_much =
        tags.len() > MOST_TAGS || fields.len() > MOST_FIELDS || note.chars().count() > LONGEST_NOTE;
    if is_too_much {
        return Err(NotDone::TooMuch);
    }
    Ok(ContactChange {
        email: email.filter(|email| kept.email.as_ref() != Some(email)),
        note: Some(note).filter(|note| kept.note.as_deref().unwrap_or_default() != note),
        tags: (tags != kept.tags).then_some(tags),
        fields: (fields != kept.fields).then_some(fields),
        ..ContactChange::default()
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use contracts::{Holder, OrgId, Timestamp};

    use super::*;

    fn contact(name: &str, number: &str) -> Contact {
        Contact {
            id: ContactId::new(),
            org: OrgId::default_org(),
            owner: Holder::Everybody,
            name: name.to_owned(),
            number: number.parse().unwrap(),
            email: None,
            note: None,
            tags: Vec::new(),
            fields: BTreeMap::new(),
            groups: Vec::new(),
            created_at: Timestamp::from_micros(1),
            updated_at: Timestamp::from_micros(1),
        }
    }

    #[test]
    fn what_differs_of_those_that_are_merged_goes_to_the_note() {
        let field = |text: &str| BTreeMap::from([("Kota".to_owned(), text.to_owned())]);
        let kept = Contact {
            note: Some("Kue".to_owned()),
            tags: vec!["vip".to_owned()],
            fields: field("Bandung"),
            ..contact("Siti", "+628111111111")
        };
        let other = Contact {
            email: Some("siti@a.example".to_owned()),
            note: Some("Teh".to_owned()),
            tags: vec!["VIP".to_owned(), "lama".to_owned()],
            fields: field("Garut"),
            ..contact("Siti R.", "08111111111")
        };
        let change = merged(&kept, std::slice::from_ref(&other)).unwrap();
        assert_eq!((change.name, change.number), (None, None));
        assert_eq!(change.email.as_deref(), Some("siti@a.example"));
        assert_eq!(change.tags.unwrap(), ["vip", "lama"]);
        assert_eq!(change.fields, None);
        assert_eq!(change.note.as_deref(), Some("Kue; Teh; Kota: Garut; Siti R.; 08111111111"));
        let many = (0..MOST_TAGS).map(|n| n.to_string()).collect();
        let full = Contact { tags: many, ..contact("Siti", "+628111111111") };
        assert!(matches!(merged(&full, &[other]), Err(NotDone::TooMuch)));
        let same = merged(&kept, &[Contact { id: ContactId::new(), ..kept.clone() }]).unwrap();
        assert!(same == ContactChange::default());
    }
}
