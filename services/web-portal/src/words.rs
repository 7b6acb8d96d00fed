//! The pages' texts in the languages Merpati speaks. `build.rs` writes one method for each text of
//! `locales/*/portal.ftl`, so a missing text or variable is an error of the compiler.

use std::fmt;
use std::sync::LazyLock;

use axum::http::{HeaderMap, header};
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};

/// A language of the pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(crate) enum Language {
    /// English.
    #[default]
    English,
    /// Bahasa Indonesia.
    Indonesian,
}

impl Language {
    /// All of them.
    pub(crate) const ALL: [Self; 2] = [Self::Indonesian, Self::English];

    /// Its BCP 47 tag.
    pub(crate) const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Indonesian => "id",
        }
    }

    /// Its name in itself.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Indonesian => "Bahasa Indonesia",
        }
    }

    /// By its tag; `id-ID` is `id`, and so is the old `in` that some phones still send.
    pub(crate) fn by_tag(tag: &str) -> Option<Self> {
        match tag.trim().split(['-', '_']).next()?.to_ascii_lowercase().as_str() {
            "en" => Some(Self::English),
            "id" | "in" | "ms" => Some(Self::Indonesian),
            _ => None,
        }
    }

    /// The one a browser likes best (RFC 9110, 12.5.4), if it names one we speak.
    pub(crate) fn wanted(headers: &HeaderMap) -> Option<Self> {
        let list = headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
        let mut best = None;
        let mut best_weight = 0.0;
        for range in list.split(',').take(20) {
            let (tag, weight) = range.split_once(";q=").unwrap_or((range, "1"));
            let weight: f32 = weight.trim().parse().unwrap_or(0.0);
            if let Some(language) = Self::by_tag(tag)
                && weight > best_weight
            {
                best = Some(language);
                best_weight = weight;
            }
        }
        best
    }
}

/// The texts in one language.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Words(Language);

type Bundle = FluentBundle<FluentResource>;

static ENGLISH: LazyLock<Bundle> =
    LazyLock::new(|| bundle(Language::English, include_str!("../locales/en/portal.ftl")));
static INDONESIAN: LazyLock<Bundle> =
    LazyLock::new(|| bundle(Language::Indonesian, include_str!("../locales/id/portal.ftl")));

fn bundle(language: Language, source: &str) -> Bundle {
    // The build has read the same file without a fault.
    let resource = match FluentResource::try_new(source.to_owned()) {
        Ok(resource) | Err((resource, _)) => resource,
    };
    let mut bundle = Bundle::new_concurrent(vec![language.tag().parse().unwrap_or_default()]);
    // What others wrote is isolated by the pages' <bdi>.
    bundle.set_use_isolating(false);
    bundle.add_resource_overriding(resource);
    bundle
}

impl Words {
    /// The texts in `language`.
    pub(crate) const fn of(language: Language) -> Self {
        Self(language)
    }

    /// Their language.
    pub(crate) const fn language(self) -> Language {
        self.0
    }

    fn say(self, key: &str, variables: Option<&FluentArgs<'_>>) -> String {
        let bundle: &Bundle = match self.0 {
            Language::English => &ENGLISH,
            Language::Indonesian => &INDONESIAN,
        };
        let mut errors = Vec::new();
        let Some(pattern) = bundle.get_message(key).and_then(|message| message.value()) else {
            // Not reached: the method exists because the text does.
            return key.to_owned();
        };
        bundle.format_pattern(pattern, variables, &mut errors).into_owned()
    }
}

impl fmt::Debug for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Words({})", self.0.tag())
    }
}

include!(concat!(env!("OUT_DIR"), "/words.rs"));

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(list: &str) -> Option<Language> {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_LANGUAGE, list.parse().unwrap());
        Language::wanted(&headers)
    }

    #[test]
    fn the_browser_s_wish_is_read() {
        assert_eq!(wanted("id-ID,id;q=0.9,en-US;q=0.8,en;q=0.7"), Some(Language::Indonesian));
        assert_eq!(wanted("de-DE,de;q=0.9,en;q=0.5,id;q=0.2"), Some(Language::English));
        assert_eq!(wanted("ja"), None);
        assert_eq!(wanted("en;q=nonsense"), None);
    }

    #[test]
    fn numbers_are_counted_in_both() {
        let english = Words::of(Language::English);
        assert_eq!(english.count_parts(1), "1 part");
        assert_eq!(english.count_parts(3), "3 parts");
        assert_eq!(Words::of(Language::Indonesian).count_parts(3), "3 bagian");
    }
}
