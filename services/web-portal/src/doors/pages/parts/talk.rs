//! A conversation as on a phone: its messages, and the form to write the next one.

use askama::Template;
use contracts::mt::{Body, Encoding, MtRequest, SendOptions};
use contracts::talk::Talked;
use contracts::{Address, MessageId, NoteId, SimId, Timestamp, UserId};
use data_encoding::HEXLOWER;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use store::{Cursor, Heading, Line, Message, Note, Received};

use super::message::{Beginning, Pill, Trouble, body_words, troubles};
use super::writing::{Counter, empty_count};
use super::{Sentence, When};
use crate::acts::count::count;
use crate::acts::reading::Reading;
use crate::acts::waiting::Reasons;
use crate::doors::pages::hostile::Hostile;
use crate::secret::random_secret;
use crate::words::Words;

/// What is escaped in a path: all but letters, digits and the plus sign of a number.
const IN_PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'+');

/// The page of the conversation with a number or a name.
pub(crate) fn talk_path(with: &str) -> String {
    format!("/conversations/{}", utf8_percent_encode(with, IN_PATH))
}

/// The lists of the page of a conversation, to which what is said in it is added.
pub(crate) fn lists_of_page(with: &Address) -> String {
    let phone = HEXLOWER.encode(with.phone().as_bytes());
    match with {
        Address::Number(number) if number.is_international() => {
            let whole = HEXLOWER.encode(number.as_str().as_bytes());
            format!("talk-whole-{whole} talk-local-{phone}")
        }
        Address::Number(_) | Address::Name(_) => format!("talk-any-{phone} talk-local-{phone}"),
    }
}

/// The lists to which something is added that was said to or by this number or name: those of the same phone.
pub(crate) fn lists_of_line(with: &Address) -> String {
    let phone = HEXLOWER.encode(with.phone().as_bytes());
    match with {
        Address::Number(number) if number.is_international() => {
            let whole = HEXLOWER.encode(number.as_str().as_bytes());
            format!("talk-whole-{whole} talk-any-{phone}")
        }
        Address::Number(_) | Address::Name(_) => format!("talk-local-{phone}"),
    }
}

/// The list of the page of a conversation in which stands who writes.
pub(crate) fn writers_of_page(with: &Address) -> String {
    lists_of_page(with).replace("talk-", "writing-")
}

/// The lists in which it is said that somebody writes to this number.
pub(crate) fn writers_of_line(with: &Address) -> String {
    lists_of_line(with).replace("talk-", "writing-")
}

/// That somebody writes an answer; the page takes it away after a while.
#[derive(Debug, Template)]
#[template(path = "writer.html")]
pub(crate) struct WriterLine {
    by: UserId,
    /// So that one that is told again is another, and stays for as long again.
    at: Timestamp,
    words: Sentence,
}

impl WriterLine {
    pub(crate) fn of(w: Words, talked: &Talked) -> Self {
        let words = Sentence(w.talk_writing(talked.name.clone()));
        Self { by: talked.by, at: talked.at, words }
    }

    /// The id of its element.
    pub(crate) fn id(&self) -> String {
        format!("writing-{}", self.by)
    }
}

/// What a team keeps of a conversation, in a few words each.
pub(crate) fn marks(w: Words, heading: &Heading) -> Vec<Hostile> {
    let to = heading.assigned.as_ref().map(|to| w.talk_assigned(to.name.clone()));
    let words = [
        to,
        heading.archived.then(|| w.talk_is_archived()),
        heading.blocked.then(|| w.talk_is_blocked()),
        heading.muted.then(|| w.talk_is_muted()),
    ];
    words.into_iter().flatten().map(Hostile).collect()
}

/// The same in one place, which changes while the page is looked at.
#[derive(Debug, Template)]
#[template(path = "talk_marks.html")]
pub(crate) struct MarksLine {
    id: String,
    marks: Vec<Hostile>,
}

