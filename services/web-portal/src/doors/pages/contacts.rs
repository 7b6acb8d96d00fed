//! Contacts: a list with search, and a page for each.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse as _, Response};
use contracts::{ContactId, GroupId};
use serde::Deserialize;
use store::{
    ChangeContactError, Contact, ContactFilter, CreateContactsError, MOST_CONTACTS,
    MOST_GROUPS_OF_CONTACT, NamePage, NamePlace, OptOutChange, OptOutSource, Restorable,
};

use super::failure::Failure;
use super::form::Form;
use super::frame::{Frame, html};
use super::hostile::Hostile;
use super::lists::file;
use super::notice::Notice;
use super::parts::{Sentence, within};
use super::restoring::restored;
use super::visit::Visit;
use super::whose::{self, Whose};
use crate::acts::belonging::{NotTheirs, may_share};
use crate::acts::contact::{self, Change, LONGEST_TAG, NotDone, Unfit, Written};
use crate::acts::contact_export;
use crate::acts::group;
use crate::acts::name::LONGEST_SEARCHED;
use crate::app::App;
use crate::power::Power;
use crate::words::Words;

/// Contacts of one page.
const ROWS: u32 = 50;
/// Groups that are offered for a contact.
const OFFERED: u32 = 100;

#[derive(Template)]
#[template(path = "contacts.html")]
struct ContactsPage {
    w: Words,
    frame: Frame,
    rows: Vec<Row>,
    search: String,
    group: Option<GroupId>,
    tag: Hostile,
    first: bool,
    more: Option<String>,
    csv: String,
    form: Fields,
    may_write: bool,
    whose: Whose,
    error: Option<String>,
}

#[derive(Template)]
#[template(path = "contact.html")]
struct ContactPage {
    w: Words,
    frame: Frame,
    path: String,
    shown: Hostile,
    /// That the number is sent nothing.
    out: Option<Sentence>,
    form: Fields,
    may_write: bool,
    error: Option<String>,
}

/// A contact in the list.
struct Row {
    id: ContactId,
    name: Hostile,
    number: String,
    about: Hostile,
    /// What it is marked with, as it stands in an address and as it is shown.
    tags: Vec<(String, Hostile)>,
    out: Option<Sentence>,
    shared: bool,
    /// The name of the team whose it is.
    team: Option<Hostile>,
}

/// What stands in the fields of a contact.
#[derive(Default)]
#[expect(
    clippy::struct_field_names,
    reason = "a contact has fields of its own, and a form of contacts has one for these"
)]
pub(super) struct Fields {
    name: String,
    number: String,
    email: String,
    note: String,
    tags: String,
    /// What else is known, each on a line with its name.
    fields: String,
    choices: Vec<Choice>,
    /// Whose it is to be.
    shared: String,
}

/// A group that a contact may be in.
struct Choice {
    id: GroupId,
    name: Hostile,
    chosen: bool,
}

/// The query of the list.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Listing {
    #[serde(default)]
    q: String,
    group: Option<GroupId>,
    #[serde(default)]
    tag: String,
    after: Option<String>,
}

/// The page of a list that is sorted by name.
pub(super) fn place(after: Option<&str>, limit: u32) -> Result<NamePage, Failure> {
    let after = after.map(str::parse::<NamePlace>).transpose();
    Ok(NamePage { after: after.map_err(|_| Failure::Malformed)?, limit })
}

/// What a list that is sorted by name is searched for, which may be nothing.
pub(super) fn searched(q: &str) -> Result<&str, Failure> {
    let fits = q.chars().count() <= LONGEST_SEARCHED;
    fits.then_some(q).ok_or(Failure::TooLarge { field: "q", most: LONGEST_SEARCHED })
}

/// The address of the page that follows.
pub(super) fn following(path: &str, query: &[(&str, String)], next: &NamePlace) -> String {
    let mut written =
        url::form_urlencoded::Serializer::for_suffix(format!("{path}?"), path.len() + 1);
    for (name, value) in query.iter().filter(|(_, value)| !value.is_empty()) {
        written.append_pair(name, value);
    }
    written.append_pair("after", &next.to_string()).finish()
}

/// `GET /contacts`.
pub(super) async fn list(
    State(app): State<App>,
    visit: Visit,
    Query(listing): Query<Listing>,
) -> Result<Html<String>, Failure> {
    page(&app, &visit, listing, Fields::default(), None).await
}

