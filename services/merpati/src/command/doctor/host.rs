//! What this computer says of its serial ports: permissions, who holds them, sticks without a driver.
//!
//! Everything is read from `/dev`, `/sys` and `/proc`, whose places are parameters.

use std::fs;
use std::path::{Path, PathBuf};

use platform::config::{Modems, PortAddress};
use rustix::fs::{Access, access};

use super::Finding;

/// USB vendors whose sticks first show a disk with Windows drivers and only then a modem.
const DISK_FIRST: [(&str, &str); 4] =
    [("12d1", "Huawei"), ("19d2", "ZTE"), ("1bbb", "Alcatel"), ("2001", "D-Link")];

/// Where the system's files are.
pub(super) struct Roots {
    dev: PathBuf,
    sys: PathBuf,
    proc: PathBuf,
}

impl Roots {
    pub(super) fn system() -> Self {
        Self { dev: "/dev".into(), sys: "/sys".into(), proc: "/proc".into() }
    }
}

/// Looks at the ports: those named in the configuration, and USB serial ports.
pub(super) fn look(roots: &Roots, config: &Modems) -> Vec<Finding> {
    let mut ports = usb_serial_ports(&roots.dev);
    for port in config.named_ports() {
        if let PortAddress::Device(path) = port
            && !ports.contains(&path)
        {
            ports.push(path);
        }
    }
    let processes = processes(&roots.proc);
    let mut findings = Vec::new();
    for port in &ports {
        findings.push(port_finding(port, &processes));
    }
    if ports.is_empty() {
        findings.push(Finding::notice(
            "no-port",
            "There is no USB modem on this computer.",
            "Plug one in. A modem that stays invisible may need its driver: sudo modprobe option. Without hardware: merpati up --sim 2",
        ));
    }
    findings.extend(disk_first_sticks(&roots.sys));
    if processes.iter().any(|process| process.name == "ModemManager") {
        findings.push(Finding::notice(
            "modem-manager",
            "ModemManager runs. It opens every new modem, and keeps it.",
            "When this computer does not use modems for its own network: sudo systemctl disable --now ModemManager",
        ));
    }
    findings
}

fn usb_serial_ports(dev: &Path) -> Vec<PathBuf> {
    let mut ports: Vec<PathBuf> = fs::read_dir(dev)
        .into_iter()
        .flatten()
        .flatten()
        .filter(|entry| {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            name.starts_with("ttyUSB") || name.starts_with("ttyACM")
        })
        .map(|entry| entry.path())
        .collect();
    ports.sort();
    ports
}

fn port_finding(port: &Path, processes: &[Process]) -> Finding {
    let shown = port.display();
    if !port.exists() {
        return Finding::problem(
            "port-missing",
            format!("{shown} is in the configuration, but is not there."),
            "Plug the modem in, or correct modems.ports.",
        );
    }
    if access(port, Access::READ_OK | Access::WRITE_OK).is_err() {
        return Finding::problem(
            "port-permission",
            format!("{shown} may not be opened by this user."),
            "Join the port's group and log in anew: sudo usermod -aG dialout $USER",
        );
    }
    let real = fs::canonicalize(port).unwrap_or_else(|_| port.to_owned());
    let holder = processes.iter().find(|process| process.open.contains(&real));
    match holder {
        Some(process) if process.name == "ModemManager" => Finding::problem(
            "port-modem-manager",
            format!("{shown} is held by ModemManager."),
            "sudo systemctl disable --now ModemManager",
        ),
        Some(process) if process.name == "merpati" => {
            Finding::good("port-ours", format!("{shown} is in use by merpati."))
        }
        Some(process) => Finding::problem(
            "port-held",
            format!("{shown} is held by {} (process {}).", process.name, process.pid),
            "Stop that program, or leave the port to it with modems.ignore.",
        ),
        None => Finding::good("port-free", format!("{shown} can be opened.")),
    }
}

