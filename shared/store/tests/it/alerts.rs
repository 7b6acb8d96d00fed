//! Alerts are open once, told until that is noted, and forgotten in the end; and what they are made of.

use contracts::alert::{Alert, AlertKind};
use contracts::mt::MtChange;
use contracts::{AlertId, MtState, OrgId, Priority, UserId};
use store::{
    COUNTED, KEPT_ALERTS, LastEnds, NewAlert, OldestWaiting, Queued, Store, StoredRequest, Stuck,
    UntoldAlert,
};

use crate::sample::{
    admitted, at, error, everything, held, mt, org, request, sending, sent, store_all, through,
};

pub(crate) fn new_alert(kind: AlertKind, subject: &str) -> NewAlert {
    NewAlert {
        kind,
        subject: subject.to_owned(),
        name: format!("the {subject}"),
        text: format!("The {subject} is offline.\0"),
        advice: "Plug it in.".to_owned(),
    }
}

async fn open(store: &Store) -> Vec<Alert> {
    store.alerts(everything(), false, 10).await.unwrap()
}

async fn all_told(store: &Store) -> Vec<UntoldAlert> {
    let untold = store.untold_alerts(5_000).await.unwrap();
    store.alerts_told(&untold).await.unwrap();
    untold
}

pub(crate) async fn an_alert_is_open_once_and_told_until_that_is_noted(store: Store) {
    let new = [new_alert(AlertKind::ModemOffline, "a"), new_alert(AlertKind::ModemSick, "a")];
    assert_eq!(store.open_alerts(org(), &new, 9, at(1)).await.unwrap(), 2);
    assert_eq!(store.open_alerts(org(), &new, 9, at(2)).await.unwrap(), 0);
    assert_eq!(store.open_alerts(org(), &[], 9, at(2)).await.unwrap(), 0);
    let alerts = open(&store).await;
    assert_eq!(alerts.len(), 2);
    let alert = alerts.iter().find(|one| one.kind == AlertKind::ModemOffline).unwrap();
    let expected = Alert {
        id: alert.id,
        org: org(),
        kind: AlertKind::ModemOffline,
        subject: "a".to_owned(),
        name: "the a".to_owned(),
        text: "The a is offline.\u{fffd}".to_owned(),
        advice: "Plug it in.".to_owned(),
        opened_at: at(1),
        closed_at: None,
    };
    assert_eq!(*alert, expected);

    // Read and not noted, it is read again.
    for _ in 0..2 {
        let untold = store.untold_alerts(9).await.unwrap();
        assert_eq!(untold.len(), 2);
        assert!(untold.iter().all(|one| one.opening && one.together == untold[0].together));
        assert!(untold[0].together.is_some());
    }
    assert_eq!(store.untold_alerts(1).await.unwrap().len(), 1);
    all_told(&store).await;
    assert_eq!(store.untold_alerts(9).await.unwrap(), []);

    assert_eq!(store.close_alerts(&[alert.id], at(3)).await.unwrap(), 1);
    assert_eq!(store.close_alerts(&[alert.id, AlertId::new()], at(4)).await.unwrap(), 0);
    let closed = Alert { closed_at: Some(at(3)), ..expected };
    let untold = store.untold_alerts(9).await.unwrap();
    let [UntoldAlert { alert: told, opening: false, .. }] = &*untold else { panic!("{untold:?}") };
    assert_eq!(*told, closed);
    all_told(&store).await;
    assert_eq!(store.untold_alerts(9).await.unwrap(), []);
    assert_eq!(open(&store).await.len(), 1);
    assert_eq!(store.alerts(everything(), true, 9).await.unwrap().len(), 2);

    // Again, it is another one. One that is over before anybody was told of it is told whole.
    assert_eq!(store.open_alerts(org(), &new, 0, at(5)).await.unwrap(), 1);
    let again = open(&store).await.remove(0);
    assert!(again.id != closed.id && again.opened_at == at(5));
    store.close_alerts(&[again.id], at(6)).await.unwrap();
    let untold = all_told(&store).await;
    let [UntoldAlert { alert: told, opening: true, together: None }] = &*untold else {
        panic!("{untold:?}")
    };
    assert_eq!((told.id, told.closed_at), (again.id, Some(at(6))));
}

