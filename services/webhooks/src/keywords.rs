//! Which keyword service takes a message.
//!
//! One service does: of those whose keyword is the first word of the message and whose account may read the message,
//! the one that was made first; when there is none, the first whose keyword is `default`.

use contracts::Timestamp;
use contracts::mo::MoReceived;
use store::{NewServiceCall, ServiceCall, Store, StoreError};

use crate::listeners::reads_message;

/// The most characters of a word that is looked for.
const LONGEST_WORD: usize = 64;

/// See the module.
pub(crate) struct Keywords {
    store: Store,
}

impl Keywords {
    pub(crate) fn new(store: Store) -> Self {
        Self { store }
    }

    /// Keeps the call of the service that takes a message, which is the caller's until then. None: no service takes it,
    /// or it was taken before.
    pub(crate) async fn call(
        &self,
        message: &MoReceived,
        now: Timestamp,
        held_until: Timestamp,
    ) -> Result<Option<ServiceCall>, StoreError> {
        let word = first_word(message);
        for taken_by in self.store.services_for(message.org, &word).await? {
            if !reads_message(&self.store, taken_by.reach, message).await? {
                continue;
            }
            let service = taken_by.service;
            let message = message.clone();
            let new = NewServiceCall { service: service.id, message, next_at: held_until };
            let kept = self.store.create_service_call(&new, now).await?;
            return Ok(kept.map(|id| ServiceCall {
                id,
                service,
                message: new.message,
                reply: None,
                held_until,
                attempts: 0,
            }));
        }
        Ok(None)
    }
}

/// The first word of a message in small letters; empty when there is none, or when it is longer than any keyword.
fn first_word(message: &MoReceived) -> String {
    let octets = message.data.as_deref().and_then(|data| tpdu::from_hex(data).ok());
    let of_octets = octets.as_deref().map(String::from_utf8_lossy);
    let text = message.text.as_deref().or(of_octets.as_deref()).unwrap_or_default();
    let word = text.split_whitespace().next().unwrap_or_default();
    if word.chars().count() > LONGEST_WORD { String::new() } else { word.to_lowercase() }
}

#[cfg(test)]
pub(crate) mod tests {
    use contracts::{Address, MessageId, ModemId, OrgId, SimId};

    use super::*;

    /// A message of that text.
    pub(crate) fn message(text: &str) -> MoReceived {
        MoReceived {
            id: MessageId::derived("1"),
            org: OrgId::default_org(),
            owner: None,
            modem: ModemId::derived("m"),
            sim: SimId::derived("s"),
            to: None,
            from: Address::from_text("+628123456789"),
            text: Some(text.to_owned()),
            data: None,
            class: None,
            ports: None,
            parts: 1,
            missing: Vec::new(),
            pdus: Vec::new(),
            smsc_at: None,
            received_at: "2026-11-30T10:00:00Z".parse().unwrap(),
        }
    }

    #[test]
    fn the_first_word_is_what_stands_before_the_first_blank() {
        for (text, word) in [
            ("INFO jadwal", "info"),
            ("  Info\njadwal", "info"),
            ("informasi", "informasi"),
            ("ÇOK iyi", "çok"),
            ("", ""),
            (" \r\n", ""),
        ] {
            assert_eq!(first_word(&message(text)), word, "{text:?}");
        }
        assert_eq!(first_word(&message(&"x".repeat(LONGEST_WORD + 1))), "");
        let data = MoReceived { text: None, data: Some("494E464F2001".to_owned()), ..message("") };
        assert_eq!(first_word(&data), "info");
    }
}
