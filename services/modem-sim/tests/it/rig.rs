//! One machine in virtual time.

use std::time::{Duration, Instant};

use modem_sim::machine::{Incoming, IncomingKind, Machine, Output};
use modem_sim::{Make, ModemConfig};

pub(crate) struct Rig {
    pub(crate) machine: Machine,
    pub(crate) now: Instant,
    /// What it wanted beside saying something.
    pub(crate) wishes: Vec<Output>,
}

impl Rig {
    pub(crate) fn of(make: Make) -> Self {
        Self::with(ModemConfig::new(make, 1))
    }

    pub(crate) fn with(config: ModemConfig) -> Self {
        let now = Instant::now();
        let mut rig = Self { machine: Machine::new(config, now), now, wishes: Vec::new() };
        rig.said();
        rig.wishes.clear();
        rig
    }

    /// With the echo off and errors in numbers.
    pub(crate) fn quiet(make: Make) -> Self {
        let mut rig = Self::of(make);
        rig.at("ATE0");
        rig.at("AT+CMEE=1");
        rig
    }

    /// What was said on the first port until now.
    pub(crate) fn said(&mut self) -> String {
        self.said_on(0)
    }

    pub(crate) fn said_on(&mut self, wanted: usize) -> String {
        let mut said = Vec::new();
        while let Some(output) = self.machine.poll_output() {
            match output {
                Output::Transmit { port, bytes } if port == wanted => said.extend(bytes),
                Output::Transmit { .. } => {}
                other => self.wishes.push(other),
            }
        }
        String::from_utf8(said).unwrap()
    }

    pub(crate) fn typed(&mut self, text: &str) -> String {
        self.machine.handle_bytes(self.now, 0, text.as_bytes());
        self.said()
    }

    /// A command line and what is said to it at once.
    pub(crate) fn at(&mut self, line: &str) -> String {
        self.typed(&format!("{line}\r"))
    }

    /// Time goes by; what is said in it.
    pub(crate) fn after(&mut self, time: Duration) -> String {
        let end = self.now + time;
        let mut said = String::new();
        while let Some(next) = self.machine.next_timeout().filter(|next| *next <= end) {
            self.now = next.max(self.now);
            self.machine.handle_timeout(self.now);
            said += &self.said();
        }
        self.now = end;
        said
    }

    pub(crate) fn millis(&mut self, millis: u64) -> String {
        self.after(Duration::from_millis(millis))
    }

    /// Sends a PDU and gives what is said after the Ctrl-Z.
    pub(crate) fn send(&mut self) -> String {
        let octets = submit(true);
        let prompt = self.at(&format!("AT+CMGS={}", octets.len()));
        assert_eq!(prompt, "\r\n> ");
        self.typed(&format!("00{}\u{1a}", tpdu::to_hex(&octets)))
    }

    pub(crate) fn offer(&mut self, incoming: Incoming) -> Result<String, Incoming> {
        let result = self.machine.offer(self.now, incoming);
        let said = self.said();
        result.map(|()| said)
    }
}

/// An SMS-SUBMIT to somewhere.
pub(crate) fn submit(report: bool) -> Vec<u8> {
    let mut submit = crate::client::submits("+628111222333", "x").remove(0);
    submit.report = report;
    submit.encode().unwrap()
}

/// The message of the tutorial (SMS-DELIVER, 35 octets).
pub(crate) const PDU: &str =
    "059126181642040C9126189519497500006020619041628212502B284C6EA7DDA0B03C0D5297D9E535";

pub(crate) fn message(class: Option<u8>) -> Incoming {
    let pdu = tpdu::from_hex(PDU).unwrap();
    Incoming { kind: IncomingKind::Message { class }, pdu, length: 35 }
}

/// A status report, from the page "SMS and the PDU format" style: only its length matters here.
pub(crate) fn report(reference: u8) -> Incoming {
    let report = tpdu::StatusReport {
        more: false,
        loop_prevention: false,
        of_command: false,
        reference,
        recipient: tpdu::Address::number("+628111222333").unwrap(),
        smsc_time: tpdu::Scts([0x62, 0x10, 0x10, 0x80, 0x00, 0x00, 0x82]),
        discharged: tpdu::Scts([0x62, 0x10, 0x10, 0x80, 0x00, 0x00, 0x82]),
        status: tpdu::Status::RECEIVED,
        parameters: tpdu::Parameters::default(),
    };
    let octets = report.encode().unwrap();
    let pdu = [&[0], octets.as_slice()].concat();
    Incoming { kind: IncomingKind::Report { reference }, pdu, length: octets.len() }
}
