//! Metrics over HTTP.

use platform::{Metrics, Shutdown, config};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

async fn read(address: std::net::SocketAddr) -> String {
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let request = "GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn counts_are_served_and_a_taken_port_is_survived() {
    let shutdown = Shutdown::new();
    let listen = Some("127.0.0.1:0".parse().unwrap());
    let first = Metrics::start(&config::Metrics { listen }, &shutdown).await.unwrap();
    metrics::counter!("test_messages_total").increment(3);
    metrics::histogram!("test_wait_seconds").record(0.2);
    let answer = read(first.address().unwrap()).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.contains("test_messages_total 3"), "{answer}");
    assert!(answer.contains("test_wait_seconds_bucket{le=\"0.25\"} 1"), "{answer}");

    let taken = config::Metrics { listen: first.address() };
    let second = Metrics::start(&taken, &shutdown).await.unwrap();
    assert_eq!(second.address(), None);
    assert!(second.render().contains("test_messages_total 3"));
    assert!(shutdown.stop(std::time::Duration::from_secs(20)).await);
}
