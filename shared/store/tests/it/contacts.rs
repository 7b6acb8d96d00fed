//! Contacts, groups and templates.

use contracts::{ContactId, GroupId, Holder, PhoneNumber, UserId};
use store::{
    ChangeContactError, ChangeGroupError, Contact, ContactChange, ContactFilter,
    CreateContactsError, CreateGroupError, CreateTemplateError, Group, GroupChange, MOST_GROUPS,
    MOST_GROUPS_OF_CONTACT, NamePage, NewContact, NewGroup, NewTemplate, Reach, Role, Store,
    StoreError, TemplateChange, User,
};

use crate::sample::{at, everything, new_user};

pub(crate) fn new_contact(owner: Option<UserId>, name: &str, number: &str) -> NewContact {
    NewContact {
        id: ContactId::new(),
        owner: owner.into(),
        name: name.to_owned(),
        number: PhoneNumber::parse(number).unwrap(),
        email: None,
        note: None,
        tags: Vec::new(),
        fields: std::collections::BTreeMap::new(),
        groups: Vec::new(),
    }
}

pub(crate) fn new_group(owner: Option<UserId>, name: &str) -> NewGroup {
    NewGroup { owner: owner.into(), name: name.to_owned(), code: None, rule: None }
}

pub(crate) fn new_template(owner: Option<UserId>, name: &str) -> NewTemplate {
    NewTemplate { owner: owner.into(), name: name.to_owned(), text: "Halo".to_owned() }
}

pub(crate) const fn page(limit: u32) -> NamePage {
    NamePage { after: None, limit }
}

async fn user(store: &Store, name: &str) -> User {
    store.create_user(everything(), &new_user(name, Role::User), at(0)).await.unwrap()
}

async fn names(store: &Store, reach: Reach, search: &str) -> Vec<String> {
    let filter = ContactFilter { search: Some(search.to_owned()), group: None, tag: None };
    let (contacts, _) = store.contacts(reach, &filter, &page(100)).await.unwrap();
    contacts.into_iter().map(|contact| contact.name).collect()
}

async fn group(store: &Store, reach: Reach, owner: Option<UserId>, name: &str) -> Group {
    store.create_group(reach, &new_group(owner, name), at(1)).await.unwrap()
}

pub(crate) async fn contacts_are_found_by_name_in_pages(store: Store) {
    let ani = user(&store, "ani").await;
    let (reach, own) = (ani.reach(), Some(ani.id));
    let new: Vec<NewContact> = ["budi", "Ani", "citra", "BUDI", "dewi 100%"]
        .into_iter()
        .enumerate()
        .map(|(n, name)| new_contact(own, name, &format!("+6281234567{n}0")))
        .collect();
    let mut with_all = new_contact(own, "Eka_9", "0812999");
    (with_all.email, with_all.note) = (Some("Eka@a.example".to_owned()), Some("\0".to_owned()));
    with_all.tags = vec!["VIP".to_owned(), "toko".to_owned()];
    let made = store.create_contacts(reach, &[&new[..], &[with_all.clone()]].concat(), at(1)).await;
    assert_eq!(made.unwrap(), [true; 6]);
    // What is there already stays, and of two with one id the first is made.
    let twice = new_contact(own, "Fitri", "0813");
    let other = NewContact { name: "other".to_owned(), ..new[0].clone() };
    let again = [other, twice.clone(), twice];
    let made = store.create_contacts(reach, &again, at(2)).await.unwrap();
    assert_eq!(made, [false, true, false]);

    let filter = ContactFilter::default();
    let (mut found, mut place) = (Vec::new(), page(3));
    loop {
        let (contacts, next) = store.contacts(reach, &filter, &place).await.unwrap();
        assert!(contacts.len() <= 3);
        found.extend(contacts.iter().map(|contact| contact.name.to_lowercase()));
        let Some(next) = next else { break };
        // A place goes by its text form, and is good when its row is gone.
        if place.after.is_none() {
            store.remove_contact(reach, contacts[2].id, at(20)).await.unwrap();
        }
        place.after = Some(next.to_string().parse().unwrap());
    }
    assert_eq!(found, ["ani", "budi", "budi", "citra", "dewi 100%", "eka_9", "fitri"]);

    for (search, expected) in [
        ("BUD", &["budi"][..]),
        ("812999", &["Eka_9"]),
        ("A_EXAMPLE", &[]),
        ("a.example", &["Eka_9"]),
        ("vip", &["Eka_9"]),
        ("0%", &["dewi 100%"]),
        ("%", &["dewi 100%"]),
        ("_", &["Eka_9"]),
        ("\\", &[]),
        ("' OR 1=1 --", &[]),
        ("\0", &[]),
    ] {
        // Of the two of one name, one ended a page above, and is gone.
        assert_eq!(names(&store, reach, search).await, expected, "{search}");
    }
    let read = store.contact(reach, with_all.id).await.unwrap().unwrap();
    assert_eq!((read.note.as_deref(), read.tags.len()), (Some("\u{fffd}"), 2));
    assert!(!format!("{read:?}").contains("0812999"));
}

