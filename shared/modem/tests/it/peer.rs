//! A modem that is played: answers from a table, a memory for messages, and faults on demand.
//!
//! It knows nothing of the machine it talks to; what it says by default is invented, what a test gives it may
//! be from a real modem (see `transcripts.rs`).

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::fmt::Write as _;
use std::time::Duration;

/// What goes wrong at one command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// No answer to this one; the command has no effect.
    Silent,
    /// The command has its effect, and the answer is lost.
    AnswerLost,
    /// No answer to anything until the port is opened anew.
    Dead,
    /// `ERROR`.
    Error,
    /// `+CMS ERROR: 500`.
    Cms500,
    /// `+CME ERROR: 14`, SIM busy.
    Busy,
    /// Bytes that are no text, then the answer.
    Noise,
    /// The modem restarts in place of answering.
    Reboot,
    /// The command has its effect and the modem restarts.
    EffectThenReboot,
    /// The port goes away in place of an answer.
    Unplugged,
    /// The command has its effect and the port goes away.
    EffectThenUnplugged,
    /// The answer comes twice.
    Twice,
    /// Two seconds late.
    Slow,
    /// Half a minute late, when nobody waits for it.
    Late,
    /// Unsolicited lines of all kinds before the answer.
    Chatter,
    /// A message comes in before the answer.
    Incoming,
    /// A prompt that nobody asked for, before the answer.
    Prompt,
    /// The lines of the answer, and no final result.
    NoFinal,
}

impl Fault {
    pub(crate) const ALL: [Self; 18] = [
        Self::Silent,
        Self::AnswerLost,
        Self::Dead,
        Self::Error,
        Self::Cms500,
        Self::Busy,
        Self::Noise,
        Self::Reboot,
        Self::EffectThenReboot,
        Self::Unplugged,
        Self::EffectThenUnplugged,
        Self::Twice,
        Self::Slow,
        Self::Late,
        Self::Chatter,
        Self::Incoming,
        Self::Prompt,
        Self::NoFinal,
    ];
}

/// Commands that are refused: those that begin so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) command: String,
    /// With `|` for line ends; empty: no answer at all.
    pub(crate) answer: String,
    pub(crate) lasts: Lasts,
}

/// How long commands are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lasts {
    Times(u32),
    /// Until this time after the start.
    Until(Duration),
    Ever,
}

/// What the peer does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Act {
    /// Bytes after a time.
    Say(Duration, Vec<u8>),
    /// The port goes away.
    Close,
}

/// Unsolicited lines of all kinds; from the manuals of the makers named.
pub(crate) const CHATTER: &str = "\r\n^RSSI:20\r\n\r\n^BOOT:20252525,0,0,0,72\r\n\r\n*PSUTTZ: 2026,11,23,18,0,0,\"+28\",0\r\n\
\r\n+ZUSIMR:2\r\n\r\n+CREG: 1,\"00C3\",\"0000A1B2\"\r\n\r\nRING\r\n\r\n+CLIP: \"+628111\",145,\"\",0,\"\",0\r\n\r\n+CIEV: 2,4\r\n\r\n+QIND: \"csq\",20,99\r\n";

/// The message of the issue's record: `+CMT: ,35` and its PDU.
pub(crate) const DELIVER: &str =
    "059126181642040C9126189519497500006020619041628212502B284C6EA7DDA0B03C0D5297D9E535";
/// A status report, made by hand from 23.040, 9.2.2.3: reference 7, to +628159919457, delivered.
pub(crate) const REPORT: &str = "05912618164206070C91261895194975602061904162826020619041528200";

