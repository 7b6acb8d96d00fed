//! What begins in one line and goes on in the next.

use std::time::{Duration, Instant};

use at::Final;

/// How long the second line of a message may take.
const SECOND_LINE: Duration = Duration::from_secs(2);
/// How long a USSD text may go on, and over how many octets.
const USSD_TEXT: (Duration, usize) = (Duration::from_secs(5), 2000);

/// Something of which not all lines have come.
#[derive(Debug, Clone)]
pub(crate) struct Partial {
    begun: Begun,
    until: Instant,
}

#[derive(Debug, Clone)]
enum Begun {
    /// `+CMT`, `+CDS`: the PDU, as far as it came, and the octets of its TPDU.
    Message { length: Option<usize>, hex: String },
    /// `+CBM`.
    Broadcast,
    /// `+CUSD` whose quotes are open.
    Ussd(String),
}

/// What came in more than one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Whole {
    /// A message: its PDU in hex, as much as came, and the octets of its TPDU.
    Message { length: Option<usize>, hex: String },
    /// The value of `+CUSD`.
    Ussd(String),
}

/// What a line did for something that was begun.
#[derive(Debug)]
pub(crate) enum Continued {
    /// The line is part of it, and more is to come.
    Open(Partial),
    /// The line is its last one. `None`: what came is of no use.
    Closed(Option<Whole>),
    /// The line does not belong to it, and its own next line may still come.
    Interrupted(Partial),
    /// The line does not belong to it, and nothing more of it is expected.
    Abandoned,
}

impl Partial {
    /// `+CMT` or `+CDS` came: the PDU is the next line.
    pub(crate) fn message(now: Instant, length: Option<usize>) -> Self {
        let begun = Begun::Message { length, hex: String::new() };
        Self { begun, until: now + SECOND_LINE }
    }

    /// `+CBM` came: the next line is its content.
    pub(crate) fn broadcast(now: Instant) -> Self {
        Self { begun: Begun::Broadcast, until: now + SECOND_LINE }
    }

    /// `+CUSD` came, whose text goes on in the next line.
    pub(crate) fn ussd(now: Instant, text: &str) -> Self {
        Self { begun: Begun::Ussd(text.to_owned()), until: now + USSD_TEXT.0 }
    }

    /// Until when the next line is waited for.
    pub(crate) fn until(&self) -> Instant {
        self.until
    }

    /// Takes a line. `in_answer` says that a command is in flight, so that the line may be its final result.
    pub(crate) fn go_on(self, line: &str, in_answer: bool) -> Continued {
        let until = self.until;
        let is_hex = || line.bytes().all(|byte| byte.is_ascii_hexdigit());
        match self.begun {
            // The text of a text-mode message; a named line is something else.
            Begun::Message { length: None, .. } => {
                if line.starts_with(['+', '^', '*']) || Final::parse(line).is_some() {
                    Continued::Abandoned
                } else {
                    Continued::Closed(None)
                }
            }
            // Another unsolicited line came between the two.
            begun @ Begun::Message { .. } if line.is_empty() || !is_hex() => {
                Continued::Interrupted(Self { begun, until })
            }
            Begun::Message { length, mut hex } => {
                hex.push_str(line);
                if is_short(&hex, length) {
                    Continued::Open(Self { begun: Begun::Message { length, hex }, until })
                } else {
                    Continued::Closed(Some(Whole::Message { length, hex }))
                }
            }
            Begun::Broadcast if is_hex() => Continued::Closed(None),
            Begun::Broadcast => Continued::Abandoned,
            begun @ Begun::Ussd(_) if is_no_text(line, in_answer) => {
                Continued::Interrupted(Self { begun, until })
            }
            Begun::Ussd(mut text) => {
                text.push('\n');
                text.push_str(line);
                if at::ussd::is_complete(&text) || text.len() > USSD_TEXT.1 {
                    Continued::Closed(Some(Whole::Ussd(text)))
                } else {
                    Continued::Open(Self { begun: Begun::Ussd(text), until })
                }
            }
        }
    }

    /// What came so far, when the rest does not come.
    pub(crate) fn cut_off(self) -> Option<Whole> {
        match self.begun {
            Begun::Message { length, hex } => Some(Whole::Message { length, hex }),
            Begun::Broadcast => None,
            Begun::Ussd(text) => Some(Whole::Ussd(text)),
        }
    }
}

/// What must not be taken for a line of a USSD text: the end of the command in flight, and messages.
fn is_no_text(line: &str, in_answer: bool) -> bool {
    const NAMES: [&str; 7] = ["+CMGS", "+CMSS", "+CMGW", "+CMT", "+CDS", "+CMTI", "+CDSI"];
    let ends = in_answer && Final::parse(line).is_some();
    ends || NAMES.iter().any(|name| at::reply::value(line, name).is_some())
}

/// Whether a PDU in hex is shorter than its header says.
fn is_short(hex: &str, length: Option<usize>) -> bool {
    let Some(length) = length else { return false };
    let smsc = hex.get(..2).and_then(|text| usize::from_str_radix(text, 16).ok()).unwrap_or(0);
    let whole = (1 + smsc + length) * 2;
    // Some give the length without, or the PDU without, the service centre's address.
    smsc <= 12 && hex.len() < whole && hex.len() != length * 2
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "time is an argument here, and any time will do")]
mod tests {
    use super::*;

    #[test]
    fn a_pdu_may_come_in_pieces_with_another_line_between() {
        let partial = Partial::message(Instant::now(), Some(3));
        let Continued::Open(partial) = partial.go_on("0006", true) else { panic!("open") };
        let Continued::Interrupted(partial) = partial.go_on("+CREG: 1", true) else {
            panic!("interrupted")
        };
        let Continued::Closed(Some(whole)) = partial.go_on("0102", true) else { panic!("closed") };
        assert_eq!(whole, Whole::Message { length: Some(3), hex: "00060102".to_owned() });
    }

    #[test]
    fn a_result_is_no_text_while_a_command_is_in_flight() {
        let ussd = || Partial::ussd(Instant::now(), "0,\"one");
        assert!(matches!(ussd().go_on("OK", true), Continued::Interrupted(_)));
        assert!(matches!(ussd().go_on("OK", false), Continued::Open(_)));
        let Continued::Closed(Some(whole)) = ussd().go_on("two\",15", true) else {
            panic!("closed")
        };
        assert_eq!(whole, Whole::Ussd("0,\"one\ntwo\",15".to_owned()));
    }

    #[test]
    fn what_is_cut_off_is_better_than_nothing() {
        let partial = Partial::message(Instant::now(), Some(30));
        let Continued::Open(partial) = partial.go_on("0006", true) else { panic!("open") };
        let whole = Whole::Message { length: Some(30), hex: "0006".to_owned() };
        assert_eq!(partial.cut_off(), Some(whole));
    }
}
