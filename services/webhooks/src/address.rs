//! Which addresses a callback may go to.
//!
//! A customer writes the URL, the gateway fetches it: without a guard a customer could read what only
//! the gateway's own network may see (SSRF). So only public addresses are called, and what else is wanted
//! is named in `webhooks.allow`: a host name, an address, or a network. The check is made on the address
//! that is connected to, after resolving, so a name that turns into a private address is refused too.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use platform::config::Network;

/// The addresses that are allowed beyond the public ones.
#[derive(Debug, Clone, Default)]
pub struct AllowList(Vec<Allowed>);

/// One entry of `webhooks.allow`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Allowed {
    /// Whatever this host resolves to; lower case, no final dot.
    Host(String),
    /// An address or network.
    Network(Network),
}

/// A text that is neither host, address nor network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "'{0}' is neither a host name, an IP address nor a network such as 192.168.1.0/24 in webhooks.allow"
)]
pub struct ParseAllowedError(String);

/// Why an address is not called.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{host} is at {address}, {kind}; callbacks go only to public addresses. To allow it, add '{host}' or its network to webhooks.allow in the configuration"
)]
pub struct Refused {
    /// The host in the URL.
    pub host: String,
    /// The address it has.
    pub address: IpAddr,
    /// What kind of address that is.
    pub kind: Kind,
}

/// Kinds of addresses that are not public (IANA's special-purpose registries).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// This machine.
    Loopback,
    /// RFC 1918, and unique local of IPv6.
    Private,
    /// Of one cable; the metadata service of clouds is here.
    LinkLocal,
    /// 100.64.0.0/10.
    CarrierNat,
    /// To many at once.
    Multicast,
    /// 0.0.0.0/8 and `::`.
    Unspecified,
    /// Documentation, benchmarks, protocol assignments, future use.
    Reserved,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Loopback => "this machine itself",
            Self::Private => "a private network",
            Self::LinkLocal => "a link-local address",
            Self::CarrierNat => "a carrier's private network",
            Self::Multicast => "a multicast address",
            Self::Unspecified => "no address at all",
            Self::Reserved => "a reserved address",
        })
    }
}

impl AllowList {
    /// From the entries of the configuration.
    pub fn parse(entries: &[String]) -> Result<Self, ParseAllowedError> {
        entries.iter().map(|entry| entry.parse()).collect::<Result<Vec<_>, _>>().map(Self)
    }

    /// Whether `host`, which is at `address`, may be called.
    pub fn check(&self, host: &str, address: IpAddr) -> Result<(), Refused> {
        let address = unmapped(address);
        let Some(kind) = kind(address) else { return Ok(()) };
        let named = host.trim_end_matches('.').to_ascii_lowercase();
        let allowed = self.0.iter().any(|allowed| match allowed {
            Allowed::Host(host) => *host == named,
            Allowed::Network(network) => network.contains(address),
        });
        if allowed { Ok(()) } else { Err(Refused { host: host.to_owned(), address, kind }) }
    }
}

impl FromStr for Allowed {
    type Err = ParseAllowedError;

    fn from_str(text: &str) -> Result<Self, ParseAllowedError> {
        if let Ok(network) = text.parse() {
            return Ok(Self::Network(network));
        }
        let host = text.trim_end_matches('.').to_ascii_lowercase();
        let is_host = !host.is_empty()
            && host.len() <= 253
            && host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_'))
            && host.bytes().any(|b| b.is_ascii_alphabetic());
        if is_host { Ok(Self::Host(host)) } else { Err(ParseAllowedError(text.to_owned())) }
    }
}

/// What kind of address it is when it is not public.
pub fn kind(address: IpAddr) -> Option<Kind> {
    match unmapped(address) {
        IpAddr::V4(v4) => kind_v4(v4),
        IpAddr::V6(v6) => kind_v6(v6),
    }
}

fn kind_v4(address: Ipv4Addr) -> Option<Kind> {
    let [a, b, c, d] = address.octets();
    match (a, b, c, d) {
        (0, ..) => Some(Kind::Unspecified),
        (127, ..) => Some(Kind::Loopback),
        (10, ..) | (172, 16..=31, ..) | (192, 168, ..) => Some(Kind::Private),
        (169, 254, ..) => Some(Kind::LinkLocal),
        (100, 64..=127, ..) => Some(Kind::CarrierNat),
        (224..=239, ..) => Some(Kind::Multicast),
        (192, 0, 0 | 2, _)
        | (192, 88, 99, _)
        | (198, 18..=19, ..)
        | (198, 51, 100, _)
        | (203, 0, 113, _)
        | (240..=255, ..) => Some(Kind::Reserved),
        _ => None,
    }
}

