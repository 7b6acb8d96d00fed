//! Bytes to lines and prompts.
//!
//! Line ends in the field are `\r\n`, `\r\r\n` (a rest of echo), a bare `\n` and a bare `\r`; a modem that
//! starts sends NUL and 0xFF. So each CR and each LF ends a line, empty lines are none, and bytes that
//! are not text are dropped. Waiting for `\r\n` as an exact pair was rejected: it hangs on the others.
//!
//! The prompt `> ` has no line end, so it is only seen when the caller says that one is due
//! ([`Framer::expect_prompt`]); otherwise a `>` is text.

use std::collections::VecDeque;

/// A longer line is no answer of a modem: the longest real one is a stored PDU, 360 digits.
const MAX_LINE: usize = 4096;

/// What the modem said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    /// A line without its end, trimmed; never empty.
    Line(String),
    /// The `>` that asks for a PDU.
    Prompt,
}

/// Cuts a stream of bytes into [`Item`]s. It holds at most one unfinished line of 4096 bytes.
#[derive(Debug, Default)]
pub struct Framer {
    line: Vec<u8>,
    items: VecDeque<Item>,
    prompt_due: bool,
    dropped: u64,
}

impl Framer {
    /// Creates a framer that has seen no byte.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether a `>` at the start of a line is a prompt. Seeing one turns this off.
    pub fn expect_prompt(&mut self, due: bool) {
        self.prompt_due = due;
        if due && self.line == b">" {
            self.line.clear();
            self.prompt();
        }
    }

    /// Takes bytes, any number of them. Only the items up to and including a prompt are cut with the
    /// present setting of [`Framer::expect_prompt`].
    pub fn push(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            match byte {
                b'\r' | b'\n' => self.end_line(),
                // The echo of the end of a PDU and of ESC; XON and XOFF; noise.
                0..=8 | 11..=31 | 127 | 0xFF => self.dropped += u64::from(byte != 0x1A),
                b' ' | b'\t' if self.line.is_empty() => {}
                b'>' if self.prompt_due && self.line.is_empty() => self.prompt(),
                _ if self.line.len() >= MAX_LINE => self.dropped += 1,
                _ => self.line.push(byte),
            }
        }
    }

    /// The next item.
    pub fn pop(&mut self) -> Option<Item> {
        self.items.pop_front()
    }

    /// Whether a line has begun and not ended.
    pub fn is_inside_line(&self) -> bool {
        !self.line.is_empty()
    }

    /// Forgets everything: the port was opened anew.
    pub fn reset(&mut self) {
        self.line.clear();
        self.items.clear();
        self.prompt_due = false;
    }

    /// How many bytes were no text, or were beyond the longest line. A high rate is a wrong speed.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    fn prompt(&mut self) {
        self.prompt_due = false;
        self.items.push_back(Item::Prompt);
    }

    fn end_line(&mut self) {
        if self.line.is_empty() {
            return;
        }
        // Operators' names and USSD texts come in UTF-8 or in Latin-1; each byte of the latter is a character.
        let text = match std::str::from_utf8(&self.line) {
            Ok(text) => text.trim_end().to_owned(),
            Err(_) => self.line.iter().map(|&byte| char::from(byte)).collect::<String>(),
        };
        self.line.clear();
        let text = text.trim();
        if !text.is_empty() {
            self.items.push_back(Item::Line(text.to_owned()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(bytes: &[u8], chunk: usize, prompt: bool) -> Vec<Item> {
        let mut framer = Framer::new();
        framer.expect_prompt(prompt);
        let mut items = Vec::new();
        for piece in bytes.chunks(chunk) {
            framer.push(piece);
            while let Some(item) = framer.pop() {
                items.push(item);
            }
        }
        items
    }

    fn line(text: &str) -> Item {
        Item::Line(text.into())
    }

    #[test]
    fn every_line_end_in_every_split() {
        for end in ["\r\n", "\r\r\n", "\n", "\r", "\r\n\r\n"] {
            let bytes = format!("{end}+CSQ: 20,99{end}{end}OK{end}");
            for chunk in 1..=bytes.len() {
                let items = cut(bytes.as_bytes(), chunk, false);
                assert_eq!(items, [line("+CSQ: 20,99"), line("OK")], "end {end:?} chunk {chunk}");
            }
        }
    }

    #[test]
    fn prompt_only_when_due() {
        assert_eq!(cut(b"\r\n> ", 1, true), [Item::Prompt]);
        assert_eq!(cut(b"\r\n>", 1, true), [Item::Prompt]);
        assert_eq!(cut(b"\r\n> ", 1, false), []);
        assert_eq!(cut(b"\r\n> x\r\n", 1, false), [line("> x")]);
    }

    #[test]
    fn prompt_that_came_before_it_was_due() {
        let mut framer = Framer::new();
        framer.push(b"\r\n>");
        assert_eq!(framer.pop(), None);
        framer.expect_prompt(true);
        assert_eq!(framer.pop(), Some(Item::Prompt));
    }

    #[test]
    fn echo_of_the_pdu_after_the_prompt_is_a_line() {
        let items = cut(b"\r\n> 0011\x1a\r\n+CMGS: 7\r\n\r\nOK\r\n", 1, true);
        assert_eq!(items, [Item::Prompt, line("0011"), line("+CMGS: 7"), line("OK")]);
    }

    #[test]
    fn noise_is_dropped_and_counted() {
        let mut framer = Framer::new();
        framer.push(b"\0\xff\0\r\nOK\0\r\n");
        assert_eq!(framer.pop(), Some(line("OK")));
        assert_eq!(framer.dropped(), 4);
    }

    #[test]
    fn a_line_without_end_takes_no_more_than_its_limit() {
        let mut framer = Framer::new();
        framer.push(&vec![b'x'; 100_000]);
        assert_eq!(framer.dropped(), 100_000 - MAX_LINE as u64);
        framer.push(b"\r\nOK\r\n");
        assert!(matches!(framer.pop(), Some(Item::Line(text)) if text.len() == MAX_LINE));
        assert_eq!(framer.pop(), Some(line("OK")));
    }

    #[test]
    fn latin_1_is_read() {
        assert_eq!(
            cut(b"+COPS: 0,0,\"Telef\xf3nica\"\r\n", 3, false),
            [line("+COPS: 0,0,\"Telefónica\"")]
        );
        assert_eq!(
            cut("+COPS: 0,0,\"Telefónica\"\r\n".as_bytes(), 3, false),
            [line("+COPS: 0,0,\"Telefónica\"")]
        );
    }
}
