//! What a received message tells people beyond its text: that it came cut, that voice mail waits, that a picture
//! message waits at the network, that its data is text after all. All of it is read from the message's PDUs.

use store::Received;
use tpdu::{Deliver, Indication, MmsNotification};

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reading {
    /// No part of the message is an SMS-DELIVER that can be read: there is only the PDU.
    pub(crate) unreadable: bool,
    /// The end of a part is missing.
    pub(crate) cut: bool,
    /// What waits for the subscriber at another system, or waits no longer.
    pub(crate) waiting: Vec<Indication>,
    /// A multimedia message waits at the network.
    pub(crate) mms: Option<MmsNotification>,
    /// 8-bit data that is plainly text.
    pub(crate) data_text: Option<String>,
}

impl Reading {
    /// Reads a message.
    pub(crate) fn of(received: &Received) -> Self {
        let parts: Vec<Deliver> = received.pdus.iter().filter_map(|pdu| decode(pdu)).collect();
        let data = received.data.as_deref().and_then(|hex| tpdu::from_hex(hex).ok());
        let mms = received
            .ports
            .filter(|(to, _)| MmsNotification::is_for_port(*to))
            .and(data.as_deref())
            .and_then(MmsNotification::decode);
        let data_text = data.as_deref().filter(|_| mms.is_none()).and_then(tpdu::text_of_data);
        Self {
            unreadable: received.text.is_none() && received.data.is_none(),
            cut: parts.iter().any(|part| part.cut),
            // Each part of a long message repeats it.
            waiting: parts.first().map(Deliver::waiting).unwrap_or_default(),
            mms,
            data_text,
        }
    }
}

fn decode(pdu: &str) -> Option<Deliver> {
    let octets = tpdu::from_hex(pdu).ok()?;
    match tpdu::decode_received(&octets, None).ok()?.tpdu {
        tpdu::Received::Deliver(deliver) => Some(deliver),
        tpdu::Received::StatusReport(_) => None,
    }
}
