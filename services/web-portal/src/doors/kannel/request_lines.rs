//! Request lines as Kannel's clients write them, percent-encoded where HTTP asks for it.
//!
//! Many a client replaces only the blanks of a text: quotation marks, `<`, `>`, `#` and octets beyond ASCII come
//! as they are, and Kannel takes them so. Only octets of a request target under `/cgi-bin/` are touched, and never a
//! blank, CR or LF, so a request line stays one line of three words: where requests begin and end stays what the
//! HTTP server says. The lines of further requests on a connection are only looked for while no request can have a
//! body; after one that may have, everything is handed on untouched.

/// Where Kannel's calls are.
const PREFIX: &[u8] = b" /cgi-bin/";
/// The longest method that is looked at.
const LONGEST_METHOD: usize = 16;
/// Octets of a header line that are looked at: its name.
const LONGEST_NAME: usize = 24;

/// The requests of one connection, read octet by octet in any split.
#[derive(Debug)]
pub(super) struct RequestLines {
    at: At,
    may_have_body: bool,
}

#[derive(Debug)]
enum At {
    /// In the method; so many octets of it so far.
    Method(usize),
    /// After it, so many octets of [`PREFIX`] matched.
    Prefix(usize),
    /// In a target of ours.
    Target,
    /// In a line that is only read to its end.
    RestOfLine,
    /// In a header line, the beginning of which is kept.
    Header(Vec<u8>),
    /// Nothing more is touched.
    Through,
}

impl Default for RequestLines {
    fn default() -> Self {
        Self { at: At::Method(0), may_have_body: false }
    }
}

impl RequestLines {
    /// Whether nothing that comes is changed any more.
    pub(super) const fn is_through(&self) -> bool {
        matches!(self.at, At::Through)
    }

    /// Appends to `out` what `octets` become: each at most three.
    pub(super) fn encode(&mut self, octets: &[u8], out: &mut Vec<u8>) {
        for (n, &octet) in octets.iter().enumerate() {
            if self.is_through() {
                out.extend_from_slice(&octets[n..]);
                return;
            }
            if matches!(self.at, At::Target) && must_be_encoded(octet) {
                const HEX: &[u8; 16] = b"0123456789ABCDEF";
                out.extend([b'%', HEX[usize::from(octet >> 4)], HEX[usize::from(octet & 0x0F)]]);
            } else {
                out.push(octet);
            }
            self.step(octet);
        }
    }

    fn step(&mut self, octet: u8) {
        self.at = match std::mem::replace(&mut self.at, At::Through) {
            // Servers pass over empty lines before a request.
            At::Method(0) if matches!(octet, b'\r' | b'\n') => At::Method(0),
            At::Method(n) if octet.is_ascii_uppercase() && n < LONGEST_METHOD => At::Method(n + 1),
            At::Method(1..) if octet == b' ' => At::Prefix(1),
            At::Prefix(n) if PREFIX[n] == octet => {
                if n + 1 == PREFIX.len() {
                    At::Target
                } else {
                    At::Prefix(n + 1)
                }
            }
            At::Prefix(_) | At::Target | At::RestOfLine if octet == b'\n' => At::Header(Vec::new()),
            At::Prefix(_) | At::RestOfLine => At::RestOfLine,
            At::Target if matches!(octet, b' ' | b'\r') => At::RestOfLine,
            At::Target => At::Target,
            At::Header(line) if octet == b'\n' => self.after_header(&line),
            At::Header(mut line) => {
                if line.len() < LONGEST_NAME {
                    line.push(octet.to_ascii_lowercase());
                }
                At::Header(line)
            }
            // No line of a request as it should be: the server's to refuse.
            At::Method(_) | At::Through => At::Through,
        };
    }

    fn after_header(&mut self, line: &[u8]) -> At {
        match line {
            [] | [b'\r'] if self.may_have_body => At::Through,
            [] | [b'\r'] => At::Method(0),
            line => {
                self.may_have_body |= is_framing(line);
                At::Header(Vec::new())
            }
        }
    }
}

/// A header after which something else than a request may follow, or one that cannot be judged.
fn is_framing(line: &[u8]) -> bool {
    const NAMES: [&[u8]; 3] = [b"content-length", b"transfer-encoding", b"upgrade"];
    let is_name = |octet: &u8| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'_');
    let name = line.iter().position(|octet| !is_name(octet)).unwrap_or(line.len());
    let is_cut = name == LONGEST_NAME;
    let is_odd = !is_cut && line.get(name) != Some(&b':');
    is_odd || NAMES.iter().any(|known| line.starts_with(known))
}