/// `GET /contacts.csv`: all of the list, in the form in which it is imported again.
pub(super) async fn list_csv(
    State(app): State<App>,
    visit: Visit,
    Query(listing): Query<Listing>,
) -> Result<Response, Failure> {
    let filter = filter(&listing)?;
    let csv = contact_export::csv(&app, visit.authority()?, filter).await?;
    Ok(file("attachment; filename=\"contacts.csv\"", csv))
}

/// Which contacts a list has.
fn filter(listing: &Listing) -> Result<ContactFilter, Failure> {
    if listing.tag.chars().count() > LONGEST_TAG {
        return Err(Failure::TooLarge { field: "tag", most: LONGEST_TAG });
    }
    Ok(ContactFilter {
        search: Some(searched(&listing.q)?.to_owned()),
        group: listing.group,
        tag: Some(listing.tag.clone()).filter(|tag| !tag.is_empty()),
    })
}

async fn page(
    app: &App,
    visit: &Visit,
    listing: Listing,
    form: Fields,
    error: Option<String>,
) -> Result<Html<String>, Failure> {
    let (authority, w) = (visit.authority()?, visit.words);
    let place = place(listing.after.as_deref(), ROWS)?;
    let first = place.after.is_none();
    let filter = filter(&listing)?;
    let (contacts, next) = contact::list(app, authority, &filter, &place).await?;
    let outs = contact::outs(app, authority, &contacts).await?;
    let query = [
        ("q", listing.q.clone()),
        ("group", listing.group.map(|group| group.to_string()).unwrap_or_default()),
        ("tag", listing.tag.clone()),
    ];
    let chosen: Vec<GroupId> =
        form.choices.iter().filter(|choice| choice.chosen).map(|choice| choice.id).collect();
    let form = Fields { choices: choices(app, visit, &chosen).await?, ..form };
    let whose = Whose::of(app, authority, &form.shared).await?;
    html(&ContactsPage {
        w,
        frame: Frame { path: "/contacts".to_owned(), ..Frame::of(app, visit).await },
        rows: contacts.iter().map(|contact| row(w, contact, &outs, &whose)).collect(),
        search: listing.q,
        group: listing.group,
        tag: Hostile(listing.tag),
        first,
        more: next.map(|next| following("/contacts", &query, &next)),
        csv: csv_path(&query),
        form,
        may_write: authority.may(Power::ContactsWrite),
        whose,
        error,
    })
}

/// The address of all of a list as a file.
fn csv_path(query: &[(&str, String)]) -> String {
    let mut written = url::form_urlencoded::Serializer::for_suffix(
        "/contacts.csv?".to_owned(),
        "/contacts.csv?".len(),
    );
    for (name, value) in query.iter().filter(|(_, value)| !value.is_empty()) {
        written.append_pair(name, value);
    }
    written.finish()
}

/// The groups that a contact may be in.
async fn choices(app: &App, visit: &Visit, chosen: &[GroupId]) -> Result<Vec<Choice>, Failure> {
    let page = NamePage { after: None, limit: OFFERED };
    let (mut groups, _) = group::list(app, visit.authority()?, None, &page).await?;
    // Nobody is put by hand into a group by rule.
    groups.retain(|group| group.rule.is_none());
    let choice = |group: store::Group| Choice {
        id: group.id,
        chosen: chosen.contains(&group.id),
        name: Hostile(group.name).short(Hostile::CHOICE),
    };
    Ok(groups.into_iter().map(choice).collect())
}

fn row(w: Words, contact: &Contact, outs: &[OptOutChange], whose: &Whose) -> Row {
    let fields = contact.fields.iter().map(|(name, text)| format!("{name}: {text}"));
    let about = [contact.email.clone(), contact.note.clone()].into_iter().flatten().chain(fields);
    let about: Vec<String> = about.filter(|text| !text.is_empty()).collect();
    Row {
        id: contact.id,
        name: Hostile(contact.name.clone()).short(Hostile::NAME),
        number: contact.number.to_string(),
        about: Hostile(about.join(" · ")).short(Hostile::ABOUT),
        tags: contact.tags.iter().map(|tag| (tag.clone(), Hostile(tag.clone()))).collect(),
        out: out_words(w, contact, outs),
        shared: contact.owner.is_everybody(),
        team: whose.team(contact.owner),
    }
}

/// That the number of a contact is sent nothing, since when and why.
fn out_words(w: Words, contact: &Contact, outs: &[OptOutChange]) -> Option<Sentence> {
    let out = contact::out_of(outs, &contact.number)?;
    let at = within(out.at);
    Some(Sentence(match out.source {
        OptOutSource::Message => w.contacts_out_by_message(at),
        OptOutSource::Account => w.contacts_out_by_account(at),
        OptOutSource::Import => w.contacts_out_by_import(at),
    }))
}

