//! A connection: octets in, commands to the dialogue, answers out.

use std::io;
use std::net::IpAddr;
use std::time::Duration;

use axum_server::tls_rustls::RustlsConfig;
use platform::Shutdown;
use smtp_proto::Error;
use smtp_proto::request::receiver::{
    DataReceiver, DummyDataReceiver, LineReceiver, MAX_LINE_LENGTH, RequestReceiver,
};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio_rustls::TlsAcceptor;

use super::dialogue::{Dialogue, Exchange, LARGEST, Offers, Step, too_large};
use super::reply::Reply;
use super::sending::{Credentials, send};
use crate::app::App;

/// How long the client may say nothing.
const SILENCE: Duration = Duration::from_mins(1);
/// How long one mail may take to come.
const SLOWEST_MAIL: Duration = Duration::from_mins(3);
/// How long a connection lasts at most.
const LONGEST: Duration = Duration::from_mins(30);
/// How long an answer may take to be taken, and TLS to begin.
const SLOWEST_ANSWER: Duration = Duration::from_secs(20);
/// How much of a mail that is too large is read past, so that its sender hears why it is refused.
const PASSED_OVER: usize = 32 * LARGEST;
/// How much is read at once.
const PIECE: usize = 8 * 1024;

/// What a connection is made of.
trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// Why a connection ends before its time.
#[derive(Debug, thiserror::Error)]
enum Broken {
    /// It broke, or the client ended it.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The client said nothing for too long.
    #[error("the client was silent for too long")]
    Silent,
    /// The mail took too long, or the connection as a whole.
    #[error("it took too long")]
    TooLong,
}

/// See the module.
pub(super) struct Session {
    app: App,
    tls: Option<RustlsConfig>,
    dialogue: Dialogue,
    credentials: Option<Credentials>,
    ends_at: Instant,
    shutdown: Shutdown,
}

/// The connection with what was read of it and not yet looked at.
struct Line {
    stream: Box<dyn Stream>,
    read: Vec<u8>,
}

impl Line {
    async fn say(&mut self, reply: &Reply) -> Result<(), Broken> {
        let text = reply.to_string();
        let written = async {
            self.stream.write_all(text.as_bytes()).await?;
            self.stream.flush().await
        };
        tokio::time::timeout(SLOWEST_ANSWER, written).await.map_err(|_| Broken::TooLong)??;
        Ok(())
    }

    /// Reads more, until then at the latest.
    async fn more(&mut self, until: Instant) -> Result<(), Broken> {
        let silent = Instant::now() + SILENCE;
        let mut piece = [0; PIECE];
        let read = tokio::time::timeout_at(until.min(silent), self.stream.read(&mut piece)).await;
        let Ok(read) = read else {
            return Err(if silent < until { Broken::Silent } else { Broken::TooLong });
        };
        match read? {
            0 => Err(io::Error::from(io::ErrorKind::UnexpectedEof).into()),
            count => {
                self.read.extend_from_slice(&piece[..count]);
                Ok(())
            }
        }
    }

    /// Reads a mail to its end. Returns none within when it is too large, and none when it has no end.
    async fn read_mail(&mut self, until: Instant) -> Result<Option<Option<Vec<u8>>>, Broken> {
        let (mut receiver, mut mail) = (DataReceiver::new(), Vec::new());
        loop {
            let mut octets = self.read.iter();
            let is_whole = receiver.ingest(&mut octets, &mut mail);
            let taken = self.read.len() - octets.len();
            self.read.drain(..taken);
            let fits = mail.len() <= LARGEST;
            if is_whole {
                return Ok(Some(fits.then_some(mail)));
            }
            if !fits {
                break;
            }
            self.more(until).await?;
        }
        drop(mail);
        let (mut rest, mut passed) = (DummyDataReceiver::new_data(&receiver), LARGEST);
        loop {
            let mut octets = self.read.iter();
            let is_whole = rest.ingest(&mut octets);
            let taken = self.read.len() - octets.len();
            self.read.drain(..taken);
            passed += taken;
            if is_whole {
                return Ok(Some(None));
            }
            if passed > PASSED_OVER {
                self.say(&too_large()).await?;
                return Ok(None);
            }
            self.more(until).await?;
        }
    }
}