impl MarksLine {
    pub(crate) fn of(w: Words, with: &Address, heading: &Heading) -> Self {
        Self { id: Self::id(with), marks: marks(w, heading) }
    }

    /// The id of its element.
    pub(crate) fn id(with: &Address) -> String {
        format!("marks-{}", HEXLOWER.encode(with.to_string().as_bytes()))
    }
}

/// One message, call or note.
#[derive(Debug, Template)]
#[template(path = "bubble.html")]
pub(crate) struct Bubble {
    w: Words,
    id: MessageId,
    at: When,
    /// Whose it is: `in`, `out`, `call` or `note`.
    side: &'static str,
    /// What it is besides a text, which is shown by a picture: `mms` or `waiting`. Empty: nothing.
    kind: &'static str,
    /// Who wrote it, of a note.
    by: Option<Hostile>,
    text: Hostile,
    /// The page that has all of it, when this is not all.
    whole: Option<String>,
    /// What the message is besides its text, a line each.
    notices: Vec<Hostile>,
    /// What is missing of it, a line each.
    troubles: Vec<String>,
    /// How far a sent message is.
    way: Option<Way>,
}

/// How far a sent message is, and what is wrong with it.
#[derive(Debug)]
struct Way {
    state: Pill,
    trouble: Trouble,
}

impl Bubble {
    /// A line of the conversation with this address, on the page that has all of a note, if it is such a page.
    pub(crate) fn of(
        w: Words,
        (with, whole): (&Address, Option<NoteId>),
        line: &Line,
        reasons: &Reasons,
    ) -> Self {
        match line {
            Line::Sent(message) => Self::sent(w, message, reasons),
            Line::Received(message) => Self::received(w, message),
            Line::Missed(call) => Self {
                w,
                id: call.id,
                at: When(call.at),
                side: "call",
                kind: "",
                by: None,
                text: Hostile(w.talk_missed_call()),
                whole: None,
                notices: Vec::new(),
                troubles: Vec::new(),
                way: None,
            },
            Line::Note(note) if whole == Some(note.id) => {
                Self { text: Hostile(note.text.clone()), whole: None, ..Self::note(w, with, note) }
            }
            Line::Note(note) => Self::note(w, with, note),
        }
    }

    /// What somebody wrote for colleagues. All of a long note stands on a page of the conversation that begins with it.
    pub(crate) fn note(w: Words, with: &Address, note: &Note) -> Self {
        let text = Hostile(note.text.clone()).short(Hostile::TEXT);
        let whole = (text.0 != note.text).then(|| {
            let at = Timestamp::from_micros(note.at.as_micros().saturating_add(1));
            let (path, place) = (talk_path(&with.to_string()), Cursor { at, id: note.place() });
            format!("{path}?before={place}&whole={}", note.id)
        });
        Self {
            w,
            id: note.place(),
            at: When(note.at),
            side: "note",
            kind: "",
            by: Some(Hostile(w.talk_note_by(note.by.name.clone())).short(Hostile::NAME)),
            text,
            whole,
            notices: Vec::new(),
            troubles: Vec::new(),
            way: None,
        }
    }

