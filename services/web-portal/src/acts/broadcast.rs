//! Broadcasts: one text to many, with what is known of each contact filled in.
//!
//! What a broadcast is, is written here; persistence reads its audience and hands it out. What can be known before it starts is asked for here:
//! whether there is anybody, whether anybody has what the text fills in, whether the time is still to come. A pause and a
//! cancel are noted first, so that nothing more is handed out, and then said of the batches that were.

mod checked;
mod not_done;
pub(crate) mod recipients;

use contracts::batch::Order;
use contracts::mt::Encoding;
use contracts::scheduled::Scheduled;
use contracts::{BroadcastId, GroupId, Priority, TemplateId, Timestamp, UserId};
use serde_json::{Value, json};
use store::{
    AuditAction, Broadcast, BroadcastChange, BroadcastOrder, BroadcastPlan, BroadcastProgress,
    BroadcastState, ExpectedAudience, MOST_AUDIENCE, NamePage, NamePlace, NewBroadcast,
    PersonalField, PersonalText, Personalia, Reach, StoreError,
};

use super::acceptance::{self, Acceptance, Attempt, Unaccepted};
use super::batch::{self, BatchError};
use super::belonging::{Belonging, changed_by};
use super::draft::Draft;
use super::not_read::NotRead;
use crate::app::App;
use crate::authority::Authority;
use crate::causes::in_full;
use crate::power::Power;
use checked::{
    body, check, check_message, checked_name, draft, first_time, may_send_through, message,
    planned, pool_of, read_plan, sim_of,
};
pub(crate) use not_done::NotDone;

/// The most characters of a broadcast's name.
pub(crate) const LONGEST_NAME: usize = 100;
/// More characters than any message has parts for; what is too long for one is counted and said.
pub(crate) const LONGEST_TEXT: usize = 40_000;

/// A broadcast that is wanted.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    /// Its name.
    pub(crate) name: String,
    /// What is sent. Its recipients are the numbers that were written down.
    pub(crate) draft: Draft,
    /// A template whose text is sent in place of the draft's.
    pub(crate) template: Option<TemplateId>,
    /// To whose contacts it is sent.
    pub(crate) groups: Vec<GroupId>,
    /// How it is handed out.
    pub(crate) timing: WantedTiming,
}

/// How a broadcast is to be handed out, as it was written; what is empty is not wanted.
#[derive(Debug, Clone, Default)]
pub(crate) struct WantedTiming {
    /// The local date and time.
    pub(crate) at: String,
    /// The zone.
    pub(crate) zone: String,
    /// The pace.
    pub(crate) pace: String,
    /// The quiet hours.
    pub(crate) quiet: String,
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
    /// The id of the SIM it must go out through; empty: any.
    pub(crate) sim: Option<String>,
    /// The pool it must go out through; empty: the default one.
    pub(crate) pool: Option<String>,
    /// The local date and time; empty: when somebody says so.
    pub(crate) at: Option<String>,
    /// The zone.
    pub(crate) zone: Option<String>,
    /// The pace; empty: none.
    pub(crate) pace: Option<String>,
    /// The quiet hours; empty: none.
    pub(crate) quiet: Option<String>,
}

/// A broadcast that was changed.
#[derive(Debug, Clone)]
pub(crate) struct Changed {
    /// The broadcast as it is now.
    pub(crate) broadcast: Broadcast,
    /// It waited for its time before, and does not any more.
    pub(crate) is_draft_again: bool,
}

/// What is said of one that is not a draft any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Call {
    /// Nothing more of it is handed out or released until it is resumed.
    Pause,
    /// It goes on.
    Resume,
    /// What was not sent is not sent.
    Cancel,
}

/// A broadcast and how far it is.
#[derive(Debug, Clone)]
pub(crate) struct Shown {
    /// The broadcast.
    pub(crate) broadcast: Broadcast,
    /// How far it is.
    pub(crate) progress: BroadcastProgress,
    /// How many numbers and members of groups it is for, as long as it was not started.
    pub(crate) audience: Option<u32>,
    /// When the quiet hours end of those who have some, by their zones.
    pub(crate) quiet_until: Vec<(String, Timestamp)>,
}

