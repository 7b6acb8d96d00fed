//! Values of the configuration that are more than a number or a text.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use regex::{Regex, RegexBuilder};
use serde::{Deserialize, Deserializer};

/// A text that no log shows: its `Debug` says only whether there is one.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The secret itself. Do not log it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[hidden]")
    }
}

impl FromStr for Secret {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self::new(text))
    }
}

/// A length of time, written as a whole number and a unit: `500ms`, `30s`, `5m`, `2h`, `7d`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Period(pub Duration);

impl Period {
    /// As the standard library's type.
    pub const fn duration(self) -> Duration {
        self.0
    }
}

impl FromStr for Period {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (number, unit) = text.split_at(digits);
        let millis = match unit.trim_start() {
            "ms" => Some(1),
            "s" => Some(1_000),
            "m" => Some(60_000),
            "h" => Some(3_600_000),
            "d" => Some(86_400_000),
            _ => None,
        };
        number
            .parse::<u64>()
            .ok()
            .zip(millis)
            .and_then(|(number, millis)| number.checked_mul(millis))
            .map(|millis| Self(Duration::from_millis(millis)))
            .ok_or_else(|| {
                format!(
                    "'{text}' is not a length of time: write a whole number and ms, s, m, h or d, \
                     such as 30s or 7d"
                )
            })
    }
}

impl<'de> Deserialize<'de> for Period {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// How much there may be of something: so many at once, and as many again spread over each period. Written `600/1m`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// How many.
    pub count: NonZeroU32,
    /// In which time; not zero.
    pub period: Duration,
}

impl FromStr for Rate {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let read = || {
            let (count, period) = text.split_once('/')?;
            let count = count.trim().parse().ok()?;
            let period = period.parse::<Period>().ok()?.duration();
            (!period.is_zero()).then_some(Self { count, period })
        };
        read().ok_or_else(|| {
            format!(
                "'{text}' is not a rate: write a whole number, a slash and a length of time, such as 600/1m"
            )
        })
    }
}

impl<'de> Deserialize<'de> for Rate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.period.as_secs();
        write!(f, "{} each ", self.count)?;
        match (seconds, self.period.subsec_millis()) {
            (_, millis) if millis > 0 => write!(f, "{}ms", self.period.as_millis()),
            (s, _) if s % 86_400 == 0 => write!(f, "{}d", s / 86_400),
            (s, _) if s % 3_600 == 0 => write!(f, "{}h", s / 3_600),
            (s, _) if s % 60 == 0 => write!(f, "{}m", s / 60),
            (s, _) => write!(f, "{s}s"),
        }
    }
}

/// Reads where to listen: an address and a port, or a port alone, which is then one of this machine only.
///
/// # Errors
/// In words, with what is accepted.
pub fn listen_address(text: &str) -> Result<SocketAddr, String> {
    let text = text.trim();
    let port = text.strip_prefix(':').or_else(|| text.strip_prefix("localhost:")).unwrap_or(text);
    if let Ok(port) = port.parse::<u16>() {
        return Ok((Ipv4Addr::LOCALHOST, port).into());
    }
    text.parse().map_err(|_| {
        format!(
            "'{text}' is no place to listen at: write a port, such as 8081, for this machine only, or an address \
             and a port, such as 0.0.0.0:8081 or [::]:8081 for everybody who can reach it"
        )
    })
}

/// A number alone is a port.
#[derive(Deserialize)]
#[serde(untagged, expecting = "a port, or an address and a port, such as \"127.0.0.1:8080\"")]
enum Listen {
    Port(u16),
    Address(String),
}

impl Listen {
    fn read<E: serde::de::Error>(self) -> Result<SocketAddr, E> {
        match self {
            Self::Port(port) => Ok((Ipv4Addr::LOCALHOST, port).into()),
            Self::Address(text) => listen_address(&text).map_err(E::custom),
        }
    }
}

/// [`listen_address`] of a setting.
pub(super) fn listen<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SocketAddr, D::Error> {
    Listen::deserialize(deserializer)?.read()
}

/// The same where an empty text means nowhere.
pub(super) fn listen_if<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<SocketAddr>, D::Error> {
    match Listen::deserialize(deserializer)? {
        Listen::Address(text) if text.trim().is_empty() => Ok(None),
        listen => listen.read().map(Some),
    }
}

