//! What the calls of rules take.

use contracts::bounds;
use routing::check;

use super::{Call, Field, Kind, NAME, may, must, post, put};
use crate::acts::trial::LONGEST_TEXT;

/// Characters of a prefix as people write it.
const WRITTEN_PREFIX: usize = 32;
/// Characters of a key's id.
const KEY: usize = 36;
/// Characters of a time of day.
const TIME: usize = 5;

const HOURS: &[Field] = &[
    must("zone", Kind::Text(check::LONGEST_ZONE)),
    may("from", Kind::Text(TIME)),
    may("until", Kind::Text(TIME)),
    may("days", Kind::Several(&["mon", "tue", "wed", "thu", "fri", "sat", "sun"])),
];
const TARGET: &[Field] = &[may("pool", Kind::Text(32)), may("sim", Kind::Id("sim_"))];
const RULE: &[Field] = &[
    must("name", Kind::Text(check::LONGEST_NAME)),
    may("enabled", Kind::Flag),
    may("prefixes", Kind::Texts(check::MOST_PREFIXES, WRITTEN_PREFIX)),
    may("accounts", Kind::Texts(check::MOST_ACCOUNTS, NAME)),
    may("priorities", Kind::Several(&["otp", "normal", "bulk"])),
    may("keywords", Kind::Texts(check::MOST_KEYWORDS, bounds::KEYWORD)),
    may("keys", Kind::Texts(check::MOST_MARKS, KEY)),
    may("tags", Kind::Texts(check::MOST_MARKS, bounds::TAG)),
    may("senders", Kind::Texts(check::MOST_MARKS, bounds::SENDER)),
    may("hours", Kind::Object(HOURS)),
    may("targets", Kind::Objects(check::MOST_TARGETS, TARGET)),
    may("refuse", Kind::Text(check::LONGEST_REASON)),
];
const WEIGHT: &[Field] =
    &[must("sim", Kind::Id("sim_")), must("weight", Kind::Number(0, check::LARGEST_WEIGHT as i64))];
const POOL: &[Field] = &[
    must("name", Kind::Text(32)),
    must("strategy", Kind::OneOf(&["as_free", "round_robin", "weighted", "least_used", "sticky"])),
    may("weights", Kind::Objects(check::MOST_WEIGHTS, WEIGHT)),
];

/// The calls of rules.
pub(super) const ROUTES: [Call; 3] = [
    put(
        "/routes",
        &[
            must("version", Kind::Number(0, i64::MAX)),
            must("rules", Kind::Objects(check::MOST_RULES, RULE)),
            may("pools", Kind::Objects(check::MOST_POOLS, POOL)),
        ],
    ),
    post(
        "/routes/test",
        &[
            must("to", Kind::Phone),
            may("text", Kind::Text(LONGEST_TEXT)),
            may("account", Kind::Text(NAME)),
            may("priority", Kind::OneOf(&["otp", "normal", "bulk"])),
            may("key", Kind::Id("key_")),
            may("tag", Kind::Text(bounds::TAG)),
            may("sender", Kind::Text(bounds::SENDER)),
            may("sim", Kind::Id("sim_")),
            may("pool", Kind::Text(32)),
            may("at", Kind::Time),
        ],
    ),
    post(
        "/routes/restore",
        &[may("version", Kind::Number(0, i64::MAX)), may("now", Kind::Number(0, i64::MAX))],
    ),
];
