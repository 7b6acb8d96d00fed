//! The USB serial ports of this host as the kernel shows them under `/sys`.
//!
//! A stick shows two to four ports, each an interface of one USB device. `/sys/class/tty/ttyUSB2` is a
//! link into `…/1-1.2/1-1.2:1.2/ttyUSB2/tty/ttyUSB2`: `1-1.2` is the USB path (it names the socket,
//! not the order of plugging in), `1-1.2:1.2` the interface. `ttyACM` ports have one level less.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Where the kernel shows devices. Parameters, so that a test can plug and unplug a copied tree.
#[derive(Debug, Clone)]
pub struct Roots {
    /// Device nodes: `/dev`.
    pub dev: PathBuf,
    /// The kernel's tree: `/sys`.
    pub sys: PathBuf,
}

impl Default for Roots {
    fn default() -> Self {
        Self { dev: PathBuf::from("/dev"), sys: PathBuf::from("/sys") }
    }
}

/// A USB device with serial ports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stick {
    /// The USB path: `1-1.2`.
    pub path: String,
    /// idVendor.
    pub vendor: u16,
    /// idProduct.
    pub product: u16,
    /// What the device calls itself, for people; may be empty.
    pub name: String,
    /// The stick's ports, by interface number.
    pub ports: Vec<StickPort>,
}

/// One port of a stick.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StickPort {
    /// The device node.
    pub path: PathBuf,
    /// bInterfaceNumber.
    pub interface: u8,
}

/// Returns all sticks there are now, by USB path. What cannot be read is as if it were not there: it is
/// being plugged in or out, and the next look will tell.
pub fn sticks(roots: &Roots) -> Vec<Stick> {
    let mut found: BTreeMap<String, Stick> = BTreeMap::new();
    let Ok(entries) = fs::read_dir(roots.sys.join("class/tty")) else { return Vec::new() };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let Some(name) = name.to_str() else { continue };
        if !name.starts_with("ttyUSB") && !name.starts_with("ttyACM") {
            continue;
        }
        let node = roots.dev.join(name);
        if !node.exists() {
            continue;
        }
        let Some((interface, device)) = interface_of(&entry.path()) else { continue };
        let Some(usb_path) = device.file_name().and_then(|n| n.to_str()) else { continue };
        let stick = found.entry(usb_path.to_owned()).or_insert_with(|| Stick {
            path: usb_path.to_owned(),
            vendor: hex(&device.join("idVendor")).unwrap_or(0),
            product: hex(&device.join("idProduct")).unwrap_or(0),
            name: label(&device),
            ports: Vec::new(),
        });
        stick.ports.push(StickPort { path: node, interface });
    }
    let mut sticks: Vec<Stick> = found.into_values().collect();
    for stick in &mut sticks {
        stick.ports.sort_by(|a, b| (a.interface, &a.path).cmp(&(b.interface, &b.path)));
    }
    sticks
}

/// Returns the USB path of the device behind one node, such as `1-1.2` for `/dev/ttyUSB0`.
pub fn usb_path_of(roots: &Roots, node: &Path) -> Option<String> {
    let node = fs::canonicalize(node).ok()?;
    let (_, device) = interface_of(&roots.sys.join("class/tty").join(node.file_name()?))?;
    Some(device.file_name()?.to_str()?.to_owned())
}

/// Takes a USB device away from the system and gives it back, which most sticks take for being plugged
/// out and in. Only root may; without the right nothing happens.
pub(crate) fn reauthorize(roots: &Roots, usb_path: &str) {
    let switch = roots.sys.join("bus/usb/devices").join(usb_path).join("authorized");
    for value in ["0", "1"] {
        if let Err(error) = fs::write(&switch, value) {
            tracing::debug!(
                usb.path = usb_path,
                "the USB port of the device cannot be switched: {error}"
            );
        }
    }
}

