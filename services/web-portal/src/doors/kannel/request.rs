//! What a client of Kannel's `sendsms` asks for, as a draft.

use std::time::Duration;

use contracts::mt::{Body, DlrCallback, Encoding, SendOptions};
use contracts::{Languages, Priority, Timestamp, bounds, composition};
use numbering::Plan;
use tpdu::Alphabet;

use super::charset::{self, CharsetError};
use super::dcs;
use super::parameters::{Form, Parameters, unescape};
use super::reply::Refusal;
use crate::acts::draft::{Draft, RECIPIENTS};

/// The longest an account may be.
const LONGEST_ACCOUNT: usize = 64;
/// The most minutes that `deferred` may be: ten years.
const LONGEST_DEFERRAL: u32 = 10 * 366 * 24 * 60;

/// A request that can be sent.
#[derive(Debug)]
pub(super) struct Asked {
    /// The message.
    pub(super) draft: Draft,
    /// What of the request is read otherwise than it is written, in words.
    pub(super) notices: Vec<String>,
}

impl From<CharsetError> for Refusal {
    fn from(error: CharsetError) -> Self {
        match error {
            CharsetError::Unknown => Self::UnknownCharset,
            CharsetError::Malformed => Self::Charset,
        }
    }
}

/// Reads a request. `smsc`, `binfo` and `meta-data` are read over: the gateway chooses the modem. A SIM's number is the
/// sender, and rules can be asked by `from`. `languages` and `plan` are the gateway's: Kannel has no such fields.
pub(super) fn read(
    parameters: &Parameters,
    now: Timestamp,
    languages: Languages,
    plan: &Plan,
) -> Result<Asked, Refusal> {
    let mut notices = Vec::new();
    let to = receivers(parameters, plan, &mut notices)?;
    let udh = parameters.udh()?;
    let mut number =
        |names: &[&str], range, shown| parameters.number(names, range, shown, &mut notices);
    let class = number(&["mclass"], 0..=3, "MClass")?;
    let flash = number(&["flash"], 0..=1, "Flash")? == Some(1);
    let coding = number(&["coding"], 0..=2, "Coding")?;
    let asked = dcs::Asked {
        class: octet(class).or(flash.then_some(0)),
        alternative: number(&["alt-dcs"], 0..=1, "Alt-DCS")? == Some(1),
        waiting: octet(number(&["mwi"], 0..=7, "MWI")?),
        compressed: number(&["compress"], 0..=1, "Compress")? == Some(1),
    };
    let pid = number(&["pid"], 0..=255, "PID")?;
    let rpi = number(&["rpi"], 0..=2, "RPI")?;
    let validity = number(&["validity"], 0..=u32::MAX, "Validity")?;
    let deferred = number(&["deferred"], 0..=LONGEST_DEFERRAL, "Deferred")?;
    let mask = number(&["dlr-mask", "dlrmask"], 0..=95, "DLR-Mask")?;
    let priority = match number(&["priority"], 0..=3, "Priority")? {
        Some(0) => Priority::Bulk,
        Some(3) => Priority::Otp,
        _ => Priority::Normal,
    };
    let dlr = callback(parameters, octet(mask).unwrap_or(0))?;
    check_account(parameters)?;
    let body = body(parameters, coding, udh.is_some(), asked.compressed, &mut notices)?;
    let mut options = SendOptions {
        class: asked.class,
        dcs: None,
        // The shortest there is means 5 minutes; none would mean as long as the network likes.
        validity_minutes: validity.map(|minutes| minutes.max(1)),
        no_report: false,
        protocol_id: octet(pid),
        reply_path: rpi.is_some_and(|rpi| rpi > 0),
        ports: None,
        languages,
    };
    let udh = udh.map(|udh| data_encoding::HEXUPPER.encode(&udh));
    let body = with_dcs(asked, coding, body, udh.as_deref(), &mut options);
    let wait = |minutes: u32| Duration::from_secs(u64::from(minutes) * 60);
    let draft = Draft {
        to,
        priority,
        udh,
        options,
        not_before: deferred.filter(|minutes| *minutes > 0).map(|minutes| now.plus(wait(minutes))),
        dlr,
        sender: parameters.text(&["from"]).filter(|from| from.chars().count() <= bounds::SENDER),
        even_cut_off: true,
        ..Draft::of(body)
    };
    Ok(Asked { draft, notices })
}

