//! What a browser calls itself, in words that a person knows.

use super::hostile::Hostile;
use crate::words::Words;

/// Browsers, each by a word that it has and those before it have not.
const BROWSERS: [(&str, &str); 9] = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("curl/", "curl"),
];

/// What browsers run on.
const SYSTEMS: [(&str, &str); 7] = [
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
];

/// Characters of a name that is not known.
const LONGEST: usize = 60;

/// A browser in words: `Firefox on Android`. What is not known is shown as it calls itself.
pub(super) fn words(w: Words, agent: &str) -> Hostile {
    let known = |all: &[(&str, &'static str)]| {
        all.iter().find(|(word, _)| agent.contains(*word)).map(|(_, name)| *name)
    };
    Hostile(match (known(&BROWSERS), known(&SYSTEMS)) {
        (Some(browser), Some(system)) => w.sessions_browser(browser, system),
        (Some(name), None) => name.to_owned(),
        _ if agent.trim().is_empty() => w.sessions_unknown(),
        _ => agent.chars().take(LONGEST).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Language;

    #[test]
    fn browsers_are_known_by_what_they_call_themselves() {
        let w = Words::of(Language::English);
        for (agent, known) in [
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
                "Firefox on Linux",
            ),
            (
                "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36",
                "Chrome on Android",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
                "Safari on iPhone",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0",
                "Edge on Windows",
            ),
            ("curl/8.5.0", "curl"),
            ("playSMS token", "playSMS token"),
            ("", "unknown browser"),
        ] {
            assert_eq!(words(w, agent).0, known, "{agent}");
        }
        assert_eq!(words(w, &"<".repeat(300)).0.len(), LONGEST);
        assert!(!words(w, "<script>").to_string().contains('<'));
    }
}
