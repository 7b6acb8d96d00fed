//! How much a SIM may send: set by the API and by the page, refused as a whole, told to the drivers.

use contracts::config_kv;
use serde_json::{Value, json};
use testkit::wait_for;

use crate::browser::Browser;
use crate::gateway::{Gateway, answer};

#[tokio::test]
async fn limits_are_set_by_api_and_page_and_refused_as_a_whole() {
    let gateway = Gateway::start().await;
    let root = gateway.user("root", true).await;
    let budi = gateway.user("budi", false).await;
    let sim = gateway.modem("modem1", "+62811000001").await.sim.expect("a SIM").id;
    let path = format!("/sims/{sim}");
    let patch = |key: &str, limits: Value| {
        let body = json!({ "limits": limits });
        answer(
            gateway
                .http
                .patch(format!("{}/api/v1{path}", gateway.url))
                .bearer_auth(key)
                .json(&body),
        )
    };
    let limits =
        json!({ "per_hour": 100, "per_day": 500, "quiet": "22:00-06:00", "zone": "asia/jakarta" });
    assert_eq!(patch(&budi, limits.clone()).await.0, 403, "for administrators");
    let (status, set) = patch(&root, limits).await;
    assert_eq!(status, 200, "{set}");
    let limits =
        json!({ "per_hour": 100, "per_day": 500, "quiet": "22:00-06:00", "zone": "Asia/Jakarta" });
    assert_eq!(set["limits"], limits);
    assert_eq!(set["senders"], "everybody", "what was not named stays");
    for (wrong, field, remedy) in [
        (json!({ "per_hour": 100, "per_day": 50 }), "limits.per_hour", "lower it to 50 or less"),
        (json!({ "per_hour": 0 }), "limits.per_hour", "from 1 to 10000000"),
        (json!({ "quiet": "night" }), "limits.quiet", "22:00-06:00"),
        (json!({ "zone": "Asia/Jakata" }), "limits.zone", "Asia/Jakarta"),
        (json!({ "warm_up": 9, "per_day": 3 }), "limits.warm_up", "lower it to 3 or less"),
        (json!({ "warm_up_from": "2026-12-01" }), "limits.warm_up", "of its first day"),
        (json!({ "per_week": 3 }), "limits.per_week", "There is no field"),
        (json!({ "recipients_per_month": 1_001 }), "limits.recipients_per_month", "from 1 to 1000"),
        (
            json!({ "recipients_per_month": 9, "per_month": 3 }),
            "limits.recipients_per_month",
            "lower it to 3 or less",
        ),
        (json!({ "spend_per_day": 9 }), "limits.spend_per_day", "say what a part costs"),
        (json!({ "spend_per_day": 9, "price": 10 }), "limits.spend_per_day", "lower the price"),
    ] {
        let (status, refused) = patch(&root, wrong).await;
        assert_eq!((status.as_u16(), &refused["field"]), (400, &json!(field)), "{refused}");
        assert!(refused["detail"].as_str().expect("words").contains(remedy), "{refused}");
    }
    let (_, shown) = answer(gateway.get(&budi, &path)).await;
    assert_eq!(shown["limits"], limits, "what was refused changed nothing");
    let none = json!({
        "per_minute": 0, "per_hour": 0, "per_day": 0, "per_month": 0, "day_limit": 500,
    });
    assert_eq!(shown["used"], none, "{shown}");
    wait_for("the drivers to be told", || async {
        let kv = gateway.bus.kv::<config_kv::Sim>(bus::Bucket::Config).await.expect("the bucket");
        let entry = kv.get(&format!("sim.{sim}")).await.expect("an entry")?;
        (entry.value.limits.per_hour?.get() == 100).then_some(())
    })
    .await;

    let new = json!({ "per_day": 500, "warm_up": 20 });
    assert!(patch(&root, new).await.1["limits"]["warm_up_from"].is_string(), "it begins today");
    let (_, shown) = answer(gateway.get(&budi, &path)).await;
    assert_eq!(shown["used"]["day_limit"], 20, "{shown}");
    let money = json!({ "price": 350, "spend_per_month": 9_000, "recipients_per_month": 200 });
    assert_eq!(patch(&root, money.clone()).await.1["limits"], money);
    let (_, shown) = answer(gateway.get(&budi, &path)).await;
    let used = |field: &str| shown["used"][field].clone();
    assert_eq!([used("recipients_per_month"), used("spend_per_month")], [json!(0), json!(0)]);
    assert_eq!(patch(&root, limits).await.0, 200);

    let mut page = Browser::new(&gateway, "en");
    page.open("/login").await;
    page.send("/login", &[("name", "root"), ("password", "correct horse")]).await;
    page.open(&path).await.shows("value=\"22:00\"");
    page.shows("So far: 0 this minute");
    let form = format!("{path}/limits");
    let hours = [("quiet-from", "22:00"), ("quiet-to", "06:00")];
    for (fields, words) in [
        (vec![("per_hour", "9"), ("per_day", "3")], "Lower the first or raise the second."),
        (vec![("per_hour", "many")], "whole number from 1 to"),
        (vec![("quiet-from", "22:00")], "Quiet hours need two different times"),
        (vec![("spend_per_day", "9")], "Say what a part costs"),
        (vec![("spend_per_day", "9"), ("price", "10")], "nothing could be sent"),
        (vec![("warm_up_from", "2026-12-01")], "needs the number of messages of that day"),
        (vec![("zone", "jakarta")], "Did you mean Asia/Jakarta?"),
        (
            [
                &hours[..],
                &[("per_month", "1000"), ("warm_up", "20"), ("warm_up_from", "2026-12-01")],
            ]
            .concat(),
            "The limits are saved.",
        ),
    ] {
        page.open(&path).await;
        page.send(&form, &fields).await.shows(words);
    }
    let (_, shown) = answer(gateway.get(&root, &path)).await;
    assert_eq!(
        shown["limits"],
        json!({
            "per_month": 1000, "quiet": "22:00-06:00", "warm_up": 20, "warm_up_from": "2026-12-01",
        })
    );
    page.open(&path).await;
    page.send(&form, &[]).await.shows("The limits are saved.");
    let (_, shown) = answer(gateway.get(&root, &path)).await;
    assert!(shown.get("limits").is_none() && shown.get("used").is_none(), "{shown}");
}
