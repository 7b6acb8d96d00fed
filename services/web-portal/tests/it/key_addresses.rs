//! From which addresses a key works.

use serde_json::{Value, json};

use crate::browser::newcomer;
use crate::gateway::{Gateway, answer, refused};

/// A key with these networks, made by another.
async fn key_from(gateway: &Gateway, maker: &str, allow: &[&str]) -> (u16, Value) {
    let (status, made) = answer(gateway.post(maker, "/keys", &json!({ "allow": allow }))).await;
    (status.as_u16(), made)
}

fn secret(made: &Value) -> String {
    made["key"].as_str().expect("a key").to_owned()
}

#[tokio::test]
async fn a_key_works_from_its_networks_only() {
    // The test is at the address that a proxy on this machine says.
    let gateway = Gateway::start_with(&[("http.trusted_proxies", "127.0.0.1")]).await;
    let root = gateway.user("root", true).await;
    let (status, made) = key_from(&gateway, &root, &["10.0.0.0/8", "[2001:db8::1]"]).await;
    assert_eq!((status, &made["allow"]), (201, &json!(["10.0.0.0/8", "2001:db8::1"])), "{made}");
    let key = secret(&made);
    let from = |address: &str| gateway.get(&key, "/me").header("x-forwarded-for", address);
    for address in ["10.1.2.3", "::ffff:10.1.2.3", "2001:db8::1", "192.0.2.1, 10.1.2.3"] {
        assert_eq!(answer(from(address)).await.0, 200, "{address}");
    }
    for address in ["192.0.2.1", "2001:db8::2", "10.1.2.3, 192.0.2.1", ""] {
        let told = refused(from(address)).await;
        assert_eq!(told, (403, "address-not-allowed".to_owned()), "{address}");
    }
    // Kannel's endpoint knows no such key from there.
    let url = format!("{}/cgi-bin/sendsms", gateway.url);
    let query = [("username", "root"), ("password", &key), ("to", "+62812345678"), ("text", "x")];
    for (address, status) in [("10.1.2.3", 202), ("192.0.2.1", 403)] {
        let asked = gateway.http.get(&url).query(&query).header("x-forwarded-for", address);
        assert_eq!(asked.send().await.expect("an answer").status(), status, "{address}");
    }
}

#[tokio::test]
async fn a_key_makes_none_that_works_from_elsewhere() {
    let gateway = Gateway::start().await;
    let root = gateway.user("root", true).await;
    let maker = secret(&key_from(&gateway, &root, &["127.0.0.0/8"]).await.1);
    let (_, made) = answer(gateway.post(&maker, "/keys", &json!({}))).await;
    assert_eq!(made["allow"], json!(["127.0.0.0/8"]), "it has its maker's");
    let (_, made) = key_from(&gateway, &maker, &["127.0.0.1"]).await;
    assert_eq!(made["allow"], json!(["127.0.0.1"]));
    for wide in ["10.0.0.1", "0.0.0.0/0"] {
        let new = json!({ "allow": [wide] });
        let told = refused(gateway.post(&maker, "/keys", &new)).await;
        assert_eq!(told, (403, "scope-beyond".to_owned()), "{wide}");
    }
    let many: Vec<String> = (0..33).map(|n| format!("10.0.0.{n}")).collect();
    for bad in [json!(["localhost"]), json!(["10.0.0.0/33"]), json!([7]), json!(many)] {
        let (status, problem) =
            answer(gateway.post(&root, "/keys", &json!({ "allow": bad }))).await;
        assert_eq!((status.as_u16(), &problem["field"]), (400, &json!("allow")), "{bad}");
    }
}

#[tokio::test]
async fn a_key_is_bound_to_addresses_and_days_on_its_page() {
    for (language, works_from, until, wrong) in [
        (
            "en",
            "works from 10.0.0.0/8, ::1 only",
            "works until",
            "at most 32 addresses or networks",
        ),
        (
            "id",
            "hanya dari 10.0.0.0/8, ::1",
            "berlaku sampai",
            "paling banyak 32 alamat atau jaringan",
        ),
    ] {
        let gateway = Gateway::start().await;
        let mut browser = newcomer(&gateway, language).await;
        let bad = [
            ("label", "shop <b>"),
            ("may", "some"),
            ("scope", "inbox:read"),
            ("days", "30"),
            ("allow", "example.com"),
        ];
        browser.send("/account/keys", &bad).await.shows(wrong);
        assert_eq!(browser.status, 422);
        // What was written stays.
        for kept in [
            "value=\"shop &#60;b&#62;\"",
            "value=\"some\" checked",
            "value=\"inbox:read\" checked",
            "<option value=\"30\" selected>",
            "value=\"example.com\"",
        ] {
            browser.shows(kept);
        }
        browser.hides("value=\"messages:send\" checked");
        browser.hides("mrp_");
        let good =
            [("label", "shop"), ("may", "all"), ("allow", "10.0.0.0/8, ::1"), ("days", "30")];
        browser.send("/account/keys", &good).await.shows(works_from);
        browser.shows(until);
    }
}
