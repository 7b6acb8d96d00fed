//! Contacts.

use std::collections::BTreeMap;

use contracts::phone::PhoneError;
use contracts::{ContactId, GroupId, Holder, PhoneNumber};
use numbering::Plan;
use serde_json::{Value, json};
use store::{
    AuditAction, ChangeContactError, Contact, ContactChange, ContactFilter, CreateContactsError,
    MOST_GROUPS_OF_CONTACT, NamePage, NamePlace, NewContact, OptOutChange, StoreError,
};

use super::belonging::{Belonging, NotTheirs, changed_by};
use super::masked;
use super::name::{is_invisible, is_name};
use super::not_read::NotRead;
use crate::app::App;
use crate::authority::{Authority, Denied};
use crate::power::Power;

/// The most characters of a contact's name.
pub(crate) const LONGEST_NAME: usize = 100;
/// The most characters of an e-mail address (RFC 5321, 4.5.3.1.3, without the brackets).
pub(crate) const LONGEST_EMAIL: usize = 254;
/// The most characters of what is written of a contact.
pub(crate) const LONGEST_NOTE: usize = 500;
/// The most words that a contact is marked with.
pub(crate) const MOST_TAGS: usize = 20;
/// The most characters of such a word.
pub(crate) const LONGEST_TAG: usize = 32;
/// The most fields of a contact beside the usual ones.
pub(crate) const MOST_FIELDS: usize = 20;
/// The most characters of the name of such a field.
pub(crate) const LONGEST_FIELD_NAME: usize = 40;
/// The most characters of what stands in such a field.
pub(crate) const LONGEST_FIELD: usize = 200;
/// The names of the usual fields, which no other is called.
const USUAL_FIELDS: [&str; 4] = ["name", "number", "email", "note"];
/// The most contacts of one request.
pub(crate) const AT_ONCE: usize = 500;
/// The most characters of what a contact is known by where it comes from.
pub(crate) const LONGEST_SOURCE: usize = 100;

/// Why a contact cannot be one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unfit {
    /// The name.
    #[error("a name is 1 to {LONGEST_NAME} visible characters without spaces at its ends")]
    Name,
    /// The number.
    #[error("the number cannot be dialled: {0}")]
    Number(PhoneError),
    /// The e-mail address.
    #[error("an e-mail address has at most {LONGEST_EMAIL} characters, and an @ among them")]
    Email,
    /// What is written of it.
    #[error("a note has at most {LONGEST_NOTE} characters")]
    Note,
    /// What it is marked with.
    #[error("there are at most {MOST_TAGS} tags, each a word of at most {LONGEST_TAG} characters")]
    Tags,
    /// What else is known of it.
    #[error(
        "there are at most {MOST_FIELDS} fields, each with a name of at most {LONGEST_FIELD_NAME} characters that is none of the usual \
         fields' and has no braces, and with at most {LONGEST_FIELD} visible characters"
    )]
    Fields,
    /// The groups that it is in.
    #[error("a contact is in at most {MOST_GROUPS_OF_CONTACT} groups")]
    Groups,
}

impl Unfit {
    /// The field that is wrong.
    pub(crate) const fn field(&self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Number(_) => "number",
            Self::Email => "email",
            Self::Note => "note",
            Self::Tags => "tags",
            Self::Fields => "fields",
            Self::Groups => "groups",
        }
    }
}

