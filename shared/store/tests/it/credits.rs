//! Credit of accounts, blocks of it, charges and refunds.

use std::time::Duration;

use contracts::credit::{BlockAnswer, Charge, Charged, Limited, Prices, TakeBlock};
use contracts::mt::{Gate, MtChange, MtRequest};
use contracts::{Amount, BlockId, EventId, MtState, Timestamp, UserId};
use store::{
    AuditAction, ChangeCreditError, ChangePricesError, Credit, KEPT_PRICES, LedgerEntry,
    LedgerKind, MOST_CREDIT, NewCredit, Role, Store, StoredEvent, StoredEventBody,
};

use crate::sample::{
    admitted, at, error, everything, held, mt, new_user, org, request, sending, sent, store_all,
};

const MINUTE: Duration = Duration::from_mins(1);

fn amount(text: &str) -> Amount {
    text.parse().unwrap()
}

fn new_credit(account: UserId, text: &str) -> NewCredit {
    let (id, by) = (EventId::new(), UserId::internal());
    NewCredit { id, account, amount: amount(text), note: Some("a note".to_owned()), by }
}

/// An account that has so much.
async fn account(store: &Store, credit: &str) -> UserId {
    let user = store.create_user(everything(), &new_user("ani", Role::User), at(0)).await.unwrap();
    store.change_credit(everything(), &new_credit(user.id, credit), at(0)).await.unwrap();
    user.id
}

async fn credit_of(store: &Store, account: UserId) -> Credit {
    let credit = store.credit(everything(), account).await.unwrap().unwrap();
    // The books balance, whatever happened before.
    let ledger: i64 =
        ledger(store, account).await.iter().map(|entry| entry.amount.ten_thousandths()).sum();
    assert_eq!(credit.left().ten_thousandths(), ledger);
    assert!(credit.balance >= Amount::default() && credit.in_blocks >= Amount::default());
    credit
}

async fn left(store: &Store, account: UserId) -> Amount {
    credit_of(store, account).await.left()
}

async fn ledger(store: &Store, account: UserId) -> Vec<LedgerEntry> {
    store.credit_ledger(everything(), account, None, 1_000).await.unwrap()
}

fn wanted(account: UserId, needed: &str, wished: &str) -> TakeBlock {
    let (needed, wished) = (amount(needed), amount(wished));
    TakeBlock { id: BlockId::new(), org: org(), account, needed, wished, ahead: false }
}

async fn take(store: &Store, wanted: &TakeBlock) -> BlockAnswer {
    store.take_block(wanted, MINUTE, at(90), at(0)).await.unwrap()
}

fn granted(text: &str) -> BlockAnswer {
    BlockAnswer::Granted { amount: amount(text), lasts_seconds: 60 }
}

fn charged(block: BlockId, account: UserId, messages: &[(&MtRequest, &str)]) -> StoredEvent {
    let charge = |(request, cost): &(&MtRequest, &str)| Charge {
        message: request.id.unwrap(),
        cost: amount(cost),
    };
    let charges = messages.iter().map(charge).collect();
    let body = Charged { block, org: org(), account, at: at(5), charges };
    StoredEvent { sequence: 5, body: StoredEventBody::Charged(body) }
}

/// A request of the account that was stored, and a block of so much.
async fn with_block(store: &Store, account: UserId, block: &str) -> (MtRequest, BlockId) {
    let request = request(account, "Halo", 1);
    store_all(store, &[&request]).await;
    let wanted = wanted(account, block, block);
    assert_eq!(take(store, &wanted).await, granted(block));
    (request, wanted.id)
}

async fn cost(store: &Store, request: &MtRequest) -> Option<Amount> {
    store.message(everything(), request.id.unwrap()).await.unwrap().unwrap().cost
}

