//! What the broker stores for a message: each stored message is written to the disk, and is what sending is paid with.
//!
//! What is stored is counted by the last sequence of each stream, and told apart by its subject as it is published. Left
//! out are the buckets of live state (`modems`, `leases`), which are written whether anything is sent or not, the
//! probes that ask whether a stream still stores anything, events of modems, and the marker that the sweep leaves for each part a minute
//! later, where its entry of the journal was: the test is done before.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bus::{Bucket, Stream};
use futures_util::StreamExt as _;
use modem_sim::{Fault, FaultRule, Make};
use serde_json::{Value, json};
use testkit::wait_for_within;

use crate::gateway::{Gateway, PATIENCE};
use crate::rig::Rig;

/// How long nothing may be stored until everything was.
const QUIET: Duration = Duration::from_secs(1);

/// What is stored: the stream, for the streams of messages what it is published as, and how often.
type Budget = &'static [(&'static str, u64)];

/// A message of one part with a delivery report: eight.
const ONE: Budget = &[
    // The request, which router and persistence read.
    ("SMS_REQUEST mt.request", 1),
    // The message for the modems. It does not wait in SMS_WAIT, as nobody waits before it.
    ("SMS_DISPATCH mt.dispatch", 1),
    // The router: the message is admitted, and given to the modems.
    ("SMS_EVENT event.mt.released", 1),
    // The journal: what is written next to the modem, before it is; then what came of it.
    ("KV_attempts", 2),
    // The driver: when the modem had it, and that the network took it.
    ("SMS_EVENT event.mt.sent", 1),
    // What the report is matched by, which goes by its age.
    ("KV_reports", 1),
    // The report, and what it says of the message.
    ("SMS_EVENT event.mt.delivered", 1),
];

/// A message of three parts with a report each: for each part what the modem and the report need.
const THREE_PARTS: Budget = &[
    ("SMS_REQUEST mt.request", 1),
    ("SMS_DISPATCH mt.dispatch", 1),
    ("SMS_EVENT event.mt.released", 1),
    ("KV_attempts", 3 * 2),
    ("SMS_EVENT event.mt.sent", 1),
    ("KV_reports", 3),
    ("SMS_EVENT event.dlr", 3),
    // Persistence: what the reports of all parts come to.
    ("SMS_EVENT event.mt.delivered", 1),
];

/// A message that the network refuses for good: six.
const REFUSED: Budget = &[
    ("SMS_REQUEST mt.request", 1),
    ("SMS_DISPATCH mt.dispatch", 1),
    ("SMS_EVENT event.mt.released", 1),
    ("KV_attempts", 2),
    ("SMS_EVENT event.mt.failed", 1),
];

/// A message that goes out at the second try: beside what one message costs, the first try.
const SECOND_TRY: Budget = &[
    ("SMS_REQUEST mt.request", 1),
    ("SMS_DISPATCH mt.dispatch", 1),
    ("SMS_EVENT event.mt.released", 1),
    ("KV_attempts", 2 * 2),
    // Why the first try failed, and when the second is.
    ("SMS_EVENT event.mt.deferred", 1),
    ("SMS_EVENT event.mt.sent", 1),
    ("KV_reports", 1),
    ("SMS_EVENT event.mt.delivered", 1),
];

/// A batch of 50 recipients: one request, which waits as one item; then what each message costs from there.
const BATCH: Budget = &[
    ("SMS_REQUEST mt.batch", 1),
    ("SMS_WAIT mt.wait", 1),
    ("SMS_DISPATCH mt.dispatch", 50),
    ("SMS_EVENT event.mt.released", 50),
    ("KV_attempts", 50 * 2),
    ("SMS_EVENT event.mt.sent", 50),
    ("KV_reports", 50),
    ("SMS_EVENT event.mt.delivered", 50),
    // That it is over, before it leaves the queue. Where rules are set, its ways are noted there too, before anything waits.
    ("KV_handled", 1),
    // Persistence: that all of them are over.
    ("SMS_EVENT event.batch.finished", 1),
];

/// The streams that hold what is stored for messages.
fn streams() -> impl Iterator<Item = String> {
    let live = |bucket: &Bucket| matches!(bucket, Bucket::Modems | Bucket::Leases);
    let buckets = Bucket::ALL.into_iter().filter(move |bucket| !live(bucket));
    let buckets = buckets.map(|bucket| format!("KV_{}", bucket.as_str()));
    Stream::ALL.into_iter().map(|stream| stream.as_str().to_owned()).chain(buckets)
}

/// Returns the stream that stores what is published to a subject, and what that is; `None` for a key of a bucket, which is
/// not stored when another was there first, and for what no stream has.
fn place(subject: &str) -> Option<(String, String)> {
    let subject = subject.strip_prefix("sms.v1.")?;
    let mut tokens = subject.split('.');
    let (first, second) = (tokens.next()?, tokens.next()?);
    let stream = match (first, second) {
        ("probe", stream) => return Some((stream.to_owned(), "probe".to_owned())),
        ("event", _) => return Some((Stream::Event.as_str().to_owned(), subject.to_owned())),
        ("dead", _) => Stream::Dead,
        ("mt", "request" | "batch") => Stream::Request,
        ("mt", "wait") => Stream::Wait,
        ("mt", "dispatch") => Stream::Dispatch,
        _ => return None,
    };
    Some((stream.as_str().to_owned(), format!("{first}.{second}")))
}

