//! Any calls in any order with any bytes: what must hold all the same. Also run by the fuzz target `modem_ops`.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use modem::{
    Event, Modem, ModemConfig, Outcome, Output, PinEvent, Receipt, RefusedPin, SendMode, Submission,
};

/// What modems say, by number.
const SAYINGS: &[&str] = &[
    "\r\nOK\r\n",
    "\r\nERROR\r\n",
    "\r\n> ",
    "\r\n+CMGS: 7\r\n",
    "\r\n+CMGS: 7\r\n\r\nOK\r\n",
    "\r\n+CMGW: 20\r\n\r\nOK\r\n",
    "\r\n+CMSS: 8\r\n\r\nOK\r\n",
    "\r\n+CMGR: 3,,14\r\n0001000C91261895910055000001410\r\n\r\nOK\r\n",
    "\r\n+CMGR: 2,,14\r\n0001000C912618959100550000014100\r\n\r\nOK\r\n",
    "\r\n+CMS ERROR: 38\r\n",
    "\r\n+CMS ERROR: 512\r\n",
    "\r\n+CMS ERROR: 198\r\n",
    "\r\n+CME ERROR: 14\r\n",
    "\r\n+CME ERROR: 16\r\n",
    "\r\n+CPIN: READY\r\n\r\nOK\r\n",
    "\r\n+CPIN: SIM PIN\r\n\r\nOK\r\n",
    "\r\n+CPINR: SIM PIN,2,3\r\n\r\nOK\r\n",
    "\r\n+CPIN: NOT INSERTED\r\n",
    "\r\n+CREG: 2,1\r\n\r\nOK\r\n",
    "\r\n+CREG: 2\r\n",
    "\r\n+CMTI: \"SM\",1\r\n",
    "\r\n+CMGR: 0,,35\r\n059126181642040C9126189519497500006020619041628212502B284C6EA7DDA0B03C0D5297D9E535\r\n\r\nOK\r\n",
    "\r\n+CMGL: 1,0,,35\r\n059126181642040C9126189519497500006020619041628212502B284C6EA7DDA0B03C0D5297D9E535\r\n\r\nOK\r\n",
    "\r\n+CMT: ,35\r\n",
    "059126181642040C9126189519497500006020619041628212502B284C6EA7DDA0B03C0D5297D9E535\r\n",
    "\r\n+CDS: 25\r\n05912618164206070C91261895194975602061904162826020619041528200\r\n",
    "\r\n+CUSD: 1,\"Pilih\n1. \"A\"",
    "\r\n+CUSD: 0,\"Rp 5\",15\r\n",
    "\r\nRDY\r\n",
    "\r\nSMS Ready\r\n",
    "\r\nRING\r\n\r\n+CLIP: \"+628111\",145\r\n",
    "\r\nNO CARRIER\r\n",
    "\r\n+CSMS: (0,1)\r\n\r\nOK\r\n",
    "\r\n+CPMS: (\"SM\",\"ME\"),(\"SM\"),(\"SM\")\r\n\r\nOK\r\n",
    "\r\n+CPMS: 1,30,1,30,1,30\r\n\r\nOK\r\n",
    "\r\n+CNMI: (0-2),(0-3),(0,2),(0-2),(0,1)\r\n\r\nOK\r\n",
    "\r\n+CNMI: 2,1,0,1,0\r\n\r\nOK\r\n",
    "\r\n+CSCA: \"\",129\r\n\r\nOK\r\n",
    "\r\n+CSCA: \"+62816124\",145\r\n\r\nOK\r\n",
    "\r\n+CFUN: 0\r\n\r\nOK\r\n",
    "\r\n8962101234567890123\r\n\r\nOK\r\n",
    "\r\n^SMMEMFULL: \"SM\"\r\n",
    "\r\nNORMAL POWER DOWN\r\n",
    "\r\n+CSQ: 20,99\r\n\r\nOK\r\n",
];

struct Ops {
    modem: Modem,
    now: Instant,
    id: u64,
    ended: HashMap<u64, Outcome>,
    settled: HashMap<u64, u32>,
    receipts: Vec<Receipt>,
    requests: HashMap<u64, u32>,
    written: Vec<u8>,
    refused: Vec<RefusedPin>,
    open: bool,
    /// A refusal was said after which the machine tries again by itself.
    tried_again: bool,
}

/// Reads the data as calls, makes them, and checks what must hold.
pub(crate) fn run(data: &[u8]) {
    let now = Instant::now();
    let mut data = data.iter().copied();
    let config = ModemConfig {
        pin: Some("1234".into()),
        send: match data.next().unwrap_or(0) % 3 {
            0 => SendMode::Direct,
            1 => SendMode::Stored,
            _ => SendMode::Auto,
        },
        ..ModemConfig::default()
    };
    let direct = config.send == SendMode::Direct;
    let mut ops = Ops {
        modem: Modem::new(config, now),
        now,
        id: 0,
        ended: HashMap::new(),
        settled: HashMap::new(),
        receipts: Vec::new(),
        requests: HashMap::new(),
        written: Vec::new(),
        refused: Vec::new(),
        open: true,
        tried_again: false,
    };
    ops.drain();
    while let Some(op) = data.next() {
        ops.call(op, &mut data);
        ops.drain();
    }
    // In the end everything ends.
    ops.modem.handle_closed(ops.now);
    ops.drain();
    for id in 1..=ops.id {
        assert!(ops.ended.contains_key(&id), "submission {id} never ended");
    }
    assert!(ops.requests.values().all(|count| *count == 1), "{:?}", ops.requests);
    for (id, outcome) in &ops.ended {
        let pdu = at::command::hex(&pdu(*id));
        let written = String::from_utf8_lossy(&ops.written).matches(&pdu).count();
        match outcome {
            // Refused, to be tried again, and then broken off: it is not out either.
            Outcome::NotSent(_) if direct && !ops.tried_again => {
                assert_eq!(written, 0, "{id} was not sent");
            }
            // A collision, a refused validity and a memory that does not take it have one more try each.
            Outcome::Accepted { .. } => assert!((1..=4).contains(&written), "{id}: {written}"),
            _ => assert!(written <= 4, "{id}: {written}"),
        }
        let settled = ops.settled.get(id).copied().unwrap_or(0);
        assert!(settled <= 1 && (settled == 0 || matches!(outcome, Outcome::Uncertain(_))));
    }
}

