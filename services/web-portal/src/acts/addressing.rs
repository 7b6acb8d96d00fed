//! Whom a list of recipients means that names contacts and groups beside numbers.
//!
//! A name is taken for the contact that is called so, else for the one whose name begins so, else for the group of that name; `#` before it
//! says that it is a group, by its name or its code. What could be several is refused and named: nobody is chosen among them.

use std::collections::HashSet;

use contracts::phone::PhoneError;
use contracts::{ContactId, GroupId, Holder};
use numbering::{Plan, Unusable};
use store::{Contact, ContactFilter, Group, NamePage, NamePlace, Personalia};

use crate::acts::draft::RECIPIENTS;
use crate::acts::not_read::NotRead;
use crate::acts::{contact, group};
use crate::app::App;
use crate::authority::Authority;
use crate::power::Power;

/// What says that a name is that of a group.
const GROUP: char = '#';
/// How many contacts and groups are looked at whose names come next to a name.
const NEAR: u32 = 50;
/// How many of those that could be meant are named.
const NAMED: usize = 5;
/// How many contacts and how many groups are offered for the beginning of a name.
const OFFERED: u32 = 6;
/// The fewest characters for which some are offered.
const FEWEST: usize = 2;
/// Contacts of a group that are read at once.
const AT_ONCE: u32 = 500;

/// All whom a list of recipients means.
#[derive(Clone, Default)]
pub(crate) struct Addressed {
    /// What is known of each of them, each number once, in the order in which they were written.
    pub(crate) people: Vec<Personalia>,
    /// The numbers of those that no group brought.
    pub(crate) alone: Vec<String>,
    /// The groups.
    pub(crate) groups: Vec<GroupId>,
    /// What names were taken for, in the order in which they were written.
    pub(crate) understood: Vec<Understood>,
}

/// What a name was taken for.
#[derive(Clone)]
pub(crate) struct Understood {
    /// The name as it was written.
    pub(crate) written: String,
    /// Whom it means.
    pub(crate) meant: Meant,
}

/// Whom a name means.
#[derive(Clone)]
pub(crate) enum Meant {
    /// A contact.
    Contact {
        /// The whole name.
        name: String,
        /// The number.
        number: String,
    },
    /// The contacts of a group.
    Group {
        /// The name of the group.
        name: String,
        /// How many they are.
        contacts: usize,
    },
}

/// A name that means nobody, or nobody in particular.
#[derive(Clone)]
pub(crate) enum Misunderstood {
    /// Neither a number nor the name of a contact or group.
    Unknown(String),
    /// It could be several.
    Several {
        /// The name as it was written.
        written: String,
        /// The first of them: names, and numbers of contacts.
        could_be: Vec<String>,
    },
    /// A group without contacts.
    NobodyIn(String),
}

/// Why it is not known whom a list of recipients means.
pub(crate) enum NotAddressed {
    /// Some names mean nobody in particular.
    Misunderstood(Vec<Misunderstood>),
    /// More people than one form is sent to.
    TooMany,
    /// Contacts or groups could not be read.
    NotRead(NotRead),
}

impl From<NotRead> for NotAddressed {
    fn from(not_read: NotRead) -> Self {
        Self::NotRead(not_read)
    }
}

/// Somebody that is offered while a name is written.
#[derive(Clone)]
pub(crate) struct Offer {
    /// What is put into the list of recipients.
    pub(crate) entry: String,
    /// What is known of it: the name and the number, or the name and how many contacts.
    pub(crate) name: String,
    /// The number of a contact; none: it is a group.
    pub(crate) number: Option<String>,
    /// How many contacts a group has.
    pub(crate) contacts: u64,
}