impl Session {
    pub(super) fn new(
        app: App,
        address: IpAddr,
        tls: Option<RustlsConfig>,
        shutdown: Shutdown,
    ) -> Self {
        let offers = Offers {
            host: app.settings.mail_host.clone(),
            starttls: tls.is_some(),
            auth: address.is_loopback() || app.settings.mail_allow_plain,
        };
        let ends_at = Instant::now() + LONGEST;
        let dialogue = Dialogue::new(offers, app.settings.numbering.clone());
        Self { app, tls, dialogue, credentials: None, ends_at, shutdown }
    }

    pub(super) async fn run(mut self, stream: TcpStream) {
        let mut line = Line { stream: Box::new(stream), read: Vec::new() };
        match self.talk(&mut line).await {
            Ok(()) => {}
            Err(Broken::Io(error)) => tracing::debug!(%error, "a mail connection broke"),
            Err(broken) => {
                tracing::debug!(reason = %broken, "a mail connection is ended");
                // Who does not read it does not hear it.
                let _ = line.say(&Reply::new(421, "4.4.2", broken.to_string())).await;
            }
        }
    }

    async fn talk(&mut self, line: &mut Line) -> Result<(), Broken> {
        line.say(&self.dialogue.greeting()).await?;
        loop {
            let mut step = self.next_command(line).await?;
            loop {
                match step {
                    Step::Say(reply) => line.say(&reply).await?,
                    Step::Leave(reply) => return line.say(&reply).await,
                    Step::Ask(reply, exchange) => {
                        line.say(&reply).await?;
                        step = self.next_line(line, exchange).await?;
                        continue;
                    }
                    Step::Check { name, key } => {
                        step = self.check(Credentials { name, key }).await;
                        continue;
                    }
                    Step::StartTls(reply) => {
                        if !self.secure(line, &reply).await? {
                            return Ok(());
                        }
                    }
                    Step::Mail(reply) => {
                        line.say(&reply).await?;
                        if !self.mail(line).await? {
                            return Ok(());
                        }
                    }
                }
                break;
            }
        }
    }

    /// Reads the next command and answers it.
    async fn next_command(&mut self, line: &mut Line) -> Result<Step, Broken> {
        let mut receiver = RequestReceiver::default();
        loop {
            let mut octets = line.read.iter();
            let request = receiver.ingest(&mut octets);
            let left = octets.len();
            let step = match request {
                Err(Error::NeedsMoreData { .. }) => None,
                said => Some(self.dialogue.command(said)),
            };
            let taken = line.read.len() - left;
            if let Some(step) = step {
                line.read.drain(..taken);
                return Ok(step);
            }
            // The receiver keeps what it has taken.
            line.read.clear();
            let soft = self.shutdown.soft.clone();
            tokio::select! {
                more = line.more(self.ends_at) => more?,
                () = soft.cancelled() => {
                    return Ok(Step::Leave(Reply::new(421, "4.3.2", "The gateway is stopping")));
                }
            }
        }
    }

    /// Reads the next line of an exchange and answers it.
    async fn next_line(&mut self, line: &mut Line, exchange: Exchange) -> Result<Step, Broken> {
        let mut receiver = LineReceiver::new(());
        loop {
            let mut octets = line.read.iter();
            let is_whole = receiver.ingest(&mut octets);
            let taken = line.read.len() - octets.len();
            line.read.drain(..taken);
            if receiver.buf.len() >= MAX_LINE_LENGTH {
                return Ok(Step::Leave(Reply::new(500, "5.5.6", "The line is too long")));
            }
            if is_whole {
                return Ok(self.dialogue.line(exchange, &receiver.buf));
            }
            line.more(self.ends_at).await?;
        }
    }

    async fn check(&mut self, credentials: Credentials) -> Step {
        match credentials.authority(&self.app).await {
            Ok(_) => {
                self.credentials = Some(credentials);
                self.dialogue.checked(None)
            }
            Err(reply) => self.dialogue.checked(Some(reply)),
        }
    }

