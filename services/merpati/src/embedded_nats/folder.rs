//! The folder of the private broker: its port and credentials, and the configuration that the server is started with.

use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};

use bus::{NatsConfig, ServerVersion};
use platform::config::Nats;
use rustix::process::{Pid, Signal};
use serde::{Deserialize, Serialize};

use super::EmbeddedNatsError;
use super::binary::Binary;
use super::log::BrokerLog;

/// Another service's access.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct ServiceUser {
    pub(crate) name: String,
    pub(crate) password: String,
}

/// What the server may store, in bytes: more than any disk has. Each stream has a limit of its own, and the gateway watches the disk.
/// Without this, the server would reckon with what is free when it starts, and when that had become less, would not bring back streams
/// whose limits are from before.
const MOST_STORED: u64 = 1 << 50;

/// Port and credentials, kept in `nats/settings.json`.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Settings {
    pub(crate) port: u16,
    pub(crate) user: String,
    pub(crate) password: String,
    /// What the streams may take: half of what was free at the first start, so that it does not shrink as they fill.
    #[serde(default)]
    pub(crate) max_bytes: Option<u64>,
    /// The newest release that has written the store.
    #[serde(default)]
    pub(super) written_by: Option<String>,
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
            written_by: None,
            services: Vec::new(),
        })
    }

    /// `nats://127.0.0.1:PORT`.
    pub(crate) fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// Whether a server can read what others have written. 2.9 cannot read what 2.10 and newer wrote: it starts, and
    /// then answers nothing.
    pub(super) fn check_release(&self, binary: &Binary) -> Result<(), EmbeddedNatsError> {
        let written_by = self.written_by.as_deref().and_then(ServerVersion::parse);
        match written_by {
            Some(wrote) if wrote.can_sync_always() && !binary.version.can_sync_always() => {
                Err(EmbeddedNatsError::Older { found: binary.version, wrote })
            }
            Some(_) | None => Ok(()),
        }
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
             jetstream {{\n  store_dir: {}\n  max_file_store: {MOST_STORED}\n",
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
                "    {{ user: \"{}\", password: \"{}\", permissions: {{ publish: [\"sms.v1.mt.request.*\", \"sms.v1.mt.batch.*\"], subscribe: [\"_INBOX.>\"] }} }}",
                service.name, service.password
            );
        }
        text.push_str("  ]\n}\n");
        text
    }
}

