//! A portal and persistence on a broker and a database of their own.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use bus::{Bus, NatsConfig};
use contracts::mo::MoReceived;
use contracts::modem::{ModemState, ModemStatus, SimState};
use contracts::{Address, MessageId, ModemId, OrgId, PoolId, SimId, Timestamp};
use platform::config::{Config, Sources};
use platform::{Clock, Disk, Shutdown};
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use store::Store;
use tempfile::TempDir;
use testkit::NatsServer;
use tokio::sync::oneshot;

/// Everything runs until it is dropped.
pub(crate) struct Gateway {
    pub(crate) nats: NatsServer,
    pub(crate) bus: Bus,
    pub(crate) store: Store,
    pub(crate) address: SocketAddr,
    pub(crate) mail: Option<SocketAddr>,
    pub(crate) url: String,
    pub(crate) setup_link: Option<String>,
    pub(crate) http: Client,
    pub(crate) dir: TempDir,
    pub(crate) shutdown: Shutdown,
    pub(crate) portal: tokio::task::JoinHandle<Result<(), web_portal::RunError>>,
}

impl Gateway {
    /// With the usual configuration.
    pub(crate) async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// With some settings changed.
    pub(crate) async fn start_with(flags: &[(&str, &str)]) -> Self {
        Self::start_in(&std::env::temp_dir(), flags).await
    }

    /// On a database of the test's.
    pub(crate) async fn start_on(database: &str) -> Self {
        Self::start_at(&std::env::temp_dir(), Some(database), &[]).await
    }

    /// With its folder in `parent`.
    pub(crate) async fn start_in(parent: &Path, flags: &[(&str, &str)]) -> Self {
        Self::start_at(parent, None, flags).await
    }

    async fn start_at(parent: &Path, database: Option<&str>, flags: &[(&str, &str)]) -> Self {
        // Another test of this process may have installed it.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let nats = NatsServer::start().await;
        let dir = TempDir::with_prefix_in("merpati-portal-", parent).expect("a temporary folder");
        let mut sources =
            Sources::new().data(Some(dir.path().to_owned())).flag("http.listen", "127.0.0.1:0");
        for (key, value) in flags {
            sources = sources.flag(key, *value);
        }
        let config = Config::load(&sources).expect("a configuration");
        let is_https = config.http.tls.cert.is_some();
        let shutdown = Shutdown::new();
        let settings = NatsConfig::new(nats.url(), nats.user(), nats.password());
        let bus = Bus::connect(&settings, "test", &shutdown.soft).await.expect("a broker");
        let file = dir.path().join("merpati.db").to_string_lossy().into_owned();
        let store = Store::open(database.unwrap_or(&file)).await.expect("a database");
        store.migrate().await.expect("tables");
        let deps = persistence::Deps {
            bus: bus.clone(),
            store: store.clone(),
            clock: Clock::system(),
            disk: None,
        };
        let (of_persistence, stop) = (config.clone(), shutdown.clone());
        tokio::spawn(async move { persistence::run(&of_persistence, deps, stop).await });
        let (tell, told) = oneshot::channel();
        let deps = web_portal::Deps {
            bus: bus.clone(),
            store: store.clone(),
            clock: Clock::system(),
            disk: Some(Disk::watch(dir.path(), config.disk.reserve, &shutdown).expect("a disk")),
            socket: Some(dir.path().join("merpati.sock")),
            started: Some(tell),
        };
        let stop = shutdown.clone();
        let mut portal = tokio::spawn(async move { web_portal::run(&config, deps, stop).await });
        let started = tokio::select! {
            started = told => started.expect("the portal started"),
            ended = &mut portal => panic!("the portal ended: {ended:?}"),
        };
        let http = Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(Duration::from_secs(30))
            .tls_danger_accept_invalid_certs(true)
            .build()
            .expect("a client");
        Self {
            url: if is_https {
                format!("https://{}", started.address)
            } else {
                format!("http://{}", started.address)
            },
            address: started.address,
            mail: started.mail,
            setup_link: started.setup_link,
            nats,
            bus,
            store,
            http,
            dir,
            shutdown,
            portal,
        }
    }

