//! What a page may show, read only when a watcher looks at it.

use std::sync::OnceLock;

use bus::{Event, Unread};
use contracts::ModemId;
use contracts::batch::MtBatch;
use contracts::mo::MoReceived;
use contracts::modem::ModemState;
use contracts::mt::{MtEvent, MtRequest};
use contracts::talk::Talked;
use tokio::time::Instant;

use super::hub::Position;

/// Messages of a batch that open pages are told of: as many as a list shows.
pub(super) const SHOWN_OF_A_BATCH: usize = 50;

/// Something a page may show.
#[derive(Debug, Clone)]
pub(crate) enum Happening {
    /// A message was asked for.
    Requested(Box<MtRequest>),
    /// Something happened to one.
    Mt(Box<MtEvent>),
    /// One was received.
    Received(Box<MoReceived>),
    /// A modem is now like this.
    Modem(Box<ModemState>),
    /// A modem is not known any more.
    ModemGone(ModemId),
    /// A modem went online or away, so messages may wait for another reason.
    ModemsOnline,
    /// Somebody does something with a conversation.
    Talked(Box<Talked>),
}

/// Something that passed by on the broker.
#[derive(Debug)]
pub(crate) enum Heard {
    /// A request.
    Request(Unread<MtRequest>),
    /// Requests that travel together.
    Batch(Unread<MtBatch>),
    /// An event.
    Event(Unread<Event>),
    /// What somebody does with a conversation.
    Talked(Unread<Talked>),
}

impl Heard {
    /// About how many bytes it takes.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Request(request) => request.len(),
            Self::Batch(batch) => batch.len(),
            Self::Event(event) => event.len(),
            Self::Talked(talked) => talked.len(),
        }
    }

    fn read(&self) -> Vec<Happening> {
        match self {
            // A request that is made again after a hold is no new message.
            Self::Request(request) => request
                .read()
                .filter(|request| request.round == 0)
                .map(|request| Happening::Requested(Box::new(request)))
                .into_iter()
                .collect(),
            Self::Batch(batch) => batch.read().map_or_else(Vec::new, |batch| {
                let shown = batch.requests().take(SHOWN_OF_A_BATCH);
                shown.map(|request| Happening::Requested(Box::new(request))).collect()
            }),
            Self::Event(event) => match event.read() {
                Some(Event::Mt(event)) => vec![Happening::Mt(Box::new(event))],
                Some(Event::MoReceived(mo)) => vec![Happening::Received(Box::new(mo))],
                _ => Vec::new(),
            },
            Self::Talked(talked) => {
                let talked = talked.read().into_iter();
                talked.map(|talked| Happening::Talked(Box::new(talked))).collect()
            }
        }
    }
}

/// What passed by at one time, with its place.
#[derive(Debug)]
pub(crate) struct News {
    /// Its place.
    pub(crate) position: Position,
    pub(super) at: Instant,
    /// None: it was told by a part of the portal, and is read.
    heard: Option<Heard>,
    read: OnceLock<Vec<Happening>>,
}

impl News {
    pub(super) fn heard(position: Position, heard: Heard) -> Self {
        Self { position, at: Instant::now(), heard: Some(heard), read: OnceLock::new() }
    }

    pub(super) fn told(position: Position, what: Happening) -> Self {
        Self { position, at: Instant::now(), heard: None, read: OnceLock::from(vec![what]) }
    }

    /// About how many bytes it takes.
    pub(super) fn len(&self) -> usize {
        self.heard.as_ref().map_or(0, Heard::len)
    }

    /// What happened, in its order. All watchers share one reading.
    pub(crate) fn happenings(&self) -> &[Happening] {
        self.read.get_or_init(|| self.heard.as_ref().map_or_else(Vec::new, Heard::read))
    }
}