pub(crate) async fn so_many_sms_tell_of_alerts_in_a_day(store: Store) {
    let day = 24 * 3_600;
    let tries = [
        (0, true),
        (1, true),
        (2, false),
        (day - 1, false),
        (day, true),
        (day + 1, true),
        (day + 2, false),
    ];
    for (seconds, is_told) in tries {
        let new = [new_alert(AlertKind::ModemOffline, &seconds.to_string())];
        store.open_alerts(org(), &new, 2, at(seconds)).await.unwrap();
        let told = all_told(&store).await;
        assert_eq!(told[0].together.is_some(), is_told, "{seconds}");
    }
}

pub(crate) async fn of_what_is_over_a_thousand_are_kept(store: Store) {
    let kept = usize::try_from(KEPT_ALERTS).unwrap();
    let names: Vec<String> = (0..kept + 2).map(|n| format!("{n:05}")).collect();
    let new: Vec<NewAlert> =
        names.iter().map(|name| new_alert(AlertKind::BalanceLow, name)).collect();
    store.open_alerts(org(), &new, 0, at(1)).await.unwrap();
    let told = all_told(&store).await;
    let ids: Vec<AlertId> = told.iter().map(|one| one.alert.id).collect();
    assert_eq!(ids.len(), kept + 2);
    store.close_alerts(&ids, at(2)).await.unwrap();
    // Of none of them it is told that it is over.
    let count = async || store.alerts(everything(), true, 9_999).await.unwrap().len();
    assert_eq!(count().await, kept + 2);
    all_told(&store).await;
    let last = [new_alert(AlertKind::DiskLow, "disk")];
    store.open_alerts(org(), &last, 0, at(3)).await.unwrap();
    let last = all_told(&store).await.remove(0).alert.id;
    store.close_alerts(&[last], at(4)).await.unwrap();
    let all = store.alerts(everything(), true, 9_999).await.unwrap();
    assert_eq!((all.len(), all[0].id), (kept, last));
}

pub(crate) async fn what_waits_is_counted_and_its_age_is_known(store: Store) {
    let nobody = OrgId::derived("abroad");
    assert_eq!(store.oldest_waiting(org()).await.unwrap(), OldestWaiting::default());
    let owner = UserId::new();
    let [a, b, c, d] = [10, 20, 30, 40].map(|seconds| request(owner, "Halo", seconds));
    store_all(&store, &[&a, &b, &c]).await;
    let bulk = StoredRequest::new(d.clone(), Priority::Bulk, at(0), 1);
    store.project_requests(&[bulk]).await.unwrap();
    let events = [mt(&b, 50, admitted(1)), mt(&c, 51, held(at(900), 1))];
    store.project_events(&events).await.unwrap();
    let waiting = async || store.oldest_waiting(org()).await.unwrap();
    let both = OldestWaiting { usual: Some(at(10)), bulk: Some(at(40)) };
    assert_eq!(waiting().await, both);
    assert_eq!(store.oldest_waiting(nobody).await.unwrap(), OldestWaiting::default());

    let queue = store.queue(everything()).await.unwrap();
    let of = |state: MtState| queue.iter().find(|one| one.state == state).copied().unwrap();
    let counted = |state: MtState, count: u64, oldest: Option<i64>| {
        assert_eq!(of(state), Queued { state, count, oldest: oldest.map(at) });
        assert!(count <= COUNTED);
    };
    counted(MtState::Accepted, 2, Some(10));
    counted(MtState::Admitted, 1, Some(20));
    counted(MtState::Held, 1, Some(30));
    counted(MtState::Sending, 0, None);
    assert!(queue.iter().all(|one| !one.state.is_settled()));

    // With a modem, nothing waits; and what was held waits since it was asked for again.
    store.project_events(&[mt(&a, 60, sending(1, 1, 1))]).await.unwrap();
    assert_eq!(waiting().await.usual, Some(at(20)));
    store.project_events(&[mt(&b, 61, sent(&[1]))]).await.unwrap();
    assert_eq!(waiting().await.usual, None);
    let again = contracts::mt::MtRequest { round: 1, ..c.clone() };
    store.project_events(&[mt(&again, 70, admitted(1))]).await.unwrap();
    assert_eq!(waiting().await.usual, Some(at(70)));
}

