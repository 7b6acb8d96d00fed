//! A request in XML: `<message><submit>…</submit></message>`.
//!
//! Entities beside the five of XML itself, and so everything that a DTD could bring in, are refused. A DTD is read
//! over and never fetched.

use quick_xml::Reader;
use quick_xml::events::Event;

use super::charset;
use super::reply::Refusal;

/// How deep elements may stand in each other; the format needs 5.
const DEEPEST: usize = 16;

/// The parameter that an element of `<submit>` is.
fn parameter(path: &[String]) -> Option<&'static str> {
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    let ["message", "submit", inner @ ..] = path.as_slice() else { return None };
    Some(match inner {
        ["da", "number"] => "to",
        ["oa", "number"] => "from",
        ["ud"] => "text",
        ["udh"] => "udh",
        ["dcs", "mclass"] => "mclass",
        ["dcs", "coding"] => "coding",
        ["dcs", "mwi"] => "mwi",
        ["dcs", "compress"] => "compress",
        ["dcs", "alt-dcs"] => "alt-dcs",
        ["pid"] => "pid",
        ["rpi"] => "rpi",
        ["vp", "delay"] => "validity",
        ["timing", "delay"] => "deferred",
        ["statusrequest", "dlr-mask"] => "dlr-mask",
        ["statusrequest", "dlr-url"] => "dlr-url",
        ["from", "user" | "username"] => "username",
        ["from", "pass" | "password"] => "password",
        ["from", "account"] => "account",
        ["to"] => "smsc",
        _ => return None,
    })
}

