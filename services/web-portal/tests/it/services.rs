//! Keyword services by the API. Nobody calls them here.

use serde_json::{Value, json};

use crate::gateway::{Gateway, answer};

#[tokio::test]
async fn a_service_is_made_shown_and_removed() {
    let gateway = Gateway::start().await;
    let root = gateway.user("root", true).await;
    let budi = gateway.user("budi", false).await;
    let new = json!({
        "name": "Jam Toko",
        "keyword": " INFO ",
        "aliases": ["Jam", "info"],
        "get_url": "http://127.0.0.1:1/?t=%a",
        "reply_with_body": true,
        "max_messages": 3,
    });
    let (status, made) = answer(gateway.post(&budi, "/services", &new)).await;
    assert_eq!(status, 201, "{made}");
    assert_eq!((&made["keyword"], &made["aliases"]), (&json!("info"), &json!(["jam"])));
    assert_eq!((&made["reply_with_body"], &made["max_messages"]), (&json!(true), &json!(3)));
    let path = format!("/services/{}", made["id"].as_str().expect("an id"));
    for key in [&budi, &root] {
        let (_, all) = answer(gateway.get(key, "/services")).await;
        assert_eq!(all["services"], json!([made]));
        let (status, shown) = answer(gateway.get(key, &path)).await;
        assert_eq!((status.as_u16(), &shown["calls"]), (200, &json!([])));
    }
    let delete = gateway.http.delete(format!("{}/api/v1{path}", gateway.url)).bearer_auth(&budi);
    assert_eq!(delete.send().await.expect("an answer").status(), 204);
    assert_eq!(answer(gateway.get(&budi, &path)).await.0, 404);
}

#[tokio::test]
async fn what_cannot_be_a_service_is_refused_in_words() {
    let gateway = Gateway::start().await;
    let root = gateway.user("root", true).await;
    let good = json!({ "name": "a", "keyword": "a", "reply": "Halo" });
    assert_eq!(answer(gateway.post(&root, "/services", &good)).await.0, 201);
    let with = |changes: Value| {
        let mut new = json!({ "name": "b", "keyword": "b", "reply": "Halo" });
        let fields = changes.as_object().expect("fields").clone();
        new.as_object_mut().expect("fields").extend(fields);
        new
    };
    for (new, status, code, words) in [
        (with(json!({ "name": " b" })), 400, "malformed", "A name is 1 to 64 characters"),
        (with(json!({ "keyword": "two words" })), 400, "malformed", "A keyword is one word"),
        (with(json!({ "reply": " " })), 400, "malformed", "A reply is a text of 1 to"),
        (with(json!({ "get_url": "http://a.example/" })), 400, "malformed", "Say one of get_url,"),
        (with(json!({ "reply": null })), 400, "malformed", "Say one of get_url,"),
        (
            with(json!({ "reply": null, "get_url": "http://%k.example/" })),
            400,
            "malformed",
            "The URL cannot be used: an escape code stands in its host.",
        ),
        (with(json!({ "name": "A" })), 409, "name-taken", "There is a service 'A' already"),
        (with(json!({ "aliases": ["A"] })), 409, "keyword-taken", "Another service of the account"),
        (with(json!({ "max_messages": 21 })), 400, "malformed", "The field 'max_messages'"),
    ] {
        let (found, problem) = answer(gateway.post(&root, "/services", &new)).await;
        assert_eq!((found.as_u16(), &problem["code"]), (status, &json!(code)), "{new}: {problem}");
        let detail = problem["detail"].as_str().expect("words");
        assert!(detail.starts_with(words), "{detail}");
    }
}

/// What a service does for its account, its maker may do.
#[tokio::test]
async fn a_key_makes_no_service_that_may_more_than_it() {
    let gateway = Gateway::start().await;
    let root = gateway.user("root", true).await;
    let key = async |scopes: &[&str]| {
        let (_, made) = answer(gateway.post(&root, "/keys", &json!({ "scopes": scopes }))).await;
        made["key"].as_str().expect("a key").to_owned()
    };
    let told = json!({ "name": "a", "keyword": "a", "get_url": "http://a.example/" });
    let mut replies = told.clone();
    replies["reply_with_body"] = true.into();
    replies["keyword"] = "b".into();
    replies["name"] = "b".into();
    for (scopes, new, lacks) in [
        (&["services:write"][..], &told, Some("inbox:read")),
        (&["services:write", "inbox:read"], &told, None),
        (&["services:write", "inbox:read"], &replies, Some("messages:send")),
        (&["services:write", "inbox:read", "messages:send"], &replies, None),
    ] {
        let (status, made) = answer(gateway.post(&key(scopes).await, "/services", new)).await;
        match lacks {
            Some(lacks) => {
                assert_eq!(status, 403, "{made}");
                assert!(made["detail"].as_str().expect("words").contains(lacks), "{made}");
            }
            None => assert_eq!(status, 201, "{made}"),
        }
    }
}