    /// Another copy of the portal, on the same broker and database, with handles of its own.
    pub(crate) async fn copy(&self) -> String {
        self.copy_by(Clock::system()).await
    }

    /// Another copy, by a clock of its own.
    pub(crate) async fn copy_by(&self, clock: Clock) -> String {
        self.copy_on(&self.nats.url(), clock).await
    }

    /// Another copy, which reaches the broker by a way of its own.
    pub(crate) async fn copy_on(&self, nats: &str, clock: Clock) -> String {
        let sources = Sources::new()
            .data(Some(self.dir.path().to_owned()))
            .flag("http.listen", "127.0.0.1:0");
        let config = Config::load(&sources).expect("a configuration");
        let settings = NatsConfig::new(nats, self.nats.user(), self.nats.password());
        let bus = Bus::connect(&settings, "copy", &self.shutdown.soft).await.expect("a broker");
        let file = self.dir.path().join("merpati.db");
        let store = Store::open(&file.to_string_lossy()).await.expect("a database");
        let (tell, told) = oneshot::channel();
        let deps =
            web_portal::Deps { bus, store, clock, socket: None, disk: None, started: Some(tell) };
        let stop = self.shutdown.clone();
        tokio::spawn(async move { web_portal::run(&config, deps, stop).await });
        format!("http://{}", told.await.expect("the copy started").address)
    }

    /// The id of a user.
    pub(crate) async fn id_of(&self, name: &str) -> contracts::UserId {
        self.store.user_named(name).await.expect("a database").expect("a user").id
    }

    /// A message that was received through a modem, told as the router does.
    pub(crate) async fn receive(&self, modem: &ModemState, from: &str, text: &str) -> MessageId {
        let mo = MoReceived {
            id: MessageId::new(),
            org: OrgId::default_org(),
            owner: None,
            modem: modem.id,
            sim: modem.sim.as_ref().expect("a SIM").id,
            to: None,
            from: Address::from_text(from),
            text: Some(text.to_owned()),
            data: None,
            class: None,
            ports: None,
            parts: 1,
            missing: Vec::new(),
            pdus: Vec::new(),
            smsc_at: None,
            received_at: Timestamp::now(),
            wish: None,
        };
        self.bus.publish(&mo).await.expect("published");
        let reach = store::Reach::everything(OrgId::default_org());
        testkit::wait_for("the message in the database", || async {
            self.store.received(reach, mo.id).await.expect("a database").map(drop)
        })
        .await;
        mo.id
    }

    /// A user, made as the command line does, and a key of theirs.
    pub(crate) async fn user(&self, name: &str, admin: bool) -> String {
        let made = crate::socket::call(
            self,
            "POST",
            "/api/v1/users",
            &json!({ "name": name, "password": "correct horse", "admin": admin }),
        )
        .await;
        assert_eq!(made.0, 201, "{}", made.1);
        let key = crate::socket::call(self, "POST", "/api/v1/keys", &json!({ "user": name })).await;
        assert_eq!(key.0, 201, "{}", key.1);
        key.1["key"].as_str().expect("a key").to_owned()
    }

    /// The messages that a text becomes, each by its id.
    pub(crate) async fn sends(&self, key: &str, body: &Value) -> Vec<MessageId> {
        let accepted: api::Acceptance = told(self.post(key, "/messages", body)).await;
        accepted.messages.iter().map(|message| message.id).collect()
    }

    /// A message with its timeline.
    pub(crate) async fn message(&self, key: &str, id: MessageId) -> api::MessageDetail {
        told(self.get(key, &format!("/messages/{id}"))).await
    }

    /// The first page of the messages, newest first.
    pub(crate) async fn messages(&self, key: &str) -> Vec<api::Message> {
        told::<api::Messages>(self.get(key, "/messages")).await.messages
    }

