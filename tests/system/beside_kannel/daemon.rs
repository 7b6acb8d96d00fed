//! Kannel itself, from the distribution's package.

use std::path::Path;
use std::process::Stdio;

use testkit::wait_for_within;
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

use crate::gateway::PATIENCE;

/// The name of the user that may send.
pub(super) const USER: &str = "tester";

/// Where the package has the programs.
pub(super) const PROGRAMS: &str = "/usr/sbin";

/// A bearerbox with service centres, and an smsbox.
pub(super) struct Kannel {
    /// The bearerbox and the smsbox.
    pub(super) boxes: [Child; 2],
    /// Where `sendsms` is, as `HOST:PORT`.
    pub(super) sendsms: String,
}

impl Kannel {
    /// Starts one in `folder` and waits until all service centres are online. `core` is what the group of that name
    /// has beside its ports, and each of `centres` is a group.
    pub(super) async fn start(
        folder: &Path,
        core: &str,
        centres: &[String],
        password: &str,
    ) -> Self {
        let [admin, smsbox, sendsms] = free_ports();
        let config = folder.join("kannel.conf");
        let text = format!(
            "group = core\nadmin-port = {admin}\nadmin-interface = 127.0.0.1\nadmin-password = x\n\
             smsbox-port = {smsbox}\nsmsbox-interface = 127.0.0.1\nbox-allow-ip = 127.0.0.1\nlog-level = 3\n\
             {core}\n\
             group = modems\nid = sim\nname = sim\nspeed = 115200\nsendline-sleep = 1\n\n\
             group = smsbox\nbearerbox-host = 127.0.0.1\nsendsms-port = {sendsms}\n\
             sendsms-interface = 127.0.0.1\nlog-level = 3\nglobal-sender = 1234\n\n\
             group = sendsms-user\nusername = {USER}\npassword = {password}\nmax-messages = 10\n\
             concatenation = true\n\n\
             group = sms-service\nkeyword = default\nmax-messages = 0\ntext = none\n\n{}",
            centres.join("\n")
        );
        std::fs::write(&config, text).unwrap();
        let bearerbox = spawn("bearerbox", &config);
        answers(&format!("127.0.0.1:{smsbox}"), "bearerbox").await;
        let smsbox = spawn("smsbox", &config);
        let sendsms = format!("127.0.0.1:{sendsms}");
        answers(&sendsms, "smsbox").await;
        let status = format!("http://127.0.0.1:{admin}/status.txt?password=x");
        wait_for_within(PATIENCE, "Kannel's service centres and smsbox", || async {
            let text = reqwest::get(&status).await.ok()?.text().await.ok()?;
            let online = text.matches("(online").count();
            let is_up = online == centres.len() && text.contains("smsbox:");
            is_up.then_some(())
        })
        .await;
        Self { boxes: [bearerbox, smsbox], sendsms }
    }
}

pub(super) fn spawn(program: &str, config: &Path) -> Child {
    // `log-level` is for its log file; what it writes to stderr is all there is, unless it is told.
    Command::new(Path::new(PROGRAMS).join(program))
        .args(["-v", "4"])
        .arg(config)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap_or_else(|error| {
            panic!("{program}: {error}. The package kannel is missing; tests/run installs it")
        })
}

pub(super) async fn answers(address: &str, what: &str) {
    wait_for_within(PATIENCE, what, || async { TcpStream::connect(address).await.ok() }).await;
}

/// Ports that were free a moment ago: Kannel cannot choose for itself.
pub(super) fn free_ports<const COUNT: usize>() -> [u16; COUNT] {
    let listeners = [(); COUNT].map(|()| std::net::TcpListener::bind("127.0.0.1:0").unwrap());
    listeners.each_ref().map(|listener| listener.local_addr().unwrap().port())
}
