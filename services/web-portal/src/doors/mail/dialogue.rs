//! What is said on a connection, without the connection: each command and its answer.

use contracts::PhoneNumber;
use data_encoding::BASE64;
use numbering::{Plan, Unusable};
use smtp_proto::{AUTH_LOGIN, AUTH_PLAIN, Error, Request};

use super::reply::Reply;

/// The most octets of a mail.
pub(super) const LARGEST: usize = 1024 * 1024;
/// The most recipients of a mail.
pub(super) const RECIPIENTS: usize = 100;
/// How many commands that are not understood, or not in their place, a client may send.
const WRONG: u8 = 10;
/// How many names and keys that do not belong together a client may send.
const REFUSED: u8 = 3;
/// How many mails and other commands one connection may be used for.
const COMMANDS: u32 = 10_000;

/// What a connection offers.
#[derive(Debug, Clone)]
pub(super) struct Offers {
    /// The name of the gateway.
    pub(super) host: String,
    /// TLS, by `STARTTLS`.
    pub(super) starttls: bool,
    /// `AUTH`: nobody reads along, or that was allowed.
    pub(super) auth: bool,
}

/// What follows a command.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// This is answered.
    Say(Reply),
    /// This is answered, and the connection ends.
    Leave(Reply),
    /// This is answered, and TLS begins.
    StartTls(Reply),
    /// This is answered, and the next line is of this exchange.
    Ask(Reply, Exchange),
    /// It is looked whether these belong together.
    Check {
        /// The name of an account.
        name: String,
        /// A key.
        key: String,
    },
    /// This is answered, and a mail follows.
    Mail(Reply),
}

/// What of `AUTH` the next line is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Exchange {
    /// The name and the key in one.
    Plain,
    /// The name.
    LoginName,
    /// The key of this account.
    LoginKey(String),
}

/// See the module.
#[derive(Debug)]
pub(super) struct Dialogue {
    offers: Offers,
    /// How numbers are read, and which are sent nothing.
    plan: Plan,
    is_greeted: bool,
    is_in: bool,
    has_sender: bool,
    recipients: Vec<String>,
    commands: u32,
    wrong: u8,
    refused: u8,
}

impl Dialogue {
    pub(super) fn new(offers: Offers, plan: Plan) -> Self {
        Self {
            offers,
            plan,
            is_greeted: false,
            is_in: false,
            has_sender: false,
            recipients: Vec::new(),
            commands: 0,
            wrong: 0,
            refused: 0,
        }
    }

    /// What is said first.
    pub(super) fn greeting(&self) -> Reply {
        Reply::bare(220, format!("{} ESMTP Merpati", self.offers.host))
    }

    /// Answers a command.
    pub(super) fn command(&mut self, said: Result<Request<impl AsRef<str>>, Error>) -> Step {
        self.commands += 1;
        if self.commands > COMMANDS {
            return Step::Leave(Reply::new(421, "4.7.0", "That is enough for one connection"));
        }
        let request = match said {
            Ok(request) => request,
            Err(error) => return self.misunderstood(&error),
        };
        match request {
            Request::Ehlo { .. } => {
                self.begin();
                self.extensions()
            }
            Request::Helo { .. } => {
                self.begin();
                Step::Say(Reply::bare(250, self.offers.host.clone()))
            }
            Request::Noop { .. } => Step::Say(Reply::new(250, "2.0.0", "Yes")),
            Request::Rset => {
                self.forget();
                Step::Say(Reply::new(250, "2.0.0", "Forgotten"))
            }
            Request::Quit => Step::Leave(Reply::new(221, "2.0.0", "Goodbye")),
            Request::StartTls => self.start_tls(),
            Request::Auth { mechanism, initial_response } => {
                self.auth(mechanism, initial_response.as_ref())
            }
            Request::Mail { from } => self.mail(from.size),
            Request::Rcpt { to } => self.recipient(to.address.as_ref()),
            Request::Data => self.data(),
            Request::Vrfy { .. } => {
                Step::Say(Reply::new(252, "2.5.2", "Write to NUMBER@host, and it is seen"))
            }
            Request::Help { .. } => Step::Say(Reply::new(
                214,
                "2.0.0",
                "A mail to NUMBER@host becomes a text message to that number",
            )),
            _ => self.wrong(Reply::new(502, "5.5.1", "This command is not taken here")),
        }
    }

