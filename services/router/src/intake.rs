//! Requests in, decisions out: reads `SMS_REQUEST`, one reader for each priority, so that bulk never
//! stands before an OTP.
//!
//! Many requests are on their way at once; each is acknowledged only when what was decided is stored. A
//! request that comes again is decided again, and its messages have the same ids as before. What a gate or the lack of credit would
//! hold goes on then, or waits for credit in the stream of requests, for it may wait in the queue already; unless it was told to be
//! held before ([`crate::holds`]).

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use bus::{Bus, Delivery, Durable, Receipt};
use contracts::batch::{LARGEST, MtBatch, MtRecipient, Order};
use contracts::mt::{Gate, MtChange, MtEvent, MtItem, MtRequest};
use contracts::subject::Target;
use contracts::{MessageId, Priority, Timestamp};
use numbering::Plan;
use platform::Clock;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tracing::{Instrument as _, Span};

use crate::admission::{Decision, Rules, decide};
use crate::cancelled::Cancelled;
use crate::credit::{Credit, parted};
use crate::gates::Gates;
use crate::heard::{Admitted, Heard};
use crate::holds::Holds;
use crate::lane::LaneKey;
use crate::orders::Orders;
use crate::recipient;
use crate::same_ways;
use crate::settings::Settings;
use crate::strangers::{Strangers, too_many_unknown};
use crate::ways::{Ways, is_own_way};

/// Requests of one priority under way at once.
const AT_ONCE: usize = 256;
/// How often requests are asked for while some come. One that comes after a pause waits for nothing.
const PACE: Duration = Duration::from_millis(5);
/// Batches of one priority under way at once.
const BATCHES_AT_ONCE: usize = 2;
/// When the broker does not take what was decided, the request is delivered again after this.
const AFTER_FAILURE: Duration = Duration::from_secs(1);
/// When a request is delivered again that was delivered before and is not paid.
const AFTER_UNPAID: Duration = Duration::from_secs(20);

/// What each reader has; nothing of what is decided depends on the broker, `B`.
#[derive(Clone)]
pub(crate) struct Intake<B = Bus, C = Credit> {
    pub(crate) bus: B,
    pub(crate) clock: Clock,
    pub(crate) rules: Rules,
    pub(crate) numbers: Arc<Plan>,
    pub(crate) settings: Settings,
    pub(crate) ways: Ways,
    pub(crate) strangers: Strangers,
    pub(crate) cancelled: Cancelled,
    pub(crate) gates: Gates,
    pub(crate) holds: Holds,
    pub(crate) orders: Orders,
    pub(crate) credit: C,
    pub(crate) release: mpsc::Sender<Heard>,
}

impl Intake {
    /// Reads requests of one priority until none comes any more after `soft`, then finishes those under way.
    pub(crate) async fn run(
        self,
        priority: Priority,
        requests: bus::Deliveries<MtRequest>,
        soft: CancellationToken,
    ) {
        let requests = match priority {
            Priority::Otp => requests,
            Priority::Normal | Priority::Bulk => requests.paced(PACE),
        };
        let take = |delivery| self.take(priority, delivery);
        requests.for_each_concurrent(AT_ONCE, &soft, take).await;
    }

    /// Reads batches of one priority like [`Intake::run`].
    pub(crate) async fn run_batches(
        self,
        priority: Priority,
        batches: bus::Deliveries<MtBatch>,
        soft: CancellationToken,
    ) {
        let take = |delivery| self.take_batch(priority, delivery);
        batches.for_each_concurrent(BATCHES_AT_ONCE, &soft, take).await;
    }

    /// The consumer of one priority.
    pub(crate) fn durable(priority: Priority) -> Durable {
        Durable::RouterRequests(priority)
    }

    async fn take(&self, priority: Priority, delivery: Delivery<MtRequest>) {
        let span = delivery.span("admit");
        let (stored_at, sequence) = (delivery.stored_at, delivery.sequence);
        let again = delivery.delivered > 1;
        let (request, receipt) = delivery.into_parts();
        let request = request.stored(stored_at, sequence);
        self.admit(priority, vec![request], again, receipt, span).await;
    }

