//! What modems handed over directly (`+CMT`, `+CDS`) while the broker did not take it, kept on this host's disk.
//!
//! The network waits 12 to 20 seconds for an acknowledgement, and a modem that waits in vain hands nothing over any more
//! (27.005, 3.4.4). So what cannot be published in a few seconds is written here and synced, and the network is answered
//! then. [`crate::publishing`] publishes it, in order, when the broker is back. What a modem answered to a part is kept
//! here too while the journal cannot have it, or a killed driver would leave the part uncertain and its report
//! without a message; answers go first.
//!
//! One file, a line for each record: a mark (`+` waits, `-` was published) and JSON. It is emptied when nothing in it
//! waits. A line that is not whole was cut off by a crash and never acknowledged, so it goes; one that cannot be read is
//! put aside. A lock on the file keeps other drivers of this host away.

use std::collections::{HashMap, HashSet, VecDeque};
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use contracts::mo::MoPart;
use contracts::modem::{ModemProblem, Spooled};
use contracts::{MessageId, ModemId, OrgId, Timestamp, UserId};
use rustix::fs::FlockOperation;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use crate::journal::Entry;
use crate::reports::Awaited;

/// The file in the driver's folder.
const FILE: &str = "received.spool";
/// Beside it: lines that this release cannot read.
const UNREADABLE: &str = "received.unreadable";
/// How large that may become, in octets.
const MOST_UNREADABLE: u64 = 1 << 20;

/// How much is kept at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SpoolLimits {
    /// Messages and reports.
    pub entries: usize,
    /// Octets of the file.
    pub bytes: u64,
}

impl Default for SpoolLimits {
    fn default() -> Self {
        Self { entries: 100_000, bytes: 64 << 20 }
    }
}

/// What waits in the spool of a folder, for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SpoolContent {
    /// Messages and reports.
    pub entries: usize,
    /// When the oldest of them came.
    pub since: Option<Timestamp>,
}

/// Looks at the spool in a driver's folder, whether a driver runs or not.
///
/// # Errors
/// The file is there and cannot be read.
pub fn look_at_spool(folder: &Path) -> io::Result<SpoolContent> {
    let file = match File::open(folder.join(FILE)) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Ok(SpoolContent { entries: 0, since: None });
        }
        Err(error) => return Err(error),
    };
    let mut content = SpoolContent { entries: 0, since: None };
    for line in BufReader::new(file).split(b'\n') {
        if let Some((Mark::Waits, json)) = Mark::of(&line?) {
            content.entries += 1;
            if content.since.is_none() {
                let record = serde_json::from_slice::<Record>(json);
                content.since = record.ok().map(|record| record.at());
            }
        }
    }
    Ok(content)
}

/// What came from a modem.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Record {
    /// A message, or what cannot be read.
    Message(MoPart),
    /// A delivery report. Which part it is about is found out when it is published.
    Report(MoPart),
    /// What is known of a part that was being written: the network took it, or the modem never got it.
    Answer(Box<Answer>),
}

impl Record {
    /// From which modem it came.
    pub(crate) fn modem(&self) -> ModemId {
        match self {
            Self::Message(part) | Self::Report(part) => part.modem,
            Self::Answer(answer) => answer.entry.modem,
        }
    }

    fn at(&self) -> Timestamp {
        match self {
            Self::Message(part) | Self::Report(part) => part.received_at,
            Self::Answer(answer) => answer.entry.at,
        }
    }

    fn goes_first(&self) -> bool {
        matches!(self, Self::Answer(_))
    }
}

/// What is known of a part, which the journal and the bucket of reports are still to have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Answer {
    pub(crate) message: MessageId,
    pub(crate) part: u8,
    pub(crate) org: OrgId,
    pub(crate) owner: UserId,
    /// What takes the place of the entry that says `Writing`.
    pub(crate) entry: Entry,
    /// By what its report is matched.
    pub(crate) awaited: Option<(String, Awaited)>,
}

/// A record that waits, and its place.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct First {
    pub(crate) record: Record,
    at: u64,
}

impl First {
    /// Its place, which no other record has until nothing waits any more.
    pub(crate) fn at(&self) -> u64 {
        self.at
    }
}