/// Returns the interface number and the device's folder of a tty's folder in `class/tty`.
fn interface_of(class: &Path) -> Option<(u8, PathBuf)> {
    let real = fs::canonicalize(class).ok()?;
    let interface = real.ancestors().find(|dir| dir.join("bInterfaceNumber").is_file())?;
    let number = hex(&interface.join("bInterfaceNumber"))?;
    let device = interface.parent().filter(|dir| dir.join("idVendor").is_file())?;
    Some((u8::try_from(number).ok()?, device.to_path_buf()))
}

fn hex(file: &Path) -> Option<u16> {
    u16::from_str_radix(fs::read_to_string(file).ok()?.trim(), 16).ok()
}

fn label(device: &Path) -> String {
    let read = |name: &str| fs::read_to_string(device.join(name)).unwrap_or_default();
    let label = format!("{} {}", read("manufacturer").trim(), read("product").trim());
    // From the device itself: no control characters into logs and pages.
    label.trim().chars().filter(|c| !c.is_control()).take(80).collect()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    /// Builds what the kernel shows for a stick at `usb_path` whose ports are `ttyUSB<first>`, ….
    pub(crate) fn plug(roots: &Roots, usb_path: &str, ids: (u16, u16), first: u8, nodes: &[&Path]) {
        let device = roots.sys.join("devices/pci0000:00/usb1").join(usb_path);
        fs::create_dir_all(roots.sys.join("class/tty")).unwrap();
        fs::create_dir_all(&roots.dev).unwrap();
        for (number, node) in (0_u8..).zip(nodes) {
            let name = format!("ttyUSB{}", first + number);
            let interface = device.join(format!("{usb_path}:1.{number}"));
            let tty = interface.join(&name).join("tty").join(&name);
            fs::create_dir_all(&tty).unwrap();
            fs::write(interface.join("bInterfaceNumber"), format!("{number:02x}\n")).unwrap();
            symlink(&tty, roots.sys.join("class/tty").join(&name)).unwrap();
            symlink(node, roots.dev.join(&name)).unwrap();
        }
        fs::write(device.join("idVendor"), format!("{:04x}\n", ids.0)).unwrap();
        fs::write(device.join("idProduct"), format!("{:04x}\n", ids.1)).unwrap();
        fs::write(device.join("manufacturer"), "HUAWEI\n").unwrap();
        fs::write(device.join("product"), "Mobile\x07 Connect\n").unwrap();
    }

    pub(crate) fn unplug(roots: &Roots, usb_path: &str, first: u8, count: u8) {
        for number in first..first + count {
            fs::remove_file(roots.dev.join(format!("ttyUSB{number}"))).unwrap();
            fs::remove_file(roots.sys.join(format!("class/tty/ttyUSB{number}"))).unwrap();
        }
        fs::remove_dir_all(roots.sys.join("devices/pci0000:00/usb1").join(usb_path)).unwrap();
    }

    #[test]
    fn the_ports_of_one_stick_belong_together() {
        let dir = tempfile::tempdir().unwrap();
        let roots = Roots { dev: dir.path().join("dev"), sys: dir.path().join("sys") };
        assert_eq!(sticks(&roots), []);
        let null = Path::new("/dev/null");
        plug(&roots, "1-1.2", (0x12d1, 0x1001), 4, &[null, null, null, null]);
        plug(&roots, "1-1.3", (0x12d1, 0x1001), 0, &[null]);
        fs::create_dir_all(roots.sys.join("class/tty/tty0")).unwrap();
        let found = sticks(&roots);
        assert_eq!(found.len(), 2);
        assert_eq!((found[0].path.as_str(), found[0].vendor), ("1-1.2", 0x12d1));
        assert_eq!(found[0].name, "HUAWEI Mobile Connect");
        let interfaces: Vec<u8> = found[0].ports.iter().map(|p| p.interface).collect();
        assert_eq!(interfaces, [0, 1, 2, 3]);
        assert_eq!(found[0].ports[0].path, roots.dev.join("ttyUSB4"));
        unplug(&roots, "1-1.2", 4, 4);
        assert_eq!(sticks(&roots).len(), 1);
    }
}
