//! What is on the SIM: asked for on a schedule, shown with the modem's state, and told when it falls low.
//!
//! SIMs of one network are not asked all at once: each has its own moment in the period, made of its id, so it is the
//! same after a restart. What is known survives in the bucket `modems`; when that is older than the period, the SIM is
//! asked as soon as its modem is ready. A query that failed changes nothing but what is said about it. Neither
//! amounts nor the network's texts are logged.

use std::sync::Arc;
use std::time::Duration;

use contracts::modem::{Balance, ModemEvent, ModemEventKind, ModemProblem};
use contracts::{Amount, EventId, ModemId, SimId, Timestamp};
use dispatch::{LeaseState, Moment};
use modem::{RequestError, Session, Status, UssdText};
use platform::Clock;
use platform::config::BalanceQuery;
use tokio::sync::{oneshot, watch};
use tokio_util::sync::CancellationToken;

use crate::driver::Driver;
use crate::host::identity::sim_of;
use crate::port::handle::{Command, Handle};
use crate::report::amount;
use crate::report::tally::Tally;

/// How long the modem may take, other requests before it included.
const ANSWERED_WITHIN: Duration = Duration::from_secs(150);
/// A dialogue of a person lasts so long at most between two inputs.
const DIALOGUE: Duration = Duration::from_secs(65);
/// The wait after the first query that failed; it doubles.
const FIRST_RETRY: Duration = Duration::from_mins(1);
const LONGEST_RETRY: Duration = Duration::from_hours(1);
/// The schedule goes by the wall clock, which may be set: it is looked at this often.
const CLOCK_IS_SEEN: Duration = Duration::from_mins(10);
/// Octets of an answer that are looked at; a USSD text has 182 characters at most.
const LONGEST_TEXT: usize = 1024;
/// Characters of an amount that are shown.
const LONGEST_SHOWN: usize = 48;

/// What asks for the balance of the SIM in one modem.
pub(crate) struct Watch {
    pub(crate) driver: Arc<Driver>,
    pub(crate) modem: ModemId,
    pub(crate) pump: Handle,
    pub(crate) lease: watch::Receiver<LeaseState>,
    pub(crate) tally: Arc<Tally>,
}

/// When SIMs are asked.
#[derive(Debug)]
struct Schedule {
    clock: Clock,
    tried: Option<Tried>,
}

/// When a SIM was asked last by this run, and how often in a row in vain.
#[derive(Debug, Clone, Copy)]
struct Tried {
    sim: SimId,
    at: Timestamp,
    in_vain: u32,
}

impl Watch {
    /// Asks until `stop`.
    pub(crate) async fn run(self, stop: CancellationToken) {
        tokio::select! {
            () = stop.cancelled() => {}
            () = self.watch() => {}
        }
    }

    async fn watch(&self) {
        if self.driver.settings.modems.balance.is_empty() {
            return std::future::pending().await;
        }
        self.recalled().await;
        let mut schedule = Schedule { clock: self.driver.clock, tried: None };
        loop {
            let (sim, query) = self.askable().await;
            let known = self.tally.balance_of(sim);
            let wait = schedule.wait(sim, known.as_ref(), query.every.duration());
            if !wait.is_zero() {
                tokio::select! {
                    () = tokio::time::sleep(wait.min(CLOCK_IS_SEEN)) => {}
                    () = self.another_sim(sim) => {}
                }
                continue;
            }
            self.no_dialogue().await;
            if self.sim() != sim {
                continue;
            }
            let answered = self.ask(sim, &query, known).await;
            schedule.asked(sim, answered);
        }
    }

    /// Waits until it is known what an earlier run knew.
    async fn recalled(&self) {
        let mut changes = self.tally.changes();
        while !self.tally.has_recalled() {
            if changes.changed().await.is_err() {
                return std::future::pending().await;
            }
        }
    }

