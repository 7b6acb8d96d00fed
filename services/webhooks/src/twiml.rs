//! TwiML, the XML by which programs that were written for Twilio answer: of its verbs, `<Message>`.
//!
//! ```text
//! <Response> <Message>text</Message> <Message><Body>text</Body></Message> … </Response>
//! ```

use contracts::Address;
use keyword::reply::{self, NoReply, Wanted};
use quick_xml::Reader;
use quick_xml::events::{BytesRef, BytesStart, Event};

use crate::fetch::Answer;

/// The most messages of one answer. What follows them is left out.
pub(crate) const MOST_MESSAGES: usize = 5;
/// How deep elements may stand in each other.
const DEEPEST: usize = 16;

/// A `<Message>`.
#[derive(Debug, Default, PartialEq, Eq)]
struct Message {
    /// To whom, when it says so.
    to: Option<String>,
    /// What stands in it.
    text: String,
    /// What stands in its `<Body>`.
    body: Option<String>,
}

/// The texts that an answer sends back to `sender`, or why one is not sent. An answer that says that it is plain text is the
/// text itself.
pub(crate) fn texts(
    wanted: Wanted,
    answer: &Answer,
    sender: &Address,
) -> Vec<Result<String, NoReply>> {
    let said = answer.content_type.as_deref().unwrap_or("text/xml");
    let (kind, parameters) = said.split_once(';').unwrap_or((said, ""));
    match kind.trim().to_ascii_lowercase().as_str() {
        "text/xml" | "application/xml" | "text/html" => {}
        "text/plain" => return vec![reply::of_answer(wanted, Some(said), &answer.body)],
        other => return vec![Err(NoReply::NotTwiml(format!("it is {other:.100}")))],
    }
    if answer.body.iter().all(u8::is_ascii_whitespace) {
        return vec![Err(NoReply::Empty)];
    }
    let read = reply::decoded(&answer.body, reply::charset(parameters))
        .and_then(|document| messages(&document).map_err(|why| NoReply::NotTwiml(why.to_owned())));
    let messages = match read {
        Ok(messages) => messages,
        Err(refused) => return vec![Err(refused)],
    };
    let text = |message: Message| {
        let text = message.body.unwrap_or(message.text);
        let is_to_sender = message.to.is_none_or(|to| Address::from_text(&to) == *sender);
        match text.trim() {
            "" => Err(NoReply::Empty),
            _ if !is_to_sender => Err(NoReply::ToSomebodyElse),
            text => Ok(reply::cut(text, wanted.parts)),
        }
    };
    messages.into_iter().map(text).collect()
}

/// The messages of a document. The rest of TwiML is for calls and media, and is passed over.
fn messages(document: &str) -> Result<Vec<Message>, &'static str> {
    let mut reader = Reader::from_str(document);
    let mut path: Vec<String> = Vec::new();
    let mut found: Vec<Message> = Vec::new();
    let mut is_response = false;
    loop {
        match reader.read_event().map_err(|_| "it is not well-formed")? {
            Event::Start(start) => {
                if path.len() == DEEPEST {
                    return Err("its elements stand too deep");
                }
                path.push(start.name().as_ref().to_owned());
                begin(&path, &start, &mut found);
            }
            Event::Empty(start) => {
                is_response |= path.is_empty() && start.name().as_ref() == "Response";
                path.push(start.name().as_ref().to_owned());
                begin(&path, &start, &mut found);
                path.pop();
            }
            Event::End(_) => {
                is_response |= path.len() == 1 && path[0] == "Response";
                path.pop();
            }
            Event::Text(text) => add(&path, &text.xml10_content(), &mut found),
            Event::CData(text) => add(&path, &text.xml10_content(), &mut found),
            Event::GeneralRef(reference) => {
                let mut octets = [0; 4];
                add(&path, character(&reference)?.encode_utf8(&mut octets), &mut found);
            }
            Event::Eof if path.is_empty() && is_response => {
                if found.len() > MOST_MESSAGES {
                    tracing::info!(
                        "a TwiML answer has more than {MOST_MESSAGES} messages; the rest is left out"
                    );
                    found.truncate(MOST_MESSAGES);
                }
                return Ok(found);
            }
            Event::Eof => return Err("it is no whole <Response>"),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
        }
    }
}

