//! The last lines of the serial line, for somebody who wants to see what a modem does at this moment.
//!
//! They are kept all the time, so that what went wrong is still there when it is looked for; a trace
//! ([`crate::port::transcript`]) begins when it is asked for, and has every octet. Therefore nothing private is kept here:
//! of PINs and passwords, message texts, PDUs and answers of the network only how long they were, and of long runs of digits only the
//! first ones. What is hidden is hidden where a line is put in, so that no one who reads them can forget it. A line is shown as it is
//! only when its name is on a list of harmless ones, for no list of the others is complete: each vendor has commands of its own that take
//! a PIN, or name a caller.

use std::collections::VecDeque;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use at::Final;
use contracts::Timestamp;
use contracts::control::SerialLine;

/// How many lines are kept.
const KEPT: usize = 100;
/// Characters of a line that are kept, and octets of one that are looked at.
const LONGEST: usize = 160;
const LOOKED_AT: usize = 2_048;
/// A longer run of digits may be a number, an IMEI or a voucher; so many of it stay.
const LONGEST_RUN: usize = 5;
const BEGIN: usize = 3;
/// A line of so many hexadecimal digits is a PDU, or a text in UCS-2.
const SHORTEST_PDU: usize = 16;
/// A quotation mark, before which `escape_ascii` has put a backslash.
const QUOTE: &str = "\\\"";
const ESC: u8 = 0x1B;
const CTRL_Z: u8 = 0x1A;

/// What is given to these commands is secret: PINs and passwords. Any other command that is not harmless is held to be one of them.
const SECRET: [&str; 5] = ["CPIN", "CPIN2", "CPWD", "CLCK", "CPUK"];
/// What is quoted or written behind these others wrote: USSD, messages in text mode, the phone book, calls. Numbers may be seen.
const OF_OTHERS: [&str; 15] = [
    "CUSD", "CMGR", "CMGL", "CMGS", "CMSS", "CMT", "CMGW", "CDS", "CBM", "CPBR", "CPBF", "CPBW",
    "CNUM", "CLIP", "CRSM",
];
/// Behind these the lines of a message may follow, in text mode.
const BEGIN_TEXTS: [&str; 5] = ["CMGR", "CMGL", "CMT", "CDS", "CBM"];
/// Of these anybody may see the words: states, networks, and settings of the modem.
const HARMLESS: [&str; 56] = [
    "ACM", "BOOT", "CBC", "CCID", "CCLK", "CEER", "CEREG", "CESQ", "CFUN", "CGATT", "CGMI", "CGMM",
    "CGMR", "CGREG", "CGSN", "CIEV", "CIMI", "CIND", "CLAC", "CMEE", "CMER", "CMGD", "CMGF",
    "CMTI", "CDSI", "CNMI", "CNSMOD", "COPS", "CPAS", "CPINC", "CPINR", "CPIN", "CPMS", "CRC",
    "CREG", "CRING", "CSCA", "CSCS", "CSMP", "CSMS", "CSQ", "CSQN", "ICCID", "KSUP", "MODE",
    "QCCID", "QCFG", "QENG", "QIND", "QNWINFO", "QPINC", "QSIMSTAT", "RSSI", "SIMST", "SYSINFO",
    "WIND",
];
/// Lines of one word that modems say by themselves.
const WORDS: [&str; 8] =
    [">", "RING", "RDY", "BUSY", "NO CARRIER", "NO DIALTONE", "SMS Ready", "Call Ready"];

/// The lines of one port, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    kept: VecDeque<SerialLine>,
    written: Vec<u8>,
    read: Vec<u8>,
    /// The last command asked who the modem is: its answer is a line without a name.
    asked_who: bool,
    /// What tells the last command from others, so that its echo is known. The command itself may hold a PIN.
    echo: Option<u64>,
    /// The modem is saying the text of a message, any line of which may look like an answer.
    in_text: bool,
}

impl Lines {
    /// Takes note of what the driver wrote.
    pub(crate) fn wrote(&mut self, at: Timestamp, octets: &[u8]) {
        for line in cut(&mut self.written, octets) {
            self.asked_who = asks_who(&line);
            self.echo = Some(hash(&line));
            self.in_text = false;
            let text = masked(&line, self.asked_who);
            self.keep(at, true, &text);
        }
    }

    /// Takes note of what the modem said.
    pub(crate) fn read(&mut self, at: Timestamp, octets: &[u8]) {
        for line in cut(&mut self.read, octets) {
            let text = self.said(&line);
            self.keep(at, false, &text);
        }
    }

