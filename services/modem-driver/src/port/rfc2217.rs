//! Telnet with the COM port option (RFC 2217, over RFC 854 and RFC 856): a serial port far away, with
//! its speed set from here, as ser2net and terminal servers offer it.
//!
//! A pure codec: octets in, octets out. Once the far side agrees to the option it is told speed,
//! size, parity, stop bits, no flow control, DTR and RTS on. A server that refuses the option is
//! used as it is set up. Negotiation answers only changes, so two polite sides do not talk for ever
//! (RFC 1143).

const SE: u8 = 240;
const SB: u8 = 250;
const WILL: u8 = 251;
const WONT: u8 = 252;
const DO: u8 = 253;
const DONT: u8 = 254;
const IAC: u8 = 255;

const BINARY: u8 = 0;
const SUPPRESS_GO_AHEAD: u8 = 3;
const COM_PORT: u8 = 44;

const SET_BAUDRATE: u8 = 1;
const SET_DATASIZE: u8 = 2;
const SET_PARITY: u8 = 3;
const SET_STOPSIZE: u8 = 4;
const SET_CONTROL: u8 = 5;
/// What the access server sends has 100 added to the client's code.
const FROM_SERVER: u8 = 100;
const FLOWCONTROL_SUSPEND: u8 = 8;
const FLOWCONTROL_RESUME: u8 = 9;

/// A subnegotiation longer than this is not one of ours.
const LONGEST_SUBNEGOTIATION: usize = 256;

/// One connection's state.
#[derive(Debug)]
pub(crate) struct Codec {
    baud: u32,
    state: State,
    /// Options we have asked for or agreed to, on our side and on theirs.
    ours: Vec<u8>,
    theirs: Vec<u8>,
    subnegotiation: Vec<u8>,
    told: bool,
    refused: bool,
    suspended: bool,
    after_cr: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Data,
    Command,
    Option(u8),
    Subnegotiation,
    SubnegotiationCommand,
}

impl Codec {
    /// Returns the client of a port that is to run at `baud`, 8 data bits, no parity, one stop bit.
    pub(crate) fn new(baud: u32) -> Self {
        Self {
            baud,
            state: State::Data,
            ours: Vec::new(),
            theirs: Vec::new(),
            subnegotiation: Vec::new(),
            told: false,
            refused: false,
            suspended: false,
            after_cr: false,
        }
    }

    /// Returns what to send when the connection stands: both directions binary, and the option offered.
    pub(crate) fn greeting(&mut self) -> Vec<u8> {
        self.ours = vec![BINARY, SUPPRESS_GO_AHEAD, COM_PORT];
        self.theirs = vec![BINARY, SUPPRESS_GO_AHEAD];
        let mut raw = Vec::new();
        for option in &self.ours {
            raw.extend([IAC, WILL, *option]);
        }
        for option in &self.theirs {
            raw.extend([IAC, DO, *option]);
        }
        raw
    }

    /// Takes octets off the connection. What the modem said goes to `data`, what must be answered to `reply`.
    pub(crate) fn decode(&mut self, raw: &[u8], data: &mut Vec<u8>, reply: &mut Vec<u8>) {
        for &octet in raw {
            self.state = match (self.state, octet) {
                (State::Data, IAC) => State::Command,
                (State::Data, _) => {
                    self.take(octet, data);
                    State::Data
                }
                (State::Command, IAC) => {
                    self.take(IAC, data);
                    State::Data
                }
                (State::Command, WILL | WONT | DO | DONT) => State::Option(octet),
                (State::Command, SB) => {
                    self.subnegotiation.clear();
                    State::Subnegotiation
                }
                (State::Option(verb), option) => {
                    self.negotiate(verb, option, reply);
                    State::Data
                }
                (State::Subnegotiation, IAC) => State::SubnegotiationCommand,
                (State::SubnegotiationCommand, SE) => {
                    self.subnegotiated();
                    State::Data
                }
                (State::Subnegotiation, _) | (State::SubnegotiationCommand, IAC) => {
                    if self.subnegotiation.len() < LONGEST_SUBNEGOTIATION {
                        self.subnegotiation.push(octet);
                    }
                    State::Subnegotiation
                }
                // NOP, Are You There and the like: nothing for a modem. Within a subnegotiation they are
                // not allowed by RFC 855: the far side lost its place, and it is begun anew.
                (State::Command | State::SubnegotiationCommand, _) => State::Data,
            };
        }
    }

