//! Endpoints for events: one's own, or all of the organisation for administrators.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse as _, Response};
use contracts::{MessageId, SimId, WebhookEvent, WebhookId};
use serde::Deserialize;
use store::{
    DeliveryState, LoggedDelivery, LoggedReply, Replay, Webhook, WebhookAttempt, WebhookForm,
};

use super::failure::Failure;
use super::form::Form;
use super::frame::{Frame, html};
use super::hostile::Hostile;
use super::notice::Notice;
use super::parts::{Sentence, Tone, When, within, without_secrets};
use super::pieces::Piece;
use super::visit::Visit;
use crate::acts::webhook::{self, Change, LONGEST_FILTER, NotDone, TEST, Wanted};
use crate::app::App;
use crate::words::Words;

/// Entries of a log on a page.
const PAGE: u32 = 25;

/// Endpoints of one page.
const ROWS: usize = 100;

#[derive(Template)]
#[template(path = "webhooks.html")]
struct WebhooksPage {
    w: Words,
    frame: Frame,
    webhooks: Vec<Row>,
    /// It is the beginning of the list, and the address of what follows.
    first: bool,
    more: Option<String>,
    choices: Vec<Choice>,
    url: String,
    sender: String,
    keyword: String,
    twilio: bool,
    replies: bool,
    parts: u8,
    error: Option<String>,
}

/// An endpoint in the list.
struct Row {
    id: WebhookId,
    url: Hostile,
    state: Sentence,
}

/// An event that may be chosen.
struct Choice {
    name: &'static str,
    chosen: bool,
}

#[derive(Template)]
#[template(path = "webhook.html")]
struct WebhookPage {
    w: Words,
    frame: Frame,
    id: WebhookId,
    url: Hostile,
    tone: Tone,
    state: Sentence,
    events: String,
    filter: Option<Hostile>,
    /// In which form it is told, where that is another gateway's.
    form: Option<String>,
    replies: bool,
    enabled: bool,
    dropped: u64,
    /// What signs, this once.
    secret: Option<String>,
    log: Vec<Entry>,
    path: String,
    glue: &'static str,
    first: bool,
    next: Option<String>,
}

/// An entry of a log.
struct Entry {
    id: String,
    event: String,
    at: When,
    lines: Vec<Line>,
    replies: Vec<Replied>,
    waits: bool,
}

/// What came of what the endpoint answered.
struct Replied {
    /// The message that is sent back.
    message: Option<MessageId>,
    /// Why none is.
    why: Option<Hostile>,
}

struct Line {
    tone: Tone,
    at: When,
    words: Sentence,
}

/// The query of a log.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Before {
    before: Option<String>,
}

/// What a form wrote that is shown again.
#[derive(Default)]
struct Written {
    url: String,
    sender: String,
    keyword: String,
    events: Vec<WebhookEvent>,
    twilio: bool,
    replies: bool,
    parts: u8,
    error: Option<String>,
}

/// `GET /webhooks`.
pub(super) async fn list(State(app): State<App>, visit: Visit) -> Result<Html<String>, Failure> {
    let events = vec![WebhookEvent::SmsReceived];
    list_page(&app, &visit, Written { events, parts: 1, ..Written::default() }).await
}

async fn list_page(app: &App, visit: &Visit, said: Written) -> Result<Html<String>, Failure> {
    let authority = visit.authority()?;
    let w = visit.words;
    let webhooks = webhook::list(app, authority).await?.into_iter().map(|webhook| {
        let (_, state) = state(w, &webhook);
        let url = Hostile(without_secrets(&webhook.url)).short(Hostile::ABOUT);
        Row { id: webhook.id, url, state }
    });
    let piece = Piece::of(visit, "/webhooks", webhooks, ROWS);
    let choices = WebhookEvent::ALL
        .into_iter()
        .map(|event| Choice { name: event.as_str(), chosen: said.events.contains(&event) });
    html(&WebhooksPage {
        w,
        frame: Frame { path: "/webhooks".to_owned(), ..Frame::of(app, visit).await },
        webhooks: piece.rows,
        first: piece.first,
        more: piece.more,
        choices: choices.collect(),
        url: said.url,
        sender: said.sender,
        keyword: said.keyword,
        twilio: said.twilio,
        replies: said.replies,
        parts: said.parts,
        error: said.error,
    })
}

