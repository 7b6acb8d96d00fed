//! Making accounts: what the pages, the API and the start of the program have in common.

use contracts::Timestamp;
use store::{SETUP_LINK_LASTS, SecretHash, SetupError, Store};

use super::name::is_typable;
use crate::{password, secret};

/// The most characters of an account's name.
pub(crate) const LONGEST_NAME: usize = 64;

/// Why an account cannot be made like this.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unfit {
    /// The name is empty, too long, or has characters nobody can type.
    Name,
    /// The password.
    Password(password::Unfit),
    /// There is no memory to hash it.
    Hashing,
}

/// A name to log in with: 1 to 64 visible characters.
pub(crate) fn name(written: &str) -> Result<String, Unfit> {
    let fits = (1..=LONGEST_NAME).contains(&written.chars().count()) && is_typable(written);
    if fits { Ok(written.to_owned()) } else { Err(Unfit::Name) }
}

/// The hash of a password that may be chosen.
pub(crate) async fn hash(chosen: String) -> Result<String, Unfit> {
    password::check(&chosen).map_err(Unfit::Password)?;
    password::hash(chosen).await.ok_or(Unfit::Hashing)
}

/// A one-time link to make the first administrator, beside those that were given out before.
pub(crate) async fn setup_link(store: &Store, base_url: &str) -> Result<String, SetupError> {
    let token = secret::random_secret();
    store.open_setup(SecretHash::of(&token), Timestamp::now()).await?;
    Ok(link(base_url, &token))
}

/// A one-time link in place of all that were given out before, and when it ends.
pub(crate) async fn new_setup_link(
    store: &Store,
    base_url: &str,
) -> Result<(String, Timestamp), SetupError> {
    let (token, now) = (secret::random_secret(), Timestamp::now());
    store.renew_setup(SecretHash::of(&token), now).await?;
    Ok((link(base_url, &token), now.plus(SETUP_LINK_LASTS)))
}

fn link(base_url: &str, token: &str) -> String {
    format!("{base_url}/setup?token={token}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_can_be_typed() {
        assert_eq!(name("budi"), Ok("budi".to_owned()));
        assert_eq!(name("Siti Nurhaliza"), Ok("Siti Nurhaliza".to_owned()));
        for bad in ["", " budi", "bu\u{202e}di", "bu\ndi", &"x".repeat(65)] {
            assert_eq!(name(bad), Err(Unfit::Name), "{bad:?}");
        }
    }
}
