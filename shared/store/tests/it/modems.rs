//! What people set for single modems.

use contracts::config_kv::Modem;
use contracts::{ModemId, OrgId};
use store::{ModemChange, ModemError, Reach, Store};

use crate::sample::{at, everything, org};

pub(crate) async fn a_modem_is_named_and_disabled(store: Store) {
    let (one, two) = (ModemId::derived("1"), ModemId::derived("2"));
    assert_eq!(store.modem(everything(), one).await.unwrap(), None);
    let change = async |modem, change: ModemChange| {
        store.change_modem(everything(), modem, &change, at(1)).await
    };
    let attic = ModemChange { name: Some("Attic".to_owned()), enabled: None };
    let now = change(one, attic.clone()).await.unwrap();
    assert_eq!(now, Modem { org: org(), name: Some("Attic".to_owned()), enabled: true });
    let error = change(two, attic.clone()).await.unwrap_err();
    assert!(matches!(&error, ModemError::NameTaken(name) if name == "Attic"), "{error}");
    change(one, attic.clone()).await.unwrap();
    let off = ModemChange { name: None, enabled: Some(false) };
    let now = change(one, off).await.unwrap();
    assert_eq!((now.name.as_deref(), now.enabled), (Some("Attic"), false));
    assert_eq!(store.modem(everything(), one).await.unwrap().as_ref(), Some(&now));
    let setting = store.setting(&format!("modem.{one}")).await.unwrap().unwrap();
    assert_eq!(serde_json::from_value::<Modem>(setting.value).unwrap(), now);
    let now = change(one, ModemChange::forget()).await.unwrap();
    assert_eq!(now, Modem { org: org(), name: None, enabled: true });
    change(two, attic).await.unwrap();
    let abroad = OrgId::derived("abroad");
    let error = store
        .change_modem(Reach::everything(abroad), two, &ModemChange::forget(), at(2))
        .await
        .unwrap_err();
    assert!(matches!(error, ModemError::Elsewhere | ModemError::Store(_)), "{error}");
}
