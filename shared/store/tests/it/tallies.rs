//! What is counted is what the messages say, whatever came in whatever order and however often.

use std::collections::BTreeMap;
use std::time::Duration;

use contracts::dlr::DlrOutcome;
use contracts::mo::MoReceived;
use contracts::mt::{MtChange, MtRequest, SentPart, Through};
use contracts::{MessageId, ModemId, MtState, Priority, SimId, Timestamp, UserId};
use store::{
    Cutoffs, InboxFilter, MessageDetail, MessageFilter, Page, Reach, Received, Role, SimChange,
    Store, StoredEvent, StoredRequest, TIME_BINS, Tally, TallyBy, TallyFilter, TallyKey, Times,
};

use crate::history::past_sent;
use crate::rows;
use crate::sample::{
    admitted, at, deferred, error, everything, held, mo, mt, new_user, received, report, request,
    sent, store_all, stored,
};

/// An hour, in microseconds.
const HOUR: i64 = 3_600_000_000;

/// Everything there is.
fn always() -> TallyFilter {
    TallyFilter {
        since: Timestamp::from_micros(0),
        until: at(1_000_000_000),
        account: None,
        sim: None,
        priority: None,
    }
}

/// All ways to count apart. The second clock is behind UTC, and not by whole hours.
const WAYS: [TallyBy; 9] = [
    TallyBy::All,
    TallyBy::Day(420),
    TallyBy::Day(-210),
    TallyBy::Hour(0),
    TallyBy::Hour(345),
    TallyBy::Account,
    TallyBy::Sim,
    TallyBy::Priority,
    TallyBy::Error,
];

/// What is counted, by the words of each key.
async fn counted(
    store: &Store,
    reach: Reach,
    filter: &TallyFilter,
    by: TallyBy,
) -> BTreeMap<String, Tally> {
    let found = store.tallies(reach, filter, by).await.unwrap();
    let count = found.len();
    let all: BTreeMap<_, _> =
        found.into_iter().map(|(key, tally)| (format!("{key:?}"), tally)).collect();
    assert_eq!(all.len(), count, "each key is there once");
    all
}

/// All that is counted of an organisation.
async fn total(store: &Store) -> Tally {
    let all = counted(store, everything(), &always(), TallyBy::All).await;
    all.into_values().next().unwrap_or_default()
}

/// The messages of the organisation.
#[derive(PartialEq)]
struct Messages {
    sent: Vec<MessageDetail>,
    received: Vec<Received>,
}

impl Messages {
    async fn of(store: &Store) -> Self {
        let page = Page { before: None, limit: 10_000 };
        let list = store.messages(everything(), &MessageFilter::default(), page).await.unwrap();
        let mut sent = Vec::new();
        for message in list.messages {
            let detail = store.message_detail(everything(), message.id).await.unwrap();
            sent.push(detail.unwrap());
        }
        let inbox = store.inbox(everything(), &InboxFilter::default(), page).await.unwrap();
        Self { sent, received: inbox.messages }
    }

