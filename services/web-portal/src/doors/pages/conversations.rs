//! Conversations: lists, each of them as on a phone, and what a team keeps of it.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse as _, Response};
use contracts::{Address, ContactId, MessageId, ModemId, NoteId, SimId, TemplateId, UserId};
use serde::Deserialize;
use store::{
    Conversation, ConversationFilter, Cursor, Heading, LONGEST_COUNTERPART, LONGEST_THREAD_NOTE,
    Line, MOST_MUTES, MOST_THREAD_NOTES, NamePage, Personalia, Shelf,
};

use super::failure::Failure;
use super::form::Form;
use super::frame::{Frame, html};
use super::hostile::Hostile;
use super::lists::Where;
use super::notice::Notice;
use super::parts::{
    Bubble, MarksLine, Pager, Pill, TalkForm, When, body_words, heard_words, lists_of_page, marks,
    talk_path, writers_of_page,
};
use super::visit::Visit;
use crate::acts::belonging::may_share;
use crate::acts::conversation::{self, Changes, NotChanged, Talk};
use crate::acts::template;
use crate::acts::waiting::Reasons;
use crate::app::App;
use crate::authority::Authority;
use crate::power::Power;
use crate::words::Words;

/// The most templates that are offered.
const CANNED: u32 = 20;
/// The most octets of the page that all their texts take.
const CANNED_TEXTS: usize = 8_000;

#[derive(Template)]
#[template(path = "talks.html")]
struct TalksPage {
    w: Words,
    frame: Frame,
    first: bool,
    q: String,
    show: String,
    tabs: Vec<Tab>,
    empty: String,
    rows: Vec<TalkRow>,
    pager: Pager,
}

/// A link to a list.
struct Tab {
    path: String,
    words: String,
    here: bool,
}

/// A conversation in the list.
struct TalkRow {
    /// The id of its last message.
    id: MessageId,
    path: String,
    shown: Hostile,
    unread: u64,
    /// To whom it is assigned, and where it is, in a few words each.
    marks: Vec<Hostile>,
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
    /// The list in which stands who writes.
    writers: String,
    marks: MarksLine,
    team: Option<Team>,
    /// A note that was refused, which the form for one still has.
    note: Option<RefusedNote>,
    /// The modem that the form sends through.
    via: Option<String>,
    /// A name, which cannot be answered.
    name_only: Option<String>,
}

/// A template that the form may begin with.
struct Canned {
    path: String,
    name: Hostile,
    /// Its text with its fields filled in; none: it is long, and only the page that the form begins on has it.
    text: Option<String>,
}

/// The forms for what a team keeps of a conversation.
struct Team {
    /// It may be assigned and archived, and notes may be written.
    may_answer: bool,
    /// The number may be blocked.
    may_block: bool,
    assignees: Vec<Choice>,
    archived: bool,
    muted: bool,
    blocked: bool,
}

/// Somebody to whom it may be assigned.
struct Choice {
    id: UserId,
    name: String,
    chosen: bool,
}

/// What the form begins with.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Begin {
    template: Option<TemplateId>,
    whole: Option<NoteId>,
}

/// What the page of a conversation begins with.
#[derive(Default)]
pub(super) struct Said {
    /// A template whose text the form has.
    template: Option<TemplateId>,
    /// The form as it was written already.
    form: Option<TalkForm>,
    /// A note that was refused.
    note: Option<RefusedNote>,
    /// The note of which the page has all.
    whole: Option<NoteId>,
}

impl Said {
    /// With a form as it was written already.
    pub(super) fn again(form: TalkForm) -> Self {
        Self { form: Some(form), ..Self::default() }
    }
}

