//! Settings.

use std::time::Duration;

use contracts::ModemId;
use contracts::config_kv::{Account, Gateway};
use store::{GatewayChange, NewKey, NewSession, Role, SecretHash, Setting, Store};

use crate::sample::{at, everything, new_user, org};

fn account(setting: &Setting) -> Account {
    serde_json::from_value(setting.value.clone()).unwrap()
}

pub(crate) async fn what_is_done_to_the_gateway_is_remembered(store: Store) {
    let before = store.gateway(everything()).await.unwrap();
    assert_eq!(before, Gateway::unset(org()));
    let change = async |change: GatewayChange, time: i64| {
        store.change_gateway(everything(), &change, at(time)).await.unwrap()
    };
    let (attic, cellar) = (ModemId::derived("attic"), ModemId::derived("cellar"));
    // What is done at one time by two is done by both.
    let (isolated, suspended) = tokio::join!(
        change(GatewayChange::Isolate, 1),
        change(GatewayChange::Suspend([attic].into()), 1)
    );
    let now = Gateway { isolated: true, suspended: Some([attic].into()), ..before.clone() };
    assert!(isolated == now || suspended == now, "{isolated:?} {suspended:?}");
    assert_eq!(store.gateway(everything()).await.unwrap(), now);
    // Others that are stopped later are remembered beside those that are.
    let both = change(GatewayChange::Suspend([cellar].into()), 2).await;
    assert_eq!(both, Gateway { suspended: Some([attic, cellar].into()), ..now });
    let key = format!("gateway.{}", org());
    let setting = store.setting(&key).await.unwrap().unwrap();
    assert_eq!((setting.version, &setting.value["isolated"]), (3, &true.into()));
    assert_eq!(change(GatewayChange::Resume, 3).await, before);
    assert_eq!(store.gateway(everything()).await.unwrap(), before);
    assert!(store.unpublished_settings(10).await.unwrap().contains(&key));
}

pub(crate) async fn settings_are_as_they_are_now(store: Store) {
    let ani = store.create_user(everything(), &new_user("ani", Role::User), at(0)).await.unwrap();
    let key = format!("account.{}", ani.id);
    let now = async || store.setting(&key).await.unwrap().unwrap();
    let first = now().await;
    assert_eq!(account(&first), Account { org: org(), enabled: true, admin: false });
    assert_eq!((first.version, &first.value["version"]), (1, &1.into()));
    store.set_user_enabled(everything(), ani.id, false, at(1)).await.unwrap();
    let second = now().await;
    assert_eq!((account(&second).enabled, second.version), (false, 2));
    assert_eq!(store.settings().await.unwrap(), std::slice::from_ref(&second));
    assert_eq!(store.unpublished_settings(10).await.unwrap(), std::slice::from_ref(&key));
    // A publisher that was slow and had the first version does not hide the second.
    store.setting_published(&key, first.version).await.unwrap();
    assert_eq!(store.unpublished_settings(10).await.unwrap(), std::slice::from_ref(&key));
    store.setting_published(&key, second.version).await.unwrap();
    store.setting_published(&key, first.version).await.unwrap();
    assert_eq!(store.unpublished_settings(10).await.unwrap(), Vec::<String>::new());
    assert_eq!(store.setting("account.nobody").await.unwrap(), None);
}

/// Whatever is taken from an account makes the next version of its setting, which is what open streams look at.
pub(crate) async fn what_is_taken_away_is_told(store: Store) {
    let ani = store.create_user(everything(), &new_user("ani", Role::Admin), at(0)).await.unwrap();
    store.create_user(everything(), &new_user("boss", Role::Admin), at(0)).await.unwrap();
    let key = format!("account.{}", ani.id);
    let version = async || store.setting(&key).await.unwrap().unwrap().version;
    let token = SecretHash::of("a");
    let session = NewSession {
        token,
        user: ani.id,
        csrf: String::new(),
        idle: Duration::from_mins(10),
        absolute: Duration::from_mins(10),
        browser: String::new(),
        address: None,
        acting: None,
    };
    assert!(store.begin_session(&session, at(0)).await.unwrap());
    let new = NewKey {
        owner: ani.id,
        name: String::new(),
        prefix: "p".to_owned(),
        secret: SecretHash::of("k"),
        scopes: String::new(),
        allowed: String::new(),
        expires_at: None,
    };
    let api_key = store.create_key(everything(), &new, at(0)).await.unwrap();
    assert_eq!(version().await, 1, "what is given takes nothing away");
    store.end_session(token, at(1)).await.unwrap();
    assert_eq!(version().await, 2);
    store.end_session(token, at(1)).await.unwrap();
    assert_eq!(version().await, 2, "it was over");
    assert!(store.revoke_key(ani.reach(), api_key.id, at(1)).await.unwrap());
    assert_eq!(version().await, 3);
    store.set_password(everything(), ani.id, Some("new"), at(1)).await.unwrap();
    assert_eq!(version().await, 4);
    store.set_role(everything(), ani.id, Role::User, at(1)).await.unwrap();
    assert_eq!(version().await, 5);
    store.set_user_enabled(everything(), ani.id, false, at(1)).await.unwrap();
    assert_eq!(version().await, 6);
    let now = account(&store.setting(&key).await.unwrap().unwrap());
    assert_eq!(now, Account { org: org(), enabled: false, admin: false });
}
