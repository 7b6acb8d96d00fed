//! Contacts from files, and contacts that are merged.

use api::{
    ConfirmContactImport, ContactImport, ContactImportPlan, ContactImportRow, ContactImportRows,
    ContactImports, Doubles, LeftContact, ListContactImportRows, ListDoubles, MergeContacts,
    Nothing, PlanContactImport, SameContacts, UploadContacts,
};
use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use contracts::ContactImportId;
use sheet::Unreadable;
use store::{
    ContactImportError, CreateGroupError, DoublesBy, MOST_CONTACT_IMPORTS, MOST_CONTACTS,
    MOST_GROUPS, MOST_GROUPS_OF_CONTACT,
};

use super::body::{CheckedJson, CheckedQuery, PathId};
use super::bulk::received;
use super::caller::Caller;
use super::contacts::with_outs;
use super::fields::PAGE;
use super::problem::{Answer, Code, Problem, sentence};
use crate::acts::belonging::Belonging;
use crate::acts::contact_import::plan::Outcome;
use crate::acts::contact_import::{self, Asked, Judged, Known, NotDone, Wanted};
use crate::acts::{bulk, contact_merge};
use crate::app::App;

/// Rows of a page when nobody says.
const USUAL: u32 = 50;

/// `POST /contact-imports`: the body is the file.
pub(super) async fn upload(
    State(app): State<App>,
    Caller(authority): Caller,
    CheckedQuery(query): CheckedQuery<UploadContacts>,
    headers: HeaderMap,
    body: Body,
) -> Answer<impl IntoResponse> {
    let _room = bulk::room().await;
    let file = received(&headers, body).await?;
    let shared = query.shared.unwrap_or_default();
    let belonging = Belonging { shared, user: query.user, team: query.team };
    let name = query.name.as_deref().unwrap_or("");
    let known = contact_import::upload(&app, &authority, belonging, name, file).await?;
    Ok((StatusCode::CREATED, Json(shown(known))))
}

/// `GET /contact-imports`.
pub(super) async fn list(
    State(app): State<App>,
    Caller(authority): Caller,
) -> Answer<Json<ContactImports>> {
    let imports = contact_import::list(&app, &authority).await?;
    Ok(Json(ContactImports { imports: imports.into_iter().map(shown).collect() }))
}

/// `GET /contact-imports/{id}`.
pub(super) async fn one(
    State(app): State<App>,
    Caller(authority): Caller,
    PathId(id): PathId<ContactImportId>,
) -> Answer<Json<ContactImport>> {
    let known = contact_import::one(&app, &authority, id).await?;
    let left = contact_import::left(&app, &authority, id).await?;
    let left = left.into_iter().map(|one| LeftContact {
        contact: one.contact,
        name: one.name,
        why: one.why.as_str().to_owned(),
    });
    Ok(Json(ContactImport { left_contacts: left.collect(), ..shown(known) }))
}

/// `PATCH /contact-imports/{id}`.
pub(super) async fn plan(
    State(app): State<App>,
    Caller(authority): Caller,
    PathId(id): PathId<ContactImportId>,
    CheckedJson(plan): CheckedJson<PlanContactImport>,
) -> Answer<Json<ContactImport>> {
    let wanted = Wanted { names: plan.has_names, columns: plan.roles, keep: plan.keep };
    Ok(Json(shown(contact_import::plan(&app, &authority, id, wanted).await?)))
}

/// `GET /contact-imports/{id}/rows`.
pub(super) async fn rows(
    State(app): State<App>,
    Caller(authority): Caller,
    PathId(id): PathId<ContactImportId>,
    CheckedQuery(query): CheckedQuery<ListContactImportRows>,
) -> Answer<Json<ContactImportRows>> {
    let limit = query.limit.unwrap_or(USUAL).clamp(1, PAGE);
    let asked = Asked {
        from: query.from.unwrap_or_default(),
        skipped: query.show.as_deref() == Some("skipped"),
        limit: usize::try_from(limit).unwrap_or_default(),
    };
    let (rows, next) = contact_import::rows(&app, &authority, id, asked).await?;
    Ok(Json(ContactImportRows { rows: rows.into_iter().map(row).collect(), next }))
}

/// `POST /contact-imports/{id}/confirm`.
pub(super) async fn confirm(
    State(app): State<App>,
    Caller(authority): Caller,
    PathId(id): PathId<ContactImportId>,
    CheckedJson(confirm): CheckedJson<ConfirmContactImport>,
) -> Answer<Json<ContactImport>> {
    let known = contact_import::confirm(&app, &authority, id, confirm.revision).await?;
    Ok(Json(shown(known)))
}

/// `POST /contact-imports/{id}/undo`.
pub(super) async fn undo(
    State(app): State<App>,
    Caller(authority): Caller,
    PathId(id): PathId<ContactImportId>,
    _: CheckedJson<Nothing>,
) -> Answer<Json<ContactImport>> {
    Ok(Json(shown(contact_import::undo(&app, &authority, id).await?)))
}

