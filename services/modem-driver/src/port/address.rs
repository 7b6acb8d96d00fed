//! The address of a port, as people read it.

use platform::config::PortAddress;

/// Returns a short name for people: the last element of the path, or `host:port`.
pub(crate) fn name(address: &PortAddress) -> String {
    match address {
        PortAddress::Device(path) => path
            .file_name()
            .map_or_else(|| path.display().to_string(), |n| n.to_string_lossy().into_owned()),
        PortAddress::Tcp(at) | PortAddress::Rfc2217(at) => at.clone(),
    }
}

/// Returns whether a lock on the port keeps every other program of this host away.
pub(crate) fn is_local(address: &PortAddress) -> bool {
    matches!(address, PortAddress::Device(_))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_short() {
        let name_of = |text: &str| name(&text.parse().unwrap());
        assert_eq!(name_of("/dev/ttyUSB0"), "ttyUSB0");
        assert_eq!(name_of("tcp://10.0.0.7:2001"), "10.0.0.7:2001");
    }
}
