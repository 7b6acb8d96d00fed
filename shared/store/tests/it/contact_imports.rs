//! Imports of contacts: kept, planned, written once, and taken back; and merges.

use std::collections::BTreeMap;
use std::time::Duration;

use contracts::{ContactId, ContactImportId, GroupId, Holder, UserId};
use serde_json::json;
use store::{
    BULK_ROWS_KEPT_HOURS, BulkRow, CONTACT_IMPORTS_KEPT_DAYS, Contact, ContactChange,
    ContactImportError, ContactImportStep, CreateGroupError, DoublesBy, GroupCondition, GroupRule,
    ImportedChange, LeftWhy, MOST_CONTACT_IMPORTS, NewContact, NewContactImport, NewGroup, Role,
    Store, User,
};

use crate::contacts::{new_contact, new_group};
use crate::sample::{at, everything, new_user};

/// A file of pieces with so many rows.
pub(crate) fn new_import(account: UserId, pieces: &[u64]) -> NewContactImport {
    let mut line = 0;
    let pieces = pieces.iter().map(|rows| {
        let row = |_| {
            line += 1;
            BulkRow { line, cells: vec![format!("0811{line}"), "a\0b".to_owned()] }
        };
        (0..*rows).map(row).collect::<Vec<_>>()
    });
    NewContactImport {
        account,
        owner: Holder::User(account),
        name: "kontak.csv".to_owned(),
        columns: 2,
        header: vec!["nomor".to_owned(), "nama".to_owned()],
        pieces: pieces.collect(),
    }
}

async fn user(store: &Store, name: &str) -> User {
    store.create_user(everything(), &new_user(name, Role::User), at(0)).await.unwrap()
}

async fn contact(store: &Store, user: &User, id: ContactId) -> Option<Contact> {
    store.contact(user.reach(), id).await.unwrap()
}

/// Makes a contact, and returns it as it is kept.
async fn kept(store: &Store, user: &User, new: NewContact) -> Contact {
    store.create_contacts(user.reach(), std::slice::from_ref(&new), at(1)).await.unwrap();
    contact(store, user, new.id).await.unwrap()
}

/// Keeps and confirms a file of one piece of two rows.
async fn begun(store: &Store, user: &User) -> ContactImportId {
    let reach = user.reach();
    let made = store.create_contact_import(reach, &new_import(user.id, &[2]), at(1)).await.unwrap();
    store.plan_contact_import(reach, made.id, 0, &json!({}), &[], at(2)).await.unwrap().unwrap();
    store.begin_contact_import(reach, made.id, 1, at(3)).await.unwrap().unwrap();
    made.id
}

