//! A client of a simulated port: what a person with a terminal program would do.

use std::io;
use std::time::Duration;

use modem_sim::PortAddress;
use rustix::fs::{Mode, OFlags};
use tokio::io::unix::AsyncFd;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) enum Client {
    Terminal(AsyncFd<std::os::fd::OwnedFd>, String),
    Tcp(TcpStream, String),
}

impl Client {
    #[expect(deprecated, reason = "sound for an OwnedFd; `register` is unsafe code")]
    pub(crate) async fn open(address: &PortAddress) -> io::Result<Self> {
        match address {
            PortAddress::Path(path) => {
                let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::NONBLOCK | OFlags::CLOEXEC;
                let terminal = rustix::fs::open(path, flags, Mode::empty())?;
                Ok(Self::Terminal(AsyncFd::new(terminal)?, String::new()))
            }
            PortAddress::Tcp(address) => {
                Ok(Self::Tcp(TcpStream::connect(address).await?, String::new()))
            }
        }
    }

    pub(crate) async fn write(&mut self, text: &str) {
        match self {
            Self::Terminal(terminal, _) => {
                let mut rest = text.as_bytes();
                while !rest.is_empty() {
                    let mut guard = terminal.writable().await.unwrap();
                    match rustix::io::write(terminal.get_ref(), rest) {
                        Ok(written) => rest = &rest[written..],
                        Err(rustix::io::Errno::AGAIN) => guard.clear_ready(),
                        Err(error) => panic!("write: {error}"),
                    }
                }
            }
            // A port that turned us away is seen when it is read.
            Self::Tcp(stream, _) => drop(stream.write_all(text.as_bytes()).await),
        }
    }

    /// Bytes that nobody has read.
    pub(crate) fn unread(&self) -> u64 {
        match self {
            Self::Terminal(terminal, _) => rustix::io::ioctl_fionread(terminal.get_ref()).unwrap(),
            Self::Tcp(..) => 0,
        }
    }

    /// Reads some bytes; 0 is the end.
    async fn read(&mut self) -> io::Result<usize> {
        let mut buffer = [0; 1024];
        let (read, seen) = match self {
            Self::Terminal(terminal, seen) => loop {
                let mut guard = terminal.readable().await?;
                match rustix::io::read(terminal.get_ref(), &mut buffer) {
                    Err(rustix::io::Errno::AGAIN) => guard.clear_ready(),
                    result => break (result?, seen),
                }
            },
            Self::Tcp(stream, seen) => (stream.read(&mut buffer).await?, seen),
        };
        seen.push_str(&String::from_utf8_lossy(&buffer[..read]));
        Ok(read)
    }

    fn seen(&mut self) -> &mut String {
        match self {
            Self::Terminal(_, seen) | Self::Tcp(_, seen) => seen,
        }
    }

    /// Reads until a text comes, and gives all up to its end.
    pub(crate) async fn until(&mut self, text: &str) -> String {
        let wait = async {
            loop {
                if let Some(at) = self.seen().find(text) {
                    let rest = self.seen().split_off(at + text.len());
                    return std::mem::replace(self.seen(), rest);
                }
                assert_ne!(self.read().await.unwrap(), 0, "the end instead of {text:?}");
            }
        };
        match tokio::time::timeout(PATIENCE, wait).await {
            Ok(seen) => seen,
            Err(_) => panic!("{text:?} did not come, but {:?}", self.seen()),
        }
    }

    /// A command and its answer up to `OK`.
    pub(crate) async fn at(&mut self, command: &str) -> String {
        self.write(&format!("{command}\r")).await;
        self.until("\r\nOK\r\n").await
    }

    /// Whether anything comes before the end.
    pub(crate) async fn answers(&mut self) -> bool {
        let wait = async { self.read().await.is_ok_and(|read| read > 0) };
        tokio::time::timeout(PATIENCE, wait).await.expect("neither answer nor end")
    }

    /// Reads until the port is gone.
    pub(crate) async fn gone(&mut self) {
        let wait = async { while self.read().await.is_ok_and(|read| read > 0) {} };
        tokio::time::timeout(PATIENCE, wait).await.expect("the port stays");
    }

    /// Sets it up as a driver does: echo off, reports and messages told.
    pub(crate) async fn set_up(&mut self, cnmi: &str) {
        self.at("ATE0").await;
        self.at("AT+CMEE=1").await;
        self.at("AT+CMGF=0").await;
        self.at(&format!("AT+CNMI={cnmi}")).await;
    }

    /// Sends a PDU with `+CMGS` and gives the answer.
    pub(crate) async fn send(&mut self, submit: &tpdu::Submit) -> String {
        let octets = submit.encode().unwrap();
        self.write(&format!("AT+CMGS={}\r", octets.len())).await;
        self.until("\r\n> ").await;
        self.write(&format!("00{}\u{1a}", tpdu::to_hex(&octets))).await;
        self.until("\r\nOK\r\n").await
    }
}

/// The parts of a text.
pub(crate) fn submits(to: &str, text: &str) -> Vec<tpdu::Submit> {
    let to = tpdu::Address::number(to).unwrap();
    tpdu::compose(&tpdu::MessageSpec::text(to, text)).unwrap()
}