/// Finds out whom the entries of a list mean. What reads as a number is not looked up: whether it is sent to, is asked when it is sent.
pub(crate) async fn find(
    app: &App,
    authority: &Authority,
    entries: &[String],
) -> Result<Addressed, NotAddressed> {
    authority.must(Power::MessagesSend).map_err(NotRead::Denied)?;
    let plan = &app.settings.numbering;
    let reads = authority.may(Power::ContactsRead);
    if entries.len() > RECIPIENTS {
        return Err(NotAddressed::TooMany);
    }
    let mut found = Addressed::default();
    let mut seen = HashSet::new();
    let mut misunderstood = Vec::new();
    for entry in entries {
        if !reads || !is_name(plan, entry) {
            let one = Personalia { number: entry.clone(), ..Personalia::default() };
            if seen.insert(dialled(plan, entry)) {
                found.alone.push(entry.clone());
                found.people.push(one);
            }
            continue;
        }
        match look_up(app, authority, entry).await? {
            Ok(Known::Contact(contact)) => {
                let number = contact.number.to_string();
                let meant = Meant::Contact { name: contact.name.clone(), number: number.clone() };
                found.understood.push(Understood { written: entry.clone(), meant });
                if seen.insert(dialled(plan, &number)) {
                    found.alone.push(number);
                    found.people.push(personalia(contact));
                }
            }
            Ok(Known::Group(group)) => {
                let members = members(app, authority, &group).await?;
                if members.is_empty() {
                    misunderstood.push(Misunderstood::NobodyIn(group.name));
                    continue;
                }
                let meant = Meant::Group { name: group.name, contacts: members.len() };
                found.understood.push(Understood { written: entry.clone(), meant });
                found.groups.push(group.id);
                let new = members
                    .into_iter()
                    .filter(|member| seen.insert(dialled(plan, &member.number.to_string())));
                found.people.extend(new.map(personalia));
            }
            Err(fault) => misunderstood.push(fault),
        }
        if found.people.len() > RECIPIENTS {
            return Err(NotAddressed::TooMany);
        }
    }
    if misunderstood.is_empty() {
        Ok(found)
    } else {
        Err(NotAddressed::Misunderstood(misunderstood))
    }
}

/// Offers contacts and groups in whose names the beginning of a name is found; few characters find nobody.
pub(crate) async fn offers(
    app: &App,
    authority: &Authority,
    begun: &str,
) -> Result<Vec<Offer>, NotRead> {
    authority.must(Power::ContactsRead)?;
    let begun = begun.trim();
    let name = begun.trim_start_matches(GROUP).trim();
    if name.chars().count() < FEWEST {
        return Ok(Vec::new());
    }
    let page = NamePage { after: None, limit: OFFERED };
    let (groups, _) = group::list(app, authority, Some(name), &page).await?;
    let mut offers: Vec<Offer> = groups.into_iter().map(offer_of_group).collect();
    if !begun.starts_with(GROUP) {
        let filter = ContactFilter { search: Some(name.to_owned()), group: None, tag: None };
        let (contacts, _) = contact::list(app, authority, &filter, &page).await?;
        let mut names = HashSet::new();
        let offered = contacts.into_iter().map(|contact| {
            let number = contact.number.to_string();
            // What a list would read otherwise, or as somebody else, is put there as the number.
            let is_plain = !contact.name.contains([',', ';', '\n'])
                && is_name(&app.settings.numbering, &contact.name)
                && names.insert(contact.name.to_lowercase());
            let entry = if is_plain { contact.name.clone() } else { number.clone() };
            Offer { entry, name: contact.name, number: Some(number), contacts: 0 }
        });
        offers.extend(offered);
    }
    Ok(offers)
}

fn offer_of_group(group: Group) -> Offer {
    let is_plain = !group.name.contains([',', ';', '\n']);
    let code = group.code.clone().filter(|_| !is_plain);
    let entry = format!("{GROUP}{}", code.as_ref().unwrap_or(&group.name));
    Offer { entry, name: group.name, number: None, contacts: group.members }
}

/// Whether an entry is a name: it has a character that no number has.
fn is_name(plan: &Plan, entry: &str) -> bool {
    entry.starts_with(GROUP)
        || matches!(plan.read(entry), Err(Unusable::Unreadable(PhoneError::Character(_))))
}

/// A number as it is dialled, so that two writings of it are one; what is none stays.
fn dialled(plan: &Plan, written: &str) -> String {
    plan.read(written).map_or_else(|_| written.to_owned(), |number| number.to_string())
}

fn personalia(contact: Contact) -> Personalia {
    Personalia {
        name: contact.name,
        number: contact.number.to_string(),
        email: contact.email.unwrap_or_default(),
        note: contact.note.unwrap_or_default(),
        fields: contact.fields,
    }
}

/// What a name stands for.
enum Known {
    Contact(Contact),
    Group(Group),
}

