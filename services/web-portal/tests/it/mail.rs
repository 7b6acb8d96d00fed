//! Mails that become messages, sent by a mail client and by hand.

use lettre::message::header::ContentType;
use lettre::message::{Message, MultiPart, SinglePart};
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::transport::smtp::response::Response;
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};
use serde_json::{Value, json};
use testkit::wait_for;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

use crate::gateway::{Gateway, answer};

type Transport = AsyncSmtpTransport<Tokio1Executor>;

const LISTEN: (&str, &str) = ("mail.door.listen", "127.0.0.1:0");

/// A client that says who it is.
fn client(gateway: &Gateway, name: &str, key: &str, mechanism: Mechanism) -> Transport {
    let address = gateway.mail.expect("the door is open");
    Transport::builder_dangerous("127.0.0.1")
        .port(address.port())
        .credentials(Credentials::new(name.to_owned(), key.to_owned()))
        .authentication(vec![mechanism])
        .build()
}

fn mail(to: &[&str], id: Option<&str>, text: &str) -> Message {
    let builder = Message::builder().from("alarm@shop.example".parse().expect("a mail"));
    let builder = to.iter().fold(builder, |builder, to| builder.to(to.parse().expect("a mail")));
    let builder = builder.subject("Suhu").message_id(id.map(str::to_owned));
    builder.header(ContentType::TEXT_PLAIN).body(text.to_owned()).expect("a mail")
}

fn code(sent: Result<Response, Error>) -> (u16, String) {
    match sent {
        Ok(response) => (response.code().into(), response.message().collect()),
        Err(error) => (
            error.status().map_or(0, Into::into),
            std::error::Error::source(&error).map_or_else(String::new, ToString::to_string),
        ),
    }
}

async fn sent(gateway: &Gateway, key: &str) -> Vec<Value> {
    let (_, page) = answer(gateway.get(key, "/messages")).await;
    page["messages"].as_array().expect("a list").clone()
}

#[tokio::test]
async fn a_mail_is_a_message_to_each_of_its_recipients_once() {
    let gateway = Gateway::start_with(&[LISTEN]).await;
    let budi = gateway.user("budi", false).await;
    let client = client(&gateway, "Budi", &budi, Mechanism::Plain);
    let to = ["+628123456789@sms.example", "08123456780@other.example"];
    let first = mail(&to, Some("<1@shop.example>"), "Suhu gudang 31 °C\n-- \nSensor");
    let (status, words) = code(client.send(first.clone()).await);
    assert_eq!(status, 250, "{words}");
    assert!(words.contains("Accepted as msg_"), "{words}");
    // A server that had no answer sends it again.
    let (status, again) = code(client.send(first).await);
    assert_eq!((status, again), (250, words));
    let messages = wait_for("two rows", || async {
        let messages = sent(&gateway, &budi).await;
        (messages.len() == 2).then_some(messages)
    })
    .await;
    for message in &messages {
        assert_eq!(message["text"], "Suhu gudang 31 °C");
    }
    let mut numbers: Vec<&str> = messages.iter().filter_map(|m| m["to"].as_str()).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, ["+628123456789", "08123456780"]);
    // Another mail with its id is none that was sent before.
    let other = mail(&to, Some("<1@shop.example>"), "Suhu gudang 40 °C");
    assert_eq!(code(client.send(other).await).0, 554);
    // The same again with an id of its own is another.
    let next = mail(&to[..1], Some("<2@shop.example>"), "Suhu gudang 31 °C");
    assert_eq!(code(client.send(next).await).0, 250);
    wait_for("three rows", || async { (sent(&gateway, &budi).await.len() == 3).then_some(()) })
        .await;
}

