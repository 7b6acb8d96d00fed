//! What real modems said, from public manuals and logs, each naming its source, played in every split.
//!
//! A file gives the answers that the record has; for what it does not have the peer's own are used. Those marked
//! `invented` have no source. The lines, in order:
//!
//! ```text
//! > AT+CGMI            the answer to a command; a second one for the same command is the answer to the second time
//! < huawei
//! < OK
//! > PDU                the answer to a submission, and
//! > PROMPT             to `AT+CMGS=…`
//! pin 1234             the PIN that a person has set
//! ready                the modem is set up, or, where it never comes so far,
//! settle               half a minute goes by
//! say                  the modem says the lines that follow
//! submit HEX           a submission
//! ussd *100#           a code is dialled and answered
//! = …                  what must come of it, in any order, and
//! ! …                  what must not
//! ```
//!
//! In what must come of it `\n` is a line break. A command that is written again is `wrote AT+… #2`.

use modem::{Event, ModemConfig, Outcome, ReceivedKind, RequestError};

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
    "ai-thinker-a6",
    "alcatel-x220-answer-unasked",
    "altair-lte-searching",
    "announced-in-me-and-not-there",
    "cgreg-with-routing-area",
    "chan-dongle-announced-in-a-number",
    "chan-dongle-operator-half-quoted",
    "chan-dongle-own-number-half-quoted",
    "chan-dongle-ussd-packed",
    "chatter-between-command-and-prompt",
    "cinterion-mc55i-ussd-refused-late",
    "cinterion-mc75i",
    "cpin-alone",
    "cpin-without-space",
    "cpms-of-two-memories",
    "direct-only-phase-2-plus",
    "empty-slot-answers-ok",
    "ericsson-f3507g-asleep",
    "ericsson-f3607gw-technology",
    "ericsson-revision-with-blanks",
    "fibocom-l860-iccid",
    "gammu-408-reports-in-sr",
    "gammu-759-stored-reports-only",
    "gobi-1000-area-with-a-hole",
    "hl7800-iccid-and-eid",
    "huawei-1550-signal-and-boot",
    "huawei-e1550-pdu-repeated-and-500",
    "huawei-e160-ussd-packed-only",
    "huawei-e160g-not-registered",
    "huawei-e169-memories",
    "huawei-e171-report-in-text",
    "huawei-e1752",
    "huawei-e1752-bare-area-with-spaces",
    "huawei-e1752-command-not-support",
    "huawei-e1752-pin",
    "huawei-e303-announced-in-slot-0",
    "huawei-e3372-325-all-three-memories",
    "iridium-zeros-before-numbers",
    "mkr-nb-1500-iccid",
    "motorola-names-in-quotes",
    "nokia-22-list-without-name",
    "nokia-22-no-smsc",
    "nokia-6600-receives-elsewhere",
    "novatel-e362-area-between",
    "novatel-xu870-searching",
    "option-gtm382",
    "option-icon-serial",
    "python-gammu-3-packed-ussd",
    "python-gsmmodem-11-centre-busy",
    "python-gsmmodem-13-ussd-session",
    "python-gsmmodem-40-signal-in-answer",
    "python-gsmmodem-44",
    "python-gsmmodem-56-empty-name",
    "python-gsmmodem-97-ussd-busy",
    "quectel-bg96-operator",
    "quectel-ec25",
    "quectel-ec25-report-announced-in-sm",
    "quectel-eg25-iccid-with-f",
    "quectel-eg25-restart",
    "quectel-m26",
    "quectel-m95-identity-in-three-lines",
    "samsung-s8500-two-areas",
    "sierra-em9191",
    "sierra-hilo-sim-removed",
    "sierra-mc7455-ok-at-prompt",
    "sierra-mercury-bare-area",
    "sim7000-summer-time-in-answer",
    "sim800-start-in-words",
    "sim800l",
    "simcom-a7670e-denied",
    "simcom-a7670e-no-sim-in-words",
    "simcom-a7670g-start",
    "simcom-a7670x",
    "simcom-sim7000e-not-ready",
    "simcom-sim7000g-nowhere",
    "simcom-sim7600-restart",
    "simcom-sim868-bare-iccid",
    "sony-ericsson-md400-roaming",
    "sony-ericsson-w810i-empty-ussd",
    "sony-ericsson-w880i-memories",
    "sony-ericsson-z710i-ussd",
    "sprut-ussd-without-closing-quote",
    "telit-uc864-cmgs",
    "telit-uc864-stored-submission",
    "ublox-sara-r4-report-in-text",
    "ublox-sara-r500s-sim-starts",
    "ublox-toby-l2-sms-only",
    "ussd-ended-without-text",
    "ussd-ucs2-under-scheme-15",
    "wavecom-kannel-record",
    "wavecom-m1306b-no-ok-after-cpin",
    "wavecom-maestro-starts",
    "wavecom-nowsms-error",
    "zte-mf626-report-before-answer",
    "zte-mf627-identity",
    "zte-mf710-named-identity",
);

