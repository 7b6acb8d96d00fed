//! Keyword services: one's own, or all of the organisation for administrators.

mod entries;
mod kinds;
mod refused;
mod written;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse as _, Response};
use contracts::{MessageId, ServiceId};
use keyword::reply::NoReply;
use store::{CallbackState, LoggedCall, Question, Service, ServiceAction};

use super::failure::Failure;
use super::form::Form;
use super::frame::{Frame, html};
use super::hostile::Hostile;
use super::notice::Notice;
use super::parts::{Sentence, Tone, When, within, without_secrets};
use super::pieces::Piece;
use super::visit::Visit;
use crate::acts::conflict::{self, Both, Conflict};
use crate::acts::service;
use crate::acts::trial::{self, Call, Deed, Reply, Taken, Trial, Tried};
use crate::acts::vote;
use crate::app::App;
use crate::words::Words;
use entries::Kept;
pub(super) use entries::{clear, entries_csv, moderate};
use refused::refusal;
use written::Written;

/// Services of one page.
const ROWS: usize = 50;

#[derive(Template)]
#[template(path = "services.html")]
struct ServicesPage {
    w: Words,
    frame: Frame,
    services: Vec<Row>,
    /// It is the beginning of the list, and the address of what follows.
    first: bool,
    more: Option<String>,
    written: Written,
    error: Option<String>,
    from: String,
    text: String,
    tried: Option<WouldBe>,
}

#[derive(Template)]
#[template(path = "service.html")]
struct ServicePage {
    w: Words,
    frame: Frame,
    id: ServiceId,
    name: Hostile,
    path: String,
    written: Written,
    error: Option<String>,
    conflicts: Vec<Sentence>,
    /// The options that senders vote for, each with how many chose it.
    votes: Vec<(Hostile, u64)>,
    kept: Option<Kept>,
    calls: Vec<Line>,
}

/// A service in the list.
struct Row {
    id: ServiceId,
    name: Hostile,
    takes: Hostile,
    does: String,
    argument: Hostile,
    back: String,
}

/// A call of a service.
struct Line {
    tone: Tone,
    at: When,
    words: Sentence,
    reply: Option<MessageId>,
}

/// What would become of a message.
struct WouldBe {
    /// That a service asks the sender something; empty: none does.
    asks: String,
    taken: Sentence,
    url: Option<Hostile>,
    /// What is done in place of a call; empty: nothing.
    done: String,
    /// What is sent on, and to whom.
    sent_on: Option<Hostile>,
    reply: Option<Hostile>,
    back: String,
}

/// `GET /services`.
pub(super) async fn list(State(app): State<App>, visit: Visit) -> Result<Html<String>, Failure> {
    list_page(&app, &visit, (Written::new(), None), None).await
}

async fn list_page(
    app: &App,
    visit: &Visit,
    (written, error): (Written, Option<String>),
    tried: Option<(Tried, WouldBe)>,
) -> Result<Html<String>, Failure> {
    let w = visit.words;
    let services = service::list(app, visit.authority()?).await?;
    let rows = services.iter().map(|service| row(w, service));
    let piece = Piece::of(visit, "/services", rows, ROWS);
    let (from, text, tried) = match tried {
        Some((tried, would_be)) => (tried.from, tried.text, Some(would_be)),
        None => (String::new(), String::new(), None),
    };
    html(&ServicesPage {
        w,
        frame: Frame { path: "/services".to_owned(), ..Frame::of(app, visit).await },
        services: piece.rows,
        first: piece.first,
        more: piece.more,
        written,
        error,
        from,
        text,
        tried,
    })
}

