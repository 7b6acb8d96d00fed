//! The file of the spool: a line for each record.
//!
//! A line is a mark (`+` waits, `-` was published) and JSON. The file is emptied when nothing in it waits. A line that
//! is not whole was cut off by a crash and never acknowledged, so it goes; one that cannot be read is put aside. A lock
//! on the file keeps other drivers of this host away.

use std::collections::{HashSet, VecDeque};
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, FileExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use contracts::{ModemId, Timestamp};
use rustix::fs::FlockOperation;

use crate::spool::record::Record;

/// The file in the driver's folder.
pub(crate) const FILE: &str = "received.spool";
/// The file beside it, with lines that this release cannot read.
pub(crate) const UNREADABLE: &str = "received.unreadable";
/// How large the file of unreadable lines may become, in octets.
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

/// A record that waits, and its place.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct First {
    pub(crate) record: Record,
    at: u64,
}

impl First {
    /// Returns the record's place, which no other record has until nothing waits any more.
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
    /// Another process has the file.
    #[error("another driver of this host uses {}", .0.display())]
    InUse(PathBuf),
    /// No more may be kept.
    #[error("the spool is full: {entries} entries, {bytes} octets")]
    Full {
        /// The number of records in the spool.
        entries: usize,
        /// The size of the spool's file.
        bytes: u64,
    },
    /// The file cannot be used.
    #[error("cannot use {}: {source}", file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// The task that writes broke down.
    #[error("the spool's task broke down: {0}")]
    Task(#[from] tokio::task::JoinError),
}

/// The file, open and locked.
#[derive(Debug)]
pub(crate) struct SpoolFile {
    file: File,
    path: PathBuf,
    /// Where the next line goes.
    end: u64,
    pub(crate) waiting: VecDeque<Position>,
}

/// Where a record that waits stands.
#[derive(Debug)]
pub(crate) struct Position {
    at: u64,
    length: usize,
    pub(crate) modem: ModemId,
    pub(crate) since: Timestamp,
}

/// The first octet of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    Waits,
    Published,
}

impl Mark {
    /// Returns the mark and the rest of a line.
    fn of(line: &[u8]) -> Option<(Self, &[u8])> {
        match line.split_first()? {
            (b'+', rest) => Some((Self::Waits, rest)),
            (b'-', rest) => Some((Self::Published, rest)),
            _ => None,
        }
    }
}

impl SpoolFile {
    pub(crate) fn open(folder: &Path) -> Result<Self, SpoolError> {
        let path = folder.join(FILE);
        let failed = |source| SpoolError::File { file: path.clone(), source };
        // On a first start nothing has made it yet.
        DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(failed)?;
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

    /// Puts a line aside for people that was damaged or written by a later release.
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

    pub(crate) fn append(
        &mut self,
        record: &Record,
        limits: SpoolLimits,
    ) -> Result<(), SpoolError> {
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
        let place = Position { at, length, modem: record.modem(), since: record.at() };
        if record.goes_first() {
            self.waiting.push_front(place);
        } else {
            self.waiting.push_back(place);
        }
    }

    pub(crate) fn first_beside(&self, places: &HashSet<u64>) -> Result<Option<First>, SpoolError> {
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

    /// Marks a record as published, and returns the modem that it came from. A mark that a power cut undoes means that
    /// the record is published again, which makes no second one.
    pub(crate) fn published(&mut self, at: u64) -> Result<Option<ModemId>, SpoolError> {
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
