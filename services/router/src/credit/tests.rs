//! What a purse gives, and when it does not.

use contracts::mt::MtRequest;
use contracts::subject::Target;
use contracts::{PhoneNumber, PoolId};

use super::*;

fn block(left: i64, until: Instant) -> Block {
    Block { id: BlockId::new(), left, until }
}

#[tokio::test(start_paused = true)]
async fn a_block_is_spent_until_it_is_empty_or_over() {
    let now = Instant::now();
    let mut purse = Purse { wished: 100, ..Purse::default() };
    let (first, second) =
        (block(10, now + Duration::from_secs(5)), block(7, now + Duration::from_secs(9)));
    purse.put(first);
    purse.put(second);
    assert_eq!(purse.take(8, now).map(|block| block.id), Some(first.id));
    assert_eq!(purse.take(5, now).map(|block| block.id), Some(second.id), "the first has only 2");
    assert_eq!(purse.take(3, now).map(|block| block.id), None);
    assert_eq!(purse.take(2, now).map(|block| block.id), Some(first.id));
    let wished = purse.wished;
    let later = now + Duration::from_secs(9);
    assert_eq!(purse.take(1, later).map(|block| block.id), None, "its time is over");
    assert!(purse.wished < wished, "what was left over is not asked for again");
}

#[tokio::test(start_paused = true)]
async fn who_was_refused_asks_again_after_a_rest() {
    let now = Instant::now();
    let mut purse = Purse::default();
    assert_eq!(purse.refuses(1, now), None);
    purse.rest(Refusal { why: Unpaid::Out, left: 5, until: now + REST });
    assert_eq!(purse.refuses(6, now), Some(Unpaid::Out));
    assert_eq!(purse.refuses(5, now), None, "that much is left");
    assert_eq!(purse.refuses(6, now + REST), None);
    purse.rest(Refusal { why: Unpaid::Unknown, left: 0, until: now + REST });
    assert_eq!(purse.refuses(1, now), Some(Unpaid::Unknown));
    purse.put(block(10, now + REST));
    assert_eq!(purse.refuses(1, now), None);
}

#[test]
fn what_is_not_paid_waits_in_the_next_round() {
    let to = PhoneNumber::parse("+628123456789").unwrap();
    let item = |n: &str| MtItem {
        id: MessageId::derived(n),
        priority: Priority::Normal,
        target: Target::Pool(PoolId::default_pool()),
        parts: 1,
        request: MtRequest { round: 2, tries: 1, ..MtRequest::text(to.clone(), "Halo") },
        rule: None,
        others: Vec::new(),
    };
    let now = Timestamp::from_micros(0);
    let ids = ["a", "b", "c"].map(MessageId::derived);
    let unpaid = HashMap::from([(ids[0], Unpaid::Out), (ids[2], Unpaid::Unknown)]);
    let (paid, held) = parted(["a", "b", "c"].map(item).to_vec(), &unpaid, now);
    assert_eq!(paid.iter().map(|item| item.id).collect::<Vec<_>>(), [ids[1]]);
    let until = now.plus(LOOK_AGAIN * 4);
    let first = MtChange::Held { gate: Gate::Credit, until, tries: 1, round: 3 };
    let until = now.plus(ASK_AGAIN);
    let second = MtChange::Held { gate: Gate::CreditUnknown, until, tries: 1, round: 3 };
    let held: Vec<_> = held.into_iter().map(|(item, change)| (item.id, change)).collect();
    assert_eq!(held, [(ids[0], first), (ids[2], second)]);
    let otp = MtItem { priority: Priority::Otp, ..item("a") };
    let MtChange::Held { until, .. } = Unpaid::Unknown.held(&otp, now) else { panic!() };
    assert_eq!(until, now.plus(ASK_AGAIN_FOR_OTP), "somebody waits for it");
    for (round, hours) in [(0, 1), (1, 2), (4, 16), (5, 16), (u32::MAX - 1, 16)] {
        let again = MtItem { request: MtRequest { round, ..item("a").request }, ..item("a") };
        let MtChange::Held { until, .. } = Unpaid::Out.held(&again, now) else { panic!() };
        assert_eq!(until, now.plus(Duration::from_hours(hours)), "round {round}");
    }
}
