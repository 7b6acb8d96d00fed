//! Contacts.

use api::{
    ContactChanges, ContactMade, ContactOptOut, Contacts, ContactsMade, ListContacts, NewContact,
    NewContacts,
};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use contracts::ContactId;
use store::{
    ChangeContactError, Contact, ContactFilter, CreateContactsError, MOST_CONTACTS,
    MOST_GROUPS_OF_CONTACT,
};

use super::body::{CheckedJson, CheckedQuery, PathId};
use super::caller::Caller;
use super::problem::{Answer, Code, Problem, sentence};
use super::{csv, paging};
use crate::acts::belonging::{Belonging, NotTheirs};
use crate::acts::contact::{self, Change, NotDone, Outcome, Written};
use crate::acts::contact_export;
use crate::app::App;
use crate::authority::Authority;

/// `GET /contacts`.
pub(super) async fn list(
    State(app): State<App>,
    Caller(authority): Caller,
    headers: HeaderMap,
    CheckedQuery(listing): CheckedQuery<ListContacts>,
) -> Answer<Response> {
    let page = paging::page_by_name(listing.limit, listing.after.as_deref())?;
    let filter = ContactFilter { search: listing.q, group: listing.group, tag: listing.tag };
    if csv::is_wanted(&headers) {
        return Ok(csv::answer(contact_export::csv(&app, &authority, filter).await?));
    }
    let (contacts, next) = contact::list(&app, &authority, &filter, &page).await?;
    let contacts = with_outs(&app, &authority, contacts).await?;
    let next = next.map(|next| next.to_string());
    Ok(Json(Contacts { contacts, next }).into_response())
}

/// `POST /contacts`.
pub(super) async fn add(
    State(app): State<App>,
    Caller(authority): Caller,
    CheckedJson(new): CheckedJson<NewContact>,
) -> Answer<impl IntoResponse> {
    let NewContact { name, number, email, note, tags, fields, groups, shared, user, team } = new;
    let written = Written { source: None, name, number, email, note, tags, fields, groups };
    let belonging = Belonging { shared, user, team };
    let made = contact::make(&app, &authority, belonging, written).await?;
    Ok((StatusCode::CREATED, Json(shown(made))))
}

/// `POST /contacts/bulk`.
pub(super) async fn add_many(
    State(app): State<App>,
    Caller(authority): Caller,
    CheckedJson(new): CheckedJson<NewContacts>,
) -> Answer<Json<ContactsMade>> {
    let NewContacts { contacts, shared, user, team } = new;
    let written = contacts.into_iter().map(|one| Written {
        source: one.source,
        name: one.name,
        number: one.number,
        email: one.email,
        note: one.note,
        tags: one.tags,
        fields: one.fields,
        groups: one.groups,
    });
    let belonging = Belonging { shared, user, team };
    let outcomes = contact::make_many(&app, &authority, belonging, written.collect()).await?;
    let contacts = outcomes.into_iter().map(|outcome| {
        let (state, id, error) = match outcome {
            Outcome::Made(id) => ("made", Some(id), None),
            Outcome::There(id) => ("there", Some(id), None),
            Outcome::Refused(unfit) => ("refused", None, Some(sentence(&unfit.to_string()))),
        };
        ContactMade { state: state.to_owned(), id, error }
    });
    Ok(Json(ContactsMade { contacts: contacts.collect() }))
}

/// `GET /contacts/{id}`.
pub(super) async fn one(
    State(app): State<App>,
    Caller(authority): Caller,
    PathId(id): PathId<ContactId>,
) -> Answer<Json<api::Contact>> {
    let found = contact::one(&app, &authority, id).await?.ok_or_else(nowhere)?;
    let shown = with_outs(&app, &authority, vec![found]).await?;
    Ok(Json(shown.into_iter().next().ok_or_else(nowhere)?))
}

