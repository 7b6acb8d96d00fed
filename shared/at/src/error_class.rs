//! What a failure asks for.

/// The class of an error code: what to do with the message and with the modem.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorClass {
    /// The message can never go out as it is, and fails now. Several in a row for different recipients
    /// speak against the SIM.
    Permanent,
    /// The service centre has the message already, which counts as sent.
    AlreadySent,
    /// The network cannot take the message just now: it is tried again with back-off, a bounded number of times.
    Temporary,
    /// The cause may be the number, the balance or the network: two or three tries, another SIM if there is
    /// one, then the message fails with the code.
    Ambiguous,
    /// The message may be out, and is never blindly sent again.
    MaybeSent,
    /// The modem or SIM is not ready yet: the message is tried again in seconds, which does not count as a try.
    Busy,
    /// The modem or SIM is ill: the message is kept for another, and the modem is set up anew.
    Ill,
    /// The message storage is full or a slot is wrong: nothing to do with the message.
    Storage,
    /// The service centre's number is not known: the message is tried again once the number is set.
    NoSmsc,
    /// There was nothing to acknowledge.
    NothingToAck,
}

/// An error code in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Described {
    /// The code.
    pub code: u16,
    /// The name of the code in the standard.
    pub name: &'static str,
    /// What the code means, in a sentence.
    pub meaning: &'static str,
    /// What to do about it, in a sentence.
    pub advice: &'static str,
    /// What the code asks for.
    pub class: ErrorClass,
}

/// Looks a name up as modems with `+CMEE=2` write it: any case, `SIM` for `(U)SIM`.
pub(crate) fn by_name(table: &[Described], text: &str) -> Option<u16> {
    let wanted = plain(text);
    table.iter().find(|entry| plain(entry.name) == wanted).map(|entry| entry.code)
}

fn plain(text: &str) -> String {
    let text = text.to_ascii_lowercase().replace("(u)sim", "sim").replace("usim", "sim");
    text.chars().filter(char::is_ascii_alphanumeric).collect()
}
