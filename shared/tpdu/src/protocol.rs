//! TP-PID, values that change what is done with a message (TS 23.040, 9.2.3.9).

/// An ordinary message.
pub const ORDINARY: u8 = 0x00;
/// Type 0, "silent": acknowledged, never shown nor kept.
pub const TYPE_0: u8 = 0x40;
/// Return call: the sender asks to be called.
pub const RETURN_CALL: u8 = 0x5F;
/// For the SIM, by way of the phone: SIM data download.
pub const SIM_DOWNLOAD: u8 = 0x7F;

/// Which of the replace types, 1 to 7: a message takes the place of the last one of its type from the same address.
pub const fn replace_type(protocol_id: u8) -> Option<u8> {
    match protocol_id {
        0x41..=0x47 => Some(protocol_id - 0x40),
        _ => None,
    }
}
