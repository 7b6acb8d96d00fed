//! Teams: what belongs to them, who uses it, and what their managers see.

use std::collections::BTreeSet;

use contracts::config_kv::{self, Access, Sim};
use contracts::mt::MtRequest;
use contracts::{Address, BatchId, OrgId, PhoneNumber, SimId, UserId};
use store::{
    ConversationFilter, InboxFilter, MOST_SIMS_OF_TEAM, MOST_TEAMS_OF_USER, MOST_USERS_OF_TEAM,
    MessageFilter, NewTeam, Page, Reach, Reader, Role, SimChange, SimError, Store, TallyBy,
    TallyFilter, TeamChange, TeamError, User,
};

use crate::sample::{at, everything, mo, new_user, org, received, request, store_all};

async fn user(store: &Store, name: &str, role: Role) -> User {
    store.create_user(everything(), &new_user(name, role), at(0)).await.unwrap()
}

fn new_team(name: &str, users: &[&User], sims: &[SimId]) -> NewTeam {
    NewTeam {
        name: name.to_owned(),
        own_sims_only: false,
        users: users.iter().map(|user| user.id).collect(),
        sims: sims.iter().copied().collect(),
        takes_sims: false,
    }
}

/// A setting as routers read it.
async fn setting<T: serde::de::DeserializeOwned>(store: &Store, key: &str) -> T {
    let setting = store.setting(key).await.unwrap().unwrap();
    serde_json::from_value(setting.value).unwrap()
}

