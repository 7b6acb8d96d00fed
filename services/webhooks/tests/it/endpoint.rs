//! A customer's endpoint: an HTTP server that keeps what it is told.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

/// One request.
#[derive(Debug, Clone)]
pub(crate) struct Told {
    pub(crate) headers: HashMap<String, String>,
    pub(crate) body: String,
}

impl Told {
    pub(crate) fn id(&self) -> &str {
        &self.headers["webhook-id"]
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("a body of JSON")
    }

    /// The text of a received message.
    pub(crate) fn text(&self) -> String {
        self.json()["data"]["text"].as_str().unwrap_or_default().to_owned()
    }

    /// Whether one of the signatures is that of this secret.
    pub(crate) fn is_signed_with(&self, secret: &str) -> bool {
        let signer = standardwebhooks::Webhook::new(secret).unwrap();
        let seconds = self.headers["webhook-timestamp"].parse().unwrap();
        let expected = signer.sign(self.id(), seconds, self.body.as_bytes()).unwrap();
        self.headers["webhook-signature"].split(' ').any(|signature| signature == expected)
    }
}

/// What answers, request by request; the last answer is that of all others.
type Answers = Arc<Mutex<Vec<String>>>;

pub(crate) struct Endpoint {
    pub(crate) address: SocketAddr,
    told: mpsc::UnboundedReceiver<Told>,
}

impl Endpoint {
    /// Keeps the connection and says nothing.
    pub(crate) const SILENT: &str = "";

    pub(crate) async fn start(answers: &[&str]) -> Self {
        Self::start_at("127.0.0.1:0".parse().unwrap(), answers).await
    }

    pub(crate) async fn start_at(address: SocketAddr, answers: &[&str]) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let answers: Vec<String> =
            answers.iter().rev().map(|answer| (*answer).to_owned()).collect();
        let answers = Arc::new(Mutex::new(answers));
        let (tell, told) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                tokio::spawn(serve(socket, Arc::clone(&answers), tell.clone()));
            }
        });
        Self { address, told }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    pub(crate) async fn told(&mut self) -> Told {
        let told = tokio::time::timeout(testkit::PATIENCE, self.told.recv()).await;
        told.expect("the endpoint to be told").unwrap()
    }

    pub(crate) fn was_told(&mut self) -> bool {
        self.told.try_recv().is_ok()
    }
}

async fn serve(mut socket: TcpStream, answers: Answers, tell: mpsc::UnboundedSender<Told>) {
    let mut bytes = Vec::new();
    let told = loop {
        let mut chunk = [0; 4_096];
        match socket.read(&mut chunk).await {
            Ok(0) | Err(_) => return,
            Ok(n) => bytes.extend_from_slice(&chunk[..n]),
        }
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        assert!(head.starts_with("POST /hook "), "{head}");
        let headers = head.lines().skip(1).filter_map(|line| line.split_once(": "));
        let headers: HashMap<_, _> =
            headers.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect();
        if body.len() >= headers["content-length"].parse::<usize>().unwrap() {
            break Told { headers, body: body.to_owned() };
        }
    };
    let answer = {
        let mut answers = answers.lock().unwrap();
        if answers.len() > 1 { answers.pop().unwrap() } else { answers[0].clone() }
    };
    let _ = tell.send(told);
    if answer == Endpoint::SILENT {
        return std::future::pending().await;
    }
    // What follows the first line is the body.
    let (status, body) = answer.split_once('\n').unwrap_or((&answer, "hello"));
    let length = body.len();
    let answer =
        format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}");
    let _ = socket.write_all(answer.as_bytes()).await;
}

/// One request to a program, which may be a GET or a POST.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) target: String,
    pub(crate) headers: HashMap<String, String>,
    pub(crate) body: String,
}

/// A program that answers with a body: an HTTP server that keeps what it was asked.
pub(crate) struct Answering {
    address: SocketAddr,
    asked: mpsc::UnboundedReceiver<Asked>,
}

impl Answering {
    /// In the place of a type: the connection breaks before the last octet of a plain text.
    pub(crate) const BREAKS_OFF: &str = "-";

    /// The answers, request by request: a type and a body, or a status in the place of the type. The last is that of
    /// all others.
    pub(crate) async fn start(answers: &[(&str, &str)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let written = |(kind, body): &(&str, &str)| {
            let length = body.len();
            match kind.parse::<u16>() {
                _ if *kind == Self::BREAKS_OFF => format!(
                    "200 OK\r\ncontent-type: text/plain\r\ncontent-length: {}\r\n\r\n{body}",
                    length + 1
                ),
                Ok(status) => format!("{status} Oops\r\ncontent-length: {length}\r\n\r\n{body}"),
                Err(_) => format!(
                    "200 OK\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\n\r\n{body}"
                ),
            }
        };
        let answers: Vec<String> = answers.iter().rev().map(written).collect();
        let answers = Arc::new(Mutex::new(answers));
        let (tell, asked) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                tokio::spawn(answer(socket, Arc::clone(&answers), tell.clone()));
            }
        });
        Self { address, asked }
    }

    pub(crate) fn url(&self, rest: &str) -> String {
        format!("http://{}{rest}", self.address)
    }

    pub(crate) async fn asked(&mut self) -> Asked {
        let asked = tokio::time::timeout(testkit::PATIENCE, self.asked.recv()).await;
        asked.expect("the program to be asked").unwrap()
    }

    pub(crate) fn was_asked(&mut self) -> bool {
        self.asked.try_recv().is_ok()
    }
}

async fn answer(mut socket: TcpStream, answers: Answers, tell: mpsc::UnboundedSender<Asked>) {
    let mut bytes = Vec::new();
    let asked = loop {
        let mut chunk = [0; 4_096];
        match socket.read(&mut chunk).await {
            Ok(0) | Err(_) => return,
            Ok(n) => bytes.extend_from_slice(&chunk[..n]),
        }
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let target = head.split(' ').nth(1).unwrap().to_owned();
        let headers = head.lines().skip(1).filter_map(|line| line.split_once(": "));
        let headers: HashMap<_, _> =
            headers.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect();
        let length = headers.get("content-length").map_or(0, |length| length.parse().unwrap());
        if body.len() >= length {
            break Asked { target, headers, body: body.to_owned() };
        }
    };
    let written = {
        let mut answers = answers.lock().unwrap();
        if answers.len() > 1 { answers.pop().unwrap() } else { answers[0].clone() }
    };
    let _ = tell.send(asked);
    let _ = socket.write_all(format!("HTTP/1.1 {written}").as_bytes()).await;
}
