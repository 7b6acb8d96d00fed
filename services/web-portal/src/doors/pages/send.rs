//! Sending and counting, from the form of the first page, from answers to what was received, and from conversations.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use contracts::mt::{Body, Encoding, SendOptions};
use contracts::phone::PhoneError;
use contracts::{Address, Languages, MessageId};
use numbering::Unusable;

use super::failure::Failure;
use super::form::{Form, PATCHES};
use super::home;
use super::notice::Notice;
use super::parts::{
    AnswerForm, Bubble, Compose, Counter, Letters, RowSent, TALK_COUNT, TalkForm, empty_count,
    lists_of_line, talk_path,
};
use super::patch::Patch;
use super::visit::Visit;
use crate::acts::acceptance::{self, Accepted, Attempt, IdempotencyKey, Unaccepted};
use crate::acts::draft::{BadRecipient, Draft, Unsendable};
use crate::acts::waiting::Reasons;
use crate::app::App;
use crate::causes::in_full;
use crate::words::Words;

/// What somebody wrote.
struct Written {
    draft: Draft,
    /// The received message that is answered; none: it is the first page's form.
    answers: Option<MessageId>,
    /// It is the form of a conversation.
    is_talk: bool,
    /// Tells a form that is sent twice from one that is written twice.
    attempt: Option<IdempotencyKey>,
}

fn read(app: &App, form: &Form) -> Result<Written, Failure> {
    let sim = match form.field("sim") {
        "" => None,
        sim => Some(sim.parse().map_err(|_| Failure::Malformed)?),
    };
    let answers = match form.field("form") {
        "compose" | "talk" | "" => None,
        id => Some(id.parse().map_err(|_| Failure::Malformed)?),
    };
    let to = form.field("to").split([',', ';', '\n']).map(str::trim);
    let to = to.filter(|to| !to.is_empty()).map(str::to_owned).collect();
    let attempt = IdempotencyKey::parse(form.field("attempt"));
    let is_talk = form.field("form") == "talk";
    let letters = letters(app, form, answers.is_some() || is_talk);
    let encoding = if letters.alike { Encoding::Smart } else { Encoding::Auto };
    let languages = if letters.tables { app.settings.tables() } else { Languages::NONE };
    let body = Body::Text { text: form.field("text").to_owned(), encoding };
    let options = SendOptions { languages, ..SendOptions::default() };
    Ok(Written { draft: Draft { to, sim, options, ..Draft::of(body) }, answers, is_talk, attempt })
}

/// What was chosen; the form of an answer, and that of a conversation, have no choices.
fn letters(app: &App, form: &Form, is_answer: bool) -> Letters {
    let usual = Letters::usual(app.settings.languages);
    if is_answer {
        return usual;
    }
    let (alike, tables) = (form.field("alike") == "1", form.field("tables") == "1");
    Letters { alike, tables, ..usual }
}

/// `POST /send`.
pub(super) async fn send(State(app): State<App>, form: Form) -> Result<Response, Failure> {
    let authority = form.visit.authority()?;
    let written = read(&app, &form)?;
    let accepted = if form.field("text").is_empty() {
        Err(Unsendable::Empty.into())
    } else {
        let attempt = written.attempt.clone().map(|key| Attempt::Named { key, call: "POST /send" });
        match written.draft.is_meant() {
            Ok(()) => acceptance::accept(&app, authority, &written.draft, attempt.as_ref()).await,
            Err(slip) => Err(slip.into()),
        }
    };
    match accepted {
        Ok(accepted) if form.wants_patches => {
            sent_patches(&app, &form, &written, accepted.messages).await
        }
        Ok(accepted) => {
            let page = match (accepted.messages.as_slice(), written.answers) {
                _ if written.is_talk => talk_path(form.field("to")),
                ([one], None) => format!("/messages/{}", one.id),
                (_, None) => "/".to_owned(),
                (_, Some(_)) => "/received".to_owned(),
            };
            let notice = Notice::done(form.visit.words.sent_notice(accepted.messages.len()));
            Ok(form.visit.lead_to(&page, notice))
        }
        Err(refused) => {
            let errors = error_words(form.visit.words, &refused);
            // What the broker may have is the same attempt when it is sent again.
            let same = matches!(refused, Unaccepted::Unclear { .. });
            refused_again(&app, &form, &written, errors, same).await
        }
    }
}

