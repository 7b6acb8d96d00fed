//! What is asked of the broker of each message that is admitted, where the configuration says so: whether the same text went to
//! the same number a moment ago, and how many messages the number was sent in a time. Neither costs anything while it is off.

use bus::{Bus, KvError};
use contracts::Timestamp;
use contracts::mt::{Gate, MtItem, MtRequest};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use platform::config::{Period, Rate};

use crate::doubles::Doubles;
use crate::recipients::Recipients;

/// Messages of one request that are asked for at once.
const AT_ONCE: usize = 64;

/// A message, and the gate that holds it, with the moment at which that opens.
pub(crate) type Gated = (MtItem, Option<(Gate, Timestamp)>);

/// See the module. Clones are the same.
#[derive(Debug, Clone, Default)]
pub(crate) struct Gates {
    doubles: Option<Doubles>,
    recipients: Option<Recipients>,
}

impl Gates {
    /// Those that are on.
    pub(crate) async fn open(
        bus: &Bus,
        doubles: Period,
        recipient: Option<Rate>,
    ) -> Result<Self, KvError> {
        let window = doubles.duration();
        let doubles = if window.is_zero() { None } else { Some(Doubles::open(bus, window).await?) };
        let recipients = match recipient {
            Some(most) => Some(Recipients::open(bus, most).await?),
            None => None,
        };
        Ok(Self { doubles, recipients })
    }

    /// The messages of one request, in their order. Of a request that is delivered again those alone are held that a gate remembers
    /// to have held: the others may wait in the queue already.
    ///
    /// # Errors
    /// The broker does not say how many messages a number was sent. What was noted before is known again when the request comes
    /// again.
    pub(crate) async fn look(
        &self,
        items: Vec<MtItem>,
        now: Timestamp,
        again: bool,
    ) -> Result<Vec<Gated>, KvError> {
        if self.doubles.is_none() && self.recipients.is_none() {
            return Ok(items.into_iter().map(|item| (item, None)).collect());
        }
        let looks = items.into_iter().map(|item| async move {
            let gate = self.of(&item, now, again).await?;
            Ok::<_, KvError>((item, gate))
        });
        stream::iter(looks).buffered(AT_ONCE).try_collect().await
    }

    async fn of(
        &self,
        item: &MtItem,
        now: Timestamp,
        again: bool,
    ) -> Result<Option<(Gate, Timestamp)>, KvError> {
        let MtItem { id, request, .. } = item;
        if let Some(doubles) = self.doubles.as_ref().filter(|_| may_be_double(request))
            && let Some(until) = doubles.until(*id, request, now, again).await
        {
            return Ok(Some((Gate::Double, until)));
        }
        if let Some(recipients) = self.recipients.as_ref().filter(|_| !request.is_counted())
            && let Some(until) =
                recipients.until(*id, (request.org, &request.to), now, again).await?
        {
            return Ok(Some((Gate::Recipient, until)));
        }
        Ok(None)
    }
}

/// Whether a message is asked for at all. One that says that it is meant is not; one that was held is not asked for again, for it
/// waited for its time, its try or the end of another of the same text.
fn may_be_double(request: &MtRequest) -> bool {
    let is_first = match request.round {
        0 => true,
        // It was held until its time, and nobody looked before.
        1 => request.not_before.is_some(),
        _ => false,
    };
    is_first && !request.allow_double && request.again_of.is_none()
}

#[cfg(test)]
mod tests {
    use contracts::{MessageId, PhoneNumber};

    use super::*;

    #[test]
    fn what_is_meant_or_was_held_is_no_double() {
        let plain = || MtRequest::text(PhoneNumber::parse("888").unwrap(), "hi");
        assert!(may_be_double(&plain()));
        let at = Some(Timestamp::from_micros(0));
        assert!(may_be_double(&MtRequest { round: 1, not_before: at, ..plain() }));
        for meant in [
            MtRequest { allow_double: true, ..plain() },
            MtRequest { again_of: Some(MessageId::derived("1")), ..plain() },
            MtRequest { round: 1, ..plain() },
            MtRequest { round: 2, not_before: at, ..plain() },
        ] {
            assert!(!may_be_double(&meant), "{meant:?}");
        }
    }
}
