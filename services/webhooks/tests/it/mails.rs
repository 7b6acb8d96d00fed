//! Endpoints that are told by mail.

use std::sync::Arc;
use std::time::Duration;

use contracts::{OrgId, Timestamp, UserId, WebhookEvent};
use platform::config::{Period, Secret, Smtp, SmtpTls, Webhooks};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use store::{DeliveryState, LoggedDelivery, Reach, Replay, Webhook};
use testkit::{MailSink, wait_for};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::endpoints::{add, receive};
use crate::gateway::{Gateway, config};

async fn start(sink: &MailSink) -> (Gateway, Webhook) {
    start_with(sink, config()).await
}

async fn start_with(sink: &MailSink, config: Webhooks) -> (Gateway, Webhook) {
    let mut gateway = Gateway::start().await;
    gateway.stop_service().await;
    gateway.smtp = Smtp {
        host: Some("127.0.0.1".to_owned()),
        port: sink.address.port(),
        from: Some("Merpati <sms@gateway.example>".to_owned()),
        ..gateway.smtp.clone()
    };
    gateway.start_service(config);
    let url = "mailto:ops@shop.example".to_owned();
    let webhook = add(&gateway, url, &[WebhookEvent::SmsReceived]).await;
    (gateway, webhook)
}

/// The log once as many deliveries are over, newest first.
async fn log(gateway: &Gateway, webhook: &Webhook, over: usize) -> Vec<LoggedDelivery> {
    let reach = Reach::everything(OrgId::default_org());
    wait_for("the log", || async {
        let log = gateway.store.webhook_log(reach, webhook.id, None, 100).await.ok()?;
        let ended = log.iter().filter(|one| one.delivery.state != DeliveryState::Pending);
        (ended.count() == over).then_some(log)
    })
    .await
}

#[tokio::test]
async fn a_received_message_is_mailed_once_and_in_order() {
    let mut sink = MailSink::start().await;
    let (gateway, webhook) = start(&sink).await;
    for n in 1..=3 {
        receive(&gateway, &format!("Halo {n}\r\n.\r\nJam berapa?")).await;
        let mail = sink.mail().await;
        assert_eq!(
            (mail.from.as_str(), mail.to),
            ("sms@gateway.example", vec!["ops@shop.example".to_owned()])
        );
        assert!(mail.text.contains("\nSubject: SMS from +628123456789\n"), "{}", mail.text);
        assert!(mail.text.contains(&format!("\n\nHalo {n}\n.\nJam berapa?\n")), "{}", mail.text);
    }
    let log = log(&gateway, &webhook, 3).await;
    for delivery in &log {
        let [attempt] = &*delivery.attempts else { panic!("{delivery:?}") };
        assert_eq!((attempt.http_status, attempt.error.as_deref()), (Some(250), None));
        assert_eq!(attempt.answer.as_deref(), Some("kept"));
    }
    assert!(sink.is_empty());
    // Once more, by whoever asks for it, and with the same id.
    let reach = Reach::everything(OrgId::default_org());
    let again = Replay::One(log[0].delivery.id);
    gateway.store.replay_webhook(reach, webhook.id, again, Timestamp::now()).await.unwrap();
    let id = format!("\nMessage-ID: <{}@gateway.example>\n", log[0].delivery.id);
    assert!(sink.mail().await.text.contains(&id));
}

#[tokio::test]
async fn a_server_that_says_later_is_tried_again_and_one_that_says_no_is_not() {
    let mut sink = MailSink::start().await;
    let (gateway, webhook) = start(&sink).await;
    sink.refuse("451 4.3.0 later");
    receive(&gateway, "pertama").await;
    assert!(sink.mail().await.text.contains("pertama"));
    let first = log(&gateway, &webhook, 1).await.remove(0);
    let told: Vec<_> = first.attempts.iter().map(|attempt| attempt.http_status).collect();
    assert_eq!(told, [Some(451), Some(250)]);
    let why = first.attempts[0].error.as_deref().unwrap();
    assert!(why.starts_with("the mail server answered 451:") && why.contains("later"), "{why}");

    sink.refuse("550 5.1.1 no such user");
    receive(&gateway, "kedua").await;
    receive(&gateway, "ketiga").await;
    assert!(sink.mail().await.text.contains("ketiga"), "others go on");
    let log = log(&gateway, &webhook, 3).await;
    let refused = log.iter().find(|one| one.delivery.state == DeliveryState::Failed).unwrap();
    let [attempt] = &*refused.attempts else { panic!("{refused:?}") };
    assert!(attempt.error.as_deref().unwrap().contains("no such user"), "{attempt:?}");
    assert!(refused.delivery.payload.contains("kedua"));
}

