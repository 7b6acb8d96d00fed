//! Lines that nobody asked for.
//!
//! Which lines are answers depends on the command in flight, so the crate `modem` asks here only when
//! no command claims the line.

use crate::fields::fields;
use crate::reply::{RegistrationLine, SimLock, Technology, caller, name};

/// Whether a SIM is in its holder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SimPresence {
    /// A SIM was put in.
    Inserted,
    /// The SIM was taken out.
    Removed,
}

/// An unsolicited line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Urc {
    /// `+CMTI`: a message was stored. The index is `None` where the modem says -1 or nothing.
    Stored {
        /// `SM`, `ME`, …; some modems leave it out or name the wrong one.
        memory: Option<String>,
        /// The slot.
        index: Option<u32>,
    },
    /// `+CDSI`: a status report was stored.
    ReportStored {
        /// Often `SR`.
        memory: Option<String>,
        /// The slot.
        index: Option<u32>,
    },
    /// `+CMT`: a message follows in the next line. The length counts octets of the TPDU; `None` in text mode.
    Message {
        /// Octets.
        length: Option<usize>,
    },
    /// `+CDS`: a status report follows in the next line.
    Report {
        /// Octets; `None` in text mode, where everything stands in this line.
        length: Option<usize>,
    },
    /// `+CBM`: a cell broadcast follows in the next line.
    Broadcast,
    /// `+CREG`, `+CGREG`, `+CEREG`.
    Registration {
        /// `CREG`, `CGREG` or `CEREG`.
        domain: Domain,
        /// What it says.
        line: RegistrationLine,
    },
    /// `+CUSD`: the value, which may go on in the next lines.
    Ussd(String),
    /// `RING`, `+CRING`.
    Ring,
    /// `+CLIP`: who calls.
    Caller(Option<String>),
    /// The modem has just started: `RDY`, `^SYSSTART`, ….
    Started,
    /// The modem goes down: `NORMAL POWER DOWN`, ….
    PowerDown,
    /// The modem can do SMS from now on: `SMS Ready`, `+QIND: SMS DONE`, `+WIND: 4`, ….
    SmsReady,
    /// `+CPIN: …` without being asked.
    SimLock(SimLock),
    /// The SIM was put in or taken out.
    Sim(SimPresence),
    /// The message storage is full: `^SMMEMFULL`, `+CIEV: "smsfull"`.
    StorageFull,
    /// Signal in dBm: `^RSSI`, `+QIND: "csq"`.
    Signal(i16),
    /// The technology changed: `^MODE`, `^HCSQ`.
    Technology(Technology),
    /// A line of which nothing follows: its name, or all of it.
    Ignored,
}

/// Which registration a line speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Domain {
    /// `+CREG`: calls and SMS of 2G and 3G.
    Circuit,
    /// `+CGREG`: data of 2G and 3G.
    Packet,
    /// `+CEREG`: 4G.
    Eps,
}

impl Domain {
    /// The command's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Circuit => "+CREG",
            Self::Packet => "+CGREG",
            Self::Eps => "+CEREG",
        }
    }
}

