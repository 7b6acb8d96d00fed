//! Contacts, groups and templates of teams: who reads and changes them, what they follow, and what becomes of them.

use contracts::{ContactId, Holder, TeamId};
use store::{
    ContactChange, ContactFilter, CreateGroupError, CreateTemplateError, DoublesBy, GroupChange,
    GroupCondition, GroupRule, MOST_GROUPS, NewContact, NewGroup, NewSchedule, NewTeam,
    NewTemplate, Reach, Restorable, RestoreError, Role, Store, StoreError, Team, TeamChange,
    TeamError, TemplateChange, User,
};

use crate::contact_imports::new_import;
use crate::contacts::{new_contact, new_group, new_template, page};
use crate::sample::{at, everything, new_user};
use crate::schedules::new_schedule;

async fn user(store: &Store, name: &str, role: Role) -> User {
    store.create_user(everything(), &new_user(name, role), at(0)).await.unwrap()
}

async fn team(store: &Store, name: &str, users: &[&User]) -> Team {
    let users = users.iter().map(|user| user.id).collect();
    let new = NewTeam { name: name.to_owned(), users, ..NewTeam::default() };
    store.create_team(everything(), &new, at(0)).await.unwrap()
}

fn contact(team: TeamId, name: &str, number: &str) -> NewContact {
    NewContact { owner: Holder::Team(team), ..new_contact(None, name, number) }
}

fn group(team: TeamId, name: &str) -> NewGroup {
    NewGroup { owner: Holder::Team(team), ..new_group(None, name) }
}

fn template(team: TeamId, name: &str) -> NewTemplate {
    NewTemplate { owner: Holder::Team(team), ..new_template(None, name) }
}

/// The names of the contacts, groups and templates in reach, sorted.
async fn names(store: &Store, reach: Reach) -> Vec<String> {
    let (contacts, _) = store.contacts(reach, &ContactFilter::default(), &page(9)).await.unwrap();
    let (groups, _) = store.groups(reach, None, &page(9)).await.unwrap();
    let (templates, _) = store.templates(reach, None, &page(9)).await.unwrap();
    let names = contacts.into_iter().map(|one| one.name);
    let names = names.chain(groups.into_iter().map(|one| one.name));
    let mut names: Vec<String> = names.chain(templates.into_iter().map(|one| one.name)).collect();
    names.sort_unstable();
    names
}

