//! Before a form is sent: names become numbers, fields are filled in, and what comes of it is shown where it should be looked at.

use contracts::subject::Target;
use contracts::{Priority, Timestamp};
use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};
use store::{PersonalText, Personalia};

use super::error_words;
use super::written::{FIELDS, Written};
use crate::acts::addressing::{self, Addressed, Meant, Misunderstood, NotAddressed, Understood};
use crate::acts::draft::{RECIPIENTS, Recipient};
use crate::acts::rehearsal::{self, Rehearsal};
use crate::acts::way::{self, End, NotTried, Tried};
use crate::app::App;
use crate::doors::pages::failure::Failure;
use crate::doors::pages::form::Form;
use crate::doors::pages::hostile::Hostile;
use crate::doors::pages::parts::{Look, LookRow, Sentence, alikes, forced, letters, within};
use crate::doors::pages::routes::words::would;
use crate::doors::pages::visit::Visit;
use crate::secret::random_secret;
use crate::words::Words;

/// Recipients whose messages are looked at one by one.
const ROWS: usize = 20;
/// Names that are said to be misunderstood, and what they were taken for.
const NAMES: usize = 20;

/// What becomes of a form.
pub(super) enum Next {
    /// It is sent.
    Send,
    /// It is looked at first.
    Look(Box<Look>),
    /// It cannot be sent, for these reasons.
    Refuse(Vec<String>),
}

/// Whom the form is for, and how many of them have nothing in a field of the text.
struct Whom {
    addressed: Addressed,
    lacking: usize,
}

/// Finds out what becomes of a form, and puts into its draft whom it goes to and what each of them reads. `always`: it is to be looked at
/// whatever stands in it.
pub(super) async fn prepare(
    app: &App,
    form: &Form,
    written: &mut Written,
    always: bool,
) -> Result<Next, Failure> {
    let (visit, w) = (&form.visit, form.visit.words);
    let authority = visit.authority()?;
    if written.text().is_empty() {
        return Ok(Next::Refuse(vec![w.send_empty()]));
    }
    if !written.wrong.is_empty() {
        return Ok(Next::Refuse(written.wrong.clone()));
    }
    let whom = match address(app, visit, written).await? {
        Ok(whom) => whom,
        Err(words) => return Ok(Next::Refuse(words)),
    };
    if let Err(slip) = written.draft.is_meant() {
        return Ok(Next::Refuse(error_words(w, &slip.into())));
    }
    let (is_first, seen) = (form.field("form") == "compose", form.field("seen"));
    let mark = mark(written);
    // Whoever looked at it looked at this; what was written for no form at all is sent as it is.
    if !always && !is_first && (seen.is_empty() || seen == mark) {
        return Ok(Next::Send);
    }
    let rehearsal = match rehearsal::rehearse(app, authority, &written.draft).await {
        Ok(rehearsal) => rehearsal,
        Err(refused) => return Ok(Next::Refuse(error_words(w, &refused))),
    };
    let costs = rehearsal.cost.is_some_and(|cost| cost.ten_thousandths() > 0);
    let is_plain = rehearsal.recipients.len() == 1
        && whom.addressed.understood.is_empty()
        && written.draft.own.is_empty()
        && written.draft.not_before.is_none()
        && !costs;
    if !always && is_first && is_plain {
        return Ok(Next::Send);
    }
    let has_changed = !always && !is_first;
    let look = Look { has_changed, ..look(app, form, written, &whom, rehearsal, mark).await? };
    Ok(Next::Look(Box::new(look)))
}

/// Puts the numbers of all whom a form names into its draft, and what each of them reads; or says what was not understood.
async fn address(
    app: &App,
    visit: &Visit,
    written: &mut Written,
) -> Result<Result<Whom, Vec<String>>, Failure> {
    let (w, authority) = (visit.words, visit.authority()?);
    let addressed = match addressing::find(app, authority, &written.draft.to).await {
        Ok(addressed) => addressed,
        Err(refused) => return misunderstood_words(w, refused).map(Err),
    };
    let people = &addressed.people;
    written.draft.to = people.iter().map(|one| one.number.clone()).collect();
    written.draft.is_batch = people.len() > 1;
    let mut lacking = 0;
    let personal = written.text().parse::<PersonalText>().ok();
    let has_fields =
        |text: &PersonalText| !text.fields().is_empty() || !text.own_fields().is_empty();
    if let Some(text) = personal.filter(has_fields) {
        let limit = app.settings.max_parts;
        let (fields, own_fields) = (text.fields(), text.own_fields());
        for (at, one) in people.iter().enumerate() {
            let own = text.fill(one);
            // The first that is too long is enough: a long note in many places is not kept for each recipient.
            let parts = usize::from(written.draft.parts_of(Some(&own)));
            if parts > limit {
                return Ok(Err(vec![w.send_too_long(limit, parts)]));
            }
            let is_lacking = fields.iter().any(|field| one.of(*field).trim().is_empty())
                || own_fields.iter().any(|name| one.of_own(name).trim().is_empty());
            lacking += usize::from(is_lacking);
            written.draft.own.insert(at, own);
        }
    }
    Ok(Ok(Whom { addressed, lacking }))
}

