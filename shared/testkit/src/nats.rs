//! A real nats-server with JetStream, one for each test.

use std::fs;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// The user that [`NatsServer`] lets in.
pub const USER: &str = "merpati";
/// That user's password.
pub const PASSWORD: &str = "test-password";

/// A nats-server on a free loopback port with its store in a temporary folder. Killed when dropped.
#[derive(Debug)]
pub struct NatsServer {
    dir: TempDir,
    program: PathBuf,
    extra: String,
    port: u16,
    child: Option<Child>,
}

impl NatsServer {
    /// Starts the `nats-server` of the path, or the one that `NATS_SERVER` names.
    ///
    /// # Panics
    /// When there is none, or it does not start.
    pub async fn start() -> Self {
        Self::start_with("").await
    }

    /// Like [`NatsServer::start`], with more lines for its configuration file.
    pub async fn start_with(extra: &str) -> Self {
        let program = std::env::var_os("NATS_SERVER").map_or_else(find_program, PathBuf::from);
        Self::start_program(program, extra).await
    }

    /// Starts another program than the installed one, to test an older or newer release.
    pub async fn start_program(program: PathBuf, extra: &str) -> Self {
        Self::start_in(&std::env::temp_dir(), program, extra).await
    }

    /// Like [`NatsServer::start_program`], with its temporary folder in `parent`.
    pub async fn start_in(parent: &Path, program: PathBuf, extra: &str) -> Self {
        let dir = TempDir::with_prefix_in("merpati-nats-", parent).expect("a temporary folder");
        let mut server = Self { dir, program, extra: extra.to_owned(), port: 0, child: None };
        server.launch().await;
        server
    }

    /// `nats://127.0.0.1:PORT`, without user and password.
    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// Its port. It stays the same over [`NatsServer::restart`].
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The user it lets in.
    pub fn user(&self) -> &'static str {
        USER
    }

    /// That user's password.
    pub fn password(&self) -> &'static str {
        PASSWORD
    }

    /// The folder with its store and its configuration.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// Its process id.
    ///
    /// # Panics
    /// When it is not running.
    pub fn pid(&self) -> u32 {
        self.child.as_ref().expect("nats-server is running").id()
    }

    /// Kills it as a power cut would kill the process: nothing is flushed by it. The store stays.
    pub fn kill9(&mut self) {
        self.end(rustix::process::Signal::KILL);
    }

    /// Ends it in peace (SIGTERM) and waits for that. The store stays.
    pub fn stop(&mut self) {
        self.end(rustix::process::Signal::TERM);
    }

    /// Starts it again on the same port and store, after killing it if it still runs.
    pub async fn restart(&mut self) {
        self.kill9();
        self.launch().await;
    }

    /// Holds it still (SIGSTOP): it takes connections and answers nothing, until [`NatsServer::resume`].
    /// Returns when every thread of it stands.
    pub async fn pause(&self) {
        self.signal(rustix::process::Signal::STOP);
        let tasks = PathBuf::from(format!("/proc/{}/task", self.pid()));
        crate::wait_for("nats-server to stand still", || async {
            fs::read_dir(&tasks).ok()?.flatten().all(|task| is_stopped(&task.path())).then_some(())
        })
        .await;
    }

    /// Lets it go on.
    pub fn resume(&self) {
        self.signal(rustix::process::Signal::CONT);
    }

    fn signal(&self, signal: rustix::process::Signal) {
        if let Some(child) = &self.child {
            let pid = rustix::process::Pid::from_child(child);
            // It may have ended by itself, which is not for us to complain about.
            let _ = rustix::process::kill_process(pid, signal);
        }
    }

    fn end(&mut self, signal: rustix::process::Signal) {
        self.signal(signal);
        if let Some(mut child) = self.child.take() {
            let _ = child.wait();
        }
    }

    async fn launch(&mut self) {
        let dir = self.dir.path();
        let ports = dir.join("ports");
        let _ = fs::remove_dir_all(&ports);
        fs::create_dir(&ports).expect("a folder for the ports file");
        let config = dir.join("nats.conf");
        write_private(&config, &self.config(&ports));
        let log = fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(dir.join("nats.log"))
            .expect("a log file");
        let child = Command::new(&self.program)
            .arg("-c")
            .arg(&config)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap_or_else(|error| {
                panic!(
                    "cannot start {}: {error}. Install nats-server 2.9.10 or newer",
                    self.program.display()
                )
            });
        let pid = child.id();
        self.child = Some(child);
        self.port = self.wait_until_ready(&ports, pid).await;
    }

    fn config(&self, ports: &Path) -> String {
        let port = if self.port == 0 { -1 } else { i32::from(self.port) };
        let dir = self.dir.path();
        format!(
            "listen: \"127.0.0.1:{port}\"\n\
             ports_file_dir: \"{}\"\n\
             authorization {{ user: \"{USER}\", password: \"{PASSWORD}\" }}\n\
             jetstream {{ store_dir: \"{}\" }}\n\
             {}\n",
            ports.display(),
            dir.join("store").display(),
            self.extra
        )
    }

    async fn wait_until_ready(&mut self, ports: &Path, pid: u32) -> u16 {
        let file = ports.join(format!(
            "{}_{pid}.ports",
            self.program.file_name().map_or_else(
                || "nats-server".to_owned(),
                |name| name.to_string_lossy().into_owned(),
            )
        ));
        let until = Instant::now() + Duration::from_secs(20);
        loop {
            if let Some(port) = fs::read_to_string(&file).ok().and_then(|text| read_port(&text)) {
                return port;
            }
            let ended = self.child.as_mut().and_then(|child| child.try_wait().ok().flatten());
            assert!(
                ended.is_none() && Instant::now() < until,
                "nats-server did not start ({ended:?}); its log:\n{}",
                fs::read_to_string(self.dir.path().join("nats.log")).unwrap_or_default()
            );
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }
}