    /// How many messages were accepted so far: one more is sent, and what came before it is there when it is.
    pub(crate) async fn accepted(&self, key: &str) -> usize {
        let marker = MessageId::new().to_string();
        self.sends(key, &json!({ "to": "+62899999999", "text": marker })).await;
        testkit::wait_for("the last message", || async {
            let all = self.messages(key).await;
            let is_there = all.iter().any(|one| one.text.as_deref() == Some(&*marker));
            is_there.then(|| all.len() - 1)
        })
        .await
    }

    /// The modems.
    pub(crate) async fn modems(&self, key: &str) -> Vec<api::Modem> {
        told::<api::Modems>(self.get(key, "/modems")).await.modems
    }

    /// A call with a key.
    pub(crate) fn get(&self, key: &str, path: &str) -> RequestBuilder {
        self.http.get(format!("{}/api/v1{path}", self.url)).bearer_auth(key)
    }

    /// A call with a key and a body.
    pub(crate) fn post(&self, key: &str, path: &str, body: &Value) -> RequestBuilder {
        self.http.post(format!("{}/api/v1{path}", self.url)).bearer_auth(key).json(body)
    }

    /// A modem, as a driver tells of it.
    pub(crate) async fn modem(&self, name: &str, number: &str) -> ModemState {
        let now = Timestamp::now();
        let state = ModemState {
            id: ModemId::derived(name),
            name: name.to_owned(),
            port: format!("/dev/{name}"),
            host: "test".to_owned(),
            status: ModemStatus::Ready,
            text: "It can send and receive.".to_owned(),
            manufacturer: "Quectel".to_owned(),
            model: "EC25".to_owned(),
            firmware: String::new(),
            imei: Some("123456789012345".to_owned()),
            sim: Some(SimState {
                id: SimId::derived(name),
                iccid: Some("8962100000".to_owned()),
                imsi: Some("510100000".to_owned()),
                number: Some(number.parse().expect("a number")),
                smsc: None,
            }),
            operator: Some("TELKOMSEL".to_owned()),
            technology: Some("LTE".to_owned()),
            roaming: false,
            signal_dbm: Some(-71),
            pools: vec![PoolId::default_pool()],
            problem: None,
            queue: 0,
            sent_today: 3,
            failed_today: 1,
            balance: None,
            spool: None,
            closed: None,
            closed_to_new: None,
            low: None,
            since: now,
            seen_at: now,
        };
        let modems = self.bus.kv(bus::Bucket::Modems).await.expect("the bucket");
        modems.put(&state.id.to_string(), &state).await.expect("a state");
        state
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        self.shutdown.soft.cancel();
        self.shutdown.hard.cancel();
    }
}

/// The answer of a call that works, as the type that the API says.
pub(crate) async fn told<T: DeserializeOwned>(request: RequestBuilder) -> T {
    let (status, body) = answer(request).await;
    assert!(status.is_success(), "{status} {body}");
    serde_json::from_value(body).expect("what the API says")
}

/// The answer of a call that is refused: the status and the code.
pub(crate) async fn refused(request: RequestBuilder) -> (u16, String) {
    let (status, body) = answer(request).await;
    let problem: api::Problem = serde_json::from_value(body).expect("a problem");
    assert_eq!(problem.status, status.as_u16(), "{}", problem.detail);
    (problem.status, problem.code)
}

/// Status and JSON, which is held against the OpenAPI document.
pub(crate) async fn answer(request: RequestBuilder) -> (StatusCode, Value) {
    let (http, request) = request.build_split();
    let request = request.expect("a request");
    let (method, path) = (request.method().clone(), request.url().path().to_owned());
    let response: Response = http.execute(request).await.expect("an answer");
    let status = response.status();
    let kind = response.headers().get("content-type").and_then(|kind| kind.to_str().ok());
    let kind = kind.unwrap_or_default().to_owned();
    let text = response.text().await.expect("a body");
    crate::document::check(&method, &path, status, &kind, &text);
    (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}
