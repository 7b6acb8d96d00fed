//! The proxies before the portal that are believed, and what they say of a client.

use std::net::{IpAddr, SocketAddr};

use axum::http::HeaderMap;
use platform::config::Network;

const FORWARDED_FOR: &str = "x-forwarded-for";
const FORWARDED_PROTO: &str = "x-forwarded-proto";

/// `http.trusted_proxies`.
#[derive(Debug, Clone, Default)]
pub(crate) struct Proxies(Vec<Network>);

impl Proxies {
    /// Those of the configuration.
    pub(crate) const fn new(trusted: Vec<Network>) -> Self {
        Self(trusted)
    }

    /// Whether what `address` says is believed.
    pub(crate) fn trust(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(address))
    }

    /// The client's address: the connection's, or, where that is a trusted proxy, what the proxies say it is.
    ///
    /// `X-Forwarded-For` is read from its end, where the nearest proxy wrote, back to the first hop that is no
    /// trusted proxy. A hop that is no address ends the reading: what stands before it could have been written by
    /// anybody, so the client is then the proxy that reported it.
    pub(crate) fn client(&self, headers: &HeaderMap, peer: IpAddr) -> IpAddr {
        let mut client = peer.to_canonical();
        let lists = headers.get_all(FORWARDED_FOR).iter().rev();
        let mut hops = lists.flat_map(|list| list.as_bytes().rsplit(|byte| *byte == b','));
        while self.trust(client) {
            match hops.next().and_then(|hop| std::str::from_utf8(hop).ok()).and_then(address) {
                Some(hop) => client = hop.to_canonical(),
                None => break,
            }
        }
        client
    }

    /// Whether the nearest proxy, if it is trusted, took the request by https: by `X-Forwarded-Proto`, where it
    /// says so. One that says nothing is taken to.
    pub(crate) fn took_https(&self, headers: &HeaderMap, peer: IpAddr) -> bool {
        let last = headers.get_all(FORWARDED_PROTO).iter().next_back();
        let last = last.and_then(|schemes| schemes.as_bytes().rsplit(|byte| *byte == b',').next());
        self.trust(peer)
            && last.is_none_or(|scheme| scheme.trim_ascii().eq_ignore_ascii_case(b"https"))
    }
}

/// A hop as proxies write it: an address, with or without port, IPv6 in brackets or bare, in quotes or not.
fn address(hop: &str) -> Option<IpAddr> {
    let hop = hop.trim().trim_matches('"');
    let bare = hop.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(hop);
    bare.parse().ok().or_else(|| hop.parse::<SocketAddr>().ok().map(|address| address.ip()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(trusted: &[&str], peer: &str, lists: &[&str]) -> String {
        let proxies = Proxies(trusted.iter().map(|network| network.parse().unwrap()).collect());
        let mut headers = HeaderMap::new();
        for list in lists {
            headers.append(FORWARDED_FOR, list.parse().unwrap());
        }
        proxies.client(&headers, peer.parse().unwrap()).to_string()
    }

    #[test]
    fn only_a_trusted_proxy_is_believed() {
        assert_eq!(client(&[], "127.0.0.1", &["203.0.113.7"]), "127.0.0.1");
        assert_eq!(client(&["10.0.0.0/8"], "127.0.0.1", &["203.0.113.7"]), "127.0.0.1");
        assert_eq!(client(&["127.0.0.1"], "127.0.0.1", &["203.0.113.7"]), "203.0.113.7");
        assert_eq!(client(&["127.0.0.1"], "127.0.0.1", &[]), "127.0.0.1");
    }

    #[test]
    fn a_peer_of_a_listener_for_both_kinds_is_the_ipv4_address_it_is() {
        assert_eq!(client(&["127.0.0.1"], "::ffff:127.0.0.1", &["203.0.113.7"]), "203.0.113.7");
        assert_eq!(client(&["::ffff:127.0.0.1"], "127.0.0.1", &["203.0.113.7"]), "203.0.113.7");
        assert_eq!(client(&[], "::ffff:203.0.113.7", &[]), "203.0.113.7");
        assert_eq!(client(&["127.0.0.1"], "127.0.0.1", &["::ffff:203.0.113.7"]), "203.0.113.7");
    }

    #[test]
    fn every_hop_of_a_trusted_network_is_passed_over() {
        let trusted = ["127.0.0.1", "10.0.0.0/8", "fd00::/8"];
        let lists = ["6.6.6.6, 203.0.113.7, 10.1.2.3", "fd00::5, 10.9.9.9"];
        assert_eq!(client(&trusted, "127.0.0.1", &lists), "203.0.113.7");
        // All are ours: the farthest of them asks.
        assert_eq!(client(&trusted, "127.0.0.1", &["10.1.2.3"]), "10.1.2.3");
    }

    #[test]
    fn a_hop_is_read_in_every_spelling() {
        for (hop, read) in [
            ("203.0.113.7:51234", "203.0.113.7"),
            ("[2001:db8::7]:51234", "2001:db8::7"),
            ("[2001:db8::7]", "2001:db8::7"),
            ("2001:db8::7", "2001:db8::7"),
            ("\"[2001:db8::7]:80\"", "2001:db8::7"),
            (" 203.0.113.7 ", "203.0.113.7"),
        ] {
            // What a client forged stands before it, and counts for nothing.
            assert_eq!(client(&["127.0.0.1"], "127.0.0.1", &[&format!("6.6.6.6, {hop}")]), read);
            assert_eq!(client(&["127.0.0.1"], "127.0.0.1", &["6.6.6.6", hop]), read);
        }
    }

    #[test]
    fn what_stands_before_an_unreadable_hop_is_not_believed() {
        for hop in ["unknown", "_hidden", "", "203.0.113.7:port", "[2001:db8::7", "999.1.1.1"] {
            let lists = [format!("6.6.6.6, {hop}")];
            assert_eq!(client(&["127.0.0.1"], "127.0.0.1", &[&lists[0]]), "127.0.0.1", "{hop}");
            let lists = [format!("6.6.6.6, {hop}, 10.0.0.2")];
            let trusted = ["127.0.0.1", "10.0.0.0/8"];
            assert_eq!(client(&trusted, "127.0.0.1", &[&lists[0]]), "10.0.0.2", "{hop}");
        }
    }

    #[test]
    fn the_nearest_proxy_says_whether_it_was_https() {
        let proxies = Proxies(vec!["127.0.0.1".parse().unwrap()]);
        let said = |peer: &str, schemes: Option<&str>| {
            let mut headers = HeaderMap::new();
            if let Some(schemes) = schemes {
                headers.insert(FORWARDED_PROTO, schemes.parse().unwrap());
            }
            proxies.took_https(&headers, peer.parse().unwrap())
        };
        assert!(said("127.0.0.1", None) && said("::ffff:127.0.0.1", Some("HTTPS")));
        assert!(said("127.0.0.1", Some("http, https")));
        assert!(!said("127.0.0.1", Some("https, http")), "the client's own word is the first");
        assert!(!said("10.0.0.1", Some("https")));
    }
}
