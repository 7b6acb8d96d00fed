//! How fast messages are taken in, beside Kannel: `cargo bench -p merpati --bench door`.
//!
//! A gateway (all services in one process, a private nats-server, SQLite) and Kannel, each in processes of its own, are
//! asked in turn; the requests come from this process, which shares the cores with them. Printed is a table:
//! * `sendsms`: `GET /cgi-bin/sendsms`, a message a request, over 1, 16 and 64 kept-alive connections, to a gateway without
//!   a modem and to one with 8 simulated modems whose network takes no time. Kannel has a fake service centre that takes
//!   all at once, and is there twice: as it comes, with what it accepted in memory only, and with its queue in files
//!   (`store-type = spool`), as a gateway's is. A connection that a program closes after an answer is opened again, and
//!   that counts;
//! * `POST /api/v1/messages` with 1,000 recipients a request and `POST /api/v1/batches` with 10,000, no modem; the same
//!   with the newer nats-server that `tests/newer-nats-server` fetches, without and with `nats.sync = "always"`, where the
//!   broker answers when a request is on the disk;
//! * messages/s: accepted, a recipient is a message. The median of the rounds;
//! * CPU: of the two processes of each program ÷ the messages accepted, until both are at rest again. So a gateway's is
//!   that of everything it does with a message: checking, queueing, history, and sending when there are modems.
//!
//! Between two measurements it waits until the program is at rest. Nothing is asserted but that each request is answered
//! 202. `BENCH=quick` takes one short round and leaves the 64 connections out. Without Kannel, the gateway is measured
//! alone. To try it without a release build: `BENCH=quick cargo bench --profile dev -p merpati --bench door`.
#![expect(clippy::disallowed_methods, reason = "how long things take is measured")]
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "it prints figures, and beside them what is odd"
)]
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark that cannot run stops")]
#![expect(clippy::cast_precision_loss, reason = "figures for people")]

#[path = "../system/beside_kannel/daemon.rs"]
mod daemon;
#[expect(dead_code, reason = "the system tests use more of it")]
#[path = "../system/gateway.rs"]
mod gateway;
mod load;
#[expect(dead_code, reason = "the benchmark of modems uses more of it")]
mod process;

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use contracts::Timestamp;
use daemon::{Kannel, PROGRAMS, USER, free_ports};
use gateway::{Gateway, PROGRAM};
use load::{Connection, End, Write, drive};
use modem_sim::{Make, Simulation, SimulationConfig};
use process::{at_rest, cpu_micros};
use serde_json::json;
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

/// How long a program may work on what it accepted before the next is measured nevertheless.
const REST: Duration = Duration::from_secs(120);
/// Modems of the gateway that has some.
const MODEMS: usize = 8;
/// The password of Kannel's user: as long as a key of a gateway is.
const PASSWORD: &str = "mrp_0123abcd_0123456789abcdef0123456789abcdef0123456789a";

/// How much is measured.
struct Extent {
    rounds: usize,
    time: Duration,
    connections: &'static [usize],
    /// Requests a round of `POST /messages` and of `POST /batches`.
    posts: [u64; 2],
}

const WHOLE: Extent =
    Extent { rounds: 3, time: Duration::from_secs(3), connections: &[1, 16, 64], posts: [16, 4] };

const QUICK: Extent =
    Extent { rounds: 1, time: Duration::from_millis(500), connections: &[1, 16], posts: [4, 1] };

/// A program that takes messages in.
struct Program {
    name: &'static str,
    /// `HOST:PORT`.
    address: String,
    password: String,
    /// The gateway and its broker, or bearerbox and smsbox.
    pids: [u32; 2],
}

/// What one round said.
#[derive(Clone, Copy)]
struct Round {
    /// Messages a second.
    rate: f64,
    /// Microseconds a message of each process.
    cpu: [f64; 2],
}

