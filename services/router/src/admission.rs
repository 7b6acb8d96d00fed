//! Whether a message may go: request → item, refusal, hold or expiry. Pure.
//!
//! Everything that can be known before a modem is asked is found out here: that all parts can be encoded,
//! how many they are, and whether the account may send. What the modem-driver gets can be sent.

use std::time::Duration;

use contracts::composition::{self, Uncomposable};
use contracts::mt::{Gate, MtChange, MtItem, MtRequest, SendError};
use contracts::subject::Target;
use contracts::{MessageId, PoolId, Priority, Timestamp};
use tpdu::text::TextError;

/// The stable names of the refusals that may come after a message was admitted, too.
const DISABLED: &str = "account-disabled";
const NOT_THIS_SIM: &str = "sim-not-allowed";
const OPTED_OUT: &str = "opted-out";
const SIM_OF_TEAM: &str = "sim-of-team";
const TEAM_SIMS_ONLY: &str = "team-sims-only";

/// What the configuration allows.
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    /// Parts a message may have.
    pub max_parts: u8,
    /// A message without an end of its own has expired so long after it was accepted.
    pub expire_after: Duration,
}

/// Whether the account of a request may send it to whom it is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// The account may send the message.
    Good,
    /// The recipient asked to be sent nothing more.
    OptedOut,
    /// The account may not send at all.
    Disabled,
    /// The account may not send through the SIM that the request names.
    NotThisSim,
    /// The SIM that the request names belongs to this team, which the account is not of.
    OfTeam(String),
    /// The users of this team, of which the account is, send through SIMs of their teams only, and the request names another.
    KeepsToTeam(String),
}

/// Which way a message goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Routed {
    /// Through these modems.
    pub target: Target,
    /// The rule that says so; none: it goes the way that it names, or the usual one.
    pub rule: Option<String>,
}

/// What is to be done with a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// The request is admitted as this item.
    Admit(Box<MtItem>),
    /// The request ends here, or waits outside the broker: this event says so.
    Tell(MtChange),
}

/// Decides on a request whose id and time are filled in ([`MtRequest::stored`]). `route` says which way one goes that may
/// go now, or why it is refused.
pub fn decide(
    id: MessageId,
    mut request: MtRequest,
    priority: Priority,
    rules: Rules,
    standing: Standing,
    route: impl FnOnce(&MtRequest) -> Result<Routed, SendError>,
    now: Timestamp,
) -> Decision {
    if let Err(error) = request.check_bounds() {
        let text = format!("The request was not admitted: {error}.");
        return Decision::Tell(MtChange::Rejected { error: refusal("field-too-large", text) });
    }
    let parts = match parts(id, &request, rules.max_parts) {
        Ok(parts) => parts,
        Err(error) => return Decision::Tell(MtChange::Rejected { error }),
    };
    match standing {
        Standing::Good => {}
        Standing::OptedOut => return Decision::Tell(MtChange::Rejected { error: opted_out() }),
        Standing::Disabled => return Decision::Tell(MtChange::Rejected { error: disabled() }),
        Standing::NotThisSim => {
            return Decision::Tell(MtChange::Rejected { error: not_this_sim() });
        }
        Standing::OfTeam(team) => {
            return Decision::Tell(MtChange::Rejected { error: of_team(&team) });
        }
        Standing::KeepsToTeam(team) => {
            return Decision::Tell(MtChange::Rejected { error: keeps_to_team(&team) });
        }
    }
    let accepted = request.created_at.unwrap_or(now);
    let until = request.end(accepted, rules.expire_after);
    request.not_after = Some(until);
    if until <= now {
        return Decision::Tell(MtChange::Expired {});
    }
    if let Some(until) = request.not_before.filter(|from| *from > now) {
        let round = request.round + 1;
        let tries = request.tries;
        return Decision::Tell(MtChange::Held { gate: Gate::Schedule, until, tries, round });
    }
    match route(&request) {
        Ok(Routed { target, rule }) => {
            let others = Vec::new();
            Decision::Admit(Box::new(MtItem { id, priority, target, parts, request, rule, others }))
        }
        Err(error) => Decision::Tell(MtChange::Rejected { error }),
    }
}

/// The SIM asked for, else the pool asked for, else the default pool.
pub(crate) fn own_way(request: &MtRequest) -> Routed {
    let target = match (request.sim, &request.pool) {
        (Some(sim), _) => Target::Sim(sim),
        (None, Some(pool)) => Target::Pool(pool.clone()),
        (None, None) => Target::Pool(PoolId::default_pool()),
    };
    Routed { target, rule: None }
}

