//! Runs one modem: the only code that touches its port and its state machine.
//!
//! The pump never waits for the broker: what comes out of the machine goes into channels, what is asked of it
//! comes through one. So an unsolicited line, a prompt or a report is served at once, whatever else
//! goes on. A port that is gone is opened again, sooner for a path that appears.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bus::{Backoff, sleep_until};
use bytes::BytesMut;
use contracts::modem::ModemProblem;
use futures_util::future::BoxFuture;
use modem::{
    Event, Force, Modem, ModemConfig, Outcome, Output, PinEvent, RequestError, SimSettings,
    UssdText,
};
use platform::Clock;
use platform::config::PortAddress;
use tokio::sync::{mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;

use crate::host::appearance;
use crate::port::address;
use crate::port::candidates::{Candidates, Opened};
use crate::port::handle::{Command, Handle};
use crate::port::lines::Lines;
use crate::port::notes::PortNotes;
use crate::port::said::{Incoming, Said, View};
use crate::port::serial::OpenError;
use crate::port::transcript::Transcript;
use crate::port::wire::Port;

/// Between tries to open the port.
const PAUSES: Backoff = Backoff::of_millis(100, 30_000);

/// One modem and its port.
pub(crate) struct Pump {
    ports: Candidates,
    notes: PortNotes,
    /// The time of day.
    clock: Clock,
    /// What the configuration says of any SIM here.
    configured: SimSettings,
    /// The SIM whose notes the modem has.
    iccid: Option<String>,
    modem: Modem,
    /// The machine is made as if its port were open; until it is, it is told otherwise.
    port: Option<Port>,
    opening: Option<BoxFuture<'static, Result<Opened, OpenError>>>,
    pauses: Backoff,
    at: PortAddress,
    port_problem: Option<ModemProblem>,
    identified: bool,
    pins_refused: u32,
    changed: bool,
    output: BytesMut,
    asked: mpsc::UnboundedReceiver<Command>,
    incoming: mpsc::UnboundedSender<Said>,
    ready: watch::Sender<bool>,
    view: watch::Sender<Arc<View>>,
    found: watch::Sender<usize>,
    submissions: HashMap<u64, oneshot::Sender<Outcome>>,
    ussds: HashMap<u64, oneshot::Sender<Result<UssdText, RequestError>>>,
    ats: HashMap<u64, oneshot::Sender<Result<Vec<String>, RequestError>>>,
    requests: u64,
    lines: Lines,
    transcript: Option<Transcript>,
}

impl Pump {
    /// Returns a pump for the modem behind `ports`, a handle by which to talk to it, and what it says.
    pub(crate) fn new(
        ports: Candidates,
        notes: PortNotes,
        mut config: ModemConfig,
        clock: Clock,
    ) -> (Self, Handle, mpsc::UnboundedReceiver<Said>) {
        let configured = SimSettings { number: config.number.clone(), smsc: config.smsc.clone() };
        notes.fill(&mut config);
        let now = now();
        let mut modem = Modem::new(config, now);
        modem.handle_closed(now);
        let at = ports.first();
        let (commands, asked) = mpsc::unbounded_channel();
        let (said, incoming) = mpsc::unbounded_channel();
        let (ready, is_ready) = watch::channel(false);
        let view = View {
            snapshot: modem.snapshot(),
            port: at.clone(),
            port_problem: None,
            identified: false,
            pins_refused: 0,
        };
        let (view, viewed) = watch::channel(Arc::new(view));
        let found = watch::Sender::new(0);
        let pump = Self {
            ports,
            notes,
            clock,
            configured,
            iccid: None,
            modem,
            port: None,
            opening: None,
            pauses: PAUSES,
            at,
            port_problem: None,
            identified: false,
            pins_refused: 0,
            changed: false,
            output: BytesMut::new(),
            asked,
            incoming: said,
            ready,
            view,
            found: found.clone(),
            submissions: HashMap::new(),
            ussds: HashMap::new(),
            ats: HashMap::new(),
            requests: 0,
            lines: Lines::default(),
            transcript: None,
        };
        (pump, Handle::new(commands, is_ready, viewed, found), incoming)
    }

    /// Runs until `stop`.
    pub(crate) async fn run(mut self, stop: CancellationToken) {
        let mut input = Vec::new();
        // What the machine wants written before the port was ever opened is said again when it is.
        self.drain(now());
        self.output.clear();
        // Opening the port at once is the first try.
        self.pauses.step();
        self.open_after(Duration::ZERO, false);
        loop {
            let deadline = self.drain(now());
            self.show();
            let trace_ends = self.transcript.as_ref().map(Transcript::ends);
            tokio::select! {
                biased;
                () = stop.cancelled() => return,
                read = exchange(&mut self.port, &mut input, &mut self.output) => {
                    match read {
                        Ok(()) => {
                            if let Some(transcript) = &mut self.transcript {
                                transcript.read(&input);
                            }
                            self.lines.read(self.clock.now(), &input);
                            self.modem.handle_bytes(now(), &input);
                            input.clear();
                        }
                        Err(error) => self.lost(&error),
                    }
                }
                opened = opening(&mut self.opening) => self.opened(opened),
                Some(command) = self.asked.recv() => self.take(command),
                () = tokio::time::sleep_until(deadline.into()) => {
                    self.modem.handle_timeout(now());
                }
                () = sleep_until(trace_ends) => {
                    if let Some(transcript) = self.transcript.take() {
                        transcript.finish();
                    }
                }
            }
        }
    }

    /// Does what the machine wants, until it only wants time.
    fn drain(&mut self, now: Instant) -> Instant {
        loop {
            match self.modem.poll_output() {
                Output::Transmit(bytes) => {
                    if let Some(transcript) = &mut self.transcript {
                        transcript.wrote(&bytes);
                    }
                    self.lines.wrote(self.clock.now(), &bytes);
                    self.output.extend_from_slice(&bytes);
                }
                Output::Event(event) => self.event(event),
                Output::Reopen(reopen) => {
                    tracing::info!(port = %self.at, "opening {} anew, as its modem does not answer", self.at);
                    if reopen.force >= Force::DropDtr
                        && let Some(port) = &mut self.port
                    {
                        port.drop_dtr();
                    }
                    if reopen.force == Force::PowerCycle {
                        self.ports.power_cycle();
                    }
                    self.close();
                    let wait = reopen.after.max(self.pauses.step());
                    self.open_after(wait, reopen.never_answered);
                }
                Output::Timeout(at) => return at.max(now),
            }
        }
    }

    fn event(&mut self, event: Event) {
        match event {
            Event::Ready => {
                self.pauses.reset();
                self.changed = true;
            }
            Event::StatusChanged => self.changed = true,
            Event::Sim(sim) => {
                self.changed = true;
                self.sim_is(sim.iccid);
                // What comes in next belongs to it.
                self.show();
            }
            Event::Identity(_) => {
                self.identified = true;
                self.changed = true;
            }
            Event::SimChanged => self.say(Incoming::SimChanged),
            Event::Pin(event) => {
                if matches!(event, PinEvent::Refused(_)) {
                    self.pins_refused += 1;
                    self.changed = true;
                }
                self.notes.record(&event);
            }
            Event::Submitted { id, outcome } => {
                if let Some(answer) = self.submissions.remove(&id) {
                    let _ = answer.send(outcome);
                }
            }
            Event::MarksSent { firmware, marks } => self.notes.saw(firmware, marks),
            Event::Settled { id, outcome } => self.say(Incoming::Settled(id, outcome)),
            Event::Received(received) => self.say(Incoming::Received(received)),
            Event::Found(found) => {
                // Before the modem is told to be ready, so that sending waits for it.
                self.found.send_modify(|found| *found += 1);
                self.say(Incoming::Found(found));
            }
            Event::Ussd { id, result } => {
                if let Some(answer) = self.ussds.remove(&id) {
                    let _ = answer.send(result);
                }
            }
            Event::UssdPush(UssdText { text, session }) => {
                tracing::info!(port = %self.at, ?session, "the network sent a USSD message unasked");
                // Without a text it only says that a session is over.
                if let Some(text) = text {
                    self.say(Incoming::Ussd(text));
                }
            }
            Event::AtReply { id, result } => {
                if let Some(answer) = self.ats.remove(&id) {
                    let _ = answer.send(result);
                }
            }
            Event::MissedCall { from } => self.say(Incoming::MissedCall(from)),
            Event::Rebooted => {
                tracing::warn!(port = %self.at, "the modem at {} restarted by itself", self.at);
                self.changed = true;
            }
            Event::Stalled { command } => {
                tracing::warn!(port = %self.at, command, "the modem at {} did not answer in time", self.at);
                self.changed = true;
            }
            Event::Garbage(what) => tracing::debug!(port = %self.at, "{what}"),
        }
    }

    fn say(&self, what: Incoming) {
        let view = self.view.borrow().clone();
        if self.incoming.send(Said { what, view }).is_err() {
            // The line is ending: what is not answered stays with modem and network.
            tracing::debug!(port = %self.at, "nobody listens any more to what the modem says");
        }
    }

    fn take(&mut self, command: Command) {
        let now = now();
        self.requests += 1;
        let id = self.requests;
        match command {
            Command::Submit(submission, answer) => {
                self.submissions.insert(submission.id, answer);
                self.modem.submit(now, submission);
            }
            Command::Stored(receipt) => self.modem.stored(now, receipt),
            Command::Refused(receipt) => self.modem.refused(now, receipt),
            Command::Ussd(code, answer) => {
                self.ussds.insert(id, answer);
                self.modem.ussd(now, id, &code);
            }
            Command::At(command, answer) => {
                self.ats.insert(id, answer);
                self.modem.at(now, id, &command);
            }
            Command::Pin(pin) => {
                self.notes.set_pin(&pin);
                self.modem.set_pin(now, &pin);
                if self.modem.pin_is_refused() {
                    self.pins_refused += 1;
                    self.changed = true;
                }
            }
            Command::Number(number) => self.say_of_sim(|sim| sim.number = number),
            Command::Centre(smsc) => self.say_of_sim(|sim| sim.smsc = smsc),
            Command::FlightMode(on) => {
                self.notes.set_flight_mode(on);
                self.modem.set_flight_mode(now, on);
            }
            Command::Restart => self.modem.restart(now),
            Command::Reset => self.modem.reset(now),
            Command::Lines(answer) => {
                // Who asked may have gone.
                let _ = answer.send(self.lines.last());
            }
            Command::Trace(time, answer) => {
                if let Some(other) =
                    self.transcript.replace(Transcript::new(self.clock.now(), time, answer))
                {
                    other.finish();
                }
            }
        }
    }

    /// Tells the modem what was said of the SIM that is in it.
    fn sim_is(&mut self, iccid: Option<String>) {
        if self.iccid == iccid {
            return;
        }
        self.iccid = iccid;
        if let Some(iccid) = &self.iccid
            && let Some(said) = self.notes.sim(iccid)
        {
            self.modem.set_sim(now(), iccid, said);
        }
    }

    fn say_of_sim(&mut self, change: impl FnOnce(&mut SimSettings)) {
        let now = now();
        let said = self.notes.set_sim(self.iccid.as_deref(), change);
        if let Some(iccid) = &self.iccid {
            self.modem.set_sim(now, iccid, said);
        } else {
            let SimSettings { number, smsc } = self.configured.clone();
            self.modem.set_number(now, said.number.or(number));
            self.modem.set_smsc(now, said.smsc.or(smsc));
        }
    }

    fn lost(&mut self, error: &std::io::Error) {
        tracing::warn!(port = %self.at, "the port {} is gone: {error}", self.at);
        self.port_problem = Some(ModemProblem {
            code: "port-lost".to_owned(),
            text: format!("The port {} is gone ({error}).", address::name(&self.at)),
            advice: "Plug the modem in again; look at cable, hub and power supply.".to_owned(),
            at: self.clock.now(),
        });
        self.close();
        self.modem.handle_closed(now());
        let wait = self.pauses.step();
        self.open_after(wait, false);
    }

    fn close(&mut self) {
        self.port = None;
        self.output.clear();
        self.identified = false;
        self.changed = true;
    }

    /// Opens the port after a wait, which a path that appears cuts short.
    fn open_after(&mut self, wait: Duration, try_other: bool) {
        let opening = self.ports.open(try_other);
        let stir: Option<PathBuf> = match &self.at {
            PortAddress::Device(path) if self.port_problem.is_some() => Some(path.clone()),
            _ => None,
        };
        self.opening = Some(Box::pin(async move {
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = stirred(stir) => {}
            }
            opening.await
        }));
    }

    fn opened(&mut self, opened: Result<Opened, OpenError>) {
        self.opening = None;
        self.changed = true;
        match opened {
            Ok(opened) => {
                tracing::info!(port = %opened.at, "{} is open", opened.at);
                self.ports.remember(&opened);
                self.at = opened.at;
                self.port = Some(opened.port);
                self.port_problem = None;
                self.modem.handle_opened(now());
            }
            Err(error) => {
                let problem = error.problem(self.clock.now());
                if self.port_problem.as_ref().map(|p| &p.code) != Some(&problem.code) {
                    tracing::warn!(port = %self.at, "{error}. {}", problem.advice);
                }
                self.port_problem = Some(problem);
                let wait = self.pauses.step();
                self.open_after(wait, false);
            }
        }
    }

    fn show(&mut self) {
        let ready = self.port.is_some() && self.modem.can_submit();
        self.ready.send_if_modified(|before| std::mem::replace(before, ready) != ready);
        if std::mem::take(&mut self.changed) {
            self.view.send_replace(Arc::new(View {
                snapshot: self.modem.snapshot(),
                port: self.at.clone(),
                port_problem: self.port_problem.clone(),
                identified: self.identified,
                pins_refused: self.pins_refused,
            }));
        }
    }
}

/// Returns the time by which the state machine goes: tokio's, which a test can pause.
fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}

async fn exchange(
    port: &mut Option<Port>,
    input: &mut Vec<u8>,
    output: &mut BytesMut,
) -> std::io::Result<()> {
    match port {
        Some(port) => port.exchange(input, output).await,
        None => std::future::pending().await,
    }
}

async fn opening(
    opening: &mut Option<BoxFuture<'static, Result<Opened, OpenError>>>,
) -> Result<Opened, OpenError> {
    match opening {
        Some(opening) => opening.await,
        None => std::future::pending().await,
    }
}

async fn stirred(path: Option<PathBuf>) {
    match path {
        Some(path) => appearance::stirs_at(&path).await,
        None => std::future::pending().await,
    }
}
