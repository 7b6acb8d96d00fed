//! What this computer says of its serial ports: permissions, who holds them, sticks without a driver.
//!
//! Everything is read from `/dev`, `/sys` and `/proc`, whose places are parameters.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use modem::Models;
use modem_driver::usb;
use platform::config::{Modems, PortAddress};
use rustix::fs::{Access, access};

use super::{Finding, devices};

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
    let devices = devices::look(&roots.sys);
    if ports.is_empty() && devices.is_empty() {
        findings.push(Finding::notice(
            "no-port",
            "There is no USB modem on this computer.",
            "Plug one in; in a container, give it the device. Without hardware: merpati up --sim 2",
        ));
    }
    findings.extend(devices);
    findings.extend(unseen_ports(roots));
    findings.extend(wrong_interfaces(roots, config));
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
    let mut ports: Vec<PathBuf> = names(dev).into_iter().map(|name| dev.join(name)).collect();
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
        return port_access_finding(&shown.to_string(), group_of(port).as_deref());
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

fn port_access_finding(port: &str, group: Option<&str>) -> Finding {
    let group = group.unwrap_or("dialout");
    Finding::problem(
        "port-permission",
        format!("{port} may not be opened by this user."),
        format!("Join the port's group and log in anew: sudo usermod -aG {group} $USER"),
    )
}

/// The name of a file's group, where `/etc/group` has it: `dialout`, on some systems `uucp`.
fn group_of(file: &Path) -> Option<String> {
    let gid = fs::metadata(file).ok()?.gid().to_string();
    let groups = fs::read_to_string("/etc/group").ok()?;
    let line = groups.lines().find(|line| line.split(':').nth(2) == Some(gid.as_str()))?;
    line.split(':').next().filter(|name| *name != "root").map(str::to_owned)
}

/// Ports the kernel has and `/dev` has not: a container that was not given them.
fn unseen_ports(roots: &Roots) -> Vec<Finding> {
    let known = names(&roots.dev);
    let unseen =
        names(&roots.sys.join("class/tty")).into_iter().filter(|name| !known.contains(name));
    let finding = |name: String| {
        Finding::problem(
            "port-not-given",
            format!("The system has the port {name}, but here is no /dev/{name}."),
            format!(
                "In a container: start it with --device /dev/{name}, or --privileged -v /dev:/dev to see modems that are plugged in later."
            ),
        )
    };
    unseen.map(finding).collect()
}

/// Named ports that take no commands, by what is known of the stick.
fn wrong_interfaces(roots: &Roots, config: &Modems) -> Vec<Finding> {
    let models = Models::built_in();
    let usb = usb::Roots { dev: roots.dev.clone(), sys: roots.sys.clone() };
    let sticks = usb::sticks(&usb);
    let mut findings = Vec::new();
    for port in config.named_ports() {
        let PortAddress::Device(named) = port else { continue };
        let is_named =
            |path: &Path| path == named || fs::canonicalize(&named).is_ok_and(|real| real == path);
        let found = sticks.iter().find_map(|stick| {
            let port = stick.ports.iter().find(|port| is_named(&port.path))?;
            Some((stick, port.interface))
        });
        let Some((stick, interface)) = found else { continue };
        let id = |number: u16| format!("{number:04x}");
        let known = models.command_interfaces(&id(stick.vendor), &id(stick.product));
        let Some(takes) = known.filter(|known| !known.contains(&interface)) else { continue };
        let right = takes.iter().find_map(|wanted| {
            Some(stick.ports.iter().find(|port| port.interface == *wanted)?.path.display())
        });
        let advice = match right {
            Some(right) => {
                format!("Name {right} instead, or none of its ports: it is found by itself.")
            }
            None => "Leave it to discovery: name none of its ports.".to_owned(),
        };
        findings.push(Finding::problem(
            "port-wrong-interface",
            format!(
                "{} is interface {interface} of {}, which takes no commands.",
                named.display(),
                if stick.name.is_empty() { "its stick" } else { &stick.name },
            ),
            advice,
        ));
    }
    findings
}