/// How many parts the message takes, when it can be sent.
fn parts(id: MessageId, request: &MtRequest, max_parts: u8) -> Result<u8, SendError> {
    let too_long = |parts: usize| {
        let text = format!(
            "The message takes {parts} parts; at most {max_parts} are allowed. Shorten it, or let the operator raise router.max_parts."
        );
        refusal("text-too-long", text)
    };
    let parts = match composition::submits(id, request) {
        Ok(submits) => submits.len(),
        Err(Uncomposable::Text(TextError::TooLong { parts })) => return Err(too_long(parts)),
        Err(error) => return Err(error.into()),
    };
    u8::try_from(parts).ok().filter(|parts| *parts <= max_parts).ok_or_else(|| too_long(parts))
}

/// Why a message that was admitted may not go out any more, when its account lost what it had; `sim` is what people
/// know the SIM by that the message names.
pub(crate) fn no_longer(standing: Standing, sim: impl FnOnce() -> String) -> Option<SendError> {
    match standing {
        Standing::Good => None,
        Standing::OptedOut => {
            let text = "The recipient asked to be sent nothing more before the message was given to a modem.";
            Some(refusal(OPTED_OUT, text.to_owned()))
        }
        Standing::Disabled => {
            let text = "The account was disabled before the message was given to a modem.";
            Some(refusal(DISABLED, text.to_owned()))
        }
        Standing::NotThisSim => {
            let sim = sim();
            let text = format!(
                "This account may no longer send through the SIM {sim}; that was changed before the message was given to a modem."
            );
            Some(refusal(NOT_THIS_SIM, text))
        }
        Standing::OfTeam(team) => Some(of_team(&team)),
        Standing::KeepsToTeam(team) => Some(keeps_to_team(&team)),
    }
}

fn opted_out() -> SendError {
    let text = "The recipient asked to be sent nothing more, and is sent nothing until they ask for messages again.";
    refusal(OPTED_OUT, text.to_owned())
}

fn disabled() -> SendError {
    refusal(DISABLED, "The account may not send: it is disabled.".to_owned())
}

fn not_this_sim() -> SendError {
    let text = "The account may not send through this SIM. Leave the SIM out, choose another, or let an \
                administrator allow it.";
    refusal(NOT_THIS_SIM, text.to_owned())
}

fn of_team(team: &str) -> SendError {
    let text = format!(
        "The SIM belongs to the team {team}: only messages of its users go out through it. Leave the SIM out, choose another, or let an \
         administrator put the account into the team."
    );
    refusal(SIM_OF_TEAM, text)
}

/// Why a message goes no way that is not of a team of its account.
pub(crate) fn keeps_to_team(team: &str) -> SendError {
    let text = format!(
        "The team {team} sends through SIMs of its own only, and none of them was meant. Leave SIM and pool out, or let an \
         administrator give the team a SIM, or let it use others too."
    );
    refusal(TEAM_SIMS_ONLY, text)
}

pub(crate) fn refusal(code: &str, text: String) -> SendError {
    SendError { code: code.to_owned(), text }
}

#[cfg(test)]
mod tests {
    use contracts::mt::{Body, DlrCallback, Encoding, SendOptions};
    use contracts::{Languages, PhoneNumber, SimId, bounds};

    use super::*;

    const RULES: Rules = Rules { max_parts: 10, expire_after: Duration::from_hours(1) };

    fn now() -> Timestamp {
        "2026-01-01T12:00:00Z".parse().unwrap()
    }

    fn request(text: &str) -> MtRequest {
        let mut request = MtRequest::text(PhoneNumber::parse("+628123456789").unwrap(), text);
        request.created_at = Some(now());
        request
    }

    fn decided(request: MtRequest) -> Decision {
        let (id, route) = (MessageId::derived("1"), |request: &MtRequest| Ok(own_way(request)));
        decide(id, request, Priority::Normal, RULES, Standing::Good, route, now())
    }

    fn admitted(request: MtRequest) -> MtItem {
        match decided(request) {
            Decision::Admit(item) => *item,
            Decision::Tell(change) => panic!("{change}"),
        }
    }