pub(crate) async fn a_contact_is_changed_with_its_groups(store: Store) {
    let (ani, budi) = (user(&store, "ani").await, user(&store, "budi").await);
    let (reach, own) = (ani.reach(), Some(ani.id));
    let (toko, vip) =
        (group(&store, reach, own, "Toko").await, group(&store, reach, own, "VIP").await);
    let theirs = group(&store, budi.reach(), Some(budi.id), "Toko").await;
    let contact = NewContact { groups: vec![toko.id], ..new_contact(own, "Siti", "+628123456789") };
    store.create_contacts(reach, std::slice::from_ref(&contact), at(1)).await.unwrap();
    let read = async || store.contact(reach, contact.id).await.unwrap().unwrap();
    assert_eq!(read().await.groups, [toko.id]);
    assert_eq!(store.group(reach, toko.id).await.unwrap().unwrap().members, 1);

    let change = ContactChange {
        name: Some("Siti N.".to_owned()),
        number: Some(PhoneNumber::parse("0811").unwrap()),
        email: Some("siti@a.example".to_owned()),
        note: Some("x".to_owned()),
        tags: Some(vec!["a".to_owned()]),
        fields: Some([("Kota".to_owned(), "Ga\0rut".to_owned())].into_iter().collect()),
        groups: Some(vec![vip.id]),
    };
    let changed: Contact = store.change_contact(reach, contact.id, &change, at(2)).await.unwrap();
    assert_eq!(changed.fields["Kota"], "Ga\u{fffd}rut");
    assert_eq!((changed.name.as_str(), &changed.groups[..]), ("Siti N.", &[vip.id][..]));
    let clear = ContactChange {
        email: Some(String::new()),
        note: Some(String::new()),
        ..ContactChange::default()
    };
    let changed = store.change_contact(reach, contact.id, &clear, at(3)).await.unwrap();
    assert_eq!((changed.email, changed.note, changed.tags), (None, None, vec!["a".to_owned()]));
    assert_eq!((changed.updated_at, changed.groups), (at(3), vec![vip.id]));

    // No group of somebody else, nor one that is not there.
    for group in [theirs.id, GroupId::new()] {
        let change = ContactChange { groups: Some(vec![group]), ..ContactChange::default() };
        let refused = store.change_contact(reach, contact.id, &change, at(4)).await;
        assert!(matches!(refused, Err(ChangeContactError::NoSuchGroup(id)) if id == group));
        let new = NewContact { groups: vec![group], ..new_contact(own, "x", "0811") };
        let refused = store.create_contacts(reach, &[new], at(4)).await;
        assert!(matches!(refused, Err(CreateContactsError::NoSuchGroup(id)) if id == group));
    }
    assert_eq!(names(&store, reach, "x").await, [""; 0], "nothing of it was made");

    // By the group's side.
    let change = GroupChange {
        name: Some("Toko kue".to_owned()),
        code: Some("TOKO".to_owned()),
        add: vec![contact.id, contact.id],
        ..GroupChange::default()
    };
    let changed = store.change_group(reach, toko.id, &change, at(5)).await.unwrap();
    assert_eq!((changed.members, changed.code.as_deref()), (1, Some("TOKO")));
    let of_group = ContactFilter { group: Some(toko.id), ..ContactFilter::default() };
    assert_eq!(store.contacts(reach, &of_group, &page(9)).await.unwrap().0.len(), 1);
    let change = GroupChange {
        code: Some(String::new()),
        remove: vec![contact.id],
        ..GroupChange::default()
    };
    let changed = store.change_group(reach, toko.id, &change, at(6)).await.unwrap();
    assert_eq!((changed.members, changed.code, changed.name.as_str()), (0, None, "Toko kue"));
    let taken = GroupChange { name: Some("vip".to_owned()), ..GroupChange::default() };
    let taken = store.change_group(reach, toko.id, &taken, at(7)).await;
    assert!(matches!(taken, Err(ChangeGroupError::NameTaken(_))));
    let absent = GroupChange { add: vec![ContactId::new()], ..GroupChange::default() };
    let absent = store.change_group(reach, toko.id, &absent, at(7)).await;
    assert!(matches!(absent, Err(ChangeGroupError::NoSuchContact(_))));

    assert!(store.remove_group(reach, vip.id, at(20)).await.unwrap());
    assert_eq!(read().await.groups, []);
    assert!(store.remove_contact(reach, contact.id, at(20)).await.unwrap());
    assert!(!store.remove_contact(reach, contact.id, at(20)).await.unwrap());
    let gone = store.change_contact(reach, contact.id, &clear, at(8)).await;
    assert!(matches!(gone, Err(ChangeContactError::NoSuchContact)));
}

