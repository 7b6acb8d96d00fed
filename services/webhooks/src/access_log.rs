//! Kannel's access log: a line for each message that came or went, as Kannel 1.4.5 writes it.
//!
//! It has numbers and texts, so there is none unless its file is named, and only the owner of the file reads it. The file is
//! opened for each line: what turns logs over may move it away at any time. An event that comes again, as after a copy
//! was killed, may have its line twice.

use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use bus::Event;
use contracts::Timestamp;
use contracts::mt::MtChange;
use keyword::content::Content;
use keyword::escape::Values;

/// See the module.
#[derive(Debug, Clone)]
pub(crate) struct AccessLog(PathBuf);

/// What a line is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verb {
    /// The network took a message.
    Sent,
    /// A message was not sent.
    Failed,
    /// A message was refused.
    Rejected,
    /// A message was not sent in time.
    Expired,
    /// A message was received.
    Received,
    /// A delivery report was received.
    Report,
}

impl Verb {
    /// What an event is; none for most.
    pub(crate) fn of(event: &Event) -> Option<Self> {
        match event {
            Event::MoReceived(_) => Some(Self::Received),
            Event::Dlr(_) => Some(Self::Report),
            Event::Mt(event) => match event.change {
                MtChange::Sent { .. } => Some(Self::Sent),
                MtChange::Failed { .. } => Some(Self::Failed),
                MtChange::Rejected { .. } => Some(Self::Rejected),
                MtChange::Expired {} => Some(Self::Expired),
                MtChange::Delivered { .. } | MtChange::Undelivered { .. } => Some(Self::Report),
                _ => None,
            },
            _ => None,
        }
    }

    const fn as_str(self) -> &'static str {
        match self {
            Self::Sent => "Sent SMS",
            Self::Failed => "FAILED Send SMS",
            Self::Rejected => "REJECTED Send SMS",
            Self::Expired => "EXPIRED SMS",
            Self::Received => "Receive SMS",
            Self::Report => "Receive DLR",
        }
    }
}

impl AccessLog {
    /// The log in this file.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        append(path, "")?;
        Ok(Self(path.to_owned()))
    }

    /// Adds a line. One that cannot be written is lost, which is told in the gateway's own log.
    pub(crate) async fn write(&self, line: String) {
        let path = self.0.clone();
        let written = tokio::task::spawn_blocking(move || append(&path, &line)).await;
        if let Ok(Err(error)) = written {
            let path = self.0.display();
            tracing::warn!(
                "a line is lost, because the access log {path} cannot be written: {error}"
            );
        }
    }
}

fn append(path: &Path, line: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().append(true).create(true).mode(0o600).open(path)?;
    file.write_all(line.as_bytes())
}

/// The line of something that happened at that time, UTC. `mask` is that of the message's `dlr-url`.
pub(crate) fn line(verb: Verb, at: Timestamp, values: &Values, mask: Option<u8>) -> String {
    let own = values.own.as_deref().unwrap_or_default();
    let (from, to) = match verb {
        Verb::Received => (values.other.as_str(), own),
        _ => (own, values.other.as_str()),
    };
    let dlr = |value: Option<u8>| value.map_or(-1, i16::from);
    let (flags, length, message) = if verb == Verb::Report {
        let reply = values.reply.as_deref().unwrap_or_default();
        (format!("-1:-1:-1:-1:{}", dlr(values.value)), reply.len(), printable(reply.as_bytes()))
    } else {
        let octets = values.content.bytes();
        let shown = match values.content {
            Content::Gsm7(_) => printable(&octets),
            Content::Binary(_) | Content::Ucs2(_) => hex(&octets),
        };
        let class = values.class.map_or(-1, i16::from);
        let coding = values.content.coding();
        (format!("{class}:{coding}:-1:-1:{}", dlr(mask)), octets.len(), shown)
    };
    let reference = values.reference.map(|reference| reference.to_string()).unwrap_or_default();
    format!(
        "{} {} [SMSC:{}] [SVC:{}] [ACT:] [BINF:] [FID:{reference}] [META:] [from:{}] [to:{}] [flags:{flags}] \
         [msg:{length}:{message}] [udh:{}:{}]\n",
        at.to_jiff().strftime("%Y-%m-%d %H:%M:%S"),
        verb.as_str(),
        values.sim.as_deref().unwrap_or_default(),
        printable(values.service.as_deref().unwrap_or_default().as_bytes()),
        printable(from.as_bytes()),
        printable(to.as_bytes()),
        values.udh.len(),
        hex(&values.udh)
    )
}

/// Octets on one line: what is not printable ASCII is a point.
fn printable(octets: &[u8]) -> String {
    let is_plain = |octet: u8| octet == b' ' || octet.is_ascii_graphic();
    octets.iter().map(|octet| if is_plain(*octet) { char::from(*octet) } else { '.' }).collect()
}

