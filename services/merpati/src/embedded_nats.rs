//! The private nats-server of `merpati up`: a real one in its own process group, JetStream in the
//! data folder, on a loopback port, with credentials kept in the folder (0600, never in arguments).
//!
//! After our own `kill -9` it goes on as an orphan, and takes no harm: the next `up` adopts it when
//! it answers to our credentials, and ends it otherwise. It is restarted when it dies, with back-off, and when
//! the attendant finds that it stands and does nothing; the clients reconnect by themselves, as port and credentials stay.

use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use bus::Backoff;
use platform::config::{Nats, Sync};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use rustix::process::{Pid, Signal};
use serde::{Deserialize, Serialize};
use tokio::process::{Child, Command};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::attendant::Restart;
use crate::broker_log::BrokerLog;

/// The oldest server whose behaviour is known to do.
const OLDEST: Version = Version(2, 9, 10);
/// The first that can write each message to the disk before it answers.
const FIRST_WITH_SYNC_ALWAYS: Version = Version(2, 10, 0);
const START_PATIENCE: Duration = Duration::from_secs(20);
const STOP_PATIENCE: Duration = Duration::from_secs(10);
/// How often its log is looked at, which grows by itself.
const LOG_IS_LOOKED_AT: Duration = Duration::from_secs(10);

/// Why there is no broker.
#[derive(Debug, thiserror::Error)]
pub(crate) enum EmbeddedNatsError {
    #[error(
        "nats-server is not installed. Install it (Debian, Ubuntu: sudo apt install nats-server), or set nats.url to a broker you have"
    )]
    Missing,
    #[error("{0} cannot be run")]
    Run(PathBuf, #[source] io::Error),
    #[error("nats-server is version {found}; {OLDEST} or newer is needed")]
    TooOld { found: Version },
    #[error(
        "nats.sync is \"always\", which needs nats-server {FIRST_WITH_SYNC_ALWAYS}; this is {found}. Set it to \"auto\", or install a newer one"
    )]
    NoSync { found: Version },
    #[error("'nats-server --version' answered '{0}', which is no version")]
    NoVersion(String),
    #[error("{0} cannot be read or written")]
    File(PathBuf, #[source] io::Error),
    #[error(
        "{0} is damaged; move it away, and a new one is made (other services need new credentials then)"
    )]
    Settings(PathBuf, #[source] serde_json::Error),
    #[error("nats-server stopped at once; its last words: {0}")]
    Died(String),
    #[error("nats-server did not answer within {} s; see {}", patience.as_secs(), log.display())]
    Silent { patience: Duration, log: PathBuf },
    #[error("'{0}' cannot name a service: use 1 to 32 letters, digits, - and _")]
    Name(String),
}

/// A nats-server version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Version(u16, u16, u16);

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.{}", self.0, self.1, self.2)
    }
}

impl Version {
    /// From what `nats-server --version` prints: `nats-server: v2.9.10`.
    fn parse(text: &str) -> Option<Self> {
        let (_, numbers) = text.trim().rsplit_once('v')?;
        let mut numbers = numbers.split(['.', '-', '+']).map(|n| n.parse().ok());
        Some(Self(numbers.next()??, numbers.next()??, numbers.next()??))
    }
}

/// A nats-server on this machine.
#[derive(Debug, Clone)]
pub(crate) struct Binary {
    path: PathBuf,
    pub(crate) version: Version,
    sync: Sync,
}

