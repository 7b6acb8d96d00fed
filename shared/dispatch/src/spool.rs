//! What modems handed over directly (`+CMT`, `+CDS`) while the broker did not take it, kept on this host's disk.
//!
//! The network waits 12 to 20 seconds for an acknowledgement, and a modem that waits in vain hands nothing over any
//! more (27.005, 3.4.4). So what cannot be published in a few seconds is written here and synced, and the network is
//! answered then. [`crate::receive::backlog`] publishes it, in order, when the broker is back. What a modem answered
//! to a part is kept here too while the journal cannot have it, or a killed driver would leave the part uncertain and
//! its report without a message; answers go first.
//!
//! One file, a line for each record: a mark (`+` waits, `-` was published) and JSON. The file is emptied when nothing in it
//! waits. A line that is not whole was cut off by a crash and never acknowledged, so it goes; one that cannot be read
//! is put aside. A lock on the file keeps other drivers of this host away.

pub(crate) mod file;
pub(crate) mod record;

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use contracts::modem::{ModemProblem, Spooled};
use contracts::{ModemId, Timestamp};
use platform::Clock;
use tokio::sync::watch;

use crate::spool::file::{First, SpoolError, SpoolFile, SpoolLimits};
use crate::spool::record::Record;

/// The spool of one driver.
#[derive(Debug)]
pub(crate) struct Spool {
    folder: Option<PathBuf>,
    limits: SpoolLimits,
    clock: Clock,
    /// `None` until the file could be opened and locked.
    log: Mutex<Option<SpoolFile>>,
    state: watch::Sender<SpoolState>,
}

impl Spool {
    /// Opens the spool in `folder`, with what an earlier run left there.
    pub(crate) fn open(folder: Option<&Path>, limits: SpoolLimits, clock: Clock) -> Arc<Self> {
        let spool = Self {
            folder: folder.map(Path::to_owned),
            limits,
            clock,
            log: Mutex::default(),
            state: watch::Sender::default(),
        };
        match spool.with(|_| Ok(())) {
            Ok(()) | Err(SpoolError::NoFolder) => {}
            Err(error) => {
                tracing::error!(
                    "what modems hand over is not kept while the broker is away: {error}"
                );
            }
        }
        Arc::new(spool)
    }

    /// Returns what is told of the spool, now and whenever that changes.
    pub(crate) fn state(&self) -> watch::Receiver<SpoolState> {
        self.state.subscribe()
    }

    /// Returns whether nothing waits.
    pub(crate) fn is_empty(&self) -> bool {
        self.state.borrow().is_empty()
    }

    /// Keeps a record. When this returns, it survives the process and the machine.
    ///
    /// # Errors
    /// The record is not kept.
    pub(crate) async fn append(self: &Arc<Self>, record: Record) -> Result<(), SpoolError> {
        let limits = self.limits;
        let (modem, at) = (record.modem(), record.at());
        let appended = self.run(move |log| log.append(&record, limits)).await;
        self.state.send_modify(|state| match &appended {
            Ok(()) => {
                state.problem = None;
                state.add(modem, at);
            }
            Err(error) => state.problem = problem(error, self.clock.now()),
        });
        appended
    }

    /// Returns the record that is the next to be published: the oldest beside those at `places`.
    ///
    /// # Errors
    /// The file cannot be read.
    pub(crate) async fn first_beside(
        self: &Arc<Self>,
        places: HashSet<u64>,
    ) -> Result<Option<First>, SpoolError> {
        self.run(move |log| log.first_beside(&places)).await
    }

    /// Notes that a record was published.
    ///
    /// # Errors
    /// The file cannot be written: the record is published again.
    pub(crate) async fn published(self: &Arc<Self>, first: &First) -> Result<(), SpoolError> {
        let at = first.at();
        let modem = self.run(move |log| log.published(at)).await?;
        self.state.send_modify(|state| {
            state.problem = None;
            if let Some(modem) = modem {
                state.remove(modem);
            }
        });
        Ok(())
    }

    /// Works on the file, but not on a thread of the runtime, for syncing takes its time.
    async fn run<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&mut SpoolFile) -> Result<T, SpoolError> + Send + 'static,
    ) -> Result<T, SpoolError> {
        let spool = self.clone();
        tokio::task::spawn_blocking(move || spool.with(work)).await?
    }

    fn with<T>(
        &self,
        work: impl FnOnce(&mut SpoolFile) -> Result<T, SpoolError>,
    ) -> Result<T, SpoolError> {
        let folder = self.folder.as_ref().ok_or(SpoolError::NoFolder)?;
        let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(log) = &mut *log {
            return work(log);
        }
        let opened = log.insert(SpoolFile::open(folder)?);
        let waiting = opened.waiting.len();
        if waiting > 0 {
            tracing::info!(waiting, "{waiting} received messages and reports wait in the spool");
        }
        self.state.send_modify(|state| {
            for place in &opened.waiting {
                state.add(place.modem, place.since);
            }
        });
        work(opened)
    }
}

