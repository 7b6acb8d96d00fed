//! Text mode and character sets, for programs that use them: `+CMGF`, `+CSDH`, `+CSMP`, `+CSCS`
//! (TS 27.005, 3.1 and 3.3; TS 27.007, 5.5).

use tpdu::{
    Address, Alphabet, Content, DataCoding, Deliver, Scts, Shifts, StatusReport, Submit, Udh,
    UserData, Validity,
};

use super::Machine;
use super::answer::{Done, Failure, Reply};
use super::command::{Command, Op};
use super::general::among;
use super::memory::{Stat, Stored};
use super::receive::{Incoming, IncomingKind};
use crate::fault::Fault;

impl Machine {
    pub(super) fn message_format(
        &mut self,
        command: &Command,
        reply: &mut Reply,
    ) -> Result<Done, Failure> {
        let text_only = self.board.has(&Fault::TextOnly);
        match &command.op {
            Op::Test if text_only => reply.line("+CMGF: (1)"),
            Op::Test => reply.line("+CMGF: (0,1)"),
            Op::Read => reply.line(format!("+CMGF: {}", u8::from(self.settings.text_mode))),
            Op::Run | Op::Set(_) if text_only && command.op != Op::Set("1".to_owned()) => {
                return Err(Failure::Error);
            }
            Op::Run => self.settings.text_mode = false,
            Op::Set(value) => {
                self.settings.text_mode =
                    among(value, &[0, 1]).map_err(|_| Failure::Cms(303))? == 1;
            }
        }
        Ok(Done::Ok)
    }

    pub(super) fn text_headers(
        &mut self,
        command: &Command,
        reply: &mut Reply,
    ) -> Result<Done, Failure> {
        match &command.op {
            Op::Test => reply.line("+CSDH: (0,1)"),
            Op::Read => reply.line(format!("+CSDH: {}", u8::from(self.settings.headers))),
            Op::Run => self.settings.headers = false,
            Op::Set(value) => self.settings.headers = among(value, &[0, 1])? == 1,
        }
        Ok(Done::Ok)
    }

    pub(super) fn text_parameters(
        &mut self,
        command: &Command,
        reply: &mut Reply,
    ) -> Result<Done, Failure> {
        match &command.op {
            Op::Read => {
                let values = self.settings.csmp.map(|value| value.to_string());
                reply.line(format!("+CSMP: {}", values.join(",")));
            }
            Op::Set(_) => {
                let mut chosen = self.settings.csmp;
                for (at, value) in command.values().iter().enumerate().take(4) {
                    if !value.is_empty() {
                        chosen[at] = value.parse().map_err(|_| Failure::Cms(303))?;
                    }
                }
                self.settings.csmp = chosen;
            }
            _ => {}
        }
        Ok(Done::Ok)
    }

    /// The SMS-SUBMIT of a text that was typed.
    pub(super) fn submit_of_text(&self, to: &str, typed: &str) -> Result<Vec<u8>, Failure> {
        let [first, validity, protocol_id, coding] = self.settings.csmp;
        let coding = DataCoding(coding);
        let text = self.typed_text(typed);
        let data = match coding.alphabet() {
            Alphabet::Gsm7 => UserData::Septets(
                tpdu::gsm7::encode(&text, Shifts::default()).map_err(|_| Failure::Cms(305))?,
            ),
            Alphabet::Ucs2 => UserData::Octets(ucs2(&text)),
            Alphabet::Data => {
                UserData::Octets(tpdu::from_hex(typed).map_err(|_| Failure::Cms(305))?)
            }
        };
        let destination = Address::number(&self.typed_text(to)).map_err(|_| Failure::Cms(305))?;
        let submit = Submit {
            reject_duplicates: first & 0x04 != 0,
            reference: 0,
            destination,
            protocol_id,
            coding,
            validity: (first & 0x18 == 0x10).then_some(Validity::Relative(validity)),
            report: first & 0x20 != 0,
            reply_path: first & 0x80 != 0,
            udh: Udh::NONE,
            data,
        };
        submit.encode().map_err(|_| Failure::Cms(305))
    }