/// The parameters of a request. All receivers become one, separated by blanks.
pub(super) fn read(
    body: &[u8],
    charset: Option<&str>,
) -> Result<Vec<(&'static str, String)>, Refusal> {
    let document = decoded(body, charset)?;
    let mut reader = Reader::from_str(&document);
    let mut path: Vec<String> = Vec::new();
    let mut text = String::new();
    let mut found: Vec<(&'static str, String)> = Vec::new();
    let mut is_message = false;
    loop {
        let event = reader.read_event().map_err(|_| Refusal::Xml("it is not well-formed"))?;
        match event {
            Event::Start(start) => {
                if path.len() == DEEPEST {
                    return Err(Refusal::Xml("its elements stand too deep"));
                }
                path.push(start.name().as_ref().to_owned());
                text.clear();
            }
            Event::Text(written) => text.push_str(&written.xml10_content()),
            Event::CData(written) => text.push_str(&written.xml10_content()),
            Event::GeneralRef(reference) => text.push(character(&reference)?),
            Event::Empty(empty) => {
                path.push(empty.name().as_ref().to_owned());
                take(&path, "", &mut found);
                path.pop();
            }
            Event::End(_) => {
                take(&path, text.trim(), &mut found);
                text.clear();
                is_message |= path.len() == 1 && path[0] == "message";
                path.pop();
            }
            Event::Eof if path.is_empty() && is_message => return Ok(found),
            Event::Eof => return Err(Refusal::Xml("it is no whole <message>")),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
        }
    }
}

fn take(path: &[String], text: &str, found: &mut Vec<(&'static str, String)>) {
    let Some(name) = parameter(path) else { return };
    if name == "to" {
        if text.is_empty() {
            return;
        }
        if let Some((_, to)) = found.iter_mut().find(|(name, _)| *name == "to") {
            to.push(' ');
            to.push_str(text);
            return;
        }
    }
    found.push((name, text.to_owned()));
}

fn character(reference: &quick_xml::events::BytesRef<'_>) -> Result<char, Refusal> {
    let number = reference.resolve_char_ref();
    if let Some(c) = number.map_err(|_| Refusal::Xml("it has a character that is none"))? {
        return Ok(c);
    }
    Ok(match &**reference {
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "quot" => '"',
        "apos" => '\'',
        _ => return Err(Refusal::Xml("it has an entity that is not one of XML's own")),
    })
}

/// The document as text: in the charset that the content type says, else its byte order mark, else its declaration.
fn decoded(body: &[u8], charset: Option<&str>) -> Result<String, Refusal> {
    let declared = charset.map(str::to_owned).or_else(|| {
        let marked = encoding_rs::Encoding::for_bom(body);
        marked.map(|(encoding, _)| encoding.name().to_owned()).or_else(|| declared(body))
    });
    match declared {
        Some(name) => charset::decode(body, &name).map_err(Refusal::from),
        None => Ok(charset::guess(body).0),
    }
}

/// What `<?xml … encoding="…"?>` says.
fn declared(body: &[u8]) -> Option<String> {
    let head = String::from_utf8_lossy(&body[..body.len().min(256)]).into_owned();
    let declaration = head.trim_start().strip_prefix("<?xml")?.split("?>").next()?;
    let value = declaration.split_once("encoding")?.1.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    value[1..].split(quote).next().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn submit(inner: &str) -> String {
        format!("<?xml version=\"1.0\"?>\n<message><submit>{inner}</submit></message>")
    }

    #[test]
    fn every_element_is_its_parameter() {
        let document = submit(
            "<da><number> +62812 </number></da><da><number>0813</number><number/></da>\
             <oa><number>12345</number></oa><ud>\n a &lt;b&gt; &#1040;<![CDATA[ <c> ]]><!-- no --> </ud>\
             <udh>027000</udh><dcs><mclass>0</mclass><coding>2</coding><mwi>1</mwi><alt-dcs>1</alt-dcs>\
             <compress>0</compress></dcs><pid>65</pid><rpi>1</rpi><vp><delay>60</delay></vp>\
             <timing><delay>5</delay></timing><statusrequest><dlr-mask>31</dlr-mask>\
             <dlr-url>http://x/?a=1&amp;b=%d</dlr-url></statusrequest>\
             <from><user>me</user><pass>secret</pass><account>a</account></from><to>smsc</to>",
        );
        let found = read(document.as_bytes(), None).unwrap();
        let expected = [
            ("to", "+62812 0813"),
            ("from", "12345"),
            ("text", "a <b> А <c>"),
            ("udh", "027000"),
            ("mclass", "0"),
            ("coding", "2"),
            ("mwi", "1"),
            ("alt-dcs", "1"),
            ("compress", "0"),
            ("pid", "65"),
            ("rpi", "1"),
            ("validity", "60"),
            ("deferred", "5"),
            ("dlr-mask", "31"),
            ("dlr-url", "http://x/?a=1&b=%d"),
            ("username", "me"),
            ("password", "secret"),
            ("account", "a"),
            ("smsc", "smsc"),
        ];
        assert_eq!(found.len(), expected.len());
        for ((name, value), (expected_name, expected_value)) in found.iter().zip(expected) {
            assert_eq!((*name, value.as_str()), (expected_name, expected_value));
        }
    }

    #[test]
    fn it_is_read_in_its_charset() {
        let text = |body: &[u8], charset| read(body, charset).unwrap().remove(0).1;
        let ud = submit("<ud>café</ud>");
        assert_eq!(text(ud.as_bytes(), None), "café");
        let latin1: Vec<u8> = ud.chars().map(|c| u8::try_from(c).unwrap()).collect();
        assert_eq!(text(&latin1, None), "café");
        assert_eq!(text(&latin1, Some("iso-8859-1")), "café");
        let greek = "<?xml version='1.0' encoding='iso-8859-7'?><message><submit><ud>\u{e1}</ud></submit></message>";
        let greek: Vec<u8> = greek.chars().map(|c| u8::try_from(c).unwrap()).collect();
        assert_eq!(text(&greek, None), "α");
        let wide: Vec<u8> =
            format!("\u{feff}{ud}").encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(text(&wide, None), "café");
    }

    #[test]
    fn what_is_not_a_message_is_refused() {
        let refused = |body: &str| {
            assert!(matches!(read(body.as_bytes(), None), Err(Refusal::Xml(_))), "{body}");
        };
        refused("<message><submit>");
        refused("<message></submit>");
        refused("<other/>");
        refused("hello");
        refused("<message><submit><ud>&e;</ud></submit></message>");
        refused(
            "<!DOCTYPE message [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><message><ud>&e;</ud></message>",
        );
        refused("<message><ud>&#xD800;</ud></message>");
        refused(&"<message>".repeat(10_000));
        // Ten thousand times ten thousand, if somebody expanded it.
        let laughs =
            "<!DOCTYPE m [<!ENTITY a 'ha'><!ENTITY b '&a;&a;'>]><message><ud>&b;</ud></message>";
        refused(laughs);
    }

    #[test]
    fn a_dtd_is_never_fetched() {
        let outside = "<!DOCTYPE message SYSTEM 'http://127.0.0.1:9/x.dtd'>\
                       <message><submit><ud>hi</ud></submit></message>";
        assert_eq!(read(outside.as_bytes(), None).unwrap(), [("text", "hi".to_owned())]);
    }
}
