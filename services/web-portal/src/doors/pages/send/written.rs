//! What stands in a form to write a message.

use contracts::mt::{Body, Encoding, SendOptions};
use contracts::{Languages, MessageId, Priority, Timestamp};
use recurrence::{Plan, PlanError};

use crate::acts::acceptance::IdempotencyKey;
use crate::acts::draft::Draft;
use crate::app::App;
use crate::doors::pages::failure::Failure;
use crate::doors::pages::form::Form;
use crate::doors::pages::parts::{Fold, Letters, zone};
use crate::words::Words;

/// The fields of the first page's form, as a sheet before sending keeps them.
pub(super) const FIELDS: [&str; 14] = [
    "to",
    "text",
    "sim",
    "alike",
    "tables",
    "date",
    "time",
    "zone",
    "until-date",
    "until-time",
    "priority",
    "flash",
    "double",
    "pool",
];

/// See the module.
pub(super) struct Written {
    /// What is wanted; its recipients are as they were written, names too.
    pub(super) draft: Draft,
    /// The received message that is answered; none: it is the first page's form.
    pub(super) answers: Option<MessageId>,
    /// It is the form of a conversation.
    pub(super) is_talk: bool,
    /// Tells a form that is sent twice from one that is written twice.
    pub(super) attempt: Option<IdempotencyKey>,
    /// When and how it is sent.
    pub(super) fold: Fold,
    /// What is wrong there.
    pub(super) wrong: Vec<String>,
}

/// Why a moment is none.
enum Slip {
    /// A date without a time, or a time without a date.
    Half,
    /// It has gone by.
    Past,
    /// The date, the time or the zone cannot be read.
    Unreadable(PlanError),
}

impl Written {
    /// Reads a form.
    pub(super) fn read(app: &App, form: &Form) -> Result<Self, Failure> {
        let w = form.visit.words;
        let sim = match form.field("sim") {
            "" => None,
            sim => Some(sim.parse().map_err(|_| Failure::Malformed)?),
        };
        let answers = match form.field("form") {
            "compose" | "looked" | "talk" | "" => None,
            id => Some(id.parse().map_err(|_| Failure::Malformed)?),
        };
        let to = form.field("to").split([',', ';', '\n']).map(str::trim);
        let to = to.filter(|to| !to.is_empty()).map(str::to_owned).collect();
        let attempt = IdempotencyKey::parse(form.field("attempt"));
        let is_talk = form.field("form") == "talk";
        let letters = letters(app, form, answers.is_some() || is_talk);
        let encoding = if letters.alike { Encoding::Smart } else { Encoding::Auto };
        let languages = if letters.tables { app.settings.tables() } else { Languages::NONE };
        let body = Body::Text { text: form.field("text").to_owned(), encoding };
        let fold = fold(app, form);
        let mut wrong = Vec::new();
        let mut to_come = |date: &str, time: &str, past: String| {
            moment(app, date, time, &fold.zone).unwrap_or_else(|slip| {
                wrong.push(slip_words(w, slip, past));
                None
            })
        };
        let not_before = to_come(&fold.date, &fold.time, w.send_when_past());
        let not_after = to_come(&fold.until_date, &fold.until_time, w.send_until_past());
        let pool = match fold.pool.as_str() {
            "" => None,
            pool => Some(pool.parse().map_err(|_| Failure::Malformed)?),
        };
        if sim.is_some() && pool.is_some() {
            wrong.push(w.send_two_ways());
        }
        let class = fold.is_flash.then_some(0);
        let draft = Draft {
            to,
            sim,
            pool,
            priority: fold.priority,
            not_before,
            not_after,
            allow_double: fold.allow_double,
            options: SendOptions { languages, class, ..SendOptions::default() },
            ..Draft::of(body)
        };
        Ok(Self { draft, answers, is_talk, attempt, fold, wrong })
    }

    /// Whether it is the form of an answer, or that of a conversation, which have no choices.
    pub(super) const fn is_answer(&self) -> bool {
        self.answers.is_some() || self.is_talk
    }

    /// The text.
    pub(super) fn text(&self) -> &str {
        match &self.draft.body {
            Body::Text { text, .. } => text,
            Body::Data { .. } => "",
        }
    }

    /// Puts another text in the place of what was written.
    pub(super) fn rewrite(&mut self, new: String) {
        if let Body::Text { text, .. } = &mut self.draft.body {
            *text = new;
        }
    }
}

/// What was chosen; the form of an answer, and that of a conversation, have no choices.
pub(super) fn letters(app: &App, form: &Form, is_answer: bool) -> Letters {
    let usual = Letters::usual(app.settings.languages);
    if is_answer {
        return usual;
    }
    let (alike, tables) = (form.field("alike") == "1", form.field("tables") == "1");
    Letters { alike, tables, ..usual }
}

fn fold(app: &App, form: &Form) -> Fold {
    let text = |name: &str| form.field(name).trim().to_owned();
    let said = text("zone");
    Fold {
        date: text("date"),
        time: text("time"),
        zone: if said.is_empty() { zone(app.clock.now()) } else { said },
        until_date: text("until-date"),
        until_time: text("until-time"),
        priority: form.field("priority").parse::<Priority>().unwrap_or_default(),
        is_flash: form.field("flash") == "1",
        allow_double: form.field("double") == "1",
        pool: text("pool"),
    }
}

/// A local date and time as a moment that is to come; none: neither is written.
fn moment(app: &App, date: &str, time: &str, zone: &str) -> Result<Option<Timestamp>, Slip> {
    match (date, time) {
        ("", "") => return Ok(None),
        ("", _) | (_, "") => return Err(Slip::Half),
        _ => {}
    }
    let plan = Plan::parse(&format!("{date} {time}"), zone, None).map_err(Slip::Unreadable)?;
    let at = plan.after(app.clock.now().to_jiff()).ok_or(Slip::Past)?;
    Ok(Some(Timestamp::from(at)))
}

fn slip_words(w: Words, slip: Slip, past: String) -> String {
    match slip {
        Slip::Half => w.send_when_half(),
        Slip::Past => past,
        Slip::Unreadable(PlanError::Zone(zone)) => w.schedules_bad_zone(zone),
        Slip::Unreadable(_) => w.schedules_bad_time(),
    }
}
