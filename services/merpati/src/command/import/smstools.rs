//! `merpati import smstools`: the spool folders of SMS Server Tools 3, a file for each message.
//!
//! `incoming`, `sent` and `failed` become history; what still waits in `outgoing` and `checked` is named and left alone,
//! or sent when that is asked for.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use api::{PastReceived, PastSent};
use contracts::{MessageId, Timestamp, UserId};
use jiff::civil::DateTime;
use platform::config::Config;

use super::messages::{Messages, RECEIVED, SENT, count};
use super::report::Report;
use super::waiting::{WAITING, Waiting};
use super::whose::Whose;
use super::zone::Zone;
use crate::cli::Brought;
use crate::client::Client;
use crate::output;

/// The most bytes of a file: its head and the longest SMS.
const LARGEST: u64 = 256 * 1024;
/// The most lines of its head.
const HEAD: usize = 100;
/// The most bytes of a file's name by which its message is known.
const LONGEST_NAME: usize = 80;
/// What messages are known by.
const FROM: &str = "smstools";

/// What a folder holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Incoming,
    Sent,
    Failed,
    Waiting,
}

const FOLDERS: [(&str, Kind); 5] = [
    ("incoming", Kind::Incoming),
    ("sent", Kind::Sent),
    ("failed", Kind::Failed),
    ("outgoing", Kind::Waiting),
    ("checked", Kind::Waiting),
];

pub(super) async fn run(
    as_json: bool,
    config: &Config,
    folder: &Path,
    how: &Brought,
) -> anyhow::Result<ExitCode> {
    let dry_run = how.dry_run;
    let zone: Zone = how.timezone.parse().map_err(|words| anyhow::anyhow!("{words}"))?;
    let mut report = Report::new(dry_run);
    let client = Client::new(&config.data)?;
    let whose = Whose::of(&client, how.user.as_deref(), dry_run).await?;
    let mut messages = Messages::of(&client, FROM);
    let mut waiting = Waiting::of(&client, FROM);
    let mut found = 0;
    for (name, kind) in FOLDERS {
        let path = folder.join(name);
        if !path.is_dir() {
            continue;
        }
        found += 1;
        let mut seen = 0_u64;
        let entries = fs::read_dir(&path);
        for entry in entries.with_context(|| format!("{} cannot be read", path.display()))? {
            let file = entry?.path();
            if !file.is_file() || is_hidden(&file) {
                continue;
            }
            seen += 1;
            if seen.is_multiple_of(10_000) {
                output::note(&format!("{seen} files of {name} …"));
            }
            let place = format!("{name}/{}", shown(&file));
            match read(&file) {
                Err(why) => report.remark(&place, &format!("the file is not carried over: {why}")),
                Ok(message) if kind == Kind::Waiting => {
                    let owner = whose.id();
                    match to_be_sent(&message, &file, owner, how.send_waiting) {
                        Err(why) => {
                            let to = message.header("to").unwrap_or_default();
                            let words = format!(
                                "a message to {to} {why}; it is left alone, and is not sent"
                            );
                            report.remark(&place, &words);
                        }
                        Ok(one) => {
                            count(&mut report, WAITING).found += 1;
                            if !dry_run {
                                waiting.add(&place, one, &mut report).await?;
                            }
                        }
                    }
                }
                Ok(message) => {
                    let owner = whose.id();
                    match past(&message, kind, (&place, owner), &zone) {
                        Err(why) => report.remark(&place, why),
                        Ok(Past::Sent(one)) => {
                            count(&mut report, SENT).found += 1;
                            if !dry_run {
                                messages.sent(&place, one, &mut report).await?;
                            }
                        }
                        Ok(Past::Received(one)) => {
                            count(&mut report, RECEIVED).found += 1;
                            if !dry_run {
                                messages.received(&place, one, &mut report).await?;
                            }
                        }
                    }
                }
            }
        }
    }
    anyhow::ensure!(
        found > 0,
        "{} has none of the folders incoming, sent, failed, outgoing and checked",
        folder.display()
    );
    messages.bring(&mut report).await?;
    waiting.send(&mut report).await?;
    let code = report.show(as_json, "this folder")?;
    if dry_run && !as_json {
        output::note("Nothing was made. Without --dry-run it is.");
    }
    Ok(code)
}

/// A message of the history.
enum Past {
    Sent(PastSent),
    Received(PastReceived),
}

/// A file: its head, and what follows.
struct File {
    /// Names in small letters.
    head: Vec<(String, String)>,
    body: Vec<u8>,
}

