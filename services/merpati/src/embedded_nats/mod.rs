//! The private nats-server of `merpati up`: a real one in its own process group, JetStream in the
//! data folder, on a loopback port, with credentials kept in the folder (0600, never in arguments).
//!
//! After our own `kill -9` it goes on as an orphan, and takes no harm: the next `up` adopts it when
//! it answers to our credentials, and ends it otherwise. It is restarted when it dies, with back-off, and when
//! the attendant finds that it stands and does nothing; the clients reconnect by themselves, as port and credentials stay.

pub(crate) mod attendant;
mod binary;
mod folder;
mod log;
mod process;

use std::io;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use bus::{Backoff, ServerVersion};
use platform::config::Nats;
use rustix::process::Signal;
use tokio::process::Command;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use attendant::Restart;
pub(crate) use binary::Binary;
pub(crate) use folder::Folder;
use folder::{ServiceUser, Settings, free_port};
use process::Process;

const START_PATIENCE: Duration = Duration::from_secs(20);
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
    #[error("nats-server is version {found}; {} or newer is needed", ServerVersion::OLDEST)]
    TooOld { found: ServerVersion },
    #[error(
        "nats.sync is \"always\", which needs nats-server {}; this is {found}. Set it to \"auto\", or install a newer one",
        ServerVersion::FIRST_WITH_SYNC_ALWAYS
    )]
    NoSync { found: ServerVersion },
    #[error(
        "the broker's folder was written by nats-server {wrote}, which {found} cannot read; install {wrote} or newer again"
    )]
    Older { found: ServerVersion, wrote: ServerVersion },
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
        settings.check_release(&binary)?;
        folder.note_release(&mut settings, binary.version)?;
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
    answers_to(settings, &settings.user, &settings.password).await
}

/// Waits until our server, when one runs, lets a service in whose credentials it was told to read. Returns whether it does.
pub(crate) async fn lets_in(folder: &Folder, settings: &Settings, service: &ServiceUser) -> bool {
    let deadline = Instant::now() + START_PATIENCE;
    let mut pauses = Backoff::of_millis(2, 50);
    // A server that was stopped meanwhile reads them when it is started.
    while folder.running().is_some() {
        if answers_to(settings, &service.name, &service.password).await {
            return true;
        }
        if Instant::now() > deadline {
            return false;
        }
        // It does not say when it has read its configuration but by answering.
        pauses.wait().await;
    }
    true
}

/// Whether a server answers to the credentials of somebody.
async fn answers_to(settings: &Settings, user: &str, password: &str) -> bool {
    let options =
        async_nats::ConnectOptions::with_user_and_password(user.to_owned(), password.to_owned())
            .connection_timeout(Duration::from_secs(2))
            .max_reconnects(1);
    tokio::time::timeout(Duration::from_secs(3), options.connect(settings.url()))
        .await
        .is_ok_and(|connected| connected.is_ok())
}
