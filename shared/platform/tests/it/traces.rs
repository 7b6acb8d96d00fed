//! Spans reach a collector.

use platform::config::{self, LogFormat};
use platform::{Telemetry, set_log};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

/// The only test of this process that sets up logging.
#[tokio::test]
async fn the_last_spans_are_sent_at_shutdown() {
    let collector = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}/", collector.local_addr().unwrap());
    let received = tokio::spawn(async move {
        let (mut stream, _) = collector.accept().await.unwrap();
        let mut request = Vec::new();
        while !request.windows(12).any(|window| window == b"the.attempt1") {
            let read = stream.read_buf(&mut request).await.unwrap();
            assert!(read > 0, "the exporter hung up early");
        }
        let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        stream.write_all(answer).await.unwrap();
        request
    });
    let config = config::Telemetry {
        log: "warn".to_owned(),
        format: LogFormat::Json,
        otlp_endpoint: Some(endpoint),
    };
    assert!(!set_log("debug"), "nothing is logged yet");
    let telemetry = Telemetry::start(&config, "merpati-test").unwrap();
    assert!(Telemetry::start(&config, "merpati-test").is_err());
    tracing::info_span!("submit", attempt = "the.attempt1").in_scope(|| {});
    // What is logged changes at once, and what is no level changes nothing. (At info there are the traces.)
    let is_logged = || tracing::enabled!(target: "router", tracing::Level::DEBUG);
    assert!(!is_logged());
    assert!(set_log("debug") && is_logged());
    assert!(!set_log("router=loud") && is_logged());
    assert!(set_log("warn") && !is_logged());
    telemetry.shutdown().await;
    let request = tokio::time::timeout(std::time::Duration::from_secs(30), received).await;
    let request = String::from_utf8_lossy(&request.unwrap().unwrap()).into_owned();
    assert!(request.starts_with("POST /v1/traces HTTP/1.1"), "{request}");
    assert!(request.contains("merpati-test"), "{request}");
}
