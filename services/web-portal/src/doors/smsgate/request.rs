//! What a client of SMSGate's asks for, as a draft.

use std::time::Duration;

use contracts::mt::{Body, Encoding, SendOptions};
use contracts::{ModemId, Priority, SimId, Timestamp};

use super::reply::Refusal;
use crate::acts::draft::{Draft, Unsendable};
use crate::app::App;
use crate::authority::Authority;
use crate::doors::refused::Refused;
use crate::form::Object;

/// The most characters of an id.
pub(super) const LONGEST_ID: usize = 36;
/// The most recipients of a message.
pub(super) const RECIPIENTS: usize = 100;
/// From this priority on, a message goes before others.
const URGENT: i16 = 100;

/// A message that can be sent.
#[derive(Debug)]
pub(super) struct Asked {
    /// What the client calls it.
    pub(super) id: Option<String>,
    pub(super) draft: Draft,
}

pub(super) async fn read(
    app: &App,
    authority: &Authority,
    object: &Object,
) -> Result<Asked, Refusal> {
    let id = object.text("id")?.filter(|id| !id.is_empty());
    if id.as_ref().is_some_and(|id| id.len() > LONGEST_ID) {
        return Err(Refusal::bad(format!("id: this has at most {LONGEST_ID} characters")));
    }
    if object.flag("isEncrypted")? == Some(true) {
        return Err(Refusal::bad("isEncrypted: only the phone's own app could read the message"));
    }
    let to = object.texts("phoneNumbers")?;
    if to.is_empty() {
        return Err(Refused::from(Unsendable::NoRecipient).into());
    }
    if to.len() > RECIPIENTS {
        let words =
            format!("phoneNumbers: there are {}, and a message may have {RECIPIENTS}", to.len());
        return Err(Refusal::bad(words));
    }
    let (body, ports) = body(object)?;
    let now = app.clock.now();
    let options = SendOptions {
        no_report: object.flag("withDeliveryReport")? == Some(false),
        ports,
        languages: app.settings.languages,
        ..SendOptions::default()
    };
    let draft = Draft {
        to,
        priority: priority(object)?,
        not_before: time(object, "scheduleAt")?,
        not_after: end(object, now)?,
        sim: sim(app, authority, object).await?,
        options,
        ..Draft::of(body)
    };
    Ok(Asked { id, draft })
}

/// Exactly one of a text, data, and the text as it was written before.
fn body(object: &Object) -> Result<(Body, Option<(u16, u16)>), Refusal> {
    let (text, data) = (object.object("textMessage")?, object.object("dataMessage")?);
    let text = match (text, object.text("message")?) {
        (Some(_), Some(_)) => return Err(Refusal::bad("textMessage: there is message, too")),
        (Some(text), None) => Some(text.text("text")?.unwrap_or_default()),
        (None, message) => message,
    };
    match (text, data) {
        (Some(_), Some(_)) => Err(Refusal::bad("dataMessage: there is textMessage, too")),
        (None, None) => Err(Refused::from(Unsendable::Empty).into()),
        (Some(text), None) if text.is_empty() => Err(Refused::from(Unsendable::Empty).into()),
        (Some(text), None) => Ok((Body::Text { text, encoding: Encoding::Auto }, None)),
        (None, Some(data)) => {
            let written = data.text("data")?.unwrap_or_default();
            let octets = data_encoding::BASE64.decode(written.as_bytes());
            let octets =
                octets.map_err(|_| Refusal::bad("dataMessage.data: this is not Base64"))?;
            let port = data.text("port")?.unwrap_or_default().parse::<u16>();
            let port = port
                .map_err(|_| Refusal::bad("dataMessage.port: this is a number from 0 to 65535"))?;
            let data = data_encoding::HEXUPPER.encode(&octets);
            Ok((Body::Data { data }, Some((port, 0))))
        }
    }
}

fn priority(object: &Object) -> Result<Priority, Refusal> {
    let Some(written) = object.text("priority")? else { return Ok(Priority::Normal) };
    match written.parse::<i16>() {
        Ok(priority @ -128..=127) => Ok(match priority {
            URGENT.. => Priority::Otp,
            ..0 => Priority::Bulk,
            _ => Priority::Normal,
        }),
        _ => Err(Refusal::bad("priority: this is a number from -128 to 127")),
    }
}

fn end(object: &Object, now: Timestamp) -> Result<Option<Timestamp>, Refusal> {
    match (object.text("ttl")?, time(object, "validUntil")?) {
        (Some(_), Some(_)) => Err(Refusal::bad("validUntil: there is ttl, too")),
        (None, until) => Ok(until),
        (Some(ttl), None) => {
            let seconds = ttl.parse::<u32>().ok().filter(|seconds| *seconds > 0);
            let words = "ttl: this is a number of seconds";
            let seconds = seconds.ok_or_else(|| Refusal::bad(words))?;
            Ok(Some(now.plus(Duration::from_secs(seconds.into()))))
        }
    }
}

fn time(object: &Object, name: &str) -> Result<Option<Timestamp>, Refusal> {
    let Some(written) = object.text(name)? else { return Ok(None) };
    let at = written.parse::<jiff::Timestamp>();
    let words = || Refusal::bad(format!("{name}: this is no time, write 2026-11-30T20:36:27Z"));
    Ok(Some(Timestamp::from_micros(at.map_err(|_| words())?.as_microsecond())))
}

/// A device is a modem: the message goes out through its SIM. `simNumber` has no counterpart, as a modem has one.
async fn sim(app: &App, authority: &Authority, object: &Object) -> Result<Option<SimId>, Refusal> {
    let Some(device) = object.text("deviceId")?.filter(|id| !id.is_empty()) else {
        return Ok(None);
    };
    let nothing = || Refusal::bad("deviceId: there is no such device, or it has no SIM");
    let id = device.parse::<ModemId>().map_err(|_| nothing())?;
    let modem = app.fleet.modem_of(authority.org, id).await.ok_or_else(nothing)?;
    Ok(Some(modem.sim.ok_or_else(nothing)?.id))
}
