//! Events in, callbacks and calls of services out, and what endpoints are told: which message asked to be told, and what.
//!
//! The callback's row is committed before the event is acknowledged, and is unique for a message and
//! value, so an event told twice is one callback.

use std::time::Duration;

use bus::{Deliveries, Delivery, Event};
use contracts::mo::MoReceived;
use contracts::mt::DlrForm;
use contracts::{CallbackId, MessageId, Subject};
use keyword::content::Content;
use keyword::escape::{LONGEST, Values, fill};
use keyword::request;
use platform::Clock;
use store::{CallbackForm, Message, MessageDetail, NewCallback, Reach, Store, StoreError};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tpdu::{Class, DataCoding};
use tracing::Instrument as _;

use crate::access_log::{AccessLog, Verb, line};
use crate::announcement::Announcement;
use crate::announcer::{AnnounceError, Announcer};
use crate::form;
use crate::keywords::Keywords;
use crate::numbers::Numbers;
use crate::parcel::{Errand, Parcel};
use crate::told::Told;

/// Events under way at once.
const AT_ONCE: usize = 32;
/// How often events are asked for while some come. One that comes after a pause waits for nothing.
const PACE: Duration = Duration::from_millis(20);
/// After this an event is delivered again when the database did not answer.
const AFTER_FAILURE: Duration = Duration::from_secs(1);
/// An event may be quicker than the row of its message. After so many deliveries, some hours, the row
/// will not come any more.
const DELIVERIES: u64 = 400;

/// What makes callbacks of events.
pub(crate) struct Notice {
    pub(crate) store: Store,
    pub(crate) clock: Clock,
    pub(crate) numbers: Numbers,
    pub(crate) courier: mpsc::Sender<Parcel>,
    pub(crate) announcer: Announcer,
    /// Where what came and went is written down, if it is.
    pub(crate) access_log: Option<AccessLog>,
    /// Which service takes a message.
    pub(crate) keywords: Keywords,
    /// How long the courier has before the row is due for others.
    pub(crate) lease: Duration,
}

/// Why no callback could be made of an event yet.
#[derive(Debug, thiserror::Error)]
enum NoticeError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the message is not in the database yet")]
    NoMessage(MessageId),
    #[error(transparent)]
    Announce(AnnounceError),
}

impl From<AnnounceError> for NoticeError {
    fn from(error: AnnounceError) -> Self {
        match error {
            AnnounceError::NoMessage(message) => Self::NoMessage(message),
            other => Self::Announce(other),
        }
    }
}

impl Notice {
    /// Reads events until `soft` is cancelled, then finishes those under way. Those of one-time passwords come by a consumer of
    /// their own, behind nothing else, and are passed over where all come.
    pub(crate) async fn run(
        self,
        otp: Deliveries<Event>,
        all: Deliveries<Event>,
        soft: CancellationToken,
    ) {
        let otp = otp.for_each_concurrent(AT_ONCE, &soft, |event| self.take(event));
        let others =
            all.paced(PACE).for_each_concurrent(AT_ONCE, &soft, |event| self.take_other(event));
        tokio::join!(otp, others);
    }

    async fn take_other(&self, delivery: Delivery<Event>) {
        if delivery.subject.parse().is_ok_and(|subject: Subject| subject.has_otp_lane()) {
            settle(delivery.ack().await);
        } else {
            // On the heap, for it would be a part of each future that asks for it.
            Box::pin(self.take(delivery)).await;
        }
    }

    async fn take(&self, delivery: Delivery<Event>) {
        let told = Told::of(&delivery.value);
        let happened = Announcement::of(&delivery.value);
        if told.is_none() && happened.is_empty() {
            settle(delivery.ack().await);
            return;
        }
        let span = delivery.span("notice");
        let (delivered, sequence) = (delivery.delivered, delivery.sequence);
        let work = async {
            let settled = match self.pass_on(sequence, &delivery.value, told, happened).await {
                Ok(()) => delivery.ack().await,
                Err(NoticeError::NoMessage(message)) if delivered >= DELIVERIES => {
                    tracing::warn!(
                        message.id = %message,
                        "an event is skipped because its message is not in the database"
                    );
                    delivery.ack().await
                }
                Err(NoticeError::NoMessage(_)) => delivery.nak(Some(until_row(delivered))).await,
                Err(error) => {
                    tracing::warn!("an event could not be passed on yet: {error}");
                    delivery.nak(Some(AFTER_FAILURE)).await
                }
            };
            settle(settled);
        };
        work.instrument(span).await;
    }

    /// Returns once what an event tells is in the database, for the URL of its message, for endpoints and for services.
    async fn pass_on(
        &self,
        sequence: u64,
        event: &Event,
        told: Option<Told>,
        happened: Vec<Announcement>,
    ) -> Result<(), NoticeError> {
        // The first to be polled, in the order in which events are read.
        let announced =
            async { self.announcer.announce(sequence, happened).await.map_err(NoticeError::from) };
        let called = async {
            match &told {
                Some(told) => self.tell(told).await,
                None => Ok(()),
            }
        };
        let taken = async {
            match event {
                Event::MoReceived(message) => self.take_message(message).await,
                _ => Ok(()),
            }
        };
        tokio::try_join!(biased; announced, called, taken)?;
        self.write_down(event, told.as_ref()).await
    }