pub(crate) async fn credit_is_given_and_taken_back_and_never_below_zero(store: Store) {
    let nobody = UserId::derived("nobody");
    let missing = store.change_credit(everything(), &new_credit(nobody, "1"), at(0)).await;
    assert!(matches!(missing, Err(ChangeCreditError::NoSuchAccount)));
    let user = store.create_user(everything(), &new_user("ani", Role::User), at(0)).await.unwrap();
    assert_eq!(store.credit(everything(), user.id).await.unwrap(), None);
    assert_eq!(take(&store, &wanted(user.id, "1", "1")).await, BlockAnswer::Unlimited);
    let first = new_credit(user.id, "100.5");
    for _ in 0..2 {
        let credit = store.change_credit(everything(), &first, at(1)).await.unwrap();
        assert_eq!((credit.limited, credit.left()), (true, amount("100.5")), "once by its id");
    }
    let key = format!("credit.{}", user.id);
    let setting = store.setting(&key).await.unwrap().unwrap();
    let limited: Limited = serde_json::from_value(setting.value).unwrap();
    assert_eq!(limited, Limited { org: org(), limited: true });
    let too_much = store.change_credit(everything(), &new_credit(user.id, "-100.6"), at(2)).await;
    let Err(ChangeCreditError::TooLittle(there)) = too_much else { panic!("{too_much:?}") };
    assert_eq!(there, amount("100.5"));
    let most = NewCredit { amount: MOST_CREDIT, ..new_credit(user.id, "1") };
    let most = store.change_credit(everything(), &most, at(2)).await;
    assert!(matches!(most, Err(ChangeCreditError::TooMuch)));
    store.change_credit(everything(), &new_credit(user.id, "-0.5"), at(3)).await.unwrap();
    assert_eq!(left(&store, user.id).await, amount("100"));
    let entries = ledger(&store, user.id).await;
    let kinds: Vec<_> = entries.iter().map(|entry| (entry.kind, entry.amount)).collect();
    let expected = [(LedgerKind::Correction, amount("-0.5")), (LedgerKind::TopUp, amount("100.5"))];
    assert_eq!(kinds, expected);
    let before = Some(entries[0].id);
    let older = store.credit_ledger(user.reach(), user.id, before, 9).await.unwrap();
    assert_eq!(older, entries[1..]);
    store.make_unlimited(everything(), user.id, at(4)).await.unwrap();
    let credit = credit_of(&store, user.id).await;
    assert_eq!((credit.limited, credit.left()), (false, amount("100")), "what it had is kept");
    assert_eq!(take(&store, &wanted(user.id, "1", "1")).await, BlockAnswer::Unlimited);
    let limited: Limited =
        serde_json::from_value(store.setting(&key).await.unwrap().unwrap().value).unwrap();
    assert!(!limited.limited);
}

pub(crate) async fn of_many_at_once_nobody_gets_more_than_there_is(store: Store) {
    let account = account(&store, "1000").await;
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..40 {
        let store = store.clone();
        tasks.spawn(async move {
            match n % 4 {
                0 => {
                    let new = new_credit(account, "10");
                    store.change_credit(everything(), &new, at(n)).await.unwrap();
                    (amount("10"), Amount::default())
                }
                1 => {
                    let new = new_credit(account, "-90");
                    let taken = store.change_credit(everything(), &new, at(n)).await;
                    let back = if taken.is_ok() { amount("-90") } else { Amount::default() };
                    (back, Amount::default())
                }
                _ => match take(&store, &wanted(account, "70", "140")).await {
                    BlockAnswer::Granted { amount, .. } => (Amount::default(), amount),
                    BlockAnswer::Out { .. } => (Amount::default(), Amount::default()),
                    other => panic!("{other:?}"),
                },
            }
        });
    }
    let (mut put, mut taken) = (amount("1000").ten_thousandths(), 0);
    while let Some(done) = tasks.join_next().await {
        let (changed, block) = done.unwrap();
        put += changed.ten_thousandths();
        taken += block.ten_thousandths();
    }
    let credit = credit_of(&store, account).await;
    assert_eq!(credit.in_blocks.ten_thousandths(), taken);
    assert_eq!(credit.left().ten_thousandths(), put);
}