pub(crate) async fn a_file_of_contacts_is_kept_and_planned(store: Store) {
    let ani = user(&store, "ani").await;
    let reach = ani.reach();
    let new = new_import(ani.id, &[2, 1]);
    let made = store.create_contact_import(reach, &new, at(1)).await.unwrap();
    assert_eq!((made.rows, made.revision, made.applied), (3, 0, None));
    assert_eq!(store.contact_import(reach, made.id).await.unwrap().as_ref(), Some(&made));
    let piece = store.contact_import_piece(reach, made.id, 2).await.unwrap().unwrap();
    assert_eq!((piece.place, piece.rows[0].line, piece.outcomes), (2, 3, None));
    assert_eq!(piece.rows[0].cells, ["08113", "a\u{fffd}b"]);
    let early = store.begin_contact_import(reach, made.id, 0, at(2)).await.unwrap();
    assert!(early.is_none(), "nobody said what the columns are");
    let outcomes = [(0, json!(["x", "y"])), (2, json!(["z"]))];
    let plan = json!({ "columns": ["number", "name"] });
    let planned = store.plan_contact_import(reach, made.id, 0, &plan, &outcomes, at(2)).await;
    let planned = planned.unwrap().unwrap();
    assert_eq!((planned.revision, planned.plan.as_ref()), (1, Some(&plan)));
    let late = store.plan_contact_import(reach, made.id, 0, &plan, &outcomes, at(3)).await;
    assert!(late.unwrap().is_none(), "somebody else said it meanwhile");
    let piece = store.contact_import_piece(reach, made.id, 0).await.unwrap().unwrap();
    assert_eq!(piece.outcomes, Some(json!(["x", "y"])));
    assert!(store.begin_contact_import(reach, made.id, 0, at(4)).await.unwrap().is_none());
    for _ in 0..2 {
        let begun = store.begin_contact_import(reach, made.id, 1, at(4)).await.unwrap().unwrap();
        assert_eq!((begun.applied, begun.applied_at), (Some(0), None));
    }
    let changed = store.plan_contact_import(reach, made.id, 1, &plan, &outcomes, at(5)).await;
    assert!(changed.unwrap().is_none(), "it was confirmed");
    assert!(store.remove_contact_import(reach, made.id).await.unwrap());
    assert!(!store.remove_contact_import(reach, made.id).await.unwrap());
    assert!(store.contact_import_piece(reach, made.id, 0).await.unwrap().is_none());

    for _ in 0..MOST_CONTACT_IMPORTS {
        store.create_contact_import(reach, &new, at(6)).await.unwrap();
    }
    let refused = store.create_contact_import(reach, &new, at(6)).await;
    assert!(matches!(refused, Err(ContactImportError::TooMany)));
}

pub(crate) async fn an_import_is_written_once_and_taken_back(store: Store) {
    let ani = user(&store, "ani").await;
    let reach = ani.reach();
    let own = Some(ani.id);
    let group = store.create_group(reach, &new_group(own, "Toko"), at(1)).await.unwrap().id;
    let fields = BTreeMap::from([("Kota".to_owned(), "Garut".to_owned())]);
    let siti = NewContact {
        note: Some("Kue".to_owned()),
        tags: vec!["vip".to_owned()],
        fields: fields.clone(),
        ..new_contact(own, "Siti", "+628111")
    };
    let siti = kept(&store, &ani, siti).await;
    let id = begun(&store, &ani).await;
    // A group is made together with the note by which it is removed again, or not at all.
    let new_one = new_group(own, "Baru");
    let none = ContactImportId::new();
    let made = store.create_imported_group(reach, reach, none, &new_one, at(3)).await.unwrap();
    assert!(made.is_none());
    let made = store.create_imported_group(reach, reach, id, &new_one, at(3)).await.unwrap();
    let new_one = made.unwrap().id;
    let twice = new_group(own, "Toko");
    let twice = store.create_imported_group(reach, reach, id, &twice, at(3)).await;
    assert!(matches!(twice, Err(CreateGroupError::NameTaken(_))), "{twice:?}");
    let noted = store.contact_import(reach, id).await.unwrap().unwrap().new_groups;
    assert_eq!(noted, [new_one]);
    let budi = NewContact { groups: vec![new_one], ..new_contact(None, "Budi", "+628112") };
    let step = ContactImportStep {
        place: 0,
        next: 2,
        is_last: true,
        make: vec![budi.clone()],
        change: vec![ImportedChange {
            contact: siti.id,
            seen: siti.updated_at,
            change: ContactChange {
                name: Some("Siti R.".to_owned()),
                tags: Some(vec!["vip".to_owned(), "lama".to_owned()]),
                fields: Some(BTreeMap::new()),
                ..ContactChange::default()
            },
            // One that is not there is left out.
            add: vec![group, GroupId::new()],
        }],
        ..ContactImportStep::default()
    };
    for _ in 0..2 {
        let done = store.write_contact_import(reach, reach, id, &step, at(5)).await;
        let done = done.unwrap().unwrap();
        assert_eq!((done.counts.made, done.counts.changed, done.counts.left), (1, 1, 0));
        assert_eq!((done.applied, done.applied_at), (Some(2), Some(at(5))));
    }
    let now = contact(&store, &ani, siti.id).await.unwrap();
    assert_eq!((now.name.as_str(), now.tags.len(), &now.groups), ("Siti R.", 2, &vec![group]));
    assert!(now.fields.is_empty() && now.note == siti.note);
    let made = contact(&store, &ani, budi.id).await.unwrap();
    assert_eq!((made.owner, &made.groups), (Holder::from(own), &vec![new_one]));

    let before = store.undo_contact_import(reach, reach, id, 10, at(6)).await.unwrap();
    assert!(before.is_none(), "nobody said so");
    store.begin_contact_import_undo(reach, id, at(6)).await.unwrap().unwrap();
    for _ in 0..3 {
        store.undo_contact_import(reach, reach, id, 1, at(7)).await.unwrap().unwrap();
    }
    let undone = store.contact_import(reach, id).await.unwrap().unwrap();
    assert_eq!((undone.counts.undone, undone.counts.left), (2, 0));
    assert_eq!(undone.undone_at, Some(at(7)));
    let now = contact(&store, &ani, siti.id).await.unwrap();
    assert_eq!(now, Contact { updated_at: at(7), ..siti });
    assert_eq!(now.fields, fields);
    assert!(contact(&store, &ani, budi.id).await.is_none());
    assert!(store.group(reach, new_one).await.unwrap().is_none(), "nobody is in it any more");
    assert!(store.group(reach, group).await.unwrap().is_some());
}

