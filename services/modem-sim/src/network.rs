//! The small network between the simulated modems.
//!
//! A message to a simulated number waits at the network until that modem takes it, as a real service
//! centre keeps it for a phone that is off or full; every other number takes it at once. A status
//! report, when asked for, goes back some time after the recipient has the message.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;
use tpdu::{Address, Deliver, MessageSpec, Scts, Status, StatusReport, Submit};

use crate::delivery::{
    self, InjectError, address, centre, clock, deliver_of, incoming, international, report_incoming,
};
use crate::machine::{Incoming, IncomingKind, Submission};
use crate::modem::{Directory, Shared};
use crate::sent::Sent;

/// Sent messages that are remembered.
const REMEMBERED: usize = 50_000;

/// How the network behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NetworkConfig {
    /// From the recipient having a message to its report being sent.
    pub report_delay: Duration,
    /// Until a message that was not acknowledged is tried again.
    pub redelivery: Duration,
    /// What reports say.
    pub status: Status,
}

impl Default for NetworkConfig {
    fn default() -> Self {
        Self {
            report_delay: Duration::ZERO,
            redelivery: Duration::from_secs(5),
            status: Status::RECEIVED,
        }
    }
}

/// The network of a simulation.
#[derive(Clone)]
pub struct Network {
    inner: Arc<Inner>,
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Network({} sent)", self.sent_count())
    }
}

struct Inner {
    modems: Vec<Arc<Shared>>,
    directory: Arc<Directory>,
    core: Mutex<Core>,
    wake: Notify,
    count: watch::Sender<u64>,
}

struct Core {
    config: NetworkConfig,
    /// What waits for each SIM.
    queues: Vec<VecDeque<Waiting>>,
    due: BinaryHeap<Reverse<Due>>,
    ties: u64,
    concat: u8,
    sent: VecDeque<Sent>,
}

#[derive(Clone)]
struct Waiting {
    incoming: Incoming,
    /// Whom to tell when it was taken.
    report: Option<ReportOrder>,
}

/// A report that is wanted.
#[derive(Clone)]
struct ReportOrder {
    place: usize,
    reference: u8,
    recipient: Address,
    smsc_time: Scts,
    twice: bool,
}

struct Due {
    at: Instant,
    tie: u64,
    what: What,
}

enum What {
    Report(ReportOrder),
    Incoming { at: usize, waiting: Waiting },
}

impl PartialEq for Due {
    fn eq(&self, other: &Self) -> bool {
        self.tie == other.tie
    }
}
impl Eq for Due {}
impl PartialOrd for Due {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Due {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.at, self.tie).cmp(&(other.at, other.tie))
    }
}

impl Network {
    pub(crate) fn new(
        config: NetworkConfig,
        modems: Vec<Arc<Shared>>,
        directory: Arc<Directory>,
    ) -> Self {
        let core = Core {
            config,
            queues: modems.iter().map(|_| VecDeque::new()).collect(),
            due: BinaryHeap::new(),
            ties: 0,
            concat: 0,
            sent: VecDeque::new(),
        };
        Self {
            inner: Arc::new(Inner {
                modems,
                directory,
                core: Mutex::new(core),
                wake: Notify::new(),
                count: watch::Sender::new(0),
            }),
        }
    }

    /// The last messages that the network took, oldest first (50,000 are remembered).
    pub fn sent(&self) -> Vec<Sent> {
        self.core().sent.iter().cloned().collect()
    }

    /// How many messages the network took.
    pub fn sent_count(&self) -> u64 {
        *self.inner.count.borrow()
    }

    /// Waits until the network took so many messages in all, and gives the remembered ones.
    pub async fn sent_at_least(&self, count: u64) -> Vec<Sent> {
        let mut watch = self.inner.count.subscribe();
        // The sender lives as long as we do.
        let _ = watch.wait_for(|sent| *sent >= count).await;
        self.sent()
    }

    /// Follows how many messages the network took.
    pub fn watch_count(&self) -> watch::Receiver<u64> {
        self.inner.count.subscribe()
    }

    /// Changes what happens from now on.
    pub fn configure(&self, change: impl FnOnce(&mut NetworkConfig)) {
        change(&mut self.core().config);
    }

