//! Messages in lists.

use askama::Template;
use contracts::mt::{Body, MtRequest, SendError};
use contracts::{Address, MessageId, MtState};
use store::{Message, Received};
use tpdu::{Indication, WaitingKind};

use super::problem::{Then, error_words};
use super::talk::talk_path;
use super::waiting::reason_words;
use super::writing::AnswerForm;
use super::{Sentence, Tone, When};
use crate::acts::reading::Reading;
use crate::acts::waiting::{Reasons, Waiting};
use crate::doors::pages::hostile::Hostile;
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

/// The name of a state.
pub(crate) fn state_words(w: Words, state: MtState) -> String {
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

/// What is wrong with a message or why it waits, in a line under it.
#[derive(Debug, Template)]
#[template(path = "trouble.html")]
pub(crate) struct Trouble {
    id: MessageId,
    rank: u8,
    words: Sentence,
    /// It says why the message waits, which changes when modems come and go.
    waits: bool,
}

impl Trouble {
    pub(crate) fn of(
        w: Words,
        id: MessageId,
        state: MtState,
        error: Option<&SendError>,
        waiting: Option<&Waiting>,
    ) -> Self {
        let is_trouble = !matches!(state, MtState::Sent | MtState::Delivered);
        // Why it waits says what went wrong, too.
        let words = match (waiting, error.filter(|_| is_trouble)) {
            (Some(waiting), _) => reason_words(w, waiting),
            (None, Some(error)) => error_words(w, error, Then::of(state)),
            (None, None) => String::new(),
        };
        Self { id, rank: state.phase(), words: Sentence(words), waits: waiting.is_some() }
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
    pub(crate) fn of(w: Words, message: &Message, reasons: &Reasons) -> Self {
        let waiting = reasons.of_message(message);
        let (id, state) = (message.id, message.state);
        Self {
            w,
            id,
            to: message.to.to_string(),
            at: When(message.created_at),
            text: body_words(w, &message.body).short(Hostile::TEXT),
            state: Pill::of(w, id, state),
            trouble: Trouble::of(w, id, state, message.error.as_ref(), waiting.as_ref()),
        }
    }

    /// As it was just asked for.
    pub(crate) fn requested(
        w: Words,
        id: MessageId,
        request: &MtRequest,
        reasons: &Reasons,
    ) -> Self {
        let waiting = reasons.of_request(request);
        let state = MtState::Accepted;
        Self {
            w,
            id,
            to: request.to.to_string(),
            at: When(reasons.accepted_at(request)),
            text: body_words(w, &request.body).short(Hostile::TEXT),
            state: Pill::of(w, id, state),
            trouble: Trouble::of(w, id, state, None, waiting.as_ref()),
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
    /// The conversation with whoever sent it.
    talk: String,
    name: String,
    number: Option<String>,
    at: When,
    text: Hostile,
    /// It is not all of the text: that stands on a page of its own.
    is_cut: bool,
    /// What the message is besides its text, a line each.
    notices: Vec<Hostile>,
    /// What is missing of it, a line each.
    troubles: Vec<String>,
    answerable: bool,
    answer: AnswerForm,
}

impl RowReceived {
    /// In a list.
    pub(crate) fn of(w: Words, received: &Received, csrf: &str) -> Self {
        Self::with(w, received, csrf, (Hostile::TEXT, Hostile::NAME))
    }

    /// On its own page, which has no other with the whole.
    pub(crate) fn whole(w: Words, received: &Received, csrf: &str) -> Self {
        Self {
            is_cut: false,
            ..Self::with(w, received, csrf, (Hostile::WHOLE, Hostile::WHOLE / 10))
        }
    }

    fn with(w: Words, received: &Received, csrf: &str, most: (usize, usize)) -> Self {
        let id = received.id;
        let reading = Reading::of(received);
        let from = received.from.to_string();
        let Beginning { text, notices, is_cut } = Beginning::of(w, received, &reading, most);
        Self {
            w,
            id,
            from: Hostile(from.clone()),
            talk: talk_path(&from),
            number: received.to.as_ref().map(ToString::to_string),
            at: When(received.received_at),
            is_cut,
            text,
            notices,
            troubles: troubles(w, received, &reading),
            answerable: matches!(received.from, Address::Number(_)),
            answer: AnswerForm::of(w, id, &from, Some(received.sim), csrf),
            name: from,
        }
    }
}

/// What a received message says, in a list of conversations: where it has no text, what it is.
pub(crate) fn heard_words(w: Words, received: &Received) -> Hostile {
    let reading = Reading::of(received);
    let text = received_words(w, received, &reading);
    if !text.trim().is_empty() {
        return Hostile(text);
    }
    Hostile(notices(w, &reading).into_iter().next().unwrap_or_default())
}

/// What a received message says.
fn received_words(w: Words, received: &Received, reading: &Reading) -> String {
    match (&received.text, &received.data) {
        (Some(text), _) => text.clone(),
        (None, Some(data)) => match (&reading.mms, &reading.data_text) {
            (Some(mms), _) => mms.subject.clone().unwrap_or_default(),
            (None, Some(text)) => text.clone(),
            (None, None) => data_words(w, data),
        },
        (None, None) => String::new(),
    }
}

/// What is shown of a received message in one place.
pub(super) struct Beginning {
    pub(super) text: Hostile,
    /// What the message is besides its text, a line each.
    pub(super) notices: Vec<Hostile>,
    /// It is not all.
    pub(super) is_cut: bool,
}

impl Beginning {
    /// With so many octets of the page for the text, and for each line about it.
    pub(super) fn of(
        w: Words,
        received: &Received,
        reading: &Reading,
        (of_text, of_notice): (usize, usize),
    ) -> Self {
        let whole = Hostile(received_words(w, received, reading));
        let text = whole.clone().short(of_text);
        let mut is_cut = text != whole;
        let mut shown = Vec::new();
        for notice in notices(w, reading).into_iter().map(Hostile) {
            let short = notice.clone().short(of_notice);
            is_cut |= short != notice;
            shown.push(short);
        }
        Self { text, notices: shown, is_cut }
    }
}

/// What a received message is besides its text.
fn notices(w: Words, reading: &Reading) -> Vec<String> {
    let mut notices: Vec<String> =
        reading.waiting.iter().map(|indication| waiting_words(w, *indication)).collect();
    if let Some(mms) = &reading.mms {
        let size = mms.size.map_or_else(|| "?".to_owned(), |size| size.div_ceil(1024).to_string());
        notices.push(w.message_mms(size));
        if let Some(from) = &mms.from {
            notices.push(w.message_mms_from(from.clone()));
        }
        notices.push(w.message_mms_at(mms.location.clone()));
    }
    if reading.data_text.is_some() {
        notices.push(w.message_data_text());
    }
    notices
}

fn waiting_words(w: Words, indication: Indication) -> String {
    let kind = match indication.waiting.kind {
        WaitingKind::Voicemail => w.waiting_voicemail(),
        WaitingKind::Fax => w.waiting_fax(),
        WaitingKind::Email => w.waiting_email(),
        WaitingKind::Other => w.waiting_other(),
    };
    match indication.count {
        _ if !indication.waiting.active => w.waiting_no_more(kind),
        Some(count) => w.waiting_some(u64::from(count), kind),
        None => w.waiting_uncounted(kind),
    }
}

/// What is missing of a received message.
pub(super) fn troubles(w: Words, received: &Received, reading: &Reading) -> Vec<String> {
    let missing: Vec<String> = received.missing.iter().map(ToString::to_string).collect();
    let lines = [
        (!missing.is_empty()).then(|| w.message_incomplete(missing.join(", "))),
        reading.cut.then(|| w.message_cut()),
        reading.unreadable.then(|| w.message_unreadable()),
    ];
    lines.into_iter().flatten().collect()
}