/// A number without its country is the same as those of two rows.
pub(crate) async fn two_rows_of_one_contact_are_taken_back_together(store: Store) {
    let ani = user(&store, "ani").await;
    let (reach, own) = (ani.reach(), Some(ani.id));
    let group = store.create_group(reach, &new_group(own, "Toko"), at(1)).await.unwrap().id;
    let conditions = vec![GroupCondition::Tag("vip".to_owned())];
    let rule = Some(GroupRule { all: true, conditions });
    let vip = NewGroup { rule, ..new_group(own, "vip") };
    let vip = store.create_group(reach, &vip, at(1)).await.unwrap().id;
    let siti = kept(&store, &ani, new_contact(own, "Siti", "0812345678")).await;
    let gone = NewContact { tags: vec!["vip".to_owned()], ..new_contact(own, "x", "0811") };
    kept(&store, &ani, gone.clone()).await;
    assert!(store.remove_contact(reach, gone.id, at(1)).await.unwrap());
    let new = new_import(ani.id, &[1, 1]);
    let id = store.create_contact_import(reach, &new, at(1)).await.unwrap().id;
    store.plan_contact_import(reach, id, 0, &json!({}), &[], at(2)).await.unwrap().unwrap();
    store.begin_contact_import(reach, id, 1, at(3)).await.unwrap().unwrap();
    let budi = new_contact(own, "Budi", "0812345679");
    let change = |contact: ContactId, seen: i64, note: &str, add: Vec<GroupId>| ImportedChange {
        contact,
        seen: at(seen),
        change: ContactChange { note: Some(note.to_owned()), ..ContactChange::default() },
        add,
    };
    let first = ContactImportStep {
        next: 1,
        // What was removed is not made, and is in no group by rule.
        make: vec![budi.clone(), gone],
        change: vec![change(siti.id, 1, "a", Vec::new())],
        ..ContactImportStep::default()
    };
    let second = ContactImportStep {
        place: 1,
        next: 2,
        is_last: true,
        change: vec![change(siti.id, 5, "b", vec![group]), change(budi.id, 5, "b", Vec::new())],
        ..ContactImportStep::default()
    };
    store.write_contact_import(reach, reach, id, &first, at(5)).await.unwrap().unwrap();
    let done = store.write_contact_import(reach, reach, id, &second, at(6)).await;
    let counts = done.unwrap().unwrap().counts;
    assert_eq!((counts.made, counts.changed, counts.left), (1, 3, 0));
    assert_eq!(store.group(reach, vip).await.unwrap().unwrap().members, 0);
    let now = contact(&store, &ani, siti.id).await.unwrap();
    assert_eq!((now.note.as_deref(), now.groups), (Some("b"), vec![group]));

    store.begin_contact_import_undo(reach, id, at(7)).await.unwrap().unwrap();
    for _ in 0..2 {
        store.undo_contact_import(reach, reach, id, 10, at(8)).await.unwrap().unwrap();
    }
    let undone = store.contact_import(reach, id).await.unwrap().unwrap();
    assert_eq!((undone.counts.undone, undone.counts.left), (2, 0));
    let now = contact(&store, &ani, siti.id).await.unwrap();
    assert_eq!(now, Contact { updated_at: at(8), ..siti });
    assert!(contact(&store, &ani, budi.id).await.is_none());
}

