//! A trace of the serial line: what was written and read, as text that a test can replay.
//!
//! The same twice. First, as comments, one line for each write (`>`) and read (`<`): milliseconds since the start, the
//! direction, and the octets with everything but printable ASCII escaped as in Rust strings. Then as a dialogue
//! ([`crate::port::dialogue`]), which is what the tests of the crate `modem` replay: it can be put among their
//! transcripts as it is. It holds numbers and texts, so it goes only to who asked for it; the digits of PINs are zeros
//! in it.

use std::fmt::Write as _;
use std::time::Duration;

use contracts::Timestamp;
use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::port::dialogue::Dialogue;

/// Octets a trace holds at most. As text they grow, and the whole must fit into one message of the broker.
const LONGEST: usize = 128 * 1024;
/// The text of the first half at most.
const LONGEST_TEXT: usize = 512 * 1024;
/// A PIN has at least so many digits (TS 31.101, 9.5.1).
const SHORTEST_PIN: usize = 4;
/// What comes behind these is a password: entered, changed, or asked for by a lock (TS 27.007, 7.4, 7.5, 8.3).
const SECRET: [&[u8]; 4] = [b"CPIN=", b"CPIN2=", b"CPWD=", b"CLCK="];

/// Who said it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    /// The driver.
    Host,
    Modem,
}

#[derive(Debug)]
struct Piece {
    at: Duration,
    side: Side,
    octets: Vec<u8>,
}

/// A trace that is being taken.
#[derive(Debug)]
pub(crate) struct Transcript {
    started_at: Timestamp,
    began: Instant,
    ends: Instant,
    pieces: Vec<Piece>,
    length: usize,
    is_cut: bool,
    answer: oneshot::Sender<String>,
}

impl Transcript {
    /// Begins a trace of `time` that begins at `started_at`, for whoever waits for `answer`.
    pub(crate) fn new(
        started_at: Timestamp,
        time: Duration,
        answer: oneshot::Sender<String>,
    ) -> Self {
        let began = Instant::now();
        Self {
            started_at,
            began,
            ends: began + time,
            pieces: Vec::new(),
            length: 0,
            is_cut: false,
            answer,
        }
    }

    /// Returns when the trace is over.
    pub(crate) fn ends(&self) -> Instant {
        self.ends
    }

    pub(crate) fn read(&mut self, octets: &[u8]) {
        self.note(Side::Modem, octets);
    }

    pub(crate) fn wrote(&mut self, octets: &[u8]) {
        self.note(Side::Host, octets);
    }

    /// Hands it over.
    pub(crate) fn finish(mut self) {
        for side in [Side::Host, Side::Modem] {
            hide_secrets(&mut self.pieces, side);
        }
        let text = self.text();
        // Who asked may have gone.
        let _ = self.answer.send(text);
    }

    fn note(&mut self, side: Side, octets: &[u8]) {
        self.length += octets.len();
        self.is_cut |= self.length > LONGEST;
        if !self.is_cut {
            let at = self.began.elapsed();
            self.pieces.push(Piece { at, side, octets: octets.to_vec() });
        }
    }

    fn text(&self) -> String {
        let mut text = format!(
            "# A trace of a modem's serial line from {}. It holds phone numbers, message texts (in PDUs), IMEI and\n\
             # SIM numbers: look through it before you give it away. The digits of PINs are zeros.\n\
             source: merpati trace\n",
            self.started_at
        );
        let mut is_cut = self.is_cut;
        for Piece { at, side, octets } in &self.pieces {
            if text.len() > LONGEST_TEXT {
                is_cut = true;
                break;
            }
            let mark = if *side == Side::Host { '>' } else { '<' };
            let _ = writeln!(text, "# {:>6} {mark} {}", at.as_millis(), octets.escape_ascii());
        }
        if is_cut {
            text.push_str("# There was more than fits.\n");
        }
        let mut dialogue = Dialogue::default();
        for Piece { side, octets, .. } in &self.pieces {
            match side {
                Side::Host => dialogue.wrote(octets),
                Side::Modem => dialogue.read(octets),
            }
        }
        text.push_str(&dialogue.finish());
        text
    }
}

