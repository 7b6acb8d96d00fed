//! Lists, counts, and what services look at again and again.

use std::time::{Duration, Instant};

use contracts::{Address, MtState, OrgId, Timestamp};
use store::{Cursor, InboxFilter, MessageFilter, Page, Reach, Search, Store};

use crate::data::Data;

const ROUNDS: usize = 9;

/// Does it a few times and prints the median and the longest time.
async fn time<T>(name: &str, mut work: impl AsyncFnMut() -> T, count: impl Fn(&T) -> usize) {
    let mut times = Vec::with_capacity(ROUNDS);
    let mut rows = 0;
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        let done = work().await;
        times.push(begun.elapsed());
        rows = count(&done);
    }
    times.sort();
    let millis = |time: Duration| time.as_secs_f64() * 1e3;
    println!(
        "| {name} | {rows} | {:.1} | {:.1} |",
        millis(times[ROUNDS / 2]),
        millis(times[ROUNDS - 1])
    );
}

pub(crate) async fn measure(store: &Store, data: Data) {
    println!("| what | rows | ms | longest |\n|---|---|---|---|");
    let org = OrgId::default_org();
    let middle = Cursor { at: Data::at(data.messages / 2), id: Data::message(data.messages / 2) };
    let places = [("", None), (", from the middle", Some(middle))];
    let reaches = [
        ("all", Reach::everything(org)),
        ("of the largest account", Reach::own(org, Data::largest_account())),
        ("of the smallest account", Reach::own(org, Data::smallest_account())),
    ];
    let all = MessageFilter::default;
    let search = |text: &str| Search::parse(text).expect("not too long");
    let states = |states: &[MtState]| MessageFilter { states: states.to_vec(), ..all() };
    let to = |number| MessageFilter { to: Some(Data::number(number)), ..all() };
    let waiting: Vec<MtState> = MtState::ALL.into_iter().filter(|s| !s.is_settled()).collect();
    let filters = [
        ("messages", all()),
        ("messages delivered", states(&[MtState::Delivered])),
        ("messages rejected", states(&[MtState::Rejected])),
        ("messages released", states(&[MtState::Released])),
        ("messages expired (none)", states(&[MtState::Expired])),
        ("messages failed or rejected", states(&[MtState::Failed, MtState::Rejected])),
        ("messages that wait", states(&waiting)),
        ("messages to a number", to(17)),
        ("messages to a number that has many", to(0)),
        (
            "messages to a number that has many, failed",
            MessageFilter { states: vec![MtState::Failed], ..to(0) },
        ),
        ("messages of a batch", MessageFilter { batch: Some(Data::batch()), ..all() }),
        (
            "messages of a batch, failed",
            MessageFilter { batch: Some(Data::batch()), ..states(&[MtState::Failed]) },
        ),
        ("messages through a SIM", MessageFilter { sim: Some(Data::sim(5)), ..all() }),
        (
            "messages through a SIM that sent none",
            MessageFilter { sim: Some(Data::sim(77)), ..all() },
        ),
        (
            "messages of the last hour",
            MessageFilter { since: Some(Data::at(data.messages - 3600)), ..all() },
        ),
        (
            "messages with a word that all have",
            MessageFilter { search: search("pesanan"), ..all() },
        ),
        ("messages with a word that one has", MessageFilter { search: search("jarang"), ..all() }),
        (
            "messages with a part of a number",
            MessageFilter { search: search(&Data::number(17).as_str()[5..]), ..all() },
        ),
        (
            "messages of the last hour, rejected",
            MessageFilter {
                since: Some(Data::at(data.messages - 3600)),
                ..states(&[MtState::Rejected])
            },
        ),
    ];
    for (whose, reach) in reaches {
        for (what, filter) in &filters {
            for (place, before) in places {
                let page = Page { before, limit: 50 };
                let read = async || store.messages(reach, filter, page).await.unwrap().messages;
                time(&format!("{what}, {whose}{place}"), read, Vec::len).await;
            }
        }
    }
    let inbox = [
        ("inbox", InboxFilter::default()),
        ("inbox of a SIM", InboxFilter { sim: Some(Data::sim(5)), ..InboxFilter::default() }),
        (
            "inbox of a SIM that has nothing",
            InboxFilter { sim: Some(Data::sim(77)), ..InboxFilter::default() },
        ),
        (
            "inbox from a number",
            InboxFilter {
                from: Some(Address::from_text(Data::number(5).as_str())),
                ..InboxFilter::default()
            },
        ),
        (
            "inbox from nobody",
            InboxFilter { from: Some(Address::from_text("+6281")), ..InboxFilter::default() },
        ),
        (
            "inbox of the last hour",
            InboxFilter { since: Some(Data::at(data.messages - 3600)), ..InboxFilter::default() },
        ),
    ];
    for (whose, reach) in reaches {
        for (what, filter) in &inbox {
            for (place, before) in places {
                let page = Page { before, limit: 50 };
                let read = async || store.inbox(reach, filter, page).await.unwrap().messages;
                time(&format!("{what}, {whose}{place}"), read, Vec::len).await;
            }
        }
    }
    let (_, everything) = reaches[0];
    let one = Data::message(data.messages / 3);
    time(
        "a message",
        async || store.message_detail(everything, one).await.unwrap(),
        |found| usize::from(found.is_some()),
    )
    .await;
    time(
        "a message received",
        async || store.received(everything, Data::message(data.messages / 10 * 5)).await.unwrap(),
        |found| usize::from(found.is_some()),
    )
    .await;
    time(
        "callbacks of a message",
        async || store.callbacks(everything, Data::message(1_000)).await.unwrap(),
        Vec::len,
    )
    .await;
    for (whose, reach) in reaches {
        let counts = async || store.batch(reach, Data::batch()).await.unwrap();
        time(&format!("a batch of 10,000 counted, {whose}"), counts, Vec::len).await;
    }
    let now = Data::at(data.messages);
    time(
        "the next held message",
        async || store.next_due().await.unwrap(),
        |found| usize::from(found.is_some()),
    )
    .await;
    time("held messages that are due", async || store.due(now, 200).await.unwrap(), Vec::len).await;
    time(
        "the next end",
        async || store.next_end().await.unwrap(),
        |found| usize::from(found.is_some()),
    )
    .await;
    time("messages that are over", async || store.over(now, 200).await.unwrap(), Vec::len).await;
    time(
        "the longest silent message",
        async || store.next_unheard().await.unwrap(),
        |found| usize::from(found.is_some()),
    )
    .await;
    time("messages nothing is heard of", async || store.unheard(now, 200).await.unwrap(), Vec::len)
        .await;
    time(
        "the next callback",
        async || store.next_callback_at().await.unwrap(),
        |found| usize::from(found.is_some()),
    )
    .await;
    time(
        "sessions that ended",
        async || store.remove_ended_sessions(now).await.unwrap(),
        |n| usize::try_from(*n).unwrap(),
    )
    .await;
    time(
        "attempts that are forgotten",
        async || store.remove_old_send_attempts(Timestamp::from_micros(0)).await.unwrap(),
        |n| usize::try_from(*n).unwrap(),
    )
    .await;
}
