//! What the roles between user and administrator reach.

use contracts::{ModemId, PhoneNumber, UserId};
use store::{
    GatewayChange, ModemChange, NewOptOuts, OptOutSource, Reach, Role, Store, StoreError,
    TemplateChange,
};

use crate::contacts::new_template;
use crate::sample::{at, everything, new_user};

/// The reach of a new account of a role.
async fn reach_of(store: &Store, role: Role) -> Reach {
    let user = store.create_user(everything(), &new_user(role.as_str(), role), at(0)).await;
    user.unwrap().reach()
}

fn is_out_of_reach<T>(done: &Result<T, StoreError>) -> bool {
    matches!(done, Err(StoreError::OutOfReach { .. }))
}

pub(crate) async fn an_operator_reaches_the_gateway_and_a_manager_what_is_shared(store: Store) {
    let operator = reach_of(&store, Role::Operator).await;
    let manager = reach_of(&store, Role::Manager).await;
    let user = reach_of(&store, Role::User).await;
    let read_only = reach_of(&store, Role::ReadOnly).await;
    assert_eq!(user.shares(), read_only.shares());
    // The gateway: its state, its modems, its queue and its alerts.
    let name = ModemChange { name: Some("Attic".to_owned()), enabled: None };
    let attic = ModemId::derived("attic");
    for (reach, reaches) in [
        (operator, true),
        (manager, false),
        (user, false),
        (read_only, false),
        (everything(), true),
    ] {
        assert_eq!(store.gateway(reach).await.is_ok(), reaches, "{reach:?}");
        assert_eq!(reach.operates(), reaches, "{reach:?}");
        assert_eq!(store.queue(reach).await.is_ok(), reaches, "{reach:?}");
        assert_eq!(store.alerts(reach, true, 9).await.is_ok(), reaches, "{reach:?}");
        assert_eq!(store.modem(reach, attic).await.is_ok(), reaches, "{reach:?}");
        let changed = store.change_modem(reach, attic, &name, at(1)).await;
        assert_eq!(changed.is_ok(), reaches, "{reach:?}");
        let changed = store.change_gateway(reach, &GatewayChange::Isolate, at(1)).await;
        assert_eq!(changed.is_ok(), reaches, "{reach:?}");
    }
    // What all of the organisation share.
    let number = PhoneNumber::parse("+6281399").unwrap();
    for (reach, shares) in [
        (operator, false),
        (manager, true),
        (user, false),
        (read_only, false),
        (everything(), true),
    ] {
        assert_eq!(reach.shares(), shares, "{reach:?}");
        let shared = new_template(None, &format!("{reach:?}"));
        let made = store.create_template(reach, &shared, at(2)).await;
        assert_eq!(made.is_ok(), shares, "{reach:?}");
        let all = new_template(None, &format!("by an administrator for {reach:?}"));
        let made = store.create_template(everything(), &all, at(3)).await.unwrap();
        let text = TemplateChange { name: None, text: Some("Hai".to_owned()) };
        let changed = store.change_template(reach, made.id, &text, at(4)).await.unwrap();
        assert_eq!(changed.is_some(), shares, "{reach:?}");
        assert!(store.template(reach, made.id).await.unwrap().is_some(), "{reach:?}");
        assert_eq!(
            store.remove_template(reach, made.id, at(20)).await.unwrap(),
            shares,
            "{reach:?}"
        );
        let out = NewOptOuts {
            numbers: vec![number.clone()],
            out: true,
            source: OptOutSource::Account,
            account: UserId::internal(),
        };
        let changed = store.change_opt_outs(reach, &out, at(5)).await;
        assert_eq!(changed.is_ok(), shares, "{reach:?}");
    }
    // Neither accounts nor the log of what was done, and nothing of a colleague's own.
    let colleague = store.create_user(everything(), &new_user("ani", Role::User), at(6)).await;
    let colleague = colleague.unwrap();
    let own = new_template(Some(colleague.id), "own");
    let own = store.create_template(colleague.reach(), &own, at(6)).await.unwrap();
    for reach in [operator, manager] {
        assert!(is_out_of_reach(
            &store.audit(reach, &store::AuditFilter::default(), None, 9).await
        ));
        assert!(is_out_of_reach(&store.invitations(reach, at(7)).await), "{reach:?}");
        assert!(store.create_user(reach, &new_user("x", Role::User), at(7)).await.is_err());
        assert!(store.template(reach, own.id).await.unwrap().is_none(), "{reach:?}");
        assert!(!store.remove_template(reach, own.id, at(20)).await.unwrap(), "{reach:?}");
        assert_eq!(store.users(reach).await.unwrap().len(), 1, "themselves alone: {reach:?}");
        assert!(!reach.sees(reach.org, colleague.id), "{reach:?}");
    }
}
