//! What is received and what is wrong with the gateway, as mails: an endpoint whose address is `mailto:NAME@HOST`.
//!
//! Such an endpoint has the lane, the schedule, the log and the tests of any other; only what is done at each try differs.
//! A server that answers 4xx is tried again, and one that answers 5xx has refused this mail, in words that the log keeps.
//! A mail has the same Message-ID at each try, so that a server that had taken it before its answer was lost may know it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use lettre::address::Envelope;
use lettre::message::header::ContentType;
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{Address, AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};
use platform::config::{Smtp, SmtpTls};
use serde_json::Value;
use store::{Webhook, WebhookDelivery};

use crate::fetch::{Answer, FetchError};

/// What the address of an endpoint begins with that is told by mail.
const SCHEME: &str = "mailto:";
/// How long a mail may take as a whole. RFC 5321, 4.5.3.2.6, asks that the answer to the end of a mail is waited for so long:
/// a server that has the mail and is given up before it says so is sent the mail once more.
const LONGEST_EXCHANGE: Duration = Duration::from_mins(10);
/// How a certificate begins in PEM.
const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
/// The most characters of a subject.
const LONGEST_SUBJECT: usize = 120;

/// Sends mails by the server that is configured.
#[derive(Clone)]
pub(crate) struct Mailer {
    server: Option<Server>,
}

#[derive(Clone)]
struct Server {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

/// `[mail.smtp]` cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum MailerError {
    /// The address that mails come from is none.
    #[error("mail.smtp.from is '{0}', which is no address such as Merpati <sms@example.com>")]
    From(String),
    /// The certificates that are to be trusted cannot be read.
    #[error("mail.smtp.ca is {}, which cannot be used: {why}", file.display())]
    Certificates {
        /// The file.
        file: PathBuf,
        /// Why.
        why: String,
    },
    /// TLS cannot be set up.
    #[error("TLS to mail.smtp.host cannot be set up: {0}")]
    Tls(#[source] lettre::transport::smtp::Error),
}

impl Mailer {
    /// None is sent as long as no server is named. A connection is waited for as long as `connect` says.
    pub(crate) fn new(config: &Smtp, connect: Duration) -> Result<Self, MailerError> {
        let Some(host) = &config.host else { return Ok(Self { server: None }) };
        let written = config.from.clone().unwrap_or_default();
        let from: Mailbox = written.parse().map_err(|_| MailerError::From(written))?;
        let trusted = config.ca.as_deref().map(certificates).transpose()?.unwrap_or_default();
        let parameters = || parameters(host, &trusted).map_err(MailerError::Tls);
        let tls = match config.tls {
            SmtpTls::None => Tls::None,
            SmtpTls::Starttls => Tls::Required(parameters()?),
            SmtpTls::Tls => Tls::Wrapper(parameters()?),
        };
        let transport = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host.clone())
            .port(config.port())
            .timeout(Some(connect))
            .tls(tls);
        let transport = match (&config.user, &config.password) {
            (Some(user), Some(password)) => {
                let credentials = Credentials::new(user.clone(), password.expose().to_owned());
                transport.credentials(credentials)
            }
            _ => transport,
        };
        Ok(Self { server: Some(Server { transport: transport.build(), from }) })
    }

    /// Whether an endpoint is told by mail.
    pub(crate) fn is_meant(webhook: &Webhook) -> bool {
        webhook.url.starts_with(SCHEME)
    }

    /// Sends what an endpoint is told, once. It takes as long as a mail may, which is longer than a request by HTTP.
    pub(crate) async fn send(
        &self,
        webhook: &Webhook,
        delivery: &WebhookDelivery,
    ) -> Result<Answer, FetchError> {
        let Some(server) = &self.server else {
            return Err(FetchError::Connection(
                "no mail is sent: mail.smtp.host is not set".to_owned(),
            ));
        };
        let mail = server.mail(webhook, delivery)?;
        let sent = tokio::time::timeout(LONGEST_EXCHANGE, server.transport.send(mail));
        match sent.await {
            Err(_) => Err(FetchError::Timeout(LONGEST_EXCHANGE)),
            Ok(Ok(response)) => {
                let code: u16 = response.code().into();
                Ok(Answer::of_mail(code, &response.message().collect::<Vec<_>>().join(" ")))
            }
            Ok(Err(error)) => match error.status() {
                Some(code) => Ok(Answer::of_mail(code.into(), &words_of(&error))),
                None => Err(FetchError::Connection(format!(
                    "the mail server cannot be reached: {}",
                    words_of(&error)
                ))),
            },
        }
    }
}