    fn refused(request: MtRequest) -> (String, String) {
        match decided(request) {
            Decision::Tell(MtChange::Rejected { error }) => (error.code, error.text),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn parts_are_counted() {
        assert_eq!(admitted(request("hello")).parts, 1);
        assert_eq!(admitted(request(&"a".repeat(161))).parts, 2);
        assert_eq!(admitted(request(&"Ж".repeat(71))).parts, 2);
        let mut data = request("");
        data.body = Body::Data { data: "AB".repeat(141) };
        assert_eq!(admitted(data).parts, 2);
    }

    #[test]
    fn tables_of_a_language_count_when_they_are_allowed() {
        let mut turkish = request(&"İyi günler! ".repeat(12));
        assert_eq!(admitted(turkish.clone()).parts, 3);
        turkish.options.languages = Languages::ALL;
        assert_eq!(admitted(turkish).parts, 1);
    }

    #[test]
    fn a_long_text_is_refused_in_words() {
        let (code, text) = refused(request(&"a".repeat(10_000)));
        assert_eq!(code, "text-too-long");
        assert!(text.starts_with("The message takes 66 parts; at most 10 are allowed."), "{text}");
        let (_, text) = refused(request(&"a".repeat(100_000)));
        assert!(text.starts_with("The message takes 654 parts;"), "{text}");
    }

    #[test]
    fn what_cannot_be_encoded_is_refused_and_named() {
        let mut gsm7 = request("Жук");
        gsm7.body = Body::Text { text: "Жук".to_owned(), encoding: Encoding::Gsm7 };
        let (code, text) = refused(gsm7);
        assert_eq!(code, "text-not-encodable");
        assert!(text.contains('Ж'), "{text}");

        let mut odd = request("");
        odd.body = Body::Data { data: "ABC".to_owned() };
        assert_eq!(refused(odd).0, "data");

        let mut udh = request("hi");
        udh.udh = Some("05".to_owned());
        assert_eq!(refused(udh).0, "udh");

        let mut class = request("hi");
        class.options = SendOptions { class: Some(4), ..SendOptions::default() };
        assert_eq!(refused(class).0, "class");
    }

    #[test]
    fn a_field_without_end_is_refused_and_named() {
        let url = |length: usize| Some(DlrCallback { url: "u".repeat(length), mask: 1 });
        let mut wanted = request("hi");
        wanted.dlr = url(bounds::URL);
        assert_eq!(admitted(wanted.clone()).request.dlr, wanted.dlr);
        wanted.dlr = url(bounds::URL + 1);
        let (code, text) = refused(wanted);
        assert_eq!(code, "field-too-large");
        assert!(text.contains("dlr.url has 2049 bytes, and at most 2048 are allowed"), "{text}");
    }

    #[test]
    fn an_account_sends_what_it_may() {
        for (standing, code) in [
            (Standing::OptedOut, "opted-out"),
            (Standing::Disabled, "account-disabled"),
            (Standing::NotThisSim, "sim-not-allowed"),
            (Standing::OfTeam("Sales".to_owned()), "sim-of-team"),
            (Standing::KeepsToTeam("Sales".to_owned()), "team-sims-only"),
        ] {
            let id = MessageId::derived("1");
            let route = |_: &MtRequest| panic!("it goes no way");
            let decision =
                decide(id, request("hi"), Priority::Normal, RULES, standing, route, now());
            let Decision::Tell(MtChange::Rejected { error }) = decision else { panic!() };
            assert_eq!(error.code, code);
        }
    }

    #[test]
    fn the_way_is_the_sim_else_the_pool_else_the_default() {
        let pool = |name: &str| Target::Pool(name.parse().unwrap());
        let mut wanted = request("hi");
        assert_eq!(admitted(wanted.clone()).target, pool("default"));
        wanted.pool = Some("vip".parse().unwrap());
        assert_eq!(admitted(wanted.clone()).target, pool("vip"));
        wanted.sim = Some(SimId::derived("1"));
        assert_eq!(admitted(wanted).target, Target::Sim(SimId::derived("1")));
    }

    #[test]
    fn what_is_early_is_held_and_what_is_late_expires() {
        let mut early = request("hi");
        let until = now().plus(Duration::from_hours(2));
        early.not_before = Some(until);
        early.round = 2;
        assert_eq!(
            decided(early.clone()),
            Decision::Tell(MtChange::Held { gate: Gate::Schedule, until, tries: 0, round: 3 })
        );
        early.not_before = Some(now());
        assert_eq!(admitted(early).request.round, 2);

        let mut late = request("hi");
        late.not_after = Some(now());
        assert_eq!(decided(late), Decision::Tell(MtChange::Expired {}));
        let mut old = request("hi");
        old.created_at = Some(now().minus(Duration::from_hours(1)));
        assert_eq!(decided(old), Decision::Tell(MtChange::Expired {}));
        let end = admitted(request("hi")).request.not_after;
        assert_eq!(end, Some(now().plus(RULES.expire_after)));
    }
}
