//! What carries messages to a network, as the work loop sees it.

use contracts::mt::SendError;
use contracts::{MessageId, ModemId, PhoneNumber, PoolId, Priority, SimId, Timestamp};
use tpdu::Submit;

/// One way to a network, which takes one part of a message at a time: a modem with its SIM, a bind to a service centre.
///
/// A part is a TPDU whatever carries it, as [`contracts::composition`] makes one of each part; a carrier that speaks
/// another language takes the fields from there.
pub trait Carrier: Send + Sync + 'static {
    /// Returns the id by which leases, journal and events name the carrier.
    fn modem(&self) -> ModemId;

    /// Returns the SIM that messages go out through now: whatever the network takes for their sender.
    fn sim(&self) -> SimId;

    /// Returns the pool whose messages the carrier takes beside those that name its SIM.
    fn pool(&self) -> Option<PoolId>;

    /// Returns whether the carrier takes a message now.
    fn is_ready(&self) -> bool;

    /// Returns the least urgent priority whose messages the carrier takes now.
    fn least_urgent(&self) -> Priority {
        Priority::Bulk
    }

    /// Returns whether a message may be begun now.
    fn may_begin(&self, _candidate: Candidate<'_>) -> MayBegin {
        MayBegin::Yes
    }

    /// Returns whether the carrier is given a single message only: to see whether it is well again, or because it takes
    /// no other after this one. Then nothing is fetched ahead.
    fn is_on_trial(&self) -> bool {
        false
    }

    /// Waits until [`Carrier::sim`], [`Carrier::pool`], [`Carrier::is_ready`] or [`Carrier::least_urgent`] may say
    /// something else. The future may
    /// be dropped and this be called again: a change in between is not missed.
    fn changed(&mut self) -> impl Future<Output = ()> + Send;

    /// Waits until the carrier has said all that it knows of messages of an earlier run. Nothing is sent before, within
    /// bounds.
    fn caught_up(&self) -> impl Future<Output = ()> + Send {
        std::future::ready(())
    }

    /// Gives a part to the network and returns what came of it, however long that takes.
    ///
    /// The part is in the journal. It is given to the network again only where the answer says that it did not go out,
    /// or where nobody knows and the message wants that. A carrier that cannot know says [`Outcome::Uncertain`].
    fn submit(&self, submission: Submission<'_>) -> impl Future<Output = Outcome> + Send;

    /// Takes note of how sending goes on, for people.
    fn note(&self, _progress: Progress<'_>) {}
}

/// A message that may be the next.
#[derive(Debug, Clone, Copy)]
pub struct Candidate<'a> {
    /// Of how many parts it is; 0: it cannot be encoded.
    pub parts: u8,
    /// How urgent it is.
    pub priority: Priority,
    /// The recipient.
    pub to: &'a PhoneNumber,
}

/// Whether a message may be begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MayBegin {
    /// It may.
    Yes,
    /// The carrier takes nothing that is no more urgent: from now on it is not ready, or takes more urgent messages only,
    /// until it has room for the message. The message goes back to the broker at once, so that another carrier takes it.
    NotNow,
    /// The carrier takes other messages, and not this one. The message is offered to the other carriers of its pool for
    /// some seconds, and leaves the broker when none of them takes it.
    NotThis {
        /// Why.
        error: SendError,
        /// Until when.
        until: Timestamp,
    },
}

/// One part, given to a carrier once.
#[derive(Debug, Clone, Copy)]
pub struct Submission<'a> {
    /// A number that no other submission of this run of the program has or had. An answer that comes late names it.
    pub number: u64,
    /// The message of the part.
    pub message: MessageId,
    /// The recipient.
    pub to: &'a PhoneNumber,
    /// The part; the first part is 1.
    pub part: u8,
    /// The number of the message's parts.
    pub parts: u8,
    /// Which try this is, over all rounds; the first is 1.
    pub tries: u32,
    /// The part.
    pub tpdu: &'a Submit,
    /// Whether another submission is likely to follow at once.
    pub more: bool,
}

/// What came of a submission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The network has the part.
    Sent {
        /// What the delivery report will name the part by (TP-MR), when that is known.
        reference: Option<u8>,
    },
    /// The part was not given to the network, for a reason that has nothing to do with the message.
    NotTried(SendError),
    /// The network did not take the part.
    Refused {
        /// What the network said.
        error: SendError,
        /// Whether another try can help.
        again: Again,
    },
    /// Nobody knows whether the network has the part.
    Uncertain(SendError),
}

/// Whether another try can help where the network did not take a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Again {
    /// Another try can help.
    Yes,
    /// The error does not tell.
    Perhaps,
    /// Another try without a validity period can help, if the part has one.
    WithoutValidity,
    /// The message can never go out.
    No,
}

/// How sending goes on.
#[derive(Debug, Clone, Copy)]
pub enum Progress<'a> {
    /// What the carrier has to do.
    Load {
        /// Whether a message is being worked on.
        sending: bool,
        /// How many messages are held ahead.
        held: usize,
    },
    /// A message is out, all of its parts.
    Sent,
    /// A message was given up.
    GivenUp,
    /// A try ended with an error.
    WentWrong(&'a SendError),
}
