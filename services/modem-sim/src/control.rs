//! The control port: lines of text over TCP, for people with `nc` and for programs.
//!
//! ```text
//! request  = command *( " " word ) LF
//! response = *( json LF ) ( "ok" / "error: " words ) LF
//! ```
//! HTTP with JSON was the other way: more to write by hand, and no gain, because whoever may reach
//! this port may do everything with it. The commands stand in [`HELP`].

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tpdu::Status;

use crate::fault::FaultRule;
use crate::modem::Modem;
use crate::network::Network;
use crate::sent::Sent;

/// What can be asked, one command a line.
pub(crate) const HELP: &[&str] = &[
    "list                               all modems",
    "sent [N]                           the last N messages the network took (all remembered ones)",
    "wait N [SECONDS]                   until the network took N messages in all (30 s)",
    "fault MODEM FAULT [count=N] [on=COMMAND]",
    "clear MODEM [FAULT]                takes a fault away, or all",
    "unplug MODEM",
    "replug MODEM [NAME]                under its own or another name",
    "reboot MODEM",
    "swap MODEM N                       its SIM for that of place N, as modemN has it at the start",
    "signal MODEM N                     0 to 31, 99 unknown",
    "mo MODEM from=NUMBER text=TEXT     a message to the modem; TEXT goes to the end, \\n is a new line",
    "pdu MODEM HEX                      any PDU to the modem, with its service centre",
    "ring MODEM [NUMBER [TIMES]]        a call",
    "ussd MODEM TEXT                    a USSD text that nobody asked for; \\n is a new line",
    "top-up MODEM RUPIAH                more on its SIM",
    "network report-delay=MS redelivery=MS status=N",
    "quit",
    "MODEM is modem1, modem2, … or all",
];

/// The longest line that is read.
const LONGEST: u64 = 64 * 1024;

/// What the control port works on.
#[derive(Clone)]
pub(crate) struct Desk {
    pub(crate) modems: Vec<Modem>,
    pub(crate) network: Network,
}

/// A request that cannot be done, in words.
struct Refusal(String);

impl<E: std::error::Error> From<E> for Refusal {
    fn from(error: E) -> Self {
        let causes = std::iter::successors(error.source(), |cause| cause.source());
        let words = std::iter::once(error.to_string()).chain(causes.map(ToString::to_string));
        Self(words.collect::<Vec<_>>().join(": "))
    }
}

fn refuse<T>(words: impl Into<String>) -> Result<T, Refusal> {
    Err(Refusal(words.into()))
}

pub(crate) async fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    TcpListener::bind(address).await
}

pub(crate) async fn serve(listener: TcpListener, desk: Desk, shutdown: CancellationToken) {
    loop {
        let accepted = tokio::select! {
            () = shutdown.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, _)) => {
                let (desk, shutdown) = (desk.clone(), shutdown.clone());
                tokio::spawn(async move {
                    tokio::select! {
                        () = shutdown.cancelled() => {}
                        result = converse(stream, desk) => if let Err(error) = result {
                            tracing::debug!(%error, "a control connection broke");
                        }
                    }
                });
            }
            Err(error) => {
                // Out of descriptors: others must close theirs first.
                tracing::warn!(%error, "the control port cannot take a connection");
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        }
    }
}

async fn converse(stream: TcpStream, desk: Desk) -> io::Result<()> {
    use tokio::io::AsyncReadExt as _;
    let (reader, mut writer) = stream.into_split();
    let mut reader = BufReader::new(reader);
    let mut line = String::new();
    loop {
        line.clear();
        let read = (&mut reader).take(LONGEST).read_line(&mut line).await?;
        if read == 0 || line.trim() == "quit" {
            return Ok(());
        }
        if line.trim().is_empty() {
            continue;
        }
        let answer = match desk.answer(line.trim()).await {
            Ok(records) => {
                let lines = records.iter().map(Value::to_string);
                lines.chain(["ok".to_owned()]).collect::<Vec<_>>().join("\n") + "\n"
            }
            Err(Refusal(words)) => format!("error: {}\n", words.replace('\n', " ")),
        };
        writer.write_all(answer.as_bytes()).await?;
    }
}

