//! Sending and counting, from the form of the first page, from answers to what was received, and from conversations.

mod choices;
mod preparation;
mod written;

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use contracts::phone::PhoneError;
use contracts::{Address, MessageId};
use numbering::Unusable;
use store::{AnsweredBy, Cursor};

use super::conversations::Said;
use super::failure::Failure;
use super::form::{Form, PATCHES};
use super::lists::Where;
use super::notice::Notice;
use super::parts::{
    AnswerForm, Bubble, Compose, Counter, Done, Look, RowSent, TALK_COUNT, TalkForm, empty_count,
    lists_of_line, talk_path,
};
use super::patch::Patch;
use super::visit::Visit;
use super::{conversations, home};
use crate::acts::acceptance::{self, Acceptance, Accepted, Attempt, Unaccepted};
use crate::acts::draft::{BadRecipient, Unsendable};
use crate::acts::waiting::Reasons;
use crate::acts::{conversation, history};
use crate::app::App;
use crate::causes::in_full;
use crate::power::Power;
use crate::words::Words;
use choices::replaced;
pub(super) use choices::{alike, people, repeat, template};
use preparation::{Next, prepare};
use written::{Written, letters};

/// `POST /send`: sends what a form wrote, or shows first what it would send.
pub(super) async fn send(State(app): State<App>, form: Form) -> Result<Response, Failure> {
    let authority = form.visit.authority()?;
    let mut written = Written::read(&app, &form)?;
    if !written.is_answer() {
        match prepare(&app, &form, &mut written, false).await? {
            Next::Send => {}
            Next::Look(look) => return look_first(&app, &form, *look).await,
            Next::Refuse(errors) => {
                return refused_again(&app, &form, &written, errors, false).await;
            }
        }
    }
    if let Some(answered) = answered_meanwhile(&app, &form, &written).await? {
        return Ok(answered);
    }
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
        Ok(accepted) if form.wants_patches => sent_patches(&app, &form, &written, accepted).await,
        Ok(accepted) => {
            let page = match written.answers {
                _ if written.is_talk => talk_path(form.field("to")),
                None => way_to(&accepted),
                Some(_) => "/received".to_owned(),
            };
            // The list of a batch is read from the database, which has the messages a moment later.
            if accepted.batch.is_some()
                && let Some(last) = accepted.messages.last()
                && authority.may(Power::MessagesRead)
                && let Err(error) = history::one(&app, authority, last.id).await
            {
                tracing::warn!(error = %in_full(&error), "messages that were sent cannot be read now");
            }
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

/// The form of a conversation with what was written, when somebody else answered since its page was made. Sent again it goes out,
/// unless there is another answer by then.
async fn answered_meanwhile(
    app: &App,
    form: &Form,
    written: &Written,
) -> Result<Option<Response>, Failure> {
    let Ok(seen) = form.field("seen").parse::<Cursor>() else { return Ok(None) };
    if !written.is_talk {
        return Ok(None);
    }
    let (authority, to) = (form.visit.authority()?, form.field("to"));
    let answered = conversation::answered_since(app, authority, to, seen).await?;
    let Some(AnsweredBy { name, place }) = answered else { return Ok(None) };
    let w = form.visit.words;
    let words = match name {
        Some(name) => w.talk_answered(name),
        None => w.talk_answered_by_somebody(),
    };
    let talk = TalkForm {
        attempt: form.field("attempt").to_owned(),
        seen: place.to_string(),
        answered: true,
        ..talk_as_written(app, form, written, vec![words])
    };
    let status = StatusCode::CONFLICT;
    if form.wants_patches {
        return Ok(Some(patched(status, vec![Patch::put("talk-form", &talk)?])));
    }
    let (page, said) = (Where::default(), Said::again(talk));
    let page = conversations::page(app, &form.visit, to, &page, said).await?;
    Ok(Some((status, page).into_response()))
}

/// The page with what was sent: a message, or the messages of a batch.
fn way_to(accepted: &Acceptance) -> String {
    match (accepted.messages.as_slice(), accepted.batch) {
        ([one], _) => format!("/messages/{}", one.id),
        (_, Some(batch)) => format!("/sent?batch={batch}"),
        (_, None) => "/sent".to_owned(),
    }
}

/// `POST /send/look`: what a form would send.
pub(super) async fn look(State(app): State<App>, form: Form) -> Result<Response, Failure> {
    form.visit.authority()?;
    let mut written = Written::read(&app, &form)?;
    if form.field("replace") == "alike" {
        let text = replaced(written.text());
        written.rewrite(text);
    }
    match prepare(&app, &form, &mut written, true).await? {
        Next::Look(look) => look_first(&app, &form, *look).await,
        Next::Refuse(errors) => refused_again(&app, &form, &written, errors, false).await,
        // Whoever asks to look is shown it.
        Next::Send => Err(Failure::Internal),
    }
}

/// What would be sent, in the place of the form.
async fn look_first(app: &App, form: &Form, look: Look) -> Result<Response, Failure> {
    if form.wants_patches {
        return Ok(patched(StatusCode::OK, vec![Patch::put("compose", &look)?]));
    }
    Ok(home::page(app, &form.visit, look).await?.into_response())
}

/// The form empty again, and the new messages in their lists.
async fn sent_patches(
    app: &App,
    form: &Form,
    written: &Written,
    accepted: Acceptance,
) -> Result<Response, Failure> {
    let w = form.visit.words;
    let mut patches = Vec::new();
    match written.answers {
        None if written.is_talk => {
            let fresh = TalkForm::of(w, form.field("to"), written.draft.sim, &form.visit.csrf);
            let talk = TalkForm { seen: form.field("seen").to_owned(), ..fresh };
            patches.push(Patch::put("talk-form", &talk)?);
        }
        None => {
            let compose = home::compose(app, &form.visit).await;
            let done = w.sent_notice(accepted.messages.len());
            let codes = short_codes(w, &accepted.messages);
            let words = format!("{done} {codes}").trim_end().to_owned();
            let done = Some(Done { words, path: way_to(&accepted) });
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
    for message in accepted.messages.iter().take(50) {
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

/// How much was written, with what can be done about it where the form has choices.
fn counter(app: &App, form: &Form, written: &Written, id: &str) -> Counter {
    let count = written.draft.count(usize::MAX).unwrap_or_else(|_| empty_count());
    let w = form.visit.words;
    let counter = Counter::of(w, id, &count, app.settings.max_parts);
    if written.is_answer() {
        return counter;
    }
    counter.with(w, &count, written.draft.savings(&count, app.settings.tables()))
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
        text: written.text().to_owned(),
        letters: letters(app, form, false),
        count: counter(app, form, written, "count"),
        fold: written.fold.clone(),
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
        seen: form.field("seen").to_owned(),
        ..TalkForm::of(visit.words, form.field("to"), written.draft.sim, &visit.csrf)
    }
}

/// `POST /send/count`: how much was written. Without JavaScript the whole page with the form as it was.
pub(super) async fn count(State(app): State<App>, form: Form) -> Result<Response, Failure> {
    form.visit.authority()?;
    let written = Written::read(&app, &form)?;
    if !form.wants_patches {
        return written_again(&app, &form, &written).await;
    }
    let id = match written.answers {
        Some(id) => format!("c-{id}"),
        None if written.is_talk => TALK_COUNT.to_owned(),
        None => "count".to_owned(),
    };
    let counter = counter(&app, &form, &written, &id);
    Ok(patched(StatusCode::OK, vec![Patch::put(id, &counter)?]))
}

/// The whole page with the form as it was written.
async fn written_again(app: &App, form: &Form, written: &Written) -> Result<Response, Failure> {
    let mut compose = compose_as_written(app, form, written, Vec::new()).await;
    // A form that was looked at goes on as itself.
    if !form.field("attempt").is_empty() {
        form.field("attempt").clone_into(&mut compose.attempt);
    }
    Ok(home::page(app, &form.visit, compose).await?.into_response())
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
            Unsendable::EndsTooSoon => vec![w.send_ends_too_soon()],
            // Pages name each number once.
            Unsendable::Twice(_) => vec![w.send_unencodable(unsendable.to_string())],
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
