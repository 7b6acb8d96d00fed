//! The lease of a modem: one driver a modem, also where two can reach the same port over TCP.
//!
//! An entry in the bucket `leases` that goes by itself after three seconds and is renewed each second
//! by compare-and-set. The broker never has two holders, but a holder that was stopped (a sleeping
//! machine, a debugger) may believe in its lease for too long: so a holder stops writing
//! [`TRUSTED`] after its last renewal *was sent*, by a clock that goes on while process or machine stand still
//! ([`Moment`]), and the journal's create is behind that. The order that fences: port lock → lease → journal create
//! → deadline check → write.
//!
//! After a crash the lease of a local port need not run out: the lock on the port proves that its holder
//! is dead, if that was on this machine since it was started, on the same port.

use std::time::Duration;

use bus::{Kv, KvError};
use contracts::ModemId;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

/// How often a lease is renewed.
const RENEWED_EACH: Duration = Duration::from_secs(1);
/// How long after a renewal was asked for the holder trusts the lease. The broker keeps a lease for three seconds.
const TRUSTED: Duration = Duration::from_millis(2_500);
/// How often somebody else's lease is tried for.
const TRIED_EACH: Duration = Duration::from_millis(500);

/// The holder of a modem, as the bucket has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Holder {
    /// The id of the run of the driver.
    pub(crate) driver: String,
    /// The host that the driver runs on.
    pub(crate) host: String,
    /// The id of the start of that host; empty where the system does not tell one.
    pub(crate) boot: String,
    /// The port, when that is a local one and locked.
    pub(crate) port: Option<String>,
}

impl Holder {
    /// Returns whether whoever locks this holder's port now proves that `other` is dead.
    fn buries(&self, other: &Self) -> bool {
        !self.boot.is_empty()
            && self.boot == other.boot
            && self.port.is_some()
            && self.port == other.port
    }
}

/// A time of a clock that nobody sets and that goes on while the machine sleeps (`CLOCK_BOOTTIME`), as that of the
/// broker does. [`std::time::Instant`] stops then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment(Duration);

impl Moment {
    /// Returns the time now.
    pub fn now() -> Self {
        let time = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
        // Neither is ever negative: it counts from the start of the machine.
        let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
        Self(Duration::new(seconds, u32::try_from(time.tv_nsec).unwrap_or_default()))
    }

    /// Returns how long ago `earlier` was.
    pub(crate) fn since(self, earlier: Self) -> Duration {
        self.0.saturating_sub(earlier.0)
    }
}

/// A lease that is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    /// The revision by which it was gained.
    pub term: u64,
    /// When its last renewal was asked for.
    pub renewed: Moment,
}

/// What is known of the lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LeaseState {
    /// Being asked for.
    Asking,
    /// Held.
    Held(Held),
    /// Another driver has it: its host.
    Elsewhere(String),
}

impl LeaseState {
    /// Returns the revision to write under at `now`; `None` when that is not safe.
    pub fn term_at(&self, now: Moment) -> Option<u64> {
        match self {
            Self::Held(held) if now.since(held.renewed) < TRUSTED => Some(held.term),
            _ => None,
        }
    }
}

/// Gains the lease of `modem` and keeps it until `stop`, then gives it back.
///
/// Losing it is no end: it is asked for again.
pub(crate) async fn keep(
    leases: Kv<Holder>,
    modem: ModemId,
    holder: Holder,
    state: watch::Sender<LeaseState>,
    stop: CancellationToken,
) {
    let key = modem.to_string();
    let mut revision = 0;
    loop {
        let pause = match &*state.borrow() {
            LeaseState::Held(_) => RENEWED_EACH,
            LeaseState::Asking if revision == 0 => Duration::ZERO,
            _ => TRIED_EACH,
        };
        tokio::select! {
            () = sleep(pause) => {}
            () = stop.cancelled() => break,
        }
        let asked = Moment::now();
        let before = state.borrow().clone();
        let next = if let LeaseState::Held(held) = before {
            match leases.update(&key, &holder, revision).await {
                Ok(renewed) => {
                    revision = renewed;
                    LeaseState::Held(Held { renewed: asked, ..held })
                }
                Err(error) if error.is_conflict() => {
                    tracing::warn!(modem.id = %modem, "the lease of modem {modem} was lost");
                    LeaseState::Asking
                }
                Err(error) => {
                    tracing::debug!(modem.id = %modem, "the lease was not renewed: {error}");
                    if Moment::now().since(held.renewed) < TRUSTED {
                        before
                    } else {
                        LeaseState::Asking
                    }
                }
            }
        } else {
            match gain(&leases, &key, &holder).await {
                Ok(Gain::Held(gained)) => {
                    revision = gained;
                    LeaseState::Held(Held { term: gained, renewed: asked })
                }
                Ok(Gain::Elsewhere(host)) => {
                    revision = revision.max(1);
                    LeaseState::Elsewhere(host)
                }
                Err(error) => {
                    tracing::debug!(modem.id = %modem, "the lease was not gained: {error}");
                    revision = revision.max(1);
                    LeaseState::Asking
                }
            }
        };
        state.send_if_modified(|now| {
            let changed = *now != next;
            *now = next;
            changed
        });
    }
    let held = matches!(*state.borrow(), LeaseState::Held(_));
    if held && let Err(error) = leases.delete_at(&key, revision).await {
        tracing::debug!(modem.id = %modem, "the lease runs out by itself: {error}");
    }
    state.send_replace(LeaseState::Asking);
}