    /// What is kept of a line that the modem said.
    fn said(&mut self, line: &str) -> String {
        let is_echo = self.echo == Some(hash(line));
        // A modem gives no commands: what looks like one and was not given to it is somebody's text.
        if is_command(line) && !is_echo && !self.asked_who {
            return hidden(line);
        }
        let name = named(line);
        let of_others = name.as_deref().is_some_and(|name| OF_OTHERS.contains(&name));
        if self.in_text && !of_others {
            // What the network said in PDU mode is one line; a text has no end but that of the answer.
            self.in_text = Final::parse(line).is_none() && !is_pdu(line);
            return if self.in_text { hidden(line) } else { masked(line, false) };
        }
        let begins_text = name.as_deref().is_some_and(|name| BEGIN_TEXTS.contains(&name));
        // An answer to USSD has its text between quotes, which may have many lines.
        let is_open = of_others && line.matches(QUOTE).count() % 2 == 1;
        self.in_text = !is_echo && (self.in_text || begins_text || is_open);
        masked(line, self.asked_who)
    }

    /// Returns those that are kept.
    pub(crate) fn last(&self) -> Vec<SerialLine> {
        self.kept.iter().cloned().collect()
    }

    fn keep(&mut self, at: Timestamp, written: bool, text: &str) {
        let text: String = text.chars().take(LONGEST).collect();
        if self.kept.len() >= KEPT {
            self.kept.pop_front();
        }
        self.kept.push_back(SerialLine { at, written, text });
    }
}

/// Returns the lines that `octets` end, and keeps what begins another.
fn cut(begun: &mut Vec<u8>, octets: &[u8]) -> Vec<String> {
    let mut lines = Vec::new();
    for octet in octets {
        if matches!(*octet, b'\r' | b'\n' | CTRL_Z | ESC) {
            let line = begun.escape_ascii().to_string();
            begun.clear();
            if !line.trim().is_empty() {
                lines.push(line.trim().to_owned());
            }
        } else if begun.len() < LOOKED_AT {
            begun.push(*octet);
        }
    }
    lines
}

/// Whether a command is answered by a line that has no name: the make, the model, the firmware.
fn asks_who(command: &str) -> bool {
    let command = command.to_ascii_uppercase();
    ["ATI", "AT+CGM", "AT+GM"].iter().any(|begin| command.starts_with(begin))
}

/// What tells a line from others, without being it.
fn hash(line: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    line.hash(&mut hasher);
    hasher.finish()
}

fn is_command(line: &str) -> bool {
    line.get(..2).is_some_and(|begin| begin.eq_ignore_ascii_case("AT"))
}

fn is_number(line: &str) -> bool {
    line.bytes().all(|octet| octet.is_ascii_digit())
}

fn is_pdu(line: &str) -> bool {
    let is_hex = line.bytes().all(|octet| octet.is_ascii_hexdigit());
    line.len() >= SHORTEST_PDU && is_hex && !is_number(line)
}

/// A line without what is secret or private in it.
fn masked(line: &str, asked_who: bool) -> String {
    if is_pdu(line) {
        return format!("(PDU, {} octets)", line.len() / 2);
    }
    let Some(name) = named(line) else {
        let is_plain =
            asked_who || is_number(line) || WORDS.contains(&line) || Final::parse(line).is_some();
        return if is_plain { digits(line) } else { hidden(line) };
    };
    if is_command(line) && line.contains('=') {
        let (begin, given) = line.split_once('=').unwrap_or((line, ""));
        // Behind a semicolon another command may follow.
        let is_listed = |list: &[&str]| list.contains(&name.as_str()) && !line.contains(';');
        let is_harmless = is_listed(&HARMLESS) && !is_listed(&SECRET);
        if !is_harmless && !is_listed(&OF_OTHERS) && given != "?" {
            return format!("{}=…", digits(begin));
        }
        return if is_harmless { digits(line) } else { shape(begin, '=', given) };
    }
    match line.split_once(':') {
        Some((begin, told)) if !HARMLESS.contains(&name.as_str()) => shape(begin, ':', told),
        _ => digits(line),
    }
}

/// The numbers of a line, without what is quoted in it. Of a line that has words in it only their length.
fn shape(begin: &str, sign: char, rest: &str) -> String {
    let (begin, shown) = (digits(begin), digits(&unquoted(rest)));
    if shown.chars().any(char::is_alphabetic) {
        return format!("{begin}{sign} {}", hidden(rest.trim()));
    }
    format!("{begin}{sign}{shown}")
}

