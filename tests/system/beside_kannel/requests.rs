//! Requests of every form that Kannel reads, made up.

use std::fmt::Write as _;

use super::daemon::USER;
use super::dice::Dice;

/// One request to both.
pub(super) struct Case {
    /// The request.
    pub(super) request: Vec<u8>,
    /// Who gets it, written as the network shows it.
    pub(super) to: Vec<String>,
    /// Its validity is compared.
    pub(super) validity: bool,
}

pub(super) const LETTERS: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 !\"#$%&'()*+,-./:;<=>?@_\
                       £¥èéùìòÇØøÅåÄÖÑÜ§äöñüàßΔΦΓΛΩΠΨΣΘΞ¡¿¤ÆæÉ\n";
pub(super) const EXTENDED: &str = "^{}\\[]~|€";

/// A text of GSM 7-bit.
pub(super) fn text(dice: &mut Dice, letters: &str) -> String {
    let length = if dice.is(6) { 140 + dice.below(60) } else { 1 + dice.below(40) };
    let all: Vec<char> = letters.chars().collect();
    let extended: Vec<char> = EXTENDED.chars().collect();
    (0..length)
        .map(|_| {
            if letters.len() > 100 && dice.is(12) {
                extended[dice.below(extended.len())]
            } else {
                all[dice.below(all.len())]
            }
        })
        .collect()
}

/// Percent-encoded, as much as it must be and now and then more, as clients of every kind do.
pub(super) fn escaped(dice: &mut Dice, octets: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let is_careful = dice.is(2);
    for &octet in octets {
        let must = matches!(octet, b'%' | b'&' | b'+' | 0..=0x1f | 0x7f);
        let may = octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'_' | b'.');
        if octet == b' ' {
            out.extend_from_slice(if is_careful { b"%20" } else { b"+" });
        } else if must || (is_careful && !may) || dice.is(20) {
            out.extend_from_slice(format!("%{octet:02X}").as_bytes());
        } else {
            out.push(octet);
        }
    }
    out
}

