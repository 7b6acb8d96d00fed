//! Credit and prices, by the API, on the pages and at the doors of other gateways.

use api::{Credit, Credits, DryRun, Ledger, Preview, Prices};
use contracts::credit::{Charge, Charged};
use contracts::mt::{Gate, MtChange, MtEvent, MtRequest};
use contracts::{Amount, BlockId, MessageId, OrgId, PhoneNumber, Timestamp, UserId};
use serde_json::{Value, json};
use testkit::wait_for;

use crate::browser::Browser;
use crate::gateway::{Gateway, answer, refused, told};

fn amount(text: &str) -> Amount {
    text.parse().expect("an amount")
}

async fn price(gateway: &Gateway, key: &str, body: &Value) -> (u16, Value) {
    let request = gateway.http.put(format!("{}/api/v1/prices", gateway.url));
    let (status, said) = answer(request.bearer_auth(key).json(body)).await;
    (status.as_u16(), said)
}

fn rupiah(version: i64) -> Value {
    let prefixes =
        json!([{ "prefix": "+62", "price": "350" }, { "prefix": "+62811", "price": 299.5 }]);
    json!({ "version": version, "currency": "IDR", "usual": "900", "prefixes": prefixes })
}

#[tokio::test]
async fn credit_is_given_by_administrators_and_seen_by_its_owner() {
    let gateway = Gateway::start().await;
    let (root, budi) = (gateway.user("root", true).await, gateway.user("budi", false).await);
    let ani = gateway.user("ani", false).await;
    let id = gateway.id_of("budi").await;
    let path = format!("/credits/{id}");
    let none: Credit = told(gateway.get(&budi, &path)).await;
    assert_eq!((none.limited, none.left, none.updated_at), (false, Amount::default(), None));
    let given = json!({ "amount": "50000.5", "note": "invoice 17" });
    let now: Credit = told(gateway.post(&root, &path, &given)).await;
    assert_eq!((now.limited, now.left, now.reserved), (true, amount("50000.5"), amount("0")));
    let back: Credit = told(gateway.post(&root, &path, &json!({ "amount": -0.5 }))).await;
    assert_eq!(back.left, amount("50000"));
    let (status, problem) =
        answer(gateway.post(&root, &path, &json!({ "amount": "-50001" }))).await;
    assert_eq!((status.as_u16(), &problem["code"]), (409, &json!("too-little-credit")));
    assert_eq!(problem["left"], "50000");
    for (body, field) in [
        (json!({ "amount": "0" }), "amount"),
        (json!({ "amount": "99999999999999" }), "amount"),
        (json!({ "amount": "much" }), "amount"),
        (json!({ "amount": "1", "note": "x".repeat(201) }), "note"),
        (json!({ "amount": "1", "whose": "x" }), "whose"),
        (json!({}), "amount"),
    ] {
        let (status, problem) = answer(gateway.post(&root, &path, &body)).await;
        assert_eq!(status, 400, "{problem}");
        let names = problem["field"] == json!(field)
            || problem["detail"].as_str().is_some_and(|detail| detail.contains(field));
        assert!(names, "{problem}");
    }
    let nobody = format!("/credits/{}", UserId::derived("nobody"));
    assert_eq!(refused(gateway.post(&root, &nobody, &given)).await.0, 404);

    let own: Credits = told(gateway.get(&budi, "/credits")).await;
    assert_eq!(own.credits, std::slice::from_ref(&back));
    let all: Credits = told(gateway.get(&root, "/credits")).await;
    let names: Vec<&str> = all.credits.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["budi", "root"], "who was given some, and oneself");
    let page: Ledger = told(gateway.get(&budi, &format!("{path}/ledger?limit=1"))).await;
    assert_eq!(
        (page.entries[0].kind.as_str(), page.entries[0].amount),
        ("correction", amount("-0.5"))
    );
    let next = page.next.expect("another page");
    let page: Ledger = told(gateway.get(&budi, &format!("{path}/ledger?before={next}"))).await;
    let first = &page.entries[0];
    assert_eq!((first.kind.as_str(), first.note.as_deref()), ("top-up", Some("invoice 17")));
    assert_eq!(first.by, Some(gateway.id_of("root").await));
    assert_eq!((page.entries.len(), page.next), (1, None));

    // A colleague sees nothing of it, and nobody gives themselves credit.
    assert_eq!(refused(gateway.get(&ani, &path)).await.0, 404);
    assert_eq!(refused(gateway.get(&ani, &format!("{path}/ledger"))).await.0, 404);
    let colleague: Credits = told(gateway.get(&ani, "/credits")).await;
    assert!(colleague.credits.iter().all(|one| one.name == "ani"));
    assert_eq!(refused(gateway.post(&budi, &path, &given)).await.1, "admins-only");
    let ends = json!({ "expires_at": "2099-01-01T00:00:00Z" });
    let (_, ends) = answer(gateway.post(&root, "/keys", &ends)).await;
    let ends = ends["key"].as_str().expect("a key").to_owned();
    assert_eq!(refused(gateway.post(&ends, &path, &given)).await.1, "key-expires");
    let remove = |key: &str| {
        gateway.http.delete(format!("{}/api/v1{path}", gateway.url)).bearer_auth(key.to_owned())
    };
    assert_eq!(refused(remove(&budi)).await.1, "admins-only");
    assert_eq!(refused(remove(&ends)).await.1, "key-expires");
    assert_eq!(answer(remove(&root)).await.0, 204);
    let free: Credit = told(gateway.get(&budi, &path)).await;
    assert_eq!((free.limited, free.left), (false, amount("50000")));
}