pub(crate) async fn what_was_changed_since_is_left_and_named(store: Store) {
    let ani = user(&store, "ani").await;
    let reach = ani.reach();
    let own = Some(ani.id);
    let group = store.create_group(reach, &new_group(own, "Toko"), at(1)).await.unwrap().id;
    let mut known = Vec::new();
    for (name, number) in [("Ani", "+628111"), ("Budi", "+628112"), ("Citra", "+628113")] {
        known.push(kept(&store, &ani, new_contact(own, name, number)).await);
    }
    let change = |contact: &Contact| ImportedChange {
        contact: contact.id,
        seen: contact.updated_at,
        change: ContactChange { note: Some("x".to_owned()), ..ContactChange::default() },
        add: Vec::new(),
    };
    let made = [new_contact(own, "Dewi", "+628114"), new_contact(own, "Eka", "+628115")];
    let id = begun(&store, &ani).await;
    let mut late = change(&known[2]);
    late.seen = at(0);
    let step = ContactImportStep {
        next: 2,
        is_last: true,
        make: made.to_vec(),
        change: vec![change(&known[0]), change(&known[1]), late],
        ..ContactImportStep::default()
    };
    let done = store.write_contact_import(reach, reach, id, &step, at(5)).await.unwrap().unwrap();
    assert_eq!((done.counts.made, done.counts.changed, done.counts.left), (2, 2, 1));

    let renamed = ContactChange { name: Some("Ani N.".to_owned()), ..ContactChange::default() };
    store.change_contact(reach, known[0].id, &renamed, at(6)).await.unwrap();
    store.remove_contact(reach, known[1].id, at(6)).await.unwrap();
    let put = ContactChange { groups: Some(vec![group]), ..ContactChange::default() };
    store.change_contact(reach, made[0].id, &put, at(6)).await.unwrap();
    store.remove_contact(reach, made[1].id, at(6)).await.unwrap();
    store.begin_contact_import_undo(reach, id, at(7)).await.unwrap().unwrap();
    for _ in 0..2 {
        store.undo_contact_import(reach, reach, id, 10, at(8)).await.unwrap().unwrap();
    }
    let undone = store.contact_import(reach, id).await.unwrap().unwrap();
    assert_eq!((undone.counts.undone, undone.counts.left, undone.undone_at), (1, 4, Some(at(8))));
    let left = store.left_contacts(reach, id, 10).await.unwrap();
    let mut left: Vec<_> = left.into_iter().map(|one| (one.name, one.why)).collect();
    left.sort_by(|one, other| one.0.cmp(&other.0));
    let expected =
        [("Ani", LeftWhy::Changed), ("Budi", LeftWhy::Removed), ("Dewi", LeftWhy::Changed)];
    assert_eq!(left, expected.map(|(name, why)| (name.to_owned(), why)));
    assert_eq!(contact(&store, &ani, known[0].id).await.unwrap().name, "Ani N.");
    assert!(contact(&store, &ani, made[0].id).await.is_some());
}