impl Binary {
    /// The one that is configured, else on the path, else in a folder that systems keep servers in.
    pub(crate) fn find(config: &Nats) -> Result<Self, EmbeddedNatsError> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let path = config
            .program
            .clone()
            .or_else(|| {
                std::env::split_paths(&path)
                    .chain(["/usr/sbin", "/usr/local/bin", "/usr/local/sbin"].map(PathBuf::from))
                    .map(|folder| folder.join("nats-server"))
                    .find(|file| file.is_file())
            })
            .ok_or(EmbeddedNatsError::Missing)?;
        let output = std::process::Command::new(&path)
            .arg("--version")
            .stdin(Stdio::null())
            .output()
            .map_err(|error| EmbeddedNatsError::Run(path.clone(), error))?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let version = Version::parse(&text)
            .ok_or_else(|| EmbeddedNatsError::NoVersion(text.trim().into()))?;
        if version < OLDEST {
            return Err(EmbeddedNatsError::TooOld { found: version });
        }
        if config.sync == Sync::Always && version < FIRST_WITH_SYNC_ALWAYS {
            return Err(EmbeddedNatsError::NoSync { found: version });
        }
        Ok(Self { path, version, sync: config.sync })
    }

    /// Whether what was accepted survives a power cut.
    pub(crate) fn syncs_always(&self) -> bool {
        self.sync != Sync::Interval && self.version >= FIRST_WITH_SYNC_ALWAYS
    }
}

/// Another service's access.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct ServiceUser {
    pub(crate) name: String,
    pub(crate) password: String,
}

/// Port and credentials, kept in `nats/settings.json`.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Settings {
    pub(crate) port: u16,
    pub(crate) user: String,
    pub(crate) password: String,
    /// What the streams may take: half of what was free at the first start, so that it does not shrink as they fill.
    #[serde(default)]
    pub(crate) max_bytes: Option<u64>,
    #[serde(default)]
    pub(crate) services: Vec<ServiceUser>,
}

impl Settings {
    fn new(folder: &Path) -> io::Result<Self> {
        let disk = rustix::fs::statvfs(folder)?;
        Ok(Self {
            port: free_port()?,
            user: "merpati".into(),
            password: platform::random_token(),
            max_bytes: Some(disk.f_bavail.saturating_mul(disk.f_frsize) / 2),
            services: Vec::new(),
        })
    }

    /// `nats://127.0.0.1:PORT`.
    pub(crate) fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// The server's configuration. Services may publish send requests and hear the answers to what
    /// they publish, and nothing else; our own answers travel under another prefix.
    fn render(&self, folder: &Folder, binary: &Binary) -> String {
        let quoted = |path: &Path| serde_json::Value::from(path.to_string_lossy()).to_string();
        let mut text = format!(
            "# Written by merpati at each start; changes are lost.\n\
             host: \"127.0.0.1\"\n\
             port: {}\n\
             server_name: \"merpati\"\n\
             pid_file: {}\n\
             max_payload: 1048576\n\
             ping_interval: \"10s\"\n\
             ping_max: 2\n\
             jetstream {{\n  store_dir: {}\n",
            self.port,
            quoted(&folder.pid_file()),
            quoted(&folder.0.join("store")),
        );
        if binary.syncs_always() {
            text.push_str("  sync_interval: always\n");
        }
        let _ = write!(
            text,
            "}}\nauthorization {{\n  users: [\n    {{ user: \"{}\", password: \"{}\" }}\n",
            self.user, self.password
        );
        for service in &self.services {
            let _ = writeln!(
                text,
                "    {{ user: \"{}\", password: \"{}\", permissions: {{ publish: [\"sms.v1.mt.request.*\"], subscribe: [\"_INBOX.>\"] }} }}",
                service.name, service.password
            );
        }
        text.push_str("  ]\n}\n");
        text
    }
}