#[tokio::main]
async fn main() {
    let extent = if std::env::var("BENCH").is_ok_and(|how| how == "quick") { QUICK } else { WHOLE };
    let folder = tempfile::tempdir().unwrap();
    let kannels = start_kannels(folder.path()).await;
    let cores = std::thread::available_parallelism().unwrap();
    let profile = if cfg!(debug_assertions) { ", a debug build" } else { "" };
    println!(
        "{}: {}{profile}, {}, {cores} cores\n",
        Timestamp::now().to_string().split('T').next().unwrap(),
        version(PROGRAM),
        version("nats-server"),
    );
    if kannels.is_empty() {
        println!("Kannel is not installed (Debian: the package kannel): measured alone.\n");
    } else {
        println!("Beside it: {}\n", version(&format!("{PROGRAMS}/bearerbox")));
    }
    println!(
        "| request | modems | connections | program | messages/s | Merpati ÷ Kannel \
         | CPU µs a message: gateway, broker; bearerbox, smsbox |\n|---|---|---|---|---|---|---|"
    );
    let without =
        Gateway::start_with(&folder.path().join("without"), &["--no-discovery"], &SET).await;
    sendsms(&extent, 0, &merpati(&without), &kannels).await;
    drop(without);

    let mut config = SimulationConfig::of_makes(MODEMS, &[Make::Wavecom]);
    config.dir = Some(folder.path().join("modems"));
    let simulation = Simulation::start(config, CancellationToken::new()).await.unwrap();
    let ports: Vec<String> = simulation.ports().iter().map(|p| p.address.to_string()).collect();
    let mut arguments = vec!["--no-discovery"];
    for port in &ports {
        arguments.extend(["--modem", port]);
    }
    let with = Gateway::start_with(&folder.path().join("with"), &arguments, &SET).await;
    with.modems_ready(MODEMS).await;
    sendsms(&extent, MODEMS, &merpati(&with), &kannels).await;
    drop((with, simulation));

    let many = Gateway::start_with(&folder.path().join("many"), &["--no-discovery"], &SET).await;
    posts(&extent, &merpati(&many), "").await;
    drop(many);

    // The distribution's nats-server may be too old for that.
    let servers = testkit::nats_servers();
    let newest = servers.last().unwrap().to_string_lossy();
    for (sync, how) in [("interval", ", a newer broker"), ("always", ", `sync = always`")] {
        let settings: Vec<_> = SET
            .into_iter()
            .chain([("MERPATI__NATS__SYNC", sync), ("MERPATI__NATS__PROGRAM", &newest)])
            .collect();
        let data = folder.path().join(sync);
        let gateway = Gateway::start_with(&data, &["--no-discovery"], &settings).await;
        posts(&extent, &merpati(&gateway), how).await;
    }
}

/// What differs from the defaults: no limits for the key that asks as fast as it can, and no log that takes time.
const SET: [(&str, &str); 5] = [
    ("MERPATI__TELEMETRY__LOG", "warn"),
    ("MERPATI__LIMITS__KEY_REQUESTS", ""),
    ("MERPATI__LIMITS__USER_REQUESTS", ""),
    ("MERPATI__LIMITS__KEY_MESSAGES", ""),
    ("MERPATI__LIMITS__USER_MESSAGES", ""),
];

fn merpati(gateway: &Gateway) -> Program {
    Program {
        name: "Merpati",
        address: gateway.url.strip_prefix("http://").unwrap().to_owned(),
        password: gateway.key().to_owned(),
        pids: [gateway.pid(), gateway.broker_pid()],
    }
}

/// Kannel with its queue in memory, and another one with its queue in files; none when it is not installed. The
/// processes end with what is returned beside them.
async fn start_kannels(folder: &Path) -> Vec<(Program, Kannel)> {
    if !Path::new(PROGRAMS).join("bearerbox").exists() {
        return Vec::new();
    }
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut started = Vec::new();
    for (name, store) in [("Kannel, in memory", None), ("Kannel, in files", Some("spool"))] {
        let folder = folder.join(store.unwrap_or("memory"));
        let spool = folder.join("spool");
        std::fs::create_dir_all(&spool).unwrap();
        let core = match store {
            Some(kind) => format!("store-type = {kind}\nstore-location = {}\n", spool.display()),
            None => String::new(),
        };
        let [port] = free_ports();
        let centre = format!(
            "group = smsc\nsmsc = fake\nsmsc-id = fake\nport = {port}\nconnect-allow-ip = 127.0.0.1\n"
        );
        tokio::spawn(fake_centre(port));
        let kannel = Kannel::start(&folder, &core, &[centre], PASSWORD).await;
        let program = Program {
            name,
            address: kannel.sendsms.clone(),
            password: PASSWORD.to_owned(),
            pids: kannel.boxes.each_ref().map(|child| child.id().unwrap()),
        };
        started.push((program, kannel));
    }
    started
}

