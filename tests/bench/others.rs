//! smstools and gammu-smsd, from the distribution's packages, set as fast as their documentation has it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use testkit::wait_for_within;
use tokio::process::{Child, Command};

use crate::gateway::PATIENCE;

/// Where the packages have the programs.
pub(crate) const SMSD: &str = "/usr/sbin/smsd";
pub(crate) const GAMMU: &str = "/usr/bin/gammu-smsd";

/// What smstools is told beside folders and devices.
pub(crate) const SMSTOOLS_SETTINGS: &str =
    "delaytime = 1\ndelaytime_mainprocess = 1\ntrust_outgoing = yes\n";
/// What it is told of each modem.
pub(crate) const SMSTOOLS_MODEM: &str =
    "baudrate = 115200\nrtscts = no\nincoming = yes\ncheck_network = 0\n";

/// What gammu-smsd is told beside folders.
pub(crate) const GAMMU_SETTINGS: &str = "loopsleep = 0\ncommtimeout = 1\nreceivefrequency = 3600\n\
    statusfrequency = 0\nchecksecurity = 0\ncheckbattery = 0\nchecksignal = 0\nchecknetwork = 0\n";

/// A process group that ends with what started it.
struct Group(Child);

impl Group {
    /// Starts a program whose output nobody reads.
    fn start(program: &str, arguments: &[&str], config: &Path) -> Self {
        let child = Command::new(program)
            .args(arguments)
            .arg(config)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .unwrap_or_else(|error| panic!("{program}: {error}"));
        Self(child)
    }

    /// The process and those it started.
    fn pids(&self) -> Vec<u32> {
        let pid = self.0.id().unwrap();
        let children = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children"));
        let children = children.unwrap_or_default();
        let children = children.split_whitespace().filter_map(|child| child.parse().ok());
        std::iter::once(pid).chain(children).collect()
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        let pid = self.0.id().and_then(|pid| i32::try_from(pid).ok());
        if let Some(group) = pid.and_then(rustix::process::Pid::from_raw) {
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
    }
}

/// One smsd with all modems, which share its queue: a folder of files.
pub(crate) struct Smstools {
    smsd: Group,
    folder: PathBuf,
}

impl Smstools {
    /// Starts it, and waits until each modem waits for messages.
    pub(crate) async fn start(folder: &Path, ports: &[String]) -> Self {
        let names: Vec<String> = (1..=ports.len()).map(|place| format!("modem{place}")).collect();
        let mut config = format!("devices = {}\n", names.join(", "));
        for name in ["outgoing", "checked", "sent", "failed", "incoming", "report", "written"] {
            std::fs::create_dir_all(folder.join(name)).unwrap();
            if name != "written" {
                writeln!(config, "{name} = {}", folder.join(name).display()).unwrap();
            }
        }
        let log = folder.join("log");
        write!(
            config,
            "infofile = {0}/working\npidfile = {0}/pid\nlogfile = {1}\nloglevel = 5\n{SMSTOOLS_SETTINGS}",
            folder.display(),
            log.display()
        )
        .unwrap();
        for (name, port) in names.iter().zip(ports) {
            write!(config, "\n[{name}]\ndevice = {port}\n{SMSTOOLS_MODEM}").unwrap();
        }
        let file = folder.join("smsd.conf");
        std::fs::write(&file, config).unwrap();
        let smsd = Group::start(SMSD, &["-t", "-c"], &file);
        wait_for_within(PATIENCE, "smsd's modems", || async {
            let said = std::fs::read_to_string(&log).unwrap_or_default();
            // The last that it says of setting a modem up.
            let ready = said.matches(": IMSI: ").count();
            (ready >= ports.len()).then_some(())
        })
        .await;
        Self { smsd, folder: folder.to_owned() }
    }

    /// Puts a file for each number into its queue, by renaming, as its documentation wants it.
    pub(crate) fn hand_in(&self, numbers: &[String]) {
        for number in numbers {
            let text = format!("To: {}\n\nbenchmark", number.trim_start_matches('+'));
            let (written, queue) = (self.folder.join("written"), self.folder.join("outgoing"));
            place(&written.join(number), &queue.join(number), &text);
        }
    }

    pub(crate) fn pids(&self) -> Vec<u32> {
        self.smsd.pids()
    }
}

/// A gammu-smsd for each modem, with a folder of files each.
pub(crate) struct Gammu {
    daemons: Vec<(Group, PathBuf)>,
}

impl Gammu {
    /// Starts them. Each is ready when it has sent a first message.
    pub(crate) fn start(folder: &Path, ports: &[String]) -> Self {
        let daemon = |(place, port): (usize, &String)| {
            let folder = folder.join(format!("modem{}", place + 1));
            let mut config = format!(
                "[gammu]\ndevice = {port}\nconnection = at115200\nsynchronizetime = no\n\n\
                 [smsd]\nservice = files\n{GAMMU_SETTINGS}"
            );
            for name in ["inbox", "outbox", "sentsms", "errorsms", "written"] {
                std::fs::create_dir_all(folder.join(name)).unwrap();
                if name != "written" {
                    writeln!(config, "{name}path = {}/", folder.join(name).display()).unwrap();
                }
            }
            let file = folder.join("gammu-smsdrc");
            std::fs::write(&file, config).unwrap();
            (Group::start(GAMMU, &["-c"], &file), folder)
        };
        Self { daemons: ports.iter().enumerate().map(daemon).collect() }
    }

    /// Puts a file for each number into the folders in turn.
    pub(crate) fn hand_in(&self, numbers: &[String]) {
        for (number, (_, folder)) in numbers.iter().zip(self.daemons.iter().cycle()) {
            let name = format!("OUT{number}.txt");
            place(
                &folder.join("written").join(&name),
                &folder.join("outbox").join(&name),
                "benchmark",
            );
        }
    }

    pub(crate) fn pids(&self) -> Vec<u32> {
        self.daemons.iter().flat_map(|(daemon, _)| daemon.pids()).collect()
    }
}

/// Writes a file, and renames it when it is whole.
fn place(written: &Path, to: &Path, text: &str) {
    std::fs::write(written, text).unwrap();
    std::fs::rename(written, to).unwrap();
}
