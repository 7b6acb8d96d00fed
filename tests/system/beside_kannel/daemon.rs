//! Kannel itself, from the distribution's package.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Stdio;

use modem_sim::PortAddress;
use testkit::wait_for_within;
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

use super::requests::USER;
use crate::gateway::PATIENCE;

/// A bearerbox with modems, and an smsbox.
pub(super) struct Kannel {
    pub(super) _boxes: [Child; 2],
    pub(super) sendsms: String,
}

impl Kannel {
    pub(super) async fn start(folder: &Path, modems: &[PortAddress], password: &str) -> Self {
        let [admin, smsbox, sendsms] = free_ports();
        let config = folder.join("kannel.conf");
        let mut text = format!(
            "group = core\nadmin-port = {admin}\nadmin-interface = 127.0.0.1\nadmin-password = x\n\
             smsbox-port = {smsbox}\nsmsbox-interface = 127.0.0.1\nbox-allow-ip = 127.0.0.1\nlog-level = 3\n\
             sms-resend-freq = 1\n\n\
             group = modems\nid = sim\nname = sim\nspeed = 115200\nsendline-sleep = 1\n\n\
             group = smsbox\nbearerbox-host = 127.0.0.1\nsendsms-port = {sendsms}\n\
             sendsms-interface = 127.0.0.1\nlog-level = 3\nglobal-sender = 1234\n\n\
             group = sendsms-user\nusername = {USER}\npassword = {password}\nmax-messages = 10\n\
             concatenation = true\n\n\
             group = sms-service\nkeyword = default\nmax-messages = 0\ntext = none\n"
        );
        for modem in modems {
            let PortAddress::Tcp(modem) = modem else { panic!("{modem} is no TCP port") };
            write!(
                text,
                "\ngroup = smsc\nsmsc = at\nsmsc-id = air\nmodemtype = sim\ndevice = rawtcp\n\
                 host = 127.0.0.1\nport = {}\nvalidityperiod = 167\n",
                modem.port()
            )
            .unwrap();
        }
        std::fs::write(&config, text).unwrap();
        let bearerbox = spawn("bearerbox", &config);
        answers(&format!("127.0.0.1:{smsbox}"), "bearerbox").await;
        let smsbox = spawn("smsbox", &config);
        let sendsms = format!("127.0.0.1:{sendsms}");
        answers(&sendsms, "smsbox").await;
        let status = format!("http://127.0.0.1:{admin}/status.txt?password=x");
        wait_for_within(PATIENCE, "Kannel's modem and smsbox", || async {
            let text = reqwest::get(&status).await.ok()?.text().await.ok()?;
            let online = text.matches("(online").count();
            let is_up = online == modems.len() && text.contains("smsbox:");
            is_up.then_some(())
        })
        .await;
        Self { _boxes: [bearerbox, smsbox], sendsms }
    }
}

pub(super) fn spawn(program: &str, config: &Path) -> Child {
    Command::new(Path::new("/usr/sbin").join(program))
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
pub(super) fn free_ports() -> [u16; 3] {
    let listeners = [(); 3].map(|()| std::net::TcpListener::bind("127.0.0.1:0").unwrap());
    listeners.each_ref().map(|listener| listener.local_addr().unwrap().port())
}
