//! Requests in, decisions out: reads `SMS_REQUEST`, one reader for each priority, so that bulk never
//! stands before an OTP.
//!
//! Many requests are on their way at once; each is acknowledged only when what was decided is stored. A
//! request that comes again is decided again, and its messages have the same ids as before.

use std::time::Duration;

use bus::{Bus, Delivery, Durable, PublishError};
use contracts::mt::{MtChange, MtEvent, MtItem, MtRequest, Waiting};
use contracts::{MessageId, Priority};
use futures_util::future::try_join;
use platform::Clock;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

use crate::admission::{Decision, Rules, decide};
use crate::cancelled::Cancelled;
use crate::heard::Heard;
use crate::lane::LaneKey;
use crate::settings::Settings;
use crate::strangers::{Strangers, too_many_unknown};

/// Requests of one priority under way at once.
const AT_ONCE: usize = 256;
/// When the broker does not take what was decided, the request is delivered again after this.
const AFTER_FAILURE: Duration = Duration::from_secs(1);

/// What each reader has.
#[derive(Clone)]
pub(crate) struct Intake {
    pub(crate) bus: Bus,
    pub(crate) clock: Clock,
    pub(crate) rules: Rules,
    pub(crate) settings: Settings,
    pub(crate) strangers: Strangers,
    pub(crate) cancelled: Cancelled,
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
        let take = |delivery| self.take(priority, delivery);
        requests.for_each_concurrent(AT_ONCE, &soft, take).await;
    }

    /// The consumer of one priority.
    pub(crate) fn durable(priority: Priority) -> Durable {
        Durable::RouterRequests(priority)
    }

    async fn take(&self, priority: Priority, delivery: Delivery<MtRequest>) {
        let span = delivery.span("admit");
        let (stored_at, sequence) = (delivery.stored_at, delivery.sequence);
        let (request, receipt) = delivery.into_parts();
        let request = request.stored(stored_at, sequence);
        let id = request.id.unwrap_or_else(|| MessageId::from_stored(stored_at, sequence));
        let settled = async {
            match self.admit(id, request, priority).await {
                Ok(()) => receipt.ack().await,
                Err(error) => {
                    tracing::warn!(message.id = %id, "not admitted yet, it is tried again: {error}");
                    receipt.nak(Some(AFTER_FAILURE)).await
                }
            }
        };
        if let Err(error) = settled.instrument(span).await {
            tracing::debug!(message.id = %id, "{error}");
        }
    }

    async fn admit(
        &self,
        id: MessageId,
        request: MtRequest,
        priority: Priority,
    ) -> Result<(), PublishError> {
        if self.cancelled.contains(id) {
            tracing::debug!(message.id = %id, "cancelled before it was admitted");
            count("cancelled");
            return Ok(());
        }
        let now = self.clock.now();
        let standing = self.settings.standing(request.org, request.owner, request.sim);
        // What is told needs only who and which round, not the text.
        let mut about = MtEvent::of(id, &request, now, MtChange::Unknown);
        match decide(id, request, priority, self.rules, standing, now) {
            Decision::Admit(item) if !self.strangers.admit(&LaneKey::of(&item)) => {
                tracing::warn!(message.id = %id, target = %item.target, "refused: too many unknown targets");
                about.change = MtChange::Rejected { error: too_many_unknown() };
                self.bus.publish(&about).await?;
                count("rejected");
            }
            Decision::Admit(item) => {
                let MtItem { parts, target, .. } = &*item;
                about.change = MtChange::Admitted { parts: *parts, target: target.clone() };
                try_join(self.bus.publish(&Waiting(&item)), self.bus.publish(&about)).await?;
                tracing::debug!(message.id = %id, %target, parts, "admitted");
                count("admitted");
                let lane = LaneKey::of(&item);
                // It is gone only when the service stops, and then the next start counts what waits.
                let _ = self.release.send(Heard::Waiting(lane, item.request.not_after)).await;
            }
            Decision::Tell(change) => {
                tracing::info!(message.id = %id, state = %change.state(), "{change}");
                about.change = change;
                self.bus.publish(&about).await?;
                count(about.change.state().as_str());
            }
        }
        Ok(())
    }
}

fn count(decision: &'static str) {
    metrics::counter!("merpati_router_decisions_total", "decision" => decision).increment(1);
}