    /// Puts what is for the modem into `raw`, ready for the connection.
    pub(crate) fn encode(data: &[u8], raw: &mut Vec<u8>) {
        for &octet in data {
            raw.push(octet);
            if octet == IAC {
                raw.push(IAC);
            }
        }
    }

    /// Returns whether the far side asked to wait with data.
    pub(crate) fn is_suspended(&self) -> bool {
        self.suspended
    }

    /// Returns whether the far side does not know the option: the speed is what it was set to there.
    pub(crate) fn is_refused(&self) -> bool {
        self.refused
    }

    /// Takes an octet of data. Outside binary mode a carriage return is followed by NUL (RFC 854).
    fn take(&mut self, octet: u8, data: &mut Vec<u8>) {
        let padding = self.after_cr && octet == 0 && !self.theirs.contains(&BINARY);
        self.after_cr = octet == b'\r';
        if !padding {
            data.push(octet);
        }
    }

    fn negotiate(&mut self, verb: u8, option: u8, reply: &mut Vec<u8>) {
        match verb {
            DO if option == COM_PORT => {
                if !self.ours.contains(&option) {
                    self.ours.push(option);
                    reply.extend([IAC, WILL, option]);
                }
                if !self.told {
                    self.told = true;
                    self.tell_settings(reply);
                }
            }
            DO if self.ours.contains(&option) => {}
            DO if [BINARY, SUPPRESS_GO_AHEAD].contains(&option) => {
                self.ours.push(option);
                reply.extend([IAC, WILL, option]);
            }
            DO => reply.extend([IAC, WONT, option]),
            DONT => {
                self.refused |= option == COM_PORT;
                // Our own offer turned down needs no answer; giving up what was agreed does.
                if self.ours.contains(&option) {
                    self.ours.retain(|o| *o != option);
                    if option != COM_PORT || self.told {
                        reply.extend([IAC, WONT, option]);
                    }
                }
            }
            WILL if self.theirs.contains(&option) => {}
            WILL if [BINARY, SUPPRESS_GO_AHEAD, COM_PORT].contains(&option) => {
                self.theirs.push(option);
                reply.extend([IAC, DO, option]);
            }
            WILL => reply.extend([IAC, DONT, option]),
            WONT if self.theirs.contains(&option) => self.theirs.retain(|o| *o != option),
            _ => {}
        }
    }

    fn tell_settings(&self, reply: &mut Vec<u8>) {
        let mut tell = |command: u8, value: &[u8]| {
            reply.extend([IAC, SB, COM_PORT, command]);
            for &octet in value {
                reply.push(octet);
                if octet == IAC {
                    reply.push(IAC);
                }
            }
            reply.extend([IAC, SE]);
        };
        tell(SET_BAUDRATE, &self.baud.to_be_bytes());
        tell(SET_DATASIZE, &[8]);
        tell(SET_PARITY, &[1]);
        tell(SET_STOPSIZE, &[1]);
        // 1: no flow control, 8: DTR on, 11: RTS on.
        for control in [1, 8, 11] {
            tell(SET_CONTROL, &[control]);
        }
    }