impl Desk {
    async fn answer(&self, line: &str) -> Result<Vec<Value>, Refusal> {
        let (command, rest) = line.split_once(' ').unwrap_or((line, ""));
        let rest = rest.trim();
        let (who, order) =
            rest.split_once(' ').map_or((rest, ""), |(who, order)| (who, order.trim()));
        match command {
            "help" => return Ok(HELP.iter().map(|line| json!(line)).collect()),
            "list" => return Ok(self.modems.iter().map(modem_record).collect()),
            "sent" => {
                let sent = self.network.sent();
                let wanted = if rest.is_empty() { sent.len() } else { rest.parse()? };
                let skipped = sent.len().saturating_sub(wanted);
                return Ok(sent.iter().skip(skipped).map(sent_record).collect());
            }
            "wait" => {
                let count = who.parse()?;
                let seconds = if order.is_empty() { 30 } else { order.parse()? };
                let wait = self.network.sent_at_least(count);
                if tokio::time::timeout(Duration::from_secs(seconds), wait).await.is_err() {
                    let sent = self.network.sent_count();
                    return refuse(format!("only {sent} messages in {seconds} s"));
                }
            }
            "network" => self.configure_network(rest)?,
            "fault" => {
                let rule: FaultRule = order.parse()?;
                self.chosen(who)?.iter().for_each(|modem| modem.fault(rule.clone()));
            }
            "clear" => {
                let name = Some(order).filter(|name| !name.is_empty());
                self.chosen(who)?.iter().for_each(|modem| modem.clear(name));
            }
            "unplug" => {
                for modem in self.chosen(who)? {
                    modem.unplug().await;
                }
            }
            "replug" => {
                let name = Some(order.strip_prefix("as=").unwrap_or(order));
                for modem in self.chosen(who)? {
                    modem.replug(name.filter(|name| !name.is_empty())).await?;
                }
            }
            "reboot" => self.chosen(who)?.iter().for_each(Modem::reboot),
            "swap" => {
                let place = order.parse()?;
                match self.chosen(who)?.as_slice() {
                    [modem] if place > 0 => modem.swap_sim(place),
                    _ => return refuse("wanted is: swap MODEM N, with one modem and N from 1"),
                }
            }
            "signal" => {
                let signal = order.parse()?;
                self.chosen(who)?.iter().for_each(|modem| modem.set_signal(signal));
            }
            "mo" => {
                let Some((from, text)) = mo_of(order) else {
                    return refuse("wanted is: mo MODEM from=NUMBER text=TEXT");
                };
                for modem in self.chosen(who)? {
                    self.network.send_text(modem.place(), from, &text)?;
                }
            }
            "pdu" => {
                for modem in self.chosen(who)? {
                    self.network.send_hex(modem.place(), order)?;
                }
            }
            "ring" => {
                let (from, times) = order.split_once(' ').unwrap_or((order, "3"));
                let times = times.trim().parse()?;
                self.chosen(who)?.iter().for_each(|modem| modem.ring(from, times));
            }
            "top-up" => {
                let rupiah = order.parse()?;
                self.chosen(who)?.iter().for_each(|modem| modem.top_up(rupiah));
            }
            "ussd" => {
                if order.is_empty() {
                    return refuse("wanted is: ussd MODEM TEXT");
                }
                let text = order.replace("\\n", "\n");
                self.chosen(who)?.iter().for_each(|modem| modem.push_ussd(&text));
            }
            other => return refuse(format!("'{other}' is not a command; try help")),
        }
        Ok(Vec::new())
    }

    fn chosen(&self, name: &str) -> Result<Vec<Modem>, Refusal> {
        if name == "all" {
            return Ok(self.modems.clone());
        }
        match self.modems.iter().find(|modem| modem.name() == name) {
            Some(modem) => Ok(vec![modem.clone()]),
            None => refuse(format!("there is no '{name}'; there are {} modems", self.modems.len())),
        }
    }

    fn configure_network(&self, rest: &str) -> Result<(), Refusal> {
        for word in rest.split_whitespace() {
            let Some((name, value)) = word.split_once('=') else {
                return refuse(format!("'{word}' is not NAME=VALUE"));
            };
            let millis = || value.parse().map(Duration::from_millis);
            match name {
                "report-delay" => {
                    let delay = millis()?;
                    self.network.configure(|network| network.report_delay = delay);
                }
                "redelivery" => {
                    let delay = millis()?;
                    self.network.configure(|network| network.redelivery = delay);
                }
                "status" => {
                    let status = match value.strip_prefix("0x") {
                        Some(hex) => u8::from_str_radix(hex, 16)?,
                        None => value.parse()?,
                    };
                    self.network.configure(|network| network.status = Status(status));
                }
                _ => {
                    return refuse(format!("'{name}' is none of report-delay, redelivery, status"));
                }
            }
        }
        Ok(())
    }
}

/// `from=NUMBER text=TEXT`, the text to the end of the line.
fn mo_of(order: &str) -> Option<(&str, String)> {
    let (from, text) = order.strip_prefix("from=")?.split_once(" text=")?;
    Some((from.trim(), text.replace("\\n", "\n")))
}

fn modem_record(modem: &Modem) -> Value {
    let ports: Vec<_> = modem
        .ports()
        .iter()
        .map(
            |port| json!({"address": port.address.to_string(), "role": format!("{:?}", port.role)}),
        )
        .collect();
    json!({
        "modem": modem.name(),
        "make": modem.make().to_string(),
        "number": modem.number(),
        "ports": ports,
        "status": modem.status(),
    })
}

fn sent_record(sent: &Sent) -> Value {
    let concat = sent
        .submit
        .concat()
        .map(|part| json!({"ref": part.reference, "total": part.total, "seq": part.sequence}));
    json!({
        "sequence": sent.sequence,
        "modem": format!("modem{}", sent.modem),
        "from": sent.from,
        "to": sent.to(),
        "text": sent.text(),
        "reference": sent.submit.reference,
        "report": sent.submit.report,
        "class": sent.submit.coding.class().map(tpdu::Class::number),
        "concat": concat,
        "tpdu": sent.submit.encode().map(|octets| tpdu::to_hex(&octets)).ok(),
        "at": sent.at.to_string(),
    })
}
