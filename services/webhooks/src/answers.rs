//! What of an endpoint's answer to a received message is sent back to the sender.

use std::time::Duration;

use api::{Happened, HappenedTo, ReceivedEvent};
use contracts::{CallbackId, Timestamp, WebhookEvent};
use keyword::reply::{self, NoReply, Question, Wanted};
use store::{Answered, Listener, ReplyText, StoreError, WebhookDelivery, WebhookForm};

use crate::fetch::Answer;
use crate::replier::Replier;
use crate::twiml;

/// The age of a message that is still answered. An endpoint is told of messages that are older when it was down for days,
/// or is told again.
const OLDEST: Duration = Duration::from_hours(24);

/// What is sent back, and what is not for which reason; none: nothing is to be.
pub(crate) async fn of(
    replier: &Replier,
    listener: &Listener,
    delivery: &WebhookDelivery,
    answer: &Answer,
    now: Timestamp,
) -> Result<Option<Answered>, StoreError> {
    let webhook = &listener.webhook;
    let mut wanted = Wanted::by_endpoint(webhook);
    wanted.parts = wanted.parts.min(replier.max_parts);
    let is_answered = delivery.event == Some(WebhookEvent::SmsReceived) && answer.by_mail.is_none();
    if !is_answered || wanted.parts == 0 {
        return Ok(None);
    }
    let Some(message) = received(delivery) else { return Ok(None) };
    let texts = match webhook.form {
        WebhookForm::Twilio => twiml::texts(wanted, answer, &message.from),
        WebhookForm::Standard | WebhookForm::Smsgate => {
            let kind = answer.content_type.as_deref();
            vec![reply::of_answer(wanted, kind, &answer.body)]
        }
    };
    let is_silence = |text: &Result<_, _>| matches!(text, Err(NoReply::Empty | NoReply::Unwanted));
    if texts.iter().all(is_silence) {
        return Ok(None);
    }
    let refused = if now.since(message.received_at) > OLDEST {
        Some(NoReply::TooLate)
    } else if replier.store.is_blocked(listener.webhook.org, &message.from).await? {
        Some(NoReply::Blocked)
    } else {
        let account = (Some(listener.reach), listener.webhook.owner);
        replier.refusal(question(&message), message.sim, account).await?
    };
    let texts = texts.into_iter().enumerate().filter(|(_, text)| !is_silence(text));
    let replies = texts.map(|(n, text)| {
        let text = text.and_then(|text| refused.clone().map_or(Ok(text), Err));
        let id = CallbackId::of_answer(webhook.id, message.id, n);
        (id, text.map(ReplyText).map_err(|why| why.to_string()))
    });
    Ok(Some(Answered {
        message: message.id,
        sender: message.from.clone(),
        sim: message.sim,
        replies: replies.collect(),
        caps: replier.caps(now),
        next_at: now.plus(replier.lease),
    }))
}

/// What of a message that an endpoint was told says whether it is answered.
fn question(message: &ReceivedEvent) -> Question<'_> {
    let is_plain = message.ports.is_none() && message.class != Some(0);
    let is_of_person = message.text.is_some() && is_plain;
    // Whoever asked to be sent nothing is known to the router by the time that an endpoint has answered.
    Question { from: &message.from, to: message.to.as_ref(), is_of_person, wish: None }
}

/// The received message that an endpoint was told of.
fn received(delivery: &WebhookDelivery) -> Option<Box<ReceivedEvent>> {
    let happened = serde_json::from_str::<Happened>(&delivery.payload).ok()?;
    match happened.data {
        HappenedTo::Received(message) => Some(message),
        _ => None,
    }
}
