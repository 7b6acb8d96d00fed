//! Temporary databases: SQLite files, and databases of a private PostgreSQL server.
//!
//! The server is the distribution's, started once for a test process on a free port with its data in a
//! temporary folder, and every test has a database of its own. A small shell stands between: it ends
//! the server and removes the folder when this process is gone, also after `kill -9`, for it reads from
//! a pipe that only this process holds. PostgreSQL refuses to run as root, so for root it runs as
//! `postgres` or `nobody`.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use tempfile::TempDir;

const USER: &str = "merpati";

/// Ends the server and removes its folder when the pipe on its standard input is closed.
const KEEPER: &str = r#"
dir=$1; shift
"$@" &
server=$!
cat >/dev/null
kill -INT "$server" 2>/dev/null
wait "$server"
rm -rf "$dir"
"#;

/// A database that nobody else uses.
#[derive(Debug)]
pub struct TempDatabase {
    url: String,
    _dir: Option<TempDir>,
}

impl TempDatabase {
    /// A SQLite database in a new folder; the file itself is not made.
    ///
    /// # Panics
    /// When there can be no temporary folder.
    pub fn sqlite() -> Self {
        let dir = TempDir::with_prefix("merpati-sqlite-").expect("a temporary folder");
        let url = format!("sqlite://{}", dir.path().join("merpati.db").display());
        Self { url, _dir: Some(dir) }
    }

    /// An empty PostgreSQL database, in a server that is started for this process when it is first
    /// asked for.
    ///
    /// # Panics
    /// When PostgreSQL is not installed or does not start.
    pub async fn postgres() -> Self {
        tokio::task::spawn_blocking(Self::make_postgres).await.expect("a PostgreSQL database")
    }

    /// Where it is.
    pub fn url(&self) -> &str {
        &self.url
    }

    fn make_postgres() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        static SERVER: Mutex<Option<Postgres>> = Mutex::new(None);
        let mut server = SERVER.lock().unwrap_or_else(PoisonError::into_inner);
        let server = server.get_or_insert_with(Postgres::start);
        let name = format!("test_{}", COUNT.fetch_add(1, Ordering::Relaxed));
        let created = server.psql(&format!("CREATE DATABASE {name}"));
        assert!(created.is_ok(), "no database: {created:?}");
        let url = format!("postgres://{USER}@127.0.0.1:{}/{name}", server.port);
        Self { url, _dir: None }
    }
}

/// The server of this process.
struct Postgres {
    bin: PathBuf,
    port: u16,
    _keeper: Child,
}

impl Postgres {
    fn start() -> Self {
        let bin = find_bin();
        // Another process may take the port between looking and listening.
        let mut log = String::new();
        for _ in 0..3 {
            match Self::try_start(&bin) {
                Ok(server) => return server,
                Err(words) => log = words,
            }
        }
        panic!("PostgreSQL did not start; its log:\n{log}")
    }

