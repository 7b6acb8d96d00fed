use bus::{Bus, NatsConfig};
use platform::Clock;
use testkit::{NatsProxy, NatsServer, Point, Tally};

use super::*;
use crate::journal::bucket::Journal;
use crate::journal::entry::Stage;
use crate::open::Surroundings;
use crate::spool::file::SpoolLimits;

/// A driver whose way to the broker is counted, and another one beside it.
struct Rig {
    _server: NatsServer,
    sweep: Sweep,
    other: Journal,
    leases: bus::Kv<Holder>,
    /// Questions of the driver, and entries that it was given.
    asked: Tally,
    read: Tally,
}

/// An entry of a driver, which has a modem of its own.
fn entry_of(driver: &str) -> Entry {
    let entry = entry::tests::entry(Stage::Waiting);
    Entry { driver: driver.to_owned(), modem: ModemId::derived(driver), parts: 1, ..entry }
}

impl Rig {
    async fn start() -> Self {
        let server = NatsServer::start().await;
        let way = NatsProxy::to(server.port()).await;
        let stop = tokio_util::sync::CancellationToken::new();
        let connect = async |url: String| {
            let settings = NatsConfig::new(url, server.user(), server.password());
            Bus::connect(&settings, "test", &stop).await.unwrap()
        };
        let direct = connect(server.url()).await;
        let surroundings = Surroundings {
            bus: connect(way.url()).await,
            host: "here".to_owned(),
            state: None,
            spool: SpoolLimits::default(),
            clock: Clock::system(),
        };
        let (dispatch, _) = Dispatch::open(surroundings).await.unwrap();
        Self {
            other: Journal::open(&direct).await.unwrap(),
            leases: direct.kv(bus::Bucket::Leases).await.unwrap(),
            asked: way.tally(Point::Publish("$JS.API.".to_owned())),
            read: way.tally(Point::Delivery("$KV.attempts.".to_owned())),
            sweep: Sweep::new(dispatch),
            _server: server,
        }
    }

    async fn write(&self, entry: &Entry) -> String {
        let key = entry::key(MessageId::new(), 1);
        self.sweep.dispatch.journal.write(&key, entry, None).await.unwrap();
        key
    }

    /// Counts the questions and the entries of one look.
    async fn counted(&mut self, whole: bool) -> (usize, usize) {
        let (asked, read) = (self.asked.count(), self.read.count());
        if whole {
            self.sweep.whole(&HashSet::new()).await.unwrap();
        } else {
            self.sweep.own().await.unwrap();
        }
        (self.asked.count() - asked, self.read.count() - read)
    }

    /// How many messages the bucket's stream has, markers too.
    async fn stored(&self) -> u64 {
        let subject = "$JS.API.STREAM.INFO.KV_attempts";
        let client = self.sweep.dispatch.bus.client();
        let info = client.request(subject, "".into()).await.unwrap();
        let info: serde_json::Value = serde_json::from_slice(&info.payload).unwrap();
        info["state"]["messages"].as_u64().unwrap()
    }

    /// Makes it a minute ago that the items of all entries were seen gone.
    fn minute_later(&mut self) {
        for (_, since) in self.sweep.gone.values_mut() {
            *since = since.checked_sub(OUTLIVES).unwrap();
        }
    }
}

#[tokio::test]
async fn a_look_costs_what_the_driver_wrote_itself_and_nothing_for_what_others_wrote() {
    let mut rig = Rig::start().await;
    let mine = entry_of(&rig.sweep.dispatch.id);
    let others = entry_of("other");
    let holder =
        Holder { driver: "other".to_owned(), host: String::new(), boot: String::new(), port: None };
    let (mut own, mut foreign) = (0, 0);
    for times in [1, 10, 100] {
        for _ in own..times {
            rig.write(&mine).await;
        }
        for _ in foreign..10 * times {
            rig.other.write(&entry::key(MessageId::new(), 1), &others, None).await.unwrap();
        }
        let new = times - own;
        (own, foreign) = (times, 10 * times);
        assert_eq!(rig.counted(false).await, (new + 1, 0), "one question an item, and one for all");
        assert_eq!(rig.counted(false).await, (0, 0), "they are known to be gone");
        rig.leases.put(&others.modem.to_string(), &holder).await.unwrap();
        let (asked, read) = rig.counted(true).await;
        assert!(asked <= own + 10, "{asked} questions, {own} own entries, {foreign} foreign ones");
        assert_eq!(read, own + foreign, "of the whole bucket each entry is read once");
    }
    rig.minute_later();
    assert_eq!(rig.counted(false).await, (own + 1, 0), "it is looked once more before they go");
    assert_eq!(rig.sweep.dispatch.journal.own().len(), 0);
    assert_eq!(rig.other.all().await.unwrap().entries.len(), foreign);
}