fn names(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).into_iter().flatten().flatten();
    let names = names.map(|entry| entry.file_name().to_string_lossy().into_owned());
    names.filter(|name| name.starts_with("ttyUSB") || name.starts_with("ttyACM")).collect()
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

    fn roots(folder: &Path) -> Roots {
        Roots { dev: folder.join("dev"), sys: folder.join("sys"), proc: folder.join("proc") }
    }

    fn look_at(folder: &Path) -> Vec<Finding> {
        look(&roots(folder), &configured(&[]))
    }

    #[test]
    fn a_computer_without_modems_is_no_problem() {
        let folder = tempfile::tempdir().unwrap();
        let findings = look_at(folder.path());
        assert_eq!(findings.len(), 1);
        assert_eq!((&*findings[0].code, findings[0].grade), ("no-port", Grade::Notice));
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
        let findings = look_at(folder.path());
        let codes: Vec<&str> = findings.iter().map(|f| &*f.code).collect();
        assert_eq!(codes, ["port-modem-manager", "modem-manager"]);
    }

    fn configured(ports: &[&Path]) -> Modems {
        let mut modems = Config::load(&Sources::new()).unwrap().modems;
        modems.ports = ports.iter().map(|path| path.to_str().unwrap().parse().unwrap()).collect();
        modems
    }

    /// A Quectel EC25 of four ports: commands go to interface 2.
    fn plug(folder: &Path) {
        let device = folder.join("sys/devices/usb1/1-1");
        for number in 0..4 {
            let name = format!("ttyUSB{number}");
            let interface = device.join(format!("1-1:1.{number}"));
            let tty = interface.join(&name).join("tty").join(&name);
            fs::create_dir_all(&tty).unwrap();
            write(interface.join("bInterfaceNumber"), &format!("{number:02x}\n"));
            fs::create_dir_all(folder.join("sys/class/tty")).unwrap();
            std::os::unix::fs::symlink(&tty, folder.join("sys/class/tty").join(&name)).unwrap();
            write(folder.join("dev").join(&name), "");
        }
        write(device.join("idVendor"), "2c7c\n");
        write(device.join("idProduct"), "0125\n");
        write(device.join("product"), "EC25\n");
    }

    #[test]
    fn a_port_that_takes_no_commands_is_named_and_the_right_one_too() {
        let folder = tempfile::tempdir().unwrap();
        plug(folder.path());
        let (wrong, right) = (folder.path().join("dev/ttyUSB0"), folder.path().join("dev/ttyUSB2"));
        let findings = look(&roots(folder.path()), &configured(&[&wrong]));
        let finding = findings.iter().find(|f| f.code == "port-wrong-interface").unwrap();
        assert!(finding.text.contains("interface 0 of EC25"), "{}", finding.text);
        assert!(finding.advice.contains("ttyUSB2"), "{}", finding.advice);
        let findings = look(&roots(folder.path()), &configured(&[&right]));
        assert!(findings.iter().all(|f| f.grade == Grade::Good), "{findings:?}");
    }

    #[test]
    fn a_port_that_a_container_was_not_given_is_named() {
        let folder = tempfile::tempdir().unwrap();
        plug(folder.path());
        fs::remove_file(folder.path().join("dev/ttyUSB2")).unwrap();
        let findings = look_at(folder.path());
        let finding = findings.iter().find(|f| f.code == "port-not-given").unwrap();
        assert!(finding.advice.contains("--device /dev/ttyUSB2"), "{}", finding.advice);
    }

    #[test]
    fn a_port_of_another_user_or_program_or_that_is_not_there_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let port = folder.path().join("dev/ttyUSB0");
        write(port.clone(), "");
        write(folder.path().join("proc/18/comm"), "minicom\n");
        fs::create_dir_all(folder.path().join("proc/18/fd")).unwrap();
        std::os::unix::fs::symlink(
            fs::canonicalize(&port).unwrap(),
            folder.path().join("proc/18/fd/3"),
        )
        .unwrap();
        let missing = folder.path().join("dev/ttyS9");
        let findings = look(&roots(folder.path()), &configured(&[&missing]));
        let codes: Vec<&str> = findings.iter().map(|f| &*f.code).collect();
        assert_eq!(codes, ["port-held", "port-missing"]);
        assert!(findings[0].text.contains("minicom (process 18)"), "{}", findings[0].text);

        let closed = port_access_finding("/dev/ttyUSB0", Some("dialout"));
        assert_eq!(closed.code, "port-permission");
        assert!(closed.advice.contains("usermod -aG dialout"), "{}", closed.advice);
    }
}
