//! Templates that the organisation shares.

use serde::{Deserialize, Serialize};

use super::check::Check;
use super::compare::{Change, Sign};
use super::kind::Kind;
use super::refusal::NotTaken;
use super::section::{Entry, Section, written};
use super::there::There;
use crate::acts::belonging::Belonging;
use crate::acts::template::{self, checked_name, checked_text};
use crate::app::App;
use crate::authority::Authority;
use crate::power::Power;

/// A template.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TemplateFields {
    name: String,
    text: String,
}

/// Those that all share.
pub(super) fn section(there: &There) -> Section {
    Section::sorted(there.templates.iter().map(|template| {
        let fields = TemplateFields { name: template.name.clone(), text: template.text.clone() };
        Entry::there(Kind::Templates, written(&fields))
    }))
}

/// What a file wants of a template, when it can be.
pub(super) fn checked(look: &Check<'_>, entry: Entry) -> Result<Entry, NotTaken> {
    look.authority.must(Power::TemplatesWrite)?;
    look.authority.must(Power::UsersManage)?;
    let said: TemplateFields = entry.read()?;
    let fields =
        TemplateFields { name: checked_name(&said.name)?, text: checked_text(&said.text)? };
    Ok(entry.kept(written(&fields)))
}

/// Keeps what a file wants.
pub(super) async fn apply(
    app: &App,
    authority: &Authority,
    there: &There,
    change: &Change,
) -> Result<(), NotTaken> {
    let present = there.templates.iter().find(|one| one.name.to_lowercase() == change.key);
    let said = change.wanted.as_ref().map(Entry::read::<TemplateFields>).transpose()?;
    match (change.sign, present, said) {
        (Sign::Add, None, Some(said)) => {
            let belonging = Belonging { shared: true, ..Belonging::default() };
            template::make(app, authority, belonging, (&said.name, &said.text)).await?;
        }
        (Sign::Change, Some(present), Some(said)) => {
            let wanted = (Some(said.name.as_str()), Some(said.text.as_str()));
            let changed = template::change(app, authority, present.id, wanted).await?;
            changed.ok_or_else(|| NotTaken::gone("template"))?;
        }
        (Sign::Remove, Some(present), _) => {
            template::remove(app, authority, present.id).await?;
        }
        _ => return Err(NotTaken::gone("template")),
    }
    Ok(())
}
