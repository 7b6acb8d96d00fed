//! Parts of pages. Each is its own template, and the same one makes the part of a whole page and the part
//! that an event carries.

use std::fmt;

use askama::Template;
use askama::filters::HtmlSafe;
use contracts::modem::{ModemProblem, ModemState, ModemStatus};
use contracts::mt::{Body, Gate, MtChange, MtRequest, SendError};
use contracts::{Address, MessageId, MtState, SimId, Timestamp};
use store::{Message, Received};

use crate::counting::Count;
use crate::hostile::Hostile;
use crate::words::{Language, Words};

/// A point in time, for `live.js` to show in the reader's own zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct When(pub(crate) Timestamp);

impl fmt::Display for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<time datetime=\"{}\">{}</time>", self.0, in_zone(self.0))
    }
}

impl HtmlSafe for When {}

/// In the time zone of this machine: what a reader without JavaScript sees.
pub(crate) fn in_zone(at: Timestamp) -> String {
    let local = at.to_jiff().to_zoned_datetime(jiff::tz::TimeZone::system());
    local.strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// How a state or status looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    Wait,
    Way,
    Good,
    Bad,
    Odd,
}

impl fmt::Display for Tone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Wait => "wait",
            Self::Way => "way",
            Self::Good => "good",
            Self::Bad => "bad",
            Self::Odd => "odd",
        })
    }
}

impl HtmlSafe for Tone {}

pub(crate) const fn tone(state: MtState) -> Tone {
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
            words = format!("{words} {}", w.waits_until(in_zone(until))).trim().to_owned();
        }
        Self { id, rank: state.phase(), words }
    }
}

/// What went wrong, in the reader's language where its name is known, else as it was told.
pub(crate) fn error_words(w: Words, error: &SendError) -> String {
    match problem_words(w, &error.code) {
        Some((words, advice)) if w.language() != Language::English => format!("{words} {advice}"),
        _ => error.text.clone(),
    }
}

