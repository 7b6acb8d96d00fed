//! Kannel's endpoint, octet for octet over a bare connection.

use bus::{Durable, Wait};
use contracts::batch::MtBatch;
use contracts::mt::{Body, Encoding, MtRequest};
use contracts::{MessageId, Priority, composition};
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

pub(crate) async fn requested(gateway: &Gateway, priority: Priority) -> MtRequest {
    let durable = Durable::RouterRequests(priority);
    let wait = Wait::UpTo(std::time::Duration::from_secs(5));
    let mut requests = gateway.bus.fetch::<MtRequest>(&durable, 1, wait).await.expect("a broker");
    let request = requests.pop().expect("a request");
    let value = request.value.clone();
    request.ack().await.expect("an ack");
    value
}

/// The requests to several recipients, which are stored as one.
pub(crate) async fn requested_together(gateway: &Gateway, priority: Priority) -> Vec<MtRequest> {
    let durable = Durable::RouterBatches(priority);
    let wait = Wait::UpTo(std::time::Duration::from_secs(5));
    let mut batches = gateway.bus.fetch::<MtBatch>(&durable, 1, wait).await.expect("a broker");
    let batch = batches.pop().expect("a batch");
    let requests = batch.value.requests().collect();
    batch.ack().await.expect("an ack");
    requests
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
    assert!(!head.contains("connection: close"), "{head}");
    let requests = requested_together(&gateway, Priority::Otp).await;
    assert_eq!(requests.iter().map(|r| r.to.as_str()).collect::<Vec<_>>(), ["0811", "0812"]);

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

/// A client that keeps its connection sends all of its requests by it, escaped or not.
#[tokio::test]
async fn a_connection_is_kept() {
    let gateway = Gateway::start().await;
    let key = gateway.user("playsms", false).await;
    let mut stream = TcpStream::connect(gateway.address).await.expect("a connection");
    for n in 0..3 {
        let line = format!(
            "GET /cgi-bin/sendsms?username=playsms&password={key}&to=0812000{n}&text=\"{n}\" HTTP/1.1\r\nHost: x\r\n\r\n"
        );
        stream.write_all(line.as_bytes()).await.expect("a request");
        let mut answer = String::new();
        while !answer.ends_with("Accepted for delivery") {
            let mut octets = [0; 1_024];
            let count = stream.read(&mut octets).await.expect("an answer");
            assert_ne!(count, 0, "{answer}");
            answer.push_str(&String::from_utf8_lossy(&octets[..count]));
        }
        assert!(answer.starts_with("HTTP/1.1 202"), "{answer}");
        assert_eq!(text_of(&requested(&gateway, Priority::Normal).await), format!("\"{n}\""));
    }
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
        ask(format!("{auth}&to=0811&charset=utf-8&text=%ff")).await,
        said(400, "Charset or body misformed, rejected")
    );
    assert_eq!(
        ask(format!("{auth}&to=0811&charset=IBM037&text=x")).await,
        said(400, "Charset not supported, rejected: send UTF-8 or UTF-16BE")
    );
    let denied = said(400, "Number(s) has/have been denied by white- and/or black-lists.");
    assert_eq!(ask(format!("{auth}&to=bob&text=x")).await, denied);
    let udh = ask(format!("{auth}&to=0811&udh=%02%70%05&text=x")).await;
    assert_eq!(udh.0, 400);
    assert!(udh.1.starts_with("Message cannot be sent, rejected: the user data header"), "{udh:?}");
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

/// A gateway with a user and a key, asked byte for byte.
struct Door {
    gateway: Gateway,
    key: String,
}

impl Door {
    async fn open() -> Self {
        let gateway = Gateway::start().await;
        let key = gateway.user("playsms", false).await;
        Self { gateway, key }
    }

    /// Sends a request in which `AUTH` and `HEADERS` stand for the name and the key.
    async fn ask(&self, request: &[u8]) -> (u16, String, String) {
        parts(&raw(&self.gateway, &self.with_key(request)).await)
    }

    fn with_key(&self, request: &[u8]) -> Vec<u8> {
        let auth = format!("username=playsms&password={}", self.key);
        let headers = format!(
            "X-Kannel-Username: playsms\r\nX-Kannel-Password: {}\r\nX-Kannel-To: +628120000001\r\n",
            self.key
        );
        replaced(&replaced(request, b"AUTH", auth.as_bytes()), b"HEADERS", headers.as_bytes())
    }

    /// The message that a query makes.
    async fn sent(&self, query: &[u8]) -> MtRequest {
        let request =
            [&b"GET /cgi-bin/sendsms?AUTH&to=%2B628120000001&"[..], query, b" HTTP/1.0\r\n\r\n"];
        self.taken(&request.concat()).await
    }

    /// The message that a request makes.
    async fn taken(&self, request: &[u8]) -> MtRequest {
        let (status, _, body) = self.ask(request).await;
        assert_eq!(
            (status, body.as_str()),
            (202, "0: Accepted for delivery"),
            "{}",
            String::from_utf8_lossy(request)
        );
        requested(&self.gateway, Priority::Normal).await
    }
}

fn replaced(octets: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    match octets.windows(from.len()).position(|window| window == from) {
        Some(at) => [&octets[..at], to, &octets[at + from.len()..]].concat(),
        None => octets.to_vec(),
    }
}

/// TP-PID, TP-DCS, and the header with the user data as octets (of text: as text).
fn tpdu(request: &MtRequest) -> (u8, u8, String) {
    let submit = composition::submits(MessageId::derived("1"), request).expect("a TPDU").remove(0);
    let udh = submit.udh.encode().expect("a header");
    let said = match (submit.text(), &submit.data) {
        (Some(text), _) => text,
        (None, tpdu::UserData::Octets(data) | tpdu::UserData::Septets(data)) => tpdu::to_hex(data),
    };
    (submit.protocol_id, submit.coding.0, format!("{}{said}", tpdu::to_hex(&udh)))
}

fn text_of(request: &MtRequest) -> &str {
    match &request.body {
        Body::Text { text, .. } => text,
        Body::Data { data } => panic!("data: {data}"),
    }
}

#[tokio::test]
async fn b40_alt_dcs_is_on_the_air() {
    let door = Door::open().await;
    let card = door.sent(b"text=%02%70%00&pid=127&coding=1&alt-dcs=1&mclass=3").await;
    assert_eq!(tpdu(&card), (0x7f, 0xf7, "027000".to_owned()));
    let flash = door.sent(b"mclass=0&alt-dcs=1&text=flash").await;
    assert_eq!(tpdu(&flash), (0, 0xf0, "flash".to_owned()));
}

#[tokio::test]
async fn b41_what_a_client_did_not_escape_is_sent_whole() {
    let door = Door::open().await;
    for (query, text) in [
        (&b"text=say%20\"hi\""[..], "say \"hi\""),
        (b"text=DISK%20<5>%20free", "DISK <5> free"),
        (b"text=caf\xe9", "café"),
        (b"text=ticket%20#12", "ticket #12"),
        ("text=café{}|^[]`\\".as_bytes(), "café{}|^[]`\\"),
    ] {
        assert_eq!(text_of(&door.sent(query).await), text);
    }
    let (status, head, _) =
        door.ask(b"GET /cgi-bin/sendsms?AUTH&to=0811&text=caf\xe9 HTTP/1.0\r\n\r\n").await;
    assert_eq!(status, 202);
    assert!(head.contains("x-merpati-notice: the text is no utf-8"), "{head}");

    // What must be refused is refused in words.
    let (status, _, body) =
        door.ask(b"GET /cgi-bin/sendsms?AUTH&to=0811&text=a b HTTP/1.0\r\n\r\n").await;
    assert_eq!(status, 400);
    assert!(body.contains("Percent-encode"), "{body}");
    let long = ["GET /cgi-bin/sendsms?", &"a".repeat(70_000), " HTTP/1.0\r\n\r\n"].concat();
    let (status, _, body) = door.ask(long.as_bytes()).await;
    assert_eq!(status, 431);
    assert!(body.contains("by POST"), "{body}");
    let many = (0..200).fold(String::new(), |many, n| many + &format!("X-{n}: 1\r\n"));
    let (status, _, body) = door.ask(format!("GET / HTTP/1.1\r\n{many}\r\n").as_bytes()).await;
    assert_eq!(status, 431);
    assert!(body.contains("too many"), "{body}");
}

#[tokio::test]
async fn a_request_may_come_in_any_pieces() {
    let door = Door::open().await;
    let request = door.with_key(
        b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nGET /cgi-bin/sendsms?AUTH&to=0811&text=\"#\xe9\" HTTP/1.1\r\nHost: x\r\n\r\n",
    );
    let from = request.len() - 40;
    for at in (0..request.len()).filter(|at| *at > from || at % 17 == 0) {
        let mut stream = TcpStream::connect(door.gateway.address).await.expect("a connection");
        stream.set_nodelay(true).expect("no delay");
        stream.write_all(&request[..at]).await.expect("a piece");
        stream.flush().await.expect("a piece");
        tokio::task::yield_now().await;
        stream.write_all(&request[at..]).await.expect("the rest");
        // The connection is kept until its client says no more.
        stream.shutdown().await.expect("a half-closed connection");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("an answer");
        assert!(
            answer.starts_with("HTTP/1.1 200") && answer.ends_with("0: Accepted for delivery"),
            "{at}: {answer}"
        );
        assert_eq!(text_of(&requested(&door.gateway, Priority::Normal).await), "\"#é\"");
    }
}

/// What looks like a request in the body of another is its body.
#[tokio::test]
async fn a_request_in_a_body_is_none() {
    let door = Door::open().await;
    let inner = b"GET /cgi-bin/sendsms?AUTH&to=0811&text=\"smuggled\" HTTP/1.1\r\nHost: x\r\n\r\n";
    let inner = door.with_key(inner);
    let head = format!(
        "POST /cgi-bin/sendsms HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: {}\r\nHEADERS\r\n",
        inner.len()
    );
    let request = [head.as_bytes(), &inner].concat();
    let taken = door.taken(&request).await;
    assert_eq!(text_of(&taken).as_bytes(), inner.as_slice(), "to the octet");
}

#[tokio::test]
async fn b43_a_udh_in_a_header_is_hex() {
    let door = Door::open().await;
    let post = |udh: &str| {
        format!(
            "POST /cgi-bin/sendsms HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nHEADERSX-Kannel-Coding: 1\r\n\
             X-Kannel-UDH: {udh}\r\nContent-Length: 5\r\n\r\nhello"
        )
    };
    let expected = (0, 4, "0605041582000068656C6C6F".to_owned());
    assert_eq!(tpdu(&door.taken(post("06050415820000").as_bytes()).await), expected);
    assert_eq!(tpdu(&door.taken(post("%06%05%04%15%82%00%00").as_bytes()).await), expected);
    let (status, _, body) = door.ask(post("0605").as_bytes()).await;
    assert_eq!((status, body.as_str()), (400, "UDH field misformed, rejected"));
}

#[tokio::test]
async fn every_x_kannel_header_counts() {
    let door = Door::open().await;
    let post = "POST /cgi-bin/sendsms HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nHEADERSX-Kannel-From: 1\r\n\
                X-Kannel-SMSC: a\r\nX-Kannel-MClass: 1\r\nX-Kannel-Alt-DCS: 1\r\nX-Kannel-PID: 65\r\nX-Kannel-RPI: 1\r\n\
                X-Kannel-Validity: 60\r\nX-Kannel-DLR-Mask: 31\r\nX-Kannel-DLR-Url: http://example.org/?d=%d\r\n\
                X-Kannel-Priority: 1\r\nX-Kannel-Account: a\r\nX-Kannel-BInfo: b\r\nX-Kannel-Meta-Data: ?a?b=c\r\n\
                X-Kannel-Compress: 0\r\nContent-Length: 2\r\n\r\nhi";
    let taken = door.taken(post.as_bytes()).await;
    assert_eq!(tpdu(&taken), (65, 0xf1, "hi".to_owned()));
    assert_eq!((taken.options.validity_minutes, taken.options.reply_path), (Some(60), true));
    let dlr = taken.dlr.expect("a callback");
    assert_eq!((dlr.mask, dlr.url.as_str()), (31, "http://example.org/?d=%d"));
}

#[tokio::test]
async fn b45_xml_is_taken() {
    let door = Door::open().await;
    let post = |body: &str| {
        format!(
            "POST /cgi-bin/sendsms HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
    };
    let body = format!(
        "<?xml version=\"1.0\"?><message><submit><da><number>+628120000001</number></da><oa><number>12345</number></oa>\
         <ud>xml says hi</ud><from><username>playsms</username><password>{}</password></from></submit></message>",
        door.key
    );
    let taken = door.taken(post(&body).as_bytes()).await;
    assert_eq!((taken.to.as_str(), text_of(&taken)), ("+628120000001", "xml says hi"));
    let (status, _, said) = door.ask(post(&body.replace("xml says hi", "&xxe;")).as_bytes()).await;
    assert_eq!(status, 400);
    assert!(said.starts_with("XML misformed, rejected"), "{said}");
    let (status, _, said) = door.ask(post(&body.replace(&door.key, "x")).as_bytes()).await;
    assert_eq!((status, said.as_str()), (403, "Authorization failed for sendsms"));
}

#[tokio::test]
async fn b46_message_waiting_is_indicated() {
    let door = Door::open().await;
    assert_eq!(tpdu(&door.sent(b"mwi=0&text=voice").await), (0, 0xd8, "voice".to_owned()));
    assert_eq!(tpdu(&door.sent(b"mwi=4&text=off").await), (0, 0xc0, "off".to_owned()));
    assert_eq!(tpdu(&door.sent(b"mwi=1").await), (0, 0xc9, String::new()));
}

#[tokio::test]
async fn b48_words_and_lists_are_kannels() {
    let door = Door::open().await;
    let (status, head, body) = door
        .ask(b"GET /cgi-bin/sendsms?AUTH&to=08120001+bad+08120002&text=x HTTP/1.0\r\n\r\n")
        .await;
    assert_eq!((status, body.as_str()), (202, "0: Accepted for delivery"));
    assert!(head.contains("x-merpati-notice: not sent to 'bad'"), "{head}");
    let requests = requested_together(&door.gateway, Priority::Normal).await;
    assert_eq!(
        requests.iter().map(|request| request.to.as_str()).collect::<Vec<_>>(),
        ["08120001", "08120002"]
    );
    let odd = door.sent(b"coding=x&priority=high&text=x").await;
    assert_eq!(tpdu(&odd), (0, 0, "x".to_owned()));
    let html = b"POST /cgi-bin/sendsms HTTP/1.1\r\nHost: x\r\nContent-Type: text/html\r\nHEADERSContent-Length: 1\r\n\r\nx";
    let (status, _, body) = door.ask(html).await;
    assert_eq!((status, body.as_str()), (415, "Unsupported content-type, rejected"));
    let (status, _, body) = door.ask(b"GET /cgi-bin/sendota?AUTH HTTP/1.0\r\n\r\n").await;
    assert_eq!(status, 404);
    assert!(body.starts_with("Over-the-air settings are not made here"), "{body}");
    let (status, _, body) = door.ask(b"GET /cgi-bin/xmlrpc HTTP/1.0\r\n\r\n").await;
    assert_eq!((status, body.as_str()), (404, "Unknown request."));
    let (status, _, body) = door.ask(b"DELETE /cgi-bin/sendsms?AUTH HTTP/1.0\r\n\r\n").await;
    assert_eq!(status, 400);
    assert!(body.contains("GET, HEAD or POST"), "{body}");
}

#[tokio::test]
async fn b49_head_sends_like_get() {
    let door = Door::open().await;
    let (status, _, body) =
        door.ask(b"HEAD /cgi-bin/sendsms?AUTH&to=0811&text=head HTTP/1.1\r\nHost: x\r\n\r\n").await;
    assert_eq!((status, body.as_str()), (202, ""));
    assert_eq!(text_of(&requested(&door.gateway, Priority::Normal).await), "head");
}

#[tokio::test]
async fn b51_b52_b53_stay_as_they_are() {
    let door = Door::open().await;
    // B51: UCS-2 that is written in UTF-8.
    let kamex = door.sent(b"coding=2&charset=UTF-8&text=%D0%9F").await;
    assert_eq!(tpdu(&kamex), (0, 8, "П".to_owned()));
    // B52: a plus that was not escaped is a blank.
    let plus = b"GET /cgi-bin/sendsms?AUTH&to=+998901234567&text=x HTTP/1.0\r\n\r\n";
    assert_eq!(door.taken(plus).await.to.as_str(), "998901234567");
    // B53: empty fields, an empty text, a number twice, dashes, names without a dash, bare line feeds.
    let empty = door.sent(b"udh=&charset=&coding=&mclass=&mwi=&pid=&dlr-url=&text=x").await;
    assert_eq!(tpdu(&empty), (0, 0, "x".to_owned()));
    assert_eq!(tpdu(&door.sent(b"text=").await), (0, 0, String::new()));
    let twice = b"GET /cgi-bin/sendsms?AUTH&to=0812-34+081234&text=x HTTP/1.0\n\n";
    assert_eq!(door.taken(twice).await.to.as_str(), "081234");
    let old = door.sent(b"rpi=1&validity=60&dlrmask=3&dlrurl=http://x/&text=x&text=y").await;
    assert_eq!((text_of(&old), old.options.reply_path), ("x", true));
    assert_eq!(old.dlr.map(|dlr| dlr.mask), Some(3));
    for (name, octets, text) in [
        ("ascii", &b"cafe"[..], "cafe"),
        ("latin1", b"caf%E9", "café"),
        ("ISO-8859-15", b"%A4", "€"),
        ("windows-1252", b"%80", "€"),
        ("cp1256", b"%C7", "ا"),
        ("koi8-r", b"%F0", "П"),
    ] {
        let query = [b"charset=", name.as_bytes(), b"&text=", octets].concat();
        assert_eq!(text_of(&door.sent(&query).await), text, "{name}");
    }
    let octets = b"POST /cgi-bin/sendsms HTTP/1.1\r\nHost: x\r\nContent-Type: application/octet-stream\r\nHEADERSContent-Length: 2\r\n\r\n\x01\x02";
    assert_eq!(tpdu(&door.taken(octets).await), (0, 4, "0102".to_owned()));
    let wide = b"POST /cgi-bin/sendsms HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain; charset=UTF-16BE\r\nHEADERSX-Kannel-Coding: 2\r\nContent-Length: 2\r\n\r\n\x04\x1f";
    assert_eq!(tpdu(&door.taken(wide).await), (0, 8, "П".to_owned()));
}

/// A password that was imported from Kannel goes on, at its door and nowhere else.
#[tokio::test]
async fn a_password_of_kannel_s_opens_this_door_alone() {
    let gateway = Gateway::start().await;
    let root = gateway.user("root", true).await;
    gateway.user("toko", false).await;
    let new = serde_json::json!({
        "user": "toko", "label": "kannel.conf", "scopes": ["messages:send"], "kannel_password": "bar",
    });
    let (status, key) = crate::gateway::answer(gateway.post(&root, "/keys", &new)).await;
    assert_eq!(status, 201, "{key}");
    let ask = async |name: &str, password: &str| {
        let line = format!(
            "GET /cgi-bin/sendsms?username={name}&password={password}&to=0812&text=x HTTP/1.0\r\n\r\n"
        );
        parts(&raw(&gateway, line.as_bytes()).await).0
    };
    // Many at once are one look at the password, and no tries.
    let all = futures_util::future::join_all((0..20).map(|_| ask("Toko", "bar"))).await;
    assert!(all.iter().all(|status| *status == 202), "{all:?}");
    assert_eq!(ask("root", "bar").await, 403, "it is somebody else's");
    assert_eq!(crate::gateway::answer(gateway.get("bar", "/me")).await.0, 401);
    for _ in 0..5 {
        assert_eq!(ask("toko", "baz").await, 403);
    }
    assert_eq!(ask("toko", "baz").await, 503, "guessing takes time");
    assert_eq!(ask("toko", "bar").await, 202, "and does not shut out who knows it");
    // Another key does not take it away, nor does one that ends give it.
    let (status, said) = crate::gateway::answer(gateway.post(&root, "/keys", &new)).await;
    assert_eq!((status.as_u16(), &said["code"]), (409, &"password-in-use".into()), "{said}");
    let soon = contracts::Timestamp::now().plus(std::time::Duration::from_hours(1));
    let passing = serde_json::json!({ "expires_at": soon });
    let (_, passing) = crate::gateway::answer(gateway.post(&root, "/keys", &passing)).await;
    let own = serde_json::json!({ "kannel_password": "bar" });
    let passing = passing["key"].as_str().expect("a key");
    let (status, said) = crate::gateway::answer(gateway.post(passing, "/keys", &own)).await;
    assert_eq!((status.as_u16(), &said["code"]), (403, &"key-expires".into()), "{said}");
    assert_eq!(ask("toko", "bar").await, 202);
    // With the key it goes.
    let path = format!("{}/api/v1/keys/{}", gateway.url, key["id"].as_str().expect("an id"));
    let revoked = gateway.http.delete(path).bearer_auth(&root).send().await.expect("an answer");
    assert_eq!(revoked.status(), 204);
    assert_eq!(ask("toko", "bar").await, 403);
    for bad in ["", &"x".repeat(257)] {
        let new = serde_json::json!({ "user": "toko", "kannel_password": bad });
        let (status, said) = crate::gateway::answer(gateway.post(&root, "/keys", &new)).await;
        assert_eq!((status.as_u16(), &said["field"]), (400, &"kannel_password".into()), "{said}");
    }
}
