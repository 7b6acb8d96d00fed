//! Groups of contacts that the organisation shares. Who is in them is not in the document.

use serde::{Deserialize, Serialize};
use store::Group;

use super::check::Check;
use super::compare::{Change, Sign};
use super::kind::Kind;
use super::refusal::NotTaken;
use super::section::{Entry, Section, written};
use super::there::There;
use crate::acts::belonging::Belonging;
use crate::acts::group::{self, checked_code, checked_name};
use crate::app::App;
use crate::authority::Authority;
use crate::power::Power;

/// A group.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct GroupFields {
    name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    code: Option<String>,
}

fn shared(there: &There) -> impl Iterator<Item = &Group> {
    there.groups.iter().filter(|group| group.owner.is_everybody())
}

/// Those that all share.
pub(super) fn section(there: &There) -> Section {
    Section::sorted(shared(there).map(|group| {
        let fields = GroupFields { name: group.name.clone(), code: group.code.clone() };
        Entry::there(Kind::Groups, written(&fields))
    }))
}

/// What a file wants of a group, when it can be.
pub(super) fn checked(look: &Check<'_>, entry: Entry) -> Result<Entry, NotTaken> {
    look.authority.must(Power::ContactsWrite)?;
    look.authority.must(Power::UsersManage)?;
    let said: GroupFields = entry.read()?;
    let code = said.code.as_deref().map(checked_code).transpose()?;
    let fields =
        GroupFields { name: checked_name(&said.name)?, code: code.filter(|code| !code.is_empty()) };
    Ok(entry.kept(written(&fields)))
}

/// Keeps what a file wants.
pub(super) async fn apply(
    app: &App,
    authority: &Authority,
    there: &There,
    change: &Change,
) -> Result<(), NotTaken> {
    let present = shared(there).find(|group| group.name.to_lowercase() == change.key);
    let said = change.wanted.as_ref().map(Entry::read::<GroupFields>).transpose()?;
    match (change.sign, present, said) {
        (Sign::Add, None, Some(said)) => {
            let belonging = Belonging { shared: true, ..Belonging::default() };
            let named = (said.name.as_str(), said.code.as_deref());
            group::make(app, authority, belonging, named, None).await?;
        }
        (Sign::Change, Some(present), Some(said)) => {
            let wanted = group::Change {
                name: Some(said.name),
                code: Some(said.code.unwrap_or_default()),
                ..group::Change::default()
            };
            group::change(app, authority, present.id, wanted).await?;
        }
        (Sign::Remove, Some(present), _) => {
            group::remove(app, authority, present.id).await?;
        }
        _ => return Err(NotTaken::gone("group")),
    }
    Ok(())
}
