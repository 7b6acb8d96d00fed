//! What is wanted of a broadcast, read and checked before it is kept or started.

use contracts::limits::Quiet;
use contracts::mt::{Body, Encoding};
use contracts::{GroupId, PoolId, SimId, Timestamp, UserId};
use recurrence::Plan;
use store::{
    Broadcast, BroadcastPlan, LONGEST_BROADCAST_NUMBER, MOST_GROUPS_OF_BROADCAST,
    MOST_NUMBERS_OF_BROADCAST, Pace, PersonalText, Reach, ScheduledMessage,
};

use super::{LONGEST_NAME, NotDone, WantedTiming};
use crate::acts::acceptance::{self, Unaccepted};
use crate::acts::draft::{BadRecipient, Draft, Unsendable};
use crate::acts::name::is_name;
use crate::app::App;
use crate::authority::Authority;
use crate::power::Power;

/// Unusable numbers that are named where none can be used.
const NAMED: usize = 20;

/// Refuses what could not be sent now, whoever gets it, and an audience in which nobody can be.
pub(super) async fn check(
    app: &App,
    authority: &Authority,
    owner: UserId,
    draft: &Draft,
    groups: &[GroupId],
) -> Result<(), NotDone> {
    if draft.to.is_empty() && groups.is_empty() {
        return Err(Unsendable::NoRecipient.into());
    }
    if draft.to.len() > MOST_NUMBERS_OF_BROADCAST {
        return Err(NotDone::TooManyNumbers);
    }
    let numbering = &app.settings.numbering;
    let is_long = |written: &String| written.chars().count() > LONGEST_BROADCAST_NUMBER;
    let is_good = |written: &String| !is_long(written) && numbering.read(written).is_ok();
    if groups.is_empty() && !draft.to.iter().any(is_good) || draft.to.iter().any(is_long) {
        let bad = draft.to.iter().filter_map(|written| {
            let reason = numbering.read(written).err()?;
            Some(BadRecipient { written: written.chars().take(64).collect(), reason })
        });
        return Err(Unsendable::Recipients(bad.take(NAMED).collect()).into());
    }
    check_message(app, authority, owner, draft, groups).await
}

/// The same of its text, its SIM and its groups.
pub(super) async fn check_message(
    app: &App,
    authority: &Authority,
    owner: UserId,
    draft: &Draft,
    groups: &[GroupId],
) -> Result<(), NotDone> {
    if groups.len() > MOST_GROUPS_OF_BROADCAST {
        return Err(NotDone::TooManyGroups);
    }
    if !groups.is_empty() {
        // Who gets it is read from them.
        authority.must(Power::ContactsRead)?;
    }
    let Body::Text { text, .. } = &draft.body else { return Err(Unsendable::Empty.into()) };
    if text.is_empty() {
        return Err(Unsendable::Empty.into());
    }
    text.parse::<PersonalText>()?;
    draft.is_meant()?;
    draft.count(app.settings.max_parts)?;
    let Some(sim) = draft.sim else { return Ok(()) };
    let may = acceptance::may_send_through(app, sender(authority, owner), sim).await?;
    if may { Ok(()) } else { Err(Unaccepted::SimNotYours.into()) }
}

/// Refuses one whose SIM its owner may not send through.
pub(super) async fn may_send_through(
    app: &App,
    authority: &Authority,
    broadcast: &Broadcast,
) -> Result<(), NotDone> {
    let Some(sim) = broadcast.message.sim else { return Ok(()) };
    let sender = sender(authority, broadcast.owner);
    let may = acceptance::may_send_through(app, sender, sim).await?;
    if may { Ok(()) } else { Err(Unaccepted::SimNotYours.into()) }
}

/// With which reach, and for whom, it is sent.
fn sender(authority: &Authority, owner: UserId) -> (Reach, UserId) {
    let is_own = owner == authority.owner();
    let reach = if is_own { authority.reach } else { Reach::own(authority.org, owner) };
    (reach, owner)
}

/// How it is handed out, of what was written, at a time to come.
pub(super) fn planned(app: &App, written: &WantedTiming) -> Result<BroadcastPlan, NotDone> {
    let plan = read_plan(written)?;
    first_time(app, &plan)?;
    Ok(plan)
}

/// How it is handed out, of what was written; its time may have gone by.
pub(super) fn read_plan(written: &WantedTiming) -> Result<BroadcastPlan, NotDone> {
    let WantedTiming { at, zone, pace, quiet } = written;
    let (at, zone) = (at.trim(), zone.trim());
    let pace = Some(pace.trim()).filter(|pace| !pace.is_empty());
    let pace = pace.map(str::parse::<Pace>).transpose()?;
    let quiet = Some(quiet.trim()).filter(|quiet| !quiet.is_empty());
    let quiet = quiet.map(str::parse::<Quiet>).transpose();
    let quiet = quiet.map_err(|error| NotDone::Quiet(error.to_string()))?;
    // Without a time the zone is read all the same.
    let read = Plan::parse(if at.is_empty() { "2026-01-01 00:00" } else { at }, zone, None)?;
    let starts = (!at.is_empty()).then(|| read.begins().to_string());
    Ok(BroadcastPlan { starts, zone: read.zone().to_owned(), pace, quiet })
}

/// When it starts by itself, which is still to come.
pub(super) fn first_time(app: &App, plan: &BroadcastPlan) -> Result<Option<Timestamp>, NotDone> {
    let Some(starts) = &plan.starts else { return Ok(None) };
    let read = Plan::parse(starts, &plan.zone, None)?;
    let next = read.after(app.clock.now().to_jiff()).ok_or(NotDone::Past)?;
    Ok(Some(next.into()))
}

/// What a draft says that is the same for each recipient.
pub(super) fn message(draft: &Draft) -> Result<ScheduledMessage, Unsendable> {
    let Body::Text { text, encoding } = &draft.body else { return Err(Unsendable::Empty) };
    Ok(ScheduledMessage {
        text: text.clone(),
        encoding: *encoding,
        priority: draft.priority,
        sim: draft.sim,
        pool: draft.pool.clone(),
        options: draft.options,
        when_uncertain: draft.when_uncertain,
    })
}

/// What a broadcast sends, to nobody yet.
pub(super) fn draft(broadcast: &Broadcast) -> Draft {
    let message = &broadcast.message;
    Draft {
        priority: message.priority,
        sim: message.sim,
        pool: message.pool.clone(),
        options: message.options,
        when_uncertain: message.when_uncertain,
        ..Draft::of(body(&message.text, message.encoding))
    }
}

/// The SIM that was written; none: any.
pub(super) fn sim_of(written: &str) -> Result<Option<SimId>, NotDone> {
    let written = Some(written.trim()).filter(|written| !written.is_empty());
    let sim = written.map(str::parse::<SimId>).transpose();
    sim.map_err(|_| NotDone::Sim(written.unwrap_or_default().chars().take(40).collect()))
}

/// The pool that was written; none: the default one.
pub(super) fn pool_of(written: &str) -> Result<Option<PoolId>, NotDone> {
    let written = Some(written.trim()).filter(|written| !written.is_empty());
    let pool = written.map(str::parse::<PoolId>).transpose();
    pool.map_err(|error| NotDone::Pool(error.to_string()))
}

/// A text as what is sent.
pub(super) fn body(text: &str, encoding: Encoding) -> Body {
    Body::Text { text: text.to_owned(), encoding }
}

/// The name, if it can be one.
pub(super) fn checked_name(written: &str) -> Result<String, NotDone> {
    if is_name(written, LONGEST_NAME) { Ok(written.to_owned()) } else { Err(NotDone::Name) }
}
