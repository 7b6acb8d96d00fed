//! What a program is told in another gateway's form than Kannel's.

use contracts::mt::{Body, JasminForm, TwilioForm};
use contracts::{MtState, Timestamp};
use keyword::escape::LONGEST;
use store::{CallbackForm, MessageDetail};
use url::Url;
use url::form_urlencoded::Serializer;

use crate::told::Told;

/// The header of Twilio's signature.
const SIGNATURE: &str = "X-Twilio-Signature";
/// What a program that was written for Jasmin answers when it took it.
const ACK: &str = "ACK/Jasmin";
/// The most characters of the text that Jasmin's receipts repeat.
const TEXT: usize = 20;

/// A URL, and how it is called.
pub(crate) type Call = (String, CallbackForm);

/// A status callback. None: the end is none of Twilio's.
pub(crate) fn twilio(
    form: &TwilioForm,
    told: &Told,
    detail: &MessageDetail,
    url: &str,
) -> Option<Call> {
    let status = match told.state? {
        MtState::Sent => "sent",
        MtState::Delivered => "delivered",
        MtState::Undelivered | MtState::Expired => "undelivered",
        MtState::Failed | MtState::Rejected => "failed",
        _ => return None,
    };
    let message = &detail.message;
    let mut body = Serializer::new(String::new());
    body.extend_pairs(form.fields(message.id, &message.to, status));
    let signature = form.signature(status);
    let form = CallbackForm {
        post: Some(body.finish()),
        signature: signature.map(|signature| (SIGNATURE.to_owned(), signature.to_owned())),
        expects: None,
    };
    Some((url.to_owned(), form))
}

/// A delivery receipt of Jasmin's. None: it is of a level that was not asked for, or the URL is or becomes no good one.
pub(crate) fn jasmin(
    form: &JasminForm,
    told: &Told,
    detail: &MessageDetail,
    sim: Option<String>,
    url: &str,
) -> Option<Call> {
    let state = told.state?;
    let (wants_centre, wants_phone) = (form.level & 1 != 0, form.level & 2 != 0);
    let is_of_centre = state == MtState::Sent || is_refusal(state) && wants_centre;
    let is_asked_for = if is_of_centre { wants_centre } else { wants_phone };
    if !is_asked_for {
        return None;
    }
    let fields = if is_of_centre {
        of_centre(form, state, detail, sim)
    } else {
        of_phone(form, state, told, detail, sim)
    };
    let expects = Some(ACK.to_owned());
    if form.post {
        let mut body = Serializer::new(String::new());
        body.extend_pairs(fields);
        let form = CallbackForm { post: Some(body.finish()), signature: None, expects };
        return Some((url.to_owned(), form));
    }
    let mut url = Url::parse(url).ok()?;
    url.query_pairs_mut().extend_pairs(fields);
    let form = CallbackForm { post: None, signature: None, expects };
    (url.as_str().len() <= LONGEST).then(|| (url.into(), form))
}

/// What the program that sent a batch of Jasmin's is told of one of its messages. None: nothing, or the URL becomes too long.
pub(crate) fn jasmin_batch(form: &JasminForm, told: &Told, detail: &MessageDetail) -> Option<Call> {
    let called = form.batch.as_ref()?;
    let message = &detail.message;
    let (url, status, words) = match told.state? {
        MtState::Sent => {
            (called.callback.as_ref()?, "1", format!("Success \"{}\"", message.id.uuid()))
        }
        MtState::Failed | MtState::Rejected | MtState::Expired => {
            (called.errback.as_ref()?, "0", format!("Error \"{}\"", told.words))
        }
        _ => return None,
    };
    let batch = message.batch.map(|batch| batch.uuid().to_string()).unwrap_or_default();
    let mut url = Url::parse(url).ok()?;
    url.query_pairs_mut().extend_pairs([
        ("batchId", batch.as_str()),
        ("to", message.to.as_str()),
        ("status", status),
        ("statusText", words.as_str()),
    ]);
    (url.as_str().len() <= LONGEST).then(|| (url.into(), CallbackForm::default()))
}

const fn is_refusal(state: MtState) -> bool {
    matches!(state, MtState::Failed | MtState::Rejected)
}

type Fields = Vec<(&'static str, String)>;

/// Level 1: what the service centre said.
fn of_centre(
    form: &JasminForm,
    state: MtState,
    detail: &MessageDetail,
    sim: Option<String>,
) -> Fields {
    let status = if state == MtState::Sent { "ESME_ROK" } else { "ESME_RSUBMITFAIL" };
    vec![
        ("id", detail.message.id.uuid().to_string()),
        ("message_status", status.to_owned()),
        ("level", form.level.to_string()),
        ("connector", sim.unwrap_or_default()),
    ]
}

/// Level 2: whether it arrived.
fn of_phone(
    form: &JasminForm,
    state: MtState,
    told: &Told,
    detail: &MessageDetail,
    sim: Option<String>,
) -> Fields {
    let (status, error) = match state {
        MtState::Delivered => ("DELIVRD", "000"),
        MtState::Expired => ("EXPIRED", "001"),
        MtState::Rejected => ("REJECTD", "001"),
        _ => ("UNDELIV", "001"),
    };
    let message = &detail.message;
    let first = detail.parts.iter().find(|part| part.part == 1);
    let reference = told.reference.or_else(|| first.and_then(|part| part.reference));
    let text = match &message.body {
        Body::Text { text, .. } => text.chars().take(TEXT).collect(),
        Body::Data { .. } => String::new(),
    };
    let delivered = if state == MtState::Delivered { "001" } else { "000" };
    vec![
        ("id", message.id.uuid().to_string()),
        ("id_smsc", reference.map(|reference| reference.to_string()).unwrap_or_default()),
        ("message_status", status.to_owned()),
        ("level", form.level.to_string()),
        ("connector", sim.unwrap_or_default()),
        ("subdate", minute(message.created_at)),
        ("donedate", minute(told.at)),
        ("sub", "001".to_owned()),
        ("dlvrd", delivered.to_owned()),
        ("err", error.to_owned()),
        ("text", text),
    ]
}

/// A time as receipts of SMPP write it.
fn minute(at: Timestamp) -> String {
    at.to_jiff().strftime("%y%m%d%H%M").to_string()
}