async fn look_up(
    app: &App,
    authority: &Authority,
    written: &str,
) -> Result<Result<Known, Misunderstood>, NotRead> {
    if let Some(name) = written.strip_prefix(GROUP) {
        return Ok(group_called(app, authority, written, name.trim()).await?.map(Known::Group));
    }
    let found = contacts_called(app, authority, written).await?;
    if found.is_empty() {
        let group = group_called(app, authority, written, written).await?;
        return Ok(group.map(Known::Group));
    }
    // Two entries of one number are one person.
    let mut numbers = HashSet::new();
    let plan = &app.settings.numbering;
    let mut found: Vec<Contact> = found
        .into_iter()
        .filter(|contact| numbers.insert(dialled(plan, &contact.number.to_string())))
        .collect();
    if found.len() == 1
        && let Some(contact) = found.pop()
    {
        return Ok(Ok(Known::Contact(contact)));
    }
    let could_be = found.iter().take(NAMED);
    let could_be = could_be.map(|one| format!("{} {}", one.name, one.number)).collect();
    Ok(Err(Misunderstood::Several { written: written.to_owned(), could_be }))
}

/// The contacts of this very name; where there is none, those whose names begin so.
async fn contacts_called(
    app: &App,
    authority: &Authority,
    name: &str,
) -> Result<Vec<Contact>, NotRead> {
    authority.must(Power::ContactsRead)?;
    let key = name.to_lowercase();
    let (near, _) = contact::list(app, authority, &ContactFilter::default(), &from(&key)).await?;
    let (same, longer): (Vec<Contact>, Vec<Contact>) = near
        .into_iter()
        .filter(|contact| contact.name.to_lowercase().starts_with(&key))
        .partition(|contact| contact.name.to_lowercase() == key);
    Ok(if same.is_empty() { longer } else { same })
}

/// The group of this very name or code.
async fn group_called(
    app: &App,
    authority: &Authority,
    written: &str,
    name: &str,
) -> Result<Result<Group, Misunderstood>, NotRead> {
    authority.must(Power::ContactsRead)?;
    let key = name.to_lowercase();
    if key.is_empty() {
        return Ok(Err(Misunderstood::Unknown(written.to_owned())));
    }
    let (near, _) = group::list(app, authority, None, &from(&key)).await?;
    let is_it = |group: &Group| {
        let code = group.code.as_ref().map(|code| code.to_lowercase());
        group.name.to_lowercase() == key || code.as_ref() == Some(&key)
    };
    let mut found: Vec<Group> = near.into_iter().filter(is_it).collect();
    if found.is_empty() {
        let page = NamePage { after: None, limit: NEAR };
        let (having, _) = group::list(app, authority, Some(name), &page).await?;
        found = having.into_iter().filter(is_it).collect();
    }
    // Of two that are called so, one's own is meant.
    let own = Holder::User(authority.owner());
    if found.len() > 1 && found.iter().filter(|group| group.owner == own).count() == 1 {
        found.retain(|group| group.owner == own);
    }
    match found.pop() {
        Some(group) if found.is_empty() => Ok(Ok(group)),
        Some(group) => {
            found.push(group);
            let could_be = found.iter().take(NAMED).map(|group| group.name.clone()).collect();
            Ok(Err(Misunderstood::Several { written: written.to_owned(), could_be }))
        }
        None => Ok(Err(Misunderstood::Unknown(written.to_owned()))),
    }
}

/// The page of a list by name that begins where this name stands.
fn from(key: &str) -> NamePage {
    let after = NamePlace { name_key: key.to_owned(), id: String::new() };
    NamePage { after: Some(after), limit: NEAR }
}

/// The contacts of a group.
async fn members(
    app: &App,
    authority: &Authority,
    group: &Group,
) -> Result<Vec<Contact>, NotAddressed> {
    authority.must(Power::ContactsRead).map_err(NotRead::Denied)?;
    let filter = ContactFilter { search: None, group: Some(group.id), tag: None };
    let mut members: Vec<Contact> = Vec::new();
    let mut seen: HashSet<ContactId> = HashSet::new();
    let mut after = None;
    loop {
        let page = NamePage { after, limit: AT_ONCE };
        let (some, next) = contact::list(app, authority, &filter, &page).await?;
        members.extend(some.into_iter().filter(|contact| seen.insert(contact.id)));
        if members.len() > RECIPIENTS {
            return Err(NotAddressed::TooMany);
        }
        match next {
            Some(next) => after = Some(next),
            None => return Ok(members),
        }
    }
}