pub(crate) async fn a_sim_of_a_team_is_for_its_users_alone(store: Store) {
    let (ani, budi) =
        (user(&store, "ani", Role::User).await, user(&store, "budi", Role::User).await);
    let cici = user(&store, "cici", Role::User).await;
    let (sim, other) = (SimId::derived("1"), SimId::derived("2"));
    let vip = SimChange { pool: Some("vip".parse().unwrap()), ..SimChange::default() };
    store.change_sim(everything(), sim, &vip, at(1)).await.unwrap();
    let sales = new_team("Sales", &[&ani, &budi], &[sim]);
    let team = store.create_team(everything(), &sales, at(2)).await.unwrap();
    assert_eq!(store.team(everything(), team.id).await.unwrap().as_ref(), Some(&team));
    assert_eq!(
        store.teams(ani.reach()).await.unwrap(),
        std::slice::from_ref(&team),
        "those of one's own"
    );
    assert_eq!(store.teams(cici.reach()).await.unwrap(), []);
    // The wall is what the SIM says, and the same for whoever knows nothing of teams.
    let of_team = async |users: &[&User]| {
        let is = store.sim(everything(), sim).await.unwrap();
        let users = Access::only(users.iter().map(|user| user.id));
        assert_eq!((&is.senders, &is.readers), (&users, &users));
        assert_eq!(setting::<Sim>(&store, &format!("sim.{sim}")).await, is);
        is
    };
    let is = of_team(&[&ani, &budi]).await;
    let named = config_kv::SimTeam { id: team.id, name: "Sales".to_owned() };
    assert_eq!((is.team, is.pool.as_str()), (Some(named), "vip"));
    let may = async |user: &User| {
        let as_administrator = store.may_send_through(everything(), user.id, sim).await.unwrap();
        let may = store.may_send_through(user.reach(), user.id, sim).await.unwrap();
        assert_eq!(as_administrator, may, "no administrator passes the wall");
        may
    };
    assert!(may(&ani).await && may(&budi).await && !may(&cici).await);
    let told: config_kv::Team = setting(&store, &config_kv::Team::key(team.id)).await;
    assert_eq!((told.users, told.sims, told.own_sims_only), (team.users, team.sims, false));

    // Who uses it is said by the team alone; all else as of other SIMs.
    let open = SimChange { senders: Some(Access::everybody()), ..SimChange::default() };
    let refused = store.change_sim(everything(), sim, &open, at(3)).await.unwrap_err();
    assert!(matches!(&refused, SimError::OfTeam(name) if name == "Sales"), "{refused}");
    let main = SimChange { pool: Some("main".parse().unwrap()), ..SimChange::default() };
    let changed = store.change_sim(everything(), sim, &main, at(3)).await.unwrap();
    assert_eq!(changed.pool.as_str(), "main");
    of_team(&[&ani, &budi]).await;

    // With the users of the team, and its name, the wall changes.
    let change = TeamChange {
        name: Some("Support".to_owned()),
        users: Some([budi.id, cici.id].into()),
        sims: Some([sim, other].into()),
        ..TeamChange::default()
    };
    let changed = store.change_team(everything(), team.id, &change, at(4)).await.unwrap();
    assert_eq!((changed.name.as_str(), changed.sims.len()), ("Support", 2));
    assert_eq!(of_team(&[&budi, &cici]).await.team.unwrap().name, "Support");
    assert!(!may(&ani).await && may(&budi).await && may(&cici).await);

    // Whoever keeps to the SIMs of their team sends through no other one, for administrators either.
    let free = SimId::derived("3");
    let through_free = async |user: &User| {
        let is_reached = store.sends_through(user.reach(), free).await.unwrap();
        assert!(is_reached, "it is for everybody");
        store.may_send_through(everything(), user.id, free).await.unwrap()
    };
    assert!(through_free(&budi).await);
    let only = |only| TeamChange { own_sims_only: Some(only), ..TeamChange::default() };
    store.change_team(everything(), team.id, &only(true), at(4)).await.unwrap();
    assert!(!through_free(&budi).await && through_free(&ani).await && may(&budi).await);
    store.change_team(everything(), team.id, &only(false), at(4)).await.unwrap();

    // A SIM belongs to one team, and a team goes without SIMs.
    let another = store.create_team(everything(), &new_team("Other", &[], &[sim]), at(5)).await;
    assert!(matches!(another, Err(TeamError::SimOfAnother(of)) if of == sim), "{another:?}");
    assert_eq!(store.teams(everything()).await.unwrap().len(), 1, "nothing was made");
    // Or it goes from one to the other at once, when that is said.
    let taking = NewTeam { takes_sims: true, ..new_team("Other", &[&ani], &[sim]) };
    let taker = store.create_team(everything(), &taking, at(5)).await.unwrap();
    assert_eq!(of_team(&[&ani]).await.team.map(|team| team.id), Some(taker.id));
    let told: config_kv::Team = setting(&store, &config_kv::Team::key(team.id)).await;
    assert_eq!(told.sims, [other].into());
    let back =
        TeamChange { sims: Some([sim, other].into()), takes_sims: true, ..TeamChange::default() };
    store.change_team(everything(), team.id, &back, at(5)).await.unwrap();
    of_team(&[&budi, &cici]).await;
    assert_eq!(store.team(everything(), taker.id).await.unwrap().unwrap().sims, [].into());
    store.remove_team(everything(), taker.id, false, at(5)).await.unwrap();
    let removed = store.remove_team(everything(), team.id, false, at(6)).await;
    assert!(matches!(removed, Err(TeamError::HasSims(2))), "{removed:?}");
    assert!(!may(&ani).await, "nothing was changed");
    // What somebody else changed since is not written over.
    let seen = store.team(everything(), team.id).await.unwrap().unwrap().version();
    let none = TeamChange {
        version: Some(seen.clone()),
        sims: Some([sim].into()),
        ..TeamChange::default()
    };
    let now = store.change_team(everything(), team.id, &none, at(7)).await.unwrap();
    assert_ne!(now.version(), seen);
    let late = store.change_team(everything(), team.id, &none, at(7)).await;
    assert!(matches!(late, Err(TeamError::Meanwhile)), "{late:?}");
    store.remove_team(everything(), team.id, true, at(8)).await.unwrap();
    let free = store.sim(everything(), sim).await.unwrap();
    let unset = Sim::unset(org());
    assert_eq!((&free.senders, &free.readers), (&unset.senders, &unset.readers));
    assert_eq!((free.team.clone(), free.pool.as_str()), (None, "main"));
    assert_eq!(setting::<Sim>(&store, &format!("sim.{sim}")).await, free);
    let told: config_kv::Team = setting(&store, &config_kv::Team::key(team.id)).await;
    assert!(told.users.is_empty() && told.sims.is_empty());
    let gone = store.remove_team(everything(), team.id, false, at(9)).await;
    assert!(matches!(gone, Err(TeamError::NoSuchTeam)), "{gone:?}");
}

