//! Why a message waits, and until when: said by this alone, to programs, on every page and on the command line.

use std::time::Duration;

use contracts::limits::Closed;
use contracts::mt::{Gate, MtChange, MtRequest, SendError};
use contracts::subject::Target;
use contracts::{MtState, PoolId, Priority, SimId, Timestamp};
use store::Message;

use crate::app::App;
use crate::fleet::{FleetAt, Ways};
use crate::quotas::Quotas;

/// A message that is not on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Waiting {
    /// Why.
    pub(crate) why: Why,
    /// Until when, where that is known.
    pub(crate) until: Option<Timestamp>,
    /// When it expires, should it not be sent before.
    pub(crate) ends_at: Option<Timestamp>,
}

/// Why a message waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Why {
    /// The router has not looked at it yet.
    Unchecked,
    /// Its time has not come.
    Scheduled,
    /// A try failed, and another follows.
    TryFailed(Option<SendError>),
    /// The account has sent what its limits allow.
    AccountLimit,
    /// The account sends nothing for now, because of one of its limits.
    AccountClosed(Closed),
    /// The recipient was sent as many messages as one number is sent in a time.
    RecipientLimit,
    /// The same text went to the same number a moment before.
    Double,
    /// A rule holds it.
    Rule,
    /// The account's credit does not pay for it.
    NoCredit,
    /// Whether the account's credit pays for it is not known at the moment.
    CreditUnknown,
    /// No modem at all is online.
    NoModem,
    /// No modem of the pool is online.
    PoolAway(PoolId),
    /// The SIM it must go out through is in this modem, which is not online.
    SimAway(String),
    /// The SIM it must go out through is in no modem that is known.
    SimUnknown,
    /// The SIM it must go out through sends nothing for now, because of one of its limits.
    SimClosed(Closed),
    /// All SIMs that may send it have reached a limit; this is the one that opens first.
    PoolClosed(Closed),
    /// A modem is online, and others are before it.
    Turn,
}

/// What has to be known of a message.
#[derive(Debug, Clone, Copy)]
struct Facts<'a> {
    state: MtState,
    gate: Option<Gate>,
    error: Option<&'a SendError>,
    until: Option<Timestamp>,
    ends_at: Option<Timestamp>,
    /// Its priority, where that is known.
    priority: Priority,
    /// The limit for which its account sends nothing for now.
    account: Option<&'a Closed>,
    /// Which modems may send it; none: it is not known here, and that they were online when it was released is.
    way: Option<Way<'a>>,
}

#[derive(Debug, Clone, Copy)]
enum Way<'a> {
    Sim(SimId),
    Pool(Option<&'a PoolId>),
}

impl<'a> Way<'a> {
    fn of(request: &'a MtRequest) -> Self {
        request.sim.map_or(Self::Pool(request.pool.as_ref()), Self::Sim)
    }

    const fn to(target: &'a Target) -> Self {
        match target {
            Target::Sim(sim) => Self::Sim(*sim),
            Target::Pool(pool) => Self::Pool(Some(pool)),
        }
    }
}

/// What says why messages wait: the modems as they are now, and how long a message may wait.
#[derive(Debug)]
pub(crate) struct Reasons {
    modems: FleetAt,
    expire_after: Duration,
    quotas: Quotas,
}

impl Reasons {
    /// As things are now.
    pub(crate) async fn now(app: &App) -> Self {
        let modems = app.fleet.at(app.clock.now()).await;
        Self { modems, expire_after: app.settings.expire_after, quotas: app.quotas.clone() }
    }

    /// Why a message of the history waits; none: it does not.
    pub(crate) fn of_message(&self, message: &Message) -> Option<Waiting> {
        let request = message.pending.as_deref()?;
        let (owner, priority, at) = (message.owner, message.priority, self.modems.at());
        let account = self.quotas.closed(owner, priority, at);
        let facts = Facts {
            state: message.state,
            gate: message.gate,
            error: message.error.as_ref(),
            until: message.held_until,
            ends_at: Some(request.end(message.created_at, self.expire_after)),
            priority: message.priority,
            account: account.as_ref(),
            // What the router decided, where it did.
            way: Some(message.target.as_ref().map_or_else(|| Way::of(request), Way::to)),
        };
        facts.waiting(&self.modems)
    }

    /// Why a message waits that was just asked for.
    pub(crate) fn of_request(&self, request: &MtRequest) -> Option<Waiting> {
        let accepted = self.accepted_at(request);
        let facts = Facts {
            ends_at: Some(request.end(accepted, self.expire_after)),
            way: Some(Way::of(request)),
            ..Facts::of(MtState::Accepted)
        };
        facts.waiting(&self.modems)
    }

    /// When a request was accepted: now, when it does not say.
    pub(crate) fn accepted_at(&self, request: &MtRequest) -> Timestamp {
        request.created_at.unwrap_or(self.modems.at())
    }

