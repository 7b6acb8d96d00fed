//! USSD: a balance, and a menu with a session (TS 27.007, 7.15; TS 23.038 for the packing).

use std::time::{Duration, Instant};

use super::answer::{Done, Failure, Reply};
use super::command::{Command, Op};
use super::{Machine, Timer};
use crate::make::UssdForm;

const MENU: &str = "Merpati Net\n1. Pulsa\n2. Nomor saya\n3. Selesai";
const SESSION_PATIENCE: Duration = Duration::from_mins(1);

/// What is open with the network.
#[derive(Debug, Default)]
pub(super) struct Session {
    /// The menu waits for an answer.
    open: bool,
    /// What was asked last and not answered yet.
    asked: Option<String>,
}

impl Machine {
    pub(super) fn ussd(
        &mut self,
        now: Instant,
        command: &Command,
        reply: &mut Reply,
    ) -> Result<Done, Failure> {
        match &command.op {
            Op::Test => reply.line("+CUSD: (0-2)"),
            Op::Read => reply.line(format!("+CUSD: {}", u8::from(self.settings.cusd))),
            Op::Run => self.settings.cusd = false,
            Op::Set(_) => {
                let values = command.values();
                match values[0].as_str() {
                    "2" => {
                        self.session = Session::default();
                        self.stop(&Timer::UssdEnd);
                    }
                    "0" | "1" => {
                        self.settings.cusd = values[0] == "1";
                        if let Some(code) = values.get(1) {
                            self.need_sim()?;
                            if !self.is_attached() {
                                return Err(Failure::Cme(30));
                            }
                            self.session.asked = Some(self.ussd_typed(code));
                            self.stop(&Timer::UssdEnd);
                            self.after(now, self.config.timing.ussd, Timer::Ussd);
                        }
                    }
                    _ => return Err(Failure::Cme(50)),
                }
            }
        }
        Ok(Done::Ok)
    }

    pub(super) fn ussd_answer(&mut self, now: Instant) {
        let Some(asked) = self.session.asked.take() else { return };
        let balance =
            format!("Sisa pulsa Rp {}. Masa aktif s/d 31.12.2030.", thousands(self.sim.balance));
        let (state, text) = match (self.session.open, asked.as_str()) {
            (false, "*888#" | "*100#") | (true, "1") => (0, balance),
            (false, "*123#") => (1, MENU.to_owned()),
            (true, "2") => (0, format!("Nomor Anda {}", self.config.identity.number)),
            (true, "3") => (2, "Terima kasih".to_owned()),
            (true, _) => (1, format!("Pilihan salah\n{MENU}")),
            (false, _) => (4, String::new()),
        };
        self.session.open = state == 1;
        if self.session.open {
            self.after(now, SESSION_PATIENCE, Timer::UssdEnd);
        }
        self.ussd_say(now, state, &text);
    }

    /// So many rupiah more are on the SIM.
    pub fn top_up(&mut self, rupiah: u32) {
        self.sim.balance = self.sim.balance.saturating_add(rupiah);
    }

    /// The network sends a text that nobody asked for; unless the modem has no network.
    pub fn push_ussd(&mut self, now: Instant, text: &str) {
        if self.is_attached() {
            self.ussd_say(now, 0, text);
        }
    }

    fn ussd_say(&mut self, now: Instant, state: u8, text: &str) {
        if self.settings.cusd {
            let comma = self.profile.comma;
            let line = if text.is_empty() {
                format!("+CUSD: {state}")
            } else {
                let (text, coding) = self.ussd_shown(text);
                format!("+CUSD: {state}{comma}\"{text}\"{comma}{coding}")
            };
            self.announce(now, &line);
        }
    }

    pub(super) fn ussd_end(&mut self, now: Instant) {
        self.session = Session::default();
        if self.settings.cusd {
            self.announce(now, "+CUSD: 5");
        }
    }

    fn ussd_typed(&self, code: &str) -> String {
        if self.profile.ussd == UssdForm::Packed
            && let Ok(octets) = tpdu::from_hex(code)
        {
            let text: String = unpack(&octets).into_iter().map(char::from).collect();
            let text = text.trim_end_matches('\r');
            if !text.is_empty() && text.chars().all(|c| "0123456789*#+".contains(c)) {
                return text.to_owned();
            }
        }
        self.typed_text(code)
    }

    fn ussd_shown(&self, text: &str) -> (String, u8) {
        if self.settings.charset == "UCS2" {
            return (self.to_charset(text), 72);
        }
        if self.profile.ussd == UssdForm::Packed
            && let Ok(septets) = tpdu::gsm7::encode(text, tpdu::Shifts::default())
        {
            return (tpdu::to_hex(&pack(septets)), 15);
        }
        (text.to_owned(), 15)
    }
}

/// Septets as octets; a last octet with seven bits free gets a CR (TS 23.038, 6.1.2.3.1).
fn pack(mut septets: Vec<u8>) -> Vec<u8> {
    if septets.len() % 8 == 7 {
        septets.push(b'\r');
    }
    let mut octets = vec![0u8; (septets.len() * 7).div_ceil(8)];
    for (at, septet) in septets.iter().enumerate() {
        let [low, high] = (u16::from(*septet) << (at * 7 % 8)).to_le_bytes();
        octets[at * 7 / 8] |= low;
        if high != 0 {
            octets[at * 7 / 8 + 1] |= high;
        }
    }
    octets
}

fn unpack(octets: &[u8]) -> Vec<u8> {
    (0..octets.len() * 8 / 7)
        .map(|at| {
            let low = octets[at * 7 / 8];
            let high = octets.get(at * 7 / 8 + 1).copied().unwrap_or(0);
            (u16::from_le_bytes([low, high]) >> (at * 7 % 8)).to_le_bytes()[0] & 0x7F
        })
        .collect()
}

/// `25000` as `25.000`.
fn thousands(value: u32) -> String {
    let digits = value.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push('.');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_packed_as_sticks_want_them() {
        // AT+CUSD=1,"AA180C3602",15 is *100# in Huawei's forum answers.
        assert_eq!(tpdu::to_hex(&pack(b"*100#".to_vec())), "AA180C3602");
        assert_eq!(unpack(&[0xAA, 0x18, 0x0C, 0x36, 0x02]), b"*100#");
    }

    #[test]
    fn rupiah_have_dots() {
        assert_eq!(thousands(950), "950");
        assert_eq!(thousands(1_025_000), "1.025.000");
    }
}
