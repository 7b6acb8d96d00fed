//! What of a mail is sent as a text.

use data_encoding::HEXLOWER;
use mail_parser::{Message, MessageParser, MimeHeaders as _};
use platform::config::MailSubject;
use sha2::{Digest as _, Sha256};

/// The line that stands before a signature.
const SIGNATURE: &str = "-- ";
/// The most parts of a mail, with those that hold others and those that are attached.
const MOST_PARTS: usize = 100;
/// The most characters of a Message-ID that is known again.
const LONGEST_ID: usize = 998;

/// A mail, as far as it matters here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Letter {
    /// What is sent.
    pub(super) text: String,
    /// Its Message-ID.
    pub(super) id: Option<String>,
}

/// A mail that is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum NoLetter {
    /// It is none.
    #[error("this is no mail: it has neither a header nor a text that can be read")]
    NoMail,
    /// There is too much in it.
    #[error("this mail has more than {MOST_PARTS} parts, which is the most there may be")]
    TooManyParts,
}

impl Letter {
    /// Reads a mail. Of one with several forms of one text it takes the plain one; of one in HTML alone, the text of that.
    pub(super) fn read(octets: &[u8], subject: MailSubject) -> Result<Self, NoLetter> {
        let mail = MessageParser::default().parse(octets).ok_or(NoLetter::NoMail)?;
        if mail.parts.len() > MOST_PARTS {
            return Err(NoLetter::TooManyParts);
        }
        let body = cleaned(&body(&mail));
        let body = without_signature(&body).trim();
        let said = cleaned(mail.subject().unwrap_or_default());
        let said = said.trim().replace('\n', " ");
        let text = match subject {
            MailSubject::Only => said,
            // Where there is only one of both, it is all there is to send.
            MailSubject::Before | MailSubject::Instead if body.is_empty() => said,
            MailSubject::Before if !said.is_empty() => format!("{said}\n{body}"),
            MailSubject::Before | MailSubject::Instead => body.to_owned(),
        };
        let id = mail.message_id().map(str::trim).filter(|id| !id.is_empty());
        let id = id.filter(|id| id.len() <= LONGEST_ID).map(str::to_owned);
        Ok(Self { text, id })
    }

    /// What the mail is called as an attempt to send to these recipients. None: it has no Message-ID.
    pub(super) fn attempt(&self, recipients: &[String]) -> Option<String> {
        let id = self.id.as_deref()?;
        let mut sorted: Vec<&str> = recipients.iter().map(String::as_str).collect();
        sorted.sort_unstable();
        sorted.dedup();
        let mut hash = Sha256::new();
        hash.update(id.as_bytes());
        for recipient in sorted {
            hash.update([0]);
            hash.update(recipient.as_bytes());
        }
        Some(format!("mail:{}", HEXLOWER.encode(&hash.finalize())))
    }
}

/// The text: of the parts that are meant to be read one after another, without what is attached.
fn body(mail: &Message<'_>) -> String {
    let texts = mail.text_body.iter().enumerate().filter_map(|(nth, place)| {
        let part = mail.parts.get(usize::try_from(*place).ok()?)?;
        let is_attached =
            part.content_disposition().is_some_and(mail_parser::ContentType::is_attachment);
        if is_attached { None } else { mail.body_text(nth) }
    });
    texts.map(|text| text.trim().to_owned()).collect::<Vec<_>>().join("\n")
}

/// A text with one kind of line end and without other control characters.
fn cleaned(text: &str) -> String {
    let lines = text.replace("\r\n", "\n").replace('\r', "\n");
    lines.chars().filter(|c| *c == '\n' || *c == '\t' || !c.is_control()).collect()
}