/// Why the spool did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SpoolError {
    /// No folder is configured.
    #[error("this driver has no folder to keep it in")]
    NoFolder,
    /// Another process has it.
    #[error("another driver of this host uses {}", .0.display())]
    InUse(PathBuf),
    /// No more may be kept.
    #[error("the spool is full: {entries} entries, {bytes} octets")]
    Full {
        /// So many are in it.
        entries: usize,
        /// So large is its file.
        bytes: u64,
    },
    /// The file cannot be used.
    #[error("cannot use {}: {source}", file.display())]
    File {
        /// Which.
        file: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The task that writes broke down.
    #[error("the spool's task broke down: {0}")]
    Task(#[from] tokio::task::JoinError),
}

/// The spool of one driver.
#[derive(Debug)]
pub(crate) struct Spool {
    folder: Option<PathBuf>,
    limits: SpoolLimits,
    /// None until the file could be opened and locked.
    log: Mutex<Option<Log>>,
    standing: watch::Sender<Standing>,
}

/// What is told of it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Standing {
    /// Of each modem: how many records wait, and since when some do.
    modems: HashMap<ModemId, (u64, Timestamp)>,
    /// Why the last record could not be kept.
    problem: Option<ModemProblem>,
}

impl Standing {
    fn is_empty(&self) -> bool {
        self.modems.is_empty()
    }

    /// What waits of one modem.
    pub(crate) fn of(&self, modem: ModemId) -> Option<Spooled> {
        let (entries, since) = *self.modems.get(&modem)?;
        Some(Spooled { entries, since, full: self.problem.is_some() })
    }

