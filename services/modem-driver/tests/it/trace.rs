//! What goes over a modem's line, as a person is given it.

use std::time::{Duration, Instant};

use contracts::control::{Call, TraceReply, TraceRequest};
use contracts::mt::MtItem;
use contracts::{MtState, Priority};
use modem::{Event, Modem, ModemConfig, Outcome, Output, Submission};
use modem_sim::Make;

use crate::control::{ask, rig_of, tell};

/// What a person gets as a trace, replayed: the machine says the same again.
#[tokio::test]
async fn a_trace_can_be_replayed() {
    for make in Make::ALL {
        let (rig, settings) = rig_of(make, |_| {}).await;
        let _driver = rig.driver_with(settings).await;
        let modem = rig.online(1).await[0].id;
        let trace = ask::<TraceReply>(&rig, modem, Call::Trace, &TraceRequest { seconds: 2 });
        // Nobody says when it begins: some of these set-ups are in it as a whole.
        let boot_and_send = async {
            loop {
                tell(&rig, modem, Call::Restart, &()).await;
                // A report would come at some moment of its own.
                let quiet = |item: &mut MtItem| item.request.options.no_report = true;
                let text = "for the record";
                let id = rig.dispatch_with(Priority::Normal, text, quiet).await;
                rig.events.until(id, MtState::Sent).await;
            }
        };
        let trace = tokio::select! {
            trace = trace => trace.unwrap().transcript,
            () = boot_and_send => unreachable!("it never ends"),
        };
        assert!(trace.contains("message texts"), "it says what it holds: {trace}");
        replay_octets(&trace);
        replay_dialogue(&trace);
    }
}

/// Replays the first half, times and octets, from one set-up to the next: the octets of the driver must be the same again.
fn replay_octets(trace: &str) {
    let lines: Vec<&str> = trace.lines().filter(|line| line.starts_with("#  ")).collect();
    let starts: Vec<usize> =
        (0..lines.len()).filter(|at| lines[*at].ends_with(r" > AT\r")).collect();
    let boots = starts.windows(2).map(|pair| &lines[pair[0]..pair[1]]);
    let has = |lines: &[&str], word: &str| lines.iter().any(|line| line.contains(word));
    let boots: Vec<_> = boots.filter(|lines| has(lines, "< \\r\\n+CMGS: ")).collect();
    assert!(!boots.is_empty(), "{trace}");
    for lines in boots {
        // The trace does not say when the message came.
        let replays: Vec<_> = (0..lines.len()).map(|came| replay_boot(lines, came)).collect();
        assert!(replays.iter().any(Result::is_ok), "{replays:#?}, {lines:#?}");
    }
}

/// Replays one set-up and the message after it, which comes after the line `came`. Fails where the machine says
/// something else than the trace.
fn replay_boot(lines: &[&str], came: usize) -> Result<(), String> {
    let record = |line: &&str| {
        let (ms, rest) = line[3..].trim_start().split_once(' ').unwrap();
        (Duration::from_millis(ms.parse().unwrap()), rest.starts_with('<'), unescaped(&rest[2..]))
    };
    let records: Vec<(Duration, bool, Vec<u8>)> = lines.iter().map(record).collect();
    let pdu = records.iter().find(|(_, _, octets)| octets.ends_with(b"\x1a")).unwrap();
    let pdu = std::str::from_utf8(pdu.2.strip_suffix(b"\x1a").unwrap()).unwrap();
    let pdu = octets_of(pdu.strip_prefix("00").unwrap());
    let more = records.iter().any(|(_, _, octets)| octets.starts_with(b"AT+CMMS"));

    let start = Instant::now();
    let mut machine = Modem::new(ModemConfig::default(), start);
    let mut ended = None;
    let mut now = start;
    for (place, (at, is_read, octets)) in records.iter().enumerate() {
        now = start + at.saturating_sub(records[0].0);
        if *is_read {
            machine.handle_bytes(now, octets);
        } else {
            let written = loop {
                match machine.poll_output() {
                    Output::Transmit(written) => break written,
                    Output::Event(Event::Submitted { outcome, .. }) => ended = Some(outcome),
                    Output::Event(_) => {}
                    Output::Timeout(due) if due > now => {
                        return Err(format!(
                            "nothing where the trace has {}",
                            octets.escape_ascii()
                        ));
                    }
                    Output::Timeout(_) => machine.handle_timeout(now),
                    Output::Reopen(_) => return Err("reopened".to_owned()),
                }
            };
            if written != *octets {
                let (said, noted) = (written.escape_ascii(), octets.escape_ascii());
                return Err(format!("{said} where the trace has {noted}"));
            }
        }
        if place == came {
            machine.submit(now, Submission { id: 1, pdu: pdu.clone(), more });
        }
    }
    while let (None, Output::Event(event)) = (&ended, machine.poll_output()) {
        if let Event::Submitted { outcome, .. } = event {
            ended = Some(outcome);
        }
    }
    match ended {
        Some(Outcome::Accepted { .. }) => Ok(()),
        other => Err(format!("{other:?} at {now:?}")),
    }
}

