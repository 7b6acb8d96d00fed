//! The machine: its state, what goes in and what comes out.
//!
//! One command is in flight at a time ([`parts::active::Active`]) and its answer ends at a final result; every other
//! line is unsolicited, whatever state the machine is in. What to do next is decided in one place for each phase:
//! [`boot`] goes step by step, [`idle`] takes what is most urgent, and [`recover`] brings a silent modem back.
//!
//! The state lies in [`parts`], each of which says what may be done with it. The files beside that folder hold no
//! state: [`talk`] sorts what comes in, [`answers`] hands each answer to the file that asked, and the others ask.

mod answers;
mod boot;
mod calls;
mod gate;
mod identify;
mod idle;
mod parts;
mod pin;
mod receive;
mod recover;
mod requests;
mod status;
mod steps;
mod storage;
mod submit;
mod talk;
mod unsolicited;
mod wishes;

use std::time::{Duration, Instant};

use at::Item;

use crate::config::{ModemConfig, SimSettings};
use crate::event::{Event, NotSent, Outcome, Output, Receipt, Submission};
use crate::snapshot::Snapshot;
use parts::active::Active;
use parts::agenda::Agenda;
use parts::call::Call;
use parts::desk::Desk;
use parts::device::Device;
use parts::errands::Errands;
use parts::health::Health;
use parts::inbox::Inbox;
use parts::link::Link;
use parts::memories::Memories;
use parts::needs::Needs;
use parts::network::Network;
use parts::notices::Notices;
use parts::outbox::Outbox;
use parts::phase::Phase;
use parts::setup::SetUp;
use parts::sim::Sim;
use parts::task::{Upkeep, Wanted};

/// One GSM modem. See the crate's documentation for the loop that runs it.
#[derive(Debug)]
pub struct Modem {
    config: ModemConfig,
    now: Instant,
    /// What the caller is told.
    notices: Notices,

    /// The line to the modem, with the command in flight.
    link: Link,
    /// How the modem has answered so far.
    health: Health,
    /// Where the machine is.
    phase: Phase,
    /// What is to be done when the line is free.
    agenda: Agenda,

    /// What the set-up has come to.
    setup: SetUp,
    /// What the set-up was refused.
    needs: Needs,
    /// What the modem is.
    device: Device,
    sim: Sim,
    network: Network,

    /// Messages on their way out.
    outbox: Outbox,
    /// Messages that were handed out.
    inbox: Inbox,
    /// The memories for messages.
    memories: Memories,
    /// What is to be done in the memories.
    errands: Errands,
    /// What a person asked for.
    desk: Desk,
    /// The call that rings.
    call: Option<Call>,
}

impl Modem {
    /// Creates a machine for a modem whose port was just opened, and begins to set the modem up.
    pub fn new(config: ModemConfig, now: Instant) -> Self {
        let mut modem = Self {
            config,
            now,
            link: Link::new(now),
            health: Health::new(now),
            notices: Notices::default(),
            phase: Phase::Closed,
            agenda: Agenda::new(now),
            setup: SetUp::default(),
            device: Device::default(),
            sim: Sim::default(),
            network: Network::default(),
            needs: Needs::default(),
            outbox: Outbox::default(),
            inbox: Inbox::default(),
            memories: Memories::default(),
            errands: Errands::default(),
            desk: Desk::new(),
            call: None,
        };
        modem.handle_opened(now);
        modem
    }

    /// Takes bytes that came from the port, split in any way.
    pub fn handle_bytes(&mut self, now: Instant, bytes: &[u8]) {
        self.advance(now);
        if !self.phase.is_open() {
            return;
        }
        self.heard_something();
        // One by one, so that whether a prompt is due never depends on how the bytes were split.
        for byte in bytes {
            self.link.push(*byte);
            while let Some(item) = self.link.pop() {
                match item {
                    Item::Prompt => self.prompt(),
                    Item::Line(line) => self.line(&line),
                }
                self.proceed();
            }
        }
        self.tell_status();
    }

