//! The makes: what each says of itself, offers, and does in its own way.
//!
//! Data, not code: the machine reads a profile and never asks for the make. The texts follow the
//! makers' AT manuals and logs of users; where a modem of a make differs by firmware, one was chosen.

use std::fmt;
use std::str::FromStr;

/// A make of modem.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Make {
    /// Wavecom Fastrack (Q2403): a serial modem of the old kind.
    Wavecom,
    /// Huawei E173: a USB stick that chatters, counts slots from 0 and packs USSD.
    Huawei,
    /// SIMCom SIM800L: boots with `SMS Ready`, refuses to store reports.
    Sim800,
    /// Quectel EC25: LTE, `+QIND`, stores reports but announces slot 0.
    Quectel,
}

impl Make {
    /// All makes, in the order in which a simulation mixes them.
    pub const ALL: [Self; 4] = [Self::Wavecom, Self::Huawei, Self::Sim800, Self::Quectel];

    /// Its name as options write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Wavecom => "wavecom",
            Self::Huawei => "huawei",
            Self::Sim800 => "sim800",
            Self::Quectel => "quectel",
        }
    }

    pub(crate) const fn profile(self) -> &'static Profile {
        match self {
            Self::Wavecom => &WAVECOM,
            Self::Huawei => &HUAWEI,
            Self::Sim800 => &SIM800,
            Self::Quectel => &QUECTEL,
        }
    }
}

impl fmt::Display for Make {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A text that is no make.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not a make; known are wavecom, huawei, sim800 and quectel")]
pub struct ParseMakeError(String);

impl FromStr for Make {
    type Err = ParseMakeError;

    fn from_str(text: &str) -> Result<Self, ParseMakeError> {
        Self::ALL
            .into_iter()
            .find(|make| make.as_str().eq_ignore_ascii_case(text))
            .ok_or_else(|| ParseMakeError(text.into()))
    }
}

/// What one port of a modem is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Takes commands and gives unsolicited lines.
    Command,
    /// Takes commands (the dial-up port), but gives no unsolicited lines.
    Modem,
    /// Answers nothing (diagnostics).
    Mute,
    /// Sends position lines and hears nothing.
    Position,
}

impl Role {
    pub(crate) const fn takes_commands(self) -> bool {
        matches!(self, Self::Command | Self::Modem)
    }
}

/// How USSD text goes over the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UssdForm {
    /// As text.
    Plain,
    /// 7-bit packed, in hex, both ways.
    Packed,
}

/// A line at some point of the boot.
pub(crate) struct BootLine {
    /// When, in percent of the boot time.
    pub(crate) percent: u32,
    /// The line.
    pub(crate) text: &'static str,
    /// Only with a SIM that is unlocked.
    pub(crate) needs_sim: bool,
}

const fn boot(percent: u32, text: &'static str, needs_sim: bool) -> BootLine {
    BootLine { percent, text, needs_sim }
}

/// A place for messages.
pub(crate) struct MemoryKind {
    /// `SM`, `ME`, `SR`.
    pub(crate) name: &'static str,
    /// Slots.
    pub(crate) capacity: usize,
}

const fn memory(name: &'static str, capacity: usize) -> MemoryKind {
    MemoryKind { name, capacity }
}

/// What a make offers for `+CNMI`, value by value.
pub(crate) struct CnmiOffer {
    pub(crate) text: &'static str,
    pub(crate) mode: &'static [u8],
    pub(crate) mt: &'static [u8],
    pub(crate) bm: &'static [u8],
    pub(crate) ds: &'static [u8],
    pub(crate) bfr: &'static [u8],
}

