//! Kannel's escape codes in a URL: a `dlr-url`, or that of a keyword service.
//!
//! `%` and one character stand for a value of the message; `%%` is a `%`. A code that Kannel does not
//! know stays as it is, so an already encoded `%20` survives. Every value is URL-encoded as a form
//! field (a space becomes `+`), byte by byte in the message's own charset: a UCS-2 message has its text
//! as UTF-16BE. Values we have no counterpart of (billing information, smsbox id, metadata) are empty.

use std::fmt::Write as _;

use contracts::{MessageId, Priority, Timestamp};
use tpdu::{DataCoding, WaitingKind};

use crate::content::Content;

/// What a URL tells of a message that was sent or received.
#[derive(Clone)]
pub struct Values {
    /// `%d`: 1 delivered, 2 undelivered, 4 buffered, 8 sent, 16 rejected; none, for a message that was received: -1.
    pub value: Option<u8>,
    /// `%A`: `ACK/` and `NACK/` with what the other side said; none: the text, as Kannel has it of what was received.
    pub reply: Option<String>,
    /// `%N`: what happened, in words.
    pub words: String,
    /// `%t`, `%T`: when it happened.
    pub at: Timestamp,
    /// `%I`.
    pub message: MessageId,
    /// `%p`, `%q`: the other phone, which sent the message or gets it. In a report Kannel has the two sides swapped.
    pub other: String,
    /// `%P`, `%Q`: the SIM's number, where known.
    pub own: Option<String>,
    /// `%i`: the SIM it went or came through, once it did.
    pub sim: Option<String>,
    /// `%f`: the service centre that it came from, where known.
    pub centre: Option<String>,
    /// `%F`: the reference the network gave its first part.
    pub reference: Option<u8>,
    /// `%a`, `%b`, `%e`, `%k`, `%r`, `%s`, `%S`, `%c`, `%C`: the message.
    pub content: Content,
    /// `%m`.
    pub class: Option<u8>,
    /// `%M`, `%O`: TP-DCS, where it is known to the bit.
    pub coding: Option<DataCoding>,
    /// `%u`, `%U`.
    pub udh: Vec<u8>,
    /// `%v`: in minutes.
    pub validity: Option<u32>,
    /// `%y`: 0 bulk, 1 normal, 3 OTP.
    pub priority: Priority,
    /// `%n`: the name of the account that sent it, or of the service that takes it.
    pub service: Option<String>,
}

/// The most bytes of a URL that is fetched: more than any server reads. Without it a short pattern of a long text, over
/// and over, would be megabytes for each of a thousand recipients.
pub const LONGEST: usize = 32 * 1024;