/// A page of those in reach, by name.
pub(crate) async fn list(
    app: &App,
    authority: &Authority,
    search: Option<&str>,
    page: &NamePage,
) -> Result<(Vec<Broadcast>, Option<NamePlace>), NotRead> {
    authority.must(Power::BroadcastsRead)?;
    Ok(app.store.broadcasts(authority.reach, search, page).await?)
}

/// One in reach, and how far it is.
pub(crate) async fn one(
    app: &App,
    authority: &Authority,
    id: BroadcastId,
) -> Result<Option<Shown>, NotRead> {
    authority.must(Power::BroadcastsRead)?;
    let Some(broadcast) = app.store.broadcast(authority.reach, id).await? else { return Ok(None) };
    Ok(Some(shown(app, authority, broadcast).await?))
}

async fn shown(
    app: &App,
    authority: &Authority,
    broadcast: Broadcast,
) -> Result<Shown, StoreError> {
    let is_begun = !matches!(broadcast.state, BroadcastState::Draft | BroadcastState::Scheduled);
    if !is_begun {
        let audience = app.store.broadcast_audience(authority.reach, broadcast.id).await?;
        let audience = audience.map(|audience| audience.count);
        let progress = BroadcastProgress::default();
        return Ok(Shown { broadcast, progress, audience, quiet_until: Vec::new() });
    }
    let progress = app.store.broadcast_progress(authority.reach, broadcast.id).await?;
    let now = app.clock.now();
    let mut quiet_until = Vec::new();
    if let Some(quiet) = broadcast.plan.quiet
        && matches!(broadcast.state, BroadcastState::Running | BroadcastState::Paused)
    {
        for share in &progress.waiting {
            let zone = jiff::tz::TimeZone::get(&share.zone).ok();
            if let Some(until) = zone.and_then(|zone| quiet.end(now, &zone)) {
                quiet_until.push((share.zone.clone(), until));
            }
        }
    }
    Ok(Shown { broadcast, progress, audience: None, quiet_until })
}

/// Makes one, as a draft.
pub(crate) async fn make(
    app: &App,
    authority: &Authority,
    belonging: Belonging,
    wanted: Wanted,
) -> Result<Broadcast, NotDone> {
    authority.must(Power::BroadcastsWrite)?;
    let owner = belonging.owner(app, authority).await?.unwrap_or_else(UserId::internal);
    let name = checked_name(&wanted.name)?;
    let Wanted { mut draft, template, groups, timing, .. } = wanted;
    if let Some(template) = template {
        authority.must(Power::TemplatesRead)?;
        let found = app.store.template(authority.reach, template).await?;
        draft.body = body(&found.ok_or(NotDone::NoSuchTemplate)?.text, Encoding::Auto);
    }
    check(app, authority, owner, &draft, &groups).await?;
    let plan = planned(app, &timing)?;
    let message = message(&draft)?;
    let new = NewBroadcast { owner, name, message, groups, numbers: draft.to, plan };
    let with = json!({
        "numbers": new.numbers.len(),
        "groups": new.groups,
        "at": new.plan.starts,
        "zone": new.plan.zone,
        "quiet": new.plan.quiet.map(|quiet| quiet.to_string()),
    });
    let store = app.store.audited(authority.entry(app, AuditAction::BroadcastCreated).with(&with));
    Ok(store.create_broadcast(authority.reach, &new, app.clock.now()).await?)
}