/// Zeros for the digits of what is a password, also where an echo of it came in pieces.
fn hide_secrets(pieces: &mut [Piece], side: Side) {
    let own = pieces.iter().filter(|piece| piece.side == side);
    let mut all: Vec<u8> = own.flat_map(|piece| piece.octets.iter().copied()).collect();
    let mut is_secret = false;
    let mut digits = 0;
    for at in 0..all.len() {
        is_secret = match all[at] {
            b'\r' | b'\n' => false,
            _ => is_secret || SECRET.iter().any(|name| ends_with(&all[..at], name)),
        };
        digits = if is_secret && all[at].is_ascii_digit() { digits + 1 } else { 0 };
        if digits >= SHORTEST_PIN {
            all[at + 1 - digits..=at].fill(b'0');
        }
    }
    let mut rest = all.as_slice();
    for piece in pieces.iter_mut().filter(|piece| piece.side == side) {
        let (own, after) = rest.split_at(piece.octets.len());
        piece.octets.copy_from_slice(own);
        rest = after;
    }
}

fn ends_with(octets: &[u8], name: &[u8]) -> bool {
    let start = octets.len().saturating_sub(name.len());
    octets[start..].eq_ignore_ascii_case(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn trace(pieces: &[(char, &[u8])]) -> String {
        let (answer, answered) = oneshot::channel();
        let mut transcript =
            Transcript::new(Timestamp::from_micros(0), Duration::from_secs(1), answer);
        for (side, octets) in pieces {
            match side {
                '>' => transcript.wrote(octets),
                _ => transcript.read(octets),
            }
        }
        transcript.finish();
        answered.await.unwrap()
    }

    /// What was written and read, without the times.
    fn octets(text: &str) -> impl Iterator<Item = &str> {
        text.lines().filter(|line| line.starts_with("#  ")).map(|line| &line[9..])
    }

    #[tokio::test]
    async fn octets_can_be_read_back() {
        let text = trace(&[('>', b"AT\r"), ('<', b"\r\nOK\r\n\xff")]).await;
        let lines: Vec<&str> = octets(&text).collect();
        assert_eq!(lines, [r"> AT\r", r"< \r\nOK\r\n\xff"]);
        assert!(text.ends_with("> AT\n< OK\nready\n"), "{text}");
    }

    #[tokio::test]
    async fn a_pin_is_not_in_it_not_even_as_an_echo_in_pieces() {
        let text = trace(&[
            ('>', b"AT+CPIN=\"4071\"\r"),
            ('<', b"AT+CPI"),
            ('<', b"N=\"40"),
            ('<', b"71\"\r\r\n+CPIN: READY\r\n\r\nOK\r\n"),
            ('>', b"at+clck=\"SC\",0,\"40718293\"\r"),
            ('<', b"\r\nOK\r\n"),
            ('>', b"AT+CSCA=\"+62816124\"\r"),
        ])
        .await;
        let digits: String = octets(&text).collect();
        assert!(!digits.contains("40") && !digits.contains("71"), "{text}");
        assert!(text.contains(r#"AT+CPIN=\"0000\"\r"#) && text.contains("+62816124"), "{text}");
        assert!(text.contains(r#"at+clck=\"SC\",0,\"00000000\"\r"#), "{text}");
    }

    #[tokio::test]
    async fn a_flood_is_cut() {
        let noise = vec![0_u8; 4096];
        let flood: Vec<(char, &[u8])> = vec![('<', noise.as_slice()); 300];
        let text = trace(&flood).await;
        assert!(serde_json::to_vec(&text).unwrap().len() < 1_000_000, "{}", text.len());
        assert!(text.contains("# There was more than fits."));
    }
}