/// The ways of one make.
pub(crate) struct Profile {
    pub(crate) manufacturer: &'static str,
    pub(crate) model: &'static str,
    pub(crate) revision: &'static str,
    /// Lines of `ATI`; `{imei}` is replaced.
    pub(crate) ati: &'static [&'static str],
    /// Commands that give the ICCID, with the text before it and whether it is quoted.
    pub(crate) iccid: &'static [(&'static str, &'static str, bool)],
    /// Of `+CSMS=?`.
    pub(crate) csms: &'static str,
    pub(crate) cnmi: CnmiOffer,
    pub(crate) memories: &'static [MemoryKind],
    /// A second name of a memory, and the memory it is.
    pub(crate) memory_alias: Option<(&'static str, &'static str)>,
    /// Of `+CPMS=?`.
    pub(crate) cpms: &'static str,
    pub(crate) first_index: usize,
    pub(crate) boot: &'static [BootLine],
    /// The line when the SIM is pulled out.
    pub(crate) sim_out: &'static str,
    /// Lines when the PIN was right, or a SIM was put in.
    pub(crate) unlocked: &'static [&'static str],
    /// Lines that come now and then, unless switched off; `{csq}` is replaced.
    pub(crate) noise: &'static [&'static str],
    /// The command that switches the noise off, when set to 0.
    pub(crate) noise_switch: &'static str,
    pub(crate) ussd: UssdForm,
    /// What an unknown command gets.
    pub(crate) unknown: &'static str,
    /// `+CGREG` exists.
    pub(crate) gprs: bool,
    /// `+CEREG` and `+CESQ` exist.
    pub(crate) lte: bool,
    /// The command that tells the tries left for the PIN, and its answer; `{pin}` and `{puk}` are replaced.
    pub(crate) tries: Option<(&'static str, &'static str)>,
    /// The line when the SIM is full.
    pub(crate) full: Option<&'static str>,
    /// Class 0 is given as `+CMT` even where others are stored.
    pub(crate) flash_direct: bool,
    /// Stored reports are announced as slot 0 of `SM` and cannot be read there.
    pub(crate) hidden_reports: bool,
    /// Text between values of `+CUSD`, `+CPMS`, ….
    pub(crate) comma: &'static str,
    /// Roles of the ports when it shows all of them; the index is the USB interface.
    pub(crate) interfaces: &'static [Role],
    /// Commands of this make that do nothing here but answer: name, lines of a read.
    pub(crate) extras: &'static [(&'static str, &'static [&'static str])],
}

static WAVECOM: Profile = Profile {
    manufacturer: " WAVECOM MODEM",
    model: " MULTIBAND  900E  1800 ",
    revision: "657_09gg.Q2403A 2066412 030106 17:17",
    ati: &[" WAVECOM MODEM", " MULTIBAND  900E  1800 "],
    iccid: &[("+CCID", "+CCID: ", true)],
    csms: "(0,1)",
    cnmi: CnmiOffer {
        text: "(0,1,2),(0,1,2,3),(0,1,2,3),(0,1,2),(0,1)",
        mode: &[0, 1, 2],
        mt: &[0, 1, 2, 3],
        bm: &[0, 1, 2, 3],
        ds: &[0, 1, 2],
        bfr: &[0, 1],
    },
    memories: &[memory("SM", 20), memory("SR", 10)],
    memory_alias: None,
    cpms: "((\"SM\",\"SR\"),(\"SM\"))",
    first_index: 1,
    boot: &[
        boot(20, "+WIND: 1", false),
        boot(50, "+WIND: 3", false),
        boot(90, "+WIND: 7", true),
        boot(100, "+WIND: 4", true),
    ],
    sim_out: "+WIND: 0",
    unlocked: &["+WIND: 7", "+WIND: 4"],
    noise: &[],
    noise_switch: "+WIND",
    ussd: UssdForm::Plain,
    unknown: "ERROR",
    gprs: true,
    lte: false,
    tries: None,
    full: None,
    flash_direct: false,
    hidden_reports: false,
    comma: ",",
    interfaces: &[Role::Command],
    extras: &[("+WIND", &["+WIND: 0"]), ("+WOPEN", &["+WOPEN: 0"]), ("+CRSL", &["+CRSL: 10"])],
};

