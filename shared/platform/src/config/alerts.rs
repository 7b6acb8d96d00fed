//! When the operators of the gateway are told that something is wrong.

use contracts::PhoneNumber;
use serde::Deserialize;

use super::value::{Period, Size};

/// The most numbers that are sent an SMS.
const MOST_NUMBERS: usize = 10;

/// `[alerts]`. A time of zero, zero bytes and zero per cent switch a rule off.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Alerts {
    /// Who is sent an SMS when something begins.
    pub sms_to: Vec<PhoneNumber>,
    /// How many such SMS there are in 24 hours at most.
    pub sms_per_day: u32,
    /// How often it is looked.
    pub every: Period,
    /// How long something has to be good again before it is over.
    pub over_after: Period,
    /// A modem does not work for so long.
    pub modem_after: Period,
    /// The balance of a SIM is low.
    pub balance: bool,
    /// A SIM has nearly or wholly used up what it may send in a day or a month.
    pub sim_limits: bool,
    /// A conversation of two machines was stopped.
    pub loops: bool,
    /// A message that is no bulk waits for so long.
    pub queue_older_than: Period,
    /// A bulk message waits for so long.
    pub bulk_older_than: Period,
    /// So many in a hundred of the messages that ended last were not sent.
    pub failure_percent: u8,
    /// Something was given up within this time.
    pub dead_letters: Period,
    /// Less than so much is free on the disk.
    pub disk_free: Size,
    /// A stream of the broker has so many hundredths of what it may have.
    pub broker_percent: u8,
}

impl Alerts {
    /// What is wrong with the section that its types cannot say.
    pub(super) fn wrong(&self) -> Option<&'static str> {
        if self.sms_to.len() > MOST_NUMBERS
            || !self.sms_to.iter().all(PhoneNumber::is_international)
        {
            return Some(
                "alerts.sms_to has at most 10 numbers, each with its country, such as +628123456789",
            );
        }
        if self.every.duration().as_millis() < 100 {
            return Some("alerts.every is too short; use 1s or more");
        }
        if self.failure_percent > 100 || self.broker_percent > 100 {
            return Some("alerts.failure_percent and alerts.broker_percent are 0 to 100");
        }
        None
    }
}