/// A text up to the line of its signature.
fn without_signature(text: &str) -> &str {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if line.trim_end_matches('\n') == SIGNATURE {
            return &text[..at];
        }
        at += line.len();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(mail: &str) -> Letter {
        read_with(mail, MailSubject::Instead)
    }

    fn read_with(mail: &str, subject: MailSubject) -> Letter {
        Letter::read(mail.replace('\n', "\r\n").as_bytes(), subject).unwrap()
    }

    #[test]
    fn the_plain_text_is_taken_in_whatever_charset_and_encoding() {
        let plain = "Subject: x\nMessage-ID: <a@b>\n\nHalo,\nrapat jam 9.\n-- \nBudi\n";
        let letter = read(plain);
        assert_eq!(
            (letter.text.as_str(), letter.id.as_deref()),
            ("Halo,\nrapat jam 9.", Some("a@b"))
        );
        let quoted = "Content-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable\n\ncaf=E9 =\nau lait\n";
        assert_eq!(read(quoted).text, "café au lait");
        let encoded = "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n0JbRg9C6IPCflYo=\n";
        assert_eq!(read(encoded).text, "Жук 🕊");
        assert_eq!(read(encoded).id, None);
    }

    const ALTERNATIVE: &str = "Subject: =?utf-8?q?Peringatan_=E2=9A=A0?=\nMIME-Version: 1.0\n\
        Content-Type: multipart/mixed; boundary=\"m\"\n\n--m\nContent-Type: multipart/alternative; boundary=\"a\"\n\n\
        --a\nContent-Type: text/plain\n\nteks biasa\n--a\nContent-Type: text/html\n\n<p>teks <b>HTML</b></p>\n--a--\n\
        --m\nContent-Type: text/plain\nContent-Disposition: attachment; filename=\"a.txt\"\n\nrahasia\n--m--\n";

    #[test]
    fn what_is_attached_is_left_out_and_html_is_read_when_there_is_nothing_else() {
        assert_eq!(read(ALTERNATIVE).text, "teks biasa");
        let html = "Content-Type: text/html; charset=utf-8\n\n<html><body><p>Suhu &gt; 30&deg;</p><script>x()</script></body></html>\n";
        let text = read(html).text;
        assert!(text.contains("Suhu > 30°") && !text.contains('<'), "{text}");
    }

    #[test]
    fn a_mail_has_so_many_parts() {
        let of = |count: usize| {
            let part = "--b\r\nContent-Type: text/plain\r\n\r\nx\r\n".repeat(count);
            let mail = format!("Content-Type: multipart/mixed; boundary=b\r\n\r\n{part}--b--\r\n");
            Letter::read(mail.as_bytes(), MailSubject::Instead)
        };
        // The mail as a whole is one, too.
        let most = of(MOST_PARTS - 1).unwrap();
        assert_eq!(most.text, ["x"; MOST_PARTS - 1].join("\n"));
        for count in [MOST_PARTS, 20_000] {
            assert_eq!(of(count), Err(NoLetter::TooManyParts), "{count}");
        }
    }

    #[test]
    fn the_subject_stands_where_the_setting_says() {
        for (subject, text) in [
            (MailSubject::Instead, "teks biasa"),
            (MailSubject::Before, "Peringatan ⚠\nteks biasa"),
            (MailSubject::Only, "Peringatan ⚠"),
        ] {
            assert_eq!(read_with(ALTERNATIVE, subject).text, text, "{subject:?}");
        }
        assert_eq!(read("Subject: Hanya ini\n\n \n").text, "Hanya ini");
        assert_eq!(read_with("Subject: \n\nx\n", MailSubject::Before).text, "x");
    }

    #[test]
    fn control_characters_are_no_text() {
        let letter = read("Subject: a\u{7}b\n\nx\u{0}y\u{1b}[31m\tz\n");
        assert_eq!(letter.text, "xy[31m\tz");
        for hostile in
            ["", "\n", "\0\0\0", "Content-Type: multipart/mixed; boundary=\"\"\n\n--\n--\n"]
        {
            // Whatever comes of it, nothing stops.
            let _ = Letter::read(hostile.as_bytes(), MailSubject::Instead);
        }
        let nested = "Content-Type: multipart/mixed; boundary=b\n\n--b\n".repeat(5_000);
        let _ = Letter::read(nested.as_bytes(), MailSubject::Instead);
    }

    #[test]
    fn a_mail_is_known_again_by_its_id_and_whom_it_goes_to() {
        let letter = read("Message-ID: <a@b>\n\nx\n");
        let of =
            |to: &[&str]| letter.attempt(&to.iter().map(|to| (*to).to_owned()).collect::<Vec<_>>());
        assert_eq!(of(&["1", "2"]), of(&["2", "1", "2"]));
        assert_ne!(of(&["1", "2"]), of(&["1"]));
        assert_ne!(of(&["12"]), of(&["1", "2"]));
        assert_eq!(read("\n\nx\n").attempt(&["1".to_owned()]), None);
        assert!(of(&["1"]).unwrap().len() < 255);
    }
}