/// Why a contact was not made or changed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotDone {
    /// Whose it is to be.
    #[error(transparent)]
    NotTheirs(#[from] NotTheirs),
    /// It cannot be one.
    #[error(transparent)]
    Unfit(#[from] Unfit),
    /// There are too many in one request.
    #[error("one request makes at most {AT_ONCE} contacts")]
    TooManyAtOnce,
    /// It could not be made.
    #[error(transparent)]
    Make(#[from] CreateContactsError),
    /// It could not be changed.
    #[error(transparent)]
    Change(#[from] ChangeContactError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<Denied> for NotDone {
    fn from(denied: Denied) -> Self {
        Self::NotTheirs(denied.into())
    }
}

/// A contact as it is written.
#[derive(Debug, Clone, Default)]
pub(crate) struct Written {
    /// By what it is known where it comes from.
    pub(crate) source: Option<String>,
    /// Its name.
    pub(crate) name: String,
    /// Its number.
    pub(crate) number: String,
    /// Its e-mail address.
    pub(crate) email: Option<String>,
    /// What is written of it.
    pub(crate) note: Option<String>,
    /// Words that it is marked with.
    pub(crate) tags: Vec<String>,
    /// What else is known of it, by name.
    pub(crate) fields: BTreeMap<String, String>,
    /// The groups that it is in.
    pub(crate) groups: Vec<GroupId>,
}

/// What is to be changed of one; what is none stays.
#[derive(Debug, Clone, Default)]
pub(crate) struct Change {
    /// Its name.
    pub(crate) name: Option<String>,
    /// Its number.
    pub(crate) number: Option<String>,
    /// Its e-mail address; empty: none.
    pub(crate) email: Option<String>,
    /// What is written of it; empty: nothing.
    pub(crate) note: Option<String>,
    /// Words that it is marked with.
    pub(crate) tags: Option<Vec<String>>,
    /// All that else is known of it, by name.
    pub(crate) fields: Option<BTreeMap<String, String>>,
    /// The groups that it is in.
    pub(crate) groups: Option<Vec<GroupId>>,
}

/// What became of one of many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It was made.
    Made(ContactId),
    /// It was made before.
    There(ContactId),
    /// It cannot be one.
    Refused(Unfit),
}

/// A page of those in reach, by name.
pub(crate) async fn list(
    app: &App,
    authority: &Authority,
    filter: &ContactFilter,
    page: &NamePage,
) -> Result<(Vec<Contact>, Option<NamePlace>), NotRead> {
    authority.must(Power::ContactsRead)?;
    Ok(app.store.contacts(authority.reach, filter, page).await?)
}

/// One in reach.
pub(crate) async fn one(
    app: &App,
    authority: &Authority,
    id: ContactId,
) -> Result<Option<Contact>, NotRead> {
    authority.must(Power::ContactsRead)?;
    Ok(app.store.contact(authority.reach, id).await?)
}

/// How those of some contacts went out whose numbers are sent nothing, for who may know it.
pub(crate) async fn outs(
    app: &App,
    authority: &Authority,
    contacts: &[Contact],
) -> Result<Vec<OptOutChange>, NotRead> {
    if authority.must(Power::OptOutsRead).is_err() {
        return Ok(Vec::new());
    }
    let numbers: Vec<PhoneNumber> = contacts.iter().map(|one| one.number.clone()).collect();
    Ok(app.store.opt_outs_of(authority.reach, &numbers).await?)
}

/// How a number went out, of what [`outs`] found.
pub(crate) fn out_of<'a>(
    outs: &'a [OptOutChange],
    number: &PhoneNumber,
) -> Option<&'a OptOutChange> {
    outs.iter().find(|out| out.number.is_same_phone(number))
}

/// Makes one.
pub(crate) async fn make(
    app: &App,
    authority: &Authority,
    belonging: Belonging,
    written: Written,
) -> Result<Contact, NotDone> {
    authority.must(Power::ContactsWrite)?;
    let owner = belonging.holder(app, authority).await?;
    let new = NewContact { owner, ..checked(written, &app.settings.numbering)? };
    let store = app.store.audited(authority.entry(app, AuditAction::ContactCreated));
    store
        .create_contacts(changed_by(authority), std::slice::from_ref(&new), app.clock.now())
        .await?;
    let made = app.store.contact(authority.reach, new.id).await?;
    made.ok_or(NotDone::Change(ChangeContactError::NoSuchContact))
}

/// Makes many of one account. One that cannot be a contact keeps no other from being made.
pub(crate) async fn make_many(
    app: &App,
    authority: &Authority,
    belonging: Belonging,
    all: Vec<Written>,
) -> Result<Vec<Outcome>, NotDone> {
    authority.must(Power::ContactsWrite)?;
    if all.len() > AT_ONCE {
        return Err(NotDone::TooManyAtOnce);
    }
    let owner = belonging.holder(app, authority).await?;
    let mut new = Vec::with_capacity(all.len());
    let mut outcomes = Vec::with_capacity(all.len());
    for mut written in all {
        let source = written.source.take().filter(|source| !source.is_empty());
        match checked(written, &app.settings.numbering) {
            Ok(contact) => {
                let of_source =
                    |source: String| ContactId::of_source(authority.org, owner, &source);
                let id = source.map_or(contact.id, of_source);
                // Until it is known which of them are there.
                outcomes.push(Outcome::There(id));
                new.push(NewContact { id, owner, ..contact });
            }
            Err(unfit) => outcomes.push(Outcome::Refused(unfit)),
        }
    }
    let store = app.store.audited(authority.entry(app, AuditAction::ContactCreated));
    let made = store.create_contacts(changed_by(authority), &new, app.clock.now()).await?;
    let kept = outcomes.iter_mut().filter(|outcome| matches!(outcome, Outcome::There(_)));
    for ((outcome, contact), is_made) in kept.zip(&new).zip(made) {
        if is_made {
            *outcome = Outcome::Made(contact.id);
        }
    }
    Ok(outcomes)
}

