//! `POST Messages.json`: sending.

use std::time::Duration;

use axum::response::Response;
use contracts::mt::{
    Body, DlrCallback, DlrForm, Encoding, SendOptions, StatusSignature, TWILIO_STATUSES, TwilioForm,
};
use contracts::{MessageId, Timestamp};

use super::reply::{self, Code, Refusal};
use super::shown::Shown;
use super::{Asked, signature};
use crate::acts::acceptance;
use crate::acts::draft::{Draft, Unsendable};
use crate::app::App;
use crate::doors::refused::Refused;
use crate::form::Form;

/// Seconds that `ValidityPeriod` may be.
const VALIDITY: std::ops::RangeInclusive<u64> = 1..=36_000;
/// The most characters of `From` and `MessagingServiceSid`, which are said again and otherwise passed over.
const LONGEST_SENDER: usize = 64;
/// Of Kannel's values: delivered, undelivered, sent, and refused.
const ENDS: u8 = 1 | 2 | 8 | 16;
/// What is sent without the text that it is for is refused.
const OTHERS: [&str; 4] = ["MediaUrl", "ContentSid", "ContentVariables", "PersistentAction"];

pub(super) async fn create(app: &App, asked: &Asked) -> Result<Response, Refusal> {
    let form = &asked.form;
    let now = app.clock.now();
    let mut draft = draft(app, form, now)?;
    draft.is_meant().map_err(Refused::from)?;
    let from = sender(form, "From")?;
    callback(app, asked, &mut draft, from.clone())?;
    let service = sender(form, "MessagingServiceSid")?;
    let text = form.last("Body").unwrap_or_default();
    let accepted = acceptance::accept(app, &asked.authority, &draft, None).await;
    let accepted = accepted.map_err(Refused::from)?;
    // A draft to one recipient is one message.
    let message = accepted.messages.first().ok_or(Refused::from(Unsendable::NoRecipient))?;
    let parts = accepted.count.parts;
    let mut shown = Shown::accepted(message.id, &message.to, &asked.account, text, parts, now);
    shown.from = from;
    shown.messaging_service_sid = service;
    if draft.not_before.is_some() {
        shown.status = "scheduled";
    }
    Ok(reply::created(&shown))
}

fn draft(app: &App, form: &Form, now: Timestamp) -> Result<Draft, Refusal> {
    let to = form.filled("To").ok_or(Refused::from(Unsendable::NoRecipient))?;
    if let Some(other) = OTHERS.iter().find(|name| form.filled(name).is_some()) {
        return Err(Refusal::new(Code::Invalid, format!("{other}: only texts are sent here")));
    }
    let text = form.last("Body").filter(|text| !text.is_empty());
    let text = text.ok_or(Refused::from(Unsendable::Empty))?;
    let not_before = scheduled(form)?;
    let not_after = match form.filled("ValidityPeriod") {
        None => None,
        Some(written) => {
            let seconds = written.parse().ok().filter(|seconds| VALIDITY.contains(seconds));
            let words = "ValidityPeriod: this is a number of seconds from 1 to 36000";
            let seconds = seconds.ok_or_else(|| Refusal::new(Code::Invalid, words))?;
            Some(not_before.unwrap_or(now).plus(Duration::from_secs(seconds)))
        }
    };
    let encoding = match form.filled("SmartEncoded") {
        Some("true") => Encoding::Smart,
        None | Some("false") => Encoding::Auto,
        Some(_) => return Err(Refusal::new(Code::Invalid, "SmartEncoded: this is true or false")),
    };
    let options = SendOptions { languages: app.settings.languages, ..SendOptions::default() };
    let body = Body::Text { text: text.to_owned(), encoding };
    Ok(Draft { to: vec![to.to_owned()], not_before, not_after, options, ..Draft::of(body) })
}

/// `StatusCallback` is told as Twilio tells it, and signed with the key that came with the request.
fn callback(
    app: &App,
    asked: &Asked,
    draft: &mut Draft,
    from: Option<String>,
) -> Result<(), Refusal> {
    let Some(url) = asked.form.filled("StatusCallback") else { return Ok(()) };
    if !(url.starts_with("http://") || url.starts_with("https://")) {
        let words = "StatusCallback: this is no http or https URL";
        return Err(Refusal::new(Code::BadCallback, words));
    }
    let recipients = draft.recipients(&app.settings.numbering).map_err(Refused::from)?;
    let Some(recipient) = recipients.first() else { return Ok(()) };
    let id = MessageId::new();
    let account = asked.account.clone();
    let mut form = TwilioForm { account, from, signatures: Vec::new() };
    for (status, _) in TWILIO_STATUSES {
        let fields = form.fields(id, &recipient.to, status);
        let signature = signature::of(&asked.key, url, &fields);
        form.signatures.push(StatusSignature { status: status.to_owned(), signature });
    }
    draft.id = Some(id);
    draft.dlr = Some(DlrCallback { url: url.to_owned(), mask: ENDS });
    draft.dlr_form = Some(DlrForm::Twilio(form));
    Ok(())
}

/// `ScheduleType=fixed` and `SendAt` belong together.
fn scheduled(form: &Form) -> Result<Option<Timestamp>, Refusal> {
    let invalid = |words: &str| Refusal::new(Code::Invalid, words);
    match (form.filled("ScheduleType"), form.filled("SendAt")) {
        (None, None) => Ok(None),
        (Some("fixed"), Some(at)) => {
            let at = at.parse::<jiff::Timestamp>();
            let at =
                at.map_err(|_| invalid("SendAt: this is no time, write 2026-11-30T20:36:27Z"))?;
            Ok(Some(Timestamp::from_micros(at.as_microsecond())))
        }
        (Some("fixed"), None) => Err(invalid("SendAt: ScheduleType is fixed, so this is needed")),
        _ => Err(invalid("ScheduleType: with SendAt this has to be fixed")),
    }
}

/// Who is asked to be the sender is said again: a SIM sends from its own number.
fn sender(form: &Form, name: &str) -> Result<Option<String>, Refusal> {
    match form.filled(name) {
        Some(written) if written.chars().count() > LONGEST_SENDER => {
            Err(Refusal::new(Code::Invalid, format!("{name}: this is too long")))
        }
        written => Ok(written.map(str::to_owned)),
    }
}
