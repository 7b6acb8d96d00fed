//! Receiving: `+CNMI`, `+CSMS`, `+CNMA`, and the lines that tell of messages and reports
//! (TS 27.005, 3.2.1 and 3.4.1 to 3.4.4).

use std::time::Instant;

use super::answer::{Done, Failure, Reply};
use super::command::{Command, Op};
use super::general::among;
use super::line::Entry;
use super::memory::{Stat, Stored};
use super::{Machine, Output, Timer};
use crate::fault::Fault;

/// What came from the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IncomingKind {
    /// SMS-DELIVER, with its message class.
    Message {
        /// 0 to 3.
        class: Option<u8>,
    },
    /// SMS-STATUS-REPORT.
    Report {
        /// TP-MR of the message it is about.
        reference: u8,
    },
}

/// A PDU on its way to a modem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incoming {
    /// What it is.
    pub kind: IncomingKind,
    /// It begins with the service centre's address.
    pub pdu: Vec<u8>,
    /// Octets of it without that address.
    pub length: usize,
}

/// Given to the terminal, not acknowledged by `+CNMA` yet.
#[derive(Debug)]
pub(super) struct Unacknowledged {
    pub(super) incoming: Incoming,
}

impl Machine {
    /// The network gives it something. `Err`: it cannot take it now; [`Output::Available`] tells when.
    pub fn offer(&mut self, now: Instant, incoming: Incoming) -> Result<(), Incoming> {
        if !self.is_attached() || self.unacknowledged.is_some() {
            return Err(incoming);
        }
        let [mode, mt, _, ds, _] = self.settings.cnmi;
        let copy = incoming.clone();
        match incoming.kind {
            IncomingKind::Report { reference } => {
                match if mode == 0 { 0 } else { ds } {
                    1 => self.give(now, incoming),
                    2 => self.store_report(now, &incoming)?,
                    // Nobody wants it: the modem takes it and forgets it.
                    _ => {}
                }
                if self.pending.as_ref().is_some_and(|pending| pending.is_answered_by(reference)) {
                    self.answer_submit(now);
                }
            }
            IncomingKind::Message { class } => {
                let mt = if mode == 0 { 0 } else { mt };
                let flash = class == Some(0) && self.profile.flash_direct && mt != 0;
                let direct = match mt {
                    2 => class != Some(2),
                    3 => class == Some(3),
                    _ => false,
                };
                if flash || direct {
                    self.give(now, incoming);
                } else {
                    let at = self.place_of(self.settings.cpms[2]).unwrap_or(0);
                    let index = self.store(now, at, incoming)?;
                    if mt != 0 && !self.board.take(&Fault::NoCmti) {
                        let name = self.memories[at].name;
                        if self.board.take(&Fault::WrongCmti) {
                            self.announce(now, &format!("+CMTI: \"{name}\",-1"));
                        } else {
                            self.announce(now, &format!("+CMTI: \"{name}\",{index}"));
                        }
                    }
                }
            }
        }
        self.counters.received += 1;
        if self.doubles(copy.kind) {
            self.outputs.push_back(Output::Again(copy));
        }
        Ok(())
    }

    /// Whether what it is given now is to come twice.
    fn doubles(&mut self, kind: IncomingKind) -> bool {
        matches!(kind, IncomingKind::Message { .. }) && self.board.take(&Fault::DuplicateMo)
    }

    /// Straight to the terminal.
    fn give(&mut self, now: Instant, incoming: Incoming) {
        let name = match incoming.kind {
            IncomingKind::Message { .. } => "+CMT: ",
            IncomingKind::Report { .. } => "+CDS: ",
        };
        let text = self.settings.text_mode.then(|| self.direct_text(&incoming)).flatten();
        let (header, body) = text.unwrap_or_else(|| {
            let comma = if name == "+CMT: " { "," } else { "" };
            (format!("{comma}{}", incoming.length), tpdu::to_hex(&incoming.pdu))
        });
        self.announce(now, format!("{name}{header}\r\n{body}").trim_end());
        if self.settings.csms == 1 {
            self.unacknowledged = Some(Unacknowledged { incoming });
            self.after(now, self.config.timing.acknowledge, Timer::Acknowledge);
        }
    }

    /// In a slot of a memory, whose index it gives.
    fn store(&mut self, now: Instant, at: usize, incoming: Incoming) -> Result<usize, Incoming> {
        let stored =
            Stored { stat: Stat::Unread, pdu: incoming.pdu.clone(), length: incoming.length };
        self.memories[at].put(stored).map_err(|_| {
            if !std::mem::replace(&mut self.full_told, true)
                && let Some(line) = self.profile.full
            {
                self.announce(now, line);
            }
            incoming
        })
    }

    fn store_report(&mut self, now: Instant, incoming: &Incoming) -> Result<(), Incoming> {
        let at = self.place_of("SR").unwrap_or(0);
        let index = self.store(now, at, incoming.clone())?;
        if self.profile.hidden_reports {
            self.announce(now, "+CDSI: \"SM\",0");
        } else {
            let name = self.memories[at].name;
            self.announce(now, &format!("+CDSI: \"{name}\",{index}"));
        }
        Ok(())
    }

