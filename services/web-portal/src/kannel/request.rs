//! What a client of Kannel's `sendsms` asks for, read from a query, a form or `X-Kannel-*` headers.
//!
//! Values stay octets until it is known in which charset they are: `text` comes as percent-encoded
//! UTF-16BE as often as in UTF-8.

use axum::http::{HeaderMap, header};
use contracts::mt::{Body, DlrCallback, Encoding, SendOptions};
use contracts::{Languages, Priority, Timestamp};
use std::time::Duration;

use super::charset;
use super::reply::Refusal;
use crate::draft::Draft;

/// The octets of each parameter, in order of appearance; of a repeated one the first counts, as in Kannel.
#[derive(Debug, Default)]
pub(crate) struct Parameters(Vec<(String, Vec<u8>)>);

impl Parameters {
    /// Reads `a=b&c=d` with `%XX` and `+`. What follows a `%` that is no escape is taken as it stands.
    pub(crate) fn add_encoded(&mut self, encoded: &[u8]) {
        for pair in encoded.split(|&b| b == b'&').filter(|pair| !pair.is_empty()) {
            let at = pair.iter().position(|&b| b == b'=').unwrap_or(pair.len());
            let name = String::from_utf8_lossy(&unescape(&pair[..at])).into_owned();
            let value = pair.get(at + 1..).map(unescape).unwrap_or_default();
            self.0.push((name, value));
        }
    }

    /// Reads `X-Kannel-To: …` as `to`, and so on. The UDH and URLs are percent-encoded there too.
    pub(crate) fn add_headers(&mut self, headers: &HeaderMap) {
        for (name, value) in headers {
            if let Some(name) = name.as_str().strip_prefix("x-kannel-") {
                let value = value.as_bytes();
                let value = if name == "udh" { unescape(value) } else { value.to_vec() };
                self.0.push((name.to_owned(), value));
            }
        }
    }

    /// Adds one.
    pub(crate) fn add(&mut self, name: &str, value: Vec<u8>) {
        self.0.push((name.to_owned(), value));
    }

    fn octets(&self, names: &[&str]) -> Option<&[u8]> {
        self.0.iter().find(|(name, _)| names.contains(&name.as_str())).map(|(_, v)| v.as_slice())
    }

    /// The first of that name as text.
    pub(crate) fn text(&self, names: &[&str]) -> Option<String> {
        self.octets(names).map(|octets| String::from_utf8_lossy(octets).into_owned())
    }

    /// A whole number from `range`; absent when empty.
    fn number(
        &self,
        names: &[&str],
        range: std::ops::RangeInclusive<u32>,
        shown: &'static str,
    ) -> Result<Option<u32>, Refusal> {
        let Some(text) = self.text(names) else { return Ok(None) };
        match text.trim() {
            "" => Ok(None),
            digits => digits
                .parse()
                .ok()
                .filter(|n| range.contains(n))
                .map(Some)
                .ok_or(Refusal::Misformed(shown)),
        }
    }
}

/// `%XX` and `+` undone, on octets.
fn unescape(encoded: &[u8]) -> Vec<u8> {
    let spaced: Vec<u8> = encoded.iter().map(|&b| if b == b'+' { b' ' } else { b }).collect();
    percent_encoding::percent_decode(&spaced).collect()
}

/// All the parameters of a request. A body is a form, or the text itself.
pub(crate) fn parameters(
    query: Option<&str>,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Parameters, Refusal> {
    let mut parameters = Parameters::default();
    parameters.add_headers(headers);
    parameters.add_encoded(query.unwrap_or_default().as_bytes());
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok());
    let (media, charset) = media_type(content_type.unwrap_or_default());
    match media.as_str() {
        "application/x-www-form-urlencoded" => parameters.add_encoded(body),
        "" | "text/plain" | "text/html" if !body.is_empty() => {
            if let Some(charset) = charset {
                parameters.add("charset", charset.into_bytes());
            }
            parameters.add("text", body.to_vec());
        }
        "application/octet-stream" if !body.is_empty() => {
            parameters.add("coding", b"1".to_vec());
            parameters.add("text", body.to_vec());
        }
        _ if body.is_empty() => {}
        _ => return Err(Refusal::ContentType),
    }
    Ok(parameters)
}

