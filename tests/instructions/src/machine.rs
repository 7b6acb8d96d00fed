//! The modem machine, on what a played modem said once: a fresh machine hears the same at the same times.

use std::hint::black_box;
use std::time::{Duration, Instant};

use modem::{Event, Modem, ModemConfig, Output, Status, Submission};

use crate::{Case, count};

pub(crate) const CASES: &[Case] = &[
    ("machine: a modem is set up", || {
        let start = Instant::now();
        let steps = recorded(start, 0);
        count(|| replayed(start, black_box(&steps)));
    }),
    ("machine: a modem is set up and sends ten messages", || {
        let start = Instant::now();
        let steps = recorded(start, MESSAGES);
        count(|| replayed(start, black_box(&steps)));
    }),
];

const MESSAGES: u64 = 10;
/// A SUBMIT without the service centre's address.
const TPDU: &str = "01010B916407281553F8000005E8329BFD06";
/// How long the modem takes for an answer.
const DELAY: Duration = Duration::from_millis(5);

/// What a machine was told, and when.
enum Step {
    Bytes(Instant, Vec<u8>),
    Timeout(Instant),
    Submit(Instant, Submission),
}

fn replayed(start: Instant, steps: &[Step]) -> usize {
    let mut modem = Modem::new(ModemConfig::default(), start);
    let mut written = drained(&mut modem, start).bytes.len();
    for step in steps {
        let now = match step {
            Step::Bytes(now, bytes) => {
                modem.handle_bytes(*now, bytes);
                now
            }
            Step::Timeout(now) => {
                modem.handle_timeout(*now);
                now
            }
            Step::Submit(now, submission) => {
                modem.submit(*now, submission.clone());
                now
            }
        };
        written += drained(&mut modem, *now).bytes.len();
    }
    written
}

/// Lets a machine talk with the played modem until it is ready and `messages` are sent.
fn recorded(start: Instant, messages: u64) -> Vec<Step> {
    let mut modem = Modem::new(ModemConfig::default(), start);
    let mut peer = Peer::default();
    let mut steps = Vec::new();
    let mut now = start;
    let (mut submitted, mut sent) = (0, 0);
    let mut said = drained(&mut modem, now);
    loop {
        sent += said.sent;
        let answer = peer.hears(&said.bytes);
        let step = if !answer.is_empty() {
            now += DELAY;
            Step::Bytes(now, answer)
        } else if sent == messages && modem.snapshot().status == Status::Ready {
            return steps;
        } else if submitted < messages && modem.can_submit() {
            submitted += 1;
            let pdu = tpdu::from_hex(TPDU).unwrap();
            Step::Submit(now, Submission { id: submitted, pdu, more: false })
        } else {
            now = said.due;
            assert!(now < start + Duration::from_mins(5), "{:?}", modem.snapshot());
            Step::Timeout(now)
        };
        match &step {
            Step::Bytes(now, bytes) => modem.handle_bytes(*now, bytes),
            Step::Timeout(now) => modem.handle_timeout(*now),
            Step::Submit(now, submission) => modem.submit(*now, submission.clone()),
        }
        steps.push(step);
        said = drained(&mut modem, now);
    }
}

/// What a machine put out, and when it wants to be called again.
struct Said {
    bytes: Vec<u8>,
    sent: u64,
    due: Instant,
}

fn drained(modem: &mut Modem, now: Instant) -> Said {
    let mut said = Said { bytes: Vec::new(), sent: 0, due: now };
    loop {
        match modem.poll_output() {
            Output::Transmit(bytes) => said.bytes.extend(bytes),
            Output::Event(Event::Submitted { .. }) => said.sent += 1,
            Output::Event(_) | Output::Reopen(_) => {}
            Output::Timeout(due) => {
                said.due = due;
                return said;
            }
        }
    }
}

/// A modem that is played.
#[derive(Default)]
struct Peer {
    line: Vec<u8>,
    reference: u8,
}

impl Peer {
    /// Its answers to what is written to it.
    fn hears(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut answers = Vec::new();
        for &byte in bytes {
            match byte {
                b'\r' | 0x1a if !self.line.is_empty() => {
                    let line = String::from_utf8(std::mem::take(&mut self.line)).unwrap();
                    answers
                        .extend(self.answer(line.trim_start_matches(['\u{1b}', '\u{1a}'])).bytes());
                }
                b'\r' | b'\n' => {}
                byte => self.line.push(byte),
            }
        }
        answers
    }

    fn answer(&mut self, line: &str) -> String {
        let lines = match line {
            line if line.starts_with("AT+CMGS=") => return "\r\n> ".to_owned(),
            line if !line.starts_with("AT") => {
                self.reference = self.reference.wrapping_add(1);
                return format!("\r\n+CMGS: {}\r\n\r\nOK\r\n", self.reference);
            }
            "AT+CFUN?" => "+CFUN: 1",
            "ATI" => "Acme\r\nM1",
            "AT+CGMI" => "Acme",
            "AT+CGMM" => "M1",
            "AT+CGMR" => "1.0",
            "AT+CGSN" => "356938035643809",
            "AT+CPIN?" => "+CPIN: READY",
            "AT+CIMI" => "510101234567890",
            "AT+CCID" => "+CCID: \"8962101234567890123\"",
            "AT+CSMS=?" => "+CSMS: (0,1)",
            "AT+CSMS=1" => "+CSMS: 1,1,1",
            "AT+CPMS=?" => "+CPMS: (\"SM\",\"ME\"),(\"SM\",\"ME\"),(\"SM\",\"ME\")",
            "AT+CPMS?" => "+CPMS: \"SM\",0,30,\"SM\",0,30,\"SM\",0,30",
            line if line.starts_with("AT+CPMS=") => "+CPMS: 0,30,0,30,0,30",
            "AT+CNMI=?" => "+CNMI: (0-2),(0-3),(0,2),(0-2),(0,1)",
            "AT+CNMI?" => "+CNMI: 2,1,0,1,0",
            "AT+CMGF?" => "+CMGF: 0",
            "AT+CREG?" => "+CREG: 2,1,\"00C3\",\"0000A1B2\"",
            "AT+CSCA?" => "+CSCA: \"+62816124\",145",
            "AT+CSQ" => "+CSQ: 20,99",
            "AT+COPS?" => "+COPS: 0,0,\"TELKOMSEL\",2",
            "AT+CNUM" => "+CNUM: \"\",\"+62811223344\",145",
            _ => return "\r\nOK\r\n".to_owned(),
        };
        format!("\r\n{lines}\r\n\r\nOK\r\n")
    }
}