/// Fields that are written each on a line, with a colon after the name.
pub(super) fn fields(written: &str) -> Option<BTreeMap<String, String>> {
    let lines = written.lines().map(str::trim).filter(|line| !line.is_empty());
    let fields = lines.map(|line| {
        let (name, text) = line.split_once(':')?;
        Some((name.trim().to_owned(), text.trim().to_owned()))
    });
    fields.collect()
}

/// Fields as [`fields`] reads them.
fn written(fields: &BTreeMap<String, String>) -> String {
    let line = |(name, text): (&String, &String)| [name, ": ", text, "\n"].concat();
    fields.iter().map(line).collect()
}

/// What a form wrote.
fn read(form: &Form) -> Result<(Fields, Vec<GroupId>), Failure> {
    let groups = form.fields("group").map(str::parse::<GroupId>).collect::<Result<Vec<_>, _>>();
    let groups = groups.map_err(|_| Failure::Malformed)?;
    let text = |name: &str| form.field(name).trim().to_owned();
    let chosen = |id: &GroupId| Choice { id: *id, name: Hostile(String::new()), chosen: true };
    let fields = Fields {
        name: text("name"),
        number: text("number"),
        email: text("email"),
        note: text("note"),
        tags: text("tags"),
        fields: text("fields"),
        choices: groups.iter().map(chosen).collect(),
        shared: text("shared"),
    };
    Ok((fields, groups))
}

/// Fields that are refused, in the place of lines that are none.
fn no_fields() -> BTreeMap<String, String> {
    BTreeMap::from([(String::new(), String::new())])
}

fn tags(written: &str) -> Vec<String> {
    written.split_whitespace().map(str::to_owned).collect()
}