pub(crate) struct Peer {
    answers: HashMap<String, VecDeque<String>>,
    echo: bool,
    pub(crate) echo_stays: bool,
    /// Since the start.
    pub(crate) now: Duration,
    pub(crate) refusals: Vec<Refusal>,
    /// `+CMGF: 1`.
    pub(crate) text_mode: bool,
    /// As it is after a restart.
    pub(crate) starts_in_text_mode: bool,
    /// What went out in text mode: the number, and the text.
    pub(crate) texts: Vec<(String, String)>,
    /// It gave something that it wants acknowledged.
    pub(crate) waits_for_acknowledgement: bool,
    /// `+CNMI`, as it was set last.
    pub(crate) announcing: Vec<u8>,
    line: Vec<u8>,
    prompt: Option<Prompt>,
    pub(crate) slots: BTreeMap<u32, (u8, String)>,
    pub(crate) announce: bool,
    /// Reading is from the modem's own memory, which is empty.
    elsewhere: bool,
    reference: u8,
    /// PDUs that reached the network.
    pub(crate) network: Vec<String>,
    /// Commands in order.
    pub(crate) commands: Vec<String>,
    /// The fault, at which command counted from 0.
    pub(crate) fault: Option<(usize, Fault)>,
    dead: bool,
    pub(crate) dead_for_good: bool,
    pub(crate) delay: Duration,
    /// The answer to a submission takes so long.
    pub(crate) network_delay: Duration,
    pub(crate) acknowledged: usize,
    /// A message to come in at the next fault.
    pub(crate) incoming: u32,
    sim_full: usize,
    pub(crate) marks_sent: bool,
    /// The answer to each submission in place of acceptance.
    pub(crate) refusal: VecDeque<String>,
    pub(crate) no_prompt: bool,
    pub(crate) pins: Vec<String>,
    pub(crate) pin: Option<(String, bool)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Prompt {
    Send,
    Store,
    /// In text mode: to this number.
    Text(String),
}

impl Peer {
    /// A modem like many.
    pub(crate) fn new() -> Self {
        let mut peer = Self {
            answers: HashMap::new(),
            echo: true,
            echo_stays: false,
            now: Duration::ZERO,
            refusals: Vec::new(),
            text_mode: false,
            starts_in_text_mode: false,
            texts: Vec::new(),
            waits_for_acknowledgement: false,
            announcing: vec![0; 5],
            line: Vec::new(),
            prompt: None,
            slots: BTreeMap::new(),
            announce: false,
            elsewhere: false,
            reference: 6,
            network: Vec::new(),
            commands: Vec::new(),
            fault: None,
            dead: false,
            dead_for_good: false,
            delay: Duration::ZERO,
            network_delay: Duration::ZERO,
            acknowledged: 0,
            incoming: 0,
            sim_full: 30,
            marks_sent: true,
            refusal: VecDeque::new(),
            no_prompt: false,
            pins: Vec::new(),
            pin: None,
        };
        for (command, answer) in [
            ("AT", "OK"),
            ("ATQ0V1", "OK"),
            ("AT+CMEE=1", "OK"),
            ("AT+CFUN?", "+CFUN: 1|OK"),
            ("ATI", "Acme|M1|OK"),
            ("AT+CGMI", "Acme|OK"),
            ("AT+CGMM", "M1|OK"),
            ("AT+CGMR", "1.0|OK"),
            ("AT+CGSN", "356938035643809|OK"),
            ("AT+CIMI", "510101234567890|OK"),
            ("AT+CCID", "+CCID: \"8962101234567890123\"|OK"),
            ("AT+CMGF=0", "OK"),
            ("AT+CSMS=?", "+CSMS: (0,1)|OK"),
            ("AT+CSMS=1", "+CSMS: 1,1,1|OK"),
            ("AT+CPMS=?", "+CPMS: (\"SM\",\"ME\"),(\"SM\",\"ME\"),(\"SM\",\"ME\")|OK"),
            ("AT+CPMS=\"SM\",\"SM\",\"SM\"", "+CPMS: 0,30,0,30,0,30|OK"),
            ("AT+CPMS=\"SM\"", "+CPMS: 0,30,0,30,0,30|OK"),
            ("AT+CPMS=\"ME\"", "+CPMS: 0,0,0,30,0,30|OK"),
            ("AT+CNMI=?", "+CNMI: (0-2),(0-3),(0,2),(0-2),(0,1)|OK"),
            ("AT+CNMI=2,1,0,1,0", "OK"),
            ("AT+CREG=2", "OK"),
            ("AT+CREG?", "+CREG: 2,1,\"00C3\",\"0000A1B2\"|OK"),
            ("AT+CSCA?", "+CSCA: \"+62816124\",145|OK"),
            ("AT+CLIP=1", "OK"),
            ("AT+CSQ", "+CSQ: 20,99|OK"),
            ("AT+COPS=3,0", "OK"),
            ("AT+COPS?", "+COPS: 0,0,\"TELKOMSEL\",2|OK"),
            ("AT+CNUM", "+CNUM: \"\",\"+62811223344\",145|OK"),
            ("AT+CMMS=2", "OK"),
            ("AT+CUSD=1,\"*888#\",15", "OK|+CUSD: 0,\"Pulsa Rp 10.000\",15"),
            ("AT+CUSD=2", "OK"),
            ("ATH", "OK"),
        ] {
            peer.answer(command, answer);
        }
        peer
    }