    /// Waits for a modem that is ours and ready, with a SIM that is to be asked, and says how.
    async fn askable(&self) -> (SimId, BalanceQuery) {
        let mut view = self.pump.view.clone();
        let mut lease = self.lease.clone();
        loop {
            let seen = view.borrow_and_update().clone();
            let ours = lease.borrow_and_update().term_at(Moment::now()).is_some();
            if ours
                && seen.snapshot.status == Status::Ready
                && let Some(sim) = &seen.snapshot.sim
                && let Some(query) = self.driver.settings.modems.balance_query(sim.imsi.as_deref())
            {
                return (sim_of(&seen, self.modem), query.clone());
            }
            let changed = tokio::select! {
                changed = view.changed() => changed,
                changed = lease.changed() => changed,
            };
            if changed.is_err() {
                // The session is ending.
                return std::future::pending().await;
            }
        }
    }

    async fn another_sim(&self, sim: SimId) {
        let mut view = self.pump.view.clone();
        if view.wait_for(|view| sim_of(view, self.modem) != sim).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// Waits for the end of a person's dialogue with the network, in which a code would be an answer. While one is open
    /// the modem takes no message; a modem that takes none for longer than a dialogue lasts is busy with messages.
    async fn no_dialogue(&self) {
        let mut ready = self.pump.ready.clone();
        let _ = tokio::time::timeout(DIALOGUE, ready.wait_for(|ready| *ready)).await;
    }

    fn sim(&self) -> SimId {
        sim_of(&self.pump.view(), self.modem)
    }

    /// Asks once. Returns whether the network answered.
    async fn ask(&self, sim: SimId, query: &BalanceQuery, known: Option<Balance>) -> bool {
        let said = self.dial(&query.code).await;
        if matches!(&said, Ok(said) if said.session == Session::AnswerWanted) {
            // An empty code ends the dialogue; the answer to it says nothing.
            let _ = self.dial("").await;
        }
        if self.sim() != sim {
            return false;
        }
        let now = self.driver.clock.now();
        let read = said.and_then(words_of).map(|text| read(&text, query));
        let (answered, problem) = match read {
            Ok(Ok((amount, text))) => {
                tracing::debug!(modem.id = %self.modem, sim.id = %sim, "the network told the balance");
                let low = query.low.is_some_and(|low| amount < low);
                if low && !known.is_some_and(|known| known.low) {
                    self.tell_low(sim, &text).await;
                }
                let at = self.driver.clock.now();
                let amount = Some(amount);
                self.tally.balance_is(Balance { sim, amount, text, at, low, problem: None });
                return true;
            }
            Ok(Err(why)) => (true, why.problem(now)),
            Err(why) => (false, why.problem(now)),
        };
        tracing::warn!(modem.id = %self.modem, sim.id = %sim, "the balance is not known: {}", problem.text);
        let at = problem.at;
        let none =
            Balance { sim, amount: None, text: String::new(), at, low: false, problem: None };
        let known = match known {
            Some(known) if known.amount.is_some() => known,
            _ => none,
        };
        self.tally.balance_is(Balance { problem: Some(problem), ..known });
        answered
    }

    async fn dial(&self, code: &str) -> Result<UssdText, Unknown> {
        let (answer, answered) = oneshot::channel();
        self.pump.tell(Command::Ussd(code.to_owned(), answer));
        match tokio::time::timeout(ANSWERED_WITHIN, answered).await {
            Ok(Ok(said)) => said.map_err(|error| refused(&error)),
            Ok(Err(_)) | Err(_) => Err(refused(&RequestError::NoAnswer)),
        }
    }

    async fn tell_low(&self, sim: SimId, text: &str) {
        tracing::warn!(modem.id = %self.modem, sim.id = %sim, "the SIM's balance is low");
        let event = ModemEvent {
            id: EventId::new(),
            kind: ModemEventKind::LowBalance,
            modem: self.modem,
            sim: Some(sim),
            text: format!("The SIM's balance is low: {text}. Top it up."),
            from: None,
            at: self.driver.clock.now(),
        };
        self.driver.dispatch.tell(&event).await;
    }
}

impl Schedule {
    /// Returns how long until a SIM is to be asked of whose balance `known` is known.
    fn wait(&self, sim: SimId, known: Option<&Balance>, every: Duration) -> Duration {
        let now = self.clock.now();
        match self.tried.filter(|tried| tried.sim == sim) {
            Some(tried) => next(&tried, every, now),
            None => first(sim, known, every, now),
        }
    }