/// Distinct for each id: the number stands in the address.
fn pdu(id: u64) -> Vec<u8> {
    let low = u8::try_from(id % 100).unwrap_or(0);
    let high = u8::try_from(id / 100 % 100).unwrap_or(0);
    let decimal = |n: u8| ((n / 10) << 4) | (n % 10);
    vec![1, 0, 12, 0x91, 0x26, 0x18, 0x95, decimal(high), decimal(low), 0x55, 0, 0, 1, 0x41]
}

impl Ops {
    fn call(&mut self, op: u8, data: &mut impl Iterator<Item = u8>) {
        let argument = data.next().unwrap_or(0);
        let now = self.now;
        match op % 16 {
            0..=5 => {
                let saying = SAYINGS[usize::from(argument) % SAYINGS.len()];
                self.tried_again |= saying.contains(": 512") || saying.contains(": 198");
                self.modem.handle_bytes(now, saying.as_bytes());
            }
            6 => {
                let bytes: Vec<u8> = data.take(usize::from(argument) % 24).collect();
                self.modem.handle_bytes(now, &bytes);
            }
            7 => {
                let time = Duration::from_millis(u64::from(argument) * u64::from(argument) * 3);
                self.now = now + time;
                self.modem.handle_timeout(self.now);
            }
            8 => {
                self.id += 1;
                let submission =
                    Submission { id: self.id, pdu: pdu(self.id), more: argument & 1 == 1 };
                self.modem.submit(now, submission);
            }
            9 => {
                if let Some(receipt) = self.receipts.pop() {
                    if argument < 64 {
                        self.modem.refused(now, receipt);
                    } else {
                        self.modem.stored(now, receipt);
                    }
                }
            }
            10 => {
                if argument < 64 {
                    self.open = false;
                    self.modem.handle_closed(now);
                }
            }
            11 => {
                if !self.open {
                    self.open = true;
                    self.modem.handle_opened(now);
                }
            }
            12 => {
                let id = 10_000 + u64::try_from(self.requests.len()).unwrap_or(0);
                self.requests.insert(id, 0);
                match argument & 3 {
                    0 => self.modem.ussd(now, id, "*888#"),
                    1 => self.modem.at(now, id, "AT+CSQ"),
                    2 => self.modem.at(now, id, "AT+CMGF=1"),
                    _ => self.modem.at(now, id, "AT+CMGS=3"),
                }
            }
            13 => match argument & 7 {
                0 => self.modem.restart(now),
                1 => self.modem.reset(now),
                2 => self.modem.set_flight_mode(now, argument & 8 == 0),
                3 => self.modem.set_pin(now, if argument & 8 == 0 { "1234" } else { "0000" }),
                4 => self.modem.set_smsc(now, Some("+62816124".into())),
                5 => self.modem.set_number(now, None),
                _ => {}
            },
            // Too early a call does nothing bad.
            14 => self.modem.handle_timeout(now),
            _ => {
                let saying = SAYINGS[usize::from(argument) % SAYINGS.len()].as_bytes();
                self.tried_again |=
                    saying.ends_with(b": 512\r\n") || saying.ends_with(b": 198\r\n");
                let half = saying.len() / 2;
                self.modem.handle_bytes(now, &saying[..half]);
                self.modem.handle_timeout(now);
                self.modem.handle_bytes(now, &saying[half..]);
            }
        }
    }

    fn drain(&mut self) {
        for _ in 0..50_000 {
            match self.modem.poll_output() {
                Output::Transmit(bytes) => self.written.extend(bytes),
                Output::Event(event) => self.note(event),
                Output::Reopen(_) => self.open = false,
                Output::Timeout(at) => {
                    assert!(
                        at > self.now || !self.open,
                        "due in the past: {:?}",
                        self.modem.snapshot()
                    );
                    let snapshot = self.modem.snapshot();
                    assert!(!snapshot.text.is_empty());
                    assert!(self.open || !self.modem.can_submit(), "a closed port takes nothing");
                    return;
                }
            }
        }
        panic!("the machine never rests");
    }

    fn note(&mut self, event: Event) {
        match event {
            Event::Submitted { id, outcome } => {
                let before = self.ended.insert(id, outcome);
                assert!(before.is_none(), "submission {id} ended twice, first as {before:?}");
            }
            Event::Settled { id, .. } => *self.settled.entry(id).or_default() += 1,
            Event::Received(received) => {
                assert!(!received.pdu.is_empty());
                self.receipts.push(received.receipt);
            }
            Event::Found(found) => self.receipts.push(found.receipt),
            Event::Ussd { id, .. } | Event::AtReply { id, .. } => {
                *self.requests.entry(id).or_default() += 1;
            }
            Event::Pin(PinEvent::Trying(pin)) => {
                let same = |known: &&RefusedPin| {
                    known.pin == pin.pin && (known.iccid == pin.iccid || known.iccid.is_none())
                };
                assert!(!self.refused.iter().any(|known| same(&known)), "a refused PIN again");
            }
            Event::Pin(PinEvent::Refused(pin)) => self.refused.push(pin),
            _ => {}
        }
    }
}