/// `POST /webhooks`: the page of the new endpoint with its secret, this once.
pub(super) async fn add(State(app): State<App>, form: Form) -> Result<Response, Failure> {
    let visit = &form.visit;
    let authority = visit.authority()?;
    let w = visit.words;
    let events: Result<Vec<WebhookEvent>, _> = form.fields("event").map(str::parse).collect();
    let events = events.map_err(|_| Failure::Malformed)?;
    let text = |name: &'static str| {
        let text = form.field(name).trim();
        let fits = text.chars().count() <= LONGEST_FILTER;
        fits.then(|| text.to_owned()).ok_or(Failure::TooLarge { field: name, most: LONGEST_FILTER })
    };
    let (sender, keyword) = (text("sender")?, text("keyword")?);
    let url = form.field("url").trim().to_owned();
    let (twilio, replies) = (form.field("format") == "twilio", form.field("replies") == "yes");
    let parts = match form.field("parts").trim() {
        "" => 1,
        written => written.parse().map_err(|_| Failure::Malformed)?,
    };
    let wanted = Wanted {
        url: url.clone(),
        events: events.clone(),
        sim: None,
        sender: sender.clone(),
        keyword: keyword.clone(),
        raw_pdu: form.field("raw") == "yes",
        form: if twilio { WebhookForm::Twilio } else { WebhookForm::Standard },
        reply_with_body: replies,
        max_messages: Some(parts),
    };
    let again = async |error: String| {
        let error = Some(error);
        let said = Written { url, sender, keyword, events, twilio, replies, parts, error };
        let page = list_page(&app, visit, said).await?;
        Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
    };
    match webhook::make(&app, authority, wanted).await {
        Ok(made) => {
            let secret = Some(made.secret.reveal().to_owned());
            Ok(page(&app, visit, &made, secret, None).await?.into_response())
        }
        Err(NotDone::Url(_)) => again(w.webhooks_bad_url()).await,
        Err(NotDone::NotByMail) => again(w.webhooks_not_by_mail()).await,
        Err(NotDone::OthersMail(_)) => again(w.webhooks_mail_of_administrators()).await,
        Err(NotDone::NoEvents) => again(w.webhooks_no_events()).await,
        Err(NotDone::NoAnswers) => again(w.webhooks_no_answers()).await,
        Err(NotDone::NotInForm(event)) => again(w.webhooks_not_in_form(event.as_str())).await,
        Err(NotDone::TooMany) => again(w.webhooks_too_many(store::MOST_WEBHOOKS)).await,
        Err(other) => Err(other.into()),
    }
}

/// `GET /webhooks/{id}`.
pub(super) async fn show(
    State(app): State<App>,
    visit: Visit,
    Path(id): Path<String>,
    Query(query): Query<Before>,
) -> Result<Html<String>, Failure> {
    let id: WebhookId = id.parse().map_err(|_| Failure::NotFound)?;
    let found = webhook::one(&app, visit.authority()?, id).await?.ok_or(Failure::NotFound)?;
    page(&app, &visit, &found, None, query.before.as_deref()).await
}

