//! Forms to write a message, and the count of what is written.

use askama::Template;
use contracts::modem::{ModemState, ModemStatus};
use contracts::mt::Body;
use contracts::{Languages, MessageId, ModemId, PoolId, Priority, SimId, TemplateId};
use tpdu::Language;
use tpdu::text::Replacement;

use super::modem::status_words;
use crate::acts::count::Count;
use crate::acts::draft::Savings;
use crate::doors::pages::hostile::Hostile;
use crate::secret::random_secret;
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
    pub(crate) letters: Letters,
    pub(crate) senders: Vec<SendFrom>,
    /// The pools that can be chosen; none: there is only the default one.
    pub(crate) pools: Vec<PoolId>,
    /// The templates at hand.
    pub(crate) templates: Vec<TemplateAtHand>,
    /// When and how it is sent.
    pub(crate) fold: Fold,
    /// The zone of the page's times, in which the time is unless another is written.
    pub(crate) usual_zone: String,
    /// What is repeated can be made from it.
    pub(crate) may_schedule: bool,
    pub(crate) errors: Vec<String>,
    pub(crate) done: Option<Done>,
}

impl Compose {
    /// The priorities, as choices.
    fn priorities(&self) -> [(Priority, String); 3] {
        let w = self.w;
        [
            (Priority::Normal, w.routes_normal()),
            (Priority::Otp, w.routes_otp()),
            (Priority::Bulk, w.routes_bulk()),
        ]
    }
}

/// A template, as a button of the form.
#[derive(Debug)]
pub(crate) struct TemplateAtHand {
    pub(crate) id: TemplateId,
    pub(crate) name: Hostile,
}

/// What the form did, with the way to it.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) words: String,
    /// The page with what was sent.
    pub(crate) path: String,
}

/// When and how a message is sent, as it stands in the form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Fold {
    /// The local date and time before which it is not sent; empty: now.
    pub(crate) date: String,
    pub(crate) time: String,
    /// The zone of all times of the form.
    pub(crate) zone: String,
    /// The local date and time after which it is not sent; empty: whenever it can be.
    pub(crate) until_date: String,
    pub(crate) until_time: String,
    pub(crate) priority: Priority,
    pub(crate) is_flash: bool,
    pub(crate) allow_double: bool,
    /// The pool; empty: whichever it would be.
    pub(crate) pool: String,
}

impl Fold {
    /// Whether something was chosen, so that the choice is shown.
    pub(crate) fn is_chosen(&self) -> bool {
        let texts = [&self.date, &self.time, &self.until_date, &self.until_time, &self.pool];
        texts.iter().any(|text| !text.is_empty())
            || self.priority != Priority::Normal
            || self.is_flash
            || self.allow_double
    }
}

/// What may be done to a text so that it takes fewer parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Letters {
    /// Similar characters take the place of those outside the GSM alphabet.
    pub(crate) alike: bool,
    /// Tables of a language may be used.
    pub(crate) tables: bool,
    /// They are when nobody chooses.
    pub(crate) tables_are_usual: bool,
}

impl Letters {
    /// As it is when nobody chooses; the configured languages say how.
    pub(crate) const fn usual(languages: Languages) -> Self {
        let tables = !languages.is_none();
        Self { alike: false, tables, tables_are_usual: tables }
    }

    /// Whether something was chosen, so that the choice is shown.
    pub(crate) const fn is_chosen(self) -> bool {
        self.alike || self.tables != self.tables_are_usual
    }
}

/// A SIM to send from, as a choice of the form.
#[derive(Debug, Clone, Template)]
#[template(path = "sender.html")]
pub(crate) struct SendFrom {
    modem: ModemId,
    /// Of the state it was made from: old news do not replace newer ones.
    rank: i64,
    pub(crate) sim: SimId,
    name: String,
    pub(crate) chosen: bool,
}

impl SendFrom {
    /// The SIM of a modem, marked when it cannot send now; none: it has none, or is not to be used.
    pub(crate) fn of(w: Words, modem: &ModemState) -> Option<Self> {
        let sim = modem.sim.as_ref().filter(|_| modem.status != ModemStatus::Disabled)?;
        let number = sim.number.as_ref().map(|number| format!(" · {number}"));
        let mut name = format!("{}{}", modem.name, number.unwrap_or_default());
        if !modem.status.is_online() {
            name = format!("{name} · {}", status_words(w, modem.status));
        }
        let rank = modem.seen_at.as_micros();
        Some(Self { modem: modem.id, rank, sim: sim.id, name, chosen: false })
    }
}

/// In the place of the choice of a modem whose SIM may not be sent through.
#[derive(Debug, Template)]
#[template(path = "no_sender.html")]
pub(crate) struct NoSender {
    modem: ModemId,
    rank: i64,
}