pub(crate) async fn of_each_phone_contacts_are_found(store: Store) {
    let ani = user(&store, "ani").await;
    let (reach, own) = (ani.reach(), Some(ani.id));
    let many: Vec<NewContact> =
        (0..20).map(|n| new_contact(own, &format!("c{n:02}"), "+628111111111")).collect();
    store.create_contacts(reach, &many, at(1)).await.unwrap();
    // The same digits in many countries, before the one that is meant, and before a number without a country.
    let abroad: Vec<NewContact> =
        (0..9).map(|n| new_contact(own, &format!("a{n}"), &format!("+6{n}812345678"))).collect();
    let last = new_contact(own, "last", "+99812345678");
    store.create_contacts(reach, &abroad, at(2)).await.unwrap();
    store.create_contacts(reach, std::slice::from_ref(&last), at(3)).await.unwrap();
    let national = new_contact(own, "national", "0812345678");
    store.create_contacts(reach, std::slice::from_ref(&national), at(4)).await.unwrap();
    let found = async |numbers: &[&str]| {
        let numbers: Vec<PhoneNumber> =
            numbers.iter().map(|number| PhoneNumber::parse(number).unwrap()).collect();
        let found = store.contacts_of_phones(reach, own.into(), &numbers).await.unwrap();
        found.into_iter().map(|contact| contact.name).collect::<Vec<_>>()
    };
    assert_eq!(found(&["+628111111111"]).await.len(), 4);
    let both = found(&["+628111111111", "+99812345678"]).await;
    assert_eq!(both.len(), 8, "{both:?}");
    assert!(both.contains(&"last".to_owned()) && both.contains(&"national".to_owned()), "{both:?}");
    assert_eq!(found(&[]).await, [""; 0]);
}

pub(crate) async fn bounds_of_contacts_hold(store: Store) {
    let ani = user(&store, "ani").await;
    let (reach, own) = (ani.reach(), Some(ani.id));
    let contact = new_contact(own, "Siti", "0811");
    store.create_contacts(reach, std::slice::from_ref(&contact), at(1)).await.unwrap();
    let most = usize::try_from(MOST_GROUPS).unwrap();
    for n in 0..most {
        let group = group(&store, reach, own, &format!("g{n:03}")).await;
        if n > MOST_GROUPS_OF_CONTACT {
            continue;
        }
        let add = GroupChange { add: vec![contact.id], ..GroupChange::default() };
        let added = store.change_group(reach, group.id, &add, at(2)).await;
        if n < MOST_GROUPS_OF_CONTACT {
            assert_eq!(added.unwrap().members, 1);
        } else {
            assert!(matches!(added, Err(ChangeGroupError::TooManyGroups(id)) if id == contact.id));
        }
    }
    let more = store.create_group(reach, &new_group(own, "more"), at(3)).await;
    assert!(matches!(more, Err(CreateGroupError::TooMany)));
    let taken = store.create_group(everything(), &new_group(None, "g000"), at(3)).await;
    assert!(taken.is_ok(), "the name is free among what is shared");
    let stranger = new_contact(Some(UserId::new()), "x", "0811");
    let refused = store.create_contacts(everything(), &[stranger], at(3)).await;
    let is_out = |error| matches!(error, CreateContactsError::Store(StoreError::OutOfReach { .. }));
    assert!(refused.is_err_and(is_out));
}

