//! Sessions: those of others, those that were planted, and those that should be over.

use serde_json::json;
use testkit::wait_for;

use super::{PASSWORD, logged_in};
use crate::browser::Browser;
use crate::gateway::{Gateway, answer};

/// What a browser's cookie of this name holds.
fn held(browser: &Browser<'_>, name: &str) -> Option<String> {
    let cookies = browser.cookie();
    let mut each = cookies.split("; ").filter_map(|cookie| cookie.split_once('='));
    each.find(|(known, _)| *known == name).map(|(_, value)| value.to_owned())
}

/// How `/sent` is answered to who has these cookies alone.
async fn seen_by(gateway: &Gateway, url: &str, cookies: &str) -> u16 {
    let page = gateway.http.get(format!("{url}/sent")).header("cookie", cookies);
    page.send().await.expect("an answer").status().as_u16()
}

#[tokio::test]
async fn a_session_that_was_planted_is_none_after_the_log_in_either() {
    let gateway = Gateway::start().await;
    gateway.user("root", true).await;
    // As long as one of ours.
    let planted = "A".repeat(43);
    let mut browser = Browser::new(&gateway, "en")
        .planted("merpati", &planted)
        .planted("merpati_login", &planted)
        .planted("merpati_acting", &planted)
        .planted("merpati_visit", &planted);
    browser.open("/login").await;
    browser.send("/login", &[("name", "root"), ("password", PASSWORD)]).await;
    assert_eq!(browser.at, "/");
    let session = held(&browser, "merpati").expect("a session");
    assert_ne!(session, planted);
    for name in ["merpati", "merpati_acting", "merpati_login"] {
        let planted = format!("{name}={planted}; merpati_visit={planted}");
        assert_eq!(seen_by(&gateway, &gateway.url, &planted).await, 303, "{name}");
    }
    // A log-in that waits for a code, and one by which somebody acts as another, are no sessions of one's own.
    for name in ["merpati_login", "merpati_visit", "__Host-merpati"] {
        assert_eq!(seen_by(&gateway, &gateway.url, &format!("{name}={session}")).await, 303);
    }
    assert_eq!(seen_by(&gateway, &gateway.url, &format!("merpati={session}")).await, 200);
}

#[tokio::test]
async fn a_log_in_ends_the_session_that_the_browser_had_before() {
    let gateway = Gateway::start().await;
    let root = gateway.user("root", true).await;
    gateway.user("budi", false).await;
    let mut browser = logged_in(&gateway, "root").await;
    let before = browser.cookie();
    browser.send("/login", &[("name", "budi"), ("password", PASSWORD)]).await;
    assert_eq!(browser.at, "/");
    assert_ne!(browser.cookie(), before);
    assert_eq!(seen_by(&gateway, &gateway.url, &before).await, 303);
    browser.open("/users").await;
    assert_eq!(browser.status, 403, "it is Budi who is in");
    // One that fails ends nothing.
    let mut browser = logged_in(&gateway, "root").await;
    browser.send("/login", &[("name", "budi"), ("password", "a guess at it")]).await;
    assert_eq!(browser.status, 401);
    browser.open("/users").await;
    assert_eq!(browser.status, 200);
    let path = format!("/users/{}/sessions", gateway.id_of("root").await);
    let (_, open) = answer(gateway.get(&root, &path)).await;
    assert_eq!(open["sessions"].as_array().map(Vec::len), Some(1), "{open}");
}

#[tokio::test]
async fn who_logs_out_is_out_at_every_copy() {
    let gateway = Gateway::start().await;
    gateway.user("root", true).await;
    let copy = gateway.copy().await;
    let mut browser = logged_in(&gateway, "root").await;
    let cookies = browser.cookie();
    for url in [&gateway.url, &copy] {
        assert_eq!(seen_by(&gateway, url, &cookies).await, 200, "{url}");
    }
    browser.send("/logout", &[]).await;
    for url in [&copy, &gateway.url] {
        assert_eq!(seen_by(&gateway, url, &cookies).await, 303, "{url}");
    }
}

#[tokio::test]
async fn another_password_ends_all_sessions_but_that_of_who_set_it() {
    let gateway = Gateway::start().await;
    gateway.user("budi", false).await;
    gateway.user("root", true).await;
    let (mut here, elsewhere) =
        (logged_in(&gateway, "budi").await, logged_in(&gateway, "budi").await);
    let stolen = here.cookie();
    here.open("/account").await;
    let fields = [("old", PASSWORD), ("new", "nasi uduk pagi")];
    here.send("/account/password", &fields).await.shows("Your password was changed.");
    for cookies in [elsewhere.cookie(), stolen] {
        assert_eq!(seen_by(&gateway, &gateway.url, &cookies).await, 303);
    }
    here.open("/sent").await;
    assert_eq!(here.at, "/sent");
}

