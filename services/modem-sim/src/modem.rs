//! A simulated modem at work: its machine, its ports, and the handle by which tests and the control
//! port give it faults.

use std::fmt;
use std::future::poll_fn;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::time::Instant;

use tokio::sync::{Notify, mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use crate::fault::FaultRule;
use crate::machine::{Machine, Output, Status};
use crate::make::{Make, Role};
use crate::network::Network;
use crate::pty::{Pty, Watch};
use crate::tcp::TcpPort;

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

/// What a modem's task and its handles share.
pub(crate) struct Shared {
    pub(crate) name: String,
    pub(crate) number: String,
    machine: Mutex<Machine>,
    pub(crate) wake: Arc<Notify>,
    ports: Mutex<Vec<Port>>,
}

impl Shared {
    pub(crate) fn new(name: String, machine: Machine) -> Self {
        Self {
            name,
            number: machine.config().identity.number.clone(),
            machine: Mutex::new(machine),
            wake: Arc::new(Notify::new()),
            ports: Mutex::new(Vec::new()),
        }
    }

    pub(crate) fn machine(&self) -> MutexGuard<'_, Machine> {
        self.machine.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ports(&self) -> MutexGuard<'_, Vec<Port>> {
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
    pub fn number(&self) -> &str {
        &self.shared.number
    }

    /// Its make.
    pub fn make(&self) -> Make {
        self.shared.machine().config().make
    }

    /// Who it and its SIM are.
    pub fn identity(&self) -> crate::identity::Identity {
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

    /// Reboots it now.
    pub fn reboot(&self) {
        self.order(Machine::reboot);
    }

    /// A call comes in; an empty number is hidden.
    pub fn ring(&self, from: &str, times: u32) {
        self.order(|machine, now| machine.ring(now, from, times));
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

/// Where and how a modem's ports are made.
#[derive(Clone)]
pub(crate) struct Socket {
    pub(crate) dir: Option<PathBuf>,
    pub(crate) tcp: bool,
    pub(crate) watch: Arc<Watch>,
}

enum Edge {
    Pty(Pty, Option<PathBuf>),
    Tcp(TcpPort),
}

impl Edge {
    fn write(&mut self, bytes: &[u8]) {
        match self {
            Self::Pty(pty, _) => pty.write(bytes),
            Self::Tcp(tcp) => tcp.write(bytes),
        }
    }

    fn address(&self) -> PortAddress {
        match self {
            Self::Pty(pty, link) => {
                PortAddress::Path(link.clone().unwrap_or_else(|| pty.path().to_owned()))
            }
            Self::Tcp(tcp) => PortAddress::Tcp(tcp.address()),
        }
    }
}

impl Drop for Edge {
    fn drop(&mut self) {
        if let Self::Pty(pty, Some(link)) = self
            && std::fs::read_link(&*link).is_ok_and(|target| target == pty.path())
        {
            // Somebody may have removed it before.
            let _ = std::fs::remove_file(link);
        }
    }
}

/// A modem's task.
pub(crate) struct Task {
    pub(crate) at: usize,
    pub(crate) shared: Arc<Shared>,
    pub(crate) network: Network,
    pub(crate) socket: Socket,
    edges: Vec<Edge>,
    /// Addresses to listen on again after a replug.
    listened: Vec<SocketAddr>,
}

impl Task {
    pub(crate) fn new(at: usize, shared: Arc<Shared>, network: Network, socket: Socket) -> Self {
        Self { at, shared, network, socket, edges: Vec::new(), listened: Vec::new() }
    }

    /// Makes the ports.
    pub(crate) async fn plug(&mut self, name: Option<&str>) -> Result<(), PlugError> {
        let modem = name.unwrap_or(&self.shared.name).to_owned();
        let fits = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        if modem.is_empty() || modem.starts_with('.') || !modem.chars().all(fits) {
            return Err(PlugError::Name(modem));
        }
        let roles = self.shared.machine().ports();
        let mut edges = Vec::new();
        for (interface, role) in roles.iter().enumerate() {
            edges.push(if self.socket.tcp {
                let free = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
                let address = self.listened.get(interface).copied().unwrap_or(free);
                let listen = |address| TcpPort::open(address);
                let port = match listen(address).await {
                    Err(_) if address.port() != 0 => listen(free).await,
                    other => other,
                };
                Edge::Tcp(port.map_err(|source| PlugError::Listen {
                    modem: modem.clone(),
                    address,
                    source,
                })?)
            } else {
                let pty = Pty::open(&self.socket.watch, Arc::clone(&self.shared.wake))
                    .map_err(|source| PlugError::Terminal { modem: modem.clone(), source })?;
                let link = match &self.socket.dir {
                    None => None,
                    Some(dir) if *role == Role::Command => Some(link(&dir.join(&modem), &pty)?),
                    Some(dir) => Some(link(&dir.join(format!("{modem}.if{interface:02}")), &pty)?),
                };
                Edge::Pty(pty, link)
            });
        }
        let addresses = edges.iter().map(Edge::address);
        *self.shared.ports() = roles
            .iter()
            .zip(addresses)
            .map(|(role, address)| Port { modem: self.shared.name.clone(), role: *role, address })
            .collect();
        self.edges = edges;
        self.listened = self
            .edges
            .iter()
            .filter_map(|edge| match edge {
                Edge::Tcp(tcp) => Some(tcp.address()),
                Edge::Pty(..) => None,
            })
            .collect();
        Ok(())
    }

    fn unplug(&mut self) {
        self.shared.machine().power_off();
        self.edges.clear();
        self.shared.ports().clear();
        tracing::debug!(modem = %self.shared.name, "unplugged");
    }

    /// Works until the shutdown.
    pub(crate) async fn run(
        mut self,
        mut orders: mpsc::UnboundedReceiver<Order>,
        shutdown: CancellationToken,
    ) {
        let mut buffer = vec![0u8; 4096];
        let wake = Arc::clone(&self.shared.wake);
        loop {
            self.drain();
            let timeout = self.shared.machine().next_timeout();
            let sleep = async {
                match timeout {
                    Some(at) => tokio::time::sleep_until(at.into()).await,
                    None => std::future::pending().await,
                }
            };
            let edges = &mut self.edges;
            let read = poll_fn(|cx| {
                for (port, edge) in edges.iter_mut().enumerate() {
                    let polled = match edge {
                        Edge::Pty(pty, _) => {
                            pty.poll(cx, &mut buffer).map(|read| read.unwrap_or(0))
                        }
                        Edge::Tcp(tcp) => tcp.poll(cx, &mut buffer),
                    };
                    if let Poll::Ready(count) = polled {
                        return Poll::Ready((port, count));
                    }
                }
                Poll::Pending
            });
            tokio::select! {
                biased;
                () = shutdown.cancelled() => break,
                Some(order) = orders.recv() => self.obey(order).await,
                () = wake.notified() => {}
                (port, count) = read => {
                    if count == 0 {
                        // Only a terminal that broke gives nothing; the modem is as good as unplugged.
                        self.unplug();
                    } else {
                        self.shared.machine().handle_bytes(now(), port, &buffer[..count]);
                    }
                }
                () = sleep => self.shared.machine().handle_timeout(now()),
            }
        }
        self.unplug();
    }

    async fn obey(&mut self, order: Order) {
        // Those who ask need not wait for the answer.
        match order {
            Order::Unplug(done) => {
                self.unplug();
                let _ = done.send(());
            }
            Order::Replug(name, done) => {
                let result = if self.edges.is_empty() {
                    self.plug(name.as_deref()).await.inspect(|()| {
                        self.shared.machine().power_on(now());
                        tracing::debug!(modem = %self.shared.name, "plugged in");
                    })
                } else {
                    Ok(())
                };
                let _ = done.send(result);
            }
        }
    }

    /// Does what the machine wants.
    fn drain(&mut self) {
        let shared = Arc::clone(&self.shared);
        loop {
            // Not held while the network is called, which calls machines.
            let output = shared.machine().poll_output();
            match output {
                None => return,
                Some(Output::Transmit { port, bytes }) => {
                    if let Some(edge) = self.edges.get_mut(port) {
                        edge.write(&bytes);
                    }
                }
                Some(Output::Submit(submission)) => {
                    self.network.submitted(now(), self.at, &submission);
                }
                Some(Output::Available) => self.network.available(self.at),
                Some(Output::Returned(incoming)) => {
                    self.network.returned(now(), self.at, incoming);
                }
                Some(Output::Again(incoming)) => self.network.again(self.at, incoming),
                Some(Output::Interrupt) => self.network.interrupt(self.at),
                Some(Output::Unplug) => self.unplug(),
            }
        }
    }
}

/// Makes or renews a symbolic link; what is no link is left alone.
fn link(path: &Path, pty: &Pty) -> Result<PathBuf, PlugError> {
    let make = || {
        if path.is_symlink() {
            std::fs::remove_file(path)?;
        }
        std::os::unix::fs::symlink(pty.path(), path)
    };
    match make() {
        Ok(()) => Ok(path.to_owned()),
        Err(source) => Err(PlugError::Link { path: path.to_owned(), source }),
    }
}
