//! The page of the API's documentation.

use std::collections::BTreeSet;

use crate::browser::{Browser, newcomer};
use crate::gateway::Gateway;

/// The values of an attribute on a page.
fn values<'a>(page: &'a str, attribute: &str) -> BTreeSet<&'a str> {
    let begin = format!("{attribute}=\"");
    page.split(begin.as_str()).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

#[tokio::test]
async fn everybody_reads_how_to_call_this_very_server() {
    for (language, title, examples, key) in [
        ("en", "The API", "Examples", "Your newest key is “shop”"),
        ("id", "API", "Contoh", "Kunci Anda yang terbaru adalah “shop”"),
    ] {
        let gateway = Gateway::start().await;
        let mut stranger = Browser::new(&gateway, language);
        stranger.open("/api/docs").await;
        assert_eq!((stranger.status.as_u16(), stranger.at.as_str()), (200, "/api/docs"));
        stranger.shows(&format!("<h1>{title}</h1>"));
        stranger.shows(examples);
        // The server is named as the browser asked for it.
        stranger.shows(&format!("{}/api/v1", gateway.url));
        for call in ["sendMessages", "listInbox", "changeModem", "showDocument"] {
            stranger.shows(&format!("id=\"{call}\""));
        }
        // Nothing comes from elsewhere, and every link leads somewhere.
        let (page, ids) = (&stranger.page, values(&stranger.page, "id"));
        for target in values(page, "href").into_iter().chain(values(page, "src")) {
            match target.strip_prefix('#') {
                Some(id) => assert!(ids.contains(id), "there is no #{id}"),
                None => assert!(target.starts_with('/'), "{target} is elsewhere"),
            }
        }
        assert!(!page.contains("<script"), "it needs no script");

        let mut ani = newcomer(&gateway, language).await;
        ani.send("/account/keys", &[("label", "shop"), ("may", "all")]).await.shows("/api/docs");
        let secret = ani.page.split("id=\"new-key\">").nth(1).expect("a key");
        let secret = secret.split('<').next().unwrap_or_default().to_owned();
        ani.open("/api/docs").await.shows(key);
        assert!(!ani.page.contains(&secret), "a key is shown once");
    }
}

#[tokio::test]
async fn the_server_is_called_what_is_configured() {
    let gateway = Gateway::start_with(&[("http.public_url", "https://sms.example")]).await;
    let mut browser = Browser::new(&gateway, "en");
    browser.open("/api/docs").await.shows("https://sms.example/api/v1");
    browser.hides(&gateway.url);
}

#[tokio::test]
async fn a_host_that_a_shell_would_run_is_not_shown() {
    let gateway = Gateway::start().await;
    let mut browser = Browser::new(&gateway, "en").header("host", "x$(reboot)");
    browser.open("/api/docs").await.hides("reboot");
    browser.shows(&format!("{}/api/v1", gateway.url));
}