    /// Counts them one by one.
    fn recounted(&self, filter: &TallyFilter, by: TallyBy) -> BTreeMap<String, Tally> {
        let mut all: BTreeMap<String, Tally> = BTreeMap::new();
        let is_within = |at: Timestamp| {
            let hour = Timestamp::from_micros(at.as_micros().div_euclid(HOUR) * HOUR);
            filter.since <= hour && hour < filter.until
        };
        for detail in &self.sent {
            let message = &detail.message;
            let is_settled = message.state.is_settled();
            let sim = message.sim.filter(|_| is_settled);
            let is_wanted = is_within(message.created_at)
                && filter.account.is_none_or(|account| account == message.owner)
                && filter.sim.is_none_or(|wanted| Some(wanted) == sim)
                && filter.priority.is_none_or(|priority| priority == message.priority);
            if !is_wanted {
                continue;
            }
            let went_wrong = matches!(
                message.state,
                MtState::Failed | MtState::Rejected | MtState::Undelivered | MtState::Expired
            );
            let error = message.error.as_ref().filter(|_| went_wrong);
            let error = error.map(|error| error.code.clone()).unwrap_or_default();
            let key = match by {
                TallyBy::All => TallyKey::All,
                TallyBy::Day(minutes) => TallyKey::Day(day(message.created_at, minutes)),
                TallyBy::Hour(minutes) => TallyKey::Hour(hour(message.created_at, minutes)),
                TallyBy::Account => TallyKey::Account(Some(message.owner)),
                TallyBy::Sim => TallyKey::Sim(sim),
                TallyBy::Priority => TallyKey::Priority(message.priority),
                TallyBy::Error => TallyKey::Error(error),
            };
            let tally = all.entry(format!("{key:?}")).or_default();
            *state(tally, message.state) += 1;
            let went_out =
                matches!(message.state, MtState::Sent | MtState::Delivered | MtState::Undelivered);
            if went_out {
                tally.parts += u64::from(message.parts.unwrap_or(1));
            }
            let sent_at = detail.parts.iter().filter_map(|part| part.sent_at).max();
            let Some(sent_at) = sent_at.filter(|_| went_out && by != TallyBy::Error) else {
                continue;
            };
            let begun = detail.request.not_before.unwrap_or(message.created_at);
            add(&mut tally.to_send, sent_at.since(begun.max(message.created_at)));
            if message.state == MtState::Delivered {
                add(&mut tally.to_deliver, message.updated_at.since(sent_at));
            }
        }
        let is_left_out = matches!(by, TallyBy::Priority | TallyBy::Error);
        for message in &self.received {
            let is_wanted = !is_left_out
                && filter.priority.is_none()
                && is_within(message.received_at)
                && filter.account.is_none_or(|account| Some(account) == message.owner)
                && filter.sim.is_none_or(|sim| sim == message.sim);
            if !is_wanted {
                continue;
            }
            let key = match by {
                TallyBy::Day(minutes) => TallyKey::Day(day(message.received_at, minutes)),
                TallyBy::Hour(minutes) => TallyKey::Hour(hour(message.received_at, minutes)),
                TallyBy::Account => TallyKey::Account(message.owner),
                TallyBy::Sim => TallyKey::Sim(Some(message.sim)),
                _ => TallyKey::All,
            };
            all.entry(format!("{key:?}")).or_default().received += 1;
        }
        all
    }
}

fn state(tally: &mut Tally, state: MtState) -> &mut u64 {
    match state {
        MtState::Sent => &mut tally.sent,
        MtState::Delivered => &mut tally.delivered,
        MtState::Undelivered => &mut tally.undelivered,
        MtState::Failed => &mut tally.failed,
        MtState::Rejected => &mut tally.rejected,
        MtState::Expired => &mut tally.expired,
        MtState::Cancelled => &mut tally.cancelled,
        _ => &mut tally.waiting,
    }
}

fn add(times: &mut Times, time: Duration) {
    let bin = (0..TIME_BINS - 1).find(|bin| time.as_secs() < 1_u64 << *bin);
    times.messages += 1;
    times.millis += u64::try_from(time.as_millis()).unwrap();
    times.bins[bin.unwrap_or(TIME_BINS - 1)] += 1;
}

fn minute(at: Timestamp, minutes: i32) -> i64 {
    at.as_micros().div_euclid(HOUR) * 60 + i64::from(minutes)
}

fn day(at: Timestamp, minutes: i32) -> i64 {
    minute(at, minutes).div_euclid(1_440)
}

fn hour(at: Timestamp, minutes: i32) -> u8 {
    u8::try_from(minute(at, minutes).div_euclid(60) % 24).unwrap()
}

/// Demands that what is counted is what the messages say, in each way.
///
/// The messages are read in one step and counted in another. A call that was broken off may have its transaction committed
/// between the two: whoever waited for the database is gone, and the database goes on. So where they differ, the messages are read
/// anew: they must have changed, and be what is counted now. No more than one call is under way that nobody waits for, so this
/// happens once at most.
async fn must_agree(store: &Store, what: &str, ways: &[TallyBy]) {
    let mut messages = Messages::of(store).await;
    let mut has_landed = false;
    let filters = [
        always(),
        TallyFilter { since: at(1_800), until: at(2 * 3_600), ..always() },
        // Whole days and hours before and after them.
        TallyFilter { since: at(-40 * 3_600), until: at(30 * 3_600), ..always() },
        TallyFilter { until: at(3_600), ..always() },
        TallyFilter { account: Some(UserId::derived("ani")), ..always() },
        TallyFilter { sim: Some(SimId::derived("a")), ..always() },
        TallyFilter { priority: Some(Priority::Bulk), ..always() },
    ];
    for filter in &filters {
        for by in ways {
            let mut told = counted(store, everything(), filter, *by).await;
            if told != messages.recounted(filter, *by) && !has_landed {
                let now = Messages::of(store).await;
                has_landed = now != messages;
                if has_landed {
                    messages = now;
                    told = counted(store, everything(), filter, *by).await;
                }
            }
            assert_eq!(told, messages.recounted(filter, *by), "{what}: {by:?} {filter:?}");
        }
    }
}

