//! A message as programs write it.

use std::collections::HashMap;

use api::{NewMessage, Recipients};
use contracts::Languages;
use contracts::mt::{Body, Encoding, SendOptions};

use super::problem::{Answer, Problem};
use crate::acts::draft::{Draft, Unsendable};

/// A message as programs write it, as a draft. `usual` languages are those of a text that names none.
pub(super) fn draft(written: NewMessage, usual: Languages) -> Answer<Draft> {
    let languages = languages(&written)?.unwrap_or(usual);
    let encoding = match written.encoding {
        None | Some(api::Encoding::Auto) => Encoding::Auto,
        Some(api::Encoding::Gsm7) => Encoding::Gsm7,
        Some(api::Encoding::Smart) => Encoding::Smart,
        Some(api::Encoding::Ucs2) => Encoding::Ucs2,
    };
    let (to, own) = match written.to {
        Recipients::One(to) => (vec![to], HashMap::new()),
        Recipients::Several(to) => (to, HashMap::new()),
        Recipients::Each(all) => {
            let mut own = HashMap::new();
            let mut to = Vec::with_capacity(all.len());
            for (place, recipient) in all.into_iter().enumerate() {
                if let Some(text) = recipient.text.filter(|text| !text.is_empty()) {
                    own.insert(place, text);
                }
                to.push(recipient.to);
            }
            (to, own)
        }
    };
    let all_have_own = !to.is_empty() && own.len() == to.len();
    let body = match (written.text, written.data) {
        (Some(_), Some(_)) => {
            return Err(Problem::malformed("A message has text or data, not both."));
        }
        (Some(text), None) if text.is_empty() => return Err(Unsendable::Empty.into()),
        (Some(text), None) => Body::Text { text, encoding },
        (None, Some(data)) => Body::Data { data },
        // Nobody gets it.
        (None, None) if all_have_own => Body::Text { text: String::new(), encoding },
        (None, None) => return Err(Unsendable::Empty.into()),
    };
    if !own.is_empty() && matches!(body, Body::Data { .. }) {
        return Err(Problem::malformed("A recipient has a text of its own, or all get the data."));
    }
    if let Some(class) = written.class.filter(|class| *class > 3) {
        let detail = format!("The class is {class}; there are 0 (flash), 1, 2 and 3.");
        return Err(Problem::malformed(detail));
    }
    if let Some(dlr) = &written.dlr
        && !(dlr.url.starts_with("http://") || dlr.url.starts_with("https://"))
    {
        return Err(Problem::malformed("dlr.url is no http or https URL."));
    }
    Ok(Draft {
        to,
        own,
        even_cut_off: false,
        is_batch: false,
        body,
        priority: written.priority,
        not_before: written.not_before,
        not_after: written.not_after,
        sim: written.sim,
        pool: written.pool,
        udh: written.udh.filter(|udh| !udh.is_empty()),
        options: SendOptions {
            class: written.class.or(written.flash.then_some(0)),
            dcs: written.dcs,
            validity_minutes: written.validity_minutes,
            no_report: written.report == Some(false),
            protocol_id: written.protocol_id,
            reply_path: written.reply_path,
            ports: written.ports,
            languages,
        },
        tag: written.tag.filter(|tag| !tag.is_empty()),
        sender: written.sender.filter(|sender| !sender.is_empty()),
        when_uncertain: written.when_uncertain.unwrap_or_default(),
        dlr: written.dlr,
        dlr_form: None,
        batch: None,
        id: None,
        again_of: None,
        allow_double: written.allow_double,
    })
}

/// The languages that the message names; none: it names none.
fn languages(written: &NewMessage) -> Answer<Option<Languages>> {
    let languages = match &written.languages {
        None => return Ok(None),
        Some(api::Languages::One(tag)) => Languages::parse([tag.as_str()]),
        Some(api::Languages::Several(tags)) => Languages::parse(tags.iter().map(String::as_str)),
    };
    let languages =
        languages.map_err(|error| Problem::malformed(format!("languages: {error}.")))?;
    let is_ucs2 = written.encoding == Some(api::Encoding::Ucs2);
    if !languages.is_none() && (written.data.is_some() || is_ucs2) {
        let detail = "languages are for a text whose encoding is auto, smart or gsm7.";
        return Err(Problem::malformed(detail));
    }
    Ok(Some(languages))
}