fn octet(number: Option<u32>) -> Option<u8> {
    number.and_then(|number| u8::try_from(number).ok())
}

/// The receivers that are sent to by the plan, as Kannel sends to the good ones of a list; none at all is a refusal.
fn receivers(
    parameters: &Parameters,
    plan: &Plan,
    notices: &mut Vec<String>,
) -> Result<Vec<String>, Refusal> {
    let Some(to) = parameters.octets(&["to"]) else { return Err(parameters.no_receiver()) };
    let to = String::from_utf8_lossy(to);
    if to.is_empty() {
        return Err(Refusal::EmptyReceiver);
    }
    let written: Vec<&str> = to.split_ascii_whitespace().collect();
    if written.len() > RECIPIENTS {
        return Err(Refusal::TooMany);
    }
    let mut good = Vec::new();
    let mut bad = Vec::new();
    let mut is_denied = written.is_empty();
    for number in written {
        if !number.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'+' | b'-')) {
            is_denied = true;
            bad.push(format!("not sent to '{}'", shortened(number)));
            continue;
        }
        match plan.read(number) {
            Ok(_) => good.push(number.to_owned()),
            Err(unusable) => {
                // As a number on a black list of Kannel's.
                is_denied |= unusable.is_forbidden();
                bad.push(format!("not sent to '{}': {unusable}", shortened(number)));
            }
        }
    }
    if good.is_empty() {
        return Err(if is_denied { Refusal::Denied } else { Refusal::Undialable(bad.join("; ")) });
    }
    notices.extend(bad);
    Ok(good)
}

fn shortened(written: &str) -> String {
    written.chars().take(32).collect()
}

fn callback(parameters: &Parameters, mask: u8) -> Result<Option<DlrCallback>, Refusal> {
    let Some(url) = parameters.text(&["dlr-url", "dlrurl"]) else { return Ok(None) };
    let scheme = url.split("://").next().unwrap_or_default().to_ascii_lowercase();
    if !url.contains("://") || !matches!(scheme.as_str(), "http" | "https") {
        return Err(Refusal::Misformed("DLR-URL"));
    }
    Ok((mask > 0).then_some(DlrCallback { url, mask }))
}

/// Nobody reads the account, but one that Kannel refuses is refused.
fn check_account(parameters: &Parameters) -> Result<(), Refusal> {
    let account = parameters.text(&["account"]).unwrap_or_default();
    let is_name = account.len() <= LONGEST_ACCOUNT && !account.contains(['[', ']', '\n', '\r']);
    if is_name { Ok(()) } else { Err(Refusal::Account) }
}

/// What is sent. Kannel's `coding` is the alphabet; without one it depends on where the text stands.
fn body(
    parameters: &Parameters,
    coding: Option<u32>,
    has_udh: bool,
    is_compressed: bool,
    notices: &mut Vec<String>,
) -> Result<Body, Refusal> {
    let octets = parameters.octets(&["text"]).unwrap_or_default();
    let charset = parameters.text(&["charset"]).filter(|name| !name.trim().is_empty());
    let form = parameters.form();
    let coding = coding.or(match form {
        Form::Octets => Some(1),
        Form::Fields if has_udh => Some(1),
        Form::Fields | Form::Plain | Form::Xml => None,
    });
    if is_compressed && coding.unwrap_or(0) == 0 {
        // Who compressed the text sends octets; text would only be marked so, and read as something else.
        return Err(Refusal::Unsupported("Compress"));
    }
    if coding == Some(1) || is_compressed {
        // XML has no other way to say an octet.
        let unescaped = if form == Form::Xml { unescape(octets) } else { octets.to_vec() };
        return Ok(Body::Data { data: data_encoding::HEXUPPER.encode(&unescaped) });
    }
    let encoding = match coding {
        Some(2) => Encoding::Ucs2,
        // A client that says GSM 7-bit gets look-alikes before it gets UCS-2, and never a silent `?`.
        Some(_) => Encoding::Smart,
        None => Encoding::Auto,
    };
    let text = match (charset, form, coding) {
        (_, Form::Xml, _) => String::from_utf8_lossy(octets).into_owned(),
        (Some(name), ..) => charset::decode(octets, &name)?,
        (None, Form::Fields | Form::Octets, Some(2)) => charset::decode(octets, "UTF-16BE")?,
        (None, ..) => {
            let (text, is_guess) = charset::guess(octets);
            if is_guess {
                notices.push("the text is no UTF-8 and was read as Windows-1252".to_owned());
            }
            text
        }
    };
    Ok(Body::Text { text, encoding })
}

