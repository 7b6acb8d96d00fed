//! What was just done, said on the page that a form leads to.
//!
//! A form is answered by a redirect, so that the address is that of a page and loading it again sends nothing again.
//! The words travel in a cookie that the next page takes. Rejected: words in the address, which anybody could
//! write into a link; and a memory of the portal's own, for the next page may come from another copy.

use std::time::Duration;

use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use data_encoding::BASE64URL_NOPAD;

/// The most octets of a notice: a cookie of 4096 octets must hold it.
const LONGEST: usize = 2400;
/// A notice that no page took by then is old news.
const KEPT: Duration = Duration::from_mins(1);

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Notice {
    /// The words; a network may have written part of them.
    pub(crate) text: String,
    /// It did not work.
    pub(crate) failed: bool,
}

impl Notice {
    /// Something that was done.
    pub(crate) fn done(text: impl Into<String>) -> Self {
        Self { text: text.into(), failed: false }
    }

    /// Something that could not be done, and why.
    pub(crate) fn failed(text: impl Into<String>) -> Self {
        Self { text: text.into(), failed: true }
    }

    /// The cookie for the next page; longer words are cut.
    pub(super) fn into_jar(self, private: bool) -> CookieJar {
        let mark = if self.failed { '-' } else { '+' };
        let end = self.text.floor_char_boundary(LONGEST);
        let value = BASE64URL_NOPAD.encode(format!("{mark}{}", &self.text[..end]).as_bytes());
        let mut cookie = cookie(private, value);
        cookie.set_max_age(KEPT.try_into().ok());
        CookieJar::new().add(cookie)
    }

    /// What the last page left in the browser's cookies.
    pub(super) fn left_in(jar: &CookieJar, private: bool) -> Option<Self> {
        let octets = BASE64URL_NOPAD.decode(jar.get(name(private))?.value().as_bytes()).ok()?;
        let text = String::from_utf8(octets).ok()?;
        match text.split_at_checked(1)? {
            ("+", text) => Some(Self::done(text)),
            ("-", text) => Some(Self::failed(text)),
            _ => None,
        }
    }

    /// Takes it out of the browser's cookies.
    pub(super) fn removal(private: bool) -> CookieJar {
        let mut cookie = cookie(private, String::new());
        cookie.make_removal();
        CookieJar::new().add(cookie)
    }
}

fn name(private: bool) -> &'static str {
    if private { "__Host-merpati_notice" } else { "merpati_notice" }
}

fn cookie(private: bool, value: String) -> Cookie<'static> {
    Cookie::build((name(private), value))
        .path("/")
        .http_only(true)
        .secure(private)
        .same_site(SameSite::Strict)
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_come_back_as_they_were() {
        for notice in [
            Notice::done("Terkirim; ya, “semua”\n<b>"),
            Notice::failed(""),
            Notice::done("ü".repeat(LONGEST)),
        ] {
            let jar = notice.clone().into_jar(true);
            let value = jar.get("__Host-merpati_notice").expect("a cookie").value().to_owned();
            assert!(value.len() < 3500, "{}", value.len());
            let back = Notice::left_in(&jar, true).expect("a notice");
            assert!(notice.text.starts_with(&back.text) && back.failed == notice.failed);
        }
        assert_eq!(Notice::left_in(&CookieJar::new(), false), None);
    }

    #[test]
    fn what_others_wrote_into_the_cookie_is_no_notice() {
        for value in ["", "%", "QQ", "_w"] {
            let jar = CookieJar::new().add(Cookie::new("merpati_notice", value));
            assert_eq!(Notice::left_in(&jar, false), None, "{value}");
        }
    }
}
