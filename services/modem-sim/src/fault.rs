//! Faults, and the words for them on the command line and the control port.
//!
//! ```text
//! fault = name ["=" value] *( option )
//! option = "count=" number / "for=" seconds / "on=" command
//! ```
//! Parts are separated by spaces or commas: `cms-38 count=2`, `silence on=CMGL`, `slow=300`.
//! Without `count` or `for` a fault stays until it is cleared.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// One way to be difficult.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The command ends with `+CMS ERROR: n`. Without a command named: a submit does, after the submit time.
    Cms(u16),
    /// The command ends with `+CME ERROR: n`. Without a command named: a submit does.
    Cme(u16),
    /// The command ends with `ERROR`. Without a command named: a submit does.
    Error,
    /// `+CMGS` gives no `>`.
    NoPrompt,
    /// No answer at all.
    Silence,
    /// Noise instead of an answer.
    Garbage,
    /// Each byte of output by itself, a millisecond apart.
    ByteByByte,
    /// Each answer, or that to the command named, waits this long.
    Slow(Duration),
    /// Each submit takes this long instead of the configured time.
    SubmitTime(Duration),
    /// The network is lost: searching.
    NotRegistered,
    /// The network refuses the SIM.
    Denied,
    /// The SIM is out.
    NoSim,
    /// The SIM asks for its PIN.
    PinLocked,
    /// The SIM asks for its PUK.
    PukLocked,
    /// The SIM's free slots are filled with messages.
    SimFull,
    /// The service centre's number is lost from the SIM.
    EmptySmsc,
    /// The settings fall back to the factory's with no word (`+CMGF`, `+CNMI`, echo, ….).
    BrownOut,
    /// No status report for a submit that asked for one.
    NoReport,
    /// The status report comes before the `+CMGS:` answer.
    ReportFirst,
    /// The status report comes twice.
    DuplicateReport,
    /// A received message comes twice.
    DuplicateMo,
    /// A stored message is not announced by `+CMTI`.
    NoCmti,
    /// `+CMTI` names the index -1.
    WrongCmti,
    /// A message comes in between `+CMGS` and its answer.
    MoDuringSubmit,
    /// The network took it, the modem never answers.
    AcceptedSilent,
    /// The modem swallows it: the network never sees it, nobody answers.
    LostSilent,
    /// `+CMGS: n` comes without its `OK`.
    MissingOk,
    /// Every submit gets the same reference.
    SameReference,
    /// The modem reboots at a submit, before the network has it.
    RebootBefore,
    /// The modem reboots at a submit, when the network has it.
    RebootAfter,
    /// The modem is unplugged at a submit, before the network has it.
    UnplugBefore,
    /// The modem is unplugged at a submit, when the network has it.
    UnplugAfter,
    /// The echo cannot be switched off.
    EchoStuck,
    /// The modem has text mode only (`+CMGF: (1)`).
    TextOnly,
    /// The stored settings of the modem, which each restart goes back to, have text mode and no echo.
    TextStored,
}

/// When a fault is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// It is a state of the modem while it is there.
    Standing,
    /// It happens once, when it is set.
    AtOnce,
    /// It is used up by commands or submits.
    Used,
}

/// Names without a value, in the order of the README.
const NAMES: [(&str, Fault); 30] = [
    ("error", Fault::Error),
    ("no-prompt", Fault::NoPrompt),
    ("silence", Fault::Silence),
    ("garbage", Fault::Garbage),
    ("byte-by-byte", Fault::ByteByByte),
    ("not-registered", Fault::NotRegistered),
    ("denied", Fault::Denied),
    ("no-sim", Fault::NoSim),
    ("pin-locked", Fault::PinLocked),
    ("puk-locked", Fault::PukLocked),
    ("sim-full", Fault::SimFull),
    ("empty-smsc", Fault::EmptySmsc),
    ("brown-out", Fault::BrownOut),
    ("no-report", Fault::NoReport),
    ("report-first", Fault::ReportFirst),
    ("duplicate-report", Fault::DuplicateReport),
    ("duplicate-mo", Fault::DuplicateMo),
    ("no-cmti", Fault::NoCmti),
    ("wrong-cmti", Fault::WrongCmti),
    ("mo-during-submit", Fault::MoDuringSubmit),
    ("accepted-silent", Fault::AcceptedSilent),
    ("lost-silent", Fault::LostSilent),
    ("missing-ok", Fault::MissingOk),
    ("same-reference", Fault::SameReference),
    ("reboot-before", Fault::RebootBefore),
    ("reboot-after", Fault::RebootAfter),
    ("unplug-before", Fault::UnplugBefore),
    ("unplug-after", Fault::UnplugAfter),
    ("text-only", Fault::TextOnly),
    ("text-stored", Fault::TextStored),
];