/// What no server takes in a request target but Kannel's. A blank ends the target, and CR and LF the line.
const fn must_be_encoded(octet: u8) -> bool {
    match octet {
        b'"' | b'<' | b'>' | b'#' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}' | 0x7F.. => true,
        b'\t' | b'\n' | b'\r' => false,
        _ => octet < 0x20,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(octets: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        RequestLines::default().encode(octets, &mut out);
        out
    }

    /// The same in every split into two, and octet by octet.
    fn encoded(octets: &[u8]) -> String {
        let expected = whole(octets);
        for at in 0..=octets.len() {
            let (mut lines, mut out) = (RequestLines::default(), Vec::new());
            lines.encode(&octets[..at], &mut out);
            lines.encode(&octets[at..], &mut out);
            assert_eq!(out, expected, "split at {at}");
        }
        let (mut lines, mut out) = (RequestLines::default(), Vec::new());
        for octet in octets {
            lines.encode(&[*octet], &mut out);
        }
        assert_eq!(out, expected);
        String::from_utf8_lossy(&expected).into_owned()
    }

    #[test]
    fn targets_of_kannel_are_encoded() {
        assert_eq!(
            encoded(b"GET /cgi-bin/sendsms?text=say%20\"hi\"<5>#1\\caf\xe9\x01 HTTP/1.0\r\nX: \"#\"\r\n\r\n"),
            "GET /cgi-bin/sendsms?text=say%20%22hi%22%3C5%3E%231%5Ccaf%E9%01 HTTP/1.0\r\nX: \"#\"\r\n\r\n"
        );
        assert_eq!(
            encoded(b"\r\n\nHEAD /cgi-bin/x?a=\"\n\nGET /cgi-bin/x?\" HTTP/1.1\n\n"),
            "\r\n\nHEAD /cgi-bin/x?a=%22\n\nGET /cgi-bin/x?%22 HTTP/1.1\n\n"
        );
    }

    #[test]
    fn nothing_else_is_touched() {
        for octets in [
            &b"GET /api/v1/x?a=\"#\" HTTP/1.1\r\nHost: x\r\n\r\n"[..],
            b"GET http://x/cgi-bin/x?\" HTTP/1.1\r\n\r\n",
            b"GET /cgi-bi\r\n\r\n",
            b"GET  /cgi-bin/x?\" HTTP/1.1\r\n\r\n",
            b"get /cgi-bin/x?\" HTTP/1.1\r\n\r\n",
            b" /cgi-bin/x?\" HTTP/1.1\r\n\r\n",
            b"\x16\x03\x01\x02\x00\x01\"\"GET /cgi-bin/x?\" HTTP/1.1\r\n\r\n",
            b"POST /cgi-bin/x HTTP/1.1\r\nContent-Length: 30\r\n\r\nGET /cgi-bin/x?a=\" HTTP/1.1\r\n\r\n",
        ] {
            assert_eq!(encoded(octets).as_bytes(), String::from_utf8_lossy(octets).as_bytes());
        }
    }

    #[test]
    fn further_requests_are_encoded_only_where_they_must_begin() {
        let next = "GET /cgi-bin/x?\" HTTP/1.1\r\n\r\n";
        let first = |header: &str| format!("GET / HTTP/1.1\r\nHost: x\r\n{header}\r\n");
        let after = |header: &str| encoded((first(header) + next).as_bytes());
        let is_encoded = |header: &str| after(header).contains("%22");
        for header in ["", "Accept: */*\r\n", "X-Kannel-Very-Long-Name-Of-A-Header: 1\r\n"] {
            assert!(is_encoded(header), "{header}");
        }
        for header in [
            "Content-Length: 5\r\n",
            "CONTENT-LENGTH:5\n",
            "Content-Length : 5\r\n",
            "Transfer-Encoding: chunked\r\n",
            "transfer-encoding\t: chunked\r\n",
            "Upgrade: h2c\r\n",
            "X: 1\r\n folded: content-length: 5\r\n",
            "no colon\r\n",
        ] {
            assert!(!is_encoded(header), "{header}");
        }
    }

    #[test]
    fn line_ends_and_blanks_stay_what_they_are() {
        let hostile = b"GET /cgi-bin/x?a=\" \"HTTP/1.1\"\r\nContent-Length:\r\n\r\n\"";
        let out = whole(hostile);
        let frame = |octets: &[u8]| -> Vec<u8> {
            octets.iter().copied().filter(|o| matches!(o, b' ' | b'\r' | b'\n')).collect()
        };
        assert_eq!(frame(&out), frame(hostile));
    }
}
