//! How much came and went.

use contracts::UserId;
use contracts::dlr::DlrOutcome;
use store::{Store, Traffic};

use crate::sample::{
    admitted, at, everything, mo, mt, received, report, request, sent, store_all, through,
};

pub(crate) async fn what_came_and_went_is_counted_for_a_time(store: Store) {
    let message = request(UserId::new(), "Halo", 0);
    store_all(&store, &[&message]).await;
    let events = [
        mt(&message, 10, admitted(1)),
        mt(&message, 11, sent(&[7])),
        report(message.id, 12, 1, 1, DlrOutcome::Delivered),
        mo(received("+628123456789", "Halo juga", 13), 13),
        mo(received("BANK", "OTP", 14), 14),
    ];
    store.project_events(&events).await.unwrap();
    let counted =
        async |since, until| store.traffic(everything(), at(since), at(until)).await.unwrap();
    let sim = through().sim;
    let all = Traffic { sim, received: 2, sent: 1, reports: 1 };
    assert_eq!(counted(0, 99).await, [all]);
    // What happened at the end is counted, and what happened at the beginning was counted before.
    assert_eq!(counted(10, 11).await, [Traffic { received: 0, reports: 0, ..all }]);
    assert_eq!(counted(11, 13).await, [Traffic { received: 1, sent: 0, ..all }]);
    assert_eq!(counted(14, 99).await, []);
}
