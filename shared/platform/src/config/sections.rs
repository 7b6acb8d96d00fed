//! The sections of the configuration. What each value means to a person stands in `merpati.toml`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use contracts::{Amount, Languages, PhoneNumber};
use serde::{Deserialize, Deserializer};

use super::network::Network;
use super::value::{
    Pattern, Period, PortAddress, Rate, Secret, Size, listen, listen_if, one_of, optional,
    optional_secret,
};

/// `[http]`: where people and programs come in.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Http {
    /// The address it listens on; port 0 takes a free one.
    #[serde(deserialize_with = "listen")]
    pub listen: SocketAddr,
    /// The URL people reach it by, when a proxy is before it.
    #[serde(deserialize_with = "optional")]
    pub public_url: Option<String>,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<Network>,
    /// Languages whose GSM letters may be used in a text that names none itself.
    #[serde(deserialize_with = "languages")]
    pub languages: Languages,
    /// HTTPS.
    pub tls: Tls,
}

/// Unlike a reader of messages, the configuration refuses a language it does not know.
fn languages<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Languages, D::Error> {
    let tags = Vec::<String>::deserialize(deserializer)?;
    Languages::parse(tags.iter().map(String::as_str)).map_err(serde::de::Error::custom)
}

/// `[http.tls]`: both or none.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tls {
    /// PEM file with the certificate and its chain.
    #[serde(deserialize_with = "optional")]
    pub cert: Option<PathBuf>,
    /// PEM file with its key.
    #[serde(deserialize_with = "optional")]
    pub key: Option<PathBuf>,
}

/// `[nats]`: the broker.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nats {
    /// The broker's URL or several, with commas; none: `merpati up` starts its own.
    #[serde(deserialize_with = "optional")]
    pub url: Option<String>,
    /// The user.
    #[serde(deserialize_with = "optional")]
    pub user: Option<String>,
    /// That user's password.
    #[serde(deserialize_with = "optional_secret")]
    pub password: Option<Secret>,
    /// A credentials file (JWT and NKey seed) in place of user and password.
    #[serde(deserialize_with = "optional")]
    pub credentials: Option<PathBuf>,
    /// PEM file with the authorities to trust, when they are not the system's.
    #[serde(deserialize_with = "optional")]
    pub ca: Option<PathBuf>,
    /// Copies of each stream in a cluster: 1, 3 or 5.
    pub replicas: usize,
    /// Bytes that all streams may take; 0: half the free disk for the embedded server, the server's own
    /// limit for another.
    pub max_bytes: u64,
    /// The program of the embedded server; none: `nats-server` from the path.
    #[serde(deserialize_with = "optional")]
    pub program: Option<PathBuf>,
    /// When the embedded server writes through to the disk.
    pub sync: Sync,
}

/// `nats.sync`: when the embedded server writes through to the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sync {
    /// `Always` where the server can (2.10 and newer).
    Auto,
    /// Before each answer: what was accepted survives a power cut.
    Always,
    /// Each two minutes, as nats-server does by itself.
    Interval,
}

impl<'de> Deserialize<'de> for Sync {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        one_of(
            deserializer,
            &[("auto", Self::Auto), ("always", Self::Always), ("interval", Self::Interval)],
        )
    }
}

/// `[database]`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Database {
    /// `postgres://…` or `sqlite:///…`; none: SQLite in the data folder.
    #[serde(deserialize_with = "optional_secret")]
    pub url: Option<Secret>,
    /// Connections each service keeps at most.
    pub max_connections: u32,
}

/// `[disk]`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Disk {
    /// What stays free for messages that were accepted before.
    pub reserve: Size,
}

