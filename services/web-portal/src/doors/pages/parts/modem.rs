//! Modems, as cards and chips.

use askama::Template;
use contracts::Timestamp;
use contracts::modem::{Balance, ModemProblem, ModemState, ModemStatus};

use super::limit_bar::LimitBar;
use super::problem::problem_words;
use super::signal::Signal;
use super::waiting::closed_words;
use super::{Sentence, Tone, When, within};
use crate::doors::pages::hostile::Hostile;
use crate::words::{Language, Words};

/// A modem's status.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Status(ModemStatus);

impl Status {
    pub(super) const fn of(modem: &ModemState) -> Self {
        Self(modem.status)
    }

    pub(super) fn tone(self) -> Tone {
        match self.0 {
            ModemStatus::Ready | ModemStatus::Sending => Tone::Good,
            ModemStatus::Starting | ModemStatus::Searching | ModemStatus::Unknown => Tone::Wait,
            ModemStatus::Disabled => Tone::Odd,
            ModemStatus::Blocked | ModemStatus::Degraded | ModemStatus::Offline => Tone::Bad,
        }
    }

    pub(super) fn words(self, w: Words) -> String {
        status_words(w, self.0)
    }
}

/// A status in a word or two.
pub(crate) fn status_words(w: Words, status: ModemStatus) -> String {
    match status {
        ModemStatus::Ready => w.modem_ready(),
        ModemStatus::Sending => w.modem_sending(),
        ModemStatus::Starting => w.modem_starting(),
        ModemStatus::Searching => w.modem_searching(),
        ModemStatus::Blocked => w.modem_blocked(),
        ModemStatus::Degraded => w.modem_degraded(),
        ModemStatus::Offline => w.modem_offline(),
        ModemStatus::Disabled => w.modem_disabled(),
        ModemStatus::Unknown => w.modem_unknown(),
    }
}

/// What is wrong with a modem.
#[derive(Debug, Clone)]
pub(crate) struct ProblemWords {
    pub(super) words: Hostile,
    /// Empty: there is nothing to do.
    advice: Hostile,
    at: When,
}

impl ProblemWords {
    pub(super) fn of(w: Words, problem: &ModemProblem) -> Self {
        let told = (problem.text.clone(), problem.advice.clone());
        let (words, advice) = match problem_words(w, &problem.code) {
            Some(known) if w.language() != Language::English => known,
            _ => told,
        };
        Self { words: Hostile(words), advice: Hostile(advice), at: When(problem.at) }
    }
}

/// What is on the SIM.
#[derive(Debug, Clone)]
pub(crate) struct BalanceWords {
    /// As the network wrote it; none: not known.
    amount: Option<String>,
    at: When,
    low: bool,
    /// Why it is not known now, for administrators.
    problem: Option<ProblemWords>,
}

impl BalanceWords {
    fn of(w: Words, balance: &Balance, for_admin: bool) -> Self {
        let problem = balance.problem.as_ref().filter(|_| for_admin);
        Self {
            amount: balance.amount.map(|amount| match balance.text.as_str() {
                "" => amount.to_string(),
                text => text.to_owned(),
            }),
            at: When(balance.at),
            low: balance.low,
            problem: problem.map(|problem| ProblemWords::of(w, problem)),
        }
    }
}

/// What it received and was not published yet.
#[derive(Debug, Clone)]
pub(crate) struct SpoolWords {
    entries: u64,
    since: When,
    full: bool,
}

/// How a modem is, and what it needs of a person. What is done with it is on its own page.
#[derive(Debug, Template)]
#[template(path = "modem_card.html")]
pub(crate) struct ModemCard {
    w: Words,
    modem: ModemState,
    status: Status,
    number: Option<String>,
    operator: Hostile,
    make: Hostile,
    pools: String,
    signal: Signal,
    limits: Vec<LimitBar>,
    problem: Option<ProblemWords>,
    balance: Option<BalanceWords>,
    spool: Option<SpoolWords>,
    /// That its SIM sends nothing for now.
    closed: Option<Sentence>,
    /// What a person is asked for, who may say it.
    pin_asked: bool,
    smsc_asked: bool,
    number_asked: bool,
    disabled: bool,
    /// Since when it has a state in which it sends nothing.
    since: Option<When>,
    tools: Option<String>,
}

/// That the SIM of a modem sends nothing for now, or to nobody new.
pub(crate) fn limit_words(w: Words, modem: &ModemState) -> Option<Sentence> {
    if let Some(closed) = &modem.closed {
        return Some(Sentence(w.modem_closed(closed_words(w, closed), within(closed.until))));
    }
    let closed = modem.closed_to_new.as_ref()?;
    Some(Sentence(w.modem_closed_to_new(closed_words(w, closed), within(closed.until))))
}

