//! Schedules. One that is over is not in the document, and nothing of it is missed.

use contracts::mt::{Body, Encoding, SendOptions};
use contracts::{GroupId, PoolId, Priority, SimId, UserId, bounds};
use serde::{Deserialize, Serialize};
use store::{Schedule, ScheduleChange};

use super::check::Check;
use super::compare::{Change, Sign};
use super::kind::Kind;
use super::refusal::NotTaken;
use super::section::{Entry, Fields, Section, cut, written};
use super::services::owner;
use super::there::There;
use crate::acts::draft::Draft;
use crate::acts::schedule::{self, Changes, Wanted};
use crate::app::App;
use crate::authority::Authority;

/// A schedule, with the fields of the API; groups by their names.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ScheduleFields {
    name: String,
    /// The name of the account; absent: the administrator without an account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    owner: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    to: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    groups: Vec<String>,
    text: String,
    #[serde(default, skip_serializing_if = "is_usual")]
    encoding: Alphabet,
    #[serde(default, skip_serializing_if = "is_normal")]
    priority: Priority,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    class: Option<u8>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    validity_minutes: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sim: Option<SimId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pool: Option<PoolId>,
    at: String,
    zone: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    repeat: Option<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    paused: bool,
}

contracts::named! {
    /// The alphabets: a file names no other.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
    enum Alphabet in json {
        /// GSM 7-bit where it has all characters.
        #[default]
        Auto = "auto",
        /// GSM 7-bit.
        Gsm7 = "gsm7",
        /// With similar characters.
        Smart = "smart",
        /// UCS-2.
        Ucs2 = "ucs2",
    }
}

impl Alphabet {
    const fn of(encoding: Encoding) -> Self {
        match encoding {
            Encoding::Auto => Self::Auto,
            Encoding::Gsm7 => Self::Gsm7,
            Encoding::Smart => Self::Smart,
            Encoding::Ucs2 => Self::Ucs2,
        }
    }