pub(crate) async fn what_a_team_has_is_its_users_alone(store: Store) {
    let ani = user(&store, "ani", Role::User).await;
    let budi = user(&store, "budi", Role::User).await;
    let (citra, lead) =
        (user(&store, "citra", Role::User).await, user(&store, "lead", Role::Manager).await);
    let sales = team(&store, "Sales", &[&ani, &budi]).await;
    let other = team(&store, "Other", &[&citra, &lead]).await;

    // Whoever is of it makes something for it, and nobody else does.
    let siti = contact(sales.id, "Siti", "+628111");
    for stranger in [citra.reach(), lead.reach()] {
        let refused = store.create_contacts(stranger, std::slice::from_ref(&siti), at(1)).await;
        assert!(refused.is_err());
        let refused = store.create_group(stranger, &group(sales.id, "Toko"), at(1)).await;
        let refused = refused.unwrap_err();
        assert!(matches!(refused, CreateGroupError::Store(StoreError::OutOfReach { .. })));
        let refused = store.create_template(stranger, &template(sales.id, "Salam"), at(1)).await;
        let refused = refused.unwrap_err();
        assert!(matches!(refused, CreateTemplateError::Store(StoreError::OutOfReach { .. })));
    }
    let nowhere = contact(TeamId::new(), "x", "+628112");
    assert!(store.create_contacts(everything(), &[nowhere], at(1)).await.is_err());
    let toko = store.create_group(ani.reach(), &group(sales.id, "Toko"), at(1)).await.unwrap();
    assert_eq!(toko.owner, Holder::Team(sales.id));
    let siti = NewContact { groups: vec![toko.id], ..siti };
    store.create_contacts(ani.reach(), std::slice::from_ref(&siti), at(1)).await.unwrap();
    let salam = store.create_template(ani.reach(), &template(sales.id, "Salam"), at(1)).await;
    let salam = salam.unwrap();

    // Its users read and change it, and it is not there for whoever is of another team, a manager too.
    let all = ["Salam", "Siti", "Toko"];
    for reach in [ani.reach(), budi.reach(), everything()] {
        assert_eq!(names(&store, reach).await, all);
        let found = store.contact(reach, siti.id).await.unwrap().unwrap();
        assert_eq!((found.owner, found.groups), (Holder::Team(sales.id), vec![toko.id]));
        let numbers = [siti.number.clone()];
        let found = store.contacts_of_phones(reach, Holder::Team(sales.id), &numbers).await;
        assert_eq!(found.unwrap().len(), 1);
    }
    let renamed = ContactChange { name: Some("Siti".to_owned()), ..ContactChange::default() };
    let regrouped = GroupChange { name: Some("Toko".to_owned()), ..GroupChange::default() };
    let retold = TemplateChange { text: Some("Hai".to_owned()), ..TemplateChange::default() };
    for stranger in [citra.reach(), lead.reach()] {
        assert_eq!(names(&store, stranger).await, [""; 0]);
        assert_eq!(store.contact(stranger, siti.id).await.unwrap(), None);
        assert_eq!(store.group(stranger, toko.id).await.unwrap(), None);
        assert_eq!(store.template(stranger, salam.id).await.unwrap(), None);
        let numbers = [siti.number.clone()];
        let found = store.contacts_of_phones(stranger, Holder::Team(sales.id), &numbers).await;
        assert_eq!(found.unwrap(), []);
        let (sets, _) = store
            .doubles(stranger, Holder::Team(sales.id), DoublesBy::Name, None, 9)
            .await
            .unwrap();
        assert!(sets.is_empty());
        assert!(store.change_contact(stranger, siti.id, &renamed, at(2)).await.is_err());
        assert!(store.change_group(stranger, toko.id, &regrouped, at(2)).await.is_err());
        assert_eq!(store.change_template(stranger, salam.id, &retold, at(2)).await.unwrap(), None);
        assert!(!store.remove_contact(stranger, siti.id, at(2)).await.unwrap());
        assert!(!store.remove_group(stranger, toko.id, at(2)).await.unwrap());
        assert!(!store.remove_template(stranger, salam.id, at(2)).await.unwrap());
    }
    for reach in [budi.reach(), everything()] {
        store.change_contact(reach, siti.id, &renamed, at(3)).await.unwrap();
        store.change_group(reach, toko.id, &regrouped, at(3)).await.unwrap();
        store.change_template(reach, salam.id, &retold, at(3)).await.unwrap().unwrap();
    }
    // What one of them removed the other brings back, and nobody else.
    assert!(store.remove_contact(ani.reach(), siti.id, at(4)).await.unwrap());
    let back = store.restore(citra.reach(), Restorable::Contact(siti.id), at(4)).await;
    assert!(matches!(back, Err(RestoreError::Gone)));
    store.restore(budi.reach(), Restorable::Contact(siti.id), at(4)).await.unwrap();
    assert_eq!(store.group(ani.reach(), toko.id).await.unwrap().unwrap().members, 1);

    // Who leaves it reads no more of it, and what they made stays.
    let only = TeamChange { users: Some([budi.id].into()), ..TeamChange::default() };
    store.change_team(everything(), sales.id, &only, at(5)).await.unwrap();
    assert_eq!(names(&store, ani.reach()).await, [""; 0]);
    assert!(store.change_contact(ani.reach(), siti.id, &renamed, at(5)).await.is_err());
    assert_eq!(names(&store, budi.reach()).await, all);

    // A team that has any of it stays; what was removed a moment ago goes with the team.
    assert!(store.team_has_book(everything(), sales.id).await.unwrap());
    assert!(!store.team_has_book(everything(), other.id).await.unwrap());
    assert!(store.team_has_book(budi.reach(), sales.id).await.is_err());
    let refused = store.remove_team(everything(), sales.id, false, at(6)).await;
    assert!(matches!(refused, Err(TeamError::HasBook)), "{refused:?}");
    assert!(store.remove_contact(budi.reach(), siti.id, at(6)).await.unwrap());
    assert!(store.remove_group(budi.reach(), toko.id, at(6)).await.unwrap());
    let refused = store.remove_team(everything(), sales.id, false, at(6)).await;
    assert!(matches!(refused, Err(TeamError::HasBook)), "{refused:?}");
    let back = store.restore(budi.reach(), Restorable::Group(toko.id), at(6)).await;
    back.unwrap();
    assert!(store.remove_group(budi.reach(), toko.id, at(6)).await.unwrap());
    assert!(store.remove_template(budi.reach(), salam.id, at(6)).await.unwrap());
    assert!(!store.team_has_book(everything(), sales.id).await.unwrap());
    store.remove_team(everything(), sales.id, false, at(7)).await.unwrap();
    let back = store.restore(everything(), Restorable::Contact(siti.id), at(7)).await;
    assert!(matches!(back, Err(RestoreError::Gone)));
    store.remove_team(everything(), other.id, false, at(7)).await.unwrap();
}

