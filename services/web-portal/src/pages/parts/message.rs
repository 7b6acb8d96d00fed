//! Messages in lists.

use askama::Template;
use contracts::mt::{Body, MtRequest, SendError};
use contracts::{Address, MessageId, MtState, Timestamp};
use store::{Message, Received};

use super::problem::error_words;
use super::writing::AnswerForm;
use super::{Tone, When, in_zone};
use crate::hostile::Hostile;
use crate::words::Words;

pub(super) const fn tone(state: MtState) -> Tone {
    match state {
        MtState::Accepted
        | MtState::Admitted
        | MtState::Held
        | MtState::Released
        | MtState::Deferred
        | MtState::Unknown => Tone::Wait,
        MtState::Sending | MtState::Sent => Tone::Way,
        MtState::Delivered => Tone::Good,
        MtState::Uncertain => Tone::Odd,
        MtState::Rejected
        | MtState::Cancelled
        | MtState::Expired
        | MtState::Failed
        | MtState::Undelivered => Tone::Bad,
    }
}

fn state_words(w: Words, state: MtState) -> String {
    match state {
        MtState::Accepted => w.state_accepted(),
        MtState::Admitted => w.state_admitted(),
        MtState::Held => w.state_held(),
        MtState::Released => w.state_released(),
        MtState::Deferred => w.state_deferred(),
        MtState::Sending => w.state_sending(),
        MtState::Uncertain => w.state_uncertain(),
        MtState::Rejected => w.state_rejected(),
        MtState::Cancelled => w.state_cancelled(),
        MtState::Expired => w.state_expired(),
        MtState::Failed => w.state_failed(),
        MtState::Sent => w.state_sent(),
        MtState::Undelivered => w.state_undelivered(),
        MtState::Delivered => w.state_delivered(),
        MtState::Unknown => w.state_unknown(),
    }
}

/// The state of a message.
#[derive(Debug, Template)]
#[template(path = "pill.html")]
pub(crate) struct Pill {
    id: MessageId,
    rank: u8,
    tone: Tone,
    name: &'static str,
    words: String,
}

impl Pill {
    pub(crate) fn of(w: Words, id: MessageId, state: MtState) -> Self {
        let words = state_words(w, state);
        Self { id, rank: state.phase(), tone: tone(state), name: state.as_str(), words }
    }
}

/// What is wrong with a message, in a line under it.
#[derive(Debug, Template)]
#[template(path = "trouble.html")]
pub(crate) struct Trouble {
    id: MessageId,
    rank: u8,
    words: String,
}

impl Trouble {
    pub(crate) fn of(
        w: Words,
        id: MessageId,
        state: MtState,
        error: Option<&SendError>,
        until: Option<Timestamp>,
    ) -> Self {
        let is_trouble = !matches!(state, MtState::Sent | MtState::Delivered);
        let mut words = error.filter(|_| is_trouble).map(|e| error_words(w, e)).unwrap_or_default();
        if let Some(until) = until
            && matches!(state, MtState::Held | MtState::Deferred)
        {
            let wait = w.waits_until(in_zone(until));
            words = if words.is_empty() { wait } else { format!("{words} {wait}") };
        }
        Self { id, rank: state.phase(), words }
    }
}

/// A message in a list.
#[derive(Debug, Template)]
#[template(path = "row_sent.html")]
pub(crate) struct RowSent {
    w: Words,
    id: MessageId,
    to: String,
    at: When,
    text: Hostile,
    state: Pill,
    trouble: Trouble,
}

impl RowSent {
    /// From the database.
    pub(crate) fn of(w: Words, message: &Message) -> Self {
        let (id, state) = (message.id, message.state);
        Self {
            w,
            id,
            to: message.to.to_string(),
            at: When(message.created_at),
            text: body_words(w, &message.body),
            state: Pill::of(w, id, state),
            trouble: Trouble::of(w, id, state, message.error.as_ref(), message.held_until),
        }
    }

    /// As it was just asked for.
    pub(crate) fn requested(w: Words, id: MessageId, request: &MtRequest) -> Self {
        let state = MtState::Accepted;
        Self {
            w,
            id,
            to: request.to.to_string(),
            at: When(request.created_at.unwrap_or_else(Timestamp::now)),
            text: body_words(w, &request.body),
            state: Pill::of(w, id, state),
            trouble: Trouble::of(w, id, state, None, None),
        }
    }
}

/// What a message says.
pub(crate) fn body_words(w: Words, body: &Body) -> Hostile {
    Hostile(match body {
        Body::Text { text, .. } => text.clone(),
        Body::Data { data } => data_words(w, data),
    })
}

fn data_words(w: Words, hex: &str) -> String {
    format!("{}: {hex}", w.message_data(hex.len() / 2))
}

/// A received message in a list, with the form to answer it.
#[derive(Debug, Template)]
#[template(path = "row_received.html")]
pub(crate) struct RowReceived {
    w: Words,
    id: MessageId,
    from: Hostile,
    name: String,
    number: Option<String>,
    at: When,
    text: Hostile,
    incomplete: Option<String>,
    answerable: bool,
    answer: AnswerForm,
}

impl RowReceived {
    pub(crate) fn of(w: Words, received: &Received, csrf: &str) -> Self {
        let id = received.id;
        let text = match (&received.text, &received.data) {
            (Some(text), _) => text.clone(),
            (None, Some(data)) => data_words(w, data),
            (None, None) => String::new(),
        };
        let missing: Vec<String> = received.missing.iter().map(ToString::to_string).collect();
        let from = received.from.to_string();
        Self {
            w,
            id,
            from: Hostile(from.clone()),
            number: received.to.as_ref().map(ToString::to_string),
            at: When(received.received_at),
            text: Hostile(text),
            incomplete: (!missing.is_empty()).then(|| w.message_incomplete(missing.join(", "))),
            answerable: matches!(received.from, Address::Number(_)),
            answer: AnswerForm::of(w, id, &from, Some(received.sim), csrf),
            name: from,
        }
    }
}
