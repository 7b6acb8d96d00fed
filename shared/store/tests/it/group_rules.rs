//! Groups by rule, and contacts by their tags.

use std::collections::BTreeMap;

use contracts::{GroupId, Holder};
use store::{
    ChangeContactError, ChangeGroupError, ContactChange, ContactFilter, CreateGroupError,
    GroupChange, GroupCondition, GroupRule, MOST_GROUP_RULES, NewContact, NewGroup, Reach, Role,
    Store,
};

use crate::contacts::{new_contact, new_group, page};
use crate::sample::{at, everything, new_user};

fn tagged(tag: &str) -> GroupRule {
    GroupRule { all: true, conditions: vec![GroupCondition::Tag(tag.to_owned())] }
}

/// The names of who is in a group.
async fn members(store: &Store, reach: Reach, group: GroupId) -> Vec<String> {
    let filter = ContactFilter { group: Some(group), ..ContactFilter::default() };
    let (found, _) = store.contacts(reach, &filter, &page(100)).await.unwrap();
    let counted = store.group(reach, group).await.unwrap().unwrap().members;
    assert_eq!(usize::try_from(counted), Ok(found.len()));
    found.into_iter().map(|contact| contact.name).collect()
}

pub(crate) async fn who_fits_a_rule_is_in_the_group(store: Store) {
    let ani = store.create_user(everything(), &new_user("ani", Role::User), at(0)).await.unwrap();
    let (reach, own) = (ani.reach(), Some(ani.id));
    let contact = |name: &str, tag: &str| NewContact {
        tags: vec![tag.to_owned()],
        fields: BTreeMap::from([("Kota".to_owned(), "Garut".to_owned())]),
        ..new_contact(own, name, "+628111")
    };
    let (siti, budi) = (contact("Siti", "VIP"), contact("Budi", "Ёж"));
    store.create_contacts(reach, &[siti.clone(), budi.clone()], at(1)).await.unwrap();
    // One that all share is in no group of an account.
    let shared = NewContact { owner: Holder::Everybody, ..contact("Polisi", "vip") };
    store.create_contacts(everything(), &[shared], at(1)).await.unwrap();
    let new = NewGroup { rule: Some(tagged("vip")), ..new_group(own, "vip") };
    let group = store.create_group(reach, &new, at(2)).await.unwrap();
    assert_eq!((group.members, group.rule.as_ref()), (1, Some(&tagged("vip"))));
    assert_eq!(members(&store, reach, group.id).await, ["Siti"]);

    // Who comes later, and who is changed.
    let citra = contact("Citra", "vip");
    store.create_contacts(reach, std::slice::from_ref(&citra), at(3)).await.unwrap();
    let retag = |tag: &str| ContactChange {
        tags: Some(vec![tag.to_owned()]),
        groups: Some(Vec::new()),
        ..ContactChange::default()
    };
    store.change_contact(reach, siti.id, &retag("x"), at(4)).await.unwrap();
    store.change_contact(reach, budi.id, &retag("Vip"), at(4)).await.unwrap();
    assert_eq!(members(&store, reach, group.id).await, ["Budi", "Citra"]);
    store.remove_contact(reach, citra.id, at(4)).await.unwrap();

    // Another rule.
    let conditions = vec![
        GroupCondition::NoTag("vip".to_owned()),
        GroupCondition::Field { name: "KOTA".to_owned(), value: "garut".to_owned() },
    ];
    for (all, names) in [(true, vec!["Siti"]), (false, vec!["Budi", "Siti"])] {
        let rule = GroupRule { all, conditions: conditions.clone() };
        let change = GroupChange { rule: Some(rule), ..GroupChange::default() };
        store.change_group(reach, group.id, &change, at(5)).await.unwrap();
        assert_eq!(members(&store, reach, group.id).await, names);
    }

    // Nobody is put into it by hand, and none becomes one of the other kind.
    let add = GroupChange { add: vec![budi.id], ..GroupChange::default() };
    let refused = store.change_group(reach, group.id, &add, at(6)).await;
    assert!(matches!(refused, Err(ChangeGroupError::OtherKind)), "{refused:?}");
    let by_hand = store.create_group(reach, &new_group(own, "hand"), at(6)).await.unwrap().id;
    let ruled = GroupChange { rule: Some(tagged("x")), ..GroupChange::default() };
    let refused = store.change_group(reach, by_hand, &ruled, at(6)).await;
    assert!(matches!(refused, Err(ChangeGroupError::OtherKind)), "{refused:?}");
    let dewi = NewContact { groups: vec![group.id], ..contact("Dewi", "y") };
    assert!(store.create_contacts(reach, &[dewi], at(6)).await.is_err());
    let put = ContactChange { groups: Some(vec![group.id]), ..ContactChange::default() };
    let rule = GroupChange { rule: Some(tagged("nobody")), ..GroupChange::default() };
    store.change_group(reach, group.id, &rule, at(7)).await.unwrap();
    let refused = store.change_contact(reach, budi.id, &put, at(8)).await;
    assert!(matches!(refused, Err(ChangeContactError::NoSuchGroup(_))), "{refused:?}");

    for n in 1..MOST_GROUP_RULES {
        let new = NewGroup { rule: Some(tagged("x")), ..new_group(own, &format!("r{n}")) };
        store.create_group(reach, &new, at(9)).await.unwrap();
    }
    let new = NewGroup { rule: Some(tagged("x")), ..new_group(own, "one more") };
    let refused = store.create_group(reach, &new, at(9)).await;
    assert!(matches!(refused, Err(CreateGroupError::TooManyRules)), "{refused:?}");
}

pub(crate) async fn contacts_are_found_by_a_tag(store: Store) {
    let ani = store.create_user(everything(), &new_user("ani", Role::User), at(0)).await.unwrap();
    let (reach, own) = (ani.reach(), Some(ani.id));
    let all = [("Siti", "VIP 50%"), ("Budi", "vip2 50x"), ("vip", "Ёж")];
    let new: Vec<NewContact> = all
        .into_iter()
        .map(|(name, tags)| NewContact {
            tags: tags.split(' ').map(str::to_owned).collect(),
            ..new_contact(own, name, "+628111")
        })
        .collect();
    store.create_contacts(reach, &new, at(1)).await.unwrap();
    for (tag, names) in [
        ("vip", vec!["Siti"]),
        ("50%", vec!["Siti"]),
        ("ёЖ", vec!["vip"]),
        ("vi", vec![]),
        ("", vec![]),
    ] {
        let filter = ContactFilter { tag: Some(tag.to_owned()), ..ContactFilter::default() };
        let (found, _) = store.contacts(reach, &filter, &page(10)).await.unwrap();
        let found: Vec<&str> = found.iter().map(|contact| contact.name.as_str()).collect();
        assert_eq!(found, names, "{tag}");
    }
    let change = ContactChange { tags: Some(Vec::new()), ..ContactChange::default() };
    store.change_contact(reach, new[0].id, &change, at(2)).await.unwrap();
    let filter = ContactFilter { tag: Some("vip".to_owned()), ..ContactFilter::default() };
    assert!(store.contacts(reach, &filter, &page(10)).await.unwrap().0.is_empty());
}