#[tokio::test]
async fn prices_are_set_and_say_what_messages_would_cost() {
    let gateway = Gateway::start().await;
    let (root, budi) = (gateway.user("root", true).await, gateway.user("budi", false).await);
    let body = json!({ "to": ["+62811222333", "+628123456789", "+15551234567"], "text": "Halo" });
    let mut dry = body.clone();
    dry["dry_run"] = json!(true);
    let run: DryRun = told(gateway.post(&budi, "/messages", &dry)).await;
    assert_eq!(run.cost, None, "a newcomer never sees prices");
    assert_eq!(price(&gateway, &budi, &rupiah(0)).await.0, 403);
    assert_eq!(price(&gateway, &root, &rupiah(0)).await.0, 200);
    let (status, problem) = price(&gateway, &root, &rupiah(0)).await;
    assert_eq!((status, &problem["code"]), (409, &json!("prices-changed")));
    assert_eq!(problem["version"], 1);
    let twice = json!([{ "prefix": "+62", "price": "1" }, { "prefix": "+6 2", "price": "2" }]);
    let twice = json!({ "version": 1, "prefixes": twice });
    let (status, problem) = price(&gateway, &root, &twice).await;
    let detail = problem["detail"].as_str().expect("words");
    assert!(status == 400 && detail.contains("+62 is there twice"), "{problem}");
    let (status, problem) = price(&gateway, &root, &json!({ "version": 1, "usual": "-1" })).await;
    assert_eq!(status, 400, "{problem}");
    let seen: Prices = told(gateway.get(&budi, "/prices")).await;
    assert_eq!((seen.version, seen.usual, seen.currency.as_str()), (1, amount("900"), "IDR"));
    assert_eq!(seen.prefixes[1].price, amount("299.5"));
    let run: DryRun = told(gateway.post(&budi, "/messages", &dry)).await;
    assert_eq!(run.cost, Some(amount("1549.5")));
    let long = json!({ "to": "+628123456789", "text": "x".repeat(200) });
    let preview: Preview = told(gateway.post(&budi, "/messages/preview", &long)).await;
    assert_eq!((preview.parts, preview.cost), (2, Some(amount("700"))));
    let own = json!([{ "to": "+628123456789", "text": "x".repeat(200) }, { "to": "+15551234567", "text": "a" }]);
    let batch = json!({ "to": own, "dry_run": true });
    let run: DryRun = told(gateway.post(&budi, "/batches", &batch)).await;
    assert_eq!(run.cost, Some(amount("1600")), "each by its own text");
    let (_, versions) = answer(gateway.get(&root, "/prices/versions")).await;
    assert_eq!(
        (&versions["versions"][0]["by"], &versions["versions"][0]["prices"]),
        (&json!("root"), &json!(2))
    );
    let first: Prices = told(gateway.get(&root, "/prices/versions/1")).await;
    assert_eq!(first, seen);
    assert_eq!(refused(gateway.get(&root, "/prices/versions/7")).await.0, 404);
    assert_eq!(refused(gateway.get(&budi, "/prices/versions")).await.1, "admins-only");
}

#[tokio::test]
async fn a_message_says_what_it_cost_and_that_it_waits_for_credit() {
    let gateway = Gateway::start().await;
    let (root, budi) = (gateway.user("root", true).await, gateway.user("budi", false).await);
    let account = gateway.id_of("budi").await;
    told::<Credit>(gateway.post(
        &root,
        &format!("/credits/{account}"),
        &json!({ "amount": "500" }),
    ))
    .await;
    let body = json!({ "to": ["+628123456789", "+628123456780"], "text": "Halo" });
    let ids = gateway.sends(&budi, &body).await;
    // As the router tells it.
    let (org, at) = (OrgId::default_org(), Timestamp::now());
    let charges = vec![Charge { message: ids[0], cost: amount("350") }];
    let charged = Charged { block: BlockId::new(), org, account, at, charges };
    gateway.bus.publish(&charged).await.expect("published");
    let to = PhoneNumber::parse("+628123456780").expect("a number");
    let request = MtRequest { owner: account, ..MtRequest::text(to, "") };
    let hour = std::time::Duration::from_hours(1);
    let held = MtChange::Held { gate: Gate::Credit, until: at.plus(hour), tries: 0, round: 1 };
    let at = at.plus(hour);
    gateway.bus.publish(&MtEvent::of(ids[1], &request, at, held)).await.expect("published");
    let cost = async |id: MessageId| gateway.message(&budi, id).await.message.cost;
    wait_for("what it cost", || async {
        (cost(ids[0]).await == Some(amount("350"))).then_some(())
    })
    .await;
    let waiting = wait_for("it to wait", || async {
        let waiting = gateway.message(&budi, ids[1]).await.message.waiting?;
        (waiting.code == "no-credit").then_some(waiting)
    })
    .await;
    assert!(waiting.reason.contains("not enough credit"), "{}", waiting.reason);
    assert_eq!((waiting.until, cost(ids[1]).await), (None, None));
    let mut browser = Browser::new(&gateway, "id");
    browser.open("/login").await;
    browser.send("/login", &[("name", "budi"), ("password", "correct horse")]).await;
    browser.open(&format!("/messages/{}", ids[1])).await.shows("Saldo akun tidak cukup");
    browser.open("/account").await.shows("Sisa: 150");
}