    fn sent(w: Words, message: &Message, reasons: &Reasons) -> Self {
        let (id, state) = (message.id, message.state);
        let waiting = reasons.of_message(message);
        let trouble = Trouble::of(w, id, state, message.error.as_ref(), waiting.as_ref());
        Self {
            w,
            id,
            at: When(message.created_at),
            side: "out",
            kind: "",
            by: None,
            text: body_words(w, &message.body).short(Hostile::TALK),
            whole: None,
            notices: Vec::new(),
            troubles: Vec::new(),
            way: Some(Way { state: Pill::of(w, id, state), trouble }),
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
        let state = contracts::MtState::Accepted;
        let trouble = Trouble::of(w, id, state, None, waiting.as_ref());
        Self {
            w,
            id,
            at: When(reasons.accepted_at(request)),
            side: "out",
            kind: "",
            by: None,
            text: body_words(w, &request.body).short(Hostile::TALK),
            whole: None,
            notices: Vec::new(),
            troubles: Vec::new(),
            way: Some(Way { state: Pill::of(w, id, state), trouble }),
        }
    }

    /// One that was received.
    pub(crate) fn received(w: Words, received: &Received) -> Self {
        let reading = Reading::of(received);
        let most = (Hostile::TALK, Hostile::NAME);
        let Beginning { text, notices, is_cut } = Beginning::of(w, received, &reading, most);
        Self {
            w,
            id: received.id,
            at: When(received.received_at),
            side: "in",
            kind: match (&reading.mms, reading.waiting.is_empty()) {
                (Some(_), _) => "mms",
                (None, false) => "waiting",
                (None, true) => "",
            },
            by: None,
            whole: is_cut.then(|| format!("/received/{}", received.id)),
            text,
            notices,
            troubles: troubles(w, received, &reading),
            way: None,
        }
    }
}

/// The form to write to whom a conversation is with.
#[derive(Debug, Template)]
#[template(path = "talk_form.html")]
pub(crate) struct TalkForm {
    pub(crate) w: Words,
    pub(crate) csrf: String,
    /// The same for each try to send this form, so that it is sent once.
    pub(crate) attempt: String,
    pub(crate) to: String,
    pub(crate) sim: String,
    pub(crate) text: String,
    pub(crate) count: Counter,
    pub(crate) errors: Vec<String>,
    /// Up to where of the conversation the writer has seen it.
    pub(crate) seen: String,
    /// Somebody else answered since; to send all the same is said on the button.
    pub(crate) answered: bool,
}

/// The id of the count under the form.
pub(crate) const TALK_COUNT: &str = "c-talk";

impl TalkForm {
    pub(crate) fn of(w: Words, to: &str, sim: Option<SimId>, csrf: &str) -> Self {
        Self {
            w,
            csrf: csrf.to_owned(),
            attempt: random_secret(),
            to: to.to_owned(),
            sim: sim.map(|sim| sim.to_string()).unwrap_or_default(),
            text: String::new(),
            count: Counter::of(w, TALK_COUNT, &empty_count(), usize::MAX),
            errors: Vec::new(),
            seen: String::new(),
            answered: false,
        }
    }

    /// Where it is told that somebody writes.
    fn path(&self) -> String {
        talk_path(&self.to)
    }

    /// Has this text be in the form, of which at most so many parts may be sent.
    pub(crate) fn begin_with(&mut self, w: Words, text: String, limit: usize) {
        let body = Body::Text { text, encoding: Encoding::Auto };
        let counted = count(&body, None, &SendOptions::default());
        let counted = counted.unwrap_or_else(|_| empty_count());
        self.count = Counter::of(w, TALK_COUNT, &counted, limit);
        if let Body::Text { text, .. } = body {
            self.text = text;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_comes_to_the_pages_of_its_phone_alone() {
        let shares = |page: &str, line: &str| {
            let page = lists_of_page(&Address::from_text(page));
            let line = lists_of_line(&Address::from_text(line));
            line.split(' ').any(|list| page.split(' ').any(|one| one == list))
        };
        for (page, line) in [
            ("+628123456789", "+628123456789"),
            ("+628123456789", "08123456789"),
            ("08123456789", "+628123456789"),
            ("08123456789", "08123456789"),
            ("BANK", "BANK"),
        ] {
            assert!(shares(page, line), "{page} {line}");
        }
        for (page, line) in [
            ("+628123456789", "+618123456789"),
            ("+628123456789", "+628123456780"),
            ("BANK", "BANK2"),
            ("888", "+62888"),
        ] {
            assert!(!shares(page, line), "{page} {line}");
        }
    }

    #[test]
    fn whoever_it_is_with_stays_in_the_path() {
        assert_eq!(talk_path("+62812"), "/conversations/+62812");
        assert_eq!(talk_path("../x?y#<z>"), "/conversations/%2E%2E%2Fx%3Fy%23%3Cz%3E");
    }
}