/// Replays the second half: each command is answered as it was.
fn replay_dialogue(trace: &str) {
    let mut answers: Vec<(&str, Vec<&str>)> = Vec::new();
    let mut saying = false;
    for line in trace.lines().filter(|line| !line.starts_with('#')) {
        if let Some(command) = line.strip_prefix("> ") {
            saying = false;
            answers.push((command, Vec::new()));
        } else if let Some(said) = line.strip_prefix("< ") {
            if !saying {
                answers.last_mut().unwrap().1.push(said);
            }
        } else {
            let is_known = line == "ready" || line == "say" || line.starts_with("submit ");
            assert!(is_known || line == "source: merpati trace", "what is {line:?}?");
            saying |= line == "say";
        }
    }
    let pdu = trace.lines().find_map(|line| line.strip_prefix("submit "));
    let pdu = octets_of(pdu.unwrap());
    let mut now = Instant::now();
    let mut machine = Modem::new(ModemConfig::default(), now);
    let mut outcome = None;
    while outcome.is_none() {
        match machine.poll_output() {
            Output::Transmit(octets) => {
                let written = String::from_utf8(octets).unwrap();
                let command = match written.trim_matches(['\r', '\u{1b}']) {
                    "" => continue,
                    pdu if pdu.ends_with('\u{1a}') => "PDU",
                    command => command,
                };
                let answer = answers.iter().rev().find(|(known, _)| *known == command);
                let said = match answer {
                    Some((_, lines)) => format!("\r\n{}\r\n", lines.join("\r\n\r\n")),
                    None if command.starts_with("AT+CMGS=") => "\r\n> ".to_owned(),
                    None => "\r\nERROR\r\n".to_owned(),
                };
                machine.handle_bytes(now, said.as_bytes());
            }
            Output::Event(Event::Ready) => {
                machine.submit(now, Submission { id: 1, pdu: pdu.clone(), more: false });
            }
            Output::Event(Event::Submitted { outcome: ended, .. }) => outcome = Some(ended),
            Output::Event(_) => {}
            Output::Timeout(due) => {
                now = due;
                machine.handle_timeout(now);
            }
            Output::Reopen(_) => panic!("reopened"),
        }
    }
    assert!(matches!(outcome, Some(Outcome::Accepted { .. })), "{outcome:?}");
}

fn octets_of(hex: &str) -> Vec<u8> {
    let octet = |at: usize| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap();
    (0..hex.len() / 2).map(octet).collect()
}

/// Returns the octets of which `escape_ascii` made this.
fn unescaped(text: &str) -> Vec<u8> {
    let mut octets = Vec::new();
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        let octet = match c {
            '\\' => match rest.next().unwrap() {
                'r' => b'\r',
                'n' => b'\n',
                't' => b'\t',
                'x' => {
                    let digits: String = rest.by_ref().take(2).collect();
                    u8::from_str_radix(&digits, 16).unwrap()
                }
                other => u8::try_from(other).unwrap(),
            },
            c => u8::try_from(c).unwrap(),
        };
        octets.push(octet);
    }
    octets
}