/// Changes one that is one's own, or, as an administrator, anybody's and what all share.
pub(crate) async fn change(
    app: &App,
    authority: &Authority,
    id: ContactId,
    change: Change,
) -> Result<Contact, NotDone> {
    authority.must(Power::ContactsWrite)?;
    let plan = &app.settings.numbering;
    let change = ContactChange {
        name: change.name.map(|name| checked_name(&name)).transpose()?,
        number: change.number.map(|number| checked_number(&number, plan)).transpose()?,
        email: change.email.map(|email| checked_email(&email)).transpose()?,
        note: change.note.map(|note| checked_note(&note)).transpose()?,
        tags: change.tags.map(|tags| checked_tags(&tags)).transpose()?,
        fields: change.fields.map(checked_fields).transpose()?,
        groups: change.groups.map(checked_groups).transpose()?,
    };
    let entry = authority.entry(app, AuditAction::ContactChanged).with(&shown(&change));
    let store = app.store.audited(entry);
    Ok(store.change_contact(changed_by(authority), id, &change, app.clock.now()).await?)
}

/// Removes one that could be changed; false: there is none.
pub(crate) async fn remove(
    app: &App,
    authority: &Authority,
    id: ContactId,
) -> Result<bool, NotRead> {
    authority.must(Power::ContactsWrite)?;
    let store = app.store.audited(authority.entry(app, AuditAction::ContactRemoved));
    Ok(store.remove_contact(changed_by(authority), id, app.clock.now()).await?)
}

/// A change as the audit log shows it: which fields it is of, and no more than that of what is a person's own.
fn shown(change: &ContactChange) -> Value {
    let given = |is_given: bool| is_given.then_some(true);
    json!({
        "name": change.name,
        "number": change.number.as_ref().map(masked::number),
        "email_changed": given(change.email.is_some()),
        "note_changed": given(change.note.is_some()),
        "tags": change.tags,
        "fields_changed": given(change.fields.is_some()),
        "groups": change.groups.as_ref().map(Vec::len),
    })
}

/// A contact of nobody yet.
pub(super) fn checked(written: Written, plan: &Plan) -> Result<NewContact, Unfit> {
    let filled = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
    Ok(NewContact {
        id: ContactId::new(),
        owner: Holder::Everybody,
        name: checked_name(&written.name)?,
        number: checked_number(&written.number, plan)?,
        email: filled(written.email).map(|email| checked_email(&email)).transpose()?,
        note: filled(written.note).map(|note| checked_note(&note)).transpose()?,
        tags: checked_tags(&written.tags)?,
        fields: checked_fields(written.fields)?,
        groups: checked_groups(written.groups)?,
    })
}

fn checked_name(written: &str) -> Result<String, Unfit> {
    if is_name(written, LONGEST_NAME) { Ok(written.to_owned()) } else { Err(Unfit::Name) }
}

/// The number as messages go to it. A contact may have one that is sent nothing.
fn checked_number(written: &str, plan: &Plan) -> Result<PhoneNumber, Unfit> {
    let number = plan.written(written).map_err(Unfit::Number)?;
    number.is_whole().map_err(Unfit::Number)?;
    Ok(number)
}

/// Empty: none.
fn checked_email(written: &str) -> Result<String, Unfit> {
    let written = written.trim();
    let is_one = |c: char| !c.is_whitespace() && !c.is_control();
    let is_email = written.contains('@') && written.chars().all(is_one);
    let fits = written.is_empty() || is_email;
    if fits && written.chars().count() <= LONGEST_EMAIL {
        Ok(written.to_owned())
    } else {
        Err(Unfit::Email)
    }
}

fn checked_note(written: &str) -> Result<String, Unfit> {
    let written = written.trim();
    if written.chars().count() <= LONGEST_NOTE { Ok(written.to_owned()) } else { Err(Unfit::Note) }
}

fn checked_tags(written: &[String]) -> Result<Vec<String>, Unfit> {
    let mut tags: Vec<String> = Vec::new();
    for tag in written {
        let is_word = (1..=LONGEST_TAG).contains(&tag.chars().count())
            && !tag.chars().any(|c| c.is_whitespace() || c.is_control());
        if !is_word {
            return Err(Unfit::Tags);
        }
        if !tags.contains(tag) {
            tags.push(tag.clone());
        }
    }
    if tags.len() <= MOST_TAGS { Ok(tags) } else { Err(Unfit::Tags) }
}

