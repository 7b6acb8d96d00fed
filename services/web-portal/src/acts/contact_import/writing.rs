//! What is done with the rows of a file when it is confirmed, as contacts and groups are then.

use std::collections::HashMap;

use contracts::{ContactId, PhoneNumber};
use store::{
    AuditAction, Contact, ContactImport, ContactImportPiece, ContactImportStep, CreateGroupError,
    NamePage, NewGroup,
};

use super::judge::{self, Deed, Groups};
use super::plan::{Outcome, Plan};
use super::{NotDone, count, outcomes, own};
use crate::acts::belonging::changed_by;
use crate::app::App;
use crate::authority::Authority;

/// Groups that are read at a time.
const GROUPS_AT_ONCE: u32 = 500;

/// The contacts of an import's owner that have some numbers.
pub(super) async fn contacts(
    app: &App,
    authority: &Authority,
    import: &ContactImport,
    numbers: &[PhoneNumber],
) -> Result<Vec<Contact>, NotDone> {
    Ok(app.store.contacts_of_phones(changed_by(authority), import.owner, numbers).await?)
}

/// The groups of an import's owner.
pub(super) async fn groups(
    app: &App,
    authority: &Authority,
    import: &ContactImport,
) -> Result<Groups, NotDone> {
    let mut known = HashMap::new();
    let mut after = None;
    loop {
        let page = NamePage { after, limit: GROUPS_AT_ONCE };
        let (some, next) = app.store.groups(changed_by(authority), None, &page).await?;
        for group in some.into_iter().filter(|group| group.owner == import.owner) {
            let by_hand = group.rule.is_none().then_some(group.id);
            known.insert(group.name.to_lowercase(), by_hand);
        }
        match next {
            Some(next) => after = Some(next),
            None => return Ok(Groups { known }),
        }
    }
}

/// The groups of an import's owner, those among them that are made for it.
pub(super) async fn made_groups(
    app: &App,
    authority: &Authority,
    import: &ContactImport,
    plan: &Plan,
) -> Result<Groups, NotDone> {
    let mut known = groups(app, authority, import).await?;
    for name in &plan.counts.new_groups {
        if known.known.contains_key(&name.to_lowercase()) {
            continue;
        }
        let new = NewGroup { owner: import.owner, name: name.clone(), code: None, rule: None };
        let store = app.store.audited(authority.entry(app, AuditAction::GroupCreated));
        let (reach, writes, now) = (own(authority), changed_by(authority), app.clock.now());
        match store.create_imported_group(reach, writes, import.id, &new, now).await {
            Ok(Some(group)) => {
                known.known.insert(name.to_lowercase(), Some(group.id));
            }
            Ok(None) => return Err(NotDone::NoSuchImport),
            // Somebody made it meanwhile.
            Err(CreateGroupError::NameTaken(_)) => known = groups(app, authority, import).await?,
            Err(error) => return Err(error.into()),
        }
    }
    Ok(known)
}

/// What is done with the rows of a piece, as contacts are now.
pub(super) async fn step(
    app: &App,
    authority: &Authority,
    import: &ContactImport,
    (plan, groups): (&Plan, &Groups),
    piece: &ContactImportPiece,
) -> Result<ContactImportStep, NotDone> {
    let numbering = &app.settings.numbering;
    let outcomes = outcomes(piece)?;
    let next = piece.place + count(piece.rows.len());
    let mut step = ContactImportStep {
        place: piece.place,
        next,
        is_last: next >= import.rows,
        ..ContactImportStep::default()
    };
    let mut wanted = Vec::new();
    for ((row, outcome), place) in piece.rows.iter().zip(outcomes).zip(piece.place..) {
        match outcome {
            Outcome::Names => {}
            Outcome::Skipped(_) => step.skipped += 1,
            Outcome::New | Outcome::Changed | Outcome::Same => {
                match judge::read(plan, numbering, row) {
                    Ok(read) => wanted.push((place, read)),
                    Err(_) => step.skipped += 1,
                }
            }
        }
    }
    let numbers: Vec<PhoneNumber> =
        wanted.iter().map(|(_, read)| read.contact.number.clone()).collect();
    let known = contacts(app, authority, import, &numbers).await?;
    for (place, read) in wanted {
        let there = judge::there(&known, &read.contact.number);
        if plan.keep && there.is_some() {
            step.skipped += 1;
            continue;
        }
        match judge::deed(read, there, groups) {
            Ok(Deed::Make(mut new)) => {
                // The same however often it is made.
                let source = format!("{}:{place}", import.id);
                new.id = ContactId::of_source(import.org, import.owner, &source);
                step.make.push(*new);
            }
            Ok(Deed::Change(change)) => step.change.push(*change),
            Ok(Deed::Nothing) => step.same += 1,
            Err(_) => step.skipped += 1,
        }
    }
    Ok(step)
}
