//! What a client of Jasmin's asks for, as a draft.

use std::time::Duration;

use contracts::bounds::VALIDITY_MINUTES;
use contracts::mt::{Body, DlrCallback, DlrForm, JasminForm, SendOptions};
use contracts::{Priority, Timestamp};
use jiff::civil::{Date, Time};
use jiff::tz;

use super::content;
use super::reply::Refusal;
use crate::acts::draft::Draft;
use crate::app::App;
use crate::authority::Authority;
use crate::doors::refused::Refused;
use crate::form::Form;

/// Everything that `/send` takes. `from`, `tags` and `custom_tlvs` are passed over: a SIM sends from its own number, and
/// nothing here is chosen by a tag.
const ARGUMENTS: [&str; 17] = [
    "to",
    "from",
    "coding",
    "username",
    "password",
    "priority",
    "sdt",
    "validity-period",
    "dlr",
    "dlr-url",
    "dlr-level",
    "dlr-method",
    "tags",
    "content",
    "hex-content",
    "custom_tlvs",
    "custom-tlvs",
];

/// Of Kannel's values, those of level 1 and those of level 2.
const OF_CENTRE: u8 = 8 | 16;
const OF_PHONE: u8 = 1 | 2;

/// The authority of `username` and `password`.
pub(super) async fn authorize(app: &App, name: &str, key: &str) -> Result<Authority, Refusal> {
    let authority = Authority::by_name_and_key(app, name, key).await;
    authority.map_err(Refused::from)?.ok_or_else(|| Refusal::unknown(name))
}

/// Refuses an argument that Jasmin does not have.
pub(super) fn check_names(form: &Form) -> Result<(), Refusal> {
    match form.names().find(|name| !ARGUMENTS.contains(name)) {
        None => Ok(()),
        Some(name) => {
            let name: String = name.chars().filter(|c| !c.is_control()).take(32).collect();
            Err(Refusal::bad(format!("Argument [{name}] is unknown.")))
        }
    }
}

/// A message to `to`, with what the form says of it.
pub(super) fn draft(app: &App, form: &Form, to: Vec<String>) -> Result<Draft, Refusal> {
    let now = app.clock.now();
    let number = |name: &str, range: std::ops::RangeInclusive<u32>| match form.filled(name) {
        None => Ok(None),
        Some(written) => match written.parse::<u32>() {
            Ok(number) if range.contains(&number) => Ok(Some(number)),
            _ => Err(Refusal::invalid(name, written)),
        },
    };
    let coding = number("coding", 0..=14)?.unwrap_or(0);
    let priority = match number("priority", 0..=3)? {
        Some(3) => Priority::Otp,
        _ => Priority::Normal,
    };
    let validity_minutes = number("validity-period", 1..=u32::MAX)?;
    let not_before = match form.filled("sdt") {
        None => None,
        Some(sdt) => Some(scheduled(sdt, now).ok_or_else(|| Refusal::invalid("sdt", sdt))?),
    };
    let options = SendOptions {
        validity_minutes: validity_minutes.map(|minutes| minutes.min(VALIDITY_MINUTES)),
        languages: app.settings.languages,
        ..SendOptions::default()
    };
    let (dlr, dlr_form) = callback(form)?.unzip();
    let body = body(form, coding)?;
    Ok(Draft { to, priority, not_before, options, dlr, dlr_form, ..Draft::of(body) })
}

/// The octets of `content` or of `hex-content`, one of which there has to be.
pub(super) fn body(form: &Form, coding: u32) -> Result<Body, Refusal> {
    let octets = match (form.raw(), form.filled("hex-content")) {
        (Some(_), Some(_)) => {
            return Err(Refusal::bad(
                "content and hex-content cannot be used both in same request.",
            ));
        }
        (Some(octets), None) => octets.to_vec(),
        (None, Some(hex)) => data_encoding::HEXLOWER_PERMISSIVE
            .decode(hex.as_bytes())
            .map_err(|_| Refusal::invalid("hex-content", hex))?,
        (None, None) => return Err(Refusal::bad("content or hex-content not present.")),
    };
    content::body(&octets, coding).ok_or_else(|| {
        Refusal::bad(format!(
            "Argument [coding] has an invalid value: [{coding}], or the content is not of it."
        ))
    })
}

