//! Blocks of credit, over a broker.

use std::time::Duration;

use contracts::credit::{BlockAnswer, Charge, Charged, TAKE, TakeBlock};
use contracts::mt::{Gate, MtChange, MtRequest};
use contracts::{Amount, BlockId, EventId, MtState, OrgId, Timestamp, UserId};
use store::{NewCredit, NewUser, Reach, Role};
use testkit::wait_for;

use crate::held::next_request;
use crate::{World, request};

fn amount(text: &str) -> Amount {
    text.parse().unwrap()
}

fn reach() -> Reach {
    Reach::everything(OrgId::default_org())
}

/// An account that has so much.
async fn account(world: &World, credit: &str) -> UserId {
    let new =
        NewUser { name: "ani".to_owned(), password_hash: None, role: Role::User, language: None };
    let user = world.store.create_user(reach(), &new, Timestamp::now()).await.unwrap();
    give(world, user.id, credit).await;
    user.id
}

async fn give(world: &World, account: UserId, credit: &str) {
    let (id, by) = (EventId::new(), UserId::internal());
    let new = NewCredit { id, account, amount: amount(credit), note: None, by };
    world.store.change_credit(reach(), &new, Timestamp::now()).await.unwrap();
}

fn wanted(account: UserId, needed: &str) -> TakeBlock {
    let (id, org, needed) = (BlockId::new(), OrgId::default_org(), amount(needed));
    TakeBlock { id, org, account, needed, wished: needed, ahead: false }
}

/// What persistence answers; none: nobody does.
async fn ask(world: &World, wanted: &TakeBlock) -> Option<BlockAnswer> {
    let payload = serde_json::to_vec(wanted).unwrap();
    let answer = world.bus.client().request(TAKE, payload.into()).await.ok()?;
    serde_json::from_slice(&answer.payload).ok()
}

async fn answered(world: &World, wanted: &TakeBlock) -> BlockAnswer {
    wait_for("an answer", || ask(world, wanted)).await
}

async fn left(world: &World, account: UserId) -> (Amount, Amount) {
    let credit = world.store.credit(reach(), account).await.unwrap().unwrap();
    (credit.balance, credit.in_blocks)
}

pub(crate) async fn a_block_is_given_once_and_comes_back(world: World) {
    let account = account(&world, "1000").await;
    let first = wanted(account, "300");
    assert_eq!(ask(&world, &first).await, None, "nobody is there");
    let services = [world.run().await, world.run().await];
    let granted = BlockAnswer::Granted { amount: amount("300"), lasts_seconds: 60 };
    for _ in 0..4 {
        assert_eq!(answered(&world, &first).await, granted, "whoever answers");
    }
    assert_eq!(left(&world, account).await, (amount("700"), amount("300")));
    let out = BlockAnswer::Out { left: amount("700") };
    assert_eq!(answered(&world, &wanted(account, "701")).await, out);
    // What nobody can read, or is too long, has no answer and does no harm.
    for nonsense in [b"nonsense".to_vec(), vec![b' '; 5_000]] {
        world.bus.client().publish(TAKE, nonsense.into()).await.unwrap();
    }
    let stranger = wanted(UserId::derived("stranger"), "1");
    assert_eq!(answered(&world, &stranger).await, BlockAnswer::Unlimited);
    // A router paid for a message out of it, and was killed.
    let sent = MtRequest { owner: account, ..request("Halo") };
    world.request(&sent).await;
    let charges = vec![Charge { message: sent.id.unwrap(), cost: amount("100") }];
    let (org, at) = (OrgId::default_org(), Timestamp::now());
    let charged = Charged { block: first.id, org, account, at, charges };
    world.bus.publish(&charged).await.unwrap();
    wait_for("it to be charged", || async {
        (left(&world, account).await == (amount("700"), amount("200"))).then_some(())
    })
    .await;
    // Here it is five minutes later.
    let ahead = world.run_ahead(Duration::from_mins(5)).await;
    wait_for("the rest to be back", || async {
        (left(&world, account).await == (amount("900"), Amount::default())).then_some(())
    })
    .await;
    ahead.stop().await;
    for service in services {
        service.stop().await;
    }
}

/// What was told within the time of a block, and is read late, is paid out of it.
pub(crate) async fn a_block_is_closed_when_all_is_read_that_was_told(world: World) {
    let account = account(&world, "500").await;
    let service = world.run().await;
    let first = wanted(account, "500");
    let granted = BlockAnswer::Granted { amount: amount("500"), lasts_seconds: 60 };
    assert_eq!(answered(&world, &first).await, granted);
    service.stop().await;
    let sent = MtRequest { owner: account, ..request("Halo") };
    world.request(&sent).await;
    let charges = vec![Charge { message: sent.id.unwrap(), cost: amount("500") }];
    let (org, at) = (OrgId::default_org(), Timestamp::now());
    let charged = Charged { block: first.id, org, account, at, charges };
    world.bus.publish(&charged).await.unwrap();
    let ahead = world.run_ahead(Duration::from_mins(5)).await;
    wait_for("the block to be closed", || async {
        world.store.next_block_end().await.unwrap().is_none().then_some(())
    })
    .await;
    assert_eq!(left(&world, account).await, (Amount::default(), Amount::default()));
    let message = world.in_state(&sent, MtState::Accepted).await.message;
    assert_eq!(message.cost, Some(amount("500")), "all of it, out of the block");
    ahead.stop().await;
}

pub(crate) async fn what_waits_for_credit_is_requested_again_when_there_is_some(world: World) {
    let account = account(&world, "1").await;
    let service = world.run().await;
    let sent = MtRequest { owner: account, ..request("Halo") };
    world.request(&sent).await;
    assert_eq!(next_request(&world).await, sent);
    let until = Timestamp::now().plus(Duration::from_hours(1));
    // It was decided long after the account was given its first credit.
    let decided = Timestamp::now().plus(Duration::from_mins(1));
    let held = MtChange::Held { gate: Gate::Credit, until, tries: 0, round: 1 };
    let held = contracts::mt::MtEvent::of(sent.id.unwrap(), &sent, decided, held);
    world.bus.publish(&held).await.unwrap();
    let waits = world.in_state(&sent, MtState::Held).await.message;
    assert_eq!((waits.gate, waits.held_until), (Some(Gate::Credit), Some(until)));
    give(&world, account, "500").await;
    let at = Timestamp::now();
    let told = contracts::scheduled::Scheduled { at };
    world.bus.hint(&contracts::scheduled::Scheduled::SUBJECT, &told).await;
    let again = next_request(&world).await;
    assert_eq!((again.id, again.round, again.paid), (sent.id, 1, false));
    service.stop().await;
}