    /// What it says to a command; `|` stands for a line end. Several answers are given in turn, the last
    /// one again and again.
    pub(crate) fn answer(&mut self, command: &str, answer: &str) -> &mut Self {
        self.answers.insert(command.to_owned(), VecDeque::from([answer.to_owned()]));
        self
    }

    pub(crate) fn answers(&mut self, command: &str, answers: &[&str]) -> &mut Self {
        let list = answers.iter().map(|text| (*text).to_owned()).collect();
        self.answers.insert(command.to_owned(), list);
        self
    }

    /// A dip of its power.
    pub(crate) fn loses_settings(&mut self) {
        self.echo = true;
        self.announce = false;
        self.text_mode = self.starts_in_text_mode;
        self.announcing = vec![0; 5];
    }

    /// Nobody acknowledged in time (27.005, 3.4.4).
    pub(crate) fn gives_up_waiting(&mut self) {
        self.waits_for_acknowledgement = false;
        self.announcing[1] = 0;
        self.announcing[3] = 0;
    }

    /// The port was opened anew.
    pub(crate) fn opened(&mut self) {
        self.dead = self.dead_for_good;
        self.line.clear();
    }

    /// It restarts: what is set is lost, what is stored is not.
    fn reboot(&mut self) {
        self.loses_settings();
        self.elsewhere = false;
        self.prompt = None;
        self.line.clear();
    }

    /// A message comes in from the network.
    pub(crate) fn receives(&mut self, pdu: &str) -> Vec<u8> {
        let Some(free) = (1..=255).find(|slot| !self.slots.contains_key(slot)) else {
            return vec![];
        };
        if self.slots.len() >= self.sim_full {
            return vec![];
        }
        self.slots.insert(free, (0, pdu.to_owned()));
        if self.announce { format!("\r\n+CMTI: \"SM\",{free}\r\n").into_bytes() } else { vec![] }
    }

    /// Takes bytes and acts.
    pub(crate) fn hears(&mut self, bytes: &[u8]) -> Vec<Act> {
        let mut acts = Vec::new();
        for &byte in bytes {
            match (byte, self.prompt.clone()) {
                (0x1B, _) => {
                    if self.prompt.take().is_some() {
                        acts.push(Act::Say(self.delay, b"\r\nOK\r\n".to_vec()));
                    }
                    self.line.clear();
                }
                (0x1A, Some(prompt)) => {
                    self.prompt = None;
                    let pdu = String::from_utf8_lossy(&std::mem::take(&mut self.line)).into_owned();
                    acts.extend(self.pdu(prompt, &pdu));
                }
                // At a prompt a CR is part of the text.
                (b'\r', Some(_)) => acts.push(Act::Say(self.delay, b"\r\n> ".to_vec())),
                (b'\r', None) => {
                    let text =
                        String::from_utf8_lossy(&std::mem::take(&mut self.line)).into_owned();
                    acts.extend(self.command(&text));
                }
                _ => self.line.push(byte),
            }
        }
        acts
    }