/// `[modems]`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Modems {
    /// Ports with modems, beside those that are discovered.
    pub ports: Vec<PortAddress>,
    /// Serial devices are tried as they appear.
    pub discover: bool,
    /// Devices discovery leaves alone; a `*` stands for any characters.
    pub ignore: Vec<String>,
    /// Line speed in bits per second; 0: found out.
    pub baud: u32,
    /// The PIN of SIMs that ask for one.
    #[serde(deserialize_with = "optional_secret")]
    pub pin: Option<Secret>,
    /// The service centre's number, when the SIM's own is not to be used.
    #[serde(deserialize_with = "optional")]
    pub smsc: Option<PhoneNumber>,
    /// How messages are given to the modem.
    pub send: SendMode,
    /// Incoming calls are hung up; else they ring until the caller gives up.
    pub hang_up: bool,
    /// Waits after the first, second, … try that failed; the last is used for all that follow.
    pub retry: Vec<Period>,
    /// Tries in all.
    pub tries: u32,
    /// Tries in all when the answer does not tell whether another can help.
    pub doubtful_tries: u32,
    /// A file with what is known of further models.
    #[serde(deserialize_with = "optional")]
    pub models: Option<PathBuf>,
    /// The name of this host in states and logs; none: the system's.
    #[serde(deserialize_with = "optional")]
    pub host: Option<String>,
    /// Settings of single ports. A port named here is used even if it is not in `ports`.
    #[serde(default)]
    pub port: Vec<Port>,
    /// How SIMs are asked for their balance. The first that fits a SIM counts.
    #[serde(default)]
    pub balance: Vec<BalanceQuery>,
}

/// `[[modems.port]]`: settings of one port, where they differ from those of all.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Port {
    /// Which port.
    pub path: PortAddress,
    /// Line speed; none: as for all.
    #[serde(default)]
    pub baud: Option<u32>,
    /// The SIM's PIN; none: as for all.
    #[serde(default)]
    pub pin: Option<Secret>,
    /// The SIM's own number.
    #[serde(default)]
    pub number: Option<PhoneNumber>,
    /// The service centre; none: as for all.
    #[serde(default)]
    pub smsc: Option<PhoneNumber>,
    /// How messages are given to it; none: as for all.
    #[serde(default)]
    pub send: Option<SendMode>,
}

/// `[[modems.balance]]`: how the SIMs of one network are asked for their balance.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BalanceQuery {
    /// What the IMSI begins with: the network's country and network codes. Empty: any SIM.
    #[serde(default)]
    pub network: String,
    /// The USSD code.
    pub code: String,
    /// Where in the network's text the amount stands.
    pub pattern: Pattern,
    /// An amount below this is low; none: none is.
    #[serde(default)]
    pub low: Option<Amount>,
    /// How often it is asked.
    #[serde(default = "six_hours")]
    pub every: Period,
}

fn six_hours() -> Period {
    Period(Duration::from_hours(6))
}

/// How messages are given to a modem.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SendMode {
    /// `stored` on firmware that was seen to mark what went out, else `direct`.
    Auto,
    /// `AT+CMGS`.
    Direct,
    /// `AT+CMGW`, then `AT+CMSS`: after a crash the SIM knows whether it went out.
    Stored,
}

impl<'de> Deserialize<'de> for SendMode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        one_of(
            deserializer,
            &[("auto", Self::Auto), ("direct", Self::Direct), ("stored", Self::Stored)],
        )
    }
}

impl Modems {
    /// The settings of one port, with those of all where it has none of its own.
    pub fn for_port(&self, path: &PortAddress) -> PortSettings {
        let own = self.port.iter().find(|port| port.path == *path);
        PortSettings {
            baud: own.and_then(|port| port.baud).or(Some(self.baud)).filter(|baud| *baud > 0),
            pin: own.and_then(|port| port.pin.clone()).or_else(|| self.pin.clone()),
            number: own.and_then(|port| port.number.clone()),
            smsc: own.and_then(|port| port.smsc.clone()).or_else(|| self.smsc.clone()),
            send: own.and_then(|port| port.send).unwrap_or(self.send),
        }
    }

    /// How the SIM of an IMSI is asked for its balance; none: it is not.
    pub fn balance_query(&self, imsi: Option<&str>) -> Option<&BalanceQuery> {
        self.balance.iter().find(|query| imsi.unwrap_or_default().starts_with(&query.network))
    }