/// Sticks that show themselves as a disk and have no serial port yet.
fn disk_first_sticks(sys: &Path) -> Vec<Finding> {
    let devices = sys.join("bus/usb/devices");
    let read = |path: PathBuf| fs::read_to_string(path).unwrap_or_default().trim().to_owned();
    let mut findings = Vec::new();
    for entry in fs::read_dir(&devices).into_iter().flatten().flatten() {
        let vendor = read(entry.path().join("idVendor"));
        let Some((_, make)) = DISK_FIRST.iter().find(|(id, _)| *id == vendor) else { continue };
        let name = entry.file_name().to_string_lossy().into_owned();
        let interfaces: Vec<PathBuf> = fs::read_dir(&devices)
            .into_iter()
            .flatten()
            .flatten()
            .filter(|other| other.file_name().to_string_lossy().starts_with(&format!("{name}:")))
            .map(|other| other.path())
            .collect();
        let is_disk = interfaces.iter().any(|path| read(path.join("bInterfaceClass")) == "08");
        let has_port = interfaces.iter().any(|path| {
            fs::read_dir(path).into_iter().flatten().flatten().any(|inside| {
                let name = inside.file_name();
                name.to_string_lossy().starts_with("tty")
            })
        });
        if is_disk && !has_port {
            let product = read(entry.path().join("product"));
            findings.push(Finding::problem(
                "stick-is-disk",
                format!("A {make} stick ({product}) shows itself as a disk and not as a modem."),
                "Install the package that switches it: sudo apt install usb-modeswitch; then plug it in again.",
            ));
        }
    }
    findings
}

/// A process and the device files it has open.
struct Process {
    pid: u32,
    name: String,
    open: Vec<PathBuf>,
}

/// The processes that may be seen. Another user's open files are visible to root only.
fn processes(proc: &Path) -> Vec<Process> {
    let entries = fs::read_dir(proc).into_iter().flatten().flatten();
    let process = |entry: fs::DirEntry| {
        let pid = entry.file_name().to_string_lossy().parse().ok()?;
        let name = fs::read_to_string(entry.path().join("comm")).ok()?.trim().to_owned();
        let open = fs::read_dir(entry.path().join("fd"))
            .into_iter()
            .flatten()
            .flatten()
            .filter_map(|link| fs::read_link(link.path()).ok())
            .filter(|target| target.to_string_lossy().contains("tty"))
            .collect();
        Some(Process { pid, name, open })
    };
    entries.filter_map(process).collect()
}

#[cfg(test)]
mod tests {
    use super::super::Grade;
    use super::*;
    use platform::config::{Config, Sources};

    fn write(path: PathBuf, text: &str) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn look_at(folder: &Path) -> Vec<Finding> {
        let roots =
            Roots { dev: folder.join("dev"), sys: folder.join("sys"), proc: folder.join("proc") };
        look(&roots, &Config::load(&Sources::new()).unwrap().modems)
    }

    #[test]
    fn a_computer_without_modems_is_no_problem() {
        let folder = tempfile::tempdir().unwrap();
        let findings = look_at(folder.path());
        assert_eq!(findings.len(), 1);
        assert_eq!((findings[0].code, findings[0].grade), ("no-port", Grade::Notice));
    }

    #[test]
    fn modem_manager_on_a_port_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let port = folder.path().join("dev/ttyUSB0");
        write(port.clone(), "");
        write(folder.path().join("proc/17/comm"), "ModemManager\n");
        fs::create_dir_all(folder.path().join("proc/17/fd")).unwrap();
        let real = fs::canonicalize(&port).unwrap();
        std::os::unix::fs::symlink(real, folder.path().join("proc/17/fd/9")).unwrap();
        let codes: Vec<&str> = look_at(folder.path()).iter().map(|f| f.code).collect();
        assert_eq!(codes, ["port-modem-manager", "modem-manager"]);
    }

    #[test]
    fn a_stick_that_is_still_a_disk_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let devices = folder.path().join("sys/bus/usb/devices");
        write(devices.join("1-1/idVendor"), "12d1\n");
        write(devices.join("1-1/product"), "HUAWEI Mobile\n");
        write(devices.join("1-1:1.0/bInterfaceClass"), "08\n");
        let findings = look_at(folder.path());
        let stick = findings.iter().find(|f| f.code == "stick-is-disk").unwrap();
        assert!(stick.text.contains("HUAWEI Mobile"));
        // Once it is switched it has a serial port.
        fs::create_dir_all(devices.join("1-1:1.1/ttyUSB0")).unwrap();
        assert!(!look_at(folder.path()).iter().any(|f| f.code == "stick-is-disk"));
    }
}
