//! What both versions of the API have in common.

use contracts::bounds::VALIDITY_MINUTES;
use contracts::mt::{Body, Encoding, SendOptions};
use contracts::{Priority, Timestamp};

use crate::acts::acceptance::{self, Acceptance};
use crate::acts::draft::{Draft, Part, Unsendable};
use crate::acts::rehearsal;
use crate::app::App;
use crate::authority::Authority;
use crate::doors::refused::Refused;
use crate::form::Unreadable;

/// What somebody wants sent, as both versions say it.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    pub(super) to: Vec<String>,
    pub(super) text: String,
    pub(super) urgent: bool,
    pub(super) flash: bool,
    /// How long the network tries, as `validity` says it.
    pub(super) validity: Option<String>,
    /// When it is to be sent, as `date` says it.
    pub(super) date: Option<String>,
    /// Nothing is sent; it is only looked whether it could be.
    pub(super) test: bool,
}

/// What became of it: the messages, each with its number, in the order of the recipients; a test has number 0.
pub(super) type Sent = Vec<(i64, String)>;

/// Sends all of it or nothing.
pub(super) async fn send(
    app: &App,
    authority: &Authority,
    wanted: Wanted,
) -> Result<Sent, Refused> {
    let draft = draft(app, &wanted)?;
    draft.is_meant()?;
    if wanted.test {
        let recipients = rehearsal::rehearse(app, authority, &draft).await?.recipients.into_iter();
        return Ok(recipients.map(|recipient| (0, recipient.to.to_string())).collect());
    }
    let acceptance = acceptance::accept(app, authority, &draft, None).await?;
    Ok(numbered(&acceptance))
}

fn numbered(acceptance: &Acceptance) -> Sent {
    let each = acceptance.messages.iter().map(|message| {
        let number = message.request.as_ref().and_then(|request| request.number);
        (number.unwrap_or_default(), message.to.to_string())
    });
    each.collect()
}

fn draft(app: &App, wanted: &Wanted) -> Result<Draft, Refused> {
    let to: Vec<String> = wanted.to.iter().filter(|to| !to.is_empty()).cloned().collect();
    if to.is_empty() {
        return Err(Unsendable::NoRecipient.into());
    }
    if wanted.text.is_empty() {
        return Err(Unsendable::Empty.into());
    }
    let field = |name: &str, words: &str| Unreadable::Field(format!("{name}: {words}"));
    let validity = wanted.validity.as_deref().map(|word| {
        minutes(word).ok_or_else(|| field("validity", "this is none of SMSEagle's words"))
    });
    let date = wanted.date.as_deref().map(|text| {
        time(text).ok_or_else(|| field("date", "this is no time, write YYYYMMDDHHMM in UTC"))
    });
    let (validity_minutes, not_before) = (validity.transpose()?, date.transpose()?);
    let options = SendOptions {
        class: wanted.flash.then_some(0),
        validity_minutes,
        languages: app.settings.languages,
        ..SendOptions::default()
    };
    // What the text needs, whether it is called Unicode or not: nothing of it is lost.
    let body = Body::Text { text: wanted.text.clone(), encoding: Encoding::Auto };
    let priority = if wanted.urgent { Priority::Otp } else { Priority::Normal };
    let is_batch = to.len() > 1;
    Ok(Draft { to, is_batch, priority, not_before, options, ..Draft::of(body) })
}

/// `5m`, `1h`, `2d`, `4w`, or `max`, which is as long as any network tries.
fn minutes(word: &str) -> Option<u32> {
    if word == "max" {
        return Some(VALIDITY_MINUTES);
    }
    let (count, unit) = word.split_at_checked(word.len().checked_sub(1)?)?;
    let each = match unit {
        "m" => 1,
        "h" => 60,
        "d" => 24 * 60,
        "w" => 7 * 24 * 60,
        _ => return None,
    };
    count.parse::<u32>().ok()?.checked_mul(each).filter(|minutes| *minutes > 0)
}

fn time(text: &str) -> Option<Timestamp> {
    let at = jiff::civil::DateTime::strptime("%Y%m%d%H%M", text).ok()?;
    let at = jiff::tz::Offset::UTC.to_timestamp(at).ok()?;
    Some(Timestamp::from_micros(at.as_microsecond()))
}

/// The name of the field that a refusal is about, by the names that a version has for recipients and text.
pub(super) fn named(refused: &Refused, text: &str) -> String {
    match refused {
        Refused::Unsendable(unsendable) => {
            let field = if unsendable.part() == Part::Recipients { "to" } else { text };
            format!("{field}: {refused}")
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_validity_is_a_word() {
        assert_eq!(minutes("5m"), Some(5));
        assert_eq!(minutes("4w"), Some(40_320));
        assert_eq!(minutes("max"), Some(VALIDITY_MINUTES));
        for wrong in ["", "5", "m", "5x", "-1h", "0m", "99999999999w", "4294967295w", "1\u{e9}"] {
            assert_eq!(minutes(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_date_has_no_separators() {
        let at = time("209901020304").unwrap();
        assert_eq!(at.to_jiff().to_string(), "2099-01-02T03:04:00Z");
        for wrong in ["2099-01-02", "209913020304", "soon", ""] {
            assert!(time(wrong).is_none(), "{wrong}");
        }
    }
}