/// Words and advice of problems by their stable names.
fn problem_words(w: Words, code: &str) -> Option<(String, String)> {
    Some(match code {
        "no-sim" | "sim-missing" | "cme-10" | "cms-310" => {
            (w.problem_no_sim(), w.problem_no_sim_advice())
        }
        "pin-needed" | "pin-asked" | "pin-refused" | "cme-11" | "cms-311" => {
            (w.problem_pin_needed(), w.problem_pin_needed_advice())
        }
        "puk-needed" | "puk-asked" | "cme-12" | "cms-316" => {
            (w.problem_puk_needed(), w.problem_puk_needed_advice())
        }
        "not-registered" | "no-network" | "registration-denied" | "cms-331" | "cme-30" => {
            (w.problem_not_registered(), w.problem_not_registered_advice())
        }
        "no-smsc" | "smsc-empty" | "cms-330" => (w.problem_no_smsc(), w.problem_no_smsc_advice()),
        "port-permission" => (w.problem_port_permission(), w.problem_port_permission_advice()),
        "port-busy" => (w.problem_port_busy(), w.problem_port_busy_advice()),
        "no-answer" | "port-no-answer" | "silent" => {
            (w.problem_no_answer(), w.problem_no_answer_advice())
        }
        "cms-38" => (w.problem_cms_38(), w.problem_cms_38_advice()),
        _ => return None,
    })
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

/// The form to answer a received message.
#[derive(Debug, Template)]
#[template(path = "answer.html")]
pub(crate) struct AnswerForm {
    pub(crate) w: Words,
    pub(crate) id: String,
    pub(crate) csrf: String,
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

/// A line of a timeline.
#[derive(Debug, Template)]
#[template(path = "line.html")]
pub(crate) struct Line {
    id: MessageId,
    key: String,
    tone: Tone,
    at: When,
    words: String,
}

impl Line {
    /// That it was accepted.
    pub(crate) fn accepted(w: Words, id: MessageId, at: Timestamp) -> Self {
        let key = "accepted".to_owned();
        Self { id, key, tone: Tone::Wait, at: When(at), words: w.line_accepted() }
    }

    /// What happened. `modem` names the modem it happened at.
    pub(crate) fn of(
        w: Words,
        id: MessageId,
        at: Timestamp,
        change: &MtChange,
        modem: Option<&str>,
    ) -> Self {
        // Two lines are one when the same happened at the same time.
        let key = format!("{}-{}", change.state(), at.as_micros());
        let words = change_words(w, change, modem);
        Self { id, key, tone: tone(change.state()), at: When(at), words }
    }

    /// Its element's id.
    pub(crate) fn element(&self) -> String {
        format!("l-{}-{}", self.id, self.key)
    }
}

fn change_words(w: Words, change: &MtChange, modem: Option<&str>) -> String {
    let modem = || modem.map_or_else(|| w.a_modem(), str::to_owned);
    match change {
        MtChange::Admitted { parts, .. } => w.line_admitted(*parts),
        MtChange::Rejected { error } => w.line_rejected(error_words(w, error)),
        MtChange::Held { gate: Gate::Schedule, until, .. } => w.line_held_schedule(in_zone(*until)),
        MtChange::Held { gate: Gate::BackOff, until, .. } => w.line_held_backoff(in_zone(*until)),
        MtChange::Held { until, .. } => w.line_held_other(in_zone(*until)),
        MtChange::Released {} => w.line_released(),
        MtChange::Deferred { error, until, tries, .. } => {
            w.line_deferred(error_words(w, error), *tries, in_zone(*until))
        }
        MtChange::Sending { parts: 1, tries, .. } => w.line_sending(modem(), *tries),
        MtChange::Sending { part, parts, tries, .. } => {
            w.line_sending_part(modem(), *part, *parts, *tries)
        }
        MtChange::Sent { .. } => w.line_sent(),
        MtChange::Failed { error, tries: 0 | 1, .. } => w.line_failed(error_words(w, error)),
        MtChange::Failed { error, tries, .. } => w.line_failed_tries(error_words(w, error), *tries),
        MtChange::Delivered { .. } => w.line_delivered(),
        MtChange::Undelivered { error } => w.line_undelivered(error_words(w, error)),
        MtChange::Expired {} => w.line_expired(),
        MtChange::Cancelled { .. } => w.line_cancelled(),
        MtChange::Uncertain { error, part, .. } => w.line_uncertain(*part, error_words(w, error)),
        MtChange::Unknown => w.line_unknown(),
    }
}

/// Why a message waits.
#[derive(Debug, Template)]
#[template(path = "waits.html")]
pub(crate) struct WaitsLine {
    pub(crate) id: MessageId,
    pub(crate) words: String,
}

/// A modem's status.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Status(ModemStatus);

impl Status {
    fn tone(self) -> Tone {
        match self.0 {
            ModemStatus::Ready | ModemStatus::Sending => Tone::Good,
            ModemStatus::Starting | ModemStatus::Searching | ModemStatus::Unknown => Tone::Wait,
            ModemStatus::Blocked | ModemStatus::Degraded | ModemStatus::Offline => Tone::Bad,
        }
    }

    fn words(self, w: &Words) -> String {
        match self.0 {
            ModemStatus::Ready => w.modem_ready(),
            ModemStatus::Sending => w.modem_sending(),
            ModemStatus::Starting => w.modem_starting(),
            ModemStatus::Searching => w.modem_searching(),
            ModemStatus::Blocked => w.modem_blocked(),
            ModemStatus::Degraded => w.modem_degraded(),
            ModemStatus::Offline => w.modem_offline(),
            ModemStatus::Unknown => w.modem_unknown(),
        }
    }
}

/// What is wrong with a modem.
#[derive(Debug, Clone)]
pub(crate) struct ProblemWords {
    words: String,
    advice: String,
    at: When,
}

impl ProblemWords {
    fn of(w: Words, problem: &ModemProblem) -> Self {
        let told = (problem.text.clone(), problem.advice.clone());
        let (words, advice) = match problem_words(w, &problem.code) {
            Some(known) if w.language() != Language::English => known,
            _ => told,
        };
        Self { words, advice, at: When(problem.at) }
    }
}

/// A modem on the modems page.
#[derive(Debug, Template)]
#[template(path = "modem_card.html")]
pub(crate) struct ModemCard {
    w: Words,
    modem: ModemState,
    status: Status,
    number: Option<String>,
    operator: String,
    signal: String,
    problem: Option<ProblemWords>,
    pin_asked: bool,
    tools: Option<String>,
}

impl ModemCard {
    /// `csrf` is given where the visitor may use the tools.
    pub(crate) fn of(w: Words, modem: &ModemState, csrf: Option<&str>) -> Self {
        let mut operator = modem.operator.clone().unwrap_or_else(|| "–".to_owned());
        if let Some(technology) = &modem.technology {
            operator = format!("{operator} · {technology}");
        }
        if modem.roaming {
            operator = format!("{operator} · {}", w.modem_roaming());
        }
        let signal = modem.signal_dbm.map_or_else(
            || w.modem_signal_none(),
            |dbm| format!("{}, {}", signal_words(w, dbm), w.modem_signal_dbm(dbm)),
        );
        let problem = modem.problem.as_ref();
        Self {
            w,
            status: Status(modem.status),
            number: number(modem),
            operator,
            signal,
            problem: problem.map(|problem| ProblemWords::of(w, problem)),
            pin_asked: problem.is_some_and(|problem| problem.code.contains("pin")),
            tools: csrf.map(str::to_owned),
            modem: modem.clone(),
        }
    }
}

/// A modem on the first page.
#[derive(Debug, Template)]
#[template(path = "modem_chip.html")]
pub(crate) struct ModemChip {
    w: Words,
    modem: ModemState,
    status: Status,
    number: Option<String>,
    problem: Option<ProblemWords>,
}

impl ModemChip {
    pub(crate) fn of(w: Words, modem: &ModemState) -> Self {
        let problem = modem.problem.as_ref().filter(|_| !modem.status.is_online());
        Self {
            w,
            status: Status(modem.status),
            number: number(modem),
            problem: problem.map(|problem| ProblemWords::of(w, problem)),
            modem: modem.clone(),
        }
    }
}

/// How many modems are online.
#[derive(Debug, Template)]
#[template(path = "online.html")]
pub(crate) struct Online {
    w: Words,
    count: usize,
}

impl Online {
    pub(crate) fn of(w: Words, modems: &[ModemState]) -> Self {
        let now = Timestamp::now();
        let count = modems.iter().filter(|modem| modem.is_online_at(now)).count();
        Self { w, count }
    }
}

fn number(modem: &ModemState) -> Option<String> {
    modem.sim.as_ref()?.number.as_ref().map(ToString::to_string)
}

fn signal_words(w: Words, dbm: i16) -> String {
    match dbm {
        -73.. => w.signal_excellent(),
        -85..-73 => w.signal_good(),
        -99..-85 => w.signal_fair(),
        _ => w.signal_weak(),
    }
}

/// Links to the newest and to older ones.
#[derive(Debug, Template)]
#[template(path = "pager.html")]
pub(crate) struct Pager {
    pub(crate) w: Words,
    pub(crate) path: &'static str,
    pub(crate) first: bool,
    pub(crate) next: Option<MessageId>,
}

macro_rules! embeddable {
    ($($part:ty),*) => {
        $(
            /// Escaped by its own template.
            impl HtmlSafe for $part {}
        )*
    };
}
embeddable!(
    Pill,
    Trouble,
    RowSent,
    RowReceived,
    AnswerForm,
    Compose,
    Counter,
    Line,
    WaitsLine,
    ModemCard,
    ModemChip,
    Online,
    Pager
);