/// The form empty again, and the new messages in their lists.
async fn sent_patches(
    app: &App,
    form: &Form,
    written: &Written,
    accepted: Vec<Accepted>,
) -> Result<Response, Failure> {
    let w = form.visit.words;
    let mut patches = Vec::new();
    match written.answers {
        None if written.is_talk => {
            let talk = TalkForm::of(w, form.field("to"), written.draft.sim, &form.visit.csrf);
            patches.push(Patch::put("talk-form", &talk)?);
        }
        None => {
            let compose = home::compose(app, &form.visit).await;
            let done = w.sent_notice(accepted.len());
            let done = format!("{done} {}", short_codes(w, &accepted)).trim_end().to_owned();
            let done = Some(done);
            patches.push(Patch::put("compose", &Compose { done, ..compose })?);
        }
        Some(id) => {
            let sim = written.draft.sim;
            let answer = AnswerForm::of(w, id, form.field("to"), sim, &form.visit.csrf);
            patches.push(Patch::put(format!("d-{id}"), &answer)?);
        }
    }
    // An answer stands beneath what it answers, where that is on the page.
    let list = written
        .answers
        .map_or_else(|| "outgoing".to_owned(), |id| format!("answers-{id} outgoing"));
    let reasons = Reasons::now(app).await;
    for message in accepted.iter().take(50) {
        if let Some(request) = &message.request {
            if written.is_talk {
                let list = lists_of_line(&Address::Number(request.to.clone()));
                let bubble = Bubble::requested(w, message.id, request, &reasons);
                patches.push(Patch::add(&list, format!("b-{}", message.id), &bubble)?);
                continue;
            }
            let row = RowSent::requested(w, message.id, request, &reasons);
            patches.push(Patch::add(&list, format!("m-{}", message.id), &row)?);
        }
    }
    Ok(patched(StatusCode::OK, patches))
}

/// Which of the recipients are short codes.
fn short_codes(w: Words, accepted: &[Accepted]) -> String {
    let codes = accepted.iter().filter(|message| message.to.is_short_code());
    let codes: Vec<String> = codes.take(20).map(|message| message.to.to_string()).collect();
    if codes.is_empty() { String::new() } else { w.sent_short_code(codes.join(", ")) }
}

/// The form as it was, with what is wrong.
async fn refused_again(
    app: &App,
    form: &Form,
    written: &Written,
    errors: Vec<String>,
    same_attempt: bool,
) -> Result<Response, Failure> {
    let attempt = |fresh: String| {
        if same_attempt { form.field("attempt").to_owned() } else { fresh }
    };
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    match written.answers {
        Some(id) if form.wants_patches => {
            let mut answer = answer_as_written(app, form, written, id, errors);
            answer.attempt = attempt(answer.attempt);
            Ok(patched(status, vec![Patch::put(format!("d-{id}"), &answer)?]))
        }
        None if written.is_talk && form.wants_patches => {
            let mut talk = talk_as_written(app, form, written, errors);
            talk.attempt = attempt(talk.attempt);
            Ok(patched(status, vec![Patch::put("talk-form", &talk)?]))
        }
        _ => {
            let mut compose = compose_as_written(app, form, written, errors).await;
            compose.attempt = attempt(compose.attempt);
            if form.wants_patches {
                return Ok(patched(status, vec![Patch::put("compose", &compose)?]));
            }
            let page = home::page(app, &form.visit, compose).await?;
            Ok((status, page).into_response())
        }
    }
}

fn counter(app: &App, form: &Form, written: &Written, id: &str) -> Counter {
    let count = written.draft.count(usize::MAX).unwrap_or_else(|_| empty_count());
    let w = form.visit.words;
    let counter = Counter::of(w, id, &count, app.settings.max_parts);
    // An answer has no choices.
    if written.answers.is_some() || written.is_talk {
        return counter;
    }
    counter.with(w, written.draft.savings(&count, app.settings.tables()))
}

async fn compose_as_written(
    app: &App,
    form: &Form,
    written: &Written,
    errors: Vec<String>,
) -> Compose {
    let mut compose = home::compose(app, &form.visit).await;
    for sender in &mut compose.senders {
        sender.chosen = written.draft.sim == Some(sender.sim);
    }
    Compose {
        to: form.field("to").to_owned(),
        text: form.field("text").to_owned(),
        letters: letters(app, form, false),
        count: counter(app, form, written, "count"),
        errors,
        ..compose
    }
}

fn answer_as_written(
    app: &App,
    form: &Form,
    written: &Written,
    id: MessageId,
    errors: Vec<String>,
) -> AnswerForm {
    let visit: &Visit = &form.visit;
    AnswerForm {
        text: form.field("text").to_owned(),
        count: counter(app, form, written, &format!("c-{id}")),
        errors,
        ..AnswerForm::of(visit.words, id, form.field("to"), written.draft.sim, &visit.csrf)
    }
}

fn talk_as_written(app: &App, form: &Form, written: &Written, errors: Vec<String>) -> TalkForm {
    let visit: &Visit = &form.visit;
    TalkForm {
        text: form.field("text").to_owned(),
        count: counter(app, form, written, TALK_COUNT),
        errors,
        ..TalkForm::of(visit.words, form.field("to"), written.draft.sim, &visit.csrf)
    }
}

