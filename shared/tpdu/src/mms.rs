//! MMS notifications: "a picture message waits at this address", as SMS data for port 2948.
//!
//! A message centre pushes an `M-Notification.ind` (OMA MMS Encapsulation Protocol, 6.2) in a WSP push
//! (WAP-230-WSP, 8.2.4). Merpati does not fetch the picture, but people must see that one waits.
//!
//! ```text
//! push    = transaction-id 0x06 headers-length content-type *header notification
//! field   = short-integer value                      the name has bit 7 set
//! value   = 0..30 octets | 0x1F uintvar octets       so many octets follow
//!         | text 0x00                                begins with 0x20..0x7F
//!         | short-integer                            0x80..0xFF, one octet
//! ```

use std::fmt;

use crate::octets::Reader;

/// The port that WAP push comes to.
const PUSH_PORT: u16 = 2948;
/// The PDU type of a push.
const PUSH: u8 = 0x06;
/// `application/vnd.wap.mms-message` as a short integer, and as text.
const MMS_TYPE: u8 = 0xBE;
const MMS_TYPE_TEXT: &[u8] = b"application/vnd.wap.mms-message";
/// Field names (OMA MMS Encapsulation Protocol, 7.4).
const CONTENT_LOCATION: u8 = 0x83;
const EXPIRY: u8 = 0x88;
const FROM: u8 = 0x89;
const MESSAGE_TYPE: u8 = 0x8C;
const MESSAGE_SIZE: u8 = 0x8E;
const SUBJECT: u8 = 0x96;
/// The message type of a notification.
const NOTIFICATION: u8 = 0x82;
/// "The sender is named", before the name.
const ADDRESS_PRESENT: u8 = 0x80;
/// How an expiry is meant.
const ABSOLUTE: u8 = 0x80;
const RELATIVE: u8 = 0x81;
/// UTF-8, as the character set of a subject (IANA MIBenum 106, a short integer).
const UTF_8: u8 = 0xEA;
/// The value of 31 says that the length itself follows.
const LENGTH_QUOTE: u8 = 31;

/// A notification that a multimedia message waits.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct MmsNotification {
    /// Where the message waits (`X-Mms-Content-Location`), as it was written. Anybody can write anything into it.
    pub location: String,
    /// The sender, without the `/TYPE=PLMN` of numbers; none when it is hidden.
    pub from: Option<String>,
    /// The subject.
    pub subject: Option<String>,
    /// The size of the message in octets.
    pub size: Option<u64>,
    /// When the message centre deletes it.
    pub expiry: Option<Expiry>,
}

/// When a multimedia message is deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Expiry {
    /// At this time, in seconds since 1970 UTC.
    At(u64),
    /// So many seconds after the notification was sent.
    After(u64),
}

impl fmt::Debug for MmsNotification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MmsNotification({:?} octets)", self.size)
    }
}

impl MmsNotification {
    /// Whether data for this port may be one.
    pub const fn is_for_port(port: u16) -> bool {
        port == PUSH_PORT
    }

    /// From the data of a whole message, headers of its parts removed. None when the data is anything else, or
    /// names no place where the message waits.
    pub fn decode(data: &[u8]) -> Option<Self> {
        let mut push = Reader::new(data);
        push.octet("transaction_id").ok()?;
        if push.octet("type").ok()? != PUSH {
            return None;
        }
        let length = uintvar(&mut push)?;
        let headers = push.take(length, "headers").ok()?;
        is_mms(headers).then_some(())?;
        Self::fields(push.left())
    }