/// `DELETE /contact-imports/{id}`.
pub(super) async fn remove(
    State(app): State<App>,
    Caller(authority): Caller,
    PathId(id): PathId<ContactImportId>,
) -> Answer<StatusCode> {
    contact_import::remove(&app, &authority, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /contacts/doubles`.
pub(super) async fn doubles(
    State(app): State<App>,
    Caller(authority): Caller,
    CheckedQuery(query): CheckedQuery<ListDoubles>,
) -> Answer<Json<Doubles>> {
    let shared = query.shared.unwrap_or_default();
    let belonging = Belonging { shared, user: query.user, team: query.team };
    let by = match query.by.as_deref() {
        Some("name") => DoublesBy::Name,
        _ => DoublesBy::Number,
    };
    let after = query.after.as_deref();
    let (sets, next) = contact_merge::doubles(&app, &authority, belonging, by, after).await?;
    let mut shown = Vec::with_capacity(sets.len());
    for contacts in sets {
        shown.push(SameContacts { contacts: with_outs(&app, &authority, contacts).await? });
    }
    Ok(Json(Doubles { sets: shown, next }))
}

/// `POST /contacts/merge`.
pub(super) async fn merge(
    State(app): State<App>,
    Caller(authority): Caller,
    CheckedJson(merge): CheckedJson<MergeContacts>,
) -> Answer<Json<ContactImport>> {
    let merged = contact_merge::merge(&app, &authority, merge.keep, &merge.merge).await?;
    Ok(Json(shown(merged)))
}

fn shown(known: Known) -> ContactImport {
    let Known { import, names, has_names, columns, plan } = known;
    let plan = plan.map(|plan| ContactImportPlan {
        keep: plan.keep,
        made: plan.counts.made,
        changed: plan.counts.changed,
        same: plan.counts.same,
        skipped: plan.counts.skipped,
        new_groups: plan.counts.new_groups,
    });
    ContactImport {
        id: import.id,
        kind: import.kind.as_str().to_owned(),
        name: import.name,
        owner: import.owner.user(),
        team: import.owner.team(),
        columns: names,
        roles: columns.iter().map(ToString::to_string).collect(),
        has_names,
        rows: import.rows,
        plan,
        revision: import.revision,
        confirmed: import.applied.is_some(),
        made: import.counts.made,
        changed: import.counts.changed,
        same: import.counts.same,
        skipped: import.counts.skipped,
        removed: import.counts.removed,
        undone: import.counts.undone,
        left: import.counts.left,
        left_contacts: Vec::new(),
        applied_at: import.applied_at,
        undone_at: import.undone_at,
        created_at: import.created_at,
    }
}

fn row(judged: Judged) -> ContactImportRow {
    let Judged { place, line, name, number, outcome } = judged;
    let (becomes, skipped) = match outcome {
        Outcome::New => ("new", None),
        Outcome::Changed => ("changed", None),
        Outcome::Same | Outcome::Names => ("same", None),
        Outcome::Skipped(reason) => ("skipped", Some(reason.as_str().to_owned())),
    };
    ContactImportRow { row: place, line, name, number, becomes: becomes.to_owned(), skipped }
}

impl From<NotDone> for Problem {
    fn from(refused: NotDone) -> Self {
        let detail = sentence(&refused.to_string());
        match refused {
            NotDone::NotTheirs(refused) => refused.into(),
            NotDone::Unreadable(Unreadable::TooLarge) => Self::new(Code::BodyTooLarge, detail),
            NotDone::Unreadable(_) => Self::new(Code::UnreadableFile, detail),
            NotDone::Import(ContactImportError::TooMany) => {
                Self::new(Code::TooManyFiles, detail).with("limit", MOST_CONTACT_IMPORTS)
            }
            NotDone::Import(ContactImportError::TooManyContacts) => {
                Self::new(Code::TooManyContacts, detail).with("limit", MOST_CONTACTS)
            }
            NotDone::Import(ContactImportError::NoSuchContact(_)) => {
                Self::not_found("contact of one of these ids that could be merged with the others")
            }
            NotDone::Import(ContactImportError::TooManyGroups) => {
                Self::new(Code::TooManyGroups, detail).with("limit", MOST_GROUPS_OF_CONTACT)
            }
            NotDone::Group(CreateGroupError::TooMany | CreateGroupError::TooManyRules) => {
                Self::new(Code::TooManyGroups, detail).with("limit", MOST_GROUPS)
            }
            NotDone::Group(CreateGroupError::NameTaken(_)) => Self::new(Code::NameTaken, detail),
            NotDone::NoSuchImport => Self::not_found("import of this id"),
            NotDone::Gone => Self::new(Code::RowsGone, detail),
            NotDone::Confirmed | NotDone::NothingToUndo | NotDone::TakenBack => {
                Self::new(Code::ImportState, detail)
            }
            NotDone::Changed => Self::new(Code::ImportChanged, detail),
            NotDone::Nothing => Self::new(Code::NoContact, detail),
            NotDone::Columns | NotDone::Role(_) => Self::malformed(detail).with("field", "roles"),
            NotDone::TooFew | NotDone::TooMuch => Self::malformed(detail),
            NotDone::Import(ContactImportError::Store(error))
            | NotDone::Group(CreateGroupError::Store(error))
            | NotDone::Store(error) => error.into(),
        }
    }
}
