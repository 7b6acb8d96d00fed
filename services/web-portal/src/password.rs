//! Passwords: argon2id with the parameters OWASP names first, off the async threads.

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use std::sync::LazyLock;
use tokio::sync::Semaphore;

/// The fewest characters: what NIST SP 800-63B asks for at least.
pub(crate) const LEAST: usize = 8;
/// The most: longer ones only cost time.
pub(crate) const MOST: usize = 256;

/// Each hash takes 19 MiB: at most these many at one time, so that a flood of log-ins takes neither all
/// memory nor all cores.
static AT_ONE_TIME: Semaphore = Semaphore::const_new(2);

/// What a password of nobody is checked against, so that a name that is not there takes as long as one that is.
static NOBODY: LazyLock<Option<String>> =
    LazyLock::new(|| compute(&crate::secret::random_secret()));

/// Why a password is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unfit {
    /// Fewer than [`LEAST`] characters.
    Short,
    /// More than [`MOST`].
    Long,
}

/// Whether a password may be chosen.
pub(crate) fn check(password: &str) -> Result<(), Unfit> {
    match password.chars().count() {
        ..LEAST => Err(Unfit::Short),
        LEAST..=MOST => Ok(()),
        _ => Err(Unfit::Long),
    }
}

/// The PHC form to be kept; none: there is not memory enough.
pub(crate) async fn hash(password: String) -> Option<String> {
    let _turn = AT_ONE_TIME.acquire().await.ok()?;
    tokio::task::spawn_blocking(move || compute(&password)).await.ok().flatten()
}

/// Whether `password` is the one kept as `hash`. No hash takes as long, and is never right.
pub(crate) async fn verify(password: String, hash: Option<String>) -> bool {
    if password.len() > MOST * 4 {
        return false;
    }
    let Ok(_turn) = AT_ONE_TIME.acquire().await else { return false };
    let check = move || {
        let known = hash.is_some();
        let Some(hash) = hash.or_else(|| NOBODY.clone()) else { return false };
        let Ok(parsed) = PasswordHash::new(&hash) else { return false };
        hasher().is_some_and(|h| h.verify_password(password.as_bytes(), &parsed).is_ok()) && known
    };
    tokio::task::spawn_blocking(check).await.unwrap_or(false)
}

fn hasher() -> Option<Argon2<'static>> {
    let params = Params::new(19 * 1024, 2, 1, None).ok()?;
    Some(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn compute(password: &str) -> Option<String> {
    let salt: [u8; 16] = rand::random();
    let hash = hasher()?.hash_password_with_salt(password.as_bytes(), &salt).ok()?;
    Some(hash.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_one_opens() {
        let hash = hash("correct horse battery".to_owned()).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(verify("correct horse battery".to_owned(), Some(hash.clone())).await);
        assert!(!verify("correct horse".to_owned(), Some(hash)).await);
        assert!(!verify("anything at all".to_owned(), None).await);
    }

    #[test]
    fn short_and_endless_ones_are_refused() {
        assert_eq!(check("1234567"), Err(Unfit::Short));
        assert_eq!(check("12345678"), Ok(()));
        assert_eq!(check(&"x".repeat(257)), Err(Unfit::Long));
    }
}
