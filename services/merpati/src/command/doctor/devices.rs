//! USB devices that could be modems and show no serial port: still a disk, a network card, or without a driver.

use std::fs;
use std::path::{Path, PathBuf};

use super::Finding;

/// Vendors of modems, whether their sticks first show a disk with Windows drivers, and the kernel's driver for their
/// ports.
const MODEMS: [(&str, &str, bool, &str); 13] = [
    ("12d1", "Huawei", true, "option"),
    ("19d2", "ZTE", true, "option"),
    ("1bbb", "Alcatel", true, "option"),
    ("2001", "D-Link", true, "option"),
    ("0af0", "Option", true, "option"),
    ("2c7c", "Quectel", false, "option"),
    ("1e0e", "SIMCom", false, "option"),
    ("1bc7", "Telit", false, "option"),
    ("1199", "Sierra", false, "qcserial"),
    ("1e2d", "Cinterion", false, "cdc_acm"),
    ("0403", "FTDI", false, "ftdi_sio"),
    ("10c4", "Silicon Labs", false, "cp210x"),
    ("1a86", "WCH", false, "ch341"),
];

/// A vendor-specific interface (USB class codes).
const VENDOR_SPECIFIC: &str = "ff";
const DISK: &str = "08";
/// Communications, and wireless (RNDIS).
const NETWORK: [&str; 2] = ["02", "e0"];

/// Looks at all USB devices.
pub(super) fn look(sys: &Path) -> Vec<Finding> {
    let folder = sys.join("bus/usb/devices");
    let all: Vec<PathBuf> =
        fs::read_dir(&folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    all.iter().filter_map(|device| finding(device, &all)).collect()
}

fn finding(device: &Path, all: &[PathBuf]) -> Option<Finding> {
    let vendor = read(&device.join("idVendor"));
    let (_, make, disk_first, driver) = MODEMS.iter().find(|(id, ..)| *id == vendor)?;
    let name = name(device);
    let product = read(&device.join("product"));
    let is_own = |other: &&PathBuf| self::name(other).starts_with(&format!("{name}:"));
    let interfaces: Vec<&PathBuf> = all.iter().filter(is_own).collect();
    let has = |class: &str| interfaces.iter().any(|i| read(&i.join("bInterfaceClass")) == class);
    if interfaces.iter().any(|interface| has_port(interface)) {
        return None;
    }
    if has(DISK) && *disk_first && !NETWORK.iter().any(|class| has(class)) {
        return Some(Finding::problem(
            "stick-is-disk",
            format!("A {make} stick ({product}) shows itself as a disk and not as a modem."),
            "Install the package that switches it: sudo apt install usb-modeswitch; then plug it in again.",
        ));
    }
    if has(VENDOR_SPECIFIC) || *driver == "cdc_acm" {
        return Some(Finding::problem(
            "driver-missing",
            format!(
                "A {make} device ({product}) is plugged in, but its serial ports have no driver."
            ),
            format!(
                "sudo modprobe {driver}. If there is none, install the kernel's extra modules: sudo apt install linux-modules-extra-$(uname -r)"
            ),
        ));
    }
    NETWORK.iter().any(|class| has(class)).then(|| {
        Finding::problem(
            "stick-is-network-card",
            format!("A {make} stick ({product}) shows itself as a network card without a command port."),
            "Such HiLink sticks take no AT commands. Some can be switched to modem mode by their firmware; else use another stick.",
        )
    })
}

fn has_port(interface: &Path) -> bool {
    let inside = fs::read_dir(interface).into_iter().flatten().flatten();
    inside.into_iter().any(|entry| entry.file_name().to_string_lossy().starts_with("tty"))
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn read(file: &Path) -> String {
    let text = fs::read_to_string(file).unwrap_or_default();
    // From the device itself: no control characters into terminals.
    text.trim().chars().filter(|c| !c.is_control()).take(80).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(path: PathBuf, text: &str) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// A device with interfaces of these classes.
    fn plug(vendor: &str, classes: &[&str]) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let devices = folder.path().join("bus/usb/devices");
        write(devices.join("1-1/idVendor"), &format!("{vendor}\n"));
        write(devices.join("1-1/product"), "Mobile\n");
        for (at, class) in classes.iter().enumerate() {
            write(devices.join(format!("1-1:1.{at}/bInterfaceClass")), &format!("{class}\n"));
        }
        (folder, devices)
    }

    fn codes(folder: &tempfile::TempDir) -> Vec<String> {
        look(folder.path()).iter().map(|finding| finding.code.to_string()).collect()
    }

    #[test]
    fn a_stick_that_is_still_a_disk_is_named() {
        let (folder, devices) = plug("12d1", &["08"]);
        let findings = look(folder.path());
        assert_eq!(findings[0].code, "stick-is-disk");
        assert!(findings[0].text.contains("Huawei stick (Mobile)"));
        // Once it is switched it has a serial port.
        fs::create_dir_all(devices.join("1-1:1.1/ttyUSB0")).unwrap();
        assert!(codes(&folder).is_empty());
    }

    #[test]
    fn a_device_without_a_driver_is_named_with_its_driver() {
        for (vendor, driver) in [("2c7c", "option"), ("1a86", "ch341"), ("1e2d", "cdc_acm")] {
            let (folder, _) = plug(vendor, &[if driver == "cdc_acm" { "02" } else { "ff" }]);
            let findings = look(folder.path());
            assert_eq!(findings[0].code, "driver-missing");
            assert!(findings[0].advice.contains(&format!("modprobe {driver}")));
        }
    }

    #[test]
    fn a_network_card_without_command_port_is_named_and_other_devices_are_not() {
        let (folder, _) = plug("12d1", &["02", "0a", "08"]);
        assert_eq!(codes(&folder), ["stick-is-network-card"]);
        let (mouse, _) = plug("046d", &["03"]);
        assert!(codes(&mouse).is_empty());
    }
}
