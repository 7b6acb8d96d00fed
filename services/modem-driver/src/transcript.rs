//! A trace of the serial line: what was written and read, as text that a test can replay.
//!
//! One line for each write (`>`) and read (`<`): milliseconds since the start, the direction, and the
//! octets with everything but printable ASCII escaped as in Rust strings. It holds numbers and texts,
//! so it goes only to who asked for it.

use std::fmt::Write as _;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::Instant;

/// What a trace holds at most.
const LONGEST: usize = 512 * 1024;

/// A trace that is being taken.
#[derive(Debug)]
pub(crate) struct Transcript {
    began: Instant,
    ends: Instant,
    text: String,
    answer: oneshot::Sender<String>,
}

impl Transcript {
    /// A trace of `time`, for whoever waits for `answer`.
    pub(crate) fn new(time: Duration, answer: oneshot::Sender<String>) -> Self {
        let began = Instant::now();
        Self { began, ends: began + time, text: String::new(), answer }
    }

    /// When it is over.
    pub(crate) fn ends(&self) -> Instant {
        self.ends
    }

    pub(crate) fn read(&mut self, octets: &[u8]) {
        self.note('<', octets);
    }

    pub(crate) fn wrote(&mut self, octets: &[u8]) {
        self.note('>', octets);
    }

    /// Hands it over.
    pub(crate) fn finish(self) {
        // Who asked may have gone.
        let _ = self.answer.send(self.text);
    }

    fn note(&mut self, direction: char, octets: &[u8]) {
        if self.text.len() < LONGEST {
            let at = self.began.elapsed().as_millis();
            let _ = writeln!(self.text, "{at:>6} {direction} {}", octets.escape_ascii());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn octets_can_be_read_back() {
        let (answer, answered) = oneshot::channel();
        let mut transcript = Transcript::new(Duration::from_secs(1), answer);
        transcript.wrote(b"AT\r");
        transcript.read(b"\r\nOK\r\n\xff");
        transcript.finish();
        let text = answered.await.unwrap();
        let lines: Vec<&str> = text.lines().map(|line| &line[7..]).collect();
        assert_eq!(lines, [r"> AT\r", r"< \r\nOK\r\n\xff"]);
    }
}
