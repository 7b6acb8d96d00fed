//! A message before it is accepted: what REST, Kannel's endpoint and the pages have in common, and the
//! checks that all of them make. The counting is `tpdu`'s, the same that sends.

use std::collections::{HashMap, HashSet};

use contracts::bounds::OutOfBounds;
use contracts::mt::{Body, DlrCallback, DlrForm, Encoding, MtRequest, SendOptions, WhenUncertain};
use contracts::{
    BatchId, Languages, MessageId, OrgId, PhoneNumber, PoolId, Priority, SimId, Timestamp, UserId,
};
use numbering::{Plan, Unusable};
use serde::Serialize;
use tpdu::Shifts;

use crate::acts::count::{self, Count, Uncountable};

/// The most recipients of one request.
pub(crate) const RECIPIENTS: usize = 1_000;
/// The most recipients of a batch.
pub(crate) const OF_A_BATCH: usize = contracts::batch::MOST_RECIPIENTS;

/// What somebody wants sent.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    /// The recipients as they were written.
    pub(crate) to: Vec<String>,
    /// The texts that recipients have of their own, by their places in `to`.
    pub(crate) own: HashMap<usize, String>,
    /// The messages are a batch that can be paused and cancelled as one.
    pub(crate) is_batch: bool,
    /// Text or data.
    pub(crate) body: Body,
    /// How urgent.
    pub(crate) priority: Priority,
    /// Not to be sent before.
    pub(crate) not_before: Option<Timestamp>,
    /// Not to be sent after.
    pub(crate) not_after: Option<Timestamp>,
    /// The SIM it must go out through.
    pub(crate) sim: Option<SimId>,
    /// The pool it must go out through.
    pub(crate) pool: Option<PoolId>,
    /// A user data header, in hex, its length first.
    pub(crate) udh: Option<String>,
    /// Fields of the TPDU.
    pub(crate) options: SendOptions,
    /// A word by which rules tell what it is for.
    pub(crate) tag: Option<String>,
    /// The sender that is asked for.
    pub(crate) sender: Option<String>,
    /// What to do when nobody knows whether it went out.
    pub(crate) when_uncertain: WhenUncertain,
    /// Where to tell what happened.
    pub(crate) dlr: Option<DlrCallback>,
    /// In which form to tell it there; none: in Kannel's.
    pub(crate) dlr_form: Option<DlrForm>,
    /// The id of its batch, when whoever sends has to know it beforehand.
    pub(crate) batch: Option<BatchId>,
    /// The id of its message, when whoever sends to one recipient has to know it beforehand.
    pub(crate) id: Option<MessageId>,
    /// The message this one repeats.
    pub(crate) again_of: Option<MessageId>,
    /// It goes out though the same text went to the same number a moment before.
    pub(crate) allow_double: bool,
    /// It goes to international numbers without their end, too, as Kannel sends to them.
    pub(crate) even_cut_off: bool,
}

/// Somebody a draft goes to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Recipient {
    /// The number.
    pub(crate) to: PhoneNumber,
    /// The text for this recipient alone; none: that of the draft.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) text: Option<String>,
}

/// What a choice of letters does to the number of parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Savings {
    /// Parts with similar characters, when these are fewer.
    pub(crate) alike: Option<usize>,
    /// Parts with tables of a language, when these are fewer.
    pub(crate) tables: Option<usize>,
    /// Parts without similar characters and tables, when there are some.
    pub(crate) without: Option<usize>,
}

/// A recipient that is sent nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BadRecipient {
    /// As it was written.
    pub(crate) written: String,
    /// Why not.
    pub(crate) reason: Unusable,
}

/// Why a draft cannot be sent. The whole of it is refused, never a part.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unsendable {
    /// Nobody to send it to.
    #[error("there is no recipient: say in 'to' which numbers it goes to")]
    NoRecipient,
    /// Some recipients are no numbers, or are sent nothing.
    #[error("{}", bad_recipients(.0))]
    Recipients(Vec<BadRecipient>),
    /// Too many at once.
    #[error("there are {found} recipients, and a request may have {limit}: send several requests")]
    TooMany {
        /// How many.
        found: usize,
        /// How many there may be.
        limit: usize,
    },
    /// A number stands twice, with texts that may differ.
    #[error("the number {0} stands twice: a recipient gets one message of a batch")]
    Twice(PhoneNumber),
    /// Nothing to send.
    #[error("the text is empty")]
    Empty,
    /// Nothing to read.
    #[error("the text has only blanks, which nobody can read")]
    Blank,
    /// More parts than are allowed.
    #[error("the text is too long: it would be {parts} parts, and {limit} are allowed")]
    TooLong {
        /// Of how many parts it would be.
        parts: usize,
        /// The most there may be.
        limit: usize,
    },
    /// A field is too large.
    #[error(transparent)]
    OutOfBounds(#[from] OutOfBounds),
    /// It would be over before it may be sent.
    #[error("the message would be over ('not_after') before it may be sent ('not_before')")]
    EndsTooSoon,
    /// It cannot be encoded as wanted.
    #[error("{0}")]
    Body(String),
}