async fn page(
    app: &App,
    visit: &Visit,
    webhook: &Webhook,
    secret: Option<String>,
    before: Option<&str>,
) -> Result<Html<String>, Failure> {
    let w = visit.words;
    let place =
        before.map(|text| webhook::read_place(text).ok_or(Failure::NotFound)).transpose()?;
    let log = webhook::log(app, visit.authority()?, webhook.id, place, PAGE).await?;
    let log = log.ok_or(Failure::NotFound)?;
    let path = format!("/webhooks/{}", webhook.id);
    let events: Vec<_> = webhook.events.iter().map(|event| event.as_str()).collect();
    let (tone, state) = state(w, webhook);
    html(&WebhookPage {
        w,
        frame: Frame { path: path.clone(), ..Frame::of(app, visit).await },
        id: webhook.id,
        url: Hostile(without_secrets(&webhook.url)),
        tone,
        state,
        events: events.join(", "),
        filter: filter(webhook),
        form: match webhook.form {
            WebhookForm::Standard => None,
            WebhookForm::Smsgate => Some(w.webhooks_form("SMSGate")),
            WebhookForm::Twilio => Some(w.webhooks_form("Twilio")),
        },
        replies: webhook.reply_with_body,
        enabled: webhook.disabled.is_none(),
        dropped: webhook.dropped,
        secret,
        log: log.deliveries.iter().map(|logged| entry(w, webhook, logged)).collect(),
        path,
        glue: "?",
        first: before.is_none(),
        next: log.next.map(webhook::written_place),
    })
}

/// `POST /webhooks/{id}/{call}`.
pub(super) async fn call(
    State(app): State<App>,
    Path((id, call)): Path<(String, String)>,
    form: Form,
) -> Result<Response, Failure> {
    let visit = &form.visit;
    let authority = visit.authority()?;
    let w = visit.words;
    let id: WebhookId = id.parse().map_err(|_| Failure::NotFound)?;
    let enable = |enabled| Change { enabled: Some(enabled), ..Change::default() };
    let notice = match call.as_str() {
        "test" => match webhook::test(&app, authority, id).await {
            Ok(tested) => {
                let webhook = webhook::one(&app, authority, id).await?.ok_or(Failure::NotFound)?;
                tested_words(w, &webhook, &tested.ok_or(Failure::NotFound)?)
            }
            Err(NotDone::IsDisabled) => Notice::failed(w.webhooks_disabled()),
            Err(NotDone::TestWaits) => Notice::failed(w.webhooks_test_pending()),
            Err(other) => return Err(other.into()),
        },
        "enable" => {
            webhook::change(&app, authority, id, enable(true)).await?.ok_or(Failure::NotFound)?;
            Notice::done(w.webhooks_enabled_now())
        }
        "disable" => {
            webhook::change(&app, authority, id, enable(false)).await?.ok_or(Failure::NotFound)?;
            Notice::done(w.webhooks_disabled_now())
        }
        "answer" | "silence" => {
            let answers = call == "answer";
            let change = Change { reply_with_body: Some(answers), ..Change::default() };
            match webhook::change(&app, authority, id, change).await {
                Ok(changed) => {
                    changed.ok_or(Failure::NotFound)?;
                    Notice::done(if answers { w.webhooks_replies() } else { w.webhooks_silent() })
                }
                Err(NotDone::NoAnswers) => Notice::failed(w.webhooks_no_answers()),
                Err(other) => return Err(other.into()),
            }
        }
        "rotate" => {
            let rotated = webhook::rotate(&app, authority, id).await?.ok_or(Failure::NotFound)?;
            let secret = Some(rotated.secret.reveal().to_owned());
            return Ok(page(&app, visit, &rotated, secret, None).await?.into_response());
        }
        "replay" => {
            let delivery = form.field("delivery").parse().map_err(|_| Failure::Malformed)?;
            match webhook::replay(&app, authority, id, Replay::One(delivery)).await {
                Ok(replayed) => {
                    replayed.ok_or(Failure::NotFound)?;
                    Notice::done(w.webhooks_replayed())
                }
                Err(NotDone::Full) => Notice::failed(w.webhooks_full()),
                Err(other) => return Err(other.into()),
            }
        }
        "remove" => {
            if !webhook::remove(&app, authority, id).await? {
                return Err(Failure::NotFound);
            }
            return Ok(visit.lead_to("/webhooks", Notice::done(w.webhooks_removed())));
        }
        _ => return Err(Failure::NotFound),
    };
    Ok(visit.lead_to(&format!("/webhooks/{id}"), notice))
}

