//! Broadcasts: a list with search, and a page for each with how far it is and what can be done with it.

mod written;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse as _, Response};
use contracts::{BroadcastId, GroupId, TemplateId};
use recurrence::PlanError;
use store::{
    BadPersonalText, Broadcast, BroadcastError, BroadcastRecipient, BroadcastState,
    BroadcastTrouble, FASTEST_PACE, LeftOut, MOST_AUDIENCE, MOST_BROADCASTS,
    MOST_GROUPS_OF_BROADCAST, MOST_NUMBERS_OF_BROADCAST, NamePage, PacePeriod,
};

use super::contacts::{following, place, searched};
use super::failure::Failure;
use super::form::Form;
use super::frame::{Frame, html};
use super::groups::Listing;
use super::home;
use super::hostile::Hostile;
use super::lists::file;
use super::notice::Notice;
use super::parts::{SendFrom, Sentence, state_words, within};
use super::send::error_words;
use super::visit::Visit;
use crate::acts::acceptance::{Attempt, IdempotencyKey};
use crate::acts::batch::BatchError;
use crate::acts::belonging::{Belonging, Lent};
use crate::acts::broadcast::recipients;
use crate::acts::broadcast::{self, Call, NotDone, Shown};
use crate::acts::{group, template};
use crate::app::App;
use crate::causes::in_full;
use crate::power::Power;
use crate::secret::random_secret;
use crate::words::Words;
use written::Written;

/// Broadcasts of one page.
const ROWS: u32 = 25;
/// Groups and templates that are offered for a broadcast.
const OFFERED: u32 = 60;
/// Of those who are left out, so many are named on the page.
const NAMED: u32 = 50;

#[derive(Template)]
#[template(path = "broadcasts.html")]
struct BroadcastsPage {
    w: Words,
    frame: Frame,
    rows: Vec<Row>,
    search: String,
    first: bool,
    more: Option<String>,
    form: Written,
    groups: Vec<Choice>,
    templates: Vec<TemplateChoice>,
    senders: Vec<SendFrom>,
    may_write: bool,
    errors: Vec<String>,
}

#[derive(Template)]
#[template(path = "broadcast.html")]
struct BroadcastPage {
    w: Words,
    frame: Frame,
    path: String,
    shown: Row,
    recipients: u32,
    /// Messages that were sent or ended.
    done: u64,
    states: Vec<StateRow>,
    left_out: Vec<LeftOutRow>,
    /// How it is handed out.
    plan: Vec<String>,
    tests: String,
    attempt: String,
    /// What can be done with it, the likeliest first.
    calls: Vec<CallRow>,
    is_begun: bool,
    is_under_way: bool,
    is_editable: bool,
    /// It starts by itself.
    is_scheduled: bool,
    form: Written,
    groups: Vec<Choice>,
    templates: Vec<TemplateChoice>,
    senders: Vec<SendFrom>,
    may_write: bool,
    errors: Vec<String>,
}

/// A broadcast in the list.
struct Row {
    id: BroadcastId,
    name: Hostile,
    text: Hostile,
    state: String,
    /// Who it is for, and how far it is.
    facts: Vec<Sentence>,
}

/// The messages in one state.
struct StateRow {
    name: String,
    count: u64,
}

/// Somebody who is left out.
struct LeftOutRow {
    number: Hostile,
    why: String,
}

/// Something that can be done.
struct CallRow {
    name: &'static str,
    words: String,
}

/// A group that a broadcast may be for.
struct Choice {
    id: GroupId,
    name: Hostile,
    chosen: bool,
}

/// A template whose text may be sent.
struct TemplateChoice {
    id: TemplateId,
    name: Hostile,
    chosen: bool,
}

/// `GET /broadcasts`.
pub(super) async fn list(
    State(app): State<App>,
    visit: Visit,
    Query(listing): Query<Listing>,
) -> Result<Html<String>, Failure> {
    let form = Written::empty(&app);
    page(&app, &visit, listing, form, Vec::new()).await
}