    /// Does what is due at the time of [`Output::Timeout`]. A call before that time does nothing.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.act(now, Self::run_timers);
    }

    /// Notes that the port was lost: a read gave nothing or an error, or a write failed. The caller then opens the
    /// port again, after a pause of its own choice, and calls [`Modem::handle_opened`].
    pub fn handle_closed(&mut self, now: Instant) {
        self.advance(now);
        self.abort(NotSent::PortLost);
        self.phase = Phase::Closed;
        self.link.port_changed();
        self.tell_status();
    }

    /// Notes that the port was opened again, and sets the modem up anew.
    pub fn handle_opened(&mut self, now: Instant) {
        self.advance(now);
        self.abort(NotSent::PortLost);
        self.link.port_changed();
        self.link.forget_missed();
        self.memories.forget_closed();
        self.needs.met();
        self.health.opened(now);
        self.begin_boot();
        self.tell_status();
    }

    /// Whether there is room for a submission, which is sent at once or next after the one in flight. Where messages
    /// go through the modem's memory, that memory was looked into before, so that what an earlier run left there has
    /// been told ([`Event::Found`]).
    pub fn can_submit(&self) -> bool {
        let looked = self.errands.is_looked_through() || !self.stores();
        !self.outbox.has_next() && self.agenda.wants_nothing() && looked && self.is_able_to_send()
    }

    /// Sends a TPDU. Exactly one [`Event::Submitted`] follows, also when [`Modem::can_submit`] is false.
    pub fn submit(&mut self, now: Instant, submission: Submission) {
        self.advance(now);
        if self.can_submit() {
            self.outbox.put(submission);
            self.proceed();
        } else {
            self.notices.submitted(submission.id, Outcome::NotSent(NotSent::NotReady));
        }
        self.tell_status();
    }

    /// Acknowledges or deletes a received message, which the caller has stored. An unknown receipt is ignored.
    pub fn stored(&mut self, now: Instant, receipt: Receipt) {
        self.act(now, |modem| modem.answer_receipt(receipt, true));
    }

    /// Leaves a received message that the caller could not store. A message on the SIM stays there and is handed out
    /// again at the next look, about a minute later; one that came directly is refused to the network, which tries
    /// again later.
    pub fn refused(&mut self, now: Instant, receipt: Receipt) {
        self.act(now, |modem| modem.answer_receipt(receipt, false));
    }

    /// Dials a USSD code, or answers the open session; an empty text ends the session. One [`Event::Ussd`]
    /// with this id follows, at the latest after a minute.
    pub fn ussd(&mut self, now: Instant, id: u64, text: &str) {
        self.act(now, |modem| modem.request_ussd(id, text));
    }

    /// Sends an AT command. One [`Event::AtReply`] with this id follows. A command that asks for text (`+CMGS`), dials,
    /// or enters a PIN is refused. After a command that changes a setting, the modem is set up anew.
    pub fn at(&mut self, now: Instant, id: u64, command: &str) {
        self.act(now, |modem| modem.request_at(id, command));
    }

    /// Sets the PIN, as a person said it. The PIN is entered when the SIM asks, unless this SIM has refused it before.
    pub fn set_pin(&mut self, now: Instant, pin: &str) {
        self.act(now, |modem| {
            modem.config.pin = Some(pin.to_owned());
            modem.pin_set();
        });
    }

    /// Sets the SIM's own number, as a person said it; with `None` the SIM is asked.
    pub fn set_number(&mut self, now: Instant, number: Option<String>) {
        self.act(now, |modem| {
            let before = modem.said_number().map(str::to_owned);
            modem.config.number = number;
            modem.number_said(before.as_deref());
        });
    }

    /// Sets the service centre's number, as a person said it. The number is written to the SIM when that has another.
    pub fn set_smsc(&mut self, now: Instant, number: Option<String>) {
        self.act(now, |modem| {
            modem.config.smsc = number;
            modem.agenda.keep_up(Upkeep::Centre);
        });
    }

    /// Sets what a person said of the SIM with this ICCID, in place of what was said of that SIM before. It need not be
    /// the SIM that is in the modem.
    pub fn set_sim(&mut self, now: Instant, iccid: &str, said: SimSettings) {
        self.act(now, |modem| {
            let before = modem.said_number().map(str::to_owned);
            modem.config.sims.insert(iccid.to_owned(), said);
            modem.number_said(before.as_deref());
            modem.agenda.keep_up(Upkeep::Centre);
        });
    }

    /// Turns the radio off or on (`AT+CFUN=4`, `AT+CFUN=1`).
    pub fn set_flight_mode(&mut self, now: Instant, on: bool) {
        self.act(now, |modem| {
            modem.config.flight_mode = on;
            modem.want(Wanted::SetUp);
        });
    }

    /// Sets the modem up anew, without restarting it; a submission in flight ends first.
    pub fn restart(&mut self, now: Instant) {
        self.act(now, |modem| modem.want(Wanted::SetUp));
    }

    /// Restarts the modem itself (`AT+CFUN=1,1`); a submission in flight ends first. The port of a modem on USB goes
    /// away meanwhile.
    pub fn reset(&mut self, now: Instant) {
        self.act(now, |modem| modem.want(Wanted::Reset));
    }

    /// Returns what the caller is to do next. To be called until the answer is [`Output::Timeout`].
    pub fn poll_output(&mut self) -> Output {
        if let Some(event) = self.notices.next_event() {
            return Output::Event(event);
        }
        self.link.next_output(self.now).unwrap_or_else(|| Output::Timeout(self.deadline()))
    }

    /// Returns the state, for people and programs.
    pub fn snapshot(&self) -> Snapshot {
        self.make_snapshot()
    }

    /// Does what the caller asks for, starts the next command, and tells what has changed.
    fn act(&mut self, now: Instant, what: impl FnOnce(&mut Self)) {
        self.advance(now);
        what(self);
        self.proceed();
        self.tell_status();
    }

    /// Moves the time forward, never back.
    fn advance(&mut self, now: Instant) {
        self.now = self.now.max(now);
    }

    fn event(&mut self, event: Event) {
        self.notices.event(event);
    }

    fn garbage(&mut self, what: impl Into<String>) {
        self.notices.garbage(what.into());
    }

    /// When something is due next.
    fn deadline(&self) -> Instant {
        let far = self.now + Duration::from_hours(1);
        let timers = [
            self.link.write_due(),
            self.link.active().map(Active::due),
            self.inbox.partial_due(),
            self.phase.due(),
            self.call.as_ref().map(Call::due),
            self.desk.session_due(),
            self.idle_due(),
        ];
        timers.into_iter().flatten().min().unwrap_or(far).min(far)
    }

    fn run_timers(&mut self) {
        if self.inbox.partial_due().is_some_and(|due| due <= self.now) {
            self.drop_partial();
        }
        if self.link.active().is_some_and(|active| active.due() <= self.now) {
            self.active_ran_out();
        }
        if self.phase.due().is_some_and(|due| due <= self.now) {
            self.phase_ran_out();
        }
        if self.call.as_ref().is_some_and(|call| call.due() <= self.now) {
            self.call_ended();
        }
        if self.desk.session_due().is_some_and(|due| due <= self.now) {
            self.ussd_ran_out();
        }
    }

    /// The time of the phase is over.
    fn phase_ran_out(&mut self) {
        match self.phase {
            Phase::Handshake(_) => self.handshake_is_quiet(),
            Phase::Wait { .. } => self.hurry(),
            Phase::Resetting { .. } => {
                self.health.expect_start(self.now);
                self.begin_boot();
            }
            Phase::Closed | Phase::Gone | Phase::Boot(_) | Phase::Run => {}
        }
    }

    /// Starts the next command when none is in flight.
    fn proceed(&mut self) {
        if !self.link.is_free() || self.link.is_to_be_reopened() {
            return;
        }
        match &self.phase {
            Phase::Boot(step) => {
                let step = *step;
                self.run_boot(step);
            }
            Phase::Run | Phase::Wait { .. } => self.run_idle(),
            Phase::Closed | Phase::Gone | Phase::Handshake(_) | Phase::Resetting { .. } => {}
        }
    }

    /// Ends everything in hand, because the port is lost, the modem restarted, or the modem is set up anew.
    fn abort(&mut self, why: NotSent) {
        self.link.drop_writes();
        self.link.expect_prompt(false);
        self.end_sending(why);
        self.give_back_next(if why == NotSent::PortLost { why } else { NotSent::NotReady });
        self.end_requests(why);
        self.link.take_active();
        self.inbox.take_partial();
        self.agenda.clear();
        self.inbox.forget_acknowledgements();
    }
}
