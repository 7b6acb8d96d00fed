//! The service: its parts, started and stopped together.

use std::sync::Arc;
use std::time::Duration;

use bus::{Bucket, Bus, Change, ConsumeError, Durable, KvError, Watch};
use contracts::limits::{AccountCounter, Usage};
use contracts::modem::ModemState;
use contracts::mt::MtEvent;
use contracts::wishes::WishWords;
use contracts::{Filter, Priority, Timestamp};
use numbering::Plan;
use platform::config::Rate;
use platform::{Clock, Shutdown};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::admission::Rules;
use crate::cancelled::{Cancelled, CancelledError};
use crate::credit::Credit;
use crate::gates::Gates;
use crate::heard::Heard;
use crate::hold;
use crate::holds::Holds;
use crate::intake::Intake;
use crate::orders::Orders;
use crate::pools::Pools;
use crate::reassembly::Reassembly;
use crate::release::Release;
use crate::settings::Settings;
use crate::strangers::Strangers;
use crate::ways::Ways;

/// Things heard and not yet taken up by the release.
const HEARD: usize = 4_096;

/// How long a SIM that goes away keeps what waits for it, at least.
pub const GRACE: Duration = Duration::from_secs(10);
/// The shortest such time: modems are looked at each second.
const SHORTEST_GRACE: Duration = Duration::from_secs(1);
/// When the broker is asked again that did not say what was held.
const RECALL_AGAIN: Duration = Duration::from_secs(1);

/// What the router needs.
#[derive(Debug, Clone)]
pub struct Deps {
    /// The broker.
    pub bus: Bus,
    /// The time of day.
    pub clock: Clock,
    /// How numbers are read, and which are sent nothing.
    pub numbers: Plan,
    /// How many messages of an organisation a number is sent; none: as many as come.
    pub recipient: Option<Rate>,
    /// How long a SIM is away at least before what waits for it takes another way, [`GRACE`] in the program: a second at least. What is
    /// in the queue of its modem waits half as long again.
    pub grace: Duration,
}

