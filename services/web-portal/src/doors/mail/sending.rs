//! A mail as a message to each of its recipients.

use contracts::mt::{Body, Encoding, SendOptions};
use platform::config::MailSubject;

use super::letter::Letter;
use super::reply::Reply;
use crate::acts::acceptance::{self, Attempt, IdempotencyKey, Unaccepted};
use crate::acts::draft::Draft;
use crate::app::App;
use crate::authority::Authority;
use crate::doors::refused::Refused;
use crate::power::Power;

/// What an attempt is told by.
const CALL: &str = "SMTP";
/// The most octets of a mail that is read on the spot; a larger one is read beside what else goes on.
const SMALL: usize = 32 * 1024;
/// The most ids that an answer names.
const NAMED: usize = 3;

/// Who came in, as far as it is told: the name and the key are looked at again for each mail.
pub(super) struct Credentials {
    pub(super) name: String,
    pub(super) key: String,
}

impl Credentials {
    /// Their authority, or what is answered.
    pub(super) async fn authority(&self, app: &App) -> Result<Authority, Reply> {
        let authority = Authority::by_name_and_key(app, &self.name, &self.key).await;
        let refused = match authority {
            Ok(Some(authority)) => return Ok(authority),
            Ok(None) => Refused::Unknown,
            Err(error) => error.into(),
        };
        tracing::info!(reason = refused.kind(), "nobody came in by mail");
        Err(Reply::of_refusal(&refused, true))
    }
}

/// Sends a mail, and answers when the broker has it.
pub(super) async fn send(
    app: &App,
    credentials: &Credentials,
    recipients: Vec<String>,
    octets: Vec<u8>,
) -> Reply {
    let authority = match credentials.authority(app).await {
        Ok(authority) => authority,
        Err(reply) => return reply,
    };
    // Before the work of reading it.
    if let Err(denied) = authority.must(Power::MessagesSend) {
        let refused = Refused::from(denied);
        tracing::info!(reason = refused.kind(), by = authority.name(), "a mail was refused");
        return Reply::of_refusal(&refused, true);
    }
    let letter = match read(octets, app.settings.mail_subject).await {
        Ok(letter) => letter,
        Err(reply) => return reply,
    };
    let key = letter.attempt(&recipients).as_deref().and_then(IdempotencyKey::parse);
    let attempt = key.map(|key| Attempt::Named { key, call: CALL });
    let options = SendOptions { languages: app.settings.languages, ..SendOptions::default() };
    let body = Body::Text { text: letter.text, encoding: Encoding::Auto };
    let draft = Draft { to: recipients, options, ..Draft::of(body) };
    let accepted = match draft.is_meant() {
        Ok(()) => acceptance::accept(app, &authority, &draft, attempt.as_ref()).await,
        Err(error) => Err(error.into()),
    };
    match accepted {
        Ok(accepted) => {
            let ids: Vec<String> = accepted
                .messages
                .iter()
                .take(NAMED)
                .map(|message| message.id.to_string())
                .collect();
            let more = if accepted.messages.len() > NAMED { " and others" } else { "" };
            tracing::info!(
                messages = accepted.messages.len(),
                by = authority.name(),
                repeated = accepted.repeated,
                "a mail was accepted"
            );
            Reply::new(250, "2.0.0", format!("Accepted as {}{more}", ids.join(", ")))
        }
        Err(Unaccepted::KeyReused) => Reply::new(
            554,
            "5.6.0",
            "Another mail with this Message-ID was accepted before: each mail has its own",
        ),
        Err(error) => {
            let refused = Refused::from(error);
            tracing::info!(reason = refused.kind(), by = authority.name(), "a mail was refused");
            Reply::of_refusal(&refused, attempt.is_some())
        }
    }
}

/// Reads a mail, or says why not.
async fn read(octets: Vec<u8>, subject: MailSubject) -> Result<Letter, Reply> {
    let letter = if octets.len() <= SMALL {
        Letter::read(&octets, subject)
    } else {
        let read = tokio::task::spawn_blocking(move || Letter::read(&octets, subject)).await;
        read.map_err(|error| {
            tracing::warn!(%error, "a mail was not read to its end");
            Reply::of_refusal(&Refused::Later, true)
        })?
    };
    letter.map_err(|error| Reply::new(554, "5.6.0", error.to_string()))
}