#[tokio::test]
async fn a_recipient_that_is_sent_nothing_is_refused_by_name() {
    let gateway = Gateway::start_with(&[LISTEN, ("numbers.home_country", "ID")]).await;
    let budi = gateway.user("budi", false).await;
    let client = client(&gateway, "budi", &budi, Mechanism::Plain);
    let (status, words) = code(client.send(mail(&["+6591234567@sms.example"], None, "x")).await);
    assert_eq!(status, 550, "{words}");
    assert!(words.contains("Nothing is sent to '+6591234567': it is a number of SG"), "{words}");
    let (status, words) = code(client.send(mail(&["08123456789@sms.example"], None, "x")).await);
    assert_eq!(status, 250, "{words}");
    let messages = wait_for("its row", || async {
        let messages = sent(&gateway, &budi).await;
        (!messages.is_empty()).then_some(messages)
    })
    .await;
    assert_eq!(messages[0]["to"], "+628123456789");
}

#[tokio::test]
async fn the_plain_part_is_sent_and_the_subject_where_it_is_wanted() {
    let gateway = Gateway::start_with(&[LISTEN, ("mail.door.subject", "before")]).await;
    let budi = gateway.user("budi", false).await;
    let client = client(&gateway, "budi", &budi, Mechanism::Login);
    let both = MultiPart::alternative_plain_html("teks".to_owned(), "<b>teks HTML</b>".to_owned());
    let attached = SinglePart::builder()
        .header(ContentType::TEXT_PLAIN)
        .header(lettre::message::header::ContentDisposition::attachment("rahasia.txt"))
        .body("rahasia".to_owned());
    let message = Message::builder()
        .from("a@shop.example".parse().expect("a mail"))
        .to("+628123456789@sms.example".parse().expect("a mail"))
        .subject("Peringatan ⚠")
        .multipart(MultiPart::mixed().multipart(both).singlepart(attached))
        .expect("a mail");
    let (status, words) = code(client.send(message).await);
    assert_eq!(status, 250, "{words}");
    let messages = wait_for("a row", || async {
        let messages = sent(&gateway, &budi).await;
        (messages.len() == 1).then_some(messages)
    })
    .await;
    assert_eq!(messages[0]["text"], "Peringatan ⚠\nteks");
}

#[tokio::test]
async fn what_cannot_be_sent_is_refused_in_words() {
    let flags = [LISTEN, ("limits.key_messages", "2/1h"), ("router.max_parts", "1")];
    let gateway = Gateway::start_with(&flags).await;
    let budi = gateway.user("budi", false).await;
    let siti = gateway.user("siti", false).await;
    let to = ["+628123456789@sms.example"];
    let key = async |body: Value| {
        let (_, made) = answer(gateway.post(&budi, "/keys", &body)).await;
        made["key"].as_str().expect("a key").to_owned()
    };
    let reader = key(json!({ "scopes": ["messages:read"] })).await;
    let elsewhere = key(json!({ "scopes": ["messages:send"], "allow": ["192.0.2.7"] })).await;
    for (name, key, to, text, status, words) in [
        ("budi", siti.as_str(), &to[..], "x", 535, "not a key of this user"),
        ("budi", "mk_nothing", &to, "x", 535, "not known"),
        ("budi", &elsewhere, &to, "x", 550, "does not work from this address"),
        ("budi", &reader, &to, "x", 550, "messages:send"),
        ("budi", &budi, &["budi@sms.example"], "x", 550, "is no number"),
        ("budi", &budi, &["+62@sms.example"], "x", 550, "is no number"),
        ("budi", &budi, &to, &"x".repeat(161), 552, "too long"),
        ("budi", &budi, &to, "\u{200b} ", 554, "only blanks"),
    ] {
        let client = client(&gateway, name, key, Mechanism::Plain);
        let (found, said) = code(client.send(mail(to, Some("<x@a.example>"), text)).await);
        assert_eq!(found, status, "{to:?} {said}");
        assert!(said.contains(words), "{said}");
    }
    let client = client(&gateway, "budi", &budi, Mechanism::Plain);
    for (n, status) in [(1, 250), (2, 250), (3, 451)] {
        let id = format!("<{n}@a.example>");
        let (found, said) = code(client.send(mail(&to, Some(&id), "x")).await);
        assert_eq!(found, status, "{said}");
    }
    assert_eq!(sent(&gateway, &siti).await.len(), 0);
}