    /// Adds a line to the access log, when there is one.
    async fn write_down(&self, event: &Event, told: Option<&Told>) -> Result<(), NoticeError> {
        let (Some(log), Some(verb)) = (&self.access_log, Verb::of(event)) else { return Ok(()) };
        let line = match (event, told) {
            (Event::MoReceived(message), _) => {
                let number = message.to.clone().or_else(|| self.numbers.of(message.sim));
                line(verb, message.received_at, &request::values("", message, number), None)
            }
            (_, Some(told)) => {
                let (detail, account) = self.about(told).await?;
                // The value that fits best.
                let value = told.value(u8::MAX).unwrap_or_default();
                let mask = detail.message.dlr.as_ref().map(|dlr| dlr.mask);
                line(verb, told.at, &values(told, value, &detail, account, &self.numbers), mask)
            }
            _ => return Ok(()),
        };
        log.write(line).await;
        Ok(())
    }

    /// The message that something is told of, and the name of its account.
    async fn about(&self, told: &Told) -> Result<(MessageDetail, Option<String>), NoticeError> {
        let reach = Reach::everything(told.org);
        let detail = self.store.message_detail(reach, told.message).await?;
        let detail = detail.ok_or(NoticeError::NoMessage(told.message))?;
        let account = self.store.user(reach, detail.message.owner).await?.map(|user| user.name);
        Ok((detail, account))
    }

    /// Calls the service that takes a message, if one does.
    async fn take_message(&self, message: &MoReceived) -> Result<(), NoticeError> {
        let held_until = self.clock.now().plus(self.lease);
        if let Some(call) = self.keywords.call(message, self.clock.now(), held_until).await? {
            // It is gone only when the service stops; the row stays.
            let _ = self.courier.send(call.into()).await;
        }
        Ok(())
    }

    async fn tell(&self, told: &Told) -> Result<(), NoticeError> {
        let reach = Reach::everything(told.org);
        let message = self.store.message(reach, told.message).await?;
        let message = message.ok_or(NoticeError::NoMessage(told.message))?;
        // Most messages end here, after one read by key.
        let Some(dlr) = &message.dlr else { return Ok(()) };
        let Some(value) = told.value(dlr.mask) else { return Ok(()) };
        let (detail, account) = self.about(told).await?;
        let values = values(told, value, &detail, account, &self.numbers);
        let call = match &detail.request.dlr_form {
            None => fill(&dlr.url, &values).map(|url| (url, CallbackForm::default())),
            Some(DlrForm::Twilio(twilio)) => form::twilio(twilio, told, &detail, &dlr.url),
            Some(DlrForm::Jasmin(jasmin)) => {
                if let Some(call) = form::jasmin_batch(jasmin, told, &detail) {
                    self.keep(&message, format!("batch-{value}"), call).await?;
                }
                let sim = told.sim.or(message.sim).map(|sim| sim.to_string());
                form::jasmin(jasmin, told, &detail, sim, &dlr.url)
            }
            Some(DlrForm::Other) => None,
        };
        let Some(call) = call else {
            tracing::debug!(
                message.id = %message.id,
                "no callback is made: it was not asked for, or with its values filled in the URL is \
                 longer than {LONGEST} bytes"
            );
            return Ok(());
        };
        self.keep(&message, format!("dlr-{value}"), call).await
    }

    /// Keeps a callback of a message, and hands it over when it is new.
    async fn keep(
        &self,
        message: &Message,
        event_key: String,
        (url, form): form::Call,
    ) -> Result<(), NoticeError> {
        let now = self.clock.now();
        let callback = NewCallback {
            org: message.org,
            owner: message.owner,
            message: message.id,
            event_key,
            url,
            form,
            // The courier has it at once; should it die, the row is due after the lease.
            next_at: now.plus(self.lease),
        };
        if let Some(id) = self.store.create_callback(&callback, now).await? {
            tracing::debug!(message.id = %message.id, callback.id = %id, "a callback was made");
            self.hand_over(id, callback).await;
        }
        Ok(())
    }

    async fn hand_over(&self, id: CallbackId, callback: NewCallback) {
        let parcel = Parcel {
            id,
            errand: Errand::Report {
                message: callback.message,
                url: callback.url,
                form: callback.form,
            },
            attempts: 0,
            held_until: callback.next_at,
        };
        // It is gone only when the service stops; the row stays.
        let _ = self.courier.send(parcel).await;
    }
}

/// How long to wait for a row, after so many deliveries.
fn until_row(delivered: u64) -> Duration {
    Duration::from_millis(match delivered {
        0..=5 => 100,
        6..=30 => 1_000,
        _ => 20_000,
    })
}

fn settle(settled: Result<(), bus::AckError>) {
    if let Err(error) = settled {
        tracing::debug!("{error}");
    }
}

fn values(
    told: &Told,
    value: u8,
    detail: &MessageDetail,
    account: Option<String>,
    numbers: &Numbers,
) -> Values {
    let (message, request) = (&detail.message, &detail.request);
    let sim = told.sim.or(message.sim);
    let first = detail.parts.iter().find(|part| part.part == 1);
    let coding = request.options.dcs.map(DataCoding);
    Values {
        value: Some(value),
        reply: Some(told.reply.clone()),
        words: told.words.clone(),
        at: told.at,
        message: message.id,
        other: message.to.to_string(),
        own: sim.and_then(|sim| numbers.of(sim)).map(|number| number.to_string()),
        sim: sim.map(|sim| sim.to_string()),
        centre: None,
        reference: told.reference.or_else(|| first.and_then(|part| part.reference)),
        content: Content::of_request(request, &message.body),
        class: request.options.class.or(coding.and_then(DataCoding::class).map(Class::number)),
        coding,
        udh: request.udh.as_deref().and_then(|hex| tpdu::from_hex(hex).ok()).unwrap_or_default(),
        validity: request.options.validity_minutes,
        priority: message.priority,
        service: account,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_waited_for_for_hours() {
        let waited: Duration = (1..DELIVERIES).map(until_row).sum();
        assert!(waited > Duration::from_hours(2), "{waited:?}");
        assert_eq!(until_row(1), Duration::from_millis(100));
    }
}
