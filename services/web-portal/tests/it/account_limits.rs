//! How much accounts may send: set by the API and by the page, refused as a whole, told to the routers, and why a message waits.

use contracts::config_kv::LimitedAccount;
use contracts::limits::{AccountCounter, AccountLimits, Usage};
use contracts::mt::{Gate, MtChange, MtEvent};
use contracts::subject::Target;
use contracts::{MessageId, OrgId, PoolId, Priority, Timestamp, UserId};
use serde_json::{Value, json};
use testkit::wait_for;

use crate::browser::Browser;
use crate::gateway::{Gateway, answer};

async fn put(gateway: &Gateway, key: &str, path: &str, limits: &Value) -> (u16, Value) {
    let url = format!("{}/api/v1{path}", gateway.url);
    let (status, said) = answer(gateway.http.put(url).bearer_auth(key).json(limits)).await;
    (status.as_u16(), said)
}

#[tokio::test]
async fn limits_are_set_by_api_and_page_and_refused_as_a_whole() {
    let gateway = Gateway::start().await;
    let root = gateway.user("root", true).await;
    let budi = gateway.user("budi", false).await;
    let id = gateway.id_of("budi").await;
    let path = format!("/users/{id}/limits");
    let limits =
        json!({ "per_hour": 100, "otp_per_hour": 20, "weight": 3, "zone": "asia/jakarta" });
    assert_eq!(put(&gateway, &budi, &path, &limits).await.0, 403, "for administrators");
    assert_eq!(answer(gateway.get(&root, "/limits")).await.1, json!({ "users": [] }));
    let (status, set) = put(&gateway, &root, &path, &limits).await;
    assert_eq!(status, 200, "{set}");
    let limits =
        json!({ "per_hour": 100, "otp_per_hour": 20, "weight": 3, "zone": "Asia/Jakarta" });
    assert_eq!(set, json!({ "user": id, "name": "budi", "limits": limits }));
    for (wrong, field, remedy) in [
        (json!({ "per_hour": 100, "per_day": 50 }), "per_hour", "lower it to 50 or less"),
        (json!({ "per_hour": 0 }), "per_hour", "from 1 to 10000000"),
        (json!({ "weight": 101 }), "weight", "from 1 to 100"),
        (json!({ "zone": "Asia/Jakata" }), "zone", "Asia/Jakarta"),
        (json!({ "quiet": "22:00-06:00" }), "quiet", "There is no field"),
    ] {
        let (status, refused) = put(&gateway, &root, &path, &wrong).await;
        assert_eq!((status, &refused["field"]), (400, &json!(field)), "{refused}");
        assert!(refused["detail"].as_str().expect("words").contains(remedy), "{refused}");
    }
    let (_, shown) = answer(gateway.get(&root, &path)).await;
    assert_eq!(shown["limits"], limits, "what was refused changed nothing");
    let none = json!({
        "per_minute": 0, "per_hour": 0, "per_day": 0, "per_month": 0, "otp_per_hour": 0,
    });
    assert_eq!(shown["used"], none, "{shown}");
    let (_, all) = answer(gateway.get(&root, "/limits")).await;
    assert_eq!(all["users"], json!([{ "user": id, "name": "budi", "limits": limits }]));
    wait_for("the routers to be told", || async {
        let kv = gateway.bus.kv::<LimitedAccount>(bus::Bucket::Config).await.expect("the bucket");
        let entry = kv.get(&LimitedAccount::key(id)).await.expect("an entry")?;
        (entry.value.limits.turns() == 3).then_some(())
    })
    .await;
    // What services send that name no account.
    let local = format!("/users/{}/limits", UserId::internal());
    let (status, set) = put(&gateway, &root, &local, &json!({ "per_hour": 9 })).await;
    assert_eq!((status, &set["name"]), (200, &json!("local")), "{set}");
    assert_eq!(put(&gateway, &root, &local, &json!({})).await.0, 200);
    let nobody = format!("/users/{}/limits", UserId::new());
    assert_eq!(put(&gateway, &root, &nobody, &limits).await.0, 404);

    let mut page = Browser::new(&gateway, "en");
    page.open("/login").await;
    page.send("/login", &[("name", "root"), ("password", "correct horse")]).await;
    page.open("/users").await.shows(&format!("href=\"{path}\""));
    page.open(&path).await.shows("How much");
    page.shows("One-time passwords:");
    for (fields, words) in [
        (vec![("per_hour", "9"), ("per_day", "3")], "Lower the first or raise the second."),
        (vec![("per_hour", "many")], "whole number from 1 to"),
        (vec![("weight", "101")], "The turns in a round are"),
        (vec![("zone", "jakarta")], "Did you mean Asia/Jakarta?"),
        (vec![("per_month", "1000"), ("weight", "2")], "The limits are saved."),
    ] {
        page.open(&path).await;
        page.send(&path, &fields).await.shows(words);
        let is_saved = words == "The limits are saved.";
        assert_eq!(page.status, if is_saved { 200 } else { 422 });
        // What was written stands there, so that nobody writes it again.
        page.shows(&format!("value=\"{}\"", fields[0].1));
    }
    let (_, shown) = answer(gateway.get(&root, &path)).await;
    assert_eq!(shown["limits"], json!({ "per_month": 1000, "weight": 2 }));
    assert_eq!(put(&gateway, &root, &path, &json!({})).await.1["limits"], json!({}));
    let (_, shown) = answer(gateway.get(&root, &path)).await;
    assert!(shown.get("used").is_none(), "{shown}");
    page.open(&nobody).await;
    assert_eq!(page.status, 404);
}