fn media_type(content_type: &str) -> (String, Option<String>) {
    let mut pieces = content_type.split(';');
    let media = pieces.next().unwrap_or_default().trim().to_ascii_lowercase();
    let charset = pieces
        .filter_map(|piece| piece.trim().split_once('='))
        .find(|(name, _)| name.eq_ignore_ascii_case("charset"))
        .map(|(_, value)| value.trim_matches('"').to_owned());
    (media, charset)
}

/// What is to be sent. `smsc`, `account`, `binfo`, `meta-data`, `alt-dcs` and `from` are read over: the
/// gateway chooses the modem, and a SIM's number is the sender. `languages` are the gateway's: Kannel has no such field.
pub(crate) fn draft(
    parameters: &Parameters,
    now: Timestamp,
    languages: Languages,
) -> Result<Draft, Refusal> {
    let to = parameters.text(&["to"]).ok_or(Refusal::NoReceiver)?;
    if to.trim().is_empty() {
        return Err(Refusal::EmptyReceiver);
    }
    let udh = parameters.octets(&["udh"]).filter(|udh| !udh.is_empty());
    if let Some(udh) = udh {
        if usize::from(udh[0]) + 1 != udh.len() {
            return Err(Refusal::Misformed("UDH"));
        }
        if udh.len() > 140 {
            return Err(Refusal::UdhTooLong);
        }
    }
    if parameters.number(&["mwi"], 0..=7, "MWI")?.is_some() {
        return Err(Refusal::Unsupported("MWI"));
    }
    if parameters.number(&["compress"], 0..=1, "Compress")? == Some(1) {
        return Err(Refusal::Unsupported("Compress"));
    }
    let class = parameters.number(&["mclass"], 0..=3, "MClass")?;
    let flash = parameters.number(&["flash"], 0..=1, "MClass")? == Some(1);
    let class = class.or(flash.then_some(0));
    let pid = parameters.number(&["pid"], 0..=255, "PID")?;
    let rpi = parameters.number(&["rpi"], 0..=2, "RPI")?;
    let validity = parameters.number(&["validity"], 0..=u32::MAX, "Validity")?;
    let deferred = parameters.number(&["deferred"], 0..=u32::MAX, "Deferred")?;
    let mask = parameters.number(&["dlr-mask", "dlrmask"], 0..=63, "DLR mask")?.unwrap_or(0);
    let priority = match parameters.number(&["priority"], 0..=3, "Priority")? {
        Some(0) => Priority::Bulk,
        Some(3) => Priority::Otp,
        _ => Priority::Normal,
    };
    let url = parameters.text(&["dlr-url", "dlrurl"]).filter(|url| !url.is_empty());
    if let Some(url) = &url
        && !(url.starts_with("http://") || url.starts_with("https://"))
    {
        return Err(Refusal::Misformed("DLR URL"));
    }
    let body = body(parameters, udh.is_some())?;
    let wait = |minutes: u32| Duration::from_secs(u64::from(minutes) * 60);
    Ok(Draft {
        to: to.split_ascii_whitespace().map(str::to_owned).collect(),
        priority,
        udh: udh.map(|udh| data_encoding::HEXUPPER.encode(udh)),
        options: SendOptions {
            class: class.and_then(|n| u8::try_from(n).ok()),
            validity_minutes: validity.filter(|minutes| *minutes > 0),
            no_report: false,
            protocol_id: pid.and_then(|n| u8::try_from(n).ok()),
            reply_path: rpi == Some(1),
            ports: None,
            languages,
        },
        not_before: deferred.filter(|minutes| *minutes > 0).map(|m| now.plus(wait(m))),
        dlr: url
            .filter(|_| mask > 0)
            .map(|url| DlrCallback { url, mask: u8::try_from(mask).unwrap_or(u8::MAX) }),
        ..Draft::of(body)
    })
}

