//! What the calls of broadcasts take.

use contracts::bounds;
use store::{MOST_AUDIENCE, MOST_GROUPS_OF_BROADCAST, MOST_NUMBERS_OF_BROADCAST};

use super::phone_book::BY_NAME;
use super::{Call, Field, Kind, NAME, PAGE, get, may, must, patch, post};
use crate::acts::broadcast;

const TO: Field = may("to", Kind::Phones(MOST_NUMBERS_OF_BROADCAST));
const GROUPS: Field = may("groups", Kind::Ids(MOST_GROUPS_OF_BROADCAST, "grp_"));
const PRIORITY: Field = may("priority", Kind::OneOf(&["otp", "normal", "bulk"]));

/// The calls of broadcasts.
pub(super) const BROADCASTS: [Call; 5] = [
    get("/broadcasts", BY_NAME),
    post(
        "/broadcasts",
        &[
            must("name", Kind::Text(broadcast::LONGEST_NAME)),
            TO,
            GROUPS,
            may("text", Kind::Parts),
            may("template", Kind::Id("tpl_")),
            may("at", Kind::LocalTime),
            must("zone", Kind::Zone),
            may("pace", Kind::Pace),
            may("quiet", Kind::Hours),
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
        "/broadcasts/{id}",
        &[
            may("name", Kind::Text(broadcast::LONGEST_NAME)),
            TO,
            GROUPS,
            may("text", Kind::Text(broadcast::LONGEST_TEXT)),
            PRIORITY,
            may("sim", Kind::Text(36)),
            may("pool", Kind::Text(32)),
            may("at", Kind::LocalTime),
            may("zone", Kind::Zone),
            may("pace", Kind::Pace),
            may("quiet", Kind::Hours),
        ],
    ),
    post("/broadcasts/{id}/test", &[must("to", Kind::Phone)]),
    get(
        "/broadcasts/{id}/recipients",
        &[
            may("left_out", Kind::OneOf(&["true", "false"])),
            may("limit", Kind::Number(1, PAGE as i64)),
            may("after", Kind::Number(0, MOST_AUDIENCE as i64)),
        ],
    ),
];