    fn pdu(&mut self, prompt: Prompt, pdu: &str) -> Vec<Act> {
        let name = match prompt {
            Prompt::Send => "PDU(send)",
            Prompt::Store => "PDU(store)",
            Prompt::Text(_) => "TEXT",
        };
        let delay = self.network_delay;
        self.with_fault(name, delay, |peer| {
            if let Prompt::Text(number) = prompt {
                peer.texts.push((number, pdu.to_owned()));
                return "+CMGS: 1|OK".into();
            }
            if let Some(refusal) = peer.refusal.pop_front() {
                return refusal;
            }
            let valid = pdu.len().is_multiple_of(2) && pdu.bytes().all(|b| b.is_ascii_hexdigit());
            if !valid {
                return "+CMS ERROR: 304".into();
            }
            match prompt {
                Prompt::Send => peer.sends(pdu),
                Prompt::Store => {
                    let slot = (20..=255).find(|slot| !peer.slots.contains_key(slot)).unwrap_or(99);
                    peer.slots.insert(slot, (2, pdu.to_owned()));
                    format!("+CMGW: {slot}|OK")
                }
                Prompt::Text(_) => String::new(),
            }
        })
    }

    fn sends(&mut self, pdu: &str) -> String {
        self.network.push(pdu.to_owned());
        self.reference = self.reference.wrapping_add(1);
        format!("+CMGS: {}|OK", self.reference)
    }

    fn command(&mut self, text: &str) -> Vec<Act> {
        if text.is_empty() {
            return Vec::new();
        }
        let mut acts = Vec::new();
        if self.echo && !self.dead {
            acts.push(Act::Say(self.delay, format!("{text}\r").into_bytes()));
        }
        let delay = if text.starts_with("AT+CMSS=") { self.network_delay } else { self.delay };
        acts.extend(self.with_fault(text, delay, |peer| peer.effect(text)));
        acts
    }

