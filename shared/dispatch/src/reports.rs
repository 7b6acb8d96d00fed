//! Which part of which message a delivery report is about.
//!
//! TP-MR has 8 bits and comes round after 256 parts of a SIM; reports come seconds to days later, in any
//! order, or never. So a report is matched by SIM, TP-MR and the last 8 digits of the recipient (the
//! network may write national for international), and of several that fit, by the time the service
//! centre took the message (TP-SCTS). Parts whose TP-MR is not known (the modem died before it said it,
//! or it gives every message the same) are matched by recipient and time.
//!
//! Kept in the bucket `reports`, key `<sim>.<TP-MR or u>.<digits>`; the value holds the latest few, newest
//! first, for a number may get more than 256 messages. An entry is written once and goes by its age, for removing it
//! would store a marker. Which parts had their last report is remembered here instead. A run that began since then, or
//! has forgotten it, does not know: to that run an entry is [doubtful](Found::doubtful) unless the time fits closely.

mod awaited;

use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::Duration;

use bus::{Backoff, Kv, KvError};
use contracts::{PhoneNumber, SimId, Timestamp};
use platform::Clock;
use tokio::sync::watch;

pub(crate) use crate::reports::awaited::Awaited;

/// How far the service centre's clock may be from this host's.
pub(crate) const SKEW: Duration = Duration::from_hours(26);
/// How far the clocks may be apart where only recipient and time tell the part.
pub(crate) const CLOSE: Duration = Duration::from_mins(15);
/// How many parts a key holds.
const MOST: usize = 8;
/// How many parts are remembered beside the bucket.
const RECENT: usize = 64;
/// Of how many parts it is remembered that their last report came.
const SETTLED: usize = 256;

/// Returns what tells reports apart: the recipient as far as every network writes the number alike.
pub(crate) fn tail(number: &PhoneNumber) -> String {
    tail_of_digits(number.digits())
}

/// Returns the same as [`tail`], of the digits that a report names. `*` and `#` cannot stand in a key.
pub(crate) fn tail_of_digits(digits: &str) -> String {
    let kept: Vec<char> = digits.chars().filter(|c| *c != '+').collect();
    let last = &kept[kept.len().saturating_sub(8)..];
    last.iter()
        .map(|c| match c {
            '*' => 's',
            '#' => 'h',
            c if c.is_ascii_alphanumeric() => *c,
            _ => '_',
        })
        .collect()
}

/// The part that a report is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    /// The part.
    pub(crate) awaited: Awaited,
    /// Whether the last report about the part may have come long ago, and this one be about a part that has the same
    /// TP-MR again.
    pub(crate) doubtful: bool,
}

/// Returns the best of those that fit a report whose TP-SCTS is `taken_at`, and whether that one is doubtful: the
/// nearest in time, and of several the newest. Parts not sent after `known_since` come last, unless the time fits closely.
fn choose(
    awaited: &[Awaited],
    taken_at: Option<Timestamp>,
    now: Timestamp,
    window: Duration,
    known_since: Timestamp,
) -> Option<(Awaited, bool)> {
    let distance = |one: &Awaited| match taken_at {
        Some(taken) => taken.since(one.sent_at).max(one.sent_at.since(taken)),
        None => Duration::ZERO,
    };
    let is_doubtful = |one: &Awaited| one.sent_at <= known_since && distance(one) > CLOSE;
    awaited
        .iter()
        .filter(|one| now <= one.until && distance(one) <= window)
        .min_by_key(|one| (is_doubtful(one), distance(one), std::cmp::Reverse(one.sent_at)))
        .map(|one| (one.clone(), is_doubtful(one)))
}

/// The parts of one modem's SIM that wait for reports.
#[derive(Debug)]
pub(crate) struct Reports {
    bucket: Kv<Vec<Awaited>>,
    clock: Clock,
    recent: Mutex<Recent>,
    changed: watch::Sender<u64>,
}

