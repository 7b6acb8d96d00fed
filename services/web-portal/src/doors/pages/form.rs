//! Forms that only our own pages can send.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};
use routing::check;
use store::MOST_NUMBERS_OF_BROADCAST;
use subtle::ConstantTimeEq as _;

use super::failure::Failure;
use super::visit::Visit;
use crate::acts::contact;
use crate::acts::draft::RECIPIENTS;
use crate::acts::key::{LONGEST_LABEL, NETWORKS};
use crate::acts::modem::{LONGEST_COMMAND, LONGEST_USSD};
use crate::acts::opt_out::MOST_NUMBERS;
use crate::acts::service::{
    LONGEST_LINE, LONGEST_OPTION, LONGEST_REPLY, MOST_ALIASES, MOST_OPTIONS,
};
use crate::app::App;

/// The media type of parts of pages: what `live.js` asks for.
pub(crate) const PATCHES: &str = "application/vnd.merpati.patches+json";

/// The most fields of a form.
const FIELDS: usize = 64;
/// The most values of all fields together: a list of people has one for each of them.
const VALUES: usize = 2_048;
/// Characters of the name of a field.
const NAME: usize = 64;
/// Characters of a usual field.
const USUAL: usize = 256;

/// Characters of the fields there are.
const BOUNDS: &[(&str, usize)] = &[
    ("name", USUAL),
    ("password", USUAL),
    ("old", USUAL),
    ("new", USUAL),
    ("number", USUAL),
    // Numbers that are sent nothing, as recipients are written.
    ("numbers", MOST_NUMBERS * 64),
    ("pin", USUAL),
    // Recipients, each on a line with blanks and dashes.
    ("to", RECIPIENTS * 64),
    // The numbers of a broadcast, each on a line.
    ("audience", MOST_NUMBERS_OF_BROADCAST * 18),
    // More than any message has parts for; what is too long for one is counted and said.
    ("text", 100_000),
    ("label", LONGEST_LABEL),
    // Networks of a key, each at most 43 characters, with a comma and a blank between them.
    ("allow", NETWORKS * 45),
    ("code", LONGEST_USSD),
    ("command", LONGEST_COMMAND),
    // Longer ones are refused by name.
    ("note", 8_000),
    ("tags", 2_000),
    ("no_tags", 2_000),
    // Fields of a contact, or of the rule of a group, each on a line with its name.
    ("fields", contact::MOST_FIELDS * (contact::LONGEST_FIELD_NAME + contact::LONGEST_FIELD + 4)),
    ("email", 1_000),
    ("url", contracts::bounds::URL),
    // What a keyword service calls or sends back, and its other keywords.
    ("argument", contracts::bounds::URL),
    ("options", MOST_OPTIONS * (LONGEST_OPTION + 1)),
    // Its questions, its other text, whose inboxes it fills, and who may send to its group.
    ("lines", store::MOST_LINES * (LONGEST_LINE + 2)),
    ("otherwise", LONGEST_REPLY),
    ("users", store::MOST_INBOXES * 66),
    ("senders", store::MOST_CONFIRMED * 66),
    ("aliases", MOST_ALIASES * (contracts::bounds::KEYWORD + 1)),
    // Conditions of a rule, each with a comma and a blank between them.
    ("prefixes", check::MOST_PREFIXES * 18),
    ("accounts", check::MOST_ACCOUNTS * 66),
    ("keywords", check::MOST_KEYWORDS * (contracts::bounds::KEYWORD + 2)),
    ("refuse", check::LONGEST_REASON),
    ("amount", 20),
    ("price", 20),
    ("prefix", 20),
    ("currency", 8),
    // Addresses of our own pages, with what was asked for.
    ("back", 4_096),
    ("next", 4_096),
];

/// The name of a field as it may be shown, and how many characters it may have. One that is not listed is filled in by
/// our own pages.
fn bound(name: &str) -> (&'static str, usize) {
    BOUNDS.iter().find(|(known, _)| *known == name).copied().unwrap_or(("", USUAL))
}

/// A form whose token is its visitor's, from a page of this host.
#[derive(Debug)]
pub(crate) struct Form {
    /// Who sends it.
    pub(crate) visit: Visit,
    /// It was sent by `live.js`, which wants parts of the page.
    pub(crate) wants_patches: bool,
    fields: Vec<(String, String)>,
}

impl Form {
    /// A field; empty when it is not there.
    pub(crate) fn field(&self, name: &str) -> &str {
        self.fields.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.as_str())
    }

    /// All values of a field that a form has more than once.
    pub(crate) fn fields<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.fields.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

impl FromRequest<App> for Form {
    type Rejection = Failure;

    async fn from_request(request: Request, app: &App) -> Result<Self, Failure> {
        let (parts, body) = request.into_parts();
        let visit = Visit::of(&parts)?;
        let need = parts.extensions.get().copied();
        if !same_origin(app, &parts.headers) {
            return Err(Failure::Forged);
        }
        let accept = parts.headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
        let wants_patches = accept.is_some_and(|accept| accept.contains(PATCHES));
        let bytes = Bytes::from_request(Request::from_parts(parts, body), app)
            .await
            .map_err(|_| Failure::Malformed)?;
        let mut fields: Vec<(String, String)> = Vec::new();
        let mut names = std::collections::BTreeSet::new();
        for (name, value) in url::form_urlencoded::parse(&bytes) {
            names.insert(name.clone());
            if names.len() > FIELDS || fields.len() == VALUES {
                return Err(Failure::Malformed);
            }
            let (field, most) = bound(&name);
            if name.chars().count() > NAME || value.chars().count() > most {
                return Err(Failure::TooLarge { field, most });
            }
            // Browsers write line ends of a text as CR LF; an SMS counts each character.
            fields.push((name.into_owned(), value.replace("\r\n", "\n")));
        }
        let form = Self { visit, wants_patches, fields };
        // In a time that does not say where the two differ.
        if !bool::from(form.field("csrf").as_bytes().ct_eq(form.visit.csrf.as_bytes())) {
            return Err(Failure::Forged);
        }
        // After the token: who was logged out meanwhile is told that the form is old, not led to a page of its own.
        form.visit.check(need)?;
        Ok(form)
    }
}

/// Whether the browser says that the form is from a page of this host. What says nothing is left to the token.
pub(super) fn same_origin(app: &App, headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    if text(header::HeaderName::from_static("sec-fetch-site")).is_some_and(|s| s == "cross-site") {
        return false;
    }
    let Some(origin) = headers.get(header::ORIGIN) else { return true };
    let Ok(origin) = origin.to_str() else { return false };
    let Some((_, authority)) = origin.split_once("://") else { return false };
    let public = app.settings.base_url.split_once("://").map(|(_, authority)| authority);
    text(header::HOST) == Some(authority)
        || public.is_some_and(|public| public.split('/').next() == Some(authority))
}
