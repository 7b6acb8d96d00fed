//! Requests beyond all bounds: each is refused in words, with little read of it and in little time.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::gateway::{Gateway, answer};

/// How long a refusal may take, on a busy machine.
const QUICKLY: Duration = Duration::from_secs(10);
/// How much the gateway may take of a body of 100 MB before it refuses: what it allows, and what both sides' sockets hold.
const TAKEN: usize = 16 * 1024 * 1024;

/// Sends `head`, and then a body of 100 MB piece by piece for as long as the gateway takes it. Returns how much that was, and
/// what came back.
pub(crate) async fn flood(gateway: &Gateway, head: &str, piece: &[u8]) -> (usize, String) {
    let mut stream = TcpStream::connect(gateway.address).await.expect("a connection");
    stream.write_all(head.as_bytes()).await.expect("sent");
    let (mut read, mut write) = stream.into_split();
    let reading = tokio::spawn(async move {
        let mut answer = Vec::new();
        let _ = read.read_to_end(&mut answer).await;
        String::from_utf8_lossy(&answer).into_owned()
    });
    let mut taken = 0;
    while taken < 100_000_000 && !reading.is_finished() {
        let sent = tokio::time::timeout(Duration::from_secs(1), write.write_all(piece)).await;
        if !matches!(sent, Ok(Ok(()))) {
            break;
        }
        taken += piece.len();
    }
    drop(write);
    (taken, reading.await.expect("an answer"))
}

#[tokio::test]
async fn a_body_of_a_hundred_megabytes_is_refused_after_the_first() {
    let gateway = Gateway::start().await;
    let key = gateway.user("budi", false).await;
    let head = |more: &str| {
        format!(
            "POST /api/v1/messages HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {key}\r\n\
             content-type: application/json\r\n{more}\r\n\r\n"
        )
    };
    let begun = Instant::now();
    let plain = vec![b' '; 64 * 1024];
    let mut chunk = b"10000\r\n".to_vec();
    chunk.extend_from_slice(&plain);
    chunk.extend_from_slice(b"\r\n");
    for (more, piece) in
        [("content-length: 100000000", &plain), ("transfer-encoding: chunked", &chunk)]
    {
        let (taken, said) = flood(&gateway, &head(more), piece).await;
        assert!(said.starts_with("HTTP/1.1 413 "), "{more}: {said}");
        assert!(said.contains("application/problem+json") && said.contains("body-too-large"));
        assert!(taken <= TAKEN, "{taken} bytes were taken");
    }
    assert!(begun.elapsed() < QUICKLY, "{:?}", begun.elapsed());
    assert!(gateway.messages(&key).await.is_empty());
}

#[tokio::test]
async fn a_million_parameters_are_refused_by_the_first() {
    let gateway = Gateway::start().await;
    let key = gateway.user("budi", false).await;
    let begun = Instant::now();
    // As many as a body of 1 MiB holds.
    let mut body = String::from("{\"to\":\"+62812345678\",\"text\":\"x\"");
    for n in 0..90_000 {
        let _ = write!(body, ",\"a{n}\":1");
    }
    body.push('}');
    assert!(body.len() < 1024 * 1024);
    let request = gateway.post(&key, "/messages", &Value::Null).body(body);
    let (status, problem) = answer(request).await;
    assert_eq!((status.as_u16(), &problem["code"]), (400, &json!("malformed")), "{problem}");
    assert!(problem.to_string().len() < 2_000, "the answer is short");
    // And a million of them in the address or in a header are more than those may have.
    let query: String = (0..1_000_000).map(|_| "a=1&").collect();
    let huge = "x".repeat(1_000_000);
    for head in [
        format!("GET /api/v1/messages?{query} HTTP/1.1\r\nhost: x\r\n\r\n"),
        format!("GET /api/v1/messages HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {huge}\r\n\r\n"),
        format!("GET /api/v1/messages HTTP/1.1\r\nhost: x\r\n{}\r\n", "a: b\r\n".repeat(100_000)),
    ] {
        let mut stream = TcpStream::connect(gateway.address).await.expect("a connection");
        let (mut read, mut write) = stream.split();
        let sent = async {
            // The gateway hangs up in the middle of it.
            let _ = write.write_all(head.as_bytes()).await;
        };
        let mut said = Vec::new();
        let ((), ended) =
            tokio::join!(sent, tokio::time::timeout(QUICKLY, read.read_to_end(&mut said)));
        assert!(ended.is_ok(), "it hangs up");
        let said = String::from_utf8_lossy(&said);
        assert!(said.is_empty() || said.starts_with("HTTP/1.1 4"), "{said}");
    }
    assert!(begun.elapsed() < QUICKLY, "{:?}", begun.elapsed());
    assert_eq!(answer(gateway.get(&key, "/me")).await.0, 200, "others are served");
}

#[tokio::test]
async fn what_is_no_json_says_so_whatever_it_calls_itself() {
    let gateway = Gateway::start().await;
    let key = gateway.user("budi", false).await;
    let utf16: Vec<u8> = "{\"to\":\"+62812345678\",\"text\":\"x\"}"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let latin1 = b"{\"to\":\"+62812345678\",\"text\":\"caf\xe9\"}".to_vec();
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000)).into_bytes();
    let to_deep = format!("{{\"to\":{}{}}}", "[".repeat(200), "]".repeat(200)).into_bytes();
    for (kind, body) in [
        ("application/json; charset=utf-16", utf16),
        ("application/json; charset=iso-8859-1", latin1.clone()),
        ("application/json; charset=utf-8", latin1),
        ("application/json", deep),
        ("application/json", to_deep),
        ("multipart/form-data; boundary=x", b"--x\r\n\r\n--x--".to_vec()),
        ("application/json", vec![0; 1_000]),
        ("application/json", b"{\"to\":\"+62812345678\",\"text\":\"x\"".to_vec()),
    ] {
        let request = gateway
            .http
            .post(format!("{}/api/v1/messages", gateway.url))
            .bearer_auth(&key)
            .header("content-type", kind)
            .body(body);
        let (status, problem) = answer(request).await;
        assert_eq!((status.as_u16(), &problem["code"]), (400, &json!("malformed")), "{kind}");
        assert!(problem.to_string().len() < 2_000);
    }
    assert!(gateway.messages(&key).await.is_empty());
}

/// Each request waits for its sender by itself.
#[tokio::test]
async fn senders_who_stop_in_the_middle_keep_nobody_waiting() {
    let gateway = Gateway::start().await;
    let key = gateway.user("budi", false).await;
    let mut slow = Vec::new();
    for n in 0..200 {
        let mut stream = TcpStream::connect(gateway.address).await.expect("a connection");
        let head = match n % 2 {
            0 => "POST /api/v1/messages HTTP/1.1\r\nhost: x\r\nauthor".to_owned(),
            _ => format!(
                "POST /api/v1/messages HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {key}\r\n\
                 content-length: 1000\r\n\r\n{{\"to\":"
            ),
        };
        stream.write_all(head.as_bytes()).await.expect("sent");
        slow.push(stream);
    }
    let begun = Instant::now();
    let body = json!({ "to": "+62812345678", "text": "x" });
    assert_eq!(answer(gateway.post(&key, "/messages", &body)).await.0, 202);
    assert!(begun.elapsed() < QUICKLY, "{:?}", begun.elapsed());
}