/// A port of the loopback interface that nobody listens on at the moment.
fn free_port() -> io::Result<u16> {
    Ok(std::net::TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

/// The folder of the broker: `DIR/nats`.
#[derive(Debug, Clone)]
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn of(data: &Path) -> Self {
        Self(data.join("nats"))
    }

    fn settings_file(&self) -> PathBuf {
        self.0.join("settings.json")
    }

    fn config_file(&self) -> PathBuf {
        self.0.join("nats-server.conf")
    }

    fn pid_file(&self) -> PathBuf {
        self.0.join("nats-server.pid")
    }

    fn log(&self) -> BrokerLog {
        BrokerLog::at(self.0.join("nats-server.log"))
    }

    /// What is kept, or new settings when nothing is.
    pub(crate) fn settings(&self) -> Result<Settings, EmbeddedNatsError> {
        let path = self.settings_file();
        match std::fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .map_err(|error| EmbeddedNatsError::Settings(path, error)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                platform::files::create_private_dir(&self.0)
                    .map_err(|error| EmbeddedNatsError::File(self.0.clone(), error))?;
                let settings =
                    Settings::new(&self.0).map_err(|error| EmbeddedNatsError::File(path, error))?;
                self.keep(&settings)?;
                Ok(settings)
            }
            Err(error) => Err(EmbeddedNatsError::File(path, error)),
        }
    }

    fn keep(&self, settings: &Settings) -> Result<(), EmbeddedNatsError> {
        let path = self.settings_file();
        let text = serde_json::to_vec_pretty(settings)
            .map_err(|error| EmbeddedNatsError::Settings(path.clone(), error))?;
        platform::files::write_private(&path, &text)
            .map_err(|error| EmbeddedNatsError::File(path, error))
    }

    fn configure(&self, settings: &Settings, binary: &Binary) -> Result<(), EmbeddedNatsError> {
        let path = self.config_file();
        platform::files::write_private(&path, settings.render(self, binary).as_bytes())
            .map_err(|error| EmbeddedNatsError::File(path, error))
    }

    /// The credentials of the service `name`, made when there are none, and known to the running server.
    pub(crate) fn service(
        &self,
        name: &str,
        config: &Nats,
    ) -> Result<(Settings, ServiceUser), EmbeddedNatsError> {
        let fits = (1..=32).contains(&name.len())
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        let mut settings = self.settings()?;
        if !fits || name == settings.user {
            return Err(EmbeddedNatsError::Name(name.chars().take(64).collect()));
        }
        if let Some(service) = settings.services.iter().find(|service| service.name == name) {
            return Ok((settings.clone(), service.clone()));
        }
        let service = ServiceUser { name: name.to_owned(), password: platform::random_token() };
        settings.services.push(service.clone());
        self.keep(&settings)?;
        self.configure(&settings, &Binary::find(config)?)?;
        if let Some(pid) = self.running() {
            // Read the configuration anew. When the server has just stopped, its next start does.
            let _ = rustix::process::kill_process(pid, Signal::HUP);
        }
        Ok((settings, service))
    }

    /// The process of our server, when one runs: the pid file's, if it was started with our configuration.
    fn running(&self) -> Option<Pid> {
        let pid: i32 = std::fs::read_to_string(self.pid_file()).ok()?.trim().parse().ok()?;
        let arguments = std::fs::read(format!("/proc/{pid}/cmdline")).ok()?;
        let ours = self.config_file();
        let ours = ours.as_os_str().as_encoded_bytes();
        arguments.split(|b| *b == 0).any(|argument| argument == ours).then(|| Pid::from_raw(pid))?
    }
}

/// The process, ours or adopted.
enum Process {
    Child(Child),
    Adopted(Pid, JoinHandle<()>),
}

impl Process {
    fn adopted(pid: Pid) -> io::Result<Self> {
        let descriptor = rustix::process::pidfd_open(pid, rustix::process::PidfdFlags::NONBLOCK)?;
        // A pidfd becomes readable when its process ends. A thread waits for that, as tokio's way to wait
        // for a descriptor wants unsafe code.
        let ended = tokio::task::spawn_blocking(move || {
            let mut watched = [PollFd::new(&descriptor, PollFlags::IN)];
            while poll(&mut watched, None) == Err(Errno::INTR) {}
        });
        Ok(Self::Adopted(pid, ended))
    }