/// Changes one in reach that is a draft, or waits for its time. When the time, the pace or the quiet hours of one that waits become others, it
/// is a draft again. What one that waits sends, and to whom, is changed by who may start it: it starts by itself.
pub(crate) async fn change(
    app: &App,
    authority: &Authority,
    id: BroadcastId,
    changes: Changes,
) -> Result<Changed, NotDone> {
    authority.must(Power::BroadcastsWrite)?;
    let present = find(app, changed_by(authority), id).await?;
    let mut change = BroadcastChange {
        name: changes.name.as_deref().map(checked_name).transpose()?,
        ..BroadcastChange::default()
    };
    let Changes { to, groups, text, priority, sim, pool, .. } = changes;
    let is_message = text.is_some() || priority.is_some() || sim.is_some() || pool.is_some();
    if to.is_some() || groups.is_some() || is_message {
        let may_start = authority
            .must_for_good(Power::BroadcastsWrite)
            .and_then(|()| authority.must_for_good(Power::MessagesSend));
        match may_start {
            Err(denied) if present.state == BroadcastState::Scheduled => return Err(denied.into()),
            // Nor is it changed when somebody starts it meanwhile.
            may_start => change.drafts_only = may_start.is_err(),
        }
        let mut wanted = draft(&present);
        wanted.priority = priority.unwrap_or(wanted.priority);
        if let Some(sim) = sim {
            wanted.sim = sim_of(&sim)?;
        }
        if let Some(pool) = pool {
            wanted.pool = pool_of(&pool)?;
        }
        if let Some(text) = &text {
            wanted.body = body(text, present.message.encoding);
        }
        let keeps_numbers = to.is_none() && present.numbers > 0;
        wanted.to = to.clone().unwrap_or_default();
        let for_groups = groups.as_deref().unwrap_or(&present.groups);
        if keeps_numbers {
            check_message(app, authority, present.owner, &wanted, for_groups).await?;
        } else {
            check(app, authority, present.owner, &wanted, for_groups).await?;
        }
        change.numbers = to;
        change.groups = groups;
        if is_message {
            change.message = Some(message(&wanted)?);
        }
    }
    let Changes { at, zone, pace, quiet, .. } = changes;
    if at.is_some() || zone.is_some() || pace.is_some() || quiet.is_some() {
        let now = timing(&present);
        let timing = WantedTiming {
            at: at.unwrap_or(now.at),
            zone: zone.unwrap_or(now.zone),
            pace: pace.unwrap_or(now.pace),
            quiet: quiet.unwrap_or(now.quiet),
        };
        let plan = read_plan(&timing)?;
        if plan != present.plan {
            first_time(app, &plan)?;
            change.plan = Some(plan);
        }
    }
    let entry = authority.entry(app, AuditAction::BroadcastChanged).about(&id, &present.name);
    let (before, after) = told(&present, &change);
    let store = app.store.audited(entry.changed(&before, &after));
    let changed =
        store.change_broadcast(changed_by(authority), id, &change, app.clock.now()).await?;
    let broadcast = changed.ok_or(NotDone::NoSuchBroadcast)?;
    let is_draft_again =
        present.state == BroadcastState::Scheduled && broadcast.state == BroadcastState::Draft;
    Ok(Changed { broadcast, is_draft_again })
}

/// Starts one in reach that is a draft: at its time, or now.
pub(crate) async fn start(
    app: &App,
    authority: &Authority,
    id: BroadcastId,
) -> Result<Shown, NotDone> {
    // It goes on when the key does not.
    authority.must_for_good(Power::BroadcastsWrite)?;
    authority.must_for_good(Power::MessagesSend)?;
    let present = find(app, changed_by(authority), id).await?;
    let mut at = None;
    if present.state == BroadcastState::Draft {
        match audience(app, authority, id).await?.count {
            0 => return Err(NotDone::Nobody),
            count if count > MOST_AUDIENCE => return Err(NotDone::TooLarge(count)),
            _ => {}
        }
        let text: PersonalText = present.message.text.parse()?;
        for field in text.fields() {
            let everybody_has = field == PersonalField::Number;
            if !everybody_has && !app.store.broadcast_has(changed_by(authority), id, field).await? {
                return Err(NotDone::NobodyHas(field.to_string()));
            }
        }
        for name in text.own_fields() {
            if !app.store.broadcast_has_own(changed_by(authority), id, name).await? {
                return Err(NotDone::NobodyHas(format!("field:{name}")));
            }
        }
        may_send_through(app, authority, &present).await?;
        app.has_room().map_err(Unaccepted::from)?;
        at = first_time(app, &present.plan)?;
    }
    let started = order(app, authority, id, BroadcastOrder::Start(at)).await?;
    tracing::info!(broadcast.id = %id, by = authority.name(), "a broadcast was started");
    Ok(shown(app, authority, started).await?)
}

