//! Numbers whose holders asked to be sent nothing more: in the document when somebody asks for them.

use contracts::PhoneNumber;
use serde_json::Value;
use store::OptOutSource;

use super::check::Check;
use super::compare::{Change, Sign};
use super::kind::Kind;
use super::refusal::NotTaken;
use super::section::{Entry, Fields, Section};
use super::there::There;
use crate::acts::not_read::NotRead;
use crate::acts::opt_out::{self, MOST_NUMBERS};
use crate::app::App;
use crate::authority::Authority;
use crate::power::Power;

/// The most that a document has. A gateway that has more brings them in by `merpati optout import`.
pub(super) const MOST: usize = 20_000;
/// How many are read at once.
const PAGE: u32 = 1_000;

/// The numbers that are out: one more than a document has at most.
pub(super) async fn read(app: &App, authority: &Authority) -> Result<Vec<PhoneNumber>, NotRead> {
    let mut numbers: Vec<PhoneNumber> = Vec::new();
    while numbers.len() <= MOST {
        let (page, more) = opt_out::list(app, authority, numbers.last(), PAGE).await?;
        numbers.extend(page.into_iter().map(|one| one.number));
        if !more {
            break;
        }
    }
    Ok(numbers)
}

fn fields(number: &PhoneNumber) -> Fields {
    let number = ("number".to_owned(), Value::String(number.to_string()));
    std::iter::once(number).collect()
}

/// Why numbers are in no document; none: there are no more than a document has.
pub(super) fn too_many(there: &There) -> Option<String> {
    let is_more = there.opt_outs.len() > MOST;
    is_more.then(|| {
        format!("there are more than {MOST}: use merpati optout list, and merpati optout import")
    })
}

/// Those that are out.
pub(super) fn section(there: &There) -> Section {
    let numbers = there.opt_outs.iter();
    Section::sorted(numbers.map(|number| Entry::there(Kind::OptOuts, fields(number))))
}

/// A number of a file, as it is kept.
pub(super) fn checked(look: &Check<'_>, entry: &Entry) -> Result<Entry, NotTaken> {
    look.authority.must_for_good(Power::OptOutsManage)?;
    let number = look.app.settings.numbering.written(&entry.key);
    let number = number.map_err(|error| NotTaken::Wrong(error.to_string()))?;
    Ok(Entry::there(Kind::OptOuts, fields(&number)))
}

/// Keeps what a file wants: those that are new in it. None is taken back.
pub(super) async fn apply(
    app: &App,
    authority: &Authority,
    changes: &[Change],
) -> Result<(), NotTaken> {
    let new = changes.iter().filter(|change| change.sign == Sign::Add);
    let numbers: Vec<String> = new.map(|change| change.key.clone()).collect();
    for piece in numbers.chunks(MOST_NUMBERS) {
        opt_out::change(app, authority, piece, true, OptOutSource::Import).await?;
    }
    Ok(())
}