    fn fields(octets: &[u8]) -> Option<Self> {
        let mut reader = Reader::new(octets);
        let mut found =
            Self { location: String::new(), from: None, subject: None, size: None, expiry: None };
        // A notification that is cut says what it says.
        while let Ok(name) = reader.octet("name")
            && let Some(value) = Value::read(&mut reader)
        {
            match (name, value) {
                (MESSAGE_TYPE, Value::Short(kind)) if kind != NOTIFICATION => return None,
                (CONTENT_LOCATION, Value::Text(text)) => found.location = latin(text),
                (FROM, Value::Octets(octets)) => found.from = sender(octets),
                (SUBJECT, Value::Text(text)) => found.subject = Some(latin(text)),
                (SUBJECT, Value::Octets(octets)) => found.subject = encoded(octets),
                (MESSAGE_SIZE, Value::Octets(octets)) => found.size = number(octets),
                (EXPIRY, Value::Octets(octets)) => found.expiry = expiry(octets),
                _ => {}
            }
        }
        (!found.location.is_empty()).then_some(found)
    }
}

/// The value of a field in its general form (WAP-230-WSP, 8.4.1.2).
enum Value<'a> {
    /// One octet, bit 7 set.
    Short(u8),
    /// Text without its end mark.
    Text(&'a [u8]),
    /// As many octets as their length says.
    Octets(&'a [u8]),
}

impl<'a> Value<'a> {
    fn read(reader: &mut Reader<'a>) -> Option<Self> {
        let first = *reader.left().first()?;
        match first {
            0x80.. => {
                reader.octet("value").ok()?;
                Some(Self::Short(first))
            }
            0..=LENGTH_QUOTE => {
                reader.octet("length").ok()?;
                let length = if first == LENGTH_QUOTE { uintvar(reader)? } else { first.into() };
                reader.take(length, "value").ok().map(Self::Octets)
            }
            _ => text(reader).map(Self::Text),
        }
    }
}

/// The content type comes first among the headers of a push: bare, or with parameters behind a length.
fn is_mms(headers: &[u8]) -> bool {
    let is_it = |value| match value {
        Value::Short(kind) => kind == MMS_TYPE,
        Value::Text(text) => text == MMS_TYPE_TEXT,
        Value::Octets(_) => false,
    };
    match Value::read(&mut Reader::new(headers)) {
        Some(Value::Octets(with_parameters)) => {
            Value::read(&mut Reader::new(with_parameters)).is_some_and(is_it)
        }
        Some(bare) => is_it(bare),
        None => false,
    }
}

/// An integer of 7 bits an octet, the last one without bit 7 (WAP-230-WSP, 8.1.2), of at most five octets.
fn uintvar(reader: &mut Reader<'_>) -> Option<usize> {
    let mut value = 0usize;
    for _ in 0..5 {
        let octet = reader.octet("uintvar").ok()?;
        value = value << 7 | usize::from(octet & 0x7F);
        if octet & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

/// Text up to its U+0000, which is taken; a quote (0x7F) before its first character is left out.
fn text<'a>(reader: &mut Reader<'a>) -> Option<&'a [u8]> {
    let length = reader.left().iter().position(|&octet| octet == 0)?;
    let text = reader.take(length, "text").ok()?;
    reader.octet("text").ok()?;
    Some(text.strip_prefix(&[0x7F]).unwrap_or(text))
}

/// Text of no named character set; UTF-8 is what most write.
fn latin(text: &[u8]) -> String {
    str::from_utf8(text)
        .map_or_else(|_| text.iter().copied().map(char::from).collect(), ToOwned::to_owned)
}

/// `charset text 0x00`; other character sets than UTF-8 and ASCII read as ISO 8859-1.
fn encoded(octets: &[u8]) -> Option<String> {
    let mut reader = Reader::new(octets);
    match *octets.first()? {
        0x80.. => {
            let charset = reader.octet("charset").ok()?;
            let text = text(&mut reader)?;
            Some(match charset {
                UTF_8 => String::from_utf8_lossy(text).into_owned(),
                _ => latin(text),
            })
        }
        0x01..=0x1E => {
            let length = reader.octet("charset.length").ok()?;
            reader.take(length.into(), "charset").ok()?;
            text(&mut reader).map(latin)
        }
        _ => text(&mut reader).map(latin),
    }
}

/// `0x80 name`, or `0x81` for a hidden sender.
fn sender(octets: &[u8]) -> Option<String> {
    let (&ADDRESS_PRESENT, name) = octets.split_first()? else { return None };
    let name = encoded(name)?;
    let bare = name.split_once("/TYPE=").map_or(name.as_str(), |(bare, _)| bare);
    (!bare.is_empty()).then(|| bare.to_owned())
}

/// Octets of an integer, the most significant first.
fn number(octets: &[u8]) -> Option<u64> {
    let is_one = (1..=8).contains(&octets.len());
    is_one.then(|| octets.iter().fold(0, |value, &octet| value << 8 | u64::from(octet)))
}

/// `0x80 date` or `0x81 seconds`, each an integer with its length before it, or of one octet.
fn expiry(octets: &[u8]) -> Option<Expiry> {
    let (&kind, value) = octets.split_first()?;
    let seconds = match Value::read(&mut Reader::new(value))? {
        Value::Octets(octets) => number(octets)?,
        Value::Short(octet) => u64::from(octet & 0x7F),
        Value::Text(_) => return None,
    };
    match kind {
        ABSOLUTE => Some(Expiry::At(seconds)),
        RELATIVE => Some(Expiry::After(seconds)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::from_hex;

    /// Typed in from a public report of a network in Belgium, number and link changed.
    const FIELD: &str = "2A06226170706C69636174696F6E2F766E642E7761702E6D6D732D6D65737361676500AF848C82\
        983831343630343934406D6D7331008D928918802B33323437303030303030312F545950453D504C4D4E0096008F\
        8186818A808E03017A598805810303F48083687474703A2F2F6D74732F3F69643D3831363034393400";

    #[test]
    fn a_notification_from_the_field() {
        let hex: String = FIELD.chars().filter(|c| !c.is_whitespace()).collect();
        let mms = MmsNotification::decode(&from_hex(&hex).unwrap()).unwrap();
        assert_eq!(mms.from.as_deref(), Some("+32470000001"));
        assert_eq!(mms.size, Some(0x0001_7A59));
        assert_eq!(mms.location, "http://mts/?id=8160494");
        assert_eq!(mms.expiry, Some(Expiry::After(0x0003_F480)));
        assert_eq!(mms.subject, None, "it is empty");
    }

    #[test]
    fn a_type_of_one_octet_an_absolute_expiry_and_a_subject_in_utf_8() {
        let body = [
            &[0x01, PUSH, 0x01, MMS_TYPE, MESSAGE_TYPE, NOTIFICATION][..],
            &[FROM, 0x01, 0x81],
            &[SUBJECT, 0x06, UTF_8, b'c', 0xC3, 0xA9, b'!', 0],
            &[EXPIRY, 0x06, ABSOLUTE, 0x04, 0x6A, 0x00, 0x00, 0x00],
            b"\x83http://m/1\0",
        ]
        .concat();
        let mms = MmsNotification::decode(&body).unwrap();
        assert_eq!(mms.from, None, "the sender is hidden");
        assert_eq!(mms.subject.as_deref(), Some("cé!"));
        assert_eq!(mms.expiry, Some(Expiry::At(0x6A00_0000)));
        assert_eq!(mms.location, "http://m/1");
    }

    #[test]
    fn other_data_is_none() {
        assert_eq!(MmsNotification::decode(b""), None);
        assert_eq!(MmsNotification::decode(b"plain octets"), None);
        // A service indication (text/vnd.wap.si) is a push too.
        assert_eq!(MmsNotification::decode(&[1, PUSH, 1, 0xAE, 0x83, b'x', 0]), None);
        // A delivery report of an MMS.
        assert_eq!(MmsNotification::decode(&[1, PUSH, 1, MMS_TYPE, MESSAGE_TYPE, 0x86]), None);
        // A length beyond the octets.
        assert_eq!(MmsNotification::decode(&[1, PUSH, 0x8F, 0xFF, 0xFF, 0x7F, MMS_TYPE]), None);
    }
}
