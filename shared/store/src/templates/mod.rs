//! Templates: texts that are kept to be sent again and again.

use std::fmt;

use contracts::{Holder, OrgId, TemplateId, Timestamp};

use crate::engine::on_engine;
use crate::{NamePage, NamePlace, Reach, Store, StoreError};

/// The most templates of one account, of one team, and the most that an organisation shares.
pub const MOST_TEMPLATES: u32 = 500;

/// A template.
#[derive(Clone, PartialEq, Eq)]
pub struct Template {
    /// The id of the template.
    pub id: TemplateId,
    /// The organisation of the template.
    pub org: OrgId,
    /// Whose template it is.
    pub owner: Holder,
    /// The name; no other template of the account is called so, letter case aside.
    pub name: String,
    /// The text.
    pub text: String,
    /// When the template was made.
    pub created_at: Timestamp,
    /// When the template was last changed.
    pub updated_at: Timestamp,
}

/// Shows the id, no text.
impl fmt::Debug for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Template({}, {})", self.id, self.updated_at)
    }
}

/// A template to be made.
#[derive(Clone, PartialEq, Eq)]
pub struct NewTemplate {
    /// Whose template it is.
    pub owner: Holder,
    /// The name.
    pub name: String,
    /// The text.
    pub text: String,
}

/// What is to be changed of a template. What is none stays as it is.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct TemplateChange {
    /// The name.
    pub name: Option<String>,
    /// The text.
    pub text: Option<String>,
}

/// A template was not made, or not changed.
#[derive(Debug, thiserror::Error)]
pub enum CreateTemplateError {
    /// The account has as many as it may have.
    #[error("there are {MOST_TEMPLATES} templates already, which is the most there may be")]
    TooMany,
    /// Another template of the account has the name.
    #[error("there is a template '{0}' already")]
    NameTaken(String),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Template {
    /// Returns the place of the template in lists.
    pub fn place(&self) -> NamePlace {
        NamePlace { name_key: self.name.to_lowercase(), id: self.id.to_string() }
    }
}

impl Store {
    /// Keeps a new template.
    pub async fn create_template(
        &self,
        reach: Reach,
        new: &NewTemplate,
        at: Timestamp,
    ) -> Result<Template, CreateTemplateError> {
        on_engine!(self, db => db.create_template(reach, new, at))
    }

    /// Returns a page of the templates in reach whose name or text has a text in it, sorted by name, and the place at which the
    /// next page begins.
    pub async fn templates(
        &self,
        reach: Reach,
        search: Option<&str>,
        page: &NamePage,
    ) -> Result<(Vec<Template>, Option<NamePlace>), StoreError> {
        on_engine!(self, db => db.templates(reach, search, page))
    }

    /// Returns a template in reach.
    pub async fn template(
        &self,
        reach: Reach,
        id: TemplateId,
    ) -> Result<Option<Template>, StoreError> {
        on_engine!(self, db => db.template(reach, id))
    }

    /// Changes a template of an account in reach or of one of its teams, or, for whoever reaches everything, one that is shared.
    /// Returns none when there is no such template.
    pub async fn change_template(
        &self,
        reach: Reach,
        id: TemplateId,
        change: &TemplateChange,
        at: Timestamp,
    ) -> Result<Option<Template>, CreateTemplateError> {
        on_engine!(self, db => db.change_template(reach, id, change, at))
    }

    /// Removes a template as [`Store::change_template`] changes one. Returns false when there is none.
    /// For a while [`Store::restore`] brings it back.
    pub async fn remove_template(
        &self,
        reach: Reach,
        id: TemplateId,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        on_engine!(self, db => db.remove_template(reach, id, at))
    }
}