    fn subnegotiated(&mut self) {
        let [COM_PORT, command, ..] = self.subnegotiation[..] else { return };
        match command.checked_sub(FROM_SERVER) {
            Some(FLOWCONTROL_SUSPEND) => self.suspended = true,
            Some(FLOWCONTROL_RESUME) => self.suspended = false,
            // Confirmations and notices of line and modem state: the AT dialogue tells more.
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(codec: &mut Codec, raw: &[u8]) -> (Vec<u8>, Vec<u8>) {
        let (mut data, mut reply) = (Vec::new(), Vec::new());
        codec.decode(raw, &mut data, &mut reply);
        (data, reply)
    }

    #[test]
    fn settings_are_told_once_the_option_is_agreed() {
        let mut codec = Codec::new(115_200);
        assert_eq!(codec.greeting()[6..9], [IAC, WILL, COM_PORT]);
        let (data, reply) = decode(&mut codec, &[IAC, DO, COM_PORT]);
        assert!(data.is_empty());
        // RFC 2217, SET-BAUDRATE: IAC SB COM-PORT-OPTION SET-BAUD <value(4)> IAC SE.
        assert_eq!(reply[..10], [IAC, SB, 44, 1, 0x00, 0x01, 0xC2, 0x00, IAC, SE]);
        assert!(decode(&mut codec, &[IAC, DO, COM_PORT]).1.is_empty());
    }

    #[test]
    fn octet_255_is_doubled_both_ways() {
        let mut codec = Codec::new(9_600);
        let mut raw = Vec::new();
        Codec::encode(&[1, IAC, 2], &mut raw);
        assert_eq!(raw, [1, IAC, IAC, 2]);
        assert_eq!(decode(&mut codec, &raw).0, [1, IAC, 2]);
    }

    #[test]
    fn every_split_of_a_conversation_reads_the_same() {
        let conversation = [
            b"\r\nO".as_slice(),
            &[IAC, DO, COM_PORT, IAC, SB, COM_PORT, 101, 0, 1, IAC, IAC, 0, IAC, SE],
            b"K\r\n",
            &[IAC, IAC, IAC, WILL, BINARY, IAC, WILL, 1],
        ]
        .concat();
        let mut whole = Codec::new(9_600);
        whole.greeting();
        let expected = decode(&mut whole, &conversation);
        assert_eq!(expected.0, b"\r\nOK\r\n\xff");
        for split in 0..=conversation.len() {
            let mut codec = Codec::new(9_600);
            codec.greeting();
            let (mut data, mut reply) = decode(&mut codec, &conversation[..split]);
            codec.decode(&conversation[split..], &mut data, &mut reply);
            assert_eq!((data, reply), expected, "split at {split}");
        }
    }

    #[test]
    fn a_refusal_is_no_quarrel() {
        let mut codec = Codec::new(9_600);
        codec.greeting();
        assert!(decode(&mut codec, &[IAC, DONT, COM_PORT]).1.is_empty());
        assert!(codec.is_refused());
        assert_eq!(decode(&mut codec, &[IAC, WILL, 1]).1, [IAC, DONT, 1]);
        assert_eq!(decode(&mut codec, &[IAC, DO, 24]).1, [IAC, WONT, 24]);
    }

    #[test]
    fn the_far_side_can_ask_us_to_wait() {
        let mut codec = Codec::new(9_600);
        decode(&mut codec, &[IAC, SB, COM_PORT, 108, IAC, SE]);
        assert!(codec.is_suspended());
        decode(&mut codec, &[IAC, SB, COM_PORT, 109, IAC, SE]);
        assert!(!codec.is_suspended());
    }

    #[test]
    fn any_octets_are_survived() {
        let mut codec = Codec::new(9_600);
        let mut seed = 1_u32;
        let noise: Vec<u8> = (0..100_000)
            .map(|_| {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let octet = seed.to_be_bytes()[0];
                if octet < 64 { 240 + octet % 16 } else { octet }
            })
            .collect();
        let (data, reply) = decode(&mut codec, &noise);
        assert!(data.len() + reply.len() < 4 * noise.len());
    }
}
