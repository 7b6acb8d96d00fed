//! `op=get_contact` and `op=get_contact_group`.

use std::collections::HashMap;

use contracts::GroupId;
use store::{Contact, ContactFilter, Group, NamePage};
use uuid::Uuid;

use super::listing;
use super::reply::{Done, Fault, Refusal, data_of};
use super::value::Value;
use crate::acts::name::LONGEST_SEARCHED;
use crate::acts::{contact, group};
use crate::app::App;
use crate::authority::Authority;
use crate::form::Form;

/// The most groups that are named with contacts.
const GROUPS: u32 = 1_000;

/// `get_contact`: those with `kwd` in name, number, e-mail address or tags, each with the first of its groups.
pub(super) async fn contacts(
    app: &App,
    authority: &Authority,
    form: &Form,
) -> Result<Done, Refusal> {
    let page = NamePage { after: None, limit: listing::count(form)? };
    let filter =
        ContactFilter { search: searched(form)?.map(str::to_owned), group: None, tag: None };
    let (contacts, _) = contact::list(app, authority, &filter, &page).await?;
    let page = NamePage { after: None, limit: GROUPS };
    let (groups, _) = group::list(app, authority, None, &page).await?;
    let groups: HashMap<GroupId, Group> =
        groups.into_iter().map(|group| (group.id, group)).collect();
    data_of(contacts.iter().map(|contact| item(contact, &groups)).collect())
}

/// `get_contact_group`: those with `kwd` in name or code.
pub(super) async fn groups(app: &App, authority: &Authority, form: &Form) -> Result<Done, Refusal> {
    let page = NamePage { after: None, limit: listing::count(form)? };
    let (groups, _) = group::list(app, authority, searched(form)?, &page).await?;
    data_of(groups.iter().map(|group| Value::Map(of_group(Some(group)).into())).collect())
}

/// `kwd`: what is searched for, if anything is.
fn searched(form: &Form) -> Result<Option<&str>, Refusal> {
    match form.filled("kwd") {
        Some(kwd) if kwd.chars().count() > LONGEST_SEARCHED => Err(Refusal::with(
            Fault::Nothing,
            format!("kwd: it has at most {LONGEST_SEARCHED} characters"),
        )),
        kwd => Ok(kwd),
    }
}

fn item(contact: &Contact, groups: &HashMap<GroupId, Group>) -> Value {
    let group = contact.groups.iter().find_map(|group| groups.get(group));
    let [gpid, group_name, code] = of_group(group);
    Value::Map(vec![
        ("pid", number(contact.id.uuid())),
        gpid,
        ("p_desc", Value::text(contact.name.as_str())),
        ("p_num", Value::text(contact.number.as_str())),
        ("email", Value::text(contact.email.as_deref().unwrap_or_default())),
        group_name,
        code,
    ])
}

fn of_group(group: Option<&Group>) -> [(&'static str, Value); 3] {
    let text = |text: Option<&str>| Value::text(text.unwrap_or_default());
    [
        ("gpid", group.map_or(Value::text(""), |group| number(group.id.uuid()))),
        ("group_name", text(group.map(|group| group.name.as_str()))),
        ("code", text(group.and_then(|group| group.code.as_deref()))),
    ]
}

/// A number in a string that stands for an id; playSMS has no call that takes it.
fn number(id: Uuid) -> Value {
    Value::Text((id.as_u64_pair().1 & 0x7fff_ffff).to_string())
}
