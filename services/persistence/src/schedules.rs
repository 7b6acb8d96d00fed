//! Schedules: a time that has come becomes messages that are held and due at once, which [`crate::due`] requests.
//!
//! The messages of a time are made in one transaction with the note of the next time, so whoever is killed has done all or
//! nothing of it, and what is made is kept as every held message is. Of two copies of the service one makes them.
//!
//! A time at which nobody was there to send is sent when it is not older than [`LATE`], and goes by otherwise, which is said in the log
//! and on the schedule: a reminder of yesterday helps nobody, and a thousand of them at once cost.

use std::sync::Arc;
use std::time::Duration;

use bus::Bus;
use contracts::scheduled::Scheduled;
use contracts::written::Written;
use contracts::{Filter, MessageId, Timestamp};
use platform::Clock;
use recurrence::{Plan, PlanError};
use store::{Schedule, ScheduleTrouble, StoreError};
use tokio_util::sync::CancellationToken;

use crate::alarm::Alarm;
use crate::due::Due;
use crate::outage::Outage;

/// How old a time of a schedule may be and is sent all the same.
pub const LATE: Duration = Duration::from_hours(1);

/// A next time is put right that is so much later than it should be. What a clock that is a little ahead noted is let be.
const FAR: Duration = Duration::from_hours(24);

/// Schedules that are looked at together.
const LOOKED_AT: u32 = 200;

/// Schedules that are dealt with before their messages are requested.
const AT_ONCE: u32 = 16;

/// Messages that are told together to be written.
const TOLD_AT_ONCE: usize = 1_000;

/// What is to be done at the time that a schedule has next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Step {
    /// Why nothing is sent.
    trouble: Option<ScheduleTrouble>,
    /// When its next time is.
    next: Option<Timestamp>,
}

/// Sends for schedules whose time has come, a few at a time; whether there were any.
pub(crate) async fn send_due(due: &Due, now: Timestamp) -> Result<bool, StoreError> {
    let schedules = due.store.due_schedules(now, AT_ONCE).await?;
    for schedule in &schedules {
        send(due, schedule, now).await?;
    }
    Ok(!schedules.is_empty())
}

async fn send(due: &Due, schedule: &Schedule, now: Timestamp) -> Result<(), StoreError> {
    let Some(at) = schedule.next_at else { return Ok(()) };
    let Step { trouble, next } = step(schedule, at, now).unwrap_or_else(|error| {
        tracing::error!(schedule.id = %schedule.id, "a schedule cannot be read here, and stops: {error}");
        Step { trouble: Some(ScheduleTrouble::Unreadable), next: None }
    });
    if let Some(trouble) = trouble {
        if due.store.pass_scheduled(schedule, next, trouble).await? {
            tracing::warn!(schedule.id = %schedule.id, %at, "nothing was sent at a time of a schedule: {trouble}");
        }
        return Ok(());
    }
    let sent = match due.store.send_scheduled(schedule, next, now, due.within).await {
        // It will never work, and the others must not suffer for it.
        Err(error) if !error.is_temporary() => {
            tracing::error!(schedule.id = %schedule.id, %at, "the database refuses what a schedule sends, and its time goes by: {error}");
            due.store.pass_scheduled(schedule, next, ScheduleTrouble::Unreadable).await?;
            return Ok(());
        }
        sent => sent?,
    };
    // Changed meanwhile, or another copy of the service was first.
    let Some(sent) = sent else { return Ok(()) };
    if let Some(trouble) = sent.run.trouble {
        tracing::warn!(schedule.id = %schedule.id, %at, "nothing was sent at a time of a schedule: {trouble}");
    } else {
        let messages = sent.messages.len();
        tracing::info!(schedule.id = %schedule.id, messages, "a schedule is due and its messages are requested");
    }
    due.wordless.notify_one();
    for some in sent.messages.chunks(TOLD_AT_ONCE) {
        let messages: Vec<MessageId> = some.to_vec();
        due.bus.hint(&Written::SUBJECT, &Written { messages }).await;
    }
    Ok(())
}

/// What is to be done at `now`, when the time of a schedule was `at`.
fn step(schedule: &Schedule, at: Timestamp, now: Timestamp) -> Result<Step, PlanError> {
    let timing = &schedule.timing;
    let plan = Plan::parse(&timing.starts, &timing.zone, timing.repetition.as_deref())?;
    // What is a little late is sent; of what came before it, nothing.
    let missed = now.since(at) > LATE;
    let from = if missed { now.minus(LATE) } else { at };
    let next = plan.after(from.to_jiff()).map(Timestamp::from);
    Ok(Step { trouble: missed.then_some(ScheduleTrouble::Missed), next })
}

/// Puts next times right that are far beyond what they should be: a clock that was ahead for a while, by a year say, noted that the
/// times until then had gone by.
pub(crate) async fn put_right(due: &Due, now: Timestamp) -> Result<(), StoreError> {
    let mut last = None;
    loop {
        let far = due.store.far_schedules(now.plus(FAR), last.as_ref(), LOOKED_AT).await?;
        for schedule in &far {
            let Some(next) = sooner(schedule, now) else { continue };
            if due.store.set_next_time(schedule, next).await? {
                tracing::warn!(schedule.id = %schedule.id, %next, "a schedule would have been silent for long, as after a time in which the clock was ahead, and is sent again from {next} on");
            }
        }
        match far.into_iter().next_back() {
            Some(schedule) => last = Some(schedule),
            None => return Ok(()),
        }
    }
}