pub(crate) async fn bounds_of_teams_hold(store: Store) {
    let ani = user(&store, "ani", Role::User).await;
    let make = async |new: NewTeam| store.create_team(everything(), &new, at(1)).await;
    for n in 0..MOST_TEAMS_OF_USER {
        make(new_team(&format!("team {n}"), &[&ani], &[])).await.unwrap();
    }
    let refused = make(new_team("one more", &[&ani], &[])).await;
    assert!(matches!(refused, Err(TeamError::TooManyTeams(of)) if of == ani.id), "{refused:?}");
    let refused = make(new_team("TEAM 0", &[], &[])).await;
    assert!(matches!(&refused, Err(TeamError::NameTaken(_))), "{refused:?}");
    let stranger = UserId::new();
    let refused = make(NewTeam { users: [stranger].into(), ..new_team("x", &[], &[]) }).await;
    assert!(matches!(refused, Err(TeamError::NoSuchUser(of)) if of == stranger), "{refused:?}");
    let many = (0..=MOST_USERS_OF_TEAM).map(|_| UserId::new()).collect();
    let refused = make(NewTeam { users: many, ..new_team("x", &[], &[]) }).await;
    assert!(matches!(refused, Err(TeamError::TooManyUsers)), "{refused:?}");
    let many: Vec<SimId> =
        (0..=MOST_SIMS_OF_TEAM).map(|n| SimId::derived(&n.to_string())).collect();
    let refused = make(new_team("x", &[], &many)).await;
    assert!(matches!(refused, Err(TeamError::TooManySims)), "{refused:?}");
    assert_eq!(store.teams(everything()).await.unwrap().len(), MOST_TEAMS_OF_USER as usize);
    // Two teams with as many as there may be exchange them, and only for that one of them has more.
    let sims = |from: usize, count: usize| -> BTreeSet<SimId> {
        (from..from + count).map(|n| SimId::derived(&format!("of team {n}"))).collect()
    };
    let team = store.teams(everything()).await.unwrap().remove(0).id;
    let change = async |of: BTreeSet<SimId>, takes_sims| {
        let change = TeamChange { sims: Some(of), takes_sims, ..TeamChange::default() };
        store.change_team(everything(), team, &change, at(1)).await
    };
    let most = MOST_SIMS_OF_TEAM;
    change(sims(0, most), false).await.unwrap();
    let refused = change(sims(0, most + 1), false).await;
    assert!(matches!(refused, Err(TeamError::TooManySims)), "{refused:?}");
    let refused = change(sims(0, 2 * most + 1), true).await;
    assert!(matches!(refused, Err(TeamError::TooManySims)), "{refused:?}");
    change(sims(0, 2 * most), true).await.unwrap();
    let name = TeamChange { name: Some("many".to_owned()), ..TeamChange::default() };
    store.change_team(everything(), team, &name, at(1)).await.unwrap();
    change(BTreeSet::new(), false).await.unwrap();
    // Another organisation has no SIM of this one.
    let abroad = Reach::everything(OrgId::derived("abroad"));
    let refused = store.create_team(abroad, &new_team("x", &[], &many[..1]), at(2)).await;
    assert!(refused.is_err(), "{refused:?}");
    let sims = store.sims(everything()).await.unwrap();
    assert!(sims.iter().all(|(_, sim)| sim.team.is_none() && sim.org == org()));
}

/// What somebody sees of messages, by each way that shows them.
async fn seen(store: &Store, of: &User, batch: BatchId) -> BTreeSet<String> {
    let (reach, page) = (of.reach(), Page::default());
    let mut all = BTreeSet::new();
    let sent = store.messages(reach, &MessageFilter::default(), page).await.unwrap().messages;
    let inbox = store.inbox(reach, &InboxFilter::default(), page).await.unwrap().messages;
    let mut times: Vec<_> = sent.iter().map(|message| message.created_at).collect();
    assert!(times.is_sorted_by(|a, b| a >= b), "newest first: {times:?}");
    times.dedup();
    assert_eq!(times.len(), sent.len(), "each once");
    for message in &sent {
        assert!(store.message(reach, message.id).await.unwrap().is_some());
        assert!(store.message_detail(reach, message.id).await.unwrap().is_some());
        all.insert(format!("sent at {}", message.created_at));
    }
    for message in &inbox {
        assert!(store.received(reach, message.id).await.unwrap().is_some());
        all.insert(message.text.clone().unwrap());
    }
    // The same in conversations, batches and reports.
    let reader = Reader { account: of.id, sent: true, names: true };
    let with = Address::from_text("+628123456789");
    let lines = store.conversation(reach, reader, &with, page).await.unwrap().lines;
    assert_eq!(lines.len(), sent.len() + inbox.len(), "{}", of.name);
    let list = store
        .conversations(reach, reader, ConversationFilter::default(), page)
        .await
        .unwrap()
        .conversations;
    assert_eq!(list.len(), usize::from(!lines.is_empty()), "{}", of.name);
    let of_batch: u64 = store.batch(reach, batch).await.unwrap().iter().map(|(_, n)| n).sum();
    assert_eq!(usize::try_from(of_batch).unwrap(), sent.len(), "{}", of.name);
    let filter = TallyFilter {
        since: at(-3_600),
        until: at(9_999),
        account: None,
        sim: None,
        priority: None,
    };
    let tallies = store.tallies(reach, &filter, TallyBy::All).await.unwrap();
    let accepted: u64 = tallies.iter().map(|(_, tally)| tally.accepted()).sum();
    let heard: u64 = tallies.iter().map(|(_, tally)| tally.received).sum();
    let counts = (usize::try_from(accepted).unwrap(), usize::try_from(heard).unwrap());
    assert_eq!(counts, (sent.len(), inbox.len()), "{}", of.name);
    all
}

