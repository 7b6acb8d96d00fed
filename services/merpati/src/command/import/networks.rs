//! Kannel's lists of addresses as the networks that a key works from.

use platform::config::Network;

/// The most networks of a key.
const MOST: usize = 32;
/// What means every address.
const EVERYWHERE: &str = "*.*.*.*";

/// The networks that Kannel lets a user in from; empty: from anywhere. The error says why no key can be limited so.
///
/// With Kannel the allowed addresses are exceptions from the denied ones, and mean nothing without them.
pub(super) fn networks(
    allowed: Option<&str>,
    denied: Option<&str>,
) -> Result<Vec<Network>, &'static str> {
    let denied: Vec<&str> = patterns(denied).collect();
    if denied.is_empty() {
        return Ok(Vec::new());
    }
    if denied != [EVERYWHERE] {
        return Err(
            "its user-deny-ip is not *.*.*.*, and a key names only the addresses that it works from",
        );
    }
    let allowed: Vec<&str> = patterns(allowed).collect();
    if allowed.contains(&EVERYWHERE) {
        return Ok(Vec::new());
    }
    if allowed.is_empty() {
        return Err("its user-deny-ip lets it in from nowhere");
    }
    if allowed.len() > MOST {
        return Err("its user-allow-ip names more than 32 addresses, the most that a key names");
    }
    let networks = allowed.into_iter().map(network).collect::<Option<_>>();
    networks.ok_or(
        "its user-allow-ip names something else than addresses such as 10.0.0.7 and 10.0.0.*",
    )
}

fn patterns(list: Option<&str>) -> impl Iterator<Item = &str> {
    let all = list.unwrap_or_default().split(';').map(str::trim);
    all.filter(|pattern| !pattern.is_empty())
}

/// An address whose last octets may be asterisks.
pub(super) fn network(pattern: &str) -> Option<Network> {
    let octets: Vec<&str> = pattern.split('.').collect();
    let known = octets.iter().position(|octet| *octet == "*").unwrap_or(octets.len());
    let (first, last) = octets.split_at(known);
    let is_prefix = last.iter().all(|octet| *octet == "*");
    if octets.len() != 4 || !is_prefix || first.iter().any(|octet| octet.contains('*')) {
        return None;
    }
    let address = pattern.replace('*', "0");
    format!("{address}/{}", known * 8).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_said_of_addresses_is_carried_over_and_the_rest_refused() {
        let of = |allowed, denied| {
            let networks: Vec<Network> = networks(Some(allowed), Some(denied)).ok()?;
            Some(networks.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "))
        };
        let is = |text: &str| Some(text.to_owned());
        assert_eq!(
            of("127.0.0.1; 10.0.*.*;192.0.2.*;", "*.*.*.*"),
            is("127.0.0.1 10.0.0.0/16 192.0.2.0/24")
        );
        assert_eq!(of("10.0.0.7;*.*.*.*", "*.*.*.*"), is(""));
        // As with Kannel, nobody is denied.
        assert_eq!(of("10.0.0.7", ""), is(""));
        assert_eq!(networks(None, None), Ok(Vec::new()));
        for (allowed, denied) in [
            ("", "*.*.*.*"),
            ("10.0.0.7", "10.*.*.*"),
            ("10.*.0.7", "*.*.*.*"),
            ("10.*", "*.*.*.*"),
            ("10.0.0.256", "*.*.*.*"),
            ("10.0.0.1*", "*.*.*.*"),
            ("localhost", "*.*.*.*"),
            ("::1", "*.*.*.*"),
            (&"10.0.0.7;".repeat(MOST + 1), "*.*.*.*"),
        ] {
            assert_eq!(of(allowed, denied), None, "{allowed} {denied}");
        }
    }
}