impl Fault {
    /// All names, as a person may write them.
    pub fn names() -> impl Iterator<Item = &'static str> {
        ["cms-N", "cme-N", "slow=MS", "submit-time=MS", "echo-stuck"]
            .into_iter()
            .chain(NAMES.iter().map(|(name, _)| *name))
    }

    pub(crate) fn stage(&self) -> Stage {
        match self {
            Self::SimFull | Self::EmptySmsc | Self::BrownOut => Stage::AtOnce,
            Self::ByteByByte
            | Self::Slow(_)
            | Self::SubmitTime(_)
            | Self::NotRegistered
            | Self::Denied
            | Self::NoSim
            | Self::PinLocked
            | Self::PukLocked
            | Self::SameReference
            | Self::EchoStuck
            | Self::TextOnly
            | Self::TextStored => Stage::Standing,
            _ => Stage::Used,
        }
    }

    /// It is about a submit as a whole and not about one command.
    pub(crate) fn is_of_submit(&self) -> bool {
        matches!(
            self,
            Self::Cms(_)
                | Self::Cme(_)
                | Self::Error
                | Self::AcceptedSilent
                | Self::LostSilent
                | Self::MissingOk
                | Self::RebootBefore
                | Self::RebootAfter
                | Self::UnplugBefore
                | Self::UnplugAfter
        )
    }

    /// It is about any command when one is named, or about every command.
    pub(crate) fn is_of_command(&self) -> bool {
        matches!(self, Self::Cms(_) | Self::Cme(_) | Self::Error | Self::Silence | Self::Garbage)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cms(code) => write!(f, "cms-{code}"),
            Self::Cme(code) => write!(f, "cme-{code}"),
            Self::Slow(time) => write!(f, "slow={}", time.as_millis()),
            Self::SubmitTime(time) => write!(f, "submit-time={}", time.as_millis()),
            Self::EchoStuck => f.write_str("echo-stuck"),
            other => f.write_str(
                NAMES.iter().find(|(_, fault)| fault == other).map_or("fault", |(name, _)| name),
            ),
        }
    }
}

/// A fault, for how often, and at which command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FaultRule {
    /// What happens.
    pub fault: Fault,
    /// How often; none: until it is cleared. Of no meaning for standing faults.
    pub count: Option<u32>,
    /// How long from when it is set; none: until it is cleared.
    pub lasts: Option<Duration>,
    /// Only at this command, upper case with its mark (`+CMGL`); none: the fault's own place.
    pub on: Option<String>,
}

impl FaultRule {
    /// Until it is cleared.
    pub fn always(fault: Fault) -> Self {
        Self { fault, count: None, lasts: None, on: None }
    }

    /// So many times.
    pub fn times(fault: Fault, count: u32) -> Self {
        Self { fault, count: Some(count), lasts: None, on: None }
    }

    /// For so long.
    pub fn lasting(fault: Fault, time: Duration) -> Self {
        Self { fault, count: None, lasts: Some(time), on: None }
    }

    /// Only at this command (`CMGL` or `+CMGL`).
    #[must_use]
    pub fn on(mut self, command: &str) -> Self {
        let upper = command.to_ascii_uppercase();
        let marked = upper.starts_with(|c: char| !c.is_ascii_alphanumeric())
            || upper.len() <= 1
            || upper == "AT";
        self.on = Some(if marked { upper } else { format!("+{upper}") });
        self
    }
}

impl From<Fault> for FaultRule {
    fn from(fault: Fault) -> Self {
        Self::always(fault)
    }
}

impl fmt::Display for FaultRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.fault)?;
        if let Some(count) = self.count {
            write!(f, " count={count}")?;
        }
        if let Some(time) = self.lasts {
            write!(f, " for={}", time.as_secs_f64())?;
        }
        if let Some(on) = &self.on {
            write!(f, " on={on}")?;
        }
        Ok(())
    }
}

/// A text that is no fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseFaultError {
    /// No such name.
    #[error("'{found}' is not a fault; known are: {}", Fault::names().collect::<Vec<_>>().join(", "))]
    Unknown {
        /// What was written.
        found: String,
    },
    /// A value that is not what the name wants.
    #[error("'{found}' is not a value for {name}; wanted is {wanted}")]
    Value {
        /// The name.
        name: &'static str,
        /// What was written.
        found: String,
        /// What is allowed.
        wanted: &'static str,
    },
    /// An option that does not exist.
    #[error("'{found}' is not an option of a fault; known are count=N, for=SECONDS and on=COMMAND")]
    Option {
        /// What was written.
        found: String,
    },
}

impl FromStr for Fault {
    type Err = ParseFaultError;

