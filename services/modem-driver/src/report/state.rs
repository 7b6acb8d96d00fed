//! A modem's live state in the bucket `modems`, and what happens to it as events.
//!
//! Written at once when it begins or ceases to work, and when what is wrong changes; otherwise (signal,
//! counters, busy or not) a second later; and each ten seconds in any case, for readers age entries by
//! `seen_at`.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use contracts::modem::{
    Balance, ModemEvent, ModemEventKind, ModemProblem, ModemState, ModemStatus, SimState,
};
use contracts::{EventId, ModemId, PhoneNumber, SimId, Timestamp};
use dispatch::LeaseState;
use modem::{Problem, Status};
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::driver::Driver;
use crate::host::identity::sim_of;
use crate::limits::meter::Meter;
use crate::port::address;
use crate::port::handle::Handle;
use crate::port::said::View;
use crate::report::tally::{Tallied, Tally};

/// How often the state is told at least.
const EACH: Duration = Duration::from_secs(10);
/// What changes often is gathered for this long.
const GATHERED: Duration = Duration::from_secs(1);

/// What tells how one modem is.
pub(crate) struct Teller {
    pub(crate) driver: Arc<Driver>,
    pub(crate) modem: ModemId,
    pub(crate) pump: Handle,
    pub(crate) lease: watch::Receiver<LeaseState>,
    pub(crate) tally: Arc<Tally>,
    pub(crate) meter: Arc<Meter>,
    /// Since when it has its status, and which.
    pub(crate) since: Mutex<(ModemStatus, Timestamp)>,
}

impl Teller {
    /// Tells until `stop`, then that it is gone.
    pub(crate) async fn run(self: Arc<Self>, stop: CancellationToken) {
        self.go_on().await;
        let mut view = self.pump.view.clone();
        let mut changes = self.tally.changes();
        let mut lease = self.lease.clone();
        let mut spool = self.driver.dispatch.spool();
        let mut enabled = self.driver.enabled.clone();
        let mut limits = self.meter.changes();
        let mut told: Option<ModemState> = None;
        let mut next = Instant::now();
        let mut was_elsewhere = false;
        loop {
            let is_elsewhere = matches!(*self.lease.borrow(), LeaseState::Elsewhere(_));
            if std::mem::replace(&mut was_elsewhere, is_elsewhere) && !is_elsewhere {
                let told = self.told().await;
                self.recall_balance(told.as_ref());
            }
            let state = self.state();
            let urgent = told.as_ref().is_none_or(|told| differs(told, &state));
            if urgent || Instant::now() >= next {
                // Another driver's modem is that one's to tell of.
                if !matches!(*self.lease.borrow(), LeaseState::Elsewhere(_)) {
                    self.write(&state).await;
                    self.events(told.as_ref(), &state).await;
                }
                told = Some(state);
                next = Instant::now() + EACH;
            }
            tokio::select! {
                () = stop.cancelled() => break,
                changed = view.changed() => if changed.is_err() { break },
                _ = changes.changed() => next = next.min(Instant::now() + GATHERED),
                // The spool lives as long as the driver.
                _ = spool.changed() => {}
                _ = lease.changed() => {}
                Ok(()) = enabled.changed() => {}
                // The meter lives as long as this.
                _ = limits.changed() => {}
                () = tokio::time::sleep_until(next) => {}
            }
            if told
                .as_ref()
                .is_some_and(|told| *told != ModemState { seen_at: told.seen_at, ..self.state() })
            {
                next = next.min(Instant::now() + GATHERED);
            }
        }
        if matches!(*self.lease.borrow(), LeaseState::Elsewhere(_)) {
            return;
        }
        let state = ModemState {
            status: ModemStatus::Offline,
            text: "The driver was stopped, or the modem unplugged.".to_owned(),
            queue: 0,
            closed: None,
            closed_to_new: None,
            low: None,
            since: self.driver.clock.now(),
            ..self.state()
        };
        self.write(&state).await;
        self.events(told.as_ref(), &state).await;
    }

