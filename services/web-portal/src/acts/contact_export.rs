//! Contacts as CSV, with the columns by which a file of contacts is imported again.

use std::collections::{BTreeMap, HashMap};

use contracts::{GroupId, Holder};
use futures_util::future::ready;
use futures_util::stream::{self, StreamExt as _};
use store::{Contact, ContactFilter, Group, NamePage, NamePlace};

use super::contact_import::listed;
use super::export::{Csv, in_turn};
use super::{contact, group};
use crate::acts::not_read::NotRead;
use crate::app::App;
use crate::authority::Authority;
use crate::csv::row;
use crate::power::Power;

/// Contacts, and groups, that are read at once.
const AT_ONCE: u32 = 500;
/// The most columns of fields: with the usual ones as many as a file has that is imported.
const MOST_FIELDS: usize = sheet::MOST_COLUMNS - USUAL.len();
/// The usual columns.
const USUAL: [&str; 6] = ["name", "number", "email", "note", "tags", "groups"];

/// A group as a file names it.
struct Listing {
    owner: Holder,
    name: String,
}

/// What is left to be written.
struct Going {
    app: App,
    authority: Authority,
    filter: ContactFilter,
    groups: HashMap<GroupId, Listing>,
    /// The fields, by their names in small letters.
    fields: BTreeMap<String, String>,
    /// Where the next page begins.
    after: Option<NamePlace>,
    /// There is no next page.
    is_over: bool,
}

/// All contacts in reach that a filter leaves, by name. Which fields there are is found first, so they are read twice.
pub(crate) async fn csv(
    app: &App,
    authority: &Authority,
    filter: ContactFilter,
) -> Result<Csv, NotRead> {
    authority.must(Power::ContactsRead)?;
    let mut fields: BTreeMap<String, String> = BTreeMap::new();
    let mut after = None;
    loop {
        let page = NamePage { after, limit: AT_ONCE };
        let (some, next) = in_turn(contact::list(app, authority, &filter, &page)).await?;
        for name in some.iter().flat_map(|contact| contact.fields.keys()) {
            if fields.len() < MOST_FIELDS {
                fields.entry(name.to_lowercase()).or_insert_with(|| name.clone());
            }
        }
        match next {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    let mut groups = HashMap::new();
    let mut after = None;
    loop {
        let page = NamePage { after, limit: AT_ONCE };
        let (some, next) = in_turn(group::list(app, authority, None, &page)).await?;
        // Nobody is put by hand into a group by rule, so no file says so either.
        let by_hand = some.into_iter().filter(|group| group.rule.is_none());
        groups.extend(by_hand.map(|group| {
            let Group { id, owner, name, .. } = group;
            (id, Listing { owner, name })
        }));
        match next {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    let head: Vec<&str> = USUAL.into_iter().chain(fields.values().map(String::as_str)).collect();
    let head = row(&head);
    let (app, authority) = (app.clone(), authority.clone());
    let going = Going { app, authority, filter, groups, fields, after: None, is_over: false };
    let rest = stream::unfold(going, |mut going| async move {
        if going.is_over {
            return None;
        }
        let page = NamePage { after: going.after.take(), limit: AT_ONCE };
        let found = contact::list(&going.app, &going.authority, &going.filter, &page);
        match in_turn(found).await {
            Ok((found, next)) => {
                going.is_over = next.is_none();
                going.after = next;
                let rows: String = found.iter().map(|contact| written(&going, contact)).collect();
                Some((Ok(rows), going))
            }
            Err(error) => {
                going.is_over = true;
                Some((Err(error), going))
            }
        }
    });
    Ok(stream::once(ready(Ok(head))).chain(rest).boxed())
}

fn written(going: &Going, contact: &Contact) -> String {
    let groups = contact.groups.iter().filter_map(|group| going.groups.get(group));
    // An import puts contacts into groups of their owner alone, and would make others anew.
    let groups = groups.filter(|group| group.owner == contact.owner);
    let groups: Vec<&str> = groups.map(|group| group.name.as_str()).collect();
    let tags: Vec<&str> = contact.tags.iter().map(String::as_str).collect();
    let has_marks = tags.iter().any(|tag| listed::needs_quotes(tag));
    let usual = [
        contact.name.clone(),
        contact.number.to_string(),
        contact.email.clone().unwrap_or_default(),
        contact.note.clone().unwrap_or_default(),
        if has_marks { listed::cell(&tags) } else { tags.join(" ") },
        listed::cell(&groups),
    ];
    let fields = going.fields.keys().map(|field| {
        let mut known = contact.fields.iter().filter(|(name, _)| name.to_lowercase() == *field);
        known.next().map(|(_, text)| text.clone()).unwrap_or_default()
    });
    row(&usual.into_iter().chain(fields).collect::<Vec<_>>())
}
