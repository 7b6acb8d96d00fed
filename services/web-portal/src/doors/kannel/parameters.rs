//! The parameters of a request, wherever they stand: a query, a form, `X-Kannel-*` headers, XML.
//!
//! Values stay octets until it is known in which charset they are: `text` comes as percent-encoded
//! UTF-16BE as often as in UTF-8.

use std::ops::RangeInclusive;

use axum::http::{HeaderMap, header};

use super::reply::Refusal;
use super::xml;

/// Where the text stands, which decides how it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Form {
    /// In a query or a form.
    #[default]
    Fields,
    /// In a plain body.
    Plain,
    /// In a body of octets.
    Octets,
    /// In XML; it is UTF-8 already.
    Xml,
}

/// The octets of each parameter, in order of appearance; of a repeated one the first counts, as in Kannel.
#[derive(Debug, Default)]
pub(super) struct Parameters {
    all: Vec<(String, Vec<u8>)>,
    form: Form,
    /// The UDH may be in hex: it stood in a header or in XML.
    hex: bool,
    by_query: bool,
}

impl Parameters {
    /// Reads a request. A body is a form, XML, or the text itself.
    pub(super) fn read(
        query: Option<&str>,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Result<Self, Refusal> {
        let mut parameters = Self::default();
        let content_type = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok());
        let (media, charset) = media_type(content_type.unwrap_or_default());
        let is_xml = matches!(media.as_str(), "text/xml" | "application/xml");
        if is_xml && !body.is_empty() {
            parameters.form = Form::Xml;
            parameters.hex = true;
            for (name, value) in xml::read(body, charset.as_deref())? {
                parameters.add(name, value.into_bytes());
            }
            return Ok(parameters);
        }
        parameters.add_headers(headers);
        parameters.by_query = query.is_some_and(|query| !query.is_empty());
        parameters.add_encoded(query.unwrap_or_default().as_bytes());
        match media.as_str() {
            _ if body.is_empty() => {}
            "application/x-www-form-urlencoded" => {
                parameters.by_query = true;
                parameters.add_encoded(body);
            }
            "text/plain" => {
                parameters.form = Form::Plain;
                if let Some(charset) = charset {
                    parameters.all.insert(0, ("charset".to_owned(), charset.into_bytes()));
                }
                parameters.add("text", body.to_vec());
            }
            "" | "application/octet-stream" => {
                parameters.form = Form::Octets;
                parameters.add("text", body.to_vec());
            }
            text if text.starts_with("text/html") => return Err(Refusal::TextType),
            _ => return Err(Refusal::ContentType),
        }
        Ok(parameters)
    }

    /// Reads `a=b&c=d` with `%XX` and `+`. What follows a `%` that is no escape is taken as it stands.
    fn add_encoded(&mut self, encoded: &[u8]) {
        for pair in encoded.split(|&b| b == b'&').filter(|pair| !pair.is_empty()) {
            let at = pair.iter().position(|&b| b == b'=').unwrap_or(pair.len());
            let name = String::from_utf8_lossy(&unescape(&pair[..at])).into_owned();
            let value = pair.get(at + 1..).map(unescape).unwrap_or_default();
            self.all.push((name, value));
        }
    }

    /// Reads `X-Kannel-To: …` as `to`, and so on. The text is never in a header.
    fn add_headers(&mut self, headers: &HeaderMap) {
        for (name, value) in headers {
            if let Some(name) = name.as_str().strip_prefix("x-kannel-").filter(|n| *n != "text") {
                self.hex |= name == "udh";
                self.all.push((name.to_owned(), value.as_bytes().to_vec()));
            }
        }
    }

    fn add(&mut self, name: &str, value: Vec<u8>) {
        self.all.push((name.to_owned(), value));
    }

    /// Where the text stands.
    pub(super) const fn form(&self) -> Form {
        self.form
    }

    /// The refusal of a request without a receiver: Kannel has other words for headers and XML.
    pub(super) const fn no_receiver(&self) -> Refusal {
        if self.by_query { Refusal::NoReceiver } else { Refusal::NoReceivers }
    }

    /// The first of these names as octets.
    pub(super) fn octets(&self, names: &[&str]) -> Option<&[u8]> {
        self.all.iter().find(|(name, _)| names.contains(&name.as_str())).map(|(_, v)| v.as_slice())
    }

    /// The first of these names as text; none when it is empty.
    pub(super) fn text(&self, names: &[&str]) -> Option<String> {
        let octets = self.octets(names).filter(|octets| !octets.is_empty())?;
        Some(String::from_utf8_lossy(octets).into_owned())
    }

    /// The user data header. In a header or XML it is in hex, or percent-encoded.
    pub(super) fn udh(&self) -> Result<Option<Vec<u8>>, Refusal> {
        let Some(written) = self.octets(&["udh"]).filter(|udh| !udh.is_empty()) else {
            return Ok(None);
        };
        let udh = if !self.hex {
            written.to_vec()
        } else if written.iter().all(u8::is_ascii_hexdigit) {
            let octets = data_encoding::HEXUPPER_PERMISSIVE.decode(written);
            octets.map_err(|_| Refusal::Misformed("UDH"))?
        } else {
            unescape(written)
        };
        if udh.first().is_none_or(|&length| usize::from(length) + 1 != udh.len()) {
            return Err(Refusal::Misformed("UDH"));
        }
        if udh.len() > tpdu::MOST_OCTETS {
            return Err(Refusal::UdhTooLong);
        }
        Ok(Some(udh))
    }

