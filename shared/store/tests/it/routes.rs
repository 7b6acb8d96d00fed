//! Rules of messages' ways, and their versions.

use contracts::UserId;
use contracts::routes::{Routes, Rule};
use store::{ChangeRoutesError, KEPT_ROUTES, Store};

use crate::sample::{at, everything, org};

fn routes(names: &[&str]) -> Routes {
    let rule = |name: &&str| Rule {
        name: (*name).to_owned(),
        enabled: true,
        when: contracts::routes::Conditions::default(),
        targets: Vec::new(),
        refuse: Some("no".to_owned()),
    };
    Routes { rules: names.iter().map(rule).collect(), ..Routes::unset(org()) }
}

pub(crate) async fn rules_are_changed_one_after_another_and_taken_back(store: Store) {
    let (ani, budi) = (UserId::derived("ani"), UserId::derived("budi"));
    assert_eq!(store.routes(everything()).await.unwrap(), (Routes::unset(org()), 0));
    assert_eq!(store.routes_versions(everything()).await.unwrap(), []);
    let change = async |names: &[&str], version, by, time| {
        store.change_routes(everything(), &routes(names), version, by, at(time)).await
    };
    assert_eq!(change(&["a"], 0, ani, 1).await.unwrap(), 1);
    assert_eq!(change(&["a", "b"], 1, budi, 2).await.unwrap(), 2);
    // Who has an older version in hand is told, and changes nothing.
    let error = change(&[], 1, ani, 3).await.unwrap_err();
    assert!(matches!(error, ChangeRoutesError::Changed(2)), "{error}");
    assert_eq!(store.routes(everything()).await.unwrap(), (routes(&["a", "b"]), 2));

    let key = format!("routes.{}", org());
    let setting = store.setting(&key).await.unwrap().unwrap();
    assert_eq!(serde_json::from_value::<Routes>(setting.value).unwrap(), routes(&["a", "b"]));
    assert_eq!(setting.version, 2);
    assert!(store.unpublished_settings(10).await.unwrap().contains(&key));

    let versions = store.routes_versions(everything()).await.unwrap();
    let shown: Vec<_> =
        versions.iter().map(|one| (one.version, one.at, one.account, one.rules)).collect();
    assert_eq!(shown, [(2, at(2), budi, 2), (1, at(1), ani, 1)]);
    let before = store.routes_of(everything(), 1).await.unwrap().unwrap();
    assert_eq!(before, routes(&["a"]));
    assert_eq!(store.routes_of(everything(), 3).await.unwrap(), None);
    let back = store.change_routes(everything(), &before, 2, ani, at(4)).await;
    assert_eq!(back.unwrap(), 3);
    assert_eq!(store.routes(everything()).await.unwrap(), (routes(&["a"]), 3));
}

pub(crate) async fn as_many_versions_are_kept_as_is_said(store: Store) {
    let kept = i64::from(KEPT_ROUTES);
    for version in 0..kept + 3 {
        let (none, by) = (routes(&[]), UserId::internal());
        let changed = store.change_routes(everything(), &none, version, by, at(version));
        assert_eq!(changed.await.unwrap(), version + 1);
    }
    let versions = store.routes_versions(everything()).await.unwrap();
    assert_eq!(i64::try_from(versions.len()).unwrap(), kept);
    assert_eq!((versions[0].version, versions.last().unwrap().version), (kept + 3, 4));
    assert_eq!(store.routes_of(everything(), 3).await.unwrap(), None);
    assert!(store.routes_of(everything(), 4).await.unwrap().is_some());
}

pub(crate) async fn of_two_who_change_the_same_rules_one_is_told(store: Store) {
    let change = async |name: &str| {
        store.change_routes(everything(), &routes(&[name]), 0, UserId::internal(), at(1)).await
    };
    let both = tokio::join!(change("a"), change("b"));
    let (done, told) = match both {
        (Ok(version), Err(error)) | (Err(error), Ok(version)) => (version, error),
        other => panic!("{other:?}"),
    };
    assert!(done == 1 && matches!(told, ChangeRoutesError::Changed(1)), "{told}");
    assert_eq!(store.routes_versions(everything()).await.unwrap().len(), 1);
}