/// Fields that are not empty.
fn checked_fields(written: BTreeMap<String, String>) -> Result<BTreeMap<String, String>, Unfit> {
    let mut fields: BTreeMap<String, String> = BTreeMap::new();
    for (name, text) in written {
        let text = text.trim();
        let small = name.to_lowercase();
        let is_field = is_name(&name, LONGEST_FIELD_NAME)
            && !name.contains(['{', '}'])
            && !USUAL_FIELDS.contains(&small.as_str())
            && !fields.keys().any(|known| known.to_lowercase() == small);
        let is_text = text.chars().count() <= LONGEST_FIELD
            && !text.chars().any(|c| c.is_control() || is_invisible(c));
        if !is_field || !is_text {
            return Err(Unfit::Fields);
        }
        if !text.is_empty() {
            fields.insert(name, text.to_owned());
        }
    }
    if fields.len() <= MOST_FIELDS { Ok(fields) } else { Err(Unfit::Fields) }
}

fn checked_groups(groups: Vec<GroupId>) -> Result<Vec<GroupId>, Unfit> {
    if groups.len() <= MOST_GROUPS_OF_CONTACT { Ok(groups) } else { Err(Unfit::Groups) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contact_is_bounded() {
        let good = Written {
            name: "n".repeat(LONGEST_NAME),
            number: "+62 812-345678".to_owned(),
            email: Some(format!("{}@x", "e".repeat(LONGEST_EMAIL - 2))),
            note: Some("n".repeat(LONGEST_NOTE)),
            tags: (0..MOST_TAGS).map(|n| format!("{n:0>LONGEST_TAG$}")).collect(),
            fields: (0..MOST_FIELDS)
                .map(|n| (format!("{n:0>LONGEST_FIELD_NAME$}"), "t".repeat(LONGEST_FIELD)))
                .collect(),
            groups: vec![GroupId::new(); MOST_GROUPS_OF_CONTACT],
            ..Written::default()
        };
        let read = checked(good.clone(), &Plan::default()).unwrap();
        assert_eq!((read.number.as_str(), read.tags.len()), ("+62812345678", MOST_TAGS));
        let with = |change: fn(&mut Written)| {
            let mut written = good.clone();
            change(&mut written);
            checked(written, &Plan::default()).err().unwrap().field()
        };
        assert_eq!(with(|one| one.name.push('n')), "name");
        assert_eq!(with(|one| one.name = " budi".to_owned()), "name");
        assert_eq!(with(|one| one.name = "bu\u{202e}di".to_owned()), "name");
        assert_eq!(with(|one| one.number = "+62812".to_owned()), "number");
        assert_eq!(with(|one| one.number = "budi".to_owned()), "number");
        assert_eq!(with(|one| one.email = Some("budi".to_owned())), "email");
        assert_eq!(
            with(|one| one.email = Some(format!("@{}", "e".repeat(LONGEST_EMAIL)))),
            "email"
        );
        assert_eq!(with(|one| one.note = Some("n".repeat(LONGEST_NOTE + 1))), "note");
        assert_eq!(with(|one| one.tags.push("x".to_owned())), "tags");
        assert_eq!(with(|one| one.tags[0] = "two words".to_owned()), "tags");
        assert_eq!(with(|one| one.tags[0].push('x')), "tags");
        assert_eq!(with(|one| one.groups.push(GroupId::new())), "groups");
        for (name, text) in [
            ("one more", "x"),
            ("Email", "x"),
            ("{x}", "x"),
            ("", "x"),
            ("\u{202e}x", "x"),
            ("x", "\u{202e}"),
        ] {
            let mut written = Written { fields: BTreeMap::new(), ..good.clone() };
            if name == "one more" {
                written.fields.clone_from(&good.fields);
            }
            written.fields.insert(name.to_owned(), text.to_owned());
            let unfit = checked(written, &Plan::default()).err().unwrap();
            assert_eq!(unfit.field(), "fields", "{name}");
        }
        assert_eq!(with(|one| drop(one.fields.insert("x".repeat(41), "x".to_owned()))), "fields");
        assert_eq!(with(|one| one.fields.values_mut().for_each(|text| text.push('t'))), "fields");
    }

    #[test]
    fn what_is_empty_is_none() {
        let written = Written {
            name: "Budi".to_owned(),
            number: "0812345678".to_owned(),
            email: Some(String::new()),
            note: Some(" ".to_owned()),
            tags: vec!["vip".to_owned(), "vip".to_owned()],
            fields: BTreeMap::from([("Kota".to_owned(), " ".to_owned())]),
            ..Written::default()
        };
        let at_home = Plan { home: "ID".parse().ok(), ..Plan::default() };
        let read = checked(written.clone(), &at_home).unwrap();
        assert_eq!(read.number.as_str(), "+62812345678");
        let read = checked(written, &Plan::default()).unwrap();
        assert_eq!(read.number.as_str(), "0812345678");
        assert_eq!((read.email, read.note, read.tags.len()), (None, None, 1));
        assert!(read.fields.is_empty());
    }
}