    /// All ports that are named, each once.
    pub fn named_ports(&self) -> Vec<PortAddress> {
        let mut all: Vec<PortAddress> = Vec::new();
        for port in self.ports.iter().chain(self.port.iter().map(|port| &port.path)) {
            if !all.contains(port) {
                all.push(port.clone());
            }
        }
        all
    }
}

/// What holds for one port: [`Modems::for_port`].
#[derive(Debug, Clone, PartialEq)]
pub struct PortSettings {
    /// Line speed; none: to be found out.
    pub baud: Option<u32>,
    /// The SIM's PIN.
    pub pin: Option<Secret>,
    /// The SIM's own number.
    pub number: Option<PhoneNumber>,
    /// The service centre, when not the SIM's own.
    pub smsc: Option<PhoneNumber>,
    /// How messages are given to it.
    pub send: SendMode,
}

/// `[router]`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Router {
    /// Parts a message may have at most: 1 to 255.
    pub max_parts: u8,
    /// A message that names no end is given up this long after it was accepted.
    pub expire_after: Period,
    /// Messages a priority kept ready for each online modem.
    pub depth: u32,
    /// How long to wait for the missing parts of a received message.
    pub parts_timeout: Period,
    /// The same text to the same number within this time is held until it is over; 0: it goes out.
    pub doubles: Period,
    /// Whoever sends one of these is sent nothing more.
    pub stop_words: Vec<String>,
    /// Whoever sends one of these is sent messages again.
    pub start_words: Vec<String>,
}

/// `[limits]`: how much a key and an account may ask for and send; none: as much as they like.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Requests with one key.
    #[serde(deserialize_with = "optional")]
    pub key_requests: Option<Rate>,
    /// Requests with all keys of an account.
    #[serde(deserialize_with = "optional")]
    pub user_requests: Option<Rate>,
    /// Messages with one key.
    #[serde(deserialize_with = "optional")]
    pub key_messages: Option<Rate>,
    /// Messages of an account, by whatever way.
    #[serde(deserialize_with = "optional")]
    pub user_messages: Option<Rate>,
    /// Messages of an organisation to one number, counted by the router.
    #[serde(deserialize_with = "optional")]
    pub recipient: Option<Rate>,
}

/// `[kannel]`: the endpoints that speak Kannel's dialect.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kannel {
    /// `/cgi-bin/sendsms` answers.
    pub enabled: bool,
    /// The file of the access log, which `webhooks` writes; none: there is none.
    #[serde(deserialize_with = "optional")]
    pub access_log: Option<PathBuf>,
    /// Where the admin pages are served; none: nowhere.
    #[serde(deserialize_with = "listen_if")]
    pub admin: Option<SocketAddr>,
    /// The password of the admin pages.
    #[serde(deserialize_with = "optional_secret")]
    pub admin_password: Option<Secret>,
    /// A password that only reads them.
    #[serde(deserialize_with = "optional_secret")]
    pub status_password: Option<Secret>,
}

/// `[doors]`: endpoints that speak the dialects of other gateways.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own in the file")]
pub struct Doors {
    /// playSMS's webservices.
    pub playsms: bool,
    /// SMSEagle's HTTP API.
    pub smseagle: bool,
    /// Twilio's messages.
    pub twilio: bool,
    /// Jasmin's HTTP API.
    pub jasmin: bool,
    /// SMSGate's third-party API.
    pub smsgate: bool,
}

/// `[webhooks]`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Webhooks {
    /// What beside public addresses URLs may lead to: host names, IP addresses, networks. `webhooks` reads them.
    pub allow: Vec<String>,
    /// How long one fetch may take.
    pub timeout: Period,
    /// How long to wait before each further try; after the last it is given up.
    pub retry: Vec<Period>,
    /// How long an endpoint that fails is left alone before each further try; after the last it is disabled.
    pub schedule: Vec<Period>,
    /// How many replies one sender is sent, by all keyword services and webhooks of an organisation together.
    pub replies: Rate,
    /// How many messages of one sender are answered in a time before the sender is taken for a machine.
    pub machine: Rate,
    /// Fetches at one time.
    pub concurrency: usize,
}