/// Why the router could not start.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The settings or the modems' states cannot be read.
    #[error("the router cannot read from the broker's buckets: {0}")]
    Bucket(#[from] KvError),
    /// Requests or events cannot be read.
    #[error("the router cannot read its queues: {0}")]
    Consume(#[from] ConsumeError),
    /// The live events cannot be heard.
    #[error("the router cannot hear the events: {0}")]
    Subscribe(#[from] bus::SubscribeError),
    /// The list of cancelled messages cannot be read.
    #[error("the router cannot read what was cancelled: {0}")]
    Cancelled(#[from] CancelledError),
}

/// Runs the router until the soft shutdown; what is under way is finished before it returns.
///
/// # Errors
/// When it cannot start. Once it runs, it waits for a broker that is gone.
pub async fn run(
    config: &platform::config::Router,
    deps: Deps,
    shutdown: Shutdown,
) -> Result<(), RunError> {
    let Deps { bus, clock, numbers, recipient, grace } = deps;
    let numbers = Arc::new(numbers);
    let tables = Arc::clone(&numbers);
    // A request that comes earlier waits for it.
    tokio::task::spawn_blocking(move || tables.load());
    let soft = shutdown.soft.clone();
    let settings = Settings::default();
    let follow = settings.watch(&bus).await?;
    let strangers = Strangers::new(settings.clone());
    let orders = Orders::default();
    let mut follow_orders = orders.watch(&bus).await?;
    follow_orders.catch_up().await;
    let cancelled = Cancelled::default();
    let follow_cancelled = cancelled.follow(&bus).await?;
    let mut modems = bus.kv::<ModemState>(Bucket::Modems).await?.watch().await?;
    // Which way a message goes depends on who is online: that is known before the first is admitted.
    let (pools, ways) = (read_modems(&mut modems, &strangers, clock.now()).await, Ways::default());
    let is_in_pools = |sim| settings.is_in_pools(sim);
    ways.set_online(pools.sims_online(tokio::time::Instant::now().into_std(), is_in_pools));
    let live = LiveEvents {
        stored: bus.subscribe(&Filter::MtEvents).await?,
        otp: bus.subscribe(&Filter::OtpEvents).await?,
        passing: bus.subscribe(&Filter::MtLive).await?,
    };
    let holds = Holds::default();
    // From here on they are heard. No request is decided on before it is known which of them were held.
    while let Err(error) = holds.recall_requests(&bus).await {
        tracing::warn!("what was held before the router started is not known yet: {error}");
        if soft.run_until_cancelled(tokio::time::sleep(RECALL_AGAIN)).await.is_none() {
            return Ok(());
        }
    }
    let usage = bus.kv::<Usage>(Bucket::Usage).await?;
    let counts = usage.watch_filtered(AccountCounter::KEYS).await?;
    let gates = Gates::open(&bus, config.doubles, recipient).await?;
    let (release, heard) = mpsc::channel(HEARD);
    let reassembly = Reassembly {
        bus: bus.clone(),
        clock,
        settings: settings.clone(),
        gathered: Reassembly::open(&bus).await?,
        patience: config.parts_timeout.duration(),
        words: Arc::new(WishWords::new(&config.stop_words, &config.start_words)),
    };
    // Tasks of this service only, so that it returns when they have ended.
    let tasks = tokio_util::task::TaskTracker::new();
    let intake = Intake {
        bus: bus.clone(),
        credit: Credit::new(bus.clone(), settings.clone(), tasks.clone()),
        clock,
        rules: Rules { max_parts: config.max_parts, expire_after: config.expire_after.duration() },
        numbers,
        settings: settings.clone(),
        ways: ways.clone(),
        strangers: strangers.clone(),
        cancelled: cancelled.clone(),
        gates,
        holds: holds.clone(),
        orders: orders.clone(),
        release: release.clone(),
    };
    let parts = bus.consume(&Durable::RouterMoParts).await?;
    let deferred = bus.consume(&Durable::RouterDeferred).await?;
    let mut requests = Vec::new();
    for priority in Priority::ALL {
        requests.push((priority, bus.consume(&Intake::durable(priority)).await?));
    }

    let mut batches = Vec::new();
    for priority in Priority::ALL {
        batches.push((priority, bus.consume(&Durable::RouterBatches(priority)).await?));
    }

    tasks.spawn(follow.run(release.clone(), soft.clone()));
    tasks.spawn(follow_orders.run(release.clone(), soft.clone()));
    tasks.spawn(follow_cancelled.run(soft.clone()));
    tasks.spawn(reassembly.clone().run(parts, soft.clone()));
    tasks.spawn(reassembly.lose_patience(soft.clone()));
    tasks.spawn(hold::run(bus.clone(), deferred, soft.clone()));
    for (priority, requests) in requests {
        tasks.spawn(intake.clone().run(priority, requests, soft.clone()));
    }
    for (priority, batches) in batches {
        tasks.spawn(intake.clone().run_batches(priority, batches, soft.clone()));
    }
    tasks.spawn(hear_modems(modems, release.clone(), soft.clone()));
    tasks.spawn(hear_usage(counts, release.clone(), soft.clone()));
    tasks.spawn(hear_events(live, holds.clone(), release, soft.clone()));
    let (depth, there, over) = (config.depth, (pools, ways), (holds, cancelled));
    let releasing =
        Release::new(bus, clock, settings, strangers, there, depth, usage, over, orders);
    let releasing = releasing.with_grace(grace.max(SHORTEST_GRACE));
    tasks.spawn(async move { releasing.run(heard, &soft).await });
    tasks.close();
    tracing::info!("the router is ready");
    tokio::select! {
        () = tasks.wait() => tracing::info!("the router has stopped"),
        () = shutdown.hard.cancelled() => tracing::warn!("the router was told to leave at once"),
    }
    Ok(())
}

/// Reads which modems there are, to the end of what the bucket has.
async fn read_modems(
    modems: &mut Watch<ModemState>,
    strangers: &Strangers,
    now: Timestamp,
) -> Pools {
    let mut pools = Pools::default();
    loop {
        match modems.next().await {
            Change::Put { value, .. } => {
                strangers.modem(&value);
                pools.put(value, now, tokio::time::Instant::now().into_std());
            }
            Change::Deleted { key } => {
                if let Ok(modem) = key.parse() {
                    pools.remove(modem);
                }
            }
            Change::Complete => return pools,
        }
    }
}

async fn hear_modems(
    mut modems: Watch<ModemState>,
    release: mpsc::Sender<Heard>,
    soft: CancellationToken,
) {
    let hear = async {
        // What was there has been read.
        if release.send(Heard::Connected).await.is_err() {
            return;
        }
        loop {
            let heard = match modems.next().await {
                Change::Put { value, .. } => Heard::Modem(Box::new(value)),
                Change::Deleted { key } => match key.parse() {
                    Ok(modem) => Heard::ModemGone(modem),
                    Err(_) => continue,
                },
                // Told again after each loss of the connection.
                Change::Complete => Heard::Connected,
            };
            if release.send(heard).await.is_err() {
                break;
            }
        }
    };
    soft.run_until_cancelled(hear).await;
}

/// Follows what is counted of accounts with limits.
async fn hear_usage(
    mut counts: Watch<Usage>,
    release: mpsc::Sender<Heard>,
    soft: CancellationToken,
) {
    let hear = async {
        loop {
            let Change::Put { key, value, .. } = counts.next().await else { continue };
            let Some(counter) = AccountCounter::of_key(&key) else { continue };
            if release.send(Heard::Usage(counter, Box::new(value))).await.is_err() {
                break;
            }
        }
    };
    soft.run_until_cancelled(hear).await;
}

/// What happens to messages, as it is told. What is missed of it is put right when the streams are counted.
struct LiveEvents {
    stored: bus::Subscription<MtEvent>,
    /// Of one-time passwords, but for what has no lane of theirs.
    otp: bus::Subscription<MtEvent>,
    /// What no stream keeps.
    passing: bus::Subscription<MtEvent>,
}

async fn hear_events(
    mut live: LiveEvents,
    holds: Holds,
    release: mpsc::Sender<Heard>,
    soft: CancellationToken,
) {
    let hear = async {
        loop {
            let hint = tokio::select! {
                hint = live.otp.next() => hint,
                hint = live.stored.next() => hint,
                hint = live.passing.next() => hint,
            };
            let Some(hint) = hint else { break };
            holds.hear(&hint.value);
            if release.send(Heard::Event(hint.value)).await.is_err() {
                break;
            }
        }
    };
    soft.run_until_cancelled(hear).await;
}