    /// Fills the free slots of the SIM, as if nobody had read it for long.
    pub(super) fn fill_sim(&mut self) {
        let sender = tpdu::Address::number("+6289900000000");
        for number in 1.. {
            if self.memories[0].is_full() {
                break;
            }
            let Ok(origin) = sender.clone() else { break };
            let Ok(septets) =
                tpdu::gsm7::encode(&format!("Old message {number}"), tpdu::Shifts::default())
            else {
                break;
            };
            let deliver = tpdu::Deliver {
                more: false,
                loop_prevention: false,
                report: false,
                reply_path: false,
                origin,
                protocol_id: 0,
                coding: tpdu::DataCoding::GSM7,
                timestamp: tpdu::Scts([0x52, 0x10, 0x10, 0x80, 0x00, 0x00, 0x82]),
                udh: tpdu::Udh::NONE,
                data: tpdu::UserData::Septets(septets),
                cut: false,
            };
            let Ok(octets) = deliver.encode() else { break };
            let pdu = [&[0], octets.as_slice()].concat();
            let stored = Stored { stat: Stat::Read, length: octets.len(), pdu };
            if self.memories[0].put(stored).is_err() {
                break;
            }
        }
    }

    pub(super) fn unacknowledged_too_long(&mut self, now: Instant) {
        if let Some(lost) = self.unacknowledged.take() {
            // TS 27.005, 3.4.4: as if +CNMI had <mt> and <ds> 0.
            self.settings.cnmi[1] = 0;
            self.settings.cnmi[3] = 0;
            self.counters.gave_up += 1;
            tracing::debug!(imsi = %self.config.identity.imsi, ?now, "no +CNMA, +CNMI falls back");
            self.outputs.push_back(Output::Returned(lost.incoming));
        }
    }

    pub(super) fn acknowledge(
        &mut self,
        now: Instant,
        port: usize,
        command: &Command,
        reply: &mut Reply,
    ) -> Result<Done, Failure> {
        if command.op == Op::Test {
            reply.line("+CNMA: (0-2)");
            return Ok(Done::Ok);
        }
        let values = command.values();
        let good = match values.first().map_or("0", String::as_str) {
            "0" | "1" => true,
            "2" => false,
            _ => return Err(Failure::Cms(304)),
        };
        if self.unacknowledged.is_none() {
            return Err(Failure::Cms(340));
        }
        if values.get(1).is_some_and(|length| length != "0") {
            self.lines[port].next_entry = Some(Entry::Acknowledge { good });
            self.prompt(now, port);
            return Ok(Done::Silent);
        }
        self.acknowledged(good)?;
        Ok(Done::Ok)
    }

    pub(super) fn acknowledged(&mut self, good: bool) -> Result<(), Failure> {
        let given = self.unacknowledged.take().ok_or(Failure::Cms(340))?;
        self.stop(&Timer::Acknowledge);
        self.outputs.push_back(if good {
            Output::Available
        } else {
            Output::Returned(given.incoming)
        });
        Ok(())
    }

    pub(super) fn message_service(
        &mut self,
        command: &Command,
        reply: &mut Reply,
    ) -> Result<Done, Failure> {
        match &command.op {
            Op::Test => reply.line(format!("+CSMS: {}", self.profile.csms)),
            Op::Read => reply.line(format!("+CSMS: {},1,1,1", self.settings.csms)),
            Op::Run => return Err(Failure::Cms(304)),
            Op::Set(value) => {
                self.settings.csms = among(value, &[0, 1]).map_err(|_| Failure::Cms(303))?;
                reply.line("+CSMS: 1,1,1");
            }
        }
        Ok(Done::Ok)
    }

    pub(super) fn indications(
        &mut self,
        _now: Instant,
        command: &Command,
        reply: &mut Reply,
    ) -> Result<Done, Failure> {
        let offer = &self.profile.cnmi;
        match &command.op {
            Op::Test => reply.line(format!("+CNMI: {}", offer.text)),
            Op::Read => {
                let values = self.settings.cnmi.map(|value| value.to_string());
                reply.line(format!("+CNMI: {}", values.join(",")));
            }
            Op::Run => self.settings.cnmi = [0; 5],
            Op::Set(_) => {
                self.need_sim_for_messages()?;
                let mut chosen = self.settings.cnmi;
                let allowed = [offer.mode, offer.mt, offer.bm, offer.ds, offer.bfr];
                let values = command.values();
                if values.len() > chosen.len() {
                    return Err(Failure::Cms(304));
                }
                for (at, value) in values.iter().enumerate().filter(|(_, value)| !value.is_empty())
                {
                    chosen[at] = among(value, allowed[at]).map_err(|_| Failure::Cms(303))?;
                }
                self.settings.cnmi = chosen;
                self.outputs.push_back(Output::Available);
            }
        }
        Ok(Done::Ok)
    }
}