    /// Begins TLS. Returns false when the connection is over.
    async fn secure(&mut self, line: &mut Line, reply: &Reply) -> Result<bool, Broken> {
        if !line.read.is_empty() {
            // What came before TLS began would be taken for what came within it.
            line.say(&Reply::new(554, "5.5.0", "Nothing may follow STARTTLS before TLS begins"))
                .await?;
            return Ok(false);
        }
        let Some(config) = &self.tls else { return Ok(false) };
        line.say(reply).await?;
        let plain = std::mem::replace(&mut line.stream, Box::new(tokio::io::empty()));
        let acceptor = TlsAcceptor::from(config.get_inner());
        let secured = tokio::time::timeout(SLOWEST_ANSWER, acceptor.accept(plain)).await;
        line.stream = Box::new(secured.map_err(|_| Broken::TooLong)??);
        self.credentials = None;
        self.dialogue.secured();
        Ok(true)
    }

    /// Reads a mail and answers it. Returns false when the connection is over.
    async fn mail(&mut self, line: &mut Line) -> Result<bool, Broken> {
        let recipients = self.dialogue.take_recipients();
        let until = self.ends_at.min(Instant::now() + SLOWEST_MAIL);
        let Some(octets) = line.read_mail(until).await? else { return Ok(false) };
        let reply = match (octets, &self.credentials) {
            (None, _) => too_large(),
            (Some(octets), Some(credentials)) => {
                send(&self.app, credentials, recipients, octets).await
            }
            // Not reached: a mail needs who sends it.
            (Some(_), None) => Reply::new(530, "5.7.0", "Say who you are first, by AUTH"),
        };
        let result = if reply.is_good() { "accepted" } else { "refused" };
        metrics::counter!("merpati_mails_total", "result" => result).increment(1);
        line.say(&reply).await?;
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::DuplexStream;

    use super::*;

    /// Both ends of a connection.
    fn connected(buffer: usize) -> (DuplexStream, Line) {
        let (client, server) = tokio::io::duplex(buffer);
        (client, Line { stream: Box::new(server), read: Vec::new() })
    }

    fn later(wait: Duration) -> Instant {
        Instant::now() + wait
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_says_nothing_is_left_after_a_minute() {
        let (_client, mut line) = connected(64);
        let begun = Instant::now();
        let more = line.more(later(LONGEST)).await;
        assert!(matches!(more, Err(Broken::Silent)), "{more:?}");
        assert_eq!(begun.elapsed().as_secs(), SILENCE.as_secs());
        // Nor is the end of the connection put off by it.
        let more = line.more(later(Duration::from_secs(5))).await;
        assert!(matches!(more, Err(Broken::TooLong)), "{more:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_mail_that_drips_is_left_after_three_minutes() {
        let (mut client, mut line) = connected(64);
        // Never silent for so long that it would be left.
        let drips = tokio::spawn(async move {
            while client.write_all(b"x").await.is_ok() {
                tokio::time::sleep(SILENCE * 9 / 10).await;
            }
        });
        let begun = Instant::now();
        let read = line.read_mail(later(SLOWEST_MAIL)).await;
        assert!(matches!(read, Err(Broken::TooLong)), "{read:?}");
        assert_eq!(begun.elapsed().as_secs(), SLOWEST_MAIL.as_secs());
        drop(line);
        drips.await.expect("the client hears that it is over");
    }

    #[tokio::test(start_paused = true)]
    async fn a_mail_that_is_too_large_is_read_past_and_no_longer_than_it_may_take() {
        let (mut client, mut line) = connected(LARGEST);
        tokio::spawn(async move {
            let piece = vec![b'x'; LARGEST / 2];
            while client.write_all(&piece).await.is_ok() {
                tokio::time::sleep(Duration::from_secs(30)).await;
            }
        });
        let read = line.read_mail(later(SLOWEST_MAIL)).await;
        assert!(matches!(read, Err(Broken::TooLong)), "{read:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_takes_no_answer_is_left() {
        let (_client, mut line) = connected(4);
        let begun = Instant::now();
        let said = line.say(&Reply::new(250, "2.0.0", "An answer that nobody reads")).await;
        assert!(matches!(said, Err(Broken::TooLong)), "{said:?}");
        assert_eq!(begun.elapsed().as_secs(), SLOWEST_ANSWER.as_secs());
    }
}