/// The name of a command or an answer, without what it begins with and in capitals: `CUSD` of `AT+CUSD=1` and of `+CUSD: 0`.
/// None: the line has none, and may be anybody's text.
fn named(line: &str) -> Option<String> {
    let is_command = is_command(line);
    let rest = if is_command { &line[2..] } else { line };
    let marked = rest.strip_prefix(['+', '^', '*', '#', '%', '$', '&', '_']);
    if is_command && marked.is_none() {
        // A command of the old kind, such as ATE0, has letters and digits alone; what an echo of one is not may be a text.
        let is_old = line.len() <= 24 && rest.bytes().all(|octet| octet.is_ascii_graphic());
        return is_old.then(String::new);
    }
    let marked = marked?;
    let end = marked.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    let (name, after) = marked.split_at(end.unwrap_or(marked.len()));
    let is_name = !name.is_empty() && name.len() <= 16;
    // What a modem says has a colon behind its name; a number that begins a text has none.
    let suits = is_command || after.starts_with(':');
    (is_name && suits && name.starts_with(|c: char| c.is_ascii_alphabetic()))
        .then(|| name.to_ascii_uppercase())
}

/// How long it was.
fn hidden(line: &str) -> String {
    format!("({} characters)", line.replace(QUOTE, "\"").chars().count())
}

/// A line without what is quoted in it.
fn unquoted(line: &str) -> String {
    let mut text = String::new();
    for (place, piece) in line.split(QUOTE).enumerate() {
        text.push_str(if place % 2 == 0 { piece } else { "\"…\"" });
    }
    text
}

