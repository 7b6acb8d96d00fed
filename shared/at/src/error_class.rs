//! What a failure asks for.

/// The class of an error code: what to do with the message and with the modem.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorClass {
    /// The message can never go out as it is: fail it now. Several in a row for different recipients
    /// speak against the SIM.
    Permanent,
    /// The service centre has the message already: it counts as sent.
    AlreadySent,
    /// The network cannot just now: again with back-off, a bounded number of times.
    Temporary,
    /// It may be the number, the balance or the network: two or three tries, another SIM if there is
    /// one, then fail it with the code.
    Ambiguous,
    /// The message may be out: never blindly again.
    MaybeSent,
    /// The modem or SIM is not ready yet: again in seconds, which is no try.
    Busy,
    /// The modem or SIM is ill: the message is kept for another, the modem set up anew.
    Ill,
    /// The message storage is full or a slot is wrong: nothing to do with the message.
    Storage,
    /// The service centre's number is not known: set it, then again.
    NoSmsc,
    /// There was nothing to acknowledge: nothing to do.
    NothingToAck,
}

/// An error code in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Described {
    /// The code.
    pub code: u16,
    /// Its name in the standard.
    pub name: &'static str,
    /// What it means, in a sentence.
    pub meaning: &'static str,
    /// What to do about it, in a sentence.
    pub advice: &'static str,
    /// What it asks for.
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