    /// What keeps it from taking more.
    pub(crate) fn problem(&self) -> Option<&ModemProblem> {
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

impl Spool {
    /// The one in `folder`, with what an earlier run left there.
    pub(crate) fn open(folder: Option<&Path>, limits: SpoolLimits) -> Arc<Self> {
        let spool = Self {
            folder: folder.map(Path::to_owned),
            limits,
            log: Mutex::default(),
            standing: watch::Sender::default(),
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

    /// What is told of it now, and when that changes.
    pub(crate) fn standing(&self) -> watch::Receiver<Standing> {
        self.standing.subscribe()
    }

    /// Nothing waits.
    pub(crate) fn is_empty(&self) -> bool {
        self.standing.borrow().is_empty()
    }

    /// Keeps a record. When this returns, it survives the process and the machine.
    ///
    /// # Errors
    /// It is not kept.
    pub(crate) async fn append(self: &Arc<Self>, record: Record) -> Result<(), SpoolError> {
        let limits = self.limits;
        let (modem, at) = (record.modem(), record.at());
        let appended = self.run(move |log| log.append(&record, limits)).await;
        self.standing.send_modify(|standing| match &appended {
            Ok(()) => {
                standing.problem = None;
                standing.add(modem, at);
            }
            Err(error) => standing.problem = problem(error),
        });
        appended
    }

    /// The record that is the next to be published: the oldest beside those at these places.
    ///
    /// # Errors
    /// The file cannot be read.
    pub(crate) async fn first_beside(
        self: &Arc<Self>,
        places: HashSet<u64>,
    ) -> Result<Option<First>, SpoolError> {
        self.run(move |log| log.first_beside(&places)).await
    }

    /// A record was published.
    ///
    /// # Errors
    /// The file cannot be written: it is published again.
    pub(crate) async fn published(self: &Arc<Self>, first: &First) -> Result<(), SpoolError> {
        let at = first.at;
        let modem = self.run(move |log| log.published(at)).await?;
        self.standing.send_modify(|standing| {
            standing.problem = None;
            if let Some(modem) = modem {
                standing.remove(modem);
            }
        });
        Ok(())
    }

    /// Syncing takes its time: not on a thread of the runtime.
    async fn run<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&mut Log) -> Result<T, SpoolError> + Send + 'static,
    ) -> Result<T, SpoolError> {
        let spool = self.clone();
        tokio::task::spawn_blocking(move || spool.with(work)).await?
    }

    fn with<T>(
        &self,
        work: impl FnOnce(&mut Log) -> Result<T, SpoolError>,
    ) -> Result<T, SpoolError> {
        let folder = self.folder.as_ref().ok_or(SpoolError::NoFolder)?;
        let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(log) = &mut *log {
            return work(log);
        }
        let opened = log.insert(Log::open(folder)?);
        let waiting = opened.waiting.len();
        if waiting > 0 {
            tracing::info!(waiting, "{waiting} received messages and reports wait in the spool");
        }
        self.standing.send_modify(|standing| {
            for place in &opened.waiting {
                standing.add(place.modem, place.since);
            }
        });
        work(opened)
    }
}

/// What people are told of it; nothing where no spool is wanted.
fn problem(error: &SpoolError) -> Option<ModemProblem> {
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
    Some(ModemProblem { code: code.to_owned(), text, advice, at: Timestamp::now() })
}

/// The file, open and locked.
#[derive(Debug)]
struct Log {
    file: File,
    path: PathBuf,
    /// Where the next line goes.
    end: u64,
    waiting: VecDeque<Place>,
}

/// Where a record that waits stands.
#[derive(Debug)]
struct Place {
    at: u64,
    length: usize,
    modem: ModemId,
    since: Timestamp,
}

/// The first octet of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    Waits,
    Published,
}

impl Mark {
    /// The mark and the rest of a line.
    fn of(line: &[u8]) -> Option<(Self, &[u8])> {
        match line.split_first()? {
            (b'+', rest) => Some((Self::Waits, rest)),
            (b'-', rest) => Some((Self::Published, rest)),
            _ => None,
        }
    }
}

impl Log {
    fn open(folder: &Path) -> Result<Self, SpoolError> {
        let path = folder.join(FILE);
        let failed = |source| SpoolError::File { file: path.clone(), source };
        let mut options = OpenOptions::new();
        let options = options.read(true).write(true).create(true).truncate(false).mode(0o600);
        let file = options.open(&path).map_err(failed)?;
        match rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(rustix::io::Errno::WOULDBLOCK) => return Err(SpoolError::InUse(path)),
            Err(error) => return Err(failed(error.into())),
        }
        // So that a new file is still there after a power cut.
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)?;
        let mut log = Self { file, path: path.clone(), end: 0, waiting: VecDeque::new() };
        log.read().map_err(failed)?;
        Ok(log)
    }

    fn read(&mut self) -> io::Result<()> {
        let mut reader = BufReader::new(self.file.try_clone()?);
        let mut line = Vec::new();
        loop {
            line.clear();
            let length = reader.read_until(b'\n', &mut line)?;
            if line.pop_if(|last| *last == b'\n').is_none() {
                break;
            }
            let at = self.end;
            self.end += length as u64;
            match Mark::of(&line) {
                Some((Mark::Published, _)) => {}
                Some((Mark::Waits, json)) => match serde_json::from_slice::<Record>(json) {
                    Ok(record) => self.wait(&record, at, length),
                    Err(error) => self.put_aside(at, &line, &error.to_string())?,
                },
                None => self.put_aside(at, &line, "it has no mark")?,
            }
        }
        if self.waiting.is_empty() {
            self.end = 0;
        }
        // The rest of a line that was being written when the process or the machine stopped.
        self.file.set_len(self.end)
    }

    /// A line that was damaged, or written by a later release, is for people.
    fn put_aside(&self, at: u64, line: &[u8], why: &str) -> io::Result<()> {
        let aside = self.path.with_file_name(UNREADABLE);
        tracing::error!(file = %aside.display(), "a record of the spool cannot be read and is put aside: {why}");
        let mut options = OpenOptions::new();
        let mut file = options.append(true).create(true).mode(0o600).open(&aside)?;
        if file.metadata()?.len() < MOST_UNREADABLE {
            file.write_all(line)?;
            file.write_all(b"\n")?;
            file.sync_data()?;
        }
        self.file.write_all_at(b"-", at)
    }

    fn append(&mut self, record: &Record, limits: SpoolLimits) -> Result<(), SpoolError> {
        let mut line = b"+".to_vec();
        serde_json::to_writer(&mut line, record).map_err(|error| self.failed(error.into()))?;
        line.push(b'\n');
        let entries = self.waiting.len();
        if entries >= limits.entries || self.end + line.len() as u64 > limits.bytes {
            return Err(SpoolError::Full { entries, bytes: self.end });
        }
        let written = self.file.write_all_at(&line, self.end).and_then(|()| self.file.sync_data());
        if let Err(error) = written {
            // What was written of it must not stand before the next line.
            if let Err(error) = self.file.set_len(self.end) {
                tracing::error!(file = %self.path.display(), "the spool was not cut back: {error}");
            }
            return Err(self.failed(error));
        }
        self.wait(record, self.end, line.len());
        self.end += line.len() as u64;
        Ok(())
    }

    fn wait(&mut self, record: &Record, at: u64, length: usize) {
        let place = Place { at, length, modem: record.modem(), since: record.at() };
        if record.goes_first() {
            self.waiting.push_front(place);
        } else {
            self.waiting.push_back(place);
        }
    }

    fn first_beside(&self, places: &HashSet<u64>) -> Result<Option<First>, SpoolError> {
        let mut waiting = self.waiting.iter();
        let Some(place) = waiting.find(|place| !places.contains(&place.at)) else {
            return Ok(None);
        };
        let mut line = vec![0; place.length];
        self.file.read_exact_at(&mut line, place.at).map_err(|error| self.failed(error))?;
        let json = line.get(1..).unwrap_or_default();
        let record = serde_json::from_slice(json).map_err(|error| self.failed(error.into()))?;
        Ok(Some(First { record, at: place.at }))
    }

    /// Returns whose it was. A mark that a power cut undoes means that the record is published again, which is
    /// one.
    fn published(&mut self, at: u64) -> Result<Option<ModemId>, SpoolError> {
        let Some(index) = self.waiting.iter().position(|place| place.at == at) else {
            return Ok(None);
        };
        self.file.write_all_at(b"-", at).map_err(|error| self.failed(error))?;
        let modem = self.waiting.remove(index).map(|place| place.modem);
        if self.waiting.is_empty() {
            self.file.set_len(0).map_err(|error| self.failed(error))?;
            self.end = 0;
        }
        Ok(modem)
    }

    fn failed(&self, source: io::Error) -> SpoolError {
        SpoolError::File { file: self.path.clone(), source }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use contracts::{OrgId, SimId};
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
        Spool::open(Some(folder), SpoolLimits::default())
    }

    async fn take(spool: &Arc<Spool>) -> Option<Record> {
        let first = spool.first_beside(HashSet::new()).await.unwrap()?;
        spool.published(&first).await.unwrap();
        Some(first.record)
    }

    #[tokio::test]
    async fn it_is_kept_over_a_restart_in_order_and_goes_when_it_was_published() {
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
        let told = spool.standing().borrow().of(modem).unwrap();
        assert_eq!((told.entries, told.since.as_micros(), told.full), (2, 2, false));
        spool.append(record(4)).await.unwrap();
        for n in 2..=4 {
            assert_eq!(take(&spool).await, Some(record(n)));
        }
        assert_eq!(take(&spool).await, None);
        assert!(spool.is_empty());
        assert_eq!(spool.standing().borrow().of(modem), None);
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
        use crate::journal::{Stage, tests::entry};
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
    async fn what_cannot_be_read_is_put_aside() {
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
            assert_eq!(spool.standing().borrow().of(ModemId::derived("m")).unwrap().entries, 2);
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
    async fn it_is_bounded_and_says_so() {
        let dir = tempfile::tempdir().unwrap();
        let few = SpoolLimits { entries: 2, ..SpoolLimits::default() };
        let small = SpoolLimits { bytes: 2 * 300, ..SpoolLimits::default() };
        for limits in [few, small] {
            let spool = Spool::open(Some(dir.path()), limits);
            let mut kept = 0;
            while spool.append(record(kept)).await.is_ok() {
                kept += 1;
                assert!(kept < 10);
            }
            assert!(kept > 0);
            let problem = spool.standing().borrow().problem().cloned().unwrap();
            assert_eq!(problem.code, "spool-full");
            assert!(spool.standing().borrow().of(ModemId::derived("m")).unwrap().full);
            for n in 0..kept {
                assert_eq!(take(&spool).await, Some(record(n)));
            }
            assert!(spool.standing().borrow().problem().is_none());
            spool.append(record(0)).await.unwrap();
            assert_eq!(take(&spool).await, Some(record(0)));
        }
    }

    #[tokio::test]
    async fn one_driver_has_it() {
        let dir = tempfile::tempdir().unwrap();
        let first = open(dir.path());
        let second = open(dir.path());
        assert!(matches!(second.append(record(1)).await, Err(SpoolError::InUse(_))));
        assert_eq!(second.standing().borrow().problem().unwrap().code, "spool-unwritable");
        drop(first);
        second.append(record(1)).await.unwrap();
        assert!(second.standing().borrow().problem().is_none());
        let none = Spool::open(None, SpoolLimits::default());
        assert!(matches!(none.append(record(1)).await, Err(SpoolError::NoFolder)));
        assert!(none.standing().borrow().problem().is_none());
    }

    #[tokio::test]
    async fn a_file_that_cannot_be_written_is_told() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join(FILE)).unwrap();
        let spool = open(dir.path());
        assert!(matches!(spool.append(record(1)).await, Err(SpoolError::File { .. })));
        assert_eq!(spool.standing().borrow().problem().unwrap().code, "spool-unwritable");
        assert!(spool.is_empty());
        std::fs::remove_dir(dir.path().join(FILE)).unwrap();
        spool.append(record(1)).await.unwrap();
        assert!(spool.standing().borrow().problem().is_none());
    }
}
