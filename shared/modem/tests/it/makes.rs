//! The simulated makes of `services/modem-sim`, which know nothing of this crate, with each of their faults, on one
//! virtual clock.

use std::time::{Duration, Instant};

use modem::{Event, Modem, ModemConfig, Outcome, Output, SendMode, Status, Submission};
use modem_sim::machine::{self, Incoming, IncomingKind, Machine};
use modem_sim::{FaultRule, Make, ModemConfig as SimConfig, Timing};

use crate::SECOND;
use crate::peer::DELIVER;

/// A machine and a simulated modem.
struct Pair {
    modem: Modem,
    machine: Machine,
    start: Instant,
    now: Instant,
    plugged: bool,
    opens_at: Option<Instant>,
    events: Vec<Event>,
    /// SMS-SUBMITs the network got.
    network: Vec<Vec<u8>>,
    /// What the network has for this SIM.
    waiting: Vec<Incoming>,
    given: usize,
}

impl Pair {
    fn new(send: SendMode, config: SimConfig) -> Self {
        let now = Instant::now();
        let config_of_modem =
            ModemConfig { send, pin: config.pin.clone(), ..ModemConfig::default() };
        Self {
            modem: Modem::new(config_of_modem, now),
            machine: Machine::new(config, now),
            start: now,
            now,
            plugged: true,
            opens_at: None,
            events: Vec::new(),
            network: Vec::new(),
            waiting: Vec::new(),
            given: 0,
        }
    }

    fn incoming(&mut self) {
        self.given += 1;
        let pdu = DELIVER
            .replace("90416282", &format!("90{:02}{:02}82", self.given / 60, self.given % 60));
        let pdu = at::command::unhex(&pdu).unwrap();
        let length = pdu.len() - 7;
        self.waiting.push(Incoming { kind: IncomingKind::Message { class: None }, pdu, length });
        self.offer();
    }

    fn offer(&mut self) {
        while let Some(incoming) = self.waiting.pop() {
            if let Err(incoming) = self.machine.offer(self.now, incoming) {
                self.waiting.push(incoming);
                return;
            }
        }
    }

    /// Passes everything on until both rest; returns when the first of them is due.
    fn settle(&mut self) -> Instant {
        for _ in 0..100_000 {
            let mut moved = false;
            while let Some(output) = self.machine.poll_output() {
                moved = true;
                self.of_machine(output);
            }
            match self.modem.poll_output() {
                Output::Transmit(bytes) => {
                    if self.plugged {
                        self.machine.handle_bytes(self.now, 0, &bytes);
                    }
                }
                Output::Event(event) => {
                    self.events.push(event.clone());
                    match event {
                        Event::Received(received) => self.modem.stored(self.now, received.receipt),
                        Event::Found(found) => self.modem.stored(self.now, found.receipt),
                        _ => {}
                    }
                }
                Output::Reopen(reopen) => self.opens_at = Some(self.now + reopen.after),
                Output::Timeout(at) if !moved => {
                    let machine = self.machine.next_timeout().unwrap_or(at);
                    return at.min(machine).min(self.opens_at.unwrap_or(at));
                }
                Output::Timeout(_) => {}
            }
        }
        panic!("they never rest: {:?}", self.modem.snapshot());
    }

    fn of_machine(&mut self, output: machine::Output) {
        match output {
            machine::Output::Transmit { bytes, .. } => {
                if self.plugged {
                    self.modem.handle_bytes(self.now, &bytes);
                }
            }
            machine::Output::Submit(submission) => self.network.push(submission.tpdu),
            machine::Output::Available => self.offer(),
            machine::Output::Returned(incoming) | machine::Output::Again(incoming) => {
                self.waiting.push(incoming);
                self.offer();
            }
            machine::Output::Interrupt => self.incoming(),
            machine::Output::Unplug => {
                self.plugged = false;
                self.machine.power_off();
                self.modem.handle_closed(self.now);
                self.opens_at = Some(self.now + SECOND * 5);
            }
        }
    }

