//! What becomes of a message whose try failed and whose next one is far off: it leaves the broker.
//!
//! The driver says `deferred`, kept by the router, until when and how often it was tried; the driver also
//! knows when to give up. The router says `held`, with the next round; persistence keeps the message and
//! requests it again when due.

use std::time::Duration;

use bus::{Bus, Deliveries, Delivery};
use contracts::mt::{Gate, Keeper, MtChange, MtEvent};
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

/// Events under way at once.
const AT_ONCE: usize = 64;

/// Reads `mt.deferred` until `soft` is cancelled.
pub(crate) async fn run(bus: Bus, events: Deliveries<MtEvent>, soft: CancellationToken) {
    let take = |event| take(&bus, event);
    events.for_each_concurrent(AT_ONCE, &soft, take).await;
}

async fn take(bus: &Bus, delivery: Delivery<MtEvent>) {
    let span = delivery.span("hold");
    let (event, receipt) = delivery.into_parts();
    let work = async {
        let Some(change) = next(&event) else { return receipt.ack().await };
        let message = event.message;
        tracing::info!(message.id = %message, "{change}");
        match bus.publish(&MtEvent { change, given: Vec::new(), report: None, ..event }).await {
            Ok(_) => receipt.ack().await,
            Err(error) => {
                tracing::warn!(message.id = %message, "a message could not be held and is tried again: {error}");
                receipt.nak(Some(Duration::from_secs(1))).await
            }
        }
    };
    if let Err(error) = work.instrument(span).await {
        tracing::debug!("{error}");
    }
}

/// What follows a deferral; nothing when the broker keeps the message.
pub(crate) fn next(event: &MtEvent) -> Option<MtChange> {
    match event.change {
        MtChange::Deferred { until, tries, kept_by: Keeper::Router, .. } => {
            Some(MtChange::Held { gate: Gate::BackOff, until, tries, round: event.round + 1 })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use contracts::mt::{MtRequest, SendError};
    use contracts::{MessageId, PhoneNumber, Timestamp};

    use super::*;

    fn deferred(kept_by: Keeper) -> MtEvent {
        let mut request = MtRequest::text(PhoneNumber::parse("888").unwrap(), "hi");
        request.round = 1;
        let at = Timestamp::from_micros(0);
        let until = at.plus(Duration::from_mins(1));
        let error = SendError { code: "cms-38".to_owned(), text: "No network.".to_owned() };
        let change = MtChange::Deferred { error, until, tries: 3, kept_by, through: None };
        MtEvent::of(MessageId::derived("1"), &request, at, change)
    }

    #[test]
    fn it_is_held_until_the_next_try_in_the_next_round() {
        let until = Timestamp::from_micros(60_000_000);
        assert_eq!(
            next(&deferred(Keeper::Router)),
            Some(MtChange::Held { gate: Gate::BackOff, until, tries: 3, round: 2 })
        );
    }

    #[test]
    fn what_the_broker_keeps_is_not_held() {
        assert_eq!(next(&deferred(Keeper::Broker)), None);
    }
}