/// Pauses one in reach, has it go on, or ends it.
pub(crate) async fn call(
    app: &App,
    authority: &Authority,
    id: BroadcastId,
    call: Call,
) -> Result<Shown, NotDone> {
    authority.must(Power::BroadcastsWrite)?;
    let (said, of_batches) = match call {
        Call::Pause => (BroadcastOrder::Pause, Order::Paused),
        Call::Resume => (BroadcastOrder::Resume, Order::Running),
        Call::Cancel => (BroadcastOrder::Cancel, Order::Cancelled),
    };
    if call == Call::Resume {
        // What it sends goes on when the key does not.
        authority.must_for_good(Power::BroadcastsWrite)?;
        authority.must_for_good(Power::MessagesSend)?;
        let present = find(app, changed_by(authority), id).await?;
        may_send_through(app, authority, &present).await?;
    }
    // First of all, so that nothing more is handed out than what is stopped below.
    let now = order(app, authority, id, said).await?;
    let progress = app.store.broadcast_progress(changed_by(authority), id).await?;
    for batch in progress.batches {
        match batch::give_of(app, authority, now.owner, (batch, of_batches)).await {
            // One that somebody cancelled stays cancelled, and the others go on.
            Ok(()) | Err(BatchError::Cancelled) => {}
            Err(error) => return Err(error.into()),
        }
        if call == Call::Cancel {
            batch::take_back_held(app, authority, batch).await?;
        }
    }
    // Of what is not noted here persistence tells the batches.
    app.store.broadcast_told(id, now.updated_at).await?;
    tracing::info!(broadcast.id = %id, ?call, by = authority.name(), "a broadcast was given an order");
    Ok(shown(app, authority, now).await?)
}

/// Removes one in reach that is not under way; what it sent stays. False: there is none.
pub(crate) async fn remove(
    app: &App,
    authority: &Authority,
    id: BroadcastId,
) -> Result<bool, NotDone> {
    authority.must(Power::BroadcastsWrite)?;
    let store = app.store.audited(authority.entry(app, AuditAction::BroadcastRemoved));
    Ok(store.remove_broadcast(changed_by(authority), id).await?)
}

/// How what a change changes was before, and how it is after it: of texts and numbers only how much there is.
fn told(present: &Broadcast, change: &BroadcastChange) -> (Value, Value) {
    let quiet = |plan: &BroadcastPlan| plan.quiet.map(|quiet| quiet.to_string());
    let pace = |plan: &BroadcastPlan| plan.pace.map(|pace| pace.to_string());
    let numbers = change.numbers.as_ref().map(Vec::len);
    let plan = change.plan.as_ref();
    let (was, message) = (&present.message, change.message.as_ref());
    let text = message.filter(|message| message.text != was.text);
    let before = json!({
        "name": change.name.is_some().then_some(&present.name),
        "groups": change.groups.is_some().then_some(&present.groups),
        "numbers": numbers.map(|_| present.numbers),
        "text": text.map(|_| "…"),
        "priority": message.map(|_| was.priority),
        "sim": message.map(|_| was.sim),
        "pool": message.map(|_| &was.pool),
        "at": plan.map(|_| &present.plan.starts),
        "zone": plan.map(|_| &present.plan.zone),
        "pace": plan.map(|_| pace(&present.plan)),
        "quiet": plan.map(|_| quiet(&present.plan)),
    });
    let after = json!({
        "name": change.name,
        "groups": change.groups,
        "numbers": numbers,
        "text": text.map(|_| "another"),
        "priority": message.map(|message| message.priority),
        "sim": message.map(|message| message.sim),
        "pool": message.map(|message| &message.pool),
        "at": plan.map(|plan| &plan.starts),
        "zone": plan.map(|plan| &plan.zone),
        "pace": plan.map(pace),
        "quiet": plan.map(quiet),
    });
    (before, after)
}