pub(crate) async fn doubles_are_found_merged_and_parted_again(store: Store) {
    let ani = user(&store, "ani").await;
    let budi = user(&store, "budi").await;
    let reach = ani.reach();
    let own = Some(ani.id);
    let group = store.create_group(reach, &new_group(own, "Toko"), at(1)).await.unwrap().id;
    let one = kept(&store, &ani, new_contact(own, "Siti", "+628123456789")).await;
    let two = NewContact { groups: vec![group], ..new_contact(own, "SITI R.", "08123456789") };
    let two = kept(&store, &ani, two).await;
    let abroad = kept(&store, &ani, new_contact(own, "siti", "+498123456789")).await;
    kept(&store, &budi, new_contact(Some(budi.id), "Siti", "+628123456789")).await;
    let sets = async |by: DoublesBy| {
        let (sets, next) = store.doubles(reach, own.into(), by, None, 10).await.unwrap();
        assert_eq!(next, None);
        let ids = |set: Vec<Contact>| set.into_iter().map(|one| one.id).collect::<Vec<_>>();
        sets.into_iter().map(ids).collect::<Vec<_>>()
    };
    let by_name = sets(DoublesBy::Name).await;
    assert_eq!(by_name.len(), 1);
    assert!(by_name[0].contains(&one.id) && by_name[0].contains(&abroad.id));
    let by_number = sets(DoublesBy::Number).await;
    assert!(by_number.iter().flatten().any(|id| *id == two.id), "{by_number:?}");

    let keep = ImportedChange {
        contact: one.id,
        seen: one.updated_at,
        change: ContactChange { note: Some("SITI R.".to_owned()), ..ContactChange::default() },
        add: Vec::new(),
    };
    let others = [(two.id, two.updated_at)];
    let theirs = store.merge_contacts(budi.reach(), budi.id, &keep, &others, at(4)).await;
    assert!(matches!(theirs, Err(ContactImportError::NoSuchContact(_))), "{theirs:?}");
    // What was changed since it was looked at would be lost.
    let late = store.merge_contacts(reach, ani.id, &keep, &[(two.id, at(0))], at(4)).await;
    assert!(matches!(late, Err(ContactImportError::NoSuchContact(id)) if id == two.id));
    let merged = store.merge_contacts(reach, ani.id, &keep, &others, at(4)).await.unwrap();
    assert_eq!((merged.counts.changed, merged.counts.removed), (1, 1));
    assert_eq!(store.contact_import(reach, merged.id).await.unwrap(), Some(merged.clone()));
    let now = contact(&store, &ani, one.id).await.unwrap();
    assert_eq!((now.note.as_deref(), &now.groups), (Some("SITI R."), &vec![group]));
    assert!(contact(&store, &ani, two.id).await.is_none());
    assert!(!sets(DoublesBy::Number).await.iter().flatten().any(|id| *id == two.id));

    store.begin_contact_import_undo(reach, merged.id, at(5)).await.unwrap().unwrap();
    for _ in 0..2 {
        store.undo_contact_import(reach, reach, merged.id, 10, at(6)).await.unwrap().unwrap();
    }
    let now = contact(&store, &ani, one.id).await.unwrap();
    assert_eq!(now, Contact { updated_at: at(6), ..one });
    let again = contact(&store, &ani, two.id).await.unwrap();
    assert_eq!((again.name, again.number, again.groups), (two.name, two.number, two.groups));
}

pub(crate) async fn large_sets_of_doubles_are_whole(store: Store) {
    let ani = user(&store, "ani").await;
    let (reach, own) = (ani.reach(), Some(ani.id));
    let sizes = [("a", 60), ("b", 60), ("c", 120), ("d", 2), ("e", 1)];
    let all: Vec<NewContact> = sizes
        .iter()
        .flat_map(|(name, size)| (0..*size).map(|_| new_contact(own, name, "+628111")))
        .collect();
    store.create_contacts(reach, &all, at(1)).await.unwrap();
    // A page of two sets has a hundred contacts, and more of one set are not shown.
    let (mut pages, mut after) = (Vec::new(), None);
    loop {
        let by = DoublesBy::Name;
        let (sets, next) = store.doubles(reach, own.into(), by, after.as_deref(), 2).await.unwrap();
        let shown = |set: &Vec<Contact>| (set[0].name.clone(), set.len());
        pages.push(sets.iter().map(shown).collect::<Vec<_>>());
        let Some(next) = next else { break };
        assert!(after.as_ref().is_none_or(|after| *after < next), "{after:?} {next}");
        after = Some(next);
    }
    let expected = [("a", 60_usize), ("b", 60), ("c", 100), ("d", 2)];
    let expected: Vec<_> = expected.map(|(name, size)| vec![(name.to_owned(), size)]).into();
    assert_eq!(pages, expected);
}