    /// Header and text of a stored message; none: it is no message that has them.
    pub(super) fn text_of(&self, stored: &Stored) -> Option<(String, String)> {
        let octets = stored.pdu.get(stored.pdu.len() - stored.length..)?;
        let words = stored.stat.words();
        if matches!(stored.stat, Stat::Unsent | Stat::Sent) {
            let submit = Submit::decode(octets).ok()?;
            let to = self.to_charset(&submit.destination.to_string());
            return Some((format!("\"{words}\",\"{to}\","), self.shown(&submit.body().content())));
        }
        if let Ok(deliver) = Deliver::decode(octets) {
            let (origin, rest) = self.deliver_header(&deliver);
            let body = self.shown(&deliver.body().content());
            return Some((format!("\"{words}\",{origin},,{rest}"), body));
        }
        let report = StatusReport::decode(octets).ok()?;
        Some((format!("\"{words}\",{}", self.report_header(&report)), String::new()))
    }

    /// Header and text of what is given straight to the terminal.
    pub(super) fn direct_text(&self, incoming: &Incoming) -> Option<(String, String)> {
        let octets = incoming.pdu.get(incoming.pdu.len() - incoming.length..)?;
        match incoming.kind {
            IncomingKind::Message { .. } => {
                let deliver = Deliver::decode(octets).ok()?;
                let (origin, rest) = self.deliver_header(&deliver);
                Some((format!("{origin},,{rest}"), self.shown(&deliver.body().content())))
            }
            IncomingKind::Report { .. } => {
                let report = StatusReport::decode(octets).ok()?;
                Some((self.report_header(&report), String::new()))
            }
        }
    }

    fn deliver_header(&self, deliver: &Deliver) -> (String, String) {
        let origin = format!("\"{}\"", self.to_charset(&deliver.origin.to_string()));
        let mut rest = time(deliver.timestamp);
        if self.settings.headers {
            let kind = deliver.origin.kind().octet();
            let first = if deliver.udh.is_empty() { 4 } else { 68 };
            let (protocol_id, coding) = (deliver.protocol_id, deliver.coding.0);
            let smsc = self.to_charset(&self.sim.smsc);
            rest = format!("{rest},{kind},{first},{protocol_id},{coding},\"{smsc}\",145");
        }
        (origin, rest)
    }

    fn report_header(&self, report: &StatusReport) -> String {
        format!(
            "6,{},\"{}\",{},{},{},{}",
            report.reference,
            self.to_charset(&report.recipient.to_string()),
            report.recipient.kind().octet(),
            time(report.smsc_time),
            time(report.discharged),
            report.status.0,
        )
    }

    fn shown(&self, content: &Content) -> String {
        match content {
            Content::Data(octets) => tpdu::to_hex(octets),
            Content::Text(text) if self.settings.charset == "UCS2" => self.to_charset(text),
            // What the alphabet cannot show is given as UCS-2 in hexadecimal.
            Content::Text(text) => match tpdu::gsm7::encode(text, Shifts::default()) {
                Ok(_) => self.to_charset(text),
                Err(_) => tpdu::to_hex(&ucs2(text)),
            },
        }
    }

    /// Text as `+CSCS` wants it.
    pub(super) fn to_charset(&self, text: &str) -> String {
        match self.settings.charset.as_str() {
            "UCS2" => tpdu::to_hex(&ucs2(text)),
            "HEX" => tpdu::to_hex(text.as_bytes()),
            _ => text.to_owned(),
        }
    }

    /// Text that was typed as `+CSCS` has it.
    pub(super) fn typed_text(&self, typed: &str) -> String {
        let octets = || tpdu::from_hex(typed.trim()).ok();
        match self.settings.charset.as_str() {
            "UCS2" => octets().map(|octets| tpdu::ucs2::decode(&octets)),
            "HEX" => octets().map(|octets| String::from_utf8_lossy(&octets).into_owned()),
            _ => None,
        }
        .unwrap_or_else(|| typed.to_owned())
    }
}

fn ucs2(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_be_bytes).collect()
}

/// `"yy/MM/dd,hh:mm:ss±zz"`
fn time(scts: Scts) -> String {
    scts.civil().map_or_else(
        || "\"\"".to_owned(),
        |at| {
            format!(
                "\"{:02}/{:02}/{:02},{:02}:{:02}:{:02}{:+03}\"",
                at.year % 100,
                at.month,
                at.day,
                at.hour,
                at.minute,
                at.second,
                at.offset_minutes / 15
            )
        },
    )
}
