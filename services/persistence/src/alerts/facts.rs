//! What is seen of the gateway at a look, in words. What cannot be looked at is left out, and said to the log.

mod sims;
mod stuck;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use bus::{Bucket, Bus, ItemError, KvError, Stream};
use contracts::alert::AlertKind;
use contracts::modem::{ModemState, ModemStatus, STATE_IS_STALE_AFTER};
use contracts::{ModemId, OrgId, Timestamp};
use platform::Disk;
use platform::config::{Alerts, Size};
use store::{LastEnds, OldestWaiting, StoreError};

use super::Watcher;
use super::rules::{Key, Said, Seen};

/// In how long messages came to an end that are looked at.
const ENDS_OF: Duration = Duration::from_hours(1);
/// How many of them.
const ENDS: u32 = 50;
/// With fewer of them, nothing is said of how they fared.
const FEWEST_ENDS: u32 = 10;
/// The streams that refuse what is more than they may have. The others drop what is oldest.
const REFUSING: [Stream; 3] = [Stream::Request, Stream::Wait, Stream::Dispatch];
/// The most characters of what others say.
const LONGEST: usize = 200;

/// A modem as it is now.
#[derive(Debug, Clone)]
pub(super) struct Modem {
    pub(super) state: ModemState,
    /// Nobody writes the state any more.
    pub(super) is_stale: bool,
}

impl Modem {
    /// Whether messages may be sent through it.
    pub(super) const fn is_online(&self) -> bool {
        self.state.status.is_online() && !self.is_stale
    }
}

/// What was seen so far.
#[derive(Debug, Default)]
pub(super) struct Facts {
    modems: Vec<Modem>,
    /// Of each modem when its driver says it wrote the state, and since when that is the same: so the clocks of two hosts are never
    /// compared.
    heard: BTreeMap<ModemId, (Timestamp, Duration)>,
    /// The last dead letter: its place, and when it was stored.
    letter: Option<(u64, Timestamp)>,
}

impl Facts {
    /// The modems of the last look.
    pub(super) fn modems(&self) -> &[Modem] {
        &self.modems
    }

    /// Looks at everything. Without the database nothing could be told, so its errors are the look's.
    pub(super) async fn look(
        &mut self,
        watcher: &Watcher,
        now: Duration,
    ) -> Result<Seen, StoreError> {
        let Watcher { bus, store, clock, disk, config } = watcher;
        let mut seen = Seen::default();
        if bus.is_connected() {
            match self.hear(bus, now).await {
                Ok(()) => {
                    modems(&self.modems, config, &mut seen);
                    sims::limits(&self.modems, config, &mut seen);
                }
                Err(error) => tracing::debug!("the modems cannot be looked at: {error}"),
            }
            if let Err(error) = self.broker(bus, config, clock.now(), &mut seen).await {
                tracing::debug!("the broker cannot be looked at: {error}");
            }
        }
        let (org, at) = (OrgId::default_org(), clock.now());
        queue(store.oldest_waiting(org).await?, &self.modems, config, at, &mut seen);
        stuck::messages(store.stuck(org, at).await?, config, at, &mut seen);
        stuck::loops(store.stopped_loops(org, at).await?, config, &mut seen);
        let ends = store.last_ends(org, at.minus(ENDS_OF), ENDS).await?;
        failures(ends, config, &mut seen);
        if let Some(disk) = disk {
            free(disk, config, &mut seen);
        }
        Ok(seen)
    }

    /// Reads the states of all modems.
    async fn hear(&mut self, bus: &Bus, now: Duration) -> Result<(), KvError> {
        let entries = bus.kv::<ModemState>(Bucket::Modems).await?.entries().await?;
        let states = entries.into_iter().map(|(_, entry)| entry.value);
        self.modems = states.map(|state| self.aged(state, now)).collect();
        let known: BTreeSet<ModemId> = self.modems.iter().map(|modem| modem.state.id).collect();
        self.heard.retain(|modem, _| known.contains(modem));
        Ok(())
    }

