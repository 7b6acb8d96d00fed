//! Schedules: what is sent at a time, once or again and again.
//!
//! When its next time is, is found out here and written with the schedule; persistence sends when it comes, and the router decides about
//! each message then as about any other. What is asked for beforehand is what cannot change: whether the text can be sent, and
//! whether the account may send through the SIM and reads the groups now.

use contracts::mt::{Body, Encoding};
use contracts::scheduled::Scheduled;
use contracts::{GroupId, Priority, ScheduleId, Timestamp, UserId};
use recurrence::{Plan, PlanError};
use serde_json::{Value, json};
use store::{
    AuditAction, Going, MOST_GROUPS_OF_SCHEDULE, NamePage, NamePlace, NewSchedule, Reach, Schedule,
    ScheduleChange, ScheduleError, ScheduleRun, ScheduledMessage, Timing,
};

use super::acceptance::{self, Acceptance, Attempt, Sender, Unaccepted};
use super::belonging::{Belonging, NotTheirs, changed_by};
use super::draft::{Draft, Unsendable};
use super::name::is_name;
use super::not_read::NotRead;
use crate::app::App;
use crate::authority::{Authority, Denied};
use crate::causes::in_full;
use crate::power::Power;

/// The most characters of a schedule's name.
pub(crate) const LONGEST_NAME: usize = 100;
/// More characters than any message has parts for; what is too long for one is counted and said.
pub(crate) const LONGEST_TEXT: usize = 40_000;
/// How many of its next times are shown.
const SHOWN: usize = 5;

/// A schedule that is wanted.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    /// Its name.
    pub(crate) name: String,
    /// What is sent, and to which numbers.
    pub(crate) draft: Draft,
    /// To whose contacts it is sent, too.
    pub(crate) groups: Vec<GroupId>,
    /// The local date and time.
    pub(crate) at: String,
    /// The zone.
    pub(crate) zone: String,
    /// How it is repeated.
    pub(crate) repeat: Option<String>,
    /// Its times go by until it is resumed.
    pub(crate) paused: bool,
}

/// What is to be changed of one; what is none stays.
#[derive(Debug, Clone, Default)]
pub(crate) struct Changes {
    /// Its name.
    pub(crate) name: Option<String>,
    /// To which numbers it is sent.
    pub(crate) to: Option<Vec<String>>,
    /// To whose contacts it is sent.
    pub(crate) groups: Option<Vec<GroupId>>,
    /// The text.
    pub(crate) text: Option<String>,
    /// How urgent it is.
    pub(crate) priority: Option<Priority>,
    /// The local date and time.
    pub(crate) at: Option<String>,
    /// The zone.
    pub(crate) zone: Option<String>,
    /// How it is repeated; empty: once.
    pub(crate) repeat: Option<String>,
    /// Whether its times go by.
    pub(crate) paused: Option<bool>,
}