    /// The messages of a batch that are admitted go on as one item for each way that they take, or as several when they are not
    /// alike.
    async fn take_batch(&self, priority: Priority, delivery: Delivery<MtBatch>) {
        let span = delivery.span("admit");
        let (stored_at, sequence) = (delivery.stored_at, delivery.sequence);
        let again = delivery.delivered > 1;
        let (batch, receipt) = delivery.into_parts();
        let requests = batch.requests().map(|request| request.stored(stored_at, sequence));
        self.admit(priority, requests.collect(), again, receipt, span).await;
    }

    /// Decides on requests that came as one stored message, which was maybe delivered before. It is acknowledged here when none of
    /// them goes on.
    async fn admit(
        &self,
        priority: Priority,
        requests: Vec<MtRequest>,
        again: bool,
        receipt: Receipt,
        span: Span,
    ) {
        let mut items = Vec::new();
        let mut told = Vec::new();
        let now = self.clock.now();
        let messages: Vec<MessageId> = requests.iter().filter_map(|request| request.id).collect();
        let round = requests.first().map_or(0, |request| request.round);
        for request in requests {
            match self.decide(priority, request) {
                Decided::Admitted(item) => match self.held_before(&item, again) {
                    Some(held) => {
                        let event = MtEvent::of(item.id, &item.request, now, held);
                        told.push(event.of_priority(priority));
                        self.ways.not_taken(&item);
                    }
                    None => items.push(*item),
                },
                Decided::Told(event) => told.push(event),
                Decided::Dropped => {}
            }
        }
        let work = async {
            let gated = match self.gates.look(items, now, again).await {
                Ok(gated) => gated,
                Err(error) => {
                    tracing::warn!(
                        "what was sent before could not be asked for, and requests are tried again: {error}"
                    );
                    return receipt.nak(Some(AFTER_FAILURE)).await;
                }
            };
            let mut items = Vec::with_capacity(gated.len());
            for (item, gate) in gated {
                match gate {
                    None => items.push(item),
                    Some(gate) => {
                        self.ways.not_taken(&item);
                        told.push(held(&item, gate, now));
                    }
                }
            }
            // What is held costs nothing yet.
            let unpaid = match self.credit.pay(&items, now, again).await {
                Ok(unpaid) => unpaid,
                Err(error) => {
                    tracing::warn!(
                        "what requests cost could not be told, and they are tried again: {error}"
                    );
                    return receipt.nak(Some(AFTER_FAILURE)).await;
                }
            };
            if again && !unpaid.is_empty() {
                tracing::debug!("a request that was delivered before is not paid, and waits");
                for item in &items {
                    self.ways.not_taken(item);
                }
                return receipt.nak(Some(AFTER_UNPAID)).await;
            }
            let (mut items, held) = parted(items, &unpaid, now);
            for (item, change) in held {
                tracing::info!(message.id = %item.id, "{change}");
                count("held for credit");
                self.ways.not_taken(&item);
                let event = MtEvent::of(item.id, &item.request, now, change);
                told.push(event.of_priority(priority));
            }
            // Of what comes first and goes its own way, nothing is to be noted: it takes that way again. What comes again may have gone
            // another, and that was noted.
            let is_noted = messages.len() > 1
                && (again || items.iter().any(|item| !is_own_way(&self.settings, item)));
            if is_noted
                && !items.is_empty()
                && let Err(error) = same_ways::keep(&self.bus, &messages, round, &mut items).await
            {
                tracing::warn!(
                    "which ways the messages of a request take could not be noted, and it is tried again: {error}"
                );
                return receipt.nak(Some(AFTER_FAILURE)).await;
            }
            let mut admitted = Together::default();
            for item in items {
                admitted.add(item);
            }
            if let Err(error) = self.bus.publish_all(&told).await {
                tracing::warn!(
                    "what was decided on requests could not be told and is tried again: {error}"
                );
                return receipt.nak(Some(AFTER_FAILURE)).await;
            }
            if admitted.items.is_empty() {
                return receipt.ack().await;
            }
            let admitted =
                Admitted { items: admitted.items, again, receipt, span: Span::current() };
            // It is gone only when the service stops: then the receipt gives the request back.
            let _ = self.release.send(Heard::Admitted(Box::new(admitted))).await;
            Ok(())
        };
        if let Err(error) = work.instrument(span).await {
            tracing::debug!("{error}");
        }
    }
}

impl<B, C> Intake<B, C> {
    /// How a message was told to be held, of a request that was delivered before.
    fn held_before(&self, item: &MtItem, again: bool) -> Option<MtChange> {
        if again { self.holds.of(item.id, item.request.round) } else { None }
    }