impl ModemCard {
    /// `csrf` is given where the visitor may operate modems.
    pub(crate) fn of(w: Words, modem: &ModemState, csrf: Option<&str>) -> Self {
        let problem = modem.problem.as_ref();
        Self {
            w,
            status: Status(modem.status),
            number: number(modem),
            operator: Hostile(network(w, modem)),
            make: Hostile(format!("{} {}", modem.manufacturer, modem.model).trim().to_owned()),
            pools: modem.pools.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
            signal: signal(w, modem, &[]),
            limits: Vec::new(),
            problem: problem.map(|problem| ProblemWords::of(w, problem)),
            balance: modem.balance.as_ref().map(|known| BalanceWords::of(w, known, csrf.is_some())),
            spool: modem.spool.map(|spool| SpoolWords {
                entries: spool.entries,
                since: When(spool.since),
                full: spool.full,
            }),
            closed: if modem.status.is_online() { limit_words(w, modem) } else { None },
            disabled: modem.status == ModemStatus::Disabled,
            since: (!modem.status.is_online()).then_some(When(modem.since)),
            pin_asked: problem.is_some_and(|problem| problem.code.contains("pin")),
            smsc_asked: problem.is_some_and(|problem| problem.code == "no-smsc"),
            number_asked: modem.sim.as_ref().is_some_and(|sim| sim.number.is_none()),
            tools: csrf.map(str::to_owned),
            modem: modem.clone(),
        }
    }

    /// The same with the signal of the last hour, as [`crate::signal_line::SignalLine::values`] says it.
    pub(crate) fn with_signals(mut self, hour: &[(u16, Option<i16>)]) -> Self {
        self.signal = signal(self.w, &self.modem, hour);
        self
    }

    /// The same with the limits of its SIM.
    pub(crate) fn with_limits(self, limits: Vec<LimitBar>) -> Self {
        Self { limits, ..self }
    }
}

/// The network that a modem is in, with its technology.
pub(super) fn network(w: Words, modem: &ModemState) -> String {
    let mut network = modem.operator.clone().unwrap_or_else(|| "–".to_owned());
    if let Some(technology) = &modem.technology {
        network = format!("{network} · {technology}");
    }
    if modem.roaming {
        network = format!("{network} · {}", w.modem_roaming());
    }
    network
}

fn signal(w: Words, modem: &ModemState, hour: &[(u16, Option<i16>)]) -> Signal {
    let none = match modem.status {
        ModemStatus::Offline => "–".to_owned(),
        _ => w.modem_signal_none(),
    };
    Signal::of(w, modem.signal_dbm, none, hour)
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
    at: Timestamp,
}

impl Online {
    pub(crate) fn of(w: Words, modems: &[ModemState], at: Timestamp) -> Self {
        Self::counted(w, modems.iter().filter(|modem| modem.is_online_at(at)).count(), at)
    }

    /// So many.
    pub(crate) fn counted(w: Words, count: usize, at: Timestamp) -> Self {
        Self { w, count, at }
    }
}

/// The number of a modem's SIM, where it is known.
pub(super) fn number(modem: &ModemState) -> Option<String> {
    modem.sim.as_ref()?.number.as_ref().map(ToString::to_string)
}

#[cfg(test)]
mod tests {
    use contracts::modem::SimState;
    use contracts::{ModemId, SimId};

    use super::*;

    fn blocked() -> ModemState {
        let at = Timestamp::from_micros(0);
        ModemState {
            id: ModemId::derived("m"),
            name: "ttyUSB0".to_owned(),
            port: "/dev/ttyUSB0".to_owned(),
            host: "box".to_owned(),
            status: ModemStatus::Blocked,
            text: String::new(),
            manufacturer: "<b>Huawei</b>".to_owned(),
            model: "E1550".to_owned(),
            firmware: String::new(),
            imei: Some("353270012345678".to_owned()),
            sim: Some(SimState {
                id: SimId::derived("s"),
                iccid: Some("8962101234567890123".to_owned()),
                imsi: None,
                number: None,
                smsc: None,
            }),
            operator: None,
            technology: None,
            roaming: false,
            signal_dbm: Some(-101),
            pools: Vec::new(),
            problem: Some(ModemProblem {
                code: "pin-needed".to_owned(),
                text: "The SIM asks for its PIN.".to_owned(),
                advice: "Give it.".to_owned(),
                at,
            }),
            queue: 0,
            sent_today: 12,
            failed_today: 3,
            balance: None,
            spool: None,
            closed: None,
            closed_to_new: None,
            low: None,
            since: at,
            seen_at: at,
        }
    }