/// More bulk waits than is looked at, and all of it for longer.
pub(crate) async fn bulk_hides_no_message_that_waits(store: Store) {
    let owner = UserId::new();
    let bulk: Vec<_> = (0..1_100)
        .map(|n| StoredRequest::new(request(owner, "Halo", 10), Priority::Bulk, at(0), n + 1))
        .collect();
    store.project_requests(&bulk).await.unwrap();
    let usual = request(owner, "Halo", 20);
    store_all(&store, &[&usual]).await;
    let both = OldestWaiting { usual: Some(at(20)), bulk: Some(at(10)) };
    assert_eq!(store.oldest_waiting(org()).await.unwrap(), both);
    store.project_events(&[mt(&usual, 50, admitted(1))]).await.unwrap();
    assert_eq!(store.oldest_waiting(org()).await.unwrap(), both);
    store.project_events(&[mt(&usual, 60, sent(&[1]))]).await.unwrap();
    assert_eq!(store.oldest_waiting(org()).await.unwrap().usual, None);
}

pub(crate) async fn what_is_stuck_is_known(store: Store) {
    let owner = UserId::new();
    let [a, b, c] = [10, 20, 30].map(|seconds| request(owner, "Halo", seconds));
    store_all(&store, &[&a, &b, &c]).await;
    assert_eq!(store.stuck(org(), at(1_000)).await.unwrap(), Stuck::default());
    let uncertain = MtChange::Uncertain { error: error("no-answer"), through: through(), part: 1 };
    let events =
        [mt(&a, 50, held(at(900), 1)), mt(&b, 60, sending(1, 1, 1)), mt(&c, 70, uncertain)];
    store.project_events(&events).await.unwrap();
    let stuck = async |now| store.stuck(org(), at(now)).await.unwrap();
    let known = Stuck { overdue: None, sending: Some(at(60)), uncertain: Some(at(70)) };
    assert_eq!(stuck(900).await, known);
    assert_eq!(stuck(901).await, Stuck { overdue: Some(at(900)), ..known });
    assert_eq!(stuck(24 * 3_600 + 30).await.uncertain, None, "it was told for a day");
    let abroad = store.stuck(OrgId::derived("abroad"), at(901)).await.unwrap();
    assert_eq!(abroad, Stuck::default());
}

pub(crate) async fn how_the_last_messages_fared_is_known(store: Store) {
    let owner = UserId::new();
    let requests: Vec<_> = (0..6).map(|n| request(owner, "Halo", n)).collect();
    store_all(&store, &requests.iter().collect::<Vec<_>>()).await;
    let failed = || MtChange::Failed { error: error("cms-38"), through: None, tries: 5 };
    let events = [
        mt(&requests[0], 10, sent(&[1])),
        mt(&requests[1], 11, failed()),
        mt(&requests[2], 12, MtChange::Rejected { error: error("blocked") }),
        mt(&requests[3], 13, MtChange::Cancelled { by: None }),
        mt(&requests[4], 14, MtChange::Expired {}),
    ];
    store.project_events(&events).await.unwrap();
    let ends = async |since, limit| store.last_ends(org(), at(since), limit).await.unwrap();
    assert_eq!(ends(0, 50).await, LastEnds { ended: 3, failed: 2 });
    assert_eq!(ends(10, 50).await, LastEnds { ended: 2, failed: 2 });
    assert_eq!(ends(0, 1).await, LastEnds { ended: 1, failed: 1 });
    assert_eq!(ends(14, 50).await, LastEnds::default());
    let abroad = store.last_ends(OrgId::derived("abroad"), at(0), 50).await.unwrap();
    assert_eq!(abroad, LastEnds::default());
}