async fn page(
    app: &App,
    visit: &Visit,
    listing: Listing,
    form: Written,
    errors: Vec<String>,
) -> Result<Html<String>, Failure> {
    let (w, authority) = (visit.words, visit.authority()?);
    let place = place(listing.after.as_deref(), ROWS)?;
    let first = place.after.is_none();
    let (broadcasts, next) =
        broadcast::list(app, authority, Some(searched(&listing.q)?), &place).await?;
    let query = [("q", listing.q.clone())];
    html(&BroadcastsPage {
        w,
        frame: Frame { path: "/broadcasts".to_owned(), ..Frame::of(app, visit).await },
        rows: broadcasts.into_iter().map(|one| row(w, one)).collect(),
        search: listing.q,
        first,
        more: next.map(|next| following("/broadcasts", &query, &next)),
        groups: choices(app, visit, &form.groups).await?,
        templates: templates(app, visit, form.template).await?,
        senders: senders(app, visit, &form).await,
        form,
        may_write: may_write(visit)?,
        errors,
    })
}

/// Whoever has something sent sends.
fn may_write(visit: &Visit) -> Result<bool, Failure> {
    let authority = visit.authority()?;
    Ok(authority.may(Power::BroadcastsWrite) && authority.may(Power::MessagesSend))
}

/// The SIMs that it may go out through.
async fn senders(app: &App, visit: &Visit, form: &Written) -> Vec<SendFrom> {
    let mut senders = home::senders(app, visit).await;
    for sender in &mut senders {
        sender.chosen = form.sim == Some(sender.sim);
    }
    senders
}

/// The groups that a broadcast may be for.
async fn choices(app: &App, visit: &Visit, chosen: &[GroupId]) -> Result<Vec<Choice>, Failure> {
    let authority = visit.authority()?;
    if !authority.may(Power::ContactsRead) {
        return Ok(Vec::new());
    }
    let page = NamePage { after: None, limit: OFFERED };
    let (groups, _) = group::list(app, authority, None, &page).await?;
    let choice = |group: store::Group| Choice {
        id: group.id,
        chosen: chosen.contains(&group.id),
        name: Hostile(group.name).short(Hostile::CHOICE),
    };
    // Those that a broadcast of one's own may be for: others' are not, not even for administrators.
    let lent = Lent::to(app, authority.org, authority.owner()).await?;
    let groups = groups.into_iter().filter(|group| lent.has(group.owner));
    let mut choices: Vec<Choice> = groups.map(choice).collect();
    // One that is not among the first of them, or is gone, stays until somebody takes it away.
    for id in chosen {
        if choices.iter().all(|choice| choice.id != *id) {
            choices.push(Choice { id: *id, name: Hostile(id.to_string()), chosen: true });
        }
    }
    Ok(choices)
}

/// The templates whose texts may be sent.
async fn templates(
    app: &App,
    visit: &Visit,
    chosen: Option<TemplateId>,
) -> Result<Vec<TemplateChoice>, Failure> {
    let authority = visit.authority()?;
    if !authority.may(Power::TemplatesRead) {
        return Ok(Vec::new());
    }
    let page = NamePage { after: None, limit: OFFERED };
    let (found, _) = template::list(app, authority, None, &page).await?;
    let choice = |one: store::Template| TemplateChoice {
        id: one.id,
        chosen: chosen == Some(one.id),
        name: Hostile(one.name).short(Hostile::CHOICE),
    };
    Ok(found.into_iter().map(choice).collect())
}

fn row(w: Words, broadcast: Broadcast) -> Row {
    Row {
        id: broadcast.id,
        state: state(w, broadcast.state),
        facts: facts(w, &broadcast),
        name: Hostile(broadcast.name).short(Hostile::CHOICE),
        text: Hostile(broadcast.message.text).short(Hostile::CHOICE),
    }
}

fn state(w: Words, state: BroadcastState) -> String {
    match state {
        BroadcastState::Draft => w.broadcasts_state_draft(),
        BroadcastState::Scheduled => w.broadcasts_state_scheduled(),
        BroadcastState::Running => w.broadcasts_state_running(),
        BroadcastState::Paused => w.broadcasts_state_paused(),
        BroadcastState::Finished => w.broadcasts_state_finished(),
        BroadcastState::Cancelled => w.broadcasts_state_cancelled(),
    }
}

