//! Rules and what is wrong with them, in the visitor's language.

use contracts::routes::{Day, Strategy};
use contracts::subject::Target;
use contracts::{Priority, bounds};
use routing::check::{LONGEST_NAME, LONGEST_REASON};
use routing::{Fault, Miss, Place};

use crate::acts::route::There;
use crate::acts::way::{End, Would};
use crate::doors::pages::send::unusable_words;
use crate::words::Words;

/// What is wrong with a rule, or to be thought about.
pub(super) fn fault(w: Words, there: &There, fault: &Fault) -> String {
    match fault {
        Fault::TooMany(_, most) => w.routes_too_many(*most),
        Fault::Name => w.routes_bad_name(LONGEST_NAME),
        Fault::NameTaken(number) => w.routes_name_taken(*number),
        Fault::NoWay => w.routes_no_way(),
        Fault::TwoWays => w.routes_two_ways(),
        Fault::Reason => w.routes_bad_reason(LONGEST_REASON),
        Fault::Keyword(word) => w.routes_bad_keyword(word.clone(), bounds::KEYWORD),
        Fault::Mark(_, mark) => w.routes_bad_mark(mark.clone(), bounds::TAG, bounds::SENDER),
        Fault::Zone(zone) => w.routes_bad_zone(zone.clone()),
        Fault::NoHours => w.routes_no_hours(),
        Fault::PoolTwice => w.routes_pool_twice(),
        Fault::Weight(_) => w.routes_bad_weight(routing::check::LARGEST_WEIGHT),
        Fault::NoWeight => w.routes_no_weight(),
        Fault::Strategy => w.routes_bad_strategy(),
        Fault::Hidden(number, name) => w.routes_hidden(*number, name.clone()),
        Fault::EmptyPool(pool) => w.routes_empty_pool(pool.to_string()),
        Fault::UnknownSim(sim) => w.routes_unknown_sim(sim.to_string()),
        Fault::UnknownAccount(account) => w.routes_unknown_account(account.to_string()),
        Fault::ElsewhereSim(sim) => w.routes_elsewhere_sim(there.name_of(*sim)),
    }
}

/// Where that is.
pub(super) fn place(w: Words, place: &Place) -> String {
    match place {
        Place::Whole => w.routes_all_rules(),
        Place::Rule(number, name) => w.routes_rule(*number, name.clone()),
        Place::Pool(pool) => w.routes_pool(pool.to_string()),
    }
}

/// Why a rule does not take a message.
pub(super) fn miss(w: Words, miss: Miss) -> String {
    match miss {
        Miss::Disabled => w.routes_miss_disabled(),
        Miss::Named => w.routes_miss_named(),
        Miss::Prefix => w.routes_miss_prefix(),
        Miss::Account => w.routes_miss_account(),
        Miss::Priority => w.routes_miss_priority(),
        Miss::Keyword => w.routes_miss_keyword(),
        Miss::Key => w.routes_miss_key(),
        Miss::Tag => w.routes_miss_tag(),
        Miss::Sender => w.routes_miss_sender(),
        Miss::Hours => w.routes_miss_hours(),
        Miss::Walled => w.routes_miss_walled(),
    }
}

pub(super) fn strategy(w: Words, strategy: Strategy) -> String {
    match strategy {
        Strategy::AsFree | Strategy::Other => w.routes_as_free(),
        Strategy::RoundRobin => w.routes_round_robin(),
        Strategy::Weighted => w.routes_weighted(),
        Strategy::LeastUsed => w.routes_least_used(),
        Strategy::Sticky => w.routes_sticky(),
    }
}

pub(super) fn day(w: Words, day: Day) -> String {
    match day {
        Day::Monday => w.routes_monday(),
        Day::Tuesday => w.routes_tuesday(),
        Day::Wednesday => w.routes_wednesday(),
        Day::Thursday => w.routes_thursday(),
        Day::Friday => w.routes_friday(),
        Day::Saturday => w.routes_saturday(),
        Day::Sunday => w.routes_sunday(),
    }
}

pub(super) fn priority(w: Words, priority: Priority) -> String {
    match priority {
        Priority::Otp => w.routes_otp(),
        Priority::Normal => w.routes_normal(),
        Priority::Bulk => w.routes_bulk(),
    }
}

/// A pool or a SIM.
pub(super) fn target(w: Words, there: &There, target: &Target) -> String {
    match target {
        Target::Pool(pool) => w.routes_pool(pool.to_string()),
        Target::Sim(sim) => w.routes_sim(there.name_of(*sim)),
    }
}

/// What would become of a message.
pub(in super::super) fn would(w: Words, would: &Would) -> String {
    let going = match &would.end {
        End::OptedOut => return w.routes_opted_out(),
        End::Disabled => return w.routes_disabled_account(),
        End::NotThisSim => return w.routes_not_this_sim(),
        End::OfTeam(team) => return w.routes_of_team(team.clone()),
        End::KeepsToTeam(team) => return w.routes_keeps_to_team(team.clone()),
        End::Unusable(reason) => return w.routes_unusable(unusable_words(w, reason)),
        End::Refused(why) => {
            return w.routes_refused(would.rule.clone().unwrap_or_default(), why.clone());
        }
        End::Goes(going) => going,
    };
    let by = match &would.rule {
        Some(rule) => w.routes_takes(rule.clone()),
        None => w.routes_no_rule(),
    };
    let way = match (&going.target, &going.sim) {
        (Target::Pool(pool), _) => w.routes_pool(pool.to_string()),
        (Target::Sim(sim), name) => w.routes_sim(name.clone().unwrap_or_else(|| sim.to_string())),
    };
    let shared = match &going.shared {
        Some((pool, how)) => {
            format!(" {}", w.routes_chosen(pool.to_string(), strategy(w, *how)))
        }
        None => match &going.team {
            Some(team) => format!(" {}", w.team_of_sim(team.clone())),
            None => String::new(),
        },
    };
    let there = match going.modems.as_slice() {
        [] => w.routes_nobody_online(),
        modems => w.routes_online(modems.join(", ")),
    };
    format!("{by} {way}.{shared} {there}")
}
