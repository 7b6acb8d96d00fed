//! How fast messages go out, beside Kannel, smstools and gammu-smsd: `cargo bench -p merpati --bench programs`.
//!
//! Each program in turn, each in processes of its own, gets the same number of messages for the same simulated modems
//! (Wavecom, on pseudo-terminals), whose network takes the same time for each message. No reports are asked for, and
//! all can receive. Before it is measured, a program has set its modems up and sent a message through each. Printed is a
//! table:
//! * messages/s: from the first result to the last, over all modems;
//! * gap: the median time from a result to the next one at the same modem, less the time the network takes: what the
//!   program adds to a message;
//! * CPU: of all its processes, for a message, from the moment it is given them. Merpati's until it is at rest again, with
//!   queue and history; of the others until the last message is out. gammu-smsd without its pauses turns round and round
//!   until it looks for messages again, so it is counted from the first message of each modem on;
//! * memory: of all its processes, shared pages shared out (PSS), after the messages;
//! * ratios: Merpati ÷ the program, in the same round.
//!
//! All are medians of the rounds. The settings of the others are printed below the table. `BENCH=quick` takes one short
//! round. What is not installed is named and left out; `tests/bench/run` installs it. To try it without a release build:
//! `BENCH=quick cargo bench --profile dev -p merpati --bench programs`.
#![expect(clippy::disallowed_methods, reason = "how long things take is measured")]
#![expect(clippy::print_stdout, reason = "it prints figures")]
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark that cannot run stops")]
#![expect(clippy::cast_precision_loss, reason = "figures for people")]

#[path = "../system/beside_kannel/daemon.rs"]
mod daemon;
mod figures;
#[expect(dead_code, reason = "the system tests use more of it")]
#[path = "../system/gateway.rs"]
mod gateway;
#[expect(dead_code, reason = "the benchmark of the door uses more of it")]
mod load;
mod others;
#[expect(dead_code, reason = "the benchmark of modems uses more of it")]
mod process;

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use contracts::Timestamp;
use daemon::{Kannel, PROGRAMS, USER};
use figures::{median, span, submits};
use gateway::{Gateway, PROGRAM};
use load::{End, drive};
use modem_sim::{Make, Sent, Simulation, SimulationConfig, Timing};
use others::{GAMMU, GAMMU_SETTINGS, Gammu, SMSD, SMSTOOLS_MODEM, SMSTOOLS_SETTINGS, Smstools};
use process::{at_rest, cpu_micros, cpu_nanos, shared_out_kib};
use serde_json::json;
use tokio_util::sync::CancellationToken;

/// How long a message may take at most, with Kannel's two seconds and a busy machine.
const PATIENCE_EACH: Duration = Duration::from_secs(20);
const PASSWORD: &str = "mrp_0123abcd_0123456789abcdef0123456789abcdef0123456789a";
/// What Kannel is told of its modems; the rest is as `tests/system/beside_kannel/daemon.rs` has it.
const KANNEL_SETTINGS: &str = "modemtype, speed = 115200, sendline-sleep = 1; queue in memory";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Program {
    Merpati,
    Kannel,
    Smstools,
    Gammu,
}

impl Program {
    const ALL: [Self; 4] = [Self::Merpati, Self::Kannel, Self::Smstools, Self::Gammu];

    const fn name(self) -> &'static str {
        match self {
            Self::Merpati => "Merpati",
            Self::Kannel => "Kannel",
            Self::Smstools => "smstools",
            Self::Gammu => "gammu-smsd",
        }
    }

    fn is_installed(self) -> bool {
        let file = match self {
            Self::Merpati => return true,
            Self::Kannel => format!("{PROGRAMS}/bearerbox"),
            Self::Smstools => SMSD.to_owned(),
            Self::Gammu => GAMMU.to_owned(),
        };
        Path::new(&file).exists()
    }

    /// What it says of its version.
    fn version(self) -> String {
        match self {
            Self::Merpati => {
                format!("{}, {}", said(PROGRAM, "--version"), said("nats-server", "--version"))
            }
            Self::Kannel => said(&format!("{PROGRAMS}/bearerbox"), "--version"),
            Self::Smstools => said(SMSD, "-V"),
            Self::Gammu => said(GAMMU, "--version"),
        }
    }
}

/// A program that runs on its modems.
enum Running {
    Merpati(Gateway),
    Kannel(Kannel),
    Smstools(Smstools),
    Gammu(Gammu),
}