/// A note that was not kept.
struct RefusedNote {
    text: String,
    error: String,
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
    let shelf = match place.show.as_str() {
        // Who looks for somebody means all of them.
        "" if !place.q.trim().is_empty() => Shelf::Any,
        "" => Shelf::Open,
        shelf => shelf.parse().map_err(|_| Failure::Malformed)?,
    };
    let filter = ConversationFilter { search: Some(place.q.as_str()), shelf };
    let page = conversation::list(&app, authority, filter, page).await?;
    html(&TalksPage {
        w,
        frame,
        first,
        tabs: tabs(w, shelf),
        empty: match shelf {
            Shelf::Open | Shelf::Any => w.talks_empty(),
            Shelf::Mine => w.talks_empty_mine(),
            Shelf::Unassigned => w.talks_empty_unassigned(),
            Shelf::Archived => w.talks_empty_archived(),
            Shelf::Blocked => w.talks_empty_blocked(),
        },
        rows: page.conversations.iter().map(|one| TalkRow::of(w, one)).collect(),
        pager: place.pager(w, "/conversations", page.next),
        q: place.q,
        show: place.show,
    })
}

/// Links to the lists there are.
fn tabs(w: Words, here: Shelf) -> Vec<Tab> {
    let shelves = [
        (Shelf::Open, w.talks_open_ones()),
        (Shelf::Mine, w.talks_mine()),
        (Shelf::Unassigned, w.talks_unassigned()),
        (Shelf::Archived, w.talks_archived()),
        (Shelf::Blocked, w.talks_blocked()),
    ];
    let tab = |(shelf, words): (Shelf, String)| Tab {
        path: match shelf {
            Shelf::Open => "/conversations".to_owned(),
            shelf => format!("/conversations?show={shelf}"),
        },
        words,
        here: shelf == here,
    };
    shelves.into_iter().map(tab).collect()
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
            Line::Note(note) => (None, Hostile(note.text.clone())),
        };
        let place = one.last.cursor();
        Self {
            id: place.id,
            path: talk_path(&number),
            shown: Hostile(one.heading.name.clone().unwrap_or(number)).short(Hostile::NAME),
            unread: u64::from(one.heading.unread),
            marks: marks(w, &one.heading),
            at: When(place.at),
            state,
            text: text.short(Hostile::ABOUT),
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
    let Begin { template, whole } = begin;
    page(&app, &visit, &with, &place, Said { template, whole, ..Said::default() }).await
}

