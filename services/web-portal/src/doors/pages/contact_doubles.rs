//! Contacts that are there twice: sets of one account that have the same number or name, each of which is made one with a button.

use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse as _, Response};
use contracts::ContactId;
use serde::Deserialize;
use store::{Contact, DoublesBy};

use super::contact_imports::{failure, words};
use super::failure::Failure;
use super::form::Form;
use super::frame::{Frame, html};
use super::hostile::Hostile;
use super::notice::Notice;
use super::visit::Visit;
use super::whose::{self, Whose};
use crate::acts::belonging::Belonging;
use crate::acts::contact_merge::{self, LONGEST_PLACE};
use crate::app::App;
use crate::words::Words;

const PATH: &str = "/contact-doubles";

#[derive(Template)]
#[template(path = "contact_doubles.html")]
struct DoublesPage {
    w: Words,
    frame: Frame,
    sets: Vec<Set>,
    by_name: bool,
    /// Whose contacts they are, as the address says it.
    shared: String,
    is_shared: bool,
    /// Where this page of the list begins; empty: at the first set.
    after: String,
    whose: Whose,
    /// The address of the beginning, where this is not it.
    first: Option<String>,
    more: Option<String>,
    errors: Vec<String>,
}

/// Contacts that have the same number or name.
struct Set {
    /// What they have in common.
    same: Hostile,
    rows: Vec<Row>,
}

/// A contact of a set.
struct Row {
    id: ContactId,
    /// It is the one that is kept.
    keep: bool,
    /// It is merged.
    merge: bool,
    name: Hostile,
    number: String,
    about: Hostile,
}

/// The query of the list.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Listing {
    by: String,
    shared: String,
    after: Option<String>,
}

/// `GET /contact-doubles`.
pub(super) async fn list(
    State(app): State<App>,
    visit: Visit,
    Query(listing): Query<Listing>,
) -> Result<Html<String>, Failure> {
    page(&app, &visit, listing, None).await
}

/// A merge that was not done: what was chosen, and what is wrong with it.
struct Refused {
    keep: ContactId,
    merge: Vec<ContactId>,
    words: String,
}

async fn page(
    app: &App,
    visit: &Visit,
    listing: Listing,
    refused: Option<Refused>,
) -> Result<Html<String>, Failure> {
    let authority = visit.authority()?;
    let (by_name, shared) = (listing.by == "name", listing.shared);
    let is_shared = shared == "1";
    let by = if by_name { DoublesBy::Name } else { DoublesBy::Number };
    let after = listing.after.as_deref();
    if after.is_some_and(|after| after.chars().count() > LONGEST_PLACE) {
        return Err(Failure::TooLarge { field: "after", most: LONGEST_PLACE });
    }
    let belonging = if is_shared {
        Belonging { shared: true, ..Belonging::default() }
    } else {
        whose::said(&shared)
    };
    let found = contact_merge::doubles(app, authority, belonging, by, after).await;
    let (sets, next) = found.map_err(failure)?;
    let at = |after: Option<&str>| {
        let mut written =
            url::form_urlencoded::Serializer::for_suffix(format!("{PATH}?"), PATH.len() + 1);
        if by_name {
            written.append_pair("by", "name");
        }
        if !shared.is_empty() {
            written.append_pair("shared", &shared);
        }
        written.extend_pairs(after.map(|after| ("after", after))).finish()
    };
    let first = after.map(|_| at(None));
    let more = next.as_deref().map(|next| at(Some(next)));
    html(&DoublesPage {
        w: visit.words,
        frame: Frame { path: PATH.to_owned(), ..Frame::of(app, visit).await },
        sets: sets.iter().map(|set| Set::of(set, by_name, refused.as_ref())).collect(),
        by_name,
        whose: Whose::of(app, authority, &shared).await?,
        shared,
        after: listing.after.unwrap_or_default(),
        is_shared,
        first,
        more,
        errors: refused.into_iter().map(|refused| refused.words).collect(),
    })
}

impl Set {
    /// With what was chosen of it when that was refused, else all of it with the first one kept.
    fn of(contacts: &[Contact], by_name: bool, refused: Option<&Refused>) -> Self {
        let chosen = refused.filter(|refused| contacts.iter().any(|one| one.id == refused.keep));
        let same = contacts
            .first()
            .map(|first| if by_name { first.name.clone() } else { first.number.to_string() });
        let rows = contacts.iter().enumerate().map(|(place, contact)| match chosen {
            Some(chosen) => {
                row(contact, contact.id == chosen.keep, chosen.merge.contains(&contact.id))
            }
            None => row(contact, place == 0, true),
        });
        Self { same: Hostile(same.unwrap_or_default()), rows: rows.collect() }
    }
}

fn row(contact: &Contact, keep: bool, merge: bool) -> Row {
    let fields = contact.fields.iter().map(|(name, text)| format!("{name}: {text}"));
    let about = [contact.email.clone(), contact.note.clone(), Some(contact.tags.join(" "))];
    let about = about.into_iter().flatten().chain(fields).filter(|text| !text.is_empty());
    Row {
        id: contact.id,
        keep,
        merge,
        name: Hostile(contact.name.clone()),
        number: contact.number.to_string(),
        about: Hostile(about.collect::<Vec<_>>().join(" · ")),
    }
}

/// `POST /contact-doubles`: makes contacts one.
pub(super) async fn merge(State(app): State<App>, form: Form) -> Result<Response, Failure> {
    let (visit, w) = (&form.visit, form.visit.words);
    let keep: ContactId = form.field("keep").parse().map_err(|_| Failure::Malformed)?;
    let others = form.fields("merge").map(str::parse::<ContactId>).collect::<Result<Vec<_>, _>>();
    let others = others.map_err(|_| Failure::Malformed)?;
    match contact_merge::merge(&app, visit.authority()?, keep, &others).await {
        Ok(known) => {
            let page = format!("/contact-imports/{}", known.import.id);
            Ok(visit.lead_to(&page, Notice::done(w.doubles_merged())))
        }
        Err(refused) => {
            let words = words(w, refused)?;
            let after = Some(form.field("after").to_owned()).filter(|after| !after.is_empty());
            let (by, shared) = (form.field("by").to_owned(), form.field("shared").to_owned());
            let refused = Refused { keep, merge: others, words };
            let page = page(&app, visit, Listing { by, shared, after }, Some(refused)).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}