    /// Answers a line of an exchange.
    pub(super) fn line(&mut self, exchange: Exchange, line: &[u8]) -> Step {
        let said = std::str::from_utf8(line).unwrap_or_default().trim();
        if said == "*" {
            return Step::Say(Reply::new(501, "5.7.0", "Given up, as you wish"));
        }
        let Some(text) = decoded(said) else {
            return self.wrong(Reply::new(501, "5.5.2", "This is no Base64"));
        };
        match exchange {
            Exchange::Plain => {
                let parts: Vec<&str> = text.split('\0').collect();
                let [acts_as, name, key] = parts.as_slice() else {
                    return self.wrong(Reply::new(501, "5.5.2", "A name and a key are missing"));
                };
                if !acts_as.is_empty() && acts_as != name {
                    return self.wrong(Reply::new(535, "5.7.8", "Nobody acts for another here"));
                }
                Step::Check { name: (*name).to_owned(), key: (*key).to_owned() }
            }
            Exchange::LoginName => {
                Step::Ask(Reply::bare(334, BASE64.encode(b"Password:")), Exchange::LoginKey(text))
            }
            Exchange::LoginKey(name) => Step::Check { name, key: text },
        }
    }

    /// Says what came of a name and a key.
    pub(super) fn checked(&mut self, refusal: Option<Reply>) -> Step {
        let Some(refusal) = refusal else {
            self.is_in = true;
            self.wrong = 0;
            return Step::Say(Reply::new(235, "2.7.0", "Welcome"));
        };
        self.refused += 1;
        if self.refused >= REFUSED { Step::Leave(refusal) } else { Step::Say(refusal) }
    }

    /// Begins anew after TLS did: nothing is known of what was said before.
    pub(super) fn secured(&mut self) {
        self.is_greeted = false;
        self.is_in = false;
        self.offers.starttls = false;
        self.offers.auth = true;
        self.forget();
    }

    /// Whom the mail that follows goes to. The next mail begins anew.
    pub(super) fn take_recipients(&mut self) -> Vec<String> {
        self.has_sender = false;
        std::mem::take(&mut self.recipients)
    }

    fn begin(&mut self) {
        self.is_greeted = true;
        self.forget();
    }

    fn forget(&mut self) {
        self.has_sender = false;
        self.recipients.clear();
    }

    fn extensions(&self) -> Step {
        let mut lines = vec![self.offers.host.clone(), "PIPELINING".to_owned()];
        lines.push(format!("SIZE {LARGEST}"));
        lines.push("8BITMIME".to_owned());
        lines.push("ENHANCEDSTATUSCODES".to_owned());
        if self.offers.starttls {
            lines.push("STARTTLS".to_owned());
        }
        if self.offers.auth {
            lines.push("AUTH PLAIN LOGIN".to_owned());
        }
        Step::Say(Reply::lines(250, lines))
    }

    fn start_tls(&mut self) -> Step {
        if !self.offers.starttls {
            return self.wrong(Reply::new(502, "5.5.1", "TLS is not offered here"));
        }
        Step::StartTls(Reply::new(220, "2.0.0", "Begin"))
    }

    fn auth(&mut self, mechanism: u64, first: &str) -> Step {
        if self.is_in {
            return self.wrong(Reply::new(503, "5.5.1", "You are in already"));
        }
        if !self.offers.auth {
            let words = if self.offers.starttls {
                "Say STARTTLS first: a key is not sent where others read along"
            } else {
                "A key is not taken without TLS, which this gateway has no certificate for"
            };
            return self.wrong(Reply::new(538, "5.7.11", words));
        }
        let exchange = match mechanism {
            AUTH_PLAIN => Exchange::Plain,
            AUTH_LOGIN => Exchange::LoginName,
            _ => return self.wrong(Reply::new(504, "5.5.4", "PLAIN and LOGIN are known here")),
        };
        match (first, &exchange) {
            ("", Exchange::LoginName) => {
                Step::Ask(Reply::bare(334, BASE64.encode(b"Username:")), exchange)
            }
            ("", _) => Step::Ask(Reply::bare(334, ""), exchange),
            (first, _) => self.line(exchange, first.as_bytes()),
        }
    }