impl File {
    /// What is between head and body is an empty line.
    fn of(octets: &[u8]) -> Result<Self, &'static str> {
        let mut head = Vec::new();
        let mut rest = octets;
        loop {
            let end = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
            let line = String::from_utf8_lossy(&rest[..end]).trim().to_owned();
            rest = rest.get(end + 1..).unwrap_or_default();
            if line.is_empty() {
                break;
            }
            let (name, value) =
                line.split_once(':').ok_or("its head has a line without a colon")?;
            head.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
            if head.len() > HEAD {
                return Err("its head has too many lines");
            }
        }
        if head.is_empty() { Err("it has no head") } else { Ok(Self { head, body: rest.to_vec() }) }
    }

    fn header(&self, name: &str) -> Option<&str> {
        let found = self.head.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// The text, by the alphabet that the head names. None: it is data.
    fn text(&self) -> Option<String> {
        let alphabet = self.header("alphabet").unwrap_or("ISO").to_ascii_lowercase();
        let text = match alphabet.as_str() {
            "ucs2" | "ucs" | "chinese" | "unicode" => {
                let units =
                    self.body.chunks_exact(2).map(|two| u16::from_be_bytes([two[0], two[1]]));
                String::from_utf16_lossy(&units.collect::<Vec<_>>())
            }
            "utf-8" | "utf8" | "utf" => String::from_utf8_lossy(&self.body).into_owned(),
            other if other.starts_with("bin") || other == "data" => return None,
            _ => match std::str::from_utf8(&self.body) {
                Ok(text) => text.to_owned(),
                Err(_) => encoding_rs::ISO_8859_15.decode(&self.body).0.into_owned(),
            },
        };
        Some(text.trim_end_matches(['\n', '\r']).to_owned())
    }
}

fn read(file: &Path) -> Result<File, String> {
    let open = fs::File::open(file).map_err(|error| error.to_string())?;
    let mut octets = Vec::new();
    open.take(LARGEST + 1).read_to_end(&mut octets).map_err(|error| error.to_string())?;
    if u64::try_from(octets.len()).unwrap_or(u64::MAX) > LARGEST {
        return Err(format!("it has more than {LARGEST} bytes"));
    }
    File::of(&octets).map_err(str::to_owned)
}

fn is_hidden(file: &Path) -> bool {
    file.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'))
}

/// The name of a file as it may be shown.
fn shown(file: &Path) -> String {
    let name = file.file_name().map(PathBuf::from).unwrap_or_default();
    super::conf::shown(&name.to_string_lossy())
}

/// A message of a file. The error is why it is none.
fn past(
    file: &File,
    kind: Kind,
    (place, owner): (&str, Option<UserId>),
    zone: &Zone,
) -> Result<Past, &'static str> {
    let text = file.text().ok_or("the message is data, and is not carried over")?;
    let at = |names: &[&str]| {
        let mut found = names.iter().filter_map(|name| file.header(name));
        found.find_map(|text| time(text, zone))
    };
    let no_time = "the message has no time that can be read, and is not carried over";
    if kind == Kind::Incoming {
        if file.header("report") == Some("yes") || text.starts_with("SMS STATUS REPORT") {
            return Err(
                "a delivery report is not carried over: the message that it is about says how it ended",
            );
        }
        let from =
            file.header("from").ok_or("the message has no sender, and is not carried over")?;
        let is_international = file.header("from_toa").is_some_and(|toa| toa.starts_with("91"));
        return Ok(Past::Received(PastReceived {
            source: place.to_owned(),
            number: None,
            owner,
            from: number(from, is_international),
            to: None,
            text,
            at: at(&["received", "sent"]).ok_or(no_time)?,
        }));
    }
    let to = file.header("to").ok_or("the message has no recipient, and is not carried over")?;
    let ended = at(&["sent", "failed", "sending", "received"]).ok_or(no_time)?;
    Ok(Past::Sent(PastSent {
        source: place.to_owned(),
        number: None,
        owner,
        to: number(to, true),
        text,
        state: if kind == Kind::Sent { "sent" } else { "failed" }.to_owned(),
        at: ended,
        ended_at: None,
    }))
}

/// A message that was not sent yet. The error is why it is left alone.
fn to_be_sent(
    message: &File,
    file: &Path,
    owner: Option<UserId>,
    sends: bool,
) -> Result<PastSent, &'static str> {
    if !sends {
        return Err("still waits there");
    }
    let says_yes = |name: &str| {
        let said = message.header(name).unwrap_or_default().to_ascii_lowercase();
        ["yes", "true", "on", "1"].contains(&said.as_str())
    };
    if ["flash", "voicecall", "hex", "text_is_pdu"].into_iter().any(says_yes)
        || ["udh-data", "ping", "replace", "macro"].into_iter().any(|n| message.header(n).is_some())
    {
        return Err("is more than a text");
    }
    let text = message.text().ok_or("is data")?;
    let to = message.header("to").ok_or("has no recipient")?;
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    // Another run may find the file in the next folder.
    let source =
        if name.len() <= LONGEST_NAME { name } else { MessageId::derived(&name).to_string() };
    let written = fs::metadata(file).and_then(|about| about.modified()).ok();
    let written = written.and_then(|at| jiff::Timestamp::try_from(at).ok());
    Ok(PastSent {
        source: format!("waiting/{source}"),
        number: None,
        owner,
        to: number(to, true),
        text,
        state: "cancelled".to_owned(),
        at: Timestamp::from_micros(written.map_or(0, jiff::Timestamp::as_microsecond)),
        ended_at: None,
    })
}