static HUAWEI: Profile = Profile {
    manufacturer: "huawei",
    model: "E173",
    revision: "11.126.15.00.445",
    ati: &[
        "Manufacturer: huawei",
        "Model: E173",
        "Revision: 11.126.15.00.445",
        "IMEI: {imei}",
        "+GCAP: +CGSM,+DS,+ES",
    ],
    iccid: &[("^ICCID", "^ICCID: ", false)],
    csms: "(0,1)",
    cnmi: CnmiOffer {
        text: "(0,1,2),(0,1,2,3),(0,2),(0,1,2),(0,1)",
        mode: &[0, 1, 2],
        mt: &[0, 1, 2, 3],
        bm: &[0, 2],
        ds: &[0, 1, 2],
        bfr: &[0, 1],
    },
    memories: &[memory("SM", 30), memory("ME", 100)],
    memory_alias: None,
    cpms: "(\"SM\",\"ME\"),(\"SM\",\"ME\"),(\"SM\",\"ME\")",
    first_index: 0,
    boot: &[
        boot(40, "^SIMST:1", true),
        boot(60, "^SRVST:2", true),
        boot(80, "^MODE:3,3", true),
        boot(100, "^RSSI:{csq}", true),
    ],
    sim_out: "^SIMST:255",
    unlocked: &["^SIMST:1", "^SRVST:2"],
    noise: &["^RSSI:{csq}", "^BOOT:20155436,0,0,0,75"],
    noise_switch: "^CURC",
    ussd: UssdForm::Packed,
    unknown: "COMMAND NOT SUPPORT",
    gprs: true,
    lte: false,
    tries: Some(("^CPIN", "^CPIN: {state},{pin},{puk},{pin},{puk},3")),
    full: Some("^SMMEMFULL: \"SM\""),
    flash_direct: true,
    hidden_reports: false,
    comma: ",",
    interfaces: &[Role::Modem, Role::Mute, Role::Command],
    extras: &[
        ("^CURC", &["^CURC: 1"]),
        ("^PORTSEL", &["^PORTSEL: 1"]),
        ("^SYSINFO", &["^SYSINFO:2,3,0,3,1"]),
        ("^SYSCFG", &["^SYSCFG:2,0,3FFFFFFF,1,2"]),
        ("^CVOICE", &["^CVOICE:0,8000,16,20"]),
        ("^HCSQ", &["^HCSQ:\"GSM\",40"]),
        ("^U2DIAG", &["^U2DIAG: 276"]),
    ],
};

static SIM800: Profile = Profile {
    manufacturer: "SIMCOM_Ltd",
    model: "SIMCOM_SIM800L",
    revision: "Revision:1418B05SIM800L24",
    ati: &["SIM800 R14.18"],
    iccid: &[("+CCID", "", false), ("+ICCID", "+ICCID: ", false)],
    csms: "(0,1)",
    cnmi: CnmiOffer {
        text: "(0,1,2,3),(0,1,2,3),(0,2,3),(0,1),(0,1)",
        mode: &[0, 1, 2, 3],
        mt: &[0, 1, 2, 3],
        bm: &[0, 2, 3],
        ds: &[0, 1],
        bfr: &[0, 1],
    },
    memories: &[memory("SM", 15), memory("ME", 50)],
    memory_alias: None,
    cpms: "(\"SM\",\"ME\",\"SM_P\",\"ME_P\"),(\"SM\",\"ME\",\"SM_P\",\"ME_P\"),(\"SM\",\"ME\",\"SM_P\",\"ME_P\")",
    first_index: 1,
    boot: &[
        boot(30, "RDY", false),
        boot(35, "+CFUN: 1", false),
        boot(50, "+CPIN: READY", true),
        boot(85, "Call Ready", true),
        boot(100, "SMS Ready", true),
    ],
    sim_out: "+CPIN: NOT READY",
    unlocked: &["Call Ready", "SMS Ready"],
    noise: &[],
    noise_switch: "+EXUNSOL",
    ussd: UssdForm::Plain,
    unknown: "ERROR",
    gprs: true,
    lte: false,
    tries: Some(("+SPIC", "+SPIC: {pin},{puk},0,10")),
    full: Some("+CIEV: \"SMSFULL\",1"),
    flash_direct: true,
    hidden_reports: false,
    comma: ", ",
    interfaces: &[Role::Command],
    extras: &[
        ("+CSCLK", &["+CSCLK: 0"]),
        ("+CIURC", &["+CIURC: 1"]),
        ("+CNETLIGHT", &["+CNETLIGHT: 1"]),
        ("+CLTS", &["+CLTS: 0"]),
        ("+EXUNSOL", &[]),
        ("+CBC", &["+CBC: 0,81,4012"]),
    ],
};

