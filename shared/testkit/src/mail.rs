//! A mail server that keeps what it is sent, and refuses when it is told to.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

use crate::PATIENCE;

/// A mail as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// The address that it is said to come from.
    pub from: String,
    /// The addresses that it goes to.
    pub to: Vec<String>,
    /// Headers and text, with `\n` at the end of each line.
    pub text: String,
}

/// A server on a port of its own. It speaks as much SMTP as a client needs, and takes any name and password.
#[derive(Debug)]
pub struct MailSink {
    /// Where it listens.
    pub address: SocketAddr,
    mails: mpsc::UnboundedReceiver<Mail>,
    refusals: Arc<Mutex<VecDeque<String>>>,
}

impl MailSink {
    /// Starts one.
    pub async fn start() -> Self {
        Self::start_slow(Duration::ZERO).await
    }

    /// Starts one that has a mail for so long before it says so.
    pub async fn start_slow(pause: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (tell, mails) = mpsc::unbounded_channel();
        let refusals = Arc::new(Mutex::new(VecDeque::new()));
        let known = Arc::clone(&refusals);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, tell.clone(), Arc::clone(&known), pause));
            }
        });
        Self { address, mails, refusals }
    }

    /// Answers the next mail that is not refused already with this, such as `451 4.3.0 Later`, and keeps it not.
    pub fn refuse(&self, answer: &str) {
        let mut refusals = self.refusals.lock().unwrap_or_else(PoisonError::into_inner);
        refusals.push_back(answer.to_owned());
    }

    /// The next mail.
    pub async fn mail(&mut self) -> Mail {
        tokio::time::timeout(PATIENCE, self.mails.recv())
            .await
            .expect("a mail in time")
            .expect("a mail")
    }

    /// Whether no mail has come that was not asked for.
    pub fn is_empty(&mut self) -> bool {
        self.mails.try_recv().is_err()
    }
}

async fn serve(
    stream: TcpStream,
    tell: mpsc::UnboundedSender<Mail>,
    refusals: Arc<Mutex<VecDeque<String>>>,
    pause: Duration,
) -> io::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    write.write_all(b"220 sink.example ESMTP\r\n").await?;
    let (mut from, mut to) = (String::new(), Vec::new());
    while let Some(line) = lines.next_line().await? {
        let address = || line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
        let verb = line.get(..4).unwrap_or_default().to_ascii_uppercase();
        let answer = match verb.as_str() {
            "EHLO" => "250-sink.example\r\n250-8BITMIME\r\n250 AUTH PLAIN".to_owned(),
            "MAIL" => {
                (from, to) = (address(), Vec::new());
                "250 ok".to_owned()
            }
            "RCPT" => {
                to.push(address());
                "250 ok".to_owned()
            }
            "AUTH" => "235 ok".to_owned(),
            "DATA" => {
                write.write_all(b"354 go on\r\n").await?;
                let mut text = String::new();
                while let Some(line) = lines.next_line().await? {
                    if line == "." {
                        break;
                    }
                    // A dot at the beginning of a line is doubled.
                    text.push_str(line.strip_prefix('.').unwrap_or(&line));
                    text.push('\n');
                }
                tokio::time::sleep(pause).await;
                let refusal = refusals.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
                refusal.unwrap_or_else(|| {
                    // A test that is over hears nothing.
                    let _ = tell.send(Mail { from: from.clone(), to: to.clone(), text });
                    "250 kept".to_owned()
                })
            }
            "QUIT" => {
                write.write_all(b"221 bye\r\n").await?;
                return Ok(());
            }
            "RSET" | "NOOP" => "250 ok".to_owned(),
            _ => "500 what?".to_owned(),
        };
        write.write_all(format!("{answer}\r\n").as_bytes()).await?;
    }
    Ok(())
}