    /// The effect of a command, and its answer with `|` for line ends.
    fn effect(&mut self, text: &str) -> String {
        if let Some(answer) = self.refuses(text) {
            return answer;
        }
        match text {
            "AT+CMGF=0" => {
                let answer = self.table(text).unwrap_or_else(|| "ERROR".into());
                self.text_mode &= !answer.ends_with("OK");
                return answer;
            }
            "AT+CMGF?" if !self.answers.contains_key(text) => {
                return format!("+CMGF: {}|OK", u8::from(self.text_mode));
            }
            "AT+CNMI?" if !self.answers.contains_key(text) => {
                let values: Vec<_> = self.announcing.iter().map(u8::to_string).collect();
                return format!("+CNMI: {}|OK", values.join(","));
            }
            "AT+CMGF=?" if !self.answers.contains_key(text) => return "+CMGF: (0,1)|OK".into(),
            "ATE0" => {
                self.echo = self.echo_stays;
                return "OK".into();
            }
            "AT+CPIN?" => {
                return match &self.pin {
                    Some((_, false)) => "+CPIN: SIM PIN|OK".into(),
                    _ => self.table(text).unwrap_or_else(|| "+CPIN: READY|OK".into()),
                };
            }
            "AT+CMGL=4" if self.elsewhere => return "OK".into(),
            "AT+CMGL=4" if !self.answers.contains_key(text) => {
                let mut list = String::new();
                for (slot, (state, pdu)) in &self.slots {
                    let _ = write!(list, "+CMGL: {slot},{state},,{}|{pdu}|", tpdu_octets(pdu));
                }
                return format!("{list}OK");
            }
            "AT+CNMA" | "AT+CNMA=2" => {
                let answer = self.table(text).unwrap_or_else(|| "OK".into());
                let waits = std::mem::take(&mut self.waits_for_acknowledgement);
                if answer == "OK" && !waits && text == "AT+CNMA=2" {
                    return "+CMS ERROR: 340".into();
                }
                self.waits_for_acknowledgement = waits && answer != "OK";
                self.acknowledged += 1;
                return answer;
            }
            _ => {}
        }
        if let Some(pin) = text.strip_prefix("AT+CPIN=") {
            let pin = pin.trim_matches('"').to_owned();
            self.pins.push(pin.clone());
            if let Some(answer) = self.table("AT+CPIN=") {
                return answer;
            }
            return match &mut self.pin {
                Some((right, open)) if *right == pin => {
                    *open = true;
                    "OK".into()
                }
                _ => "+CME ERROR: 16".into(),
            };
        }
        if let Some(memory) = text.strip_prefix("AT+CPMS=").filter(|value| *value != "?") {
            self.elsewhere = !memory.starts_with("\"SM\"");
        } else if self.elsewhere
            && !self.answers.contains_key(text)
            && (text.starts_with("AT+CMGR=") || text.starts_with("AT+CMGD="))
        {
            return "+CMS ERROR: 321".into();
        }
        if text.starts_with("AT+CNMI=") && text != "AT+CNMI=?" {
            let answer = self.table(text).unwrap_or_else(|| "ERROR".into());
            if answer.ends_with("OK") {
                self.announce |= text.contains(",1,");
                self.announcing = at::reply::numbers(&text["AT+CNMI=".len()..]);
            }
            return answer;
        }
        if text.starts_with("AT+CMGS=") || text.starts_with("AT+CMGW=") {
            if self.no_prompt {
                return String::new();
            }
            self.prompt = Some(match text["AT+CMGS=".len()..].trim_matches('"') {
                number if self.text_mode => Prompt::Text(number.to_owned()),
                _ if text.starts_with("AT+CMGS=") => Prompt::Send,
                _ => Prompt::Store,
            });
            return self.table("PROMPT").unwrap_or_else(|| "> ".into());
        }
        if let Some(slot) = text.strip_prefix("AT+CMSS=").and_then(|s| s.parse().ok()) {
            if let Some(refusal) = self.refusal.pop_front() {
                return refusal;
            }
            if let Some(refusal) = self.table(text) {
                return refusal;
            }
            let Some((_, pdu)) = self.slots.get(&slot).cloned() else {
                return "+CMS ERROR: 321".into();
            };
            if self.marks_sent {
                self.slots.insert(slot, (3, pdu.clone()));
            }
            return self.sends(&pdu).replace("+CMGS", "+CMSS");
        }
        if let Some(slot) = text.strip_prefix("AT+CMGR=").and_then(|s| s.parse().ok())
            && !self.answers.contains_key(text)
        {
            return match self.slots.get(&slot) {
                Some((state, pdu)) => format!("+CMGR: {state},,{}|{pdu}|OK", tpdu_octets(pdu)),
                None => "+CMS ERROR: 321".into(),
            };
        }
        if let Some(slot) = text.strip_prefix("AT+CMGD=").and_then(|s| s.parse::<u32>().ok())
            && !self.answers.contains_key(text)
        {
            return if self.slots.remove(&slot).is_some() { "OK" } else { "+CMS ERROR: 321" }
                .into();
        }
        self.table(text).unwrap_or_else(|| "ERROR".into())
    }

    /// The answer to a command that is refused now.
    fn refuses(&mut self, text: &str) -> Option<String> {
        let now = self.now;
        let refusal = self.refusals.iter_mut().find(|refusal| {
            text.starts_with(&refusal.command)
                && match refusal.lasts {
                    Lasts::Times(left) => left > 0,
                    Lasts::Until(end) => now < end,
                    Lasts::Ever => true,
                }
        })?;
        if let Lasts::Times(left) = &mut refusal.lasts {
            *left -= 1;
        }
        Some(refusal.answer.clone())
    }

