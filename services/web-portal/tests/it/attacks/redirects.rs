//! Leading people elsewhere: by what follows a log-in, and by the host that a request says it is for.

use serde_json::json;

use super::{PASSWORD, logged_in};
use crate::browser::Browser;
use crate::gateway::{Gateway, answer};

/// Addresses that lead, or seem to lead, somewhere else.
const ELSEWHERE: [&str; 14] = [
    "https://evil.example/",
    "//evil.example/",
    "///evil.example/",
    "/\\evil.example/",
    "\\\\evil.example/",
    "/\t/evil.example/",
    "/\r\n/evil.example/",
    "/\r\nset-cookie: merpati=planted",
    "/\u{85}/evil.example",
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    " //evil.example/",
    "evil.example",
    "@evil.example/",
];

#[tokio::test]
async fn nothing_that_is_said_leads_to_another_host() {
    let gateway = Gateway::start().await;
    gateway.user("root", true).await;
    for next in ELSEWHERE {
        // After the log-in,
        let mut browser = Browser::new(&gateway, "en");
        browser.open("/login").await;
        let fields = [("name", "root"), ("password", PASSWORD), ("next", next)];
        browser.send("/login", &fields).await;
        assert_eq!(browser.at, "/", "{next:?}");
        let sessions = browser.set_cookies.iter().filter(|set| set.starts_with("merpati="));
        assert_eq!(sessions.count(), 1, "{next:?}");
        // for who is logged in already,
        browser.open(&format!("/login?next={}", url_encoded(next))).await;
        assert_eq!((browser.status.as_u16(), browser.at.as_str()), (200, "/"), "{next:?}");
        // and after another language was chosen.
        browser.send("/language", &[("language", "en"), ("back", next)]).await;
        assert_eq!(browser.at, "/", "{next:?}");
    }
    // In a form it stands as what it is led to.
    let mut browser = Browser::new(&gateway, "en");
    browser.open("/login?next=%2F%2Fevil.example").await.shows("name=\"next\" value=\"/\"");
    browser.open("/login?next=%2Fsent%22%3E%3Cscript%3E").await.hides("<script>");
}

/// A text as it stands in a query.
fn url_encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |said, byte| said + &format!("%{byte:02X}"))
}

/// Links lead to the gateway, whoever asked for them by whatever name of a host: who is invited by a link to another would give
/// that a password.
#[tokio::test]
async fn links_lead_to_the_gateway_whatever_host_was_asked() {
    let gateway = Gateway::start().await;
    let root = gateway.user("root", true).await;
    gateway.user("budi", false).await;
    let budi = format!("/users/{}/password-link", gateway.id_of("budi").await);
    for (path, body) in
        [("/invitations", json!({ "role": "user", "label": "x" })), (&*budi, json!({}))]
    {
        let request = gateway.post(&root, path, &body);
        let request = request.header("host", "evil.example");
        let request = request.header("x-forwarded-host", "evil.example");
        let (status, made) = answer(request).await;
        assert!(status.is_success(), "{made}");
        let url = made["url"].as_str().expect("a link");
        assert!(url.starts_with(&gateway.url), "{url}");
        assert!(!made.to_string().contains("evil.example"), "{made}");
    }
    // On the pages, too, and no page has that name in it.
    let browser = logged_in(&gateway, "root").await;
    for path in ["/", "/login", "/account", "/users", "/manifest.webmanifest", "/nothing"] {
        let page = gateway.http.get(format!("{}{path}", gateway.url));
        let page = page.header("cookie", browser.cookie()).header("host", "evil.example");
        let page = page.header("x-forwarded-host", "evil.example").send().await;
        let page = page.expect("an answer");
        assert!(!format!("{:?}", page.headers()).contains("evil.example"), "{path}");
        assert!(!page.text().await.expect("a page").contains("evil.example"), "{path}");
    }
}