/// The page of a conversation.
pub(super) async fn page(
    app: &App,
    visit: &Visit,
    with: &str,
    place: &Where,
    Said { template, form: written, note, whole }: Said,
) -> Result<Html<String>, Failure> {
    let authority = visit.authority()?;
    if with.chars().count() > LONGEST_COUNTERPART {
        return Err(Failure::NotFound);
    }
    let w = visit.words;
    // Before anything is read, so that nothing that happens meanwhile is missed.
    let mut frame = Frame::of(app, visit).await;
    let page = place.page()?;
    let first = page.before.is_none();
    let Talk { with, heading, page } = conversation::one(app, authority, with, page).await?;
    let is_name = matches!(with, Address::Name(_));
    if is_name && first && page.lines.is_empty() {
        return Err(Failure::NotFound);
    }
    let number = with.to_string();
    let newest = page.lines.iter().find(|line| matches!(line, Line::Received(_)));
    if let Some(newest) = newest.filter(|_| first && heading.unread > 0) {
        conversation::read(app, authority, &number, newest.cursor().at).await?;
    }
    let reasons = Reasons::now(app).await;
    let through = through(app, authority, &page.lines);
    let may_write = authority.may(Power::MessagesSend) && !is_name;
    let path = talk_path(&number);
    // A page that answers a form is at the address of the form.
    if written.is_some() || note.is_some() {
        frame.path.clone_from(&path);
    }
    let mut canned = Vec::new();
    let sim = through.map(|(sim, _)| sim);
    let mut form =
        may_write.then(|| written.unwrap_or_else(|| TalkForm::of(w, &number, sim, &visit.csrf)));
    if let Some(form) = &mut form {
        let newest = page.lines.first().filter(|_| first).map(Line::cursor);
        let newest = newest.unwrap_or_else(|| seen_now(app));
        if form.seen.is_empty() {
            form.seen = newest.to_string();
        }
    }
    if let Some(form) = form.as_mut().filter(|_| authority.may(Power::TemplatesRead)) {
        let of = conversation::personalia(app, authority, &with, &heading).await?;
        canned = templates(app, authority, &path, &of).await?;
        if let Some(id) = template {
            let template = template::one(app, authority, id).await?.ok_or(Failure::NotFound)?;
            let text = conversation::filled(&template.text, &of);
            form.begin_with(w, text, app.settings.max_parts);
        }
    }
    app.fleet.ready().await;
    html(&TalkPage {
        w,
        frame,
        lists: lists_of_page(&with),
        writers: writers_of_page(&with),
        marks: MarksLine::of(w, &with, &heading),
        team: team(app, authority, &with, &heading).await?,
        note,
        first,
        lines: page
            .lines
            .iter()
            .map(|line| Bubble::of(w, (&with, whole), line, &reasons))
            .collect(),
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

/// The place of what is told from now on.
fn seen_now(app: &App) -> Cursor {
    Cursor { at: app.clock.now(), id: MessageId::new() }
}

/// The forms for what a team keeps of a conversation; none: nothing of it is in reach.
async fn team(
    app: &App,
    authority: &Authority,
    with: &Address,
    heading: &Heading,
) -> Result<Option<Team>, Failure> {
    if !conversation::is_there(app, authority, with).await? {
        return Ok(None);
    }
    let may_answer = authority.may(Power::MessagesSend);
    let all =
        if may_answer { conversation::assignees(app, authority, with).await? } else { Vec::new() };
    let to = heading.assigned.as_ref().map(|to| to.id);
    let assignees = all.into_iter().map(|one| Choice {
        id: one.id,
        chosen: to == Some(one.id),
        name: one.name,
    });
    Ok(Some(Team {
        may_answer,
        may_block: may_share(authority),
        assignees: assignees.collect(),
        archived: heading.archived,
        muted: heading.muted,
        blocked: heading.blocked,
    }))
}

/// The first templates in reach, each with the address of the page whose form begins with it.
async fn templates(
    app: &App,
    authority: &Authority,
    path: &str,
    of: &Personalia,
) -> Result<Vec<Canned>, Failure> {
    let page = NamePage { after: None, limit: CANNED };
    let (templates, _) = template::list(app, authority, None, &page).await?;
    let mut left = CANNED_TEXTS;
    let canned = templates.into_iter().map(|template| {
        let text = conversation::filled(&template.text, of);
        let rest = left.checked_sub(in_attribute(&text));
        left = rest.unwrap_or(left);
        Canned {
            path: format!("{path}?template={}", template.id),
            text: rest.map(|_| text),
            name: Hostile(template.name).short(Hostile::CHOICE),
        }
    });
    Ok(canned.collect())
}

/// How many octets a text takes in an attribute, where it is escaped.
fn in_attribute(text: &str) -> usize {
    let octets = text.chars().map(|c| match c {
        '<' | '>' | '&' | '"' | '\'' => "&#60;".len(),
        c => c.len_utf8(),
    });
    octets.sum()
}

/// The SIM that was written to last, or that was written from, with the modem it was in then; none: it may not be sent
/// through.
fn through(app: &App, authority: &Authority, lines: &[Line]) -> Option<(SimId, Option<ModemId>)> {
    let heard = lines.iter().find_map(|line| match line {
        Line::Received(message) => Some((message.sim, Some(message.modem))),
        Line::Sent(_) | Line::Missed(_) | Line::Note(_) => None,
    });
    let said = lines.iter().find_map(|line| match line {
        Line::Sent(message) => message.sim.map(|sim| (sim, message.modem)),
        Line::Received(_) | Line::Missed(_) | Line::Note(_) => None,
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

/// `POST /conversations/{number}/mark`: assigns, archives, mutes or blocks it, or takes that back.
pub(super) async fn mark(
    State(app): State<App>,
    Path(with): Path<String>,
    form: Form,
) -> Result<Response, Failure> {
    let (visit, w) = (&form.visit, form.visit.words);
    let asked = |name: &str| match form.field(name) {
        "" => Ok(None),
        "1" => Ok(Some(true)),
        "0" => Ok(Some(false)),
        _ => Err(Failure::Malformed),
    };
    let changes = Changes {
        assigned_to: form.fields("assign").next().map(str::to_owned),
        archived: asked("archive")?,
        muted: asked("mute")?,
        blocked: asked("block")?,
    };
    if changes == Changes::default() {
        return Err(Failure::Malformed);
    }
    let (with, heading) =
        match conversation::change(&app, visit.authority()?, &with, &changes).await {
            Ok(changed) => changed,
            Err(refused) => return refuse(visit, &with, refused),
        };
    let words = match (&changes, heading.assigned) {
        (Changes { blocked: Some(true), .. }, _) => w.talk_done_blocked(),
        (Changes { blocked: Some(false), .. }, _) => w.talk_done_unblocked(),
        (Changes { archived: Some(true), .. }, _) => w.talk_done_archived(),
        (Changes { archived: Some(false), .. }, _) => w.talk_done_unarchived(),
        (Changes { muted: Some(true), .. }, _) => w.talk_done_muted(),
        (Changes { muted: Some(false), .. }, _) => w.talk_done_unmuted(),
        (_, Some(to)) => w.talk_done_assigned(to.name),
        (_, None) => w.talk_done_unassigned(),
    };
    // What is out of the list is done with.
    let page = match changes.archived {
        Some(true) => "/conversations".to_owned(),
        _ => talk_path(&with.to_string()),
    };
    Ok(visit.lead_to(&page, Notice::done(words)))
}

/// `POST /conversations/{number}/note`: writes a note for colleagues.
pub(super) async fn note(
    State(app): State<App>,
    Path(with): Path<String>,
    form: Form,
) -> Result<Response, Failure> {
    let (visit, w) = (&form.visit, form.visit.words);
    match conversation::note(&app, visit.authority()?, &with, form.field("note")).await {
        Ok(_) => Ok(visit.lead_to(&talk_path(&with), Notice::done(w.talk_done_noted()))),
        Err(refused) => {
            let error = match refused {
                NotChanged::Note => w.talk_bad_note(LONGEST_THREAD_NOTE),
                NotChanged::TooManyNotes => w.talk_too_many_notes(MOST_THREAD_NOTES),
                refused => return refuse(visit, &with, refused),
            };
            let text = form.field("note").to_owned();
            let said = Said { note: Some(RefusedNote { text, error }), ..Said::default() };
            let page = page(&app, visit, &with, &Where::default(), said).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

/// Back to the conversation, with what was wrong.
fn refuse(visit: &Visit, with: &str, refused: NotChanged) -> Result<Response, Failure> {
    let w = visit.words;
    let words = match refused {
        NotChanged::Denied(denied) => return Err(denied.into()),
        NotChanged::Store(error) => return Err(error.into()),
        NotChanged::NotThere => return Err(Failure::NotFound),
        NotChanged::NotTheirs(_) => w.talk_not_theirs(),
        NotChanged::Note => w.talk_bad_note(LONGEST_THREAD_NOTE),
        NotChanged::TooManyNotes => w.talk_too_many_notes(MOST_THREAD_NOTES),
        NotChanged::TooManyMutes => w.talk_too_many_mutes(MOST_MUTES),
    };
    Ok(visit.lead_to(&talk_path(with), Notice::failed(words)))
}

/// `POST /conversations/{number}/writing`: whoever has it open is told that somebody writes.
pub(super) async fn writing(
    State(app): State<App>,
    Path(with): Path<String>,
    form: Form,
) -> Result<StatusCode, Failure> {
    match conversation::write(&app, form.visit.authority()?, &with).await {
        // A number that nobody wrote to is no mistake of the page.
        Ok(()) | Err(NotChanged::NotThere) => Ok(StatusCode::NO_CONTENT),
        Err(refused) => refuse(&form.visit, &with, refused).map(|_| StatusCode::NO_CONTENT),
    }
}