pub(crate) async fn a_manager_sees_the_messages_of_the_users_of_their_teams(store: Store) {
    let ani = user(&store, "ani", Role::User).await;
    let budi = user(&store, "budi", Role::User).await;
    let cici = user(&store, "cici", Role::User).await;
    let lead = user(&store, "lead", Role::Manager).await;
    let other = user(&store, "other", Role::Manager).await;
    let batch = BatchId::derived("all");
    let to = |owner: &User, seconds| MtRequest {
        to: PhoneNumber::parse("+628123456789").unwrap(),
        batch: Some(batch),
        ..request(owner.id, "Halo", seconds)
    };
    let requests = [to(&ani, 1), to(&budi, 2), to(&cici, 3), to(&lead, 4), to(&ani, 5)];
    store_all(&store, &requests.each_ref()).await;
    let mut own = received("+628123456789", "to ani", 6);
    own.owner = Some(ani.id);
    let code = received("+628123456789", "to the SIM", 7);
    let elsewhere = SimId::derived("elsewhere");
    let mut stranger = received("+628123456789", "to another SIM", 8);
    stranger.sim = elsewhere;
    store.project_events(&[mo(own, 1), mo(code.clone(), 2), mo(stranger, 3)]).await.unwrap();
    let sent = |seconds| format!("sent at {}", at(seconds));
    let texts = |all: &[&str]| all.iter().map(ToString::to_string).collect::<BTreeSet<_>>();
    assert_eq!(seen(&store, &lead, batch).await, texts(&[&sent(4)]), "of no team");
    // To whom a conversation may be assigned is who reaches it.
    let offered = async || {
        let reader = Reader { account: ani.id, sent: true, names: true };
        let with = Address::from_text("+628123456789");
        let all = store.conversation_assignees(ani.reach(), reader, &with).await.unwrap();
        all.into_iter().map(|one| one.name).collect::<Vec<_>>()
    };
    assert_eq!(offered().await, ["ani", "budi", "cici", "lead"]);

    let sales = new_team("Sales", &[&ani, &lead], &[code.sim]);
    let sales = store.create_team(everything(), &sales, at(9)).await.unwrap();
    let support = new_team("Support", &[&cici, &other], &[]);
    let support = store.create_team(everything(), &support, at(9)).await.unwrap();
    let ours = texts(&[&sent(1), &sent(4), &sent(5), "to ani", "to the SIM"]);
    assert_eq!(seen(&store, &lead, batch).await, ours);
    assert_eq!(seen(&store, &other, batch).await, texts(&[&sent(3)]));
    assert_eq!(offered().await, ["ani", "budi", "cici", "lead", "other"]);
    // The SIM of a team is read by its users, and what they send is their own.
    let of_ani = texts(&[&sent(1), &sent(5), "to ani", "to the SIM"]);
    assert_eq!(seen(&store, &ani, batch).await, of_ani);
    assert_eq!(seen(&store, &budi, batch).await, texts(&[&sent(2)]));
    assert!(lead.reach().leads() == Some(lead.id) && ani.reach().leads().is_none());

    // A page goes on where it ended, over the messages of all of them.
    let mut place = Page { before: None, limit: 1 };
    let mut found = Vec::new();
    loop {
        let page = store.messages(lead.reach(), &MessageFilter::default(), place).await.unwrap();
        found.extend(page.messages.iter().map(sent_at));
        let Some(next) = page.next else { break };
        place.before = Some(next);
    }
    assert_eq!(found, [sent(5), sent(4), sent(1)]);

    // In two teams, and then in none.
    let both = TeamChange { users: Some([cici.id, lead.id].into()), ..TeamChange::default() };
    store.change_team(everything(), support.id, &both, at(10)).await.unwrap();
    let all = ours.union(&texts(&[&sent(3)])).cloned().collect();
    assert_eq!(seen(&store, &lead, batch).await, all);
    assert_eq!(seen(&store, &other, batch).await, BTreeSet::new());
    for team in [sales.id, support.id] {
        let nobody = TeamChange { users: Some(BTreeSet::new()), ..TeamChange::default() };
        store.change_team(everything(), team, &nobody, at(11)).await.unwrap();
    }
    assert_eq!(seen(&store, &lead, batch).await, texts(&[&sent(4)]));
    assert_eq!(seen(&store, &ani, batch).await, texts(&[&sent(1), &sent(5), "to ani"]));
    assert_eq!(offered().await, ["ani", "budi", "cici", "lead"]);
}

fn sent_at(message: &store::Message) -> String {
    format!("sent at {}", message.created_at)
}