#[tokio::test]
async fn a_key_is_taken_within_tls() {
    let tls = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/tls/");
    let (cert, key) = (format!("{tls}cert.pem"), format!("{tls}key.pem"));
    let flags = [LISTEN, ("http.tls.cert", cert.as_str()), ("http.tls.key", key.as_str())];
    let gateway = Gateway::start_with(&flags).await;
    let budi = gateway.user("budi", false).await;
    let parameters = TlsParameters::builder("localhost".to_owned())
        .dangerous_accept_invalid_certs(true)
        .build_rustls()
        .expect("TLS");
    let client = Transport::builder_dangerous("127.0.0.1")
        .port(gateway.mail.expect("the door is open").port())
        .tls(Tls::Required(parameters))
        .credentials(Credentials::new("budi".to_owned(), budi.clone()))
        .build();
    let letter = mail(&["+628123456789@sms.example"], Some("<1@a.example>"), "aman");
    let (status, words) = code(client.send(letter).await);
    assert_eq!(status, 250, "{words}");

    // What follows STARTTLS in the clear is not taken for what comes within TLS.
    let mut hand = Hand::connect(&gateway).await;
    hand.say("EHLO me").await;
    hand.write.write_all(b"STARTTLS\r\nNOOP\r\n").await.expect("a connection");
    assert!(hand.answer().await.starts_with("554"));
    assert!(hand.is_over().await);
}

/// A client that types.
struct Hand {
    read: BufReader<tokio::net::tcp::OwnedReadHalf>,
    write: tokio::net::tcp::OwnedWriteHalf,
}

impl Hand {
    async fn connect(gateway: &Gateway) -> Self {
        let stream = TcpStream::connect(gateway.mail.expect("the door is open")).await;
        let (read, write) = stream.expect("a connection").into_split();
        let mut hand = Self { read: BufReader::new(read), write };
        assert!(hand.answer().await.starts_with("220 127.0.0.1 ESMTP Merpati"));
        hand
    }

    /// One answer, of one line or several.
    async fn answer(&mut self) -> String {
        let mut text = String::new();
        loop {
            let from = text.len();
            let line = tokio::time::timeout(testkit::PATIENCE, self.read.read_line(&mut text));
            if line.await.expect("an answer").unwrap_or(0) == 0
                || text.as_bytes().get(from + 3) != Some(&b'-')
            {
                return text;
            }
        }
    }

    async fn say(&mut self, line: &str) -> String {
        // A connection that is over answers nothing.
        let _ = self.write.write_all(format!("{line}\r\n").as_bytes()).await;
        self.answer().await
    }

    async fn is_over(&mut self) -> bool {
        let mut rest = Vec::new();
        let read = tokio::time::timeout(testkit::PATIENCE, self.read.read_to_end(&mut rest));
        read.await.is_ok()
    }
}

