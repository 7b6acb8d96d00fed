//! What a modem says, from bytes to values.

use std::hint::black_box;

use at::reply::{RegistrationLine, StorageUse, value};
use at::{Final, Framer, Urc, command};

use crate::{Case, count};

pub(crate) const CASES: &[Case] = &[
    ("AT: the answer to AT+CMGS in lines, with its result", || {
        count(|| lines(b"\r\n+CMGS: 211\r\n\r\nOK\r\n"));
    }),
    ("AT: a list of ten stored messages in lines", || {
        let mut list = Vec::new();
        for slot in 1..=10 {
            list.extend(format!("+CMGL: {slot},0,,35\r\n{}\r\n", "059126181642".repeat(7)).bytes());
        }
        list.extend(b"\r\nOK\r\n");
        count(|| lines(&list));
    }),
    ("AT: a registration is read", || {
        count(|| {
            let line = black_box("+CREG: 2,1,\"00C3\",\"0000A1B2\",7");
            RegistrationLine::parse(value(line, "+CREG").unwrap())
        });
    }),
    ("AT: the use of the memories is read", || {
        count(|| StorageUse::parse(black_box("\"SM\",3,20,\"SM\",3,20,\"ME\",0,50")));
    }),
    ("AT: a line that nobody asked for is known", || {
        count(|| Urc::parse(black_box("+CMTI: \"SM\",12")));
    }),
    ("AT: an error is read and classed", || {
        count(|| Final::parse(black_box("+CMS ERROR: 38")).and_then(|error| error.class()));
    }),
    ("AT: a PDU of 160 octets is written for the line", || {
        let octets: Vec<u8> = (0..160).collect();
        count(|| command::pdu(black_box(&octets)));
    }),
];

/// How many lines, and how many final results among them.
fn lines(bytes: &[u8]) -> (usize, usize) {
    let mut framer = Framer::new();
    framer.push(black_box(bytes));
    let (mut all, mut results) = (0, 0);
    while let Some(item) = framer.pop() {
        all += 1;
        if let at::Item::Line(line) = item {
            results += usize::from(Final::parse(&line).is_some());
        }
    }
    (all, results)
}