#[tokio::test]
async fn a_server_that_takes_its_time_has_a_mail_once() {
    let timeout = Duration::from_millis(500);
    let mut sink = MailSink::start_slow(timeout * 3).await;
    let config = Webhooks { timeout: Period(timeout), ..config() };
    let (gateway, webhook) = start_with(&sink, config).await;
    receive(&gateway, "perlahan").await;
    let log = log(&gateway, &webhook, 1).await;
    let [attempt] = &*log[0].attempts else { panic!("{log:?}") };
    assert_eq!((attempt.http_status, attempt.error.as_deref()), (Some(250), None));
    assert!(attempt.duration > timeout, "{attempt:?}");
    assert!(sink.mail().await.text.contains("perlahan"));
    assert!(sink.is_empty());
}

const TLS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/tls/");

/// A port of TLS before a sink, with a certificate that an authority of these tests signed.
async fn behind_tls(sink: &MailSink) -> u16 {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let certificates = CertificateDer::pem_file_iter(format!("{TLS}cert.pem")).unwrap();
    let certificates = certificates.collect::<Result<Vec<_>, _>>().unwrap();
    let key = PrivateKeyDer::from_pem_file(format!("{TLS}key.pem")).unwrap();
    let config = rustls::ServerConfig::builder().with_no_client_auth();
    let config = config.with_single_cert(certificates, key).unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (port, address) = (listener.local_addr().unwrap().port(), sink.address);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let mut stream = acceptor.accept(stream).await?;
                let mut inner = TcpStream::connect(address).await?;
                tokio::io::copy_bidirectional(&mut stream, &mut inner).await
            });
        }
    });
    port
}

/// Why an endpoint was disabled, after all tries.
async fn disabled(gateway: &Gateway, webhook: &Webhook) -> String {
    let reach = Reach::everything(OrgId::default_org());
    let disabled = wait_for("the endpoint to be disabled", || async {
        gateway.store.webhook(reach, webhook.id).await.ok()??.disabled
    });
    disabled.await.reason.unwrap_or_default()
}

#[tokio::test]
async fn mails_go_within_tls_to_a_server_of_a_known_authority_alone() {
    let mut sink = MailSink::start().await;
    let secret = Secret::new("rahasia".to_owned());
    let smtp = |tls, port, ca: Option<&str>| Smtp {
        host: Some("localhost".to_owned()),
        port,
        tls,
        ca: ca.map(|file| format!("{TLS}{file}").into()),
        from: Some("sms@gateway.example".to_owned()),
        user: Some("merpati".to_owned()),
        password: Some(secret.clone()),
    };
    let port = behind_tls(&sink).await;
    let (mut gateway, webhook) = start(&sink).await;
    gateway.stop_service().await;
    gateway.smtp = smtp(SmtpTls::Tls, port, Some("ca.pem"));
    gateway.start_service(config());
    receive(&gateway, "tertutup").await;
    assert!(sink.mail().await.text.contains("tertutup"));
    log(&gateway, &webhook, 1).await;

    // Without the authority the server is a stranger, and is told nothing; nor is one that speaks no TLS.
    for (tls, port, words) in
        [(SmtpTls::Tls, port, "certificate"), (SmtpTls::Starttls, sink.address.port(), "STARTTLS")]
    {
        gateway.stop_service().await;
        gateway.smtp = smtp(tls, port, None);
        gateway.start_service(config());
        let url = "mailto:ops@shop.example".to_owned();
        let webhook = add(&gateway, url, &[WebhookEvent::SmsReceived]).await;
        receive(&gateway, words).await;
        let reason = disabled(&gateway, &webhook).await;
        assert!(reason.contains(words), "{reason}");
        assert!(sink.is_empty());
    }
}

#[tokio::test]
async fn an_authority_that_cannot_be_read_is_named_at_the_start() {
    for (file, words) in [("none.pem", "No such file"), ("key.pem", "no certificate in it")] {
        let mut gateway = Gateway::start().await;
        gateway.stop_service().await;
        gateway.smtp = Smtp {
            host: Some("localhost".to_owned()),
            from: Some("sms@gateway.example".to_owned()),
            tls: SmtpTls::Tls,
            ca: Some(format!("{TLS}{file}").into()),
            ..gateway.smtp.clone()
        };
        let error = gateway.fails_to_start(config()).await;
        assert!(error.contains("mail.smtp.ca is") && error.contains(words), "{error}");
    }
}

#[tokio::test]
async fn without_a_server_mails_wait() {
    let gateway = Gateway::start().await;
    let url = "mailto:ops@shop.example".to_owned();
    let webhook = add(&gateway, url, &[WebhookEvent::SmsReceived]).await;
    assert_eq!(webhook.owner, UserId::internal());
    receive(&gateway, "menunggu").await;
    let reason = disabled(&gateway, &webhook).await;
    assert!(reason.contains("mail.smtp.host is not set"), "{reason}");
}
