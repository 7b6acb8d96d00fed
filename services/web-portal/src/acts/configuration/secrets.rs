//! Secrets in URLs, which no file has: a mark stands in their places. Pure.
//!
//! URLs are cut as texts, for those of keyword services have escape codes of Kannel, which are none of a URL's.

use super::refusal::NotTaken;

/// What stands in the place of a secret.
pub(super) const HIDDEN: &str = "***";

/// Names of fields of a query whose values are secrets.
const NAMES: [&str; 17] = [
    "access_token",
    "api-key",
    "api_key",
    "apikey",
    "auth",
    "h",
    "key",
    "pass",
    "passwd",
    "password",
    "pin",
    "pwd",
    "secret",
    "sig",
    "signature",
    "token",
    "x-api-key",
];

/// A URL without the password before its host and without the values of fields such as `token` and `password`.
pub(super) fn hidden(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (host, behind) = rest.split_at(end);
    let host = match host.rsplit_once('@') {
        Some((user, host)) => match user.split_once(':') {
            Some((user, _)) => format!("{user}:{HIDDEN}@{host}"),
            None => format!("{user}@{host}"),
        },
        None => host.to_owned(),
    };
    let (before, fragment) = match behind.split_once('#') {
        Some((before, fragment)) => (before, format!("#{fragment}")),
        None => (behind, String::new()),
    };
    let before = match before.split_once('?') {
        Some((path, query)) => {
            let fields: Vec<String> = query.split('&').map(hidden_field).collect();
            format!("{path}?{}", fields.join("&"))
        }
        None => before.to_owned(),
    };
    format!("{scheme}://{host}{before}{fragment}")
}

fn hidden_field(field: &str) -> String {
    let Some((name, value)) = field.split_once('=') else { return field.to_owned() };
    // An escape code alone is filled in from the message.
    let is_code = value.len() == 2 && value.starts_with('%');
    let is_secret = NAMES.contains(&name.to_lowercase().as_str()) && !value.is_empty() && !is_code;
    if is_secret { format!("{name}={HIDDEN}") } else { field.to_owned() }
}

/// A URL of a file with the secrets that the gateway has for it.
///
/// # Errors
/// The gateway has no such URL, so there is nothing that could stand for the mark.
pub(super) fn restored(said: &str, present: Option<&str>) -> Result<String, NotTaken> {
    if !said.contains(HIDDEN) {
        return Ok(said.to_owned());
    }
    let kept = present.filter(|present| hidden(present) == said);
    kept.map(str::to_owned).ok_or_else(|| {
        NotTaken::Wrong(format!(
            "{HIDDEN} stands for a secret that the gateway would keep, and the gateway has no such URL: write the secret in its place"
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_of_a_url_are_not_shown() {
        for (url, shown) in [
            ("https://a.example/x?y=1", "https://a.example/x?y=1"),
            ("https://u:p@a.example/x", "https://u:***@a.example/x"),
            ("https://u:p:@q@a.example", "https://u:***@a.example"),
            ("https://u@a.example", "https://u@a.example"),
            ("http://a.example?TOKEN=abc&t=%a#x?key=1", "http://a.example?TOKEN=***&t=%a#x?key=1"),
            ("http://a.example/?password=%p&key=", "http://a.example/?password=%p&key="),
            ("http://a.example/@u:p?pin=1234", "http://a.example/@u:p?pin=***"),
            ("mailto:ops@a.example", "mailto:ops@a.example"),
            ("", ""),
        ] {
            assert_eq!(hidden(url), shown, "{url}");
            assert_eq!(hidden(&hidden(url)), shown, "{url}");
        }
    }

    #[test]
    fn a_mark_stands_for_what_the_gateway_has() {
        let kept = "https://u:p@a.example/x?token=abc";
        assert_eq!(restored(&hidden(kept), Some(kept)).unwrap(), kept);
        assert_eq!(restored("https://b.example/", None).unwrap(), "https://b.example/");
        for present in [None, Some("https://u:p@b.example/x?token=abc")] {
            let error = restored(&hidden(kept), present).unwrap_err().to_string();
            assert!(error.contains("write the secret") && !error.contains("abc"), "{error}");
        }
    }
}
