//! The line to the modem: what is written, the command in flight, and what was learned of how the modem answers.

use std::collections::{HashMap, HashSet, VecDeque};
use std::time::{Duration, Instant};

use at::{Final, Framer, Item, reply};

use super::active::Active;
use super::task::Task;
use crate::event::{Output, Reopen};
use crate::models::Profile;

/// The patience with most commands.
pub(crate) const SHORT: Duration = Duration::from_secs(5);
/// Commands that are remembered, to know their echo.
const RECENT: usize = 4;

/// How fast a modem takes what is written to it.
#[derive(Debug)]
struct Pace {
    /// The pause between a final result and the next command.
    command_gap: Duration,
    /// The octets that are written at once; 0: all.
    chunk: usize,
    chunk_gap: Duration,
}

impl Pace {
    fn of(profile: &Profile) -> Self {
        Self {
            command_gap: Duration::from_millis(profile.command_gap_ms),
            chunk: profile.chunk,
            chunk_gap: Duration::from_millis(profile.chunk_gap_ms),
        }
    }
}

/// The line to the modem.
#[derive(Debug)]
pub(crate) struct Link {
    framer: Framer,
    pace: Pace,
    /// What is to be written, and when.
    writes: VecDeque<(Instant, Vec<u8>)>,
    reopen: Option<Reopen>,
    active: Option<Active>,
    last_result_at: Instant,
    recent_commands: VecDeque<String>,
    /// Names of commands whose answers end without `OK`: known of the model, and learned.
    known_no_ok: Vec<String>,
    learned_no_ok: HashSet<String>,
    /// How often each command was missed.
    missed: HashMap<String, u8>,
    /// The line that the last command should have had, when it ended without that line.
    missing_line: Option<String>,
}

impl Link {
    /// The line to a modem of which nothing is known.
    pub(crate) fn new(now: Instant) -> Self {
        let profile = Profile::default();
        Self {
            framer: Framer::new(),
            pace: Pace::of(&profile),
            writes: VecDeque::new(),
            reopen: None,
            active: None,
            last_result_at: now,
            recent_commands: VecDeque::new(),
            known_no_ok: profile.no_ok,
            learned_no_ok: HashSet::new(),
            missed: HashMap::new(),
            missing_line: None,
        }
    }

    /// Writes and reads as the model wants it.
    pub(crate) fn adapt(&mut self, profile: &Profile) {
        self.pace = Pace::of(profile);
        self.known_no_ok.clone_from(&profile.no_ok);
    }

    /// The port was closed, or opened: a line that was begun does not go on.
    pub(crate) fn port_changed(&mut self) {
        self.framer.reset();
        self.reopen = None;
    }

    // What goes out.

    /// What the caller is to do with the port now.
    pub(crate) fn next_output(&mut self, now: Instant) -> Option<Output> {
        if self.writes.is_empty() {
            return self.reopen.take().map(Output::Reopen);
        }
        let (_, bytes) = self.writes.pop_front_if(|(due, _)| *due <= now)?;
        Some(Output::Transmit(bytes))
    }

    /// When something is to be written.
    pub(crate) fn write_due(&self) -> Option<Instant> {
        self.writes.front().map(|(due, _)| *due)
    }

    /// Writes, in pieces where the modem wants that, and never before what was written earlier.
    pub(crate) fn write_at(&mut self, due: Instant, bytes: &[u8]) {
        let mut due = self.writes.back().map_or(due, |(last, _)| due.max(*last));
        let piece = if self.pace.chunk == 0 { bytes.len() } else { self.pace.chunk };
        for piece in bytes.chunks(piece.max(1)) {
            self.writes.push_back((due, piece.to_vec()));
            due += self.pace.chunk_gap;
        }
    }

    /// Drops what is not written yet.
    pub(crate) fn drop_writes(&mut self) {
        self.writes.clear();
    }

    /// Has the port opened anew when all is written.
    pub(crate) fn reopen(&mut self, how: Reopen) {
        self.reopen = Some(how);
    }

    pub(crate) fn is_to_be_reopened(&self) -> bool {
        self.reopen.is_some()
    }

    // The command in flight.

