//! What every handler needs.

use std::sync::Arc;
use std::time::Duration;

use bus::Bus;
use contracts::wishes::WishWords;
use contracts::{Address, Languages};
use numbering::Plan;
use platform::Clock;
use platform::config::{Config, Doors, MailSubject, Rate, Retention};
use store::Store;

use crate::directory::Directory;
use crate::door_passwords::DoorPasswords;
use crate::fleet::Fleet;
use crate::gathering::Gathering;
use crate::known_keys::KnownKeys;
use crate::limits::Limits;
use crate::live::Hub;
use crate::numbers::Numbers;
use crate::proxies::Proxies;
use crate::quotas::Quotas;
use crate::requests::Requests;
use crate::rows::Rows;
use crate::sim_usage::SimUsage;
use crate::streams::Streams;
use crate::throttle::Throttle;

/// The most bytes of a request's body.
pub(crate) const LARGEST_BODY: usize = 1024 * 1024;

/// The portal's parts; clones are the same portal.
#[derive(Clone)]
pub(crate) struct App(Arc<Parts>);

/// The parts.
pub(crate) struct Parts {
    /// Accounts, keys, sessions; the history.
    pub(crate) store: Store,
    /// The broker.
    pub(crate) bus: Bus,
    /// The time of day.
    pub(crate) clock: Clock,
    /// The way of single requests to the broker.
    pub(crate) gathering: Gathering,
    /// Numbers for messages, taken in blocks.
    pub(crate) numbers: Numbers,
    /// Keys that were good a moment ago.
    pub(crate) known_keys: Arc<KnownKeys>,
    /// Accounts, SIMs and modems as they are set now.
    pub(crate) directory: Directory,
    /// The modems as they are now.
    pub(crate) fleet: Fleet,
    /// Which accounts have reached one of their limits.
    pub(crate) quotas: Quotas,
    /// What of their limits SIMs have used.
    pub(crate) sim_usage: SimUsage,
    /// What happens, for those who watch.
    pub(crate) hub: Hub,
    /// What persistence writes, for those who wait for it.
    pub(crate) rows: Rows,
    /// Tries to log in.
    pub(crate) throttle: Throttle,
    /// Passwords that open one door in place of a key.
    pub(crate) door_passwords: DoorPasswords,
    /// How much a key or an account may ask for and send.
    pub(crate) limits: Limits,
    /// The last requests of each key.
    pub(crate) requests: Requests,
    /// Who follows what happens.
    pub(crate) streams: Streams,
    /// The disk that broker or database are on, where it is ours.
    pub(crate) disk: Option<platform::Disk>,
    /// What was configured.
    pub(crate) settings: Settings,
    /// Ends what would stay open for ever: event connections and waits.
    pub(crate) shutdown: platform::Shutdown,
}

/// The portal's part of the configuration.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// Parts a message may have at most.
    pub(crate) max_parts: usize,
    /// The programs that keyword services may run.
    pub(crate) programs: Vec<std::path::PathBuf>,
    /// How long a message without an end of its own may wait.
    pub(crate) expire_after: Duration,
    /// How numbers are read, and which are sent nothing.
    pub(crate) numbering: Plan,
    /// Languages whose GSM letters may be used in a text that names none itself.
    pub(crate) languages: Languages,
    /// Kannel's endpoint answers.
    pub(crate) kannel: bool,
    /// Which of the other gateways' interfaces answer.
    pub(crate) doors: Doors,
    /// We speak https ourselves.
    pub(crate) tls: bool,
    /// The URL people reach us by, without a slash at its end.
    pub(crate) base_url: String,
    /// Somebody said which URL that is.
    pub(crate) has_public_url: bool,
    /// There is a proxy before us that speaks https.
    pub(crate) https_proxy: bool,
    /// The proxies that are believed.
    pub(crate) proxies: Proxies,
    /// Endpoints may be told by mail.
    pub(crate) mails: bool,
    /// What the gateway is called where mails come in.
    pub(crate) mail_host: String,
    /// Names and keys are taken without TLS where mails come in.
    pub(crate) mail_allow_plain: bool,
    /// What becomes of the subject of a mail.
    pub(crate) mail_subject: MailSubject,
    /// How many messages an account may send.
    pub(crate) of_account: Option<Rate>,
    /// How long what happened is kept.
    pub(crate) retention: Retention,
    /// How often an endpoint is tried.
    pub(crate) tries: usize,
    /// By which words people ask to be sent nothing more, or messages again.
    pub(crate) wishes: WishWords,
}

impl Settings {
    /// From the configuration, and the address that was really taken.
    pub(crate) fn new(config: &Config, address: std::net::SocketAddr) -> Self {
        let tls = config.http.tls.cert.is_some() && config.http.tls.key.is_some();
        let scheme = if tls { "https" } else { "http" };
        let base_url = match &config.http.public_url {
            Some(url) => url.trim_end_matches('/').to_owned(),
            None if address.ip().is_unspecified() => {
                format!("{scheme}://localhost:{}", address.port())
            }
            None => format!("{scheme}://{address}"),
        };
        Self {
            max_parts: usize::from(config.router.max_parts),
            programs: config.services.programs.clone(),
            expire_after: config.router.expire_after.duration(),
            numbering: config.numbers.plan(),
            languages: config.http.languages,
            kannel: config.kannel.enabled,
            doors: config.doors.clone(),
            tls,
            https_proxy: base_url.starts_with("https://") && !tls,
            has_public_url: config.http.public_url.is_some(),
            mails: config.mail.smtp.host.is_some(),
            mail_host: host_of(&base_url),
            mail_allow_plain: config.mail.door.allow_plain,
            mail_subject: config.mail.door.subject,
            of_account: config.limits.user_messages,
            retention: config.retention.clone(),
            tries: config.webhooks.schedule.len(),
            wishes: WishWords::new(&config.router.stop_words, &config.router.start_words),
            base_url,
            proxies: Proxies::new(config.http.trusted_proxies.clone()),
        }
    }
}

/// The host of a URL, as it stands in the greeting of a mail server.
fn host_of(url: &str) -> String {
    let url = url::Url::parse(url).ok();
    url.and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_else(|| "localhost".to_owned())
}

impl Settings {
    /// Who is meant by a sender that somebody wrote.
    pub(crate) fn address(&self, written: &str) -> Address {
        match Address::from_text(written) {
            Address::Number(number) => Address::Number(self.numbering.normal(&number)),
            name @ Address::Name(_) => name,
        }
    }

    /// The languages of somebody who wants tables and does not say which: the configured ones, else all.
    pub(crate) fn tables(&self) -> Languages {
        if self.languages.is_none() { Languages::ALL } else { self.languages }
    }
}

impl App {
    /// Whether there is room for new messages on the disk.
    pub(crate) fn has_room(&self) -> Result<(), platform::DiskTrouble> {
        self.disk.as_ref().map_or(Ok(()), platform::Disk::has_room)
    }

    /// Puts the parts together.
    pub(crate) fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }
}

impl std::ops::Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}