    /// Why a message waits to which this has just happened.
    pub(crate) fn of_change(&self, change: &MtChange) -> Option<Waiting> {
        let mut facts = Facts { error: change.error(), ..Facts::of(change.state()) };
        match change {
            MtChange::Admitted { target: Target::Sim(sim), .. }
            | MtChange::Released { target: Some(Target::Sim(sim)), .. } => {
                facts.way = Some(Way::Sim(*sim));
            }
            MtChange::Admitted { target: Target::Pool(pool), .. }
            | MtChange::Released { target: Some(Target::Pool(pool)), .. } => {
                facts.way = Some(Way::Pool(Some(pool)));
            }
            MtChange::Held { gate, until, .. } => {
                (facts.gate, facts.until) = (Some(*gate), Some(*until));
            }
            MtChange::Deferred { until, .. } => facts.until = Some(*until),
            _ => {}
        }
        facts.waiting(&self.modems)
    }
}

impl Facts<'_> {
    const fn of(state: MtState) -> Self {
        let priority = Priority::Normal;
        Self {
            state,
            gate: None,
            error: None,
            until: None,
            ends_at: None,
            priority,
            account: None,
            way: None,
        }
    }
}

impl Facts<'_> {
    fn waiting(self, modems: &impl Ways) -> Option<Waiting> {
        let why = match self.state {
            MtState::Held => match self.gate {
                Some(Gate::Schedule) => Why::Scheduled,
                Some(Gate::BackOff) => Why::TryFailed(self.error.cloned()),
                Some(Gate::Credit) => Why::NoCredit,
                Some(Gate::CreditUnknown) => Why::CreditUnknown,
                Some(Gate::Limit) => Why::AccountLimit,
                Some(Gate::Recipient) => Why::RecipientLimit,
                Some(Gate::Double) => Why::Double,
                Some(Gate::Route | Gate::Other) | None => Why::Rule,
            },
            MtState::Deferred => Why::TryFailed(self.error.cloned()),
            MtState::Accepted | MtState::Admitted | MtState::Released => {
                let is_released = self.state == MtState::Released;
                let account = self.account.filter(|_| !is_released).cloned();
                let closed = account.map(Why::AccountClosed);
                self.away(modems).or(closed).unwrap_or(if self.state == MtState::Accepted {
                    Why::Unchecked
                } else {
                    Why::Turn
                })
            }
            _ => return None,
        };
        let until = match &why {
            Why::SimClosed(closed) | Why::PoolClosed(closed) | Why::AccountClosed(closed) => {
                Some(closed.until)
            }
            // It goes on when there is credit, whenever that is.
            Why::NoCredit => None,
            _ => self.until,
        };
        Some(Waiting { why, until, ends_at: self.ends_at })
    }

    /// What is missing of a modem, if something is.
    fn away(self, modems: &impl Ways) -> Option<Why> {
        match self.way? {
            Way::Sim(sim) => match modems.sim(sim) {
                Some(Ok(())) => modems.closed_sim(sim, self.priority).map(Why::SimClosed),
                Some(Err(modem)) => Some(Why::SimAway(modem)),
                None => Some(Why::SimUnknown),
            },
            Way::Pool(pool) => {
                let wanted = pool.cloned().unwrap_or_else(PoolId::default_pool);
                if modems.is_pool_online(&wanted) {
                    return modems.closed_pool(&wanted, self.priority).map(Why::PoolClosed);
                }
                Some(if modems.is_any_online() { Why::PoolAway(wanted) } else { Why::NoModem })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use contracts::limits::Limit;

    use super::*;

    /// The name of each modem, which is its SIM, its pool, and whether it is online; in which hour its SIM opens, if it
    /// is closed.
    struct Modems<'a>(&'a [(&'a str, &'a str, bool)], &'a [(&'a str, i64)]);

    impl Modems<'_> {
        fn closed(&self, name: &str) -> Option<Closed> {
            let (_, hour) = self.1.iter().find(|(closed, _)| *closed == name)?;
            let until = Timestamp::from_micros(hour * 3_600_000_000);
            Some(Closed { limit: Limit::Hour, most: Some(100), until, passwords: false })
        }
    }

    impl Ways for Modems<'_> {
        fn sim(&self, sim: SimId) -> Option<Result<(), String>> {
            let modem = self.0.iter().find(|(name, ..)| SimId::derived(name) == sim);
            modem.map(|(name, _, online)| if *online { Ok(()) } else { Err((*name).to_owned()) })
        }

        fn is_pool_online(&self, wanted: &PoolId) -> bool {
            self.0.iter().any(|(_, pool, online)| *online && *pool == wanted.as_str())
        }

        fn is_any_online(&self) -> bool {
            self.0.iter().any(|(.., online)| *online)
        }

        fn closed_sim(&self, sim: SimId, _: Priority) -> Option<Closed> {
            let modem = self.0.iter().find(|(name, ..)| SimId::derived(name) == sim);
            modem.and_then(|(name, ..)| self.closed(name))
        }

        fn closed_pool(&self, wanted: &PoolId, _: Priority) -> Option<Closed> {
            let of_it =
                self.0.iter().filter(|(_, pool, online)| *online && *pool == wanted.as_str());
            let closed: Option<Vec<Closed>> = of_it.map(|(name, ..)| self.closed(name)).collect();
            closed?.into_iter().min_by_key(|closed| closed.until)
        }
    }

    fn why(state: MtState, way: Way<'_>, modems: &[(&str, &str, bool)]) -> Option<Why> {
        let facts = Facts { way: Some(way), ..Facts::of(state) };
        facts.waiting(&Modems(modems, &[])).map(|waiting| waiting.why)
    }

    #[test]
    fn what_is_missing_is_named() {
        let vip: PoolId = "vip".parse().expect("a pool");
        let (any, queued) = (Way::Pool(None), MtState::Admitted);
        let sim = |name| Way::Sim(SimId::derived(name));
        assert_eq!(why(queued, any, &[]), Some(Why::NoModem));
        let modems = [("a", "default", true), ("b", "vip", false)];
        assert_eq!(why(queued, any, &modems), Some(Why::Turn));
        assert_eq!(why(MtState::Accepted, any, &modems), Some(Why::Unchecked));
        assert_eq!(why(queued, Way::Pool(Some(&vip)), &modems), Some(Why::PoolAway(vip.clone())));
        assert_eq!(why(queued, sim("a"), &modems), Some(Why::Turn));
        assert_eq!(why(queued, sim("b"), &modems), Some(Why::SimAway("b".to_owned())));
        assert_eq!(why(queued, sim("c"), &modems), Some(Why::SimUnknown));
    }

    #[test]
    fn a_limit_is_named_with_when_it_opens() {
        let modems = [("a", "default", true), ("b", "default", true), ("c", "default", false)];
        let said = |way, closed: &[(&str, i64)]| {
            let facts = Facts { way: Some(way), ..Facts::of(MtState::Admitted) };
            facts.waiting(&Modems(&modems, closed)).unwrap()
        };
        let sim = Way::Sim(SimId::derived("a"));
        let waiting = said(sim, &[("a", 14)]);
        let opens = Timestamp::from_micros(14 * 3_600_000_000);
        assert!(matches!(waiting.why, Why::SimClosed(_)), "{waiting:?}");
        assert_eq!(waiting.until, Some(opens));
        assert_eq!(said(sim, &[("b", 14)]).why, Why::Turn);
        assert_eq!(said(Way::Pool(None), &[("a", 14)]).why, Why::Turn, "the other one sends it");
        let waiting = said(Way::Pool(None), &[("b", 15), ("a", 14)]);
        assert!(matches!(waiting.why, Why::PoolClosed(_)), "{waiting:?}");
        assert_eq!(waiting.until, Some(opens), "the first that opens");
        let away = Way::Sim(SimId::derived("c"));
        assert_eq!(said(away, &[("c", 14)]).why, Why::SimAway("c".to_owned()));
    }

    #[test]
    fn what_waits_for_credit_waits_until_there_is_some() {
        let until = Some(Timestamp::from_micros(0));
        let held = |gate| Facts { gate: Some(gate), until, ..Facts::of(MtState::Held) };
        let waiting = held(Gate::Credit).waiting(&Modems(&[], &[])).unwrap();
        assert_eq!((waiting.why, waiting.until), (Why::NoCredit, None));
        let waiting = held(Gate::CreditUnknown).waiting(&Modems(&[], &[])).unwrap();
        assert_eq!((waiting.why, waiting.until), (Why::CreditUnknown, until));
    }

    #[test]
    fn what_an_account_has_sent_is_named_with_when_it_goes_on() {
        let modems = [("a", "default", true)];
        let until = Timestamp::from_micros(3_600_000_000);
        let closed = Closed { limit: Limit::Hour, most: Some(100), until, passwords: false };
        let said = |state, modems: &[(&str, &str, bool)]| {
            let way = Some(Way::Pool(None));
            let facts = Facts { way, account: Some(&closed), ..Facts::of(state) };
            facts.waiting(&Modems(modems, &[])).unwrap()
        };
        for state in [MtState::Accepted, MtState::Admitted] {
            let waiting = said(state, &modems);
            assert_eq!(waiting.why, Why::AccountClosed(closed.clone()));
            assert_eq!(waiting.until, Some(until));
        }
        assert_eq!(said(MtState::Released, &modems).why, Why::Turn, "a modem has it next");
        assert_eq!(said(MtState::Admitted, &[]).why, Why::NoModem);
        for (gate, why) in [
            (Gate::Limit, Why::AccountLimit),
            (Gate::Recipient, Why::RecipientLimit),
            (Gate::Double, Why::Double),
        ] {
            let until = Some(until);
            let facts = Facts { gate: Some(gate), until, ..Facts::of(MtState::Held) };
            let waiting = facts.waiting(&Modems(&modems, &[])).unwrap();
            assert_eq!((waiting.why, waiting.until), (why, until));
        }
    }

    #[test]
    fn every_state_before_the_modem_has_a_reason_and_no_other_has() {
        for state in MtState::ALL {
            let waits = matches!(
                state,
                MtState::Accepted
                    | MtState::Admitted
                    | MtState::Held
                    | MtState::Released
                    | MtState::Deferred
            );
            let waiting = why(state, Way::Pool(None), &[]);
            assert_eq!(waiting.is_some(), waits, "{state}");
        }
    }
}
