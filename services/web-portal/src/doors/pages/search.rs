//! What there is by a name, a number or an id: pages, people, conversations, messages, modems. The page of it, and the list that
//! `palette.js` shows over any page.
//!
//! It finds a few of each kind and leads to the lists for more: those have their own searches. Nothing is found that its own page
//! would not show: each kind is asked for through its act, with the power that the act needs.

use askama::Template;
use askama::filters::HtmlSafe;
use axum::Json;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse as _, Response};
use contracts::MessageId;
use serde::Deserialize;
use store::{
    ContactFilter, ConversationFilter, LONGEST_SEARCH, MessageFilter, NamePage, Page, Shelf,
};

use super::failure::Failure;
use super::form::PATCHES;
use super::frame::{Frame, html};
use super::hostile::Hostile;
use super::modems;
use super::navigation::SECTIONS;
use super::parts::talk_path;
use super::patch::Patch;
use super::visit::Visit;
use crate::acts::{account, contact, conversation, group, history, inbox, modem, template};
use crate::app::App;
use crate::authority::Authority;
use crate::power::Power;
use crate::words::Words;

/// The most of one kind.
const MOST: usize = 6;

#[derive(Template)]
#[template(path = "search_page.html")]
struct SearchPage {
    w: Words,
    frame: Frame,
    q: String,
    found: Found,
}

/// What was found.
#[derive(Template)]
#[template(path = "found.html")]
struct Found {
    w: Words,
    kinds: Vec<Kind>,
}

/// Escaped by its own template.
impl HtmlSafe for Found {}

/// What was found of one kind.
struct Kind {
    name: String,
    hits: Vec<Hit>,
    /// No more than [`MOST`] were looked for.
    may_be_more: bool,
}

impl Kind {
    fn first(name: String, hits: Vec<Hit>) -> Self {
        Self { name, hits, may_be_more: true }
    }
}

/// Something that was found.
struct Hit {
    path: String,
    name: Hostile,
    /// What tells it from another one of the same name.
    about: Hostile,
}

impl Hit {
    fn of(path: String, name: impl Into<String>, about: impl Into<String>) -> Self {
        Self { path, name: Hostile(name.into()), about: Hostile(about.into()) }
    }
}

impl Found {
    fn count(&self) -> usize {
        self.kinds.iter().map(|kind| kind.hits.len()).sum()
    }

    /// Whether there may be more of a kind than is shown. Pages are all shown.
    fn is_cut(&self) -> bool {
        self.kinds.iter().any(|kind| kind.may_be_more && kind.hits.len() >= MOST)
    }
}

/// What is looked for.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    q: String,
}