    /// Writes a command, not before `earliest`.
    pub(crate) fn start(
        &mut self,
        earliest: Instant,
        command: String,
        task: Task,
        patience: Duration,
    ) {
        let due = earliest.max(self.last_result_at + self.pace.command_gap);
        self.write_at(due, format!("{command}\r").as_bytes());
        if self.recent_commands.len() == RECENT {
            self.recent_commands.pop_front();
        }
        self.recent_commands.push_back(command.clone());
        self.active = Some(Active::new(command, task, due, patience));
    }

    /// The command in flight asks for a PDU.
    pub(crate) fn await_prompt(&mut self) {
        if let Some(active) = &mut self.active {
            active.await_prompt();
        }
        self.framer.expect_prompt(true);
    }

    /// Has a `>` from now on count as a prompt, or not.
    pub(crate) fn expect_prompt(&mut self, expected: bool) {
        self.framer.expect_prompt(expected);
    }

    pub(crate) fn active(&self) -> Option<&Active> {
        self.active.as_ref()
    }

    pub(crate) fn active_mut(&mut self) -> Option<&mut Active> {
        self.active.as_mut()
    }

    /// What the command in flight is for.
    pub(crate) fn task(&self) -> Option<&Task> {
        self.active.as_ref().map(Active::task)
    }

    /// Whether no command is in flight.
    pub(crate) fn is_free(&self) -> bool {
        self.active.is_none()
    }

    /// The command in flight has ended.
    pub(crate) fn take_active(&mut self) -> Option<Active> {
        self.active.take()
    }

    /// A command had a final result.
    pub(crate) fn note_result(&mut self, now: Instant, active: &Active, result: &Final) {
        self.framer.expect_prompt(false);
        self.last_result_at = now;
        self.missing_line = active.missing_line(result).map(str::to_owned);
    }

    /// When the last command had its final result.
    pub(crate) fn last_result_at(&self) -> Instant {
        self.last_result_at
    }

    // What comes in.

    /// Takes one byte from the port.
    pub(crate) fn push(&mut self, byte: u8) {
        self.framer.push(&[byte]);
    }

    /// The next line, or prompt, that is whole.
    pub(crate) fn pop(&mut self) -> Option<Item> {
        self.framer.pop()
    }

    /// How many bytes were no text.
    pub(crate) fn dropped(&self) -> u64 {
        self.framer.dropped()
    }

    /// Gives a line to the command in flight. `false` when the line is not part of its answer.
    pub(crate) fn claim(&mut self, now: Instant, line: &str) -> bool {
        let Some(active) = self.active.as_mut().filter(|active| active.claims(line)) else {
            return false;
        };
        let name = active.name();
        let known = self.learned_no_ok.contains(name) || self.known_no_ok.iter().any(|n| n == name);
        let leaves_out_ok = known && !name.is_empty();
        active.take_line(now, line, leaves_out_ok);
        true
    }

    /// The modem has answered a command and left out `OK`: from now on silence ends the answers to it. `false` when
    /// that was known.
    pub(crate) fn learn_no_ok(&mut self, active: &Active) -> bool {
        self.learned_no_ok.insert(active.name().to_owned())
    }

    /// Whether a line repeats one of the last commands.
    pub(crate) fn is_command(&self, line: &str) -> bool {
        self.recent_commands.iter().any(|command| command.eq_ignore_ascii_case(line))
    }

    /// Whether a line is the one that the last command should have had.
    pub(crate) fn is_missing_line(&self, line: &str) -> bool {
        self.missing_line.as_deref().is_some_and(|name| reply::value(line, name).is_some())
    }

    /// The line that the last command should have had has come.
    pub(crate) fn missing_line_came(&mut self) {
        self.missing_line = None;
    }

    // Commands that the modem does not answer.

    /// Notes that a command was not answered.
    pub(crate) fn note_missed(&mut self, command: &str) {
        *self.missed.entry(command.to_owned()).or_default() += 1;
    }

    /// Whether a command is not asked any more, for it was missed twice.
    pub(crate) fn is_muted(&self, command: &str) -> bool {
        self.missed.get(command).is_some_and(|missed| *missed >= 2)
    }

    /// Asks again what was not answered before.
    pub(crate) fn forget_missed(&mut self) {
        self.missed.clear();
    }
}
