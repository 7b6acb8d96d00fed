//! The router's decisions. Its pure files are compiled here by themselves: the crate has the broker's client beside
//! them, whose release build takes minutes.

#[expect(dead_code, unreachable_pub, reason = "the router uses more of it, and shows it")]
#[path = "../../../services/router/src/admission.rs"]
mod admission;
#[path = "../../../services/router/src/opted_out.rs"]
mod opted_out;
#[expect(dead_code, reason = "the router uses more of it")]
#[path = "../../../services/router/src/room.rs"]
mod room;
#[expect(dead_code, reason = "the router uses more of it")]
#[path = "../../../services/router/src/turns.rs"]
mod turns;
#[expect(dead_code, reason = "the router uses more of it")]
#[path = "../../../services/router/src/release/verdict.rs"]
mod verdict;

use std::collections::HashMap;
use std::hint::black_box;
use std::time::Duration;

use admission::{Routed, Rules, Standing, decide, own_way};
use contracts::mt::MtRequest;
use contracts::routes::Strategy;
use contracts::subject::Target;
use contracts::{MessageId, PhoneNumber, PoolId, Priority, Timestamp, UserId};
use opted_out::OptedOut;
use room::{Online, Room};
use routing::{Message, Past, Way};
use turns::Turns;
use verdict::{Facts, verdict};

use crate::{Case, count, rules};

pub(crate) const CASES: &[Case] = &[
    ("router: a message is admitted", || {
        let (id, request) = (MessageId::derived("1"), request());
        let rules = Rules { max_parts: 10, expire_after: Duration::from_hours(24) };
        count(|| {
            let (request, route) =
                (black_box(&request).clone(), |request: &_| Ok(own_way(request)));
            decide(id, request, Priority::Normal, rules, Standing::Good, route, now())
        });
    }),
    ("router: a message is admitted, with 1,000 rules, 1,000 SIMs and 10,000 opt-outs", || {
        let (id, request) = (MessageId::derived("1"), request());
        let rules = Rules { max_parts: 10, expire_after: Duration::from_hours(24) };
        let (table, online) = (rules::table(Strategy::LeastUsed), rules::online());
        let (opted_out, past) = (opted_out(), Past::default());
        count(|| {
            let request = black_box(&request).clone();
            let is_out = black_box(&opted_out).has(&request.to);
            let standing = if is_out { Standing::OptedOut } else { Standing::Good };
            let route = |request: &MtRequest| {
                let message = Message::of(request, Priority::Normal, now());
                match table.decide(&message, &online, &past, |_| true).way {
                    Way::Through(chosen) => Ok(Routed { target: chosen.target, rule: None }),
                    Way::Refused(why) => Err(admission::refusal("rule-refused", why.to_owned())),
                    Way::Walled => Err(admission::keeps_to_team("")),
                }
            };
            decide(id, request, Priority::Normal, rules, standing, route, now())
        });
    }),
    ("router: whether one of 10,000 opted out", || {
        let (opted_out, to) = (opted_out(), request().to);
        count(|| black_box(&opted_out).has(black_box(&to)));
    }),
    ("router: whether an item may go now", || {
        let request = request();
        let facts = Facts {
            cancelled: false,
            released: Some(false),
            held: None,
            order: None,
            refusal: None,
            astray: false,
            online: true,
        };
        count(|| verdict(black_box(&request), facts.clone(), now()));
    }),
    ("router: 1,000 items of 50 accounts take turns", || {
        let accounts: Vec<UserId> = (0..50).map(|n| UserId::derived(&n.to_string())).collect();
        let target = pool();
        count(|| {
            let mut turns = Turns::default();
            for item in 0..1_000 {
                turns.push(target.clone(), accounts[item % accounts.len()], item);
            }
            std::iter::from_fn(|| turns.next(&target, |_| 1, |_, _| true)).count()
        });
    }),
    ("router: 100 items go through the room of 8 modems", || {
        let messages: Vec<MessageId> =
            (0..100).map(|n| MessageId::derived(&n.to_string())).collect();
        let target = pool();
        count(|| {
            let mut room = Room::new(2);
            let online = Online { all: 8, passwords: 8 };
            room.set_online(HashMap::from([(target.clone(), online)]));
            for message in &messages {
                black_box(room.free(&target, Priority::Normal, now()));
                room.released(*message, target.clone(), Priority::Normal);
                room.stored(*message);
                room.sending(*message);
                room.ended(*message);
            }
            room
        });
    }),
];

fn now() -> Timestamp {
    Timestamp::from_micros(1_800_000_000_000_000)
}

fn pool() -> Target {
    Target::Pool(PoolId::default_pool())
}

fn request() -> MtRequest {
    let to = PhoneNumber::parse("+6281234567890").unwrap();
    let mut request = MtRequest::text(to, "Kode Anda 123456. Jangan berikan kepada siapa pun.");
    request.created_at = Some(now());
    request
}

/// Numbers that end like many others, and none of which is the one that is asked for.
fn opted_out() -> OptedOut {
    let mut out = OptedOut::default();
    for n in 0..10_000 {
        out.put(PhoneNumber::parse(&format!("+62812{n:08}")).unwrap(), true);
    }
    out
}