/// The certificates of a file, one or several.
fn certificates(file: &Path) -> Result<Vec<Certificate>, MailerError> {
    let unusable = |why: String| MailerError::Certificates { file: file.to_owned(), why };
    let text = std::fs::read_to_string(file).map_err(|error| unusable(error.to_string()))?;
    let begins = text.match_indices(BEGIN).map(|(at, _)| at);
    let ends = begins.clone().skip(1).chain([text.len()]);
    let all = begins.zip(ends).map(|(at, end)| Certificate::from_pem(&text.as_bytes()[at..end]));
    let all = all.collect::<Result<Vec<_>, _>>().map_err(|error| unusable(error.to_string()))?;
    if all.is_empty() { Err(unusable("there is no certificate in it".to_owned())) } else { Ok(all) }
}

fn parameters(
    host: &str,
    trusted: &[Certificate],
) -> Result<TlsParameters, lettre::transport::smtp::Error> {
    let builder = TlsParameters::builder(host.to_owned());
    let builder = trusted
        .iter()
        .fold(builder, |builder, certificate| builder.add_root_certificate(certificate.clone()));
    builder.build()
}

/// An error with its causes, in one line.
fn words_of(error: &lettre::transport::smtp::Error) -> String {
    let mut words = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        let more = error.to_string();
        if !words.contains(&more) {
            let _ = write!(words, ": {more}");
        }
        cause = error.source();
    }
    words
}

impl Server {
    fn mail(&self, webhook: &Webhook, delivery: &WebhookDelivery) -> Result<Message, FetchError> {
        let unusable = |why: String| FetchError::Url(why);
        let address = webhook.url.strip_prefix(SCHEME).unwrap_or_default();
        let to: Address =
            address.parse().map_err(|_| unusable("it is no mail address".to_owned()))?;
        let told: Value = serde_json::from_str(&delivery.payload).unwrap_or(Value::Null);
        let letter = Letter::of(&told);
        let id = format!("<{}@{}>", delivery.id, self.from.email.domain());
        let envelope = Envelope::new(Some(self.from.email.clone()), vec![to.clone()]);
        let envelope = envelope.map_err(|error| unusable(error.to_string()))?;
        Message::builder()
            .envelope(envelope)
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(letter.subject)
            .message_id(Some(id))
            .date_now()
            // Machines that answer mails leave it unanswered (RFC 3834).
            .header(AutoSubmitted)
            .header(ContentType::TEXT_PLAIN)
            .body(letter.text)
            .map_err(|error| unusable(error.to_string()))
    }
}

/// `Auto-Submitted: auto-generated`.
#[derive(Debug, Clone, Copy)]
struct AutoSubmitted;

