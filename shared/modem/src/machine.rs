//! The machine.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use at::{Final, Framer, Item, command, reply};

use crate::config::ModemConfig;
use crate::event::{
    Event, NotSent, Outcome, Output, Receipt, RequestError, SendFailure, Submission, Uncertain,
};
use crate::snapshot::{Counters, Snapshot, Status};

const BOOT: [&str; 5] = ["AT", "ATE0", "AT+CMEE=1", "AT+CMGF=0", "AT+CNMI=2,1,0,1,0"];

/// One GSM modem. See the crate's documentation for the loop that runs it.
#[derive(Debug)]
pub struct Modem {
    config: ModemConfig,
    now: Instant,
    framer: Framer,
    outputs: VecDeque<Output>,
    step: usize,
    sending: Option<(Submission, bool)>,
    next: Option<Submission>,
    deadline: Instant,
    closed: bool,
}

impl Modem {
    /// A modem whose port was just opened; it begins to set the modem up.
    pub fn new(config: ModemConfig, now: Instant) -> Self {
        let mut modem = Self {
            config,
            now,
            framer: Framer::new(),
            outputs: VecDeque::new(),
            step: 0,
            sending: None,
            next: None,
            deadline: now,
            closed: false,
        };
        modem.write_step();
        modem
    }

    /// Bytes came from the port, in any split.
    pub fn handle_bytes(&mut self, now: Instant, bytes: &[u8]) {
        self.now = now;
        self.framer.push(bytes);
        while let Some(item) = self.framer.pop() {
            match item {
                Item::Prompt => self.prompt(),
                Item::Line(line) => self.line(&line),
            }
        }
    }

