//! Contacts, groups and templates that were removed a moment ago.

use contracts::ContactId;
use store::{
    AfterCall, ContactChange, ContactFilter, GroupChange, GroupCondition, GroupRule, Joining,
    MOST_GROUP_RULES, MOST_REMOVED, NewContact, NewGroup, NewServiceCall, REMOVED_KEPT, Restorable,
    RestoreError, Role, ServiceDeed, Store,
};

use crate::contacts::{new_contact, new_group, new_template, page};
use crate::sample::{at, everything, new_user, received};
use crate::services::new_service;

pub(crate) async fn what_was_removed_comes_back_as_it_was(store: Store) {
    let ani = store.create_user(everything(), &new_user("ani", Role::User), at(0)).await.unwrap();
    let budi = store.create_user(everything(), &new_user("budi", Role::User), at(0)).await.unwrap();
    let (reach, own) = (ani.reach(), Some(ani.id));
    let vip = store.create_group(reach, &new_group(own, "vip"), at(1)).await.unwrap();
    let toko = store.create_group(reach, &new_group(own, "toko"), at(1)).await.unwrap();
    let siti = NewContact {
        email: Some("siti@example.org".to_owned()),
        note: Some("lama".to_owned()),
        tags: vec!["vip".to_owned()],
        groups: vec![vip.id, toko.id],
        ..new_contact(own, "Siti", "+628123456789")
    };
    store.create_contacts(reach, std::slice::from_ref(&siti), at(2)).await.unwrap();
    let was = store.contact(reach, siti.id).await.unwrap().unwrap();
    let members = async |id| store.group(reach, id).await.unwrap().map(|group| group.members);

    // Nobody sees it, nobody writes to it, and it is a member of nothing.
    assert!(store.remove_contact(reach, siti.id, at(3)).await.unwrap());
    assert_eq!(store.contact(reach, siti.id).await.unwrap(), None);
    assert_eq!(store.contact(everything(), siti.id).await.unwrap(), None);
    let found = store.contacts(reach, &ContactFilter::default(), &page(9)).await.unwrap().0;
    assert!(found.is_empty(), "{found:?}");
    assert_eq!(members(vip.id).await, Some(0));

    // A group that goes and comes back meanwhile has the contact again once both are there.
    assert!(store.remove_group(reach, vip.id, at(4)).await.unwrap());
    assert_eq!(members(vip.id).await, None);
    let contact = Restorable::Contact(siti.id);
    let by_another = store.restore(budi.reach(), contact, at(5)).await;
    assert!(matches!(by_another, Err(RestoreError::Gone)));
    store.restore(reach, contact, at(5)).await.unwrap();
    let back = store.contact(reach, siti.id).await.unwrap().unwrap();
    assert_eq!(back.groups, [toko.id]);
    store.restore(reach, Restorable::Group(vip.id), at(6)).await.unwrap();
    assert_eq!(members(vip.id).await, Some(1));
    assert_eq!(store.contact(reach, siti.id).await.unwrap(), Some(was));
    let twice = store.restore(reach, contact, at(7)).await;
    assert!(matches!(twice, Err(RestoreError::Gone)));
}

pub(crate) async fn what_was_removed_is_in_nobody_s_way(store: Store) {
    let ani = store.create_user(everything(), &new_user("ani", Role::User), at(0)).await.unwrap();
    let (reach, own) = (ani.reach(), Some(ani.id));
    let new = new_template(own, "Salam");
    let first = store.create_template(reach, &new, at(1)).await.unwrap();
    assert!(store.remove_template(reach, first.id, at(2)).await.unwrap());
    // The name is free, also for another one that is removed in its turn.
    let second = store.create_template(reach, &new, at(3)).await.unwrap();
    let taken = store.restore(reach, Restorable::Template(first.id), at(4)).await;
    assert!(matches!(taken, Err(RestoreError::NameTaken(name)) if name == "Salam"));
    assert!(store.remove_template(reach, second.id, at(5)).await.unwrap());
    store.restore(reach, Restorable::Template(first.id), at(6)).await.unwrap();
    assert!(store.template(reach, first.id).await.unwrap().is_some());
    assert_eq!(store.template(reach, second.id).await.unwrap(), None);

    // A contact that is brought from elsewhere once more is made anew.
    let brought = NewContact {
        id: ContactId::of_source(everything().org, own.into(), "7"),
        ..new_contact(own, "Siti", "+628123456789")
    };
    let brought = [brought];
    assert_eq!(store.create_contacts(reach, &brought, at(7)).await.unwrap(), [true]);
    assert!(store.remove_contact(reach, brought[0].id, at(8)).await.unwrap());
    assert_eq!(store.create_contacts(reach, &brought, at(9)).await.unwrap(), [true]);
    assert!(store.contact(reach, brought[0].id).await.unwrap().is_some());
}