impl lettre::message::header::Header for AutoSubmitted {
    fn name() -> lettre::message::header::HeaderName {
        lettre::message::header::HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> lettre::message::header::HeaderValue {
        lettre::message::header::HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

/// What is read of a mail.
#[derive(Debug, PartialEq, Eq)]
struct Letter {
    subject: String,
    text: String,
}

impl Letter {
    /// Of the body that any other endpoint is sent.
    fn of(told: &Value) -> Self {
        let data = &told["data"];
        match told["type"].as_str() {
            Some("alert.opened") => return Self::of_alert(told, false),
            Some("alert.closed") => return Self::of_alert(told, true),
            _ => {}
        }
        let field = |name: &str| data[name].as_str().unwrap_or_default();
        let (from, to) = (field("from"), field("to"));
        let what = match told["type"].as_str().unwrap_or_default() {
            "sms.received" => "SMS",
            "ussd.received" => "USSD",
            "call.missed" => "Missed call",
            _ => "Merpati: test",
        };
        let subject = if from.is_empty() { what.to_owned() } else { format!("{what} from {from}") };
        let mut text = match (field("text"), data["data"].as_str()) {
            ("", Some(hex)) => format!("(data) {hex}"),
            (text, _) => text.to_owned(),
        };
        text.push_str("\n\n-- \n");
        let at = data["received_at"].as_str().or(told["timestamp"].as_str()).unwrap_or_default();
        for (name, value) in
            [("From", from), ("To", to), ("SIM", field("sim")), ("At", at), ("Id", field("id"))]
        {
            if !value.is_empty() {
                let _ = writeln!(text, "{name}: {}", one_line(value));
            }
        }
        Self { subject: one_line(&subject), text: visible(&text) }
    }

    /// Of an alert.
    fn of_alert(told: &Value, is_over: bool) -> Self {
        let field = |name: &str| told["data"][name].as_str().unwrap_or_default();
        let over = if is_over { "over: " } else { "" };
        let subject = format!("Merpati: {over}{}", field("text"));
        let mut text = if is_over {
            format!("This is over:\n\n{}", field("text"))
        } else {
            format!("{}\n\n{}", field("text"), field("advice"))
        };
        text.push_str("\n\n-- \n");
        for (name, value) in [
            ("Since", field("opened_at")),
            ("Over", field("closed_at")),
            ("Kind", field("kind")),
            ("Id", field("id")),
        ] {
            if !value.is_empty() {
                let _ = writeln!(text, "{name}: {}", one_line(value));
            }
        }
        Self { subject: one_line(&subject), text: visible(&text) }
    }
}

/// A text that stands in a header: in one line, and of a length that is read.
fn one_line(text: &str) -> String {
    let is_shown = |c: &char| !c.is_control() && !matches!(c, '\u{2028}' | '\u{2029}');
    text.chars().map(|c| if is_shown(&c) { c } else { ' ' }).take(LONGEST_SUBJECT).collect()
}

/// A text whose control characters are shown: a terminal that shows a mail would obey them.
fn visible(text: &str) -> String {
    text.replace("\r\n", "\n")
        .chars()
        .map(|c| match c {
            '\n' | '\t' => c,
            '\r' => '\n',
            // The pictures of control characters stand in their order.
            '\0'..='\u{1f}' => char::from_u32(0x2400 + u32::from(c)).unwrap_or('\u{fffd}'),
            '\u{7f}' => '\u{2421}',
            c if c.is_control() => '\u{fffd}',
            c => c,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use contracts::{DeliveryId, OrgId, Timestamp, UserId, WebhookEvent, WebhookId};
    use serde_json::json;
    use store::{DeliveryState, WebhookFilter, WebhookForm, WebhookSecret};

    use super::*;

    fn config(from: &str) -> Smtp {
        Smtp {
            ca: None,
            host: Some("127.0.0.1".to_owned()),
            port: 1,
            tls: SmtpTls::None,
            user: None,
            password: None,
            from: Some(from.to_owned()),
        }
    }

    fn webhook(url: &str) -> Webhook {
        Webhook {
            id: WebhookId::derived("1"),
            org: OrgId::default_org(),
            owner: UserId::internal(),
            url: url.to_owned(),
            events: vec![WebhookEvent::SmsReceived],
            filter: WebhookFilter::default(),
            raw_pdu: false,
            reply_with_body: false,
            max_messages: 1,
            form: WebhookForm::Standard,
            secret: WebhookSecret::new("whsec_Mw==".to_owned()),
            old_secret: None,
            failures: 0,
            next_at: None,
            disabled: None,
            pending: 0,
            dropped: 0,
            created_at: Timestamp::from_micros(0),
        }
    }

    /// The mail as it goes over the wire.
    fn wire(url: &str, told: &Value) -> Result<String, FetchError> {
        let timeout = Duration::from_secs(1);
        let mailer = Mailer::new(&config("Merpati <sms@gateway.example>"), timeout).unwrap();
        let delivery = WebhookDelivery {
            id: DeliveryId::derived("1"),
            webhook: WebhookId::derived("1"),
            event: Some(WebhookEvent::SmsReceived),
            payload: told.to_string(),
            owner: None,
            sim: None,
            state: DeliveryState::Pending,
            tries: 0,
            created_at: Timestamp::from_micros(0),
        };
        let mail = mailer.server.unwrap().mail(&webhook(url), &delivery)?;
        Ok(String::from_utf8(mail.formatted()).unwrap())
    }

    fn received(from: &str, text: &str) -> Value {
        json!({
            "type": "sms.received",
            "timestamp": "2026-11-30T10:00:00Z",
            "data": { "id": "msg_1", "from": from, "to": "+62811", "text": text, "sim": "sim_1",
                "received_at": "2026-11-30T10:00:00Z" },
        })
    }

    #[test]
    fn a_received_message_is_a_mail() {
        let mail = wire("mailto:ops@shop.example", &received("+628123456789", "Halo")).unwrap();
        let (head, body) = mail.split_once("\r\n\r\n").unwrap();
        let id = format!("Message-ID: <{}@gateway.example>", DeliveryId::derived("1"));
        for line in [
            "From: Merpati <sms@gateway.example>",
            "To: ops@shop.example",
            "Subject: SMS from +628123456789",
            "Auto-Submitted: auto-generated",
            &id,
        ] {
            assert!(head.split("\r\n").any(|known| known == line), "{line} in {head}");
        }
        assert!(
            body.starts_with("Halo\r\n\r\n-- \r\nFrom: +628123456789\r\nTo: +62811\r\n"),
            "{body}"
        );
    }

    #[test]
    fn an_alert_is_a_mail() {
        let data = json!({ "id": "alr_1", "kind": "modem_offline", "text": "Modem a is offline.",
            "advice": "Plug it in.", "opened_at": "2026-11-30T10:00:00Z" });
        let opened = Letter::of(&json!({ "type": "alert.opened", "data": data }));
        assert_eq!(opened.subject, "Merpati: Modem a is offline.");
        assert_eq!(
            opened.text,
            "Modem a is offline.\n\nPlug it in.\n\n-- \nSince: 2026-11-30T10:00:00Z\n\
             Kind: modem_offline\nId: alr_1\n"
        );
        let closed = Letter::of(&json!({ "type": "alert.closed", "data": data }));
        assert_eq!(closed.subject, "Merpati: over: Modem a is offline.");
        assert!(closed.text.starts_with("This is over:\n\nModem a is offline.\n\n-- \n"));
    }

    #[test]
    fn nobody_adds_a_header_or_a_command() {
        let hostile = "X\r\nBcc: all@shop.example\r\n\r\n<b>";
        let mail = wire("mailto:ops@shop.example", &received(hostile, "a\r\n.\r\nQUIT\r\nBcc: x"))
            .unwrap();
        let (head, body) = mail.split_once("\r\n\r\n").unwrap();
        assert!(!head.split("\r\n").any(|line| line.starts_with("Bcc")), "{head}");
        assert!(body.contains("QUIT"), "{body}");
        for url in [
            "mailto:",
            "mailto:ops",
            "mailto:a@b.example?bcc=c@d.example",
            "mailto:a@b.example,c@d.example",
            "mailto:a@b.example\r\nRCPT TO:<c@d.example>",
            "mailto:<a@b.example>",
        ] {
            assert!(wire(url, &received("1", "x")).unwrap_err().is_final(), "{url}");
        }
        let long = wire("mailto:ops@shop.example", &received(&"x".repeat(10_000), "x")).unwrap();
        assert!(long.len() < 2_000, "{}", long.len());
    }

    #[test]
    fn control_characters_of_a_text_are_shown_and_do_nothing() {
        let letter = Letter::of(&received("+62811", "a\u{1b}[2J\u{0}\u{7f}\u{9b}\tb\rc"));
        assert!(letter.text.starts_with("a␛[2J␀␡\u{fffd}\tb\nc\n"), "{}", letter.text);
        let data = json!({ "type": "sms.received", "data": { "data": "00FF", "from": "888" } });
        assert!(Letter::of(&data).text.starts_with("(data) 00FF\n"));
        let call = json!({ "type": "call.missed", "data": { "from": "+62811" } });
        assert_eq!(Letter::of(&call).subject, "Missed call from +62811");
    }

    #[test]
    fn an_address_that_is_none_is_said_at_the_start() {
        let timeout = Duration::from_secs(1);
        assert!(Mailer::new(&config("not an address"), timeout).is_err());
        let off = Smtp { host: None, ..config("") };
        assert!(Mailer::new(&off, timeout).unwrap().server.is_none());
    }
}