#[tokio::test]
async fn a_double_that_is_meant_is_said_to_be() {
    let gateway = Gateway::start().await;
    let key = gateway.user("budi", false).await;
    let body = json!({ "to": "+62812345678", "text": "Halo", "allow_double": true });
    let id = gateway.sends(&key, &body).await[0];
    let reach = store::Reach::everything(OrgId::default_org());
    let detail = wait_for("the row", || async {
        gateway.store.message_detail(reach, id).await.ok().flatten()
    })
    .await;
    assert!(detail.request.allow_double);
}

async fn told(gateway: &Gateway, id: MessageId, change: MtChange) {
    let reach = store::Reach::everything(OrgId::default_org());
    let find = || async { gateway.store.message_detail(reach, id).await.ok().flatten() };
    let request = wait_for("the row", find).await.request;
    let state = change.state();
    let event = MtEvent::of(id, &request, Timestamp::now(), change);
    gateway.bus.publish(&event).await.expect("an event");
    wait_for("the state", || async { (find().await?.message.state == state).then_some(()) }).await;
}

#[tokio::test]
async fn a_message_of_an_account_that_has_sent_enough_says_so() {
    let gateway = Gateway::start().await;
    let root = gateway.user("root", true).await;
    let key = gateway.user("budi", false).await;
    gateway.modem("modem1", "+62811000001").await;
    let account = gateway.id_of("budi").await;
    let path = format!("/users/{account}/limits");
    let limits = json!({ "per_month": 2, "zone": "UTC" });
    assert_eq!(put(&gateway, &root, &path, &limits).await.0, 200);
    let limits: AccountLimits = serde_json::from_value(limits).expect("limits");
    let mut used = Usage::default();
    used.advance(Timestamp::now(), &limits.of(Priority::Normal).time_zone());
    used.count(2, 0);
    let until = used.per_month.until;
    let counts = gateway.bus.kv::<Usage>(bus::Bucket::Usage).await.expect("the bucket");
    let counter = AccountCounter { account, passwords: false };
    counts.put(&counter.key(), &used).await.expect("a count");

    let body = json!({ "to": "+62812345678", "text": "Halo" });
    let id = gateway.sends(&key, &body).await[0];
    told(&gateway, id, MtChange::admitted(1, Target::Pool(PoolId::default_pool()))).await;
    let waiting = wait_for("the message to say why it waits", || async {
        let waiting = gateway.message(&key, id).await.message.waiting?;
        (waiting.code == "account-limit").then_some(waiting)
    })
    .await;
    assert_eq!(waiting.until, Some(until));
    assert!(waiting.reason.contains("the limit of 2 messages a month is reached"), "{waiting:?}");
    let listed = gateway.messages(&key).await.into_iter().find(|row| row.id == id);
    assert_eq!(listed.expect("it is listed").waiting, Some(waiting));
    let mut page = Browser::new(&gateway, "en");
    page.open("/login").await;
    page.send("/login", &[("name", "budi"), ("password", "correct horse")]).await;
    for path in ["/sent", &format!("/messages/{id}")] {
        page.open(path).await.shows("Its account sends nothing until");
    }

    for (gate, code, words, line) in [
        (Gate::Limit, "account-limit", "its account has sent what its limits allow", "its account"),
        (Gate::Recipient, "recipient-limit", "limits.recipient", "as many messages as one number"),
        (Gate::Double, "double", "allow_double", "the same text went to the same number"),
    ] {
        let id = gateway.sends(&key, &body).await[0];
        told(&gateway, id, MtChange::Held { gate, until, tries: 0, round: 1 }).await;
        let waiting = gateway.message(&key, id).await.message.waiting.expect("it waits");
        assert_eq!((&*waiting.code, waiting.until), (code, Some(until)));
        assert!(waiting.reason.contains(words), "{waiting:?}");
        page.open(&format!("/messages/{id}")).await.shows(line);
    }
}