#[derive(Debug)]
struct Recent {
    /// The part whose answer is still due, and since when.
    in_flight: Option<(SimId, String, Timestamp)>,
    /// The parts that were answered lately: their entries may be on the way to the bucket.
    answered: VecDeque<(String, Awaited)>,
    /// The parts whose last report came lately, newest first: their entries are still in the bucket.
    settled: VecDeque<Awaited>,
    /// Of parts not sent after this, the last report may have come without being remembered.
    known_since: Timestamp,
    /// The last TP-MR and how often it came in a row.
    repeated: (Option<u8>, u32),
}

impl Reports {
    pub(crate) fn new(bucket: Kv<Vec<Awaited>>, clock: Clock) -> Self {
        let recent = Mutex::new(Recent::since(clock.now()));
        Self { bucket, clock, recent, changed: watch::Sender::new(0) }
    }

    /// Notes that a part for this recipient is about to be written.
    pub(crate) fn writing(&self, sim: SimId, tail: &str) {
        let now = self.clock.now();
        self.with(|recent| recent.in_flight = Some((sim, tail.to_owned(), now)));
    }

    /// Notes that the answer to the part being written came, or will not come. Returns the key under which `awaited` is
    /// to be kept;
    /// `None` when there is nothing to keep, as no report was asked for.
    pub(crate) fn answered(
        &self,
        sim: SimId,
        tail: &str,
        reference: Option<u8>,
        awaited: Option<&Awaited>,
    ) -> Option<String> {
        let key = self.with(|recent| {
            recent.in_flight = None;
            let awaited = awaited?;
            let reference = reference.filter(|reference| recent.is_telling(*reference));
            let key = key(sim, reference, tail);
            recent.answered.push_front((key.clone(), awaited.clone()));
            recent.answered.truncate(RECENT);
            Some(key)
        });
        self.changed.send_modify(|count| *count = count.wrapping_add(1));
        key
    }

    /// Notes that whoever wrote a part is gone, so that no answer is due, and that reports may have gone elsewhere until
    /// now.
    pub(crate) fn abandoned(&self) {
        let now = self.clock.now();
        self.with(|recent| {
            recent.in_flight = None;
            recent.known_since = now;
        });
        self.changed.send_modify(|count| *count = count.wrapping_add(1));
    }

    /// Returns whether an answer is due that may tell which part a report is about that came for this recipient at
    /// `received_at`.
    pub(crate) fn may_be_in_flight(&self, sim: SimId, tail: &str, received_at: Timestamp) -> bool {
        self.with(|recent| {
            let in_flight = recent.in_flight.as_ref();
            in_flight
                .is_some_and(|(of, to, since)| *of == sim && to == tail && *since <= received_at)
        })
    }