/// Numbers that look like chance and are the same each time.
struct Dice(u64);

impl Dice {
    /// A number below `most`.
    fn below(&mut self, most: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % most
    }

    fn one_of<T: Clone>(&mut self, all: &[T]) -> T {
        all[usize::try_from(self.below(all.len() as u64)).unwrap()].clone()
    }

    fn seconds(&mut self, most: u64) -> i64 {
        i64::try_from(self.below(most)).unwrap()
    }

    fn request(&mut self) -> StoredRequest {
        let owner = self.one_of(&[UserId::derived("ani"), UserId::derived("budi")]);
        let seconds = self.seconds(72) * 3_600 + self.seconds(3_600);
        let not_before = (self.below(4) == 0).then(|| at(seconds + 600));
        let wanted = MtRequest { not_before, ..request(owner, "Halo", seconds) };
        let priority = self.one_of(&Priority::ALL);
        StoredRequest::new(wanted, priority, at(0), 1)
    }

    /// Something that happens to a message.
    fn change(&mut self) -> MtChange {
        let sim = self.one_of(&["a", "b"]);
        let through = Through { modem: ModemId::derived(sim), sim: SimId::derived(sim) };
        let error = error(self.one_of(&["cms-38", "no-answer", "report-65"]));
        let tries = 1;
        let parts: u8 = self.one_of(&[1, 2]);
        let part = |part: u8| SentPart { part, reference: part, at: at(i64::from(part) * 150_000) };
        match self.below(13) {
            0 => admitted(parts),
            1 => MtChange::RELEASED,
            2 => MtChange::Sending { through, part: 1, parts, tries },
            3 => deferred(1),
            4 => held(at(9_000), 1),
            5 | 6 => MtChange::Sent { through, parts: (1..=parts).map(part).collect() },
            7 => MtChange::Failed { error, through: Some(through), tries },
            8 => MtChange::Rejected { error },
            9 => self.one_of(&[MtChange::Cancelled { by: None }, MtChange::Expired {}]),
            10 | 11 => MtChange::Delivered { discharged_at: at(9_000) },
            _ => MtChange::Undelivered { error },
        }
    }

    fn event(&mut self, all: &[StoredRequest], sequence: u64) -> StoredEvent {
        let wanted = self.one_of(all);
        match self.below(8) {
            0 => {
                let outcome = self.one_of(&[DlrOutcome::Delivered, DlrOutcome::Undelivered]);
                report(Some(wanted.id()), sequence, 1, self.one_of(&[1, 2]), outcome)
            }
            1 => {
                let hours = self.seconds(3);
                let missing = self.one_of(&[vec![], vec![2], vec![2, 3]]);
                // One message, of which parts come late.
                let id = MessageId::derived(&format!("received {}", self.below(4)));
                let message = received("+62811", "Hai", hours * 20 * 3_600);
                mo(MoReceived { id, missing, ..message }, sequence)
            }
            _ => mt(&as_sample(&wanted), sequence, self.change()),
        }
    }
}

/// A request that events can be made of.
fn as_sample(stored: &StoredRequest) -> MtRequest {
    MtRequest { id: Some(stored.id()), ..request(UserId::derived("ani"), "", 0) }
}

/// A call of the projection.
#[derive(Clone)]
enum Call {
    Requests(Vec<StoredRequest>),
    Events(Vec<StoredEvent>),
}

impl Call {
    async fn make(&self, store: &Store) {
        match self {
            Self::Requests(requests) => store.project_requests(requests).await.map(drop),
            Self::Events(events) => store.project_events(events).await.map(drop),
        }
        .unwrap();
    }
}

