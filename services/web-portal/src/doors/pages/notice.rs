//! What was just done, said on the page that a form leads to.
//!
//! A form is answered by a redirect, so that the address is that of a page and loading it again sends nothing again.
//! The words travel in a cookie that the next page takes. Rejected: words in the address, which anybody could
//! write into a link; and a memory of the portal's own, for the next page may come from another copy. With what was removed
//! travels its id, from which the page makes the form that brings it back: an address in a cookie might lead anywhere.

use std::time::Duration;

use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use data_encoding::BASE64URL_NOPAD;
use store::Restorable;

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
    /// What was removed, and may be brought back.
    pub(crate) removed: Option<Restorable>,
}

impl Notice {
    /// Something that was done.
    pub(crate) fn done(text: impl Into<String>) -> Self {
        Self { text: text.into(), failed: false, removed: None }
    }

    /// Something that could not be done, and why.
    pub(crate) fn failed(text: impl Into<String>) -> Self {
        Self { text: text.into(), failed: true, removed: None }
    }

    /// Something that was removed, and may be brought back.
    pub(crate) fn removed(text: impl Into<String>, what: Restorable) -> Self {
        Self { removed: Some(what), ..Self::done(text) }
    }

    /// The cookie for the next page; longer words are cut.
    pub(super) fn into_jar(self, private: bool) -> CookieJar {
        let mark = match self.removed {
            Some(what) => format!("~{}\n", what.id()),
            None if self.failed => "-".to_owned(),
            None => "+".to_owned(),
        };
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
            ("~", rest) => {
                let (id, text) = rest.split_once('\n')?;
                Some(Self::removed(text, restorable(id)?))
            }
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

/// What has an id, by what the id is of.
fn restorable(id: &str) -> Option<Restorable> {
    let contact = || id.parse().ok().map(Restorable::Contact);
    let group = || id.parse().ok().map(Restorable::Group);
    contact().or_else(group).or_else(|| id.parse().ok().map(Restorable::Template))
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
    use contracts::{ContactId, GroupId, TemplateId};

    use super::*;

    #[test]
    fn words_come_back_as_they_were() {
        for notice in [
            Notice::done("Terkirim; ya, “semua”\n<b>"),
            Notice::failed(""),
            Notice::done("ü".repeat(LONGEST)),
            Notice::removed("Dihapus.", Restorable::Contact(ContactId::new())),
            Notice::removed("", Restorable::Group(GroupId::new())),
            Notice::removed("a\nb", Restorable::Template(TemplateId::new())),
        ] {
            let jar = notice.clone().into_jar(true);
            let value = jar.get("__Host-merpati_notice").expect("a cookie").value().to_owned();
            assert!(value.len() < 3500, "{}", value.len());
            let back = Notice::left_in(&jar, true).expect("a notice");
            assert!(notice.text.starts_with(&back.text) && back.failed == notice.failed);
            assert_eq!(back.removed, notice.removed);
        }
        assert_eq!(Notice::left_in(&CookieJar::new(), false), None);
    }

    #[test]
    fn what_others_wrote_into_the_cookie_is_no_notice() {
        let elsewhere = BASE64URL_NOPAD.encode(b"~//example.org\nx");
        for value in ["", "%", "QQ", "_w", &elsewhere] {
            let jar = CookieJar::new().add(Cookie::new("merpati_notice", value.to_owned()));
            assert_eq!(Notice::left_in(&jar, false), None, "{value}");
        }
    }
}