    /// Returns the state as it is now.
    pub(crate) fn state(&self) -> ModemState {
        let now = self.driver.clock.now();
        let view = self.pump.view();
        let tallied = self.tally.look();
        let lease = self.lease.borrow().clone();
        let (mut status, mut text) = status(&view, &tallied, &lease);
        // What is wrong with a modem is said also while it is disabled.
        if status.is_online() && !self.driver.is_enabled(self.modem) {
            status = ModemStatus::Disabled;
            contracts::modem::DISABLED.clone_into(&mut text);
        }
        let mut known = self.since.lock().unwrap_or_else(PoisonError::into_inner);
        let (before, mut since) = *known;
        // Sending and not sending by turns is one status.
        if before != status && !(before.is_online() && status.is_online()) {
            since = now;
        }
        *known = (status, since);
        drop(known);
        let snapshot = &view.snapshot;
        let sim = sim_of(&view, self.modem);
        ModemState {
            id: self.modem,
            name: address::name(&view.port),
            port: view.port.to_string(),
            host: self.driver.host.clone(),
            status,
            text,
            manufacturer: snapshot.identity.manufacturer.clone(),
            model: snapshot.identity.model.clone(),
            firmware: snapshot.identity.revision.clone(),
            imei: snapshot.identity.imei.clone(),
            sim: snapshot.sim.as_ref().map(|known| SimState {
                id: sim,
                iccid: known.iccid.clone(),
                imsi: known.imsi.clone(),
                number: known.number.as_deref().and_then(|n| PhoneNumber::parse(n).ok()),
                smsc: known.smsc.clone(),
            }),
            operator: snapshot.operator.clone(),
            technology: snapshot.technology.map(str::to_owned),
            roaming: matches!(snapshot.registration, modem::Registration::Roaming),
            signal_dbm: snapshot.signal_dbm,
            pools: self.driver.pool_of(sim).into_iter().collect(),
            problem: problem(&view, self.driver.dispatch.spool().borrow().problem(), &tallied, now),
            queue: tallied.queue,
            sent_today: tallied.sent_today,
            failed_today: tallied.failed_today,
            balance: balance(&view, &tallied, sim),
            spool: self.driver.dispatch.spool().borrow().of(self.modem),
            closed: self.meter.closed(),
            closed_to_new: self.meter.closed_to_new(),
            low: self.meter.low(),
            since,
            seen_at: now,
        }
    }

    /// Goes on counting where the last run ended.
    async fn go_on(&self) {
        let before = self.told().await;
        self.recall_balance(before.as_ref());
        if let Some(before) = before {
            self.tally.go_on(before.seen_at, before.sent_today, before.failed_today);
        }
    }

    /// Returns what was told last, by an earlier run or by another driver.
    async fn told(&self) -> Option<ModemState> {
        let entry = self.driver.modems.get(&self.modem.to_string()).await.ok().flatten();
        entry.map(|entry| entry.value)
    }

    fn recall_balance(&self, told: Option<&ModemState>) {
        // A balance that is not asked for any more would be shown for ever.
        let is_asked_for = !self.driver.settings.modems.balance.is_empty();
        let told = told.filter(|_| is_asked_for).and_then(|told| told.balance.clone());
        self.tally.recall_balance(told);
    }

    async fn write(&self, state: &ModemState) {
        if let Err(error) = self.driver.modems.put(&self.modem.to_string(), state).await {
            tracing::debug!(modem.id = %self.modem, "the state of the modem was not told: {error}");
        }
    }