/// Notes what begins at a place of the document.
fn begin(path: &[String], start: &BytesStart<'_>, found: &mut Vec<Message>) {
    let [response, rest @ ..] = path else { return };
    if response != "Response" {
        return;
    }
    match rest {
        // One more than there may be is kept, to know that there was one.
        [verb] if verb == "Message" && found.len() <= MOST_MESSAGES => {
            let to = start.try_get_attribute("to").ok().flatten();
            let to = to.and_then(|to| {
                to.normalized_value(quick_xml::XmlVersion::default())
                    .ok()
                    .map(std::borrow::Cow::into_owned)
            });
            found.push(Message { to, ..Message::default() });
        }
        [verb] if verb == "Message" => {}
        [verb] => {
            let verb: String = verb.chars().take(32).collect();
            tracing::info!(verb, "a verb of a TwiML answer is passed over: there is <Message>");
        }
        [verb, inner] if verb == "Message" && inner == "Body" => {
            if let Some(message) = found.last_mut() {
                message.body.get_or_insert_default();
            }
        }
        _ => {}
    }
}

/// Adds a text that stands at a place of the document.
fn add(path: &[String], text: &str, found: &mut [Message]) {
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    let Some(message) = found.last_mut() else { return };
    match path.as_slice() {
        ["Response", "Message"] => message.text.push_str(text),
        ["Response", "Message", "Body"] => message.body.get_or_insert_default().push_str(text),
        _ => {}
    }
}

fn character(reference: &BytesRef<'_>) -> Result<char, &'static str> {
    let number = reference.resolve_char_ref();
    if let Some(c) = number.map_err(|_| "it has a character that is none")? {
        return Ok(c);
    }
    Ok(match &**reference {
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "quot" => '"',
        "apos" => '\'',
        _ => return Err("it has an entity that is not one of XML's own"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const WANTED: Wanted = Wanted { parts: 1, omit_empty: true };

    fn of(kind: Option<&str>, body: &str) -> Vec<Result<String, NoReply>> {
        let content_type = kind.map(str::to_owned);
        let body = body.as_bytes().to_vec();
        let answer = Answer { status: 200, retry_after: None, content_type, body, by_mail: None };
        texts(WANTED, &answer, &Address::from_text("+628123456789"))
    }

    fn said(texts: &[&str]) -> Vec<Result<String, NoReply>> {
        texts.iter().map(|text| Ok((*text).to_owned())).collect()
    }

    #[test]
    fn messages_are_texts_or_have_a_body() {
        let document = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response>\n\
            <Message> Buka &amp; tutup &#x416; </Message>\
            <Message to=\"+62 812-3456-789\">not this<Body><![CDATA[<jam> 9]]></Body><Media>http://a.example/</Media></Message>\
            <Say>Halo</Say><Redirect/><!-- no --></Response>";
        for kind in [None, Some("text/xml"), Some("application/xml; charset=utf-8")] {
            assert_eq!(of(kind, document), said(&["Buka & tutup Ж", "<jam> 9"]));
        }
        assert_eq!(of(Some("text/plain"), " Buka\n"), said(&["Buka"]));
    }

    #[test]
    fn who_says_nothing_sends_nothing() {
        for document in ["<Response/>", "<Response></Response>", "<Response><Hangup/></Response>"] {
            assert_eq!(of(None, document), []);
        }
        assert_eq!(of(None, " \n"), [Err(NoReply::Empty)]);
        assert_eq!(of(None, "<Response><Message/></Response>"), [Err(NoReply::Empty)]);
    }

    #[test]
    fn only_the_sender_is_answered() {
        let document = "<Response><Message to=\"+628999\">x</Message></Response>";
        assert_eq!(of(None, document), [Err(NoReply::ToSomebodyElse)]);
    }

    #[test]
    fn an_answer_is_bounded() {
        let many = format!("<Response>{}</Response>", "<Message>x</Message>".repeat(3_000));
        assert_eq!(of(None, &many), said(&["x"; MOST_MESSAGES]));
        let long = format!("<Response><Message>{}</Message></Response>", "y".repeat(60_000));
        assert_eq!(of(None, &long), said(&[&"y".repeat(160)]));
        let deep = format!("<Response>{}", "<a>".repeat(20_000));
        assert!(matches!(of(None, &deep)[..], [Err(NoReply::NotTwiml(_))]));
    }

    #[test]
    fn what_is_no_twiml_is_no_reply() {
        for bad in [
            "OK",
            "<Response><Message>x</Message>",
            "<Response><Message>x</Response>",
            "<html><body>x</body></html>",
            "<Response><Message>&bomb;</Message></Response>",
            "<Response><Message>&#0;</Message></Response>",
            "\u{0}<",
        ] {
            assert!(matches!(of(Some("text/xml"), bad)[..], [Err(NoReply::NotTwiml(_))]), "{bad}");
        }
        assert!(matches!(of(Some("image/png"), "x")[..], [Err(NoReply::NotTwiml(_))]));
    }
}