/// A page with its address, what whoever sees it must be allowed, and its name.
type AsidePage = (&'static str, Option<Power>, fn(Words) -> String);

/// The pages that the navigation does not lead to.
const ASIDE: [AsidePage; 4] = [
    ("/optouts", Some(Power::OptOutsRead), Words::opt_outs_title),
    ("/credits", Some(Power::CreditsRead), Words::credits_title),
    ("/keys", Some(Power::KeysManage), Words::keys_title),
    ("/api/docs", None, Words::api_docs_title),
];

/// `GET /search`.
pub(super) async fn show(
    State(app): State<App>,
    visit: Visit,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let (w, q) = (visit.words, asked.q.trim());
    if q.chars().count() > LONGEST_SEARCH {
        return Err(Failure::TooLarge { field: "q", most: LONGEST_SEARCH });
    }
    let found = Found { w, kinds: kinds(&app, visit.authority()?, w, q).await? };
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    if accept.is_some_and(|accept| accept.contains(PATCHES)) {
        let patches = [Patch::put("found", &found)?];
        return Ok(([(header::CONTENT_TYPE, PATCHES)], Json(patches)).into_response());
    }
    let frame = Frame::of(&app, &visit).await;
    Ok(html(&SearchPage { w, frame, q: q.to_owned(), found })?.into_response())
}

/// The kinds of which something was found. Of nothing that is looked for, all pages are found and nothing else.
async fn kinds(app: &App, authority: &Authority, w: Words, q: &str) -> Result<Vec<Kind>, Failure> {
    let hits = pages(authority, w, q);
    let mut kinds = vec![Kind { name: w.search_pages(), hits, may_be_more: false }];
    if !q.is_empty() {
        if authority.may(Power::ContactsRead) {
            kinds.push(Kind::first(w.nav_contacts(), contacts(app, authority, q).await?));
        }
        if authority.may(Power::InboxRead) {
            let hits = conversations(app, authority, q).await?;
            kinds.push(Kind::first(w.nav_conversations(), hits));
        }
        kinds.push(Kind::first(w.nav_messages(), messages(app, authority, q).await?));
        if authority.may(Power::ContactsRead) {
            kinds.push(Kind::first(w.nav_groups(), groups(app, authority, q).await?));
        }
        if authority.may(Power::TemplatesRead) {
            kinds.push(Kind::first(w.nav_templates(), templates(app, authority, q).await?));
        }
        if authority.may(Power::ModemsRead) {
            let all = modem::list(app, authority).await?;
            let hits = all.iter().filter(|modem| modems::is_said_of(q, modem)).take(MOST);
            let hits = hits.map(|modem| {
                let number = modem.sim.as_ref().and_then(|sim| sim.number.as_ref());
                let number = number.map(ToString::to_string).unwrap_or_default();
                Hit::of(format!("/modems/{}", modem.id), modem.name.clone(), number)
            });
            kinds.push(Kind::first(w.nav_modems(), hits.collect()));
        }
        if authority.may(Power::UsersManage) {
            let all = account::list(app, authority).await?;
            let named = all.into_iter().filter(|user| has(&user.name, q)).take(MOST);
            let hits = named.map(|user| Hit::of(format!("/users/{}", user.id), user.name, ""));
            kinds.push(Kind::first(w.nav_users(), hits.collect()));
        }
    }
    kinds.retain(|kind| !kind.hits.is_empty());
    Ok(kinds)
}

/// Whether a name has what is looked for in it, letter case aside.
fn has(name: &str, q: &str) -> bool {
    name.to_lowercase().contains(&q.to_lowercase())
}

fn pages(authority: &Authority, w: Words, q: &str) -> Vec<Hit> {
    let places = SECTIONS.iter().flat_map(|section| section.places);
    let places = places.filter(|place| place.is_for(|power| authority.may(power)));
    let places = places.map(|place| (place.path, (place.name)(w)));
    let aside = ASIDE.into_iter().filter(|(_, power, _)| power.is_none_or(|p| authority.may(p)));
    let all = places.chain(aside.map(|(path, _, name)| (path, name(w))));
    let named = all.filter(|(_, name)| has(name, q));
    named.map(|(path, name)| Hit::of(path.to_owned(), name, "")).collect()
}

fn first_page() -> NamePage {
    NamePage { after: None, limit: u32::try_from(MOST).unwrap_or(u32::MAX) }
}

fn newest() -> Page {
    Page { before: None, limit: u32::try_from(MOST).unwrap_or(u32::MAX) }
}

async fn contacts(app: &App, authority: &Authority, q: &str) -> Result<Vec<Hit>, Failure> {
    let filter = ContactFilter { search: Some(q.to_owned()), ..ContactFilter::default() };
    let (found, _) = contact::list(app, authority, &filter, &first_page()).await?;
    let hits = found.into_iter().map(|contact| {
        Hit::of(format!("/contacts/{}", contact.id), contact.name, contact.number.to_string())
    });
    Ok(hits.collect())
}

async fn conversations(app: &App, authority: &Authority, q: &str) -> Result<Vec<Hit>, Failure> {
    let filter = ConversationFilter { search: Some(q), shelf: Shelf::Any };
    let found = conversation::list(app, authority, filter, newest()).await?;
    let hits = found.conversations.iter().map(|one| {
        let number = one.with.to_string();
        match &one.heading.name {
            Some(name) => Hit::of(talk_path(&number), name.clone(), number),
            None => Hit::of(talk_path(&number), number, ""),
        }
    });
    Ok(hits.collect())
}

/// The message of an id or of a number.
async fn messages(app: &App, authority: &Authority, q: &str) -> Result<Vec<Hit>, Failure> {
    if let Ok(id) = q.parse::<MessageId>() {
        if authority.may(Power::InboxRead)
            && let Some(received) = inbox::one(app, authority, id).await?
        {
            return Ok(vec![Hit::of(format!("/received/{id}"), q, received.from.to_string())]);
        }
        if authority.may(Power::MessagesRead)
            && let Some(detail) = history::one(app, authority, id).await?
        {
            let to = detail.message.to.to_string();
            return Ok(vec![Hit::of(format!("/messages/{id}"), q, to)]);
        }
        return Ok(Vec::new());
    }
    let Ok(number) = q.parse::<i64>() else { return Ok(Vec::new()) };
    if !authority.may(Power::MessagesRead) {
        return Ok(Vec::new());
    }
    let filter = MessageFilter { numbers: Some(number..=number), ..MessageFilter::default() };
    let found = history::list(app, authority, &filter, newest()).await?;
    let hits = found
        .messages
        .into_iter()
        .map(|message| Hit::of(format!("/messages/{}", message.id), q, message.to.to_string()));
    Ok(hits.collect())
}

async fn groups(app: &App, authority: &Authority, q: &str) -> Result<Vec<Hit>, Failure> {
    let (found, _) = group::list(app, authority, Some(q), &first_page()).await?;
    let hits = found.into_iter().map(|group| {
        Hit::of(format!("/groups/{}", group.id), group.name, group.code.unwrap_or_default())
    });
    Ok(hits.collect())
}

async fn templates(app: &App, authority: &Authority, q: &str) -> Result<Vec<Hit>, Failure> {
    let (found, _) = template::list(app, authority, Some(q), &first_page()).await?;
    let hits = found
        .into_iter()
        .map(|template| Hit::of(format!("/templates/{}", template.id), template.name, ""));
    Ok(hits.collect())
}
