//! One of both programs: what it answers, and what goes on the air.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use modem_sim::Network;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tpdu::{Element, Submit, UserData, Validity};

use crate::gateway::PATIENCE;

/// One of both programs, with a simulated modem.
pub(super) struct Side<'a> {
    pub(super) name: &'static str,
    pub(super) address: &'a str,
    pub(super) network: &'a Network,
}

/// Status and body.
pub(super) async fn ask(side: &Side<'_>, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(side.address).await.unwrap();
    stream.write_all(request).await.unwrap();
    let (mut answer, mut chunk) = (Vec::new(), [0; 4096]);
    let whole = |answer: &[u8]| {
        let text = String::from_utf8_lossy(answer).into_owned();
        let (head, body) = text.split_once("\r\n\r\n")?;
        let head = head.to_ascii_lowercase();
        let length = head.split("content-length: ").nth(1)?.lines().next()?.parse().ok()?;
        (body.len() >= length || request.starts_with(b"HEAD")).then(|| (head, body.to_owned()))
    };
    loop {
        let read = tokio::time::timeout(PATIENCE, stream.read(&mut chunk)).await;
        let count = read.expect("an answer in time").unwrap_or(0);
        answer.extend_from_slice(&chunk[..count]);
        if let Some((head, body)) = whole(&answer) {
            return format!("{} {body}", head.split(' ').nth(1).unwrap());
        }
        if count == 0 {
            // Kannel's refusals of a request line have no length.
            let text = String::from_utf8_lossy(&answer).into_owned();
            let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
            return format!("{} {body}", head.split(' ').nth(1).unwrap_or("no answer"));
        }
    }
}

/// What the network took for that recipient, part by part; none while a part is missing.
pub(super) fn on_air(sent: &[Submit], with_validity: bool) -> Option<String> {
    let mut parts: BTreeMap<u8, String> = BTreeMap::new();
    let mut total = 1;
    for submit in sent {
        let concat = submit.concat();
        total = concat.map_or(1, |concat| concat.total);
        let number = concat.map_or(1, |concat| concat.sequence);
        parts.insert(number, described(submit, with_validity));
    }
    (parts.len() == usize::from(total)).then(|| {
        let parts: Vec<String> =
            parts.iter().map(|(number, part)| format!("{number}/{total} {part}")).collect();
        parts.join(" + ")
    })
}

pub(super) fn described(submit: &Submit, with_validity: bool) -> String {
    let mut udh: Vec<String> = submit
        .udh
        .0
        .iter()
        .filter(|element| !matches!(element, Element::Concat8 { .. } | Element::Concat16 { .. }))
        .map(|element| format!("{element:?}"))
        .collect();
    udh.sort();
    let mut words = format!(
        "pid={:02X} dcs={:02X} rp={} udh=[{}] ",
        submit.protocol_id,
        submit.coding.0,
        submit.reply_path,
        udh.join(", ")
    );
    match (submit.text(), &submit.data) {
        (Some(text), _) => write!(words, "text {text:?}"),
        (None, UserData::Octets(data) | UserData::Septets(data)) => {
            write!(words, "data {}", tpdu::to_hex(data))
        }
    }
    .unwrap();
    if with_validity {
        let Some(Validity::Relative(octet)) = submit.validity else { panic!("{submit:?}") };
        write!(words, " vp={octet:02X}").unwrap();
    }
    words
}

pub(super) fn sent_to(network: &Network) -> BTreeMap<String, Vec<Submit>> {
    let mut all: BTreeMap<String, Vec<Submit>> = BTreeMap::new();
    for sent in network.sent() {
        all.entry(sent.to()).or_default().push(sent.submit);
    }
    all
}

/// Waits until each of `to` has all parts.
pub(super) async fn all_sent(side: &Side<'_>, to: &BTreeSet<&str>) {
    let mut count = side.network.watch_count();
    let complete = async {
        loop {
            count.mark_unchanged();
            let sent = sent_to(side.network);
            let missing: Vec<&&str> = to
                .iter()
                .filter(|to| sent.get(**to).is_none_or(|sent| on_air(sent, false).is_none()))
                .collect();
            if missing.is_empty() {
                return;
            }
            let more = tokio::time::timeout(PATIENCE, count.changed()).await;
            assert!(more.is_ok(), "{}: never on the air: {missing:?}", side.name);
        }
    };
    complete.await;
}