    fn mail(&mut self, size: usize) -> Step {
        if !self.is_greeted {
            return self.wrong(Reply::new(503, "5.5.1", "Say EHLO first"));
        }
        if !self.is_in {
            return self.wrong(Reply::new(530, "5.7.0", "Say who you are first, by AUTH"));
        }
        if self.has_sender {
            return self.wrong(Reply::new(503, "5.5.1", "One mail at a time"));
        }
        if size > LARGEST {
            return Step::Say(too_large());
        }
        self.has_sender = true;
        Step::Say(Reply::new(250, "2.1.0", "To whom?"))
    }

    fn recipient(&mut self, address: &str) -> Step {
        if !self.has_sender {
            return self.wrong(Reply::new(503, "5.5.1", "Say MAIL first"));
        }
        if self.recipients.len() >= RECIPIENTS {
            let words = format!("A mail has at most {RECIPIENTS} recipients here");
            return Step::Say(Reply::new(452, "4.5.3", words));
        }
        let local = address.rsplit_once('@').map_or(address, |(local, _)| local);
        let whole = |number: PhoneNumber| {
            number.is_whole()?;
            Ok::<_, Unusable>(number)
        };
        match self.plan.read(local).and_then(whole) {
            Ok(number) => {
                self.recipients.push(number.to_string());
                Step::Say(Reply::new(250, "2.1.5", "Yes"))
            }
            Err(unusable) if unusable.is_forbidden() => {
                let words = format!("Nothing is sent to '{local}': {unusable}");
                self.wrong(Reply::new(550, "5.7.1", words))
            }
            Err(error) => self.wrong(Reply::new(
                550,
                "5.1.1",
                format!("'{local}' is no number, and an address here is NUMBER@host: {error}"),
            )),
        }
    }

    fn data(&mut self) -> Step {
        if self.recipients.is_empty() {
            return self.wrong(Reply::new(503, "5.5.1", "Say MAIL and RCPT first"));
        }
        Step::Mail(Reply::bare(354, "End with a dot on a line of its own"))
    }

    fn misunderstood(&mut self, error: &Error) -> Step {
        let reply = match error {
            // What follows is the rest of a line that nobody reads.
            Error::ResponseTooLong => {
                return Step::Leave(Reply::new(500, "5.5.6", "The line is too long"));
            }
            Error::SyntaxError { syntax } => {
                Reply::new(501, "5.5.2", format!("It is written so: {syntax}"))
            }
            Error::InvalidSenderAddress => Reply::new(501, "5.1.7", "This is no address"),
            Error::InvalidRecipientAddress => Reply::new(501, "5.1.3", "This is no address"),
            Error::InvalidParameter { .. } | Error::UnsupportedParameter { .. } => {
                Reply::new(555, "5.5.4", "A parameter is not known here, or is wrong")
            }
            Error::UnknownCommand | Error::NeedsMoreData { .. } | Error::InvalidResponse { .. } => {
                Reply::new(500, "5.5.1", "This command is not known")
            }
        };
        self.wrong(reply)
    }

    /// Refuses, and sends away who was refused too often.
    fn wrong(&mut self, reply: Reply) -> Step {
        self.wrong += 1;
        if self.wrong >= WRONG {
            Step::Leave(Reply::new(421, "4.7.0", "That was wrong too often"))
        } else {
            Step::Say(reply)
        }
    }
}

/// A mail that is too large.
pub(super) fn too_large() -> Reply {
    Reply::new(552, "5.3.4", format!("A mail has at most {LARGEST} octets here"))
}

fn decoded(text: &str) -> Option<String> {
    // A client that has nothing to say sends a `=`.
    let text = if text == "=" { "" } else { text };
    String::from_utf8(BASE64.decode(text.as_bytes()).ok()?).ok()
}

#[cfg(test)]
mod tests;
