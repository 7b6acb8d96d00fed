//! SMS TPDUs, alphabets and splitting.

use std::hint::black_box;

use tpdu::text::{Encoding, Options};
use tpdu::{
    Address, Deliver, MessageSpec, Pdu, Shifts, StatusReport, Submit, compose, gsm7, join, text,
    ucs2,
};

use crate::{Case, count};

/// What modems gave and were given, of 160 septets, 18 septets and no text.
const SUBMIT: &str = "0011000B916407281553F80000AA0AE8329BFD4697D9EC37";
const DELIVER: &str =
    "059126181642040C9126189519497500006020619041628212502B284C6EA7DDA0B03C0D5297D9E535";
const REPORT: &str = "05912618164206070C91261895194975602061904162826020619041528200";

const LATIN: &str = "Pesanan Anda nomor 4711 sudah kami terima dan akan dikirim besok pagi sebelum pukul sembilan. ";
const CYRILLIC: &str = "Ваш заказ принят и будет доставлен завтра утром до девяти часов. ";

pub(crate) const CASES: &[Case] = &[
    ("codec: a SUBMIT is written", || {
        let pdu = Pdu::<Submit>::from_hex(SUBMIT).unwrap();
        count(|| black_box(&pdu).to_hex());
    }),
    ("codec: a SUBMIT is read", || count(|| Pdu::<Submit>::from_hex(black_box(SUBMIT)))),
    ("codec: a DELIVER is written", || {
        let pdu = Pdu::<Deliver>::from_hex(DELIVER).unwrap();
        count(|| black_box(&pdu).to_hex());
    }),
    ("codec: a DELIVER is read, and its text", || {
        count(|| join(&[Pdu::<Deliver>::from_hex(black_box(DELIVER)).unwrap().tpdu.body()]));
    }),
    ("codec: a STATUS-REPORT is written", || {
        let pdu = Pdu::<StatusReport>::from_hex(REPORT).unwrap();
        count(|| black_box(&pdu).to_hex());
    }),
    ("codec: a STATUS-REPORT is read", || {
        count(|| Pdu::<StatusReport>::from_hex(black_box(REPORT)));
    }),
    ("codec: 160 characters to GSM 7-bit", || {
        let text: String = LATIN.chars().cycle().take(160).collect();
        count(|| gsm7::encode(black_box(&text), Shifts::default()));
    }),
    ("codec: 160 characters from GSM 7-bit", || {
        let text: String = LATIN.chars().cycle().take(160).collect();
        let septets = gsm7::encode(&text, Shifts::default()).unwrap();
        count(|| gsm7::decode(black_box(&septets), Shifts::default()));
    }),
    ("codec: 70 characters to UCS-2", || {
        let text: String = CYRILLIC.chars().cycle().take(70).collect();
        count(|| ucs2::encode(black_box(&text)));
    }),
    ("codec: 70 characters from UCS-2", || {
        let octets = ucs2::encode(&CYRILLIC.chars().cycle().take(70).collect::<String>());
        count(|| ucs2::decode(black_box(&octets)));
    }),
    ("codec: 1,000 characters are split, GSM 7-bit", || split(LATIN)),
    ("codec: 1,000 characters are split, UCS-2", || split(CYRILLIC)),
    ("codec: a message of one part, from text to TPDU", || composed(40)),
    ("codec: a message of three parts, from text to TPDUs", || composed(400)),
];

fn split(text: &str) {
    let text: String = text.chars().cycle().take(1_000).collect();
    let options = Options::new(Encoding::default());
    count(|| text::plan(black_box(&text), &options));
}

fn composed(characters: usize) {
    let to = Address::number("+6281234567890").unwrap();
    let spec = MessageSpec::text(to, LATIN.chars().cycle().take(characters).collect::<String>());
    count(|| {
        let tpdus = compose(black_box(&spec)).unwrap();
        tpdus.into_iter().map(|tpdu| Pdu { smsc: None, tpdu }.to_hex()).collect::<Vec<_>>()
    });
}
