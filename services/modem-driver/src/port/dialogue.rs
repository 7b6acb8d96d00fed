//! A trace as a dialogue: commands, each with its answer, and what the modem said unasked.
//!
//! In the lines that the transcripts of the crate `modem` are written in (`shared/modem/tests/it/transcripts.rs`): `>`
//! a command, `<` a line of its answer, `PDU` for the end of a submission, `submit` for what was submitted, `say`
//! before lines that nobody asked for, `ready` where the modem is set up at the latest.

use std::fmt::Write as _;

use at::{Final, Framer, Item, Urc};
use tpdu::from_hex;

const ESC: u8 = 0x1B;
const CTRL_Z: u8 = 0x1A;
/// An answer or a submission is no longer than this; what is written without an end is no command.
const LONGEST: usize = 4096;

/// A dialogue that grows.
#[derive(Debug, Default)]
pub(crate) struct Dialogue {
    text: String,
    framer: Framer,
    /// What was written since the last command's end.
    written: Vec<u8>,
    /// The command that is being answered, and its answer so far.
    command: Option<(String, Vec<String>)>,
    /// The command was answered by a prompt.
    prompted: bool,
    /// What came unasked while it was.
    unasked: Vec<String>,
    saying: bool,
    ready: bool,
}

impl Dialogue {
    /// Takes note of what the driver wrote.
    pub(crate) fn wrote(&mut self, octets: &[u8]) {
        for octet in octets {
            match *octet {
                ESC => self.written.clear(),
                b'\r' => {
                    let command = self.take_written();
                    if !command.is_empty() {
                        self.begin(&command);
                    }
                }
                CTRL_Z => {
                    let pdu = self.take_written();
                    self.submit(&pdu);
                }
                other if self.written.len() < LONGEST => self.written.push(other),
                _ => {}
            }
        }
    }

    /// Takes note of what the modem said.
    pub(crate) fn read(&mut self, octets: &[u8]) {
        // A prompt is no line, whether one is due or not.
        self.framer.expect_prompt(true);
        self.framer.push(octets);
        while let Some(item) = self.framer.pop() {
            self.framer.expect_prompt(true);
            match item {
                Item::Line(line) => self.line(line),
                Item::Prompt => self.prompted = true,
            }
        }
    }

    /// Returns the whole dialogue, but for a command whose answer was still to come.
    pub(crate) fn finish(mut self) -> String {
        self.command = None;
        self.end();
        self.be_ready();
        self.text
    }

    fn take_written(&mut self) -> String {
        let written = std::mem::take(&mut self.written);
        String::from_utf8_lossy(&written).trim().to_owned()
    }

    fn begin(&mut self, command: &str) {
        self.end();
        self.command = Some((command.to_owned(), Vec::new()));
    }

    /// Ends a PDU. What was submitted stands before the answer to its end, without the service centre's address.
    fn submit(&mut self, pdu: &str) {
        self.end();
        let octets = from_hex(pdu).unwrap_or_default();
        let centre = octets.first().map_or(0, |length| 1 + usize::from(*length));
        if let Some(tpdu) = octets.get(centre..).filter(|tpdu| !tpdu.is_empty()) {
            self.be_ready();
            let _ = writeln!(self.text, "submit {}", tpdu::to_hex(tpdu).to_uppercase());
        }
        self.saying = false;
        self.command = Some(("PDU".to_owned(), Vec::new()));
    }

    fn line(&mut self, line: String) {
        let ends = Final::parse(&line).is_some();
        let Some((command, answer)) = &mut self.command else {
            // The end of an answer that began before the trace is nothing unasked.
            if !ends {
                self.say(&line);
            }
            return;
        };
        if line == *command {
            // The echo of the command.
            return;
        }
        let own = at::reply::name(&line).is_some_and(|name| {
            command.to_ascii_uppercase().contains(name) || command == "PDU" && name == "+CMGS"
        });
        let is_known = matches!(Urc::parse(&line), Some(urc) if urc != Urc::Ignored);
        if is_known && !ends && !own {
            self.unasked.push(line);
            return;
        }
        answer.push(line);
        if ends {
            self.end();
        }
    }

    /// Ends an answer, which is whole or never will be. What asked for a PDU has none.
    fn end(&mut self) {
        let prompted = std::mem::take(&mut self.prompted);
        if let Some((command, answer)) = self.command.take()
            && !(prompted && answer.is_empty())
        {
            self.saying = false;
            let _ = writeln!(self.text, "> {command}");
            for line in answer {
                let _ = writeln!(self.text, "< {line}");
            }
        }
        for line in std::mem::take(&mut self.unasked) {
            self.say(&line);
        }
    }

    fn say(&mut self, line: &str) {
        if !self.saying {
            self.be_ready();
            self.text.push_str("say\n");
            self.saying = true;
        }
        let _ = writeln!(self.text, "< {line}");
    }

    fn be_ready(&mut self) {
        if !self.ready {
            self.ready = true;
            self.text.push_str("ready\n");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_have_their_answers_and_the_rest_was_unasked() {
        let mut dialogue = Dialogue::default();
        dialogue.read(b"\r\nOK\r\n");
        dialogue.wrote(b"\x1b");
        dialogue.wrote(b"AT+CREG?\r");
        dialogue.read(b"AT+CREG?\r\r\n+CMTI: \"SM\",3\r\n+CREG: 2,1\r\n\r\nO");
        dialogue.read(b"K\r\n");
        dialogue.wrote(b"AT+CMGS=18\r");
        dialogue.read(b"\r\n> ");
        dialogue.wrote(b"0001000B916407281553F8000005E8329BFD06");
        dialogue.wrote(b"\x1a");
        dialogue.read(b"\r\n+CMGS: 7\r\n\r\nOK\r\n\r\nRING\r\n");
        dialogue.wrote(b"AT+CSQ\r");
        dialogue.wrote(b"AT\r");
        assert_eq!(
            dialogue.finish(),
            "> AT+CREG?\n< +CREG: 2,1\n< OK\nready\nsay\n< +CMTI: \"SM\",3\n\
             submit 01000B916407281553F8000005E8329BFD06\n> PDU\n< +CMGS: 7\n< OK\nsay\n< RING\n> AT+CSQ\n"
        );
    }
}
