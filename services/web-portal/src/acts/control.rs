//! Asking a modem by its control service: request and reply on the broker, subject `modem.<id>.<call>`.

use std::time::Duration;

use async_nats::client::RequestErrorKind;
use bus::Bus;
use contracts::ModemId;
use contracts::control::{Call, PIN_REFUSED};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CallError {
    /// No driver serves this modem.
    #[error("no driver answers for this modem")]
    NobodyThere,
    /// It took too long.
    #[error("the modem did not answer in time")]
    TooSlow,
    /// The driver or the modem says no, in words.
    #[error("{0}")]
    Refused(String),
    /// The SIM refused its PIN, or the PIN may not be tried, in the driver's words.
    #[error("{0}")]
    PinRefused(String),
    /// The broker.
    #[error("the broker cannot be reached")]
    Broker(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// The most characters of a USSD code: what 160 octets hold (3GPP TS 23.038, 6.1.2.3).
pub(crate) const LONGEST_USSD: usize = 182;

/// Header of an error of a NATS micro service.
const SERVICE_ERROR: &str = "Nats-Service-Error";
/// Header of the code of such an error.
const SERVICE_ERROR_CODE: &str = "Nats-Service-Error-Code";

/// Asks, and waits for the answer.
pub(crate) async fn call<T: DeserializeOwned>(
    bus: &Bus,
    modem: ModemId,
    call: Call,
    body: &(impl Serialize + Sync),
    patience: Duration,
) -> Result<T, CallError> {
    let payload = serde_json::to_vec(body).map_err(|error| CallError::Broker(Box::new(error)))?;
    let request = async_nats::Request::new().payload(payload.into()).timeout(Some(patience));
    let reply = bus.client().send_request(call.subject(modem), request).await;
    let reply = reply.map_err(|error| match error.kind() {
        RequestErrorKind::NoResponders => CallError::NobodyThere,
        RequestErrorKind::TimedOut => CallError::TooSlow,
        _ => CallError::Broker(Box::new(error)),
    })?;
    if let Some(words) = reply.headers.as_ref().and_then(|headers| headers.get(SERVICE_ERROR)) {
        let code = reply.headers.as_ref().and_then(|headers| headers.get(SERVICE_ERROR_CODE));
        let words = words.to_string();
        return Err(match code.and_then(|code| code.as_str().parse().ok()) {
            Some(PIN_REFUSED) => CallError::PinRefused(words),
            _ => CallError::Refused(words),
        });
    }
    let payload: &[u8] = if reply.payload.is_empty() { b"null" } else { &reply.payload };
    serde_json::from_slice(payload).map_err(|error| CallError::Broker(Box::new(error)))
}

/// Refuses what no SIM takes.
pub(crate) fn check_pin(pin: &str) -> Result<(), &'static str> {
    let fits = (4..=8).contains(&pin.len()) && pin.bytes().all(|b| b.is_ascii_digit());
    if fits { Ok(()) } else { Err("A PIN has 4 to 8 digits.") }
}