/// A line, and what it says.
type Plain = (&'static str, fn() -> Urc);

/// Lines without a name that modems say on their own; upper case.
const PLAIN: &[Plain] = &[
    ("RING", || Urc::Ring),
    ("RDY", || Urc::Started),
    ("MODEM:STARTUP", || Urc::Started),
    ("START", || Urc::Started),
    ("^SYSSTART", || Urc::Started),
    ("NORMAL POWER DOWN", || Urc::PowerDown),
    ("POWERED DOWN", || Urc::PowerDown),
    ("POWER DOWN", || Urc::PowerDown),
    ("UNDER-VOLTAGE POWER DOWN", || Urc::PowerDown),
    ("OVER-VOLTAGE POWER DOWN", || Urc::PowerDown),
    // SIM5360.
    ("UNDER-VOLTAGE WARNNING POWER DOWN", || Urc::PowerDown),
    ("STARTING POWER OFF THE MODULE!", || Urc::Ignored),
    ("UNDER-VOLTAGE WARNNING", || Urc::Ignored),
    ("UNDER-VOLTAGE WARNING", || Urc::Ignored),
    ("OVER-VOLTAGE WARNNING", || Urc::Ignored),
    ("^SHUTDOWN", || Urc::PowerDown),
    ("^SMSO", || Urc::PowerDown),
    ("SMS READY", || Urc::SmsReady),
    ("SMS DONE", || Urc::SmsReady),
    ("PB DONE", || Urc::Ignored),
    ("CALL READY", || Urc::Ignored),
    ("+PBREADY", || Urc::Ignored),
    ("GPS READY", || Urc::Ignored),
    ("WIND READY", || Urc::Ignored),
    ("SIM REMOVED", || Urc::Sim(SimPresence::Removed)),
    ("+SIM REMOVED", || Urc::Sim(SimPresence::Removed)),
    ("SIM INSERTED", || Urc::Sim(SimPresence::Inserted)),
    ("+SIM READY", || Urc::Sim(SimPresence::Inserted)),
    ("CONNECT", || Urc::Ignored),
    ("+CNMI OVERFLOW", || Urc::Ignored),
];

impl Urc {
    /// Reads a line; `None` when it has neither a known form nor a name that makers mark their own with.
    pub fn parse(line: &str) -> Option<Self> {
        let upper = line.trim().to_ascii_uppercase();
        if let Some((_, urc)) = PLAIN.iter().find(|(text, _)| *text == upper) {
            return Some(urc());
        }
        if upper.starts_with("^SYSSTART") {
            return Some(Self::Started);
        }
        // The network's time; SIMCom's name for it has no mark.
        if upper.starts_with("DST:") || upper.starts_with("PSUTTZ:") {
            return Some(Self::Ignored);
        }
        let named = named(line);
        named.or_else(|| name(line).map(|_| Self::Ignored)).or_else(|| {
            // `^BOOT…`, `*PSUTTZ …`, `+ZUSIMR…` without a colon.
            line.starts_with(['^', '*', '#', '%', '$', '+']).then_some(Self::Ignored)
        })
    }
}

fn named(line: &str) -> Option<Urc> {
    let name = name(line)?.to_ascii_uppercase();
    let value = line.split_once(':')?.1.trim();
    let fields = fields(value);
    let number = |at: usize| fields.get(at).and_then(crate::Field::number::<i32>);
    Some(match name.as_str() {
        "+CMTI" => {
            let (memory, index) = slot(&fields);
            Urc::Stored { memory, index }
        }
        "+CDSI" => {
            let (memory, index) = slot(&fields);
            Urc::ReportStored { memory, index }
        }
        "+CMT" => Urc::Message { length: pdu_length(&fields) },
        "+CDS" => Urc::Report { length: pdu_length(&fields).filter(|_| fields.len() <= 2) },
        "+CBM" => Urc::Broadcast,
        "+CREG" => registration(Domain::Circuit, value)?,
        "+CGREG" => registration(Domain::Packet, value)?,
        "+CEREG" => registration(Domain::Eps, value)?,
        "+CUSD" => Urc::Ussd(value.to_owned()),
        "+CRING" => Urc::Ring,
        "+CLIP" => Urc::Caller(caller(value)),
        "+CPIN" => Urc::SimLock(SimLock::parse(value)),
        // The first line after the start of SIMCom's A76, and of Sierra's HiLo and HL.
        "*ATREADY" | "+KSUP" => Urc::Started,
        // Their SIM's holder, where 1 is empty.
        "+SIM" => sim(number(0)? == 0),
        // The Wavecom's own: 0 SIM out, 1 SIM in, 3 started, 4 ready for all commands.
        "+WIND" => match number(0)? {
            0 => Urc::Sim(SimPresence::Removed),
            1 => Urc::Sim(SimPresence::Inserted),
            3 => Urc::Started,
            4 => Urc::SmsReady,
            _ => Urc::Ignored,
        },
        "+QIND" => match (fields.first()?.text().to_ascii_uppercase().as_str(), number(1)) {
            ("SMS DONE", _) => Urc::SmsReady,
            ("SMSFULL", _) => Urc::StorageFull,
            ("CSQ", Some(rssi @ 0..=31)) => Urc::Signal(dbm(rssi)?),
            _ => Urc::Ignored,
        },
        "+CIEV" if value.to_ascii_lowercase().contains("smsfull") => Urc::StorageFull,
        "^SMMEMFULL" | "+SMSFULL" | "+SMFULL" => Urc::StorageFull,
        "^RSSI" => {
            number(0).filter(|rssi| (0..=31).contains(rssi)).and_then(dbm).map(Urc::Signal)?
        }
        "^MODE" => mode(number(0)?, number(1)).map(Urc::Technology)?,
        "^SIMST" => sim(number(0)? != 255),
        "+QSIMSTAT" | "+CSIMSTAT" => sim(number(1)? == 1),
        "#QSS" => sim(number(fields.len() - 1)? > 0),
        "^SCKS" => sim(number(fields.len() - 1)? == 1),
        _ => return None,
    })
}

fn sim(inside: bool) -> Urc {
    Urc::Sim(if inside { SimPresence::Inserted } else { SimPresence::Removed })
}

fn registration(domain: Domain, value: &str) -> Option<Urc> {
    RegistrationLine::parse(value).map(|line| Urc::Registration { domain, line })
}

fn slot(fields: &[crate::Field<'_>]) -> (Option<String>, Option<u32>) {
    // A number in the memory's place names none.
    let memory = fields.first().map(|field| field.text().to_owned());
    let memory = memory.filter(|text| text.starts_with(|c: char| c.is_ascii_alphabetic()));
    (memory, fields.get(1).and_then(crate::Field::number))
}

/// `+CMT: [<alpha>],<length>` and `+CDS: <length>`; text mode has a date or more fields.
fn pdu_length(fields: &[crate::Field<'_>]) -> Option<usize> {
    let last = fields.last().filter(|field| fields.len() <= 2 && !field.is_quoted())?;
    last.number::<usize>().filter(|length| *length <= 255)
}

fn dbm(rssi: i32) -> Option<i16> {
    i16::try_from(2 * rssi - 113).ok()
}

/// Huawei's `^MODE: <mode>,<sub mode>`.
fn mode(mode: i32, sub_mode: Option<i32>) -> Option<Technology> {
    match (mode, sub_mode) {
        (3, Some(3)) => Some(Technology::Edge),
        (3, _) => Some(Technology::Gsm),
        (5, Some(5..=7 | 9)) => Some(Technology::Hspa),
        (5, _) => Some(Technology::Umts),
        (7, _) => Some(Technology::Lte),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Urc {
        Urc::parse(line).unwrap_or_else(|| panic!("{line} is not unsolicited"))
    }

    #[test]
    fn stored_messages_and_their_oddities() {
        let stored =
            |memory: Option<&str>, index| Urc::Stored { memory: memory.map(str::to_owned), index };
        assert_eq!(parse(r#"+CMTI: "SM",3"#), stored(Some("SM"), Some(3)));
        assert_eq!(parse(r#"+CMTI: "SM",0"#), stored(Some("SM"), Some(0)));
        assert_eq!(parse(r#"+CMTI: "SM",-1"#), stored(Some("SM"), None));
        assert_eq!(parse("+CMTI: ,-1"), stored(None, None));
        assert_eq!(parse("+CMTI: 0,111"), stored(None, Some(111)));
        assert_eq!(parse("+CMTI: "), stored(None, None));
        assert_eq!(
            parse(r#"+CDSI: "SR",2"#),
            Urc::ReportStored { memory: Some("SR".into()), index: Some(2) }
        );
    }

    #[test]
    fn direct_messages() {
        assert_eq!(parse("+CMT: ,35"), Urc::Message { length: Some(35) });
        assert_eq!(parse(r#"+CMT: "",35"#), Urc::Message { length: Some(35) });
        assert_eq!(
            parse(r#"+CMT: "+628159919457",,"06/02/16,09:14:26+28""#),
            Urc::Message { length: None }
        );
        assert_eq!(parse("+CDS: 25"), Urc::Report { length: Some(25) });
        assert_eq!(
            parse(r#"+CDS: 6,12,"+62816",145,"06/02/16,09:14:26+28","06/02/16,09:14:30+28",0"#),
            Urc::Report { length: None }
        );
    }

    #[test]
    fn starts_and_ends() {
        for line in ["RDY", "^SYSSTART", "^SYSSTART AIRPLANE MODE", "MODEM:STARTUP", "+WIND: 3"] {
            assert_eq!(parse(line), Urc::Started, "{line}");
        }
        for line in ["SMS Ready", "+QIND: SMS DONE", "SMS DONE", "+WIND: 4"] {
            assert_eq!(parse(line), Urc::SmsReady, "{line}");
        }
        assert_eq!(parse("*ATREADY: 1"), Urc::Started);
        for line in ["NORMAL POWER DOWN", "UNDER-VOLTAGE WARNNING POWER DOWN"] {
            assert_eq!(parse(line), Urc::PowerDown, "{line}");
        }
    }

    #[test]
    fn makers_own_lines() {
        assert_eq!(parse("^RSSI:20"), Urc::Signal(-73));
        assert_eq!(parse("^RSSI: 99"), Urc::Ignored);
        assert_eq!(parse("^BOOT:20252525,0,0,0,72"), Urc::Ignored);
        assert_eq!(parse("*PSUTTZ: 2026,11,23,18,0,0,\"+28\",0"), Urc::Ignored);
        assert_eq!(parse("+ZPASR: \"UMTS\""), Urc::Ignored);
        assert_eq!(parse("+ZUSIMR:2"), Urc::Ignored);
        assert_eq!(parse("^MODE:5,4"), Urc::Technology(Technology::Umts));
        assert_eq!(parse("^SMMEMFULL: \"SM\""), Urc::StorageFull);
        assert_eq!(parse("+CIEV: \"smsfull\",1"), Urc::StorageFull);
        assert_eq!(parse("+QIND: \"csq\",20,99"), Urc::Signal(-73));
        assert_eq!(parse("+CPIN: NOT INSERTED"), Urc::SimLock(SimLock::Absent));
        assert_eq!(parse("^SIMST:255"), Urc::Sim(SimPresence::Removed));
        assert_eq!(parse("+SIM:1"), Urc::Sim(SimPresence::Removed));
        assert_eq!(parse("+SIM:0"), Urc::Sim(SimPresence::Inserted));
        assert_eq!(parse("+KSUP: 0"), Urc::Started);
        assert_eq!(parse("DST: 1"), Urc::Ignored);
    }

    #[test]
    fn plain_text_is_not_unsolicited() {
        for line in ["WAVECOM MODEM", "MULTIBAND  900E  1800", "huawei", "0011000B91", "OK"] {
            assert_eq!(Urc::parse(line), None, "{line}");
        }
    }
}
