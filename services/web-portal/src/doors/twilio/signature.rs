//! `X-Twilio-Signature`, by which whoever is called knows who calls.

use data_encoding::BASE64;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;

/// The signature of a form that is posted to a URL. The fields are sorted by their names.
pub(super) fn of(key: &str, url: &str, fields: &[(&'static str, String)]) -> String {
    let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(key.as_bytes()) else {
        // Keys of every length are taken.
        return String::new();
    };
    mac.update(url.as_bytes());
    for (name, value) in fields {
        mac.update(name.as_bytes());
        mac.update(value.as_bytes());
    }
    BASE64.encode(&mac.finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of Twilio's documentation.
    #[test]
    fn it_is_twilios() {
        let url = "https://mycompany.com/myapp.php?foo=1&bar=2";
        let fields = [
            ("CallSid", "CA1234567890ABCDE"),
            ("Caller", "+12349013030"),
            ("Digits", "1234"),
            ("From", "+12349013030"),
            ("To", "+18005551212"),
        ];
        let fields = fields.map(|(name, value)| (name, value.to_owned()));
        assert_eq!(of("12345", url, &fields), "0/KCTR6DLpKmkAf8muzZqo1nDgQ=");
    }
}