    /// Decides on one request, whose id and time are filled in.
    pub(crate) fn decide(&self, priority: Priority, request: MtRequest) -> Decided {
        let now = self.clock.now();
        let Some(id) = request.id else { return Decided::Dropped };
        if self.cancelled.contains(id) {
            tracing::debug!(message.id = %id, "a message was cancelled before it was admitted");
            count("cancelled");
            return Decided::Dropped;
        }
        // What is told needs only who and which round, not the text.
        let mut about = MtEvent::of(id, &request, now, MtChange::Unknown).of_priority(priority);
        let order = request.batch.and_then(|batch| self.orders.of(batch));
        if let Some(order) = order.filter(|order| order.order == Order::Cancelled) {
            about.change = MtChange::Cancelled { by: order.by };
            count("cancelled");
            return Decided::Told(about);
        }
        let request = match recipient::dialled(request, &self.numbers) {
            Ok(request) => request,
            Err(error) => {
                about.change = MtChange::Rejected { error };
                tracing::info!(message.id = %id, state = %about.change.state(), "{}", about.change);
                count(about.change.state().as_str());
                return Decided::Told(about);
            }
        };
        let standing = self.settings.standing(request.org, request.owner, request.sim, &request.to);
        let route = |request: &MtRequest| self.ways.route(&self.settings, request, priority, now);
        about.change = match decide(id, request, priority, self.rules, standing, route, now) {
            Decision::Admit(item) if self.strangers.admit(&LaneKey::of(&item)) => {
                tracing::debug!(message.id = %id, target = %item.target, parts = item.parts, "a message was admitted");
                count("a message was admitted");
                return Decided::Admitted(item);
            }
            Decision::Admit(item) => {
                tracing::warn!(message.id = %id, target = %item.target, "a message was refused: too many unknown SIMs and pools are named");
                MtChange::Rejected { error: too_many_unknown() }
            }
            Decision::Tell(change) => {
                tracing::info!(message.id = %id, state = %change.state(), "{change}");
                change
            }
        };
        count(about.change.state().as_str());
        Decided::Told(about)
    }
}

/// What was admitted of the requests of one stored message: as few items as can be, for a batch of thousands whose recipients
/// take a few ways in turn is a few items.
#[derive(Default)]
pub(crate) struct Together {
    pub(crate) items: Vec<MtItem>,
    /// The last item of each way, with the size of what is beside its first message.
    last: HashMap<(Target, Option<String>), (usize, usize)>,
}

impl Together {
    pub(crate) fn add(&mut self, item: MtItem) {
        let way = (item.target.clone(), item.rule.clone());
        if let Some((place, size)) = self.last.get_mut(&way)
            && let Some(first) = self.items.get_mut(*place)
            && let Some(other) = as_other(&first.request, &item.request)
            && *size + other.size() <= LARGEST
        {
            *size += other.size();
            first.others.push(other);
            return;
        }
        // What was like the first request need not be like the first that is admitted, and a batch of another service may be as
        // large as the broker takes, which an item of it would go beyond.
        self.last.insert(way, (self.items.len(), 0));
        self.items.push(item);
    }
}

/// That a message is held by a gate until it opens.
fn held(item: &MtItem, (gate, until): (Gate, Timestamp), at: Timestamp) -> MtEvent {
    let MtRequest { tries, round, .. } = item.request;
    let change = MtChange::Held { gate, until, tries, round: round + 1 };
    tracing::info!(message.id = %item.id, state = %change.state(), "{change}");
    count(change.state().as_str());
    MtEvent::of(item.id, &item.request, at, change).of_priority(item.priority)
}

/// What was decided on a request.
pub(crate) enum Decided {
    Admitted(Box<MtItem>),
    Told(MtEvent),
    /// Nothing is left to do.
    Dropped,
}

/// A message of a batch beside the first one that was admitted.
fn as_other(first: &MtRequest, request: &MtRequest) -> Option<MtRecipient> {
    // The requests of a batch are alike, and what admission fills in is the same for all of them but for the end, which
    // follows from the time of acceptance.
    let alike = MtRequest { not_after: first.not_after, ..request.clone() };
    MtRecipient::of(first, &alike)
}

fn count(decision: &'static str) {
    metrics::counter!("merpati_router_decisions_total", "decision" => decision).increment(1);
}
