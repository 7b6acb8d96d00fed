//! A broker, a database, the service on both, and URLs to be told.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bus::{Bus, NatsConfig};
use contracts::mt::{DlrCallback, MtChange, MtEvent, MtRequest};
use contracts::{MessageId, OrgId, PhoneNumber, Priority, Timestamp};
use platform::config::{Period, Rate, Services, Smtp, SmtpTls, Webhooks};
use platform::{Clock, Shutdown};
use store::{Callback, CallbackState, Reach, Store, StoredRequest};
use testkit::{NatsServer, TempDatabase, wait_for};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use webhooks::resolver::{Addresses, Resolver};

/// Names that only the test knows.
#[derive(Debug, Default)]
pub(crate) struct Names {
    known: Mutex<HashMap<String, Vec<IpAddr>>>,
    asked: Mutex<Vec<String>>,
}

impl Names {
    pub(crate) fn set(&self, name: &str, addresses: &[&str]) {
        let addresses = addresses.iter().map(|a| a.parse().unwrap()).collect();
        self.known.lock().unwrap().insert(name.to_owned(), addresses);
    }

    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

impl Resolver for Names {
    fn addresses<'a>(&'a self, host: &'a str) -> Addresses<'a> {
        self.asked.lock().unwrap().push(host.to_owned());
        let found = self.known.lock().unwrap().get(host).cloned();
        Box::pin(async move { found.ok_or_else(|| io::Error::other("there is no such name")) })
    }
}

/// What a URL was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) target: String,
    pub(crate) host: String,
}

/// A customer's HTTP server.
pub(crate) struct Customer {
    pub(crate) address: SocketAddr,
    asked: mpsc::UnboundedReceiver<Asked>,
}

impl Customer {
    /// Keeps the connection and says nothing.
    pub(crate) const SILENT: &str = "";
    /// Ends the connection without an answer.
    pub(crate) const HANGS_UP: &str = "-";
    /// Answers with something that is no HTTP.
    pub(crate) const NONSENSE: &str = "?";

    /// Answers with these, one after another, the last for ever. Three of them are none: see above.
    pub(crate) async fn start(answers: &[&str]) -> Self {
        Self::start_at("127.0.0.1:0".parse().unwrap(), answers).await
    }

    /// Where nobody listens (yet).
    pub(crate) async fn nobody() -> SocketAddr {
        TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap()
    }

    /// The same at an address of its own.
    pub(crate) async fn start_at(address: SocketAddr, answers: &[&str]) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let answers: Vec<String> = answers.iter().map(|a| (*a).to_owned()).collect();
        let (tell, asked) = mpsc::unbounded_channel();
        let count = Arc::new(Mutex::new(0));
        tokio::spawn(async move {
            loop {
                let Ok((mut socket, _)) = listener.accept().await else { break };
                let (answers, tell, count) = (answers.clone(), tell.clone(), count.clone());
                tokio::spawn(async move {
                    let mut text = String::new();
                    while !text.contains("\r\n\r\n") {
                        let mut chunk = [0; 4_096];
                        match socket.read(&mut chunk).await {
                            Ok(0) | Err(_) => return,
                            Ok(n) => text.push_str(&String::from_utf8_lossy(&chunk[..n])),
                        }
                    }
                    let target = text.split(' ').nth(1).unwrap().to_owned();
                    let host = text
                        .lines()
                        .find_map(|line| {
                            line.to_ascii_lowercase().strip_prefix("host: ").map(str::to_owned)
                        })
                        .unwrap_or_default();
                    let answer = {
                        let mut count = count.lock().unwrap();
                        let answer = answers[answers.len().min(*count + 1) - 1].clone();
                        *count += 1;
                        answer
                    };
                    let _ = tell.send(Asked { target, host });
                    match &*answer {
                        Self::SILENT => std::future::pending().await,
                        Self::HANGS_UP => return,
                        Self::NONSENSE => {
                            let _ = socket.write_all(b"+CMTI: \"SM\",1\r\n").await;
                            return;
                        }
                        _ => {}
                    }
                    let _ = socket
                        .write_all(
                            format!("HTTP/1.1 {answer}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
                                .as_bytes(),
                        )
                        .await;
                });
            }
        });
        Self { address, asked }
    }

    pub(crate) async fn asked(&mut self) -> Asked {
        tokio::time::timeout(testkit::PATIENCE, self.asked.recv())
            .await
            .expect("the URL to be asked")
            .unwrap()
    }

    pub(crate) fn was_asked(&mut self) -> bool {
        self.asked.try_recv().is_ok()
    }

    pub(crate) fn url(&self, rest: &str) -> String {
        format!("http://127.0.0.1:{}{rest}", self.address.port())
    }
}

pub(crate) struct Gateway {
    _nats: NatsServer,
    _database: TempDatabase,
    pub(crate) bus: Bus,
    pub(crate) store: Store,
    pub(crate) names: Arc<Names>,
    /// Where mails go.
    pub(crate) smtp: Smtp,
    /// How many messages an account may send.
    pub(crate) of_account: Option<Rate>,
    /// What keyword services may run.
    pub(crate) services: Services,
    service: Option<(JoinHandle<()>, Shutdown)>,
}

/// No mail goes out.
fn no_mail() -> Smtp {
    Smtp {
        host: None,
        port: 0,
        tls: SmtpTls::None,
        ca: None,
        user: None,
        password: None,
        from: None,
    }
}

