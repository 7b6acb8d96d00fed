//! A modem at work: between its machine, its ports and the network.

use std::future::poll_fn;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::task::Poll;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::machine::Output;
use crate::make::Role;
use crate::modem::{Order, PlugError, Port, PortAddress, Shared, now};
use crate::network::Network;
use crate::pty::{Pty, Watch};
use crate::tcp::TcpPort;

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
