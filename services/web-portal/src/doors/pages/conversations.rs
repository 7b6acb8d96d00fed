//! Conversations: a list, and each as on a phone.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse as _, Response};
use contracts::{Address, ContactId, MessageId, ModemId, SimId, TemplateId};
use serde::Deserialize;
use store::{Conversation, LONGEST_COUNTERPART, Line, NamePage};

use super::failure::Failure;
use super::form::Form;
use super::frame::{Frame, html};
use super::hostile::Hostile;
use super::lists::Where;
use super::parts::{
    Bubble, Pager, Pill, TalkForm, When, body_words, heard_words, lists_of_page, talk_path,
};
use super::visit::Visit;
use crate::acts::conversation::{self, Talk};
use crate::acts::template;
use crate::acts::waiting::Reasons;
use crate::app::App;
use crate::authority::Authority;
use crate::power::Power;
use crate::words::Words;

/// The most characters of the last message that the list shows.
const SHOWN: usize = 200;
/// The most templates that are offered.
const CANNED: u32 = 20;

#[derive(Template)]
#[template(path = "talks.html")]
struct TalksPage {
    w: Words,
    frame: Frame,
    first: bool,
    q: String,
    rows: Vec<TalkRow>,
    pager: Pager,
}

/// A conversation in the list.
struct TalkRow {
    /// The id of its last message.
    id: MessageId,
    path: String,
    shown: Hostile,
    unread: u64,
    at: When,
    /// How far the last message is, when it was sent.
    state: Option<Pill>,
    text: Hostile,
}

#[derive(Template)]
#[template(path = "talk.html")]
struct TalkPage {
    w: Words,
    frame: Frame,
    path: String,
    /// The name of the contact, or the number.
    shown: Hostile,
    /// The number, where the name is shown.
    number: Option<String>,
    contact: Option<ContactId>,
    lists: String,
    first: bool,
    lines: Vec<Bubble>,
    pager: Pager,
    form: Option<TalkForm>,
    /// Templates whose texts the form may begin with.
    canned: Vec<Canned>,
    /// The modem that the form sends through.
    via: Option<String>,
    /// A name, which cannot be answered.
    name_only: Option<String>,
}

/// A template that the form may begin with.
struct Canned {
    path: String,
    name: Hostile,
}

/// What the form begins with.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Begin {
    template: Option<TemplateId>,
}

/// `GET /conversations`.
pub(super) async fn list(
    State(app): State<App>,
    visit: Visit,
    Query(place): Query<Where>,
) -> Result<Html<String>, Failure> {
    let authority = visit.authority()?;
    let w = visit.words;
    let frame = Frame::of(&app, &visit).await;
    let page = place.page()?;
    let first = page.before.is_none();
    // It is looked for in numbers and names, not in words.
    place.search()?;
    let page = conversation::list(&app, authority, Some(place.q.as_str()), page).await?;
    html(&TalksPage {
        w,
        frame,
        first,
        rows: page.conversations.iter().map(|one| TalkRow::of(w, one)).collect(),
        pager: place.pager(w, "/conversations", page.next),
        q: place.q,
    })
}

impl TalkRow {
    fn of(w: Words, one: &Conversation) -> Self {
        let number = one.with.to_string();
        let (state, text) = match &one.last {
            Line::Sent(message) => {
                (Some(Pill::of(w, message.id, message.state)), body_words(w, &message.body))
            }
            Line::Received(message) => (None, heard_words(w, message)),
            Line::Missed(_) => (None, Hostile(w.talk_missed_call())),
        };
        let place = one.last.cursor();
        Self {
            id: place.id,
            path: talk_path(&number),
            shown: Hostile(one.heading.name.clone().unwrap_or(number)),
            unread: u64::from(one.heading.unread),
            at: When(place.at),
            state,
            text: Hostile(text.0.chars().take(SHOWN).collect()),
        }
    }
}