    async fn events(&self, before: Option<&ModemState>, now: &ModemState) {
        let kind_of = |state: &ModemState| match state.status {
            ModemStatus::Ready | ModemStatus::Sending => Some(ModemEventKind::Online),
            ModemStatus::Offline => Some(ModemEventKind::Offline),
            ModemStatus::Blocked => Some(ModemEventKind::Blocked),
            ModemStatus::Degraded => Some(ModemEventKind::Degraded),
            ModemStatus::Starting
            | ModemStatus::Searching
            | ModemStatus::Disabled
            | ModemStatus::Unknown => None,
        };
        let Some(kind) = kind_of(now).filter(|kind| before.and_then(kind_of) != Some(*kind)) else {
            return;
        };
        let text = match &now.problem {
            Some(problem) if kind != ModemEventKind::Online => {
                format!("{} {} {}", now.text, problem.text, problem.advice).trim().to_owned()
            }
            _ => now.text.clone(),
        };
        tracing::info!(modem.id = %self.modem, port = now.port, "{} is {kind}: {text}", now.name);
        let event = ModemEvent {
            id: EventId::new(),
            kind,
            modem: self.modem,
            sim: now.sim.as_ref().map(|sim| sim.id),
            text,
            from: None,
            at: self.driver.clock.now(),
        };
        // In time or not at all: who looks sees the state itself.
        if let Err(error) = self.driver.dispatch.bus().publish(&event).await {
            tracing::debug!(modem.id = %self.modem, "an event of the modem was not told: {error}");
        }
    }
}

/// Returns whether the difference of two states is worth telling at once.
fn differs(a: &ModemState, b: &ModemState) -> bool {
    let code = |state: &ModemState| state.problem.as_ref().map(|problem| problem.code.clone());
    let kind = |state: &ModemState| {
        if state.status.is_online() { ModemStatus::Ready } else { state.status }
    };
    kind(a) != kind(b)
        || code(a) != code(b)
        || a.sim.as_ref().map(|sim| sim.id) != b.sim.as_ref().map(|sim| sim.id)
        || a.pools != b.pools
        || a.closed != b.closed
        || a.spool.is_some() != b.spool.is_some()
        || a.port != b.port
}

fn status(view: &View, tallied: &Tallied, lease: &LeaseState) -> (ModemStatus, String) {
    let snapshot = &view.snapshot;
    let own = snapshot.text.clone();
    if let LeaseState::Elsewhere(host) = lease {
        return (ModemStatus::Offline, format!("The driver on {host} has this modem."));
    }
    if let Some(problem) = &view.port_problem {
        return (ModemStatus::Offline, problem.text.clone());
    }
    match snapshot.status {
        Status::Starting => (ModemStatus::Starting, own),
        Status::Searching => (ModemStatus::Searching, own),
        Status::Blocked => (ModemStatus::Blocked, own),
        Status::Recovering | Status::Closed => (ModemStatus::Offline, own),
        Status::Ready if tallied.degraded => {
            let (failed, all) = tallied.outcomes;
            let text = format!(
                "{failed} of its last {all} tries failed; it rests, and is tried with single messages."
            );
            (ModemStatus::Degraded, text)
        }
        Status::Ready if tallied.sending || snapshot.sending => {
            (ModemStatus::Sending, "Sending a message.".to_owned())
        }
        Status::Ready => (ModemStatus::Ready, own),
    }
}

/// Returns the balance of `sim`, and not that of another SIM. Before the SIM was read, that is the balance of the last
/// run.
fn balance(view: &View, tallied: &Tallied, sim: SimId) -> Option<Balance> {
    let read = view.snapshot.sim.as_ref();
    let is_known = read.is_some_and(|sim| sim.iccid.is_some() || sim.imsi.is_some());
    tallied.balance.clone().filter(|balance| !is_known || balance.sim == sim)
}

/// Returns what is wrong: what is wrong now goes before what was wrong last.
fn problem(
    view: &View,
    spool: Option<&ModemProblem>,
    tallied: &Tallied,
    now: Timestamp,
) -> Option<ModemProblem> {
    let own = |problem: &Problem| ModemProblem {
        code: problem.code.to_owned(),
        text: problem.text.clone(),
        advice: problem.advice.clone(),
        at: now.minus(Instant::now().duration_since(problem.since.into())),
    };
    view.port_problem
        .clone()
        .or_else(|| view.snapshot.problem.as_ref().map(own))
        .or_else(|| spool.cloned())
        .or_else(|| tallied.problem.clone())
}