impl Running {
    async fn start(program: Program, folder: &Path, ports: &[String]) -> Self {
        match program {
            Program::Merpati => {
                let mut arguments = vec!["--no-discovery"];
                for port in ports {
                    arguments.extend(["--modem", port]);
                }
                let quiet = [("MERPATI__TELEMETRY__LOG", "warn")];
                let gateway = Gateway::start_with(folder, &arguments, &quiet).await;
                gateway.modems_ready(ports.len()).await;
                Self::Merpati(gateway)
            }
            Program::Kannel => {
                let centre = |(place, port): (usize, &String)| {
                    format!(
                        "group = smsc\nsmsc = at\nsmsc-id = modem{place}\nmodemtype = sim\ndevice = {port}\n"
                    )
                };
                let centres: Vec<String> = ports.iter().enumerate().map(centre).collect();
                Self::Kannel(Kannel::start(folder, "", &centres, PASSWORD).await)
            }
            Program::Smstools => Self::Smstools(Smstools::start(folder, ports).await),
            Program::Gammu => Self::Gammu(Gammu::start(folder, ports)),
        }
    }

    /// Gives it a message for each number.
    async fn hand_in(&self, numbers: &[String]) {
        match self {
            Self::Merpati(gateway) => {
                for to in numbers.chunks(1_000) {
                    let body = json!({ "to": to, "text": "benchmark", "report": false });
                    let (status, answer) = gateway.post("/messages", &body).await;
                    assert_eq!(status, 202, "{answer}");
                }
            }
            Self::Kannel(kannel) => {
                let start =
                    format!("GET /cgi-bin/sendsms?username={USER}&password={PASSWORD}&to=%2B");
                let requests: Vec<Vec<u8>> = numbers
                    .iter()
                    .map(|to| {
                        let to = to.trim_start_matches('+');
                        format!("{start}{to}&text=benchmark HTTP/1.1\r\nHost: bench\r\n\r\n")
                            .into_bytes()
                    })
                    .collect();
                let all = requests.len() as u64;
                let write: load::Write =
                    Arc::new(move |number| requests[usize::try_from(number).unwrap()].clone());
                drive(&kannel.sendsms, 8, End::Requests(all), &write).await;
            }
            Self::Smstools(smstools) => smstools.hand_in(numbers),
            Self::Gammu(gammu) => gammu.hand_in(numbers),
        }
    }

    fn pids(&self) -> Vec<u32> {
        match self {
            Self::Merpati(gateway) => vec![gateway.pid(), gateway.broker_pid()],
            Self::Kannel(kannel) => {
                kannel.boxes.iter().filter_map(tokio::process::Child::id).collect()
            }
            Self::Smstools(smstools) => smstools.pids(),
            Self::Gammu(gammu) => gammu.pids(),
        }
    }
}

/// What one round said of one program.
#[derive(Debug, Clone, Copy, Default)]
struct Round {
    /// Messages a second.
    rate: f64,
    /// Milliseconds that the program adds to a message.
    gap: f64,
    /// CPU milliseconds a message.
    cpu: f64,
    /// MiB.
    memory: f64,
}

impl Round {
    const FIGURES: [fn(&Self) -> f64; 4] = [|r| r.rate, |r| r.gap, |r| r.cpu, |r| r.memory];
}

#[tokio::main]
async fn main() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let quick = std::env::var("BENCH").is_ok_and(|how| how == "quick");
    let (rounds, each) = if quick { (1, 5) } else { (3, 40) };
    let programs: Vec<Program> = Program::ALL.into_iter().filter(|p| p.is_installed()).collect();
    print_head(&programs, rounds, each);
    for (modems, submit_ms) in [(1, 0), (1, 50), (8, 0), (8, 50)] {
        let mut all: Vec<Vec<Round>> = vec![Vec::new(); programs.len()];
        for _ in 0..rounds {
            for (program, of_it) in programs.iter().zip(&mut all) {
                of_it.push(round(*program, modems, submit_ms, each).await);
            }
        }
        for (program, of_it) in programs.iter().zip(&all) {
            print_row(modems, submit_ms, *program, of_it, &all[0]);
        }
    }
    println!("\nSettings: Kannel: {KANNEL_SETTINGS}");
    let one_line = |settings: &str| settings.trim().replace('\n', ", ");
    println!("smstools: {}; of a modem: {}", one_line(SMSTOOLS_SETTINGS), one_line(SMSTOOLS_MODEM));
    println!("gammu-smsd, files, one a modem: {}", one_line(GAMMU_SETTINGS));
    println!("Merpati: as it comes, but for the log, which has warnings only");
}