    fn aged(&mut self, state: ModemState, now: Duration) -> Modem {
        let (seen_at, since) = self.heard.entry(state.id).or_insert((state.seen_at, now));
        if *seen_at != state.seen_at {
            (*seen_at, *since) = (state.seen_at, now);
        }
        let is_stale = now.saturating_sub(*since) >= STATE_IS_STALE_AFTER;
        Modem { state, is_stale }
    }

    async fn broker(
        &mut self,
        bus: &Bus,
        config: &Alerts,
        now: Timestamp,
        seen: &mut Seen,
    ) -> Result<(), ItemError> {
        for stream in REFUSING {
            let extent = bus.extent(stream).await?;
            let Some(most) = extent.most_bytes.filter(|_| config.broker_percent > 0) else {
                continue;
            };
            let percent = extent.bytes.saturating_mul(100) / most;
            if percent >= u64::from(config.broker_percent) {
                let said = Said {
                    name: stream.to_string(),
                    text: format!("The stream {stream} of the broker is {percent} % full."),
                    advice: "Let the backlog be sent, or raise nats.max_bytes: when the stream is full, new messages are refused."
                        .to_owned(),
                };
                seen.bad.insert(Key::new(AlertKind::BrokerFull, stream.as_str()), said);
            }
        }
        seen.kinds.insert(AlertKind::BrokerFull);
        let last = bus.extent(Stream::Dead).await?.last;
        if last > self.letter.map_or(0, |(place, _)| place)
            && let Some(letter) = bus.item(Stream::Dead, last).await?
            // The broker is asked whether it stores there, too.
            && !letter.subject.starts_with("sms.v1.probe.")
        {
            self.letter = Some((last, letter.stored_at));
        }
        seen.kinds.insert(AlertKind::DeadLetters);
        let since = config.dead_letters.duration();
        if let Some((_, at)) = self.letter.filter(|(_, at)| now.since(*at) < since) {
            let said = Said {
                name: Stream::Dead.to_string(),
                text: format!("Something could not be read and was given up at {at}."),
                advice: "See what it is and why: merpati dead.".to_owned(),
            };
            seen.bad.insert(Key::new(AlertKind::DeadLetters, Stream::Dead.as_str()), said);
        }
        Ok(())
    }
}

/// What is wrong with modems and their SIMs.
fn modems(all: &[Modem], config: &Alerts, seen: &mut Seen) {
    use AlertKind::{BalanceLow, ModemOffline, ModemSick};
    seen.kinds.extend([ModemOffline, ModemSick, BalanceLow]);
    for modem in all {
        let state = &modem.state;
        let name = clipped(&state.name);
        if config.balance
            && let Some(balance) = &state.balance
        {
            let key = Key::new(BalanceLow, balance.sim.to_string());
            if balance.low {
                let text =
                    format!("The balance of the SIM in {name} is low: {}.", clipped(&balance.text));
                let advice = "Top it up; messages fail when it is used up.".to_owned();
                seen.bad.insert(key, Said { name: name.clone(), text, advice });
            } else if balance.amount.is_none() {
                seen.unclear.insert(key);
            }
        }
        if config.modem_after.duration().is_zero() || state.status == ModemStatus::Disabled {
            continue;
        }
        let offline = Key::new(ModemOffline, state.id.to_string());
        let sick = Key::new(ModemSick, state.id.to_string());
        let advice = |usual: &str| {
            let problem = state.problem.as_ref().filter(|problem| !problem.advice.is_empty());
            problem.map_or_else(|| usual.to_owned(), |problem| clipped(&problem.advice))
        };
        if modem.is_stale {
            let host = clipped(&state.host);
            let text = format!("Modem {name} is offline: its driver on {host} is not heard.");
            let advice = format!(
                "See whether merpati runs on {host} and reaches the broker: merpati doctor. One that is gone for good: merpati modems forget {name}."
            );
            seen.bad.insert(offline, Said { name, text, advice });
            seen.unclear.insert(sick);
            continue;
        }
        match state.status {
            ModemStatus::Offline => {
                let text = format!("Modem {name} is offline. {}", clipped(&state.text));
                let advice = advice(
                    "See whether it is plugged in and has power. One that is gone for good: merpati modems forget.",
                );
                seen.bad.insert(offline, Said { name, text, advice });
                seen.unclear.insert(sick);
            }
            ModemStatus::Searching | ModemStatus::Blocked | ModemStatus::Degraded => {
                let text = format!("Modem {name} does not send. {}", clipped(&state.text));
                let advice = advice("See the page of the modems, or merpati modems.");
                seen.bad.insert(sick, Said { name, text, advice });
            }
            ModemStatus::Starting | ModemStatus::Unknown => seen.unclear.extend([offline, sick]),
            ModemStatus::Ready | ModemStatus::Sending | ModemStatus::Disabled => {}
        }
    }
}