    const fn encoding(self) -> Encoding {
        match self {
            Self::Auto => Encoding::Auto,
            Self::Gsm7 => Encoding::Gsm7,
            Self::Smart => Encoding::Smart,
            Self::Ucs2 => Encoding::Ucs2,
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_usual(alphabet: &Alphabet) -> bool {
    *alphabet == Alphabet::Auto
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_normal(priority: &Priority) -> bool {
    *priority == Priority::Normal
}

/// The schedules, also those that are over.
pub(super) fn section(there: &There) -> Section {
    Section::sorted(there.schedules.iter().map(|schedule| {
        let entry = Entry::there(Kind::Schedules, fields(there, schedule));
        Entry { is_over: !schedule.paused && schedule.next_at.is_none(), ..entry }
    }))
}

fn fields(there: &There, schedule: &Schedule) -> Fields {
    let Schedule { message, timing, owner, .. } = schedule;
    written(&ScheduleFields {
        name: schedule.name.clone(),
        owner: there.owner_name(*owner),
        to: schedule.numbers.iter().map(ToString::to_string).collect(),
        groups: schedule.groups.iter().map(|id| there.group_said(*owner, *id)).collect(),
        text: message.text.clone(),
        encoding: Alphabet::of(message.encoding),
        priority: message.priority,
        class: message.options.class,
        validity_minutes: message.options.validity_minutes,
        sim: message.sim,
        pool: message.pool.clone(),
        at: schedule::local(timing),
        zone: timing.zone.clone(),
        repeat: timing.repetition.clone(),
        paused: schedule.paused,
    })
}

/// What a file wants of a schedule, when it can be.
pub(super) async fn checked(look: &Check<'_>, entry: Entry) -> Result<Entry, NotTaken> {
    let Check { app, authority, there } = *look;
    let said: ScheduleFields = entry.read()?;
    let owner = owner(there, said.owner.as_deref())?;
    let kept = if let Some(present) = find(there, &entry.key) {
        let changes = changes(there, present, said)?;
        let change = schedule::checked_change(app, authority, present, changes).await?;
        changed(present.clone(), change)
    } else {
        let wanted = wanted(app, there, owner, said)?;
        let new = schedule::checked_new(app, authority, owner, wanted).await?;
        let now = app.clock.now();
        Schedule {
            id: contracts::ScheduleId::derived(&entry.key),
            org: authority.org,
            owner,
            name: new.name,
            message: new.message,
            numbers: new.numbers,
            groups: new.groups,
            timing: new.timing,
            paused: new.paused,
            next_at: new.next_at,
            last: None,
            created_at: now,
            updated_at: now,
        }
    };
    Ok(entry.kept(fields(there, &kept)))
}

/// A schedule after a change.
fn changed(present: Schedule, change: ScheduleChange) -> Schedule {
    let paused = change.going.map_or(present.paused, |going| going.paused);
    Schedule {
        name: change.name.unwrap_or(present.name),
        message: change.message.unwrap_or(present.message),
        numbers: change.numbers.unwrap_or(present.numbers),
        groups: change.groups.unwrap_or(present.groups),
        timing: change.timing.unwrap_or(present.timing),
        paused,
        ..present
    }
}

/// Keeps what a file wants.
pub(super) async fn apply(
    app: &App,
    authority: &Authority,
    there: &There,
    change: &Change,
) -> Result<(), NotTaken> {
    let present = find(there, &change.key);
    match (change.sign, present, &change.wanted) {
        (Sign::Add, None, Some(entry)) => {
            let said: ScheduleFields = entry.read()?;
            let owner = owner(there, said.owner.as_deref())?;
            let wanted = wanted(app, there, owner, said)?;
            schedule::make_for(app, authority, owner, wanted).await?;
        }
        (Sign::Change, Some(present), Some(entry)) => {
            let changes = changes(there, present, entry.read()?)?;
            schedule::change(app, authority, present.id, changes).await?;
        }
        (Sign::Remove, Some(present), _) => {
            schedule::remove(app, authority, present.id).await?;
        }
        _ => return Err(NotTaken::gone("schedule")),
    }
    Ok(())
}

fn find<'a>(there: &'a There, key: &str) -> Option<&'a Schedule> {
    let is_it = |schedule: &&Schedule| {
        let owner = there.owner_name(schedule.owner).unwrap_or_default();
        format!("{}\n{}", schedule.name.to_lowercase(), owner.to_lowercase()) == key
    };
    there.schedules.iter().find(is_it)
}

/// The groups of these names.
fn groups(there: &There, owner: UserId, said: &[String]) -> Result<Vec<GroupId>, NotTaken> {
    let id = |said: &String| {
        let group = there.group(owner, said).or_else(|| there.planned_group(said));
        group.ok_or_else(|| {
            let said = cut(said, 64);
            NotTaken::Wrong(format!(
                "groups: there is no group '{said}' of the account, and none that all share"
            ))
        })
    };
    said.iter().map(id).collect()
}

/// A schedule to be made.
fn wanted(
    app: &App,
    there: &There,
    owner: UserId,
    said: ScheduleFields,
) -> Result<Wanted, NotTaken> {
    if said.class.is_some_and(|class| class > 3) {
        return Err(NotTaken::Wrong("class: there are 0 (flash), 1, 2 and 3".to_owned()));
    }
    let is_valid = |minutes: u32| (1..=bounds::VALIDITY_MINUTES).contains(&minutes);
    if said.validity_minutes.is_some_and(|minutes| !is_valid(minutes)) {
        let most = bounds::VALIDITY_MINUTES;
        return Err(NotTaken::Wrong(format!("validity_minutes: say 1 to {most} minutes")));
    }
    let groups = groups(there, owner, &said.groups)?;
    let body = Body::Text { text: said.text, encoding: said.encoding.encoding() };
    let draft = Draft {
        to: said.to,
        priority: said.priority,
        sim: said.sim,
        pool: said.pool,
        options: SendOptions {
            class: said.class,
            validity_minutes: said.validity_minutes,
            languages: app.settings.languages,
            ..SendOptions::default()
        },
        ..Draft::of(body)
    };
    let ScheduleFields { name, at, zone, repeat, paused, .. } = said;
    Ok(Wanted { name, draft, groups, at, zone, repeat, paused })
}

/// The change that makes a schedule as the file says.
fn changes(there: &There, present: &Schedule, said: ScheduleFields) -> Result<Changes, NotTaken> {
    let message = &present.message;
    let stay = [
        ("encoding", said.encoding == Alphabet::of(message.encoding)),
        ("class", said.class == message.options.class),
        ("validity_minutes", said.validity_minutes == message.options.validity_minutes),
        ("sim", said.sim == message.sim),
        ("pool", said.pool == message.pool),
    ];
    if let Some((field, _)) = stay.iter().find(|(_, stays)| !stays) {
        return Err(NotTaken::Wrong(format!(
            "{field}: of a schedule that is there it stays as it is: give the schedule another name to make a new one"
        )));
    }
    let groups = groups(there, present.owner, &said.groups)?;
    let (timing, at) = (&present.timing, schedule::local(&present.timing));
    let before: Vec<String> = present.numbers.iter().map(ToString::to_string).collect();
    let repeat = said.repeat.unwrap_or_default();
    let repeated = timing.repetition.clone().unwrap_or_default();
    Ok(Changes {
        name: Some(said.name).filter(|name| *name != present.name),
        to: Some(said.to).filter(|to| *to != before),
        groups: Some(groups).filter(|groups| *groups != present.groups),
        text: Some(said.text).filter(|text| *text != message.text),
        priority: Some(said.priority).filter(|priority| *priority != message.priority),
        at: Some(said.at).filter(|said| *said != at),
        zone: Some(said.zone).filter(|zone| *zone != timing.zone),
        repeat: Some(repeat).filter(|repeat| *repeat != repeated),
        paused: Some(said.paused).filter(|paused| *paused != present.paused),
    })
}