/// Which names were not understood, for who wrote them.
pub(super) fn misunderstood_words(w: Words, refused: NotAddressed) -> Result<Vec<String>, Failure> {
    let names = match refused {
        NotAddressed::Misunderstood(names) => names,
        NotAddressed::TooMany => return Ok(vec![w.send_people_too_many(RECIPIENTS)]),
        NotAddressed::NotRead(not_read) => return Err(not_read.into()),
    };
    let words = |name: Misunderstood| match name {
        Misunderstood::Unknown(name) => w.send_unknown_name(cut(&name)),
        Misunderstood::Several { written, could_be } => {
            w.send_several_names(could_be.join("; "), cut(&written))
        }
        Misunderstood::NobodyIn(name) => w.send_empty_group(cut(&name)),
    };
    Ok(names.into_iter().take(NAMES).map(words).collect())
}

fn cut(name: &str) -> String {
    name.chars().take(64).collect()
}

/// What tells two preparations apart that would send to others, or something else.
fn mark(written: &Written) -> String {
    let draft = &written.draft;
    let mut hash = Sha256::new();
    for part in std::iter::once(written.text()).chain(draft.to.iter().map(String::as_str)) {
        hash.update(part.len().to_be_bytes());
        hash.update(part);
    }
    for at in 0..draft.to.len() {
        let own = draft.own.get(&at).map_or("", String::as_str);
        hash.update(own.len().to_be_bytes());
        hash.update(own);
    }
    HEXLOWER.encode(&hash.finalize())
}

/// What would be sent.
async fn look(
    app: &App,
    form: &Form,
    written: &Written,
    whom: &Whom,
    rehearsal: Rehearsal,
    mark: String,
) -> Result<Look, Failure> {
    let (w, draft) = (form.visit.words, &written.draft);
    let Rehearsal { recipients, count, cost } = rehearsal;
    let all = recipients.len();
    let own_parts = |one: &Recipient| usize::from(draft.parts_of(one.text.as_deref()));
    let total: usize = if draft.own.is_empty() {
        count.parts.saturating_mul(all)
    } else {
        recipients.iter().map(own_parts).sum()
    };
    let mut facts = vec![
        (w.look_messages(), Sentence(w.look_messages_parts(all, total))),
        (w.message_letters(), Sentence(letters(w, &count))),
    ];
    let mut fact = |name: String, value: Option<String>| {
        facts.extend(value.map(|value| (name, Sentence(value))));
    };
    fact(w.look_cost(), cost.map(|cost| cost.to_string()));
    match draft.not_before {
        Some(at) => fact(w.compose_at(), Some(moment_words(w, at, &written.fold.zone))),
        None => fact(w.bulk_when(), Some(w.bulk_at_once())),
    }
    fact(w.compose_until(), draft.not_after.map(|at| moment_words(w, at, &written.fold.zone)));
    let urgency = match draft.priority {
        Priority::Normal => None,
        Priority::Otp => Some(w.routes_otp()),
        Priority::Bulk => Some(w.routes_bulk()),
    };
    fact(w.routes_priorities(), urgency);
    fact(w.look_kind(), draft.options.class.map(|_| w.compose_flash()));
    fact(w.look_double(), draft.allow_double.then(|| w.compose_double()));
    let rows = rows(app, form, written, whom, &recipients).await?;
    let lacking = (whom.lacking > 0).then(|| w.look_lacking(whom.lacking));
    let short: Vec<String> = recipients
        .iter()
        .filter(|one| one.to.is_short_code())
        .take(NAMES)
        .map(|one| one.to.to_string())
        .collect();
    let short = (!short.is_empty()).then(|| w.sent_short_code(short.join(", ")));
    // The text may have been replaced.
    let value = |name: &str| if name == "text" { written.text() } else { form.field(name) };
    let kept = FIELDS.iter().map(|name| (*name, value(name).to_owned()));
    let attempt = form.field("attempt");
    Ok(Look {
        w,
        csrf: form.visit.csrf.clone(),
        attempt: if attempt.is_empty() { random_secret() } else { attempt.to_owned() },
        seen: mark,
        kept: kept.filter(|(_, value)| !value.is_empty()).collect(),
        has_changed: false,
        understood: understood_words(w, &whom.addressed.understood),
        facts,
        forced: forced(w, &count),
        alike: alikes(w, &count),
        warnings: lacking.into_iter().chain(short).collect(),
        text: draft.own.is_empty().then(|| Hostile(written.text().to_owned())),
        more: (all > rows.len()).then(|| w.look_more(all - rows.len())),
        rows,
        send: w.look_send(all),
    })
}

