//! Who may use a SIM, and how much it may send.

use std::num::NonZeroU32;

use contracts::config_kv::{Access, Sim};
use contracts::limits::Limits;
use contracts::{OrgId, SimId, UserId};
use store::{Reach, Role, SimChange, SimError, Store};

use crate::sample::{at, everything, new_user, org};

pub(crate) async fn a_sim_says_who_may_use_it(store: Store) {
    let sim = SimId::derived("1");
    let (ani, budi) = (
        store.create_user(everything(), &new_user("ani", Role::User), at(0)).await.unwrap(),
        store.create_user(everything(), &new_user("budi", Role::Service), at(0)).await.unwrap(),
    );
    let abroad = OrgId::derived("abroad");
    assert_eq!(store.sim(everything(), sim).await.unwrap(), Sim::unset(org()));
    assert_eq!(store.sims(everything()).await.unwrap(), []);
    let may = async |reach: Reach| {
        let is_reached = store.sends_through(reach, sim).await.unwrap();
        // Where there is no team, nothing else is asked.
        let may = store.may_send_through(reach, UserId::internal(), sim).await.unwrap();
        assert_eq!(may, is_reached);
        is_reached
    };
    assert!(
        may(ani.reach()).await && may(budi.reach()).await && may(Reach::everything(org())).await
    );
    assert!(!may(Reach::everything(abroad)).await, "it is another organisation's");

    let only_budi = SimChange {
        senders: Some(Access::only([budi.id])),
        readers: Some(Access::only([ani.id, budi.id])),
        pool: Some("vip".parse().unwrap()),
        ..SimChange::default()
    };
    let now = store.change_sim(everything(), sim, &only_budi, at(1)).await.unwrap();
    assert_eq!(store.sim(everything(), sim).await.unwrap(), now);
    assert_eq!(store.sims(everything()).await.unwrap(), [(sim, now.clone())]);
    assert!(
        !may(ani.reach()).await && may(budi.reach()).await && may(Reach::everything(org())).await
    );
    let setting = store.setting(&format!("sim.{sim}")).await.unwrap().unwrap();
    assert_eq!(serde_json::from_value::<Sim>(setting.value).unwrap(), now);

    // What a change does not name stays as it is.
    let everybody = SimChange { senders: Some(Access::everybody()), ..SimChange::default() };
    let now = store.change_sim(everything(), sim, &everybody, at(2)).await.unwrap();
    assert_eq!((now.senders, now.readers.users.len()), (Access::everybody(), 2));
    assert_eq!(now.pool.as_str(), "vip");
    assert!(may(ani.reach()).await);

    let stranger =
        SimChange { senders: Some(Access::only([UserId::new()])), ..SimChange::default() };
    let error = store.change_sim(everything(), sim, &stranger, at(3)).await.unwrap_err();
    assert!(matches!(error, SimError::NoSuchUser(_)), "{error}");
    assert!(may(ani.reach()).await, "nothing was changed");
    let error =
        store.change_sim(Reach::everything(abroad), sim, &everybody, at(3)).await.unwrap_err();
    assert!(matches!(error, SimError::Elsewhere), "{error}");
}

pub(crate) async fn a_sim_keeps_its_limits(store: Store) {
    let sim = SimId::derived("1");
    let limits = Limits {
        per_hour: NonZeroU32::new(100),
        quiet: Some("22:00-06:00".parse().unwrap()),
        zone: Some("Asia/Jakarta".to_owned()),
        ..Limits::default()
    };
    let limited = SimChange { limits: Some(limits.clone()), ..SimChange::default() };
    let now = store.change_sim(everything(), sim, &limited, at(1)).await.unwrap();
    assert_eq!(now.limits, limits);
    let nobody = SimChange { senders: Some(Access::default()), ..SimChange::default() };
    let now = store.change_sim(everything(), sim, &nobody, at(2)).await.unwrap();
    assert_eq!(now.limits, limits, "what a change does not name stays as it is");
    assert_eq!(store.sim(everything(), sim).await.unwrap(), now);
    assert_eq!(store.sims(everything()).await.unwrap(), [(sim, now.clone())]);
    let setting = store.setting(&format!("sim.{sim}")).await.unwrap().unwrap();
    assert_eq!(serde_json::from_value::<Sim>(setting.value).unwrap(), now);
    let free = SimChange { limits: Some(Limits::default()), ..SimChange::default() };
    let now = store.change_sim(everything(), sim, &free, at(3)).await.unwrap();
    assert!(now.limits.is_unset() && !now.senders.everybody);
    assert_eq!(store.sim(everything(), sim).await.unwrap(), now);
}