/// A line without long runs of digits.
fn digits(line: &str) -> String {
    let mut text = String::new();
    let mut run = String::new();
    for c in line.chars().map(Some).chain([None]) {
        if let Some(digit) = c.filter(char::is_ascii_hexdigit) {
            run.push(digit);
            continue;
        }
        let numerals = run.chars().filter(char::is_ascii_digit).count();
        if numerals > LONGEST_RUN {
            text.extend(run.chars().take(BEGIN));
            text.push('…');
        } else {
            text.push_str(&run);
        }
        run.clear();
        text.extend(c);
    }
    text.replace(QUOTE, "\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at() -> Timestamp {
        Timestamp::from_micros(0)
    }

    fn said(lines: &Lines) -> Vec<String> {
        let mark = |line: &SerialLine| if line.written { '>' } else { '<' };
        lines.last().iter().map(|line| format!("{} {}", mark(line), line.text)).collect()
    }

    #[test]
    fn what_is_no_ones_business_is_not_kept() {
        let mut lines = Lines::default();
        lines.wrote(at(), b"AT+CPIN=\"4071\"\r");
        lines.read(at(), b"AT+CPI");
        lines.read(at(), b"N=\"4071\"\r\r\n+CPIN: READY\r\n\r\nOK\r\n");
        lines.wrote(at(), b"AT+CSCA=\"+6281612345678\"\r");
        lines.wrote(at(), b"AT+CMGS=18\r");
        lines.read(at(), b"\r\n> ");
        lines.wrote(at(), b"0001000B916407281553F8000005E8329BFD06\x1a");
        lines.read(at(), b"\r\n+CMGS: 7\r\n");
        lines.read(
            at(),
            b"+CMT: \"+628123\",\"Budi\",\"26/12/01,12:00:00+28\"\r\nSandi Anda 1234\r\n",
        );
        lines.read(at(), b"+CUSD: 0,\"Pulsa Rp 5.000\",15\r\n+62 transfer ya: sekarang\r\n");
        lines.wrote(at(), b"AT+CGSN\r");
        lines.read(at(), b"353270012345678\r\nOK\r\n");
        lines.wrote(at(), b"AT+CGMM\r");
        lines.read(at(), b"EC25\r\n");
        lines.wrote(at(), b"AT+COPS?\r");
        lines.read(at(), b"+COPS: 0,0,\"TELKOMSEL\",7\r\n+CSQ: 15,99\r\nketemu jam 5\r\n");
        assert_eq!(
            said(&lines),
            [
                "> AT+CPIN=…",
                "< AT+CPIN=…",
                "< +CPIN: READY",
                "< OK",
                "> AT+CSCA=\"+628…\"",
                "> AT+CMGS=18",
                "> (PDU, 19 octets)",
                "< >",
                "< +CMGS: 7",
                "< +CMT: \"…\",\"…\",\"…\"",
                "< (15 characters)",
                "< +CUSD: 0,\"…\",15",
                "< (25 characters)",
                "> AT+CGSN",
                "< 353…",
                "< OK",
                "> AT+CGMM",
                "< EC25",
                "> AT+COPS?",
                "< +COPS: 0,0,\"TELKOMSEL\",7",
                "< +CSQ: 15,99",
                "< (12 characters)",
            ]
        );
    }

    #[test]
    fn a_flood_leaves_the_last_lines_and_no_long_one() {
        let mut lines = Lines::default();
        lines.read(at(), &vec![b'x'; 1_000_000]);
        lines.read(at(), b"\r\n");
        for number in 0..1_000 {
            lines.read(at(), format!("+CSQ: {number} {}\r\n", "y ".repeat(500)).as_bytes());
        }
        let last = lines.last();
        assert_eq!(last.len(), KEPT);
        assert!(
            last[0].text.starts_with("+CSQ: 900 ") && last[KEPT - 1].text.starts_with("+CSQ: 999 ")
        );
        assert!(last.iter().all(|line| line.text.chars().count() <= LONGEST));
        assert!(lines.read.is_empty() && lines.written.is_empty());
    }

    #[test]
    fn octets_that_are_no_text_are_escaped() {
        let mut lines = Lines::default();
        lines.read(at(), b"+CSQ: \xff\x00\x1b[2J\"a\"\r\n");
        assert_eq!(said(&lines), ["< +CSQ: \\xff\\x00", "< (6 characters)"]);
    }

    #[test]
    fn what_is_not_known_to_be_harmless_has_no_words() {
        for (written, kept) in [
            ("AT^SPWD=\"SC\",\"1234\"", "AT^SPWD=…"),
            ("AT+EPIN=1234", "AT+EPIN=…"),
            ("AT+CSQ;+CPIN=1234", "AT+CSQ;+CPIN=…"),
            ("AT$QCPDPP=1,1,\"sandi\"", "AT$QCPDPP=…"),
            ("AT^SPWD=?", "AT^SPWD=?"),
            ("AT+CUSD=1,\"*888*4071#\",15", "AT+CUSD=1,\"…\",15"),
            ("AT+CPMS=\"SM\"", "AT+CPMS=\"SM\""),
        ] {
            let mut lines = Lines::default();
            lines.wrote(at(), format!("{written}\r").as_bytes());
            lines.read(at(), format!("{written}\r\r\n").as_bytes());
            assert_eq!(said(&lines), [format!("> {kept}"), format!("< {kept}")]);
        }
        for (read, kept) in [
            ("+CNAP: \"Budi\",0", "+CNAP: \"…\",0"),
            ("+CLCC: 1,1,4,0,0,\"0812\",129,\"Budi\"", "+CLCC: 1,1,4,0,0,\"…\",129,\"…\""),
            ("+CCWA: \"0812\",129,1,\"Budi\"", "+CCWA: \"…\",129,1,\"…\""),
            ("+COLP: \"0812\",129,,,\"Budi\"", "+COLP: \"…\",129,,,\"…\""),
            ("+Info: sandi 4071", "+Info: (10 characters)"),
            ("AT pukul 5 di toko", "(18 characters)"),
            ("AT+CSQ:sandi", "(12 characters)"),
        ] {
            let mut lines = Lines::default();
            lines.wrote(at(), b"AT+CSQ\r");
            lines.read(at(), format!("{read}\r\n").as_bytes());
            assert_eq!(said(&lines), ["> AT+CSQ".to_owned(), format!("< {kept}")]);
        }
    }

    #[test]
    fn a_line_of_a_text_that_looks_like_an_answer_is_a_text() {
        let mut lines = Lines::default();
        lines.read(at(), b"+CUSD: 1,\"Pilih:\r\n+CSQ: sandi\r\n2. Pulsa\",15\r\n");
        lines.wrote(at(), b"AT+CMGR=1\r");
        lines.read(at(), b"+CMGR: \"REC READ\",\"0812\"\r\n+COPS: Budi\r\nRING\r\n\r\nOK\r\n");
        lines.read(at(), b"+CMT: ,24\r\n0791261100000000040C91\r\n+CREG: 1\r\n");
        assert_eq!(
            said(&lines),
            [
                "< +CUSD: 1,\"…\"",
                "< (11 characters)",
                "< (12 characters)",
                "> AT+CMGR=1",
                "< +CMGR: \"…\",\"…\"",
                "< (11 characters)",
                "< (4 characters)",
                "< OK",
                "< +CMT: ,24",
                "< (PDU, 11 octets)",
                "< +CREG: 1",
            ]
        );
    }
}