#[tokio::test]
async fn the_page_gives_credit_and_sets_prices() {
    let gateway = Gateway::start().await;
    gateway.user("root", true).await;
    gateway.user("budi", false).await;
    let mut browser = Browser::new(&gateway, "en");
    browser.open("/login").await;
    browser.send("/login", &[("name", "root"), ("password", "correct horse")]).await;
    browser.open("/users").await.shows("href=\"/credits\"");
    browser.open("/account").await.hides("href=\"/credits\"");
    browser.open("/credits").await.shows("Sends as much as it likes");
    browser.send("/credits", &[("name", "budi"), ("amount", "much")]).await;
    assert_eq!(browser.status, 422);
    browser.shows("Write the amount as");
    browser.shows("value=\"budi\"");
    browser.shows("value=\"much\"");
    browser.send("/credits", &[("name", "budi"), ("amount", "0")]).await;
    browser.shows("0 changes nothing.");
    browser.send("/credits", &[("name", "budi"), ("amount", "2000000000000")]).await;
    browser.shows("An account may have at most");
    browser.send("/credits", &[("name", "nobody"), ("amount", "5")]).await;
    browser.shows("There is no account of this name.");
    let price = [("version", "0"), ("prefix", "+62"), ("price", "350"), ("currency", "IDR")];
    browser.send("/credits/prices", &price).await.shows("The prices are changed.");
    browser.shows("350 IDR");
    browser.send("/credits/prices", &price).await.shows("Somebody changed the prices meanwhile.");
    let usual = [("version", "1"), ("prefix", ""), ("price", "900"), ("currency", "IDR")];
    browser.send("/credits/prices", &usual).await.shows("900 IDR");
    let gift = [("name", "budi"), ("amount", "1000"), ("note", "<b>a gift</b>")];
    browser.send("/credits", &gift).await.shows("budi has 1000 IDR now.");
    let id = gateway.id_of("budi").await;
    browser.open(&format!("/credits/{id}")).await.shows("Credit added");
    browser.shows("&#60;b&#62;a gift");
    browser.send("/credits/prices/remove", &[("version", "2"), ("prefix", "+62")]).await;
    browser.shows("The prices are changed.");

    let mut other = Browser::new(&gateway, "id");
    other.open("/login").await;
    other.send("/login", &[("name", "budi"), ("password", "correct horse")]).await;
    other.open("/account").await.shows("Sisa: 1000 IDR");
    other.open("/credits").await.shows("Sisa: 1000 IDR");
    other.hides("Tambah saldo");
    let root = gateway.id_of("root").await;
    other.open(&format!("/credits/{root}")).await;
    assert_eq!(other.status, 404);
    other.open("/credits").await;
    other.send("/credits", &gift).await;
    assert_eq!(other.status, 403);
    other.open("/credits").await;
    other.send(&format!("/credits/{id}/unlimited"), &[]).await;
    assert_eq!(other.status, 403);
    browser.open("/credits").await;
    browser.send(&format!("/credits/{id}/unlimited"), &[]).await;
    browser.shows("The account sends as much as it likes now.");
}

#[tokio::test]
async fn the_doors_of_other_gateways_say_what_is_left() {
    let doors = [("doors.jasmin", "true"), ("doors.playsms", "true")];
    let gateway = Gateway::start_with(&doors).await;
    let (root, budi) = (gateway.user("root", true).await, gateway.user("budi", false).await);
    let id = gateway.id_of("budi").await;
    let balance = async || {
        let own = [("username", "budi"), ("password", budi.as_str())];
        let url = format!("{}/balance", gateway.url);
        answer(gateway.http.get(url).query(&own)).await.1["balance"].clone()
    };
    let credit = async || {
        let own = [("app", "ws"), ("op", "cr"), ("u", "budi"), ("h", budi.as_str())];
        let url = format!("{}/index.php", gateway.url);
        answer(gateway.http.get(url).query(&own)).await.1["credit"].clone()
    };
    assert_eq!((balance().await, credit().await), (json!("ND"), json!("9999999999.999")));
    let given = json!({ "amount": "12.5" });
    told::<Credit>(gateway.post(&root, &format!("/credits/{id}"), &given)).await;
    assert_eq!((balance().await, credit().await), (json!(12.5), json!("12.5")));
}
