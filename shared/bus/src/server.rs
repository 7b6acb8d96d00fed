//! Which nats-server the broker is, and what its release cannot do for what it stores.

use std::fmt;

/// A release of nats-server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ServerVersion(pub u16, pub u16, pub u16);

/// What a server's release or settings cost in safety, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Weakness {
    /// What may be lost, and when.
    pub text: String,
    /// What to install or to set.
    pub advice: String,
}

impl ServerVersion {
    /// The oldest release whose behaviour is known to do.
    pub const OLDEST: Self = Self(2, 9, 10);
    /// The first that can write each message through to the disk before it confirms it (`sync_interval: always`).
    pub const FIRST_WITH_SYNC_ALWAYS: Self = Self(2, 10, 0);

    /// Reads `2.9.10`, `v2.12.0-beta.1`, and what `nats-server --version` prints: `nats-server: v2.9.10`.
    pub fn parse(text: &str) -> Option<Self> {
        let last = text.split_whitespace().last()?;
        let mut numbers =
            last.trim_start_matches('v').split(['.', '-', '+']).map(|n| n.parse().ok());
        Some(Self(numbers.next()??, numbers.next()??, numbers.next()??))
    }

    /// Whether the server can write each message through to the disk before it confirms it.
    pub fn can_sync_always(self) -> bool {
        self >= Self::FIRST_WITH_SYNC_ALWAYS
    }

    /// What this release cannot do for the safety of what it stores; none for those that can.
    pub fn weakness(self) -> Option<Weakness> {
        (!self.can_sync_always()).then(|| Weakness {
            text: format!(
                "The broker is nats-server {self}, which confirms a message up to two minutes before the message is on \
                 the disk: a power cut or a crash of the system may lose what was accepted and received in that time. \
                 (A kill of any program loses nothing.)"
            ),
            advice: format!(
                "Install nats-server {} or newer, which writes each message to the disk first: from \
                 https://github.com/nats-io/nats-server/releases (a .deb among them) where the distribution has none. \
                 See \"Which nats-server\" in docs/operations.md before: there is no way back to 2.9.",
                Self::FIRST_WITH_SYNC_ALWAYS
            ),
        })
    }
}

impl fmt::Display for ServerVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.0, self.1, self.2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_and_compared() {
        let parse = ServerVersion::parse;
        assert_eq!(parse("nats-server: v2.9.10\n"), Some(ServerVersion(2, 9, 10)));
        assert_eq!(parse("v2.12.0-beta.1"), Some(ServerVersion(2, 12, 0)));
        assert_eq!(parse("2.15.1"), Some(ServerVersion(2, 15, 1)));
        assert_eq!(parse("nats-server: development"), None);
        assert_eq!((parse("hello"), parse("")), (None, None));
        assert!(ServerVersion(2, 9, 9) < ServerVersion::OLDEST);
        assert!(ServerVersion(2, 10, 0) > ServerVersion::OLDEST);
    }

    #[test]
    fn what_an_old_release_costs_is_said_with_what_to_install() {
        let weakness = ServerVersion::OLDEST.weakness().unwrap();
        assert!(weakness.text.contains("2.9.10") && weakness.text.contains("power cut"));
        assert!(weakness.advice.contains("2.10.0 or newer"), "{}", weakness.advice);
        assert_eq!(ServerVersion(2, 10, 0).weakness(), None);
    }
}