/// Who a broadcast is for, and how far it is.
fn facts(w: Words, broadcast: &Broadcast) -> Vec<Sentence> {
    let mut facts = Vec::new();
    if let Some(trouble) = broadcast.trouble {
        facts.push(match trouble {
            BroadcastTrouble::Missed => w.broadcasts_trouble_missed(),
            BroadcastTrouble::Nobody => w.broadcasts_trouble_nobody(),
            BroadcastTrouble::TooMany => w.broadcasts_trouble_too_many(MOST_AUDIENCE),
            BroadcastTrouble::OverLimit => w.broadcasts_trouble_over_limit(),
            BroadcastTrouble::Unreadable => w.broadcasts_trouble_unreadable(),
            BroadcastTrouble::Disabled => w.broadcasts_trouble_disabled(),
        });
    }
    let counted = broadcast.audience;
    match (broadcast.state, broadcast.next_at) {
        (BroadcastState::Draft, _) => {}
        (BroadcastState::Scheduled, Some(at)) => facts.push(w.broadcasts_starts(within(at))),
        (BroadcastState::Running, _) if broadcast.reading.is_some() => {
            facts.push(w.broadcasts_reading(broadcast.candidates));
        }
        _ => facts.push(w.broadcasts_handed(broadcast.handed, counted.recipients)),
    }
    let left_out = counted.duplicates + counted.opted_out + counted.unusable;
    if left_out > 0 {
        facts.push(w.broadcasts_left_out(counted.duplicates, counted.opted_out, counted.unusable));
    }
    facts.into_iter().map(Sentence).collect()
}

