//! What real modems said, from public manuals and logs, each naming its source, played in every split.
//!
//! A file gives the answers that the record has; for what it does not have the peer's own are used. Those marked
//! `invented` have no source. The lines, in order:
//!
//! ```text
//! > AT+CGMI            the answer to a command; `PDU` stands for the end of a submission
//! < huawei
//! < OK
//! ready                the modem is set up
//! say                  the modem says the lines that follow
//! submit HEX           a submission
//! = …                  what must come of it, in this order
//! ```

use modem::{Event, Outcome, ReceivedKind};

use crate::SECOND;
use crate::bench::Bench;
use crate::peer::{CHATTER, Peer, framed};

macro_rules! transcripts {
    ($($name:literal),* $(,)?) => {
        const TRANSCRIPTS: &[(&str, &str)] =
            &[$(($name, include_str!(concat!("transcripts/", $name, ".txt")))),*];
    };
}

transcripts!(
    "chatter-between-command-and-prompt",
    "cinterion-mc75i",
    "direct-only-phase-2-plus",
    "gammu-408-reports-in-sr",
    "huawei-e1752",
    "python-gsmmodem-44",
    "quectel-ec25",
    "sim800l",
    "simcom-a7670x",
    "telit-uc864-cmgs",
    "wavecom-kannel-record",
    "wavecom-nowsms-error",
);

#[derive(Debug, Clone)]
enum Play {
    Ready,
    Say(Vec<u8>),
    NoisyPrompt,
    Submit(String),
}

#[derive(Debug, Default)]
struct Transcript {
    source: Option<String>,
    answers: Vec<(String, String)>,
    plays: Vec<Play>,
    expected: Vec<String>,
}

fn parse(text: &str) -> Transcript {
    let mut transcript = Transcript::default();
    let mut saying = false;
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some(source) = line.strip_prefix("source: ") {
            transcript.source = Some(source.to_owned());
        } else if let Some(command) = line.strip_prefix("> ") {
            saying = false;
            transcript.answers.push((command.to_owned(), String::new()));
        } else if let Some(said) = line.strip_prefix("< ") {
            if saying {
                let Some(Play::Say(bytes)) = transcript.plays.last_mut() else { panic!("{line}") };
                bytes.extend(framed(said));
            } else {
                let answer = &mut transcript.answers.last_mut().unwrap().1;
                if !answer.is_empty() {
                    answer.push('|');
                }
                answer.push_str(said);
            }
        } else if let Some(pdu) = line.strip_prefix("submit ") {
            transcript.plays.push(Play::Submit(pdu.to_owned()));
        } else if let Some(expected) = line.strip_prefix("= ") {
            transcript.expected.push(expected.to_owned());
        } else {
            match line {
                "ready" => transcript.plays.push(Play::Ready),
                "noisy-prompt" => transcript.plays.push(Play::NoisyPrompt),
                "say" => {
                    saying = true;
                    transcript.plays.push(Play::Say(Vec::new()));
                }
                "invented" => {}
                _ => panic!("what is {line:?}?"),
            }
        }
    }
    transcript
}

/// Plays it in pieces of `chunk` octets; what came of it, in words.
fn play(transcript: &Transcript, chunk: usize) -> Vec<String> {
    let mut peer = Peer::new();
    for (command, answer) in &transcript.answers {
        if command == "PDU" {
            peer.refusal.push_back(answer.clone());
        } else {
            peer.answer(command, answer);
        }
    }
    for command in ["AT^CURC=0", "AT^PORTSEL=1", "AT+WIND=0", "AT^SM20=0", "AT+CSCLK=0"] {
        peer.answer(command, "OK");
    }
    let mut bench = Bench::new(peer);
    bench.chunk = chunk;
    let mut id = 0;
    for step in &transcript.plays {
        match step {
            Play::Ready => {
                bench.ready();
                bench.wait(SECOND);
            }
            Play::Say(bytes) => {
                bench.says(bytes);
                bench.wait(SECOND);
            }
            Play::NoisyPrompt => {
                let at = bench.peer.commands.len();
                bench.peer.fault = Some((at, crate::peer::Fault::Chatter));
            }
            Play::Submit(pdu) => {
                id += 1;
                bench.submit_pdu(id, pdu, false);
                bench.sent(id);
                bench.wait(SECOND);
            }
        }
    }
    words(&bench)
}

