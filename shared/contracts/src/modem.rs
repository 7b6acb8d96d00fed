//! Modems as others see them: the live state in the bucket `modems`, and what happens to them.

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::limits::{Closed, Limit};
use crate::{Amount, EventId, Message, ModemId, PhoneNumber, PoolId, SimId, Subject, Timestamp};

crate::named! {
    /// Whether a modem works.
    #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    pub enum ModemStatus in json {
        /// The modem is being set up.
        Starting = "starting",
        /// The modem can send and receive.
        Ready = "ready",
        /// The modem is busy with a message.
        Sending = "sending",
        /// The modem works, but has no network.
        Searching = "searching",
        /// The modem needs a person: PIN, no SIM, empty SMSC.
        Blocked = "blocked",
        /// The modem fails too often and is being watched.
        Degraded = "degraded",
        /// Its port is gone or it does not answer.
        Offline = "offline",
        /// Somebody disabled it: it sends nothing, and what it receives is kept.
        Disabled = "disabled",
    } else {
        /// A status of a later version.
        Unknown = "unknown"
    }
}

impl ModemStatus {
    /// Messages may be released for it.
    pub const fn is_online(self) -> bool {
        matches!(self, Self::Ready | Self::Sending)
    }
}

/// Something wrong with a modem, in words.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModemProblem {
    /// A stable name: `no-sim`, `pin-needed`, `not-registered`, `cms-38`, `port-permission`, ….
    pub code: String,
    /// What is wrong, in an English sentence.
    pub text: String,
    /// What to do about it, in an English sentence.
    pub advice: String,
    /// Since when, or when it last happened.
    pub at: Timestamp,
}

/// The SIM in a modem.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SimState {
    /// Its id.
    pub id: SimId,
    /// ICCID, where readable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iccid: Option<String>,
    /// IMSI, where readable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub imsi: Option<String>,
    /// Its own number: configured, or from `+CNUM`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<PhoneNumber>,
    /// The service centre's number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub smsc: Option<String>,
}

/// What is on a SIM, as its network told it last.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Balance {
    /// On which SIM.
    pub sim: SimId,
    /// How much, in the network's currency. None: the network has not told yet, or not so that it can be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Amount>,
    /// The same as the network wrote it: `Rp 12.345`. Empty without an amount.
    #[serde(default)]
    pub text: String,
    /// When the network told the amount; without one, when it was last asked for.
    pub at: Timestamp,
    /// The amount is below the configured limit.
    #[serde(default)]
    pub low: bool,
    /// Why the last query brought no amount; the one above is older then. None: it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<ModemProblem>,
}

/// What a modem handed over while the broker was away, and waits on the disk of its host to be published.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spooled {
    /// Messages and delivery reports.
    pub entries: u64,
    /// Since when some wait.
    pub since: Timestamp,
    /// No more can be kept: what comes now is left with the network. [`ModemState::problem`] says why.
    #[serde(default)]
    pub full: bool,
}

/// The live state of a modem: bucket `modems`, key the modem's id. Readers age it by `seen_at`.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModemState {
    /// Its id.
    pub id: ModemId,
    /// A short name for people: the port's last path element or `host:port`.
    pub name: String,
    /// The port it is on.
    pub port: String,
    /// The host the driver runs on.
    pub host: String,
    /// Whether it works.
    pub status: ModemStatus,
    /// The same in an English sentence.
    pub text: String,
    /// Manufacturer.
    #[serde(default)]
    pub manufacturer: String,
    /// Model.
    #[serde(default)]
    pub model: String,
    /// Firmware.
    #[serde(default)]
    pub firmware: String,
    /// IMEI, where readable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub imei: Option<String>,
    /// The SIM, when one was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sim: Option<SimState>,
    /// The network's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<String>,
    /// `GSM`, `UMTS`, `LTE`, ….
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub technology: Option<String>,
    /// In a network that is not its own.
    #[serde(default)]
    pub roaming: bool,
    /// Signal in dBm.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signal_dbm: Option<i16>,
    /// The pools it sends for.
    #[serde(default)]
    pub pools: Vec<PoolId>,
    /// What is or was wrong last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<ModemProblem>,
    /// Messages it has in hand: being sent, or fetched to be the next.
    #[serde(default)]
    pub queue: u32,
    /// Messages sent since midnight of the host's time zone.
    #[serde(default)]
    pub sent_today: u64,
    /// Messages that failed since then.
    #[serde(default)]
    pub failed_today: u64,
    /// What is on the SIM, where that is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub balance: Option<Balance>,
    /// What it received and was not published yet. None: nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spool: Option<Spooled>,
    /// That its SIM sends nothing for now, because of a limit of the SIM. None: it sends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed: Option<Closed>,
    /// That its SIM sends to nobody whom it did not send to in this month, because of a limit of the SIM. None: it sends to
    /// anybody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_to_new: Option<Closed>,
    /// A limit of its SIM of which nine tenths are used: of several the one with the longest time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub low: Option<Limit>,
    /// Since when it has this status.
    pub since: Timestamp,
    /// When the driver last wrote this.
    pub seen_at: Timestamp,
}

