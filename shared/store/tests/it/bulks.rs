//! Files of which each row becomes a message.

use std::time::Duration;

use contracts::{BulkId, UserId};
use serde_json::json;
use store::{
    BULK_ROWS_KEPT_HOURS, BULKS_KEPT_DAYS, BulkOutcomes, BulkPlace, BulkRow, CreateBulkError,
    MOST_BULKS, NewBulk, Role, Store,
};

use crate::sample::{at, everything, new_user};

/// A file of pieces with so many rows.
pub(crate) fn new_bulk(owner: UserId, pieces: &[u64]) -> NewBulk {
    let mut line = 0;
    let pieces = pieces.iter().map(|rows| {
        let row = |_| {
            line += 1;
            BulkRow { line, cells: vec![format!("0811{line}"), "a\0b".to_owned()] }
        };
        (0..*rows).map(row).collect::<Vec<_>>()
    });
    NewBulk {
        owner,
        name: "tagihan.csv".to_owned(),
        columns: 2,
        header: vec!["nomor".to_owned(), "nama".to_owned()],
        pieces: pieces.collect(),
    }
}

pub(crate) async fn a_file_is_kept_planned_and_sent_once(store: Store) {
    let ani = store.create_user(everything(), &new_user("ani", Role::User), at(0)).await.unwrap();
    let reach = ani.reach();
    let made = store.create_bulk(reach, &new_bulk(ani.id, &[2, 2, 1]), at(1)).await.unwrap();
    assert_eq!((made.rows, made.revision, made.plan.is_none()), (5, 0, true));
    assert_eq!(store.bulk(reach, made.id).await.unwrap().as_ref(), Some(&made));
    let piece = store.bulk_piece(reach, made.id, BulkPlace::Row(3)).await.unwrap().unwrap();
    assert_eq!((piece.place, piece.rows.len(), piece.rows[1].line), (2, 2, 4));
    assert_eq!(piece.rows[0].cells, ["08113", "a\u{fffd}b"]);
    assert!(piece.outcomes.is_none());
    let begun = store.begin_bulk(reach, made.id, 0, at(2)).await.unwrap();
    assert!(begun.is_none(), "nobody said what is sent");

    // The second piece has no message.
    let outcomes = [(0, 0), (2, 2), (4, 2)].map(|(place, first_message)| BulkOutcomes {
        place,
        outcomes: json!(["x"]),
        first_message,
    });
    let plan = json!({ "text": "Halo" });
    let planned = store.plan_bulk(reach, made.id, 0, &plan, &outcomes, at(3)).await.unwrap();
    let planned = planned.unwrap();
    assert_eq!((planned.revision, planned.plan.as_ref()), (1, Some(&plan)));
    let late = store.plan_bulk(reach, made.id, 0, &plan, &outcomes, at(3)).await.unwrap();
    assert!(late.is_none(), "somebody else said it meanwhile");
    for (message, place) in [(0, 0), (1, 0), (2, 4), (9, 4)] {
        let piece = store.bulk_piece(reach, made.id, BulkPlace::Message(message)).await.unwrap();
        let piece = piece.unwrap();
        assert_eq!((piece.place, piece.outcomes), (place, Some(json!(["x"]))), "{message}");
    }

    assert!(store.begin_bulk(reach, made.id, 0, at(4)).await.unwrap().is_none());
    for _ in 0..2 {
        let begun = store.begin_bulk(reach, made.id, 1, at(4)).await.unwrap().unwrap();
        assert_eq!((begun.sending, begun.sent_at), (Some(0), None));
    }
    let changed = store.plan_bulk(reach, made.id, 1, &plan, &outcomes, at(5)).await.unwrap();
    assert!(changed.is_none(), "it is being sent");
    for (batches, all) in [(1, false), (2, true), (1, false)] {
        store.note_bulk_batches(reach, made.id, batches, all, at(6)).await.unwrap();
    }
    let sent = store.bulk(reach, made.id).await.unwrap().unwrap();
    assert_eq!((sent.sending, sent.sent_at), (Some(2), Some(at(6))));

    assert!(store.remove_bulk(reach, made.id).await.unwrap());
    assert!(!store.remove_bulk(reach, made.id).await.unwrap());
    assert!(store.bulk_piece(reach, made.id, BulkPlace::Row(0)).await.unwrap().is_none());
}

pub(crate) async fn old_files_are_removed(store: Store) {
    let ani = store.create_user(everything(), &new_user("ani", Role::User), at(0)).await.unwrap();
    let reach = ani.reach();
    let draft = store.create_bulk(reach, &new_bulk(ani.id, &[1]), at(1)).await.unwrap();
    let sent = store.create_bulk(reach, &new_bulk(ani.id, &[1]), at(1)).await.unwrap();
    store.plan_bulk(reach, sent.id, 0, &json!({}), &[], at(1)).await.unwrap().unwrap();
    store.begin_bulk(reach, sent.id, 1, at(1)).await.unwrap().unwrap();
    let rows =
        async |id: BulkId| store.bulk_piece(reach, id, BulkPlace::Row(0)).await.unwrap().is_some();
    let day = at(1).plus(Duration::from_hours(u64::from(BULK_ROWS_KEPT_HOURS)));
    assert_eq!(store.remove_old_bulks(day.minus(Duration::from_micros(1))).await.unwrap(), 0);
    assert!(rows(draft.id).await && rows(sent.id).await);
    assert_eq!(store.remove_old_bulks(day).await.unwrap(), 1);
    let left = store.bulks(reach).await.unwrap();
    assert_eq!(left.iter().map(|bulk| bulk.id).collect::<Vec<_>>(), [sent.id]);
    assert!(!rows(draft.id).await && !rows(sent.id).await);
    let month = at(1).plus(Duration::from_hours(24 * u64::from(BULKS_KEPT_DAYS)));
    assert_eq!(store.remove_old_bulks(month).await.unwrap(), 1);

    for _ in 0..MOST_BULKS {
        store.create_bulk(reach, &new_bulk(ani.id, &[1]), at(2)).await.unwrap();
    }
    let refused = store.create_bulk(reach, &new_bulk(ani.id, &[1]), at(2)).await;
    assert!(matches!(refused, Err(CreateBulkError::TooMany)));
}
