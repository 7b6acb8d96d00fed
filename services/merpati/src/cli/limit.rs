//! What can be said about how much SIMs and accounts may send.

use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub(crate) enum Limit {
    /// Say how much a SIM or an account may send. What is not named stays as it is; `none` removes a limit.
    Set(SetLimit),
    /// Show the SIMs and accounts that have limits.
    List,
    /// Show the limits of a SIM or an account, and how much of them is used.
    Show {
        #[command(flatten)]
        of: Limited,
    },
    /// Let a SIM or an account send as much as comes.
    Remove {
        #[command(flatten)]
        of: Limited,
    },
}

/// One of them is named.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Limited {
    /// The SIM: its id or the beginning of it, its number or ICCID, or the name of the modem it is in.
    #[arg(long)]
    pub(crate) sim: Option<String>,
    /// The account: its name; local: what services send that name no account, and the command line.
    #[arg(long, value_name = "NAME")]
    pub(crate) user: Option<String>,
}

/// Parts of messages are counted: a text of three parts is three. A minute, an hour, a day and a month are those of the
/// clock in the zone. What is beyond the limits of an account is held until they open.
#[derive(Debug, Args)]
pub(crate) struct SetLimit {
    #[command(flatten)]
    pub(crate) of: Limited,
    #[command(flatten)]
    pub(crate) limits: SaidLimits,
}

/// At least one of them is named.
#[derive(Debug, Default, Args)]
#[group(required = true, multiple = true)]
pub(crate) struct SaidLimits {
    /// At most so many a minute.
    #[arg(long, value_name = "N|none", value_parser = number)]
    pub(crate) per_minute: Option<u32>,
    /// At most so many an hour.
    #[arg(long, value_name = "N|none", value_parser = number)]
    pub(crate) per_hour: Option<u32>,
    /// At most so many a day.
    #[arg(long, value_name = "N|none", value_parser = number)]
    pub(crate) per_day: Option<u32>,
    /// At most so many a calendar month.
    #[arg(long, value_name = "N|none", value_parser = number)]
    pub(crate) per_month: Option<u32>,
    /// At most so many different recipients a calendar month; whom the SIM had, it still sends to.
    #[arg(long, value_name = "N|none", value_parser = recipients)]
    pub(crate) recipients_per_month: Option<u32>,
    /// What a part costs, in whole units of the money that the SIM is paid with.
    #[arg(long, value_name = "N|none", value_parser = sum)]
    pub(crate) price: Option<u32>,
    /// At most so much to spend a day; needs a price.
    #[arg(long, value_name = "N|none", value_parser = sum)]
    pub(crate) spend_per_day: Option<u32>,
    /// At most so much to spend a calendar month; needs a price.
    #[arg(long, value_name = "N|none", value_parser = sum)]
    pub(crate) spend_per_month: Option<u32>,
    /// A new SIM: at most so many a day at first, twice as many each week until it is the usual number.
    #[arg(long, value_name = "N|none", value_parser = number)]
    pub(crate) warm_up: Option<u32>,
    /// The first day of that, such as 2026-12-01 [default: today].
    #[arg(long, value_name = "DATE", requires = "warm_up")]
    pub(crate) warm_up_from: Option<String>,
    /// When only one-time passwords go out, such as 22:00-06:00.
    #[arg(long, value_name = "HH:MM-HH:MM|none")]
    pub(crate) quiet: Option<String>,
    /// The time zone by whose clock all of it is, such as Asia/Jakarta; none: that of the modem's host, or of the router's.
    #[arg(long, value_name = "ZONE|none")]
    pub(crate) zone: Option<String>,
    /// An account: at most so many one-time passwords an hour, which other messages take no places of then.
    #[arg(long, value_name = "N|none", value_parser = number)]
    pub(crate) otp_per_hour: Option<u32>,
    /// An account: so many turns where another account has one, 1 to 100.
    #[arg(long, value_name = "N|none", value_parser = number)]
    pub(crate) weight: Option<u32>,
}

/// A number of parts; 0 for none.
fn number(said: &str) -> Result<u32, String> {
    up_to(contracts::limits::MOST, said)
}

/// A number of recipients; 0 for none.
fn recipients(said: &str) -> Result<u32, String> {
    up_to(contracts::limits::MOST_RECIPIENTS, said)
}

/// An amount of money; 0 for none.
fn sum(said: &str) -> Result<u32, String> {
    up_to(contracts::limits::MOST_SPEND, said)
}

fn up_to(most: u32, said: &str) -> Result<u32, String> {
    match said {
        "none" => Ok(0),
        said => match said.parse() {
            Ok(number) if (1..=most).contains(&number) => Ok(number),
            _ => Err(format!("say a whole number from 1 to {most}, or none")),
        },
    }
}