/// `POST /contacts`.
pub(super) async fn add(State(app): State<App>, form: Form) -> Result<Response, Failure> {
    let (visit, w) = (&form.visit, form.visit.words);
    let (fields, groups) = read(&form)?;
    let written = Written {
        source: None,
        name: fields.name.clone(),
        number: fields.number.clone(),
        email: Some(fields.email.clone()),
        note: Some(fields.note.clone()),
        tags: tags(&fields.tags),
        fields: self::fields(&fields.fields).unwrap_or_else(no_fields),
        groups,
    };
    let belonging = whose::said(&fields.shared);
    match contact::make(&app, visit.authority()?, belonging, written).await {
        Ok(made) => Ok(visit.lead_to("/contacts", Notice::done(w.contacts_added(made.name)))),
        Err(refused) => {
            let words = words(w, refused)?;
            let page = page(&app, visit, Listing::default(), fields, Some(words)).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

/// `GET /contacts/{id}`.
pub(super) async fn show(
    State(app): State<App>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Html<String>, Failure> {
    let id: ContactId = id.parse().map_err(|_| Failure::NotFound)?;
    let found = contact::one(&app, visit.authority()?, id).await?.ok_or(Failure::NotFound)?;
    let fields = Fields {
        name: found.name.clone(),
        number: found.number.to_string(),
        email: found.email.clone().unwrap_or_default(),
        note: found.note.clone().unwrap_or_default(),
        tags: found.tags.join(" "),
        fields: written(&found.fields),
        choices: Vec::new(),
        shared: String::new(),
    };
    one_page(&app, &visit, &found, (fields, &found.groups), None).await
}

async fn one_page(
    app: &App,
    visit: &Visit,
    contact: &Contact,
    (fields, groups): (Fields, &[GroupId]),
    error: Option<String>,
) -> Result<Html<String>, Failure> {
    let authority = visit.authority()?;
    let is_own = !contact.owner.is_everybody() || may_share(authority);
    let outs = contact::outs(app, authority, std::slice::from_ref(contact)).await?;
    let path = format!("/contacts/{}", contact.id);
    html(&ContactPage {
        w: visit.words,
        frame: Frame { path: path.clone(), ..Frame::of(app, visit).await },
        path,
        shown: Hostile(contact.name.clone()),
        out: out_words(visit.words, contact, &outs),
        form: Fields { choices: choices(app, visit, groups).await?, ..fields },
        may_write: authority.may(Power::ContactsWrite) && is_own,
        error,
    })
}

/// `POST /contacts/{id}/{call}`.
pub(super) async fn call(
    State(app): State<App>,
    Path((id, call)): Path<(String, String)>,
    form: Form,
) -> Result<Response, Failure> {
    let (visit, w) = (&form.visit, form.visit.words);
    let authority = visit.authority()?;
    let id: ContactId = id.parse().map_err(|_| Failure::NotFound)?;
    match call.as_str() {
        "remove" => {
            if !contact::remove(&app, authority, id).await? {
                return Err(Failure::NotFound);
            }
            let notice = Notice::removed(w.contacts_removed(), Restorable::Contact(id));
            Ok(visit.lead_to("/contacts", notice))
        }
        "restore" => restored(&app, visit, Restorable::Contact(id)).await,
        "change" => {
            let (fields, mut groups) = read(&form)?;
            // The page offers some groups of many: the others are left as they are.
            let found = contact::one(&app, authority, id).await?.ok_or(Failure::NotFound)?;
            let is_offered =
                |id: &GroupId| form.fields("offered").any(|offered| offered == id.to_string());
            groups.extend(found.groups.iter().filter(|id| !is_offered(id)));
            groups.sort_unstable();
            groups.dedup();
            let change = Change {
                name: Some(fields.name.clone()),
                number: Some(fields.number.clone()),
                email: Some(fields.email.clone()),
                note: Some(fields.note.clone()),
                tags: Some(tags(&fields.tags)),
                fields: Some(self::fields(&fields.fields).unwrap_or_else(no_fields)),
                groups: Some(groups.clone()),
            };
            match contact::change(&app, authority, id, change).await {
                Ok(_) => {
                    let notice = Notice::done(w.contacts_changed());
                    Ok(visit.lead_to(&format!("/contacts/{id}"), notice))
                }
                Err(refused) => {
                    let words = words(w, refused)?;
                    let found = contact::one(&app, authority, id).await?;
                    let found = found.ok_or(Failure::NotFound)?;
                    let form = (fields, groups.as_slice());
                    let page = one_page(&app, visit, &found, form, Some(words)).await?;
                    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
                }
            }
        }
        _ => Err(Failure::NotFound),
    }
}

/// What is wrong with what was written, for who wrote it.
fn words(w: Words, refused: NotDone) -> Result<String, Failure> {
    match refused {
        NotDone::Unfit(unfit) => Ok(match unfit {
            Unfit::Name => w.contacts_bad_name(contact::LONGEST_NAME),
            Unfit::Number(_) => w.contacts_bad_number(),
            Unfit::Email => w.contacts_bad_email(),
            Unfit::Note => w.contacts_bad_note(contact::LONGEST_NOTE),
            Unfit::Tags => w.contacts_bad_tags(contact::MOST_TAGS, contact::LONGEST_TAG),
            Unfit::Fields => w.contacts_bad_fields(
                contact::MOST_FIELDS,
                contact::LONGEST_FIELD_NAME,
                contact::LONGEST_FIELD,
            ),
            Unfit::Groups => w.contacts_bad_groups(MOST_GROUPS_OF_CONTACT),
        }),
        NotDone::Make(CreateContactsError::TooMany) => Ok(w.contacts_too_many(MOST_CONTACTS)),
        NotDone::Make(CreateContactsError::NoSuchGroup(_))
        | NotDone::Change(ChangeContactError::NoSuchGroup(_)) => Ok(w.contacts_no_group()),
        NotDone::Change(ChangeContactError::TooManyGroups) => {
            Ok(w.contacts_too_many_groups(MOST_GROUPS_OF_CONTACT))
        }
        NotDone::Change(ChangeContactError::NoSuchContact) => Err(Failure::NotFound),
        NotDone::TooManyAtOnce => Err(Failure::Malformed),
        NotDone::NotTheirs(NotTheirs::NoSuchTeam(_)) => Ok(w.contacts_no_team()),
        NotDone::NotTheirs(refused) => Err(refused.into()),
        NotDone::Make(CreateContactsError::Store(error))
        | NotDone::Change(ChangeContactError::Store(error))
        | NotDone::Store(error) => Err(error.into()),
    }
}

impl From<NotTheirs> for Failure {
    fn from(refused: NotTheirs) -> Self {
        match refused {
            NotTheirs::Denied(denied) => denied.into(),
            NotTheirs::NoSuchUser(_) | NotTheirs::NoSuchTeam(_) | NotTheirs::Both => {
                Self::Malformed
            }
            NotTheirs::Store(error) => error.into(),
        }
    }
}
