//! A message to try things with.

use contracts::mo::MoReceived;
use contracts::{Address, MessageId, ModemId, OrgId, SimId};

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
        wish: None,
    }
}