    fn try_start(bin: &Path) -> Result<Self, String> {
        let dir = TempDir::with_prefix("merpati-postgres-").expect("a temporary folder").keep();
        init(bin, &dir);
        let (data, account) = (dir.join("data"), Account::of_postgres());
        let port = free_port();
        let keeper = Self::keep(bin, &dir, &data, port, account.as_ref());
        let server = Self { bin: bin.to_owned(), port, _keeper: keeper };
        let until = Instant::now() + Duration::from_secs(20);
        loop {
            if server.psql("SELECT 1").is_ok() {
                return Ok(server);
            }
            let log = fs::read_to_string(dir.join("log")).unwrap_or_default();
            if log.contains("FATAL:  could not create") || Instant::now() > until {
                return Err(log);
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn keep(bin: &Path, dir: &Path, data: &Path, port: u16, account: Option<&Account>) -> Child {
        let server = as_account(account, &bin.join("postgres"));
        let log = fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(dir.join("log"))
            .expect("a log file");
        Command::new("sh")
            .args(["-c", KEEPER, "postgres-keeper"])
            .arg(dir)
            .arg(server.get_program())
            .args(server.get_args())
            .arg("-D")
            .arg(data)
            .arg("-k")
            .arg(dir)
            .args(["-p", &port.to_string(), "-c", "listen_addresses=127.0.0.1"])
            // A test's data need not survive anything.
            .args(["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"])
            .args(["-c", "max_connections=200", "-c", "shared_buffers=32MB"])
            .current_dir(dir)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("sh runs")
    }

    fn psql(&self, statement: &str) -> Result<(), String> {
        psql(&self.bin, self.port, statement)
    }
}

/// A PostgreSQL server of one test's own, that can be killed and started again. What it committed survives that, though
/// not the death of the machine. Killed when dropped.
#[derive(Debug)]
pub struct PostgresServer {
    bin: PathBuf,
    dir: TempDir,
    port: u16,
    child: Option<Child>,
}

impl PostgresServer {
    /// A server with one empty database.
    ///
    /// # Panics
    /// When PostgreSQL is not installed or does not start.
    pub async fn start() -> Self {
        let made = tokio::task::spawn_blocking(|| {
            let bin = find_bin();
            let dir = TempDir::with_prefix("merpati-postgres-").expect("a temporary folder");
            init(&bin, dir.path());
            Self { bin, dir, port: free_port(), child: None }
        });
        let mut server = made.await.expect("a folder for PostgreSQL");
        server.restart().await;
        let created = psql(&server.bin, server.port, "CREATE DATABASE merpati");
        assert!(created.is_ok(), "no database: {created:?}");
        server
    }

    /// Where the database is. It stays the same over [`PostgresServer::restart`].
    pub fn url(&self) -> String {
        format!("postgres://{USER}@127.0.0.1:{}/merpati", self.port)
    }

    /// The database, for who takes a [`TempDatabase`]. It is there as long as this server.
    pub fn database(&self) -> TempDatabase {
        TempDatabase { url: self.url(), _dir: None }
    }

    /// Kills the server (SIGKILL); the processes of its connections end by themselves.
    pub fn kill9(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// Makes the server and its connections stand still (SIGSTOP): it takes connections and bytes, and answers nothing.
    /// [`PostgresServer::resume`] lets it go on.
    ///
    /// # Panics
    /// When it does not run.
    pub fn pause(&self) {
        self.signal("-STOP");
    }

    /// Lets it go on.
    ///
    /// # Panics
    /// When it does not run.
    pub fn resume(&self) {
        self.signal("-CONT");
    }

    /// To the server first, so that it starts nobody while its children are looked up.
    fn signal(&self, signal: &str) {
        let server = self.child.as_ref().expect("the server runs").id().to_string();
        for whom in ["kill", "pkill"] {
            let mut command = Command::new(whom);
            command.arg(signal).args((whom == "pkill").then_some("-P")).arg(&server);
            let done = command.status().expect("kill and pkill run");
            assert!(done.success(), "{whom} {signal}: {done}");
        }
    }

    /// Starts it again on the same port and data, after killing it if it still runs.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn restart(&mut self) {
        self.kill9();
        let log = self.dir.path().join("log");
        crate::wait_for("PostgreSQL to start", || {
            // It refuses as long as the processes of its former connections are there.
            let ended =
                self.child.as_mut().is_none_or(|child| !matches!(child.try_wait(), Ok(None)));
            if ended {
                self.child = Some(self.launch(&log));
            }
            let answers = psql(&self.bin, self.port, "SELECT 1").ok();
            std::future::ready(answers)
        })
        .await;
    }

    fn launch(&self, log: &Path) -> Child {
        let log = fs::OpenOptions::new().create(true).append(true).open(log).expect("a log file");
        as_account(Account::of_postgres().as_ref(), &self.bin.join("postgres"))
            .arg("-D")
            .arg(self.dir.path().join("data"))
            .arg("-k")
            .arg(self.dir.path())
            .args(["-p", &self.port.to_string(), "-c", "listen_addresses=127.0.0.1"])
            // What is written reaches the system at each commit, and that goes on living.
            .args(["-c", "fsync=off", "-c", "shared_buffers=32MB"])
            .current_dir(self.dir.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("PostgreSQL runs")
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        self.kill9();
    }
}

/// Makes the data of a server in a folder, which then belongs to the account it runs under.
fn init(bin: &Path, dir: &Path) {
    let account = Account::of_postgres();
    if let Some(account) = &account {
        chown(dir, Some(account.uid), Some(account.gid)).expect("the folder given away");
    }
    let made = as_account(account.as_ref(), &bin.join("initdb"))
        .current_dir(dir)
        .args(["--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"])
        .args(["--username", USER, "--pgdata"])
        .arg(dir.join("data"))
        .output()
        .expect("initdb runs");
    assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
}

fn psql(bin: &Path, port: u16, statement: &str) -> Result<(), String> {
    let done = Command::new(bin.join("psql"))
        .args(["-X", "-q", "-h", "127.0.0.1", "-p", &port.to_string(), "-U", USER])
        .args(["-d", "postgres", "-c", statement])
        .stdin(Stdio::null())
        .output()
        .map_err(|error| error.to_string())?;
    if done.status.success() {
        Ok(())
    } else {
        Err(String::from_utf8_lossy(&done.stderr).into_owned())
    }
}

/// The newest of the distribution's, or the folder that `PG_BIN` names.
fn find_bin() -> PathBuf {
    if let Some(bin) = std::env::var_os("PG_BIN") {
        return PathBuf::from(bin);
    }
    let version = |dir: &Path| -> u32 {
        dir.file_name().and_then(|name| name.to_str()?.parse().ok()).unwrap_or(0)
    };
    fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|dir| dir.join("bin/initdb").is_file())
        .max_by_key(|dir| version(dir))
        .map_or_else(
            || panic!("PostgreSQL is not installed: apt-get install postgresql"),
            |dir| dir.join("bin"),
        )
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("its address").port()
}

/// The account PostgreSQL runs under when we are root.
struct Account {
    uid: u32,
    gid: u32,
}

impl Account {
    /// None when we are not root.
    fn of_postgres() -> Option<Self> {
        if !rustix::process::geteuid().is_root() {
            return None;
        }
        let passwd = fs::read_to_string("/etc/passwd").expect("/etc/passwd");
        let find = |name: &str| {
            passwd.lines().find_map(|line| {
                let fields: Vec<&str> = line.split(':').collect();
                (fields.first() == Some(&name)).then_some(())?;
                Some(Self { uid: fields.get(2)?.parse().ok()?, gid: fields.get(3)?.parse().ok()? })
            })
        };
        find("postgres").or_else(|| find("nobody"))
    }
}

fn as_account(account: Option<&Account>, program: &Path) -> Command {
    let Some(account) = account else { return Command::new(program) };
    let mut command = Command::new("setpriv");
    command
        .arg(format!("--reuid={}", account.uid))
        .arg(format!("--regid={}", account.gid))
        .args(["--clear-groups", "--"])
        .arg(program);
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn two_databases_of_one_server() {
        let (a, b) = tokio::join!(TempDatabase::postgres(), TempDatabase::postgres());
        assert_ne!(a.url(), b.url());
        let run = |url: &str, statement: &str| {
            let done = Command::new(find_bin().join("psql"))
                .args(["-X", "-q", "-A", "-t", "-d", url, "-c", statement])
                .output()
                .unwrap();
            assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
            String::from_utf8_lossy(&done.stdout).trim().to_owned()
        };
        run(a.url(), "CREATE TABLE t (x int)");
        assert_eq!(run(b.url(), "SELECT count(*) FROM pg_tables WHERE tablename = 't'"), "0");
    }

    #[test]
    fn sqlite_has_a_folder_of_its_own() {
        let (a, b) = (TempDatabase::sqlite(), TempDatabase::sqlite());
        assert_ne!(a.url(), b.url());
        let path = a.url().strip_prefix("sqlite://").unwrap();
        fs::write(path, "").unwrap();
    }
}