impl Drop for NatsServer {
    fn drop(&mut self) {
        self.kill9();
    }
}

/// The state stands after the name, which is in brackets and may hold anything.
fn is_stopped(task: &Path) -> bool {
    let stat = fs::read_to_string(task.join("stat")).unwrap_or_default();
    stat.rsplit_once(')').is_none_or(|(_, rest)| rest.trim_start().starts_with('T'))
}

/// The installed `nats-server`, and the newer one that `tests/newer-nats-server` fetches. When that was not
/// fetched, this says so, and the first is alone.
pub fn nats_servers() -> Vec<PathBuf> {
    let target = std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target"), PathBuf::from);
    let newer = target.join(NEWER);
    let mut programs = vec![find_program()];
    if newer.is_file() {
        programs.push(newer);
    } else {
        println!("NOT TRIED with a newer nats-server: run tests/newer-nats-server to fetch it");
    }
    programs
}

/// Where `tests/newer-nats-server` puts it, in the target folder.
const NEWER: &str = "nats-server-2.15.1/bin/nats-server";

/// The distributions put it in a system folder that is not in everybody's path.
fn find_program() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(["/usr/sbin", "/usr/local/sbin", "/usr/local/bin"].map(PathBuf::from))
        .map(|dir| dir.join("nats-server"))
        .find(|program| program.is_file())
        .unwrap_or_else(|| PathBuf::from("nats-server"))
}

fn write_private(path: &Path, text: &str) {
    use std::io::Write as _;
    let mut file = fs::OpenOptions::new()
        .create(true)
        .truncate(true)
        .write(true)
        .mode(0o600)
        .open(path)
        .expect("nats-server's configuration file");
    file.write_all(text.as_bytes()).expect("nats-server's configuration written");
}

/// The client port out of `{"nats":["nats://127.0.0.1:4222"],…}`.
fn read_port(ports_file: &str) -> Option<u16> {
    let (_, rest) = ports_file.split_once("\"nats\"")?;
    let (_, rest) = rest.split_once("nats://127.0.0.1:")?;
    rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_is_read() {
        let text = r#"{"nats":["nats://127.0.0.1:38871"],"monitoring":["http://127.0.0.1:80"]}"#;
        assert_eq!(read_port(text), Some(38871));
        assert_eq!(read_port(""), None);
    }

    #[tokio::test]
    async fn it_restarts_on_the_same_port() {
        let mut server = NatsServer::start().await;
        let (port, first) = (server.port(), server.pid());
        std::net::TcpStream::connect(("127.0.0.1", port)).expect("it listens");
        server.kill9();
        assert!(std::net::TcpStream::connect(("127.0.0.1", port)).is_err());
        server.restart().await;
        assert_eq!(server.port(), port);
        assert_ne!(server.pid(), first);
        std::net::TcpStream::connect(("127.0.0.1", port)).expect("it listens again");
    }
}