fn words(bench: &Bench) -> Vec<String> {
    let snapshot = bench.modem.snapshot();
    let mut words = vec![
        format!("profile {}", snapshot.identity.profile.unwrap_or_default()),
        format!("imei {}", snapshot.identity.imei.unwrap_or_default()),
        format!("announcing {}", snapshot.announcing.unwrap_or_default()),
        format!(
            "operator {} {} {}",
            snapshot.operator.unwrap_or_default(),
            snapshot.technology.unwrap_or_default(),
            snapshot.signal_dbm.unwrap_or_default()
        ),
    ];
    if bench.text().contains("AT+CSMS=1\r") {
        words.push("acknowledges".into());
    }
    for event in &bench.events {
        match event {
            Event::Received(received) => {
                let kind = match received.kind {
                    ReceivedKind::Deliver => "deliver",
                    ReceivedKind::StatusReport => "report",
                    ReceivedKind::Unknown => "unknown",
                };
                words.push(format!("received {kind} {}", at::command::hex(&received.pdu)));
            }
            Event::Submitted { outcome, .. } => words.push(match outcome {
                Outcome::Accepted { reference } => format!("accepted {}", reference.unwrap_or(0)),
                Outcome::Rejected(failure) => format!("rejected {}", failure.code),
                other => format!("{other:?}"),
            }),
            _ => {}
        }
    }
    for command in &bench.peer.commands {
        words.push(format!("wrote {command}"));
    }
    words
}

#[test]
fn every_transcript_in_every_split() {
    for (name, text) in TRANSCRIPTS {
        let transcript = parse(text);
        let invented = text.lines().any(|line| line == "invented");
        assert!(transcript.source.is_some() != invented, "{name} names no source");
        let whole = play(&transcript, usize::MAX);
        for expected in &transcript.expected {
            assert!(whole.contains(expected), "{name}: no {expected:?} in {whole:#?}");
        }
        let longest = transcript.answers.iter().map(|(_, answer)| answer.len() * 2).max();
        for chunk in 1..longest.unwrap_or(0).max(CHATTER.len()) {
            assert_eq!(play(&transcript, chunk), whole, "{name} in pieces of {chunk}");
        }
    }
}

/// A trace of the serial line, as the driver writes it, replayed: what is written must be the same again.
#[test]
fn a_trace_can_be_replayed() {
    let mut bench = Bench::new(Peer::new());
    bench.ready();
    bench.submit(1);
    bench.sent(1);
    bench.wait(SECOND);
    let trace = bench.trace();
    assert!(trace.contains(r"> AT+CMGS=18\r"), "{trace}");

    let start = std::time::Instant::now();
    let mut modem = modem::Modem::new(modem::ModemConfig::default(), start);
    let mut events = Vec::new();
    let mut submitted = false;
    let mut now = start;
    for line in trace.lines() {
        let (ms, rest) = line.trim_start().split_once(' ').unwrap();
        now = start + std::time::Duration::from_millis(ms.parse().unwrap());
        let bytes = unescape(&rest[2..]);
        if rest.starts_with('<') {
            modem.handle_bytes(now, &bytes);
            continue;
        }
        if bytes.starts_with(b"AT+CMGS=") && !submitted {
            submitted = true;
        }
        let written = loop {
            match modem.poll_output() {
                modem::Output::Transmit(bytes) => break bytes,
                modem::Output::Event(event) => {
                    if event == Event::Ready {
                        let pdu = at::command::unhex(&crate::bench::pdu_of(1)).unwrap();
                        modem.submit(now, modem::Submission { id: 1, pdu, more: false });
                    }
                    events.push(event);
                }
                modem::Output::Timeout(at) => {
                    assert!(at <= now, "nothing written where the trace has {line}");
                    modem.handle_timeout(now);
                }
                modem::Output::Reopen(_) => panic!("reopened"),
            }
        };
        assert_eq!(written.escape_ascii().to_string(), bytes.escape_ascii().to_string());
    }
    modem.handle_timeout(now);
    while let modem::Output::Event(event) = modem.poll_output() {
        events.push(event);
    }
    assert!(events.iter().any(|event| matches!(event, Event::Submitted { id: 1, .. })));
}

fn unescape(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        rest = tail;
        if first != b'\\' {
            bytes.push(first);
            continue;
        }
        let (&kind, tail) = rest.split_first().unwrap();
        rest = tail;
        match kind {
            b'r' => bytes.push(b'\r'),
            b'n' => bytes.push(b'\n'),
            b't' => bytes.push(b'\t'),
            b'x' => {
                let digits = std::str::from_utf8(&rest[..2]).unwrap();
                bytes.push(u8::from_str_radix(digits, 16).unwrap());
                rest = &rest[2..];
            }
            other => bytes.push(other),
        }
    }
    bytes
}