static QUECTEL: Profile = Profile {
    manufacturer: "Quectel",
    model: "EC25",
    revision: "EC25EFAR06A06M4G",
    ati: &["Quectel", "EC25", "Revision: EC25EFAR06A06M4G"],
    iccid: &[
        ("+QCCID", "+QCCID: ", false),
        ("+CCID", "+CCID: ", false),
        ("+ICCID", "+ICCID: ", false),
    ],
    csms: "(0,1)",
    cnmi: CnmiOffer {
        text: "(0,1,2),(0,1,2,3),(0,2),(0,1,2),(0,1)",
        mode: &[0, 1, 2],
        mt: &[0, 1, 2, 3],
        bm: &[0, 2],
        ds: &[0, 1, 2],
        bfr: &[0, 1],
    },
    memories: &[memory("SM", 50), memory("ME", 255), memory("SR", 10)],
    memory_alias: Some(("MT", "ME")),
    cpms: "(\"SM\",\"ME\",\"MT\",\"SR\"),(\"SM\",\"ME\",\"MT\"),(\"SM\",\"ME\",\"MT\")",
    first_index: 0,
    boot: &[
        boot(50, "RDY", false),
        boot(60, "+CPIN: READY", true),
        boot(65, "+QUSIM: 1", true),
        boot(70, "+CFUN: 1", false),
        boot(90, "+QIND: SMS DONE", true),
        boot(100, "+QIND: PB DONE", true),
    ],
    sim_out: "+CPIN: NOT READY",
    unlocked: &["+CPIN: READY", "+QUSIM: 1", "+QIND: SMS DONE", "+QIND: PB DONE"],
    noise: &["+QIND: \"csq\",{csq},99"],
    noise_switch: "+QINDCFG",
    ussd: UssdForm::Plain,
    unknown: "ERROR",
    gprs: true,
    lte: true,
    tries: Some(("+QPINC", "+QPINC: \"SC\",{pin},{puk}")),
    full: Some("+QIND: \"smsfull\",\"SM\""),
    flash_direct: false,
    hidden_reports: true,
    comma: ",",
    interfaces: &[Role::Mute, Role::Position, Role::Command, Role::Modem],
    extras: &[
        ("+QINDCFG", &["+QINDCFG: \"all\",1"]),
        ("+QURCCFG", &["+QURCCFG: \"urcport\",\"usbat\""]),
        ("+QCFG", &[]),
        ("+QNWINFO", &["+QNWINFO: \"FDD LTE\",\"00101\",\"LTE BAND 3\",1650"]),
        ("+QENG", &["+QENG: \"servingcell\",\"NOCONN\""]),
        ("+QSIMSTAT", &["+QSIMSTAT: 0,1"]),
    ],
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read() {
        for make in Make::ALL {
            assert_eq!(make.to_string().parse(), Ok(make));
        }
        assert_eq!("Huawei".parse(), Ok(Make::Huawei));
        assert!("nokia".parse::<Make>().unwrap_err().to_string().contains("sim800"));
    }

    #[test]
    fn each_has_one_command_port_and_a_place_for_messages() {
        for make in Make::ALL {
            let profile = make.profile();
            let ports = profile.interfaces.iter().filter(|role| **role == Role::Command);
            assert_eq!(ports.count(), 1, "{make}");
            assert_eq!(profile.memories[0].name, "SM", "{make}");
        }
    }
}
