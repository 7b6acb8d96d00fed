//! Where an endpoint may be: a URL, or a mail address.

use contracts::{WebhookEvent, bounds};
use store::WebhookForm;
use url::Url;

use super::NotDone;
use crate::app::App;
use crate::authority::Authority;
use crate::power::Power;

/// What the address of an endpoint begins with that is told by mail.
pub(crate) const MAIL: &str = "mailto:";

/// The URL, when it can be called. Whether its host may be is asked each time that it is.
pub(super) fn checked_url(
    app: &App,
    authority: &Authority,
    text: &str,
    (events, form): (&[WebhookEvent], WebhookForm),
) -> Result<String, NotDone> {
    let text = text.trim();
    must_suit(text, events)?;
    if text.starts_with(MAIL) {
        if !app.settings.mails {
            return Err(NotDone::Url("no mail goes out, because mail.smtp.host is not set"));
        }
        if form != WebhookForm::Standard {
            return Err(NotDone::Url("a mail has no form of another gateway's"));
        }
        // Nobody asks whoever reads there, so an account could have mails sent to anybody.
        authority.must(Power::UsersManage).map_err(NotDone::OthersMail)?;
    }
    checked(text)
}

/// Refuses to make a mail address of a URL, or a URL of a mail address: what waits, what is sent again and the secret are
/// for the one or for the other.
pub(super) fn must_stay(present: &str, text: &str) -> Result<(), NotDone> {
    let is_same = present.starts_with(MAIL) == text.trim().starts_with(MAIL);
    if is_same { Ok(()) } else { Err(NotDone::AnotherKind) }
}

/// Refuses events that go by no mail, where a mail is sent.
pub(super) fn must_suit(url: &str, events: &[WebhookEvent]) -> Result<(), NotDone> {
    let goes = |event: &WebhookEvent| {
        use WebhookEvent::{AlertClosed, AlertOpened, CallMissed, SmsReceived, UssdReceived};
        matches!(event, SmsReceived | UssdReceived | CallMissed | AlertOpened | AlertClosed)
    };
    let suits = !url.starts_with(MAIL) || events.iter().all(goes);
    if suits { Ok(()) } else { Err(NotDone::NotByMail) }
}

fn checked(text: &str) -> Result<String, NotDone> {
    if text.len() > bounds::URL {
        return Err(NotDone::Url("it is too long"));
    }
    if let Some(address) = text.strip_prefix(MAIL) {
        return if is_address(address) {
            Ok(text.to_owned())
        } else {
            Err(NotDone::Url("what follows mailto: is no address such as ops@shop.example"))
        };
    }
    let url = Url::parse(text).map_err(|_| NotDone::Url("it is no URL"))?;
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return Err(NotDone::Url("it does not begin with http://, https:// or mailto:"));
    }
    Ok(text.to_owned())
}

/// Whether a mail may go there: one address, in ASCII, and nothing that means something in a header or to a server.
fn is_address(text: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || ".!#$&'*+-/=^_`{|}~".contains(c);
    let is_of_host = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
    text.rsplit_once('@').is_some_and(|(name, host)| {
        (1..=64).contains(&name.len())
            && (1..=253).contains(&host.len())
            && name.chars().all(is_plain)
            && host.chars().all(is_of_host)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_web_is_called() {
        assert_eq!(checked("https://a.example/x").unwrap(), "https://a.example/x");
        for bad in ["", "a.example", "ftp://a.example/", "file:///etc/passwd", "http://"] {
            assert!(checked(bad).is_err(), "{bad}");
        }
        assert!(checked(&format!("https://a.example/{}", "x".repeat(bounds::URL))).is_err());
    }

    #[test]
    fn a_mail_goes_to_one_address_and_tells_what_is_received() {
        use WebhookEvent::{AlertOpened, CallMissed, ModemOnline, SmsReceived};
        assert!(checked("mailto:ops+sms@shop.example").is_ok());
        for bad in [
            "mailto:",
            "mailto:ops",
            "mailto:@a.example",
            "mailto:a@",
            "mailto:a@b.example?bcc=c@d.example",
            "mailto:a@b.example,c@d.example",
            "mailto:a b@c.example",
            "mailto:a@b.example\r\nRCPT TO:<c@d.example>",
            "mailto:\"a\"@b.example",
            "mailto:é@b.example",
        ] {
            assert!(checked(bad).is_err(), "{bad}");
        }
        assert!(must_suit("mailto:a@b.example", &[SmsReceived, CallMissed, AlertOpened]).is_ok());
        assert!(must_suit("mailto:a@b.example", &[SmsReceived, ModemOnline]).is_err());
        assert!(must_suit("https://b.example", &[ModemOnline]).is_ok());
    }
}