/// Requests and events in any order, some of them twice, some begun and broken off: what is counted is what the rows say at each moment.
pub(crate) async fn counts_are_what_the_messages_say(store: Store) {
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let mut sequence = 0;
    let mut made: Vec<Call> = Vec::new();
    for round in 0..4 {
        let requests: Vec<StoredRequest> = (0..8).map(|_| dice.request()).collect();
        let mut calls = vec![Call::Requests(requests[..5].to_vec())];
        for _ in 0..6 {
            let mut events = Vec::new();
            for _ in 0..=dice.below(9) {
                sequence += 1;
                events.push(dice.event(&requests, sequence));
            }
            calls.push(Call::Events(events));
        }
        // These come after what happened to them.
        calls.push(Call::Requests(requests[3..].to_vec()));
        for call in calls {
            // As when the process is killed: it is done, or it is not.
            let patience = Duration::from_micros(dice.below(2_000));
            let _ = tokio::time::timeout(patience, call.make(&store)).await;
            must_agree(&store, "a call that was broken off", &[TallyBy::All]).await;
            call.make(&store).await;
            made.push(call);
            if dice.below(2) == 0 {
                dice.one_of(&made).make(&store).await;
            }
            must_agree(&store, &format!("round {round}"), &WAYS).await;
        }
    }
    for call in &made {
        call.make(&store).await;
    }
    must_agree(&store, "all of it again", &WAYS).await;
    assert_eq!(total(&store).await.accepted(), 4 * 8);
}

pub(crate) async fn counts_stay_when_messages_go(store: Store) {
    let (one, two) = (request(UserId::new(), "Halo", 1), request(UserId::new(), "Halo", 2));
    store_all(&store, &[&one, &two]).await;
    let events = [
        mt(&one, 1, sent(&[1, 2])),
        mt(&two, 2, held(at(9_000), 1)),
        mo(received("+62811", "x", 3), 3),
    ];
    store.project_events(&events).await.unwrap();
    let before = total(&store).await;
    assert_eq!((before.sent, before.waiting, before.parts, before.received), (1, 1, 2, 1));
    assert_eq!((before.to_send.messages, before.to_send.millis), (1, 49_000));
    let cutoffs = Cutoffs { messages: Some(at(5_000)), ..Cutoffs::default() };
    assert_eq!(store.remove_old(&cutoffs, 10).await.unwrap().messages, 1);
    assert_eq!(total(&store).await, before);
    // A late event of a message that is gone counts nothing.
    let delivered = MtChange::Delivered { discharged_at: at(60) };
    store.project_events(&[mt(&one, 4, delivered)]).await.unwrap();
    assert_eq!(total(&store).await, before);

    let young = Cutoffs { tallies: Some(at(-3_600)), ..Cutoffs::default() };
    assert_eq!(store.remove_old(&young, 10).await.unwrap().total(), 0);
    let old = Cutoffs { tallies: Some(at(86_400)), ..Cutoffs::default() };
    let mut removed = 0;
    loop {
        let step = store.remove_old(&old, 1).await.unwrap();
        assert_eq!(step.tallies, step.total());
        if step.tallies == 0 {
            break;
        }
        removed += step.tallies;
    }
    // Each account waits or was sent in one row of the hour and of its day, beside those that were left with nothing.
    assert!(removed >= 8, "{removed}");
    assert_eq!(total(&store).await, Tally::default());
}

/// Who sees messages sees their counts, and nobody else does.
pub(crate) async fn counts_are_seen_by_who_sees_the_messages(store: Store) {
    let user = async |name, role| {
        store.create_user(everything(), &new_user(name, role), at(0)).await.unwrap()
    };
    let (ani, budi) = (user("ani", Role::User).await, user("budi", Role::User).await);
    let shop = user("shop", Role::Service).await;
    store_all(&store, &[&request(ani.id, "Halo", 1), &request(budi.id, "Halo", 2)]).await;
    let code = received("BANK", "123456", 3);
    let own = MoReceived { owner: Some(ani.id), ..received("+62811", "x", 4) };
    store.project_events(&[mo(code.clone(), 1), mo(own, 2)]).await.unwrap();
    let seen = async |reach| {
        let all = counted(&store, reach, &always(), TallyBy::All).await;
        let tally = all.into_values().next().unwrap_or_default();
        (tally.accepted(), tally.received)
    };
    assert_eq!(seen(everything()).await, (2, 2));
    assert_eq!(seen(ani.reach()).await, (1, 1));
    assert_eq!(seen(budi.reach()).await, (1, 0));
    assert_eq!(seen(shop.reach()).await, (2, 0));
    let abroad = Reach::everything(contracts::OrgId::derived("abroad"));
    assert_eq!(seen(abroad).await, (0, 0));
    // Who reads a SIM reads how much came to it.
    let readers = Some(contracts::config_kv::Access::only([budi.id]));
    let change = SimChange { readers, ..SimChange::default() };
    store.change_sim(everything(), code.sim, &change, at(5)).await.unwrap();
    assert_eq!(seen(budi.reach()).await, (1, 1));
    let by_account = counted(&store, ani.reach(), &always(), TallyBy::Account).await;
    assert_eq!(by_account.len(), 1, "{by_account:?}");
    // Another account's are not there for whoever asks for them.
    let filter = TallyFilter { account: Some(ani.id), ..always() };
    assert!(counted(&store, budi.reach(), &filter, TallyBy::All).await.is_empty());
}

