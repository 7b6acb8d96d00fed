//! One-time codes that a phone shows (RFC 6238): HMAC-SHA-1 of a shared secret and the time, six digits, another one each 30 seconds.
//! And recovery codes, for when the phone is lost.

use std::fmt;

use contracts::Timestamp;
use data_encoding::BASE32_NOPAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use sha1::Sha1;
use store::SecretHash;
use subtle::ConstantTimeEq as _;

/// Seconds of a time step.
const STEP: i64 = 30;
/// How many steps a phone's clock may be off, in either direction.
const SKEW: i64 = 1;
/// Digits of a code.
const DIGITS: usize = 6;
/// Letters of a recovery code: 80 random bits, which nobody finds from their SHA-256.
const RECOVERY: usize = 16;

/// A secret that a phone and the gateway share. Its `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct TotpSecret([u8; 20]);

impl fmt::Debug for TotpSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TotpSecret(..)")
    }
}

impl TotpSecret {
    /// A new one of 160 random bits, as RFC 4226 recommends.
    pub(crate) fn new() -> Self {
        Self(rand::random())
    }

    /// One as it is kept.
    pub(crate) fn parse(base32: &str) -> Option<Self> {
        let octets = BASE32_NOPAD.decode(base32.as_bytes()).ok()?;
        octets.try_into().ok().map(Self)
    }

    /// As it is kept: 32 letters of base32.
    pub(crate) fn base32(&self) -> String {
        BASE32_NOPAD.encode(&self.0)
    }

    /// As a person types it into a phone: in groups of four letters.
    pub(crate) fn grouped(&self) -> String {
        grouped(&self.base32(), ' ')
    }

    /// The address that a phone reads from a QR code: for whom the codes are, and at which gateway.
    pub(crate) fn address(&self, gateway: &str, name: &str) -> String {
        let issuer = format!("Merpati {gateway}");
        let label = utf8_percent_encode(&issuer, NON_ALPHANUMERIC);
        let name = utf8_percent_encode(name, NON_ALPHANUMERIC);
        format!("otpauth://totp/{label}:{name}?secret={}&issuer={label}", self.base32())
    }

    /// The time step of which a code is, where it is one of those that a phone may show now.
    pub(crate) fn step_of(&self, code: &str, now: Timestamp) -> Option<i64> {
        let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
        if code.len() != DIGITS || !code.bytes().all(|digit| digit.is_ascii_digit()) {
            return None;
        }
        let present = now.as_micros().div_euclid(1_000_000 * STEP);
        // All of them are compared, each in a time that does not say where it differs.
        let mut found = None;
        for step in present - SKEW..=present + SKEW {
            let is_it =
                self.code(step).is_some_and(|known| known.as_bytes().ct_eq(code.as_bytes()).into());
            found = if is_it { Some(step) } else { found };
        }
        found
    }

    /// The code of a time step.
    fn code(&self, step: i64) -> Option<String> {
        // Keys of every length are taken.
        let mut mac = Hmac::<Sha1>::new_from_slice(&self.0).ok()?;
        mac.update(&step.to_be_bytes());
        let digest: [u8; 20] = mac.finalize().into_bytes().into();
        // The low half of the last octet is at most 15, so there are four octets from there on.
        let first = usize::from(digest[19] & 0x0f);
        let word = digest.get(first..first + 4)?.try_into().ok()?;
        let number = u32::from_be_bytes(word) & 0x7fff_ffff;
        Some(format!("{:06}", number % 1_000_000))
    }
}

/// A new recovery code, as it is shown once.
pub(crate) fn new_recovery_code() -> String {
    let random: [u8; 10] = rand::random();
    grouped(&BASE32_NOPAD.encode(&random), '-')
}

/// What is kept of a recovery code, however it is typed; none: it is none.
pub(crate) fn recovery_hash(typed: &str) -> Option<SecretHash> {
    let letters: String = typed
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '-')
        .take(RECOVERY + 1)
        .map(|c| c.to_ascii_uppercase())
        .collect();
    let is_code = letters.len() == RECOVERY
        && letters.bytes().all(|c| c.is_ascii_uppercase() || (b'2'..=b'7').contains(&c));
    is_code.then(|| SecretHash::of(&letters))
}

fn grouped(letters: &str, between: char) -> String {
    let mut text = String::new();
    for (at, letter) in letters.chars().enumerate() {
        if at > 0 && at % 4 == 0 {
            text.push(between);
        }
        text.push(letter);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(seconds * 1_000_000)
    }

    /// The vectors of RFC 6238, appendix B, of which a code here has the last six digits.
    #[test]
    fn codes_are_those_of_the_rfc() {
        let secret = TotpSecret(*b"12345678901234567890");
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(secret.code(seconds / 30).as_deref(), Some(code), "{seconds}");
            assert_eq!(secret.step_of(code, at(seconds)), Some(seconds / 30), "{seconds}");
        }
    }

    #[test]
    fn a_code_is_good_a_step_before_and_after() {
        let secret = TotpSecret(*b"12345678901234567890");
        // Steps are multiples of 30: this one goes from 1,111,111,110 on.
        let (code, step) = ("050471", 37_037_037);
        for (seconds, is_good) in [
            (1_111_111_079, false),
            (1_111_111_080, true),
            (1_111_111_110, true),
            (1_111_111_169, true),
            (1_111_111_170, false),
        ] {
            let found = secret.step_of(code, at(seconds));
            assert_eq!(found, is_good.then_some(step), "{seconds}");
        }
        for typed in ["050 471", " 050471 "] {
            assert_eq!(secret.step_of(typed, at(1_111_111_111)), Some(step), "{typed:?}");
        }
        for typed in ["", "050472", "50471", "0504711", "05047a", "٠٥٠٤٧١"] {
            assert_eq!(secret.step_of(typed, at(1_111_111_111)), None, "{typed:?}");
        }
    }

    #[test]
    fn a_secret_is_kept_and_typed() {
        let secret = TotpSecret::new();
        assert_ne!(secret, TotpSecret::new());
        assert_eq!(TotpSecret::parse(&secret.base32()), Some(secret.clone()));
        assert_eq!(secret.grouped().len(), 32 + 7);
        assert!(!format!("{secret:?}").contains(&secret.base32()));
        for bad in ["", "MRUGS", "not base32!"] {
            assert_eq!(TotpSecret::parse(bad), None, "{bad}");
        }
        let address = TotpSecret(*b"12345678901234567890").address("sms.example", "Siti & co");
        let secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
        assert_eq!(
            address,
            format!(
                "otpauth://totp/Merpati%20sms%2Eexample:Siti%20%26%20co?secret={secret}&issuer=Merpati%20sms%2Eexample"
            )
        );
    }

    #[test]
    fn a_recovery_code_is_known_however_it_is_typed() {
        let code = new_recovery_code();
        assert_eq!(code.len(), 16 + 3);
        assert_ne!(code, new_recovery_code());
        let hash = recovery_hash(&code);
        assert!(hash.is_some());
        for typed in
            [code.to_lowercase(), code.replace('-', ""), format!(" {} ", code.replace('-', " "))]
        {
            assert!(recovery_hash(&typed) == hash, "{typed}");
        }
        let long = format!("{code}A");
        for bad in ["", "123456", "ABCD-EFGH", "ABCD-EFGH-IJKL-MN01", long.as_str()] {
            assert!(recovery_hash(bad).is_none(), "{bad}");
        }
    }
}
