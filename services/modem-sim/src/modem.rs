//! A simulated modem as others see it: where its ports are, and the handle by which tests and the
//! control port give it faults.

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Instant;

use tokio::sync::{Notify, mpsc, oneshot};

use crate::fault::FaultRule;
use crate::identity::Identity;
use crate::machine::{Machine, Status};
use crate::make::{Make, Role};

/// Where a port of a modem is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum PortAddress {
    /// A terminal: the symbolic link when there is a folder for them, else `/dev/pts/…`.
    Path(PathBuf),
    /// A TCP listener.
    Tcp(SocketAddr),
}

impl fmt::Display for PortAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path) => write!(f, "{}", path.display()),
            Self::Tcp(address) => write!(f, "tcp://{address}"),
        }
    }
}

/// One port of a modem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Port {
    /// Name of the modem: `modem1`.
    pub modem: String,
    /// What the port is for.
    pub role: Role,
    /// Where it is.
    pub address: PortAddress,
}

/// Why a modem cannot be plugged in.
#[derive(Debug, thiserror::Error)]
pub enum PlugError {
    /// The terminal.
    #[error("no pseudo-terminal for {modem}")]
    Terminal {
        /// Its name.
        modem: String,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The listener.
    #[error("cannot listen on {address} for {modem}")]
    Listen {
        /// Its name.
        modem: String,
        /// The address.
        address: SocketAddr,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The symbolic link.
    #[error("cannot make the link {}", path.display())]
    Link {
        /// Its path.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The name.
    #[error("'{0}' is not a name for a port: letters, digits, '-', '_' and '.' only")]
    Name(String),
    /// The simulation has ended.
    #[error("the simulation has ended")]
    Ended,
}

/// Which SIM is in which modem.
#[derive(Default)]
pub(crate) struct Directory {
    numbers: RwLock<HashMap<String, usize>>,
}

impl Directory {
    /// Index of the modem with the SIM of a number.
    pub(crate) fn modem_of(&self, number: &str) -> Option<usize> {
        self.numbers.read().unwrap_or_else(PoisonError::into_inner).get(number).copied()
    }

    /// The SIM of a number is in this modem now, and no other.
    pub(crate) fn put(&self, number: String, at: usize) {
        let mut numbers = self.numbers.write().unwrap_or_else(PoisonError::into_inner);
        numbers.retain(|_, modem| *modem != at);
        numbers.insert(number, at);
    }
}

/// What a modem's task and its handles share.
pub(crate) struct Shared {
    pub(crate) name: String,
    machine: Mutex<Machine>,
    pub(crate) wake: Arc<Notify>,
    ports: Mutex<Vec<Port>>,
}

impl Shared {
    pub(crate) fn new(name: String, machine: Machine) -> Self {
        Self {
            name,
            machine: Mutex::new(machine),
            wake: Arc::new(Notify::new()),
            ports: Mutex::new(Vec::new()),
        }
    }

    pub(crate) fn number(&self) -> String {
        self.machine().config().identity.number.clone()
    }

    pub(crate) fn machine(&self) -> MutexGuard<'_, Machine> {
        self.machine.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn ports(&self) -> MutexGuard<'_, Vec<Port>> {
        self.ports.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(crate) enum Order {
    Unplug(oneshot::Sender<()>),
    Replug(Option<String>, oneshot::Sender<Result<(), PlugError>>),
}

/// A handle on one simulated modem.
#[derive(Clone)]
pub struct Modem {
    pub(crate) place: usize,
    pub(crate) shared: Arc<Shared>,
    pub(crate) orders: mpsc::UnboundedSender<Order>,
    pub(crate) directory: Arc<Directory>,
}

impl fmt::Debug for Modem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shared.name)
    }
}

impl Modem {
    /// Its place: 1 is `modem1`.
    pub fn place(&self) -> usize {
        self.place
    }

    /// Its name: `modem1`.
    pub fn name(&self) -> &str {
        &self.shared.name
    }

    /// The number of its SIM.
    pub fn number(&self) -> String {
        self.shared.number()
    }

    /// Its make.
    pub fn make(&self) -> Make {
        self.shared.machine().config().make
    }

    /// Who it and its SIM are.
    pub fn identity(&self) -> Identity {
        self.shared.machine().config().identity.clone()
    }

    /// How it is.
    pub fn status(&self) -> Status {
        self.shared.machine().status()
    }

    /// Its ports; none while it is unplugged.
    pub fn ports(&self) -> Vec<Port> {
        self.shared.ports().clone()
    }

    /// Where its command port is; none while it is unplugged.
    pub fn address(&self) -> Option<PortAddress> {
        let ports = self.shared.ports();
        ports.iter().find(|port| port.role == Role::Command).map(|port| port.address.clone())
    }

    /// Sets a fault.
    pub fn fault(&self, rule: impl Into<FaultRule>) {
        self.order(|machine, now| machine.set_fault(now, rule.into()));
    }

    /// Takes away the faults of a name (`cms-38`, `slow`), or all.
    pub fn clear(&self, name: Option<&str>) {
        self.order(|machine, now| machine.clear_faults(now, name));
    }

    /// Another signal, as `+CSQ` has it.
    pub fn set_signal(&self, signal: u8) {
        self.order(|machine, _| machine.set_signal(signal));
    }

    /// Takes its SIM out and puts in the one of another place, which may be one that has no modem:
    /// `swap_sim(101)` gives it ICCID, IMSI and number of place 101.
    pub fn swap_sim(&self, place: usize) {
        let sim = Identity::of(place);
        self.directory.put(sim.number.clone(), self.place - 1);
        self.order(|machine, now| machine.swap_sim(now, &sim));
    }

    /// Reboots it now.
    pub fn reboot(&self) {
        self.order(Machine::reboot);
    }

    /// A call comes in; an empty number is hidden.
    pub fn ring(&self, from: &str, times: u32) {
        self.order(|machine, now| machine.ring(now, from, times));
    }

    /// So many rupiah more are on its SIM.
    pub fn top_up(&self, rupiah: u32) {
        self.order(|machine, _| machine.top_up(rupiah));
    }

    /// The network sends a USSD text that nobody asked for.
    pub fn push_ussd(&self, text: &str) {
        self.order(|machine, now| machine.push_ussd(now, text));
    }

    /// Pulls it out: its ports are gone when this returns.
    pub async fn unplug(&self) {
        let (done, gone) = oneshot::channel();
        if self.orders.send(Order::Unplug(done)).is_ok() {
            // An error means that the simulation has ended, and the ports with it.
            let _ = gone.await;
        }
    }

    /// Plugs it in again, under its own name or another; it boots. Does nothing to one that is plugged in.
    pub async fn replug(&self, name: Option<&str>) -> Result<(), PlugError> {
        let (done, back) = oneshot::channel();
        self.orders
            .send(Order::Replug(name.map(str::to_owned), done))
            .map_err(|_| PlugError::Ended)?;
        back.await.map_err(|_| PlugError::Ended)?
    }

    fn order(&self, give: impl FnOnce(&mut Machine, Instant)) {
        give(&mut self.shared.machine(), now());
        self.shared.wake.notify_one();
    }
}

pub(crate) fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}