/// `POST /send/count`: how much was written. Without JavaScript the whole page with the form as it was.
pub(super) async fn count(State(app): State<App>, form: Form) -> Result<Response, Failure> {
    form.visit.authority()?;
    let written = read(&app, &form)?;
    if !form.wants_patches {
        let compose = compose_as_written(&app, &form, &written, Vec::new()).await;
        return Ok(home::page(&app, &form.visit, compose).await?.into_response());
    }
    let id = match written.answers {
        Some(id) => format!("c-{id}"),
        None if written.is_talk => TALK_COUNT.to_owned(),
        None => "count".to_owned(),
    };
    let counter = counter(&app, &form, &written, &id);
    Ok(patched(StatusCode::OK, vec![Patch::put(id, &counter)?]))
}

fn patched(status: StatusCode, patches: Vec<Patch>) -> Response {
    (status, [(header::CONTENT_TYPE, PATCHES)], Json(patches)).into_response()
}

/// What is wrong, in the visitor's language.
pub(super) fn error_words(w: Words, refused: &Unaccepted) -> Vec<String> {
    match refused {
        Unaccepted::Unsendable(unsendable) => match unsendable {
            Unsendable::NoRecipient => vec![w.send_no_recipient()],
            Unsendable::Recipients(bad) => {
                bad.iter().take(20).map(|bad| bad_words(w, bad)).collect()
            }
            Unsendable::TooMany { .. } => vec![w.send_too_many(crate::acts::draft::RECIPIENTS)],
            Unsendable::Empty => vec![w.send_empty()],
            Unsendable::Blank => vec![w.send_blank()],
            Unsendable::TooLong { parts, limit } => vec![w.send_too_long(*limit, *parts)],
            Unsendable::Body(reason) => vec![w.send_unencodable(reason.clone())],
            // No form has such a field.
            Unsendable::OutOfBounds(out) => vec![w.send_unencodable(out.to_string())],
            // Pages send no batches, and say no end.
            Unsendable::Twice(_) | Unsendable::EndsTooSoon => {
                vec![w.send_unencodable(unsendable.to_string())]
            }
        },
        Unaccepted::Denied(_) => vec![w.error_forbidden()],
        Unaccepted::SimNotYours => vec![w.send_sim_not_yours()],
        Unaccepted::KeyReused => vec![w.send_twice()],
        Unaccepted::TooMuch(refused) => vec![match refused.wait {
            Some(wait) => w.send_too_much(wait.as_secs() / 60 + 1),
            None => {
                w.send_too_many(usize::try_from(refused.limit.count.get()).unwrap_or(usize::MAX))
            }
        }],
        Unaccepted::Disk(_) | Unaccepted::Full(_) => {
            tracing::warn!(error = %in_full(refused), "a message could not be accepted");
            vec![w.send_disk_full()]
        }
        Unaccepted::Broker(_) => {
            tracing::warn!(error = %in_full(refused), "a message could not be accepted");
            vec![w.send_broker_away()]
        }
        Unaccepted::Unclear { .. } => {
            tracing::warn!(error = %in_full(refused), "the broker did not confirm messages");
            vec![w.send_unclear()]
        }
        Unaccepted::Store(_) => {
            tracing::warn!(error = %in_full(refused), "a message could not be accepted");
            vec![w.send_store_away()]
        }
    }
}

fn bad_words(w: Words, bad: &BadRecipient) -> String {
    let (reason, written) = (unusable_words(w, &bad.reason), bad.written.clone());
    if bad.reason.is_forbidden() {
        w.send_bad_destination(reason, written)
    } else {
        w.send_bad_recipient(reason, written)
    }
}

/// Why a number is sent nothing.
pub(super) fn unusable_words(w: Words, reason: &Unusable) -> String {
    match reason {
        Unusable::Unreadable(PhoneError::Empty) => w.send_bad_empty(),
        Unusable::Unreadable(PhoneError::Character(c)) => {
            w.send_bad_character(c.escape_debug().to_string())
        }
        Unusable::Unreadable(PhoneError::TooLong(..)) => w.send_bad_long(),
        Unusable::Unreadable(PhoneError::TooShort(..)) => w.send_bad_short(),
        Unusable::Impossible { country, code, found, possible } => {
            let country = country.map_or_else(|| format!("+{code}"), |one| one.to_string());
            match possible.as_slice() {
                [digits] => w.send_bad_length_one(*code, country, *digits, *found),
                several => {
                    let least = several.first().copied().unwrap_or_default();
                    let most = several.last().copied().unwrap_or_default();
                    w.send_bad_length(*code, country, *found, least, most)
                }
            }
        }
        Unusable::OfNoCountry(code) => w.send_bad_country_code(*code),
        Unusable::Abroad { country: Some(country), allowed } => {
            w.send_bad_abroad(allowed.clone(), country.to_string())
        }
        Unusable::Abroad { country: None, allowed } => w.send_bad_nowhere(allowed.clone()),
        Unusable::Premium => w.send_bad_premium(),
        Unusable::Emergency => w.send_bad_emergency(),
        Unusable::ShortCode => w.send_bad_code(),
    }
}