/// `GET /conversations/{number}`: what is shown on its first page is read from then on.
pub(super) async fn show(
    State(app): State<App>,
    visit: Visit,
    Path(with): Path<String>,
    Query(place): Query<Where>,
    Query(begin): Query<Begin>,
) -> Result<Html<String>, Failure> {
    let authority = visit.authority()?;
    if with.chars().count() > LONGEST_COUNTERPART {
        return Err(Failure::NotFound);
    }
    let w = visit.words;
    // Before anything is read, so that nothing that happens meanwhile is missed.
    let frame = Frame::of(&app, &visit).await;
    let page = place.page()?;
    let first = page.before.is_none();
    let Talk { with, heading, page } = conversation::one(&app, authority, &with, page).await?;
    let is_name = matches!(with, Address::Name(_));
    if is_name && first && page.lines.is_empty() {
        return Err(Failure::NotFound);
    }
    let number = with.to_string();
    let newest = page.lines.iter().find(|line| matches!(line, Line::Received(_)));
    if let Some(newest) = newest.filter(|_| first && heading.unread > 0) {
        conversation::read(&app, authority, &number, newest.cursor().at).await?;
    }
    let reasons = Reasons::now(&app).await;
    let through = through(&app, authority, &page.lines);
    let may_write = authority.may(Power::MessagesSend) && !is_name;
    let path = talk_path(&number);
    let mut canned = Vec::new();
    let mut form =
        may_write.then(|| TalkForm::of(w, &number, through.map(|(sim, _)| sim), &visit.csrf));
    if let Some(form) = form.as_mut().filter(|_| authority.may(Power::TemplatesRead)) {
        canned = templates(&app, authority, &path).await?;
        if let Some(id) = begin.template {
            let template = template::one(&app, authority, id).await?.ok_or(Failure::NotFound)?;
            form.begin_with(w, template.text, app.settings.max_parts);
        }
    }
    app.fleet.ready().await;
    html(&TalkPage {
        w,
        frame,
        lists: lists_of_page(&with),
        first,
        lines: page.lines.iter().map(|line| Bubble::of(w, line, &reasons)).collect(),
        pager: place.pager(w, &path, page.next),
        form,
        canned,
        via: through.filter(|_| may_write).and_then(|(_, modem)| app.fleet.name(modem?)),
        name_only: is_name.then(|| number.clone()),
        contact: heading.contact,
        number: heading.name.is_some().then(|| number.clone()),
        shown: Hostile(heading.name.unwrap_or(number)),
        path,
    })
}

/// The first templates in reach, each with the address of the page whose form begins with it.
async fn templates(app: &App, authority: &Authority, path: &str) -> Result<Vec<Canned>, Failure> {
    let page = NamePage { after: None, limit: CANNED };
    let (templates, _) = template::list(app, authority, None, &page).await?;
    let canned = templates.into_iter().map(|template| Canned {
        path: format!("{path}?template={}", template.id),
        name: Hostile(template.name),
    });
    Ok(canned.collect())
}

/// The SIM that was written to last, or that was written from, with the modem it was in then; none: it may not be sent
/// through.
fn through(app: &App, authority: &Authority, lines: &[Line]) -> Option<(SimId, Option<ModemId>)> {
    let heard = lines.iter().find_map(|line| match line {
        Line::Received(message) => Some((message.sim, Some(message.modem))),
        Line::Sent(_) | Line::Missed(_) => None,
    });
    let said = lines.iter().find_map(|line| match line {
        Line::Sent(message) => message.sim.map(|sim| (sim, message.modem)),
        Line::Received(_) | Line::Missed(_) => None,
    });
    let may = |sim: SimId| app.directory.sends_through(authority.reach, authority.owner(), sim);
    heard.or(said).filter(|(sim, _)| may(*sim))
}

/// `POST /conversations/{number}/read`: what came while the page was looked at is read.
pub(super) async fn read(
    State(app): State<App>,
    Path(with): Path<String>,
    form: Form,
) -> Result<Response, Failure> {
    let authority = form.visit.authority()?;
    conversation::read(&app, authority, &with, app.clock.now()).await?;
    if form.wants_patches {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    Ok(axum::response::Redirect::to(&talk_path(&with)).into_response())
}