/// `[services]`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Services {
    /// The programs that keyword services may run, by their whole paths. `webhooks` runs them.
    pub programs: Vec<PathBuf>,
    /// How long one may take.
    pub timeout: Period,
}

/// `[mail]`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mail {
    /// How mails go out.
    pub smtp: Smtp,
    /// Where mails come in.
    pub door: MailDoor,
}

/// `[mail.smtp]`: the server that takes our mails.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Smtp {
    /// Its name or its address; none: no mail goes out.
    #[serde(deserialize_with = "optional")]
    pub host: Option<String>,
    /// Its port; 0: the usual one.
    pub port: u16,
    /// When TLS begins.
    pub tls: SmtpTls,
    /// A file of certificates, in PEM, that are trusted beside those of the system; none: only those.
    #[serde(deserialize_with = "optional")]
    pub ca: Option<PathBuf>,
    /// The name at the server.
    #[serde(deserialize_with = "optional")]
    pub user: Option<String>,
    /// The password there.
    #[serde(deserialize_with = "optional_secret")]
    pub password: Option<Secret>,
    /// The address that mails come from.
    #[serde(deserialize_with = "optional")]
    pub from: Option<String>,
}

impl Smtp {
    /// The port, where none is set the usual one.
    pub const fn port(&self) -> u16 {
        match (self.port, self.tls) {
            (0, SmtpTls::Starttls) => 587,
            (0, SmtpTls::Tls) => 465,
            (0, SmtpTls::None) => 25,
            (port, _) => port,
        }
    }
}

/// `mail.smtp.tls`: when TLS begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SmtpTls {
    /// After the greeting.
    Starttls,
    /// From the first octet.
    Tls,
    /// Never.
    None,
}

impl<'de> Deserialize<'de> for SmtpTls {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        one_of(
            deserializer,
            &[("starttls", Self::Starttls), ("tls", Self::Tls), ("none", Self::None)],
        )
    }
}

/// `[mail.door]`: mails that become messages.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailDoor {
    /// Where they are taken; none: nowhere.
    #[serde(deserialize_with = "listen_if")]
    pub listen: Option<SocketAddr>,
    /// Names and keys are taken without TLS from other machines too.
    pub allow_plain: bool,
    /// What becomes of the subject.
    pub subject: MailSubject,
}

/// `mail.door.subject`: what becomes of the subject of a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailSubject {
    /// It is sent when there is no text.
    Instead,
    /// It stands before the text.
    Before,
    /// It is all that is sent.
    Only,
}

impl<'de> Deserialize<'de> for MailSubject {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        one_of(
            deserializer,
            &[("instead", Self::Instead), ("before", Self::Before), ("only", Self::Only)],
        )
    }
}

/// `[retention]`: how long things are kept; `0d` keeps them for ever.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retention {
    /// Messages sent and received.
    pub messages: Period,
    /// The lines of their timelines.
    pub timeline: Period,
    /// Callbacks and their attempts.
    pub callbacks: Period,
    /// How many messages there were, hour by hour.
    pub tallies: Period,
}

/// `[telemetry]`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Telemetry {
    /// What is logged: a level, or directives such as `info,modem_driver=debug`.
    pub log: String,
    /// How it is written.
    pub format: LogFormat,
    /// Where traces go (OTLP over HTTP); none: nowhere.
    #[serde(deserialize_with = "optional")]
    pub otlp_endpoint: Option<String>,
}

/// How logs are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Pretty,
    /// One JSON object a line.
    Json,
}

impl<'de> Deserialize<'de> for LogFormat {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        one_of(deserializer, &[("pretty", Self::Pretty), ("json", Self::Json)])
    }
}

/// `[metrics]`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Metrics {
    /// Where `/metrics` is served; none: nowhere.
    #[serde(deserialize_with = "listen_if")]
    pub listen: Option<SocketAddr>,
}

/// `[shutdown]`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stopping {
    /// How long what is in hand may take to finish.
    pub patience: Period,
}