    fn wait(&mut self, time: Duration) {
        let end = self.now + time;
        loop {
            let due = self.settle().min(end).max(self.now);
            self.now = due;
            if self.opens_at.is_some_and(|at| at <= self.now) {
                self.opens_at = None;
                if !self.plugged {
                    self.plugged = true;
                    self.machine.power_on(self.now);
                }
                self.modem.handle_opened(self.now);
            }
            self.machine.handle_timeout(self.now);
            self.modem.handle_timeout(self.now);
            if self.now >= end {
                self.settle();
                return;
            }
        }
    }

    fn ready(&mut self, limit: Duration, note: &str) {
        let end = self.now + limit;
        while self.modem.snapshot().status != Status::Ready {
            assert!(
                self.now < end,
                "{note}: {:?}\n{:#?}",
                self.modem.snapshot(),
                self.last_events()
            );
            self.wait(Duration::from_millis(100));
        }
    }

    fn last_events(&self) -> Vec<&Event> {
        let telling = |event: &&Event| !matches!(event, Event::StatusChanged);
        self.events.iter().filter(telling).rev().take(15).collect()
    }

    fn outcome(&self, wanted: u64) -> Option<&Outcome> {
        self.events.iter().find_map(|event| match event {
            Event::Submitted { id, outcome } if *id == wanted => Some(outcome),
            _ => None,
        })
    }

    /// Sends as a driver does: again what was not sent or was refused, not what is uncertain.
    fn send(&mut self, message: u64, limit: Duration, note: &str) -> Outcome {
        let end = self.now + limit;
        for attempt in 1.. {
            let id = message * 100 + attempt;
            while !self.modem.can_submit() {
                assert!(self.now < end, "{note}: cannot submit: {:?}", self.modem.snapshot());
                self.wait(Duration::from_millis(100));
            }
            self.modem.submit(self.now, Submission { id, pdu: pdu(message), more: false });
            let outcome = loop {
                self.wait(Duration::from_millis(100));
                if let Some(outcome) = self.outcome(id) {
                    break outcome.clone();
                }
                assert!(self.now < end, "{note}: no outcome: {:?}", self.modem.snapshot());
            };
            match outcome {
                Outcome::NotSent(_) => {}
                Outcome::Rejected(_) => self.wait(SECOND * 5),
                outcome => return outcome,
            }
        }
        unreachable!("attempts have no end")
    }

    fn times_out(&self, message: u64) -> usize {
        // The modem puts its own reference in.
        let plain = |tpdu: &[u8]| [&tpdu[..1], &tpdu[2..]].concat();
        let wanted = plain(&pdu(message));
        self.network.iter().filter(|tpdu| plain(tpdu) == wanted).count()
    }

    fn received(&self) -> Vec<String> {
        let mut received: Vec<String> = self
            .events
            .iter()
            .filter_map(|event| match event {
                Event::Received(received) => Some(at::command::hex(&received.pdu)),
                _ => None,
            })
            .collect();
        received.sort();
        received
    }
}

/// SMS-SUBMIT to a number that ends in the message's number.
fn pdu(message: u64) -> Vec<u8> {
    let number = u8::try_from(message).unwrap();
    let decimal = ((number / 10) << 4) | (number % 10);
    vec![1, 0, 12, 0x91, 0x26, 0x18, 0x95, 0x91, decimal, 0x55, 0, 0, 1, 0x41]
}

#[test]
fn every_make_is_ready_at_once_and_known() {
    for make in Make::ALL {
        let mut pair = Pair::new(SendMode::Auto, SimConfig::new(make, 1));
        pair.ready(SECOND / 5, &format!("{make:?}"));
        let snapshot = pair.modem.snapshot();
        assert!(snapshot.identity.profile.is_some(), "{make:?}: {:?}", snapshot.identity);
        assert!(snapshot.identity.imei.is_some() || make == Make::Wavecom, "{make:?}");
        let announcing = snapshot.announcing.unwrap();
        assert!(announcing.contains(",1,0,1,") || announcing.contains(",1,0,2,"), "{announcing}");
        pair.wait(SECOND * 5);
        let snapshot = pair.modem.snapshot();
        assert!(snapshot.operator.is_some() && snapshot.signal_dbm.is_some(), "{make:?}");
        let sim = snapshot.sim.unwrap();
        assert_eq!(sim.number.as_deref(), Some("+6281200000001"), "{make:?}");
        assert!(sim.iccid.is_some() && sim.imsi.is_some() && sim.smsc.is_some(), "{make:?}");
    }
}