#[tokio::test]
async fn who_does_not_speak_as_it_should_is_sent_away() {
    let gateway = Gateway::start_with(&[LISTEN]).await;
    let budi = gateway.user("budi", false).await;
    let mut hand = Hand::connect(&gateway).await;
    let offers = hand.say("EHLO me").await;
    assert!(
        offers.contains("250-SIZE 1048576\r\n") && offers.contains("AUTH PLAIN LOGIN"),
        "{offers}"
    );
    for (line, status) in [
        ("MAIL FROM:<a@b.example>", "530"),
        ("RCPT TO:<+628123456789@b.example>", "503"),
        ("DATA", "503"),
        ("STARTTLS", "502"),
        ("BDAT 10", "502"),
        ("AUTH GSSAPI", "504"),
        ("\0\u{7f}", "500"),
        ("MAIL FROM:<a@b.example\r", "5"),
        ("AUTH PLAIN %%%", "501"),
        ("HACK", "421"),
    ] {
        let answered = hand.say(line).await;
        assert!(answered.starts_with(status), "{line:?}: {answered}");
    }
    assert!(hand.is_over().await);

    // A line without an end.
    let mut hand = Hand::connect(&gateway).await;
    let _ = hand.write.write_all(&vec![b'x'; 100_000]).await;
    assert!(hand.answer().await.starts_with("500"));

    // A mail without an end is read past, and a larger one than that ends the connection.
    let plain = data_encoding(&format!("\0budi\0{budi}"));
    for (octets, status) in [(2_usize << 20, "552"), (40 << 20, "552")] {
        let mut hand = Hand::connect(&gateway).await;
        hand.say("EHLO me").await;
        assert!(hand.say(&format!("AUTH PLAIN {plain}")).await.starts_with("235"));
        hand.say("MAIL FROM:<a@b.example>").await;
        hand.say("RCPT TO:<+628123456789@b.example>").await;
        assert!(hand.say("DATA").await.starts_with("354"));
        let (line, ends) = (format!("{}\r\n", "y".repeat(1022)), octets < 32 << 20);
        let Hand { mut read, mut write } = hand;
        let writing = tokio::spawn(async move {
            for _ in 0..octets / line.len() {
                if write.write_all(line.as_bytes()).await.is_err() {
                    return write;
                }
            }
            let _ = write.write_all(b"\r\n.\r\n").await;
            write
        });
        let mut answered = String::new();
        let line = tokio::time::timeout(testkit::PATIENCE, read.read_line(&mut answered));
        // The end of a connection that is broken off may overtake the answer.
        let _ = line.await.expect("an answer");
        assert!(answered.starts_with(status) || !ends, "{answered}");
        let write = writing.await.expect("it was written");
        let mut hand = Hand { read, write };
        if ends {
            assert!(hand.say("NOOP").await.starts_with("250"), "the next mail may follow");
        } else {
            assert!(hand.is_over().await);
        }
    }
    assert_eq!(sent(&gateway, &budi).await.len(), 0);
}

fn data_encoding(text: &str) -> String {
    data_encoding::BASE64.encode(text.as_bytes())
}

#[tokio::test]
async fn one_address_has_so_many_connections() {
    let gateway = Gateway::start_with(&[LISTEN]).await;
    let mut open = Vec::new();
    for _ in 0..16 {
        open.push(Hand::connect(&gateway).await);
    }
    let stream = TcpStream::connect(gateway.mail.expect("the door is open")).await;
    let mut rest = Vec::new();
    let read = stream.expect("a connection").read_to_end(&mut rest).await;
    assert!(read.is_err() || rest.is_empty(), "one too many is not greeted");
    // Whoever leaves makes room.
    let mut last = open.pop().expect("a connection");
    assert!(last.say("QUIT").await.starts_with("221"));
    assert!(last.is_over().await);
    wait_for("room", || async {
        let stream = TcpStream::connect(gateway.mail?).await.ok()?;
        let mut lines = BufReader::new(stream).lines();
        lines.next_line().await.ok()??.starts_with("220").then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_mail_that_may_have_been_accepted_is_asked_for_again() {
    let gateway = Gateway::start_with(&[LISTEN]).await;
    let budi = gateway.user("budi", false).await;
    let client = client(&gateway, "budi", &budi, Mechanism::Plain);
    let letter = mail(&["+628123456789@sms.example"], Some("<1@a.example>"), "Halo");
    assert_eq!(code(client.send(letter.clone()).await).0, 250);
    let later = mail(&["+628123456789@sms.example"], Some("<2@a.example>"), "Halo lagi");
    gateway.nats.pause().await;
    let (status, words) = code(client.send(later.clone()).await);
    assert_eq!(status, 451, "{words}");
    gateway.nats.resume();
    let accepted = wait_for("the broker to answer", || async {
        let (status, words) = code(client.send(later.clone()).await);
        (status == 250).then_some(words)
    })
    .await;
    assert_eq!(code(client.send(later).await), (250, accepted));
    let texts = wait_for("both rows", || async {
        let messages = sent(&gateway, &budi).await;
        (messages.len() >= 2).then_some(messages)
    })
    .await;
    assert_eq!(texts.len(), 2, "{texts:?}");
}