/// Whether this has nothing to do with messages.
fn is_left_out(what: &str) -> bool {
    what == "probe" || what.starts_with("event.modem.")
}

/// What was published, by stream and what it is.
type Published = BTreeMap<(String, String), u64>;

/// Follows what a gateway's broker stores.
struct Ledger {
    jetstream: async_nats::jetstream::Context,
    published: Arc<Mutex<Published>>,
}

impl Ledger {
    async fn open(gateway: &Gateway) -> Self {
        let settings = std::fs::read(gateway.data().join("nats/settings.json")).unwrap();
        let settings: Value = serde_json::from_slice(&settings).unwrap();
        let text = |name: &str| settings[name].as_str().unwrap().to_owned();
        let client =
            async_nats::ConnectOptions::with_user_and_password(text("user"), text("password"))
                .connect(format!("nats://127.0.0.1:{}", settings["port"]))
                .await
                .unwrap();
        let published = Arc::<Mutex<Published>>::default();
        let mut messages = client.subscribe("sms.v1.>").await.unwrap();
        client.flush().await.unwrap();
        let counted = published.clone();
        tokio::spawn(async move {
            let mut ids = HashSet::new();
            while let Some(message) = messages.next().await {
                let id = message.headers.as_ref().and_then(|headers| headers.get("Nats-Msg-Id"));
                // What is told twice is stored once.
                let is_first = id.is_none_or(|id| ids.insert(id.to_string()));
                if let Some(place) = place(&message.subject).filter(|_| is_first) {
                    *counted.lock().unwrap().entry(place).or_default() += 1;
                }
            }
        });
        Self { jetstream: async_nats::jetstream::new(client), published }
    }

    /// Returns how many messages each stream has stored, ever.
    async fn stored(&self) -> BTreeMap<String, u64> {
        let mut stored = BTreeMap::new();
        for name in streams() {
            let stream = self.jetstream.get_stream(&name).await.unwrap();
            stored.insert(name, stream.cached_info().state.last_sequence);
        }
        stored
    }

    /// Waits until nothing is stored any more, and returns how many messages each stream has stored then.
    async fn at_rest(&self) -> BTreeMap<String, u64> {
        wait_for_within(PATIENCE, "nothing to be stored any more", || async {
            let before = self.stored().await;
            tokio::time::sleep(QUIET).await;
            (self.stored().await == before).then_some(before)
        })
        .await
    }

    /// Does `work`, and asserts that neither more nor less is stored for it than is in the budget.
    async fn assert_costs(&self, budget: Budget, work: impl Future<Output = ()>) {
        let before = self.at_rest().await;
        self.published.lock().unwrap().clear();
        work.await;
        let after = self.at_rest().await;
        let published = std::mem::take(&mut *self.published.lock().unwrap());
        let mut spent = BTreeMap::new();
        for (stream, after) in after {
            let of_it = published.iter().filter(|((of, _), _)| *of == stream);
            let stored = after - before[&stream];
            let counted: u64 = of_it.clone().map(|(_, count)| count).sum();
            if stream.starts_with("KV_") {
                spent.insert(stream, stored - counted);
                continue;
            }
            assert_eq!(stored, counted, "{stream} stores what is published: {published:?}");
            for ((_, what), count) in of_it.filter(|((_, what), _)| !is_left_out(what)) {
                spent.insert(format!("{stream} {what}"), *count);
            }
        }
        spent.retain(|_, count| *count > 0);
        let budget = budget.iter().map(|(what, count)| ((*what).to_owned(), *count)).collect();
        assert_eq!(spent, budget);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_stored_for_a_message() {
    let rig = Rig::start_with(&[Make::Wavecom], &[("MERPATI__MODEMS__RETRY", "1ms")]).await;
    let gateway = &rig.gateway;
    let ledger = Ledger::open(gateway).await;
    let one = |text: String| async move {
        let id = gateway.send("+6281234567890", &text).await;
        gateway.until(&id, &["delivered"]).await;
    };

    // Before the router knows how much room the modems have, a message waits.
    one("pemanasan".to_owned()).await;
    ledger.assert_costs(ONE, one("halo".to_owned())).await;
    ledger.assert_costs(THREE_PARTS, one("Bhinneka Tunggal Ika. ".repeat(16))).await;

    let refused = async {
        rig.modem(1).fault(FaultRule::times(Fault::Cms(28), 1));
        let id = gateway.send("+6281000000000", "siapa?").await;
        gateway.until(&id, &["failed"]).await;
    };
    ledger.assert_costs(REFUSED, refused).await;

    let deferred = async {
        rig.modem(1).fault(FaultRule::times(Fault::Cms(42), 1));
        one("ramai".to_owned()).await;
    };
    ledger.assert_costs(SECOND_TRY, deferred).await;

    let batch = async {
        let to: Vec<String> = (0..50).map(|n| format!("+62899{n:07}")).collect();
        let (status, answer) =
            gateway.post("/batches", &json!({ "to": to, "text": "undangan" })).await;
        assert_eq!(status, 202, "{answer}");
        let path = format!("/batches/{}", answer["id"].as_str().unwrap());
        wait_for_within(PATIENCE, "the batch to be delivered", || async {
            (gateway.get(&path).await.1["states"]["delivered"] == 50).then_some(())
        })
        .await;
    };
    ledger.assert_costs(BATCH, batch).await;
}