impl NoSender {
    pub(crate) const fn of(modem: &ModemState) -> Self {
        Self { modem: modem.id, rank: modem.seen_at.as_micros() }
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
    /// Which characters could be replaced in the text, and by what, with the words of the button that does it.
    alike: Option<(String, String)>,
    /// What was done so that it takes fewer parts, and what can be.
    notes: Vec<String>,
    too_long: Option<String>,
}

impl Counter {
    pub(crate) fn of(w: Words, id: &str, count: &Count, limit: usize) -> Self {
        Self {
            id: id.to_owned(),
            characters: w.count_characters(count.characters),
            encoding: letters(w, count),
            parts: w.count_parts(count.parts),
            left: w.count_left(count.left),
            forced: forced(w, count),
            alike: None,
            notes: replaced(count).map(|pairs| w.count_replaced(pairs)).into_iter().collect(),
            too_long: (count.parts > limit).then(|| w.count_too_long(limit, count.parts)),
        }
    }

    /// With what the choices of the form do to the number of parts, and what can be replaced in the text.
    #[must_use]
    pub(crate) fn with(mut self, w: Words, count: &Count, savings: Savings) -> Self {
        self.alike = alikes(w, count);
        self.notes.extend(savings.without.map(|parts| w.count_without(parts)));
        self.notes.extend(savings.alike.map(|parts| w.count_alike(parts)));
        self.notes.extend(savings.tables.map(|parts| w.count_tables(parts)));
        self
    }
}

/// Which characters make a message Unicode; none: none does.
pub(crate) fn forced(w: Words, count: &Count) -> Option<String> {
    let forced: Vec<String> = count.forced.iter().take(8).map(ToString::to_string).collect();
    (!forced.is_empty()).then(|| w.count_forced(forced.join("  ")))
}

/// What those of them could be replaced by that have a look-alike, and what the button says that does it; none: none has one.
pub(crate) fn alikes(w: Words, count: &Count) -> Option<(String, String)> {
    let known = count.forced.iter().filter_map(|c| Some((*c, tpdu::text::alike(*c)?)));
    let pairs: Vec<String> =
        known.take(12).map(|(from, to)| pair(&Replacement { from, to, times: 1 })).collect();
    (!pairs.is_empty()).then(|| (w.count_alikes(pairs.join("  ")), w.count_replace()))
}

/// The letters a message is sent in.
pub(crate) fn letters(w: Words, count: &Count) -> String {
    let language = count.tables.locking.or(count.tables.single);
    match (count.encoding, language) {
        ("ucs2", _) => w.count_encoding_ucs2(),
        (_, Some(language)) => w.count_encoding_language(own_name(language)),
        _ => w.count_encoding_gsm(),
    }
}

/// Which characters were replaced, and by what.
pub(crate) fn replaced(count: &Count) -> Option<String> {
    let pairs: Vec<String> = count.replaced.iter().take(12).map(pair).collect();
    let more = if count.replaced.len() > pairs.len() { " …" } else { "" };
    (!pairs.is_empty()).then(|| format!("{}{more}", pairs.join("  ")))
}

/// Not a sentence of any language: `“ → "`. What nobody sees is shown by its number.
fn pair(replaced: &Replacement) -> String {
    let from = match replaced.from {
        seen if replaced.to.trim().is_empty() => format!("U+{:04X}", u32::from(seen)),
        seen => seen.to_string(),
    };
    format!("{from} → {}", if replaced.to.trim().is_empty() { "␣" } else { replaced.to })
}

/// A language's name in itself.
const fn own_name(language: Language) -> &'static str {
    match language {
        Language::Turkish => "Türkçe",
        Language::Spanish => "Español",
        Language::Portuguese => "Português",
        Language::Bengali => "বাংলা",
        Language::Gujarati => "ગુજરાતી",
        Language::Hindi => "हिन्दी",
        Language::Kannada => "ಕನ್ನಡ",
        Language::Malayalam => "മലയാളം",
        Language::Oriya => "ଓଡ଼ିଆ",
        Language::Punjabi => "ਪੰਜਾਬੀ",
        Language::Tamil => "தமிழ்",
        Language::Telugu => "తెలుగు",
        Language::Urdu => "اردو",
    }
}

/// Nothing written yet.
pub(crate) fn empty_count() -> Count {
    let nothing = Body::Text { text: String::new(), encoding: contracts::mt::Encoding::Auto };
    crate::acts::count::count(&nothing, None, &contracts::mt::SendOptions::default()).unwrap_or(
        Count {
            encoding: "gsm7",
            characters: 0,
            units: 0,
            parts: 1,
            per_part: 160,
            left: 160,
            forced: Vec::new(),
            tables: tpdu::Shifts::default(),
            replaced: Vec::new(),
        },
    )
}