/// A port of the loopback interface that nobody listens on at the moment.
pub(super) fn free_port() -> io::Result<u16> {
    Ok(std::net::TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

/// The folder of the broker: `DIR/nats`.
#[derive(Debug, Clone)]
pub(crate) struct Folder(pub(super) PathBuf);

impl Folder {
    pub(crate) fn of(data: &Path) -> Self {
        Self(data.join("nats"))
    }

    fn settings_file(&self) -> PathBuf {
        self.0.join("settings.json")
    }

    pub(super) fn config_file(&self) -> PathBuf {
        self.0.join("nats-server.conf")
    }

    pub(super) fn pid_file(&self) -> PathBuf {
        self.0.join("nats-server.pid")
    }

    pub(super) fn log(&self) -> BrokerLog {
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

    pub(super) fn keep(&self, settings: &Settings) -> Result<(), EmbeddedNatsError> {
        let path = self.settings_file();
        let text = serde_json::to_vec_pretty(settings)
            .map_err(|error| EmbeddedNatsError::Settings(path.clone(), error))?;
        platform::files::write_private(&path, &text)
            .map_err(|error| EmbeddedNatsError::File(path, error))
    }

    /// Notes that a release is going to write the store, when it is the newest so far.
    pub(super) fn note_release(
        &self,
        settings: &mut Settings,
        release: ServerVersion,
    ) -> Result<(), EmbeddedNatsError> {
        let written_by = settings.written_by.as_deref().and_then(ServerVersion::parse);
        if written_by.is_some_and(|newest| newest >= release) {
            return Ok(());
        }
        settings.written_by = Some(release.to_string());
        self.keep(settings)
    }

    pub(super) fn configure(
        &self,
        settings: &Settings,
        binary: &Binary,
    ) -> Result<(), EmbeddedNatsError> {
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

    /// Whether a server can read the store; a folder that is not there yet has nothing to read.
    pub(crate) fn check_release(&self, binary: &Binary) -> Result<(), EmbeddedNatsError> {
        if self.settings_file().exists() { self.settings()?.check_release(binary) } else { Ok(()) }
    }

    /// How to reach our server, when one runs.
    pub(crate) fn running_settings(&self) -> Option<NatsConfig> {
        self.running()?;
        let settings = self.settings().ok()?;
        Some(NatsConfig::new(settings.url(), &settings.user, &settings.password))
    }

    /// The process of our server, when one runs: the pid file's, if it was started with our configuration.
    pub(super) fn running(&self) -> Option<Pid> {
        let pid: i32 = std::fs::read_to_string(self.pid_file()).ok()?.trim().parse().ok()?;
        let arguments = std::fs::read(format!("/proc/{pid}/cmdline")).ok()?;
        let ours = self.config_file();
        let ours = ours.as_os_str().as_encoded_bytes();
        arguments.split(|b| *b == 0).any(|argument| argument == ours).then(|| Pid::from_raw(pid))?
    }
}

#[cfg(test)]
mod tests {
    use platform::config::Sync;

    use super::*;

    fn binary(version: ServerVersion, sync: Sync) -> Binary {
        Binary { path: "nats-server".into(), version, sync }
    }

    fn settings() -> Settings {
        Settings {
            port: 4333,
            user: "merpati".into(),
            password: "p".into(),
            max_bytes: None,
            written_by: None,
            services: vec![ServiceUser { name: "shop".into(), password: "s".into() }],
        }
    }

    #[test]
    fn only_newer_servers_are_told_to_sync_always() {
        let folder = Folder::of(Path::new("/data"));
        let render = |version, sync| settings().render(&folder, &binary(version, sync));
        assert!(!render(ServerVersion(2, 9, 10), Sync::Auto).contains("sync_interval"));
        assert!(render(ServerVersion(2, 10, 0), Sync::Auto).contains("sync_interval: always"));
        assert!(!render(ServerVersion(2, 10, 0), Sync::Interval).contains("sync_interval"));
    }

    #[test]
    fn what_is_free_at_a_start_limits_nothing_that_was_kept_before() {
        let folder = Folder::of(Path::new("/data"));
        let text = settings().render(&folder, &binary(ServerVersion(2, 9, 10), Sync::Auto));
        assert!(text.contains("max_file_store: 1125899906842624\n"), "{text}");
    }

    #[test]
    fn what_a_newer_release_wrote_is_not_given_to_2_9() {
        let (old, newer) = (ServerVersion(2, 9, 10), ServerVersion(2, 15, 1));
        let folder = tempfile::tempdir().unwrap();
        let folder = Folder(folder.path().to_owned());
        let mut settings = folder.settings().unwrap();
        for (release, refuses_old) in [(old, false), (newer, true), (old, true)] {
            folder.note_release(&mut settings, release).unwrap();
            let kept = folder.settings().unwrap();
            assert_eq!(kept.check_release(&binary(old, Sync::Auto)).is_err(), refuses_old);
            kept.check_release(&binary(newer, Sync::Auto)).unwrap();
        }
    }

    #[test]
    fn a_service_may_only_publish_requests() {
        let binary = binary(ServerVersion(2, 9, 10), Sync::Auto);
        let text = settings().render(&Folder::of(Path::new("/data")), &binary);
        assert!(text.contains(
            "{ user: \"shop\", password: \"s\", permissions: { publish: [\"sms.v1.mt.request.*\", \"sms.v1.mt.batch.*\"], subscribe: [\"_INBOX.>\"] } }"
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
