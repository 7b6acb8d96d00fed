//! What is counted of messages.

use bus::Durable;
use contracts::mt::MtChange;
use contracts::{MessageId, MtState, OrgId, PhoneNumber, Timestamp};
use store::{NewUser, PastSent, Reach, Role, Tally, TallyBy, TallyFilter};
use testkit::wait_for;

use crate::{World, admitted, request, sending, sent};

fn everything() -> Reach {
    Reach::everything(OrgId::default_org())
}

/// All that is counted.
async fn total(world: &World) -> Tally {
    let filter = TallyFilter {
        since: Timestamp::from_micros(0),
        until: Timestamp::now().plus(std::time::Duration::from_hours(24)),
        account: None,
        sim: None,
        priority: None,
    };
    let all = world.store.tallies(everything(), &filter, TallyBy::All).await.unwrap();
    all.into_iter().next().map(|(_, tally)| tally).unwrap_or_default()
}

/// Copies are killed before, in and after their transactions, and what they did not acknowledge is delivered again: each message counts once.
pub(crate) async fn what_is_written_is_counted_once_whatever_dies(world: World) {
    let all: Vec<_> = (0..30).map(|n| request(&format!("Halo {n}"))).collect();
    let steady = world.run().await;
    for some in all.chunks(10) {
        let crashing = world.run_to_crash();
        for wanted in some {
            world.request(wanted).await;
            for change in [admitted(), MtChange::RELEASED, sending(), sent()] {
                world.tell(wanted, change).await;
            }
        }
        crashing.shutdown_background();
    }
    world.settled(&Durable::PersistenceRequests).await;
    world.settled(&Durable::PersistenceEvents).await;
    for wanted in &all {
        world.in_state(wanted, MtState::Sent).await;
    }
    let counted = total(&world).await;
    assert_eq!((counted.accepted(), counted.sent, counted.waiting), (30, 30, 0));
    assert_eq!((counted.parts, counted.to_send.messages), (30, 30));
    steady.stop().await;
}

/// What was brought from another gateway is counted by whichever copy runs next.
pub(crate) async fn history_of_before_is_counted(world: World) {
    let now = Timestamp::now();
    let user =
        NewUser { name: "ani".to_owned(), password_hash: None, role: Role::User, language: None };
    let user = world.store.create_user(everything(), &user, now).await.unwrap();
    let past = PastSent {
        id: MessageId::new(),
        number: None,
        owner: user.id,
        to: PhoneNumber::parse("+628123456789").unwrap(),
        text: "Halo".to_owned(),
        state: MtState::Delivered,
        created_at: now,
        updated_at: now,
    };
    world.store.import_history(everything(), "playSMS", &[past], &[], now).await.unwrap();
    assert_eq!(total(&world).await, Tally::default());
    let service = world.run().await;
    wait_for("the count", || async {
        let counted = total(&world).await;
        (counted.delivered == 1 && counted.accepted() == 1).then_some(())
    })
    .await;
    service.stop().await;
}
