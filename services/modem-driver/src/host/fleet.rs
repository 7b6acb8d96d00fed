//! All modems of a host: a line for each named port and for each stick that is plugged in.
//!
//! A line that breaks down is started anew and touches no other.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use platform::config::PortAddress;
use tokio::sync::mpsc;
use tokio::task::{Id, JoinError, JoinSet};
use tokio_util::sync::CancellationToken;

use crate::driver::Driver;
use crate::host::discovery::{self, Plugging};
use crate::host::line;
use crate::host::usb::{self, Stick};
use crate::port::candidates::Candidates;

/// How long a line that broke down rests.
const REST: Duration = Duration::from_secs(2);

/// What a line is for.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Attached {
    Named(PortAddress),
    Stick(Stick),
}

impl Attached {
    fn key(&self) -> String {
        match self {
            Self::Named(at) => at.to_string(),
            Self::Stick(stick) => format!("usb:{}", stick.path),
        }
    }
}

/// The lines that run.
pub(crate) struct Fleet {
    driver: Arc<Driver>,
    stop: CancellationToken,
    tasks: JoinSet<()>,
    running: HashMap<Id, Attached>,
    stops: HashMap<String, CancellationToken>,
    /// Plugged in while the line that was there before is still ending.
    next: HashMap<String, Attached>,
}

impl Fleet {
    pub(crate) fn new(driver: Arc<Driver>, stop: CancellationToken) -> Self {
        Self {
            driver,
            stop,
            tasks: JoinSet::new(),
            running: HashMap::new(),
            stops: HashMap::new(),
            next: HashMap::new(),
        }
    }

    /// Runs until the stop, then until all lines have finished.
    pub(crate) async fn run(mut self) {
        let named = self.driver.settings.modems.named_ports();
        for at in &named {
            self.start(Attached::Named(at.clone()), Duration::ZERO);
        }
        let (told, mut pluggings) = mpsc::channel(16);
        let mut watching = JoinSet::new();
        if self.driver.settings.modems.discover {
            let ignore = self.driver.settings.modems.ignore.clone();
            watching.spawn(discovery::watch(self.driver.roots.clone(), ignore, told));
        } else {
            // Kept, so that the receiver does not end.
            watching.spawn(async move { told.closed().await });
        }
        while !(self.stop.is_cancelled() && self.tasks.is_empty()) {
            tokio::select! {
                Some(ended) = self.tasks.join_next_with_id(), if !self.tasks.is_empty() => {
                    let (id, broke) = match ended {
                        Ok((id, ())) => (id, None),
                        Err(error) => (error.id(), Some(error)),
                    };
                    self.ended(id, broke.as_ref());
                }
                Some(plugging) = pluggings.recv() => self.plugged(plugging, &named),
                () = self.stop.cancelled(), if self.tasks.is_empty() => {}
            }
        }
    }

    fn start(&mut self, place: Attached, after: Duration) {
        if self.stop.is_cancelled() {
            return;
        }
        let driver = self.driver.clone();
        let stop = self.stop.child_token();
        let (ports, usb_path) = match &place {
            Attached::Named(at) => {
                let baud = driver.settings.modems.for_port(at).baud;
                let usb_path = match at {
                    PortAddress::Device(path) => usb::usb_path_of(&driver.roots, path),
                    PortAddress::Tcp(_) | PortAddress::Rfc2217(_) => None,
                };
                (Candidates::named(at.clone(), baud), usb_path)
            }
            Attached::Stick(stick) => {
                let models = &driver.settings.models;
                let ports = Candidates::of_stick(stick.clone(), driver.roots.clone(), models);
                (ports, Some(stick.path.clone()))
            }
        };
        self.stops.insert(place.key(), stop.clone());
        let task = self.tasks.spawn(async move {
            tokio::select! {
                () = tokio::time::sleep(after) => {}
                () = stop.cancelled() => return,
            }
            line::run(driver, ports, usb_path, stop).await;
        });
        self.running.insert(task.id(), place);
    }

    fn ended(&mut self, id: Id, broke: Option<&JoinError>) {
        let Some(place) = self.running.remove(&id) else { return };
        let key = place.key();
        let wanted = self.stops.remove(&key).is_some_and(|stop| !stop.is_cancelled());
        if let Some(error) = broke {
            tracing::error!(line = key, "a line broke down and is started anew: {error}");
        }
        if let Some(next) = self.next.remove(&key) {
            self.start(next, Duration::ZERO);
        } else if wanted {
            self.start(place, REST);
        }
    }

    fn plugged(&mut self, plugging: Plugging, named: &[PortAddress]) {
        match plugging {
            Plugging::In(stick) => {
                let taken: HashSet<PathBuf> = named.iter().filter_map(real_path).collect();
                let is_taken = |port: &usb::StickPort| {
                    std::fs::canonicalize(&port.path).is_ok_and(|path| taken.contains(&path))
                };
                if stick.ports.iter().any(is_taken) {
                    tracing::debug!(
                        usb.path = stick.path,
                        "the device is left out, as the configuration names one of its ports"
                    );
                    return;
                }
                let ports = stick.ports.len();
                tracing::info!(
                    usb.path = stick.path,
                    ports,
                    "plugged in: {} with {ports} serial ports",
                    name(&stick)
                );
                let place = Attached::Stick(stick);
                let key = place.key();
                if self.stops.contains_key(&key) {
                    self.next.insert(key, place);
                } else {
                    self.start(place, Duration::ZERO);
                }
            }
            Plugging::Out(path) => {
                let key = format!("usb:{path}");
                self.next.remove(&key);
                if let Some(stop) = self.stops.get(&key) {
                    tracing::info!(usb.path = path, "the device was unplugged");
                    stop.cancel();
                }
            }
        }
    }
}

fn name(stick: &Stick) -> String {
    if stick.name.is_empty() {
        format!("a USB device {:04x}:{:04x}", stick.vendor, stick.product)
    } else {
        stick.name.clone()
    }
}

fn real_path(at: &PortAddress) -> Option<PathBuf> {
    match at {
        PortAddress::Device(path) => std::fs::canonicalize(path).ok(),
        PortAddress::Tcp(_) | PortAddress::Rfc2217(_) => None,
    }
}
