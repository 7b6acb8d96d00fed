//! A machine and a played modem on one virtual clock.

use std::collections::{HashMap, VecDeque};
use std::fmt::Write as _;
use std::time::{Duration, Instant};

use modem::{Event, Modem, ModemConfig, Outcome, Output, Status, Submission};

use crate::peer::{Act, Peer};

pub(crate) struct Bench {
    pub(crate) modem: Modem,
    pub(crate) peer: Peer,
    pub(crate) start: Instant,
    pub(crate) now: Instant,
    /// Bytes on their way to the machine, by time.
    wire: VecDeque<(Instant, Option<Vec<u8>>)>,
    /// Bytes are handed over in pieces of so many.
    pub(crate) chunk: usize,
    /// Or in pieces of these sizes in turn.
    pub(crate) sizes: Vec<usize>,
    pub(crate) events: Vec<Event>,
    /// What the machine wrote, with the time.
    pub(crate) written: Vec<(Duration, Vec<u8>)>,
    /// What went over the line, as the driver writes it.
    trace: String,
    /// Received messages are stored at once.
    pub(crate) stores: bool,
    pub(crate) reopened: Vec<modem::Reopen>,
    /// The port stays away for so long.
    pub(crate) away: Duration,
    opens_at: Option<Instant>,
}

impl Bench {
    pub(crate) fn new(peer: Peer) -> Self {
        Self::with(ModemConfig::default(), peer)
    }

    pub(crate) fn with(config: ModemConfig, peer: Peer) -> Self {
        let start = Instant::now();
        Self {
            modem: Modem::new(config, start),
            peer,
            start,
            now: start,
            wire: VecDeque::new(),
            chunk: usize::MAX,
            sizes: Vec::new(),
            events: Vec::new(),
            written: Vec::new(),
            trace: String::new(),
            stores: true,
            reopened: Vec::new(),
            away: Duration::from_secs(1),
            opens_at: None,
        }
    }

    pub(crate) fn elapsed(&self) -> Duration {
        self.now - self.start
    }

    /// Bytes come from the modem now.
    pub(crate) fn says(&mut self, bytes: &[u8]) {
        let gives = |name: &[u8]| bytes.windows(name.len()).any(|part| part == name);
        self.peer.waits_for_acknowledgement |= gives(b"+CMT:") || gives(b"+CDS:");
        self.deliver(bytes);
        self.pump();
    }

    fn note(&mut self, direction: char, bytes: &[u8]) {
        let at = self.elapsed().as_millis();
        let _ = writeln!(self.trace, "{at:>6} {direction} {}", bytes.escape_ascii());
    }

    /// What went over the line, as the driver writes it.
    pub(crate) fn trace(&self) -> String {
        self.trace.clone()
    }

    fn deliver(&mut self, bytes: &[u8]) {
        self.note('<', bytes);
        if !self.sizes.is_empty() {
            let mut rest = bytes;
            while !rest.is_empty() {
                let size = self.sizes[0].min(rest.len());
                self.sizes.rotate_left(1);
                self.modem.handle_bytes(self.now, &rest[..size]);
                rest = &rest[size..];
            }
            return;
        }
        for piece in bytes.chunks(self.chunk.min(bytes.len().max(1))) {
            self.modem.handle_bytes(self.now, piece);
        }
    }

    /// Drains the machine; returns when it wants to be called again.
    pub(crate) fn pump(&mut self) -> Instant {
        for _ in 0..100_000 {
            match self.modem.poll_output() {
                Output::Transmit(bytes) => {
                    self.note('>', &bytes);
                    self.written.push((self.elapsed(), bytes.clone()));
                    if self.opens_at.is_some() {
                        continue;
                    }
                    self.peer.now = self.elapsed();
                    for act in self.peer.hears(&bytes) {
                        let (at, what) = match act {
                            Act::Say(delay, bytes) => (self.now + delay, Some(bytes)),
                            Act::Close => (self.now, None),
                        };
                        let place = self.wire.partition_point(|(other, _)| *other <= at);
                        self.wire.insert(place, (at, what));
                    }
                }
                Output::Event(event) => {
                    self.events.push(event.clone());
                    match event {
                        Event::Received(received) if self.stores => {
                            self.modem.stored(self.now, received.receipt);
                        }
                        Event::Found(found) => self.modem.stored(self.now, found.receipt),
                        _ => {}
                    }
                }
                Output::Reopen(reopen) => {
                    self.reopened.push(reopen);
                    self.wire.clear();
                    self.opens_at = Some(self.now + reopen.after);
                }
                Output::Timeout(at) => {
                    assert!(at > self.now, "the machine is due in the past");
                    return at;
                }
            }
        }
        panic!(
            "the machine never rests; the last written: {:?}",
            &self.written[self.written.len() - 9..]
        );
    }

