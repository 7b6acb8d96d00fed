//! Seals secrets that are kept on this host, so that a copy of the file they are in does not give them away.
//!
//! ChaCha20-Poly1305 (RFC 8439) with a random key in a file of its own, readable by the driver's user alone. What a
//! secret is about is part of the seal: a sealed PIN that is copied to another port's file does not open there.

use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::{SecureRandom as _, SystemRandom};

/// The key's file in the driver's folder.
const FILE: &str = "key";
const KEY_LEN: usize = 32;

/// The key of one folder.
pub(crate) struct Seal {
    key: LessSafeKey,
    random: SystemRandom,
}

impl std::fmt::Debug for Seal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seal")
    }
}

impl Seal {
    /// Reads the key in `folder`, which is made when there is none.
    ///
    /// # Errors
    /// The file cannot be read or written, or is not a key.
    pub(crate) fn of(folder: &Path) -> io::Result<Self> {
        let random = SystemRandom::new();
        let file = folder.join(FILE);
        let octets = match fs::read(&file) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                make(&file, &random)?;
                fs::read(&file)?
            }
            read => read?,
        };
        let wrong = |_| io::Error::new(io::ErrorKind::InvalidData, "it is not 32 octets long");
        let key = UnboundKey::new(&CHACHA20_POLY1305, &octets).map_err(wrong)?;
        Ok(Self { key: LessSafeKey::new(key), random })
    }

    /// Returns the secret, sealed, in hex: nonce, ciphertext, tag.
    ///
    /// # Errors
    /// The system gives no random numbers.
    pub(crate) fn seal(&self, about: &str, secret: &str) -> io::Result<String> {
        let mut nonce = [0; NONCE_LEN];
        fill(&self.random, &mut nonce)?;
        let mut sealed = secret.as_bytes().to_vec();
        let aad = Aad::from(about.as_bytes());
        self.key
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), aad, &mut sealed)
            .map_err(|_| io::Error::other("a secret cannot be sealed"))?;
        Ok(tpdu::to_hex(&[&nonce[..], &sealed].concat()))
    }

    /// Returns the secret; `None` when it was sealed with another key, or is about something else, or was changed.
    pub(crate) fn open(&self, about: &str, sealed: &str) -> Option<String> {
        let octets = tpdu::from_hex(sealed).ok()?;
        let (nonce, sealed) = octets.split_first_chunk::<NONCE_LEN>()?;
        let mut sealed = sealed.to_vec();
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let secret = self.key.open_in_place(nonce, Aad::from(about.as_bytes()), &mut sealed);
        String::from_utf8(secret.ok()?.to_vec()).ok()
    }
}

fn fill(random: &SystemRandom, octets: &mut [u8]) -> io::Result<()> {
    random.fill(octets).map_err(|_| io::Error::other("the system gives no random numbers"))
}

/// Makes a key. Another driver on this folder may make one at the same moment: the first one stays, and never half of
/// one.
fn make(file: &Path, random: &SystemRandom) -> io::Result<()> {
    let mut octets = [0; KEY_LEN];
    fill(random, &mut octets)?;
    let own = file.with_extension(format!("new{}", std::process::id()));
    let mut options = fs::OpenOptions::new();
    let mut out = options.create(true).truncate(true).write(true).mode(0o600).open(&own)?;
    out.write_all(&octets)?;
    out.sync_all()?;
    let linked = fs::hard_link(&own, file);
    fs::remove_file(&own)?;
    match linked {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn a_sealed_text_opens_with_the_same_key_for_the_same_thing() {
        let folder = tempfile::tempdir().unwrap();
        let seal = Seal::of(folder.path()).unwrap();
        let sealed = seal.seal("pin ttyUSB0", "4071").unwrap();
        assert_ne!(
            sealed,
            seal.seal("pin ttyUSB0", "4071").unwrap(),
            "equal ones do not look equal"
        );
        let again = Seal::of(folder.path()).unwrap();
        assert_eq!(again.open("pin ttyUSB0", &sealed).as_deref(), Some("4071"));
        assert_eq!(again.open("pin ttyUSB1", &sealed), None);
        let mode = fs::metadata(folder.path().join("key")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left over");

        let other = tempfile::tempdir().unwrap();
        assert_eq!(Seal::of(other.path()).unwrap().open("pin ttyUSB0", &sealed), None);
        let (rest, last) = sealed.split_at(sealed.len() - 1);
        let changed = format!("{rest}{}", if last == "0" { "1" } else { "0" });
        for wrong in ["", "zz", "00", rest, &changed] {
            assert_eq!(again.open("pin ttyUSB0", wrong), None, "{wrong}");
        }
        fs::write(folder.path().join("key"), "short").unwrap();
        assert!(Seal::of(folder.path()).is_err());
    }
}