pub(crate) async fn a_block_is_a_share_and_what_is_needed_in_any_case(store: Store) {
    let account = account(&store, "1000").await;
    let first = wanted(account, "30", "1000");
    for _ in 0..2 {
        assert_eq!(take(&store, &first).await, granted("240"), "a quarter, in whole messages");
    }
    assert_eq!(credit_of(&store, account).await.balance, amount("760"));
    assert_eq!(take(&store, &wanted(account, "30", "60")).await, granted("60"));
    assert_eq!(take(&store, &wanted(account, "400", "800")).await, granted("400"));
    // 300 are left.
    let ahead = TakeBlock { ahead: true, ..wanted(account, "100", "200") };
    let out = BlockAnswer::Out { left: amount("300") };
    assert_eq!(take(&store, &ahead).await, out, "nobody sits on the last of it");
    assert_eq!(take(&store, &wanted(account, "301", "301")).await, out);
    assert_eq!(take(&store, &wanted(account, "300", "301")).await, granted("300"));
    let out = BlockAnswer::Out { left: Amount::default() };
    assert_eq!(take(&store, &wanted(account, "0.0001", "1")).await, out);
    assert_eq!(left(&store, account).await, amount("1000"), "nothing is spent yet");
}

pub(crate) async fn a_message_is_charged_once_and_refunded_once(store: Store) {
    let account = account(&store, "1000").await;
    let (first, block) = with_block(&store, account, "400").await;
    let second = request(account, "Hai", 2);
    let both = charged(block, account, &[(&first, "150"), (&second, "100")]);
    // The second one's request comes after it was paid for.
    let done = store.project_events(std::slice::from_ref(&both)).await.unwrap();
    assert_eq!(done.credited, [account]);
    store_all(&store, &[&second]).await;
    assert_eq!(cost(&store, &first).await, Some(amount("150")));
    assert_eq!(cost(&store, &second).await, Some(amount("100")));
    // Another router paid for it, too.
    let (_, other) = with_block(&store, account, "150").await;
    let again = charged(other, account, &[(&first, "150")]);
    let done = store.project_events(&[both, again]).await.unwrap();
    assert!(done.credited.is_empty());
    let credit = credit_of(&store, account).await;
    assert_eq!((credit.left(), credit.in_blocks), (amount("750"), amount("300")));
    let cancelled = mt(&first, 6, MtChange::Cancelled { by: None });
    for _ in 0..2 {
        store.project_events(std::slice::from_ref(&cancelled)).await.unwrap();
    }
    assert_eq!(left(&store, account).await, amount("900"));
    assert_eq!(cost(&store, &first).await, Some(Amount::default()));
    // What the network took is not refunded, nor is it when it does not arrive.
    let undelivered = MtChange::Undelivered { error: error("x") };
    let went = [mt(&second, 7, sent(&[1])), mt(&second, 8, undelivered)];
    store.project_events(&went).await.unwrap();
    assert_eq!(left(&store, account).await, amount("900"));
    let kinds = ledger(&store, account).await;
    let count = |kind| kinds.iter().filter(|entry| entry.kind == kind).count();
    assert_eq!((count(LedgerKind::Charge), count(LedgerKind::Refund)), (2, 1));
}

pub(crate) async fn an_end_that_is_told_before_its_charge_is_refunded(store: Store) {
    let account = account(&store, "1000").await;
    let (request, block) = with_block(&store, account, "100").await;
    let failed = MtChange::Failed { error: error("x"), through: None, tries: 1 };
    store.project_events(&[mt(&request, 4, failed)]).await.unwrap();
    store.project_events(&[charged(block, account, &[(&request, "100")])]).await.unwrap();
    assert_eq!(left(&store, account).await, amount("1000"));
    assert_eq!(cost(&store, &request).await, Some(Amount::default()));
}

