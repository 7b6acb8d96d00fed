//! What a button of the form does to what is written in it, and whom the form offers while a name is written.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use contracts::TemplateId;

use super::preparation::misunderstood_words;
use super::written::Written;
use super::{patched, refused_again, written_again};
use crate::acts::{addressing, template as templates};
use crate::app::App;
use crate::doors::pages::failure::Failure;
use crate::doors::pages::form::Form;
use crate::doors::pages::hostile::Hostile;
use crate::doors::pages::parts::{People, Person};
use crate::doors::pages::patch::Patch;
use crate::doors::pages::schedules::{self, Begun};

/// `POST /send/template`: the form with a template in its text, after what stood there.
pub(in super::super) async fn template(
    State(app): State<App>,
    form: Form,
) -> Result<Response, Failure> {
    let authority = form.visit.authority()?;
    let mut written = Written::read(&app, &form)?;
    let id: TemplateId = form.field("template").parse().map_err(|_| Failure::Malformed)?;
    let found = templates::one(&app, authority, id).await?.ok_or(Failure::NotFound)?;
    let text = match written.text().trim_end() {
        "" => found.text,
        before => format!("{before}\n{}", found.text),
    };
    written.rewrite(text);
    written_again(&app, &form, &written).await
}

/// `POST /send/alike`: the form with characters that make a message Unicode replaced by those that look alike, where there are some.
pub(in super::super) async fn alike(
    State(app): State<App>,
    form: Form,
) -> Result<Response, Failure> {
    form.visit.authority()?;
    let mut written = Written::read(&app, &form)?;
    let text = replaced(written.text());
    written.rewrite(text);
    written_again(&app, &form, &written).await
}

/// A text with look-alikes in the place of characters that make it Unicode, where there are some.
pub(super) fn replaced(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match tpdu::text::alike(c) {
            Some(alike) => out.push_str(alike),
            None => out.push(c),
        }
    }
    out
}

/// `POST /send/people`: contacts and groups for the name that is being written. Without JavaScript the whole page with the form as it was.
pub(in super::super) async fn people(
    State(app): State<App>,
    form: Form,
) -> Result<Response, Failure> {
    let (w, authority) = (form.visit.words, form.visit.authority()?);
    if !form.wants_patches {
        let written = Written::read(&app, &form)?;
        return written_again(&app, &form, &written).await;
    }
    let begun = form.field("to").rsplit([',', ';', '\n']).next().unwrap_or_default();
    let offers = addressing::offers(&app, authority, begun).await?;
    let person = |offer: addressing::Offer| Person {
        entry: offer.entry,
        name: Hostile(offer.name),
        about: offer.number.unwrap_or_else(|| w.compose_group(offer.contacts)),
    };
    let people = People { w, people: offers.into_iter().map(person).collect() };
    Ok(patched(StatusCode::OK, vec![Patch::put("people", &people)?]))
}

/// `POST /send/repeat`: the form of a schedule with what was written.
pub(in super::super) async fn repeat(
    State(app): State<App>,
    form: Form,
) -> Result<Response, Failure> {
    let authority = form.visit.authority()?;
    let written = Written::read(&app, &form)?;
    match addressing::find(&app, authority, &written.draft.to).await {
        Ok(found) => {
            let begun = Begun {
                to: found.alone.join("\n"),
                groups: found.groups,
                text: written.text().to_owned(),
                date: written.fold.date.clone(),
                time: written.fold.time.clone(),
                zone: written.fold.zone.clone(),
            };
            Ok(schedules::begun(&app, &form.visit, begun).await?.into_response())
        }
        Err(refused) => {
            let errors = misunderstood_words(form.visit.words, refused)?;
            refused_again(&app, &form, &written, errors, false).await
        }
    }
}