    fn signal(&self, signal: Signal) {
        let pid = match self {
            Self::Child(child) => child.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?)),
            Self::Adopted(pid, _) => Some(*pid),
        };
        if let Some(pid) = pid {
            // It may have ended by itself.
            let _ = rustix::process::kill_process(pid, signal);
        }
    }

    async fn ended(&mut self) {
        match self {
            Self::Child(child) => {
                let _ = child.wait().await;
            }
            Self::Adopted(_, ended) => {
                let _ = ended.await;
            }
        }
    }

    async fn stop(mut self) {
        self.end().await;
    }

    async fn end(&mut self) {
        self.signal(Signal::TERM);
        if tokio::time::timeout(STOP_PATIENCE, self.ended()).await.is_err() {
            tracing::warn!("nats-server does not stop; it is killed");
            self.signal(Signal::KILL);
            self.ended().await;
        }
    }
}

/// A running private nats-server.
pub(crate) struct EmbeddedNats {
    folder: Folder,
    binary: Binary,
    process: Process,
}

impl EmbeddedNats {
    /// Adopts the one that a killed `up` left, or starts one.
    pub(crate) async fn start(
        folder: Folder,
        config: &Nats,
    ) -> Result<(Self, Settings), EmbeddedNatsError> {
        let binary = Binary::find(config)?;
        let mut settings = folder.settings()?;
        if let Some(pid) = folder.running() {
            let process = Process::adopted(pid)
                .map_err(|error| EmbeddedNatsError::File(folder.pid_file(), error))?;
            if answers(&settings).await {
                tracing::info!(
                    pid = pid.as_raw_nonzero().get(),
                    "found the broker of an earlier start, and goes on with it"
                );
                return Ok((Self { folder, binary, process }, settings));
            }
            tracing::warn!("a broker of an earlier start does not answer; it is ended");
            process.signal(Signal::KILL);
            let mut process = process;
            process.ended().await;
        }
        if std::net::TcpListener::bind(("127.0.0.1", settings.port)).is_err() {
            let taken = settings.port;
            settings.port =
                free_port().map_err(|error| EmbeddedNatsError::File(folder.0.clone(), error))?;
            folder.keep(&settings)?;
            tracing::warn!(
                taken,
                now = settings.port,
                "another program has the broker's port; it moves. Other services need its new URL"
            );
        }
        let process = launch(&folder, &binary, &settings).await?;
        tracing::info!(version = %binary.version, port = settings.port, "the broker runs");
        Ok((Self { folder, binary, process }, settings))
    }

    /// Starts it again whenever it dies or somebody asks for that, until `shutdown`; then stops it.
    pub(crate) async fn supervise(
        mut self,
        shutdown: CancellationToken,
        mut wishes: mpsc::Receiver<Restart>,
    ) {
        let mut pauses = Backoff::of_millis(100, 10_000);
        let mut look_at_log = tokio::time::interval(LOG_IS_LOOKED_AT);
        loop {
            let started = Instant::now();
            let log = self.folder.log();
            let wish = loop {
                tokio::select! {
                    () = shutdown.cancelled() => return self.process.stop().await,
                    () = self.process.ended() => break None,
                    Some(wish) = wishes.recv() => break Some(wish),
                    _ = look_at_log.tick() => {
                        if let Err(error) = log.bound() {
                            tracing::warn!(%error, "the broker's log cannot be kept small");
                        }
                    }
                }
            };
            if started.elapsed() > Duration::from_secs(60) {
                pauses.reset();
            }
            if wish.is_some() {
                self.process.end().await;
            } else {
                let words = log.last_words();
                tracing::error!(log = %log.path().display(), "the broker died and is started again; its last words: {words}");
            }
            loop {
                tokio::select! {
                    () = shutdown.cancelled() => return,
                    () = pauses.wait() => {}
                }
                let launched = match self.folder.settings() {
                    Ok(settings) => launch(&self.folder, &self.binary, &settings).await,
                    Err(error) => Err(error),
                };
                match launched {
                    Ok(process) => {
                        self.process = process;
                        // Whoever asked meanwhile has a new one, too.
                        let _ = wish.map(|done| done.send(()));
                        while let Ok(done) = wishes.try_recv() {
                            let _ = done.send(());
                        }
                        break;
                    }
                    Err(error) => {
                        tracing::error!(%error, "the broker cannot be started; it is tried again");
                    }
                }
            }
        }
    }
}