/// Sets TP-DCS where it is not the usual one. An empty message with a waiting indication is one of text.
fn with_dcs(
    asked: dcs::Asked,
    coding: Option<u32>,
    body: Body,
    udh: Option<&str>,
    options: &mut SendOptions,
) -> Body {
    if asked == (dcs::Asked { class: asked.class, ..dcs::Asked::default() }) {
        return body;
    }
    let is_empty = match &body {
        Body::Text { text, .. } => text.is_empty(),
        Body::Data { data } => data.is_empty(),
    };
    let body = if is_empty && asked.waiting.is_some() {
        Body::Text { text: String::new(), encoding: Encoding::Gsm7 }
    } else {
        body
    };
    let alphabet = match composition::outline(&body, udh, options) {
        // Compressed octets are marked with the alphabet of what they are when they are unpacked.
        Ok(_) if asked.compressed && coding == Some(2) => Alphabet::Ucs2,
        Ok(outline) => outline.alphabet,
        // Whoever counts the message finds the same and says it.
        Err(_) => return body,
    };
    options.dcs = dcs::octet(asked, alphabet, is_empty);
    if options.dcs.is_some() {
        options.class = None;
    }
    body
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderMap;

    use super::*;

    fn ask(query: &str) -> Result<Asked, Refusal> {
        let parameters = Parameters::read(Some(query), &HeaderMap::new(), b"")?;
        read(&parameters, Timestamp::from_micros(0), Languages::NONE, &Plan::default())
    }

    fn draft(query: &str) -> Result<Draft, Refusal> {
        ask(query).map(|asked| asked.draft)
    }

    fn post(headers: &[(&'static str, &str)], body: &[u8]) -> Result<Asked, Refusal> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, value.parse().unwrap());
        }
        let parameters = Parameters::read(None, &map, body)?;
        read(&parameters, Timestamp::from_micros(0), Languages::NONE, &Plan::default())
    }

    fn text_of(query: &str) -> (String, Encoding) {
        match draft(query).unwrap().body {
            Body::Text { text, encoding } => (text, encoding),
            Body::Data { data } => panic!("data {data}"),
        }
    }

    fn text(text: &str, encoding: Encoding) -> Body {
        Body::Text { text: text.to_owned(), encoding }
    }

    #[test]
    fn unicode_comes_as_octets() {
        let by_playsms = "to=1234&coding=2&charset=UTF-16BE&text=%04%1F%04%40%D8%3D%DE%00";
        assert_eq!(text_of(by_playsms), ("Пр😀".to_owned(), Encoding::Ucs2));
        let by_courier = "to=1234&coding=2&text=%04%1F%04%40%D8%3D%DE%00";
        assert_eq!(text_of(by_courier), ("Пр😀".to_owned(), Encoding::Ucs2));
        assert_eq!(
            text_of("to=1234&text=caf%E9+au+lait&charset=ISO-8859-1"),
            ("café au lait".to_owned(), Encoding::Auto)
        );
        assert_eq!(
            text_of("to=1234&coding=2&charset=UTF-8&text=%D0%9F"),
            ("П".to_owned(), Encoding::Ucs2)
        );
        assert_eq!(draft("to=1&charset=utf-8&text=caf%E9").unwrap_err(), Refusal::Charset);
        assert_eq!(draft("to=1&charset=klingon&text=a").unwrap_err(), Refusal::UnknownCharset);
    }

    #[test]
    fn octets_of_no_charset_are_kept_and_told() {
        let asked = ask("to=1234&text=caf%E9").unwrap();
        assert_eq!(asked.draft.body, text("café", Encoding::Auto));
        assert_eq!(asked.notices, ["the text is no UTF-8 and was read as Windows-1252"]);
        assert!(ask("to=1234&text=caf%C3%A9").unwrap().notices.is_empty());
    }

    #[test]
    fn a_header_makes_it_data() {
        let draft = draft("to=1&udh=%06%05%04%23%f4%00%00&text=%00%FF").unwrap();
        assert_eq!(draft.body, Body::Data { data: "00FF".to_owned() });
        assert_eq!(draft.udh.as_deref(), Some("06050423F40000"));
        assert_eq!(self::draft("to=1&udh=%06%05&text=a").unwrap_err(), Refusal::Misformed("UDH"));
        // Only in a query or a form: a plain body stays text.
        let udh = ("x-kannel-udh", "027000");
        let to = ("x-kannel-to", "1");
        let plain = post(&[to, udh, ("content-type", "text/plain")], b"hello").unwrap();
        assert_eq!(plain.draft.body, text("hello", Encoding::Auto));
        let octets = post(&[to, udh], b"hello").unwrap();
        assert_eq!(octets.draft.body, Body::Data { data: "68656C6C6F".to_owned() });
    }

    #[test]
    fn words_of_refusals_are_kannels() {
        for (query, words) in [
            ("text=a", "Missing receiver number, rejected"),
            ("to=&text=a", "Empty receiver number not allowed, rejected"),
            ("to=1&text=a&coding=9", "Coding field misformed, rejected"),
            ("to=1&text=a&dlr-url=ftp://x", "DLR-URL field misformed, rejected"),
            ("to=1&text=a&dlr-mask=96", "DLR-Mask field misformed, rejected"),
            ("to=1&text=a&mwi=8", "MWI field misformed, rejected"),
            ("to=1&text=a&account=a[b", "Account field misformed or too long, rejected"),
            ("to=bad&text=a", "Number(s) has/have been denied by white- and/or black-lists."),
            ("to=1,2&text=a", "Number(s) has/have been denied by white- and/or black-lists."),
            ("to=+&text=a", "Number(s) has/have been denied by white- and/or black-lists."),
            ("to=1&text=a&compress=1", "Compress field not supported, rejected"),
            ("to=1&text=a&deferred=99999999", "Deferred field misformed, rejected"),
        ] {
            assert_eq!(ask(query).unwrap_err().to_string(), words, "{query}");
        }
        let refused = post(&[("content-type", "text/plain")], b"a").unwrap_err();
        assert_eq!(refused.to_string(), "Missing receiver(s) number(s), rejected");
    }

    #[test]
    fn one_bad_number_does_not_stop_the_others() {
        let asked = ask("to=08120001+bad+0812-0002+%2B&text=x").unwrap();
        assert_eq!(asked.draft.to, ["08120001", "0812-0002"]);
        assert_eq!(asked.notices, ["not sent to 'bad'", "not sent to '+': the number is empty"]);
        assert!(matches!(ask("to=%2B&text=x").unwrap_err(), Refusal::Undialable(_)));
        let many = vec!["1"; RECIPIENTS + 1].join("+");
        assert_eq!(ask(&format!("to={many}&text=x")).unwrap_err(), Refusal::TooMany);
    }

    #[test]
    fn options_are_carried_over() {
        let asked = ask(
            "to=0811+%2B62812&text=a&mclass=0&validity=60&priority=3&dlr-mask=27&dlr-url=http%3A%2F%2Fx%2F%3Fd%3D%25d",
        )
        .unwrap();
        let sent = asked.draft;
        assert_eq!(sent.to, ["0811", "+62812"]);
        assert_eq!((sent.options.class, sent.options.dcs), (Some(0), None));
        assert_eq!(sent.options.validity_minutes, Some(60));
        assert_eq!(sent.priority, Priority::Otp);
        assert_eq!(sent.dlr, Some(DlrCallback { url: "http://x/?d=%d".to_owned(), mask: 27 }));
        assert_eq!(asked.notices, [""; 0]);
        assert_eq!(draft("to=1&text=a&priority=0").unwrap().priority, Priority::Bulk);
        assert_eq!(draft("to=1&text=a&priority=2").unwrap().priority, Priority::Normal);
        let odd = ask("to=1&text=a&priority=high&coding=x").unwrap();
        assert_eq!(odd.draft.priority, Priority::Normal);
        assert_eq!(odd.notices.len(), 2, "{:?}", odd.notices);
    }

    #[test]
    fn the_coding_scheme_is_kannels() {
        let dcs = |query: &str| draft(&format!("to=1&{query}")).unwrap().options.dcs;
        assert_eq!(dcs("text=%02%70%00&pid=127&coding=1&alt-dcs=1&mclass=3"), Some(0xF7));
        assert_eq!(dcs("mclass=0&alt-dcs=1&text=flash"), Some(0xF0));
        assert_eq!(dcs("mwi=0&text=voice"), Some(0xD8));
        assert_eq!(dcs("mwi=4&text=off"), Some(0xC0));
        assert_eq!(dcs("mwi=0"), Some(0xC8));
        assert_eq!(dcs("mwi=0&coding=1"), Some(0xC8));
        assert_eq!(dcs("mwi=0&coding=2&text=%04%10"), Some(0xE8));
        assert_eq!(dcs("mwi=0&text=%D0%9F"), Some(0xE8), "what GSM 7-bit lacks");
        assert_eq!(dcs("compress=1&coding=1&text=%01"), Some(0x24));
        assert_eq!(dcs("compress=1&coding=2&text=%01"), Some(0x28));
        assert_eq!(dcs("alt-dcs=0&mclass=1&text=a"), None);
    }

    #[test]
    fn numbers_in_xml_are_whole_and_octets_percent_encoded() {
        let xml = |dcs: &str, ud: &str| {
            let body = format!(
                "<message><submit><da><number>1</number></da><ud>{ud}</ud><dcs>{dcs}</dcs></submit></message>"
            );
            post(&[("content-type", "text/xml")], body.as_bytes()).map(|asked| asked.draft.body)
        };
        assert_eq!(xml("<mclass>x</mclass>", "a").unwrap_err(), Refusal::Misformed("MClass"));
        assert_eq!(xml("<mclass>1x</mclass>", "a").unwrap_err(), Refusal::Misformed("MClass"));
        assert_eq!(
            xml("<mclass>-1</mclass>", "1+1 100%").unwrap(),
            text("1+1 100%", Encoding::Auto)
        );
        let octets = Body::Data { data: "02FF41".to_owned() };
        assert_eq!(xml("<coding>1</coding>", "%02%FFA").unwrap(), octets);
    }

    #[test]
    fn headers_and_a_plain_body_do_too() {
        let kind = ("content-type", "text/plain; charset=iso-8859-1");
        let to = ("x-kannel-to", "+62812");
        let sent = post(&[to, kind], b"caf\xe9").unwrap().draft;
        assert_eq!(sent.to, ["+62812"]);
        assert_eq!(sent.body, text("café", Encoding::Auto));
        // The body's own charset is the one that counts, and a text in a header is none.
        let more = [to, kind, ("x-kannel-charset", "utf-8"), ("x-kannel-text", "no")];
        assert_eq!(post(&more, b"caf\xe9").unwrap().draft.body, text("café", Encoding::Auto));
        let wide = [to, ("content-type", "text/plain"), ("x-kannel-coding", "2")];
        assert_eq!(post(&wide, b"halo").unwrap().draft.body, text("halo", Encoding::Ucs2));
    }
}
