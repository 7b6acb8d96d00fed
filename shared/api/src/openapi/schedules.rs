//! The calls of schedules.

use super::call::{Call, Calls};
use crate::{BatchAcceptance, ListByName, NewSchedule, Schedule, ScheduleChanges, Schedules};

/// Adds them.
pub(super) fn add(calls: &mut Calls) {
    calls.group("Schedules");
    calls.add(
        Call::get("listSchedules", "/schedules", "Lists schedules by name.")
            .needs("schedules:read")
            .asks::<ListByName>()
            .answers::<Schedules>(200, "A page."),
    );
    calls.add(
        Call::post("addSchedule", "/schedules", "Makes a schedule.")
            .needs("schedules:write")
            .takes::<NewSchedule>()
            .answers::<Schedule>(201, "The schedule."),
    );
    calls.add(
        Call::get("showSchedule", "/schedules/{id}", "Shows a schedule.")
            .needs("schedules:read")
            .answers::<Schedule>(200, "The schedule."),
    );
    calls.add(
        Call::patch("changeSchedule", "/schedules/{id}", "Changes a schedule.")
            .needs("schedules:write")
            .takes::<ScheduleChanges>()
            .answers::<Schedule>(200, "The schedule as it is now."),
    );
    calls.add(
        Call::delete("removeSchedule", "/schedules/{id}", "Removes a schedule.")
            .needs("schedules:write")
            .done("It is removed."),
    );
    for (id, path, what) in [
        ("pauseSchedule", "/schedules/{id}/pause", "Lets the times of a schedule go by."),
        ("resumeSchedule", "/schedules/{id}/resume", "Lets a paused schedule go on."),
    ] {
        calls.add(
            Call::post(id, path, what)
                .needs("schedules:write")
                .answers::<Schedule>(200, "The schedule as it is now."),
        );
    }
    calls.add(
        Call::post("runSchedule", "/schedules/{id}/run", "Sends for a schedule now, too.")
            .needs("schedules:write")
            .header(
                "Idempotency-Key",
                "A name for this one request, so that it is accepted once however often it comes.",
            )
            .answers::<BatchAcceptance>(202, "The broker has all of the messages."),
    );
}
