//! Which way messages go that name none: the rules of an organisation, and how its pools share their work.
//!
//! A value of the bucket `config` ([`crate::config_kv`]), read by routers. What the rules mean is said by the crate
//! `routing`, which decides by them.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::subject::Target;
use crate::{KeyId, OrgId, PoolId, Priority, SimId, UserId};

/// The rules and pools of an organisation: key `routes.<org id>`. A missing entry means [`Routes::unset`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Routes {
    /// The organisation.
    pub org: OrgId,
    /// The rules, in the order in which they are asked. The first that fits a message decides.
    #[serde(default)]
    pub rules: Vec<Rule>,
    /// The pools for which something was set.
    #[serde(default)]
    pub pools: Vec<Pool>,
}

impl Routes {
    /// No rules: what names no SIM and no pool goes through the default pool.
    pub const fn unset(org: OrgId) -> Self {
        Self { org, rules: Vec::new(), pools: Vec::new() }
    }
}

/// A rule: which messages it takes, and which way they go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// What it is called. No two rules of an organisation have one name.
    pub name: String,
    /// Whether it is asked at all.
    #[serde(default = "yes", skip_serializing_if = "Clone::clone")]
    pub enabled: bool,
    /// Which messages it takes.
    #[serde(default, skip_serializing_if = "Conditions::is_empty")]
    pub when: Conditions,
    /// Where they go: to the first of these that has a modem online, or to the first of all when none has.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub targets: Vec<Target>,
    /// Why they are refused; none: they are not, and there are targets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refuse: Option<String>,
}

const fn yes() -> bool {
    true
}

/// Which messages a rule takes: those that fulfil every condition that there is. Without any, all.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Conditions {
    /// What the recipient's number begins with: one of these.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub prefixes: Vec<Prefix>,
    /// The account that sends: one of these.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub accounts: BTreeSet<UserId>,
    /// The priority: one of these.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub priorities: BTreeSet<Priority>,
    /// The first word of the text, letter case aside: one of these.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub keywords: BTreeSet<String>,
    /// The key by which it was sent: one of these.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub keys: BTreeSet<KeyId>,
    /// Its tag: one of these.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub tags: BTreeSet<String>,
    /// The sender that it asks for: one of these.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub senders: BTreeSet<String>,
    /// When it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hours: Option<Hours>,
}

impl Conditions {
    /// Whether every message fulfils them.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// What a number begins with: digits, with `+` for international numbers alone, without for numbers in any writing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Prefix(String);

/// A text that no number begins with.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is nothing that a number begins with: use 1 to {most} digits, with or without a + before them", most = Prefix::LONGEST)]
pub struct ParsePrefixError(String);

impl Prefix {
    /// The most digits, which are those of the longest number.
    pub const LONGEST: usize = 15;

    /// Whether only international numbers begin so.
    pub fn is_international(&self) -> bool {
        self.0.starts_with('+')
    }

    /// The digits.
    pub fn digits(&self) -> &str {
        self.0.trim_start_matches('+')
    }

    /// As it was said, without blanks and the like.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Prefix {
    type Err = ParsePrefixError;

    /// Reads what people write: blanks, dots, dashes, slashes and brackets are dropped, a leading `00` becomes `+`.
    fn from_str(text: &str) -> Result<Self, ParsePrefixError> {
        let wrong = || ParsePrefixError(text.chars().take(32).collect());
        let mut prefix = String::new();
        for c in text.trim().chars() {
            match c {
                '+' if prefix.is_empty() => prefix.push(c),
                '0'..='9' => prefix.push(c),
                ' ' | '-' | '.' | '/' | '(' | ')' | '\u{a0}' => {}
                _ => return Err(wrong()),
            }
            if prefix.len() > Self::LONGEST + 2 {
                return Err(wrong());
            }
        }
        if prefix.len() > 2 && prefix.starts_with("00") {
            prefix.replace_range(..2, "+");
        }
        let prefix = Self(prefix);
        let fits = (1..=Self::LONGEST).contains(&prefix.digits().len());
        if fits { Ok(prefix) } else { Err(wrong()) }
    }
}

impl TryFrom<String> for Prefix {
    type Error = ParsePrefixError;

    fn try_from(text: String) -> Result<Self, ParsePrefixError> {
        text.parse()
    }
}

impl From<Prefix> for String {
    fn from(prefix: Prefix) -> Self {
        prefix.0
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

crate::named! {
    /// A day of the week.
    #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum Day in json {
        /// Monday.
        Monday = "mon",
        /// Tuesday.
        Tuesday = "tue",
        /// Wednesday.
        Wednesday = "wed",
        /// Thursday.
        Thursday = "thu",
        /// Friday.
        Friday = "fri",
        /// Saturday.
        Saturday = "sat",
        /// Sunday.
        Sunday = "sun",
    }
}

/// Some hours of some days, by the clocks of a zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hours {
    /// The zone by its IANA name: `Asia/Jakarta`.
    pub zone: String,
    /// From when on; from midnight when absent.
    #[serde(default, skip_serializing_if = "TimeOfDay::is_midnight")]
    pub from: TimeOfDay,
    /// Until before when; until midnight when absent. Before `from`, it is of the next day.
    #[serde(default = "TimeOfDay::end_of_day", skip_serializing_if = "TimeOfDay::is_end_of_day")]
    pub until: TimeOfDay,
    /// On which days they begin; on all of them when there are none.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub days: BTreeSet<Day>,
}

/// A time of day to the minute: `00:00` to `24:00`.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(try_from = "String", into = "String")]
pub struct TimeOfDay(u16);

/// A text that is no time of day.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is no time of day: write it like 07:30, from 00:00 to 24:00")]
pub struct ParseTimeError(String);

impl TimeOfDay {
    /// Minutes of a day.
    const DAY: u16 = 24 * 60;

