//! The queries of templates.

use contracts::{TemplateId, Timestamp};
use sqlx::QueryBuilder;

use super::accounts::rows::{lock_org, name_key, rename};
use super::reach::{Rows, must_hold, push_in_reach};
use super::removed::set_aside;
use super::search::push_has;
use super::{Database, Db};
use crate::column::{parsed, storable, time};
use crate::error::failed;
use crate::search::key_of;
use crate::templates::MOST_TEMPLATES;
use crate::{
    CreateTemplateError, NamePage, NamePlace, NewTemplate, Reach, Restorable, StoreError, Template,
    TemplateChange,
};

const READING: &str = "reading templates";
const MAKING: &str = "making a template";
const CHANGING: &str = "changing a template";
/// Who changes a template.
const OWNED: Rows = Rows::Kept("org", "owner");

/// A row of `templates`.
#[derive(sqlx::FromRow)]
struct TemplateRow {
    id: String,
    org: String,
    owner: String,
    name: String,
    body: String,
    created_at: i64,
    updated_at: i64,
}

impl TryFrom<TemplateRow> for Template {
    type Error = StoreError;

    fn try_from(row: TemplateRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: parsed("templates.id", &row.id)?,
            org: parsed("templates.org", &row.org)?,
            owner: parsed("templates.owner", &row.owner)?,
            name: row.name,
            text: row.body,
            created_at: time(row.created_at),
            updated_at: time(row.updated_at),
        })
    }
}

impl Database {
    pub(crate) async fn create_template(
        &self,
        reach: Reach,
        new: &NewTemplate,
        at: Timestamp,
    ) -> Result<Template, CreateTemplateError> {
        let mut tx = self.begin(MAKING).await?;
        // From here on another one who makes a template waits, so they are counted rightly.
        lock_org(&mut tx, reach.org, at).await?;
        must_hold(&mut tx, reach, new.owner, MAKING).await?;
        let owner = new.owner.to_string();
        let sql = "SELECT count(*) FROM templates WHERE org = $1 AND owner = $2";
        let count = sqlx::query_scalar::<_, i64>(sql).bind(reach.org.to_string());
        let count = count.bind(owner.clone()).fetch_one(&mut *tx).await;
        if count.map_err(failed(MAKING))? >= i64::from(MOST_TEMPLATES) {
            return Err(CreateTemplateError::TooMany);
        }
        let template = Template {
            id: TemplateId::new(),
            org: reach.org,
            owner: new.owner,
            name: storable(&new.name),
            text: storable(&new.text),
            created_at: at,
            updated_at: at,
        };
        let sql = "INSERT INTO templates (id, org, owner, name, name_key, body, created_at, updated_at, \
                   search_key) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (org, owner, name_key) DO NOTHING";
        let insert = sqlx::query(sql)
            .bind(template.id.to_string())
            .bind(template.org.to_string())
            .bind(owner)
            .bind(template.name.clone())
            .bind(name_key(&template.name))
            .bind(template.text.clone())
            .bind(at.as_micros())
            .bind(at.as_micros())
            .bind(key_of([template.name.as_str(), &template.text]));
        if insert.execute(&mut *tx).await.map_err(failed(MAKING))?.rows_affected() == 0 {
            return Err(CreateTemplateError::NameTaken(template.name));
        }
        tx.about(&template.id, &template.name);
        tx.commit().await.map_err(failed(MAKING))?;
        Ok(template)
    }

    pub(crate) async fn templates(
        &self,
        reach: Reach,
        search: Option<&str>,
        page: &NamePage,
    ) -> Result<(Vec<Template>, Option<NamePlace>), StoreError> {
        let mut sql = select(reach);
        if let Some(text) = search.filter(|text| !text.trim().is_empty()) {
            push_has(&mut sql, "t", text);
        }
        self.page_by_name::<TemplateRow, Template>(sql, "t", Template::place, page, READING).await
    }

    pub(crate) async fn template(
        &self,
        reach: Reach,
        id: TemplateId,
    ) -> Result<Option<Template>, StoreError> {
        let mut sql = select(reach);
        sql.push(" AND t.id = ").push_bind(id.to_string());
        let row = sql.build_query_as::<TemplateRow>().fetch_optional(&self.read).await;
        row.map_err(failed(READING))?.map(Template::try_from).transpose()
    }

    pub(crate) async fn change_template(
        &self,
        reach: Reach,
        id: TemplateId,
        change: &TemplateChange,
        at: Timestamp,
    ) -> Result<Option<Template>, CreateTemplateError> {
        let mut tx = self.begin(CHANGING).await?;
        // Two that are to be called the same take turns.
        lock_org(&mut tx, reach.org, at).await?;
        let mut sql = QueryBuilder::<Db>::new("UPDATE templates SET updated_at = ");
        sql.push_bind(at.as_micros());
        if let Some(text) = &change.text {
            sql.push(", body = ").push_bind(storable(text));
        }
        sql.push(" WHERE id = ").push_bind(id.to_string()).push(" AND ");
        push_in_reach(&mut sql, &OWNED, reach);
        if sql.build().execute(&mut *tx).await.map_err(failed(CHANGING))?.rows_affected() == 0 {
            return Ok(None);
        }
        if let Some(name) = &change.name
            && !rename(&mut tx, "templates", &id.to_string(), name, CHANGING).await?
        {
            return Err(CreateTemplateError::NameTaken(name.clone()));
        }
        let sql = "SELECT name, body FROM templates WHERE id = $1";
        let row = sqlx::query_as::<_, (String, String)>(sql).bind(id.to_string());
        let (name, text) = row.fetch_one(&mut *tx).await.map_err(failed(CHANGING))?;
        let sql = "UPDATE templates SET search_key = $2 WHERE id = $1";
        let update = sqlx::query(sql).bind(id.to_string()).bind(key_of([name.as_str(), &text]));
        update.execute(&mut *tx).await.map_err(failed(CHANGING))?;
        tx.about(&id, &name);
        tx.commit().await.map_err(failed(CHANGING))?;
        Ok(self.template(reach, id).await?)
    }

    pub(crate) async fn remove_template(
        &self,
        reach: Reach,
        id: TemplateId,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let doing = "removing a template";
        let mut tx = self.begin(doing).await?;
        let what = Restorable::Template(id);
        let Some(name) = set_aside(&mut tx, reach, what, at).await? else { return Ok(false) };
        tx.about(&id, &name);
        tx.commit().await.map_err(failed(doing))?;
        Ok(true)
    }
}

/// Selects the templates in reach. More conditions may follow.
fn select(reach: Reach) -> QueryBuilder<Db> {
    let mut sql = QueryBuilder::new(
        "SELECT t.id, t.org, t.owner, t.name, t.body, t.created_at, t.updated_at \
         FROM templates t WHERE ",
    );
    push_in_reach(&mut sql, &Rows::Lent("t.org", "t.owner"), reach);
    sql
}