    /// Notes that a SIM was asked just now.
    fn asked(&mut self, sim: SimId, answered: bool) {
        let before = self.tried.filter(|tried| tried.sim == sim);
        let in_vain =
            if answered { 0 } else { before.map_or(1, |before| before.in_vain.saturating_add(1)) };
        self.tried = Some(Tried { sim, at: self.clock.now(), in_vain });
    }
}

/// Returns how long until this run asks a SIM for the first time.
fn first(sim: SimId, known: Option<&Balance>, every: Duration, now: Timestamp) -> Duration {
    match known {
        Some(known) if now.since(known.at) < every => moment_after(sim, known.at, every, now),
        _ => Duration::ZERO,
    }
}

/// Returns how long until a SIM is asked again.
fn next(tried: &Tried, every: Duration, now: Timestamp) -> Duration {
    if tried.in_vain == 0 {
        return moment_after(tried.sim, tried.at, every, now);
    }
    let doubled = FIRST_RETRY * 2_u32.pow(tried.in_vain.min(10) - 1);
    doubled.min(LONGEST_RETRY).min(every).saturating_sub(now.since(tried.at))
}

/// Returns how long until the SIM's own moment in the period, the first one more than half a period after `at`.
fn moment_after(sim: SimId, at: Timestamp, every: Duration, now: Timestamp) -> Duration {
    let every = every.as_micros().clamp(1, u128::from(u64::MAX));
    let own = i128::try_from(sim.uuid().as_u128() % every).unwrap_or(0);
    let every = i128::try_from(every).unwrap_or(i128::MAX);
    let now = i128::from(now.as_micros());
    // A clock that was set back must not stop the schedule.
    let after = i128::from(at.as_micros()).min(now) + every / 2;
    let due = own + ((after - own).div_euclid(every) + 1) * every;
    Duration::from_micros(u64::try_from(due - now).unwrap_or(0))
}

/// Returns the network's text, or why there is none.
fn words_of(said: UssdText) -> Result<String, Unknown> {
    let no_text = match said.session {
        Session::NotSupported => "The network does not know the code for the balance.",
        Session::TimedOut => "The network took too long to tell the balance.",
        Session::OtherClient => "Another program of the modem was told the balance.",
        _ => "The network told no balance.",
    };
    said.text.ok_or_else(|| unknown("balance-refused", no_text.to_owned(), DIAL))
}

/// Returns the amount in the network's text, as a number and as the network wrote it.
fn read(text: &str, query: &BalanceQuery) -> Result<(Amount, String), Unknown> {
    let text = &text[..text.floor_char_boundary(LONGEST_TEXT)];
    let Some(found) = query.pattern.find(text) else {
        let words =
            "The network's answer does not hold what the pattern for the balance looks for.";
        return Err(unknown("balance-unread", words.to_owned(), COMPARE));
    };
    let Some(amount) = amount::read(found) else {
        let words = "What the pattern for the balance finds in the network's answer is no amount.";
        return Err(unknown("balance-unread", words.to_owned(), COMPARE));
    };
    let shown: String = found.chars().filter(|c| !c.is_control()).take(LONGEST_SHOWN).collect();
    Ok((amount, shown.trim_end_matches(['.', ',']).trim().to_owned()))
}

const DIAL: &str = "Dial the code by hand with `merpati ussd`; correct code of modems.balance in the configuration.";
const COMPARE: &str = "Dial the code by hand with `merpati ussd` and compare the answer with pattern of modems.balance \
                       in the configuration.";

fn refused(error: &RequestError) -> Unknown {
    let (code, advice) = match error {
        RequestError::Refused(_) | RequestError::NotAllowed(_) => ("balance-refused", DIAL),
        RequestError::NotReady(_) | RequestError::NoAnswer => {
            ("balance-no-answer", "It is asked again by itself.")
        }
    };
    unknown(code, format!("The balance could not be asked for: {error}."), advice)
}

/// Why a balance is not known.
#[derive(Debug, PartialEq, Eq)]
struct Unknown {
    code: &'static str,
    text: String,
    advice: &'static str,
}

impl Unknown {
    /// Returns what people are told who look at the modem.
    fn problem(self, at: Timestamp) -> ModemProblem {
        let Self { code, text, advice } = self;
        ModemProblem { code: code.to_owned(), text, advice: advice.to_owned(), at }
    }
}

fn unknown(code: &'static str, text: String, advice: &'static str) -> Unknown {
    Unknown { code, text, advice }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_hours(1);

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(1_700_000_000_000_000 + seconds * 1_000_000)
    }