/// An account that is locked out is out by whatever it came in: its pages, its keys, and a log-in that waits for nothing but it.
#[tokio::test]
async fn an_account_that_is_locked_out_is_out_at_once() {
    let gateway = Gateway::start().await;
    let root = gateway.user("root", true).await;
    let key = gateway.user("budi", false).await;
    let browser = logged_in(&gateway, "budi").await;
    let path = format!("/users/{}", gateway.id_of("budi").await);
    let (_, made) = answer(gateway.post(&root, &format!("{path}/password-link"), &json!({}))).await;
    let link = made["url"].as_str().expect("a link").to_owned();
    assert_eq!(answer(gateway.post(&root, &format!("{path}/disable"), &json!({}))).await.0, 204);
    assert_eq!(seen_by(&gateway, &gateway.url, &browser.cookie()).await, 303);
    wait_for("the key to be refused", || async {
        (answer(gateway.get(&key, "/me")).await.0 == 401).then_some(())
    })
    .await;
    assert_eq!(Browser::new(&gateway, "en").open(&link).await.status, 410);
    // Nor is it in again by what it had, once it is let in.
    assert_eq!(answer(gateway.post(&root, &format!("{path}/enable"), &json!({}))).await.0, 204);
    assert_eq!(seen_by(&gateway, &gateway.url, &browser.cookie()).await, 303);
    assert_eq!(Browser::new(&gateway, "en").open(&link).await.status, 410);
}

#[tokio::test]
async fn who_acts_as_another_acts_as_nobody_further_and_ends_with_their_own_sessions() {
    let gateway = Gateway::start().await;
    gateway.user("root", true).await;
    gateway.user("budi", false).await;
    gateway.user("siti", false).await;
    let mut boss = logged_in(&gateway, "root").await;
    let mut elsewhere = logged_in(&gateway, "root").await;
    let as_budi = format!("/users/{}/act", gateway.id_of("budi").await);
    let as_siti = format!("/users/{}/act", gateway.id_of("siti").await);
    boss.open("/users").await.send(&as_budi, &[]).await.shows("root acts as budi");
    let acting = held(&boss, "merpati_acting").expect("a session");
    // By it alone one is Budi, who may not act as anybody, and no call of the API is made.
    for path in [as_siti.as_str(), as_budi.as_str()] {
        boss.send(path, &[]).await;
        assert_eq!(boss.status, 403, "{path}");
    }
    let call = gateway.http.get(format!("{}/api/v1/me", gateway.url));
    let call = call.header("cookie", format!("merpati_acting={acting}; merpati={acting}"));
    assert_eq!(call.send().await.expect("an answer").status(), 401);
    let alone = format!("merpati_acting={acting}");
    assert_eq!(seen_by(&gateway, &gateway.url, &alone).await, 200);
    // Whoever fears that their cookies were taken ends their sessions elsewhere, and so those that were begun by these.
    elsewhere.open("/account").await;
    elsewhere.send("/account/sessions", &[("session", "others")]).await;
    assert_eq!(seen_by(&gateway, &gateway.url, &alone).await, 303);
    boss.open("/sent").await;
    assert_eq!(boss.at, "/login?next=%2Fsent");
}

/// Every cookie is closed to scripts and to the forms of other sites, and on https its name binds it to this host.
#[tokio::test]
async fn every_cookie_is_closed_to_scripts_and_to_other_sites() {
    let plain: &[(&str, &str)] = &[];
    let proxied: &[(&str, &str)] =
        &[("http.public_url", "https://sms.example.org"), ("http.trusted_proxies", "127.0.0.1")];
    for flags in [plain, proxied] {
        let is_private = !flags.is_empty();
        let gateway = Gateway::start_with(flags).await;
        gateway.user("root", true).await;
        gateway.user("budi", false).await;
        let mut browser = Browser::new(&gateway, "en");
        if is_private {
            browser = browser
                .header("x-forwarded-proto", "https")
                .header("origin", "https://sms.example.org");
        }
        let budi = format!("/users/{}/act", gateway.id_of("budi").await);
        let mut seen = Vec::new();
        browser.open("/login").await;
        seen.append(&mut browser.set_cookies);
        let log_in = [("name", "root"), ("password", PASSWORD)];
        for (path, fields) in [
            ("/login", &log_in[..]),
            ("/language", &[("language", "en"), ("back", "/")]),
            ("/contacts", &[("name", "Siti"), ("number", "+62812345678")]),
            (budi.as_str(), &[]),
            ("/logout", &[]),
            ("/logout", &[]),
        ] {
            browser.send(path, fields).await;
            assert_eq!(browser.status, 200, "{path}");
            seen.append(&mut browser.set_cookies);
        }
        assert!(seen.len() >= 6, "{seen:?}");
        for set in &seen {
            let flags: Vec<&str> = set.split("; ").skip(1).collect();
            assert!(flags.contains(&"HttpOnly") && flags.contains(&"Path=/"), "{set}");
            let is_closed = flags.contains(&"SameSite=Lax") || flags.contains(&"SameSite=Strict");
            assert!(is_closed && !set.contains("Domain="), "{set}");
            assert_eq!(flags.contains(&"Secure"), is_private, "{set}");
            let is_bound = set.starts_with("__Host-") || set.starts_with("merpati_language=");
            assert!(is_bound || !is_private, "{set}");
        }
    }
}