    fn from_str(text: &str) -> Result<Self, ParseFaultError> {
        let code = |name, found: &str| {
            found.parse::<u16>().ok().filter(|code| *code < 10_000).ok_or_else(|| {
                ParseFaultError::Value { name, found: found.into(), wanted: "0 to 9999" }
            })
        };
        let time = |name, found: &str| {
            found.parse().map(Duration::from_millis).map_err(|_| ParseFaultError::Value {
                name,
                found: found.into(),
                wanted: "milliseconds",
            })
        };
        if let Some(found) = text.strip_prefix("cms-") {
            return Ok(Self::Cms(code("cms", found)?));
        }
        if let Some(found) = text.strip_prefix("cme-") {
            return Ok(Self::Cme(code("cme", found)?));
        }
        if let Some(found) = text.strip_prefix("slow=") {
            return Ok(Self::Slow(time("slow", found)?));
        }
        if let Some(found) = text.strip_prefix("submit-time=") {
            return Ok(Self::SubmitTime(time("submit-time", found)?));
        }
        if text == "echo-stuck" {
            return Ok(Self::EchoStuck);
        }
        NAMES
            .iter()
            .find(|(name, _)| *name == text)
            .map(|(_, fault)| fault.clone())
            .ok_or_else(|| ParseFaultError::Unknown { found: text.into() })
    }
}

impl FromStr for FaultRule {
    type Err = ParseFaultError;

    fn from_str(text: &str) -> Result<Self, ParseFaultError> {
        let mut words = text.split([' ', ',']).filter(|word| !word.is_empty());
        let mut rule = Self::always(words.next().unwrap_or_default().parse()?);
        for word in words {
            match word.split_once('=') {
                Some(("count", found)) => {
                    rule.count = Some(found.parse().map_err(|_| ParseFaultError::Value {
                        name: "count",
                        found: found.into(),
                        wanted: "a number",
                    })?);
                }
                Some(("for", found)) => {
                    let seconds: Option<f64> = found.parse().ok();
                    let time = seconds.and_then(|time| Duration::try_from_secs_f64(time).ok());
                    rule.lasts = Some(time.ok_or_else(|| ParseFaultError::Value {
                        name: "for",
                        found: found.into(),
                        wanted: "a number of seconds",
                    })?);
                }
                Some(("on", command)) if !command.is_empty() => rule = rule.on(command),
                _ => return Err(ParseFaultError::Option { found: word.into() }),
            }
        }
        Ok(rule)
    }
}

/// A fault for one modem or all: `modem1 cms-38 count=2`, `no-report`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AimedFault {
    /// The modem's name; none: all modems.
    pub modem: Option<String>,
    /// The fault.
    pub rule: FaultRule,
}

impl FromStr for AimedFault {
    type Err = ParseFaultError;

    fn from_str(text: &str) -> Result<Self, ParseFaultError> {
        let text = text.trim();
        let (first, rest) = text.split_once([' ', ':', ',']).unwrap_or((text, ""));
        if first.starts_with("modem") && !rest.is_empty() {
            return Ok(Self { modem: Some(first.to_owned()), rule: rest.parse()? });
        }
        Ok(Self { modem: None, rule: text.parse()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_round_trips() {
        for name in Fault::names() {
            let text = name.replace("-N", "-38").replace("MS", "250");
            let fault: Fault = text.parse().unwrap();
            assert_eq!(fault.to_string(), text);
        }
    }

    #[test]
    fn rules_are_read() {
        let aimed: AimedFault = "modem1 cms-321 count=2 on=CMGD".parse().unwrap();
        assert_eq!(aimed.modem.as_deref(), Some("modem1"));
        assert_eq!(aimed.rule, FaultRule::times(Fault::Cms(321), 2).on("+CMGD"));
        assert_eq!(aimed.rule.to_string(), "cms-321 count=2 on=+CMGD");
        let starting: AimedFault = "cme-3517 for=15 on=CMGF".parse().unwrap();
        let rule = FaultRule::lasting(Fault::Cme(3517), Duration::from_secs(15)).on("CMGF");
        assert_eq!(starting.rule, rule);
        assert_eq!(starting.rule.to_string(), "cme-3517 for=15 on=+CMGF");
        let all: AimedFault = "slow=20".parse().unwrap();
        assert_eq!(all.modem, None);
        assert_eq!("modem2:no-report,count=1".parse::<AimedFault>().unwrap().rule.count, Some(1));
    }

    #[test]
    fn what_is_wrong_is_named() {
        let unknown = "no-such".parse::<FaultRule>().unwrap_err().to_string();
        assert!(unknown.starts_with("'no-such' is not a fault; known are: cms-N"), "{unknown}");
        assert!("cms-x".parse::<FaultRule>().is_err());
        assert!("silence often".parse::<FaultRule>().is_err());
        assert!("silence count=x".parse::<FaultRule>().is_err());
        assert!("silence for=-1".parse::<FaultRule>().is_err());
    }
}