fn body(parameters: &Parameters, has_udh: bool) -> Result<Body, Refusal> {
    let octets = parameters.octets(&["text"]).unwrap_or_default();
    let charset = parameters.text(&["charset"]).filter(|name| !name.trim().is_empty());
    let coding = parameters.number(&["coding"], 0..=2, "Coding")?;
    let coding = coding.or(has_udh.then_some(1));
    if coding == Some(1) {
        return Ok(Body::Data { data: data_encoding::HEXUPPER.encode(octets) });
    }
    let (usual, encoding) = match coding {
        Some(2) => ("UTF-16BE", Encoding::Ucs2),
        // A client that says GSM 7-bit gets look-alikes before it gets UCS-2, and never a silent `?`.
        Some(_) => ("UTF-8", Encoding::Smart),
        None => ("UTF-8", Encoding::Auto),
    };
    let charset = charset.as_deref().unwrap_or(usual);
    let text = charset::decode(octets, charset).map_err(|_| Refusal::Charset)?;
    Ok(Body::Text { text, encoding })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> Result<Draft, Refusal> {
        let parameters = parameters(Some(query), &HeaderMap::new(), b"")?;
        draft(&parameters, Timestamp::from_micros(0), Languages::NONE)
    }

    fn text_of(query: &str) -> (String, Encoding) {
        match read(query).unwrap().body {
            Body::Text { text, encoding } => (text, encoding),
            Body::Data { data } => panic!("data {data}"),
        }
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
        assert_eq!(read("to=1234&text=caf%E9").unwrap_err(), Refusal::Charset);
    }

    #[test]
    fn a_header_makes_it_data() {
        let draft = read("to=1&udh=%06%05%04%23%f4%00%00&text=%00%FF").unwrap();
        assert_eq!(draft.body, Body::Data { data: "00FF".to_owned() });
        assert_eq!(draft.udh.as_deref(), Some("06050423F40000"));
        assert_eq!(read("to=1&udh=%06%05&text=a").unwrap_err(), Refusal::Misformed("UDH"));
    }

    #[test]
    fn words_of_refusals_are_kannels() {
        assert_eq!(read("text=a").unwrap_err(), Refusal::NoReceiver);
        assert_eq!(read("to=&text=a").unwrap_err(), Refusal::EmptyReceiver);
        assert_eq!(read("to=1&text=a&coding=9").unwrap_err(), Refusal::Misformed("Coding"));
    }

    #[test]
    fn options_are_carried_over() {
        let draft = read(
            "to=0811+%2B62812&text=a&mclass=0&validity=60&priority=3&dlr-mask=27&dlr-url=http%3A%2F%2Fx%2F%3Fd%3D%25d",
        )
        .unwrap();
        assert_eq!(draft.to, ["0811", "+62812"]);
        assert_eq!(draft.options.class, Some(0));
        assert_eq!(draft.options.validity_minutes, Some(60));
        assert_eq!(draft.priority, Priority::Otp);
        assert_eq!(draft.dlr, Some(DlrCallback { url: "http://x/?d=%d".to_owned(), mask: 27 }));
        assert_eq!(read("to=1&text=a&priority=0").unwrap().priority, Priority::Bulk);
        assert_eq!(read("to=1&text=a&priority=2").unwrap().priority, Priority::Normal);
    }

    #[test]
    fn headers_and_a_plain_body_do_too() {
        let mut headers = HeaderMap::new();
        headers.insert("X-Kannel-To", "+62812".parse().unwrap());
        headers.insert("Content-Type", "text/plain; charset=iso-8859-1".parse().unwrap());
        let parameters = parameters(Some("username=a"), &headers, b"caf\xe9").unwrap();
        let draft = draft(&parameters, Timestamp::from_micros(0), Languages::NONE).unwrap();
        assert_eq!(draft.to, ["+62812"]);
        assert_eq!(draft.body, Body::Text { text: "café".to_owned(), encoding: Encoding::Auto });
    }
}