    /// One step of time: to the next byte, or to what the machine waits for, at most to `limit`.
    fn step(&mut self, limit: Instant) {
        let due = self.pump();
        let wire = self.wire.front().map(|(at, _)| *at);
        let opens = self.opens_at;
        let next =
            [Some(due), wire, opens, Some(limit)].into_iter().flatten().min().unwrap_or(limit);
        self.now = self.now.max(next);
        if opens.is_some_and(|at| at <= self.now) {
            self.opens_at = None;
            self.peer.opened();
            self.modem.handle_opened(self.now);
        } else if wire.is_some_and(|at| at <= self.now) {
            match self.wire.pop_front().and_then(|(_, bytes)| bytes) {
                Some(bytes) if self.opens_at.is_none() => self.deliver(&bytes),
                Some(_) => {}
                None => {
                    self.wire.clear();
                    self.modem.handle_closed(self.now);
                    self.opens_at = Some(self.now + self.away);
                }
            }
        } else {
            self.modem.handle_timeout(self.now);
        }
    }

    /// Runs until the condition holds; fails after `limit`.
    pub(crate) fn until(&mut self, limit: Duration, mut done: impl FnMut(&Self) -> bool) {
        let end = self.now + limit;
        self.pump();
        while !done(self) {
            assert!(
                self.now < end,
                "not within {limit:?}: {:?}\nevents {:#?}\ncommands {:?}",
                self.modem.snapshot(),
                self.events.iter().rev().take(12).collect::<Vec<_>>(),
                self.peer.commands.iter().rev().take(12).collect::<Vec<_>>(),
            );
            self.step(end);
            self.pump();
        }
    }

    /// Lets time go by.
    pub(crate) fn wait(&mut self, time: Duration) {
        let end = self.now + time;
        while self.now < end {
            self.step(end);
        }
        self.pump();
    }

    pub(crate) fn ready(&mut self) {
        self.until(Duration::from_mins(2), |bench| bench.status() == Status::Ready);
    }

    pub(crate) fn status(&self) -> Status {
        self.modem.snapshot().status
    }

    pub(crate) fn submit(&mut self, id: u64) {
        self.submit_pdu(id, &pdu_of(id), false);
    }

    pub(crate) fn submit_pdu(&mut self, id: u64, pdu: &str, more: bool) {
        let pdu = at::command::unhex(pdu).unwrap();
        self.modem.submit(self.now, Submission { id, pdu, more });
        self.pump();
    }

    /// What became of the submissions, by id.
    pub(crate) fn outcomes(&self) -> HashMap<u64, Vec<Outcome>> {
        let mut outcomes: HashMap<u64, Vec<Outcome>> = HashMap::new();
        for event in &self.events {
            if let Event::Submitted { id, outcome } = event {
                outcomes.entry(*id).or_default().push(outcome.clone());
            }
        }
        outcomes
    }

    pub(crate) fn outcome(&self, id: u64) -> Option<Outcome> {
        let outcomes = self.outcomes();
        let list = outcomes.get(&id)?;
        assert_eq!(list.len(), 1, "submission {id} ended more than once: {list:?}");
        list.first().cloned()
    }

    pub(crate) fn sent(&mut self, id: u64) -> Outcome {
        self.until(Duration::from_secs(400), |bench| bench.outcome(id).is_some());
        self.outcome(id).unwrap()
    }

    /// The PDUs handed out.
    pub(crate) fn received(&self) -> Vec<String> {
        self.events
            .iter()
            .filter_map(|event| match event {
                Event::Received(received) => Some(at::command::hex(&received.pdu)),
                _ => None,
            })
            .collect()
    }

    /// Everything written, as text, in order.
    pub(crate) fn text(&self) -> String {
        let bytes: Vec<u8> = self.written.iter().flat_map(|(_, bytes)| bytes.clone()).collect();
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

/// SMS-SUBMIT to 46708251358, "hello" (23.040, 9.2.2.2, written by hand); the id stands in the reference.
pub(crate) fn pdu_of(id: u64) -> String {
    format!("01{id:02X}0B916407281553F8000005E8329BFD06")
}
