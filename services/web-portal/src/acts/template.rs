//! Templates: texts that are kept to be sent again and again.

use contracts::TemplateId;
use serde_json::{Value, json};
use store::{
    AuditAction, CreateTemplateError, NamePage, NamePlace, NewTemplate, Template, TemplateChange,
};

use super::belonging::{Belonging, NotTheirs, changed_by};
use super::name::is_name;
use super::not_read::NotRead;
use crate::app::App;
use crate::authority::{Authority, Denied};
use crate::power::Power;

/// The most characters of a template's name.
pub(crate) const LONGEST_NAME: usize = 100;
/// The most characters of its text.
pub(crate) const LONGEST_TEXT: usize = 2_000;

/// Why a template was not made or changed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotDone {
    /// Whose it is to be.
    #[error(transparent)]
    NotTheirs(#[from] NotTheirs),
    /// The name cannot be one.
    #[error("a name is 1 to {LONGEST_NAME} visible characters without spaces at its ends")]
    Name,
    /// The text cannot be one.
    #[error("a template is a text of 1 to {LONGEST_TEXT} characters")]
    Text,
    /// It could not be made or changed.
    #[error(transparent)]
    Make(#[from] CreateTemplateError),
}

impl From<Denied> for NotDone {
    fn from(denied: Denied) -> Self {
        Self::NotTheirs(denied.into())
    }
}

/// A page of those in reach, by name.
pub(crate) async fn list(
    app: &App,
    authority: &Authority,
    search: Option<&str>,
    page: &NamePage,
) -> Result<(Vec<Template>, Option<NamePlace>), NotRead> {
    authority.must(Power::TemplatesRead)?;
    Ok(app.store.templates(authority.reach, search, page).await?)
}

/// One in reach.
pub(crate) async fn one(
    app: &App,
    authority: &Authority,
    id: TemplateId,
) -> Result<Option<Template>, NotRead> {
    authority.must(Power::TemplatesRead)?;
    Ok(app.store.template(authority.reach, id).await?)
}

/// Makes one.
pub(crate) async fn make(
    app: &App,
    authority: &Authority,
    belonging: Belonging,
    (name, text): (&str, &str),
) -> Result<Template, NotDone> {
    authority.must(Power::TemplatesWrite)?;
    let (name, text) = (checked_name(name)?, checked_text(text)?);
    let owner = belonging.holder(app, authority).await?;
    let new = NewTemplate { owner, name, text };
    let store = app.store.audited(authority.entry(app, AuditAction::TemplateCreated));
    Ok(store.create_template(changed_by(authority), &new, app.clock.now()).await?)
}

/// Changes name or text of one that is one's own, or, as an administrator, anybody's and what all share; what is none stays.
/// None: there is no such template.
pub(crate) async fn change(
    app: &App,
    authority: &Authority,
    id: TemplateId,
    (name, text): (Option<&str>, Option<&str>),
) -> Result<Option<Template>, NotDone> {
    authority.must(Power::TemplatesWrite)?;
    let change = TemplateChange {
        name: name.map(checked_name).transpose()?,
        text: text.map(checked_text).transpose()?,
    };
    let entry = authority.entry(app, AuditAction::TemplateChanged).with(&shown(&change));
    let store = app.store.audited(entry);
    Ok(store.change_template(changed_by(authority), id, &change, app.clock.now()).await?)
}

/// Removes one that could be changed; false: there is none.
pub(crate) async fn remove(
    app: &App,
    authority: &Authority,
    id: TemplateId,
) -> Result<bool, NotRead> {
    authority.must(Power::TemplatesWrite)?;
    let store = app.store.audited(authority.entry(app, AuditAction::TemplateRemoved));
    Ok(store.remove_template(changed_by(authority), id, app.clock.now()).await?)
}

/// A change as the audit log shows it: the text is not.
fn shown(change: &TemplateChange) -> Value {
    json!({ "name": change.name, "text_changed": change.text.as_ref().map(|_| true) })
}

/// A name, when it can be one.
pub(crate) fn checked_name(written: &str) -> Result<String, NotDone> {
    if is_name(written, LONGEST_NAME) { Ok(written.to_owned()) } else { Err(NotDone::Name) }
}

/// A text, when it can be one.
pub(crate) fn checked_text(written: &str) -> Result<String, NotDone> {
    let is_text = written.chars().count() <= LONGEST_TEXT && !written.trim().is_empty();
    if is_text { Ok(written.to_owned()) } else { Err(NotDone::Text) }
}
