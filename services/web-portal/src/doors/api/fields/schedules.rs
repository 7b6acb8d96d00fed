//! What the calls of schedules take.

use contracts::bounds;
use store::MOST_GROUPS_OF_SCHEDULE;

use super::phone_book::BY_NAME;
use super::{Call, Field, Kind, NAME, get, may, must, patch, post};
use crate::acts::draft::RECIPIENTS;
use crate::acts::schedule;

const TO: Field = may("to", Kind::Phones(RECIPIENTS));
const GROUPS: Field = may("groups", Kind::Ids(MOST_GROUPS_OF_SCHEDULE, "grp_"));
const REPEAT: Field = may("repeat", Kind::Repetition);
const PRIORITY: Field = may("priority", Kind::OneOf(&["otp", "normal", "bulk"]));

/// The calls of schedules.
pub(super) const SCHEDULES: [Call; 3] = [
    get("/schedules", BY_NAME),
    post(
        "/schedules",
        &[
            must("name", Kind::Text(schedule::LONGEST_NAME)),
            TO,
            GROUPS,
            must("text", Kind::Parts),
            must("at", Kind::LocalTime),
            must("zone", Kind::Zone),
            REPEAT,
            may("paused", Kind::Flag),
            may("encoding", Kind::OneOf(&["auto", "gsm7", "smart", "ucs2"])),
            PRIORITY,
            may("class", Kind::Number(0, 3)),
            may("flash", Kind::Flag),
            may("validity_minutes", Kind::Number(1, bounds::VALIDITY_MINUTES as i64)),
            may("sim", Kind::Id("sim_")),
            may("pool", Kind::Text(32)),
            may("user", Kind::Text(NAME)),
        ],
    ),
    patch(
        "/schedules/{id}",
        &[
            may("name", Kind::Text(schedule::LONGEST_NAME)),
            TO,
            GROUPS,
            may("text", Kind::Text(schedule::LONGEST_TEXT)),
            PRIORITY,
            may("at", Kind::LocalTime),
            may("zone", Kind::Zone),
            REPEAT,
            may("paused", Kind::Flag),
        ],
    ),
];