pub(crate) fn config() -> Webhooks {
    Webhooks {
        allow: vec!["127.0.0.1".to_owned()],
        timeout: Period(Duration::from_secs(20)),
        retry: vec![Period(Duration::from_millis(100)), Period(Duration::from_millis(100))],
        schedule: vec![Period(Duration::from_millis(100)); 3],
        replies: "10/1h".parse().unwrap(),
        machine: "5/2m".parse().unwrap(),
        concurrency: 16,
    }
}

impl Gateway {
    pub(crate) async fn start() -> Self {
        Self::start_with(config()).await
    }

    pub(crate) async fn start_with(config: Webhooks) -> Self {
        Self::start_on(config, None).await
    }

    /// On this database, or one of its own.
    pub(crate) async fn start_on(config: Webhooks, database: Option<TempDatabase>) -> Self {
        // Another test of this process may have been first.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let nats = NatsServer::start().await;
        let database = database.unwrap_or_else(TempDatabase::sqlite);
        let store = Store::open(database.url()).await.unwrap();
        store.migrate().await.unwrap();
        let settings = NatsConfig::new(nats.url(), nats.user(), nats.password());
        let bus = Bus::connect(&settings, "test", &Shutdown::new().soft).await.unwrap();
        let names = Arc::new(Names::default());
        let mut gateway = Self {
            _nats: nats,
            _database: database,
            bus,
            store,
            names,
            smtp: no_mail(),
            of_account: None,
            services: Services { programs: Vec::new(), timeout: Period(Duration::from_secs(20)) },
            service: None,
        };
        gateway.start_service(config);
        gateway
    }

    pub(crate) fn start_service(&mut self, config: Webhooks) {
        self.start_service_by(config, Clock::system());
    }

    /// Starts the service by a clock of its own.
    pub(crate) fn start_service_by(&mut self, config: Webhooks, clock: Clock) {
        let shutdown = Shutdown::new();
        let deps = self.deps(clock);
        let part = shutdown.clone();
        let task = tokio::spawn(async move { webhooks::run(&config, deps, part).await.unwrap() });
        self.service = Some((task, shutdown));
    }

    fn deps(&self, clock: Clock) -> webhooks::Deps {
        webhooks::Deps {
            bus: self.bus.clone(),
            store: self.store.clone(),
            clock,
            resolver: self.names.clone(),
            max_parts: 10,
            of_account: self.of_account,
            access_log: None,
            smtp: self.smtp.clone(),
            services: self.services.clone(),
        }
    }

    /// Why the service cannot start.
    pub(crate) async fn fails_to_start(&self, config: Webhooks) -> String {
        let deps = self.deps(Clock::system());
        webhooks::run(&config, deps, Shutdown::new()).await.expect_err("an error").to_string()
    }

    /// The service that runs, so that another one can be started beside it.
    pub(crate) fn take_service(&mut self) -> (JoinHandle<()>, Shutdown) {
        self.service.take().unwrap()
    }

    pub(crate) fn give_service(&mut self, service: (JoinHandle<()>, Shutdown)) {
        self.service = Some(service);
    }

    pub(crate) async fn stop_service(&mut self) {
        let (task, shutdown) = self.service.take().unwrap();
        shutdown.request();
        tokio::time::timeout(testkit::PATIENCE, task).await.unwrap().unwrap();
    }

    /// A message in the database that wants to be told.
    pub(crate) async fn message(&self, text: &str, url: &str, mask: u8) -> MtRequest {
        let mut request = request(text, url, mask);
        self.store_request(&request).await;
        request.created_at.get_or_insert_with(Timestamp::now);
        request
    }

    pub(crate) async fn store_request(&self, request: &MtRequest) {
        let stored = StoredRequest::new(request.clone(), Priority::Normal, Timestamp::now(), 1);
        self.store.project_requests(&[stored]).await.unwrap();
    }

    pub(crate) async fn happens(&self, request: &MtRequest, change: MtChange) {
        let at = "2026-02-16T02:14:26Z".parse().unwrap();
        let event = MtEvent::of(request.id.unwrap(), request, at, change);
        self.bus.publish(&event).await.unwrap();
    }

    /// The callbacks of a message when there are some, and they satisfy `wanted`.
    pub(crate) async fn callbacks(
        &self,
        message: MessageId,
        wanted: impl Fn(&[Callback]) -> bool,
    ) -> Vec<Callback> {
        let reach = Reach::everything(OrgId::default_org());
        wait_for("the callbacks", || async {
            let callbacks = self.store.callbacks(reach, message).await.ok()?;
            wanted(&callbacks).then_some(callbacks)
        })
        .await
    }

    /// The only callback of a message, when it is in that state.
    pub(crate) async fn callback(&self, message: MessageId, state: CallbackState) -> Callback {
        self.callbacks(message, |all| matches!(all, [one] if one.state == state)).await.remove(0)
    }
}

pub(crate) fn request(text: &str, url: &str, mask: u8) -> MtRequest {
    let mut request = MtRequest::text(PhoneNumber::parse("+628123456789").unwrap(), text);
    request.id = Some(MessageId::new());
    request.dlr = Some(DlrCallback { url: url.to_owned(), mask });
    request
}

pub(crate) fn delivered() -> MtChange {
    MtChange::Delivered { discharged_at: Timestamp::from_micros(0) }
}