pub(crate) async fn merges_give_way_to_what_comes_later(store: Store) {
    let ani = user(&store, "ani").await;
    let (reach, own) = (ani.reach(), Some(ani.id));
    let one = kept(&store, &ani, new_contact(own, "Siti", "+628111")).await;
    let most = usize::try_from(MOST_CONTACT_IMPORTS).unwrap();
    let others: Vec<NewContact> =
        (0..=most + 1).map(|n| new_contact(own, &format!("Siti {n}"), "+628111")).collect();
    store.create_contacts(reach, &others, at(1)).await.unwrap();
    let merge = async |other: &NewContact, seen: i64, now: i64| {
        let change = ContactChange::default();
        let keep = ImportedChange { contact: one.id, seen: at(seen), change, add: Vec::new() };
        store.merge_contacts(reach, ani.id, &keep, &[(other.id, at(1))], at(now)).await
    };
    let mut merges = Vec::new();
    let mut seen = 1;
    for (other, now) in others[..=most].iter().zip(10..) {
        // The first is being taken back, so the second gives way to the last.
        if merges.len() == most {
            store.begin_contact_import_undo(reach, merges[0], at(now)).await.unwrap().unwrap();
        }
        merges.push(merge(other, seen, now).await.unwrap().id);
        seen = now;
    }
    assert_eq!(store.contact_imports(reach).await.unwrap().len(), most);
    assert!(store.contact_import(reach, merges[0]).await.unwrap().is_some());
    assert!(store.contact_import(reach, merges[1]).await.unwrap().is_none());

    // Files take the places of the others.
    let new = new_import(ani.id, &[1]);
    for _ in 1..most {
        store.create_contact_import(reach, &new, at(500)).await.unwrap();
    }
    let refused = store.create_contact_import(reach, &new, at(500)).await;
    assert!(matches!(refused, Err(ContactImportError::TooMany)), "{refused:?}");
    let refused = merge(&others[most + 1], seen, 501).await;
    assert!(matches!(refused, Err(ContactImportError::TooMany)), "{refused:?}");
    assert!(store.contact_import(reach, merges[0]).await.unwrap().is_some());
}

pub(crate) async fn old_imports_are_removed(store: Store) {
    let ani = user(&store, "ani").await;
    let reach = ani.reach();
    let new = new_import(ani.id, &[1]);
    let draft = store.create_contact_import(reach, &new, at(3)).await.unwrap().id;
    let done = begun(&store, &ani).await;
    let rows = async |id: ContactImportId| {
        store.contact_import_piece(reach, id, 0).await.unwrap().is_some()
    };
    let day = at(3).plus(Duration::from_hours(u64::from(BULK_ROWS_KEPT_HOURS)));
    assert_eq!(store.remove_old_bulks(day.minus(Duration::from_micros(1))).await.unwrap(), 0);
    assert!(rows(draft).await && rows(done).await);
    assert_eq!(store.remove_old_bulks(day).await.unwrap(), 1);
    let left = store.contact_imports(reach).await.unwrap();
    assert_eq!(left.iter().map(|import| import.id).collect::<Vec<_>>(), [done]);
    assert!(!rows(done).await);
    let month = at(3).plus(Duration::from_hours(24 * u64::from(CONTACT_IMPORTS_KEPT_DAYS)));
    assert_eq!(store.remove_old_bulks(month).await.unwrap(), 1);
}