/// A number of bytes, written as a whole number and a unit: `500kB`, `256MB`, `2GB`, of a thousand each; `0B`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Size(pub u64);

impl Size {
    const UNITS: [(&str, u64); 5] = [
        ("TB", 1_000_000_000_000),
        ("GB", 1_000_000_000),
        ("MB", 1_000_000),
        ("kB", 1_000),
        ("B", 1),
    ];
}

/// For people: `256 MB`, `1.2 GB`.
impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = Self::UNITS.iter().find(|(_, bytes)| self.0 >= *bytes);
        let (unit, bytes) = *unit.unwrap_or(&("B", 1));
        let (whole, tenth) = (self.0 / bytes, self.0 % bytes * 10 / bytes);
        if tenth == 0 { write!(f, "{whole} {unit}") } else { write!(f, "{whole}.{tenth} {unit}") }
    }
}

impl FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (number, unit) = text.split_at(digits);
        let unit = unit.trim_start();
        let bytes = Self::UNITS.iter().find(|(name, _)| name.eq_ignore_ascii_case(unit));
        number
            .parse::<u64>()
            .ok()
            .zip(bytes)
            .and_then(|(number, (_, bytes))| number.checked_mul(*bytes))
            .map(Self)
            .ok_or_else(|| {
                format!(
                    "'{text}' is not a number of bytes: write a whole number and B, kB, MB, GB or TB, \
                     such as 256MB"
                )
            })
    }
}

impl<'de> Deserialize<'de> for Size {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// Where a modem is: a serial device, or a serial port behind TCP.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PortAddress {
    /// A device such as `/dev/ttyUSB0`, or a link to one.
    Device(PathBuf),
    /// `tcp://HOST:PORT`: bytes as they are.
    Tcp(String),
    /// `rfc2217://HOST:PORT`: Telnet with serial port control.
    Rfc2217(String),
}

impl FromStr for PortAddress {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let host_and_port = |rest: &str| {
            let (host, port) = rest.rsplit_once(':')?;
            let fits = !host.is_empty() && port.parse::<u16>().is_ok_and(|port| port > 0);
            fits.then(|| rest.to_owned())
        };
        let address = if let Some(rest) = text.strip_prefix("tcp://") {
            host_and_port(rest).map(Self::Tcp)
        } else if let Some(rest) = text.strip_prefix("rfc2217://") {
            host_and_port(rest).map(Self::Rfc2217)
        } else {
            text.starts_with('/').then(|| Self::Device(PathBuf::from(text)))
        };
        address.ok_or_else(|| {
            format!(
                "'{text}' is not a modem's port: write a device such as /dev/ttyUSB0, \
                 tcp://HOST:PORT or rfc2217://HOST:PORT"
            )
        })
    }
}

impl fmt::Display for PortAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Device(path) => write!(f, "{}", path.display()),
            Self::Tcp(address) => write!(f, "tcp://{address}"),
            Self::Rfc2217(address) => write!(f, "rfc2217://{address}"),
        }
    }
}

impl<'de> Deserialize<'de> for PortAddress {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// How much memory a compiled [`Pattern`] may take, in bytes.
const PATTERN_SIZE: usize = 1 << 20;

/// A regular expression whose one group, in parentheses, is what is looked for. Matching takes time linear in the text.
#[derive(Debug, Clone)]
pub struct Pattern(Regex);

impl Pattern {
    /// What stands in the group, where the expression first fits.
    pub fn find<'t>(&self, text: &'t str) -> Option<&'t str> {
        Some(self.0.captures(text)?.get(1)?.as_str())
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_str() == other.0.as_str()
    }
}

impl FromStr for Pattern {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let regex = RegexBuilder::new(text).size_limit(PATTERN_SIZE).build().map_err(|error| {
            // The lines before draw where it is.
            let words = error.to_string();
            let why = words.lines().last().unwrap_or_default().trim_start_matches("error: ");
            format!("'{text}' is not a regular expression: {why}")
        })?;
        match regex.captures_len() - 1 {
            1 => Ok(Self(regex)),
            groups => Err(format!(
                "'{text}' has {groups} groups in parentheses; put one around what is looked for, \
                 and write others as (?:…)"
            )),
        }
    }
}