/// When the next time of a schedule is, if that is far before the one that is noted.
fn sooner(schedule: &Schedule, now: Timestamp) -> Option<Timestamp> {
    let (timing, noted) = (&schedule.timing, schedule.next_at?);
    let plan = Plan::parse(&timing.starts, &timing.zone, timing.repetition.as_deref()).ok()?;
    let next = Timestamp::from(plan.after(now.to_jiff())?);
    (next.plus(FAR) < noted).then_some(next)
}

/// Wakes whoever sends, when a schedule is made or changed.
pub(crate) async fn listen(bus: Bus, clock: Clock, alarm: Arc<Alarm>, soft: CancellationToken) {
    let mut outage = Outage::new("hearing of new schedules");
    let mut heard = loop {
        match bus.subscribe::<Scheduled>(&Filter::Only(Scheduled::SUBJECT)).await {
            Ok(heard) => break heard,
            Err(error) => {
                if outage.pause(&error, &soft).await.is_err() {
                    return;
                }
            }
        }
    };
    outage.over();
    loop {
        tokio::select! {
            () = soft.cancelled() => return,
            hint = heard.next() => match hint {
                Some(hint) => alarm.no_later(hint.value.at, clock.now()),
                // The connection was closed for good: the program ends.
                None => return,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use contracts::mt::{Encoding, SendOptions, WhenUncertain};
    use contracts::{OrgId, Priority, ScheduleId, UserId};
    use store::{ScheduledMessage, Timing};

    use super::*;

    #[test]
    fn a_next_time_that_is_absurdly_far_is_put_right() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let noted = |next: &str, repetition| Schedule {
            next_at: Some(at(next)),
            timing: Timing {
                starts: "2026-01-05T08:00:00".to_owned(),
                zone: "UTC".to_owned(),
                repetition: Some(repetition).map(str::to_owned),
            },
            ..schedule(None)
        };
        let now = at("2026-12-01T10:00:00Z");
        for (next, repetition, right) in [
            ("2026-12-02T08:00:00Z", "FREQ=DAILY", None),
            // A clock that is a little ahead.
            ("2026-12-03T08:00:00Z", "FREQ=DAILY", None),
            ("2027-12-02T08:00:00Z", "FREQ=DAILY", Some("2026-12-02T08:00:00Z")),
            ("2026-12-07T08:00:00Z", "FREQ=WEEKLY;BYDAY=MO", None),
            ("2027-12-06T08:00:00Z", "FREQ=WEEKLY;BYDAY=MO", Some("2026-12-07T08:00:00Z")),
            ("2026-12-05T08:00:00Z", "FREQ=MONTHLY", None),
        ] {
            assert_eq!(sooner(&noted(next, repetition), now), right.map(at), "{next} {repetition}");
        }
        let unreadable = Schedule {
            timing: Timing { zone: "Mars".to_owned(), ..schedule(None).timing },
            ..noted("2027-12-02T08:00:00Z", "FREQ=DAILY")
        };
        assert_eq!(sooner(&unreadable, now), None);
    }

    fn schedule(repetition: Option<&str>) -> Schedule {
        let at = Timestamp::from_micros(0);
        Schedule {
            id: ScheduleId::derived("1"),
            org: OrgId::default_org(),
            owner: UserId::internal(),
            name: "a".to_owned(),
            message: ScheduledMessage {
                text: "a".to_owned(),
                encoding: Encoding::Auto,
                priority: Priority::Normal,
                sim: None,
                pool: None,
                options: SendOptions::default(),
                when_uncertain: WhenUncertain::default(),
            },
            numbers: Vec::new(),
            groups: Vec::new(),
            timing: Timing {
                starts: "2026-12-01T08:00:00".to_owned(),
                zone: "UTC".to_owned(),
                repetition: repetition.map(str::to_owned),
            },
            paused: false,
            next_at: None,
            last: None,
            created_at: at,
            updated_at: at,
        }
    }

    #[test]
    fn what_is_a_little_late_is_sent_and_what_is_old_goes_by() {
        let at = |text: &str| -> Timestamp { format!("2026-12-{text}Z").parse().unwrap() };
        let step = |repetition, time, now| step(&schedule(repetition), at(time), at(now)).unwrap();
        let daily = Some("FREQ=DAILY");
        let sent = |next| Step { trouble: None, next };
        let missed = |next| Step { trouble: Some(ScheduleTrouble::Missed), next };
        let (first, later) = ("01T08:00:00", "01T09:00:00");
        assert_eq!(step(daily, first, later), sent(Some(at("02T08:00:00"))));
        assert_eq!(step(daily, first, "01T09:00:01"), missed(Some(at("02T08:00:00"))));
        // Days later, at half past eight: that of the day is sent next, and those of before go by together.
        assert_eq!(step(daily, first, "05T08:30:00"), missed(Some(at("05T08:00:00"))));
        assert_eq!(step(None, first, later), sent(None));
        assert_eq!(step(None, first, "01T09:00:01"), missed(None));
    }

    #[test]
    fn what_is_not_known_here_is_said() {
        let mut wrong = schedule(Some("FREQ=HOURLY"));
        let at = Timestamp::from_micros(0);
        assert!(matches!(step(&wrong, at, at), Err(PlanError::Repetition(_))));
        wrong.timing.zone = "Moon/Tycho".to_owned();
        assert!(matches!(step(&wrong, at, at), Err(PlanError::Zone(_))));
    }
}