pub(crate) async fn what_is_shared_is_read_by_everybody_and_changed_by_administrators(
    store: Store,
) {
    let ani = user(&store, "ani").await;
    let reach = ani.reach();
    let shared = new_contact(None, "Polisi", "110");
    let refused = store.create_contacts(reach, std::slice::from_ref(&shared), at(1)).await;
    assert!(refused.is_err());
    let toko = group(&store, everything(), None, "Toko").await;
    let shared = NewContact { groups: vec![toko.id], ..shared };
    store.create_contacts(everything(), std::slice::from_ref(&shared), at(1)).await.unwrap();
    let (groups, _) = store.groups(reach, Some("TOKO"), &page(9)).await.unwrap();
    assert_eq!((groups.len(), groups[0].owner, groups[0].members), (1, Holder::Everybody, 1));
    assert_eq!(names(&store, reach, "110").await, ["Polisi"]);
    assert_eq!(store.contact(reach, shared.id).await.unwrap().unwrap().groups, [toko.id]);
    let change = ContactChange { name: Some("x".to_owned()), ..ContactChange::default() };
    assert!(store.change_contact(reach, shared.id, &change, at(2)).await.is_err());
    assert!(!store.remove_contact(reach, shared.id, at(20)).await.unwrap());
    assert!(!store.remove_group(reach, toko.id, at(20)).await.unwrap());
    // A contact that is shared may be in a group of one's own.
    let own = group(&store, reach, Some(ani.id), "own").await;
    let add = GroupChange { add: vec![shared.id], ..GroupChange::default() };
    assert_eq!(store.change_group(reach, own.id, &add, at(3)).await.unwrap().members, 1);
    assert!(store.change_group(reach, toko.id, &add, at(3)).await.is_err());
    let changed = store.change_contact(everything(), shared.id, &change, at(4)).await.unwrap();
    assert_eq!((changed.name.as_str(), changed.groups.len()), ("x", 2));
}

pub(crate) async fn templates_are_kept(store: Store) {
    let ani = user(&store, "ani").await;
    let (reach, own) = (ani.reach(), Some(ani.id));
    let made = store.create_template(reach, &new_template(own, "Salam"), at(1)).await.unwrap();
    assert_eq!(store.template(reach, made.id).await.unwrap(), Some(made.clone()));
    let taken = store.create_template(reach, &new_template(own, "SALAM"), at(1)).await;
    assert!(matches!(taken, Err(CreateTemplateError::NameTaken(_))));
    let other = store.create_template(reach, &new_template(own, "Buka"), at(1)).await.unwrap();
    let change =
        TemplateChange { name: Some("salam".to_owned()), text: Some("Buka jam 9".to_owned()) };
    let taken = store.change_template(reach, other.id, &change, at(2)).await;
    assert!(matches!(taken, Err(CreateTemplateError::NameTaken(_))));
    let change = TemplateChange { name: None, ..change };
    let changed = store.change_template(reach, other.id, &change, at(2)).await.unwrap().unwrap();
    assert_eq!((changed.text.as_str(), changed.updated_at), ("Buka jam 9", at(2)));
    let (found, _) = store.templates(reach, Some("JAM 9"), &page(9)).await.unwrap();
    assert_eq!(found, [changed]);
    assert_eq!(store.templates(reach, None, &page(9)).await.unwrap().0.len(), 2);
    assert!(store.remove_template(reach, made.id, at(20)).await.unwrap());
    let gone = store.change_template(reach, made.id, &TemplateChange::default(), at(3)).await;
    assert_eq!(gone.unwrap(), None);
    assert!(store.create_template(reach, &new_template(None, "shared"), at(3)).await.is_err());
}

