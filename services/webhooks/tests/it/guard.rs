//! Where a callback may not go, and that it is not even knocked at.

use store::CallbackState;

use crate::gateway::{Customer, Gateway, config, delivered};

async fn refused(gateway: &Gateway, url: &str) -> String {
    let message = gateway.message("a", url, 1).await;
    gateway.happens(&message, delivered()).await;
    let callback = gateway.callback(message.id.unwrap(), CallbackState::Failed).await;
    callback.last_error.unwrap()
}

#[tokio::test]
async fn private_addresses_are_refused_before_any_connection() {
    let mut strict = config();
    strict.allow = Vec::new();
    strict.retry = Vec::new();
    let gateway = Gateway::start_with(strict).await;
    let mut customer = Customer::start(&["200 OK"]).await;
    let port = customer.address.port();
    gateway.names.set("inside.example", &["127.0.0.1"]);
    gateway.names.set("mixed.example", &["93.184.215.14", "10.0.0.1"]);
    gateway.names.set("mapped.example", &["::ffff:169.254.169.254"]);

    for (host, kind) in [
        ("127.0.0.1", "this machine itself"),
        ("2130706433", "this machine itself"),
        ("0177.0.0.1", "this machine itself"),
        ("0x7f000001", "this machine itself"),
        ("127.1", "this machine itself"),
        ("127。0。0。1", "this machine itself"),
        ("[::1]", "this machine itself"),
        ("[::ffff:127.0.0.1]", "this machine itself"),
        ("[::ffff:7f00:1]", "this machine itself"),
        ("[::127.0.0.1]", "this machine itself"),
        ("[64:ff9b::127.0.0.1]", "this machine itself"),
        ("[2002:7f00:1::]", "this machine itself"),
        ("[fd00::1]", "a private network"),
        ("[fe80::1]", "a link-local address"),
        ("169.254.169.254", "a link-local address"),
        ("inside.example", "this machine itself"),
        ("mixed.example", "a private network"),
        ("mapped.example", "a link-local address"),
        ("192.168.1.1", "a private network"),
        ("100.64.0.1", "a carrier's private network"),
    ] {
        let error = refused(&gateway, &format!("http://{host}:{port}/")).await;
        assert!(error.contains(kind), "{host}: {error}");
        assert!(error.contains("webhooks.allow"), "{host}: {error}");
    }
    assert!(!customer.was_asked());
    assert_eq!(gateway.names.asked(), ["inside.example", "mixed.example", "mapped.example"]);
    let error = refused(&gateway, "http://nowhere.example/").await;
    assert_eq!(error, "its name cannot be resolved: there is no such name");
}

/// A public host could send the gateway inwards, so where it wants to be asked instead is said and not gone to.
#[tokio::test]
async fn a_redirect_leads_nowhere() {
    let mut once = config();
    once.retry = Vec::new();
    let gateway = Gateway::start_with(once).await;
    let mut inside = Customer::start(&["200 OK"]).await;
    for status in ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"] {
        let answer = format!("{status}\r\nlocation: {}", inside.url("/inside"));
        let mut outside = Customer::start(&[answer.as_str()]).await;
        let error = refused(&gateway, &outside.url("/outside")).await;
        assert!(error.contains("redirects are not followed"), "{status}: {error}");
        assert_eq!(outside.asked().await.target, "/outside");
    }
    assert!(!inside.was_asked());
}

#[tokio::test]
async fn what_is_allowed_is_connected_to_at_the_address_that_was_checked() {
    let gateway = Gateway::start().await;
    let mut customer = Customer::start(&["200 OK"]).await;
    let port = customer.address.port();
    // The system's resolver knows no such name, so this connection can only be to the address given here.
    gateway.names.set("hook.test", &["127.0.0.1"]);
    let message = gateway.message("a", &format!("http://hook.test:{port}/%d"), 1).await;
    gateway.happens(&message, delivered()).await;
    let asked = customer.asked().await;
    assert_eq!((asked.target.as_str(), asked.host), ("/1", format!("hook.test:{port}")));
    assert_eq!(gateway.names.asked(), ["hook.test"], "resolved once");

    // A moment later the name is somewhere else: the new address is checked, too.
    gateway.names.set("hook.test", &["10.0.0.1"]);
    let message = gateway.message("a", &format!("http://hook.test:{port}/again"), 1).await;
    gateway.happens(&message, delivered()).await;
    let callback = gateway.callback(message.id.unwrap(), CallbackState::Failed).await;
    assert!(callback.last_error.unwrap().contains("10.0.0.1, a private network"));
    assert!(!customer.was_asked());
}