/// The URL to fetch: `pattern` with its escape codes replaced; none: it would be longer than [`LONGEST`].
///
/// ```text
/// pattern = *( octet / code )
/// code    = "%" ( letter / "%" / "#" group "#" parameter "#" )
/// ```
pub fn fill(pattern: &str, values: &Values) -> Option<String> {
    let words = values.content.words();
    let mut url = String::with_capacity(pattern.len() + 64);
    // `%s` and `%S` take one word after another; the first is the keyword.
    let mut next = 1;
    let mut rest = pattern.chars();
    while let Some(c) = rest.next() {
        if url.len() > LONGEST {
            return None;
        }
        if c != '%' {
            url.push(c);
            continue;
        }
        let Some(code) = rest.next() else {
            url.push('%');
            break;
        };
        match code {
            'a' => push_words(&mut url, &words, values.content.gap()),
            'A' => match &values.reply {
                Some(reply) => push(&mut url, reply.as_bytes()),
                None => push(&mut url, &values.content.bytes()),
            },
            'b' => push(&mut url, &values.content.bytes()),
            'c' => push_number(&mut url, values.content.coding().into()),
            'C' => url.push_str(values.content.charset()),
            'd' => push_number(&mut url, values.value.map_or(-1, i64::from)),
            'e' => push_hex(&mut url, &values.content.bytes()),
            'f' => push(&mut url, values.centre.as_deref().unwrap_or_default().as_bytes()),
            'F' => values.reference.iter().for_each(|r| push_number(&mut url, (*r).into())),
            'i' => push(&mut url, values.sim.as_deref().unwrap_or_default().as_bytes()),
            'I' => push(&mut url, values.message.to_string().as_bytes()),
            'k' => words.first().into_iter().for_each(|word| push(&mut url, word)),
            'm' => push_number(&mut url, values.class.map_or(-1, i64::from)),
            'M' => push_number(&mut url, waiting(values)),
            'B' | 'D' | 'o' | 'V' | 'x' => {}
            'n' => push(&mut url, values.service.as_deref().unwrap_or_default().as_bytes()),
            'N' => push(&mut url, values.words.as_bytes()),
            'O' => push(&mut url, data_coding(values).as_bytes()),
            'p' => push(&mut url, values.other.as_bytes()),
            'q' => push(&mut url, plus(&values.other).as_bytes()),
            'P' => push(&mut url, values.own.as_deref().unwrap_or_default().as_bytes()),
            'Q' => push(&mut url, plus(values.own.as_deref().unwrap_or_default()).as_bytes()),
            'r' => {
                push_words(&mut url, words.get(next..).unwrap_or_default(), values.content.gap());
            }
            'R' => push(&mut url, pattern.as_bytes()),
            's' | 'S' => {
                if let Some(word) = words.get(next) {
                    if code == 's' {
                        push(&mut url, word);
                    } else {
                        push_bare(&mut url, word);
                    }
                    next += 1;
                }
            }
            't' => {
                let at = values.at.to_jiff().strftime("%Y-%m-%d+%H:%M:%S");
                let _ = write!(url, "{at}");
            }
            'T' => push_number(&mut url, values.at.as_micros().div_euclid(1_000_000)),
            'u' => push(&mut url, &values.udh),
            'U' => push_hex(&mut url, &values.udh),
            'v' => values.validity.iter().for_each(|v| push_number(&mut url, (*v).into())),
            'y' => push_number(&mut url, kannel_priority(values.priority)),
            '#' => skip_metadata(&mut rest),
            '%' => url.push('%'),
            other => url.extend(['%', other]),
        }
    }
    (url.len() <= LONGEST).then_some(url)
}

/// Letters, digits and `-_.*` stay; a space becomes `+`; all other bytes become `%XX`.
pub fn push(url: &mut String, bytes: &[u8]) {
    for &byte in bytes {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'*' => {
                url.push(char::from(byte));
            }
            b' ' => url.push('+'),
            _ => push_escaped(url, byte),
        }
    }
}

fn push_escaped(url: &mut String, byte: u8) {
    // Writing to a String cannot fail.
    let _ = write!(url, "%{byte:02X}");
}

/// `%S`: as it is, `*` as `~`; only what can be in no URL is encoded.
fn push_bare(url: &mut String, bytes: &[u8]) {
    for &byte in bytes {
        match byte {
            b'*' => url.push('~'),
            b'%' | b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}' | b'#' => {
                push_escaped(url, byte);
            }
            0x21..=0x7e => url.push(char::from(byte)),
            _ => push_escaped(url, byte),
        }
    }
}

fn push_words(url: &mut String, words: &[Vec<u8>], gap: &str) {
    for (i, word) in words.iter().enumerate() {
        if i > 0 {
            url.push_str(gap);
        }
        push(url, word);
    }
}

fn push_hex(url: &mut String, bytes: &[u8]) {
    for byte in bytes {
        let _ = write!(url, "{byte:02X}");
    }
}

fn push_number(url: &mut String, number: i64) {
    let _ = write!(url, "{number}");
}

fn plus(number: &str) -> String {
    number.strip_prefix("00").map_or_else(|| number.to_owned(), |rest| format!("+{rest}"))
}

const fn kannel_priority(priority: Priority) -> i64 {
    match priority {
        Priority::Bulk => 0,
        Priority::Normal => 1,
        Priority::Otp => 3,
    }
}