/// `POST /services`.
pub(super) async fn add(State(app): State<App>, form: Form) -> Result<Response, Failure> {
    let visit = &form.visit;
    let w = visit.words;
    let written = Written::from(&form)?;
    match service::make(&app, visit.authority()?, written.wanted()?).await {
        Ok(made) => Ok(visit.lead_to("/services", Notice::done(w.services_added(made.name)))),
        Err(refused) => {
            let error = Some(refusal(w, refused)?);
            let page = list_page(&app, visit, (written, error), None).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

/// `POST /services/test`: the list with what would become of the message.
pub(super) async fn test(State(app): State<App>, form: Form) -> Result<Html<String>, Failure> {
    let visit = &form.visit;
    let (from, text) = (form.field("from").trim().to_owned(), form.field("tried").to_owned());
    if from.chars().count() > trial::LONGEST_SENDER {
        return Err(Failure::TooLarge { field: "from", most: trial::LONGEST_SENDER });
    }
    let tried = Tried { from, text, sim: None };
    let trial = trial::of(&app, visit.authority()?, &tried).await?;
    let would_be = would_be(visit.words, trial);
    list_page(&app, visit, (Written::new(), None), Some((tried, would_be))).await
}

/// `GET /services/{id}`.
pub(super) async fn show(
    State(app): State<App>,
    visit: Visit,
    Path(said): Path<String>,
) -> Result<Html<String>, Failure> {
    page(&app, &visit, &said, None).await
}

async fn page(
    app: &App,
    visit: &Visit,
    said: &str,
    refused: Option<(Written, String)>,
) -> Result<Html<String>, Failure> {
    let w = visit.words;
    let found = service::one(app, visit.authority()?, said).await?;
    let (service, calls) = found.ok_or(Failure::NotFound)?;
    let path = format!("/services/{}", service.id);
    let conflicts = conflict::of(app, visit.authority()?, &service).await?;
    let votes = vote::counts(app, visit.authority()?, &service).await?.into_iter();
    let kept = entries::kept(app, visit, w, &service).await?;
    let (written, error) = match refused {
        Some((written, error)) => (written, Some(error)),
        None => (Written::of(&service), None),
    };
    html(&ServicePage {
        w,
        frame: Frame { path: path.clone(), ..Frame::of(app, visit).await },
        id: service.id,
        name: Hostile(service.name.clone()),
        path,
        written,
        error,
        conflicts: conflicts.into_iter().map(|one| Sentence(conflict_words(w, one))).collect(),
        votes: votes.map(|(option, count)| (Hostile(option), count)).collect(),
        kept,
        calls: calls.iter().map(|call| line(w, &service, call)).collect(),
    })
}

/// `POST /services/{id}`.
pub(super) async fn change(
    State(app): State<App>,
    Path(said): Path<String>,
    form: Form,
) -> Result<Response, Failure> {
    let visit = &form.visit;
    let w = visit.words;
    let written = Written::from(&form)?;
    match service::change(&app, visit.authority()?, &said, written.changes()?).await {
        Ok(Some(changed)) => {
            let notice = Notice::done(w.services_changed());
            Ok(visit.lead_to(&format!("/services/{}", changed.id), notice))
        }
        Ok(None) => Err(Failure::NotFound),
        Err(refused) => {
            let error = refusal(w, refused)?;
            let page = page(&app, visit, &said, Some((written, error))).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

/// `POST /services/{id}/remove`.
pub(super) async fn remove(
    State(app): State<App>,
    Path(said): Path<String>,
    form: Form,
) -> Result<Response, Failure> {
    let visit = &form.visit;
    if !service::remove(&app, visit.authority()?, &said).await? {
        return Err(Failure::NotFound);
    }
    Ok(visit.lead_to("/services", Notice::done(visit.words.services_removed())))
}

fn row(w: Words, service: &Service) -> Row {
    let argument = service.action.argument();
    let argument = match (&service.action, service.action.url()) {
        (ServiceAction::Forward { to, .. }, _) => format!("{argument} → {}", written::numbers(to)),
        (ServiceAction::Vote { options, .. }, _) => format!("{} {argument}", options.join(", ")),
        (ServiceAction::Quiz(quiz), _) => asked(&quiz.questions),
        (ServiceAction::Survey(survey), _) => asked(&survey.questions),
        (ServiceAction::Board(board), _) => board.address.clone().unwrap_or_default(),
        (_, None) => argument.to_owned(),
        (_, Some(url)) => without_secrets(url),
    };
    let replies = service.reply_with_body || service.action.has_reply();
    let back = match service.max_messages {
        parts if parts > 0 && replies => w.services_back(usize::from(parts)),
        _ => w.services_back_nothing(),
    };
    Row {
        id: service.id,
        name: Hostile(service.name.clone()),
        takes: Hostile(takes(service)).short(Hostile::ABOUT),
        does: does(w, service.action.as_str()),
        argument: Hostile(argument).short(Hostile::ABOUT),
        back,
    }
}

/// The first question, and how many follow.
fn asked(questions: &[Question]) -> String {
    let first = questions.first().map(|first| first.text.as_str()).unwrap_or_default();
    match questions.len() {
        0 | 1 => first.to_owned(),
        more => format!("{first} (+{})", more - 1),
    }
}

/// What a service takes: its keywords, or its expression with its place, and what else a message has to be.
fn takes(service: &Service) -> String {
    let rule = &service.rule;
    let what = match &rule.pattern {
        Some(pattern) => format!("/{pattern}/ ({})", rule.place),
        None => service.keywords.join(" "),
    };
    let sim = rule.sim.map(|sim| sim.to_string());
    let sender = rule.sender.as_ref().map(|sender| format!("{sender}…"));
    let said = [Some(what), sim, sender, rule.times.clone()];
    said.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// What two services have that could take one message.
fn conflict_words(w: Words, conflict: Conflict) -> String {
    match conflict.both {
        Both::Keyword(keyword) => w.services_conflict_keyword(keyword, conflict.name),
        Both::Match => w.services_conflict_match(conflict.name),
    }
}

/// What a service does, by the name of it.
fn does(w: Words, action: &str) -> String {
    match action {
        "get-url" => w.services_get_url(),
        "post-url" => w.services_post_url(),
        "post-xml" => w.services_post_xml(),
        "exec" => w.services_runs(),
        "forward" => w.services_forwards(),
        "subscribe" => w.services_subscribes(),
        "unsubscribe" => w.services_unsubscribes(),
        "vote" => w.services_votes(),
        "quiz" => w.services_quizzes(),
        "survey" => w.services_surveys(),
        "scenario" => w.services_scenarios(),
        "board" => w.services_boards(),
        "inbox" => w.services_inboxes(),
        "to-group" => w.services_to_groups(),
        _ => w.services_replies(),
    }
}

fn line(w: Words, service: &Service, call: &LoggedCall) -> Line {
    let (tone, words) = match (call.state, &call.last_error, call.http_status, call.next_at) {
        (CallbackState::Done, Some(why), ..) => (Tone::Good, why.clone()),
        (CallbackState::Done, None, Some(status), _) => {
            (Tone::Good, w.callback_taken(usize::from(status)))
        }
        (CallbackState::Done, None, None, _) => (Tone::Good, w.services_done()),
        (CallbackState::Failed, error, ..) => {
            (Tone::Bad, error.clone().unwrap_or_else(|| w.callback_given_up()))
        }
        (CallbackState::Pending, _, _, None) => (Tone::Wait, w.callback_soon()),
        (CallbackState::Pending, _, _, Some(at)) if call.attempts == 0 => {
            (Tone::Wait, w.callback_first(within(at)))
        }
        (CallbackState::Pending, _, _, Some(at)) => (Tone::Wait, w.callback_next(within(at))),
    };
    let goes_back = !matches!(service.action, ServiceAction::Forward { .. });
    let reply = call.replied_at.filter(|_| goes_back).map(|_| MessageId::of_reply(call.id));
    Line { tone, at: When(call.created_at), words: Sentence(words), reply }
}

fn would_be(w: Words, trial: Trial) -> WouldBe {
    let asks = if trial.is_asking { w.services_asks() } else { String::new() };
    let nothing = |taken: String| WouldBe {
        asks: String::new(),
        taken: Sentence(taken),
        url: None,
        done: String::new(),
        sent_on: None,
        reply: None,
        back: String::new(),
    };
    let (service, Deed { call, reply }) = match trial.taken {
        Taken::Nobody => return nothing(w.services_nobody()),
        Taken::Elsewhere => return nothing(w.services_elsewhere()),
        Taken::Service(service, deed) => (service, deed),
    };
    let taken = match &service.rule.pattern {
        Some(pattern) => w.services_takes_match(service.name.clone(), pattern.clone()),
        None => w.services_takes(service.keywords.join(" "), service.name.clone()),
    };
    let (mut url, mut too_long, mut done, mut sent_on) = (None, None, String::new(), None);
    match call {
        Call::Url(request) => url = Some(Hostile(request.url)),
        Call::TooLong => too_long = Some(w.services_url_too_long()),
        Call::Run(program, arguments) => {
            done = w.services_would_run();
            // Each argument between quotes, for one may have blanks in it, or be empty.
            let arguments = arguments.iter().map(|argument| format!(" {argument:?}"));
            sent_on = Some(Hostile(program + &arguments.collect::<String>()));
        }
        Call::Forward(to, text) => {
            done = w.services_would_forward();
            sent_on = Some(Hostile(format!("{text} → {}", written::numbers(&to))));
        }
        Call::Vote(option) => {
            done = w.services_would_vote();
            sent_on = Some(Hostile(option));
        }
        Call::Keep { said, right, .. } => {
            done = match right {
                None => w.services_would_keep(),
                Some(true) => w.services_would_keep_right(),
                Some(false) => w.services_would_keep_wrong(),
            };
            sent_on = Some(Hostile(said));
        }
        Call::Inbox(_) => done = w.services_would_inbox(),
        Call::ToGroup(_) => done = w.services_would_to_group(),
        Call::Join { joins: true, .. } => done = w.services_would_subscribe(),
        Call::Join { joins: false, .. } => done = w.services_would_unsubscribe(),
        Call::Nothing => {}
    }
    let (reply, back) = match (too_long, reply) {
        (Some(words), _) => (None, words),
        (None, Reply::Text(text)) => (Some(Hostile(text)), String::new()),
        (None, Reply::Answer(parts)) => (None, w.services_back(usize::from(parts))),
        (None, Reply::Nothing(why)) => (None, no_reply(w, &why)),
    };
    WouldBe { asks, taken: Sentence(taken), url, done, sent_on, reply, back }
}

fn no_reply(w: Words, why: &NoReply) -> String {
    match why {
        NoReply::ToName => w.services_to_name(),
        NoReply::ToShortCode => w.services_to_short_code(),
        NoReply::ToOurselves => w.services_to_ourselves(),
        NoReply::SimNotYours => w.services_sim_not_yours(),
        NoReply::OptedOut => w.services_opted_out(),
        NoReply::Unwanted
        | NoReply::Empty
        | NoReply::NotText(_)
        | NoReply::Charset(_)
        | NoReply::NotFromPerson
        | NoReply::Blocked
        | NoReply::TooLate
        | NoReply::ToSomebodyElse
        | NoReply::ToNobody
        | NoReply::NoOption
        | NoReply::NoText
        | NoReply::NotAsked
        | NoReply::Left
        | NoReply::NoAccount
        | NoReply::NotOneOfSenders
        | NoReply::WrongPin
        | NoReply::TooManyPins
        | NoReply::WrongCode
        | NoReply::NoRow
        | NoReply::GroupSize(_)
        | NoReply::NotTwiml(_) => w.services_back_nothing(),
    }
}
