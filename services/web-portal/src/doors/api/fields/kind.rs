//! What may stand in a field, and the check of it.

use std::fmt;

use contracts::limits::Quiet;
use contracts::routes::Prefix;
use contracts::{Amount, Languages, Timestamp};
use platform::config::Network;
use recurrence::{LONGEST_LOCAL, LONGEST_REPETITION, LONGEST_ZONE};
use serde_json::Value;
use store::{Cursor, FASTEST_PACE, NamePlace, Pace};

use super::fault::Fault;
use super::{Field, NAME, RECIPIENT, check_object, names};
use crate::acts::draft::{OF_A_BATCH, RECIPIENTS};
use crate::acts::key::NETWORKS;
use crate::old_password::{MOST_COST, OldHash};

/// Characters of a number as people write it, with blanks and brackets.
pub(super) const WRITTEN_NUMBER: usize = 64;
/// Users whom a list of who may do something has.
const PEOPLE: usize = 1_000;

/// What may stand in a field. Its `Display` is for documentation and refusals.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// A text of so many characters.
    Text(usize),
    /// The same, or `null`.
    TextOrNull(usize),
    /// A whole number between these.
    Number(i64, i64),
    /// `true` or `false`.
    Flag,
    /// A point in time.
    Time,
    /// A date and a time as a clock on the wall shows it. What is wrong with it is said by who reads it.
    LocalTime,
    /// The name of a time zone, which is said so too.
    Zone,
    /// How something is repeated, which is said so too; empty: it is not.
    Repetition,
    /// Hours of the day; empty: none.
    Hours,
    /// So many messages in a minute or an hour; empty: none.
    Pace,
    /// A day; empty: none.
    Day,
    /// An id that begins so.
    Id(&'static str),
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// A list of some of these words.
    Several(&'static [&'static str]),
    /// A list of so many texts, each of so many characters.
    Texts(usize, usize),
    /// An object of so many names, each of so many characters, with texts of so many characters.
    Named(usize, usize, usize),
    /// A list of so many ids that begin so.
    Ids(usize, &'static str),
    /// A phone number as people write it.
    Phone,
    /// A list of so many phone numbers.
    Phones(usize),
    /// An e-mail address of so many characters; empty: none.
    Email(usize),
    /// A hash that playSMS has of a password.
    OldHash,
    /// A URL of so many bytes.
    Url(usize),
    /// The same, or where a mail goes.
    UrlOrMail(usize),
    /// Octets in so many hex digits.
    Hex(usize),
    /// A text or data that is bounded by the parts of a message.
    Parts,
    /// A number, or a list of numbers.
    Recipients,
    /// A list of numbers, or of numbers with texts of their own.
    BatchRecipients,
    /// Language codes.
    Tags,
    /// Two port numbers.
    Ports,
    /// A sum of money, as a text or a number.
    Amount,
    /// What numbers begin with.
    Prefix,
    /// The `next` of a page.
    Cursor,
    /// The `next` of a page of a list that is sorted by name.
    NameCursor,
    /// `everybody`, or a list of users' names.
    Who,
    /// Addresses and networks.
    Networks,
    /// An object with these fields.
    Object(&'static [Field]),
    /// A list of so many objects with these fields.
    Objects(usize, &'static [Field]),
    /// The document of what people set. What is wrong in it is said by who reads it.
    Document,
}

impl Kind {
    /// Checks a JSON value.
    pub(super) fn check(&self, value: &Value, field: &str) -> Result<(), Fault> {
        let wrong = || Fault::wrong(field, self);
        match self {
            Self::Object(fields) => return check_object(fields, value, &format!("{field}.")),
            Self::Flag => return value.as_bool().map(drop).ok_or_else(wrong),
            Self::Document => return value.as_object().map(drop).ok_or_else(wrong),
            Self::Number(least, most) => {
                let number = value.as_i64().ok_or_else(wrong)?;
                return if (*least..=*most).contains(&number) { Ok(()) } else { Err(wrong()) };
            }
            Self::Ports => {
                let is_port = |port: &Value| port.as_u64().is_some_and(|port| port <= 65_535);
                let ports = value.as_array().filter(|ports| ports.len() == 2);
                let fits = ports.is_some_and(|ports| ports.iter().all(is_port));
                return if fits { Ok(()) } else { Err(wrong()) };
            }
            Self::Who => {
                let fits = match value {
                    Value::String(word) => word == "everybody",
                    Value::Array(names) => {
                        let is_name = |name: &Value| {
                            name.as_str().is_some_and(|name| name.chars().count() <= NAME)
                        };
                        names.len() <= PEOPLE && names.iter().all(is_name)
                    }
                    _ => false,
                };
                return if fits { Ok(()) } else { Err(wrong()) };
            }
            Self::Several(words) => {
                let is_one = |one: &Value| one.as_str().is_some_and(|one| words.contains(&one));
                let fits = value.as_array().is_some_and(|all| {
                    (1..=words.len()).contains(&all.len()) && all.iter().all(is_one)
                });
                return if fits { Ok(()) } else { Err(wrong()) };
            }
            Self::Networks => {
                let is_one =
                    |one: &Value| one.as_str().is_some_and(|one| one.parse::<Network>().is_ok());
                let fits = value
                    .as_array()
                    .is_some_and(|all| all.len() <= NETWORKS && all.iter().all(is_one));
                return if fits { Ok(()) } else { Err(wrong()) };
            }
            Self::Texts(most, size) => {
                let is_text =
                    |one: &Value| one.as_str().is_some_and(|one| one.chars().count() <= *size);
                let all = value.as_array().filter(|all| all.len() <= *most);
                let fits = all.is_some_and(|all| all.iter().all(is_text));
                return if fits { Ok(()) } else { Err(wrong()) };
            }
            Self::Named(most, name, size) => {
                let is_one = |(key, text): (&String, &Value)| {
                    key.chars().count() <= *name
                        && text.as_str().is_some_and(|text| text.chars().count() <= *size)
                };
                let all = value.as_object().filter(|all| all.len() <= *most);
                let fits = all.is_some_and(|all| all.iter().all(is_one));
                return if fits { Ok(()) } else { Err(wrong()) };
            }
            Self::Phones(most) => {
                let all = value.as_array().filter(|all| all.len() <= *most).ok_or_else(wrong)?;
                return all.iter().try_for_each(|one| Self::Phone.check(one, field));
            }
            Self::Ids(most, prefix) => {
                let all = value.as_array().filter(|all| all.len() <= *most).ok_or_else(wrong)?;
                let is_id = |one: &Value| one.as_str().is_some_and(|one| is_id(one, prefix));
                return if all.iter().all(is_id) { Ok(()) } else { Err(wrong()) };
            }
            Self::Objects(most, fields) => {
                let all = value.as_array().filter(|all| all.len() <= *most).ok_or_else(wrong)?;
                return all
                    .iter()
                    .try_for_each(|one| check_object(fields, one, &format!("{field}.")));
            }
            Self::Amount => {
                let amount = serde_json::from_value::<Amount>(value.clone());
                return amount.map(drop).map_err(|_| wrong());
            }
            // Said in words by who reads them.
            Self::Tags => return Ok(()),
            Self::BatchRecipients => {
                let all = value.as_array().ok_or_else(wrong)?;
                return all.iter().try_for_each(|one| match one {
                    Value::Object(_) => check_object(RECIPIENT, one, &format!("{field}.")),
                    one => Self::Text(WRITTEN_NUMBER).check(one, field),
                });
            }
            Self::Recipients => {
                if let Value::Array(all) = value {
                    return all.iter().try_for_each(|one| {
                        self.check_text(one.as_str().ok_or_else(wrong)?, field)
                    });
                }
            }
            _ => {}
        }
        self.check_text(value.as_str().ok_or_else(wrong)?, field)
    }

    /// Checks a text, as of a query.
    pub(super) fn check_text(&self, text: &str, field: &str) -> Result<(), Fault> {
        let wrong = || Fault::wrong(field, self);
        let (size, most, unit) = match self {
            Self::Text(most) | Self::TextOrNull(most) => {
                (text.chars().count(), *most, "characters")
            }
            Self::Recipients | Self::Phone => (text.chars().count(), WRITTEN_NUMBER, "characters"),
            Self::LocalTime => (text.chars().count(), LONGEST_LOCAL, "characters"),
            Self::Zone => (text.chars().count(), LONGEST_ZONE, "characters"),
            Self::Repetition => (text.chars().count(), LONGEST_REPETITION, "characters"),
            Self::Day => {
                let fits = text.is_empty() || text.parse::<jiff::civil::Date>().is_ok();
                return if fits { Ok(()) } else { Err(wrong()) };
            }
            Self::Pace => {
                let fits = text.is_empty() || text.parse::<Pace>().is_ok();
                return if fits { Ok(()) } else { Err(wrong()) };
            }
            Self::Hours => {
                let fits = text.is_empty() || text.parse::<Quiet>().is_ok();
                return if fits { Ok(()) } else { Err(wrong()) };
            }
            Self::Email(most) => {
                if !text.is_empty() && !text.contains('@') {
                    return Err(wrong());
                }
                (text.chars().count(), *most, "characters")
            }
            Self::Url(most) | Self::UrlOrMail(most) => (text.len(), *most, "bytes"),
            Self::Hex(most) => (text.len(), *most, "hex digits"),
            Self::Number(least, most) => {
                let fits = text.parse().is_ok_and(|number: i64| (*least..=*most).contains(&number));
                return if fits { Ok(()) } else { Err(wrong()) };
            }
            Self::OldHash => {
                return OldHash::parse(text).map(drop).ok_or_else(wrong);
            }
            Self::Amount => return text.parse::<Amount>().map(drop).map_err(|_| wrong()),
            Self::Prefix => return text.parse::<Prefix>().map(drop).map_err(|_| wrong()),
            Self::Cursor => return text.parse::<Cursor>().map(drop).map_err(|_| wrong()),
            Self::NameCursor => {
                return text.parse::<NamePlace>().map(drop).map_err(|_| wrong());
            }
            Self::Time => return text.parse::<Timestamp>().map(drop).map_err(|_| wrong()),
            Self::Id(prefix) => {
                return if is_id(text, prefix) { Ok(()) } else { Err(wrong()) };
            }
            Self::OneOf(words) => {
                return if words.contains(&text) { Ok(()) } else { Err(wrong()) };
            }
            Self::Parts
            | Self::Flag
            | Self::BatchRecipients
            | Self::Tags
            | Self::Ports
            | Self::Who
            | Self::Networks
            | Self::Several(_)
            | Self::Texts(..)
            | Self::Named(..)
            | Self::Phones(..)
            | Self::Ids(..)
            | Self::Objects(..)
            | Self::Document
            | Self::Object(_) => {
                return Ok(());
            }
        };
        if size <= most {
            return Ok(());
        }
        Err(Fault::TooLarge { field: field.to_owned(), found: size, most, unit })
    }
}

/// Whether a text is an id that begins so.
fn is_id(text: &str, prefix: &str) -> bool {
    let hex = text.strip_prefix(prefix).filter(|hex| hex.len() == 32);
    hex.is_some_and(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()))
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(most) => write!(f, "a text of at most {most} characters"),
            Self::TextOrNull(most) => write!(f, "a text of at most {most} characters, or null"),
            Self::Number(least, i64::MAX) => write!(f, "a whole number from {least}"),
            Self::Number(least, most) => write!(f, "a whole number from {least} to {most}"),
            Self::Flag => f.write_str("true or false"),
            Self::Time => f.write_str("a time such as 2026-11-24T06:00:00+07:00"),
            Self::LocalTime => f.write_str("a local date and time such as 2026-12-01 08:00"),
            Self::Zone => f.write_str("a time zone such as Asia/Jakarta"),
            Self::Repetition => write!(
                f,
                "a repetition such as FREQ=WEEKLY;BYDAY=MO, of at most {LONGEST_REPETITION} characters"
            ),
            Self::Day => f.write_str("a day such as 2026-12-01"),
            Self::Hours => f.write_str("hours such as 22:00-06:00"),
            Self::Pace => write!(
                f,
                "messages a minute or an hour, 1 to {FASTEST_PACE}, such as 60/minute or 500/hour"
            ),
            Self::Id(prefix) => write!(f, "an id: {prefix} and 32 hex digits"),
            Self::OneOf(words) => match words.split_last() {
                Some((last, others)) => write!(f, "{} or {last}", others.join(", ")),
                None => Ok(()),
            },
            Self::Several(words) => write!(f, "a list of some of {}", words.join(", ")),
            Self::Texts(most, size) => {
                write!(f, "a list of at most {most} texts, each of at most {size} characters")
            }
            Self::Named(most, name, size) => write!(
                f,
                "a JSON object of at most {most} names of at most {name} characters, each with a text of at most {size} characters"
            ),
            Self::Ids(most, prefix) => {
                write!(f, "a list of at most {most} ids, each {prefix} and 32 hex digits")
            }
            Self::Phone => {
                write!(f, "a phone number of at most {WRITTEN_NUMBER} characters")
            }
            Self::Phones(most) => {
                write!(
                    f,
                    "a list of at most {most} phone numbers, each of at most {WRITTEN_NUMBER} characters"
                )
            }
            Self::Email(most) => write!(f, "an e-mail address of at most {most} characters"),
            Self::OldHash => {
                write!(f, "a bcrypt hash of a cost up to {MOST_COST}, or MD5 in 32 hex digits")
            }
            Self::Url(most) => write!(f, "an http or https URL of at most {most} bytes"),
            Self::UrlOrMail(most) => {
                write!(f, "an http or https URL of at most {most} bytes, or mailto: and an address")
            }
            Self::Hex(most) => write!(f, "octets in at most {most} hex digits"),
            Self::Parts => f.write_str("as many parts as router.max_parts allows"),
            Self::Recipients => write!(
                f,
                "a phone number or a list of at most {RECIPIENTS}, each of at most {WRITTEN_NUMBER} characters"
            ),
            Self::BatchRecipients => write!(
                f,
                "a list of at most {OF_A_BATCH} phone numbers of at most {WRITTEN_NUMBER} characters, or of objects with {}",
                names(RECIPIENT)
            ),
            Self::Tags => write!(
                f,
                "a list of at most {} two-letter codes, or \"auto\"",
                Languages::ALL.iter().count()
            ),
            Self::Ports => f.write_str("a list of two whole numbers from 0 to 65535"),
            Self::Who => write!(
                f,
                "\"everybody\", or a list of at most {PEOPLE} users' names of at most {NAME} characters"
            ),
            Self::Networks => write!(
                f,
                "a list of at most {NETWORKS} addresses or networks such as 192.0.2.7 or 10.0.0.0/8"
            ),
            Self::Amount => {
                f.write_str("an amount such as 5000 or 12.50, of at most four decimals")
            }
            Self::Prefix => {
                write!(f, "1 to {} digits, with or without a + before them", Prefix::LONGEST)
            }
            Self::Cursor | Self::NameCursor => f.write_str("the next of another page of this list"),
            Self::Document => {
                f.write_str("a JSON object with lists of settings, as GET /configuration has it")
            }
            Self::Object([]) => f.write_str("an empty JSON object"),
            Self::Object(fields) => write!(f, "a JSON object with {}", names(fields)),
            Self::Objects(most, fields) => {
                write!(f, "a list of at most {most} objects with {}", names(fields))
            }
        }
    }
}
