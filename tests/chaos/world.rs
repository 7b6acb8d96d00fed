//! Broker, database, services and modems.

use std::collections::HashMap;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use modem_sim::{Make, Network, Simulation, SimulationConfig, Timing};
use testkit::{NatsServer, PostgresServer, wait_for_within};
use tokio_util::sync::CancellationToken;

use crate::process::{Process, command};

/// Modems of each driver.
const MODEMS: usize = 2;
/// How long anything may take on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_mins(2);

/// What is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Victim {
    DriverA,
    DriverB,
    RouterA,
    RouterB,
    /// There only where it is added.
    RouterC,
    Persistence,
    Broker,
    Database,
}

impl Victim {
    pub(crate) const ALL: [Self; 7] = [
        Self::DriverA,
        Self::DriverB,
        Self::RouterA,
        Self::RouterB,
        Self::Persistence,
        Self::Broker,
        Self::Database,
    ];

    /// The routers, where there are three.
    pub(crate) const ROUTERS: [Self; 3] = [Self::RouterA, Self::RouterB, Self::RouterC];

    /// What is killed while a batch goes out.
    pub(crate) const OF_A_BATCH: [Self; 6] = [
        Self::DriverA,
        Self::DriverB,
        Self::RouterA,
        Self::RouterB,
        Self::Persistence,
        Self::Broker,
    ];
}

/// See the module.
pub(crate) struct World {
    services: HashMap<Victim, Process>,
    portal: Process,
    /// What is set for each service.
    common: Vec<(String, String)>,
    pub(crate) url: String,
    pub(crate) key: String,
    nats: NatsServer,
    postgres: PostgresServer,
    simulation: Simulation,
    folder: PathBuf,
    keep: bool,
}

impl World {
    /// A submit takes the simulated network `submit`.
    pub(crate) async fn start(nats: NatsServer, submit: Duration) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let folder = tempfile::Builder::new().prefix("merpati-chaos-").tempdir().unwrap().keep();
        let postgres = PostgresServer::start().await;
        let mut config = SimulationConfig::of_makes(2 * MODEMS, &Make::ALL);
        config = config.timing(Timing {
            submit,
            register: Duration::from_millis(100),
            ..Timing::INSTANT
        });
        config.network.report_delay = Duration::from_millis(300);
        config.network.redelivery = Duration::from_secs(1);
        config.dir = Some(folder.join("modems"));
        let simulation = Simulation::start(config, CancellationToken::new()).await.unwrap();

        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let set = |name: &str, value: &str| (format!("MERPATI__{name}"), value.to_owned());
        let common = [
            set("NATS__URL", &nats.url()),
            set("NATS__USER", nats.user()),
            set("NATS__PASSWORD", nats.password()),
            set("DATABASE__URL", &postgres.url()),
            set("HTTP__LISTEN", &format!("127.0.0.1:{port}")),
            set("MODEMS__DISCOVER", "false"),
            set("LIMITS__KEY_MESSAGES", ""),
            set("LIMITS__USER_MESSAGES", ""),
            set(
                "TELEMETRY__LOG",
                "info,router=debug,dispatch=debug,modem_driver=debug,persistence=debug",
            ),
        ];
        let migrated = command(&folder.join("migrate"))
            .args(["database", "migrate"])
            .envs(common.clone())
            .output()
            .unwrap();
        assert!(migrated.status.success(), "{}", String::from_utf8_lossy(&migrated.stderr));

        let service = |name, arguments: &[&str]| Process::start(name, arguments, &common, &folder);
        let driver = |name, first: usize| {
            let ports: Vec<String> = (first..first + MODEMS)
                .map(|place| simulation.modem(place).address().unwrap().to_string())
                .collect();
            let mut own = common.to_vec();
            own.extend([set("MODEMS__PORTS", &ports.join(",")), set("MODEMS__HOST", name)]);
            Process::start(name, &["modem-driver"], &own, &folder)
        };
        let services = HashMap::from([
            (Victim::Persistence, service("persistence", &["persistence"])),
            (Victim::RouterA, service("router-a", &["router"])),
            (Victim::RouterB, service("router-b", &["router"])),
            (Victim::DriverA, driver("driver-a", 1)),
            (Victim::DriverB, driver("driver-b", 1 + MODEMS)),
        ]);
        let portal = service("portal", &["web-portal"]);
        let url = format!("http://127.0.0.1:{port}/api/v1");
        let mut world = Self {
            services,
            portal,
            common: common.to_vec(),
            url,
            key: String::new(),
            nats,
            postgres,
            simulation,
            folder,
            keep: false,
        };
        world.key = world.make_key().await;
        world
    }

    /// A user and a key, by the portal's socket.
    async fn make_key(&mut self) -> String {
        wait_for_within(PATIENCE, "the portal's socket", || {
            std::future::ready(self.portal.data().join("merpati.sock").exists().then_some(()))
        })
        .await;
        let added = run(self.portal.data(), &["user", "add", "load", "--password-stdin"]);
        assert!(added.status.success(), "{}", String::from_utf8_lossy(&added.stderr));
        let made = run(self.portal.data(), &["--json", "key", "add", "load"]);
        let made: serde_json::Value = serde_json::from_slice(&made.stdout).unwrap();
        made["key"].as_str().unwrap().to_owned()
    }

    /// Starts another service.
    pub(crate) fn add(&mut self, victim: Victim, name: &'static str, arguments: &[&str]) {
        let process = Process::start(name, arguments, &self.common, &self.folder);
        self.services.insert(victim, process);
    }

    /// Runs a command as whoever owns the folder, and reads what it prints.
    pub(crate) fn cli(&self, arguments: &[&str]) -> serde_json::Value {
        let output = run(self.portal.data(), &[&["--json"], arguments].concat());
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {said}");
        serde_json::from_slice(&output.stdout).unwrap()
    }

    pub(crate) fn network(&self) -> &Network {
        self.simulation.network()
    }

    /// How many modems there are.
    pub(crate) const fn modems() -> usize {
        2 * MODEMS
    }

    pub(crate) fn database(&self) -> String {
        self.postgres.url()
    }

    pub(crate) fn kill(&mut self, victim: Victim) {
        match victim {
            Victim::Broker => self.nats.kill9(),
            Victim::Database => self.postgres.kill9(),
            service => self.services.get_mut(&service).unwrap().kill9(),
        }
    }

    pub(crate) async fn start_again(&mut self, victim: Victim) {
        match victim {
            Victim::Broker => self.nats.restart().await,
            Victim::Database => self.postgres.restart().await,
            service => self.services.get_mut(&service).unwrap().revive(),
        }
    }

    /// Starts what ended by itself.
    pub(crate) fn revive(&mut self) {
        self.services.values_mut().for_each(Process::revive);
        self.portal.revive();
    }

    /// Where the logs are.
    pub(crate) fn logs(&self) -> &Path {
        &self.folder
    }

    /// The logs stay when everything has ended.
    pub(crate) fn keep_logs(&mut self) {
        self.keep = true;
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if !self.keep && !std::thread::panicking() {
            let _ = std::fs::remove_dir_all(&self.folder);
        }
    }
}

fn run(data: &Path, arguments: &[&str]) -> std::process::Output {
    use std::io::Write as _;
    let mut child = command(data)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Not every command reads it.
    let _ = child.stdin.take().unwrap().write_all(b"a long passphrase\n");
    child.wait_with_output().unwrap()
}