/// The first recipients, each with what would become of its message.
async fn rows(
    app: &App,
    form: &Form,
    written: &Written,
    whom: &Whom,
    recipients: &[Recipient],
) -> Result<Vec<LookRow>, Failure> {
    let (w, draft) = (form.visit.words, &written.draft);
    let authority = form.visit.authority()?;
    let named = match (draft.sim, &draft.pool) {
        (Some(sim), _) => Some(Target::Sim(sim)),
        (None, Some(pool)) => Some(Target::Pool(pool.clone())),
        (None, None) => None,
    };
    let nobody = Personalia::default();
    let mut rows = Vec::new();
    for (at, recipient) in recipients.iter().take(ROWS).enumerate() {
        let text = recipient.text.as_deref().unwrap_or(written.text());
        let tried = Tried {
            to: recipient.to.to_string(),
            text: Some(text.to_owned()),
            account: None,
            priority: draft.priority,
            key: None,
            tag: None,
            sender: None,
            named: named.clone(),
            at: draft.not_before,
        };
        let (way, is_refused) = match way::of_own(app, authority, &tried).await {
            Ok(found) => (would(w, &found), !matches!(found.end, End::Goes(_))),
            Err(NotTried::Denied(denied)) => return Err(denied.into()),
            Err(NotTried::Store(error)) => return Err(error.into()),
            // Recipients are numbers here, and nobody sends for another.
            Err(NotTried::NoNumber(_) | NotTried::NoSuchUser(_)) => (String::new(), false),
        };
        let person = whom.addressed.people.get(at).unwrap_or(&nobody);
        rows.push(LookRow {
            number: recipient.to.to_string(),
            name: Hostile(person.name.clone()),
            parts: w.count_parts(draft.parts_of(recipient.text.as_deref())),
            text: recipient.text.clone().map(Hostile),
            way: Hostile(way),
            is_refused,
        });
    }
    Ok(rows)
}

fn moment_words(w: Words, at: Timestamp, zone: &str) -> String {
    w.look_moment(within(at), zone.to_owned())
}

/// What names were taken for.
fn understood_words(w: Words, understood: &[Understood]) -> Vec<Hostile> {
    let words = |one: &Understood| {
        let written = cut(&one.written);
        Hostile(match &one.meant {
            Meant::Contact { name, number } => {
                w.look_contact(name.clone(), number.clone(), written)
            }
            Meant::Group { name, contacts } => w.look_group(*contacts, name.clone(), written),
        })
    };
    understood.iter().map(words).collect()
}

#[cfg(test)]
mod tests {
    use contracts::mt::{Body, Encoding};

    use super::*;
    use crate::acts::draft::Draft;
    use crate::doors::pages::parts::Fold;

    fn written(text: &str, to: &[&str], own: &[&str]) -> Written {
        let body = Body::Text { text: text.to_owned(), encoding: Encoding::Auto };
        let draft = Draft {
            to: to.iter().map(|to| (*to).to_owned()).collect(),
            own: own.iter().map(|own| (*own).to_owned()).enumerate().collect(),
            ..Draft::of(body)
        };
        let (answers, attempt, wrong) = (None, None, Vec::new());
        Written { draft, answers, is_talk: false, attempt, fold: Fold::default(), wrong }
    }

    #[test]
    fn what_goes_to_others_or_says_something_else_has_another_mark() {
        let all = [
            written("Halo", &["1", "2"], &[]),
            written("Halo", &["12"], &[]),
            written("Halo", &["2", "1"], &[]),
            written("Hal", &["o1", "2"], &[]),
            written("Halo", &["1", "2"], &["a", "b"]),
            written("Halo", &["1", "2"], &["ab", ""]),
        ];
        let marks: std::collections::HashSet<String> = all.iter().map(mark).collect();
        assert_eq!(marks.len(), all.len());
        assert_eq!(mark(&written("Halo", &["1", "2"], &[])), mark(&all[0]));
    }
}