    fn told(sim: SimId, at: Timestamp) -> Balance {
        let text = String::new();
        Balance { sim, amount: None, text, at, low: false, problem: None }
    }

    #[test]
    fn each_sim_has_its_own_moment_and_keeps_it() {
        let (a, b) = (SimId::derived("a"), SimId::derived("b"));
        let first = at(0).plus(moment_after(a, at(0), HOUR, at(0)));
        assert!(first.since(at(0)) > HOUR / 2 && first.since(at(0)) <= HOUR * 3 / 2);
        let asked = first.plus(Duration::from_secs(7));
        let second = asked.plus(moment_after(a, asked, HOUR, asked));
        assert_eq!(second.since(first), HOUR);
        let other = at(0).plus(moment_after(b, at(0), HOUR, at(0)));
        assert_ne!(other, first);
        assert_ne!(other.since(first).max(first.since(other)), HOUR);
    }

    #[test]
    fn an_unknown_or_old_balance_is_asked_for_at_once() {
        let sim = SimId::derived("a");
        assert_eq!(first(sim, None, HOUR, at(0)), Duration::ZERO);
        assert_eq!(first(sim, Some(&told(sim, at(-3600))), HOUR, at(0)), Duration::ZERO);
        assert!(!first(sim, Some(&told(sim, at(-1))), HOUR, at(0)).is_zero());
    }

    #[test]
    fn a_clock_that_was_set_back_does_not_stop_the_schedule() {
        let sim = SimId::derived("a");
        let wait = first(sim, Some(&told(sim, at(9_999_999))), HOUR, at(0));
        assert!(wait <= HOUR * 3 / 2, "{wait:?}");
    }

    #[test]
    fn a_query_in_vain_is_tried_again_later_and_later_but_not_later_than_usual() {
        let sim = SimId::derived("a");
        let wait = |in_vain, every| next(&Tried { sim, at: at(0), in_vain }, every, at(0));
        assert_eq!(wait(1, HOUR), Duration::from_mins(1));
        assert_eq!(wait(3, HOUR), Duration::from_mins(4));
        assert_eq!(wait(60, HOUR * 24), LONGEST_RETRY);
        assert_eq!(wait(60, Duration::from_mins(5)), Duration::from_mins(5));
        let later = next(&Tried { sim, at: at(0), in_vain: 1 }, HOUR, at(59));
        assert_eq!(later, Duration::from_secs(1));
    }

    #[tokio::test(start_paused = true)]
    async fn the_schedule_goes_by_its_clock() {
        let sim = SimId::derived("a");
        let mut schedule = Schedule { clock: Clock::following(at(0)), tried: None };
        let known = told(sim, at(-1));
        let wait = schedule.wait(sim, Some(&known), HOUR);
        tokio::time::sleep(wait).await;
        assert_eq!(schedule.wait(sim, Some(&known), HOUR), Duration::ZERO);
        schedule.asked(sim, false);
        tokio::time::sleep(Duration::from_secs(59)).await;
        assert_eq!(schedule.wait(sim, Some(&known), HOUR), Duration::from_secs(1));
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert_eq!(schedule.wait(sim, Some(&known), HOUR), Duration::ZERO);
        schedule.asked(sim, true);
        let wait = schedule.wait(sim, Some(&known), HOUR);
        assert!(wait > HOUR / 2, "{wait:?}");
        // Another SIM in the modem is another matter.
        let other = schedule.wait(SimId::derived("b"), None, HOUR);
        assert_eq!(other, Duration::ZERO);
    }
}
