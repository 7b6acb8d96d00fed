//! The log of the private broker: kept over restarts, since it has the evidence of a crash, and bounded.
//!
//! The broker writes to the file itself, so that it can go on when the gateway was killed. It appends, so a file
//! that was emptied under it begins anew.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// How large the file may get before it is put aside.
const LARGEST: u64 = 8_000_000;
/// How many are kept beside it: `nats-server.log.1` is the newest.
const KEPT: u32 = 4;
/// How much of its end is looked through for the last words.
const LAST: u64 = 16_000;

/// The file and those of earlier starts.
#[derive(Debug, Clone)]
pub(crate) struct BrokerLog(PathBuf);

impl BrokerLog {
    pub(crate) fn at(path: PathBuf) -> Self {
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    fn earlier(&self, place: u32) -> PathBuf {
        let mut name = self.0.clone().into_os_string();
        name.push(format!(".{place}"));
        name.into()
    }

    /// A file for a start, the one before put aside.
    pub(crate) fn begin(&self) -> io::Result<File> {
        if fs::metadata(&self.0).is_ok_and(|file| file.len() > 0) {
            self.shift()?;
            fs::rename(&self.0, self.earlier(1))?;
        }
        OpenOptions::new().append(true).create(true).mode(0o600).open(&self.0)
    }

    /// Puts aside what a running broker has written, when that is much. On a full disk it is thrown away instead:
    /// what is said a thousand times there has been said before.
    pub(crate) fn bound(&self) -> io::Result<()> {
        if fs::metadata(&self.0)?.len() <= LARGEST {
            return Ok(());
        }
        let draft = self.earlier(0);
        match fs::copy(&self.0, &draft) {
            Ok(_) => {
                self.shift()?;
                fs::rename(&draft, self.earlier(1))?;
            }
            Err(_) => {
                let _ = fs::remove_file(&draft);
            }
        }
        OpenOptions::new().write(true).open(&self.0)?.set_len(0)
    }

    /// Makes `.1` free.
    fn shift(&self) -> io::Result<()> {
        for place in (1..KEPT).rev() {
            match fs::rename(self.earlier(place), self.earlier(place + 1)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    /// Its last lines, for people.
    pub(crate) fn last_words(&self) -> String {
        let mut end = Vec::new();
        if let Ok(mut file) = File::open(&self.0) {
            let length = file.metadata().map_or(0, |file| file.len());
            // What cannot be read says nothing.
            let _ = file.seek(SeekFrom::Start(length.saturating_sub(LAST)));
            let _ = file.take(LAST).read_to_end(&mut end);
        }
        let text = String::from_utf8_lossy(&end).into_owned();
        let mut lines: Vec<&str> = text.lines().rev().take(3).collect();
        lines.reverse();
        lines.join(" / ")
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn each_start_keeps_the_logs_of_the_last_ones() {
        let folder = tempfile::tempdir().unwrap();
        let log = BrokerLog::at(folder.path().join("nats-server.log"));
        for start in 0..8 {
            writeln!(log.begin().unwrap(), "panic {start}").unwrap();
        }
        let read = |place| fs::read_to_string(log.earlier(place)).unwrap();
        assert_eq!(log.last_words(), "panic 7");
        assert_eq!((read(1), read(4)), ("panic 6\n".to_owned(), "panic 3\n".to_owned()));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 5);
    }

    #[test]
    fn a_running_brokers_log_is_bounded_and_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        let log = BrokerLog::at(folder.path().join("nats-server.log"));
        let mut broker = log.begin().unwrap();
        let line = format!("{}\n", "x".repeat(999));
        for _ in 0..=LARGEST / 1_000 {
            broker.write_all(line.as_bytes()).unwrap();
        }
        log.bound().unwrap();
        writeln!(broker, "after").unwrap();
        assert_eq!(fs::read_to_string(log.path()).unwrap(), "after\n");
        assert!(fs::metadata(log.earlier(1)).unwrap().len() > LARGEST);
        log.bound().unwrap();
        assert_eq!(log.last_words(), "after");
    }
}