    /// Returns a number that changes whenever an answer came.
    pub(crate) fn answers(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// Keeps what [`Reports::answered`] gave a key for.
    pub(crate) async fn keep(&self, key: &str, awaited: &Awaited) -> Result<(), KvError> {
        loop {
            let done = match self.bucket.create(key, &vec![awaited.clone()]).await {
                Err(error) if error.is_conflict() => match self.bucket.get(key).await? {
                    Some(bus::Entry { value: before, revision }) => {
                        let mut list = self.unsettled(before.clone());
                        list.retain(|one| !awaited.is_about_same(one));
                        list.insert(0, awaited.clone());
                        list.truncate(MOST);
                        if list == before {
                            return Ok(());
                        }
                        self.bucket.update(key, &list, revision).await
                    }
                    // The entry went by its age in this moment.
                    None => continue,
                },
                other => other,
            };
            match done {
                Err(error) if error.is_conflict() => {}
                other => return other.map(|_| ()),
            }
        }
    }

    /// Keeps what a report is matched by, until the broker has it; without it the report is told unmatched.
    pub(crate) async fn keep_until_kept(&self, key: &str, awaited: &Awaited) {
        let mut pauses = Backoff::of_millis(50, 2_000);
        loop {
            match self.keep(key, awaited).await {
                Ok(()) => return,
                // What stands there is of another release: it stays.
                Err(error @ KvError::Decode { .. }) => {
                    tracing::warn!(message.id = %awaited.message, "a delivery report of this message may stay unmatched: {error}");
                    return;
                }
                Err(error) => {
                    tracing::debug!(key, "waiting for a report is not noted yet: {error}");
                }
            }
            pauses.wait().await;
        }
    }

    /// Returns the part that a report is about.
    pub(crate) async fn find(
        &self,
        sim: SimId,
        reference: u8,
        tail: &str,
        taken_at: Option<Timestamp>,
    ) -> Result<Option<Found>, KvError> {
        let now = self.clock.now();
        let mut doubtful = None;
        for (key, window) in
            [(key(sim, Some(reference), tail), SKEW), (key(sim, None, tail), CLOSE)]
        {
            let (recent, known_since) =
                self.with(|recent| (recent.under(&key), recent.known_since));
            let mut chosen = choose(&recent, taken_at, now, window, known_since);
            if chosen.as_ref().is_none_or(|(_, doubtful)| *doubtful) {
                let kept = self.bucket.get(&key).await?.map(|entry| entry.value);
                let kept = self.unsettled(kept.unwrap_or_default());
                chosen = choose(&kept, taken_at, now, window, known_since).or(chosen);
            }
            match chosen.map(|(awaited, doubtful)| Found { awaited, doubtful }) {
                Some(found) if !found.doubtful => return Ok(Some(found)),
                found => doubtful = doubtful.or(found),
            }
        }
        Ok(doubtful)
    }

    /// Notes that the last report about a part came. Its entry stays in the bucket, and goes by its age.
    pub(crate) fn settle(&self, awaited: &Awaited) {
        self.forget(awaited);
        self.with(|recent| recent.settle(awaited.clone()));
    }

    /// Returns those of `list` whose last report did not come, as far as that is remembered.
    fn unsettled(&self, mut list: Vec<Awaited>) -> Vec<Awaited> {
        self.with(|recent| list.retain(|one| !recent.is_settled(one)));
        list
    }

    /// Forgets a part as far as the bucket does not have it.
    pub(crate) fn forget(&self, awaited: &Awaited) {
        self.with(|recent| recent.answered.retain(|(_, one)| !awaited.is_about_same(one)));
    }

    fn with<T>(&self, use_it: impl FnOnce(&mut Recent) -> T) -> T {
        let mut recent = self.recent.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        use_it(&mut recent)
    }
}

impl Recent {
    fn since(known_since: Timestamp) -> Self {
        Self {
            in_flight: None,
            answered: VecDeque::new(),
            settled: VecDeque::new(),
            known_since,
            repeated: (None, 0),
        }
    }

    /// Returns whether the last report about a part came, and the message was not sent again since.
    fn is_settled(&self, one: &Awaited) -> bool {
        let mut settled = self.settled.iter();
        settled.any(|settled| settled.is_about_same(one) && one.sent_at <= settled.sent_at)
    }

    fn settle(&mut self, awaited: Awaited) {
        self.settled.push_front(awaited);
        if self.settled.len() > SETTLED
            && let Some(forgotten) = self.settled.pop_back()
        {
            self.known_since = self.known_since.max(forgotten.sent_at);
        }
    }

    /// Returns whether a TP-MR tells messages apart. Some modems give every message the same one.
    fn is_telling(&mut self, reference: u8) -> bool {
        let (last, times) = self.repeated;
        self.repeated = (Some(reference), if last == Some(reference) { times + 1 } else { 0 });
        self.repeated.1 == 0
    }

