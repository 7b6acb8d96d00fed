//! The id of a trace, as OpenTelemetry has it and W3C Trace Context writes it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The id of a trace: 32 small hexadecimal digits, of which at least one is no zero.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TraceId([u8; 16]);

/// A text that is no id of a trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the id of a trace is 32 small hexadecimal digits, not all of them 0")]
pub struct ParseTraceIdError;

impl TraceId {
    /// Wraps the bytes of an id. None: all of them are zero, which stands for no trace.
    pub fn from_bytes(bytes: [u8; 16]) -> Option<Self> {
        (bytes != [0; 16]).then_some(Self(bytes))
    }
}

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for TraceId {
    type Err = ParseTraceIdError;

    fn from_str(text: &str) -> Result<Self, ParseTraceIdError> {
        let is_small_hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        if text.len() != 32 || !text.bytes().all(is_small_hex) {
            return Err(ParseTraceIdError);
        }
        let number = u128::from_str_radix(text, 16).map_err(|_| ParseTraceIdError)?;
        Self::from_bytes(number.to_be_bytes()).ok_or(ParseTraceIdError)
    }
}

impl Serialize for TraceId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for TraceId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(feature = "openapi")]
crate::schema::text!(TraceId, "^[0-9a-f]{32}$");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_written_as_it_is_read() {
        let text = "0af7651916cd43dd8448eb211c80319c";
        let id: TraceId = text.parse().unwrap();
        assert_eq!(id.to_string(), text);
        let json = serde_json::to_string(&id).unwrap();
        assert_eq!(serde_json::from_str::<TraceId>(&json).unwrap(), id);
        assert_eq!(TraceId::from_bytes([0; 16]), None);
    }

    #[test]
    fn anything_else_is_none() {
        for text in [
            "",
            "0af7651916cd43dd8448eb211c80319",
            "0AF7651916cd43dd8448eb211c80319c",
            "+af7651916cd43dd8448eb211c80319c",
            "00000000000000000000000000000000",
            "0af7651916cd43dd8448eb211c80319cc",
            "é0af7651916cd43dd8448eb211c8031",
        ] {
            assert_eq!(text.parse::<TraceId>(), Err(ParseTraceIdError), "{text}");
        }
    }
}