fn kind_v6(address: Ipv6Addr) -> Option<Kind> {
    let segments = address.segments();
    if address.is_unspecified() {
        return Some(Kind::Unspecified);
    }
    if address.is_loopback() {
        return Some(Kind::Loopback);
    }
    match segments[0] {
        0xff00..=0xffff => Some(Kind::Multicast),
        0xfe80..=0xfebf => Some(Kind::LinkLocal),
        // Unique local, and site-local of old.
        0xfc00..=0xfdff | 0xfec0..=0xfeff => Some(Kind::Private),
        // NAT64 carries an IPv4 address in its end.
        0x0064 if segments[1] == 0xff9b => Some(embedded(segments[6], segments[7])),
        // 6to4 carries one after its prefix, Teredo a hidden one.
        0x2002 => Some(embedded(segments[1], segments[2])),
        0x2001 if segments[1] < 0x0200 || segments[1] == 0x0db8 => Some(Kind::Reserved),
        0x2000..=0x3fff => None,
        // Only 2000::/3 is given out as global unicast.
        _ => Some(Kind::Reserved),
    }
}

/// An IPv4 address inside an IPv6 one: its own kind, or reserved when it is public, for nobody needs that way.
fn embedded(high: u16, low: u16) -> Kind {
    let bits = (u32::from(high) << 16) | u32::from(low);
    kind_v4(Ipv4Addr::from(bits)).unwrap_or(Kind::Reserved)
}

/// `::ffff:a.b.c.d` and `::a.b.c.d` as the IPv4 address they reach.
fn unmapped(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(v6) if !v6.is_loopback() && !v6.is_unspecified() => {
            v6.to_ipv4().map_or(address, IpAddr::V4)
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind_of(text: &str) -> Option<Kind> {
        kind(text.parse().unwrap())
    }

    #[test]
    fn public_addresses_are_public() {
        for public in ["1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2a00:1450::1"] {
            assert_eq!(kind_of(public), None, "{public}");
        }
    }

    #[test]
    fn all_others_are_known() {
        for (address, expected) in [
            ("127.0.0.1", Kind::Loopback),
            ("127.8.8.8", Kind::Loopback),
            ("::1", Kind::Loopback),
            ("::ffff:127.0.0.1", Kind::Loopback),
            ("::127.0.0.1", Kind::Loopback),
            ("0.0.0.0", Kind::Unspecified),
            ("::", Kind::Unspecified),
            ("10.1.2.3", Kind::Private),
            ("172.16.0.1", Kind::Private),
            ("172.31.255.255", Kind::Private),
            ("192.168.0.1", Kind::Private),
            ("::ffff:192.168.0.1", Kind::Private),
            ("fd00::1", Kind::Private),
            ("169.254.169.254", Kind::LinkLocal),
            ("fe80::1", Kind::LinkLocal),
            ("64:ff9b::a9fe:a9fe", Kind::LinkLocal),
            ("2002:7f00:1::1", Kind::Loopback),
            ("2001::1", Kind::Reserved),
            ("2001:db8::1", Kind::Reserved),
            ("100.64.0.1", Kind::CarrierNat),
            ("224.0.0.1", Kind::Multicast),
            ("ff02::1", Kind::Multicast),
            ("255.255.255.255", Kind::Reserved),
            ("198.18.0.1", Kind::Reserved),
            ("192.0.2.1", Kind::Reserved),
            ("fd00:ec2::254", Kind::Private),
        ] {
            assert_eq!(kind_of(address), Some(expected), "{address}");
        }
    }

    #[test]
    fn what_is_named_is_allowed() {
        let list = AllowList::parse(&[
            "192.168.1.0/24".to_owned(),
            "Intranet.example.".to_owned(),
            "127.0.0.1".to_owned(),
            "fd00::/8".to_owned(),
        ])
        .unwrap();
        let check = |host: &str, address: &str| list.check(host, address.parse().unwrap()).is_ok();
        assert!(check("a", "192.168.1.9"));
        assert!(check("a", "::ffff:192.168.1.9"));
        assert!(!check("a", "192.168.2.9"));
        assert!(check("intranet.EXAMPLE", "10.0.0.1"));
        assert!(!check("evil.intranet.example", "10.0.0.1"));
        assert!(check("localhost", "127.0.0.1"));
        assert!(!check("localhost", "127.0.0.2"));
        assert!(check("b", "fd12::1"));
        assert!(!check("b", "fe80::1"));
        assert!(check("b", "1.1.1.1"));
    }

    #[test]
    fn everything_can_be_allowed() {
        let list = AllowList::parse(&["0.0.0.0/0".to_owned(), "::/0".to_owned()]).unwrap();
        assert!(list.check("a", "10.0.0.1".parse().unwrap()).is_ok());
        assert!(list.check("a", "fe80::1".parse().unwrap()).is_ok());
    }

    #[test]
    fn nonsense_is_refused_by_name() {
        for bad in ["", "192.168.0.0/33", "a b", "http://x/", "300", "1.2.3.4/x"] {
            assert_eq!(bad.parse::<Allowed>(), Err(ParseAllowedError(bad.to_owned())), "{bad}");
        }
    }

    #[test]
    fn the_refusal_says_what_to_do() {
        let refused = AllowList::default().check("nas.lan", "192.168.1.5".parse().unwrap());
        assert_eq!(
            refused.unwrap_err().to_string(),
            "nas.lan is at 192.168.1.5, a private network; callbacks go only to public addresses. To allow it, add 'nas.lan' or its network to webhooks.allow in the configuration"
        );
    }
}