    fn under(&self, key: &str) -> Vec<Awaited> {
        self.answered.iter().filter(|(of, _)| of == key).map(|(_, one)| one.clone()).collect()
    }
}

/// Returns the key of what waits for reports of this SIM, TP-MR and recipient.
pub(crate) fn key(sim: SimId, reference: Option<u8>, tail: &str) -> String {
    match reference {
        Some(reference) => format!("{sim}.{reference}.{tail}"),
        None => format!("{sim}.u.{tail}"),
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a test has its time from the system")]
mod tests {
    use super::*;
    use bus::{Bucket, Bus, NatsConfig};
    use contracts::{MessageId, OrgId, UserId};
    use tokio_util::sync::CancellationToken;

    fn awaited(sent_at: Timestamp) -> Awaited {
        Awaited {
            message: MessageId::new(),
            part: 1,
            parts: 1,
            org: OrgId::default_org(),
            owner: UserId::internal(),
            sent_at,
            until: Awaited::end(sent_at, None),
            round: 0,
            uncertain: false,
        }
    }

    async fn broker() -> (testkit::NatsServer, Bus) {
        let server = testkit::NatsServer::start().await;
        let config = NatsConfig::new(server.url(), server.user(), server.password());
        let bus = Bus::connect(&config, "test", &CancellationToken::new()).await.unwrap();
        (server, bus)
    }

    async fn open(bus: &Bus) -> Reports {
        Reports::new(bus.kv(Bucket::Reports).await.unwrap(), Clock::system())
    }

    #[test]
    fn the_nearest_in_time_is_chosen() {
        let now = Timestamp::now();
        let minutes = |n: u64| Duration::from_secs(60 * n);
        let old = awaited(now.minus(minutes(300)));
        let new = awaited(now.minus(minutes(1)));
        let both = [new.clone(), old.clone()];
        let choose = |awaited: &[Awaited], taken, now, window| {
            let known_since = old.sent_at.minus(minutes(1));
            super::choose(awaited, taken, now, window, known_since).map(|(one, _)| one)
        };
        let taken = Some(now.minus(minutes(301)));
        assert_eq!(choose(&both, taken, now, SKEW), Some(old.clone()));
        assert_eq!(choose(&both, Some(now), now, SKEW), Some(new.clone()));
        // An unreadable time: the newest.
        assert_eq!(choose(&both, None, now, SKEW), Some(new));
        assert_eq!(choose(std::slice::from_ref(&old), Some(now), now, CLOSE), None);
        // No report comes after its time.
        assert_eq!(
            choose(std::slice::from_ref(&old), None, old.until.plus(minutes(1)), SKEW),
            None
        );
    }

    #[test]
    fn numbers_are_compared_by_their_end() {
        assert_eq!(tail(&"+628159919457".parse().unwrap()), "59919457");
        assert_eq!(tail_of_digits("08159919457"), "59919457");
        assert_eq!(tail(&"*123#".parse().unwrap()), "s123h");
    }

    #[tokio::test]
    async fn parts_are_kept_found_and_settled() {
        let (_server, bus) = broker().await;
        let reports = open(&bus).await;
        let (sim, now) = (SimId::derived("s"), Timestamp::now());
        let (first, second) = (awaited(now.minus(Duration::from_hours(2))), awaited(now));

        reports.writing(sim, "59919457");
        assert!(reports.may_be_in_flight(sim, "59919457", Timestamp::now()));
        // What came before it was written is not about it.
        assert!(!reports.may_be_in_flight(sim, "59919457", now));
        let key = reports.answered(sim, "59919457", Some(7), Some(&first)).unwrap();
        assert!(!reports.may_be_in_flight(sim, "59919457", Timestamp::now()));
        // Found before it is in the bucket.
        let found = reports.find(sim, 7, "59919457", Some(first.sent_at)).await.unwrap();
        assert_eq!(found.map(|found| found.awaited), Some(first.clone()));
        reports.keep(&key, &first).await.unwrap();
        reports.keep(&key, &second).await.unwrap();

        // As another driver, or after a restart.
        let reports = open(&bus).await;
        let found = reports.find(sim, 7, "59919457", Some(now)).await.unwrap().unwrap();
        assert_eq!((found.awaited, found.doubtful), (second.clone(), false));
        reports.settle(&second);
        let found = reports.find(sim, 7, "59919457", Some(now)).await.unwrap().unwrap();
        assert_eq!((found.awaited, found.doubtful), (first.clone(), true));
        reports.settle(&first);
        assert_eq!(reports.find(sim, 7, "59919457", None).await.unwrap(), None);
        assert_eq!(reports.find(sim, 8, "59919457", None).await.unwrap(), None);
    }

    /// TP-MR comes round while the entries of its last round are still there.
    #[tokio::test]
    async fn a_part_with_the_same_reference_is_not_taken_for_the_one_before() {
        let (_server, bus) = broker().await;
        let stored = async || {
            let info = bus.client().request("$JS.API.STREAM.INFO.KV_reports", "".into()).await;
            let info: serde_json::Value = serde_json::from_slice(&info.unwrap().payload).unwrap();
            info["state"]["last_seq"].as_u64().unwrap()
        };
        let (sim, hours) = (SimId::derived("s"), Duration::from_hours);
        let key = key(sim, Some(7), "1");
        let found = async |reports: &Reports, taken: Timestamp| {
            reports.find(sim, 7, "1", Some(taken)).await.unwrap()
        };
        let reports = open(&bus).await;
        let old = awaited(Timestamp::now().minus(hours(3)));
        reports.keep(&key, &old).await.unwrap();
        reports.settle(&old);
        assert_eq!(stored().await, 1, "nothing is stored for the report");
        // Nothing waits under this key any more, as long as that is remembered.
        assert_eq!(found(&reports, old.sent_at).await, None);

        // The next run does not know that.
        let next = open(&bus).await;
        let new = awaited(Timestamp::now().plus(Duration::from_secs(1)));
        let early = new.sent_at.minus(hours(3));
        // Before the new part is answered, the old one is found alone: in doubt where the time does not fit closely.
        assert!(!found(&next, old.sent_at).await.unwrap().doubtful);
        assert!(found(&next, new.sent_at).await.unwrap().doubtful);
        next.keep(&key, &new).await.unwrap();
        assert_eq!(found(&next, new.sent_at).await.unwrap().awaited, new);

        // The run that knows keeps nothing of the old part beside the new one: then a service centre whose clock is
        // as far behind as the old part is old misleads no later run either.
        reports.keep(&key, &new).await.unwrap();
        let clean = open(&bus).await;
        assert_eq!(found(&reports, early).await.unwrap().awaited, new);
        assert_eq!(found(&clean, early).await.unwrap().awaited, new);

        // Sent again, the same part waits again.
        reports.settle(&new);
        assert_eq!(found(&reports, new.sent_at).await, None);
        let again = Awaited { sent_at: new.sent_at.plus(Duration::from_secs(60)), ..new };
        reports.keep(&key, &again).await.unwrap();
        assert_eq!(found(&reports, again.sent_at).await.unwrap().awaited, again);
    }

    /// What was forgotten is in doubt, so that it gives way to what is known.
    #[test]
    fn what_is_known_goes_before_what_was_forgotten() {
        let now = Timestamp::now();
        let old = awaited(now.minus(Duration::from_hours(3)));
        let new = awaited(now);
        let mut recent = Recent::since(now.minus(Duration::from_hours(9)));
        let taken = Some(old.sent_at.plus(CLOSE * 2));
        let both = [new.clone(), old.clone()];
        let best = |recent: &Recent| choose(&both, taken, now, SKEW, recent.known_since);
        assert_eq!(best(&recent), Some((old.clone(), false)));
        recent.settle(old.clone());
        for _ in 0..SETTLED {
            recent.settle(awaited(now));
        }
        assert!(!recent.is_settled(&old));
        assert_eq!(best(&recent), Some((new, false)));
    }

    #[tokio::test]
    async fn a_modem_that_repeats_its_reference_is_not_believed() {
        let (_server, bus) = broker().await;
        let reports = open(&bus).await;
        let (sim, part) = (SimId::derived("s"), awaited(Timestamp::now()));
        let key = |reference| reports.answered(sim, "1", reference, Some(&part)).unwrap();
        assert!(key(Some(0)).ends_with(".0.1"));
        assert!(key(Some(0)).ends_with(".u.1"));
        assert!(key(Some(1)).ends_with(".1.1"));
        assert!(key(None).ends_with(".u.1"));
    }
}