    /// The time of [`Output::Timeout`] came. Too early a call does nothing.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.now = now;
        if now < self.deadline || self.closed {
            return;
        }
        match self.sending.take() {
            Some((submission, true)) => {
                self.submitted(submission.id, Outcome::Uncertain(Uncertain::NoAnswer));
            }
            Some((submission, false)) => {
                self.outputs.push_back(Output::Transmit(vec![command::ESC]));
                self.submitted(submission.id, Outcome::NotSent(NotSent::NoPrompt));
            }
            None if self.step < BOOT.len() => self.write_step(),
            None => self.deadline = now + Duration::from_secs(30),
        }
        self.send_next();
    }

    /// The port was lost: a read gave nothing or an error, a write failed.
    pub fn handle_closed(&mut self, now: Instant) {
        self.now = now;
        self.closed = true;
        if let Some((submission, written)) = self.sending.take() {
            let outcome = if written {
                Outcome::Uncertain(Uncertain::PortLost)
            } else {
                Outcome::NotSent(NotSent::PortLost)
            };
            self.submitted(submission.id, outcome);
        }
        if let Some(submission) = self.next.take() {
            self.submitted(submission.id, Outcome::NotSent(NotSent::PortLost));
        }
        self.outputs.push_back(Output::Event(Event::StatusChanged));
    }

    /// The port was opened again.
    pub fn handle_opened(&mut self, now: Instant) {
        self.now = now;
        self.closed = false;
        self.step = 0;
        self.framer.reset();
        self.write_step();
    }

    /// There is room for a submission: as the one to be sent at once, or as the next.
    pub fn can_submit(&self) -> bool {
        !self.closed && self.step == BOOT.len() && self.next.is_none()
    }

    /// Sends a TPDU. Exactly one [`Event::Submitted`] follows, also when [`Modem::can_submit`] is false.
    pub fn submit(&mut self, now: Instant, submission: Submission) {
        self.now = now;
        if self.can_submit() {
            self.next = Some(submission);
            self.send_next();
        } else {
            self.submitted(submission.id, Outcome::NotSent(NotSent::NotReady));
        }
    }

    /// A received message is kept: now it is acknowledged or deleted.
    pub fn stored(&mut self, now: Instant, _receipt: Receipt) {
        self.now = now;
    }

    /// A received message could not be kept: it stays on the SIM, or is refused to the network.
    pub fn refused(&mut self, now: Instant, _receipt: Receipt) {
        self.now = now;
    }

    /// Dials a USSD code, or answers the open session. One [`Event::Ussd`] with this id follows.
    pub fn ussd(&mut self, now: Instant, id: u64, _code: &str) {
        self.now = now;
        let result = Err(RequestError::NotReady("the modem is starting".into()));
        self.outputs.push_back(Output::Event(Event::Ussd { id, result }));
    }

    /// Sends an AT command. One [`Event::AtReply`] with this id follows.
    pub fn at(&mut self, now: Instant, id: u64, _command: &str) {
        self.now = now;
        let result = Err(RequestError::NotReady("the modem is starting".into()));
        self.outputs.push_back(Output::Event(Event::AtReply { id, result }));
    }

    /// A person said the PIN. It is entered when the SIM asks, unless this SIM has refused it before.
    pub fn set_pin(&mut self, now: Instant, pin: &str) {
        self.now = now;
        self.config.pin = Some(pin.to_owned());
    }

    /// A person said the SIM's own number; `None`: ask the SIM.
    pub fn set_number(&mut self, now: Instant, number: Option<String>) {
        self.now = now;
        self.config.number = number;
    }

    /// A person said the service centre's number.
    pub fn set_smsc(&mut self, now: Instant, number: Option<String>) {
        self.now = now;
        self.config.smsc = number;
    }

    /// Turns the radio off or on (`AT+CFUN=4`, `AT+CFUN=1`).
    pub fn set_flight_mode(&mut self, now: Instant, on: bool) {
        self.now = now;
        self.config.flight_mode = on;
    }

    /// Sets the modem up anew, without restarting it.
    pub fn restart(&mut self, now: Instant) {
        self.now = now;
        self.step = 0;
        self.write_step();
    }

    /// Restarts the modem itself (`AT+CFUN=1,1`).
    pub fn reset(&mut self, now: Instant) {
        self.now = now;
        self.step = 0;
        self.write_step();
    }

    /// What is to be done next.
    pub fn poll_output(&mut self) -> Output {
        self.outputs.pop_front().unwrap_or(Output::Timeout(self.deadline))
    }

    /// The state, for people and programs.
    pub fn snapshot(&self) -> Snapshot {
        let status = if self.closed {
            Status::Closed
        } else if self.step == BOOT.len() {
            Status::Ready
        } else {
            Status::Starting
        };
        Snapshot {
            status,
            text: format!("{status:?}"),
            sending: self.sending.is_some(),
            problem: None,
            identity: crate::Identity::default(),
            sim: self.config.number.as_ref().map(|_| crate::SimIdentity::default()),
            registration: crate::Registration::Unknown,
            operator: None,
            technology: None,
            signal_dbm: None,
            storage: None,
            unanswered: 0,
            announcing: None,
            counters: Counters::default(),
        }
    }

    fn write_step(&mut self) {
        self.write(format!("{}\r", BOOT[self.step.min(BOOT.len() - 1)]).into_bytes());
        self.deadline = self.now + Duration::from_secs(1);
    }

    fn write(&mut self, bytes: Vec<u8>) {
        self.outputs.push_back(Output::Transmit(bytes));
    }

    fn submitted(&mut self, id: u64, outcome: Outcome) {
        self.outputs.push_back(Output::Event(Event::Submitted { id, outcome }));
    }

    fn send_next(&mut self) {
        if self.sending.is_none()
            && let Some(submission) = self.next.take()
        {
            self.write(format!("{}\r", command::send(submission.pdu.len())).into_bytes());
            self.framer.expect_prompt(true);
            self.deadline = self.now + Duration::from_secs(10);
            self.sending = Some((submission, false));
        }
    }

    fn prompt(&mut self) {
        if let Some((submission, written)) = &mut self.sending {
            *written = true;
            let mut pdu = vec![0];
            pdu.extend_from_slice(&submission.pdu);
            self.write(command::pdu(&pdu));
            self.deadline = self.now + Duration::from_secs(120);
        }
    }

    fn line(&mut self, line: &str) {
        if let Some(value) = reply::value(line, "+CMGS") {
            if let Some((submission, _)) = self.sending.take() {
                let reference = value.parse().ok();
                self.submitted(submission.id, Outcome::Accepted { reference });
            }
            return;
        }
        let Some(result) = Final::parse(line) else { return };
        if self.step < BOOT.len() {
            self.step += 1;
            if self.step < BOOT.len() {
                self.write_step();
            } else {
                self.outputs.push_back(Output::Event(Event::Ready));
            }
        } else if let Some((submission, _)) = self.sending.take() {
            self.submitted(submission.id, Outcome::Rejected(failure(&result)));
        }
        self.send_next();
    }
}

fn failure(result: &Final) -> SendFailure {
    let (code, cms, text, advice, class) = match result {
        Final::Cms(error) => (
            error.code().map_or("cms".into(), |code| format!("cms-{code}")),
            error.code(),
            format!("{error}: {}", error.meaning()),
            error.advice(),
            error.class(),
        ),
        _ => (
            "modem-error".into(),
            None,
            "The modem refused the message and does not say why.".into(),
            "Look into the modem's manual.",
            at::ErrorClass::Ambiguous,
        ),
    };
    SendFailure { code, cms, text, advice: advice.into(), class }
}
