//! Hashes that playSMS has of passwords, so that its clients are let in by them: bcrypt, and the MD5 of before.
//!
//! Either can be guessed faster than argon2id, MD5 by orders of magnitude. So a hash is not kept as it is but hashed once more,
//! with argon2id: whoever reads the database has to guess through both. What is kept names the first of the two, with what
//! it takes to do it again.
//!
//! `md5:` argon2id of the 32 hex digits | `bcrypt:` the 29 characters of cost and salt `:` argon2id of all 60.

use bcrypt::Version;
use md5::{Digest as _, Md5};

use crate::password;

/// The highest cost of bcrypt that is looked at: each step doubles the time, and this one takes about a second.
pub(crate) const MOST_COST: u32 = 14;

/// Characters of the version, the cost and the salt of bcrypt: `$2y$10$` and 22 of the salt.
const SALTED: usize = 29;

/// A hash of a password.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum OldHash {
    /// In hex.
    Md5(String),
    /// With its cost and salt before it.
    Bcrypt(String),
}

impl OldHash {
    /// Reads the hash as it is in playSMS's database.
    pub(crate) fn parse(hash: &str) -> Option<Self> {
        if hash.len() == 32 && hash.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Some(Self::Md5(hash.to_ascii_lowercase()));
        }
        let salted = hash.get(..SALTED).filter(|_| hash.len() == 60)?;
        salt(salted)?;
        // The letter says which mistake of an old program is not made; the octets are the same.
        Some(Self::Bcrypt(format!("$2y${}", hash.get(4..)?)))
    }

    /// What is kept of it; none: there is no memory.
    pub(crate) async fn wrapped(self) -> Option<String> {
        match self {
            Self::Md5(hash) => Some(format!("md5:{}", password::hash(hash).await?)),
            Self::Bcrypt(hash) => {
                let salted = hash.get(..SALTED)?.to_owned();
                Some(format!("bcrypt:{salted}:{}", password::hash(hash).await?))
            }
        }
    }
}

/// Cost and salt of `$2y$10$` and what follows.
fn salt(salted: &str) -> Option<(u32, [u8; 16])> {
    let rest = ["$2y$", "$2a$", "$2b$"].iter().find_map(|version| salted.strip_prefix(version))?;
    let (cost, salt) = rest.split_once('$')?;
    let cost = cost.parse().ok().filter(|cost| (4..=MOST_COST).contains(cost))?;
    let salt = bcrypt_base64(salt)?;
    Some((cost, salt))
}

/// 16 octets in bcrypt's own Base64: 22 characters, of which the last has two bits.
fn bcrypt_base64(text: &str) -> Option<[u8; 16]> {
    const LETTERS: &[u8; 64] = b"./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    if text.len() != 22 {
        return None;
    }
    let (mut octets, mut bits, mut held, mut at) = ([0; 16], 0_u32, 0, 0);
    for letter in text.bytes() {
        let value = LETTERS.iter().position(|known| *known == letter)?;
        bits = bits << 6 | u32::try_from(value).ok()?;
        held += 6;
        if held >= 8 && at < octets.len() {
            held -= 8;
            octets[at] = u8::try_from(bits >> held & 0xff).ok()?;
            at += 1;
        }
    }
    Some(octets)
}

/// Whether a password is the one of which this was kept.
pub(crate) async fn verify(password: String, kept: &str) -> bool {
    if password.len() > password::MOST * 4 {
        return false;
    }
    let (inner, outer) = if let Some(outer) = kept.strip_prefix("md5:") {
        let digest = Md5::digest(password.as_bytes());
        (Some(data_encoding::HEXLOWER.encode(&digest)), outer)
    } else if let Some((salted, outer)) =
        kept.strip_prefix("bcrypt:").and_then(|rest| rest.split_once(':'))
    {
        let Some((cost, salt)) = salt(salted) else { return false };
        let hash = move || bcrypt::hash_with_salt(password.as_bytes(), cost, salt).ok();
        let parts = tokio::task::spawn_blocking(hash).await.ok().flatten();
        (parts.map(|parts| parts.format_for_version(Version::TwoY)), outer)
    } else {
        return false;
    };
    match inner {
        Some(inner) => password::verify(inner, Some(outer.to_owned())).await,
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_password_behind_an_old_hash_is_known() {
        // MD5 and bcrypt of "password"; the second is of a published test vector.
        for (hash, right) in [
            ("5f4dcc3b5aa765d61d8327deb882cf99", "password"),
            ("5F4DCC3B5AA765D61D8327DEB882CF99", "password"),
            ("$2a$06$DCq7YPn5Rq63x1Lad4cll.TV4S6ytwfsfvkY8jIucDrjc8deX1s.", ""),
        ] {
            let Some(old) = OldHash::parse(hash) else {
                assert!(right.is_empty(), "{hash}");
                continue;
            };
            let kept = old.wrapped().await.unwrap();
            assert!(!kept.contains(&hash.to_lowercase()), "the hash itself is not kept");
            assert!(verify(right.to_owned(), &kept).await);
            for wrong in ["Password", "", hash] {
                assert!(!verify(wrong.to_owned(), &kept).await, "{wrong}");
            }
        }
        let parts = bcrypt::hash_with_salt("geheim", 4, *b"0123456789abcdef").unwrap();
        let hash = parts.format_for_version(Version::TwoY);
        let kept = OldHash::parse(&hash).unwrap().wrapped().await.unwrap();
        assert!(!kept.contains(&hash));
        assert!(verify("geheim".to_owned(), &kept).await);
        assert!(!verify("geheimx".to_owned(), &kept).await);
        assert!(!verify("geheim".to_owned(), "nothing").await);
    }

    #[test]
    fn other_hashes_are_none() {
        let bcrypt = "$2y$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy";
        assert!(OldHash::parse(bcrypt).is_some());
        for bad in [
            "",
            "secret",
            "5f4dcc3b5aa765d61d8327deb882cf9",
            &bcrypt.replace("$10$", "$31$"),
            &bcrypt.replace("$10$", "$xx$"),
            &bcrypt[..59],
            &bcrypt.replace('N', "!"),
        ] {
            assert!(OldHash::parse(bad).is_none(), "{bad}");
        }
    }
}