/// One measurement: `each` messages for each modem.
async fn round(program: Program, modems: usize, submit_ms: u64, each: usize) -> Round {
    let folder = tempfile::tempdir().unwrap();
    let mut config = SimulationConfig::of_makes(modems, &[Make::Wavecom]);
    config.dir = Some(folder.path().join("modems"));
    let submit = Duration::from_millis(submit_ms);
    let config = config.timing(Timing { submit, ..Timing::INSTANT });
    let simulation = Simulation::start(config, CancellationToken::new()).await.unwrap();
    let ports: Vec<String> = simulation.ports().iter().map(|p| p.address.to_string()).collect();
    let data = folder.path().join("data");
    std::fs::create_dir(&data).unwrap();
    let running = Running::start(program, &data, &ports).await;

    let out = |count: usize| {
        let all = simulation.network().sent_at_least(count as u64);
        let patience = PATIENCE_EACH * u32::try_from(count).unwrap();
        async move {
            let sent = tokio::time::timeout(patience, all).await;
            sent.unwrap_or_else(|_| panic!("{} does not send", program.name()))
        }
    };
    let number = |number: usize| format!("+62899{number:07}");
    running.hand_in(&(0..modems).map(number).collect::<Vec<_>>()).await;
    out(modems).await;
    let pids = running.pids();
    at_rest(&pids, Duration::from_secs(3)).await;

    // Ticks of 10 ms count all threads that ever were, and nanoseconds those that are.
    let cpu = |of: fn(u32) -> u64| pids.iter().map(|pid| of(*pid)).sum::<u64>();
    let mut before = (cpu(cpu_micros), cpu(cpu_nanos));
    let count = modems * each;
    running.hand_in(&(modems..modems + count).map(number).collect::<Vec<_>>()).await;
    let mut counted = count;
    if program == Program::Gammu {
        out(2 * modems).await;
        before = (cpu(cpu_micros), cpu(cpu_nanos));
        counted -= modems;
    }
    let sent = out(modems + count).await;
    if program == Program::Merpati {
        at_rest(&pids, Duration::from_secs(30)).await;
    }
    let ticks = cpu(cpu_micros).saturating_sub(before.0);
    let nanos = cpu(cpu_nanos).saturating_sub(before.1);
    // When that is less by more than a tick, a thread has ended.
    let cpu = if nanos / 1_000 + 10_000 < ticks { ticks } else { nanos / 1_000 };
    let memory: u64 = pids.iter().map(|pid| shared_out_kib(*pid)).sum();
    let sent = &sent[modems..];
    Round {
        rate: (sent.len() - modems) as f64 / span(sent).as_secs_f64().max(1e-6),
        gap: gap(sent, submit).as_secs_f64() * 1e3,
        cpu: cpu as f64 / 1e3 / counted as f64,
        memory: memory as f64 / 1024.0,
    }
}

/// The median time from a result to the next at the same modem, less what the network takes.
fn gap(sent: &[Sent], submit: Duration) -> Duration {
    let by_modem = submits(sent);
    let gaps = by_modem.values().flat_map(|submits| {
        submits.windows(2).map(|pair| pair[1].1.since(pair[0].1).saturating_sub(submit))
    });
    median(gaps.collect(), Duration::cmp)
}

fn print_head(programs: &[Program], rounds: usize, each: usize) {
    let cores = std::thread::available_parallelism().unwrap();
    let profile = if cfg!(debug_assertions) { ", a debug build" } else { "" };
    println!(
        "{}: {cores} cores{profile}; {each} messages a modem, medians of {rounds} rounds\n",
        Timestamp::now().to_string().split('T').next().unwrap()
    );
    for program in Program::ALL {
        if programs.contains(&program) {
            println!("{}: {}", program.name(), program.version());
        } else {
            println!("{} is NOT MEASURED: it is not installed", program.name());
        }
    }
    println!(
        "\n| modems | ms a message | program | messages/s | gap ms | CPU ms a message | MiB \
         | Merpati ÷ it: messages/s | gap | CPU | memory |\n|---|---|---|---|---|---|---|---|---|---|---|"
    );
}

fn print_row(modems: usize, submit_ms: u64, program: Program, rounds: &[Round], merpati: &[Round]) {
    let [rate, gap, cpu, memory] =
        Round::FIGURES.map(|figure| median(rounds.iter().map(figure).collect(), f64::total_cmp));
    let ratios = Round::FIGURES.map(|figure| {
        let pairs = merpati.iter().zip(rounds);
        let ratio = median(pairs.map(|(m, o)| figure(m) / figure(o)).collect(), f64::total_cmp);
        if program == Program::Merpati { String::new() } else { short(ratio) }
    });
    println!(
        "| {modems} | {submit_ms} | {} | {} | {} | {} | {} | {} |",
        program.name(),
        short(rate),
        short(gap),
        short(cpu),
        short(memory),
        ratios.join(" | ")
    );
}

/// Three digits that count.
fn short(value: f64) -> String {
    let digits = match value.abs() {
        100.0.. => 0,
        10.0.. => 1,
        1.0.. => 2,
        _ => 3,
    };
    format!("{value:.digits$}")
}

/// The first line of what a program says.
fn said(program: &str, argument: &str) -> String {
    let output = Command::new(program).arg(argument).output().unwrap();
    let all = [output.stdout, output.stderr].concat();
    String::from_utf8_lossy(&all).lines().next().unwrap_or_default().to_owned()
}