/// What a modem says that would be ready and is [`ModemStatus::Disabled`].
pub const DISABLED: &str = "Disabled: it sends nothing. What it receives is kept.";

/// How old a state may be before readers take the modem to be offline: drivers write at least each 10 s.
pub const STATE_IS_STALE_AFTER: Duration = Duration::from_secs(30);

impl ModemState {
    /// Whether messages may be released for it at `now`: online and not stale.
    pub fn is_online_at(&self, now: Timestamp) -> bool {
        self.status.is_online() && now.since(self.seen_at) < STATE_IS_STALE_AFTER
    }
}

/// How old a modem's state is, for readers that keep it.
///
/// The clocks of two hosts are asked only once, when the state is heard; from then on it ages by a clock that nobody
/// sets. So a clock that jumps neither takes a modem away that is there nor keeps one whose driver died.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Age {
    heard_at: Instant,
    was: Duration,
}

impl Age {
    /// That of a state which is heard at this moment, by both clocks.
    pub fn heard(state: &ModemState, now: Timestamp, heard_at: Instant) -> Self {
        Self { heard_at, was: now.since(state.seen_at) }
    }

    /// Whether nobody wrote the state for so long that its driver must be gone.
    pub fn is_stale(&self, now: Instant) -> bool {
        self.fresh_for(now).is_zero()
    }

    /// How long it is until the state is stale, if nobody writes it meanwhile.
    pub fn fresh_for(&self, now: Instant) -> Duration {
        let age = now.saturating_duration_since(self.heard_at).saturating_add(self.was);
        STATE_IS_STALE_AFTER.saturating_sub(age)
    }
}

crate::named! {
    /// The kinds of modem events: the last token of the subject.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    pub enum ModemEventKind in json {
        /// The modem can send and receive.
        Online = "online",
        /// The modem is gone.
        Offline = "offline",
        /// The modem left its pool.
        Degraded = "degraded",
        /// The modem needs a person.
        Blocked = "blocked",
        /// Another SIM is in it.
        SimChanged = "sim_changed",
        /// Somebody called and it was not answered.
        MissedCall = "missed_call",
        /// The balance fell below the limit. Once; again only after it was above.
        LowBalance = "low_balance",
        /// The network sent a USSD text unasked: [`ModemEvent::text`] is that text.
        Ussd = "ussd",
        /// Nine tenths of a limit of the SIM are used. Once for each hour, day and month that a limit is of.
        QuotaLow = "quota_low",
        /// A limit of the SIM is reached: it sends nothing until the hour, day or month is over.
        LimitReached = "limit_reached",
        /// A limit that was reached no longer keeps the SIM from sending.
        LimitOver = "limit_over",
    } else {
        /// An event of a later version.
        Unknown = "unknown"
    }
}

/// Something happened to a modem: `sms.v1.event.modem.<kind>`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModemEvent {
    /// Its id.
    pub id: EventId,
    /// What.
    pub kind: ModemEventKind,
    /// The modem.
    pub modem: ModemId,
    /// The SIM in it, when known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sim: Option<SimId>,
    /// In words; for [`ModemEventKind::Ussd`] the network's text.
    pub text: String,
    /// The other side, for calls.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<PhoneNumber>,
    /// When.
    pub at: Timestamp,
}

impl Message for ModemEvent {
    fn subject(&self) -> Subject {
        Subject::Modem(self.kind)
    }

    fn msg_id(&self) -> String {
        self.id.to_string()
    }
}