    /// How many messages and reports wait for a modem; 1 is `modem1`.
    pub fn waiting(&self, modem: usize) -> usize {
        modem
            .checked_sub(1)
            .and_then(|at| self.core().queues.get(at).map(VecDeque::len))
            .unwrap_or(0)
    }

    /// A text from any number or name to a modem, in as many parts as it takes.
    pub fn send_text(&self, modem: usize, from: &str, text: &str) -> Result<(), InjectError> {
        let at = self.index(modem)?;
        let origin = address(from)?;
        let mut core = self.core();
        core.concat = core.concat.wrapping_add(1);
        let spec = MessageSpec {
            reference: u16::from(core.concat),
            ..MessageSpec::text(centre().map_err(InjectError::Centre)?, text)
        };
        let parts = tpdu::compose(&spec).map_err(InjectError::Text)?;
        for submit in parts {
            let deliver = deliver_of(submit, origin.clone());
            let incoming = incoming(&deliver).map_err(InjectError::Encode)?;
            core.queues[at].push_back(Waiting { incoming, report: None });
        }
        self.push(&mut core, at);
        Ok(())
    }

    /// Any SMS-DELIVER to a modem.
    pub fn send_deliver(&self, modem: usize, deliver: &Deliver) -> Result<(), InjectError> {
        let at = self.index(modem)?;
        let incoming = incoming(deliver).map_err(InjectError::Encode)?;
        self.put(at, incoming);
        Ok(())
    }

    /// Any SMS-STATUS-REPORT to a modem.
    pub fn send_report(&self, modem: usize, report: &StatusReport) -> Result<(), InjectError> {
        let at = self.index(modem)?;
        let incoming = report_incoming(report).map_err(InjectError::Encode)?;
        self.put(at, incoming);
        Ok(())
    }

    /// Octets as they are, beginning with the service centre's address; what follows need not be readable.
    pub fn send_pdu(&self, modem: usize, pdu: &[u8]) -> Result<(), InjectError> {
        let at = self.index(modem)?;
        let prefix = 1 + pdu.first().map_or(0, |length| usize::from(*length));
        let tpdu = pdu.get(prefix..).unwrap_or_default();
        let kind = match tpdu::StatusReport::decode(tpdu) {
            Ok(report) => IncomingKind::Report { reference: report.reference },
            Err(_) => IncomingKind::Message { class: None },
        };
        self.put(at, Incoming { kind, pdu: pdu.to_vec(), length: tpdu.len() });
        Ok(())
    }

    /// As [`Network::send_pdu`], from hexadecimal text.
    pub fn send_hex(&self, modem: usize, hex: &str) -> Result<(), InjectError> {
        self.send_pdu(modem, &tpdu::from_hex(hex).map_err(InjectError::Decode)?)
    }

    fn index(&self, modem: usize) -> Result<usize, InjectError> {
        modem
            .checked_sub(1)
            .filter(|at| *at < self.inner.modems.len())
            .ok_or(InjectError::NoModem(modem))
    }

    fn core(&self) -> MutexGuard<'_, Core> {
        self.inner.core.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn put(&self, at: usize, incoming: Incoming) {
        let mut core = self.core();
        core.queues[at].push_back(Waiting { incoming, report: None });
        self.push(&mut core, at);
    }

    /// A modem sends a message.
    pub(crate) fn submitted(&self, now: Instant, at: usize, submission: &Submission) {
        // The machine has read it before.
        let Ok(submit) = Submit::decode(&submission.tpdu) else { return };
        let mut core = self.core();
        let number = international(&submit.destination);
        tracing::debug!(modem = %self.inner.modems[at].name, to = %submit.destination.masked(),
            reference = submission.reference, "the network took a message");
        let report = (submit.report && !submission.no_report).then(|| ReportOrder {
            place: at,
            reference: submission.reference,
            recipient: submit.destination.clone(),
            smsc_time: clock(),
            twice: submission.duplicate_report,
        });
        let local = self.inner.directory.modem_of(&number);
        let from = self.inner.modems[at].number();
        if let Some(report) = report.clone().filter(|_| submission.report_first) {
            self.report(&mut core, report);
        }
        let report = report.filter(|_| !submission.report_first);
        match (local, Address::number(&from)) {
            (Some(to), Ok(origin)) => {
                let deliver = deliver_of(submit.clone(), origin);
                if let Ok(incoming) = incoming(&deliver) {
                    core.queues[to].push_back(Waiting { incoming, report });
                    self.push(&mut core, to);
                }
            }
            _ => {
                if let Some(report) = report {
                    let delay = core.config.report_delay;
                    self.later(&mut core, now + delay, What::Report(report));
                }
            }
        }
        let sequence = self.sent_count() + 1;
        if core.sent.len() == REMEMBERED {
            core.sent.pop_front();
        }
        core.sent.push_back(Sent {
            sequence,
            modem: at + 1,
            from,
            submit,
            at: delivery::now(),
            took: now.saturating_duration_since(submission.began),
        });
        self.inner.count.send_replace(sequence);
    }