fn callback(form: &Form) -> Result<Option<(DlrCallback, DlrForm)>, Refusal> {
    match form.filled("dlr") {
        None | Some("no") => return Ok(None),
        Some("yes") => {}
        Some(other) => return Err(Refusal::invalid("dlr", other)),
    }
    let url = form.filled("dlr-url").ok_or_else(|| Refusal::missing("dlr-url"))?;
    if !(url.starts_with("http://") || url.starts_with("https://")) {
        return Err(Refusal::invalid("dlr-url", url));
    }
    let (level, mask) = match form.filled("dlr-level") {
        None | Some("1") => (1, OF_CENTRE),
        // Whoever wants to hear of the end hears of one before the phone, too.
        Some("2") => (2, OF_PHONE | 16),
        Some("3") => (3, OF_CENTRE | OF_PHONE),
        Some(other) => return Err(Refusal::invalid("dlr-level", other)),
    };
    let post = match form.filled("dlr-method").map(str::to_ascii_uppercase).as_deref() {
        None | Some("POST") => true,
        Some("GET") => false,
        Some(other) => return Err(Refusal::invalid("dlr-method", other)),
    };
    let callback = DlrCallback { url: url.to_owned(), mask };
    Ok(Some((callback, DlrForm::Jasmin(JasminForm { level, post, batch: None }))))
}

/// A time as SMPP writes it: `YYMMDDhhmmsstnnp`, where `p` is `R` for a time from now on, or `+` or `-` with `nn`
/// quarters of an hour from UTC.
fn scheduled(sdt: &str, now: Timestamp) -> Option<Timestamp> {
    if sdt.len() != 16 || !sdt[..15].bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let field = |at: usize| sdt[at..at + 2].parse::<i8>().ok();
    let (year, month, day) = (field(0)?, field(2)?, field(4)?);
    let (hour, minute, second) = (field(6)?, field(8)?, field(10)?);
    if &sdt[15..] == "R" {
        let days = i64::from(year) * 365 + i64::from(month) * 30 + i64::from(day);
        let seconds =
            ((days * 24 + i64::from(hour)) * 60 + i64::from(minute)) * 60 + i64::from(second);
        return Some(now.plus(Duration::from_secs(u64::try_from(seconds).ok()?)));
    }
    let east = match &sdt[15..] {
        "+" => 1,
        "-" => -1,
        _ => return None,
    };
    let date = Date::new(2000 + i16::from(year), month, day).ok()?;
    let time = Time::new(hour, minute, second, 0).ok()?;
    let offset = tz::Offset::from_seconds(east * i32::from(field(13)?) * 15 * 60).ok()?;
    let at = offset.to_timestamp(date.to_datetime(time)).ok()?;
    Some(Timestamp::from_micros(at.as_microsecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_of_smpp_is_read() {
        let now: Timestamp = "2026-11-30T12:00:00Z".parse().unwrap();
        let at = |sdt: &str| scheduled(sdt, now).map(|at| at.to_jiff().to_string());
        let is = |text: &str| Some(text.to_owned());
        assert_eq!(at("000000000130000R"), is("2026-11-30T12:01:30Z"));
        assert_eq!(at("000001000000000R"), is("2026-12-01T12:00:00Z"));
        assert_eq!(at("261201070000028+"), is("2026-12-01T00:00:00Z"), "UTC+7");
        assert_eq!(at("261201000000004-"), is("2026-12-01T01:00:00Z"));
        for wrong in [
            "",
            "261201070000028",
            "261301070000028+",
            "26120107000002x+",
            "0000000001300\u{e9}R",
            "000000000130000X",
        ] {
            assert_eq!(at(wrong), None, "{wrong}");
        }
    }
}