#[derive(Debug, Clone)]
enum Play {
    Ready,
    Settle,
    Say(Vec<u8>),
    NoisyPrompt,
    Submit(String),
    Ussd(String),
}

#[derive(Debug, Default)]
struct Transcript {
    source: Option<String>,
    pin: Option<String>,
    answers: Vec<(String, String)>,
    plays: Vec<Play>,
    expected: Vec<String>,
    forbidden: Vec<String>,
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
        } else if let Some(code) = line.strip_prefix("ussd ") {
            transcript.plays.push(Play::Ussd(code.to_owned()));
        } else if let Some(pin) = line.strip_prefix("pin ") {
            transcript.pin = Some(pin.to_owned());
        } else if let Some(expected) = line.strip_prefix("= ") {
            transcript.expected.push(expected.replace(r"\n", "\n"));
        } else if let Some(forbidden) = line.strip_prefix("! ") {
            transcript.forbidden.push(forbidden.to_owned());
        } else {
            match line {
                "ready" => transcript.plays.push(Play::Ready),
                "settle" => transcript.plays.push(Play::Settle),
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
    for (command, _) in &transcript.answers {
        let answers = transcript.answers.iter().filter(|(other, _)| other == command);
        let answers: Vec<&str> = answers.map(|(_, answer)| answer.as_str()).collect();
        if command == "PDU" {
            peer.refusal = answers.iter().map(|answer| (*answer).to_owned()).collect();
        } else {
            peer.answers(command, &answers);
        }
    }
    for command in ["AT^CURC=0", "AT^PORTSEL=1", "AT+WIND=0", "AT^SM20=0", "AT+CSCLK=0"] {
        peer.answer(command, "OK");
    }
    let config = ModemConfig { pin: transcript.pin.clone(), ..ModemConfig::default() };
    let mut bench = Bench::with(config, peer);
    bench.chunk = chunk;
    let mut id = 0;
    for step in &transcript.plays {
        match step {
            Play::Ready => {
                bench.ready();
                bench.wait(SECOND);
            }
            Play::Settle => bench.wait(SECOND * 30),
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
            Play::Ussd(code) => {
                id += 1;
                bench.modem.ussd(bench.now, id, code);
                bench.until(SECOND * 90, |bench| ussd_answer(bench, id).is_some());
                bench.wait(SECOND);
            }
        }
    }
    words(&bench)
}

/// What became of a code, in words.
fn ussd_answer(bench: &Bench, wanted: u64) -> Option<String> {
    bench.events.iter().find_map(|event| match event {
        Event::Ussd { id, result } if *id == wanted => Some(match result {
            Ok(answer) => {
                format!("ussd {:?} {}", answer.session, answer.text.as_deref().unwrap_or("-"))
            }
            Err(RequestError::NoAnswer) => "ussd no answer".to_owned(),
            Err(error) => format!("ussd failed: {error}"),
        }),
        _ => None,
    })
}

fn words(bench: &Bench) -> Vec<String> {
    let snapshot = bench.modem.snapshot();
    let sim = snapshot.sim.unwrap_or_default();
    let mut words = vec![
        format!("profile {}", snapshot.identity.profile.unwrap_or_default()),
        format!("manufacturer {}", snapshot.identity.manufacturer),
        format!("model {}", snapshot.identity.model),
        format!("revision {}", snapshot.identity.revision),
        format!("registration {:?}", snapshot.registration),
        format!("problem {}", snapshot.problem.map_or("none", |problem| problem.code)),
        format!("iccid {}", sim.iccid.unwrap_or_default()),
        format!("imsi {}", sim.imsi.unwrap_or_default()),
        format!("number {}", sim.number.unwrap_or_default()),
        format!("smsc {}", sim.smsc.unwrap_or_default()),
        format!(
            "storage {}",
            snapshot.storage.map_or("none".to_owned(), |u| format!("{}/{}", u.used, u.total))
        ),
        format!("garbage {}", snapshot.counters.garbage),
        format!("timeouts {}", snapshot.counters.timeouts),
        format!("reboots {}", snapshot.counters.reboots),
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
            Event::Found(found) => {
                words.push(format!("found {} sent {}", at::command::hex(&found.pdu), found.sent));
            }
            Event::Ussd { id, .. } => words.extend(ussd_answer(bench, *id)),
            Event::UssdPush(push) => {
                words.push(format!("ussd push {}", push.text.as_deref().unwrap_or("-")));
            }
            _ => {}
        }
    }
    let commands = &bench.peer.commands;
    for (at, command) in commands.iter().enumerate() {
        let times = commands[..=at].iter().filter(|other| *other == command).count();
        let again = if times > 1 { format!(" #{times}") } else { String::new() };
        words.push(format!("wrote {command}{again}"));
    }
    words
}

