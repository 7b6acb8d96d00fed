//! A received message that no modem received: to try what a received message sets off.

use bus::PublishError;
use contracts::mo::MoReceived;
use contracts::{Address, MessageId, PhoneNumber};
use platform::DiskTrouble;
use store::{AuditAction, StoreError};

use crate::app::App;
use crate::authority::{Authority, Denied};
use crate::power::Power;

/// The most characters of its text: as many as the longest SMS has.
const LONGEST_TEXT: usize = 255 * 153;
/// The most characters of its sender: a number has 20 digits at most, and a name 11 characters.
const LONGEST_SENDER: usize = 21;

/// Why nothing was received.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotInjected {
    /// Not with this authority.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// No modem has the SIM that it is for.
    #[error("no modem has a SIM of this number")]
    NoSuchSim,
    /// The text is longer than that of an SMS.
    #[error("the text has {found} characters, and an SMS has at most {LONGEST_TEXT}")]
    TooLong {
        /// How many it has.
        found: usize,
    },
    /// The sender is longer than any that a network names.
    #[error("the sender has {found} characters, and one has at most {LONGEST_SENDER}")]
    SenderTooLong {
        /// How many it has.
        found: usize,
    },
    /// The disk has no room for more.
    #[error(transparent)]
    Disk(#[from] DiskTrouble),
    /// The database, where it is to stand who did it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The broker does not have the message, or does not say that it has.
    #[error("the broker did not confirm that it has the message")]
    Broker(#[source] PublishError),
}

/// Takes a message in as if it had come to the SIM with the number `to`, or to the SIM of the first modem.
pub(crate) async fn inject(
    app: &App,
    authority: &Authority,
    from: &str,
    text: &str,
    to: Option<&PhoneNumber>,
) -> Result<MessageId, NotInjected> {
    authority.must(Power::GatewayOperate)?;
    // What answers a received message by itself would answer this one, too.
    authority.must(Power::MessagesSend)?;
    app.has_room()?;
    let found = from.chars().count();
    if found > LONGEST_SENDER {
        return Err(NotInjected::SenderTooLong { found });
    }
    let found = text.chars().count();
    if found > LONGEST_TEXT {
        return Err(NotInjected::TooLong { found });
    }
    let modems = app.fleet.of(authority.org).await.into_iter();
    let mut sims = modems.filter_map(|modem| Some((modem.id, modem.sim?)));
    let sim = sims.find(|(_, sim)| to.is_none_or(|to| sim.number.as_ref() == Some(to)));
    let (modem, sim) = sim.ok_or(NotInjected::NoSuchSim)?;
    let message = MoReceived {
        id: MessageId::new(),
        org: authority.org,
        owner: None,
        modem,
        sim: sim.id,
        to: sim.number,
        from: Address::from_text(from),
        text: Some(text.to_owned()),
        data: None,
        class: None,
        ports: None,
        parts: 1,
        missing: Vec::new(),
        pdus: Vec::new(),
        smsc_at: None,
        received_at: app.clock.now(),
        wish: None,
    };
    let entry = authority.entry(app, AuditAction::MessageInjected).about(&message.id, "");
    app.store.append_audit(entry).await?;
    app.bus.publish(&message).await.map_err(NotInjected::Broker)?;
    tracing::info!(message.id = %message.id, by = authority.name(), "a message was injected");
    Ok(message.id)
}