async fn launch(
    folder: &Folder,
    binary: &Binary,
    settings: &Settings,
) -> Result<Process, EmbeddedNatsError> {
    folder.configure(settings, binary)?;
    let log = folder.log();
    let failed = |error| EmbeddedNatsError::File(log.path().to_owned(), error);
    let sink = log.begin().map_err(failed)?;
    let second = sink.try_clone().map_err(failed)?;
    let mut child = Command::new(&binary.path)
        .arg("-c")
        .arg(folder.config_file())
        .stdin(Stdio::null())
        .stdout(sink)
        .stderr(second)
        // A Ctrl-C at the terminal is for us; the broker stops last.
        .process_group(0)
        .spawn()
        .map_err(|error| EmbeddedNatsError::Run(binary.path.clone(), error))?;
    let deadline = Instant::now() + START_PATIENCE;
    let mut pauses = Backoff::of_millis(2, 50);
    while !answers(settings).await {
        if child.try_wait().is_ok_and(|status| status.is_some()) {
            return Err(EmbeddedNatsError::Died(log.last_words()));
        }
        if Instant::now() > deadline {
            let _ = child.kill().await;
            let log = log.path().to_owned();
            return Err(EmbeddedNatsError::Silent { patience: START_PATIENCE, log });
        }
        // It does not say when it is ready but by answering.
        pauses.wait().await;
    }
    Ok(Process::Child(child))
}

/// Whether a server answers to our credentials.
async fn answers(settings: &Settings) -> bool {
    let options = async_nats::ConnectOptions::with_user_and_password(
        settings.user.clone(),
        settings.password.clone(),
    )
    .connection_timeout(Duration::from_secs(2))
    .max_reconnects(1);
    tokio::time::timeout(Duration::from_secs(3), options.connect(settings.url()))
        .await
        .is_ok_and(|connected| connected.is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_and_compared() {
        assert_eq!(Version::parse("nats-server: v2.9.10\n"), Some(Version(2, 9, 10)));
        assert_eq!(Version::parse("nats-server: v2.12.0-beta.1"), Some(Version(2, 12, 0)));
        assert_eq!(Version::parse("hello"), None);
        assert!(Version(2, 9, 9) < OLDEST && Version(2, 10, 0) > OLDEST);
    }

    fn binary(version: Version, sync: Sync) -> Binary {
        Binary { path: "nats-server".into(), version, sync }
    }

    fn settings() -> Settings {
        Settings {
            port: 4333,
            user: "merpati".into(),
            password: "p".into(),
            max_bytes: None,
            services: vec![ServiceUser { name: "shop".into(), password: "s".into() }],
        }
    }

    #[test]
    fn only_newer_servers_are_told_to_sync_always() {
        let folder = Folder::of(Path::new("/data"));
        let render = |version, sync| settings().render(&folder, &binary(version, sync));
        assert!(!render(Version(2, 9, 10), Sync::Auto).contains("sync_interval"));
        assert!(render(Version(2, 10, 0), Sync::Auto).contains("sync_interval: always"));
        assert!(!render(Version(2, 10, 0), Sync::Interval).contains("sync_interval"));
    }

    #[test]
    fn a_service_may_only_publish_requests() {
        let binary = binary(Version(2, 9, 10), Sync::Auto);
        let text = settings().render(&Folder::of(Path::new("/data")), &binary);
        assert!(text.contains(
            "{ user: \"shop\", password: \"s\", permissions: { publish: [\"sms.v1.mt.request.*\"], subscribe: [\"_INBOX.>\"] } }"
        ));
    }

    #[test]
    fn a_service_cannot_break_the_configuration() {
        let folder = tempfile::tempdir().unwrap();
        let folder = Folder::of(folder.path());
        let config = platform::Config::load(&platform::config::Sources::new()).unwrap().nats;
        for name in ["", "merpati", "a b", "a\"", "x }", &"a".repeat(33)] {
            assert!(
                matches!(folder.service(name, &config), Err(EmbeddedNatsError::Name(_))),
                "{name}"
            );
        }
    }
}
