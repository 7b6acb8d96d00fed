//! From bytes to values.

use serde::de::DeserializeOwned;

/// What can be read from a message of the broker.
///
/// Everything that serde can read from JSON is; [`crate::Event`] also looks at the subject.
pub trait Payload: Sized + Send {
    /// Reads a message.
    ///
    /// # Errors
    /// In words, without the payload: they go into a dead letter's header and into logs.
    fn decode(subject: &str, payload: &[u8]) -> Result<Self, String>;
}

impl<T: DeserializeOwned + Send> Payload for T {
    fn decode(_subject: &str, payload: &[u8]) -> Result<Self, String> {
        serde_json::from_slice(payload).map_err(|error| format!("not the expected JSON: {error}"))
    }
}
