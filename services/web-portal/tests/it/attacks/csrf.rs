//! Forms that another site fills in and sends, and addresses that do something when they are only looked at.

use reqwest::{Method, RequestBuilder};
use web_portal::{declared, declared_pages};

use super::{Things, filled, logged_in, newest, noun};
use crate::browser::{BOUNDARY, Browser, uploaded};
use crate::gateway::Gateway;
use crate::powers::request;

/// What is said of a form that is not from one of our pages.
const FORGED: &str = "This form has expired";

/// A form that a browser with these cookies sends, with a token.
fn form(gateway: &Gateway, path: &str, cookies: &str, token: &str) -> RequestBuilder {
    let post = gateway.http.post(format!("{}{path}", gateway.url));
    let post = post.header("cookie", cookies.to_owned()).header("accept-language", "en");
    if ["/bulk", "/contact-imports"].contains(&path) {
        let kind = format!("multipart/form-data; boundary={BOUNDARY}");
        return post.header("content-type", kind).body(uploaded(token, "a.csv", b"+62812345678"));
    }
    post.form(&[("csrf", token), ("name", "forged"), ("to", "+62812345678"), ("text", "forged")])
}

/// What is wrong with a form, its token, and a header of its request.
type Attack<'a> = (&'a str, &'a str, Option<(&'a str, &'a str)>);

/// Refused before anything of it is looked at: by its token, or by where the browser says that it is from.
#[tokio::test]
async fn a_form_from_elsewhere_is_refused_whatever_it_is_for() {
    let gateway = Gateway::start().await;
    let key = gateway.user("root", true).await;
    let modem = gateway.modem("modem1", "+62811000001").await.id.to_string();
    let things = Things::make(&gateway, &key, "Siti", "Halo").await;
    let mut browser = logged_in(&gateway, "root").await;
    browser.open("/").await;
    let (own, cookies) = (browser.csrf.clone(), browser.cookie());
    let mut stranger = Browser::new(&gateway, "en");
    stranger.open("/login").await;
    let sent = gateway.accepted(&key).await;
    let before = newest(&gateway, &key).await;

    let made_up = "A".repeat(own.len());
    let beside = format!("{}.evil.example", gateway.url);
    let attacks: [Attack<'_>; 10] = [
        ("no token", "", None),
        ("a token that was made up", made_up.as_str(), None),
        ("the token of another visit", stranger.csrf.as_str(), None),
        ("half of the token", &own[..own.len() / 2], None),
        ("another site", own.as_str(), Some(("origin", "https://evil.example"))),
        ("a document without an origin", own.as_str(), Some(("origin", "null"))),
        ("another port of this host", own.as_str(), Some(("origin", "http://127.0.0.1:1"))),
        ("a host whose name begins like ours", own.as_str(), Some(("origin", beside.as_str()))),
        ("an origin that is none", own.as_str(), Some(("origin", "evil"))),
        ("a page of another site", own.as_str(), Some(("sec-fetch-site", "cross-site"))),
    ];
    let forms = declared_pages();
    let forms = forms.iter().filter(|page| page.method != "GET");
    let mut tried = 0;
    for page in forms {
        let id = things.id(noun(page.path)).unwrap_or(&modem);
        let path = filled(page.path, id, "remove");
        for (attack, token, header) in attacks {
            let mut request = form(&gateway, &path, &cookies, token);
            if let Some((name, value)) = header {
                request = request.header(name, value);
            }
            let answer = request.send().await.expect("an answer");
            let (status, said) = (answer.status(), answer.text().await.expect("a page"));
            let shown = format!("{} {path} with {attack}: {status} {said}", page.method);
            assert!(status == 403 && said.contains(FORGED), "{shown}");
        }
        // Nor by the token alone, which belongs to the cookies.
        let answer = form(&gateway, &path, "", &own).send().await.expect("an answer");
        let status = answer.status();
        assert!(status == 403 || status == 303, "{path} without cookies: {status}");
        tried += 1;
    }
    assert!(tried > 50, "{tried} forms");
    assert_eq!(newest(&gateway, &key).await, before, "nothing was changed");
    // One more is the message by which it was counted before.
    assert_eq!(gateway.accepted(&key).await, sent + 1, "nothing was sent");
}

/// A link or a picture can lead anybody to any address. What is looked at is noted as read, and a secret for a phone waits to be
/// confirmed; nothing else is done by it.
#[tokio::test]
async fn what_is_only_looked_at_changes_nothing() {
    let gateway = Gateway::start().await;
    let key = gateway.user("root", true).await;
    let modem = gateway.modem("modem1", "+62811000001").await.id.to_string();
    let things = Things::make(&gateway, &key, "Siti", "Halo").await;
    let browser = logged_in(&gateway, "root").await;
    let sent = gateway.accepted(&key).await;
    let before = newest(&gateway, &key).await;
    for method in [Method::GET, Method::HEAD] {
        let pages = declared_pages();
        for page in pages.iter().filter(|page| page.method == "GET") {
            let id = things.id(noun(page.path)).unwrap_or(&modem);
            // What a form would have in it, too.
            let path = filled(page.path, id, "remove");
            let query = "csrf=x&name=forged&to=%2B62812345678&text=forged&role=admin";
            let url = format!("{}{path}?{query}", gateway.url);
            let seen = gateway.http.request(method.clone(), url);
            let seen = seen.header("cookie", browser.cookie()).send().await.expect("an answer");
            assert_ne!(seen.status(), 500, "{method} {path}");
        }
    }
    for call in declared().iter().filter(|call| call.method == "GET") {
        let id = things.id(noun(call.path)).unwrap_or(&modem);
        let seen = request(&gateway, call, id).bearer_auth(&key).send().await;
        assert_ne!(seen.expect("an answer").status(), 500, "{}", call.path);
    }
    assert_eq!(newest(&gateway, &key).await, before, "nothing was changed");
    assert_eq!(gateway.accepted(&key).await, sent + 1, "nothing was sent");
    // And what changes something is not reached by another method.
    for page in declared_pages().iter().filter(|page| page.method != "GET") {
        let id = things.id(noun(page.path)).unwrap_or(&modem);
        let url = format!("{}{}", gateway.url, filled(page.path, id, "remove"));
        for method in ["PUT", "DELETE", "PATCH"] {
            let method = Method::from_bytes(method.as_bytes()).expect("a method");
            let asked = gateway.http.request(method, &url).header("cookie", browser.cookie());
            let status = asked.send().await.expect("an answer").status();
            assert!(status == 404 || status == 405, "{}: {status}", page.path);
        }
    }
    assert_eq!(newest(&gateway, &key).await, before);
}