/// What is told of the spool.
#[derive(Debug, Clone, Default)]
pub struct SpoolState {
    /// How many records wait of each modem, and since when some do.
    modems: HashMap<ModemId, (u64, Timestamp)>,
    /// Why the last record could not be kept.
    problem: Option<ModemProblem>,
}

impl SpoolState {
    fn is_empty(&self) -> bool {
        self.modems.is_empty()
    }

    /// Returns what waits of one modem.
    pub fn of(&self, modem: ModemId) -> Option<Spooled> {
        let (entries, since) = *self.modems.get(&modem)?;
        Some(Spooled { entries, since, full: self.problem.is_some() })
    }

    /// Returns what keeps the spool from taking more.
    pub fn problem(&self) -> Option<&ModemProblem> {
        self.problem.as_ref()
    }

    fn add(&mut self, modem: ModemId, at: Timestamp) {
        self.modems.entry(modem).or_insert((0, at)).0 += 1;
    }

    fn remove(&mut self, modem: ModemId) {
        if let Some((entries, _)) = self.modems.get_mut(&modem) {
            *entries = entries.saturating_sub(1);
            if *entries == 0 {
                self.modems.remove(&modem);
            }
        }
    }
}

/// Returns what people are told of an error; `None` where no spool is wanted.
fn problem(error: &SpoolError, at: Timestamp) -> Option<ModemProblem> {
    let (code, text, advice) = match error {
        SpoolError::NoFolder => return None,
        SpoolError::Full { .. } => (
            "spool-full",
            "The broker does not take what this modem receives, and the spool on the modem's host is full. Messages \
             and reports are left with the network, which may drop some."
                .to_owned(),
            "Bring the broker back: what waits in the spool is published then.".to_owned(),
        ),
        SpoolError::InUse(_) | SpoolError::File { .. } | SpoolError::Task(_) => (
            "spool-unwritable",
            format!(
                "The broker does not take what this modem receives, and the spool on the modem's host cannot be \
                 written ({error}). Messages and reports are left with the network, which may drop some."
            ),
            "Look at space and permissions of the data folder on that host, and bring the broker back.".to_owned(),
        ),
    };
    Some(ModemProblem { code: code.to_owned(), text, advice, at })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spool::file::{FILE, UNREADABLE, look_at_spool};
    use crate::spool::record::Answer;
    use contracts::mo::MoPart;
    use contracts::{MessageId, OrgId, SimId, UserId};
    use std::os::unix::fs::PermissionsExt as _;

    fn record(n: u8) -> Record {
        let (sim, pdu) = (SimId::derived("s"), format!("00{n:02X}"));
        Record::Report(MoPart {
            id: MoPart::id_of(sim, &pdu),
            org: OrgId::default_org(),
            modem: ModemId::derived("m"),
            sim,
            to: None,
            pdu,
            received_at: Timestamp::from_micros(i64::from(n)),
        })
    }

    fn open(folder: &Path) -> Arc<Spool> {
        Spool::open(Some(folder), SpoolLimits::default(), Clock::system())
    }

    async fn take(spool: &Arc<Spool>) -> Option<Record> {
        let first = spool.first_beside(HashSet::new()).await.unwrap()?;
        spool.published(&first).await.unwrap();
        Some(first.record)
    }

    #[tokio::test]
    async fn the_folder_is_made_for_its_owner_alone() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("data/modems");
        open(&folder).append(record(1)).await.unwrap();
        assert_eq!(std::fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
    }

    #[tokio::test]
    async fn records_outlive_a_restart_in_order_and_go_when_they_are_published() {
        let dir = tempfile::tempdir().unwrap();
        let modem = ModemId::derived("m");
        let spool = open(dir.path());
        for n in 1..=3 {
            spool.append(record(n)).await.unwrap();
        }
        assert_eq!(take(&spool).await, Some(record(1)));
        drop(spool);

        let file = dir.path().join(FILE);
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        let content = look_at_spool(dir.path()).unwrap();
        assert_eq!((content.entries, content.since), (2, Some(Timestamp::from_micros(2))));
        let spool = open(dir.path());
        let told = spool.state().borrow().of(modem).unwrap();
        assert_eq!((told.entries, told.since.as_micros(), told.full), (2, 2, false));
        spool.append(record(4)).await.unwrap();
        for n in 2..=4 {
            assert_eq!(take(&spool).await, Some(record(n)));
        }
        assert_eq!(take(&spool).await, None);
        assert!(spool.is_empty());
        assert_eq!(spool.state().borrow().of(modem), None);
        assert_eq!(std::fs::metadata(&file).unwrap().len(), 0);
    }

    /// Wherever a crash cuts the last line, all before it are there, and the next one can be written.
    #[tokio::test]
    async fn a_torn_record_takes_no_other_with_it() {
        let dir = tempfile::tempdir().unwrap();
        let spool = open(dir.path());
        spool.append(record(1)).await.unwrap();
        let whole = std::fs::read(dir.path().join(FILE)).unwrap();
        drop(spool);
        for cut in 0..whole.len() {
            let torn = [&whole[..], &whole[..cut]].concat();
            std::fs::write(dir.path().join(FILE), torn).unwrap();
            let spool = open(dir.path());
            spool.append(record(2)).await.unwrap();
            for n in 1..=2 {
                assert_eq!(take(&spool).await, Some(record(n)), "cut at {cut}");
            }
            assert_eq!(take(&spool).await, None);
        }
        assert!(!dir.path().join(UNREADABLE).exists());
    }

    #[tokio::test]
    async fn answers_go_before_the_reports_that_they_explain() {
        use crate::journal::entry::{Stage, tests::entry};
        let dir = tempfile::tempdir().unwrap();
        let at = Timestamp::from_micros(9);
        let answer = Record::Answer(Box::new(Answer {
            message: MessageId::new(),
            part: 1,
            org: OrgId::default_org(),
            owner: UserId::internal(),
            entry: entry(Stage::Sent { reference: 7, at }),
            awaited: None,
        }));
        let spool = open(dir.path());
        spool.append(record(1)).await.unwrap();
        let first = spool.first_beside(HashSet::new()).await.unwrap().unwrap();
        spool.append(answer.clone()).await.unwrap();
        drop(spool);
        let spool = open(dir.path());
        assert_eq!(spool.first_beside(HashSet::new()).await.unwrap().unwrap().record, answer);
        // Read before the answer came: that one is meant, and no other.
        spool.published(&first).await.unwrap();
        assert_eq!(take(&spool).await, Some(answer));
        assert_eq!(take(&spool).await, None);
    }

    #[tokio::test]
    async fn unreadable_records_are_put_aside() {
        let dir = tempfile::tempdir().unwrap();
        let spool = open(dir.path());
        spool.append(record(1)).await.unwrap();
        drop(spool);
        let mut octets = std::fs::read(dir.path().join(FILE)).unwrap();
        octets.extend_from_slice(b"+{\"kind\":\"of_tomorrow\"}\n\0\0\n");
        octets.extend(octets.clone());
        std::fs::write(dir.path().join(FILE), octets).unwrap();
        for _ in 0..2 {
            let spool = open(dir.path());
            assert_eq!(spool.state().borrow().of(ModemId::derived("m")).unwrap().entries, 2);
        }
        let aside = std::fs::read(dir.path().join(UNREADABLE)).unwrap();
        assert_eq!(
            aside,
            b"+{\"kind\":\"of_tomorrow\"}\n\0\0\n+{\"kind\":\"of_tomorrow\"}\n\0\0\n"
        );
        let spool = open(dir.path());
        assert_eq!(take(&spool).await, Some(record(1)));
        assert_eq!(take(&spool).await, Some(record(1)));
        assert_eq!(take(&spool).await, None);
    }

    #[tokio::test]
    async fn a_full_spool_refuses_records_and_says_so() {
        let dir = tempfile::tempdir().unwrap();
        let few = SpoolLimits { entries: 2, ..SpoolLimits::default() };
        let small = SpoolLimits { bytes: 2 * 300, ..SpoolLimits::default() };
        for limits in [few, small] {
            let spool = Spool::open(Some(dir.path()), limits, Clock::system());
            let mut kept = 0;
            while spool.append(record(kept)).await.is_ok() {
                kept += 1;
                assert!(kept < 10);
            }
            assert!(kept > 0);
            let problem = spool.state().borrow().problem().cloned().unwrap();
            assert_eq!(problem.code, "spool-full");
            assert!(spool.state().borrow().of(ModemId::derived("m")).unwrap().full);
            for n in 0..kept {
                assert_eq!(take(&spool).await, Some(record(n)));
            }
            assert!(spool.state().borrow().problem().is_none());
            spool.append(record(0)).await.unwrap();
            assert_eq!(take(&spool).await, Some(record(0)));
        }
    }

    #[tokio::test]
    async fn one_driver_has_the_spool_of_a_folder() {
        let dir = tempfile::tempdir().unwrap();
        let first = open(dir.path());
        let second = open(dir.path());
        assert!(matches!(second.append(record(1)).await, Err(SpoolError::InUse(_))));
        assert_eq!(second.state().borrow().problem().unwrap().code, "spool-unwritable");
        drop(first);
        second.append(record(1)).await.unwrap();
        assert!(second.state().borrow().problem().is_none());
        let none = Spool::open(None, SpoolLimits::default(), Clock::system());
        assert!(matches!(none.append(record(1)).await, Err(SpoolError::NoFolder)));
        assert!(none.state().borrow().problem().is_none());
    }

    #[tokio::test]
    async fn a_file_that_cannot_be_written_is_told() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join(FILE)).unwrap();
        let spool = open(dir.path());
        assert!(matches!(spool.append(record(1)).await, Err(SpoolError::File { .. })));
        assert_eq!(spool.state().borrow().problem().unwrap().code, "spool-unwritable");
        assert!(spool.is_empty());
        std::fs::remove_dir(dir.path().join(FILE)).unwrap();
        spool.append(record(1)).await.unwrap();
        assert!(spool.state().borrow().problem().is_none());
    }
}