/// Why a schedule was not made, changed or sent.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotDone {
    /// Whose it is to be.
    #[error(transparent)]
    NotTheirs(#[from] NotTheirs),
    /// The name cannot be one.
    #[error("a name is 1 to {LONGEST_NAME} visible characters without spaces at its ends")]
    Name,
    /// There are more groups than a schedule may have.
    #[error("a schedule is for at most {MOST_GROUPS_OF_SCHEDULE} groups")]
    TooManyGroups,
    /// The time, the zone or the repetition.
    #[error(transparent)]
    When(#[from] PlanError),
    /// All its times have gone by, or there never was one.
    #[error("it would never be sent: there is no such time from now on")]
    Never,
    /// It could not be sent.
    #[error(transparent)]
    Unaccepted(#[from] Unaccepted),
    /// There is none of that id in reach.
    #[error("there is no such schedule")]
    NoSuchSchedule,
    /// It could not be made or changed.
    #[error(transparent)]
    Make(#[from] ScheduleError),
}

impl From<Denied> for NotDone {
    fn from(denied: Denied) -> Self {
        Self::NotTheirs(denied.into())
    }
}

impl From<Unsendable> for NotDone {
    fn from(unsendable: Unsendable) -> Self {
        Self::Unaccepted(unsendable.into())
    }
}

/// A page of those in reach, by name.
pub(crate) async fn list(
    app: &App,
    authority: &Authority,
    search: Option<&str>,
    page: &NamePage,
) -> Result<(Vec<Schedule>, Option<NamePlace>), NotRead> {
    authority.must(Power::SchedulesRead)?;
    Ok(app.store.schedules(authority.reach, search, page).await?)
}

/// One in reach.
pub(crate) async fn one(
    app: &App,
    authority: &Authority,
    id: ScheduleId,
) -> Result<Option<Schedule>, NotRead> {
    authority.must(Power::SchedulesRead)?;
    Ok(app.store.schedule(authority.reach, id).await?)
}

/// When a schedule is sent next, and the times after that: a few.
pub(crate) fn upcoming(schedule: &Schedule) -> Vec<Timestamp> {
    let Some(next) = schedule.next_at else { return Vec::new() };
    let after = plan(&schedule.timing).into_iter().flat_map(|plan| {
        let after = plan.times_after(next.to_jiff()).take(SHOWN - 1);
        after.map(Timestamp::from).collect::<Vec<_>>()
    });
    std::iter::once(next).chain(after).collect()
}

/// The plan of a schedule; none: its zone is not known on this machine.
pub(crate) fn plan(timing: &Timing) -> Option<Plan> {
    Plan::parse(&timing.starts, &timing.zone, timing.repetition.as_deref()).ok()
}

/// The local date and time at which a schedule begins, as people write it: seconds are left out where there are none.
pub(crate) fn local(timing: &Timing) -> String {
    let mut local = timing.starts.replace('T', " ");
    if local.ends_with(":00") {
        local.truncate(local.len() - ":00".len());
    }
    local
}

/// Makes one.
pub(crate) async fn make(
    app: &App,
    authority: &Authority,
    belonging: Belonging,
    wanted: Wanted,
) -> Result<Schedule, NotDone> {
    // It goes on when the key does not.
    authority.must_for_good(Power::SchedulesWrite)?;
    authority.must_for_good(Power::MessagesSend)?;
    let owner = belonging.owner(app, authority).await?.unwrap_or_else(UserId::internal);
    make_for(app, authority, owner, wanted).await
}

/// Makes one for an account: the caller's own, or, with the power over accounts, another's.
pub(crate) async fn make_for(
    app: &App,
    authority: &Authority,
    owner: UserId,
    wanted: Wanted,
) -> Result<Schedule, NotDone> {
    authority.must_for_good(Power::SchedulesWrite)?;
    authority.must_for_good(Power::MessagesSend)?;
    let new = checked_new(app, authority, owner, wanted).await?;
    let with = json!({
        "numbers": new.numbers.len(),
        "groups": new.groups,
        "paused": new.paused,
        "at": new.timing.starts,
        "zone": new.timing.zone,
        "repeat": new.timing.repetition,
    });
    let entry = authority.entry(app, AuditAction::ScheduleCreated).with(&with);
    let store = app.store.audited(entry);
    let made = store.create_schedule(authority.reach, &new, app.clock.now()).await?;
    tell(app, &made).await;
    Ok(made)
}

/// A schedule of an account as it would be made, when it may be. Whether its groups are there is asked when it is kept.
pub(crate) async fn checked_new(
    app: &App,
    authority: &Authority,
    owner: UserId,
    wanted: Wanted,
) -> Result<NewSchedule, NotDone> {
    authority.must_for_good(Power::SchedulesWrite)?;
    authority.must_for_good(Power::MessagesSend)?;
    if owner != authority.owner() {
        authority.must(Power::UsersManage)?;
    }
    let name = checked_name(&wanted.name)?;
    check(app, authority, owner, &wanted.draft, &wanted.groups).await?;
    let numbers = numbers(&app.settings.numbering, &wanted.draft)?;
    let (timing, next_at) = timed(app, &wanted.at, &wanted.zone, wanted.repeat.as_deref())?;
    let message = message(&wanted.draft)?;
    let Wanted { groups, paused, .. } = wanted;
    let next_at = Some(next_at).filter(|_| !paused);
    Ok(NewSchedule { owner, name, message, numbers, groups, timing, paused, next_at })
}

/// Changes one in reach.
pub(crate) async fn change(
    app: &App,
    authority: &Authority,
    id: ScheduleId,
    changes: Changes,
) -> Result<Schedule, NotDone> {
    // It goes on when the key does not.
    authority.must_for_good(Power::SchedulesWrite)?;
    authority.must_for_good(Power::MessagesSend)?;
    let present = find(app, changed_by(authority), id).await?;
    let change = checked_change(app, authority, &present, changes).await?;
    let entry = authority.entry(app, AuditAction::ScheduleChanged).about(&id, &present.name);
    let (before, after) = shown(&present, &change);
    let store = app.store.audited(entry.changed(&before, &after));
    let changed =
        store.change_schedule(changed_by(authority), id, &change, app.clock.now()).await?;
    let changed = changed.ok_or(NotDone::NoSuchSchedule)?;
    tell(app, &changed).await;
    Ok(changed)
}

/// What a change of a schedule would keep, when it may be made. Whether its groups are there is asked when it is kept.
pub(crate) async fn checked_change(
    app: &App,
    authority: &Authority,
    present: &Schedule,
    changes: Changes,
) -> Result<ScheduleChange, NotDone> {
    authority.must_for_good(Power::SchedulesWrite)?;
    authority.must_for_good(Power::MessagesSend)?;
    let mut change = ScheduleChange {
        name: changes.name.as_deref().map(checked_name).transpose()?,
        ..ScheduleChange::default()
    };
    let Changes { to, groups, text, priority, .. } = changes;
    if to.is_some() || groups.is_some() || text.is_some() || priority.is_some() {
        let mut wanted = draft(present);
        wanted.to = to.clone().unwrap_or(wanted.to);
        wanted.priority = priority.unwrap_or(wanted.priority);
        if let Some(text) = &text {
            wanted.body = body(text, present.message.encoding);
        }
        let for_groups = groups.as_deref().unwrap_or(&present.groups);
        check(app, authority, present.owner, &wanted, for_groups).await?;
        change.numbers =
            if to.is_some() { Some(numbers(&app.settings.numbering, &wanted)?) } else { None };
        change.groups = groups;
        if text.is_some() || priority.is_some() {
            change.message = Some(message(&wanted)?);
        }
    }
    let (timing, kept) = (&present.timing, present.timing.repetition.as_deref());
    let is_timed = changes.at.is_some() || changes.zone.is_some() || changes.repeat.is_some();
    let paused = changes.paused.unwrap_or(present.paused);
    if is_timed {
        let at = changes.at.as_deref().unwrap_or(&timing.starts);
        let zone = changes.zone.as_deref().unwrap_or(&timing.zone);
        let (timing, next) = timed(app, at, zone, changes.repeat.as_deref().or(kept))?;
        change.timing = Some(timing);
        change.going = Some(Going { paused, next_at: Some(next).filter(|_| !paused) });
    } else if paused != present.paused {
        let (_, next) = timed(app, &timing.starts, &timing.zone, kept)?;
        change.going = Some(Going { paused, next_at: Some(next).filter(|_| !paused) });
    }
    Ok(change)
}

/// Lets the times of one in reach go by.
pub(crate) async fn pause(
    app: &App,
    authority: &Authority,
    id: ScheduleId,
) -> Result<Schedule, NotDone> {
    authority.must(Power::SchedulesWrite)?;
    let going = Some(Going { paused: true, next_at: None });
    let change = ScheduleChange { going, ..ScheduleChange::default() };
    let present = find(app, changed_by(authority), id).await?;
    let entry = authority.entry(app, AuditAction::SchedulePaused).about(&id, &present.name);
    let store = app.store.audited(entry);
    let changed =
        store.change_schedule(changed_by(authority), id, &change, app.clock.now()).await?;
    changed.ok_or(NotDone::NoSuchSchedule)
}

/// Lets one in reach that is paused go on, from its next time on.
pub(crate) async fn resume(
    app: &App,
    authority: &Authority,
    id: ScheduleId,
) -> Result<Schedule, NotDone> {
    authority.must_for_good(Power::SchedulesWrite)?;
    let changes = Changes { paused: Some(false), ..Changes::default() };
    change(app, authority, id, changes).await
}

/// Removes one in reach; what it sent stays. False: there is none.
pub(crate) async fn remove(
    app: &App,
    authority: &Authority,
    id: ScheduleId,
) -> Result<bool, NotRead> {
    authority.must(Power::SchedulesWrite)?;
    let store = app.store.audited(authority.entry(app, AuditAction::ScheduleRemoved));
    Ok(store.remove_schedule(changed_by(authority), id).await?)
}

/// Sends for one in reach now, beside its times, as a batch of the account whose schedule it is.
pub(crate) async fn run(
    app: &App,
    authority: &Authority,
    id: ScheduleId,
    attempt: Option<&Attempt>,
) -> Result<Acceptance, NotDone> {
    authority.must(Power::SchedulesWrite)?;
    authority.must(Power::MessagesSend)?;
    let schedule = find(app, changed_by(authority), id).await?;
    let recipients = app.store.schedule_recipients(changed_by(authority), id).await;
    let recipients = recipients.map_err(Unaccepted::from)?.ok_or(NotDone::NoSuchSchedule)?;
    let to = recipients.iter().map(ToString::to_string).collect();
    let draft = Draft { to, is_batch: true, ..draft(&schedule) };
    let key = authority.key();
    let (org, owner, reach) = (schedule.org, schedule.owner, changed_by(authority));
    let sender = Sender { org, owner, reach, key };
    let accepted = acceptance::accept_for(app, sender, &draft, attempt).await?;
    if !accepted.repeated {
        let messages = u32::try_from(accepted.messages.len()).unwrap_or(u32::MAX);
        let (at, batch) = (app.clock.now(), accepted.batch);
        let run = ScheduleRun { at, batch, messages, trouble: None };
        // The messages are on their way, whatever becomes of the note.
        let entry = authority.entry(app, AuditAction::ScheduleRun).about(&id, &schedule.name);
        let entry = entry.with(&json!({ "batch": batch, "messages": messages }));
        if let Err(error) = app.store.audited(entry).note_schedule_run(reach, id, &run).await {
            tracing::warn!(error = %in_full(&error), "it could not be noted that a schedule was sent by hand");
        }
    }
    Ok(accepted)
}

/// How a schedule is before a change and after it, as the audit log shows it: without numbers and without the text.
fn shown(present: &Schedule, change: &ScheduleChange) -> (Value, Value) {
    let timing = change.timing.as_ref().unwrap_or(&present.timing);
    let before = json!({
        "name": present.name,
        "numbers": present.numbers.len(),
        "groups": present.groups,
        "paused": present.paused,
        "at": present.timing.starts,
        "zone": present.timing.zone,
        "repeat": present.timing.repetition,
    });
    let after = json!({
        "name": change.name.as_ref().unwrap_or(&present.name),
        "numbers": change.numbers.as_ref().map_or(present.numbers.len(), Vec::len),
        "groups": change.groups.as_ref().unwrap_or(&present.groups),
        "paused": change.going.map_or(present.paused, |going| going.paused),
        "at": timing.starts,
        "zone": timing.zone,
        "repeat": timing.repetition,
        "message_changed": change.message.as_ref().map(|_| true),
    });
    (before, after)
}

async fn find(app: &App, reach: Reach, id: ScheduleId) -> Result<Schedule, NotDone> {
    let found = app.store.schedule(reach, id).await.map_err(ScheduleError::from)?;
    found.ok_or(NotDone::NoSuchSchedule)
}

/// Tells whoever sends when that is to be.
async fn tell(app: &App, schedule: &Schedule) {
    if let Some(at) = schedule.next_at {
        app.bus.hint(&Scheduled::SUBJECT, &Scheduled { at }).await;
    }
}

/// Refuses what could not be sent now, whoever gets it.
async fn check(
    app: &App,
    authority: &Authority,
    owner: UserId,
    draft: &Draft,
    groups: &[GroupId],
) -> Result<(), NotDone> {
    if groups.len() > MOST_GROUPS_OF_SCHEDULE {
        return Err(NotDone::TooManyGroups);
    }
    if draft.to.is_empty() && groups.is_empty() {
        return Err(Unsendable::NoRecipient.into());
    }
    if matches!(&draft.body, Body::Text { text, .. } if text.is_empty()) {
        return Err(Unsendable::Empty.into());
    }
    if !groups.is_empty() {
        // Who gets it is read from them.
        authority.must(Power::ContactsRead)?;
    }
    draft.is_meant()?;
    draft.count(app.settings.max_parts)?;
    let Some(sim) = draft.sim else { return Ok(()) };
    let is_own = owner == authority.owner();
    let reach = if is_own { authority.reach } else { Reach::own(authority.org, owner) };
    let may = acceptance::may_send_through(app, (reach, owner), sim).await;
    let may = may.map_err(Unaccepted::from)?;
    if may { Ok(()) } else { Err(Unaccepted::SimNotYours.into()) }
}

/// The numbers of a draft, each once. A schedule may be for groups alone.
fn numbers(
    plan: &numbering::Plan,
    draft: &Draft,
) -> Result<Vec<contracts::PhoneNumber>, Unsendable> {
    if draft.to.is_empty() {
        return Ok(Vec::new());
    }
    Ok(draft.recipients(plan)?.into_iter().map(|recipient| recipient.to).collect())
}

/// What was written of the time, as it is kept, and the first time from now on.
fn timed(
    app: &App,
    at: &str,
    zone: &str,
    repeat: Option<&str>,
) -> Result<(Timing, Timestamp), NotDone> {
    let repeat = repeat.map(str::trim).filter(|repeat| !repeat.is_empty());
    let plan = Plan::parse(at.trim(), zone.trim(), repeat)?;
    let next = plan.after(app.clock.now().to_jiff()).ok_or(NotDone::Never)?;
    let timing = Timing {
        starts: plan.begins().to_string(),
        zone: plan.zone().to_owned(),
        repetition: plan.repetition().map(ToString::to_string),
    };
    Ok((timing, next.into()))
}

/// What a draft says that is the same for each recipient.
fn message(draft: &Draft) -> Result<ScheduledMessage, Unsendable> {
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

/// What a schedule sends, to its own numbers.
fn draft(schedule: &Schedule) -> Draft {
    let message = &schedule.message;
    Draft {
        to: schedule.numbers.iter().map(ToString::to_string).collect(),
        priority: message.priority,
        sim: message.sim,
        pool: message.pool.clone(),
        options: message.options,
        when_uncertain: message.when_uncertain,
        ..Draft::of(body(&message.text, message.encoding))
    }
}

fn body(text: &str, encoding: Encoding) -> Body {
    Body::Text { text: text.to_owned(), encoding }
}

fn checked_name(written: &str) -> Result<String, NotDone> {
    if is_name(written, LONGEST_NAME) { Ok(written.to_owned()) } else { Err(NotDone::Name) }
}
