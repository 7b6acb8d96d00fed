//! The steps of the set-up: their commands and their order.

use std::time::Duration;

use at::command;

use super::Modem;
use super::parts::link::SHORT;
use super::parts::network::DOMAINS;
use super::parts::task::Step;

/// A SIM may take this long to check a PIN.
const PIN: Duration = Duration::from_secs(20);

/// Commands that read the IMEI: 27.007 (5.4), V.250 (6.1.7), the form with a type, and MediaTek.
const IMEI: [&str; 4] = ["AT+CGSN", "AT+GSN", "AT+CGSN=1", "AT+EGMR=0,7"];

impl Modem {
    /// The command of a step; `None` when the step is not needed.
    pub(super) fn boot_command(&mut self, step: Step) -> Option<(String, Duration)> {
        let short = |text: &str| Some((text.to_owned(), SHORT));
        match step {
            Step::Echo => short("ATE0"),
            Step::Verbose => self.setup.answers_in_numbers().then(|| ("ATV1".to_owned(), SHORT)),
            Step::Errors => short("AT+CMEE=1"),
            Step::Power => short("AT+CFUN?"),
            Step::Info => short("ATI"),
            Step::Manufacturer => short("AT+CGMI"),
            Step::Model => short("AT+CGMM"),
            Step::Revision => short("AT+CGMR"),
            Step::Serial(at) => short(IMEI.get(at)?),
            Step::Init(at) => Some((self.device.profile().init.get(at)?.clone(), SHORT)),
            Step::Lock => short("AT+CPIN?"),
            Step::EarlyIccid(at) | Step::Iccid(at) => {
                if self.sim.iccid().is_some() {
                    return None;
                }
                Some((self.device.iccid_commands().nth(at)?.to_owned(), SHORT))
            }
            Step::PinTries => {
                let command = self.device.profile().pin_tries.clone();
                Some((command.unwrap_or_else(|| "AT+CPINR=\"SIM PIN\"".to_owned()), SHORT))
            }
            Step::EnterPin => self.pin_command().map(|text| (text, PIN)),
            Step::PowerSet | Step::Done => None,
            Step::InitSim(at) => Some((self.device.profile().init_sim.get(at)?.clone(), SHORT)),
            Step::Imsi => short("AT+CIMI"),
            Step::PduMode => short("AT+CMGF=0"),
            Step::PduModeCheck => short("AT+CMGF?"),
            Step::PduModeOffer => short("AT+CMGF=?"),
            Step::ServiceOffer => short("AT+CSMS=?"),
            Step::Service(value) => Some((format!("AT+CSMS={value}"), SHORT)),
            Step::ServiceCheck => short("AT+CSMS?"),
            // A message that an earlier run was given and did not acknowledge is refused, so that the network sends it
            // again.
            Step::Withheld => self.setup.acknowledges().then(|| ("AT+CNMA=2".to_owned(), SHORT)),
            Step::StorageOffer => short("AT+CPMS=?"),
            Step::Select(at) => {
                let memories = self.memories.candidate(at)?;
                Some((command::select_storage(memories), SHORT))
            }
            Step::SelectCheck => short("AT+CPMS?"),
            Step::AnnounceOffer => short("AT+CNMI=?"),
            Step::Announce(at) => {
                Some((command::announce(self.setup.announce_candidate(at)?), SHORT))
            }
            Step::AnnounceCheck(_) => short("AT+CNMI?"),
            Step::Watch(at, value) => {
                Some((format!("AT{}={value}", DOMAINS.get(at)?.name()), SHORT))
            }
            Step::Registered(at) => {
                let domain = *DOMAINS.get(at)?;
                self.network.has(domain).then(|| (format!("AT{}?", domain.name()), SHORT))
            }
            Step::Centre | Step::CentreCheck => short("AT+CSCA?"),
            Step::CentreSet => {
                let number = self.said_centre()?;
                Some((command::set_service_centre(number), SHORT))
            }
            Step::Callers => short("AT+CLIP=1"),
            // Without this the modem tells only answers, not what the network sends unasked (27.007, 7.15).
            Step::Ussd => short("AT+CUSD=1"),
        }
    }

    /// The step after this one, when this one has no command or its answer changes nothing.
    pub(super) fn after(&mut self, step: Step) -> Step {
        match step {
            Step::Echo => Step::Verbose,
            Step::Verbose => Step::Errors,
            Step::Errors => Step::Power,
            Step::Power | Step::PowerSet => Step::Info,
            Step::Info => Step::Manufacturer,
            Step::Manufacturer => Step::Model,
            Step::Model => Step::Revision,
            Step::Revision => Step::Serial(0),
            Step::Serial(at) if self.device.identity().imei.is_none() && at + 1 < IMEI.len() => {
                Step::Serial(at + 1)
            }
            Step::Serial(_) => {
                self.identified();
                Step::Init(0)
            }
            Step::Init(at) if at + 1 < self.device.profile().init.len() => Step::Init(at + 1),
            Step::EarlyIccid(at) if self.has_iccid_command(at + 1) => Step::EarlyIccid(at + 1),
            Step::EarlyIccid(_) => Step::PinTries,
            Step::PinTries => Step::EnterPin,
            Step::Init(_) | Step::EnterPin => Step::Lock,
            Step::Lock => Step::InitSim(0),
            Step::InitSim(at) if at + 1 < self.device.profile().init_sim.len() => {
                Step::InitSim(at + 1)
            }
            Step::InitSim(_) => Step::Imsi,
            Step::Imsi => Step::Iccid(0),
            Step::Iccid(at) if self.has_iccid_command(at + 1) => Step::Iccid(at + 1),
            Step::Iccid(_) => Step::PduMode,
            Step::PduMode => Step::PduModeCheck,
            Step::PduModeCheck | Step::PduModeOffer => Step::ServiceOffer,
            Step::ServiceOffer => Step::Service(1),
            Step::Service(_) | Step::ServiceCheck => Step::Withheld,
            Step::Withheld => Step::StorageOffer,
            Step::StorageOffer => Step::Select(0),
            Step::Select(_) | Step::SelectCheck => Step::AnnounceOffer,
            Step::AnnounceOffer => Step::Announce(0),
            Step::Announce(_) | Step::AnnounceCheck(_) => Step::Watch(0, 2),
            Step::Watch(at, _) if at + 1 < DOMAINS.len() => Step::Watch(at + 1, 2),
            Step::Watch(..) => Step::Registered(0),
            Step::Registered(at) if at + 1 < DOMAINS.len() => Step::Registered(at + 1),
            Step::Registered(_) => Step::Centre,
            Step::Centre | Step::CentreSet | Step::CentreCheck => Step::Callers,
            Step::Callers => Step::Ussd,
            Step::Ussd | Step::Done => Step::Done,
        }
    }

    /// Whether the ICCID is not known and there is a command at this place that may read it.
    fn has_iccid_command(&self, at: usize) -> bool {
        self.sim.iccid().is_none() && self.device.iccid_commands().nth(at).is_some()
    }
}