pub(crate) async fn what_was_removed_is_gone_in_the_end(store: Store) {
    let ani = store.create_user(everything(), &new_user("ani", Role::User), at(0)).await.unwrap();
    let (reach, own) = (ani.reach(), Some(ani.id));
    // The last so many may be brought back, whoever removes more.
    let all: Vec<NewContact> = (0..=MOST_REMOVED)
        .map(|n| new_contact(own, &format!("contact {n}"), "+628123456789"))
        .collect();
    store.create_contacts(reach, &all, at(1)).await.unwrap();
    for (contact, second) in all.iter().zip(2..) {
        assert!(store.remove_contact(reach, contact.id, at(second)).await.unwrap());
    }
    let last = at(2 + i64::from(MOST_REMOVED));
    let first = store.restore(reach, Restorable::Contact(all[0].id), last).await;
    assert!(matches!(first, Err(RestoreError::Gone)));
    store.restore(reach, Restorable::Contact(all[1].id), last).await.unwrap();

    // After an hour nothing comes back, whether it was deleted yet or not.
    let late = last.plus(REMOVED_KEPT);
    let late = store.restore(reach, Restorable::Contact(all[2].id), late).await;
    assert!(matches!(late, Err(RestoreError::Gone)));
    assert_eq!(store.remove_old_removed(at(2)).await.unwrap(), 0);
    let gone = store.remove_old_removed(last.plus(REMOVED_KEPT)).await.unwrap();
    assert_eq!(gone, u64::from(MOST_REMOVED) - 1);
    let there = store.contacts(reach, &ContactFilter::default(), &page(9)).await.unwrap().0;
    assert_eq!(there.len(), 1, "{there:?}");
}

pub(crate) async fn a_rule_says_anew_who_is_in_what_comes_back(store: Store) {
    let ani = store.create_user(everything(), &new_user("ani", Role::User), at(0)).await.unwrap();
    let (reach, own) = (ani.reach(), Some(ani.id));
    let conditions = vec![GroupCondition::Tag("vip".to_owned())];
    let rule = GroupRule { all: true, conditions };
    let ruled = |name: &str| NewGroup { rule: Some(rule.clone()), ..new_group(own, name) };
    let vip = store.create_group(reach, &ruled("vip"), at(1)).await.unwrap().id;
    let vips = vec!["vip".to_owned()];
    let tagged = |name: &str| NewContact { tags: vips.clone(), ..new_contact(own, name, "0811") };
    let (siti, budi) = (tagged("Siti"), tagged("Budi"));
    let plain = new_contact(own, "Citra", "0811");
    let all = [siti.clone(), budi.clone(), plain.clone()];
    store.create_contacts(reach, &all, at(2)).await.unwrap();
    let groups = async |contact: &NewContact| {
        store.contact(reach, contact.id).await.unwrap().unwrap().groups
    };
    let retag = async |contact: &NewContact, tags: Vec<String>, seconds: i64| {
        let change = ContactChange { tags: Some(tags), ..ContactChange::default() };
        store.change_contact(reach, contact.id, &change, at(seconds)).await.unwrap();
    };

    // Tags are others when the group comes back.
    assert!(store.remove_group(reach, vip, at(3)).await.unwrap());
    retag(&siti, Vec::new(), 4).await;
    retag(&plain, vips.clone(), 4).await;
    store.restore(reach, Restorable::Group(vip), at(5)).await.unwrap();
    assert_eq!((groups(&siti).await, groups(&plain).await), (vec![], vec![vip]));

    // The rule is another one when a contact does.
    assert!(store.remove_contact(reach, budi.id, at(6)).await.unwrap());
    let late = store.create_group(reach, &ruled("late"), at(7)).await.unwrap().id;
    assert!(store.remove_group(reach, vip, at(8)).await.unwrap());
    store.restore(reach, Restorable::Contact(budi.id), at(9)).await.unwrap();
    assert_eq!(groups(&budi).await, [late]);

    // There are as many groups by rule as there may be.
    for n in 1..MOST_GROUP_RULES {
        store.create_group(reach, &ruled(&format!("r{n}")), at(10)).await.unwrap();
    }
    let full = store.restore(reach, Restorable::Group(vip), at(11)).await;
    assert!(matches!(full, Err(RestoreError::TooMany(MOST_GROUP_RULES))), "{full:?}");
    assert!(store.remove_group(reach, late, at(12)).await.unwrap());
    store.restore(reach, Restorable::Group(vip), at(13)).await.unwrap();
    assert_eq!(store.group(reach, vip).await.unwrap().unwrap().members, 2);
}