#[test]
fn every_make_from_power_on_with_a_pin() {
    for make in Make::ALL {
        let mut config = SimConfig::new(make, 1);
        config.cold_start = true;
        config.pin = Some("4321".into());
        config.timing = Timing::REALISTIC;
        let mut pair = Pair::new(SendMode::Auto, config);
        pair.ready(SECOND * 30, &format!("{make:?}"));
        assert!(matches!(pair.send(1, SECOND * 60, "after the PIN"), Outcome::Accepted { .. }));
        assert_eq!(pair.modem.snapshot().counters.reboots, 0, "{make:?}");
    }
}

/// One of each fault at each make, in both ways of sending, with messages that come in all the while.
#[test]
fn every_fault_of_every_make() {
    let faults = [
        "cms-38 count=2",
        "cms-500 count=1",
        "cms-512 count=1",
        "cms-330 count=1",
        "cme-14 count=1",
        "error count=1",
        "no-prompt count=1",
        "silence count=1",
        "garbage count=2",
        "byte-by-byte",
        "slow=300",
        "submit-time=30000",
        "brown-out",
        "no-report",
        "report-first",
        "no-cmti count=2",
        "wrong-cmti count=3",
        "mo-during-submit count=2",
        "accepted-silent count=1",
        "lost-silent count=1",
        "missing-ok count=1",
        "same-reference",
        "reboot-before count=1",
        "reboot-after count=1",
        "unplug-before count=1",
        "unplug-after count=1",
        "echo-stuck",
        "silence count=1 on=+CMGL",
        "silence count=3 on=+CSQ",
        "error on=+CMGL",
        "cms-321 count=1 on=+CMGR",
        "error on=+CMMS",
        "silence count=1 on=+CMGD",
        "error count=1 on=+CMGF",
        "sim-full",
    ];
    for send in [SendMode::Direct, SendMode::Stored, SendMode::Auto] {
        for make in Make::ALL {
            let mut row = String::new();
            for fault in faults {
                let note = format!("{make:?} {send:?} {fault}");
                row.push(one_fault(make, send, fault.parse().unwrap(), &note));
            }
            println!("{:>8} {:>6} {row}", format!("{make:?}"), format!("{send:?}"));
        }
    }
    println!("{}", faults.join(" | "));
}

fn one_fault(make: Make, send: SendMode, rule: FaultRule, note: &str) -> char {
    let mut config = SimConfig::new(make, 1);
    config.timing.submit = SECOND;
    let mut pair = Pair::new(send, config);
    pair.ready(SECOND, note);
    pair.incoming();
    pair.wait(SECOND * 2);
    let (now, is_full) = (pair.now, note.ends_with("sim-full"));
    pair.machine.set_fault(now, rule);
    let mut letter = '.';
    for message in 1..=3 {
        pair.incoming();
        let outcome = pair.send(message, Duration::from_mins(20), note);
        let times = pair.times_out(message);
        match outcome {
            Outcome::Accepted { .. } => assert_eq!(times, 1, "{note}: message {message}"),
            Outcome::Uncertain(_) => {
                letter = 'u';
                assert!(times <= 1, "{note}: message {message} went out {times} times");
            }
            other => panic!("{note}: {other:?}"),
        }
        let refused = |event: &Event| {
            matches!(
                event,
                Event::Submitted { outcome: Outcome::Rejected(_) | Outcome::NotSent(_), .. }
            )
        };
        if letter == '.' && pair.events.iter().any(refused) {
            letter = 'r';
        }
    }
    pair.ready(Duration::from_mins(10), note);
    pair.wait(Duration::from_mins(3));
    pair.ready(Duration::from_mins(10), note);
    let mut expected: Vec<String> = (1..=pair.given)
        .map(|n| DELIVER.replace("90416282", &format!("90{:02}{:02}82", n / 60, n % 60)))
        .collect();
    expected.sort();
    let received = pair.received();
    if is_full {
        assert!(expected.iter().all(|pdu| received.contains(pdu)), "{note}");
    } else {
        assert_eq!(received, expected, "{note}: {:#?}", pair.last_events());
    }
    assert_eq!(pair.machine.status().stored, 0, "{note}: left on the SIM");
    assert!(pair.start < pair.now);
    letter
}