/// A number as it is dialled: an international one stands there without its `+`, and a short code behind an `s`.
fn number(written: &str, is_international: bool) -> String {
    if let Some(short) =
        written.strip_prefix('s').filter(|rest| rest.bytes().all(|b| b.is_ascii_digit()))
    {
        return short.to_owned();
    }
    let is_digits = !written.is_empty() && written.bytes().all(|byte| byte.is_ascii_digit());
    if is_international && is_digits && written.len() > 6 && !written.starts_with('0') {
        return format!("+{written}");
    }
    written.to_owned()
}

/// `24-05-06 07:08:09`, or with four digits of the year.
fn time(text: &str, zone: &Zone) -> Option<Timestamp> {
    let form = if text.find('-') == Some(2) { "%y-%m-%d %H:%M:%S" } else { "%Y-%m-%d %H:%M:%S" };
    zone.at(DateTime::strptime(form, text).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &[u8], kind: Kind) -> Result<Past, &'static str> {
        past(&File::of(text)?, kind, ("x", None), &"UTC".parse().unwrap())
    }

    #[test]
    fn files_are_messages() {
        let incoming = b"From: 6281200000001\nFrom_TOA: 91 international\nReceived: 24-05-06 07:08:09\nAlphabet: ISO\n\nHal\xf6\nlagi\n";
        let Ok(Past::Received(one)) = of(incoming, Kind::Incoming) else { panic!("received") };
        assert_eq!((one.from.as_str(), one.text.as_str()), ("+6281200000001", "Halö\nlagi"));
        assert_eq!(one.at.to_string(), "2024-05-06T07:08:09Z");
        let ucs2 = b"From: BANK\nSent: 24-05-06 07:08:09\nAlphabet: UCS2\n\n\x04\x1f\x00!";
        let Ok(Past::Received(one)) = of(ucs2, Kind::Incoming) else { panic!("received") };
        assert_eq!((one.from.as_str(), one.text.as_str()), ("BANK", "П!"));
        let sent = b"To: s888\r\nAlphabet: UTF-8\r\nSent: 2024-05-06 07:08:09\r\n\r\nINFO";
        let Ok(Past::Sent(one)) = of(sent, Kind::Failed) else { panic!("sent") };
        assert_eq!(
            (one.to.as_str(), one.state.as_str(), one.text.as_str()),
            ("888", "failed", "INFO")
        );
    }

    #[test]
    fn what_waits_is_sent_when_it_is_a_text() {
        let of = |text: &[u8]| {
            to_be_sent(&File::of(text).unwrap(), Path::new("/x/outgoing/send_1"), None, true)
        };
        let one = of(b"To: 6281200000003\nAlphabet: UTF-8\n\nMenunggu \xc3\xb6").unwrap();
        assert_eq!((one.source.as_str(), one.to.as_str()), ("waiting/send_1", "+6281200000003"));
        assert_eq!((one.text.as_str(), one.state.as_str()), ("Menunggu ö", "cancelled"));
        for (text, why) in [
            (&b"To: 62811\nFlash: yes\n\nx"[..], "is more than a text"),
            (b"To: 62811\nvoicecall: yes\n\nx", "is more than a text"),
            (b"To: 62811\nAlphabet: binary\n\nx", "is data"),
            (b"From: 1\n\nx", "has no recipient"),
        ] {
            assert_eq!(of(text).err(), Some(why));
        }
    }

    #[test]
    fn other_files_say_why_they_are_none() {
        for (text, words) in [
            (&b""[..], "it has no head"),
            (b"\xff\xfe\x00", "its head has a line without a colon"),
            (
                b"To: 62811\n\nx",
                "the message has no time that can be read, and is not carried over",
            ),
            (
                b"Sent: 24-05-06 07:08:09\n\nx",
                "the message has no recipient, and is not carried over",
            ),
            (b"To: 62811\nAlphabet: binary\n\nx", "the message is data, and is not carried over"),
        ] {
            assert_eq!(of(text, Kind::Sent).err().unwrap(), words);
        }
        let many = "a: b\n".repeat(HEAD + 1);
        assert_eq!(of(many.as_bytes(), Kind::Sent).err().unwrap(), "its head has too many lines");
        let report = b"From: 1\nReceived: 24-05-06 07:08:09\n\nSMS STATUS REPORT\n";
        assert!(of(report, Kind::Incoming).err().unwrap().starts_with("a delivery report"));
    }
}
