//! What a row costs, and how long retention holds the writer.

use std::time::{Duration, Instant};

use contracts::mt::{MtChange, MtEvent, MtRequest, SentPart, Through};
use contracts::subject::Target;
use contracts::{BatchId, MessageId, ModemId, PoolId, Priority, Timestamp};
use store::{Cutoffs, Store, StoredEvent, StoredEventBody, StoredRequest};
use tokio_util::sync::CancellationToken;

use crate::data::Data;

/// New messages.
const MESSAGES: usize = 20_000;

pub(crate) async fn measure(store: &Store, data: Data) {
    println!("\n| written | rows a transaction | rows/s | CPU µs a row |\n|---|---|---|---|");
    for at_once in [1, 20, 200, 1_000] {
        let count = MESSAGES.min(at_once * 200);
        let requests: Vec<_> = (0..count).map(|n| request(data, n)).collect();
        let stored: Vec<_> = requests.iter().map(stored).collect();
        let work = async {
            for some in stored.chunks(at_once) {
                store.project_requests(some).await.unwrap();
            }
        };
        print("requests", at_once, count, work).await;
        let mut events = Vec::with_capacity(3 * count);
        // The first, then the second, then the third change of as many messages as are under way together.
        for some in requests.chunks(at_once.max(50)) {
            for change in [released(), sending(), sent()] {
                events.extend(some.iter().map(|request| event(request, change.clone())));
            }
        }
        for (sequence, event) in (10_000_000..).zip(&mut events) {
            event.sequence = sequence;
        }
        let work = async {
            for some in events.chunks(at_once) {
                store.project_events(some).await.unwrap();
            }
        };
        print("events", at_once, events.len(), work).await;
    }
}

async fn print(what: &str, at_once: usize, rows: usize, work: impl Future<Output = ()>) {
    let (begun, cpu) = (Instant::now(), cpu());
    work.await;
    let (took, spent) = (begun.elapsed(), self::cpu().saturating_sub(cpu));
    let (rate, each) = (rows as f64 / took.as_secs_f64(), spent.as_secs_f64() * 1e6 / rows as f64);
    println!("| {what} | {at_once} | {rate:.0} | {each:.0} |");
}

/// What this process has used.
fn cpu() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let after_name = stat.rsplit_once(')').unwrap().1;
    let ticks = |nth| after_name.split_whitespace().nth(nth).unwrap().parse::<u64>().unwrap();
    Duration::from_millis((ticks(11) + ticks(12)) * 10)
}

/// Deletes a twentieth of everything, in the steps of persistence, while one message after the other is written.
pub(crate) async fn retention(store: &Store, data: Data) {
    let before = Data::at(data.messages / 20);
    let cutoffs = Cutoffs {
        messages: Some(before),
        timeline: Some(before),
        callbacks: Some(before),
        tallies: None,
    };
    let (mut steps, mut rows) = (Vec::new(), 0);
    let stop = CancellationToken::new();
    let writer = tokio::spawn({
        let (store, stop) = (store.clone(), stop.clone());
        async move {
            let mut waits = Vec::new();
            for nth in 0.. {
                let begun = Instant::now();
                store.project_requests(&[stored(&request(data, nth))]).await.unwrap();
                waits.push(begun.elapsed());
                if stop.is_cancelled() {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            waits
        }
    });
    loop {
        let begun = Instant::now();
        let removed = store.remove_old(&cutoffs, 200).await.unwrap().total();
        steps.push(begun.elapsed());
        rows += removed;
        if removed == 0 {
            break;
        }
        tokio::time::sleep(begun.elapsed()).await;
    }
    stop.cancel();
    let mut waits = writer.await.unwrap();
    steps.sort();
    waits.sort();
    let millis = |time: &Duration| time.as_secs_f64() * 1e3;
    println!(
        "\nRetention: {rows} rows and what belonged to them, in {} steps of {:.1} ms (the longest {:.1}). A message \
         written meanwhile took {:.1} ms (of a hundred, one took {:.1}, and the longest {:.1}).",
        steps.len(),
        millis(&steps[steps.len() / 2]),
        millis(&steps[steps.len() - 1]),
        millis(&waits[waits.len() / 2]),
        millis(&waits[waits.len() * 99 / 100]),
        millis(&waits[waits.len() - 1]),
    );
}

fn request(data: Data, nth: usize) -> MtRequest {
    let nth = u32::try_from(nth).unwrap();
    MtRequest {
        id: Some(MessageId::new()),
        owner: Data::account(u128::from(nth % 20)),
        created_at: Some(Data::at(data.messages + i64::from(nth))),
        batch: (nth % 2 == 0).then(|| BatchId::derived("new")),
        ..MtRequest::text(Data::number(nth), "Halo, pesanan Anda sedang diantar.")
    }
}

fn stored(request: &MtRequest) -> StoredRequest {
    StoredRequest::new(request.clone(), Priority::Bulk, Timestamp::from_micros(0), 1)
        .expiring_after(Duration::from_hours(72))
}

fn event(request: &MtRequest, change: MtChange) -> StoredEvent {
    let at = request.created_at.unwrap();
    let event = MtEvent::of(request.id.unwrap(), request, at, change);
    StoredEvent { sequence: 0, body: StoredEventBody::Mt(event) }
}

pub(crate) fn released() -> MtChange {
    MtChange::Released {
        parts: Some(1),
        target: Some(Target::Pool(PoolId::default_pool())),
        rule: None,
    }
}

fn through() -> Through {
    Through { modem: ModemId::derived("m"), sim: Data::sim(1) }
}

fn sending() -> MtChange {
    MtChange::Sending { through: through(), part: 1, parts: 1, tries: 1 }
}

pub(crate) fn sent() -> MtChange {
    let part = SentPart { part: 1, reference: 1, at: Timestamp::from_micros(0) };
    MtChange::Sent { through: through(), parts: vec![part] }
}
