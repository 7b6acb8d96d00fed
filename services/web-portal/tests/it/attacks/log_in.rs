//! Guessing who is there, and coming in by what somebody else has.

use serde_json::json;

use super::PASSWORD;
use crate::browser::Browser;
use crate::gateway::{Gateway, answer};

/// What a log-in is answered with, without what was typed and what each page has of its own.
async fn refusal(gateway: &Gateway, name: &str, password: &str) -> (u16, String) {
    let mut browser = Browser::new(gateway, "en");
    browser.open("/login").await;
    browser.send("/login", &[("name", name), ("password", password)]).await;
    assert!(!browser.cookie().contains("merpati="), "{name}: {}", browser.cookie());
    let page = browser.page.replace(&browser.csrf, "").replace(name, "");
    (browser.status.as_u16(), page)
}

/// Who tries names learns nothing of which of them there are, or of how an account is.
#[tokio::test]
async fn a_name_that_nobody_has_is_refused_as_one_that_somebody_has() {
    let gateway = Gateway::start().await;
    let root = gateway.user("zroot", true).await;
    gateway.user("zbudi", false).await;
    gateway.user("zlocked", false).await;
    let locked = format!("/users/{}/disable", gateway.id_of("zlocked").await);
    assert_eq!(answer(gateway.post(&root, &locked, &json!({}))).await.0, 204);
    for new in [
        json!({ "name": "zsilent" }),
        json!({ "name": "zprogram", "password": PASSWORD, "service": true }),
    ] {
        assert_eq!(answer(gateway.post(&root, "/users", &new)).await.0, 201);
    }
    let unknown = refusal(&gateway, "znobody", PASSWORD).await;
    assert_eq!(unknown.0, 401);
    for (name, password) in [
        ("zbudi", "a guess at it"),
        ("zbudi", ""),
        ("zlocked", PASSWORD),
        ("zlocked", "a guess at it"),
        ("zsilent", PASSWORD),
        ("zsilent", ""),
        ("zprogram", "a guess at it"),
        ("znobody", ""),
    ] {
        assert_eq!(refusal(&gateway, name, password).await, unknown, "{name} {password}");
    }
    // A name that is too long, or no name at all, is no other answer either.
    let strange = refusal(&gateway, "z\u{202e}'; DROP TABLE users; --", PASSWORD).await;
    assert_eq!(strange.0, 401);
}

/// Nobody is an administrator by what they write beside their name.
#[tokio::test]
async fn a_form_gives_no_role() {
    let gateway = Gateway::start().await;
    let root = gateway.user("root", true).await;
    let invited = json!({ "role": "user", "label": "Siti" });
    let (_, made) = answer(gateway.post(&root, "/invitations", &invited)).await;
    let link = made["url"].as_str().expect("a link").to_owned();
    let token = link.split_once("token=").expect("a token").1.to_owned();
    let mut siti = Browser::new(&gateway, "en");
    siti.open(&link).await;
    let fields = [
        ("token", token.as_str()),
        ("name", "siti"),
        ("password", PASSWORD),
        ("role", "admin"),
        ("admin", "true"),
    ];
    siti.send("/invitation", &fields).await;
    assert_eq!((siti.status.as_u16(), siti.at.as_str()), (200, "/"));
    siti.open("/users").await;
    assert_eq!(siti.status, 403);
}