    fn table(&mut self, text: &str) -> Option<String> {
        let list = self.answers.get_mut(text)?;
        if list.len() > 1 { list.pop_front() } else { list.front().cloned() }
    }

    fn with_fault(
        &mut self,
        name: &str,
        delay: Duration,
        effect: impl FnOnce(&mut Self) -> String,
    ) -> Vec<Act> {
        let at = self.commands.len();
        self.commands.push(name.to_owned());
        if self.dead {
            return Vec::new();
        }
        let fault = self.fault.filter(|(when, _)| *when == at).map(|(_, fault)| fault);
        let say = |text: &str| Act::Say(delay, framed(text));
        match fault {
            None => vec![say(&effect(self))],
            Some(Fault::Silent) => vec![],
            Some(Fault::AnswerLost) => {
                effect(self);
                vec![]
            }
            Some(Fault::Dead) => {
                self.dead = true;
                vec![]
            }
            Some(Fault::Error) => vec![say("ERROR")],
            Some(Fault::Cms500) => vec![say("+CMS ERROR: 500")],
            Some(Fault::Busy) => vec![say("+CME ERROR: 14")],
            Some(Fault::Noise) => {
                let mut bytes = b"\0\xff\x80\xfe~{\0\r\n".to_vec();
                bytes.extend(framed(&effect(self)));
                vec![Act::Say(delay, bytes)]
            }
            Some(fault @ (Fault::Reboot | Fault::EffectThenReboot)) => {
                if fault == Fault::EffectThenReboot {
                    effect(self);
                }
                self.reboot();
                vec![Act::Say(
                    Duration::from_secs(1),
                    b"\r\nRDY\r\n\r\n+CFUN: 1\r\n\r\n+CPIN: READY\r\n".to_vec(),
                )]
            }
            Some(Fault::Unplugged) => {
                self.reboot();
                vec![Act::Close]
            }
            Some(Fault::EffectThenUnplugged) => {
                effect(self);
                self.reboot();
                vec![Act::Close]
            }
            Some(Fault::Twice) => {
                let text = effect(self);
                vec![say(&text), say(&text)]
            }
            Some(Fault::Slow) => {
                let text = effect(self);
                vec![Act::Say(delay + Duration::from_secs(2), framed(&text))]
            }
            Some(Fault::Late) => {
                let text = effect(self);
                vec![Act::Say(delay + Duration::from_secs(130), framed(&text))]
            }
            Some(Fault::Chatter) => {
                let text = effect(self);
                vec![Act::Say(delay, CHATTER.as_bytes().to_vec()), say(&text)]
            }
            Some(Fault::Incoming) => {
                self.incoming += 1;
                let urc = self.receives(DELIVER);
                let text = effect(self);
                vec![Act::Say(delay, urc), say(&text)]
            }
            Some(Fault::Prompt) => {
                let text = effect(self);
                vec![Act::Say(delay, b"\r\n> \r\n".to_vec()), say(&text)]
            }
            Some(Fault::NoFinal) => {
                let text = effect(self);
                let lines: Vec<_> = text.split('|').filter(|line| *line != "OK").collect();
                vec![say(&lines.join("|"))]
            }
        }
    }
}

/// Octets of the TPDU in a PDU in hex with the service centre's address.
fn tpdu_octets(pdu: &str) -> usize {
    let smsc = usize::from_str_radix(&pdu[..2], 16).unwrap();
    pdu.len() / 2 - 1 - smsc
}

/// Lines between CR LF as modems write them; the prompt without an end.
pub(crate) fn framed(text: &str) -> Vec<u8> {
    if text.is_empty() {
        return Vec::new();
    }
    if text == "> " {
        return b"\r\n> ".to_vec();
    }
    text.split('|').flat_map(|line| format!("\r\n{line}\r\n").into_bytes()).collect()
}