/// Neither engine's idea of letter case counts, and what was changed is found by what it is now.
pub(crate) async fn what_is_searched_for_is_found_in_every_alphabet(store: Store) {
    let ani = user(&store, "ani").await;
    let (reach, own) = (ani.reach(), Some(ani.id));
    let contact = NewContact {
        email: Some("ÜNAL@a.example".to_owned()),
        tags: vec!["ВИП".to_owned()],
        ..new_contact(own, "ЖУК", "0811")
    };
    store.create_contacts(reach, std::slice::from_ref(&contact), at(1)).await.unwrap();
    for search in ["жук", "ЖУК", "вип", "ünal@", "Ünal@A"] {
        assert_eq!(names(&store, reach, search).await, ["ЖУК"], "{search}");
    }
    let change = ContactChange { tags: Some(vec!["Ёж".to_owned()]), ..ContactChange::default() };
    store.change_contact(reach, contact.id, &change, at(2)).await.unwrap();
    assert_eq!(names(&store, reach, "вип").await, [""; 0]);
    assert_eq!(names(&store, reach, "ёж").await, ["ЖУК"]);

    let new = NewGroup { code: Some("КОД".to_owned()), ..new_group(own, "Группа") };
    let group = store.create_group(reach, &new, at(3)).await.unwrap();
    let new =
        NewTemplate { text: "Привет, МИР".to_owned(), ..new_template(own, "Тема") };
    let template = store.create_template(reach, &new, at(3)).await.unwrap();
    let groups = async |search| store.groups(reach, Some(search), &page(9)).await.unwrap().0.len();
    let templates =
        async |search| store.templates(reach, Some(search), &page(9)).await.unwrap().0.len();
    for search in ["группа", "код", "ГРУ"] {
        assert_eq!(groups(search).await, 1, "{search}");
    }
    for search in ["тема", "мир", "ПРИВЕТ"] {
        assert_eq!(templates(search).await, 1, "{search}");
    }
    let change = GroupChange { name: Some("Друзья".to_owned()), ..GroupChange::default() };
    store.change_group(reach, group.id, &change, at(4)).await.unwrap();
    assert_eq!((groups("группа").await, groups("ДРУЗ").await, groups("код").await), (0, 1, 1));
    let change = TemplateChange { text: Some("Пока".to_owned()), ..TemplateChange::default() };
    store.change_template(reach, template.id, &change, at(4)).await.unwrap();
    assert_eq!(
        (templates("мир").await, templates("ПОКА").await, templates("тема").await),
        (0, 1, 1)
    );
}

/// Groups of others, and those that all share, count too.
pub(crate) async fn a_contact_is_in_so_many_groups_whosever_they_are(store: Store) {
    let ani = user(&store, "ani").await;
    let (reach, own) = (ani.reach(), Some(ani.id));
    let contact = new_contact(own, "Siti", "0811");
    store.create_contacts(reach, std::slice::from_ref(&contact), at(1)).await.unwrap();
    let add = GroupChange { add: vec![contact.id], ..GroupChange::default() };
    for n in 1..MOST_GROUPS_OF_CONTACT {
        let shared = group(&store, everything(), None, &format!("s{n:02}")).await;
        store.change_group(everything(), shared.id, &add, at(2)).await.unwrap();
    }
    let (one, two) =
        (group(&store, reach, own, "one").await, group(&store, reach, own, "two").await);
    let put = async |groups: &[GroupId]| {
        let change = ContactChange { groups: Some(groups.to_vec()), ..ContactChange::default() };
        store.change_contact(reach, contact.id, &change, at(3)).await
    };
    let both = put(&[one.id, two.id]).await;
    assert!(matches!(both, Err(ChangeContactError::TooManyGroups)), "{both:?}");
    assert_eq!(put(&[one.id]).await.unwrap().groups.len(), MOST_GROUPS_OF_CONTACT);
    let other = store.change_group(reach, two.id, &add, at(4)).await;
    assert!(matches!(other, Err(ChangeGroupError::TooManyGroups(id)) if id == contact.id));
    // What is there stays, and may be taken out.
    assert_eq!(put(&[one.id]).await.unwrap().groups.len(), MOST_GROUPS_OF_CONTACT);
    assert_eq!(put(&[two.id]).await.unwrap().groups.len(), MOST_GROUPS_OF_CONTACT);
}
