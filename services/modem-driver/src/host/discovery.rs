//! Finds USB sticks with serial ports as they are plugged in and out.
//!
//! inotify on the device folder says when to look, and a look each two seconds says it where inotify
//! does not (the kernel's own tree has no inotify). A stick's ports appear one after the other, so it
//! is told of only when it has stayed the same for a moment.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{Instant, sleep};

use crate::host::appearance::FolderWatch;
use crate::host::usb::{self, Roots, Stick};

/// A look is made at least this often.
const RESCAN: Duration = Duration::from_secs(2);
/// How long a stick must stay the same before it is told of.
const SETTLE: Duration = Duration::from_millis(300);

/// What happened at the sockets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Plugging {
    /// A stick is there, all its ports shown.
    In(Stick),
    /// The stick at this USB path is gone.
    Out(String),
}

/// Tells of every stick there is and of each change, until the receiver is gone.
///
/// `ignore` holds patterns of device nodes that are left alone; `*` stands for any characters.
pub async fn watch(roots: Roots, ignore: Vec<String>, told: mpsc::Sender<Plugging>) {
    let mut watch = FolderWatch::on(&roots.dev);
    let mut known: BTreeMap<String, Stick> = BTreeMap::new();
    let mut settling: BTreeMap<String, (Stick, Instant)> = BTreeMap::new();
    loop {
        let seen = look(&roots, &ignore);
        let gone: Vec<String> = known
            .iter()
            .filter(|(path, stick)| seen.get(*path) != Some(stick))
            .map(|(path, _)| path.clone())
            .collect();
        for path in gone {
            known.remove(&path);
            if told.send(Plugging::Out(path)).await.is_err() {
                return;
            }
        }
        settling.retain(|path, _| seen.contains_key(path));
        for (path, stick) in seen {
            if known.contains_key(&path) {
                continue;
            }
            let now = Instant::now();
            match settling.get(&path) {
                Some((before, since)) if *before == stick => {
                    if now.duration_since(*since) >= SETTLE {
                        settling.remove(&path);
                        known.insert(path, stick.clone());
                        if told.send(Plugging::In(stick)).await.is_err() {
                            return;
                        }
                    }
                }
                _ => {
                    settling.insert(path, (stick, now));
                }
            }
        }
        let pause = if settling.is_empty() { RESCAN } else { SETTLE };
        tokio::select! {
            () = watch.changed() => {}
            () = sleep(pause) => {
                // The folder itself may have been made since.
                if settling.is_empty() {
                    watch = FolderWatch::on(&roots.dev);
                }
            }
            () = told.closed() => return,
        }
    }
}

fn look(roots: &Roots, ignore: &[String]) -> BTreeMap<String, Stick> {
    usb::sticks(roots)
        .into_iter()
        .map(|mut stick| {
            stick.ports.retain(|port| {
                let path = port.path.to_string_lossy();
                !ignore.iter().any(|pattern| matches(pattern, &path))
            });
            stick
        })
        .filter(|stick| !stick.ports.is_empty())
        .map(|stick| (stick.path.clone(), stick))
        .collect()
}

/// Returns whether `text` is of the form of `pattern`, in which each `*` stands for any characters.
fn matches(pattern: &str, text: &str) -> bool {
    let mut pieces = pattern.split('*');
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let Some(last) = pattern.rsplit_once('*').map(|(_, last)| last) else { return rest.is_empty() };
    for piece in pieces {
        match rest.find(piece) {
            Some(at) => rest = &rest[at + piece.len()..],
            None => return false,
        }
    }
    text.len() >= first.len() + last.len() && text.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::usb::tests::{plug, unplug};
    use std::path::Path;

    async fn next(changes: &mut mpsc::Receiver<Plugging>) -> Plugging {
        let waiting = tokio::time::timeout(Duration::from_secs(20), changes.recv());
        waiting.await.unwrap().unwrap()
    }

    #[tokio::test]
    async fn sticks_come_and_go() {
        let dir = tempfile::tempdir().unwrap();
        let roots = Roots { dev: dir.path().join("dev"), sys: dir.path().join("sys") };
        let null = Path::new("/dev/null");
        plug(&roots, "1-1", (0x12d1, 0x1001), 0, &[null, null]);
        let (told, mut changes) = mpsc::channel(8);
        tokio::spawn(watch(roots.clone(), vec!["*/ttyUSB1".to_owned()], told));
        let Plugging::In(stick) = next(&mut changes).await else { panic!("plugged out first") };
        assert_eq!((stick.path.as_str(), stick.ports.len()), ("1-1", 1));

        plug(&roots, "1-2", (0x2c7c, 0x0125), 4, &[null, null, null, null]);
        let Plugging::In(stick) = next(&mut changes).await else { panic!("not plugged in") };
        assert_eq!((stick.path.as_str(), stick.ports.len()), ("1-2", 4));

        unplug(&roots, "1-2", 4, 4);
        assert_eq!(next(&mut changes).await, Plugging::Out("1-2".to_owned()));
    }

    #[test]
    fn a_star_stands_for_any_characters() {
        for (pattern, text, fits) in [
            ("/dev/ttyUSB7", "/dev/ttyUSB7", true),
            ("/dev/ttyUSB7", "/dev/ttyUSB70", false),
            ("/dev/ttyACM*", "/dev/ttyACM0", true),
            ("*ACM*", "/dev/ttyACM0", true),
            ("*USB", "/dev/ttyUSB0", false),
            ("*0*0", "/dev/ttyUSB0", false),
            ("*", "", true),
        ] {
            assert_eq!(matches(pattern, text), fits, "{pattern} {text}");
        }
    }
}