pub(crate) async fn a_group_of_a_team_follows_its_contacts(store: Store) {
    let ani = user(&store, "ani", Role::User).await;
    let sales = team(&store, "Sales", &[&ani]).await;
    let tags = vec!["vip".to_owned()];
    let own = NewContact { tags: tags.clone(), ..new_contact(Some(ani.id), "Ani's", "+628110") };
    let shared = NewContact { tags: tags.clone(), ..new_contact(None, "Polisi", "110") };
    store.create_contacts(everything(), &[own, shared], at(1)).await.unwrap();
    let siti = NewContact { tags: tags.clone(), ..contact(sales.id, "Siti", "+628111") };
    store.create_contacts(ani.reach(), std::slice::from_ref(&siti), at(1)).await.unwrap();
    let rule = GroupRule { all: true, conditions: vec![GroupCondition::Tag("vip".to_owned())] };
    let vip = NewGroup { rule: Some(rule), ..group(sales.id, "vip") };
    let vip = store.create_group(ani.reach(), &vip, at(2)).await.unwrap();
    let members = async || {
        let filter = ContactFilter { group: Some(vip.id), ..ContactFilter::default() };
        let (found, _) = store.contacts(everything(), &filter, &page(9)).await.unwrap();
        found.into_iter().map(|one| one.name).collect::<Vec<_>>()
    };
    assert_eq!(members().await, ["Siti"], "neither one's own nor what all share");
    let budi = NewContact { tags, ..contact(sales.id, "Budi", "+628112") };
    store.create_contacts(ani.reach(), &[budi], at(3)).await.unwrap();
    assert_eq!(members().await, ["Budi", "Siti"]);
    let none = ContactChange { tags: Some(Vec::new()), ..ContactChange::default() };
    store.change_contact(ani.reach(), siti.id, &none, at(4)).await.unwrap();
    assert_eq!(members().await, ["Budi"]);
}

pub(crate) async fn what_a_team_has_is_sent_to_by_its_users(store: Store) {
    let ani = user(&store, "ani", Role::User).await;
    let citra = user(&store, "citra", Role::User).await;
    let sales = team(&store, "Sales", &[&ani]).await;
    let toko = store.create_group(ani.reach(), &group(sales.id, "Toko"), at(1)).await.unwrap();
    let siti = NewContact { groups: vec![toko.id], ..contact(sales.id, "Siti", "+628123456789") };
    store.create_contacts(ani.reach(), &[siti], at(1)).await.unwrap();
    let new = NewSchedule {
        groups: vec![toko.id],
        numbers: Vec::new(),
        ..new_schedule(citra.id, "Salam")
    };
    assert!(store.create_schedule(everything(), &new, at(2)).await.is_err());
    let new = NewSchedule { owner: ani.id, ..new };
    let made = store.create_schedule(ani.reach(), &new, at(2)).await.unwrap();
    let recipients =
        async || store.schedule_recipients(ani.reach(), made.id).await.unwrap().unwrap().len();
    assert_eq!(recipients().await, 1);
    // A file of contacts is one of the team.
    let import =
        store::NewContactImport { owner: Holder::Team(sales.id), ..new_import(ani.id, &[1]) };
    let import = store.create_contact_import(ani.reach(), &import, at(4)).await.unwrap();
    assert_eq!(import.owner, Holder::Team(sales.id));
    let found = store.contact_import(ani.reach(), import.id).await.unwrap().unwrap();
    assert_eq!(found.owner, Holder::Team(sales.id));

    // Who has left the team sends to nobody of it.
    let none = TeamChange { users: Some([].into()), ..TeamChange::default() };
    store.change_team(everything(), sales.id, &none, at(3)).await.unwrap();
    assert_eq!(recipients().await, 0);
}

pub(crate) async fn bounds_of_what_a_team_has_hold(store: Store) {
    let ani = user(&store, "ani", Role::User).await;
    let (sales, other) = (team(&store, "Sales", &[&ani]).await, team(&store, "B", &[&ani]).await);
    for n in 0..MOST_GROUPS {
        store.create_group(ani.reach(), &group(sales.id, &format!("g{n}")), at(1)).await.unwrap();
    }
    let refused = store.create_group(ani.reach(), &group(sales.id, "one more"), at(1)).await;
    assert!(matches!(refused, Err(CreateGroupError::TooMany)), "{refused:?}");
    // Each owner has names of its own.
    store.create_group(ani.reach(), &group(other.id, "g0"), at(1)).await.unwrap();
    store.create_group(ani.reach(), &new_group(Some(ani.id), "g0"), at(1)).await.unwrap();
    let refused = store.create_group(ani.reach(), &group(other.id, "G0"), at(1)).await;
    assert!(matches!(refused, Err(CreateGroupError::NameTaken(_))), "{refused:?}");
    // What is brought for one owner is not what is brought for another.
    let of = |owner: Holder| ContactId::of_source(everything().org, owner, "7");
    assert_ne!(of(Holder::Team(sales.id)), of(Holder::Team(other.id)));
    assert_ne!(of(Holder::Team(sales.id)), of(Holder::Everybody));
}