/// Messages that wait for too long.
fn queue(
    oldest: OldestWaiting,
    modems: &[Modem],
    config: &Alerts,
    now: Timestamp,
    seen: &mut Seen,
) {
    seen.kinds.insert(AlertKind::QueueOld);
    let mut online = modems.iter().filter(|modem| modem.is_online()).peekable();
    // Where every SIM rests by its own limits, what waits for them waits as it should.
    let all_rest = online.peek().is_some() && online.all(|modem| modem.state.closed.is_some());
    if all_rest {
        let keys = ["messages", "bulk"].map(|subject| Key::new(AlertKind::QueueOld, subject));
        seen.unclear.extend(keys);
        return;
    }
    for (subject, since, limit) in [
        ("messages", oldest.usual, config.queue_older_than.duration()),
        ("bulk", oldest.bulk, config.bulk_older_than.duration()),
    ] {
        let Some(since) = since.filter(|since| !limit.is_zero() && now.since(*since) >= limit)
        else {
            continue;
        };
        let what = if subject == "bulk" { "A bulk message" } else { "A message" };
        let said = Said {
            name: subject.to_owned(),
            text: format!("{what} waits since {since}."),
            advice: "See why it waits: the page Status, or merpati messages --state accepted,admitted,released,deferred."
                .to_owned(),
        };
        seen.bad.insert(Key::new(AlertKind::QueueOld, subject), said);
    }
}

/// Messages that were not sent.
fn failures(ends: LastEnds, config: &Alerts, seen: &mut Seen) {
    seen.kinds.insert(AlertKind::FailureRate);
    let LastEnds { ended, failed } = ends;
    let limit = u32::from(config.failure_percent);
    if limit == 0 || ended < FEWEST_ENDS || failed.saturating_mul(100) < limit.saturating_mul(ended)
    {
        return;
    }
    let said = Said {
        name: "messages".to_owned(),
        text: format!("{failed} of the last {ended} messages were not sent or did not arrive."),
        advice: "See what the network says of them: merpati messages --state failed,undelivered,expired."
            .to_owned(),
    };
    seen.bad.insert(Key::new(AlertKind::FailureRate, "messages"), said);
}

/// The disk that is nearly full.
fn free(disk: &Disk, config: &Alerts, seen: &mut Seen) {
    seen.kinds.insert(AlertKind::DiskLow);
    let space = disk.space();
    if space.free >= config.disk_free.0.min(space.total / 10) {
        return;
    }
    let said = Said {
        name: "disk".to_owned(),
        text: format!("{} are free on the disk of the data folder.", Size(space.free)),
        advice: format!(
            "Make room there: when less than {} are free, new messages are refused (disk.reserve).",
            Size(disk.reserve())
        ),
    };
    seen.bad.insert(Key::new(AlertKind::DiskLow, "disk"), said);
}

/// A text of others, in one line and of a length that is read.
fn clipped(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(LONGEST).collect()
}

#[cfg(test)]
pub(super) mod tests;