/// How an endpoint is, in words.
fn state(w: Words, webhook: &Webhook) -> (Tone, Sentence) {
    let (tone, words) = match (&webhook.disabled, webhook.failures, webhook.next_at) {
        (Some(disabled), ..) => match &disabled.reason {
            Some(reason) => (
                Tone::Bad,
                w.webhooks_gave_up(within(disabled.at), webhook.pending, reason.clone()),
            ),
            None => (Tone::Wait, w.webhooks_disabled_since(within(disabled.at), webhook.pending)),
        },
        (None, 0, _) | (None, _, None) => (Tone::Good, w.webhooks_good()),
        (None, failures, Some(at)) => {
            (Tone::Bad, w.webhooks_failing(within(at), failures, webhook.pending))
        }
    };
    (tone, Sentence(words))
}

/// What narrows what an endpoint is told of what is received.
fn filter(webhook: &Webhook) -> Option<Hostile> {
    let filter = &webhook.filter;
    let sim = filter.sim.map(|sim: SimId| sim.to_string());
    let parts = [sim, filter.sender.clone(), filter.keyword.clone().map(|word| format!("{word}…"))];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| Hostile(parts.join(" · ")))
}

fn entry(w: Words, webhook: &Webhook, logged: &LoggedDelivery) -> Entry {
    let delivery = &logged.delivery;
    Entry {
        id: delivery.id.to_string(),
        event: delivery.event.map_or(TEST, WebhookEvent::as_str).to_owned(),
        at: When(delivery.created_at),
        lines: logged.attempts.iter().map(|attempt| line(w, webhook, attempt)).collect(),
        replies: logged.replies.iter().map(replied).collect(),
        waits: delivery.state == DeliveryState::Pending,
    }
}

fn replied(reply: &LoggedReply) -> Replied {
    let message = reply.replied_at.filter(|_| reply.last_error.is_none());
    Replied {
        message: message.map(|_| MessageId::of_reply(reply.id)),
        why: reply.last_error.clone().map(Hostile),
    }
}

fn line(w: Words, webhook: &Webhook, attempt: &WebhookAttempt) -> Line {
    let (tone, words) = attempt_words(w, webhook, attempt);
    Line { tone, at: When(attempt.at), words: Sentence(words) }
}

fn attempt_words(w: Words, webhook: &Webhook, attempt: &WebhookAttempt) -> (Tone, String) {
    let is_mail = webhook.url.starts_with(webhook::MAIL);
    match (&attempt.error, attempt.http_status) {
        (None, _) if is_mail => (Tone::Good, w.webhooks_mailed()),
        (Some(error), _) if is_mail => (Tone::Bad, error.clone()),
        (None, status) => (Tone::Good, w.callback_taken(usize::from(status.unwrap_or(200)))),
        (Some(_), Some(status)) => (Tone::Bad, w.callback_answered(usize::from(status))),
        (Some(error), None) => (Tone::Bad, error.clone()),
    }
}

fn tested_words(w: Words, webhook: &Webhook, tested: &LoggedDelivery) -> Notice {
    let Some(attempt) = tested.attempts.last() else {
        return Notice::failed(w.webhooks_test_waits());
    };
    let (tone, words) = attempt_words(w, webhook, attempt);
    if tone == Tone::Good { Notice::done(words) } else { Notice::failed(words) }
}

impl From<NotDone> for Failure {
    fn from(refused: NotDone) -> Self {
        match refused {
            NotDone::Denied(denied) => denied.into(),
            NotDone::Store(error) => error.into(),
            NotDone::Url(_)
            | NotDone::OthersMail(_)
            | NotDone::AnotherKind
            | NotDone::NoEvents
            | NotDone::NotByMail
            | NotDone::NoAnswers
            | NotDone::NotInForm(_)
            | NotDone::Full
            | NotDone::TooMany
            | NotDone::IsDisabled
            | NotDone::TestWaits => Self::Malformed,
        }
    }
}