    /// Minutes since midnight, 1,440 for the end of the day.
    pub const fn minutes(self) -> u16 {
        self.0
    }

    /// The midnight with which a day ends.
    pub const fn end_of_day() -> Self {
        Self(Self::DAY)
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
    const fn is_midnight(&self) -> bool {
        self.0 == 0
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
    const fn is_end_of_day(&self) -> bool {
        self.0 == Self::DAY
    }
}

impl FromStr for TimeOfDay {
    type Err = ParseTimeError;

    fn from_str(text: &str) -> Result<Self, ParseTimeError> {
        let read = || {
            let (hours, minutes) = text.trim().split_once(':')?;
            let is_short = (1..=2).contains(&hours.len()) && minutes.len() == 2;
            let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
            if !is_short || !digits(hours) || !digits(minutes) {
                return None;
            }
            let (hours, minutes): (u16, u16) = (hours.parse().ok()?, minutes.parse().ok()?);
            let all = hours * 60 + minutes;
            (minutes < 60 && all <= Self::DAY).then_some(Self(all))
        };
        read().ok_or_else(|| ParseTimeError(text.chars().take(16).collect()))
    }
}

impl TryFrom<String> for TimeOfDay {
    type Error = ParseTimeError;

    fn try_from(text: String) -> Result<Self, ParseTimeError> {
        text.parse()
    }
}

impl From<TimeOfDay> for String {
    fn from(time: TimeOfDay) -> Self {
        time.to_string()
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

crate::named! {
    /// How the SIMs of a pool share what goes through it.
    #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
    pub enum Strategy in json {
        /// The modem that is ready takes the next message.
        #[default]
        AsFree = "as_free",
        /// Each SIM in turn.
        RoundRobin = "round_robin",
        /// Each SIM in proportion to its weight.
        Weighted = "weighted",
        /// The SIM through which the fewest were sent today.
        LeastUsed = "least_used",
        /// What is for one recipient goes through one SIM, as long as that is online.
        Sticky = "sticky",
    } else {
        /// A strategy of a later version, which is taken for [`Strategy::AsFree`].
        Other = "other"
    }
}

/// What was set for a pool.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pool {
    /// The pool.
    pub name: PoolId,
    /// How its SIMs share the work.
    #[serde(default)]
    pub strategy: Strategy,
    /// The weights of SIMs, for [`Strategy::Weighted`]. One that is not here has the weight 1.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub weights: Vec<Weight>,
}

/// How much of the work of a pool a SIM gets, beside the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Weight {
    /// The SIM.
    pub sim: SimId,
    /// Its weight; 0: nothing.
    pub weight: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_is_digits_with_a_plus_or_without() {
        for (text, prefix) in
            [("+62 812", "+62812"), ("0062", "+62"), ("0812", "0812"), ("888", "888"), ("00", "00")]
        {
            assert_eq!(text.parse::<Prefix>().unwrap().as_str(), prefix, "{text}");
        }
        assert!("+123456789012345".parse::<Prefix>().is_ok());
        for bad in ["", "+", " ", "62*", "6+2", "bank", "+1234567890123456", &"1".repeat(1_000)] {
            assert!(bad.parse::<Prefix>().is_err(), "{bad}");
        }
        let error = "bank".parse::<Prefix>().unwrap_err().to_string();
        assert!(error.contains("1 to 15 digits"), "{error}");
    }

    #[test]
    fn a_time_of_day_is_hours_and_minutes() {
        for (text, minutes) in [("00:00", 0), ("7:05", 425), (" 23:59 ", 1_439), ("24:00", 1_440)] {
            assert_eq!(text.parse::<TimeOfDay>().unwrap().minutes(), minutes, "{text}");
        }
        for bad in ["", "7", "24:01", "12:60", "12:5", "-1:00", "+1:00", "99:00", "١٢:٠٠"] {
            assert!(bad.parse::<TimeOfDay>().is_err(), "{bad}");
        }
        assert_eq!("7:05".parse::<TimeOfDay>().unwrap().to_string(), "07:05");
    }

    #[test]
    fn what_is_not_said_is_as_it_mostly_is() {
        let rule: Rule =
            serde_json::from_str(r#"{"name":"all","targets":[{"pool":"x"}]}"#).unwrap();
        assert!(rule.enabled && rule.when.is_empty() && rule.refuse.is_none());
        assert_eq!(
            serde_json::to_string(&rule).unwrap(),
            r#"{"name":"all","targets":[{"pool":"x"}]}"#
        );
        let hours: Hours = serde_json::from_str(r#"{"zone":"UTC"}"#).unwrap();
        assert_eq!((hours.from.minutes(), hours.until.minutes()), (0, 1_440));
        assert_eq!(serde_json::to_string(&hours).unwrap(), r#"{"zone":"UTC"}"#);
        let later: Pool = serde_json::from_str(r#"{"name":"x","strategy":"by_weather"}"#).unwrap();
        assert_eq!(later.strategy, Strategy::Other);
    }
}
