//! The request by which a keyword service is told of a message, as Kannel 1.4.5 makes it.

use std::fmt::Write as _;

use contracts::mo::MoReceived;
use contracts::{PhoneNumber, Priority, Timestamp};
use store::{Service, ServiceAction};
use tpdu::{Deliver, Element, Pdu, Received, Udh, decode_received};

use crate::content::Content;
use crate::escape::{self, Values, fill};

/// The name of the header that says what a body is.
const CONTENT_TYPE: &str = "content-type";

/// A request. Without a body it is a GET.
pub struct Request {
    /// The URL with its escape codes replaced.
    pub url: String,
    /// The headers, in small letters.
    pub headers: Vec<(&'static str, String)>,
    /// The body, of what is posted.
    pub body: Option<Vec<u8>>,
}

/// Returns the request for a message that came to a SIM whose number is `number`. None: its URL would be longer than
/// [`escape::LONGEST`], or nothing is called.
pub fn of(service: &Service, message: &MoReceived, number: Option<PhoneNumber>) -> Option<Request> {
    let values = values(&service.name, message, number);
    let url = fill(service.action.url()?, &values)?;
    Some(match service.action {
        ServiceAction::PostUrl(_) => {
            Request { url, headers: headers(&values), body: Some(values.content.bytes()) }
        }
        ServiceAction::PostXml(_) => Request {
            url,
            headers: vec![(CONTENT_TYPE, "text/xml".to_owned()), ("date", date(values.at))],
            body: Some(xml(&values).into_bytes()),
        },
        ServiceAction::GetUrl(_)
        | ServiceAction::Reply(_)
        | ServiceAction::Exec(_)
        | ServiceAction::Forward { .. }
        | ServiceAction::Subscribe { .. }
        | ServiceAction::Unsubscribe { .. }
        | ServiceAction::Vote { .. }
        | ServiceAction::Quiz(_)
        | ServiceAction::Survey(_)
        | ServiceAction::Scenario(_)
        | ServiceAction::Board(_)
        | ServiceAction::Inbox(_)
        | ServiceAction::ToGroup(_) => Request { url, headers: Vec::new(), body: None },
    })
}

/// Returns what is told of a message to the service of this name.
pub fn values(service: &str, message: &MoReceived, number: Option<PhoneNumber>) -> Values {
    let first = message.pdus.first().and_then(|hex| tpdu::from_hex(hex).ok());
    let first = first.and_then(|octets| decode_received(&octets, None).ok());
    let (centre, deliver) = match first {
        Some(Pdu { smsc, tpdu: Received::Deliver(deliver) }) => (smsc, Some(deliver)),
        _ => (None, None),
    };
    let coding = deliver.as_ref().map(|deliver| deliver.coding);
    Values {
        value: None,
        reply: None,
        words: String::new(),
        at: message.smsc_at.unwrap_or(message.received_at),
        message: message.id,
        other: message.from.to_string(),
        own: number.map(|number| number.to_string()),
        sim: Some(message.sim.to_string()),
        centre: centre.map(|centre| centre.to_string()),
        reference: None,
        content: Content::of_received(message, coding),
        class: message.class,
        coding,
        udh: deliver.as_ref().map(header).unwrap_or_default(),
        validity: None,
        priority: Priority::Bulk,
        service: Some(service.to_owned()),
    }
}

/// The user data header without what held the parts together.
fn header(deliver: &Deliver) -> Vec<u8> {
    let elements = deliver.udh.0.iter();
    let is_concat =
        |element: &&Element| matches!(element, Element::Concat8 { .. } | Element::Concat16 { .. });
    let rest: Vec<_> = elements.filter(|element| !is_concat(element)).cloned().collect();
    if rest.is_empty() { Vec::new() } else { Udh(rest).encode().unwrap_or_default() }
}

/// What does not stand in the body, in Kannel's headers and in their order.
fn headers(values: &Values) -> Vec<(&'static str, String)> {
    let kind = match values.content {
        Content::Binary(_) => "application/octet-stream".to_owned(),
        Content::Gsm7(_) | Content::Ucs2(_) => {
            format!("text/plain; charset=\"{}\"", values.content.charset())
        }
    };
    let mut headers = vec![(CONTENT_TYPE, kind)];
    headers.push(("x-kannel-from", visible(&values.other)));
    headers.extend(values.own.clone().map(|own| ("x-kannel-to", own)));
    headers.push(("x-kannel-time", date(values.at)));
    headers.push(("date", date(values.at)));
    if !values.udh.is_empty() {
        headers.push(("x-kannel-udh", encoded(&values.udh)));
    }
    headers.extend(values.sim.clone().map(|sim| ("x-kannel-smsc", sim)));
    headers.extend(values.class.map(|class| ("x-kannel-mclass", class.to_string())));
    headers.push(("x-kannel-coding", values.content.coding().to_string()));
    headers.extend(values.service.as_deref().map(|name| ("x-kannel-service", visible(name))));
    headers
}

/// A time as Kannel writes it, in UTC.
fn date(at: Timestamp) -> String {
    at.to_jiff().strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// A text as a header can hold it: what is neither printable nor ASCII is percent-encoded.
fn visible(text: &str) -> String {
    let is_plain = |byte: u8| byte == b' ' || byte.is_ascii_graphic() && byte != b'%';
    text.bytes().fold(String::new(), |mut shown, byte| {
        if is_plain(byte) {
            shown.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(shown, "%{byte:02X}");
        }
        shown
    })
}

fn encoded(octets: &[u8]) -> String {
    let mut text = String::new();
    escape::push(&mut text, octets);
    text
}

/// Kannel's XML for a message: the text is percent-encoded in it, which is why it can say that it is ISO 8859-1.
fn xml(values: &Values) -> String {
    let mut xml =
        "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>\n<message cid=\"1\">\n\t<submit>\n"
            .to_owned();
    let mut put = |tag: &str, inner: &str| {
        let _ = writeln!(xml, "  \t\t<{tag}>{inner}</{tag}>");
    };
    let within = |tag: &str, inner: &str| format!("  \t\t<{tag}>{}</{tag}>\n", escaped(inner));
    put("oa", &within("number", &values.other));
    if let Some(own) = &values.own {
        put("da", &within("number", own));
    }
    if !values.udh.is_empty() {
        put("udh", &encoded(&values.udh));
    }
    put("ud", &encoded(&values.content.bytes()));
    let mut dcs = within("coding", &values.content.coding().to_string());
    if let Some(class) = values.class {
        dcs = within("mclass", &class.to_string()) + &dcs;
    }
    put("dcs", &dcs);
    let at = values.at.to_jiff().strftime(
        "<year>%Y</year><month>%m</month><day>%d</day><hour>%H</hour><minute>%M</minute>\
         <second>%S</second><timezone>0</timezone>",
    );
    put("at", &at.to_string());
    put("from", &within("account", values.sim.as_deref().unwrap_or_default()));
    put("to", &within("service", values.service.as_deref().unwrap_or_default()));
    xml.push_str("\t</submit>\n</message>\n");
    xml
}

/// A text between tags. What is not ASCII is a reference to a character.
fn escaped(text: &str) -> String {
    text.chars().fold(String::new(), |mut xml, c| {
        match c {
            '&' => xml.push_str("&amp;"),
            '<' => xml.push_str("&lt;"),
            '>' => xml.push_str("&gt;"),
            ' '..='~' => xml.push(c),
            // XML has no control characters at all.
            c if c.is_control() => xml.push('?'),
            c => {
                let _ = write!(xml, "&#{};", u32::from(c));
            }
        }
        xml
    })
}

#[cfg(test)]
mod tests {
    use contracts::{Address, OrgId, ServiceId, UserId};

    use super::*;
    use crate::sample::message;

    fn service(action: ServiceAction) -> Service {
        Service {
            id: ServiceId::derived("1"),
            org: OrgId::default_org(),
            owner: UserId::internal(),
            name: "xml".to_owned(),
            keywords: vec!["xml".to_owned()],
            rule: store::ServiceRule::default(),
            action,
            reply_with_body: false,
            max_messages: 1,
            omit_empty: false,
            created_at: Timestamp::from_micros(0),
        }
    }

    fn told(action: ServiceAction, message: &MoReceived) -> Request {
        of(&service(action), message, Some("1234".parse().unwrap())).unwrap()
    }

    fn at(message: MoReceived) -> MoReceived {
        MoReceived { smsc_at: Some("2026-11-30T14:05:54Z".parse().unwrap()), ..message }
    }

    fn post(message: &MoReceived) -> (Vec<(&'static str, String)>, Vec<u8>) {
        let request = told(ServiceAction::PostUrl("http://a.example/?i=%c".to_owned()), message);
        assert!(request.url.starts_with("http://a.example/?i="), "{}", request.url);
        (request.headers, request.body.unwrap())
    }

    /// As Kannel 1.4.5 told a program of the same, with `send-sender`.
    #[test]
    fn a_text_is_posted_as_kannel_posts_it() {
        let text = at(message("post café &"));
        let (headers, body) = post(&text);
        let sim = text.sim.to_string();
        let expected = [
            ("content-type", "text/plain; charset=\"UTF-8\""),
            ("x-kannel-from", "+628123456789"),
            ("x-kannel-to", "1234"),
            ("x-kannel-time", "2026-11-30 14:05:54"),
            ("date", "2026-11-30 14:05:54"),
            ("x-kannel-smsc", sim.as_str()),
            ("x-kannel-coding", "0"),
            ("x-kannel-service", "xml"),
        ];
        let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        assert_eq!(headers, expected);
        assert_eq!(body, "post café &".as_bytes());
    }

    #[test]
    fn octets_are_posted_with_their_header() {
        // TP-DCS 04, ports 5505 and 0: "post \0pfx".
        let pdu =
            "004006810010F1000462113041454400100605041582000".to_owned() + "0706F73742000706678";
        let data = MoReceived {
            text: None,
            data: Some("706F73742000706678".to_owned()),
            pdus: vec![pdu],
            ..at(message(""))
        };
        let (headers, body) = post(&data);
        let of = |wanted: &str| {
            headers.iter().find(|(name, _)| *name == wanted).map(|(_, v)| v.as_str())
        };
        assert_eq!(of("content-type"), Some("application/octet-stream"));
        assert_eq!(of("x-kannel-udh"), Some("%06%05%04%15%82%00%00"));
        assert_eq!(of("x-kannel-coding"), Some("1"));
        assert_eq!(body, b"post \0pfx");
    }

    #[test]
    fn what_holds_parts_together_is_left_out_and_ucs2_is_utf16() {
        // Part 1 of 2, TP-DCS 08: "post Ж".
        let pdu = "0791261816420000".to_owned()
            + "4006810010F10008621130414544001205000301020100"
            + "70006F007300740020"
            + "0416";
        let long = MoReceived { pdus: vec![pdu], ..at(message("post Ж")) };
        let (headers, body) = post(&long);
        assert!(headers.iter().all(|(name, _)| *name != "x-kannel-udh"), "{headers:?}");
        assert_eq!(headers[0].1, "text/plain; charset=\"UTF-16BE\"");
        assert_eq!(body, b"\0p\0o\0s\0t\0 \x04\x16");
        let get = ServiceAction::GetUrl("http://a.example/?%c%O%C%f".to_owned());
        assert_eq!(told(get, &long).url, "http://a.example/?208UTF-16BE%2B628161240000");
    }

    /// Byte for byte what Kannel 1.4.5 sent for the same, but for the name of the service centre.
    #[test]
    fn xml_is_kannel_s() {
        let text =
            at(MoReceived { from: Address::from_text("888"), ..message("xml <hi> & café") });
        let request = told(ServiceAction::PostXml("http://a.example/".to_owned()), &text);
        let sim = text.sim.to_string();
        let expected = "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>\n<message cid=\"1\">\n\t<submit>\n  \t\t<oa>  \t\t<number>888</number>\n</oa>\n  \t\t<da>  \t\t<number>1234</number>\n</da>\n  \t\t<ud>xml+%3Chi%3E+%26+caf%C3%A9</ud>\n  \t\t<dcs>  \t\t<coding>0</coding>\n</dcs>\n  \t\t<at><year>2026</year><month>11</month><day>30</day><hour>14</hour><minute>05</minute><second>54</second><timezone>0</timezone></at>\n  \t\t<from>  \t\t<account>FAKE</account>\n</from>\n  \t\t<to>  \t\t<service>xml</service>\n</to>\n\t</submit>\n</message>\n";
        let body = String::from_utf8(request.body.unwrap()).unwrap();
        assert_eq!(body.replace(&sim, "FAKE"), expected);
        assert_eq!(request.headers[0].1, "text/xml");
    }

    #[test]
    fn a_sender_and_a_name_cannot_break_out() {
        let name =
            |name: &str| MoReceived { from: Address::from_text(name), ..at(message("post")) };
        let hostile = name("<a>&\r\nX: é%");
        assert_eq!(post(&hostile).0[1].1, "<a>&%0D%0AX: %C3%A9%25");
        let request = told(ServiceAction::PostXml("http://a.example/".to_owned()), &hostile);
        let body = String::from_utf8(request.body.unwrap()).unwrap();
        assert!(body.contains("<number>&lt;a&gt;&amp;??X: &#233;%</number>"), "{body}");
    }

    #[test]
    fn a_url_that_becomes_too_long_is_not_called() {
        let get = ServiceAction::GetUrl("http://a.example/?".to_owned() + &"%b".repeat(800));
        assert!(of(&service(get), &message(&"x".repeat(100)), None).is_none());
        let reply = ServiceAction::Reply("Hi".to_owned());
        assert!(of(&service(reply), &message("x"), None).is_none());
    }
}