/// Sends the text of one in reach to a number, as the first of its audience gets it: a message of whoever asks, which is not counted with
/// those of the broadcast.
pub(crate) async fn test(
    app: &App,
    authority: &Authority,
    id: BroadcastId,
    to: &str,
    attempt: Option<&Attempt>,
) -> Result<Acceptance, NotDone> {
    authority.must(Power::BroadcastsWrite)?;
    authority.must(Power::MessagesSend)?;
    let present = find(app, changed_by(authority), id).await?;
    let first = audience(app, authority, id).await?.first;
    let first =
        first.unwrap_or_else(|| Personalia { number: to.to_owned(), ..Personalia::default() });
    let read = app.settings.numbering.read(&first.number);
    let number = read.map_or_else(|_| first.number.clone(), |read| read.to_string());
    let text: PersonalText = present.message.text.parse()?;
    let text = text.fill(&Personalia { number, ..first });
    let draft = Draft {
        to: vec![to.to_owned()],
        body: body(&text, present.message.encoding),
        // Whoever waits for it does not wait behind the broadcasts of others.
        priority: Priority::Normal,
        ..draft(&present)
    };
    draft.is_meant()?;
    let accepted = acceptance::accept(app, authority, &draft, attempt).await?;
    if !accepted.repeated
        // The message is on its way, whatever becomes of the note.
        && let Err(error) = app.store.note_broadcast_test(changed_by(authority), id).await
    {
        tracing::warn!(error = %in_full(&error), "it could not be noted that a broadcast was tested");
    }
    Ok(accepted)
}

/// How a broadcast is handed out, as people write it.
pub(crate) fn timing(broadcast: &Broadcast) -> WantedTiming {
    let BroadcastPlan { starts, zone, pace, quiet } = &broadcast.plan;
    let mut at = starts.clone().unwrap_or_default().replace('T', " ");
    if at.ends_with(":00") && at.len() > "2026-12-01 08:00".len() {
        at.truncate(at.len() - ":00".len());
    }
    WantedTiming {
        at,
        zone: zone.clone(),
        pace: pace.map(|pace| pace.to_string()).unwrap_or_default(),
        quiet: quiet.map(|quiet| quiet.to_string()).unwrap_or_default(),
    }
}

async fn find(app: &App, reach: Reach, id: BroadcastId) -> Result<Broadcast, NotDone> {
    app.store.broadcast(reach, id).await?.ok_or(NotDone::NoSuchBroadcast)
}

async fn audience(
    app: &App,
    authority: &Authority,
    id: BroadcastId,
) -> Result<ExpectedAudience, NotDone> {
    let audience = app.store.broadcast_audience(changed_by(authority), id).await?;
    audience.ok_or(NotDone::NoSuchBroadcast)
}

/// Notes an order, and tells whoever hands out that there is something to do.
async fn order(
    app: &App,
    authority: &Authority,
    id: BroadcastId,
    order: BroadcastOrder,
) -> Result<Broadcast, NotDone> {
    let now = app.clock.now();
    let action = match order {
        BroadcastOrder::Start(_) => AuditAction::BroadcastStarted,
        BroadcastOrder::Pause => AuditAction::BroadcastPaused,
        BroadcastOrder::Resume => AuditAction::BroadcastResumed,
        BroadcastOrder::Cancel => AuditAction::BroadcastCancelled,
    };
    let store = app.store.audited(authority.entry(app, action));
    let given = store.order_broadcast(changed_by(authority), id, order, now).await?;
    let given = given.ok_or(NotDone::NoSuchBroadcast)?;
    // A batch may have come to its end by a cancel, which is to be told.
    let at = given.next_at.unwrap_or(now);
    app.bus.hint(&Scheduled::SUBJECT, &Scheduled { at }).await;
    Ok(given)
}