pub(crate) async fn what_may_have_gone_is_not_refunded(store: Store) {
    let account = account(&store, "1000").await;
    let failed = || MtChange::Failed { error: error("x"), through: None, tries: 1 };
    let uncertain =
        MtChange::Uncertain { error: error("x"), through: crate::sample::through(), part: 1 };
    let stories: [(&[MtChange], bool); 6] = [
        (&[admitted(1), sending(1, 1, 1), failed()], true),
        (&[admitted(2), sending(1, 2, 1), failed()], true),
        (&[admitted(2), sending(1, 2, 1), sending(2, 2, 1), failed()], false),
        (&[admitted(2), sending(1, 2, 1), MtChange::Expired {}], false),
        (&[admitted(1), sending(1, 1, 1), uncertain, failed()], false),
        (&[admitted(3), MtChange::Expired {}], true),
    ];
    for (n, (changes, refunded)) in stories.into_iter().enumerate() {
        let before = left(&store, account).await;
        let (request, block) = with_block(&store, account, "10").await;
        store.project_events(&[charged(block, account, &[(&request, "10")])]).await.unwrap();
        for (place, change) in changes.iter().enumerate() {
            let sequence = u64::try_from(10 + place).unwrap();
            store.project_events(&[mt(&request, sequence, change.clone())]).await.unwrap();
        }
        assert_eq!(left(&store, account).await == before, refunded, "story {n}");
    }
}

pub(crate) async fn what_is_left_of_a_block_comes_back(store: Store) {
    let account = account(&store, "1000").await;
    let (request, block) = with_block(&store, account, "400").await;
    store.project_events(&[charged(block, account, &[(&request, "150")])]).await.unwrap();
    assert_eq!(store.next_block_end().await.unwrap(), Some(at(90)));
    assert!(store.blocks_over(at(89), 9).await.unwrap().is_empty());
    // Its router was killed.
    assert_eq!(store.blocks_over(at(90), 9).await.unwrap(), [block]);
    for raised in [vec![account], Vec::new()] {
        assert_eq!(store.close_blocks(&[block], at(91)).await.unwrap(), raised, "once");
        let credit = credit_of(&store, account).await;
        assert_eq!((credit.balance, credit.in_blocks), (amount("850"), Amount::default()));
    }
    assert_eq!(store.next_block_end().await.unwrap(), None);
    // What is told of it later is taken from the balance, as far as that goes.
    let (late, _) = with_block(&store, account, "800").await;
    store.project_events(&[charged(block, account, &[(&late, "60")])]).await.unwrap();
    assert_eq!(cost(&store, &late).await, Some(amount("50")));
    let credit = credit_of(&store, account).await;
    assert_eq!((credit.balance, credit.in_blocks), (Amount::default(), amount("800")));
    // Nor is more taken from a block than there is in it.
    let (more, small) = {
        let new = new_credit(account, "20");
        store.change_credit(everything(), &new, at(92)).await.unwrap();
        with_block(&store, account, "10").await
    };
    store.project_events(&[charged(small, account, &[(&more, "1000000")])]).await.unwrap();
    assert_eq!(cost(&store, &more).await, Some(amount("20")));
    assert_eq!(credit_of(&store, account).await.balance, Amount::default());
}

fn out_of_credit(until: Timestamp, round: u32) -> MtChange {
    MtChange::Held { gate: Gate::Credit, until, tries: 0, round }
}

