//! What is typed: bytes become command lines, PDUs and texts (V.250, 5.2; TS 27.005, 3.5.1).

use std::time::{Duration, Instant};

use super::answer::{Done, Failure, Reply};
use super::command::{self, Command};
use super::line::Mode;
use super::{Machine, PROMPT};
use crate::fault::Fault;

impl Machine {
    pub(super) fn read_input(&mut self, now: Instant, port: usize) {
        let mut echo = Vec::new();
        while !matches!(self.lines[port].mode, Mode::Busy) {
            let line = &mut self.lines[port];
            let Some(byte) = line.input.pop_front() else { break };
            if line.echo && byte != 0x1A && byte != 0x1B {
                echo.push(byte);
            }
            let (entry, text) = match &line.mode {
                Mode::Entry(entry) => (true, entry.is_text()),
                _ => (false, false),
            };
            match byte {
                0x1A if entry => {
                    self.echo(now, port, &mut echo);
                    self.entered(now, port);
                }
                0x1B if entry => {
                    line.mode = Mode::Command;
                    line.typed.clear();
                    self.echo(now, port, &mut echo);
                    self.finish(now, port, &Reply::default(), Ok(()));
                }
                0x08 => {
                    line.typed.pop();
                }
                b'\r' if !entry => {
                    self.echo(now, port, &mut echo);
                    self.command_line(now, port);
                }
                b'\n' if !entry || text => {}
                b'\r' if text => {
                    line.typed.push(b'\n');
                    self.echo(now, port, &mut echo);
                    self.say(now, port, Duration::ZERO, PROMPT);
                }
                _ => line.typed.push(byte),
            }
        }
        self.echo(now, port, &mut echo);
    }

    pub(super) fn echo(&mut self, now: Instant, port: usize, echo: &mut Vec<u8>) {
        if !echo.is_empty() {
            self.say_bytes(now, port, Duration::ZERO, echo);
            echo.clear();
        }
    }

    pub(super) fn command_line(&mut self, now: Instant, port: usize) {
        let line = &mut self.lines[port];
        let mut text = String::from_utf8_lossy(&std::mem::take(&mut line.typed)).into_owned();
        if text.trim().eq_ignore_ascii_case("A/") {
            text.clone_from(&line.last);
        }
        let Some(commands) = command::parse(&text) else { return };
        line.last = text;
        let mut reply = Reply::default();
        let attention = [Command::attention()];
        for command in if commands.is_empty() { attention.as_slice() } else { &commands } {
            match self.run(now, port, command, &mut reply) {
                Ok(Done::Ok) => {}
                Ok(Done::Silent) => {
                    self.information(now, port, &reply);
                    return;
                }
                Err(failure) => {
                    self.finish(now, port, &reply, Err(failure));
                    return;
                }
            }
        }
        self.finish(now, port, &reply, Ok(()));
    }

    /// One command, with the faults that are about commands before it.
    pub(super) fn run(
        &mut self,
        now: Instant,
        port: usize,
        command: &Command,
        reply: &mut Reply,
    ) -> Result<Done, Failure> {
        match self.board.take_of_command(&command.name) {
            Some(Fault::Silence) => return Ok(Done::Silent),
            Some(Fault::Garbage) => {
                let noise = self.noise_text();
                self.say(now, port, Duration::ZERO, &noise);
                return Ok(Done::Silent);
            }
            Some(Fault::Cms(code)) => return Err(Failure::Cms(code)),
            Some(Fault::Cme(code)) => return Err(Failure::Cme(code)),
            Some(_) => return Err(Failure::Error),
            None => {}
        }
        self.command(now, port, command, reply)
    }

    /// Some bytes that mean nothing, different each time and the same in every run.
    pub(super) fn noise_text(&mut self) -> String {
        (0..24)
            .map(|_| {
                self.garbage ^= self.garbage << 13;
                self.garbage ^= self.garbage >> 17;
                self.garbage ^= self.garbage << 5;
                char::from(u8::try_from(self.garbage % 0x5E).unwrap_or(0) + 0x21)
            })
            .collect::<String>()
            + "\r\n"
    }
}
