//! Kannel's endpoint, octet for octet over a bare connection.

use bus::{Durable, Wait};
use contracts::Priority;
use contracts::mt::{Body, Encoding, MtRequest};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::gateway::Gateway;

async fn raw(gateway: &Gateway, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(gateway.address).await.expect("a connection");
    stream.write_all(request).await.expect("a request");
    // PHP's HTTP/1.0 client says no more; some shut their side down.
    stream.shutdown().await.expect("a half-closed connection");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.expect("an answer");
    String::from_utf8(answer).expect("text")
}

fn parts(answer: &str) -> (u16, String, String) {
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
    let status = head.split(' ').nth(1).and_then(|s| s.parse().ok()).expect("a status");
    (status, head.to_ascii_lowercase(), body.to_owned())
}

async fn requested(gateway: &Gateway, priority: Priority) -> MtRequest {
    let durable = Durable::RouterRequests(priority);
    let wait = Wait::UpTo(std::time::Duration::from_secs(5));
    let mut requests = gateway.bus.fetch::<MtRequest>(&durable, 1, wait).await.expect("a broker");
    let request = requests.pop().expect("a request");
    let value = request.value.clone();
    request.ack().await.expect("an ack");
    value
}

#[tokio::test]
async fn its_clients_change_nothing() {
    let gateway = Gateway::start().await;
    let key = gateway.user("playsms", false).await;

    // playSMS: HTTP/1.0, no Host, Unicode as UTF-16BE octets.
    let line = format!(
        "GET /cgi-bin/sendsms?username=playsms&password={key}&from=1234&to=%2B62812345678&coding=2\
         &charset=UTF-16BE&dlr-mask=27&dlr-url=http%3A%2F%2Fexample.org%2F%3Ftype%3D%25d&text=%04%1F%00%21 HTTP/1.0\r\n\r\n"
    );
    let answer = raw(&gateway, line.as_bytes()).await;
    let (status, head, body) = parts(&answer);
    assert_eq!((status, body.as_str()), (202, "0: Accepted for delivery"));
    assert!(answer.ends_with("\r\n\r\n0: Accepted for delivery"), "{answer}");
    assert!(head.contains("content-length: 24"), "{head}");
    assert!(!head.contains("transfer-encoding"), "{head}");
    let request = requested(&gateway, Priority::Normal).await;
    assert_eq!(request.to.as_str(), "+62812345678");
    assert_eq!(request.body, Body::Text { text: "П!".to_owned(), encoding: Encoding::Ucs2 });
    let dlr = request.dlr.expect("a callback");
    assert_eq!((dlr.mask, dlr.url.as_str()), (27, "http://example.org/?type=%d"));

    // A form over HTTP/1.1, several receivers, urgent.
    let form = format!("user=PlaySMS&pass={key}&to=0811+0812&text=Kode+1234&priority=3");
    let post = format!(
        "POST /cgi-bin/sendsms HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: {}\r\n\r\n{form}",
        form.len()
    );
    let (status, head, body) = parts(&raw(&gateway, post.as_bytes()).await);
    assert_eq!((status, body.as_str()), (202, "0: Accepted for delivery"));
    assert!(head.contains("connection: close"), "{head}");
    let to: Vec<String> = [
        requested(&gateway, Priority::Otp).await.to.to_string(),
        requested(&gateway, Priority::Otp).await.to.to_string(),
    ]
    .into();
    assert_eq!(to, ["0811", "0812"]);

    // Headers, and a body in Latin-1.
    let mut post = format!(
        "POST /cgi-bin/sendsms HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain; charset=iso-8859-1\r\n\
         X-Kannel-Username: playsms\r\nX-Kannel-Password: {key}\r\nX-Kannel-To: 0813\r\nContent-Length: 4\r\n\r\n"
    )
    .into_bytes();
    post.extend_from_slice(b"caf\xe9");
    assert_eq!(parts(&raw(&gateway, &post).await).0, 202);
    let request = requested(&gateway, Priority::Normal).await;
    assert_eq!(request.body, Body::Text { text: "café".to_owned(), encoding: Encoding::Auto });
}

#[tokio::test]
async fn its_refusals_are_kannels() {
    let gateway = Gateway::start().await;
    let key = gateway.user("playsms", false).await;
    let other = gateway.user("other", false).await;
    let ask = async |query: String| {
        let line = format!("GET /cgi-bin/sendsms?{query} HTTP/1.0\r\n\r\n");
        let (status, _, body) = parts(&raw(&gateway, line.as_bytes()).await);
        (status, body)
    };
    let said = |status: u16, body: &str| (status, body.to_owned());
    let auth = format!("username=playsms&password={key}");
    let refused = said(403, "Authorization failed for sendsms");
    assert_eq!(ask("to=0811&text=x".to_owned()).await, refused);
    assert_eq!(ask("username=playsms&password=x&to=0811&text=x".to_owned()).await, refused);
    assert_eq!(ask(format!("username=playsms&password={other}&to=0811&text=x")).await, refused);
    assert_eq!(ask(format!("{auth}&text=x")).await, said(400, "Missing receiver number, rejected"));
    assert_eq!(
        ask(format!("{auth}&to=&text=x")).await,
        said(400, "Empty receiver number not allowed, rejected")
    );
    assert_eq!(
        ask(format!("{auth}&to=0811&text=x&coding=7")).await,
        said(400, "Coding field misformed, rejected")
    );
    assert_eq!(
        ask(format!("{auth}&to=0811&text=%ff")).await,
        said(400, "Charset or body misformed, rejected")
    );
    let long = "x".repeat(60_000);
    let (status, body) = ask(format!("{auth}&to=0811&text={long}")).await;
    assert_eq!(status, 400);
    assert!(body.starts_with("Text too long"), "{body}");
}

#[tokio::test]
async fn it_can_be_switched_off() {
    let gateway = Gateway::start_with(&[("kannel.enabled", "false")]).await;
    let line = b"GET /cgi-bin/sendsms?to=1 HTTP/1.0\r\n\r\n";
    assert_eq!(parts(&raw(&gateway, line).await).0, 404);
}