pub(crate) async fn messages_that_wait_for_credit_are_due_when_there_is_some(store: Store) {
    let account = account(&store, "1").await;
    let (first, second) = (request(account, "a", 1), request(account, "b", 2));
    let other = request(account, "c", 3);
    store_all(&store, &[&first, &second, &other]).await;
    let events = [
        mt(&first, 10, out_of_credit(at(3_600), 1)),
        mt(&second, 11, out_of_credit(at(3_601), 1)),
        mt(&other, 12, held(at(3_602), 1)),
    ];
    store.project_events(&events).await.unwrap();
    let due = async |now| {
        let due = store.due(now, 9).await.unwrap();
        let mut due: Vec<_> = due.into_iter().map(|one| (one.id, one.request.paid)).collect();
        due.sort();
        due
    };
    assert_eq!(due(at(20)).await, []);
    store.change_credit(everything(), &new_credit(account, "5"), at(20)).await.unwrap();
    let mut ids = [&first, &second].map(|request| (request.id.unwrap(), false));
    ids.sort();
    assert_eq!(due(at(20)).await, ids, "those alone that wait for credit");
    assert!(!store.wake_for_credit(&[account], at(21)).await.unwrap(), "they are due already");
    for one in store.due(at(20), 9).await.unwrap() {
        store.settle_due(&[one]).await.unwrap();
    }
    // The router that decided had not heard of it: it is looked at again in a moment.
    let again = MtRequest { round: 1, ..first.clone() };
    store.project_events(&[mt(&again, 22, out_of_credit(at(3_700), 2))]).await.unwrap();
    assert_eq!(due(at(23)).await, []);
    assert_eq!(due(at(24)).await, [(again.id.unwrap(), false)]);
    // Nothing was raised before this one, but it was paid for.
    let (paid, block) = with_block(&store, account, "1").await;
    store.project_events(&[charged(block, account, &[(&paid, "1")])]).await.unwrap();
    store.project_events(&[mt(&paid, 100, out_of_credit(at(3_700), 1))]).await.unwrap();
    assert!(due(at(102)).await.contains(&(paid.id.unwrap(), true)), "and it costs nothing more");
    let late = request(account, "d", 4);
    store_all(&store, &[&late]).await;
    store.project_events(&[mt(&late, 100, out_of_credit(at(3_700), 1))]).await.unwrap();
    assert!(!due(at(3_699)).await.iter().any(|(id, _)| Some(*id) == late.id));
    assert_eq!(due(at(3_700)).await.len(), 4, "each hour it is looked at in any case");
    let found = store.message(everything(), late.id.unwrap()).await.unwrap().unwrap();
    assert_eq!((found.state, found.gate), (MtState::Held, Some(Gate::Credit)));
}

/// A router or a driver whose clock is wrong says nothing about when the credit grew.
pub(crate) async fn credit_is_raised_by_the_clock_of_who_writes(store: Store) {
    let account = account(&store, "1000").await;
    let (paid, block) = with_block(&store, account, "1000").await;
    store.project_events(&[charged(block, account, &[(&paid, "1000")])]).await.unwrap();
    // Its clock is an hour ahead.
    let failed = MtChange::Failed { error: error("x"), through: None, tries: 1 };
    let end = mt(&paid, 3_700, failed);
    let done = store.project_events_at(&[end], at(100)).await.unwrap();
    assert_eq!(done.credited, [account]);
    assert_eq!(credit_of(&store, account).await.updated_at, at(100));
    // What is held later waits: nothing was raised a moment before.
    let waits = request(account, "b", 2);
    store_all(&store, &[&waits]).await;
    let event = mt(&waits, 200, out_of_credit(at(7_200), 1));
    let done = store.project_events_at(&[event], at(200)).await.unwrap();
    assert_eq!(done.due, Some(at(7_200)));
    // So does what a router says whose clock is behind by an hour, or it would be looked at every moment.
    store.change_credit(everything(), &new_credit(account, "1"), at(4_000)).await.unwrap();
    let late = request(account, "c", 3);
    store_all(&store, &[&late]).await;
    let event = mt(&late, 300, out_of_credit(at(7_300), 1));
    let done = store.project_events_at(&[event], at(4_001)).await.unwrap();
    assert_eq!(done.due, Some(at(7_300)));
}

/// So many messages of an account that wait for credit for an hour.
async fn waiting(store: &Store, account: UserId, count: usize) {
    let requests: Vec<MtRequest> =
        (0..count).map(|n| request(account, &format!("text {n}"), 1)).collect();
    store_all(store, &requests.iter().collect::<Vec<_>>()).await;
    let events = requests.iter().map(|request| mt(request, 10, out_of_credit(at(3_600), 1)));
    store.project_events(&events.collect::<Vec<_>>()).await.unwrap();
}