/// `PATCH /contacts/{id}`.
pub(super) async fn change(
    State(app): State<App>,
    Caller(authority): Caller,
    PathId(id): PathId<ContactId>,
    CheckedJson(changes): CheckedJson<ContactChanges>,
) -> Answer<Json<api::Contact>> {
    let ContactChanges { name, number, email, note, tags, fields, groups } = changes;
    let change = Change { name, number, email, note, tags, fields, groups };
    Ok(Json(shown(contact::change(&app, &authority, id, change).await?)))
}

/// `DELETE /contacts/{id}`.
pub(super) async fn remove(
    State(app): State<App>,
    Caller(authority): Caller,
    PathId(id): PathId<ContactId>,
) -> Answer<StatusCode> {
    let removed = contact::remove(&app, &authority, id).await?;
    if removed { Ok(StatusCode::NO_CONTENT) } else { Err(nowhere()) }
}

fn nowhere() -> Problem {
    Problem::not_found("contact of this id")
}

fn shown(contact: Contact) -> api::Contact {
    let Contact { id, owner, name, number, email, note, tags, fields, groups, .. } = contact;
    api::Contact {
        id,
        owner: owner.user(),
        team: owner.team(),
        name,
        number,
        email,
        note,
        tags,
        fields,
        groups,
        opted_out: None,
        created_at: contact.created_at,
        updated_at: contact.updated_at,
    }
}

/// Contacts as they are shown, those among them marked whose numbers are sent nothing.
pub(super) async fn with_outs(
    app: &App,
    authority: &Authority,
    contacts: Vec<Contact>,
) -> Answer<Vec<api::Contact>> {
    let outs = contact::outs(app, authority, &contacts).await?;
    let shown = contacts.into_iter().map(|contact| {
        let out = contact::out_of(&outs, &contact.number);
        let opted_out =
            out.map(|out| ContactOptOut { source: out.source.as_str().to_owned(), at: out.at });
        api::Contact { opted_out, ..shown(contact) }
    });
    Ok(shown.collect())
}

impl From<NotTheirs> for Problem {
    fn from(refused: NotTheirs) -> Self {
        match refused {
            NotTheirs::Denied(denied) => denied.into(),
            NotTheirs::Both => {
                Self::malformed(sentence(&refused.to_string())).with("field", "user")
            }
            NotTheirs::NoSuchUser(name) => {
                Self::new(Code::NoSuchUser, format!("There is no user named '{name}'."))
            }
            NotTheirs::NoSuchTeam(_) => Self::new(Code::NoSuchTeam, sentence(&refused.to_string())),
            NotTheirs::Store(error) => error.into(),
        }
    }
}

impl From<NotDone> for Problem {
    fn from(refused: NotDone) -> Self {
        match refused {
            NotDone::NotTheirs(refused) => refused.into(),
            NotDone::Unfit(unfit) => {
                Self::malformed(sentence(&unfit.to_string())).with("field", unfit.field())
            }
            NotDone::TooManyAtOnce => {
                Self::malformed(sentence(&refused.to_string())).with("field", "contacts")
            }
            NotDone::Make(CreateContactsError::TooMany) => {
                Self::new(Code::TooManyContacts, sentence(&refused.to_string()))
                    .with("limit", MOST_CONTACTS)
            }
            NotDone::Make(CreateContactsError::NoSuchGroup(_))
            | NotDone::Change(ChangeContactError::NoSuchGroup(_)) => {
                Self::not_found("group of one of these ids that contacts could be put into")
            }
            NotDone::Change(ChangeContactError::TooManyGroups) => {
                Self::new(Code::TooManyGroups, sentence(&refused.to_string()))
                    .with("limit", MOST_GROUPS_OF_CONTACT)
            }
            NotDone::Change(ChangeContactError::NoSuchContact) => nowhere(),
            NotDone::Make(CreateContactsError::Store(error))
            | NotDone::Change(ChangeContactError::Store(error))
            | NotDone::Store(error) => error.into(),
        }
    }
}