/// A field with a good value, now and then.
pub(super) fn fields(dice: &mut Dice, coding: Option<&str>) -> (Vec<(&'static str, String)>, bool) {
    let mut fields = Vec::new();
    let mut add = |name, value: &str| fields.push((name, value.to_owned()));
    let is_indication = dice.is(6);
    // Kannel marks every indication that is taken back as GSM 7-bit: see the list.
    if is_indication {
        let kinds: &[&str] =
            if coding.is_some() { &["0", "1", "2", "3"] } else { &["0", "1", "2", "3", "4", "7"] };
        add("mwi", dice.one(kinds));
    }
    if dice.is(3) {
        add("mclass", dice.one(&["0", "1", "2", "3", "-1", "x", " 2"]));
    }
    if dice.is(4) {
        add("alt-dcs", dice.one(&["0", "1", "-1", "01", "yes"]));
    }
    if dice.is(4) {
        add("pid", dice.one(&["0", "65", "127", "255", "64x", "none"]));
    }
    if dice.is(6) {
        add("rpi", dice.one(&["0", "1", "2", "-1"]));
    }
    if dice.is(5) {
        add("priority", dice.one(&["0", "1", "2", "3", "high"]));
    }
    if dice.is(6) {
        add("compress", dice.one(&["0", "-1", "no"]));
    }
    if dice.is(6) {
        add("dlr-mask", dice.one(&["0", "31", "27", "64", "x"]));
    }
    if dice.is(8) {
        add("account", dice.one(&["shop", "", "a b"]));
        add("binfo", "x");
        add("meta-data", "?smpp?a=b");
    }
    let has_validity = dice.is(5);
    if has_validity {
        add("validity", dice.one(&["1", "5", "60", "720", "750", "1440", "2880", "20160"]));
    }
    (fields, has_validity)
}

/// One that is refused, with a field's name that HTTP and XML have too.
pub(super) fn bad_field(dice: &mut Dice) -> (&'static str, &'static str) {
    [
        ("coding", "3"),
        ("coding", "-2"),
        ("mclass", "4"),
        ("mwi", "8"),
        ("alt-dcs", "2"),
        ("compress", "7"),
        ("pid", "256"),
        ("rpi", "3"),
        ("priority", "4"),
        ("validity", "-5"),
        ("deferred", "-5"),
        ("dlr-mask", "96"),
        ("dlr-mask", "-7"),
        ("dlr-url", "ftp://example.org/"),
        ("account", "a[b]"),
    ][dice.below(15)]
}

pub(super) fn numbered(n: usize) -> String {
    format!("+62811{n:07}")
}

pub(super) fn made_up(dice: &mut Dice, n: usize, key: &str) -> Case {
    let to = numbered(n);
    let escaped_to = to.replace('+', "%2B");
    let (is_bad, is_list) = (dice.is(8), dice.is(10));
    let local = format!("0899{n:06}");
    let mut recipients = vec![to.clone()];
    let mut written = escaped_to;
    if is_list {
        written = format!("{written}+{}+{local}", dice.one(&["bad", "1,2", "08(12)"]));
        recipients.push(local);
    }
    match dice.below(4) {
        0 | 1 => by_query(dice, key, &written, recipients, is_bad),
        2 => by_headers(dice, key, &to),
        _ => by_xml(dice, key, &to, is_bad),
    }
}

pub(super) fn by_query(
    dice: &mut Dice,
    key: &str,
    to: &str,
    recipients: Vec<String>,
    is_bad: bool,
) -> Case {
    let kind = dice.below(5);
    let (coding, octets, charset) = match kind {
        0 => {
            let units: Vec<u8> = (0..=dice.below(90))
                .flat_map(|_| (0x0410_u16 + u16::try_from(dice.below(64)).unwrap()).to_be_bytes())
                .collect();
            (Some("2"), units, None)
        }
        1 => {
            let length = if dice.is(5) { 135 + dice.below(20) } else { dice.below(60) };
            let data = (0..length).map(|_| u8::try_from(dice.below(256)).unwrap()).collect();
            (Some("1"), data, None)
        }
        2 => {
            let text = text(dice, "abcXYZ 0123 èéùìò£¥ÄÖÜäöüß§");
            let name =
                dice.one(&["ISO-8859-1", "latin1", "windows-1252", "CP850", "utf-16le", "UCS-2"]);
            let octets = match name {
                "CP850" => oem_850(&text),
                "utf-16le" | "UCS-2" => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
                _ => text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect(),
            };
            (None, octets, Some(name))
        }
        _ => (None, text(dice, LETTERS).into_bytes(), None),
    };
    let (mut fields, validity) = fields(dice, coding);
    if let Some(coding) = coding {
        fields.push(("coding", coding.to_owned()));
    }
    if let Some(charset) = charset {
        fields.push(("charset", charset.to_owned()));
    }
    let mut query = format!("username={USER}&password={key}&from=1234&to={to}").into_bytes();
    for (name, value) in &fields {
        query.extend_from_slice(format!("&{name}=").as_bytes());
        query.extend(escaped(dice, value.as_bytes()));
    }
    // With a header the text is data, which Kannel marks as GSM 7-bit when an indication is taken back: see the list.
    let takes_back =
        fields.iter().any(|(name, value)| *name == "mwi" && matches!(value.as_str(), "4" | "7"));
    if kind != 0 && !takes_back && dice.is(5) {
        query.extend_from_slice(b"&udh=%06%05%04%15%82%00%00");
    }
    if is_bad {
        let (name, value) = bad_field(dice);
        // The first of a name counts.
        let mut bad = format!("{name}={value}&").into_bytes();
        bad.append(&mut query);
        query = bad;
    }
    query.extend_from_slice(b"&text=");
    query.extend(escaped(dice, &octets));
    let method = dice.one(&["GET", "GET", "GET", "HEAD"]);
    let version = dice.one(&["HTTP/1.0", "HTTP/1.1\r\nHost: x"]);
    let mut request = format!("{method} /cgi-bin/sendsms?").into_bytes();
    request.extend(query);
    request.extend_from_slice(format!(" {version}\r\n\r\n").as_bytes());
    Case { request, to: recipients, validity }
}

pub(super) fn by_headers(dice: &mut Dice, key: &str, to: &str) -> Case {
    let (media, octets, coding) = match dice.below(3) {
        0 => {
            let text = text(dice, "abcXYZ 0123 èéùìò£¥ÄÖÜäöüß§");
            let octets = text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
            ("text/plain; charset=\"iso-8859-1\"", octets, None)
        }
        1 => ("Text/Plain; charset=utf-8", text(dice, LETTERS).into_bytes(), None),
        _ => {
            let data =
                (0..dice.below(100)).map(|_| u8::try_from(dice.below(256)).unwrap()).collect();
            ("application/octet-stream", data, Some("1"))
        }
    };
    let (fields, validity) = fields(dice, coding);
    let mut head = format!(
        "POST /cgi-bin/sendsms HTTP/1.1\r\nHost: x\r\nContent-Type: {media}\r\n\
         X-Kannel-Username: {USER}\r\nX-Kannel-Password: {key}\r\nX-Kannel-From: 1\r\nX-Kannel-To: {to}\r\n"
    );
    for (name, value) in fields {
        write!(head, "X-Kannel-{name}: {value}\r\n").unwrap();
    }
    if dice.is(4) {
        head.push_str(
            dice.one(&["X-Kannel-UDH: 06050415820000\r\n", "x-kannel-udh: %02%70%00\r\n"]),
        );
    }
    write!(head, "Content-Length: {}\r\n\r\n", octets.len()).unwrap();
    let mut request = head.into_bytes();
    request.extend(octets);
    Case { request, to: vec![to.to_owned()], validity }
}

pub(super) fn by_xml(dice: &mut Dice, key: &str, to: &str, is_bad: bool) -> Case {
    // Kannel takes the blanks off both ends, and undoes percent-encoding that XML does not ask for.
    let text = text(dice, LETTERS).replace('\n', "n").replace(['+', '%'], "p");
    let text = format!("x{text}x").replace('&', "&amp;").replace('<', "&lt;");
    let (mut fields, _) = fields(dice, None);
    // In XML Kannel wants whole numbers, and names the first of several that are none in an order of its own.
    fields.retain(|(name, value)| {
        matches!(*name, "mclass" | "alt-dcs" | "mwi" | "compress" | "pid" | "rpi")
            && value.trim().parse::<i32>().is_ok()
    });
    if is_bad {
        fields.push(("coding", "9".to_owned()));
    }
    let (dcs, other): (Vec<_>, Vec<_>) =
        fields.into_iter().partition(|(name, _)| !matches!(*name, "pid" | "rpi"));
    let elements = |fields: Vec<(&str, String)>| {
        fields.iter().fold(String::new(), |elements, (name, value)| {
            elements + "<" + name + ">" + value + "</" + name + ">"
        })
    };
    let body = format!(
        "<?xml version=\"1.0\"?>\n<message>\n <submit><da><number> {to} </number></da><oa><number>1</number></oa>\
         <ud>{text}</ud><dcs>{}</dcs>{}<from><username>{USER}</username><password>{key}</password></from>\
         </submit>\n</message>\n",
        elements(dcs),
        elements(other)
    );
    let length = body.len();
    let request = format!(
        "POST /cgi-bin/sendsms HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    Case { request: request.into_bytes(), to: vec![to.to_owned()], validity: false }
}

pub(super) fn oem_850(text: &str) -> Vec<u8> {
    let octet = |c: char| match c {
        'è' => 0x8a,
        'é' => 0x82,
        'ù' => 0x97,
        'ì' => 0x8d,
        'ò' => 0x95,
        '£' => 0x9c,
        '¥' => 0xbe,
        'Ä' => 0x8e,
        'Ö' => 0x99,
        'Ü' => 0x9a,
        'ä' => 0x84,
        'ö' => 0x94,
        'ü' => 0x81,
        'ß' => 0xe1,
        '§' => 0xf5,
        c => u8::try_from(u32::from(c)).unwrap(),
    };
    text.chars().map(octet).collect()
}

pub(super) fn get(key: &str, query: &[u8]) -> Vec<u8> {
    let start = format!("GET /cgi-bin/sendsms?username={USER}&password={key}&");
    [start.as_bytes(), query, b" HTTP/1.0\r\n\r\n"].concat()
}
