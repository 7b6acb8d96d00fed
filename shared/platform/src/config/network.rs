//! Addresses and networks of the Internet Protocol, as people write them.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use ipnet::{IpNet, Ipv4Net};
use serde::{Deserialize, Deserializer};

/// One address, or all of a network: `10.0.0.1`, `192.168.1.0/24`, `fd00::/8`.
///
/// An IPv4 address that is written as an IPv6 one (`::ffff:10.0.0.1`, as a listener for both kinds sees its peers) is
/// that IPv4 address, in a network as well as in what is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network(IpNet);

impl Network {
    /// Whether `address` is in it.
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(&address.to_canonical())
    }

    /// Whether all of `other` is in it.
    pub fn covers(&self, other: &Self) -> bool {
        self.0.contains(&other.0)
    }
}

impl From<IpAddr> for Network {
    fn from(address: IpAddr) -> Self {
        Self(address.to_canonical().into())
    }
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let written = text.trim();
        // Brackets as in a URL: `[::1]`, `[fd00::]/8`.
        let (address, length) =
            written.split_once('/').map_or((written, None), |(a, l)| (a, Some(l)));
        let bare =
            address.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(address);
        let read = match length {
            None => bare.parse::<IpAddr>().ok().map(Self::from),
            Some(length) => format!("{bare}/{length}").parse().ok().map(canonical).map(Self),
        };
        read.ok_or_else(|| {
            format!(
                "'{text}' is neither an IP address nor a network such as 192.168.1.0/24 or fd00::/8"
            )
        })
    }
}

/// An IPv4 network that is written as an IPv6 one, as the IPv4 network.
fn canonical(network: IpNet) -> IpNet {
    let IpNet::V6(v6) = network else { return network };
    let (Some(address), Some(length)) =
        (v6.addr().to_ipv4_mapped(), v6.prefix_len().checked_sub(96))
    else {
        return network;
    };
    Ipv4Net::new(address, length).map_or(network, IpNet::V4)
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.prefix_len() == self.0.max_prefix_len() {
            return fmt::Display::fmt(&self.0.addr(), f);
        }
        fmt::Display::fmt(&self.0, f)
    }
}

impl<'de> Deserialize<'de> for Network {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_in(network: &str, address: &str) -> bool {
        network.parse::<Network>().unwrap().contains(address.parse().unwrap())
    }

    #[test]
    fn each_spelling_of_an_address_is_that_address() {
        for network in
            ["127.0.0.1", "::ffff:127.0.0.1", "[::ffff:127.0.0.1]", "::ffff:127.0.0.1/128"]
        {
            assert!(is_in(network, "127.0.0.1"), "{network}");
            assert!(is_in(network, "::ffff:127.0.0.1"), "{network}");
            assert!(!is_in(network, "127.0.0.2"), "{network}");
            assert_eq!(network.parse::<Network>().unwrap().to_string(), "127.0.0.1");
        }
        assert!(is_in("[::1]", "::1") && is_in("0:0:0:0:0:0:0:1", "::1"));
    }

    #[test]
    fn networks_hold_what_is_in_them() {
        assert!(is_in("192.168.1.0/24", "192.168.1.9"));
        assert!(is_in("192.168.1.0/24", "::ffff:192.168.1.9"));
        assert!(is_in("::ffff:192.168.1.0/120", "192.168.1.9"));
        assert!(is_in("192.168.1.77/24", "192.168.1.9"), "the host's own bits do not matter");
        assert!(!is_in("192.168.1.0/24", "192.168.2.9"));
        assert!(is_in("fd00::/8", "fd12::1") && is_in("[fd00::]/8", "fd12::1"));
        assert!(is_in("0.0.0.0/0", "10.0.0.1") && !is_in("0.0.0.0/0", "::1"));
        assert!(is_in("::/0", "::1") && !is_in("::/0", "::ffff:10.0.0.1"));
    }

    #[test]
    fn a_network_covers_what_is_within_it() {
        let covers = |a: &str, b: &str| {
            let [a, b] = [a, b].map(|network| network.parse::<Network>().unwrap());
            a.covers(&b)
        };
        assert!(covers("10.0.0.0/8", "10.1.0.0/16") && covers("10.0.0.0/8", "10.0.0.0/8"));
        assert!(covers("::1", "::1") && covers("fd00::/8", "fd12::1"));
        assert!(!covers("10.1.0.0/16", "10.0.0.0/8") && !covers("0.0.0.0/0", "::1"));
    }

    #[test]
    fn nonsense_is_refused_by_name() {
        for bad in
            ["", "192.168.0.0/33", "localhost", "300.1.1.1", "1.2.3.4/x", "1.2.3.4:80", "[::1"]
        {
            let words = bad.parse::<Network>().unwrap_err();
            assert!(words.contains(&format!("'{bad}' is neither")), "{words}");
        }
    }
}