#[test]
fn every_transcript_in_every_split() {
    // Two threads, as the tests have two cores.
    let half = TRANSCRIPTS.len().div_ceil(2);
    let wrong: Vec<String> = std::thread::scope(|scope| {
        let threads: Vec<_> = TRANSCRIPTS
            .chunks(half)
            .map(|part| scope.spawn(|| part.iter().flat_map(|t| faults(t.0, t.1)).collect()))
            .collect();
        threads.into_iter().flat_map(|thread| -> Vec<String> { thread.join().unwrap() }).collect()
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What does not come of a transcript as it says: whole, and in pieces of each size up to the longest answer.
fn faults(name: &str, text: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    let transcript = parse(text);
    let invented = text.lines().any(|line| line == "invented");
    if transcript.source.is_some() == invented {
        wrong.push(format!("{name} names no source"));
    }
    if transcript.expected.is_empty() {
        wrong.push(format!("{name} expects nothing"));
    }
    let whole = play(&transcript, usize::MAX);
    let missing = transcript.expected.iter().filter(|word| !whole.contains(word));
    wrong.extend(missing.map(|word| format!("{name}: no {word:?} in {whole:#?}")));
    let present = transcript.forbidden.iter().filter(|word| whole.contains(word));
    wrong.extend(present.map(|word| format!("{name}: {word:?} in {whole:#?}")));
    for chunk in 1..longest(&transcript) {
        if play(&transcript, chunk) != whole {
            wrong.push(format!("{name} is not the same in pieces of {chunk}"));
        }
    }
    wrong
}

/// The octets that come at once at most.
fn longest(transcript: &Transcript) -> usize {
    // A line break is one character in a file and two octets on the line; the usual answers of the peer are shorter.
    let answers = transcript
        .answers
        .iter()
        .map(|(_, answer)| answer.len() + 4 * answer.matches('|').count() + 8);
    let plays = transcript.plays.iter().map(|play| match play {
        Play::Say(octets) => octets.len(),
        Play::NoisyPrompt => CHATTER.len() + 8,
        _ => 0,
    });
    answers.chain(plays).max().unwrap_or(0).max(80)
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