pub(crate) async fn who_leaves_a_group_does_not_come_back_into_it(store: Store) {
    let ani = store.create_user(everything(), &new_user("ani", Role::User), at(0)).await.unwrap();
    let (reach, own) = (ani.reach(), Some(ani.id));
    let warga = store.create_group(reach, &new_group(own, "warga"), at(1)).await.unwrap().id;
    let member = |name: &str, number: &str| NewContact {
        groups: vec![warga],
        ..new_contact(own, name, number)
    };
    let siti = member("Siti", "08123456781");
    let budi = member("Budi", "+628123456782");
    let citra = member("Citra", "+628123456783");
    let stays = member("Dewi", "+628123456784");
    let all = [siti.clone(), budi.clone(), citra.clone(), stays.clone()];
    store.create_contacts(reach, &all, at(2)).await.unwrap();
    let service = new_service(ani.id, "keluar", &["keluar"]);
    let service = store.create_service(reach, &service, at(2)).await.unwrap();
    let leave = async |from: &str, seconds: i64| {
        let message = received(from, "KELUAR", seconds);
        let new = NewServiceCall { service: service.id, message, next_at: at(seconds) };
        let id = store.create_service_call(&new, at(seconds)).await.unwrap().unwrap();
        let number = from.parse().unwrap();
        let deed = ServiceDeed::Join(Joining { reach, group: warga, number, joins: false });
        store.settle_deed(id, &deed, &AfterCall::Done(None), at(seconds)).await.unwrap();
    };
    // Contacts are removed, then the group; and phones leave it meanwhile.
    for contact in [&siti, &citra, &stays] {
        assert!(store.remove_contact(reach, contact.id, at(10)).await.unwrap());
    }
    leave("+628123456781", 11).await;
    assert!(store.remove_group(reach, warga, at(12)).await.unwrap());
    leave("08123456782", 13).await;
    leave("+628123456783", 14).await;
    for contact in [&siti, &citra, &stays] {
        store.restore(reach, Restorable::Contact(contact.id), at(15)).await.unwrap();
    }
    store.restore(reach, Restorable::Group(warga), at(16)).await.unwrap();
    let filter = ContactFilter { group: Some(warga), ..ContactFilter::default() };
    let members = store.contacts(reach, &filter, &page(9)).await.unwrap().0;
    assert_eq!(members.iter().map(|one| one.id).collect::<Vec<_>>(), [stays.id]);
}

/// Contacts are removed while they are put into a group: none is in it afterwards.
pub(crate) async fn who_is_removed_joins_no_group_at_the_same_time(store: Store) {
    let ani = store.create_user(everything(), &new_user("ani", Role::User), at(0)).await.unwrap();
    let (reach, own) = (ani.reach(), Some(ani.id));
    let toko = store.create_group(reach, &new_group(own, "toko"), at(1)).await.unwrap().id;
    let all: Vec<NewContact> =
        (0..40).map(|n| new_contact(own, &format!("contact {n}"), "0811")).collect();
    store.create_contacts(reach, &all, at(2)).await.unwrap();
    for contact in &all {
        let change = GroupChange { add: vec![contact.id], ..GroupChange::default() };
        let (_, removed) = tokio::join!(
            store.change_group(reach, toko, &change, at(3)),
            store.remove_contact(reach, contact.id, at(3)),
        );
        assert!(removed.unwrap());
    }
    assert_eq!(store.group(reach, toko).await.unwrap().unwrap().members, 0);
}