impl<'de> Deserialize<'de> for Pattern {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// One of a few words. (serde's own reading of an enum names a type of ours and no word that would do.)
pub(super) fn one_of<'de, D, T>(deserializer: D, words: &[(&str, T)]) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Copy,
{
    let text = String::deserialize(deserializer)?;
    words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value).ok_or_else(|| {
        let words: Vec<String> = words.iter().map(|(word, _)| format!("`{word}`")).collect();
        serde::de::Error::custom(format_args!("'{text}' is none of {}", words.join(", ")))
    })
}

/// An optional value in the file: an empty text is none, for TOML has no null.
pub(super) fn optional<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr,
    T::Err: fmt::Display,
{
    let text = String::deserialize(deserializer)?;
    if text.trim().is_empty() {
        return Ok(None);
    }
    let parsed = text.parse().map_err(|error| {
        serde::de::Error::custom(format_args!("'{text}' does not do here: {error}"))
    });
    parsed.map(Some)
}

/// An optional secret: like [`optional`], and an error never shows it.
pub(super) fn optional_secret<'de, D>(deserializer: D) -> Result<Option<Secret>, D::Error>
where
    D: Deserializer<'de>,
{
    let text = String::deserialize(deserializer)?;
    Ok((!text.is_empty()).then(|| Secret::new(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods() {
        let read = |text: &str| text.parse::<Period>().map(Period::duration);
        assert_eq!(read("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(read("30s"), Ok(Duration::from_secs(30)));
        assert_eq!(read("2 h"), Ok(Duration::from_hours(2)));
        assert_eq!(read("7d"), Ok(Duration::from_hours(7 * 24)));
        for bad in
            ["", "s", "5", "5w", "-1s", "1.5h", "99999999999999999999s", "99999999999999999d"]
        {
            assert!(read(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn rates() {
        for (text, shown) in
            [("600/1m", "600 each 1m"), ("1 / 30s", "1 each 30s"), ("5000/24h", "5000 each 1d")]
        {
            assert_eq!(text.parse::<Rate>().unwrap().to_string(), shown);
        }
        for bad in ["", "600", "0/1m", "600/", "/1m", "600/0s", "-1/1m", "600/1w", "1.5/1m"] {
            assert!(bad.parse::<Rate>().is_err(), "{bad}");
        }
    }

    #[test]
    fn sizes() {
        let read = |text: &str| text.parse::<Size>().map(|size| size.0);
        assert_eq!(read("256MB"), Ok(256_000_000));
        assert_eq!(read("2 gb"), Ok(2_000_000_000));
        assert_eq!(read("0B"), Ok(0));
        for bad in ["", "MB", "256", "1.5GB", "-1B", "99999999999TB", "5MiB"] {
            assert!(read(bad).is_err(), "{bad}");
        }
        let shown = |bytes| Size(bytes).to_string();
        assert_eq!(
            [shown(0), shown(999), shown(1_500), shown(256_000_000), shown(2_340_000_000)],
            ["0 B", "999 B", "1.5 kB", "256 MB", "2.3 GB"]
        );
    }

    #[test]
    fn ports() {
        for good in ["/dev/ttyUSB0", "tcp://10.0.0.5:4001", "rfc2217://gw.local:2217"] {
            assert_eq!(good.parse::<PortAddress>().unwrap().to_string(), good);
        }
        for bad in ["", "ttyUSB0", "tcp://", "tcp://host", "tcp://host:0", "tcp://:1", "COM1"] {
            assert!(bad.parse::<PortAddress>().is_err(), "{bad}");
        }
    }

    #[test]
    fn patterns() {
        let pattern: Pattern = r"(?:Rp|IDR) ?([\d.]+)".parse().unwrap();
        assert_eq!(pattern.find("Sisa pulsa Rp 25.000. Aktif"), Some("25.000."));
        assert_eq!(pattern.find("Sisa pulsa -"), None);
        let optional: Pattern = "Rp(x)?".parse().unwrap();
        assert_eq!(optional.find("Rp"), None);
        for (bad, why) in [
            ("Rp (", "unclosed group"),
            ("Rp .*", "has 0 groups"),
            ("(Rp) (.*)", "has 2 groups"),
            (r"(\w{200}){200}", "size limit"),
        ] {
            let refused = bad.parse::<Pattern>().unwrap_err();
            assert!(refused.contains(why), "{bad}: {refused}");
        }
    }

    #[test]
    fn secrets_are_not_shown() {
        assert_eq!(format!("{:?}", Secret::new("1234")), "[hidden]");
    }
}
