//! What is wrong with the gateway is told to the endpoints of those who operate it.

use contracts::alert::{Alert, AlertKind};
use contracts::{AlertId, OrgId, Timestamp, WebhookEvent};
use store::{NewUser, Role};

use crate::endpoint::Endpoint;
use crate::endpoints::{add, everything, new};
use crate::gateway::Gateway;

fn alert() -> Alert {
    Alert {
        id: AlertId::derived("1"),
        org: OrgId::default_org(),
        kind: AlertKind::ModemOffline,
        subject: "mdm_1".to_owned(),
        name: "attic".to_owned(),
        text: "Modem attic is offline.".to_owned(),
        advice: "Plug it in.".to_owned(),
        opened_at: Timestamp::now(),
        closed_at: None,
    }
}

#[tokio::test]
async fn what_is_wrong_is_told_to_those_who_operate_the_gateway() {
    let gateway = Gateway::start().await;
    let mut endpoint = Endpoint::start(&["204 No Content"]).await;
    let mut other = Endpoint::start(&["204 No Content"]).await;
    let events = [WebhookEvent::AlertOpened, WebhookEvent::AlertClosed];
    add(&gateway, endpoint.url(), &events).await;
    let budi =
        NewUser { name: "budi".to_owned(), password_hash: None, role: Role::User, language: None };
    let budi = gateway.store.create_user(everything(), &budi, Timestamp::now()).await.unwrap();
    let of_budi = new(budi.id, other.url(), &events);
    let of_budi =
        gateway.store.create_webhook(budi.reach(), &of_budi, Timestamp::now()).await.unwrap();

    let opened = alert();
    // Told twice, it is told once.
    gateway.bus.publish(&opened).await.unwrap();
    gateway.bus.publish(&opened).await.unwrap();
    let told = endpoint.told().await.json();
    assert_eq!(told["type"], "alert.opened");
    assert_eq!(told["data"], serde_json::to_value(&opened).unwrap());
    let closed = Alert { closed_at: Some(Timestamp::now()), ..opened };
    gateway.bus.publish(&closed).await.unwrap();
    let told = endpoint.told().await.json();
    assert_eq!(told["type"], "alert.closed");
    assert_eq!(told["data"], serde_json::to_value(&closed).unwrap());
    // What is told of one event is written at once, for all who are told.
    let log = gateway.store.webhook_log(everything(), of_budi.id, None, 10).await.unwrap();
    assert!(log.is_empty() && !other.was_told(), "{log:?}");
}