fn hex(octets: &[u8]) -> String {
    octets.iter().fold(String::new(), |mut text, octet| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{octet:02X}");
        text
    })
}

#[cfg(test)]
mod tests {
    use contracts::{MessageId, Priority};

    use super::*;

    fn values(other: &str, own: &str, content: Content) -> Values {
        Values {
            value: None,
            reply: None,
            words: String::new(),
            at: Timestamp::from_micros(0),
            message: MessageId::derived("1"),
            other: other.to_owned(),
            own: Some(own.to_owned()),
            sim: Some("FAKE".to_owned()),
            centre: None,
            reference: None,
            content,
            class: None,
            coding: None,
            udh: Vec::new(),
            validity: None,
            priority: Priority::Normal,
            service: None,
        }
    }

    /// Lines of Kannel 1.4.5 for the same messages.
    #[test]
    fn lines_are_kannel_s() {
        let at = "2026-11-30T14:04:57Z".parse().unwrap();
        let of = |verb, values: &Values, mask| line(verb, at, values, mask);
        let text = |text: &str| Content::Gsm7(text.to_owned());
        let received = values("0062811", "300", text("INFO  Jadwal a&b *x*  end "));
        assert_eq!(
            of(Verb::Received, &received, None),
            "2026-11-30 14:04:57 Receive SMS [SMSC:FAKE] [SVC:] [ACT:] [BINF:] [FID:] [META:] [from:0062811] [to:300] [flags:-1:0:-1:-1:-1] [msg:26:INFO  Jadwal a&b *x*  end ] [udh:0:]\n"
        );
        let data = Values {
            udh: vec![6, 5, 4, 0x15, 0x82, 0, 0],
            ..values("100", "300", Content::Binary(b"info pfx".to_vec()))
        };
        assert_eq!(
            of(Verb::Received, &data, None),
            "2026-11-30 14:04:57 Receive SMS [SMSC:FAKE] [SVC:] [ACT:] [BINF:] [FID:] [META:] [from:100] [to:300] [flags:-1:1:-1:-1:-1] [msg:8:696E666F20706678] [udh:7:06050415820000]\n"
        );
        let sent = Values {
            service: Some("tester".to_owned()),
            ..values("+62812", "123", text("Halo dunia\nbaru"))
        };
        assert_eq!(
            of(Verb::Sent, &sent, Some(31)),
            "2026-11-30 14:04:57 Sent SMS [SMSC:FAKE] [SVC:tester] [ACT:] [BINF:] [FID:] [META:] [from:123] [to:+62812] [flags:-1:0:-1:-1:31] [msg:15:Halo dunia.baru] [udh:0:]\n"
        );
        let ucs2 = Values {
            class: Some(0),
            service: Some("tester".to_owned()),
            ..values("62813", "123", Content::Ucs2("Ж".to_owned()))
        };
        assert_eq!(
            of(Verb::Sent, &ucs2, None),
            "2026-11-30 14:04:57 Sent SMS [SMSC:FAKE] [SVC:tester] [ACT:] [BINF:] [FID:] [META:] [from:123] [to:62813] [flags:0:2:-1:-1:-1] [msg:2:0416] [udh:0:]\n"
        );
        let report = Values { value: Some(8), reply: Some("ACK/".to_owned()), ..sent };
        assert!(of(Verb::Report, &report, Some(31)).contains("[flags:-1:-1:-1:-1:8] [msg:4:ACK/]"));
    }

    #[test]
    fn a_message_cannot_write_a_line_of_its_own() {
        let hostile = values("A\nB", "1", Content::Gsm7("x] \r\n2026 Sent SMS é".to_owned()));
        let line = line(Verb::Received, Timestamp::from_micros(0), &hostile, None);
        assert_eq!(line.matches('\n').count(), 1);
        assert!(line.contains("[from:A.B]") && line.contains("x] ..2026 Sent SMS .."), "{line}");
    }

    #[tokio::test]
    async fn a_file_that_is_moved_away_is_made_anew_and_private() {
        use std::os::unix::fs::PermissionsExt as _;

        let folder = std::env::temp_dir().join(format!("merpati-access-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let (path, moved) = (folder.join("access.log"), folder.join("access.log.1"));
        let log = AccessLog::open(&path).unwrap();
        log.write("one\n".to_owned()).await;
        std::fs::rename(&path, &moved).unwrap();
        log.write("two\n".to_owned()).await;
        let read = |path: &Path| std::fs::read_to_string(path).unwrap();
        assert_eq!((read(&moved).as_str(), read(&path).as_str()), ("one\n", "two\n"));
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(AccessLog::open(&folder).is_err());
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