/// A message waiting indication as Kannel's `mwi` has it: 0 to 3 set one, 4 to 7 take it back.
fn waiting(values: &Values) -> i64 {
    let Some(waiting) = values.coding.and_then(DataCoding::waiting) else { return -1 };
    let kind = match waiting.kind {
        WaitingKind::Voicemail => 0,
        WaitingKind::Fax => 1,
        WaitingKind::Email => 2,
        WaitingKind::Other => 3,
    };
    if waiting.active { kind } else { kind + 4 }
}

/// TP-DCS as Kannel prints it: two decimal digits (3GPP TS 23.038, section 4).
fn data_coding(values: &Values) -> String {
    if let Some(DataCoding(octet)) = values.coding {
        return format!("{octet:02}");
    }
    let class = values.class.map_or(0, |class| 0x10 | class);
    format!("{:02}", (values.content.coding() << 2) | class)
}

/// `%#group#parameter#`: there is no metadata, so it is empty.
fn skip_metadata(rest: &mut std::str::Chars<'_>) {
    let mut ahead = rest.clone();
    if ahead.by_ref().filter(|c| *c == '#').take(2).count() == 2 {
        *rest = ahead;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(pattern: &str, values: &Values) -> String {
        fill(pattern, values).unwrap()
    }

    #[test]
    fn a_short_pattern_does_not_become_megabytes() {
        let text = "Ж".repeat(500);
        let long = Values { content: Content::Ucs2(text), ..values() };
        assert!(fill(&"%b".repeat(5), &long).is_some());
        assert_eq!(fill(&"%b".repeat(1_000), &long), None);
        assert_eq!(fill(&"%R".repeat(1_000), &values()), None);
        assert_eq!(fill(&"u".repeat(LONGEST), &values()).map(|url| url.len()), Some(LONGEST));
        assert_eq!(fill(&"u".repeat(LONGEST + 1), &values()), None);
    }

    fn values() -> Values {
        Values {
            value: Some(1),
            reply: Some("ACK/".to_owned()),
            words: "Delivered".to_owned(),
            at: "2006-02-16T02:14:26Z".parse().unwrap(),
            message: MessageId::derived("one"),
            other: "+628123456789".to_owned(),
            own: Some("0062811".to_owned()),
            sim: Some("sim_1".to_owned()),
            centre: None,
            reference: Some(7),
            content: Content::Gsm7("PV admin a&b  jelek*".to_owned()),
            class: None,
            coding: None,
            udh: vec![0x05, 0x00, 0x03],
            validity: Some(90),
            priority: Priority::Otp,
            service: Some("klinik satu".to_owned()),
        }
    }

    #[test]
    fn every_code_has_its_value() {
        let message = MessageId::derived("one").to_string();
        for (code, value) in [
            ("%d", "1"),
            ("%A", "ACK%2F"),
            ("%N", "Delivered"),
            ("%t", "2006-02-16+02:14:26"),
            ("%T", "1140056066"),
            ("%I", message.as_str()),
            ("%p", "%2B628123456789"),
            ("%q", "%2B628123456789"),
            ("%P", "0062811"),
            ("%Q", "%2B62811"),
            ("%i", "sim_1"),
            ("%F", "7"),
            ("%k", "PV"),
            ("%a", "PV+admin+a%26b+jelek*"),
            ("%b", "PV+admin+a%26b++jelek*"),
            ("%r", "admin+a%26b+jelek*"),
            ("%s-%s-%S-%s", "admin-a%26b-jelek~-"),
            ("%s-%r", "admin-a%26b+jelek*"),
            ("%c", "0"),
            ("%C", "UTF-8"),
            ("%m", "-1"),
            ("%O", "00"),
            ("%u", "%05%00%03"),
            ("%U", "050003"),
            ("%v", "90"),
            ("%y", "3"),
            ("%n", "klinik+satu"),
            ("%o%B%D%x%V%f", ""),
            ("%%", "%"),
            ("%#smpp#tlv#x", "x"),
            ("%#open", "open"),
            ("%20%Z", "%20%Z"),
            ("100%", "100%"),
        ] {
            assert_eq!(filled(code, &values()), value, "{code}");
        }
    }

    #[test]
    fn ucs2_is_bytes_of_utf16() {
        let mut ucs2 = values();
        ucs2.content = Content::Ucs2("Жa б".to_owned());
        ucs2.class = Some(0);
        assert_eq!(filled("%b", &ucs2), "%04%16%00a%00+%041");
        assert_eq!(filled("%a", &ucs2), "%04%16%00a%00+%041");
        assert_eq!(filled("%k", &ucs2), "%04%16%00a");
        assert_eq!(filled("%c %C %O %e", &ucs2), "2 UTF-16BE 24 0416006100200431");
    }

    #[test]
    fn a_coding_asked_for_is_told() {
        let mut voicemail = values();
        for (octet, told) in [(0xD8, "0 216"), (0xC2, "6 194"), (0xF1, "-1 241"), (0x08, "-1 08")] {
            voicemail.coding = Some(DataCoding(octet));
            assert_eq!(fill("%M %O", &voicemail).as_deref(), Some(told));
        }
    }

    #[test]
    fn octets_are_octets() {
        let mut binary = values();
        binary.content = Content::Binary(vec![0xff, 0x20, 0x41]);
        assert_eq!(filled("%b|%a|%c|%C", &binary), "%FF+A|%FF+A|1|8-BIT");
    }

    /// As Kannel 1.4.5 called a URL for an SMS that it received.
    #[test]
    fn what_is_received_is_told_as_kannel_tells_it() {
        let received = Values {
            value: None,
            reply: None,
            words: String::new(),
            at: "2026-11-30T14:04:57Z".parse().unwrap(),
            other: "0062811".to_owned(),
            own: Some("1234".to_owned()),
            sim: Some("FAKE".to_owned()),
            reference: None,
            content: Content::Gsm7("INFO  Jadwal a&b *x*  end ".to_owned()),
            udh: Vec::new(),
            validity: None,
            service: Some("svc info".to_owned()),
            ..values()
        };
        let pattern = "k=%k&s=%s&S=%S&r=%r&a=%a&b=%b&e=%e&t=%t&T=%T&p=%p&P=%P&q=%q&Q=%Q&i=%i&d=%d&R=%R&D=%D&A=%A\
                       &F=%F&n=%n&c=%c&m=%m&M=%M&C=%C&u=%u&B=%B&o=%o&O=%O&f=%f&v=%v&V=%V&Z=%Z&pc=%%&end";
        let told = "k=INFO&s=Jadwal&S=a&b&r=*x*+end&a=INFO+Jadwal+a%26b+*x*+end&b=INFO++Jadwal+a%26b+*x*++end+\
                    &e=494E464F20204A616477616C20612662202A782A2020656E6420&t=2026-11-30+14:04:57&T=1796047497\
                    &p=0062811&P=1234&q=%2B62811&Q=1234&i=FAKE&d=-1&R=&D=&A=INFO++Jadwal+a%26b+*x*++end+&F=\
                    &n=svc+info&c=0&m=-1&M=-1&C=UTF-8&u=&B=&o=&O=00&f=&v=&V=&Z=%Z&pc=%&end";
        // There is no URL of a report here.
        let pattern = pattern.replace("R=%R", "R=");
        assert_eq!(filled(&pattern, &received), told);
        let data = Values { content: Content::Binary(b"info\0\xff x".to_vec()), ..received };
        assert_eq!(
            filled("k=%k&a=%a&b=%b&e=%e&c=%c&C=%C&O=%O", &data),
            "k=info%00%FF&a=info%00%FF+x&b=info%00%FF+x&e=696E666F00FF2078&c=1&C=8-BIT&O=04"
        );
    }

    #[test]
    fn a_value_cannot_add_a_code_or_a_parameter() {
        let mut tricky = values();
        tricky.content = Content::Gsm7("%d&x=1 #%I\r\nHost: a".to_owned());
        assert_eq!(filled("u?t=%b", &tricky), "u?t=%25d%26x%3D1+%23%25I%0D%0AHost%3A+a");
        tricky.content = Content::Gsm7("k a\u{1}#%é".to_owned());
        assert_eq!(filled("%S", &tricky), "a%01%23%25%C3%A9");
    }
}
