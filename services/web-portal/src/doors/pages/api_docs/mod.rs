//! `/api/docs`: the API's document as a page, drawn on the server, with examples for this very server.
//!
//! The page has no script and takes nothing from elsewhere: it is made from the document that `/api/v1/openapi.json` answers
//! with, so the two say the same.

mod document;
mod examples;

use std::sync::LazyLock;

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::Html;

use self::document::Document;
pub(super) use self::examples::{Example, all as examples_for};
use super::failure::Failure;
use super::frame::{Frame, html};
use super::visit::Visit;
use crate::acts::key::{self, Whose};
use crate::app::App;
use crate::power::Power;
use crate::words::Words;

/// The document, read once.
static DOCUMENT: LazyLock<Document> = LazyLock::new(Document::of_this_version);

/// The most characters of a host that are shown: a DNS name, and a port.
const LONGEST_HOST: usize = 253 + 6;

#[derive(Template)]
#[template(path = "api_docs.html")]
struct DocsPage {
    w: Words,
    frame: Frame,
    /// The server, as the visitor sees it.
    base: String,
    /// What a key of the visitor's is called, with its first characters.
    key: Option<(String, String)>,
    examples: Vec<Example>,
    document: &'static Document,
}

/// `GET /api/docs`, for everybody.
pub(super) async fn show(
    State(app): State<App>,
    visit: Visit,
    headers: HeaderMap,
) -> Result<Html<String>, Failure> {
    let base = base(&app, &visit, &headers);
    let key = newest_key(&app, &visit).await?;
    let prefix = key.as_ref().map(|(_, prefix)| prefix.as_str());
    let examples = examples_for(&base, prefix);
    let (w, frame) = (visit.words, Frame::of(&app, &visit).await);
    html(&DocsPage { w, frame, base, key, examples, document: &DOCUMENT })
}

/// The URL that is configured, else the one that the browser asked for, as far as it is one that a shell can be given.
pub(super) fn base(app: &App, visit: &Visit, headers: &HeaderMap) -> String {
    let configured = &app.settings.base_url;
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    match host.filter(|host| !app.settings.has_public_url && is_plain(host)) {
        Some(host) => format!("{}://{host}", if visit.private { "https" } else { "http" }),
        None => configured.clone(),
    }
}

fn is_plain(host: &str) -> bool {
    (1..=LONGEST_HOST).contains(&host.len())
        && host.bytes().all(|b| b.is_ascii_alphanumeric() || b".-:[]".contains(&b))
}

/// Label and first characters of the newest key that works, of who is logged in.
async fn newest_key(app: &App, visit: &Visit) -> Result<Option<(String, String)>, Failure> {
    let Some(authority) = visit.authority.as_ref().filter(|one| one.may(Power::KeysManage)) else {
        return Ok(None);
    };
    let (keys, now) = (key::list(app, authority, Whose::Own).await?, app.clock.now());
    let works = |key: &store::ApiKey| {
        key.revoked_at.is_none() && key.expires_at.is_none_or(|end| end > now)
    };
    Ok(keys.into_iter().find(works).map(|key| (key.name, key.prefix)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_shown_when_a_shell_can_be_given_it() {
        for good in ["sms.example", "127.0.0.1:8080", "[::1]:8080", "localhost"] {
            assert!(is_plain(good), "{good}");
        }
        for bad in ["", "a b", "x$(reboot)", "x'y", "x;y", &"x".repeat(LONGEST_HOST + 1)] {
            assert!(!is_plain(bad), "{bad}");
        }
    }
}