    /// A modem can take what waits for it.
    pub(crate) fn available(&self, at: usize) {
        let mut core = self.core();
        self.push(&mut core, at);
    }

    /// A modem gives back what nobody acknowledged.
    pub(crate) fn returned(&self, now: Instant, at: usize, incoming: Incoming) {
        let mut core = self.core();
        let due = now + core.config.redelivery;
        let waiting = Waiting { incoming, report: None };
        self.later(&mut core, due, What::Incoming { at, waiting });
    }

    /// A modem is to get the same once more.
    pub(crate) fn again(&self, at: usize, incoming: Incoming) {
        let mut core = self.core();
        core.queues[at].push_front(Waiting { incoming, report: None });
        self.push(&mut core, at);
    }

    /// Some message for a modem that is just sending.
    pub(crate) fn interrupt(&self, at: usize) {
        // The sender and the text are ours, and good.
        let _ = self.send_text(at + 1, "+6289911112222", "Right in between");
    }

    /// Sends what is due, until the shutdown.
    pub(crate) async fn run(self, shutdown: CancellationToken) {
        loop {
            let next = {
                let mut core = self.core();
                let now = tokio::time::Instant::now().into_std();
                while core.due.peek().is_some_and(|Reverse(due)| due.at <= now) {
                    match core.due.pop() {
                        Some(Reverse(Due { what: What::Report(order), .. })) => {
                            self.report(&mut core, order);
                        }
                        Some(Reverse(Due { what: What::Incoming { at, waiting }, .. })) => {
                            core.queues[at].push_back(waiting);
                            self.push(&mut core, at);
                        }
                        None => {}
                    }
                }
                core.due.peek().map(|Reverse(due)| due.at)
            };
            let sleep = async {
                match next {
                    Some(at) => tokio::time::sleep_until(at.into()).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = shutdown.cancelled() => return,
                () = self.inner.wake.notified() => {}
                () = sleep => {}
            }
        }
    }

    fn later(&self, core: &mut Core, at: Instant, what: What) {
        core.ties += 1;
        core.due.push(Reverse(Due { at, tie: core.ties, what }));
        self.inner.wake.notify_one();
    }

    fn report(&self, core: &mut Core, order: ReportOrder) {
        let report = StatusReport {
            more: false,
            loop_prevention: false,
            of_command: false,
            reference: order.reference,
            recipient: order.recipient,
            smsc_time: order.smsc_time,
            discharged: clock(),
            status: core.config.status,
            parameters: tpdu::Parameters::default(),
        };
        let Ok(incoming) = report_incoming(&report) else { return };
        for _ in 0..=u8::from(order.twice) {
            let waiting = Waiting { incoming: incoming.clone(), report: None };
            core.queues[order.place].push_back(waiting);
        }
        self.push(core, order.place);
    }

    /// Offers a modem what waits for it, in order.
    fn push(&self, core: &mut Core, at: usize) {
        let now = tokio::time::Instant::now().into_std();
        let modem = &self.inner.modems[at];
        while let Some(waiting) = core.queues[at].pop_front() {
            match modem.machine().offer(now, waiting.incoming) {
                Ok(()) => {
                    modem.wake.notify_one();
                    if let Some(report) = waiting.report {
                        let due = now + core.config.report_delay;
                        self.later(core, due, What::Report(report));
                    }
                }
                Err(incoming) => {
                    core.queues[at].push_front(Waiting { incoming, ..waiting });
                    modem.wake.notify_one();
                    return;
                }
            }
        }
    }
}
