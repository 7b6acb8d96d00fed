//! Forms to write a message, and the count of what is written.

use askama::Template;
use contracts::modem::ModemState;
use contracts::mt::Body;
use contracts::{MessageId, SimId};

use crate::counting::Count;
use crate::key::random_secret;
use crate::words::Words;

/// The form to answer a received message.
#[derive(Debug, Template)]
#[template(path = "answer.html")]
pub(crate) struct AnswerForm {
    pub(crate) w: Words,
    pub(crate) id: String,
    pub(crate) csrf: String,
    /// The same for each try to send this form, so that it is sent once.
    pub(crate) attempt: String,
    pub(crate) to: String,
    pub(crate) sim: String,
    pub(crate) text: String,
    pub(crate) count: Counter,
    pub(crate) errors: Vec<String>,
    pub(crate) done: Option<String>,
}

impl AnswerForm {
    pub(crate) fn of(w: Words, id: MessageId, to: &str, sim: Option<SimId>, csrf: &str) -> Self {
        let id = id.to_string();
        Self {
            w,
            count: Counter::of(w, &format!("c-{id}"), &empty_count(), usize::MAX),
            id,
            csrf: csrf.to_owned(),
            attempt: random_secret(),
            to: to.to_owned(),
            sim: sim.map(|sim| sim.to_string()).unwrap_or_default(),
            text: String::new(),
            errors: Vec::new(),
            done: None,
        }
    }
}

/// The form to write a message.
#[derive(Debug, Template)]
#[template(path = "compose.html")]
pub(crate) struct Compose {
    pub(crate) w: Words,
    pub(crate) csrf: String,
    /// The same for each try to send this form, so that it is sent once.
    pub(crate) attempt: String,
    pub(crate) to: String,
    pub(crate) text: String,
    pub(crate) count: Counter,
    pub(crate) senders: Vec<SendFrom>,
    pub(crate) errors: Vec<String>,
    pub(crate) done: Option<String>,
}

/// A SIM to send from.
#[derive(Debug, Clone)]
pub(crate) struct SendFrom {
    pub(crate) sim: SimId,
    pub(crate) name: String,
    pub(crate) chosen: bool,
}

impl SendFrom {
    /// The SIMs of modems, in their order.
    pub(crate) fn of(modems: &[ModemState], chosen: Option<SimId>) -> Vec<Self> {
        modems
            .iter()
            .filter_map(|modem| {
                let sim = modem.sim.as_ref()?;
                let number = sim.number.as_ref().map(|number| format!(" · {number}"));
                let name = format!("{}{}", modem.name, number.unwrap_or_default());
                Some(Self { sim: sim.id, name, chosen: chosen == Some(sim.id) })
            })
            .collect()
    }
}

/// How much was written.
#[derive(Debug, Template)]
#[template(path = "count.html")]
pub(crate) struct Counter {
    pub(crate) id: String,
    characters: String,
    encoding: String,
    parts: String,
    left: String,
    forced: Option<String>,
    too_long: Option<String>,
}

impl Counter {
    pub(crate) fn of(w: Words, id: &str, count: &Count, limit: usize) -> Self {
        let forced: Vec<String> = count.forced.iter().take(8).map(|c| format!("“{c}”")).collect();
        Self {
            id: id.to_owned(),
            characters: w.count_characters(count.characters),
            encoding: if count.encoding == "ucs2" {
                w.count_encoding_ucs2()
            } else {
                w.count_encoding_gsm()
            },
            parts: w.count_parts(count.parts),
            left: w.count_left(count.left),
            forced: (!forced.is_empty()).then(|| w.count_forced(forced.join(" "))),
            too_long: (count.parts > limit).then(|| w.count_too_long(limit, count.parts)),
        }
    }
}

/// Nothing written yet.
pub(crate) fn empty_count() -> Count {
    let nothing = Body::Text { text: String::new(), encoding: contracts::mt::Encoding::Auto };
    crate::counting::count(&nothing, None, &contracts::mt::SendOptions::default()).unwrap_or(
        Count {
            encoding: "gsm7",
            characters: 0,
            units: 0,
            parts: 1,
            per_part: 160,
            left: 160,
            forced: Vec::new(),
            replaced: Vec::new(),
        },
    )
}
