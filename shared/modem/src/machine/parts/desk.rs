//! What a person asked for: requests that wait for their turn, and the USSD session.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use at::ussd::Coding;

/// How long the network may take to answer a code, and a person to answer the network.
const USSD: Duration = Duration::from_mins(1);
/// Requests that wait.
const MOST: usize = 16;

/// A request that waits for its turn.
#[derive(Debug, Clone)]
pub(crate) enum Request {
    /// A USSD code is to be dialled, or the open session answered.
    Ussd { id: u64, text: String },
    /// The USSD session is to be ended.
    EndUssd { id: u64 },
    /// A command is to be given to the modem.
    At { id: u64, command: String },
}

/// A USSD session: a code was sent, or the network waits for an answer.
#[derive(Debug, Clone)]
struct UssdSession {
    /// The request that waits for the network.
    id: Option<u64>,
    until: Instant,
}

/// What a person asked for.
#[derive(Debug)]
pub(crate) struct Desk {
    requests: VecDeque<Request>,
    session: Option<UssdSession>,
    /// How the modem takes USSD texts.
    coding: Coding,
    /// The text that was sent last.
    text: String,
}

impl Desk {
    /// Nothing was asked for.
    pub(crate) fn new() -> Self {
        Self {
            requests: VecDeque::new(),
            session: None,
            coding: Coding::Plain,
            text: String::new(),
        }
    }

    // Requests.

    /// Whether too many requests wait for another one.
    pub(crate) fn is_full(&self) -> bool {
        self.requests.len() >= MOST
    }

    pub(crate) fn put(&mut self, request: Request) {
        self.requests.push_back(request);
    }

    pub(crate) fn next_request(&mut self) -> Option<Request> {
        self.requests.pop_front()
    }

    /// Takes out all requests, for they will not be done.
    pub(crate) fn take_requests(&mut self) -> VecDeque<Request> {
        std::mem::take(&mut self.requests)
    }

    // The USSD session.

    pub(crate) fn has_session(&self) -> bool {
        self.session.is_some()
    }

    /// When the network, or the person, has taken too long.
    pub(crate) fn session_due(&self) -> Option<Instant> {
        self.session.as_ref().map(|session| session.until)
    }

    /// The request that waits for the network.
    pub(crate) fn waiting(&self) -> Option<u64> {
        self.session.as_ref().and_then(|session| session.id)
    }

    /// Whether this request waits for the network.
    pub(crate) fn is_waiting(&self, id: u64) -> bool {
        self.waiting() == Some(id)
    }

    /// A text was sent: a request waits for the network.
    pub(crate) fn begin_session(&mut self, now: Instant, id: u64, text: &str) {
        text.clone_into(&mut self.text);
        self.session = Some(UssdSession { id: Some(id), until: now + USSD });
    }

    /// The network waits for an answer.
    pub(crate) fn await_answer(&mut self, now: Instant) {
        self.session = Some(UssdSession { id: None, until: now + USSD });
    }

    /// Ends the session. Returns the request that waited for the network.
    pub(crate) fn end_session(&mut self) -> Option<u64> {
        self.session.take().and_then(|session| session.id)
    }

    /// Takes out the text that was sent last, to be sent in another way.
    pub(crate) fn take_text(&mut self) -> String {
        std::mem::take(&mut self.text)
    }

    /// How the modem takes USSD texts.
    pub(crate) fn coding(&self) -> Coding {
        self.coding
    }

    pub(crate) fn set_coding(&mut self, coding: Coding) {
        self.coding = coding;
    }
}