enum Gain {
    Held(u64),
    Elsewhere(String),
}

async fn gain(leases: &Kv<Holder>, key: &str, holder: &Holder) -> Result<Gain, KvError> {
    match leases.create(key, holder).await {
        Ok(revision) => return Ok(Gain::Held(revision)),
        Err(error) if error.is_conflict() => {}
        Err(error) => return Err(error),
    }
    let Some(entry) = leases.get(key).await? else {
        // The lease ran out just now: the next try will gain it.
        return Ok(Gain::Elsewhere(String::new()));
    };
    if entry.value.driver == holder.driver || holder.buries(&entry.value) {
        match leases.update(key, holder, entry.revision).await {
            Ok(revision) => return Ok(Gain::Held(revision)),
            Err(error) if error.is_conflict() => {}
            Err(error) => return Err(error),
        }
    }
    Ok(Gain::Elsewhere(entry.value.host))
}

/// Returns the id of this start of the machine.
pub(crate) fn boot_id() -> String {
    let id = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    id.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use bus::{Bucket, Bus, NatsConfig};

    fn holder(driver: &str, port: Option<&str>) -> Holder {
        Holder {
            driver: driver.to_owned(),
            host: format!("host-of-{driver}"),
            boot: "b".to_owned(),
            port: port.map(str::to_owned),
        }
    }

    async fn leases(server: &testkit::NatsServer) -> Kv<Holder> {
        let config = NatsConfig::new(server.url(), server.user(), server.password());
        let bus = Bus::connect(&config, "test", &CancellationToken::new()).await.unwrap();
        bus.kv(Bucket::Leases).await.unwrap()
    }

    fn start(
        leases: &Kv<Holder>,
        modem: ModemId,
        holder: Holder,
    ) -> (watch::Receiver<LeaseState>, CancellationToken, tokio::task::JoinHandle<()>) {
        let (sender, receiver) = watch::channel(LeaseState::Asking);
        let stop = CancellationToken::new();
        let task = tokio::spawn(keep(leases.clone(), modem, holder, sender, stop.clone()));
        (receiver, stop, task)
    }

    async fn until(
        state: &mut watch::Receiver<LeaseState>,
        wanted: impl FnMut(&LeaseState) -> bool,
    ) -> LeaseState {
        let waiting = state.wait_for(wanted);
        tokio::time::timeout(testkit::PATIENCE, waiting).await.unwrap().unwrap().clone()
    }

    fn is_held(state: &LeaseState) -> bool {
        matches!(state, LeaseState::Held(_))
    }

    #[tokio::test]
    async fn one_driver_holds_the_lease_and_the_next_has_it_after_the_goodbye() {
        let server = testkit::NatsServer::start().await;
        let leases = leases(&server).await;
        let modem = ModemId::derived("m");
        let (mut first, stop, task) = start(&leases, modem, holder("a", None));
        until(&mut first, is_held).await;
        let (mut second, _stop, _task) = start(&leases, modem, holder("b", None));
        let elsewhere = LeaseState::Elsewhere("host-of-a".to_owned());
        until(&mut second, |state| *state == elsewhere).await;
        stop.cancel();
        task.await.unwrap();
        until(&mut second, is_held).await;
    }

    #[tokio::test]
    async fn a_dead_holder_of_the_same_port_is_followed_at_once_and_any_other_in_seconds() {
        let server = testkit::NatsServer::start().await;
        let leases = leases(&server).await;
        let modem = ModemId::derived("m");
        let (mut first, _stop, task) = start(&leases, modem, holder("a", Some("/dev/ttyUSB0")));
        until(&mut first, is_held).await;
        task.abort();
        let began = Moment::now();
        let (mut second, _stop, task) = start(&leases, modem, holder("b", Some("/dev/ttyUSB0")));
        until(&mut second, is_held).await;
        let took = Moment::now().since(began);
        assert!(took < Duration::from_secs(2), "{took:?}");
        task.abort();
        let (mut third, ..) = start(&leases, modem, holder("c", Some("/dev/ttyUSB1")));
        until(&mut third, |state| matches!(state, LeaseState::Elsewhere(_))).await;
        until(&mut third, is_held).await;
    }

    /// `/proc/uptime` counts the time in which the machine slept (proc(5)), `Instant` does not.
    #[test]
    fn a_sleep_of_the_machine_counts() {
        let uptime = || {
            let text = std::fs::read_to_string("/proc/uptime").unwrap();
            let seconds: f64 = text.split(' ').next().unwrap().parse().unwrap();
            Duration::from_secs_f64(seconds)
        };
        let (before, now, after) = (uptime(), Moment::now().0, uptime());
        // The file has two decimals.
        let cut = Duration::from_millis(10);
        assert!(before <= now + cut && now <= after + cut, "{before:?} {now:?} {after:?}");
    }

    #[test]
    fn a_lease_is_not_trusted_for_long() {
        let now = Moment::now();
        let later = |seconds| Moment(now.0 + Duration::from_secs(seconds));
        let state = LeaseState::Held(Held { term: 7, renewed: now });
        assert_eq!(state.term_at(later(1)), Some(7));
        assert_eq!(state.term_at(later(3)), None);
        assert_eq!(LeaseState::Elsewhere(String::new()).term_at(now), None);
    }
}