/// `POST /broadcasts`.
pub(super) async fn add(State(app): State<App>, form: Form) -> Result<Response, Failure> {
    let (visit, w) = (&form.visit, form.visit.words);
    let written = Written::from(&form)?;
    let wanted = written.wanted(&app);
    match broadcast::make(&app, visit.authority()?, Belonging::default(), wanted).await {
        Ok(made) => {
            let notice = Notice::done(w.broadcasts_added(made.name));
            Ok(visit.lead_to(&format!("/broadcasts/{}", made.id), notice))
        }
        Err(refused) => {
            let words = words(w, refused)?;
            let page = page(&app, visit, Listing::default(), written, words).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

/// `GET /broadcasts/{id}`.
pub(super) async fn show(
    State(app): State<App>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Html<String>, Failure> {
    let id: BroadcastId = id.parse().map_err(|_| Failure::NotFound)?;
    let found = broadcast::one(&app, visit.authority()?, id).await?.ok_or(Failure::NotFound)?;
    let form = Written::of(&found.broadcast);
    one_page(&app, &visit, found, form, Vec::new()).await
}

async fn one_page(
    app: &App,
    visit: &Visit,
    found: Shown,
    form: Written,
    errors: Vec<String>,
) -> Result<Html<String>, Failure> {
    let (w, authority) = (visit.words, visit.authority()?);
    let Shown { broadcast, progress, audience, quiet_until } = found;
    let id = broadcast.id;
    let path = format!("/broadcasts/{id}");
    let left_out = recipients::list(app, authority, id, None, true, NAMED).await?;
    let (left_out, _) = left_out.unwrap_or_default();
    let is_editable = matches!(broadcast.state, BroadcastState::Draft | BroadcastState::Scheduled);
    let is_under_way = matches!(broadcast.state, BroadcastState::Running | BroadcastState::Paused);
    let is_scheduled = broadcast.state == BroadcastState::Scheduled;
    let settled = progress.states.iter().filter(|(state, _)| state.is_settled());
    let done: u64 = settled.map(|(_, count)| count).sum();
    let states = progress
        .states
        .iter()
        .map(|(state, count)| StateRow { name: state_words(w, *state), count: *count });
    let states = states.collect();
    let (plan, calls) = (plan(w, &broadcast), calls(w, broadcast.state));
    let (recipients, tests) = (broadcast.audience.recipients, broadcast.tests);
    let mut shown = row(w, broadcast);
    if let Some(audience) = audience {
        shown.facts.push(Sentence(w.broadcasts_expected(audience)));
    }
    for (zone, until) in quiet_until {
        let share = progress.waiting.iter().find(|share| share.zone == zone);
        let count = share.map_or(0, |share| share.remaining);
        shown.facts.push(Sentence(w.broadcasts_quiet_until(count, within(until), zone)));
    }
    html(&BroadcastPage {
        w,
        frame: Frame { path: path.clone(), ..Frame::of(app, visit).await },
        path,
        shown,
        recipients,
        done,
        states,
        left_out: left_out.into_iter().map(|one| left_out_row(w, one)).collect(),
        plan,
        tests: w.broadcasts_tests(tests),
        attempt: random_secret(),
        calls,
        is_begun: !is_editable,
        is_under_way,
        is_editable,
        is_scheduled,
        groups: choices(app, visit, &form.groups).await?,
        // Its text is written here.
        templates: Vec::new(),
        senders: senders(app, visit, &form).await,
        form,
        may_write: may_write(visit)?,
        errors,
    })
}

fn left_out_row(w: Words, one: BroadcastRecipient) -> LeftOutRow {
    let why = match one.left_out {
        Some(LeftOut::Duplicate) => w.broadcasts_why_duplicate(),
        Some(LeftOut::OptedOut) => w.broadcasts_why_opted_out(),
        Some(LeftOut::Unusable) | None => w.broadcasts_why_unusable(),
    };
    LeftOutRow { number: Hostile(one.number).short(Hostile::CHOICE), why }
}

/// How a broadcast is handed out.
fn plan(w: Words, broadcast: &Broadcast) -> Vec<String> {
    let mut plan = Vec::new();
    match broadcast.plan.pace {
        Some(pace) if pace.per == PacePeriod::Hour => {
            plan.push(w.broadcasts_plan_hour(pace.messages));
        }
        Some(pace) => plan.push(w.broadcasts_plan_minute(pace.messages)),
        None => plan.push(w.broadcasts_plan_none()),
    }
    if let Some(quiet) = broadcast.plan.quiet {
        plan.push(w.broadcasts_plan_quiet(quiet.to_string()));
    }
    plan
}

/// What can be done with a broadcast in a state.
fn calls(w: Words, state: BroadcastState) -> Vec<CallRow> {
    let call = |name, words| CallRow { name, words };
    let start = || call("start", w.broadcasts_start());
    let pause = || call("pause", w.broadcasts_pause());
    let resume = || call("resume", w.broadcasts_resume());
    let cancel = || call("cancel", w.broadcasts_cancel());
    let remove = || call("remove", w.remove());
    match state {
        BroadcastState::Draft => vec![start(), remove()],
        BroadcastState::Scheduled => vec![call("pause", w.broadcasts_take_back()), cancel()],
        BroadcastState::Running => vec![pause(), cancel()],
        BroadcastState::Paused => vec![resume(), cancel()],
        BroadcastState::Finished | BroadcastState::Cancelled => vec![remove()],
    }
}

/// `GET /broadcasts/{id}/recipients.csv`: all of the audience.
pub(super) async fn recipients_csv(
    State(app): State<App>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let id: BroadcastId = id.parse().map_err(|_| Failure::NotFound)?;
    let csv = recipients::csv(&app, visit.authority()?, id).await?.ok_or(Failure::NotFound)?;
    Ok(file("attachment; filename=\"recipients.csv\"", csv))
}

/// `POST /broadcasts/{id}/{call}`.
pub(super) async fn call(
    State(app): State<App>,
    Path((id, call)): Path<(String, String)>,
    form: Form,
) -> Result<Response, Failure> {
    let (visit, w) = (&form.visit, form.visit.words);
    let authority = visit.authority()?;
    let id: BroadcastId = id.parse().map_err(|_| Failure::NotFound)?;
    let own = format!("/broadcasts/{id}");
    let order = async |order| broadcast::call(&app, authority, id, order).await;
    let done = match call.as_str() {
        "remove" => match broadcast::remove(&app, authority, id).await {
            Ok(true) => {
                return Ok(visit.lead_to("/broadcasts", Notice::done(w.broadcasts_removed())));
            }
            Ok(false) => return Err(Failure::NotFound),
            Err(refused) => Err(refused),
        },
        "start" => broadcast::start(&app, authority, id).await.map(|_| w.broadcasts_started()),
        "pause" => order(Call::Pause).await.map(|_| w.broadcasts_paused()),
        "resume" => order(Call::Resume).await.map(|_| w.broadcasts_resumed()),
        "cancel" => order(Call::Cancel).await.map(|_| w.broadcasts_cancelled()),
        "test" => {
            let attempt = IdempotencyKey::parse(form.field("attempt"));
            let call = "POST /broadcasts/{id}/test";
            let attempt = attempt.map(|key| Attempt::Named { key, call });
            let to = form.field("number");
            let sent = broadcast::test(&app, authority, id, to, attempt.as_ref()).await;
            sent.map(|_| w.broadcasts_tested())
        }
        "change" => {
            let written = Written::from(&form)?;
            match broadcast::change(&app, authority, id, written.changes()).await {
                Ok(changed) if changed.is_draft_again => Ok(w.broadcasts_draft_again()),
                Ok(changed) if changed.broadcast.state == BroadcastState::Scheduled => {
                    Ok(w.broadcasts_changed_scheduled())
                }
                Ok(_) => Ok(w.broadcasts_changed()),
                Err(refused) => {
                    let words = words(w, refused)?;
                    let found = broadcast::one(&app, authority, id).await?;
                    let found = found.ok_or(Failure::NotFound)?;
                    let written = Written { kept: found.broadcast.numbers, ..written };
                    let page = one_page(&app, visit, found, written, words).await?;
                    return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
                }
            }
        }
        _ => return Err(Failure::NotFound),
    };
    let notice = match done {
        Ok(words) => Notice::done(words),
        Err(refused) => Notice::failed(words(w, refused)?.join(" ")),
    };
    Ok(visit.lead_to(&own, notice))
}

/// What is wrong, for who is told so.
fn words(w: Words, refused: NotDone) -> Result<Vec<String>, Failure> {
    let words = match refused {
        NotDone::Name => w.contacts_bad_name(broadcast::LONGEST_NAME),
        NotDone::TooManyGroups => w.broadcasts_bad_groups(MOST_GROUPS_OF_BROADCAST),
        NotDone::TooManyNumbers => w.broadcasts_too_many_numbers(MOST_NUMBERS_OF_BROADCAST),
        NotDone::NoSuchTemplate => w.broadcasts_no_template(),
        NotDone::Text(BadPersonalText::NoSuchField(name)) => {
            w.broadcasts_no_field(format!("{{{name}}}"))
        }
        NotDone::Text(BadPersonalText::Open(at)) => w.broadcasts_open_brace(at),
        NotDone::NobodyHas(field) => w.broadcasts_nobody_has(format!("{{{field}}}")),
        NotDone::Sim(_) | NotDone::Pool(_) => w.send_sim_not_yours(),
        NotDone::When(PlanError::Zone(zone)) => w.schedules_bad_zone(zone),
        NotDone::When(_) => w.schedules_bad_time(),
        NotDone::Past => w.broadcasts_past(),
        NotDone::Pace(_) => w.broadcasts_bad_pace(FASTEST_PACE),
        NotDone::Quiet(_) => w.broadcasts_bad_quiet(),
        NotDone::Nobody => w.broadcasts_nobody(),
        NotDone::TooLarge(found) => w.broadcasts_too_large(found, MOST_AUDIENCE),
        NotDone::Unaccepted(refused) => return Ok(error_words(w, &refused)),
        NotDone::Make(BroadcastError::TooMany) => w.broadcasts_too_many(MOST_BROADCASTS),
        NotDone::Make(BroadcastError::NameTaken(_)) => w.broadcasts_taken(),
        NotDone::Make(BroadcastError::NoSuchGroup(_)) => w.contacts_no_group(),
        NotDone::Make(BroadcastError::In(now)) => w.broadcasts_in(state(w, now)),
        NotDone::Batch(BatchError::Cancelled) => w.broadcasts_in(w.broadcasts_state_cancelled()),
        NotDone::Batch(error @ (BatchError::Broker(_) | BatchError::Untold(_))) => {
            tracing::warn!(error = %in_full(&error), "the batches of a broadcast were not given an order");
            w.broadcasts_untold()
        }
        NotDone::NoSuchBroadcast | NotDone::Batch(BatchError::NoSuchBatch) => {
            return Err(Failure::NotFound);
        }
        NotDone::Batch(BatchError::Denied(denied)) => return Err(denied.into()),
        NotDone::NotTheirs(refused) => return Err(refused.into()),
        NotDone::Make(BroadcastError::Store(error)) | NotDone::Batch(BatchError::Store(error)) => {
            return Err(error.into());
        }
    };
    Ok(vec![words])
}