/// A part of a draft, for doors that name the field which a refusal is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// To whom it goes.
    Recipients,
    /// What is sent.
    Text,
    /// Where to tell what happened.
    Callback,
    /// When it is sent at the latest.
    End,
}

impl Unsendable {
    /// The part of the draft that is not as it has to be.
    pub(crate) fn part(&self) -> Part {
        match self {
            Self::NoRecipient | Self::Recipients(_) | Self::TooMany { .. } | Self::Twice(_) => {
                Part::Recipients
            }
            Self::OutOfBounds(out) if out.field == "dlr.url" => Part::Callback,
            Self::EndsTooSoon => Part::End,
            Self::Empty
            | Self::Blank
            | Self::TooLong { .. }
            | Self::OutOfBounds(_)
            | Self::Body(_) => Part::Text,
        }
    }
}

/// Nothing is seen of it.
fn is_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
}

fn bad_recipients(bad: &[BadRecipient]) -> String {
    let named: Vec<String> = bad.iter().map(|b| format!("'{}': {}", b.written, b.reason)).collect();
    let what = if bad.iter().any(|b| b.reason.is_forbidden()) {
        "may be sent to"
    } else {
        "is a phone number"
    };
    format!("nothing was sent, as not every recipient {what}: {}", named.join("; "))
}

impl Draft {
    /// A draft of this body to nobody yet, everything else as by default.
    pub(crate) fn of(body: Body) -> Self {
        Self {
            to: Vec::new(),
            own: HashMap::new(),
            is_batch: false,
            body,
            priority: Priority::default(),
            not_before: None,
            not_after: None,
            sim: None,
            pool: None,
            udh: None,
            options: SendOptions::default(),
            tag: None,
            sender: None,
            when_uncertain: WhenUncertain::default(),
            dlr: None,
            dlr_form: None,
            batch: None,
            id: None,
            again_of: None,
            allow_double: false,
            even_cut_off: false,
        }
    }

    /// The recipients, each once, in the order they were written, with the text that a recipient has of its own; or all
    /// those that are none, or that are sent nothing by this plan.
    pub(crate) fn recipients(&self, plan: &Plan) -> Result<Vec<Recipient>, Unsendable> {
        let mut recipients = Vec::with_capacity(self.to.len());
        let mut bad = Vec::new();
        if self.to.is_empty() {
            return Err(Unsendable::NoRecipient);
        }
        let limit = if self.is_batch { OF_A_BATCH } else { RECIPIENTS };
        if self.to.len() > limit {
            return Err(Unsendable::TooMany { found: self.to.len(), limit });
        }
        let mut known = HashSet::with_capacity(self.to.len());
        for (place, written) in self.to.iter().enumerate() {
            match plan.read(written).and_then(|number| self.whole(number)) {
                Ok(to) => {
                    if known.insert(to.clone()) {
                        recipients.push(Recipient { to, text: self.own.get(&place).cloned() });
                    } else if !self.own.is_empty() {
                        return Err(Unsendable::Twice(to));
                    }
                }
                Err(reason) => {
                    let written = written.chars().take(64).collect();
                    bad.push(BadRecipient { written, reason });
                }
            }
        }
        if bad.is_empty() { Ok(recipients) } else { Err(Unsendable::Recipients(bad)) }
    }

    /// A number that was not cut off.
    fn whole(&self, number: PhoneNumber) -> Result<PhoneNumber, Unusable> {
        if !self.even_cut_off {
            number.is_whole()?;
        }
        Ok(number)
    }

    /// Refuses what can be accepted and is surely a slip: a text of nothing but blanks, a message that is over before it may
    /// be sent. Kannel sends the first, so its endpoint does not ask.
    pub(crate) fn is_meant(&self) -> Result<(), Unsendable> {
        if self.not_after.zip(self.not_before).is_some_and(|(end, begin)| end < begin) {
            return Err(Unsendable::EndsTooSoon);
        }
        if let Body::Text { text, .. } = &self.body
            && !text.is_empty()
            && text.chars().all(is_blank)
        {
            return Err(Unsendable::Blank);
        }
        if self.own.values().any(|text| text.chars().all(is_blank)) {
            return Err(Unsendable::Blank);
        }
        Ok(())
    }

