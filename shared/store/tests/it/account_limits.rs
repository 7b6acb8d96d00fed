//! How much accounts may send.

use std::num::NonZeroU32;

use contracts::config_kv::LimitedAccount;
use contracts::limits::AccountLimits;
use contracts::{OrgId, UserId};
use store::{ChangeUserError, LOCAL, Reach, Role, Store};

use crate::sample::{at, everything, new_user, org};

pub(crate) async fn an_account_keeps_its_limits(store: Store) {
    let (siti, budi) = (
        store.create_user(everything(), &new_user("siti", Role::User), at(0)).await.unwrap(),
        store.create_user(everything(), &new_user("Budi", Role::User), at(0)).await.unwrap(),
    );
    let of = async |reach, user| store.account_limits(reach, user).await.unwrap();
    let all = async || store.limited_accounts(everything()).await.unwrap();
    assert_eq!(of(everything(), budi.id).await, Some(AccountLimits::default()));
    assert_eq!(of(everything(), UserId::new()).await, None);
    assert_eq!(all().await, []);
    let limits = AccountLimits {
        per_hour: NonZeroU32::new(100),
        otp_per_hour: NonZeroU32::new(20),
        weight: NonZeroU32::new(3),
        zone: Some("Asia/Jakarta".to_owned()),
        ..AccountLimits::default()
    };
    let set = async |reach, user, limits: &AccountLimits, time| {
        store.change_account_limits(reach, user, limits, at(time)).await
    };
    for user in [siti.id, budi.id] {
        set(everything(), user, &limits, 1).await.unwrap();
    }
    assert_eq!(of(everything(), budi.id).await.as_ref(), Some(&limits));
    assert_eq!(of(budi.reach(), budi.id).await.as_ref(), Some(&limits), "of one's own");
    assert_eq!(of(siti.reach(), budi.id).await, None);
    let names: Vec<String> = all().await.into_iter().map(|(_, name, _)| name).collect();
    assert_eq!(names, ["Budi", "siti"]);
    let key = LimitedAccount::key(budi.id);
    let setting = store.setting(&key).await.unwrap().unwrap();
    let told: LimitedAccount = serde_json::from_value(setting.value).unwrap();
    assert_eq!(told, LimitedAccount { org: org(), limits: limits.clone() });
    assert!(store.unpublished_settings(10).await.unwrap().contains(&key));
    // They are set together, and none is what was before.
    set(everything(), budi.id, &AccountLimits::default(), 2).await.unwrap();
    assert_eq!(of(everything(), budi.id).await, Some(AccountLimits::default()));
    assert_eq!(all().await, [(siti.id, "siti".to_owned(), limits.clone())]);
    assert_eq!(store.setting(&key).await.unwrap().unwrap().version, 2);

    // What names no account has one without a row.
    let internal = UserId::internal();
    assert_eq!(of(everything(), internal).await, Some(AccountLimits::default()));
    set(everything(), internal, &limits, 3).await.unwrap();
    assert_eq!(of(everything(), internal).await.as_ref(), Some(&limits));
    assert_eq!(all().await.last(), Some(&(internal, LOCAL.to_owned(), limits.clone())));
    assert_eq!(of(siti.reach(), internal).await, None);
    assert_eq!(of(Reach::everything(OrgId::derived("abroad")), internal).await, None);
    set(everything(), internal, &AccountLimits::default(), 4).await.unwrap();

    for (reach, user) in [
        (Reach::everything(OrgId::derived("abroad")), internal),
        (Reach::everything(OrgId::derived("abroad")), siti.id),
        (everything(), UserId::new()),
    ] {
        let error = set(reach, user, &limits, 3).await.unwrap_err();
        assert!(matches!(error, ChangeUserError::NoSuchUser), "{error}");
    }
    assert!(set(siti.reach(), siti.id, &AccountLimits::default(), 3).await.is_err());
    assert_eq!(all().await.len(), 1);
}