    /// A whole number from `range`, read as Kannel reads one: blanks before it and anything after its digits are
    /// passed over, and -1 and what is no number are nothing at all. The last is said in `notices`.
    pub(super) fn number(
        &self,
        names: &[&str],
        range: RangeInclusive<u32>,
        shown: &'static str,
        notices: &mut Vec<String>,
    ) -> Result<Option<u32>, Refusal> {
        let Some(text) = self.text(names) else { return Ok(None) };
        let text = text.trim_start();
        let (is_negative, digits) = match text.strip_prefix(['-', '+']) {
            Some(digits) => (text.starts_with('-'), digits),
            None => (false, text),
        };
        let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
        let (digits, rest) = digits.split_at(end);
        // In XML Kannel wants a whole number.
        if self.form == Form::Xml && (digits.is_empty() || !rest.trim().is_empty()) {
            return Err(Refusal::Misformed(shown));
        }
        if digits.is_empty() {
            if !text.is_empty() {
                notices.push(format!("{shown} is no number and was passed over"));
            }
            return Ok(None);
        }
        if !rest.trim().is_empty() {
            notices.push(format!("{shown} was read as {digits}"));
        }
        match digits.parse::<u32>() {
            Ok(1) if is_negative => Ok(None),
            Ok(number) if (number == 0 || !is_negative) && range.contains(&number) => {
                Ok(Some(number))
            }
            _ => Err(Refusal::Misformed(shown)),
        }
    }
}

/// `%XX` and `+` undone, on octets.
pub(super) fn unescape(encoded: &[u8]) -> Vec<u8> {
    let spaced: Vec<u8> = encoded.iter().map(|&b| if b == b'+' { b' ' } else { b }).collect();
    percent_encoding::percent_decode(&spaced).collect()
}

fn media_type(content_type: &str) -> (String, Option<String>) {
    let mut pieces = content_type.split(';');
    let media = pieces.next().unwrap_or_default().trim().to_ascii_lowercase();
    let charset = pieces
        .filter_map(|piece| piece.trim().split_once('='))
        .find(|(name, _)| name.trim().eq_ignore_ascii_case("charset"))
        .map(|(_, value)| value.trim().trim_matches('"').to_owned());
    (media, charset)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(written: &str) -> (Result<Option<u32>, Refusal>, usize) {
        let parameters = Parameters::read(Some(written), &HeaderMap::new(), b"").unwrap();
        let mut notices = Vec::new();
        let number = parameters.number(&["n"], 0..=3, "N", &mut notices);
        (number, notices.len())
    }

    #[test]
    fn numbers_are_read_as_kannel_reads_them() {
        let misformed = Err(Refusal::Misformed("N"));
        for (written, read, notices) in [
            ("n=2", Ok(Some(2)), 0),
            ("n=", Ok(None), 0),
            ("n=%20%2B2", Ok(Some(2)), 0),
            ("n=02", Ok(Some(2)), 0),
            ("n=2x", Ok(Some(2)), 1),
            ("n=0x2", Ok(Some(0)), 1),
            ("n=2.5", Ok(Some(2)), 1),
            ("n=-1", Ok(None), 0),
            ("n=high", Ok(None), 1),
            ("n=-", Ok(None), 1),
            ("n=4", misformed.clone(), 0),
            ("n=-2", misformed.clone(), 0),
            ("n=99999999999999999999", misformed, 0),
        ] {
            assert_eq!(number(written), (read, notices), "{written}");
        }
    }

    #[test]
    fn a_udh_in_a_header_is_hex() {
        let udh = |written: &str| {
            let mut headers = HeaderMap::new();
            headers.insert("X-Kannel-UDH", written.parse().unwrap());
            Parameters::read(None, &headers, b"").unwrap().udh()
        };
        let ports = vec![6, 5, 4, 0x15, 0x82, 0, 0];
        assert_eq!(udh("06050415820000"), Ok(Some(ports.clone())));
        assert_eq!(udh("%06%05%04%15%82%00%00"), Ok(Some(ports)));
        for wrong in ["0605", "027000f", "02 70 00", "zz", "0x027000"] {
            assert_eq!(udh(wrong), Err(Refusal::Misformed("UDH")), "{wrong}");
        }
        let long = format!("8c{}", "00".repeat(140));
        assert_eq!(udh(&long), Err(Refusal::UdhTooLong));
    }

    #[test]
    fn the_kind_of_a_body_decides() {
        let read = |content_type: &str| {
            let mut headers = HeaderMap::new();
            if !content_type.is_empty() {
                headers.insert(header::CONTENT_TYPE, content_type.parse().unwrap());
            }
            Parameters::read(None, &headers, b"hello").map(|parameters| parameters.form())
        };
        assert_eq!(read("TEXT/Plain; charset=\"utf-8\""), Ok(Form::Plain));
        assert_eq!(read(""), Ok(Form::Octets));
        assert_eq!(read("application/octet-stream"), Ok(Form::Octets));
        assert_eq!(read("text/html"), Err(Refusal::TextType));
        assert_eq!(read("application/json"), Err(Refusal::ContentType));
    }
}