async fn due(store: &Store, now: i64) -> usize {
    store.due(at(now), 10_000).await.unwrap().len()
}

pub(crate) async fn all_that_waits_goes_on_when_an_account_is_unlimited(store: Store) {
    let account = account(&store, "1").await;
    waiting(&store, account, 1_003).await;
    store.change_credit(everything(), &new_credit(account, "5"), at(20)).await.unwrap();
    assert_eq!(due(&store, 20).await, 1_000, "the others when some of these are paid for");
    store.make_unlimited(everything(), account, at(21)).await.unwrap();
    assert_eq!(due(&store, 21).await, 1_003);
}

pub(crate) async fn what_waits_for_credit_is_looked_at_when_prices_change(store: Store) {
    let account = account(&store, "1").await;
    waiting(&store, account, 3).await;
    let prices = Prices::unset(org());
    store.change_prices(everything(), &prices, 0, account, at(20)).await.unwrap();
    assert_eq!(due(&store, 20).await, 0, "routers have not heard of them");
    assert_eq!(due(&store, 25).await, 3);
}

pub(crate) async fn what_is_paid_for_while_it_is_held_goes_on(store: Store) {
    let account = account(&store, "2").await;
    let (held, block) = with_block(&store, account, "1").await;
    store.project_events_at(&[mt(&held, 100, out_of_credit(at(3_700), 1))], at(100)).await.unwrap();
    assert_eq!(due(&store, 120).await, 0);
    let paid = charged(block, account, &[(&held, "1")]);
    let done = store.project_events_at(&[paid], at(120)).await.unwrap();
    assert_eq!((done.due, due(&store, 120).await), (Some(at(120)), 1));
}

pub(crate) async fn a_top_up_that_wakes_messages_is_one_entry(store: Store) {
    let account = account(&store, "1").await;
    waiting(&store, account, 1).await;
    let audited = store.audited(crate::audit::entry(AuditAction::CreditChanged, 20));
    audited.change_credit(everything(), &new_credit(account, "5"), at(20)).await.unwrap();
    assert_eq!(due(&store, 20).await, 1);
    assert_eq!(crate::audit::all(&store).await.len(), 1);
}

pub(crate) async fn prices_are_changed_one_after_another(store: Store) {
    let (ani, key) = (UserId::derived("ani"), format!("prices.{}", org()));
    let unset = Prices::unset(org());
    assert_eq!(store.prices(everything()).await.unwrap(), (unset.clone(), 0));
    let mut prices = unset.clone();
    prices.set("+62".parse().unwrap(), amount("350"));
    let change = async |prices: &Prices, version, time| {
        store.change_prices(everything(), prices, version, ani, at(time)).await
    };
    assert_eq!(change(&prices, 0, 1).await.unwrap(), 1);
    let late = change(&unset, 0, 2).await.unwrap_err();
    assert!(matches!(late, ChangePricesError::Changed(1)), "{late}");
    assert_eq!(store.prices(everything()).await.unwrap(), (prices.clone(), 1));
    let setting = store.setting(&key).await.unwrap().unwrap();
    assert_eq!(serde_json::from_value::<Prices>(setting.value).unwrap(), prices);
    let kept = i64::from(KEPT_PRICES);
    for version in 1..kept + 3 {
        assert_eq!(change(&unset, version, version).await.unwrap(), version + 1);
    }
    let versions = store.prices_versions(everything()).await.unwrap();
    assert_eq!(i64::try_from(versions.len()).unwrap(), kept);
    assert_eq!((versions[0].version, versions[0].account), (kept + 3, ani));
    assert_eq!(store.prices_of(everything(), 1).await.unwrap(), None);
    assert_eq!(store.prices_of(everything(), kept).await.unwrap(), Some(unset));
}