#[tokio::test]
async fn the_more_drivers_there_are_the_more_seldom_each_reads_everything() {
    let mut rig = Rig::start().await;
    let begun = Instant::now();
    for number in 0..20 {
        let driver = format!("driver{}", number / 2);
        let holder = Holder { driver, host: String::new(), boot: String::new(), port: None };
        let modem = ModemId::derived(&number.to_string());
        rig.leases.put(&modem.to_string(), &holder).await.unwrap();
    }
    rig.sweep.whole(&HashSet::new()).await.unwrap();
    assert!(rig.sweep.whole_at >= begun + EACH * 10, "ten drivers have twenty modems");
}

/// A run of a driver looks after what an earlier run left, and after what nobody alive wrote.
#[tokio::test]
async fn what_a_run_that_is_over_wrote_goes_too() {
    let mut rig = Rig::start().await;
    let (before, dead) = (entry_of("before"), entry_of("dead"));
    let mut keys = Vec::new();
    for entry in [&before, &dead] {
        let key = entry::key(MessageId::new(), 1);
        rig.other.write(&key, entry, None).await.unwrap();
        keys.push(key);
    }
    rig.sweep.whole(&HashSet::from([before.modem])).await.unwrap();
    let own = rig.sweep.dispatch.journal.own();
    assert_eq!(own.iter().map(|(key, _)| key).collect::<Vec<_>>(), [&keys[0]]);
    rig.minute_later();
    rig.sweep.own().await.unwrap();
    let left: Vec<_> = rig.other.all().await.unwrap().entries;
    assert_eq!(left.iter().map(|(key, _)| key).collect::<Vec<_>>(), [&keys[1]]);
    rig.sweep.whole(&HashSet::new()).await.unwrap();
    assert!(rig.other.all().await.unwrap().entries.is_empty());
}

/// What a driver remembers of an entry that somebody has changed decides nothing.
#[tokio::test]
async fn an_entry_that_was_changed_meanwhile_stays() {
    let mut rig = Rig::start().await;
    let mine = entry_of(&rig.sweep.dispatch.id);
    let key = rig.write(&mine).await;
    rig.sweep.own().await.unwrap();
    let there = rig.other.entry(&key).await.unwrap().unwrap();
    let others = entry_of("other");
    let revision = rig.other.write(&key, &others, Some(there.revision)).await.unwrap();
    rig.minute_later();
    rig.sweep.own().await.unwrap();
    assert!(rig.sweep.dispatch.journal.own().is_empty(), "it is left to the other");
    let left = rig.other.entry(&key).await.unwrap();
    assert_eq!(left, Some(Recorded { entry: others, revision }));
}

/// Entries that are over go together up to the first one that stays, and one by one behind it. That leaves no marker of those
/// that went together.
#[tokio::test]
async fn what_is_over_goes_by_one_question() {
    let mut rig = Rig::start().await;
    let mine = entry_of(&rig.sweep.dispatch.id);
    for _ in 0..100 {
        rig.write(&mine).await;
    }
    rig.sweep.whole(&HashSet::new()).await.unwrap();
    rig.minute_later();
    // Written now, so that its item is not known to be gone for a minute.
    let young = rig.write(&mine).await;
    let behind = rig.write(&mine).await;
    let there = rig.other.entry(&behind).await.unwrap().unwrap();
    let long_ago = Instant::now().checked_sub(OUTLIVES).unwrap();
    rig.sweep.gone.insert(behind.clone(), (there.revision, long_ago));
    rig.counted(true).await;
    let left = rig.other.all().await.unwrap().entries;
    assert_eq!(left.iter().map(|(key, _)| key).collect::<Vec<_>>(), [&young]);
    assert_eq!(rig.stored().await, 2, "the one that stays, and the marker of the one behind it");
    rig.minute_later();
    rig.write(&mine).await;
    rig.counted(true).await;
    assert_eq!(rig.stored().await, 1, "the marker went with those before the new entry");
    assert_eq!(rig.sweep.dispatch.journal.own().len(), 1);
    rig.minute_later();
    rig.counted(true).await;
    assert_eq!(rig.stored().await, 0);
    rig.write(&mine).await;
    rig.counted(true).await;
    assert_eq!(rig.other.all().await.unwrap().entries.len(), 1, "nothing new is removed");
}