    /// How many parts it is of, or why it cannot be encoded or is too long. Where recipients have texts of their own, the
    /// longest counts.
    pub(crate) fn count(&self, limit: usize) -> Result<Count, Unsendable> {
        let needs_body = self.own.len() < self.to.len() || self.own.is_empty();
        let body = needs_body.then(|| self.body.clone());
        let bodies = body.into_iter().chain(self.own.values().map(|text| self.body_of(text)));
        let counts = bodies.map(|body| self.count_body(&body, limit));
        let mut longest: Option<Count> = None;
        for count in counts {
            let count = count?;
            if longest.as_ref().is_none_or(|longest| longest.parts < count.parts) {
                longest = Some(count);
            }
        }
        longest.ok_or(Unsendable::NoRecipient)
    }

    /// A text of a recipient's own, encoded as the draft says.
    /// Of how many parts the message is, with the draft's own text or another. What cannot be sent has one.
    pub(crate) fn parts_of(&self, text: Option<&str>) -> u8 {
        let body = text.map_or_else(|| self.body.clone(), |text| self.body_of(text));
        let parts = match count::count(&body, self.udh.as_deref(), &self.options) {
            Ok(count) => count.parts,
            Err(Uncountable::TooLong { parts }) => parts,
            Err(Uncountable::Because(_)) => 1,
        };
        u8::try_from(parts).unwrap_or(u8::MAX)
    }

    fn body_of(&self, text: &str) -> Body {
        let encoding = match &self.body {
            Body::Text { encoding, .. } => *encoding,
            Body::Data { .. } => Encoding::Auto,
        };
        Body::Text { text: text.to_owned(), encoding }
    }

    fn count_body(&self, body: &Body, limit: usize) -> Result<Count, Unsendable> {
        let count = count::count(body, self.udh.as_deref(), &self.options);
        let count = count.map_err(|uncountable| match uncountable {
            Uncountable::TooLong { parts } => Unsendable::TooLong { parts, limit },
            Uncountable::Because(words) => Unsendable::Body(words),
        })?;
        if count.parts > limit {
            return Err(Unsendable::TooLong { parts: count.parts, limit });
        }
        Ok(count)
    }

    /// What would save parts of a text that is counted so, and what did; `tables` are those of languages that
    /// could be allowed.
    pub(crate) fn savings(&self, count: &Count, tables: Languages) -> Savings {
        let Body::Text { text, encoding } = &self.body else { return Savings::default() };
        let parts = |encoding, languages| {
            let body = Body::Text { text: text.clone(), encoding };
            let options = SendOptions { languages, ..self.options };
            count::count(&body, self.udh.as_deref(), &options).ok().map(|count| count.parts)
        };
        let languages = self.options.languages;
        let fewer = |other: &usize| *other < count.parts;
        let may = count.encoding == "ucs2" && count.parts > 1;
        let was = !count.replaced.is_empty() || count.tables != Shifts::default();
        Savings {
            alike: (may && *encoding == Encoding::Auto)
                .then(|| parts(Encoding::Smart, languages))
                .flatten()
                .filter(fewer),
            tables: (may && languages.is_none())
                .then(|| parts(*encoding, tables))
                .flatten()
                .filter(fewer),
            without: was.then(|| parts(Encoding::Auto, Languages::NONE)).flatten(),
        }
    }

    /// What the requests to all recipients have in common, with the first of them.
    pub(crate) fn template(
        &self,
        org: OrgId,
        owner: UserId,
        recipients: &[Recipient],
    ) -> Option<MtRequest> {
        Some(self.request(recipients.first()?.clone(), org, owner, None))
    }

    /// The request for one recipient; id, number, key and trace are still to be set.
    pub(crate) fn request(
        &self,
        recipient: Recipient,
        org: OrgId,
        owner: UserId,
        created_at: Option<Timestamp>,
    ) -> MtRequest {
        let Recipient { to, text } = recipient;
        let body = text.map_or_else(|| self.body.clone(), |text| self.body_of(&text));
        MtRequest {
            id: None,
            number: None,
            org,
            owner,
            to,
            body,
            created_at,
            not_before: self.not_before,
            not_after: self.not_after,
            sim: self.sim,
            pool: self.pool.clone(),
            udh: self.udh.clone(),
            options: self.options,
            when_uncertain: self.when_uncertain,
            dlr: self.dlr.clone(),
            dlr_form: self.dlr_form.clone(),
            batch: None,
            batch_size: None,
            again_of: self.again_of,
            tag: self.tag.clone(),
            sender: self.sender.clone(),
            key: None,
            trace: None,
            allow_double: self.allow_double,
            round: 0,
            tries: 0,
            paid: false,
            counted: false,
        }
    }
}

#[cfg(test)]
mod tests;
