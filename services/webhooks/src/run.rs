//! The service: its parts, started and stopped together.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bus::{Bucket, Bus, ConsumeError, Durable, KvError, Watch};
use contracts::config_kv::Webhooks;
use contracts::modem::ModemState;
use platform::config::{Period, Rate, Services, Smtp};
use platform::{Clock, Shutdown};
use store::Store;
use tokio::sync::{Notify, mpsc, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::access_log::AccessLog;
use crate::address::{AllowList, ParseAllowedError};
use crate::announcer::announcer;
use crate::courier::{self, Courier, Means};
use crate::fetch::{Fetcher, SetupError};
use crate::keywords::Keywords;
use crate::lanes::Lanes;
use crate::loops::Loops;
use crate::mailer::{Mailer, MailerError};
use crate::notice::Notice;
use crate::numbers::Numbers;
use crate::program::Programs;
use crate::replier::Replier;
use crate::resolver::{Guarded, Resolver, SystemResolver};
use crate::schedule::Schedule;
use crate::service::Caller;

/// New callbacks on their way from the events to the courier.
const HANDED_OVER: usize = 256;

/// What the service needs.
#[derive(Clone)]
pub struct Deps {
    /// The broker.
    pub bus: Bus,
    /// The database.
    pub store: Store,
    /// The time of day.
    pub clock: Clock,
    /// Who knows the addresses of host names.
    pub resolver: Arc<dyn Resolver>,
    /// Of how many parts the router takes a message: `router.max_parts`.
    pub max_parts: u8,
    /// How many messages an account may send: `limits.user_messages`. It has as many replies.
    pub of_account: Option<Rate>,
    /// The file of Kannel's access log, if there is to be one.
    pub access_log: Option<PathBuf>,
    /// The server that takes mails: `mail.smtp`.
    pub smtp: Smtp,
    /// What keyword services may run: `services`.
    pub services: Services,
}

impl Deps {
    /// With the clock and the resolver of the system, no limit of an account, no access log, and no programs.
    pub fn new(bus: Bus, store: Store, max_parts: u8, smtp: Smtp) -> Self {
        let (clock, resolver) = (Clock::system(), Arc::new(SystemResolver));
        let (of_account, access_log) = (None, None);
        let services = Services { programs: Vec::new(), timeout: Period(Duration::from_secs(10)) };
        Self { bus, store, clock, resolver, max_parts, of_account, access_log, smtp, services }
    }
}

/// Why the service could not start.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// `webhooks.allow` has an entry that is nothing.
    #[error(transparent)]
    Allow(#[from] ParseAllowedError),
    /// The access log cannot be written.
    #[error("kannel.access_log is {}, which cannot be written: {source}", path.display())]
    AccessLog {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The HTTP client cannot be made.
    #[error(transparent)]
    Client(#[from] SetupError),
    /// `mail.smtp` cannot be used.
    #[error(transparent)]
    Mail(#[from] MailerError),
    /// The modems' states cannot be read.
    #[error("webhooks cannot read from the broker's buckets: {0}")]
    Bucket(#[from] KvError),
    /// Events cannot be read.
    #[error("webhooks cannot read the events: {0}")]
    Consume(#[from] ConsumeError),
}

/// Wakes the lanes when somebody changed an endpoint, in this process or elsewhere, and the courier when calls may be due that
/// waited for the gateway to resume.
async fn listen(
    mut changes: Watch<Webhooks>,
    mut of_settings: watch::Receiver<u64>,
    wake: Arc<Notify>,
    wake_courier: Arc<Notify>,
    soft: CancellationToken,
) {
    let listen = async {
        loop {
            tokio::select! {
                _ = changes.next() => {}
                Ok(()) = of_settings.changed() => {}
            }
            wake.notify_one();
            wake_courier.notify_one();
        }
    };
    soft.run_until_cancelled(listen).await;
}

/// Makes callbacks and tells endpoints until the soft shutdown; fetches under way are finished before it returns.
///
/// For `https` URLs a rustls crypto provider must be installed in the process.
///
/// # Errors
/// When it cannot start. Once it runs, it waits for a broker or database that is gone.
pub async fn run(
    config: &platform::config::Webhooks,
    deps: Deps,
    shutdown: Shutdown,
) -> Result<(), RunError> {
    let Deps { bus, store, clock, resolver, max_parts, of_account, access_log, smtp, services } =
        deps;
    let opened = |path: PathBuf| match AccessLog::open(&path) {
        Ok(log) => Ok(log),
        Err(source) => Err(RunError::AccessLog { path, source }),
    };
    let access_log = access_log.map(opened).transpose()?;
    let soft = shutdown.soft.clone();
    let guard = Guarded::new(resolver, AllowList::parse(&config.allow)?);
    let fetcher = Fetcher::new(guard, config.timeout.duration())?;
    let mailer = Mailer::new(&smtp, config.timeout.duration())?;
    let schedule = Schedule::new(config.retry.iter().copied().map(Period::duration).collect());
    let lease = courier::lease(config.timeout.duration());
    let (fetcher_of_lanes, concurrency) = (fetcher.clone(), config.concurrency);
    let numbers = Numbers::default();
    let replier = Replier {
        store: store.clone(),
        clock,
        bus: bus.clone(),
        numbers: numbers.clone(),
        lease,
        replies: config.replies,
        machine: config.machine,
        of_account,
        max_parts,
    };
    let wake = Arc::new(Notify::new());
    let loops = Loops { store: store.clone(), clock, wake: Arc::clone(&wake) };
    let caller = Caller {
        store: store.clone(),
        clock,
        fetcher: fetcher.clone(),
        schedule: schedule.clone(),
        replier: replier.clone(),
        loops: loops.clone(),
        programs: Programs::new(&services.programs, services.timeout.duration()),
        lease,
    };
    let wake_courier = Arc::new(Notify::new());
    let means =
        Means { store: store.clone(), clock, fetcher, schedule, caller, lease, concurrency };
    let courier = Courier::new(means, Arc::clone(&wake_courier));
    let states = bus.kv::<ModemState>(Bucket::Modems).await?.watch().await?;
    let changes = bus.kv::<Webhooks>(Bucket::Config).await?.watch_filtered("webhooks.*").await?;
    let events = bus.consume(&Durable::WebhooksEvents).await?;
    let otp_events = bus.consume(&Durable::WebhooksOtpEvents).await?;
    let (hand_over, handed_over) = mpsc::channel(HANDED_OVER);
    let (announcer, writer) = announcer(store.clone(), clock, numbers.clone(), Arc::clone(&wake));
    let lanes = Lanes {
        store: store.clone(),
        clock,
        fetcher: fetcher_of_lanes,
        mailer,
        schedule: Schedule::new(config.schedule.iter().copied().map(Period::duration).collect()),
        lease,
        concurrency,
        replier,
        courier: hand_over.clone(),
        loops: loops.clone(),
        wake: Arc::clone(&wake),
    };
    let of_settings = store.settings_changes();
    let keywords = Keywords::new(store.clone());
    let numbers_of_notice = numbers.clone();
    let notice = Notice {
        store,
        clock,
        numbers: numbers_of_notice,
        courier: hand_over,
        announcer,
        access_log,
        keywords,
        lease,
    };

    let tasks = TaskTracker::new();
    tasks.spawn(numbers.follow(states, soft.clone()));
    tasks.spawn(notice.run(otp_events, events, soft.clone()));
    tasks.spawn(courier.run(handed_over, soft.clone()));
    tasks.spawn(writer.run(soft.clone()));
    tasks.spawn(listen(changes, of_settings, wake, wake_courier, soft.clone()));
    tasks.spawn(loops.begin());
    tasks.spawn(lanes.run(soft));
    tasks.close();
    tracing::info!("webhooks is ready");
    tokio::select! {
        () = tasks.wait() => tracing::info!("webhooks has stopped"),
        () = shutdown.hard.cancelled() => tracing::warn!("webhooks was told to stop at once"),
    }
    Ok(())
}