/// What a version before wrote is counted a few at a time, whatever happens to it meanwhile.
#[tokio::test]
async fn messages_of_before_are_counted_once() {
    for fresh in [crate::sqlite().await, crate::postgres().await] {
        let store = &fresh.store;
        let requests: Vec<MtRequest> =
            (0..5).map(|n| request(UserId::derived("ani"), "Halo", n * 1_000)).collect();
        store_all(store, &requests.iter().collect::<Vec<_>>()).await;
        let inbox = [mo(received("+62811", "a", 3), 1), mo(received("+62811", "b", 4), 2)];
        store.project_events(&inbox).await.unwrap();
        for sql in [
            "UPDATE messages SET tallied = NULL",
            "UPDATE inbox SET tallied = NULL",
            "DELETE FROM tallies",
            "DELETE FROM tally_times",
            "DELETE FROM tally_received",
        ] {
            rows::change(&fresh.database, sql).await;
        }
        // Nothing is taken away for what was never added.
        store.project_events(&[mt(&requests[0], 60, sent(&[1]))]).await.unwrap();
        assert_eq!(total(store).await, Tally::default());
        assert_eq!(store.give_tallies(2).await.unwrap(), 4);
        let delivered = MtChange::Delivered { discharged_at: at(70) };
        let again = [mt(&requests[0], 60, sent(&[1])), mt(&requests[0], 70, delivered)];
        store.project_events(&again).await.unwrap();
        store.project_events(&[mt(&requests[4], 80, MtChange::Expired {})]).await.unwrap();
        store.project_requests(&[stored(&requests[4])]).await.unwrap();
        assert_eq!(store.give_tallies(100).await.unwrap(), 3);
        assert_eq!(store.give_tallies(100).await.unwrap(), 0);
        must_agree(store, "what was there before", &WAYS).await;
        assert_eq!(total(store).await.accepted(), 5);

        // History of another gateway is counted as what was sent then.
        let owner = store.create_user(everything(), &new_user("ani", Role::User), at(0)).await;
        let past = past_sent("1", owner.unwrap().id);
        store.import_history(everything(), "playSMS", &[past], &[], at(90)).await.unwrap();
        assert_eq!(store.give_tallies(100).await.unwrap(), 1);
        must_agree(store, "history", &WAYS).await;
        fresh.store.close().await;
    }
}

/// Many who write at once wait for each other's counts, and lose none.
#[tokio::test]
async fn many_at_once_count_all() {
    let fresh = crate::postgres().await;
    let requests: Vec<Vec<MtRequest>> = (0..6)
        .map(|_| (0..40).map(|n| request(UserId::derived("ani"), "Halo", n)).collect())
        .collect();
    let writers = requests.into_iter().map(|all| {
        let store = fresh.store.clone();
        tokio::spawn(async move {
            let rows: Vec<_> = all.iter().map(stored).collect();
            store.project_requests(&rows).await.unwrap();
            for (n, one) in all.iter().enumerate() {
                let change = if n % 2 == 0 { sent(&[1]) } else { MtChange::Expired {} };
                store.project_events(&[mt(one, 60, change)]).await.unwrap();
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    let all = total(&fresh.store).await;
    assert_eq!((all.accepted(), all.sent, all.expired, all.waiting), (240, 120, 120, 0));
    fresh.store.close().await;
}