/// Takes whatever a bearerbox sends to its fake service centre, which is for it to call.
async fn fake_centre(port: u16) {
    loop {
        if let Ok(mut stream) = TcpStream::connect(("127.0.0.1", port)).await {
            let _ = tokio::io::copy(&mut stream, &mut tokio::io::sink()).await;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// The rows of `sendsms` for one gateway.
async fn sendsms(extent: &Extent, modems: usize, gateway: &Program, kannels: &[(Program, Kannel)]) {
    let programs: Vec<&Program> =
        std::iter::once(gateway).chain(kannels.iter().map(|(program, _)| program)).collect();
    let requests: Vec<Write> = programs.iter().map(|program| get(&program.password)).collect();
    for (program, write) in programs.iter().zip(&requests) {
        // Connections to the broker and the database are made at the first requests, and keys are looked up.
        drive(&program.address, 4, End::Requests(100), write).await;
    }
    for &connections in extent.connections {
        let mut rounds = vec![Vec::new(); programs.len()];
        for _ in 0..extent.rounds {
            for ((program, write), rounds) in programs.iter().zip(&requests).zip(&mut rounds) {
                let end = End::Time(extent.time);
                rounds.push(round(program, connections, end, write, 1).await);
            }
        }
        let medians: Vec<Round> = rounds.iter().map(|rounds| median(rounds)).collect();
        for (program, median) in programs.iter().zip(&medians) {
            let ratio = if std::ptr::eq(*program, gateway) {
                String::new()
            } else {
                format!("{:.2}", medians[0].rate / median.rate)
            };
            print_row("sendsms", modems, connections, program, &ratio, *median);
        }
    }
}

/// The rows of the calls of the API that take many recipients.
async fn posts(extent: &Extent, gateway: &Program, how: &str) {
    let [messages, batches] = extent.posts;
    post(extent, gateway, how, ("messages", 1_000), messages).await;
    post(extent, gateway, how, ("batches", 10_000), batches).await;
}

async fn post(
    extent: &Extent,
    gateway: &Program,
    how: &str,
    (call, recipients): (&str, u64),
    requests: u64,
) {
    let name = format!("`{call}`, {recipients} recipients{how}");
    let mut connection = Connection::open(&gateway.address).await;
    let status = connection.ask(&post_to(&gateway.password, call, 1)(0)).await;
    if status == 404 {
        println!("| {name} | | | this gateway has no such call | | | |");
        return;
    }
    assert_eq!(status, 202, "{}", connection.last());
    let write = post_to(&gateway.password, call, recipients);
    for connections in [1, 4].into_iter().filter(|connections| *connections as u64 <= requests) {
        let mut rounds = Vec::new();
        for _ in 0..extent.rounds {
            let end = End::Requests(requests);
            rounds.push(round(gateway, connections, end, &write, recipients).await);
        }
        print_row(&name, 0, connections, gateway, "", median(&rounds));
    }
}

fn print_row(
    request: &str,
    modems: usize,
    connections: usize,
    program: &Program,
    ratio: &str,
    Round { rate, cpu: [first, second] }: Round,
) {
    println!(
        "| {request} | {modems} | {connections} | {} | {rate:.0} | {ratio} | {first:.0}, {second:.0} |",
        program.name
    );
}

/// One measurement of one program, which is at rest before and after. A request has `recipients` messages.
async fn round(
    program: &Program,
    connections: usize,
    end: End,
    write: &Write,
    recipients: u64,
) -> Round {
    rest(program).await;
    let before = program.pids.map(cpu_micros);
    let taken = drive(&program.address, connections, end, write).await;
    rest(program).await;
    let after = program.pids.map(cpu_micros);
    let messages = (taken.requests * recipients) as f64;
    Round {
        rate: messages / taken.time.as_secs_f64(),
        cpu: [0, 1].map(|at| after[at].saturating_sub(before[at]) as f64 / messages),
    }
}

async fn rest(program: &Program) {
    if !at_rest(&program.pids, REST).await {
        eprintln!("{} still worked on what it had accepted after {REST:?}", program.name);
    }
}

fn median(rounds: &[Round]) -> Round {
    let middle = |of: fn(&Round) -> f64| {
        let mut all: Vec<f64> = rounds.iter().map(of).collect();
        all.sort_by(f64::total_cmp);
        all[all.len() / 2]
    };
    Round {
        rate: middle(|round| round.rate),
        cpu: [middle(|round| round.cpu[0]), middle(|round| round.cpu[1])],
    }
}

/// `GET /cgi-bin/sendsms`, each of a measurement to another number.
fn get(password: &str) -> Write {
    let start = format!("GET /cgi-bin/sendsms?username={USER}&password={password}&to=%2B62899");
    Arc::new(move |number| {
        format!("{start}{number:07}&text=benchmark HTTP/1.1\r\nHost: door\r\n\r\n").into_bytes()
    })
}

/// `POST /api/v1/CALL` with that many recipients, others for each request of a measurement.
fn post_to(key: &str, call: &str, recipients: u64) -> Write {
    let start = format!(
        "POST /api/v1/{call} HTTP/1.1\r\nHost: door\r\nAuthorization: Bearer {key}\r\n\
         Content-Type: application/json\r\n"
    );
    Arc::new(move |number| {
        let first = number * recipients;
        let to: Vec<String> =
            (first..first + recipients).map(|number| format!("+62899{number:07}")).collect();
        let body = json!({ "to": to, "text": "benchmark" }).to_string();
        format!("{start}Content-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
    })
}

/// The first line of what a program says of its version.
fn version(program: &str) -> String {
    let output = Command::new(program).arg("--version").output().unwrap();
    let all = [output.stdout, output.stderr].concat();
    String::from_utf8_lossy(&all).lines().next().unwrap_or_default().to_owned()
}