    #[test]
    fn a_balance_is_shown_with_what_is_wrong_with_it() {
        let mut modem = blocked();
        let card = |modem: &ModemState, language, tools| {
            ModemCard::of(Words::of(language), modem, tools).render().unwrap()
        };
        let plain = card(&modem, Language::English, Some("token"));
        assert!(!plain.contains("Balance"), "nobody asks for it: {plain}");
        let at = Timestamp::from_micros(0);
        let known = Balance {
            sim: SimId::derived("s"),
            amount: Some("2000".parse().unwrap()),
            text: "Rp <2.000>".to_owned(),
            at,
            low: true,
            problem: None,
        };
        modem.balance = Some(known.clone());
        let low = card(&modem, Language::English, None);
        for words in
            ["<dt>Balance</dt>", "Rp &#60;2.000&#62;", "low", "<time datetime=\"1970-01-01"]
        {
            assert!(low.contains(words), "{words}: {low}");
        }
        assert!(card(&modem, Language::Indonesian, None).contains("menipis"));

        let problem = ModemProblem {
            code: "balance-unread".to_owned(),
            text: "The answer does not fit.".to_owned(),
            advice: "Compare them.".to_owned(),
            at,
        };
        modem.balance = Some(Balance { low: false, amount: None, problem: Some(problem), ..known });
        let english = card(&modem, Language::English, Some("token"));
        assert!(english.contains("The answer does not fit.") && english.contains("Compare them."));
        assert!(english.contains("not known") && !english.contains("2.000"), "{english}");
        let indonesian = card(&modem, Language::Indonesian, Some("token"));
        assert!(indonesian.contains("Jawaban jaringan tidak cocok"), "{indonesian}");
        let words = card(&modem, Language::English, None);
        assert!(!words.contains("does not fit"), "that is for administrators: {words}");
    }

    /// What went wrong with a message has its advice among its words.
    #[test]
    fn a_problem_without_advice_asks_for_nothing() {
        let mut modem = blocked();
        let card = |modem: &ModemState| {
            ModemCard::of(Words::of(Language::English), modem, None).render().unwrap()
        };
        assert!(card(&modem).contains("class=\"do\""));
        modem.status = ModemStatus::Ready;
        if let Some(problem) = &mut modem.problem {
            problem.advice.clear();
        }
        let card = card(&modem);
        assert!(
            card.contains("The SIM asks for its PIN.") && !card.contains("class=\"do\""),
            "{card}"
        );
    }

    #[test]
    fn what_waits_on_its_host_is_shown() {
        let mut modem = blocked();
        let card = |modem: &ModemState, language| {
            ModemCard::of(Words::of(language), modem, None).render().unwrap()
        };
        assert!(!card(&modem, Language::English).contains("Not passed on yet"));
        let since = Timestamp::from_micros(0);
        modem.spool = Some(contracts::modem::Spooled { entries: 7, since, full: true });
        let english = card(&modem, Language::English);
        assert!(english.contains("7 received, on the modem"), "{english}");
        assert!(english.contains("full"), "{english}");
        assert!(card(&modem, Language::Indonesian).contains("Belum diteruskan"));
    }

    #[test]
    fn what_a_network_is_called_does_not_turn_the_line_round() {
        let mut modem = blocked();
        modem.operator = Some("<i>TEL\u{202e}KOMSEL".to_owned());
        let card = ModemCard::of(Words::of(Language::English), &modem, None).render().unwrap();
        assert!(card.contains("&#60;i&#62;TEL<span class=\"mark\">U+202E</span>KOMSEL"), "{card}");
    }

    #[test]
    fn limits_are_bars_with_words_beside_them() {
        let bar = LimitBar {
            words: "45 of 100 this hour".to_owned(),
            used: 45,
            most: 100,
            low: 75,
            high: 90,
        };
        let card = ModemCard::of(Words::of(Language::English), &blocked(), None);
        let card = card.with_limits(vec![bar]).with_signals(&[(1, Some(-90)), (0, Some(-101))]);
        let card = card.render().unwrap();
        assert!(card.contains("45 of 100 this hour</li>"), "{card}");
        assert!(card.contains("value=\"45\" min=\"0\" max=\"100\""), "{card}");
        assert!(card.contains("from -101 to -90 dBm"), "{card}");
        assert!(card.contains("href=\"/modems/mdm_"), "{card}");
    }

    #[test]
    fn what_is_wrong_is_said_in_both_languages() {
        let modem = blocked();
        let card =
            |language, tools| ModemCard::of(Words::of(language), &modem, tools).render().unwrap();
        let english = card(Language::English, Some("token"));
        for words in [
            "The SIM asks for its PIN.",
            "Needs attention",
            "name=\"pin\"",
            "weak, -101 dBm",
            "12 sent, 3 failed",
            "name=\"number\"",
            "/number\"",
        ] {
            assert!(english.contains(words), "{words}: {english}");
        }
        assert!(!english.contains("<b>Huawei"), "{english}");
        // Who it is stands on its own page.
        assert!(!english.contains("353270012345678") && !english.contains("89621012"), "{english}");
        let indonesian = card(Language::Indonesian, None);
        assert!(indonesian.contains("Kartu SIM meminta PIN."), "{indonesian}");
        assert!(!indonesian.contains("<form"), "tools are for administrators");
        let chip = ModemChip::of(Words::of(Language::Indonesian), &modem).render().unwrap();
        assert!(chip.contains("Perlu tindakan") && chip.contains("meminta PIN"), "{chip}");
        assert!(chip.contains("data-rank=\"0\""), "old news do not replace newer ones: {chip}");
    }
}
