//! Mails become messages that go out through a modem, and what a SIM receives becomes mails.

use lettre::transport::smtp::authentication::Credentials;
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};
use modem_sim::Make;
use testkit::MailSink;
use tokio::net::TcpListener;

use crate::rig::Rig;

const SENDER: &str = "+6285711112222";

#[tokio::test(flavor = "multi_thread")]
async fn mails_go_out_as_messages_and_come_in_from_them() {
    let mut sink = MailSink::start().await;
    let door = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let (port, listen) = (sink.address.port().to_string(), door.to_string());
    let environment = [
        ("MERPATI__MAIL__SMTP__HOST", "127.0.0.1"),
        ("MERPATI__MAIL__SMTP__PORT", port.as_str()),
        ("MERPATI__MAIL__SMTP__TLS", "none"),
        ("MERPATI__MAIL__SMTP__FROM", "Merpati <sms@gateway.example>"),
        ("MERPATI__MAIL__DOOR__LISTEN", listen.as_str()),
    ];
    let rig = Rig::start_with(&[Make::Wavecom], &environment).await;
    rig.gateway
        .cli(&["webhook", "add", "mailto:ops@shop.example", "--event", "sms.received"])
        .await;
    rig.network().send_text(1, SENDER, "Halo, apa kabar? 🕊").unwrap();
    let mail = sink.mail().await;
    assert_eq!(mail.to, ["ops@shop.example"]);
    assert!(mail.text.contains(&format!("Subject: SMS from {SENDER}\n")), "{}", mail.text);

    let made = rig.gateway.cli(&["key", "add", "tester", "--label", "mail"]).await;
    let key = made["key"].as_str().expect("a key").to_owned();
    let client = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous("127.0.0.1")
        .port(door.port())
        .credentials(Credentials::new("tester".to_owned(), key))
        .build();
    let mail = Message::builder()
        .from("alarm@shop.example".parse().unwrap())
        .to(format!("{SENDER}@sms.example").parse().unwrap())
        .subject("Suhu")
        .message_id(Some("<1@shop.example>".to_owned()))
        .body("Suhu gudang 31".to_owned())
        .unwrap();
    for _ in 0..2 {
        let answered = client.send(mail.clone()).await.expect("an answer");
        let words: String = answered.message().collect();
        let id = words.split(' ').find(|word| word.starts_with("msg_")).expect("an id").to_owned();
        rig.gateway.until(&id, &["sent", "delivered"]).await;
    }
    let sent = rig.network().sent();
    let texts: Vec<String> =
        sent.into_iter().filter(|sent| sent.to() == SENDER).map(|sent| sent.text()).collect();
    assert_eq!(texts, ["Suhu gudang 31"], "once, though it was mailed twice");
}
