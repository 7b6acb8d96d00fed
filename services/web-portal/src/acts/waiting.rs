//! Why a message waits, and until when: said by this alone, to programs, on every page and on the command line.

use std::time::Duration;

use contracts::modem::ModemState;
use contracts::mt::{Gate, MtChange, MtRequest, SendError};
use contracts::subject::Target;
use contracts::{MtState, PoolId, SimId, Timestamp};
use store::Message;

use crate::app::App;

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
    /// A rule holds it.
    Rule,
    /// No modem at all is online.
    NoModem,
    /// No modem of the pool is online.
    PoolAway(PoolId),
    /// The SIM it must go out through is in this modem, which is not online.
    SimAway(String),
    /// The SIM it must go out through is in no modem that is known.
    SimUnknown,
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
}

/// What says why messages wait: the modems as they are now, and how long a message may wait.
#[derive(Debug)]
pub(crate) struct Reasons {
    modems: Vec<ModemState>,
    now: Timestamp,
    expire_after: Duration,
}

impl Reasons {
    /// As things are now. A SIM that is not for everybody is in no pool: it takes only what names it.
    pub(crate) async fn now(app: &App) -> Self {
        let mut modems = app.fleet.all().await;
        for modem in &mut modems {
            let own = modem.sim.as_ref().map(|sim| sim.id);
            if own.is_some_and(|own| !app.directory.sim(own).senders.is_everybody()) {
                modem.pools.clear();
            }
        }
        Self { modems, now: app.clock.now(), expire_after: app.settings.expire_after }
    }

    /// Why a message of the history waits; none: it does not.
    pub(crate) fn of_message(&self, message: &Message) -> Option<Waiting> {
        let request = message.pending.as_deref()?;
        let facts = Facts {
            state: message.state,
            gate: message.gate,
            error: message.error.as_ref(),
            until: message.held_until,
            ends_at: Some(request.end(message.created_at, self.expire_after)),
            way: Some(Way::of(request)),
        };
        facts.waiting(&self.modems, self.now)
    }

    /// Why a message waits that was just asked for.
    pub(crate) fn of_request(&self, request: &MtRequest) -> Option<Waiting> {
        let accepted = self.accepted_at(request);
        let facts = Facts {
            ends_at: Some(request.end(accepted, self.expire_after)),
            way: Some(Way::of(request)),
            ..Facts::of(MtState::Accepted)
        };
        facts.waiting(&self.modems, self.now)
    }

    /// When a request was accepted: now, when it does not say.
    pub(crate) fn accepted_at(&self, request: &MtRequest) -> Timestamp {
        request.created_at.unwrap_or(self.now)
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
        facts.waiting(&self.modems, self.now)
    }
}

impl Facts<'_> {
    const fn of(state: MtState) -> Self {
        Self { state, gate: None, error: None, until: None, ends_at: None, way: None }
    }
}

impl Facts<'_> {
    fn waiting(self, modems: &[ModemState], now: Timestamp) -> Option<Waiting> {
        let why = match self.state {
            MtState::Held => match self.gate {
                Some(Gate::Schedule) => Why::Scheduled,
                Some(Gate::BackOff) => Why::TryFailed(self.error.cloned()),
                Some(Gate::Other) | None => Why::Rule,
            },
            MtState::Deferred => Why::TryFailed(self.error.cloned()),
            MtState::Accepted | MtState::Admitted | MtState::Released => {
                self.away(modems, now).unwrap_or(if self.state == MtState::Accepted {
                    Why::Unchecked
                } else {
                    Why::Turn
                })
            }
            _ => return None,
        };
        Some(Waiting { why, until: self.until, ends_at: self.ends_at })
    }

    /// What is missing of a modem, if something is.
    fn away(self, modems: &[ModemState], now: Timestamp) -> Option<Why> {
        let mut online = modems.iter().filter(|modem| modem.is_online_at(now));
        match self.way? {
            Way::Sim(sim) => {
                let has = |modem: &&ModemState| modem.sim.as_ref().is_some_and(|s| s.id == sim);
                if online.any(|modem| has(&modem)) {
                    return None;
                }
                let modem = modems.iter().find(has);
                Some(modem.map_or(Why::SimUnknown, |modem| Why::SimAway(modem.name.clone())))
            }
            Way::Pool(pool) => {
                let wanted = pool.cloned().unwrap_or_else(PoolId::default_pool);
                if online.clone().any(|modem| modem.pools.contains(&wanted)) {
                    return None;
                }
                let is_any = online.next().is_some();
                Some(if is_any { Why::PoolAway(wanted) } else { Why::NoModem })
            }
        }
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a test has its time from the system")]
mod tests {
    use contracts::ModemId;

    use serde_json::json;

    use super::*;

    fn modem(name: &str, status: &str, pool: &str) -> ModemState {
        let now = Timestamp::now();
        let state = json!({
            "id": ModemId::derived(name), "name": name, "port": "", "host": "", "status": status,
            "text": "", "manufacturer": "", "model": "", "firmware": "", "roaming": false,
            "sim": { "id": SimId::derived(name) }, "pools": [pool],
            "queue": 0, "sent_today": 0, "failed_today": 0, "since": now, "seen_at": now,
        });
        serde_json::from_value(state).expect("a modem")
    }

    fn why(state: MtState, way: Way<'_>, modems: &[ModemState]) -> Option<Why> {
        let facts = Facts { way: Some(way), ..Facts::of(state) };
        facts.waiting(modems, Timestamp::now()).map(|waiting| waiting.why)
    }

    #[test]
    fn what_is_missing_is_named() {
        let vip: PoolId = "vip".parse().expect("a pool");
        let (any, queued) = (Way::Pool(None), MtState::Admitted);
        let sim = |name| Way::Sim(SimId::derived(name));
        assert_eq!(why(queued, any, &[]), Some(Why::NoModem));
        let modems = [modem("a", "ready", "default"), modem("b", "blocked", "vip")];
        assert_eq!(why(queued, any, &modems), Some(Why::Turn));
        assert_eq!(why(MtState::Accepted, any, &modems), Some(Why::Unchecked));
        assert_eq!(why(queued, Way::Pool(Some(&vip)), &modems), Some(Why::PoolAway(vip.clone())));
        assert_eq!(why(queued, sim("a"), &modems), Some(Why::Turn));
        assert_eq!(why(queued, sim("b"), &modems), Some(Why::SimAway("b".to_owned())));
        assert_eq!(why(queued, sim("c"), &modems), Some(Why::SimUnknown));
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
